/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/readings.h"
#include "rules/ast.h"

struct gathering { struct node_walk walk; arena *mem; struct readings out; };

static void add(struct gathering *g, str written, const struct rule_def *to)
{
    if (!to || to->is_situation) return;
    for (size_t i = 0; i < g->out.n; i++)
        if (str_eq(g->out.v[i].rule, to->name) && str_eq(g->out.v[i].written, written)) return;
    PUSH(g->mem, &g->out, (struct named_reading){written, to->name});
}

static bool gather(struct node_walk *w, const struct node *n)
{
    struct gathering *g = (struct gathering *)w;
    if (n->kind == N_REFERENCE && n->reference.to && n->reference.to->is_internal) nodes_walk(w, n->reference.to->value);
    else if (n->kind == N_REFERENCE) add(g, n->reference.name, n->reference.to);
    else if (n->form == AS_REPLACED) nodes_walk(w, n->variations.v[n->variations.n - 1].consequence);
    else return true;
    return false;
}

struct readings rulebase_readings(arena *mem, const struct rulebase *b, str rule)
{
    const struct rule_def *r = rule_find(b, rule);
    if (!r || !r->value) return (struct readings){0};
    arena *own = arena_new(0);
    struct gathering g = {.walk = {.seen = NEW_N(own, bool, b->n_nodes), .see = gather}, .mem = mem};
    nodes_walk(&g.walk, r->value);
    if (r->choices) nodes_walk(&g.walk, r->choices);
    arena_free(own);
    return g.out;
}

struct readings rulebase_replaces(arena *mem, const struct rulebase *b, str rule)
{
    const struct rule_def *r = rule_find(b, rule);
    arena *own = arena_new(0);
    struct gathering g = {.walk = {.seen = NEW_N(own, bool, b->n_nodes), .see = gather}, .mem = mem};
    for (size_t i = 0; r && i < r->replacements.n; i++) {
        const struct replacement *one = r->replacements.v[i];
        nodes_walk(&g.walk, one->replaced);
        for (size_t k = 0; k < one->only_in.n; k++) nodes_walk(&g.walk, one->only_in.v[k]);
        for (size_t k = 0; k < one->not_in.n; k++) nodes_walk(&g.walk, one->not_in.v[k]);
    }
    arena_free(own);
    return g.out;
}
