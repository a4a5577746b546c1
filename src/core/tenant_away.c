/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A tenant that is named, sent away, emptied, gone. Its row stays until the end, so that what was begun and cut can be named and ended. */
#include <string.h>
#include <time.h>

#include "base/words.h"
#include "core/archive.h"
#include "core/search.h"
#include "gen/sql/core/tenant.sql.h"
#include "store/change.h"

err tenant_named(struct store *s, arena *mem, str word, struct tenant_named *out)
{
    AUTO(db_close_auto) db *d = NULL;
    struct tenant_row row = {0};
    int64_t id = 0;
    (void)str_i64(word, &id);
    TRY(store_read(s, 0, &d));
    err e = sql_tenant_row_named(d, mem, word, str_lower_ascii(mem, word), id, &row);
    if (e.code == E_NOT_FOUND) return FAIL_AT(E_NOT_FOUND, W("tenant.unknown"), str_z(mem, word));
    *out = (struct tenant_named){.id = row.id, .slug = row.slug, .name = row.name, .settings = row.settings};
    return e;
}

bool tenant_is_away(const struct tenant_named *t) { return str_starts(t->settings, S(TENANT_AWAY_SETTINGS)); }

err tenants_away(struct store *s, arena *mem, struct strs *out_slugs)
{
    AUTO(db_close_auto) db *d = NULL;
    struct tenant_row_list rows = {0};
    *out_slugs = (struct strs){0};
    TRY(store_read(s, 0, &d));
    TRY(sql_tenant_rows(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (str_starts(rows.v[i].settings, S(TENANT_AWAY_SETTINGS))) PUSH(mem, out_slugs, rows.v[i].slug);
    return NO_ERR;
}

struct away { const struct tenant_named *t; str settings; const struct strs *hosts; };

static err away_in_txn(db *w, void *arg)
{
    const struct away *a = arg;
    err e = sql_tenant_row_put(w, a->t->id, a->t->slug, a->t->name, a->settings, a->t->created_us);
    if (e.code == E_EXISTS) return FAIL_AT(E_EXISTS, W("tenant.slug_taken"), "slug");
    if (e.code == OK && a->hosts) e = sql_hosts_remove(w, a->t->id);
    for (size_t i = 0; e.code == OK && a->hosts && i < a->hosts->n; i++) e = sql_host_add(w, a->hosts->v[i], a->t->id);
    if (e.code == E_EXISTS) return FAIL_AT(E_EXISTS, W("tenant.host_taken"), "host");
    TRY(e);
    TRY(change_bump(w, S(TOPIC_TENANT)));
    return change_bump(w, S(TOPIC_AWAY));
}

/* Other nodes ask each second what has changed. */
static void others_notice(const struct archive_world *w)
{
    struct timespec t = {1, 500000000};
    if (!store_is_sqlite(w->store)) nanosleep(&t, NULL);
}

err tenant_away(const struct archive_world *w, const struct tenant_named *t, const char *why, const struct strs *hosts)
{
    AUTO(db_close_auto) db *d = NULL;
    arena *mem = arena_new(1 << 20);
    struct away a = {t, str_fmt(mem, TENANT_AWAY_SETTINGS "\"%s\"}", why), hosts};
    err e = store_read(w->store, t->id, &d);
    if (e.code == OK) e = db_txn(d, away_in_txn, &a);
    arena_free(mem);
    TRY(e);
    tenants_changed(w->tenants);
    store_fence(w->store, t->id);
    others_notice(w);
    return audit_flush(w->audit);           /* readings that wait for it are refused, and forgotten */
}

/* ---- its rows ---- */

struct removing { arena *mem; const struct table *t; int64_t tenant; const struct cell *after, *last; };

static err slice_in_txn(db *w, void *arg)
{
    struct removing *r = arg;
    arena_reset(r->mem);
    return table_remove(w, r->mem, r->t, r->tenant, r->after, ROWS_A_SLICE, &r->last);
}

static err table_empty(db *d, const struct table *t, int64_t tenant, int64_t *slices)
{
    arena *mem[2] = {arena_new(0), arena_new(0)};
    struct removing r = {.t = t, .tenant = tenant};
    err e = NO_ERR;
    for (int turn = 0; e.code == OK; turn = !turn) {
        r.mem = mem[turn];
        e = db_txn_own(d, slice_in_txn, &r);
        if (e.code != OK || !r.last) break;
        r.after = r.last;
        ++*slices;
    }
    arena_free(mem[0]);
    arena_free(mem[1]);
    return e;
}

/* On PostgreSQL another node may have been in the middle of something: until a whole round finds nothing. */
err tenant_rows_remove(const struct archive_world *w, const struct tables *all, int64_t tenant)
{
    AUTO(db_close_auto) db *d = NULL;
    int64_t slices = 1;
    TRY(store_read(w->store, 0, &d));
    for (int round = 0; slices && round < 10; round++) {
        slices = 0;
        for (size_t i = 0; i < all->n; i++) {
            const struct table *t = &all->v[i];
            if (t->row->kind == TABLE_STORE || strcmp(t->row->name, "tenant") == 0 || strcmp(t->row->name, "host") == 0) continue;
            TRY(table_empty(d, t, tenant, &slices));
            archive_tell(w, t->row->name, slices);
        }
    }
    return NO_ERR;
}

/* ---- gone ---- */

static err gone_in_txn(db *w, void *arg)
{
    int64_t tenant = *(const int64_t *)arg;
    TRY(sql_hosts_remove(w, tenant));
    return sql_tenant_row_remove(w, tenant);
}

static err remove_steps(const struct archive_world *w, const struct tenant_named *t, arena *mem)
{
    AUTO(db_close_auto) db *d = NULL;
    struct tables all;
    int64_t files, id = t->id;
    TRY(store_read(w->store, 0, &d));
    TRY(tables_read(d, mem, &all));
    TRY(tenant_away(w, t, "remove", NULL));
    TRY(tenant_rows_remove(w, &all, t->id));
    TRY(blobs_remove_tenant(w->blobs, t->id, &files));
    archive_tell(w, "blobs", files);
    TRY(search_scrub(d));
    TRY(db_txn(d, gone_in_txn, &id));
    return store_scrub(w->store);
}

err tenant_remove(const struct archive_world *w, const struct tenant_named *t)
{
    arena *mem = arena_new(0);
    err e = remove_steps(w, t, mem);
    err flushed = audit_flush(w->audit);
    if (e.code == OK) e = flushed;
    store_fence(w->store, 0);
    arena_free(mem);
    return e;
}
