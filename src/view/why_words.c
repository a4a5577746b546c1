/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* why_words.c — a step in one sentence: one row of `sentences` for each kind of step. Its keys are chosen by the value (yes, no) or by
   whether a bound was reached; {a}, {b}… are what the step's members are said to be. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/quantity.h"
#include "base/said.h"
#include "view/why_inside.h"

enum { LIST_MOST = 4 };

/* ---- values ---- */

static bool is_date(str s, int64_t *days)
{
    int64_t d, m, y;
    if (s.n != 10 || s.p[2] != '/' || s.p[5] != '/') return false;
    if (str_i64(str_cut(s, 0, 2), &d).code != OK || str_i64(str_cut(s, 3, 5), &m).code != OK || str_i64(str_cut(s, 6, 10), &y).code != OK) return false;
    *days = days_of((int)y, (int)m, (int)d);
    return true;
}

str why_value_marked(arena *mem, enum lang lang, const json_t *v, str unit)
{
    int64_t days;
    if (!v) return words(lang, W("trace.unknown"));
    if (json_is_null(v)) return words(lang, W("trace.not_applicable"));
    if (json_is_boolean(v)) return words(lang, json_is_true(v) ? W("trace.yes") : W("trace.no"));
    if (json_is_string(v)) return is_date(json_text(v), &days) ? words_date(mem, lang, days) : json_text(v);
    return quantity_words(mem, lang, json_number_value(v), unit);
}

str why_value(arena *mem, enum lang lang, const json_t *v, str unit) { return said_bare(mem, why_value_marked(mem, lang, v, unit)); }

str why_title_bare(struct why *w, str rule)
{
    str title = w->names && w->names->title ? w->names->title(w->names->arg, rule) : STR_NONE;
    return title.n ? title : said_in(rule, LANG_FR);
}

str why_title(struct why *w, str rule) { return said_within(w->mem, why_title_bare(w, rule), w->lang); }

bool why_is(const json_t *step, const char *kind) { return str_is(json_str(step, "kind"), kind); }

const json_t *why_rule(struct why *w, str rule) { return json_object_get(w->world->rules, str_z(w->mem, rule)); }

const json_t *why_part(struct why *w, const json_t *step)
{
    if (!why_is(step, "part")) return step;
    const json_t *part = json_array_get(w->world->parts, (size_t)json_i64(step, "part", 0));
    return part && !why_is(part, "part") ? part : NULL;
}

str why_step_value(struct why *w, const json_t *step, str rule)
{
    const json_t *v = json_object_get(step, "value"), *applies = json_object_get(step, "applies");
    if (!v && applies) return words(w->lang, json_is_true(applies) ? W("trace.applies") : W("trace.not_applicable"));
    str label = json_is_string(v) && rule.n && w->names && w->names->value ? w->names->value(w->names->arg, rule, json_text(v)) : STR_NONE;
    int64_t days;
    if (!label.n && json_is_string(v) && !is_date(json_text(v), &days)) label = said_in(json_text(v), LANG_FR);
    return label.n ? said_within(w->mem, label, w->lang) : why_value_marked(w->mem, w->lang, v, json_str(step, "unit"));
}

/* ---- what a step is said to be within another's sentence ---- */

static str said(struct why *w, const json_t *step)
{
    step = why_part(w, step);
    if (!step) return STR_NONE;
    str rule = why_is(step, "replaced") ? json_str(step, "by") : why_is(step, "rule") ? json_str(step, "rule") : STR_NONE;
    str value = why_step_value(w, step, rule);
    if (!rule.n) return value;
    return words_fill(w->mem, w->lang, W("trace.said"), "title", why_title(w, rule), "value", value, NULL);
}

static str joined(struct why *w, struct strs v, str between, str last)
{
    str out = v.n ? v.v[0] : STR_NONE;
    for (size_t i = 1; i < v.n; i++)
        out = str_fmt(w->mem, "%.*s%.*s%.*s", STR_ARG(out), STR_ARG(i + 1 == v.n ? last : between), STR_ARG(v.v[i]));
    return out;
}

static str spaced(struct why *w, const char *key) { return str_fmt(w->mem, " %.*s ", STR_ARG(words(w->lang, key))); }

static str list_said(struct why *w, const json_t *list)
{
    struct strs v = {0};
    size_t n = json_array_size(list);
    if (n > LIST_MOST) return words_count(w->mem, w->lang, W("trace.elements"), (int64_t)n);
    for (size_t i = 0; i < n; i++) PUSH(w->mem, &v, said(w, json_array_get(list, i)));
    return joined(w, v, S(", "), spaced(w, W("base.and")));
}

/* ---- sentences ---- */

