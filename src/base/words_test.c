/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/test.h"
#include "base/words.h"

static arena *a;

static void keys(void **state)
{
    assert_str(words(LANG_FR, "base.month.8"), "août");
    assert_str(words(LANG_EN, "base.month.8"), "August");
    assert_str(words(LANG_FR, "nobody.knows.this"), "nobody.knows.this");
    assert_str(words_fill(a, LANG_EN, "view.step", "current", S("2"), "total", S("5"), NULL), "Step 2 of 5");
    assert_str(words_fill(a, LANG_EN, "view.step", "total", S("{current}"), NULL), "Step  of {current}");   /* a value is never filled again */
}

static void plurals(void **state)
{
    assert_str(words_count(a, LANG_FR, "view.faults", 0), "0 réponse est à corriger");
    assert_str(words_count(a, LANG_FR, "view.faults", 1), "1 réponse est à corriger");
    assert_str(words_count(a, LANG_FR, "view.faults", 2), "2 réponses sont à corriger");
    assert_str(words_count(a, LANG_EN, "view.faults", 0), "0 answers need correcting");
    assert_str(words_count(a, LANG_EN, "view.faults", 1), "1 answer needs correcting");
}

static void dates(void **state)
{
    assert_str(words_date(a, LANG_FR, days_of(2026, 11, 23)), "23\u00a0novembre 2026");
    assert_str(words_date(a, LANG_FR, days_of(2026, 5, 1)), "1er\u00a0mai 2026");
    assert_str(words_date(a, LANG_EN, days_of(2026, 11, 23)), "23 November 2026");
    int64_t at = days_of(2026, 11, 23) * DAY_US + 22 * HOUR_US + 4 * MINUTE_US;
    assert_str(words_time_us(a, LANG_FR, at, S("Europe/Paris")), "23\u00a0novembre 2026 à 23\u00a0h\u00a004");
    assert_str(words_time_us(a, LANG_EN, at, S("Europe/Paris")), "23 November 2026 at 23:04");
    assert_str(words_date_us(a, LANG_EN, at + 2 * HOUR_US, S("Europe/Paris")), "24 November 2026");
}

static void numbers(void **state)
{
    assert_str(words_number(a, LANG_FR, 12345), "12\u202f345");
    assert_str(words_number(a, LANG_EN, 1234567), "1,234,567");
    assert_str(words_number(a, LANG_FR, 999), "999");
    assert_str(words_number(a, LANG_EN, INT64_MIN), "\u22129,223,372,036,854,775,808");
    assert_str(words_size(a, LANG_FR, 0), "0\u00a0o");
    assert_str(words_size(a, LANG_FR, 999), "999\u00a0o");
    assert_str(words_size(a, LANG_FR, 1200), "1,2\u00a0ko");
    assert_str(words_size(a, LANG_EN, 1234567), "1.2 MB");
    assert_str(words_size(a, LANG_EN, 15000000), "15 MB");
    assert_str(words_size(a, LANG_EN, 5000000000), "5 GB");
    assert_str(words_size(a, LANG_EN, 999960), "1 MB");
}

int main(void)
{
    a = arena_new(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys), cmocka_unit_test(plurals), cmocka_unit_test(dates), cmocka_unit_test(numbers)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
