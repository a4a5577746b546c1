/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/testing.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include "web/decode.h"

struct browser {
    arena *mem;
    CURL *curl;
    int port;
    const char *host;
    struct curl_slist *headers;
    bool decode;
};
struct received {
    arena *mem;
    struct {
        char *v;
        size_t n;
    } body, head;
};

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "testing: %s: %s\n", what, why);
    abort();
}

struct server *test_server(const struct server_options *opt)
{
    struct server_options o = *opt;
    struct server *s;
    o.listen = S("127.0.0.1:0");
    err e = server_start(&s, &o);
    if (e.code != OK) die(e.msg, e.at ? e.at : "");
    return s;
}

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct browser *browser_new(const struct server *s, arena *mem)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, curl_start);
    struct browser *b = NEW(mem, struct browser);
    b->mem = mem;
    b->curl = curl_easy_init();
    b->port = server_port(s);
    if (!b->curl) die("curl", "no memory");
    curl_easy_setopt(b->curl, CURLOPT_COOKIEFILE, "");
    return b;
}

void browser_free(struct browser *b)
{
    if (!b) return;
    curl_slist_free_all(b->headers);
    curl_easy_cleanup(b->curl);
}

void browser_host(struct browser *b, const char *host)
{
    b->host = host;
}

void browser_header(struct browser *b, const char *line)
{
    b->headers = curl_slist_append(b->headers, line);
}

void browser_headers_clear(struct browser *b)
{
    curl_slist_free_all(b->headers);
    b->headers = NULL;
}

void browser_forget(struct browser *b)
{
    curl_easy_setopt(b->curl, CURLOPT_COOKIELIST, "ALL");
}

void browser_decode(struct browser *b, bool on)
{
    b->decode = on;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct received *r = arg;
    size_t bytes = size * n;
    r->body.v = arena_grow(r->mem, r->body.v, r->body.n, r->body.n + bytes);
    memcpy(r->body.v + r->body.n, p, bytes);
    r->body.n += bytes;
    return bytes;
}

static size_t on_head(char *p, size_t size, size_t n, void *arg)
{
    struct received *r = arg;
    size_t bytes = size * n;
    if (bytes > 5 && memcmp(p, "HTTP/", 5) == 0) r->head.n = 0; /* after "100 Continue" */
    r->head.v = arena_grow(r->mem, r->head.v, r->head.n, r->head.n + bytes);
    memcpy(r->head.v + r->head.n, p, bytes);
    r->head.n += bytes;
    return bytes;
}

static struct curl_slist *headers_of(const struct browser *b, const char *more, bool unsafe)
{
    char line[512];
    struct curl_slist *l = NULL;
    for (const struct curl_slist *h = b->headers; h; h = h->next) l = curl_slist_append(l, h->data);
    if (b->host) {
        snprintf(line, sizeof line, "Host: %s", b->host);
        l = curl_slist_append(l, line);
    }
    if (unsafe) {
        if (b->host)
            snprintf(line, sizeof line, "Origin: http://%s", b->host);
        else
            snprintf(line, sizeof line, "Origin: http://127.0.0.1:%d", b->port);
        bool given = false;
        for (const struct curl_slist *h = b->headers; h; h = h->next)
            given = given || strncmp(h->data, "Origin:", 7) == 0;
        if (!given) l = curl_slist_append(l, line);
    }
    if (more) l = curl_slist_append(l, more);
    return l ? l : curl_slist_append(NULL, "X-Test: 1");
}

