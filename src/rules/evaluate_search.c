/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluate_search.c — evaluations in another situation: contexte, inversion numérique (which income gives that net?) and circular references
   (the x that gives x). Both searches are for a zero, by Brent's method (R. Brent, Algorithms for Minimization without Derivatives, ch. 4),
   which needs no derivative; their tolerances are the reference's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "rules/evaluate.h"

/* ---- sub-evaluators ---- */

struct evaluator *sub_new(struct evaluator *ev)
{
    arena *mem = arena_new(ev->root->limits.bytes * 2);
    struct evaluator *sub = NEW(mem, struct evaluator);
    *sub = (struct evaluator){.base = ev->base, .mem = mem, .root = ev->root, .units = ev->units, .cache_cap = (size_t)ev->root->situation_nodes};
    sub->n_said = ev->n_said;
    sub->own_ids = ev->own_ids;
    sub->said = NEW_N(mem, struct rule_def *, sub->n_said);
    memcpy(sub->said, ev->said, sub->n_said * sizeof *sub->said);
    sub->cache = NEW_N(mem, const struct outcome *, sub->cache_cap);
    return sub;
}

void sub_free(struct evaluator *sub) { arena_free(sub->mem); }

static void sub_free_later(void *arg) { sub_free(arg); }

/* A search is over; its trace shows what came of the value found. */
static void sub_done(struct evaluator *ev, const struct node *n, struct evaluator *sub)
{
    if (!ev->root->traced) {
        sub_free(sub);
        return;
    }
    arena_defer(ev->mem, sub_free_later, sub);
    PUSH(ev->mem, &ev->subs, (struct sub){n->id, sub});
}

void sub_reset(struct evaluator *sub)
{
    memset(sub->cache, 0, sub->cache_cap * sizeof(void *));
    sub->rules.n = sub->parents.n = sub->subs.n = 0;
}

/* An outcome that outlives the evaluator it comes from. */
static struct outcome *outcome_keep(struct evaluator *ev, const struct outcome *from)
{
    struct outcome *o = outcome_new(ev, from->a.kind, missing_copy(ev->mem, from->missing));
    o->a = from->a;
    o->unit_key = from->unit_key;
    if (o->a.kind == ANSWER_STRING) o->a.string = str_copy(ev->mem, from->a.string);
    return o;
}

static void said_set(struct evaluator *sub, const struct rule_def *rule, struct node *value)
{
    struct rule_def *said = NEW(sub->mem, struct rule_def);
    *said = *rule->situation;
    said->node.type = value->type;
    said->value = value;
    sub->said[rule->situation->index] = said;
}

/* What is given to a rule: one value at a time, so that its id is the rule's own. */
static struct node *node_own(struct evaluator *sub, const struct rule_def *rule, enum node_kind kind)
{
    struct node *n = NEW(sub->mem, struct node);
    n->kind = kind;
    int index = rule->situation->index, own = index - (int)(sub->base->rules.n + sub->base->n_stubs);
    n->id = own < 0 ? sub->base->n_nodes + index : sub->own_ids + own;
    n->typed = true;
    n->type = (struct node_type){TRI_NO, RULE_TYPE_NUMBER};
    said_set(sub, rule, n);
    return n;
}

/* ---- contexte ---- */

bool is_comparable(struct unit_table *units, const struct node *choices, const struct rule_answer *a)
{
    if (choices->choices->type != RULE_TYPE_NUMBER || a->kind != ANSWER_NUMBER) return true;
    for (size_t i = 0; i < choices->choices->v.n; i++) {
        const struct rule_answer *one = &choices->choices->v.v[i]->constant.value;
        double number = a->number;
        if (one->unit != UNIT_ABSENT && !unit_convert(units, a->unit, one->unit, &number)) return false;
        if (number == one->number) return true;
    }
    return true;
}

