/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_import.c — from a descriptor to a kind. */
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "base/words.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_members.h"
#include "formats/ds_root.h"
#include "formats/ds_shape.h"
#include "formats/ds_types.h"
#include "rules/rules.h"

#define NAME_MAX_LENGTH 60

/* A field made, and where it comes from: conditions are read once all fields are there. */
struct made { json_t *field; const json_t *descriptor; const json_t *parent; str at; };

struct reader {
    arena *mem;
    struct ds_import *out;
    json_t *old;                    /* fields of the previous definition, by id */
    json_t *ids, *names;            /* taken */
    struct { struct made *v; size_t n; } made;
};

/* ——— ids and names ——— */

static bool taken(json_t *set, str s)
{
    return json_object_getn(set, s.p, s.n) != NULL;
}

/* Beside what is taken stands the number that was tried last: many fields may have one label. */
static void take(json_t *set, str s, int tried)
{
    if (json_object_setn_new(set, s.p, s.n, json_integer(tried)) != 0)
        abort();
}

static str fresh(arena *mem, json_t *set, str wanted, const char *between)
{
    str s = wanted;
    int i = (int)json_integer_value(json_object_getn(set, wanted.p, wanted.n));

    while (taken(set, s))
        s = str_fmt(mem, "%.*s%s%d", STR_ARG(wanted), between, ++i);
    take(set, wanted, i ? i : 1);
    if (i > 1)
        take(set, s, 1);
    return s;
}

/* Letters, digits, - _ =, not beginning with _ (docs/kinds.md). */
static str id_for(struct reader *r, str raw)
{
    char *p = arena_alloc(r->mem, raw.n + 2);
    size_t n = 0;

    for (size_t i = 0; i < raw.n && n < 100; i++) {
        char c = raw.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '=' || (c == '_' && n > 0);
        if (good)
            p[n++] = c;
        else if (n > 0)
            p[n++] = '-';
    }
    str id = n ? (str){p, n} : str_fmt(r->mem, "f%zu", r->made.n + 1);
    return fresh(r->mem, r->ids, id, "-");
}

static void give_name(struct reader *r, json_t *field)
{
    str type = json_str(field, "type"), name;

    if (str_is(type, "heading") || str_is(type, "note") || json_object_get(field, "name"))
        return;
    name = rule_name_from(r->mem, ds_text(json_object_get(field, "label")));
    if (!name.p)
        name = S("question");
    str cut = utf8_cut(name, NAME_MAX_LENGTH);
    if (cut.n < name.n) {                                   /* at a word's end */
        while (cut.n > 0 && cut.p[cut.n - 1] != ' ')
            cut.n--;
        name = rule_name_from(r->mem, cut.n ? cut : utf8_cut(name, NAME_MAX_LENGTH));
    }
    ds_put(field, "name", json_from_str(fresh(r->mem, r->names, name, " ")));
}

static void remember_old(struct reader *r, const json_t *fields)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        json_t *f = json_array_get(fields, i);
        str id = json_str(f, "id");
        if (id.n && !taken(r->old, id))
            json_object_setn(r->old, id.p, id.n, f);
        remember_old(r, json_object_get(f, "fields"));
    }
}

/* Names of fields that stay are theirs before new fields ask. */
static void keep_name(struct reader *r, json_t *field, const json_t *old)
{
    str name = json_str(old, "name");

    if (name.n && !taken(r->names, name)) {
        take(r->names, name, 1);
        ds_put(field, "name", json_from_str(name));
    } else {
        json_object_del(field, "name");
    }
}

/* ——— one field ——— */

static void note(struct reader *r, str at, const char *why)
{
    PUSH(r->mem, &r->out->notes, (struct ds_note){str_z(r->mem, at), why});
}

static void unknown(struct reader *r, str name)
{
    for (size_t i = 0; i < r->out->unknown.n; i++)
        if (str_eq(r->out->unknown.v[i], name))
            return;
    PUSH(r->mem, &r->out->unknown, str_copy(r->mem, name));
}

