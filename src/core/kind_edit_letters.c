/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The letters of a draft definition, and the steps that send them. */
#include <string.h>

#include "core/kind_edit.h"
#include "core/kinds.h"
#include "core/letter_template.h"
#include "formats/json.h"

static const json_t *base_of(arena *mem, const json_t *def)
{
    const char *name = json_string_value(json_object_get(def, "base")), *text = name ? kind_yaml_shipped(name) : NULL;
    json_t *base = NULL;
    if (text && json_parse(mem, str_of(text), &base).code != OK) base = NULL;
    return base;
}

static const json_t *member(const json_t *def, const char *group, str name) { return json_object_getn(json_object_get(def, group), name.p, name.n); }

static json_t *group_of(json_t *def, const char *group)
{
    json_t *held = json_object_get(def, group);
    if (json_is_object(held)) return held;
    held = json_object();
    json_object_set_new(def, group, held);
    return held;
}

bool kind_edit_letter_is_own(const json_t *def, str name) { return member(def, "letters", name) != NULL; }

const json_t *kind_edit_letter(arena *mem, const json_t *def, str name)
{
    const json_t *own = member(def, "letters", name);
    return own ? own : member(base_of(mem, def), "letters", name);
}

static err letter_own(arena *mem, json_t *def, str name, json_t **out)
{
    const json_t *held = kind_edit_letter(mem, def, name);
    if (!held) return FAIL(E_NOT_FOUND, W("letter.unknown"));
    *out = (json_t *)member(def, "letters", name);
    if (*out) return NO_ERR;
    *out = json_deep_copy(held);
    json_object_setn_new(group_of(def, "letters"), name.p, name.n, *out);
    return NO_ERR;
}

err kind_edit_letter_text(arena *mem, json_t *def, str name, const char *key, str words_new)
{
    json_t *own;
    TRY(letter_own(mem, def, name, &own));
    if (!str_trim(words_new).n) return FAIL_AT(E_INVALID, W("kind.text_empty"), key);
    json_put_str(own, key, str_trim(words_new));
    return NO_ERR;
}

err kind_edit_letter_outcome(arena *mem, json_t *def, str name, str outcome)
{
    json_t *own;
    TRY(letter_own(mem, def, name, &own));
    json_put_str(own, "outcome", outcome);
    return NO_ERR;
}

/* ---- the steps that send them */

static const char *effect_key(const json_t *effect)
{
    return json_is_object(effect) ? json_object_iter_key(json_object_iter((json_t *)effect)) : json_string_value(effect);
}

static str letter_in(const json_t *does)
{
    for (size_t i = 0; i < json_array_size(does); i++)
        if (json_is_object(json_array_get(does, i)) && strcmp(effect_key(json_array_get(does, i)), "letter") == 0) return json_str(json_array_get(does, i), "letter");
    return STR_NONE;
}

/* The same effects with this letter in place of another, before people are told. */
static json_t *does_with(arena *mem, const json_t *does, str letter)
{
    json_t *out = json_own(mem, json_array());
    bool put = !letter.n;
    for (size_t i = 0; i < json_array_size(does); i++) {
        json_t *one = json_array_get(does, i);
        if (strcmp(effect_key(one), "letter") == 0) continue;
        if (!put && strcmp(effect_key(one), "notify") == 0) put = json_array_append_new(out, json_pack("{s:o}", "letter", json_from_str(letter))) == 0;
        json_array_append(out, one);
    }
    if (!put) json_array_append_new(out, json_pack("{s:o}", "letter", json_from_str(letter)));
    return out;
}

static str base_name(const json_t *own, str transition)
{
    return json_str(own, "use").n ? json_str(own, "use") : transition;
}

str kind_edit_letter_of_base(arena *mem, const json_t *def, str transition)
{
    return letter_in(json_object_get(member(base_of(mem, def), "transitions", base_name(member(def, "transitions", transition), transition)), "does"));
}

err kind_edit_letter_attach(arena *mem, json_t *def, str transition, str name)
{
    json_t *own = (json_t *)member(def, "transitions", transition);
    const json_t *of_base = member(base_of(mem, def), "transitions", base_name(own, transition));
    const json_t *does = own && json_object_get(own, "does") ? json_object_get(own, "does") : json_object_get(of_base, "does");
    if (!own && !of_base) return FAIL(E_NOT_FOUND, W("kind.unknown_transition"));
    if (str_eq(letter_in(does), name)) return NO_ERR;
    json_t *now = does_with(mem, does, name), *steps = group_of(def, "transitions");
    if (!own) {
        own = json_pack("{s:o}", "use", json_from_str(transition));
        json_object_setn_new(steps, transition.p, transition.n, own);
    }
    json_object_set(own, "does", now);
    /* As the base has it: nothing of its own is left to say. */
    if (json_object_size(own) == 2 && json_object_get(own, "use") && json_equal(now, json_object_get(of_base, "does"))) json_object_deln(steps, transition.p, transition.n);
    if (!json_object_size(steps)) json_object_del(def, "transitions");
    return NO_ERR;
}

err kind_edit_letter_remove(arena *mem, json_t *def, str name)
{
    struct strs sending = {0};
    const char *step;
    json_t *own;
    if (!kind_edit_letter_is_own(def, name)) return FAIL(E_NOT_FOUND, W("letter.unknown"));
    json_object_deln(json_object_get(def, "letters"), name.p, name.n);
    if (!json_object_size(json_object_get(def, "letters"))) json_object_del(def, "letters");
    if (kind_edit_letter(mem, def, name)) return NO_ERR;                        /* the base's stands again */
    json_object_foreach(json_object_get(def, "transitions"), step, own)
        if (str_eq(letter_in(json_object_get(own, "does")), name)) PUSH(mem, &sending, str_copy(mem, str_of(step)));
    for (size_t i = 0; i < sending.n; i++) TRY(kind_edit_letter_attach(mem, def, sending.v[i], kind_edit_letter_of_base(mem, def, sending.v[i])));
    return NO_ERR;
}

err kind_edit_letter_add(arena *mem, json_t *def, str title, str transition, str *out_name)
{
    str plain = kind_slug(mem, title);
    if (!plain.n) return FAIL_AT(E_INVALID, W("letter.title_missing"), "title");
    *out_name = plain;
    for (int i = 2; kind_edit_letter(mem, def, *out_name); i++) *out_name = str_fmt(mem, "%.*s-%d", STR_ARG(plain), i);
    json_t *l = json_object();
    json_put_str(l, "title", str_trim(title));
    json_put_str(l, "object", str_trim(title));
    json_put_str(l, "outcome", S("other"));
    json_put_str(l, "body", words(LANG_FR, W("letter.body_first")));
    json_object_setn_new(group_of(def, "letters"), out_name->p, out_name->n, l);
    return kind_edit_letter_attach(mem, def, transition, *out_name);
}
