/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_options.c — the options of a choice. A descriptor has a list of texts; a linked choice has lines `--First choice--`, each followed by
   its second choices. A kind has options with an id for life, a label, and for a linked choice a group. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_members.h"

static bool is_linked(const json_t *field)
{
    return str_is(json_str(field, "type"), "linked_choice");
}

static bool has_options(const json_t *field)
{
    str type = json_str(field, "type");
    return str_is(type, "choice") || str_is(type, "choices") || is_linked(field);
}

static bool is_first_choice(str line, str *name)
{
    line = str_trim(line);
    if (line.n <= 4 || !str_starts(line, S("--")) || !str_ends(line, S("--")))
        return false;
    *name = str_cut(line, 2, line.n - 2);
    return true;
}

/* ——— ids that live on ——— */

struct known {
    arena *mem;
    const json_t *old;          /* the options as they were, or NULL */
    json_t *places;             /* group and label → list of places in old, the first not used yet first */
    bool *used;
    json_int_t next;
};

static const char *place_key(struct known *k, str group, str label)
{
    return str_z(k->mem, str_fmt(k->mem, "%zu:%.*s%.*s", group.n, STR_ARG(group), STR_ARG(label)));
}

/* The number of an id of ours, o12; 0 for others. */
static json_int_t own_number(str id)
{
    int64_t n;
    return str_starts(id, S("o")) && str_i64(str_cut(id, 1, id.n), &n).code == OK && n > 0 && n < 1000000000 ? (json_int_t)n : 0;
}

static void known_open(struct known *k, arena *mem, const json_t *old)
{
    size_t n = json_array_size(old);

    *k = (struct known){.mem = mem, .old = old, .places = json_own(mem, json_object()), .used = NEW_N(mem, bool, n + 1), .next = 1};
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(old, i);
        const char *key = place_key(k, json_str(o, "group"), ds_text(json_object_get(o, "label")));
        json_t *list = json_object_get(k->places, key);
        if (!list)
            ds_put(k->places, key, list = json_array());
        json_array_append_new(list, json_integer((json_int_t)i));
        json_int_t number = own_number(json_str(o, "id"));
        if (number >= k->next)
            k->next = number + 1;
    }
}

/* A new reference. Options offered come before retired ones of the same label. */
static json_t *known_take(struct known *k, str group, str label)
{
    json_t *list = json_object_get(k->places, place_key(k, group, label));

    for (int retired = 0; retired < 2; retired++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            size_t at = (size_t)json_integer_value(json_array_get(list, i));
            json_t *o = json_array_get(k->old, at);
            if (k->used[at] || json_bool(o, "retired", false) != (retired == 1))
                continue;
            k->used[at] = true;
            if (!retired)
                return json_incref(o);
            json_t *again = json_copy(o);
            json_object_del(again, "retired");
            return again;
        }
    json_t *o = json_object();
    if (!o)
        abort();
    ds_put(o, "id", json_from_str(str_fmt(k->mem, "o%lld", (long long)k->next++)));
    ds_put(o, "label", json_from_str(label));
    if (group.p)
        ds_put(o, "group", json_from_str(group));
    return o;
}

/* Those not offered any more stay, for the records that hold them. */
static void known_retire(struct known *k, json_t *options)
{
    for (size_t i = 0; i < json_array_size(k->old); i++) {
        json_t *o = json_array_get(k->old, i);
        if (k->used[i])
            continue;
        if (!json_bool(o, "retired", false)) {
            o = json_own(k->mem, json_copy(o));
            ds_put(o, "retired", json_true());
        }
        json_array_append(options, o);
    }
}

/* ——— reading ——— */

static err check_list(arena *mem, str at, const json_t *raw)
{
    if (!json_is_array(raw))
        return ds_fault(mem, W("formats.ds.list_expected"), at, "");
    if (json_array_size(raw) > DS_MAX_OPTIONS)
        return ds_fault(mem, W("formats.ds.too_many_options"), at, "");
    for (size_t i = 0; i < json_array_size(raw); i++)
        if (!json_is_string(json_array_get(raw, i)))
            return ds_fault(mem, W("formats.ds.text_expected"), at, str_z(mem, str_fmt(mem, "[%zu]", i)));
    return NO_ERR;
}

