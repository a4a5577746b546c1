/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheet.h — a paper (formats/paper.h) as a piece of an accessible page: the same words as its PDF. {{use pages/sheet s=p.sheet}} */
#pragma once
#include "formats/paper.h"
#include "view/html.h"

struct sheet_cells { struct html *v; size_t n; };
struct sheet_row { struct sheet_cells cells; struct html first; };
struct sheet_block { enum paper_block_type type; struct html words; struct { struct sheet_row *v; size_t n; } rows; struct sheet_row head; str help, required, said; enum paper_room room; int64_t lines; };
struct sheet {
    str lang, town, service, reference, place_date, title, name, capacity, office, verify, code;
    struct strs address, recipient, foot;
    struct { struct sheet_block *v; size_t n; } blocks;
    struct url verify_at;
    bool is_inner;              /* within a page that has its own title */
};
struct part_sheet { struct sheet s; };
struct sheet sheet_of(arena *mem, const struct paper *p);
