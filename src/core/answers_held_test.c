/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Documents made under another revision of their kind: what a field's present type or options cannot hold is as if never given. */
#include "base/test.h"

#include <string.h>

#include "base/hash.h"
#include "core/answers.h"
#include "core/field_types.h"
#include "core/form_testing.h"
#include "core/list.h"
#include "core/projection.h"
#include "core/testing.h"
#include "core/value_list.h"

#define FILE_1 "01HXEXAMPLE00"
#define FILE_2 "01HXEXAMPLE01"

/* ---- each type, what was stored, what it still says */

static const struct { const char *field, *stored, *held; } table[] = {
    {"type: text", "12", "{}"}, {"type: text", "[\"x\"]", "{}"}, {"type: text", "{\"other\":\"x\"}", "{}"}, {"type: text", "true", "{}"},
    {"type: text, max_length: 3", "\"quatre\"", NULL},          /* too long today: checking says so, the words are not lost */
    {"type: textarea", "\"a\"", NULL}, {"type: textarea", "null", "{}"},
    {"type: phone", "\"bonjour\"", "{}"}, {"type: phone", "\"+33612345678\"", NULL}, {"type: email", "\"bonjour\"", "{}"}, {"type: email", "\"a@b.fr\"", NULL},
    {"type: siret", "\"bonjour\"", "{}"}, {"type: iban", "12", "{}"}, {"type: commune", "\"Golbey\"", NULL},
    {"type: integer", "12.5", "{}"}, {"type: integer", "12", NULL}, {"type: integer", "\"12\"", "{}"}, {"type: integer, max: 3", "12", NULL},
    {"type: integer", "1e300", "{}"}, {"type: decimal", "12.5", NULL}, {"type: decimal", "\"a\"", "{}"}, {"type: number", "false", "{}"},
    {"type: yesno", "false", NULL}, {"type: yesno", "\"oui\"", "{}"}, {"type: checkbox", "false", "{}"}, {"type: checkbox", "true", NULL},
    {"type: date", "\"bonjour\"", "{}"}, {"type: date", "\"2026-11-23\"", NULL}, {"type: date", "\"2026-11-23T14:30\"", "{}"}, {"type: date, past: true", "\"2090-01-01\"", NULL},
    {"type: datetime", "\"2026-11-23\"", "{}"}, {"type: datetime", "\"2026-11-23T14:30\"", NULL},
    {"type: choice, options: {x: Rouge}", "\"x\"", NULL}, {"type: choice, options: {x: Rouge}", "\"q\"", "{}"}, {"type: choice, options: {x: Rouge}", "[\"x\"]", "{}"},
    {"type: choice, options: {x: Rouge}", "{\"other\":\"Bleu\"}", "{}"}, {"type: choice, other: true, options: {x: Rouge}", "{\"other\":\"Bleu\"}", NULL},
    {"type: choice, options: [{id: x, label: Rouge, retired: true}]", "\"x\"", NULL}, {"type: choice, list: rues", "\"r1\"", NULL}, {"type: choice, list: rues", "3", "{}"},
    {"type: linked_choice, options: [{id: x, label: Golbey, group: Vosges}]", "\"x\"", NULL}, {"type: linked_choice, options: [{id: x, label: Golbey, group: Vosges}]", "\"y\"", "{}"},
    {"type: choices, options: {x: Rouge, y: Vert}", "[\"x\",\"q\",\"y\"]", "{\"a\":[\"x\",\"y\"]}"}, {"type: choices, options: {x: Rouge}", "[\"q\",3]", "{}"},
    {"type: choices, options: {x: Rouge}", "\"x\"", "{}"}, {"type: civility", "\"bonjour\"", "{}"}, {"type: civility", "\"mme\"", NULL},
    {"type: file", "[\"" FILE_1 "\"]", NULL}, {"type: file", "[\"x\",\"" FILE_1 "\"]", "{\"a\":[\"" FILE_1 "\"]}"}, {"type: file", "\"x\"", "{}"}, {"type: file", "[{\"_id\":\"r1\"}]", "{}"},
    {"type: address", "{\"street\":\"1 rue A\",\"postcode\":\"88000\",\"commune\":\"Golbey\"}", NULL}, {"type: address", "{\"lat\":48.1,\"lon\":6.4}", "{}"},
    {"type: address", "{\"other\":\"x\"}", "{}"}, {"type: address", "\"1 rue A\"", "{}"},
    {"type: place", "{\"lat\":48.1,\"lon\":6.4}", NULL}, {"type: place", "{\"address\":\"1 rue A\"}", NULL}, {"type: place", "{\"lat\":48.1,\"lon\":6.4,\"located\":true,\"address\":\"1 rue A\"}", NULL},
    {"type: place", "{\"street\":\"1 rue A\"}", "{}"}, {"type: place", "\"48.1, 6.4\"", "{}"}, {"type: place", "{\"lat\":\"48\",\"lon\":6.4}", "{}"},
    {"type: repeat, fields: [{id: b, type: integer, label: B}]", "[{\"_id\":\"r1\",\"b\":3}]", NULL},
    {"type: repeat, fields: [{id: b, type: integer, label: B}]", "[{\"_id\":\"r1\",\"b\":\"x\"}]", "{\"a\":[{\"_id\":\"r1\"}]}"},
    {"type: repeat, fields: [{id: b, type: integer, label: B}]", "[\"" FILE_1 "\"]", "{}"}, {"type: repeat, fields: [{id: b, type: integer, label: B}]", "\"x\"", "{}"},
    {"type: note", "\"x\"", "{}"}, {"type: heading", "3", "{}"},
};

