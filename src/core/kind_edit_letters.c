/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The letters of a draft definition, and the steps that send them. */
#include <string.h>

#include "core/kind_edit_inside.h"
#include "core/letter_template.h"
#include "formats/json.h"

bool kind_edit_letter_is_own(const json_t *def, str name) { return edit_member(def, "letters", name) != NULL; }

const json_t *kind_edit_letter(arena *mem, const json_t *def, str name)
{
    const json_t *own = edit_member(def, "letters", name);
    return own ? own : edit_member(edit_base(mem, def), "letters", name);
}

static err letter_own(arena *mem, json_t *def, str name, json_t **out)
{
    const json_t *held = kind_edit_letter(mem, def, name);
    if (!held) return FAIL(E_NOT_FOUND, W("letter.unknown"));
    *out = (json_t *)edit_member(def, "letters", name);
    if (*out) return NO_ERR;
    *out = json_deep_copy(held);
    json_object_setn_new(edit_group(def, "letters"), name.p, name.n, *out);
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

str kind_edit_letter_of_base(arena *mem, const json_t *def, str transition)
{
    const json_t *own = edit_member(def, "transitions", transition);
    str of = json_str(own, "use").n ? json_str(own, "use") : transition;
    return letter_in(json_object_get(edit_member(edit_base(mem, def), "transitions", of), "does"));
}

err kind_edit_letter_attach(arena *mem, json_t *def, str transition, str name)
{
    if (!step_exists(mem, def, transition)) return FAIL(E_NOT_FOUND, W("kind.unknown_transition"));
    const json_t *does = step_member(mem, def, transition, "does");
    if (str_eq(letter_in(does), name)) return NO_ERR;
    json_object_set(step_own(def, transition), "does", does_with(mem, does, name));
    step_same(mem, def, transition, "does");
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
    json_object_setn_new(edit_group(def, "letters"), out_name->p, out_name->n, l);
    return kind_edit_letter_attach(mem, def, transition, *out_name);
}
