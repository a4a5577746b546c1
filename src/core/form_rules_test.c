/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Questions as rules: conditions in the whole language, computed values, totals over rows, eligibility, routing, questions asked only while
   a result depends on them. */
#include "base/test.h"

#include <string.h>

#include "base/hash.h"
#include "core/answers.h"
#include "core/form_paper.h"
#include "core/rule_uses.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "rules/engine.h"
#include "base/money.h"
#include "shared_data.h"

#define HEAD "kind: k\nbase: procedure\ntitle: Essai\n"

static err kind_read(arena *mem, const char *yaml, struct kind **out)
{
    json_t *v;
    assert_ok(yaml_parse(mem, str_fmt(mem, HEAD "%s", yaml), &v));
    return kind_parse_any(mem, v, out);
}

static struct kind *kind_from(arena *mem, const char *yaml)
{
    struct kind *k = NULL;
    err e = kind_read(mem, yaml, &k);
    if (e.code != OK) fail_msg("%s: %s", e.msg, e.at ? e.at : "");
    return k;
}

static struct answers_env env_of(void)
{
    return (struct answers_env){.zone = S("Europe/Paris"), .now_us = INT64_C(1795000000) * SECOND_US /* 18 November 2026 */};
}

/* What filing this would store; NULL: refused, *msg says why. */
static const char *filed(arena *mem, const struct kind *k, const char *doc, bool from_form, const char **msg)
{
    json_t *given, *out;
    struct answer_faults faults = {0};
    struct answers_env env = env_of();
    assert_ok(json_parse(mem, str_of(doc), &given));
    assert_ok(answers_check(k, mem, given, &env, from_form, &out, &faults));
    *msg = faults.n ? faults.v[0].msg : NULL;
    return faults.n ? NULL : str_z(mem, json_canonical(mem, out));
}

#define FILED(k_, doc_, becomes_)                                                    \
    do {                                                                             \
        const char *msg_, *got_ = filed(mem, k_, doc_, true, &msg_);                 \
        if (!got_) fail_msg("refused: %s", msg_);                                    \
        assert_string_equal(got_, becomes_);                                         \
    } while (0)
#define REFUSED(k_, doc_, from_form_, key_)                                          \
    do {                                                                             \
        const char *msg_;                                                            \
        assert_null(filed(mem, k_, doc_, from_form_, &msg_));                        \
        assert_string_equal(msg_, key_);                                             \
    } while (0)
#define BAD(yaml_, key_, at_)                                                        \
    do {                                                                             \
        struct kind *k_;                                                             \
        err e_ = kind_read(mem, yaml_, &k_);                                         \
        assert_int_equal(e_.code, E_INVALID);                                        \
        assert_string_equal(e_.msg, key_);                                           \
        assert_non_null(strstr(e_.at, at_));                                         \
    } while (0)

#define TARIFF                                                                                                                    \
    "rules:\n"                                                                                                                    \
    "  quotient familial: {titre: Quotient familial, valeur: revenu / parts, unité: €}\n"                                         \
    "  prix du repas:\n"                                                                                                          \
    "    grille:\n"                                                                                                               \
    "      assiette: quotient familial\n"                                                                                         \
    "      tranches: [{montant: 1.1 €, plafond: 400 €}, {montant: 2.105 €, plafond: 600 €}, {montant: 3.5 €}]\n"                  \
    "fields:\n"                                                                                                                   \
    "  - {id: f1, name: revenu, type: number, money: true, required: true, label: Revenu mensuel}\n"                              \
    "  - {id: f2, name: parts, type: number, required: true, label: Parts}\n"                                                     \
    "  - {id: f3, name: tarif, type: number, money: true, required: true, label: Prix du repas, computed: prix du repas}\n"

