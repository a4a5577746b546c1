/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/change.h"
#include <assert.h>
#include "base/clock.h"
#include "base/id.h"
#include "gen/sql/store/store.sql.h"
#include "store/engine.h"

void store_on_wait(struct store *s, void (*fn)(void *arg, bool waits), void *arg)
{
    s->on_wait_arg = arg;
    s->on_wait = fn;
}

void store_on_change(struct store *s, void (*fn)(void *arg, int64_t tenant, str topic, int64_t id), void *arg)
{
    s->on_change_arg = arg;
    s->on_change = fn;
}

err change_bump(db *w, str topic)
{
    assert(w->writer);
    for (size_t i = 0; i < w->topics.n; i++)
        if (w->topics.v[i].tenant == w->tenant && str_eq(w->topics.v[i].name, topic) && i >= w->topics_from) return NO_ERR;
    int64_t id = id_new();
    TRY(sql_change_add(w, id, topic));
    struct topic t = {w->tenant, id, str_copy(w->mem, topic)};
    PUSH(w->mem, &w->topics, t);
    return NO_ERR;
}

static void rows_out(arena *mem, const struct change_row_list *rows, struct changes *out)
{
    out->v = NEW_N(mem, struct change, rows->n + 1);
    out->n = rows->n;
    for (size_t i = 0; i < rows->n; i++) out->v[i] = (struct change){rows->v[i].tenant, rows->v[i].id, rows->v[i].topic};
}

err change_since(db *d, arena *mem, int64_t after, int n, struct changes *out)
{
    struct change_row_list rows;
    *out = (struct changes){0};
    TRY(sql_change_after(d, mem, after, n, &rows));
    rows_out(mem, &rows, out);
    return NO_ERR;
}

err change_poll(db *d, arena *mem, struct change_cursor *c, struct changes *out)
{
    enum { MOST = 1000 };
    struct change_row_list rows;
    *out = (struct changes){0};
    int64_t back = id_first_at(clock_now_us() - CHANGE_WINDOW_US);
    if (!c->last) c->last = back;
    TRY(sql_change_after_all(d, mem, c->last < back ? c->last : back, MOST, &rows));
    rows_out(mem, &rows, out);
    if (rows.n == MOST) c->last = rows.v[rows.n - 1].id - 1;
    else if (rows.n) c->last = rows.v[rows.n - 1].id;
    return NO_ERR;
}

#define CHANGE_SLICE 500
struct trim_args { int64_t before, removed; };

static err trim(db *w, void *arg)
{
    struct trim_args *a = arg;
    return sql_change_trim(w, a->before, CHANGE_SLICE, &a->removed);
}

err change_trim(db *d, int64_t older_than_us, int64_t *out_removed)
{
    struct trim_args a = {id_first_at(older_than_us), 0};
    *out_removed = 0;
    do {
        TRY(db_txn(d, trim, &a));
        *out_removed += a.removed;
    } while (a.removed >= CHANGE_SLICE);
    return NO_ERR;
}
