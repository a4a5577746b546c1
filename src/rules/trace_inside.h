/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace_inside.h — inside rules/: a trace being written. Rules are queued as they are read, so that only what stands inside one nests. */
#pragma once
#include "rules/evaluate.h"
#include "rules/trace.h"

struct trace_part { const struct node *node; bool whether; };
struct trace_writer { arena *mem; json_t *contexts; };
/* One evaluator: that of the situation, or one of a contexte or a search within it. */
struct trace_world {
    struct trace_writer *w;
    struct evaluator *ev;
    const struct evaluator *outer;                              /* NULL: the situation's own */
    json_t *rules;
    struct { const struct rule_def **v; size_t n; } queue;
    bool *queued;                                               /* by index of the rule */
    struct { struct trace_part *v; size_t n; } parts;           /* what nests too deep */
    size_t depth;
};

/* trace.c */
const struct outcome *trace_known(const struct trace_world *t, const struct node *n);     /* NULL: not evaluated */
void trace_queue(struct trace_world *t, const struct rule_def *r);
int trace_context(struct trace_world *t, const struct node *n, const struct node *shown);  /* its number; -1: nothing was evaluated there */
/* trace_steps.c. A new reference; NULL when the node was not evaluated. whether: only asked whether it applies, perhaps. */
json_t *trace_step(struct trace_world *t, const struct node *n, bool whether);
void trace_value(struct trace_world *t, json_t *out, const struct outcome *o);
/* What the situation, a contexte or a search says: "situation", "set", "sought"; NULL: nothing. n: formed AS_SITUATION. */
const char *trace_said(const struct trace_world *t, const struct node *n, const struct node **value);
bool trace_is_default(const struct trace_world *t, const struct node *n);
