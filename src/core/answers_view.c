/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/answers_view.h"

#include <math.h>
#include <string.h>

#include "base/money.h"
#include "core/field_types.h"
#include "core/form_rules.h"
#include "core/kind_parts.h"
#include "core/tenant.h"

size_t fields_walk(const struct fields *fields)
{
    size_t n = fields->n;
    for (size_t i = 0; i < fields->n; i++) n += fields->v[i].children.n;
    return n;
}

struct view view_new(arena *mem, const struct fields *fields, size_t all, const json_t *doc)
{
    return (struct view){.mem = mem, .fields = fields, .doc = doc, .shown = NEW_N(mem, bool, all + 1), .given = NEW_N(mem, bool, all + 1), .walked = NEW_N(mem, bool, all + 1),
                         .ev = NEW(mem, struct evaluator *)};
}

static void evaluator_drop(void *at)
{
    struct evaluator **ev = at;
    evaluator_free(*ev);
    *ev = NULL;
}

void view_end(struct view *v) { evaluator_drop(v->ev); }

const json_t *view_value(struct view *v, const struct field *f)
{
    const json_t *in = f->parent ? v->row : v->doc;
    return f->computed ? view_computed(v, f) : answer_in(v->mem, in, f);
}

/* ---- answers given to the evaluator */

struct rule_answer value_answer(arena *mem, struct rule_value v)
{
    int y, m, d;
    switch (v.kind) {
    case RULE_BOOL: return (struct rule_answer){.kind = ANSWER_BOOL, .b = v.b};
    case RULE_NUMBER: return (struct rule_answer){.kind = ANSWER_NUMBER, .number = v.number};
    case RULE_TEXT: return (struct rule_answer){.kind = ANSWER_STRING, .string = v.text};
    case RULE_DATE:
        days_civil(v.days, &y, &m, &d);
        return (struct rule_answer){.kind = ANSWER_STRING, .string = str_fmt(mem, "%02d/%02d/%04d", d, m, y)};
    default: return (struct rule_answer){.kind = ANSWER_UNDEFINED};
    }
}

static const struct rule_answer nothing = {.kind = ANSWER_UNDEFINED}, not_asked = {.kind = ANSWER_INAPPLICABLE};

static void options_give(struct view *v, const struct field *f, const struct field_rule *rule, const json_t *value)
{
    for (size_t i = 0; i < f->options.n; i++) {
        struct rule_answer among = {.kind = value ? ANSWER_BOOL : v->shown[f->index] ? ANSWER_UNDEFINED : ANSWER_INAPPLICABLE};
        if (rule->options[i] < 0) continue;
        for (size_t k = 0; k < json_array_size(value); k++) among.b |= str_eq(json_text(json_array_get(value, k)), f->options.v[i].id);
        evaluator_give(*v->ev, rule->options[i], &among);
    }
}

/* The codes of a place; not defined when nobody knows them. */
static void places_give(struct view *v, const struct field *f, const struct field_rule *rule)
{
    static const char *const parts[] = {PART_DEPARTEMENT, PART_REGION};
    bool shown = v->shown[f->index];
    for (size_t i = 0; i < 2; i++) {
        if (rule->places[i] < 0) continue;
        const json_t *value = shown ? view_value(v, f) : NULL;
        struct rule_answer a = value ? value_answer(v->mem, field_part_value(f, v->mem, value, str_of(parts[i]))) : shown ? nothing : not_asked;
        if (a.kind != ANSWER_UNDEFINED) evaluator_give(*v->ev, rule->places[i], &a);
    }
}

static void totals_give(struct view *v, const struct field *repeat);

/* What is not asked is not applicable; an unticked box says no; any other question not answered says nothing. */
static void field_give(struct view *v, const struct field *f)
{
    const struct field_rule *rule = &v->fields->rules->fields[f->index];
    v->given[f->index] = true;
    if (f->children.n) totals_give(v, f);
    if (f->computed && !f->parent) return;              /* evaluated where it is read */
    places_give(v, f, rule);
    if (!rule->is_read) return;
    bool shown = v->shown[f->index];
    const json_t *value = f->computed || !shown ? NULL : view_value(v, f);
    if (rule->options) options_give(v, f, rule, value);
    if (rule->options || f->computed || !f->type->rule) return;
    struct rule_answer a = value ? value_answer(v->mem, f->type->rule(f, v->mem, value)) : shown ? nothing : not_asked;
    if (shown && !value && f->type->check == check_checkbox) a = (struct rule_answer){.kind = ANSWER_BOOL};
    if (a.kind != ANSWER_UNDEFINED) evaluator_give(*v->ev, rule->rule, &a);
}

