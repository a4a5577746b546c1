/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The language, held against what others expect of it: the reference's own suite, and a real model of 656 rules with what the reference
   engine gives for 80 situations. Both are read when they are there. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/hash.h"
#include "formats/yaml.h"
#include "rules/ast.h"
#include "rules/examples.h"
#include "rules/readings.h"
#include "shared_data.h"

struct place { arena *mem; struct rulebase *base; struct evaluator *ev; };

static int place_new(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    p->mem = arena_new(0);
    *state = p;
    return 0;
}

static int place_free(void **state)
{
    struct place *p = *state;
    evaluator_free(p->ev);
    rulebase_free(p->base);
    arena_free(p->mem);
    free(p);
    return 0;
}

static json_t *parsed(struct place *p, const char *yaml)
{
    json_t *v;
    assert_int_equal(yaml_parse(p->mem, str_of(yaml), &v).code, OK);
    return v;
}

static void rules(struct place *p, const char *yaml)
{
    struct rule_fault fault;
    evaluator_free(p->ev);
    rulebase_free(p->base);
    p->ev = NULL;
    p->base = NULL;
    assert_int_equal(rulebase_new(&p->base, parsed(p, yaml), NULL, &fault).code, OK);
    p->ev = evaluator_new(p->base, NULL);
}

static const char *answered(struct place *p, const char *situation, const char *expression)
{
    struct rule_fault fault;
    assert_int_equal(evaluator_situation(p->ev, parsed(p, situation), &fault).code, OK);
    json_t *answer = json_own(p->mem, answer_json(p->ev, str_of(expression)));
    return str_z(p->mem, json_canonical(p->mem, answer));
}

static void values_units_and_missing_variables(void **state)
{
    struct place *p = *state;
    rules(p, "salaire brut:\n  question: Combien ?\n  unité: €/mois\nnet:\n  valeur: salaire brut - 22%\n  arrondi: 2 décimales\n");
    assert_string_equal(answered(p, "{}", "net"), "{\"missing\":[\"salaire brut\"],\"unit\":\"€/mois\",\"value\":\"undefined\"}");
    assert_string_equal(answered(p, "salaire brut: 24000 €/an", "net"), "{\"missing\":[],\"unit\":\"€/mois\",\"value\":1560.0}");
    assert_string_equal(answered(p, "salaire brut: 2000.99", "net"), "{\"missing\":[],\"unit\":\"€/mois\",\"value\":1560.77}");
}

/* The blank before % that French typography wants. */
static void a_no_break_space_before_a_unit(void **state)
{
    struct place *p = *state;
    rules(p, "brut: 1000 €/an\nnet: 54\xc2\xa0% * brut\n");
    assert_string_equal(answered(p, "{}", "net"), "{\"missing\":[],\"unit\":\"€/an\",\"value\":540.0}");
}

static void refused(struct place *p, const char *yaml, const char *rule, const char *code)
{
    struct rule_fault fault;
    struct rulebase *base = NULL;
    assert_int_equal(rulebase_new(&base, parsed(p, yaml), NULL, &fault).code, E_INVALID);
    assert_true(str_is(fault.rule, rule));
    assert_string_equal(fault.code, code);
    assert_true(fault.message.n > 0);
}

static void a_fault_says_its_rule(void **state)
{
    struct place *p = *state;
    refused(p, "a: b + 1\n", "a", "unknown_reference");
    refused(p, "a:\n  avec:\n    b:\n      somme: 3\n", "a . b", "list");
    refused(p, "a: 1 + \n", "a", "expression");
    refused(p, "a: 2+2\n", "a", "expression");
    refused(p, "a . b: 1\n", "a . b", "no_parent");
    refused(p, "a: 31/02/2024\n", "a", "date");
    refused(p, "a:\n  inversion numérique: b + 1\nb: a\n", "a", "inversion");
    refused(p, "a:\n  valeur: b\n  contexte: {b + 1: 3}\nb: 2\n", "a", "context");
    refused(p, "a:\n  barème: {assiette: 3, tranches: [{montant: 3}]}\n", "a", "band");
    refused(p, "a:\n  avec:\n    b:\n      privé: oui\n      avec: {c: 1}\nd: a . b . c\n", "d", "private_reference");
}

