/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_members.h — inside formats/ds_*: one key of a field's descriptor, and the members of the kind's field it stands for. */
#pragma once
#include "formats/json.h"

struct ds_member {
    const char *key;
    /* raw: the value in the descriptor, NULL when the key is not there. Sets, changes or removes members of the field; at is for messages.
       Options there already keep their ids. */
    err (*read)(arena *mem, str at, const json_t *raw, json_t *field);
    /* A new reference: what a descriptor says of this field. Never NULL. */
    json_t *(*write)(arena *mem, const json_t *field, const json_t *raw);   /* raw: an older spelling to stay near to, or NULL */
};

extern const struct ds_member ds_members[];                     /* ended by a NULL key; in the order they are to be read */
const struct ds_member *ds_member(const char *key);
/* Reading raw gives what the field says. */
bool ds_says(arena *mem, const struct ds_member *m, const json_t *raw, const json_t *field);

str ds_text(const json_t *text);                                /* a kind's text: a string, or {fr: …} */
void ds_text_set(json_t *obj, const char *key, str french);     /* keeps other languages */
bool ds_looks_html(str s);
void ds_put(json_t *obj, const char *key, json_t *value);       /* takes the reference; aborts without memory */

err ds_read_options(arena *mem, str at, const json_t *raw, json_t *field);
json_t *ds_write_options(arena *mem, const json_t *field, const json_t *raw);

err ds_fault(arena *mem, const char *msg, str at, const char *key);     /* at: "revision.champDescriptors[12].options" */