static void field_take_back(struct view *v, const struct field *f)
{
    v->shown[f->index] = v->walked[f->index] = false;
    if (!v->given[f->index]) return;
    v->given[f->index] = false;
    const struct field_rule *rule = &v->fields->rules->fields[f->index];
    for (size_t i = 0; i < 2; i++)
        if (rule->places[i] >= 0) evaluator_give(*v->ev, rule->places[i], &nothing);
    for (size_t i = 0; rule->options && i < f->options.n; i++)
        if (rule->options[i] >= 0) evaluator_give(*v->ev, rule->options[i], &nothing);
    if (rule->is_read && !rule->options && !f->computed) evaluator_give(*v->ev, rule->rule, &nothing);
}

/* The answers of one row leave with it. */
static void row_take_back(struct view *v, const struct field *repeat)
{
    for (size_t i = 0; i < repeat->children.n; i++) field_take_back(v, &repeat->children.v[i]);
    v->row_given = NULL;
}

static void pending_give(struct view *v, const struct fields *fields, const struct field *in, size_t from)
{
    for (size_t i = from; i < fields->n && v->walked[fields->v[i].index]; i++)
        if (!v->given[fields->v[i].index] && &fields->v[i] != in) field_give(v, &fields->v[i]);
}

struct evaluator *view_evaluator(struct view *v, const struct field *in)
{
    if (!v->fields->rules) return NULL;
    if (!*v->ev) {
        int y, m, d;
        *v->ev = evaluator_new(v->fields->rules->base, NULL);
        arena_defer(v->mem, evaluator_drop, v->ev);
        days_civil(v->today_days ? v->today_days : clock_now_us() / DAY_US, &y, &m, &d);
        evaluator_today(*v->ev, str_fmt(v->mem, "%02d/%02d/%04d", d, m, y));
    }
    pending_give(v, v->fields, in, v->pending);
    while (v->pending < v->fields->n && v->given[v->fields->v[v->pending].index]) v->pending++;
    if (in && v->row) pending_give(v, &in->children, NULL, 0);
    return *v->ev;
}

struct answers_env tenant_env(const struct tenant *t, int64_t now_us) { return (struct answers_env){.lang = t->lang, .zone = t->zone, .now_us = now_us}; }

int64_t env_today(const struct answers_env *env)
{
    struct civil c = civil_of(env->now_us ? env->now_us : clock_now_us(), env->zone.n ? env->zone : S("Europe/Paris"));
    return days_of(c.year, c.month, c.day);
}

static bool is_told(const struct condition *c)
{
    bool told = c->menu != NULL;
    for (size_t i = 0; i < c->from.n; i++) told = told && !c->from.v[i].field->computed;
    return told;
}

bool field_is_told(const struct field *f)
{
    bool told = !f->if_needed;
    for (; f && told; f = f->section) told = !f->when || is_told(f->when);
    return told;
}

/* ---- totals over rows */

struct running { double sum, least, most; size_t rows, yes; };

static bool row_is_blank(const json_t *row) { return json_object_size(row) <= (json_object_get(row, "_id") ? 1 : 0); }

static void total_add(struct view *v, const struct total *t, struct running *now)
{
    const json_t *value = t->of && v->shown[t->of->index] ? view_value(v, t->of) : NULL;
    now->rows++;
    if (!value) return;
    if (t->how == AGGREGATE_YES) {
        now->yes += json_is_true(value);
        return;
    }
    double x = json_number_value(value);
    now->sum += x;
    now->least = fmin(now->least, x);
    now->most = fmax(now->most, x);
}

