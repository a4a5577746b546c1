/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* run.c — what a worker does with a call: enter, rights, body, handler, answer. */
#include "base/said.h"
#include "web/call.h"

int status_of(enum err_code code)
{
    switch (code) {
    case OK: return 200;
    case E_INVALID: return 422;
    case E_MALFORMED: return 400;
    case E_NOT_FOUND: return 404;
    case E_HOST: return 421;
    case E_GONE: return 410;
    case E_SIGN_IN: return 401;
    case E_DENIED: return 403;
    case E_CONFLICT:
    case E_EXISTS: return 409;
    case E_TOO_LARGE: return 413;
    case E_LIMIT: return 429;
    case E_BUSY:
    case E_IO: return 503;
    case E_FULL: return 507;
    default: return 500;
    }
}

/* The tenant and the person once, the connection to the database for each stretch of work. */
err call_enter(struct call *c)
{
    const struct server_hooks *h = &c->server->opt.hooks;
    err e = NO_ERR;
    if (!c->entered) {
        c->cache_seq = page_cache_now(c->server->cache);
        if (h->enter) e = h->enter(&c->q);
        c->entered = c->lent = e.code == OK;
        if (e.code == E_HOST && c->q.route && c->q.route->flags & ROUTE_ANY_HOST) return NO_ERR;
    } else if (!c->lent && h->lend) {
        e = h->lend(&c->q);
        c->lent = e.code == OK;
    }
    return e;
}

void call_leave(struct call *c)
{
    if (c->lent && c->server->opt.hooks.leave) c->server->opt.hooks.leave(&c->q);
    c->lent = false;
    c->q.db = NULL;
}

err call_admit(struct call *c)
{
    if (c->admitted) return NO_ERR;
    TRY(origin_check(c));
    if (c->server->opt.hooks.allow) TRY(c->server->opt.hooks.allow(&c->q, c->q.route));
    if (c->q.route->flags & (ROUTE_STREAM | ROUTE_RAW))
        TRY(token_check(c)); /* their bytes are used as they come */
    c->admitted = true;
    return NO_ERR;
}

static void error_json(struct req *q, err e, int status)
{
    buf *b = reply_buf(q, status, "application/json");
    buf_lit(b, "{\"error\":{\"code\":");
    buf_json(b, str_of(err_name(e.code)));
    buf_lit(b, ",\"message\":");
    buf_json(b, words(q->lang, e.msg));
    if (e.at) {
        buf_lit(b, ",\"at\":");
        buf_json(b, str_of(e.at));
    }
    buf_lit(b, ",\"request\":");
    buf_json(b, q->request_id);
    buf_lit(b, "}}\n");
}

/* When no hook writes a better one. */
static void error_plain(struct req *q, err e, int status)
{
    buf *b = reply_html(q, status);
    str text = words(q->lang, e.msg);
    buf_fmt(b,
            "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
            "content=\"width=device-width\"><title>",
            q->lang == LANG_EN ? "en" : "fr");
    buf_html(b, text);
    buf_fmt(b, "</title><h1>%d</h1><p>", status);
    buf_html(b, text);
    if (e.at) {
        buf_lit(b, " (");
        buf_html(b, str_of(e.at));
        buf_lit(b, ")");
    }
    buf_lit(b, "</p>\n");
}

static void allow_header(struct call *c)
{
    unsigned set = c->allowed | (c->allowed & 1U << GET ? 1U << HEAD : 0) | 1U << OPTIONS;
    str list = STR_NONE;
    for (unsigned m = GET; m < METHOD_N; m++)
        if (set & 1U << m)
            list = str_fmt(c->q.mem, "%.*s%s%s", STR_ARG(list), list.n ? ", " : "",
                           method_name((enum http_method)m));
    reply_header(&c->q, "Allow", list);
}

