/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"

#include <string.h>

#include "base/hash.h"
#include "core/answers.h"
#include "core/field_types.h"
#include "core/form_testing.h"

/* ---- one table for all types: a field, an answer in JSON, what becomes of it (or the fault, after '!') and what people read */
static const struct { const char *field, *given, *becomes, *shown; } table[] = {
    {"type: text", "\" Jean  Dupont \"", "\"Jean Dupont\"", "Jean Dupont"},
    {"type: text", "\"\"", "absent", NULL},
    {"type: text", "12", "!field.text.type", NULL},
    {"type: text", "\"a\\u0001b\"", "!field.text.bytes", NULL},
    {"type: text, max_length: 3", "\"été\"", "\"été\"", NULL},
    {"type: text, max_length: 3", "\"étés\"", "!field.text.too_long", NULL},
    {"type: text", "\"a\\nb\"", "\"a b\"", NULL},
    {"type: textarea", "\"a\\r\\nb\\n\\n\"", "\"a\\nb\"", NULL},
    {"type: email", "\" Camille@Exemple.FR \"", "\"Camille@exemple.fr\"", NULL},
    {"type: email", "\"camille\"", "!field.email.bad", NULL},
    {"type: email", "\"a@b\"", "!field.email.bad", NULL},
    {"type: email", "\"a..b@exemple.fr\"", "!field.email.bad", NULL},
    {"type: email", "\"a@-b.fr\"", "!field.email.bad", NULL},
    {"type: email", "\"rené@exemple.fr\"", "!field.email.accent", NULL},
    {"type: email", "\"o'brien+x@sub.exemple.travel\"", "\"o'brien+x@sub.exemple.travel\"", NULL},
    {"type: phone", "\"06 12 34 56 78\"", "\"+33612345678\"", "06 12 34 56 78"},
    {"type: phone", "\"0033 6.12.34.56.78\"", "\"+33612345678\"", NULL},
    {"type: phone", "\"+33 (0)6 12 34 56 78\"", "\"+33612345678\"", NULL},
    {"type: phone", "\"0262 12 34 56\"", "\"+262262123456\"", "02 62 12 34 56"},
    {"type: phone", "\"0690 12 34 56\"", "\"+590690123456\"", "06 90 12 34 56"},
    {"type: phone", "\"+687 12 34 56\"", "\"+687123456\"", NULL},
    {"type: phone", "\"+49 30 123456\"", "\"+4930123456\"", "+4930123456"},
    {"type: phone", "\"0612345\"", "!field.phone.bad", NULL},
    {"type: phone", "\"+33 12\"", "!field.phone.bad", NULL},
    {"type: phone", "\"téléphone\"", "!field.phone.bad", NULL},
    {"type: integer", "12", "12", "12"},
    {"type: integer", "12.0", "12", NULL},
    {"type: integer", "12.5", "!field.integer.bad", NULL},
    {"type: integer", "\"12\"", "!field.integer.bad", NULL},
    {"type: integer, min: 0", "-1", "!field.number.min", NULL},
    {"type: integer, max: 10", "11", "!field.number.max", NULL},
    {"type: integer", "0", "0", "0"},
    {"type: decimal", "12.5", "12.5", "12,5"},
    {"type: number", "0.1", "0.1", "0,1"},
    {"type: decimal", "true", "!field.number.bad", NULL},
    {"type: yesno", "true", "true", "Oui"},
    {"type: yesno", "false", "false", "Non"},
    {"type: yesno", "\"oui\"", "!field.yesno.bad", NULL},
    {"type: checkbox", "true", "true", "Oui"},
    {"type: checkbox", "false", "absent", NULL},
    {"type: choice, options: {x: Rouge, y: Vert}", "\"x\"", "\"x\"", "Rouge"},
    {"type: choice, options: {x: Rouge, y: Vert}", "\"Rouge\"", "!field.choice.unknown", NULL},
    {"type: choice, options: {x: Rouge}", "{\"other\": \"Bleu\"}", "!field.choice.type", NULL},
    {"type: choice, other: true, options: {x: Rouge}", "{\"other\": \" Bleu \"}", "{\"other\":\"Bleu\"}", "Bleu"},
    {"type: choice, other: true, options: {x: Rouge}", "{\"other\": \"\"}", "!field.choice.other_empty", NULL},
    {"type: choice, options: [{id: x, label: Rouge, retired: true}]", "\"x\"", "!field.choice.retired", NULL},
    {"type: linked_choice, options: [{id: x, label: Golbey, group: Vosges}]", "\"x\"", "\"x\"", "Vosges / Golbey"},
    {"type: choices, options: {x: Rouge, y: Vert, z: Bleu}", "[\"z\", \"x\", \"z\"]", "[\"x\",\"z\"]", "Rouge, Bleu"},
    {"type: choices, options: {x: Rouge}", "[]", "absent", NULL},
    {"type: choices, options: {x: Rouge}", "\"x\"", "!field.choices.type", NULL},
    {"type: choices, options: {x: Rouge}", "[\"q\"]", "!field.choice.unknown", NULL},
    {"type: choices, many: 1, options: {x: Rouge, y: Vert}", "[\"x\", \"y\"]", "!field.choices.many", NULL},
    {"type: civility", "\"mme\"", "\"mme\"", "Madame"},
    {"type: civility", "\"x\"", "!field.choice.unknown", NULL},
    {"type: date", "\"2024-02-29\"", "\"2024-02-29\"", "29 février 2024"},
    {"type: date", "\"2023-02-29\"", "!field.date.bad", NULL},
    {"type: date", "\"29/02/2024\"", "!field.date.bad", NULL},
    {"type: date", "\"0024-02-29\"", "!field.date.year", NULL},
    {"type: date, future: true", "\"2026-11-18\"", "\"2026-11-18\"", NULL},
    {"type: date, future: true", "\"2026-11-17\"", "!field.date.past", NULL},
    {"type: date, past: true", "\"2026-11-18\"", "\"2026-11-18\"", NULL},
    {"type: date, past: true", "\"2026-11-19\"", "!field.date.future", NULL},
    {"type: datetime", "\"2026-11-23T14:30\"", "\"2026-11-23T14:30\"", "23 novembre 2026 à 14 h 30"},
    {"type: datetime", "\"2026-11-23T25:30\"", "!field.datetime.bad", NULL},
    {"type: file", "[\"a1\"]", "[\"a1\"]", "photo.jpg"},
    {"type: file", "[]", "absent", NULL},
    {"type: file", "\"a1\"", "!field.file.list", NULL},
    {"type: file", "[\"none1\"]", "!field.file.unknown", NULL},
    {"type: file", "[\"part1\"]", "!field.file.not_ready", NULL},
    {"type: file, accept: image", "[\"pdf1\"]", "!field.file.not_image", NULL},
    {"type: file, accept: document", "[\"pdf1\"]", "[\"pdf1\"]", NULL},
    {"type: file, many: 1", "[\"a1\", \"a2\"]", "!field.file.many", NULL},
    {"type: address", "{\"street\": \"1 rue A\", \"postcode\": \"88000\", \"commune\": \"Golbey\"}", "{\"commune\":\"Golbey\",\"postcode\":\"88000\",\"street\":\"1 rue A\"}",
     "1 rue A, 88000 Golbey"},
    {"type: address", "{\"street\": \"1 rue A\", \"postcode\": \"880\", \"commune\": \"Golbey\"}", "!field.address.postcode", NULL},
    {"type: address", "{\"street\": \"1 rue A\", \"commune\": \"Bonn\", \"country\": \"Allemagne\"}", "{\"commune\":\"Bonn\",\"country\":\"Allemagne\",\"street\":\"1 rue A\"}", NULL},
    {"type: address", "{\"rue\": \"1 rue A\"}", "!field.address.type", NULL},
    {"type: address", "\"1 rue A\"", "!field.address.type", NULL},
    {"type: commune", "\"Golbey\"", "\"Golbey\"", NULL},
    {"type: siret", "\"218 801 603 00016\"", "!field.siret.key", NULL},
    {"type: siret", "\"732 829 320 00074\"", "\"73282932000074\"", "732 829 320 00074"},
    {"type: siret", "\"35600000049837\"", "\"35600000049837\"", NULL},
    {"type: siret", "\"732829320\"", "!field.siret.length", NULL},
    {"type: rna", "\"w881000001\"", "\"W881000001\"", NULL},
    {"type: rna", "\"881000001\"", "!field.rna.bad", NULL},
    {"type: rnf", "\"075-FDD-00003-01\"", "\"075-FDD-00003-01\"", NULL},
    {"type: iban", "\"FR76 3000 6000 0112 3456 7890 189\"", "\"FR7630006000011234567890189\"", "FR76 3000 6000 0112 3456 7890 189"},
    {"type: iban", "\"FR7630006000011234567890188\"", "!field.iban.key", NULL},
    {"type: iban", "\"FR763000600001\"", "!field.iban.length", NULL},
    {"type: formatted, pattern: '[A-Z]{2}-[0-9]{3}-[A-Z]{2}', example: AB-123-CD", "\"AB-123-CD\"", "\"AB-123-CD\"", NULL},
    {"type: formatted, pattern: '[A-Z]{2}-[0-9]{3}-[A-Z]{2}'", "\"AB123CD\"", "!field.formatted.bad", NULL},
    {"type: formatted, pattern: '(a+)+b'", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"", "!field.formatted.bad", NULL},
    {"type: map", "\"48.17, 6.45\"", "\"48.17, 6.45\"", NULL},
};