static err read_types(struct reader *r, const json_t *d, str at, json_t *field)
{
    const json_t *named = json_object_get(d, "__typename"), *old = json_object_get(d, "type");

    if (!json_is_string(named) && !json_is_string(old))
        return ds_fault(r->mem, W("formats.ds.missing"), at, "__typename");
    TRY(ds_member("type")->read(r->mem, str_fmt(r->mem, "%.*s.type", STR_ARG(at)), old, field));
    TRY(ds_member("__typename")->read(r->mem, str_fmt(r->mem, "%.*s.__typename", STR_ARG(at)), named, field));
    if (!ds_type_named(json_text(named)) && !ds_type_old(json_text(old)))
        unknown(r, json_is_string(named) ? json_text(named) : json_text(old));
    return NO_ERR;
}

/* What only Beffroi says of a field stays with it, as long as its type does. */
static void take_over(struct reader *r, json_t *field, str id)
{
    json_t *old = json_object_getn(r->old, id.p, id.n);

    if (old && str_eq(json_str(old, "type"), json_str(field, "type")))
        json_object_update_missing(field, old);
    else if (old && json_object_get(old, "purpose"))
        json_object_set(field, "purpose", json_object_get(old, "purpose"));
    keep_name(r, field, old);
}

static err read_members(struct reader *r, const json_t *d, str at, json_t *field)
{
    for (const struct ds_member *m = ds_members; m->key; m++) {
        if (strcmp(m->key, "type") == 0 || strcmp(m->key, "__typename") == 0)
            continue;
        str here = str_fmt(r->mem, "%.*s.%s", STR_ARG(at), m->key);
        TRY(m->read(r->mem, here, json_object_get(d, m->key), field));
    }
    return NO_ERR;
}

static err read_fields(struct reader *r, const json_t *list, str at, const json_t *parent, bool is_private, json_t *into);

static err read_children(struct reader *r, const json_t *d, str at, const json_t *parent, json_t *field)
{
    const json_t *list = json_object_get(d, "champDescriptors");

    json_object_del(field, "fields");
    if (!str_is(json_str(field, "type"), "repeat"))
        return NO_ERR;
    if (parent)
        return ds_fault(r->mem, W("formats.ds.nested"), at, "");
    json_t *children = json_array();
    ds_put(field, "fields", children);
    if (list && !json_is_null(list))
        TRY(read_fields(r, list, str_fmt(r->mem, "%.*s.champDescriptors", STR_ARG(at)), field, false, children));
    if (json_array_size(children) == 0)
        note(r, at, W("formats.ds.empty_block"));
    return NO_ERR;
}

static bool is_condition(const char *key)
{
    return strcmp(key, "condition") == 0 || strcmp(key, "conditionExpression") == 0;
}

/* Whether the field gives this value back by itself. */
static bool gives_back(struct reader *r, const json_t *field, const json_t *usual, const char *key, const json_t *raw)
{
    const struct ds_member *m = ds_member(key);

    if (strcmp(key, "id") == 0)
        return json_is_string(raw) && str_eq(json_text(raw), json_str(field, "id"));
    if (strcmp(key, "champDescriptors") == 0)
        return json_is_array(raw) && json_object_get(field, "fields");
    if (!m && !ds_keys_have(usual, key))
        return false;
    json_t *back = m ? m->write(r->mem, field, NULL) : ds_usual_value(key);
    bool same = json_equal(back, raw);
    json_decref(back);
    return same;
}

/* What of this descriptor the field does not give back by itself; conditions come later. */
static json_t *kept_of(struct reader *r, const json_t *d, const json_t *field)
{
    json_t *ds = json_object(), *values = json_object(), *keys = json_own(r->mem, ds_keys_of(d));
    json_t *usual = json_own(r->mem, ds_usual_keys(json_str(d, "__typename")));

    if (!ds || !values)
        abort();
    if (!json_equal(keys, usual))
        ds_put(ds, "keys", json_incref(keys));
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        json_t *raw = json_object_get(d, key);
        if (!is_condition(key) && !gives_back(r, field, usual, key, raw))
            json_object_set(values, key, raw);
    }
    if (json_object_size(values) > 0)
        ds_put(ds, "values", values);
    else
        json_decref(values);
    return ds;
}

