/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/readings.h"
#include "rules/ast.h"

/* seen: by node id; a ceiling or a maximum refers to the same nodes several times. */
struct gathering { struct parsing p /* first: node_walk hands it back */; arena *mem; struct readings out; bool *seen; };

static void add(struct gathering *g, str written, const struct rule_def *to)
{
    if (!to || to->is_situation) return;
    for (size_t i = 0; i < g->out.n; i++)
        if (str_eq(g->out.v[i].rule, to->name) && str_eq(g->out.v[i].written, written)) return;
    PUSH(g->mem, &g->out, (struct reading){written, to->name});
}

static err gather(struct parsing *p, struct node **at)
{
    struct gathering *g = (struct gathering *)p;
    struct node *n = *at;
    if (g->seen[n->id]) return NO_ERR;
    g->seen[n->id] = true;
    if (n->kind == N_REFERENCE) {
        if (n->reference.to && n->reference.to->is_internal) return gather(p, &n->reference.to->value);
        add(g, n->reference.name, n->reference.to);
    }
    if (n->form == AS_REPLACED) return gather(p, &n->variations.v[n->variations.n - 1].consequence);
    for (size_t i = 0; n->kind == N_INVERSION && i < n->inversion.goals.n; i++) (void)gather(p, &n->inversion.goals.v[i]);
    for (size_t i = 0; n->kind == N_CHOICES && i < n->choices.v.n; i++) (void)gather(p, &n->choices.v.v[i]);
    for (size_t i = 0; n->kind == N_CONTEXT && i < n->context.n; i++) (void)gather(p, &n->context.v[i].rule);
    return node_walk(p, n, gather);
}

struct readings rulebase_readings(arena *mem, const struct rulebase *b, str rule)
{
    struct rule_def *r = rule_find(b, rule);
    if (!r || !r->value) return (struct readings){0};
    arena *own = arena_new(0);
    struct gathering g = {.mem = mem, .seen = NEW_N(own, bool, b->n_nodes)};
    struct node *value = r->value, *choices = r->choices;
    (void)gather(&g.p, &value);
    if (choices) (void)gather(&g.p, &choices);
    arena_free(own);
    return g.out;
}

struct readings rulebase_replaces(arena *mem, const struct rulebase *b, str rule)
{
    const struct rule_def *r = rule_find(b, rule);
    arena *own = arena_new(0);
    struct gathering g = {.mem = mem, .seen = NEW_N(own, bool, b->n_nodes)};
    for (size_t i = 0; r && i < r->replacements.n; i++) {
        struct replacement *one = r->replacements.v[i];
        (void)gather(&g.p, &one->replaced);
        for (size_t k = 0; k < one->only_in.n; k++) (void)gather(&g.p, &one->only_in.v[k]);
        for (size_t k = 0; k < one->not_in.n; k++) (void)gather(&g.p, &one->not_in.v[k]);
    }
    arena_free(own);
    return g.out;
}
