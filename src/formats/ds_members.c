/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/ds_members.h"
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/ds_types.h"

#define NO_LABEL "…"

err ds_fault(arena *mem, const char *msg, str at, const char *key)
{
    return FAIL_AT(E_INVALID, msg, str_z(mem, str_fmt(mem, "%.*s%s%s", STR_ARG(at), at.n && *key && *key != '[' ? "." : "", key)));
}

void ds_put(json_t *obj, const char *key, json_t *value)
{
    if (json_object_set_new(obj, key, value) != 0)
        abort();
}

str ds_text(const json_t *text)
{
    return json_is_object(text) ? json_str(text, "fr") : json_text(text);
}

void ds_text_set(json_t *obj, const char *key, str french)
{
    json_t *is = json_object_get(obj, key);

    if (is && str_eq(ds_text(is), french))
        return;
    json_t *text = json_is_object(is) ? json_copy(is) : json_object();
    if (!text)
        abort();
    ds_put(text, "fr", json_from_str(french));
    ds_put(obj, key, text);
}

/* A tag or a character reference: the rest is plain text with line ends. */
bool ds_looks_html(str s)
{
    for (size_t i = 0; i + 2 < s.n; i++) {
        char c = s.p[i + 1];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (s.p[i] == '<' && (letter || c == '/' || c == '!') && str_find_char(str_cut(s, i, s.n), '>') > 0)
            return true;
        if (s.p[i] == '&' && (letter || c == '#')) {
            ptrdiff_t end = str_find_char(str_cut(s, i, i + 12), ';');
            if (end > 2)
                return true;
        }
    }
    return false;
}

static bool is_type(const json_t *field, const char *type)
{
    return str_is(json_str(field, "type"), type);
}

static bool is_data(const json_t *field)
{
    return !is_type(field, "heading") && !is_type(field, "note");
}

static err wants_text(arena *mem, str at, const json_t *raw)
{
    return !raw || json_is_string(raw) || json_is_null(raw) ? NO_ERR : ds_fault(mem, W("formats.ds.text_expected"), at, "");
}

/* ——— type, __typename ——— */

/* A name nobody knows is plain text, unless the other of the two names is known. */
static void read_type(json_t *field, const struct ds_type *t)
{
    if (t || !json_object_get(field, "type"))
        ds_put(field, "type", json_string(t ? t->kind_type : "text"));
}

static err read_old_type(arena *mem, str at, const json_t *raw, json_t *field)
{
    TRY(wants_text(mem, at, raw));
    read_type(field, ds_type_old(json_text(raw)));
    return NO_ERR;
}

static json_t *write_old_type(arena *mem, const json_t *field, const json_t *raw)
{
    const struct ds_type *t = ds_type_for(json_str(field, "type"));
    return json_string(t ? t->old_name : "text");
}

static err read_typename(arena *mem, str at, const json_t *raw, json_t *field)
{
    TRY(wants_text(mem, at, raw));
    read_type(field, ds_type_named(json_text(raw)));
    return NO_ERR;
}

static json_t *write_typename(arena *mem, const json_t *field, const json_t *raw)
{
    const struct ds_type *t = ds_type_for(json_str(field, "type"));
    return json_from_str(str_fmt(mem, "%s" DS_SUFFIX, t ? t->name : "Text"));
}

/* ——— label, description ——— */

static err read_label(arena *mem, str at, const json_t *raw, json_t *field)
{
    str s = json_text(raw);

    if (!json_is_string(raw))
        return ds_fault(mem, raw ? W("formats.ds.text_expected") : W("formats.ds.missing"), at, "");
    ds_text_set(field, "label", str_trim(s).n ? s : S(NO_LABEL));
    return NO_ERR;
}

static json_t *write_label(arena *mem, const json_t *field, const json_t *raw)
{
    str s = ds_text(json_object_get(field, "label"));
    return json_from_str(s.p ? s : S(""));
}

static err read_description(arena *mem, str at, const json_t *raw, json_t *field)
{
    str s = json_text(raw);

    TRY(wants_text(mem, at, raw));
    json_object_del(field, "help_html");
    if (str_trim(s).n == 0) {
        json_object_del(field, "help");
        return NO_ERR;
    }
    ds_text_set(field, "help", s);
    if (ds_looks_html(s))
        ds_put(field, "help_html", json_true());
    return NO_ERR;
}

static json_t *write_description(arena *mem, const json_t *field, const json_t *raw)
{
    str s = ds_text(json_object_get(field, "help"));
    return json_from_str(s.p ? s : S(""));
}

/* ——— what is true or false ——— */

static err read_flag(arena *mem, str at, const json_t *raw, json_t *field, const char *member, bool takes)
{
    if (raw && !json_is_boolean(raw) && !json_is_null(raw))
        return ds_fault(mem, W("formats.ds.yes_no_expected"), at, "");
    if (json_is_true(raw) && takes)
        ds_put(field, member, json_true());
    else
        json_object_del(field, member);
    return NO_ERR;
}

static err read_required(arena *mem, str at, const json_t *raw, json_t *field)
{
    return read_flag(mem, at, raw, field, "required", is_data(field));
}

static json_t *write_required(arena *mem, const json_t *field, const json_t *raw)
{
    return json_boolean(json_bool(field, "required", false));
}

static err read_other(arena *mem, str at, const json_t *raw, json_t *field)
{
    return read_flag(mem, at, raw, field, "other", is_type(field, "choice"));
}

static json_t *write_other(arena *mem, const json_t *field, const json_t *raw)
{
    return json_boolean(json_bool(field, "other", false));
}

/* ——— level ——— */

static err read_level(arena *mem, str at, const json_t *raw, json_t *field)
{
    json_int_t level = json_integer_value(raw);

    if (raw && !json_is_integer(raw) && !json_is_null(raw))
        return ds_fault(mem, W("formats.ds.number_expected"), at, "");
    if (json_is_integer(raw) && is_type(field, "heading"))
        ds_put(field, "level", json_integer(level < 1 ? 1 : level > 3 ? 3 : level));
    else
        json_object_del(field, "level");
    return NO_ERR;
}

static json_t *write_level(arena *mem, const json_t *field, const json_t *raw)
{
    const json_t *level = json_object_get(field, "level");
    return json_is_integer(level) && is_type(field, "heading") ? json_integer(json_integer_value(level)) : json_null();
}

const struct ds_member ds_members[] = {
    {"type", read_old_type, write_old_type},            /* before __typename, which decides */
    {"__typename", read_typename, write_typename},
    {"label", read_label, write_label},
    {"description", read_description, write_description},
    {"required", read_required, write_required},
    {"options", ds_read_options, ds_write_options},
    {"otherOption", read_other, write_other},
    {"level", read_level, write_level},
    {0}};

const struct ds_member *ds_member(const char *key)
{
    for (const struct ds_member *m = ds_members; m->key; m++)
        if (strcmp(m->key, key) == 0)
            return m;
    return NULL;
}

bool ds_says(arena *mem, const struct ds_member *m, const json_t *raw, const json_t *field)
{
    json_t *read = json_object(), *a, *b;
    union { const json_t *in; json_t *out; } type = {json_object_get(field, "type")};
    bool same = false;

    if (!read)
        abort();
    if (type.in)
        ds_put(read, "type", json_incref(type.out));
    if (m->read(mem, STR_NONE, raw, read).code == OK) {
        a = m->write(mem, read, NULL);
        b = m->write(mem, field, NULL);
        same = json_equal(a, b);
        json_decref(a);
        json_decref(b);
    }
    json_decref(read);
    return same;
}
