/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/bucket.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "process/courier.h"

#define AT_ONCE 3                       /* of each kind: together as many as the courier has threads */
#define WAIT_US SECOND_US
#define AILING_US (5 * SECOND_US)
#define TRIES 3
#define HEAD_BYTES (64 << 10)           /* asked when a file is opened: a small one costs one request */
#define PIECE_BYTES (2 << 20)

/* Two, so that large files on their way in do not hold up those who read. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int at_work;
    int64_t ailing_until_us;
};

struct bucket {
    arena *mem;
    struct courier *courier;
    struct shelf shelf;
    struct gate in, out;
};

static err away(void) { return FAIL(E_BUSY, W("store.shelf.away")); }

/* ---- the gate ---- */

static void gate_open(struct gate *g)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&g->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->freed, &attr);
    pthread_condattr_destroy(&attr);
}

static void gate_close(struct gate *g)
{
    pthread_cond_destroy(&g->freed);
    pthread_mutex_destroy(&g->lock);
}

static err gate_enter(struct gate *g, int *tries)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_US / SECOND_US;
    pthread_mutex_lock(&g->lock);
    err e = NO_ERR;
    for (;;) {
        bool ailing = clock_monotonic_us() < g->ailing_until_us;
        *tries = ailing ? 1 : TRIES;
        if (g->at_work < (ailing ? 1 : AT_ONCE)) break;
        if (ailing) e = away();
        else if (pthread_cond_timedwait(&g->freed, &g->lock, &until) == ETIMEDOUT) {
            g->ailing_until_us = clock_monotonic_us() + AILING_US;
            e = away();
        }
        if (e.code != OK) break;
    }
    if (e.code == OK) g->at_work++;
    pthread_mutex_unlock(&g->lock);
    return e;
}

static void gate_leave(struct gate *g, bool answered)
{
    pthread_mutex_lock(&g->lock);
    g->at_work--;
    g->ailing_until_us = answered ? 0 : clock_monotonic_us() + AILING_US;
    pthread_cond_signal(&g->freed);
    pthread_mutex_unlock(&g->lock);
}

/* A bucket that is not there is no missing file. */
static err ask(struct bucket *b, arena *mem, struct file_request r, struct file_reply *out)
{
    static const char *const names[] = {[FILE_PUT] = "put", [FILE_GET] = "get", [FILE_REMOVE] = "remove", [FILE_LIST] = "list"};
    struct gate *g = r.op == FILE_PUT ? &b->in : &b->out;
    TRY(gate_enter(g, &r.tries));
    err e = courier_file(b->courier, mem, &r, out);
    gate_leave(g, e.code == OK && out->code > 0 && out->code < 500 && out->code != 429);
    if (e.code == OK && out->code / 100 == 2) return NO_ERR;
    if (e.code == OK && out->code == 404 && (r.op == FILE_GET || r.op == FILE_REMOVE) && str_find(out->text, S("NoSuchBucket")) < 0)
        return FAIL(E_NOT_FOUND, W("store.blob.missing"));
    log_line(LOG_WARN, "files", "%s: %s %d %.*s", names[r.op], e.code == OK ? "" : e.msg, out->code, STR_ARG(out->text));
    return away();
}

/* ---- the shelf ---- */

