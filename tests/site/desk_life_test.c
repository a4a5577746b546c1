/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Living with the desk over HTTP: views, mass actions, models, absences, statistics; and what another body's agent gets of them: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/audit.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/journal.h"
#include "core/list.h"
#include "core/mass.h"
#include "core/model.h"
#include "core/stats.h"
#include "desk_testing.h"
#include "site/mass.h"

static struct site *desk_open(void **state)
{
    struct site *s = site_open(*state);
    s->app.inbox = inbox_cache_new();
    site_as(s, s->t->a.agent.account, NULL);
    return s;
}

static void desk_close(struct site *s)
{
    inbox_cache_free(s->app.inbox);
    site_close(s);
}

static struct record permit(struct town *t) { return town_file(t, &t->a, t->a.permit, "{\"f1\":\"grue\",\"f2\":\"n\"}", "Zoé Rue", "zoe@ex.test"); }

static const char *where(struct answer *a) { static char at[400]; snprintf(at, sizeof at, "%.*s", STR_ARG(a->location)); return at; }

static void a_view_is_kept_and_opens_the_list(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    permit(t);
    town_file(t, a, a->tree, "{\"g1\":\"tilleul\"}", NULL, NULL);
    struct answer r = site_get(s, 200, "/agents?kind=permit&sort=oldest&col=state&col=channel");
    assert_true(says(r.body, "par internet") && !says(r.body, "<th scope=\"col\">Échéance"));
    site_post(s, 422, "/agents/vues?kind=permit&sort=oldest", "name=&share=0");
    r = site_post(s, 303, "/agents/vues?kind=permit&sort=oldest&after=3.4&autre=x", "name=Permis&share=0&start=on");
    assert_non_null(strstr(where(&r), "kind=permit&sort=oldest&vue="));
    r = site_get(s, 200, "/agents?state=ouverts");
    assert_true(says(r.body, "Permis <span class=\"soft\">1</span>"));               /* cheap to count: the counters know */
    r = site_get(s, 303, "/agents");                                                 /* the one it opens with */
    assert_non_null(strstr(where(&r), "kind=permit"));
    /* Another agent neither sees it nor opens with it; nor does the twin's. */
    site_as(s, a->reader.account, NULL);
    assert_false(says(site_get(s, 200, "/agents").body, "Permis <"));
    site_as(s, a->agent.account, NULL);
    struct inbox_state st;
    ASSERT_OK(inbox_state_of(NULL, a->d, t->mem, &a->agent, 0, &st));
    const char *one = str_fmt(t->mem, "/agents/vues/%.*s", STR_ARG(id_text(t->mem, st.views.v[0].id))).p;
    site_as(s, a->other.account, NULL);
    site_get(s, 404, "%s", one);
    site_post(s, 404, str_fmt(t->mem, "%s/supprimer", one).p, "");
    site_as(s, a->agent.account, NULL);
    site_post(s, 303, str_fmt(t->mem, "%s?kind=tree", one).p, "name=Arbres&share=0&filters=on");
    r = site_get(s, 200, "/agents");                                                 /* no more the one it opens with */
    assert_true(says(r.body, "Arbres <span class=\"soft\">1</span>"));
    site_post(s, 303, str_fmt(t->mem, "%s/supprimer", one).p, "");
    assert_false(says(site_get(s, 200, "/agents").body, "Arbres <"));
    desk_close(s);
}

static void the_list_is_a_table_for_a_spreadsheet(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r = permit(t);
    for (int i = 0; i < 3; i++) town_file(t, a, a->tree, "{\"g1\":\"tilleul\"}", NULL, NULL);
    struct record theirs = town_file_with(t, a, (struct filing){.kind = a->permit, .body = a->suburb, .doc = town_json(t, "{\"f1\":\"du faubourg\"}")});
    struct answer x = site_get(s, 200, "/agents/dossiers.csv?kind=permit");
    assert_true(says(x.body, "Objet;Quartier;Travaux;Annotation\r\n"));
    assert_true(says(x.body, str_z(t->mem, r.reference)) && says(x.body, ";grue;Nord;;"));
    assert_false(says(x.body, "du faubourg"));
    assert_false(says(x.body, "tilleul"));
    site_as(s, a->other.account, NULL);
    x = site_get(s, 200, "/agents/dossiers.csv");
    assert_true(says(x.body, str_z(t->mem, theirs.reference)));
    assert_false(says(x.body, str_z(t->mem, r.reference)));
    site_as(s, a->citizen, NULL);
    site_get(s, 403, "/agents/dossiers.csv");
    desk_close(s);
}

