/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Each fault of docs/rules.md, at its line and rule; beside it, what looks like it and is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "formats/yaml.h"
#include "rules/check.h"
#include "shared_data.h"

static int mem_new(void **state)
{
    *state = arena_new(0);
    return 0;
}

static int mem_free(void **state)
{
    arena_free(*state);
    return 0;
}

static struct rules_findings looked(arena *mem, const char *yaml, const struct rules_check_options *options)
{
    struct rules_findings out;
    rules_check_text(mem, str_of(yaml), options, &out);
    return out;
}

/* One finding: "error unit 3:10 a . b /a/avec/b/somme/1". */
static const char *said(arena *mem, const struct rules_finding *f)
{
    assert_true(f->message.n > 0);
    str z = str_fmt(mem, "%s %s %u:%u %.*s %.*s", f->severity == RULES_ERROR ? "error" : "warning", f->code, f->line, f->column, STR_ARG(f->rule), STR_ARG(f->path));
    return str_z(mem, z);
}

static void finds(arena *mem, const char *yaml, const char *wanted)
{
    struct rules_findings out = looked(mem, yaml, NULL);
    assert_int_equal(out.n, 1);
    assert_string_equal(said(mem, &out.v[0]), wanted);
    assert_int_equal(out.errors, out.v[0].severity == RULES_ERROR);
}

static void finds_nothing(arena *mem, const char *yaml)
{
    struct rules_findings out = looked(mem, yaml, NULL);
    if (out.n) assert_string_equal(said(mem, &out.v[0]), "");
}

#define GOAL "r: {titre: Résultat, valeur: "

static void unknown_references_all_of_them(void **state)
{
    struct rules_findings out = looked(*state, "r:\n  titre: R\n  somme:\n    - inconnue\n    - 3 €\n    - autre + 1\nq: {titre: Q, valeur: rien}\n", NULL);
    assert_int_equal(out.n, 3);
    assert_int_equal(out.errors, 3);
    assert_string_equal(said(*state, &out.v[0]), "error unknown_reference 4:7 r /r/somme/0");
    assert_string_equal(said(*state, &out.v[1]), "error unknown_reference 6:7 r /r/somme/2");
    assert_string_equal(said(*state, &out.v[2]), "error unknown_reference 7:23 q /q/valeur");
    finds_nothing(*state, "r:\n  titre: R\n  somme:\n    - a\n    - r . b\n  avec: {b: 2 €}\na: 3 €\n");
}

static void what_the_parser_refuses_is_told_and_the_rest_read(void **state)
{
    struct rules_findings out = looked(*state, "r:\n  titre: R\n  valeur: a +\nq:\n  titre: Q\n  somme: 3\na: 31/02/2024\ns: {titre: S, valeur: q + absente}\nt . u: {titre: T, valeur: 1}\n", NULL);
    assert_int_equal(out.n, 5);
    assert_string_equal(said(*state, &out.v[0]), "error expression 3:11 r /r/valeur");
    assert_string_equal(said(*state, &out.v[1]), "error list 6:10 q /q/somme");
    assert_string_equal(said(*state, &out.v[2]), "error date 7:4 a /a");
    assert_string_equal(said(*state, &out.v[3]), "error unknown_reference 8:23 s /s/valeur");
    assert_string_equal(said(*state, &out.v[4]), "error no_parent 9:1 t . u /t . u");
}

static void yaml_faults(void **state)
{
    finds(*state, "r: 1\n  s: 2\n", "error yaml 2:4  ");
    finds(*state, "r: 1\nr: 2\n", "error yaml 2:1  ");
    finds(*state, "r: [1\n", "error yaml 2:1  ");
    finds(*state, "- 1\n", "error rule 0:0  ");
    finds_nothing(*state, "");
}

