/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answer_now.c — answers made beforehand, sent by an event thread without a worker: pages of the cache,
   assets, and two refusals. */
#include "web/call.h"

enum { KEY_URL_MAX = 1024, KEY_BYTES_MAX = KEY_URL_MAX + 300 };

/* brotli first: smaller. Some clients list it and gzip at equal weights. */
static enum encoding choose(unsigned takes, struct MHD_Response *const as[ENCODING_N])
{
    if (as[ENCODING_BROTLI] && (takes & 1U << ENCODING_BROTLI)) return ENCODING_BROTLI;
    if (as[ENCODING_GZIP] && (takes & 1U << ENCODING_GZIP)) return ENCODING_GZIP;
    return ENCODING_NONE;
}

static str asset_name(str path, str *tag)
{
    str name;
    *tag = str_split(str_cut(path, 3, path.n), '/', &name);
    return name;
}

static bool answer_asset(struct call *c, enum MHD_Result *out)
{
    const struct asset_table *t = c->server->opt.assets;
    str tag, name = asset_name(c->q.path, &tag);
    const struct asset *a = t ? asset_find(t, name) : NULL;
    if (!a) return false;
    metrics_event(c->server->metrics, METRIC_ASSET);
    if (!str_is(tag, t->tag)) { /* a page of before the last version: its link still works */
        struct MHD_Response *r =
            MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
        MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, asset_url(c->q.mem, t, a->name).p);
        MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
        *out = answer_fixed(c, r, MHD_HTTP_FOUND);
        MHD_destroy_response(r);
        return true;
    }
    size_t i = (size_t)(a - t->v);
    if (c->in.if_none_match.p && etag_matches(c->in.if_none_match, str_fmt(c->q.mem, "\"%s\"", t->tag))) {
        *out = answer_fixed(c, c->server->asset_unchanged[i], MHD_HTTP_NOT_MODIFIED);
        return true;
    }
    struct MHD_Response **as = &c->server->asset_responses[i * ENCODING_N];
    enum encoding e = choose(accept_encodings(c->in.accept_encoding), as);
    c->sent_bytes = (int64_t)(e == ENCODING_NONE ? a->plain_n : e == ENCODING_GZIP ? a->gzip_n : a->brotli_n);
    *out = answer_fixed(c, as[e], MHD_HTTP_OK);
    return true;
}

bool call_is_anonymous(const struct call *c)
{
    return !c->in.authorization.p && !cookie_raw(c->in.cookie, SESSION_COOKIE).p &&
           !cookie_raw(c->in.cookie, SESSION_COOKIE_SECURE).p;
}

/* Who has just written sees fresh pages, which must not be kept under the key of all either: a render may be
   older than a bump elsewhere. */
static bool has_just_written(const struct call *c)
{
    return cookie_raw(c->in.cookie, WROTE_COOKIE).p != NULL;
}

str call_cache_key(const struct call *c, char *to)
{
    if (c->raw_url.n > KEY_URL_MAX) return STR_NONE;
    char *p = to;
    *p++ = (char)('0' + (c->q.https ? 1 : 0) + 2 * (int)c->lang_asked);
    memcpy(p, c->q.host.p, c->q.host.n);
    p += c->q.host.n;
    *p++ = '\n';
    memcpy(p, c->raw_url.p, c->raw_url.n);
    return (str){to, (size_t)(p - to) + c->raw_url.n};
}

