/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One SQLite connection: settings, statements kept by number, binding, stepping. */
#include "store/lite.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"

/* ---- errors ---- */

static err from_code(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return NO_ERR;
    case SQLITE_FULL: return FAIL(E_FULL, "store.full");
    case SQLITE_INTERRUPT: return FAIL(E_BUSY, "store.too_slow");
    case SQLITE_BUSY: case SQLITE_LOCKED: return FAIL(E_BUSY, "store.busy");
    case SQLITE_READONLY: return FAIL(E_IO, "store.read_only");
    case SQLITE_CORRUPT: case SQLITE_NOTADB: return FAIL(E_IO, "store.corrupt");
    case SQLITE_IOERR: case SQLITE_CANTOPEN: case SQLITE_PERM: case SQLITE_PROTOCOL: return FAIL(E_IO, "store.io");
    case SQLITE_TOOBIG: return FAIL(E_TOO_LARGE, "store.too_large");
    case SQLITE_CONSTRAINT: break;
    default: return FAIL(E_INTERNAL, "store.statement");
    }
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE: case SQLITE_CONSTRAINT_PRIMARYKEY: case SQLITE_CONSTRAINT_ROWID: return FAIL(E_EXISTS, "store.exists");
    case SQLITE_CONSTRAINT_FOREIGNKEY: return FAIL(E_INVALID, "store.reference");
    default: return FAIL(E_INVALID, "store.constraint");
    }
}

static void complain(struct lite *c, int code)
{
    char number[16];
    snprintf(number, sizeof number, "%d", code);
    store_complain("store.sqlite", number, c && c->h ? sqlite3_errmsg(c->h) : sqlite3_errstr(code));
}

err lite_error(struct lite *c, int rc)
{
    int code = c && c->h ? sqlite3_extended_errcode(c->h) : rc;
    if ((code & 0xff) != (rc & 0xff)) code = rc;
    err e = from_code(code);
    /* ENOSPC while writing the WAL's index comes as an I/O error. */
    if (code == SQLITE_IOERR_SHMSIZE) e = FAIL(E_FULL, "store.full");
    bool said = (code & 0xff) == SQLITE_INTERRUPT;          /* by name, where the statement is known */
    if (!said && (e.code == E_INTERNAL || e.code == E_IO || e.code == E_FULL || e.code == E_BUSY)) complain(c, code);
    return e;
}

bool lite_lost(struct lite *c)
{
    return sqlite3_get_autocommit(c->h) != 0;
}

err lite_script(struct lite *c, const char *text)
{
    int rc = sqlite3_exec(c->h, text, 0, 0, 0);
    return rc == SQLITE_OK ? NO_ERR : lite_error(c, rc);
}

/* ---- opening ---- */

static const char common_settings[] =
    "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA case_sensitive_like=ON;";
