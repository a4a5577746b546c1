/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "formats/json.h"
#include "rules/engine.h"
#include "rule_model.h"
#include "rules/rules.h"

static arena *mem;

static const struct rule *parsed(const char *text)
{
    struct rule *r = NULL;
    err e = rule_parse(mem, str_of(text), &r);
    if (e.code != OK)
        print_message("refused: %s at %s: %s\n", e.msg, e.at ? e.at : "-", text);
    assert_int_equal(e.code, OK);
    return r;
}

static void refused(const char *text, const char *msg, const char *at)
{
    struct rule *r = NULL;
    err e = rule_parse(mem, str_of(text), &r);
    if (e.code != E_INVALID)
        print_message("taken: %s\n", text);
    assert_int_equal(e.code, E_INVALID);
    assert_null(r);
    assert_string_equal(e.msg, msg);
    if (at)
        assert_string_equal(e.at, at);
}

struct named { const char *name; struct rule_value value; };

static struct rule_value lookup(void *arg, str name)
{
    for (const struct named *n = arg; n->name; n++)
        if (str_is(name, n->name))
            return n->value;
    return (struct rule_value){0};
}

static str options[] = {{"carte", 5}, {"chèque", 7}};
static const struct named town[] = {
    {"âge", {.kind = RULE_NUMBER, .number = 18}},
    {"rappel souhaité", {.kind = RULE_BOOL, .b = true}},
    {"refus", {.kind = RULE_BOOL}},
    {"commune", {.kind = RULE_TEXT, .text = {"Épinal", 7}}},
    {"date d'arrivée", {.kind = RULE_DATE, .days = 20697}},              /* 1 September 2026 */
    {"moyens", {.kind = RULE_LIST, .list = {options, 2}}},
    {"foyer . enfants", {.kind = RULE_NUMBER, .number = 2.5}},
    {0}};

static void gives(const char *text, enum rule_truth wanted)
{
    union { const struct named *in; void *out; } arg = {town};
    enum rule_truth t = rule_eval(parsed(text), lookup, arg.out);
    if (t != wanted)
        print_message("%d, not %d: %s\n", t, wanted, text);
    assert_int_equal(t, wanted);
}

#define NONE(a, b) "variations:\n  - si:\n      une de ces conditions:\n        - " a "\n        - " b "\n    alors: non\n  - sinon: oui\n"

