/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bucket.h — sealed files in the bucket of an S3-compatible server (settings `files…`), for several nodes: a shelf (store/shelf.h) whose
   every request is carried by a courier of its own, so that mails and files never wait for one another. A server that is away or slow
   holds few of our threads: at most three put and three others ask at once; once a request failed, for a while only one of its kind, and
   the others get E_BUSY "store.shelf.away" at once. Thread-safe. */
#pragma once
#include "core/settings.h"
#include "store/shelf.h"

struct bucket;
/* *out NULL: the settings want none, files lie on the local disk. E_CONFIG "bucket.settings". Reaches nothing yet. */
err bucket_open(struct bucket **out, const struct settings *s);
void bucket_close(struct bucket *b);
const struct shelf *bucket_shelf(const struct bucket *b);       /* NULL for NULL; lives as long as the bucket */
/* For `doctor`. False: why, in the server's words. */
bool bucket_answers(struct bucket *b, arena *mem, str *out_why);
