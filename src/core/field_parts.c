/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* field_parts.c — what a question gives to rules beside its own value, under names of its own: each option of several choices (oui or non:
   "loisirs . tennis"), and of a place its département and its region ("adresse . département"), as INSEE codes. */
#include "core/kind_parts.h"

#include <string.h>

#include "core/answers.h"
#include "formats/departement.h"
#include "formats/json.h"

/* A row of a type that names a place, and how small it is. */
static const struct { const char *type; bool has_departement; } places[] = {
    {"address", true}, {"commune", true}, {"epci", true}, {"departement", true}, {"region", false}};

static int place_of(const struct field *f)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(f->type->name, places[i].type) == 0) return (int)i;
    return -1;
}

bool field_has_place(const struct field *f, str part)
{
    int place = place_of(f);
    return place >= 0 && ((places[place].has_departement && str_is(part, PART_DEPARTEMENT)) || str_is(part, PART_REGION));
}

static bool part_of(arena *mem, const struct field *f, str rest, str name, str *out)
{
    *out = STR_NONE;
    if (field_has_place(f, rest)) return *out = rest, true;
    if (f->type->reads_as != RULE_LIST) return false;
    if (f->list.n) return *out = rest, true;                    /* a shared list is not read here */
    for (size_t i = 0; i < f->options.n && !out->n; i++)
        if (str_eq(rule_option_name(mem, f->name, f->options.v[i].id), name)) *out = f->options.v[i].id;
    return out->n > 0;
}

bool source_named(arena *mem, const struct fields *fields, size_t before, str name, struct source *out)
{
    for (size_t i = 0; i < fields->n && i < before; i++) {
        const struct field *f = &fields->v[i];
        *out = (struct source){name, f, STR_NONE};
        if (str_eq(f->name, name)) return true;
        if (name.n > f->name.n + 3 && str_starts(name, f->name) && str_starts(str_cut(name, f->name.n, name.n), S(" . ")) &&
            part_of(mem, f, str_cut(name, f->name.n + 3, name.n), name, &out->part))
            return true;
    }
    return false;
}

static str departement(const struct field *f, arena *mem, const json_t *value)
{
    bool is_address = strcmp(f->type->name, "address") == 0, option = json_is_string(value) && f->options.n;
    str id = json_text(value), code;
    if (is_address) return departement_of(mem, json_str(value, "country").n && !str_is(str_fold(mem, json_str(value, "country")), "france") ? S("") : json_str(value, "postcode"));
    if (json_is_object(value)) id = json_str(value, "other");
    code = departement_of(mem, id);
    for (size_t i = 0; option && !code.n && i < f->options.n; i++)
        if (str_eq(f->options.v[i].id, id)) code = departement_of(mem, f->options.v[i].label.v[LANG_FR]);
    return code;
}

struct rule_value field_part_value(const struct field *f, arena *mem, const json_t *value, str part)
{
    struct rule_value v = {.kind = RULE_BOOL};
    if (f->type->reads_as == RULE_LIST) {
        for (size_t i = 0; i < json_array_size(value); i++) v.b = v.b || str_eq(json_text(json_array_get(value, i)), part);
        return v;
    }
    if (strcmp(f->type->name, "region") == 0) v.text = region_of(mem, json_text(value));
    else v.text = departement(f, mem, value);
    if (str_is(part, PART_REGION) && strcmp(f->type->name, "region") != 0) v.text = departement_region(v.text);
    v.kind = v.text.n ? RULE_TEXT : RULE_UNDEFINED;
    return v;
}
