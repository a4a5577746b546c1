/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bucket_list.h — reads the XML by which an S3-compatible server lists a bucket (ListObjectsV2). */
#pragma once
#include "process/courier.h"

/* Fills v, n and next of *out; keys lose the prefix, those without it are left out. E_MALFORMED: it is no whole list. */
err bucket_list_parse(arena *mem, str xml, str prefix, struct file_reply *out);
