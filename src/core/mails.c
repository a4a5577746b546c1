/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/mails.h"

#include <string.h>

#include "base/hash.h"
#include "core/facet.h"
#include "core/inbox.h"
#include "core/letter.h"
#include "core/notify.h"
#include "core/receipt.h"
#include "core/secret.h"
#include "formats/json.h"
#include "gen/sql/core/life.sql.h"
#include "gen/sql/core/record.sql.h"

static void line(arena *mem, struct strs *out, str s)
{
    if (s.n) PUSH(mem, out, s);
}

static str address_of(arena *mem, const struct tenant *t, str path, str reference)
{
    return t->address.n ? str_fmt(mem, "%.*s%.*s/%.*s", STR_ARG(t->address), STR_ARG(path), STR_ARG(reference)) : STR_NONE;
}

str record_address(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r)
{
    str path = kind_setting_str(k, t, r->body, "path");
    return address_of(mem, t, path.n ? path : S("/dossiers"), r->reference);
}

str letter_link(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, str code)
{
    str at = record_address(mem, t, k, r);
    return at.n ? str_fmt(mem, "%.*s/courriers/%.*s", STR_ARG(at), STR_ARG(letter_code_shown(mem, code))) : STR_NONE;
}

str draft_address(arena *mem, const struct tenant *t, str reference) { return address_of(mem, t, S("/dossiers"), reference); }

/* "Pour répondre : https://…"; nothing when there is no address. */
static void link_line(arena *mem, struct strs *out, enum lang lang, const char *key, str url)
{
    if (url.n) line(mem, out, words_fill(mem, lang, key, "url", url, NULL));
}

static str end_line(arena *mem, const struct tenant *t, enum lang lang)
{
    return words_fill(mem, lang, W("core.mail.end"), "town", t->name, NULL);
}

static str service_lines(arena *mem, const struct receipt *x, enum lang lang)
{
    struct strs out = {0};
    line(mem, &out, x->service);
    line(mem, &out, x->postal_address);
    line(mem, &out, x->mail);
    if (x->phone.n) line(mem, &out, words_fill(mem, lang, W("core.mail.phone"), "phone", x->phone, NULL));
    return out.n ? str_fmt(mem, "%.*s\n%.*s", STR_ARG(words(lang, W("core.mail.service"))), STR_ARG(str_join(mem, out, S("\n")))) : STR_NONE;
}

struct mail notice_mail(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang,
                            const struct transition *tr, str words_said, str letter)
{
    struct strs out = {0};
    const struct state *s = kind_state(k, r->state);
    str state = s ? text_in(&s->title, lang) : r->state, title = text_in(&k->title, lang);
    struct receipt x = {0};
    if (receipt_of(mem, t, k, r, lang, &x).code != OK) x.service = t->name;
    line(mem, &out, words(lang, W("core.mail.hello")));
    bool asks = s && str_is(s->tone, "citizen"), by_silence = tr->by == BY_SYSTEM && s && s->is_final;
    if (asks) line(mem, &out, words_fill(mem, lang, W("core.mail.asked"), "title", title, "reference", r->reference, NULL));
    else line(mem, &out, words_fill(mem, lang, W("core.mail.notice"), "title", title, "reference", r->reference, "state", state, NULL));
    if (letter.n) link_line(mem, &out, lang, W("core.mail.letter"), letter_link(mem, t, k, r, letter));
    line(mem, &out, words_said);
    /* What the author must know of the period: that it stands still, or what its end gave. */
    if (asks || by_silence) line(mem, &out, x.silence_words);
    /* A refusal by silence or by a decision opens the same routes (CJA R421-1, R421-2). */
    bool refuses = s && s->is_final && str_is(s->tone, "refused") && (tr->decision || tr->by == BY_SYSTEM);
    if (refuses && x.appeal.n) line(mem, &out, str_fmt(mem, "%.*s\n%.*s", STR_ARG(words(lang, W("core.mail.appeal"))), STR_ARG(x.appeal)));
    line(mem, &out, service_lines(mem, &x, lang));
    link_line(mem, &out, lang, asks ? W("core.mail.correct") : W("core.mail.follow"), record_address(mem, t, k, r));
    line(mem, &out, end_line(mem, t, lang));
    str subject = words_fill(mem, lang, W("core.mail.notice_subject"), "reference", r->reference, "state", state, NULL);
    return (struct mail){subject, str_join(mem, out, S("\n\n"))};
}

