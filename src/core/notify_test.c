/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What leaves, leaves once in the store and at least once in the world; work for later is done by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/journal.h"
#include "core/list.h"
#include "core/notify.h"
#include "core/testing.h"
#include "core/work.h"

struct mail_args { struct town *t; const char *cause, *effect; };
static err mail_in_txn(db *w, void *arg)
{
    struct mail_args *a = arg;
    return outbox_mail(w, a->t->mem, str_of(a->cause), str_of(a->effect), &(struct mail_out){.to = S("zoe@ex.test"), .subject = S("Bonjour"), .text = S("Mots"), .record = 7}, a->t->now_us);
}

static void mail(struct town *t, struct side *s, const char *cause, const char *effect) { ASSERT_OK(db_txn(s->d, mail_in_txn, &(struct mail_args){t, cause, effect})); }

static size_t claim(struct town *t, const char *owner, struct outbox_items *items)
{
    ASSERT_OK(outbox_claim(t->a.d, t->mem, str_of(owner), t->now_us, 10, items));
    return items->n;
}

static void a_cause_has_its_effect_once(void **state)
{
    struct town *t = town_open(*state);
    struct outbox_items items;
    mail(t, &t->a, "c1", "mail:a");
    mail(t, &t->a, "c1", "mail:a");
    mail(t, &t->a, "c1", "mail:b");
    mail(t, &t->twin, "c1", "mail:a");
    assert_int_equal(claim(t, "one", &items), 2);
    assert_int_equal(claim(t, "two", &items), 0);
    town_close(t);
}

static void a_lease_ends_and_a_delivery_keeps_its_name(void **state)
{
    struct town *t = town_open(*state);
    struct outbox_items first, second;
    mail(t, &t->a, "c1", "mail:a");
    assert_int_equal(claim(t, "one", &first), 1);
    ASSERT_STR(first.v[0].to, "zoe@ex.test");
    ASSERT_STR(first.v[0].text, "Mots");
    town_pass(t, 3 * MINUTE_US);
    assert_int_equal(claim(t, "two", &second), 1);
    assert_true(str_eq(first.v[0].delivery_id, second.v[0].delivery_id));
    ASSERT_OK(outbox_sent(t->a.d, second.v[0].id, t->now_us));
    town_pass(t, DAY_US);
    assert_int_equal(claim(t, "one", &second), 0);
    struct outbox_lines lines;
    ASSERT_OK(outbox_of(t->a.d, t->mem, 7, &lines));
    assert_int_equal(lines.n, 1);
    assert_true(lines.v[0].sent_us > 0);
    town_close(t);
}

static void what_fails_is_tried_again_then_given_up(void **state)
{
    static const int64_t waits[] = {MINUTE_US, 5 * MINUTE_US, 30 * MINUTE_US, 2 * HOUR_US, 6 * HOUR_US, DAY_US, DAY_US, DAY_US};
    struct town *t = town_open(*state);
    struct outbox_items items;
    mail(t, &t->a, "c1", "mail:a");
    assert_int_equal(claim(t, "one", &items), 1);
    int64_t id = items.v[0].id;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        ASSERT_OK(outbox_failed(t->a.d, id, false, S("421 try later"), t->now_us));
        town_pass(t, waits[i] - SECOND_US);
        assert_int_equal(claim(t, "one", &items), 0);
        town_pass(t, SECOND_US);
        assert_int_equal(claim(t, "one", &items), 1);
        assert_int_equal(items.v[0].tries, i + 1);
    }
    ASSERT_OK(outbox_failed(t->a.d, id, false, S("421 try later"), t->now_us));
    town_pass(t, 30 * DAY_US);
    assert_int_equal(claim(t, "one", &items), 0);
    struct outbox_lines lines;
    ASSERT_OK(outbox_of(t->a.d, t->mem, 7, &lines));
    assert_true(lines.v[0].failed_us > 0);
    ASSERT_STR(lines.v[0].error, "421 try later");
    mail(t, &t->a, "c2", "mail:a");
    assert_int_equal(claim(t, "one", &items), 1);
    ASSERT_OK(outbox_failed(t->a.d, items.v[0].id, true, S("550 no such mailbox"), t->now_us));
    town_pass(t, 30 * DAY_US);
    assert_int_equal(claim(t, "one", &items), 0);
    town_close(t);
}

static int done, failing;
static err work(db *d, arena *mem, const struct job *j, void *app)
{
    (void)d, (void)mem, (void)app;
    done += str_is(j->payload, "x");
    return failing-- > 0 ? FAIL(E_IO, "core.job.unknown") : NO_ERR;
}
static const struct job_type types[] = {{"work", work}, {0}};

struct job_args { const char *name, *cause; int64_t at; };
static err job_in_txn(db *w, void *arg)
{
    struct job_args *a = arg;
    return job_add(w, str_of(a->name), S("x"), str_of(a->cause), S("e"), a->at);
}

static int64_t run(struct town *t)
{
    int64_t n = 0;
    ASSERT_OK(jobs_run_due(t->a.d, t->mem, types, NULL, S("one"), t->now_us, &n));
    return n;
}

