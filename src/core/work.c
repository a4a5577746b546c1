/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/work.h"

#include "base/clock.h"
#include "core/journal.h"
#include "core/life.h"
#include "core/list.h"
#include "core/search.h"
#include "core/stats.h"
#include "store/lease.h"

#define WORK_LEASE_US (20 * SECOND_US)
#define JOBS_BUDGET_US (2 * SECOND_US)      /* of one town, then the next one */

static err work_seal(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    (void)mem, (void)w;
    int64_t n;
    do TRY(journal_seal(d, now_us, &n));
    while (n == SEAL_SLICE);
    return NO_ERR;
}

static err work_timers(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    int64_t n;
    return timers_run_due(d, mem, now_us, &n, life_fire, &(struct life_world){w->tenant, w->kinds});
}

static err work_jobs(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    int64_t n, until_us = clock_monotonic_us() + JOBS_BUDGET_US;
    do TRY(jobs_run_due(d, mem, w->jobs, w->jobs_arg, w->owner, now_us, &n));
    while (n > 0 && clock_monotonic_us() < until_us);
    return NO_ERR;
}

static err work_counters(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    (void)w, (void)now_us;
    return counters_fold(d, mem);
}

static err work_stats(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    (void)now_us;
    bool more;
    do TRY(stats_fold(d, mem, w->kinds, w->tenant, &more));
    while (more);
    return NO_ERR;
}

static err work_heads(db *d, arena *mem, const struct core_world *w, int64_t now_us) { return journal_head_publish(d, mem, w->tenant->zone, now_us); }

static err work_retention(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    int64_t done, warned;
    do TRY(retention_run(d, mem, w->tenant, w->kinds, now_us, &done));
    while (done > 0);
    return retention_warn(d, mem, w->tenant, w->kinds, now_us, &warned);
}

const struct work works[] = {
    {"seal", work_seal, 1}, {"heads", work_heads, 600}, {"jobs", work_jobs, 2, true}, {"timers", work_timers, 60}, {"counters", work_counters, 15}, {"stats", work_stats, 15, true},
    {"retention", work_retention, 600}, {0},
};

err work_run(db *d, arena *mem, const struct work *work, const struct core_world *w, int64_t now_us)
{
    bool mine;
    TRY(lease_take(d, str_of(work->name), w->owner, WORK_LEASE_US, &mine));
    return mine ? work->run(d, mem, w, now_us) : NO_ERR;
}

static err scrub(db *d, const struct core_world *w)
{
    TRY(search_scrub(d));
    return store_scrub(w->store);
}

err core_job(db *d, arena *mem, const struct job *j, const struct core_world *w)
{
    (void)mem;
    if (str_is(j->name, "search.scrub")) return scrub(d, w);
    return FAIL(E_NOT_FOUND, W("core.job.unknown"));
}
