/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/paper.h"

static arena *mem;

static struct paper letter(void)
{
    struct paper p = {.lang = LANG_FR, .title = S("Décision"), .made_us = INT64_C(1795392000000000), .reference = S("BCDF-GHJK"), .object = S("Votre demande"), .place_date = S("Épinal, le 23 novembre 2026"),
                      .sender = {.town = S("Ville d’Épinal"), .service = S("Voirie"), .color_main = S("#1B4B8F")},
                      .signature = {S("Jeanne"), S("Martin"), S("Responsable"), S("Voirie")}, .verify = {S("https://ville.test/v/ABC"), S("ABC")}};
    PUSH(mem, &p.sender.address, S("1 place de la Mairie"));
    PUSH(mem, &p.recipient, S("Mme Petit"));
    PUSH(mem, &p.foot, S("Pièce jointe : plan"));
    return p;
}

static void markdown_becomes_blocks(void **state)
{
    struct paper p = letter();
    paper_markdown(mem, S("# Motifs\n\nVotre demande est **refusée**, *hélas* : [voir](https://ville.test/a?b=1&c=2).  \nSuite\n\n- un\n- deux\n  - trois\n\n1. a\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n"
                          "[mauvais](javascript:x) <b>brut</b>\n\n## Voies"), &p.blocks);
    static const enum paper_block_type wanted[] = {PAPER_HEADING2, PAPER_PARAGRAPH, PAPER_BULLETS, PAPER_NUMBERS, PAPER_TABLE, PAPER_PARAGRAPH, PAPER_HEADING3};
    assert_int_equal(p.blocks.n, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < p.blocks.n; i++) assert_int_equal(p.blocks.v[i].type, wanted[i]);
    const struct paper_spans *w = &p.blocks.v[1].words;
    assert_true(str_is(paper_plain(mem, w), "Votre demande est refusée, hélas : voir.\nSuite"));
    assert_true(w->v[1].bold && w->v[3].italic);
    assert_true(str_is(w->v[5].to, "https://ville.test/a?b=1&c=2"));
    assert_int_equal(p.blocks.v[2].rows.n, 3);
    assert_int_equal(p.blocks.v[4].rows.v[1].n, 2);
    assert_true(str_is(paper_plain(mem, &p.blocks.v[5].words), "mauvais <b>brut</b>"));
    assert_int_equal(p.blocks.v[5].words.n, 1);         /* no link */
}

static void comes_back_the_same(void **state)
{
    struct paper p = letter(), back;
    paper_markdown(mem, S("Bonjour **vous**\n\n| A | B |\n|---|---|\n| 1 | 2 |"), &p.blocks);
    PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(mem, S("Date de naissance")), .help = S("comme sur la carte"), .required = true, .room = ROOM_BOXES, .boxes = S("JJ/MM/AAAA")});
    PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_RESERVED, .words = paper_words(mem, S("Cadre réservé")), .room_n = 4});
    str json = paper_json(mem, &p);
    assert_int_equal(paper_read(mem, json, &back).code, OK);
    assert_true(str_eq(paper_json(mem, &back), json));
    assert_true(back.blocks.v[2].required && back.blocks.v[2].room == ROOM_BOXES && back.blocks.v[3].room_n == 4);
    assert_true(str_is(back.signature.capacity, "Responsable") && back.made_us == p.made_us);
}

static void refuses_what_it_does_not_know(void **state)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"lang\":\"fr\"}", "{\"lang\":\"de\",\"blocks\":[]}", "{\"lang\":\"fr\",\"blocks\":[],\"more\":1}", "{\"lang\":\"fr\",\"blocks\":[],\"title\":1}",
        "{\"lang\":\"fr\",\"blocks\":[],\"title\":\"a\\u0007\"}", "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"script\"}]}", "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"paragraph\",\"help\":\"x\"}]}",
        "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"paragraph\",\"words\":[{\"words\":\"x\",\"to\":\"javascript:1\"}]}]}",
        "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"paragraph\",\"words\":[{\"words\":\"x\",\"to\":\"https://a/'b\"}]}]}", "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"facts\",\"rows\":[[[]]]}]}",
        "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"table\",\"rows\":[[[],[]],[[]]]}]}", "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"paragraph\",\"rows\":[[[]]]}]}",
        "{\"lang\":\"fr\",\"blocks\":[{\"type\":\"reserved\",\"room_n\":61}]}", "{\"lang\":\"fr\",\"blocks\":[],\"sender\":{\"color_main\":\"red\"}}", "{\"lang\":\"fr\",\"blocks\":[],\"made\":-1}",
        "{\"lang\":\"fr\",\"blocks\":[],\"foot\":[1]}", "{\"lang\":\"fr\",\"blocks\":[],\"verify\":{\"address\":\"file:///etc/passwd\"}}"};
    struct paper p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (paper_read(mem, str_of(bad[i]), &p).code != E_MALFORMED) fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(paper_read(mem, S("{\"lang\":\"fr\",\"blocks\":[]}"), &p).code, OK);
    char *big = arena_alloc(mem, PAPER_MAX_BYTES + 2);
    for (size_t i = 0; i < PAPER_MAX_BYTES + 1; i++) big[i] = ' ';
    assert_int_equal(paper_read(mem, (str){big, PAPER_MAX_BYTES + 1}, &p).code, E_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(markdown_becomes_blocks), cmocka_unit_test(comes_back_the_same), cmocka_unit_test(refuses_what_it_does_not_know)};
    mem = arena_new(0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(mem);
    return failed;
}
