/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition_menu.c — between menus and the tree of conditions (rules/rules.h), both ways. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "core/answers.h"
#include "core/field_types.h"
#include "core/form_rules.h"
#include "core/kind_parts.h"
#include "formats/departement.h"
#include "site/condition_form.h"

#define B(kind_) (1u << RULE_##kind_)
#define SAYS (B(BOOL) | B(NUMBER) | B(DATE) | B(TEXT))
#define PLACE (1u << 30)                /* a question that is a place: it has a département, a region, or both */

/* What can be asked of a question, by what it reads as. The words follow its label. */
const struct condition_op condition_ops[] = {
    {"oui", W("condition.op.yes"), B(BOOL), RULE_EQ, TAKES_NOTHING, true}, {"non", W("condition.op.no"), B(BOOL), RULE_EQ, TAKES_NOTHING, false},
    {"=", W("condition.op.number"), B(NUMBER), RULE_EQ, TAKES_VALUE, false}, {"!=", W("condition.op.number_not"), B(NUMBER), RULE_NE, TAKES_VALUE, false},
    {">", W("condition.op.number_more"), B(NUMBER), RULE_GT, TAKES_VALUE, false}, {">=", W("condition.op.number_least"), B(NUMBER), RULE_GE, TAKES_VALUE, false},
    {"<", W("condition.op.number_less"), B(NUMBER), RULE_LT, TAKES_VALUE, false}, {"<=", W("condition.op.number_most"), B(NUMBER), RULE_LE, TAKES_VALUE, false},
    {"=", W("condition.op.date"), B(DATE), RULE_EQ, TAKES_VALUE, false}, {"!=", W("condition.op.date_not"), B(DATE), RULE_NE, TAKES_VALUE, false},
    {"<", W("condition.op.date_before"), B(DATE), RULE_LT, TAKES_VALUE, false}, {"<=", W("condition.op.date_until"), B(DATE), RULE_LE, TAKES_VALUE, false},
    {">", W("condition.op.date_after"), B(DATE), RULE_GT, TAKES_VALUE, false}, {">=", W("condition.op.date_from"), B(DATE), RULE_GE, TAKES_VALUE, false},
    {"=", W("condition.op.text"), B(TEXT), RULE_EQ, TAKES_VALUE, false}, {"!=", W("condition.op.text_not"), B(TEXT), RULE_NE, TAKES_VALUE, false},
    {"has", W("condition.op.has"), B(LIST), RULE_EQ, TAKES_OPTION, true}, {"hasnt", W("condition.op.has_not"), B(LIST), RULE_EQ, TAKES_OPTION, false},
    {"dep", W("condition.op.in_departement"), PLACE, RULE_EQ, TAKES_DEPARTEMENT, false}, {"!dep", W("condition.op.not_in_departement"), PLACE, RULE_NE, TAKES_DEPARTEMENT, false},
    {"reg", W("condition.op.in_region"), PLACE, RULE_EQ, TAKES_REGION, false}, {"!reg", W("condition.op.not_in_region"), PLACE, RULE_NE, TAKES_REGION, false},
    {"known", W("condition.op.known"), SAYS, RULE_KNOWN, TAKES_NOTHING, false}, {"unknown", W("condition.op.not_known"), SAYS, RULE_NOT_KNOWN, TAKES_NOTHING, false},
    {"=?", W("condition.op.as"), SAYS, RULE_EQ, TAKES_QUESTION, false}, {"!=?", W("condition.op.not_as"), SAYS, RULE_NE, TAKES_QUESTION, false},
    {">?", W("condition.op.number_more_than"), B(NUMBER), RULE_GT, TAKES_QUESTION, false}, {">=?", W("condition.op.number_least_than"), B(NUMBER), RULE_GE, TAKES_QUESTION, false},
    {"<?", W("condition.op.number_less_than"), B(NUMBER), RULE_LT, TAKES_QUESTION, false}, {"<=?", W("condition.op.number_most_than"), B(NUMBER), RULE_LE, TAKES_QUESTION, false},
    {"<?", W("condition.op.date_before_than"), B(DATE), RULE_LT, TAKES_QUESTION, false}, {"<=?", W("condition.op.date_until_than"), B(DATE), RULE_LE, TAKES_QUESTION, false},
    {">?", W("condition.op.date_after_than"), B(DATE), RULE_GT, TAKES_QUESTION, false}, {">=?", W("condition.op.date_from_than"), B(DATE), RULE_GE, TAKES_QUESTION, false},
    {0}};

bool condition_op_fits(const struct condition_op *o, const struct field *f)
{
    if (!(o->reads & PLACE)) return (o->reads & (1u << f->type->reads_as)) != 0;
    return field_has_place(f, o->takes == TAKES_REGION ? S(PART_REGION) : S(PART_DEPARTEMENT));
}

