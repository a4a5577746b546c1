/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The PostgreSQL engine: a pool of connections, each lent for one statement, one snapshot or one transaction. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/pg.h"

enum { PREPARED_MOST = 256, POOL_SIZE = 20 };
#define DOWN_US (200 * INT64_C(1000))

/* ---- the pool ---- */

static struct pg *idle_take(struct pg_store *p)
{
    struct pg *c = p->idle;
    if (c) p->idle = c->next;
    return c;
}

static void one_less(struct pg_store *p)
{
    pthread_mutex_lock(&p->lock);
    p->open--;
    pthread_cond_signal(&p->free_one);
    pthread_mutex_unlock(&p->lock);
}

/* Room for a connection: an idle one, or the right to open one (*out NULL). */
static err room_take(struct pg_store *p, struct pg **out, unsigned *out_generation)
{
    err e = NO_ERR;
    pthread_mutex_lock(&p->lock);
    while (!p->idle && p->open >= p->size) pthread_cond_wait(&p->free_one, &p->lock);
    *out = idle_take(p);
    *out_generation = p->generation;
    if (!*out && clock_monotonic_us() < p->down_until_us) e = FAIL(E_IO, "store.unreachable");
    else if (!*out) p->open++;
    pthread_mutex_unlock(&p->lock);
    return e;
}

/* Statements kept by the server cost it memory: beyond the cap all are dropped. */
static void prepared_trim(struct pg *c)
{
    if (c->n_prepared <= PREPARED_MOST) return;
    pg_send_control(c, "DEALLOCATE ALL");
    pg_drain(c);
    memset(c->prepared, 0, (size_t)sql_statement_limit);
    c->n_prepared = 0;
}

err pool_take(struct store *s, struct pg **out)
{
    struct pg_store *p = s->pg;
    for (;;) {
        struct pg *c;
        unsigned generation;
        TRY(room_take(p, &c, &generation));
        if (c && c->generation == generation) {
            c->fault = PG_FINE;
            prepared_trim(c);
            *out = c;
            return NO_ERR;
        }
        if (c) { /* made before a loss: likely lost as well */
            pg_close(c);
            one_less(p);
            continue;
        }
        err e = pg_connect(s->url, out);
        if (e.code == OK) {
            (*out)->generation = generation;
            return e;
        }
        pthread_mutex_lock(&p->lock);
        p->down_until_us = clock_monotonic_us() + DOWN_US;
        pthread_mutex_unlock(&p->lock);
        one_less(p);
        return e;
    }
}

void pool_give(struct store *s, struct pg *c)
{
    struct pg_store *p = s->pg;
    bool is_lost = c->fault == PG_LOST;
    pthread_mutex_lock(&p->lock);
    if (is_lost) {
        if (c->generation == p->generation) p->generation++;
        p->open--;
    } else {
        c->next = p->idle;
        p->idle = c;
    }
    pthread_cond_signal(&p->free_one);
    pthread_mutex_unlock(&p->lock);
    if (is_lost) pg_close(c);
}

/* ---- opening ---- */

static err open_pool(struct store *s, const struct store_options *opt)
{
    char *url = malloc(opt->url.n + 1);
    if (!url) abort();
    memcpy(url, opt->url.p, opt->url.n);
    url[opt->url.n] = 0;
    s->url = url;
    s->pg = calloc(1, sizeof *s->pg);
    if (!s->pg) abort();
    s->pg->size = s->readers ? s->readers : POOL_SIZE;
    pthread_mutex_init(&s->pg->lock, 0);
    pthread_cond_init(&s->pg->free_one, 0);
    TRY(pg_connect(url, &s->pg->admin));
    if (opt->create) return NO_ERR;
    db d = {.magic = DB_MAGIC, .store = s, .writer = true, .pg = s->pg->admin};
    arena *mem = arena_new(0);
    struct cells found;
    err e = query_rows(&d, mem, "SELECT to_regclass('migration') IS NOT NULL AS there", 0, 0, &found);
    if (e.code == OK && !(found.n && found.v[0].i)) e = FAIL(E_NOT_FOUND, "store.missing");
    arena_free(mem);
    return e;
}

static void close_pool(struct store *s)
{
    struct pg_store *p = s->pg;
    if (!p) return;
    for (struct pg *c; (c = idle_take(p)); p->open--) pg_close(c);
    assert(p->open == 0); /* every db was given back */
    pg_close(p->admin);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->free_one);
    free(p);
}

static err admin(struct store *s, db *out)
{
    *out = (db){.magic = DB_MAGIC, .store = s, .writer = true, .pg = s->pg->admin};
    return NO_ERR;
}

/* Several statements go by the simple protocol, which a pipeline does not speak. */
static err script(db *d, const char *text)
{
    struct pg *c = d->pg;
    if (c->fault == PG_LOST || !PQexitPipelineMode(c->h)) return FAIL(E_IO, "store.unreachable");
    PGresult *r = PQexec(c->h, text);
    ExecStatusType status = PQresultStatus(r);
    enum pg_fault fault = PG_FINE;
    err e = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ? NO_ERR : pg_error_of(r, &fault);
    PQclear(r);
    if (!PQenterPipelineMode(c->h) && e.code == OK) e = FAIL(E_IO, "store.unreachable");
    c->fault = PQstatus(c->h) == CONNECTION_BAD ? PG_LOST : PG_FINE;
    return e;
}

static err start(struct store *s)
{
    pg_close(s->pg->admin);
    s->pg->admin = 0;
    return NO_ERR;
}

/* ---- statements against the schema ---- */

