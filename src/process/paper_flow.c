/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/paper_flow.h"
#include <math.h>

const struct ink ink_black = {0.10, 0.11, 0.125}, ink_soft = {0.36, 0.36, 0.38};

/* ---- ink, elements, pages ---- */

void pen_begin(struct pen *t, const char *element)
{
    if (t->cr && !t->untold) c.cairo_tag_begin(t->cr, element, NULL);
}

void pen_end(struct pen *t, const char *element)
{
    if (t->cr && !t->untold) c.cairo_tag_end(t->cr, element);
}

void pen_ink(struct pen *t, struct ink ink)
{
    if (t->cr) c.cairo_set_source_rgb(t->cr, ink.r, ink.g, ink.b);
}

void pen_box(struct pen *t, double x, double y, double width, double height, double line, struct ink ink)
{
    if (!t->cr) return;
    pen_ink(t, ink);
    c.cairo_set_line_width(t->cr, line);
    c.cairo_rectangle(t->cr, x, y, width, height);
    c.cairo_stroke(t->cr);
}

void pen_fill(struct pen *t, double x, double y, double width, double height, struct ink ink)
{
    if (!t->cr) return;
    pen_ink(t, ink);
    c.cairo_rectangle(t->cr, x, y, width, height);
    c.cairo_fill(t->cr);
}

bool page_is_fresh(const struct pen *t) { return t->y <= SHEET_TOP; }

void page_foot(struct pen *t)
{
    str n = str_fmt(t->mem, "%d", t->page), total = str_fmt(t->mem, "%d", t->pages), said = t->p->sender.town;
    if (t->p->reference.n) said = str_fmt(t->mem, "%.*s%s%.*s", STR_ARG(said), said.n ? " · " : "", STR_ARG(t->p->reference));
    struct setting s = {.x = SHEET_LEFT, .width = SHEET_ROOM - 100, .style = STYLE_SMALL, .ink = ink_soft};
    double y = t->y;
    bool endless = t->endless;
    t->endless = true;
    pen_fill(t, SHEET_LEFT, SHEET_HEIGHT - 46, SHEET_ROOM, 0.6, t->main);
    t->y = SHEET_HEIGHT - 40;
    flow_str(t, said, &s);
    s.x = SHEET_LEFT + SHEET_ROOM - 100;
    s.width = 100;
    s.to_right = true;
    t->y = SHEET_HEIGHT - 40;
    flow_str(t, words_fill(t->mem, t->p->lang, W("paper.page"), "n", n, "total", total, NULL), &s);
    t->endless = endless;
    t->y = y;
}

void page_turn(struct pen *t)
{
    if (t->endless) return;
    if (t->open) pen_end(t, t->open);
    if (t->cr) {
        page_foot(t);
        c.cairo_show_page(t->cr);
    }
    t->page++;
    t->y = SHEET_TOP;
    if (t->open) pen_begin(t, t->open);
}

void page_keep(struct pen *t, double height)
{
    if (!t->endless && !page_is_fresh(t) && t->y + height > SHEET_BOTTOM && height <= SHEET_BOTTOM - SHEET_TOP) page_turn(t);
}

double pen_measure(const struct pen *t, void (*draw)(struct pen *t, const void *arg), const void *arg)
{
    struct pen dry = *t;
    dry.cr = NULL;
    dry.endless = true;
    dry.open = NULL;
    dry.y = 0;
    draw(&dry, arg);
    return dry.y;
}

/* ---- words ---- */

struct link_at { int from, to; str address; };
struct set_words { PangoLayout *layout; const char *text; struct { struct link_at *v; size_t n; } links; };

static void attribute(PangoAttrList *list, PangoAttribute *a, size_t from, size_t to)
{
    a->start_index = (guint)from;
    a->end_index = (guint)to;
    c.pango_attr_list_insert(list, a);
}

