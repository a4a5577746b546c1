/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_parse.c — rules, one by one in the order of the file: their value, their choices, what they replace. Each public rule gets a private
   child, $SITUATION, which an evaluator fills. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/words.h"
#include "rules/ast.h"

enum { NESTING_MOST = 60, REPLACEMENTS_MOST = 1000, UNITS_MOST = 4000 };

/* ---- nodes ---- */

struct node *node_new(struct parsing *p, enum node_kind kind)
{
    struct node *n = NEW(p->mem, struct node);
    n->kind = kind;
    n->id = (*p->n_nodes)++;
    return n;
}

static struct node *constant(struct parsing *p, enum answer_kind kind, enum rule_type type, enum tri nullable)
{
    struct node *n = node_new(p, N_CONSTANT);
    n->constant.value = (struct rule_answer){.kind = kind, .unit = UNIT_ABSENT};
    n->type = (struct node_type){nullable, type};
    n->typed = true;
    return n;
}

struct node *node_number(struct parsing *p, double number, unit_id unit)
{
    struct node *n = constant(p, ANSWER_NUMBER, RULE_TYPE_NUMBER, TRI_NO);
    n->constant.value.number = number;
    n->constant.value.unit = unit;
    return n;
}

struct node *node_bool(struct parsing *p, bool value)
{
    struct node *n = constant(p, ANSWER_BOOL, RULE_TYPE_BOOL, TRI_NO);
    n->constant.value.b = value;
    return n;
}

struct node *node_text_constant(struct parsing *p, str words, enum rule_type type)
{
    struct node *n = constant(p, ANSWER_STRING, type, TRI_NO);
    n->constant.value.string = words;
    return n;
}

struct node *node_operation(struct parsing *p, enum operation op, struct node *a, struct node *b)
{
    struct node *n = node_new(p, N_OPERATION);
    n->operation.op = op;
    n->operation.a = a;
    n->operation.b = b;
    return n;
}

struct node *node_condition(struct parsing *p, struct node *test, struct node *then, struct node *otherwise)
{
    struct node *n = node_new(p, N_CONDITION);
    n->condition.test = test;
    n->condition.then = then;
    n->condition.otherwise = otherwise;
    return n;
}

struct node *node_reference(struct parsing *p, str name)
{
    struct node *n = node_new(p, N_REFERENCE);
    n->reference.name = name;
    n->reference.from = p->rule;
    return n;
}

static const char *const operation_names[] = {"*", "/", "//", "**", "+", "-", "<", "<=", ">", ">=", "=", "!=", "et", "ou"};

const char *operation_name(enum operation op) { return operation_names[op]; }

bool operation_of_name(str name, enum operation *op)
{
    for (size_t i = 0; i < sizeof operation_names / sizeof *operation_names; i++)
        if (str_is(name, operation_names[i])) return *op = (enum operation)i, true;
    return false;
}

err parse_fault(struct parsing *p, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str rule = p->rule ? p->rule->name : STR_NONE;
    if (p->rule && p->rule->is_situation) rule = str_cut(rule, 0, rule.n - (sizeof " . $SITUATION" - 1));
    *p->fault = (struct rule_fault){.rule = rule, .message = str_vfmt(p->mem, fmt, ap), .code = code};
    va_end(ap);
    return FAIL_AT(E_INVALID, W("rules.fault"), str_z(p->mem, str_fmt(p->mem, "%.*s%s%.*s", STR_ARG(rule), rule.n ? " : " : "", STR_ARG(p->fault->message))));
}

/* Units are few; each new one is looked for among all. */
err unit_written(struct parsing *p, str text, unit_id *out)
{
    if (unit_table_count(p->units) > UNITS_MOST) return parse_fault(p, "too_large", "plus de %d unités", UNITS_MOST);
    return unit_parse(p->units, text, out) ? NO_ERR : parse_fault(p, "unit", "pas de blanc après la barre d’une unité : « %.*s »", STR_ARG(text));
}

/* ---- names ---- */