static void compare(const PGresult *r, const struct sql_statement *s, arena *mem, str *fault)
{
    int n = PQnfields(r);
    if (PQnparams(r) != (int)s->n_params + !s->global) *fault = str_fmt(mem, "has %d parameters, declares %d", PQnparams(r), (int)s->n_params + !s->global);
    if (s->kind == SQL_EXEC) return;
    if ((size_t)n != s->n_columns) *fault = str_fmt(mem, "gives %d columns, declares %zu", n, s->n_columns);
    for (int i = 0; i < n && !fault->n; i++)
        if (PQftable(r, i) != InvalidOid && strcmp(PQfname(r, i), s->columns[i].name) != 0)
            *fault = str_fmt(mem, "column %d is %s, declared %s (write AS)", i + 1, PQfname(r, i), s->columns[i].name);
        else if (!pg_type_agrees(PQftype(r, i), s->columns[i].type))
            *fault = str_fmt(mem, "column %s has another type (%u); write CAST(… AS BIGINT), DOUBLE PRECISION or TEXT", PQfname(r, i), PQftype(r, i));
}

/* The two answers of one statement and its sync. */
static void try_read(PGconn *h, const struct sql_statement *s, arena *mem, str *fault)
{
    for (int synced = 0, nulls = 0; !synced && nulls < 4;) {
        PGresult *r = PQgetResult(h);
        ExecStatusType status = r ? PQresultStatus(r) : PGRES_EMPTY_QUERY;
        if (!r) nulls++;
        if (status == PGRES_FATAL_ERROR) *fault = str_copy(mem, str_trim(str_of(PQresultErrorMessage(r))));
        if (status == PGRES_COMMAND_OK && nulls == 1) compare(r, s, mem, fault);
        synced = status == PGRES_PIPELINE_SYNC;
        PQclear(r);
    }
}

static err try_statements(db *d, const struct sql_statement *s, size_t n, arena *mem, str *faults)
{
    PGconn *h = d->pg->h;
    for (size_t i = 0; i < n; i++)
        if (!PQsendPrepare(h, "", s[i].text[DIALECT_PG], 0, 0) || !PQsendDescribePrepared(h, "") || !PQpipelineSync(h))
            return FAIL(E_IO, "store.unreachable");
    for (size_t i = 0; i < n; i++) try_read(h, &s[i], mem, &faults[i]);
    return PQstatus(h) == CONNECTION_OK ? NO_ERR : FAIL(E_IO, "store.unreachable");
}

/* ---- running ---- */

static err run_in_txn(db *d, struct query *q)
{
    struct pg *c = d->pg;
    bool deferred = q->s && q->s->kind == SQL_EXEC && !q->wants_changed && !c->immediate && !d->snapshot;
    pg_send_query(c, q, deferred);
    if (!deferred) return pg_finish_query(c, q);
    return c->fault == PG_FINE ? NO_ERR : c->error;
}

/* A read outside transactions is tried again once when the connection turns out to be lost. */
static err run(db *d, struct query *q)
{
    if (d->pg) return run_in_txn(d, q);
    for (int attempt = 0;; attempt++) {
        struct pg *c;
        TRY(pool_take(d->store, &c));
        pg_send_query(c, q, false);
        err e = pg_finish_query(c, q);
        enum pg_fault fault = c->fault;
        pool_give(d->store, c);
        if (fault != PG_LOST || attempt == 1) return e;
    }
}

static err snapshot(db *d)
{
    TRY(pool_take(d->store, &d->pg));
    d->pg->immediate = true;
    pg_send_control(d->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    pg_drain(d->pg);
    if (d->pg->fault == PG_FINE) return NO_ERR;
    err e = d->pg->error;
    pool_give(d->store, d->pg);
    d->pg = 0;
    return e;
}

static void snapshot_end(db *d)
{
    if (d->pg->fault != PG_LOST) {
        d->pg->fault = PG_FINE;
        pg_send_control(d->pg, "ROLLBACK");
        pg_drain(d->pg);
    }
    pool_give(d->store, d->pg);
    d->pg = 0;
}

/* ---- upkeep ---- */

static err check(struct store *s, arena *mem, struct strs *faults)
{
    static const char invalid[] = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace ORDER BY 1";
    db *d;
    struct cells c;
    TRY(store_read(s, 0, &d));
    err e = query_rows(d, mem, invalid, 0, 0, &c);
    for (size_t i = 0; i < c.n && e.code == OK; i++) PUSH(mem, faults, str_fmt(mem, "index %.*s", STR_ARG(c.v[i].s)));
    db_done(d);
    return e;
}

static err vacuum(struct store *s, const char *text)
{
    struct pg *c;
    TRY(pg_connect(s->url, &c));
    db d = {.magic = DB_MAGIC, .store = s, .writer = true, .pg = c};
    err e = script(&d, "SET statement_timeout = 0");
    if (e.code == OK) e = script(&d, text);
    pg_close(c);
    return e;
}

static err tend(struct store *s) { return vacuum(s, "ANALYZE"); }
static err scrub(struct store *s) { return vacuum(s, "VACUUM"); }

static const char schema_text[] =
    "SELECT format('%s (%s)', c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)) AS ddl "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' GROUP BY c.relname "
    "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1";

static const char columns_text[] =
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
    "COALESCE((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary), 0) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname, a.attnum";

const struct engine engine_pg = {
    .dialect = DIALECT_PG, .open = open_pool, .start = start, .close = close_pool, .admin = admin, .script = script,
    .try_statements = try_statements, .run = run, .txn = pg_txn, .snapshot = snapshot, .snapshot_end = snapshot_end,
    .schema_text = schema_text, .columns_text = columns_text, .backup = pg_backup, .restore = pg_restore, .keep = pg_keep, .aside = pg_aside, .check = check,
    .tend = tend, .scrub = scrub};
