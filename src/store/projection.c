/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/projection.h"
#include "base/clock.h"
#include "base/log.h"
#include "gen/sql/store/store.sql.h"

struct note_args { str name, version; };

static err note(db *w, void *arg)
{
    struct note_args *a = arg;
    return sql_projection_set(w, a->name, a->version, clock_now_us());
}

static err one(db *d, arena *mem, const struct projection *p, bool anyway, const struct going *going, bool *out_ran)
{
    struct sql_projection_get_row row;
    err e = sql_projection_get(d, mem, str_of(p->name), &row);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    *out_ran = anyway || e.code == E_NOT_FOUND || !str_is(row.version, p->version);
    if (!*out_ran) return NO_ERR;
    if (!going_on(going)) return FAIL(E_BUSY, "store.closed");
    /* No version while it is being made: interrupted, it starts again. */
    TRY(db_txn(d, note, &(struct note_args){str_of(p->name), S("")}));
    int64_t from = clock_monotonic_us();
    TRY(p->rebuild(d, mem, going));
    db_bind_tenant(d, 0);
    log_line(LOG_INFO, "store.rebuilt", "%s in %lld ms", p->name, (long long)(clock_monotonic_us() - from) / 1000);
    return db_txn(d, note, &(struct note_args){str_of(p->name), str_of(p->version)});
}

err projections_bring_up(struct store *s, const struct projection *list, bool anyway, const struct going *going, void (*done)(void *, const char *name), void *arg)
{
    db *d;
    TRY(store_read(s, 0, &d));
    arena *mem = arena_new(0);
    err e = NO_ERR;
    for (; list->name && e.code == OK; list++) {
        bool ran = false;
        e = one(d, mem, list, anyway, going, &ran);
        if (e.code == OK && ran && done) done(arg, list->name);
        arena_reset(mem);
    }
    arena_free(mem);
    db_done(d);
    return e;
}
