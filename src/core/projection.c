/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/projection.h"

#include <string.h>

#include "base/id.h"
#include "base/utf8.h"
#include "core/field_types.h"
#include "core/found.h"
#include "core/search.h"
#include "core/stats.h"
#include "core/value_list.h"
#include "formats/json.h"
#include "gen/sql/core/list.sql.h"
#include "gen/sql/core/record.sql.h"
#include "gen/sql/core/tenant.sql.h"

err doc_read(arena *mem, str text, json_t **out)
{
    if (text.n) return json_parse(mem, text, out);
    *out = json_own(mem, json_object());
    return NO_ERR;
}

str doc_write(arena *mem, const json_t *j) { return j ? json_canonical(mem, j) : STR_NONE; }

bool record_masked(const struct record *r, str id)
{
    size_t i;
    json_t *v;
    json_array_foreach(r->masks, i, v)
        if (str_eq(json_text(v), id)) return true;
    return false;
}

/* A masked file leaves its field's list; NULL: none is left. */
static const json_t *files_shown(arena *mem, const struct record *r, const json_t *files)
{
    json_t *kept = json_own(mem, json_array());
    for (size_t i = 0; i < json_array_size(files); i++)
        if (!record_masked(r, json_text(json_array_get(files, i)))) json_array_append(kept, json_array_get(files, i));
    return json_array_size(kept) ? kept : NULL;
}

static json_t *public_fields(arena *mem, const struct fields *fields, const struct record *r, const json_t *doc)
{
    json_t *out = json_object();
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const json_t *v = answer_in(mem, doc, f);
        if (!v || f->is_private || record_masked(r, f->id)) continue;
        if (f->children.n) {
            json_t *rows = json_array();
            size_t k;
            json_t *row;
            json_array_foreach(v, k, row) {
                json_t *shown = public_fields(mem, &f->children, r, row);
                if (json_object_size(shown)) {
                    json_object_set(shown, "_id", json_object_get(row, "_id"));
                    json_array_append_new(rows, shown);
                } else {
                    json_decref(shown);
                }
            }
            if (json_array_size(rows)) json_object_setn_new(out, f->id.p, f->id.n, rows);
            else json_decref(rows);
        } else if (f->is_public) {
            if (r->masks && f->type->check == check_file) v = files_shown(mem, r, v);
            if (v) json_object_setn(out, f->id.p, f->id.n, (json_t *)(uintptr_t)v);
        }
    }
    return out;
}

/* Before an agent has looked: what nobody can write into. Of a place the point, and the address when it is one of the town's list. */
static json_t *shown_fields(arena *mem, const struct kind *k, const struct state *s, const struct record *r)
{
    json_t *doc = json_own(mem, json_object());
    for (size_t i = 0; i < s->shown.n; i++) {
        const struct field *f = kind_field_named(k, s->shown.v[i]);
        const json_t *v = f && !record_masked(r, f->id) ? answer_in(mem, r->doc, f) : NULL;
        if (!v || (strcmp(f->type->name, "place") != 0 && !f->type->has_options)) continue;
        if (f->type->has_options && json_is_object(v)) continue;           /* a free entry */
        json_t *shown = json_own(mem, json_deep_copy(v));
        if (json_is_object(shown) && !json_bool(shown, "located", false)) json_object_del(shown, "address");
        json_object_setn(doc, f->id.p, f->id.n, shown);
    }
    return doc;
}

json_t *record_public_doc(arena *mem, const struct kind *k, const struct record *r)
{
    const struct state *s = kind_state(k, r->state);
    if (s && s->shown.n && !r->published_us) return shown_fields(mem, k, s, r);
    if (!s || !s->is_public || !r->published_us) return NULL;
    return json_own(mem, public_fields(mem, &k->fields, r, r->doc));
}

static struct answers_env plain_env(const struct record *r)
{
    return (struct answers_env){.lang = LANG_FR, .zone = S("Europe/Paris"), .now_us = r->updated_us};
}

