/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* engine.c — a base is parsed, its names resolved, its replacements put in place, its types inferred; then it is only read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ucol.h>
#include "base/words.h"
#include "rules/evaluate.h"

#define BASE_BYTES_MOST ((size_t)256 << 20)
#define STEPS_MOST INT64_C(20000000)
#define EVALUATION_BYTES_MOST ((size_t)64 << 20)
#define DEPTH_MOST 3000

/* ---- the base ---- */

static struct node *flagged(struct node *n)
{
    n->resolved = n->replaced = true;
    (void)node_infer(n, 0);
    return n;
}

static void constants_make(struct parsing *p)
{
    struct rulebase *b = p->base;
    p->yes = b->yes = flagged(node_bool(p, true));
    p->no = b->no = flagged(node_bool(p, false));
    for (int i = 0; i < 2; i++) {
        struct node *n = node_new(p, N_CONSTANT);
        n->constant.value = (struct rule_answer){.kind = i ? ANSWER_UNDEFINED : ANSWER_INAPPLICABLE, .unit = UNIT_ABSENT};
        n->type.nullable = i ? TRI_NO : TRI_YES;
        n->typed = true;
        *(i ? &b->undefined : &b->inapplicable) = flagged(n);
    }
    p->inapplicable = b->inapplicable;
    p->undefined = b->undefined;
    b->expression = NEW(p->mem, struct rule_def);
    b->expression->name = S("$EVALUATION");
    b->expression->index = -1;
    b->expression->private = true;
}

/* Up to its last segment, whose start is *last; absent: it lies in none. */
static str holder_name(const struct rule_def *r, size_t *last)
{
    for (size_t i = r->name.n; i-- > 3;) {
        if (memcmp(r->name.p + i - 3, " . ", 3) != 0) continue;
        *last = i;
        return str_cut(r->name, 0, i - 3);
    }
    return STR_NONE;
}

static err parent_missing(struct parsing *p, str name)
{
    err e = parse_fault(p, "no_parent", "la règle parente « %.*s » n’existe pas", STR_ARG(name));
    return parse_go_on(p, e);
}

static void parent_add(struct parsing *p, struct rule_def *r, struct rule_def *to)
{
    struct node *n = node_reference(p, str_cut(r->name, 0, to->name.n));
    const struct rule_def *said = to->is_situation ? said_of(p->said, p->n_said, to) : NULL;
    n->reference.to = said ? (struct rule_def *)(uintptr_t)said : to;
    PUSH(p->mem, &r->parents, n);
}

/* Nearest first: the rule it lies in, then those that one lies in. */
static err parents_make(struct parsing *p, struct rule_def *r)
{
    size_t last = 0;
    str name = holder_name(r, &last);
    p->rule = r;
    r->has_parents = true;
    r->secluded = r->private;
    struct rule_def *to = r->holder = name.n ? rule_find(p->base, name) : NULL;
    if (to && !p->base->under) to->held |= name_bit(str_cut(r->name, last, r->name.n));         /* for who looks for a name there; a base is only read */
    if (!name.n || r->is_situation) return NO_ERR;          /* a situation is not disabled by what stands above */
    if (!to) return parent_missing(p, name);
    if (!to->has_parents) {
        const json_t *before = parse_enter(p, to->raw);
        TRY(parents_make(p, to));
        p->at = before;
        p->rule = r;
    }
    r->secluded = r->secluded || to->private || to->secluded;
    parent_add(p, r, to);
    if (!p->base->under)
        for (size_t k = 0; k < to->parents.n; k++) parent_add(p, r, to->parents.v[k]->reference.to);
    for (str at = p->base->under ? holder_name(to, &last) : STR_NONE; at.n && to; at = to ? holder_name(to, &last) : STR_NONE)
        if ((to = rule_find(p->base, at))) parent_add(p, r, to);            /* those of a base have been replaced since */
    return NO_ERR;
}

