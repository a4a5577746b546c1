/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_condition.c — conditions of Démarches simplifiées and rules. Theirs has no negation, and a blank or hidden source makes each comparison
   that reads it false; in ours it makes it unknown, which counts as false at the top: with `and` and `or` alone, the same truth. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_members.h"
#include "formats/ds_shape.h"
#include "rules/rules.h"

#define MAX_NESTING 16

static const struct { const char *prefix, *term; enum rule_op op; } operators[] = {
    {"=", "Logic::Eq", RULE_EQ},           {"!=", "Logic::NotEq", RULE_NE},
    {"<", "Logic::LessThan", RULE_LT},     {"<=", "Logic::LessThanEq", RULE_LE},
    {">", "Logic::GreaterThan", RULE_GT},  {">=", "Logic::GreaterThanEq", RULE_GE},
    {"and", "Logic::And", RULE_ALL},       {"or", "Logic::Or", RULE_ANY},
    {"includes", "Logic::IncludeOperator", RULE_EQ}, {"excludes", "Logic::ExcludeOperator", RULE_NE}};
#define N_OPERATORS (sizeof operators / sizeof *operators)
#define FIRST_MEMBERSHIP 8

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

/* What the field's values are compared with; false when a rule cannot say it. */
static bool value_for(const json_t *field, const json_t *c, size_t which, struct rule_value *out)
{
    bool membership = which >= FIRST_MEMBERSHIP;

    if (type_is(field, "yesno") || type_is(field, "checkbox")) {
        *out = (struct rule_value){.kind = RULE_BOOL, .b = json_is_true(c)};
        return json_is_boolean(c) && (which == 0 || which == 1);
    }
    if (type_is(field, "integer") || type_is(field, "decimal") || type_is(field, "number")) {
        *out = (struct rule_value){.kind = RULE_NUMBER, .number = json_number_value(c)};
        return json_is_number(c) && !membership;
    }
    if ((type_is(field, "choice") && (which == 0 || which == 1)) || (type_is(field, "choices") && membership)) {
        *out = (struct rule_value){.kind = RULE_TEXT, .text = option_of(field, json_text(c), true)};
        return json_is_string(c) && out->text.p;
    }
    return false;
}

static err to_rule(arena *mem, const json_t *v, const json_t *fields, int depth, json_t **out);

static err branch_to_rule(arena *mem, const json_t *v, const json_t *fields, size_t which, int depth, json_t **out)
{
    const json_t *operands = json_is_array(v) ? v : json_object_get(v, "operands");
    size_t from = json_is_array(v) ? 1 : 0;
    json_t *list = json_own(mem, json_array()), *one;

    if (json_array_size(operands) <= from)
        return cannot();
    for (size_t i = from; i < json_array_size(operands); i++) {
        TRY(to_rule(mem, json_array_get(operands, i), fields, depth + 1, &one));
        json_array_append(list, one);
    }
    *out = json_own(mem, json_object());
    json_object_set(*out, operators[which].op == RULE_ALL ? "toutes ces conditions" : "une de ces conditions", list);
    return NO_ERR;
}

static err to_rule(arena *mem, const json_t *v, const json_t *fields, int depth, json_t **out)
{
    size_t which;
    struct rule_value value;

    if (depth >= MAX_NESTING || !head(v, &which))
        return cannot();
    if (operators[which].op == RULE_ALL || operators[which].op == RULE_ANY)
        return branch_to_rule(mem, v, fields, which, depth, out);
    if (json_is_array(v) && json_array_size(v) != 3)
        return cannot();
    const json_t *field = source(mem, json_is_array(v) ? json_array_get(v, 1) : json_object_get(v, "left"), fields);
    const json_t *c = constant(json_is_array(v) ? json_array_get(v, 2) : json_object_get(v, "right"));
    str name = json_str(field, "name");
    if (!field || !rule_name_valid(name) || !value_for(field, c, which, &value))
        return cannot();
    *out = json_own(mem, json_from_str(rule_atom_text(mem, name, operators[which].op, value)));
    return NO_ERR;
}

err ds_condition_to_rule(arena *mem, const json_t *condition, const json_t *fields, json_t **rule)
{
    json_t *out;
    struct rule *parsed;

    TRY(to_rule(mem, condition, fields, 0, &out));
    TRY(rule_parse_json(mem, out, &parsed));
    *rule = out;
    return NO_ERR;
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
    if (v.kind == RULE_NUMBER)
        return v.number == (double)(json_int_t)v.number && v.number > -1e15 && v.number < 1e15 ? json_integer((json_int_t)v.number)
                                                                                               : json_real(v.number);
    if (v.kind != RULE_TEXT)
        return NULL;
    str label = option_of(field, v.text, false);
    return label.p ? json_from_str(label) : NULL;
}

static json_t *from_rule(arena *mem, const struct rule *r, const json_t *fields)
{
    enum rule_op op = rule_op(r) == RULE_REF ? RULE_EQ : rule_op(r);
    struct rule_value right = rule_op(r) == RULE_REF ? (struct rule_value){.kind = RULE_BOOL, .b = true} : rule_right(r);
    const char *prefix = NULL;

    if (op == RULE_ALL || op == RULE_ANY)
        return branch_from_rule(mem, r, fields);
    const json_t *field = field_where(fields, "name", rule_left(r));
    json_t *c = field ? constant_for(field, right) : NULL;
    if (!c)
        return NULL;
    for (size_t k = type_is(field, "choices") ? FIRST_MEMBERSHIP : 0; k < N_OPERATORS && !prefix; k++)
        if (operators[k].op == op)
            prefix = operators[k].prefix;
    return json_pack("[s, [s, o], o]", prefix ? prefix : "=", "champ", json_from_str(ds_own_id(field)), c);
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