/* Names are long: two words at a time, folded from their product. */
uint64_t hash_name(str s)
{
    uint64_t h = s.n * UINT64_C(0xd6e8feb86659fd93), two[2];
    for (size_t i = 0; i < s.n; i += 16) {
        size_t n = s.n - i < 16 ? s.n - i : 16;
        if (n < 16) two[0] = two[1] = 0;
        memcpy(two, s.p + i, n);
        unsigned __int128 product = (unsigned __int128)(two[0] ^ UINT64_C(0x9e3779b97f4a7c15)) * (two[1] ^ h ^ UINT64_C(0xa0761d6478bd642f));
        h = (uint64_t)product ^ (uint64_t)(product >> 64) ^ h;
    }
    return h;
}

static struct hashed_rule *slot(const struct rulebase *b, str name, uint64_t hash)
{
    size_t i = (size_t)hash & (b->hashed.cap - 1);
    while (b->hashed.v[i].rule && (b->hashed.v[i].hash != hash || !str_eq(b->hashed.v[i].rule->name, name))) i = (i + 1) & (b->hashed.cap - 1);
    return &b->hashed.v[i];
}

struct rule_def *rule_find(const struct rulebase *base, str name)
{
    uint64_t hash = hash_name(name);
    for (; base; base = base->under) {
        struct rule_def *r = base->hashed.cap ? slot(base, name, hash)->rule : NULL;
        if (r) return r;
    }
    return NULL;
}

/* At first for what a file of so many rules makes: each has its $SITUATION, and some hold others. */
static void hashed_grow(struct rulebase *b)
{
    struct hashed_rule *was = b->hashed.v;
    size_t cap = b->hashed.cap;
    b->hashed.cap = cap ? cap * 2 : 16;
    while (!cap && b->hashed.cap < json_object_size(b->source) * 8) b->hashed.cap *= 2;
    b->hashed.v = NEW_N(b->mem, struct hashed_rule, b->hashed.cap);
    for (size_t i = 0; i < cap; i++)
        if (was[i].rule) *slot(b, was[i].rule->name, was[i].hash) = was[i];
}

int index_next(const struct rulebase *b) { return (int)(b->rules.n + b->n_stubs + (b->under ? b->under->rules.n + b->under->n_stubs : 0)); }

struct rule_def *rule_add(struct parsing *p, str name)
{
    struct rulebase *b = p->base;
    if (b->under && rule_find(b->under, name)) return NULL;
    if (b->rules.n * 2 >= b->hashed.cap) hashed_grow(b);
    uint64_t hash = hash_name(name);
    struct hashed_rule *at = slot(b, name, hash);
    if (at->rule) return NULL;
    struct rule_def *r = NEW(p->mem, struct rule_def);
    r->node = (struct node){.kind = N_RULE, .id = (*p->n_nodes)++, .rule = r};
    r->name = name;
    r->index = index_next(b);
    if (memchr(name.p, '$', name.n)) {
        r->is_situation = str_ends(name, S("$SITUATION"));
        r->is_internal = str_find(name, S("$INTERNAL")) >= 0;
    }
    *at = (struct hashed_rule){hash, r};
    PUSH(p->mem, &b->rules, r);
    return r;
}

/* ---- choices ---- */

static const char choices_key[] = "une possibilité";

static bool choice_eq(struct parsing *p, const struct node *a, const struct node *b, unit_id unit)
{
    if (a->kind == N_REFERENCE) return b->kind == N_REFERENCE && str_eq(a->reference.name, b->reference.name);
    const struct rule_answer *x = &a->constant.value, *y = &b->constant.value;
    if (a->kind != b->kind || x->kind != y->kind) return false;
    if (x->kind == ANSWER_STRING) return str_eq(x->string, y->string);
    double m = x->number, n = y->number;
    unit_convert(p->units, x->unit, unit, &m);
    unit_convert(p->units, y->unit, unit, &n);
    return m == n;
}

