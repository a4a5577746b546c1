/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The chain of the journal: what is altered is named, what is erased leaves it whole, and nothing erased stays in the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>

#include "core/journal.h"
#include "core/projection.h"
#include "core/search.h"
#include "core/testing.h"
#include "core/work.h"
#include "gen/sql/core/journal_test.sql.h"

static const struct sql_statement *const sql[] = {sql_file_core_journal_test, 0};
static const struct store_options options = {.more_sql = sql};

static void seal_all(struct town *t, struct side *s)
{
    int64_t n = SEAL_SLICE;
    while (n == SEAL_SLICE) ASSERT_OK(journal_seal(s->d, t->now_us, &n));
}

static struct verdict verify(struct town *t)
{
    struct verdict v;
    ASSERT_OK(journal_verify(t->a.d, t->mem, &v));
    return v;
}

/* Three dossiers with their lives: nine events. */
static struct record some_events(struct town *t, struct side *s)
{
    struct record r = {0};
    for (int i = 0; i < 3; i++) {
        r = town_file(t, s, s->permit, "{\"f1\":\"Échafaudage\"}", "Zoé", "zoe@ex.test");
        town_pass(t, SECOND_US);
        ASSERT_OK(town_act(t, s, &s->agent, &r, "take", NULL));
        ASSERT_OK(town_act(t, s, &s->agent, &r, "refuse", "{\"reason_in_law\":\"Article L113-2\",\"reason_in_fact\":\"Trottoir trop étroit\"}"));
    }
    return r;
}

static void what_is_sealed_verifies(void **state)
{
    struct town *t = town_open(*state);
    some_events(t, &t->a);
    some_events(t, &t->twin);
    struct verdict v = verify(t);
    assert_true(v.valid);
    assert_int_equal(v.sealed, 0);
    assert_int_equal(v.unsealed, 9);
    seal_all(t, &t->a);
    v = verify(t);
    assert_true(v.valid);
    assert_int_equal(v.sealed, 9);
    assert_int_equal(v.unsealed, 0);
    struct hash32 head = v.head;
    seal_all(t, &t->twin);
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    v = verify(t);
    assert_true(v.valid);
    assert_int_equal(v.unsealed, 1);
    assert_memory_equal(v.head.b, head.b, sizeof head.b);
    struct events e;
    struct record r = some_events(t, &t->a);
    seal_all(t, &t->a);
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    assert_int_equal(e.n, 3);
    for (size_t i = 0; i < e.n; i++) assert_true(e.v[i].seal > 0);
    ASSERT_STR(e.v[2].actor_name, "Jeanne Martin");
    ASSERT_STR(e.v[2].actor_capacity, "Responsable");
    assert_non_null(strstr(str_z(t->mem, e.v[2].words), "Trottoir trop étroit"));
    town_close(t);
}

enum harm { ALTER_EVENT, ALTER_ACTOR, REMOVE_EVENT, ALTER_WORDS, REMOVE_WORDS, REMOVE_SEAL, ALTER_SEAL, ADD_EVENT, ALTER_ASKS, HIDE_TAIL };
struct harm_args { struct town *t; enum harm what; int64_t record; };

static err harm_in_txn(db *w, void *arg)
{
    struct harm_args *h = arg;
    switch (h->what) {
    case ALTER_EVENT: return sql_harm_event(w, h->record, 3, S("accepted"));
    case ALTER_ACTOR: return sql_harm_actor(w, h->record, 2, 42);
    case REMOVE_EVENT: return sql_harm_event_gone(w, h->record, 2);
    case ALTER_WORDS: return sql_harm_words(w, h->record, S("Tout va bien"));
    case ALTER_ASKS: return sql_harm_asks(w, h->record, S("{}"));
    case REMOVE_WORDS: return sql_harm_words_gone(w, h->record);
    case REMOVE_SEAL: return sql_harm_seal_gone(w, 5);
    case ALTER_SEAL: return sql_harm_seal(w, 5, S("0123456789abcdef0123456789abcdef"));
    case ADD_EVENT: return sql_harm_event_more(w, h->record, 9);
    case HIDE_TAIL: return sql_harm_tail(w, h->record);
    }
    return NO_ERR;
}

