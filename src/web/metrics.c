/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/call.h"

/* Upper bounds in µs; the last bucket is all. */
static const int64_t BOUNDS_US[] = {500,   1000,   2500,   5000,    10000,   25000,
                                    50000, 100000, 250000, 1000000, 5000000, INT64_MAX};
enum { BOUNDS_N = sizeof BOUNDS_US / sizeof BOUNDS_US[0], CLASSES = 5 };

struct metrics {
    size_t routes; /* one more row: what matched no route */
    atomic_uint_fast64_t events[METRIC_EVENTS_N];
    atomic_uint_fast64_t buckets[BOUNDS_N], sum_us, count;
    atomic_uint_fast64_t by_route[]; /* CLASSES for each */
};

struct metrics *metrics_new(size_t routes)
{
    struct metrics *m = calloc(1, sizeof *m + (routes + 1) * CLASSES * sizeof m->by_route[0]);
    if (m) m->routes = routes;
    return m;
}

void metrics_free(struct metrics *m)
{
    free(m);
}

static void add(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t now(atomic_uint_fast64_t *of)
{
    return atomic_load_explicit(of, memory_order_relaxed);
}

void metrics_count(struct metrics *m, size_t route, int status, int64_t us)
{
    int class = status / 100 - 1;
    if (class < 0 || class >= CLASSES) class = CLASSES - 1;
    if (route > m->routes) route = m->routes;
    add(&m->by_route[route * CLASSES + (size_t) class], 1);
    size_t b = 0;
    while (us > BOUNDS_US[b]) b++;
    add(&m->buckets[b], 1);
    add(&m->sum_us, (uint64_t)us);
    add(&m->count, 1);
}

void metrics_event(struct metrics *m, enum metric_event which)
{
    add(&m->events[which], 1);
}

int64_t metrics_events(struct metrics *m, enum metric_event which)
{
    return (int64_t)now(&m->events[which]);
}

int64_t metrics_requests(struct metrics *m)
{
    return (int64_t)now(&m->count);
}

static void number(buf *b, const char *name, const char *type, const char *help, int64_t v)
{
    buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name, (long long)v);
}

static void routes_write(struct server *s, buf *b)
{
    struct metrics *m = s->metrics;
    buf_lit(b, "# HELP beffroi_http_requests_total Requests by route and class of status.\n# TYPE "
               "beffroi_http_requests_total counter\n");
    for (size_t r = 0; r <= m->routes; r++)
        for (int class = 0; class < CLASSES; class ++) {
            uint64_t n = now(&m->by_route[r * CLASSES + (size_t) class]);
            if (n == 0) continue;
            const struct route *route = r < m->routes ? router_at(s->router, r) : NULL;
            buf_fmt(b, "beffroi_http_requests_total{method=\"%s\",route=\"%s\",status=\"%dxx\"} %llu\n",
                    route ? method_name(route->method) : "", route ? route->path : "", class + 1,
                    (unsigned long long)n);
        }
}

static void latency_write(struct metrics *m, buf *b)
{
    buf_lit(b, "# HELP beffroi_http_request_seconds Time from request line to answer sent.\n# TYPE "
               "beffroi_http_request_seconds histogram\n");
    uint64_t sum = 0;
    for (size_t i = 0; i < BOUNDS_N; i++) {
        sum += now(&m->buckets[i]);
        if (i + 1 < BOUNDS_N)
            buf_fmt(b, "beffroi_http_request_seconds_bucket{le=\"%g\"} %llu\n", (double)BOUNDS_US[i] / 1e6,
                    (unsigned long long)sum);
        else
            buf_fmt(b, "beffroi_http_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    }
    buf_fmt(b, "beffroi_http_request_seconds_sum %.6f\nbeffroi_http_request_seconds_count %llu\n",
            (double)now(&m->sum_us) / 1e6, (unsigned long long)sum);
}

void metrics_write(struct server *s, buf *b)
{
    struct server_stats st;
    server_stats(s, &st);
    routes_write(s, b);
    latency_write(s->metrics, b);
    number(b, "beffroi_http_cache_hits_total", "counter", "Pages answered from the page cache.", st.hits);
    number(b, "beffroi_http_cache_pages", "gauge", "Pages in the page cache.", st.cache_pages);
    number(b, "beffroi_http_cache_bytes", "gauge", "Bytes in the page cache.", st.cache_bytes);
    number(b, "beffroi_http_assets_total", "counter", "Files of the program answered.",
           metrics_events(s->metrics, METRIC_ASSET));
    number(b, "beffroi_http_queue_length", "gauge", "Requests waiting for a worker.", st.queued);
    number(b, "beffroi_http_workers_busy", "gauge", "Workers at work.", st.workers_busy);
    number(b, "beffroi_http_refused_total", "counter", "Requests refused because the queue was full.",
           st.refused_busy);
    number(b, "beffroi_http_connections", "gauge", "Connections open.", st.connections);
    number(b, "beffroi_http_cut_slow_total", "counter", "Connections cut because they were too slow.",
           st.cut_slow);
}
