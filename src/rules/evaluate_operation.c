/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluate_operation.c — operators. What is not applicable counts as nothing in a sum and empties a product; the right side is not looked at
   when the left decides. Values of other types meet as JavaScript has them meet, since the reference runs there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rules/evaluate.h"

static bool in(enum operation op, const char *which)
{
    static const char letters[] = "*/q^+-<l>g=n&|";
    return strchr(which, letters[op]) != NULL;
}

static bool is_number(const struct outcome *o, double n) { return o->a.kind == ANSWER_NUMBER && o->a.number == n; }
static bool is_out(const struct outcome *o) { return o->a.kind == ANSWER_INAPPLICABLE; }

static const struct outcome *as_decided(struct evaluator *ev, enum operation op, const struct outcome *by)
{
    if (op == OP_AND) return outcome_bool(ev, false, by->missing);
    struct outcome *o = outcome_new(ev, by->a.kind, by->missing);
    o->a = by->a;
    o->a.unit = UNIT_ABSENT;
    return o;
}

static bool left_decides(enum operation op, const struct outcome *a)
{
    return (is_out(a) && in(op, "<>lg/*q-&")) || (is_number(a, 0) && in(op, "/*")) || (is_false(a) && op == OP_AND) || (is_true(a) && op == OP_OR);
}

static bool right_decides(enum operation op, const struct outcome *b)
{
    return (is_out(b) && in(op, "<>lg/*q&")) || (is_number(b, 0) && op == OP_MUL) || (is_false(b) && op == OP_AND) || (is_true(b) && op == OP_OR);
}

static bool truthy(const struct rule_answer *a)
{
    switch (a->kind) {
    case ANSWER_BOOL: return a->b;
    case ANSWER_NUMBER: return a->number != 0 && !isnan(a->number);
    case ANSWER_STRING: return a->string.n > 0;
    default: return false;
    }
}

static struct rule_answer said(const struct rule_answer *a)
{
    return a->kind == ANSWER_INAPPLICABLE ? (struct rule_answer){.kind = ANSWER_BOOL, .unit = UNIT_ABSENT} : *a;
}

static bool same(const struct rule_answer *x, const struct rule_answer *y)
{
    struct rule_answer a = said(x), b = said(y);
    if (a.kind != b.kind) return false;
    if (a.kind == ANSWER_STRING) return str_eq(a.string, b.string);
    return a.kind == ANSWER_BOOL ? a.b == b.b : a.number == b.number;
}

static int order(double a, double b) { return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2; }

static bool compare(enum operation op, const struct rule_answer *a, const struct rule_answer *b)
{
    if (op == OP_EQ) return same(a, b);
    if (op == OP_NE) return !same(a, b);
    bool texts = a->kind == ANSWER_STRING && b->kind == ANSWER_STRING;
    int c = texts ? str_cmp(a->string, b->string) : order(answer_number(a), answer_number(b));
    if (c == 2) return false;
    return op == OP_LT ? c < 0 : op == OP_LE ? c <= 0 : op == OP_GT ? c > 0 : c >= 0;
}

static double calculate(enum operation op, double a, double b)
{
    switch (op) {
    case OP_MUL: return a * b;
    case OP_DIV: return a / b;
    case OP_QUO: return (a - fmod(a, b)) / b;
    case OP_POW: return isnan(b) || (isinf(b) && fabs(a) == 1) ? NAN : pow(a, b);     /* C says 1 */
    case OP_ADD: return a + b;
    default: return a - b;
    }
}

/* The shortest that reads back the same. */
static str number_text(arena *mem, double x)
{
    char z[40] = "";
    if (isnan(x)) return S("NaN");
    if (isinf(x)) return x > 0 ? S("Infinity") : S("-Infinity");
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(z, sizeof z, "%.*g", digits, x);
        if (strtod(z, NULL) == x) break;
    }
    for (int decimals = 0; strchr(z, 'e') && fabs(x) >= 1e-6 && fabs(x) < 1e16 && decimals <= 22; decimals++) {
        snprintf(z, sizeof z, "%.*f", decimals, x);
        if (strtod(z, NULL) == x) break;
    }
    return str_copy(mem, str_of(z));
}

static str as_text(arena *mem, const struct rule_answer *a)
{
    switch (a->kind) {
    case ANSWER_STRING: return a->string;
    case ANSWER_NUMBER: return number_text(mem, a->number);
    case ANSWER_BOOL: return a->b ? S("true") : S("false");
    default: return S("null");
    }
}

