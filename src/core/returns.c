/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/returns.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/account.h"
#include "gen/sql/core/returns.sql.h"

/* RFC 3463 §3: what follows the class. "?": an answer without such a status, or none. First that fits. */
static const struct mail_reason reasons[] = {
    {"5.1.2", W("mail.why.domain"), true}, {"4.1.2", W("mail.why.domain"), true}, {"5.4.4", W("mail.why.domain"), true}, {"5.1.", W("mail.why.unknown"), true},
    {"5.2.1", W("mail.why.closed"), true}, {"5.2.2", W("mail.why.full"), true}, {"4.2.2", W("mail.why.full"), false}, {"5.2.3", W("mail.why.large"), false},
    {"5.3.4", W("mail.why.large"), false}, {"5.4.", W("mail.why.away"), true}, {"4.4.", W("mail.why.away"), false}, {"5.7.8", W("mail.why.password"), false},
    {"5.7.", W("mail.why.policy"), false}, {"4.7.", W("mail.why.later"), false}, {"4.", W("mail.why.later"), false}, {"5.", W("mail.why.refused"), false},
    {"535", W("mail.why.password"), false}, {"530", W("mail.why.password"), false}, {"534", W("mail.why.password"), false}, {"550", W("mail.why.unknown"), true},
    {"551", W("mail.why.unknown"), true}, {"553", W("mail.why.unknown"), true}, {"552", W("mail.why.full"), false}, {"554", W("mail.why.policy"), false}, {"4", W("mail.why.later"), false},
    {"5", W("mail.why.refused"), false}, {"mail.address to", W("mail.why.unknown"), true}, {"mail.address", W("mail.why.sender"), false}};
static const struct mail_reason said_otherwise[] = {
    {"resolve host", W("mail.why.no_server"), false}, {"connect to", W("mail.why.no_server"), false}, {"Login denied", W("mail.why.password"), false}, {"STARTTLS", W("mail.why.tls"), false},
    {"SSL", W("mail.why.tls"), false}, {"timed out", W("mail.why.no_server"), false}, {"Timeout", W("mail.why.no_server"), false}, {"No space", W("mail.why.disk"), false}};
static const struct mail_reason unknown_reason = {"", W("mail.why.other"), false};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Where an enhanced status begins: "5.1.1" after a blank or at the start. */
static str status_in(str said)
{
    for (size_t i = 0; i + 4 < said.n; i++) {
        bool starts = i == 0 || said.p[i - 1] == ' ' || said.p[i - 1] == '-';
        if (starts && (said.p[i] == '4' || said.p[i] == '5') && said.p[i + 1] == '.' && is_digit(said.p[i + 2]) && str_find_char(str_cut(said, i + 3, i + 6), '.') >= 0)
            return str_cut(said, i, said.n);
    }
    return STR_NONE;
}

const struct mail_reason *mail_reason(str said)
{
    str status = status_in(said), look = status.n ? status : said;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (str_starts(look, str_of(reasons[i].begins))) return &reasons[i];
    for (size_t i = 0; i < sizeof said_otherwise / sizeof *said_otherwise; i++)
        if (str_find(said, str_of(said_otherwise[i].begins)) >= 0) return &said_otherwise[i];
    return &unknown_reason;
}

/* ---- what comes back ---- */
static bool id_upper(str text, int64_t *out)
{
    char up[13];
    if (text.n != sizeof up) return false;
    for (size_t i = 0; i < sizeof up; i++) up[i] = text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 32) : text.p[i];
    return id_parse((str){up, sizeof up}, out).code == OK;
}

int64_t return_outbox(const struct dsn *n)
{
    int64_t id;
    str rest, tag;
    for (size_t i = 0; i < n->sent_to.n; i++) {
        str_split(str_split(n->sent_to.v[i], '@', &rest), '+', &tag);
        if (tag.p && id_upper(tag, &id)) return id;
    }
    return id_upper(str_split(n->message_id, '@', &rest), &id) ? id : 0;
}

str return_address(arena *mem, str bounce_address, str delivery_id)
{
    str domain, local = str_split(bounce_address, '@', &domain);
    return local.n && domain.n ? str_fmt(mem, "%.*s+%.*s@%.*s", STR_ARG(local), STR_ARG(delivery_id), STR_ARG(domain)) : STR_NONE;
}

struct take { arena *mem; int64_t outbox, record, now_us; str address, status, why; bool is_final; };