static err read_field(struct reader *r, const json_t *d, str at, const json_t *parent, bool is_private, json_t *into)
{
    json_t *field = json_object();
    const json_t *raw_id = json_object_get(d, "id");

    if (!field || json_array_append_new(into, field) != 0)
        abort();
    if (!json_is_object(d))
        return ds_fault(r->mem, W("formats.ds.object_expected"), at, "");
    if (++r->out->n_fields > DS_MAX_FIELDS)
        return ds_fault(r->mem, W("formats.ds.too_many_fields"), at, "");
    if (raw_id && !json_is_string(raw_id) && !json_is_integer(raw_id) && !json_is_null(raw_id))
        return ds_fault(r->mem, W("formats.ds.text_expected"), at, "id");

    str id = id_for(r, json_is_integer(raw_id) ? str_fmt(r->mem, "%lld", (long long)json_integer_value(raw_id)) : json_text(raw_id));
    ds_put(field, "id", json_from_str(id));
    TRY(read_types(r, d, at, field));
    take_over(r, field, id);
    PUSH(r->mem, &r->made, (struct made){field, d, parent, at});
    TRY(read_members(r, d, at, field));
    if (is_private)
        ds_put(field, "private", json_true());
    else
        json_object_del(field, "private");
    TRY(read_children(r, d, at, parent, field));
    ds_foreign_set(field, kept_of(r, d, field));
    str type = json_str(field, "type");
    if ((str_is(type, "choice") || str_is(type, "choices") || str_is(type, "linked_choice")) && !json_object_get(field, "list") &&
        json_array_size(json_object_get(field, "options")) == 0)
        note(r, str_fmt(r->mem, "%.*s.options", STR_ARG(at)), W("formats.ds.empty_list"));
    return NO_ERR;
}

static err read_fields(struct reader *r, const json_t *list, str at, const json_t *parent, bool is_private, json_t *into)
{
    if (!json_is_array(list))
        return ds_fault(r->mem, list ? W("formats.ds.list_expected") : W("formats.ds.missing"), at, "");
    for (size_t i = 0; i < json_array_size(list); i++)
        TRY(read_field(r, json_array_get(list, i), str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i), parent, is_private, into));
    return NO_ERR;
}

/* ——— conditions ——— */

/* The field itself, or "field . part". */
static bool is_or_part_of(str name, str field)
{
    return str_eq(name, field) || (str_starts(name, field) && str_starts(str_cut(name, field.n, name.n), S(" . ")));
}

/* A rule reads what stands before it: of the record, or of its own row. */
static bool reads_only_before(struct reader *r, size_t at, const struct rule *rule)
{
    struct strs names = rule_names(r->mem, rule);

    for (size_t i = 0; i < names.n; i++) {
        bool found = false;
        for (size_t k = 0; k < at && !found; k++)
            found = is_or_part_of(names.v[i], json_str(r->made.v[k].field, "name")) &&
                    (!r->made.v[k].parent || r->made.v[k].parent == r->made.v[at].parent);
        if (!found)
            return false;
    }
    return true;
}

/* Adds to foreign.ds.values, or to foreign.ds itself. */
static void keep(json_t *field, bool beside, const char *key, json_t *raw)
{
    json_t *is = ds_foreign(field), *ds = is ? json_copy(is) : json_object(), *old = json_object_get(ds, "values");
    json_t *values = old ? json_copy(old) : json_object();

    if (!ds || !values)
        abort();
    json_object_set(beside ? ds : values, key, raw);
    if (json_object_size(values) > 0)
        ds_put(ds, "values", values);
    else
        json_decref(values);
    ds_foreign_set(field, ds);
}