static bool differs(struct evaluator *ev, const struct outcome *a, const struct outcome *b)
{
    if (a->a.kind != b->a.kind || (a->a.unit == UNIT_ABSENT) != (b->a.unit == UNIT_ABSENT) || !str_eq(unit_text(ev->units, a->a.unit), unit_text(ev->units, b->a.unit))) return true;
    switch (a->a.kind) {
    case ANSWER_BOOL: return a->a.b != b->a.b;
    case ANSWER_NUMBER: return a->a.number != b->a.number;
    case ANSWER_STRING: return !str_eq(a->a.string, b->a.string);
    default: return false;
    }
}

struct evaluator *sub_of(const struct evaluator *ev, int context)
{
    for (size_t i = 0; i < ev->subs.n; i++)
        if (ev->subs.v[i].context == context) return ev->subs.v[i].ev;
    return NULL;
}

/* A value given to a rule whose choices are rules: the reference looks which of them apply, and keeps the answer. */
void choices_look(struct evaluator *ev, const struct node *choices, const struct outcome *given)
{
    if (choices->choices->references && given->a.kind != ANSWER_UNDEFINED && given->a.kind != ANSWER_INAPPLICABLE) eval(ev, choices);
}

/* A value set for a rule with choices is read from inside, then checked: what it reads stays known there. */
static void choice_check(struct evaluator *ev, struct evaluator *sub, const struct setting *s)
{
    const struct rule_def *rule = s->rule->reference.to;
    if (!rule->choices) return;
    const struct outcome *inside = eval(sub, sub->said[rule->situation->index]->value);
    if (ev->root->failed) return;
    if (!is_comparable(ev->units, rule->choices, &inside->a))
        eval_fail(ev, "unit", "l’unité « %.*s » n’est pas celle des possibilités", STR_ARG(unit_text(ev->units, inside->a.unit)));
    else choices_look(sub, rule->choices, inside);
}

/* What is set is read again in a context within this one; a name keeps its id: read inside for itself, it has that value too. */
static void setting_say(struct evaluator *sub, const struct setting *s)
{
    struct node *value = node_own(sub, s->rule->reference.to, s->value->kind);
    int id = s->value->kind == N_REFERENCE ? s->value->id : value->id;
    *value = *s->value;
    value->id = id;
    struct rule_def *said = sub->said[s->rule->reference.to->situation->index];
    said->node.type = value->type;
    said->set = true;
}

static struct evaluator *context_new(struct evaluator *ev, const struct node *n, const struct setting **changed, size_t count)
{
    struct evaluator *sub = sub_new(ev);
    arena_defer(ev->mem, sub_free_later, sub);
    PUSH(ev->mem, &ev->subs, (struct sub){n->id, sub});
    if (!count) memcpy(sub->cache, ev->cache, sub->cache_cap * sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        const struct rule_def *rule = changed[i]->rule->reference.to;
        if ((size_t)rule->index >= ev->base->rules.n) {         /* of the situation: as in the reference, a contexte does not reach it */
            eval_fail(ev, "unknown_rule", "« %.*s » n’existe pas dans la base de règles", STR_ARG(rule->name));
            return sub;
        }
        if (!rule->situation) {
            eval_fail(ev, "private", "La règle « %.*s » est une règle privée : un contexte ne peut pas la changer", STR_ARG(rule->name));
            return sub;
        }
        setting_say(sub, changed[i]);
    }
    for (size_t i = 0; i < count && !ev->root->failed; i++) choice_check(ev, sub, changed[i]);
    for (size_t i = 0; i < count; i++) sub->cache[sub->said[changed[i]->rule->reference.to->situation->index]->value->id] = eval(ev, changed[i]->value);
    return sub;
}

static int written_as(const struct node *n) { return n->copy_of ? n->copy_of : n->id; }

/* The same values of the same rules: of this contexte, or of a copy of it. */
static bool same_settings(const struct evaluator *ev, const struct setting **v, size_t n)
{
    if (!ev->in_context || ev->within_n != n) return false;
    for (size_t i = 0; i < n; i++)
        if (ev->within[i]->rule->reference.to != v[i]->rule->reference.to || written_as(ev->within[i]->value) != written_as(v[i]->value)) return false;
    return true;
}

