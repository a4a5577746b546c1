/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/watch.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include "base/clock.h"

#define TICK_MS 250

struct watched {
    struct watched *before, *after;
    struct watch *watch;
    int fd;
    bool cut; /* under the lock */
    _Atomic enum watch_phase phase;
    atomic_int_fast64_t since_us, bytes;
    enum watch_phase paused; /* of the thread that owns the call */
    int64_t paused_us;
};
struct watch {
    struct watch_limits limits;
    void (*each_tick)(void *);
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ending;
    struct watched *first;
    atomic_int count;
    atomic_int_fast64_t cut;
};

static int64_t allowed_us(const struct watch *w, const struct watched *c, bool crowded)
{
    int64_t ms;
    switch (atomic_load(&c->phase)) {
    case WATCH_HEADER: ms = crowded ? w->limits.header_ms / 5 : w->limits.header_ms; break;
    case WATCH_IDLE: ms = crowded ? w->limits.idle_ms / 30 : w->limits.idle_ms; break;
    case WATCH_BODY:
    case WATCH_SEND: ms = w->limits.grace_ms + atomic_load(&c->bytes) * 1000 / w->limits.bytes_per_s; break;
    default: return INT64_MAX;
    }
    return ms * 1000;
}

static void look(struct watch *w)
{
    int64_t now_us = clock_monotonic_us();
    bool crowded = atomic_load(&w->count) > w->limits.connections_max * 4 / 5;
    for (struct watched *c = w->first; c; c = c->after) {
        if (c->cut || now_us - atomic_load(&c->since_us) <= allowed_us(w, c, crowded)) continue;
        c->cut = true;
        atomic_fetch_add(&w->cut, 1);
        shutdown(c->fd, SHUT_RDWR); /* the descriptor cannot be another's: watch_remove waits for the lock */
    }
}

static void *watch_main(void *arg)
{
    struct watch *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&w->wake, &w->lock, &until);
        look(w);
        if (!w->each_tick) continue;
        pthread_mutex_unlock(&w->lock);
        w->each_tick(w->arg);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct watch *watch_new(struct watch_limits limits, void (*each_tick)(void *), void *arg)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->limits = limits;
    w->each_tick = each_tick;
    w->arg = arg;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, watch_main, w) == 0) return w;
    free(w);
    return NULL;
}

void watch_free(struct watch *w)
{
    if (!w) return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w);
}

struct watched *watch_add(struct watch *w, int fd)
{
    struct watched *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->watch = w;
    c->fd = fd;
    watch_phase(c, WATCH_HEADER);
    pthread_mutex_lock(&w->lock);
    c->after = w->first;
    if (w->first) w->first->before = c;
    w->first = c;
    pthread_mutex_unlock(&w->lock);
    atomic_fetch_add(&w->count, 1);
    return c;
}

void watch_remove(struct watched *c)
{
    if (!c) return;
    struct watch *w = c->watch;
    pthread_mutex_lock(&w->lock);
    if (c->before)
        c->before->after = c->after;
    else
        w->first = c->after;
    if (c->after) c->after->before = c->before;
    pthread_mutex_unlock(&w->lock);
    atomic_fetch_sub(&w->count, 1);
    free(c);
}

void watch_phase(struct watched *c, enum watch_phase p)
{
    if (!c) return;
    atomic_store(&c->since_us, clock_monotonic_us());
    atomic_store(&c->bytes, 0);
    atomic_store(&c->phase, p);
}

void watch_progress(struct watched *c, int64_t bytes)
{
    if (c) atomic_store(&c->bytes, bytes);
}

void watch_pause(struct watched *c)
{
    if (!c) return;
    c->paused = atomic_load(&c->phase);
    c->paused_us = clock_monotonic_us();
    atomic_store(&c->phase, WATCH_WORK);
}

void watch_resume(struct watched *c)
{
    if (!c) return;
    atomic_fetch_add(&c->since_us, clock_monotonic_us() - c->paused_us);
    atomic_store(&c->phase, c->paused);
}

int watch_count(struct watch *w)
{
    return atomic_load(&w->count);
}

int64_t watch_cut(struct watch *w)
{
    return atomic_load(&w->cut);
}
