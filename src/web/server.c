/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <signal.h>
#include <unistd.h>
#include "base/hash.h"
#include "web/call.h"

static void defaults(struct server_options *o)
{
    if (!o->event_threads) o->event_threads = 2;
    if (!o->workers) o->workers = 16;
    if (!o->spare_idle_ms) o->spare_idle_ms = 10000;
    if (!o->queue_max) o->queue_max = 256;
    if (!o->connections_max) o->connections_max = 4096;
    if (!o->cache_bytes) o->cache_bytes = 8U << 20;
    if (!o->form_bytes_max) o->form_bytes_max = 4 << 20;
    if (!o->json_bytes_max) o->json_bytes_max = 8 << 20;
    if (!o->file_bytes_max) o->file_bytes_max = 200 << 20;
    if (!o->form_fields_max) o->form_fields_max = 5000;
    if (!o->header_ms) o->header_ms = 10000;
    if (!o->idle_ms) o->idle_ms = 30000;
    if (!o->body_grace_ms) o->body_grace_ms = 15000;
    if (!o->body_bytes_per_s) o->body_bytes_per_s = 1000;
}

static void each_tick(void *arg)
{
    struct server *s = arg;
    if (s->log) access_log_flush(s->log);
}

void server_free(struct server *s)
{
    if (!s) return;
    pool_free(s);
    access_log_close(s->log);
    answers_free(s);
    page_cache_free(s->cache);
    limiter_free(s->limiter);
    metrics_free(s->metrics);
    router_free(s->router);
    call_spares_free(s);
    pthread_mutex_destroy(&s->spare_lock);
    arena_free(s->mem);
}

static err parts_make(struct server *s)
{
    TRY(router_new(&s->router, s->opt.routes));
    TRY(networks_parse(s->mem, s->opt.trusted_proxies, &s->trusted));
    if (s->opt.access_log) TRY(access_log_open(&s->log, s->opt.access_log));
    s->cache = page_cache_new(s->opt.cache_bytes);
    s->limiter = limiter_new();
    s->metrics = metrics_new(router_count(s->router));
    if (!s->cache || !s->limiter || !s->metrics) return FAIL(E_BUSY, "web.memory");
    if (s->opt.csrf_key.n == 32)
        memcpy(s->csrf_key, s->opt.csrf_key.p, 32);
    else if (s->opt.csrf_key.n)
        return FAIL(E_CONFIG, "web.csrf.key");
    else
        random_bytes(s->csrf_key, 32);
    uint32_t prefix;
    random_bytes(&prefix, sizeof prefix);
    snprintf(s->id_prefix, sizeof s->id_prefix, "%08x", prefix);
    return answers_prepare(s);
}

err server_listen(struct server *s)
{
    int fd = s->opt.listen_fd;
    if (fd <= 0) TRY(listen_open(s->opt.listen, &fd));
    s->port = listen_port(fd);
    struct watch_limits limits = {s->opt.header_ms, s->opt.idle_ms, s->opt.body_grace_ms,
                                  s->opt.body_bytes_per_s, s->opt.connections_max};
    s->watch = watch_new(limits, each_tick, s);
    err e = s->watch ? pool_start(s) : FAIL(E_IO, "web.threads");
    if (e.code == OK) e = events_start(s);
    if (e.code == OK) e = accept_start(s, fd);
    if (e.code == OK) return NO_ERR;
    if (s->daemon) MHD_stop_daemon(s->daemon);
    s->daemon = NULL;
    close(fd);
    if (s->pool) pool_stop(s);
    watch_free(s->watch);
    return e;
}

err server_make(struct server **out, const struct server_options *opt)
{
    arena *mem = arena_new(0);
    struct server *s = NEW(mem, struct server);
    s->mem = mem;
    s->opt = *opt;
    defaults(&s->opt);
    pthread_mutex_init(&s->spare_lock, NULL);
    hash_start();
    signal(SIGPIPE, SIG_IGN);
    err e = parts_make(s);
    if (e.code != OK) {
        server_free(s);
        return e;
    }
    *out = s;
    return NO_ERR;
}

err server_start(struct server **out, const struct server_options *opt)
{
    TRY(server_make(out, opt));
    err e = server_listen(*out);
    if (e.code != OK) server_free(*out);
    return e;
}

void server_halt(struct server *s, int grace_ms)
{
    if (!s || !s->daemon) return;
    atomic_store(&s->stopping, true);
    accept_stop(s);
    int64_t until_us = clock_monotonic_us() + (int64_t)grace_ms * 1000;
    while (atomic_load(&s->in_flight) > 0 && clock_monotonic_us() < until_us) usleep(5000);
    pool_stop(s); /* what the workers hold is ended, so that no connection stays suspended */
    MHD_stop_daemon(s->daemon);
    watch_free(s->watch);
}

void server_stop(struct server *s, int grace_ms)
{
    server_halt(s, grace_ms);
    server_free(s);
}

int server_port(const struct server *s)
{
    return s->port;
}

const struct router *server_router(const struct server *s)
{
    return s->router;
}

void page_cache_bump(struct server *s, int64_t tenant, str topic)
{
    page_bump(s->cache, tenant, topic);
}

void page_cache_bump_all(struct server *s)
{
    page_bump_all(s->cache);
}

void server_stats(struct server *s, struct server_stats *out)
{
    int queued, busy;
    pool_numbers(s, &queued, &busy);
    *out = (struct server_stats){.requests = metrics_requests(s->metrics),
                                 .hits = metrics_events(s->metrics, METRIC_HIT),
                                 .queued = queued,
                                 .workers_busy = busy,
                                 .refused_busy = metrics_events(s->metrics, METRIC_BUSY),
                                 .cut_slow = watch_cut(s->watch),
                                 .connections = watch_count(s->watch)};
    page_cache_stats(s->cache, &out->cache_bytes, &out->cache_pages);
}
