/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"

#include "base/hash.h"
#include "core/kind_edit.h"
#include "core/letter_template.h"
#include "core/life.h"
#include "formats/json.h"
#include "formats/yaml.h"

static const char yaml[] =
    "kind: k\nbase: procedure\ntitle: Essai\nfields:\n"
    "- {id: h1, type: heading, level: 1, label: Un}\n"
    "- {id: a, name: âge, type: integer, label: {fr: Votre âge, en: Your age}}\n"
    "- {id: b, name: couleur, type: choice, label: Couleur, options: {r: Rouge, v: Vert}}\n"
    "- {id: h2, type: heading, level: 1, label: Deux}\n"
    "- {id: c, type: text, label: C, when: âge >= 18}\n"
    "- {id: d, name: enfants, type: repeat, label: Enfants, fields: [{id: e, type: text, label: Nom}]}\n";

static json_t *draft(arena *mem)
{
    json_t *v;
    assert_ok(yaml_parse(mem, str_of(yaml), &v));
    return kind_edit_start(mem, v);
}

/* What the editor made is a definition. */
static struct kind *parsed(arena *mem, const json_t *def)
{
    struct kind *k = NULL;
    assert_ok(kind_parse_any(mem, kind_edit_start(mem, def), &k));
    return k;
}

static void ids_are(arena *mem, const json_t *def, const char *expected)
{
    struct kind *k = parsed(mem, def);
    struct strs ids = {0};
    for (size_t i = 0; i < k->fields.n; i++) PUSH(mem, &ids, k->fields.v[i].id);
    assert_str(str_join(mem, ids, S(" ")), expected);
}

static void changes_only_what_is_changed(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem), *before = draft(mem);
    assert_ok(kind_edit_field_text(mem, def, S("c"), "label", LANG_FR, S(" Adresse ")));
    assert_str(json_str(json_path(def, "fields[4]"), "label"), "Adresse");
    json_object_set(json_path(def, "fields[4]"), "label", json_path(before, "fields[4].label"));
    assert_true(json_equal(def, before));
    assert_ok(kind_edit_field_text(mem, def, S("c"), "label", LANG_EN, S("Address")));
    assert_str(json_str(json_path(def, "fields[4].label"), "en"), "Address");
    assert_ok(kind_edit_field_text(mem, def, S("e"), "help", LANG_FR, S("Comme à l'état civil")));
    assert_err(kind_edit_field_text(mem, def, S("c"), "label", LANG_FR, S(" ")), E_INVALID);
    assert_err(kind_edit_field_text(mem, def, S("zz"), "label", LANG_FR, S("A")), E_NOT_FOUND);
    assert_ok(kind_edit_text(mem, def, "title", LANG_EN, S("Trial")));
    assert_ok(kind_edit_setting(mem, def, "service.name", S("Mairie")));
    struct kind *k = parsed(mem, def);
    assert_str(text_in(&k->title, LANG_EN), "Trial");
    assert_str(json_str(json_path(k->settings, "service"), "name"), "Mairie");
}

static void never_uses_an_id_twice(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    str first, second, third, option;
    assert_ok(kind_edit_field_add(mem, def, S("a"), false, S("text"), S("Votre nom ?"), &first));
    ids_are(mem, def, "h1 a n1 b h2 c d");
    assert_ok(kind_edit_field_add(mem, def, STR_NONE, false, S("text"), S("Votre nom ?"), &second));
    assert_ok(kind_edit_field_remove(mem, def, second));
    assert_ok(kind_edit_field_add(mem, def, S("d"), true, S("date"), S("Naissance"), &third));
    assert_false(str_eq(second, third));
    assert_ok(kind_edit_option_add(mem, def, S("b"), S("Bleu"), &option));
    struct kind *k = parsed(mem, def);
    assert_str(kind_field(k, first)->name, "Votre nom");
    assert_ptr_equal(kind_field(k, third)->parent, kind_field(k, S("d")));
    assert_int_equal(kind_field(k, S("b"))->options.n, 3);
    assert_str(kind_field(k, S("b"))->options.v[0].id, "r");
    assert_err(kind_edit_field_add(mem, def, STR_NONE, false, S("nonsense"), S("A"), &first), E_INVALID);
}

