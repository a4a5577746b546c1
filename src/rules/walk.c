/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* walk.c — what a node holds, and which rules a rule reads: through others, parents, replacements. */
#include "rules/ast.h"

static void visit_all(const struct nodes *v, node_visit visit, void *arg)
{
    for (size_t i = 0; i < v->n; i++) visit(arg, v->v[i]);
}

static void visit_some(node_visit visit, void *arg, const struct node *n)
{
    if (n) visit(arg, n);
}

static void visit_bands(const struct node *n, node_visit visit, void *arg)
{
    visit_some(visit, arg, n->bands.base);
    visit_some(visit, arg, n->bands.multiplier);
    for (size_t i = 0; i < n->bands.n; i++) {
        visit_some(visit, arg, n->bands.v[i].rate);
        visit_some(visit, arg, n->bands.v[i].amount);
        visit_some(visit, arg, n->bands.v[i].ceiling);
    }
}

static void visit_context(const struct node *n, node_visit visit, void *arg)
{
    for (size_t i = 0; i < n->context.n; i++) {
        visit(arg, n->context.v[i].rule);
        visit(arg, n->context.v[i].value);
    }
    visit(arg, n->context.of);
}

void node_children(const struct node *n, node_visit visit, void *arg)
{
    switch (n->kind) {
    case N_OPERATION: visit(arg, n->operation.a), visit(arg, n->operation.b); break;
    case N_CONDITION: visit(arg, n->condition.test), visit(arg, n->condition.then), visit(arg, n->condition.otherwise); break;
    case N_ROUND: visit(arg, n->on.of), visit(arg, n->on.digits); break;
    case N_UNIT: case N_SIMPLIFY: case N_LOG: case N_IS_UNDEFINED: case N_IS_INAPPLICABLE: visit(arg, n->on.of); break;
    case N_SCALE: case N_GRID: case N_PROGRESSIVE: visit_bands(n, visit, arg); break;
    case N_DURATION: visit(arg, n->duration.since), visit(arg, n->duration.until); break;
    case N_FIXED_POINT: visit(arg, n->fixed_point.of); break;
    case N_MISSING: visit(arg, n->missing.of); break;
    case N_INVERSION: visit_all(&n->inversion->goals, visit, arg); break;
    case N_CHOICES: visit_all(&n->choices->v, visit, arg); break;
    case N_CONTEXT: visit_context(n, visit, arg); break;
    case N_VARIATIONS:
        for (size_t i = 0; i < n->variations.n; i++) visit(arg, n->variations.v[i].condition), visit(arg, n->variations.v[i].consequence);
        break;
    case N_TEXT:
        for (size_t i = 0; i < n->text.n; i++) visit_some(visit, arg, n->text.v[i].value);
        break;
    case N_CONSTANT: case N_REFERENCE: case N_RULE: case N_TODAY: break;
    }
}

static void walk_visit(void *arg, const struct node *n)
{
    struct node_walk *w = arg;
    if (w->seen[n->id]) return;
    w->seen[n->id] = true;
    w->visited++;
    if (w->see(w, n)) node_children(n, walk_visit, w);
}

void nodes_walk(struct node_walk *w, const struct node *n) { walk_visit(w, n); }

struct reading { struct node_walk walk; bool *read; struct { const struct rule_def **v; size_t n; } todo; arena *mem; };

static bool read_see(struct node_walk *w, const struct node *n)
{
    struct reading *r = (struct reading *)w;
    const struct rule_def *to = n->kind == N_REFERENCE ? n->reference.to : n->kind == N_RULE ? n->rule : NULL;
    if (n->kind == N_MISSING && n->missing.rule && !r->read[n->missing.rule->index]) to = n->missing.rule;
    if (to && !r->read[to->index]) {
        r->read[to->index] = true;
        PUSH(r->mem, &r->todo, to);
    }
    return true;
}

static void rule_walk(struct node_walk *w, const struct rule_def *d)
{
    if (d->value) nodes_walk(w, d->value);
    if (d->choices) nodes_walk(w, d->choices);
    visit_all(&d->parents, walk_visit, w);
}

void rulebase_reads(const struct rulebase *b, arena *mem, int rule, bool *read)
{
    struct reading r = {.walk = {.seen = NEW_N(mem, bool, b->n_nodes), .see = read_see}, .read = read, .mem = mem};
    PUSH(mem, &r.todo, b->rules.v[rule]);
    while (r.todo.n) rule_walk(&r.walk, r.todo.v[--r.todo.n]);
}

struct marking { struct node_walk walk; bool *read; };

static bool mark_see(struct node_walk *w, const struct node *n)
{
    if (n->kind == N_REFERENCE && n->reference.to) ((struct marking *)w)->read[n->reference.to->index] = true;
    return true;
}

void rulebase_read(const struct rulebase *b, bool *read)
{
    arena *own = arena_new(0);
    struct marking m = {.walk = {.seen = NEW_N(own, bool, b->n_nodes), .see = mark_see}, .read = read};
    for (size_t i = 0; i < b->rules.n; i++)
        if (!b->rules.v[i]->is_situation) rule_walk(&m.walk, b->rules.v[i]);
    arena_free(own);
}
