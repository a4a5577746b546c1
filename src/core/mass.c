/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/mass.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/projection.h"
#include "gen/sql/core/mass.sql.h"

enum { AT_ONCE = 20 };

err mass_pick(db *d, arena *mem, const struct who *w, struct strs ticked, struct mass_picks *out)
{
    struct strs references = {0};
    struct cells c;
    *out = (struct mass_picks){0};
    for (size_t i = 0; i < ticked.n && i < MASS_MOST; i++) PUSH(mem, &references, str_split(ticked.v[i], '.', &(str){0}));
    struct select *s = select_new(mem, "r.id, r.reference", "record r", "r");
    select_where_in(s, "r.reference", references);
    may_where(w, VERB_LIST, s, "r");
    select_order(s, "r.id");
    TRY(select_run(d, mem, s, &c));
    for (size_t i = 0; i < c.n; i++)
        for (size_t j = 0; j < references.n; j++) {
            str version;
            struct mass_pick one = {.record = c.v[i * c.columns].i};
            if (!str_eq(references.v[j], c.v[i * c.columns + 1].s)) continue;
            str_split(ticked.v[j], '.', &version);
            if (str_i64(version, &one.version).code == OK) PUSH(mem, out, one);
        }
    return NO_ERR;
}

struct opening { int64_t id, account, now_us; const struct mass_pick *picks; size_t n; };

static err open_in_txn(db *w, void *arg)
{
    struct opening *x = arg;
    TRY(sql_mass_add(w, x->id, x->account, x->now_us));
    for (size_t i = 0; i < x->n; i++) TRY(sql_mass_item_add(w, x->id, x->picks[i].record, x->picks[i].version));
    return NO_ERR;
}

err mass_open(db *d, int64_t account, const struct mass_pick *picks, size_t n, int64_t now_us, int64_t *out_id)
{
    if (!n) return FAIL_AT(E_INVALID, W("mass.nothing_chosen"), "d");
    if (n > MASS_MOST) return FAIL_AT(E_INVALID, W("mass.too_many"), "d");
    struct opening x = {id_new(), account, now_us, picks, n};
    TRY(db_txn(d, open_in_txn, &x));
    *out_id = x.id;
    return NO_ERR;
}

static err mass_from(arena *mem, const struct mass_row *r, struct mass *out)
{
    *out = (struct mass){r->id, r->account, r->act, r->status, NULL, r->slice, r->created, r->started, r->ended};
    return doc_read(mem, r->asks, &out->asks);
}

err mass_get(db *d, arena *mem, int64_t account, int64_t id, struct mass *out)
{
    struct mass_row r;
    TRY(sql_mass_row_get(d, mem, id, &r));
    if (account && r.account != account) return FAIL(E_NOT_FOUND, "rights.not_found");
    return mass_from(mem, &r, out);
}

