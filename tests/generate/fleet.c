/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fleet DATA N — N more towns in a data directory that nobody uses: copies of its only one, every row under ids of its own, with a journal
   that verifies and projections of its own, at the hosts v1.test, v2.test… Files are not copied: they are sealed for their town. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/journal.h"
#include "core/projection.h"
#include "core/tenant_archive.h"
#include "pages/app.h"
#include "store/tables.h"

/* Ids of one town are made within seconds; times in µs are far below them. */
#define APART (INT64_C(1) << 36)
#define ID_LEAST INT64_C(100000000000000000)

struct copy { struct app *app; db *d, *all; arena *mem; int64_t from, by; int number; };
struct slice { struct copy *c; const struct table *t; struct cell *rows; size_t n; };

static err slice_in_txn(db *w, void *arg)
{
    const struct slice *s = arg;
    return table_insert(w, s->c->mem, s->t, s->rows, s->n);
}

static void names_change(struct copy *c, const struct table *t, struct cell *row)
{
    ptrdiff_t at = strcmp(t->row->name, "host") == 0 ? table_column(t, S("name")) : strcmp(t->row->name, "tenant") == 0 ? table_column(t, S("slug")) : -1;
    if (at < 0) return;
    row[at].s = str_fmt(c->mem, strcmp(t->row->name, "host") == 0 ? "v%d.test" : "v%d", c->number);
}

static err slice_copy(struct copy *c, const struct table *t, struct cells *rows)
{
    ptrdiff_t owner = table_column(t, str_of(t->row->tenant ? t->row->tenant : "tenant"));
    size_t n = strcmp(t->row->name, "host") == 0 ? 1 : rows->n;
    for (size_t i = 0; i < n; i++) {
        struct cell *row = rows->v + i * rows->columns;
        for (size_t k = 0; k < rows->columns; k++)
            if (t->v[k].type == 'i' && (row[k].i > ID_LEAST || (ptrdiff_t)k == owner)) row[k].i -= c->by;
        names_change(c, t, row);
    }
    return db_txn(c->all, slice_in_txn, &(struct slice){c, t, rows->v, n});
}

/* Its events wait to be sealed: the chain is its own. */
static err unsealed_copy(struct copy *c, const struct tables *all, const struct cells *events, const struct table *journal)
{
    const struct table *t = table_find(all, S("journal_unsealed"));
    struct cell *rows = NEW_N(c->mem, struct cell, events->n * t->n);
    for (size_t i = 0; i < events->n; i++)
        for (size_t k = 0; k < t->n; k++) rows[i * t->n + k] = events->v[i * events->columns + (size_t)table_column(journal, str_of(t->v[k].name))];
    return db_txn(c->all, slice_in_txn, &(struct slice){c, t, rows, events->n});
}

static err table_copy(struct copy *c, const struct tables *all, const struct table *t)
{
    static const char *const own[] = {"file", "journal_seal", "journal_head", "journal_unsealed"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(t->row->name, own[i]) == 0) return NO_ERR;
    if (t->row->kind != TABLE_KEPT) return NO_ERR;
    struct cells rows = {.n = 200};
    struct cell *after = NULL, *last = NEW_N(c->mem, struct cell, t->n);
    while (rows.n == 200) {
        TRY(table_page(c->all, c->mem, t, c->from, after, 200, &rows));
        if (!rows.n) break;
        memcpy(last, rows.v + (rows.n - 1) * rows.columns, t->n * sizeof *last);
        after = last;
        TRY(slice_copy(c, t, &rows));
        if (strcmp(t->row->name, "journal") == 0) TRY(unsealed_copy(c, all, &rows, t));
    }
    return NO_ERR;
}

static err town_copy(struct copy *c, const struct tables *all)
{
    int64_t sealed = 1;
    for (size_t i = 0; i < all->n; i++) TRY(table_copy(c, all, &all->v[i]));
    db_bind_tenant(c->d, c->from - c->by);
    while (sealed) TRY(journal_seal(c->d, 0, &sealed));
    return projections_of_tenant(c->d, c->app->kinds, c->mem);
}

static err fleet(struct app *app, int n)
{
    struct tables all;
    struct tenant_named t;
    db *d, *none;
    arena *keep = arena_new(0);
    TRY(store_read(app->store, 0, &none));
    TRY(store_read(app->store, 0, &d));
    TRY(tables_read(none, keep, &all));
    TRY(tenant_named(app->store, keep, S("localhost"), &t));
    err e = NO_ERR;
    for (int i = 1; i <= n && e.code == OK; i++) {
        struct copy c = {app, d, none, arena_new(1 << 30), t.id, i * APART, i};
        e = town_copy(&c, &all);
        arena_free(c.mem);
    }
    db_done(d);
    db_done(none);
    arena_free(keep);
    return e;
}

int main(int n, char **words_)
{
    struct app app;
    struct settings settings;
    arena *mem = arena_new(0);
    int64_t towns = 0;
    if (n != 3 || str_i64(str_of(words_[2]), &towns).code != OK) {
        fprintf(stderr, "usage: fleet DATA N\n");
        return 2;
    }
    hash_start();
    settings_read(mem, STR_NONE, false, &settings);
    settings.data_dir = str_of(words_[1]);
    err e = app_open(&app, &settings, 0);
    if (e.code == OK) {
        e = fleet(&app, (int)towns);
        app_close(&app);
    }
    if (e.code != OK) fprintf(stderr, "fleet: %s %s\n", e.msg, e.at ? e.at : "");
    arena_free(mem);
    return e.code == OK ? 0 : 1;
}
