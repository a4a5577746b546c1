/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"

#include <string.h>

#include "base/hash.h"
#include "core/answers.h"
#include "core/value_list.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "shared_data.h"

static struct kind *kind_from(arena *mem, const char *yaml)
{
    json_t *v;
    struct kind *k = NULL;
    assert_ok(yaml_parse(mem, str_of(yaml), &v));
    assert_ok(kind_parse_any(mem, v, &k));
    return k;
}

#define HEAD "kind: k\nbase: procedure\ntitle: Essai\n"

static void is_refused(arena *mem, const char *yaml, const char *msg, const char *at)
{
    json_t *v;
    struct kind *k;
    assert_ok(yaml_parse(mem, str_of(yaml), &v));
    err e = kind_parse_any(mem, v, &k);
    if (e.code != E_INVALID) fail_msg("accepted: %s", yaml);
    assert_string_equal(e.msg, msg);
    assert_string_equal(e.at, at);
    assert_false(str_is(words(LANG_FR, e.msg), e.msg));
}

static void parses_the_report_of_the_design(void **state)
{
    arena *mem = *state;
    str yaml;
    assert_true(file_bytes(mem, BEFFROI_SOURCE_DIR "/tests/fixtures/design-report.kind.yaml", &yaml));
    struct kind *k = kind_from(mem, str_z(mem, yaml));
    assert_str(k->name, "report");
    assert_int_equal(k->fields.n, 8); /* facet place: a page heading, the place, a heading for what follows */
    assert_str(k->fields.v[1].id, "place");
    assert_true(k->fields.v[1].required && k->fields.v[1].is_public);
    assert_int_equal(kind_pages(mem, k).n, 2);
    assert_str(k->fields.v[7].when->text, "rappel souhaité = oui");
    assert_ptr_equal(k->fields.v[7].when->from.v[0].field, &k->fields.v[6]);
    assert_int_equal(k->states.n, 7);
    assert_str(kind_initial(k)->name, "received");
    assert_int_equal(k->transitions.n, 7);
    const struct transition *accept = kind_transition(k, S("accept")), *late = kind_transition(k, S("late"));
    assert_int_equal(accept->asks.v[0].options.n, 4); /* what may be masked: the public fields */
    assert_int_equal(late->by, BY_SYSTEM);
    assert_int_equal(late->after.count, 15);
    assert_int_equal(late->after.unit, SPAN_WORKING_DAYS);
    assert_int_equal(late->to.n, 0);
    assert_int_equal(k->keep_final.count, 24);
    assert_str(k->keep_then, "anonymise");
}

static void titled(const struct text *x, str name, const char *kind, const char *what)
{
    for (int lang = 0; lang < LANG_N; lang++)
        if (!x->v[lang].n || str_eq(x->v[lang], name)) fail_msg("%s: %.*s has no %s in language %d", kind, STR_ARG(name), what, lang);
}

/* Nobody ever reads a name of ours: not of a state, not of what the clock does by itself. */
static void all_that_is_shipped_has_titles(void **state)
{
    arena *mem = *state;
    for (const char *const *name = kind_names_shipped; *name; name++) {
        json_t *v;
        struct kind *k;
        assert_ok(json_parse(mem, str_of(kind_yaml_shipped(*name)), &v));
        assert_ok(kind_parse_any(mem, v, &k));
        titled(&k->title, k->name, *name, "title");
        for (size_t i = 0; i < k->states.n; i++) titled(&k->states.v[i].title, k->states.v[i].name, *name, "title");
        for (size_t i = 0; i < k->transitions.n; i++) {
            titled(&k->transitions.v[i].title, k->transitions.v[i].name, *name, "title");
            titled(&k->transitions.v[i].history, k->transitions.v[i].name, *name, "history");
        }
        for (size_t i = 0; i < k->fields.n; i++) titled(&k->fields.v[i].label, k->fields.v[i].name, *name, "label");
    }
}

static void parses_what_is_shipped(void **state)
{
    arena *mem = *state;
    size_t n = 0;
    for (const char *const *name = kind_names_shipped; *name; name++, n++) {
        json_t *v;
        struct kind *k;
        assert_ok(json_parse(mem, str_of(kind_yaml_shipped(*name)), &v));
        assert_ok(kind_parse_any(mem, v, &k));
        assert_str(k->name, *name);
        for (size_t i = 0; i < k->transitions.n; i++)
            if (k->transitions.v[i].by != BY_SYSTEM) assert_true(k->transitions.v[i].title.v[LANG_EN].n > 0);
    }
    assert_true(n >= 2);
    assert_non_null(list_yaml_shipped("report-categories"));
    assert_null(kind_yaml_shipped("nothing"));
}

