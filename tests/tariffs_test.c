/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The tariffs of the library: the examples that their rules carry, and whole forms worked out by hand, with the article each follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/form_rules.h"
#include "core/kinds.h"
#include "core/testing.h"
#include "formats/json.h"
#include "rules/examples.h"
#include "rules/trace.h"
#include "view/why.h"

static const struct kind *library_kind(arena *mem, const char *name)
{
    json_t *v;
    struct kind *k;
    ASSERT_OK(kind_library_get(mem, str_of(name).p, &v));
    ASSERT_OK(kind_parse_any(mem, v, &k));
    return k;
}

static void example_failed(void *arg, str rule, str example, str why)
{
    print_error("%s: %.*s (%.*s): %.*s\n", (const char *)arg, STR_ARG(rule), STR_ARG(example), STR_ARG(why));
}

static void every_example_of_the_library_holds(void **state)
{
    struct test_store *t = *state;
    size_t passed = 0, kinds = 0;
    for (const char *const *name = kind_names_library; *name; name++) {
        const struct kind *k = library_kind(t->mem, *name);
        if (!k->rules) continue;
        struct examples_result r = examples_run(k->fields.rules->base, example_failed, (void *)(uintptr_t)*name);
        assert_int_equal(r.failed, 0);
        passed += r.passed;
        kinds++;
    }
    assert_int_equal(kinds, 2);
    assert_true(passed >= 50);
}

/* What a town would change is a parameter with words that people read. */
static void each_amount_voted_has_a_title(void **state)
{
    struct test_store *t = *state;
    size_t amounts = 0;
    for (const char *const *name = kind_names_library; *name; name++) {
        const struct kind *k = library_kind(t->mem, *name);
        const char *rule;
        json_t *one;
        json_object_foreach((json_t *)k->rules, rule, one)
        {
            if (!str_starts(str_of(rule), S("délibération . ")) && !str_starts(str_of(rule), S("barème légal . "))) continue;
            if (!json_str(one, "titre").n || !json_object_get(one, "valeur")) fail_msg("%s: %s has no title or no amount", *name, rule);
            amounts++;
        }
    }
    assert_true(amounts > 40);
}

#define AT INT64_C(1764000000000000)    /* a day of November 2025 */
static const char someone[] = "\"f1\":\"Marie Imagier\",\"f2\":{\"street\":\"3 rue des Images\",\"postcode\":\"88000\",\"commune\":\"Épinal\"},\"f3\":\"+33639980123\","
                              "\"f15\":\"caf\",\"f16\":\"0012345\",";
static const char somewhere[] = "\"f1\":\"Jean Lodge\",\"f2\":\"Gîte des Images\",\"f3\":{\"street\":\"3 rue des Images\",\"postcode\":\"88000\",\"commune\":\"Épinal\"},"
                                "\"f6\":\"2025-07-01\",\"f7\":\"2025-09-30\",\"f24\":true,";

/* The answers as they would be filed, with what is computed. missing: how many questions were left. */
static json_t *filed(struct test_store *t, const struct kind *k, const char *common, const char *answers, size_t missing)
{
    json_t *doc, *out;
    struct answers_env env = {.now_us = AT};
    struct answer_faults faults = {0};
    ASSERT_OK(json_parse(t->mem, str_fmt(t->mem, "{%s%s}", common, answers), &doc));
    ASSERT_OK(answers_check(k, t->mem, doc, &env, true, &out, &faults));
    if (faults.n != missing)
        for (size_t i = 0; i < faults.n; i++) print_error("%.*s: %s\n", STR_ARG(faults.v[i].path), faults.v[i].msg);
    assert_int_equal(faults.n, missing);
    return out;
}

static void is_number(const json_t *doc, const char *field, double wanted, const char *why)
{
    const json_t *v = json_object_get(doc, field);
    if (!json_is_number(v)) fail_msg("%s: %s is not computed", why, field);
    double got = json_number_value(v);
    if (got < wanted - 0.0001 || got > wanted + 0.0001) fail_msg("%s: %s is %f, not %f", why, field, got, wanted);
}

#define CHILD(id_, name_, more_) "{\"_id\":\"" id_ "\",\"f5\":\"" name_ "\",\"f6\":\"2019-07-14\",\"f7\":\"École du Centre\",\"f9\":false,\"f10\":false," more_ "}"
#define EVENINGS(n_) "\"f8\":[\"soir\"],\"f19\":" #n_