static void takes_what_it_should_and_says_why_not(void **state)
{
    arena *mem = *state;
    struct answers_env env = env_of();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct kind *k = kind_from(mem, str_fmt(mem, HEAD "- {id: a, label: A, %s}\n", table[i].field));
        struct answer_faults faults = {0};
        json_t *out;
        assert_ok(answers_check(k, mem, json_of(mem, str_fmt(mem, "{\"a\": %s}", table[i].given).p), &env, false, &out, &faults));
        const json_t *value = json_object_get(out, "a");
        str got = faults.n ? str_fmt(mem, "!%s", faults.v[0].msg) : value ? json_canonical(mem, value) : S("absent");
        if (!str_is(got, table[i].becomes)) fail_msg("%s %s: %.*s, expected %s", table[i].field, table[i].given, STR_ARG(got), table[i].becomes);
        if (faults.n) assert_true(answer_fault_words(mem, LANG_FR, &faults.v[0]).n > 10);
        if (table[i].shown) assert_str(text_line(mem, k->fields.v[0].type->show(&k->fields.v[0], mem, value, &env)), table[i].shown);
        if (!value) continue;
        struct answer_faults again = {0};   /* what is normal stays as it is */
        json_t *twice;
        assert_ok(answers_check(k, mem, out, &env, false, &twice, &again));
        assert_int_equal(again.n, 0);
        assert_true(json_equal(out, twice));
    }
}

