/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The fields of a blank form: what people write on by hand. Lines are far enough apart for it (8.5 mm). */
#include "base/utf8.h"
#include "process/paper_blocks.h"

#define LINE_GAP 24.0
#define BOX_WIDTH 15.5
#define BOX_HEIGHT 19.0
#define TICK 9.5

static void lines_draw(struct pen *t, int n)
{
    for (int i = 0; i < (n > 0 ? n : 1); i++) {
        page_keep(t, LINE_GAP);
        t->y += LINE_GAP;
        pen_fill(t, SHEET_LEFT, t->y - 3, SHEET_ROOM, 0.5, ink_soft);
    }
}

/* "JJ/MM/AAAA": its letters are said in the boxes, so that nobody has to guess. */
static void boxes_draw(struct pen *t, str boxes)
{
    double x = SHEET_LEFT, y = t->y + 4;
    size_t at = 0;
    uint32_t ch;
    bool endless = t->endless;
    t->endless = true;
    for (size_t was = 0; utf8_next(boxes, &at, &ch); was = at) {
        bool letter = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || ch > 0x7f, is_box = letter || (ch >= '0' && ch <= '9');
        struct setting s = {.x = x + 4.5, .width = BOX_WIDTH, .style = STYLE_SMALL, .ink = is_box ? (struct ink){0.6, 0.6, 0.6} : ink_black};
        if (x + BOX_WIDTH > SHEET_LEFT + SHEET_ROOM) x = SHEET_LEFT, y += BOX_HEIGHT + 5;
        if (is_box) pen_box(t, x, y, BOX_WIDTH, BOX_HEIGHT, 0.7, ink_black);
        s.x = is_box ? x + 4.5 : x + 2;
        t->y = y + 4;
        if (letter || (!is_box && ch != ' ')) flow_str(t, str_cut(boxes, was, at), &s);
        x += is_box ? BOX_WIDTH : 9;
    }
    t->endless = endless;
    t->y = y + BOX_HEIGHT;
}

static void choices_draw(struct pen *t, const struct paper_rows *rows)
{
    pen_begin(t, "L");
    for (size_t i = 0; i < rows->n; i++) {
        struct setting s = {.x = SHEET_LEFT + 18, .width = SHEET_ROOM - 18, .style = STYLE_BODY, .ink = ink_black, .element = "LBody"};
        page_keep(t, 16);
        t->y += 3;
        pen_box(t, SHEET_LEFT + 0.5, t->y + 1.8, TICK, TICK, 0.8, ink_black);
        pen_begin(t, "LI");
        if (rows->v[i].n) flow_words(t, &rows->v[i].v[0], &s);
        pen_end(t, "LI");
    }
    pen_end(t, "L");
}

/* A table to fill: its head, then empty rows with their borders. */
static void grid_draw(struct pen *t, const struct paper_block *b)
{
    struct paper_block head = {.type = PAPER_TABLE, .rows = {b->rows.v, b->rows.n ? 1 : 0}};
    if (!b->rows.n) return;
    double width = SHEET_ROOM / (double)b->rows.v[0].n;
    struct setting s = {.style = STYLE_SMALL, .bold = true, .ink = ink_black};
    double y = t->y + 3, bottom = y;
    bool endless = t->endless;
    pen_begin(t, "Table");
    pen_begin(t, "TR");
    t->endless = true;
    for (size_t j = 0; j < head.rows.v[0].n; j++) {
        s.x = SHEET_LEFT + (double)j * width + 3;
        s.width = width - 6;
        t->y = y;
        pen_begin(t, "TH");
        if (t->cr) buf_char(t->scopes, 'c');
        if (head.rows.v[0].v[j].n) flow_words(t, &head.rows.v[0].v[j], &s);
        pen_end(t, "TH");
        if (t->y > bottom) bottom = t->y;
    }
    t->endless = endless;
    pen_end(t, "TR");
    pen_end(t, "Table");
    t->y = bottom + 3;
    for (int i = 0; i < (b->room_n > 0 ? b->room_n : 3); i++) {
        page_keep(t, LINE_GAP);
        for (size_t j = 0; j < b->rows.v[0].n; j++) pen_box(t, SHEET_LEFT + (double)j * width, t->y, width, LINE_GAP, 0.5, ink_soft);
        t->y += LINE_GAP;
    }
}

static void room_draw(struct pen *t, const struct paper_block *b)
{
    switch (b->room) {
    case ROOM_LINES: lines_draw(t, b->room_n); break;
    case ROOM_BOXES: boxes_draw(t, b->boxes); break;
    case ROOM_CHOICES: choices_draw(t, &b->rows); break;
    case ROOM_ROWS: grid_draw(t, b); break;
    case PAPER_ROOMS: break;
    }
}

static void field_whole(struct pen *t, const void *arg)
{
    const struct paper_block *b = arg;
    struct setting s = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = STYLE_BODY, .ink = ink_black, .element = "P"};
    struct paper_spans label = {0};
    for (size_t i = 0; i < b->words.n; i++) {
        struct paper_span w = b->words.v[i];
        w.bold = true;
        PUSH(t->mem, &label, w);
    }
    if (b->required) PUSH(t->mem, &label, (struct paper_span){.words = str_fmt(t->mem, " (%.*s)", STR_ARG(words(t->p->lang, W("paper.required"))))});
    if (label.n) flow_words(t, &label, &s);
    s.style = STYLE_SMALL;
    s.ink = ink_soft;
    if (b->help.n) flow_str(t, b->help, &s);
    if (b->room == ROOM_CHOICES && b->rows.n > 1) flow_str(t, words(t->p->lang, b->many ? W("paper.several") : W("paper.one")), &s);
    room_draw(t, b);
}

void field_draw(struct pen *t, const struct paper_block *b)
{
    if (!t->endless) page_keep(t, pen_measure(t, field_whole, b));
    field_whole(t, b);
    t->y += 11;
}

void reserved_draw(struct pen *t, const struct paper_block *b)
{
    double height = 26 + LINE_GAP * (b->room_n > 0 ? b->room_n : 2);
    struct setting s = {.x = SHEET_LEFT + 8, .width = SHEET_ROOM - 16, .style = STYLE_HEADING3, .ink = ink_black, .element = "P"};
    page_keep(t, height + 8);
    t->y += 6;
    double top = t->y;
    pen_fill(t, SHEET_LEFT, top, SHEET_ROOM, height, (struct ink){0.955, 0.945, 0.92});
    pen_box(t, SHEET_LEFT, top, SHEET_ROOM, height, 0.7, ink_soft);
    t->y += 6;
    if (b->words.n) flow_words(t, &b->words, &s);
    t->y = top + height + 10;
}