static void every_alteration_is_named(void **state)
{
    static const struct { enum harm what; const char *why; } cases[] = {
        {ALTER_EVENT, "core.verify.event_altered"}, {ALTER_ACTOR, "core.verify.event_altered"}, {REMOVE_EVENT, "core.verify.event_missing"},
        {ALTER_WORDS, "core.verify.words_altered"}, {ALTER_ASKS, "core.verify.words_altered"}, {REMOVE_WORDS, "core.verify.words_missing"},
        {REMOVE_SEAL, "core.verify.seal_missing"}, {ALTER_SEAL, "core.verify.event_altered"}, {ADD_EVENT, "core.verify.event_stray"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_store s;
        ASSERT_OK(test_store_open(&s, str_is(((struct test_store *)*state)->engine, "sqlite") ? "sqlite" : "postgresql", &options));
        struct town *t = town_open(&s);
        struct record r = some_events(t, &t->a);
        seal_all(t, &t->a);
        ASSERT_OK(db_txn(t->a.d, harm_in_txn, &(struct harm_args){t, cases[i].what, r.id}));
        struct verdict v = verify(t);
        assert_false(v.valid);
        ASSERT_STR(v.why, cases[i].why);
        if (cases[i].what != REMOVE_SEAL && cases[i].what != ALTER_SEAL) assert_int_equal(v.bad_record, r.id);
        if (cases[i].what == ALTER_EVENT) assert_int_equal(v.bad_seq, 3);
        if (cases[i].what == ALTER_ACTOR) assert_int_equal(v.bad_seq, 2);
        if (cases[i].what == REMOVE_SEAL || cases[i].what == ALTER_SEAL) assert_int_equal(v.bad_seal, 5);
        town_close(t);
        test_store_close(&s);
    }
}

static err rewrite_in_txn(db *w, void *arg)
{
    TRY(sql_harm_event(w, *(int64_t *)arg, 3, S("accepted")));
    TRY(sql_harm_seals_gone(w, 0));
    return sql_harm_tail_all(w);
}

static err shorten_in_txn(db *w, void *arg)
{
    TRY(sql_harm_seals_gone(w, *(int64_t *)arg));
    return sql_harm_unsealed_events_gone(w);
}

/* Who may write every table makes a chain that holds together; what was published says that it is another one. */
static void a_chain_made_anew_is_seen_by_its_published_heads(void **state)
{
    struct town *t = town_open(*state);
    struct heads heads, again, twin;
    ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us));
    ASSERT_OK(journal_heads(t->a.d, t->mem, STR_NONE, 10, &heads));
    assert_int_equal(heads.n, 0);                                   /* nothing sealed, nothing to publish */
    struct record r = some_events(t, &t->a);
    seal_all(t, &t->a);
    town_at(t, "2026-11-23T23:30");
    for (int i = 0; i < 2; i++) ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us));
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    seal_all(t, &t->a);
    ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us + 20 * MINUTE_US));
    town_at(t, "2026-11-24T00:10");
    ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us));
    ASSERT_OK(journal_heads(t->a.d, t->mem, STR_NONE, 10, &heads));
    ASSERT_OK(journal_heads(t->twin.d, t->mem, STR_NONE, 10, &twin));
    assert_int_equal(twin.n, 0);
    assert_int_equal(heads.n, 2);
    ASSERT_STR(heads.v[0].day, "2026-11-24");
    ASSERT_STR(heads.v[1].day, "2026-11-23");
    assert_true(heads.v[0].seal == heads.v[1].seal + 1 && !str_eq(heads.v[0].hash, heads.v[1].hash));
    ASSERT_OK(journal_heads(t->a.d, t->mem, heads.v[0].day, 10, &again));
    assert_true(again.n == 1 && str_eq(again.v[0].day, heads.v[1].day));
    struct verdict v = verify(t);
    assert_true(v.valid);
    assert_int_equal(v.heads, 2);
    ASSERT_STR(hex_of(t->mem, v.head.b, sizeof v.head.b), heads.v[0].hash.p);
    ASSERT_OK(db_txn(t->a.d, rewrite_in_txn, &r.id));
    seal_all(t, &t->a);
    v = verify(t);
    assert_false(v.valid);
    ASSERT_STR(v.why, "core.verify.head_differs");
    assert_int_equal(v.bad_seal, heads.v[1].seal);
    town_close(t);
}

static void a_chain_cut_short_is_seen_by_its_published_heads(void **state)
{
    struct town *t = town_open(*state);
    some_events(t, &t->a);
    seal_all(t, &t->a);
    int64_t keep = verify(t).sealed - 1;
    ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us));
    ASSERT_OK(db_txn(t->a.d, shorten_in_txn, &keep));
    struct verdict v = verify(t);
    assert_false(v.valid);
    ASSERT_STR(v.why, "core.verify.head_missing");
    assert_int_equal(v.bad_seal, keep + 1);
    town_close(t);
}

struct checker { struct town *t; _Atomic bool stop; int checks; struct verdict bad; };

static void *check_much(void *arg)
{
    struct checker *c = arg;
    arena *mem = arena_new(0);
    db *d = NULL;
    if (store_read(c->t->store->store, TENANT, &d).code != OK) return NULL;
    for (; !c->stop; c->checks++, arena_reset(mem)) {
        struct verdict v = {0};
        err e = journal_verify(d, mem, &v);
        if (e.code == OK && !v.valid) c->bad = v;
    }
    db_done(d);
    arena_free(mem);
    return NULL;
}

/* No snapshot holds while a long chain is read: what is published meanwhile is no fault of it. */
static void heads_published_during_the_check_are_left_out(void **state)
{
    struct town *t = town_open(*state);
    struct checker c = {.t = t};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, check_much, &c), 0);
    for (int day = 0; day < 300; day++) {
        town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
        seal_all(t, &t->a);
        ASSERT_OK(journal_head_publish(t->a.d, t->mem, S("Europe/Paris"), t->now_us + day * DAY_US));
    }
    c.stop = true;
    pthread_join(thread, NULL);
    assert_true(c.checks > 0);
    assert_null(c.bad.why.p);
    assert_int_equal(verify(t).heads, 300);
    town_close(t);
}

