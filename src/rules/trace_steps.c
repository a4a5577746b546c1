/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace_steps.c — one step of a trace: a node as it was written (forms), or as it is (kinds). What goes around a value and changed nothing
   is seen through. A part that was not evaluated is left out. */
#include <math.h>
#include <string.h>
#include "rules/trace_inside.h"

enum { NESTING_MOST = 12 };             /* a step in a step; three levels of JSON at most each, JSON_MAX_DEPTH holds them */

typedef void (*step_fn)(struct trace_world *t, const struct node *n, json_t *out);
struct step_kind { const char *name; step_fn fill; };

static void put(struct trace_world *t, json_t *out, const char *key, const struct node *n)
{
    json_t *v = n ? trace_step(t, n, false) : NULL;
    if (v) json_object_set_new(out, key, v);
}

/* Asked only whether it applies, when it was not evaluated whole. */
static void put_asked(struct trace_world *t, json_t *out, const char *key, const struct node *n)
{
    json_t *v = trace_step(t, n, true);
    if (v) json_object_set_new(out, key, v);
}

static void put_flag(json_t *out, const char *key, bool b)
{
    if (b) json_object_set_new(out, key, json_true());
}

static bool answered_yes(const struct trace_world *t, const struct node *n)
{
    const struct outcome *o = trace_known(t, n);
    return o && is_true(o);
}