static void after_school_is_paid_by_income_and_children(void **state)
{
    /* f27 quotient, f28 band, f30 an evening, f32 a month. The CAF's quotient: (income / 12 + benefits) / shares. */
    static const struct { const char *why, *answers; double quotient, evening, month; const char *band; } cases[] = {
        {"540 €, one child, two evenings: 2 × 2.10 × 3.6", "\"f4\":[" CHILD("a", "Lou", EVENINGS(2)) "],\"f21\":\"connu\",\"f22\":540", 540, 2.10, 15.12, "Tranche 2"},
        {"(21,000 / 12 + 148) / 3 = 632.67, rounded to the euro", "\"f4\":[" CHILD("a", "Lou", EVENINGS(2)) "],\"f21\":\"calcul\",\"f23\":21000,\"f24\":148,\"f25\":2", 633, 2.80, 20.16, "Tranche 3"},
        {"the third child is worth a share: (30,000 / 12 + 300) / 4", "\"f4\":[" CHILD("a", "Lou", EVENINGS(1)) "],\"f21\":\"calcul\",\"f23\":30000,\"f24\":300,\"f25\":3", 700, 2.80, 10.08, "Tranche 3"},
        {"two children registered, 10 % less (loi 98-657, article 147): (2 + 4) × 2.10 × 3.6 × 0.9",
         "\"f4\":[" CHILD("a", "Lou", EVENINGS(2)) "," CHILD("b", "Tom", EVENINGS(4)) "],\"f21\":\"connu\",\"f22\":540", 540, 2.10, 40.82, "Tranche 2"},
        {"who does not say pays the last band’s", "\"f4\":[" CHILD("a", "Lou", EVENINGS(1)) "],\"f21\":\"sans\"", 1500, 4.40, 15.84, "Tranche 5"},
    };
    struct test_store *t = *state;
    const struct kind *k = library_kind(t->mem, "accueil-periscolaire");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *out = filed(t, k, someone, cases[i].answers, 0);
        is_number(out, "f27", cases[i].quotient, cases[i].why);
        is_number(out, "f30", cases[i].evening, cases[i].why);
        is_number(out, "f32", cases[i].month, cases[i].why);
        assert_true(str_starts(json_str(out, "f28"), str_of(cases[i].band)));
        assert_null(json_object_get(out, "f29"));           /* nobody comes in the morning */
    }
}

/* What the client says of a computed value counts for nothing; what is missing leaves it absent. */
static void a_price_is_never_typed(void **state)
{
    struct test_store *t = *state;
    const struct kind *k = library_kind(t->mem, "accueil-periscolaire");
    json_t *out = filed(t, k, someone, "\"f4\":[" CHILD("a", "Lou", EVENINGS(2)) "],\"f21\":\"connu\",\"f22\":2000,\"f27\":10,\"f30\":0.01,\"f32\":0", 0);
    is_number(out, "f30", 4.40, "a client that lies");
    is_number(out, "f27", 2000, "a client that lies");
    out = filed(t, k, someone, "\"f4\":[" CHILD("a", "Lou", EVENINGS(2)) "],\"f21\":\"calcul\",\"f24\":148,\"f25\":2,\"f30\":0.01", 1);
    assert_null(json_object_get(out, "f30"));               /* the income is missing */
    assert_null(json_object_get(out, "f32"));
}

#define STAY(id_, nights_, people_, minors_, exempt_, more_)                                                                                                     \
    "{\"_id\":\"" id_ "\",\"f10\":\"2025-08-01\",\"f11\":" #nights_ ",\"f12\":" #people_ ",\"f13\":" #minors_ ",\"f14\":" #exempt_ more_ "}"

static void the_tourist_tax_follows_the_code(void **state)
{
    /* f19 person-nights, f20 the town's, f21 the department's, f23 to pay. */
    static const struct { const char *why, *answers; double nights, town, department, total; } cases[] = {
        {"CGCT L2333-30, three stars: 2 adults, 2 nights, 1.50 €; L3333-1: 10 % more", "\"f4\":\"e3\",\"f9\":[" STAY("a", 2, 2, 0, 0, "") "]", 4, 6, 0.60, 6.60},
        {"L2333-31, 1°: minors owe nothing", "\"f4\":\"e3\",\"f9\":[" STAY("a", 7, 4, 2, 0, "") "]", 14, 21, 2.10, 23.10},
        {"L2333-31, 2°: nor seasonal workers", "\"f4\":\"e1\",\"f9\":[" STAY("a", 30, 1, 0, 1, ",\"f15\":[\"saisonnier\"]") "," STAY("b", 1, 2, 0, 0, "") "]", 2, 1.60, 0.16, 1.76},
        {"L2333-30, not classified: 700 € before tax for a week and four, 5 % of 25 €", "\"f4\":\"sans\",\"f9\":[" STAY("a", 7, 4, 2, 0, ",\"f16\":700") "]", 14, 17.50, 1.75, 19.25},
        {"L2333-30: 5 % of 500 € is held to the highest rate adopted", "\"f4\":\"sans\",\"f9\":[" STAY("a", 2, 2, 0, 0, ",\"f16\":2000") "]", 4, 16, 1.60, 17.60},
        {"L2333-31, 4°: a rent below what the council set", "\"f4\":\"sans\",\"f9\":[" STAY("a", 3, 1, 0, 0, ",\"f16\":12") "]", 0, 0, 0, 0},
        {"two stays, each with its own price", "\"f4\":\"sans\",\"f9\":[" STAY("a", 7, 4, 2, 0, ",\"f16\":700") "," STAY("b", 2, 2, 0, 0, ",\"f16\":2000") "]", 18, 33.50, 3.35, 36.85},
        {"a campsite of two stars: 0.20 €, whatever the season", "\"f4\":\"simple\",\"f9\":[" STAY("a", 10, 5, 3, 0, "") "]", 20, 4, 0.40, 4.40},
        {"nobody came", "\"f4\":\"e3\"", 0, 0, 0, 0},
    };
    struct test_store *t = *state;
    const struct kind *k = library_kind(t->mem, "taxe-sejour");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *out = filed(t, k, somewhere, cases[i].answers, 0);
        is_number(out, "f19", cases[i].nights, cases[i].why);
        is_number(out, "f20", cases[i].town, cases[i].why);
        is_number(out, "f21", cases[i].department, cases[i].why);
        is_number(out, "f23", cases[i].total, cases[i].why);
        assert_null(json_object_get(out, "f22"));           /* no tax of the region here */
    }
}

