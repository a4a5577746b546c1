/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <md4c.h>
#include <string.h>
#include "view/clean.h"
#include "view/markdown.h"

#define MAX_BYTES (256u * 1024)

/* Spans are closed from our own stack: md4c 0.4.8 ends an emphasis that it never began when a bare address holds a star. */
struct draw { buf *b; arena *mem; int heading, last; const char *span[64]; size_t spans; bool french; };

static void spans_close(struct draw *d, size_t down_to)
{
    while (d->spans > down_to)
        if (d->span[--d->spans][0]) buf_fmt(d->b, "</%s>", d->span[d->spans]);
}

static const char *cell_tag(MD_BLOCKTYPE type) { return type == MD_BLOCK_TH ? "th" : "td"; }

/* Headings never skip a level, so that the page stays an outline. */
static int heading_level(struct draw *d, unsigned level)
{
    int wanted = d->heading + (int)level - 1, most = d->last ? d->last + 1 : d->heading;
    if (wanted > most) wanted = most;
    return wanted > 6 ? 6 : wanted;
}

static int block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct draw *d = arg;
    switch (type) {
    case MD_BLOCK_QUOTE: buf_lit(d->b, "<blockquote>"); break;
    case MD_BLOCK_UL: buf_lit(d->b, "<ul>"); break;
    case MD_BLOCK_OL: {
        unsigned start = ((MD_BLOCK_OL_DETAIL *)detail)->start;
        if (start != 1) buf_fmt(d->b, "<ol start=\"%u\">", start);
        else buf_lit(d->b, "<ol>");
        break;
    }
    case MD_BLOCK_LI: buf_lit(d->b, "<li>"); break;
    case MD_BLOCK_HR: buf_lit(d->b, "<hr>"); break;
    case MD_BLOCK_H: buf_fmt(d->b, "<h%d>", d->last = heading_level(d, ((MD_BLOCK_H_DETAIL *)detail)->level)); break;
    case MD_BLOCK_CODE: buf_lit(d->b, "<pre tabindex=\"0\"><code>"); break;
    case MD_BLOCK_P: buf_lit(d->b, "<p>"); break;
    case MD_BLOCK_TABLE: buf_lit(d->b, "<div class=\"table-wrap\"><table>"); break;
    case MD_BLOCK_THEAD: buf_lit(d->b, "<thead>"); break;
    case MD_BLOCK_TBODY: buf_lit(d->b, "<tbody>"); break;
    case MD_BLOCK_TR: buf_lit(d->b, "<tr>"); break;
    case MD_BLOCK_TH: buf_lit(d->b, "<th scope=\"col\">"); break;
    case MD_BLOCK_TD: buf_lit(d->b, "<td>"); break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML: break;
    }
    return 0;
}

static int block_end(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct draw *d = arg;
    (void)detail;
    spans_close(d, 0);
    switch (type) {
    case MD_BLOCK_QUOTE: buf_lit(d->b, "</blockquote>"); break;
    case MD_BLOCK_UL: buf_lit(d->b, "</ul>"); break;
    case MD_BLOCK_OL: buf_lit(d->b, "</ol>"); break;
    case MD_BLOCK_LI: buf_lit(d->b, "</li>"); break;
    case MD_BLOCK_H: buf_fmt(d->b, "</h%d>", d->last); break;
    case MD_BLOCK_CODE: buf_lit(d->b, "</code></pre>"); break;
    case MD_BLOCK_P: buf_lit(d->b, "</p>"); break;
    case MD_BLOCK_TABLE: buf_lit(d->b, "</table></div>"); break;
    case MD_BLOCK_THEAD: buf_lit(d->b, "</thead>"); break;
    case MD_BLOCK_TBODY: buf_lit(d->b, "</tbody>"); break;
    case MD_BLOCK_TR: buf_lit(d->b, "</tr>"); break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: buf_fmt(d->b, "</%s>", cell_tag(type)); break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML:
    case MD_BLOCK_HR: break;
    }
    return 0;
}

