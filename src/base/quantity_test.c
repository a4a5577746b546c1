/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"

#include <math.h>

#include "base/hash.h"
#include "base/quantity.h"
#include "base/said.h"

static void a_number_and_its_unit(void **state)
{
    static const struct { double x; const char *unit, *fr; } table[] = {
        {1250.9, "€/mois", "1\u202f250,90\u00a0€ par mois"}, {3, "jour", "3\u00a0jours"}, {1, "jour", "1\u00a0jour"}, {2, "mois", "2\u00a0mois"}, {12, "€", "12\u00a0€"},
        {-3.5, "€", "\u22123,50\u00a0€"}, {2.5, "€/an.part", "2,50\u00a0€ par an et par part"}, {72.134, "%", "72,13\u00a0%"}, {0.12345, "kWh", "0,1235\u00a0kWh"}, {7, "", "7"},
        /* Cents are rounded as tariffs are (base/money.h). */
        {1.005, "€", "1,01\u00a0€"}, {2.675, "€", "2,68\u00a0€"}, {1.115, "€", "1,12\u00a0€"}, {0.125, "€", "0,13\u00a0€"}, {-1.005, "€", "\u22121,01\u00a0€"}, {0.004, "€", "0\u00a0€"}};
    arena *mem = *state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) assert_str(said_bare(mem, quantity_words(mem, LANG_FR, table[i].x, str_of(table[i].unit))), table[i].fr);
    assert_str(said_bare(mem, quantity_words(mem, LANG_EN, 1250.9, S("€/mois"))), "1,250.90\u00a0€ per mois");
    assert_true(quantity_words(mem, LANG_FR, INFINITY, S("€")).n > 0);
}

static void a_span_is_read_as_it_is_said(void **state)
{
    static const struct span spans[] = {{1, SPAN_DAYS}, {15, SPAN_DAYS}, {10, SPAN_WORKING_DAYS}, {2, SPAN_WEEKS}, {1, SPAN_MONTHS}, {24, SPAN_MONTHS}};
    arena *mem = *state;
    for (int lang = 0; lang < LANG_N; lang++)
        for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
            struct span s;
            assert_ok(span_typed(mem, quantity_span(mem, (enum lang)lang, spans[i]), &s));
            assert_true(s.count == spans[i].count && s.unit == spans[i].unit);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_ARENA(a_number_and_its_unit), IN_ARENA(a_span_is_read_as_it_is_said)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
