/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* events.c — libmicrohttpd's callbacks, on its event threads: nothing here waits for a disk, a database or a
   lock held for long. */
#include "web/call.h"

enum { CONNECTION_MEMORY_BYTES = 32 * 1024, DRAIN_BYTES_MAX = 512 << 20, PIECE_WAIT_US = 1000 * 1000 };

static void id_make(struct call *c)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t n = atomic_fetch_add_explicit(&c->server->id_next, 1, memory_order_relaxed);
    memcpy(c->id_z, c->server->id_prefix, 8);
    for (int i = 15; i >= 8; i--, n >>= 4) c->id_z[i] = digits[n & 15];
    c->id_z[16] = 0;
    c->q.request_id = (str){c->id_z, 16};
}

static struct watched *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return i ? i->socket_context : NULL;
}

/* The request line is there: the raw URL is kept before libmicrohttpd cuts it up. */
static void *on_request_line(void *arg, const char *uri, struct MHD_Connection *connection)
{
    struct server *s = arg;
    struct call *c = call_take(s);
    if (!c) return NULL;
    c->connection = connection;
    c->watched = watched_of(connection);
    watch_phase(c->watched, WATCH_HEADER);
    id_make(c);
    c->route_i = router_count(s->router);
    str url = str_of(uri);
    if (url.n > URL_MAX)
        c->status_forced = MHD_HTTP_URI_TOO_LONG;
    else
        c->raw_url = str_copy(c->q.mem, url);
    c->q.path = str_split(c->raw_url, '?', &c->q.query_string);
    atomic_fetch_add(&s->in_flight, 1);
    return c;
}

static void keep(str *to, str v)
{
    if (!to->p) *to = v;
}

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                 const char *value, size_t value_n)
{
    struct call *c = arg;
    struct headers_in *in = &c->in;
    str k = {name, name_n}, v = {value ? value : "", value_n};
    switch (name_n) {
    case 4:
        if (!str_is_nocase(k, "host")) break;
        if (in->host.p) c->refused = FAIL(E_MALFORMED, "web.host.twice");
        in->host = v;
        break;
    case 5:
        if (str_is_nocase(k, "range")) keep(&in->range, v);
        break;
    case 6:
        if (str_is_nocase(k, "cookie"))
            in->cookie = in->cookie.p ? str_fmt(c->q.mem, "%.*s; %.*s", STR_ARG(in->cookie), STR_ARG(v)) : v;
        else if (str_is_nocase(k, "origin"))
            keep(&in->origin, v);
        break;
    case 7:
        if (str_is_nocase(k, "referer")) keep(&in->referer, v);
        break;
    case 12:
        if (str_is_nocase(k, "content-type")) keep(&in->content_type, v);
        break;
    case 13:
        if (str_is_nocase(k, "if-none-match"))
            keep(&in->if_none_match, v);
        else if (str_is_nocase(k, "authorization"))
            keep(&in->authorization, v);
        break;
    case 14:
        if (!str_is_nocase(k, "content-length")) {
            if (str_is_nocase(k, "sec-fetch-site")) keep(&in->fetch_site, v);
            break;
        }
        if (in->has_length || str_i64(v, &in->content_length).code != OK || in->content_length < 0)
            c->refused = FAIL(E_MALFORMED, "web.body.length");
        in->has_length = true;
        break;
    case 15:
        if (str_is_nocase(k, "accept-language"))
            keep(&in->accept_language, v);
        else if (str_is_nocase(k, "accept-encoding"))
            keep(&in->accept_encoding, v);
        else if (str_is_nocase(k, "x-forwarded-for"))
            in->forwarded_for = in->forwarded_for.p
                                    ? str_fmt(c->q.mem, "%.*s,%.*s", STR_ARG(in->forwarded_for), STR_ARG(v))
                                    : v;
        break;
    case 17:
        if (str_is_nocase(k, "x-forwarded-proto"))
            keep(&in->forwarded_proto, v);
        else if (str_is_nocase(k, "transfer-encoding"))
            in->chunked = true;
        break;
    default: break;
    }
    return MHD_YES;
}

