/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Letters: what a definition may say of them, how words and values come together, and what no body can take away. */
#include "base/test.h"

#include <string.h>

#include "core/letter_template.h"
#include "core/testing.h"
#include "formats/json.h"
#include "formats/yaml.h"

static const char head[] =
    "kind: rue\nbase: procedure\ntitle: Occuper la rue\nfields:\n"
    "- {id: f1, name: motif, type: choice, label: Motif, required: true, options: {demenagement: Un déménagement, travaux: Des travaux}}\n"
    "- {id: f2, name: début, type: date, label: Premier jour, required: true}\n"
    "- {id: f3, name: montant, type: decimal, money: true, label: Montant}\n"
    "- {id: f4, name: précisions, type: textarea, label: Précisions}\n"
    "- {id: f5, name: siret, type: siret, label: SIRET, when: \"motif = 'travaux'\"}\n"
    "- {id: f6, name: avis, type: textarea, private: true, label: Avis}\n"
    "- {id: f7, name: enfants, type: repeat, label: Enfants, fields: [{id: f8, name: prénom, type: text, label: Prénom}]}\n"
    "- {id: h1, name: titre, type: heading, label: Titre}\n"
    "settings: {appeal: {text: \"Deux mois devant le tribunal administratif de Nancy.\"}}\n";

static struct kind *kind_of(struct town *t, const char *more)
{
    json_t *v;
    struct kind *k = NULL;
    ASSERT_OK(yaml_parse(t->mem, str_fmt(t->mem, "%s%s", head, more), &v));
    ASSERT_OK(kind_parse_any(t->mem, v, &k));
    return k;
}

static void is_refused(struct town *t, const char *more, const char *msg, const char *at)
{
    json_t *v;
    struct kind *k;
    ASSERT_OK(yaml_parse(t->mem, str_fmt(t->mem, "%s%s", head, more), &v));
    err e = kind_parse_any(t->mem, v, &k);
    if (e.code != E_INVALID) fail_msg("accepted: %s", more);
    assert_string_equal(e.msg, msg);
    assert_string_equal(e.at, at);
    assert_false(str_is(words(LANG_FR, e.msg), e.msg));
}

#define LETTER(body_) "letters:\n  granted: {title: Permis, object: \"Permis pour {motif}\", outcome: granted, body: \"" body_ "\"}\n"

static void a_definition_at_fault_says_where(void **state)
{
    struct town *t = town_open(*state);
    is_refused(t, LETTER("Bonjour\\n\\n{inconnu}"), W("letter.var_unknown"), "letters.granted.body.fr[3]: {inconnu}");
    is_refused(t, LETTER("{avis}"), W("letter.var_private"), "letters.granted.body.fr[1]: {avis}");
    is_refused(t, LETTER("{prénom}"), W("letter.var_row"), "letters.granted.body.fr[1]: {prénom}");
    is_refused(t, LETTER("{enfants}"), W("letter.var_no_value"), "letters.granted.body.fr[1]: {enfants}");
    is_refused(t, LETTER("{titre}"), W("letter.var_no_value"), "letters.granted.body.fr[1]: {titre}");
    is_refused(t, LETTER("Un\\n{motif"), W("letter.var_open"), "letters.granted.body.fr[2]");
    is_refused(t, LETTER("{reason_in_law}"), W("letter.var_unknown"), "letters.granted.body.fr[1]: {reason_in_law}");   /* accept does not ask it */
    is_refused(t, "letters:\n  other: {title: T, object: O, body: B}\n", W("letter.never_sent"), "letters.other");
    is_refused(t, "letters:\n  granted: {title: T, object: O}\n", W("kind.missing"), "letters.granted.body");
    is_refused(t, "letters:\n  granted: {title: T, object: O, body: B, outcome: good}\n", W("letter.unknown_outcome"), "letters.granted.outcome");
    is_refused(t, "letters:\n  granted: {title: T, object: O, body: B, colour: red}\n", W("kind.unknown_key"), "letters.granted.colour");
    is_refused(t, "transitions:\n  accept: {use: accept, does: [{letter: nowhere}]}\n", W("letter.unknown"), "transitions.accept.does[0].letter");
    is_refused(t, "transitions:\n  accept: {use: accept, does: [{letter: granted}, {letter: closed}]}\n", W("letter.two"), "transitions.accept.does[1].letter");
    is_refused(t, "transitions:\n  accept: {use: nowhere}\n", W("kind.unknown_transition"), "transitions.accept.use");
    town_close(t);
}