/* Each list makes rules whose names grow with it: memory swells much faster than the file. */
static void a_file_that_swells_is_refused(void **state)
{
    struct place *p = *state;
    struct rule_fault fault;
    struct rulebase *base = NULL;
    json_t *file = json_own(p->mem, json_object()), *list = json_array(), *value = json_object();
    for (int i = 0; i < 550; i++) json_array_append_new(list, json_integer(i));
    json_object_set_new(value, "le maximum de", list);
    for (int i = 0; i < 400; i++) json_object_set(file, str_z(p->mem, str_fmt(p->mem, "règle %d", i)), value);
    json_decref(value);
    assert_int_equal(rulebase_new(&base, file, NULL, &fault).code, E_INVALID);
    assert_true(fault.message.n > 0);
}

static void an_evaluation_is_bounded(void **state)
{
    struct place *p = *state;
    struct rule_answer a;
    struct rule_fault fault;
    rules(p, "a: b\nb: a\n");
    assert_int_equal(evaluator_value(p->ev, S("a"), &a, &fault).code, OK);      /* a cycle is undefined, as in the reference */
    assert_int_equal(a.kind, ANSWER_UNDEFINED);
    struct evaluator_limits few = {.steps = 5};
    struct evaluator *ev = evaluator_new(p->base, &few);
    assert_int_equal(evaluator_value(ev, S("1 + 2 + 3 + 4 + 5"), &a, &fault).code, E_INVALID);
    assert_string_equal(fault.code, "too_long");
    evaluator_free(ev);
}

static void a_division_by_zero_is_an_error(void **state)
{
    struct place *p = *state;
    rules(p, "a:\n  par défaut: 0\nb: 1 / a\n");
    assert_string_equal(answered(p, "{}", "b"), "{\"error\":\"Division by zero (division par zéro)\",\"rule\":\"b\"}");
    assert_string_equal(answered(p, "a: 4", "b"), "{\"missing\":[],\"unit\":\"\",\"value\":0.25}");
}

static void tell(void *arg, str rule, str example, str why)
{
    print_message("%.*s: %.*s (%.*s): %.*s\n", STR_ARG(*(str *)arg), STR_ARG(rule), STR_ARG(example), STR_ARG(why));
}

static void the_suite_of_the_reference(void **state)
{
    struct place *p = *state;
    struct rulebase_options options = {.filter_choices = true};
    size_t passed = 0;
    struct strs files = shared_names(p->mem, "rules/suite");
    if (!files.n) skip();
    for (size_t i = 0; i < files.n; i++) {
        str text;
        struct rulebase *base;
        struct rule_fault fault;
        assert_true(shared_data(p->mem, str_z(p->mem, str_fmt(p->mem, "rules/suite/%.*s", STR_ARG(files.v[i]))), &text));
        assert_int_equal(rulebase_new(&base, parsed(p, str_z(p->mem, text)), &options, &fault).code, OK);
        struct examples_result r = examples_run(base, tell, &files.v[i]);
        rulebase_free(base);
        assert_int_equal(r.failed, 0);
        passed += r.passed;
    }
    assert_true(passed >= 298);
}

static void give_number(struct place *p, const char *rule, double number)
{
    struct rule_answer a = {.kind = ANSWER_NUMBER, .number = number};
    evaluator_give(p->ev, rulebase_rule(p->base, str_of(rule)), &a);
}

static struct rule_answer rule_of(struct place *p, const char *rule)
{
    struct rule_fault fault;
    struct rule_answer a;
    assert_int_equal(evaluator_rule(p->ev, rulebase_rule(p->base, str_of(rule)), &a, &fault).code, OK);
    return a;
}

