/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts by mail and password. */
#include "base/said.h"
#include "core/account.h"
#include "core/letter_template.h"

#include "core/notify.h"
#include "gen/html/site/account.html.h"
#include "gen/html/site/reset.html.h"
#include "gen/html/site/reset_ask.html.h"
#include "gen/html/site/sign_in.html.h"
#include "gen/html/site/sign_up.html.h"
#include "pages/app.h"
#include "site/pages.h"
#include "site/site.h"
#include "web/req.h"

/* Only a path of this site: an address elsewhere would let somebody lead people away with our name. */
static str next_of(str given) { return given.n && given.p[0] == '/' && !str_starts(given, S("//")) && str_find_char(given, '\\') < 0 ? given : STR_NONE; }

static err get_sign_in(struct req *q)
{
    struct page_sign_in p = {.next = next_of(query(q, "suite"))};
    p.l.no_index = true;
    return page_sign_in(q, &p);
}

static err sign_in_now(struct req *q, int64_t account, str next)
{
    str token;
    TRY(session_start(q->db, q->mem, account, clock_now_us(), &token));
    session_cookie_set(q, token, 0);
    return reply_redirect(q, next.n ? next : S("/compte"));
}

static err post_sign_in(struct req *q)
{
    struct page_sign_in p = {.email = str_trim(field(q, "email")), .next = next_of(field(q, "suite"))};
    struct account a;
    TRY(limit_take(q, "sign-in", 30, 15));
    err e = account_sign_in(q->db, q->mem, p.email, field(q, "password"), clock_now_us(), &a);
    if (e.code == OK) return sign_in_now(q, a.id, p.next.n ? p.next : a.is_agent ? S("/agents") : S("/dossiers"));
    if (e.code != E_DENIED && e.code != E_LIMIT) return e;
    p.said = words(q->lang, e.msg);
    p.l.status = e.code == E_LIMIT ? 429 : 422;
    p.l.no_index = true;
    return page_sign_in(q, &p);
}

static err post_sign_out(struct req *q)
{
    str token = session_token(q);
    if (token.n) TRY(session_end(q->db, token));
    session_cookie_clear(q);
    return reply_redirect(q, S("/"));
}

static err get_sign_up(struct req *q)
{
    struct page_sign_up p = {0};
    p.l.no_index = true;
    return page_sign_up(q, &p);
}

static void fault(struct req *q, struct links *l, err e)
{
    PUSH(q->mem, l, (struct link){.label = words(q->lang, e.msg), .at = URL(q->mem, "#{}", str_of(e.at ? e.at : "email"))});
}

static err post_sign_up(struct req *q)
{
    struct page_sign_up p = {.email = str_trim(field(q, "email")), .forename = str_trim(field(q, "forename")), .surname = str_trim(field(q, "surname"))};
    TRY(limit_take(q, "sign-up", 6, 6));
    struct account a = {.email = p.email, .forename = p.forename, .surname = p.surname, .is_active = true};
    int64_t id;
    err e = account_add(q->db, q->mem, &a, field_has(q, "password") ? field(q, "password") : S(""), &id);
    if (e.code == OK) return sign_in_now(q, id, S("/dossiers"));
    if (e.code != E_INVALID && e.code != E_EXISTS) return e;
    fault(q, &p.faults, e);
    p.l.status = 422;
    p.l.no_index = true;
    return page_sign_up(q, &p);
}

static err get_reset_ask(struct req *q)
{
    struct page_reset_ask p = {.email = q->who->email};
    p.l.no_index = true;
    return page_reset_ask(q, &p);
}

struct reset_mail { struct mail_out m; str token; arena *mem; };
static err reset_in_txn(db *w, void *arg)
{
    struct reset_mail *x = arg;
    return outbox_mail(w, x->mem, str_fmt(x->mem, "reset-%.12s", x->token.p), S("mail"), &x->m, clock_now_us());
}