static void cycles(void **state)
{
    struct rules_findings out = looked(*state, "a: {titre: A, valeur: b + 1}\nb: {titre: B, valeur: c * 2}\nc: {titre: C, valeur: a - 1}\n", NULL);
    assert_int_equal(out.n, 1);
    assert_string_equal(said(*state, &out.v[0]), "error cycle 1:1 a /a");
    assert_true(str_find(out.v[0].message, S("a → b → c → a")) >= 0);
    /* by a replacement: b replaces what c reads */
    out = looked(*state, "a: {titre: A, valeur: 1}\nb: {titre: B, remplace: a, valeur: c + 1}\nc: {titre: C, valeur: a + 1}\n", NULL);
    assert_int_equal(out.n, 1);
    assert_true(str_find(out.v[0].message, S("b → c → b")) >= 0);
    /* conditions may keep them apart */
    finds(*state, "x: {question: X ?}\na: {titre: A, applicable si: x, valeur: b}\nb: {titre: B, non applicable si: x, valeur: a}\n", "warning cycle 2:1 a /a");
}

static void what_is_no_cycle(void **state)
{
    finds_nothing(*state, "a:\n  titre: A\n  valeur: 100 € - a * 10%\n  résoudre la référence circulaire: oui\n");
    finds_nothing(*state, "a: {titre: A, valeur: b * 2, avec: {b: 3}}\n");
    finds_nothing(*state, "a: {titre: A, toutes ces conditions: [b, c > 2], avec: {b: {question: B ?}, c: 3}}\n");
    finds_nothing(*state, "net: {titre: Net, unité: €, valeur: brut * 80%}\nbrut: {titre: Brut, unité: €, inversion numérique: [net]}\n");
    finds_nothing(*state, "x: {titre: X, valeur: 2 €}\na: {titre: A, valeur: x * 3}\nb: {titre: B, valeur: a, contexte: {x: 5 €}}\n");
}

static void units(void **state)
{
    finds(*state, GOAL "a + b}\na: 3 €\nb: 2 mois\n", "error unit 1:30 r /r/valeur");
    finds(*state, "r:\n  titre: R\n  somme:\n    - a\n    - 5 €\na: {question: A ?, unité: €/mois}\n", "error unit 3:3 r /r/somme");
    finds(*state, "r: {titre: R, valeur: a, plafond: 3 mois}\na: {question: A ?, unité: €}\n", "error unit 1:35 r /r/plafond");
    finds(*state, GOAL "a * b > 3 €}\na: {question: A ?, unité: €/mois}\nb: {question: B ?, unité: €}\n", "error unit 1:30 r /r/valeur");
    finds(*state, GOAL "3 enfants + 2 €}\n", "warning unit 1:30 r /r/valeur");
    finds(*state, "r: {titre: R, valeur: a * 2, unité: mois}\na: {question: A ?, unité: €}\n", "warning unit 1:37 r /r/unité");
    finds(*state, "r:\n  titre: R\n  barème:\n    assiette: a\n    tranches:\n      - {taux: 3 €, plafond: 5 €}\n      - taux: 4%\na: {question: A ?, unité: €}\n", "error unit 6:16 r /r/barème/tranches/0/taux");
    finds(*state, "r:\n  titre: R\n  grille:\n    assiette: a\n    tranches:\n      - {montant: 3 €, plafond: 5 mois}\n      - montant: 4 €\na: {question: A ?, unité: €}\n", "error unit 3:3 r /r/grille");
    finds_nothing(*state, GOAL "a + b + 3 + 10%}\na: 3 €/mois\nb: 2 k€/an\n");
    finds_nothing(*state, GOAL "a * b + 3 €}\na: 3 €/mois\nb: {question: B ?, unité: mois}\n");
    finds_nothing(*state, "r: {titre: R, valeur: a / b, plancher: 2}\na: {question: A ?, unité: €}\nb: {question: B ?, unité: €/an}\n");
    finds_nothing(*state, "r: {titre: R, valeur: a, plafond: non}\na: {question: A ?, unité: €}\n");
}

