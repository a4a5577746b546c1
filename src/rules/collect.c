/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* collect.c — parsing that goes on after a fault, for who checks a base: every fault with the value it was found in, and what each node was
   written as. Without a list of faults (`parsing.all`), the first one ends the parsing and nothing is noted. */
#include <string.h>
#include "rules/ast.h"

enum { FAULTS_MOST = 500 };

/* true, false and null are one and the same wherever they are written: no place can be told from them. */
static bool has_place(const json_t *raw) { return raw && !json_is_boolean(raw) && !json_is_null(raw); }

const json_t *parse_enter(struct parsing *p, const json_t *raw)
{
    const json_t *before = p->at;
    if (has_place(raw)) p->at = raw;
    return before;
}

/* The innermost that made a node is what the node was written as. */
void parse_leave(struct parsing *p, const json_t *before, const struct node *n, const json_t *raw, const char *key)
{
    struct parse_faults *all = p->all;
    p->at = before;
    if (!all || !has_place(raw) || n == p->yes || n == p->no || n == p->undefined || n == p->inapplicable) return;
    while (all->written.n <= (size_t)n->id) PUSH(all->mem, &all->written, (struct written){0});
    struct written *w = &all->written.v[n->id];
    if (!w->raw) *w = (struct written){raw, key};
}

struct written written_of(const struct parse_faults *all, const struct node *n)
{
    return (size_t)n->id < all->written.n ? all->written.v[n->id] : (struct written){0};
}

err parse_go_on(struct parsing *p, err e)
{
    if (e.code == OK || !p->all || p->all->faults.n >= FAULTS_MOST || strcmp(p->fault->code, "too_large") == 0) return e;
    arena *mem = p->all->mem;
    PUSH(mem, &p->all->faults, (struct parse_fault_at){str_copy(mem, p->fault->rule), str_copy(mem, p->fault->message), p->fault->code, p->at});
    return NO_ERR;
}