/* secure_delete: what is erased is overwritten, in the file too. */
static const char writer_settings[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cache_size=-4096;"
    "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864;";
static const char reader_settings[] = "PRAGMA query_only=ON; PRAGMA cache_size=-2048;";

/* Asked by SQLite each 4,000 steps of its machine, some 0.1 ms. */
static int is_late(void *arg)
{
    const struct lite *c = arg;
    return c->until_us && clock_monotonic_us() > c->until_us;
}

static void configure_once(void)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

err lite_open(const char *path, bool writer, struct lite **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_once);
    struct lite *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->slots = calloc((size_t)sql_statement_limit + 1, sizeof *c->slots);
    c->max_prepared = writer ? 256 : 64;
    if (!c->slots) abort();
    int rc = sqlite3_open_v2(path, &c->h, SQLITE_OPEN_READWRITE | (writer ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX, 0);
    err e = rc == SQLITE_OK ? NO_ERR : lite_error(c, rc);
    if (e.code == OK) {
        sqlite3_extended_result_codes(c->h, 1);
        sqlite3_busy_timeout(c->h, 5000);
        sqlite3_progress_handler(c->h, 4000, is_late, c);
        sqlite3_db_config(c->h, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
        sqlite3_db_config(c->h, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
        sqlite3_db_config(c->h, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
        e = lite_script(c, common_settings);
        if (e.code == OK) e = lite_script(c, writer ? writer_settings : reader_settings);
    }
    if (e.code != OK) {
        lite_close(c);
        return e;
    }
    *out = c;
    return NO_ERR;
}

void lite_close(struct lite *c)
{
    if (!c) return;
    for (int i = 0; i < LITE_WORDS; i++) sqlite3_finalize(c->words[i]);
    for (int i = 0; i < sql_statement_limit; i++) sqlite3_finalize(c->slots[i].st);
    for (int i = 0; i < LITE_MADE; i++) {
        sqlite3_finalize(c->made[i].st);
        free(c->made[i].text);
    }
    sqlite3_close(c->h);
    free(c->slots);
    free(c);
}

/* ---- statements ---- */

/* The one used longest ago goes when there are too many. */
static void slots_trim(struct lite *c)
{
    if (c->n_prepared < c->max_prepared) return;
    int oldest = -1;
    for (int i = 0; i < sql_statement_limit; i++)
        if (c->slots[i].st && (oldest < 0 || c->slots[i].used < c->slots[oldest].used)) oldest = i;
    sqlite3_finalize(c->slots[oldest].st);
    c->slots[oldest].st = 0;
    c->n_prepared--;
}

static err prepare(struct lite *c, const char *text, sqlite3_stmt **out)
{
    int rc = sqlite3_prepare_v3(c->h, text, -1, SQLITE_PREPARE_PERSISTENT, out, 0);
    return rc == SQLITE_OK ? NO_ERR : lite_error(c, rc);
}

err lite_say(struct lite *c, enum lite_word word)
{
    static const char *const texts[LITE_WORDS] = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT one", "RELEASE one", "ROLLBACK TO one"};
    if (!c->words[word]) TRY(prepare(c, texts[word], &c->words[word]));
    int rc = sqlite3_step(c->words[word]);
    err e = rc == SQLITE_DONE ? NO_ERR : lite_error(c, rc);
    sqlite3_reset(c->words[word]);
    return e;
}

static uint64_t text_hash(const char *z)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *z; z++) h = (h ^ (unsigned char)*z) * UINT64_C(0x100000001b3);
    return h;
}

static err made_get(struct lite *c, const char *text, sqlite3_stmt **out)
{
    uint64_t hash = text_hash(text);
    struct lite_made *m = &c->made[0];
    for (int i = 0; i < LITE_MADE; i++) {
        struct lite_made *k = &c->made[i];
        if (k->st && k->hash == hash && strcmp(k->text, text) == 0) {
            k->used = ++c->tick;
            *out = k->st;
            return NO_ERR;
        }
        if (k->used < m->used) m = k;
    }
    sqlite3_finalize(m->st);
    free(m->text);
    *m = (struct lite_made){0};
    TRY(prepare(c, text, &m->st));
    m->text = strdup(text);
    if (!m->text) abort();
    m->hash = hash;
    m->used = ++c->tick;
    *out = m->st;
    return NO_ERR;
}

static err statement_get(struct lite *c, const struct query *q, sqlite3_stmt **out)
{
    if (!q->s) return made_get(c, q->text, out);
    int number = *q->s->base + q->s->index;
    assert(number >= 0 && number < sql_statement_limit);
    struct lite_slot *slot = &c->slots[number];
    slot->used = ++c->tick;
    if (!slot->st) {
        slots_trim(c);
        TRY(prepare(c, q->s->text[DIALECT_SQLITE], &slot->st));
        c->n_prepared++;
    }
    *out = slot->st;
    return NO_ERR;
}

/* Values live as long as the call, so nothing is copied. */
static int bind_all(sqlite3_stmt *st, const struct query *q)
{
    int at = 1, rc = SQLITE_OK;
    if (q->bind_tenant) rc = sqlite3_bind_int64(st, at++, q->tenant);
    for (size_t i = 0; i < q->n && rc == SQLITE_OK; i++, at++) {
        const struct sql_value *v = &q->p[i];
        if (v->type == SQL_I64) rc = sqlite3_bind_int64(st, at, v->i);
        else if (v->type == SQL_F64) rc = sqlite3_bind_double(st, at, v->f);
        else if (!v->s.p) rc = sqlite3_bind_null(st, at);
        else if (v->type == SQL_STR) rc = sqlite3_bind_text64(st, at, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
        else rc = sqlite3_bind_blob64(st, at, v->s.n ? v->s.p : "", v->s.n, SQLITE_STATIC);
    }
    return rc;
}

static void cell_read(sqlite3_stmt *st, int i, int type, struct cell *c)
{
    *c = (struct cell){0};
    if (type == SQLITE_NULL) c->null = true;
    else if (type == SQLITE_INTEGER) c->i = sqlite3_column_int64(st, i);
    else if (type == SQLITE_FLOAT) c->f = sqlite3_column_double(st, i);
    else {
        const void *p = type == SQLITE_TEXT ? (const void *)sqlite3_column_text(st, i) : sqlite3_column_blob(st, i);
        c->s = (str){p ? p : "", (size_t)sqlite3_column_bytes(st, i)};
    }
}

/* Named statements say what they want; others take what there is. */
static void row_read(sqlite3_stmt *st, const struct query *q, struct cell *cells, int n)
{
    static const int wanted[] = {SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB};
    for (int i = 0; i < n; i++) {
        int type = sqlite3_column_type(st, i);
        if (type != SQLITE_NULL && q->s && (size_t)i < q->s->n_columns) type = wanted[q->s->columns[i].type];
        cell_read(st, i, type, &cells[i]);
    }
}

err lite_run(struct lite *c, struct query *q)
{
    enum { MOST_COLUMNS = 64 };
    struct cell cells[MOST_COLUMNS];
    sqlite3_stmt *st = 0;
    TRY(statement_get(c, q, &st));
    int rc = bind_all(st, q), n = sqlite3_column_count(st);
    if (n > MOST_COLUMNS) n = MOST_COLUMNS;
    bool more = true;
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(st);
        if (rc != SQLITE_ROW) break;
        if (!more || !q->row) continue;
        row_read(st, q, cells, n);
        more = q->row(q->row_arg, cells, (size_t)n);
        if (!more && sqlite3_stmt_readonly(st)) break; /* INSERT … RETURNING must run to its end */
    }
    err e = rc == SQLITE_DONE || rc == SQLITE_ROW ? NO_ERR : lite_error(c, rc);
    if (e.code == OK) q->changed = sqlite3_changes64(c->h);
    if (e.code == E_INTERNAL && q->s) log_line(LOG_ERROR, "store.statement", "%s: %s", q->s->name, sqlite3_errmsg(c->h));
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return e;
}
