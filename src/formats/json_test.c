/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/json.h"

static arena *mem;

static json_t *read_ok(str s)
{
    json_t *v = NULL;
    err e = json_parse(mem, s, &v);
    if (e.code != OK)
        print_message("refused: %s at %s: %.*s\n", e.msg, e.at ? e.at : "-", STR_ARG(s));
    assert_int_equal(e.code, OK);
    return v;
}

static void refused(const char *text, size_t n, const char *msg, const char *at)
{
    json_t *v = NULL;
    err e = json_parse(mem, (str){text, n}, &v);
    assert_int_equal(e.code, E_MALFORMED);
    assert_null(v);
    assert_string_equal(e.msg, msg);
    if (at)
        assert_string_equal(e.at, at);
}
#define REFUSED(text_, msg_, at_) refused(text_, sizeof text_ - 1, msg_, at_)

static void takes_what_rfc_8259_allows(void **state)
{
    static const char *const good[] = {"null", " true ", "-0", "1e3", "\"\\u00e9\\ud83d\\ude00\"", "[]", "{}", "[[[1]]]",
                                       "{\"a\":{\"b\":[1,2,{\"c\":null}]}}", "\xEF\xBB\xBF{\"a\":1}", "9223372036854775807"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_non_null(read_ok(str_of(good[i])));
}

static void refuses_and_says_where(void **state)
{
    REFUSED("", "formats.json.cut_short", "l. 1, col. 1");
    REFUSED("{\"a\":1", "formats.json.cut_short", NULL);
    REFUSED("{\"a\":1,}", "formats.json.syntax", "l. 1, col. 8");
    REFUSED("{\n  \"a\": 1,\n  \"a\": 2}", "formats.json.duplicate_key", "l. 3, col. 5");
    REFUSED("[1] 2", "formats.json.text_after", "l. 1, col. 5");
    REFUSED("\"caf\xE9\"", "formats.json.bad_utf8", NULL);
    REFUSED("\"\xED\xA0\x80\"", "formats.json.bad_utf8", NULL);
    REFUSED("[99999999999999999999]", "formats.json.number_too_large", NULL);
    REFUSED("[1e999]", "formats.json.number_too_large", NULL);
    REFUSED("\"a\\u0000b\"", "formats.json.nul", NULL);
    REFUSED("{a:1}", "formats.json.syntax", NULL);
    REFUSED("[01]", "formats.json.syntax", NULL);
    REFUSED("\"\\ud800\"", "formats.json.syntax", NULL);
    REFUSED("NaN", "formats.json.syntax", NULL);
}

static void refuses_what_is_too_deep_or_too_long(void **state)
{
    char deep[JSON_MAX_DEPTH * 2 + 3];
    json_t *v;

    for (size_t n = JSON_MAX_DEPTH; n <= JSON_MAX_DEPTH + 1; n++) {
        memset(deep, '[', n);
        memset(deep + n, ']', n);
        if (n == JSON_MAX_DEPTH)
            read_ok((str){deep, 2 * n});
        else
            refused(deep, 2 * n, "formats.json.too_deep", "l. 1, col. 65");
    }
    assert_int_equal(json_parse_max(mem, S("[1,2,3]"), 6, &v).code, E_TOO_LARGE);
    /* brackets inside strings are no depth */
    buf b = BUF(1000);
    buf_char(&b, '"');
    for (int i = 0; i < 200; i++)
        buf_lit(&b, i % 2 ? "[" : "\\\"");
    buf_char(&b, '"');
    read_ok(buf_str(&b));
    buf_free(&b);
}

static void reads_by_path(void **state)
{
    json_t *v = read_ok(S("{\"revision\":{\"champs\":[{\"label\":\"a\"},{\"label\":\"b\",\"required\":true,\"level\":2}]}}"));

    assert_string_equal(json_string_value(json_path(v, "revision.champs[1].label")), "b");
    assert_null(json_path(v, "revision.champs[2].label"));
    assert_null(json_path(v, "revision.nothing.label"));
    assert_null(json_path(v, "revision.champs[x]"));
    assert_ptr_equal(json_path(v, ""), v);
    const json_t *f = json_path(v, "revision.champs[1]");
    assert_true(json_bool(f, "required", false));
    assert_true(json_bool(f, "label", true));
    assert_int_equal(json_i64(f, "level", 0), 2);
    assert_null(json_str(f, "level").p);
    assert_true(str_is(json_str(f, "label"), "b"));
}

static void canonical_does_not_depend_on_order_or_spaces(void **state)
{
    str a = json_canonical(mem, read_ok(S("{ \"b\" : [ 1 , 2.50, 1e2 ] , \"a\\u00e9\" : \"\\/\\n\\u0001\" , \"a\":0.1}")));
    str b = json_canonical(mem, read_ok(S("{\"a\":0.1,\"a\xC3\xA9\":\"/\\n\\u0001\",\"b\":[1,2.5,100.0]}")));

    assert_true(str_eq(a, b));
    assert_true(str_is(a, "{\"a\":0.1,\"a\xC3\xA9\":\"/\\n\\u0001\",\"b\":[1,2.5,100.0]}"));
    assert_true(str_eq(json_canonical(mem, read_ok(a)), a));
}

static void pretty_keeps_the_order(void **state)
{
    json_t *v = read_ok(S("{\"z\":[],\"a\":{},\"m\":[1,{\"k\":\"v\"}]}"));
    assert_true(str_is(json_pretty(mem, v),
                       "{\n  \"z\": [],\n  \"a\": {},\n  \"m\": [\n    1,\n    {\n      \"k\": \"v\"\n    }\n  ]\n}\n"));
}

static void the_writer_puts_commas(void **state)
{
    buf b = BUF(1000);
    struct jw w = jw(&b);

    jw_object(&w);
    jw_key(&w, "procedures");
    jw_array(&w);
    for (int i = 0; i < 2; i++) {
        jw_object(&w);
        jw_member_str(&w, "slug", S("caf\xC3\xA9 \"x\""));
        jw_member_str(&w, "nothing", STR_NONE);
        jw_member_i64(&w, "n", i);
        jw_key(&w, "lat");
        jw_f64(&w, 48.1);
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "next");
    jw_str(&w, STR_NONE);
    jw_key(&w, "ok");
    jw_bool(&w, true);
    jw_key(&w, "raw");
    jw_raw(&w, S("[1]"));
    jw_end(&w);
    assert_true(str_is(buf_str(&b), "{\"procedures\":[{\"slug\":\"caf\xC3\xA9 \\\"x\\\"\",\"lat\":48.1},"
                                    "{\"slug\":\"caf\xC3\xA9 \\\"x\\\"\",\"n\":1,\"lat\":48.1}],\"next\":null,\"ok\":true,\"raw\":[1]}"));
    buf_free(&b);
}

static void bad_bytes_from_inside_never_make_bad_json(void **state)
{
    json_t *o = json_own(mem, json_object());
    json_put_str(o, "k", S("a\xFF\xC3(b"));
    json_put_str(o, "none", STR_NONE);
    assert_true(str_is(json_canonical(mem, o), "{\"k\":\"a\xEF\xBF\xBD\xEF\xBF\xBD(b\",\"none\":null}"));
}

static int open_arena(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(mem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_what_rfc_8259_allows, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_and_says_where, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_too_deep_or_too_long, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(reads_by_path, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(canonical_does_not_depend_on_order_or_spaces, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(pretty_keeps_the_order, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_writer_puts_commas, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(bad_bytes_from_inside_never_make_bad_json, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