/* Who may do what from where: the whole table of the life of a dossier. */
static void lives_a_dossier_by_the_book(void **state)
{
    static const struct { const char *name, *to; unsigned by; bool decision; } table[] = {
        {"take", "examining", BY_AGENT, false}, {"ask_correction", "correcting", BY_AGENT, false}, {"correct", "examining", BY_AUTHOR, false},
        {"take_back", "examining", BY_AGENT, false}, {"accept", "accepted", BY_AGENT, true}, {"refuse", "refused", BY_AGENT, true},
        {"close", "closed", BY_AGENT, true}, {"withdraw", "withdrawn", BY_AUTHOR, false}, {"reopen", "examining", BY_AGENT, false},
        {"transfer", "transferred", BY_AGENT, false}, {"attest", "", BY_AGENT, false}, {"silence_accepts", "accepted_silently", BY_SYSTEM, false},
        {"silence_refuses", "refused_silently", BY_SYSTEM, false}};
    struct kind *k = kind_from(*state, HEAD "fields: []\n");
    assert_int_equal(k->transitions.n, sizeof table / sizeof *table);
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = kind_transition(k, str_of(table[i].name));
        assert_non_null(t);
        if (*table[i].to) assert_str(t->to, table[i].to);
        else assert_false(t->to.n > 0);
        assert_int_equal(t->by, table[i].by);
        assert_int_equal(t->decision, table[i].decision);
    }
    const struct transition *refuse = kind_transition(k, S("refuse")), *silence = kind_transition(k, S("silence_refuses"));
    assert_int_equal(refuse->asks.n, 2);
    assert_true(refuse->asks.v[0].required && refuse->asks.v[1].required);
    assert_str(silence->after_setting, "silence.after");
    assert_str(silence->if_setting, "silence.means");
    assert_str(silence->if_value, "rejection");
    assert_str(k->service, "procedures");
}

static void says_where_a_definition_is_at_fault(void **state)
{
    arena *mem = *state;
    is_refused(mem, "- a", "kind.not_object", "");
    is_refused(mem, "kind: k\ntitle: T\nfields: []", "kind.one_initial", "states");
    is_refused(mem, "kind: k\nbase: nothing\ntitle: T\nfields: []", "kind.unknown_base", "base");
    is_refused(mem, "kind: 'a b'\nbase: procedure\ntitle: T\nfields: []", "kind.bad_id", "kind");
    is_refused(mem, "base: procedure\ntitle: T\nfields: []", "kind.missing", "kind");
    is_refused(mem, "kind: k\nbase: procedure\ntitle: {en: T}\nfields: []", "kind.text_empty", "title.fr");
    is_refused(mem, "kind: k\nbase: procedure\ntitle: {fr: T, de: T}\nfields: []", "kind.unknown_language", "title.de");
    is_refused(mem, HEAD "colour: red\nfields: []", "kind.unknown_key", "colour");
    is_refused(mem, HEAD, "kind.missing", "fields");
    is_refused(mem, HEAD "fields: [{id: a, type: text}]", "kind.missing", "fields[0].label");
    is_refused(mem, HEAD "fields: [{id: a, label: A}]", "kind.missing", "fields[0].type");
    is_refused(mem, HEAD "fields: [{id: a, type: nonsense, label: A}]", "kind.unknown_type", "fields[0].type");
    is_refused(mem, HEAD "fields: [{id: a/b, type: text, label: A}]", "kind.bad_id", "fields[0].id");
    is_refused(mem, HEAD "fields: [{id: a, type: text, label: A, colour: red}]", "kind.unknown_key", "fields[0].colour");
    is_refused(mem, HEAD "fields: [{id: a, type: text, label: A, required: 1}]", "kind.not_bool", "fields[0].required");
    is_refused(mem, HEAD "fields: [{id: a, type: text, label: A}, {id: a, type: text, label: A}]", "kind.id_twice", "fields[1].id");
    is_refused(mem, HEAD "fields: [{id: a, name: x, type: text, label: A}, {id: b, name: x, type: text, label: A}]", "kind.name_twice", "fields[1].name");
    is_refused(mem, HEAD "fields: [{id: a, type: text, label: A, options: {x: X}}]", "kind.key_not_for_type", "fields[0].options");
    is_refused(mem, HEAD "fields: [{id: a, type: choice, label: A, options: [{id: x, label: X}, {id: x, label: Y}]}]", "kind.option_twice",
               "fields[0].options[1].id");
    is_refused(mem, HEAD "fields: [{id: a, type: repeat, label: A, fields: [{id: b, type: repeat, label: B}]}]", "kind.repeat_in_repeat", "fields[0].fields[0].type");
    is_refused(mem, HEAD "fields: [{id: a, type: formatted, label: A, pattern: '('}]", "kind.bad_pattern", "fields[0].pattern");
    is_refused(mem, HEAD "fields: [{id: a, type: formatted, label: A, pattern: '[0-9]+', example: x}]", "kind.example_not_matching", "fields[0].example");
    is_refused(mem, HEAD "fields: []\nretention: {final: soon}", "kind.bad_span", "retention.final");
    is_refused(mem, HEAD "fields: []\ntitle_from: nothing", "kind.no_such_field", "title_from");
    is_refused(mem, HEAD "fields: []\ntransitions: {x: {from: received, to: nowhere}}", "kind.unknown_state", "transitions.x.to");
    is_refused(mem, HEAD "fields: []\ntransitions: {x: {from: received, does: [{explode: now}]}}", "kind.unknown_effect", "transitions.x.does[0].explode");
    is_refused(mem, HEAD "fields: []\ntransitions: {x: {from: received, asks: [nothing]}}", "kind.unknown_ask", "transitions.x.asks[0]");
    is_refused(mem, HEAD "fields: []\nstates: {x: {initial: true, title: X}}", "kind.one_initial", "states");
}

