/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* server.h — the HTTP server. Event threads (2) parse, answer from the page cache and stream; a complete
   request waits in a bounded queue for one of the workers (16), which runs the handler in a straight line.
   See docs/request.md. */
#pragma once
#include "web/assets.h"
#include "web/req.h"

struct server;

/* What the roof gives. All run on worker threads. */
struct server_hooks {
    /* Finds the tenant by q->host_name (E_HOST when unknown), the session by session_token(q); lends q->db.
       Once for each request. */
    err (*enter)(struct req *q);
    /* E_SIGN_IN, E_DENIED… when the route's right is not had. */
    err (*allow)(struct req *q, const struct route *route);
    /* Writes a page (JSON when the route is ROUTE_API) for an error; q->tenant may be NULL; reply_status is
       set after it returns. */
    void (*error_page)(struct req *q, err e, int status);
    /* q->db again, for the next piece of a long body or of a stream; NULL: these have no q->db */
    err (*lend)(struct req *q);
    /* takes q->db back; called after each enter that returned OK and each lend */
    void (*leave)(struct req *q);
};

struct server_options {
    str listen;                        /* "127.0.0.1:8080", "[::]:80", ":8080"; port 0: any */
    int listen_fd;                     /* > 0: already bound by the parent process, instead of `listen` */
    str tls_cert_pem, tls_key_pem;     /* both: HTTPS by GnuTLS */
    bool hsts;                         /* sends Strict-Transport-Security over HTTPS */
    struct route_tables routes;
    struct server_hooks hooks;
    struct app *app;
    struct blobs *blobs;               /* where files of forms go; NULL: none are taken */
    const struct asset_table *assets;  /* NULL: none */
    /* 32 bytes, the same on every node; absent: random, forms shown before a restart are refused */
    str csrf_key;
    /* "127.0.0.1", "10.0.0.0/8", "fd00::/8": X-Forwarded-For and -Proto are believed from these only */
    struct strs trusted_proxies;
    str tile_origin;                   /* reply_allow_images needs nothing else; absent: none */
    const char *access_log;            /* a file, appended; "-": standard error; NULL: none */

    /* 0 means the default in parentheses. */
    int event_threads;                 /* (2) */
    int workers;                       /* (16) */
    int spare_idle_ms;                 /* a thread made while workers wait for a commit ends after (10,000) */
    int queue_max;                     /* requests waiting for a worker (256); beyond: 503 */
    int connections_max;               /* (4096) */
    int connections_per_address;       /* (no limit: people share addresses) */
    size_t cache_bytes;                /* page cache (8 MiB) */
    int64_t form_bytes_max;            /* body of a form without its files (4 MB) */
    int64_t json_bytes_max;            /* (8 MB) */
    int64_t file_bytes_max;            /* one file (200 MB) */
    int form_fields_max;               /* (5000) */
    int header_ms;                     /* the whole header must be there within (10,000) */
    int idle_ms;                       /* a kept connection without request (30,000) */
    int body_grace_ms;                 /* before the rate of a body is looked at (15,000) */
    int body_bytes_per_s;              /* slower bodies, and answers read more slowly, are cut (1,000) */
};

/* A server that takes no connection yet: who must know of it (store_on_wait, page_cache_bump…) is told before server_listen.
   E_CONFIG, E_IO: at says the address or the route. Then server_free, whatever follows. */
err server_make(struct server **out, const struct server_options *opt);
err server_listen(struct server *s);
/* Stops listening, lets what was begun end (≤ grace_ms), ends its threads. Others may still call page_cache_bump until server_free. */
void server_halt(struct server *s, int grace_ms);
void server_free(struct server *s);
/* Make and listen; halt and free. */
err server_start(struct server **out, const struct server_options *opt);
void server_stop(struct server *s, int grace_ms);
/* A worker waits for a commit (true), or no more: meanwhile another takes its turn. For store_on_wait; other threads may call it. */
void server_worker_waits(void *server, bool waits);
int server_port(const struct server *s);
const struct router *server_router(const struct server *s);

/* Pages tied to this topic of this tenant are stale from now on. Call after COMMIT. Topic "*": all pages of
   the tenant. Thread-safe, O(1). */
void page_cache_bump(struct server *s, int64_t tenant, str topic);
void page_cache_bump_all(struct server *s);

/* Prometheus text (exposition format 0.0.4). */
void metrics_write(struct server *s, buf *out);
struct server_stats {
    int64_t requests, hits, queued, refused_busy, cut_slow, connections, workers_busy;
    int64_t cache_bytes, cache_pages;
};
void server_stats(struct server *s, struct server_stats *out);