static void read_condition(struct reader *r, size_t i, const json_t *fields)
{
    struct made *m = &r->made.v[i];
    json_t *raw = json_object_get(m->descriptor, "condition"), *says = json_object_get(m->descriptor, "conditionExpression");
    json_t *rule, *back = NULL;
    struct rule *parsed;

    if (says && !raw)
        keep(m->field, false, "conditionExpression", says);
    if (!raw)
        return;                                             /* this file does not speak of conditions: Beffroi's own stays */
    json_object_del(m->field, "when");
    if (!json_is_null(raw)) {
        err e = ds_condition_to_rule(r->mem, raw, fields, &rule);
        if (e.code == OK && !rule)
            back = NULL;                                    /* always asked: theirs returns as it came */
        else if (e.code != OK || rule_parse_json(r->mem, rule, &parsed).code != OK || !reads_only_before(r, i, parsed)) {
            note(r, str_fmt(r->mem, "%.*s.condition", STR_ARG(m->at)), W("formats.ds.condition_not_taken"));
            keep(m->field, true, "unread", json_true());
        } else {
            json_object_set(m->field, "when", rule);
            if (rule_to_ds_condition(r->mem, rule, fields, &back).code != OK)
                back = NULL;
        }
    }
    bool usual = !says || str_eq(json_text(says), ds_expression(r->mem, raw)) || (json_is_null(says) && json_is_null(raw));
    if (!json_is_null(raw) && (!json_equal(back, raw) || !usual))
        keep(m->field, false, "condition", raw);
    if (!usual)
        keep(m->field, false, "conditionExpression", says);
}

/* ——— the whole ——— */

static bool deeper_than(const json_t *v, int depth)
{
    union { const json_t *in; json_t *out; } same = {v};

    if (depth == 0)
        return json_is_array(v) || json_is_object(v);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (deeper_than(json_array_get(v, i), depth - 1))
            return true;
    for (void *it = json_object_iter(same.out); it; it = json_object_iter_next(same.out, it))
        if (deeper_than(json_object_iter_value(it), depth - 1))
            return true;
    return false;
}

static err import_all(struct reader *r, const json_t *descriptor, const json_t *previous, json_t *kind)
{
    struct ds_root root;
    json_t *fields = json_own(r->mem, json_array());

    TRY(ds_root_find(r->mem, descriptor, &root));
    TRY(ds_root_read(r->mem, &root, previous, kind));
    remember_old(r, json_object_get(previous, "fields"));
    TRY(read_fields(r, json_object_get(root.revision, "champDescriptors"), str_fmt(r->mem, "%.*schampDescriptors", STR_ARG(root.revision_at)),
                    NULL, false, fields));
    const json_t *annotations = json_object_get(root.revision, "annotationDescriptors");
    if (annotations && !json_is_null(annotations))
        TRY(read_fields(r, annotations, str_fmt(r->mem, "%.*sannotationDescriptors", STR_ARG(root.revision_at)), NULL, true, fields));
    for (size_t i = 0; i < r->made.n; i++)
        give_name(r, r->made.v[i].field);
    for (size_t i = 0; i < r->made.n; i++)
        read_condition(r, i, fields);
    json_object_set(kind, "fields", fields);
    const json_t *ineligible = json_object_get(root.revision, "ineligibilite");
    if (ineligible && !json_is_null(ineligible))
        note(r, str_fmt(r->mem, "%.*sineligibilite", STR_ARG(root.revision_at)), W("formats.ds.ineligibility_not_taken"));
    ds_root_remaining(r->mem, kind, &r->out->remaining);
    return NO_ERR;
}

err ds_to_kind(arena *mem, const json_t *descriptor, const json_t *previous, struct ds_import *out)
{
    struct reader r = {.mem = mem, .out = out, .old = json_own(mem, json_object()), .ids = json_own(mem, json_object()),
                       .names = json_own(mem, json_object())};
    json_t *kind = json_own(mem, json_object());

    *out = (struct ds_import){0};
    if (deeper_than(descriptor, DS_MAX_DEPTH))
        return FAIL(E_INVALID, W("formats.ds.too_deep"));
    TRY(import_all(&r, descriptor, previous, kind));
    out->kind = kind;
    return NO_ERR;
}
