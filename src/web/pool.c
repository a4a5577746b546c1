/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pool.c — the workers and their queue. Only new requests are counted against queue_max: a piece of a body or
   of a stream belongs to a request already let in, and there is at most one for each connection. */
#include "web/call.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct call *first, *last;
    int waiting_new, busy, threads_n;
    bool ending;
    pthread_t *threads;
};

static struct call *queue_take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->ending) pthread_cond_wait(&p->wake, &p->lock);
    struct call *c = p->first;
    if (c) {
        p->first = c->next;
        if (!p->first) p->last = NULL;
        c->next = NULL;
        p->waiting_new -= c->task == TASK_RUN;
        p->busy++;
    }
    pthread_mutex_unlock(&p->lock);
    return c;
}

static void *worker_main(void *arg)
{
    struct server *s = arg;
    struct pool *p = s->pool;
    for (struct call *c; (c = queue_take(p)) != NULL;) {
        if (c->task == TASK_RUN)
            call_run(c);
        else if (c->task == TASK_PIECE)
            body_piece(c);
        else
            call_pull(c);
        pthread_mutex_lock(&p->lock);
        p->busy--;
        pthread_mutex_unlock(&p->lock);
        events_wake(c);
    }
    return NULL;
}

err pool_start(struct server *s)
{
    struct pool *p = NEW(s->mem, struct pool);
    s->pool = p;
    p->threads = NEW_N(s->mem, pthread_t, s->opt.workers);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    while (p->threads_n < s->opt.workers) {
        if (pthread_create(&p->threads[p->threads_n], NULL, worker_main, s) != 0)
            return FAIL(E_IO, "web.threads");
        p->threads_n++;
    }
    return NO_ERR;
}

void pool_stop(struct server *s)
{
    struct pool *p = s->pool;
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads_n; i++) pthread_join(p->threads[i], NULL);
}

void pool_free(struct server *s)
{
    if (!s->pool) return;
    pthread_mutex_destroy(&s->pool->lock);
    pthread_cond_destroy(&s->pool->wake);
    s->pool = NULL;
}

bool pool_has_room(struct server *s)
{
    struct pool *p = s->pool;
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting_new < s->opt.queue_max;
    pthread_mutex_unlock(&p->lock);
    return room;
}

bool pool_add(struct server *s, struct call *c, enum task task)
{
    struct pool *p = s->pool;
    pthread_mutex_lock(&p->lock);
    if (p->ending) {
        pthread_mutex_unlock(&p->lock);
        return false;
    }
    watch_pause(c->watched);
    MHD_suspend_connection(c->connection); /* before a worker can resume it */
    c->task = task;
    c->next = NULL;
    if (p->last)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
    p->waiting_new += task == TASK_RUN;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    return true;
}

void pool_numbers(struct server *s, int *queued, int *busy)
{
    pthread_mutex_lock(&s->pool->lock);
    *queued = s->pool->waiting_new;
    *busy = s->pool->busy;
    pthread_mutex_unlock(&s->pool->lock);
}
