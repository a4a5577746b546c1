/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists: what a person may see, no more and no less, in order, page after page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/list.h"
#include "core/search.h"
#include "core/testing.h"
#include "formats/json.h"

/* A small generator: the same records each run. */
static uint32_t seed;
static uint32_t pick(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

enum { MANY = 60 };
struct crowd { struct record r[MANY]; };

static void crowd_make(struct town *t, struct side *s, struct crowd *c)
{
    static const char *const words[] = {"grue", "échafaudage", "benne", "terrasse"};
    for (int i = 0; i < MANY; i++) {
        bool report = pick(3) == 0;
        char doc[200];
        if (report) snprintf(doc, sizeof doc, "{\"f1\":\"%s\",\"f2\":\"%s\"}", pick(2) ? "lamp" : "hole", words[pick(4)]);
        else snprintf(doc, sizeof doc, "{\"f1\":\"%s\",\"f2\":\"%c\",\"f3\":[%s]}", words[pick(4)], "nse"[pick(3)], pick(2) ? "\"x\"" : "\"x\",\"y\"");
        if (pick(4)) town_pass(t, SECOND_US);
        struct filing f = {.kind = report ? s->report : s->permit, .body = pick(3) ? s->town : s->suburb, .team = pick(2) ? s->team : 0,
                           .author = pick(4) ? 0 : s->citizen, .doc = town_json(t, doc)};
        c->r[i] = town_file_with(t, s, f);
        if (pick(2)) (void)town_act(t, s, &WHO_SYSTEM, &c->r[i], report ? "accept" : "take", NULL);
        if (pick(3) == 0) (void)town_act(t, s, &WHO_SYSTEM, &c->r[i], report ? "close" : "refuse", NULL);
        if (pick(3) == 0) town_pass(t, DAY_US);
    }
    for (int i = 0; i < MANY; i++) c->r[i] = town_record(t, s, c->r[i].id);
}

static bool has_value(const struct record *r, const struct list_filter *f)
{
    const json_t *v = json_object_get(r->doc, f->field_id.p);
    size_t i;
    json_t *one;
    if (!json_is_array(v)) return str_eq(json_text(v), f->value);
    json_array_foreach(v, i, one)
        if (str_eq(json_text(one), f->value)) return true;
    return false;
}

/* The plain reading of a query, against may(). */
static bool wanted(const struct list_query *q, const struct record *r)
{
    if (may(q->who, q->verb, r).code != OK) return false;
    if (q->kind.n && !str_eq(q->kind, r->kind)) return false;
    bool in = !q->states.n;
    for (size_t i = 0; i < q->states.n; i++) in |= str_eq(q->states.v[i], r->state);
    for (size_t i = 0; i < q->filters.n; i++) in = in && has_value(r, &q->filters.v[i]);
    if (q->team && r->team != q->team) return false;
    if (q->assignee && r->assignee != q->assignee) return false;
    if (q->body && r->body != q->body) return false;
    if (q->author && r->author != q->author) return false;
    if (q->unassigned && r->assignee) return false;
    if (q->late && !(r->due_us && r->due_us < q->now_us)) return false;
    if (q->sort == LIST_DUE && !r->due_us) return false;
    return in;
}

static int64_t key_of(const struct list_query *q, const struct record *r)
{
    if (q->sort == LIST_DUE) return r->due_us;
    if (q->sort == LIST_UPDATED) return r->updated_us;
    return q->verb == VERB_SEE_PUBLIC ? r->published_us : r->created_us;
}

static size_t walk_all(struct town *t, struct side *s, struct list_query q, struct record *out, size_t most)
{
    size_t n = 0;
    for (int pages = 0; pages < 100; pages++) {
        struct list_page p;
        ASSERT_OK(list_run(s->d, t->mem, &q, &p));
        assert_true(p.rows.n <= (size_t)q.limit);
        for (size_t i = 0; i < p.rows.n && n < most; i++) out[n++] = p.rows.v[i];
        if (!p.next.n) return n;
        q.after = p.next;
    }
    fail_msg("a list without end");
    return n;
}

static void check_query(struct town *t, struct side *s, const struct crowd *c, const struct list_query *q)
{
    struct record got[MANY + 1];
    size_t n = walk_all(t, s, *q, got, MANY + 1), want = 0;
    bool desc = q->sort == LIST_NEWEST || q->sort == LIST_UPDATED;
    for (int i = 0; i < MANY; i++) {
        bool is_wanted = wanted(q, &c->r[i]), is_there = false;
        for (size_t k = 0; k < n; k++) is_there |= got[k].id == c->r[i].id;
        want += is_wanted;
        if (is_wanted != is_there)
            fail_msg("record %d due %lld doc %s (%.*s %.*s): may %d, list %d (%zu of limit %d, late %d, filter %s); kind %.*s, %zu states, %zu filters, sort %d", i, (long long)c->r[i].due_us, json_canonical(t->mem, c->r[i].doc).p, STR_ARG(c->r[i].kind), STR_ARG(c->r[i].state),
                     is_wanted, is_there, n, q->limit, q->late, q->filters.n ? q->filters.v[0].value.p : "", STR_ARG(q->kind), q->states.n, q->filters.n, q->sort);
    }
    assert_int_equal(n, want);
    for (size_t k = 1; k < n; k++) {
        int64_t a = key_of(q, &got[k - 1]), b = key_of(q, &got[k]);
        assert_true(desc ? a > b || (a == b && got[k - 1].id > got[k].id) : a < b || (a == b && got[k - 1].id < got[k].id));
    }
}

static void lists_are_what_may_says(void **state)
{
    struct town *t = town_open(*state);
    struct crowd *c = NEW(t->mem, struct crowd), *twin = NEW(t->mem, struct crowd);
    seed = 7;
    crowd_make(t, &t->a, c);
    seed = 7;
    crowd_make(t, &t->twin, twin);
    struct side *s = &t->a;
    struct who team_only = {.account = s->agent.account}, kind_only = {.account = s->agent.account}, two = {.account = s->agent.account};
    struct grant tg = {.role = ROLE_AGENT, .team = s->team}, kg = {.role = ROLE_READER, .kind = S("report")};
    struct grant both[] = {{.role = ROLE_AGENT, .body = s->suburb, .kind = S("permit")}, {.role = ROLE_AGENT, .body = s->town, .kind = S("report")}};
    team_only.grants = (struct grants){&tg, 1};
    kind_only.grants = (struct grants){&kg, 1};
    two.grants = (struct grants){both, 2};
    const struct who *people[] = {&s->agent, &s->reader, &s->other, &team_only, &kind_only, &two, &s->citizen_who, &WHO_NOBODY, &WHO_SYSTEM};
    str states[] = {S("received"), S("examining"), S("open"), S("refused"), S("done")};
    struct list_filter filters[] = {{S("f2"), S("n")}, {S("f3"), S("y")}, {S("f3"), S("x")}};
    for (int i = 0; i < 400; i++) {
        struct list_query q = {.who = people[pick(9)], .verb = VERB_LIST, .sort = (enum list_sort)pick(4), .limit = 1 + (int)pick(9), .now_us = t->now_us, .with_doc = pick(2)};
        if (pick(3)) q.kind = pick(2) ? S("permit") : S("report");
        if (pick(2)) q.states = (struct strs){states + pick(3), 1 + pick(2)};
        if (pick(4) == 0) q.team = s->team;
        if (pick(6) == 0) q.body = pick(2) ? s->town : s->suburb;
        if (pick(6) == 0) q.late = true;
        if (pick(8) == 0) q.unassigned = true;
        if (pick(2) && str_is(q.kind, "permit")) q.filters = (struct list_filters){filters + pick(2), 1 + pick(2)};
        check_query(t, s, c, &q);
    }
    struct list_query mine = {.who = &s->citizen_who, .verb = VERB_SEE, .author = s->citizen, .limit = 3, .now_us = t->now_us};
    check_query(t, s, c, &mine);
    town_close(t);
}

/* Every grant counts, however many there are: the last one too. */
static void five_hundred_grants_are_all_seen(void **state)
{
    enum { GRANTS = 500 };
    struct town *t = town_open(*state);
    struct crowd *c = NEW(t->mem, struct crowd);
    seed = 13;
    crowd_make(t, &t->a, c);
    crowd_make(t, &t->twin, NEW(t->mem, struct crowd));
    struct who many = {.account = t->a.agent.account};
    for (int64_t i = 1; i < GRANTS; i++)
        PUSH(t->mem, &many.grants, (struct grant){.role = ROLE_AGENT, .body = INT64_MAX - i, .team = INT64_MAX - i, .kind = S("permit")});
    PUSH(t->mem, &many.grants, (struct grant){.role = ROLE_AGENT, .body = t->a.town, .kind = S("report")});
    for (int limit = 1; limit < MANY; limit += 7) {
        struct list_query q = {.who = &many, .verb = limit % 2 ? VERB_LIST : VERB_SEE, .sort = LIST_NEWEST, .limit = limit, .now_us = t->now_us};
        check_query(t, &t->a, c, &q);
    }
    int64_t mine = 0, n = 0;
    struct list_counts counts;
    ASSERT_OK(list_count(t->a.d, t->mem, &many, &counts));
    for (size_t i = 0; i < counts.n; i++) n += counts.v[i].n;
    for (int i = 0; i < MANY; i++) mine += may(&many, VERB_LIST, &c->r[i]).code == OK;
    assert_true(mine > 0);
    assert_int_equal(n, mine);
    town_close(t);
}

static void counts_are_what_may_says(void **state)
{
    struct town *t = town_open(*state);
    struct crowd *c = NEW(t->mem, struct crowd);
    seed = 11;
    crowd_make(t, &t->a, c);
    crowd_make(t, &t->twin, NEW(t->mem, struct crowd));
    const struct who *people[] = {&t->a.agent, &t->a.other, &t->a.citizen_who, &WHO_SYSTEM};
    for (int fold = 0; fold < 2; fold++) {
        for (size_t p = 0; p < 4; p++) {
            struct list_counts counts;
            int64_t all = 0, may_see = 0;
            ASSERT_OK(list_count(t->a.d, t->mem, people[p], &counts));
            for (size_t i = 0; i < counts.n; i++) {
                int64_t n = 0;
                for (int k = 0; k < MANY; k++)
                    n += may(people[p], VERB_LIST, &c->r[k]).code == OK && str_eq(c->r[k].kind, counts.v[i].kind) && str_eq(c->r[k].state, counts.v[i].state);
                assert_int_equal(counts.v[i].n, n);
                all += n;
            }
            for (int k = 0; k < MANY; k++) may_see += may(people[p], VERB_LIST, &c->r[k]).code == OK;
            assert_int_equal(all, may_see);
        }
        ASSERT_OK(counters_fold(t->a.d, t->mem));
        ASSERT_OK(counters_fold(t->a.d, t->mem));
    }
    town_close(t);
}

static void the_public_list_is_the_projection(void **state)
{
    struct town *t = town_open(*state);
    struct crowd *c = NEW(t->mem, struct crowd);
    seed = 3;
    crowd_make(t, &t->a, c);
    struct list_query q = {.who = &WHO_NOBODY, .verb = VERB_SEE_PUBLIC, .def = t->a.report, .limit = 4, .now_us = t->now_us};
    for (int sort = 0; sort < 2; sort++) {
        q.sort = (enum list_sort)sort;
        q.kind = S("report");
        check_query(t, &t->a, c, &q);
    }
    struct list_filter lamp = {S("f1"), S("lamp")}, secret = {S("f4"), S("true")};
    q.filters = (struct list_filters){&lamp, 1};
    q.sort = LIST_NEWEST;
    check_query(t, &t->a, c, &q);
    /* What an agent masks is no longer found by it, and the rest still is. */
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f2\":\"Chez Durand\",\"f4\":true,\"f5\":\"+33600000000\"}", "Zoé", "zoe@ex.test");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", "{\"masks\":[\"f1\"]}"));
    struct list_page p;
    q.limit = 100;
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &p));
    for (size_t i = 0; i < p.rows.n; i++) assert_true(p.rows.v[i].id != r.id);
    q.filters.n = 0;
    q.who = &t->a.agent;
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &p));
    assert_int_equal(p.rows.v[0].id, r.id);
    ASSERT_STR(json_canonical(t->mem, p.rows.v[0].doc), "{\"f2\":\"Chez Durand\"}");
    ASSERT_STR(p.rows.v[0].title, "Signalement");
    q.filters = (struct list_filters){&secret, 1};
    ASSERT_CODE(list_run(t->a.d, t->mem, &q, &p), E_INVALID);
    q.def = NULL;
    ASSERT_CODE(list_run(t->a.d, t->mem, &q, &p), E_INVALID);
    town_close(t);
}

