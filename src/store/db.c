/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What both engines share: opening, lending, running named statements, rows into structs. */
#include "store/db.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/engine.h"

/* With sanitizers everything takes some ten times longer. */
#ifdef BEFFROI_DEBUG
#define READ_MOST_US (10 * SECOND_US)
#else
#define READ_MOST_US SECOND_US
#endif

/* ---- handles ---- */

db *db_new(struct store *s, int64_t tenant)
{
    db *d = calloc(1, sizeof *d);
    if (!d) abort();
    *d = (db){.magic = DB_MAGIC, .store = s, .tenant = tenant};
    return d;
}

void db_free(db *d)
{
    d->magic = 0;
    free(d);
}

err store_read(struct store *s, int64_t tenant, db **out)
{
    assert(s->magic == STORE_MAGIC);
    *out = db_new(s, tenant);
    return NO_ERR;
}

void db_done(db *d)
{
    if (!d) return;
    assert(d->magic == DB_MAGIC && !d->writer);
    if (d->snapshot) db_snapshot_end(d);
    db_free(d);
}

int64_t db_tenant(const db *d) { return d->tenant; }
err db_trouble(const db *d) { return d->trouble; }
struct store *db_store(const db *d) { return d->store; }
void db_bind_tenant(db *d, int64_t tenant) { d->tenant = tenant; }
bool db_in_txn(const db *d) { return d->writer; }
bool db_maybe_committed(const db *w) { return w->maybe_committed; }
int64_t db_statements(const db *d) { return d->statements; }
bool store_is_sqlite(const struct store *s) { return s->engine->dialect == DIALECT_SQLITE; }

void store_fence(struct store *s, int64_t tenant) { atomic_store(&s->fenced, tenant); }

/* Asked where the transaction runs: what was queued before the fence stood is refused too. */
err fence_check(const db *w)
{
    return w->tenant && w->tenant == atomic_load(&w->store->fenced) ? FAIL(E_BUSY, "store.tenant_away") : NO_ERR;
}

/* ---- running ---- */

/* Text that PostgreSQL would refuse is refused alike by both: the rows must be able to move. */
static err params_check(const struct sql_value *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i].type == SQL_STR && p[i].s.n && (memchr(p[i].s.p, 0, p[i].s.n) || !utf8_valid(p[i].s)))
            return FAIL(E_INVALID, "store.bad_text");
    return NO_ERR;
}

static err run(db *d, struct query *q)
{
    assert(d->magic == DB_MAGIC);
    if (d->failed.code != OK) return d->failed;
    if (d->snapshot && !d->patient && clock_monotonic_us() > d->snapshot_at_us + d->store->read_most_us) {
        store_slow_read(q, clock_monotonic_us() - d->snapshot_at_us);
        return FAIL(E_BUSY, "store.too_slow");
    }
    d->statements++;
    atomic_fetch_add_explicit(&d->store->statements, 1, memory_order_relaxed);
    err e = params_check(q->p, q->n);
    if (e.code == OK) e = d->store->engine->run(d, q);
    if (e.code != OK && d->writer) d->failed = e;
    else if ((e.code == E_BUSY || e.code == E_IO || e.code == E_FULL) && d->trouble.code == OK) d->trouble = e;
    return e;
}

static err run_named(db *d, const struct sql_statement *s, struct query *q)
{
    if (s->writes && !d->writer) {
        log_line(LOG_ERROR, "store.write_outside_txn", "%s", s->name);
        return FAIL(E_INTERNAL, "store.not_in_txn");
    }
    q->s = s;
    q->n = s->n_params;
    q->bind_tenant = !s->global;
    q->tenant = d->tenant;
    q->wants_changed = s->counts;
    return run(d, q);
}

struct rows_out {
    arena *mem;
    const struct sql_statement *s;
    char *v;
    size_t n;
    bool one;
};

static void row_fill(const struct rows_out *o, char *row, const struct cell *cells, size_t n)
{
    for (size_t i = 0; i < o->s->n_columns && i < n; i++) {
        const struct sql_column *c = &o->s->columns[i];
        if (c->type == SQL_I64) *(int64_t *)(void *)(row + c->offset) = cells[i].null ? 0 : cells[i].i;
        else if (c->type == SQL_F64) *(double *)(void *)(row + c->offset) = cells[i].null ? 0 : cells[i].f;
        else *(str *)(void *)(row + c->offset) = cells[i].null ? STR_NONE : str_copy(o->mem, cells[i].s);
    }
}

static bool row_take(void *arg, const struct cell *cells, size_t n)
{
    struct rows_out *o = arg;
    size_t bytes = o->s->row_bytes;
    if (!o->one && (o->n & (o->n - 1)) == 0)
        o->v = arena_grow(o->mem, o->v, o->n * bytes, (o->n ? o->n * 2 : 1) * bytes);
    row_fill(o, o->v + (o->one ? 0 : o->n * bytes), cells, n);
    o->n++;
    return !o->one;
}

