/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/evaluate.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- missing variables ---- */

const struct missing_set missing_none = {0};

static size_t set_bytes(size_t n) { return sizeof(struct missing_set) + n * sizeof(struct missing); }

/* Its members are to be written. */
static struct missing_set *set_new(arena *mem, size_t n)
{
    struct missing_set *s = arena_alloc_raw(mem, set_bytes(n));
    s->n = 0;
    return s;
}

const struct missing_set *missing_merge(struct evaluator *ev, const struct missing_set *a, const struct missing_set *b)
{
    if (!a->n) return b;
    if (!b->n) return a;
    struct missing_set *s = set_new(ev->mem, a->n + b->n);
    const struct missing *x = a->v, *y = b->v, *x_end = x + a->n, *y_end = y + b->n;
    struct missing *to = s->v;
    while (x < x_end && y < y_end) {
        if (x->rule == y->rule) *to++ = (struct missing){x->rule, x->score + y->score}, x++, y++;
        else *to++ = (uintptr_t)x->rule < (uintptr_t)y->rule ? *x++ : *y++;
    }
    while (x < x_end) *to++ = *x++;
    while (y < y_end) *to++ = *y++;
    s->n = (size_t)(to - s->v);
    arena_trim(ev->mem, s, set_bytes(a->n + b->n), set_bytes(s->n));
    return s;
}

const struct missing_set *missing_bonus(struct evaluator *ev, const struct missing_set *a)
{
    if (!a->n) return a;
    struct missing_set *s = set_new(ev->mem, a->n);
    for (; s->n < a->n; s->n++) s->v[s->n] = (struct missing){a->v[s->n].rule, a->v[s->n].score + 1};
    return s;
}

const struct missing_set *missing_one(struct evaluator *ev, const struct rule_def *rule, double score)
{
    struct missing_set *s = set_new(ev->mem, 1);
    s->v[s->n++] = (struct missing){rule, score};
    return s;
}

const struct missing_set *missing_copy(arena *mem, const struct missing_set *a)
{
    if (!a->n) return &missing_none;
    struct missing_set *s = set_new(mem, a->n);
    memcpy(s->v, a->v, a->n * sizeof a->v[0]);
    s->n = a->n;
    return s;
}

/* ---- outcomes ---- */

static const struct outcome nothing = {.a = {.unit = UNIT_ABSENT}, .missing = &missing_none};

struct outcome *outcome_new(struct evaluator *ev, enum answer_kind kind, const struct missing_set *missing)
{
    struct outcome *o = NEW(ev->mem, struct outcome);
    o->a.kind = kind;
    o->a.unit = UNIT_ABSENT;
    o->missing = missing;
    return o;
}

const struct outcome *outcome_bool(struct evaluator *ev, bool b, const struct missing_set *missing)
{
    struct outcome *o = outcome_new(ev, ANSWER_BOOL, missing);
    o->a.b = b;
    return o;
}

const struct outcome *outcome_number(struct evaluator *ev, double number, unit_id unit, const struct missing_set *missing)
{
    struct outcome *o = outcome_new(ev, ANSWER_NUMBER, missing);
    o->a.number = number;
    o->a.unit = unit;
    o->unit_key = true;
    return o;
}

static struct outcome *outcome_like(struct evaluator *ev, const struct outcome *like)
{
    struct outcome *o = arena_alloc_raw(ev->mem, sizeof *o);
    *o = *like;
    return o;
}

const struct outcome *eval_fail(struct evaluator *ev, const char *code, const char *fmt, ...)
{
    struct evaluator *root = ev->root;
    if (root->failed) return &nothing;
    va_list ap;
    va_start(ap, fmt);
    str words = str_vfmt(root->keep, fmt, ap), rule = ev->rules.n ? ev->rules.v[ev->rules.n - 1]->name : STR_NONE;
    va_end(ap);
    root->failed = true;
    root->fault = (struct rule_fault){.rule = rule, .message = words, .code = code};
    return &nothing;
}

double answer_number(const struct rule_answer *a)
{
    char *end, z[64];
    switch (a->kind) {
    case ANSWER_INAPPLICABLE: return 0;
    case ANSWER_BOOL: return a->b;
    case ANSWER_NUMBER: return a->number;
    case ANSWER_STRING:
        if (a->string.n >= sizeof z) return NAN;
        memcpy(z, a->string.p ? a->string.p : "", a->string.n);
        z[a->string.n] = 0;
        double v = strtod(z, &end);
        return *end ? NAN : v;
    default: return NAN;
    }
}

/* ---- stacks ---- */