static struct set_words words_set(struct pen *t, const struct paper_spans *words, enum paper_style style, bool bold, double width)
{
    struct set_words out = {.layout = c.pango_layout_new(c.context)};
    PangoAttrList *list = c.pango_attr_list_new();
    buf b = BUF(PAPER_MAX_BYTES);
    for (size_t i = 0; i < words->n; i++) {
        const struct paper_span *w = &words->v[i];
        if (w->breaks && b.n) buf_lit(&b, "\u2028");
        size_t from = b.n;
        buf_put(&b, w->words);
        if (w->bold || bold) attribute(list, c.pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, b.n);
        if (w->italic) attribute(list, c.pango_attr_style_new(PANGO_STYLE_ITALIC), from, b.n);
        if (!w->to.n || b.n == from) continue;
        attribute(list, c.pango_attr_underline_new(PANGO_UNDERLINE_SINGLE), from, b.n);    /* cuts the line's runs there */
        PUSH(t->mem, &out.links, (struct link_at){(int)from, (int)b.n, w->to});
    }
    out.text = str_z(t->mem, buf_str(&b));
    PangoFontDescription *d = paper_font_of(style);
    c.pango_layout_set_font_description(out.layout, d);
    c.pango_font_description_free(d);
    c.pango_layout_set_text(out.layout, out.text, (int)b.n);
    c.pango_layout_set_attributes(out.layout, list);
    c.pango_attr_list_unref(list);
    c.pango_layout_set_wrap(out.layout, PANGO_WRAP_WORD_CHAR);
    if (width > 0) c.pango_layout_set_width(out.layout, (int)(width * PANGO_SCALE));
    buf_free(&b);
    return out;
}

double words_width(struct pen *t, const struct paper_spans *words, enum paper_style style, bool bold)
{
    struct set_words set = words_set(t, words, style, bold, 0);
    int width, height;
    c.pango_layout_get_size(set.layout, &width, &height);
    c.g_object_unref(set.layout);
    return (double)width / PANGO_SCALE;
}

static const struct link_at *link_of(const struct set_words *set, int offset)
{
    for (size_t i = 0; i < set->links.n; i++)
        if (offset >= set->links.v[i].from && offset < set->links.v[i].to) return &set->links.v[i];
    return NULL;
}

