/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include <string.h>

static arena *a;

static void ids_are_ordered_and_read_back(void **state)
{
    int64_t last = 0;
    str last_text = S("0");
    for (int i = 0; i < 20000; i++) {
        int64_t id = id_new(), back;
        str text = id_text(a, id);
        assert_true(id > last);
        assert_true(str_cmp(text, last_text) > 0);
        assert_ok(id_parse(text, &back));
        assert_true(back == id);
        last = id;
        last_text = text;
    }
    int64_t off_us = clock_now_us() - id_time_us(last);
    assert_true(off_us > -SECOND_US && off_us < SECOND_US);
}

static void ids_follow_a_clock_that_moves(void **state)
{
    int64_t at = INT64_C(1800000000) * SECOND_US;
    clock_freeze_us(at);
    int64_t first = id_new(), second = id_new();
    assert_true(second > first);
    assert_true(id_time_us(first) == at);
    clock_freeze_us(at - DAY_US);
    assert_true(id_time_us(id_new()) == at - DAY_US);
    clock_freeze_us(0);
}

static void bad_ids_are_refused(void **state)
{
    static const char *const bad[] = {"", "0", "00000000000000", "000000000000U", "8000000000000", "ZZZZZZZZZZZZZ", "0000000000 00", "000000000000é"};
    int64_t id;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_err(id_parse(str_of(bad[i]), &id), E_INVALID);
    assert_ok(id_parse(S("7ZZZZZZZZZZZZ"), &id));
    assert_true(id == INT64_MAX);
    assert_ok(id_parse(S("000000000ioL0"), &id));     /* i and L are read as 1, o as 0 */
    assert_true(id == (32 * 32 * 32 + 32));
}

static void hashes_and_texts(void **state)
{
    /* RFC 7693 gives BLAKE2b-512; this is the 256-bit value of "abc" as `b2sum -l 256` prints it. */
    struct hash32 h = hash_blake2b(S("abc"));
    assert_str(hex_of(a, h.b, 32), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    struct hash32 k1 = hash_blake2b_keyed(S("abc"), (str){(const char *)h.b, 32});
    assert_memory_not_equal(k1.b, h.b, 32);
    str out;
    assert_ok(hex_parse(a, S("00fFA0"), &out));
    assert_int_equal(out.n, 3);
    assert_memory_equal(out.p, "\x00\xff\xa0", 3);
    assert_err(hex_parse(a, S("0"), &out), E_MALFORMED);
    assert_err(hex_parse(a, S("0g"), &out), E_MALFORMED);
    assert_ok(hex_parse(a, STR_NONE, &out));
    assert_str(base64url_of(a, "\xfb\xff\xfe", 3), "-__-");
    for (size_t n = 0; n < 70; n++) {
        uint8_t bytes[70];
        random_bytes(bytes, n);
        assert_ok(base64url_parse(a, base64url_of(a, bytes, n), &out));
        assert_int_equal(out.n, n);
        assert_memory_equal(out.p, bytes, n);
    }
    static const char *const bad[] = {"a", "ab==", "+/+/", "a b c", "ab\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_err(base64url_parse(a, str_of(bad[i]), &out), E_MALFORMED);
    assert_true(secret_eq(S("x"), S("x")) && !secret_eq(S("x"), S("y")) && !secret_eq(S("x"), S("xy")) && secret_eq(STR_NONE, S("")));
}

static void random_numbers_are_spread(void **state)
{
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++) {
        uint64_t v = random_below(7);
        assert_true(v < 7);
        seen[v]++;
    }
    for (int i = 0; i < 7; i++) assert_in_range(seen[i], 700, 1300);       /* ten standard deviations */
    assert_int_equal(random_below(1), 0);
    assert_int_equal(random_below(0), 0);
}

static void codes_are_read_as_people_type_them(void **state)
{
    for (int i = 0; i < 200; i++) {
        str code = letters_code(a, 12);
        assert_int_equal(code.n, 14);
        assert_true(code.p[4] == '-' && code.p[9] == '-');
        assert_null(strpbrk(code.p, "AEIOUYaeiouy0123456789"));
        assert_true(str_eq(letters_normalise(a, code), code));
    }
    assert_str(letters_normalise(a, S(" bcdf ghjk-lm ")), "BCDF-GHJK-LM");
    assert_null(letters_normalise(a, S("BCDA")).p);
    assert_null(letters_normalise(a, (str){"BC\0D", 4}).p);
    assert_null(letters_normalise(a, S(" - ")).p);
    assert_str(letters_code(a, 0), "");
    struct hash32 h = hash_blake2b(S("x")), other = hash_blake2b(S("y"));
    str made = letters_of(a, &h, 12);
    assert_true(made.n == 14 && str_eq(made, letters_normalise(a, made)) && str_eq(made, letters_of(a, &h, 12)) && !str_eq(made, letters_of(a, &other, 12)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_ordered_and_read_back), cmocka_unit_test(ids_follow_a_clock_that_moves),
        cmocka_unit_test(bad_ids_are_refused),           cmocka_unit_test(hashes_and_texts),
        cmocka_unit_test(random_numbers_are_spread),     cmocka_unit_test(codes_are_read_as_people_type_them),
    };
    hash_start();
    a = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
