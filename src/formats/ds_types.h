/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_types.h — inside formats/ds_*: the names of field types on both sides. */
#pragma once
#include "base/str.h"

struct ds_type {
    const char *name;           /* `__typename` without ChampDescriptor */
    const char *old_name;       /* `type` of the old API */
    const char *kind_type;
    const char *own_keys;       /* what the API says of this type alone, in its order, separated by spaces */
};

#define DS_SUFFIX "ChampDescriptor"
const struct ds_type *ds_type_named(str typename);          /* "TextChampDescriptor"; NULL: unknown */
const struct ds_type *ds_type_old(str type);                /* "drop_down_list" */
const struct ds_type *ds_type_for(str kind_type);           /* the first that becomes this; NULL: none */
