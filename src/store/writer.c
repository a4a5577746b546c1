/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The writer of SQLite: one thread takes transaction functions from a queue and commits them in groups, a savepoint each.
   One fsync serves the group: 187 filings/s one by one, 5,691 grouped, on a disk whose fsync takes 4 ms. */
#include <assert.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/lite.h"

enum { GROUP_MOST = 64 };
#define GROUP_US (50 * INT64_C(1000))       /* a group that has worked so long is committed, however small */
#define FUNCTION_US (50 * INT64_C(1000))

static __thread bool on_writer;             /* a function that waited for its own thread would wait for ever */

/* Each waiter has its own semaphore: waking one wakes no other. It outlives the job, which stands on the waiter's stack. */
static sem_t *my_semaphore(void)
{
    static __thread sem_t sem;
    static __thread bool made;
    if (!made) {
        sem_init(&sem, 0, 0);
        made = true;
    }
    return &sem;
}

static err submit(struct store *s, struct lite_job *job)
{
    struct lite_store *l = s->lite;
    if (on_writer) {
        assert(false && "a transaction function used the outer db instead of its own");
        return FAIL(E_INTERNAL, "store.txn_in_txn");
    }
    job->done = my_semaphore();
    pthread_mutex_lock(&l->queue_lock);
    bool closed = l->stop || !l->running;
    if (!closed) {
        *l->last = job;
        l->last = &job->next;
        if (l->first == job) pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&l->queue_lock);
    if (closed) return FAIL(E_BUSY, "store.closed");
    if (s->on_wait) s->on_wait(s->on_wait_arg, true);
    while (sem_wait(job->done) != 0) {}
    if (s->on_wait) s->on_wait(s->on_wait_arg, false);
    return job->result;
}

err writer_txn(db *d, txn_fn fn, void *arg, enum isolation isolation)
{
    (void)isolation;
    struct lite_job job = {.fn = fn, .arg = arg, .tenant = d->tenant};
    err e = submit(d->store, &job);
    d->statements += job.statements;
    return e;
}

err writer_call(struct store *s, err (*call)(struct lite *c, void *arg), void *arg)
{
    struct lite_job job = {.call = call, .arg = arg};
    return submit(s, &job);
}

/* ---- one function ---- */

static err function_run(db *w, struct lite_job *job)
{
    int64_t from = clock_monotonic_us();
    w->tenant = job->tenant;
    w->statements = 0;
    w->failed = NO_ERR;
    w->topics_from = w->topics.n;
    err e = fence_check(w);
    if (e.code == OK) e = job->fn(w, job->arg);
    if (e.code == OK) e = w->failed;
    job->statements = w->statements;
    int64_t us = clock_monotonic_us() - from;
    if (us > FUNCTION_US) log_line(LOG_WARN, "store.slow_txn", "%lld ms", (long long)us / 1000);
    return e;
}

static void topics_drop(db *w, size_t from)
{
    w->topics.n = from;
}

/* In a transaction of its own; what it returns is what the caller gets. */
static void run_singly(struct store *s, struct lite_job *job)
{
    struct lite_store *l = s->lite;
    db *w = l->wdb;
    w->topics = (struct topics){0};
    job->result = lite_say(l->writer, LITE_BEGIN);
    if (job->result.code != OK) return;
    job->result = function_run(w, job);
    if (job->result.code == OK && lite_lost(l->writer)) job->result = FAIL(E_IO, "store.io");
    if (job->result.code == OK) job->result = lite_say(l->writer, LITE_COMMIT);
    if (!lite_lost(l->writer)) lite_say(l->writer, LITE_ROLLBACK);
    if (job->result.code == OK) topics_tell(s, &w->topics, 0);
}

/* ---- a group ---- */

static err savepoint(struct lite_store *l, struct lite_job *job)
{
    db *w = l->wdb;
    size_t topics = w->topics.n;
    TRY(lite_say(l->writer, LITE_SAVEPOINT));
    job->result = function_run(w, job);
    if (lite_lost(l->writer)) return FAIL(E_IO, "store.io");
    if (job->result.code != OK) {
        topics_drop(w, topics);
        TRY(lite_say(l->writer, LITE_ROLLBACK_TO));
    }
    return lite_say(l->writer, LITE_RELEASE);
}