/* uri='…': paper_address_ok let no quote in; what is not ASCII is percent-encoded (RFC 3987 §3.1). */
static const char *link_attributes(struct pen *t, str address)
{
    buf b = BUF(8000);
    buf_lit(&b, "uri='");
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] < 0x80) buf_char(&b, address.p[i]);
        else buf_fmt(&b, "%%%02X", (unsigned char)address.p[i]);
    buf_char(&b, '\'');
    const char *out = str_z(t->mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static void line_with_links(struct pen *t, const struct set_words *set, PangoLayoutLine *line, double x, double y)
{
    for (GSList *l = line->runs; l; l = l->next) {
        PangoLayoutRun *run = l->data;
        const struct link_at *to = t->untold ? NULL : link_of(set, run->item->offset);
        int width = 0;
        for (int i = 0; i < run->glyphs->num_glyphs; i++) width += run->glyphs->glyphs[i].geometry.width;
        if (to) c.cairo_tag_begin(t->cr, CAIRO_TAG_LINK, link_attributes(t, to->address));
        c.cairo_move_to(t->cr, x, y);
        c.pango_cairo_show_glyph_item(t->cr, set->text, run);
        if (to) {
            c.cairo_rectangle(t->cr, x, y + 1.4, (double)width / PANGO_SCALE, 0.5);
            c.cairo_fill(t->cr);
            c.cairo_tag_end(t->cr, CAIRO_TAG_LINK);
        }
        x += (double)width / PANGO_SCALE;
    }
}

/* Pango drops the blank at which it breaks a line: written again, or readers of the structure would join two words. */
static void blank_draw(struct pen *t, const struct setting *s, double x, double y)
{
    struct paper_spans blank = paper_words(t->mem, S(" "));
    struct set_words set = words_set(t, &blank, s->style, false, 0);
    PangoLayoutIter *it = c.pango_layout_get_iter(set.layout);
    c.cairo_move_to(t->cr, x, y);
    c.pango_cairo_show_layout_line(t->cr, c.pango_layout_iter_get_line_readonly(it));
    c.pango_layout_iter_free(it);
    c.g_object_unref(set.layout);
}

static void line_draw(struct pen *t, const struct set_words *set, PangoLayoutIter *it, const struct setting *s, double height, bool is_last)
{
    PangoLayoutLine *line = c.pango_layout_iter_get_line_readonly(it);
    PangoRectangle logical;
    if (!t->cr) return;
    c.pango_layout_iter_get_line_extents(it, NULL, &logical);
    double x = s->x + (double)logical.x / PANGO_SCALE, y = t->y + (height - (double)logical.height / PANGO_SCALE) / 2 + (double)(c.pango_layout_iter_get_baseline(it) - logical.y) / PANGO_SCALE;
    pen_ink(t, s->ink);
    if (set->links.n) {
        line_with_links(t, set, line, x, y);
    } else {
        c.cairo_move_to(t->cr, x, y);
        c.pango_cairo_show_layout_line(t->cr, line);
    }
    if (!is_last) blank_draw(t, s, x + (double)logical.width / PANGO_SCALE, y);
}

struct heights { double *v; size_t n; };
static struct heights heights_of(struct pen *t, PangoLayout *layout, enum paper_style style)
{
    struct heights h = {0};
    double loose = style == STYLE_BODY || style == STYLE_SMALL ? 1.25 : 1.1;
    PangoLayoutIter *it = c.pango_layout_get_iter(layout);
    do {
        PangoRectangle logical;
        c.pango_layout_iter_get_line_extents(it, NULL, &logical);
        PUSH(t->mem, &h, loose * logical.height / PANGO_SCALE);
    } while (c.pango_layout_iter_next_line(it));
    c.pango_layout_iter_free(it);
    return h;
}

/* How many lines from the i-th stand on this page. 0: begin on the next one. */
static size_t lines_here(const struct pen *t, const struct heights *h, size_t i, double after)
{
    size_t left = h->n - i, fit = 0;
    double y = t->y;
    if (t->endless) return left;
    while (fit < left && y + h->v[i + fit] <= SHEET_BOTTOM + 0.01) y += h->v[i + fit++];
    bool whole = fit == left && (y + after <= SHEET_BOTTOM || after > SHEET_BOTTOM - SHEET_TOP);
    if (whole) return fit;
    if (fit + 2 > left) fit = left > 2 ? left - 2 : 0;         /* two lines at least on the next page */
    if (fit < 2 && i == 0) fit = 0;                            /* and two on this one */
    return fit || !page_is_fresh(t) ? fit : left > 2 ? 2 : left;
}

void flow_words(struct pen *t, const struct paper_spans *words, const struct setting *s)
{
    struct set_words set = words_set(t, words, s->style, s->bold, s->width);
    if (s->to_right) c.pango_layout_set_alignment(set.layout, PANGO_ALIGN_RIGHT);
    struct heights h = heights_of(t, set.layout, s->style);
    PangoLayoutIter *it = c.pango_layout_get_iter(set.layout);
    const char *outer = t->open;
    bool begun = false;
    for (size_t i = 0; i < h.n;) {
        size_t here = lines_here(t, &h, i, s->after);
        if (!here) {
            page_turn(t);
            continue;
        }
        if (!begun && s->label.n) {
            struct setting label = {.x = s->x - 18, .width = 18, .style = s->style, .ink = s->ink, .element = "Lbl"};
            double y = t->y;
            flow_str(t, s->label, &label);
            t->y = y;
        }
        if (!begun && s->element) pen_begin(t, t->open = s->element);
        begun = true;
        for (; here; here--, i++) {
            line_draw(t, &set, it, s, h.v[i], i + 1 == h.n);
            t->y += h.v[i];
            c.pango_layout_iter_next_line(it);
        }
        if (i < h.n) page_turn(t);
    }
    if (begun && s->element) pen_end(t, s->element);
    t->open = outer;
    c.pango_layout_iter_free(it);
    c.g_object_unref(set.layout);
}

void flow_str(struct pen *t, str words, const struct setting *s)
{
    struct paper_spans one = paper_words(t->mem, words);
    if (one.n) flow_words(t, &one, s);
}
