/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One act on many dossiers: each its own transaction, conflicts said, none overwritten, done once whatever happens; and what counts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/clocks.h"
#include "core/journal.h"
#include "core/mass.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/stats.h"
#include "core/testing.h"

struct acting { struct town *t; struct side *s; int calls, stop_after; };

static err take_one(db *w, arena *mem, const struct mass *m, const struct mass_item *item, void *arg)
{
    struct acting *x = arg;
    struct record r = item->r;
    if (x->stop_after && x->calls++ >= x->stop_after) return FAIL(E_BUSY, "store.closed");       /* as when the process goes */
    struct act a = {.who = &x->s->agent, .kind = x->s->permit, .tenant = &x->s->tenant, .transition = m->act, .asks = m->asks, .seen_version = item->seen, .now_us = x->t->now_us};
    return life_apply(w, mem, &r, &a);
}

static int64_t chosen(struct town *t, struct side *s, struct record *r, size_t n)
{
    struct mass_pick picks[20];
    int64_t id;
    for (size_t i = 0; i < n; i++) {
        r[i] = town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", "Zoé", "zoe@ex.test");
        picks[i] = (struct mass_pick){r[i].id, r[i].version};
    }
    ASSERT_OK(mass_open(s->d, s->agent.account, picks, n, t->now_us, &id));
    return id;
}

static struct mass_counts counts(struct town *t, struct side *s, int64_t id)
{
    struct mass_counts c;
    ASSERT_OK(mass_count(s->d, t->mem, id, &c));
    return c;
}

static int64_t jobs_waiting(struct town *t, struct side *s, const char *name);

static void conflicts_are_said_and_nothing_is_overwritten(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r[5];
    struct mass m;
    struct mass_items failed;
    int64_t id = chosen(t, s, r, 5);
    struct record twin = town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"Benne\"}", "Zoé", "zoe@ex.test");
    /* Somebody is quicker on one; another is withdrawn by its author. */
    ASSERT_OK(town_act(t, s, &s->agent, &r[1], "take", NULL));
    ASSERT_OK(town_act(t, s, town_holder(t, r[2].id), &r[2], "withdraw", NULL));
    ASSERT_CODE(mass_get(s->d, t->mem, s->other.account, id, &m), E_NOT_FOUND);
    ASSERT_CODE(mass_get(t->twin.d, t->mem, 0, id, &m), E_NOT_FOUND);
    ASSERT_OK(mass_start(s->d, t->mem, id, S("take"), NULL, t->now_us));
    ASSERT_OK(mass_start(s->d, t->mem, id, S("close"), NULL, t->now_us));         /* pressed twice: the first stands */
    ASSERT_OK(mass_get(s->d, t->mem, s->agent.account, id, &m));
    ASSERT_STR(m.act, "take");
    assert_int_equal(jobs_waiting(t, s, MASS_JOB), 1);
    ASSERT_OK(mass_turn(s->d, t->mem, &m, LANG_FR, take_one, &(struct acting){t, s, 0, 0}));
    struct mass_counts c = counts(t, s, id);
    assert_int_equal(c.total, 5);
    assert_int_equal(c.done, 3);
    assert_int_equal(c.failed, 2);
    ASSERT_OK(mass_failed(s->d, t->mem, id, &failed));
    assert_int_equal(failed.n, 2);
    for (size_t i = 0; i < 2; i++) assert_true(str_find(failed.v[i].why, S("Jeanne Martin")) >= 0 || str_find(failed.v[i].why, S("Retiré")) >= 0);
    assert_string_equal(town_state(t, s, r[2].id), "withdrawn");
    assert_int_equal(town_mails(t, s, r[1].id, "zoe@ex.test"), 2);                /* its receipt, and who was quicker: not twice */
    assert_string_equal(town_state(t, &t->twin, twin.id), "received");
    ASSERT_OK(mass_get(s->d, t->mem, 0, id, &m));
    ASSERT_STR(m.status, "done");
    town_close(t);
}