static str url_coded(arena *mem, str s)
{
    buf b = BUF(4096);
    buf_url(&b, s);
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

err account_mail(db *d, arena *mem, int64_t account, str *out_email)
{
    struct sql_account_mail_row row = {0};
    err e = account ? sql_account_mail(d, mem, account, &row) : FAIL(E_NOT_FOUND, "store.not_found");
    *out_email = e.code == OK ? row.email : STR_NONE;
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}

err mail_receipt(db *w, arena *mem, const struct filing *f, const struct record *r)
{
    str to = f->contact.email;
    if (!to.n) TRY(account_mail(w, mem, f->author, &to));
    if (!to.n) return NO_ERR;
    struct receipt x;
    TRY(receipt_of(mem, f->tenant, f->kind, r, f->lang, &x));
    str link = record_address(mem, f->tenant, f->kind, r);
    struct mail_out m = {.to = to, .record = r->id,
                         .subject = words_fill(mem, f->lang, W("core.mail.receipt_subject"), "reference", r->reference, NULL),
                         .text = receipt_text(mem, f->tenant, f->kind, r, &x, f->code, link, f->lang),
                         .reply_to = kind_setting_str(f->kind, f->tenant, r->body, "service.mail")};
    return outbox_mail(w, mem, cause_of(mem, r->id, 1), S("mail:receipt"), &m, f->now_us);
}

static err notice_send(const struct effect_call *c, str to, str effect, const struct mail *l, bool held)
{
    struct mail_out m = {.to = to, .subject = l->subject, .text = l->text, .record = c->r->id, .held = held,
                         .reply_to = kind_setting_str(c->a->kind, c->a->tenant, c->r->body, "service.mail")};
    return outbox_mail(c->w, c->mem, cause_of(c->mem, c->r->id, c->cause), effect, &m, c->a->now_us);
}

/* One effect for each address: the hash, so that the key names nobody. */
static str effect_for(arena *mem, const char *what, str email)
{
    struct hash32 h = hash_blake2b(str_fold(mem, email));
    return str_fmt(mem, "%s:%.*s", what, STR_ARG(hex_of(mem, h.b, 8)));
}

err mail_notice_author(const struct effect_call *c)
{
    str to;
    enum lang lang;
    TRY(record_mail(c->w, c->mem, c->r, &to, &lang));
    if (!to.n) return NO_ERR;
    str letter = c->letter && c->letter->id ? c->letter->code : STR_NONE;
    struct mail l = notice_mail(c->mem, c->a->tenant, c->a->kind, c->r, lang, c->t, c->said, letter);
    return notice_send(c, to, S("mail:author"), &l, letter.n > 0);
}

str public_address(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r)
{
    str path = kind_setting_str(k, t, r->body, "public_path");
    return path.n ? address_of(mem, t, path, r->reference) : STR_NONE;
}

static struct mail follower_letter(const struct effect_call *c, str email)
{
    arena *mem = c->mem;
    const struct tenant *t = c->a->tenant;
    enum lang lang = t->lang;
    const struct state *s = kind_state(c->a->kind, c->r->state);
    str state = s ? text_in(&s->title, lang) : c->r->state, url = public_address(mem, t, c->a->kind, c->r);
    struct strs out = {0};
    line(mem, &out, words(lang, W("core.mail.hello")));
    line(mem, &out, words_fill(mem, lang, W("core.mail.followed"), "title", c->r->public_title, "reference", c->r->reference, "state", state, NULL));
    if (url.n) {
        str key = link_key(mem, t->id, c->r->id, email);
        line(mem, &out, words_fill(mem, lang, W("core.mail.follow"), "url", url, NULL));
        line(mem, &out, words_fill(mem, lang, W("core.mail.stop"), "url", str_fmt(mem, "%.*s/suivre?m=%.*s&k=%.*s", STR_ARG(url), STR_ARG(url_coded(mem, email)), STR_ARG(key)), NULL));
    }
    line(mem, &out, end_line(mem, t, lang));
    return (struct mail){words_fill(mem, lang, W("core.mail.notice_subject"), "reference", c->r->reference, "state", state, NULL), str_join(mem, out, S("\n\n"))};
}

err mail_notice_followers(const struct effect_call *c)
{
    struct strs mails = {0};
    if (!c->r->published_us) return NO_ERR;
    TRY(facets_followers(c->w, c->mem, c->r->id, &mails));
    for (size_t i = 0; i < mails.n; i++) {
        struct mail l = follower_letter(c, mails.v[i]);
        TRY(notice_send(c, mails.v[i], effect_for(c->mem, "mail:follower", mails.v[i]), &l, false));
    }
    return NO_ERR;
}

err mail_notice_agent(const struct effect_call *c, str email)
{
    const struct tenant *t = c->a->tenant;
    const struct state *s = kind_state(c->a->kind, c->r->state);
    str title = text_in(&c->a->kind->title, t->lang), state = s ? text_in(&s->title, t->lang) : c->r->state;
    struct strs out = {0};
    line(c->mem, &out, words_fill(c->mem, t->lang, W("core.mail.agent"), "reference", c->r->reference, "title", title, "what",
                                  event_title(c->a->kind, c->t->name, t->lang), "state", state, NULL));
    link_line(c->mem, &out, t->lang, W("core.mail.open"), address_of(c->mem, t, S("/agents/dossiers"), c->r->reference));
    struct mail l = {words_fill(c->mem, t->lang, W("core.mail.agent_subject"), "reference", c->r->reference, "title", title, NULL), str_join(c->mem, out, S("\n\n"))};
    return notice_send(c, email, effect_for(c->mem, "mail:agent", email), &l, false);
}

static err message_send(db *w, arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, str to, enum lang lang, bool by_agent, str said,
                        int64_t cause, int64_t now_us)
{
    struct strs out = {0};
    line(mem, &out, words(lang, W("core.mail.hello")));
    line(mem, &out, words_fill(mem, lang, by_agent ? W("core.mail.message") : W("core.mail.message_agent"), "title", text_in(&k->title, lang), "reference", r->reference, NULL));
    line(mem, &out, said);
    link_line(mem, &out, lang, W("core.mail.answer"), by_agent ? record_address(mem, t, k, r) : address_of(mem, t, S("/agents/dossiers"), r->reference));
    line(mem, &out, end_line(mem, t, lang));
    struct mail_out m = {.to = to, .record = r->id, .text = str_join(mem, out, S("\n\n")),
                         .subject = words_fill(mem, lang, W("core.mail.message_subject"), "reference", r->reference, NULL)};
    return outbox_mail(w, mem, cause_of(mem, r->id, cause), effect_for(mem, "mail:message", to), &m, now_us);
}

err mail_message(db *w, arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, bool by_agent, str said, int64_t cause, int64_t now_us)
{
    str to;
    enum lang lang = t->lang;
    if (by_agent) {
        TRY(record_mail(w, mem, r, &to, &lang));
        return to.n ? message_send(w, mem, t, k, r, to, lang, true, said, cause, now_us) : NO_ERR;
    }
    struct strs theirs;                 /* of who handles it, or stands in */
    TRY(absence_mails(w, mem, t, r, r->assignee, now_us, &theirs));
    for (size_t i = 0; i < theirs.n; i++) TRY(message_send(w, mem, t, k, r, theirs.v[i], lang, false, said, cause, now_us));
    if (theirs.n) return NO_ERR;
    struct sql_team_mails_row_list mails = {0};
    if (r->team) TRY(sql_team_mails(w, mem, r->team, &mails));
    for (size_t i = 0; i < mails.n; i++) TRY(message_send(w, mem, t, k, r, mails.v[i].email, lang, false, said, cause, now_us));
    return NO_ERR;
}

err mail_code(db *w, arena *mem, const struct tenant *t, str to, str title, str reference, str code, int64_t draft, enum lang lang, int64_t now_us)
{
    struct mail_out m = {.to = to, .record = draft,
                         .subject = words_fill(mem, lang, W("core.mail.code_subject"), "title", title, NULL),
                         .text = words_fill(mem, lang, W("core.mail.code_text"), "title", title, "reference", reference, "code", code, "url",
                                            draft_address(mem, t, reference), "town", t->name, NULL)};
    /* As often as it is asked for; the caller limits how often. */
    return outbox_mail(w, mem, cause_of(mem, draft, now_us), S("mail:code"), &m, now_us);
}

err mail_letter(db *w, arena *mem, const struct letter_mail *m, int64_t cause, int64_t now_us)
{
    str to;
    enum lang lang;
    struct strs out = {0};
    TRY(record_mail(w, mem, m->record, &to, &lang));
    if (!to.n) return NO_ERR;
    str date = words_date_us(mem, lang, m->sent_us, m->tenant->zone);
    line(mem, &out, words(lang, W("core.mail.hello")));
    line(mem, &out, words_fill(mem, lang, m->code.n ? W("core.mail.letter_replaced") : W("core.mail.letter_withdrawn"), "object", m->object, "date", date, NULL));
    line(mem, &out, m->reason);
    if (m->code.n) link_line(mem, &out, lang, W("core.mail.letter"), letter_link(mem, m->tenant, m->kind, m->record, m->code));
    link_line(mem, &out, lang, W("core.mail.follow"), record_address(mem, m->tenant, m->kind, m->record));
    line(mem, &out, end_line(mem, m->tenant, lang));
    struct mail_out mail = {.to = to, .record = m->record->id, .held = m->code.n > 0, .text = str_join(mem, out, S("\n\n")), .reply_to = kind_setting_str(m->kind, m->tenant, m->record->body, "service.mail"),
                            .subject = words_fill(mem, lang, W("core.mail.letter_subject"), "reference", m->record->reference, NULL)};
    return outbox_mail(w, mem, cause_of(mem, m->record->id, cause), S("mail:author"), &mail, now_us);
}
