/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Yes or no, boxes, and choices among options: of the field, of a shared list, or none (free words). Ids are stored, never labels. */
#include <string.h>

#include "base/utf8.h"
#include "core/field_types.h"
#include "core/value_list.h"

#define OTHER_MOST 500
#define SCHEMA_OPTIONS_MOST 500

const char *const choice_parts[] = {".other", ":id", NULL};

static str typed_at(struct strs typed, size_t i) { return i < typed.n ? str_trim(typed.v[i]) : STR_NONE; }

TYPE_PARSE(parse_yesno)
{
    static const char *const yes[] = {"oui", "true", "1", "yes", "on"}, *const no[] = {"non", "false", "0", "no"};
    str s = STR_NONE;
    for (size_t i = 0; i < typed.n; i++)
        if (str_trim(typed.v[i]).n) s = str_lower_ascii(mem, str_trim(typed.v[i]));
    if (!s.n) return NULL;
    for (size_t i = 0; i < 5; i++)
        if (str_is(s, yes[i])) *out = json_true();
    for (size_t i = 0; i < 4; i++)
        if (str_is(s, no[i])) *out = json_false();
    return *out ? NULL : W("field.yesno.bad");
}

TYPE_CHECK(check_yesno)
{
    if (!json_is_boolean(given)) return W("field.yesno.bad");
    *out = (json_t *)given;
    return NULL;
}

TYPE_SHOW(show_yesno) { return words(env->lang, json_is_true(value) ? W("field.yes") : W("field.no")); }
TYPE_RULE(rule_bool) { return (struct rule_value){.kind = RULE_BOOL, .b = json_is_true(value)}; }
TYPE_INDEX(index_bool) { return json_is_true(value) ? S("true") : S("false"); }

TYPE_PREFILL(prefill_yesno)
{
    struct answers_env env = {0};
    *out = NULL;
    if (f->type->parse(f, mem, (struct strs){&typed, 1}, &env, out)) return false;
    return *out != NULL;
}

TYPE_SCHEMA(schema_yesno)
{
    json_t *s = schema_of("boolean");
    schema_examples(s, json_true());
    return s;
}

TYPE_PARSE(parse_checkbox)
{
    const char *msg = parse_yesno(f, mem, typed, env, out);
    if (!msg && json_is_false(*out)) *out = NULL;
    return msg;
}

/* An unticked box is not filled: nothing is stored. */
TYPE_CHECK(check_checkbox)
{
    if (!json_is_boolean(given)) return W("field.yesno.bad");
    *out = json_is_true(given) ? (json_t *)given : NULL;
    return NULL;
}

TYPE_SCHEMA(schema_checkbox)
{
    json_t *s = schema_of("boolean");
    if (f->required) json_object_set_new(s, "const", json_true());
    schema_examples(s, json_true());
    return s;
}

/* ---- options */

bool option_find(const struct field *f, arena *mem, const struct answers_env *env, str id, struct option *out)
{
    if (f->list.n) return env->list && env->list(env->list_arg, mem, f->list, id, out) && str_eq(out->id, id);
    const struct option *o = field_option(f, id);
    if (o) *out = *o;
    return o != NULL;
}

void options_of(const struct field *f, arena *mem, const struct answers_env *env, size_t most, struct options *out, size_t *out_total)
{
    *out = (struct options){0};
    *out_total = 0;
    if (f->list.n) {
        if (!env->options || !env->options(env->list_arg, mem, f->list, most, out, out_total)) *out_total = 0;
        return;
    }
    for (size_t i = 0; i < f->options.n; i++) {
        if (f->options.v[i].retired) continue;
        if (out->n < most) PUSH(mem, out, f->options.v[i]);
        ++*out_total;
    }
}

/* An id, or words that are the label of one option alone. */
static bool option_typed(const struct field *f, arena *mem, const struct answers_env *env, str typed, struct option *out)
{
    if (option_find(f, mem, env, typed, out)) return !out->retired;
    if (f->list.n) return env->list && env->list(env->list_arg, mem, f->list, typed, out);
    const struct option *o = option_by_label(mem, &f->options, typed);
    if (o) *out = *o;
    return o != NULL;
}

static bool same_words(arena *mem, str a, str b) { return str_eq(str_fold(mem, str_trim(a)), str_fold(mem, str_trim(b))); }

static const char *other_words(arena *mem, str typed, json_t **out)
{
    str s = text_line(mem, typed);
    if (!s.n) return W("field.choice.other_empty");
    if (!utf8_clean(s) || utf8_length(s) > OTHER_MOST) return W("field.choice.other_long");
    *out = json_own(mem, json_object());
    json_put_str(*out, "other", s);
    return NULL;
}

