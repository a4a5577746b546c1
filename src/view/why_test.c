/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include "base/test.h"
#include "formats/yaml.h"
#include "rules/trace.h"
#include "shared_data.h"
#include "view/why.h"

static arena *a;
static struct rulebase *base;
static json_t *trace;

static int fresh(void **state)
{
    a = arena_new(0);
    return 0;
}

static int done(void **state)
{
    rulebase_free(base);
    base = NULL;
    arena_free(a);
    return 0;
}

static json_t *yaml(const char *text)
{
    json_t *v;
    assert_int_equal(yaml_parse(a, str_of(text), &v).code, OK);
    return v;
}

static void traced(const char *rules, const char *situation, const char *asked)
{
    struct rule_fault fault;
    struct rulebase_options options = {.today = S("30/11/2026")};
    rulebase_free(base);
    base = NULL;
    assert_int_equal(rulebase_new(&base, yaml(rules), &options, &fault).code, OK);
    assert_int_equal(rules_trace(a, base, yaml(situation), str_of(asked), NULL, &trace, &fault).code, OK);
}

/* No-break spaces as plain ones. */
static str plain(str s)
{
    buf b = BUF(8 << 20);
    for (size_t i = 0; i < s.n; i++) {
        str left = str_cut(s, i, s.n);
        bool narrow = str_starts(left, S("\u202f")), wide = str_starts(left, S("\u00a0"));
        buf_char(&b, narrow || wide ? ' ' : s.p[i]);
        i += narrow ? 2 : wide;
    }
    s = str_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static const char *sentence(const char *rules, const char *situation, const char *asked)
{
    traced(rules, situation, asked);
    struct why_names names = why_names_of(base);
    return str_z(a, plain(why_sentence(a, LANG_FR, trace, &names)));
}

static str page(enum lang lang)
{
    struct why_names names = why_names_of(base);
    struct html h = why_html(a, lang, trace, &names, NULL);
    return plain((str){h.p, h.n});
}

static bool has(str s, const char *z) { return str_find(s, str_of(z)) >= 0; }

static size_t count(str s, const char *z)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(s, str_of(z))) >= 0; n++) s = str_cut(s, (size_t)at + 1, s.n);
    return n;
}

static const char tariff[] = "quotient familial:\n  titre: Quotient familial\n  question: Lequel ?\n  unité: €\n"
                             "tarif:\n  titre: Tarif du soir\n  grille:\n    assiette: quotient familial\n    tranches:\n      - {montant: 1.10 €, plafond: 400 €}\n"
                             "      - {montant: 2.10 €, plafond: 600 €}\n      - {montant: 3.50 €}\n";

/* CRPA R311-3-1-2: "sous une forme intelligible", the parameters and how they apply to the person's situation. */
static void the_band_in_a_sentence(void **state)
{
    assert_string_equal(sentence(tariff, "quotient familial: 540 €", "tarif"), "Tarif du soir : 2,10 €, parce que Quotient familial (540 €) est dans la tranche de 400 € à 600 €.");
    assert_string_equal(sentence(tariff, "quotient familial: 200 €", "tarif"), "Tarif du soir : 1,10 €, parce que Quotient familial (200 €) est dans la tranche en dessous de 400 €.");
    assert_string_equal(sentence(tariff, "quotient familial: 1234.5 €", "tarif"), "Tarif du soir : 3,50 €, parce que Quotient familial (1 234,50 €) est dans la tranche à partir de 600 €.");
    assert_string_equal(sentence(tariff, "{}", "tarif"), "Tarif du soir : pas encore connu, parce qu’il manque Quotient familial.");
}