static void a_value_is_computed_and_never_believed(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, TARIFF);
    FILED(k, "{\"f1\":1080,\"f2\":2}", "{\"f1\":1080,\"f2\":2,\"f3\":2.11}");          /* to the cent */
    FILED(k, "{\"f1\":1080,\"f2\":2,\"f3\":0.01}", "{\"f1\":1080,\"f2\":2,\"f3\":2.11}");
    REFUSED(k, "{\"f1\":1080,\"f2\":2,\"f3\":0.01}", false, "answers.computed");
    const char *msg;
    assert_non_null(filed(mem, k, "{\"f1\":1080,\"f2\":2,\"f3\":2.11}", false, &msg));
    FILED(k, "{\"f1\":800,\"f2\":2}", "{\"f1\":800,\"f2\":2,\"f3\":2.11}");            /* 400 €: its band begins there, as the reference has it */
    FILED(k, "{\"f1\":798,\"f2\":2}", "{\"f1\":798,\"f2\":2,\"f3\":1.1}");
    REFUSED(k, "{\"f1\":800}", true, "answers.missing.text");
    json_t *schema = kind_schema(k, mem, NULL);
    assert_true(json_is_true(json_path(schema, "properties.f3.readOnly")));
    assert_int_equal(json_array_size(json_object_get(schema, "required")), 2);
}

static void what_the_page_shows_at_once(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, TARIFF "  - {id: f4, name: pourquoi, type: text, label: Pourquoi, when: prix du repas > 3 €}\n");
    struct answers_env env = env_of();
    json_t *doc;
    assert_ok(json_parse(mem, S("{\"f1\":1080,\"f2\":2}"), &doc));
    assert_string_equal(str_z(mem, json_canonical(mem, answers_live(mem, k, doc, &env))), "{\"shown\":{\"f4\":false},\"values\":{\"f3\":\"2,11\u00a0€\"}}");
    assert_ok(json_parse(mem, S("{\"f1\":3000,\"f2\":2}"), &doc));
    assert_string_equal(str_z(mem, json_canonical(mem, answers_live(mem, k, doc, &env))), "{\"shown\":{\"f4\":true},\"values\":{\"f3\":\"3,50\u00a0€\"}}");
    assert_ok(json_parse(mem, S("{\"f2\":2}"), &doc));
    assert_string_equal(str_z(mem, json_canonical(mem, answers_live(mem, k, doc, &env))), "{\"shown\":{\"f4\":false},\"values\":{\"f3\":\"se calcule avec vos réponses\"}}");
    assert_null(answers_live(mem, kind_from(mem, "fields:\n  - {id: f1, name: a, type: yesno, label: A}\n  - {id: f2, type: text, label: B, when: a = oui}\n"), doc, &env));
    assert_string_equal(str_z(mem, answers_said(mem, k, S("quotient familial"), json_path(json_own(mem, json_pack("{s:{s:i, s:i}}", "d", "f1", 2500, "f2", 3)), "d"), &env)), "833,33\u00a0€");
}

#define CHILDREN                                                                                                   \
    "fields:\n"                                                                                                    \
    "  - id: f1\n"                                                                                                 \
    "    name: enfants\n"                                                                                          \
    "    type: repeat\n"                                                                                           \
    "    label: Enfant\n"                                                                                          \
    "    fields:\n"                                                                                                \
    "      - {id: f2, name: âge, type: integer, label: Âge}\n"                                                     \
    "      - {id: f3, name: boursier, type: yesno, label: Boursier, when: âge >= 11}\n"                            \
    "      - {id: f4, name: prix, type: number, money: true, label: Prix, computed: {variations: [{si: boursier, alors: 1 €}, {si: âge < 6, alors: 2 €}, {sinon: 3 €}]}}\n"

