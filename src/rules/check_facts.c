/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_facts.c — types, units and values that are always the same, inferred over the tree as evaluate*.c would find them. Each node once;
   what is not known is any. What meets on the way is held together by check_match.c, branches by check_branches.c. */
#include <string.h>
#include "rules/checking.h"

enum { DEPTH_MOST = 1500, PRODUCTS_MOST = 10000 /* of units: each may be a new one, and is looked for among all */ };
#define WORK_BYTES_MOST ((size_t)96 << 20)

static const struct fact any = {.types = T_ANY, .unit = UNIT_UNKNOWN};
static const struct fact boolean = {.types = T_BOOL, .unit = UNIT_ABSENT};

static unsigned type_bit(enum rule_type t)
{
    static const unsigned bits[] = {T_ANY, T_NUMBER, T_BOOL | T_NO, T_TEXT, T_DATE};
    return bits[t];
}

bool check_value(struct check *c, const struct node *n, struct rule_answer *out)
{
    struct fact f = check_fact(c, n);
    *out = (struct rule_answer){.kind = ANSWER_BOOL, .b = f.decided == TRI_YES, .unit = UNIT_ABSENT};
    if (f.decided != TRI_UNKNOWN) return true;
    if (!f.fixed) return false;
    struct evaluator *ev = c->ev;
    ev->rules.n = ev->parents.n = 0;
    ev->steps = ev->depth = 0;
    ev->failed = false;
    const struct outcome *o = eval(ev, n);
    *out = o->a;
    return !ev->failed && o->a.kind != ANSWER_UNDEFINED;
}

static bool is_always(struct check *c, const struct node *n, bool wanted)
{
    struct rule_answer a;
    return check_value(c, n, &a) && a.kind == ANSWER_BOOL && a.b == wanted;
}

/* ---- several values of which one is taken ---- */

static bool gives(const struct fact *f) { return (f->types & ~(unsigned)T_NO) != 0; }

static unit_id either_unit(struct check *c, const struct fact *a, const struct fact *b)
{
    double one = 1;
    if (!gives(a)) return b->unit;
    if (!gives(b)) return a->unit;
    if (a->unit == UNIT_UNKNOWN || b->unit == UNIT_UNKNOWN) return UNIT_UNKNOWN;
    if (a->unit == UNIT_ABSENT || b->unit == UNIT_ABSENT) return a->unit == UNIT_ABSENT ? b->unit : a->unit;
    return unit_convert(c->units, b->unit, a->unit, &one) ? a->unit : UNIT_UNKNOWN;
}

static struct fact either(struct check *c, struct fact a, struct fact b)
{
    return (struct fact){.types = a.types | b.types, .unit = either_unit(c, &a, &b), .fixed = a.fixed && b.fixed};
}

static struct fact of_condition(struct check *c, const struct node *n)
{
    struct fact test = check_fact(c, n->condition.test);
    if (n->form == AS_SITUATION) return check_fact(c, n->condition.then);
    check_test(c, n->condition.test, true);
    struct fact then = check_fact(c, n->condition.then), otherwise = check_fact(c, n->condition.otherwise), f = either(c, then, otherwise);
    check_branches(c, n);
    if (is_always(c, n->condition.test, true)) f.fixed = then.fixed;
    else if (is_always(c, n->condition.test, false)) f.fixed = otherwise.fixed;
    else f.fixed = f.fixed && test.fixed;
    return f;
}

static struct fact of_variations(struct check *c, const struct node *n)
{
    struct fact f = {.unit = UNIT_ABSENT, .fixed = true};
    for (size_t i = 0; i < n->variations.n; i++) {
        bool fixed = check_fact(c, n->variations.v[i].condition).fixed;
        check_test(c, n->variations.v[i].condition, false);
        f = either(c, f, check_fact(c, n->variations.v[i].consequence));
        f.fixed = f.fixed && fixed;
    }
    check_branches(c, n);
    return f;
}