static void a_transition_of_the_base_is_changed_in_part(void **state)
{
    struct town *t = town_open(*state);
    struct kind *k = kind_of(t, "letters:\n  permit: {title: Permis, object: O, body: B, outcome: granted}\n"
                                "transitions:\n  accept: {use: accept, does: [{clock: {stop: silence}}, {letter: permit}]}\n");
    const struct transition *accept = kind_transition(k, S("accept"));
    assert_true(accept->decision && accept->asks.n == 1 && accept->from.n == 3);
    ASSERT_STR(transition_letter(k, accept)->name, "permit");
    assert_true(transition_attests(k, kind_transition(k, S("attest"))));
    assert_false(transition_attests(k, accept));
    town_close(t);
}

/* ---- filling */

struct made { struct town *t; struct record r; struct letter_source s; struct answers_env env; struct paper paper; str all; };

static str spans_text(struct town *t, const struct paper_spans *s)
{
    str out = S("");
    for (size_t i = 0; i < s->n; i++) out = str_fmt(t->mem, "%.*s%s%.*s", STR_ARG(out), s->v[i].breaks ? "/" : "", STR_ARG(s->v[i].words));
    return out;
}

/* No-break spaces, of any width, as spaces. */
static str plain(struct town *t, str s)
{
    buf b = BUF(1 << 20);
    for (size_t i = 0; i < s.n; i++) {
        if (str_starts(str_cut(s, i, s.n), S("\u00a0"))) buf_char(&b, ' '), i += 1;
        else if (str_starts(str_cut(s, i, s.n), S("\u202f"))) buf_char(&b, ' '), i += 2;
        else buf_char(&b, s.p[i]);
    }
    str out = str_copy(t->mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static void fill(struct made *m, struct town *t, const struct kind *k, const char *transition, const char *doc, const char *asks)
{
    const struct transition *tr = kind_transition(k, str_of(transition));
    m->t = t;
    m->env = (struct answers_env){.zone = t->a.tenant.zone, .now_us = t->now_us};
    m->r = (struct record){.body = t->a.town, .kind = k->name, .reference = S("BCDF-GHJK"), .doc = town_json(t, doc), .created_us = t->now_us - 3 * DAY_US, .entered_us = t->now_us - DAY_US};
    if (transition_attests(k, tr)) m->r.state = S("accepted_silently");
    m->s = (struct letter_source){.tenant = &t->a.tenant, .kind = k, .transition = tr, .letter = transition_letter(k, tr), .record = &m->r, .asks = town_json(t, asks), .person = S("Zoé Petit"),
                                  .author = {S("Jeanne"), S("Martin"), S("Adjointe au maire"), S("Voirie")}, .in_charge = {S("Paul"), S("Noël"), S("Instructeur"), S("Voirie")},
                                  .verify = {S("https://ville.test/v/AB12"), S("AB12")}, .env = &m->env, .now_us = t->now_us};
    ASSERT_OK(letter_fill(t->mem, &m->s, &m->paper));
    m->all = S("");
    for (size_t i = 0; i < m->paper.blocks.n; i++) {
        const struct paper_block *b = &m->paper.blocks.v[i];
        str one = spans_text(t, &b->words);
        for (size_t r = 0; r < b->rows.n; r++) one = str_fmt(t->mem, "%.*s* %.*s|", STR_ARG(one), STR_ARG(spans_text(t, &b->rows.v[r].v[0])));
        m->all = str_fmt(t->mem, "%.*s%.*s\n", STR_ARG(m->all), STR_ARG(one));
    }
    for (size_t i = 0; i < m->paper.foot.n; i++) m->all = str_fmt(t->mem, "%.*s%.*s\n", STR_ARG(m->all), STR_ARG(m->paper.foot.v[i]));
    m->all = plain(t, m->all);
}

#define SAYS(m_, z_)                                                                                  \
    do {                                                                                              \
        if (str_find((m_).all, S(z_)) < 0) fail_msg("not said: %s\nin: %.*s", z_, STR_ARG((m_).all)); \
    } while (0)
#define SAYS_NOT(m_, z_) assert_int_equal(str_find((m_).all, S(z_)), -1)

static void values_are_said_in_words(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Le {date de dépôt}, {personne} : {motif}, dès le **{début}**, pour {montant}. {service}, {commune}, {démarche}, {référence}, {date de décision}."));
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\",\"f2\":\"2026-12-01\",\"f3\":1250.5}", "{}");
    SAYS(m, "Le 20 novembre 2026, Zoé Petit : Des travaux, dès le 1er décembre 2026, pour 1 250,50 €. Guichet unique, Ville, Occuper la rue, BCDF-GHJK, 23 novembre 2026.");
    ASSERT_STR(m.paper.object, "Permis pour Des travaux");
    ASSERT_STR(m.paper.title, "Permis — dossier BCDF-GHJK");
    bool bold = false;
    for (size_t i = 0; i < m.paper.blocks.v[1].words.n; i++) bold |= m.paper.blocks.v[1].words.v[i].bold && str_is(plain(t, m.paper.blocks.v[1].words.v[i].words), "1er décembre 2026");
    assert_true(bold);
    town_close(t);
}

static void a_value_that_is_not_there_takes_its_line_away_or_is_said(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Du {début} pour {montant}.\\n\\nMontant : {montant}\\n\\n- SIRET : {siret}\\n- Motif : {motif}\\n\\nFin."));
    fill(&m, t, k, "accept", "{\"f1\":\"demenagement\",\"f2\":\"2026-12-02\",\"f5\":\"73282932000074\"}", "{}");
    SAYS(m, "Du 2 décembre 2026 pour (non précisé).");
    SAYS_NOT(m, "Montant :");
    SAYS_NOT(m, "SIRET");               /* a question not asked has no answer, whatever the document kept */
    SAYS(m, "* Motif : Un déménagement|");
    SAYS(m, "Fin.");
    town_close(t);
}

/* A rule of the definition is a variable too, and a computed value as any question. */
static void what_rules_say_stands_in_a_letter(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Redevance : {redevance}\\n\\nExonéré : {exonéré}\\n\\nPuis {droit fixe} de droit fixe.\\n\\nMajoration : {majoration}")
        "rules:\n  droit fixe: 12.5 €\n  redevance: montant * 2\n  exonéré: motif = 'demenagement'\n  majoration: {applicable si: montant > 5000 €, valeur: 10 €}\n");
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\",\"f2\":\"2026-12-01\",\"f3\":1250.5}", "{}");
    SAYS(m, "Redevance : 2 501 €");
    SAYS(m, "Exonéré : Non");
    SAYS(m, "Puis 12,50 € de droit fixe.");
    SAYS_NOT(m, "Majoration");
    town_close(t);
}

