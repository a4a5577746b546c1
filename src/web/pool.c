/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pool.c — the workers and their queue. Only new requests are counted against queue_max: a piece of a body or
   of a stream belongs to a request already let in, and there is at most one for each connection.
   A worker that only waits for the disk of a commit (server_worker_waits) gives its turn to another: at most `workers` are at work,
   and as many as SPARE_MOST more may wait. So a group commit gathers more than `workers` filings, and writers never hold up readers. */
#include <errno.h>
#include <malloc.h>
#include <time.h>

#include "web/call.h"

enum { SPARE_MOST = 48 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct call *first, *last;
    pthread_cond_t spare_gone;
    int waiting_new, busy, threads_n, workers_max, spare_idle_ms;
    int queued, in_store, spares;               /* calls waiting; busy threads that wait for the store; threads beyond workers_max */
    int asleep, called, coming;                 /* idle threads; of them signalled; spares made and not yet here */
    bool ending;
    pthread_t *threads;
};

static __thread bool is_worker;

/* Calls that may be taken now. */
static int open_calls(const struct pool *p)
{
    int places = p->workers_max - (p->busy - p->in_store);
    return p->queued < places ? p->queued : places;
}

static bool may_work(const struct pool *p) { return open_calls(p) > 0; }

/* False: a spare thread that nobody needed for a while. */
static bool sleep_till_work(struct pool *p, bool is_spare)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += p->spare_idle_ms / 1000;
    until.tv_nsec += p->spare_idle_ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!may_work(p) && !p->ending) {
        p->asleep++;
        int e = is_spare ? pthread_cond_timedwait(&p->wake, &p->lock, &until) : pthread_cond_wait(&p->wake, &p->lock);
        p->asleep--;
        if (p->called) p->called--;
        if (e == ETIMEDOUT && !may_work(p)) return false;
    }
    return true;
}

static struct call *queue_take(struct pool *p, bool is_spare)
{
    pthread_mutex_lock(&p->lock);
    struct call *c = sleep_till_work(p, is_spare) ? p->first : NULL;
    if (c) {
        p->first = c->next;
        if (!p->first) p->last = NULL;
        c->next = NULL;
        p->queued--;
        p->waiting_new -= c->task == TASK_RUN;
        p->busy++;
    }
    pthread_mutex_unlock(&p->lock);
    return c;
}

static void work(struct server *s, bool is_spare)
{
    struct pool *p = s->pool;
    is_worker = true;
    for (struct call *c; (c = queue_take(p, is_spare)) != NULL;) {
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
}

static void *worker_main(void *arg)
{
    work(arg, false);
    return NULL;
}

static void *spare_main(void *arg)
{
    struct pool *p = ((struct server *)arg)->pool;
    pthread_mutex_lock(&p->lock);
    p->coming--;
    pthread_mutex_unlock(&p->lock);
    work(arg, true);
    malloc_trim(0);         /* a peak is over: its memory goes back */
    pthread_mutex_lock(&p->lock);
    p->spares--;
    pthread_cond_broadcast(&p->spare_gone);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* With the lock held: somebody asleep takes the next call, else a spare thread is made for it; those on their way take one each. */
static void hand_over(struct server *s)
{
    struct pool *p = s->pool;
    pthread_t id;
    if (open_calls(p) <= p->called + p->coming || p->ending) return;
    if (p->asleep > p->called) {
        p->called++;
        pthread_cond_signal(&p->wake);
    } else if (p->spares < SPARE_MOST && pthread_create(&id, NULL, spare_main, s) == 0) {
        pthread_detach(id);
        p->spares++;
        p->coming++;
    }
}

void server_worker_waits(void *arg, bool waits)
{
    if (!is_worker) return; /* other threads may outlive the server */
    struct server *s = arg;
    struct pool *p = s->pool;
    pthread_mutex_lock(&p->lock);
    p->in_store += waits ? 1 : -1;
    if (waits) hand_over(s);
    pthread_mutex_unlock(&p->lock);
}

err pool_start(struct server *s)
{
    struct pool *p = NEW(s->mem, struct pool);
    s->pool = p;
    p->threads = NEW_N(s->mem, pthread_t, s->opt.workers);
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_cond_init(&p->spare_gone, NULL);
    p->workers_max = s->opt.workers;
    p->spare_idle_ms = s->opt.spare_idle_ms;
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
    while (p->spares) pthread_cond_wait(&p->spare_gone, &p->lock);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads_n; i++) pthread_join(p->threads[i], NULL);
}

void pool_free(struct server *s)
{
    if (!s->pool) return;
    pthread_mutex_destroy(&s->pool->lock);
    pthread_cond_destroy(&s->pool->wake);
    pthread_cond_destroy(&s->pool->spare_gone);
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
    p->queued++;
    p->waiting_new += task == TASK_RUN;
    hand_over(s);
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