err sql_one(db *d, arena *mem, const struct sql_statement *s, const struct sql_value *p, void *out_row)
{
    struct rows_out o = {.mem = mem, .s = s, .v = out_row, .one = true};
    struct query q = {.p = p, .row = row_take, .row_arg = &o};
    memset(out_row, 0, s->row_bytes);
    TRY(run_named(d, s, &q));
    return o.n ? NO_ERR : FAIL(E_NOT_FOUND, "store.not_found");
}

err sql_many(db *d, arena *mem, const struct sql_statement *s, const struct sql_value *p, void **out_v, size_t *out_n)
{
    struct rows_out o = {.mem = mem, .s = s};
    struct query q = {.p = p, .row = row_take, .row_arg = &o};
    *out_v = 0;
    *out_n = 0;
    TRY(run_named(d, s, &q));
    *out_v = o.v;
    *out_n = o.n;
    return NO_ERR;
}

err sql_exec(db *d, const struct sql_statement *s, const struct sql_value *p, int64_t *out_changed)
{
    struct query q = {.p = p};
    if (out_changed) *out_changed = 0;
    TRY(run_named(d, s, &q));
    if (out_changed) *out_changed = q.changed;
    return NO_ERR;
}

/* ---- rows as cells ---- */

struct cells_out { arena *mem; struct cells *out; };

static bool cells_take(void *arg, const struct cell *cells, size_t n)
{
    struct cells_out *o = arg;
    struct cells *out = o->out;
    if ((out->n & (out->n - 1)) == 0)
        out->v = arena_grow(o->mem, out->v, out->n * n * sizeof *cells, (out->n ? out->n * 2 : 1) * n * sizeof *cells);
    struct cell *row = out->v + out->n++ * n;
    out->columns = n;
    for (size_t i = 0; i < n; i++) {
        row[i] = cells[i];
        row[i].s = cells[i].null ? STR_NONE : cells[i].s.p ? str_copy(o->mem, cells[i].s) : STR_NONE;
    }
    return true;
}

err query_rows(db *d, arena *mem, const char *text, const struct sql_value *p, size_t n, struct cells *out)
{
    struct cells_out o = {mem, out};
    struct query q = {.text = text, .p = p, .n = n, .row = cells_take, .row_arg = &o};
    *out = (struct cells){0};
    return run(d, &q);
}

/* ---- transactions and snapshots ---- */

static err txn(db *d, txn_fn fn, void *arg, enum isolation isolation)
{
    assert(d->magic == DB_MAGIC);
    if (d->writer) {
        if (d->failed.code != OK) return d->failed;
        err e = fn(d, arg);
        if (e.code != OK && d->failed.code == OK) d->failed = e;
        return d->failed.code != OK && e.code == OK ? d->failed : e;
    }
    if (d->snapshot) return FAIL(E_INTERNAL, "store.txn_in_snapshot");
    atomic_fetch_add_explicit(&d->store->txns, 1, memory_order_relaxed);
    return d->store->engine->txn(d, fn, arg, isolation);
}

err db_txn(db *d, txn_fn fn, void *arg) { return txn(d, fn, arg, ISOLATION_SERIALIZABLE); }
err db_txn_own(db *d, txn_fn fn, void *arg) { return txn(d, fn, arg, ISOLATION_SNAPSHOT); }

err db_snapshot(db *d)
{
    if (d->writer || d->snapshot) return NO_ERR;
    TRY(d->store->engine->snapshot(d));
    d->snapshot = true;
    d->snapshot_at_us = clock_monotonic_us();
    return NO_ERR;
}

void db_snapshot_end(db *d)
{
    if (!d->snapshot) return;
    d->store->engine->snapshot_end(d);
    d->snapshot = false;
    int64_t us = clock_monotonic_us() - d->snapshot_at_us;
    if (us > SECOND_US) log_line(LOG_WARN, "store.long_snapshot", "%lld ms", (long long)us / 1000);
}

void db_be_patient(db *d) { d->patient = true; }

void store_slow_read(const struct query *q, int64_t us)
{
    log_line(LOG_WARN, "store.slow_read", "%s: cut after %lld ms", q->s ? q->s->name : "a made statement", (long long)us / 1000);
}

void topics_tell(struct store *s, const struct topics *t, size_t from)
{
    for (size_t i = from; s->on_change && i < t->n; i++) s->on_change(s->on_change_arg, t->v[i].tenant, t->v[i].name, t->v[i].id);
}

void store_complain(const char *what, const char *code, const char *words)
{
    static atomic_llong last;
    long long now = clock_monotonic_us(), was = atomic_load(&last);
    if (now - was < SECOND_US || !atomic_compare_exchange_strong(&last, &was, now)) return;
    log_line(LOG_ERROR, what, "%s %s", code, words ? words : "");
}

void store_stats(struct store *s, struct store_stats *out)
{
    *out = (struct store_stats){s->statements, s->txns, s->txn_retries, s->groups, s->grouped};
}

/* ---- opening ---- */

