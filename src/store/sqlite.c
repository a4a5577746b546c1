/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The SQLite engine: one file, one writer (writer.c), a few readers lent for one statement or one snapshot. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/lite.h"

static str path_of(str url) { return str_cut(url, sizeof "sqlite:" - 1, url.n); }

static str dir_of(str path)
{
    for (size_t i = path.n; i-- > 0;)
        if (path.p[i] == '/') return str_cut(path, 0, i ? i : 1);
    return S(".");
}

static err dir_make(const char *dir)
{
    char *copy = strdup(dir);
    if (!copy) abort();
    int bad = 0;
    for (char *c = copy + 1; *c && !bad; c++) {
        if (*c != '/') continue;
        *c = 0;
        bad = mkdir(copy, 0755) != 0 && errno != EEXIST;
        *c = '/';
    }
    bad = bad || (mkdir(copy, 0700) != 0 && errno != EEXIST);
    free(copy);
    return bad ? FAIL(E_IO, "store.directory") : NO_ERR;
}

/* Readable by nobody else; SQLite gives its WAL the same mode. */
static err file_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return FAIL(errno == ENOSPC ? E_FULL : E_IO, errno == ENOSPC ? "store.full" : "store.directory");
    close(fd);
    return NO_ERR;
}

static err open_file(struct store *s, const struct store_options *opt)
{
    arena *mem = arena_new(0);
    const char *dir = str_z(mem, dir_of(path_of(opt->url)));
    s->url = strdup(str_z(mem, path_of(opt->url)));
    if (!s->url) abort();
    err e = opt->create ? dir_make(dir) : NO_ERR;
    if (e.code == OK && !opt->create && access(s->url, F_OK) != 0) e = FAIL(E_NOT_FOUND, "store.missing");
    if (e.code == OK) e = store_lock(str_of(dir), &s->lock_fd);
    arena_free(mem);
    TRY(e);
    s->lite = calloc(1, sizeof *s->lite);
    if (!s->lite) abort();
    s->lite->readers = s->readers ? s->readers : 8;
    s->lite->last = &s->lite->first;
    pthread_mutex_init(&s->lite->lock, 0);
    pthread_mutex_init(&s->lite->queue_lock, 0);
    pthread_cond_init(&s->lite->free_one, 0);
    pthread_cond_init(&s->lite->work, 0);
    TRY(file_make(s->url));
    return lite_open(s->url, true, &s->lite->writer);
}

static void close_file(struct store *s)
{
    struct lite_store *l = s->lite;
    if (!l) return;
    writer_stop(s);
    for (struct lite *c; (c = l->idle);) {
        l->idle = c->next;
        l->readers_open--;
        lite_close(c);
    }
    assert(l->readers_open == 0); /* every db was given back */
    if (l->writer) sqlite3_exec(l->writer->h, "PRAGMA analysis_limit=400; PRAGMA optimize;", 0, 0, 0);
    lite_close(l->writer);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->queue_lock);
    pthread_cond_destroy(&l->free_one);
    pthread_cond_destroy(&l->work);
    free(l);
}

static err admin(struct store *s, db *out)
{
    *out = (db){.magic = DB_MAGIC, .store = s, .writer = true, .lite = s->lite->writer};
    return NO_ERR;
}

static err script(db *d, const char *text) { return lite_script(d->lite, text); }

/* ---- statements against the schema ---- */

static bool type_agrees(const char *declared, enum sql_type wanted)
{
    static const struct { const char *name; enum sql_type type; } known[] = {
        {"INTEGER", SQL_I64}, {"REAL", SQL_F64}, {"TEXT", SQL_STR}, {"BLOB", SQL_BYTES}};
    for (size_t i = 0; declared && i < sizeof known / sizeof *known; i++)
        if (strcasecmp(declared, known[i].name) == 0) return known[i].type == wanted || (wanted == SQL_F64 && known[i].type == SQL_I64);
    return true;
}