static void types(void **state)
{
    finds(*state, GOAL "d > 3}\nd: 01/02/2024\n", "error type 1:30 r /r/valeur");
    finds(*state, GOAL "t = 3}\nt: {titre: T, texte: bonjour}\n", "error type 1:30 r /r/valeur");
    finds(*state, GOAL "t * 2}\nt: {titre: T, texte: bonjour}\n", "error type 1:30 r /r/valeur");
    finds(*state, GOAL "c > 2}\nc: {titre: C, valeur: n > 3}\nn: {question: N ?, unité: €}\n", "error type 1:30 r /r/valeur");
    finds(*state, "r:\n  titre: R\n  condition: {si: n * 2, alors: 1, sinon: 2}\nn: {question: N ?, unité: €}\n", "error type 3:3 r /r/condition");
    finds(*state, "r:\n  titre: R\n  toutes ces conditions:\n    - n\n    - n > 3 €\nn: {question: N ?, unité: €}\n", "warning type 3:3 r /r/toutes ces conditions");
    finds(*state, "r: {titre: R, durée: {depuis: n}}\nn: {question: N ?, unité: €}\n", "error type 1:15 r /r/durée");
    finds_nothing(*state, GOAL "d > 01/2024}\nd: {question: D ?, type: date}\n");
    finds_nothing(*state, GOAL "n = non}\nn: {question: N ?, unité: €}\n");
    finds_nothing(*state, "r: {titre: R, applicable si: n, valeur: n * 2}\nn: {question: N ?, unité: €}\n");
    finds_nothing(*state, GOAL "d = '01/02/2024'}\nd: {question: D ?, type: date}\n");
}

static void choices(void **state)
{
    const char *list = "contrat: {question: C ?, une possibilité: [CDI, CDD], avec: {CDI: {titre: CDI}, CDD: {titre: CDD}}}\n";
    finds(*state, str_z(*state, str_fmt(*state, "%sr: {titre: R, valeur: contrat = 'stage'}\n", list)), "error no_choice 2:23 r /r/valeur");
    finds_nothing(*state, str_z(*state, str_fmt(*state, "%sr: {titre: R, valeur: contrat = 'CDI'}\n", list)));
    finds(*state, "n: {question: N ?, une possibilité: [1 €, 2 €]}\nr: {titre: R, valeur: n = 3 €}\n", "error no_choice 2:23 r /r/valeur");
    finds_nothing(*state, "n: {question: N ?, une possibilité: [1 €, 2 €]}\nr: {titre: R, valeur: n = 2 €}\n");
}

static void branches(void **state)
{
    finds(*state, "r:\n  titre: R\n  variations:\n    - si: taux > 5%\n      alors: 1\n    - sinon: 2\ntaux: 3%\n", "warning never_taken 4:11 r /r/variations/0/si");
    finds(*state, "r:\n  titre: R\n  variations:\n    - si: taux < 5%\n      alors: 1\n    - sinon: 2\ntaux: 3%\n", "warning never_taken 6:7 r /r/variations/1");
    finds(*state, "r:\n  titre: R\n  variations:\n    - sinon: 2\n    - si: q\n      alors: 1\nq: {question: Q ?}\n", "warning never_taken 5:7 r /r/variations/1");
    finds(*state, "r:\n  titre: R\n  variations:\n    - si: q > 2\n      alors: 1\n    - si: q > 2\n      alors: 3\nq: {question: Q ?, unité: €}\n", "warning never_taken 6:11 r /r/variations/1/si");
    finds(*state, "r:\n  titre: R\n  condition:\n    si:\n      toutes ces conditions: [q, 1 > 2]\n    alors: 1\n    sinon: 2\nq: {question: Q ?}\n", "warning never_taken 4:5 r /r/condition/si");
    finds(*state, "r: {titre: R, applicable si: 1 > 2, valeur: 3}\n", "warning never_taken 1:30 r /r/applicable si");
    finds_nothing(*state, "r:\n  titre: R\n  variations:\n    - si: taux > 5%\n      alors: 1\n    - sinon: 2\ntaux: {par défaut: 3%}\n");
    finds_nothing(*state, "r:\n  titre: R\n  variations:\n    - si: taux > 5%\n      alors: 1\n    - sinon: 2\ntaux: 3%\nautre: {titre: A, valeur: r, contexte: {taux: 8%}}\n");
    finds_nothing(*state, "r: {titre: R, applicable si: actif, valeur: 3}\nactif: non\n");
}