static err choice_check(struct parsing *p, struct node *choices, struct node *one)
{
    const struct nodes *v = &choices->choices->v;
    bool reference = one->kind == N_REFERENCE;
    if (!reference && (one->kind != N_CONSTANT || (one->type.type != RULE_TYPE_STRING && one->type.type != RULE_TYPE_NUMBER)))
        return parse_fault(p, "choices", "une possibilité est un nombre, un texte ou le nom d’une règle");
    enum rule_type type = reference ? RULE_TYPE_STRING : one->type.type;
    if (v->n == 0) {
        choices->choices->references = reference;
        choices->choices->type = type;
        choices->choices->unit = reference ? UNIT_ABSENT : one->constant.value.unit;
    } else if (reference != choices->choices->references || type != choices->choices->type) {
        return parse_fault(p, "choices", "les possibilités ne sont pas toutes du même type");
    } else if (type == RULE_TYPE_NUMBER && choices->choices->unit != UNIT_ABSENT) {
        double nothing = 0;
        if (!unit_convert(p->units, one->constant.value.unit, choices->choices->unit, &nothing)) return parse_fault(p, "choices", "les possibilités ne sont pas dans la même classe d’unité");
        choices->choices->unit = one->constant.value.unit;
    }
    return NO_ERR;
}

/* One that is a map defines its rule, among `with`. */
static err choice_parse(struct parsing *p, json_t *one, json_t *with, struct node **out)
{
    if (!json_is_object(one)) return value_parse(p, one, out);
    if (json_object_size(one) != 1) return parse_fault(p, "choices", "une seule règle par possibilité");
    void *it = json_object_iter(one);
    const char *name = json_object_iter_key(it);
    if (json_object_get(with, name)) return parse_fault(p, "choices", "la règle « %s » est déjà définie", name);
    json_object_set(with, name, json_object_iter_value(it));
    return expression_parse(p, str_of(name), out);
}

static err choices_parse(struct parsing *p, json_t *list, json_t *with, struct node **out)
{
    size_t i;
    json_t *one;
    struct node *n = node_new(p, N_CHOICES);
    n->choices = NEW(p->mem, struct choices);
    if (json_is_object(list)) list = json_object_get(list, "possibilités");
    if (!json_is_array(list) || !json_array_size(list)) return parse_fault(p, "choices", "« une possibilité » est une liste d’au moins un élément");
    json_array_foreach(list, i, one) {
        struct node *choice = NULL;
        TRY(choice_parse(p, one, with, &choice));
        TRY(choice_check(p, n, choice));
        PUSH(p->mem, &n->choices->v, choice);
        if (choice->kind != N_REFERENCE || !p->base->filter_choices) continue;
        struct node *out_of = node_new(p, N_IS_INAPPLICABLE);
        out_of->on.of = choice;
        PUSH(p->mem, &n->choices->out, out_of);
    }
    const struct nodes *v = &n->choices->v;
    for (i = 0; i < v->n; i++)
        for (size_t j = 0; j < i; j++)
            if (choice_eq(p, v->v[i], v->v[j], n->choices->unit)) return parse_fault(p, "choices", "des possibilités sont en double");
    *out = n;
    return NO_ERR;
}

/* Under the rule, or (as it was written before) under its value. */
static err choices_of(struct parsing *p, json_t *raw, json_t **with, struct node **out)
{
    json_t *value = json_object_get(raw, "valeur"), *formula = json_object_get(raw, "formule"), *list = json_object_get(raw, choices_key);
    if (list && (json_is_null(list) || json_is_false(list))) return parse_fault(p, "choices", "« une possibilité » ne peut pas être vide");
    if (!list && formula) list = json_object_get(formula, choices_key);
    if (!list && value) list = json_object_get(value, choices_key);
    if (!list) return NO_ERR;
    *with = json_own(p->mem, *with ? json_copy(*with) : json_object());
    return choices_parse(p, list, *with, out);
}

/* ---- replacements ---- */

static err names_parse(struct parsing *p, json_t *v, struct nodes *out)
{
    size_t i;
    json_t *one;
    struct node *n;
    if (!v || json_is_null(v)) return NO_ERR;
    if (!json_is_array(v)) {
        TRY(value_parse(p, v, &n));
        PUSH(p->mem, out, n);
    }
    json_array_foreach(v, i, one) {
        TRY(value_parse(p, one, &n));
        PUSH(p->mem, out, n);
    }
    for (i = 0; i < out->n; i++)
        if (out->v[i]->kind != N_REFERENCE) return parse_fault(p, "replacement", "un nom de règle est attendu");
    return NO_ERR;
}

