/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Views of the list, and what of views and absences is kept in memory. */
#include "core/inbox.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/said.h"
#include "base/utf8.h"
#include "gen/sql/core/inbox.sql.h"
#include "store/change.h"

enum { NAME_MAX_LETTERS = 60, QUERY_MAX_BYTES = 2000, VIEWS_MOST = 50, TOWNS = 64 };

bool who_in_team(const struct who *w, int64_t team)
{
    for (size_t i = 0; team && i < w->grants.n; i++)
        if (w->grants.v[i].team == team) return true;
    return false;
}

/* ---- in memory ---- */

struct town_rows { struct view_row_list views; struct sql_start_rows_row_list starts; struct absence_row_list absences; };
struct town { int64_t tenant, until_us, used; arena *mem; struct town_rows rows; };
struct inbox_cache { pthread_mutex_t lock; arena *mem; int64_t clock; struct town towns[TOWNS]; };

struct inbox_cache *inbox_cache_new(void)
{
    arena *mem = arena_new(0);
    struct inbox_cache *c = NEW(mem, struct inbox_cache);
    c->mem = mem;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void inbox_cache_free(struct inbox_cache *c)
{
    if (!c) return;
    for (size_t i = 0; i < TOWNS; i++)
        if (c->towns[i].mem) arena_free(c->towns[i].mem);
    pthread_mutex_destroy(&c->lock);
    arena_free(c->mem);
}

static void town_forget(struct town *t)
{
    if (t->mem) arena_free(t->mem);
    *t = (struct town){0};
}

void inbox_cache_drop(struct inbox_cache *c, int64_t tenant)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < TOWNS; i++)
        if (c->towns[i].mem && c->towns[i].tenant == tenant) town_forget(&c->towns[i]);
    pthread_mutex_unlock(&c->lock);
}

static err rows_read(db *d, arena *mem, int64_t today, struct town_rows *out)
{
    *out = (struct town_rows){0};
    TRY(sql_view_rows(d, mem, &out->views));
    TRY(sql_start_rows(d, mem, &out->starts));
    return sql_absence_rows(d, mem, today, &out->absences);
}

static struct inbox_view view_from(arena *mem, const struct view_row *r)
{
    return (struct inbox_view){r->id, r->account, r->team, said_in(str_copy(mem, r->name), LANG_FR), str_copy(mem, r->query)};
}

static str person(arena *mem, str forename, str surname) { return str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(forename), STR_ARG(surname))); }

static struct absence absence_from(arena *mem, const struct absence_row *r)
{
    return (struct absence){.id = r->id, .account = r->account, .first_day = r->first_day, .last_day = r->last_day, .stand_in = r->stand_in, .team = r->team,
                            .set_by = r->set_by, .name = person(mem, r->forename, r->surname),
                            .stand_in_name = r->team ? str_copy(mem, r->team_name) : person(mem, r->in_forename, r->in_surname)};
}

/* Of a town, what is this person's: copied, so that it outlives the cache's. */
static void state_from(arena *mem, const struct town_rows *rows, const struct who *w, int64_t today, struct inbox_state *out)
{
    *out = (struct inbox_state){0};
    for (int shared = 0; shared < 2; shared++)
        for (size_t i = 0; i < rows->views.n; i++) {
            const struct view_row *v = &rows->views.v[i];
            bool mine = v->account == w->account && !v->team, ours = v->team && (v->account == w->account || who_in_team(w, v->team));
            if (shared ? ours : mine) PUSH(mem, &out->views, view_from(mem, v));
        }
    for (size_t i = 0; i < rows->starts.n; i++)
        if (rows->starts.v[i].account == w->account) out->start = rows->starts.v[i].view_id;
    for (size_t i = 0; i < rows->absences.n; i++) {
        const struct absence_row *a = &rows->absences.v[i];
        if (a->first_day > today || a->last_day < today || a->account == w->account) continue;
        if (a->stand_in == w->account || who_in_team(w, a->team)) PUSH(mem, &out->replaced, absence_from(mem, a));
    }
}

static struct town *town_find(struct inbox_cache *c, int64_t tenant)
{
    for (size_t i = 0; i < TOWNS; i++)
        if (c->towns[i].mem && c->towns[i].tenant == tenant && c->towns[i].until_us > clock_monotonic_us()) return &c->towns[i];
    return NULL;
}

/* The tenant's own place, else a free one, else the one asked for longest ago. */
static struct town *town_room(struct inbox_cache *c, int64_t tenant)
{
    struct town *best = &c->towns[0];
    for (size_t i = 0; i < TOWNS; i++) {
        struct town *t = &c->towns[i];
        if (t->mem && t->tenant == tenant) return t;
        if ((best->mem && !t->mem) || (best->mem && t->mem && t->used < best->used)) best = t;
    }
    return best;
}

