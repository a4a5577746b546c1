/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/list.h"
#include "gen/sql/core/list.sql.h"

err list_count(db *d, arena *mem, const struct who *who, struct list_counts *out)
{
    struct counter_row_list rows;
    *out = (struct list_counts){0};
    TRY(sql_counter_totals(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct counter_row *r = &rows.v[i];
        if (!who_has(who, ROLE_READER, r->body, r->team, r->kind)) continue;
        struct list_count *last = out->n ? &out->v[out->n - 1] : NULL;
        if (last && str_eq(last->kind, r->kind) && str_eq(last->state, r->state)) last->n += r->n;
        else PUSH(mem, out, (struct list_count){r->kind, r->state, r->n});
    }
    return NO_ERR;
}

static bool same_counter(const struct counter_row *a, const struct sql_counter_deltas_row *b)
{
    return a->body == b->body && a->team == b->team && str_eq(a->kind, b->kind) && str_eq(a->state, b->state);
}

struct fold { struct sql_counter_deltas_row_list deltas; struct { struct counter_row *v; size_t n; } sums; };

/* The deltas were read before: this transaction meets no filing. One that is gone was folded by another: nothing is folded twice. */
static err fold_in_txn(db *w, void *arg)
{
    struct fold *f = arg;
    for (size_t i = 0; i < f->deltas.n; i++) {
        int64_t changed = 0;
        TRY(sql_counter_delta_remove(w, f->deltas.v[i].id, &changed));
        if (!changed) return FAIL(E_CONFLICT, "store.not_found");
    }
    for (size_t i = 0; i < f->sums.n; i++) {
        const struct counter_row *s = &f->sums.v[i];
        TRY(sql_counter_add(w, s->kind, s->state, s->body, s->team, s->n));
    }
    return NO_ERR;
}

static err fold_slice(db *d, arena *mem, bool *more)
{
    struct fold f = {0};
    TRY(sql_counter_deltas(d, mem, 500, &f.deltas));
    *more = f.deltas.n == 500;
    if (!f.deltas.n) return NO_ERR;
    for (size_t i = 0; i < f.deltas.n; i++) {
        const struct sql_counter_deltas_row *x = &f.deltas.v[i];
        size_t k = 0;
        while (k < f.sums.n && !same_counter(&f.sums.v[k], x)) k++;
        if (k == f.sums.n) PUSH(mem, &f.sums, (struct counter_row){x->kind, x->state, x->body, x->team, 0});
        f.sums.v[k].n += x->n;
    }
    err e = db_txn(d, fold_in_txn, &f);
    return e.code == E_CONFLICT ? NO_ERR : e;
}

err counters_fold(db *d, arena *mem)
{
    bool more = true;
    for (int slices = 0; more && slices < 20; slices++) TRY(fold_slice(d, mem, &more));
    return NO_ERR;
}