static void rows_are_said_in_one_line(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Pour {enfants.prénom}."));
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\",\"f7\":[{\"_id\":\"r1\",\"f8\":\"Léa\"},{\"_id\":\"r2\",\"f8\":\"Tom\"},{\"_id\":\"r3\"}]}", "{}");
    SAYS(m, "Pour Léa, Tom.");
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\"}", "{}");
    SAYS_NOT(m, "Pour (");
    SAYS_NOT(m, "Pour .");
    town_close(t);
}

/* What a person wrote is words: neither Markdown, nor a link, nor a variable. */
static void what_a_person_wrote_stays_words(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("{précisions}"));
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\",\"f2\":\"2026-12-02\",\"f4\":\"**gras** {motif}\\n# titre\\n[lien](http://mal.test)\"}", "{}");
    SAYS(m, "**gras** {motif}/# titre/[lien](http://mal.test)");
    for (size_t i = 0; i < m.paper.blocks.n; i++)
        for (size_t j = 0; j < m.paper.blocks.v[i].words.n; j++) assert_false(m.paper.blocks.v[i].words.v[j].to.n > 0);
    town_close(t);
}

/* ---- what cannot be removed: one test a mention, each with a body that says nothing */

static void L111_2_the_town_the_service_and_its_address(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    fill(&m, t, kind_of(t, LETTER("Oui.")), "accept", "{\"f1\":\"travaux\"}", "{}");
    ASSERT_STR(m.paper.sender.town, "Ville");
    ASSERT_STR(m.paper.sender.service, "Guichet unique");
    ASSERT_STR(m.paper.sender.address.v[0], "1 place de la Mairie, 88000 Ville");
    ASSERT_STR(m.paper.sender.address.v[1], "guichet@ville.test");
    town_close(t);
}

