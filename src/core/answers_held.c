/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a stored document still says. A kind's new revision may give a field another type, or other options, while drafts and records
   hold answers to the old one: what the present type cannot hold counts as not filled. One function of the table a type, read by all
   who read documents. Bounds, lengths and retired options are no matter of type: checking speaks of them. */
#include <string.h>

#include "base/id.h"
#include "core/field_types.h"

const json_t *answer_in(arena *mem, const json_t *obj, const struct field *f)
{
    const json_t *value = json_object_getn(obj, f->id.p, f->id.n);
    return value && f->type->fits ? f->type->fits(f, mem, value) : NULL;
}

static json_t *held_fields(arena *mem, const struct fields *fields, const json_t *obj)
{
    json_t *out = json_own(mem, json_object());
    if (json_str(obj, "_id").n) json_object_set(out, "_id", json_object_get(obj, "_id"));
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const json_t *value = answer_in(mem, obj, f);
        if (!value) continue;
        json_t *rows = f->children.n ? json_own(mem, json_array()) : NULL;
        for (size_t row = 0; rows && row < json_array_size(value); row++)
            json_array_append(rows, held_fields(mem, &f->children, json_array_get(value, row)));
        json_object_setn(out, f->id.p, f->id.n, rows ? rows : (json_t *)(uintptr_t)value);
    }
    return out;
}

json_t *answers_held(arena *mem, const struct kind *k, const json_t *doc) { return held_fields(mem, &k->fields, doc); }

/* ---- by type */

/* A list without the items that do not belong: itself when all do, NULL when none does. */
static const json_t *items_kept(arena *mem, const struct field *f, const json_t *list, bool (*belongs)(const struct field *f, const json_t *item))
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) n += belongs(f, json_array_get(list, i));
    if (!n || n == json_array_size(list)) return n ? list : NULL;
    json_t *kept = json_own(mem, json_array());
    for (size_t i = 0; i < json_array_size(list); i++)
        if (belongs(f, json_array_get(list, i))) json_array_append(kept, json_array_get(list, i));
    return kept;
}

TYPE_FITS(fits_text) { return json_text(value).n ? value : NULL; }

/* A telephone, a SIRET…: what is held is in normal form already. */
TYPE_FITS(fits_number_text)
{
    struct answers_env env = {0};
    json_t *normal = NULL;
    str arg = STR_NONE;
    return json_is_string(value) && !f->type->check(f, mem, value, &env, &normal, &arg) && normal ? value : NULL;
}

TYPE_FITS(fits_decimal) { return json_is_number(value) ? value : NULL; }

TYPE_FITS(fits_integer)
{
    double x = json_number_value(value);
    return json_is_integer(value) || (json_is_real(value) && x == (double)(int64_t)x) ? value : NULL;
}

TYPE_FITS(fits_yesno) { return json_is_boolean(value) ? value : NULL; }
TYPE_FITS(fits_checkbox) { return json_is_true(value) ? value : NULL; }
TYPE_FITS(fits_civility) { return str_is(json_text(value), "mme") || str_is(json_text(value), "m") ? value : NULL; }

TYPE_FITS(fits_date)
{
    int64_t days;
    str s = json_text(value);
    return s.n == 10 && date_parse_iso(s, &days).code == OK ? value : NULL;
}

TYPE_FITS(fits_datetime)
{
    int64_t days;
    str s = json_text(value);
    return s.n == 16 && s.p[10] == 'T' && date_parse_iso(str_cut(s, 0, 10), &days).code == OK ? value : NULL;
}

/* Shared lists are the tenant's: who shows or checks an entry looks it up. */
static bool is_option(const struct field *f, const json_t *item)
{
    str id = json_text(item);
    return id.n && (f->list.n || field_option(f, id));
}

TYPE_FITS(fits_choice)
{
    if (json_is_object(value)) return f->other && json_object_size(value) == 1 && json_str(value, "other").n ? value : NULL;
    return is_option(f, value) ? value : NULL;
}

TYPE_FITS(fits_choices) { return items_kept(mem, f, value, is_option); }
TYPE_FITS(fits_place) { return f->list.n || f->options.n ? fits_choice(f, mem, value) : fits_text(f, mem, value); }

static bool is_file_id(const struct field *f, const json_t *item)
{
    int64_t id;
    (void)f;
    return id_parse(json_text(item), &id).code == OK;
}

TYPE_FITS(fits_file) { return items_kept(mem, f, value, is_file_id); }

static bool is_row(const struct field *f, const json_t *item)
{
    (void)f;
    return json_str(item, "_id").n > 0;
}

TYPE_FITS(fits_rows) { return items_kept(mem, f, value, is_row); }

TYPE_FITS(fits_address)
{
    const char *key;
    json_t *part;
    json_object_foreach((json_t *)(uintptr_t)value, key, part)
    {
        bool known = false;
        for (const char *const *p = address_parts; *p; p++) known |= strcmp(*p + 1, key) == 0;
        if (!known || !json_is_string(part)) return NULL;
    }
    return json_object_size(value) ? value : NULL;
}

TYPE_FITS(fits_spot)
{
    const json_t *lat = json_object_get(value, "lat"), *lon = json_object_get(value, "lon");
    return (json_is_number(lat) && json_is_number(lon)) || json_str(value, "address").n ? value : NULL;
}
