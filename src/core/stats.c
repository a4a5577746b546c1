/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/clocks.h"
#include "gen/sql/core/stats.sql.h"

enum { SLICE = 200 };               /* some 400 rows: a transaction of 50 ms on a slow machine */
const int stat_ages[STAT_AGES - 1] = {7, 30, 60, 120};

/* ---- counting ---- */

struct fold { arena *mem; struct kinds *ks; const struct tenant *t; bool more; };

static err add(db *w, const struct stat_event *e, int64_t day, const char *what, str name)
{
    return sql_stat_add(w, e->kind, day, e->body, e->team, str_of(what), name, 1);
}

static err event_count(db *w, struct fold *f, const struct stat_event *e)
{
    const struct kind *k;
    int64_t day = day_of(f->t, e->at);
    if (!e->found || !e->verb.n) return NO_ERR;                 /* gone: its own deletion left nothing to count it under */
    if (str_is(e->verb, "filed")) return add(w, e, day, "filed", e->channel);
    if (!e->from_state.n || !e->to_state.n || str_eq(e->from_state, e->to_state)) return NO_ERR;
    err found = kinds_get(f->ks, w, e->kind, e->revision, &k);
    if (found.code == E_NOT_FOUND) return NO_ERR;
    TRY(found);
    const struct state *from = kind_state(k, e->from_state), *to = kind_state(k, e->to_state);
    const struct transition *t = kind_transition(k, e->verb);
    if (from && from->is_final && to && !to->is_final) return add(w, e, day, "reopened", S(""));
    if (!to || !to->is_final) return NO_ERR;
    TRY(add(w, e, day, "ended", to->name));
    if (!t || t->by == BY_AUTHOR) return NO_ERR;
    int64_t days = day - day_of(f->t, e->created);
    return add(w, e, day, "answered", str_fmt(f->mem, "%05lld", (long long)(days > 0 ? days : 0)));
}

static err fold_in_txn(db *w, void *arg)
{
    struct fold *f = arg;
    struct sql_stat_cursor_get_row at;
    struct stat_event_list rows;
    TRY(sql_stat_cursor_get(w, f->mem, &at));
    TRY(sql_stat_events(w, f->mem, at.seal, SLICE, &rows));
    f->more = rows.n == SLICE;
    for (size_t i = 0; i < rows.n; i++) TRY(event_count(w, f, &rows.v[i]));
    return rows.n ? sql_stat_cursor_put(w, rows.v[rows.n - 1].seal) : NO_ERR;
}

err stats_fold(db *d, arena *mem, struct kinds *ks, const struct tenant *t, bool *out_more)
{
    struct fold f = {mem, ks, t, false};
    struct sql_stat_cursor_get_row at;
    struct stat_event_list some;
    *out_more = false;
    TRY(sql_stat_cursor_get(d, mem, &at));
    TRY(sql_stat_events(d, mem, at.seal, 1, &some));            /* most of the time there is nothing: then no transaction */
    if (!some.n) return NO_ERR;
    TRY(db_txn(d, fold_in_txn, &f));
    *out_more = f.more;
    return NO_ERR;
}

err stats_abandoned(db *w, str kind, int64_t body, int64_t team, str channel, int64_t day)
{
    return sql_stat_add(w, kind, day, body, team, S("abandoned"), channel, 1);
}

err stats_reset(db *w)
{
    TRY(sql_stat_clear(w));
    return sql_stat_cursor_clear(w);
}

/* ---- reading ---- */

static void put(arena *mem, struct stat_ns *to, str name, int64_t day, int64_t n)
{
    for (size_t i = to->n; i > 0; i--) {
        struct stat_n *x = &to->v[i - 1];
        if (!str_eq(x->name, name) || x->day != day) continue;
        x->n += n;
        return;
    }
    PUSH(mem, to, (struct stat_n){name, day, n});
}

static int most_first(const void *a, const void *b)
{
    const struct stat_n *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : str_cmp(x->name, y->name);
}

static int by_day(const void *a, const void *b)
{
    const struct stat_n *x = a, *y = b;
    return x->day < y->day ? -1 : x->day > y->day;
}

static void sort(struct stat_ns *x, int (*how)(const void *, const void *))
{
    if (x->n) qsort(x->v, x->n, sizeof *x->v, how);
}