str answers_joined(struct evaluator *ev, const struct rule_answer *a, const struct rule_answer *b)
{
    str x = as_text(ev->mem, a), y = as_text(ev->mem, b);
    return str_fmt(ev->mem, "%.*s%.*s", STR_ARG(x), STR_ARG(y));
}

static const double ms_per_day = 86400000;

static struct rule_answer dated(const struct rule_answer *a)
{
    return (struct rule_answer){.kind = ANSWER_NUMBER, .number = (double)date_days(a->string) * ms_per_day, .unit = UNIT_ABSENT};
}

static struct rule_answer result(struct evaluator *ev, enum operation op, struct rule_answer a, struct rule_answer b)
{
    struct rule_answer out = {.kind = ANSWER_NUMBER, .unit = UNIT_ABSENT};
    if (a.kind == ANSWER_STRING && b.kind == ANSWER_STRING && is_full_date(a.string) && is_full_date(b.string)) a = dated(&a), b = dated(&b);
    if (op == OP_AND) return truthy(&a) ? said(&b) : said(&a);
    if (op == OP_OR) return truthy(&a) ? said(&a) : said(&b);
    if (op >= OP_LT) return out.kind = ANSWER_BOOL, out.b = compare(op, &a, &b), out;
    if (op == OP_ADD && (a.kind == ANSWER_STRING || b.kind == ANSWER_STRING)) return out.kind = ANSWER_STRING, out.string = answers_joined(ev, &a, &b), out;
    out.number = calculate(op, answer_number(&a), answer_number(&b));
    return out;
}

static void convert(struct evaluator *ev, struct rule_answer *a, unit_id to)
{
    if (a->kind == ANSWER_NUMBER && a->unit != UNIT_ABSENT) unit_convert(ev->units, a->unit, to, &a->number);
}

static unit_id unit_of(struct evaluator *ev, enum operation op, unit_id a, unit_id b)
{
    if (op == OP_MUL) return unit_multiply(ev->units, a, b);
    if (op == OP_DIV) return unit_divide(ev->units, a, b);
    if (op == OP_QUO) return a == UNIT_ABSENT ? b : b == UNIT_ABSENT ? a : UNIT_ABSENT;
    return a == UNIT_ABSENT ? b : a;
}

static const struct outcome *with_units(struct evaluator *ev, enum operation op, struct rule_answer r, const struct outcome *a,
                                        const struct outcome *b, bool share, const struct missing_set *missing)
{
    struct outcome *o = outcome_new(ev, r.kind, missing);
    o->a = r;
    o->a.unit = UNIT_ABSENT;
    o->unit_key = op <= OP_SUB && op != OP_POW;
    unit_id product = unit_multiply(ev->units, a->a.unit, b->a.unit);
    if (share) {
        o->a.unit = unit_without_percent(ev->units, product);
    } else if (op == OP_MUL && unit_has_percent(ev->units, product)) {
        if (o->a.kind == ANSWER_NUMBER) o->a.number /= 100;
        o->a.unit = unit_without_percent(ev->units, product);
    } else if (o->unit_key) {
        o->a.unit = unit_of(ev, op, a->a.unit, b->a.unit);
    }
    return o;
}

const struct outcome *eval_operation(struct evaluator *ev, enum operation op, const struct node *left, const struct node *right)
{
    const struct outcome *a = eval(ev, left);
    if (left_decides(op, a)) return as_decided(ev, op, a);
    const struct outcome *b = eval(ev, right);
    if (ev->root->failed) return a;
    if (op == OP_DIV && is_number(b, 0)) return eval_fail(ev, "division_by_zero", "Division by zero (division par zéro)");
    if (right_decides(op, b)) return as_decided(ev, op, b);
    const struct missing_set *missing = missing_merge(ev, a->missing, b->missing);
    bool undefined = a->a.kind == ANSWER_UNDEFINED || b->a.kind == ANSWER_UNDEFINED;
    bool share = (op == OP_ADD || op == OP_SUB) && unit_is_percent(ev->units, b->a.unit) && !unit_is_percent(ev->units, a->a.unit);
    struct rule_answer x = a->a, y = b->a, r = {.kind = ANSWER_UNDEFINED, .unit = UNIT_ABSENT};
    if (!undefined && !in(op, "/*q") && !share) {
        if (x.unit != UNIT_ABSENT) convert(ev, &y, x.unit);
        else if (y.unit != UNIT_ABSENT) convert(ev, &x, y.unit);
    }
    if (!undefined) r = result(ev, op, x, y);
    if (share && x.kind == ANSWER_NUMBER && y.kind == ANSWER_NUMBER) r.number = x.number * (1 + y.number / 100 * (op == OP_SUB ? -1 : 1));
    return with_units(ev, op, r, a, b, share, missing);
}
