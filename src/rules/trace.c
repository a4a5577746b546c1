/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace.c — a trace is read from the cache of an evaluator that evaluated nothing else; the steps inside a rule: trace_steps.c. */
#include "rules/trace.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/words.h"
#include "rules/trace_inside.h"

enum { SITUATION_NESTING_MOST = JSON_MAX_DEPTH / 2 };

/* ---- version of the rules ---- */

struct base_hash { pthread_mutex_t lock; str hex; arena *mem; };

static void hash_free(void *arg)
{
    struct base_hash *h = arg;
    pthread_mutex_destroy(&h->lock);
    arena_free(h->mem);
}

struct base_hash *base_hash_new(arena *mem)
{
    struct base_hash *h = NEW(mem, struct base_hash);
    pthread_mutex_init(&h->lock, NULL);
    h->mem = arena_new(0);
    arena_defer(mem, hash_free, h);
    return h;
}

str rulebase_hash(const struct rulebase *b)
{
    struct base_hash *h = b->hash;
    pthread_mutex_lock(&h->lock);
    if (!h->hex.n) {
        arena *mem = arena_new(0);
        struct hash32 hash = hash_blake2b(json_canonical(mem, b->source));
        h->hex = hex_of(h->mem, hash.b, sizeof hash.b);
        arena_free(mem);
    }
    pthread_mutex_unlock(&h->lock);
    return h->hex;
}

str rulebase_today(const struct rulebase *b) { return b->today; }

/* ---- what was evaluated ---- */

const struct outcome *trace_known(const struct trace_world *t, const struct node *n)
{
    if (n->id >= 0 && (size_t)n->id < t->ev->cache_cap && t->ev->cache[n->id]) return t->ev->cache[n->id];
    return n->kind == N_REFERENCE ? trace_known(t, &n->reference.to->node) : NULL;
}

void trace_queue(struct trace_world *t, const struct rule_def *r)
{
    if (r->is_situation || r->is_internal || r->index < 0 || (size_t)r->index >= t->ev->base->rules.n || t->queued[r->index]) return;
    t->queued[r->index] = true;
    PUSH(t->w->mem, &t->queue, r);
}

static int by_text(const void *a, const void *b) { return str_cmp(*(const str *)a, *(const str *)b); }

static json_t *missing_json(struct trace_world *t, const struct missing_set *set)
{
    str *names = NEW_N(t->w->mem, str, set->n + 1);
    json_t *out = json_array();
    for (size_t i = 0; i < set->n; i++) names[i] = set->v[i].rule->name;
    qsort(names, set->n, sizeof *names, by_text);
    for (size_t i = 0; i < set->n; i++) json_array_append_new(out, json_from_str(names[i]));
    return out;
}

/* ---- a rule ---- */

/* Under what goes around it (rounding, ceilings, units): where the value comes from. */
static const char *source_of(struct trace_world *t, const struct node *n)
{
    const struct node *value;
    const char *said;
    for (;;) {
        switch (n->form) {
        case AS_APPLICABLE_IF: case AS_INAPPLICABLE_IF: n = n->condition.then; continue;
        case AS_CEILING: case AS_FLOOR: n = n->condition.otherwise; continue;
        case AS_ALLOWANCE: n = n->condition.otherwise->operation.a; continue;
        case AS_DEFAULT:
            if (trace_is_default(t, n)) return "default";
            n = n->condition.otherwise;
            continue;
        case AS_SITUATION: return (said = trace_said(t, n, &value)) ? said : "definition";
        default: break;
        }
        if (n->kind == N_ROUND || n->kind == N_UNIT || (n->kind == N_SIMPLIFY && n->form == AS_WRITTEN)) n = n->on.of;
        else if (n->kind == N_MISSING) n = n->missing.of;
        else return "definition";
    }
}

static const struct rule_def *rule_of(const struct node *n)
{
    if (n->kind == N_VARIATIONS && n->form == AS_REPLACED) n = n->variations.v[n->variations.n - 1].consequence;
    return n->kind == N_REFERENCE ? n->reference.to : NULL;
}

