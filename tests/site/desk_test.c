/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The desk over HTTP: the inbox and its counts, a dossier, the counter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/audit.h"
#include "core/journal.h"
#include "core/letter.h"
#include "formats/json.h"
#include "desk_testing.h"

#define DOC(said_) "{\"place\":{\"lat\":48.1735,\"lon\":6.4496},\"f1\":\"road\",\"f2\":\"" said_ "\"}"

static struct site *desk_open(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, NULL);
    return s;
}

static int rows(struct answer a)
{
    int n = 0;
    for (str rest = a.body; rest.n;) {
        ptrdiff_t at = str_find(rest, S("<th scope=\"row\""));
        if (at < 0) break;
        n++;
        rest = str_cut(rest, (size_t)at + 1, rest.n);
    }
    return n;
}

/* The number of a tab; -1: none is said. */
static int tab(struct site *s, struct answer a, const char *title)
{
    str nav = answer_between(&a, "<nav class=\"tabs\"", "</nav>");
    ptrdiff_t at = str_find(nav, str_of(title));
    if (at < 0) return -2;
    str rest = str_cut(nav, (size_t)at, nav.n), one = str_cut(rest, 0, (size_t)str_find(rest, S("</a>")));
    ptrdiff_t n = str_find(one, S("soft\">"));
    int64_t out;
    (void)s;
    return n >= 0 && str_i64(str_split(str_cut(one, (size_t)n + 6, one.n), '<', &(str){0}), &out).code == OK ? (int)out : -1;
}

static ptrdiff_t tab_at(struct answer a, const char *title)
{
    return str_find(answer_between(&a, "<nav class=\"tabs\"", "</nav>"), str_of(title));
}

static void tabs_count_what_is_found(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record grue = town_file(t, a, a->permit, "{\"f1\":\"grue\",\"f2\":\"n\"}", NULL, NULL);
    town_file(t, a, a->permit, "{\"f1\":\"benne\",\"f2\":\"s\"}", NULL, NULL);
    town_file(t, a, a->tree, "{\"g1\":\"tilleul\"}", NULL, NULL);
    town_file(t, a, a->report, DOC("Trou"), NULL, NULL);
    struct record done = town_file(t, a, a->permit, "{\"f1\":\"terrasse\",\"f2\":\"n\"}", NULL, NULL);
    ASSERT_OK(town_act(t, a, &a->agent, &grue, "take", NULL));
    ASSERT_OK(town_act(t, a, &a->agent, &done, "take", NULL));
    ASSERT_OK(town_act(t, a, &a->agent, &done, "accept", NULL));

    struct answer r = site_get(s, 200, "/agents");
    assert_int_equal(rows(r), 4);                               /* what waits, without what is decided */
    assert_int_equal(tab(s, r, "À traiter"), 4);
    assert_int_equal(tab(s, r, "Déposé"), 2);                   /* a report that is "Reçu" is not "Déposé" */
    assert_int_equal(tab(s, r, "Reçu"), 1);
    assert_int_equal(tab(s, r, "Accepté"), 1);
    assert_int_equal(tab(s, r, "Tous"), 5);
    assert_true(tab_at(r, "À traiter") < tab_at(r, "Déposé") && tab_at(r, "Déposé") < tab_at(r, "En instruction") && tab_at(r, "En instruction") < tab_at(r, "Accepté") &&
                tab_at(r, "Accepté") < tab_at(r, "Tous"));
    r = site_get(s, 200, "/agents?state=depose");
    assert_int_equal(rows(r), 2);
    r = site_get(s, 200, "/agents?state=recu");
    assert_true(rows(r) == 1 && says(r.body, "Signalement"));
    r = site_get(s, 200, "/agents?state=tous");
    assert_int_equal(rows(r), 5);

    /* Filters: the tabs say what is found, or nothing. */
    r = site_get(s, 200, "/agents?q=grue");
    assert_int_equal(rows(r), 1);
    assert_int_equal(tab(s, r, "Tous"), 1);
    assert_int_equal(tab(s, r, "Déposé"), 0);
    assert_int_equal(tab(s, r, "En instruction"), 1);
    r = site_get(s, 200, "/agents?whose=mine");
    assert_int_equal(rows(r), 1);                               /* taken, not decided */
    assert_int_equal(tab(s, r, "À traiter"), 1);
    assert_int_equal(tab(s, r, "Tous"), -1);                    /* not looked for: no number */
    r = site_get(s, 200, "/agents?kind=permit&f.f2=n");
    assert_int_equal(rows(r), 2);
    assert_int_equal(tab(s, r, "Tous"), 2);
    assert_int_equal(tab(s, r, "Accepté"), 1);
    /* Lateness is no person. */
    assert_true(says(r.body, "name=\"late\"") && !says(r.body, "value=\"late\""));
    town_pass(t, 400 * DAY_US);
    site_as(s, a->agent.account, NULL);
    r = site_get(s, 200, "/agents?late=on");
    assert_true(rows(r) >= 1);
    site_close(s);
}

