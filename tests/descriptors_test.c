/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What comes from Démarches simplifiées is a kind the core takes: types of both tables agree, every made-up procedure parses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/answers.h"
#include "core/kind.h"
#include "core/kind_edit.h"
#include "descriptors.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_types.h"
#include "shared_data.h"

static void the_core_takes(struct descriptor_wish wish)
{
    arena *mem = arena_new((size_t)1 << 30);
    struct ds_import in;
    struct kind *k = NULL;

    assert_int_equal(ds_to_kind(mem, descriptor_made(mem, wish), NULL, &in).code, OK);
    err e = kind_parse_any(mem, in.kind, &k);
    if (e.code != OK)
        print_message("seed %llu, number %d: %s at %s\n", (unsigned long long)wish.seed, wish.number, e.msg, e.at ? e.at : "-");
    assert_int_equal(e.code, OK);
    assert_true(k->fields.n > 0);
    arena_free(mem);
}

static void made_procedures_are_kinds(void **state)
{
    for (int i = 0; i < 60; i++)
        the_core_takes((struct descriptor_wish){.seed = 3, .number = i});
}

static void made_conditions_are_rules_of_kinds(void **state)
{
    for (int i = 5; i < 40; i++)
        the_core_takes((struct descriptor_wish){.seed = 4, .number = i, .conditions_percent = 40});
}

static void the_real_procedure_is_a_kind(void **state)
{
    arena *mem = arena_new(0);
    str text;
    json_t *d;
    struct ds_import in;
    struct kind *k;

    if (shared_data(mem, "procedures/derogation-especes-protegees.json", &text)) {
        assert_int_equal(json_parse(mem, text, &d).code, OK);
        assert_int_equal(ds_to_kind(mem, d, NULL, &in).code, OK);
        assert_int_equal(kind_parse_any(mem, in.kind, &k).code, OK);
        assert_int_equal(k->number, 88444);
        assert_true(str_is(k->base, "procedure"));
    }
    arena_free(mem);
}

static json_t *exported(arena *mem, const json_t *kind)
{
    json_t *d;
    assert_int_equal(kind_to_ds(mem, kind, &d).code, OK);
    return d;
}

static void a_change_in_the_editor_is_the_whole_difference(void **state)
{
    arena *mem = arena_new(0);
    str text, id;
    json_t *d;
    struct ds_import in;
    struct kind *k;

    if (!shared_data(mem, "procedures/derogation-especes-protegees.json", &text)) {
        arena_free(mem);
        return;
    }
    assert_int_equal(json_parse(mem, text, &d).code, OK);
    assert_int_equal(ds_to_kind(mem, d, NULL, &in).code, OK);
    json_t *def = kind_edit_start(mem, in.kind), *wanted = json_own(mem, json_deep_copy(d)), *list = json_path(wanted, "revision.champDescriptors");

    assert_true(json_equal(exported(mem, def), wanted));
    str f5 = json_str(json_array_get(list, 5), "id"), f4 = json_str(json_array_get(list, 4), "id");
    assert_int_equal(kind_edit_field_text(mem, def, f5, "label", LANG_FR, S("Un autre libellé")).code, OK);
    json_object_set_new(json_array_get(list, 5), "label", json_string("Un autre libellé"));
    assert_true(json_equal(exported(mem, def), wanted));

    assert_int_equal(kind_edit_option_add(mem, def, f4, S("Une de plus"), &id).code, OK);
    json_array_append_new(json_object_get(json_array_get(list, 4), "options"), json_string("Une de plus"));
    assert_true(json_equal(exported(mem, def), wanted));

    assert_int_equal(kind_edit_field_move(mem, def, f5, 1).code, OK);
    json_t *moved = json_incref(json_array_get(list, 5));
    json_array_remove(list, 5);
    json_array_insert_new(list, 6, moved);
    assert_true(json_equal(exported(mem, def), wanted));

    assert_int_equal(kind_edit_setting(mem, def, "service.name", S("Environnement")).code, OK);
    assert_int_equal(kind_edit_setting(mem, def, "silence.means", S("none")).code, OK);
    assert_true(json_equal(exported(mem, def), wanted));
    assert_int_equal(kind_parse_any(mem, def, &k).code, OK);
    arena_free(mem);
}

static void both_tables_of_types_agree(void **state)
{
    static const char *const types[] = {
        "text", "file", "heading", "choice", "textarea", "note", "yesno", "checkbox", "integer", "date", "phone", "choices", "email", "number", "repeat",
        "address", "decimal", "civility", "commune", "country", "linked_choice", "siret", "departement", "formatted", "dossier_link", "iban", "map",
        "datetime", "school", "region", "rna", "epci", "rnf", "referential", "cojo", "prefilled", "identity", "engagement"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct ds_type *ours = ds_type_for(str_of(types[i]));
        assert_non_null(ours);
        const struct field_type *theirs = field_type_ds(str_of(ours->name));
        if (!theirs || strcmp(theirs->name, types[i]) != 0)
            print_message("%s: %s, %s\n", types[i], ours->name, theirs ? theirs->name : "-");
        assert_non_null(theirs);
        assert_string_equal(theirs->name, types[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_procedures_are_kinds), cmocka_unit_test(made_conditions_are_rules_of_kinds),
        cmocka_unit_test(the_real_procedure_is_a_kind), cmocka_unit_test(a_change_in_the_editor_is_the_whole_difference),
         cmocka_unit_test(both_tables_of_types_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
