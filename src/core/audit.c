/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/audit.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "core/account.h"
#include "gen/sql/core/audit.sql.h"

enum { NOTES_MOST = 1000, DETAIL_BYTES = 32 };

struct note { int64_t tenant, id, at_us, account, record; const char *what; char detail[DETAIL_BYTES]; };

#define AUDIT_MAGIC 0x0a0d170eu
struct audit {
    unsigned magic;
    arena *mem;
    struct store *store;
    pthread_mutex_t lock, writing;      /* of the array; of the one who writes */
    struct note *v;
    size_t n, most;
};

struct audit_args { int64_t id, account, record, now_us; const char *what; str detail; };
static err note_in_txn(db *w, void *arg)
{
    struct audit_args *x = arg;
    return sql_audit_add(w, x->id, x->now_us, x->account, str_of(x->what), x->record, x->detail);
}

err audit_note(db *d, int64_t account, const char *what, int64_t record, str detail, int64_t now_us)
{
    return db_txn(d, note_in_txn, &(struct audit_args){id_new(), account, record, now_us, what, detail});
}

err audit_open(struct audit **out, struct store *s, size_t most)
{
    arena *mem = arena_new(0);
    struct audit *a = NEW(mem, struct audit);
    *a = (struct audit){.magic = AUDIT_MAGIC, .mem = mem, .store = s, .most = most ? most : NOTES_MOST};
    a->v = NEW_N(mem, struct note, a->most);
    pthread_mutex_init(&a->lock, NULL);
    pthread_mutex_init(&a->writing, NULL);
    *out = a;
    return NO_ERR;
}

void audit_close(struct audit *a)
{
    if (!a) return;
    err e = audit_flush(a);
    if (e.code != OK) log_line(LOG_ERROR, "audit", "%zu readings could not be written: %s", a->n, e.msg);
    pthread_mutex_destroy(&a->lock);
    pthread_mutex_destroy(&a->writing);
    arena_free(a->mem);
}

/* ---- writing ---- */

struct batch { const struct note *v; size_t n; };

/* Again after a COMMIT nobody answered: the ids are the same, nothing is written twice. */
static err batch_in_txn(db *w, void *arg)
{
    const struct batch *b = arg;
    for (size_t i = 0; i < b->n; i++) {
        const struct note *x = &b->v[i];
        if (x->tenant == db_tenant(w)) TRY(sql_audit_add(w, x->id, x->at_us, x->account, str_of(x->what), x->record, x->detail[0] ? str_of(x->detail) : STR_NONE));
    }
    return NO_ERR;
}

/* Each tenant once, where it appears first. */
static err batch_write(struct audit *a, struct batch b)
{
    for (size_t i = 0; i < b.n; i++) {
        bool done = false;
        for (size_t k = 0; k < i && !done; k++) done = b.v[k].tenant == b.v[i].tenant;
        if (done) continue;
        AUTO(db_close_auto) db *d = NULL;
        TRY(store_read(a->store, b.v[i].tenant, &d));
        err e = db_txn(d, batch_in_txn, &b);
        if (e.code == E_BUSY && strcmp(e.msg, "store.tenant_away") == 0) continue;      /* it is being replaced or removed: what was read goes with it */
        TRY(e);
    }
    return NO_ERR;
}

/* The first n notes stand still while they are written: others only add behind them. */
err audit_flush(struct audit *a)
{
    if (!a) return NO_ERR;
    pthread_mutex_lock(&a->writing);
    pthread_mutex_lock(&a->lock);
    size_t n = a->n;
    pthread_mutex_unlock(&a->lock);
    err e = NO_ERR;
    if (n) {
        e = batch_write(a, (struct batch){a->v, n});
        pthread_mutex_lock(&a->lock);
        if (e.code == OK) {
            memmove(a->v, a->v + n, (a->n - n) * sizeof *a->v);
            a->n -= n;
        }
        pthread_mutex_unlock(&a->lock);
    }
    pthread_mutex_unlock(&a->writing);
    return e;
}

static bool note_same(const struct note *a, const struct note *b)
{
    return a->tenant == b->tenant && a->account == b->account && a->record == b->record && strcmp(a->what, b->what) == 0 && strcmp(a->detail, b->detail) == 0;
}

