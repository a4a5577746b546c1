/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "view/chart.h"
#include "view/clean.h"
#include "view/markdown.h"

static arena *a;

static str cleaned(const char *z)
{
    struct html h = clean_html(a, str_of(z), 3);
    return (str){h.p, h.n};
}

static str marked(const char *z)
{
    struct html h = markdown_html(a, str_of(z));
    return (str){h.p, h.n};
}

static str plain(const char *z)
{
    struct html h = clean_text(a, str_of(z));
    return (str){h.p, h.n};
}

static void imported_descriptions_keep_their_shape(void **state)
{
    assert_str(cleaned("<p>Un <b>mot</b> et <i>deux</i>.</p><ul><li>a</li><li>b</li></ul>"), "<p>Un <strong>mot</strong> et <em>deux</em>.</p><ul><li>a</li><li>b</li></ul>");
    assert_str(cleaned("bonjour<br><br/>monde"), "<p>bonjour<br><br>monde</p>");
    assert_str(cleaned("<div>un</div><div>deux</div>"), "<p>un</p><p>deux</p>");
    assert_str(cleaned("ligne 1\nligne 2\n\nligne 3"), "<p>ligne 1<br>ligne 2</p><p>ligne 3</p>");
    assert_str(cleaned("<p>une\nphrase   longue</p>"), "<p>une phrase longue</p>");
    assert_str(cleaned("<h1>Titre</h1><p>x</p><h4>Loin</h4>"), "<h3>Titre</h3><p>x</p><h4>Loin</h4>");
    assert_str(cleaned("<a href=\"https://exemple.fr/?a=1&amp;b=2\">ici</a>"), "<p><a href=\"https://exemple.fr/?a=1&amp;b=2\">ici</a></p>");
    assert_str(cleaned("Voir https://exemple.fr/a, puis (http://b.fr)."), "<p>Voir <a href=\"https://exemple.fr/a\">https://exemple.fr/a</a>, puis (<a href=\"http://b.fr\">http://b.fr</a>).</p>");
    assert_str(cleaned("<blockquote>cité</blockquote>"), "<blockquote><p>cité</p></blockquote>");
    assert_str(cleaned("<span style=\"color:red\">rouge</span> et <font>police</font>"), "<p>rouge et police</p>");
    assert_str(cleaned("<table><tr><td>a</td><td>b</td></tr></table>"), "<p>a b</p>");
}

static void nothing_dangerous_comes_through(void **state)
{
    assert_str(cleaned("<script>alert(1)</script>a"), "<p>a</p>");
    assert_str(cleaned("<style>b{}</style><svg><a href=\"javascript:x\">y</a></svg>a"), "<p>a</p>");
    assert_str(cleaned("<a href=\"javascript:alert(1)\">x</a>"), "<p>x</p>");
    assert_str(cleaned("<a href=\"java&#10;script:alert(1)\">x</a>"), "<p>x</p>");
    assert_str(cleaned("<a href=\"//evil.example\">x</a><a href=\"/compte\">y</a>"), "<p>xy</p>");
    assert_str(cleaned("<img src=x onerror=alert(1)>a<p onclick=\"x\">b</p>"), "<p>a</p><p>b</p>");
    assert_str(cleaned("<iframe src=x></iframe><form action=x><button>go</button>t</form>"), "<p>t</p>");
    assert_str(cleaned("&lt;script&gt;"), "<p>&lt;script&gt;</p>");
    assert_str(cleaned("<a href='https://x.fr/\"><script>'>x</a>"), "<p><a href=\"https://x.fr/&quot;&gt;&lt;script&gt;\">x</a></p>");
    assert_str(cleaned(""), "");
    assert_str(cleaned("<p> </p><ul></ul>"), "");
}

