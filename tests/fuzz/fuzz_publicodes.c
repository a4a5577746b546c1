/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>

#include "base/hash.h"
#include "formats/yaml.h"
#include "rules/check.h"
#include "rules/examples.h"
#include "rules/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A trace is JSON that is read back, the same each time. */
static void traced(arena *mem, const struct rulebase *base, str rule, const struct evaluator_limits *limits)
{
    struct trace_options options = {.limits = *limits};
    struct rule_fault fault;
    json_t *once, *twice;
    hash_start();
    if (rules_trace(mem, base, NULL, rule, &options, &once, &fault).code != OK) return;
    if (rules_trace(mem, base, NULL, rule, &options, &twice, &fault).code != OK) abort();
    str text = json_canonical(mem, once);
    if (!str_eq(text, json_canonical(mem, twice)) || (text.n < JSON_MAX_BYTES && json_parse(mem, text, &twice).code != OK)) abort();
}

static bool field(void *arg, str rule, struct rules_field *out)
{
    (void)arg;
    *out = (struct rules_field){.type = RULE_TYPE_NUMBER, .unit = S("€/mois")};
    return rule.n % 3 == 0;
}

/* The check takes what comes, finds the same faults twice, and finds one when the engine does. */
static void check(arena *mem, str text, bool refused)
{
    struct rules_findings once, again;
    struct rules_check_options options = {.field = field, .lang = LANG_EN};
    rules_check_text(mem, text, NULL, &once);
    rules_check_text(mem, text, NULL, &again);
    if (once.n != again.n || once.errors != again.errors || (refused && !once.errors)) abort();
    for (size_t i = 0; i < once.n; i++)
        if (!once.v[i].message.n || !once.v[i].code) abort();
    rules_check_text(mem, text, &options, &again);
}

/* Rules that are refused say why; those that are taken evaluate within their limits, all of them, twice the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new((size_t)1 << 30);
    json_t *rules;
    struct rulebase *base;
    struct rule_fault fault;
    struct evaluator_limits limits = {.steps = 20000, .bytes = (size_t)16 << 20, .depth = 500};
    if (size < 16384 && yaml_parse(mem, (str){(const char *)data, size}, &rules).code == OK && json_is_object(rules)) {
        bool refused = rulebase_new(&base, rules, NULL, &fault).code != OK;
        check(mem, (str){(const char *)data, size}, refused);
        if (refused) {
            if (!fault.message.n) abort();
        } else {
            struct evaluator *ev = evaluator_new(base, &limits);
            for (size_t i = 0; i < rulebase_count(base) && i < 30; i++) {
                if (evaluator_situation(ev, NULL, &fault).code != OK) abort();
                json_t *once = json_own(mem, answer_json(ev, rulebase_name(base, i)));
                if (evaluator_situation(ev, NULL, &fault).code != OK) abort();
                if (!json_equal(once, json_own(mem, answer_json(ev, rulebase_name(base, i))))) abort();
            }
            evaluator_free(ev);
            for (size_t i = 0; i < rulebase_count(base) && i < 5; i++) traced(mem, base, rulebase_name(base, i), &limits);
            rulebase_free(base);
        }
    }
    arena_free(mem);
    return 0;
}