static bool is_missing_itself(const struct outcome *o, const struct rule_def *r)
{
    for (size_t i = 0; i < o->missing->n; i++)
        if (o->missing->v[i].rule == r) return o->a.kind == ANSWER_UNDEFINED;
    return false;
}

static void how(struct trace_world *t, const struct rule_def *r, const struct outcome *o, bool whether, json_t *out)
{
    const struct outcome *choices = r->choices ? trace_known(t, r->choices) : NULL;
    const struct node *parent = r->is_situation ? NULL : disabling_parent(r);
    const char *from = NULL;
    json_t *step = NULL;
    if (parent && rule_is_disabled(t->ev, r)) {
        const struct rule_def *by = rule_of(parent);
        from = "parent";
        if (by) json_put_str(out, "by", by->name);
        step = trace_step(t, parent, true);
    } else {
        if (parent && rule_of(parent)) {
            trace_queue(t, rule_of(parent));
            json_put_str(out, "under", rule_of(parent)->name);
        }
        if (choices && choices->a.kind != ANSWER_UNDEFINED) {
            from = "only choice";
        } else {
            const struct node *value = r->value;
            step = trace_step(t, value, whether);
            from = source_of(t, value);
            if (!whether && is_missing_itself(o, r) && strcmp(from, "definition") == 0) from = "nothing";
        }
    }
    json_object_set_new(out, "from", json_string(from));
    if (step && strcmp(from, "nothing") != 0) json_object_set_new(out, "step", step);
    else json_decref(step);
}

static json_t *rule_json(struct trace_world *t, const struct rule_def *r)
{
    json_t *out = json_object();
    const struct outcome *o = trace_known(t, &r->node);
    bool whether = !o;
    if (!o) o = eval_is_inapplicable(t->ev, &r->node);
    if (!whether) trace_value(t, out, o);
    else if (o->a.kind == ANSWER_BOOL) json_object_set_new(out, "applies", json_boolean(!o->a.b));
    json_object_set_new(out, "missing", missing_json(t, o->missing));
    how(t, r, o, whether, out);
    return out;
}

/* ---- evaluators within evaluators ---- */

static json_t *world_json(struct trace_world *t, const struct node *n)
{
    json_t *out = json_object(), *parts = json_array(), *step;
    t->rules = json_object();
    t->queued = NEW_N(t->w->mem, bool, t->ev->base->rules.n + 1);
    if ((step = trace_step(t, n, false))) json_object_set_new(out, "step", step);
    for (size_t rules = 0, done = 0; rules < t->queue.n || done < t->parts.n;) {
        t->depth = 0;
        if (rules < t->queue.n) {
            const struct rule_def *r = t->queue.v[rules++];
            json_object_set_new(t->rules, str_z(t->w->mem, r->name), rule_json(t, r));
        } else {
            struct trace_part part = t->parts.v[done++];
            step = trace_step(t, part.node, part.whether);
            json_array_append_new(parts, step ? step : json_null());
        }
    }
    json_object_set_new(out, "rules", t->rules);
    json_object_set_new(out, "parts", parts);
    return out;
}

int trace_context(struct trace_world *t, const struct node *n, const struct node *shown)
{
    struct evaluator *sub = sub_of(t->ev, n->id);
    if (!sub) return -1;
    struct trace_world inner = {.w = t->w, .ev = sub, .outer = t->ev};
    int at = (int)json_array_size(t->w->contexts);
    json_array_append_new(t->w->contexts, json_null());             /* its place, before those within it */
    json_array_set_new(t->w->contexts, (size_t)at, world_json(&inner, shown));
    return at;
}