err mass_of(db *d, arena *mem, int64_t account, struct masses *out)
{
    struct mass_row_list rows;
    *out = (struct masses){0};
    TRY(sql_mass_rows_of(d, mem, account, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        struct mass m;
        TRY(mass_from(mem, &rows.v[i], &m));
        PUSH(mem, out, m);
    }
    return NO_ERR;
}

static void items_from(arena *mem, const struct mass_item_row_list *rows, struct mass_items *out)
{
    *out = (struct mass_items){0};
    for (size_t i = 0; i < rows->n; i++) {
        const struct mass_item_row *x = &rows->v[i];
        struct record r = {.id = x->id, .body = x->body, .kind = x->kind, .revision = x->revision, .version = x->version, .state = x->state, .reference = x->reference,
                           .author = x->author, .team = x->team, .assignee = x->assignee, .channel = x->channel, .created_us = x->created, .updated_us = x->updated,
                           .due_us = x->due, .title = x->title};
        PUSH(mem, out, (struct mass_item){r, x->seen, x->status, x->why});
    }
}

err mass_items_of(db *d, arena *mem, int64_t id, struct mass_items *out)
{
    struct mass_item_row_list rows;
    TRY(sql_mass_item_rows(d, mem, id, &rows));
    items_from(mem, &rows, out);
    return NO_ERR;
}

err mass_failed(db *d, arena *mem, int64_t id, struct mass_items *out)
{
    struct mass_item_row_list rows;
    TRY(sql_mass_item_rows_failed(d, mem, id, &rows));
    items_from(mem, &rows, out);
    return NO_ERR;
}

err mass_count(db *d, arena *mem, int64_t id, struct mass_counts *out)
{
    struct sql_mass_item_counts_row_list rows;
    *out = (struct mass_counts){0};
    TRY(sql_mass_item_counts(d, mem, id, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        int64_t n = rows.v[i].n;
        out->total += n;
        *(str_is(rows.v[i].status, "waiting") ? &out->waiting : str_is(rows.v[i].status, "done") ? &out->done : &out->failed) += n;
    }
    return NO_ERR;
}

/* ---- carried out ---- */

/* The job of a turn: one row for each, whatever happens twice. */
static err turn_add(db *w, arena *mem, int64_t id, int64_t slice, int64_t now_us)
{
    str text = str_fmt(mem, "%lld", (long long)id);
    return job_add(w, S(MASS_JOB), text, str_fmt(mem, "mass:%lld", (long long)id), str_fmt(mem, "turn:%lld", (long long)slice), now_us);
}

struct starting { arena *mem; int64_t id, now_us; str act; const json_t *asks; };

static err start_in_txn(db *w, void *arg)
{
    struct starting *x = arg;
    int64_t changed;
    TRY(sql_mass_begin(w, x->id, x->act, doc_write(x->mem, x->asks), x->now_us, &changed));
    return changed ? turn_add(w, x->mem, x->id, 0, x->now_us) : NO_ERR;
}

err mass_start(db *d, arena *mem, int64_t id, str act, const json_t *asks, int64_t now_us)
{
    return db_txn(d, start_in_txn, &(struct starting){mem, id, now_us, act, asks});
}

struct doing { arena *mem; const struct mass *m; const struct mass_item *item; mass_fn fn; void *arg; str why; };

static err item_in_txn(db *w, void *arg)
{
    struct doing *x = arg;
    int64_t changed;
    TRY(sql_mass_item_mark(w, x->m->id, x->item->r.id, S("done"), STR_NONE, &changed));
    return changed ? x->fn(w, x->mem, x->m, x->item, x->arg) : NO_ERR;      /* somebody did it meanwhile, or an earlier run of this */
}

static err failed_in_txn(db *w, void *arg)
{
    struct doing *x = arg;
    return sql_mass_item_mark(w, x->m->id, x->item->r.id, S("failed"), x->why, &(int64_t){0});
}

static bool passes(enum err_code c) { return c == E_BUSY || c == E_IO || c == E_FULL; }

static err item_do(db *d, struct doing *x, enum lang lang)
{
    err e = db_txn(d, item_in_txn, x);
    if (e.code == OK || passes(e.code)) return e;
    str said = words(lang, e.code == E_CONFLICT ? W("mass.changed") : e.msg);       /* nobody had it open */
    x->why = str_trim(str_fmt(x->mem, "%.*s %s", STR_ARG(said), e.at ? e.at : ""));
    return db_txn(d, failed_in_txn, x);
}

struct ending { arena *mem; int64_t id, slice; bool more; };

static err ending_in_txn(db *w, void *arg)
{
    struct ending *x = arg;
    int64_t changed, now_us = clock_now_us();
    if (!x->more) return sql_mass_end(w, x->id, now_us, &changed);
    TRY(sql_mass_next(w, x->id, x->slice + 1, &changed));
    return turn_add(w, x->mem, x->id, x->slice + 1, now_us);
}

err mass_turn(db *d, arena *mem, const struct mass *m, enum lang lang, mass_fn fn, void *arg)
{
    int64_t until_us = clock_monotonic_us() + MASS_TURN_US, after = 0;
    struct mass_items items;
    if (!str_is(m->status, "running")) return NO_ERR;
    do {
        struct mass_item_row_list rows;
        TRY(sql_mass_waiting(d, mem, m->id, after, AT_ONCE, &rows));
        items_from(mem, &rows, &items);
        for (size_t i = 0; i < items.n && clock_monotonic_us() < until_us; i++) {
            TRY(item_do(d, &(struct doing){mem, m, &items.v[i], fn, arg, STR_NONE}, lang));
            after = items.v[i].r.id;
        }
    } while (items.n && clock_monotonic_us() < until_us);
    return db_txn(d, ending_in_txn, &(struct ending){mem, m->id, m->slice, items.n > 0});
}
