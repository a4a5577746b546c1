/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sheet: who writes at its head, the blocks, who signs and how to verify at its end. */
#include <string.h>
#include "base/clock.h"
#include "process/converter_image.h"
#include "process/paper_blocks.h"
#include "process/paper_finish.h"

#define RECIPIENT_X 311.8       /* 110 mm: what the window of a French envelope shows */
#define RECIPIENT_Y 127.6       /* 45 mm */
#define QR_SIDE 66.0
#define LOGO_MOST 46.0

struct sheet { struct paper paper; str logo_png; };

static cairo_status_t take(void *arg, const unsigned char *bytes, unsigned n)
{
    buf *b = arg;
    buf_put(b, (str){(const char *)bytes, n});
    return b->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static cairo_status_t give(void *arg, unsigned char *out, unsigned n)
{
    str *rest = arg;
    if (rest->n < n) return CAIRO_STATUS_READ_ERROR;
    memcpy(out, rest->p, n);
    *rest = str_cut(*rest, n, rest->n);
    return CAIRO_STATUS_SUCCESS;
}

static struct ink ink_of(str color, struct ink otherwise)
{
    unsigned v[6] = {0};
    if (color.n != 7) return otherwise;
    for (int i = 0; i < 6; i++) {
        char h = color.p[i + 1];
        v[i] = (unsigned)(h <= '9' ? h - '0' : (h | 32) - 'a' + 10);
    }
    return (struct ink){(v[0] * 16 + v[1]) / 255.0, (v[2] * 16 + v[3]) / 255.0, (v[4] * 16 + v[5]) / 255.0};
}

static void logo_draw(struct pen *t, str png)
{
    if (!png.n) return;
    cairo_surface_t *image = c.cairo_image_surface_create_from_png_stream(give, &png);
    double width = c.cairo_image_surface_get_width(image), height = c.cairo_image_surface_get_height(image);
    if (c.cairo_surface_status(image) == CAIRO_STATUS_SUCCESS && width >= 1 && height >= 1) {
        double scale = LOGO_MOST / height;
        if (width * scale > 150) scale = 150 / width;
        if (t->cr) {
            pen_begin(t, "Figure");
            c.cairo_save(t->cr);
            c.cairo_translate(t->cr, SHEET_LEFT, t->y);
            c.cairo_scale(t->cr, scale, scale);
            c.cairo_set_source_surface(t->cr, image, 0, 0);
            c.cairo_paint(t->cr);
            c.cairo_restore(t->cr);
            pen_end(t, "Figure");
            PUSH(t->mem, &t->alts, words_fill(t->mem, t->p->lang, W("paper.logo"), "town", t->p->sender.town, NULL));
        }
        t->y += height * scale + 6;
    }
    c.cairo_surface_destroy(image);
}

static struct paper_spans lines_of(arena *mem, struct strs lines)
{
    struct paper_spans out = {0};
    for (size_t i = 0; i < lines.n; i++) PUSH(mem, &out, (struct paper_span){.words = lines.v[i], .breaks = i > 0});
    return out;
}

static void sender_draw(struct pen *t, str logo_png)
{
    const struct paper_sender *from = &t->p->sender;
    double width = t->p->recipient.n ? RECIPIENT_X - SHEET_LEFT - 24 : SHEET_ROOM;
    struct setting s = {.x = SHEET_LEFT, .width = width, .style = STYLE_TOWN, .ink = t->main, .element = "P"};
    logo_draw(t, logo_png);
    flow_str(t, from->town, &s);
    t->y += 2;
    s.style = STYLE_SMALL;
    s.ink = ink_black;
    s.bold = true;
    flow_str(t, from->service, &s);
    s.bold = false;
    struct paper_spans lines = lines_of(t->mem, from->address);
    if (lines.n) flow_words(t, &lines, &s);
}

static void head_draw(struct pen *t, str logo_png)
{
    const struct paper *p = t->p;
    struct setting right = {.x = RECIPIENT_X, .width = SHEET_LEFT + SHEET_ROOM - RECIPIENT_X, .style = STYLE_BODY, .ink = ink_black, .element = "P"};
    struct setting whole = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = STYLE_SMALL, .ink = ink_soft, .element = "P"};
    pen_fill(t, 0, 0, SHEET_WIDTH, 7, t->main);
    pen_fill(t, 0, 7, SHEET_WIDTH, 2.5, t->second);
    t->y = 34;
    sender_draw(t, logo_png);
    double below = t->y;
    if (p->recipient.n) {
        struct paper_spans to = lines_of(t->mem, p->recipient);
        t->y = RECIPIENT_Y;
        flow_words(t, &to, &right);
        if (t->y < 198) t->y = 198;         /* 70 mm: where the window ends */
        if (t->y < below) t->y = below;
    }
    t->y += 16;
    below = t->y;
    flow_str(t, p->place_date, &right);
    double dated = t->y;
    whole.width = p->place_date.n ? RECIPIENT_X - SHEET_LEFT - 24 : SHEET_ROOM;
    t->y = below + 1.5;
    if (p->reference.n) flow_str(t, words_fill(t->mem, p->lang, W("paper.reference"), "reference", p->reference, NULL), &whole);
    if (t->y < dated) t->y = dated;
    t->y += 16;
    str title = p->object.n ? words_fill(t->mem, p->lang, W("paper.object"), "object", p->object, NULL) : p->title;
    struct setting h1 = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = p->object.n ? STYLE_HEADING2 : STYLE_TITLE, .ink = ink_black, .element = "H1"};
    if (t->cr && title.n) {
        str at = str_fmt(t->mem, "page=%d pos=[%d %d]", t->page, (int)SHEET_LEFT, (int)t->y);
        t->outline = c.cairo_pdf_surface_add_outline(t->surface, CAIRO_PDF_OUTLINE_ROOT, str_z(t->mem, title), at.p, CAIRO_PDF_OUTLINE_FLAG_OPEN);
    }
    flow_str(t, title, &h1);
    t->y += 12;
}

