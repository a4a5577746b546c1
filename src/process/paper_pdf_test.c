/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A letter drawn by the converter in its own process, read back by poppler: its words, its structure, its language. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/test.h"
#include "paper_sample.h"
#include "process/converter.h"
#include "process/process.h"

static struct converter *converter;
static arena *mem;

static str draw(const struct paper *p)
{
    str pdf;
    assert_ok(converter_paper(converter, mem, paper_json(mem, p), STR_NONE, &pdf));
    return pdf;
}

/* What a program says of the file; BEFFROI_KEEP=DIR keeps it there, to look at. */
static str asked(const char *command, str pdf)
{
    char path[] = "/tmp/beffroi-paper-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, pdf.p, pdf.n) == (ssize_t)pdf.n);
    close(fd);
    setenv("F", path, 1);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    buf b = BUF(1 << 20);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) buf_put(&b, (str){piece, n});
    assert_int_equal(pclose(f), 0);
    unlink(path);
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static void keep(const char *name, str pdf)
{
    const char *folder = getenv("BEFFROI_KEEP");
    FILE *f = folder ? fopen(str_fmt(mem, "%s/%s.pdf", folder, name).p, "w") : NULL;
    if (!f) return;
    fwrite(pdf.p, 1, pdf.n, f);
    fclose(f);
}

static void has(str text, const char *words)
{
    if (str_find(text, str_of(words)) < 0) fail_msg("\"%s\" is not in:\n%.*s", words, STR_ARG(text));
}

static void its_words_are_read_back(void **state)
{
    struct paper p = sample_letter(mem);
    str pdf = draw(&p), text = asked("pdftotext -layout $F -", pdf);
    keep("letter", pdf);
    static const char *const words[] = {"Ville d’Épinal", "Mme Lucie Petit", "Épinal, le 23 novembre 2026", "Référence : BCDF-GHJK", "Objet : votre demande", "12 rue des Forts", "En droit", "•", "30 novembre 2026",
                                        "24,00 €", "Jeanne Martin", "Responsable de la voirie", "Pièce jointe", "https://ville.test/v/7KQ2-M9XC-4TRB-0W3H-8ZVN-5DJE-P6", "Page 1 sur 2", "Page 2 sur 2"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) has(text, words[i]);
    has(asked("pdffonts $F", pdf), "LiberationSans");
    assert_true(str_find(asked("pdffonts $F | tail -n +3 | awk '{ if ($(NF-4) != \"yes\" || $(NF-3) != \"yes\" || $(NF-2) != \"yes\") print \"bad\" }'", pdf), S("bad")) < 0);  /* embedded, subset, Unicode */
}

static void its_structure_is_told(void **state)
{
    struct paper p = sample_letter(mem);
    str pdf = draw(&p), tree = asked("pdfinfo -struct-text $F", pdf), info = asked("pdfinfo -isodates $F", pdf);
    static const char *const parts[] = {"Document", "H1 ", "H2 ", "H3 ", "L ", "LI ", "Lbl ", "LBody ", "Table", "TR", "TH:", "TD\n", "Link", "Figure"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) has(tree, parts[i]);
    has(tree, "\"En droit\"");
    has(info, "Title:           Refus d’autorisation d’occupation du domaine public");
    has(info, "Tagged:          yes");
    has(info, "CreationDate:    2026-11-23T");
    has(info, "Pages:           2");
    has(info, "Page size:       595.276 x 841.89 pts (A4)");
    has(pdf, "/Lang (fr-FR)");
    has(pdf, "/DisplayDocTitle true");
    has(pdf, "/Scope /Column");
    has(pdf, "/Scope /Row");
    has(asked("pdfinfo -struct $F", pdf), "Scope");
    has(pdf, "/Alt <FEFF0043006F00640065");          /* "Code…": what the figure is for */
    has(asked("pdfinfo -url $F", pdf), "https://www.telerecours.fr");
}

static void the_same_paper_gives_the_same_bytes(void **state)
{
    struct paper p = sample_letter(mem);
    str one = draw(&p), two = draw(&p);
    assert_true(str_eq(one, two));
    p.object = S("autre");
    assert_false(str_eq(draw(&p), one));
}