/* ---- as people type */

static const struct { const char *field; const char *pairs[9]; const char *becomes; } typings[] = {
    {"type: decimal", {"a", "1 234,50 €"}, "1234.5"},
    {"type: decimal", {"a", "1.234,5"}, "1234.5"},
    {"type: decimal", {"a", "12,5,3"}, "!field.number.bad"},
    {"type: integer", {"a", "12 000"}, "12000"},
    {"type: integer", {"a", "douze"}, "!field.number.bad"},
    {"type: integer", {"a", ""}, "absent"},
    {"type: yesno", {"a", "oui"}, "true"},
    {"type: yesno", {"a", "non"}, "false"},
    {"type: checkbox", {"a", "on"}, "true"},
    {"type: date", {"a.d", "1", "a.m", "2", "a.y", "2024"}, "\"2024-02-01\""},
    {"type: date", {"a.d", "1", "a.m", "février", "a.y", "2024"}, "\"2024-02-01\""},
    {"type: date", {"a", "23/11/2026"}, "\"2026-11-23\""},
    {"type: date", {"a", "2026-11-23"}, "\"2026-11-23\""},
    {"type: date", {"a.d", "31", "a.m", "2", "a.y", "2024"}, "!field.date.unreal"},
    {"type: date", {"a.d", "31", "a.m", "", "a.y", "2024"}, "!field.date.incomplete"},
    {"type: date", {"a.d", "31", "a.m", "1", "a.y", "74"}, "!field.date.year"},
    {"type: date", {"a.d", "", "a.m", "", "a.y", ""}, "absent"},
    {"type: datetime", {"a.d", "1", "a.m", "2", "a.y", "2024", "a.t", "9h05"}, "\"2024-02-01T09:05\""},
    {"type: datetime", {"a.d", "1", "a.m", "2", "a.y", "2024"}, "!field.datetime.incomplete"},
    {"type: choice, options: {x: Éclairage, y: Vert}", {"a", "eclairage"}, "\"x\""},
    {"type: choice, options: {x: Éclairage, y: Vert}", {"a", "Vert", "a:id", "x"}, "\"y\""},
    {"type: choice, options: {x: Même, y: même}", {"a", "Même", "a:id", "y"}, "\"y\""},
    {"type: choice, options: {x: Éclairage}", {"a", "rien"}, "!field.choice.unknown"},
    {"type: choice, options: {x: Éclairage}", {"a", "rien", "a", "x"}, "\"x\""},
    {"type: choice, other: true, options: {x: Éclairage}", {"a", "_other", "a.other", "Bleu"}, "{\"other\":\"Bleu\"}"},
    {"type: choices, options: {x: X1, y: Y1}", {"a", "y", "a", "x", "a", ""}, "[\"x\",\"y\"]"},
    {"type: civility", {"a", "mme"}, "\"mme\""},
    {"type: address", {"a.street", "1 rue A", "a.postcode", "88 000", "a.commune", "Golbey"}, "{\"commune\":\"Golbey\",\"postcode\":\"88000\",\"street\":\"1 rue A\"}"},
    {"type: address", {"a.street", "", "a.postcode", "88000", "a.commune", "Golbey"}, "!field.address.street"},
    {"type: phone", {"a", "06-12-34-56-78"}, "\"+33612345678\""},
    {"type: text", {"a", "\xff\xfe"}, "!field.text.bytes"},
};

