/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Results of rules over HTTP: live while the form is filled in, who cannot ask, computed again at filing, and why, for who filed it and for
   the desk alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/results.h"
#include "desk_testing.h"
#include "formats/json.h"
#include "formats/yaml.h"

#define REPAS                                                                                                                                        \
    "kind: repas\nbase: procedure\ntitle: Repas\n"                                                                                                   \
    "rules:\n"                                                                                                                                       \
    "  quotient familial: {titre: Quotient familial, valeur: revenu / 2, unité: €}\n"                                                                \
    "  prix: {grille: {assiette: quotient familial, tranches: [{montant: 1.1 €, plafond: 400 €}, {montant: 2.1 €, plafond: 600 €}, {montant: 3.5 €}]}}\n" \
    "eligibility: [{must: revenu < 10000 €, message: Votre foyer paie le tarif plein.}]\n"                                         \
    "fields:\n"                                                                                                                                      \
    "  - {id: f1, name: revenu, type: number, money: true, required: true, label: Revenu du foyer}\n"                                                \
    "  - {id: f2, name: tarif, type: number, money: true, required: true, label: Prix du repas, computed: prix}\n"                                   \
    "  - {id: f3, name: mot, type: text, label: Un mot, when: prix > 3 €}\n"                                                                         \
    "settings: {silence: {means: none, article: x}, legal_basis: x, personal_data: {purpose: x, legal_basis: x, recipients: x, retention: x}, appeal: {text: x}, audience: x, duration: x, cost: x, other_ways: x}\n"

static void repas(struct town *t, struct side *s)
{
    json_t *definition;
    struct kind_row row;
    ASSERT_OK(yaml_parse(t->mem, S(REPAS), &definition));
    ASSERT_OK(kind_create(s->d, S("procedures"), S("repas"), s->town, s->team, definition, s->agent.account, t->mem, &row));
    ASSERT_OK(kind_publish(s->d, &s->tenant, t->mem, S("repas"), s->agent.account));
}

static const char *at(struct site *s, str reference, const char *what) { return str_fmt(s->t->mem, "/dossiers/%.*s%s", STR_ARG(reference), what).p; }

static str begin(struct site *s)
{
    struct answer a = http_post_form(s->web, "/demarches/repas/commencer", NULL);
    assert_int_equal(a.status, 303);
    str reference = str_copy(s->t->mem, str_split(str_cut(a.location, 10, a.location.n), '/', &(str){0}));
    assert_int_equal(http_post_form(s->web, at(s, reference, "/debut"), "email", "zoe@ex.test", NULL).status, 303);
    return reference;
}

static struct answer fill(struct site *s, str reference, const char *income)
{
    return http_post_multipart(s->web, at(s, reference, "/remplir/1"), "f1", income, "f2", "0.01", "do", "next", NULL);
}

static void results_follow_the_answers(void **state)
{
    struct site *s = site_open(*state);
    repas(s->t, &s->t->a);
    str reference = begin(s);
    struct answer a = http_post_form(s->web, at(s, reference, "/champ"), "path", "f1", "f1", "1080", NULL);
    assert_int_equal(a.status, 200);
    assert_string_equal(str_z(s->t->mem, a.body), "{\"shown\":{\"f3\":false},\"values\":{\"f2\":\"2,10\u00a0€\"}}");
    a = http_post_form(s->web, at(s, reference, "/champ"), "path", "f1", "f1", "8000", NULL);
    assert_string_equal(str_z(s->t->mem, a.body), "{\"shown\":{\"f3\":true},\"values\":{\"f2\":\"3,50\u00a0€\"}}");
    assert_int_equal(http_post_form(s->web, at(s, reference, "/champ"), "path", "f2", "f2", "0.01", NULL).status, 404);         /* never typed */
    /* Who cannot ask is told so on the page, and keeps what was typed. */
    a = fill(s, reference, "12000");
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, "Votre foyer paie le tarif plein"));
    assert_true(says(a.body, "value=\"12000\""));
    assert_true(says(a.body, "href=\"#f1\""));
    site_close(s);
}

static void the_result_filed_is_the_servers_and_says_why(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct record r;
    repas(t, &t->a);
    str reference = begin(s);
    assert_int_equal(fill(s, reference, "1080").status, 303);
    struct answer a = http_get(s->web, at(s, reference, "/verifier"));
    assert_true(says(a.body, "2,10\u00a0€"));
    a = http_get(s->web, at(s, reference, "/pourquoi?de=f2"));
    assert_int_equal(a.status, 200);
    assert_true(says(a.body, "est dans la tranche de 400"));
    assert_true(says(a.body, "réponses du moment"));
    assert_int_equal(http_post_form(s->web, at(s, reference, "/deposer"), NULL).status, 303);
    ASSERT_OK(record_by_reference(t->a.d, t->mem, reference, &r));
    ASSERT_STR(json_canonical(t->mem, r.doc), "{\"f1\":1080,\"f2\":2.1}");
    a = http_get(s->web, at(s, reference, ""));
    assert_true(says(a.body, "/pourquoi?de=f2"));
    a = http_get(s->web, at(s, reference, "/pourquoi?de=f2"));
    assert_int_equal(a.status, 200);
    assert_true(says(a.body, "conservé tel quel") && says(a.body, "R311-3-1-2"));
    a = http_get(s->web, at(s, reference, "/pourquoi"));
    assert_true(says(a.body, "Prix du repas") && says(a.body, "Condition pour déposer") && !says(a.body, "Votre foyer paie le tarif plein"));     /* a message for whom it refuses */
    a = http_get(s->web, at(s, reference, "/pourquoi.json?de=f2"));
    json_t *trace;
    ASSERT_OK(json_parse(t->mem, a.body, &trace));
    assert_true(json_number_value(json_object_get(trace, "value")) == 2.1);
    assert_int_equal(http_get(s->web, at(s, reference, "/pourquoi?de=f9")).status, 404);
    site_close(s);
}

static void why_is_for_who_filed_it_and_for_the_desk(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    repas(t, &t->a);
    str reference = begin(s);
    assert_int_equal(fill(s, reference, "1080").status, 303);
    assert_int_equal(http_post_form(s->web, at(s, reference, "/deposer"), NULL).status, 303);
    struct answer a = http_get(s->web, at(s, reference, "/pourquoi?de=f2"));
    assert_int_equal(a.status, 200);
    const char *desk = str_fmt(t->mem, "/agents/dossiers/%.*s/pourquoi?de=f2", STR_ARG(reference)).p;
    assert_true(http_get(s->web, desk).status != 200);                  /* a citizen */
    site_as(s, t->a.reader.account, &(struct grant){.role = ROLE_READER, .body = t->a.town});
    assert_true(http_get(s->web, at(s, reference, "/pourquoi?de=f2")).status != 200);           /* nobody else's page, agent or not */
    a = http_get(s->web, desk);
    assert_int_equal(a.status, 200);
    assert_true(says(a.body, "2,10\u00a0€"));
    site_as(s, t->a.other.account, &(struct grant){.role = ROLE_AGENT, .body = t->a.suburb});
    assert_true(http_get(s->web, desk).status != 200);                  /* of another body */
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(results_follow_the_answers), STORE_TEST(the_result_filed_is_the_servers_and_says_why),
                                              STORE_TEST(why_is_for_who_filed_it_and_for_the_desk)};
    return STORE_RUN(tests);
}