bool stack_has(const struct stack *s, const struct rule_def *r, size_t from_top)
{
    for (size_t i = 0; i + from_top < s->n; i++)
        if (s->v[i] == r) return true;
    return false;
}

void stack_push(struct evaluator *ev, struct stack *s, const struct rule_def *r) { PUSH(ev->mem, s, r); }

static bool twice(const struct stack *s, const struct rule_def *r)
{
    int n = 0;
    for (size_t i = 0; i < s->n; i++) n += s->v[i] == r;
    return n > 1;
}

/* ---- rules ---- */

/* What a situation says, or else the definition. */
static const struct rule_def *as_said(const struct evaluator *ev, const struct rule_def *r)
{
    const struct rule_def *said = r->is_situation ? said_of(ev->said, ev->n_said, r) : NULL;
    return said ? said : r;
}

struct disabling { bool disabled; const struct missing_set *missing; };

const struct node *disabling_parent(const struct rule_def *r)
{
    for (size_t i = 0; i < r->parents.n; i++) {
        const struct node *p = r->parents.v[i];
        if (p->type.nullable == TRI_YES || p->type.type == RULE_TYPE_BOOL) return p;
    }
    return NULL;
}

/* A rule is disabled by its nearest parent that may be: one that is not applicable, or that is "non". */
static struct disabling disabled_by_parent(struct evaluator *ev, const struct rule_def *r)
{
    struct disabling d = {false, &missing_none};
    const struct node *parent = r->is_situation ? NULL : disabling_parent(r);
    if (!parent) return d;
    bool boolean = parent->type.type == RULE_TYPE_BOOL;
    if (!stack_has(&ev->parents, r, 0)) {
        stack_push(ev, &ev->parents, r);
        const struct outcome *out = &nothing;
        if (parent->type.nullable == TRI_YES) out = eval_is_inapplicable(ev, parent);
        if (!is_true(out) && boolean) out = eval_operation(ev, OP_EQ, parent, ev->base->no);
        ev->parents.n--;
        if (is_true(out)) return (struct disabling){true, out->missing};
    }
    if (!boolean) return d;
    const struct outcome *p = eval(ev, parent);
    return (struct disabling){is_false(p), p->missing};
}

bool rule_is_disabled(struct evaluator *ev, const struct rule_def *r) { return disabled_by_parent(ev, r).disabled; }

static const struct outcome *eval_rule(struct evaluator *ev, const struct node *n)
{
    const struct rule_def *r = n->rule;
    struct disabling d = disabled_by_parent(ev, r);
    if (d.disabled) return outcome_new(ev, ANSWER_INAPPLICABLE, d.missing);
    if (twice(&ev->rules, r)) return outcome_new(ev, ANSWER_UNDEFINED, d.missing);
    stack_push(ev, &ev->rules, r);
    const struct outcome *choices = r->choices ? eval(ev, r->choices) : &nothing;
    struct outcome *o;
    if (choices->a.kind != ANSWER_UNDEFINED) {
        o = outcome_like(ev, choices);
    } else {
        const struct node *value = as_said(ev, r)->value;
        o = outcome_like(ev, eval(ev, value));
        if (r->exposed && o->a.kind == ANSWER_UNDEFINED && !o->missing->n && !ev->root->failed) {
            o->missing = missing_one(ev, r, 1);
            ev->cache[value->id] = outcome_like(ev, o);
        }
        if (choices->a.unit != UNIT_ABSENT) o->a.unit = choices->a.unit, o->unit_key = true;
        o->missing = missing_merge(ev, choices->missing, o->missing);
    }
    if (!ev->root->failed) ev->rules.n--;       /* a failure is said of the innermost rule */
    o->missing = missing_merge(ev, o->missing, d.missing);
    return o;
}

static const struct outcome *rule_is_inapplicable(struct evaluator *ev, const struct rule_def *r)
{
    struct disabling d = disabled_by_parent(ev, r);
    if (d.disabled) return outcome_bool(ev, true, d.missing);
    const struct outcome *v = eval_is_inapplicable(ev, as_said(ev, r)->value);
    struct outcome *o = outcome_like(ev, v);
    o->missing = missing_merge(ev, d.missing, v->missing);
    bool nullable = r->situation && as_said(ev, r->situation)->node.type.nullable == TRI_YES;
    if (is_false(v) && nullable && !v->missing->n) o->missing = missing_merge(ev, o->missing, missing_one(ev, r, 1));
    return o;
}

/* ---- condition, also asked whether its outcome is applicable ---- */