static void what_was_cut_goes_on_where_it_was(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r[6];
    struct mass m;
    int64_t id = chosen(t, s, r, 6);
    ASSERT_OK(mass_start(s->d, t->mem, id, S("take"), NULL, t->now_us));
    ASSERT_OK(mass_get(s->d, t->mem, 0, id, &m));
    ASSERT_CODE(mass_turn(s->d, t->mem, &m, LANG_FR, take_one, &(struct acting){t, s, 0, 2}), E_BUSY);
    struct mass_counts c = counts(t, s, id);
    assert_int_equal(c.done, 2);
    assert_int_equal(c.waiting, 4);
    ASSERT_OK(mass_turn(s->d, t->mem, &m, LANG_FR, take_one, &(struct acting){t, s, 0, 0}));
    ASSERT_OK(mass_turn(s->d, t->mem, &m, LANG_FR, take_one, &(struct acting){t, s, 0, 0}));       /* an old job again: nothing left */
    assert_int_equal(counts(t, s, id).done, 6);
    for (size_t i = 0; i < 6; i++) {
        struct events e;
        ASSERT_OK(journal_of(s->d, t->mem, r[i].id, false, &e));
        assert_int_equal(e.n, 2);                                                 /* filed, taken once */
        assert_int_equal(town_mails(t, s, r[i].id, "zoe@ex.test"), 2);
    }
    town_close(t);
}

static err nothing(db *d, arena *mem, const struct job *j, void *app) { (void)d, (void)mem, (void)j; ++*(int *)app; return NO_ERR; }
static int64_t jobs_waiting(struct town *t, struct side *s, const char *name)
{
    struct job_type types[] = {{name, nothing, 0}, {0}};
    int64_t ran;
    int calls = 0;
    ASSERT_OK(jobs_run_due(s->d, t->mem, types, &calls, S("test"), t->now_us, &ran));
    return calls;
}

/* While the first holds it: another asks before its lease ends, then after. */
struct lost { struct town *t; struct side *s; int others; };
static err looks_again(db *d, arena *mem, const struct job *j, void *app)
{
    (void)d, (void)j;
    struct lost *x = app;
    int calls = 0;
    int64_t ran;
    struct job_type types[] = {{MASS_JOB, nothing, MASS_LEASE_US}, {0}};
    TRY(jobs_run_due(x->s->d, mem, types, &calls, S("two"), x->t->now_us + MASS_LEASE_US - 1, &ran));
    assert_int_equal(calls, 0);
    TRY(jobs_run_due(x->s->d, mem, types, &calls, S("two"), x->t->now_us + MASS_LEASE_US, &ran));
    x->others += calls;
    return NO_ERR;
}

/* A job whose process is gone is another's when its own lease ends, not five minutes later. */
static void a_job_says_how_long_it_is_lent(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r[1];
    int64_t id = chosen(t, s, r, 1), ran;
    ASSERT_OK(mass_start(s->d, t->mem, id, S("take"), NULL, t->now_us));
    struct lost x = {t, s, 0};
    struct job_type types[] = {{MASS_JOB, looks_again, MASS_LEASE_US}, {0}};
    ASSERT_OK(jobs_run_due(s->d, t->mem, types, &x, S("one"), t->now_us, &ran));
    assert_int_equal(x.others, 1);
    town_close(t);
}

/* ---- what counts them ---- */

static struct stats stats_now(struct town *t, struct side *s, const struct who *w)
{
    struct stats out;
    int64_t day = day_of(&s->tenant, t->now_us), n;
    bool more;
    do ASSERT_OK(journal_seal(s->d, t->now_us, &n));
    while (n == SEAL_SLICE);
    do ASSERT_OK(stats_fold(s->d, t->mem, t->kinds, &s->tenant, &more));
    while (more);
    ASSERT_OK(stats_of(s->d, t->mem, &(struct stats_query){.who = w, .kind = s->permit, .first_day = day - 365, .last_day = day, .now_us = t->now_us}, &out));
    return out;
}

