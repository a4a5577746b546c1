/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The letters of a procedure over HTTP, as a manager writes them, without script; then the blank form as a PDF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/kind_edit.h"
#include "core/letter_template.h"
#include "core/life.h"
#include "desk_testing.h"
#include "formats/json.h"

#define LETTERS "/admin/demarches/permit/courriers"

static struct site *manager_open(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    return s;
}

static const char *revised(struct site *s, const char *form)
{
    struct kind_row row;
    struct town *t = s->t;
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    return str_fmt(t->mem, "revision=%lld&%s", (long long)(row.draft_revision ? row.draft_revision : row.revision), form).p;
}

static const struct kind *draft(struct site *s)
{
    const struct kind *k;
    struct town *t = s->t;
    ASSERT_OK(kind_draft_get(t->a.d, t->mem, S("permit"), &k));
    return k;
}

#define OF(body_) "title=Arr%C3%AAt%C3%A9&object=Votre+permis&outcome=granted&steps=accept&body=" body_

static void the_list_says_what_is_sent_and_when(void **state)
{
    struct site *s = manager_open(state);
    struct answer a = site_get(s, 200, LETTERS);
    static const char *const said[] = {"Décision d’acceptation", "Décision de refus", "Attestation d’acceptation", "Accepter", "modèle commun"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!says(a.body, said[i])) fail_msg("no %s", said[i]);
    assert_true(says(site_get(s, 200, "/admin/demarches/permit").body, "href=\"" LETTERS "\""));
    site_get(s, 404, LETTERS "/nowhere");
    site_close(s);
}

static void a_letter_is_written_and_kept_in_the_draft(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_get(s, 200, LETTERS "/granted");
    /* What cannot be removed is shown with its article, and the variables with the question they quote. */
    static const char *const said[] = {"CRPA, articles L212-1 et L212-2", "R421-5", "L111-2", "{objet}", "Objet", "{conditions}", "{date de dépôt}", "ne peuvent pas être retirées"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!says(a.body, said[i])) fail_msg("no %s", said[i]);
    assert_false(says(a.body, "{annotation}"));             /* the agents' own */
    site_post(s, 303, LETTERS "/granted", revised(s, "do=save&" OF("Oui+pour+%7Bobjet%7D.")));
    const struct kind *k = draft(s);
    ASSERT_STR(kind_letter(k, S("granted"))->body.v[LANG_FR], "Oui pour {objet}.");
    assert_true(kind_edit_letter_is_own(k->definition, S("granted")));
    site_post(s, 409, LETTERS "/granted", "revision=1&do=save&" OF("Non."));
    site_post(s, 303, LETTERS "/granted", revised(s, "do=remove"));
    assert_false(kind_edit_letter_is_own(draft(s)->definition, S("granted")));
    site_close(s);
}

static void what_is_typed_is_seen_before_it_is_kept(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_post(s, 200, LETTERS "/granted", revised(s, "do=preview&" OF("Pour+%2A%2A%7Bobjet%7D%2A%2A+et+%7Bquartier%7D.")));
    assert_true(says(a.body, "Pour <strong>[Objet]</strong> et Nord."));
    assert_true(says(a.body, "Voies et délais de recours") && says(a.body, "Camille Durand") && says(a.body, "Vous avez deux mois pour saisir le tribunal."));
    assert_true(says(a.body, "Ligne 1 {quartier}") && says(a.body, "peut manquer"));
    assert_false(kind_edit_letter_is_own(draft(s)->definition, S("granted")));
    ASSERT_STR(kind_letter(draft(s), S("granted"))->title.v[LANG_FR], "Décision d’acceptation");
    site_close(s);
}

static void a_fault_is_said_at_its_line_and_nothing_is_lost(void **state)
{
    struct site *s = manager_open(state);
    struct answer a = site_post(s, 422, LETTERS "/granted", revised(s, "do=save&" OF("Un%0A%0ADeux+%7Bnulle+part%7D")));
    assert_true(says(a.body, "href=\"#body\"") && says(a.body, "Ligne 3 {nulle part}") && says(a.body, "n’existe pas"));
    assert_true(says(a.body, "Deux {nulle part}</textarea>"));
    a = site_post(s, 422, LETTERS "/granted", revised(s, "do=save&" OF("%7Bannotation%7D")));
    assert_true(says(a.body, "annotation réservée aux agents"));
    a = site_post(s, 422, LETTERS "/granted", revised(s, "do=save&" OF("")));
    assert_true(says(a.body, "href=\"#body\""));
    /* Unfavourable, where no reasons are asked: CRPA L211-5. */
    a = site_post(s, 422, LETTERS "/granted", revised(s, "do=save&title=T&object=O&outcome=refused&steps=accept&body=B"));
    assert_true(says(a.body, "href=\"#steps\"") && says(a.body, "L211-5"));
    /* Sent by no step. */
    a = site_post(s, 422, LETTERS "/granted", revised(s, "do=save&title=T&object=O&outcome=granted&body=B"));
    assert_true(says(a.body, "href=\"#steps\"") && says(a.body, "Aucune étape"));
    site_close(s);
}

static void a_letter_is_added_and_attached_to_a_step(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_post(s, 422, LETTERS, revised(s, "title=&steps=accept"));
    assert_true(says(a.body, "href=\"#title\""));
    a = site_post(s, 422, LETTERS, revised(s, "title=Permis"));
    assert_true(says(a.body, "href=\"#steps\""));
    site_post(s, 303, LETTERS, revised(s, "title=Permis+de+rue&steps=accept"));
    const struct kind *k = draft(s);
    ASSERT_STR(transition_letter(k, kind_transition(k, S("accept")))->name, "permis-de-rue");
    site_get(s, 200, LETTERS "/permis-de-rue");
    /* Also sent by another step; then by that one alone. */
    site_post(s, 303, LETTERS "/permis-de-rue", revised(s, "do=save&title=Permis&object=O&outcome=granted&steps=accept&steps=take&body=B"));
    k = draft(s);
    ASSERT_STR(transition_letter(k, kind_transition(k, S("take")))->name, "permis-de-rue");
    site_post(s, 303, LETTERS "/permis-de-rue", revised(s, "do=save&title=Permis&object=O&outcome=granted&steps=take&body=B"));
    k = draft(s);
    ASSERT_STR(transition_letter(k, kind_transition(k, S("accept")))->name, "granted");
    site_close(s);
}

static void nobody_else_writes_them(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, NULL);
    site_get(s, 403, LETTERS);
    site_get(s, 403, LETTERS "/granted");
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {STORE_TEST(the_list_says_what_is_sent_and_when), STORE_TEST(a_letter_is_written_and_kept_in_the_draft),
        STORE_TEST(what_is_typed_is_seen_before_it_is_kept), STORE_TEST(a_fault_is_said_at_its_line_and_nothing_is_lost), STORE_TEST(a_letter_is_added_and_attached_to_a_step),
        STORE_TEST(nobody_else_writes_them)};
    return STORE_RUN(tests);
}