static void a_value_of_another_type_is_not_filled(void **state)
{
    arena *mem = *state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct kind *k = kind_from(mem, str_fmt(mem, HEAD "- {id: a, label: A, %s}\n", table[i].field));
        json_t *doc = json_of(mem, str_fmt(mem, "{\"a\":%s}", table[i].stored).p);
        str got = json_canonical(mem, answers_held(mem, k, doc)), expected = table[i].held ? str_of(table[i].held) : json_canonical(mem, doc);
        if (!str_eq(got, expected)) fail_msg("%s %s: %.*s", table[i].field, table[i].stored, STR_ARG(got));
    }
}

/* ---- every type read as every other: by all who read documents */

static const char *const other_fields[] = {"type: choice, options: {x: Rouge}", "type: choices, options: {x: Rouge}", "type: linked_choice, options: [{id: x, label: G, group: V}]",
                                           "type: repeat, fields: [{id: b, type: text, label: B, required: true}]", "type: choice, list: rues", "type: choice, other: true, options: {x: Rouge}"};

static struct strs nothing_typed(void *arg, arena *mem, str name)
{
    struct strs out = {0};
    if (str_is(name, "_row_add") || str_is(name, "_seen")) PUSH(mem, &out, S("a"));
    return out;
}

static void all_read(arena *mem, const struct kind *k, const json_t *doc, const char *what)
{
    struct answers_env env = {.zone = S("Europe/Paris"), .now_us = INT64_C(1795000000) * SECOND_US};
    struct answer_faults faults = {0};
    struct form_pages pages = kind_pages(mem, k);
    json_t *out;
    bool filled = answer_in(mem, doc, &k->fields.v[0]) != NULL;
    buf b = BUF(1 << 20);
    struct form_draw d = {.out = &b, .mem = mem, .env = &env, .kind = k, .doc = doc, .base_url = S("/x")};
    form_draw_page(&d, &pages.v[0]);
    if (!filled && str_find(buf_str(&b), S("STORED")) >= 0) fail_msg("%s: drawn", what);
    buf_free(&b);
    struct answer_lines lines = answers_lines(mem, k, doc, &env, false, true);
    for (size_t i = 0; !filled && i < lines.n; i++)
        if (lines.v[i].text.n || lines.v[i].file_ids.n) fail_msg("%s: shown as %.*s", what, STR_ARG(lines.v[i].text));
    assert_ok(answers_check(k, mem, doc, &env, true, &out, &faults));
    if (!filled && (faults.n || json_object_size(out))) fail_msg("%s: %s", what, faults.n ? faults.v[0].msg : "checked as filled");
    assert_ok(answers_read(k, &pages.v[0], mem, doc, nothing_typed, NULL, &env, false, &out, &faults));
    assert_ok(answers_put(k, mem, doc, k->fields.v[0].children.n ? S("a/r7/b") : S("a"), json_true(), &out));
}