static void bands(void **state)
{
    finds(*state, "r:\n  titre: R\n  grille:\n    assiette: a\n    tranches:\n      - {montant: 1 €, plafond: 600 €}\n      - montant: 2 €\n        plafond: 400 €\n      - montant: 3 €\na: {question: A ?, unité: €}\n",
          "error bands_order 8:18 r /r/grille/tranches/1/plafond");
    finds(*state, "r:\n  titre: R\n  barème:\n    assiette: a\n    tranches:\n      - taux: 1%\n      - taux: 2%\n        plafond: 400 €\na: {question: A ?, unité: €}\n", "error bands_order 8:18 r /r/barème/tranches/1/plafond");
    finds_nothing(*state, "r:\n  titre: R\n  grille:\n    assiette: a\n    tranches:\n      - {montant: 1 €, plafond: 600 €}\n      - {montant: 2 €, plafond: 1 k€}\n      - montant: 3 €\na: {question: A ?, unité: €}\n");
}

static void use(void **state)
{
    finds(*state, "r: {titre: R, valeur: 2}\nvieux taux: 3%\n", "warning unused 2:1 vieux taux /vieux taux");
    finds(*state, "r: {titre: R, valeur: 2, avec: {x: 3}}\n", "warning unused 1:33 r . x /r/avec/x");
    finds_nothing(*state, "r: {titre: R, valeur: a . b}\na:\na . b: 3\n");
    struct rules_check_options options = {.lang = LANG_FR};
    str goals[] = {S("r")};
    options.goals = (struct strs){goals, 1};
    struct rules_findings out = looked(*state, "r: {titre: R, valeur: a}\na: 3\nq: {titre: Q, valeur: b}\nb: 4\n", &options);
    assert_int_equal(out.n, 2);
    assert_string_equal(said(*state, &out.v[0]), "warning unused 3:1 q /q");
    assert_string_equal(said(*state, &out.v[1]), "warning unused 4:1 b /b");
}

static bool form_field(void *arg, str rule, struct rules_field *out)
{
    static str choices[] = {{"plein", 5}, {"réduit", 7}};
    (void)arg;
    if (str_is(rule, "revenu")) return *out = (struct rules_field){.type = RULE_TYPE_NUMBER, .unit = S("€/an")}, true;
    if (str_is(rule, "tarif choisi")) return *out = (struct rules_field){.type = RULE_TYPE_STRING, .choices = {choices, 2}}, true;
    if (str_is(rule, "né le")) return *out = (struct rules_field){.type = RULE_TYPE_DATE}, true;
    return false;
}

static void nobody_gives_it(void **state)
{
    finds(*state, GOAL "a * 2}\na: {unité: €}\n", "warning no_value 2:1 a /a");
    finds_nothing(*state, GOAL "a * 2}\na: {unité: €, par défaut: 3 €}\n");
    finds_nothing(*state, GOAL "a * 2}\na: {question: A ?, unité: €}\n");
    struct rules_check_options options = {.field = form_field, .lang = LANG_FR};
    struct rules_findings out = looked(*state, GOAL "a * 2}\na: {question: A ?, unité: €}\n", &options);
    assert_int_equal(out.n, 1);
    assert_string_equal(said(*state, &out.v[0]), "error no_value 2:1 a /a");
}

static void fields_have_the_types_of_their_form(void **state)
{
    struct rules_check_options options = {.field = form_field, .lang = LANG_EN};
    const char *fields = "revenu:\ntarif choisi:\nné le:\n";
    struct rules_findings out = looked(*state, str_z(*state, str_fmt(*state, "%sr: {titre: R, valeur: revenu > 3 mois}\ns: {titre: S, valeur: né le < 18}\nt: {titre: T, valeur: tarif choisi = 'plain'}\n", fields)), &options);
    assert_int_equal(out.n, 3);
    assert_string_equal(said(*state, &out.v[0]), "error unit 4:23 r /r/valeur");
    assert_string_equal(said(*state, &out.v[1]), "error type 5:23 s /s/valeur");
    assert_string_equal(said(*state, &out.v[2]), "error no_choice 6:23 t /t/valeur");
    assert_true(str_find(out.v[2].message, S("'plein', 'réduit'")) >= 0);
    out = looked(*state, str_z(*state, str_fmt(*state, "%sr: {titre: R, valeur: revenu / 12 > 300}\ns: {titre: S, valeur: né le < 01/2006}\nt: {titre: T, valeur: tarif choisi = 'plein'}\n", fields)), &options);
    assert_int_equal(out.n, 0);
}

