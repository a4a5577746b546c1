/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clean.h — HTML and plain text that come from elsewhere (imported procedures, feeds), as safe HTML made of
   p br strong em ul ol li a[href] blockquote code and headings. Everything else is stripped to its text; scripts, styles and forms go whole.
   Links keep http, https, mailto and tel; bare addresses become links. */
#pragma once
#include "view/html.h"

/* heading: the level its first headings take; 0: headings become paragraphs in bold (help beside a field). At most 256 kB are read; a tree
   that would need over 16 MiB is shown as text. */
struct html clean_html(arena *mem, str given, int heading);
/* Plain text: an empty line makes a paragraph, a line break a <br>. */
struct html clean_text(arena *mem, str given);
/* For struct form_draw.rich. */
void clean_rich(buf *out, arena *mem, str html_or_text, bool is_html);
/* Only the words, in one line: summaries, feeds, mails. */
str clean_words(arena *mem, str given_html);
