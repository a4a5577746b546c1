/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A form filled in over days, on two devices, on a shared computer: nothing typed is lost, nothing stays when it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/files.h"
#include "core/journal.h"
#include "core/retention.h"
#include "core/testing.h"
#include "formats/json.h"

static struct draft start(struct town *t, struct side *s, int64_t account, struct draft_secret *secret)
{
    struct draft d;
    ASSERT_OK(draft_start(s->d, t->mem, s->permit, s->town, account, S("web"), t->now_us, &d, secret));
    return d;
}

static int64_t save(struct town *t, int64_t id, const char *path, const char *value)
{
    int64_t version = 0;
    json_t *v = value ? json_own(t->mem, json_string(value)) : NULL;
    ASSERT_OK(draft_save_value(t->a.d, t->mem, t->a.permit, id, str_of(path), v, t->now_us, &version));
    return version;
}

static void two_tabs_do_not_undo_one_another(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret;
    struct draft d = start(t, &t->a, 0, &secret);
    int64_t version = d.version;
    save(t, d.id, "f1", "Échafaudage");
    save(t, d.id, "f2", "n");
    save(t, d.id, "f2", NULL);
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    ASSERT_STR(json_canonical(t->mem, d.doc), "{\"f1\":\"Échafaudage\"}");
    assert_int_equal(d.version, version + 3);
    /* A whole page written over something newer is refused, and nothing is written. */
    ASSERT_CODE(draft_save(t->a.d, d.id, town_json(t, "{\"f1\":\"old\"}"), version, 2, t->now_us, &version), E_CONFLICT);
    ASSERT_OK(draft_save(t->a.d, d.id, town_json(t, "{\"f1\":\"new\"}"), d.version, 2, t->now_us, &version));
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    ASSERT_STR(json_str(d.doc, "f1"), "new");
    assert_int_equal(d.page_reached, 2);
    town_close(t);
}

static void a_draft_is_resumed_by_code_or_token(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret, twin;
    struct draft d = start(t, &t->a, 0, &secret), found;
    start(t, &t->twin, 0, &twin);
    assert_int_equal(secret.code.n, 14);
    ASSERT_OK(draft_by_code(t->a.d, t->mem, d.reference, secret.code, STR_NONE, &found));
    assert_int_equal(found.id, d.id);
    ASSERT_CODE(draft_by_code(t->a.d, t->mem, d.reference, twin.code, STR_NONE, &found), E_NOT_FOUND);
    ASSERT_CODE(draft_by_code(t->twin.d, t->mem, d.reference, secret.code, STR_NONE, &found), E_NOT_FOUND);
    ASSERT_OK(draft_contact(t->a.d, d.id, &(struct contact){S("Zoé"), S("zoé@ex.test"), STR_NONE}));
    ASSERT_CODE(draft_by_code(t->a.d, t->mem, d.reference, secret.code, STR_NONE, &found), E_NOT_FOUND);
    ASSERT_OK(draft_by_code(t->a.d, t->mem, d.reference, secret.code, S("ZOE@ex.test"), &found));
    ASSERT_OK(draft_holds(t->a.d, d.id, secret.token));
    ASSERT_CODE(draft_holds(t->a.d, d.id, twin.token), E_NOT_FOUND);
    ASSERT_CODE(draft_holds(t->twin.d, d.id, secret.token), E_NOT_FOUND);
    str other;
    ASSERT_OK(draft_token_new(t->a.d, t->mem, d.id, &other));
    ASSERT_OK(draft_holds(t->a.d, d.id, other));
    ASSERT_OK(draft_token_end(t->a.d, d.id, other));
    ASSERT_CODE(draft_holds(t->a.d, d.id, other), E_NOT_FOUND);
    ASSERT_OK(draft_holds(t->a.d, d.id, secret.token));
    town_close(t);
}

