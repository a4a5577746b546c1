/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Transactions on PostgreSQL. BEGIN and statements that give nothing back are queued and travel with the next that does, or with
   COMMIT: a filing of six inserts is one or two round trips. An error of a queued statement shows late; the function is then run
   again with nothing deferred, so that it sees the error where it would on SQLite. */
#include <time.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/pg.h"

enum { RETRIES = 5 };

static void sleep_us(int64_t us)
{
    struct timespec t = {us / SECOND_US, (us % SECOND_US) * 1000};
    nanosleep(&t, 0);
}

/* Jittered, doubling: conflicts from 1 ms, lost connections from 50 ms. */
static void back_off(enum pg_fault fault, int attempt)
{
    int64_t base = fault == PG_LOST ? 50000 : 1000;
    int64_t most = base << (attempt < 6 ? attempt : 6);
    sleep_us(most / 2 + (int64_t)random_below((uint64_t)most));
}

struct attempt {
    db *d;
    txn_fn fn;
    void *arg;
    enum isolation isolation;
    bool immediate, unknown;            /* no deferring; an earlier COMMIT was not answered */
    bool committing;                    /* COMMIT was sent */
    enum pg_fault fault;
    bool deferred;
};

static void roll_back(struct pg *c)
{
    enum pg_fault fault = c->fault;
    err e = c->error;
    bool deferred = c->deferred_fault;
    pg_drain(c); /* what was queued; leaves the aborted pipeline */
    if (c->fault == PG_LOST) return;
    if (fault == PG_FINE) { /* the function gave up before it saw that a queued statement fails */
        fault = c->fault;
        e = c->error;
        deferred = c->deferred_fault;
    }
    c->fault = PG_FINE;
    pg_send_control(c, "ROLLBACK");
    pg_drain(c);
    if (c->fault == PG_LOST) return;
    c->fault = fault;
    c->error = e;
    c->deferred_fault = deferred;
}

static err run_once(struct attempt *a, struct pg *c)
{
    db w = {.magic = DB_MAGIC, .store = a->d->store, .tenant = a->d->tenant, .writer = true, .maybe_committed = a->unknown, .pg = c, .mem = c->mem};
    c->fault = PG_FINE;
    c->immediate = a->immediate;
    c->deferred_fault = c->committed = false;
    a->committing = false;
    pg_send_control(c, a->isolation == ISOLATION_SNAPSHOT ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN ISOLATION LEVEL SERIALIZABLE");
    err e = fence_check(&w);
    if (e.code == OK) e = a->fn(&w, a->arg);
    a->d->statements += w.statements;
    if (e.code == OK) e = w.failed;
    if (e.code == OK && c->fault == PG_FINE) {
        a->committing = true;
        pg_send_control(c, "COMMIT");
        pg_drain(c);
        if (c->fault != PG_FINE) e = c->error;
        else if (!c->committed) e = FAIL(E_INTERNAL, "store.statement");
    }
    if (c->fault != PG_LOST && (e.code != OK || c->fault != PG_FINE)) roll_back(c);
    a->fault = c->fault;
    a->deferred = c->deferred_fault;
    if (e.code == OK && c->fault != PG_FINE) e = c->error;
    if (e.code == OK) topics_tell(w.store, &w.topics, 0);
    arena_reset(c->mem);
    if (c->fault != PG_LOST) c->fault = PG_FINE;
    return e;
}

err pg_txn(db *d, txn_fn fn, void *arg, enum isolation isolation)
{
    struct attempt a = {.d = d, .fn = fn, .arg = arg, .isolation = isolation};
    for (int retry = 0;; retry++) {
        struct pg *c;
        err e = pool_take(d->store, &c);
        a.fault = e.code == OK ? PG_FINE : PG_LOST;
        if (e.code == OK) {
            e = run_once(&a, c);
            pool_give(d->store, c);
        } else if (e.code == E_CONFIG) {
            return e;
        }
        if (e.code == OK) return e;
        if (a.fault == PG_ERROR && a.deferred && !a.immediate) { /* once more, to show the function its error */
            a.immediate = true;
            continue;
        }
        if (a.fault == PG_FINE || a.fault == PG_ERROR || retry >= RETRIES) return e;
        if (a.fault == PG_LOST && a.committing) a.unknown = true;
        atomic_fetch_add_explicit(&d->store->txn_retries, 1, memory_order_relaxed);
        back_off(a.fault, retry);
    }
}
