/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The steps of a draft definition: those of its base, changed where the procedure says something else. */
#include <string.h>

#include "core/kind_edit_inside.h"
#include "core/kinds.h"
#include "formats/json.h"

const json_t *edit_base(arena *mem, const json_t *def)
{
    const char *name = json_string_value(json_object_get(def, "base")), *text = name ? kind_yaml_shipped(name) : NULL;
    json_t *base = NULL;
    if (text && json_parse(mem, str_of(text), &base).code != OK) base = NULL;
    return base;
}

const json_t *edit_member(const json_t *def, const char *group, str name) { return json_object_getn(json_object_get(def, group), name.p, name.n); }

json_t *edit_group(json_t *def, const char *group)
{
    json_t *held = json_object_get(def, group);
    if (json_is_object(held)) return held;
    held = json_object();
    json_object_set_new(def, group, held);
    return held;
}

json_t *step_own(json_t *def, str name)
{
    json_t *steps = edit_group(def, "transitions"), *own = json_object_getn(steps, name.p, name.n);
    if (own) return own;
    own = json_pack("{s:o}", "use", json_from_str(name));
    json_object_setn_new(steps, name.p, name.n, own);
    return own;
}

/* The step of the base that this one is; NULL: it is the procedure's alone. */
static const json_t *of_base(arena *mem, const json_t *def, str name)
{
    const json_t *own = edit_member(def, "transitions", name);
    str use = json_str(own, "use");
    return own && !use.n ? NULL : edit_member(edit_base(mem, def), "transitions", use.n ? use : name);
}

void step_same(arena *mem, json_t *def, str name, const char *key)
{
    json_t *steps = json_object_get(def, "transitions"), *own = json_object_getn(steps, name.p, name.n);
    const json_t *held = json_object_get(own, key), *base = json_object_get(of_base(mem, def, name), key);
    if (held && base && json_equal(held, base)) json_object_del(own, key);
    if (json_object_size(own) == 1 && str_eq(json_str(own, "use"), name)) json_object_deln(steps, name.p, name.n);
    if (!json_object_size(steps)) json_object_del(def, "transitions");
}

const json_t *step_member(arena *mem, const json_t *def, str name, const char *key)
{
    const json_t *v = json_object_get(edit_member(def, "transitions", name), key);
    if (!v) v = json_object_get(of_base(mem, def, name), key);
    return json_is_null(v) ? NULL : v;
}

bool step_exists(arena *mem, const json_t *def, str name) { return edit_member(def, "transitions", name) || of_base(mem, def, name); }

err kind_edit_step(arena *mem, json_t *def, str name, const char *key, json_t *value)
{
    if (!step_exists(mem, def, name)) return FAIL(E_NOT_FOUND, W("kind.unknown_transition"));
    json_t *own = step_own(def, name);
    bool was_guarded = step_member(mem, def, name, "when") != NULL;
    if (value) json_object_set(own, key, value);
    else if (json_object_get(of_base(mem, def, name), key)) json_object_set_new(own, key, json_null());      /* said, so that the base's is not taken */
    else json_object_del(own, key);
    /* The part that was said is that of the guard, else of the delay: of another rule, or of none, it is inferred again. */
    bool is_guarded = step_member(mem, def, name, "when") != NULL, by_rule = json_is_object(step_member(mem, def, name, "after"));
    if (is_guarded != was_guarded || (!is_guarded && !by_rule)) json_object_del(own, "role");
    step_same(mem, def, name, key);
    return NO_ERR;
}