static void reads_what_people_type(void **state)
{
    arena *mem = *state;
    struct answers_env env = env_of();
    for (size_t i = 0; i < sizeof typings / sizeof *typings; i++) {
        struct kind *k = kind_from(mem, str_fmt(mem, HEAD "- {id: a, label: A, %s}\n", typings[i].field));
        struct form_pages pages = kind_pages(mem, k);
        struct answer_faults faults = {0};
        struct post post = {typings[i].pairs};
        json_t *out, *one;
        assert_ok(answers_read(k, &pages.v[0], mem, json_of(mem, "{}"), typed, &post, &env, true, &out, &faults));
        const json_t *value = json_object_get(out, "a");
        str got = faults.n ? str_fmt(mem, "!%s", faults.v[0].msg) : value ? json_canonical(mem, value) : S("absent");
        if (!str_is(got, typings[i].becomes)) fail_msg("%s %s: %.*s, expected %s", typings[i].field, typings[i].pairs[1], STR_ARG(got), typings[i].becomes);
        struct answer_faults left = {0};    /* the same field saved as it is left */
        assert_ok(answers_read_one(k, mem, S("a"), typed, &post, &env, &one, &left));
        assert_int_equal(left.n, faults.n);
        assert_true(one == value || (one && value && json_equal(one, value)));
    }
}

static const char conditions[] = HEAD
    "- {id: q, type: yesno, label: Q, required: true}\n"
    "- {id: t, type: phone, label: T, when: q = oui, required: true}\n"
    "- {id: u, type: text, label: U, when: \"t != 'x'\"}\n"
    "- {id: c, type: checkbox, label: C}\n"
    "- {id: d, type: text, label: D, when: c = non}\n"
    "- {id: m, type: choices, label: M, options: {x: X1, y: Y1}}\n"
    "- {id: n, type: text, label: N, when: \"m = 'y'\"}\n"
    "- id: r\n  type: repeat\n  label: R\n  fields:\n"
    "  - {id: ra, type: integer, label: Age, required: true}\n"
    "  - {id: rb, type: text, label: B, when: ra < 18, required: true}\n"
    "  - {id: rc, type: text, label: C, when: q = oui}\n";

/* A document for the API: the faults in order, as "path key". */
static void api_says(arena *mem, struct kind *k, const char *doc, const char *expected)
{
    struct answers_env env = env_of();
    struct answer_faults faults = {0};
    struct strs lines = {0};
    json_t *out;
    assert_ok(answers_check(k, mem, json_of(mem, doc), &env, false, &out, &faults));
    for (size_t i = 0; i < faults.n; i++) PUSH(mem, &lines, str_fmt(mem, "%.*s %s", STR_ARG(faults.v[i].path), faults.v[i].msg));
    str got = str_join(mem, lines, S("; "));
    if (!str_is(got, expected)) fail_msg("%s: %.*s, expected %s", doc, STR_ARG(got), expected);
}

static void asks_only_what_applies(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(conditions));
    api_says(mem, k, "{}", "q answers.missing.choice");
    api_says(mem, k, "{\"q\": false}", "");
    api_says(mem, k, "{\"q\": true}", "t answers.missing.text");
    api_says(mem, k, "{\"q\": true, \"t\": \"0612345678\", \"u\": \"a\"}", "");
    api_says(mem, k, "{\"q\": false, \"t\": \"0612345678\"}", "t answers.hidden");
    api_says(mem, k, "{\"q\": false, \"u\": \"a\"}", "u answers.hidden");       /* its source is not asked: != is false too */
    api_says(mem, k, "{\"q\": false, \"d\": \"a\"}", "");                       /* an unticked box is no */
    api_says(mem, k, "{\"q\": false, \"c\": true, \"d\": \"a\"}", "d answers.hidden");
    api_says(mem, k, "{\"q\": false, \"m\": [\"x\", \"y\"], \"n\": \"a\"}", "");
    api_says(mem, k, "{\"q\": false, \"n\": \"a\"}", "n answers.hidden");
    api_says(mem, k, "{\"q\": false, \"z\": 1}", "z answers.unknown");
    api_says(mem, k, "{\"q\": null}", "q answers.null; q answers.missing.choice");
    api_says(mem, k, "{\"q\": false, \"r\": [{\"ra\": 12}]}", "r/r1/rb answers.missing.text");
    api_says(mem, k, "{\"q\": false, \"r\": [{\"_id\": \"z9\", \"ra\": 20, \"rb\": \"a\"}]}", "r/z9/rb answers.hidden");
    api_says(mem, k, "{\"q\": false, \"r\": [{\"ra\": 20, \"rc\": \"a\"}]}", "r/r1/rc answers.hidden");
    api_says(mem, k, "{\"q\": true, \"t\": \"0612345678\", \"r\": [{\"ra\": 20, \"rc\": \"a\"}, {\"ra\": 2, \"rb\": \"b\"}]}", "");
    api_says(mem, k, "{\"q\": false, \"r\": {\"ra\": 1}}", "r answers.rows.type");
    api_says(mem, k, "{\"q\": false, \"r\": [{\"x\": 1}]}", "r/r1/x answers.unknown; r/r1/ra answers.missing.text");
}