static void the_reference_the_date_and_the_person(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    fill(&m, t, kind_of(t, LETTER("Oui.")), "accept", "{\"f1\":\"travaux\"}", "{}");
    ASSERT_STR(m.paper.reference, "BCDF-GHJK");
    ASSERT_STR(plain(t, m.paper.place_date), "Le 23 novembre 2026");
    ASSERT_STR(m.paper.recipient.v[0], "Zoé Petit");
    town_close(t);
}

static void L212_1_the_author(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Oui."));
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\"}", "{}");
    ASSERT_STR(m.paper.signature.forename, "Jeanne");
    ASSERT_STR(m.paper.signature.surname, "Martin");
    ASSERT_STR(m.paper.signature.capacity, "Adjointe au maire");
    ASSERT_STR(m.paper.signature.service, "Voirie");
    str *parts[] = {&m.s.author.forename, &m.s.author.surname, &m.s.author.capacity, &m.s.author.service};
    static const char *const named[] = {"prénom", "nom", "qualité", "service"};
    for (size_t i = 0; i < 4; i++) {                                    /* none of the four may be missing */
        str kept = *parts[i];
        *parts[i] = S(" ");
        err e = letter_fill(t->mem, &m.s, &m.paper);
        assert_int_equal(e.code, E_INVALID);
        assert_string_equal(e.msg, "letter.author_lacks");
        assert_string_equal(e.at, named[i]);
        *parts[i] = kept;
    }
    town_close(t);
}

static void L211_5_the_reasons_of_law_and_of_fact(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    static const char asks[] = "{\"reason_in_law\":\"Code de la voirie routière, L113-2\",\"reason_in_fact\":\"La rue est déjà fermée.\"}";
    const char *bodies[] = {"Non.", "Non : {reason_in_fact}"};
    for (size_t i = 0; i < 2; i++) {
        str more = str_fmt(t->mem, "letters:\n  refused: {title: Refus, object: O, outcome: refused, body: \"%s\"}\n", bodies[i]);
        fill(&m, t, kind_of(t, more.p), "refuse", "{\"f1\":\"travaux\"}", asks);
        SAYS(m, "Motifs de droit\nCode de la voirie routière, L113-2\n");
        SAYS(m, "La rue est déjà fermée.");
        str after = str_cut(m.all, (size_t)str_find(m.all, S("déjà fermée")) + 5, m.all.n);
        assert_int_equal(str_find(after, S("déjà fermée")), -1);        /* once */
    }
    town_close(t);
}

