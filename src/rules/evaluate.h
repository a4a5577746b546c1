/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluate.h — inside rules/: an evaluator at work. A node is evaluated once for a situation; its outcome stays in `cache`, where the trace
   finds it. contexte, inversion and fixed points evaluate the same nodes in another situation: in an evaluator of their own (`sub`). */
#pragma once
#include "rules/ast.h"

/* Who is missing, and how much it decides; in an order of its own (by address), so that two are merged at once. */
struct missing { const struct rule_def *rule; double score; };
struct missing_set { size_t n; struct missing v[]; };

struct outcome {
    struct rule_answer a;
    bool unit_key;                      /* it speaks of a unit, be it absent: no condition may be that */
    const struct missing_set *missing;
};

struct stack { const struct rule_def **v; size_t n; };
struct sub { int context; struct evaluator *ev; };

struct evaluator {
    const struct rulebase *base;
    arena *mem;                         /* until the next situation */
    struct evaluator *root;             /* itself, or the one it works for */
    struct unit_table *units;
    struct rule_def **said;             /* by index of a $SITUATION rule: what the situation says in its place */
    size_t n_said;
    int own_ids;                        /* of the values given to rules of the situation itself: from here on */
    const struct outcome **cache;       /* by node id */
    size_t cache_cap;
    struct stack rules, parents;
    struct { struct sub *v; size_t n; } subs;
    const struct setting **within;      /* what the contexte we are in sets */
    size_t within_n;
    bool in_context;
    bool traced;                        /* of the root: searches keep their evaluators for the trace */
    const struct node *last;            /* of the root: what evaluator_value evaluated last */

    /* of the root only */
    str today;
    struct rule_def **given;            /* by index of a $SITUATION rule, in `keep`: values given one by one; NULL: none ever */
    bool given_some, stale;             /* stale: one was given since something was evaluated */
    arena *keep;
    struct evaluator_limits limits;
    int64_t steps;
    struct rulebase *own;               /* the private rules of the situation */
    int depth, n_nodes, situation_nodes;        /* situation_nodes: so many ids when the situation was read; subs know no others */
    bool failed;
    struct rule_fault fault;
    struct { struct rule_missing *v; size_t n; } last_missing;
};

extern const struct missing_set missing_none;
const struct missing_set *missing_merge(struct evaluator *ev, const struct missing_set *a, const struct missing_set *b);
const struct missing_set *missing_bonus(struct evaluator *ev, const struct missing_set *a);
const struct missing_set *missing_one(struct evaluator *ev, const struct rule_def *rule, double score);
const struct missing_set *missing_copy(arena *mem, const struct missing_set *a);

const struct outcome *eval(struct evaluator *ev, const struct node *n);
const struct outcome *eval_is_inapplicable(struct evaluator *ev, const struct node *of);
const struct outcome *eval_operation(struct evaluator *ev, enum operation op, const struct node *a, const struct node *b);
const struct outcome *eval_bands(struct evaluator *ev, const struct node *n);
/* The same for those who show it. holds: the base is in that band; part: what a barème takes of it. */
struct band_seen { bool read, floor_known, ceiling_known, holds, part_known; double floor, ceiling /* INFINITY: none */, part; };
void bands_see(struct evaluator *ev, const struct node *n, struct band_seen *out);
/* The parent that may disable a rule, NULL: none. Does it? */
const struct node *disabling_parent(const struct rule_def *r);
bool rule_is_disabled(struct evaluator *ev, const struct rule_def *r);
const struct outcome *eval_context(struct evaluator *ev, const struct node *n);
const struct outcome *eval_inversion(struct evaluator *ev, const struct node *n);
const struct outcome *eval_fixed_point(struct evaluator *ev, const struct node *n);
const struct outcome *eval_text(struct evaluator *ev, const struct node *n);

struct outcome *outcome_new(struct evaluator *ev, enum answer_kind kind, const struct missing_set *missing);
const struct outcome *outcome_bool(struct evaluator *ev, bool b, const struct missing_set *missing);
const struct outcome *outcome_number(struct evaluator *ev, double number, unit_id unit, const struct missing_set *missing);
/* Of the rule being evaluated; the rest of the evaluation then comes to nothing. */
const struct outcome *eval_fail(struct evaluator *ev, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool stack_has(const struct stack *s, const struct rule_def *r, size_t from_top);   /* from_top: so many of the newest are not looked at */
void stack_push(struct evaluator *ev, struct stack *s, const struct rule_def *r);

static inline bool is_true(const struct outcome *o) { return o->a.kind == ANSWER_BOOL && o->a.b; }
static inline bool is_false(const struct outcome *o) { return o->a.kind == ANSWER_BOOL && !o->a.b; }
/* Of the class of units of choices, which are tried in their order, up to the one that the value is. */
bool is_comparable(struct unit_table *units, const struct node *choices, const struct rule_answer *a);
str answers_joined(struct evaluator *ev, const struct rule_answer *a, const struct rule_answer *b);     /* as texts */
void choices_look(struct evaluator *ev, const struct node *choices, const struct outcome *given);
double answer_number(const struct rule_answer *a);      /* as JavaScript has it: absent 0, undefined NaN, yes 1 */
double round_half_up(double x, double digits);

/* A new evaluator in the situation of `ev`, with nothing evaluated; memory of its own, freed by sub_free. */
struct evaluator *sub_new(struct evaluator *ev);
struct evaluator *sub_of(const struct evaluator *ev, int context);      /* of a node: contexte; inversion and circular reference when traced */
void sub_free(struct evaluator *sub);
void sub_reset(struct evaluator *sub);                  /* nothing evaluated any more */
