/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_cycles.c — rules that need themselves. Replacements are in the trees already. Not followed: what `résoudre la référence circulaire` and
   inversions cover, since they search for the value that fits; what a contexte reads, since it stops where it meets itself; whether a rule is
   applicable, and parents, which the evaluator asks with the rule set aside. Rules are walked in depth, without recursion: a chain may be long. */
#include "rules/checking.h"

enum { DEPTH_MOST = 1500 };

struct reads { const struct rule_def **v; size_t n; };
struct frame { const struct rule_def *rule; struct reads reads; size_t next; };
struct walk {
    struct check *c;
    struct reads *into;
    int *seen, turn;                    /* by node id: the turn it was seen in */
    int depth;
    unsigned char *colour;              /* by index: 1 on the path, 2 done */
    struct { struct frame *v; size_t n; } path;
};

static bool read_visit(void *arg, const struct node *n)
{
    struct walk *w = arg;
    if (w->seen[n->id] == w->turn || w->depth >= DEPTH_MOST) return true;
    w->seen[n->id] = w->turn;
    if (n->kind == N_INVERSION || n->kind == N_FIXED_POINT || n->kind == N_IS_INAPPLICABLE || n->kind == N_CHOICES) return true;
    if (n->kind == N_REFERENCE) {
        if (n->reference.to->index != RULE_UNKNOWN) PUSH(w->c->work, w->into, n->reference.to);
        return true;
    }
    if (n->kind == N_CONTEXT) {
        for (size_t i = 0; i < n->context.n; i++) read_visit(arg, n->context.v[i].value);
        return true;
    }
    w->depth++;
    node_each(n, read_visit, w);
    w->depth--;
    return true;
}

static void push(struct walk *w, const struct rule_def *r)
{
    struct frame f = {.rule = r};
    w->into = &f.reads;
    w->turn++;
    read_visit(w, r->value);
    w->colour[r->index] = 1;
    PUSH(w->c->work, &w->path, f);
}

static void tell(struct walk *w, const struct rule_def *again)
{
    struct check *c = w->c;
    struct strs names = {0};
    size_t from = w->path.n;
    while (from > 0 && w->path.v[from - 1].rule != again) from--;
    for (size_t i = from ? from - 1 : 0; i < w->path.n && names.n < 20; i++)
        if (!w->path.v[i].rule->is_internal) PUSH(c->mem, &names, w->path.v[i].rule->name);
    if (names.n == 20) PUSH(c->mem, &names, S("…"));
    PUSH(c->mem, &names, again->name);
    c->rule = again;
    c->at = again->raw;
    check_tell(c, "cycle", RULES_ERROR, W("rules.check.cycle"), "cycle", str_join(c->mem, names, S(" → ")));
}

static void walk_from(struct walk *w, const struct rule_def *r)
{
    push(w, r);
    while (w->path.n) {
        struct frame *f = &w->path.v[w->path.n - 1];
        if (f->next == f->reads.n) {
            w->colour[f->rule->index] = 2;
            w->path.n--;
            continue;
        }
        const struct rule_def *to = f->reads.v[f->next++];
        if (w->colour[to->index] == 1) tell(w, to);
        else if (!w->colour[to->index]) push(w, to);
    }
}

void check_cycles(struct check *c)
{
    size_t n = c->base->rules.n;
    struct walk w = {.c = c, .seen = NEW_N(c->work, int, c->base->n_nodes), .colour = NEW_N(c->work, unsigned char, n)};
    for (size_t i = 0; i < n; i++)
        if (!w.colour[i]) walk_from(&w, c->base->rules.v[i]);
}