bool answer_from_memory(struct call *c, enum MHD_Result *out)
{
    c->lang_asked = c->q.lang;
    if (str_starts(c->q.path, S("/s/"))) return answer_asset(c, out);
    if ((c->in.cookie.p || c->in.authorization.p) && (!call_is_anonymous(c) || has_just_written(c)))
        return false;
    char space[KEY_BYTES_MAX];
    str key = call_cache_key(c, space);
    const struct page *p = key.p ? page_get(c->server->cache, key) : NULL;
    if (!p) return false;
    metrics_event(c->server->metrics, METRIC_HIT);
    c->q.route = p->route;
    c->route_i = p->route_i;
    c->q.tenant_id = p->tenant;
    c->cache_note = "hit";
    if (c->in.if_none_match.p && etag_matches(c->in.if_none_match, str_of(p->etag))) {
        *out = answer_fixed(c, p->not_modified, MHD_HTTP_NOT_MODIFIED);
    } else {
        enum encoding e = choose(accept_encodings(c->in.accept_encoding), p->as);
        c->sent_bytes = (int64_t)p->bytes[e];
        *out = answer_fixed(c, p->as[e], MHD_HTTP_OK);
        watch_progress(c->watched, c->sent_bytes);
    }
    page_put(p);
    return true;
}

/* In every language: nothing is known of the reader yet. */
static struct MHD_Response *fixed(struct server *s, const char *key)
{
    str text = S("");
    for (enum lang l = 0; l < LANG_N; l++)
        text = str_fmt(s->mem, "%.*s%.*s\n", STR_ARG(text), STR_ARG(words(l, key)));
    return MHD_create_response_from_buffer(text.n, (void *)(uintptr_t)text.p, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *asset_response(const struct server *s, const struct asset *a, enum encoding e)
{
    const unsigned char *p = e == ENCODING_NONE ? a->plain : e == ENCODING_GZIP ? a->gzip : a->brotli;
    size_t n = e == ENCODING_NONE ? a->plain_n : e == ENCODING_GZIP ? a->gzip_n : a->brotli_n;
    if (!p && e != ENCODING_NONE) return NULL;
    char etag[40];
    struct MHD_Response *r = MHD_create_response_from_buffer(
        n, (void *)(uintptr_t)(p ? p : (const unsigned char *)""), MHD_RESPMEM_PERSISTENT);
    snprintf(etag, sizeof etag, "\"%s\"", s->opt.assets->tag);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "public, max-age=31536000, immutable");
    MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
    MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
    if (e != ENCODING_NONE)
        MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_ENCODING, e == ENCODING_GZIP ? "gzip" : "br");
    security_headers(s, r, NULL, false);
    return r;
}

err answers_prepare(struct server *s)
{
    s->busy = fixed(s, W("web.busy"));
    s->too_large = fixed(s, W("web.body.too_large"));
    if (!s->busy || !s->too_large) return FAIL(E_BUSY, "web.memory");
    MHD_add_response_header(s->busy, MHD_HTTP_HEADER_RETRY_AFTER, "3");
    struct MHD_Response *both[] = {s->busy, s->too_large};
    for (size_t i = 0; i < 2; i++) {
        MHD_add_response_header(both[i], MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
        MHD_add_response_header(both[i], MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        security_headers(s, both[i], NULL, false);
    }
    size_t n = s->opt.assets ? s->opt.assets->n : 0;
    s->asset_responses = NEW_N(s->mem, struct MHD_Response *, n * ENCODING_N + 1);
    s->asset_unchanged = NEW_N(s->mem, struct MHD_Response *, n + 1);
    for (size_t i = 0; i < n; i++) {
        for (enum encoding e = 0; e < ENCODING_N; e++)
            s->asset_responses[i * ENCODING_N + e] = asset_response(s, &s->opt.assets->v[i], e);
        struct asset empty = s->opt.assets->v[i];
        empty.plain_n = 0;
        s->asset_unchanged[i] = asset_response(s, &empty, ENCODING_NONE);
    }
    return NO_ERR;
}

void answers_free(struct server *s)
{
    if (s->busy) MHD_destroy_response(s->busy);
    if (s->too_large) MHD_destroy_response(s->too_large);
    size_t n = s->opt.assets && s->asset_responses ? s->opt.assets->n : 0;
    for (size_t i = 0; i < n * ENCODING_N; i++)
        if (s->asset_responses[i]) MHD_destroy_response(s->asset_responses[i]);
    for (size_t i = 0; i < n; i++) MHD_destroy_response(s->asset_unchanged[i]);
}