static void a_dossier_without_mail_says_so(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record by_post = town_file(t, a, a->permit, "{\"f1\":\"grue\"}", "Zoé Rue", NULL), by_mail = town_file(t, a, a->permit, "{\"f1\":\"benne\"}", "Zoé", "zoe@ex.test");
    struct answer r = site_get(s, 200, "/agents/dossiers/%.*s", STR_ARG(by_post.reference));
    assert_true(says(r.body, "prévenez la personne par courrier ou téléphone"));
    /* A dossier is not passed on to where it is; its acts and the message box are not printed. */
    str transfer = answer_between(&r, "name=\"body\"", "</fieldset>");
    if (!transfer.n) transfer = answer_between(&r, "name=\"body\"", "</select>");
    assert_true(says(transfer, "Faubourg"));
    assert_false(says(transfer, ">Ville<"));
    assert_true(says(r.body, "class=\"acts no-print\"") && says(r.body, "class=\"form no-print\""));
    r = site_get(s, 200, "/agents/dossiers/%.*s", STR_ARG(by_mail.reference));
    assert_false(says(r.body, "prévenez la personne"));
    site_close(s);
}

/* A form refused shows the whole dossier: that is a reading too. */
static void every_page_of_a_dossier_is_noted(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct grants grants = {0};
    PUSH(t->mem, &grants, (struct grant){.role = ROLE_ADMIN});
    struct who admin = {.account = a->agent.account, .grants = grants};
    struct record r = town_file(t, a, a->permit, "{\"f1\":\"grue\"}", "Zoé Rue", "zoe@ex.test");
    const char *path = str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(r.reference)).p;
    struct reading_query asked = {.who = &admin, .reference = r.reference, .limit = 100};
    static const struct { int status; const char *act, *form; } sent[] = {
        {422, "messages", "words="}, {422, "actes/ask_correction", "version=1"}, {409, "actes/take", "version=99"}, {303, "actes/take", "version=1"}, {303, "messages", "words=Bonjour"}};
    size_t noted = 0;
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        struct readings found = {0};
        site_post(s, sent[i].status, str_fmt(t->mem, "%s/%s", path, sent[i].act).p, sent[i].form);
        ASSERT_OK(audit_readings(a->d, t->mem, &asked, &found));
        noted += sent[i].status != 303;
        if (found.n != noted) fail_msg("%s: %zu readings instead of %zu", sent[i].act, found.n, noted);
    }
    struct readings found = {0};
    site_get(s, 200, "%s", path);
    ASSERT_OK(audit_readings(a->d, t->mem, &asked, &found));
    assert_int_equal(found.n, noted + 1);
    site_close(s);
}

/* CRPA L232-3: what the receipt promises, an agent delivers. */
static void an_acceptance_by_silence_is_attested(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r = town_file(t, a, a->tree, "{\"g1\":\"tilleul\"}", "Zoé Rue", "zoe@ex.test");
    ASSERT_CODE(town_act(t, a, &a->agent, &r, "attest", NULL), E_INVALID);
    town_at(t, "2026-12-24T00:05");
    town_timers(t, a);
    r = town_record(t, a, r.id);
    ASSERT_STR(r.state, "accepted_silently");
    site_as(s, a->agent.account, NULL);
    const char *path = str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(r.reference)).p;
    int64_t mails = town_mails(t, a, r.id, "zoe@ex.test");
    site_post(s, 303, str_fmt(t->mem, "%s/actes/attest", path).p, str_fmt(t->mem, "version=%lld", (long long)r.version).p);
    assert_int_equal(town_mails(t, a, r.id, "zoe@ex.test"), mails + 1);
    struct sent_letters sent;
    ASSERT_OK(letters_sent(a->d, t->mem, r.id, &sent));
    assert_int_equal(sent.n, 1);
    static const char *const mentions[] = {"article L232-3", "Abattre un arbre", "Zoé Rue", "23\u00a0novembre 2026", "24\u00a0décembre 2026", "Guichet unique", "Jeanne Martin", "Responsable", "CRPA, L231-1"};
    for (size_t i = 0; i < sizeof mentions / sizeof *mentions; i++)
        if (!says(sent.v[0].paper, mentions[i])) fail_msg("no %s", mentions[i]);
    ASSERT_STR(town_record(t, a, r.id).state, "accepted_silently");
    site_close(s);
}

