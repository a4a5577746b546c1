/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules.c — the tree of conditions: reading and writing. */
#include "rules/rules.h"
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "base/words.h"
#include "formats/yaml.h"
#include "rules/atom.h"

#define MAX_DEPTH 16
#define MAX_ATOMS 1000
#define MAX_BYTES 65536

static const char all_of[] = "toutes ces conditions", any_of[] = "une de ces conditions", variations[] = "variations";
static const struct { const char *name; enum rule_op op; } knowing[] = {{"est défini", RULE_KNOWN}, {"est non défini", RULE_NOT_KNOWN}};
#define N_KNOWING (sizeof knowing / sizeof *knowing)

struct parser { arena *mem; size_t n_atoms; };

static err fault(struct parser *p, const char *msg, str path)
{
    return FAIL_AT(E_INVALID, msg, path.n ? str_z(p->mem, path) : NULL);
}

static err node(struct parser *p, const json_t *v, str path, int depth, struct rule *out);

static str at_key(struct parser *p, str path, const char *key)
{
    return str_fmt(p->mem, "%.*s%s%s", STR_ARG(path), path.n ? "." : "", key);
}

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

/* {si: …, alors: non}, {sinon: oui}: none of what `si` lists. */
static err none(struct parser *p, const json_t *list, str path, int depth, struct rule *out)
{
    const json_t *first = json_array_get(list, 0), *last = json_array_get(list, 1), *si = json_object_get(first, "si");

    if (json_array_size(list) != 2 || json_object_size(first) != 2 || json_object_size(last) != 1 || !si ||
        !str_is(json_text(json_object_get(first, "alors")), "non") || !str_is(json_text(json_object_get(last, "sinon")), "oui"))
        return fault(p, W("rules.not_a_condition"), path);
    str here = str_fmt(p->mem, "%.*s[0].si", STR_ARG(path));
    const json_t *any = json_object_size(si) == 1 ? json_object_get(si, any_of) : NULL;
    if (any)
        return branch(p, RULE_NONE, any, at_key(p, here, any_of), depth, out);
    struct rule *child = NEW(p->mem, struct rule);
    TRY(node(p, si, here, depth + 1, child));
    *out = (struct rule){.op = RULE_NONE};
    PUSH(p->mem, &out->children, child);
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

    union { const json_t *in; json_t *out; } same = {v};
    const char *key = json_object_iter_key(json_object_iter(same.out));
    const json_t *value = json_object_get(v, key);
    str here = at_key(p, path, key);
    if (strcmp(key, all_of) == 0 || strcmp(key, any_of) == 0)
        return branch(p, strcmp(key, all_of) == 0 ? RULE_ALL : RULE_ANY, value, here, depth, out);
    if (strcmp(key, variations) == 0)
        return none(p, value, here, depth, out);
    for (size_t i = 0; i < N_KNOWING; i++) {
        if (strcmp(key, knowing[i].name) != 0)
            continue;
        if (json_is_string(value))
            TRY(leaf(p, json_text(value), here, out));
        if (!json_is_string(value) || out->op != RULE_REF)
            return fault(p, W("rules.name_expected"), here);
        out->op = knowing[i].op;
        return NO_ERR;
    }
    return fault(p, W("rules.mechanism_unknown"), here);
}

err rule_parse_json(arena *mem, const json_t *v, struct rule **out)
{
    struct parser p = {.mem = mem};
    struct rule *r = NEW(mem, struct rule);

    TRY(node(&p, v, STR_NONE, 0, r));
    *out = r;
    return NO_ERR;
}

/* One expression is no YAML: a text in it may hold a colon or a hash sign, but an operator or a quote stands before. */
static bool is_yaml(str s)
{
    ptrdiff_t colon = str_find_char(s, ':');
    if (str_find_char(s, '\n') >= 0 || str_starts(s, S("- ")) || str_starts(s, S("{")) || str_starts(s, S("[")))
        return true;
    for (ptrdiff_t i = 0; i < colon; i++)
        if (strchr("=<>'\"", s.p[i]))
            return false;
    return colon > 0;
}

err rule_text_json(arena *mem, str text, json_t **out)
{
    if (text.n > MAX_BYTES)
        return FAIL(E_INVALID, W("rules.too_long"));
    if (!utf8_valid(text))
        return FAIL(E_INVALID, W("rules.bad_utf8"));
    if (!is_yaml(str_trim(text))) {
        *out = json_own(mem, json_from_str(str_trim(text)));
        return NO_ERR;
    }
    err e = yaml_parse(mem, text, out);
    if (e.code == E_MALFORMED)
        e.code = E_INVALID;
    return e;
}

err rule_parse(arena *mem, str text, struct rule **out)
{
    json_t *v;

    TRY(rule_text_json(mem, text, &v));
    return rule_parse_json(mem, v, out);
}

/* ——— reading ——— */

enum rule_op rule_op(const struct rule *r) { return r->op; }
bool rule_is_group(const struct rule *r) { return r->op == RULE_ALL || r->op == RULE_ANY || r->op == RULE_NONE; }
size_t rule_children(const struct rule *r) { return r->children.n; }
const struct rule *rule_child(const struct rule *r, size_t i) { return r->children.v[i]; }
str rule_left(const struct rule *r) { return r->left; }
struct rule_value rule_right(const struct rule *r) { return r->right; }

