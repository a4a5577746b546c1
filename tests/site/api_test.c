/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The API of filings over HTTP, on both engines, with a twin town. */
#include <dirent.h>
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

static bool file_holds(const char *path, str word)
{
    FILE *f = fopen(path, "r");
    buf b = BUF(64U << 20);
    char block[65536];
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    if (f) fclose(f);
    bool holds = str_find(buf_str(&b), word) >= 0;
    buf_free(&b);
    return holds;
}

/* In the database, its journal of writes, the sealed files: how many hold it. PostgreSQL keeps its own elsewhere. */
static int files_holding(struct town *t, str word)
{
    int found = 0;
    DIR *dir = opendir(str_z(t->mem, t->store->dir));
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (e->d_type == DT_REG) found += file_holds(str_fmt(t->mem, "%.*s/%s", STR_ARG(t->store->dir), e->d_name).p, word);
    if (dir) closedir(dir);
    return found;
}

static struct answer file_keyed(struct site *s, const char *slug, const char *json, const char *key)
{
    if (key) browser_header(s->web, str_fmt(s->t->mem, "Idempotency-Key: %s", key).p);
    struct answer a = file_json(s, slug, json);
    browser_headers_clear(s->web);
    return a;
}

static void a_key_gives_the_same_answer_and_the_store_keeps_no_secret(void **state)
{
    static const char said[] = "{\"answers\":{\"f1\":\"Zibeline\"}}";
    struct site *s = site_open(*state);
    struct town *t = s->t;
    for (int with_key = 0; with_key < 2; with_key++) {
        const char *key = with_key ? "k 1" : NULL;
        struct answer first = file_keyed(s, "permit", said, key), again = file_keyed(s, "permit", said, key);
        assert_int_equal(first.status, 201);
        assert_int_equal(again.status, 201);
        assert_int_equal(str_eq(first.body, again.body) && str_eq(first.location, again.location), with_key);
        const json_t *j = json_of(s, &first);
        str reference = json_str(j, "reference"), code = json_str(j, "code"), token = json_str(j, "token");
        assert_true(code.n == 14 && token.n == 43);
        assert_true(str_eq(first.location, json_str(j, "url")));
        /* They open what was filed. */
        struct record r;
        ASSERT_OK(record_open_by_code(t->a.d, t->mem, reference, code, STR_NONE, &r));
        browser_header(s->web, str_fmt(t->mem, "Authorization: Bearer %.*s", STR_ARG(token)).p);
        assert_int_equal(http_get(s->web, str_z(t->mem, first.location)).status, 200);
        browser_headers_clear(s->web);
        if (str_is(t->store->engine, "sqlite")) {
            assert_true(files_holding(t, reference) > 0 && files_holding(t, S("Zibeline")) > 0);      /* looks where it should */
            assert_int_equal(files_holding(t, token) + files_holding(t, code), 0);
        }
    }
    assert_int_equal(file_keyed(s, "permit", "{\"answers\":{\"f1\":\"Autre\"}}", "k 1").status, 422);
    /* The same key elsewhere is another: of another procedure, of the twin. */
    struct answer mine = file_keyed(s, "permit", said, "k 1"), other = file_keyed(s, "tree", "{\"answers\":{\"g1\":\"x\"}}", "k 1");
    browser_host(s->web, "jumelle.test");
    struct answer twin = file_keyed(s, "permit", said, "k 1");
    assert_int_equal(other.status, 201);
    assert_int_equal(twin.status, 201);
    const struct answer *all[] = {&other, &twin};
    for (size_t i = 0; i < 2; i++)
        for (size_t m = 0; m < 3; m++) {
            static const char *const members[] = {"reference", "code", "token"};
            assert_false(str_eq(json_str(json_of(s, &mine), members[m]), json_str(json_of(s, all[i]), members[m])));
        }
    site_close(s);
}

static json_t *get_json(struct site *s, const char *path)
{
    struct answer a = http_get(s->web, path);
    assert_int_equal(a.status, 200);
    return json_of(s, &a);
}

static const char *slugs(struct site *s, const json_t *list)
{
    struct strs all = {0};
    for (size_t i = 0; i < json_array_size(list); i++) PUSH(s->t->mem, &all, json_str(json_array_get(list, i), "slug"));
    return str_z(s->t->mem, str_join(s->t->mem, all, S(" ")));
}

static str photo_sent(struct site *s)
{
    struct answer a = http_send(s->web, "POST", "/api/v1/files?name=photo.png", "image/png", S("\x89PNG\r\n\x1A\n"));
    assert_int_equal(a.status, 201);
    return json_str(json_of(s, &a), "id");
}

