/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pg.h — a PostgreSQL connection, always in pipeline mode: statements are queued, a sync ends each round trip. The pool and the
   transactions stand in pool.c and pg_txn.c. Inside the store only. */
#pragma once
#include <libpq-fe.h>
#include <pthread.h>
#include "store/engine.h"

/* What went wrong since the last look, the first thing only. */
enum pg_fault {
    PG_FINE,
    PG_ERROR,           /* the statement is at fault, or what it was given */
    PG_AGAIN,           /* serialization failure, deadlock: the transaction can be run again */
    PG_LOST             /* the connection is of no use any more */
};

struct pg_sent { enum { SENT_PREPARE, SENT_RUN, SENT_CONTROL, SENT_SYNC } kind; int number; bool deferred, kept; };
enum { PG_SENT_MOST = 128 };

struct pg {
    PGconn *h;
    bool *prepared;                     /* by number of statement */
    int n_prepared;
    unsigned generation;                /* of the pool when it was made */
    struct pg_sent sent[PG_SENT_MOST];  /* answers not read yet */
    int n_sent;
    PGresult *result;                   /* of the statement sent with `kept` */
    enum pg_fault fault;
    err error;
    bool deferred_fault;                /* of a statement whose call had returned OK */
    bool immediate;                     /* in this run no statement is deferred */
    bool committed;                     /* COMMIT was answered */
    arena *mem;
    struct pg *next;
};

struct pg_store {
    pthread_mutex_t lock;
    pthread_cond_t free_one;
    struct pg *idle;
    int size, open;
    unsigned generation;                /* rises when a connection is lost: the idle ones are likely lost too */
    int64_t down_until_us;              /* nobody tries to connect before */
    struct pg *admin;
};

err pg_connect(const char *url, struct pg **out);
void pg_close(struct pg *c);
void pg_send_control(struct pg *c, const char *text);       /* BEGIN, COMMIT… */
void pg_send_query(struct pg *c, const struct query *q, bool deferred);
void pg_drain(struct pg *c);                                /* syncs and reads every answer */
err pg_finish_query(struct pg *c, struct query *q);         /* drains, gives the rows */
err pg_error_of(const PGresult *r, enum pg_fault *out_fault);
bool pg_type_agrees(Oid type, enum sql_type wanted);

err pool_take(struct store *s, struct pg **out);
void pool_give(struct store *s, struct pg *c);              /* closes it when it is lost */
err pg_txn(db *d, txn_fn fn, void *arg, enum isolation isolation);

err pg_backup(struct store *s, const char *file, void (*progress)(void *, int64_t, int64_t), void *arg);
err pg_restore(const struct store_options *opt, const char *file);
err pg_keep(struct store *s, const char *file);
err pg_upgrade_look(const struct store_options *opt);   /* whether an upgrade could begin: not newer, pg_dump there when there is something to migrate */
err pg_aside(const struct store_options *opt, const char *file);
