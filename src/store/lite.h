/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lite.h — a SQLite connection and its statements; the pool and the writer stand in sqlite.c and writer.c. Inside the store only. */
#pragma once
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include "store/engine.h"

struct lite_slot { sqlite3_stmt *st; uint32_t used; };
struct lite_made { sqlite3_stmt *st; uint32_t used; uint64_t hash; char *text; };   /* statements made by select.c */
#define LITE_MADE 16

/* What every transaction says, prepared once. */
enum lite_word { LITE_BEGIN, LITE_COMMIT, LITE_ROLLBACK, LITE_SAVEPOINT, LITE_RELEASE, LITE_ROLLBACK_TO, LITE_WORDS };

struct lite {
    sqlite3 *h;
    sqlite3_stmt *words[LITE_WORDS];
    struct lite_slot *slots;            /* by number of statement */
    int n_prepared, max_prepared;
    uint32_t tick;
    struct lite_made made[LITE_MADE];
    int64_t until_us;                   /* a statement that runs then is cut; 0: never. Monotonic */
    struct lite *next;
};

err lite_open(const char *path, bool writer, struct lite **out);
void lite_close(struct lite *c);
err lite_error(struct lite *c, int rc);     /* the engine's code as an err; logs what nobody expects */
err lite_script(struct lite *c, const char *text);
err lite_copy(struct lite *c, const char *file);            /* the whole database into one file, synced; none has that name */
err lite_say(struct lite *c, enum lite_word word);
err lite_run(struct lite *c, struct query *q);
bool lite_lost(struct lite *c);                             /* no transaction is open any more */

/* ---- the writer ---- */
struct lite_job {
    txn_fn fn;                          /* NULL: call is run outside a transaction */
    err (*call)(struct lite *c, void *arg);
    void *arg;
    int64_t tenant, statements;
    err result;
    sem_t *done;
    struct lite_job *next;
};

struct lite_store {
    pthread_mutex_t lock;
    pthread_cond_t free_one;            /* a reader came back */
    struct lite *idle;
    int readers, readers_open;

    pthread_mutex_t queue_lock;
    pthread_cond_t work;
    struct lite_job *first, **last;
    bool stop, running;
    pthread_t thread;
    struct lite *writer;
    db *wdb;
};

err writer_start(struct store *s);
void writer_stop(struct store *s);
err writer_txn(db *d, txn_fn fn, void *arg, enum isolation isolation);
err writer_call(struct store *s, err (*call)(struct lite *c, void *arg), void *arg);