static err sums_read(db *d, arena *mem, const struct stats_query *q, struct stats *out)
{
    struct sql_stat_sums_row_list rows;
    TRY(sql_stat_sums(d, mem, q->kind->name, q->first_day, q->last_day, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_stat_sums_row *x = &rows.v[i];
        int64_t days = 0;
        if (!who_has(q->who, ROLE_READER, x->body, x->team, q->kind->name)) continue;
        if (str_is(x->what, "filed")) {
            out->filed += x->n;
            put(mem, &out->channels, x->name, 0, x->n);
        } else if (str_is(x->what, "ended")) {
            out->ended += x->n;
            put(mem, &out->outcomes, x->name, 0, x->n);
        } else if (str_is(x->what, "answered") && str_i64(x->name, &days).code == OK) {
            out->answered += x->n;
            put(mem, &out->delays, STR_NONE, days, x->n);
        } else if (str_is(x->what, "reopened")) out->reopened += x->n;
        else if (str_is(x->what, "abandoned")) out->abandoned += x->n;
    }
    sort(&out->channels, most_first);
    sort(&out->outcomes, most_first);
    sort(&out->delays, by_day);
    return NO_ERR;
}

static err days_read(db *d, arena *mem, const struct stats_query *q, struct stats *out)
{
    struct sql_stat_days_row_list rows;
    TRY(sql_stat_days(d, mem, q->kind->name, q->first_day, q->last_day, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct sql_stat_days_row *x = &rows.v[i];
        if (!who_has(q->who, ROLE_READER, x->body, x->team, q->kind->name)) continue;
        struct stat_ns *to = str_is(x->what, "filed") ? &out->filed_days : &out->ended_days;
        if (to->n && to->v[to->n - 1].day == x->day) to->v[to->n - 1].n += x->n;
        else PUSH(mem, to, (struct stat_n){STR_NONE, x->day, x->n});
    }
    return NO_ERR;
}

/* Along (kind, state, created): for who may see all of it, without fetching a record. */
static err queue_read(db *d, arena *mem, const struct stats_query *q, struct stats *out)
{
    struct strs open = {0};
    struct cells c;
    for (size_t i = 0; i < q->kind->states.n; i++)
        if (!q->kind->states.v[i].is_final) {
            PUSH(mem, &open, q->kind->states.v[i].name);
            PUSH(mem, &out->queue, (struct stat_queue){.state = q->kind->states.v[i].name});
        }
    int64_t since[STAT_AGES - 1];
    for (int i = 0; i < STAT_AGES - 1; i++) since[i] = q->now_us - stat_ages[i] * DAY_US;
    /* house: the columns hold four whole numbers counted here */
    const char *columns = str_z(mem, str_fmt(mem, "r.state, CASE WHEN r.created >= %lld THEN 0 WHEN r.created >= %lld THEN 1 WHEN r.created >= %lld THEN 2 "
                                                  "WHEN r.created >= %lld THEN 3 ELSE 4 END AS age, COUNT(*)",
                                             (long long)since[0], (long long)since[1], (long long)since[2], (long long)since[3]));
    struct select *s = select_new(mem, columns, "record r", "r");
    select_where_str(s, "r.kind", CMP_EQ, q->kind->name);
    select_where_in(s, "r.state", open);
    may_where(q->who, VERB_LIST, s, "r");
    select_group(s, "r.state, age");
    TRY(select_run(d, mem, s, &c));
    for (size_t i = 0; i < c.n; i++)
        for (size_t j = 0; j < out->queue.n; j++) {
            const struct cell *x = c.v + i * c.columns;
            if (!str_eq(out->queue.v[j].state, x[0].s) || x[1].i < 0 || x[1].i >= STAT_AGES) continue;
            out->queue.v[j].ages[x[1].i] += x[2].i;
            out->queue.v[j].n += x[2].i;
        }
    return NO_ERR;
}

err stats_of(db *d, arena *mem, const struct stats_query *q, struct stats *out)
{
    *out = (struct stats){0};
    TRY(sums_read(d, mem, q, out));
    TRY(days_read(d, mem, q, out));
    return queue_read(d, mem, q, out);
}

int64_t stats_within(const struct stat_ns *delays, double share)
{
    int64_t total = 0, seen = 0;
    for (size_t i = 0; i < delays->n; i++) total += delays->v[i].n;
    if (!total) return -1;
    int64_t rank = (int64_t)ceil(share * (double)total);
    for (size_t i = 0; i < delays->n; i++)
        if ((seen += delays->v[i].n) >= rank) return delays->v[i].day;
    return delays->v[delays->n - 1].day;
}

err stats_public(db *d, arena *mem, str kind, int64_t last_day, int64_t *out_half, int64_t *out_most, bool *out_said)
{
    struct sql_stat_answers_row_list rows;
    struct stat_ns delays = {0};
    int64_t total = 0;
    *out_said = false;
    TRY(sql_stat_answers(d, mem, kind, last_day - 364, last_day, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        int64_t days;
        if (str_i64(rows.v[i].name, &days).code != OK) continue;
        PUSH(mem, &delays, (struct stat_n){STR_NONE, days, rows.v[i].n});
        total += rows.v[i].n;
    }
    if (total < STATS_PUBLIC_LEAST) return NO_ERR;
    *out_half = stats_within(&delays, .5);
    *out_most = stats_within(&delays, .9);
    *out_said = true;
    return NO_ERR;
}
