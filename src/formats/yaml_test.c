/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/yaml.h"

static arena *mem;

static void reads_as(const char *yaml, const char *json)
{
    json_t *v = NULL;
    err e = yaml_parse(mem, str_of(yaml), &v);
    if (e.code != OK)
        print_message("refused: %s at %s: %s\n", e.msg, e.at ? e.at : "-", yaml);
    assert_int_equal(e.code, OK);
    assert_string_equal(json_canonical(mem, v).p, json);
}

static void refused(const char *yaml, const char *msg, const char *at)
{
    json_t *v = NULL;
    err e = yaml_parse(mem, str_of(yaml), &v);
    assert_int_equal(e.code, E_MALFORMED);
    assert_null(v);
    assert_string_equal(e.msg, msg);
    if (at)
        assert_string_equal(e.at, at);
}

static void scalars_are_what_they_look_like(void **state)
{
    reads_as("[oui, non, no, on, off, yes, Y]", "[\"oui\",\"non\",\"no\",\"on\",\"off\",\"yes\",\"Y\"]");
    reads_as("[true, False, null, ~, '', \"true\"]", "[true,false,null,null,\"\",\"true\"]");
    reads_as("[1, -2, 01053, +3, 1.5, 1e3, .5, 1., 0x10, 1_000, 2024-01-02, 12:30, .inf]",
             "[1,-2,\"01053\",\"+3\",1.5,1000.0,\".5\",\"1.\",\"0x10\",\"1_000\",\"2024-01-02\",\"12:30\",\".inf\"]");
    reads_as("9223372036854775807", "9223372036854775807");
    reads_as("", "null");
    reads_as("# nothing\n", "null");
    reads_as("a:\nb: x\n", "{\"a\":null,\"b\":\"x\"}");
}

static void reads_the_kinds_of_the_design(void **state)
{
    reads_as("kind: report            # a note\n"
             "title: {fr: Signalement, en: Report}\n"
             "fields:\n"
             "  - {id: f1, name: problème, required: true, label: {fr: \"Quel est le problème ?\"}}\n"
             "  - {id: f5, when: rappel souhaité = oui}\n"
             "states:\n"
             "  open:  {public: true}\n"
             "transitions:\n"
             "  late:  {from: [received], after: 15 working days, does: [{notify: team}]}\n"
             "text: |\n  a\n  b\n",
             "{\"fields\":[{\"id\":\"f1\",\"label\":{\"fr\":\"Quel est le problème ?\"},\"name\":\"problème\",\"required\":true},"
             "{\"id\":\"f5\",\"when\":\"rappel souhaité = oui\"}],\"kind\":\"report\",\"states\":{\"open\":{\"public\":true}},"
             "\"text\":\"a\\nb\\n\",\"title\":{\"en\":\"Report\",\"fr\":\"Signalement\"},"
             "\"transitions\":{\"late\":{\"after\":\"15 working days\",\"does\":[{\"notify\":\"team\"}],\"from\":[\"received\"]}}}");
}

static void refuses_and_says_where(void **state)
{
    refused("a: 1\nb: 2\na: 3\n", "formats.yaml.duplicate_key", "l. 3, col. 1");
    refused("a: &x 1\nb: *x\n", "formats.yaml.anchor", "l. 1, col. 4");
    refused("a: *x\n", "formats.yaml.anchor", NULL);
    refused("*x : 1\n", "formats.yaml.anchor", NULL);
    refused("- &x [1]\n", "formats.yaml.anchor", NULL);
    refused("a: !!str 1\n", "formats.yaml.tag", "l. 1, col. 4");
    refused("a: !x {b: 1}\n", "formats.yaml.tag", NULL);
    refused("? [a, b]\n: 1\n", "formats.yaml.key_not_scalar", "l. 1, col. 3");
    refused("a: 1\n---\nb: 2\n", "formats.yaml.several", NULL);
    refused("a: [1, 2\nb: 3\n", "formats.yaml.syntax", NULL);
    refused("a: b: c\n", "formats.yaml.syntax", "l. 1, col. 5");
    refused("\tx: 1\n", "formats.yaml.syntax", NULL);
    refused("a: 99999999999999999999\n", "formats.yaml.number_too_large", "l. 1, col. 4");
    refused("a: x\nb: caf\xE9\n", "formats.yaml.bad_utf8", "l. 2, col. 7");
    refused("a: \"\\0\"\n", "formats.yaml.syntax", NULL);
}

static void refuses_what_is_too_deep_or_too_many(void **state)
{
    char deep[2 * JSON_MAX_DEPTH + 4];
    json_t *v = NULL;
    size_t n = JSON_MAX_DEPTH + 1;

    memset(deep, '[', n);
    memset(deep + n, ']', n);
    deep[2 * n] = 0;
    refused(deep, "formats.yaml.too_deep", "l. 1, col. 65");
    deep[2 * n - 1] = 0;
    assert_int_equal(yaml_parse(mem, str_of(deep + 1), &v).code, OK);

    buf b = BUF((size_t)1 << 20);
    for (int i = 0; i < 200001; i++)
        buf_lit(&b, "-\n");
    assert_string_equal(yaml_parse(mem, buf_str(&b), &v).msg, "formats.yaml.too_many");
    buf_free(&b);
}

static void round_trip(const char *json)
{
    json_t *v = NULL, *back = NULL;
    assert_int_equal(json_parse(mem, str_of(json), &v).code, OK);
    str y = yaml_write(mem, v);
    err e = yaml_parse(mem, y, &back);
    if (e.code != OK)
        print_message("%s at %s\n%s\n", e.msg, e.at, y.p);
    assert_int_equal(e.code, OK);
    assert_string_equal(json_canonical(mem, back).p, json_canonical(mem, v).p);
}

static void what_is_written_reads_back(void **state)
{
    static const char *const values[] = {
        "null", "[]", "{}", "\"\"", "\"oui\"", "[[],[[]],{},[{}]]", "[[1,[2,3]],[\"a\",{\"b\":[1,{\"c\":{}}],\"d\":2}]]",
        "{\"a\":{\"b\":{\"c\":[1,2.5,true,null,\"true\",\"null\",\"1\",\"- x\",\"a: b\",\"#\",\" \",\"a \",\"@\",\"*x\",\"&x\",\"'\"]}}}",
        "[\"\\n\",\"a\\n  b\\n\",\"\\t\",\"\\u0001\\u007f\\u0085\\u2028\\ufeff\",\"\xF0\x9F\x98\x80\",\"\xC3\xA9t\xC3\xA9\",\"---\",\"...\",\"? x\"]",
        "[\"15 jours\",\"3 €\",\"2.5 m²\",\"1 2\",\"1 -\",\"1 #x\",\"0x 1f\",\". x\",\"... x\",\"... x\"]", "{\"... x\":1}", "\"... x\"",
        "{\"\":1,\"~\":2,\"1\":3,\"true\":4,\"a b\":5,\"a: b\":6,\"-\":7,\"\\n\":8}",
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        round_trip(values[i]);
    /* a key longer than YAML's simple keys */
    json_t *o = json_own(mem, json_object());
    char *key = arena_alloc(mem, 3001);
    memset(key, 'k', 3000);
    json_object_set_new(o, key, json_pack("[i]", 1));
    json_t *list = json_own(mem, json_array());
    json_array_append(list, o);
    round_trip(json_canonical(mem, list).p);
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
        cmocka_unit_test_setup_teardown(scalars_are_what_they_look_like, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(reads_the_kinds_of_the_design, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_and_says_where, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_too_deep_or_too_many, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