const struct outcome *eval_context(struct evaluator *ev, const struct node *n)
{
    const struct setting **changed = NEW_N(ev->mem, const struct setting *, n->context.n + 1);
    bool *open = NEW_N(ev->mem, bool, n->context.n + 1);
    size_t count = 0;
    for (size_t i = 0; i < n->context.n; i++) {
        const struct setting *s = &n->context.v[i];
        const struct outcome *origin = eval(ev, s->rule), *value = eval(ev, s->value);
        open[i] = value->a.kind == ANSWER_UNDEFINED;
        if (differs(ev, origin, value)) changed[count++] = s;
    }
    if (ev->root->failed || same_settings(ev, changed, count)) return outcome_new(ev, ANSWER_INAPPLICABLE, &missing_none);
    struct evaluator *sub = sub_of(ev, n->id);
    if (!sub) sub = context_new(ev, n, changed, count);
    sub->within = changed;
    sub->within_n = count;
    sub->in_context = true;
    const struct outcome *v = eval(sub, n->context.of);
    struct outcome *o = outcome_keep(ev, v);
    struct missing_set *left = arena_alloc(ev->mem, sizeof *left + v->missing->n * sizeof left->v[0]);
    for (size_t i = 0; i < v->missing->n; i++) {
        bool set = false;
        for (size_t k = 0; k < n->context.n; k++) set = set || (n->context.v[k].rule->reference.to == v->missing->v[i].rule && !open[k]);
        if (!set) left->v[left->n++] = v->missing->v[i];
    }
    o->missing = left;
    return o;
}

/* ---- a zero ---- */

typedef double (*function)(void *arg, double x);
struct bracket { double a, b, c, fa, fb, fc; };

static double interpolated(const struct bracket *k, double step, double tolerance)
{
    double cb = k->c - k->b, p, q;
    if (k->a == k->c) {
        double t = k->fb / k->fa;
        p = cb * t;
        q = 1.0 - t;
    } else {
        double t1 = k->fb / k->fc, t2 = k->fb / k->fa;
        q = k->fa / k->fc;
        p = t2 * (cb * q * (q - t1) - (k->b - k->a) * (t1 - 1));
        q = (q - 1) * (t1 - 1) * (t2 - 1);
    }
    if (p > 0) q = -q;
    else p = -p;
    bool inside = p < 0.75 * cb * q - fabs(tolerance * q) / 2 && p < fabs((k->b - k->a) * q / 2);
    return inside ? p / q : step;
}

/* An x of which |f(x)| < tolerance; after that many steps, the last with |f(x)| < acceptable. False: none. */
static bool zero_of(function f, void *arg, double low, double high, double tolerance, int steps, double acceptable, double *out)
{
    struct bracket k = {.a = low, .b = high, .c = low};
    bool found = false;
    k.fa = k.fc = f(arg, low);
    k.fb = f(arg, high);
    while (steps-- > 0) {
        double before = k.b - k.a;
        if (fabs(k.fc) < fabs(k.fb)) k = (struct bracket){k.b, k.c, k.b, k.fb, k.fc, k.fb};
        double least = 1e-15 * fabs(k.b) + tolerance / 2, step = (k.c - k.b) / 2;
        if (fabs(step) <= least || k.fb == 0) return *out = k.b, true;
        if (fabs(before) >= least && fabs(k.fa) > fabs(k.fb)) step = interpolated(&k, step, least);
        if (fabs(step) < least) step = step > 0 ? least : -least;
        k.a = k.b, k.fa = k.fb;
        k.b += step;
        k.fb = f(arg, k.b);
        if ((k.fb > 0 && k.fc > 0) || (k.fb < 0 && k.fc < 0)) k.c = k.a, k.fc = k.fa;
        if (fabs(k.fb) < tolerance) return *out = k.b, true;
        if (fabs(k.fb) < acceptable) *out = k.b, found = true;
    }
    return found;
}

/* ---- inversion ---- */

