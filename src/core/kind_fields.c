/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <string.h>

#include "base/utf8.h"
#include "core/form_rules.h"
#include "core/kind_parts.h"
#include "core/pattern.h"
#include "core/value_list.h"
#include "formats/json.h"

#define FIELDS_MOST 5000
#define OPTIONS_MOST 100000
#define OPTIONS_LONG 200        /* above: labels sorted once, looked up by halves */

static const struct key field_keys[] = {
    {"id", WANT_STR, offsetof(struct field, id)},
    {"name", WANT_STR, offsetof(struct field, name)},
    {"type", WANT_OWN, 0},
    {"label", WANT_TEXT, offsetof(struct field, label)},
    {"help", WANT_OWN, 0},
    {"help_html", WANT_BOOL, offsetof(struct field, help_is_html)},
    {"required", WANT_BOOL, offsetof(struct field, required)},
    {"public", WANT_BOOL, offsetof(struct field, is_public)},
    {"filter", WANT_BOOL, offsetof(struct field, filter)},
    {"private", WANT_BOOL, offsetof(struct field, is_private)},
    {"other", WANT_BOOL, offsetof(struct field, other)},
    {"many", WANT_INT, offsetof(struct field, many)},
    {"level", WANT_INT, offsetof(struct field, level)},
    {"options", WANT_OWN, 0},
    {"options_from", WANT_OWN, 0},
    {"list", WANT_STR, offsetof(struct field, list)},
    {"accept", WANT_STR, offsetof(struct field, accept)},
    {"min", WANT_NUMBER, offsetof(struct field, min)},
    {"max", WANT_NUMBER, offsetof(struct field, max)},
    {"max_length", WANT_INT, offsetof(struct field, max_length)},
    {"pattern", WANT_STR, offsetof(struct field, pattern)},
    {"pattern_help", WANT_STR, offsetof(struct field, pattern_help)},
    {"example", WANT_STR, offsetof(struct field, example)},
    {"money", WANT_BOOL, offsetof(struct field, money)},
    {"past", WANT_BOOL, offsetof(struct field, past)},
    {"future", WANT_BOOL, offsetof(struct field, future)},
    {"autocomplete", WANT_STR, offsetof(struct field, autocomplete)},
    {"when", WANT_OWN, 0},
    {"computed", WANT_OWN, 0},
    {"role", WANT_OWN, 0},
    {"if_needed", WANT_BOOL, offsetof(struct field, if_needed)},
    {"unit", WANT_STR, offsetof(struct field, unit)},
    {"fields", WANT_OWN, 0},
    {"purpose", WANT_TEXT, offsetof(struct field, purpose)},
    {"brief", WANT_TEXT, offsetof(struct field, brief)},
    {"said", WANT_TEXT, offsetof(struct field, said)},
    {"foreign", WANT_JSON, offsetof(struct field, foreign)},
    {0}};

static bool type_is(const struct field *f, const char *name) { return strcmp(f->type->name, name) == 0; }

static bool id_is_good(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '='))
            return false;
    }
    return s.n && s.n <= 64 && s.p[0] != '_';
}

static bool line_is_good(str s, size_t most)
{
    return s.n && s.n <= most * 4 && utf8_clean(s) && utf8_length(s) <= most && str_find_char(s, '\n') < 0;
}

static const struct key option_keys[] = {
    {"id", WANT_STR, offsetof(struct option, id)},
    {"label", WANT_TEXT, offsetof(struct option, label)},
    {"group", WANT_STR, offsetof(struct option, group)},
    {"retired", WANT_BOOL, offsetof(struct option, retired)},
    {0}};

/* {lamp: text, hole: text}: the short form. */
static err options_by_id(struct reader *r, const json_t *obj, struct options *out, str at)
{
    const char *id;
    json_t *v;
    json_object_foreach((json_t *)obj, id, v)
    {
        struct option o = {.id = str_of(id)};
        str here = str_fmt(r->mem, "%.*s.%s", STR_ARG(at), id);
        TRY(text_read(r, v, &o.label, here));
        if (!line_is_good(o.id, 64)) return kind_fault(r, W("kind.bad_id"), here);
        PUSH(r->mem, out, o);
    }
    return NO_ERR;
}

static err options_listed(struct reader *r, const json_t *list, struct options *out, str at)
{
    AUTO(json_decrefp) json_t *seen = json_object();
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct option o = {0};
        str here = str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i);
        TRY(keys_read(r, json_array_get(list, i), option_keys, &o, here));
        if (!o.id.n || !o.label.v[LANG_FR].n) return kind_fault_in(r, W("kind.missing"), here, o.id.n ? "label" : "id");
        if (!line_is_good(o.id, 64) || str_is(o.id, "_other")) return kind_fault_in(r, W("kind.bad_id"), here, "id");
        const char *id = str_z(r->mem, o.id);
        if (json_object_get(seen, id)) return kind_fault_in(r, W("kind.option_twice"), here, "id");
        json_object_set_new(seen, id, json_true());
        PUSH(r->mem, out, o);
    }
    return NO_ERR;
}