static json_t *value_for(arena *mem, const char *field, const struct answers_env *env)
{
    struct kind *k = kind_from(mem, str_fmt(mem, HEAD "- {id: a, label: A, %s}\n", field));
    const struct field *f = &k->fields.v[0];
    if (f->children.n) return json_of(mem, "[{\"_id\":\"r1\",\"b\":\"STORED\"}]");
    if (f->list.n) return json_own(mem, json_string("STORED"));
    if (f->other) return json_of(mem, "{\"other\":\"STORED\"}");
    if (f->type->check == check_text || f->type->check == check_textarea) return json_own(mem, json_string("STORED"));
    json_t *schema = f->type->schema ? json_own(mem, f->type->schema(f, mem, env)) : NULL;
    return json_array_get(json_object_get(schema, "examples"), 0);
}

static void any_type_may_become_any_other(void **state)
{
    arena *mem = *state;
    struct answers_env env = {0};
    struct strs all = {0};
    for (const struct field_type *t = field_types; t->name; t++)
        if (!t->has_options && strcmp(t->name, "repeat") != 0) PUSH(mem, &all, str_fmt(mem, "type: %s", t->name));
    for (size_t i = 0; i < sizeof other_fields / sizeof *other_fields; i++) PUSH(mem, &all, str_of(other_fields[i]));
    size_t kept = 0;
    for (size_t was = 0; was < all.n; was++) {
        json_t *value = value_for(mem, all.v[was].p, &env);
        if (!value) continue;
        arena *one = arena_new(0);
        json_t *doc = json_own(one, json_object());
        json_object_set(doc, "a", value);
        for (size_t is = 0; is < all.n; is++) {
            struct kind *k = kind_from(one, str_fmt(one, HEAD "- {id: a, label: A, %.*s}\n- {id: z, type: text, label: Z}\n", STR_ARG(all.v[is])));
            all_read(one, k, doc, str_fmt(one, "%.*s as %.*s", STR_ARG(all.v[was]), STR_ARG(all.v[is])).p);
            if (was != is) continue;
            assert_true(json_equal(answers_held(one, k, doc), doc));
            kept++;
        }
        arena_free(one);
    }
    assert_true(kept > 30);
}

static void conditions_read_nothing_there(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, S(HEAD "- {id: a, type: integer, label: A}\n- {id: c, type: choices, label: C, options: {x: X1}}\n"
                                          "- {id: b, type: text, label: B, when: a < 3}\n- {id: d, type: text, label: D, when: \"c = 'x'\"}\n"));
    const json_t *doc = json_of(mem, "{\"a\":\"2\",\"c\":\"x\",\"b\":\"B\",\"d\":\"D\"}");
    assert_false(answers_shown(mem, k, &k->fields.v[2], doc, NULL, &(struct answers_env){0}));
    assert_false(answers_shown(mem, k, &k->fields.v[3], doc, NULL, &(struct answers_env){0}));
    assert_true(answers_shown(mem, k, &k->fields.v[2], json_of(mem, "{\"a\":2}"), NULL, &(struct answers_env){0}));
}

/* What today's kinds hold is held whole: shipped, and the demonstration's. */
static void values_of_the_kinds_themselves_stay(void **state)
{
    arena *mem = *state;
    struct answers_env env = {0};
    size_t values = 0;
    for (const char *const *name = kind_names_shipped; *name; name++) {
        json_t *definition, *doc = json_own(mem, json_object());
        struct kind *k;
        assert_ok(json_parse(mem, str_of(kind_yaml_shipped(*name)), &definition));
        assert_ok(kind_parse_any(mem, definition, &k));
        for (size_t i = 0; i < k->fields.n; i++) {
            const struct field *f = &k->fields.v[i];
            json_t *schema = f->type->schema ? json_own(mem, f->type->schema(f, mem, &env)) : NULL, *normal = NULL;
            json_t *given = f->list.n && f->type->has_options ? json_own(mem, json_string("x")) : json_array_get(json_object_get(schema, "examples"), 0);
            str arg = STR_NONE;
            if (!given) continue;
            const char *msg = f->type->check(f, mem, given, &env, &normal, &arg);
            if (msg || !normal) fail_msg("%s.%.*s: %s", *name, STR_ARG(f->name), msg ? msg : "no example");
            json_object_setn(doc, f->id.p, f->id.n, normal);
            values++;
        }
        str held = json_canonical(mem, answers_held(mem, k, doc));
        if (!str_eq(held, json_canonical(mem, doc))) fail_msg("%s: %.*s", *name, STR_ARG(held));
    }
    assert_in_range(values, 20, 1000);
}