TYPE_PARSE(parse_choice)
{
    str s = typed_at(typed, 0), other = typed_at(typed, 1), hidden = typed_at(typed, 2);
    struct option o;
    if (!utf8_valid(s) || !utf8_valid(other)) return W("field.text.bytes");
    if (!s.n && !(other.n && f->other)) return NULL;
    if (f->other && (!s.n || str_is(s, "_other"))) return other_words(mem, other, out);
    /* The id kept by the script stands only for the words it was chosen with. */
    bool chosen = hidden.n && option_find(f, mem, env, hidden, &o) && !o.retired && same_words(mem, text_in(&o.label, env->lang), s);
    if (chosen || option_typed(f, mem, env, s, &o)) {
        *out = json_own(mem, json_from_str(o.id));
        return NULL;
    }
    return f->other ? other_words(mem, s, out) : W("field.choice.unknown");
}

static const char *option_check(const struct field *f, arena *mem, const json_t *given, const struct answers_env *env)
{
    struct option o;
    if (!json_is_string(given)) return W("field.choice.type");
    if (f->list.n && !env->list) return NULL;
    if (!option_find(f, mem, env, json_text(given), &o)) return W("field.choice.unknown");
    return o.retired ? W("field.choice.retired") : NULL;
}

TYPE_CHECK(check_choice)
{
    if (json_is_object(given)) {
        const json_t *other = json_object_get(given, "other");
        if (!f->other || !json_is_string(other) || json_object_size(given) != 1) return W("field.choice.type");
        return other_words(mem, json_text(other), out);
    }
    const char *msg = option_check(f, mem, given, env);
    if (!msg) *out = (json_t *)given;
    return msg;
}

static str option_words(const struct field *f, arena *mem, str id, const struct answers_env *env)
{
    struct option o;
    if (!option_find(f, mem, env, id, &o)) return f->list.n && env->list ? STR_NONE : id;       /* an entry the list never had */
    str label = text_in(&o.label, env->lang);
    return o.group.n ? str_fmt(mem, "%.*s / %.*s", STR_ARG(o.group), STR_ARG(label)) : label;
}

TYPE_SHOW(show_choice)
{
    return json_is_object(value) ? json_str(value, "other") : option_words(f, mem, json_text(value), env);
}

TYPE_RULE(rule_choice)
{
    return (struct rule_value){.kind = RULE_TEXT, .text = json_is_object(value) ? json_str(value, "other") : json_text(value)};
}

TYPE_INDEX(index_choice) { return json_is_object(value) ? S("_other") : json_text(value); }

TYPE_PREFILL(prefill_choice)
{
    struct answers_env env = {0};
    if (f->list.n || !utf8_valid(typed)) return false;
    return !parse_choice(f, mem, (struct strs){&typed, 1}, &env, out) && *out;
}

/* "enum" of ids, and the same with their labels for people. */
static json_t *schema_options(const struct field *f, arena *mem, const struct answers_env *env, json_t **out_first)
{
    struct options all;
    size_t total;
    json_t *s = schema_of("string");
    options_of(f, mem, env, SCHEMA_OPTIONS_MOST + 1, &all, &total);
    *out_first = all.n ? json_from_str(all.v[0].id) : NULL;
    if (f->list.n) json_object_set_new(s, "x-beffroi-list", json_from_str(f->list));
    if (!all.n || total > SCHEMA_OPTIONS_MOST) {
        json_object_set_new(s, "minLength", json_integer(1));
        json_object_set_new(s, "x-beffroi-options", json_integer((json_int_t)total));
        return s;
    }
    json_t *ids = json_array(), *titled = json_array();
    for (size_t i = 0; i < all.n; i++) {
        json_t *one = json_object();
        json_array_append_new(ids, json_from_str(all.v[i].id));
        json_put_str(one, "const", all.v[i].id);
        json_put_str(one, "title", text_in(&all.v[i].label, env->lang));
        json_array_append_new(titled, one);
    }
    json_object_set_new(s, "enum", ids);
    json_object_set_new(s, "oneOf", titled);
    return s;
}

TYPE_SCHEMA(schema_choice)
{
    json_t *first, *s = schema_options(f, mem, env, &first);
    if (f->other) {
        json_t *any = json_array(), *free_entry = json_pack("{s:s, s:{s:{s:s,s:i,s:i}}, s:[s], s:b}", "type", "object", "properties", "other", "type",
            "string", "minLength", 1, "maxLength", OTHER_MOST, "required", "other", "additionalProperties", 0);
        json_array_append_new(any, s);
        json_array_append_new(any, free_entry);
        s = json_object();
        json_object_set_new(s, "anyOf", any);
        if (!first) first = json_pack("{s:s}", "other", "Texte");
    }
    schema_examples(s, first);
    return s;
}

/* ---- several choices: an array in the order of the options */

static size_t option_place(const struct field *f, str id)
{
    for (size_t i = 0; i < f->options.n; i++)
        if (str_eq(f->options.v[i].id, id)) return i;
    return SIZE_MAX;
}

static bool among(const json_t *array, str id)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (str_eq(json_text(json_array_get(array, i)), id)) return true;
    return false;
}

