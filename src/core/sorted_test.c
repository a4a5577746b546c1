/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sorted.h"

static str of(arena *mem, const void *row) { return sort_key(mem, *(const str *)row); }

static void names_come_as_in_a_dictionary(void **state)
{
    (void)state;
    arena *mem = arena_new(1 << 20);
    str names[] = {S("Zone bleue"), S("Écrire à la mairie"), S("Occuper le domaine"), S("eau"), S("Étal"), S("cote"), S("côté"), S("Œuvre"), S("Eau"), S("")};
    const char *const wanted[] = {"", "cote", "côté", "eau", "Eau", "Écrire à la mairie", "Étal", "Occuper le domaine", "Œuvre", "Zone bleue"};
    sort_rows(mem, names, sizeof names / sizeof *names, sizeof *names, of);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_string_equal(str_z(mem, names[i]), wanted[i]);
    /* Too long, or no UTF-8: still an order, and no fall. */
    str bad[] = {S("\xff\xfe"), S("a"), str_fmt(mem, "%02000d", 1)};
    sort_rows(mem, bad, 3, sizeof *bad, of);
    sort_rows(mem, NULL, 0, sizeof *bad, of);
    arena_free(mem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(names_come_as_in_a_dictionary)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
