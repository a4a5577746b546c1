/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Where, what is said, who follows, what it is tied to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "core/journal.h"
#include "core/testing.h"
#include "facets/facets.h"
#include "facets/link.h"
#include "facets/place.h"
#include "facets/support.h"
#include "facets/thread.h"

static struct record report_at(struct town *t, struct side *s, double lat, double lon, bool accept)
{
    struct record r = town_file(t, s, s->report, "{\"f1\":\"lamp\",\"f2\":\"Cassée\"}", "Zoé", "zoe@ex.test");
    ASSERT_OK(place_put(s->d, &(struct place){r.id, lat, lon, S("1 rue Haute"), S("88160")}));
    if (accept) ASSERT_OK(town_act(t, s, &s->agent, &r, "accept", NULL));
    return r;
}

static void a_map_shows_what_may_be_seen(void **state)
{
    struct town *t = town_open(*state);
    struct box all = {48.0, 6.0, 48.5, 7.0};
    struct spots spots;
    struct record shown = report_at(t, &t->a, 48.1735, 6.4496, true), hidden = report_at(t, &t->a, 48.1740, 6.4500, false);
    report_at(t, &t->a, 49.0, 6.5, true);
    report_at(t, &t->twin, 48.1735, 6.4496, true);
    ASSERT_OK(place_in_box(t->a.d, t->mem, &WHO_NOBODY, true, S("report"), &all, 100, &spots));
    assert_int_equal(spots.n, 1);
    assert_int_equal(spots.v[0].at.record, shown.id);
    assert_true(fabs(spots.v[0].at.lat - 48.1735) < 1e-12);
    ASSERT_OK(place_in_box(t->a.d, t->mem, &t->a.agent, false, STR_NONE, &all, 100, &spots));
    assert_int_equal(spots.n, 2);
    ASSERT_OK(place_in_box(t->a.d, t->mem, &t->a.other, false, STR_NONE, &all, 100, &spots));
    assert_int_equal(spots.n, 0);
    /* An edge in 32-bit floats is not an edge on the map. */
    struct box edge = {48.1735000001, 6.0, 48.5, 6.4499};
    ASSERT_OK(place_in_box(t->a.d, t->mem, &WHO_NOBODY, true, S("report"), &edge, 100, &spots));
    assert_int_equal(spots.n, 0);
    ASSERT_OK(place_near(t->a.d, t->mem, &t->a.agent, false, S("report"), 48.1735, 6.4496, 250, 10, &spots));
    assert_int_equal(spots.n, 2);
    assert_int_equal(spots.v[0].at.record, shown.id);
    assert_int_equal(spots.v[1].at.record, hidden.id);
    assert_true(spots.v[1].metres > 60 && spots.v[1].metres < 65);
    ASSERT_OK(place_put(t->a.d, &(struct place){shown.id, 48.4, 6.9, STR_NONE, STR_NONE}));
    ASSERT_OK(place_near(t->a.d, t->mem, &WHO_NOBODY, true, S("report"), 48.1735, 6.4496, 250, 10, &spots));
    assert_int_equal(spots.n, 0);
    ASSERT_CODE(place_put(t->a.d, &(struct place){shown.id, 91, 0, STR_NONE, STR_NONE}), E_INVALID);
    ASSERT_CODE(place_put(t->a.d, &(struct place){shown.id, NAN, 0, STR_NONE, STR_NONE}), E_INVALID);
    town_close(t);
}

static err post(struct town *t, const struct who *who, int64_t record, bool note, const char *words)
{
    int64_t id;
    return thread_post(t->a.d, t->mem, &(struct post){who, &t->a.tenant, t->a.permit, record, note, str_of(words), t->now_us}, &id);
}

static void people_and_agents_talk(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", "Zoé", "zoe@ex.test");
    struct messages m;
    ASSERT_OK(post(t, &t->a.agent, r.id, false, "Bonjour, quel jour ?"));
    ASSERT_OK(post(t, &t->a.agent, r.id, true, "Demander à la voirie"));
    town_pass(t, SECOND_US);
    ASSERT_OK(post(t, town_holder(t, r.id), r.id, false, "Mardi."));
    ASSERT_CODE(post(t, town_holder(t, r.id), r.id, true, "x"), E_DENIED);
    ASSERT_CODE(post(t, &t->a.reader, r.id, false, "x"), E_DENIED);
    ASSERT_CODE(post(t, &t->a.citizen_who, r.id, false, "x"), E_NOT_FOUND);
    ASSERT_CODE(post(t, &t->a.agent, r.id, false, "  \n"), E_INVALID);
    ASSERT_OK(thread_of(t->a.d, t->mem, r.id, false, &m));
    assert_int_equal(m.n, 2);
    ASSERT_STR(m.v[0].name, "Jeanne Martin");
    assert_false(m.v[0].from_author);
    ASSERT_STR(m.v[1].name, "Zoé");
    assert_true(m.v[1].from_author);
    ASSERT_OK(thread_of(t->a.d, t->mem, r.id, true, &m));
    assert_int_equal(m.n, 3);
    ASSERT_OK(thread_of(t->twin.d, t->mem, r.id, true, &m));
    assert_int_equal(m.n, 0);
    assert_int_equal(town_mails(t, &t->a, r.id, "zoe@ex.test"), 2);
    assert_int_equal(town_mails(t, &t->a, r.id, "voirie@ville.test"), 1);
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    assert_int_equal(e.n, 3);
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, false, &e));
    assert_int_equal(e.n, 4);
    town_close(t);
}