/* The right to the rules and to their main traits, in an intelligible form (CRPA L311-3-1, R311-3-1-2): which band, and why. */
static void an_explanation_names_the_band(void **state)
{
    static const struct { const char *kind, *situation, *asked, *says[4]; } cases[] = {
        {"accueil-periscolaire", "{\"manière\":\"'calcul'\",\"revenus\":\"17500\",\"prestations\":\"148\",\"enfants à charge\":\"2\"}", "tarif du soir",
         {"Prix d’un soir", "2,10", "535", "est dans la tranche de 400"}},
        {"accueil-periscolaire", "{\"manière\":\"'sans'\"}", "tarif du soir", {"4,40", "est dans la tranche à partir de 1"}},
        {"taxe-sejour", "{\"catégorie\":\"'sans'\",\"prix\":\"700\",\"nuits\":\"7\",\"voyageurs\":\"4\",\"mineurs\":\"2\",\"autres exonérés\":\"0\"}", "taxe du séjour",
         {"Taxe de ce séjour", "17,50", "14", "1,25"}},
        {"taxe-sejour", "{\"séjours . somme de taxe\":\"33.5\"}", "total à verser", {"36,85", "Taxe additionnelle du département", "3,35"}},
    };
    struct test_store *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rulebase *base = library_kind(t->mem, cases[i].kind)->fields.rules->base;
        json_t *situation, *trace;
        struct rule_fault fault;
        ASSERT_OK(json_parse(t->mem, str_of(cases[i].situation), &situation));
        ASSERT_OK(rules_trace(t->mem, base, situation, str_of(cases[i].asked), NULL, &trace, &fault));
        struct why_names names = why_names_of(base);
        str said = why_sentence(t->mem, LANG_FR, trace, &names);
        for (size_t w = 0; w < 4 && cases[i].says[w]; w++)
            if (str_find(said, str_of(cases[i].says[w])) < 0) fail_msg("“%.*s” does not say “%s”", STR_ARG(said), cases[i].says[w]);
    }
}

static void an_amount_is_said_with_its_unit(void **state)
{
    struct test_store *t = *state;
    static const struct { const char *unit; bool money; double x; const char *fr, *en; } said[] = {
        {"€/séance", false, 2.1, "2,10\u00a0€/séance", "€2.10/séance"}, {"€/mois", false, 16, "16\u00a0€/mois", "€16/mois"}, {"€", true, 17.5, "17,50\u00a0€", "€17.50"},
        {"", true, 17.5, "17,50\u00a0€", "€17.50"}, {"kg", false, 12, "12\u00a0kg", "12\u00a0kg"}, {"", false, 1.5, "1,5", "1.5"}};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct field f = {.type = field_type_named(S("number")), .unit = str_of(said[i].unit), .money = said[i].money};
        json_t *x = json_real(said[i].x);
        struct answers_env env = {.lang = LANG_FR}, en = {.lang = LANG_EN};
        assert_string_equal(str_z(t->mem, f.type->show(&f, t->mem, x, &env)), said[i].fr);
        assert_string_equal(str_z(t->mem, f.type->show(&f, t->mem, x, &en)), said[i].en);
        json_decref(x);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(every_example_of_the_library_holds), STORE_TEST(each_amount_voted_has_a_title),
                                              STORE_TEST(after_school_is_paid_by_income_and_children), STORE_TEST(a_price_is_never_typed),
                                              STORE_TEST(the_tourist_tax_follows_the_code), STORE_TEST(an_explanation_names_the_band), STORE_TEST(an_amount_is_said_with_its_unit)};
    return STORE_RUN(tests);
}