static str field_shown(arena *mem, const struct field *f, const json_t *doc, const struct answers_env *env)
{
    const json_t *v = f ? answer_in(mem, doc, f) : NULL;
    return v && f->type->show ? str_trim(f->type->show(f, mem, v, env)) : STR_NONE;
}

static str short_text(arena *mem, str s, size_t most)
{
    str cut = utf8_cut(s, most);
    return cut.n == s.n ? s : str_fmt(mem, "%.*s…", STR_ARG(cut));
}

void record_titles(db *d, arena *mem, const struct kind *k, struct record *r, str applicant)
{
    struct answers_env env = plain_env(r);
    struct list_world world = {d, NULL};
    list_env(&env, &world);
    str general = text_in(&k->title, LANG_FR);
    const struct field *f = k->title_from.n ? kind_field_named(k, k->title_from) : NULL;
    str own = short_text(mem, field_shown(mem, f, r->doc, &env), 120);
    r->title = own.n ? own : applicant.n ? short_text(mem, str_trim(applicant), 120) : general;
    r->public_title = own.n && f->is_public && !f->is_private && !record_masked(r, f->id) ? own : general;
    r->summary = STR_NONE;
    for (size_t i = 0; i < k->fields.n && !r->summary.n; i++) {
        const struct field *g = &k->fields.v[i];
        bool is_text = g->type && (strcmp(g->type->name, "text") == 0 || strcmp(g->type->name, "textarea") == 0);
        if (is_text && g != f && g->is_public && !g->is_private && !record_masked(r, g->id))
            r->summary = short_text(mem, field_shown(mem, g, r->doc, &env), 200);
    }
}

/* '*' before the field's id: what the public may filter on, dated by publication. */
static err index_value(db *w, arena *mem, const struct kind *k, const struct record *r, const struct field *f, const json_t *v, bool is_public)
{
    str value = f->type->index(f, mem, v);
    if (!value.n) return NO_ERR;
    value = utf8_cut(value, 200);
    TRY(sql_index_add(w, k->name, f->id, value, r->created_us, r->id));
    if (!is_public) return NO_ERR;
    return sql_index_add(w, k->name, str_fmt(mem, "*%.*s", STR_ARG(f->id)), value, r->published_us, r->id);
}

static err index_fields(db *w, arena *mem, const struct kind *k, const struct record *r, const struct fields *fields, const json_t *doc)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const json_t *v = answer_in(mem, doc, f);
        size_t n;
        json_t *one;
        if (!v) continue;
        if (f->children.n) {
            json_array_foreach(v, n, one) TRY(index_fields(w, mem, k, r, &f->children, one));
            continue;
        }
        if (!f->filter || !f->type || !f->type->index) continue;
        bool is_public = r->published_us && f->is_public && !f->is_private && !record_masked(r, f->id);
        if (json_is_array(v)) {
            json_array_foreach(v, n, one) TRY(index_value(w, mem, k, r, f, one, is_public));
        } else {
            TRY(index_value(w, mem, k, r, f, v, is_public));
        }
    }
    return NO_ERR;
}

err project_index(db *w, arena *mem, const struct kind *k, const struct record *r)
{
    return index_fields(w, mem, k, r, &k->fields, r->doc);
}

static err counter_delta(db *w, const struct record *r, int64_t n)
{
    return sql_counter_delta_add(w, id_new(), r->kind, r->state, r->body, r->team, n);
}

err counter_move(db *w, const struct record *was, const struct record *is)
{
    if (was && is && str_eq(was->kind, is->kind) && str_eq(was->state, is->state) && was->body == is->body && was->team == is->team)
        return NO_ERR;
    if (was) TRY(counter_delta(w, was, -1));
    return is ? counter_delta(w, is, 1) : NO_ERR;
}

/* ---- made anew ---- */

struct slice { arena *mem; struct kinds *kinds; struct record_row_list rows; const struct going *going; int64_t records; };

