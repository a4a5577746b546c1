/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The proof of a result: kept at filing with the version of its answers, replayed byte for byte, erased with the record's words
   (CRPA L311-3-1 and R311-3-1-2; GDPR, article 5(1)(e)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/draft.h"
#include "core/journal.h"
#include "core/kinds.h"
#include "core/results.h"
#include "core/retention.h"
#include "core/testing.h"
#include "formats/json.h"
#include "gen/sql/core/results_test.sql.h"

static const struct result *named(const struct results *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_is(all->v[i].name, name)) return &all->v[i];
    return NULL;
}

static struct replays replayed(struct town *t, struct side *s)
{
    struct replays all;
    ASSERT_OK(results_replay(s->d, t->mem, t->kinds, NULL, 100, &all));
    return all;
}

static void what_was_filed_is_proved(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = town_meals(t, &t->a);
    struct record r = town_file(t, &t->a, k, "{\"f1\":1080,\"f2\":2.1,\"f3\":540}", "Zoé", "zoe@ex.test");
    struct results kept;
    struct team green;
    struct teams teams;
    ASSERT_OK(team_list(t->a.d, t->mem, &teams));
    for (size_t i = 0; i < teams.n; i++)
        if (str_is(teams.v[i].name, "Espaces verts")) green = teams.v[i];
    assert_int_equal(r.team, green.id);                                 /* the first rule that holds */
    ASSERT_OK(results_kept(t->a.d, t->mem, r.id, &kept));
    assert_int_equal(kept.n, 4);                                        /* the tariff, the requirement, the team, the delay; nothing that only shows */
    const struct result *tariff = named(&kept, "tarif");
    assert_non_null(tariff);
    ASSERT_STR(tariff->path, "f2");
    assert_int_equal(tariff->version, r.version);
    assert_int_equal(tariff->revision, k->revision);
    assert_true(json_number_value(json_object_get(tariff->trace, "value")) == 2.1);
    assert_null(named(&kept, "tranche"));
    assert_non_null(named(&kept, "beffroi . éligibilité 1"));
    assert_non_null(named(&kept, "beffroi . service 2"));
    assert_null(named(&kept, "beffroi . service 1"));
    struct results others;
    ASSERT_OK(results_kept(t->twin.d, t->mem, r.id, &others));
    assert_int_equal(others.n, 0);
    town_close(t);
}

static void a_step_that_happens_by_itself_is_proved(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = town_meals(t, &t->a);
    struct record r = town_file(t, &t->a, k, "{\"f1\":1080,\"f2\":2.1}", "Zoé", "zoe@ex.test");
    struct results kept;
    town_pass(t, 2 * DAY_US);
    town_timers(t, &t->a);
    ASSERT_OK(results_kept(t->a.d, t->mem, r.id, &kept));
    assert_int_equal(kept.n, 4);
    town_pass(t, 2 * DAY_US);                                           /* three days have passed: the rule's own length */
    town_timers(t, &t->a);
    ASSERT_OK(results_kept(t->a.d, t->mem, r.id, &kept));
    assert_int_equal(kept.n, 5);
    town_close(t);
}