static void conditions_read_earlier_fields_only(void **state)
{
    arena *mem = *state;
#define TWO(type_, when_) HEAD "fields: [{id: a, type: " type_ ", label: A}, {id: b, type: text, label: B, when: \"" when_ "\"}]"
    is_refused(mem, HEAD "fields: [{id: a, type: text, label: A, when: b = oui}, {id: b, type: yesno, label: B}]", "kind.rule_reads_later", "fields[0].when: b");
    is_refused(mem, TWO("yesno", "c = oui"), "kind.rule_unknown_name", "fields[1].when: c");
    is_refused(mem, TWO("yesno", "a > 3"), "kind.rule_wants_bool", "fields[1].when: a");
    is_refused(mem, TWO("integer", "a = oui"), "kind.rule_wants_number", "fields[1].when: a");
    is_refused(mem, TWO("date", "a > 3"), "kind.rule_wants_date", "fields[1].when: a");
    is_refused(mem, TWO("choice, options: {x: X}", "a = 'z'"), "kind.rule_unknown_option", "fields[1].when: a");
    is_refused(mem, TWO("choice, options: {x: X}", "a = oui"), "kind.rule_wants_text", "fields[1].when: a");
    is_refused(mem, TWO("file", "a = 'z'"), "kind.rule_cannot_read", "fields[1].when: a");
    kind_from(mem, TWO("choice, options: {x: X}", "a = 'x'"));
    kind_from(mem, TWO("integer", "a >= 18"));
    /* In a row: its own earlier questions, and those of the record above. */
    kind_from(mem, HEAD "fields:\n- {id: t, type: yesno, label: T}\n- id: r\n  type: repeat\n  label: R\n  fields:\n  - {id: a, type: yesno, label: A}\n"
                        "  - {id: b, type: text, label: B, when: {toutes ces conditions: [a = oui, t = oui]}}\n");
    is_refused(mem, HEAD "fields:\n- id: r\n  type: repeat\n  label: R\n  fields:\n  - {id: a, type: yesno, label: A}\n- {id: b, type: text, label: B, when: a = oui}\n",
               "kind.rule_reads_row", "fields[1].when: a");
}