static void log_error(struct call *c, err e, int status)
{
    if (status < 500 || status == 501) return; /* not ours */
    buf m = BUF(2048);
    buf_fmt(&m, "\"status\":%d,\"id\":\"%s\",\"route\":", status, c->id_z);
    buf_json(&m, str_of(c->q.route ? c->q.route->path : "-"));
    buf_lit(&m, ",\"error\":");
    buf_json(&m, str_of(e.msg));
    if (e.at) {
        buf_lit(&m, ",\"at_where\":");
        buf_json(&m, str_of(e.at));
    }
    log_json(e.code == E_BUSY ? LOG_WARN : LOG_ERROR, "request", buf_str(&m));
    buf_free(&m);
}

static void fail(struct call *c, err e)
{
    struct req *q = &c->q;
    int status = c->status_forced ? c->status_forced : status_of(e.code);
    bool api = q->route && q->route->flags & ROUTE_API;
    reply_reset(c);
    if (!e.msg) e.msg = W("web.internal");
    if (status == 405) allow_header(c);
    if (status == 401 && api) reply_header(q, "WWW-Authenticate", S("Bearer"));
    if ((status == 503 || status == 507) && !c->retry_after_s) c->retry_after_s = status == 503 ? 5 : 60;
    log_error(c, e, status);
    if (c->server->opt.hooks.error_page) c->server->opt.hooks.error_page(q, e, status);
    if (c->out.n == 0 || c->out.full) {
        c->out.n = 0;
        c->out.full = false;
        if (api)
            error_json(q, e, status);
        else
            error_plain(q, e, status);
    }
    c->status = status;
    c->is_private = true;
    c->topics_n = 0;
}

/* "/signaler/" is sent to "/signaler". True when it was. */
static bool slash_redirect(struct call *c)
{
    str p = c->q.path;
    if (c->refused.code != E_NOT_FOUND || c->q.method != GET || p.n < 2 || p.p[p.n - 1] != '/' ||
        p.p[1] == '/')
        return false;
    const struct route *r;
    struct route_params params;
    unsigned allowed;
    str without = str_cut(p, 0, p.n - 1);
    if (router_find(c->server->router, c->q.mem, GET, without, &r, &params, &allowed).code != OK)
        return false;
    str qs = c->q.query_string;
    reply_redirect_to(&c->q, 301,
                      str_fmt(c->q.mem, "%.*s%s%.*s", STR_ARG(without), qs.p ? "?" : "", STR_ARG(qs)));
    return true;
}

static err handle(struct call *c)
{
    TRY(call_admit(c));
    TRY(body_finish(c));
    TRY(token_check(c));
    if (c->q.method != GET && c->q.method != OPTIONS) reply_wrote(&c->q);
    said_forget();
    err e = c->q.route->fn(&c->q);
    /* A handler may have taken what could not be read for what is not there: "no such dossier", "not in the list". */
    if (c->q.db && db_trouble(c->q.db).code != OK) return db_trouble(c->q.db);
    TRY(e);
    if (!c->status) return FAIL(E_INTERNAL, "web.no_reply");
    return c->out.full ? FAIL(E_INTERNAL, "web.reply.too_large") : NO_ERR;
}

void call_run(struct call *c)
{
    c->ran = true;
    if (c->method == OPTIONS && c->status_forced == 405) {
        allow_header(c);
        c->refused = reply_empty(&c->q, 204);
    } else if (!slash_redirect(c)) {
        err entered = call_enter(c), e = c->refused;
        if (e.code == OK) e = entered;
        if (e.code == OK) e = handle(c);
        if (e.code != OK) fail(c, e);
    }
    call_finish(c);
    call_leave(c);
}

void call_pull(struct call *c)
{
    err e = call_enter(c);
    size_t got = 0;
    if (e.code == OK) e = c->pull(&c->q, c->pull_arg, c->out.p, CHUNK_BYTES, &got);
    call_leave(c);
    c->out.n = got;
    c->out_at = 0;
    if (e.code != OK) {
        c->stream = STREAM_FAILED;
        log_error(c, e, 500);
    } else if (got == 0) {
        c->stream = STREAM_DONE;
    }
}