/* Lists of the tenant keep the order given; long own lists too. */
static void choice_insert(const struct field *f, json_t *array, str id)
{
    size_t at = json_array_size(array), place = f->list.n || f->options.n > SCHEMA_OPTIONS_MOST ? SIZE_MAX : option_place(f, id);
    if (among(array, id)) return;
    while (at && place < option_place(f, json_text(json_array_get(array, at - 1)))) at--;
    json_array_insert_new(array, at, json_from_str(id));
}

TYPE_PARSE(parse_choices)
{
    json_t *array = json_own(mem, json_array());
    for (size_t i = 0; i < typed.n; i++) {
        struct option o;
        str s = str_trim(typed.v[i]);
        if (!s.n) continue;
        if (!utf8_valid(s)) return W("field.text.bytes");
        if (!option_typed(f, mem, env, s, &o)) return W("field.choice.unknown");
        choice_insert(f, array, o.id);
    }
    if (json_array_size(array)) *out = array;
    return NULL;
}

TYPE_CHECK(check_choices)
{
    if (!json_is_array(given)) return W("field.choices.type");
    json_t *array = json_own(mem, json_array());
    for (size_t i = 0; i < json_array_size(given); i++) {
        const char *msg = option_check(f, mem, json_array_get(given, i), env);
        if (msg) return msg;
        choice_insert(f, array, json_text(json_array_get(given, i)));
    }
    if (f->many && json_array_size(array) > (size_t)f->many) {
        *arg = str_fmt(mem, "%d", f->many);
        return W("field.choices.many");
    }
    *out = json_array_size(array) ? array : NULL;
    return NULL;
}

TYPE_SHOW(show_choices)
{
    struct strs all = {0};
    for (size_t i = 0; i < json_array_size(value); i++) {
        str one = option_words(f, mem, json_text(json_array_get(value, i)), env);
        if (one.n) PUSH(mem, &all, one);
    }
    return str_join(mem, all, S(", "));
}

TYPE_RULE(rule_choices)
{
    struct rule_value v = {.kind = RULE_LIST};
    for (size_t i = 0; i < json_array_size(value); i++) PUSH(mem, &v.list, json_text(json_array_get(value, i)));
    return v;
}

TYPE_SCHEMA(schema_choices)
{
    json_t *first, *item = schema_options(f, mem, env, &first), *s = schema_of("array");
    json_object_set_new(s, "items", item);
    json_object_set_new(s, "minItems", json_integer(1));
    json_object_set_new(s, "uniqueItems", json_true());
    if (f->many) json_object_set_new(s, "maxItems", json_integer(f->many));
    if (first) {
        json_t *example = json_array();
        json_array_append_new(example, first);
        schema_examples(s, example);
    }
    return s;
}

/* ---- civility: two options known to all */

TYPE_PARSE(parse_civility)
{
    str s = STR_NONE;
    for (size_t i = 0; i < typed.n; i++)
        if (str_trim(typed.v[i]).n) s = str_fold(mem, str_trim(typed.v[i]));
    if (!s.n) return NULL;
    bool mme = str_is(s, "mme") || str_is(s, "madame"), m = str_is(s, "m") || str_is(s, "m.") || str_is(s, "monsieur");
    if (!mme && !m) return W("field.choice.unknown");
    *out = json_own(mem, json_string(mme ? "mme" : "m"));
    return NULL;
}

TYPE_CHECK(check_civility)
{
    str s = json_text(given);
    if (!str_is(s, "mme") && !str_is(s, "m")) return W("field.choice.unknown");
    *out = (json_t *)given;
    return NULL;
}

TYPE_SHOW(show_civility) { return words(env->lang, str_is(json_text(value), "mme") ? W("field.mme") : W("field.m")); }

TYPE_SCHEMA(schema_civility)
{
    json_t *s = json_pack("{s:s, s:[s,s], s:[s]}", "type", "string", "enum", "mme", "m", "examples", "mme");
    return s;
}

/* ---- options when there are some, words otherwise */

static bool has_choice(const struct field *f) { return f->list.n || f->options.n; }

TYPE_PARSE(parse_place)
{
    if (has_choice(f)) return parse_choice(f, mem, typed, env, out);
    str s = typed_at(typed, 0);
    return parse_text(f, mem, (struct strs){&s, 1}, env, out);
}
TYPE_CHECK(check_place) { return has_choice(f) ? check_choice(f, mem, given, env, out, arg) : check_text(f, mem, given, env, out, arg); }
TYPE_SHOW(show_place) { return has_choice(f) ? show_choice(f, mem, value, env) : json_text(value); }
TYPE_SCHEMA(schema_place) { return has_choice(f) ? schema_choice(f, mem, env) : schema_text(f, mem, env); }
TYPE_RULE(rule_place) { return rule_choice(f, mem, value); }
TYPE_PREFILL(prefill_place) { return has_choice(f) ? prefill_choice(f, mem, typed, out) : prefill_text(f, mem, typed, out); }