static void moves_fields_options_and_pages(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    assert_ok(kind_edit_field_move(mem, def, S("b"), -1));
    ids_are(mem, def, "h1 b a h2 c d");
    assert_ok(kind_edit_field_move(mem, def, S("b"), -9));
    ids_are(mem, def, "b h1 a h2 c d");
    assert_ok(kind_edit_field_move(mem, def, S("b"), 2));
    assert_ok(kind_edit_option_move(mem, def, S("b"), S("v"), -1));
    assert_ok(kind_edit_option_text(mem, def, S("b"), S("v"), LANG_FR, S("Vert clair")));
    assert_ok(kind_edit_option_retire(mem, def, S("b"), S("r"), true));
    struct kind *k = parsed(mem, def);
    assert_str(kind_field(k, S("b"))->options.v[0].label.v[LANG_FR], "Vert clair");
    assert_true(kind_field(k, S("b"))->options.v[1].retired);
    str page;
    assert_ok(kind_edit_page_add(mem, def, S("Trois"), &page));
    assert_ok(kind_edit_page_move(mem, def, page, -1));
    ids_are(mem, def, "h1 a b n1 h2 c d");
    assert_ok(kind_edit_page_move(mem, def, S("h2"), 5));
    ids_are(mem, def, "h1 a b n1 h2 c d");
    assert_ok(kind_edit_page_move(mem, def, S("h1"), 1));
    assert_err(kind_parse_any(mem, kind_edit_start(mem, def), &k), OK);
    ids_are(mem, def, "n1 h1 a b h2 c d");
    assert_ok(kind_edit_page_move(mem, def, S("h1"), 1));
    err e = kind_parse_any(mem, kind_edit_start(mem, def), &k);   /* c would read a later question */
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, "kind.rule_reads_later");
}

static void keeps_what_others_read(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    assert_err(kind_edit_field_remove(mem, def, S("a")), E_INVALID);
    assert_ok(kind_edit_field_set(mem, def, S("c"), "when", NULL));
    assert_ok(kind_edit_field_remove(mem, def, S("a")));
    ids_are(mem, def, "h1 b h2 c d");
}

/* Rules that menus cannot say read questions too. */
static void keeps_what_rules_read(void **state)
{
    arena *mem = *state;
    json_t *def;
    assert_ok(yaml_parse(mem, S("kind: k\nbase: procedure\ntitle: Essai\nrules:\n  part: revenu / 2\nrouting: [{when: quartier = 'nord', team: Nord}]\n"
        "transitions:\n  late: {from: [received], to: received, after: {rule: {variations: [{si: urgent, alors: 5 jours}, {sinon: 2 mois}]}}, does: [{notify: team}]}\n"
        "fields:\n  - {id: f1, name: revenu, type: number, money: true, label: Revenu}\n  - {id: f2, name: quartier, type: choice, label: Quartier, options: {nord: Nord, sud: Sud}}\n"
        "  - {id: f3, name: urgent, type: yesno, label: Urgent}\n  - {id: f4, name: aide, type: number, money: true, label: Aide, computed: part}\n"
        "  - {id: f5, name: enfants, type: repeat, label: Enfants, fields: [{id: f6, name: âge, type: integer, label: Âge}, {id: f7, name: prénom, type: text, label: Prénom}]}\n"
        "  - {id: f8, name: carte, type: yesno, label: Carte, when: {variations: [{si: enfants . somme de âge > 20, alors: oui}, {sinon: non}]}}\n"
        "  - {id: f9, name: mot, type: text, label: Mot}\n"), &def));
    static const char *const read[] = {"f1", "f2", "f3", "f5", "f6"}, *const idle[] = {"f4", "f7", "f8", "f9"};
    for (size_t i = 0; i < 5; i++) assert_err(kind_edit_field_remove(mem, def, str_of(read[i])), E_INVALID);
    for (size_t i = 0; i < 4; i++) assert_ok(kind_edit_field_remove(mem, def, str_of(idle[i])));
    assert_ok(kind_edit_field_remove(mem, def, S("f1")));         /* who read it has gone */
}