static struct answer perform(struct browser *b, const char *path, const char *more, bool unsafe)
{
    struct received r = {.mem = b->mem};
    struct curl_slist *headers = headers_of(b, more, unsafe);
    char why[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_setopt(b->curl, CURLOPT_URL, str_fmt(b->mem, "http://127.0.0.1:%d%s", b->port, path).p);
    curl_easy_setopt(b->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(b->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(b->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(b->curl, CURLOPT_WRITEDATA, &r);
    curl_easy_setopt(b->curl, CURLOPT_HEADERFUNCTION, on_head);
    curl_easy_setopt(b->curl, CURLOPT_HEADERDATA, &r);
    curl_easy_setopt(b->curl, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(b->curl, CURLOPT_ACCEPT_ENCODING, b->decode ? "" : NULL);
    curl_easy_setopt(b->curl, CURLOPT_TIMEOUT_MS, 60000L);
    CURLcode code = curl_easy_perform(b->curl);
    curl_easy_getinfo(b->curl, CURLINFO_RESPONSE_CODE, &status);
    struct answer a = {.status = code == CURLE_OK ? (int)status : -(int)code,
                       .body = {r.body.v, r.body.n},
                       .head = {r.head.v, r.head.n}};
    a.type = answer_header(&a, "Content-Type");
    a.location = answer_header(&a, "Location");
    curl_slist_free_all(headers);
    curl_easy_setopt(b->curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(b->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(b->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(b->curl, CURLOPT_MIMEPOST, NULL);
    curl_easy_setopt(b->curl, CURLOPT_ERRORBUFFER, NULL);
    return a;
}

struct answer http_get(struct browser *b, const char *path)
{
    curl_easy_setopt(b->curl, CURLOPT_HTTPGET, 1L);
    return perform(b, path, NULL, false);
}

struct answer http_head(struct browser *b, const char *path)
{
    curl_easy_setopt(b->curl, CURLOPT_NOBODY, 1L);
    struct answer a = perform(b, path, NULL, false);
    curl_easy_setopt(b->curl, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(b->curl, CURLOPT_HTTPGET, 1L);
    return a;
}

struct answer http_send(struct browser *b, const char *method, const char *path, const char *type, str body)
{
    curl_easy_setopt(b->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(b->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    curl_easy_setopt(b->curl, CURLOPT_COPYPOSTFIELDS, body.p ? body.p : "");
    curl_easy_setopt(b->curl, CURLOPT_CUSTOMREQUEST, method);
    return perform(b, path,
                   str_fmt(b->mem, type ? "Content-Type: %s" : "Content-Type:%s", type ? type : "").p, true);
}

struct answer http_post_form(struct browser *b, const char *path, ...)
{
    buf f = BUF(64U << 20);
    va_list ap;
    va_start(ap, path);
    for (const char *name; (name = va_arg(ap, const char *)) != NULL;) {
        if (f.n) buf_char(&f, '&');
        buf_url(&f, str_of(name));
        buf_char(&f, '=');
        buf_url(&f, str_of(va_arg(ap, const char *)));
    }
    va_end(ap);
    struct answer a = http_send(b, "POST", path, "application/x-www-form-urlencoded", buf_str(&f));
    buf_free(&f);
    return a;
}

struct answer http_post_multipart(struct browser *b, const char *path, ...)
{
    curl_mime *mime = curl_mime_init(b->curl);
    va_list ap;
    va_start(ap, path);
    for (const char *name; (name = va_arg(ap, const char *)) != NULL;) {
        const char *value = va_arg(ap, const char *);
        curl_mimepart *part = curl_mime_addpart(mime);
        curl_mime_name(part, name);
        curl_mime_data(part, *value == '@' ? value + 1 : value, CURL_ZERO_TERMINATED);
        if (*value != '@') continue;
        curl_mime_filename(part, name);
        curl_mime_type(part, "application/octet-stream");
    }
    va_end(ap);
    curl_easy_setopt(b->curl, CURLOPT_MIMEPOST, mime);
    struct answer a = perform(b, path, NULL, true);
    curl_mime_free(mime);
    return a;
}

str answer_header(const struct answer *a, const char *name)
{
    str rest = a->head;
    while (rest.n) {
        str value, line = str_split(rest, '\n', &rest);
        str key = str_split(line, ':', &value);
        if (value.p && str_is_nocase(key, name)) return str_trim(value);
    }
    return STR_NONE;
}

str answer_between(const struct answer *a, const char *before, const char *after)
{
    ptrdiff_t from = str_find(a->body, str_of(before));
    if (from < 0) return STR_NONE;
    str rest = str_cut(a->body, (size_t)from + strlen(before), a->body.n);
    ptrdiff_t to = str_find(rest, str_of(after));
    return to < 0 ? STR_NONE : str_cut(rest, 0, (size_t)to);
}

int http_connect(const struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)server_port(s)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) die("connect", "refused");
    return fd;
}

str http_raw(const struct server *s, arena *mem, str bytes, int wait_ms)
{
    int fd = http_connect(s);
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0) break;
        bytes = str_cut(bytes, (size_t)n, bytes.n);
    }
    struct {
        char *v;
        size_t n;
    } got = {0};
    char piece[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, wait_ms) > 0) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n <= 0) break;
        got.v = arena_grow(mem, got.v, got.n, got.n + (size_t)n);
        memcpy(got.v + got.n, piece, (size_t)n);
        got.n += (size_t)n;
    }
    close(fd);
    return (str){got.v, got.n};
}
