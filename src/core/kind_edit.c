/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/kind_edit.h"

#include <string.h>

#include "base/utf8.h"
#include "core/answers.h"
#include "core/form_rules.h"
#include "core/rule_uses.h"
#include "formats/json.h"

json_t *kind_edit_start(arena *mem, const json_t *definition) { return json_own(mem, json_deep_copy(definition)); }

struct place { json_t *array, *field; size_t index; json_t *repeat; };

static bool find_in(json_t *array, str id, json_t *repeat, struct place *out)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *f = json_array_get(array, i);
        if (str_eq(json_str(f, "id"), id)) {
            *out = (struct place){array, f, i, repeat};
            return true;
        }
        if (find_in(json_object_get(f, "fields"), id, f, out)) return true;
    }
    return false;
}

static err find(json_t *def, str id, struct place *out)
{
    return id.n && find_in(json_object_get(def, "fields"), id, NULL, out) ? NO_ERR : FAIL(E_NOT_FOUND, W("kind.edit.no_field"));
}

/* A plain string stays one while French is alone: what is not changed is not rewritten. */
static err text_set(json_t *obj, const char *key, enum lang lang, str words_new, bool needed)
{
    json_t *held = json_object_get(obj, key);
    str s = str_trim(words_new);
    if (needed && lang == LANG_FR && !s.n) return FAIL_AT(E_INVALID, W("kind.text_empty"), key);
    if (lang == LANG_FR && !json_is_object(held)) {
        if (s.n) json_put_str(obj, key, s);
        else json_object_del(obj, key);
        return NO_ERR;
    }
    if (!json_is_object(held)) {
        if (!s.n) return NO_ERR;
        json_t *both = json_object();
        json_put_str(both, "fr", held ? json_text(held) : s);
        json_object_set_new(obj, key, both);
        held = both;
    }
    const char *name = lang == LANG_FR ? "fr" : "en";
    if (s.n) json_put_str(held, name, s);
    else json_object_del(held, name);
    if (!json_str(held, "fr").n) json_object_del(obj, key);
    return NO_ERR;
}

err kind_edit_text(arena *mem, json_t *def, const char *key, enum lang lang, str words_new)
{
    (void)mem;
    return text_set(def, key, lang, words_new, strcmp(key, "title") == 0);
}

err kind_edit_field_text(arena *mem, json_t *def, str id, const char *key, enum lang lang, str words_new)
{
    struct place at;
    (void)mem;
    TRY(find(def, id, &at));
    if (strcmp(key, "help") == 0) json_object_del(at.field, "help_html");
    return text_set(at.field, key, lang, words_new, strcmp(key, "label") == 0);
}

err kind_edit_setting(arena *mem, json_t *def, const char *path, str value)
{
    json_t *at = json_object_get(def, "settings");
    str rest = str_of(path);
    if (!json_is_object(at)) {
        at = json_object();
        json_object_set_new(def, "settings", at);
    }
    for (;;) {
        const char *step = str_z(mem, str_split(rest, '.', &rest));
        if (!rest.p) {
            json_t *held = json_object_get(at, step);
            if (str_trim(value).n && json_is_object(held)) json_put_str(held, "fr", str_trim(value));       /* the other language is kept */
            else if (str_trim(value).n) json_put_str(at, step, str_trim(value));
            else json_object_del(at, step);
            return NO_ERR;
        }
        json_t *next = json_object_get(at, step);
        if (!json_is_object(next)) {
            next = json_object();
            json_object_set_new(at, step, next);
        }
        at = next;
    }
}

/* ---- ids and names */

static int64_t highest_id(const json_t *fields, int64_t highest)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i), *options = json_object_get(f, "options");
        int64_t n;
        str id = json_str(f, "id");
        if (id.n > 1 && id.p[0] == 'n' && str_i64(str_cut(id, 1, id.n), &n).code == OK && n > highest) highest = n;
        for (size_t j = 0; j < json_array_size(options); j++) {
            id = json_str(json_array_get(options, j), "id");
            if (id.n > 1 && id.p[0] == 'o' && str_i64(str_cut(id, 1, id.n), &n).code == OK && n > highest) highest = n;
        }
        highest = highest_id(json_object_get(f, "fields"), highest);
    }
    return highest;
}

