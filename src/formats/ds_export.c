/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_export.c — from a kind to a descriptor, built from the kind. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "formats/ds_descriptor.h"
#include "formats/ds_members.h"
#include "formats/ds_root.h"
#include "formats/ds_shape.h"

struct writer { arena *mem; const json_t *fields; };

static json_t *write_fields(struct writer *w, const json_t *fields, int wanted);     /* 0 public, 1 private, 2 all */

/* ——— conditions ——— */

/* The condition as it was, as long as it says what `when` says; one that could not be read, as long as there is no `when`. */
static bool still_says(struct writer *w, const json_t *field, const json_t *raw, const json_t *when)
{
    json_t *rule;

    if (json_is_null(raw) || json_bool(ds_foreign(field), "unread", false) || ds_condition_to_rule(w->mem, raw, w->fields, &rule).code != OK)
        return !when;
    return rule ? when && json_equal(rule, when) : !when;
}

/* A new reference. */
static json_t *write_condition(struct writer *w, const json_t *field)
{
    const json_t *when = json_object_get(field, "when");
    union { const json_t *in; json_t *out; } kept = {ds_kept(field, "condition")};
    json_t *now;

    if (kept.in && still_says(w, field, kept.in, when))
        return json_incref(kept.out);
    if (!when || rule_to_ds_condition(w->mem, when, w->fields, &now).code != OK)
        return json_null();
    return json_incref(now);
}

static json_t *write_expression(struct writer *w, const json_t *field, const json_t *condition)
{
    union { const json_t *in; json_t *out; } says = {ds_kept(field, "conditionExpression")};
    const json_t *kept = ds_kept(field, "condition");

    if (says.in && (!condition || json_equal(condition, kept) || (json_is_null(condition) && !kept)))
        return json_incref(says.out);
    if (!condition || json_is_null(condition))
        return json_null();
    return json_from_str(ds_expression(w->mem, condition));
}

/* ——— one field ——— */

static json_t *write_member(struct writer *w, const struct ds_member *m, const json_t *field)
{
    union { const json_t *in; json_t *out; } kept = {ds_kept(field, m->key)};

    /* beside __typename, which decides, `type` may say anything */
    const json_t *keys = json_object_get(ds_foreign(field), "keys");
    bool idle = strcmp(m->key, "type") == 0 && ds_is_texts(keys) && ds_keys_have(keys, "__typename");
    if (kept.in && (idle || ds_says(w->mem, m, kept.in, field)))
        return json_incref(kept.out);
    return m->write(w->mem, field, kept.in);
}

static json_t *write_children(struct writer *w, const json_t *field)
{
    const json_t *children = json_object_get(field, "fields");
    union { const json_t *in; json_t *out; } kept = {ds_kept(field, "champDescriptors")};

    if (kept.in && json_array_size(children) == 0)
        return json_incref(kept.out);
    return json_is_array(children) ? write_fields(w, children, 2) : ds_usual_value("champDescriptors");
}

static json_t *write_key(struct writer *w, const json_t *field, const char *key, const json_t *made)
{
    const struct ds_member *m = ds_member(key);
    union { const json_t *in; json_t *out; } kept = {ds_kept(field, key)};

    if (m)
        return write_member(w, m, field);
    if (strcmp(key, "champDescriptors") == 0)
        return write_children(w, field);
    if (strcmp(key, "condition") == 0)
        return write_condition(w, field);
    if (strcmp(key, "conditionExpression") == 0)
        return write_expression(w, field, json_object_get(made, "condition"));
    if (kept.in)
        return json_incref(kept.out);
    return strcmp(key, "id") == 0 ? json_from_str(json_str(field, "id")) : ds_usual_value(key);
}

/* What the descriptor did not say, and the kind says now. */
static void write_added(struct writer *w, const json_t *field, json_t *made)
{
    for (const struct ds_member *m = ds_members; m->key; m++)
        if (strcmp(m->key, "type") != 0 && strcmp(m->key, "__typename") != 0 && !json_object_get(made, m->key) &&
            !ds_says(w->mem, m, NULL, field))
            ds_put(made, m->key, m->write(w->mem, field, NULL));
    if (json_array_size(json_object_get(field, "fields")) > 0 && !json_object_get(made, "champDescriptors"))
        ds_put(made, "champDescriptors", write_children(w, field));
    if (json_object_get(field, "when") && !json_object_get(made, "condition")) {
        json_t *condition = write_condition(w, field);
        if (!json_is_null(condition))
            ds_put(made, "condition", condition);
    }
}

static json_t *write_field(struct writer *w, const json_t *field)
{
    json_t *kept_keys = json_object_get(ds_foreign(field), "keys"), *made = json_object();
    const struct ds_member *typename = ds_member("__typename");
    json_t *name = json_own(w->mem, write_member(w, typename, field));
    json_t *keys = json_own(w->mem, ds_is_texts(kept_keys) ? json_incref(kept_keys) : ds_usual_keys(json_text(name)));

    if (!made)
        abort();
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        ds_put(made, key, write_key(w, field, key, made));
    }
    write_added(w, field, made);
    return made;
}

static json_t *write_fields(struct writer *w, const json_t *fields, int wanted)
{
    json_t *list = json_array();

    if (!list)
        abort();
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        if (wanted == 2 || json_bool(field, "private", false) == (wanted == 1))
            json_array_append_new(list, write_field(w, field));
    }
    return list;
}

err kind_to_ds(arena *mem, const json_t *kind, json_t **descriptor)
{
    struct writer w = {mem, json_object_get(kind, "fields")};

    if (!json_is_array(w.fields))
        return FAIL_AT(E_INVALID, W("formats.ds.list_expected"), "fields");
    json_t *fields = write_fields(&w, w.fields, 0), *annotations = write_fields(&w, w.fields, 1);
    *descriptor = json_own(mem, ds_root_write(mem, kind, fields, annotations));
    return NO_ERR;
}
