/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notify.h — the outbox: what must leave, written in the transaction of its cause, once (UNIQUE(tenant, cause, effect)); sent at least
   once by the courier with a stable id. And jobs: work for later, claimed by lease. */
#pragma once
#include "store/db.h"
#include "base/words.h"

struct mail_out { str to, subject, text, reply_to; int64_t record; bool held /* leaves after outbox_release */; };
/* Again with the same cause and effect: OK, nothing. cause: cause_of(record, journal seq), or any stable words. */
err outbox_mail(db *w, arena *mem, str cause, str effect, const struct mail_out *m, int64_t now_us);
err outbox_webhook(db *w, arena *mem, str cause, str effect, str url, str body, int64_t now_us);
err outbox_release(db *w, str cause, str effect, int64_t now_us);                 /* none such, or gone already: OK */
str cause_of(arena *mem, int64_t record, int64_t seq);
struct outbox_item { int64_t id, tries, record; str channel /* mail | webhook */, to, subject, text, reply_to, body, cause, delivery_id; };
struct outbox_items { struct outbox_item *v; size_t n; };
/* Lends at most n items for two minutes: whoever else asks does not get them meanwhile. */
err outbox_claim(db *d, arena *mem, str owner, int64_t now_us, int n, struct outbox_items *out);
err outbox_sent(db *d, int64_t id, int64_t now_us);                              /* its words are forgotten */
err outbox_failed(db *d, int64_t id, bool permanent, str why, int64_t now_us);   /* retried 1, 5, 30 min, 2 h, 6 h, 1 day ×3 */
/* Of one record, newest first: for "what was sent". sent 0: waiting; failed: given up. */
struct outbox_line { int64_t id, created_us, sent_us, failed_us, tries; str channel, to, subject, error; };
struct outbox_lines { struct outbox_line *v; size_t n; };
err outbox_of(db *d, arena *mem, int64_t record, struct outbox_lines *out);

struct job { int64_t id, tries; str name; str payload; };
err job_add(db *w, str name, str payload, str cause, str effect, int64_t run_at_us);     /* again with the same cause and effect: OK, nothing */
typedef err (*job_fn)(db *d, arena *mem, const struct job *j, void *app);
/* lease_us: how long it is lent, so how soon another takes it over after a crash; 0: five minutes. A list ends with name NULL. */
struct job_type { const char *name; job_fn run; int64_t lease_us; };
/* Runs at most 20 that are due, each outside any transaction; a failed one comes back later, with its error. */
err jobs_run_due(db *d, arena *mem, const struct job_type *types, void *app, str owner, int64_t now_us, int64_t *out_run);

/* life_fire is one. It takes the timer itself, in the transaction of what it does; a failed one comes back in five minutes. */
typedef err (*timer_fn)(db *d, arena *mem, int64_t record, str timer, int64_t now_us, void *app);
err timers_run_due(db *d, arena *mem, int64_t now_us, int64_t *out_run, timer_fn fire, void *app);

/* An API key replayed with the same request gets the same answer (kept 48 h). response: what makes it again, never a secret. once_put
   goes with the effect, in its transaction: E_EXISTS: already done, then once_get outside: E_INVALID "core.once.other_request" when the
   request differs. */
struct hash32;
err once_put(db *w, str principal, str key, const struct hash32 *request, str response, int64_t now_us);
err once_get(db *d, arena *mem, str principal, str key, const struct hash32 *request, str *out_response);