struct inversion {
    struct evaluator *ev, *sub;
    const struct node *n, *goal;
    struct node *tried;                         /* the value given to the rule that is sought */
    double target, x[2], y[2];
    unit_id unit;
    const struct missing_set *missing;
};

static double try_answer(struct inversion *s, struct rule_answer x)
{
    sub_reset(s->sub);
    s->tried->constant.value = x;
    s->tried->type.nullable = s->sub->said[s->n->inversion->rule->situation->index]->node.type.nullable = x.kind == ANSWER_INAPPLICABLE ? TRI_YES : TRI_NO;
    const struct outcome *o = eval(s->sub, s->goal);
    s->missing = missing_copy(s->ev->mem, o->missing);
    return o->a.kind == ANSWER_UNDEFINED ? NAN : answer_number(&o->a);
}

static double try_value(struct inversion *s, double x)
{
    return try_answer(s, (struct rule_answer){.kind = ANSWER_NUMBER, .number = x, .unit = s->unit});
}

static double distance(void *arg, double x)
{
    struct inversion *s = arg;
    double y = x == s->x[0] ? s->y[0] : x == s->x[1] ? s->y[1] : try_value(s, x);
    return y - s->target;
}

static const struct node *goal_of(struct evaluator *ev, struct evaluator *sub, const struct node *n)
{
    for (size_t i = 0; i < n->inversion->goals.n; i++) {
        const struct node *goal = n->inversion->goals.v[i];
        const struct rule_def *rule = goal->reference.to;
        if (stack_has(&ev->rules, rule, 0) || !rule->situation) continue;
        const struct outcome *said = eval(sub, &rule->situation->node);
        bool missing = false;
        for (size_t k = 0; k < said->missing->n; k++) missing = missing || said->missing->v[k].rule == rule;
        if (said->a.kind == ANSWER_NUMBER && !missing) return goal;
    }
    return NULL;
}

static const struct outcome *no_goal(struct evaluator *ev, const struct node *n)
{
    const struct missing_set *all = missing_one(ev, n->inversion->rule, 1);
    for (size_t i = 0; i < n->inversion->goals.n; i++)
        if (n->inversion->goals.v[i]->reference.to != n->inversion->rule) all = missing_merge(ev, all, missing_one(ev, n->inversion->goals.v[i]->reference.to, 1));
    return outcome_new(ev, ANSWER_UNDEFINED, all);
}

/* The nearest values on either side of the target among the two tried, else the bounds. */
static void bounds(const struct inversion *s, double *low, double *high)
{
    double goal = s->target, y1 = s->y[0], y2 = s->y[1];
    *low = y2 < goal && (y2 > y1 || y1 > goal) ? s->x[1] : y1 < goal && (y1 > y2 || y2 > goal) ? s->x[0] : s->n->inversion->min;
    *high = y2 > goal && (y2 < y1 || y1 < goal) ? s->x[1] : y1 > goal && (y1 < y2 || y2 < goal) ? s->x[0] : s->n->inversion->max;
}

/* What is wanted is tried first as it is, be it not applicable. */
static const struct outcome *inverse(struct inversion *s, struct rule_answer wanted)
{
    double found, low, high;
    bool is_found = false;
    s->x[0] = s->target;
    s->y[0] = try_answer(s, wanted);
    s->x[1] = isnan(s->y[0]) ? 2000 : s->x[0] * s->target * (s->y[0] > s->target ? 0.9 : 1.2) / s->y[0];
    s->y[1] = try_value(s, s->x[1]);
    if (!isnan(s->y[0]) || !isnan(s->y[1])) {
        bounds(s, &low, &high);
        is_found = zero_of(distance, s, low, high, s->n->inversion->tolerance, 10, 1, &found);
        is_found = is_found && (found == 0 || (found >= s->n->inversion->min && found <= s->n->inversion->max));
    }
    struct outcome *o = outcome_new(s->ev, is_found ? ANSWER_NUMBER : ANSWER_UNDEFINED, s->missing);
    if (is_found) o->a.number = found;
    o->a.unit = s->unit;
    o->unit_key = true;
    if (is_found && s->ev->root->traced) try_value(s, found);        /* what was tried last may be another */
    return o;
}

