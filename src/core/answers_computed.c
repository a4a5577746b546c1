/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What rules say of answers: computed values, what the page shows at once, lengths, the team. */
#include <math.h>

#include "base/quantity.h"
#include "base/said.h"
#include "core/answers_read.h"
#include "core/form_rules.h"
#include "formats/json.h"

/* ---- a document with its computed values */

static json_t *object_computed(struct view *v, const struct fields *fields, const json_t *obj)
{
    json_t *out = json_copy((json_t *)obj);
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const char *id = str_z(v->mem, f->id);
        const json_t *rows = f->children.n ? answer_in(v->mem, obj, f) : NULL;
        if (f->computed) {
            json_t *value = view_computed(v, f);
            if (value) json_object_set(out, id, value);
            else json_object_del(out, id);
        }
        if (!rows) continue;
        json_t *made = json_array();
        for (size_t r = 0; r < json_array_size(rows); r++) {
            view_row(v, f, json_array_get(rows, r));
            json_array_append_new(made, object_computed(v, &f->children, json_array_get(rows, r)));
        }
        v->row = NULL;
        json_object_set_new(out, id, made);
    }
    return out;
}

json_t *answers_computed(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env)
{
    if (!k->fields.rules) return json_own(mem, json_copy((json_t *)doc));
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    json_t *out = json_own(mem, object_computed(&v, &k->fields, doc));
    view_end(&v);
    return out;
}

/* ---- what changes on the page */

struct live { struct view v; const struct answers_env *env; json_t *shown, *values; };

static void live_fields(struct live *l, const struct fields *fields, const json_t *obj, str prefix)
{
    arena *mem = l->v.mem;
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const char *path = str_z(mem, str_fmt(mem, "%.*s%.*s", STR_ARG(prefix), STR_ARG(f->id)));
        if (!field_is_told(f)) json_object_set_new(l->shown, path, json_boolean(l->v.shown[f->index]));
        const json_t *value = f->computed ? view_computed(&l->v, f) : NULL;
        if (f->computed) json_put_str(l->values, path, value ? f->type->show(f, mem, value, l->env) : words(l->env->lang, W("field.computed.later")));
        const json_t *rows = f->children.n ? answer_in(mem, obj, f) : NULL;
        for (size_t r = 0; r < json_array_size(rows); r++) {
            const json_t *row = json_array_get(rows, r);
            view_row(&l->v, f, row);
            live_fields(l, &f->children, row, str_fmt(mem, "%.*s/%.*s/", STR_ARG(f->id), STR_ARG(json_str(row, "_id"))));
        }
        if (rows) l->v.row = NULL;
    }
}

json_t *answers_live(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env)
{
    if (!k->fields.rules) return NULL;
    struct live l = {.env = env, .shown = json_object(), .values = json_object()};
    json_t *out = json_own(mem, json_pack("{s:o, s:o}", "shown", l.shown, "values", l.values));
    l.v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    live_fields(&l, &k->fields, doc, STR_NONE);
    view_end(&l.v);
    return json_object_size(l.shown) || json_object_size(l.values) ? out : NULL;
}

/* ---- lengths, teams */

static void arena_drop(arena **a) { arena_free(*a); }

/* house: units of Publicodes, in the language of the rules */
static const struct { const char *unit; int times; enum span_unit is; } span_units[] = {
    {"jour", 1, SPAN_DAYS}, {"jours", 1, SPAN_DAYS}, {"semaine", 1, SPAN_WEEKS}, {"semaines", 1, SPAN_WEEKS}, {"mois", 1, SPAN_MONTHS},
    {"an", 12, SPAN_MONTHS}, {"ans", 12, SPAN_MONTHS}, {"", 1, SPAN_DAYS}};

struct strs span_unit_names(arena *mem)
{
    struct strs names = {0};
    for (size_t i = 0; i < sizeof span_units / sizeof *span_units; i++) PUSH(mem, &names, str_of(span_units[i].unit));
    return names;
}

bool answers_span(const struct kind *k, const struct condition *c, const json_t *doc, const struct answers_env *env, struct span *out)
{
    AUTO(arena_drop) arena *mem = arena_new(0);
    struct rule_answer a;
    struct rule_fault fault;
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    struct evaluator *ev = view_evaluator(&v, NULL);
    bool found = false;
    if (ev && evaluator_rule(ev, c->rule, &a, &fault).code == OK && a.kind == ANSWER_NUMBER && a.number >= 0) {
        str unit = evaluator_unit(ev, &a);
        for (size_t i = 0; i < sizeof span_units / sizeof *span_units && !found; i++) {
            double count = ceil(a.number * span_units[i].times - 1e-9);
            if (!str_is(unit, span_units[i].unit) || count > 36525) continue;
            *out = (struct span){(int)count, span_units[i].is};
            found = true;
        }
    }
    view_end(&v);
    return found;
}

str answers_team(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env)
{
    str team = STR_NONE;
    if (!k->routing.n) return team;
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    for (size_t i = 0; i < k->routing.n && !team.n; i++)
        if (view_truth(&v, k->routing.v[i].when, NULL) == RULE_TRUE) team = k->routing.v[i].team;
    view_end(&v);
    return team;
}

/* ---- a result in words */

str answers_said(arena *mem, const struct kind *k, str rule, const json_t *doc, const struct answers_env *env)
{
    struct rule_answer a;
    struct rule_fault fault;
    str out = STR_NONE;
    if (!k->fields.rules) return out;
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    struct evaluator *ev = view_evaluator(&v, NULL);
    int number = rulebase_rule(k->fields.rules->base, rule);
    if (number >= 0 && evaluator_rule(ev, number, &a, &fault).code == OK) {
        if (a.kind == ANSWER_BOOL) out = words(env->lang, a.b ? W("field.yes") : W("field.no"));
        if (a.kind == ANSWER_STRING) out = str_copy(mem, a.string);
        if (a.kind == ANSWER_NUMBER && isfinite(a.number)) out = said_bare(mem, quantity_words(mem, env->lang, a.number, evaluator_unit(ev, &a)));
    }
    view_end(&v);
    return out;
}
