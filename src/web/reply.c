/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/call.h"

void reply_reset(struct call *c)
{
    if (c->pull_end) c->pull_end(c->pull_arg);
    c->pull = NULL;
    c->pull_end = NULL;
    c->pull_arg = NULL;
    c->has_fixed = false;
    size_t kept = 0;
    for (size_t i = 0; i < c->headers.n; i++)
        if (c->headers.v[i].always) c->headers.v[kept++] = c->headers.v[i];
    c->headers.n = kept;
    c->wrote = false;
    c->status = 0;
    c->type = NULL;
    c->out.n = 0;
    c->out.full = false;
    c->out.max_bytes = REPLY_BYTES_MAX;
}

static struct call *body_begin(struct req *q, int status, const char *type)
{
    struct call *c = call_of(q);
    if (c->pull_end) c->pull_end(c->pull_arg);
    c->pull = NULL;
    c->pull_end = NULL;
    c->has_fixed = false;
    c->out.n = 0;
    c->out.full = false;
    c->out.max_bytes = REPLY_BYTES_MAX;
    c->status = status;
    c->type = type;
    return c;
}

buf *reply_buf(struct req *q, int status, const char *type)
{
    return &body_begin(q, status, type)->out;
}

buf *reply_html(struct req *q, int status)
{
    return reply_buf(q, status, "text/html; charset=utf-8");
}

err reply_bytes(struct req *q, int status, const char *type, str bytes)
{
    buf_put(reply_buf(q, status, type), bytes);
    return NO_ERR;
}

err reply_text(struct req *q, int status, str text)
{
    return reply_bytes(q, status, "text/plain; charset=utf-8", text);
}

err reply_json(struct req *q, int status, str json)
{
    return reply_bytes(q, status, "application/json", json);
}

err reply_static(struct req *q, int status, const char *type, str bytes)
{
    struct call *c = body_begin(q, status, type);
    c->fixed = bytes;
    c->has_fixed = true;
    return NO_ERR;
}

err reply_empty(struct req *q, int status)
{
    body_begin(q, status, NULL);
    return NO_ERR;
}

err reply_redirect(struct req *q, str url)
{
    bool ours = url.n && url.p[0] == '/' && !(url.n > 1 && (url.p[1] == '/' || url.p[1] == '\\'));
    return reply_redirect_to(q, 303, ours ? url : S("/"));
}

err reply_redirect_to(struct req *q, int status, str url)
{
    body_begin(q, status, NULL);
    reply_header(q, "Location", url);
    return NO_ERR;
}

err reply_stream(struct req *q, const char *type, int64_t size_bytes, pull_fn pull, void *arg,
                 void (*end)(void *arg))
{
    struct call *c = body_begin(q, 200, type);
    c->pull = pull;
    c->pull_arg = arg;
    c->pull_end = end;
    c->stream = STREAM_GOING;
    c->stream_bytes = size_bytes;
    return NO_ERR;
}

void reply_attachment(struct req *q, str file_name)
{
    buf b = BUF(4096);
    buf_lit(&b, "attachment; filename=\"");
    for (size_t i = 0; i < file_name.n; i++) {
        char ch = file_name.p[i];
        buf_char(&b, ch >= 0x20 && ch < 0x7F && ch != '"' && ch != '\\' && ch != '%' && ch != '/' ? ch : '_');
    }
    buf_lit(&b, "\"; filename*=UTF-8''");
    buf_url(&b, file_name);
    reply_header(q, "Content-Disposition", str_copy(q->mem, buf_str(&b)));
    buf_free(&b);
}

void reply_header(struct req *q, const char *name, str value)
{
    struct call *c = call_of(q);
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 && value.p[i] != '\t') return;
    struct header_out h = {name, str_copy(q->mem, value), false};
    PUSH(q->mem, &c->headers, h);
}

void reply_header_always(struct req *q, const char *name, str value)
{
    struct call *c = call_of(q);
    size_t n = c->headers.n;
    reply_header(q, name, value);
    if (c->headers.n > n) c->headers.v[n].always = true;
}

int reply_status(const struct req *q)
{
    return ((const struct call *)q)->status;
}

void reply_retry_after(struct req *q, int seconds)
{
    call_of(q)->retry_after_s = seconds;
}

void reply_cache(struct req *q, const char *topic, ...)
{
    struct call *c = call_of(q);
    va_list ap;
    va_start(ap, topic);
    for (const char *t = topic; t; t = va_arg(ap, const char *)) {
        if (c->topics_n == TOPICS_MAX) {
            c->is_private =
                true; /* a page tied to more than can be kept is never stale if it is never kept */
            break;
        }
        c->topics[c->topics_n++] = str_z(q->mem, str_of(t));
    }
    va_end(ap);
    c->cacheable = true;
}

void reply_private(struct req *q)
{
    call_of(q)->is_private = true;
}

void reply_public_for(struct req *q, int seconds)
{
    call_of(q)->public_s = seconds;
}

void reply_allow_images(struct req *q, str origin)
{
    struct call *c = call_of(q);
    for (size_t i = 0; i < origin.n; i++)
        if ((unsigned char)origin.p[i] <= 0x20 || origin.p[i] == ';' || origin.p[i] == ',') return;
    c->images_from = str_copy(q->mem, origin);
}

void cookie_set(struct req *q, const char *name, str value, int64_t max_age_s, unsigned flags)
{
    buf b = BUF(8192);
    buf_fmt(&b, "%s=", name);
    buf_url(&b, value);
    buf_lit(&b, "; Path=/");
    if (max_age_s) buf_fmt(&b, "; Max-Age=%lld", (long long)(max_age_s < 0 ? 0 : max_age_s));
    buf_lit(&b, flags & COOKIE_STRICT ? "; SameSite=Strict" : "; SameSite=Lax");
    if (!(flags & COOKIE_SCRIPT)) buf_lit(&b, "; HttpOnly");
    if (q->https) buf_lit(&b, "; Secure");
    if (!b.full) reply_header(q, "Set-Cookie", buf_str(&b));
    buf_free(&b);
    call_of(q)->set_cookie = true;
}

void cookie_clear(struct req *q, const char *name)
{
    cookie_set(q, name, S(""), -1, 0);
}

void session_cookie_set(struct req *q, str token, int64_t max_age_s)
{
    cookie_set(q, q->https ? SESSION_COOKIE_SECURE : SESSION_COOKIE, token, max_age_s, 0);
}

void session_cookie_clear(struct req *q)
{
    cookie_clear(q, q->https ? SESSION_COOKIE_SECURE : SESSION_COOKIE);
}

void reply_wrote(struct req *q)
{
    call_of(q)->wrote = true;
}
