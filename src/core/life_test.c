/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Decisions, clocks and what they cause. Dates: CRPA L231-1, L231-4, L114-5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/journal.h"
#include "core/notify.h"
#include "core/retention.h"
#include "core/testing.h"
#include "formats/json.h"

static struct record permit(struct town *t) { return town_file(t, &t->a, t->a.permit, "{\"f1\":\"Échafaudage\"}", "Zoé", "zoe@ex.test"); }

/* The mail of a decision waits for its letter: letter_test.c. */
struct made { struct town *t; int64_t record; };
static err letter_is_made(db *w, void *arg)
{
    struct made *m = arg;
    return outbox_release(w, cause_of(m->t->mem, m->record, 3), S("mail:author"), m->t->now_us);
}

static void an_agent_decides_and_the_citizen_hears(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    ASSERT_STR(r.state, "examining");
    assert_int_equal(r.assignee, t->a.agent.account);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "refuse", "{\"reason_in_law\":\"Article L113-2\",\"reason_in_fact\":\"Trottoir étroit\"}"));
    assert_int_equal(town_mails(t, &t->a, r.id, "zoe@ex.test"), 3);
    struct outbox_items items;
    ASSERT_OK(db_txn(t->a.d, letter_is_made, &(struct made){t, r.id}));
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("here"), t->now_us, 10, &items));
    const char *last = str_z(t->mem, items.v[items.n - 1].text);
    assert_non_null(strstr(last, "Trottoir étroit"));
    assert_non_null(strstr(last, "Article L113-2"));
    assert_non_null(strstr(last, "tribunal"));
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    assert_int_equal(e.n, 3);
    ASSERT_STR(e.v[2].actor_service, "Voirie");
    ASSERT_STR(e.v[2].asks, "{\"reason_in_fact\":\"Trottoir étroit\",\"reason_in_law\":\"Article L113-2\"}");
    assert_int_equal(r.silence_us, 0);
    assert_int_equal(r.due_us, 0);
    assert_string_equal(town_day(t, r.expires_us), "2028-11-23");
    town_close(t);
}

static void two_agents_at_once(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t), mine, theirs;
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    mine = theirs = r;
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &theirs, "accept", NULL));
    err e = town_act(t, &t->a, &t->a.agent, &mine, "refuse", "{\"reason_in_law\":\"x\",\"reason_in_fact\":\"y\"}");
    assert_int_equal(e.code, E_CONFLICT);
    assert_non_null(strstr(e.at, "Jeanne Martin"));
    assert_non_null(strstr(e.at, "Accepté"));
    assert_string_equal(town_state(t, &t->a, r.id), "accepted");
    assert_int_equal(town_mails(t, &t->a, r.id, "zoe@ex.test"), 3);
    town_close(t);
}

static void nobody_does_what_is_not_theirs(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t), twin = town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"x\"}", NULL, NULL);
    ASSERT_CODE(town_act(t, &t->a, &WHO_NOBODY, &r, "take", NULL), E_SIGN_IN);
    ASSERT_CODE(town_act(t, &t->a, &t->a.citizen_who, &r, "take", NULL), E_NOT_FOUND);
    ASSERT_CODE(town_act(t, &t->a, &t->a.other, &r, "take", NULL), E_NOT_FOUND);
    ASSERT_CODE(town_act(t, &t->a, &t->a.reader, &r, "take", NULL), E_DENIED);
    ASSERT_CODE(town_act(t, &t->a, town_holder(t, r.id), &r, "take", NULL), E_DENIED);
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &r, "withdraw", NULL), E_DENIED);
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &r, "take_back", NULL), E_INVALID);
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &r, "no such thing", NULL), E_NOT_FOUND);
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &r, "silence_refuses", NULL), E_DENIED);
    struct act a = {.who = &t->a.agent, .kind = t->a.permit, .tenant = &t->a.tenant, .transition = S("take"), .now_us = t->now_us};
    struct record in_twin = {.id = twin.id};
    ASSERT_CODE(life_act(t->a.d, t->mem, &in_twin, &a), E_NOT_FOUND);
    assert_string_equal(town_state(t, &t->a, r.id), "received");
    struct transition_refs agent = life_choices(t->mem, &t->a.agent, &t->a.tenant, t->a.permit, &r, t->now_us);
    struct transition_refs holder = life_choices(t->mem, town_holder(t, r.id), &t->a.tenant, t->a.permit, &r, t->now_us);
    assert_int_equal(life_choices(t->mem, &t->a.reader, &t->a.tenant, t->a.permit, &r, t->now_us).n, 0);
    assert_int_equal(agent.n, 6);          /* taken first or not, it may be decided */
    assert_int_equal(holder.n, 1);
    ASSERT_STR(holder.v[0]->name, "withdraw");
    town_close(t);
}

