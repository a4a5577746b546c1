/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules.c — the tree of conditions: parsing, reading, evaluating. */
#include "rules/rules.h"
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/yaml.h"
#include "rules/atom.h"

#define MAX_DEPTH 16
#define MAX_ATOMS 1000
#define MAX_BYTES 65536

static const char all_of[] = "toutes ces conditions", any_of[] = "une de ces conditions";

struct parser { arena *mem; size_t n_atoms; };

static err fault(struct parser *p, const char *msg, str path)
{
    return FAIL_AT(E_INVALID, msg, path.n ? str_z(p->mem, path) : NULL);
}

static err node(struct parser *p, const json_t *v, str path, int depth, struct rule *out);

static err branch(struct parser *p, enum rule_op op, const json_t *list, str path, int depth, struct rule *out)
{
    if (!json_is_array(list))
        return fault(p, W("rules.list_expected"), path);
    if (json_array_size(list) == 0)
        return fault(p, W("rules.list_empty"), path);
    *out = (struct rule){.op = op};
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct rule *child = NEW(p->mem, struct rule);
        TRY(node(p, json_array_get(list, i), str_fmt(p->mem, "%.*s[%zu]", STR_ARG(path), i), depth + 1, child));
        PUSH(p->mem, &out->children, child);
    }
    return NO_ERR;
}

static err leaf(struct parser *p, str text, str path, struct rule *out)
{
    if (++p->n_atoms > MAX_ATOMS)
        return fault(p, W("rules.too_long"), path);
    err e = atom_parse(p->mem, text, out);
    if (e.code != OK && path.n)
        e.at = str_z(p->mem, str_fmt(p->mem, "%.*s%s%s", STR_ARG(path), e.at ? ": " : "", e.at ? e.at : ""));
    return e;
}

static err node(struct parser *p, const json_t *v, str path, int depth, struct rule *out)
{
    if (depth > MAX_DEPTH)
        return fault(p, W("rules.too_deep"), path);
    if (json_is_string(v))
        return leaf(p, json_text(v), path, out);
    if (json_is_array(v) && depth == 0)
        return branch(p, RULE_ALL, v, path, depth, out);
    if (!json_is_object(v) || json_object_size(v) != 1)
        return fault(p, W("rules.not_a_condition"), path);

    const json_t *all = json_object_get(v, all_of), *any = json_object_get(v, any_of);
    const char *dot = path.n ? "." : "";
    if (all)
        return branch(p, RULE_ALL, all, str_fmt(p->mem, "%.*s%s%s", STR_ARG(path), dot, all_of), depth, out);
    if (any)
        return branch(p, RULE_ANY, any, str_fmt(p->mem, "%.*s%s%s", STR_ARG(path), dot, any_of), depth, out);
    union { const json_t *in; json_t *out; } same = {v};
    return fault(p, W("rules.mechanism_unknown"),
                 str_fmt(p->mem, "%.*s%s%s", STR_ARG(path), dot, json_object_iter_key(json_object_iter(same.out))));
}

err rule_parse_json(arena *mem, const json_t *v, struct rule **out)
{
    struct parser p = {.mem = mem};
    struct rule *r = NEW(mem, struct rule);

    TRY(node(&p, v, STR_NONE, 0, r));
    *out = r;
    return NO_ERR;
}

/* One comparison is no YAML: its text may hold a colon or a hash sign. */
static bool is_yaml(str s)
{
    return str_find_char(s, '\n') >= 0 || str_starts(s, S("- ")) || str_starts(s, S("{")) || str_starts(s, S("[")) ||
           ((str_starts(s, str_of(all_of)) || str_starts(s, str_of(any_of))) && str_find_char(s, ':') >= 0);
}

err rule_parse(arena *mem, str text, struct rule **out)
{
    struct parser p = {.mem = mem};
    str s = str_trim(text);
    json_t *v;

    if (text.n > MAX_BYTES)
        return FAIL(E_INVALID, W("rules.too_long"));
    if (is_yaml(s)) {
        err e = yaml_parse(mem, text, &v);
        if (e.code == E_MALFORMED)
            e.code = E_INVALID;
        TRY(e);
        return rule_parse_json(mem, v, out);
    }
    struct rule *r = NEW(mem, struct rule);
    TRY(leaf(&p, s, STR_NONE, r));
    *out = r;
    return NO_ERR;
}

/* ——— reading ——— */

enum rule_op rule_op(const struct rule *r) { return r->op; }
size_t rule_children(const struct rule *r) { return r->children.n; }
const struct rule *rule_child(const struct rule *r, size_t i) { return r->children.v[i]; }
str rule_left(const struct rule *r) { return r->left; }
struct rule_value rule_right(const struct rule *r) { return r->right; }