const struct condition_op *condition_op_of(const struct field *f, str code)
{
    for (const struct condition_op *o = condition_ops; o->code; o++)
        if (str_is(code, o->code) && condition_op_fits(o, f)) return o;
    return NULL;
}

/* What comes before it, and that a condition may read. */
static bool may_read(const struct field *f, const struct field *of)
{
    if (f->type->reads_as == RULE_UNDEFINED && !field_has_place(f, S(PART_REGION))) return false;
    if (!rule_name_valid(f->name)) return false;
    return of ? f->index < of->index && (!f->parent || f->parent == of->parent) : !f->parent;
}

static void readable_add(arena *mem, const struct fields *fields, const struct field *of, struct condition_readable *out)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (may_read(&fields->v[i], of)) PUSH(mem, out, &fields->v[i]);
        readable_add(mem, &fields->v[i].children, of, out);
    }
}

struct condition_readable condition_readable(arena *mem, const struct condition_form *c)
{
    struct condition_readable all = {0};
    readable_add(mem, &c->kind->fields, c->of, &all);
    return all;
}

static const struct field *source_among(const struct fields *fields, const struct field *of, str name)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i], *inner = source_among(&f->children, of, name);
        if (inner) return inner;
        if (str_eq(f->name, name) && may_read(f, of)) return f;
    }
    return NULL;
}

const struct field *condition_source(const struct condition_form *c, str name) { return source_among(&c->kind->fields, c->of, name); }

/* ---- from the tree */

bool condition_name_read(arena *mem, const struct condition_form *c, str name, struct source *out)
{
    struct condition_readable all = condition_readable(mem, c);
    for (size_t i = 0; i < all.n; i++)
        if (source_named(mem, &(struct fields){(struct field *)(uintptr_t)all.v[i], 1}, 1, name, out)) return out->field = all.v[i], true;
    return false;
}

static const char *code_with(const struct field *f, enum rule_op op, enum takes takes, bool yes)
{
    for (const struct condition_op *o = condition_ops; o->code; o++)
        if (o->op == op && o->takes == takes && o->yes == yes && condition_op_fits(o, f)) return o->code;
    return NULL;
}

static str number_typed_as(arena *mem, double x)
{
    str text = rule_atom_text(mem, S("n"), RULE_EQ, (struct rule_value){.kind = RULE_NUMBER, .number = x});
    char *p = arena_alloc(mem, text.n);
    for (size_t i = 4; i < text.n; i++) p[i - 4] = text.p[i] == '.' ? ',' : text.p[i];
    return (str){p, text.n - 4};
}

/* The value as an input holds it. */
static bool value_of(arena *mem, const struct field *f, struct rule_value v, struct condition_node *n)
{
    if (v.kind == RULE_NUMBER) n->unit = v.unit.n ? v.unit : field_rule_unit(f);       /* as it is drawn */
    if (v.kind == RULE_NUMBER) return n->value = number_typed_as(mem, v.number), f->type->reads_as == RULE_NUMBER;
    if (v.kind == RULE_DATE) return n->value = date_iso(mem, v.days), f->type->reads_as == RULE_DATE;
    n->value = v.text;
    return v.kind == RULE_TEXT && f->type->reads_as == RULE_TEXT;
}

static bool row_of(arena *mem, const struct condition_form *c, const struct rule *r, struct condition_node *n)
{
    struct source s;
    if (!condition_name_read(mem, c, rule_left(r), &s)) return false;
    struct atom a = atom_of(r, &(struct sources){&s, 1});
    const struct field *f = s.field, *other = a.right.kind == RULE_NAME ? condition_source(c, a.right.text) : NULL;
    enum takes takes = TAKES_VALUE;
    bool yes = false, good = true;
    n->source = f->name;
    if (a.op == RULE_KNOWN || a.op == RULE_NOT_KNOWN) {
        takes = TAKES_NOTHING;
        good = !s.part.n;
    } else if (a.part.n) {
        takes = str_is(a.part, PART_REGION) ? TAKES_REGION : TAKES_DEPARTEMENT;
        good = a.right.kind == RULE_TEXT;
        n->value = a.right.text;
    } else if (f->type->reads_as == RULE_LIST) {
        takes = TAKES_OPTION;
        good = a.right.kind == RULE_TEXT && (a.op == RULE_EQ || a.op == RULE_NE);
        yes = a.op == RULE_EQ;
        a.op = RULE_EQ;
        n->value = a.right.text;
    } else if (a.right.kind == RULE_NAME) {
        takes = TAKES_QUESTION;
        good = other && other->type->reads_as == f->type->reads_as;
        n->value = a.right.text;
    } else if (a.right.kind == RULE_BOOL) {
        takes = TAKES_NOTHING;
        yes = a.right.b == (a.op == RULE_EQ);
        a.op = RULE_EQ;
    } else {
        good = value_of(mem, f, a.right, n);
    }
    const char *code = good ? code_with(f, a.op, takes, yes) : NULL;
    n->act = str_of(code ? code : "");
    return code != NULL;
}