static void signature_draw(struct pen *t, const void *arg)
{
    const struct paper_signature *who = arg;
    struct paper_spans out = {0};
    str name = str_trim(str_fmt(t->mem, "%.*s %.*s", STR_ARG(who->forename), STR_ARG(who->surname)));
    const str lines[] = {name, who->capacity, who->service};
    for (size_t i = 0; i < 3; i++)
        if (lines[i].n) PUSH(t->mem, &out, (struct paper_span){.words = lines[i], .bold = i == 0, .breaks = out.n > 0});
    struct setting s = {.x = RECIPIENT_X, .width = SHEET_LEFT + SHEET_ROOM - RECIPIENT_X, .style = STYLE_BODY, .ink = ink_black, .element = "P"};
    if (!out.n) return;
    t->y += 14;
    flow_words(t, &out, &s);
    t->y += 14;
}

static bool code_draw(struct pen *t, str address)
{
    QRcode *code = c.QRcode_encodeData((int)address.n, (const unsigned char *)address.p, 0, QR_ECLEVEL_M);
    if (!code) return false;
    double side = QR_SIDE / code->width;
    if (t->cr) {
        pen_begin(t, "Figure");
        pen_ink(t, (struct ink){0, 0, 0});
        for (int y = 0; y < code->width; y++)
            for (int x = 0; x < code->width;) {
                int n = 0;
                while (x + n < code->width && (code->data[y * code->width + x + n] & 1)) n++;
                if (n) c.cairo_rectangle(t->cr, SHEET_LEFT + side * x, t->y + side * y, side * n, side);
                x += n ? n : 1;
            }
        c.cairo_fill(t->cr);
        pen_end(t, "Figure");
        PUSH(t->mem, &t->alts, words_fill(t->mem, t->p->lang, W("paper.verify.alt"), "address", address, NULL));
    }
    c.QRcode_free(code);
    return true;
}

static void verify_draw(struct pen *t)
{
    const struct paper *p = t->p;
    if (!p->verify.address.n) return;
    page_keep(t, QR_SIDE + 14);
    if (t->y < SHEET_BOTTOM - QR_SIDE - 2) t->y = SHEET_BOTTOM - QR_SIDE - 2;
    double top = t->y;
    bool endless = t->endless;
    t->endless = true;
    double x = SHEET_LEFT + (code_draw(t, p->verify.address) ? QR_SIDE + 14 : 0);
    struct setting s = {.x = x, .width = SHEET_LEFT + SHEET_ROOM - x, .style = STYLE_SMALL, .ink = ink_black, .element = "P", .bold = true};
    t->y = top + 6;
    flow_str(t, words(p->lang, W("paper.verify.title")), &s);
    s.bold = false;
    flow_str(t, words(p->lang, W("paper.verify.text")), &s);
    struct paper_spans where = {0};
    PUSH(t->mem, &where, (struct paper_span){.words = p->verify.address, .to = p->verify.address});
    flow_words(t, &where, &s);
    t->endless = endless;
    t->y = top + QR_SIDE + 6;
}

