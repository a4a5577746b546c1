/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_root.h — inside formats/ds_*: the procedure around its fields: wrappers, title, service, which revision. */
#pragma once
#include "formats/json.h"

struct ds_root {
    const json_t *whole, *procedure, *revision;     /* revision may be the procedure itself (old API) */
    struct strs path;                               /* from the whole to the procedure: "data", "demarche"; "#0": in a list */
    str at, revision_at;                            /* for messages: "data.demarche.", "data.demarche.revision." */
    str revision_key;                               /* "revision"; "" when the fields stand beside the title */
    ptrdiff_t revision_place;                       /* in a list of revisions; -1 */
};

err ds_root_find(arena *mem, const json_t *whole, struct ds_root *out);
/* Sets all of the kind but its fields. */
err ds_root_read(arena *mem, const struct ds_root *root, const json_t *previous, json_t *kind);
void ds_root_remaining(arena *mem, const json_t *kind, struct strs *out);
/* A new reference: the whole again, around these lists (references taken). */
json_t *ds_root_write(arena *mem, const json_t *kind, json_t *fields, json_t *annotations);