static void what_is_asked_must_be_answered(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    err e = town_act(t, &t->a, &t->a.agent, &r, "refuse", "{\"reason_in_law\":\"x\"}");
    assert_int_equal(e.code, E_INVALID);
    assert_non_null(strstr(e.at, "Motifs de fait"));
    /* A question that is not asked need not be: missing_items only for correction_kind = missing. */
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", "{\"correction_kind\":\"missing\",\"message\":\"m\",\"due_date\":\"2026-12-01\"}"), E_INVALID);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", "{\"correction_kind\":\"remark\",\"message\":\"m\",\"due_date\":\"2026-12-01\"}"));
    assert_string_equal(town_day(t, r.due_us), "2026-12-01");
    town_close(t);
}

/* The day of receipt is not counted; a month ends on the same day number, else on the last of the month. */
static void silence_falls_on_its_day(void **state)
{
    static const struct { const char *filed, *refuses, *accepts; } days[] = {
        {"2026-11-23T10:00", "2027-01-23", "2026-12-23"}, {"2026-12-31T23:59", "2027-02-28", "2027-01-31"},
        {"2027-12-31T00:00", "2028-02-29", "2028-01-31"}, {"2028-01-31T12:00", "2028-03-31", "2028-02-29"},
        {"2027-01-29T12:00", "2027-03-29", "2027-02-28"}, {"2027-03-28T02:30", "2027-05-28", "2027-04-28"}};
    struct town *t = town_open(*state);
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        town_at(t, days[i].filed);
        struct record r = permit(t), tree = town_file(t, &t->a, t->a.tree, "{\"g1\":\"Chêne\"}", NULL, NULL);
        assert_string_equal(town_day(t, r.silence_us), days[i].refuses);
        assert_string_equal(town_day(t, r.due_us), days[i].refuses);
        assert_string_equal(town_day(t, tree.silence_us), days[i].accepts);
    }
    town_close(t);
}

static void silence_decides_when_the_day_is_over(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t), tree = town_file(t, &t->a, t->a.tree, "{\"g1\":\"Chêne\"}", NULL, "zoe@ex.test"), done = permit(t);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &done, "take", NULL));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &done, "accept", NULL));
    town_at(t, "2026-12-23T23:59");
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, tree.id), "received");
    town_at(t, "2026-12-24T00:00");
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, tree.id), "accepted_silently");
    assert_string_equal(town_state(t, &t->a, r.id), "received");
    town_at(t, "2027-01-24T00:01");
    town_timers(t, &t->a);
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, r.id), "refused_silently");
    assert_string_equal(town_state(t, &t->a, done.id), "accepted");
    assert_int_equal(town_mails(t, &t->a, r.id, "zoe@ex.test"), 2);
    assert_int_equal(town_mails(t, &t->a, r.id, "voirie@ville.test"), 1);
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    assert_int_equal(e.v[e.n - 1].actor, ACTOR_SYSTEM);
    /* Silence refuses, it does not relieve: the agent may still decide. */
    r = town_record(t, &t->a, r.id);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    town_close(t);
}

#define MISSING "{\"correction_kind\":\"missing\",\"missing_items\":\"Plan (article R1)\",\"message\":\"Il manque le plan\",\"due_date\":\"2026-12-20\"}"

static struct record awaiting(struct town *t, const struct kind *k, const char *doc, const char *asks)
{
    struct record r = town_file(t, &t->a, k, doc, "Zoé", "zoe@ex.test");
    town_at(t, "2026-12-01T09:00");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", asks));
    return r;
}