static void job_run(struct site *s)
{
    struct job_type types[] = {{MASS_JOB, mass_job, MASS_LEASE_US}, {0}};
    int64_t ran;
    do ASSERT_OK(jobs_run_due(s->t->a.d, s->t->mem, types, &s->app, S("test"), s->t->now_us, &ran));
    while (ran);
}

static void many_are_refused_at_once_each_by_itself(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r[4], foreign = town_file_with(t, a, (struct filing){.kind = a->permit, .body = a->suburb, .doc = town_json(t, "{\"f1\":\"x\"}")});
    buf picks = BUF(4096);
    for (int i = 0; i < 4; i++) {
        r[i] = permit(t);
        if (i < 3) ASSERT_OK(town_act(t, a, &a->agent, &r[i], "take", NULL));
        else ASSERT_OK(town_act(t, a, town_holder(t, r[i].id), &r[i], "withdraw", NULL));
        buf_fmt(&picks, "d=%.*s.%lld&", STR_ARG(r[i].reference), (long long)r[i].version);
    }
    buf_fmt(&picks, "d=%.*s.1&quoi=coches", STR_ARG(foreign.reference));
    site_post(s, 422, "/agents/lots", "quoi=coches");
    struct answer x = site_post(s, 303, "/agents/lots", str_z(t->mem, buf_str(&picks)));
    const char *at = str_z(t->mem, str_of(where(&x)));
    x = site_get(s, 200, "%s", at);
    assert_true(says(x.body, "4 dossiers choisis"));                                 /* not the suburb's */
    assert_true(says(x.body, "Refuser") && says(x.body, "Possible pour 3 sur 4."));
    x = site_get(s, 200, "%s?acte=refuse", at);
    assert_true(says(x.body, "3 dossiers seront traités") && says(x.body, str_z(t->mem, r[3].reference)));
    /* A reason is asked: without it nothing starts, and the words stay. */
    x = site_post(s, 422, str_fmt(t->mem, "%s?acte=refuse", at).p, "reason_in_law=Article+12&reason_in_fact=");
    assert_true(says(x.body, "Article 12"));
    /* Somebody else's hands on it: neither seen nor started. */
    site_as(s, a->other.account, NULL);
    site_get(s, 404, "%s", at);
    site_post(s, 404, str_fmt(t->mem, "%s?acte=refuse", at).p, "reason_in_law=x&reason_in_fact=y");
    site_as(s, a->agent.account, NULL);
    site_post(s, 303, str_fmt(t->mem, "%s?acte=refuse", at).p, "reason_in_law=Article+12&reason_in_fact=Rue+barree");
    x = site_get(s, 200, "%s", at);
    assert_true(says(x.body, "<progress") && says(x.body, "Actualiser"));
    /* While it waits, one of them is decided by somebody. */
    ASSERT_OK(town_act(t, a, &a->agent, &r[1], "accept", NULL));
    job_run(s);
    x = site_get(s, 200, "%s", at);
    assert_true(says(x.body, "2 dossiers traités") && says(x.body, "Jeanne Martin"));
    assert_string_equal(town_state(t, a, r[0].id), "refused");
    assert_string_equal(town_state(t, a, r[1].id), "accepted");
    assert_string_equal(town_state(t, a, r[2].id), "refused");
    assert_string_equal(town_state(t, a, r[3].id), "withdrawn");
    assert_string_equal(town_state(t, a, foreign.id), "received");
    struct events e;
    ASSERT_OK(journal_of(a->d, t->mem, r[0].id, true, &e));
    ASSERT_STR(e.v[e.n - 1].actor_name, "Jeanne Martin");                            /* signed by who decided */
    assert_true(str_find(e.v[e.n - 1].words, S("Rue barree")) >= 0);
    site_post(s, 303, str_fmt(t->mem, "%s?acte=refuse", at).p, "reason_in_law=x&reason_in_fact=y");      /* pressed again: nothing */
    buf_free(&picks);
    desk_close(s);
}