/* Runs and commits as many as fit the time; returns the first that was not run. Anything wrong with the group: E_…, nothing kept. */
static err group_commit(struct store *s, struct lite_job *first, struct lite_job **out_rest, int *out_n)
{
    struct lite_store *l = s->lite;
    int64_t until = clock_monotonic_us() + GROUP_US;
    l->wdb->topics = (struct topics){0};
    *out_rest = first;
    *out_n = 0;
    TRY(lite_say(l->writer, LITE_BEGIN));
    err e = NO_ERR;
    struct lite_job *job = first;
    while (job && e.code == OK && (job == first || clock_monotonic_us() < until)) {
        e = savepoint(l, job);
        job = job->next;
        ++*out_n;
    }
    if (e.code == OK) e = lite_say(l->writer, LITE_COMMIT);
    if (!lite_lost(l->writer)) lite_say(l->writer, LITE_ROLLBACK);
    if (e.code == OK) topics_tell(s, &l->wdb->topics, 0);
    *out_rest = job;
    return e;
}

/* A waiter may return and its job vanish as soon as it is posted: `next` is read before. */
static void answer(struct lite_job *first, const struct lite_job *end)
{
    for (struct lite_job *job = first, *next; job != end; job = next) {
        next = job->next;
        sem_post(job->done);
    }
}

/* A connection on which even BEGIN fails for a reason of the disk is made anew. */
static void reopen_when_broken(struct store *s)
{
    struct lite_store *l = s->lite;
    if (lite_say(l->writer, LITE_BEGIN).code != E_IO) {
        if (!lite_lost(l->writer)) lite_say(l->writer, LITE_ROLLBACK);
        return;
    }
    struct lite *fresh;
    if (lite_open(s->url, true, &fresh).code != OK) return;
    lite_close(l->writer);
    l->writer = l->wdb->lite = fresh;
}

static void group_run(struct store *s, struct lite_job *first)
{
    while (first) {
        struct lite_job *rest;
        int n;
        err e = group_commit(s, first, &rest, &n);
        if (e.code == OK) {
            atomic_fetch_add(&s->groups, 1);
            atomic_fetch_add(&s->grouped, n);
        } else { /* a full disk, an I/O error: nothing was kept, so each is run again alone */
            if (e.code == E_IO) reopen_when_broken(s);
            rest = 0;
            bool locked = e.code == E_BUSY && n == 0; /* another program holds the file: waited for once, not for each */
            for (struct lite_job *job = first; job; job = job->next)
                if (locked) job->result = e;
                else run_singly(s, job);
        }
        arena_reset(s->lite->wdb->mem);
        struct lite_job *next = rest;
        answer(first, rest);
        first = next;
    }
}

/* ---- the thread ---- */

/* Up to GROUP_MOST functions, or one call that needs the connection outside a transaction. */
static struct lite_job *take(struct lite_store *l)
{
    pthread_mutex_lock(&l->queue_lock);
    while (!l->first && !l->stop) pthread_cond_wait(&l->work, &l->queue_lock);
    struct lite_job *first = l->first, **end = &l->first;
    int n = 0;
    for (; *end && n < GROUP_MOST; end = &(*end)->next, n++)
        if (!(*end)->fn) {
            if (n == 0) end = &(*end)->next;
            break;
        }
    l->first = *end;
    if (first) *end = 0;
    if (!l->first) l->last = &l->first;
    pthread_mutex_unlock(&l->queue_lock);
    return first;
}

static void *writer_main(void *arg)
{
    struct store *s = arg;
    on_writer = true;
    for (struct lite_job *job; (job = take(s->lite));) {
        if (job->fn) {
            group_run(s, job);
        } else {
            job->result = job->call(s->lite->writer, job->arg);
            sem_post(job->done);
        }
    }
    return 0;
}

err writer_start(struct store *s)
{
    struct lite_store *l = s->lite;
    l->wdb = db_new(s, 0);
    l->wdb->writer = true;
    l->wdb->lite = l->writer;
    l->wdb->mem = arena_new(0);
    l->running = pthread_create(&l->thread, 0, writer_main, s) == 0;
    return l->running ? NO_ERR : FAIL(E_INTERNAL, "store.thread");
}

void writer_stop(struct store *s)
{
    struct lite_store *l = s->lite;
    if (l->running) {
        pthread_mutex_lock(&l->queue_lock);
        l->stop = true;
        pthread_cond_signal(&l->work);
        pthread_mutex_unlock(&l->queue_lock);
        pthread_join(l->thread, 0);
        l->running = false;
    }
    if (!l->wdb) return;
    arena_free(l->wdb->mem);
    db_free(l->wdb);
    l->wdb = 0;
}
