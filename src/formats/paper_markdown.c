/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A town's text in Markdown, as the blocks of a paper. */
#include <md4c.h>
#include <string.h>
#include "base/utf8.h"
#include "formats/paper_names.h"

#define MAX_BYTES (256u << 10)

struct builder {
    arena *mem;
    struct paper_blocks *out;
    struct paper_spans words;           /* of the paragraph, heading, item or cell being read */
    struct paper_rows rows;             /* of the list or table being read */
    struct paper_row row;
    bool in_rows, in_cell, breaks;
    unsigned lists, bold, italic;
    str to;
};

static void words_add(struct builder *b, str words)
{
    struct paper_span s = {.words = words, .bold = b->bold > 0, .italic = b->italic > 0, .breaks = b->breaks, .to = b->to};
    struct paper_span *last = b->words.n ? &b->words.v[b->words.n - 1] : NULL;
    if (!words.n && !b->breaks) return;
    if (last && !s.breaks && last->bold == s.bold && last->italic == s.italic && str_eq(last->to, s.to))
        last->words = str_fmt(b->mem, "%.*s%.*s", STR_ARG(last->words), STR_ARG(words));
    else PUSH(b->mem, &b->words, s);
    b->breaks = false;
}

static struct paper_spans words_take(struct builder *b)
{
    struct paper_spans w = b->words;
    b->words = (struct paper_spans){0};
    b->breaks = false;
    return w;
}

static void block_add(struct builder *b, enum paper_block_type type)
{
    struct paper_spans w = words_take(b);
    if (w.n && b->out->n < PAPER_MAX_BLOCKS) PUSH(b->mem, b->out, (struct paper_block){.type = type, .words = w});
}

static void rows_add(struct builder *b, enum paper_block_type type)
{
    if (b->rows.n && b->out->n < PAPER_MAX_BLOCKS) PUSH(b->mem, b->out, (struct paper_block){.type = type, .rows = b->rows});
    b->rows = (struct paper_rows){0};
    b->in_rows = false;
}

static void item_add(struct builder *b)
{
    struct paper_row row = {0};
    struct paper_spans w = words_take(b);
    if (!w.n || b->rows.n >= PAPER_MAX_ROWS) return;
    PUSH(b->mem, &row, w);
    PUSH(b->mem, &b->rows, row);
}

static int block_begins(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;
    (void)detail;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        if (b->lists++) item_add(b);                    /* an inner list: its items follow those of the outer one */
        else b->in_rows = true;
    } else if (type == MD_BLOCK_P && b->lists && b->words.n) {
        b->breaks = true;                               /* a second paragraph of the same item */
    } else if (type == MD_BLOCK_TABLE) {
        b->in_rows = true;
    } else if (type == MD_BLOCK_TR) {
        b->row = (struct paper_row){0};
    }
    return 0;
}

static int block_ends(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;
    switch (type) {
    case MD_BLOCK_H:
        if (!b->in_rows) block_add(b, ((MD_BLOCK_H_DETAIL *)detail)->level == 1 ? PAPER_HEADING2 : PAPER_HEADING3);
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_CODE:
        if (!b->in_rows) block_add(b, PAPER_PARAGRAPH);
        break;
    case MD_BLOCK_LI: item_add(b); break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (--b->lists == 0) rows_add(b, type == MD_BLOCK_UL ? PAPER_BULLETS : PAPER_NUMBERS);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (b->lists) {
            words_add(b, S(" "));                       /* a table in an item: its words */
            break;
        }
        if (b->row.n < PAPER_MAX_COLUMNS) PUSH(b->mem, &b->row, words_take(b));
        words_take(b);
        break;
    case MD_BLOCK_TR:
        if (b->row.n && b->rows.n < PAPER_MAX_ROWS) PUSH(b->mem, &b->rows, b->row);
        break;
    case MD_BLOCK_TABLE:
        if (!b->lists) rows_add(b, PAPER_TABLE);
        break;
    default: break;
    }
    return 0;
}

static str address_of(struct builder *b, const MD_ATTRIBUTE *a)
{
    buf out = BUF(2000);
    for (size_t i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
        str piece = {a->text + a->substr_offsets[i], a->substr_offsets[i + 1] - a->substr_offsets[i]};
        if (a->substr_types[i] == MD_TEXT_ENTITY && str_is(piece, "&amp;")) buf_char(&out, '&');
        else buf_put(&out, piece);
    }
    str to = str_copy(b->mem, buf_str(&out));
    buf_free(&out);
    return paper_address_ok(to) ? to : STR_NONE;
}

static int span_begins(MD_SPANTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;
    b->bold += type == MD_SPAN_STRONG;
    b->italic += type == MD_SPAN_EM;
    if (type == MD_SPAN_A) b->to = address_of(b, &((MD_SPAN_A_DETAIL *)detail)->href);
    return 0;
}

static int span_ends(MD_SPANTYPE type, void *detail, void *arg)
{
    struct builder *b = arg;
    (void)detail;
    /* md4c 0.4.8 ends an emphasis that it never began when a bare address holds a star. */
    b->bold -= type == MD_SPAN_STRONG && b->bold > 0;
    b->italic -= type == MD_SPAN_EM && b->italic > 0;
    if (type == MD_SPAN_A) b->to = STR_NONE;
    return 0;
}

static int text_comes(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *arg)
{
    struct builder *b = arg;
    str s = {text, size};
    if (type == MD_TEXT_BR) b->breaks = true;
    else if (type == MD_TEXT_SOFTBR) words_add(b, S(" "));
    else if (type == MD_TEXT_NULLCHAR) words_add(b, S("\uFFFD"));
    else if (type == MD_TEXT_ENTITY) words_add(b, str_is(s, "&amp;") ? S("&") : str_is(s, "&lt;") ? S("<") : str_is(s, "&gt;") ? S(">") : str_is(s, "&quot;") ? S("\"") :
                                                  str_is(s, "&nbsp;") ? S("\u00A0") : str_copy(b->mem, s));
    else {
        char *clean = arena_alloc(b->mem, size + 1);
        memcpy(clean, text, size);
        for (size_t i = 0; i < size; i++)
            if ((unsigned char)clean[i] < ' ' || clean[i] == 0x7f) clean[i] = ' ';
        words_add(b, (str){clean, size});
    }
    return 0;
}

void paper_markdown(arena *mem, str text, struct paper_blocks *out)
{
    struct builder b = {.mem = mem, .out = out};
    MD_PARSER parser = {0, MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOINDENTEDCODEBLOCKS, block_begins, block_ends, span_begins, span_ends, text_comes, NULL, NULL};
    text = str_cut(text, 0, MAX_BYTES);
    char *lines = arena_alloc(mem, text.n + 1);         /* as in view/markdown.c: md4c looks one byte past a link cut by the end */
    if (text.n) memcpy(lines, text.p, text.n);
    lines[text.n] = '\n';
    size_t had = out->n;
    if (md_parse(lines, (MD_SIZE)text.n + 1, &parser, &b) == 0) return;
    out->n = had;                                       /* too deep: its words, as they were typed */
    for (str rest = text; rest.n;) paper_paragraph(mem, out, str_trim(str_split(rest, '\n', &rest)));
}