static err options_read(struct reader *r, const json_t *v, struct options *out, str at)
{
    if (json_is_object(v) ? json_object_size(v) > OPTIONS_MOST : json_array_size(v) > OPTIONS_MOST)
        return kind_fault(r, W("kind.too_many_options"), at);
    if (json_is_object(v))
        TRY(options_by_id(r, v, out, at));
    else if (json_is_array(v))
        TRY(options_listed(r, v, out, at));
    else
        return kind_fault(r, W("kind.not_options"), at);
    if (out->n > OPTIONS_LONG) out->order = option_order(r->mem, out);
    return NO_ERR;
}

/* What an agent may mask: the kind's public fields, by id. */
static void options_public(struct reader *r, struct options *out)
{
    for (size_t i = 0; i < r->k->fields.n; i++) {
        const struct field *f = &r->k->fields.v[i];
        if (f->is_public && f->type->holds_value) PUSH(r->mem, out, (struct option){.id = f->id, .label = f->label});
    }
}

static err type_read(struct reader *r, const json_t *obj, struct field *f, str at)
{
    const json_t *v = json_object_get(obj, "type");
    if (!v) return kind_fault_in(r, W("kind.missing"), at, "type");
    f->type = json_is_string(v) ? field_type_named(json_text(v)) : NULL;
    return f->type ? NO_ERR : kind_fault_in(r, W("kind.unknown_type"), at, "type");
}

static err pattern_check(struct reader *r, const struct field *f, str at)
{
    if (!f->pattern.n) return NO_ERR;
    if (!pattern_is_good(f->pattern)) return kind_fault_in(r, W("kind.bad_pattern"), at, "pattern");
    if (f->example.n && !pattern_matches(f->pattern, f->example)) return kind_fault_in(r, W("kind.example_not_matching"), at, "example");
    return NO_ERR;
}

/* Numbers, dates, yes or no, one line of text, and a choice by its option. */
static bool computable(const struct field *f)
{
    return f->type->rule && f->type->reads_as != RULE_LIST && !f->masks && !type_is(f, "datetime");
}

/* What a field says only together: keys that need their type. */
static err field_check(struct reader *r, const json_t *obj, struct field *f, str at)
{
    if (!f->label.v[LANG_FR].n && !type_is(f, "note")) f->label.v[LANG_FR] = f->name;
    bool has_text = f->label.v[LANG_FR].n || f->help.v[LANG_FR].n;
    if (!id_is_good(f->id)) return kind_fault_in(r, f->id.n ? W("kind.bad_id") : W("kind.missing"), at, "id");
    if (!f->name.n) f->name = f->id;
    f->name = str_trim(f->name);
    if (!line_is_good(f->name, 200)) return kind_fault_in(r, W("kind.bad_name"), at, "name");
    if (!has_text) return kind_fault_in(r, W("kind.missing"), at, "label");
    if (f->options.n && !f->type->has_options) return kind_fault_in(r, W("kind.key_not_for_type"), at, "options");
    if (f->list.n && !f->type->has_options) return kind_fault_in(r, W("kind.key_not_for_type"), at, "list");
    if (f->list.n && f->options.n) return kind_fault_in(r, W("kind.list_and_options"), at, "list");
    if (f->money && f->type->reads_as != RULE_NUMBER) return kind_fault_in(r, W("kind.key_not_for_type"), at, "money");
    if (f->unit.n && f->type->reads_as != RULE_NUMBER) return kind_fault_in(r, W("kind.key_not_for_type"), at, "unit");
    if (f->computed && !computable(f)) return kind_fault_in(r, W("kind.key_not_for_type"), at, "computed");
    if (f->if_needed && (f->parent || f->computed || !f->type->rule)) return kind_fault_in(r, W("kind.key_not_for_type"), at, "if_needed");
    if (f->children.n && !type_is(f, "repeat")) return kind_fault_in(r, W("kind.key_not_for_type"), at, "fields");
    if (type_is(f, "heading") && (f->level < 1 || f->level > 6)) f->level = f->level < 1 ? 1 : 6;
    f->has_min = json_object_get(obj, "min") != NULL;
    f->has_max = json_object_get(obj, "max") != NULL;
    if (f->has_min && f->has_max && f->min > f->max) return kind_fault_in(r, W("kind.min_over_max"), at, "min");
    return pattern_check(r, f, at);
}

