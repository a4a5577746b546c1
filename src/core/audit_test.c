/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What agents read is noted: in memory, then with the next batch; nothing is lost but by a crash, nothing shown to another town. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "core/audit.h"
#include "core/files.h"
#include "core/testing.h"

static struct readings read_by(struct town *t, struct side *s, const struct who *w, const char *reference, const char *email)
{
    struct readings out;
    struct reading_query q = {.who = w, .reference = str_of(reference), .email = str_of(email), .limit = 1000};
    ASSERT_OK(audit_readings(s->d, t->mem, &q, &out));
    return out;
}

static struct who admin_of(struct town *t, int64_t body)
{
    struct grants grants = {0};
    PUSH(t->mem, &grants, (struct grant){.role = ROLE_ADMIN, .body = body});
    return (struct who){.account = t->a.agent.account, .grants = grants};
}

static void a_reading_is_written_with_the_next_batch(void **state)
{
    struct town *t = town_open(*state);
    struct audit *a;
    struct who admin = admin_of(t, 0);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL), other = town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"x\"}", NULL, NULL);
    struct store_stats before, after;
    ASSERT_OK(audit_open(&a, t->store->store, 0));
    store_stats(t->store->store, &before);
    for (int i = 0; i < 5; i++) ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_later(a, t->a.d, t->a.reader.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_FILE, r.id, S("12"), t->now_us));
    ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_FILE, r.id, S("13"), t->now_us));
    ASSERT_OK(audit_later(a, t->twin.d, t->twin.agent.account, AUDIT_READ, other.id, STR_NONE, t->now_us));
    store_stats(t->store->store, &after);
    assert_int_equal(after.txns, before.txns);                      /* nobody waited for a transaction */
    assert_int_equal(read_by(t, &t->a, &admin, "", "").n, 0);
    ASSERT_OK(audit_flush(a));
    store_stats(t->store->store, &after);
    assert_int_equal(after.txns, before.txns + 2);                  /* one for each town */
    struct readings all = read_by(t, &t->a, &admin, "", "");
    assert_int_equal(all.n, 4);
    ASSERT_STR(all.v[3].agent, "Jeanne Martin");
    ASSERT_STR(all.v[3].what, AUDIT_READ);
    assert_true(str_eq(all.v[3].reference, r.reference));
    assert_int_equal(read_by(t, &t->twin, &admin, "", "").n, 1);
    /* Once written, the next reading is another one; what waits at the end is written then. */
    ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_flush(a));
    ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    audit_close(a);
    assert_int_equal(read_by(t, &t->a, &admin, "", "").n, 6);
    /* Without a queue it is written at once. */
    ASSERT_OK(audit_later(NULL, t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    assert_int_equal(read_by(t, &t->a, &admin, "", "").n, 7);
    town_close(t);
}

static void readings_are_found_by_dossier_by_agent_and_by_right(void **state)
{
    struct town *t = town_open(*state);
    struct who all = admin_of(t, 0), suburb = admin_of(t, t->a.suburb), nobody = {.account = t->a.reader.account};
    struct record one = town_file_with(t, &t->a, (struct filing){.kind = t->a.permit, .body = t->a.town, .doc = town_json(t, "{\"f1\":\"x\"}")});
    struct record two = town_file_with(t, &t->a, (struct filing){.kind = t->a.permit, .body = t->a.suburb, .doc = town_json(t, "{\"f1\":\"x\"}")});
    struct account agent, reader;
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.agent.account, &agent));
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.reader.account, &reader));
    ASSERT_OK(audit_note(t->a.d, agent.id, AUDIT_READ, one.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_note(t->a.d, agent.id, AUDIT_READ, two.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_note(t->a.d, reader.id, AUDIT_READ, one.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_note(t->a.d, reader.id, "account.change", one.id, STR_NONE, t->now_us));        /* not a reading */
    assert_int_equal(read_by(t, &t->a, &all, "", "").n, 3);
    assert_int_equal(read_by(t, &t->a, &all, str_z(t->mem, one.reference), "").n, 2);
    assert_int_equal(read_by(t, &t->a, &all, "", str_z(t->mem, agent.email)).n, 2);
    assert_int_equal(read_by(t, &t->a, &all, str_z(t->mem, one.reference), str_z(t->mem, reader.email)).n, 1);
    assert_int_equal(read_by(t, &t->a, &all, "", "personne@ex.test").n, 0);
    struct readings near = read_by(t, &t->a, &suburb, "", "");
    assert_int_equal(near.n, 1);
    assert_true(str_eq(near.v[0].reference, two.reference));
    assert_int_equal(read_by(t, &t->a, &nobody, "", "").n, 0);
    assert_int_equal(read_by(t, &t->twin, &all, "", "").n, 0);
    /* The names of files cost one statement, however many; one that is gone has none. */
    int64_t file, cost;
    ASSERT_OK(file_part_add(t->a.d, t->mem, one.id, S("f3"), S("plan.pdf"), S("application/pdf"), 5, S("part"), &file));
    for (int64_t id = file - 1; id <= file; id++) ASSERT_OK(audit_note(t->a.d, agent.id, AUDIT_FILE, two.id, str_fmt(t->mem, "%lld", (long long)id), t->now_us));
    cost = db_statements(t->a.d);
    near = read_by(t, &t->a, &suburb, "", "");
    assert_int_equal(db_statements(t->a.d) - cost, 2);
    assert_int_equal(near.n, 3);
    ASSERT_STR(near.v[0].file_name, "plan.pdf");
    assert_int_equal(near.v[1].file_name.n, 0);
    /* Page after page. */
    struct reading_query q = {.who = &all, .limit = 2};
    struct readings page;
    ASSERT_OK(audit_readings(t->a.d, t->mem, &q, &page));
    assert_int_equal(page.n, 2);
    q.before = page.v[1].id;
    ASSERT_OK(audit_readings(t->a.d, t->mem, &q, &page));
    assert_int_equal(page.n, 2);
    q.before = page.v[1].id;
    ASSERT_OK(audit_readings(t->a.d, t->mem, &q, &page));
    assert_int_equal(page.n, 1);
    town_close(t);
}

struct reader { struct town *t; struct audit *a; int number; };
enum { READERS = 4, EACH = 60 };

static void *read_much(void *arg)
{
    struct reader *x = arg;
    db *d = NULL;
    assert_int_equal(store_read(x->t->store->store, TENANT, &d).code, OK);
    for (int i = 0; i < EACH; i++)
        if (audit_later(x->a, d, 1000 + x->number, AUDIT_READ, i + 1, STR_NONE, x->t->now_us).code != OK) abort();
    db_done(d);
    return NULL;
}

static void a_full_queue_writes_at_once_and_loses_nothing(void **state)
{
    struct town *t = town_open(*state);
    struct audit *a;
    pthread_t threads[READERS];
    struct reader readers[READERS];
    ASSERT_OK(audit_open(&a, t->store->store, 7));
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){t, a, i};
        pthread_create(&threads[i], NULL, read_much, &readers[i]);
    }
    for (int i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
    audit_close(a);
    struct select *q = select_new(t->mem, "COUNT(*)", "audit u", "u");
    struct cells cells;
    ASSERT_OK(select_run(t->a.d, t->mem, q, &cells));
    assert_int_equal(cells.v[0].i, READERS * EACH);
    town_close(t);
}

static void a_store_that_fails_keeps_the_notes(void **state)
{
    struct town *t = town_open(*state);
    struct audit *a;
    struct who admin = admin_of(t, 0);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    size_t kept = 1;
    ASSERT_OK(audit_open(&a, t->store->store, 2));
    ASSERT_OK(audit_later(a, t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    if (store_is_sqlite(t->store->store)) {             /* a full disk, as this process sees it */
        struct rlimit was, none;
        getrlimit(RLIMIT_FSIZE, &was);
        none = (struct rlimit){1, was.rlim_max};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        err e = audit_flush(a);
        for (int i = 0; i < 3; i++) ASSERT_OK(audit_later(a, t->a.d, 1000 + i, AUDIT_READ, r.id, STR_NONE, t->now_us));      /* an agent still reads */
        setrlimit(RLIMIT_FSIZE, &was);
        assert_int_not_equal(e.code, OK);
        assert_int_equal(read_by(t, &t->a, &admin, "", "").n, 0);
        kept = 2;                                       /* the others are in the log */
    }
    ASSERT_OK(audit_flush(a));
    assert_int_equal(read_by(t, &t->a, &admin, "", "").n, kept);
    audit_close(a);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_reading_is_written_with_the_next_batch), STORE_TEST(readings_are_found_by_dossier_by_agent_and_by_right),
        STORE_TEST(a_full_queue_writes_at_once_and_loses_nothing), STORE_TEST(a_store_that_fails_keeps_the_notes)};
    return STORE_RUN(tests);
}
