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

/* A sentence is made of a title: its note would be lost. */
static void words_within_others_are_marked(void **state)
{
    arena *a = arena_new(0);
    str title = said_in(str_copy(a, S("L’école & la cour")), LANG_FR), english = said_in(str_copy(a, S("Yard")), LANG_EN);
    (void)state;
    str both = str_fmt(a, "Rule “%.*s”, %.*s.", STR_ARG(said_within(a, title, LANG_EN)), STR_ARG(said_within(a, english, LANG_EN)));
    assert_true(str_is(drawn(a, both, LANG_EN), "Rule “<span lang=\"fr\">L’école &amp; la cour</span>”, Yard."));
    assert_true(str_is(drawn(a, both, LANG_FR), "Rule “L’école &amp; la cour”, Yard."));
    assert_true(str_is(said_bare(a, both), "Rule “L’école & la cour”, Yard."));
    assert_string_equal(said_tag_within(both, LANG_EN), "fr");
    assert_null(said_tag_within(both, LANG_FR));
    assert_true(said_within(a, title, LANG_FR).p == title.p);                       /* the page's own: as it was */
    said_in(both, LANG_FR);                                                         /* noted whole: one mark around it */
    assert_true(str_is(drawn(a, both, LANG_EN), "<span lang=\"fr\">Rule “L’école &amp; la cour”, Yard.</span>"));
    assert_true(str_is(said_bare(a, said_within(a, both, LANG_EN)), "Rule “L’école & la cour”, Yard."));
    said_forget();
    arena_free(a);
}

/* People may write these characters: whatever their order, a span that opens closes, and other ones of theirs stay. */
static void marks_that_people_wrote_break_nothing(void **state)
{
    static const struct { const char *written, *drawn; } cases[] = {
        {"\xEE\x80\x80" "a", "<span lang=\"fr\">a</span>"}, {"a\xEE\x80\x8F" "b", "ab"}, {"\xEE\x80\x80" "a\xEE\x80\x80" "b\xEE\x80\x8F\xEE\x80\x8F" "c", "<span lang=\"fr\">a</span><span lang=\"fr\">b</span>c"},
        {"\xEE\x80\x85 \xEE\x81\x80", "\xEE\x80\x85 \xEE\x81\x80"}, {"a\xEE\x80", "a\xEE\x80"}, {"\xEE\x80\x01", "\xEE\x80\x01"}, {"<\xEE\x80\x81>", "&lt;&gt;"}};
    arena *a = arena_new(0);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_true(str_is(drawn(a, str_of(cases[i].written), LANG_EN), cases[i].drawn));
    assert_true(str_is(said_bare(a, S("\xEE\x80\x80" "a\xEE\x80\x80" "b\xEE\x80\x8F")), "ab"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_of_another_language_are_marked), cmocka_unit_test(many_are_held_and_forgotten),
                                       cmocka_unit_test(words_within_others_are_marked), cmocka_unit_test(marks_that_people_wrote_break_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