static void R421_5_the_routes_and_time_limits_of_appeal(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Oui."));
    static const char *const decisions[] = {"accept", "refuse", "close"};
    for (size_t i = 0; i < 3; i++) {
        fill(&m, t, k, decisions[i], "{\"f1\":\"travaux\"}", "{\"reason\":\"R\",\"reason_in_law\":\"L\",\"reason_in_fact\":\"F\"}");
        SAYS(m, "Voies et délais de recours\nDeux mois devant le tribunal administratif de Nancy.\n");
    }
    town_close(t);
}

static void L111_2_who_handles_the_case(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, LETTER("Oui."));
    fill(&m, t, k, "accept", "{\"f1\":\"travaux\"}", "{}");
    SAYS(m, "Votre dossier est suivi par Paul Noël, Instructeur, Guichet unique, 1 place de la Mairie, 88000 Ville — guichet@ville.test — 03 29 00 00 00");
    m.s.in_charge = (struct paper_signature){0};                        /* nobody was assigned: who decides */
    ASSERT_OK(letter_fill(t->mem, &m.s, &m.paper));
    assert_true(str_find(m.paper.foot.v[0], S("suivi par Jeanne Martin, Adjointe au maire")) > 0);
    town_close(t);
}

static void GDPR_13_the_use_of_personal_data(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    fill(&m, t, kind_of(t, LETTER("Oui.")), "accept", "{\"f1\":\"travaux\"}", "{}");
    SAYS(m, "servent à ceci : Instruire. Base légale : Mission publique. Durée de conservation : 24 mois.");
    SAYS(m, "dpo@ville.test");
    town_close(t);
}

static void where_it_is_verified(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    fill(&m, t, kind_of(t, LETTER("Oui.")), "accept", "{\"f1\":\"travaux\"}", "{}");
    ASSERT_STR(m.paper.verify.code, "AB12");
    town_close(t);
}

static void L232_3_the_attestation_of_acceptance(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct kind *k = kind_of(t, "letters:\n  attestation: {title: Attestation, object: O, body: Oui.}\n");
    fill(&m, t, k, "attest", "{\"f1\":\"travaux\"}", "{}");
    SAYS(m, "« Occuper la rue », reçue le 20 novembre 2026 sous la référence BCDF-GHJK, est acceptée depuis le 22 novembre 2026");
    SAYS(m, "L232-3");
    SAYS_NOT(m, "Voies et délais");
    town_close(t);
}

/* Nothing that an agent answered is lost: what the body does not name follows it. */
static void the_agents_words_follow_the_body(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    fill(&m, t, kind_of(t, LETTER("Oui.")), "accept", "{\"f1\":\"travaux\"}", "{\"conditions\":\"Laissez passer.\\nMerci.\"}");
    SAYS(m, "Oui.\nPrécisions\nLaissez passer./Merci.\n");
    town_close(t);
}

static void what_it_makes_is_a_paper(void **state)
{
    struct town *t = town_open(*state);
    struct made m;
    struct paper again;
    fill(&m, t, kind_of(t, LETTER("# Un\\n\\n- deux\\n\\n| a | b |\\n|--|--|\\n| {motif} | 1 |")), "accept", "{\"f1\":\"travaux\"}", "{}");
    str json = paper_json(t->mem, &m.paper);
    ASSERT_OK(paper_read(t->mem, json, &again));
    assert_true(str_eq(paper_json(t->mem, &again), json));
    town_close(t);
}

static void a_sample_fills_every_variable(void **state)
{
    struct town *t = town_open(*state);
    struct kind *k = kind_of(t, LETTER("Oui."));
    struct answers_env env = {.zone = t->a.tenant.zone};
    json_t *doc = letter_sample(t->mem, &k->fields, &env);
    struct letter_vars vars;
    letter_vars(t->mem, k, kind_letter(k, S("granted")), &vars);
    size_t own = 0, asked = 0, fields = 0;
    for (size_t i = 0; i < vars.n; i++) {
        own += vars.v[i].from == VAR_OWN, asked += vars.v[i].from == VAR_ASK, fields += vars.v[i].from == VAR_FIELD;
        const struct field *f = vars.v[i].from == VAR_FIELD ? vars.v[i].field : NULL;
        if (f && !f->parent) assert_non_null(json_object_getn(doc, f->id.p, f->id.n));
        if (f && f->parent) assert_non_null(json_object_getn(json_array_get(json_object_getn(doc, f->parent->id.p, f->parent->id.n), 0), f->id.p, f->id.n));
    }
    assert_int_equal(own, 7);
    assert_int_equal(asked, 1);                                         /* conditions */
    assert_int_equal(fields, 6);
    assert_false(letter_var(&vars, S("motif"))->may_lack);
    assert_true(letter_var(&vars, S("siret"))->may_lack);
    town_close(t);
}

