/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* assets.h — files of web/ and Leaflet's, compiled in by tools/mkassets as gen/assets.c, already compressed.
   Served at /s/TAG/NAME as immutable: the tag is a hash of the whole set, so a style sheet's relative url(…)
   keeps working. */
#pragma once
#include "base/str.h"

struct asset {
    const char *name;                        /* "beffroi.css", "leaflet/images/marker-icon.png" */
    const char *type;                        /* "text/css; charset=utf-8" */
    const unsigned char *plain, *gzip, *brotli;   /* gzip and brotli: NULL when not smaller */
    size_t plain_n, gzip_n, brotli_n;
};
struct asset_table {
    const struct asset *v;                   /* sorted by name */
    size_t n;
    const char *tag;                         /* 12 hexadecimal digits */
};
extern const struct asset_table assets_built;    /* defined by gen/assets.c */

const struct asset *asset_find(const struct asset_table *t, str name);
str asset_url(arena *mem, const struct asset_table *t, const char *name);     /* "/s/3f0c…/beffroi.css" */
