/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_shape.h — inside formats/ds_*: what an object of a descriptor had that the kind has no word for: `foreign.ds` of the kind's object.
     {"keys": […], "values": {…}}     keys: their order, left out when it is the usual one; values: what is not rebuilt from the kind;
     "unread": true: the condition kept there was not taken over */
#pragma once
#include "formats/json.h"

json_t *ds_foreign(const json_t *obj);                              /* its foreign.ds, or NULL */
const json_t *ds_kept(const json_t *obj, const char *key);          /* foreign.ds.values[key], or NULL */
void ds_foreign_set(json_t *obj, json_t *ds);                       /* takes the reference; an empty one is left out; other systems' stay */
json_t *ds_keys_of(const json_t *descriptor);                       /* a new list */
json_t *ds_usual_keys(str typename);                                /* of a field, a new list */
json_t *ds_usual_value(const char *key);                            /* of what Beffroi does not read: a new reference */
bool ds_is_texts(const json_t *list);                               /* a list of texts: what was stored may have been edited by hand */
bool ds_keys_have(const json_t *keys, const char *key);

/* "Q2hhbXAtMTI=" from 12, and back; 0: not such an id. */
str ds_id_of(arena *mem, int64_t stable_id);
int64_t ds_stable_id(str id);
str ds_own_id(const json_t *field);                                 /* the descriptor's id of a field: the kept one, else the field's */
