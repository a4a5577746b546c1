/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finish.c — the reply of a handler becomes a response: policy of caches, entity tag, 304, compression,
   security headers, page cache. */
#include <inttypes.h>
#include "base/hash.h"
#include "web/call.h"

enum { GZIP_LEVEL = 2, GZIP_LEVEL_KEPT = 6, BROTLI_QUALITY_KEPT = 5, GZIP_BYTES_MAX = 4 << 20 };

static void put(struct MHD_Response *r, const char *name, const char *value)
{
    MHD_add_response_header(r, name, value);
}

#define POLICY_BEFORE_IMAGES                                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "         \
    "manifest-src 'self'; "                                                                                  \
    "worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; img-src 'self' data: "  \
    "blob:"
#define POLICY_OTHER "default-src 'none'; img-src 'self'; object-src 'self'; frame-ancestors 'none'"

void security_headers(const struct server *s, struct MHD_Response *r, const char *page_policy, bool https)
{
    put(r, "Content-Security-Policy", page_policy ? page_policy : POLICY_OTHER);
    put(r, "X-Content-Type-Options", "nosniff");
    put(r, "Referrer-Policy",
        "strict-origin-when-cross-origin"); /* no-referrer would send "Origin: null" with our own forms */
    put(r, "Cross-Origin-Opener-Policy", "same-origin");
    put(r, "Cross-Origin-Resource-Policy", "same-origin");
    if (page_policy)
        put(r, "Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()");
    if (s->opt.hsts && https) put(r, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

static bool is_page(const struct call *c)
{
    return c->type && strncmp(c->type, "text/html", 9) == 0;
}

static bool is_cacheable(const struct call *c)
{
    if (!c->cacheable || c->is_private || c->read_headers || c->set_cookie || c->wrote || c->status != 200 ||
        c->q.method != GET || c->pull || c->q.signed_in || !call_is_anonymous(c) || c->has_body)
        return false;
    size_t n =
        c->query
            .n; /* parsed by the first who asked; a parameter nobody read would fill the cache with copies */
    if (c->q.query_string.n && !c->query_parsed) return false;
    return n == 0 || (n < 64 && (~c->queries_read & ((UINT64_C(1) << n) - 1)) == 0);
}

static const char *cache_control(const struct call *c, bool cacheable)
{
    if (cacheable) return "no-cache";
    if (c->is_private || c->q.signed_in || c->status >= 400 || c->q.method != GET ||
        session_token((struct req *)(uintptr_t)&c->q).p)
        return "no-store";
    if (c->public_s > 0) return str_z(c->q.mem, str_fmt(c->q.mem, "public, max-age=%d", c->public_s));
    return c->read_headers || c->set_cookie ? "no-store" : "private, no-cache";
}

static void headers_put(struct call *c, struct MHD_Response *r, bool cacheable, const char *etag)
{
    const char *policy = NULL;
    if (is_page(c)) {
        policy = POLICY_BEFORE_IMAGES;
        if (c->images_from.n)
            policy = str_fmt(c->q.mem, POLICY_BEFORE_IMAGES " %.*s", STR_ARG(c->images_from)).p;
    }
    if (c->type) put(r, "Content-Type", c->type);
    if (etag) put(r, "ETag", etag);
    bool control = false;
    for (size_t i = 0; i < c->headers.n; i++) {
        put(r, c->headers.v[i].name, c->headers.v[i].value.p);
        control = control || str_is_nocase(str_of(c->headers.v[i].name), "cache-control");
    }
    if (!control) put(r, "Cache-Control", cache_control(c, cacheable));
    put(r, "Vary", c->public_s > 0 ? "Accept-Encoding" : "Accept-Encoding, Accept-Language, Cookie");
    if (c->retry_after_s) put(r, "Retry-After", str_fmt(c->q.mem, "%d", c->retry_after_s).p);
    security_headers(c->server, r, policy, c->q.https);
    if (atomic_load(&c->server->stopping)) put(r, "Connection", "close");
}

static struct MHD_Response *response_of(struct call *c, str bytes, enum encoding e, bool cacheable,
                                        const char *etag, enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(bytes.n, (void *)(uintptr_t)(bytes.p ? bytes.p : ""), mode);
    if (!r) return NULL;
    headers_put(c, r, cacheable, etag);
    if (e != ENCODING_NONE) put(r, "Content-Encoding", e == ENCODING_GZIP ? "gzip" : "br");
    return r;
}

/* 64 bits of BLAKE2b: the same on every node. Weak: one tag for all encodings. */
static void etag_make(str bytes, char out[24])
{
    struct hash32 h = hash_blake2b(bytes);
    uint64_t n;
    memcpy(&n, h.b, sizeof n);
    snprintf(out, 24, "W/\"%016" PRIx64 "\"", n);
}

/* Renders for all encodings at once: a page is stored once and sent many times. */
static void page_keep(struct call *c, str plain, const char *etag)
{
    char space[1400];
    str key = call_cache_key(c, space);
    if (!key.p) return;
    struct page_made m = {.topics = c->topics, .topics_n = c->topics_n, .begun_at = c->cache_seq};
    struct page *p = &m.page;
    *p = (struct page){.route = c->q.route, .route_i = c->route_i, .tenant = c->q.tenant_id};
    snprintf(p->etag, sizeof p->etag, "%s", etag);
    buf small = BUF(REPLY_BYTES_MAX);
    for (enum encoding e = 0; e < ENCODING_N; e++) {
        str bytes = e == ENCODING_NONE   ? plain
                    : e == ENCODING_GZIP ? gzip_quick(plain, GZIP_LEVEL_KEPT, &small)
                                         : brotli_quick(plain, BROTLI_QUALITY_KEPT, &small);
        if (!bytes.p) continue;
        p->as[e] = response_of(c, bytes, e, true, etag, MHD_RESPMEM_MUST_COPY);
        p->bytes[e] = bytes.n;
        m.bytes_total += bytes.n + 2048; /* and its headers, about */
    }
    buf_free(&small);
    p->not_modified = response_of(c, STR_NONE, ENCODING_NONE, true, etag, MHD_RESPMEM_PERSISTENT);
    if (p->as[ENCODING_NONE] && p->not_modified && page_store(c->server->cache, key, &m))
        c->cache_note = "stored";
}

/* --- streams ----------------------------------------------------- */
static ssize_t stream_read(void *arg, uint64_t at, char *to, size_t max)
{
    struct call *c = arg;
    if (c->out_at < c->out.n) {
        size_t left = c->out.n - c->out_at, n = left < max ? left : max;
        memcpy(to, c->out.p + c->out_at, n);
        c->out_at += n;
        c->streamed += (int64_t)n;
        watch_progress(c->watched, c->streamed);
        return (ssize_t)n;
    }
    if (c->stream == STREAM_DONE) return MHD_CONTENT_READER_END_OF_STREAM;
    if (c->stream == STREAM_FAILED) return MHD_CONTENT_READER_END_WITH_ERROR;
    return pool_add(c->server, c, TASK_PULL) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void stream_finish(struct call *c)
{
    if (c->out.cap < CHUNK_BYTES) {
        char *p = realloc(c->out.p, CHUNK_BYTES);
        if (!p) return;
        c->out.p = p;
        c->out.cap = CHUNK_BYTES;
    }
    c->out.n = c->out_at = 0;
    uint64_t size = c->stream_bytes < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)c->stream_bytes;
    c->response = MHD_create_response_from_callback(size, 32 * 1024, stream_read, c, NULL);
    if (c->response) headers_put(c, c->response, false, NULL);
}

/* ------------------------------------------------------------------ */
static void small_finish(struct call *c)
{
    str plain = c->has_fixed ? c->fixed : buf_str(&c->out);
    bool cacheable = is_cacheable(c),
         tagged = cacheable || (c->status == 200 && c->q.method == GET &&
                                strcmp(cache_control(c, false), "no-store") != 0);
    char etag[24] = "";
    if (tagged) etag_make(plain, etag);
    if (cacheable) page_keep(c, plain, etag);
    if (tagged && c->in.if_none_match.p && etag_matches(c->in.if_none_match, str_of(etag))) {
        c->status = MHD_HTTP_NOT_MODIFIED;
        c->response = response_of(c, STR_NONE, ENCODING_NONE, cacheable, etag, MHD_RESPMEM_PERSISTENT);
        return;
    }
    buf small = BUF(REPLY_BYTES_MAX);
    str packed = STR_NONE;
    if (c->type && plain.n <= GZIP_BYTES_MAX && type_compresses(c->type) &&
        accept_encodings(c->in.accept_encoding) & 1U << ENCODING_GZIP)
        packed = gzip_quick(plain, GZIP_LEVEL, &small);
    const char *tag = tagged ? etag : NULL;
    if (packed.p) {
        c->response = response_of(c, packed, ENCODING_GZIP, cacheable, tag, MHD_RESPMEM_MUST_FREE);
        c->sent_bytes = (int64_t)packed.n;
        if (c->response) small.p = NULL;
    } else {
        c->response = response_of(c, plain, ENCODING_NONE, cacheable, tag,
                                  MHD_RESPMEM_PERSISTENT); /* c->out lives until the answer has left */
        c->sent_bytes = (int64_t)plain.n;
    }
    buf_free(&small);
}

void call_finish(struct call *c)
{
    if (c->wrote) cookie_set(&c->q, WROTE_COOKIE, S("1"), 5, 0);
    if (c->response) MHD_destroy_response(c->response);
    c->response = NULL;
    if (c->pull)
        stream_finish(c);
    else
        small_finish(c);
}