static str id_next(arena *mem, json_t *def, char letter)
{
    int64_t next = json_i64(def, "next_id", 1), highest = highest_id(json_object_get(def, "fields"), 0);
    if (next <= highest) next = highest + 1;
    json_object_set_new(def, "next_id", json_integer(next + 1));
    return str_fmt(mem, "%c%lld", letter, (long long)next);
}

static bool name_taken(const json_t *fields, str name)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        if (str_eq(json_str(f, "name"), name) || str_eq(json_str(f, "id"), name) || name_taken(json_object_get(f, "fields"), name)) return true;
    }
    return false;
}

/* The label, made fit to be read by rules; a number makes it unique. */
static str name_from(arena *mem, const json_t *def, str label)
{
    str base = rule_name_from(mem, utf8_cut(str_trim(label), 60));
    if (!base.n) base = S("question");
    str name = base;
    for (int i = 2; name_taken(json_object_get(def, "fields"), name); i++) name = str_fmt(mem, "%.*s %d", STR_ARG(base), i);
    return name;
}

/* ---- fields */

err kind_edit_field_add(arena *mem, json_t *def, str after, bool in_rows, str type, str label, str *out_id)
{
    struct place at;
    json_t *array = json_object_get(def, "fields");
    size_t index = json_array_size(array);
    if (!field_type_named(type)) return FAIL_AT(E_INVALID, W("kind.unknown_type"), "type");
    if (!str_trim(label).n) return FAIL_AT(E_INVALID, W("kind.text_empty"), "label");
    if (after.n) {
        TRY(find(def, after, &at));
        array = at.array;
        index = at.index + 1;
        if (in_rows) {
            array = json_object_get(at.field, "fields");
            if (!array) json_object_set_new(at.field, "fields", array = json_array());
            index = json_array_size(array);
        }
    }
    json_t *f = json_object();
    *out_id = id_next(mem, def, 'n');
    json_put_str(f, "id", *out_id);
    json_put_str(f, "name", name_from(mem, def, label));
    json_put_str(f, "type", type);
    json_put_str(f, "label", str_trim(label));
    if (str_is(type, "repeat")) json_object_set_new(f, "fields", json_array());
    json_array_insert_new(array, index, f);
    return NO_ERR;
}

err kind_edit_field_set(arena *mem, json_t *def, str id, const char *key, json_t *value)
{
    struct place at;
    (void)mem;
    TRY(find(def, id, &at));
    if (value && !json_is_false(value)) json_object_set(at.field, key, value);
    else json_object_del(at.field, key);
    if (!json_object_get(at.field, "when") && !json_object_get(at.field, "computed")) json_object_del(at.field, "role");        /* of no rule any more */
    return NO_ERR;
}

err kind_edit_field_type(arena *mem, json_t *def, str id, str type)
{
    static const char *const of_some[] = {"list", "other", "accept", "min", "max", "max_length", "pattern", "pattern_help", "example", "past", "future", "level", "many"};
    struct place at;
    (void)mem;
    TRY(find(def, id, &at));
    const struct field_type *now = field_type_named(type);
    if (!now) return FAIL_AT(E_INVALID, W("kind.unknown_type"), "type");
    if (str_eq(json_str(at.field, "type"), type)) return NO_ERR;
    bool was_choice = json_object_get(at.field, "options") != NULL;
    for (size_t i = 0; i < sizeof of_some / sizeof *of_some; i++)
        if (!(was_choice && now->has_options && strcmp(of_some[i], "list") == 0)) json_object_del(at.field, of_some[i]);
    if (now->reads_as != RULE_NUMBER) json_object_del(at.field, "unit"), json_object_del(at.field, "money");
    if (!now->has_options) json_object_del(at.field, "options");
    if (!str_is(type, "repeat")) json_object_del(at.field, "fields");
    else if (!json_object_get(at.field, "fields")) json_object_set_new(at.field, "fields", json_array());
    if (!now->holds_value) json_object_del(at.field, "required");
    json_put_str(at.field, "type", type);
    return NO_ERR;
}

static void item_move(json_t *array, size_t index, int by)
{
    json_int_t to = (json_int_t)index + by, last = (json_int_t)json_array_size(array) - 1;
    if (to < 0) to = 0;
    if (to > last) to = last;
    json_t *item = json_incref(json_array_get(array, index));
    json_array_remove(array, index);
    json_array_insert_new(array, (size_t)to, item);
}