static void rows_are_counted_and_added(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, CHILDREN
        "  - {id: f5, name: total, type: number, money: true, label: Total, computed: enfants . somme de prix}\n"
        "  - {id: f6, name: combien, type: integer, label: Combien, computed: enfants . nombre}\n"
        "  - {id: f7, name: benjamin, type: integer, label: Benjamin, computed: enfants . minimum de âge}\n"
        "  - {id: f8, name: aîné, type: integer, label: Aîné, computed: enfants . maximum de âge}\n"
        "  - {id: f9, name: boursiers, type: integer, label: Boursiers, computed: enfants . nombre de boursier}\n"
        "  - {id: f10, type: text, label: Fratrie, when: enfants . nombre >= 3}\n");
    FILED(k, "{\"f1\":[{\"_id\":\"r1\",\"f2\":4},{\"_id\":\"r2\",\"f2\":12,\"f3\":true}],\"f10\":\"x\"}",
          "{\"f1\":[{\"_id\":\"r1\",\"f2\":4,\"f4\":2},{\"_id\":\"r2\",\"f2\":12,\"f3\":true,\"f4\":1}],\"f5\":3,\"f6\":2,\"f7\":4,\"f8\":12,\"f9\":1}");
    FILED(k, "{}", "{\"f5\":0,\"f6\":0,\"f9\":0}");
    /* A row's hidden answer counts for nothing: this child is too young to be asked. */
    FILED(k, "{\"f1\":[{\"_id\":\"r1\",\"f2\":7,\"f3\":true}]}", "{\"f1\":[{\"_id\":\"r1\",\"f2\":7,\"f4\":3}],\"f5\":3,\"f6\":1,\"f7\":7,\"f8\":7,\"f9\":0}");
    FILED(k, "{\"f1\":[{\"_id\":\"r1\",\"f2\":1},{\"_id\":\"r2\",\"f2\":2},{\"_id\":\"r3\",\"f2\":3}],\"f10\":\"x\"}",
          "{\"f1\":[{\"_id\":\"r1\",\"f2\":1,\"f4\":2},{\"_id\":\"r2\",\"f2\":2,\"f4\":2},{\"_id\":\"r3\",\"f2\":3,\"f4\":2}],\"f10\":\"x\",\"f5\":6,\"f6\":3,\"f7\":1,\"f8\":3,\"f9\":0}");
    BAD(CHILDREN "  - {id: f5, type: text, label: B, when: âge > 3}\n", "kind.rule_reads_row", "fields[1].when");
    BAD(CHILDREN "  - {id: f5, name: total, type: number, label: B, computed: prix + 1}\n", "kind.rule_reads_row", "fields[1].computed");
}

static void several_choices_are_rules(void **state)
{
    arena *mem = *state;
    const char *const conditions[] = {"loisirs . tennis = oui", "loisirs . tennis", "loisirs = 'tennis'", "{une de ces conditions: [loisirs . tennis, loisirs . échecs]}"};
    for (size_t i = 0; i < 4; i++) {
        const struct kind *k = kind_from(mem, str_z(mem, str_fmt(mem,
            "fields:\n  - {id: f1, name: loisirs, type: choices, label: Loisirs, options: {tennis: Tennis, échecs: Échecs, a b: Autre}}\n"
            "  - {id: f2, type: text, label: Club, required: true, when: \"%s\"}\n", conditions[i])));
        FILED(k, "{\"f1\":[\"a b\"],\"f2\":\"x\"}", "{\"f1\":[\"a b\"]}");
        FILED(k, "{\"f1\":[\"a b\",\"tennis\"],\"f2\":\"x\"}", "{\"f1\":[\"tennis\",\"a b\"],\"f2\":\"x\"}");
        assert_int_equal(k->fields.v[1].when->menu != NULL, 1);
        assert_ptr_equal(k->fields.v[1].when->from.v[0].field, &k->fields.v[0]);
    }
    /* Nothing chosen says neither yes nor no. */
    const struct kind *not_tennis = kind_from(mem, "fields:\n  - {id: f1, name: loisirs, type: choices, label: Loisirs, options: {tennis: Tennis, vélo: Vélo}}\n"
                                                   "  - {id: f2, type: text, label: Club, when: loisirs . tennis = non}\n");
    FILED(not_tennis, "{\"f2\":\"x\"}", "{}");
    FILED(not_tennis, "{\"f1\":[\"vélo\"],\"f2\":\"x\"}", "{\"f1\":[\"vélo\"],\"f2\":\"x\"}");
}