/* The address of a link: &amp; is the only entity read; any other stays text, so that it cannot hide a scheme. */
static str address(struct draw *d, const MD_ATTRIBUTE *a)
{
    buf b = BUF(4096);
    for (size_t i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
        str piece = {a->text + a->substr_offsets[i], a->substr_offsets[i + 1] - a->substr_offsets[i]};
        if (a->substr_types[i] == MD_TEXT_ENTITY && str_is(piece, "&amp;")) buf_char(&b, '&');
        else buf_put(&b, piece);
    }
    str out = b.full ? STR_NONE : str_copy(d->mem, buf_str(&b));
    buf_free(&b);
    return out;
}

/* The name of a span's element, "" for those that leave only their words. */
static const char *span_name(MD_SPANTYPE type)
{
    switch (type) {
    case MD_SPAN_EM: return "em";
    case MD_SPAN_STRONG: return "strong";
    case MD_SPAN_CODE: return "code";
    case MD_SPAN_DEL: return "del";
    case MD_SPAN_A: return "a";
    case MD_SPAN_IMG:
    case MD_SPAN_LATEXMATH:
    case MD_SPAN_LATEXMATH_DISPLAY:
    case MD_SPAN_WIKILINK:
    case MD_SPAN_U: break;
    }
    return "";
}

static int span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct draw *d = arg;
    const char *name = span_name(type);
    if (d->spans == sizeof d->span / sizeof *d->span) return 1;
    if (type == MD_SPAN_A) {
        struct url to = url_web(address(d, &((MD_SPAN_A_DETAIL *)detail)->href));
        if (to.n) {
            buf_lit(d->b, "<a href=\"");
            buf_html(d->b, url_str(to));
            buf_lit(d->b, "\">");
        } else {
            name = "";
        }
    } else if (name[0]) {
        buf_fmt(d->b, "<%s>", name);
    }
    d->span[d->spans++] = name;
    return 0;
}

static int span_end(MD_SPANTYPE type, void *detail, void *arg)
{
    struct draw *d = arg;
    const char *name = span_name(type);
    (void)detail;
    for (size_t i = d->spans; i > 0; i--)
        if (strcmp(d->span[i - 1], name) == 0 || (type == MD_SPAN_A && !d->span[i - 1][0])) {
            spans_close(d, i - 1);
            break;
        }
    return 0;
}

/* Shift out, shift in: what stands between is in French (markdown.h). A mark is closed with each piece and opened again in the next, so
   that elements stay in order whatever was typed. */
static void said_put(struct draw *d, str s)
{
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        bool marks = i < s.n && (s.p[i] == MARKDOWN_FRENCH[0] || s.p[i] == MARKDOWN_FRENCH_END[0]);
        if (i < s.n && !marks) continue;
        bool french = d->french && i > from;
        if (french) buf_lit(d->b, "<span lang=\"fr\">");
        buf_html(d->b, str_cut(s, from, i));
        if (french) buf_lit(d->b, "</span>");
        if (marks) d->french = s.p[i] == MARKDOWN_FRENCH[0];
        from = i + 1;
    }
}

static int text_piece(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *arg)
{
    struct draw *d = arg;
    if (type == MD_TEXT_BR) buf_lit(d->b, "<br>");
    else if (type == MD_TEXT_SOFTBR) buf_char(d->b, '\n');
    else if (type == MD_TEXT_NULLCHAR) buf_lit(d->b, "\uFFFD");
    else if (type == MD_TEXT_ENTITY) buf_put(d->b, (str){text, size});      /* "&eacute;": cannot make markup */
    else said_put(d, (str){text, size});
    return 0;
}

struct html markdown_at(arena *mem, str text, int heading)
{
    buf b = BUF(4u << 20);
    struct draw d = {.b = &b, .mem = mem, .heading = heading};
    MD_PARSER parser = {0, MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_NOINDENTEDCODEBLOCKS,
                        block, block_end, span, span_end, text_piece, NULL, NULL};
    text = str_cut(text, 0, MAX_BYTES);
    char *lines = arena_alloc(mem, text.n + 1);             /* md4c 0.4.8 looks one byte past a link that the text's end cuts: a line end stands there */
    if (text.n) memcpy(lines, text.p, text.n);
    lines[text.n] = '\n';
    bool drawn = md_parse(lines, (MD_SIZE)text.n + 1, &parser, &d) == 0;
    struct html out = html_said_as(drawn && !b.full ? html_safe(str_copy(mem, buf_str(&b))) : clean_text(mem, text), text);     /* too deep: as text */
    buf_free(&b);
    return out;
}