static void changes_the_type(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    assert_ok(kind_edit_field_type(mem, def, S("b"), S("choices")));
    assert_int_equal(kind_field(parsed(mem, def), S("b"))->options.n, 2);
    assert_ok(kind_edit_field_type(mem, def, S("b"), S("text")));
    assert_int_equal(kind_field(parsed(mem, def), S("b"))->options.n, 0);
    assert_ok(kind_edit_field_set(mem, def, S("b"), "required", json_true()));
    assert_true(kind_field(parsed(mem, def), S("b"))->required);
    assert_ok(kind_edit_field_type(mem, def, S("b"), S("note")));
    assert_false(kind_field(parsed(mem, def), S("b"))->required);
}

/* A letter of the base becomes the procedure's own once it is changed, and comes back when that is removed. */
static void letters_are_changed_and_attached(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    str name;
    assert_false(kind_edit_letter_is_own(def, S("granted")));
    assert_str(kind_edit_letter_of_base(mem, def, S("accept")), "granted");
    assert_ok(kind_edit_letter_text(mem, def, S("granted"), "body", S("Oui, {couleur}.")));
    assert_err(kind_edit_letter_text(mem, def, S("granted"), "body", S(" ")), E_INVALID);
    assert_err(kind_edit_letter_text(mem, def, S("none"), "body", S("x")), E_NOT_FOUND);
    struct kind *k = parsed(mem, def);
    assert_str(kind_letter(k, S("granted"))->body.v[LANG_FR], "Oui, {couleur}.");
    assert_int_equal(kind_letter(k, S("granted"))->outcome, LETTER_GRANTED);
    assert_ok(kind_edit_letter_add(mem, def, S("Arrêté de couleur"), S("accept"), &name));
    assert_str(name, "arrete-de-couleur");
    assert_err(kind_edit_letter_add(mem, def, S("!"), S("accept"), &name), E_INVALID);
    assert_ok(kind_edit_letter_remove(mem, def, S("granted")));         /* it was sent no more, and would be at fault */
    k = parsed(mem, def);
    assert_str(transition_letter(k, kind_transition(k, S("accept")))->name, "arrete-de-couleur");
    const struct transition *accept = kind_transition(k, S("accept"));
    assert_int_equal(accept->does.n, 4);                                /* clock, letter, notify, webhook: people are told after it is written */
    assert_string_equal(accept->does.v[1].type->name, "letter");
    assert_ok(kind_edit_letter_outcome(mem, def, S("arrete-de-couleur"), S("granted")));
    assert_int_equal(kind_letter(parsed(mem, def), S("arrete-de-couleur"))->outcome, LETTER_GRANTED);
    assert_ok(kind_edit_letter_remove(mem, def, S("arrete-de-couleur")));
    assert_true(json_equal(def, draft(mem)));                           /* nothing of it is left */
    assert_ok(kind_edit_letter_attach(mem, def, S("take"), S("closed")));
    assert_ok(kind_edit_letter_attach(mem, def, S("take"), STR_NONE));
    assert_true(json_equal(def, draft(mem)));
    assert_err(kind_edit_letter_attach(mem, def, S("nowhere"), S("closed")), E_NOT_FOUND);
}

/* A step of the base becomes the procedure's own only while something is said of it. */
static void the_part_of_a_rule_is_said_where_it_stands(void **state)
{
    arena *mem = *state;
    json_t *def = kind_edit_start(mem, draft(mem)), *before = kind_edit_start(mem, def), *own;
    assert_ok(kind_edit_role(mem, def, S("step/accept"), STR_NONE));
    assert_true(json_equal(def, before));
    json_object_set_new(def, "transitions", json_pack("{s:{s:s, s:s}}", "accept", "use", "accept", "when", "3 > 2"));
    assert_ok(kind_edit_role(mem, def, S("step/accept"), S("decision")));
    own = json_object_get(json_object_get(def, "transitions"), "accept");
    assert_str(json_str(own, "role"), "decision");
    assert_int_equal(kind_transition(parsed(mem, def), S("accept"))->when->role, RULE_ROLE_DECISION);
    assert_int_equal(kind_edit_role(mem, def, S("step/accept"), S("arbitre")).code, E_INVALID);
    assert_int_equal(kind_edit_role(mem, def, S("route/4"), S("decision")).code, E_NOT_FOUND);
    assert_int_equal(kind_edit_rule_move(mem, def, "routing", 0, 1).code, E_NOT_FOUND);
}