static void a_condition_in_the_whole_language(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "rules:\n  majeur: {valeur: {durée: {depuis: naissance, unité: an}}}\n"
        "fields:\n  - {id: f1, name: naissance, type: date, label: Naissance}\n"
        "  - {id: f2, type: text, label: Permis, when: majeur >= 18 an}\n"
        "  - {id: f3, name: a, type: number, label: A}\n"
        "  - {id: f4, type: text, label: B, when: \"a * 2 + 1 > 10\"}\n"
        "  - {id: f5, type: text, label: C, when: {est non défini: a}}\n");
    assert_null(k->fields.v[3].when->menu);
    assert_string_equal(str_z(mem, k->fields.v[3].when->text), "a * 2 + 1 > 10");
    FILED(k, "{\"f1\":\"2008-11-18\",\"f2\":\"x\",\"f5\":\"x\"}", "{\"f1\":\"2008-11-18\",\"f2\":\"x\",\"f5\":\"x\"}");
    FILED(k, "{\"f1\":\"2008-11-20\",\"f2\":\"x\",\"f3\":5,\"f4\":\"x\",\"f5\":\"x\"}", "{\"f1\":\"2008-11-20\",\"f3\":5,\"f4\":\"x\"}");
    FILED(k, "{\"f3\":4.5,\"f4\":\"x\"}", "{\"f3\":4.5}");
    BAD("fields:\n  - {id: f1, type: text, label: B, when: \"inconnu + 1 > 2\"}\n", "rules.fault", "fields[0].when: ");
    BAD("fields:\n  - {id: f1, type: text, label: B, when: \"a + 1 > 2\"}\n  - {id: f2, name: a, type: number, label: A}\n", "kind.rule_reads_later", "fields[0].when: a");
    BAD("rules: {a: 1}\nfields:\n  - {id: f2, name: a, type: number, label: A}\n", "kind.rule_is_field", "rules.a");
    BAD("rules: {beffroi: 1}\nfields:\n  - {id: f2, name: a, type: number, label: A}\n", "kind.rule_reserved", "rules.beffroi");
    BAD("rules: {b: {somme: [c]}}\nfields:\n  - {id: f2, name: a, type: number, label: A}\n", "rules.fault", "rules.b");
    BAD("fields:\n  - {id: f1, type: text, name: 1x, label: B, computed: 1}\n", "kind.computed_name", "fields[0]");
}

static void a_heading_takes_its_section_along(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "fields:\n  - {id: f1, name: pro, type: yesno, label: Professionnel}\n"
        "  - {id: h1, type: heading, level: 1, label: Société, when: pro = oui}\n"
        "  - {id: f2, name: siret, type: text, label: Siret, required: true}\n"
        "  - {id: h2, type: heading, level: 2, label: Siège}\n"
        "  - {id: f3, type: text, label: Ville}\n"
        "  - {id: h3, type: heading, level: 1, label: La suite}\n"
        "  - {id: f4, type: text, label: Mot}\n");
    FILED(k, "{\"f1\":false,\"f2\":\"x\",\"f3\":\"x\",\"f4\":\"x\"}", "{\"f1\":false,\"f4\":\"x\"}");
    FILED(k, "{\"f1\":true,\"f2\":\"x\",\"f3\":\"x\"}", "{\"f1\":true,\"f2\":\"x\",\"f3\":\"x\"}");
    REFUSED(k, "{\"f1\":true}", true, "answers.missing.text");
    REFUSED(k, "{\"f1\":false,\"f3\":\"x\"}", false, "answers.hidden");
    struct form_pages pages = kind_pages(mem, k);
    json_t *no;
    assert_ok(json_parse(mem, S("{\"f1\":false}"), &no));
    assert_int_equal(pages.n, 3);
    struct answers_env env = env_of();
    const bool *shown = answers_pages_shown(mem, k, &pages, no, &env);
    assert_true(shown[0] && !shown[1] && shown[2]);
}

static void who_cannot_ask_is_told_so(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "eligibility:\n  - {must: \"âge >= 16\", message: {fr: Revenez à seize ans., en: Come back at sixteen.}}\n"
        "fields:\n  - {id: f1, name: âge, type: integer, label: Âge}\n");
    REFUSED(k, "{\"f1\":15}", true, "answers.not_eligible");
    FILED(k, "{\"f1\":16}", "{\"f1\":16}");
    FILED(k, "{}", "{}");                               /* not known: nobody is refused on it */
    struct answer_faults faults = {0};
    struct answers_env env = env_of();
    json_t *doc, *out;
    assert_ok(json_parse(mem, S("{\"f1\":15}"), &doc));
    assert_ok(answers_check(k, mem, doc, &env, true, &out, &faults));
    assert_string_equal(str_z(mem, answer_fault_words(mem, LANG_FR, &faults.v[0])), "Revenez à seize ans.");
    assert_string_equal(str_z(mem, faults.v[0].path), "f1");
}