static void a_bad_cursor_is_said(void **state)
{
    struct town *t = town_open(*state);
    struct list_page p;
    static const char *const bad[] = {"x", "1", "1.", ".1", "1.2.3", "9999999999999999999999.1", "1 .2", "'; DROP TABLE record; --"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct list_query q = {.who = &t->a.agent, .verb = VERB_LIST, .after = str_of(bad[i]), .now_us = t->now_us};
        ASSERT_CODE(list_run(t->a.d, t->mem, &q, &p), E_INVALID);
    }
    struct list_filter f = {S("f1' OR 1=1"), S("x")};
    struct list_query q = {.who = &t->a.agent, .verb = VERB_LIST, .filters = {&f, 1}, .now_us = t->now_us};
    ASSERT_CODE(list_run(t->a.d, t->mem, &q, &p), E_INVALID);
    q.kind = S("permit");
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &p));
    assert_int_equal(p.rows.n, 0);
    town_close(t);
}

static void words_find_in_lists(void **state)
{
    struct town *t = town_open(*state);
    struct crowd *c = NEW(t->mem, struct crowd);
    seed = 5;
    crowd_make(t, &t->a, c);
    struct list_query q = {.who = &t->a.agent, .verb = VERB_LIST, .words = S("echaf"), .limit = 2, .now_us = t->now_us};
    struct record got[MANY];
    size_t n = walk_all(t, &t->a, q, got, MANY), want = 0;
    for (int i = 0; i < MANY; i++)
        want += may(&t->a.agent, VERB_LIST, &c->r[i]).code == OK && strstr(json_canonical(t->mem, c->r[i].doc).p, "échaf") != NULL;
    assert_int_equal(n, want);
    assert_true(n > 4);
    for (size_t i = 1; i < n; i++) assert_true(got[i - 1].id > got[i].id);
    struct list_filter f = {S("f2"), S("n")};
    q.kind = S("permit");
    q.filters = (struct list_filters){&f, 1};
    n = walk_all(t, &t->a, q, got, MANY);
    for (size_t i = 0; i < n; i++) ASSERT_STR(got[i].kind, "permit");
    assert_true(n > 0 && n < want);
    town_close(t);
}

static void a_page_has_a_budget(void **state)
{
    struct town *t = town_open(*state);
    seed = 9;
    crowd_make(t, &t->a, NEW(t->mem, struct crowd));
    struct list_filter two[] = {{S("f2"), S("n")}, {S("f3"), S("y")}};
    struct list_query q = {.who = &t->a.agent, .verb = VERB_LIST, .kind = S("permit"), .filters = {two, 2}, .now_us = t->now_us};
    struct list_page p;
    struct list_counts counts;
    int64_t before = db_statements(t->a.d);
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &p));
    ASSERT_OK(list_count(t->a.d, t->mem, &t->a.agent, &counts));
    assert_true(town_statements(t->a.d, before) <= 4);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(lists_are_what_may_says), STORE_TEST(five_hundred_grants_are_all_seen), STORE_TEST(counts_are_what_may_says), STORE_TEST(the_public_list_is_the_projection),
        STORE_TEST(a_bad_cursor_is_said), STORE_TEST(words_find_in_lists), STORE_TEST(a_page_has_a_budget),
    };
    return STORE_RUN(tests);
}
