/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notify.h — the outbox: what must leave, written in the transaction of its cause, once (UNIQUE(tenant, cause, effect)); sent at least
   once by the courier with a stable id. And jobs: work for later, claimed by lease. */
#pragma once
#include "store/db.h"
#include "base/words.h"

struct mail_out { str to, subject, text, reply_to; int64_t record; };
err outbox_mail(db *w, arena *mem, str cause, str effect, const struct mail_out *m, int64_t now_us);
err outbox_webhook(db *w, arena *mem, str cause, str effect, str url, str body, int64_t now_us);
struct outbox_item { int64_t id, tries, record; str channel, to, subject, text, reply_to, body, cause, delivery_id; };
struct outbox_items { struct outbox_item *v; size_t n; };
err outbox_claim(db *d, arena *mem, str owner, int64_t now_us, int n, struct outbox_items *out);
err outbox_sent(db *d, int64_t id, int64_t now_us);
err outbox_failed(db *d, int64_t id, bool permanent, str why, int64_t now_us);   /* retried 1, 5, 30 min, 2 h, 6 h, 1 day ×3 */

struct job { int64_t id, tries; str name; str payload; };
err job_add(db *w, str name, str payload, str cause, str effect, int64_t run_at_us);
typedef err (*job_fn)(db *d, arena *mem, const struct job *j, void *app);
struct job_type { const char *name; job_fn run; };
err jobs_run_due(db *d, arena *mem, const struct job_type *types, void *app, str owner, int64_t now_us, int64_t *out_run);
err timers_run_due(db *d, arena *mem, int64_t now_us, int64_t *out_run, err (*fire)(db *d, arena *mem, int64_t record, str transition, void *app), void *app);
