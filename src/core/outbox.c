/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "core/notify.h"
#include "core/returns.h"
#include "gen/sql/core/notify.sql.h"

#define LEASE_US (2 * MINUTE_US)
#define HELD_US INT64_C(9000000000000000000)       /* a day that never comes */

str cause_of(arena *mem, int64_t record, int64_t seq)
{
    return str_fmt(mem, "%.*s/%lld", STR_ARG(id_text(mem, record)), (long long)seq);
}

err outbox_mail(db *w, arena *mem, str cause, str effect, const struct mail_out *m, int64_t now_us)
{
    (void)mem;
    return sql_outbox_add(w, id_new(), cause, effect, S("mail"), m->record, m->to, m->subject, m->text, m->reply_to, m->held ? HELD_US : now_us, now_us);
}

err outbox_release(db *w, str cause, str effect, int64_t now_us) { return sql_outbox_release(w, cause, effect, HELD_US, now_us); }

err outbox_webhook(db *w, arena *mem, str cause, str effect, str url, str body, int64_t now_us)
{
    (void)mem;
    return sql_outbox_add(w, id_new(), cause, effect, S("webhook"), 0, url, STR_NONE, body, STR_NONE, now_us, now_us);
}

struct claim { arena *mem; str owner; int64_t now_us; int n; struct outbox_items items; struct sql_outbox_due_row_list *rows; };

/* Only writes: who comes second changes nothing, and gets nothing. */
static err claim_in_txn(db *w, void *arg)
{
    struct claim *c = arg;
    c->items = (struct outbox_items){0};
    for (size_t i = 0; i < c->rows->n; i++) {
        const struct sql_outbox_due_row *r = &c->rows->v[i];
        int64_t changed = 0;
        TRY(sql_outbox_lend(w, r->id, c->owner, c->now_us, c->now_us + LEASE_US, &changed));
        if (!changed) continue;
        bool hook = str_is(r->channel, "webhook");
        PUSH(c->mem, &c->items, (struct outbox_item){
            .id = r->id, .tries = r->tries, .record = r->record, .channel = r->channel, .to = r->recipient, .subject = r->subject,
            .text = hook ? STR_NONE : r->words, .reply_to = r->reply_to, .body = hook ? r->words : STR_NONE, .cause = r->cause,
            .delivery_id = id_text(c->mem, r->id)});
    }
    return NO_ERR;
}

err outbox_claim(db *d, arena *mem, str owner, int64_t now_us, int n, struct outbox_items *out)
{
    struct sql_outbox_due_row_list rows;
    struct claim c = {.mem = mem, .owner = owner, .now_us = now_us, .n = n, .rows = &rows};
    *out = (struct outbox_items){0};
    TRY(sql_outbox_due(d, mem, now_us, n, &rows));
    if (!rows.n) return NO_ERR;
    TRY(db_txn(d, claim_in_txn, &c));
    *out = c.items;
    return NO_ERR;
}

struct sent { int64_t id, now_us; };
static err sent_in_txn(db *w, void *arg)
{
    struct sent *s = arg;
    return sql_outbox_done(w, s->id, s->now_us);
}

err outbox_sent(db *d, int64_t id, int64_t now_us) { return db_txn(d, sent_in_txn, &(struct sent){id, now_us}); }

static const int64_t retry_us[] = {MINUTE_US, 5 * MINUTE_US, 30 * MINUTE_US, 2 * HOUR_US, 6 * HOUR_US, DAY_US, DAY_US, DAY_US};
enum { RETRIES = sizeof retry_us / sizeof *retry_us };

struct failed { int64_t id, now_us; bool permanent; str why; };

static err failed_in_txn(db *w, void *arg)
{
    struct failed *f = arg;
    struct sql_outbox_tries_row row;
    arena *mem = arena_new(1 << 16);
    err e = sql_outbox_tries(w, mem, f->id, &row);
    if (e.code == OK && f->permanent && str_is(row.channel, "mail")) e = return_refused(w, mem, f->id, row.record, row.recipient, f->why, f->now_us);
    arena_free(mem);
    TRY(e);
    bool over = f->permanent || row.tries >= RETRIES;
    return sql_outbox_retry(w, f->id, row.tries + 1, over ? f->now_us : f->now_us + retry_us[row.tries], over ? f->now_us : 0, str_cut(f->why, 0, 500));
}

err outbox_failed(db *d, int64_t id, bool permanent, str why, int64_t now_us)
{
    return db_txn(d, failed_in_txn, &(struct failed){id, now_us, permanent, why});
}

err outbox_of(db *d, arena *mem, int64_t record, struct outbox_lines *out)
{
    struct sql_outbox_lines_row_list rows;
    *out = (struct outbox_lines){0};
    TRY(sql_outbox_lines(d, mem, record, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_outbox_lines_row *r = &rows.v[i];
        PUSH(mem, out, (struct outbox_line){r->id, r->created, r->sent, r->failed, r->tries, r->channel, r->recipient, r->subject, r->error});
    }
    return NO_ERR;
}

err once_put(db *w, str principal, str key, const struct hash32 *request, str response, int64_t now_us)
{
    int64_t added = 0;
    TRY(sql_once_add(w, principal, key, (str){(const char *)request->b, sizeof request->b}, response, now_us, &added));
    return added ? NO_ERR : FAIL(E_EXISTS, W("core.once.done"));
}

err once_get(db *d, arena *mem, str principal, str key, const struct hash32 *request, str *out_response)
{
    struct sql_once_row_row row;
    TRY(sql_once_row(d, mem, principal, key, &row));
    if (!secret_eq(row.request_hash, (str){(const char *)request->b, sizeof request->b}))
        return FAIL(E_INVALID, W("core.once.other_request"));
    *out_response = row.response;
    return NO_ERR;
}