static void each_mechanism_has_its_sentence(void **state)
{
    static const struct { const char *rules, *said; } cases[] = {
        {"r: a * 2\n", "r : 6, c’est-à-dire a (3) multiplié par 2."},
        {"r: a < 18\n", "r : oui, a (3) est inférieur à 18."},
        {"r: a > 18\n", "r : non, a (3) n’est pas supérieur à 18."},
        {"r:\n  somme: [a, b, 1]\n", "r : 9, la somme de a (3), b (5) et 1."},
        {"r:\n  le maximum de: [a, b]\n", "r : 5, le plus grand parmi a (3) et b (5)."},
        {"r:\n  valeur: b\n  plafond: 4\n", "r : 4, parce que b (5) dépasse le plafond de 4."},
        {"r:\n  valeur: b\n  plafond: 8\n", "r : 5, c’est la valeur de « b », sans dépasser le plafond de 8."},
        {"r:\n  valeur: a\n  plancher: 4\n", "r : 4, parce que a (3) n’atteint pas le plancher de 4."},
        {"r:\n  valeur: b / a\n  arrondi: 2 décimales\n", "r : 1,67, 1,6667 arrondi à 2 décimales."},
        {"r:\n  valeur: 2.1 * a\n  arrondi: 2 décimales\n", "r : 6,3, c’est-à-dire 2,1 multiplié par a (3)."},      /* 6.300000000000001 */
        {"r:\n  valeur: b / a\n  arrondi: oui\n", "r : 2, 1,6667 arrondi à l’unité."},
        {"r:\n  applicable si: a > 5\n  valeur: b\n", "r : ne s’applique pas, parce que : a (3) n’est pas supérieur à 5."},
        {"r:\n  variations:\n    - si: a > 5\n      alors: 1\n    - sinon: 2\n", "r : 2, parce qu’aucun des cas précédents ne convient."},
        {"r:\n  variations:\n    - si: a > 2\n      alors: 1\n    - sinon: 2\n", "r : 1, parce que : a (3) est supérieur à 2."},
        {"r:\n  toutes ces conditions: [a > 2, b > 9]\n", "r : non, toutes les conditions ne sont pas remplies."},
        {"r:\n  une de ces conditions: [a > 9, b > 9]\n", "r : non, aucune des conditions n’est remplie."},
        {"r:\n  abattement: b\n  valeur: a\n", "r : 0, parce que l’abattement de b (5) dépasse a (3)."},
        {"r:\n  durée:\n    depuis: 01/01/2026\n    jusqu'à: 11/01/2026\n", "r : 10 jours, la durée du 1er janvier 2026 au 11 janvier 2026."},
        {"r:\n  par défaut: 12\n", "r : 12, la valeur prise quand personne n’a répondu."},
        {"r: a\n", "r : 3, c’est la valeur de « a »."},
        {"s: a * 2\nr: s\n", "r : 6, c’est-à-dire a (3) multiplié par 2."},          /* not "the value of s" */
        {"s: a * 2\nr:\n  applicable si: b > 1\n  valeur: s\n", "r : 6, c’est-à-dire a (3) multiplié par 2."},
        {"r:\n  valeur: a * 10\n  contexte:\n    a: 7\n", "r : 70, en supposant a (7)."},
        {"r: 24000 €/an\n", "r : 24 000 € par an, une valeur que la règle fixe."},
        {"r: b - 20%\n", "r : 4, c’est-à-dire b (5) moins 20 %."},
        {"x:\n  remplace: a\n  valeur: 4\nr: a + 1\n", "r : 5, c’est-à-dire x (4) plus 1."},
        {"r:\n  barème:\n    assiette: b\n    tranches: [{taux: 10%, plafond: 4}, {taux: 50%}]\n", "r : 0,9, en comptant b (5) tranche par tranche, jusqu’à la tranche à partir de 4."},
        {"r:\n  est défini: a\n", "r : oui, la réponse est connue : a (3)."}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(sentence(str_fmt(a, "a:\n  valeur: 3\nb:\n  valeur: 5\n%s", cases[i].rules).p, "{}", "r"), cases[i].said);
    assert_string_equal(sentence("p:\n  question: Étudiant ?\np . aide: 50 €\n", "p: non", "p . aide"), "p . aide : ne s’applique pas, parce qu’elle dépend de « p », qui n’a pas lieu.");
}

static void a_tree_that_opens_and_links_to_its_rules(void **state)
{
    traced(tariff, "quotient familial: 540 €", "tarif");
    str s = page(LANG_FR);
    assert_true(has(s, "<ul class=\"why\"><li><details open><summary>Tarif du soir : <strong>2,10 €</strong>, parce que"));
    assert_true(has(s, "<li class=\"why-holds\">Tranche de 400 € à 600 € : <strong>2,10 €</strong>."));
    assert_true(has(s, "<li>Quotient familial : <strong>540 €</strong>, d’après la réponse donnée. <a class=\"why-see\" href=\"#regle-2\">Règle « Quotient familial »</a></li>"));
    assert_true(has(s, "<li id=\"regle-1\"><strong>Tarif du soir</strong> <code>tarif</code>"));
    assert_true(has(s, "montant: 2.10 €"));                          /* as it is written */
    assert_true(has(s, "Calcul fait au 30 novembre 2026."));
    s = page(LANG_EN);
    assert_false(has(s, "parce que"));
}

/* WCAG 3.1.2: the town's words are in French, wherever they stand in an English page; in a text, in an attribute, there is no mark. */
static void french_is_marked_in_an_english_page(void **state)
{
    traced(tariff, "quotient familial: 540 €", "tarif");
    struct why_names names = why_names_of(base);
    str s = page(LANG_EN);
    assert_true(has(s, "<summary><span lang=\"fr\">Tarif du soir</span>: <strong>2.10 €</strong>"));
    assert_true(has(s, "because <span lang=\"fr\">Quotient familial</span> (540 €) is in the band from 400 € to 600 €"));
    assert_true(has(s, "Rule “<span lang=\"fr\">Quotient familial</span>”</a>"));
    assert_true(has(s, "<strong><span lang=\"fr\">Tarif du soir</span></strong> <code lang=\"fr\">tarif</code>"));
    assert_true(has(s, "<pre tabindex=\"0\" lang=\"fr\">"));
    assert_int_equal(count(s, "<span"), count(s, "</span>"));
    assert_false(has(s, "\xEE\x80"));
    assert_false(has(page(LANG_FR), "lang="));
    assert_false(has(page(LANG_FR), "\xEE\x80"));
    s = why_sentence(a, LANG_EN, trace, &names);
    assert_true(has(s, "Tarif du soir: "));
    assert_false(has(s, "\xEE\x80"));
    s = why_sentence_marked(a, LANG_EN, trace, &names);
    assert_true(has(s, "\xEE\x80\x80Tarif du soir\xEE\x80\x8F: "));
}

static void words_of_units_too(void **state)
{
    static const struct { double n; const char *unit, *marked, *bare; } cases[] = {
        {2, "nuitée", "2\u00a0\uE000nuitées\uE00F", "2\u00a0nuitées"}, {1, "nuitée", "1\u00a0\uE000nuitée\uE00F", "1\u00a0nuitée"}, {540, "€/mois", "540\u00a0€ per \uE000mois\uE00F", "540\u00a0€ per mois"},
        {3, "€/an.enfant", "3\u00a0€ per \uE000an\uE00F and per \uE000enfant\uE00F", "3\u00a0€ per an and per enfant"}, {5, "kWh", "5\u00a0kWh", "5\u00a0kWh"}, {5, "%", "5\u00a0%", "5\u00a0%"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *n = json_own(a, json_real(cases[i].n));
        assert_string_equal(str_z(a, why_value_marked(a, LANG_EN, n, str_of(cases[i].unit))), cases[i].marked);
        assert_string_equal(str_z(a, why_value(a, LANG_EN, n, str_of(cases[i].unit))), cases[i].bare);
    }
}

static struct url url_of(void *arg, str rule) { return URL(a, "/regles/{}", rule); }
static str words_of(void *arg, str rule, str value) { return str_is(value, "e2") ? S("Marié") : STR_NONE; }

static void names_come_from_who_asks(void **state)
{
    traced("état:\n  question: Lequel ?\nr:\n  variations:\n    - si: état = 'e2'\n      alors: 1\n    - sinon: 2\n", "{\"état\": \"'e2'\"}", "r");
    struct why_names names = {.value = words_of, .page = url_of};
    struct html h = why_html(a, LANG_FR, trace, &names, &(struct why_options){.heading = 3, .open = true});
    str s = plain((str){h.p, h.n});
    assert_true(has(s, "état (Marié) est égal à"));
    assert_true(has(s, "href=\"/regles/%C3%A9tat\""));
    assert_true(has(s, "<h3 id=\"pas-a-pas\">"));
    assert_int_equal(count(s, "<details>"), 0);
}

static void what_rules_hold_is_never_markup(void **state)
{
    traced("a:\n  titre: <script>x</script>\n  valeur: \"'<b>\\\"&'\"\n", "{}", "a");
    str s = page(LANG_FR);
    assert_false(has(s, "<script"));
    assert_false(has(s, "<b>"));
}

/* 280 rules, each explained once: the page grows with them. */
static void a_real_model(void **state)
{
    struct rule_fault fault;
    json_t *model, *cases;
    str rules_text = STR_NONE, cases_text = STR_NONE;
    if (!shared_data(a, "rules/modele-social/rules.json", &rules_text) || !shared_data(a, "rules/modele-social/cases.json", &cases_text)) skip();
    assert_int_equal(json_parse(a, rules_text, &model).code, OK);
    assert_int_equal(json_parse(a, cases_text, &cases).code, OK);
    assert_int_equal(rulebase_new(&base, model, NULL, &fault).code, OK);
    assert_int_equal(rules_trace(a, base, json_object_get(json_array_get(cases, 0), "situation"), S("salarié . rémunération . net . payé après impôt"), NULL, &trace, &fault).code, OK);
    str s = page(LANG_FR);
    print_message("%zu bytes, %zu details\n", s.n, count(s, "<details"));
    assert_true(s.n > 10000 && s.n < (size_t)2 << 20);
    assert_int_equal(count(s, "<details"), count(s, "</details>"));
    assert_int_equal(count(s, "<ul"), count(s, "</ul>"));
    assert_int_equal(count(s, "<li"), count(s, "</li>") + count(s, "<link"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_band_in_a_sentence, fresh, done),
        cmocka_unit_test_setup_teardown(each_mechanism_has_its_sentence, fresh, done),
        cmocka_unit_test_setup_teardown(a_tree_that_opens_and_links_to_its_rules, fresh, done),
        cmocka_unit_test_setup_teardown(french_is_marked_in_an_english_page, fresh, done),
        cmocka_unit_test_setup_teardown(words_of_units_too, fresh, done),
        cmocka_unit_test_setup_teardown(names_come_from_who_asks, fresh, done),
        cmocka_unit_test_setup_teardown(what_rules_hold_is_never_markup, fresh, done),
        cmocka_unit_test_setup_teardown(a_real_model, fresh, done)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