static struct rule_answer total_answer(const struct total *t, const struct running *now)
{
    struct rule_answer a = {.kind = ANSWER_NUMBER};
    switch (t->how) {
    case AGGREGATE_ROWS: a.number = (double)now->rows; break;
    case AGGREGATE_SUM: a.number = now->sum; break;
    case AGGREGATE_YES: a.number = (double)now->yes; break;
    case AGGREGATE_LEAST: a.number = now->least; break;
    case AGGREGATE_MOST: a.number = now->most; break;
    }
    if (!isfinite(a.number)) a.kind = ANSWER_UNDEFINED;
    return a;
}

static void totals_give(struct view *v, const struct field *repeat)
{
    const struct form_rules *rules = v->fields->rules;
    struct running *now = NEW_N(v->mem, struct running, rules->totals.n + 1);
    const json_t *rows = v->shown[repeat->index] ? answer_in(v->mem, v->doc, repeat) : NULL, *before = v->row;
    bool some = false;
    for (size_t i = 0; i < rules->totals.n; i++) {
        now[i] = (struct running){.least = INFINITY, .most = -INFINITY};
        some |= rules->totals.v[i].repeat == repeat;
    }
    if (!some) return;
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        if (row_is_blank(row)) continue;
        view_row(v, repeat, row);
        for (size_t i = 0; i < rules->totals.n; i++)
            if (rules->totals.v[i].repeat == repeat) total_add(v, &rules->totals.v[i], &now[i]);
    }
    row_take_back(v, repeat);
    v->row = before;
    for (size_t i = 0; i < rules->totals.n; i++) {
        struct rule_answer a = v->shown[repeat->index] ? total_answer(&rules->totals.v[i], &now[i]) : not_asked;
        if (rules->totals.v[i].repeat == repeat) evaluator_give(*v->ev, rules->totals.v[i].rule, &a);
    }
}

/* ---- conditions */

static enum rule_truth truth_of(const struct rule_answer *a)
{
    return a->kind != ANSWER_BOOL ? RULE_UNKNOWN : a->b ? RULE_TRUE : RULE_FALSE;
}

enum rule_truth view_truth(struct view *v, const struct condition *c, const struct field *in)
{
    struct rule_answer a;
    struct rule_fault fault;
    if (!c) return RULE_TRUE;
    struct evaluator *ev = view_evaluator(v, in);
    if (!ev || evaluator_rule(ev, c->rule, &a, &fault).code != OK) return RULE_UNKNOWN;
    return truth_of(&a);
}

/* What is not asked makes a comparison unknown; an answer is there or not. */
enum rule_truth view_comparison(struct view *v, const struct rule *comparison, const struct condition *of, const struct field *in)
{
    struct rule_answer a;
    struct rule_fault fault;
    struct atom atom = atom_of(comparison, &of->from);
    bool hidden = (atom.field && !v->shown[atom.field->index]) || (atom.other && !v->shown[atom.other->index]);
    if (atom.op == RULE_KNOWN || atom.op == RULE_NOT_KNOWN) {
        bool known = atom.field && !hidden && (atom.field->type->check == check_checkbox || view_value(v, atom.field));
        return known == (atom.op == RULE_KNOWN) ? RULE_TRUE : RULE_FALSE;
    }
    struct evaluator *ev = hidden ? NULL : view_evaluator(v, in);
    return ev && evaluator_value(ev, comparison_engine(v->mem, comparison, of), &a, &fault).code == OK ? truth_of(&a) : RULE_UNKNOWN;
}

/* Does some result still depend on it? */
static bool is_needed(struct view *v, const struct field *f)
{
    const struct form_rules *rules = v->fields->rules;
    struct evaluator *ev = view_evaluator(v, NULL);
    const struct rule_missing *missing;
    struct rule_answer a;
    struct rule_fault fault;
    for (size_t i = 0; ev && i < rules->results.n; i++) {
        if (evaluator_rule(ev, rules->results.v[i], &a, &fault).code != OK) continue;
        size_t n = evaluator_missing(ev, &missing);
        for (size_t k = 0; k < n; k++) {
            str name = missing[k].name;
            if (str_eq(name, f->name) || (str_starts(name, f->name) && str_starts(str_cut(name, f->name.n, name.n), S(" . ")))) return true;
        }
    }
    return false;
}

