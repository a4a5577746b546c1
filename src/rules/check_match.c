/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_match.c — types and units of what is added, compared, asked. Only what can never match is told: where the evaluator takes one for the
   other (a number without unit, "non" for nothing, a date for its text), so does this. */
#include <math.h>
#include <string.h>
#include "rules/checking.h"

/* ---- in words ---- */

static str type_words(struct check *c, unsigned types)
{
    enum lang lang = c->options->lang;
    if (types == T_NUMBER) return words(lang, W("rules.check.a_number"));
    if (types == T_DATE) return words(lang, W("rules.check.a_date"));
    if (types == T_BOOL) return words(lang, W("rules.check.a_yes_no"));
    return words(lang, W("rules.check.a_text"));
}

static str quoted(struct check *c, str name) { return words_fill(c->mem, c->options->lang, W("rules.check.quoted"), "name", name, NULL); }

str check_named(struct check *c, const struct node *n)
{
    if (n->kind == N_REFERENCE) return quoted(c, n->reference.name);
    if (n->kind == N_VARIATIONS && n->replaced && !written_of(&c->all, n).key) return check_named(c, n->variations.v[n->variations.n - 1].consequence);
    if (n->kind == N_CONSTANT && n->constant.value.kind == ANSWER_STRING) return str_fmt(c->mem, "'%.*s'", STR_ARG(n->constant.value.string));
    if (n->kind == N_CONSTANT && n->constant.value.kind == ANSWER_NUMBER) {
        str unit = unit_text(c->units, n->constant.value.unit);
        return str_fmt(c->mem, "%.15g%s%.*s", n->constant.value.number, unit.n ? " " : "", STR_ARG(unit));
    }
    if (n->kind == N_CONSTANT && n->constant.value.kind == ANSWER_BOOL) return quoted(c, n->constant.value.b ? S("oui") : S("non"));
    const json_t *raw = written_of(&c->all, n).raw;
    if (json_is_string(raw) && json_string_length(raw) <= 80 && !strchr(json_string_value(raw), '$')) return quoted(c, json_text(raw));
    return words(c->options->lang, n->kind == N_OPERATION && n->operation.op <= OP_SUB ? W("rules.check.a_result") : W("rules.check.a_value"));
}

/* ---- units ---- */

static bool unlike(struct check *c, unit_id a, unit_id b)
{
    double one = 1;
    return a >= 0 && b >= 0 && !unit_convert(c->units, b, a, &one);
}

static str unit_words(struct check *c, unit_id u)
{
    str text = unit_text(c->units, u);
    return text.n ? text : words(c->options->lang, W("rules.check.no_unit"));
}

/* b NULL: y is the unit that is declared for a. */
bool check_units(struct check *c, const struct node *a, unit_id x, const struct node *b, unit_id y)
{
    if (!unlike(c, x, y)) return true;
    bool sure = unit_is_known(c->units, x) && unit_is_known(c->units, y);      /* another unit may be a word for what is counted */
    if (b) {
        check_tell(c, "unit", sure ? RULES_ERROR : RULES_WARNING, W("rules.check.units"), "a", check_named(c, a), "x", unit_words(c, x), "b",
                   check_named(c, b), "y", unit_words(c, y));
    } else {
        check_tell(c, "unit", RULES_WARNING, W("rules.check.unit_declared"), "a", check_named(c, a), "x", unit_words(c, x), "y", unit_words(c, y));
    }
    return false;
}

/* ---- types ---- */

static unsigned certain(unsigned types) { return types & ~(unsigned)T_NO; }

static bool is_one(unsigned types) { return types && (types & (types - 1)) == 0; }

static bool is_date_text(const struct node *n)
{
    return n->kind != N_CONSTANT || n->constant.value.kind != ANSWER_STRING || is_full_date(n->constant.value.string);
}

static bool never_equal(const struct node *n, unsigned a, unsigned b)
{
    if (!is_one(a) || !is_one(b) || a == b) return false;
    if ((a | b) == (T_TEXT | T_DATE)) return !is_date_text(n->operation.a) || !is_date_text(n->operation.b);
    return true;
}

