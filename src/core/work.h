/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* work.h — what a town does by itself, for one tenant at a time; the roof calls it from a thread of its own. d is bound to the
   tenant. Several nodes may call: a lease (lease.h) chooses who works. */
#pragma once
#include "core/notify.h"
#include "core/retention.h"

struct core_world {
    struct store *store; struct kinds *kinds; const struct tenant *tenant; str owner /* name of this process */;
    const struct job_type *jobs; void *jobs_arg;                                     /* the roof's own list */
};
struct work { const char *name /* of its lease too */; err (*run)(db *d, arena *mem, const struct core_world *w, int64_t now_us); int every_s; bool apart /* may take seconds: on a thread of its own, so that seals and timers stay on time */; };
extern const struct work works[];                                                    /* ends with name NULL */
/* Runs it if this process holds its lease, else does nothing. */
err work_run(db *d, arena *mem, const struct work *work, const struct core_world *w, int64_t now_us);
/* Jobs of the core: to be run by rows {name, fn} of the roof's own list, where fn calls this. E_NOT_FOUND: not one of them. */
err core_job(db *d, arena *mem, const struct job *j, const struct core_world *w);
