/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Fact sheets in the form DILA publishes: what becomes of each element, that nothing of a stranger's file runs, and that archives keep to
   their limits. */
#include "base/test.h"
#include "base/hash.h"
#include "sheets_zip.h"
#include "formats/comarquage.h"
#include "formats/unzip.h"
#include "formats/xml.h"
#include "shared_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static arena *mem;

static struct com_sheet sheet(const char *id)
{
    str bytes;
    struct com_sheet s;
    assert_true(file_bytes(mem, str_fmt(mem, BEFFROI_SOURCE_DIR "/tests/fixtures/comarquage/%s.xml", id).p, &bytes));
    assert_ok(comarquage_read(mem, bytes, &s));
    return s;
}

static struct com_sheet made(const char *inside)
{
    struct com_sheet s;
    str xml = str_fmt(mem, "<Publication xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ID=\"F1\"><dc:title>T</dc:title>%s</Publication>", inside);
    assert_ok(comarquage_read(mem, xml, &s));
    return s;
}

static bool has(str s, const char *z) { return str_find(s, str_of(z)) >= 0; }

static void reads_a_sheet(void **state)
{
    (void)state;
    static const char *const there[] = {
        "<p>Un <a href=\"#def-R1001\">acte de naissance</a> se demande", "<strong>gratuit</strong>", "<section class=\"case\"><h2>Né en France</h2>", "<h3>Qui peut le demander ?</h3>",
        "<h4>Copie intégrale</h4>", "<a href=\"/fiches/F1618\">Pacs</a>", "<ol><li><p>Écrivez", "<ul><li><p>la personne", "<div class=\"notice info\"><p><strong>À savoir</strong></p>",
        "<div class=\"notice warn\"><p><strong>Attention</strong></p>", "0\xc2\xa0€", "<caption>Ce que contient chaque document</caption>", "<th scope=\"col\"><p>Document</p></th>",
        "<th scope=\"row\" rowspan=\"2\"><p>Copie</p></th>", "<td colspan=\"2\"><p>sur papier ou en ligne</p></td>", "<a href=\"https://psl.service-public.fr/mademarche/EtatCivil/demarche\" rel=\"external\">Demande d&#39;acte de naissance</a>",
        "<a href=\"https://lannuaire.service-public.gouv.fr/navigation/mairie\" rel=\"external\">Mairie</a>", "<h2>Textes de loi et références</h2>",
        "<a href=\"https://www.legifrance.gouv.fr/codes/id/LEGITEXT000006070721/\" rel=\"external\">Code civil : articles 34 à 39</a><br>Contenu des actes", "<span id=\"def-R1001\"></span>",
        "<a href=\"/fiches/F32814\">Faut-il payer un acte de naissance ?</a>", "<h2>Voir aussi</h2><ul><li><a href=\"/fiches/F1618\">Pacte civil de solidarité</a></li></ul>", "<h2>Pour en savoir plus</h2>"};
    static const char *const not_there[] = {"Accueil particuliers", "mairie</PivotLocal>", "Acte de mariage", "Beffroi, exemple", "<Titre", "Famille"};
    struct com_sheet s = sheet("F1427");
    assert_str(s.id, "F1427");
    assert_str(s.title, "Acte de naissance : copie intégrale ou extrait");
    assert_str(s.theme, "Papiers - Citoyenneté - Élections");
    assert_str(s.type, "sheet");
    assert_str(s.intro, "Qui peut demander un acte de naissance, à quelle mairie, et ce qu'il contient.");
    assert_int_equal(s.day, 20738);             /* 12 October 2026 */
    assert_true(has(s.words, "Qui peut le demander ?\n"));
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (!has(s.html, there[i])) fail_msg("not there: %s\n%.*s", there[i], STR_ARG(s.html));
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++)
        if (has(s.html, not_there[i])) fail_msg("there: %s", not_there[i]);
}

static void reads_a_theme(void **state)
{
    (void)state;
    struct com_sheet s = sheet("N19810");
    assert_str(s.type, "node");
    assert_true(has(s.html, "<ul><li><a href=\"/fiches/N359\">État civil</a></li></ul>"));
    assert_true(has(s.html, "<h3>Actes</h3><ul><li><a href=\"/fiches/F1427\">Acte de naissance</a></li>"));
}

