/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* engine.h — what db.c asks of an engine, and what the engines share. Inside the store only. */
#pragma once
#include <stdatomic.h>
#include "store/migrate.h"
#include "store/select.h"
#include "store/sql.h"

enum dialect { DIALECT_SQLITE, DIALECT_PG };

/* A statement to run: a named one, or text made by the store itself (select.c, migrate.c). */
struct query {
    const struct sql_statement *s;
    const char *text;                   /* when s is NULL; in the engine's dialect */
    bool bind_tenant;
    int64_t tenant;
    const struct sql_value *p;
    size_t n;
    /* Called for each row; false: enough. Strings are the engine's, gone with the next row. */
    bool (*row)(void *arg, const struct cell *cells, size_t n);
    void *row_arg;
    int64_t changed;                    /* out: rows changed */
    bool wants_changed;
};

struct lite_store;
struct pg_store;
struct lite;                            /* one SQLite connection */
struct pg;                              /* one PostgreSQL connection */

struct topic { int64_t tenant, id; str name; };
struct topics { struct topic *v; size_t n; };

#define DB_MAGIC 0x0db0c0deu
struct db {
    unsigned magic;
    struct store *store;
    int64_t tenant, statements;
    bool writer, snapshot, maybe_committed, patient;
    err trouble;                        /* of a read outside transactions: the first failure of the store itself */
    err failed;                         /* in a transaction: the first failure; everything after fails alike */
    struct lite *lite;                  /* held in a snapshot or a transaction */
    struct pg *pg;
    int64_t snapshot_at_us;
    arena *mem;                         /* writers: for what lives until COMMIT */
    struct topics topics;               /* bumped since BEGIN; this function's start at topics_from */
    size_t topics_from;
};

/* SQLite has one writer: both are the same there. */
enum isolation { ISOLATION_SERIALIZABLE, ISOLATION_SNAPSHOT };

struct engine {
    enum dialect dialect;
    err (*open)(struct store *s, const struct store_options *opt);      /* connects, nothing more */
    err (*start)(struct store *s);                                      /* after migrations: pools and threads */
    void (*close)(struct store *s);
    /* The connection of start-up, for migrations: one thread, before start. */
    err (*admin)(struct store *s, db *out);
    err (*script)(db *d, const char *text);                             /* several statements, no results */
    /* Prepares n statements on the start-up connection; faults[i]: what is wrong with it, for people who program. */
    err (*try_statements)(db *d, const struct sql_statement *s, size_t n, arena *mem, str *faults);
    err (*run)(db *d, struct query *q);
    err (*txn)(db *d, txn_fn fn, void *arg, enum isolation isolation);
    err (*snapshot)(db *d);
    void (*snapshot_end)(db *d);
    err (*backup)(struct store *s, const char *file, void (*progress)(void *, int64_t, int64_t), void *arg);
    err (*restore)(const struct store_options *opt, const char *file);
    /* The whole store into file, at start-up. */
    err (*keep)(struct store *s, const char *file);
    /* What stands there goes into file, and the place is empty, as restore wants it. */
    err (*aside)(const struct store_options *opt, const char *file);
    err (*check)(struct store *s, arena *mem, struct strs *faults);
    const char *schema_text;                                            /* one column: DDL, or a line for each column */
    const char *columns_text;                                           /* (table, column, type, place in the primary key or 0), in order */
    err (*tend)(struct store *s);
    err (*scrub)(struct store *s);
};
extern const struct engine engine_sqlite, engine_pg;

#define STORE_MAGIC 0x0570e0deu
struct store {
    unsigned magic;
    const struct engine *engine;
    char *url;                          /* SQLite: the file's path */
    char *before;                       /* see store_options; NULL: nothing is kept */
    int readers;
    int64_t read_most_us;               /* of a reading statement, of a snapshot */
    int lock_fd;
    const struct sql_statement *const *more_sql;
    const struct migration *const *more_migrations;
    struct lite_store *lite;
    struct pg_store *pg;
    atomic_llong statements, txns, txn_retries, groups, grouped;
    atomic_llong fenced;                /* a tenant that is away; 0: none */
    void (*on_wait)(void *, bool waits);
    void *on_wait_arg;
    void (*on_change)(void *, int64_t tenant, str topic, int64_t id);
    void *on_change_arg;
};

void store_slow_read(const struct query *q, int64_t us);     /* says so in the log */
err fence_check(const db *w);
db *db_new(struct store *s, int64_t tenant);
void db_free(db *d);
err migrate(struct store *s, db *d);
err before_keep(struct store *s, const char *dir);
/* Through a connection of start-up: whether some are still to run, whether none ever did. E_CONFIG "store.newer". */
err migrations_look(db *d, bool *out_pending, bool *out_fresh);
void topics_tell(struct store *s, const struct topics *t, size_t from);
err query_rows(db *d, arena *mem, const char *text, const struct sql_value *p, size_t n, struct cells *out);
/* Logs at most once a second what an engine said; words of people never stand in it. */
void store_complain(const char *what, const char *code, const char *words);