static json_t *number_json(double x)
{
    return isfinite(x) ? json_real(x) : json_string(isnan(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity");
}

/* Not applicable: null; not defined: no value at all. */
void trace_value(struct trace_world *t, json_t *out, const struct outcome *o)
{
    const struct rule_answer *a = &o->a;
    switch (a->kind) {
    case ANSWER_INAPPLICABLE: json_object_set_new(out, "value", json_null()); break;
    case ANSWER_BOOL: json_object_set_new(out, "value", json_boolean(a->b)); break;
    case ANSWER_NUMBER: json_object_set_new(out, "value", number_json(a->number)); break;
    case ANSWER_STRING: json_object_set_new(out, "value", json_from_str(a->string)); break;
    case ANSWER_UNDEFINED: break;
    }
    str unit = a->unit == UNIT_ABSENT ? STR_NONE : unit_text(t->ev->units, a->unit);
    if (unit.n) json_put_str(out, "unit", unit);
}

/* ---- what is said of a rule, its default ---- */

static const struct node *said_reference(const struct node *n) { return n->condition.test->on.of; }

const char *trace_said(const struct trace_world *t, const struct node *n, const struct node **value)
{
    const struct node *reference = said_reference(n);
    const struct outcome *o = trace_known(t, reference);
    if (!o || o->a.kind == ANSWER_UNDEFINED) return NULL;
    if (reference->kind != N_REFERENCE) return *value = reference, "situation";     /* `dans la situation` written by hand */
    const struct rule_def *r = reference->reference.to, *said = said_of(t->ev->said, t->ev->n_said, r);
    *value = said ? said->value : r->value;
    if (said && said->set) return "set";
    return said && t->outer && said != said_of(t->outer->said, t->outer->n_said, r) ? "sought" : "situation";
}

bool trace_is_default(const struct trace_world *t, const struct node *n)
{
    const struct outcome *o = trace_known(t, n->condition.test);
    return o && is_true(o);
}

static void fill_said(struct trace_world *t, const struct node *n, json_t *out)
{
    const struct node *value = NULL;
    const char *from = trace_said(t, n, &value);
    if (from && value->kind != N_CONSTANT && strcmp(from, "set") != 0) put(t, out, "of", value);
}

static void fill_default(struct trace_world *t, const struct node *n, json_t *out) { put(t, out, "of", n->condition.then); }

/* ---- forms ---- */

static void parts(struct trace_world *t, json_t *out, struct nodes *v, bool backwards, bool whether)
{
    json_t *all = json_array();
    for (size_t i = 0; i < v->n; i++) {
        json_t *one = trace_step(t, v->v[backwards ? v->n - 1 - i : i], whether);
        if (one) json_array_append_new(all, one);
    }
    json_object_set_new(out, "of", all);
}

static void fill_sum(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    for (; n->kind == N_OPERATION; n = n->operation.b) {
        PUSH(t->w->mem, &v, n->operation.a);
        if (n->operation.b->form != AS_REST) break;
    }
    parts(t, out, &v, false, false);
}

static void fill_mean(struct trace_world *t, const struct node *n, json_t *out) { fill_sum(t, n->operation.a, out); }

static void fill_product(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    for (n = n->on.of; n->kind == N_OPERATION && n->form == AS_REST; n = n->operation.b) PUSH(t->w->mem, &v, n->operation.a);
    parts(t, out, &v, true, false);
}

static void fill_fold(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    for (;; n = n->operation.a) {
        PUSH(t->w->mem, &v, n->operation.b);
        if (n->operation.a->form != AS_REST) break;
    }
    parts(t, out, &v, true, false);
}

/* condition(v out, acc, condition(better, v, acc)): v and acc are private rules. */
static void fill_best(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    while (n->kind == N_CONDITION) {
        const struct node *last = n->condition.otherwise->condition.then, *before = n->condition.then;
        if (last->kind != N_REFERENCE || before->kind != N_REFERENCE) break;
        PUSH(t->w->mem, &v, last->reference.to->value);
        n = before->reference.to->value;
        if (n->form != AS_REST) break;
    }
    parts(t, out, &v, true, true);
}

static void fill_applicable(struct trace_world *t, const struct node *n, json_t *out)
{
    put(t, out, "test", n->condition.test->operation.a);
    if (answered_yes(t, n->condition.test)) put_asked(t, out, "of", n->condition.then);
}

static void fill_bound(struct trace_world *t, const struct node *n, json_t *out)
{
    put_asked(t, out, "of", n->condition.otherwise);
    put(t, out, "bound", n->condition.then);
    put_flag(out, "reached", answered_yes(t, n->condition.test));
}

static void fill_allowance(struct trace_world *t, const struct node *n, json_t *out)
{
    put(t, out, "of", n->condition.otherwise->operation.a);
    put(t, out, "less", n->condition.otherwise->operation.b);
    put_flag(out, "reached", answered_yes(t, n->condition.test));
}

static void fill_is(struct trace_world *t, const struct node *n, json_t *out) { put_asked(t, out, "of", n->kind == N_OPERATION ? n->operation.a->on.of : n->on.of); }

/* The branch of a replaced reference that is read; NULL: none is certain. */
static const struct branch *replacing(const struct trace_world *t, const struct node *n)
{
    for (size_t i = 0; i < n->variations.n; i++) {
        const struct outcome *o = trace_known(t, n->variations.v[i].condition);
        if (!o || o->a.kind == ANSWER_UNDEFINED) return NULL;
        if (!is_false(o) && o->a.kind != ANSWER_INAPPLICABLE) return &n->variations.v[i];
    }
    return NULL;
}

static const struct node *replacement_of(const struct node *n, const struct branch *b)
{
    const struct node *by = b->condition;
    (void)n;
    return by->kind == N_CONDITION ? by->condition.test->on.of : by;
}

static void fill_replaced(struct trace_world *t, const struct node *n, json_t *out)
{
    const struct branch *taken = replacing(t, n), *last = &n->variations.v[n->variations.n - 1];
    json_t *unless = json_array();
    json_put_str(out, "rule", last->consequence->reference.to->name);
    for (const struct branch *b = n->variations.v; b < last && b != taken; b++) {
        const struct rule_def *r = replacement_of(n, b)->reference.to;
        if (!trace_known(t, b->condition)) continue;
        trace_queue(t, r);
        json_array_append_new(unless, json_from_str(r->name));
    }
    if (json_array_size(unless)) json_object_set(out, "unless", unless);
    json_decref(unless);
    if (taken == last) {
        trace_queue(t, last->consequence->reference.to);
        json_object_set_new(out, "kind", json_string("rule"));
    } else if (taken) {
        const struct rule_def *r = replacement_of(n, taken)->reference.to;
        trace_queue(t, r);
        json_put_str(out, "by", r->name);
        if (taken->consequence == t->ev->base->inapplicable) json_object_set_new(out, "kind", json_string("made inapplicable"));
    }
}

/* ---- kinds ---- */

static void fill_nothing(struct trace_world *t, const struct node *n, json_t *out) {}

static void fill_rule(struct trace_world *t, const struct node *n, json_t *out)
{
    const struct rule_def *r = n->kind == N_RULE ? n->rule : n->reference.to;
    json_put_str(out, "rule", r->name);
    trace_queue(t, r);
}

/* a + b + c, written in one line, is one step. */
static void fill_operation(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    enum operation op = n->operation.op;
    json_object_set_new(out, "op", json_string(operation_name(op)));
    for (;; n = n->operation.a) {
        PUSH(t->w->mem, &v, n->operation.b);
        const struct node *a = n->operation.a;
        if ((op != OP_ADD && op != OP_MUL) || a->kind != N_OPERATION || a->operation.op != op || a->form != AS_WRITTEN) break;
    }
    PUSH(t->w->mem, &v, n->operation.a);
    parts(t, out, &v, true, false);
}

static void fill_condition(struct trace_world *t, const struct node *n, json_t *out)
{
    const struct outcome *test = trace_known(t, n->condition.test);
    put(t, out, "test", n->condition.test);
    if (!test || test->a.kind == ANSWER_INAPPLICABLE) return;
    if (!is_false(test)) put_asked(t, out, "then", n->condition.then);
    if (!is_true(test)) put_asked(t, out, "otherwise", n->condition.otherwise);
}

static void fill_variations(struct trace_world *t, const struct node *n, json_t *out)
{
    json_t *branches = json_array();
    for (size_t i = 0; i < n->variations.n; i++) {
        const struct outcome *test = trace_known(t, n->variations.v[i].condition);
        if (!test) break;
        json_t *branch = json_object();
        if (n->variations.v[i].condition->kind == N_CONSTANT) put_flag(branch, "otherwise", true);
        else put(t, branch, "test", n->variations.v[i].condition);
        if (!is_false(test) && test->a.kind != ANSWER_INAPPLICABLE) put(t, branch, "of", n->variations.v[i].consequence);
        json_array_append_new(branches, branch);
    }
    json_object_set_new(out, "branches", branches);
}

static void fill_on(struct trace_world *t, const struct node *n, json_t *out) { put(t, out, "of", n->on.of); }

static void fill_round(struct trace_world *t, const struct node *n, json_t *out)
{
    put(t, out, "of", n->on.of);
    put(t, out, "digits", n->on.digits);
}

static void band_fill(struct trace_world *t, const struct node *n, size_t i, const struct band_seen *s, json_t *out)
{
    const struct band *b = &n->bands.v[i];
    if (s->floor_known && s->floor != 0) json_object_set_new(out, "from", number_json(s->floor));
    if (s->ceiling_known && !isinf(s->ceiling)) json_object_set_new(out, "to", number_json(s->ceiling));
    put_flag(out, "holds", s->holds);
    put(t, out, "ceiling", b->ceiling);
    put(t, out, "rate", b->rate);
    put(t, out, "amount", b->amount);
    if (s->part_known) json_object_set_new(out, "part", number_json(s->part));
}

static void fill_bands(struct trace_world *t, const struct node *n, json_t *out)
{
    struct band_seen *seen = NEW_N(t->w->mem, struct band_seen, n->bands.n);
    json_t *bands = json_array();
    put(t, out, "base", n->bands.base);
    if (n->bands.multiplier->kind != N_CONSTANT || n->bands.multiplier->constant.value.number != 1) put(t, out, "multiplier", n->bands.multiplier);
    bands_see(t->ev, n, seen);
    for (size_t i = 0; i < n->bands.n && seen[i].read; i++) {
        json_t *one = json_object();
        band_fill(t, n, i, &seen[i], one);
        json_array_append_new(bands, one);
    }
    json_object_set_new(out, "bands", bands);
}

static void fill_duration(struct trace_world *t, const struct node *n, json_t *out)
{
    put(t, out, "since", n->duration.since);
    put(t, out, "until", n->duration.until);
}

static void fill_text(struct trace_world *t, const struct node *n, json_t *out)
{
    struct nodes v = {0};
    for (size_t i = 0; i < n->text.n; i++)
        if (n->text.v[i].value) PUSH(t->w->mem, &v, n->text.v[i].value);
    parts(t, out, &v, false, false);
}

static void put_context(struct trace_world *t, const struct node *n, const struct node *shown, json_t *out)
{
    int at = trace_context(t, n, shown);
    if (at >= 0) json_object_set_new(out, "context", json_integer(at));
}

static void fill_context(struct trace_world *t, const struct node *n, json_t *out)
{
    json_t *set = json_array();
    for (size_t i = 0; i < n->context.n; i++) {
        json_t *one = json_object();
        json_put_str(one, "rule", n->context.v[i].rule->reference.to->name);
        put(t, one, "to", n->context.v[i].value);
        json_array_append_new(set, one);
    }
    json_object_set_new(out, "set", set);
    put_context(t, n, n->context.of, out);
}

/* The goal is the first that the situation gives: the only one that was looked for in the search's own evaluator. */
static void fill_inversion(struct trace_world *t, const struct node *n, json_t *out)
{
    struct evaluator *sub = sub_of(t->ev, n->id);
    for (size_t i = 0; sub && i < n->inversion->goals.n; i++) {
        const struct node *goal = n->inversion->goals.v[i];
        const struct rule_def *said = goal->reference.to->situation;
        if (!said || !sub->said[said->index] || sub->said[said->index]->value != t->ev->base->undefined) continue;
        json_put_str(out, "goal", goal->reference.to->name);
        trace_queue(t, goal->reference.to);
        put_context(t, n, goal, out);
        return;
    }
}

static void fill_fixed_point(struct trace_world *t, const struct node *n, json_t *out) { put_context(t, n, n->fixed_point.of, out); }

static const struct step_kind forms[] = {
    [AS_SUM] = {"sum", fill_sum}, [AS_PRODUCT] = {"product", fill_product}, [AS_MEAN] = {"mean", fill_mean}, [AS_MAXIMUM] = {"maximum", fill_best},
    [AS_MINIMUM] = {"minimum", fill_best}, [AS_ALL] = {"all", fill_fold}, [AS_ANY] = {"any", fill_fold},
    [AS_APPLICABLE_IF] = {"applicable if", fill_applicable}, [AS_INAPPLICABLE_IF] = {"inapplicable if", fill_applicable},
    [AS_FLOOR] = {"floor", fill_bound}, [AS_CEILING] = {"ceiling", fill_bound}, [AS_DEFAULT] = {"default", fill_default},
    [AS_SITUATION] = {"situation", fill_said}, [AS_ALLOWANCE] = {"allowance", fill_allowance}, [AS_IS_DEFINED] = {"is defined", fill_is},
    [AS_IS_APPLICABLE] = {"is applicable", fill_is}, [AS_REPLACED] = {"replaced", fill_replaced}};

static const struct step_kind kinds[] = {
    [N_CONSTANT] = {"constant", fill_nothing}, [N_TODAY] = {"today", fill_nothing}, [N_REFERENCE] = {"rule", fill_rule},
    [N_RULE] = {"rule", fill_rule}, [N_OPERATION] = {"operation", fill_operation}, [N_CONDITION] = {"condition", fill_condition},
    [N_VARIATIONS] = {"variations", fill_variations}, [N_UNIT] = {"unit", fill_on}, [N_SIMPLIFY] = {"unit", fill_on}, [N_ROUND] = {"round", fill_round},
    [N_LOG] = {"logarithm", fill_on}, [N_SCALE] = {"scale", fill_bands}, [N_GRID] = {"grid", fill_bands}, [N_PROGRESSIVE] = {"progressive", fill_bands},
    [N_DURATION] = {"duration", fill_duration}, [N_TEXT] = {"text", fill_text}, [N_IS_UNDEFINED] = {"is undefined", fill_is},
    [N_IS_INAPPLICABLE] = {"is inapplicable", fill_is}, [N_INVERSION] = {"inversion", fill_inversion},
    [N_FIXED_POINT] = {"fixed point", fill_fixed_point}, [N_CONTEXT] = {"context", fill_context}, [N_MISSING] = {NULL, NULL}, [N_CHOICES] = {NULL, NULL}};

static bool same_value(const struct trace_world *t, const struct node *a, const struct node *b)
{
    const struct outcome *x = trace_known(t, a), *y = trace_known(t, b);
    if (!x || !y || x->a.kind != y->a.kind) return !x && !y;
    return x->a.kind != ANSWER_NUMBER || (x->a.number == y->a.number && str_eq(unit_text(t->ev->units, x->a.unit), unit_text(t->ev->units, y->a.unit)));
}

/* What stands under a node that says nothing itself. */
static const struct node *through(const struct trace_world *t, const struct node *n)
{
    const struct node *value;
    if (n->form == AS_SITUATION) return trace_said(t, n, &value) ? NULL : n->condition.then;
    if (n->form == AS_DEFAULT) return trace_is_default(t, n) ? NULL : n->condition.otherwise;
    if (n->kind == N_MISSING) return n->missing.of;
    if (n->kind == N_UNIT || (n->kind == N_SIMPLIFY && n->form == AS_WRITTEN)) return same_value(t, n, n->on.of) ? n->on.of : NULL;
    return NULL;
}

static json_t *deeper(struct trace_world *t, const struct node *n, bool whether)
{
    json_t *out = json_object();
    json_object_set_new(out, "kind", json_string("part"));
    json_object_set_new(out, "part", json_integer((json_int_t)t->parts.n));
    PUSH(t->w->mem, &t->parts, (struct trace_part){n, whether});
    return out;
}

json_t *trace_step(struct trace_world *t, const struct node *n, bool whether)
{
    for (const struct node *under; (under = through(t, n));) n = under;
    const struct outcome *o = trace_known(t, n);
    if (!o && !whether) return NULL;
    const struct step_kind *k = n->form > AS_REST ? &forms[n->form] : &kinds[n->kind];
    if (!k->fill) return NULL;
    if (!o && n->typed && n->type.nullable == TRI_NO && n->kind != N_REFERENCE && n->kind != N_RULE) return NULL;     /* it always applies: not read */
    if (t->depth >= NESTING_MOST && n->kind != N_CONSTANT && n->kind != N_REFERENCE) return deeper(t, n, whether);
    json_t *out = json_object();
    const struct node *value;
    const char *name = n->form == AS_SITUATION ? trace_said(t, n, &value) : k->name;
    json_object_set_new(out, "kind", json_string(name ? name : k->name));
    if (o) {
        trace_value(t, out, o);
    } else if ((o = eval_is_inapplicable(t->ev, n))->a.kind == ANSWER_BOOL) {
        json_object_set_new(out, "applies", json_boolean(!o->a.b));
    }
    t->depth++;
    k->fill(t, n, out);
    t->depth--;
    return out;
}
