/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What menus build: written, read back, the same; and its truth by the engine is the one a person would tell from the menus. */
#include "base/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/answers.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "rules/engine.h"
#include "site/condition_form.h"

static const char yaml[] =
    "kind: k\nbase: procedure\ntitle: Essai\nfields:\n"
    "- {id: a, name: âge, type: integer, label: Votre âge}\n"
    "- {id: b, name: revenu, type: decimal, money: true, label: Revenu}\n"
    "- {id: c, name: date d'arrivée, type: date, label: Arrivée}\n"
    "- {id: d, name: départ, type: date, label: Départ}\n"
    "- {id: e, name: locataire, type: yesno, label: Locataire}\n"
    "- {id: g, name: quartier, type: choice, label: Quartier, options: {n: Nord, s: Sud}}\n"
    "- {id: h, name: loisirs, type: choices, label: Loisirs, options: {tennis: Tennis, '12': Douze}}\n"
    "- {id: i, name: nom, type: text, label: Nom}\n"
    "- {id: j, name: adresse, type: address, label: Adresse}\n"
    "- {id: z, type: text, label: Fin}\n"
    "- {id: late, name: après, type: yesno, label: Après}\n";

static struct condition_form form_of(arena *mem)
{
    json_t *v;
    struct kind *k;
    assert_ok(yaml_parse(mem, str_of(yaml), &v));
    assert_ok(kind_parse_any(mem, v, &k));
    return (struct condition_form){.prefix = S("w"), .kind = k, .of = kind_field(k, S("z"))};
}