static void stacks_copy(struct evaluator *sub, const struct evaluator *ev)
{
    for (size_t i = 0; i < ev->rules.n; i++) stack_push(sub, &sub->rules, ev->rules.v[i]);
    for (size_t i = 0; i < ev->parents.n; i++) stack_push(sub, &sub->parents, ev->parents.v[i]);
}

static struct node *sought(struct evaluator *sub, const struct rule_def *rule, unit_id unit)
{
    struct node *n = node_own(sub, rule, N_CONSTANT);
    n->constant.value = (struct rule_answer){.kind = ANSWER_NUMBER, .unit = unit};
    return n;
}

const struct outcome *eval_inversion(struct evaluator *ev, const struct node *n)
{
    const struct rule_def *rule = n->inversion->rule;
    if (stack_has(&ev->rules, rule, 1)) return outcome_new(ev, ANSWER_UNDEFINED, &missing_none);
    if (!rule->situation) return eval_fail(ev, "private", "La règle « %.*s » est une règle privée : elle ne peut pas être inversée", STR_ARG(rule->name));
    struct evaluator *sub = sub_new(ev);
    memcpy(sub->cache, ev->cache, sub->cache_cap * sizeof(void *));
    stacks_copy(sub, ev);
    struct inversion s = {.ev = ev, .sub = sub, .n = n, .goal = goal_of(ev, sub, n), .missing = &missing_none};
    const struct outcome *o;
    if (!s.goal) {
        o = no_goal(ev, n);
    } else {
        const struct outcome *wanted = eval(sub, s.goal);
        const struct rule_answer answer = wanted->a;
        s.unit = answer.unit;
        s.target = answer_number(&wanted->a);
        said_set(sub, s.goal->reference.to, ev->base->undefined);
        s.tried = sought(sub, rule, s.unit);
        o = inverse(&s, answer);
    }
    sub_done(ev, n, sub);
    return o;
}

/* ---- fixed point ---- */

struct fixed_point { struct evaluator *ev, *sub; const struct node *of; struct node *tried; double y0; unit_id unit; const struct missing_set *missing; };

static double try_fixed(struct fixed_point *s, double x)
{
    sub_reset(s->sub);
    s->tried->constant.value.number = x;
    const struct outcome *o = eval(s->sub, s->of);
    s->missing = missing_copy(s->ev->mem, o->missing);
    s->unit = o->a.unit;
    return o->a.kind == ANSWER_UNDEFINED ? NAN : answer_number(&o->a);
}

static double drift(void *arg, double x)
{
    struct fixed_point *s = arg;
    return x == 1 ? s->y0 - 1 : try_fixed(s, x) - x;
}

const struct outcome *eval_fixed_point(struct evaluator *ev, const struct node *n)
{
    const struct rule_def *rule = n->fixed_point.rule;
    double found;
    if (stack_has(&ev->rules, rule, 1)) return outcome_new(ev, ANSWER_UNDEFINED, &missing_none);
    if (!rule->situation) return eval_fail(ev, "private", "La règle « %.*s » est une règle privée : sa référence circulaire ne peut pas être résolue", STR_ARG(rule->name));
    struct fixed_point s = {.ev = ev, .sub = sub_new(ev), .of = n->fixed_point.of, .missing = &missing_none};
    s.tried = sought(s.sub, rule, UNIT_ABSENT);
    s.y0 = try_fixed(&s, 1);
    unit_id unit = s.unit;
    bool is_found = !isnan(s.y0) && zero_of(drift, &s, -1e6, 1e8, 0.5, 25, 2, &found);
    if (is_found) try_fixed(&s, found);
    sub_done(ev, n, s.sub);
    struct outcome *o = outcome_new(ev, is_found ? ANSWER_NUMBER : ANSWER_UNDEFINED, s.missing);
    if (is_found) o->a.number = found;
    o->a.unit = unit;
    o->unit_key = true;
    return o;
}