err kind_edit_field_move(arena *mem, json_t *def, str id, int by)
{
    struct place at;
    (void)mem;
    TRY(find(def, id, &at));
    item_move(at.array, at.index, by);
    return NO_ERR;
}

const json_t *kind_edit_field_get(arena *mem, json_t *def, str id, const char *key)
{
    struct place at;
    (void)mem;
    return find(def, id, &at).code == OK ? json_object_get(at.field, key) : NULL;
}

/* Of a definition that is not whole yet: what menus say of it. */
static bool is_read_by_menus(arena *mem, const json_t *fields, str name)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i), *when = json_object_get(f, "when");
        struct rule *rule = NULL;
        err e = !when ? NO_ERR : json_is_string(when) ? rule_parse(mem, json_text(when), &rule) : rule_parse_json(mem, when, &rule);
        struct strs names = rule && e.code == OK ? rule_names(mem, rule) : (struct strs){0};
        for (size_t j = 0; j < names.n; j++)
            if (str_eq(names.v[j], name) || (str_starts(names.v[j], name) && str_starts(str_cut(names.v[j], name.n, names.v[j].n), S(" . ")))) return true;
        if (is_read_by_menus(mem, json_object_get(f, "fields"), name)) return true;
    }
    return false;
}

static bool total_is_read(const struct form_rules *rules, const struct field *f, const bool *read)
{
    for (size_t i = 0; i < rules->totals.n; i++)
        if ((rules->totals.v[i].repeat == f || rules->totals.v[i].of == f) && read[rules->totals.v[i].rule]) return true;
    return false;
}

/* The rule of a question, or of its options and totals. */
static bool question_is_read(arena *mem, const struct kind *k, const struct field *f, const bool *read)
{
    const struct form_rules *rules = k->fields.rules;
    str name = field_rule_name(mem, f), within = str_fmt(mem, "%.*s . ", STR_ARG(name));
    for (size_t i = 0; i < rulebase_rules(rules->base); i++)
        if (read[i] && (str_eq(rulebase_rule_name(rules->base, (int)i), name) || str_starts(rulebase_rule_name(rules->base, (int)i), within))) return true;
    return total_is_read(rules, f, read);
}

/* Whether a rule of the form, other than its own, reads a question: a condition, a computed value, a requirement, a team, a guard, a delay. */
static bool is_read(arena *mem, const json_t *def, str id, str name)
{
    struct kind *k;
    if (kind_parse_any(mem, def, &k).code != OK || !k->fields.rules) return is_read_by_menus(mem, json_object_get(def, "fields"), name);
    const struct field *f = kind_field(k, id);
    struct rule_uses uses = rule_uses(mem, k);
    size_t n = rulebase_rules(k->fields.rules->base);
    bool *read = NEW_N(mem, bool, n);
    for (size_t i = 0; i < uses.n && f; i++) {
        if (uses.v[i].field == f) continue;
        memset(read, 0, n * sizeof *read);
        rulebase_reads(k->fields.rules->base, mem, uses.v[i].rule->rule, read);
        if (question_is_read(mem, k, f, read)) return true;
    }
    return false;
}

static str name_of(const json_t *f)
{
    str name = str_trim(json_str(f, "name"));
    return name.n ? name : json_str(f, "id");
}

err kind_edit_field_remove(arena *mem, json_t *def, str id)
{
    struct place at;
    TRY(find(def, id, &at));
    if (is_read(mem, def, id, name_of(at.field))) return FAIL_AT(E_INVALID, W("kind.edit.used"), str_z(mem, name_of(at.field)));
    if (str_eq(json_str(def, "title_from"), name_of(at.field))) json_object_del(def, "title_from");
    id_next(mem, def, 'n');             /* counts up to what is there now, so that this id never comes back */
    json_array_remove(at.array, at.index);
    return NO_ERR;
}

/* ---- options */

