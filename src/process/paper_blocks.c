/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/paper_blocks.h"

#define GAP 7.0                 /* after a paragraph */
#define LIST_INDENT 18.0
#define CELL_PAD 4.5

static void outline_add(struct pen *t, str words)
{
    if (!t->cr || !words.n) return;
    str at = str_fmt(t->mem, "page=%d pos=[%d %d]", t->page, (int)SHEET_LEFT, (int)t->y);
    c.cairo_pdf_surface_add_outline(t->surface, t->outline, str_z(t->mem, words), at.p, 0);
}

static void heading_draw(struct pen *t, const struct paper_block *b)
{
    bool second = b->type == PAPER_HEADING2;
    struct setting s = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = second ? STYLE_HEADING2 : STYLE_HEADING3, .ink = second ? t->main : ink_black, .element = second ? "H2" : "H3"};
    if (!page_is_fresh(t)) t->y += second ? 9 : 4;
    page_keep(t, 62);           /* with two lines of what follows */
    outline_add(t, paper_plain(t->mem, &b->words));
    flow_words(t, &b->words, &s);
    t->y += second ? 5 : 3;
}

static void list_draw(struct pen *t, const struct paper_block *b, double after)
{
    pen_begin(t, "L");
    for (size_t i = 0; i < b->rows.n; i++) {
        struct setting s = {.x = SHEET_LEFT + LIST_INDENT, .width = SHEET_ROOM - LIST_INDENT, .style = STYLE_BODY, .ink = ink_black, .element = "LBody",
                            .label = b->type == PAPER_BULLETS ? S("•") : str_fmt(t->mem, "%zu.", i + 1), .after = i + 1 == b->rows.n ? after : 0};
        pen_begin(t, "LI");
        if (b->rows.v[i].n) flow_words(t, &b->rows.v[i].v[0], &s);
        pen_end(t, "LI");
        t->y += 2.5;
    }
    pen_end(t, "L");
    t->y += GAP - 2.5;
}

/* ---- tables ---- */

struct columns { double x[PAPER_MAX_COLUMNS], width[PAPER_MAX_COLUMNS]; size_t n; };
struct row { const struct paper_row *r; const struct columns *columns; bool is_head, first_is_head; struct ink ink; };

/* Those that need less than an equal part get what they need; the others share the rest. */
static struct columns columns_of(struct pen *t, const struct paper_rows *rows)
{
    struct columns out = {.n = rows->v[0].n};
    double left = SHEET_ROOM, x = SHEET_LEFT;
    bool set[PAPER_MAX_COLUMNS] = {0};
    size_t open = out.n;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < out.n && j < rows->v[i].n; j++) {
            double w = words_width(t, &rows->v[i].v[j], STYLE_BODY, i == 0 || j == 0) + 2 * CELL_PAD + 1;
            if (w > out.width[j]) out.width[j] = w;
        }
    for (bool more = true; more && open;) {
        double part = left / (double)open;
        more = false;
        for (size_t j = 0; j < out.n; j++) {
            if (set[j] || out.width[j] > part) continue;
            set[j] = more = true;
            left -= out.width[j];
            open--;
        }
    }
    for (size_t j = 0; j < out.n; j++) {
        if (!set[j]) out.width[j] = left / (double)open;
        else if (!open) out.width[j] += left / (double)out.n;       /* all fit: the table is as wide as the text */
        out.x[j] = x;
        x += out.width[j];
    }
    return out;
}

static void row_cells(struct pen *t, const void *arg)
{
    const struct row *r = arg;
    double top = t->y + CELL_PAD, bottom = top;
    pen_begin(t, "TR");
    for (size_t j = 0; j < r->r->n && j < r->columns->n; j++) {
        bool head = r->is_head || (r->first_is_head && j == 0);
        struct setting s = {.x = r->columns->x[j] + CELL_PAD, .width = r->columns->width[j] - 2 * CELL_PAD, .style = STYLE_BODY, .bold = head, .ink = ink_black};
        t->y = top;
        pen_begin(t, head ? "TH" : "TD");
        if (head && t->cr && !t->untold) buf_char(t->scopes, r->is_head ? 'c' : 'r');
        if (r->r->v[j].n) flow_words(t, &r->r->v[j], &s);
        pen_end(t, head ? "TH" : "TD");
        if (t->y > bottom) bottom = t->y;
    }
    pen_end(t, "TR");
    t->y = bottom + CELL_PAD;
}

