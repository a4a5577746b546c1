/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "pages/sheet.h"

static void span_put(buf *b, enum lang lang, const struct paper_span *s)
{
    struct url to = url_web(s->to);
    if (s->breaks) buf_lit(b, "<br>");
    if (to.n) {
        buf_lit(b, "<a href=\"");
        buf_html(b, url_str(to));
        buf_lit(b, "\">");
    }
    if (s->bold) buf_lit(b, "<strong>");
    if (s->italic) buf_lit(b, "<em>");
    buf_said(b, s->words, lang);
    if (s->italic) buf_lit(b, "</em>");
    if (s->bold) buf_lit(b, "</strong>");
    if (to.n) buf_lit(b, "</a>");
}

static struct html words_html(arena *mem, enum lang lang, const struct paper_spans *words)
{
    buf b = BUF(8u << 20);
    for (size_t i = 0; i < words->n; i++) span_put(&b, lang, &words->v[i]);
    struct html out = html_safe(str_copy(mem, buf_str(&b)));
    buf_free(&b);
    return out;
}

static struct sheet_row row_of(arena *mem, enum lang lang, const struct paper_row *r)
{
    struct sheet_row out = {0};
    for (size_t i = 0; i < r->n; i++) PUSH(mem, &out.cells, words_html(mem, lang, &r->v[i]));
    if (out.cells.n) out.first = out.cells.v[0];
    return out;
}

/* Facts: the first cell heads its row. A table, a grid to fill: the first row heads the others. */
static struct sheet_block block_of(arena *mem, enum lang lang, const struct paper_block *p)
{
    struct sheet_block b = {.type = p->type, .words = words_html(mem, lang, &p->words), .help = p->help, .room = p->room, .lines = p->room_n > 0 ? p->room_n : 1};
    bool has_head = p->type == PAPER_TABLE || (p->type == PAPER_FIELD && p->room == ROOM_ROWS);
    for (size_t i = 0; i < p->rows.n; i++) {
        struct sheet_row row = row_of(mem, lang, &p->rows.v[i]);
        if (p->type == PAPER_FACTS && row.cells.n) row.cells = (struct sheet_cells){row.cells.v + 1, row.cells.n - 1};
        if (has_head && i == 0) b.head = row;
        else PUSH(mem, &b.rows, row);
    }
    if (p->required) b.required = words(lang, W("paper.required"));
    if (p->type == PAPER_FIELD && p->room == ROOM_BOXES) b.said = p->boxes;
    if (p->type == PAPER_FIELD && p->room == ROOM_CHOICES && p->rows.n > 1) b.said = words(lang, p->many ? W("paper.several") : W("paper.one"));
    return b;
}

struct sheet sheet_of(arena *mem, const struct paper *p)
{
    struct sheet s = {.lang = p->lang == LANG_EN ? S("en") : S("fr"), .town = p->sender.town, .service = p->sender.service, .address = p->sender.address, .recipient = p->recipient,
                      .place_date = p->place_date, .foot = p->foot, .capacity = p->signature.capacity, .office = p->signature.service, .code = p->verify.code,
                      .verify_at = url_web(p->verify.address)};
    s.title = p->object.n ? words_fill(mem, p->lang, W("paper.object"), "object", p->object, NULL) : p->title;
    if (p->reference.n) s.reference = words_fill(mem, p->lang, W("paper.reference"), "reference", p->reference, NULL);
    s.name = str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(p->signature.forename), STR_ARG(p->signature.surname)));
    s.verify = words(p->lang, W("paper.verify.title"));
    for (size_t i = 0; i < p->blocks.n; i++) PUSH(mem, &s.blocks, block_of(mem, p->lang, &p->blocks.v[i]));
    return s;
}
