/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* said.h — words in another language than their page's (WCAG 3.1.2). Who reads them notes in which language they are written; who writes the
   page puts lang="…" around those noted. Notes are of this thread, which reads and draws a page in one go, and last until said_forget. */
#pragma once
#include "base/words.h"

/* Gives the same words back. What people of the town write (titles, messages, reasons, names of services) is in French. */
str said_in(str s, enum lang written);
bool said_noted(str s, enum lang *written);        /* these very bytes */
void said_forget(void);
const char *said_tag(str s, enum lang page);       /* "fr": to be marked; NULL: not noted, or the page's own */
/* Escaped, in a <span lang> when they are to be marked. */
void buf_said(buf *b, str s, enum lang page);
/* Noted words that go inside others, where a note would be lost: when that page is to mark them, between two characters of Unicode's private use
   area, which buf_said makes a <span lang> of. said_bare takes them out: for an attribute, a letter, a message. */
str said_within(arena *mem, str s, enum lang page);
str said_bare(arena *mem, str s);
const char *said_tag_within(str s, enum lang page);     /* as said_tag; else of the first words marked within */
/* Words of the catalogue, escaped, with {name} given and marked: pairs as in words_fill. */
void buf_words(buf *b, enum lang page, const char *key, ...) __attribute__((sentinel));