/* Whatever stands in it: no script, no address but of the web, no element of its own. */
static void nothing_of_it_runs(void **state)
{
    (void)state;
    static const char *const inside[] = {
        "<Texte><Paragraphe>&lt;script&gt;alert(1)&lt;/script&gt;</Paragraphe></Texte>", "<Texte><script>alert(1)</script></Texte>",
        "<Texte><LienExterne URL=\"javascript:alert(1)\">x</LienExterne></Texte>", "<Texte><LienExterne URL=\"https://a.fr/&quot;onclick=&quot;x\">x</LienExterne></Texte>",
        "<Texte><LienInterne LienPublication=\"../admin\">x</LienInterne></Texte>", "<Texte><LienInterne LienPublication='F1\" onclick=\"x'>x</LienInterne></Texte>",
        "<Texte><Chapitre><Titre>&lt;img src=x onerror=alert(1)&gt;</Titre></Chapitre></Texte>", "<Definition ID='a\"&gt;&lt;script'><Titre>x</Titre></Definition>",
        "<Texte><Tableau><Rangée><Cellule fusionVerticale='9999999999'>x</Cellule></Rangée></Tableau></Texte>", "<Texte><![CDATA[<script>alert(1)</script>]]></Texte>",
        "<ServiceEnLigne URL=\"data:text/html,x\"><Titre>x</Titre></ServiceEnLigne>"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        struct com_sheet s = made(inside[i]);
        static const char *const bad[] = {"<script", "<img", "javascript:", "data:", " onclick=\"", "../admin", "rowspan=\"99"};
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
            if (has(s.html, bad[k])) fail_msg("%s gives %.*s", inside[i], STR_ARG(s.html));
    }
}

static void strange_xml_is_refused(void **state)
{
    (void)state;
    struct com_sheet s;
    static const char *const bombs[] = {
        "<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;\">]><Publication ID=\"F1\">&d;</Publication>",
        "<!doctype a SYSTEM \"file:///etc/passwd\"><Publication ID=\"F1\"/>", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]><Publication ID=\"F1\">&y;</Publication>",
        "<Publication ID=\"F1\">&unknown;</Publication>", "<Publication ID=\"F1\">", "", "not xml", "<Publication ID=\"F1\"\xff/>"};
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) assert_err(comarquage_read(mem, str_of(bombs[i]), &s), E_MALFORMED);
    assert_err(comarquage_read(mem, S("<Autre/>"), &s), E_INVALID);
    assert_err(comarquage_read(mem, S("<Publication ID=\"R1\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>x</dc:title></Publication>"), &s), E_INVALID);
    buf b = BUF(1 << 20);
    for (int i = 0; i < 150; i++) buf_lit(&b, "<a>");
    for (int i = 0; i < 150; i++) buf_lit(&b, "</a>");
    assert_err(comarquage_read(mem, buf_str(&b), &s), E_MALFORMED);
    buf_free(&b);
    char *large = calloc(1, XML_MAX_BYTES + 1);
    assert_err(comarquage_read(mem, (str){large, XML_MAX_BYTES + 1}, &s), E_TOO_LARGE);
    free(large);
}

/* ---- archives ---- */
static const char path[] = "/tmp/beffroi-unzip-test.zip";

static void archives_keep_to_their_limits(void **state)
{
    (void)state;
    struct unzip *z;
    str out, zeros = {calloc(1, 8 << 20), 8 << 20}, plain = S("<Publication/>");
    static const char *const names[] = {"F1.xml", "../../etc/F2.xml"};
    zip_of(path, names, (str[]){zeros, plain}, 2);
    assert_err(unzip_open(&z, path, (struct unzip_limits){1, 1 << 20, 1 << 20}), E_TOO_LARGE);
    assert_err(unzip_open(&z, "/nowhere", (struct unzip_limits){1, 1, 1}), E_NOT_FOUND);
    assert_ok(unzip_open(&z, path, (struct unzip_limits){10, 4 << 20, 64 << 20}));
    assert_int_equal(unzip_count(z), 2);
    assert_err(unzip_bytes(z, mem, 0, &out), E_TOO_LARGE);         /* eight megabytes of nothing, packed a thousand to one */
    assert_ok(unzip_bytes(z, mem, 1, &out));                       /* its name is no path: it is read, nothing is written */
    assert_str(out, "<Publication/>");
    unzip_close(z);
    assert_ok(unzip_open(&z, path, (struct unzip_limits){10, 4 << 20, 5}));
    assert_err(unzip_bytes(z, mem, 1, &out), E_TOO_LARGE);         /* of the whole */
    unzip_close(z);
    free((void *)zeros.p);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, 40, SEEK_SET);
    fputs("broken", f);
    fclose(f);
    assert_ok(unzip_open(&z, path, (struct unzip_limits){10, 16 << 20, 64 << 20}));
    assert_int_not_equal(unzip_bytes(z, mem, 0, &out).code, OK);
    unzip_close(z);
    unlink(path);
    f = fopen(path, "wb");
    fputs("no archive", f);
    fclose(f);
    assert_err(unzip_open(&z, path, (struct unzip_limits){10, 1, 1}), E_MALFORMED);
    unlink(path);
}

static int up(void **state)
{
    (void)state;
    mem = arena_new(0);
    return 0;
}

static int down(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_sheet, up, down), cmocka_unit_test_setup_teardown(reads_a_theme, up, down), cmocka_unit_test_setup_teardown(nothing_of_it_runs, up, down),
        cmocka_unit_test_setup_teardown(strange_xml_is_refused, up, down), cmocka_unit_test_setup_teardown(archives_keep_to_their_limits, up, down)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
