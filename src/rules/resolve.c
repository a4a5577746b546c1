/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* resolve.c — names to rules (nearest scope first), then replacements put where the replaced rule is read: `variations` of all that may
   replace it there, and itself last. */
#include <stdlib.h>
#include <string.h>
#include <unicode/ucol.h>
#include "base/words.h"
#include "rules/ast.h"

#define DOT " . "
#define REPLACED_BYTES_MOST ((size_t)128 << 20)

/* ---- scopes ---- */

/* "a . b . c" → "a . b"; absent at the top. */
static str parent_of(str name)
{
    for (size_t i = name.n; i-- > 3;)
        if (memcmp(name.p + i - 3, DOT, 3) == 0) return str_cut(name, 0, i - 3);
    return STR_NONE;
}

static size_t segments(str name)
{
    size_t n = 1;
    for (size_t i = 0; i + 3 <= name.n; i++)
        if (memcmp(name.p + i, DOT, 3) == 0) n++, i += 2;
    return n;
}

/* How many segments two names share from the left. */
static size_t common(str a, str b)
{
    size_t n = 0;
    for (str ra = a, rb = b;;) {
        ptrdiff_t ia = str_find(ra, S(DOT)), ib = str_find(rb, S(DOT));
        str sa = ia < 0 ? ra : str_cut(ra, 0, (size_t)ia), sb = ib < 0 ? rb : str_cut(rb, 0, (size_t)ib);
        if (!str_eq(sa, sb)) return n;
        n++;
        if (ia < 0 || ib < 0) return n;
        ra = str_cut(ra, (size_t)ia + 3, ra.n);
        rb = str_cut(rb, (size_t)ib + 3, rb.n);
    }
}

/* A private rule is seen by its parent, its siblings and what they hold. */
bool rule_is_accessible(const struct rulebase *base, str from, const struct rule_def *r)
{
    if (!r->secluded) return true;
    size_t depth = segments(r->name), shared = from.n ? common(from, r->name) : 0;
    ptrdiff_t to_check = (ptrdiff_t)(depth - shared) - 1;     /* `r` and its parents, the ancestor's child left out */
    for (str at = r->name; to_check > 0 && at.n; at = parent_of(at), to_check--) {
        const struct rule_def *above = rule_find(base, at);
        if (above && above->private) return false;
    }
    return true;
}

static bool try_scope(struct parsing *p, const struct rule_def *from, str scope, str name, struct rule_def **out, bool *hidden)
{
    char z[1024];
    size_t n = scope.n ? scope.n + 3 + name.n : name.n;
    if (n >= sizeof z) return false;
    memcpy(z, scope.p ? scope.p : "", scope.n);
    memcpy(z + scope.n, scope.n ? DOT : "", scope.n ? 3 : 0);
    memcpy(z + n - name.n, name.p, name.n);
    struct rule_def *r = rule_find(p->base, (str){z, n});
    if (!r || r == from) return false;
    if (rule_is_accessible(p->base, from->name, r)) return *out = r, true;
    *hidden = true;
    return false;
}

/* In the rules that hold the scope, nearest first. An evaluator's rules, and those of a base with faults, may lie in none: then by name. */
static bool scopes_above(struct parsing *p, const struct rule_def *from, str scope, str name, uint64_t bit, struct rule_def **out, bool *hidden)
{
    if (p->base->under || p->all) {
        for (str at = parent_of(scope); at.n; at = parent_of(at))
            if (try_scope(p, from, at, name, out, hidden)) return true;
        return false;
    }
    const struct rule_def *holder = from->holder;
    if (scope.n < from->name.n && holder) holder = holder->holder;      /* "^": the nearest was looked at */
    for (; holder; holder = holder->holder)
        if (holder->held & bit && try_scope(p, from, holder->name, name, out, hidden)) return true;
    return false;
}

err resolve_name(struct parsing *p, const struct rule_def *from, str name, struct rule_def **out)
{
    bool hidden = false;
    str scope = from->name, partial = name;
    bool top = false;
    if (str_starts(partial, S("^ . "))) {
        scope = parent_of(scope);
        partial = str_cut(partial, 4, partial.n);
        top = !scope.n;         /* nothing stands above: only the rule itself is found from there */
    }
    uint64_t bit = name_bit(partial);
    if (top) hidden = rule_find(p->base, partial) != NULL;
    else if (scope.n && (scope.n < from->name.n || p->base->under || from->held & bit) && try_scope(p, from, scope, partial, out, &hidden)) return NO_ERR;
    if (scopes_above(p, from, scope, partial, bit, out, &hidden)) return NO_ERR;
    if (!top && try_scope(p, from, STR_NONE, partial, out, &hidden)) return NO_ERR;
    if (str_ends(from->name, partial) && (*out = rule_find(p->base, from->name))) return NO_ERR;
    if (hidden) return parse_fault(p, "private_reference", "la règle « %.*s » est privée, ou l’un de ses parents", STR_ARG(name));
    return parse_fault(p, "unknown_reference", "la référence « %.*s » est introuvable : vérifiez l’orthographe et l’espace de nom", STR_ARG(name));
}

