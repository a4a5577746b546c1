/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/rule_try.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "core/field_types.h"
#include "core/form_rules.h"
#include "core/kinds.h"

struct try_results try_results(arena *mem, const struct kind *k)
{
    struct try_results out = {0};
    const struct form_rules *rules = k->fields.rules;
    const char *name;
    json_t *v;
    if (!rules) return out;
    for (size_t i = 0; i < rules->results.n; i++) PUSH(mem, &out, (struct try_result){rulebase_rule_name(rules->base, rules->results.v[i]), false});
    json_object_foreach((json_t *)k->rules, name, v)
        if (!json_is_null(v) && strncmp(name, RULE_PRIVATE, sizeof RULE_PRIVATE - 1) != 0) PUSH(mem, &out, (struct try_result){str_of(name), true});
    return out;
}

/* ---- what is given */

struct giving { arena *mem; const struct form_rules *rules; bool *read; struct try_inputs *out; };

static void give(struct giving *g, int rule, struct try_input in)
{
    if (rule < 0 || !g->read[rule]) return;
    in.rule = rulebase_rule_name(g->rules->base, rule);
    PUSH(g->mem, g->out, in);
}

static void totals_give(struct giving *g, const struct field *repeat)
{
    for (size_t i = 0; i < g->rules->totals.n; i++) {
        const struct total *t = &g->rules->totals.v[i];
        if (t->repeat != repeat) continue;
        give(g, t->rule, (struct try_input){.key = str_fmt(g->mem, "v%zu-t%zu", repeat->index, i), .reads = RULE_NUMBER, .unit = total_rule_unit(t)});
    }
}

static void fields_give(struct giving *g, const struct fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const struct field_rule *rule = &g->rules->fields[f->index];
        str key = str_fmt(g->mem, "v%zu", f->index);
        bool simple = !f->computed && !rule->options && !f->children.n && f->type->reads_as != RULE_UNDEFINED;
        if (simple) give(g, rule->rule, (struct try_input){.key = key, .reads = f->type->reads_as, .unit = field_rule_unit(f), .field = f->options.n ? f : NULL});
        for (size_t j = 0; rule->options && j < f->options.n; j++)
            give(g, rule->options[j], (struct try_input){.key = str_fmt(g->mem, "%.*s-o%zu", STR_ARG(key), j), .reads = RULE_BOOL});
        for (int j = 0; j < 2; j++) give(g, rule->places[j], (struct try_input){.key = str_fmt(g->mem, "%.*s-p%d", STR_ARG(key), j), .reads = RULE_TEXT});
        if (f->children.n) totals_give(g, f);
        fields_give(g, &f->children);
    }
}

struct try_inputs try_inputs(arena *mem, const struct kind *k)
{
    struct try_inputs out = {0};
    const struct form_rules *rules = k->fields.rules;
    if (!rules) return out;
    struct giving g = {mem, rules, NEW_N(mem, bool, rulebase_rules(rules->base) + 1), &out};
    struct try_results all = try_results(mem, k);
    for (size_t i = 0; i < all.n; i++) rulebase_reads(rules->base, mem, rulebase_rule(rules->base, all.v[i].rule), g.read);
    fields_give(&g, &k->fields);
    return out;
}

/* ---- what is typed */

static const char *number_read(arena *mem, const struct try_input *in, str typed, str *out)
{
    double x;
    if (!number_typed(mem, typed, &x) || fabs(x) > 1e15) return W("rules_editor.number_bad");
    *out = str_fmt(mem, "%.15g%s%.*s", x, in->unit.n ? " " : "", STR_ARG(in->unit));
    return fabs(x) < 1e-4 && x != 0 ? W("rules_editor.number_bad") : NULL;          /* the language has no exponents */
}

static const char *date_read(arena *mem, str typed, str *out)
{
    int64_t days;
    if (typed.n != 10 || date_parse_iso(typed, &days).code != OK) return W("rules_editor.date_bad");
    *out = str_fmt(mem, "%.2s/%.2s/%.4s", typed.p + 8, typed.p + 5, typed.p);
    return NULL;
}

const char *try_read(arena *mem, const struct try_input *in, str typed, str *out)
{
    *out = STR_NONE;
    typed = str_trim(typed);
    if (!typed.n) return NULL;
    switch (in->reads) {
    case RULE_NUMBER:
        return number_read(mem, in, typed, out);
    case RULE_DATE:
        return date_read(mem, typed, out);
    case RULE_BOOL:
        *out = str_is(typed, "oui") ? S("oui") : S("non");
        return NULL;
    default:
        break;
    }
    bool single = str_find_char(typed, '\'') < 0;
    if (!single && str_find_char(typed, '"') >= 0) return W("rules_editor.text_bad");
    *out = str_fmt(mem, single ? "'%.*s'" : "\"%.*s\"", STR_ARG(typed));
    return NULL;
}