static void a_blank_form_has_room_to_write(void **state)
{
    struct paper p = sample_form(mem);
    str pdf = draw(&p), text = asked("pdftotext -layout $F -", pdf);
    keep("form", pdf);
    static const char *const words[] = {"Inscription à l’accueil du soir", "Nom et prénom (obligatoire)", "comme sur le livret de famille", "J", "lundi", "Plusieurs réponses possibles", "Cadre réservé"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) has(text, words[i]);
}

/* However much there is, nothing is lost, and no page begins or ends with a line alone. */
static void long_papers_break_well(void **state)
{
    for (int n = 1; n <= 40; n += 3) {
        struct paper p = sample_letter(mem);
        p.blocks.n = 0;
        for (int i = 0; i < n; i++) paper_paragraph(mem, &p.blocks, S("Une phrase assez longue pour tenir sur deux lignes au moins de cette page, et même un peu plus que deux, afin de voir où elle est coupée par la fin. Encore quelques mots pour la route, puis c’est fini."));
        str text = asked("pdftotext -layout $F -", draw(&p));
        int found = 0;
        for (str rest = text; str_find(rest, S("Une phrase")) >= 0; found++) rest = str_cut(rest, (size_t)str_find(rest, S("Une phrase")) + 5, rest.n);
        assert_int_equal(found, n);
        /* The signature never stands without the end of the letter. */
        for (str rest = text; rest.n;) {
            str page = str_split(rest, '\f', &rest);
            if (str_find(page, S("Jeanne Martin")) >= 0) assert_true(str_find(page, S("route")) >= 0);
        }
    }
}

static void letters_of_no_font_stop_nothing(void **state)
{
    struct paper p = sample_letter(mem);
    p.recipient.v[0] = S("中文 🙂 العربية");
    paper_markdown(mem, S("**中文** *🙂* עברית\u0301 ʱ\u200d"), &p.blocks);
    has(asked("pdfinfo $F", draw(&p)), "Tagged:          yes");
}

static void a_row_that_no_page_holds_is_written_whole(void **state)
{
    struct paper p = sample_letter(mem);
    struct paper_row row = {0};
    buf b = BUF(1 << 20);
    for (int i = 0; i < 3000; i++) buf_fmt(&b, "mot%d ", i);
    p.blocks.n = 1;
    PUSH(mem, &row, paper_words(mem, S("Long")));
    PUSH(mem, &row, paper_words(mem, str_copy(mem, buf_str(&b))));
    PUSH(mem, &p.blocks.v[0].rows, row);
    buf_free(&b);
    has(asked("pdftotext $F -", draw(&p)), "mot2999");
}

static void what_is_no_paper_is_refused(void **state)
{
    str pdf;
    assert_int_equal(converter_paper(converter, mem, S("{\"lang\":\"fr\"}"), STR_NONE, &pdf).code, E_MALFORMED);
    struct paper p = sample_letter(mem);
    for (int i = 0; i < 61; i++) {
        PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_BREAK});
        paper_paragraph(mem, &p.blocks, S("x"));
    }
    assert_int_equal(converter_paper(converter, mem, paper_json(mem, &p), STR_NONE, &pdf).code, E_TOO_LARGE);
    /* A logo that is none: the letter is made all the same. */
    p = sample_letter(mem);
    assert_ok(converter_paper(converter, mem, paper_json(mem, &p), S("not a picture"), &pdf));
}

static int setup(void **state)
{
    mem = arena_new(0);
    return converter_open(&converter, (struct converter_settings){0}).code != OK;
}

static int teardown(void **state)
{
    converter_close(converter);
    arena_free(mem);
    return 0;
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_words_are_read_back),        cmocka_unit_test(its_structure_is_told),
        cmocka_unit_test(the_same_paper_gives_the_same_bytes), cmocka_unit_test(a_blank_form_has_room_to_write),
        cmocka_unit_test(long_papers_break_well),         cmocka_unit_test(letters_of_no_font_stop_nothing),
        cmocka_unit_test(a_row_that_no_page_holds_is_written_whole), cmocka_unit_test(what_is_no_paper_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