static void try_statement(db *d, const struct sql_statement *s, arena *mem, str *fault)
{
    sqlite3_stmt *st = 0;
    if (sqlite3_prepare_v2(d->lite->h, s->text[DIALECT_SQLITE], -1, &st, 0) != SQLITE_OK) {
        *fault = str_copy(mem, str_of(sqlite3_errmsg(d->lite->h)));
        return;
    }
    int n = sqlite3_column_count(st), params = (int)s->n_params + !s->global;
    if (s->kind != SQL_EXEC && (size_t)n != s->n_columns) *fault = str_fmt(mem, "gives %d columns, declares %zu", n, s->n_columns);
    if (sqlite3_bind_parameter_count(st) != params) *fault = str_fmt(mem, "has %d parameters, declares %d", sqlite3_bind_parameter_count(st), params);
    for (int i = 0; i < n && !fault->n && s->kind != SQL_EXEC; i++) {
        const char *name = sqlite3_column_name(st, i), *declared = sqlite3_column_decltype(st, i);
        if (declared && strcasecmp(name, s->columns[i].name) != 0) *fault = str_fmt(mem, "column %d is %s, declared %s (write AS)", i + 1, name, s->columns[i].name);
        else if (!type_agrees(declared, s->columns[i].type)) *fault = str_fmt(mem, "column %s is %s", name, declared);
    }
    sqlite3_finalize(st);
}

static err try_statements(db *d, const struct sql_statement *s, size_t n, arena *mem, str *faults)
{
    for (size_t i = 0; i < n; i++) try_statement(d, &s[i], mem, &faults[i]);
    return NO_ERR;
}

/* ---- readers ---- */

static err reader_take(struct lite_store *l, const char *path, struct lite **out)
{
    pthread_mutex_lock(&l->lock);
    while (!l->idle && l->readers_open >= l->readers) pthread_cond_wait(&l->free_one, &l->lock);
    *out = l->idle;
    if (l->idle) l->idle = l->idle->next;
    else l->readers_open++;
    pthread_mutex_unlock(&l->lock);
    if (*out) return NO_ERR;
    err e = lite_open(path, false, out);
    if (e.code == OK) return NO_ERR;
    pthread_mutex_lock(&l->lock);
    l->readers_open--;
    pthread_cond_signal(&l->free_one);
    pthread_mutex_unlock(&l->lock);
    return e;
}

/* A connection that saw the disk fail is not used again. */
static void reader_give(struct lite_store *l, struct lite *c, bool broken)
{
    if (broken) lite_close(c);
    pthread_mutex_lock(&l->lock);
    if (broken) {
        l->readers_open--;
    } else {
        c->next = l->idle; /* the last used first: its cache is warm */
        l->idle = c;
    }
    pthread_cond_signal(&l->free_one);
    pthread_mutex_unlock(&l->lock);
}

/* A reader that stays keeps the WAL from being folded back: it may not stay long. */
static err read_within(const db *d, struct lite *c, struct query *q)
{
    int64_t from = clock_monotonic_us();
    c->until_us = d->patient ? 0 : (d->snapshot ? d->snapshot_at_us : from) + d->store->read_most_us;
    err e = lite_run(c, q);
    c->until_us = 0;
    if (e.code == E_BUSY && strcmp(e.msg, "store.too_slow") == 0) store_slow_read(q, clock_monotonic_us() - from);
    return e;
}

static err run(db *d, struct query *q)
{
    if (d->lite) return d->writer ? lite_run(d->lite, q) : read_within(d, d->lite, q);
    struct lite_store *l = d->store->lite;
    struct lite *c;
    TRY(reader_take(l, d->store->url, &c));
    err e = read_within(d, c, q);
    reader_give(l, c, e.code == E_IO);
    return e;
}

static err snapshot(db *d)
{
    struct lite_store *l = d->store->lite;
    TRY(reader_take(l, d->store->url, &d->lite));
    err e = lite_script(d->lite, "BEGIN");
    if (e.code == OK) return e;
    reader_give(l, d->lite, true);
    d->lite = 0;
    return e;
}

static void snapshot_end(db *d)
{
    err e = lite_script(d->lite, "COMMIT");
    reader_give(d->store->lite, d->lite, e.code != OK);
    d->lite = 0;
}

/* ---- upkeep ---- */

struct backup_run { sqlite3_backup *b; int rc; int64_t done, total; };

/* On the writer's own connection: pages it changes meanwhile are copied again by SQLite itself, so the copy never starts over. */
static err backup_step(struct lite *c, void *arg)
{
    struct backup_run *r = arg;
    (void)c;
    r->rc = sqlite3_backup_step(r->b, 256);
    r->total = sqlite3_backup_pagecount(r->b);
    r->done = r->total - sqlite3_backup_remaining(r->b);
    return NO_ERR;
}