typedef str (*sentence_fn)(struct why *w, const json_t *step, const char *key);
/* key: when there is one only; yes, no: by the value, or by whether a bound was reached. */
struct sentence { const char *kind; sentence_fn write; const char *yes, *no; };

static str fill(struct why *w, const char *key, str a, str b) { return words_fill(w->mem, w->lang, key, "a", a, "b", b, NULL); }

static str write_plain(struct why *w, const json_t *step, const char *key) { return words(w->lang, key); }
static str write_of(struct why *w, const json_t *step, const char *key) { return fill(w, key, said(w, json_object_get(step, "of")), STR_NONE); }
static str write_list(struct why *w, const json_t *step, const char *key) { return fill(w, key, list_said(w, json_object_get(step, "of")), STR_NONE); }
static str write_bound(struct why *w, const json_t *step, const char *key)
{
    const json_t *b = json_object_get(step, "bound");
    return fill(w, key, said(w, json_object_get(step, "of")), said(w, b ? b : json_object_get(step, "less")));
}
static str write_span(struct why *w, const json_t *step, const char *key) { return fill(w, key, said(w, json_object_get(step, "since")), said(w, json_object_get(step, "until"))); }
static str write_unit(struct why *w, const json_t *step, const char *key)
{
    return fill(w, key, said(w, json_object_get(step, "of")), quantity_unit(w->mem, w->lang, json_str(step, "unit"), 1));
}
static str write_replaced(struct why *w, const json_t *step, const char *key) { return fill(w, key, why_title(w, json_str(step, "by")), why_title(w, json_str(step, "rule"))); }
static str write_same(struct why *w, const json_t *step, const char *key) { return fill(w, key, why_title(w, json_str(step, "rule")), STR_NONE); }
static str write_goal(struct why *w, const json_t *step, const char *key)
{
    const json_t *goal = why_rule(w, json_str(step, "goal"));
    return fill(w, key, why_title(w, json_str(step, "goal")), goal ? why_step_value(w, goal, json_str(step, "goal")) : STR_NONE);
}

static str write_round(struct why *w, const json_t *step, const char *key)
{
    const json_t *digits = json_object_get(step, "digits");
    bool number = json_is_number(json_object_get(digits, "value"));
    return fill(w, key, said(w, json_object_get(step, "of")), number ? said(w, digits) : words(w->lang, W("trace.to_the_unit")));
}

static const struct { const char *op, *yes, *no; } comparisons[] = {
    {"<", W("trace.less.yes"), W("trace.less.no")}, {"<=", W("trace.at_most.yes"), W("trace.at_most.no")},
    {">", W("trace.more.yes"), W("trace.more.no")}, {">=", W("trace.at_least.yes"), W("trace.at_least.no")},
    {"=", W("trace.equal.yes"), W("trace.equal.no")}, {"!=", W("trace.other.yes"), W("trace.other.no")}};
static const struct { const char *op, *word; } operators[] = {
    {"+", W("trace.plus")}, {"-", W("trace.minus")}, {"*", W("trace.times")}, {"/", W("trace.divided")}, {"//", W("trace.quotient")},
    {"**", W("trace.power")}, {"et", W("base.and")}, {"ou", W("trace.or")}};

/* A text that an answer is compared with is called as that answer would be: an option by its label. */
static str compared(struct why *w, const json_t *step, const json_t *with)
{
    step = why_part(w, step), with = why_part(w, with);
    bool text = why_is(step, "constant") && json_is_string(json_object_get(step, "value")) && why_is(with, "rule");
    return text ? why_step_value(w, step, json_str(with, "rule")) : said(w, step);
}

static str write_operation(struct why *w, const json_t *step, const char *key)
{
    const json_t *of = json_object_get(step, "of"), *v = json_object_get(step, "value");
    const json_t *left = json_array_get(of, 0), *right = json_array_get(of, 1);
    str op = json_str(step, "op"), a = compared(w, left, right), b = compared(w, right, left);
    if (json_array_size(of) < 2) return fill(w, W("trace.decided"), a, STR_NONE);
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++)
        if (str_is(op, comparisons[i].op) && json_is_boolean(v)) return fill(w, json_is_true(v) ? comparisons[i].yes : comparisons[i].no, a, b);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!str_is(op, operators[i].op)) continue;
        struct strs all = {0};
        size_t n = json_array_size(of);
        if (n > LIST_MOST) return fill(w, key, list_said(w, of), STR_NONE);
        for (size_t k = 0; k < n; k++) PUSH(w->mem, &all, said(w, json_array_get(of, k)));
        str word = spaced(w, operators[i].word);
        return fill(w, W("trace.reckoned"), joined(w, all, word, word), STR_NONE);
    }
    return fill(w, key, list_said(w, of), STR_NONE);
}

