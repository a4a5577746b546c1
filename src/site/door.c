/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "site/door.h"

#include <string.h>

#include "core/account.h"
#include "gen/html/site/error.html.h"
#include "gen/html/site/sign_in.html.h"
#include "pages/app.h"
#include "site/pages.h"
#include "view/page.h"

static err door_enter(struct req *q)
{
    struct app *app = q->app;
    q->who = &WHO_NOBODY;
    q->tenant = tenants_by_host(app->tenants, q->host_name);
    if (!q->tenant) return FAIL(E_HOST, "door.host");
    q->tenant_id = q->tenant->id;
    TRY(store_read(app->store, q->tenant->id, &q->db));
    str token = session_token(q);
    if (!token.n) return NO_ERR;
    struct who *who = NEW(q->mem, struct who);
    err e = session_who(q->db, q->mem, token, clock_now_us(), who);
    if (e.code == E_SIGN_IN) {                  /* an old cookie: the page is shown as to anybody */
        session_cookie_clear(q);
        return NO_ERR;
    }
    if (e.code != OK) {
        db_done(q->db);
        q->db = NULL;
        return e;
    }
    q->who = who;
    q->signed_in = true;
    return NO_ERR;
}

static err door_allow(struct req *q, const struct route *route)
{
    if (route->right == RIGHT_LOOPBACK && !str_is(q->ip, "127.0.0.1") && !str_is(q->ip, "::1")) return FAIL(E_NOT_FOUND, "rights.not_found");
    return right_allows(q->who, (enum right)route->right);
}

static err door_lend(struct req *q) { return q->tenant ? store_read(q->app->store, q->tenant->id, &q->db) : NO_ERR; }

static void door_leave(struct req *q)
{
    if (q->db) db_done(q->db);
    q->db = NULL;
}

/* "l. 3, col. 14" of a text that could not be read, as numbers too. */
static void place_json(buf *b, err e)
{
    int64_t line, column;
    str at = str_of(e.at), rest;
    if (e.code != E_MALFORMED || !str_starts(at, S("l. "))) return;
    str first = str_split(str_cut(at, 3, at.n), ',', &rest);
    if (!str_starts(rest, S(" col. ")) || str_i64(first, &line).code != OK || str_i64(str_cut(rest, 6, rest.n), &column).code != OK) return;
    buf_lit(b, ",\"line\":");
    buf_i64(b, line);
    buf_lit(b, ",\"column\":");
    buf_i64(b, column);
}

static void error_json(struct req *q, err e, int status)
{
    buf *b = reply_buf(q, status, "application/problem+json");      /* RFC 9457 */
    buf_lit(b, "{\"type\":\"about:blank\",\"status\":");
    buf_i64(b, status);
    buf_lit(b, ",\"code\":");
    buf_json(b, str_of(err_name(e.code)));
    buf_lit(b, ",\"title\":");
    buf_json(b, words(q->lang, e.msg));
    if (status == 503 || status == 507) {
        buf_lit(b, ",\"detail\":");
        buf_json(b, words(q->lang, W("site.error.detail")));
    }
    if (e.at) {
        buf_lit(b, ",\"at\":");
        buf_json(b, str_of(e.at));
        place_json(b, e);
    }
    buf_char(b, '}');
}

static bool may_help_again(int status) { return status == 413 || status == 429 || status >= 500; }

/* What was typed is given back in the page, with a button to send it again. What opens an account or a dossier
   is not: its form is filled again. */
static void form_give_back(struct req *q, struct page_error *p)
{
    const struct pairs *typed = fields(q);
    struct upload **files;
    size_t n = uploads(q, &files);
    if (q->route->flags & ROUTE_SECRET) return;
    for (size_t i = 0; i < typed->n; i++)
        if (!q->signed_in || !str_is(typed->v[i].name, "csrf")) PUSH(q->mem, &p->words, (struct error_word){typed->v[i].name, typed->v[i].value});
    for (size_t i = 0; i < n; i++) PUSH(q->mem, &p->files, (struct error_file){files[i]->field, files[i]->file_name, str_fmt(q->mem, "f-%zu", i)});
    p->again = url_web(form_address(q));
}

static void door_error(struct req *q, err e, int status)
{
    if (q->route ? (q->route->flags & ROUTE_API) != 0 : str_starts(q->path, S("/api/"))) {
        error_json(q, e, status);
        return;
    }
    if (e.code == E_SIGN_IN && q->method == GET && q->tenant) {
        struct page_sign_in p = {.next = q->path, .l = {.status = status, .no_index = true}};
        if (page_sign_in(q, &p).code != OK) reply_text(q, status, words(q->lang, e.msg));
        return;
    }
    struct page_error p = {.status = status, .request_id = q->request_id};
    p.said = words(q->lang, e.msg);
    p.where = str_of(e.at);
    p.can_sign_in = e.code == E_DENIED && !q->signed_in;
    p.posted = q->method != GET;
    if (may_help_again(status) && form_came(q)) form_give_back(q, &p);
    if (status >= 500 && !p.posted) p.again = url_web(form_address(q));
    p.l.status = status;
    p.l.no_index = true;
    if (page_error(q, &p).code != OK) reply_text(q, status, p.said);
}

const struct server_hooks door_hooks = {.enter = door_enter, .allow = door_allow, .error_page = door_error, .lend = door_lend, .leave = door_leave};