static unit_id unit_as_written(const struct node *n)
{
    switch (n->kind) {
    case N_CONSTANT: return n->constant.value.unit;
    case N_UNIT: return n->on.unit;
    case N_DURATION: return n->duration.unit;
    case N_CHOICES: return n->choices->unit;
    default: return UNIT_ABSENT;
    }
}

static const struct outcome *eval_condition(struct evaluator *ev, const struct node *n, bool whether)
{
    const struct outcome *test = eval(ev, n->condition.test), *then = NULL, *otherwise, *o;
    const struct outcome *(*of)(struct evaluator *, const struct node *) = whether ? eval_is_inapplicable : eval;
    if (ev->root->failed) return &nothing;
    if (test->unit_key || test->a.kind == ANSWER_NUMBER || test->a.kind == ANSWER_STRING)
        return eval_fail(ev, "not_boolean", "La condition doit être de type booléen");
    if (is_true(test)) {
        o = then = of(ev, n->condition.then);
    } else if (is_false(test)) {
        o = of(ev, n->condition.otherwise);
    } else if (test->a.kind == ANSWER_INAPPLICABLE) {
        o = test;
    } else {
        otherwise = of(ev, n->condition.otherwise);
        then = of(ev, n->condition.then);
        o = outcome_new(ev, ANSWER_UNDEFINED, missing_merge(ev, otherwise->missing, then->missing));
    }
    unit_id unit = o->a.unit;
    if (unit == UNIT_ABSENT && !whether) unit = then ? then->a.unit : unit_as_written(n->condition.then);
    struct outcome *out = outcome_like(ev, o);
    out->a.unit = unit;
    out->unit_key = unit != UNIT_ABSENT;
    out->missing = missing_merge(ev, missing_bonus(ev, test->missing), o->missing);
    return out;
}

static const struct outcome *is_inapplicable(struct evaluator *ev, const struct node *of)
{
    if (of->typed && of->type.nullable == TRI_NO && of->kind != N_RULE && of->kind != N_REFERENCE) return outcome_bool(ev, false, &missing_none);
    const struct outcome *known = ev->cache[of->id];
    if (known) return outcome_bool(ev, known->a.kind == ANSWER_INAPPLICABLE, known->missing);
    switch (of->kind) {
    case N_RULE: return rule_is_inapplicable(ev, of->rule);
    case N_REFERENCE: return eval_is_inapplicable(ev, &of->reference.to->node);
    case N_CONDITION: return eval_condition(ev, of, true);
    default: break;
    }
    const struct outcome *v = eval(ev, of);
    if (v->a.kind == ANSWER_UNDEFINED) return outcome_new(ev, ANSWER_UNDEFINED, v->missing);
    return outcome_bool(ev, v->a.kind == ANSWER_INAPPLICABLE, v->missing);
}

/* One step more, one level deeper; false: past the limits, or failed already. */
static bool enter(struct evaluator *ev)
{
    struct evaluator *root = ev->root;
    if (root->failed) return false;
    if (++root->steps > root->limits.steps) eval_fail(ev, "too_long", "le calcul est trop long");
    else if (root->depth >= root->limits.depth) eval_fail(ev, "too_deep", "le calcul est trop profond : une règle se contient-elle elle-même ?");
    else if (arena_used_bytes(ev->mem) > root->limits.bytes) eval_fail(ev, "too_large", "le calcul demande trop de mémoire");
    if (root->failed) return false;
    root->depth++;
    return true;
}

const struct outcome *eval_is_inapplicable(struct evaluator *ev, const struct node *of)
{
    if (!enter(ev)) return &nothing;
    const struct outcome *o = is_inapplicable(ev, of);
    ev->root->depth--;
    return o;
}

/* ---- the simple ones ---- */

static bool holds(const struct outcome *o) { return !is_false(o) && o->a.kind != ANSWER_INAPPLICABLE; }

static const struct outcome *eval_variations(struct evaluator *ev, const struct node *n)
{
    struct outcome *out = outcome_new(ev, ANSWER_INAPPLICABLE, &missing_none);
    enum { NOT_YET, PERHAPS, FOUND } before = NOT_YET;
    unit_id unit = UNIT_ABSENT;
    for (size_t i = 0; i < n->variations.n && before != FOUND && !ev->root->failed; i++) {
        const struct outcome *test = eval(ev, n->variations.v[i].condition);
        out->missing = missing_merge(ev, out->missing, missing_bonus(ev, test->missing));
        if (!holds(test)) {
            if (before == PERHAPS) out->a = (struct rule_answer){.kind = ANSWER_UNDEFINED, .unit = UNIT_ABSENT};
            continue;
        }
        const struct outcome *v = eval(ev, n->variations.v[i].consequence);
        struct rule_answer a = v->a;
        if (unit != UNIT_ABSENT) {
            if (a.kind != ANSWER_NUMBER || a.unit == UNIT_ABSENT || unit_convert(ev->units, a.unit, unit, &a.number)) a.unit = unit;
        } else {
            unit = a.unit;
        }
        out->missing = missing_merge(ev, out->missing, v->missing);
        if (before == NOT_YET) before = test->a.kind == ANSWER_UNDEFINED ? PERHAPS : FOUND;
        out->a = before == FOUND ? a : (struct rule_answer){.kind = ANSWER_UNDEFINED, .unit = UNIT_ABSENT};
    }
    out->a.unit = unit;
    out->unit_key = unit != UNIT_ABSENT;
    return out;
}