static void compares(void **state)
{
    static const struct { const char *text; enum rule_truth t; } cases[] = {
        {"âge = 18", RULE_TRUE}, {"âge != 18", RULE_FALSE}, {"âge < 18", RULE_FALSE}, {"âge <= 18", RULE_TRUE},
        {"âge > 17.5", RULE_TRUE}, {"âge >= 18.01", RULE_FALSE}, {"âge>-1", RULE_TRUE}, {"18 <= âge", RULE_TRUE}, {"19 > âge", RULE_TRUE},
        {"rappel souhaité", RULE_TRUE}, {"rappel souhaité = oui", RULE_TRUE}, {"rappel souhaité = non", RULE_FALSE},
        {"refus", RULE_FALSE}, {"refus = non", RULE_TRUE}, {"refus != non", RULE_FALSE},
        {"commune = 'Épinal'", RULE_TRUE}, {"commune = \"Épinal\"", RULE_TRUE}, {"commune != 'Golbey'", RULE_TRUE},
        {"'Épinal' = commune", RULE_TRUE}, {"commune = 'a = b'", RULE_FALSE}, {"'a = b' = commune", RULE_FALSE},
        {"date d'arrivée = 01/09/2026", RULE_TRUE}, {"date d'arrivée = 9/2026", RULE_TRUE}, {"date d'arrivée < 2/9/2026", RULE_TRUE},
        {"date d'arrivée >= 12/2026", RULE_FALSE},
        {"moyens = 'carte'", RULE_TRUE}, {"moyens = 'espèces'", RULE_FALSE}, {"moyens != 'espèces'", RULE_TRUE}, {"moyens != 'chèque'", RULE_FALSE},
        {"foyer . enfants > 2", RULE_TRUE}, {"foyer.enfants = 2.5", RULE_TRUE}, {"foyer  .  enfants = 2.5", RULE_TRUE},
        /* unknown: undefined, or of another kind */
        {"taille = 1", RULE_UNKNOWN}, {"taille != 1", RULE_UNKNOWN}, {"taille", RULE_UNKNOWN}, {"âge = 'x'", RULE_UNKNOWN},
        {"âge != 'x'", RULE_UNKNOWN}, {"commune", RULE_UNKNOWN}, {"commune = 1", RULE_UNKNOWN}, {"moyens = 1", RULE_UNKNOWN},
        {"toutes ces conditions:\n  - âge = 18\n  - refus", RULE_FALSE},
        {"une de ces conditions:\n  - taille = 1\n  - âge = 18", RULE_TRUE},
        {"toutes ces conditions:\n  - taille = 1\n  - âge = 18", RULE_UNKNOWN},
        {"toutes ces conditions:\n  - taille = 1\n  - refus", RULE_FALSE},
        {"- âge = 18\n- une de ces conditions:\n    - refus\n    - commune = 'Épinal'\n", RULE_TRUE},
        {"toutes ces conditions: [âge = 18, rappel souhaité]", RULE_TRUE},
        {"{une de ces conditions: [âge = 1, refus]}", RULE_FALSE},
        {"est défini: âge", RULE_TRUE}, {"est défini: taille", RULE_FALSE}, {"{est non défini: taille}", RULE_TRUE}, {"est non défini: refus", RULE_FALSE},
        {"âge = foyer . enfants", RULE_FALSE}, {"âge > foyer . enfants", RULE_TRUE}, {"âge != commune", RULE_UNKNOWN}, {"âge > taille", RULE_UNKNOWN},
        {NONE("âge = 1", "refus"), RULE_TRUE}, {NONE("âge = 18", "refus"), RULE_FALSE}, {NONE("taille = 1", "refus"), RULE_UNKNOWN},
        {NONE("taille = 1", "âge = 18"), RULE_FALSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        gives(cases[i].text, cases[i].t);
}

static void refuses_and_says_what(void **state)
{
    refused("", "rules.empty", NULL);
    refused("  \n ", "rules.empty", NULL);
    refused("oui", "rules.not_a_condition", "oui (col. 1)");
    refused("12", "rules.not_a_condition", NULL);
    refused("âge >", "rules.value_missing", NULL);
    refused("= 3", "rules.value_missing", NULL);
    refused("1 = 1", "rules.no_name", NULL);
    refused("commune = 'Épinal", "rules.text_open", "commune = 'Épinal (col. 11)");
    refused("d = 31/02/2026", "rules.date_invalid", "d = 31/02/2026 (col. 5)");
    refused("d = 13/2026", "rules.date_invalid", NULL);
    refused("d = 2026-01-01", "rules.number_invalid", NULL);
    refused("âge = 1,5", "rules.number_comma", NULL);
    refused("âge = 18ans", "rules.number_invalid", NULL);
    refused("revenu > 12 €/ mois", "rules.number_invalid", NULL);
    refused("est défini: âge > 3", "rules.name_expected", "est défini");
    refused("est défini:\n  - âge\n", "rules.name_expected", NULL);
    refused("variations:\n  - si: a\n    alors: oui\n  - sinon: non\n", "rules.not_a_condition", "variations");
    refused("variations:\n  - si: a\n    alors: non\n", "rules.not_a_condition", NULL);
    refused("variations:\n  - si:\n      une de ces conditions:\n        - a\n        - b >\n    alors: non\n  - sinon: oui\n", "rules.value_missing",
            "variations[0].si.une de ces conditions[1]: b > (col. 4)");
    refused("âge = 1e3", "rules.number_invalid", NULL);
    refused("commune < 'a'", "rules.no_order", "commune < 'a' (col. 9)");
    refused("rappel > oui", "rules.no_order", NULL);
    refused("âge == 18", "rules.name_invalid", NULL);
    refused("a + b = 3", "rules.name_invalid", NULL);
    refused("a - b = 3", "rules.name_invalid", NULL);
    refused("(a) = 3", "rules.name_invalid", NULL);
    refused("toutes ces conditions:\n  - âge >\n", "rules.value_missing", "toutes ces conditions[0]: âge > (col. 6)");
    refused("toutes ces conditions:\n  - a\n  - une de ces conditions:\n      - b = 'c\n", "rules.text_open",
            "toutes ces conditions[1].une de ces conditions[0]: b = 'c (col. 5)");
    refused("toutes ces conditions: []", "rules.list_empty", "toutes ces conditions");
    refused("toutes ces conditions: âge = 3", "rules.list_expected", "toutes ces conditions");
    refused("- [a = 1]", "rules.not_a_condition", "[0]");
    refused("- 3\n- a", "rules.not_a_condition", "[0]");
    refused("somme:\n  - a\n", "rules.mechanism_unknown", "somme");
    refused("a: 1\nb: 2\n", "rules.not_a_condition", NULL);
    refused("toutes ces conditions:\n  - *x\n", "formats.yaml.anchor", NULL);
}

static void refuses_what_is_too_deep_or_too_long(void **state)
{
    buf b = BUF(1 << 20);
    struct rule *r;

    for (int i = 0; i < 17; i++)
        buf_lit(&b, "{toutes ces conditions: [");
    buf_lit(&b, "a");
    for (int i = 0; i < 17; i++)
        buf_lit(&b, "]}");
    assert_string_equal(rule_parse(mem, buf_str(&b), &r).msg, "rules.too_deep");
    b.n = 0;
    for (int i = 0; i < 1001; i++)
        buf_lit(&b, "- a\n");
    assert_string_equal(rule_parse(mem, buf_str(&b), &r).msg, "rules.too_long");
    b.n = 0;
    for (int i = 0; i < 70000; i++)
        buf_char(&b, 'a');
    assert_string_equal(rule_parse(mem, buf_str(&b), &r).msg, "rules.too_long");
    buf_free(&b);
}

static void names_are_sorted_each_once(void **state)
{
    struct strs n = rule_names(mem, parsed("- b = 1\n- a\n- une de ces conditions:\n    - b = 2\n    - c . d < 3\n"));
    assert_int_equal(n.n, 3);
    assert_true(str_is(n.v[0], "a") && str_is(n.v[1], "b") && str_is(n.v[2], "c . d"));
}

static void the_canonical_text_reads_back(void **state)
{
    static const char *const texts[] = {
        "âge>=18", "commune = \"L'Haÿ: les # Roses\"", "d = 3/2026", "x = -0.1", "x = 123456789.25", "x = 0.000001", "moyens != 'a'", "refus", "x > 1200 €/mois", "x = 5%", "x < -2 k€/an", "x = 3/mois",
        "fin > début", "est défini: a . b", "loisirs . option 12 = non", NONE("a", "b != 'l''x'"),
        "toutes ces conditions:\n  - variations:\n      - si: a > 2\n        alors: non\n      - sinon: oui\n  - est non défini: b\n",
        "toutes ces conditions:\n  - \"commune = 'a: b # c'\"\n  - \"x = '\\\"'\"\n  - une de ces conditions:\n      - a = -1\n      - b\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        str once = rule_text(mem, parsed(texts[i]));
        str twice = rule_text(mem, parsed(once.p));
        assert_string_equal(once.p, twice.p);
        struct rule *r;
        assert_int_equal(rule_parse_json(mem, rule_json(mem, parsed(texts[i])), &r).code, OK);
        assert_string_equal(rule_text(mem, r).p, once.p);
    }
    assert_string_equal(rule_text(mem, parsed("18<âge")).p, "âge > 18");
    assert_string_equal(rule_text(mem, parsed("d = 3/2026")).p, "d = 01/03/2026");
    assert_string_equal(rule_text(mem, parsed("- âge>=18\n- b = 'x'")).p, "toutes ces conditions:\n  - âge >= 18\n  - b = 'x'\n");
}

static void labels_become_names(void **state)
{
    static const struct { const char *label, *name; } cases[] = {
        {"Quel est le problème ?", "Quel est le problème"}, {"1. Nom (de naissance)", "Nom de naissance"}, {"Date d'arrivée", "Date d'arrivée"},
        {"Sous-préfecture", "Sous-préfecture"}, {"A - B -", "A B"}, {"« Oui »", "Oui"}, {"oui", "oui _"}, {"L’âge", "L'âge"}, {"% de pente", "de pente"}, {"Ω résistance", "résistance"}, {"Taux (en %)", "Taux en %"},
        {"a.b", "a b"}, {"N° de rue", "N° de rue"}, {"  \n\t", NULL}, {"???", NULL}, {"123", NULL}, {"--x", "x"}, {"'x", "x"}, {"\xF0\x9F\x98\x80 ok", "ok"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str name = rule_name_from(mem, str_of(cases[i].label));
        if (cases[i].name && !str_is(name, cases[i].name))
            print_message("<%.*s> from %s\n", STR_ARG(name), cases[i].label);
        if (cases[i].name) {
            assert_true(str_is(name, cases[i].name));
            assert_true(rule_name_valid(name) && rule_name_good(name));
        } else {
            assert_null(name.p);
        }
    }
    assert_false(rule_name_valid(S("oui")) || rule_name_valid(S("a  b")) || rule_name_valid(S(" a")) || rule_name_valid(S("-a")) ||
                 rule_name_valid(S("1a")) || rule_name_valid(S("a=b")) || rule_name_valid(S("")));
}

static void options_have_names(void **state)
{
    static const struct { const char *id, *name; } cases[] = {{"tennis", "loisirs . tennis"}, {"o1", "loisirs . o1"}, {"foot-salle", "loisirs . foot-salle"},
        {"12", "loisirs . option 12"}, {"2-roues", "loisirs . option 2-roues"}, {"a=b", "loisirs . option a_b"}, {"oui", "loisirs . option oui"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str name = rule_option_name(mem, S("loisirs"), str_of(cases[i].id));
        assert_string_equal(str_z(mem, name), cases[i].name);
        assert_true(rule_name_valid(name));
    }
}

static void negation_goes_down(void **state)
{
    static const struct { const char *is, *says; } cases[] = {
        {NONE("a = 1", "b"), "toutes ces conditions:\n  - a != 1\n  - b = non\n"},
        {NONE("{toutes ces conditions: [a < 2, est défini: c]}", "b >= 3"),
         "toutes ces conditions:\n  - une de ces conditions:\n      - a >= 2\n      - est non défini: c\n  - b < 3\n"},
        {"variations:\n  - si:\n      variations:\n        - si: a\n          alors: non\n        - sinon: oui\n    alors: non\n  - sinon: oui\n",
         "toutes ces conditions:\n  - une de ces conditions:\n      - a\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(str_z(mem, rule_text(mem, rule_plain(mem, parsed(cases[i].is)))), cases[i].says);
}

/* ——— random trees ——— */

static uint64_t seed = 20260901;
static unsigned dice(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

#define NAMES 5
static int assignment[NAMES];           /* 0 false, 1 unknown, 2 true */

static struct rule_value assigned(void *arg, str name)
{
    int v = assignment[name.p[0] - 'a'];
    return v == 1 ? (struct rule_value){0} : (struct rule_value){.kind = RULE_BOOL, .b = v == 2};
}

static json_t *grow(int depth)
{
    if (depth == 0 || dice(3) == 0) {
        char text[20];
        const char *known[] = {"est défini", "est non défini"};
        char name[2] = {(char)('a' + dice(NAMES)), 0};
        if (dice(5) == 0)
            return json_pack("{s:s}", known[dice(2)], name);
        snprintf(text, sizeof text, "%s%s", name, (const char *[]){"", " = oui", " = non", " != oui", " != non"}[dice(5)]);
        return json_string(text);
    }
    json_t *list = json_array();
    for (unsigned i = 0, n = 1 + dice(4); i < n; i++)
        json_array_append_new(list, grow(depth - 1));
    switch (dice(3)) {
    case 0: return json_pack("{s:o}", "toutes ces conditions", list);
    case 1: return json_pack("{s:o}", "une de ces conditions", list);
    default: return json_pack("{s:[{s:{s:o}, s:s}, {s:s}]}", "variations", "si", "une de ces conditions", list, "alors", "non", "sinon", "oui");
    }
}

/* The value of a tree by itself: minimum, maximum, 2 less what is denied. */
static int brute(const json_t *v)
{
    if (json_is_string(v)) {
        const char *s = json_string_value(v);
        int value = assignment[s[0] - 'a'];
        bool negated = (strstr(s, "non") != NULL) != (strstr(s, "!=") != NULL);
        return negated ? 2 - value : value;
    }
    const json_t *known = json_object_get(v, "est défini"), *unknown = json_object_get(v, "est non défini");
    if (known || unknown)
        return (assignment[json_string_value(known ? known : unknown)[0] - 'a'] != 1) == (known != NULL) ? 2 : 0;
    const json_t *none = json_path(v, "variations[0].si");
    if (none)
        return 2 - brute(none);
    bool all = json_object_get(v, "toutes ces conditions") != NULL;
    const json_t *list = json_object_get(v, all ? "toutes ces conditions" : "une de ces conditions");
    int best = all ? 2 : 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int t = brute(json_array_get(list, i));
        best = all ? (t < best ? t : best) : (t > best ? t : best);
    }
    return best;
}

/* 0 false, 1 not defined, 2 true: what the engine says of the rule "condition" when the names are as assigned. */
static int engine_says(struct evaluator *ev, json_t *situation, const char *expression)
{
    struct rule_fault f = {0};
    struct rule_answer a;

    assert_int_equal(evaluator_situation(ev, situation, &f).code, OK);
    assert_int_equal(evaluator_value(ev, str_of(expression), &a, &f).code, OK);
    if (a.kind == ANSWER_UNDEFINED)
        return 1;
    assert_int_equal(a.kind, ANSWER_BOOL);
    return a.b ? 2 : 0;
}

static bool engine_true(struct evaluator *ev, json_t *situation)
{
    struct rule_fault f = {0};
    struct rule_answer a;

    assert_int_equal(evaluator_situation(ev, situation, &f).code, OK);
    assert_int_equal(evaluator_value(ev, S("condition"), &a, &f).code, OK);
    return a.kind == ANSWER_BOOL && a.b;
}

static struct evaluator *engine_of(json_t *rules, struct rulebase **base)
{
    struct rule_fault f = {0};
    err e = rulebase_new(base, rules, NULL, &f);
    if (e.code != OK)
        print_message("%.*s: %.*s\n", STR_ARG(f.rule), STR_ARG(f.message));
    assert_int_equal(e.code, OK);
    return evaluator_new(*base, NULL);
}

static void the_engine_agrees_with_minimum_and_maximum(void **state)
{
    static const int as_number[] = {[RULE_FALSE] = 0, [RULE_UNKNOWN] = 1, [RULE_TRUE] = 2};

    for (int k = 0; k < 120; k++) {
        json_t *tree = json_own(mem, grow(3)), *rules = json_own(mem, json_object());
        struct rule *r;
        struct rulebase *base;
        assert_int_equal(rule_parse_json(mem, tree, &r).code, OK);
        for (int i = 0; i < NAMES; i++)
            json_object_set_new(rules, (const char[]){(char)('a' + i), 0}, json_pack("{s:s}", "question", "?"));
        json_object_set_new(rules, "condition", json_pack("{s:O}", "valeur", rule_json(mem, r)));
        json_object_set_new(rules, "sans négation", json_pack("{s:O}", "valeur", rule_json(mem, rule_plain(mem, r))));
        struct evaluator *ev = engine_of(rules, &base);
        for (int code = 0; code < 243; code++) {
            json_t *situation = json_own(mem, json_object());
            for (int i = 0, c = code; i < NAMES; i++, c /= 3) {
                assignment[i] = c % 3;
                if (c % 3 != 1)
                    json_object_set_new(situation, (const char[]){(char)('a' + i), 0}, json_string(c % 3 ? "oui" : "non"));
            }
            assert_int_equal(as_number[rule_eval(r, assigned, NULL)], brute(tree));
            assert_int_equal(engine_says(ev, situation, "condition"), brute(tree));
            assert_int_equal(engine_says(ev, situation, "sans négation"), brute(tree));
        }
        evaluator_free(ev);
        rulebase_free(base);
    }
}

/* Each name a value, blank, or hidden (not applicable): hidden counts as blank, under negations too. */
static void what_is_hidden_makes_comparisons_untrue(void **state)
{
    for (int k = 0; k < 100; k++) {
        json_t *tree = json_own(mem, grow(3)), *rules = json_own(mem, json_object());
        struct rule *r;
        struct rulebase *base;
        assert_int_equal(rule_parse_json(mem, tree, &r).code, OK);
        for (int i = 0; i < NAMES; i++) {
            json_object_set_new(rules, str_fmt(mem, "montre %c", 'a' + i).p, json_pack("{s:s}", "question", "?"));
            json_object_set_new(rules, (const char[]){(char)('a' + i), 0}, json_pack("{s:s,s:o}", "question", "?", "applicable si", json_from_str(str_fmt(mem, "montre %c", 'a' + i))));
        }
        json_object_set_new(rules, "condition", json_pack("{s:O}", "valeur", rule_asked_json(mem, r)));
        struct evaluator *ev = engine_of(rules, &base);
        for (int code = 0; code < 1024; code += 1 + (int)dice(5)) {
            json_t *situation = json_own(mem, json_object());
            for (int i = 0, c = code; i < NAMES; i++, c /= 4) {
                assignment[i] = c % 4 == 3 ? 1 : c % 4;
                json_object_set_new(situation, str_fmt(mem, "montre %c", 'a' + i).p, json_string(c % 4 == 3 ? "non" : "oui"));
                if (assignment[i] != 1)
                    json_object_set_new(situation, (const char[]){(char)('a' + i), 0}, json_string(assignment[i] ? "oui" : "non"));
            }
            bool us = engine_true(ev, situation), wanted = brute(tree) == 2;
            if (us != wanted)
                print_message("%s: %d, not %d: %s\n", json_canonical(mem, tree).p, us, wanted, json_canonical(mem, situation).p);
            assert_int_equal(us, wanted);
        }
        evaluator_free(ev);
        rulebase_free(base);
    }
}

/* Every comparison that menus write, by the engine: units converted, dates, texts, another name. */
static void the_engine_compares_alike(void **state)
{
    static const struct { const char *text; int says; } cases[] = {
        {"âge = 18", 2}, {"18 <= âge", 2}, {"âge != 18", 0}, {"âge > -1", 2}, {"âge < 18.01", 2}, {"revenu > 1200 €/mois", 2}, {"revenu > 15000 €/an", 0},
        {"revenu = 14520 €/an", 2}, {"revenu <= 1.21 k€/mois", 2}, {"taux > 5 %", 2}, {"taux < 0.05", 0}, {"commune = 'Épinal'", 2}, {"commune != 'L''Haÿ'", 2},
        {"arrivée = 01/09/2026", 2}, {"arrivée = 09/2026", 2}, {"arrivée < 2/9/2026", 2}, {"arrivée >= 12/2026", 0}, {"départ > arrivée", 2}, {"départ = arrivée", 0},
        {"loisirs . tennis", 2}, {"loisirs . tennis = non", 0}, {"loisirs . option 12 = non", 2}, {"majeur != non", 2},
        {"taille = 1", 1}, {"taille != 1", 1}, {"taille > âge", 1}, {"est défini: taille", 0}, {"est non défini: âge", 0}};
    static const char *const values[][2] = {{"âge", "18"}, {"revenu", "1210 €/mois"}, {"taux", "7 %"}, {"commune", "'Épinal'"}, {"arrivée", "01/09/2026"},
        {"départ", "15/10/2026"}, {"loisirs . tennis", "oui"}, {"loisirs . option 12", "non"}, {"majeur", "oui"}, {"taille", NULL}};
    json_t *rules = json_own(mem, json_object()), *situation = json_own(mem, json_object());
    struct rulebase *base;

    json_object_set_new(rules, "loisirs", json_null());
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_object_set_new(rules, values[i][0], json_pack("{s:s}", "question", "?"));
        if (values[i][1])
            json_object_set_new(situation, values[i][0], json_string(values[i][1]));
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        json_object_set_new(rules, str_fmt(mem, "condition c%zu", i).p, json_pack("{s:O}", "valeur", rule_json(mem, parsed(cases[i].text))));
    struct evaluator *ev = engine_of(rules, &base);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int says = engine_says(ev, situation, str_fmt(mem, "condition c%zu", i).p);
        if (says != cases[i].says)
            print_message("%s: %d\n", cases[i].text, says);
        assert_int_equal(says, cases[i].says);
    }
    evaluator_free(ev);
    rulebase_free(base);
}

/* Any tree that can be built: written, read, written again, the same; as JSON and as text. */
static struct rule *any_tree(int depth)
{
    static const char *const names[] = {"âge", "date d'arrivée", "foyer . enfants", "N° de rue", "loisirs . option 12", "Sous-préfecture"},
        *const units[] = {NULL, "€", "€/mois", "%", "k€/an", "m2", "jours ouvrés"}, *const texts[] = {"", "o'", "a \" b", "= 3", "- x: #", "oui", "12", "é"};
    str name = str_of(names[dice(6)]);

    if (depth > 0 && dice(2)) {
        struct rule *r = rule_group(mem, (enum rule_op[]){RULE_ALL, RULE_ANY, RULE_NONE}[dice(3)]);
        for (unsigned i = 0, n = 1 + dice(3); i < n; i++)
            rule_add_child(mem, r, any_tree(depth - 1));
        return r;
    }
    enum rule_op op = (enum rule_op)(RULE_EQ + dice(6)), same = (enum rule_op)(RULE_EQ + dice(2));
    switch (dice(7)) {
    case 0: return rule_atom(mem, name, RULE_REF, (struct rule_value){0});
    case 1: return rule_atom(mem, name, dice(2) ? RULE_KNOWN : RULE_NOT_KNOWN, (struct rule_value){0});
    case 2: return rule_atom(mem, name, same, (struct rule_value){.kind = RULE_BOOL, .b = dice(2)});
    case 3: return rule_atom(mem, name, same, (struct rule_value){.kind = RULE_TEXT, .text = str_of(texts[dice(8)])});
    case 4: return rule_atom(mem, name, op, (struct rule_value){.kind = RULE_DATE, .days = (int64_t)dice(40000)});
    case 5: return rule_atom(mem, name, op, (struct rule_value){.kind = RULE_NAME, .text = str_of(names[dice(6)])});
    default: return rule_atom(mem, name, op, (struct rule_value){.kind = RULE_NUMBER, .number = (double)dice(100000) / 8 - 300, .unit = str_of(units[dice(7)])});
    }
}

static void any_tree_reads_back(void **state)
{
    for (int k = 0; k < 2000; k++) {
        const struct rule *r = any_tree(3);
        struct rule *by_text = NULL, *by_json = NULL;
        str text = rule_text(mem, r);
        err e = rule_parse(mem, text, &by_text);
        if (e.code != OK)
            print_message("%s: %.*s\n", e.msg, STR_ARG(text));
        assert_int_equal(e.code, OK);
        assert_int_equal(rule_parse_json(mem, rule_json(mem, r), &by_json).code, OK);
        assert_true(json_equal(rule_json(mem, r), rule_json(mem, by_text)) && json_equal(rule_json(mem, r), rule_json(mem, by_json)));
    }
}

static int open_arena(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(mem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(compares, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_and_says_what, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_too_deep_or_too_long, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(names_are_sorted_each_once, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_canonical_text_reads_back, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(labels_become_names, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(options_have_names, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(negation_goes_down, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_hidden_makes_comparisons_untrue, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(any_tree_reads_back, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_engine_compares_alike, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_engine_agrees_with_minimum_and_maximum, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
