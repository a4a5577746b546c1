/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ready procedures (towns/library): whole, in two languages, published by a town that gave its contacts and nothing else, printed on
   paper; taken twice without a trace, and never over what the town wrote. Filed from their schema alone: tests/api/library.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/field_types.h"
#include "core/kind_edit.h"
#include "core/receipt.h"
#include "formats/json.h"
#include "site_testing.h"

static size_t library_size(void)
{
    size_t n = 0;
    while (kind_names_library[n]) n++;
    return n;
}

static json_t *definition_of(arena *mem, const char *name)
{
    json_t *v;
    ASSERT_OK(kind_library_get(mem, name, &v));
    return v;
}

/* ---- what a file says */

static void both(const char *file, const char *where, const json_t *v)
{
    if (!json_str(v, "fr").n || !json_str(v, "en").n) fail_msg("%s: %s is not in both languages", file, where);
}

static bool is_text_key(const char *key)
{
    static const char *const keys[] = {"title", "description", "label", "help", "purpose", "audience", "duration", "cost", "other_ways", "legal_basis", "to_check", "article", "text",
                                       "recipients", "pattern_help", "operator", NULL};
    for (size_t i = 0; keys[i]; i++)
        if (strcmp(key, keys[i]) == 0) return true;
    return false;
}

static void texts_walk(const char *file, const json_t *v, size_t *texts)
{
    const char *key;
    json_t *one;
    size_t i;
    if (json_is_array(v)) json_array_foreach(v, i, one) texts_walk(file, one, texts);
    if (!json_is_object(v)) return;
    if (json_object_get(v, "fr") || json_object_get(v, "en")) {
        both(file, "a text", v);
        ++*texts;
        return;
    }
    json_object_foreach((json_t *)v, key, one)
    {
        if (strcmp(key, "rules") == 0) continue;        /* Publicodes, which is in French */
        if (is_text_key(key)) both(file, key, one);
        if (strcmp(key, "options") == 0) {
            const char *id;
            json_t *label;
            json_object_foreach(one, id, label) both(file, id, label);
        }
        texts_walk(file, one, texts);
    }
}

static void every_text_is_in_both_languages(void **state)
{
    struct test_store *t = *state;
    size_t texts = 0;
    assert_int_equal(library_size(), 32);
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *v = definition_of(t->mem, *name);
        texts_walk(*name, v, &texts);
        json_t *prepare = json_path(v, "settings.prepare");
        assert_true(json_array_size(prepare) > 0);
        for (size_t i = 0; i < json_array_size(prepare); i++) both(*name, "prepare", json_array_get(prepare, i));
    }
    assert_in_range(texts, 800, 3000);
}

/* What is done in another way: who, how long, what to prepare, cost, law, the way without a screen; elsewhere: by whom and where. Every one
   names an official page. */
static void entry_says(const char *name, const struct kind *k)
{
    static const char *const paths[] = {"audience", "duration", "cost", "other_ways", "legal_basis"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) both(name, paths[i], json_path(k->settings, paths[i]));
    str source = json_text(json_path(k->settings, "source"));
    assert_true(theme_named(json_str(k->settings, "theme")) != NULL);
    if (!str_starts(source, S("https://www.service-public.gouv.fr/")) && !str_starts(source, S("https://www.legifrance.gouv.fr/"))) fail_msg("%s: no official source", name);
    assert_true(json_array_size(json_path(k->settings, "prepare")) > 0 && !k->fields.n);
    assert_int_equal(json_path(k->settings, "online") != NULL, kind_offer(k) == OFFER_ELSEWHERE);
    if (kind_offer(k) != OFFER_ELSEWHERE) return;
    both(name, "online.operator", json_path(k->settings, "online.operator"));
    assert_true(address_https(json_text(json_path(k->settings, "online.url"))));
}