bool view_walk(struct view *v, const struct field *f)
{
    if (f->parent && v->row != v->row_given) {
        row_take_back(v, f->parent);
        v->row_given = v->row;
    }
    v->shown[f->index] = false;
    bool shown = (!f->parent || v->shown[f->parent->index]) && (!f->section || v->shown[f->section->index]);
    shown = shown && view_truth(v, f->when, f->parent) == RULE_TRUE && (!f->if_needed || is_needed(v, f));
    v->shown[f->index] = shown;
    v->walked[f->index] = true;
    return shown;
}

void view_row(struct view *v, const struct field *repeat, const json_t *row)
{
    v->row = row;
    for (size_t i = 0; i < repeat->children.n; i++) view_walk(v, &repeat->children.v[i]);
}

struct view view_of(arena *mem, const struct fields *fields, size_t all, const json_t *doc, int64_t today_days)
{
    struct view v = view_new(mem, fields, all, doc);
    v.today_days = today_days;
    for (size_t i = 0; i < fields->n; i++) view_walk(&v, &fields->v[i]);
    return v;
}

/* ---- computed values */

static json_t *number_held_as(double x) { return x == floor(x) ? json_integer((json_int_t)x) : json_real(x); }

static json_t *number_held(const struct field *f, double x)
{
    int64_t cents;
    if (f->money) return money_cents(x, &cents).code == OK ? number_held_as((double)cents / 100) : NULL;
    if (f->type->check == check_integer) x = round(x);
    return isfinite(x) && fabs(x) <= 9007199254740991.0 ? number_held_as(x) : NULL;
}

static json_t *text_held(const struct view *v, const struct field *f, str text)
{
    if (f->type->reads_as == RULE_DATE && text.n == 10) return json_from_str(str_fmt(v->mem, "%.4s-%.2s-%.2s", text.p + 6, text.p + 3, text.p));
    if (f->options.n && !field_option(f, text)) return NULL;
    return text.n ? json_from_str(text) : NULL;
}

json_t *view_computed(struct view *v, const struct field *f)
{
    struct rule_answer a;
    struct rule_fault fault;
    json_t *out = NULL;
    struct evaluator *ev = v->shown[f->index] ? view_evaluator(v, f->parent) : NULL;
    if (!ev || evaluator_rule(ev, f->computed->rule, &a, &fault).code != OK) return NULL;
    if (a.kind == ANSWER_BOOL && f->type->reads_as == RULE_BOOL) out = a.b || f->type->check != check_checkbox ? json_boolean(a.b) : NULL;
    if (a.kind == ANSWER_NUMBER && f->type->reads_as == RULE_NUMBER) out = number_held(f, a.number);
    if (a.kind == ANSWER_STRING && f->type->reads_as != RULE_BOOL && f->type->reads_as != RULE_NUMBER) out = text_held(v, f, a.string);
    return out ? json_own(v->mem, out) : NULL;
}

/* ---- asked from outside */

bool answers_shown(arena *mem, const struct kind *k, const struct field *f, const json_t *doc, const json_t *row, const struct answers_env *env)
{
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    if (f->parent) view_row(&v, f->parent, row);
    view_end(&v);
    return v.shown[f->index];
}

static bool page_shown(const struct view *v, const struct kind *k, const struct form_page *page)
{
    for (size_t i = page->from; i < page->to; i++) {
        const struct field *f = &k->fields.v[i];
        bool title = i == page->from && f->type->input == NULL && f->help.v[LANG_FR].n == 0;
        if (v->shown[f->index] && !f->is_private && !title) return true;
    }
    return false;
}

bool *answers_pages_shown(arena *mem, const struct kind *k, const struct form_pages *pages, const json_t *doc, const struct answers_env *env)
{
    bool *out = NEW_N(mem, bool, pages->n + 1);
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    for (size_t i = 0; i < pages->n; i++) out[i] = page_shown(&v, k, &pages->v[i]);
    view_end(&v);
    return out;
}

static void arena_drop(arena **a) { arena_free(*a); }

bool answers_condition(const struct fields *fields, const struct condition *c, const json_t *doc, const struct answers_env *env)
{
    if (!c) return true;
    AUTO(arena_drop) arena *mem = arena_new(0);
    struct view v = view_of(mem, fields, fields_walk(fields), doc, env_today(env));
    bool holds = view_truth(&v, c, NULL) == RULE_TRUE;
    view_end(&v);
    return holds;
}