static json_t *whole(struct trace_writer *w, struct evaluator *ev, str expression, json_t *situation)
{
    const struct outcome *o = ev->cache[ev->last->id];
    struct trace_world t = {.w = w, .ev = ev};
    ev->steps = ev->depth = 0;
    json_t *out = json_own(w->mem, world_json(&t, ev->last));
    json_put_str(out, "engine", S(RULES_ENGINE_VERSION));
    json_put_str(out, "version", rulebase_hash(ev->base));
    json_put_str(out, "today", ev->today.n ? ev->today : ev->base->today);
    json_put_str(out, "asked", expression);
    json_object_set_new(out, "situation", situation && !json_is_null(situation) ? json_deep_copy(situation) : json_object());
    trace_value(&t, out, o);
    json_object_set_new(out, "missing", missing_json(&t, o->missing));
    json_object_set(out, "contexts", w->contexts);
    return out;
}

/* What JSON can hold, a trace around a situation must hold too. */
static bool nests_within(const json_t *v, unsigned most)
{
    size_t i;
    json_t *one;
    const char *key;
    if (!json_is_array(v) && !json_is_object(v)) return true;
    if (!most) return false;
    json_array_foreach(v, i, one) if (!nests_within(one, most - 1)) return false;
    json_object_foreach((json_t *)(uintptr_t)v, key, one) if (!nests_within(one, most - 1)) return false;
    return true;
}

err rules_trace(arena *mem, const struct rulebase *b, json_t *situation, str expression, const struct trace_options *options, json_t **out,
                struct rule_fault *fault)
{
    struct rule_answer answer;
    struct evaluator *ev = evaluator_new(b, options ? &options->limits : NULL);
    ev->traced = true;
    if (options && options->today.n) evaluator_today(ev, options->today);
    err e = NO_ERR;
    if (!nests_within(situation, SITUATION_NESTING_MOST)) {
        *fault = (struct rule_fault){.message = S("la situation est trop imbriquée"), .code = "too_deep"};
        e = FAIL(E_INVALID, W("rules.fault"));
    }
    if (e.code == OK) e = evaluator_situation(ev, situation, fault);
    if (e.code == OK) e = evaluator_value(ev, expression, &answer, fault);
    if (e.code == OK) {
        struct trace_writer w = {.mem = mem, .contexts = json_own(mem, json_array())};
        *out = whole(&w, ev, expression, situation);
    } else {
        *fault = (struct rule_fault){str_copy(mem, fault->rule), str_copy(mem, fault->message), fault->code};
        e = FAIL_AT(e.code, e.msg, fault->message.p);
    }
    evaluator_free(ev);
    return e;
}

/* As a situation says it, so that it is read back the same. */
static json_t *given_json(arena *mem, const struct rule_answer *a)
{
    json_t *value = NULL;
    switch (a->kind) {
    case ANSWER_NUMBER: return json_real(a->number);
    case ANSWER_BOOL: return json_string(a->b ? "oui" : "non");
    case ANSWER_STRING:
        if (a->string.n && str_find_char(a->string, '\'') < 0 && str_find_char(a->string, '\n') < 0 && str_eq(str_trim(a->string), a->string))
            return json_from_str(str_fmt(mem, "'%.*s'", STR_ARG(a->string)));
        value = json_from_str(a->string);
        break;
    default: value = json_null(); break;
    }
    return json_pack("{s:{s:o}}", "constant", "nodeValue", value);
}

err evaluator_trace(arena *mem, const struct evaluator *ev, str expression, json_t **out, struct rule_fault *fault)
{
    const struct rulebase *b = ev->base;
    json_t *situation = json_own(mem, json_object());
    struct trace_options options = {.today = ev->today, .limits = ev->limits};
    for (size_t i = 0; ev->given_some && i < b->rules.n; i++) {
        const struct rule_def *r = b->rules.v[i], *said = r->situation ? ev->given[r->situation->index] : NULL;
        if (said) json_object_set_new(situation, str_z(mem, r->name), given_json(mem, &said->value->constant.value));
    }
    return rules_trace(mem, b, situation, expression, &options, out, fault);
}
