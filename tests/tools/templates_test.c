/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mktpl and mkwords as they are run by make: what they refuse, and at which line. */
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/test.h"

static arena *a;
static char folder[] = "/tmp/beffroi-tools-XXXXXX";

static void put(const char *name, const char *text)
{
    FILE *f = fopen(str_fmt(a, "%s/%s", folder, name).p, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static str got(const char *name)
{
    FILE *f = fopen(str_fmt(a, "%s/%s", folder, name).p, "r");
    if (!f) return STR_NONE;
    buf b = BUF(1 << 20);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    fclose(f);
    str s = str_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static int run(str command)
{
    int status = system(str_fmt(a, "cd %s && %.*s >out 2>&1", folder, STR_ARG(command)).p);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int compile(const char *body)
{
    put("src/x.html", str_fmt(a, "{{page struct page_x \"x.h\"}}\n%s", body).p);
    return run(S(BEFFROI_SOURCE_DIR "/build/tools/mktpl src/x.html x.h x.c"));
}

static void templates_become_calls(void **state)
{
    assert_int_equal(compile("<p class=\"{{p.a}}\">\n   {{p.b.c->d}}  et {{r_x}}</p>"), 1);
    assert_int_equal(compile("<p class=\"{{p.a}}\">\n   {{p.b.c->d}}  et</p>\n<p>fin</p>"), 0);
    str c = got("x.c");
    assert_true(str_find(c, S("S(\"<p class=\\\"\")")) > 0);
    assert_true(str_find(c, S("HTML_ATTR(o, p->a);")) > 0 && str_find(c, S("HTML_PUT(o, p->b.c->d);")) > 0);
    assert_true(str_find(c, S("S(\" et</p><p>fin</p>\")")) > 0);                   /* indentation is gone, a blank between words stays */
    assert_true(str_find(c, S("#line 3 \"src/x.html\"")) > 0);
    assert_true(str_find(got("x.h"), S("void html_x(struct html_out *o, const struct page_x *p);")) > 0);
    assert_int_equal(compile("{{for r in p.rows}}<a href=\"{{r.at}}\">{{r.t}}</a>{{else}}<p>rien</p>{{end}}"), 0);
    assert_true(str_find(got("x.c"), S("html_url(o, r->at);")) > 0);
    assert_int_equal(compile("<a href=\"/d/{{p.ref}}?n={{p.n}}\">x</a><form method=\"post\" action=\"/x\"></form>"), 0);
    c = got("x.c");
    assert_true(str_find(c, S("HTML_URLPART(o, p->ref);")) > 0 && str_find(c, S("html_token(o);")) > 0);
    assert_int_equal(compile("{{if !p.a && (p.b == \"x\" || p.n >= 3)}}a{{elif p.k == KIND_B}}b{{else}}c{{end}}"), 0);
    assert_int_equal(compile("<pre>  a\n  b</pre>"), 0);
    assert_true(str_find(got("x.c"), S("<pre>  a\\n  b</pre>")) > 0);
}

static void templates_refuse_at_the_line(void **state)
{
    static const struct { const char *body, *said; } wrong[] = {
        {"<p>\n<b>x</p>", "x.html:3: </p> where <b> is open"},
        {"<p>x", "<p> is not closed at the end"},
        {"{{if p.a}}<p>{{end}}", "<p> is not closed in the branch"},
        {"<p>{{if p.a}}</p>{{end}}", "closes an element opened outside"},
        {"{{if p.a}}x", "this block has no {{end}}"},
        {"{{end}}", "{{end}} without a beginning"},
        {"<script>x</script>", "<script> is refused"},
        {"<style>x</style>", "<style> is refused"},
        {"<p style=\"x\">x</p>", "style= is refused"},
        {"<p onclick=\"x\">x</p>", "onclick= is refused"},
        {"<p class=x>x</p>", "class= takes double quotes"},
        {"<br/>", "write <br>, without /"},
        {"<a href=\"javascript:x\">x</a>", "an address begins with"},
        {"<a href=\"x/{{p.a}}\">x</a>", "an address begins with"},
        {"{{q.a}}", "'q' is not known here"},
        {"{{for r in p.v}}{{end}}{{r.a}}", "'r' is not known here"},
        {"<p {{p.a}}>x</p>", "a value stands in an element's text or in the quotes"},
        {"{{t nokey}}", "a key of the catalogue is expected"},
        {"{{if \"x\" == p.a}}x{{end}}", "a text is compared on the right"},
        {"{{p.a b}}", "stands after the path"},
        {"<p class=\"{{raw p.h}}\">x</p>", "{{raw}} stands in an element's text"},
        {"{{p.a", "{{ is not closed"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int code = compile(wrong[i].body);
        if (code != 1 || str_find(got("out"), str_of(wrong[i].said)) < 0)
            fail_msg("%s: exit %d, said %s", wrong[i].body, code, got("out").p);
    }
}

static int words_of(const char *fr, const char *en, const char *source)
{
    put("po/fr/t.po", fr);
    put("po/en/t.po", en);
    put("s.c", source);
    return run(S(BEFFROI_SOURCE_DIR "/build/tools/mkwords w.c po/fr/t.po po/en/t.po -- s.c src/k.html"));
}

static void catalogues_are_checked(void **state)
{
    const char *fr = "msgid \"a.b\"\nmsgstr \"l'{x} : oui ?\"\n\nmsgid \"a.n\"\nmsgid_plural \"a.n\"\nmsgstr[0] \"{n} un\"\nmsgstr[1] \"{n} deux\"\n";
    const char *en = "msgid \"a.b\"\nmsgstr \"the {x}\"\n\nmsgid \"a.n\"\nmsgid_plural \"a.n\"\nmsgstr[0] \"one\"\nmsgstr[1] \"{n} two\"\n";
    put("src/k.html", "");
    assert_int_equal(words_of(fr, en, "words_fill(a, l, \"a.b\", \"x\", S(\"1\"), NULL); words_count(a, l, W(\"a.n\"), 2);"), 0);
    assert_true(str_find(got("w.c"), S("l’{x}\u00a0: oui\u202f?")) > 0);
    assert_true(str_find(got("w.c"), S("\"a.n.other\"")) > 0);

    assert_int_equal(words_of(fr, en, "words(l, W(\"a.b\"));"), 1);
    assert_true(str_find(got("out"), S("a.n.other: nobody uses it")) >= 0);

    assert_int_equal(words_of(fr, "", "x"), 1);
    assert_true(str_find(got("out"), S("a.b has no English words")) >= 0);
    assert_int_equal(words_of(fr, "msgid \"a.b\"\nmsgstr \"the {y}\"\n", "x"), 1);
    assert_true(str_find(got("out"), S("{x} is missing in English")) >= 0 && str_find(got("out"), S("{y} is missing in French")) >= 0);
    assert_int_equal(words_of(fr, en, "\n/* W(\"c.no\") it's */ char q = '\"';\nreturn FAIL_AT(E_INVALID, ok ? \"a.b\" : \"a.missing\", \"x.y\");"), 1);
    assert_true(str_find(got("out"), S("s.c:3: \"a.missing\" is not in po/fr and po/en")) >= 0);
    assert_int_equal(str_find(got("out"), S("c.no")), -1);
    assert_int_equal(words_of(fr, en, "words_fill(a, l, \"a.b\", \"z\", S(\"1\"), NULL);"), 1);
    assert_true(str_find(got("out"), S("wants {x}")) >= 0 && str_find(got("out"), S("has no {z}")) >= 0);
    put("src/k.html", "<p>\n{{t a.b}} {{count a.b p.n}} {{use empty text=t:a.none}}</p>");
    assert_int_equal(words_of(fr, en, "x"), 1);
    str out = got("out");
    assert_true(str_find(out, S("k.html:2: \"a.b\" wants {x}")) >= 0 && str_find(out, S("with a plural")) >= 0 && str_find(out, S("a.none")) >= 0);
    assert_int_equal(words_of("msgid \"a.b\"\nmsgstr \"\"\n", en, "x"), 1);
    assert_int_equal(words_of("msgid \"Not a key\"\nmsgstr \"x\"\n", en, "x"), 1);
}

int main(void)
{
    a = arena_new(0);
    if (!mkdtemp(folder)) return 1;
    if (run(S("mkdir -p src po/fr po/en"))) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(templates_become_calls), cmocka_unit_test(templates_refuse_at_the_line), cmocka_unit_test(catalogues_are_checked)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    run(S("cd / && rm -rf \"$OLDPWD\""));
    arena_free(a);
    return failed;
}