/* A question that a correction hides has no result any more; the proof of what was said before stays, and what a step followed. */
static void a_correction_takes_the_place_of_results(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = town_meals(t, &t->a);
    struct record r = town_file(t, &t->a, k, "{\"f1\":1080,\"f2\":2.1,\"f3\":540}", "Zoé", "zoe@ex.test");
    const struct who *zoe = town_holder(t, r.id);
    struct draft d;
    struct results kept;
    json_t *now;
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", "{\"correction_kind\":\"remark\",\"message\":\"Précisez\",\"due_date\":\"2026-12-01\"}"));
    ASSERT_OK(draft_correction(t->a.d, t->mem, k, &r, t->now_us, &d));
    ASSERT_OK(json_parse(t->mem, S("{\"f1\":400,\"f3\":200}"), &now));
    struct act a = {.who = zoe, .kind = k, .tenant = &t->a.tenant, .transition = S("correct"), .now_us = t->now_us};
    ASSERT_OK(draft_correct(t->a.d, t->mem, d.id, now, &a, &r));
    ASSERT_OK(results_kept(t->a.d, t->mem, r.id, &kept));
    assert_null(named(&kept, "tarif"));
    assert_null(named(&kept, "beffroi . service 2"));
    assert_non_null(named(&kept, "beffroi . éligibilité 1"));
    assert_true(named(&kept, "beffroi . éligibilité 1")->version > 1);
    assert_int_equal(kept.n, 2);                                        /* the requirement; the delay, which a step followed */
    struct replays all = replayed(t, &t->a);
    assert_int_equal(all.n, 5);
    for (size_t i = 0; i < all.n; i++) assert_true(all.v[i].is_same);
    town_close(t);
}

struct changing { int64_t id; str was, now; };
static err change_in_txn(db *w, void *arg)
{
    struct changing *c = arg;
    return sql_result_change(w, c->id, S("tarif"), c->was, c->now);
}

static void a_replay_gives_the_same_bytes(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = town_meals(t, &t->a);
    struct record r = town_file(t, &t->a, k, "{\"f1\":1080,\"f2\":2.1}", "Zoé", "zoe@ex.test");
    struct replays all = replayed(t, &t->a);
    assert_int_equal(all.n, 4);
    for (size_t i = 0; i < all.n; i++) assert_true(all.v[i].is_same && !all.v[i].fault.n);
    struct replays rest;
    ASSERT_OK(results_replay(t->a.d, t->mem, t->kinds, &all.v[1], 100, &rest));
    assert_int_equal(rest.n, 2);
    ASSERT_CODE(results_replay(t->a.d, t->mem, t->kinds, &all.v[3], 100, &rest), E_NOT_FOUND);
    /* As another build would have left it: within 1e-9 nothing differs; further it does, and is told where. */
    ASSERT_OK(db_txn(t->a.d, change_in_txn, &(struct changing){r.id, S("\"value\":540.0"), S("\"value\":540.0000000001")}));
    all = replayed(t, &t->a);
    size_t changed = 0;
    for (size_t i = 0; i < all.n; i++) {
        if (all.v[i].is_same) continue;
        changed++;
        assert_int_equal(json_array_size(all.v[i].differences), 0);
    }
    assert_int_equal(changed, 1);
    ASSERT_OK(db_txn(t->a.d, change_in_txn, &(struct changing){r.id, S("540.0000000001"), S("541.0")}));
    all = replayed(t, &t->a);
    for (size_t i = 0; i < all.n; i++)
        if (!all.v[i].is_same) assert_true(json_array_size(all.v[i].differences) > 0);
    town_close(t);
}

struct erasing { struct town *t; const struct kind *k; int64_t id; };
static err erase_in_txn(db *w, void *arg)
{
    struct erasing *e = arg;
    return record_erase(w, e->t->mem, e->k, e->id, ACTOR_SYSTEM, e->t->now_us, true);
}

static void it_goes_with_the_words_of_the_record(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = town_meals(t, &t->a);
    struct record r = town_file(t, &t->a, k, "{\"f1\":1080,\"f2\":2.1}", "Zoé", "zoe@ex.test");
    struct results kept;
    ASSERT_OK(db_txn(t->a.d, erase_in_txn, &(struct erasing){t, k, r.id}));
    ASSERT_OK(results_kept(t->a.d, t->mem, r.id, &kept));
    assert_int_equal(kept.n, 0);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(what_was_filed_is_proved), STORE_TEST(a_step_that_happens_by_itself_is_proved), STORE_TEST(a_replay_gives_the_same_bytes),
                                       STORE_TEST(it_goes_with_the_words_of_the_record), STORE_TEST(a_correction_takes_the_place_of_results)};
    return STORE_RUN(tests);
}