/* A row higher than half a page is written cell after cell. */
static void row_split(struct pen *t, const struct row *r)
{
    pen_begin(t, "TR");
    for (size_t j = 0; j < r->r->n; j++) {
        struct setting s = {.x = SHEET_LEFT + CELL_PAD, .width = SHEET_ROOM - 2 * CELL_PAD, .style = STYLE_BODY, .ink = ink_black, .element = "TD"};
        if (r->r->v[j].n) flow_words(t, &r->r->v[j], &s);
    }
    pen_end(t, "TR");
}

/* head: said again on a page that the row turns to; NULL: it has none, or is it. */
static void row_draw(struct pen *t, struct row *r, struct row *head)
{
    double height = pen_measure(t, row_cells, r);
    int page = t->page;
    if (height > (SHEET_BOTTOM - SHEET_TOP) / 2) {
        row_split(t, r);
        return;
    }
    page_keep(t, height);
    if (head && page != t->page) {
        t->untold = true;
        row_draw(t, head, NULL);
        t->untold = false;
    }
    if (r->is_head) pen_fill(t, SHEET_LEFT, t->y, SHEET_ROOM, height, (struct ink){0.955, 0.945, 0.92});
    bool endless = t->endless;
    t->endless = true;          /* it fits: no cell of it turns the page */
    row_cells(t, r);
    t->endless = endless;
    pen_fill(t, SHEET_LEFT, t->y - 0.3, SHEET_ROOM, 0.5, r->is_head ? ink_black : ink_soft);
}

static void table_whole(struct pen *t, const void *arg)
{
    const struct paper_block *b = arg;
    struct columns columns = columns_of(t, &b->rows);
    struct row head = {.r = &b->rows.v[0], .columns = &columns, .is_head = true};
    if (b->words.n) {
        struct setting s = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = STYLE_HEADING3, .ink = ink_black, .element = "P"};
        page_keep(t, 60);
        flow_words(t, &b->words, &s);
        t->y += 3;
    }
    page_keep(t, 50);
    pen_begin(t, "Table");
    for (size_t i = 0; i < b->rows.n; i++) {
        bool is_head = b->type == PAPER_TABLE && i == 0;
        struct row r = {.r = &b->rows.v[i], .columns = &columns, .is_head = is_head, .first_is_head = b->type == PAPER_FACTS};
        row_draw(t, &r, b->type == PAPER_TABLE && !is_head ? &head : NULL);
    }
    pen_end(t, "Table");
    t->y += GAP + 2;
}

void table_draw(struct pen *t, const struct paper_block *b)
{
    if (!b->rows.n) return;
    /* A short table is not cut. Long ones are not measured. */
    double height = b->rows.n <= 12 ? pen_measure(t, table_whole, b) : SHEET_HEIGHT;
    if (height < SHEET_HEIGHT / 3) page_keep(t, height);
    table_whole(t, b);
}

void block_draw(struct pen *t, const struct paper_block *b, double after)
{
    struct setting s = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = STYLE_BODY, .ink = ink_black, .element = "P", .after = after};
    switch (b->type) {
    case PAPER_HEADING2:
    case PAPER_HEADING3: heading_draw(t, b); break;
    case PAPER_PARAGRAPH:
        if (b->words.n) flow_words(t, &b->words, &s);
        t->y += GAP;
        break;
    case PAPER_BULLETS:
    case PAPER_NUMBERS: list_draw(t, b, after); break;
    case PAPER_FACTS:
    case PAPER_TABLE: table_draw(t, b); break;
    case PAPER_FIELD: field_draw(t, b); break;
    case PAPER_RESERVED: reserved_draw(t, b); break;
    case PAPER_BREAK:
        if (!page_is_fresh(t)) page_turn(t);
        break;
    case PAPER_BLOCK_TYPES: break;
    }
}
