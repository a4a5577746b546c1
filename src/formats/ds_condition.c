/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_condition.c — conditions of Démarches simplifiées and rules. Theirs has no negation, and a blank or hidden source makes each comparison
   that reads it false, != and "excludes" too; in ours it makes it unknown, which counts as false at the top: with `and` and `or` alone, the
   same truth. An empty row of their editor is always true. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_members.h"
#include "formats/ds_shape.h"
#include "rules/rules.h"

#define MAX_NESTING 16

/* What an operator asks of its source. */
enum reads { READS_VALUE, READS_OPTION, READS_DEPARTEMENT, READS_REGION, READS_NOTHING };
static const struct { const char *prefix, *term; enum rule_op op; enum reads reads; } operators[] = {
    {"=", "Logic::Eq", RULE_EQ, READS_VALUE},           {"!=", "Logic::NotEq", RULE_NE, READS_VALUE},
    {"<", "Logic::LessThan", RULE_LT, READS_VALUE},     {"<=", "Logic::LessThanEq", RULE_LE, READS_VALUE},
    {">", "Logic::GreaterThan", RULE_GT, READS_VALUE},  {">=", "Logic::GreaterThanEq", RULE_GE, READS_VALUE},
    {"and", "Logic::And", RULE_ALL, READS_NOTHING},     {"or", "Logic::Or", RULE_ANY, READS_NOTHING},
    {"includes", "Logic::IncludeOperator", RULE_EQ, READS_OPTION}, {"excludes", "Logic::ExcludeOperator", RULE_NE, READS_OPTION},
    {"in-departement", "Logic::InDepartementOperator", RULE_EQ, READS_DEPARTEMENT},
    {"not-in-departement", "Logic::NotInDepartementOperator", RULE_NE, READS_DEPARTEMENT},
    {"in-region", "Logic::InRegionOperator", RULE_EQ, READS_REGION}, {"not-in-region", "Logic::NotInRegionOperator", RULE_NE, READS_REGION},
    {"empty?", "Logic::EmptyOperator", RULE_KNOWN, READS_NOTHING}};
#define N_OPERATORS (sizeof operators / sizeof *operators)

static err cannot(void)
{
    return FAIL(E_INVALID, W("formats.ds.condition_not_taken"));
}

/* ——— fields and options ——— */

static const json_t *field_where(const json_t *fields, const char *member, str value)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i), *inner;
        str is = strcmp(member, "id") == 0 ? ds_own_id(f) : json_str(f, member);
        if (is.p && str_eq(is, value))
            return f;
        if ((inner = field_where(json_object_get(f, "fields"), member, value)))
            return inner;
    }
    return NULL;
}

static bool type_is(const json_t *field, const char *type)
{
    return str_is(json_str(field, "type"), type);
}

/* By label to id, or by id to label. Absent: not there. */
static str option_of(const json_t *field, str wanted, bool by_label)
{
    const json_t *list = json_object_get(field, "options");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        str id = json_str(o, "id"), label = ds_text(json_object_get(o, "label"));
        if (str_eq(by_label ? label : id, wanted))
            return by_label ? id : label;
    }
    return STR_NONE;
}

/* ——— from theirs to a rule ——— */

struct comparison { const json_t *left, *right; size_t which; };

/* Both spellings have an operator and operands: ["and", a, b] and {"term": "Logic::And", "operands": [a, b]}. */
static bool head(const json_t *v, size_t *which)
{
    str name = json_is_array(v) ? json_text(json_array_get(v, 0)) : json_str(v, "term");

    for (size_t k = 0; k < N_OPERATORS; k++)
        if (str_is(name, json_is_array(v) ? operators[k].prefix : operators[k].term)) {
            *which = k;
            return true;
        }
    return false;
}

static const json_t *source(arena *mem, const json_t *v, const json_t *fields)
{
    if (json_is_array(v) && json_array_size(v) == 2 && str_is(json_text(json_array_get(v, 0)), "champ"))
        return field_where(fields, "id", json_text(json_array_get(v, 1)));
    if (str_is(json_str(v, "term"), "Logic::ChampValue") && json_is_integer(json_object_get(v, "stable_id")))
        return field_where(fields, "id", ds_id_of(mem, json_i64(v, "stable_id", 0)));
    return NULL;
}

static const json_t *constant(const json_t *v)
{
    return str_is(json_str(v, "term"), "Logic::Constant") ? json_object_get(v, "value") : v;
}

/* Where a place lies: "adresse . département"; what a type of theirs that has a code is compared by. */
static const char *const place_types[] = {"address", "commune", "epci", "departement", "region", NULL};