/* A name that no rule bears is not a question. */
static void a_missing_name_reads_no_question(void **state)
{
    arena *mem = *state;
    json_t *def;
    assert_ok(yaml_parse(mem, S("kind: k\nbase: procedure\ntitle: Essai\nrules:\n  aide: {valeur: 3, variable manquante: truc}\nfields:\n  - {id: f1, name: mot, type: text, label: Mot}\n"
                                "  - {id: f2, name: montant, type: number, label: Montant, computed: aide}\n"), &def));
    assert_ok(kind_edit_field_remove(mem, def, S("f1")));
}

static const json_t *own_step(const json_t *def, const char *name) { return json_object_get(json_object_get(def, "transitions"), name); }

static void a_step_says_only_what_differs_from_the_base(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    assert_ok(kind_edit_step(mem, def, S("accept"), "when", json_own(mem, json_string("âge >= 18"))));
    assert_int_equal(json_object_size(own_step(def, "accept")), 2);         /* use, when */
    assert_non_null(kind_transition(parsed(mem, def), S("accept"))->when);
    assert_ok(kind_edit_step(mem, def, S("accept"), "when", NULL));
    assert_null(own_step(def, "accept"));
    assert_err(kind_edit_step(mem, def, S("voler"), "when", NULL), E_NOT_FOUND);
    /* Under another name, with more of its own: that stays. */
    json_object_set_new(def, "transitions", json_pack("{s:{s:s, s:s, s:s}}", "accepter", "use", "accept", "to", "accepted", "title", "Oui"));
    assert_ok(kind_edit_step(mem, def, S("accepter"), "when", json_own(mem, json_string("âge >= 18"))));
    assert_ok(kind_edit_step(mem, def, S("accepter"), "when", NULL));
    assert_int_equal(json_object_size(own_step(def, "accepter")), 3);
    assert_ok(kind_edit_role(mem, def, S("step/accepter"), S("")));
    assert_int_equal(json_object_size(own_step(def, "accepter")), 3);       /* no part was said, none is */
}

/* A part is that of the guard, else of the delay: one that came for a delay is not that of a guard. */
static void a_part_goes_with_its_rule(void **state)
{
    arena *mem = *state;
    json_t *def = draft(mem);
    json_object_set_new(def, "transitions", json_pack("{s:{s:[s], s:{s:s}, s:[{s:s}], s:s}}", "relance", "from", "received", "after", "rule", "âge * 1 jour", "does", "notify", "team", "role", "display"));
    assert_int_equal(kind_transition(parsed(mem, def), S("relance"))->after_rule->role, RULE_ROLE_DISPLAY);
    assert_ok(kind_edit_step(mem, def, S("relance"), "when", json_own(mem, json_string("âge >= 18"))));
    assert_null(json_object_get(own_step(def, "relance"), "role"));
    assert_ok(kind_edit_role(mem, def, S("step/relance"), S("decision")));
    assert_ok(kind_edit_step(mem, def, S("relance"), "when", NULL));
    assert_null(json_object_get(own_step(def, "relance"), "role"));
    assert_ok(kind_edit_role(mem, def, S("step/relance"), S("assistance")));
    assert_ok(kind_edit_step(mem, def, S("relance"), "after", json_own(mem, json_string("3 days"))));
    assert_null(json_object_get(own_step(def, "relance"), "role"));
    (void)parsed(mem, def);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {IN_ARENA(changes_only_what_is_changed), IN_ARENA(never_uses_an_id_twice), IN_ARENA(moves_fields_options_and_pages),
        IN_ARENA(keeps_what_others_read), IN_ARENA(keeps_what_rules_read), IN_ARENA(changes_the_type), IN_ARENA(letters_are_changed_and_attached),
        IN_ARENA(the_part_of_a_rule_is_said_where_it_stands), IN_ARENA(a_missing_name_reads_no_question), IN_ARENA(a_step_says_only_what_differs_from_the_base),
        IN_ARENA(a_part_goes_with_its_rule)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