static void filing_takes_the_draft_once(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret;
    struct draft d = start(t, &t->a, 0, &secret);
    save(t, d.id, "f1", "grue");
    ASSERT_OK(draft_contact(t->a.d, d.id, &(struct contact){S("Zoé"), S("zoe@ex.test"), STR_NONE}));
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    struct filing f = {.kind = t->a.permit, .tenant = &t->a.tenant, .doc = d.doc, .draft_version = d.version, .now_us = t->now_us};
    struct record r, again_r, found;
    bool again;
    save(t, d.id, "f1", "pelle");
    ASSERT_CODE(draft_file(t->a.d, t->mem, d.id, &f, &r, &again), E_CONFLICT);
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    f.doc = d.doc;
    f.draft_version = d.version;
    ASSERT_OK(draft_file(t->a.d, t->mem, d.id, &f, &r, &again));
    assert_false(again);
    assert_int_equal(r.id, d.id);
    assert_true(str_eq(r.reference, d.reference));
    assert_int_equal(r.body, t->a.town);
    ASSERT_OK(draft_file(t->a.d, t->mem, d.id, &f, &again_r, &again));
    assert_true(again);
    assert_true(str_eq(again_r.reference, r.reference));
    ASSERT_CODE(draft_get(t->a.d, t->mem, d.id, &d), E_NOT_FOUND);
    int64_t version;
    ASSERT_CODE(draft_save_value(t->a.d, t->mem, t->a.permit, r.id, S("f1"), json_own(t->mem, json_string("late")), t->now_us, &version), E_GONE);
    ASSERT_OK(record_open_by_code(t->a.d, t->mem, r.reference, secret.code, S("zoe@ex.test"), &found));
    ASSERT_OK(draft_holds(t->a.d, r.id, secret.token));
    assert_int_equal(town_mails(t, &t->a, r.id, "zoe@ex.test"), 1);
    town_close(t);
}

static void quitting_erases(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret;
    struct draft d = start(t, &t->a, 0, &secret), found;
    int64_t file;
    struct files files;
    ASSERT_OK(file_part_add(t->a.d, t->mem, d.id, S("f9"), S("photo.jpg"), S("image/jpeg"), 10, S("part"), &file));
    ASSERT_OK(draft_erase(t->a.d, t->mem, d.id));
    ASSERT_CODE(draft_get(t->a.d, t->mem, d.id, &found), E_NOT_FOUND);
    ASSERT_CODE(draft_by_code(t->a.d, t->mem, d.reference, secret.code, STR_NONE, &found), E_NOT_FOUND);
    ASSERT_CODE(draft_holds(t->a.d, d.id, secret.token), E_NOT_FOUND);
    ASSERT_OK(files_of(t->a.d, t->mem, d.id, &files));
    assert_int_equal(files.n, 0);
    bool again;
    struct record r;
    struct filing f = {.kind = t->a.permit, .tenant = &t->a.tenant, .now_us = t->now_us};
    ASSERT_CODE(draft_file(t->a.d, t->mem, d.id, &f, &r, &again), E_GONE);
    ASSERT_OK(draft_erase(t->a.d, t->mem, d.id));
    town_close(t);
}

static void a_draft_is_of_one_account(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret;
    struct draft d = start(t, &t->a, 0, &secret);
    struct drafts mine;
    ASSERT_OK(draft_take(t->a.d, d.id, t->a.citizen));
    ASSERT_OK(draft_take(t->a.d, d.id, t->a.citizen));
    ASSERT_CODE(draft_take(t->a.d, d.id, t->a.agent.account), E_CONFLICT);
    ASSERT_OK(drafts_of(t->a.d, t->mem, t->a.citizen, &mine));
    assert_int_equal(mine.n, 1);
    ASSERT_OK(drafts_of(t->twin.d, t->mem, t->a.citizen, &mine));
    assert_int_equal(mine.n, 0);
    ASSERT_OK(drafts_of(t->a.d, t->mem, 0, &mine));
    assert_int_equal(mine.n, 0);
    town_close(t);
}