static void drops_from_a_form_what_is_hidden(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(conditions));
    struct answers_env env = env_of();
    struct answer_faults faults = {0};
    json_t *out;
    assert_ok(answers_check(k, mem, json_of(mem, "{\"q\": false, \"t\": \"+33612345678\", \"u\": \"a\", \"gone\": 1, \"r\": [{\"_id\": \"r1\"}]}"), &env, true, &out, &faults));
    assert_int_equal(faults.n, 0);
    assert_str(json_canonical(mem, out), "{\"q\":false}");
}

static void keeps_rows_and_adds_and_removes_them(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(conditions));
    struct form_pages pages = kind_pages(mem, k);
    struct answers_env env = env_of();
    struct answer_faults faults = {0};
    json_t *out;
    struct post *add = POST("q", "non", "r", "r1", "r/r1/ra", "20", "_row_add", "r");
    assert_true(answers_button(typed, add, mem));
    assert_ok(answers_read(k, &pages.v[0], mem, json_of(mem, "{}"), typed, add, &env, false, &out, &faults));
    assert_int_equal(faults.n, 0);
    assert_str(json_canonical(mem, out), "{\"q\":false,\"r\":[{\"_id\":\"r1\",\"ra\":20},{\"_id\":\"r2\"}]}");
    struct post *next = POST("q", "non", "r", "r1", "r/r1/ra", "20", "r", "r2", "r/r2/ra", "7", "r/r2/rb", "");
    assert_ok(answers_read(k, &pages.v[0], mem, out, typed, next, &env, true, &out, &faults));
    assert_int_equal(faults.n, 1);
    assert_str(faults.v[0].path, "r/r2/rb");
    faults.n = 0;
    struct post *remove = POST("q", "non", "r", "r1", "r/r1/ra", "21", "r", "r2", "r/r2/ra", "7", "_row_remove", "r/r2");
    assert_ok(answers_read(k, &pages.v[0], mem, out, typed, remove, &env, false, &out, &faults));
    assert_str(json_canonical(mem, out), "{\"q\":false,\"r\":[{\"_id\":\"r1\",\"ra\":21}]}");
    /* An empty row of an optional block is no answer. */
    struct post *empty = POST("q", "non", "r", "r1", "r/r1/ra", "21", "r", "r2", "r/r2/ra", "");
    assert_ok(answers_read(k, &pages.v[0], mem, out, typed, empty, &env, true, &out, &faults));
    assert_int_equal(faults.n, 0);
    assert_str(json_canonical(mem, out), "{\"q\":false,\"r\":[{\"_id\":\"r1\",\"ra\":21}]}");
    /* A row another tab added is kept. */
    struct post *older = POST("q", "non", "r", "r9", "r/r9/ra", "30");
    assert_ok(answers_read(k, &pages.v[0], mem, out, typed, older, &env, false, &out, &faults));
    assert_int_equal(json_array_size(json_object_get(out, "r")), 2);
}

static void asks_a_question_it_has_not_shown(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(conditions));
    struct form_pages pages = kind_pages(mem, k);
    struct answers_env env = env_of();
    struct answer_faults faults = {0};
    json_t *out;
    /* "q" was on the page, "t" was hidden: oui brings it up. What a hidden question holds is kept meanwhile. */
    struct post *post = POST("_seen", "q", "_seen", "c", "_seen", "m", "q", "oui");
    assert_ok(answers_read(k, &pages.v[0], mem, json_of(mem, "{\"d\": \"kept\"}"), typed, post, &env, true, &out, &faults));
    assert_str(json_canonical(mem, out), "{\"d\":\"kept\",\"q\":true}");
    assert_str(faults.v[0].path, "t");
    assert_string_equal(faults.v[0].msg, "answers.now_asked");
}

