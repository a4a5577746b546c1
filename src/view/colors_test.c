/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include "base/test.h"
#include "view/colors.h"

static arena *a;

static str file_read(const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    buf b = BUF(1 << 20);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    fclose(f);
    str s = str_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

/* "--name: #abcdef" in a block of the sheet. */
static str token(str block, const char *name)
{
    str key = str_fmt(a, "--%s:", name);
    ptrdiff_t at = str_find(block, key);
    if (at < 0) return STR_NONE;
    str v = str_trim(str_cut(block, (size_t)at + key.n, (size_t)at + key.n + 9));
    return str_cut(v, 0, 7);
}

static void contrast_is_that_of_the_standard(void **state)
{
    assert_true(fabs(color_contrast(S("#000000"), S("#ffffff")) - 21) < 0.001);
    assert_true(fabs(color_contrast(S("#777777"), S("#ffffff")) - 4.478) < 0.001);
    assert_true(color_contrast(S("#12345"), S("#ffffff")) < 0.001 && color_contrast(S("red"), S("#gggggg")) < 0.001);
}

/* Every pair that is text on a ground, in both modes of web/beffroi.css: 4.5 at least; borders of fields: 3. */
static void the_sheet_has_contrast_by_day_and_by_night(void **state)
{
    str css = file_read(BEFFROI_SOURCE_DIR "/web/beffroi.css");
    ptrdiff_t day = str_find(css, S(":root {")), night = str_find(css, S("prefers-color-scheme: dark"));
    assert_true(day >= 0 && night > day);
    str blocks[2] = {str_cut(css, (size_t)day, (size_t)night), str_cut(css, (size_t)night, (size_t)night + 1500)};
    static const struct { const char *text, *ground; double least; } pairs[] = {
        {"ink", "paper", 7}, {"ink", "sheet", 7}, {"soft", "paper", 4.5}, {"soft", "sheet", 4.5}, {"blue", "paper", 4.5}, {"blue", "sheet", 4.5},
        {"blue-deep", "blue-tint", 4.5}, {"blue", "blue-tint", 4.5}, {"on-tint", "blue", 4.5}, {"on-tint", "red", 4.5}, {"red", "paper", 4.5}, {"red", "sheet", 4.5},
        {"green", "green-tint", 4.5}, {"red-deep", "red-tint", 4.5}, {"blue", "red-tint", 4.5}, {"ink", "yellow-tint", 4.5}, {"ink", "red-tint", 4.5},
        {"ink", "green-tint", 4.5}, {"soft", "yellow-tint", 4.5}, {"blue", "yellow-tint", 4.5}, {"edge", "paper", 3}, {"edge", "sheet", 3}, {"soft", "line", 3}};
    for (int m = 0; m < 2; m++)
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            double got = color_contrast(token(blocks[m], pairs[i].text), token(blocks[m], pairs[i].ground));
            if (got < pairs[i].least) fail_msg("%s: %s on %s is %.2f, %.1f wanted", m ? "night" : "day", pairs[i].text, pairs[i].ground, got, pairs[i].least);
        }
    assert_true(color_contrast(token(blocks[0], "on-yellow"), token(blocks[0], "yellow")) >= 7);
}

static void a_town_may_choose_what_can_be_read(void **state)
{
    buf b = BUF(4096);
    assert_ok(town_style(&b, S("#7A1F5C"), S("#8a6d00")));
    str s = str_copy(a, buf_str(&b));
    assert_true(str_find(s, S("--blue:#7a1f5c;")) >= 0 && str_find(s, S("--accent:#8a6d00;")) >= 0);
    ptrdiff_t night = str_find(s, S("dark"));
    str block = str_cut(s, (size_t)night, s.n);
    assert_true(color_contrast(token(block, "blue"), S("#1a1c20")) >= 6.9);
    assert_true(color_contrast(token(block, "blue"), token(block, "blue-tint")) >= 4.5);
    b.n = 0;
    assert_ok(town_style(&b, STR_NONE, STR_NONE));
    assert_err(town_style(&b, S("#ffcc00"), STR_NONE), E_INVALID);
    assert_err(town_style(&b, S("#1b4b8f"), S("#ffeeaa")), E_INVALID);
    assert_err(town_style(&b, S("blue"), STR_NONE), E_INVALID);
    assert_err(town_style(&b, S("#12345g"), STR_NONE), E_INVALID);
    buf_free(&b);
}

int main(void)
{
    a = arena_new(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(contrast_is_that_of_the_standard), cmocka_unit_test(the_sheet_has_contrast_by_day_and_by_night),
                                       cmocka_unit_test(a_town_may_choose_what_can_be_read)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