static err slice_in_txn(db *w, void *arg)
{
    struct slice *s = arg;
    for (size_t i = 0; i < s->rows.n; i++) {
        struct record r;
        const struct kind *k;
        /* As it is now: it may have changed since it was read. */
        err e = record_get(w, s->mem, s->rows.v[i].id, &r);
        if (e.code == E_NOT_FOUND) continue;
        TRY(e);
        TRY(kinds_get(s->kinds, w, r.kind, r.revision, &k));
        TRY(record_project(w, s->mem, k, &r));
    }
    return NO_ERR;
}

static err records_of_tenant(db *d, struct slice *s)
{
    int64_t after = 0;
    do {
        arena_reset(s->mem);
        if (!going_on(s->going)) return FAIL(E_BUSY, "store.closed");
        TRY(sql_record_walk(d, s->mem, after, s->records, &s->rows));
        if (s->rows.n) TRY(db_txn(d, slice_in_txn, s));
        if (s->rows.n) after = s->rows.v[s->rows.n - 1].id;
    } while ((int64_t)s->rows.n == s->records);
    return NO_ERR;
}

static err counters_in_txn(db *w, void *arg)
{
    struct counter_row_list rows;
    TRY(sql_counters_of_records(w, arg, &rows));
    TRY(sql_counters_clear(w));
    TRY(sql_counter_deltas_clear(w));
    for (size_t i = 0; i < rows.n; i++) {
        const struct counter_row *r = &rows.v[i];
        TRY(sql_counter_add(w, r->kind, r->state, r->body, r->team, r->n));
    }
    return NO_ERR;
}

static err rebuild_records(db *d, arena *mem, const struct going *going)
{
    struct tenant_row_list tenants;
    struct slice s = {.mem = arena_new(0), .going = going, .records = 100};
    TRY(sql_tenant_rows(d, mem, &tenants));
    err e = kinds_open(&s.kinds, db_store(d));
    for (size_t i = 0; i < tenants.n && e.code == OK; i++) {
        db_bind_tenant(d, tenants.v[i].id);
        e = records_of_tenant(d, &s);
    }
    if (s.kinds) kinds_close(s.kinds);
    arena_free(s.mem);
    return e;
}

static err rebuild_counters(db *d, arena *mem, const struct going *going)
{
    struct tenant_row_list tenants;
    TRY(sql_tenant_rows(d, mem, &tenants));
    for (size_t i = 0; i < tenants.n; i++) {
        if (!going_on(going)) return FAIL(E_BUSY, "store.closed");
        db_bind_tenant(d, tenants.v[i].id);
        TRY(db_txn(d, counters_in_txn, mem));
    }
    return NO_ERR;
}

static err stats_in_txn(db *w, void *arg)
{
    (void)arg;
    return stats_reset(w);
}

/* Counted anew by the work of that name, from the journal's beginning. */
static err rebuild_stats(db *d, arena *mem, const struct going *going)
{
    struct tenant_row_list tenants;
    TRY(sql_tenant_rows(d, mem, &tenants));
    for (size_t i = 0; i < tenants.n; i++) {
        if (!going_on(going)) return FAIL(E_BUSY, "store.closed");
        db_bind_tenant(d, tenants.v[i].id);
        TRY(db_txn(d, stats_in_txn, NULL));
    }
    return NO_ERR;
}

err projections_of_tenant(db *d, struct kinds *kinds, arena *mem)
{
    struct slice s = {.mem = arena_new(0), .kinds = kinds, .records = 20};
    err e = records_of_tenant(d, &s);
    arena_free(s.mem);
    if (e.code == OK) e = found_rebuild_tenant(d, mem, kinds);
    return e.code == OK ? db_txn(d, counters_in_txn, mem) : e;
}

const struct projection core_projections[] = {{"records", "1", rebuild_records}, {"counters", "1", rebuild_counters}, {"found", "1", found_rebuild}, {"stats", "1", rebuild_stats}, {0}};
