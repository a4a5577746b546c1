/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/assets.h"

const struct asset *asset_find(const struct asset_table *t, str name)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int c = str_cmp(str_of(t->v[middle].name), name);
        if (c == 0) return &t->v[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

str asset_url(arena *mem, const struct asset_table *t, const char *name)
{
    return str_fmt(mem, "/s/%s/%s", t->tag, name);
}
