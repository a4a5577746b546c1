/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check.c — what the parser finds, then facts (types, units, what never changes), cycles, use. */
#include "rules/check.h"
#include <stdlib.h>
#include <string.h>
#include "formats/yaml.h"
#include "rules/checking.h"

#define ARENA_BYTES ((size_t)256 << 20)

static const struct rules_check_options usual = {.lang = LANG_FR};

/* ---- what is known before the facts ---- */

static struct rules_field *field_of(struct check *c, const struct rule_def *r)
{
    struct rules_field f = {0};
    if (!c->options->field || r->private || r->is_internal || !c->options->field(c->options->arg, r->name, &f)) return NULL;
    struct rules_field *kept = NEW(c->work, struct rules_field);
    *kept = f;
    return kept;
}

struct sets { struct check *c; int *seen; int depth; };

static void sets_visit(void *arg, const struct node *n)
{
    struct sets *s = arg;
    if (s->seen[n->id] || s->depth > 1500) return;
    s->seen[n->id] = 1;
    if (n->kind == N_INVERSION) s->c->is_set[n->inversion->rule->index] = true;
    if (n->kind == N_FIXED_POINT) s->c->is_set[n->fixed_point.rule->index] = true;
    for (size_t i = 0; n->kind == N_INVERSION && i < n->inversion->goals.n; i++)
        if (n->inversion->goals.v[i]->reference.to->index != RULE_UNKNOWN) s->c->is_set[n->inversion->goals.v[i]->reference.to->index] = true;
    for (size_t i = 0; n->kind == N_CONTEXT && i < n->context.n; i++)
        if (n->context.v[i].rule->reference.to->index != RULE_UNKNOWN) s->c->is_set[n->context.v[i].rule->reference.to->index] = true;
    s->depth++;
    node_children(n, sets_visit, s);
    s->depth--;
}

static void known(struct check *c)
{
    size_t n = c->base->rules.n;
    struct sets s = {.c = c, .seen = NEW_N(c->work, int, c->base->n_nodes)};
    c->facts = NEW_N(c->work, struct fact, c->base->n_nodes);
    c->fields = NEW_N(c->work, struct rules_field *, n);
    c->is_set = NEW_N(c->work, bool, n);
    c->is_read = NEW_N(c->work, bool, n);
    c->says_nothing = NEW_N(c->work, bool, n);
    c->is_faulty = NEW_N(c->work, bool, n);
    for (size_t i = 0; i < n; i++) {
        c->fields[i] = field_of(c, c->base->rules.v[i]);
        sets_visit(&s, c->base->rules.v[i]->value);
    }
    for (size_t i = 0; i < c->all.faults.n; i++) {
        const struct rule_def *r = rule_find(c->base, c->all.faults.v[i].rule);
        if (r) c->is_faulty[r->index] = true;
    }
}

/* ---- all ---- */

static void look(struct check *c)
{
    struct evaluator_limits limits = {.steps = 20000, .depth = 500};
    c->ev = evaluator_new(c->base, &limits);
    c->units = c->ev->units = unit_table_copy(c->work, c->base->units);
    known(c);
    for (size_t i = 0; i < c->base->rules.n; i++) {
        c->rule = c->base->rules.v[i];
        if (!c->rule->is_situation) check_fact(c, &c->rule->node);
    }
    check_wanted(c);
    check_cycles(c);
    check_use(c);
    evaluator_free(c->ev);
}

static int severity_then(const void *a, const void *b)
{
    const struct rules_finding *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return x->severity != y->severity ? x->severity < y->severity ? -1 : 1 : strcmp(x->code, y->code);
}

void rules_check(arena *mem, json_t *rules, const struct rules_check_options *options, struct rules_findings *out)
{
    struct check c = {.mem = mem, .work = arena_new(ARENA_BYTES), .options = options ? options : &usual, .rules = rules, .out = out};
    struct rule_fault fault = {0};
    *out = (struct rules_findings){0};
    c.all.mem = c.work;
    err e = rulebase_new_checked(&c.base, rules, NULL, &c.all, &fault);
    for (size_t i = 0; i < c.all.faults.n; i++) {
        const struct parse_fault_at *f = &c.all.faults.v[i];
        check_add(&c, f->rule, f->at, f->code, RULES_ERROR, str_copy(mem, f->message));
    }
    c.told = 0;
    if (e.code == OK) look(&c);
    else check_add(&c, fault.rule, NULL, fault.code, RULES_ERROR, str_copy(mem, fault.message));
    if (e.code == OK) rulebase_free(c.base);
    arena_free(c.work);
}

/* ---- text ---- */

static void yaml_fault(arena *mem, err e, struct mark at, enum lang lang, struct rules_findings *out)
{
    out->errors++;
    PUSH(mem, out, (struct rules_finding){.code = "yaml", .message = words(lang, e.msg), .line = at.line, .column = at.column});
}

struct mark rules_finding_mark(const struct rules_finding *f, const struct marks *marks, const json_t *root)
{
    bool of_rule = strcmp(f->code, "unused") == 0 || strcmp(f->code, "no_value") == 0 || strcmp(f->code, "cycle") == 0;
    return of_rule ? marks_key(marks, root, f->path) : marks_find(marks, root, f->path);
}

void rules_check_text(arena *mem, str yaml, const struct rules_check_options *options, struct rules_findings *out)
{
    json_t *rules;
    struct marks *marks;
    struct mark at = {0};
    if (!options) options = &usual;
    *out = (struct rules_findings){0};
    err e = yaml.n > RULES_TEXT_MOST ? FAIL(E_TOO_LARGE, W("rules.check.too_large")) : yaml_parse_marked(mem, yaml, &rules, &marks, &at);
    if (e.code != OK) {
        yaml_fault(mem, e, at, options->lang, out);
        return;
    }
    rules_check(mem, rules, options, out);
    for (size_t i = 0; i < out->n; i++) {
        struct rules_finding *f = &out->v[i];
        at = rules_finding_mark(f, marks, rules);
        f->line = at.line;
        f->column = at.column;
    }
    if (out->n) qsort(out->v, out->n, sizeof *out->v, severity_then);
}