static bool never_reckoned(enum operation op, unsigned a, unsigned b)
{
    unsigned words = T_TEXT | T_DATE;
    if (op == OP_ADD && a == T_TEXT && b == T_TEXT) return false;
    if (op == OP_SUB && a == T_DATE && b == T_DATE) return false;
    return (a && !(a & ~words)) || (b && !(b & ~words));
}

static void tell_types(struct check *c, const struct node *n, unsigned a, unsigned b)
{
    bool order = n->operation.op >= OP_LT;
    const struct node *x = n->operation.a, *y = n->operation.b;
    if (is_one(a) && is_one(b) && a != b) {
        const char *key = order ? W("rules.check.types_compared") : W("rules.check.types_reckoned");
        check_tell(c, "type", RULES_ERROR, key, "a", check_named(c, x), "x", type_words(c, a), "b", check_named(c, y), "y", type_words(c, b));
        return;
    }
    bool left = a && !(a & ~(unsigned)(T_TEXT | T_DATE));
    check_tell(c, "type", RULES_ERROR, W("rules.check.not_number"), "a", check_named(c, left ? x : y), "x", type_words(c, left ? a : b));
}

/* ---- choices ---- */

static const struct rule_def *rule_of(const struct node *n) { return n->kind == N_REFERENCE && n->reference.to->index != RULE_UNKNOWN ? n->reference.to : NULL; }

/* 'classique . usage', where 'classique' is a choice that holds choices. */
static bool is_choice_within(struct check *c, const struct rule_def *r, const struct node *one, str words)
{
    str name = one->reference.name;
    return words.n > name.n + 3 && str_starts(words, name) && memcmp(words.p + name.n, " . ", 3) == 0 &&
           rule_find(c->base, str_fmt(c->mem, "%.*s . %.*s", STR_ARG(r->name), STR_ARG(words)));
}

static bool is_choice(struct check *c, const struct rule_def *r, const struct rule_answer *a)
{
    const struct node *choices = r->choices;
    for (size_t i = 0; i < choices->choices->v.n; i++) {
        const struct node *one = choices->choices->v.v[i];
        bool named = one->kind == N_REFERENCE && a->kind == ANSWER_STRING;
        if (named && (str_eq(one->reference.name, a->string) || is_choice_within(c, r, one, a->string))) return true;
        if (one->kind != N_CONSTANT || one->constant.value.kind != a->kind) continue;
        if (a->kind == ANSWER_STRING && str_eq(one->constant.value.string, a->string)) return true;
        double x = one->constant.value.number, y = a->number;
        if (a->kind != ANSWER_NUMBER) continue;
        if (a->unit != UNIT_ABSENT && one->constant.value.unit != UNIT_ABSENT) unit_convert(c->units, a->unit, one->constant.value.unit, &y);
        if (x == y) return true;
    }
    return false;
}

static str choices_words(struct check *c, const struct node *choices, const struct strs *texts)
{
    struct strs all = {0};
    for (size_t i = 0; texts && i < texts->n && i < 8; i++) PUSH(c->mem, &all, str_fmt(c->mem, "'%.*s'", STR_ARG(texts->v[i])));
    for (size_t i = 0; choices && i < choices->choices->v.n && i < 8; i++) {
        const struct node *one = choices->choices->v.v[i];
        str name = one->kind == N_REFERENCE ? str_fmt(c->mem, "'%.*s'", STR_ARG(one->reference.name)) : check_named(c, one);
        PUSH(c->mem, &all, name);
    }
    size_t n = choices ? choices->choices->v.n : texts ? texts->n : 0;
    if (n > 8) PUSH(c->mem, &all, S("…"));
    return str_join(c->mem, all, S(", "));
}