/* ---- operations ---- */

static unit_id product_unit(struct check *c, enum operation op, unit_id a, unit_id b)
{
    if (a == UNIT_UNKNOWN || b == UNIT_UNKNOWN || c->products++ > PRODUCTS_MOST) return UNIT_UNKNOWN;
    if (op == OP_DIV) return unit_divide(c->units, a, b);
    unit_id product = unit_multiply(c->units, a, b);
    return product >= 0 && unit_has_percent(c->units, product) ? unit_without_percent(c->units, product) : product;
}

static unit_id sum_unit(struct check *c, unit_id a, unit_id b)
{
    if (a == UNIT_UNKNOWN || b == UNIT_UNKNOWN) return UNIT_UNKNOWN;
    bool share = a >= 0 && b >= 0 && unit_is_percent(c->units, b) && !unit_is_percent(c->units, a);
    if (share) return unit_without_percent(c->units, unit_multiply(c->units, a, b));
    return a == UNIT_ABSENT ? b : a;
}

static unit_id operation_unit(struct check *c, enum operation op, const struct fact *a, const struct fact *b)
{
    switch (op) {
    case OP_MUL: case OP_DIV: return product_unit(c, op, a->unit, b->unit);
    case OP_ADD: case OP_SUB: return sum_unit(c, a->unit, b->unit);
    case OP_QUO: return a->unit == UNIT_ABSENT ? b->unit : b->unit == UNIT_ABSENT ? a->unit : UNIT_UNKNOWN;
    default: return UNIT_ABSENT;
    }
}

static enum tri decided(struct check *c, const struct node *n)
{
    enum operation op = n->operation.op;
    if (op != OP_AND && op != OP_OR) return TRI_UNKNOWN;
    bool by = op == OP_OR;
    return is_always(c, n->operation.a, by) || is_always(c, n->operation.b, by) ? by ? TRI_YES : TRI_NO : TRI_UNKNOWN;
}

static struct fact of_operation(struct check *c, const struct node *n)
{
    struct fact a = check_fact(c, n->operation.a), b = check_fact(c, n->operation.b), f = {.unit = UNIT_ABSENT};
    check_operands(c, n, a, b);
    f.types = n->operation.op >= OP_LT ? T_BOOL : T_NUMBER;
    if (n->operation.op == OP_ADD) f.types |= (a.types | b.types) & T_TEXT;
    if (n->operation.op <= OP_SUB) f.unit = operation_unit(c, n->operation.op, &a, &b);
    f.decided = decided(c, n);
    f.fixed = (a.fixed && b.fixed) || f.decided != TRI_UNKNOWN;
    return f;
}

/* ---- around one value ---- */

static struct fact of_unit(struct check *c, const struct node *n)
{
    struct fact f = check_fact(c, n->on.of);
    if (gives(&f)) check_units(c, n->on.of, f.unit, NULL, n->on.unit);
    f.unit = n->on.unit;
    return f;
}

static struct fact simplified(struct check *c, const struct node *of)
{
    struct fact f = check_fact(c, of);
    f.decided = TRI_UNKNOWN;
    if (f.unit >= 0) f.unit = unit_simplify(c->units, f.unit);
    return f;
}

static struct fact of_bands(struct check *c, const struct node *n)
{
    struct fact base = check_fact(c, n->bands.base), multiplier = check_fact(c, n->bands.multiplier);
    struct fact f = {.types = T_NUMBER, .unit = base.unit}, amounts = {.unit = UNIT_ABSENT};
    for (size_t i = 0; i < n->bands.n; i++) {
        const struct band *b = &n->bands.v[i];
        if (b->rate) check_fact(c, b->rate);
        if (b->amount) amounts = either(c, amounts, check_fact(c, b->amount));
        if (!b->ceiling) continue;
        struct fact ceiling = check_fact(c, b->ceiling);
        if (multiplier.unit != UNIT_UNKNOWN && ceiling.unit != UNIT_UNKNOWN)
            check_units(c, n->bands.base, base.unit, b->ceiling, unit_multiply(c->units, ceiling.unit, multiplier.unit));
    }
    check_branches(c, n);
    if (n->kind == N_GRID) f = amounts;
    if (n->kind == N_PROGRESSIVE) f.unit = UNIT_PERCENT;
    f.fixed = false;
    return f;
}