static void rejection_waits_while_items_are_awaited(void **state)
{
    struct town *t = town_open(*state);
    struct record r = awaiting(t, t->a.permit, "{\"f1\":\"x\"}", MISSING);
    assert_int_equal(r.silence_us, 0);
    assert_true(r.suspended_us > 0);
    assert_string_equal(town_day(t, r.due_us), "2026-12-20");
    /* Given on 11 December: ten days more than 23 January. */
    town_at(t, "2026-12-11T18:00");
    ASSERT_OK(town_act(t, &t->a, town_holder(t, r.id), &r, "correct", NULL));
    assert_string_equal(town_day(t, r.silence_us), "2027-02-02");
    assert_string_equal(town_day(t, r.due_us), "2027-02-02");
    assert_int_equal(r.suspended_us, 0);
    town_at(t, "2027-02-03T00:00");
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, r.id), "refused_silently");
    town_close(t);
}

static void rejection_waits_no_longer_than_the_time_given(void **state)
{
    struct town *t = town_open(*state);
    struct record r = awaiting(t, t->a.permit, "{\"f1\":\"x\"}", MISSING);
    town_at(t, "2026-12-20T23:00");
    town_timers(t, &t->a);
    assert_true(town_record(t, &t->a, r.id).suspended_us > 0);
    /* Looked at late: the day the time was over counts, not the day it was seen. 23 January and 19 days. */
    town_at(t, "2026-12-24T00:00");
    town_timers(t, &t->a);
    r = town_record(t, &t->a, r.id);
    ASSERT_STR(r.state, "correcting");
    assert_string_equal(town_day(t, r.silence_us), "2027-02-11");
    town_at(t, "2027-02-12T00:00");
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, r.id), "refused_silently");
    town_close(t);
}

static void acceptance_runs_from_the_day_the_items_are_there(void **state)
{
    struct town *t = town_open(*state);
    struct record r = awaiting(t, t->a.tree, "{\"g1\":\"Chêne\"}", MISSING);
    town_at(t, "2027-01-15T00:00");
    town_timers(t, &t->a);
    assert_string_equal(town_state(t, &t->a, r.id), "correcting");
    town_at(t, "2027-01-31T09:00");
    ASSERT_OK(town_act(t, &t->a, town_holder(t, r.id), &r, "correct", NULL));
    assert_string_equal(town_day(t, r.silence_us), "2027-02-28");
    town_close(t);
}

static void a_remark_holds_no_clock(void **state)
{
    struct town *t = town_open(*state);
    struct record r = awaiting(t, t->a.permit, "{\"f1\":\"x\"}", "{\"correction_kind\":\"remark\",\"message\":\"m\",\"due_date\":\"2026-12-20\"}");
    assert_string_equal(town_day(t, r.silence_us), "2027-01-23");
    assert_string_equal(town_day(t, r.due_us), "2026-12-20");
    town_at(t, "2026-12-11T18:00");
    ASSERT_OK(town_act(t, &t->a, town_holder(t, r.id), &r, "correct", NULL));
    assert_string_equal(town_day(t, r.due_us), "2027-01-23");
    town_close(t);
}

static void a_report_is_late_after_fifteen_working_days(void **state)
{
    struct town *t = town_open(*state);
    town_at(t, "2026-12-14T10:00");
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\"}", NULL, NULL), taken = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\"}", NULL, NULL);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &taken, "accept", NULL));
    /* 25 December and 1 January are holidays: the fifteenth working day is 6 January. */
    town_at(t, "2027-01-06T09:59");
    town_timers(t, &t->a);
    assert_int_equal(town_mails(t, &t->a, r.id, "voirie@ville.test"), 0);
    town_at(t, "2027-01-06T10:01");
    town_timers(t, &t->a);
    town_timers(t, &t->a);
    assert_int_equal(town_mails(t, &t->a, r.id, "voirie@ville.test"), 1);
    assert_int_equal(town_mails(t, &t->a, taken.id, "voirie@ville.test"), 0);
    assert_string_equal(town_state(t, &t->a, r.id), "received");
    town_close(t);
}

