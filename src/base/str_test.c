/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "base/utf8.h"
#include <string.h>

static arena *a;

static void pieces(void **state)
{
    assert_true(str_eq(STR_NONE, S("")));
    assert_true(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("b"), S("ab")) > 0 && str_cmp(S("é"), S("z")) > 0);
    assert_true(str_starts(S("dossier"), S("doss")) && !str_starts(S("do"), S("doss")) && str_starts(STR_NONE, STR_NONE));
    assert_true(str_ends(S("x.html"), S(".html")) && !str_ends(S("l"), S("html")) && str_ends(STR_NONE, S("")));
    assert_int_equal(str_find(S("abcabd"), S("abd")), 3);
    assert_int_equal(str_find(S("abc"), S("abcd")), -1);
    assert_int_equal(str_find_char(STR_NONE, 'x'), -1);
    assert_str(str_cut(S("abcdef"), 4, 99), "ef");
    assert_str(str_cut(S("abcdef"), 9, 3), "");
    assert_null(str_cut(STR_NONE, 0, 5).p);
    assert_str(str_trim(S(" \t\r\n a b \v\f")), "a b");
    assert_str(str_trim(S("   ")), "");
    assert_str(str_lower_ascii(a, S("ÉTÉ Abc")), "ÉtÉ abc");
    str rest;
    assert_str(str_split(S("a=b=c"), '=', &rest), "a");
    assert_str(rest, "b=c");
    assert_str(str_split(S("abc"), '=', &rest), "abc");
    assert_null(rest.p);
    assert_str(str_split(S("abc="), '=', &rest), "abc");
    assert_non_null(rest.p);
    assert_null(str_of(NULL).p);
    assert_string_equal(str_z(a, STR_NONE), "");
    assert_str(str_fmt(a, "%d %.*s", 12, STR_ARG(S("mots"))), "12 mots");
    assert_int_equal(str_fmt(a, "%01000d", 7).n, 1000);
    assert_str(str_join(a, (struct strs){(str[]){S("a"), S(""), S("c")}, 3}, S(", ")), "a, , c");
    assert_str(str_join(a, (struct strs){0}, S(", ")), "");
}

static void whole_numbers(void **state)
{
    static const struct { const char *z; int64_t v; } good[] = {{"0", 0}, {"-1", -1}, {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN}, {"007", 7}};
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999", "0x10", "1e3", "١"};
    int64_t v;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(str_i64(str_of(good[i].z), &v));
        assert_true(v == good[i].v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_err(str_i64(str_of(bad[i]), &v), E_INVALID);
    assert_err(str_i64((str){"1\0002", 3}, &v), E_INVALID);
}

static void decimal_numbers(void **state)
{
    static const struct { const char *z; double v; } good[] = {{"0", 0}, {"-1.5", -1.5}, {"48.1737", 48.1737}, {"1e3", 1000}, {".5", .5}, {"5.", 5}};
    static const char *const bad[] = {"", ".", "-", "1,5", "nan", "inf", "0x1p3", "1e", "1e999", " 1", "1 ", "1.2.3",
        "1111111111111111111111111111111111111111111111111111111111111111"};
    double v;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(str_f64(str_of(good[i].z), &v));
        assert_true(v == good[i].v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_err(str_f64(str_of(bad[i]), &v), E_INVALID);
}

static void folding(void **state)
{
    assert_str(str_fold(a, S("Épinal, œuvre d’Été")), "epinal, oeuvre d'ete");
    assert_str(str_fold(a, S("ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑ")), "aaaceeeeiioouuuyoeaen");
    assert_str(str_fold(a, S("Łódź Đorđe Straße IŞIK")), "lodz dorde strasse isik");
    assert_str(str_fold(a, S("e\xCC\x81t\xC2\xA0" "E")), "et e");           /* a combining accent, a no-break space */
    assert_str(str_fold(a, S("3 × 4")), "3 × 4");
    assert_str(str_fold(a, S("Ελλάς ЖУК")), "ελλάς жук");
    assert_str(str_fold(a, S("a\xFF" "b\xC3")), "ab");
    assert_str(str_fold(a, STR_NONE), "");
    for (uint32_t c = 0x80; c < 0x3000; c++) {                              /* never longer, always valid */
        char z[4];
        size_t n = utf8_put(z, c);
        str f = str_fold(a, (str){z, n});
        assert_true(f.n <= n && utf8_valid(f));
    }
}

static void utf8_sequences(void **state)
{
    static const char *const good[] = {"", "abc", "é", "€", "😀", "\xF4\x8F\xBF\xBF", "0123456789abcdefé0123456789"};
    static const char *const bad[] = {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", "\xE2\x82", "\xE2\x28\xA1", "0123456789abcdef\xC3"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(utf8_valid(str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(utf8_valid(str_of(bad[i])));
        assert_false(utf8_clean(str_of(bad[i])));
    }
    assert_int_equal(utf8_length(S("déjà 😀")), 6);
    assert_str(utf8_cut(S("déjà vu"), 4), "déjà");
    assert_str(utf8_cut(S("dé"), 10), "dé");
    for (uint32_t c = 0; c <= 0x10FFFF; c += c < 0x11000 ? 1 : 97) {        /* there and back */
        char z[4];
        uint32_t back;
        size_t at = 0, n = utf8_put(z, c);
        assert_true(utf8_next((str){z, n}, &at, &back) && at == n);
        assert_int_equal(back, c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);
    }
    assert_true(utf8_clean(S("a\tb\r\nc")));
    assert_false(utf8_clean((str){"a\0b", 3}));
    assert_false(utf8_clean(S("a\x1B[31m")));
    assert_false(utf8_clean(S("\xEF\xBF\xBF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces),  cmocka_unit_test(whole_numbers),  cmocka_unit_test(decimal_numbers),
        cmocka_unit_test(folding), cmocka_unit_test(utf8_sequences),
    };
    a = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