struct backup_open { sqlite3 *to; sqlite3_backup *b; };
static err backup_begin(struct lite *c, void *arg)
{
    struct backup_open *o = arg;
    o->b = sqlite3_backup_init(o->to, "main", c->h, "main");
    return o->b ? NO_ERR : FAIL(E_IO, "store.backup.failed");
}

static err backup_end(struct lite *c, void *arg)
{
    struct backup_run *r = arg;
    (void)c;
    r->rc = sqlite3_backup_finish(r->b);
    return NO_ERR;
}

static err file_sync(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return FAIL(E_IO, "store.backup.failed");
    int bad = fsync(fd);
    close(fd);
    return bad ? FAIL(E_IO, "store.backup.failed") : NO_ERR;
}

static err backup_copy(struct store *s, sqlite3 *to, void (*progress)(void *, int64_t, int64_t), void *arg)
{
    struct backup_open o = {.to = to};
    TRY(writer_call(s, backup_begin, &o));
    struct backup_run r = {.b = o.b};
    err e;
    do {
        e = writer_call(s, backup_step, &r);
        if (progress) progress(arg, r.done, r.total);
    } while (e.code == OK && (r.rc == SQLITE_OK || r.rc == SQLITE_BUSY || r.rc == SQLITE_LOCKED));
    int rc = r.rc;
    err finish = writer_call(s, backup_end, &r);
    TRY(e);
    TRY(finish);
    if (rc == SQLITE_DONE && r.rc == SQLITE_OK) return NO_ERR;
    return (rc & 0xff) == SQLITE_FULL ? FAIL(E_FULL, "store.full") : FAIL(E_IO, "store.backup.failed");
}

static err backup(struct store *s, const char *file, void (*progress)(void *, int64_t, int64_t), void *arg)
{
    arena *mem = arena_new(0);
    const char *part = str_z(mem, str_fmt(mem, "%s.part", file));
    sqlite3 *to = 0;
    unlink(part);
    err e = file_make(part);
    if (e.code == OK && sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, 0) != SQLITE_OK) e = FAIL(E_IO, "store.backup.failed");
    if (e.code == OK) e = backup_copy(s, to, progress, arg);
    /* A copy stands in one file: no WAL beside it. */
    if (e.code == OK && sqlite3_exec(to, "PRAGMA journal_mode=DELETE", 0, 0, 0) != SQLITE_OK) e = FAIL(E_IO, "store.backup.failed");
    sqlite3_close(to);
    if (e.code == OK) e = file_sync(part);
    if (e.code == OK && rename(part, file) != 0) e = FAIL(E_IO, "store.backup.failed");
    if (e.code == OK) e = file_sync(str_z(mem, dir_of(str_of(file))));
    if (e.code != OK) unlink(part);
    arena_free(mem);
    return e;
}