/* CRPA L212-1: who has no capacity signs nothing; what was written stays, and a link says where to mend it. */
static void an_incomplete_account_signs_nothing(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct account who;
    struct record r = town_file(t, a, a->permit, "{\"f1\":\"grue\"}", "Zoé", "zoe@ex.test");
    ASSERT_OK(town_act(t, a, &a->agent, &r, "take", NULL));
    ASSERT_OK(account_get(a->d, t->mem, a->agent.account, &who));
    who.capacity = STR_NONE;
    ASSERT_OK(account_save(a->d, &who));
    site_as(s, a->agent.account, NULL);
    const char *path = str_fmt(t->mem, "/agents/dossiers/%.*s/actes/refuse", STR_ARG(r.reference)).p;
    const char *sent = str_fmt(t->mem, "version=%lld&reason_in_law=Code+L113-2&reason_in_fact=Trottoir+barré", (long long)r.version).p;
    struct answer page = site_post(s, 422, path, sent);
    if (!says(page.body, "L212-1") || !says(page.body, "qualité") || !says(page.body, "href=\"/compte\"") || !says(page.body, "Trottoir barré")) fail_msg("%.*s", STR_ARG(page.body));
    ASSERT_STR(town_record(t, a, r.id).state, "examining");
    page = site_get(s, 200, "/compte");
    assert_true(says(page.body, "qualité"));
    who.capacity = S("Adjointe");
    ASSERT_OK(account_save(a->d, &who));
    site_post(s, 303, path, sent);
    ASSERT_STR(town_record(t, a, r.id).state, "refused");
    site_close(s);
}

/* What the agent's form calls a question is not what the person reads. */
static void people_read_their_own_words(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    struct record r = town_file(t, a, a->permit, "{\"f1\":\"grue\"}", "Zoé", "zoe@ex.test");
    ASSERT_OK(town_act(t, a, &a->agent, &r, "ask_correction",
                       "{\"correction_kind\":\"missing\",\"missing_items\":\"Le plan\",\"message\":\"Bonjour\",\"due_date\":\"2026-12-24\"}"));
    struct events events = {0};
    ASSERT_OK(journal_of(a->d, t->mem, r.id, true, &events));
    str said = events.v[events.n - 1].words;
    assert_true(says(said, "Il manque :\nLe plan") && says(said, "Bonjour") && says(said, "À envoyer avant le 24\u00a0décembre 2026."));
    assert_false(says(said, "Votre message") || says(said, "Pour quelle date") || says(said, "Que demandez-vous"));
    site_close(s);
}

static void the_counter_takes_what_people_bring(void **state)
{
    struct site *s = desk_open(state);
    struct town *t = s->t;
    struct side *a = &t->a;
    /* Another body's agent: not of the team that handles it. */
    site_as(s, a->other.account, NULL);
    struct answer r = site_get(s, 200, "/agents/guichet");
    assert_true(says(r.body, "/agents/guichet/permit") && says(r.body, "/agents/guichet/report"));
    r = site_post(s, 303, "/agents/guichet/permit", "");
    assert_true(says(r.location, "/debut"));
    site_post(s, 303, "/agents/guichet/report", "");
    site_post(s, 404, "/agents/guichet/procedure", "");
    site_post(s, 404, "/agents/guichet/nowhere", "");
    site_as(s, a->reader.account, NULL);
    site_get(s, 403, "/agents/guichet");
    site_post(s, 403, "/agents/guichet/permit", "");
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(tabs_count_what_is_found), STORE_TEST(a_dossier_without_mail_says_so), STORE_TEST(every_page_of_a_dossier_is_noted), STORE_TEST(an_acceptance_by_silence_is_attested),
        STORE_TEST(an_incomplete_account_signs_nothing),
        STORE_TEST(people_read_their_own_words), STORE_TEST(the_counter_takes_what_people_bring)};
    return STORE_RUN(tests);
}
