/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rules of a definition before anybody answers: each finding where people mend it, and nothing that the form itself uses called idle. */
#include "base/test.h"

#include "core/rule_check.h"
#include "descriptors.h"
#include "formats/ds_descriptor.h"
#include "formats/json.h"
#include "formats/yaml.h"

static int open_arena(void **state)
{
    *state = arena_new((size_t)1 << 30);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define HEAD "kind: k\nbase: procedure\ntitle: Essai\nretention: {final: 24 months}\n"
#define FIELDS                                                                                                            \
    "fields:\n"                                                                                                           \
    "  - {id: f1, name: revenu, type: number, money: true, label: Revenu}\n"                                              \
    "  - {id: f2, name: parts, type: number, label: Parts}\n"                                                             \
    "  - {id: f3, name: quartier, type: choice, label: Quartier, options: {nord: Nord, sud: Sud}}\n"

static json_t *definition_of(arena *mem, const char *yaml, const char *rules)
{
    json_t *v;
    assert_ok(yaml_parse(mem, str_fmt(mem, HEAD "%s", yaml), &v));
    if (rules) json_object_set_new(v, "rules", json_string(rules));
    return v;
}

static const struct kind_finding *found(const struct kind_findings *all, const char *code)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->v[i].code, code) == 0) return &all->v[i];
    for (size_t i = 0; i < all->n; i++) print_message("%s: %.*s: %.*s\n", all->v[i].code, STR_ARG(all->v[i].rule), STR_ARG(all->v[i].message));
    fail_msg("no %s", code);
    return NULL;
}

static void none_found(arena *mem, const char *name, const json_t *definition)
{
    struct kind_findings all;
    kind_rules_check(mem, definition, LANG_FR, &all);
    for (size_t i = 0; i < all.n; i++) print_message("%s: %s %.*s (%.*s): %.*s\n", name, all.v[i].code, STR_ARG(all.v[i].at), STR_ARG(all.v[i].rule), STR_ARG(all.v[i].message));
    assert_int_equal(all.n, 0);
}

static void a_finding_has_its_line_in_what_was_typed(void **state)
{
    arena *mem = *state;
    struct kind_findings all;
    const char *rules = "# les tarifs\nquotient: revenu / parts\n\nprix:\n  somme:\n    - 2 €\n    - 3 mois   # une durée\n";
    kind_rules_check(mem, definition_of(mem, FIELDS "  - {id: f4, name: tarif, type: number, money: true, label: Tarif, computed: prix + quotient}\n", rules), LANG_FR, &all);
    const struct kind_finding *f = found(&all, "unit");
    assert_true(f->is_error);
    assert_int_equal(f->line, 5);         /* the sum whose terms do not meet */
    assert_int_equal(f->column, 3);
    assert_str(f->rule, "prix");
    assert_int_equal(f->at.n, 0);
    /* What cannot be read is said in its place too, and all of it at once. */
    kind_rules_check(mem, definition_of(mem, FIELDS, "prix: revenus * 2\nautre: parts + inconnue\n"), LANG_FR, &all);
    assert_int_equal(all.errors, 2);
    assert_int_equal(all.v[0].line, 1);
    assert_int_equal(all.v[1].line, 2);
    assert_string_equal(all.v[0].code, "unknown_reference");
    kind_rules_check(mem, definition_of(mem, FIELDS, "prix: [1, 2\n"), LANG_FR, &all);
    assert_int_equal(all.n, 1);
    assert_string_equal(all.v[0].code, "yaml");
    assert_true(all.v[0].line > 0);
    /* A rule that bears the name of a question. */
    kind_rules_check(mem, definition_of(mem, FIELDS, "\nrevenu: 3\n"), LANG_FR, &all);
    assert_int_equal(found(&all, "definition")->line, 2);
}