bool condition_node_of(arena *mem, const struct condition_form *c, const struct rule *r, int depth, struct condition_node **out)
{
    struct condition_node *n = *out = NEW(mem, struct condition_node);
    if (!rule_is_group(r)) return row_of(mem, c, r, n);
    n->is_group = true;
    n->op = rule_op(r);
    if (depth >= CONDITION_DEPTH_MOST || rule_children(r) > CONDITION_CHILDREN_MOST) return false;
    for (size_t i = 0; i < rule_children(r); i++) {
        struct condition_node *child;
        if (!condition_node_of(mem, c, rule_child(r, i), depth + 1, &child)) return false;
        PUSH(mem, &n->children, child);
    }
    return true;
}

/* ---- to the tree */

static err at(arena *mem, const char *msg, str path, const char *input)
{
    return FAIL_AT(E_INVALID, msg, str_z(mem, str_fmt(mem, "%.*s.%s", STR_ARG(path), input)));
}

/* A text may not break its line, nor a choice say what is not offered. */
static const char *text_fault(const struct field *f, str typed)
{
    if (!typed.n) return W("condition.value_missing");
    if (f->options.n && !f->other && !field_option(f, typed)) return W("condition.value_missing");
    return str_find_char(typed, '\n') >= 0 || str_find_char(typed, '\t') >= 0 || typed.n > 500 ? W("rules.text_line") : NULL;
}

static const char *value_read(arena *mem, const struct field *f, const struct condition_node *n, struct rule_value *v)
{
    str typed = str_trim(n->value);
    if (!typed.n) return W("condition.value_missing");
    v->kind = f->type->reads_as;
    v->text = typed;
    if (v->kind == RULE_NUMBER) v->unit = rule_unit_valid(n->unit) ? n->unit : STR_NONE;
    if (v->kind == RULE_NUMBER) return number_typed(mem, typed, &v->number) && fabs(v->number) <= 1e15 ? NULL : W("kind.rule_wants_number");
    if (v->kind == RULE_DATE) return date_parse_iso(typed, &v->days).code == OK ? NULL : W("kind.rule_wants_date");
    return text_fault(f, typed);
}

static err row_rule(arena *mem, const struct condition_form *c, const struct condition_node *n, str path, struct rule **out)
{
    struct rule_value v = {0};
    const char *bad = NULL;
    *out = NULL;
    if (!n->source.n) return NO_ERR;
    const struct field *f = condition_source(c, n->source), *other;
    if (!f) return at(mem, W("condition.source_gone"), path, "s");
    const struct condition_op *o = condition_op_of(f, n->act);
    if (!o) return at(mem, W("condition.op_missing"), path, "o");
    str name = f->name;
    switch (o->takes) {
    case TAKES_NOTHING:
        if (o->op == RULE_EQ) v = (struct rule_value){.kind = RULE_BOOL, .b = o->yes};
        break;
    case TAKES_VALUE: bad = value_read(mem, f, n, &v); break;
    case TAKES_OPTION:
        if (!n->value.n || (!f->list.n && !field_option(f, n->value))) bad = W("condition.value_missing");
        name = rule_option_name(mem, f->name, n->value);
        v = (struct rule_value){.kind = RULE_BOOL, .b = o->yes};
        break;
    case TAKES_DEPARTEMENT: case TAKES_REGION:
        if (!(o->takes == TAKES_REGION ? region_name(n->value) : departement_name(n->value)).n) bad = W("condition.value_missing");
        name = str_fmt(mem, "%.*s . %s", STR_ARG(f->name), o->takes == TAKES_REGION ? PART_REGION : PART_DEPARTEMENT);
        v = (struct rule_value){.kind = RULE_TEXT, .text = n->value};
        break;
    case TAKES_QUESTION:
        other = condition_source(c, n->value);
        if (!other || other == f || other->type->reads_as != f->type->reads_as) bad = W("condition.question_missing");
        v = (struct rule_value){.kind = RULE_NAME, .text = n->value};
        break;
    }
    if (bad) return at(mem, bad, path, "v");
    *out = rule_atom(mem, name, o->op, v);
    return NO_ERR;
}

err condition_node_rule(arena *mem, const struct condition_form *c, const struct condition_node *n, str path, struct rule **out)
{
    if (!n->is_group) return row_rule(mem, c, n, path, out);
    struct rule *group = rule_group(mem, n->op), *one;
    for (size_t i = 0; i < n->children.n; i++) {
        TRY(condition_node_rule(mem, c, n->children.v[i], str_fmt(mem, "%.*s.%zu", STR_ARG(path), i), &one));
        if (one) rule_add_child(mem, group, one);
    }
    *out = rule_children(group) ? group : NULL;
    return NO_ERR;
}