/* Values given one by one are what a situation would say; what was evaluated before is evaluated anew. */
static void values_given_one_by_one(void **state)
{
    struct place *p = *state;
    const struct rule_missing *missing;
    rules(p, "{\"revenu\": {\"unité\": \"€/mois\"}, \"parts\": {\"par défaut\": 2}, \"majeur\": \"naissance <= 01/01/2008\", \"naissance\": null,"
               " \"quotient\": {\"applicable si\": \"revenu > 100 €/mois\", \"valeur\": \"revenu / parts\"},"
               " \"jours\": {\"durée\": {\"depuis\": \"01/01/2026\"}}}");
    assert_int_equal(rule_of(p, "quotient").kind, ANSWER_UNDEFINED);
    assert_int_equal(evaluator_missing(p->ev, &missing), 2);
    give_number(p, "revenu", 1200);
    struct rule_answer a = rule_of(p, "quotient");
    assert_true(a.kind == ANSWER_NUMBER && a.number == 600);
    assert_true(str_is(evaluator_unit(p->ev, &a), "€/mois"));
    assert_int_equal(evaluator_missing(p->ev, &missing), 1);
    assert_true(str_is(missing[0].name, "parts"));
    give_number(p, "parts", 4);
    assert_true(rule_of(p, "quotient").number == 300);
    give_number(p, "revenu", 50);
    assert_int_equal(rule_of(p, "quotient").kind, ANSWER_INAPPLICABLE);
    evaluator_give(p->ev, rulebase_rule(p->base, S("revenu")), &(struct rule_answer){.kind = ANSWER_UNDEFINED});
    assert_int_equal(rule_of(p, "quotient").kind, ANSWER_UNDEFINED);
    evaluator_give(p->ev, rulebase_rule(p->base, S("naissance")), &(struct rule_answer){.kind = ANSWER_STRING, .string = S("02/01/2008")});
    assert_true(rule_of(p, "majeur").kind == ANSWER_BOOL && !rule_of(p, "majeur").b);
    evaluator_today(p->ev, S("11/01/2026"));
    assert_true(rule_of(p, "jours").number == 10);
    evaluator_today(p->ev, S("12/01/2026"));
    assert_true(rule_of(p, "jours").number == 11);
    assert_int_equal(rulebase_rule(p->base, S("rien")), -1);
}

static void a_rule_reads_through_others(void **state)
{
    struct place *p = *state;
    rules(p, "{\"a\": \"b + 1\", \"b\": \"c\", \"c\": 2, \"d\": 3, \"d . e\": {\"remplace\": \"c\", \"valeur\": 1}, \"f\": 1}");
    bool *read = NEW_N(p->mem, bool, rulebase_rules(p->base));
    rulebase_reads(p->base, p->mem, rulebase_rule(p->base, S("a")), read);
    for (const char *const *name = (const char *const[]){"b", "c", "d", "d . e", NULL}; *name; name++) assert_true(read[rulebase_rule(p->base, str_of(*name))]);
    assert_false(read[rulebase_rule(p->base, S("f"))]);
}

static bool see_all(struct node_walk *w, const struct node *n) { return w->seen[n->id]; }

/* A ceiling holds its value twice: 56 of them, one around the other, are 2^56 ways to the innermost. */
static void shared_nodes_are_walked_once(void **state)
{
    struct place *p = *state;
    struct { char z[4000]; size_t n; } b = {.n = 0};
    b.n += (size_t)snprintf(b.z, sizeof b.z, "{\"b\": 1, \"a\": ");
    for (int i = 0; i < 56; i++) b.n += (size_t)snprintf(b.z + b.n, sizeof b.z - b.n, "{\"%s\": 9, \"valeur\": ", i % 2 ? "plafond" : "plancher");
    b.n += (size_t)snprintf(b.z + b.n, sizeof b.z - b.n, "\"b\"");
    for (int i = 0; i < 56; i++) b.z[b.n++] = '}';
    snprintf(b.z + b.n, sizeof b.z - b.n, "}");
    rules(p, b.z);
    struct node_walk w = {.seen = NEW_N(p->mem, bool, p->base->n_nodes), .see = see_all};
    nodes_walk(&w, p->base->rules.v[rulebase_rule(p->base, S("a"))]->value);
    assert_in_range(w.visited, 56 * 4, p->base->n_nodes);
    bool *reads = NEW_N(p->mem, bool, rulebase_rules(p->base)), *read = NEW_N(p->mem, bool, rulebase_rules(p->base));
    rulebase_reads(p->base, p->mem, rulebase_rule(p->base, S("a")), reads);
    rulebase_read(p->base, read);
    assert_true(reads[rulebase_rule(p->base, S("b"))] && read[rulebase_rule(p->base, S("b"))] && !read[rulebase_rule(p->base, S("a"))]);
    assert_int_equal(rulebase_readings(p->mem, p->base, S("a")).n, 1);
}

