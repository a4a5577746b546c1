/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Letters at the desk: read, withdrawn, replaced; and why results are what they are. */
#include "base/clock.h"
#include "core/audit.h"
#include "pages/letters.h"
#include "pages/upload.h"
#include "pages/why.h"
#include "site/desk.h"
#include "view/clean.h"

struct desk_letter { struct held h; struct sent_letter l; str base; };

static err desk_letter(struct req *q, enum verb v, struct desk_letter *x)
{
    TRY(desk_get(q, v, &x->h));
    x->base = str_fmt(q->mem, "/agents/dossiers/%.*s", STR_ARG(x->h.reference));
    return letter_of_route(q, &x->h, &x->l);
}

static struct url act_at(struct req *q, const struct desk_letter *x, const char *act)
{
    return url_web(str_fmt(q->mem, "%.*s/courriers/%.*s%s", STR_ARG(x->base), STR_ARG(letter_code_shown(q->mem, x->l.code)), act));
}

/* The questions of its transition with what was answered, or, after a fault, what was just typed. */
static err acts_draw(struct req *q, struct desk_letter *x, struct page_letter *p, const json_t *asks, const struct answer_faults *faults)
{
    const struct transition *t = kind_transition(x->h.kind, x->l.transition);
    json_t *was;
    if (!str_is(x->l.state, "valid") || may(q->who, VERB_HANDLE, &x->h.record).code != OK) return NO_ERR;
    TRY(letter_asks(q->db, q->mem, &x->l, &was));
    p->acts.withdraw = act_at(q, x, "/retirer");
    p->acts.replace = act_at(q, x, "/remplacer");
    if (!t) return NO_ERR;
    buf *b = page_buf(q, 1 << 20);
    struct form_draw draw = {.out = b, .mem = q->mem, .env = &x->h.env, .kind = x->h.kind, .doc = asks ? asks : was, .faults = faults, .rich = clean_rich, .base_url = x->base,
                             .id_prefix = S("ask-"), .typed = faults ? form_typed : NULL, .typed_arg = q};
    form_draw_fields(&draw, &t->asks, S(""));
    p->acts.asks = html_safe(buf_str(b));
    return NO_ERR;
}

static err show(struct req *q, struct desk_letter *x, struct page_letter *p, const json_t *asks, const struct answer_faults *faults)
{
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_READ, x->h.record.id, STR_NONE, clock_now_us()));
    TRY(acts_draw(q, x, p, asks, faults));
    p->l.is_desk = true;
    p->l.scripts |= SCRIPT_FORM;
    return letter_page(q, &x->h, &x->l, x->base, p);
}

static err get_letter(struct req *q)
{
    struct desk_letter x;
    struct page_letter p = {0};
    TRY(desk_letter(q, VERB_SEE, &x));
    if (query(q, "fait").n) p.l.notice = words(q->lang, str_is(query(q, "fait"), "retrait") ? W("letters.done_withdrawn") : W("letters.done_replaced"));
    return show(q, &x, &p, NULL, NULL);
}

static err get_pdf(struct req *q)
{
    struct desk_letter x;
    TRY(desk_letter(q, VERB_SEE, &x));
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_FILE, x.h.record.id, str_fmt(q->mem, "%lld", (long long)x.l.file), clock_now_us()));
    return letter_pdf_send(q, &x.h, &x.l);
}

static struct letter_act act_of(struct req *q, const struct desk_letter *x)
{
    return (struct letter_act){.who = q->who, .tenant = q->tenant, .kind = x->h.kind, .letter = x->l.id, .reason = str_trim(field(q, "reason")), .now_us = clock_now_us()};
}

/* What did not go through: the letter as it is now, and what was typed. */
static err failed(struct req *q, struct desk_letter *x, err e, bool replacing, const json_t *asks, const struct answer_faults *faults)
{
    struct page_letter p = {.l.status = e.code == E_CONFLICT ? 409 : 422, .acts = {.said = field(q, "reason"), .is_open_replace = replacing, .is_open_withdraw = !replacing}};
    for (size_t i = 0; faults && i < faults->n; i++) PUSH(q->mem, &p.faults, fault_link(q, &faults->v[i], URL(q->mem, "#ask-{}", faults->v[i].path)));
    if (e.code == E_INVALID && str_is(str_of(e.msg), "letter.reason_missing"))
        PUSH(q->mem, &p.faults, (struct link){.label = words(q->lang, e.msg), .at = replacing ? URL_LIT("#reason") : URL_LIT("#why")});
    else if (e.code != OK) p.conflict = str_trim(str_fmt(q->mem, "%.*s %s", STR_ARG(words(q->lang, e.msg)), e.at ? e.at : ""));
    TRY(desk_letter(q, VERB_HANDLE, x));
    return show(q, x, &p, asks, faults);
}

static err post_withdraw(struct req *q)
{
    struct desk_letter x;
    TRY(desk_letter(q, VERB_HANDLE, &x));
    struct letter_act a = act_of(q, &x);
    err e = letter_withdraw(q->db, q->mem, &a);
    if (e.code == E_CONFLICT || e.code == E_INVALID) return failed(q, &x, e, false, NULL, NULL);
    TRY(e);
    return reply_redirect(q, url_str(act_at(q, &x, "?fait=retrait")));
}

static err post_replace(struct req *q)
{
    struct desk_letter x;
    struct sent_letter next;
    struct answer_faults faults = {0};
    json_t *asks = json_own(q->mem, json_object());
    TRY(desk_letter(q, VERB_HANDLE, &x));
    const struct transition *t = kind_transition(x.h.kind, x.l.transition);
    if (t) TRY(answers_read_fields(&t->asks, q->mem, form_typed, q, &x.h.env, &asks, &faults));
    if (faults.n) return failed(q, &x, NO_ERR, true, asks, &faults);
    struct letter_act a = act_of(q, &x);
    a.asks = asks;
    err e = letter_replace(q->db, q->mem, &a, &next);
    if (e.code == E_CONFLICT || e.code == E_INVALID) return failed(q, &x, e, true, asks, NULL);
    TRY(e);
    x.l = next;
    return reply_redirect(q, url_str(act_at(q, &x, "?fait=remplacement")));
}

static err get_why(struct req *q)
{
    struct held h;
    struct page_why p = {0};
    TRY(desk_get(q, VERB_SEE, &h));
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_READ, h.record.id, STR_NONE, clock_now_us()));
    p.l.is_desk = true;
    return why_page(q, &h, true, &p);
}

static err get_why_json(struct req *q)
{
    struct held h;
    TRY(desk_get(q, VERB_SEE, &h));
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_READ, h.record.id, STR_NONE, clock_now_us()));
    return why_json(q, &h);
}

const struct route desk_letter_routes[] = {
    {GET, "/agents/dossiers/:ref/pourquoi", RIGHT_AGENT, get_why, "why the results of a dossier are what they are", 0, NULL, NULL},
    {GET, "/agents/dossiers/:ref/pourquoi.json", RIGHT_AGENT, get_why_json, "the same, for a program: the trace", 0, NULL, NULL},
    {GET, "/agents/dossiers/:ref/courriers/:code", RIGHT_AGENT, get_letter, "a letter that was sent", 0, NULL, NULL},
    {GET, "/agents/dossiers/:ref/courriers/:code/pdf", RIGHT_AGENT, get_pdf, "a letter that was sent, as PDF", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/courriers/:code/retirer", RIGHT_AGENT, post_withdraw, "withdraws a letter, with a reason", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/courriers/:code/remplacer", RIGHT_AGENT, post_replace, "replaces a letter by another, with a reason", 0, NULL, NULL},
    {0}};