static err bucket_put(void *arg, const char *path, str key)
{
    struct file_reply p;
    arena *mem = arena_new(0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    err e = fd < 0 ? FAIL(E_IO, W("store.io")) : ask(arg, mem, (struct file_request){.op = FILE_PUT, .key = key, .fd = fd}, &p);
    if (fd >= 0) close(fd);
    if (e.code == OK) unlink(path);
    arena_free(mem);
    return e;
}

struct opened {
    struct bucket *b;
    arena *mem;                         /* of this struct */
    str key, head;
    int64_t size_bytes;
};

static err bucket_file_open(void *arg, str key, void **out, int64_t *out_size_bytes)
{
    struct file_reply p;
    arena *mem = arena_new(0);
    struct opened *f = NEW(mem, struct opened);
    err e = ask(arg, mem, (struct file_request){.op = FILE_GET, .key = key, .n_bytes = HEAD_BYTES}, &p);
    if (e.code != OK) {
        arena_free(mem);
        return e;
    }
    *f = (struct opened){arg, mem, str_copy(mem, key), p.bytes, p.total_bytes ? p.total_bytes : (int64_t)p.bytes.n};
    *out = f;
    *out_size_bytes = f->size_bytes;
    return NO_ERR;
}

static err piece_read(struct opened *f, int64_t at, void *out, size_t n, size_t *got)
{
    struct file_reply p;
    arena *mem = arena_new(0);
    err e = ask(f->b, mem, (struct file_request){.op = FILE_GET, .key = f->key, .from = at, .n_bytes = (int64_t)n}, &p);
    *got = e.code != OK ? 0 : p.bytes.n < n ? p.bytes.n : n;
    if (*got) memcpy(out, p.bytes.p, *got);
    arena_free(mem);
    return e;
}

static err bucket_file_read(void *file, int64_t offset_bytes, void *out, size_t n_bytes, size_t *out_got)
{
    struct opened *f = file;
    for (*out_got = 0; *out_got < n_bytes && offset_bytes < f->size_bytes;) {
        size_t n = n_bytes - *out_got < PIECE_BYTES ? n_bytes - *out_got : PIECE_BYTES, got = n;
        int64_t left = f->size_bytes - offset_bytes;
        if ((int64_t)n > left) n = got = (size_t)left;
        if (offset_bytes + (int64_t)n <= (int64_t)f->head.n) memcpy((char *)out + *out_got, f->head.p + offset_bytes, n);
        else TRY(piece_read(f, offset_bytes, (char *)out + *out_got, n, &got));
        if (!got) break;
        *out_got += got;
        offset_bytes += (int64_t)got;
    }
    return NO_ERR;
}

static void bucket_file_close(void *file) { arena_free(((struct opened *)file)->mem); }

static err bucket_remove(void *arg, str key)
{
    struct file_reply p;
    arena *mem = arena_new(0);
    err e = ask(arg, mem, (struct file_request){.op = FILE_REMOVE, .key = key}, &p);
    arena_free(mem);
    return e;
}

static err bucket_each(void *arg, bool (*one)(void *, const struct shelved *), void *one_arg)
{
    arena *mem = arena_new(0);
    char token[4096];
    str next = STR_NONE;
    err e;
    do {
        struct file_reply p;
        arena_reset(mem);
        e = ask(arg, mem, (struct file_request){.op = FILE_LIST, .key = next}, &p);
        bool more = e.code == OK;
        for (size_t i = 0; more && i < p.n; i++) {
            struct shelved f = {.size_bytes = p.v[i].size_bytes, .modified_us = p.v[i].modified_us};
            if (shelf_key_parse(p.v[i].key, &f.tenant, &f.name)) more = one(one_arg, &f);
        }
        next = more ? p.next : STR_NONE;
        if (next.n > sizeof token) e = FAIL(E_IO, W("store.io"));       /* the rest cannot be asked for: no list that looks whole */
        if (e.code != OK) break;
        if (next.n) memcpy(token, next.p, next.n);
        next.p = next.n ? token : NULL;
    } while (next.n);
    arena_free(mem);
    return e;
}

/* ---- opening ---- */

err bucket_open(struct bucket **out, const struct settings *s)
{
    str name, prefix;
    *out = NULL;
    if (!s->files.n) return NO_ERR;
    if (!settings_bucket(s, &name, &prefix)) return FAIL_AT(E_CONFIG, W("bucket.settings"), "files, files_endpoint");
    arena *mem = arena_new(0);
    struct bucket *b = NEW(mem, struct bucket);
    *b = (struct bucket){.mem = mem, .shelf = {b, bucket_put, bucket_file_open, bucket_file_read, bucket_file_close, bucket_remove, bucket_each}};
    gate_open(&b->in);
    gate_open(&b->out);
    str host = s->files_endpoint;
    while (str_ends(host, S("/"))) host.n--;
    struct courier_settings cs = {.files_url = str_fmt(mem, "%.*s/%.*s", STR_ARG(host), STR_ARG(name)), .files_region = s->files_region,
                                  .files_prefix = prefix.n ? str_fmt(mem, "%.*s/", STR_ARG(prefix)) : S(""), .files_key = s->files_key,
                                  .files_secret = s->files_secret};
    err e = courier_open(&b->courier, &cs);
    if (e.code == OK) *out = b;
    else bucket_close(b);
    return e;
}

void bucket_close(struct bucket *b)
{
    if (!b) return;
    courier_close(b->courier);
    gate_close(&b->in);
    gate_close(&b->out);
    arena_free(b->mem);
}

const struct shelf *bucket_shelf(const struct bucket *b) { return b ? &b->shelf : NULL; }

bool bucket_answers(struct bucket *b, arena *mem, str *out_why)
{
    struct file_reply p;
    err e = courier_file(b->courier, mem, &(struct file_request){.op = FILE_LIST, .n_bytes = 1, .tries = 1}, &p);
    *out_why = p.code ? str_fmt(mem, "%d %.*s", p.code, STR_ARG(p.text)) : p.text;
    return e.code == OK && p.code / 100 == 2;
}