/* Lower case, and only what a host name, an address and a port are made of. */
static bool host_read(struct call *c)
{
    str h = c->in.host;
    if (h.n == 0 || h.n >= sizeof c->host_z) return false;
    for (size_t i = 0; i < h.n; i++) {
        char ch = h.p[i];
        if (ch >= 'A' && ch <= 'Z') ch = (char)(ch | 0x20);
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr(".-_:[]", ch))) return false;
        c->host_z[i] = ch;
    }
    c->q.host = (str){c->host_z, h.n};
    size_t colon = h.n;
    while (colon > 0 && c->host_z[colon - 1] >= '0' && c->host_z[colon - 1] <= '9') colon--;
    bool port = colon > 0 && colon < h.n && c->host_z[colon - 1] == ':';
    c->q.host_name = port ? str_cut(c->q.host, 0, colon - 1) : c->q.host;
    return true;
}

static void client_read(struct call *c)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct ip peer = {{0}};
    if (i) ip_of_sockaddr(i->client_addr, &peer);
    c->ip = peer;
    c->q.https = c->server->opt.tls_cert_pem.n > 0;
    if (c->server->trusted.n && networks_hold(&c->server->trusted, &peer)) {
        c->ip = client_ip(&c->server->trusted, &peer, c->in.forwarded_for);
        if (c->in.forwarded_proto.p) c->q.https = str_is(c->in.forwarded_proto, "https");
    }
    c->q.ip = ip_put(c->ip_z, &c->ip);
    str chosen = cookie_raw(c->in.cookie, "langue");
    c->q.lang = str_is(chosen, "en")   ? LANG_EN
                : str_is(chosen, "fr") ? LANG_FR
                                       : accept_language(c->in.accept_language);
}

static void route_read(struct call *c)
{
    err e =
        router_find(c->server->router, c->q.mem, c->method, c->q.path, &c->q.route, &c->params, &c->allowed);
    if (e.code == E_INVALID) c->status_forced = MHD_HTTP_METHOD_NOT_ALLOWED;
    c->refused = e;
    c->route_i = e.code == OK ? router_index(c->server->router, c->q.route) : router_count(c->server->router);
}

static enum MHD_Result on_headers(struct call *c, const char *method)
{
    c->seen_headers = true;
    MHD_get_connection_values_n(c->connection, MHD_HEADER_KIND, on_header, c);
    watch_phase(c->watched, WATCH_BODY);
    client_read(c);
    c->method = method_parse(str_of(method));
    c->q.head = c->method == HEAD;
    c->q.method = c->q.head ? GET : c->method;
    if (c->refused.code == OK && !host_read(c)) c->refused = FAIL(E_MALFORMED, "web.host.bad");
    if (c->in.chunked && c->in.has_length)
        c->refused = FAIL(E_MALFORMED, "web.body.length"); /* RFC 9112 §6.3: smuggling */
    if (c->status_forced) c->refused = FAIL(E_TOO_LARGE, "web.url.too_long");
    if (!c->method) {
        c->status_forced = MHD_HTTP_NOT_IMPLEMENTED;
        c->refused = FAIL(E_INVALID, "web.method");
    }
    c->has_body = c->in.chunked || c->in.content_length > 0;
    if (!c->has_body) return MHD_YES; /* on_end: an answer given now would close the connection */
    if (c->refused.code == OK) route_read(c);
    if (c->refused.code == OK) c->refused = body_plan(c);
    if (c->in.content_length > DRAIN_BYTES_MAX)
        return answer_fixed(c, c->server->too_large, MHD_HTTP_CONTENT_TOO_LARGE);
    return MHD_YES;
}

