/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/hash.h"
#include "base/money.h"

static void amount(double euros, int64_t wanted)
{
    int64_t cents;
    assert_int_equal(money_cents(euros, &cents).code, OK);
    assert_int_equal(cents, wanted);
    assert_int_equal(money_cents(-euros, &cents).code, OK);
    assert_int_equal(cents, -wanted);
}

/* As article 5 of regulation (EC) No 1103/97 has it of conversions: to the nearest cent, half-way up. */
static void to_the_nearest_cent(void **state)
{
    amount(0, 0);
    amount(1, 100);
    amount(2.1, 210);
    amount(0.01, 1);
    amount(0.004, 0);
    amount(0.0049999, 0);
    amount(0.005, 1);
    amount(0.0051, 1);
    amount(0.05, 5);
    amount(1.005, 101);         /* the nearest double is 1.00499999999999989… */
    amount(2.675, 268);
    amount(1.0049999999999, 100);
    amount(0.1 + 0.2, 30);
    amount(1234.565, 123457);
    amount(99.995, 10000);
    amount(1e-300, 0);
    amount(1e15, 100000000000000000);
    amount(9e15, 900000000000000000);
    amount(123456789012.345, 12345678901235);
}

static void every_cent_is_itself(void **state)
{
    for (int64_t c = 0; c < 300000; c++) {
        int64_t cents;
        assert_int_equal(money_cents((double)c / 100, &cents).code, OK);
        assert_int_equal(cents, c);
    }
}

static void what_is_no_amount(void **state)
{
    int64_t cents;
    assert_int_equal(money_cents(NAN, &cents).code, E_INVALID);
    assert_int_equal(money_cents(INFINITY, &cents).code, E_INVALID);
    assert_int_equal(money_cents(-INFINITY, &cents).code, E_INVALID);
    assert_int_equal(money_cents(9.1e15, &cents).code, E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(to_the_nearest_cent), cmocka_unit_test(every_cent_is_itself), cmocka_unit_test(what_is_no_amount)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
