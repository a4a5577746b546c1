/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* call.h — inside the server only: a request with all that the server knows of it, and the server itself. A
   call belongs to one thread at a time: the event thread of its connection, or, while the connection is
   suspended, the worker that took it from the queue. */
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include "web/address.h"
#include "web/cache.h"
#include "web/decode.h"
#include "web/limit.h"
#include "web/multipart.h"
#include "web/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "web/watch.h"

enum { CALL_MAGIC = 0x63616c6c, CHUNK_BYTES = 64 * 1024, URL_MAX = 8192, REPLY_BYTES_MAX = 16 << 20 };
enum { TOPICS_MAX = 12, UPLOADS_MAX = 50 };
/* WHOLE: kept in memory (form, JSON); PIECES: multipart, raw, sink */
enum body_mode { BODY_NONE, BODY_WHOLE, BODY_PIECES };
enum task { TASK_PIECE, TASK_RUN, TASK_PULL };

#define SESSION_COOKIE "session"
#define SESSION_COOKIE_SECURE "__Host-session"
#define WROTE_COOKIE "ecrit"

struct headers_in {
    str host, cookie, accept_language, accept_encoding, if_none_match, content_type, authorization, range;
    str forwarded_for, forwarded_proto, origin, referer, fetch_site;
    int64_t content_length;
    bool has_length, chunked;
};
struct header_out { const char *name; str value; bool always; };

struct call {
    struct req q;                     /* first: a req is a call */
    unsigned magic;
    struct server *server;
    struct MHD_Connection *connection;
    struct watched *watched;
    struct call *next;                /* in the queue, or among the spare */
    enum task task;
    char ip_z[64], id_z[20], host_z[256];

    /* what came */
    str raw_url;                      /* path and query, copied */
    struct headers_in in;
    bool seen_headers, has_body, entered, lent, admitted, ran;
    struct ip ip;
    enum http_method method;          /* as on the wire */
    err refused;                      /* decided before the handler; the rest of the body is dropped */
    int status_forced;                /* 405, 415…: statuses that no err_code has */
    unsigned allowed;                 /* methods, for 405 and OPTIONS */
    struct route_params params;
    size_t route_i;                   /* in the router; its count when no route matched */
    enum body_mode body_mode;
    buf body;                         /* whole, or the piece being gathered */
    int64_t body_bytes, body_bytes_max, piece_since_us;
    struct pairs query, form;
    bool query_parsed;
    /* bits: parameters a handler asked for; another one keeps the page out of the cache */
    uint64_t queries_read;
    struct multipart *multipart;
    buf field;                        /* value of the part being read */
    str field_name;
    int64_t form_bytes;
    struct upload *file;              /* the file part being read; NULL: a plain field */
    struct { struct upload **v; size_t n; } files;
    bool skip_part;
    err body_failed;                  /* a file could not be kept: told once the words beside it have come */
    bool form_done;                   /* read to its end: q->form holds all that was typed */

    /* the answer */
    int status;
    const char *type;
    buf out;
    str fixed;                        /* reply_static */
    bool has_fixed;
    struct { struct header_out *v; size_t n; } headers;
    str images_from;
    bool read_headers, is_private, wrote, cacheable, set_cookie;
    int public_s, retry_after_s;
    const char *topics[TOPICS_MAX];
    size_t topics_n;
    enum lang lang_asked;             /* before enter */
    uint64_t cache_seq;               /* of the cache when this request began */
    pull_fn pull;
    void *pull_arg;
    void (*pull_end)(void *);
    int64_t stream_bytes, streamed;   /* stream_bytes -1: not known */
    enum { STREAM_GOING, STREAM_DONE, STREAM_FAILED } stream;
    size_t out_at;                    /* of out, what has left */
    struct MHD_Response *response;
    int64_t sent_bytes;
    const char *cache_note;           /* for the access log: hit, stored, NULL */
};

static inline struct call *call_of(struct req *q)
{
    return (struct call *)q;
}

struct metrics;
struct access_log;
struct pool;
struct accepting;

