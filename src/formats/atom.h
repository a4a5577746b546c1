/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* atom.h — a feed, RFC 4287. Written in order: atom_open, entries, atom_close. Addresses are absolute; characters XML cannot hold are left out.
   When `updated_us` of the feed is 0, it is the newest the caller knows of: RFC 4287 §4.2.15 wants one, so 1970 is written. */
#pragma once
#include "base/buf.h"

struct atom_feed { str id, title, self_url, page_url, author, lang; int64_t updated_us; };
struct atom_entry {
    str id, title, url, summary;            /* summary: plain text; absent: none */
    int64_t published_us, updated_us;       /* published 0: not said; updated 0: the publication */
    str category;
    bool has_place; double lat, lon;        /* GeoRSS-Simple point */
};
void atom_open(buf *b, const struct atom_feed *f);
void atom_add(buf *b, const struct atom_entry *e);
void atom_close(buf *b);