static void keeps_files_until_one_is_taken_away(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, S(HEAD "- {id: a, type: file, label: A, required: true}\n"));
    struct form_pages pages = kind_pages(mem, k);
    struct answers_env env = env_of();
    struct answer_faults faults = {0};
    json_t *out;
    assert_ok(answers_read(k, &pages.v[0], mem, json_of(mem, "{\"a\":[\"01HXEXAMPLE01\"]}"), typed, POST("a", "01HXEXAMPLE02"), &env, true, &out, &faults));
    assert_str(json_canonical(mem, out), "{\"a\":[\"01HXEXAMPLE01\",\"01HXEXAMPLE02\"]}");
    assert_ok(answers_read(k, &pages.v[0], mem, out, typed, POST("_file_remove", "a/01HXEXAMPLE01"), &env, false, &out, &faults));
    assert_str(json_canonical(mem, out), "{\"a\":[\"01HXEXAMPLE02\"]}");
    assert_int_equal(faults.n, 0);
    assert_ok(answers_read(k, &pages.v[0], mem, json_of(mem, "{}"), typed, POST("b", ""), &env, true, &out, &faults));
    assert_string_equal(faults.v[0].msg, "answers.missing.file");
}

static void requires_a_ticked_box(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, S(HEAD "- {id: a, type: checkbox, label: A, required: true}\n"));
    api_says(mem, k, "{}", "a answers.missing.checkbox");
    api_says(mem, k, "{\"a\": false}", "a answers.missing.checkbox");
    api_says(mem, k, "{\"a\": true}", "");
}

static void finds_and_puts_values_by_path(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(conditions));
    json_t *out;
    assert_ok(answers_put(k, mem, json_of(mem, "{}"), S("r/r7/ra"), json_integer(0), &out));
    assert_str(json_canonical(mem, out), "{\"r\":[{\"_id\":\"r7\",\"ra\":0}]}");
    json_decref((json_t *)answers_at(out, S("r/r7/ra")));   /* json_integer made one reference of ours */
    assert_non_null(answers_at(out, S("r/r7/ra")));
    assert_null(answers_at(out, S("r/r8/ra")));
    assert_ok(answers_put(k, mem, out, S("r/r7/ra"), NULL, &out));
    assert_str(json_canonical(mem, out), "{\"r\":[{\"_id\":\"r7\"}]}");
    assert_err(answers_put(k, mem, out, S("nothing"), NULL, &out), E_NOT_FOUND);
    assert_err(answers_put(k, mem, out, S("r/../ra"), NULL, &out), E_NOT_FOUND);
}

/* ---- the schema alone is enough to file */

static const json_t *examples_of(const json_t *schema, const char *id)
{
    return json_object_get(json_object_get(json_object_get(schema, "properties"), id), "examples");
}

static void every_example_is_accepted(void **state)
{
    static const char *const extra[] = {"type: choice, options: {x: X1, y: Y1}, other: true", "type: choices, options: {x: X1, y: Y1}, many: 1",
        "type: linked_choice, options: [{id: x, label: X1, group: G}]", "type: integer, min: 5, max: 5", "type: decimal, min: 0.5, max: 0.75",
        "type: integer, max: -3", "type: text, max_length: 2", "type: textarea, max_length: 4", "type: commune, options: {x: X1}",
        "type: formatted, pattern: 'a+b', example: aab", "type: date, past: true", "type: file, accept: image, many: 1"};
    arena *mem = *state;
    buf b = BUF(1 << 20);
    struct answers_env env = env_of();
    size_t n = 0;
    buf_lit(&b, HEAD);
    for (const struct field_type *t = field_types; t->name; t++) {
        if (!t->holds_value || t->has_options || strcmp(t->name, "repeat") == 0) continue;
        buf_fmt(&b, "- {id: t%zu, type: %s, label: A, required: true}\n", n++, t->name);
    }
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) buf_fmt(&b, "- {id: t%zu, label: A, required: true, %s}\n", n++, extra[i]);
    struct kind *k = kind_from(mem, buf_str(&b));
    const json_t *schema = kind_schema(k, mem, &env);
    json_t *doc = json_own(mem, json_object()), *out;
    for (size_t i = 0; i < n; i++) {
        const char *id = str_fmt(mem, "t%zu", i).p;
        const json_t *examples = examples_of(schema, id);
        if (!json_array_size(examples)) fail_msg("%s has no example", id);
        json_object_set(doc, id, json_array_get(examples, 0));
    }
    struct answer_faults faults = {0};
    assert_ok(answers_check(k, mem, doc, &env, false, &out, &faults));
    if (faults.n) fail_msg("%.*s: %s", STR_ARG(faults.v[0].path), faults.v[0].msg);
    assert_int_equal(json_object_size(out), n);
    buf_free(&b);
}

/* A reader of the part of JSON Schema that kind_schema writes, so that its conditions are proved, not only drawn. */
static bool fits(const json_t *s, const json_t *v);

static bool fits_all(const json_t *list, const json_t *v, bool any)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (fits(json_array_get(list, i), v) == any) return any;
    return !any;
}

