/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files in the bucket of an S3-compatible server, one request at a time, signed by libcurl. */
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "process/bucket_list.h"
#include "process/courier_work.h"

#define CONNECT_MS      3000L
#define SILENCE_S       10L             /* not one byte either way: given up, and not tried again */
#define PUT_SILENCE_S   30L             /* the server may need it to make a large file durable */
#define GET_MAX_BYTES   (2u << 20)
#define REPLY_MAX_BYTES (4u << 20)      /* 1,000 rows are about 400 kB */
#define TRIES_MAX       3

struct call {
    const struct file_request *r;
    int64_t put_at, put_bytes, total_bytes;
    buf reply;
};

static size_t give(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    for (;;) {
        ssize_t got = pread(c->r->fd, p, size * n, c->put_at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return CURL_READFUNC_ABORT;
        c->put_at += got;
        return (size_t)got;
    }
}

static int give_from(void *arg, curl_off_t offset, int origin)
{
    struct call *c = arg;
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    c->put_at = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    buf_put(&c->reply, (str){p, size * n});
    return c->reply.full ? 0 : size * n;
}

/* "Content-Range: bytes 0-15/1234" */
static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    str rest, value, line = {p, size * n}, name = str_split(line, ':', &rest);
    if (name.n == 13 && strncasecmp(name.p, "content-range", 13) == 0) {
        str_split(rest, '/', &value);
        if (str_i64(str_trim(value), &c->total_bytes).code != OK) c->total_bytes = 0;
    }
    return size * n;
}

/* The whole file, hashed before it is sent: the signature covers it, and the server refuses another content. */
static bool hash_file(int fd, int64_t *out_bytes, char hex[65])
{
    crypto_hash_sha256_state state;
    unsigned char sum[32], piece[65536];
    struct stat st;
    ssize_t got = 1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    crypto_hash_sha256_init(&state);
    for (*out_bytes = 0; got; *out_bytes += got) {
        got = pread(fd, piece, sizeof piece, *out_bytes);
        if (got < 0) return false;
        crypto_hash_sha256_update(&state, piece, (unsigned long long)got);
    }
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(hex, 65, sum, sizeof sum);
    return *out_bytes == st.st_size;
}

static bool key_is_plain(str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-')) return false;
    }
    return key.n < 512;
}

/* The names of a query in their order: what is signed is what is sent, for every version of libcurl. */
static const char *url_of(arena *mem, const struct courier_settings *s, const struct file_request *r)
{
    if (r->op != FILE_LIST) return str_z(mem, str_fmt(mem, "%.*s/%.*s%.*s", STR_ARG(s->files_url), STR_ARG(s->files_prefix), STR_ARG(r->key)));
    buf b = BUF(16384);
    buf_put(&b, s->files_url);
    buf_lit(&b, "?");
    if (r->key.n) {
        buf_lit(&b, "continuation-token=");
        buf_url(&b, r->key);
        buf_lit(&b, "&");
    }
    buf_fmt(&b, "list-type=2&max-keys=%lld", (long long)(r->n_bytes > 0 && r->n_bytes < 1000 ? r->n_bytes : 1000));
    if (s->files_prefix.n) {
        buf_lit(&b, "&prefix=");
        buf_url(&b, s->files_prefix);
    }
    const char *url = str_z(mem, buf_str(&b));
    buf_free(&b);
    return url;
}

static void prepare_op(CURL *c, struct courier_thread *t, struct call *call)
{
    const struct file_request *r = call->r;
    if (r->op == FILE_REMOVE) curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "DELETE");
    if (r->op == FILE_GET) curl_easy_setopt(c, CURLOPT_RANGE, str_fmt(t->mem, "%lld-%lld", (long long)r->from, (long long)(r->from + r->n_bytes - 1)).p);
    if (r->op != FILE_PUT) return;
    call->put_at = 0;
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->put_bytes);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(c, CURLOPT_READDATA, call);
    curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, give_from);
    curl_easy_setopt(c, CURLOPT_SEEKDATA, call);
}

static CURL *prepare(struct courier_thread *t, struct call *call, struct curl_slist *headers, char *error)
{
    const struct courier_settings *s = t->settings;
    if (t->files) curl_easy_reset(t->files);        /* keeps its connection */
    else t->files = curl_easy_init();
    CURL *c = t->files;
    courier_curl_defaults(c, s, error);
    curl_easy_setopt(c, CURLOPT_URL, url_of(t->mem, s, call->r));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_AWS_SIGV4, str_fmt(t->mem, "aws:amz:%.*s:s3", STR_ARG(s->files_region)).p);
    curl_easy_setopt(c, CURLOPT_USERNAME, s->files_key.p);
    curl_easy_setopt(c, CURLOPT_PASSWORD, s->files_secret.p);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Beffroi");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, call->r->op == FILE_PUT ? PUT_SILENCE_S : SILENCE_S);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, call);
    prepare_op(c, t, call);
    return c;
}

/* True: the same again may succeed. */
static bool try_once(struct courier_thread *t, struct call *call, struct curl_slist *headers, struct file_reply *out)
{
    char error[CURL_ERROR_SIZE];
    long code = 0;
    CURL *c = prepare(t, call, headers, error);
    call->reply = BUF(call->r->op == FILE_GET ? GET_MAX_BYTES : REPLY_MAX_BYTES);
    call->total_bytes = 0;
    CURLcode result = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    str said = buf_str(&call->reply);
    *out = (struct file_reply){.code = result == CURLE_OK ? (int)code : 0, .total_bytes = call->total_bytes};
    if (out->code / 100 == 2 && call->r->op == FILE_GET) out->bytes = str_copy(t->mem, said);
    else if (out->code / 100 == 2 && call->r->op == FILE_LIST && bucket_list_parse(t->mem, str_copy(t->mem, said), t->settings->files_prefix, out).code != OK)
        *out = (struct file_reply){.text = S("the answer is not a list of a bucket")};
    else if (out->code / 100 != 2)
        out->text = courier_one_line(t->mem, result == CURLE_OK ? said : str_of(error[0] ? error : curl_easy_strerror(result)));
    buf_free(&call->reply);
    return (result != CURLE_OK && result != CURLE_OPERATION_TIMEDOUT) || code >= 500 || code == 429;
}

void courier_do_file(struct courier_thread *t, const struct file_request *r, struct file_reply *out)
{
    static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";     /* SHA-256 of no byte */
    char sum[65];
    struct call call = {.r = r};
    *out = (struct file_reply){.text = S("a bad request")};
    if (!t->settings->files_url.n || (r->op != FILE_LIST && (!r->key.n || !key_is_plain(r->key)))) return;
    if (r->op == FILE_GET && (r->from < 0 || r->n_bytes <= 0 || r->n_bytes > GET_MAX_BYTES)) return;
    memcpy(sum, empty, sizeof sum);
    if (r->op == FILE_PUT && (r->fd < 0 || !hash_file(r->fd, &call.put_bytes, sum))) return;
    struct curl_slist *headers = curl_slist_append(NULL, str_fmt(t->mem, "x-amz-content-sha256: %s", sum).p);
    for (int i = 1; try_once(t, &call, headers, out) && i < r->tries && i < TRIES_MAX; i++) poll(NULL, 0, i == 1 ? 200 : 1000);
    curl_slist_free_all(headers);
}
