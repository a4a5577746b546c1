/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mass.h — one act on many dossiers. They are chosen first (open), then one act is started (running) and carried out by a job, a dossier
   at a time: its own transaction, the version that was looked at, and the mark that it is done in the same transaction. A crash loses
   nothing and does nothing twice; what could not be done says why. */
#pragma once
#include "core/life.h"
#include "core/notify.h"

#define MASS_MOST 1000
#define MASS_JOB "mass"
#define MASS_LEASE_US (20 * SECOND_US)
struct mass_pick { int64_t record, version; };
struct mass { int64_t id, account; str act, status /* open | running | done */; json_t *asks; int64_t slice, created_us, started_us, ended_us; };
struct masses { struct mass *v; size_t n; };
struct mass_item { struct record r /* without doc */; int64_t seen; str status /* waiting | done | failed */, why; };
struct mass_items { struct mass_item *v; size_t n; };
struct mass_counts { int64_t total, waiting, done, failed; };

struct mass_picks { struct mass_pick *v; size_t n; };
/* "REFERENCE.version" each, as a list shows them; those this person may list. One statement. */
err mass_pick(db *d, arena *mem, const struct who *w, struct strs ticked, struct mass_picks *out);
/* E_INVALID: nothing chosen, or more than MASS_MOST. */
err mass_open(db *d, int64_t account, const struct mass_pick *picks, size_t n, int64_t now_us, int64_t *out_id);
err mass_get(db *d, arena *mem, int64_t account, int64_t id, struct mass *out);     /* account 0: whoever's. E_NOT_FOUND: not theirs */
err mass_of(db *d, arena *mem, int64_t account, struct masses *out);                 /* newest first, at most 50 */
err mass_items_of(db *d, arena *mem, int64_t id, struct mass_items *out);
err mass_count(db *d, arena *mem, int64_t id, struct mass_counts *out);
err mass_failed(db *d, arena *mem, int64_t id, struct mass_items *out);              /* those that failed, by reference */
/* Twice: the first one stands. */
err mass_start(db *d, arena *mem, int64_t id, str act, const json_t *asks, int64_t now_us);

/* Does it to one record: in the transaction w, item->seen being the version that was looked at. */
typedef err (*mass_fn)(db *w, arena *mem, const struct mass *m, const struct mass_item *item, void *arg);
/* Goes on until all is done or MASS_TURN_US have passed; then a job for the next turn is there. E_BUSY, E_IO, E_FULL: nothing is lost,
   the job comes back. Any other error of fn is what is said of that record. */
#define MASS_TURN_US (1500 * 1000)
err mass_turn(db *d, arena *mem, const struct mass *m, enum lang lang, mass_fn fn, void *arg);
