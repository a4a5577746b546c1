/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"

#include "formats/departement.h"

static void reads_what_people_write(void **state)
{
    static const struct { const char *words, *departement, *region; } cases[] = {
        {"88", "88", "44"}, {"Vosges", "88", "44"}, {"vosges", "88", "44"}, {"88 – Vosges", "88", "44"}, {"Vosges (88)", "88", "44"}, {"88000", "88", "44"},
        {"Épinal (88000)", "88", "44"}, {"88160", "88", "44"}, {"97490", "974", "04"}, {"97133", "971", "01"}, {"20137", "2A", "94"}, {"20200", "2B", "94"}, {"2B033", "2B", "94"},
        {"Cote d'or", "21", "27"}, {"01 - Ain", "01", "84"}, {"75056", "75", "11"}, {"98800", "988", "988"},
        {"", "", ""}, {"Épinal", "", ""}, {"99", "", ""}, {"12 rue des Vosges", "", ""}, {"123456", "", ""}};
    arena *mem = arena_new(0);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str code = departement_of(mem, str_of(cases[i].words));
        if (!str_is(code, cases[i].departement)) fail_msg("%s: %.*s", cases[i].words, STR_ARG(code));
        assert_true(str_is(departement_region(code), cases[i].region));
    }
    assert_true(str_is(region_of(mem, S("grand est")), "44") && str_is(region_of(mem, S("44 Grand Est")), "44") && !region_of(mem, S("Alsace")).n);
    arena_free(mem);
}

static void the_tables_hold_together(void **state)
{
    str code, name;
    size_t n = 0;
    (void)state;
    for (; departement_at(n, &code, &name); n++) {
        assert_true(str_eq(departement_name(code), name));
        if (!region_name(departement_region(code)).n) fail_msg("%.*s lies in no region", STR_ARG(name));
    }
    assert_int_equal(n, 109);
    for (n = 0; region_at(n, &code, &name); n++) assert_true(str_eq(region_name(code), name));
    assert_int_equal(n, 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_people_write), cmocka_unit_test(the_tables_hold_together)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