static err rule_resolve(struct parsing *p, struct rule_def *r)
{
    p->rule = r;
    TRY(node_resolve(p, r->value));
    if (r->choices) TRY(node_resolve(p, r->choices));
    for (size_t k = 0; k < r->suggestions.n; k++) TRY(node_resolve(p, r->suggestions.v[k]));
    return NO_ERR;
}

/* What « le maximum de » and « le minimum de » list belongs to private rules, but is read by the rule that lists: as in the reference,
   replacements leave it alone, unless a rule above is replaced. */
static void rule_replace(struct parsing *p, struct rule_def *r)
{
    if (r->reads_replaced) {
        r->value = node_replace(p, r->value);
        for (size_t k = 0; k < r->parents.n; k++) r->parents.v[k] = node_replace(p, r->parents.v[k]);
    }
    r->exposed = !r->private && rule_is_accessible(p->base, STR_NONE, r);
}

/* own: ids below it are of another base, only read. */
static void rule_infer(struct rule_def *r, int own)
{
    node_infer(&r->node, own);
    for (size_t k = 0; k < r->parents.n; k++) node_infer(r->parents.v[k], own);
}

static err rules_finish(struct parsing *p, int own)
{
    struct rulebase *b = p->base;
    for (size_t i = 0; i < b->rules.n; i++) {
        const json_t *before = parse_enter(p, b->rules.v[i]->raw);
        if (!b->rules.v[i]->value) b->rules.v[i]->value = p->undefined;         /* at fault, and noted */
        if (!b->rules.v[i]->has_parents) TRY(parents_make(p, b->rules.v[i]));
        p->at = before;
    }
    for (size_t i = 0; i < b->rules.n; i++) {
        const json_t *before = parse_enter(p, b->rules.v[i]->raw);
        TRY(rule_resolve(p, b->rules.v[i]));
        p->at = before;
    }
    if (!b->under) TRY(replacements_collect(p));
    b->references = p->references;
    replacements_mark(p);
    for (size_t i = 0; i < b->rules.n; i++) rule_replace(p, b->rules.v[i]);
    if (p->swollen) return parse_fault(p, "too_large", "les remplacements font trop de calculs");
    for (size_t i = 0; i < b->rules.n; i++) {
        rule_infer(b->rules.v[i], own);
        if (b->rules.v[i]->is_situation && b->replacing) above_infer(p, b->rules.v[i], own);
    }
    return NO_ERR;
}

static str today_of(arena *mem, const struct rulebase_options *o)
{
    if (o && o->today.n) return o->today;
    time_t now = time(NULL);
    struct tm t;
    gmtime_r(&now, &t);
    return str_fmt(mem, "%02d/%02d/%d", t.tm_mday, t.tm_mon + 1, t.tm_year + 1900);
}

static err build(struct parsing *p, json_t *rules)
{
    constants_make(p);
    TRY(rules_parse(p, NULL, rules));
    return rules_finish(p, 0);
}

err rulebase_new(struct rulebase **out, json_t *rules, const struct rulebase_options *options, struct rule_fault *fault)
{
    return rulebase_new_checked(out, rules, options, NULL, fault);
}

