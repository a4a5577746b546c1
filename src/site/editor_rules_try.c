/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Trying rules: values typed by who writes them, what every rule gives, and why the chosen one does. */
#include <string.h>

#include "base/said.h"
#include "core/results.h"
#include "core/rule_try.h"
#include "formats/json.h"
#include "pages/why.h"
#include "rules/trace.h"
#include "site/editor_rules.h"
#include "view/why.h"
#include "web/req.h"

static struct rules_value_shown value_shown(struct req *q, const struct kind *k, const struct try_input *in, const char *fault)
{
    static const struct { const char *value, *key; } yes_no[] = {{"oui", W("rules_editor.yes")}, {"non", W("rules_editor.no")}};
    str label = result_rule_title(q->mem, q->lang, k, in->rule), typed = field(q, str_z(q->mem, in->key)), error = fault ? words(q->lang, fault) : STR_NONE;
    struct rules_value_shown out = {.is_select = in->field || in->reads == RULE_BOOL};
    if (!label.n) label = said_in(in->rule, LANG_FR);
    out.input = (struct part_input){.name = in->key, .label = label, .value = typed, .error = error, .unit = in->unit, .optional = true, .autocomplete = S("off"),
        .inputmode = in->reads == RULE_NUMBER ? S("decimal") : STR_NONE, .css = in->reads == RULE_NUMBER ? S("w-8") : STR_NONE, .type = in->reads == RULE_DATE ? S("date") : STR_NONE};
    out.select = (struct part_select){.name = in->key, .label = label, .optional = true};
    for (size_t i = 0; in->reads == RULE_BOOL && i < 2; i++)
        PUSH(q->mem, &out.select.items, (struct choice){.value = str_of(yes_no[i].value), .label = words(q->lang, yes_no[i].key), .is_chosen = str_is(typed, yes_no[i].value)});
    for (size_t i = 0; in->field && i < in->field->options.n; i++) {
        const struct option *o = &in->field->options.v[i];
        PUSH(q->mem, &out.select.items, (struct choice){.value = o->id, .label = text_in(&o->label, q->lang), .is_chosen = str_eq(typed, o->id)});
    }
    return out;
}

/* false: something typed is at fault. */
static bool situation_read(struct req *q, const struct kind *k, const struct try_inputs *inputs, json_t *out, struct page_kind_rules *p)
{
    bool good = true;
    for (size_t i = 0; i < inputs->n; i++) {
        const struct try_input *in = &inputs->v[i];
        str said;
        const char *fault = try_read(q->mem, in, field(q, str_z(q->mem, in->key)), &said);
        PUSH(q->mem, &p->values, value_shown(q, k, in, p->is_tried ? fault : NULL));
        if (said.n) json_object_setn_new(out, in->rule.p, in->rule.n, json_from_str(said));
        if (fault && p->is_tried) PUSH(q->mem, &p->faults, (struct link){.label = words(q->lang, fault), .at = URL(q->mem, "#{}", in->key)});
        good = good && !fault;
    }
    return good;
}

static str missing_said(struct req *q, const struct kind *k, struct evaluator *ev)
{
    const struct rule_missing *missing;
    struct strs out = {0};
    size_t n = evaluator_missing(ev, &missing);
    for (size_t i = 0; i < n && i < 5; i++) {
        str title = result_rule_title(q->mem, q->lang, k, missing[i].name);
        PUSH(q->mem, &out, said_within(q->mem, title.n ? title : said_in(missing[i].name, LANG_FR), q->lang));
    }
    return words_fill(q->mem, q->lang, W("rules_editor.missing"), "names", str_join(q->mem, out, S(", ")), NULL);
}

