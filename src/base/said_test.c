/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "base/test.h"

static str drawn(arena *a, str s, enum lang page)
{
    buf b = BUF(4096);
    buf_said(&b, s, page);
    str out = str_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}

static void words_of_another_language_are_marked(void **state)
{
    arena *a = arena_new(0);
    str title = str_copy(a, S("L’école & la cour")), same = str_copy(a, title);
    (void)state;
    assert_true(said_in(title, LANG_FR).p == title.p);
    assert_true(str_is(drawn(a, title, LANG_EN), "<span lang=\"fr\">L’école &amp; la cour</span>"));
    assert_true(str_is(drawn(a, title, LANG_FR), "L’école &amp; la cour"));
    assert_true(str_is(drawn(a, same, LANG_EN), "L’école &amp; la cour"));          /* the same letters elsewhere: nobody said so */
    assert_true(str_is(drawn(a, str_cut(title, 0, 2), LANG_EN), "L\xE2"));          /* a piece is other words */
    said_forget();
    assert_true(str_is(drawn(a, title, LANG_EN), "L’école &amp; la cour"));
    arena_free(a);
}

static void many_are_held_and_forgotten(void **state)
{
    arena *a = arena_new(0);
    str v[600];
    size_t marked = 0;
    enum lang lang;
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 600; i++) v[i] = said_in(str_fmt(a, "mot %zu", i), LANG_FR);
        for (size_t i = marked = 0; i < 600; i++) marked += said_noted(v[i], &lang);
        assert_true(marked > 570);
        said_forget();
        for (size_t i = 0; i < 600; i++) assert_false(said_noted(v[i], &lang));
    }
    assert_false(said_noted(said_in(STR_NONE, LANG_FR), &lang));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_of_another_language_are_marked), cmocka_unit_test(many_are_held_and_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
