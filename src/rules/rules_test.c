/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "formats/json.h"
#include "rules/engine.h"
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
    refused("commune = Épinal", "rules.text_needs_quotes", "commune = Épinal (col. 11)");
    refused("1 = 1", "rules.no_name", NULL);
    refused("commune = 'Épinal", "rules.text_open", "commune = 'Épinal (col. 11)");
    refused("d = 31/02/2026", "rules.date_invalid", "d = 31/02/2026 (col. 5)");
    refused("d = 13/2026", "rules.date_invalid", NULL);
    refused("d = 2026-01-01", "rules.number_invalid", NULL);
    refused("âge = 1,5", "rules.number_comma", NULL);
    refused("âge = 18 ans", "rules.number_invalid", NULL);
    refused("âge = 1e3", "rules.number_invalid", NULL);
    refused("commune < 'a'", "rules.no_order", "commune < 'a' (col. 9)");
    refused("rappel > oui", "rules.no_order", NULL);
    refused("âge == 18", "rules.name_invalid", NULL);
    refused("a + b = 3", "rules.name_invalid", NULL);
    refused("a - b = 3", "rules.name_invalid", NULL);
    refused("(a) = 3", "rules.name_invalid", NULL);
    refused("toutes ces conditions:\n  - âge >\n", "rules.value_missing", "toutes ces conditions[0]: âge > (col. 6)");
    refused("toutes ces conditions:\n  - a\n  - une de ces conditions:\n      - b = c\n", "rules.text_needs_quotes",
            "toutes ces conditions[1].une de ces conditions[0]: b = c (col. 5)");
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
        "âge>=18", "commune = \"L'Haÿ: les # Roses\"", "d = 3/2026", "x = -0.1", "x = 123456789.25", "x = 0.000001", "moyens != 'a'", "refus",
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
    assert_false(rule_name_valid(S("oui")) || rule_name_valid(S("a  b")) || rule_name_valid(S(" a")) || rule_name_valid(S("a-")) ||
                 rule_name_valid(S("1a")) || rule_name_valid(S("a=b")) || rule_name_valid(S("")));
}

/* ——— truth tables: random trees over five three-valued names, against minimum and maximum ——— */

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

/* A tree as JSON, and its value the other way: two independent walks over the same dice. */
static json_t *grow(int depth)
{
    if (depth == 0 || dice(3) == 0) {
        char text[20];
        snprintf(text, sizeof text, "%c%s", (char)('a' + dice(NAMES)), (const char *[]){"", " = oui", " = non", " != oui", " != non"}[dice(5)]);
        return json_string(text);
    }
    json_t *list = json_array();
    for (unsigned i = 0, n = 1 + dice(4); i < n; i++)
        json_array_append_new(list, grow(depth - 1));
    return json_pack("{s:o}", dice(2) ? "toutes ces conditions" : "une de ces conditions", list);
}

static int brute(const json_t *v)
{
    if (json_is_string(v)) {
        const char *s = json_string_value(v);
        int value = assignment[s[0] - 'a'];
        bool negated = (strstr(s, "non") != NULL) != (strstr(s, "!=") != NULL);
        return negated ? 2 - value : value;
    }
    bool all = json_object_get(v, "toutes ces conditions") != NULL;
    const json_t *list = json_object_get(v, all ? "toutes ces conditions" : "une de ces conditions");
    int best = all ? 2 : 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int t = brute(json_array_get(list, i));
        best = all ? (t < best ? t : best) : (t > best ? t : best);
    }
    return best;
}

static void agrees_with_brute_force(void **state)
{
    static const int as_number[] = {[RULE_FALSE] = 0, [RULE_UNKNOWN] = 1, [RULE_TRUE] = 2};

    for (int k = 0; k < 300; k++) {
        json_t *tree = json_own(mem, grow(3));
        struct rule *r, *again;
        assert_int_equal(rule_parse_json(mem, tree, &r).code, OK);
        assert_int_equal(rule_parse(mem, rule_text(mem, r), &again).code, OK);
        for (int code = 0; code < 243; code++) {
            for (int i = 0, c = code; i < NAMES; i++, c /= 3)
                assignment[i] = c % 3;
            assert_int_equal(as_number[rule_eval(r, assigned, NULL)], brute(tree));
            assert_int_equal(rule_eval(r, assigned, NULL), rule_eval(again, assigned, NULL));
        }
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
        cmocka_unit_test_setup_teardown(agrees_with_brute_force, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