err inbox_state_of(struct inbox_cache *c, db *d, arena *mem, const struct who *w, int64_t today, struct inbox_state *out)
{
    struct town_rows rows;
    if (!c) {
        TRY(rows_read(d, mem, today, &rows));
        state_from(mem, &rows, w, today, out);
        return NO_ERR;
    }
    int64_t tenant = db_tenant(d);
    pthread_mutex_lock(&c->lock);
    struct town *t = town_find(c, tenant);
    if (t) {
        t->used = ++c->clock;
        state_from(mem, &t->rows, w, today, out);
    }
    pthread_mutex_unlock(&c->lock);
    if (t) return NO_ERR;
    arena *own = arena_new(0);
    err e = rows_read(d, own, today, &rows);
    if (e.code != OK) {
        arena_free(own);
        return e;
    }
    state_from(mem, &rows, w, today, out);
    pthread_mutex_lock(&c->lock);
    t = town_room(c, tenant);
    town_forget(t);
    *t = (struct town){tenant, clock_monotonic_us() + INBOX_KEPT_US, ++c->clock, own, rows};
    pthread_mutex_unlock(&c->lock);
    return NO_ERR;
}

/* ---- views ---- */

bool inbox_view_keeps(str name)
{
    static const char *const kept[] = {"q", "kind", "state", "whose", "late", "sort", "col"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (str_is(name, kept[i])) return true;
    return str_starts(name, S("f."));
}

/* Its own author's; a team's also of whoever administers what the team does. */
static bool may_change(const struct who *w, const struct view_row *v)
{
    return v->account == w->account || (v->team && who_has(w, ROLE_ADMIN, 0, v->team, STR_NONE));
}

struct view_args { arena *mem; const struct who *w; struct inbox_view *v; int64_t now_us, id; };

static err view_in_txn(db *w, void *arg)
{
    struct view_args *x = arg;
    struct view_row was = {0};
    int64_t changed = 0;
    TRY(change_bump(w, S(TOPIC_INBOX)));
    if (!x->v->id) {
        struct sql_view_count_row own;
        TRY(sql_view_count(w, x->mem, x->w->account, &own));
        if (own.n >= VIEWS_MOST) return FAIL_AT(E_INVALID, W("inbox.view.too_many"), "name");
        return sql_view_add(w, x->id, x->w->account, x->v->team, x->v->name, x->v->query, x->now_us);
    }
    TRY(sql_view_row_get(w, x->mem, x->v->id, &was));
    if (!may_change(x->w, &was)) return FAIL(E_DENIED, "rights.denied");
    return sql_view_change(w, x->v->id, x->v->team, x->v->name, x->v->query, &changed);
}

err inbox_view_save(db *d, arena *mem, const struct who *w, struct inbox_view *v, int64_t now_us)
{
    v->name = str_trim(v->name);
    if (!v->name.n) return FAIL_AT(E_INVALID, W("inbox.view.no_name"), "name");
    if (utf8_length(v->name) > NAME_MAX_LETTERS) return FAIL_AT(E_INVALID, W("inbox.view.long_name"), "name");
    if (v->query.n > QUERY_MAX_BYTES) return FAIL_AT(E_INVALID, W("inbox.view.long_query"), "name");
    if (v->team && !who_in_team(w, v->team) && !who_has(w, ROLE_ADMIN, 0, v->team, STR_NONE)) return FAIL_AT(E_DENIED, W("inbox.view.not_your_team"), "team");
    struct view_args x = {mem, w, v, now_us, id_new()};
    TRY(db_txn(d, view_in_txn, &x));
    if (!v->id) v->id = x.id;
    return NO_ERR;
}

static err view_remove_in_txn(db *w, void *arg)
{
    struct view_args *x = arg;
    struct view_row was;
    TRY(change_bump(w, S(TOPIC_INBOX)));
    TRY(sql_view_row_get(w, x->mem, x->id, &was));
    if (!may_change(x->w, &was)) return FAIL(who_in_team(x->w, was.team) ? E_DENIED : E_NOT_FOUND, who_in_team(x->w, was.team) ? "rights.denied" : "rights.not_found");
    TRY(sql_start_drop(w, x->id));
    return sql_view_remove(w, x->id, &(int64_t){0});
}

err inbox_view_remove(db *d, arena *mem, const struct who *w, int64_t id) { return db_txn(d, view_remove_in_txn, &(struct view_args){.mem = mem, .w = w, .id = id}); }

err inbox_view_get(db *d, arena *mem, const struct who *w, int64_t id, struct inbox_view *out)
{
    struct view_row r;
    TRY(sql_view_row_get(d, mem, id, &r));
    if (r.account != w->account && !who_in_team(w, r.team) && !may_change(w, &r)) return FAIL(E_NOT_FOUND, "rights.not_found");
    *out = view_from(mem, &r);
    return NO_ERR;
}

struct start_args { int64_t account, view; };
static err start_in_txn(db *w, void *arg)
{
    struct start_args *x = arg;
    TRY(change_bump(w, S(TOPIC_INBOX)));
    return sql_start_put(w, x->account, x->view);
}

err inbox_start_set(db *d, int64_t account, int64_t view) { return db_txn(d, start_in_txn, &(struct start_args){account, view}); }
