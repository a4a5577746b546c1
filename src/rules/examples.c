/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/examples.h"
#include <math.h>
#include <string.h>
#include "formats/json.h"

struct check { struct evaluator *ev; arena *mem; str rule, why; json_t *example; };

static json_t *value_json(const struct rule_answer *a)
{
    switch (a->kind) {
    case ANSWER_UNDEFINED: return json_string("undefined");
    case ANSWER_BOOL: return json_boolean(a->b);
    case ANSWER_NUMBER: return isfinite(a->number) ? json_real(a->number) : json_string(isnan(a->number) ? "NaN" : a->number > 0 ? "Infinity" : "-Infinity");
    case ANSWER_STRING: return json_from_str(a->string);
    default: return json_null();
    }
}

json_t *answer_json(struct evaluator *ev, str expression)
{
    struct rule_answer a;
    struct rule_fault fault;
    const struct rule_missing *missing;
    json_t *out = json_object();
    if (evaluator_value(ev, expression, &a, &fault).code != OK) {
        json_object_set_new(out, "error", json_from_str(fault.message));
        if (fault.rule.n) json_object_set_new(out, "rule", json_from_str(fault.rule));
        return out;
    }
    str unit = evaluator_unit(ev, &a);
    json_t *names = json_array();
    size_t n = evaluator_missing(ev, &missing);
    for (size_t i = 0; i < n; i++) json_array_append_new(names, json_from_str(missing[i].name));
    json_object_set_new(out, "value", value_json(&a));
    json_object_set_new(out, "unit", unit.p ? json_from_str(unit) : json_null());
    json_object_set_new(out, "missing", names);
    return out;
}

static bool value_is(const struct rule_answer *a, const json_t *wanted)
{
    if (json_is_null(wanted)) return a->kind == ANSWER_INAPPLICABLE;
    if (json_is_boolean(wanted)) return a->kind == ANSWER_BOOL && a->b == json_is_true(wanted);
    if (json_is_number(wanted)) return a->kind == ANSWER_NUMBER && fabs(a->number - json_number_value(wanted)) <= 0.001;
    if (!json_is_string(wanted)) return false;
    const char *z = json_string_value(wanted);
    if (strcmp(z, "undefined") == 0) return a->kind == ANSWER_UNDEFINED;
    if (strcmp(z, "oui") == 0 || strcmp(z, "non") == 0) return a->kind == ANSWER_BOOL && a->b == (*z == 'o');
    return a->kind == ANSWER_STRING && str_is(a->string, z);
}

static bool same_names(struct evaluator *ev, json_t *wanted)
{
    const struct rule_missing *missing;
    size_t n = evaluator_missing(ev, &missing), i;
    json_t *one;
    if (json_array_size(wanted) != n) return false;
    json_array_foreach(wanted, i, one) {
        bool found = false;
        for (size_t k = 0; k < n; k++) found = found || str_eq(missing[k].name, json_text(one));
        if (!found) return false;
    }
    return true;
}

static const char *type_name(enum rule_type t)
{
    static const char *const names[] = {"undefined", "number", "boolean", "string", "date"};
    return names[t];
}

static bool wrong(struct check *c, const char *what)
{
    json_t *got = json_own(c->mem, answer_json(c->ev, c->rule));
    c->why = str_fmt(c->mem, "%s : %.*s", what, STR_ARG(json_canonical(c->mem, got)));
    return false;
}

static bool agrees(struct check *c)
{
    struct rule_answer a;
    struct rule_fault fault;
    json_t *situation = json_object_get(c->example, "situation"), *wanted = json_object_get(c->example, "valeur attendue");
    json_t *missing = json_object_get(c->example, "variables manquantes"), *exception = json_object_get(c->example, "exception");
    str unit = json_str(c->example, "unité attendue"), type = json_str(c->example, "type");
    err e = evaluator_situation(c->ev, situation, &fault);
    if (e.code == OK) e = evaluator_value(c->ev, c->rule, &a, &fault);
    if (exception) {
        if (e.code != OK && str_find(fault.message, json_text(exception)) >= 0) return true;
        return wrong(c, e.code == OK ? "une erreur était attendue" : "une autre erreur était attendue");
    }
    if (e.code != OK) return c->why = str_copy(c->mem, fault.message), false;
    if (wanted && !value_is(&a, wanted)) return wrong(c, "valeur");
    if (unit.n && !str_eq(unit, evaluator_unit(c->ev, &a))) return wrong(c, "unité");
    if (json_is_array(missing) && !same_names(c->ev, missing)) return wrong(c, "variables manquantes");
    if (type.p && !str_is(type, type_name(evaluator_type(c->ev, c->rule)))) return wrong(c, "type");
    return true;
}

static void one(struct check *c, size_t i, example_fails fails, void *arg, struct examples_result *r)
{
    str name = json_str(c->example, "nom");
    if (agrees(c)) {
        r->passed++;
        return;
    }
    r->failed++;
    if (fails) fails(arg, c->rule, name.n ? name : str_fmt(c->mem, "exemple %zu", i + 1), c->why);
}

struct examples_result examples_run(const struct rulebase *base, example_fails fails, void *arg)
{
    struct examples_result r = {0};
    arena *mem = arena_new(0);
    struct evaluator *ev = evaluator_new(base, NULL);
    for (size_t i = 0; i < rulebase_count(base); i++) {
        json_t *examples = json_object_get(rulebase_raw(base, i), "exemples"), *example;
        size_t k;
        struct check c = {.ev = ev, .mem = mem, .rule = rulebase_name(base, i), .example = examples};
        if (json_is_object(examples)) one(&c, 0, fails, arg, &r);
        json_array_foreach(examples, k, example) {
            c.example = example;
            one(&c, k, fails, arg, &r);
        }
        arena_reset(mem);
    }
    evaluator_free(ev);
    arena_free(mem);
    return r;
}