static str answer_said(struct req *q, const struct kind *k, str rule, struct evaluator *ev, const struct rule_answer *a)
{
    const struct rule_missing *missing;
    switch (a->kind) {
    case ANSWER_INAPPLICABLE:
        return words(q->lang, W("rules_editor.inapplicable"));
    case ANSWER_UNDEFINED:
        return evaluator_missing(ev, &missing) ? missing_said(q, k, ev) : words(q->lang, W("rules_editor.undefined"));
    case ANSWER_BOOL:
        return words(q->lang, a->b ? W("rules_editor.yes") : W("rules_editor.no"));
    case ANSWER_NUMBER:
        return why_value_marked(q->mem, q->lang, json_own(q->mem, json_real(a->number)), evaluator_unit(ev, a));
    case ANSWER_STRING:
        break;
    }
    str title = result_value_title(q->lang, k, rule, a->string);
    return title.n ? title : said_in(str_copy(q->mem, a->string), LANG_FR);
}

static str rule_title(struct req *q, const struct kind *k, str rule)
{
    str title = result_rule_title(q->mem, q->lang, k, rule);
    const json_t *d = title.n ? NULL : rulebase_definition(kind_rulebase(k), rule);
    if (json_is_object(d)) title = said_in(json_str(d, RULE_TITLE), LANG_FR);
    return title.n ? title : said_in(rule, LANG_FR);
}

static void evaluator_drop(struct evaluator **ev) { evaluator_free(*ev); }

static err results_fill(struct req *q, const struct kind *k, const struct try_results *all, json_t *situation, struct page_kind_rules *p)
{
    AUTO(evaluator_drop) struct evaluator *ev = evaluator_new(kind_rulebase(k), NULL);
    struct rule_fault fault;
    err e = evaluator_situation(ev, situation, &fault);
    if (e.code == E_INVALID) return p->try_fault = said_in(str_copy(q->mem, fault.message), LANG_FR), NO_ERR;
    TRY(e);
    for (size_t i = 0; i < all->n; i++) {
        struct rule_answer a;
        struct rules_results_shown *into = all->v[i].is_own ? &p->own_results : &p->results;
        e = evaluator_value(ev, all->v[i].rule, &a, &fault);
        if (e.code != OK && e.code != E_INVALID) return e;
        str said = e.code == OK ? answer_said(q, k, all->v[i].rule, ev, &a) : said_in(str_copy(q->mem, fault.message), LANG_FR);
        PUSH(q->mem, into, (struct rules_result_shown){rule_title(q, k, all->v[i].rule), all->v[i].is_own ? all->v[i].rule : STR_NONE, said});
    }
    return NO_ERR;
}

static err why_fill(struct req *q, const struct kind *k, str rule, json_t *situation, struct page_kind_rules *p)
{
    struct rule_fault fault;
    json_t *trace;
    struct why_names names = why_names_of_kind(q, k);
    err e = rules_trace(q->mem, kind_rulebase(k), situation, rule, NULL, &trace, &fault);
    if (e.code == E_INVALID) return p->try_fault = said_in(str_copy(q->mem, fault.message), LANG_FR), NO_ERR;
    TRY(e);
    p->why = why_html(q->mem, q->lang, trace, &names, &(struct why_options){.heading = 4});
    return NO_ERR;
}

err rules_try_fill(struct req *q, const struct kind *k, struct page_kind_rules *p)
{
    if (!kind_rulebase(k)) return NO_ERR;
    struct try_inputs inputs = try_inputs(q->mem, k);
    struct try_results all = try_results(q->mem, k);
    json_t *situation = json_own(q->mem, json_object());
    str asked = field(q, "asked"), chosen = STR_NONE;
    p->asked = (struct part_select){.name = S("asked"), .label = words(q->lang, W("rules_editor.asked")), .optional = true, .prompt = words(q->lang, W("rules_editor.asked_none"))};
    for (size_t i = 0; i < all.n; i++) {
        bool is = str_eq(all.v[i].rule, asked);
        if (is) chosen = all.v[i].rule;
        PUSH(q->mem, &p->asked.items, (struct choice){.value = all.v[i].rule, .label = rule_title(q, k, all.v[i].rule), .is_chosen = is});
    }
    bool good = situation_read(q, k, &inputs, situation, p);
    if (p->is_tried && !good) p->try_fault = words(q->lang, W("rules_editor.try_not"));
    if (!p->is_tried || !good) return NO_ERR;
    TRY(results_fill(q, k, &all, situation, p));
    return chosen.n && !p->try_fault.n ? why_fill(q, k, chosen, situation, p) : NO_ERR;
}