/* ---- in a store: a draft moved to the newest revision, a record of an older one */

#define DEFINITION(f1_, f2_, f3_)                                                                                                     \
    "{\"kind\":\"fete\",\"base\":\"procedure\",\"title\":\"Fête\",\"fields\":["                                                      \
    "{\"id\":\"f1\",\"name\":\"un\",\"label\":\"Un\",\"public\":true,\"filter\":true," f1_ "},{\"id\":\"f2\",\"name\":\"deux\",\"label\":\"Deux\",\"filter\":true,\"public\":true," f2_ \
    "},{\"id\":\"f3\",\"name\":\"trois\",\"label\":\"Trois\"," f3_ "}]}"
#define OPTIONS "\"options\":[{\"id\":\"x\",\"label\":\"Rouge\"},{\"id\":\"y\",\"label\":\"Vert\"}]"

static const struct kind *published(struct town *t, const char *definition, bool first)
{
    const struct kind *k;
    struct kind_row row;
    int64_t revision;
    if (first) ASSERT_OK(kind_create(t->a.d, S("procedures"), S("fete"), t->a.town, t->a.team, town_json(t, definition), 1, t->mem, &row));
    else ASSERT_OK(kind_draft_save(t->a.d, t->mem, S("fete"), town_json(t, definition), 1, 0, &revision));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("fete"), 1));
    ASSERT_OK(kinds_get(t->kinds, t->a.d, S("fete"), 0, &k));
    return k;
}

static void a_draft_survives_a_change_of_types(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *k = published(t, DEFINITION("\"type\":\"text\"", "\"type\":\"choices\"," OPTIONS, "\"type\":\"choice\"," OPTIONS), true);
    struct draft d;
    struct draft_secret secret;
    int64_t version;
    ASSERT_OK(draft_start(t->a.d, t->mem, k, t->a.town, 0, S("web"), t->now_us, &d, &secret));
    ASSERT_OK(draft_save(t->a.d, d.id, town_json(t, "{\"f1\":\"Bal\",\"f2\":[\"x\",\"y\"],\"f3\":\"x\"}"), d.version, 0, t->now_us, &version));
    k = published(t, DEFINITION("\"type\":\"date\"", "\"type\":\"integer\"", "\"type\":\"repeat\",\"fields\":[{\"id\":\"f4\",\"name\":\"quatre\",\"type\":\"text\",\"label\":\"Quatre\"}]"), false);
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    assert_int_equal(d.revision, k->revision);
    struct answers_env env = {.zone = S("Europe/Paris"), .now_us = t->now_us};
    struct answer_faults faults = {0};
    json_t *doc;
    ASSERT_OK(draft_save_value(t->a.d, t->mem, k, d.id, S("f3/r1/f4"), json_own(t->mem, json_string("Quatre")), t->now_us, &version));
    ASSERT_OK(draft_get(t->a.d, t->mem, d.id, &d));
    ASSERT_OK(answers_check(k, t->mem, d.doc, &env, true, &doc, &faults));
    assert_int_equal(faults.n, 0);
    ASSERT_STR(json_canonical(t->mem, doc), "{\"f3\":[{\"_id\":\"r1\",\"f4\":\"Quatre\"}]}");
    struct record r;
    bool again;
    struct filing f = {.tenant = &t->a.tenant, .kind = k, .doc = doc, .draft_version = d.version, .now_us = t->now_us};
    ASSERT_OK(draft_file(t->a.d, t->mem, d.id, &f, &r, &again));
    ASSERT_STR(json_canonical(t->mem, r.doc), "{\"f3\":[{\"_id\":\"r1\",\"f4\":\"Quatre\"}]}");
    town_close(t);
}

struct project { arena *mem; const struct kind *k; const struct record *r; };

static err project_in_txn(db *w, void *arg)
{
    struct project *p = arg;
    return record_project(w, p->mem, p->k, p->r);
}