static void jobs_run_when_due_and_again_when_they_fail(void **state)
{
    struct town *t = town_open(*state);
    done = 0;
    failing = 1;
    ASSERT_OK(db_txn(t->a.d, job_in_txn, &(struct job_args){"work", "c", t->now_us + HOUR_US}));
    ASSERT_OK(db_txn(t->a.d, job_in_txn, &(struct job_args){"work", "c", t->now_us + HOUR_US}));
    ASSERT_OK(db_txn(t->twin.d, job_in_txn, &(struct job_args){"work", "c", t->now_us}));
    assert_int_equal(run(t), 0);
    town_pass(t, HOUR_US);
    assert_int_equal(run(t), 0);
    assert_int_equal(done, 1);
    assert_int_equal(run(t), 0);
    town_pass(t, MINUTE_US);
    assert_int_equal(run(t), 1);
    assert_int_equal(done, 2);
    assert_int_equal(run(t), 0);
    /* What no version knows waits, and stops nobody. */
    ASSERT_OK(db_txn(t->a.d, job_in_txn, &(struct job_args){"unknown", "c2", t->now_us}));
    ASSERT_OK(db_txn(t->a.d, job_in_txn, &(struct job_args){"work", "c3", t->now_us}));
    assert_int_equal(run(t), 1);
    town_close(t);
}

struct once_args { struct town *t; const char *request, *response; };
static err once_in_txn(db *w, void *arg)
{
    struct once_args *a = arg;
    struct hash32 h = hash_blake2b(str_of(a->request));
    return once_put(w, S("agent"), S("key-1"), &h, str_of(a->response), a->t->now_us);
}

static void the_same_request_gets_the_same_answer(void **state)
{
    struct town *t = town_open(*state);
    struct hash32 same = hash_blake2b(S("body")), other = hash_blake2b(S("another"));
    str answer;
    ASSERT_OK(db_txn(t->a.d, once_in_txn, &(struct once_args){t, "body", "{\"reference\":1}"}));
    ASSERT_CODE(db_txn(t->a.d, once_in_txn, &(struct once_args){t, "body", "{\"reference\":2}"}), E_EXISTS);
    ASSERT_OK(db_txn(t->twin.d, once_in_txn, &(struct once_args){t, "body", "{\"reference\":3}"}));
    ASSERT_OK(once_get(t->a.d, t->mem, S("agent"), S("key-1"), &same, &answer));
    ASSERT_STR(answer, "{\"reference\":1}");
    ASSERT_CODE(once_get(t->a.d, t->mem, S("agent"), S("key-1"), &other, &answer), E_INVALID);
    ASSERT_CODE(once_get(t->a.d, t->mem, S("somebody"), S("key-1"), &same, &answer), E_NOT_FOUND);
    int64_t n;
    town_pass(t, 49 * HOUR_US);
    ASSERT_OK(retention_run(t->a.d, t->mem, &t->a.tenant, t->kinds, t->now_us, &n));
    ASSERT_CODE(once_get(t->a.d, t->mem, S("agent"), S("key-1"), &same, &answer), E_NOT_FOUND);
    town_close(t);
}

static void work_all(struct town *t, const char *owner)
{
    struct core_world w = {.store = t->store->store, .kinds = t->kinds, .tenant = &t->a.tenant, .owner = str_of(owner), .jobs = types};
    for (const struct work *one = works; one->name; one++) ASSERT_OK(work_run(t->a.d, t->mem, one, &w, t->now_us));
}

static int64_t due_after(struct town *t, struct side *s)
{
    struct verdict v;
    ASSERT_OK(journal_verify(s->d, t->mem, &v));
    return v.unsealed;
}

/* All that the server does by itself, and only by the process that holds the lease. */
static void a_town_works_by_itself(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"x\"}", NULL, NULL);
    done = failing = 0;
    ASSERT_OK(db_txn(t->a.d, job_in_txn, &(struct job_args){"work", "c", t->now_us}));
    work_all(t, "one");
    assert_int_equal(done, 1);
    assert_int_equal(due_after(t, &t->a), 0);
    assert_int_equal(due_after(t, &t->twin), 1);
    struct list_counts counts;
    ASSERT_OK(list_count(t->a.d, t->mem, &t->a.agent, &counts));
    assert_int_equal(counts.v[0].n, 1);
    town_at(t, "2027-01-24T00:01");
    ASSERT_OK(db_txn(t->a.d, once_in_txn, &(struct once_args){t, "body", "{}"}));
    work_all(t, "one");
    assert_string_equal(town_state(t, &t->a, r.id), "refused_silently");
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    int64_t left = due_after(t, &t->a);
    work_all(t, "two");
    assert_int_equal(due_after(t, &t->a), left);
    town_pass(t, 49 * HOUR_US);
    work_all(t, "two");
    assert_int_equal(due_after(t, &t->a), 0);
    struct hash32 h = hash_blake2b(S("body"));
    str answer;
    ASSERT_CODE(once_get(t->a.d, t->mem, S("agent"), S("key-1"), &h, &answer), E_NOT_FOUND);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_cause_has_its_effect_once), STORE_TEST(a_lease_ends_and_a_delivery_keeps_its_name),
        STORE_TEST(what_fails_is_tried_again_then_given_up), STORE_TEST(jobs_run_when_due_and_again_when_they_fail),
        STORE_TEST(the_same_request_gets_the_same_answer), STORE_TEST(a_town_works_by_itself),
    };
    return STORE_RUN(tests);
}