static void cuts_the_form_into_pages(void **state)
{
    arena *mem = *state;
    buf b = BUF(1 << 20);
    buf_lit(&b, HEAD "fields:\n- {id: x, type: text, label: X}\n- {id: h1, type: heading, level: 1, label: Un}\n");
    for (int i = 0; i < 20; i++) {
        if (i % 5 == 0) buf_fmt(&b, "- {id: s%d, type: heading, level: 2, label: Partie %d}\n", i, i);
        buf_fmt(&b, "- {id: f%d, type: text, label: F}\n", i);
    }
    buf_lit(&b, "- {id: h2, type: heading, level: 1, label: Deux}\n- {id: y, type: text, label: Y}\n- {id: n, type: text, label: N, private: true}\n");
    struct kind *k = kind_from(mem, str_z(mem, buf_str(&b)));
    struct form_pages p = kind_pages(mem, k);
    buf_free(&b);
    assert_int_equal(p.n, 6); /* the beginning, four parts of "Un", "Deux" */
    assert_str(p.v[0].title.v[LANG_FR], "Essai");
    assert_str(p.v[1].title.v[LANG_FR], "Un");
    assert_str(p.v[2].title.v[LANG_FR], "Partie 5");
    assert_str(p.v[5].title.v[LANG_FR], "Deux");
    for (size_t i = 1; i < p.n; i++) assert_int_equal(p.v[i].from, p.v[i - 1].to);
    assert_int_equal(p.v[5].to, k->fields.n);
}

static void finds_among_long_options(void **state)
{
    arena *mem = *state;
    json_t *options = json_own(mem, json_array());
    for (int i = 0; i < 47738; i++)
        json_array_append_new(options, json_pack("{s:o, s:o}", "id", json_from_str(str_fmt(mem, "o%d", i)), "label",
            json_from_str(i == 4000 ? S("Épinal (88000)") : str_fmt(mem, "%c%c Commune %d", 'A' + i % 26, 'a' + i % 7, i))));
    json_t *def = json_own(mem, json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:O}]}", "kind", "k", "base", "procedure", "title", "T", "fields",
        "id", "a", "type", "choice", "label", "A", "options", options));
    struct kind *k;
    struct options found;
    assert_ok(kind_parse_any(mem, def, &k));
    const struct field *f = &k->fields.v[0];
    assert_str(field_option(f, S("o47737"))->id, "o47737");
    assert_null(field_option(f, S("o47738")));
    assert_str(option_by_label(mem, &f->options, S("epinal (88000)"))->id, "o4000");
    options_suggest(mem, &f->options, S("ÉPI"), SUGGEST_MOST, &found);
    assert_int_equal(found.n, 1);
    options_suggest(mem, &f->options, S("a"), SUGGEST_MOST, &found);
    assert_int_equal(found.n, SUGGEST_MOST);
    options_suggest(mem, &f->options, S("commune 477"), SUGGEST_MOST, &found);
    assert_int_equal(found.n, SUGGEST_MOST);
}

static void knows_every_type_of_the_corpus(void **state)
{
    static const char *const corpus[] = {"Text", "PieceJustificative", "HeaderSection", "DropDownList", "Textarea", "Explication", "YesNo", "Checkbox",
        "IntegerNumber", "Date", "Phone", "MultipleDropDownList", "Email", "Number", "Repetition", "Address", "DecimalNumber", "Civilite", "Commune",
        "Pays", "LinkedDropDownList", "Siret", "Departement", "Formatted", "DossierLink", "Iban", "Carte", "Datetime", "AnnuaireEducation", "Region",
        "RNA", "Epci", "RNF", "Referentiel", "COJO", "PreRempli"};
    (void)state;
    size_t fifteen = 0;
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) assert_non_null(field_type_ds(str_of(corpus[i])));
    assert_string_equal(field_type_ds(S("YesNoChampDescriptor"))->name, "yesno");
    for (const struct field_type *t = field_types; t->name; t++) {
        fifteen += t->in_fifteen;
        assert_ptr_equal(field_type_named(str_of(t->name)), t);
        if (!t->holds_value || strcmp(t->name, "repeat") == 0) continue;
        assert_true(t->parse && t->check && t->input && t->show && t->schema);
        assert_true(!t->rule == (t->reads_as == RULE_UNDEFINED));
    }
    assert_int_equal(fifteen, 15);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_ARENA(parses_the_report_of_the_design),
        IN_ARENA(parses_what_is_shipped),
        IN_ARENA(all_that_is_shipped_has_titles),
        IN_ARENA(lives_a_dossier_by_the_book),
        IN_ARENA(says_where_a_definition_is_at_fault),
        IN_ARENA(conditions_read_earlier_fields_only),
        IN_ARENA(cuts_the_form_into_pages),
        IN_ARENA(finds_among_long_options),
        IN_ARENA(knows_every_type_of_the_corpus),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
