/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One test a mention that the law wants on a receipt or in a letter: leave it out, and the procedure cannot be published. What no setting
   gives (reasons, author) cannot be left out of a letter either: letter_template_test.c.
   CRPA: Code des relations entre le public et l'administration. CJA: Code de justice administrative. */
#include "base/test.h"

#include <string.h>

#include "core/kinds.h"
#include "core/letter_template.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "store/testing.h"

#define FIELDS "kind: d7\nbase: procedure\nnumber: 7\ntitle: Permis\nfields:\n- {id: a, type: text, label: A, required: true}\n"
#define SETTINGS(means_)                                                                                                                 \
    FIELDS "settings:\n  service: {name: Mairie, postal_address: 9 rue A, mail: m@exemple.fr, phone: '0329000000'}\n"                    \
           "  silence: {means: " means_ ", after: 2 months, article: CRPA L231-4}\n  appeal: {text: Deux mois.}\n  legal_basis: CGCT\n"  \
           "  personal_data: {purpose: Instruire, legal_basis: Mission, recipients: La mairie, retention: 24 mois}\n"

struct checked { struct test_store *t; struct tenant tenant; struct body body; struct kind_row row; json_t *def; };

static void begin(struct checked *c, void **state, const char *yaml)
{
    *c = (struct checked){.t = *state, .body = {.id = 5, .name = S("Ville")}};
    c->tenant = (struct tenant){.id = db_tenant(c->t->db), .zone = S("Europe/Paris"), .bodies = {&c->body, 1}};
    assert_ok(yaml_parse(c->t->mem, str_of(yaml), &c->def));
}

/* Publishing c->def: refused for this and nothing else; path: where the editor's link leads. */
static void is_refused(struct checked *c, const char *msg, const char *path)
{
    struct lacks lacks;
    const struct kind *k;
    c->tenant.bodies.v = &c->body;
    assert_ok(kind_create(c->t->db, S("procedures"), S("permis"), c->body.id, 0, c->def, 1, c->t->mem, &c->row));
    err e = kind_publish(c->t->db, &c->tenant, c->t->mem, S("d7"), 1);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, "kind.lacks");
    assert_ok(kind_draft_get(c->t->db, c->t->mem, S("d7"), &k));
    assert_ok(kind_lacks(c->t->db, &c->tenant, c->t->mem, k, &c->row, &lacks));
    assert_int_equal(lacks.n, 1);
    assert_string_equal(lacks.v[0].msg, msg);
    assert_string_equal(lacks.v[0].path, path);
    for (int lang = 0; lang < LANG_N; lang++) assert_true(lack_words(c->t->mem, (enum lang)lang, &lacks.v[0]).n > 20);
}

static void without(void **state, const char *yaml, const char *path, const char *msg)
{
    struct checked c;
    begin(&c, state, yaml);
    str last, first = str_split(str_of(path), '.', &last);
    json_t *settings = json_path(c.def, str_fmt(c.t->mem, "settings.%.*s", STR_ARG(first)).p);
    assert_int_equal(json_object_deln(settings, last.p, last.n), 0);
    is_refused(&c, msg, path);
}

static void all_of_them_may_be_published(void **state)
{
    static const char *const means[] = {SETTINGS("rejection"), SETTINGS("acceptance"), SETTINGS("none")};
    struct checked c;
    for (size_t i = 0; i < 3; i++) {
        begin(&c, state, means[i]);
        json_put_str(c.def, "kind", str_fmt(c.t->mem, "d%zu", 8 + i));
        json_object_del(c.def, "number");
        assert_ok(kind_create(c.t->db, S("procedures"), str_fmt(c.t->mem, "permis-%zu", i), 5, 0, c.def, 1, c.t->mem, &c.row));
        assert_ok(kind_publish(c.t->db, &c.tenant, c.t->mem, c.row.name, 1));
    }
}

#define MENTION(name_, means_, path_, msg_) \
    static void name_(void **state) { without(state, SETTINGS(means_), path_, W(msg_)); }

/* The receipt: CRPA L112-3, L112-11 (filed online), R112-5. The date of receipt and the reference are made by the filing itself. */
MENTION(receipt_R112_5_service_in_charge, "rejection", "service.name", "kind.lack.service")
MENTION(receipt_R112_5_postal_address, "rejection", "service.postal_address", "kind.lack.postal_address")
MENTION(receipt_R112_5_mail, "rejection", "service.mail", "kind.lack.mail")
MENTION(receipt_R112_5_telephone, "rejection", "service.phone", "kind.lack.phone")
MENTION(receipt_R112_5_what_silence_means, "rejection", "silence.means", "kind.lack.silence")
MENTION(receipt_L231_1_when_silence_accepts, "acceptance", "silence.after", "kind.lack.silence_after")
MENTION(receipt_L231_4_when_silence_rejects, "rejection", "silence.after", "kind.lack.silence_after")
MENTION(receipt_L231_4_text_that_says_so, "rejection", "silence.article", "kind.lack.silence_article")
MENTION(receipt_R112_5_appeal_against_rejection, "rejection", "appeal.text", "kind.lack.appeal")

/* CRPA R112-5, last paragraph, and L232-3: the right to an attestation, which some step must deliver. */
static void receipt_L232_3_attestation_of_acceptance(void **state)
{
    struct checked c;
    begin(&c, state, SETTINGS("acceptance") "transitions:\n  attest: {use: attest, does: [{notify: author}]}\n");
    is_refused(&c, W("kind.lack.attestation"), "transitions");
}

