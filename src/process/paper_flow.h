/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_flow.h — words set in lines, lines set on pages. Everything is drawn by the same functions twice: without ink, to count pages
   or to measure, then with it. Points, from the top left of an A4 sheet. */
#pragma once
#include "formats/paper.h"
#include "process/paper_cairo.h"

#define SHEET_WIDTH 595.276
#define SHEET_HEIGHT 841.89
#define SHEET_LEFT 62.4         /* 22 mm */
#define SHEET_ROOM (SHEET_WIDTH - 2 * SHEET_LEFT)
#define SHEET_TOP 56.7
#define SHEET_BOTTOM (SHEET_HEIGHT - 62)

struct ink { double r, g, b; };
extern const struct ink ink_black, ink_soft;

struct pen {
    arena *mem;
    const struct paper *p;
    cairo_t *cr;                /* NULL: no ink */
    cairo_surface_t *surface;
    struct ink main, second;    /* the town's colours */
    double y;
    bool endless;               /* measuring: no page ends */
    bool untold;                /* what is written is there for the eye only: the head of a table, again on its next page */
    int page, pages;
    const char *open;           /* the element that holds what is being written: ended and begun again over a page's end */
    int outline;                /* of the title: headings hang under it */
    struct strs alts;           /* of the figures, in order: paper_finish.h */
    buf *scopes;                /* of header cells, in order: 'c' or 'r' */
};

void pen_begin(struct pen *t, const char *element);
void pen_end(struct pen *t, const char *element);
void pen_ink(struct pen *t, struct ink ink);
void pen_box(struct pen *t, double x, double y, double width, double height, double line, struct ink ink);     /* its border */
void pen_fill(struct pen *t, double x, double y, double width, double height, struct ink ink);
void page_turn(struct pen *t);
void page_foot(struct pen *t);
/* The next `height` points stand on one page, when a page can hold them. */
void page_keep(struct pen *t, double height);
bool page_is_fresh(const struct pen *t);

struct setting {                /* how words are set */
    double x, width;
    enum paper_style style;
    bool bold;
    struct ink ink;
    const char *element;        /* "P", "H1"…; NULL: the caller's */
    double after;               /* what must stand on the same page as the last two lines */
    str label;                  /* of a list item, before its first line */
    bool to_right;              /* flush right */
};
/* Writes at t->y and moves it below. A paragraph cut by a page's end leaves at least two lines on each side. */
void flow_words(struct pen *t, const struct paper_spans *words, const struct setting *s);
void flow_str(struct pen *t, str words, const struct setting *s);
double words_width(struct pen *t, const struct paper_spans *words, enum paper_style style, bool bold);  /* in one line */
/* What `draw` takes, drawn without ink on an endless page. */
double pen_measure(const struct pen *t, void (*draw)(struct pen *t, const void *arg), const void *arg);
