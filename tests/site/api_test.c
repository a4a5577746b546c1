/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The API of filings over HTTP, on both engines, with a twin town. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/json.h"
#include "site_testing.h"

static struct answer file_json(struct site *s, const char *slug, const char *json)
{
    return http_send(s->web, "POST", str_fmt(s->t->mem, "/api/v1/procedures/%s/records", slug).p, "application/json", str_of(json));
}

static json_t *json_of(struct site *s, const struct answer *a)
{
    json_t *j;
    if (json_parse(s->t->mem, a->body, &j).code != OK) fail_msg("%d %.*s", a->status, STR_ARG(a->body));
    return j;
}

/* "f1 answers.missing.text; contact.email field.email.bad" */
static const char *faults_of(struct site *s, const struct answer *a)
{
    struct strs lines = {0};
    const json_t *faults = json_object_get(json_of(s, a), "faults");
    for (size_t i = 0; i < json_array_size(faults); i++) {
        const json_t *f = json_array_get(faults, i);
        assert_true(json_str(f, "message").n > 10);
        PUSH(s->t->mem, &lines, str_fmt(s->t->mem, "%.*s %.*s", STR_ARG(json_str(f, "field")), STR_ARG(json_str(f, "code"))));
    }
    return str_z(s->t->mem, str_join(s->t->mem, lines, S("; ")));
}

static void a_contact_is_checked_as_the_page_does(void **state)
{
    static const struct { const char *json, *faults; } wrong[] = {
        {"{\"answers\":{\"f1\":\"x\"},\"contact\":{\"email\":\"notmail\",\"birth_date\":\"x\"}}", "contact.email field.email.bad; contact.birth_date filling.birth_date_bad"},
        {"{\"answers\":{},\"contact\":{\"email\":\"zoé@ex.test\",\"birth_date\":\"2025-02-29\"}}",
         "f1 answers.missing.text; contact.email field.email.accent; contact.birth_date filling.birth_date_bad"},
        {"{\"answers\":{\"f1\":\"x\"},\"contact\":{\"mail\":\"zoe@ex.test\",\"name\":3,\"email\":null}}",
         "contact.mail api.member_unknown; contact.name field.text.type; contact.email field.text.type"},
        {"{\"answers\":{\"f1\":\"x\"},\"contact\":{\"name\":\"a\\u0001b\"}}", "contact.name field.text.bytes"},
        {"{\"answers\":{\"f1\":\"x\"},\"contact\":[],\"answer\":{},\"kind\":1}", "contact api.contact; answer api.member_unknown; kind api.member_unknown"},
        {"{\"contact\":{\"email\":\"x\"}}", "answers api.answers_missing; contact.email field.email.bad"},
        {"{\"answers\":{\"f1\":\"x\"},\"contact\":null}", "contact api.contact"},
    };
    struct site *s = site_open(*state);
    struct town *t = s->t;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct answer a = file_json(s, "permit", wrong[i].json);
        assert_int_equal(a.status, 422);
        assert_string_equal(faults_of(s, &a), wrong[i].faults);
    }
    struct answer a = file_json(s, "permit", "{\"answers\":{\"f1\":\"x\"},\"contact\":{\"name\":\" Zoé  Petit \",\"email\":\" zoe@ex.test \",\"birth_date\":\"1980-02-29\"}}");
    assert_int_equal(a.status, 201);
    struct record r;
    struct contact c;
    ASSERT_OK(record_by_reference(t->a.d, t->mem, json_str(json_of(s, &a), "reference"), &r));
    ASSERT_OK(record_contact(t->a.d, t->mem, r.id, &c, NULL));
    ASSERT_STR(c.name, "Zoé Petit");
    ASSERT_STR(c.email, "zoe@ex.test");
    ASSERT_STR(c.birth_date, "1980-02-29");
    /* The page says the same of the same. */
    struct answer begun = http_post_form(s->web, "/demarches/permit/commencer", NULL);
    assert_int_equal(begun.status, 303);
    const char *mails[] = {"notmail", "zoé@ex.test", "a b@ex.test", "zoe@ex.test"};
    for (size_t i = 0; i < 4; i++) assert_int_equal(http_post_form(s->web, str_z(t->mem, begun.location), "email", mails[i], NULL).status, i < 3 ? 422 : 303);
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_contact_is_checked_as_the_page_does)};
    return STORE_RUN(tests);
}
