/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Filing, following and revising: once, whole, and seen by nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/answers.h"
#include "core/journal.h"
#include "core/list.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/search.h"
#include "core/secret.h"
#include "core/testing.h"
#include "formats/json.h"

static void filing_writes_everything_once(void **state)
{
    struct town *t = town_open(*state);
    struct filing f = {.id = id_new(), .kind = t->a.permit, .team = t->a.team, .doc = town_json(t, "{\"f1\":\"Échafaudage\",\"f2\":\"n\"}"),
                       .contact = {S("Zoé Martin"), S("Zoe@Ex.test"), STR_NONE}, .reference = S("BCDF-GHJK")};
    struct record r = town_file_with(t, &t->a, f), again = town_file_with(t, &t->a, f);
    assert_int_equal(r.id, again.id);
    ASSERT_STR(r.reference, "BCDF-GHJK");
    ASSERT_STR(again.reference, "BCDF-GHJK");
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    assert_int_equal(e.n, 1);
    ASSERT_STR(e.v[0].verb, "filed");
    ASSERT_STR(e.v[0].to, "received");
    ASSERT_STR(e.v[0].actor_name, "Zoé Martin");
    assert_int_equal(town_mails(t, &t->a, r.id, "Zoe@Ex.test"), 1);
    struct list_counts counts;
    ASSERT_OK(list_count(t->a.d, t->mem, &t->a.agent, &counts));
    assert_int_equal(counts.n, 1);
    assert_int_equal(counts.v[0].n, 1);
    struct hits hits;
    ASSERT_OK(search_run(t->a.d, t->mem, &t->a.agent, false, S("echafaudage zoe"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 1);
    town_close(t);
}

static void the_receipt_says_what_the_law_wants(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", "Zoé", "zoe@ex.test");
    struct outbox_items items;
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("here"), t->now_us, 10, &items));
    assert_int_equal(items.n, 1);
    const char *text = str_z(t->mem, items.v[0].text);
    str filed = words_date_us(t->mem, LANG_FR, r.created_us, S("Europe/Paris")), silence = words_date(t->mem, LANG_FR, days_of(2027, 1, 23));
    const char *const wanted[] = {str_z(t->mem, r.reference), str_z(t->mem, filed), str_z(t->mem, silence), "Guichet unique", "1 place de la Mairie", "guichet@ville.test",
                                  "03 29 00 00 00", "tribunal", "https://ville.test/dossiers/"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(text, wanted[i])) fail_msg("the receipt lacks \"%s\":\n%s", wanted[i], text);
    ASSERT_STR(items.v[0].reply_to, "guichet@ville.test");
    town_close(t);
}

static void filings_do_not_read(void **state)
{
    struct town *t = town_open(*state);
    struct store_stats before, after;
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\",\"f2\":\"n\",\"f3\":[\"x\",\"y\"]}", "Zoé", "zoe@ex.test");
    store_stats(t->store->store, &before);
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\",\"f2\":\"n\",\"f3\":[\"x\",\"y\"]}", "Zoé", "zoe@ex.test");
    store_stats(t->store->store, &after);
    /* record, actor, contact, journal 2, side index 3, search, counter, timer, outbox */
    if (after.statements - before.statements > 12) fail_msg("%lld statements to file", (long long)(after.statements - before.statements));
    town_close(t);
}

static void a_taken_reference_is_replaced(void **state)
{
    struct town *t = town_open(*state);
    struct filing f = {.kind = t->a.permit, .doc = town_json(t, "{\"f1\":\"x\"}"), .reference = S("BCDF-GHJK")};
    struct record one = town_file_with(t, &t->a, f), two = town_file_with(t, &t->a, f), twin = {0};
    f.kind = t->twin.permit;
    twin = town_file_with(t, &t->twin, f);
    assert_int_not_equal(one.id, two.id);
    assert_false(str_eq(one.reference, two.reference));
    ASSERT_STR(twin.reference, "BCDF-GHJK");
    struct record found;
    ASSERT_OK(record_by_reference(t->a.d, t->mem, S(" bcdf ghjk"), &found));
    assert_int_equal(found.id, one.id);
    ASSERT_CODE(record_by_reference(t->a.d, t->mem, S("AEIOU"), &found), E_NOT_FOUND);
    town_close(t);
}

