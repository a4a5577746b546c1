/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* limit.h — token buckets in a table of fixed size (65,536, 1 MiB), keyed by a keyed hash of who and what.
   Full sets lose the bucket that is nearest to being whole again. Counts are lost at restart, which is
   accepted. Handlers use limit_take of req.h. */
#pragma once
#include "base/str.h"

struct limiter;
struct limiter *limiter_new(void);
void limiter_free(struct limiter *l);
/* 0: taken; else seconds until the next one. */
int limiter_take(struct limiter *l, str who, const char *action, unsigned per_minute, unsigned burst,
                 int64_t now_us);