static bool near(const json_t *got, const json_t *wanted)
{
    if (!json_is_number(got) || !json_is_number(wanted)) return json_equal(got, wanted);
    double a = json_number_value(got), b = json_number_value(wanted);
    return fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static void a_case(struct place *p, json_t *one)
{
    const char *rule;
    json_t *wanted;
    struct rule_fault fault;
    assert_int_equal(evaluator_situation(p->ev, json_object_get(one, "situation"), &fault).code, OK);
    json_object_foreach(json_object_get(one, "expected"), rule, wanted) {
        json_t *got = json_own(p->mem, answer_json(p->ev, str_of(rule)));
        assert_true(near(json_object_get(got, "value"), json_object_get(wanted, "value")));
        assert_true(json_equal(json_object_get(got, "missing"), json_object_get(wanted, "missing")));
    }
}

static void a_real_model(void **state)
{
    struct place *p = *state;
    struct rule_fault fault;
    json_t *model, *cases, *one;
    size_t i;
    str rules_text = STR_NONE, cases_text = STR_NONE;
    if (!shared_data(p->mem, "rules/modele-social/rules.json", &rules_text) || !shared_data(p->mem, "rules/modele-social/cases.json", &cases_text)) skip();
    assert_int_equal(json_parse(p->mem, rules_text, &model).code, OK);
    assert_int_equal(json_parse(p->mem, cases_text, &cases).code, OK);
    assert_int_equal(rulebase_new(&p->base, model, NULL, &fault).code, OK);
    assert_true(rulebase_bytes(p->base) < (size_t)30 << 20);
    p->ev = evaluator_new(p->base, NULL);
    assert_int_equal(json_array_size(cases), 80);
    json_array_foreach(cases, i, one) a_case(p, one);
}

/* ---- many threads, one base ---- */

enum { THREADS = 8, TIMES = 40 };
static const char model_yaml[] =
    "brut:\n  unité: €/mois\n  inversion numérique: [net]\nnet:\n  valeur: brut - cotisations\ncotisations:\n  barème:\n    assiette: brut\n"
    "    tranches:\n      - {taux: 10%, plafond: 1000}\n      - {taux: 20%}\n  remplace: taxe\ntaxe: 3 €\nplus:\n  le maximum de: [net * 12 mois, taxe]\n"
    "ailleurs:\n  valeur: net\n  contexte: {brut: 3 k€/an}\nmots:\n  texte: \"{{ net }} par an : {{ plus }}\"\n";

struct reader { const struct rulebase *base; json_t *situations; str answers; bool same; };

static str all_answers(arena *mem, const struct rulebase *base, json_t *situations)
{
    struct evaluator *ev = evaluator_new(base, NULL);
    struct rule_fault fault;
    json_t *all = json_own(mem, json_array()), *one;
    size_t i;
    json_array_foreach(situations, i, one) {
        json_t *answers = json_object();
        if (evaluator_situation(ev, one, &fault).code != OK) json_object_set_new(answers, "refused", json_true());
        for (size_t k = 0; k < rulebase_count(base); k++) {
            str name = rulebase_name(base, k);
            json_object_set_new(answers, str_z(mem, name), answer_json(ev, name));
        }
        json_array_append_new(all, answers);
    }
    evaluator_free(ev);
    return json_canonical(mem, all);
}

static void *read_often(void *arg)
{
    struct reader *r = arg;
    r->same = true;
    for (int i = 0; i < TIMES; i++) {
        arena *mem = arena_new(0);
        r->same = str_eq(all_answers(mem, r->base, r->situations), r->answers) && r->same;
        arena_free(mem);
    }
    return NULL;
}

/* The same text, byte for byte: the order of evaluation and of keys is fixed. */
static void eight_threads_read_the_same(void **state)
{
    struct place *p = *state;
    pthread_t threads[THREADS];
    struct reader readers[THREADS];
    rules(p, model_yaml);
    json_t *situations[THREADS];
    for (int i = 0; i < THREADS; i++)   /* a situation is read by one thread: JSON counts its readers */
        situations[i] = parsed(p, "- {brut: 2000}\n- {net: 1500 €/mois}\n- {net: 20 k€/an}\n- {}\n- {brut: {le maximum de: [net, 3]}}\n- {taxe: 7}\n");
    str answers = all_answers(p->mem, p->base, situations[0]);
    assert_true(str_find(answers, S("\"value\":1700.0")) > 0);
    for (int i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){p->base, situations[i], answers, false};
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &readers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(readers[i].same);
    }
}