static err replacement_parse(struct parsing *p, json_t *v, bool inapplicable)
{
    struct replacement *r = NEW(p->mem, struct replacement);
    bool map = json_is_object(v);
    json_t *priority = map ? json_object_get(v, "priorité") : NULL;
    TRY(value_parse(p, map ? json_object_get(v, "références à") : v, &r->replaced));
    TRY(names_parse(p, map ? json_object_get(v, "dans") : NULL, &r->only_in));
    TRY(names_parse(p, map ? json_object_get(v, "sauf dans") : NULL, &r->not_in));
    if (priority && !json_is_null(priority) && !(json_is_number(priority) && json_number_value(priority) >= 0))
        return parse_fault(p, "replacement", "la priorité d’un remplacement est un nombre positif");
    TRY(expression_parse(p, p->rule->name, &r->definition));
    if (r->replaced->kind != N_REFERENCE || r->definition->kind != N_REFERENCE) return parse_fault(p, "replacement", "un nom de règle est attendu");
    r->priority = json_is_number(priority) ? json_number_value(priority) : 0;
    r->inapplicable = inapplicable;
    if (p->base->n_replacements >= REPLACEMENTS_MOST) return parse_fault(p, "too_large", "plus de %d remplacements", REPLACEMENTS_MOST);
    r->id = p->base->n_replacements++;
    PUSH(p->mem, &p->rule->replacements, r);
    return NO_ERR;
}

static err replacements_parse(struct parsing *p, json_t *v, bool inapplicable)
{
    size_t i;
    json_t *one;
    if (!v || json_is_null(v)) return NO_ERR;
    if (!json_is_array(v)) return replacement_parse(p, v, inapplicable);
    json_array_foreach(v, i, one) TRY(replacement_parse(p, one, inapplicable));
    return NO_ERR;
}

/* ---- a rule ---- */

static bool says_yes(json_t *raw, const char *key) { return json_is_string(json_object_get(raw, key)) && strcmp(json_string_value(json_object_get(raw, key)), "oui") == 0; }

/* "scope . name" */
static str within(arena *mem, str scope, str name)
{
    char *p = arena_alloc_raw(mem, scope.n + 3 + name.n + 1);
    memcpy(p, scope.p, scope.n);
    memcpy(p + scope.n, " . ", 3);
    memcpy(p + scope.n + 3, name.p, name.n);
    p[scope.n + 3 + name.n] = 0;
    return (str){p, scope.n + 3 + name.n};
}

/* The child that an evaluator fills. */
err situation_add(struct parsing *p)
{
    struct rule_def *rule = p->rule, *r = rule_add(p, within(p->mem, rule->name, S("$SITUATION")));
    if (!r) return parse_fault(p, "rule", "« $SITUATION » est réservé au moteur");
    if (!is_rule_name(rule->name)) return parse_fault(p, "expression", "« %.*s » ne peut pas être un nom", STR_ARG(rule->name));
    r->private = true;
    r->value = constant(p, ANSWER_UNDEFINED, RULE_TYPE_UNKNOWN, says_yes(rule->raw, "possiblement non applicable") ? TRI_YES : TRI_NO);
    rule->situation = r;
    r->situation_of = rule;
    return NO_ERR;
}

static json_t *without_choices(struct parsing *p, json_t *v)
{
    if (!json_object_get(v, choices_key)) return v;
    v = json_own(p->mem, json_copy(v));
    json_object_del(v, choices_key);
    return v;
}

/* What is evaluated: the mechanisms of the definition, the rules it holds, its place in the situation. */
static err value_of(struct parsing *p, struct rule_def *r, json_t *with)
{
    struct map_keys w = {.situated = !r->private};
    json_t *formula = json_object_get(r->raw, "formule");
    map_read(&w, r->raw, true);
    if (json_object_size(with)) map_with(&w, with);
    if (formula && (!w.key.n || str_is(w.key, "valeur"))) w.key = S("valeur"), w.value = formula;
    else if (formula && !str_is(w.second, "valeur")) w.second = S("formule");
    if (str_is(w.key, "valeur")) w.value = without_choices(p, w.value);
    return map_parse(p, &w, &r->value);
}

