/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_place.c — where in the rules a finding is. Values are found again by their address: the parser keeps those it was given. */
#include <string.h>
#include "formats/marks.h"
#include "rules/checking.h"

enum { FINDINGS_MOST = 500, DEEP = 80, SEARCHED_MOST = 5000000 /* values, for the places of all findings */ };

static const char choices_key[] = "une possibilité";

/* ---- where a rule is ---- */

static json_t *named(json_t *rules, str name, arena *mem, str *key)
{
    str hidden = str_fmt(mem, "[privé] %.*s", STR_ARG(name));
    json_t *v = json_object_getn(rules, name.p, name.n);
    *key = v ? name : hidden;
    return v ? v : json_object_getn(rules, hidden.p, hidden.n);
}

/* A possibility that is a map defines its rule. */
static json_t *among_choices(arena *mem, json_t *v, str name, str *path)
{
    size_t i;
    json_t *one, *list = json_object_get(v, choices_key), *found;
    str at = pointer_add(mem, *path, S("une possibilité"));
    if (json_is_object(list)) list = json_object_get(list, "possibilités"), at = pointer_add(mem, at, S("possibilités"));
    json_array_foreach(list, i, one) {
        if (!json_is_object(one) || !(found = json_object_getn(one, name.p, name.n))) continue;
        *path = pointer_add(mem, pointer_add(mem, at, str_fmt(mem, "%zu", i)), name);
        return found;
    }
    return NULL;
}

/* "a . b . c" under `rules` or, by `avec`, under one that begins its name. The nearest that is found. */
static json_t *rule_place(arena *mem, json_t *rules, str name, str *path)
{
    json_t *v = NULL;
    for (str head = name; json_is_object(rules) && head.n;) {
        str key, rest = str_cut(name, head.n + 3, name.n);
        json_t *one = named(rules, head, mem, &key);
        if (one) {
            *path = pointer_add(mem, *path, key);
            v = one;
            if (!rest.n) return v;
            str from = *path, first = rest;
            *path = pointer_add(mem, *path, S("avec"));
            rules = json_object_get(v, "avec");
            for (ptrdiff_t i; !named(rules, first, mem, &key) && (i = str_find(first, S(" . "))) >= 0;) first = str_cut(first, 0, (size_t)i);
            if (!named(rules, first, mem, &key)) {
                json_t *choice = among_choices(mem, v, first, &from);
                return *path = from, choice ? choice : v;
            }
            name = head = rest;
            continue;
        }
        ptrdiff_t cut = -1;
        for (size_t i = 0; i + 3 <= head.n; i++)
            if (memcmp(head.p + i, " . ", 3) == 0) cut = (ptrdiff_t)i;
        if (cut < 0) return v;
        head = str_cut(head, 0, (size_t)cut);
    }
    return v;
}

/* ---- where a value is ---- */

static bool value_place(struct check *c, json_t *in, const json_t *at, str *path, int depth)
{
    const char *key;
    json_t *one;
    size_t i;
    if (depth > DEEP || c->searched++ > SEARCHED_MOST) return false;
    json_object_foreach(in, key, one) {
        if (one != at && !value_place(c, one, at, path, depth + 1)) continue;
        return *path = str_fmt(c->mem, "%.*s%.*s", STR_ARG(pointer_add(c->mem, STR_NONE, str_of(key))), STR_ARG(*path)), true;
    }
    json_array_foreach(in, i, one) {
        if (one != at && !value_place(c, one, at, path, depth + 1)) continue;
        return *path = str_fmt(c->mem, "/%zu%.*s", i, STR_ARG(*path)), true;
    }
    return false;
}

/* Without what the engine adds: "a . $INTERNAL acc", "a . $SITUATION". */
static str plain_name(str name)
{
    ptrdiff_t at = str_find(name, S(" . $"));
    return at < 0 ? name : str_cut(name, 0, (size_t)at);
}

void check_add(struct check *c, str rule, const json_t *at, const char *code, enum rules_severity severity, str message)
{
    if (c->told >= FINDINGS_MOST) return;
    c->told++;
    str name = plain_name(rule), path = STR_NONE, within = STR_NONE;
    json_t *definition = rule_place(c->mem, c->rules, name, &path);
    if (at && definition && definition != at && value_place(c, definition, at, &within, 0))
        path = str_fmt(c->mem, "%.*s%.*s", STR_ARG(path), STR_ARG(within));
    for (size_t i = 0; i < c->out->n; i++) {            /* the same of two nodes of one value */
        const struct rules_finding *f = &c->out->v[i];
        if (strcmp(f->code, code) == 0 && str_eq(f->path, path) && str_eq(f->message, message)) return;
    }
    c->out->errors += severity == RULES_ERROR;
    struct rules_finding f = {.code = code, .severity = severity, .rule = str_copy(c->mem, name), .path = path, .message = message};
    PUSH(c->mem, c->out, f);
}