/* The twelve ready procedures and the demonstration's: each letter of each step, with sample answers. */
static void every_ready_letter_can_be_filled(void **state)
{
    struct town *t = town_open(*state);
    static const char *const demo[] = {"t101", "t102", "t103", "t104", NULL};
    const char *const *groups[] = {kind_names_library, demo};
    size_t letters = 0, own = 0, kinds = 0;
    for (size_t g = 0; g < 2; g++)
        for (size_t n = 0; groups[g][n]; n++) {
            json_t *definition;
            struct kind *k;
            const char *text = g ? kind_yaml_shipped(groups[g][n]) : kind_yaml_library(groups[g][n]);
            ASSERT_OK(json_parse(t->mem, str_of(text), &definition));
            ASSERT_OK(kind_parse_any(t->mem, definition, &k));
            kinds += str_is(k->base, "procedure");
            own += json_object_size(json_object_get(definition, "letters"));
            for (size_t i = 0; i < k->transitions.n; i++) {
                const struct transition *tr = &k->transitions.v[i];
                struct answers_env env = {.zone = t->a.tenant.zone, .now_us = t->now_us};
                struct made m;
                if (!transition_letter(k, tr)) continue;
                str doc = json_canonical(t->mem, letter_sample(t->mem, &k->fields, &env)), asks = json_canonical(t->mem, letter_sample(t->mem, &tr->asks, &env));
                fill(&m, t, k, str_z(t->mem, tr->name), str_z(t->mem, doc), str_z(t->mem, asks));
                assert_true(m.paper.object.n > 0 && str_find_char(m.all, '{') < 0 && str_find_char(m.paper.object, '{') < 0);
                if (tr->decision) SAYS(m, "Voies et délais de recours");
                letters++;
            }
        }
    assert_true(kinds >= 16);
    assert_int_equal(letters, kinds * 4);                               /* accept, refuse, close, attest */
    assert_true(own >= 16 * 2);                                         /* of which the twelve and the four say what is their own */
    town_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {STORE_TEST(a_definition_at_fault_says_where), STORE_TEST(a_transition_of_the_base_is_changed_in_part), STORE_TEST(values_are_said_in_words),
        STORE_TEST(a_value_that_is_not_there_takes_its_line_away_or_is_said), STORE_TEST(what_a_person_wrote_stays_words), STORE_TEST(what_rules_say_stands_in_a_letter), STORE_TEST(rows_are_said_in_one_line), STORE_TEST(L111_2_the_town_the_service_and_its_address),
        STORE_TEST(the_reference_the_date_and_the_person), STORE_TEST(L212_1_the_author), STORE_TEST(L211_5_the_reasons_of_law_and_of_fact),
        STORE_TEST(R421_5_the_routes_and_time_limits_of_appeal), STORE_TEST(L111_2_who_handles_the_case), STORE_TEST(GDPR_13_the_use_of_personal_data),
        STORE_TEST(where_it_is_verified), STORE_TEST(L232_3_the_attestation_of_acceptance), STORE_TEST(the_agents_words_follow_the_body), STORE_TEST(what_it_makes_is_a_paper),
        STORE_TEST(a_sample_fills_every_variable), STORE_TEST(every_ready_letter_can_be_filled)};
    return STORE_RUN(tests);
}