err rulebase_new_checked(struct rulebase **out, json_t *rules, const struct rulebase_options *options, struct parse_faults *all, struct rule_fault *fault)
{
    arena *mem = arena_new(BASE_BYTES_MOST);
    struct rulebase *b = NEW(mem, struct rulebase);
    UErrorCode e = U_ZERO_ERROR;
    *fault = (struct rule_fault){0};
    b->mem = mem;
    b->units = unit_table_new(mem);
    b->hash = base_hash_new(mem);
    b->today = str_copy(mem, today_of(mem, options));
    b->filter_choices = options && options->filter_choices;
    b->collator = ucol_open("", &e);
    b->source = json_incref(rules);
    struct parsing p = {.mem = mem, .base = b, .units = b->units, .n_nodes = &b->n_nodes, .fault = fault, .collator = b->collator, .all = all};
    err built = b->collator ? build(&p, rules) : FAIL(E_INTERNAL, W("rules.fault"));
    if (built.code == OK) return *out = b, NO_ERR;
    static _Thread_local char message[600], rule[300]; /* they outlive the base */
    *fault = (struct rule_fault){.code = fault->code,
                                 .message = {message, (size_t)snprintf(message, sizeof message, "%.*s", STR_ARG(fault->message))},
                                 .rule = {rule, (size_t)snprintf(rule, sizeof rule, "%.*s", STR_ARG(fault->rule))}};
    if (fault->message.n >= sizeof message) fault->message.n = sizeof message - 1;
    if (fault->rule.n >= sizeof rule) fault->rule.n = sizeof rule - 1;
    rulebase_free(b);
    return FAIL_AT(built.code, built.msg, message);
}

void rulebase_free(struct rulebase *b)
{
    if (!b) return;
    if (b->collator) ucol_close(b->collator);
    json_decref(b->source);
    arena_free(b->mem);
}

static bool listed(const struct rule_def *r) { return r->exposed && !r->is_internal; }

size_t rulebase_count(const struct rulebase *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->rules.n; i++) n += listed(b->rules.v[i]);
    return n;
}

static const struct rule_def *listed_at(const struct rulebase *b, size_t at)
{
    for (size_t i = 0; i < b->rules.n; i++)
        if (listed(b->rules.v[i]) && at-- == 0) return b->rules.v[i];
    return NULL;
}

str rulebase_name(const struct rulebase *b, size_t i)
{
    const struct rule_def *r = listed_at(b, i);
    return r ? r->name : STR_NONE;
}

json_t *rulebase_raw(const struct rulebase *b, size_t i)
{
    const struct rule_def *r = listed_at(b, i);
    return r ? r->raw : NULL;
}

bool rulebase_has(const struct rulebase *b, str name)
{
    const struct rule_def *r = rule_find(b, name);
    return r && listed(r);
}

json_t *rulebase_definition(const struct rulebase *b, str name)
{
    const struct rule_def *r = rule_find(b, name);
    return r && !r->is_situation && !r->is_internal ? r->raw : NULL;
}

size_t rulebase_bytes(const struct rulebase *b) { return arena_used_bytes(b->mem); }

/* ---- the evaluator ---- */

static struct parsing parsing_of(struct evaluator *ev, struct rule_fault *fault)
{
    const struct rulebase *b = ev->base;
    return (struct parsing){.mem = ev->mem, .base = ev->own, .units = ev->units, .n_nodes = &ev->n_nodes, .fault = fault, .said = ev->said, .n_said = ev->n_said, .yes = b->yes,
                            .no = b->no, .inapplicable = b->inapplicable, .undefined = b->undefined, .collator = b->collator};
}

/* The cache stays from one situation to the next: giving a large block back to the system costs more than emptying it. */
static void cache_grow(struct evaluator *ev)
{
    if ((size_t)ev->n_nodes <= ev->cache_cap) return;
    size_t cap = (size_t)ev->n_nodes + ev->cache_cap / 2 + 256;
    ev->cache = arena_grow(ev->keep, ev->cache, ev->cache_cap * sizeof *ev->cache, cap * sizeof *ev->cache);
    ev->cache_cap = cap;
}

static void situation_empty(struct evaluator *ev)
{
    arena_reset(ev->mem);
    ev->n_said = ev->base->rules.n + ev->base->n_stubs;
    ev->said = NEW_N(ev->mem, struct rule_def *, ev->n_said);
    ev->own = NEW(ev->mem, struct rulebase);
    *ev->own = (struct rulebase){.mem = ev->mem, .under = ev->base, .replacing = ev->base->replacing, .today = ev->base->today, .filter_choices = ev->base->filter_choices};
    ev->n_nodes = ev->situation_nodes = ev->base->n_nodes + (int)ev->base->rules.n;
    if (ev->cache) memset(ev->cache, 0, ev->cache_cap * sizeof *ev->cache);
    ev->rules = ev->parents = (struct stack){0};
    ev->subs.v = NULL;
    ev->subs.n = 0;
    cache_grow(ev);
    ev->stale = false;
    if (ev->given_some) memcpy(ev->said, ev->given, ev->base->rules.n * sizeof *ev->said);
}