/* A kind compiled in has no revisions: after an upgrade, the records there are of the kind as it was. */
static void a_record_is_read_with_a_later_kind(void **state)
{
    struct town *t = town_open(*state);
    const struct kind *was = published(t, DEFINITION("\"type\":\"text\"", "\"type\":\"choice\"," OPTIONS, "\"type\":\"text\""), true);
    struct record r = town_file(t, &t->a, was, "{\"f1\":\"Bal\",\"f2\":\"x\",\"f3\":\"Trois\"}", NULL, NULL);
    const struct kind *is = published(t, DEFINITION("\"type\":\"integer\"", "\"type\":\"choices\"," OPTIONS, "\"type\":\"file\""), false);
    r.published_us = t->now_us;
    struct kind open = *is;                                     /* its initial state made public, to see the projection */
    struct state *states = NEW_N(t->mem, struct state, is->states.n);
    memcpy(states, is->states.v, is->states.n * sizeof *states);
    for (size_t i = 0; i < is->states.n; i++) states[i].is_public = true;
    open.states.v = states;
    ASSERT_STR(json_canonical(t->mem, record_public_doc(t->mem, &open, &r)), "{}");
    struct kind before = *was;
    before.states.v = states;
    ASSERT_STR(json_canonical(t->mem, record_public_doc(t->mem, &before, &r)), "{\"f1\":\"Bal\",\"f2\":\"x\"}");
    struct list_page page;
    struct list_filter filter = {S("f2"), S("x")};
    struct list_query q = {.who = &t->a.agent, .verb = VERB_LIST, .kind = S("fete"), .filters = {&filter, 1}, .now_us = t->now_us};
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &page));
    assert_int_equal(page.rows.n, 1);
    ASSERT_OK(db_txn(t->a.d, project_in_txn, &(struct project){t->mem, is, &r}));
    page = (struct list_page){0};
    ASSERT_OK(list_run(t->a.d, t->mem, &q, &page));
    assert_int_equal(page.rows.n, 0);
    town_close(t);
}

/* A choice once among its own options, now in a list of the tenant: what the list never had is neither shown nor kept. */
static void a_list_takes_the_place_of_options(void **state)
{
    struct town *t = town_open(*state);
    struct list_entries entries = {0};
    for (int i = 0; i < 3000; i++) PUSH(t->mem, &entries, (struct list_entry){str_fmt(t->mem, "r%d", i), str_fmt(t->mem, "Rue %d", i), STR_NONE});
    ASSERT_OK(list_put(t->a.d, t->mem, S("rues"), S("Rues"), &entries, NULL));
    const struct kind *k = published(t, DEFINITION("\"type\":\"choice\",\"list\":\"rues\",\"required\":true", "\"type\":\"choices\",\"list\":\"rues\"", "\"type\":\"text\""), true);
    struct answers_env env = {.zone = S("Europe/Paris"), .now_us = t->now_us};
    struct list_world world = {.d = t->a.d, .tenant = &t->a.tenant};
    struct answer_faults faults = {0};
    json_t *out;
    list_env(&env, &world);
    const json_t *doc = town_json(t, "{\"f1\":\"x\",\"f2\":[\"x\",\"r2\"]}");
    struct answer_lines lines = answers_lines(t->mem, k, doc, &env, false, false);
    ASSERT_STR(lines.v[0].text, "");
    ASSERT_STR(lines.v[1].text, "Rue 2");
    ASSERT_OK(answers_check(k, t->mem, doc, &env, true, &out, &faults));
    assert_int_equal(faults.n, 1);
    assert_string_equal(faults.v[0].msg, "answers.missing.listed");
    faults.n = 0;
    ASSERT_OK(answers_check(k, t->mem, town_json(t, "{\"f1\":\"r2999\"}"), &env, true, &out, &faults));
    assert_int_equal(faults.n, 0);
    ASSERT_STR(json_canonical(t->mem, out), "{\"f1\":\"r2999\"}");
    town_close(t);
}

int main(void)
{
    const struct CMUnitTest plain[] = {IN_ARENA(a_value_of_another_type_is_not_filled), IN_ARENA(any_type_may_become_any_other), IN_ARENA(conditions_read_nothing_there),
                                       IN_ARENA(values_of_the_kinds_themselves_stay)};
    static const struct CMUnitTest stored[] = {STORE_TEST(a_draft_survives_a_change_of_types), STORE_TEST(a_record_is_read_with_a_later_kind),
                                               STORE_TEST(a_list_takes_the_place_of_options)};
    hash_start();
    return cmocka_run_group_tests(plain, NULL, NULL) + STORE_RUN(stored);
}
