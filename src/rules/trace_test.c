/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Why a result is what it is: what CRPA R311-3-1-2 asks to be told of an individual decision taken by an algorithm (the data and their
   source, the parameters and how they weigh, what was done) is in the trace, and nothing that was not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/hash.h"
#include "formats/yaml.h"
#include "rules/trace.h"
#include "shared_data.h"

static arena *mem;
static struct rulebase *base;

static int open_arena(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int close_arena(void **state)
{
    rulebase_free(base);
    base = NULL;
    arena_free(mem);
    return 0;
}

static json_t *yaml(const char *text)
{
    json_t *v;
    assert_int_equal(yaml_parse(mem, str_of(text), &v).code, OK);
    return v;
}

static json_t *traced(const char *rules, const char *situation, const char *asked)
{
    struct rule_fault fault;
    struct rulebase_options options = {.today = S("30/11/2026")};
    json_t *out = NULL;
    rulebase_free(base);
    base = NULL;
    assert_int_equal(rulebase_new(&base, yaml(rules), &options, &fault).code, OK);
    assert_int_equal(rules_trace(mem, base, yaml(situation), str_of(asked), NULL, &out, &fault).code, OK);
    return out;
}

/* The canonical text of what is at a JSON Pointer (RFC 6901, without escapes). */
static const char *at(json_t *v, const char *path)
{
    char key[200];
    while (v && *path == '/') {
        size_t n = 0;
        for (path++; *path && *path != '/' && n < sizeof key - 1;) key[n++] = *path++;
        key[n] = 0;
        v = json_is_array(v) ? json_array_get(v, (size_t)strtoul(key, NULL, 10)) : json_object_get(v, key);
    }
    return v ? str_z(mem, json_canonical(mem, v)) : "nothing";
}
#define AT(trace_, path_, text_) assert_string_equal(at(trace_, path_), text_)

static const char tariff[] = "quotient familial:\n  question: Lequel ?\n  unité: €\nenfants:\n  par défaut: 1\nautre: 12\n"
                             "tarif:\n  grille:\n    assiette: quotient familial\n    tranches:\n      - {montant: 1.10 €, plafond: 400 €}\n"
                             "      - {montant: 2.10 €, plafond: 600 €}\n      - {montant: 3.50 €}\n"
                             "prix:\n  produit: [tarif, enfants]\n  plafond: 5 €\n  arrondi: 2 décimales\n";

static void the_band_that_holds(void **state)
{
    json_t *t = traced(tariff, "quotient familial: 540 €", "prix");
    AT(t, "/value", "2.1");
    AT(t, "/unit", "\"€\"");
    AT(t, "/asked", "\"prix\"");
    AT(t, "/today", "\"30/11/2026\"");
    AT(t, "/situation", "{\"quotient familial\":\"540 €\"}");
    AT(t, "/missing", "[\"enfants\"]");
    AT(t, "/rules/tarif/step/kind", "\"grid\"");
    AT(t, "/rules/tarif/step/base", "{\"kind\":\"rule\",\"rule\":\"quotient familial\",\"unit\":\"€\",\"value\":540.0}");
    AT(t, "/rules/tarif/step/bands/0/holds", "nothing");
    AT(t, "/rules/tarif/step/bands/0/amount", "nothing");              /* it was not read */
    AT(t, "/rules/tarif/step/bands/1/holds", "true");
    AT(t, "/rules/tarif/step/bands/1/from", "400.0");
    AT(t, "/rules/tarif/step/bands/1/to", "600.0");
    AT(t, "/rules/tarif/step/bands/1/amount", "{\"kind\":\"constant\",\"unit\":\"€\",\"value\":2.1}");
    AT(t, "/rules/tarif/step/bands/2", "nothing");
    AT(t, "/rules/quotient familial/from", "\"situation\"");
    AT(t, "/rules/enfants/from", "\"default\"");
    AT(t, "/rules/enfants/missing", "[\"enfants\"]");
    AT(t, "/rules/prix/from", "\"definition\"");
    AT(t, "/rules/prix/step/kind", "\"round\"");
    AT(t, "/rules/prix/step/of/kind", "\"ceiling\"");
    AT(t, "/rules/prix/step/of/reached", "nothing");
    AT(t, "/rules/autre", "nothing");                                  /* nobody read it */
    assert_int_equal(json_object_size(json_object_get(t, "rules")), 4);
    t = traced(tariff, "{quotient familial: 900 €, enfants: 3}", "prix");
    AT(t, "/value", "5.0");
    AT(t, "/rules/prix/step/of/reached", "true");
    AT(t, "/rules/prix/step/of/of/value", "10.5");
    AT(t, "/rules/tarif/step/bands/2/to", "nothing");
    t = traced(tariff, "{}", "tarif");
    AT(t, "/value", "nothing");
    AT(t, "/missing", "[\"quotient familial\"]");
    AT(t, "/rules/quotient familial/from", "\"nothing\"");
}

static void the_part_of_each_band(void **state)
{
    json_t *t = traced("impôt:\n  barème:\n    assiette: 1500 €\n    tranches:\n      - {taux: 0%, plafond: 1000 €}\n      - {taux: 10%, plafond: 2000 €}\n      - {taux: 20%}\n", "{}", "impôt");
    AT(t, "/value", "50.0");
    AT(t, "/rules/impôt/step/bands/0/part", "0.0");
    AT(t, "/rules/impôt/step/bands/1/part", "50.0");
    AT(t, "/rules/impôt/step/bands/1/rate/value", "10.0");
    AT(t, "/rules/impôt/step/bands/2", "nothing");
}

static void the_branch_that_was_taken(void **state)
{
    static const char rules[] = "âge:\n  question: Âge ?\nici:\n  question: D'ici ?\nprix:\n  variations:\n    - si: âge < 12\n      alors: 2 €\n    - si:\n        toutes ces conditions: [âge < 18, ici]\n      alors: 3 €\n    - sinon: 4 €\n";
    json_t *t = traced(rules, "{âge: 30, ici: oui}", "prix");
    AT(t, "/rules/prix/step/branches/0/test/value", "false");
    AT(t, "/rules/prix/step/branches/0/of", "nothing");
    AT(t, "/rules/prix/step/branches/1/test/kind", "\"all\"");
    AT(t, "/rules/prix/step/branches/1/test/of/1", "nothing");         /* the first already said no */
    AT(t, "/rules/prix/step/branches/2", "{\"of\":{\"kind\":\"constant\",\"unit\":\"€\",\"value\":4.0},\"otherwise\":true}");
    AT(t, "/rules/ici", "nothing");
    t = traced(rules, "{âge: 8}", "prix");
    AT(t, "/rules/prix/step/branches/0/of/value", "2.0");
    AT(t, "/rules/prix/step/branches/1", "nothing");
    t = traced("a: 3\nb:\n  condition:\n    si: a > 2\n    alors: a * 2\n    sinon: 7\n", "{}", "b");
    AT(t, "/rules/b/step/then/value", "6.0");
    AT(t, "/rules/b/step/otherwise", "nothing");
}

static void lists_are_told_as_they_were_written(void **state)
{
    json_t *t = traced("a: 3 €\nb: 5 €\ns:\n  somme: [a, b, 1 €]\nm:\n  moyenne: [a, b]\nh:\n  le maximum de: [a, b, 4 €]\np:\n  abattement: b\n  valeur: a\no: a + b + 2 €\n"
                       "d:\n  est défini: a\nn:\n  non applicable si: a > 2 €\n  valeur: 5\n", "{}", "o + s + m + h + p");
    AT(t, "/step/op", "\"+\"");
    AT(t, "/step/of/4/rule", "\"p\"");
    AT(t, "/rules/s/step/kind", "\"sum\"");
    AT(t, "/rules/s/step/of/2/value", "1.0");
    AT(t, "/rules/m/step", "{\"kind\":\"mean\",\"of\":[{\"kind\":\"rule\",\"rule\":\"a\",\"unit\":\"€\",\"value\":3.0},{\"kind\":\"rule\",\"rule\":\"b\",\"unit\":\"€\",\"value\":5.0}],\"unit\":\"€\",\"value\":4.0}");
    AT(t, "/rules/h/step/kind", "\"maximum\"");
    AT(t, "/rules/h/step/of/0/rule", "\"a\"");
    AT(t, "/rules/h/step/of/2/value", "4.0");
    AT(t, "/rules/h/step/value", "5.0");
    AT(t, "/rules/p/step/kind", "\"allowance\"");
    AT(t, "/rules/p/step/less/rule", "\"b\"");
    AT(t, "/rules/p/step/reached", "true");
    AT(t, "/rules/o/step/of/2/value", "2.0");
    t = traced("a: 3 €\nd:\n  est défini: a\nn:\n  non applicable si: a > 2 €\n  valeur: 5\n", "{}", "n");
    AT(t, "/value", "null");
    AT(t, "/rules/n/step/kind", "\"inapplicable if\"");
    AT(t, "/rules/n/step/test/value", "true");
    AT(t, "/rules/n/step/of", "nothing");
}

static void who_replaced_and_who_disabled(void **state)
{
    static const char rules[] = "taxe: 10 €\nprix: taxe + 1 €\nréduite:\n  applicable si: étudiant\n  remplace: taxe\n  valeur: 4 €\nétudiant:\n  question: Étudiant ?\n"
                                "logement:\n  applicable si: étudiant\nlogement . aide: 50 €\ntotal:\n  somme: [prix, logement . aide]\n";
    json_t *t = traced(rules, "étudiant: oui", "total");
    AT(t, "/value", "55.0");
    AT(t, "/rules/prix/step/of/0", "{\"by\":\"réduite\",\"kind\":\"replaced\",\"rule\":\"taxe\",\"unit\":\"€\",\"value\":4.0}");
    AT(t, "/rules/taxe", "nothing");
    AT(t, "/rules/logement . aide/under", "\"logement\"");
    t = traced(rules, "étudiant: non", "total");
    AT(t, "/value", "11.0");
    AT(t, "/rules/prix/step/of/0", "{\"kind\":\"rule\",\"rule\":\"taxe\",\"unit\":\"€\",\"unless\":[\"réduite\"],\"value\":10.0}");
    AT(t, "/rules/réduite/applies", "false");                          /* only asked whether it applies: its value was never computed */
    AT(t, "/rules/réduite/value", "nothing");
    AT(t, "/rules/logement . aide/from", "\"parent\"");
    AT(t, "/rules/logement . aide/by", "\"logement\"");
    AT(t, "/rules/logement . aide/value", "null");
    AT(t, "/rules/logement/applies", "false");
}

static void other_situations(void **state)
{
    static const char context[] = "revenu:\n  question: Combien ?\nimpôt: revenu * 10%\nsans travail:\n  valeur: impôt\n  contexte:\n    revenu: 100 €\n";
    json_t *t = traced(context, "revenu: 500 €", "impôt - sans travail");
    AT(t, "/value", "40.0");
    AT(t, "/rules/sans travail/step/kind", "\"context\"");
    AT(t, "/rules/sans travail/step/set/0/rule", "\"revenu\"");
    AT(t, "/rules/sans travail/step/set/0/to/value", "100.0");
    AT(t, "/rules/sans travail/step/context", "0");
    AT(t, "/rules/impôt/value", "50.0");
    AT(t, "/contexts/0/rules/impôt/value", "10.0");
    AT(t, "/contexts/0/rules/revenu/from", "\"set\"");
    static const char search[] = "brut:\n  inversion numérique: [net]\n  unité: €\nnet: brut - 20%\n";
    t = traced(search, "net: 800 €", "brut");
    AT(t, "/rules/brut/step/kind", "\"inversion\"");
    AT(t, "/rules/brut/step/goal", "\"net\"");
    AT(t, "/contexts/0/step/rule", "\"net\"");
    AT(t, "/contexts/0/rules/brut/from", "\"sought\"");
    assert_true(json_number_value(json_path(t, "value")) > 999 && json_number_value(json_path(t, "value")) < 1001);
    assert_string_equal(at(t, "/contexts/0/rules/brut/value"), at(t, "/value"));      /* what the trace shows is what was found */
    t = traced("x:\n  valeur: 10 + x / 2\n  résoudre la référence circulaire: oui\n", "{}", "x");
    AT(t, "/rules/x/step/kind", "\"fixed point\"");
    AT(t, "/contexts/0/rules/x/from", "\"sought\"");
}

/* Values given one by one, as forms do, and their trace asked again from what it says: the same bytes. */
static void what_is_given_is_said_and_replayed(void **state)
{
    struct rule_fault fault;
    json_t *t, *again;
    static const char rules[] = "revenu:\n  question: Quoi\n  unité: €\nnom:\n  question: Quoi\n  type: texte\nici:\n  question: Quoi\nancienneté:\n  durée:\n    depuis: 01/01/2020\n    unité: an\n"
                                "aide:\n  applicable si:\n    toutes ces conditions: [ici, nom = \"l'autre\"]\n  valeur: revenu * 10% + ancienneté * 1 €/an\n";
    assert_int_equal(rulebase_new(&base, yaml(rules), NULL, &fault).code, OK);
    struct evaluator *ev = evaluator_new(base, NULL);
    evaluator_today(ev, S("01/01/2026"));
    evaluator_give(ev, rulebase_rule(base, S("revenu")), &(struct rule_answer){.kind = ANSWER_NUMBER, .number = 0.1 + 0.2});
    evaluator_give(ev, rulebase_rule(base, S("nom")), &(struct rule_answer){.kind = ANSWER_STRING, .string = S("l'autre")});
    evaluator_give(ev, rulebase_rule(base, S("ici")), &(struct rule_answer){.kind = ANSWER_BOOL, .b = true});
    assert_int_equal(evaluator_trace(mem, ev, S("aide"), &t, &fault).code, OK);
    evaluator_free(ev);
    AT(t, "/today", "\"01/01/2026\"");
    AT(t, "/situation", "{\"ici\":\"oui\",\"nom\":{\"constant\":{\"nodeValue\":\"l'autre\"}},\"revenu\":0.30000000000000004}");
    AT(t, "/value", "6.03");
    AT(t, "/rules/revenu/from", "\"situation\"");
    AT(t, "/rules/ancienneté/step/until", "{\"kind\":\"today\",\"value\":\"01/01/2026\"}");
    struct trace_options options = {.today = json_str(t, "today")};
    assert_int_equal(rules_trace(mem, base, json_object_get(t, "situation"), json_str(t, "asked"), &options, &again, &fault).code, OK);
    assert_true(str_eq(json_canonical(mem, t), json_canonical(mem, again)));
}

static void a_long_formula_stays_within_what_json_holds(void **state)
{
    str formula = S("1");
    json_t *again;
    for (int i = 0; i < 90; i++) formula = str_fmt(mem, "%s%.*s)", i % 2 ? "(2 * " : "(1 + ", STR_ARG(formula));
    json_t *t = traced(str_fmt(mem, "a: %.*s\n", STR_ARG(formula)).p, "{}", "a");
    str text = json_canonical(mem, t);
    assert_int_equal(json_parse(mem, text, &again).code, OK);
    assert_true(json_array_size(json_object_get(t, "parts")) >= 7);
    AT(t, "/parts/0/kind", "\"operation\"");
    AT(t, "/parts/6/of/0/value", "2.0");
}

static void a_fault_is_no_trace(void **state)
{
    struct rule_fault fault;
    json_t *out = NULL;
    assert_int_equal(rulebase_new(&base, yaml("a: 1 / 0\n"), NULL, &fault).code, OK);
    assert_int_equal(rules_trace(mem, base, NULL, S("a"), NULL, &out, &fault).code, E_INVALID);
    assert_null(out);
    assert_string_equal(fault.code, "division_by_zero");
    assert_true(str_is(fault.rule, "a"));
    json_t *deep = json_own(mem, json_string("1"));
    for (int i = 0; i < 60; i++) deep = json_own(mem, json_pack("{s:O}", "valeur", deep));
    deep = json_own(mem, json_pack("{s:O}", "a", deep));
    assert_int_equal(rules_trace(mem, base, deep, S("a"), NULL, &out, &fault).code, E_INVALID);
    assert_string_equal(fault.code, "too_deep");
    assert_int_equal(rules_trace(mem, base, yaml("z: 1"), S("a"), NULL, &out, &fault).code, E_INVALID);
    assert_string_equal(fault.code, "unknown_rule");
}

static void differences_have_their_place(void **state)
{
    json_t *a = traced(tariff, "quotient familial: 540 €", "prix"), *b = json_own(mem, json_deep_copy(a));
    json_object_set_new(b, "engine", json_string("2"));
    json_object_set_new(json_object_get(json_object_get(b, "rules"), "tarif"), "value", json_real(2.1 * (1 + 1e-10)));
    AT(trace_compare(mem, a, b), "", "[]");
    b = traced(tariff, "quotient familial: 700 €", "prix");
    json_t *d = trace_compare(mem, a, b);
    AT(d, "/0", "{\"after\":3.5,\"before\":2.1,\"path\":\"/step/value\"}");
    assert_true(json_array_size(d) > 5);
    AT(trace_compare(mem, yaml("{a/b~: [1, 2]}"), yaml("{a/b~: [1], c: x}")), "", "[{\"before\":2,\"path\":\"/a~1b~0/1\"},{\"after\":\"x\",\"path\":\"/c\"}]");
}

static void the_version_is_that_of_the_rules(void **state)
{
    json_t *a = traced("a: 1\nb: 2\n", "{}", "a"), *b = traced("b: 2\na: 1\n", "{}", "a"), *c = traced("b: 3\na: 1\n", "{}", "a");
    assert_int_equal(rulebase_hash(base).n, 64);
    assert_true(str_eq(rulebase_hash(base), json_str(c, "version")));
    assert_string_equal(at(a, "/version"), at(b, "/version"));
    assert_string_not_equal(at(a, "/version"), at(c, "/version"));
    AT(a, "/engine", "\"" RULES_ENGINE_VERSION "\"");
}

/* 656 rules, evaluated twice in bases of their own: the same bytes, each rule once. */
static void a_real_model_byte_for_byte(void **state)
{
    static const char rule[] = "salarié . rémunération . net . payé après impôt";
    struct rule_fault fault;
    json_t *model, *cases, *one, *out[2];
    str rules_text = STR_NONE, cases_text = STR_NONE, bytes[2];
    if (!shared_data(mem, "rules/modele-social/rules.json", &rules_text) || !shared_data(mem, "rules/modele-social/cases.json", &cases_text)) skip();
    assert_int_equal(json_parse(mem, cases_text, &cases).code, OK);
    for (size_t i = 0; i < 80; i += 20) {
        one = json_array_get(cases, i);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(json_parse(mem, rules_text, &model).code, OK);
            assert_int_equal(rulebase_new(&base, model, NULL, &fault).code, OK);
            assert_int_equal(rules_trace(mem, base, json_object_get(one, "situation"), str_of(rule), NULL, &out[k], &fault).code, OK);
            bytes[k] = json_canonical(mem, out[k]);
            rulebase_free(base);
            base = NULL;
        }
        assert_true(str_eq(bytes[0], bytes[1]));
        assert_true(bytes[0].n < (size_t)4 << 20);
        assert_true(json_object_size(json_object_get(out[0], "rules")) > 100);
        print_message("case %zu: %zu rules, %zu contexts, %zu bytes\n", i, json_object_size(json_object_get(out[0], "rules")), json_array_size(json_object_get(out[0], "contexts")), bytes[0].n);
        json_t *again, *wanted = json_object_get(json_object_get(json_object_get(one, "expected"), rule), "value");
        assert_int_equal(json_parse(mem, bytes[0], &again).code, OK);
        AT(trace_compare(mem, out[1], again), "", "[]");
        if (wanted) assert_int_equal(json_array_size(trace_compare(mem, json_object_get(out[0], "value"), wanted)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_band_that_holds, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_part_of_each_band, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_branch_that_was_taken, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(lists_are_told_as_they_were_written, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(who_replaced_and_who_disabled, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(other_situations, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_given_is_said_and_replayed, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_long_formula_stays_within_what_json_holds, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_fault_is_no_trace, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(differences_have_their_place, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_version_is_that_of_the_rules, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_real_model_byte_for_byte, open_arena, close_arena)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
