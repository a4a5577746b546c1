/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The same value, written as YAML and as JSON: each part is found where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/yaml.h"

static arena *mem;

static void at(const struct marks *m, const json_t *root, const char *pointer, const char *value, const char *key)
{
    struct mark v = marks_find(m, root, str_of(pointer)), k = marks_key(m, root, str_of(pointer));
    assert_string_equal(str_z(mem, str_fmt(mem, "%u:%u", v.line, v.column)), value);
    assert_string_equal(str_z(mem, str_fmt(mem, "%u:%u", k.line, k.column)), key);
}

static void parts_of_yaml(void **state)
{
    json_t *v;
    struct marks *m;
    (void)state;
    assert_int_equal(yaml_parse_marked(mem, S("é a:\n  b/c: 'x'\n  list:\n    - 1\n    - {k: true, l: [2]}\n"), &v, &m, NULL).code, OK);
    at(m, v, "/é a", "1:1", "1:1");
    at(m, v, "/é a/b~1c", "2:8", "2:3");
    at(m, v, "/é a/list", "3:3", "3:3");
    at(m, v, "/é a/list/0", "4:7", "4:7");
    at(m, v, "/é a/list/1/k", "5:11", "5:8");
    at(m, v, "/é a/list/1/l/0", "5:21", "5:21");
    at(m, v, "/é a/list/7", "3:3", "3:3");              /* the last step that is there */
    at(m, v, "/é a/none", "1:1", "1:1");
    at(m, v, "/none", "0:0", "0:0");
    at(m, v, "", "0:0", "0:0");
}

static void parts_of_json(void **state)
{
    json_t *v;
    str text = S("{\"é \\\"a\": {\"b/c\": \"x,\\\\\",\n  \"list\": [1, {\"k\": true,\"l\":[2]}, -3.5e2]},\n\"z\":null}");
    (void)state;
    assert_int_equal(json_parse(mem, text, &v).code, OK);
    struct marks *m = json_marks(mem, text, v);
    at(m, v, "/é \"a", "1:2", "1:2");
    at(m, v, "/é \"a/b~1c", "1:19", "1:12");
    at(m, v, "/é \"a/list", "2:3", "2:3");
    at(m, v, "/é \"a/list/0", "2:12", "2:12");
    at(m, v, "/é \"a/list/1/k", "2:21", "2:16");
    at(m, v, "/é \"a/list/1/l/0", "2:31", "2:31");
    at(m, v, "/é \"a/list/2", "2:36", "2:36");
    at(m, v, "/z", "3:5", "3:1");
}

static void a_fault_of_yaml_has_a_place(void **state)
{
    json_t *v;
    struct mark fault = {0};
    (void)state;
    assert_int_equal(yaml_parse_marked(mem, S("a: 1\nb: &x 2\n"), &v, NULL, &fault).code, E_MALFORMED);
    assert_int_equal(fault.line, 2);
    assert_int_equal(fault.column, 4);
    assert_int_equal(yaml_parse_marked(mem, S("a: 1\nb: \xff\n"), &v, NULL, &fault).code, E_MALFORMED);
    assert_int_equal(fault.line, 2);
    assert_int_equal(fault.column, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts_of_yaml), cmocka_unit_test(parts_of_json), cmocka_unit_test(a_fault_of_yaml_has_a_place)};
    mem = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(mem);
    return failed;
}
