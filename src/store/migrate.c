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

/* In its own transaction; when it stands already, only its hash is compared. */
static err one(db *d, const struct migration *m, arena *mem, bool *out_ran)
{
    const struct engine *e = d->store->engine;
    struct cells found;
    TRY(query_rows(d, mem, find_text[e->dialect], (struct sql_value[]){SQL_V_I64(m->number)}, 1, &found));
    *out_ran = false;
    if (found.n) return str_is(found.v[0].s, m->hash) ? NO_ERR : FAIL_AT(E_CONFIG, "store.migration_changed", m->file);
    TRY(e->script(d, m->text[e->dialect]));
    const struct sql_value p[] = {SQL_V_I64(m->number), SQL_V_STR(str_of(m->name)), SQL_V_STR(str_of(m->hash)), SQL_V_I64(clock_now_us())};
    *out_ran = true;
    return query_rows(d, mem, note_text[e->dialect], p, 4, &found);
}

static err in_txn(db *d, const struct migration *m, arena *mem)
{
    const struct engine *e = d->store->engine;
    bool ran;
    TRY(e->script(d, begin_text[e->dialect]));
    err r = one(d, m, mem, &ran);
    d->failed = NO_ERR;
    if (r.code == OK) r = e->script(d, "COMMIT");
    else e->script(d, "ROLLBACK");
    if (r.code != OK && !r.at) r.at = m->file;
    if (r.code != OK) log_line(LOG_ERROR, "store.migration", "%s: %s", m->file, r.msg);
    else if (ran) log_line(LOG_DEBUG, "store.migrated", "%04d %s", m->number, m->name);
    return r;
}

/* A store that a newer program has migrated is left alone. */
static err none_newer(db *d, arena *mem)
{
    struct cells all;
    TRY(query_rows(d, mem, "SELECT number FROM migration ORDER BY number", 0, 0, &all));
    for (size_t i = 0; i < all.n; i++) {
        bool known = false;
        for (const struct migration *m = migrations; m->number && !known; m++) known = m->number == all.v[i].i;
        for (size_t k = 0; d->store->more_migrations && d->store->more_migrations[k] && !known; k++)
            known = d->store->more_migrations[k]->number == all.v[i].i;
        if (!known) return FAIL(E_CONFIG, "store.newer");
    }
    return NO_ERR;
}

static err known_ones(db *d, arena *mem, bool *out_all)
{
    struct cells all;
    TRY(query_rows(d, mem, "SELECT number, hash FROM migration ORDER BY number", 0, 0, &all));
    *out_all = true;
    for (const struct migration *m = migrations; m->number; m++) {
        bool same = false;
        for (size_t i = 0; i < all.n && !same; i++) same = all.v[i * 2].i == m->number && str_is(all.v[i * 2 + 1].s, m->hash);
        *out_all &= same;
    }
    return NO_ERR;
}

err migrate(struct store *s, db *d)
{
    arena *mem = arena_new(0);
    bool all = false;
    err e = s->engine->script(d, table_text[s->engine->dialect]);
    if (e.code == OK) e = none_newer(d, mem);
    if (e.code == OK) e = known_ones(d, mem, &all);
    for (const struct migration *m = migrations; e.code == OK && !all && m->number; m++) e = in_txn(d, m, mem);
    for (size_t i = 0; e.code == OK && s->more_migrations && s->more_migrations[i]; i++) e = in_txn(d, s->more_migrations[i], mem);
    arena_free(mem);
    return e;
}