static uint64_t seed = 20261130;
static unsigned dice(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* ---- random menus: any question that stands before, any of its comparisons, a value that fits */

static str value_for(const struct field *f, const struct condition_op *o)
{
    switch (o->takes) {
    case TAKES_NOTHING: return STR_NONE;
    case TAKES_OPTION: return f->options.v[dice(2)].id;
    case TAKES_DEPARTEMENT: return str_of((const char *[]){"88", "2A", "974"}[dice(3)]);
    case TAKES_REGION: return str_of((const char *[]){"44", "94"}[dice(2)]);
    case TAKES_QUESTION: return STR_NONE;
    case TAKES_VALUE: break;
    }
    if (f->type->reads_as == RULE_NUMBER) return str_of((const char *[]){"0", "18", "17,5", "-3", "1200"}[dice(5)]);
    if (f->type->reads_as == RULE_DATE) return str_of((const char *[]){"2026-09-01", "2026-11-30", "1999-02-28"}[dice(3)]);
    return f->options.n ? f->options.v[dice(2)].id : str_of((const char *[]){"x", "l'été", "oui"}[dice(3)]);
}

static struct condition_node *row(arena *mem, const struct condition_form *c)
{
    struct condition_readable all = condition_readable(mem, c);
    struct condition_node *n = NEW(mem, struct condition_node);
    const struct field *f = all.v[dice((unsigned)all.n)];
    const struct condition_op *fits[40];
    unsigned n_fits = 0;
    for (const struct condition_op *o = condition_ops; o->code; o++)
        if (condition_op_fits(o, f)) fits[n_fits++] = o;
    const struct condition_op *o = fits[dice(n_fits)];
    n->source = f->name;
    n->act = str_of(o->code);
    n->value = value_for(f, o);
    n->unit = f->money && o->takes == TAKES_VALUE ? S("€") : STR_NONE;
    size_t start = dice((unsigned)all.n);
    for (size_t i = 0; o->takes == TAKES_QUESTION && !n->value.n && i < all.n; i++) {
        const struct field *other = all.v[(start + i) % all.n];
        if (other != f && other->type->reads_as == f->type->reads_as) n->value = other->name;
    }
    return o->takes == TAKES_QUESTION && !n->value.n ? row(mem, c) : n;
}

static struct condition_node *menus(arena *mem, const struct condition_form *c, int depth)
{
    if (depth > 1 && (depth >= CONDITION_DEPTH_MOST || dice(2))) return row(mem, c);
    struct condition_node *n = NEW(mem, struct condition_node);
    n->is_group = true;
    n->op = (enum rule_op[]){RULE_ALL, RULE_ANY, RULE_NONE}[dice(3)];
    for (unsigned i = 0, count = 1 + dice(3); i < count; i++) PUSH(mem, &n->children, menus(mem, c, depth + 1));
    return n;
}

static void same_menus(const struct condition_node *a, const struct condition_node *b)
{
    assert_int_equal(a->is_group, b->is_group);
    if (!a->is_group) {
        bool same = str_eq(a->source, b->source) && str_eq(a->act, b->act) && str_eq(a->value, b->value) && str_eq(a->unit, b->unit);
        if (!same) fail_msg("%.*s %.*s %.*s %.*s became %.*s %.*s %.*s %.*s", STR_ARG(a->source), STR_ARG(a->act), STR_ARG(a->value), STR_ARG(a->unit), STR_ARG(b->source),
                            STR_ARG(b->act), STR_ARG(b->value), STR_ARG(b->unit));
        return;
    }
    assert_int_equal(a->op, b->op);
    assert_int_equal(a->children.n, b->children.n);
    for (size_t i = 0; i < a->children.n; i++) same_menus(a->children.v[i], b->children.v[i]);
}

static void what_menus_write_they_read_back(void **state)
{
    arena *mem = *state;
    struct condition_form c = form_of(mem);
    for (int k = 0; k < 3000; k++) {
        struct condition_node *n = menus(mem, &c, 1), *back;
        struct rule *r, *read;
        assert_ok(condition_node_rule(mem, &c, n, S("w"), &r));
        assert_ok(rule_parse_json(mem, rule_json(mem, r), &read));
        assert_true(condition_node_of(mem, &c, read, 1, &back));
        same_menus(n, back);
    }
}

/* ---- truth: 0 false, 1 not known, 2 true, told from the menus and the answers */

struct told { bool known; double x; unsigned bits; const char *text, *departement, *region; };
static struct told told[16];                    /* by field.index */

static int of_bool(bool b) { return b ? 2 : 0; }

static int compared(enum rule_op op, double a, double b)
{
    return of_bool(op == RULE_EQ ? a == b : op == RULE_NE ? a != b : op == RULE_LT ? a < b : op == RULE_LE ? a <= b : op == RULE_GT ? a > b : a >= b);
}

static double typed_number(const struct field *f, str value)
{
    char z[20] = "";
    int64_t days = 0;
    if (f->type->reads_as == RULE_DATE) return date_parse_iso(value, &days), (double)days;
    for (size_t i = 0; i < value.n && i < 19; i++) z[i] = value.p[i] == ',' ? '.' : value.p[i];
    return strtod(z, NULL);
}

static int row_truth(const struct condition_form *c, const struct condition_node *n)
{
    const struct field *f = condition_source(c, n->source), *other;
    const struct condition_op *o = condition_op_of(f, n->act);
    const struct told *t = &told[f->index], *u;
    if (o->op == RULE_KNOWN || o->op == RULE_NOT_KNOWN) return of_bool(t->known == (o->op == RULE_KNOWN));
    if (!t->known) return 1;
    switch (o->takes) {
    case TAKES_NOTHING: return of_bool((t->x != 0) == o->yes);
    case TAKES_OPTION: return of_bool(((t->bits >> str_is(n->value, "12")) & 1) == o->yes);
    case TAKES_DEPARTEMENT: return of_bool(str_is(n->value, t->departement) == (o->op == RULE_EQ));
    case TAKES_REGION: return of_bool(str_is(n->value, t->region) == (o->op == RULE_EQ));
    case TAKES_VALUE: return t->text ? of_bool(str_is(n->value, t->text) == (o->op == RULE_EQ)) : compared(o->op, t->x, typed_number(f, n->value));
    case TAKES_QUESTION: break;
    }
    other = condition_source(c, n->value);
    u = &told[other->index];
    if (!u->known) return 1;
    return t->text ? of_bool((strcmp(t->text, u->text) == 0) == (o->op == RULE_EQ)) : compared(o->op, t->x, u->x);
}

static int truth(const struct condition_form *c, const struct condition_node *n)
{
    if (!n->is_group) return row_truth(c, n);
    int least = 2, most = 0;
    for (size_t i = 0; i < n->children.n; i++) {
        int t = truth(c, n->children.v[i]);
        if (t < least) least = t;
        if (t > most) most = t;
    }
    return n->op == RULE_ALL ? least : n->op == RULE_ANY ? most : 2 - most;
}

static const char *const numbers[] = {"0", "18", "17.5", "1300"}, *const days[] = {"01/09/2026", "30/11/2026", "05/05/2005"};

/* Answers at random, a third of them blank; as a situation. */
static json_t *answer(arena *mem, const struct condition_form *c)
{
    json_t *s = json_own(mem, json_object());
    for (size_t i = 0; i + 2 < c->kind->fields.n; i++) {
        const struct field *f = &c->kind->fields.v[i];
        struct told *t = &told[f->index];
        unsigned pick = dice(3);
        const char *name = str_z(mem, f->name);
        int64_t d = 0;
        *t = (struct told){.known = dice(3) > 0};
        if (!t->known) continue;
        switch (f->type->reads_as) {
        case RULE_NUMBER:
            t->x = strtod(numbers[pick], NULL);
            json_object_set_new(s, name, json_from_str(str_fmt(mem, "%s%s", numbers[pick], f->money ? " €" : "")));
            break;
        case RULE_DATE:
            assert_ok(date_parse_iso(str_of((const char *[]){"2026-09-01", "2026-11-30", "2005-05-05"}[pick]), &d));
            t->x = (double)d;
            json_object_set_new(s, name, json_string(days[pick]));
            break;
        case RULE_BOOL:
            t->x = pick & 1;
            json_object_set_new(s, name, json_string(pick & 1 ? "oui" : "non"));
            break;
        case RULE_TEXT:
            t->text = f->options.n ? str_z(mem, f->options.v[pick & 1].id) : (const char *[]){"x", "l'été", "autre"}[pick];
            json_object_set_new(s, name, json_from_str(str_fmt(mem, "'%s'", t->text)));
            break;
        case RULE_LIST:
            t->bits = 1 + pick;
            for (size_t k = 0; k < 2; k++) json_object_set_new(s, str_z(mem, rule_option_name(mem, f->name, f->options.v[k].id)), json_string(t->bits >> k & 1 ? "oui" : "non"));
            break;
        default:
            t->departement = (const char *[]){"88", "2A", "75"}[pick];
            t->region = (const char *[]){"44", "94", "11"}[pick];
            json_object_set_new(s, "adresse . département", json_from_str(str_fmt(mem, "'%s'", t->departement)));
            json_object_set_new(s, "adresse . région", json_from_str(str_fmt(mem, "'%s'", t->region)));
        }
    }
    return s;
}

static json_t *rules_of(arena *mem, const struct condition_form *c, const struct rule *r)
{
    static const char *const parts[] = {"loisirs . tennis", "loisirs . option 12", "adresse . département", "adresse . région"};
    json_t *rules = json_own(mem, json_object());
    for (size_t i = 0; i + 2 < c->kind->fields.n; i++) json_object_set_new(rules, str_z(mem, c->kind->fields.v[i].name), json_pack("{s:s}", "question", "?"));
    for (size_t i = 0; i < 4; i++) json_object_set_new(rules, parts[i], json_pack("{s:s}", "question", "?"));
    json_object_set_new(rules, "condition", json_pack("{s:O}", "valeur", rule_json(mem, r)));
    return rules;
}

static void the_engine_says_what_menus_say(void **state)
{
    arena *all = *state;
    struct condition_form c = form_of(all);
    for (int k = 0; k < 150; k++) {
        arena *mem = arena_new(0);
        struct condition_node *n = menus(mem, &c, 1);
        struct rule *r;
        struct rulebase *base;
        struct rule_fault fault = {0};
        struct rule_answer a;
        assert_ok(condition_node_rule(mem, &c, n, S("w"), &r));
        if (rulebase_new(&base, rules_of(mem, &c, r), NULL, &fault).code != OK) fail_msg("%.*s: %.*s", STR_ARG(fault.message), STR_ARG(rule_text(mem, r)));
        struct evaluator *ev = evaluator_new(base, NULL);
        for (int round = 0; round < 60; round++) {
            json_t *s = answer(mem, &c);
            assert_ok(evaluator_situation(ev, s, &fault));
            assert_ok(evaluator_value(ev, S("condition"), &a, &fault));
            int says = a.kind == ANSWER_UNDEFINED ? 1 : of_bool(a.kind == ANSWER_BOOL && a.b), wanted = truth(&c, n);
            if (says != wanted) fail_msg("%d, not %d: %.*s\n%.*s", says, wanted, STR_ARG(rule_text(mem, r)), STR_ARG(json_canonical(mem, s)));
        }
        evaluator_free(ev);
        rulebase_free(base);
        arena_free(mem);
    }
}

static void faults_name_their_input(void **state)
{
    arena *mem = *state;
    struct condition_form c = form_of(mem);
    struct rule *r;
    static const struct { const char *source, *act, *value, *msg, *at; } cases[] = {
        {"âge", "", "", "condition.op_missing", "w.o"}, {"âge", "=", "", "condition.value_missing", "w.v"}, {"âge", "=", "douze", "kind.rule_wants_number", "w.v"},
        {"départ", "<", "30/02/2026", "kind.rule_wants_date", "w.v"}, {"quartier", "=", "x", "condition.value_missing", "w.v"}, {"loisirs", "has", "", "condition.value_missing", "w.v"},
        {"adresse", "dep", "99", "condition.value_missing", "w.v"}, {"départ", ">?", "âge", "condition.question_missing", "w.v"}, {"départ", ">?", "départ", "condition.question_missing", "w.v"},
        {"après", "oui", "", "condition.source_gone", "w.s"}, {"locataire", "<", "3", "condition.op_missing", "w.o"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct condition_node n = {.source = str_of(cases[i].source), .act = str_of(cases[i].act), .value = str_of(cases[i].value)};
        err e = condition_node_rule(mem, &c, &n, S("w"), &r);
        assert_int_equal(e.code, E_INVALID);
        assert_string_equal(e.msg, cases[i].msg);
        assert_string_equal(e.at, cases[i].at);
    }
    struct condition_node blank = {0};
    assert_ok(condition_node_rule(mem, &c, &blank, S("w"), &r));
    assert_null(r);
}

static void what_menus_cannot_say_is_left_as_text(void **state)
{
    arena *mem = *state;
    struct condition_form c = form_of(mem);
    static const char *const texts[] = {"après = oui", "âge = oui", "quartier > départ", "est défini: loisirs", "inconnu = 3",
        "toutes ces conditions: [{une de ces conditions: [{toutes ces conditions: [{une de ces conditions: [âge > 3]}]}]}]"};
    static const char *const taken[] = {"loisirs = 'tennis'", "locataire", "locataire != non", "18 < âge", "loisirs . option 12 != oui", "date d'arrivée < 12/2026"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct rule *r;
        struct condition_node *n;
        assert_ok(rule_parse(mem, str_of(texts[i]), &r));
        if (condition_node_of(mem, &c, r, rule_is_group(r) ? 1 : 2, &n)) fail_msg("taken: %s", texts[i]);
        assert_ok(rule_parse(mem, str_of(taken[i]), &r));
        if (!condition_node_of(mem, &c, r, 2, &n)) fail_msg("not taken: %s", taken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_ARENA(what_menus_write_they_read_back), IN_ARENA(the_engine_says_what_menus_say), IN_ARENA(faults_name_their_input), IN_ARENA(what_menus_cannot_say_is_left_as_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