static void add(struct known *k, json_t *options, str group, str label)
{
    if (json_array_append_new(options, known_take(k, group, label)) != 0)
        abort();
}

/* A first choice without second ones can be chosen by itself: it is an option of its own group. */
static void read_linked(struct known *k, const json_t *raw, json_t *options)
{
    str group = STR_NONE, line;
    bool alone = false;

    for (size_t i = 0; i < json_array_size(raw); i++) {
        str name;
        line = json_text(json_array_get(raw, i));
        if (is_first_choice(line, &name)) {
            if (alone)
                add(k, options, group, group);
            group = name;
            alone = true;
        } else if (str_trim(line).n) {
            add(k, options, group, line);
            alone = false;
        }
    }
    if (alone)
        add(k, options, group, group);
}

err ds_read_options(arena *mem, str at, const json_t *raw, json_t *field)
{
    struct known k;

    if (!has_options(field)) {                              /* a country's are {name, code}: kept, not read */
        json_object_del(field, "options");
        return NO_ERR;
    }
    if (raw && !json_is_null(raw))
        TRY(check_list(mem, at, raw));
    const json_t *old = json_object_get(field, "options");
    known_open(&k, mem, json_is_array(old) ? old : NULL);
    json_t *options = json_own(mem, json_array());
    if (is_linked(field))
        read_linked(&k, raw, options);
    else
        for (size_t i = 0; i < json_array_size(raw); i++) {
            str label = json_text(json_array_get(raw, i));
            if (str_trim(label).n)
                add(&k, options, STR_NONE, label);
        }
    known_retire(&k, options);
    ds_put(field, "options", json_incref(options));
    return NO_ERR;
}

/* ——— writing ——— */

struct offer { str label, group; };
struct offers { struct offer *v; size_t n; };

/* Options as a list of objects, or, in kinds written by hand, an object from id to label. */
static struct offers offered(arena *mem, const json_t *field)
{
    struct offers all = {0};
    union { const json_t *in; json_t *out; } options = {json_object_get(field, "options")};

    for (size_t i = 0; i < json_array_size(options.in); i++) {
        const json_t *o = json_array_get(options.in, i);
        if (!json_bool(o, "retired", false))
            PUSH(mem, &all, (struct offer){ds_text(json_object_get(o, "label")), json_str(o, "group")});
    }
    for (void *it = json_object_iter(options.out); it; it = json_object_iter_next(options.out, it))
        PUSH(mem, &all, (struct offer){ds_text(json_object_iter_value(it)), STR_NONE});
    return all;
}

/* Empty lines of the older list stay before the option they stood before, counted. */
static void append(json_t *lines, const json_t *raw, size_t *at, str line)
{
    while (raw && *at < json_array_size(raw) && str_trim(json_text(json_array_get(raw, *at))).n == 0)
        json_array_append(lines, json_array_get(raw, (*at)++));
    if (line.p) {
        json_array_append_new(lines, json_from_str(line));
        (*at)++;
    }
}

json_t *ds_write_options(arena *mem, const json_t *field, const json_t *raw)
{
    struct offers all = offered(mem, field);
    json_t *lines = json_array();
    size_t at = 0;

    if (!lines)
        abort();
    if (!has_options(field)) {
        json_decref(lines);
        return json_null();
    }
    for (size_t i = 0; i < all.n; i++) {
        struct offer o = all.v[i];
        bool first = i == 0 || !str_eq(all.v[i - 1].group, o.group), last = i + 1 == all.n || !str_eq(all.v[i + 1].group, o.group);
        if (o.group.p && first && is_linked(field))
            append(lines, raw, &at, str_fmt(mem, "--%.*s--", STR_ARG(o.group)));
        if (!(o.group.p && first && last && str_eq(o.group, o.label) && is_linked(field)))
            append(lines, raw, &at, o.label.p ? o.label : S(""));
    }
    append(lines, raw, &at, STR_NONE);
    return lines;
}