err store_lock(str dir, int *out_fd)
{
    arena *mem = arena_new(0);
    int fd = open(str_z(mem, str_fmt(mem, "%.*s/lock", STR_ARG(dir))), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    arena_free(mem);
    if (fd < 0) return FAIL(E_IO, "store.directory");
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return FAIL(E_BUSY, "store.in_use");
    }
    *out_fd = fd;
    return NO_ERR;
}

/* One file of statements, a few at a time. */
static err statements_try(db *d, const struct sql_statement *file, size_t *faults, str *first, arena *mem)
{
    enum { FEW = 32 };
    while (file->name) {
        str found[FEW] = {0};
        size_t n = 0;
        while (n < FEW && file[n].name) n++;
        TRY(d->store->engine->try_statements(d, file, n, mem, found));
        for (size_t i = 0; i < n; i++) {
            if (!found[i].n) continue;
            str whole = str_fmt(mem, "%s:%d: %s: %.*s", file[i].file, file[i].line, file[i].name, STR_ARG(found[i]));
            log_line(LOG_ERROR, "store.statement", "%.*s", STR_ARG(whole));
            if (!(*faults)++) *first = whole;
        }
        file += n;
    }
    return NO_ERR;
}

/* Every statement of the program against the schema as it stands. */
static err statements_try_all(struct store *s, db *d)
{
    static char at[400]; /* the process stops on it; err.at is static or the caller's */
    arena *mem = arena_new(0);
    size_t faults = 0;
    str first = STR_NONE;
    err e = NO_ERR;
    for (size_t i = 0; sql_registry[i] && e.code == OK; i++) e = statements_try(d, sql_registry[i], &faults, &first, mem);
    for (size_t i = 0; s->more_sql && s->more_sql[i] && e.code == OK; i++) e = statements_try(d, s->more_sql[i], &faults, &first, mem);
    if (e.code == OK && faults) {
        snprintf(at, sizeof at, "%.*s", STR_ARG(first));
        e = FAIL_AT(E_CONFIG, "store.statement", at);
    }
    arena_free(mem);
    return e;
}

static err open_steps(struct store *s, const struct store_options *opt)
{
    db d;
    TRY(s->engine->open(s, opt));
    TRY(s->engine->admin(s, &d));
    TRY(migrate(s, &d));
    TRY(statements_try_all(s, &d));
    return s->engine->start(s);
}

err store_open(struct store **out, const struct store_options *opt)
{
    *out = 0;
    struct store *s = calloc(1, sizeof *s);
    if (!s) abort();
    s->magic = STORE_MAGIC;
    s->lock_fd = -1;
    s->more_sql = opt->more_sql;
    s->more_migrations = opt->more_migrations;
    if (opt->before.n && !(s->before = strndup(opt->before.p, opt->before.n))) abort();
    s->readers = opt->readers > 0 ? opt->readers : 0;
    s->read_most_us = opt->read_most_ms > 0 ? opt->read_most_ms * INT64_C(1000) : READ_MOST_US;
    err e = FAIL(E_CONFIG, "store.url");
    if (str_starts(opt->url, S("sqlite:"))) s->engine = &engine_sqlite;
    if (str_starts(opt->url, S("postgresql://")) || str_starts(opt->url, S("postgres://"))) s->engine = &engine_pg;
    if (s->engine) e = open_steps(s, opt);
    if (e.code == OK) *out = s;
    else store_close(s);
    return e;
}

void store_close(struct store *s)
{
    if (!s) return;
    assert(s->magic == STORE_MAGIC);
    if (s->engine) s->engine->close(s);
    if (s->lock_fd >= 0) close(s->lock_fd);
    free(s->url);
    free(s->before);
    s->magic = 0;
    free(s);
}

err store_backup(struct store *s, str file, void (*progress)(void *, int64_t done, int64_t total), void *arg)
{
    arena *mem = arena_new(0);
    const char *name = str_z(mem, file);
    err e = access(name, F_OK) == 0 ? FAIL(E_EXISTS, "store.backup.exists") : s->engine->backup(s, name, progress, arg);
    arena_free(mem);
    return e;
}

err store_restore(const struct store_options *opt, str file)
{
    arena *mem = arena_new(0);
    const char *name = str_z(mem, file);
    const struct engine *engine = str_starts(opt->url, S("sqlite:")) ? &engine_sqlite : &engine_pg;
    err e = access(name, R_OK) != 0 ? FAIL(E_NOT_FOUND, "store.backup.missing") : engine->restore(opt, name);
    arena_free(mem);
    return e;
}

err store_check(struct store *s, arena *mem, struct strs *faults)
{
    return s->engine->check(s, mem, faults);
}

err store_schema(struct store *s, struct strs *out, arena *mem)
{
    db *d;
    struct cells c = {0};
    *out = (struct strs){0};
    TRY(store_read(s, 0, &d));
    err e = query_rows(d, mem, s->engine->schema_text, 0, 0, &c);
    for (size_t i = 0; i < c.n; i++) PUSH(mem, out, c.v[i].s);
    db_done(d);
    return e;
}

err store_tend(struct store *s) { return s->engine->tend(s); }
err store_scrub(struct store *s) { return s->engine->scrub(s); }
