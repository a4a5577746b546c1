/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* markdown.h — what a town or a person writes in Markdown, as safe HTML (md4c: raw HTML is text, links keep the harmless schemes only,
   images become their words). */
#pragma once
#include "view/html.h"

/* heading: the level its first headings take (3 under an h2). At most 256 kB are read. */
/* Words between these two are in French, in a page that is not: for words put into a text of the catalogue. */
#define MARKDOWN_FRENCH "\x0E"
#define MARKDOWN_FRENCH_END "\x0F"
struct html markdown_at(arena *mem, str text, int heading);
static inline struct html markdown_html(arena *mem, str text) { return markdown_at(mem, text, 3); }