static void an_event_out_of_the_tail_is_seen(void **state)
{
    struct town *t = town_open(*state);
    struct record r = some_events(t, &t->a);
    ASSERT_OK(db_txn(t->a.d, harm_in_txn, &(struct harm_args){t, HIDE_TAIL, r.id}));
    struct verdict v = verify(t);
    assert_false(v.valid);
    ASSERT_STR(v.why, "core.verify.event_stray");
    assert_int_equal(v.bad_record, r.id);
    town_close(t);
}

struct erase { struct town *t; int64_t id; bool keep; };
static err erase_in_txn(db *w, void *arg)
{
    struct erase *e = arg;
    return record_erase(w, e->t->mem, e->t->a.permit, e->id, ACTOR_SYSTEM, e->t->now_us, e->keep);
}

static size_t file_holds(const char *path, const char *word)
{
    FILE *f = fopen(path, "rb");
    size_t found = 0, n = strlen(word);
    if (!f) return 0;
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    char *p = malloc(size + 1);
    if (fread(p, 1, size, f) != size) size = 0;
    for (size_t i = 0; i + n <= size; i++) found += memcmp(p + i, word, n) == 0;
    free(p);
    fclose(f);
    return found;
}

/* In how many places of the store's files a word stands. */
static size_t traces(struct town *t, const char *word)
{
    size_t found = 0;
    DIR *dir = opendir(str_z(t->mem, t->store->dir));
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (e->d_type == DT_REG) found += file_holds(str_z(t->mem, str_fmt(t->mem, "%.*s/%s", STR_ARG(t->store->dir), e->d_name)), word);
    if (dir) closedir(dir);
    return found;
}

static void scrub(struct town *t)
{
    struct core_world world = {.store = t->store->store, .kinds = t->kinds, .tenant = &t->a.tenant, .owner = S("here")};
    ASSERT_OK(core_job(t->a.d, t->mem, &(struct job){.name = S("search.scrub")}, &world));
}

static void erasing_leaves_a_valid_chain_and_no_word(void **state)
{
    struct town *t = town_open(*state);
    for (int keep = 0; keep < 2; keep++) {
        some_events(t, &t->a);
        struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"Zyxwvut\",\"f2\":\"n\"}", "Qwertzuiop", "qwertzuiop@ex.test");
        ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
        ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "refuse", "{\"reason_in_law\":\"Asdfghjkl\",\"reason_in_fact\":\"Trop Asdfghjkl\"}"));
        some_events(t, &t->a);
        seal_all(t, &t->a);
        ASSERT_OK(db_txn(t->a.d, erase_in_txn, &(struct erase){t, r.id, keep == 1}));
        scrub(t);
        struct verdict v = verify(t);
        assert_true(v.valid);
        seal_all(t, &t->a);
        assert_true(verify(t).valid);
        struct events e;
        ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
        assert_int_equal(e.n, 4);
        assert_int_equal(e.v[2].words.n, 0);
        assert_int_equal(e.v[2].erased_us, t->now_us);
        assert_int_equal(e.v[0].actor_name.n, 0);
        ASSERT_STR(e.v[3].verb, "erased");
        if (store_is_sqlite(t->store->store)) {
            static const char *const marked[] = {"Zyxwvut", "zyxwvut", "Qwertzuiop", "qwertzuiop", "Asdfghjkl"};
            for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
                if (traces(t, marked[i])) fail_msg("\"%s\" is still in the files (%zu)", marked[i], traces(t, marked[i]));
            assert_true(traces(t, "Trottoir trop") > 0);
        }
        struct record now;
        err found = record_get(t->a.d, t->mem, r.id, &now);
        assert_int_equal(found.code, keep ? OK : E_NOT_FOUND);
        if (keep) assert_int_equal(json_object_size(now.doc), 1);
    }
    town_close(t);
}

static void agents_acts_keep_the_name_of_the_day(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    struct account a;
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.agent.account, &a));
    a.capacity = S("Directrice");
    ASSERT_OK(account_save(t->a.d, &a));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, false, &e));
    ASSERT_STR(e.v[1].actor_capacity, "Responsable");
    ASSERT_STR(e.v[2].actor_capacity, "Directrice");
    assert_int_not_equal(e.v[1].actor, e.v[2].actor);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_sealed_verifies), STORE_TEST(every_alteration_is_named), STORE_TEST(heads_published_during_the_check_are_left_out),
        STORE_TEST(an_event_out_of_the_tail_is_seen),
        STORE_TEST(a_chain_made_anew_is_seen_by_its_published_heads), STORE_TEST(a_chain_cut_short_is_seen_by_its_published_heads),
        STORE_TEST(erasing_leaves_a_valid_chain_and_no_word), STORE_TEST(agents_acts_keep_the_name_of_the_day),
    };
    return STORE_RUN_WITH(tests, &options);
}