/* A product and a sum are two roundings (-ffp-contract=off), on every machine: 0.1 × 10 - 1 is 0, not what a fused operation leaves. */
static void numbers_are_plain_doubles(void **state)
{
    struct place *p = *state;
    rules(p, "a:\nb: a * 10 - 1\nc: 0.1 + 0.2\n");
    assert_string_equal(answered(p, "a: 0.1", "b"), "{\"missing\":[],\"unit\":null,\"value\":0.0}");
    assert_string_equal(answered(p, "{}", "c"), "{\"missing\":[],\"unit\":null,\"value\":0.30000000000000004}");
    volatile double x = 0.1, y = 10, z = 1;
    assert_true(x * y - z == 0);
}

/* A situation may define rules; a contexte in it does not reach them. */
static void a_situation_has_rules_of_its_own(void **state)
{
    struct place *p = *state;
    rules(p, "a:\n  valeur: a\na . a:\n  possiblement non applicable: oui\nb:\n  question: B\nc: b * 2\nd:\n  valeur: 1\n  variable manquante: personne\n");
    assert_string_equal(answered(p, "a: {valeur: q + 2, avec: {q: 6, w: {valeur: ^ . q + 1}}}", "a"), "{\"missing\":[],\"unit\":null,\"value\":8.0}");
    const char *inside = answered(p, "a: {valeur: q + 2, avec: {q: 6, w: {valeur: ^ . q + 1}}}", "a . a");
    assert_non_null(strstr(inside, "\"missing\":[\"a . a\"]"));
    assert_non_null(strstr(answered(p, "b: {valeur: {valeur: q + 2, contexte: {q: 40}}, avec: {q: 6}}", "c"), "n’existe pas dans la base"));
    assert_string_equal(answered(p, "b: 3", "d + c"), "{\"missing\":[\"personne\"],\"unit\":null,\"value\":7.0}");
    for (size_t i = 0; i < rulebase_rules(p->base); i++) (void)rulebase_rule_name(p->base, (int)i);
    assert_int_equal(rulebase_rule_name(p->base, (int)rulebase_rules(p->base) - 1).n, 0);      /* of "personne" */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_units_and_missing_variables, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_no_break_space_before_a_unit, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_fault_says_its_rule, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_file_that_swells_is_refused, place_new, place_free),
        cmocka_unit_test_setup_teardown(an_evaluation_is_bounded, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_division_by_zero_is_an_error, place_new, place_free),
        cmocka_unit_test_setup_teardown(eight_threads_read_the_same, place_new, place_free),
        cmocka_unit_test_setup_teardown(numbers_are_plain_doubles, place_new, place_free),
        cmocka_unit_test_setup_teardown(values_given_one_by_one, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_rule_reads_through_others, place_new, place_free),
        cmocka_unit_test_setup_teardown(shared_nodes_are_walked_once, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_situation_has_rules_of_its_own, place_new, place_free),
        cmocka_unit_test_setup_teardown(the_suite_of_the_reference, place_new, place_free),
        cmocka_unit_test_setup_teardown(a_real_model, place_new, place_free)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
