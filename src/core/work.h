/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* work.h — what the core does by itself, for one tenant at a time; the roof calls it from a thread of its own. d is bound to the
   tenant. Several nodes may call: a lease (lease.h) chooses who works. */
#pragma once
#include "core/notify.h"
#include "core/retention.h"

struct core_world { struct store *store; struct kinds *kinds; const struct tenant *tenant; str owner /* name of this process */; };
err work_second(db *d, arena *mem, const struct core_world *w, int64_t now_us);     /* seals the journal, folds counters */
err work_minute(db *d, arena *mem, const struct core_world *w, int64_t now_us);     /* timers, retention */
/* Jobs of the core: to be run by rows {name, fn} of the roof's own list, where fn calls this. E_NOT_FOUND: not one of them. */
extern const char *const core_jobs[];                                                /* "search.scrub", …; ends with NULL */
err core_job(db *d, arena *mem, const struct job *j, const struct core_world *w);