static void a_team_by_its_rule(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "routing:\n  - {when: \"quartier = 'nord'\", team: Équipe nord}\n  - {when: \"montant > 1000 €\", team: Finances}\n"
        "fields:\n  - {id: f1, name: quartier, type: choice, label: Quartier, options: {nord: Nord, sud: Sud}}\n"
        "  - {id: f2, name: montant, type: number, money: true, label: Montant}\n");
    struct answers_env env = env_of();
    const struct { const char *doc, *team; } cases[] = {{"{\"f1\":\"nord\",\"f2\":2000}", "Équipe nord"}, {"{\"f1\":\"sud\",\"f2\":2000}", "Finances"}, {"{\"f1\":\"sud\"}", ""}};
    for (size_t i = 0; i < 3; i++) {
        json_t *doc;
        assert_ok(json_parse(mem, str_of(cases[i].doc), &doc));
        assert_string_equal(str_z(mem, answers_team(mem, k, doc, &env)), cases[i].team);
    }
}

static void a_question_only_while_a_result_depends_on_it(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "rules:\n"
        "  aide: {variations: [{si: étudiant = non, alors: 0 €}, {si: boursier, alors: 300 €}, {sinon: {valeur: 200 € - loyer / 10, plancher: 0 €}}]}\n"
        "fields:\n  - {id: f1, name: étudiant, type: yesno, label: Étudiant}\n"
        "  - {id: f2, name: boursier, type: yesno, label: Boursier, required: true, if_needed: true}\n"
        "  - {id: f3, name: loyer, type: number, money: true, label: Loyer, required: true, if_needed: true}\n"
        "  - {id: f4, name: montant, type: number, money: true, label: Aide, computed: aide}\n");
    FILED(k, "{\"f1\":false,\"f2\":true,\"f3\":400}", "{\"f1\":false,\"f4\":0}");
    FILED(k, "{\"f1\":true,\"f2\":true,\"f3\":400}", "{\"f1\":true,\"f2\":true,\"f4\":300}");
    FILED(k, "{\"f1\":true,\"f2\":false,\"f3\":400}", "{\"f1\":true,\"f2\":false,\"f3\":400,\"f4\":160}");
    const char *msg;            /* a machine, which has the schema alone, sends both: what no result depends on is dropped */
    assert_string_equal(filed(mem, k, "{\"f1\":false,\"f2\":true,\"f3\":400}", false, &msg), "{\"f1\":false,\"f4\":0}");
    assert_int_equal(json_array_size(json_object_get(kind_schema(k, mem, NULL), "required")), 2);
    REFUSED(k, "{\"f1\":true,\"f2\":false}", true, "answers.missing.text");
    REFUSED(k, "{\"f1\":true}", true, "answers.missing.choice");
}

static void a_length_from_a_rule(void **state)
{
    arena *mem = *state;
#define LATE(members_) "fields:\n  - {id: f1, name: urgent, type: yesno, label: Urgent}\ntransitions:\n  late: {from: [received], to: received, " members_ ", does: [{notify: team}]}\n"
    BAD(LATE("after: {rule: null}"), "kind.bad_rule", "transitions.late.after.rule");
    BAD(LATE("after: {rule: urgent, days: 3}"), "kind.bad_span", "transitions.late.after");
    BAD("fields:\n  - {id: f1, type: text, label: A, when: null}\n", "kind.bad_rule", "fields[0].when");
    BAD("fields: []\ntransitions:\n  à revoir: {from: [received], to: received}\n", "kind.bad_id", "transitions.à revoir");
    assert_int_equal(kind_transition(kind_from(mem, LATE("by: agent, after: null, when: null")), S("late"))->by, BY_AGENT);
    assert_null(kind_transition(kind_from(mem, "fields: []\ntransitions:\n  accept: {use: accept, when: null}\n"), S("accept"))->when);
    const struct kind *k = kind_from(mem, "fields:\n  - {id: f1, name: urgent, type: yesno, label: Urgent}\n"
        "transitions:\n  late: {from: [received], to: received, after: {rule: {variations: [{si: urgent, alors: 5 jours}, {sinon: 2 mois}]}}, does: [{notify: team}]}\n");
    const struct transition *t = kind_transition(k, S("late"));
    struct answers_env env = env_of();
    struct span s;
    json_t *doc;
    assert_non_null(t->after_rule);
    assert_int_equal(t->by, BY_SYSTEM);
    assert_ok(json_parse(mem, S("{\"f1\":true}"), &doc));
    assert_true(answers_span(k, t->after_rule, doc, &env, &s));
    assert_true(s.count == 5 && s.unit == SPAN_DAYS);
    assert_ok(json_parse(mem, S("{\"f1\":false}"), &doc));
    assert_true(answers_span(k, t->after_rule, doc, &env, &s));
    assert_true(s.count == 2 && s.unit == SPAN_MONTHS);
    assert_ok(json_parse(mem, S("{}"), &doc));
    assert_false(answers_span(k, t->after_rule, doc, &env, &s));
}