struct evaluator *evaluator_new(const struct rulebase *b, const struct evaluator_limits *limits)
{
    arena *keep = arena_new(EVALUATION_BYTES_MOST);
    struct evaluator *ev = NEW(keep, struct evaluator);
    ev->keep = keep;
    ev->base = b;
    ev->root = ev;
    ev->limits = limits ? *limits : (struct evaluator_limits){0};
    if (!ev->limits.steps) ev->limits.steps = STEPS_MOST;
    if (!ev->limits.bytes) ev->limits.bytes = EVALUATION_BYTES_MOST;
    if (!ev->limits.depth) ev->limits.depth = DEPTH_MOST;
    ev->mem = arena_new(ev->limits.bytes * 2);
    ev->units = unit_table_copy(keep, b->units);
    situation_empty(ev);
    return ev;
}

void evaluator_free(struct evaluator *ev)
{
    if (!ev) return;
    arena_free(ev->mem);
    arena_free(ev->keep);
}

static err said_parse(struct evaluator *ev, struct parsing *p, str name, json_t *value)
{
    struct rule_def *rule = rule_find(ev->base, name);
    p->rule = rule;
    if (!rule || rule->is_situation || rule->is_internal) {
        p->rule = NULL;
        return parse_fault(p, "unknown_rule", "« %.*s » n’existe pas dans la base de règles", STR_ARG(name));
    }
    if (rule->private) return parse_fault(p, "private", "la règle « %.*s » est privée", STR_ARG(name));
    return rule_parse_said(p, rule->situation, value, &ev->said[rule->situation->index]);
}

/* Only then are their names looked for: one may read another. */
static err said_finish(struct evaluator *ev, struct parsing *p)
{
    int own = ev->base->n_nodes;
    for (size_t i = 0; i < ev->base->rules.n; i++)
        if (ev->said[i]) TRY(rule_resolve(p, ev->said[i]));
    TRY(rules_finish(p, own));
    for (size_t i = 0; i < ev->base->rules.n; i++) {
        if (!ev->said[i]) continue;
        rule_replace(p, ev->said[i]);
        rule_infer(ev->said[i], own);
    }
    return NO_ERR;
}

static err situation_parse(struct evaluator *ev, struct parsing *p, json_t *situation)
{
    const char *name;
    json_t *value;
    if (situation && !json_is_null(situation) && !json_is_object(situation))
        return parse_fault(p, "situation", "une situation va de règles à leurs valeurs");
    json_object_foreach(situation, name, value) TRY(said_parse(ev, p, str_of(name), value));
    return said_finish(ev, p);
}

/* A situation may hold rules of its own (`avec`), which an inversion or a circular reference may seek. */
static void said_room(struct evaluator *ev, struct parsing *p)
{
    size_t n = ev->base->rules.n + ev->base->n_stubs + ev->own->rules.n + ev->own->n_stubs;
    p->said = ev->said = arena_grow(ev->mem, ev->said, ev->n_said * sizeof *ev->said, n * sizeof *ev->said);
    p->n_said = ev->n_said = n;
    ev->own_ids = ev->n_nodes;
    ev->n_nodes += (int)(ev->own->rules.n + ev->own->n_stubs);
}