/* The notice on personal data, on the form and in letters: GDPR, article 13. */
MENTION(form_GDPR_13_purpose, "rejection", "personal_data.purpose", "kind.lack.personal_data_purpose")
MENTION(form_GDPR_13_legal_basis, "rejection", "personal_data.legal_basis", "kind.lack.personal_data_basis")
MENTION(form_GDPR_13_recipients, "rejection", "personal_data.recipients", "kind.lack.personal_data_recipients")
MENTION(form_GDPR_13_how_long, "rejection", "personal_data.retention", "kind.lack.personal_data_retention")

/* Letters. CJA R421-5: also where silence accepts, since a decision may still refuse. */
MENTION(letter_R421_5_routes_of_appeal, "acceptance", "appeal.text", "kind.lack.letter_appeal")
MENTION(letter_R421_5_routes_of_appeal_without_silence, "none", "appeal.text", "kind.lack.letter_appeal")

/* CRPA L111-2, L212-1: the authority that decides is named; a town with bodies names one. */
static void letter_L111_2_whose_decision(void **state)
{
    struct checked c;
    begin(&c, state, SETTINGS("rejection"));
    c.body.id = 0;
    is_refused(&c, W("kind.lack.body"), "body");
}

static void is_no_kind(void **state, const char *more, const char *msg, const char *at)
{
    struct checked c;
    struct kind *k;
    begin(&c, state, str_fmt(((struct test_store *)*state)->mem, "%s%s", SETTINGS("rejection"), more).p);
    err e = kind_parse_any(c.t->mem, c.def, &k);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, msg);
    assert_string_equal(e.at, at);
    assert_err(kind_create(c.t->db, S("procedures"), S("permis"), 5, 0, c.def, 1, c.t->mem, &c.row), E_INVALID);
}

/* CRPA L211-2, L211-5: an unfavourable decision gives its reasons, of law and of fact. */
static void letter_L211_5_reasons_of_law(void **state)
{
    is_no_kind(state, "transitions:\n  refuse: {use: refuse, asks: [reason_in_fact]}\n", W("letter.refused_without_reasons"), "transitions.refuse.does[1].letter");
}

static void letter_L211_5_reasons_of_fact(void **state)
{
    is_no_kind(state, "transitions:\n  refuse: {use: refuse, asks: [reason_in_law, {use: reason_in_fact, required: false}]}\n", W("letter.refused_without_reasons"),
               "transitions.refuse.does[1].letter");
}

/* CRPA L212-1, L212-2: its author is somebody; the clock and the person sign nothing. */
static void letter_L212_1_an_author(void **state)
{
    is_no_kind(state, "transitions:\n  accept: {use: accept, by: system}\n", W("letter.needs_agent"), "transitions.accept.does[1].letter");
}

/* Every row of the table of parts that reads a setting refuses publication without it: no row may be forgotten above. */
static void every_part_of_a_letter_is_looked_at(void **state)
{
    for (const struct letter_part *p = letter_parts; p->name; p++) {
        assert_false(str_is(words(LANG_FR, p->title), p->title));
        assert_true(!p->article || !str_is(words(LANG_FR, p->article), p->article));
        for (size_t n = 0; p->needs && p->needs[n]; n++) {
            struct checked c;
            struct lacks lacks;
            struct kind *k;
            begin(&c, state, SETTINGS("acceptance"));
            str at = str_of(p->needs[n]), last, first = str_split(at, '.', &last);
            json_object_deln(json_path(c.def, str_fmt(c.t->mem, "settings.%.*s", STR_ARG(first)).p), last.p, last.n);
            assert_ok(kind_parse_any(c.t->mem, c.def, &k));
            assert_ok(kind_lacks(c.t->db, &c.tenant, c.t->mem, k, &(struct kind_row){.body = 5}, &lacks));
            assert_int_equal(lacks.n, 1);
            assert_string_equal(lacks.v[0].path, p->needs[n]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {STORE_TEST(all_of_them_may_be_published), STORE_TEST(receipt_R112_5_service_in_charge), STORE_TEST(receipt_R112_5_postal_address),
        STORE_TEST(receipt_R112_5_mail), STORE_TEST(receipt_R112_5_telephone), STORE_TEST(receipt_R112_5_what_silence_means), STORE_TEST(receipt_L231_1_when_silence_accepts),
        STORE_TEST(receipt_L231_4_when_silence_rejects), STORE_TEST(receipt_L231_4_text_that_says_so), STORE_TEST(receipt_R112_5_appeal_against_rejection),
        STORE_TEST(receipt_L232_3_attestation_of_acceptance), STORE_TEST(form_GDPR_13_purpose), STORE_TEST(form_GDPR_13_legal_basis), STORE_TEST(form_GDPR_13_recipients),
        STORE_TEST(form_GDPR_13_how_long), STORE_TEST(letter_R421_5_routes_of_appeal), STORE_TEST(letter_R421_5_routes_of_appeal_without_silence),
        STORE_TEST(letter_L111_2_whose_decision), STORE_TEST(letter_L211_5_reasons_of_law), STORE_TEST(letter_L211_5_reasons_of_fact), STORE_TEST(letter_L212_1_an_author),
        STORE_TEST(every_part_of_a_letter_is_looked_at)};
    return STORE_RUN(tests);
}