static void fact_visit(void *arg, const struct node *child) { check_fact(arg, child); }

static struct fact through(struct check *c, const struct node *n, struct fact f)
{
    node_children(n, fact_visit, c);
    return f;
}

/* ---- rules ---- */

static struct fact of_field(struct check *c, const struct rules_field *field)
{
    struct fact f = {.types = type_bit(field->type), .unit = UNIT_ABSENT};
    if (field->type == RULE_TYPE_UNKNOWN) f.unit = UNIT_UNKNOWN;
    if (field->unit.n && !unit_parse(c->units, field->unit, &f.unit)) f.unit = UNIT_UNKNOWN;
    return f;
}

static bool says(const struct rule_def *r, const char *key)
{
    const json_t *v = json_object_get(r->raw, key);
    return v && !json_is_null(v);
}

/* Nobody says: what its type, its unit or its choices tell. */
static struct fact of_nothing(const struct rule_def *r, struct fact f)
{
    static const struct { const char *word; unsigned types; } words[] = {
        {"nombre", T_NUMBER}, {"texte", T_TEXT}, {"date", T_DATE}, {"booléen", T_BOOL | T_NO}};
    const char *type = json_string_value(json_object_get(r->raw, "type"));
    f.types = f.unit >= 0 ? (unsigned)T_NUMBER : (unsigned)T_ANY;
    for (size_t i = 0; type && i < sizeof words / sizeof *words; i++)
        if (strcmp(type, words[i].word) == 0) f.types = words[i].types;
    if (f.unit < 0) f.unit = UNIT_UNKNOWN;
    return f;
}

static struct fact of_choices(const struct node *choices)
{
    struct fact f = {.types = choices->choices->references ? (unsigned)T_TEXT : type_bit(choices->choices->type), .unit = choices->choices->unit};
    return f;
}

static bool parents_fixed(struct check *c, const struct rule_def *r)
{
    for (size_t i = 0; i < r->parents.n; i++) {
        const struct node *p = r->parents.v[i];
        if (p->type.nullable != TRI_YES && p->type.type != RULE_TYPE_BOOL) continue;
        return check_fact(c, p).fixed;
    }
    return true;
}

/* A switch that a situation turns, unless a form says all that is asked. */
static bool is_switch(const struct check *c, const struct rule_def *r)
{
    const char *value = json_string_value(json_object_get(r->raw, "valeur"));
    return value && !c->options->field && !r->private && (strcmp(value, "oui") == 0 || strcmp(value, "non") == 0);
}

static bool is_inapplicable(struct check *c, const struct node *n)
{
    struct rule_answer a;
    return check_value(c, n, &a) && a.kind == ANSWER_INAPPLICABLE;
}

static struct fact of_rule(struct check *c, const struct rule_def *r)
{
    if (r->index == RULE_UNKNOWN || !r->value) return any;
    const struct rule_def *rule = c->rule;
    const json_t *at = c->at;
    c->rule = r;
    c->at = r->raw;
    struct fact f = check_fact(c, r->value);
    bool nothing = !f.types, fixed = f.fixed && !nothing && parents_fixed(c, r);
    c->rule = rule;
    c->at = at;
    if (r->is_situation) return f;
    c->says_nothing[r->index] = nothing && f.state == FACT_DONE && !is_inapplicable(c, r->value);
    const struct rules_field *field = c->fields[r->index];
    if (field) return of_field(c, field);
    if (r->choices) f = of_choices(r->choices);
    else if (nothing) f = of_nothing(r, f);
    f.decided = TRI_UNKNOWN;
    f.fixed = fixed && !r->choices && !c->is_set[r->index] && !says(r, "question") && !is_switch(c, r);
    return f;
}

