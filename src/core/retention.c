/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/retention.h"

#include "core/draft.h"
#include "core/journal.h"
#include "core/mails.h"
#include "core/notify.h"
#include "gen/sql/core/draft.sql.h"
#include "gen/sql/core/files.sql.h"
#include "gen/sql/core/mass.sql.h"
#include "gen/sql/core/notify.sql.h"
#include "gen/sql/core/returns.sql.h"
#include "gen/sql/core/record.sql.h"
#include "gen/sql/core/retention.sql.h"

#define ONCE_KEPT_US (48 * HOUR_US)
#define SENT_KEPT_US (90 * DAY_US)
#define RETURNS_KEPT_US (730 * DAY_US)
#define UNOWNED_KEPT_US DAY_US
#define TOKEN_KEPT_US (30 * DAY_US)
#define MASS_KEPT_US (90 * DAY_US)
#define WARNING_US (7 * DAY_US)

struct end { arena *mem; const struct kind *k; int64_t id, now_us; };

static err end_in_txn(db *w, void *arg)
{
    struct end *e = arg;
    struct record r;
    err found = record_get(w, e->mem, e->id, &r);
    if (found.code == E_NOT_FOUND) return NO_ERR;
    TRY(found);
    if (!r.expires_us || r.expires_us > e->now_us) return NO_ERR;      /* reopened meanwhile */
    return record_erase(w, e->mem, e->k, e->id, ACTOR_SYSTEM, e->now_us, !str_is(e->k->keep_then, "remove"));
}

static err records_end(db *d, arena *mem, struct kinds *ks, int64_t now_us, int64_t *out_done)
{
    struct sql_record_expired_row_list old;
    TRY(sql_record_expired(d, mem, now_us, 50, &old));
    for (size_t i = 0; i < old.n; i++) {
        struct end e = {.mem = mem, .id = old.v[i].id, .now_us = now_us};
        TRY(kinds_get(ks, d, old.v[i].kind, old.v[i].revision, &e.k));
        TRY(db_txn(d, end_in_txn, &e));
        ++*out_done;
    }
    return NO_ERR;
}

struct small { int64_t now_us, done; };

static err small_in_txn(db *w, void *arg)
{
    struct small *s = arg;
    int64_t n = 0;
    s->done = 0;
    TRY(sql_once_remove_old(w, s->now_us - ONCE_KEPT_US, &n));
    s->done += n;
    TRY(sql_resets_remove_old(w, s->now_us, &n));
    s->done += n;
    TRY(sql_sessions_remove_old(w, s->now_us, &n));
    s->done += n;
    TRY(sql_draft_tokens_remove_old(w, s->now_us - TOKEN_KEPT_US, &n));
    s->done += n;
    TRY(sql_files_remove_unowned(w, s->now_us - UNOWNED_KEPT_US, 200, &n));
    s->done += n;
    TRY(sql_outbox_remove_old(w, s->now_us - SENT_KEPT_US, 200, &n));
    s->done += n;
    TRY(sql_mass_items_remove_old(w, s->now_us - MASS_KEPT_US, &n));
    TRY(sql_mass_remove_old(w, s->now_us - MASS_KEPT_US, &n));
    s->done += n;
    TRY(sql_outbox_remove_failed(w, s->now_us - SENT_KEPT_US, 200, &n));
    s->done += n;
    TRY(sql_returns_remove_old(w, s->now_us - RETURNS_KEPT_US, 200, &n));
    s->done += n;
    return NO_ERR;
}

err retention_run(db *d, arena *mem, const struct tenant *t, struct kinds *ks, int64_t now_us, int64_t *out_done)
{
    (void)t;
    struct small s = {.now_us = now_us};
    int64_t drafts = 0;
    *out_done = 0;
    TRY(records_end(d, mem, ks, now_us, out_done));
    TRY(draft_expire(d, mem, now_us, &drafts));
    TRY(db_txn(d, small_in_txn, &s));
    *out_done += drafts + s.done;
    return NO_ERR;
}

struct warn { arena *mem; const struct tenant *t; const struct kind *k; const struct sql_drafts_expiring_row *row; str to; int64_t now_us; };

static err warn_in_txn(db *w, void *arg)
{
    struct warn *x = arg;
    enum lang lang = x->t->lang;
    str title = text_in(&x->k->title, lang), day = words_date_us(x->mem, lang, x->row->expires, x->t->zone);
    struct mail_out m = {.to = x->to, .record = x->row->id,
                         .subject = words_fill(x->mem, lang, W("core.mail.expires_subject"), "title", title, NULL),
                         .text = words_fill(x->mem, lang, W("core.mail.expires"), "title", title, "date", day, "reference", x->row->reference, "url",
                                            draft_address(x->mem, x->t, x->row->reference), "town", x->t->name, NULL)};
    return outbox_mail(w, x->mem, cause_of(x->mem, x->row->id, x->row->expires), S("mail:expires"), &m, x->now_us);
}

err retention_warn(db *d, arena *mem, const struct tenant *t, struct kinds *ks, int64_t now_us, int64_t *out_warned)
{
    struct sql_drafts_expiring_row_list soon;
    *out_warned = 0;
    TRY(sql_drafts_expiring(d, mem, now_us, now_us + WARNING_US, 100, &soon));
    for (size_t i = 0; i < soon.n; i++) {
        struct warn x = {.mem = mem, .t = t, .row = &soon.v[i], .to = soon.v[i].email, .now_us = now_us};
        if (!x.to.n) TRY(account_mail(d, mem, soon.v[i].account, &x.to));
        if (!x.to.n) continue;
        TRY(kinds_get(ks, d, soon.v[i].kind, soon.v[i].revision, &x.k));
        TRY(db_txn(d, warn_in_txn, &x));
        ++*out_warned;
    }
    return NO_ERR;
}