/* A condition as it turned out. */
static str test_said(struct why *w, const json_t *test)
{
    const json_t *v = json_object_get(test = why_part(w, test), "value");
    if (!test) return STR_NONE;
    if (!json_is_boolean(v) || why_is(test, "rule") || why_is(test, "replaced") || why_is(test, "constant")) return said(w, test);
    str s = why_clause(w, test);
    return s.n ? s : said(w, test);
}

static str write_test(struct why *w, const json_t *step, const char *key) { return fill(w, key, test_said(w, json_object_get(step, "test")), STR_NONE); }

static str write_variations(struct why *w, const json_t *step, const char *key)
{
    const json_t *branches = json_object_get(step, "branches"), *last = json_array_get(branches, json_array_size(branches) - 1);
    if (!json_object_get(last, "of")) return words(w->lang, W("trace.no_case"));
    if (json_is_true(json_object_get(last, "otherwise"))) return words(w->lang, W("trace.otherwise"));
    return fill(w, key, test_said(w, json_object_get(last, "test")), STR_NONE);
}

str why_band(struct why *w, const json_t *scale, const json_t *band)
{
    const json_t *from = json_object_get(band, "from"), *to = json_object_get(band, "to");
    str unit = json_str(json_object_get(scale, "base"), "unit"), a = from ? why_value_marked(w->mem, w->lang, from, unit) : STR_NONE;
    str b = to ? why_value_marked(w->mem, w->lang, to, unit) : STR_NONE;
    return fill(w, from && to ? W("trace.band.between") : to ? W("trace.band.below") : from ? W("trace.band.above") : W("trace.band.all"), a, b);
}

static str write_bands(struct why *w, const json_t *step, const char *key)
{
    const json_t *bands = json_object_get(step, "bands"), *band;
    str base = said(w, json_object_get(step, "base"));
    for (size_t i = 0; i < json_array_size(bands); i++)
        if (json_is_true(json_object_get(band = json_array_get(bands, i), "holds"))) return fill(w, key, base, why_band(w, step, band));
    return fill(w, W("trace.bands_none"), base, STR_NONE);
}

static str write_context(struct why *w, const json_t *step, const char *key)
{
    struct strs all = {0};
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(step, "set"), i, one) {
        str to = why_step_value(w, json_object_get(one, "to"), json_str(one, "rule"));
        PUSH(w->mem, &all, words_fill(w->mem, w->lang, W("trace.said"), "title", why_title(w, json_str(one, "rule")), "value", to, NULL));
    }
    return fill(w, key, joined(w, all, S(", "), spaced(w, W("base.and"))), STR_NONE);
}

static const struct sentence sentences[] = {
    {"constant", write_plain, W("trace.constant"), NULL},
    {"situation", write_plain, W("trace.situation"), NULL},
    {"today", write_plain, W("trace.today"), NULL},
    {"set", write_plain, W("trace.set"), NULL},
    {"sought", write_plain, W("trace.sought"), NULL},
    {"default", write_plain, W("trace.default"), NULL},
    {"rule", write_same, W("trace.same"), NULL},
    {"replaced", write_replaced, W("trace.replaced"), NULL},
    {"made inapplicable", write_replaced, W("trace.made_inapplicable"), NULL},
    {"operation", write_operation, W("trace.operation"), NULL},
    {"sum", write_list, W("trace.sum"), NULL},
    {"product", write_list, W("trace.product"), NULL},
    {"mean", write_list, W("trace.mean"), NULL},
    {"maximum", write_list, W("trace.maximum"), NULL},
    {"minimum", write_list, W("trace.minimum"), NULL},
    {"all", write_plain, W("trace.all.yes"), W("trace.all.no")},
    {"any", write_plain, W("trace.any.yes"), W("trace.any.no")},
    {"text", write_plain, W("trace.text"), NULL},
    {"applicable if", write_test, W("trace.if"), NULL},
    {"inapplicable if", write_test, W("trace.if"), NULL},
    {"condition", write_test, W("trace.if"), NULL},
    {"variations", write_variations, W("trace.if"), NULL},
    {"ceiling", write_bound, W("trace.ceiling.yes"), W("trace.ceiling.no")},
    {"floor", write_bound, W("trace.floor.yes"), W("trace.floor.no")},
    {"allowance", write_bound, W("trace.allowance.yes"), W("trace.allowance.no")},
    {"round", write_round, W("trace.round"), NULL},
    {"unit", write_unit, W("trace.converted"), NULL},
    {"logarithm", write_of, W("trace.logarithm"), NULL},
    {"is defined", write_of, W("trace.defined.yes"), W("trace.defined.no")},
    {"is undefined", write_of, W("trace.defined.no"), W("trace.defined.yes")},
    {"is applicable", write_of, W("trace.applicable.yes"), W("trace.applicable.no")},
    {"is inapplicable", write_of, W("trace.applicable.no"), W("trace.applicable.yes")},
    {"grid", write_bands, W("trace.grid"), NULL},
    {"scale", write_bands, W("trace.scale"), NULL},
    {"progressive", write_bands, W("trace.progressive"), NULL},
    {"duration", write_span, W("trace.duration"), NULL},
    {"context", write_context, W("trace.context"), NULL},
    {"inversion", write_goal, W("trace.inversion"), NULL},
    {"fixed point", write_plain, W("trace.fixed_point"), NULL}};