struct server {
    struct server_options opt;        /* with the defaults filled in */
    arena *mem;
    struct MHD_Daemon *daemon;
    struct accepting *accepting;
    int port;
    struct router *router;
    struct networks trusted;
    unsigned char csrf_key[32];
    struct page_cache *cache;
    struct limiter *limiter;
    struct watch *watch;
    struct metrics *metrics;
    struct access_log *log;
    struct pool *pool;
    struct MHD_Response **asset_responses;      /* ENCODING_N for each asset */
    struct MHD_Response **asset_unchanged;      /* 304 */
    struct MHD_Response *busy;                  /* 503 when the queue is full */
    struct MHD_Response *too_large;             /* 413 to a body not worth reading to its end */
    pthread_mutex_t spare_lock;
    struct call *spare;
    int spare_n;
    char id_prefix[9];
    atomic_uint_fast64_t id_next;
    atomic_bool stopping;
    atomic_int in_flight;
};

/* spare.c */
struct call *call_take(struct server *s);
void call_give(struct call *c);                 /* ends the stream, drops files not kept, resets the arena */
void call_spares_free(struct server *s);

/* events.c: libmicrohttpd's callbacks */
err events_start(struct server *s);
/* accept.c; owns fd once started, and closes it when stopped */
err accept_start(struct server *s, int fd);
void accept_stop(struct server *s);              /* `stopping` is set; nothing if it was not started */
void events_wake(struct call *c);               /* resumes the connection */

/* answer_now.c: on the event thread, without a worker. MHD_NO: the connection is to be closed */
bool answer_from_memory(struct call *c, enum MHD_Result *out);
enum MHD_Result answer_fixed(struct call *c, struct MHD_Response *r, int status);
bool call_is_anonymous(const struct call *c);    /* neither session nor token: the page cache may serve */
str call_cache_key(const struct call *c, char *to);      /* to: 1,400 bytes; absent: too long to be cached */
err answers_prepare(struct server *s);
void answers_free(struct server *s);

/* body.c */
err body_plan(struct call *c);                  /* after the headers: how the body is taken, or why not */
/* on a worker: what was gathered goes to its reader; errors go to c->refused */
void body_piece(struct call *c);
err body_finish(struct call *c);                /* on a worker, after the last piece; again: the same answer */

/* run.c: on a worker */
void call_run(struct call *c);
void call_pull(struct call *c);
err call_enter(struct call *c);                 /* tenant, person, q->db */
void call_leave(struct call *c);
err call_admit(struct call *c);                 /* origin, right */
void reply_reset(struct call *c);               /* forgets the answer begun, but for cookies */

/* finish.c */
void call_finish(struct call *c);               /* the reply becomes an MHD_Response */
/* NULL: not a page */
void security_headers(const struct server *s, struct MHD_Response *r, const char *page_policy, bool https);
int status_of(enum err_code code);

/* csrf.c */
err origin_check(struct call *c);
err token_check(struct call *c);

/* pool.c */
err pool_start(struct server *s);
void pool_stop(struct server *s);               /* ends what is queued first */
void pool_free(struct server *s);
bool pool_has_room(struct server *s);           /* for one more new request */
/* suspends the connection, the call is a worker's; false: stopping */
bool pool_add(struct server *s, struct call *c, enum task task);
void pool_numbers(struct server *s, int *queued, int *busy);

/* compress.c: a stream kept by each thread. Empty when it would not be smaller */
bool type_compresses(const char *type);
str gzip_quick(str plain, int level, buf *out);
str brotli_quick(str plain, int quality, buf *out);

/* metrics.c, access_log.c */
struct metrics *metrics_new(size_t routes);
void metrics_free(struct metrics *m);
void metrics_count(struct metrics *m, size_t route, int status, int64_t us);
enum metric_event { METRIC_HIT, METRIC_BUSY, METRIC_ASSET, METRIC_EVENTS_N };
void metrics_event(struct metrics *m, enum metric_event which);
int64_t metrics_events(struct metrics *m, enum metric_event which);
int64_t metrics_requests(struct metrics *m);
err access_log_open(struct access_log **out, const char *path);
void access_log_close(struct access_log *l);
void access_log_flush(struct access_log *l);
void access_log_write(struct access_log *l, const struct call *c, int64_t us, bool aborted);