/* One line, parsed, its names found, replaced and typed. */
static err expression_ready(struct evaluator *ev, struct parsing *p, str text, struct node **out)
{
    p->rule = ev->base->expression;
    TRY(expression_parse(p, text, out));
    TRY(node_resolve(p, *out));
    *out = node_replace(p, *out);
    node_infer(*out, ev->base->n_nodes);
    cache_grow(ev);
    return NO_ERR;
}

/* A value given to a rule with choices must be of their class of units; as in the reference, it is read from outside that rule. */
static err said_check(struct evaluator *ev, struct parsing *p)
{
    ev->failed = false;
    ev->steps = ev->depth = 0;
    for (size_t i = 0; i < ev->base->rules.n; i++) {
        const struct rule_def *rule = ev->base->rules.v[i];
        if (!rule->choices || !rule->situation || !ev->said[rule->situation->index]) continue;
        const struct rule_def *said = ev->said[rule->situation->index];
        json_t *raw = json_object_get(said->raw, "valeur");
        struct node *n = said->value;
        if (json_is_string(raw) && json_object_size(said->raw) == 1) TRY(expression_ready(ev, p, json_text(raw), &n));
        const struct outcome *o = eval(ev, n);
        p->rule = rule->situation;
        if (ev->failed) return parse_fault(p, ev->fault.code, "%.*s", STR_ARG(ev->fault.message));
        if (!is_comparable(ev->units, rule->choices, &o->a))
            return parse_fault(p, "unit", "l’unité « %.*s » n’est pas celle des possibilités", STR_ARG(unit_text(ev->units, o->a.unit)));
        choices_look(ev, rule->choices, o);
        if (ev->failed) return parse_fault(p, ev->fault.code, "%.*s", STR_ARG(ev->fault.message));
    }
    return NO_ERR;
}

err evaluator_situation(struct evaluator *ev, json_t *situation, struct rule_fault *fault)
{
    *fault = (struct rule_fault){0};
    ev->given_some = false;
    situation_empty(ev);
    struct parsing p = parsing_of(ev, fault);
    err e = situation_parse(ev, &p, situation);
    said_room(ev, &p);
    ev->situation_nodes = ev->n_nodes;
    cache_grow(ev);
    if (e.code == OK) e = said_check(ev, &p);
    if (e.code != OK) {
        *fault = (struct rule_fault){str_copy(ev->keep, fault->rule), str_copy(ev->keep, fault->message), fault->code};
        situation_empty(ev);
        return FAIL(e.code, e.msg);
    }
    return NO_ERR;
}