static bool same_number(const json_t *step, const json_t *of)
{
    const json_t *a = json_object_get(step, "value"), *b = json_object_get(of, "value");
    double x = json_number_value(a), y = json_number_value(b);
    return json_is_number(a) && json_is_number(b) ? fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y)) : !a && !b;         /* 6.300000000000001 is 6,30 */
}

const json_t *why_core(struct why *w, const json_t *step, const json_t **aside)
{
    *aside = NULL;
    for (;;) {
        step = why_part(w, step);
        const json_t *of = step ? json_object_get(step, "of") : NULL, *bound = step ? json_object_get(step, "bound") : NULL;
        bool limit = why_is(step, "ceiling") || why_is(step, "floor"), still = limit || why_is(step, "round") || why_is(step, "unit") || why_is(step, "applicable if");
        if (!json_is_object(of) || !still || !same_number(step, of) || json_is_true(json_object_get(step, "reached"))) return step;
        if (limit && *aside) return step;
        if (limit && json_is_number(json_object_get(bound, "value"))) *aside = step;
        step = of;
    }
}

static str clause(struct why *w, const json_t *step)
{
    for (size_t i = 0; step && i < sizeof sentences / sizeof *sentences; i++) {
        const struct sentence *s = &sentences[i];
        if (!why_is(step, s->kind)) continue;
        const json_t *v = json_object_get(step, "value");
        bool yes = json_is_true(json_is_boolean(v) ? v : json_object_get(step, "reached"));
        return s->write(w, step, s->no && !yes ? s->no : s->yes);
    }
    return STR_NONE;
}

str why_clause(struct why *w, const json_t *step)
{
    const json_t *aside, *core = why_core(w, step, &aside);
    str said_of = clause(w, core);
    if (!aside) return said_of;
    str limit = words_fill(w->mem, w->lang, why_is(aside, "floor") ? W("trace.floor.aside") : W("trace.ceiling.aside"), "a", said(w, json_object_get(aside, "bound")), NULL);
    return said_of.n ? str_fmt(w->mem, "%.*s, %.*s", STR_ARG(said_of), STR_ARG(limit)) : limit;
}

static str missing_said(struct why *w, const json_t *missing)
{
    struct strs all = {0};
    size_t n = json_array_size(missing);
    if (n > LIST_MOST) return words_count(w->mem, w->lang, W("trace.answers"), (int64_t)n);
    for (size_t i = 0; i < n; i++) PUSH(w->mem, &all, why_title(w, json_text(json_array_get(missing, i))));
    return joined(w, all, S(", "), spaced(w, W("base.and")));
}

/* A rule that is another's value has that one's reason: "c'est la valeur de…" would say nothing. */
static const json_t *reason_of(struct why *w, const json_t *step)
{
    for (int hops = 0; hops < 8; hops++) {
        const json_t *aside, *core = why_core(w, step, &aside), *rule = why_is(core, "rule") ? why_rule(w, json_str(core, "rule")) : NULL;
        const json_t *further = rule && str_is(json_str(rule, "from"), "definition") ? json_object_get(rule, "step") : NULL;
        if (aside || !further || why_is(further, "constant") || !same_number(core, further)) return step;
        step = further;
    }
    return step;
}

str why_rule_clause(struct why *w, str name, const json_t *rule)
{
    str from = json_str(rule, "from");
    const json_t *missing = json_object_get(rule, "missing");
    if (str_is(from, "nothing")) return words(w->lang, W("trace.nothing"));
    if (str_is(from, "only choice")) return words(w->lang, W("trace.only_choice"));
    if (str_is(from, "parent")) return fill(w, W("trace.parent"), why_title(w, json_str(rule, "by")), STR_NONE);
    if (!json_object_get(rule, "value") && !json_object_get(rule, "applies") && json_array_size(missing))
        return fill(w, W("trace.missing"), missing_said(w, missing), STR_NONE);
    (void)name;
    return why_clause(w, reason_of(w, json_object_get(rule, "step")));
}
