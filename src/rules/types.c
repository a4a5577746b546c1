/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* types.c — what is known of a value before it is evaluated: its type, and whether it may be "non applicable". A parent that may be, or that
   is yes or no, disables what it holds. */
#include <string.h>
#include "rules/ast.h"

enum { DEPTH_MOST = 4000 };     /* of a chain of rules: past it nothing is known, and no evaluation goes so deep */
struct inference { int own; int depth; };

static struct node_type node_infer_in(struct node *n, struct inference *in);
static const struct node_type unknown = {TRI_UNKNOWN, RULE_TYPE_UNKNOWN}, number = {TRI_NO, RULE_TYPE_NUMBER}, boolean = {TRI_NO, RULE_TYPE_BOOL};

static enum tri either(enum tri a, enum tri b) { return a == TRI_YES ? a : b; }

static struct node_type of_operation(struct node *n, struct inference *in)
{
    enum operation op = n->operation.op;
    enum tri nullable = TRI_NO;
    if (op == OP_LT || op == OP_LE || op == OP_GT || op == OP_GE || op == OP_DIV || op == OP_MUL) {
        enum tri a = node_infer_in(n->operation.a, in).nullable;
        nullable = a == TRI_YES ? a : node_infer_in(n->operation.b, in).nullable;
    } else if (op == OP_SUB) {
        nullable = node_infer_in(n->operation.a, in).nullable;
    }
    return (struct node_type){nullable, op >= OP_LT ? RULE_TYPE_BOOL : RULE_TYPE_NUMBER};
}

static struct node_type of_condition(struct node *n, struct inference *in)
{
    struct node *each[] = {n->condition.test, n->condition.then, n->condition.otherwise};
    enum tri nullable = TRI_NO;
    for (int i = 0; i < 3 && nullable != TRI_YES; i++)
        if (node_infer_in(each[i], in).nullable == TRI_YES) nullable = TRI_YES;
    enum rule_type type = node_infer_in(n->condition.then, in).type;
    return (struct node_type){nullable, type ? type : node_infer_in(n->condition.otherwise, in).type};
}

static struct node_type of_variations(struct node *n, struct inference *in)
{
    struct node_type t = {TRI_NO, RULE_TYPE_UNKNOWN};
    for (size_t i = 0; i < n->variations.n; i++) {
        struct node_type one = node_infer_in(n->variations.v[i].consequence, in);
        if (one.nullable == TRI_YES) t.nullable = TRI_YES;
        if (!t.type) t.type = one.type;
    }
    return t;
}

static struct node_type of_choices(struct node *n, struct inference *in)
{
    if (!n->choices->references) return (struct node_type){TRI_NO, n->choices->type};
    enum tri nullable = TRI_YES;
    for (size_t i = 0; i < n->choices->v.n && nullable == TRI_YES; i++)
        if (node_infer_in(n->choices->v.v[i], in).nullable != TRI_YES) nullable = TRI_NO;
    return (struct node_type){nullable, RULE_TYPE_STRING};
}

static struct node_type of_rule(const struct rule_def *r, struct inference *in)
{
    static const struct { const char *word; enum rule_type type; } words[] = {
        {"nombre", RULE_TYPE_NUMBER}, {"texte", RULE_TYPE_STRING}, {"date", RULE_TYPE_DATE}, {"booléen", RULE_TYPE_BOOL}};
    struct node_type t = node_infer_in(r->value, in);
    if (r->choices) {
        struct node_type c = node_infer_in(r->choices, in);
        return (struct node_type){either(t.nullable, c.nullable), c.type};
    }
    if (t.type) return t;
    const char *said = json_string_value(json_object_get(r->raw, "type"));
    for (size_t i = 0; said && i < sizeof words / sizeof *words; i++)
        if (strcmp(said, words[i].word) == 0) t.type = words[i].type;
    json_t *question = json_object_get(r->raw, "question");
    if (!t.type && question && !json_is_null(question)) t.type = RULE_TYPE_BOOL;
    return t;
}

static struct node_type infer(struct node *n, struct inference *in)
{
    switch (n->kind) {
    case N_SCALE: case N_DURATION: case N_GRID: case N_PROGRESSIVE: case N_INVERSION: case N_FIXED_POINT: return number;
    case N_IS_UNDEFINED: case N_IS_INAPPLICABLE: return boolean;
    case N_OPERATION: return of_operation(n, in);
    case N_TEXT: case N_TODAY: return (struct node_type){TRI_NO, RULE_TYPE_STRING};
    case N_ROUND: case N_LOG: case N_UNIT: case N_SIMPLIFY: return (struct node_type){node_infer_in(n->on.of, in).nullable, RULE_TYPE_NUMBER};
    case N_CONTEXT: return node_infer_in(n->context.of, in);
    case N_MISSING: return node_infer_in(n->missing.of, in);
    case N_CHOICES: return of_choices(n, in);
    case N_RULE: return of_rule(n->rule, in);
    case N_CONDITION: return of_condition(n, in);
    case N_VARIATIONS: return of_variations(n, in);
    case N_REFERENCE: return node_infer_in(&n->reference.to->node, in);
    default: return unknown;
    }
}

static struct node_type node_infer_in(struct node *n, struct inference *in)
{
    if (n->typed) return n->type;
    if (n->id < in->own) return n->kind == N_REFERENCE ? n->reference.to->node.type : unknown;
    if (in->depth >= DEPTH_MOST) return unknown;
    n->typed = true;            /* while it is inferred, for what refers to itself */
    n->type = unknown;
    in->depth++;
    n->type = infer(n, in);
    in->depth--;
    return n->type;
}

struct node_type node_infer(struct node *n, int first_own)
{
    struct inference in = {.own = first_own};
    return node_infer_in(n, &in);
}