/* A rule of choices beside a value that is none of them. True: told. */
static bool no_choice(struct check *c, const struct node *of, const struct node *value)
{
    const struct rule_def *r = rule_of(of);
    enum answer_kind kind = value->kind == N_CONSTANT ? value->constant.value.kind : ANSWER_UNDEFINED;
    if (!r || (kind != ANSWER_STRING && kind != ANSWER_NUMBER)) return false;
    const struct rules_field *field = c->fields[r->index];
    bool listed = field && field->choices.n;
    if (!listed && !r->choices) return false;
    bool found = !listed && is_choice(c, r, &value->constant.value);
    for (size_t i = 0; listed && i < field->choices.n; i++)
        found = found || (kind == ANSWER_STRING && str_eq(field->choices.v[i], value->constant.value.string));
    if (found) return false;
    check_tell(c, "no_choice", RULES_ERROR, W("rules.check.no_choice"), "value", check_named(c, value), "rule", check_named(c, of), "choices",
               choices_words(c, listed ? NULL : r->choices, listed ? &field->choices : NULL));
    return true;
}

/* ---- operations ---- */

/* A number holds as soon as it is applicable, but the evaluator takes none for the test of a `condition`. */
static void asked_of(struct check *c, const struct node *n, unsigned types, bool strict)
{
    enum rules_severity severity = strict || types != T_NUMBER ? RULES_ERROR : RULES_WARNING;
    if (types && !(types & T_BOOL)) check_tell(c, "type", severity, W("rules.check.not_condition"), "a", check_named(c, n), "x", type_words(c, types));
}

void check_test(struct check *c, const struct node *n, bool strict) { asked_of(c, n, certain(check_fact(c, n).types), strict); }

void check_operands(struct check *c, const struct node *n, struct fact x, struct fact y)
{
    enum operation op = n->operation.op;
    unsigned a = certain(x.types), b = certain(y.types);
    if (op == OP_AND || op == OP_OR) {
        asked_of(c, n->operation.a, a, false);
        asked_of(c, n->operation.b, b, false);
        return;
    }
    if ((op == OP_EQ || op == OP_NE) && (no_choice(c, n->operation.a, n->operation.b) || no_choice(c, n->operation.b, n->operation.a))) return;
    if (op >= OP_LT ? never_equal(n, a, b) : never_reckoned(op, a, b)) {
        tell_types(c, n, a, b);
        return;
    }
    bool share = (op == OP_ADD || op == OP_SUB) && y.unit >= 0 && unit_is_percent(c->units, y.unit);
    if (a && b && (op >= OP_LT || op == OP_ADD || op == OP_SUB) && !share) check_units(c, n->operation.a, x.unit, n->operation.b, y.unit);
}

/* ---- what a value is for ---- */

static bool is_unit_among(struct check *c, unit_id unit, struct strs units)
{
    str text = unit < 0 ? S("") : unit_text(c->units, unit);
    for (size_t i = 0; i < units.n; i++)
        if (str_eq(units.v[i], text)) return true;
    return false;
}

/* Each consequence by itself: "3 jours" here, "2 mois" there, "non" for none. */
static void wanted_look(struct check *c, const struct node *n, const struct rules_wanted *w)
{
    for (size_t i = 0; n->kind == N_VARIATIONS && i < n->variations.n; i++) wanted_look(c, n->variations.v[i].consequence, w);
    struct fact f = check_fact(c, n);
    struct rule_answer a;
    if (n->kind == N_VARIATIONS || !f.types) return;
    bool number = f.types & (T_NUMBER | T_NO), fits = f.unit == UNIT_UNKNOWN || is_unit_among(c, f.unit, w->units);
    bool negative = number && check_value(c, n, &a) && a.kind == ANSWER_NUMBER && a.number < 0;
    if (number && fits && !negative) return;
    check_tell(c, number ? "unit" : "type", RULES_ERROR, W("rules.check.wanted"), "a", check_named(c, n), "what", w->for_what);
}

void check_wanted(struct check *c)
{
    for (size_t i = 0; i < c->options->wanted.n; i++) {
        const struct rules_wanted *w = &c->options->wanted.v[i];
        c->rule = rule_find(c->base, w->rule);
        if (!c->rule || c->is_faulty[c->rule->index]) continue;
        c->at = c->rule->raw;
        /* A public rule holds its situation, around what was written. */
        const struct node *n = c->rule->value;
        while (n->kind == N_CONDITION && n->form == AS_SITUATION) n = n->condition.then;
        wanted_look(c, n, w);
    }
}