static bool pattern_fits(const char *pattern, const json_t *v)
{
    /* Ours are all "^…": the rest may follow. */
    extern bool pattern_matches(str, str);
    arena *mem = arena_new(0);
    bool good = !json_is_string(v) || pattern_matches(str_fmt(mem, "%s.*", pattern), json_text(v));
    arena_free(mem);
    return good;
}

static bool type_fits(const char *type, const json_t *v)
{
    return strcmp(type, "object") == 0 ? json_is_object(v) : strcmp(type, "array") == 0 ? json_is_array(v) : strcmp(type, "string") == 0 ? json_is_string(v)
         : strcmp(type, "integer") == 0 ? json_is_integer(v) : strcmp(type, "number") == 0 ? json_is_number(v) : json_is_boolean(v);
}

static bool fits_object(const json_t *s, const json_t *v)
{
    const json_t *properties = json_object_get(s, "properties"), *required = json_object_get(s, "required");
    const char *key;
    json_t *member;
    for (size_t i = 0; i < json_array_size(required); i++)
        if (json_is_object(v) && !json_object_get(v, json_string_value(json_array_get(required, i)))) return false;
    if (!json_is_object(v)) return true;
    json_object_foreach((json_t *)v, key, member)
    {
        const json_t *one = json_object_get(properties, key);
        if (one ? !fits(one, member) : json_is_false(json_object_get(s, "additionalProperties"))) return false;
    }
    return true;
}

static bool fits_number(const json_t *s, const json_t *v)
{
    double x = json_number_value(v);
    const json_t *low = json_object_get(s, "minimum"), *high = json_object_get(s, "maximum");
    const json_t *above = json_object_get(s, "exclusiveMinimum"), *below = json_object_get(s, "exclusiveMaximum");
    if (!json_is_number(v)) return true;
    return !((low && x < json_number_value(low)) || (high && x > json_number_value(high)) || (above && x <= json_number_value(above)) ||
             (below && x >= json_number_value(below)));
}

static bool fits_array(const json_t *s, const json_t *v)
{
    const json_t *items = json_object_get(s, "items"), *contains = json_object_get(s, "contains");
    bool found = !contains;
    if (!json_is_array(v)) return true;
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (items && !fits(items, json_array_get(v, i))) return false;
        if (contains) found |= fits(contains, json_array_get(v, i));
    }
    return found;
}

static bool fits(const json_t *s, const json_t *v)
{
    if (json_is_boolean(s)) return json_is_true(s);
    const json_t *c;
    if ((c = json_object_get(s, "type")) && !type_fits(json_string_value(c), v)) return false;
    if ((c = json_object_get(s, "const")) && !json_equal(c, (json_t *)v)) return false;
    if ((c = json_object_get(s, "not")) && fits(c, v)) return false;
    if ((c = json_object_get(s, "allOf")) && !fits_all(c, v, false)) return false;
    if ((c = json_object_get(s, "anyOf")) && !fits_all(c, v, true)) return false;
    if ((c = json_object_get(s, "oneOf")) && !fits_all(c, v, true)) return false;
    if ((c = json_object_get(s, "pattern")) && !pattern_fits(json_string_value(c), v)) return false;
    if ((c = json_object_get(s, "if"))) {
        const json_t *branch = json_object_get(s, fits(c, v) ? "then" : "else");
        if (branch && !fits(branch, v)) return false;
    }
    return fits_object(s, v) && fits_number(s, v) && fits_array(s, v);
}

