/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper.h — a sheet to be printed or read: a letter, a blank form. One model, made once, then drawn as PDF (process/converter.h) and as
   an accessible page (pages/sheet.h), which say the same. Holds words only: whatever is not there is not drawn. Strings live in the arena
   of whoever filled it. What is drawn around the words ("Objet :", "Page 1 sur 2") comes from po/…/paper.po, in the paper's language. */
#pragma once
#include "base/words.h"
#include "formats/json.h"

struct paper_span { str words; bool bold, italic, breaks /* a new line comes first */; str to; };    /* to: an address, http(s), mailto or tel; absent: no link */
struct paper_spans { struct paper_span *v; size_t n; };
struct paper_row { struct paper_spans *v; size_t n; };      /* cells */
struct paper_rows { struct paper_row *v; size_t n; };

enum paper_block_type {
    PAPER_HEADING2, PAPER_HEADING3, PAPER_PARAGRAPH,        /* words */
    PAPER_BULLETS, PAPER_NUMBERS,                           /* rows of one cell */
    PAPER_FACTS,                                            /* rows of two cells: what, then its value */
    PAPER_TABLE,                                            /* rows; the first is the head; words, when there are, are its caption */
    PAPER_FIELD,                                            /* a line of a blank form: words is the label, then help, required, room */
    PAPER_RESERVED,                                         /* a box that the administration fills: words above, room_n lines */
    PAPER_BREAK,                                            /* a new page */
    PAPER_BLOCK_TYPES
};
enum paper_room {
    ROOM_LINES,         /* room_n lines to write on */
    ROOM_BOXES,         /* a box for each letter or figure of `boxes`, what else it holds stands between: "JJ/MM/AAAA", "00000" */
    ROOM_CHOICES,       /* rows of one cell, a box to tick before each; many: several may be ticked (said so) */
    ROOM_ROWS,          /* a table to fill: rows.v[0] is the head, room_n empty rows */
    PAPER_ROOMS
};
struct paper_block {
    enum paper_block_type type;
    struct paper_spans words;
    struct paper_rows rows;
    /* PAPER_FIELD, PAPER_RESERVED */
    str help, boxes;
    bool required, many;
    enum paper_room room;
    int room_n;                                             /* 1 … 60 */
};
struct paper_blocks { struct paper_block *v; size_t n; };

struct paper_sender {
    str town, service;                                      /* who writes; the service in charge */
    struct strs address;                                    /* postal address, then mail, telephone, hours: a line each */
    str logo;                                               /* what the maker of the file looks the logo up by; absent: the name alone */
    str color_main, color_second;                           /* "#1B4B8F": the town's two colours; absent: Beffroi's */
};
struct paper_signature { str forename, surname, capacity, service; };      /* CRPA L212-1 */
struct paper_verify { str address, code; };                 /* "https://town.fr/v/…", whole, and the code as people read it */

struct paper {
    enum lang lang;
    str title;                                              /* of the document: metadata, bookmarks, tab */
    int64_t made_us;                                        /* the instant written in the file; the same input gives the same bytes */
    struct paper_sender sender;
    struct strs recipient;                                  /* lines */
    str reference, place_date, object;                      /* "Épinal, le 23 novembre 2026" */
    struct paper_blocks blocks;
    struct paper_signature signature;
    struct strs foot;                                       /* lines under the signature, small: mentions, enclosures */
    struct paper_verify verify;
};

#define PAPER_MAX_BYTES ((size_t)1 << 20)       /* of its JSON */
#define PAPER_MAX_BLOCKS 2000
#define PAPER_MAX_COLUMNS 8
#define PAPER_MAX_ROWS 500                      /* of one block */

/* The same paper gives the same bytes (json_canonical). */
str paper_json(arena *mem, const struct paper *p);
/* Strict: no unknown member, no wrong type, limits above, addresses of links of the kinds said, colours of six figures, no control
   character in words. E_MALFORMED, E_TOO_LARGE (at: a JSON path). What it takes, paper_json gives back. */
err paper_read(arena *mem, str json, struct paper *out);

/* Adds the blocks of a text in Markdown, as towns write it: headings (# is PAPER_HEADING2, deeper ones PAPER_HEADING3), paragraphs, bold,
   italic, links, lists (inner ones are flattened), tables. Raw HTML is text, images are their words, a link to elsewhere than
   http(s), mailto, tel is its words. */
void paper_markdown(arena *mem, str text, struct paper_blocks *out);
/* One span of plain words; a paragraph of them. */
struct paper_spans paper_words(arena *mem, str words);
void paper_paragraph(arena *mem, struct paper_blocks *out, str words);
/* The words without their dress, spans joined. */
str paper_plain(arena *mem, const struct paper_spans *s);