static struct fact of_constant(const struct node *n)
{
    const struct rule_answer *a = &n->constant.value;
    struct fact f = {.unit = a->unit, .fixed = true};
    if (a->kind == ANSWER_BOOL) f.types = a->b ? T_BOOL : T_NO;
    if (a->kind == ANSWER_NUMBER) f.types = T_NUMBER;
    if (a->kind == ANSWER_STRING) f.types = n->type.type == RULE_TYPE_DATE ? T_DATE : T_TEXT;
    return f;
}

static struct fact of_duration(struct check *c, const struct node *n)
{
    const struct node *ends[] = {n->duration.since, n->duration.until};
    for (int i = 0; i < 2; i++) {
        unsigned types = check_fact(c, ends[i]).types;
        if (types && !(types & (T_TEXT | T_DATE | T_NO))) check_tell(c, "type", RULES_ERROR, W("rules.check.not_date"), "what", check_named(c, ends[i]));
    }
    return (struct fact){.types = T_NUMBER, .unit = n->duration.unit};
}

static struct fact infer(struct check *c, const struct node *n)
{
    struct fact f;
    switch (n->kind) {
    case N_CONSTANT: return of_constant(n);
    case N_REFERENCE: return check_fact(c, &n->reference.to->node);
    case N_RULE: return of_rule(c, n->rule);
    case N_OPERATION: return of_operation(c, n);
    case N_CONDITION: return of_condition(c, n);
    case N_VARIATIONS: return of_variations(c, n);
    case N_UNIT: return of_unit(c, n);
    case N_SIMPLIFY: return simplified(c, n->on.of);
    case N_ROUND:
        f = simplified(c, n->on.of);
        f.fixed = check_fact(c, n->on.digits).fixed && f.fixed;
        return f;
    case N_LOG:
        f = check_fact(c, n->on.of);
        return (struct fact){.types = T_NUMBER, .unit = UNIT_ABSENT, .fixed = f.fixed};
    case N_SCALE: case N_GRID: case N_PROGRESSIVE: return of_bands(c, n);
    case N_DURATION: return of_duration(c, n);
    case N_IS_UNDEFINED: case N_IS_INAPPLICABLE:
        f = boolean;
        f.fixed = check_fact(c, n->on.of).fixed;
        return f;
    case N_TEXT: return through(c, n, (struct fact){.types = T_TEXT, .unit = UNIT_ABSENT});
    case N_INVERSION: case N_FIXED_POINT: return through(c, n, (struct fact){.types = T_NUMBER, .unit = UNIT_UNKNOWN});
    case N_CHOICES: return of_choices(n);
    case N_CONTEXT:
        through(c, n, any);
        f = check_fact(c, n->context.of);
        f.fixed = false;
        f.decided = TRI_UNKNOWN;
        return f;
    case N_MISSING:
        f = check_fact(c, n->missing.of);
        f.fixed = false;
        f.decided = TRI_UNKNOWN;
        return f;
    case N_TODAY: return (struct fact){.types = T_DATE, .unit = UNIT_ABSENT};
    }
    return any;
}

struct fact check_fact(struct check *c, const struct node *n)
{
    struct fact *f = &c->facts[n->id];
    if (f->state == FACT_DONE) return *f;
    if (f->state == FACT_BUSY || c->depth >= DEPTH_MOST || arena_used_bytes(c->work) > WORK_BYTES_MOST) return any;
    const json_t *at = c->at, *raw = written_of(&c->all, n).raw;
    f->state = FACT_BUSY;
    if (raw) c->at = raw;
    c->depth++;
    struct fact is = infer(c, n);
    c->depth--;
    c->at = at;
    is.state = FACT_DONE;
    return *f = is;
}