static int by_name(const void *a, const void *b)
{
    const struct rule_missing *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static void missing_tell(struct evaluator *ev, const struct missing_set *set)
{
    ev->last_missing.v = NEW_N(ev->mem, struct rule_missing, set->n + 1);
    ev->last_missing.n = 0;
    for (size_t i = 0; i < set->n; i++)
        ev->last_missing.v[ev->last_missing.n++] = (struct rule_missing){set->v[i].rule->name, set->v[i].score};
    qsort(ev->last_missing.v, ev->last_missing.n, sizeof *ev->last_missing.v, by_name);
}

static err value_tell(struct evaluator *ev, const struct node *n, struct rule_answer *out, struct rule_fault *fault)
{
    cache_grow(ev);
    ev->rules.n = ev->parents.n = 0;
    ev->steps = ev->depth = 0;
    ev->failed = false;
    ev->last = n;
    const struct outcome *o = eval(ev, n);
    missing_tell(ev, ev->failed ? &missing_none : o->missing);
    if (ev->failed) {
        *fault = ev->fault;
        return FAIL_AT(E_INVALID, W("rules.fault"), str_z(ev->mem, ev->fault.message));
    }
    *out = o->a;
    return NO_ERR;
}

err evaluator_value(struct evaluator *ev, str expression, struct rule_answer *out, struct rule_fault *fault)
{
    struct node *n;
    *fault = (struct rule_fault){0};
    *out = (struct rule_answer){.kind = ANSWER_UNDEFINED, .unit = UNIT_ABSENT};
    if (ev->stale) situation_empty(ev);
    struct parsing p = parsing_of(ev, fault);
    if (arena_used_bytes(ev->mem) > ev->limits.bytes) return parse_fault(&p, "too_large", "le calcul demande trop de mémoire");
    TRY(expression_ready(ev, &p, str_copy(ev->mem, expression), &n));
    return value_tell(ev, n, out, fault);
}

str evaluator_unit(struct evaluator *ev, const struct rule_answer *a) { return unit_text(ev->units, a->unit); }

size_t evaluator_missing(struct evaluator *ev, const struct rule_missing **out)
{
    *out = ev->last_missing.v;
    return ev->last_missing.n;
}

enum rule_type evaluator_type(const struct evaluator *ev, str rule)
{
    const struct rule_def *r = rule_find(ev->base, rule);
    return r ? r->node.type.type : RULE_TYPE_UNKNOWN;
}

/* ---- rules by number, values one by one ---- */

int rulebase_rule(const struct rulebase *b, str name)
{
    const struct rule_def *r = rule_find(b, name);
    return r && !r->is_situation && !r->is_internal && (size_t)r->index < b->rules.n ? r->index : -1;
}

str rulebase_rule_name(const struct rulebase *b, int rule) { return (size_t)rule < b->rules.n ? b->rules.v[rule]->name : STR_NONE; }

size_t rulebase_rules(const struct rulebase *b) { return b->rules.n + b->n_stubs; }

void evaluator_today(struct evaluator *ev, str today)
{
    ev->today = str_copy(ev->keep, today);
    ev->stale = true;
}

/* In the place of what a situation says, with the ids kept for one value a rule. */
static struct rule_def *given_new(struct evaluator *ev, const struct rule_def *situation)
{
    struct rule_def *said = NEW(ev->keep, struct rule_def);
    *said = *situation;
    said->value = NEW(ev->keep, struct node);
    *said->value = (struct node){.kind = N_CONSTANT, .id = ev->base->n_nodes + situation->index, .typed = true, .resolved = true, .replaced = true};
    return said;
}

void evaluator_give(struct evaluator *ev, int rule, const struct rule_answer *value)
{
    static const enum rule_type types[] = {[ANSWER_BOOL] = RULE_TYPE_BOOL, [ANSWER_NUMBER] = RULE_TYPE_NUMBER, [ANSWER_STRING] = RULE_TYPE_STRING};
    const struct rule_def *situation = ev->base->rules.v[rule]->situation;
    if (!ev->given) ev->given = NEW_N(ev->keep, struct rule_def *, ev->base->rules.n);
    if (!ev->given_some) memset(ev->given, 0, ev->base->rules.n * sizeof *ev->given);
    ev->given_some = ev->stale = true;
    struct rule_def **at = &ev->given[situation->index];
    if (value->kind == ANSWER_UNDEFINED) {
        *at = NULL;
        return;
    }
    if (!*at) *at = given_new(ev, situation);
    struct node *n = (*at)->value;
    n->constant.value = *value;
    n->constant.value.unit = UNIT_ABSENT;
    if (value->kind == ANSWER_STRING) n->constant.value.string = str_copy(ev->keep, value->string);
    n->type.type = value->kind < sizeof types / sizeof *types ? types[value->kind] : RULE_TYPE_UNKNOWN;
    n->type.nullable = value->kind == ANSWER_INAPPLICABLE ? TRI_YES : TRI_NO;
    (*at)->node.type = n->type;
}

err evaluator_rule(struct evaluator *ev, int rule, struct rule_answer *out, struct rule_fault *fault)
{
    *fault = (struct rule_fault){0};
    *out = (struct rule_answer){.kind = ANSWER_UNDEFINED, .unit = UNIT_ABSENT};
    if (ev->stale) situation_empty(ev);
    return value_tell(ev, &ev->base->rules.v[rule]->node, out, fault);
}