static void a_finding_in_the_form_has_its_question_or_its_step(void **state)
{
    arena *mem = *state;
    struct kind_findings all;
    json_t *d = definition_of(mem, FIELDS "  - {id: f4, name: tarif, type: number, money: true, label: Tarif, computed: revenu + 3 mois}\n"
        "eligibility:\n  - {must: 'quartier = parts', message: Non}\n", NULL);
    kind_rules_check(mem, d, LANG_FR, &all);
    const struct kind_finding *f = found(&all, "unit");
    assert_str(f->field, "f4");
    assert_str(f->rule, "tarif");
    assert_int_equal(f->line, 0);
    f = found(&all, "type");
    assert_str(f->at, "eligibility[0].must");
    assert_int_equal(f->rule.n, 0);
    /* A rule renamed under a question that reads it. */
    d = definition_of(mem, FIELDS "  - {id: f4, name: bon, type: yesno, label: Bon, when: 'aidé = oui'}\n", "aidés: quartier = 'nord'\n");
    kind_rules_check(mem, d, LANG_FR, &all);
    f = found(&all, "unknown_reference");
    assert_str(f->field, "f4");
}

static void what_the_form_reads_is_not_idle_and_what_it_asks_has_a_value(void **state)
{
    arena *mem = *state;
    struct kind_findings all;
    const char *form = FIELDS "  - {id: f4, name: tarif, type: number, money: true, label: Tarif, computed: prix}\n";
    none_found(mem, "read", definition_of(mem, form, "prix: revenu / parts\n"));
    kind_rules_check(mem, definition_of(mem, form, "prix: revenu / parts\nreste: 12\n"), LANG_FR, &all);
    const struct kind_finding *f = found(&all, "unused");
    assert_false(f->is_error);
    assert_int_equal(f->line, 2);
    assert_int_equal(all.errors, 0);
    /* A letter that names it makes it wanted. */
    none_found(mem, "letter", definition_of(mem, FIELDS "letters:\n  granted: {title: Accord, object: Accord, outcome: granted, body: 'Vous avez {reste}.'}\n", "reste: 12\n"));
    /* A form asks nothing but its questions: a rule with a question of its own is never answered. */
    kind_rules_check(mem, definition_of(mem, form, "prix: revenu / adultes\nadultes:\n  question: Combien ?\n"), LANG_FR, &all);
    f = found(&all, "no_value");
    assert_true(f->is_error);
    assert_int_equal(f->line, 2);
    /* An option that the question does not have. */
    kind_rules_check(mem, definition_of(mem, form, "prix:\n  variations:\n    - si: quartier = 'est'\n      alors: 2 €\n    - sinon: 3 €\n"), LANG_FR, &all);
    assert_true(found(&all, "no_choice")->is_error);
}

/* The example of the tourist tax has a region that votes no rate: what it would give is never asked, and the warning is true. */
static void what_is_shipped_has_no_fault(void **state)
{
    arena *mem = *state;
    struct kind_findings all;
    json_t *v;
    for (const char *const *name = kind_names_shipped; *name; name++) {
        assert_ok(json_parse(mem, str_of(kind_yaml_shipped(*name)), &v));
        none_found(mem, *name, v);
    }
    for (const char *const *name = kind_names_library; *name; name++) {
        assert_ok(json_parse(mem, str_of(kind_yaml_library(*name)), &v));
        if (strcmp(*name, "taxe-sejour") != 0) none_found(mem, *name, v);
        kind_rules_check(mem, v, LANG_FR, &all);
        assert_int_equal(all.errors, 0);
        for (size_t i = 0; i < all.n; i++) assert_str(all.v[i].rule, "part régionale");
    }
}

/* An import that would be refused at publishing for what its own system takes: only for what is truly wrong in it. */
static void what_comes_from_demarches_simplifiees_has_no_fault(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        arena *mem = arena_new((size_t)1 << 30);
        struct ds_import in;
        struct kind_findings all;
        assert_ok(ds_to_kind(mem, descriptor_made(mem, (struct descriptor_wish){.seed = 1, .number = i}), NULL, &in));
        kind_rules_check(mem, in.kind, LANG_FR, &all);
        for (size_t j = 0; j < all.n; j++) print_message("%d: %s %.*s: %.*s\n", i, all.v[j].code, STR_ARG(all.v[j].at), STR_ARG(all.v[j].message));
        assert_int_equal(all.errors, 0);
        arena_free(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_finding_has_its_line_in_what_was_typed, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_finding_in_the_form_has_its_question_or_its_step, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_the_form_reads_is_not_idle_and_what_it_asks_has_a_value, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_shipped_has_no_fault, open_arena, close_arena),
        cmocka_unit_test(what_comes_from_demarches_simplifiees_has_no_fault)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