static const struct outcome *eval_unit(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = outcome_like(ev, eval(ev, n->on.of));
    bool blank = o->a.kind == ANSWER_UNDEFINED || o->a.kind == ANSWER_INAPPLICABLE || is_false(o) || (o->a.kind == ANSWER_STRING && !o->a.string.n);
    double number = answer_number(&o->a);
    if (!blank && o->a.unit != UNIT_ABSENT && unit_convert(ev->units, o->a.unit, n->on.unit, &number)) o->a.kind = ANSWER_NUMBER, o->a.number = number;
    o->a.unit = n->on.unit;
    o->unit_key = true;
    return o;
}

static struct outcome *simplified(struct evaluator *ev, const struct outcome *of)
{
    struct outcome *o = outcome_like(ev, of);
    if (o->a.unit == UNIT_ABSENT) return o;
    unit_id unit = unit_simplify(ev->units, o->a.unit);
    if (o->a.kind == ANSWER_NUMBER) unit_convert(ev->units, o->a.unit, unit, &o->a.number);
    o->a.unit = unit;
    o->unit_key = true;
    return o;
}

static const struct outcome *eval_simplify(struct evaluator *ev, const struct node *n)
{
    const struct outcome *v = eval(ev, n->on.of);
    if (v->a.kind == ANSWER_INAPPLICABLE || v->a.kind == ANSWER_UNDEFINED) return v;
    struct outcome *o = simplified(ev, v);
    o->unit_key = true;
    return o;
}

double round_half_up(double x, double digits)
{
    double factor = pow(10, digits), y = (x + 2.220446049250313e-16) * factor, low = floor(y);
    return (y - low >= 0.5 ? low + 1 : low) / factor;
}

static const struct outcome *eval_round(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = simplified(ev, eval(ev, n->on.of));
    o->unit_key = true;
    if (is_false(o)) return o;
    const struct outcome *digits = eval(ev, n->on.digits);
    if (digits->a.kind == ANSWER_NUMBER && str_find(unit_text(ev->units, digits->a.unit), S("décimale")) < 0)
        return eval_fail(ev, "rounding_unit", "L'unité %.*s de l'arrondi est inconnue : il s’écrit en décimales (« 2 décimales »)", STR_ARG(unit_text(ev->units, digits->a.unit)));
    o->missing = missing_merge(ev, o->missing, digits->missing);
    if (o->a.kind != ANSWER_NUMBER) return o;
    if (digits->a.kind == ANSWER_NUMBER) o->a.number = round_half_up(o->a.number, digits->a.number);
    else if (is_true(digits)) o->a.number = round_half_up(o->a.number, 0);
    else if (digits->a.kind == ANSWER_UNDEFINED) o->a.kind = ANSWER_UNDEFINED;
    return o;
}

static const struct outcome *eval_log(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = simplified(ev, eval(ev, n->on.of));
    o->a.unit = UNIT_ABSENT;
    o->unit_key = false;
    if (o->a.kind == ANSWER_NUMBER) o->a.number = log(o->a.number);
    else if (o->a.kind == ANSWER_BOOL || o->a.kind == ANSWER_STRING) return eval_fail(ev, "not_number", "Impossible de calculer le logarithme de ce qui n’est pas un nombre");
    return o;
}

static bool is_date(const struct rule_answer *a)
{
    int d, m, y;
    return a->kind == ANSWER_STRING && date_normalise(a->string, &d, &m, &y);
}

