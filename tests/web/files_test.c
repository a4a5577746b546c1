/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The files of web/ stay within what browsers of 2018 understand (DESIGN §8): a newer construct that is not simply ignored is refused. */
#include "base/buf.h"
#include "base/test.h"

static arena *a;

static str file_read(const char *name)
{
    FILE *f = fopen(str_fmt(a, "%s/web/%s", BEFFROI_SOURCE_DIR, name).p, "r");
    if (!f) fail_msg("%s cannot be read", name);
    buf b = BUF(1 << 20);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    fclose(f);
    str s = str_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

/* Comments and the insides of strings and regular expressions of the script blanked out. */
static str code_only(str s, bool script)
{
    char *out = arena_alloc(a, s.n + 1);
    char before = '(';
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;
        out[i] = c;
        if (c == '/' && next == '*') {
            size_t end = i + 2;
            while (end + 1 < s.n && !(s.p[end] == '*' && s.p[end + 1] == '/')) end++;
            memset(out + i, ' ', end + 2 - i);
            i = end + 1;
            continue;
        }
        bool regex = script && c == '/' && strchr("(,=:[!&|?{};\n", before);
        if (c == '"' || c == '\'' || regex) {
            bool in_set = false;
            for (i++; i < s.n && (s.p[i] != c || in_set); i++) {
                if (regex && s.p[i] == '[') in_set = true;
                if (regex && s.p[i] == ']') in_set = false;
                if (s.p[i] == '\\') out[i++] = ' ';
                out[i] = ' ';
            }
            if (i < s.n) out[i] = c;
        }
        if (c != ' ') before = c;
    }
    return (str){out, s.n};
}

static int line_of(str s, size_t at)
{
    int line = 1;
    for (size_t i = 0; i < at; i++) line += s.p[i] == '\n';
    return line;
}

static int refuse(const char *name, str code, const char *const *list)
{
    int found = 0;
    for (; *list; list++) {
        ptrdiff_t at = str_find(code, str_of(*list));
        if (at < 0) continue;
        fprintf(stderr, "web/%s:%d: %s is newer than 2018\n", name, line_of(code, (size_t)at), *list);
        found++;
    }
    return found;
}

static const char *const new_css[] = {"@layer", "@container", "@property", "@scope", "@starting-style", ":has(", ":is(", ":where(", "clamp(", "min(", " max(", "color-mix(",
                                      "oklch(", "aspect-ratio", "inset:", "margin-inline", "padding-inline", "dvh", "&:", "& ", "{ gap:", " gap: var", ":focus-visible {", NULL};
static const char *const new_js[] = {"?.", "??", "||=", "&&=", "=> {\n", "catch {", ".flat(", ".flatMap(", ".at(", ".replaceAll(", ".matchAll(", "Object.fromEntries", "globalThis",
                                     "import(", "import ", "export ", "structuredClone", ".allSettled", "queueMicrotask", "...", "async ", "await ", "`", "#!", "static {", NULL};

static void the_stylesheet_is_understood_since_2018(void **state)
{
    assert_int_equal(refuse("beffroi.css", code_only(file_read("beffroi.css"), false), new_css), 0);
    assert_int_equal(refuse("probe", code_only(S("a { b: '@layer'; } /* @layer */ .x:has(p) {}"), false), new_css), 1);
}

/* A declaration block inside another, other than in @media, is nesting. */
static void the_stylesheet_has_no_nesting(void **state)
{
    str s = code_only(file_read("beffroi.css"), false);
    int depth = 0, media = 0;
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '{') {
            bool at = str_find(str_cut(s, from, i), S("@media")) >= 0;
            if (depth - media > 0) fail_msg("beffroi.css:%d: a rule in a rule", line_of(s, i));
            depth++;
            media += at;
        } else if (s.p[i] == '}') {
            depth--;
            if (depth < media) media = depth;
        }
        if (s.p[i] == '{' || s.p[i] == '}' || s.p[i] == ';') from = i + 1;
    }
    assert_int_equal(depth, 0);
}

static void the_scripts_are_understood_since_2018(void **state)
{
    assert_int_equal(refuse("form.js", code_only(file_read("form.js"), true), new_js), 0);
    assert_int_equal(refuse("map.js", code_only(file_read("map.js"), true), new_js), 0);
    assert_int_equal(refuse("probe", code_only(S("var a = b?.c; var s = 'x?.y'; /* ?? */ x.replace(/[?.]/g, 1);"), true), new_js), 1);
}

/* A strict policy forbids them; words for people are in the catalogues. */
static void the_scripts_hold_no_words_and_no_evaluated_code(void **state)
{
    static const char *const names[] = {"form.js", "map.js"};
    for (size_t i = 0; i < 2; i++) {
        str s = file_read(names[i]);
        assert_true(str_find(s, S("eval(")) < 0 && str_find(s, S("new Function")) < 0 && str_find(s, S("innerHTML")) < 0 && str_find(s, S("document.write")) < 0);
        assert_true(str_find(code_only(s, true), S("alert(")) < 0);
        assert_true(str_find(s, S("é")) < 0 && str_find(s, S("è")) < 0 && str_find(s, S("’")) < 0);
    }
}

int main(void)
{
    a = arena_new(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_stylesheet_is_understood_since_2018), cmocka_unit_test(the_stylesheet_has_no_nesting),
                                       cmocka_unit_test(the_scripts_are_understood_since_2018), cmocka_unit_test(the_scripts_hold_no_words_and_no_evaluated_code)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