err field_read(struct reader *r, const json_t *obj, struct field *f, str at)
{
    const json_t *v;
    TRY(keys_read(r, obj, field_keys, f, at));
    TRY(type_read(r, obj, f, at));
    v = json_object_get(obj, "help");
    if (v && !(json_is_string(v) && !json_string_length(v))) TRY(text_read(r, v, &f->help, str_fmt(r->mem, "%.*s.help", STR_ARG(at))));
    if ((v = json_object_get(obj, "options"))) TRY(options_read(r, v, &f->options, str_fmt(r->mem, "%.*s.options", STR_ARG(at))));
    if ((v = json_object_get(obj, "options_from"))) {
        if (!r->in_asks || !str_is(json_text(v), "public_fields")) return kind_fault_in(r, W("kind.unknown_key"), at, "options_from");
        options_public(r, &f->options);
        f->masks = true;
    }
    TRY(condition_read(r, json_object_get(obj, "when"), &f->when, str_fmt(r->mem, "%.*s.when", STR_ARG(at))));
    TRY(condition_read(r, json_object_get(obj, "computed"), &f->computed, str_fmt(r->mem, "%.*s.computed", STR_ARG(at))));
    TRY(role_read(r, obj, f->computed ? f->computed : f->when, at));
    if ((v = json_object_get(obj, "fields"))) {
        if (f->parent) return kind_fault_in(r, W("kind.repeat_in_repeat"), at, "fields");
        TRY(fields_read(r, v, &f->children, f, str_fmt(r->mem, "%.*s.fields", STR_ARG(at))));
    }
    if (f->parent && type_is(f, "repeat")) return kind_fault_in(r, W("kind.repeat_in_repeat"), at, "type");
    return field_check(r, obj, f, at);
}

err fields_read(struct reader *r, const json_t *list, struct fields *out, const struct field *parent, str at)
{
    if (!json_is_array(list)) return kind_fault(r, W("kind.not_list"), at);
    if (json_array_size(list) > FIELDS_MOST) return kind_fault(r, W("kind.too_many_fields"), at);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct field f = {.parent = parent};
        TRY(field_read(r, json_array_get(list, i), &f, str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i)));
        PUSH(r->mem, out, f);
    }
    return NO_ERR;
}

static const struct field *named_among(const struct fields *fields, size_t before, str name)
{
    for (size_t i = 0; i < fields->n && i < before; i++)
        if (str_eq(fields->v[i].name, name)) return &fields->v[i];
    return NULL;
}

/* Why a name cannot be read from here. */
static const char *unreadable(const struct fields *fields, str name)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (str_eq(fields->v[i].name, name)) return W("kind.rule_reads_later");
        if (named_among(&fields->v[i].children, SIZE_MAX, name)) return W("kind.rule_reads_row");
    }
    return W("kind.rule_unknown_name");
}

/* Is this comparison one the type of its source knows? The constant of a choice must be one of its options. */
static const char *atom_fault(const struct rule *atom, const struct sources *from)
{
    struct atom a = atom_of(atom, from);
    const struct field *f = a.field;
    struct rule_value right = a.right;
    bool equality = a.op == RULE_EQ || a.op == RULE_NE;
    if (a.part.n) return a.op >= RULE_KNOWN || (equality && right.kind == RULE_TEXT) ? NULL : W("kind.rule_wants_text");
    if (a.op == RULE_KNOWN || a.op == RULE_NOT_KNOWN) return f->type->reads_as != RULE_UNDEFINED ? NULL : W("kind.rule_cannot_read");
    if (a.other && f->type->reads_as != RULE_LIST) right.kind = a.other->type->reads_as;
    switch (f->type->reads_as) {
    case RULE_BOOL:
        return equality && right.kind == RULE_BOOL ? NULL : W("kind.rule_wants_bool");
    case RULE_NUMBER:
        return right.kind == RULE_NUMBER ? NULL : W("kind.rule_wants_number");
    case RULE_DATE:
        return right.kind == RULE_DATE ? NULL : W("kind.rule_wants_date");
    case RULE_TEXT:
    case RULE_LIST:
        if (!equality || right.kind != RULE_TEXT) return W("kind.rule_wants_text");
        if (a.other) return NULL;
        if (f->options.n && !f->other && !field_option(f, right.text)) return W("kind.rule_unknown_option");
        return NULL;
    case RULE_UNDEFINED:
    case RULE_NAME:
        break;
    }
    return W("kind.rule_cannot_read");
}