static err rule_fill(struct parsing *p, struct rule_def *r)
{
    json_t *with = json_object_get(r->raw, "avec"), *v;
    const char *key;
    struct node *one;
    if (!json_is_object(with)) with = NULL;
    err choices = choices_of(p, r->raw, &with, &r->choices);
    TRY(parse_go_on(p, choices));
    TRY(value_of(p, r, with));
    TRY(replacements_parse(p, json_object_get(r->raw, "rend non applicable"), true));
    TRY(replacements_parse(p, json_object_get(r->raw, "remplace"), false));
    json_object_foreach(json_object_get(r->raw, "suggestions"), key, v) {
        TRY(value_parse(p, v, &one));
        PUSH(p->mem, &r->suggestions, one);
    }
    return NO_ERR;
}

/* A definition as a map. */
static err map_of(struct parsing *p, str name, json_t *raw, json_t **out)
{
    *out = raw;
    if (json_is_object(raw)) return NO_ERR;
    *out = json_own(p->mem, json_object());
    if (json_is_string(raw) || json_is_number(raw)) json_object_set(*out, "valeur", raw);
    else if (!json_is_null(raw)) return parse_fault(p, "rule", "la règle « %.*s » est mal écrite", STR_ARG(name));
    return NO_ERR;
}

static err rule_parse_one(struct parsing *p, struct rule_def *parent, str name, json_t *raw)
{
    bool hidden = str_starts(name, S("[privé] "));
    if (hidden) name = str_cut(name, sizeof "[privé] " - 1, name.n);
    TRY(map_of(p, name, raw, &raw));
    if (++p->base->nesting > NESTING_MOST) return parse_fault(p, "too_deep", "trop de règles l’une dans l’autre");
    str whole = parent ? within(p->mem, parent->name, name) : str_copy(p->mem, name);
    struct rule_def *r = rule_add(p, whole), *before = p->rule;
    if (!r) return parse_fault(p, "defined_twice", "la référence « %.*s » a déjà été définie", STR_ARG(whole));
    r->raw = raw;
    r->private = hidden || says_yes(raw, "privé");
    p->rule = r;
    TRY(rule_fill(p, r));
    p->rule = before;
    p->base->nesting--;
    return NO_ERR;
}

/* One that is at fault does not keep the next from being read, when all faults are wanted. */
static err rule_parse_next(struct parsing *p, struct rule_def *parent, str name, json_t *raw)
{
    struct rule_def *rule = p->rule;
    unsigned depth = p->depth, nesting = p->base->nesting;
    const json_t *before = parse_enter(p, raw);
    err e = rule_parse_one(p, parent, name, raw);
    if (e.code == OK) return p->at = before, e;
    TRY(parse_go_on(p, e));
    p->rule = rule;
    p->depth = depth;
    p->base->nesting = nesting;
    p->at = before;
    return NO_ERR;
}

err rules_parse(struct parsing *p, struct rule_def *parent, json_t *rules)
{
    const char *name;
    json_t *raw;
    if (rules && !json_is_null(rules) && !json_is_object(rules)) return parse_fault(p, "rule", "des règles sont attendues : nom, deux points, définition");
    json_object_foreach(rules, name, raw) TRY(rule_parse_next(p, parent, str_of(name), raw));
    return NO_ERR;
}

/* What a situation says of a rule is a private rule in the place of its $SITUATION. */
err rule_parse_said(struct parsing *p, struct rule_def *situation, json_t *raw, struct rule_def **out)
{
    struct rule_def *r = *out = NEW(p->mem, struct rule_def);
    p->rule = situation;
    TRY(map_of(p, situation->name, raw, &raw));
    r->node = (struct node){.kind = N_RULE, .id = (*p->n_nodes)++, .rule = r};
    r->name = situation->name;
    r->index = situation->index;
    r->is_situation = r->private = true;
    r->raw = raw;
    p->rule = r;
    return rule_fill(p, r);
}
