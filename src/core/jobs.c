/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Work for later: jobs and timers, run by whoever holds their lease. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "core/notify.h"
#include "gen/sql/core/life.sql.h"
#include "gen/sql/core/notify.sql.h"

#define JOB_LEASE_US (5 * MINUTE_US)

err job_add(db *w, str name, str payload, str cause, str effect, int64_t run_at_us)
{
    return sql_job_row_add(w, id_new(), name, payload, cause, effect, run_at_us);
}

struct lend { int64_t id, now_us, lease_us; str owner; int64_t changed; };
static err lend_in_txn(db *w, void *arg)
{
    struct lend *l = arg;
    l->changed = 0;
    return sql_job_lend(w, l->id, l->owner, l->now_us, l->now_us + l->lease_us, &l->changed);
}

struct finish { int64_t id, tries, now_us; str owner; err result; };
static err finish_in_txn(db *w, void *arg)
{
    struct finish *f = arg;
    if (f->result.code == OK) return sql_job_done(w, f->id, f->owner);
    int64_t wait_us = f->tries < 6 ? MINUTE_US << (2 * f->tries) : DAY_US;      /* 1, 4, 16 min, 1 h, 4 h, 17 h, then each day */
    return sql_job_retry(w, f->id, f->tries + 1, f->now_us + wait_us, str_of(f->result.msg));
}

static const struct job_type *job_type_named(const struct job_type *types, str name)
{
    for (; types->name; types++)
        if (str_is(name, types->name)) return types;
    return NULL;
}

err jobs_run_due(db *d, arena *mem, const struct job_type *types, void *app, str owner, int64_t now_us, int64_t *out_run)
{
    struct sql_jobs_due_row_list due;
    *out_run = 0;
    TRY(sql_jobs_due(d, mem, now_us, 20, &due));
    for (size_t i = 0; i < due.n; i++) {
        struct job j = {due.v[i].id, due.v[i].tries, due.v[i].name, due.v[i].payload};
        const struct job_type *type = job_type_named(types, j.name);
        struct lend l = {j.id, now_us, type && type->lease_us ? type->lease_us : JOB_LEASE_US, owner, 0};
        TRY(db_txn(d, lend_in_txn, &l));
        if (!l.changed) continue;
        struct finish f = {j.id, j.tries, now_us, owner, FAIL(E_INTERNAL, "core.job.unknown")};
        if (type) f.result = type->run(d, mem, &j, app);
        if (f.result.code != OK) log_line(LOG_WARN, "job_failed", "%.*s: %s", STR_ARG(j.name), f.result.msg);
        TRY(db_txn(d, finish_in_txn, &f));
        *out_run += f.result.code == OK;
    }
    return NO_ERR;
}

struct later { int64_t record, due_us; str timer; };
static err later_in_txn(db *w, void *arg)
{
    struct later *l = arg;
    return sql_timer_later(w, l->record, l->timer, l->due_us);
}

err timers_run_due(db *d, arena *mem, int64_t now_us, int64_t *out_run, timer_fn fire, void *app)
{
    struct sql_timers_due_row_list due;
    *out_run = 0;
    TRY(sql_timers_due(d, mem, now_us, 100, &due));
    for (size_t i = 0; i < due.n; i++) {
        const struct sql_timers_due_row *t = &due.v[i];
        err e = fire(d, mem, t->record, t->name, now_us, app);
        if (e.code == OK) {
            ++*out_run;
            continue;
        }
        log_line(LOG_WARN, "timer_failed", "record %lld, timer %.*s: %s", (long long)t->record, STR_ARG(t->name), e.msg);
        TRY(db_txn(d, later_in_txn, &(struct later){t->record, now_us + 5 * MINUTE_US, t->name}));
    }
    return NO_ERR;
}
