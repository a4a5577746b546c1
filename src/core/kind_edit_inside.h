/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind_edit_inside.h — of kind_edit*.c alone: what a draft definition says of its own, and what its base says. */
#pragma once
#include "core/kind_edit.h"

const json_t *edit_base(arena *mem, const json_t *def);                             /* as shipped; NULL: it has none */
const json_t *edit_member(const json_t *def, const char *group, str name);          /* of "letters", "transitions"; NULL: none */
json_t *edit_group(json_t *def, const char *group);                                 /* made when missing */

/* A step of the base becomes the procedure's own, the same but for what is said of it. */
json_t *step_own(json_t *def, str name);
/* The key that was changed: as the base has it, it is not said again; a step of which nothing is left to say is the base's again. */
void step_same(arena *mem, json_t *def, str name, const char *key);
/* What a step has for a key, by itself or from the base; NULL: nothing. */
const json_t *step_member(arena *mem, const json_t *def, str name, const char *key);
bool step_exists(arena *mem, const json_t *def, str name);
