/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/readings.h"
#include "rules/ast.h"

/* seen: by node id; a ceiling or a maximum refers to the same nodes several times. */
struct gathering { arena *mem; struct readings out; bool *seen; };

static void add(struct gathering *g, str written, const struct rule_def *to)
{
    if (!to || to->is_situation) return;
    for (size_t i = 0; i < g->out.n; i++)
        if (str_eq(g->out.v[i].rule, to->name) && str_eq(g->out.v[i].written, written)) return;
    PUSH(g->mem, &g->out, (struct named_reading){written, to->name});
}

static void gather(void *arg, const struct node *n)
{
    struct gathering *g = arg;
    if (g->seen[n->id]) return;
    g->seen[n->id] = true;
    if (n->kind == N_REFERENCE && n->reference.to && n->reference.to->is_internal) gather(g, n->reference.to->value);
    else if (n->kind == N_REFERENCE) add(g, n->reference.name, n->reference.to);
    else if (n->form == AS_REPLACED) gather(g, n->variations.v[n->variations.n - 1].consequence);
    else node_children(n, gather, g);
}

struct readings rulebase_readings(arena *mem, const struct rulebase *b, str rule)
{
    const struct rule_def *r = rule_find(b, rule);
    if (!r || !r->value) return (struct readings){0};
    arena *own = arena_new(0);
    struct gathering g = {.mem = mem, .seen = NEW_N(own, bool, b->n_nodes)};
    gather(&g, r->value);
    if (r->choices) gather(&g, r->choices);
    arena_free(own);
    return g.out;
}

struct readings rulebase_replaces(arena *mem, const struct rulebase *b, str rule)
{
    const struct rule_def *r = rule_find(b, rule);
    arena *own = arena_new(0);
    struct gathering g = {.mem = mem, .seen = NEW_N(own, bool, b->n_nodes)};
    for (size_t i = 0; r && i < r->replacements.n; i++) {
        const struct replacement *one = r->replacements.v[i];
        gather(&g, one->replaced);
        for (size_t k = 0; k < one->only_in.n; k++) gather(&g, one->only_in.v[k]);
        for (size_t k = 0; k < one->not_in.n; k++) gather(&g, one->not_in.v[k]);
    }
    arena_free(own);
    return g.out;
}