static void a_draft_expires_after_a_warning(void **state)
{
    struct town *t = town_open(*state);
    struct draft_secret secret;
    struct draft d = start(t, &t->a, 0, &secret), kept = start(t, &t->a, 0, &secret);
    int64_t n = 0, version;
    ASSERT_OK(draft_contact(t->a.d, d.id, &(struct contact){S("Zoé"), S("zoe@ex.test"), STR_NONE}));
    assert_int_equal((d.expires_us - t->now_us) / DAY_US, 90);
    town_pass(t, 85 * DAY_US);
    ASSERT_OK(draft_save_value(t->a.d, t->mem, t->a.permit, kept.id, S("f1"), json_own(t->mem, json_string("x")), t->now_us, &version));
    ASSERT_OK(retention_warn(t->a.d, t->mem, &t->a.tenant, t->kinds, t->now_us, &n));
    ASSERT_OK(retention_warn(t->a.d, t->mem, &t->a.tenant, t->kinds, t->now_us, &n));
    assert_int_equal(town_mails(t, &t->a, d.id, "zoe@ex.test"), 1);
    assert_int_equal(town_mails(t, &t->a, kept.id, NULL), 0);
    ASSERT_OK(draft_expire(t->a.d, t->mem, t->now_us, &n));
    assert_int_equal(n, 0);
    town_pass(t, 6 * DAY_US);
    ASSERT_OK(draft_expire(t->a.d, t->mem, t->now_us, &n));
    assert_int_equal(n, 1);
    ASSERT_CODE(draft_get(t->a.d, t->mem, d.id, &d), E_NOT_FOUND);
    ASSERT_OK(draft_get(t->a.d, t->mem, kept.id, &d));
    town_close(t);
}

static void a_correction_keeps_annotations(void **state)
{
    struct town *t = town_open(*state);
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"grue\",\"f4\":\"secret\"}", "Zoé", "zoe@ex.test");
    struct draft d, same;
    const struct who *zoe = town_holder(t, r.id);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", "{\"correction_kind\":\"remark\",\"message\":\"Précisez\",\"due_date\":\"2026-12-01\"}"));
    ASSERT_OK(draft_correction(t->a.d, t->mem, t->a.permit, &r, t->now_us, &d));
    assert_int_equal(d.id, r.id);
    assert_int_equal(d.record, r.id);
    ASSERT_STR(json_canonical(t->mem, d.doc), "{\"f1\":\"grue\"}");
    save(t, d.id, "f1", "grue de 30 m");
    ASSERT_OK(draft_correction(t->a.d, t->mem, t->a.permit, &r, t->now_us, &same));
    ASSERT_STR(json_str(same.doc, "f1"), "grue de 30 m");
    struct act a = {.who = zoe, .kind = t->a.permit, .tenant = &t->a.tenant, .transition = S("correct"), .now_us = t->now_us};
    ASSERT_OK(draft_correct(t->a.d, t->mem, d.id, NULL, &a, &r));
    ASSERT_STR(r.state, "examining");
    struct record now = town_record(t, &t->a, r.id);
    ASSERT_STR(json_canonical(t->mem, now.doc), "{\"f1\":\"grue de 30 m\",\"f4\":\"secret\"}");
    struct events e;
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, true, &e));
    ASSERT_STR(e.v[e.n - 1].actor_name, "Zoé");
    ASSERT_CODE(draft_get(t->a.d, t->mem, d.id, &d), E_NOT_FOUND);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(two_tabs_do_not_undo_one_another), STORE_TEST(a_draft_is_resumed_by_code_or_token), STORE_TEST(filing_takes_the_draft_once),
        STORE_TEST(quitting_erases), STORE_TEST(a_draft_is_of_one_account), STORE_TEST(a_draft_expires_after_a_warning),
        STORE_TEST(a_correction_keeps_annotations),
    };
    return STORE_RUN(tests);
}
