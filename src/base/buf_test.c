/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "base/buf.h"
#include "base/log.h"
#include <jansson.h>
#include <string.h>
#include <unistd.h>

static void writes_and_grows(void **state)
{
    AUTO(buf_free) buf b = BUF(100000);
    assert_str(buf_str(&b), "");
    for (int i = 0; i < 1000; i++) buf_i64(&b, i);
    buf_char(&b, '-');
    buf_i64(&b, INT64_MIN);
    buf_fmt(&b, " %s %d", "fin", 3);
    buf_lit(&b, ".");
    assert_true(str_ends(buf_str(&b), S("998999--9223372036854775808 fin 3.")));
    assert_int_equal(b.p[b.n], 0);
    assert_false(b.full);
}

static void stops_at_its_maximum(void **state)
{
    AUTO(buf_free) buf b = BUF(5);
    buf_lit(&b, "abcde");
    assert_false(b.full);
    buf_char(&b, 'f');
    assert_true(b.full);
    buf_fmt(&b, "%d", 7);
    assert_str(buf_str(&b), "abcde");
    AUTO(buf_free) buf c = BUF(0);
    buf_put(&c, STR_NONE);
    assert_false(c.full);
    buf_char(&c, 'x');
    assert_true(c.full);
    AUTO(buf_free) buf d = BUF(3);
    buf_lit(&d, "ab");
    buf_lit(&d, "cd");                          /* all or nothing */
    assert_str(buf_str(&d), "ab");
}

static void escapes(void **state)
{
    AUTO(buf_free) buf b = BUF(1000);
    buf_html(&b, S("<a href=\"x\" id='y'>&é"));
    assert_str(buf_str(&b), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;é");
    AUTO(buf_free) buf u = BUF(1000);
    buf_url(&u, S("a b/é~-._?&=%"));
    assert_str(buf_str(&u), "a%20b%2F%C3%A9~-._%3F%26%3D%25");
    AUTO(buf_free) buf j = BUF(1000);
    buf_json(&j, (str){"a\"\\\n\0é\xFFz", 9});
    assert_str(buf_str(&j), "\"a\\\"\\\\\\n\\u0000é\xEF\xBF\xBDz\"");
}

static str log_taken(char *bytes, size_t size, void (*speak)(void))
{
    int ends[2], old = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    speak();
    dup2(old, STDERR_FILENO);
    close(old);
    close(ends[1]);
    ssize_t n = read(ends[0], bytes, size);
    close(ends[0]);
    return (str){bytes, n > 0 ? (size_t)n : 0};
}

static void speak_once(void)
{
    log_line(LOG_DEBUG, "quiet", "%d", 1);
    log_line(LOG_WARN, "store", "said \"%s\"\n", "é");
}

static void speak_json(void)
{
    log_json(LOG_INFO, "request", S("\"status\":200,\"us\":812"));
}

static void log_lines_are_json(void **state)
{
    char bytes[4096];
    str line = log_taken(bytes, sizeof bytes, speak_once);
    assert_true(str_ends(line, S("}\n")));
    json_t *j = json_loadb(line.p, line.n, 0, NULL);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(j, "text")), "said \"é\"\n");
    json_decref(j);
    line = log_taken(bytes, sizeof bytes, speak_json);
    j = json_loadb(line.p, line.n, 0, NULL);
    assert_non_null(j);
    assert_int_equal(json_integer_value(json_object_get(j, "us")), 812);
    assert_string_equal(json_string_value(json_object_get(j, "what")), "request");
    json_decref(j);
}

static void every_code_has_a_name(void **state)
{
    for (int i = OK; i < E_INTERNAL; i++) assert_string_not_equal(err_name((enum err_code)i), "internal");
    assert_string_equal(err_name((enum err_code)999), "internal");
    assert_string_equal(err_name(E_NOT_FOUND), "not_found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_grows),   cmocka_unit_test(stops_at_its_maximum),  cmocka_unit_test(escapes),
        cmocka_unit_test(log_lines_are_json), cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