/* ---- walking ---- */

typedef err (*visit_fn)(struct parsing *p, struct node **at);

static err walk_list(struct parsing *p, struct nodes *v, visit_fn visit)
{
    for (size_t i = 0; i < v->n; i++) TRY(visit(p, &v->v[i]));
    return NO_ERR;
}

static err walk_bands(struct parsing *p, struct node *n, visit_fn visit)
{
    TRY(visit(p, &n->bands.base));
    TRY(visit(p, &n->bands.multiplier));
    for (size_t i = 0; i < n->bands.n; i++) {
        struct band *b = &n->bands.v[i];
        if (b->rate) TRY(visit(p, &b->rate));
        if (b->amount) TRY(visit(p, &b->amount));
        if (b->ceiling) TRY(visit(p, &b->ceiling));
    }
    return NO_ERR;
}

static err walk_many(struct parsing *p, struct node *n, visit_fn visit)
{
    for (size_t i = 0; n->kind == N_VARIATIONS && i < n->variations.n; i++) {
        TRY(visit(p, &n->variations.v[i].condition));
        TRY(visit(p, &n->variations.v[i].consequence));
    }
    for (size_t i = 0; n->kind == N_TEXT && i < n->text.n; i++)
        if (n->text.v[i].value) TRY(visit(p, &n->text.v[i].value));
    for (size_t i = 0; n->kind == N_CONTEXT && i < n->context.n; i++) TRY(visit(p, &n->context.v[i].value));
    return n->kind == N_CONTEXT ? visit(p, &n->context.of) : NO_ERR;
}

/* The children of a node, but for the names a contexte sets, the goals of an inversion and choices. */
static err walk(struct parsing *p, struct node *n, visit_fn visit)
{
    switch (n->kind) {
    case N_OPERATION:
        TRY(visit(p, &n->operation.a));
        return visit(p, &n->operation.b);
    case N_CONDITION:
        TRY(visit(p, &n->condition.test));
        TRY(visit(p, &n->condition.then));
        return visit(p, &n->condition.otherwise);
    case N_ROUND:
        TRY(visit(p, &n->on.of));
        return visit(p, &n->on.digits);
    case N_UNIT: case N_SIMPLIFY: case N_LOG: case N_IS_UNDEFINED: case N_IS_INAPPLICABLE: return visit(p, &n->on.of);
    case N_SCALE: case N_GRID: case N_PROGRESSIVE: return walk_bands(p, n, visit);
    case N_DURATION:
        TRY(visit(p, &n->duration.since));
        return visit(p, &n->duration.until);
    case N_FIXED_POINT: return visit(p, &n->fixed_point.of);
    case N_MISSING: return visit(p, &n->missing.of);
    case N_VARIATIONS: case N_TEXT: case N_CONTEXT: return walk_many(p, n, visit);
    default: return NO_ERR;
    }
}

static err resolve_at(struct parsing *p, struct node **at) { return node_resolve(p, *at); }

/* A name that no rule bears is still told as missing. */
static struct rule_def *missing_rule(struct parsing *p, str name)
{
    struct rule_def *r = rule_find(p->base, name);
    if (r) return r;
    r = NEW(p->mem, struct rule_def);
    r->name = name;
    r->index = index_next(p->base);
    p->base->n_stubs++;
    return r;
}

/* When all faults are wanted, an unknown name is a rule that nobody can give. */
static err reference_resolve(struct parsing *p, struct node *n)
{
    err e = resolve_name(p, n->reference.from, n->reference.name, &n->reference.to);
    if (e.code == OK) return e;
    TRY(parse_go_on(p, e));
    struct rule_def *r = n->reference.to = NEW(p->mem, struct rule_def);
    r->node = (struct node){.kind = N_RULE, .id = (*p->n_nodes)++, .typed = true, .rule = r};
    r->name = n->reference.name;
    r->index = RULE_UNKNOWN;
    r->value = p->undefined;
    return NO_ERR;
}