static void reports_are_published_planned_linked_and_passed_on(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f2\":\"Cassée\"}", NULL, NULL), same = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\"}", NULL, NULL);
    assert_int_equal(r.published_us, 0);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    assert_int_equal(r.published_us, t->now_us);
    ASSERT_STR(r.summary, "Cassée");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "plan", "{\"due_date\":\"2026-12-05\"}"));
    assert_string_equal(town_day(t, r.due_us), "2026-12-05");
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &same, "merge", "{\"original\":\"BCDF-GHJK\"}"), E_INVALID);
    const char *ask = str_z(t->mem, str_fmt(t->mem, "{\"original\":\"%.*s\"}", STR_ARG(r.reference)));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &same, "merge", ask));
    struct record far = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\"}", NULL, NULL);
    ASSERT_CODE(town_act(t, &t->a, &t->a.agent, &far, "transfer", "{\"body\":\"12345\",\"reason\":\"x\"}"), E_INVALID);
    ask = str_z(t->mem, str_fmt(t->mem, "{\"body\":\"%lld\",\"reason\":\"Route départementale\"}", (long long)t->a.suburb));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &far, "transfer", ask));
    assert_int_equal(far.body, t->a.suburb);
    assert_int_equal(far.team, 0);
    ASSERT_OK(may(&t->a.other, VERB_HANDLE, &far));
    ASSERT_CODE(may(&t->a.agent, VERB_SEE, &far), E_NOT_FOUND);
    town_close(t);
}

static void what_is_over_is_anonymised_in_time(void **state)
{
    struct town *t = town_open(*state);
    int64_t n = 0;
    struct record r = permit(t);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "close", "{\"reason\":\"Doublon\"}"));
    town_at(t, "2028-11-23T09:59");
    ASSERT_OK(retention_run(t->a.d, t->mem, &t->a.tenant, t->kinds, t->now_us, &n));
    assert_int_equal(json_object_size(town_record(t, &t->a, r.id).doc), 1);
    town_at(t, "2028-11-23T10:01");
    ASSERT_OK(retention_run(t->a.d, t->mem, &t->a.tenant, t->kinds, t->now_us, &n));
    r = town_record(t, &t->a, r.id);
    assert_int_equal(json_object_size(r.doc), 0);
    ASSERT_STR(r.state, "closed");
    ASSERT_STR(r.title, "Occuper le domaine public");
    struct contact c;
    ASSERT_CODE(record_contact(t->a.d, t->mem, r.id, &c, NULL), E_NOT_FOUND);
    /* A reopened dossier is not over. */
    assert_int_equal(r.expires_us, 0);
    town_close(t);
}

static void explain_says_why(void **state)
{
    struct town *t = town_open(*state);
    struct record r = permit(t);
    struct strs lines = {0};
    ASSERT_OK(life_explain(t->a.d, t->mem, &t->a.tenant, t->a.permit, &r, &t->a.agent, &lines));
    const char *all = str_z(t->mem, str_join(t->mem, lines, S("\n")));
    assert_non_null(strstr(all, str_z(t->mem, r.reference)));
    assert_non_null(strstr(all, "@silence"));
    assert_non_null(strstr(all, "(take)"));
    assert_non_null(strstr(all, "Déposé"));
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(an_agent_decides_and_the_citizen_hears), STORE_TEST(two_agents_at_once), STORE_TEST(nobody_does_what_is_not_theirs),
        STORE_TEST(what_is_asked_must_be_answered), STORE_TEST(silence_falls_on_its_day), STORE_TEST(silence_decides_when_the_day_is_over),
        STORE_TEST(rejection_waits_while_items_are_awaited), STORE_TEST(rejection_waits_no_longer_than_the_time_given),
        STORE_TEST(acceptance_runs_from_the_day_the_items_are_there), STORE_TEST(a_remark_holds_no_clock),
        STORE_TEST(a_report_is_late_after_fifteen_working_days), STORE_TEST(reports_are_published_planned_linked_and_passed_on),
        STORE_TEST(what_is_over_is_anonymised_in_time), STORE_TEST(explain_says_why),
    };
    return STORE_RUN(tests);
}
