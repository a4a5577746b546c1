/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rule_model.h"

#include "rules/atom.h"

static enum rule_truth truth(bool b)
{
    return b ? RULE_TRUE : RULE_FALSE;
}

static enum rule_truth ordered(enum rule_op op, double a, double b)
{
    switch (op) {
    case RULE_EQ: return truth(a == b);
    case RULE_NE: return truth(a != b);
    case RULE_LT: return truth(a < b);
    case RULE_LE: return truth(a <= b);
    case RULE_GT: return truth(a > b);
    case RULE_GE: return truth(a >= b);
    default: return RULE_UNKNOWN;
    }
}

static bool holds(struct strs list, str text)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.v[i], text))
            return true;
    return false;
}

static enum rule_truth compare(enum rule_op op, struct rule_value a, struct rule_value b)
{
    bool same;

    if (a.kind == RULE_LIST && b.kind == RULE_TEXT)
        same = holds(a.list, b.text);
    else if (a.kind == RULE_NUMBER && b.kind == RULE_NUMBER && a.number == a.number)
        return ordered(op, a.number, b.number);
    else if (a.kind == RULE_DATE && b.kind == RULE_DATE)
        return ordered(op, (double)a.days, (double)b.days);
    else if (a.kind == RULE_BOOL && b.kind == RULE_BOOL)
        same = a.b == b.b;
    else if (a.kind == RULE_TEXT && b.kind == RULE_TEXT)
        same = str_eq(a.text, b.text);
    else
        return RULE_UNKNOWN;
    return op == RULE_EQ ? truth(same) : op == RULE_NE ? truth(!same) : RULE_UNKNOWN;
}

static enum rule_truth of_group(const struct rule *r, rule_lookup lookup, void *arg)
{
    enum rule_truth decides = r->op == RULE_ALL ? RULE_FALSE : RULE_TRUE, end = r->op == RULE_ALL ? RULE_TRUE : RULE_FALSE;

    for (size_t i = 0; i < r->children.n && end != decides; i++) {
        enum rule_truth t = rule_eval(r->children.v[i], lookup, arg);
        if (t == decides || t == RULE_UNKNOWN)
            end = t;
    }
    return r->op != RULE_NONE || end == RULE_UNKNOWN ? end : end == RULE_TRUE ? RULE_FALSE : RULE_TRUE;
}

enum rule_truth rule_eval(const struct rule *r, rule_lookup lookup, void *arg)
{
    if (rule_is_group(r))
        return of_group(r, lookup, arg);
    struct rule_value v = lookup(arg, r->left);
    if (r->op == RULE_REF)
        return v.kind == RULE_BOOL ? truth(v.b) : RULE_UNKNOWN;
    if (r->op == RULE_KNOWN || r->op == RULE_NOT_KNOWN)
        return truth((v.kind != RULE_UNDEFINED) == (r->op == RULE_KNOWN));
    return compare(r->op, v, r->right.kind == RULE_NAME ? lookup(arg, r->right.text) : r->right);
}
