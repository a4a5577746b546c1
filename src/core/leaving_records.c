/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Procedures of a town that leaves: what each one is, and its dossiers as a table and as JSON. */
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "core/answers.h"
#include "core/leaving.h"
#include "core/projection.h"
#include "core/value_list.h"
#include "formats/csv.h"
#include "formats/ds_descriptor.h"
#include "gen/sql/core/record.sql.h"
#include "gen/sql/core/tenant_export.sql.h"

struct one { str name, folder; struct { const struct field **v; size_t n; } fields; };
struct ones { struct one *v; size_t n; };
struct leaving_all { struct leaving *x; arena *keep; struct ones kinds; };

static str path_in(arena *mem, const struct one *k, const char *file) { return str_fmt(mem, "demarches/%.*s/%s", STR_ARG(k->folder), file); }

/* ---- what a procedure is ---- */

static err definition_put(struct leaving *x, const struct one *o, const struct kind *k)
{
    json_t *descriptor;
    TRY(leaving_add(x, path_in(x->mem, o, "definition.json"), json_pretty(x->mem, k->definition)));
    /* A kind without a form has no descriptor. */
    if (kind_to_ds(x->mem, k->definition, &descriptor).code != OK) return NO_ERR;
    return leaving_add(x, path_in(x->mem, o, "descripteur.json"), json_pretty(x->mem, descriptor));
}

static void fields_take(struct leaving_all *r, struct one *o, const struct kind *k)
{
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        bool known = !f->type || !f->type->holds_value;
        for (size_t n = 0; n < o->fields.n && !known; n++) known = str_eq(o->fields.v[n]->id, f->id);
        if (!known) PUSH(r->keep, &o->fields, f);
    }
}

static void head_cells(struct leaving_all *r, struct csv_writer *w, const struct one *o)
{
    static const char *const heads[] = {W("leaving.reference"), W("leaving.state"), W("leaving.title"), W("leaving.filed"), W("leaving.changed"), W("leaving.channel"),
                                        W("leaving.person"), W("leaving.mail")};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) csv_cell(w, leaving_word(r->x, heads[i]));
    for (size_t i = 0; i < o->fields.n; i++) csv_cell(w, text_in(&o->fields.v[i]->label, r->x->t->lang));
    csv_end_row(w);
}

/* Columns: the fields of every published revision, the newest first. */
static err kind_begin(struct leaving_all *r, str name, int64_t revision, str slug, struct one **out)
{
    struct leaving *x = r->x;
    struct sql_leaving_revisions_row_list revisions;
    const struct kind *k, *newest = NULL;
    for (size_t i = 0; i < r->kinds.n; i++)
        if (str_eq(r->kinds.v[i].name, name)) {
            *out = &r->kinds.v[i];
            return NO_ERR;
        }
    PUSH(r->keep, &r->kinds, (struct one){.name = str_copy(r->keep, name), .folder = leaving_name(r->keep, slug.n ? slug : name)});
    struct one *o = *out = &r->kinds.v[r->kinds.n - 1];
    TRY(sql_leaving_revisions(x->d, x->mem, name, &revisions));
    for (size_t i = 0; i < revisions.n; i++) {
        TRY(kinds_get(x->kinds, x->d, name, revisions.v[i].revision, &k));
        if (!newest) newest = k;
        fields_take(r, o, k);
    }
    if (!newest && revision < 0) TRY(kind_draft_get(x->d, r->keep, name, &newest));
    else if (!newest) TRY(kinds_get(x->kinds, x->d, name, revision, &newest));
    fields_take(r, o, newest);
    TRY(definition_put(x, o, newest));
    buf b = BUF(LEAVING_MOST);
    struct csv_writer w = {.out = &b, .separator = ';', .for_spreadsheets = true};
    buf_lit(&b, "\xef\xbb\xbf");                                        /* spreadsheets then know that it is UTF-8 */
    head_cells(r, &w, o);
    err e = leaving_add(x, path_in(x->mem, o, "dossiers.csv"), buf_str(&b));
    buf_free(&b);
    return e;
}

/* ---- dossiers ---- */

struct person { str name, email, birth_date; };

static str value_shown(struct leaving *x, const struct field *f, const json_t *doc, const struct answers_env *env)
{
    const json_t *v = answer_in(x->mem, doc, f);
    if (!v) return STR_NONE;
    return f->children.n || !f->type->show ? json_canonical(x->mem, v) : f->type->show(f, x->mem, v, env);
}

