/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_use.c — rules that nobody reads, and rules read that nobody can give. With goals, what no goal needs is not used. Without, a rule that
   no other reads is taken for a result as soon as something in it is written for people: a title, a question, a description, examples… */
#include <string.h>
#include "rules/checking.h"

enum { DEPTH_MOST = 1500 };

struct walk {
    struct check *c;
    int *seen, turn, depth;
    bool *reached, *wanted;             /* by index; wanted: for its value. NULL: not asked */
    struct { const struct rule_def **v; size_t n; } todo;
    const struct rule_def *reader;
};

static void reach(struct walk *w, const struct rule_def *r)
{
    if (r->index == RULE_UNKNOWN) return;
    if (w->wanted) w->wanted[r->index] = true;
    if (w->reached[r->index]) return;
    w->reached[r->index] = true;
    PUSH(w->c->work, &w->todo, r);
}

static void use_visit(void *arg, const struct node *n)
{
    struct walk *w = arg;
    if (w->seen[n->id] == w->turn || w->depth >= DEPTH_MOST) return;
    w->seen[n->id] = w->turn;
    if (n->kind == N_REFERENCE && n->reference.to != w->reader) reach(w, n->reference.to);
    w->depth++;
    node_children(n, use_visit, w);
    w->depth--;
}

/* What a rule reads, when it is reached; of itself, nothing. */
static void reads(struct walk *w, const struct rule_def *r)
{
    w->turn++;
    w->reader = r;
    use_visit(w, r->value);
    bool *wanted = w->wanted;
    w->wanted = NULL;                   /* a choice is named, not read */
    if (r->choices) use_visit(w, r->choices);
    w->wanted = wanted;
}

static void follow(struct walk *w)
{
    while (w->todo.n) {
        const struct rule_def *r = w->todo.v[--w->todo.n];
        reads(w, r);
        for (size_t i = 0; i < r->parents.n; i++) use_visit(w, r->parents.v[i]);
        for (size_t i = 0; i < r->suggestions.n; i++) use_visit(w, r->suggestions.v[i]);
    }
}

static bool says(const struct rule_def *r, const char *key)
{
    const json_t *v = json_object_get(r->raw, key);
    return v && !json_is_null(v) && !json_is_false(v);
}

static bool for_people(const struct rule_def *r)
{
    static const char *const keys[] = {"titre", "question", "description", "résumé", "note", "références", "exemples", "suggestions", "icônes",
                                       "métadonnées"};
    if (r->private) return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (says(r, keys[i])) return true;
    return false;
}

static bool is_asked(const struct check *c, const struct rule_def *r) { return c->fields[r->index] || (!c->options->field && says(r, "question")); }

static void unused_tell(struct check *c, const bool *used, const bool *holds, const char *key)
{
    for (size_t i = 0; i < c->base->rules.n; i++) {
        const struct rule_def *r = c->base->rules.v[i];
        if (used[i] || holds[i] || r->is_situation || r->is_internal || c->is_faulty[i] || c->fields[i] || r->replacements.n) continue;
        c->rule = r;
        c->at = NULL;
        check_tell(c, "unused", RULES_WARNING, key);
    }
}

/* Rules that hold one that is used. */
static bool *holding(struct check *c, const bool *used)
{
    bool *holds = NEW_N(c->work, bool, c->base->rules.n);
    for (size_t i = 0; i < c->base->rules.n; i++) {
        const struct rule_def *r = c->base->rules.v[i];
        if (r->is_situation || r->is_internal || !used[i]) continue;
        for (size_t n = r->name.n; n-- > 3;) {
            const struct rule_def *p = memcmp(r->name.p + n - 3, " . ", 3) == 0 ? rule_find(c->base, str_cut(r->name, 0, n - 3)) : NULL;
            if (p) holds[p->index] = true;
        }
    }
    return holds;
}

static void nobody_gives(struct check *c, const bool *wanted)
{
    for (size_t i = 0; i < c->base->rules.n; i++) {
        const struct rule_def *r = c->base->rules.v[i];
        if (!wanted[i] || !c->says_nothing[i] || r->is_situation || r->is_internal || c->is_faulty[i]) continue;
        if (r->choices || c->base->replacing[i].n || c->is_set[i] || is_asked(c, r)) continue;
        enum rules_severity severity = c->options->field || r->private ? RULES_ERROR : RULES_WARNING;
        c->rule = r;
        c->at = NULL;
        check_tell(c, "no_value", severity, c->options->field ? W("rules.check.not_asked") : W("rules.check.no_value"));
    }
}

void check_use(struct check *c)
{
    size_t n = c->base->rules.n;
    struct walk w = {.c = c, .seen = NEW_N(c->work, int, c->base->n_nodes), .reached = c->is_read, .wanted = NEW_N(c->work, bool, n)};
    for (size_t i = 0; i < n; i++) reads(&w, c->base->rules.v[i]);
    nobody_gives(c, w.wanted);
    w.wanted = NULL;
    bool *used = NEW_N(c->work, bool, n);
    struct strs goals = c->options->goals;
    if (!goals.n) {
        for (size_t i = 0; i < n; i++) used[i] = c->is_read[i] || for_people(c->base->rules.v[i]);
        unused_tell(c, used, holding(c, used), W("rules.check.unused"));
        return;
    }
    w.reached = used;
    w.todo.n = 0;
    for (size_t i = 0; i < goals.n; i++) {
        const struct rule_def *r = rule_find(c->base, goals.v[i]);
        if (r) reach(&w, r);
    }
    memset(w.seen, 0, sizeof *w.seen * (size_t)c->base->n_nodes);
    follow(&w);
    unused_tell(c, used, holding(c, used), W("rules.check.not_needed"));
}
