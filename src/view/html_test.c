/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <zlib.h>
#include "base/test.h"
#include "gen/html/view/parts/input.html.h"
#include "gen/html/view/parts/notice.html.h"
#include "gen/html/view/parts/textarea.html.h"
#include "gen/html/view/styles.html.h"
#include "view/page.h"
#include "view/styles.h"
#include "web/assets.h"

static arena *a;
static buf b;
static struct html_out o;

static str drawn(void) { return str_copy(a, buf_str(&b)); }
static bool has(str s, const char *z) { return str_find(s, str_of(z)) >= 0; }

static int fresh(void **state)
{
    b = BUF(4 << 20);
    o = (struct html_out){.b = &b, .mem = a, .lang = LANG_FR, .zone = S("Europe/Paris")};
    return 0;
}

static int done(void **state)
{
    buf_free(&b);
    return 0;
}

static void what_people_write_is_never_markup(void **state)
{
    str nasty = S("<script>alert(1)</script>\" onfocus=\"x' & é");
    part_notice(&o, &(struct part_notice){.tone = nasty, .title = nasty, .text = nasty});
    part_input(&o, &(struct part_input){.name = nasty, .label = nasty, .value = nasty, .hint = nasty, .error = nasty});
    part_textarea(&o, &(struct part_textarea){.name = S("t"), .label = nasty, .value = S("\n</textarea><b>")});
    str s = drawn();
    assert_false(has(s, "<script"));
    assert_false(has(s, "\" onfocus"));
    assert_true(has(s, "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onfocus=&quot;x&#39; &amp; é"));
    assert_true(has(s, "required>\n\n&lt;/textarea&gt;&lt;b&gt;</textarea>"));     /* the first line break is kept for the reader */
}

static void addresses_keep_harmless_schemes(void **state)
{
    assert_str(url_str(url_web(S(" https://exemple.fr/a?b=1 "))), "https://exemple.fr/a?b=1");
    assert_str(url_str(url_web(S("/demarches/x"))), "/demarches/x");
    assert_str(url_str(url_web(S("mailto:a@b.fr"))), "mailto:a@b.fr");
    static const char *const refused[] = {"javascript:alert(1)", "JaVaScRiPt:alert(1)", "//evil.example", "data:text/html,x", "java\tscript:x", "/\\evil.example",
                                          "http://", "vbscript:x", "", "ftp://x", "https://a b", "\x01javascript:x"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) assert_int_equal(url_web(str_of(refused[i])).n, 0);
    assert_str(url_str(URL(a, "/d/{}/x?q={}#a", S("é/../ «&"), S("1"))), "/d/%C3%A9%2F..%2F%20%C2%AB%26/x?q=1#a");
    assert_str(url_str(URL(a, "/plain", S("unused"))), "/plain");
}

static void numbers_do_not_know_the_locale(void **state)
{
    static const struct { double x; const char *z; } cases[] = {{0, "0"}, {48.1745, "48.1745"}, {-6.5, "-6.5"}, {1e-9, "0"}, {-1e-9, "0"}, {3, "3"}, {0.1 + 0.2, "0.3"}, {1e12, "9e11"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_str(html_str_f64(&o, cases[i].x), cases[i].z);
}

static void words_may_hold_links(void **state)
{
    html_rich(&o, "view.styles.danger", "call", S("/urgences?a=1&b=2"), NULL);
    assert_str(drawn(), "N’attendez pas\u00a0: <a href=\"/urgences?a=1&amp;b=2\">appelez le <strong>112</strong></a>.");
    b.n = 0;
    html_rich(&o, "view.styles.danger", "call", S("javascript:x"), NULL);
    assert_str(drawn(), "N’attendez pas\u00a0: appelez le <strong>112</strong>.");
}

static void forms_get_their_token(void **state)
{
    html_token(&o);
    assert_int_equal(b.n, 0);
    o.token = S("a\"b");
    html_token(&o);
    assert_str(drawn(), "<input type=\"hidden\" name=\"csrf\" value=\"a&quot;b\">");
}

static size_t gzip_size(str s)
{
    uLongf n = compressBound(s.n);
    void *out = arena_alloc(a, n);
    assert_int_equal(compress2(out, &n, (const Bytef *)s.p, s.n, 9), Z_OK);
    return n;
}

static size_t asset_size(const char *name)
{
    const struct asset *f = asset_find(&assets_built, str_of(name));
    assert_non_null(f);
    return f->gzip ? f->gzip_n : f->plain_n;
}

/* A page as a visitor gets one: /styles also shows the source of each component, which no other page does. */
static str without_sources(str s)
{
    const str from = S("<details class=\"source\">"), to = S("</details>");
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(s, from)) >= 0;) {
        memcpy(p + n, s.p, (size_t)at);
        n += (size_t)at;
        s = str_cut(s, (size_t)at, s.n);
        s = str_cut(s, (size_t)str_find(s, to) + to.n, s.n);
    }
    memcpy(p + n, s.p, s.n);
    return (str){p, n + s.n};
}

/* DESIGN §8: a first visit of at most 60 kB without a map, 130 kB with one before its tiles. */
static void a_page_and_its_files_weigh_little(void **state)
{
    struct page_styles p = {0};
    p.l.town = S("Épinal");
    styles_sample(a, LANG_FR, &p);
    html_styles(&o, &p);
    str s = drawn();
    size_t files = asset_size("beffroi.css") + asset_size("form.js") + asset_size("vignettes.svg") + asset_size("icon.svg");
    size_t map = asset_size("map.js") + asset_size("leaflet/leaflet.min.js") + asset_size("leaflet/leaflet.css");
    size_t page = gzip_size(without_sources(s));
    printf("styles page %zu B, without its sources %zu B, files %zu B, map %zu B\n", gzip_size(s), page, files, map);
    assert_true(page + files <= 30000);
    assert_true(page + files + map <= 100000);
    assert_true(files <= 19500);           /* what every first visit brings */
    assert_true(asset_size("beffroi.css") <= 10000);
    assert_true(asset_size("form.js") + asset_size("map.js") <= 12000);
    assert_true(has(s, "<html lang=\"fr\">") && has(s, "<title>Composants · Épinal</title>") && str_ends(s, S("</html>")));
}

int main(void)
{
    a = arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_people_write_is_never_markup, fresh, done), cmocka_unit_test_setup_teardown(addresses_keep_harmless_schemes, fresh, done),
        cmocka_unit_test_setup_teardown(numbers_do_not_know_the_locale, fresh, done), cmocka_unit_test_setup_teardown(words_may_hold_links, fresh, done),
        cmocka_unit_test_setup_teardown(forms_get_their_token, fresh, done), cmocka_unit_test_setup_teardown(a_page_and_its_files_weigh_little, fresh, done)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
