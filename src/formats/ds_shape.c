/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/ds_shape.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "formats/ds_members.h"
#include "formats/ds_types.h"

json_t *ds_foreign(const json_t *obj)
{
    return json_object_get(json_object_get(obj, "foreign"), "ds");
}

const json_t *ds_kept(const json_t *obj, const char *key)
{
    return json_object_get(json_object_get(ds_foreign(obj), "values"), key);
}

void ds_foreign_set(json_t *obj, json_t *ds)
{
    json_t *is = json_object_get(obj, "foreign"), *foreign = json_is_object(is) ? json_copy(is) : json_object();

    if (!foreign)
        abort();
    if (json_object_size(ds) > 0) {
        ds_put(foreign, "ds", ds);
    } else {
        json_object_del(foreign, "ds");
        json_decref(ds);
    }
    if (json_object_size(foreign) > 0) {
        ds_put(obj, "foreign", foreign);
    } else {
        json_object_del(obj, "foreign");
        json_decref(foreign);
    }
}

static void add_key(json_t *keys, const char *key, size_t n)
{
    if (json_array_append_new(keys, json_stringn(key, n)) != 0)
        abort();
}

json_t *ds_keys_of(const json_t *descriptor)
{
    union { const json_t *in; json_t *out; } same = {descriptor};
    json_t *keys = json_array();

    if (!keys)
        abort();
    for (void *it = json_object_iter(same.out); it; it = json_object_iter_next(same.out, it))
        add_key(keys, json_object_iter_key(it), json_object_iter_key_len(it));
    return keys;
}

json_t *ds_usual_keys(str typename)
{
    static const char *const all[] = {"__typename", "id", "label", "description", "required"};
    const struct ds_type *t = ds_type_named(typename);
    json_t *keys = json_array();
    str rest = str_of(t ? t->own_keys : "");

    if (!keys)
        abort();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        add_key(keys, all[i], strlen(all[i]));
    while (rest.n) {
        str key = str_split(rest, ' ', &rest);
        add_key(keys, key.p, key.n);
    }
    return keys;
}

json_t *ds_usual_value(const char *key)
{
    return strcmp(key, "collapsibleExplanationEnabled") == 0 ? json_false() : json_null();
}

bool ds_is_texts(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return json_is_array(list);
}

bool ds_keys_have(const json_t *keys, const char *key)
{
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (strcmp(json_string_value(json_array_get(keys, i)), key) == 0)
            return true;
    return false;
}

str ds_id_of(arena *mem, int64_t stable_id)
{
    str plain = str_fmt(mem, "Champ-%lld", (long long)stable_id);
    char text[64];

    sodium_bin2base64(text, sizeof text, (const unsigned char *)plain.p, plain.n, sodium_base64_VARIANT_ORIGINAL);
    return str_copy(mem, str_of(text));
}

int64_t ds_stable_id(str id)
{
    unsigned char plain[64];
    size_t n = 0;
    int64_t number;

    if (id.n > 60 || sodium_base642bin(plain, sizeof plain, id.p ? id.p : "", id.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return 0;
    str s = {(const char *)plain, n};
    if (!str_starts(s, S("Champ-")) || str_i64(str_cut(s, 6, s.n), &number).code != OK || number < 1)
        return 0;
    return number;
}

str ds_own_id(const json_t *field)
{
    const json_t *kept = ds_kept(field, "id");
    return json_is_string(kept) ? json_text(kept) : json_str(field, "id");
}