static void followers_hear_of_what_is_public(void **state)
{
    struct town *t = town_open(*state);
    bool is_new, has;
    int64_t n;
    facets_use(facets_all);
    struct record r = report_at(t, &t->a, 48.1, 6.4, true);
    str ana = support_person(t->mem, 0, S("Ana@ex.test")), citizen = support_person(t->mem, t->a.citizen, STR_NONE);
    assert_true(str_eq(ana, support_person(t->mem, 0, S(" ana@EX.test"))));
    ASSERT_OK(support_add(t->a.d, r.id, "follow", ana, S("Ana@ex.test"), t->now_us, &is_new));
    assert_true(is_new);
    ASSERT_OK(support_add(t->a.d, r.id, "follow", ana, S("Ana@ex.test"), t->now_us, &is_new));
    assert_false(is_new);
    ASSERT_OK(support_add(t->a.d, r.id, "follow", citizen, STR_NONE, t->now_us, &is_new));
    ASSERT_OK(support_add(t->a.d, r.id, "support", citizen, STR_NONE, t->now_us, &is_new));
    ASSERT_OK(support_count(t->a.d, t->mem, r.id, "follow", &n));
    assert_int_equal(n, 2);
    ASSERT_OK(support_count(t->twin.d, t->mem, r.id, "follow", &n));
    assert_int_equal(n, 0);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "close", "{\"reason\":\"Lampe changée\"}"));
    assert_int_equal(town_mails(t, &t->a, r.id, "Ana@ex.test"), 1);
    assert_int_equal(town_mails(t, &t->a, r.id, "citoyen@ville.test"), 1);
    ASSERT_OK(support_remove(t->a.d, r.id, "follow", ana));
    ASSERT_OK(support_has(t->a.d, t->mem, r.id, "follow", ana, &has));
    assert_false(has);
    town_close(t);
}

struct erase { struct town *t; int64_t id; bool keep; };
static err erase_in_txn(db *w, void *arg)
{
    struct erase *e = arg;
    return record_erase(w, e->t->mem, e->t->a.report, e->id, ACTOR_SYSTEM, e->t->now_us, e->keep);
}

static void erasing_reaches_the_facets(void **state)
{
    struct town *t = town_open(*state);
    bool is_new;
    int64_t n;
    struct place p;
    facets_use(facets_all);
    struct record keep = report_at(t, &t->a, 48.17351, 6.44962, true), gone = report_at(t, &t->a, 48.17351, 6.44962, true);
    int64_t both[] = {keep.id, gone.id};
    for (int i = 0; i < 2; i++) {
        ASSERT_OK(support_add(t->a.d, both[i], "follow", support_person(t->mem, 0, S("ana@ex.test")), S("ana@ex.test"), t->now_us, &is_new));
        ASSERT_OK(db_txn(t->a.d, erase_in_txn, &(struct erase){t, both[i], i == 0}));
    }
    ASSERT_OK(place_get(t->a.d, t->mem, keep.id, &p));
    assert_true(fabs(p.lat - 48.174) < 1e-9 && fabs(p.lon - 6.45) < 1e-9 && !p.address.n);
    ASSERT_OK(support_count(t->a.d, t->mem, keep.id, "follow", &n));
    assert_int_equal(n, 1);
    struct strs mails = {0};
    ASSERT_OK(support_followers(t->a.d, t->mem, keep.id, &mails));
    assert_int_equal(mails.n, 0);
    ASSERT_CODE(place_get(t->a.d, t->mem, gone.id, &p), E_NOT_FOUND);
    ASSERT_OK(support_count(t->a.d, t->mem, gone.id, "follow", &n));
    assert_int_equal(n, 0);
    town_close(t);
}

static void links_show_what_may_be_seen(void **state)
{
    struct town *t = town_open(*state);
    struct record a = report_at(t, &t->a, 48.1, 6.4, true), b = report_at(t, &t->a, 48.1, 6.4, false);
    struct links l;
    ASSERT_OK(link_add(t->a.d, b.id, S("duplicate of"), a.id, t->now_us));
    ASSERT_OK(link_add(t->a.d, b.id, S("duplicate of"), a.id, t->now_us));
    ASSERT_CODE(link_add(t->a.d, b.id, S("duplicate of"), b.id, t->now_us), E_INVALID);
    ASSERT_OK(links_of(t->a.d, t->mem, &t->a.agent, false, a.id, &l));
    assert_int_equal(l.n, 1);
    assert_true(l.v[0].is_back);
    assert_int_equal(l.v[0].other, b.id);
    ASSERT_OK(links_of(t->a.d, t->mem, &WHO_NOBODY, true, a.id, &l));
    assert_int_equal(l.n, 0);
    ASSERT_OK(links_of(t->a.d, t->mem, &WHO_NOBODY, true, b.id, &l));
    assert_int_equal(l.n, 1);
    ASSERT_OK(links_of(t->twin.d, t->mem, &WHO_SYSTEM, false, b.id, &l));
    assert_int_equal(l.n, 0);
    ASSERT_OK(link_remove(t->a.d, b.id, S("duplicate of"), a.id));
    ASSERT_OK(links_of(t->a.d, t->mem, &t->a.agent, false, a.id, &l));
    assert_int_equal(l.n, 0);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_map_shows_what_may_be_seen), STORE_TEST(people_and_agents_talk), STORE_TEST(followers_hear_of_what_is_public),
        STORE_TEST(erasing_reaches_the_facets), STORE_TEST(links_show_what_may_be_seen),
    };
    return STORE_RUN(tests);
}