static const struct outcome *eval_duration(struct evaluator *ev, const struct node *n)
{
    const struct outcome *since = eval(ev, n->duration.since), *until = eval(ev, n->duration.until);
    struct outcome *o = outcome_new(ev, ANSWER_NUMBER, missing_merge(ev, since->missing, until->missing));
    o->a.unit = n->duration.unit;
    o->unit_key = true;
    if (since->a.kind == ANSWER_INAPPLICABLE || until->a.kind == ANSWER_INAPPLICABLE) o->a.kind = ANSWER_INAPPLICABLE;
    else if (since->a.kind == ANSWER_UNDEFINED || until->a.kind == ANSWER_UNDEFINED) o->a.kind = ANSWER_UNDEFINED;
    else if (!is_date(&since->a) || !is_date(&until->a)) {
        bool in_months = n->duration.span == SPAN_MONTH || n->duration.span == SPAN_QUARTER || n->duration.span == SPAN_CIVIL_QUARTER;
        if (!in_months || since->a.kind != ANSWER_STRING || until->a.kind != ANSWER_STRING) return eval_fail(ev, "not_date", "une durée se compte entre deux dates");
        o->a.number = NAN;
    } else o->a.number = fmax(0, span_between(n->duration.span, since->a.string, until->a.string));
    return o;
}

static const struct outcome *eval_missing(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = outcome_like(ev, eval(ev, n->missing.of));
    double most = 0;
    for (size_t i = 0; i < o->missing->n; i++) most = fmax(most, o->missing->v[i].score);
    o->missing = missing_merge(ev, o->missing, missing_one(ev, n->missing.rule, most + 1));
    o->unit_key = true;
    return o;
}

static const struct outcome *eval_choices(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = outcome_new(ev, ANSWER_UNDEFINED, &missing_none);
    size_t left = 0, last = 0;
    for (size_t i = 0; n->choices->references && i < n->choices->v.n; i++) {
        const struct outcome *out = i < n->choices->out.n ? eval(ev, n->choices->out.v[i]) : &nothing;
        o->missing = missing_merge(ev, o->missing, out->missing);
        if (is_true(out)) continue;
        left++;
        last = i;
    }
    if (n->choices->references && left == 0) o->a.kind = ANSWER_INAPPLICABLE;
    if (left == 1) o->a.kind = ANSWER_STRING, o->a.string = n->choices->v.v[last]->reference.name;
    o->a.unit = n->choices->unit;
    o->unit_key = o->a.unit != UNIT_ABSENT;
    return o;
}

static const struct outcome *eval_constant(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = outcome_new(ev, n->constant.value.kind, &missing_none);
    o->a = n->constant.value;
    o->unit_key = o->a.unit != UNIT_ABSENT;
    return o;
}

static const struct outcome *eval_today(struct evaluator *ev)
{
    struct outcome *o = outcome_new(ev, ANSWER_STRING, &missing_none);
    o->a.string = ev->root->today.n ? ev->root->today : ev->base->today;
    return o;
}

static const struct outcome *eval_kind(struct evaluator *ev, const struct node *n)
{
    switch (n->kind) {
    case N_CONSTANT: return eval_constant(ev, n);
    case N_REFERENCE: return eval(ev, &n->reference.to->node);
    case N_RULE: return eval_rule(ev, n);
    case N_OPERATION: return eval_operation(ev, n->operation.op, n->operation.a, n->operation.b);
    case N_CONDITION: return eval_condition(ev, n, false);
    case N_VARIATIONS: return eval_variations(ev, n);
    case N_UNIT: return eval_unit(ev, n);
    case N_SIMPLIFY: return eval_simplify(ev, n);
    case N_ROUND: return eval_round(ev, n);
    case N_LOG: return eval_log(ev, n);
    case N_SCALE: case N_GRID: case N_PROGRESSIVE: return eval_bands(ev, n);
    case N_DURATION: return eval_duration(ev, n);
    case N_TEXT: return eval_text(ev, n);
    case N_IS_UNDEFINED: {
        const struct outcome *v = eval(ev, n->on.of);
        return outcome_bool(ev, v->a.kind == ANSWER_UNDEFINED, v->missing);
    }
    case N_IS_INAPPLICABLE: return is_inapplicable(ev, n->on.of);
    case N_INVERSION: return eval_inversion(ev, n);
    case N_FIXED_POINT: return eval_fixed_point(ev, n);
    case N_CONTEXT: return eval_context(ev, n);
    case N_MISSING: return eval_missing(ev, n);
    case N_CHOICES: return eval_choices(ev, n);
    case N_TODAY: return eval_today(ev);
    }
    return &nothing;
}

const struct outcome *eval(struct evaluator *ev, const struct node *n)
{
    if (ev->cache[n->id]) return ev->cache[n->id];
    if (!enter(ev)) return &nothing;
    const struct outcome *o = eval_kind(ev, n);
    ev->root->depth--;
    if (!ev->root->failed) ev->cache[n->id] = o;
    return o;
}
