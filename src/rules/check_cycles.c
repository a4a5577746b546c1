/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_cycles.c — rules that need themselves. First what is read whatever people answer: such a cycle is an error. Then all that may be read:
   a warning, since conditions may keep its rules apart. Replacements are in the trees already. Not followed: what `résoudre la référence
   circulaire` and inversions cover, since they search for the value that fits; what a contexte reads, since it stops where it meets itself;
   whether a rule is applicable, and parents, which the evaluator asks with the rule set aside. Rules are walked without recursion: a chain may
   be long. */
#include <string.h>
#include "rules/checking.h"

enum { DEPTH_MOST = 1500, NAMES_MOST = 12, CYCLES_MOST = 500 };

struct reads { const struct rule_def **v; size_t n; };
struct frame { const struct rule_def *rule; struct reads reads; size_t next; };
struct walk {
    struct check *c;
    bool sure;                          /* only what is always read */
    struct reads *into;
    int *seen, turn;                    /* by node id: the turn it was seen in */
    int depth, cycles;
    unsigned char *colour;              /* by index: 1 on the path, 2 done */
    bool *told;                         /* by index: of a cycle that was told */
    struct { struct frame *v; size_t n; } path;
};

static void read_visit(void *arg, const struct node *n);

/* Of a node of which only some children are always read, those. */
static void read_first(struct walk *w, const struct node *n)
{
    enum operation op = n->kind == N_OPERATION ? n->operation.op : OP_OR;
    switch (n->kind) {
    case N_CONDITION:
        read_visit(w, n->condition.test);
        if (n->form == AS_SITUATION) read_visit(w, n->condition.then);
        break;
    case N_VARIATIONS:
        if (n->variations.n) read_visit(w, n->variations.v[0].condition);
        break;
    case N_OPERATION:
        read_visit(w, n->operation.a);
        if (op == OP_ADD || op == OP_SUB) read_visit(w, n->operation.b);
        break;
    case N_SCALE: case N_GRID: case N_PROGRESSIVE: read_visit(w, n->bands.base); break;
    default: node_children(n, read_visit, w);
    }
}

static void read_visit(void *arg, const struct node *n)
{
    struct walk *w = arg;
    if (w->seen[n->id] == w->turn || w->depth >= DEPTH_MOST) return;
    w->seen[n->id] = w->turn;
    if (n->kind == N_INVERSION || n->kind == N_FIXED_POINT || n->kind == N_IS_INAPPLICABLE || n->kind == N_CHOICES) return;
    if (n->kind == N_REFERENCE && n->reference.to->index != RULE_UNKNOWN) PUSH(w->c->work, w->into, n->reference.to);
    w->depth++;
    if (n->kind == N_CONTEXT)
        for (size_t i = 0; i < n->context.n; i++) read_visit(arg, n->context.v[i].value);
    else if (w->sure) read_first(w, n);
    else node_children(n, read_visit, w);
    w->depth--;
}

/* One that people may answer is not always reckoned. */
static bool may_be_given(const struct check *c, const struct rule_def *r)
{
    const json_t *question = json_object_get(r->raw, "question");
    return c->fields[r->index] || c->is_set[r->index] || (question && !json_is_null(question));
}

static void push(struct walk *w, const struct rule_def *r)
{
    struct frame f = {.rule = r};
    w->into = &f.reads;
    w->turn++;
    if (!w->sure || !may_be_given(w->c, r)) read_visit(w, r->value);
    w->into = NULL;
    w->colour[r->index] = 1;
    PUSH(w->c->work, &w->path, f);
}

/* The path from that rule to itself; each cycle is told at one of its rules. */
static void tell(struct walk *w, const struct rule_def *again)
{
    struct check *c = w->c;
    struct strs names = {0};
    size_t from = w->path.n - 1;
    bool told = false;
    if (w->told[again->index] || w->cycles++ > CYCLES_MOST) return;
    while (w->path.v[from].rule != again) from--;
    for (size_t i = from; i < w->path.n; i++) {
        const struct rule_def *r = w->path.v[i].rule;
        told = told || w->told[r->index];
        w->told[r->index] = true;
        if (names.n == NAMES_MOST) PUSH(c->mem, &names, S("…"));
        if (names.n < NAMES_MOST && !r->is_internal) PUSH(c->mem, &names, r->name);
    }
    if (told) return;
    PUSH(c->mem, &names, again->name);
    c->rule = again;
    c->at = again->raw;
    check_tell(c, "cycle", w->sure ? RULES_ERROR : RULES_WARNING, w->sure ? W("rules.check.cycle") : W("rules.check.cycle_perhaps"),
               "cycle", str_join(c->mem, names, S(" → ")));
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
    struct walk w = {.c = c, .sure = true, .seen = NEW_N(c->work, int, c->base->n_nodes)};
    w.colour = NEW_N(c->work, unsigned char, n);
    w.told = NEW_N(c->work, bool, n);
    for (int pass = 0; pass < 2; pass++, w.sure = false) {
        memset(w.colour, 0, n);
        for (size_t i = 0; i < n; i++)
            if (!w.colour[i]) walk_from(&w, c->base->rules.v[i]);
    }
}
