/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* imports.c — a package is parsed as a base of its own, whose references say what the rules taken need. A package's rules find one another
   in their namespace as they did at the top. */
#include "rules/imports.h"
#include <string.h>
#include "base/words.h"
#include "rules/ast.h"

#define IMPORT "importer!"
#define PRIVATE "[privé] "

struct import { arena *mem; json_t *out, *taken /* top keys of the package → what stands over them */; struct rule_package package; str into; struct rule_fault *fault; };

static err refuse(struct import *m, const char *code, const char *what, str name)
{
    *m->fault = (struct rule_fault){.rule = S(IMPORT), .code = code, .message = str_fmt(m->mem, "%s « %.*s »", what, STR_ARG(name))};
    return FAIL_AT(E_INVALID, W("rules.fault"), str_z(m->mem, m->fault->message));
}

static str package_of(json_t *one)
{
    json_t *from = json_object_get(one, "depuis");
    return json_is_string(from) ? json_text(from) : json_str(from, "nom");
}

static size_t imports_n(json_t *v) { return json_is_array(v) ? json_array_size(v) : json_is_object(v); }
static json_t *import_at(json_t *v, size_t i) { return json_is_array(v) ? json_array_get(v, i) : v; }

size_t rules_imported(arena *mem, json_t *rules, str **out)
{
    json_t *v = json_object_get(rules, IMPORT);
    *out = NEW_N(mem, str, imports_n(v) + 1);
    for (size_t i = 0; i < imports_n(v); i++) (*out)[i] = package_of(import_at(v, i));
    return imports_n(v);
}

/* The key of the package under which a rule is written: its own, or that of the rule that holds it. */
static const char *owner_of(struct import *m, str name)
{
    for (str at = name; at.n;) {
        const char *key = str_z(m->mem, at), *hidden = str_z(m->mem, str_fmt(m->mem, PRIVATE "%.*s", STR_ARG(at)));
        if (json_object_get(m->package.rules, key)) return key;
        if (json_object_get(m->package.rules, hidden)) return hidden;
        size_t cut = at.n;
        while (cut > 3 && memcmp(at.p + cut - 3, " . ", 3) != 0) cut--;
        at = str_cut(at, 0, cut > 3 ? cut - 3 : 0);
    }
    return NULL;
}

/* With all that stands above. True: it was not there. */
static bool take(struct import *m, str name)
{
    bool some = false;
    for (size_t end = name.n; end > 0; end--) {
        if (end != name.n && (end + 3 > name.n || memcmp(name.p + end, " . ", 3) != 0)) continue;
        const char *key = owner_of(m, str_cut(name, 0, end));
        if (!key || json_object_get(m->taken, key)) continue;
        json_object_set_new(m->taken, key, json_object());
        some = true;
    }
    return some;
}

static err listed_take(struct import *m, const struct rulebase *base, json_t *one)
{
    const char *name = json_is_object(one) ? json_object_iter_key(json_object_iter(one)) : json_string_value(one);
    if (!name || !rulebase_has(base, str_of(name))) return refuse(m, "unknown_rule", "le paquet n’a pas de règle", str_of(name ? name : ""));
    take(m, str_of(name));
    json_t *over = json_is_object(one) ? json_object_get(one, name) : NULL;
    const char *key = owner_of(m, str_of(name));
    if (json_is_object(over)) json_object_update(json_object_get(m->taken, key), over);
    return NO_ERR;
}

static void needed_take(struct import *m, const struct rulebase *base)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < base->references.n; i++) {
            const struct node *n = base->references.v[i];
            const char *from = owner_of(m, n->reference.from->name);
            if (from && json_object_get(m->taken, from)) more = take(m, n->reference.to->name) || more;
        }
    }
}

static err put(struct import *m, str key, json_t *rule)
{
    bool hidden = str_starts(key, S(PRIVATE));
    if (hidden) key = str_cut(key, sizeof PRIVATE - 1, key.n);
    str name = str_fmt(m->mem, "%s%.*s . %.*s", hidden ? PRIVATE : "", STR_ARG(m->into), STR_ARG(key));
    if (json_object_get(m->out, str_z(m->mem, name))) return refuse(m, "defined_twice", "cette règle est déjà définie :", name);
    json_object_set(m->out, str_z(m->mem, name), rule);
    return NO_ERR;
}

static err taken_put(struct import *m)
{
    const char *key;
    json_t *rule;
    for (size_t end = 1; end <= m->into.n; end++) {     /* the namespace, and those above it */
        if (end != m->into.n && (end + 3 > m->into.n || memcmp(m->into.p + end, " . ", 3) != 0)) continue;
        const char *space = str_z(m->mem, str_cut(m->into, 0, end));
        if (!json_object_get(m->out, space)) json_object_set_new(m->out, space, json_null());
    }
    json_object_foreach(m->package.rules, key, rule) {
        json_t *over = json_object_get(m->taken, key);
        if (!over) continue;
        if (json_object_size(over)) {
            rule = json_own(m->mem, json_is_object(rule) ? json_copy(rule) : json_is_null(rule) ? json_object() : json_pack("{s:O}", "valeur", rule));
            json_object_update(rule, over);
        }
        TRY(put(m, str_of(key), rule));
    }
    return NO_ERR;
}

static err import(struct import *m, json_t *one)
{
    json_t *list = json_object_get(one, "les règles"), *each;
    struct rulebase *base;
    size_t i;
    err e = NO_ERR;
    m->taken = json_own(m->mem, json_object());
    if (rulebase_new(&base, m->package.rules, NULL, m->fault).code != OK) return refuse(m, m->fault->code, "un paquet ne peut pas être lu :", m->fault->message);
    if (!json_array_size(list)) e = refuse(m, "list", "il faut « les règles » à prendre du paquet", m->package.name);
    for (i = 0; e.code == OK && i < json_array_size(list); i++) {
        each = json_array_get(list, i);
        e = listed_take(m, base, each);
    }
    if (e.code == OK) needed_take(m, base);
    rulebase_free(base);
    return e.code == OK ? taken_put(m) : e;
}

err rules_import(arena *mem, json_t *rules, const struct rule_package *packages, size_t n, json_t **out, struct rule_fault *fault)
{
    json_t *v = json_object_get(rules, IMPORT);
    struct import m = {.mem = mem, .fault = fault};
    *fault = (struct rule_fault){.code = NULL};
    *out = rules;
    if (!v) return NO_ERR;
    m.out = *out = json_own(mem, json_copy(rules));
    json_object_del(m.out, IMPORT);
    for (size_t i = 0; i < imports_n(v); i++) {
        json_t *one = import_at(v, i);
        str name = package_of(one), into = json_str(one, "dans");
        m.package = (struct rule_package){.rules = NULL};
        for (size_t k = 0; k < n; k++)
            if (str_eq(packages[k].name, name)) m.package = packages[k];
        if (!m.package.rules) return refuse(&m, "no_package", "ce paquet de règles n’est pas donné :", name);
        m.into = into.n ? into : name;
        TRY(import(&m, one));
    }
    return NO_ERR;
}