static err node_resolve_in(struct parsing *p, struct node *n)
{
    if (n->kind == N_REFERENCE) PUSH(p->mem, &p->references, n);
    if (n->kind == N_REFERENCE && !n->reference.to) return reference_resolve(p, n);
    if (n->kind == N_INVERSION) return walk_list(p, &n->inversion->goals, resolve_at);
    if (n->kind == N_CHOICES) return walk_list(p, &n->choices->v, resolve_at);
    for (size_t i = 0; n->kind == N_CONTEXT && i < n->context.n; i++) TRY(node_resolve(p, n->context.v[i].rule));
    if (n->kind == N_MISSING) n->missing.rule = missing_rule(p, n->missing.name);
    return walk(p, n, resolve_at);
}

err node_resolve(struct parsing *p, struct node *n)
{
    if (n->resolved) return NO_ERR;
    n->resolved = true;
    const json_t *before = p->all ? parse_enter(p, written_of(p->all, n).raw) : NULL;
    err e = node_resolve_in(p, n);
    if (e.code == OK) p->at = before;
    return e;
}

/* ---- replacements ---- */

static err replacement_resolve(struct parsing *p, struct replacement *r)
{
    TRY(node_resolve(p, r->definition));
    TRY(node_resolve(p, r->replaced));
    TRY(walk_list(p, &r->only_in, resolve_at));
    return walk_list(p, &r->not_in, resolve_at);
}

/* As text is compared in a dictionary: the reference orders replacements of one priority by name. */
static int by_name(const UCollator *c, str a, str b)
{
    UErrorCode e = U_ZERO_ERROR;
    UCharIterator x, y;
    uiter_setUTF8(&x, a.p, (int32_t)a.n);
    uiter_setUTF8(&y, b.p, (int32_t)b.n);
    return (int)ucol_strcollIter(c, &x, &y, &e);
}

/* The weakest first: by priority, then by name, then as they are defined. */
static int by_strength(const void *a, const void *b, void *collator)
{
    const struct replacement *x = *(struct replacement *const *)a, *y = *(struct replacement *const *)b;
    if (x->priority != y->priority) return x->priority < y->priority ? -1 : 1;
    int order = by_name(collator, x->definition->reference.to->name, y->definition->reference.to->name);
    return order ? order : x->id - y->id;
}

err replacements_collect(struct parsing *p)
{
    struct rulebase *b = p->base;
    b->replacing = NEW_N(p->mem, struct replacing, b->rules.n);
    for (size_t i = 0; i < b->rules.n; i++) {
        struct rule_def *r = b->rules.v[i];
        p->rule = r;
        for (size_t k = 0; k < r->replacements.n; k++) {
            struct replacement *one = r->replacements.v[k];
            TRY(replacement_resolve(p, one));
            if (one->replaced->reference.to->index == RULE_UNKNOWN) continue;
            PUSH(p->mem, &b->replacing[one->replaced->reference.to->index], one);
        }
    }
    for (size_t i = 0; i < b->rules.n; i++)
        if (b->replacing[i].n > 1) qsort_r(b->replacing[i].v, b->replacing[i].n, sizeof *b->replacing[i].v, by_strength, (void *)p->collator);
    return NO_ERR;
}

static bool within(str name, const struct nodes *scopes)
{
    for (size_t i = 0; i < scopes->n; i++)
        if (str_starts(name, scopes->v[i]->reference.to->name)) return true;
    return false;
}

static struct node *shared_find(const struct shared_variations *all, const int *ids, size_t n)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].n == n && memcmp(all->v[i].ids, ids, n * sizeof *ids) == 0) return all->v[i].node;
    return NULL;
}

static struct node *replaced_by(struct parsing *p, struct node *reference, struct replacement **v, size_t n)
{
    int *ids = NEW_N(p->mem, int, n);
    for (size_t i = 0; i < n; i++) ids[i] = v[i]->id;
    struct shared_variations *here = p->base->under ? &p->base->shared : &v[0]->shared;
    struct node *same = shared_find(&v[0]->shared, ids, n);
    if (!same && p->base->under) same = shared_find(here, ids, n);
    if (same) return same;
    struct node *all = node_new(p, N_VARIATIONS);
    all->variations.v = NEW_N(p->mem, struct branch, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct node *by = v[i]->definition;
        if (v[i]->inapplicable) {
            all->variations.v[i] = (struct branch){by, p->inapplicable};
            continue;
        }
        struct node *out = node_new(p, N_IS_INAPPLICABLE);
        out->on.of = by;
        all->variations.v[i] = (struct branch){node_condition(p, out, p->no, p->yes), by};
    }
    all->variations.v[n] = (struct branch){p->yes, reference};
    all->variations.n = n + 1;
    all->form = AS_REPLACED;
    all->replaced = all->shared = true;
    PUSH(p->mem, here, (struct shared_variation){ids, n, all});
    return all;
}