/* A report has no row in the table of the town's kinds, and is filed by machines as a procedure is. */
static void a_report_is_filed_like_a_procedure(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    json_t *list = get_json(s, "/api/v1/procedures");
    assert_string_equal(slugs(s, json_object_get(list, "procedures")), "tree permit report");
    assert_true(json_is_null(json_object_get(list, "next")));
    list = get_json(s, "/api/v1/procedures?after=2");
    assert_string_equal(slugs(s, json_object_get(list, "procedures")), "report");
    json_t *schema = json_object_get(get_json(s, "/api/v1/procedures/report"), "schema"), *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *p;
    json_object_foreach(properties, key, p) assert_true(json_array_size(json_object_get(p, "examples")) > 0);
    assert_string_equal(json_string_value(json_array_get(json_object_get(schema, "required"), 0)), "place");
    assert_true(str_find(json_text(json_path(properties, "f3.description")), S("POST /api/v1/files")) > 0);
    /* What the schema gives as an example is taken, with a photo sent before. */
    json_t *answers = json_deep_copy(json_array_get(json_object_get(schema, "examples"), 0));
    json_object_set_new(answers, "f1", json_string("road"));
    json_object_set_new(answers, "f2", json_string("Zibeline"));
    json_object_set_new(answers, "f3", json_pack("[s]", str_z(t->mem, photo_sent(s))));
    json_t *body = json_own(t->mem, json_pack("{s:o}", "answers", answers));
    struct answer a = file_json(s, "report", str_z(t->mem, json_pretty(t->mem, body)));
    if (a.status != 201) fail_msg("%d %.*s", a.status, STR_ARG(a.body));
    const json_t *said = json_of(s, &a);
    browser_header(s->web, str_fmt(t->mem, "Authorization: Bearer %.*s", STR_ARG(json_str(said, "token"))).p);
    ASSERT_STR(json_str(get_json(s, str_z(t->mem, a.location)), "kind"), "report");
    browser_headers_clear(s->web);
    /* The same desk, map and public page as any report: the text waits for an agent. */
    struct record r;
    ASSERT_OK(record_by_reference(t->a.d, t->mem, json_str(said, "reference"), &r));
    ASSERT_STR(r.channel, "api");
    assert_int_equal(r.body, t->a.town);
    const char *page = str_fmt(t->mem, "/signaler/%.*s", STR_ARG(r.reference)).p;
    assert_true(str_find(http_get(s->web, page).body, S("Zibeline")) < 0);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    assert_true(str_find(http_get(s->web, page).body, S("Zibeline")) > 0);
    struct answer wrong = file_json(s, "report", "{\"answers\":{\"f1\":\"nothing\",\"place\":{\"lat\":48}}}");
    assert_int_equal(wrong.status, 422);
    assert_string_equal(faults_of(s, &wrong), "place field.place.half; f1 field.choice.unknown");
    /* A life-cycle asks nothing, and what the API files is no page of the procedures. */
    const char *none[] = {"/api/v1/procedures/procedure", "/api/v1/procedures/rien", "/demarches/report"};
    for (size_t i = 0; i < 3; i++) assert_int_equal(http_get(s->web, none[i]).status, 404);
    site_close(s);
}

/* The team that a body names for reports gets those of the API too. */
static void a_report_goes_to_the_body_that_takes_it(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct body b = *tenant_body(&t->a.tenant, t->a.suburb);
    b.settings = json_own(t->mem, json_deep_copy(b.settings));
    json_object_set_new(b.settings, "teams", json_pack("{s:I}", "report", (json_int_t)t->a.team));
    ASSERT_OK(body_save(t->a.d, &b));
    tenants_changed(s->app.tenants);
    struct answer a = file_json(s, "report", "{\"answers\":{\"f1\":\"road\",\"place\":{\"address\":\"1 rue du Pont\"}}}");
    assert_int_equal(a.status, 201);
    struct record r;
    ASSERT_OK(record_by_reference(t->a.d, t->mem, json_str(json_of(s, &a), "reference"), &r));
    assert_int_equal(r.body, t->a.suburb);
    assert_int_equal(r.team, t->a.team);
    site_close(s);
}

static void the_description_says_every_answer_of_a_filing(void **state)
{
    static const char *const statuses[] = {"201", "400", "403", "404", "413", "415", "422", "429", "503"};
    struct site *s = site_open(*state);
    json_t *doc = get_json(s, "/api/v1/openapi.json"), *filing = json_object_get(json_object_get(json_object_get(doc, "paths"), "/api/v1/procedures/{slug}/records"), "post");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) assert_true(json_is_object(json_object_get(json_object_get(filing, "responses"), statuses[i])));
    assert_true(json_is_false(json_path(doc, "components.schemas.Filing.additionalProperties")));
    assert_true(json_is_false(json_path(doc, "components.schemas.Filing.properties.contact.additionalProperties")));
    assert_true(str_find(json_text(json_path(doc, "components.schemas.Filing.properties.answers.description")), S("POST /api/v1/files")) > 0);
    assert_int_equal(http_send(s->web, "POST", "/api/v1/procedures/permit/records", "text/csv", S("a,b")).status, 415);
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_contact_is_checked_as_the_page_does), STORE_TEST(a_key_gives_the_same_answer_and_the_store_keeps_no_secret),
        STORE_TEST(a_report_is_filed_like_a_procedure), STORE_TEST(a_report_goes_to_the_body_that_takes_it), STORE_TEST(the_description_says_every_answer_of_a_filing)};
    return STORE_RUN(tests);
}