static err add_in_txn(db *w, void *arg)
{
    struct take *x = arg;
    return sql_return_add(w, id_new(), x->outbox, x->record, account_email_fold(x->mem, x->address), x->now_us, x->status.p ? x->status : S(""), x->why.p ? str_cut(x->why, 0, 500) : S(""), x->is_final);
}

/* A mail of ours goes to one person: of several recipients, theirs; else the only one (forwarded, it comes back under another name). */
static const struct dsn_recipient *recipient_of(arena *mem, const struct dsn *n, str address)
{
    for (size_t i = 0; i < n->recipients.n; i++)
        if (str_eq(account_email_fold(mem, n->recipients.v[i].address), account_email_fold(mem, address))) return &n->recipients.v[i];
    return n->recipients.n == 1 ? &n->recipients.v[0] : NULL;
}

err return_take(db *d, arena *mem, int64_t outbox, const struct dsn *n, int64_t now_us, bool *out_mine)
{
    struct sql_outbox_of_id_row row;
    err e = sql_outbox_of_id(d, mem, outbox, &row);
    *out_mine = e.code == OK;
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    const struct dsn_recipient *r = recipient_of(mem, n, row.recipient);
    if (!r || r->action == DSN_OTHER) return NO_ERR;
    struct take x = {mem, outbox, row.record, now_us, row.recipient, r->status, r->diagnostic, r->action == DSN_FAILED};
    return db_txn(d, add_in_txn, &x);
}

err return_refused(db *w, arena *mem, int64_t outbox, int64_t record, str address, str said, int64_t now_us)
{
    struct take x = {mem, outbox, record, now_us, address, STR_NONE, said, true};
    return mail_reason(said)->is_address ? add_in_txn(w, &x) : NO_ERR;
}

err returns_open(db *d, arena *mem, int n, struct return_lines *out)
{
    struct sql_returns_open_row_list rows;
    *out = (struct return_lines){0};
    TRY(sql_returns_open(d, mem, n, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_returns_open_row *r = &rows.v[i];
        PUSH(mem, out, (struct return_line){r->at, r->record, r->address, r->status, r->why, r->reference, r->is_final});
    }
    return NO_ERR;
}

err return_of(db *d, arena *mem, str address, struct return_line *out)
{
    struct sql_return_of_address_row_list rows;
    *out = (struct return_line){0};
    if (!address.n) return NO_ERR;
    TRY(sql_return_of_address(d, mem, account_email_fold(mem, address), &rows));
    if (rows.n) *out = (struct return_line){.at_us = rows.v[0].at, .address = address, .status = rows.v[0].status, .why = rows.v[0].why, .is_final = true};
    return NO_ERR;
}

static err clear_in_txn(db *w, void *arg)
{
    struct take *x = arg;
    int64_t changed;
    return sql_returns_clear(w, account_email_fold(x->mem, x->address), x->now_us, &changed);
}

err returns_clear(db *d, arena *mem, str address, int64_t now_us) { return db_txn(d, clear_in_txn, &(struct take){.mem = mem, .now_us = now_us, .address = address}); }

/* ---- what does not leave ---- */
err mails_unsent(db *d, arena *mem, int n, struct unsent_lines *out)
{
    struct sql_mails_unsent_row_list rows;
    *out = (struct unsent_lines){0};
    TRY(sql_mails_unsent(d, mem, n, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_mails_unsent_row *r = &rows.v[i];
        PUSH(mem, out, (struct unsent_line){r->id, r->created, r->run_at, r->failed, r->tries, r->channel, r->recipient, r->subject, r->error, r->reference});
    }
    return NO_ERR;
}

struct again { int64_t id, now_us, changed; };
static err again_in_txn(db *w, void *arg)
{
    struct again *x = arg;
    TRY(sql_outbox_again(w, x->id, x->now_us, &x->changed));
    return x->changed ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

err outbox_again(db *d, int64_t id, int64_t now_us) { return db_txn(d, again_in_txn, &(struct again){id, now_us, 0}); }

err mails_counted(db *d, arena *mem, int64_t now_us, struct mails_counted *out)
{
    struct sql_mails_counted_row row;
    struct sql_returns_counted_row back;
    TRY(sql_mails_counted(d, mem, now_us, &row));
    TRY(sql_returns_counted(d, mem, &back));
    *out = (struct mails_counted){row.failed, row.waiting, row.oldest, back.n};
    return NO_ERR;
}