/* The output is put inside a <div>: paragraphs never nest, items stand in lists, inline holds no block. */
static void the_result_is_well_formed(void **state)
{
    assert_str(cleaned("<b><p>a</p></b>"), "<p>a</p>");
    assert_str(cleaned("<li>seul</li>"), "<p>seul</p>");
    assert_str(cleaned("<ul>perdu<li>a<ul><li>b</li></ul></li></ul>"), "<ul><li><p>a</p><ul><li>b</li></ul></li></ul>");
    assert_str(cleaned("<b>a\n\nb</b>\n\nc"), "<p><strong>a<br>b</strong></p><p>c</p>");
    assert_str(cleaned("<h2><div>a</div></h2>"), "<p>a</p>");
    assert_str(cleaned("<a href=\"https://a.fr\">x <a href=\"https://b.fr\">y</a></a>"), "<p><a href=\"https://a.fr\">x</a> <a href=\"https://b.fr\">y</a></p>");
    assert_str(cleaned("un <strong>mot</strong> puis <p>para</p> fin"), "<p>un <strong>mot</strong> puis</p><p>para</p><p>fin</p>");
}

static void hostile_trees_end(void **state)
{
    buf b = BUF(1 << 20);
    for (int i = 0; i < 20000; i++) buf_lit(&b, "<b>");
    buf_lit(&b, "x");
    assert_true(clean_html(a, buf_str(&b), 0).n < 400000);
    b.n = 0;
    for (int i = 0; i < 6000; i++) buf_fmt(&b, "<b a=%d>", i);
    for (int i = 0; i < 6000; i++) buf_lit(&b, "<p>x");
    assert_true(clean_html(a, buf_str(&b), 0).n > 0);
    buf_free(&b);
}

static void plain_text_gets_paragraphs(void **state)
{
    assert_str(plain("a\nb\n\n\nc <b>"), "<p>a<br>b</p><p>c &lt;b&gt;</p>");
    assert_str(plain("  \n "), "");
    assert_str(clean_words(a, S("<p>Un &amp; deux</p><p>trois <b>quatre</b></p>")), "Un & deux trois quatre");
}

static void markdown_is_safe(void **state)
{
    assert_str(marked("# Un\n\ntexte **gras** [lien](https://a.fr)"), "<h3>Un</h3><p>texte <strong>gras</strong> <a href=\"https://a.fr\">lien</a></p>");
    assert_str(marked("# Un\n\n#### Loin"), "<h3>Un</h3><h4>Loin</h4>");
    assert_str(marked("<script>x</script>"), "<p>&lt;script&gt;x&lt;/script&gt;</p>");
    assert_str(marked("[x](javascript:alert(1)) [y](<javascript:z>) [z](java&#115;cript:w) [t](javascript&colon;w)"), "<p>x y z t</p>");
    assert_str(marked("![photo](https://a.fr/x.png)"), "<p>photo</p>");
    assert_str(marked("[a&amp;b](/x?a=1&amp;b=2)"), "<p><a href=\"/x?a=1&amp;b=2\">a&amp;b</a></p>");
    assert_str(marked("a https://a.fr/x:*b**<`"), "<p>a <a href=\"https://a.fr/x:*b\">https://a.fr/x:*b</a>*&lt;`</p>");     /* md4c ends an <em> here */
    assert_str(marked(""), "");
    struct html cut = markdown_html(a, str_cut(S("[a](b) c"), 0, 5));          /* what stands behind the text is never read */
    assert_str(((str){cut.p, cut.n}), "<p>[a](b</p>");
}

static void a_chart_has_its_table(void **state)
{
    struct chart c = {.label = S("Par mois <2026>"), .lang = LANG_FR};
    PUSH(a, &c.points, (struct chart_point){S("juin"), 1500});
    PUSH(a, &c.points, (struct chart_point){S("juillet"), 0});
    struct html h = chart_bars(a, &c);
    str s = {h.p, h.n};
    assert_true(str_find(s, S("aria-label=\"Par mois &lt;2026&gt;\"")) > 0);
    assert_true(str_find(s, S("<th scope=\"row\">juin</th><td class=\"num\">1\u202f500</td>")) > 0);
    h = chart_curve(a, &(struct chart){.label = S("vide")});
    assert_true(h.n > 0);
}

int main(void)
{
    a = arena_new(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(imported_descriptions_keep_their_shape), cmocka_unit_test(nothing_dangerous_comes_through),
                                       cmocka_unit_test(the_result_is_well_formed), cmocka_unit_test(hostile_trees_end),
                                       cmocka_unit_test(plain_text_gets_paragraphs), cmocka_unit_test(markdown_is_safe), cmocka_unit_test(a_chart_has_its_table)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(a);
    return failed;
}