static str part_of(const json_t *field, enum reads reads)
{
    size_t place = 0;

    while (place_types[place] && !type_is(field, place_types[place]))
        place++;
    if (!place_types[place] || (reads == READS_DEPARTEMENT && type_is(field, "region")))
        return STR_NONE;
    if (reads == READS_DEPARTEMENT || (reads == READS_VALUE && type_is(field, "departement")))
        return S(PART_DEPARTEMENT);
    return reads == READS_REGION || (reads == READS_VALUE && type_is(field, "region")) ? S(PART_REGION) : STR_NONE;
}

/* The comparison of a field with a constant; NULL when a rule cannot say it. */
static struct rule *comparison(arena *mem, const json_t *field, const json_t *c, size_t which)
{
    enum rule_op op = operators[which].op;
    enum reads reads = operators[which].reads;
    str name = json_str(field, "name"), part = part_of(field, reads), option = json_is_string(c) ? option_of(field, json_text(c), true) : STR_NONE;
    bool equality = op == RULE_EQ || op == RULE_NE;

    if (part.n && equality && json_is_string(c))
        return rule_atom(mem, str_fmt(mem, "%.*s . %.*s", STR_ARG(name), STR_ARG(part)), op, (struct rule_value){.kind = RULE_TEXT, .text = json_text(c)});
    if (type_is(field, "choices") && reads == READS_OPTION && option.p)
        return rule_atom(mem, rule_option_name(mem, name, option), RULE_EQ, (struct rule_value){.kind = RULE_BOOL, .b = op == RULE_EQ});
    if (reads != READS_VALUE)
        return NULL;
    if ((type_is(field, "yesno") || type_is(field, "checkbox")) && json_is_boolean(c) && equality)
        return rule_atom(mem, name, op, (struct rule_value){.kind = RULE_BOOL, .b = json_is_true(c)});
    if ((type_is(field, "integer") || type_is(field, "decimal") || type_is(field, "number")) && json_is_number(c))
        return rule_atom(mem, name, op, (struct rule_value){.kind = RULE_NUMBER, .number = json_number_value(c)});
    bool listed = type_is(field, "choice") || type_is(field, "country");
    return listed && equality && option.p ? rule_atom(mem, name, op, (struct rule_value){.kind = RULE_TEXT, .text = option}) : NULL;
}

/* *out NULL: always true. */
static err to_rule(arena *mem, const json_t *v, const json_t *fields, int depth, struct rule **out);

/* What is always true adds nothing to `and`, and decides an `or`. */
static err branch_to_rule(arena *mem, const json_t *v, const json_t *fields, size_t which, int depth, struct rule **out)
{
    const json_t *operands = json_is_array(v) ? v : json_object_get(v, "operands");
    size_t from = json_is_array(v) ? 1 : 0;
    struct rule *group = rule_group(mem, operators[which].op), *one;
    bool always = false;

    if (json_array_size(operands) <= from)
        return cannot();
    for (size_t i = from; i < json_array_size(operands); i++) {
        TRY(to_rule(mem, json_array_get(operands, i), fields, depth + 1, &one));
        if (one)
            rule_add_child(mem, group, one);
        else if (rule_op(group) == RULE_ANY)
            always = true;
    }
    *out = always || rule_children(group) == 0 ? NULL : group;
    return NO_ERR;
}

static err to_rule(arena *mem, const json_t *v, const json_t *fields, int depth, struct rule **out)
{
    size_t which;

    if (depth >= MAX_NESTING || !head(v, &which))
        return cannot();
    *out = NULL;
    if (operators[which].op == RULE_KNOWN)
        return NO_ERR;
    if (operators[which].op == RULE_ALL || operators[which].op == RULE_ANY)
        return branch_to_rule(mem, v, fields, which, depth, out);
    if (json_is_array(v) && json_array_size(v) != 3)
        return cannot();
    const json_t *field = source(mem, json_is_array(v) ? json_array_get(v, 1) : json_object_get(v, "left"), fields);
    const json_t *c = constant(json_is_array(v) ? json_array_get(v, 2) : json_object_get(v, "right"));
    *out = field && rule_name_valid(json_str(field, "name")) ? comparison(mem, field, c, which) : NULL;
    return *out ? NO_ERR : cannot();
}

err ds_condition_to_rule(arena *mem, const json_t *condition, const json_t *fields, json_t **rule)
{
    struct rule *r, *parsed;

    TRY(to_rule(mem, condition, fields, 0, &r));
    *rule = r ? rule_json(mem, r) : NULL;
    return r ? rule_parse_json(mem, *rule, &parsed) : NO_ERR;
}

/* ——— back ——— */

/* New references all the way; NULL: cannot be said. */
static json_t *from_rule(arena *mem, const struct rule *r, const json_t *fields);