/* What the law, or a person who asks, wants to read. */
static void every_file_says_what_it_must(void **state)
{
    static const char *const paths[] = {"audience", "duration", "cost", "other_ways", "legal_basis", "silence.article", "personal_data.purpose", "personal_data.legal_basis",
                                        "personal_data.recipients", "personal_data.retention"};
    struct test_store *t = *state;
    size_t forms = 0;
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *v = definition_of(t->mem, *name);
        struct kind *k;
        struct span after;
        ASSERT_OK(kind_parse_any(t->mem, v, &k));
        assert_true(str_is(k->name, *name) && str_is(k->service, "procedures") && k->has_keep && !k->number);
        if (kind_offer(k) != OFFER_HERE) {
            entry_says(*name, k);
            continue;
        }
        forms++;
        assert_true(k->title_from.n && theme_named(json_str(k->settings, "theme")));
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) both(*name, paths[i], json_path(k->settings, paths[i]));
        str means = kind_setting_str(k, NULL, 0, "silence.means");
        assert_true(str_is(means, "acceptance") || str_is(means, "rejection") || str_is(means, "none"));
        if (!str_is(means, "none")) ASSERT_OK(span_parse(kind_setting_str(k, NULL, 0, "silence.after"), &after));
        if (str_is(means, "rejection")) both(*name, "appeal.text", json_path(k->settings, "appeal.text"));
        assert_true(kind_pages(t->mem, k).n >= 2);
        /* The notice says how long the answers are kept: the same span as the rule. */
        str kept = str_fmt(t->mem, "%d mois", (int)k->keep_final.count);
        assert_true(str_starts(kind_setting_str(k, NULL, 0, "personal_data.retention"), kept));
    }
    assert_int_equal(forms, 14);
}

/* Of each condition: the same with a name that is nowhere is refused, so that those that stand read what is there. */
static void a_condition_reads_what_is_there(void **state)
{
    struct test_store *t = *state;
    size_t rules = 0;
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *v = definition_of(t->mem, *name), *fields = json_object_get(v, "fields");
        struct kind *k;
        for (size_t i = 0; i < json_array_size(fields); i++) {
            json_t *f = json_array_get(fields, i);
            const json_t *when = json_object_get(f, "when");
            if (!when) continue;
            rules++;
            json_object_set_new(f, "when", json_string("nulle part = oui"));
            ASSERT_CODE(kind_parse_any(t->mem, v, &k), E_INVALID);
            v = definition_of(t->mem, *name);
            fields = json_object_get(v, "fields");
        }
        ASSERT_OK(kind_parse_any(t->mem, v, &k));
    }
    assert_true(rules > 40);
}

/* ---- in a town that gave its contacts */

static void bare_body(struct test_store *t, struct body *body, struct tenant *tenant)
{
    json_t *settings;
    ASSERT_OK(json_parse(t->mem, S("{\"service\":{\"name\":\"Mairie\",\"postal_address\":\"9 rue A\",\"mail\":\"m@ville.test\",\"phone\":\"0329000000\"},"
                                   "\"personal_data\":{\"contact\":\"dpo@ville.test\"}}"), &settings));
    *body = (struct body){.id = 5, .name = S("Ville"), .settings = settings};
    *tenant = (struct tenant){.id = db_tenant(t->db), .zone = S("Europe/Paris"), .bodies = {body, 1}};
}

static void publishes_with_contacts_alone(void **state)
{
    struct test_store *t = *state;
    struct body body;
    struct tenant tenant;
    struct kind_row row;
    enum kind_taken what;
    bare_body(t, &body, &tenant);
    for (const char *const *name = kind_names_library; *name; name++) {
        ASSERT_OK(kind_take(t->db, t->mem, definition_of(t->mem, *name), 5, &what, &row));
        assert_int_equal(what, KIND_NEW);
        ASSERT_OK(kind_publish(t->db, &tenant, t->mem, row.name, 0));
        ASSERT_OK(kind_take(t->db, t->mem, definition_of(t->mem, *name), 5, &what, &row));
        assert_int_equal(what, KIND_SAME);
        assert_int_equal(row.revision, 1);
        assert_int_equal(row.draft_revision, 0);
        ASSERT_CODE(kind_row_get(t->twin, t->mem, row.name, &row), E_NOT_FOUND);
    }
}