/* At half past midnight in Paris it is the day before in Greenwich. */
static void a_guard_counts_in_days_of_the_town(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "rules:\n  ancienneté: {durée: {depuis: arrivée}}\n"
        "fields:\n  - {id: f1, name: arrivée, type: date, label: Arrivée}\n"
        "transitions:\n  aged: {from: [received], to: received, by: agent, when: \"ancienneté >= 1 jour\", does: [{notify: team}]}\n");
    const struct transition *t = kind_transition(k, S("aged"));
    struct answers_env paris = {.zone = S("Europe/Paris"), .now_us = INT64_C(1798759800) * 1000000}, greenwich = {.zone = S("UTC"), .now_us = paris.now_us};
    json_t *doc;
    assert_ok(json_parse(mem, S("{\"f1\":\"2026-12-31\"}"), &doc));
    assert_true(answers_condition(&k->fields, t->when, doc, &paris));
    assert_false(answers_condition(&k->fields, t->when, doc, &greenwich));
}

/* On the form to print, nothing to fill in where nobody does. */
static void paper_asks_no_computed_value(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, TARIFF);
    struct answers_env env = env_of();
    struct tenant town = {.name = S("Ville"), .zone = S("Europe/Paris")};
    struct form_paper f = {.tenant = &town, .kind = k, .env = &env};
    struct paper out = {0};
    size_t fields = 0;
    bool said = false;
    assert_ok(form_paper(mem, &f, &out));
    for (size_t i = 0; i < out.blocks.n; i++) {
        const struct paper_block *b = &out.blocks.v[i];
        str words_of = b->words.n ? b->words.v[0].words : STR_NONE;
        fields += b->type == PAPER_FIELD && (str_is(words_of, "Revenu mensuel") || str_is(words_of, "Parts") || str_is(words_of, "Prix du repas"));
        said |= b->type == PAPER_PARAGRAPH && str_starts(words_of, S("Prix du repas"));
    }
    assert_int_equal(fields, 2);
    assert_true(said);
}

/* Public rules as they are published, in a form of the town. */
static void public_rules_are_imported(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "packages:\n"
        "  vélo: {aide: {produit: [prix, 20%], plafond: 300 €}, prix: {question: Prix ?, unité: €}, autre: 1}\n"
        "rules:\n  importer!: {depuis: {nom: vélo}, les règles: [aide]}\n  montant: {valeur: vélo . aide, contexte: {vélo . prix: prix payé}}\n"
        "fields:\n  - {id: f1, name: prix payé, type: number, money: true, label: Prix payé}\n"
        "  - {id: f2, name: aide, type: number, money: true, label: Aide, computed: montant}\n");
    FILED(k, "{\"f1\":1000}", "{\"f1\":1000,\"f2\":200}");
    FILED(k, "{\"f1\":2000}", "{\"f1\":2000,\"f2\":300}");
    BAD("rules:\n  importer!: {depuis: {nom: train}, les règles: [aide]}\nfields:\n  - {id: f1, type: text, label: A}\n", "rules.fault", "rules: ");
}

