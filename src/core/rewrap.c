/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* After a rotation every file's key is wrapped anew by the newest key of the ring; the contents stay as they are. */
#include "base/log.h"
#include "core/files.h"
#include "core/notify.h"
#include "gen/sql/core/files.sql.h"

enum { SLICE = 100 };
#define RUN_US (SECOND_US / 2)          /* then a job takes the rest: other jobs, and the seals, have their turn */

struct slice { struct blobs *b; arena *mem; struct sql_files_wrapped_row_list rows; int64_t newest; };

static err slice_in_txn(db *w, void *arg)
{
    struct slice *s = arg;
    for (size_t i = 0; i < s->rows.n; i++) {
        struct blob_ref ref = {.name = s->rows.v[i].blob, .wrapped_key = s->rows.v[i].wrapped_key};
        if (blob_key_number(ref.wrapped_key) == s->newest) continue;
        err e = blob_rewrap(s->b, s->mem, &ref);
        if (e.code == OK) TRY(sql_file_rewrap(w, s->rows.v[i].id, s->rows.v[i].wrapped_key, ref.wrapped_key));
        else log_line(LOG_ERROR, "rewrap", "file %lld: %s", (long long)s->rows.v[i].id, e.msg);      /* damaged before: it stays as it is */
    }
    return NO_ERR;
}

struct later { struct blobs *b; int64_t after, now_us; };

static err rest_in_txn(db *w, void *arg)
{
    struct later *l = arg;
    char payload[40], cause[60];
    snprintf(payload, sizeof payload, "%lld", (long long)l->after);
    snprintf(cause, sizeof cause, "keys/%lld/%lld", (long long)blobs_key_newest(l->b), (long long)l->after);
    return job_add(w, S(FILES_REWRAP), str_of(payload), str_of(cause), S("rest"), l->now_us);
}

err files_rewrap(db *d, arena *mem, struct blobs *b, str payload, int64_t now_us)
{
    struct later rest = {.b = b, .now_us = now_us};
    int64_t until = clock_monotonic_us() + RUN_US;
    arena *slice = arena_new(0);
    err e = payload.n ? str_i64(payload, &rest.after) : NO_ERR;
    size_t n = SLICE;
    (void)mem;
    while (e.code == OK && n == SLICE && clock_monotonic_us() < until) {
        struct slice s = {.b = b, .mem = slice, .newest = blobs_key_newest(b)};
        arena_reset(slice);
        e = sql_files_wrapped(d, slice, rest.after, SLICE, &s.rows);
        if (e.code == OK) e = db_txn(d, slice_in_txn, &s);
        n = s.rows.n;
        if (n) rest.after = s.rows.v[n - 1].id;
    }
    arena_free(slice);
    if (e.code == OK && n == SLICE) e = db_txn(d, rest_in_txn, &rest);
    return e;
}

static err later_in_txn(db *w, void *arg)
{
    struct later *l = arg;
    char cause[40];
    snprintf(cause, sizeof cause, "keys/%lld", (long long)blobs_key_newest(l->b));
    TRY(job_add(w, S(FILES_REWRAP), STR_NONE, str_of(cause), S("now"), l->now_us));
    return job_add(w, S(FILES_REWRAP), STR_NONE, str_of(cause), S("again"), l->now_us + HOUR_US);
}

err files_rewrap_later(db *d, struct blobs *b, int64_t now_us) { return db_txn(d, later_in_txn, &(struct later){.b = b, .now_us = now_us}); }

static struct key_use *use_of(struct key_uses *uses, arena *mem, int64_t number)
{
    for (size_t i = 0; i < uses->n; i++)
        if (uses->v[i].number == number) return &uses->v[i];
    PUSH(mem, uses, (struct key_use){.number = number});
    return &uses->v[uses->n - 1];
}

err files_key_uses(db *d, arena *mem, struct key_uses *uses)
{
    arena *slice = arena_new(0);
    struct sql_files_wrapped_row_list rows = {.n = SLICE};
    err e = NO_ERR;
    for (int64_t after = 0; e.code == OK && rows.n == SLICE; after = rows.n ? rows.v[rows.n - 1].id : after) {
        arena_reset(slice);
        e = sql_files_wrapped(d, slice, after, SLICE, &rows);
        for (size_t i = 0; e.code == OK && i < rows.n; i++) use_of(uses, mem, blob_key_number(rows.v[i].wrapped_key))->files++;
    }
    arena_free(slice);
    return e;
}
