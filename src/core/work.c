/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/work.h"

#include "base/clock.h"
#include "core/journal.h"
#include "core/life.h"
#include "core/list.h"
#include "core/search.h"
#include "store/lease.h"

#define WORK_LEASE_US (15 * SECOND_US)

err work_second(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    bool mine;
    TRY(lease_take(d, S("work"), w->owner, WORK_LEASE_US, &mine));
    if (!mine) return NO_ERR;
    int64_t sealed = SEAL_SLICE;
    for (int slices = 0; sealed == SEAL_SLICE && slices < 20; slices++) TRY(journal_seal(d, now_us, &sealed));
    return counters_fold(d, mem);
}

err work_minute(db *d, arena *mem, const struct core_world *w, int64_t now_us)
{
    bool mine;
    int64_t n = 0;
    struct life_world world = {w->tenant, w->kinds};
    TRY(lease_take(d, S("work.minute"), w->owner, 5 * MINUTE_US, &mine));
    if (!mine) return NO_ERR;
    TRY(timers_run_due(d, mem, now_us, &n, life_fire, &world));
    TRY(retention_warn(d, mem, w->tenant, w->kinds, now_us, &n));
    return retention_run(d, mem, w->tenant, w->kinds, now_us, &n);
}

const char *const core_jobs[] = {"search.scrub", 0};

static err scrub(db *d, const struct core_world *w)
{
    bool done = false;
    for (int slices = 0; !done && slices < 100000; slices++) TRY(search_scrub(d, &done));
    return store_scrub(w->store);
}

err core_job(db *d, arena *mem, const struct job *j, const struct core_world *w)
{
    (void)mem;
    if (str_is(j->name, "search.scrub")) return scrub(d, w);
    return FAIL(E_NOT_FOUND, W("core.job.unknown"));
}