/* Takes what there is room for; what is left comes again after the worker has emptied the piece. */
static enum MHD_Result on_body(struct call *c, const char *data, size_t *size)
{
    size_t n = *size;
    c->body_bytes += (int64_t)n;
    watch_progress(c->watched, c->body_bytes);
    *size = 0;
    if (c->refused.code != OK || c->body_mode == BODY_NONE) return MHD_YES;
    if (c->body_mode == BODY_WHOLE) {
        buf_put(&c->body, (str){data, n});
        if (c->body.full) c->refused = FAIL(E_TOO_LARGE, "web.body.too_large");
        return MHD_YES;
    }
    size_t room = CHUNK_BYTES - c->body.n, taken = n < room ? n : room;
    int64_t now_us = clock_monotonic_us();
    if (c->body.n == 0) c->piece_since_us = now_us;
    buf_put(&c->body, (str){data, taken});
    c->body_bytes -= (int64_t)(n - taken);
    *size = n - taken;
    if (c->body.n == CHUNK_BYTES || now_us - c->piece_since_us > PIECE_WAIT_US) {
        c->piece_since_us = now_us;
        if (!pool_add(c->server, c, TASK_PIECE)) return MHD_NO;
    }
    return MHD_YES;
}

enum MHD_Result answer_fixed(struct call *c, struct MHD_Response *r, int status)
{
    c->status = status;
    watch_phase(c->watched, WATCH_SEND);
    return MHD_queue_response(c->connection, (unsigned)status, r);
}

static enum MHD_Result on_end(struct call *c)
{
    if (c->response) {
        watch_phase(c->watched, WATCH_SEND);
        watch_progress(c->watched, c->sent_bytes);
        return MHD_queue_response(c->connection, (unsigned)c->status, c->response);
    }
    if (c->ran) return MHD_NO; /* no response could be made */
    enum MHD_Result done;
    if (!c->has_body && c->refused.code == OK) {
        if (c->q.method == GET && answer_from_memory(c, &done)) return done;
        route_read(c);
    }
    if (pool_has_room(c->server) && pool_add(c->server, c, TASK_RUN)) return MHD_YES;
    metrics_event(c->server->metrics, METRIC_BUSY);
    return answer_fixed(c, c->server->busy, MHD_HTTP_SERVICE_UNAVAILABLE);
}

static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data, size_t *size,
                                 void **state)
{
    struct call *c = *state;
    if (!c) return MHD_NO;
    if (!c->seen_headers) return on_headers(c, method);
    return *size ? on_body(c, data, size) : on_end(c);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct server *s = arg;
    struct call *c = *state;
    *state = NULL;
    if (!c) return;
    int64_t us = clock_monotonic_us() - c->q.started_us;
    bool aborted = code != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (c->seen_headers) {
        metrics_count(s->metrics, c->route_i, aborted && !c->status ? 499 : c->status, us);
        if (s->log) access_log_write(s->log, c, us, aborted);
    }
    watch_phase(c->watched, WATCH_IDLE);
    call_give(c);
    atomic_fetch_sub(&s->in_flight, 1);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = arg;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *i =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = i ? watch_add(s->watch, i->connect_fd) : NULL;
    } else {
        watch_remove(*context);
        *context = NULL;
    }
}

/* Values stay as they came: paths and queries are decoded by us, strictly. */
static size_t unescape_nothing(void *arg, struct MHD_Connection *connection, char *z)
{
    return strlen(z);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *arg, const char *fmt, va_list ap)
{
    char z[256];
    vsnprintf(z, sizeof z, fmt, ap);
    z[strcspn(z, "\r\n")] = 0;
    buf members = BUF(1024);
    buf_lit(&members, "\"text\":");
    buf_json(&members, str_of(z));
    log_json(LOG_DEBUG, "http", buf_str(&members));
    buf_free(&members);
}

err events_start(struct server *s)
{
    bool tls = s->opt.tls_cert_pem.n > 0;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | (tls ? MHD_USE_TLS : 0U);
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? (void *)(uintptr_t)str_z(s->mem, s->opt.tls_cert_pem) : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? (void *)(uintptr_t)str_z(s->mem, s->opt.tls_key_pem) : NULL},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)s->opt.event_threads, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)s->opt.connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)s->opt.connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT, 0U,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL,
        MHD_OPTION_ARRAY, tls ? secure : none, MHD_OPTION_END);
    return s->daemon ? NO_ERR : FAIL(E_IO, "web.listen.failed");
}

void events_wake(struct call *c)
{
    watch_resume(c->watched);
    MHD_resume_connection(c->connection);
}
