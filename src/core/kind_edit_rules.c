/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rules of a draft definition: their text, who may file, which team gets it, what part each has. */
#include <string.h>

#include "core/form_rules.h"
#include "core/kind_edit_inside.h"
#include "core/kinds.h"
#include "core/rule_check.h"
#include "core/rule_uses.h"
#include "formats/json.h"

err kind_edit_rules(arena *mem, json_t *def, str text)
{
    text = str_lines(mem, text);
    if (!str_trim(text).n) json_object_del(def, "rules");
    else if (!str_eq(text, kind_rules_text(mem, def))) json_put_str(def, "rules", text);         /* a map that nobody changed stays one */
    return NO_ERR;
}

static err item_at(json_t *def, const char *name, size_t index, json_t **out)
{
    json_t *list = json_object_get(def, name);
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(def, name, list);
    }
    if (index > json_array_size(list)) return FAIL(E_NOT_FOUND, W("kind.edit.no_rule"));
    if (index == json_array_size(list)) json_array_append_new(list, json_object());
    *out = json_array_get(list, index);
    return json_is_object(*out) ? NO_ERR : FAIL_AT(E_INVALID, W("kind.not_object"), name);
}

/* A map of mechanisms is typed as its text: while that is the same, it stays a map. */
err kind_edit_computed(arena *mem, json_t *def, str id, str typed)
{
    struct reader r = {.mem = mem};
    struct condition *held = NULL;
    const json_t *v = kind_edit_field_get(mem, def, id, "computed");
    typed = str_lines(mem, typed);
    if (v && condition_read(&r, v, &held, S("")).code == OK && held && str_eq(typed, str_trim(held->text))) return NO_ERR;
    return kind_edit_field_set(mem, def, id, "computed", typed.n ? json_own(mem, json_from_str(typed)) : NULL);
}

err kind_edit_requirement(arena *mem, json_t *def, size_t index, struct edit_requirement given)
{
    json_t *item;
    (void)mem;
    if (!given.must) return FAIL_AT(E_INVALID, W("kind.edit.rule_missing"), "must");
    if (!given.message.n) return FAIL_AT(E_INVALID, W("kind.edit.message_missing"), "message");
    TRY(item_at(def, "eligibility", index, &item));
    json_object_set(item, "must", given.must);
    if (!given.message_en.n) return json_put_str(item, "message", given.message), NO_ERR;
    json_object_set_new(item, "message", json_pack("{s:o, s:o}", "fr", json_from_str(given.message), "en", json_from_str(given.message_en)));
    return NO_ERR;
}

err kind_edit_route(arena *mem, json_t *def, size_t index, json_t *when, str team)
{
    json_t *item;
    (void)mem;
    if (!when) return FAIL_AT(E_INVALID, W("kind.edit.rule_missing"), "when");
    if (!team.n) return FAIL_AT(E_INVALID, W("kind.edit.team_missing"), "team");
    TRY(item_at(def, "routing", index, &item));
    json_object_set(item, "when", when);
    json_put_str(item, "team", team);
    return NO_ERR;
}

err kind_edit_rule_move(arena *mem, json_t *def, const char *list, size_t index, int by)
{
    json_t *items = json_object_get(def, list);
    size_t n = json_array_size(items), to = by < 0 && index < (size_t)-by ? 0 : index + (size_t)by;
    (void)mem;
    if (index >= n) return FAIL(E_NOT_FOUND, W("kind.edit.no_rule"));
    json_t *item = json_incref(json_array_get(items, index));
    json_array_remove(items, index);
    if (by) json_array_insert_new(items, to < n ? to : n - 1, item);
    else json_decref(item);
    if (!json_array_size(items)) json_object_del(def, list);
    return NO_ERR;
}

/* ---- parts ---- */

err kind_edit_role(arena *mem, json_t *def, str place, str role)
{
    str of, where = str_split(place, '/', &of);
    enum rule_role named;
    int64_t index = 0;
    bool step = str_is(where, "step");
    if (role.n && !rule_role_named(role, &named)) return FAIL_AT(E_INVALID, W("kind.bad_role"), "role");
    if (str_is(where, "question")) return kind_edit_field_set(mem, def, of, "role", role.n ? json_own(mem, json_from_str(role)) : NULL);
    if (step && step_exists(mem, def, of) && str_eq(role, json_str(edit_member(def, "transitions", of), "role"))) return NO_ERR;      /* as it is */
    json_t *item = step && step_exists(mem, def, of) ? step_own(def, of) : NULL;
    const char *list = str_is(where, "requirement") ? "eligibility" : "routing";
    if (!step && str_i64(of, &index).code == OK && index >= 0) item = json_array_get(json_object_get(def, list), (size_t)index);
    if (!json_is_object(item)) return FAIL(E_NOT_FOUND, W("kind.edit.no_rule"));
    if (role.n) json_put_str(item, "role", role);
    else json_object_del(item, "role");
    if (step) step_same(mem, def, of, "role");
    return NO_ERR;
}