static void row_csv(struct leaving *x, buf *b, const struct one *o, const struct kind *k, const struct record *r, const struct person *p)
{
    struct csv_writer w = {.out = b, .separator = ';', .for_spreadsheets = true};
    struct answers_env env = {.lang = x->t->lang, .zone = x->t->zone, .now_us = r->updated_us};
    struct list_world world = {.d = x->d, .tenant = x->t, .kinds = x->kinds};
    const struct state *s = kind_state(k, r->state);
    list_env(&env, &world);
    csv_cell(&w, r->reference);
    csv_cell(&w, s ? text_in(&s->title, x->t->lang) : r->state);
    csv_cell(&w, r->title);
    csv_cell(&w, time_iso(x->mem, r->created_us));
    csv_cell(&w, time_iso(x->mem, r->updated_us));
    csv_cell(&w, r->channel);
    csv_cell(&w, p->name);
    csv_cell(&w, p->email);
    for (size_t i = 0; i < o->fields.n; i++) csv_cell(&w, value_shown(x, o->fields.v[i], r->doc, &env));
    csv_end_row(&w);
}

static void member_time(struct leaving *x, struct jw *w, const char *key, int64_t us)
{
    if (us) jw_member_str(w, key, time_iso(x->mem, us));
}

static void row_json_put(struct leaving *x, buf *b, const struct record *r, const struct person *p)
{
    struct jw w = jw(b);
    jw_object(&w);
    jw_member_str(&w, "reference", r->reference);
    jw_member_i64(&w, "id", r->id);
    jw_member_str(&w, "kind", r->kind);
    jw_member_i64(&w, "revision", r->revision);
    jw_member_str(&w, "state", r->state);
    jw_member_str(&w, "title", r->title);
    jw_member_str(&w, "channel", r->channel);
    member_time(x, &w, "created", r->created_us);
    member_time(x, &w, "updated", r->updated_us);
    member_time(x, &w, "published", r->published_us);
    jw_member_i64(&w, "body", r->body);
    jw_member_i64(&w, "team", r->team);
    jw_member_i64(&w, "account", r->author);
    jw_member_str(&w, "name", p->name);
    jw_member_str(&w, "mail", p->email);
    jw_member_str(&w, "birth_date", p->birth_date);
    jw_member_json(&w, "masked", r->masks);
    jw_member_json(&w, "answers", r->doc);
    jw_end(&w);
    buf_char(b, '\n');
}

static err record_put(struct leaving_all *all, const struct record *r, const struct person *p)
{
    struct leaving *x = all->x;
    struct one *o;
    const struct kind *k;
    TRY(kind_begin(all, r->kind, r->revision, STR_NONE, &o));
    TRY(kinds_get(x->kinds, x->d, r->kind, r->revision, &k));
    buf b = BUF(LEAVING_MOST);
    row_csv(x, &b, o, k, r, p);
    err e = leaving_add(x, path_in(x->mem, o, "dossiers.csv"), buf_str(&b));
    b.n = 0;
    row_json_put(x, &b, r, p);
    if (e.code == OK) e = leaving_add(x, path_in(x->mem, o, "dossiers.jsonl"), buf_str(&b));
    buf_free(&b);
    return e;
}

static err slice_put(struct leaving_all *all, const struct record_row_list *rows, int64_t after)
{
    struct leaving *x = all->x;
    struct sql_leaving_contact_row_list people;
    size_t at = 0;
    TRY(sql_leaving_contact(x->d, x->mem, after, rows->v[rows->n - 1].id, &people));
    for (size_t i = 0; i < rows->n; i++) {
        struct record r;
        struct person p = {0};
        TRY(record_from_row(x->mem, &rows->v[i], &r));
        while (at < people.n && people.v[at].record < r.id) at++;
        if (at < people.n && people.v[at].record == r.id) p = (struct person){people.v[at].name, people.v[at].email, people.v[at].birth_date};
        TRY(record_put(all, &r, &p));
    }
    return NO_ERR;
}

static err procedures_put(struct leaving_all *all)
{
    struct leaving *x = all->x;
    struct kind_rows kinds;
    struct record_row_list rows;
    struct one *o;
    TRY(kind_rows_list(x->d, all->keep, STR_NONE, &kinds));
    for (size_t i = 0; i < kinds.n; i++) {
        arena_reset(x->mem);
        TRY(kind_begin(all, kinds.v[i].name, kinds.v[i].revision ? kinds.v[i].revision : -1, kinds.v[i].slug, &o));
    }
    int64_t after = 0, n = 0;
    do {
        arena_reset(x->mem);
        TRY(sql_record_walk(x->d, x->mem, after, LEAVING_SLICE, &rows));
        if (rows.n) TRY(slice_put(all, &rows, after));
        if (rows.n) after = rows.v[rows.n - 1].id;
        archive_tell(x->w, "record", n += (int64_t)rows.n);
    } while (rows.n == LEAVING_SLICE);
    return NO_ERR;
}

err leaving_procedures(struct leaving *x)
{
    struct leaving_all all = {.x = x, .keep = arena_new(0)};
    err e = procedures_put(&all);
    arena_free(all.keep);
    return e;
}
