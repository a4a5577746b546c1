/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists as towns have them (byte order mark, ISO-8859-1, semicolons, one column) from the file to the suggestions of a form. */
#include "base/test.h"

#include "base/hash.h"
#include "core/value_list.h"
#include "shared_data.h"
#include "store/testing.h"

static const struct { const char *file, *typed, *label; } lists[] = {
    {"modele-import-one-column-referentiel.csv", "eclair", "Éclair au café"},
    {"modele-import-referentiel.csv", "TARTE", "Tarte au citron"},
    {"modele-import-referentiel-with-bom.csv", "direction de l", "Direction de l’Architecture, du Patrimoine et des Jardins"},
    {"modele-import-referentiel-iso-8859-crlf-special-characters.csv", "29, rue des foug", "29, Rue des Fougères, Paris, 75020"},
    {"modele-import-referentiel-without-separators.csv", "profit", "Profiteroles 100 530"},
    {"groupe_avec_caracteres_speciaux.csv", "camilya", "camilya@beta.gouv.fr"},
};

static void dirty_files_become_suggestions(void **state)
{
    struct test_store *t = *state;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        str bytes, name = str_fmt(t->mem, "liste-%zu", i);
        struct options found;
        int64_t first = 0, second = 0;
        bool seen = false;
        if (!shared_data(t->mem, str_z(t->mem, str_fmt(t->mem, "procedures/dirty-csv/%s", lists[i].file)), &bytes))
            return;
        assert_ok(list_import_csv(t->db, t->mem, name, STR_NONE, bytes, &first));
        assert_ok(list_search(t->db, t->mem, name, str_of(lists[i].typed), SUGGEST_MOST, &found));
        for (size_t k = 0; k < found.n; k++)
            seen = seen || str_is(found.v[k].label.v[LANG_FR], lists[i].label);
        if (!seen)
            print_message("%s: %zu found for %s\n", lists[i].file, found.n, lists[i].typed);
        assert_true(seen);
        assert_ok(list_import_csv(t->db, t->mem, name, STR_NONE, bytes, &second));
        assert_int_equal(first, second);                                /* the same again: nothing */
        assert_err(list_search(t->twin, t->mem, name, S("a"), SUGGEST_MOST, &found), E_NOT_FOUND);
    }
}

static void a_broken_list_brings_nothing_in(void **state)
{
    struct test_store *t = *state;
    struct options found;
    int64_t revision = 0;

    err e = list_import_csv(t->db, t->mem, S("rues"), STR_NONE, S("id;label\n1;Rue A\n2;Rue \"B\n3;Rue C\n"), &revision);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, "formats.csv.quote_stray");
    assert_string_equal(e.at, "l. 3");
    assert_err(list_search(t->db, t->mem, S("rues"), S("rue"), SUGGEST_MOST, &found), E_NOT_FOUND);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(dirty_files_become_suggestions), STORE_TEST(a_broken_list_brings_nothing_in)};
    hash_start();
    return STORE_RUN(tests);
}
