/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/call.h"

enum { SPARE_MAX = 32, KEPT_BYTES = 128 * 1024 };

struct call *call_take(struct server *s)
{
    pthread_mutex_lock(&s->spare_lock);
    struct call *c = s->spare;
    if (c) {
        s->spare = c->next;
        s->spare_n--;
    }
    pthread_mutex_unlock(&s->spare_lock);
    if (!c) {
        c = calloc(1, sizeof *c);
        if (!c) return NULL;
        c->q.mem = arena_new(0);
    }
    c->magic = CALL_MAGIC;
    c->next = NULL;
    c->server = s;
    c->q.app = s->opt.app;
    c->q.started_us = clock_monotonic_us();
    c->in.content_length = -1;
    return c;
}

static void buf_keep(buf *b)
{
    if (b->cap > KEPT_BYTES) buf_free(b);
    b->n = 0;
    b->full = false;
}

static void call_free(struct call *c)
{
    arena_free(c->q.mem);
    buf_free(&c->out);
    buf_free(&c->body);
    buf_free(&c->field);
    free(c);
}

void call_give(struct call *c)
{
    struct server *s = c->server;
    if (c->pull_end) c->pull_end(c->pull_arg);
    for (size_t i = 0; i < c->files.n; i++)
        if (c->files.v[i]->writer) blob_write_abort(c->files.v[i]->writer);
    if (c->response) MHD_destroy_response(c->response);
    arena *mem = c->q.mem;
    arena_reset(mem);
    buf out = c->out, body = c->body, value = c->field;
    buf_keep(&out);
    buf_keep(&body);
    buf_keep(&value);
    memset(c, 0, sizeof *c);
    c->q.mem = mem;
    c->out = out;
    c->body = body;
    c->field = value;
    pthread_mutex_lock(&s->spare_lock);
    bool keep = s->spare_n < SPARE_MAX;
    if (keep) {
        c->next = s->spare;
        s->spare = c;
        s->spare_n++;
    }
    pthread_mutex_unlock(&s->spare_lock);
    if (!keep) call_free(c);
}

void call_spares_free(struct server *s)
{
    while (s->spare) {
        struct call *c = s->spare;
        s->spare = c->next;
        call_free(c);
    }
}