static void a_procedure_is_counted_from_its_journal(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r[11];
    for (int i = 0; i < 11; i++) r[i] = town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", "Zoé", NULL);
    town_file_with(t, s, (struct filing){.kind = s->permit, .body = s->suburb, .doc = town_json(t, "{\"f1\":\"x\"}"), .channel = S("counter")});
    town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"Benne\"}", NULL, NULL);
    for (int i = 0; i < 10; i++) ASSERT_OK(town_act(t, s, &s->agent, &r[i], "take", NULL));
    for (int i = 0; i < 9; i++) {                                                 /* answered after 1, 2, … 9 days */
        town_pass(t, DAY_US);
        ASSERT_OK(town_act(t, s, &s->agent, &r[i], i < 8 ? "accept" : "refuse", i < 8 ? NULL : "{\"reason_in_law\":\"x\",\"reason_in_fact\":\"y\"}"));
    }
    ASSERT_OK(town_act(t, s, town_holder(t, r[10].id), &r[10], "withdraw", NULL));
    struct stats x = stats_now(t, s, &s->agent);
    assert_int_equal(x.filed, 11);
    assert_int_equal(x.ended, 10);
    assert_int_equal(x.answered, 9);                                              /* its author's own end has no delay */
    assert_int_equal(stats_within(&x.delays, .5), 5);
    assert_int_equal(stats_within(&x.delays, .9), 9);
    ASSERT_STR(x.outcomes.v[0].name, "accepted");
    assert_int_equal(x.outcomes.v[0].n, 8);
    int64_t waiting = 0;
    for (size_t i = 0; i < x.queue.n; i++) waiting += x.queue.v[i].n;
    assert_int_equal(waiting, 1);
    /* Another body's agent sees their own alone; the twin its own. */
    struct stats theirs = stats_now(t, s, &s->other), twin = stats_now(t, &t->twin, &t->twin.agent);
    assert_int_equal(theirs.filed, 1);
    ASSERT_STR(theirs.channels.v[0].name, "counter");
    assert_int_equal(theirs.answered, 0);
    assert_int_equal(twin.filed, 1);
    /* Again: nothing is counted twice. Taken up again, answered again: both are seen. */
    r[0] = town_record(t, s, r[0].id);
    ASSERT_OK(town_act(t, s, &s->agent, &r[0], "reopen", "{\"reason\":\"x\"}"));
    ASSERT_OK(town_act(t, s, &s->agent, &r[0], "accept", NULL));
    x = stats_now(t, s, &s->agent);
    assert_int_equal(x.reopened, 1);
    assert_int_equal(x.answered, 10);
    assert_int_equal(x.filed, 11);
    town_close(t);
}

static void little_is_not_said_to_all(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    int64_t half = -1, most = -1, day = day_of(&s->tenant, t->now_us);
    bool said = true;
    for (int i = 0; i < STATS_PUBLIC_LEAST; i++) {
        struct record r = town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", NULL, NULL);
        ASSERT_OK(town_act(t, s, &s->agent, &r, "take", NULL));
        ASSERT_OK(town_act(t, s, &s->agent, &r, "accept", NULL));
        stats_now(t, s, &s->agent);
        ASSERT_OK(stats_public(s->d, t->mem, S("permit"), day, &half, &most, &said));
        assert_int_equal(said, i + 1 == STATS_PUBLIC_LEAST);
    }
    assert_int_equal(half, 0);
    ASSERT_OK(stats_public(t->twin.d, t->mem, S("permit"), day, &half, &most, &said));
    assert_false(said);
    town_close(t);
}

static void a_draft_left_is_counted_when_its_time_is_over(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct draft x;
    struct draft_secret secret;
    int64_t n;
    ASSERT_OK(draft_start(s->d, t->mem, s->permit, s->town, 0, S("web"), t->now_us, &x, &secret));
    town_pass(t, 200 * DAY_US);
    ASSERT_OK(draft_expire(s->d, t->mem, t->now_us, &n));
    assert_int_equal(n, 1);
    ASSERT_OK(draft_expire(s->d, t->mem, t->now_us, &n));
    assert_int_equal(stats_now(t, s, &s->agent).abandoned, 1);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(conflicts_are_said_and_nothing_is_overwritten), STORE_TEST(what_was_cut_goes_on_where_it_was), STORE_TEST(a_job_says_how_long_it_is_lent),
        STORE_TEST(a_procedure_is_counted_from_its_journal), STORE_TEST(little_is_not_said_to_all), STORE_TEST(a_draft_left_is_counted_when_its_time_is_over),
    };
    return STORE_RUN(tests);
}
