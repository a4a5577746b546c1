/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/migrate.h"
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"

static const char *const table_text[2] = {
    "CREATE TABLE IF NOT EXISTS migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, at BIGINT NOT NULL)"};
static const char *const begin_text[2] = {"BEGIN IMMEDIATE", "BEGIN; LOCK TABLE migration IN EXCLUSIVE MODE"};
static const char *const find_text[2] = {"SELECT hash FROM migration WHERE number = ?1", "SELECT hash FROM migration WHERE number = $1::bigint"};
static const char *const note_text[2] = {
    "INSERT INTO migration (number, name, hash, at) VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO migration (number, name, hash, at) VALUES ($1::bigint, $2::text, $3::text, $4::bigint)"};

/* Those of the program, then those a test adds; NULL at the end. */
static const struct migration *nth(const struct store *s, size_t i)
{
    size_t n = 0;
    while (migrations[n].number) n++;
    if (i < n) return &migrations[i];
    return s->more_migrations ? s->more_migrations[i - n] : 0;
}

/* When it stands already, only its hash is compared. */
static err one(db *d, const struct migration *m, arena *mem)
{
    const struct engine *e = d->store->engine;
    struct cells found;
    TRY(query_rows(d, mem, find_text[e->dialect], (struct sql_value[]){SQL_V_I64(m->number)}, 1, &found));
    if (found.n) return str_is(found.v[0].s, m->hash) ? NO_ERR : FAIL(E_CONFIG, "store.migration_changed");
    err r = e->script(d, m->text[e->dialect]);
    bool passing = r.code == E_FULL || r.code == E_BUSY || r.code == E_IO;      /* the machine's fault, and said so */
    if (r.code != OK) log_line(LOG_ERROR, "store.migration", "%s: %s", m->file, r.msg);
    if (r.code != OK) return passing ? r : FAIL(E_CONFIG, "store.migration_failed");
    const struct sql_value p[] = {SQL_V_I64(m->number), SQL_V_STR(str_of(m->name)), SQL_V_STR(str_of(m->hash)), SQL_V_I64(clock_now_us())};
    TRY(query_rows(d, mem, note_text[e->dialect], p, 4, &found));
    log_line(LOG_DEBUG, "store.migrated", "%04d %s", m->number, m->name);
    return NO_ERR;
}

/* All or none: what an upgrade could not finish leaves the store as the program before it knows it. */
static err in_one_txn(db *d, arena *mem)
{
    const struct engine *e = d->store->engine;
    const struct migration *m;
    TRY(e->script(d, begin_text[e->dialect]));
    err r = NO_ERR;
    for (size_t i = 0; r.code == OK && (m = nth(d->store, i)); i++) {
        r = one(d, m, mem);
        if (r.code != OK && !r.at) r.at = m->file;
    }
    d->failed = NO_ERR;
    if (r.code == OK) return e->script(d, "COMMIT");
    e->script(d, "ROLLBACK");
    return r;
}

/* A store that a newer program has migrated is left alone. */
static err none_newer(db *d, const struct cells *all)
{
    const struct migration *m;
    for (size_t i = 0; i < all->n; i++) {
        bool known = false;
        for (size_t k = 0; !known && (m = nth(d->store, k)); k++) known = m->number == all->v[i * 2].i;
        if (!known) return FAIL(E_CONFIG, "store.newer");
    }
    return NO_ERR;
}

err migrations_look(db *d, bool *out_pending, bool *out_fresh)
{
    arena *mem = arena_new(0);
    struct cells all;
    const struct migration *m;
    err e = query_rows(d, mem, "SELECT number, hash FROM migration ORDER BY number", 0, 0, &all);
    if (e.code == OK) e = none_newer(d, &all);
    *out_pending = false;
    for (size_t k = 0; e.code == OK && (m = nth(d->store, k)); k++) {
        bool same = false;
        for (size_t i = 0; i < all.n && !same; i++) same = all.v[i * 2].i == m->number && str_is(all.v[i * 2 + 1].s, m->hash);
        *out_pending |= !same;
    }
    *out_fresh = e.code == OK && all.n == 0;
    arena_free(mem);
    return e;
}

err migrate(struct store *s, db *d)
{
    bool pending, fresh;
    TRY(s->engine->script(d, table_text[s->engine->dialect]));
    TRY(migrations_look(d, &pending, &fresh));
    if (!pending) return NO_ERR;
    if (!fresh && s->before) TRY(before_keep(s, s->before));
    arena *mem = arena_new(0);
    err e = in_one_txn(d, mem);
    arena_free(mem);
    return e;
}