/* The real model of social contributions: a question of the form gives its gross salary, and the net is what the model itself says. */
static void a_real_model_in_a_form(void **state)
{
    arena *mem = *state;
    str text;
    json_t *definition, *model, *situation;
    struct kind *k;
    struct rulebase *base;
    struct rule_fault fault;
    struct rule_answer net;
    const char *msg;
    if (!shared_data(mem, "rules/modele-social/rules.json", &text)) skip();
    assert_ok(json_parse(mem, text, &model));
    assert_ok(yaml_parse(mem, S(HEAD "rules:\n  importer!: {depuis: {nom: social}, les règles: [salarié . rémunération . net . payé après impôt]}\n"
        "  net: {valeur: social . salarié . rémunération . net . payé après impôt, contexte: {social . salarié . contrat . salaire brut: brut}}\n"
        "fields:\n  - {id: f1, name: brut, type: number, unit: €/mois, label: Salaire brut}\n"
        "  - {id: f2, name: ce qui reste, type: number, money: true, label: Salaire net, computed: net}\n"), &definition));
    json_object_set_new(definition, "packages", json_pack("{s:O}", "social", model));
    assert_ok(kind_parse_any(mem, definition, &k));
    const char *got = filed(mem, k, "{\"f1\":2500}", true, &msg);
    assert_ok(rulebase_new(&base, model, NULL, &fault));
    struct evaluator *ev = evaluator_new(base, NULL);
    assert_ok(json_parse(mem, S("{\"salarié . contrat . salaire brut\": \"2500 €/mois\"}"), &situation));
    assert_ok(evaluator_situation(ev, situation, &fault));
    assert_ok(evaluator_value(ev, S("salarié . rémunération . net . payé après impôt"), &net, &fault));
    int64_t cents;
    assert_ok(money_cents(net.number, &cents));
    assert_true(cents > 150000);
    assert_string_equal(got, str_fmt(mem, "{\"f1\":2500,\"f2\":%lld.%02d}", (long long)cents / 100, (int)(cents % 100)).p);
    evaluator_free(ev);
    rulebase_free(base);
}

static void every_rule_has_its_part(void **state)
{
    arena *mem = *state;
    const struct kind *k = kind_from(mem, "rules: {qf: revenu / 2}\n"
        "eligibility: [{must: revenu >= 0 €, message: Non}]\nrouting: [{when: revenu > 100 €, team: Nord}]\n"
        "transitions:\n  grant: {from: [received], to: received, by: system, after: {rule: 3 jours}, when: revenu < 10 €}\n"
        "fields:\n  - {id: f1, name: revenu, type: number, money: true, label: Revenu}\n"
        "  - {id: f2, name: tarif, type: number, money: true, label: Tarif, computed: qf / 100}\n"
        "  - {id: f3, name: indice, type: number, label: Indice, computed: qf, role: display}\n"
        "  - {id: f4, type: text, label: Mot, when: revenu > 1 €}\n");
    static const struct { const char *of; enum rule_role role; bool declared; } want[] = {
        {"Tarif", RULE_ROLE_DECISION, false}, {"Indice", RULE_ROLE_DISPLAY, true}, {"Mot", RULE_ROLE_DISPLAY, false}, {"Non", RULE_ROLE_DECISION, false},
        {"Nord", RULE_ROLE_ASSISTANCE, false}, {"grant", RULE_ROLE_DECISION, false}, {"grant", RULE_ROLE_ASSISTANCE, false}};
    struct rule_uses uses = rule_uses(mem, k);
    assert_int_equal(uses.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < uses.n; i++) {
        assert_string_equal(str_z(mem, uses.v[i].of), want[i].of);
        assert_int_equal(uses.v[i].role, want[i].role);
        assert_int_equal(uses.v[i].is_declared, want[i].declared);
    }
    BAD("fields:\n  - {id: f1, name: a, type: number, label: A, computed: 1 + 1, role: chef}\n", "kind.bad_role", "fields[0].role");
    BAD("fields:\n  - {id: f1, name: a, type: number, label: A, role: decision}\n", "kind.key_not_for_type", "fields[0].role");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(a_value_is_computed_and_never_believed), IN_ARENA(what_the_page_shows_at_once), IN_ARENA(rows_are_counted_and_added), IN_ARENA(several_choices_are_rules),
        IN_ARENA(a_condition_in_the_whole_language), IN_ARENA(a_heading_takes_its_section_along), IN_ARENA(who_cannot_ask_is_told_so), IN_ARENA(a_team_by_its_rule),
        IN_ARENA(a_question_only_while_a_result_depends_on_it), IN_ARENA(a_length_from_a_rule), IN_ARENA(a_guard_counts_in_days_of_the_town), IN_ARENA(every_rule_has_its_part), IN_ARENA(paper_asks_no_computed_value), IN_ARENA(public_rules_are_imported), IN_ARENA(a_real_model_in_a_form)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