static json_t *branch_from_rule(arena *mem, const struct rule *r, const json_t *fields)
{
    json_t *list = json_array();

    json_array_append_new(list, json_string(rule_op(r) == RULE_ALL ? "and" : "or"));
    for (size_t i = 0; i < rule_children(r); i++) {
        json_t *one = from_rule(mem, rule_child(r, i), fields);
        if (!one) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *constant_for(const json_t *field, struct rule_value v)
{
    if (v.kind == RULE_BOOL)
        return json_boolean(v.b);
    if (v.kind == RULE_NUMBER && !v.unit.n)
        return v.number == (double)(json_int_t)v.number && v.number > -1e15 && v.number < 1e15 ? json_integer((json_int_t)v.number)
                                                                                               : json_real(v.number);
    if (v.kind != RULE_TEXT)
        return NULL;
    str label = option_of(field, v.text, false);
    return label.p ? json_from_str(label) : NULL;
}

static json_t *atom_json(const char *prefix, const json_t *field, json_t *c)
{
    return prefix && c ? json_pack("[s, [s, o], o]", prefix, "champ", json_from_str(ds_own_id(field)), c) : (json_decref(c), NULL);
}

static const char *prefix_of(enum rule_op op, enum reads reads)
{
    for (size_t k = 0; k < N_OPERATORS; k++)
        if (operators[k].op == op && operators[k].reads == reads)
            return operators[k].prefix;
    return NULL;
}

/* `loisirs . tennis`, `adresse . département`: the field before the last dot. NULL: neither. */
static json_t *part_from_rule(arena *mem, str name, enum rule_op op, struct rule_value right, const json_t *fields)
{
    ptrdiff_t dot = (ptrdiff_t)name.n - 1;

    while (dot >= 0 && !str_starts(str_cut(name, (size_t)dot, name.n), S(" . ")))
        dot--;
    const json_t *field = dot > 0 ? field_where(fields, "name", str_cut(name, 0, (size_t)dot)) : NULL, *options = json_object_get(field, "options");
    str part = field ? str_cut(name, (size_t)dot + 3, name.n) : STR_NONE;
    for (size_t i = 0; field && type_is(field, "choices") && right.kind == RULE_BOOL && i < json_array_size(options); i++) {
        const json_t *o = json_array_get(options, i);
        if (str_eq(rule_option_name(mem, json_str(field, "name"), json_str(o, "id")), name))
            return atom_json(prefix_of(right.b == (op == RULE_EQ) ? RULE_EQ : RULE_NE, READS_OPTION), field, json_from_str(ds_text(json_object_get(o, "label"))));
    }
    for (enum reads reads = READS_VALUE; field && right.kind == RULE_TEXT && reads <= READS_REGION; reads++)
        if (str_eq(part_of(field, reads), part))
            return atom_json(prefix_of(op, reads), field, json_from_str(right.text));
    return NULL;
}

static json_t *from_rule(arena *mem, const struct rule *r, const json_t *fields)
{
    enum rule_op op = rule_op(r) == RULE_REF ? RULE_EQ : rule_op(r);
    struct rule_value right = rule_op(r) == RULE_REF ? (struct rule_value){.kind = RULE_BOOL, .b = true} : rule_right(r);

    if (op == RULE_NONE)
        return from_rule(mem, rule_plain(mem, r), fields);
    if (op == RULE_ALL || op == RULE_ANY)
        return branch_from_rule(mem, r, fields);
    const json_t *field = field_where(fields, "name", rule_left(r));
    if (!field)
        return part_from_rule(mem, rule_left(r), op, right, fields);
    return atom_json(prefix_of(op, type_is(field, "choices") ? READS_OPTION : READS_VALUE), field, constant_for(field, right));
}

err rule_to_ds_condition(arena *mem, const json_t *rule, const json_t *fields, json_t **condition)
{
    struct rule *r;

    TRY(json_is_string(rule) ? rule_parse(mem, json_text(rule), &r) : rule_parse_json(mem, rule, &r));
    json_t *made = from_rule(mem, r, fields);
    if (!made)
        return FAIL(E_INVALID, W("formats.ds.rule_not_given"));
    *condition = json_own(mem, made);
    return NO_ERR;
}

/* ——— their text ——— */

static void expression(arena *mem, buf *b, const json_t *v)
{
    if (json_is_array(v) && json_is_string(json_array_get(v, 0))) {
        buf_char(b, '(');
        buf_put(b, json_text(json_array_get(v, 0)));
        for (size_t i = 1; i < json_array_size(v); i++) {
            buf_char(b, ' ');
            expression(mem, b, json_array_get(v, i));
        }
        buf_char(b, ')');
    } else if (json_is_null(v)) {
        buf_lit(b, "nil");
    } else {
        buf_put(b, json_canonical(mem, v));
    }
}

str ds_expression(arena *mem, const json_t *condition)
{
    buf b = BUF((size_t)1 << 20);

    expression(mem, &b, condition);
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}