static const char *rule_fault(const struct rule *rule, const struct sources *from, str *out_name)
{
    if (rule_is_group(rule)) {
        for (size_t i = 0; i < rule_children(rule); i++) {
            const char *msg = rule_fault(rule_child(rule, i), from, out_name);
            if (msg) return msg;
        }
        return NULL;
    }
    for (size_t i = 0; i < from->n; i++) {
        if (!str_eq(from->v[i].name, rule_left(rule))) continue;
        *out_name = from->v[i].name;
        return atom_fault(rule, from);
    }
    return NULL;
}

static bool compared_to(const struct rule *rule, str name)
{
    for (size_t i = 0; i < rule_children(rule); i++)
        if (compared_to(rule_child(rule, i), name)) return true;
    return rule_right(rule).kind == RULE_NAME && str_eq(rule_right(rule).text, name);
}

bool sources_has(arena *mem, const struct fields *fields, size_t before, const struct field *row_of, size_t row_before, str name)
{
    struct source s;
    return (row_of && source_named(mem, &row_of->children, row_before, name, &s)) || source_named(mem, fields, before, name, &s);
}

err sources_find(struct reader *r, const struct rule *rule, const struct fields *fields, size_t before, const struct field *row_of,
                 size_t row_before, struct sources *out, str at)
{
    struct strs names = rule_names(r->mem, rule);
    for (size_t i = 0; i < names.n; i++) {
        struct source s;
        if (!(row_of && source_named(r->mem, &row_of->children, row_before, names.v[i], &s)) && !source_named(r->mem, fields, before, names.v[i], &s)) {
            const char *msg = unreadable(fields, names.v[i]);
            if (strcmp(msg, "kind.rule_unknown_name") == 0 && compared_to(rule, names.v[i])) msg = W("rules.text_needs_quotes");
            return kind_fault(r, msg, str_fmt(r->mem, "%.*s: %.*s", STR_ARG(at), STR_ARG(names.v[i])));
        }
        PUSH(r->mem, out, s);
    }
    str name = STR_NONE;
    const char *msg = rule_fault(rule, out, &name);
    return msg ? kind_fault(r, msg, str_fmt(r->mem, "%.*s: %.*s", STR_ARG(at), STR_ARG(name))) : NO_ERR;
}

struct seen { json_t *ids, *names; };

static err field_seen(struct reader *r, struct seen *seen, const struct field *f, str at)
{
    const char *id = str_z(r->mem, f->id), *name = str_z(r->mem, f->name);
    if (json_object_get(seen->ids, id)) return kind_fault_in(r, W("kind.id_twice"), at, "id");
    if (json_object_get(seen->names, name)) return kind_fault_in(r, W("kind.name_twice"), at, "name");
    json_object_set_new(seen->ids, id, json_true());
    json_object_set_new(seen->names, name, json_true());
    return NO_ERR;
}

static err children_check(struct reader *r, struct fields *fields, size_t i, struct seen *seen, size_t *index, str at)
{
    struct field *f = &fields->v[i];
    for (size_t j = 0; j < f->children.n; j++) {
        struct field *c = &f->children.v[j];
        str here = str_fmt(r->mem, "%.*s.fields[%zu]", STR_ARG(at), j);
        TRY(field_seen(r, seen, c, here));
        c->index = (*index)++;
        c->parent = f;          /* the slice may have moved while it grew */
        if (f->is_private) c->is_private = true;
        if (c->when) TRY(condition_sources(r, c->when, fields, i, f, j, str_fmt(r->mem, "%.*s.when", STR_ARG(here))));
    }
    return NO_ERR;
}

/* A heading that is not shown takes what stands under it along, down to the next one of its level. */
static void sections_find(struct fields *fields)
{
    const struct field *open[8] = {0};
    for (size_t i = 0; i < fields->n; i++) {
        struct field *f = &fields->v[i];
        int level = type_is(f, "heading") ? f->level : 7;
        for (int above = 1; above < level; above++)
            if (open[above]) f->section = open[above];
        if (level == 7) continue;
        for (int below = level; below <= 7; below++) open[below] = NULL;
        if (f->when || f->section) open[level] = f;
    }
}

err fields_check(struct reader *r, struct fields *fields, size_t *out_all, str at)
{
    struct seen seen = {json_own(r->mem, json_object()), json_own(r->mem, json_object())};
    size_t index = 0;
    for (size_t i = 0; i < fields->n; i++) {
        struct field *f = &fields->v[i];
        str here = str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i);
        TRY(field_seen(r, &seen, f, here));
        f->index = index++;
        if (f->when) TRY(condition_sources(r, f->when, fields, i, NULL, 0, str_fmt(r->mem, "%.*s.when", STR_ARG(here))));
        TRY(children_check(r, fields, i, &seen, &index, here));
    }
    sections_find(fields);
    *out_all = index;
    return NO_ERR;
}