/* False: no room. */
static bool note_put(struct audit *a, const struct note *x)
{
    pthread_mutex_lock(&a->lock);
    bool there = false;
    for (size_t i = a->n; i-- > 0 && !there;) there = note_same(&a->v[i], x);
    bool room = there || a->n < a->most;
    if (room && !there) a->v[a->n++] = *x;
    pthread_mutex_unlock(&a->lock);
    return room;
}

/* When the store takes nothing (full disk…) an agent still reads: the trace is then in the process's own log. */
static err written_or_logged(const struct note *x, err e)
{
    if (e.code != E_FULL && e.code != E_IO && e.code != E_BUSY) return e;
    log_line(LOG_WARN, "audit", "%s: account %lld, record %lld %s: %s", x->what, (long long)x->account, (long long)x->record, x->detail, e.msg);
    return NO_ERR;
}

err audit_later(struct audit *a, db *d, int64_t account, const char *what, int64_t record, str detail, int64_t now_us)
{
    struct note x = {.tenant = db_tenant(d), .id = id_new(), .at_us = now_us, .account = account, .record = record, .what = what};
    snprintf(x.detail, sizeof x.detail, "%.*s", STR_ARG(detail));
    if (a && note_put(a, &x)) return NO_ERR;
    err e = a ? audit_flush(a) : NO_ERR;
    if (a && e.code == OK && note_put(a, &x)) return NO_ERR;
    if (e.code == OK) e = audit_note(d, account, what, record, detail, now_us);     /* no queue, or others were quicker to fill it again */
    return written_or_logged(&x, e);
}

/* ---- reading ---- */

static struct reading reading_from(arena *mem, const struct cell *c)
{
    struct reading r = {.id = c[0].i, .at_us = c[1].i, .what = c[2].s, .reference = c[4].s, .title = c[5].s};
    str name = str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(c[6].s), STR_ARG(c[7].s)));
    r.agent = name.n ? name : c[8].s;
    return r;
}

/* In one statement for the page: the detail of a reading is the id of a file, or none. */
static err file_names_fill(db *d, arena *mem, const struct cells *rows, struct readings *out)
{
    int64_t *ids = NEW_N(mem, int64_t, rows->n ? rows->n : 1);
    bool any = false;
    for (size_t i = 0; i < rows->n; i++) {
        if (str_i64(rows->v[i * rows->columns + 3].s, &ids[i]).code != OK) ids[i] = 0;
        any |= ids[i] != 0;
    }
    if (!any) return NO_ERR;
    struct cells files;
    struct select *s = select_new(mem, "f.id, f.name", "file f", "f");
    select_where_in_i64(s, "f.id", ids, rows->n);
    TRY(select_run(d, mem, s, &files));
    for (size_t k = 0; k < files.n; k++)
        for (size_t i = 0; i < out->n; i++)
            if (ids[i] == files.v[k * files.columns].i) out->v[i].file_name = files.v[k * files.columns + 1].s;
    return NO_ERR;
}

err audit_readings(db *d, arena *mem, const struct reading_query *q, struct readings *out)
{
    struct cells rows;
    *out = (struct readings){0};
    struct select *s = select_new(mem, "u.id, u.at, u.what, u.detail, r.reference, r.title, a.forename, a.surname, a.email",
                                  "audit u JOIN record r ON r.tenant = u.tenant AND r.id = u.record LEFT JOIN account a ON a.tenant = u.tenant AND a.id = u.account", "u,r");
    struct strs whats = {0};
    PUSH(mem, &whats, S(AUDIT_READ));
    PUSH(mem, &whats, S(AUDIT_FILE));
    PUSH(mem, &whats, S(AUDIT_EXPORT));
    select_where_in(s, "u.what", whats);
    may_where(q->who, VERB_ADMIN, s, "r");
    if (q->before) select_where_i64(s, "u.id", CMP_LT, q->before);
    if (q->reference.n) select_where_str(s, "r.reference", CMP_EQ, q->reference);
    if (q->email.n) {
        struct account a;
        err e = account_by_email(d, mem, q->email, &a);
        if (e.code == E_NOT_FOUND) return NO_ERR;
        TRY(e);
        select_where_i64(s, "u.account", CMP_EQ, a.id);
    }
    select_order(s, "u.id DESC");
    select_limit(s, q->limit);
    TRY(select_run(d, mem, s, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, reading_from(mem, &rows.v[i * rows.columns]));
    return file_names_fill(d, mem, &rows, out);
}