static void never_undoes_what_the_town_wrote(void **state)
{
    struct test_store *t = *state;
    struct kind_row row;
    enum kind_taken what;
    json_t *given = definition_of(t->mem, "subvention"), *newer = definition_of(t->mem, "subvention"), *held;
    ASSERT_OK(kind_take(t->db, t->mem, given, 5, &what, &row));
    json_object_set_new(newer, "title", json_pack("{s:s, s:s}", "fr", "Demander une aide", "en", "Ask for help"));
    ASSERT_OK(kind_take(t->db, t->mem, newer, 5, &what, &row));                     /* a newer file, nobody wrote since */
    assert_int_equal(what, KIND_REVISED);
    assert_true(str_is(row.title, "Demander une aide"));

    ASSERT_OK(kind_draft_definition(t->db, t->mem, S("subvention"), &held));
    json_t *def = kind_edit_start(t->mem, held);
    ASSERT_OK(kind_edit_setting(t->mem, def, "cost", S("Gratuit, toujours.")));
    assert_true(str_is(json_str(json_path(def, "settings.cost"), "en"), "Free."));   /* the other language stays */
    ASSERT_OK(kind_draft_save(t->db, t->mem, S("subvention"), def, 7, 0, NULL));
    ASSERT_OK(kind_take(t->db, t->mem, given, 5, &what, &row));
    assert_int_equal(what, KIND_KEPT);
    ASSERT_OK(kind_draft_definition(t->db, t->mem, S("subvention"), &held));
    assert_true(str_is(json_str(json_path(held, "settings.cost"), "fr"), "Gratuit, toujours."));
    json_t *report;
    ASSERT_OK(json_parse(t->mem, str_of(kind_yaml_shipped("report")), &report));
    ASSERT_CODE(kind_take(t->db, t->mem, report, 5, &what, &row), E_INVALID);        /* not a procedure */
}

/* ---- on paper */

static void fields_printed(const char *name, const struct answer *a, const struct fields *fields, enum lang lang)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        if (!f->is_private && str_find(a->body, text_in(&f->label, lang)) < 0) fail_msg("%s: on paper, nothing of %.*s", name, STR_ARG(f->name));
        if (f->is_private && str_find(a->body, text_in(&f->label, lang)) >= 0) fail_msg("%s: on paper, what is for agents: %.*s", name, STR_ARG(f->name));
        fields_printed(name, a, &f->children, lang);
    }
}

static void prints_its_blank_form(void **state)
{
    struct site *s = site_open(*state);
    struct side *a = &s->t->a;
    for (const char *const *name = kind_names_library; *name; name++) {
        struct kind_row row;
        enum kind_taken what;
        const struct kind *k;
        ASSERT_OK(kind_take(a->d, s->t->mem, definition_of(s->t->mem, *name), a->town, &what, &row));
        ASSERT_OK(kind_publish(a->d, &a->tenant, s->t->mem, row.name, 0));
        ASSERT_OK(kinds_get(s->t->kinds, a->d, row.name, 0, &k));
        for (enum lang lang = LANG_FR; lang < LANG_N; lang++) {
            browser_headers_clear(s->web);
            browser_header(s->web, lang == LANG_FR ? "Accept-Language: fr" : "Accept-Language: en");
            struct answer page = http_get(s->web, str_fmt(s->t->mem, "/demarches/%.*s", STR_ARG(row.slug)).p);
            assert_int_equal(page.status, 200);
            assert_true(str_find(page.body, kind_setting_text(k, NULL, 0, "cost", lang)) >= 0);
            if (kind_offer(k) != OFFER_HERE) {
                assert_int_equal(http_get(s->web, str_fmt(s->t->mem, "/demarches/%.*s/imprimer", STR_ARG(row.slug)).p).status, 404);
                continue;
            }
            struct answer paper = http_get(s->web, str_fmt(s->t->mem, "/demarches/%.*s/imprimer", STR_ARG(row.slug)).p);
            assert_int_equal(paper.status, 200);
            fields_printed(*name, &paper, &k->fields, lang);
            assert_true(str_find(paper.body, kind_setting_text(k, NULL, 0, "personal_data.purpose", lang)) >= 0);
        }
    }
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(every_text_is_in_both_languages), STORE_TEST(every_file_says_what_it_must), STORE_TEST(a_condition_reads_what_is_there),
                                              STORE_TEST(publishes_with_contacts_alone), STORE_TEST(never_undoes_what_the_town_wrote), STORE_TEST(prints_its_blank_form)};
    return STORE_RUN(tests);
}