/* Time is that of a test; memory that of arenas, which abort past their limits. */
static void hostile_text_is_refused_in_little_time(void **state)
{
    buf b = BUF((size_t)4 << 20);
    buf_lit(&b, "a:\n  somme:\n");
    for (int i = 0; i < 60000; i++) buf_lit(&b, "    - 1\n");
    struct rules_findings out;
    rules_check_text(*state, buf_str(&b), NULL, &out);
    assert_int_equal(out.errors, 1);
    assert_string_equal(out.v[0].code, "too_deep");
    b.n = 0;
    for (int i = 0; i < 30000; i++) buf_fmt(&b, "a%d: a%d\n", i, i + 1);
    buf_lit(&b, "a30000: 1\n");
    rules_check_text(*state, buf_str(&b), NULL, &out);
    assert_int_equal(out.errors, 0);
    b.n = 0;
    for (int i = 0; i < 10000; i++) buf_fmt(&b, "a%d: b + inconnue\n", i);
    rules_check_text(*state, buf_str(&b), NULL, &out);
    assert_int_equal(out.errors, 501);                  /* and then no more */
    b.n = 0;
    for (int i = 0; i < 15000; i++) buf_fmt(&b, "a%d: 1 u%c%c%c\n", i, 'a' + i / 676 % 26, 'a' + i / 26 % 26, 'a' + i % 26);
    rules_check_text(*state, buf_str(&b), NULL, &out);
    assert_int_equal(out.errors, 1);
    assert_string_equal(out.v[0].code, "too_large");
    b.n = 0;
    while (b.n <= RULES_TEXT_MOST) buf_lit(&b, "# rien\n");
    rules_check_text(*state, buf_str(&b), NULL, &out);
    assert_int_equal(out.errors, 1);
    buf_free(&b);
}

/* The reference's suite has no fault; the real model has three, which were looked at one by one: "dirigeant" (oui) is compared with a text, and
   'PFU' and 'avocat' are none of the possibilities of the rules they are compared with. */
static void no_false_fault_in_the_suite_and_the_model(void **state)
{
    struct rules_findings out;
    json_t *rules;
    str text;
    struct strs files = shared_names(*state, "rules/suite");
    if (!files.n) skip();
    for (size_t i = 0; i < files.n; i++) {
        assert_true(shared_data(*state, str_z(*state, str_fmt(*state, "rules/suite/%.*s", STR_ARG(files.v[i]))), &text));
        rules_check_text(*state, text, NULL, &out);
        assert_int_equal(out.errors, 0);
    }
    if (!shared_data(*state, "rules/modele-social/rules.json", &text)) skip();
    assert_int_equal(json_parse_max(*state, text, (size_t)8 << 20, &rules).code, OK);
    rules_check(*state, rules, NULL, &out);
    assert_int_equal(out.errors, 3);
    for (size_t i = 0; i < out.n; i++) assert_true(out.v[i].rule.n && out.v[i].path.n);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, mem_new, mem_free)
    const struct CMUnitTest tests[] = {T(unknown_references_all_of_them), T(what_the_parser_refuses_is_told_and_the_rest_read), T(yaml_faults), T(cycles), T(what_is_no_cycle), T(units), T(types), T(choices),
                                       T(branches), T(bands), T(use), T(nobody_gives_it), T(fields_have_the_types_of_their_form), T(hostile_text_is_refused_in_little_time),
                                       T(no_false_fault_in_the_suite_and_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