static void all_of_a_list_are_given_and_noted(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r[30];
    struct events e;
    for (int i = 0; i < 30; i++) r[i] = permit(t);                                   /* more than a page */
    town_file(t, a, a->tree, "{\"g1\":\"tilleul\"}", NULL, NULL);
    struct answer x = site_post(s, 303, "/agents/lots?kind=permit", "quoi=tous");
    const char *at = str_z(t->mem, str_of(where(&x)));
    assert_true(says(site_get(s, 200, "%s", at).body, "30 dossiers choisis"));
    site_get(s, 200, "%s?acte=@assign", at);
    site_post(s, 303, str_fmt(t->mem, "%s?acte=@assign", at).p, str_fmt(t->mem, "assignee=%lld", (long long)a->agent.account).p);
    job_run(s);
    for (int i = 0; i < 30; i++) assert_int_equal(town_record(t, a, r[i].id).assignee, a->agent.account);
    x = site_post(s, 303, "/agents/lots?whose=mine", "quoi=tous");
    at = str_z(t->mem, str_of(where(&x)));
    site_post(s, 303, str_fmt(t->mem, "%s?acte=@note", at).p, "message=Vu+en+commission");
    job_run(s);
    ASSERT_OK(journal_of(a->d, t->mem, r[7].id, false, &e));
    ASSERT_STR(e.v[e.n - 1].verb, "note");
    /* Who has lost their rights meanwhile does nothing. */
    x = site_post(s, 303, "/agents/lots?kind=permit", "quoi=tous");
    at = str_z(t->mem, str_of(where(&x)));
    site_post(s, 303, str_fmt(t->mem, "%s?acte=take", at).p, "");
    ASSERT_OK(grant_remove(a->d, a->agent.account, &a->agent.grants.v[0]));
    job_run(s);
    assert_string_equal(town_state(t, a, r[0].id), "received");
    desk_close(s);
}

static void a_model_fills_the_box_and_sends_nothing(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r = permit(t), again = permit(t);
    site_get(s, 403, "/agents/modeles/nouveau");                                     /* an agent chooses, who manages writes */
    site_as(s, a->agent.account, &(struct grant){.role = ROLE_MANAGER});
    struct answer x = site_post(s, 422, "/agents/modeles", "title=Suite&words=Bonjour+%7Binconnu%7D&team=0&kind=-");
    assert_true(says(x.body, "{inconnu}") && says(x.body, "href=\"#words\""));
    site_post(s, 303, "/agents/modeles", "title=Suite&words=Bonjour+%7Bpersonne%7D%2C+dossier+%7Br%C3%A9f%C3%A9rence%7D&team=0&kind=permit");
    const char *path = str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(r.reference)).p;
    x = site_get(s, 200, "%s", path);
    assert_true(says(x.body, ">Suite</option>"));
    struct models all;
    ASSERT_OK(models_for(a->d, t->mem, a->permit, &r, LANG_FR, &all));
    x = site_post(s, 200, str_fmt(t->mem, "%s/messages", path).p, str_fmt(t->mem, "do=model&words=Avant.&model=%.*s", STR_ARG(id_text(t->mem, all.v[0].id))).p);
    assert_true(says(x.body, str_fmt(t->mem, "Avant.\n\nBonjour Zoé Rue, dossier %.*s", STR_ARG(r.reference)).p));
    struct events e;
    ASSERT_OK(journal_of(a->d, t->mem, r.id, false, &e));
    assert_int_equal(e.n, 1);
    /* The same person's other dossier stands beside; another body's does not. */
    struct record theirs = town_file_with(t, a, (struct filing){.kind = a->permit, .body = a->suburb, .doc = town_json(t, "{\"f1\":\"x\"}"), .contact = {.email = S("zoe@ex.test")}});
    site_as(s, a->reader.account, NULL);
    x = site_get(s, 200, "%s", path);
    str beside = answer_between(&x, "id=\"related\"", "</section>");
    assert_true(says(beside, str_z(t->mem, again.reference)));
    assert_false(says(x.body, str_z(t->mem, theirs.reference)));
    site_as(s, a->other.account, NULL);
    site_get(s, 404, "%s", path);
    site_post(s, 404, str_fmt(t->mem, "%s/messages", path).p, "do=model&words=x");
    site_get(s, 404, "%s/confier", path);
    desk_close(s);
}

