/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/lease.h"
#include <time.h>
#include "base/clock.h"
#include "gen/sql/store/store.sql.h"
#include "store/engine.h"

struct lease_args { str name, owner; int64_t ttl_us, changed; };

static err take(db *w, void *arg)
{
    struct lease_args *a = arg;
    int64_t now;
    TRY(db_now_us(w, &now));
    return sql_lease_hold(w, a->name, a->owner, now, now + a->ttl_us, &a->changed);
}

err lease_take(db *d, str name, str owner, int64_t ttl_us, bool *got)
{
    struct lease_args a = {name, owner, ttl_us, 0};
    *got = false;
    TRY(db_txn(d, take, &a));
    *got = a.changed > 0;
    return NO_ERR;
}

static err drop(db *w, void *arg)
{
    struct lease_args *a = arg;
    return sql_lease_drop(w, a->name, a->owner);
}

err lease_drop(db *d, str name, str owner)
{
    return db_txn(d, drop, &(struct lease_args){.name = name, .owner = owner});
}

/* SQLite's clock is this machine's. What tests shift is added on both engines. */
err db_now_us(db *d, int64_t *out)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t now = clock_now_us(), shift = now - (t.tv_sec * SECOND_US + t.tv_nsec / 1000);
    *out = now;
    if (store_is_sqlite(d->store)) return NO_ERR;
    arena *mem = arena_new(0);
    struct sql_db_clock_row row;
    err e = sql_db_clock(d, mem, &row);
    if (e.code == OK) *out = row.now + (llabs(shift) < SECOND_US / 10 ? 0 : shift); /* the two clocks were not read at once */
    arena_free(mem);
    return e;
}
