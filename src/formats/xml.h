/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xml.h — XML of strangers as a tree in an arena, over libxml2. UTF-8 alone; a document type is refused, so that no entity is ever made
   nor fetched; nothing is read but the bytes given. ≤ XML_MAX_BYTES, ≤ XML_MAX_DEPTH levels. */
#pragma once
#include "base/buf.h"

#define XML_MAX_BYTES ((size_t)4 << 20)
#define XML_MAX_DEPTH 100

struct xml_attr { str name, value; };
struct xml {
    str name;                       /* of an element, "dc:title" with Dublin Core's prefix; absent: text */
    str text;                       /* of a text */
    struct { struct xml_attr *v; size_t n; } attrs;
    struct xml *first, *next;
};
err xml_parse(arena *mem, str bytes, struct xml **out);                    /* E_MALFORMED, E_TOO_LARGE */
str xml_attr(const struct xml *x, const char *name);                       /* absent: none */
const struct xml *xml_child(const struct xml *x, const char *name);        /* the first of that name; NULL */
str xml_words(arena *mem, const struct xml *x);                            /* all its text, blanks made one; NULL gives absent */
bool xml_is(const struct xml *x, const char *name);