static struct node *replace_reference(struct parsing *p, struct node *n)
{
    const struct rulebase *b = p->base->under ? p->base->under : p->base;
    if ((size_t)n->reference.to->index >= b->rules.n) return n;     /* of the situation: nothing replaces it */
    const struct replacing *all = &b->replacing[n->reference.to->index];
    if (!all->n) return n;
    str reader = n->reference.from->name;
    struct replacement **v = NEW_N(p->mem, struct replacement *, all->n);
    size_t count = 0;
    for (size_t i = all->n; i-- > 0;) {
        struct replacement *r = all->v[i];
        if (r->definition->reference.to == n->reference.from) continue;
        if (r->only_in.n && !within(reader, &r->only_in)) continue;
        if (r->not_in.n && within(reader, &r->not_in)) continue;
        v[count++] = r;
    }
    return count ? replaced_by(p, n, v, count) : n;
}

static bool is_replaced(const struct parsing *p, const struct rule_def *r)
{
    const struct rulebase *b = p->base->under ? p->base->under : p->base;
    return (size_t)r->index < b->rules.n && b->replacing[r->index].n;
}

void replacements_mark(struct parsing *p)
{
    for (size_t i = 0; i < p->references.n; i++) {
        const struct node *n = p->references.v[i];
        if (is_replaced(p, n->reference.to)) n->reference.from->reads_replaced = true;
    }
    for (size_t i = 0; i < p->base->rules.n; i++) {
        struct rule_def *r = p->base->rules.v[i];
        for (size_t k = 0; k < r->parents.n && !r->under_replaced; k++) r->under_replaced = is_replaced(p, r->parents.v[k]->reference.to);
        r->reads_replaced |= r->under_replaced;
    }
}

/* Nothing reads what stands above a $SITUATION, but as in the reference what replaces it there has a type from then on. */
void above_infer(struct parsing *p, struct rule_def *situation, int own)
{
    const struct rule_def *of = situation->situation_of;
    if (of && !of->under_replaced && !is_replaced(p, of)) return;
    p->rule = situation;
    for (struct rule_def *to = situation->holder; to; to = to->holder) {
        if (!is_replaced(p, to)) continue;
        struct node *n = node_reference(p, to->name);
        n->reference.to = to;
        node_infer(node_replace(p, n), own);
    }
}

static err replace_at(struct parsing *p, struct node **at)
{
    *at = node_replace(p, *at);
    return NO_ERR;
}

#define COPY(mem_, slice_) (slice_)->v = memcpy(NEW_N(mem_, __typeof__(*(slice_)->v), (slice_)->n + 1), (slice_)->v, (slice_)->n * sizeof *(slice_)->v)

/* A node met a second time in one rule: where a base comes back to itself, each of its places is evaluated for itself, as in the reference. */
static struct node *again(struct parsing *p, const struct node *n)
{
    struct node *copy = node_new(p, n->kind);
    int id = copy->id;
    *copy = *n;
    copy->id = id;
    copy->copy_of = n->copy_of ? n->copy_of : n->id;
    if (n->kind == N_VARIATIONS) COPY(p->mem, &copy->variations);
    if (n->kind == N_SCALE || n->kind == N_GRID || n->kind == N_PROGRESSIVE) COPY(p->mem, &copy->bands);
    if (n->kind == N_TEXT) COPY(p->mem, &copy->text);
    if (n->kind == N_CONTEXT) COPY(p->mem, &copy->context);
    return copy;
}

struct node *node_replace(struct parsing *p, struct node *n)
{
    if (n->shared || n->kind == N_CONSTANT || n->kind == N_INVERSION || n->kind == N_CHOICES || p->swollen) return n;
    if (n->kind == N_REFERENCE) return replace_reference(p, n);
    if (arena_used_bytes(p->mem) > REPLACED_BYTES_MOST) p->swollen = true;
    if (n->replaced) n = again(p, n);
    n->replaced = true;
    (void)walk(p, n, replace_at); /* replace_at never fails */
    return n;
}