/* The whole sheet; twice: without ink it finds the number of pages. */
static void sheet_draw(struct pen *t, const struct sheet *s)
{
    const struct paper *p = &s->paper;
    struct setting small = {.x = SHEET_LEFT, .width = SHEET_ROOM, .style = STYLE_SMALL, .ink = ink_soft, .element = "P"};
    double signature = pen_measure(t, signature_draw, &p->signature);
    t->page = 1;
    pen_begin(t, "Document");
    head_draw(t, s->logo_png);
    for (size_t i = 0; i < p->blocks.n; i++) block_draw(t, &p->blocks.v[i], i + 1 == p->blocks.n ? signature : 0);
    page_keep(t, signature);
    signature_draw(t, &p->signature);
    for (size_t i = 0; i < p->foot.n; i++) {
        flow_str(t, p->foot.v[i], &small);
        t->y += 3;
    }
    verify_draw(t);
    pen_end(t, "Document");
    if (t->cr) {
        page_foot(t);
        c.cairo_show_page(t->cr);
    }
}

static void metadata_put(struct pen *t, cairo_surface_t *s)
{
    const struct paper *p = t->p;
    str at = time_iso(t->mem, p->made_us - p->made_us % SECOND_US);
    c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, str_z(t->mem, p->title));
    c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_AUTHOR, str_z(t->mem, p->sender.town));
    if (p->object.n) c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_SUBJECT, str_z(t->mem, p->object));
    c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Beffroi");
    c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, at.p);
    c.cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, at.p);
}

static err pdf_write(arena *mem, const struct sheet *s, buf *out, buf *scopes, struct strs *alts)
{
    struct pen t = {.mem = mem, .p = &s->paper, .scopes = scopes, .main = ink_of(s->paper.sender.color_main, (struct ink){0.106, 0.294, 0.561}),
                    .second = ink_of(s->paper.sender.color_second, (struct ink){0.949, 0.702, 0.239}), .outline = CAIRO_PDF_OUTLINE_ROOT};
    struct pen dry = t;
    sheet_draw(&dry, s);
    t.pages = dry.page;
    if (t.pages > PAPER_MAX_PAGES) return FAIL(E_TOO_LARGE, W("paper.too_long"));
    t.surface = c.cairo_pdf_surface_create_for_stream(take, out, SHEET_WIDTH, SHEET_HEIGHT);
    c.cairo_pdf_surface_restrict_to_version(t.surface, CAIRO_PDF_VERSION_1_4);
    metadata_put(&t, t.surface);
    t.cr = c.cairo_create(t.surface);
    sheet_draw(&t, s);
    cairo_status_t drawn = c.cairo_status(t.cr);
    c.cairo_destroy(t.cr);
    c.cairo_surface_finish(t.surface);
    if (drawn == CAIRO_STATUS_SUCCESS) drawn = c.cairo_surface_status(t.surface);
    c.cairo_surface_destroy(t.surface);
    *alts = t.alts;
    return drawn == CAIRO_STATUS_SUCCESS && !out->full ? NO_ERR : FAIL(E_INTERNAL, W("paper.failed"));
}

err paper_pdf(arena *mem, str json, str logo, str *out)
{
    struct sheet s = {0};
    buf bytes = BUF(PAPER_MAX_PDF_BYTES), scopes = BUF(PAPER_MAX_BYTES);
    struct strs alts = {0};
    if (!paper_ready()) return FAIL(E_BUSY, W("process.busy"));
    err read = paper_read(mem, json, &s.paper);
    if (read.code != OK) return read.code == E_TOO_LARGE ? FAIL(E_TOO_LARGE, W("paper.too_long")) : FAIL(E_MALFORMED, W("formats.paper.malformed"));
    /* A logo that cannot be read is no reason to lose a letter: the town's name stands there. */
    if (logo.n && image_png(logo, &s.logo_png).code != OK) s.logo_png = STR_NONE;
    err e = pdf_write(mem, &s, &bytes, &scopes, &alts);
    if (e.code == OK) e = paper_finish(mem, buf_str(&bytes), s.paper.lang, alts, buf_str(&scopes), out);
    buf_free(&bytes);
    buf_free(&scopes);
    return e;
}