/* The schema and the check agree on every combination of answers to a form full of conditions. */
static void schema_and_check_agree(void **state)
{
    static const char yaml[] = HEAD
        "- {id: q, type: yesno, label: Q, required: true}\n"
        "- {id: c, type: checkbox, label: C, when: q = oui}\n"
        "- {id: n, type: integer, label: N}\n"
        "- {id: d, type: date, label: D}\n"
        "- {id: m, type: choices, label: M, options: {x: X1, y: Y1}}\n"
        "- {id: o, type: choice, label: O, options: {x: X1, y: Y1}, other: true}\n"
        "- {id: a, type: text, label: A, required: true, when: {une de ces conditions: [c = oui, n > 3, {toutes ces conditions: [q = non, \"o != 'x'\"]}]}}\n"
        "- {id: b, type: text, label: B, when: c = non}\n"
        "- {id: e, type: text, label: E, required: true, when: d >= 15/06/2026}\n"
        "- {id: f, type: text, label: F, when: \"m . x = non\"}\n"
        "- {id: g, type: text, label: G, when: {variations: [{si: {une de ces conditions: [n > 3, m . y, {est non défini: o}]}, alors: non}, {sinon: oui}]}}\n"
        "- {id: h, type: text, label: H, required: true, when: {toutes ces conditions: [{est défini: d}, {est non défini: c}]}}\n"
        "- id: r\n  type: repeat\n  label: R\n  fields:\n"
        "  - {id: ra, type: integer, label: Age}\n"
        "  - {id: rb, type: text, label: B, when: ra < 18, required: true}\n"
        "  - {id: rc, type: text, label: C, when: q = oui, required: true}\n";
    static const char *const values[][5] = {
        {"q", "true", "false"}, {"c", "true"}, {"n", "2", "9"}, {"d", "\"2026-06-14\"", "\"2026-06-15\"", "\"2027-01-01\""}, {"m", "[\"x\"]", "[\"y\"]"},
        {"o", "\"x\"", "\"y\"", "{\"other\":\"z\"}"}, {"a", "\"t\""}, {"b", "\"t\""}, {"e", "\"t\""}, {"f", "\"t\""},
        {"g", "\"t\""}, {"h", "\"t\""},
        {"r", "[{\"ra\":2,\"rb\":\"t\"}]", "[{\"ra\":20}]", "[{\"rc\":\"t\"}]"}};
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(yaml));
    struct answers_env env = env_of();
    const json_t *schema = kind_schema(k, mem, &env);
    size_t valid = 0, fields = sizeof values / sizeof *values;
    for (int round = 0; round < 6000; round++) {
        arena *inner = arena_new(0);
        json_t *doc = json_own(inner, json_object()), *out;
        struct answer_faults faults = {0};
        for (size_t i = 0; i < fields; i++) {
            size_t choices = 1;
            while (choices < 5 && values[i][choices]) choices++;
            size_t pick = random_below(choices);     /* 0: left out */
            if (pick) json_object_set(doc, values[i][0], (json_t *)json_of(inner, values[i][pick]));
        }
        assert_ok(answers_check(k, inner, doc, &env, false, &out, &faults));
        if (fits(schema, doc) != (faults.n == 0))
            fail_msg("%.*s: schema says %d, check says %s", STR_ARG(json_canonical(inner, doc)), fits(schema, doc), faults.n ? faults.v[0].msg : "good");
        valid += faults.n == 0;
        arena_free(inner);
    }
    assert_true(valid > 20);
}

/* The largest real form: 648 fields, conditions along the whole of it. */
static void carries_the_largest_form(void **state)
{
    arena *mem = *state;
    buf b = BUF(4 << 20), html = BUF(16 << 20);
    struct answers_env env = env_of();
    buf_lit(&b, HEAD);
    for (int i = 0; i < 648; i++) {
        static const char *const types[] = {"text", "yesno", "integer", "choice, options: {x: X1, y: Y1}", "date", "file", "textarea"};
        if (i % 20 == 0) buf_fmt(&b, "- {id: h%d, type: heading, level: 1, label: Page %d}\n", i, i);
        buf_fmt(&b, "- {id: f%d, label: Question %d, type: %s, required: true%s}\n", i, i, types[i % 7],
                i % 7 == 2 && i > 8 ? str_fmt(mem, ", when: {une de ces conditions: [f%d = oui, f%d > 3]}", i - 1, i - 7).p : "");
    }
    struct kind *k = kind_from(mem, buf_str(&b));
    struct form_pages pages = kind_pages(mem, k);
    const json_t *schema = kind_schema(k, mem, &env);
    const json_t *example = json_array_get(json_object_get(schema, "examples"), 0);
    struct answer_faults faults = {0};
    json_t *out;
    assert_ok(answers_check(k, mem, example, &env, false, &out, &faults));
    if (faults.n) fail_msg("%.*s: %s", STR_ARG(faults.v[0].path), faults.v[0].msg);
    assert_int_equal(json_object_size(out), 648);
    assert_true(fits(schema, example));
    for (size_t i = 0; i < pages.n; i++) {
        struct form_draw d = {.out = &html, .mem = mem, .env = &env, .kind = k, .doc = example, .base_url = S("/demarches/x")};
        form_draw_page(&d, &pages.v[i]);
    }
    assert_false(html.full);
    assert_int_equal(answers_lines(mem, k, example, &env, false, false).n, k->fields.n);
    assert_int_equal(answers_lines(mem, k, example, &env, true, false).n, 0);
    buf_free(&b);
    buf_free(&html);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_ARENA(takes_what_it_should_and_says_why_not), IN_ARENA(reads_what_people_type), IN_ARENA(asks_only_what_applies), IN_ARENA(drops_from_a_form_what_is_hidden),
        IN_ARENA(keeps_rows_and_adds_and_removes_them), IN_ARENA(asks_a_question_it_has_not_shown), IN_ARENA(keeps_files_until_one_is_taken_away), IN_ARENA(requires_a_ticked_box),
        IN_ARENA(finds_and_puts_values_by_path), IN_ARENA(every_example_is_accepted), IN_ARENA(schema_and_check_agree), IN_ARENA(carries_the_largest_form)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