static void who_stands_in_finds_them_under_pour(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct account ana = {.email = S("ana@ville.test"), .forename = S("Ana"), .surname = S("Pré"), .capacity = S("Agente"), .service = S("Voirie"), .is_agent = true, .is_active = true};
    struct record r = permit(t);
    ASSERT_OK(account_add(a->d, t->mem, &ana, STR_NONE, &ana.id));
    ASSERT_OK(grant_add(a->d, ana.id, &(struct grant){.role = ROLE_AGENT, .body = a->town}));
    site_post(s, 303, str_fmt(t->mem, "/agents/dossiers/%.*s/confier", STR_ARG(r.reference)).p, str_fmt(t->mem, "agent=%.*s&version=1", STR_ARG(id_text(t->mem, a->agent.account))).p);
    site_post(s, 409, str_fmt(t->mem, "/agents/dossiers/%.*s/confier", STR_ARG(r.reference)).p, "agent=0&version=1");
    /* The agent leaves for a week; Ana stands in. */
    const char *form = str_fmt(t->mem, "first=2026-11-23&last=29/11/2026&stand_in=a%.*s", STR_ARG(id_text(t->mem, ana.id))).p;
    site_post(s, 422, "/agents/absences", "first=demain&last=2026-11-29&stand_in=");
    site_post(s, 303, "/agents/absences", form);
    site_as(s, a->reader.account, NULL);
    site_post(s, 403, "/agents/absences", str_fmt(t->mem, "%s&agent=%.*s", form, STR_ARG(id_text(t->mem, ana.id))).p);
    site_as(s, ana.id, NULL);
    struct answer x = site_get(s, 200, "/agents?whose=mine");
    assert_true(says(x.body, "Pour Jeanne Martin</strong>") && says(x.body, str_z(t->mem, r.reference)) && says(x.body, "Vous remplacez Jeanne Martin"));
    x = site_get(s, 200, "/agents/dossiers/%.*s", STR_ARG(r.reference));
    assert_true(says(x.body, "Ana Pré remplace"));
    /* What she decides is signed by her. */
    site_post(s, 303, str_fmt(t->mem, "/agents/dossiers/%.*s/actes/close", STR_ARG(r.reference)).p, "version=2&reason=Sans+objet");
    struct events e;
    ASSERT_OK(journal_of(a->d, t->mem, r.id, true, &e));
    ASSERT_STR(e.v[e.n - 1].actor_name, "Ana Pré");
    /* Over: by itself. */
    town_pass(t, 7 * DAY_US);
    inbox_cache_drop(s->app.inbox, db_tenant(a->d));
    site_as(s, ana.id, NULL);
    x = site_get(s, 200, "/agents?whose=mine&state=tous");
    assert_false(says(x.body, "Pour Jeanne") || says(x.body, "Vous remplacez"));
    desk_close(s);
}

static void statistics_say_what_one_may_see(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    int64_t n;
    bool more;
    for (int i = 0; i < 3; i++) {
        struct record r = permit(t);
        if (i == 2) break;
        ASSERT_OK(town_act(t, a, &a->agent, &r, "take", NULL));
        town_pass(t, 2 * DAY_US);
        ASSERT_OK(town_act(t, a, &a->agent, &r, "accept", NULL));
    }
    ASSERT_OK(journal_seal(a->d, t->now_us, &n));
    ASSERT_OK(stats_fold(a->d, t->mem, t->kinds, &a->tenant, &more));
    ASSERT_OK(counters_fold(a->d, t->mem));
    site_as(s, a->agent.account, NULL);
    struct answer x = site_get(s, 200, "/agents/statistiques/permit");
    assert_true(says(x.body, "Dossiers déposés par mois") && says(x.body, "2 jours") && says(x.body, "Accepté") && says(x.body, "<table>"));
    x = site_get(s, 200, "/agents/statistiques/permit/chiffres.csv?periode=30j");
    assert_true(says(x.body, "Comment les dossiers se terminent;Accepté;2\r\n") && says(x.body, "Dossiers déposés par semaine;2026-11-23;3\r\n"));
    site_get(s, 422, "/agents/statistiques/permit?periode=autre&du=2026-12-01&au=2026-11-01");
    assert_true(says(site_get(s, 200, "/agents/statistiques").body, "/agents/statistiques/permit"));
    site_get(s, 404, "/agents/statistiques/nulle-part");
    /* Another body's agent learns nothing of it; nor does the twin. */
    site_as(s, a->other.account, NULL);
    site_get(s, 404, "/agents/statistiques/permit");
    site_get(s, 404, "/agents/statistiques/permit/chiffres.csv");
    site_as(s, a->citizen, NULL);
    site_get(s, 403, "/agents/statistiques");
    desk_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_view_is_kept_and_opens_the_list), STORE_TEST(the_list_is_a_table_for_a_spreadsheet), STORE_TEST(many_are_refused_at_once_each_by_itself),
        STORE_TEST(all_of_a_list_are_given_and_noted), STORE_TEST(a_model_fills_the_box_and_sends_nothing), STORE_TEST(who_stands_in_finds_them_under_pour),
        STORE_TEST(statistics_say_what_one_may_see),
    };
    return STORE_RUN(tests);
}