static void names_of(arena *mem, const struct rule *r, struct strs *out)
{
    if (r->left.p)
        PUSH(mem, out, r->left);
    for (size_t i = 0; i < r->children.n; i++)
        names_of(mem, r->children.v[i], out);
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

struct strs rule_names(arena *mem, const struct rule *r)
{
    struct strs all = {0};
    size_t n = 0;

    names_of(mem, r, &all);
    if (all.n > 1)
        qsort(all.v, all.n, sizeof *all.v, by_bytes);
    for (size_t i = 0; i < all.n; i++)
        if (n == 0 || !str_eq(all.v[n - 1], all.v[i]))
            all.v[n++] = all.v[i];
    all.n = n;
    return all;
}

/* A new reference. */
static json_t *to_json(arena *mem, const struct rule *r)
{
    if (r->op != RULE_ALL && r->op != RULE_ANY)
        return json_from_str(atom_write(mem, r));
    json_t *o = json_object(), *list = json_array();
    if (!o || !list || json_object_set_new(o, r->op == RULE_ALL ? all_of : any_of, list) != 0)
        abort();
    for (size_t i = 0; i < r->children.n; i++)
        json_array_append_new(list, to_json(mem, r->children.v[i]));
    return o;
}

json_t *rule_json(arena *mem, const struct rule *r)
{
    return json_own(mem, to_json(mem, r));
}

str rule_text(arena *mem, const struct rule *r)
{
    if (r->op != RULE_ALL && r->op != RULE_ANY)
        return atom_write(mem, r);
    return yaml_write(mem, rule_json(mem, r));
}

struct rule *rule_changed(arena *mem, const struct rule *r, rule_change change, void *arg)
{
    struct rule *copy = NEW(mem, struct rule);
    *copy = *r;
    if (!r->children.n) {
        change(arg, copy);
        return copy;
    }
    copy->children.v = NEW_N(mem, struct rule *, r->children.n);
    for (size_t i = 0; i < r->children.n; i++) copy->children.v[i] = rule_changed(mem, r->children.v[i], change, arg);
    return copy;
}

void rule_become(struct rule *r, str left, enum rule_op op, struct rule_value right)
{
    *r = (struct rule){.op = op, .left = left, .right = right};
}

/* ——— evaluating ——— */

static enum rule_truth truth(bool b)
{
    return b ? RULE_TRUE : RULE_FALSE;
}

static enum rule_truth ordered(enum rule_op op, double a, double b)
{
    switch (op) {
    case RULE_EQ: return truth(a == b);
    case RULE_NE: return truth(a != b);
    case RULE_LT: return truth(a < b);
    case RULE_LE: return truth(a <= b);
    case RULE_GT: return truth(a > b);
    case RULE_GE: return truth(a >= b);
    default: return RULE_UNKNOWN;
    }
}

static bool holds(struct strs list, str text)
{
    for (size_t i = 0; i < list.n; i++)
        if (str_eq(list.v[i], text))
            return true;
    return false;
}

static enum rule_truth compare(enum rule_op op, struct rule_value a, struct rule_value b)
{
    bool same;

    if (a.kind == RULE_LIST && b.kind == RULE_TEXT)
        same = holds(a.list, b.text);
    else if (a.kind == RULE_NUMBER && b.kind == RULE_NUMBER && a.number == a.number)
        return ordered(op, a.number, b.number);
    else if (a.kind == RULE_DATE && b.kind == RULE_DATE)
        return ordered(op, (double)a.days, (double)b.days);
    else if (a.kind == RULE_BOOL && b.kind == RULE_BOOL)
        same = a.b == b.b;
    else if (a.kind == RULE_TEXT && b.kind == RULE_TEXT)
        same = str_eq(a.text, b.text);
    else
        return RULE_UNKNOWN;
    return op == RULE_EQ ? truth(same) : op == RULE_NE ? truth(!same) : RULE_UNKNOWN;
}

enum rule_truth rule_eval(const struct rule *r, rule_lookup lookup, void *arg)
{
    enum rule_truth decides = r->op == RULE_ALL ? RULE_FALSE : RULE_TRUE;
    bool unknown = false;

    if (r->op == RULE_REF) {
        struct rule_value v = lookup(arg, r->left);
        return v.kind == RULE_BOOL ? truth(v.b) : RULE_UNKNOWN;
    }
    if (r->op != RULE_ALL && r->op != RULE_ANY)
        return compare(r->op, lookup(arg, r->left), r->right);
    for (size_t i = 0; i < r->children.n; i++) {
        enum rule_truth t = rule_eval(r->children.v[i], lookup, arg);
        if (t == decides)
            return t;
        unknown = unknown || t == RULE_UNKNOWN;
    }
    return unknown ? RULE_UNKNOWN : r->op == RULE_ALL ? RULE_TRUE : RULE_FALSE;
}