static void names_of(arena *mem, const struct rule *r, struct strs *out)
{
    if (r->left.p)
        PUSH(mem, out, r->left);
    if (r->right.kind == RULE_NAME)
        PUSH(mem, out, r->right.text);
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
static json_t *to_json(arena *mem, const struct rule *r);

static json_t *one_key(const char *key, json_t *value)
{
    json_t *o = json_object();

    if (!o || json_object_set_new(o, key, value) != 0)
        abort();
    return o;
}

static json_t *children_json(arena *mem, const struct rule *r)
{
    json_t *list = json_array();

    if (!list)
        abort();
    for (size_t i = 0; i < r->children.n; i++)
        json_array_append_new(list, to_json(mem, r->children.v[i]));
    return list;
}

static json_t *to_json(arena *mem, const struct rule *r)
{
    switch (r->op) {
    case RULE_ALL: return one_key(all_of, children_json(mem, r));
    case RULE_ANY: return one_key(any_of, children_json(mem, r));
    case RULE_NONE:
        return one_key(variations, json_pack("[{s:o, s:s}, {s:s}]", "si", one_key(any_of, children_json(mem, r)), "alors", "non", "sinon", "oui"));
    case RULE_KNOWN: return one_key(knowing[0].name, json_from_str(r->left));
    case RULE_NOT_KNOWN: return one_key(knowing[1].name, json_from_str(r->left));
    default: return json_from_str(atom_write(mem, r));
    }
}

json_t *rule_json(arena *mem, const struct rule *r)
{
    return json_own(mem, to_json(mem, r));
}

str rule_text(arena *mem, const struct rule *r)
{
    json_t *v = rule_json(mem, r);
    return json_is_string(v) ? str_copy(mem, json_text(v)) : yaml_write(mem, v);
}

/* The two names of a comparison, asked as `mechanism` says. */
static json_t *asked(const struct rule *r, const char *mechanism, const char *group, json_t *with)
{
    json_t *list = json_array();

    json_array_append_new(list, one_key(mechanism, json_from_str(r->left)));
    if (r->right.kind == RULE_NAME)
        json_array_append_new(list, one_key(mechanism, json_from_str(r->right.text)));
    json_array_append_new(list, with);
    return one_key(group, list);
}

/* Of a plain tree. What is not applicable equals non and another like it, differs from the rest, and has no order. */
static json_t *asked_json(arena *mem, const struct rule *r)
{
    if (rule_is_group(r)) {
        json_t *list = json_array();
        for (size_t i = 0; i < r->children.n; i++)
            json_array_append_new(list, asked_json(mem, r->children.v[i]));
        return one_key(r->op == RULE_ALL ? all_of : any_of, list);
    }
    json_t *bare = to_json(mem, r);
    bool no = r->right.kind == RULE_BOOL && !r->right.b;
    if (r->op == RULE_NOT_KNOWN)
        return asked(r, "est non applicable", any_of, bare);
    if (r->op == RULE_NE || r->op == RULE_KNOWN || (r->op == RULE_EQ && (no || r->right.kind == RULE_NAME)))
        return asked(r, "est applicable", all_of, bare);
    return bare;
}

json_t *rule_asked_json(arena *mem, const struct rule *r)
{
    return json_own(mem, asked_json(mem, rule_plain(mem, r)));
}

/* ——— building ——— */

struct rule *rule_group(arena *mem, enum rule_op op)
{
    struct rule *r = NEW(mem, struct rule);

    r->op = op;
    return r;
}

void rule_add_child(arena *mem, struct rule *group, struct rule *child) { PUSH(mem, &group->children, child); }

struct rule *rule_atom(arena *mem, str name, enum rule_op op, struct rule_value right)
{
    struct rule *r = rule_group(mem, op);

    r->left = name;
    r->right = right;
    return r;
}

/* ALL and ANY change places (De Morgan), NONE denied is ANY; each comparison has its contrary, and what is not known stays so. */
static struct rule *plain(arena *mem, const struct rule *r, bool denied)
{
    static const enum rule_op contrary[] = {
        [RULE_ALL] = RULE_ANY, [RULE_ANY] = RULE_ALL, [RULE_EQ] = RULE_NE, [RULE_NE] = RULE_EQ, [RULE_LT] = RULE_GE, [RULE_GE] = RULE_LT,
        [RULE_GT] = RULE_LE, [RULE_LE] = RULE_GT, [RULE_REF] = RULE_EQ, [RULE_KNOWN] = RULE_NOT_KNOWN, [RULE_NOT_KNOWN] = RULE_KNOWN};
    bool none = r->op == RULE_NONE;
    enum rule_op op = none ? (denied ? RULE_ANY : RULE_ALL) : denied ? contrary[r->op] : r->op;
    struct rule *out = rule_atom(mem, r->left, op, r->op == RULE_REF && denied ? (struct rule_value){.kind = RULE_BOOL} : r->right);

    for (size_t i = 0; i < r->children.n; i++)
        PUSH(mem, &out->children, plain(mem, r->children.v[i], none != denied));
    return out;
}

const struct rule *rule_plain(arena *mem, const struct rule *r) { return plain(mem, r, false); }

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