static err post_reset_ask(struct req *q)
{
    struct page_reset_ask p = {.email = str_trim(field(q, "email")), .sent = true};
    TRY(limit_take(q, "reset", 5, 5));
    struct reset_mail x = {.mem = q->mem};
    TRY(account_reset_start(q->db, q->mem, p.email, clock_now_us(), &x.token));
    if (x.token.n) {
        str link = str_fmt(q->mem, "%.*s://%.*s/compte/mot-de-passe/%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host), STR_ARG(x.token));
        x.m = (struct mail_out){.to = p.email, .subject = words(q->lang, W("site.reset.mail_subject")),
                                .text = words_fill(q->mem, q->lang, W("site.reset.mail_text"), "link", link, "town", q->tenant->name, NULL)};
        TRY(db_txn(q->db, reset_in_txn, &x));
    }
    p.l.no_index = true;
    return page_reset_ask(q, &p);
}

static err get_reset(struct req *q)
{
    struct page_reset p = {.action = URL(q->mem, "/compte/mot-de-passe/{}", param(q, "token"))};
    p.l.no_index = true;
    reply_private(q);
    return page_reset(q, &p);
}

static err post_reset(struct req *q)
{
    TRY(limit_take(q, "reset", 10, 10));
    err e = account_reset_finish(q->db, q->mem, param(q, "token"), field(q, "password"), clock_now_us());
    if (e.code == OK) return reply_redirect(q, S("/compte/connexion"));
    if (e.code != E_INVALID) return e;
    struct page_reset p = {.action = URL(q->mem, "/compte/mot-de-passe/{}", param(q, "token"))};
    fault(q, &p.faults, e);
    p.l.status = 422;
    p.l.no_index = true;
    return page_reset(q, &p);
}

static err get_account(struct req *q)
{
    struct page_account p = {.email = q->who->email, .name = q->who->name, .is_agent = may_some(q->who, VERB_LIST), .is_admin = may_some(q->who, VERB_EDIT_KIND)};
    struct account a = {0};
    if (p.is_agent) TRY(account_get(q->db, q->mem, q->who->account, &a));
    struct paper_signature as = {a.forename, a.surname, a.capacity, a.service};
    if (p.is_agent) p.lacks = letter_author_lacks(q->mem, q->lang, &as);
    if (p.is_agent) p.signs = said_in(str_trim(str_fmt(q->mem, "%.*s %.*s, %.*s, %.*s", STR_ARG(a.forename), STR_ARG(a.surname), STR_ARG(a.capacity), STR_ARG(a.service))), LANG_FR);
    p.l.no_index = true;
    return page_account(q, &p);
}

const struct route account_routes[] = {
    {GET, "/compte", RIGHT_SIGNED_IN, get_account, "one's account", 0, NULL, NULL},
    {GET, "/compte/connexion", RIGHT_PUBLIC, get_sign_in, "sign in", 0, NULL, NULL},
    {POST, "/compte/connexion", RIGHT_PUBLIC, post_sign_in, "signs in", ROUTE_SECRET, NULL, NULL},
    {POST, "/compte/deconnexion", RIGHT_PUBLIC, post_sign_out, "signs out", 0, NULL, NULL},
    {GET, "/compte/inscription", RIGHT_PUBLIC, get_sign_up, "open an account", 0, NULL, NULL},
    {POST, "/compte/inscription", RIGHT_PUBLIC, post_sign_up, "opens an account", ROUTE_SECRET, NULL, NULL},
    {GET, "/compte/mot-de-passe", RIGHT_PUBLIC, get_reset_ask, "ask for a new password", 0, NULL, NULL},
    {POST, "/compte/mot-de-passe", RIGHT_PUBLIC, post_reset_ask, "mails a link for a new password", 0, NULL, NULL},
    {GET, "/compte/mot-de-passe/:token", RIGHT_PUBLIC, get_reset, "choose a new password", 0, NULL, NULL},
    {POST, "/compte/mot-de-passe/:token", RIGHT_PUBLIC, post_reset, "sets the new password", ROUTE_SECRET, NULL, NULL},
    {0}};