static void follow_up_needs_all_three(void **state)
{
    struct town *t = town_open(*state);
    struct hash32 h;
    int64_t id = id_new();
    str code = code_new(t->mem);
    assert_true(code_hash(t->mem, TENANT, id, code, &h));
    struct filing f = {.id = id, .kind = t->a.permit, .doc = town_json(t, "{\"f1\":\"x\"}"), .code_hash = &h, .contact = {S("Zoé"), S("Zoé@ex.test"), S("1980-02-29")}};
    struct record r = town_file_with(t, &t->a, f), found;
    ASSERT_OK(record_open_by_code(t->a.d, t->mem, r.reference, code, S("zoe@EX.test "), &found));
    assert_int_equal(found.id, r.id);
    ASSERT_OK(record_open_by_code(t->a.d, t->mem, r.reference, str_lower_ascii(t->mem, code), S("1980-02-29"), &found));
    ASSERT_CODE(record_open_by_code(t->a.d, t->mem, r.reference, code, S("1980-02-28"), &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_code(t->a.d, t->mem, r.reference, code, STR_NONE, &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_code(t->a.d, t->mem, r.reference, code_new(t->mem), S("1980-02-29"), &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_code(t->a.d, t->mem, r.reference, STR_NONE, S("1980-02-29"), &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_code(t->a.d, t->mem, S("BCDF-GHJK"), code, S("1980-02-29"), &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_code(t->twin.d, t->mem, r.reference, code, S("1980-02-29"), &found), E_NOT_FOUND);
    town_close(t);
}

static void a_token_opens_its_record_only(void **state)
{
    struct town *t = town_open(*state);
    struct hash32 h;
    str token = token_new(t->mem, &h);
    struct record mine = town_file_with(t, &t->a, (struct filing){.kind = t->a.permit, .doc = town_json(t, "{\"f1\":\"x\"}"), .token = token}), found;
    struct record other = town_file(t, &t->a, t->a.permit, "{\"f1\":\"y\"}", NULL, NULL);
    ASSERT_OK(record_open_by_token(t->a.d, t->mem, mine.reference, token, t->now_us, &found));
    assert_int_equal(found.id, mine.id);
    ASSERT_CODE(record_open_by_token(t->a.d, t->mem, other.reference, token, t->now_us, &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_token(t->a.d, t->mem, mine.reference, S("x"), t->now_us, &found), E_NOT_FOUND);
    ASSERT_CODE(record_open_by_token(t->twin.d, t->mem, mine.reference, token, t->now_us, &found), E_NOT_FOUND);
    town_close(t);
}

struct revise { struct town *t; struct record r; json_t *doc; };
static err revise_in_txn(db *w, void *arg)
{
    struct revise *x = arg;
    return record_revise(w, x->t->mem, x->t->a.permit, &x->r, x->doc, x->t->a.agent.account, x->t->now_us);
}

static void revising_keeps_what_was(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"grue\",\"f2\":\"n\"}", NULL, NULL);
    struct revise x = {t, r, town_json(t, "{\"f1\":\"pelle\",\"f2\":\"s\"}")}, late = x;
    late.doc = town_json(t, "{\"f1\":\"benne\"}");
    ASSERT_OK(db_txn(t->a.d, revise_in_txn, &x));
    assert_int_equal(x.r.version, r.version + 1);
    err e = db_txn(t->a.d, revise_in_txn, &late);
    assert_int_equal(e.code, E_CONFLICT);
    assert_non_null(e.at);
    struct record now = town_record(t, &t->a, r.id);
    ASSERT_STR(json_str(now.doc, "f1"), "pelle");
    struct event last;
    ASSERT_OK(journal_last(t->a.d, t->mem, r.id, &last));
    ASSERT_STR(last.asks, "{\"after\":{\"f1\":\"pelle\",\"f2\":\"s\"},\"before\":{\"f1\":\"grue\",\"f2\":\"n\"}}");
    struct hits hits;
    ASSERT_OK(search_run(t->a.d, t->mem, &t->a.agent, false, S("pelle"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 1);
    ASSERT_OK(search_run(t->a.d, t->mem, &t->a.agent, false, S("grue"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 0);
    /* The same answers again are no change. */
    int64_t version = x.r.version;
    ASSERT_OK(db_txn(t->a.d, revise_in_txn, &x));
    assert_int_equal(x.r.version, version);
    town_close(t);
}

static void only_public_unmasked_fields_leave(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f2\":\"Le voisin Durand\",\"f3\":[\"01HXEXAMPLE01\",\"01HXEXAMPLE02\"],\"f4\":true,\"f5\":\"+33600000000\"}", NULL, NULL);
    ASSERT_STR(json_canonical(t->mem, record_public_doc(t->mem, t->a.report, &r)), "{\"f1\":\"lamp\"}");     /* what `received` shows */
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", "{\"masks\":[\"f2\",\"01HXEXAMPLE02\"]}"));
    json_t *shown = record_public_doc(t->mem, t->a.report, &r);
    ASSERT_STR(json_canonical(t->mem, shown), "{\"f1\":\"lamp\",\"f3\":[\"01HXEXAMPLE01\"]}");
    assert_false(r.summary.n);
    struct hits hits;
    ASSERT_OK(search_run(t->a.d, t->mem, &WHO_NOBODY, true, S("durand"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 0);
    ASSERT_OK(search_run(t->a.d, t->mem, &t->a.agent, false, S("durand"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 1);
    town_close(t);
}

/* What the accept form offers: each public field, and each of its files; none of another record's. */
static void an_agent_masks_one_file_alone(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f3\":[\"01HXEXAMPLE01\",\"01HXEXAMPLE02\"],\"f4\":true}", NULL, NULL);
    struct fields asks = life_asks(t->mem, kind_transition(t->a.report, S("accept")), t->a.report, &r);
    struct strs ids = {0};
    assert_int_equal(asks.n, 1);
    for (size_t i = 0; i < asks.v[0].options.n; i++) PUSH(t->mem, &ids, asks.v[0].options.v[i].id);
    ASSERT_STR(str_join(t->mem, ids, S(" ")), "place f1 f2 f3 01HXEXAMPLE01 01HXEXAMPLE02");
    struct answers_env env = {0};
    struct answer_faults faults = {0};
    json_t *out;
    ASSERT_OK(answers_check_fields(&asks, t->mem, town_json(t, "{\"masks\":[\"01HXEXAMPLE02\"]}"), &env, &out, &faults));
    assert_int_equal(faults.n, 0);
    ASSERT_OK(answers_check_fields(&asks, t->mem, town_json(t, "{\"masks\":[\"01HXEXAMPLE03\"]}"), &env, &out, &faults));
    assert_int_equal(faults.n, 1);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", "{\"masks\":[\"01HXEXAMPLE01\",\"01HXEXAMPLE02\"]}"));
    ASSERT_STR(json_canonical(t->mem, record_public_doc(t->mem, t->a.report, &r)), "{\"f1\":\"lamp\"}");
    town_close(t);
}

static bool goes_so_often(void *left) { return (*(int *)left)-- > 0; }

static void projections_are_made_anew(void **state)
{
    struct town *t = town_open(*state);
    town_file(t, &t->a, t->a.permit, "{\"f1\":\"grue\",\"f2\":\"n\"}", NULL, NULL);
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f2\":\"Lampe cassée\"}", NULL, NULL);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    /* Told to end: before each projection, at each slice of a town's dossiers, before each town's counters. */
    for (int asked = 0; asked < 10; asked++)
        ASSERT_CODE(projections_bring_up(t->store->store, core_projections, true, &(struct going){goes_so_often, &(int){asked}}, NULL, NULL), E_BUSY);
    ASSERT_OK(projections_bring_up(t->store->store, core_projections, false, &(struct going){goes_so_often, &(int){10}}, NULL, NULL));
    struct hits hits;
    ASSERT_OK(search_run(t->a.d, t->mem, &WHO_NOBODY, true, S("lampe"), STR_NONE, 10, &hits));
    assert_int_equal(hits.n, 1);
    struct list_counts counts;
    ASSERT_OK(list_count(t->a.d, t->mem, &t->a.agent, &counts));
    assert_int_equal(counts.n, 2);
    struct list_filter f = {S("f2"), S("n")};
    struct list_page page;
    ASSERT_OK(list_run(t->a.d, t->mem, &(struct list_query){.who = &t->a.agent, .verb = VERB_LIST, .kind = S("permit"), .filters = {&f, 1}, .now_us = t->now_us}, &page));
    assert_int_equal(page.rows.n, 1);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(filing_writes_everything_once), STORE_TEST(the_receipt_says_what_the_law_wants), STORE_TEST(filings_do_not_read),
        STORE_TEST(a_taken_reference_is_replaced), STORE_TEST(follow_up_needs_all_three), STORE_TEST(a_token_opens_its_record_only),
        STORE_TEST(revising_keeps_what_was), STORE_TEST(only_public_unmasked_fields_leave), STORE_TEST(an_agent_masks_one_file_alone), STORE_TEST(projections_are_made_anew),
    };
    return STORE_RUN(tests);
}