/* {id: text} becomes the long form once it is edited. */
static json_t *options_listed(json_t *field)
{
    json_t *held = json_object_get(field, "options"), *list = json_array(), *label;
    const char *id;
    if (json_is_array(held)) {
        json_decref(list);
        return held;
    }
    json_object_foreach(held, id, label)
    {
        json_t *o = json_object();
        json_object_set_new(o, "id", json_string(id));
        json_object_set(o, "label", label);
        json_array_append_new(list, o);
    }
    json_object_set_new(field, "options", list);
    return list;
}

static err option_find_at(json_t *def, str field, str option, json_t **out_list, size_t *out_index)
{
    struct place at;
    TRY(find(def, field, &at));
    json_t *list = options_listed(at.field);
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!str_eq(json_str(json_array_get(list, i), "id"), option)) continue;
        *out_list = list;
        *out_index = i;
        return NO_ERR;
    }
    return FAIL(E_NOT_FOUND, W("kind.edit.no_option"));
}

err kind_edit_option_add(arena *mem, json_t *def, str field, str label, str *out_id)
{
    struct place at;
    TRY(find(def, field, &at));
    const struct field_type *type = field_type_named(json_str(at.field, "type"));
    if (!type || !type->has_options) return FAIL_AT(E_INVALID, W("kind.key_not_for_type"), "options");
    if (!str_trim(label).n) return FAIL_AT(E_INVALID, W("kind.text_empty"), "label");
    json_t *o = json_object();
    *out_id = id_next(mem, def, 'o');
    json_put_str(o, "id", *out_id);
    json_put_str(o, "label", str_trim(label));
    json_array_append_new(options_listed(at.field), o);
    json_object_del(at.field, "list");
    return NO_ERR;
}

err kind_edit_option_text(arena *mem, json_t *def, str field, str option, enum lang lang, str label)
{
    json_t *list;
    size_t index;
    (void)mem;
    TRY(option_find_at(def, field, option, &list, &index));
    return text_set(json_array_get(list, index), "label", lang, label, true);
}

err kind_edit_option_move(arena *mem, json_t *def, str field, str option, int by)
{
    json_t *list;
    size_t index;
    (void)mem;
    TRY(option_find_at(def, field, option, &list, &index));
    item_move(list, index, by);
    return NO_ERR;
}

err kind_edit_option_retire(arena *mem, json_t *def, str field, str option, bool retired)
{
    json_t *list;
    size_t index;
    (void)mem;
    TRY(option_find_at(def, field, option, &list, &index));
    json_t *o = json_array_get(list, index);
    if (retired) json_object_set_new(o, "retired", json_true());
    else json_object_del(o, "retired");
    return NO_ERR;
}

/* ---- pages */

err kind_edit_page_add(arena *mem, json_t *def, str title, str *out_id)
{
    TRY(kind_edit_field_add(mem, def, STR_NONE, false, S("heading"), title, out_id));
    return kind_edit_field_set(mem, def, *out_id, "level", json_own(mem, json_integer(1)));
}

static bool opens_page(const json_t *f) { return str_is(json_str(f, "type"), "heading") && json_i64(f, "level", 1) <= 1; }

static size_t page_end(const json_t *fields, size_t from)
{
    size_t i = from + 1;
    while (i < json_array_size(fields) && !opens_page(json_array_get(fields, i))) i++;
    return i;
}

err kind_edit_page_move(arena *mem, json_t *def, str heading, int by)
{
    struct place at;
    TRY(find(def, heading, &at));
    if (at.repeat || !opens_page(at.field)) return FAIL(E_NOT_FOUND, W("kind.edit.no_field"));
    json_t *page = json_own(mem, json_array());
    size_t to = at.index, end = page_end(at.array, at.index);
    for (size_t i = at.index; i < end; i++) json_array_append(page, json_array_get(at.array, i));
    for (size_t i = at.index; i < end; i++) json_array_remove(at.array, at.index);
    /* Where the page it jumps over begins, or ends. */
    for (; by > 0 && to < json_array_size(at.array); by--) to = page_end(at.array, to);
    for (; by < 0 && to > 0; by++) {
        size_t before = to - 1;
        while (before > 0 && !opens_page(json_array_get(at.array, before))) before--;
        if (!opens_page(json_array_get(at.array, before))) break;       /* what stands before the first page stays there */
        to = before;
    }
    for (size_t i = 0; i < json_array_size(page); i++) json_array_insert(at.array, to + i, json_array_get(page, i));
    return NO_ERR;
}