err lite_copy(struct lite *c, const char *file)
{
    arena *mem = arena_new(0);
    const char *part = str_z(mem, str_fmt(mem, "%s.part", file));
    sqlite3_stmt *st = 0;
    unlink(part);
    int rc = sqlite3_prepare_v2(c->h, "VACUUM INTO ?1", -1, &st, 0);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(st, 1, part, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(st);
    sqlite3_finalize(st);
    err e = rc == SQLITE_DONE ? NO_ERR : lite_error(c, rc);
    if (e.code == OK && chmod(part, 0600) != 0) e = FAIL(E_IO, "store.io");
    if (e.code == OK) e = file_sync(part);
    if (e.code == OK && rename(part, file) != 0) e = FAIL(E_IO, "store.io");
    if (e.code == OK) e = file_sync(str_z(mem, dir_of(str_of(file))));
    if (e.code != OK) unlink(part);
    arena_free(mem);
    return e;
}

static err keep(struct store *s, const char *file) { return lite_copy(s->lite->writer, file); }

/* The file and its WAL, under the lock. */
static err aside(const struct store_options *opt, const char *file)
{
    static const char *const ends[] = {"-shm", "-wal", ""};
    arena *mem = arena_new(0);
    const char *path = str_z(mem, path_of(opt->url));
    int lock = -1;
    err e = access(path, F_OK) == 0 ? store_lock(dir_of(path_of(opt->url)), &lock) : FAIL(E_NOT_FOUND, "store.missing");
    for (int i = 0; i < 3 && e.code == OK; i++) {
        const char *from = str_z(mem, str_fmt(mem, "%s%s", path, ends[i])), *to = str_z(mem, str_fmt(mem, "%s%s", file, ends[i]));
        if (rename(from, to) != 0 && errno != ENOENT) e = FAIL(E_IO, "store.io");
    }
    if (lock >= 0) close(lock);
    arena_free(mem);
    return e;
}

/* Every page of the backup, which is only read. */
static err restore_copy(const char *file, struct lite *to)
{
    sqlite3 *from = 0;
    int rc = sqlite3_open_v2(file, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, 0);
    if (rc == SQLITE_OK) rc = sqlite3_exec(from, "SELECT number FROM migration", 0, 0, 0);
    if (rc != SQLITE_OK) {
        sqlite3_close(from);
        return FAIL(E_INVALID, "store.restore.not_a_backup");
    }
    sqlite3_backup *b = sqlite3_backup_init(to->h, "main", from, "main");
    rc = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;
    sqlite3_backup_finish(b);
    sqlite3_close(from);
    return rc == SQLITE_DONE ? NO_ERR : lite_error(to, rc);
}

/* Into a directory without a store; the copy gets its name when it is whole. */
static err restore(const struct store_options *opt, const char *file)
{
    arena *mem = arena_new(0);
    const char *path = str_z(mem, path_of(opt->url)), *part = str_z(mem, str_fmt(mem, "%s.part", path));
    const char *dir = str_z(mem, dir_of(path_of(opt->url)));
    struct lite *to = 0;
    int lock = -1;
    err e = access(path, F_OK) == 0 ? FAIL(E_EXISTS, "store.restore.exists") : dir_make(dir);
    if (e.code == OK) e = store_lock(str_of(dir), &lock);
    unlink(part);
    if (e.code == OK) e = file_make(part);
    if (e.code == OK) e = lite_open(part, true, &to);
    if (e.code == OK) e = restore_copy(file, to);
    lite_close(to);
    if (e.code == OK) e = file_sync(part);
    if (e.code == OK && rename(part, path) != 0) e = FAIL(E_IO, "store.io");
    if (e.code == OK) e = file_sync(dir);
    if (e.code != OK) unlink(part);
    if (lock >= 0) close(lock);
    arena_free(mem);
    return e;
}

static err check(struct store *s, arena *mem, struct strs *faults)
{
    static const char *const tests[] = {"PRAGMA quick_check(20)", "PRAGMA foreign_key_check"};
    db *d;
    TRY(store_read(s, 0, &d));
    db_be_patient(d);
    err e = NO_ERR;
    for (int i = 0; i < 2 && e.code == OK; i++) {
        struct cells c;
        e = query_rows(d, mem, tests[i], 0, 0, &c);
        for (size_t k = 0; k < c.n && e.code == OK; k++)
            if (!str_is(c.v[k * c.columns].s, "ok")) PUSH(mem, faults, c.v[k * c.columns].s);
    }
    db_done(d);
    return e;
}

static err tend_call(struct lite *c, void *arg)
{
    (void)arg;
    TRY(lite_script(c, "PRAGMA analysis_limit=400; PRAGMA optimize;"));
    return lite_script(c, "PRAGMA wal_checkpoint(PASSIVE)");
}

static err tend(struct store *s) { return writer_call(s, tend_call, 0); }

static err scrub_call(struct lite *c, void *arg)
{
    (void)arg;
    int rc = sqlite3_wal_checkpoint_v2(c->h, 0, SQLITE_CHECKPOINT_TRUNCATE, 0, 0);
    return rc == SQLITE_OK ? NO_ERR : lite_error(c, rc);
}

static err scrub(struct store *s) { return writer_call(s, scrub_call, 0); }

static const char columns_text[] =
    "SELECT l.name, c.name, c.type, c.pk FROM pragma_table_list l JOIN pragma_table_info(l.name) c "
    "WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') AND substr(l.name, 1, 7) <> 'sqlite_' ORDER BY l.name, c.cid";

const struct engine engine_sqlite = {
    .dialect = DIALECT_SQLITE, .open = open_file, .start = writer_start, .close = close_file, .admin = admin, .script = script,
    .try_statements = try_statements, .run = run, .txn = writer_txn, .snapshot = snapshot, .snapshot_end = snapshot_end,
    .schema_text = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
    .columns_text = columns_text, .backup = backup, .restore = restore, .keep = keep, .aside = aside, .check = check, .tend = tend, .scrub = scrub};
