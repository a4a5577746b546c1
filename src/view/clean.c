/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <gumbo.h>
#include <setjmp.h>
#include "view/clean.h"

#define MAX_INPUT_BYTES (256u * 1024)
#define MAX_TREE_BYTES (16u << 20)
#define MAX_OUTPUT_BYTES (2u << 20)
#define MAX_DEPTH 200

enum role { ROLE_TEXT, ROLE_GONE, ROLE_BLOCK, ROLE_LIST, ROLE_ITEM, ROLE_INLINE, ROLE_LINK, ROLE_HEADING, ROLE_BREAK, ROLE_DIVIDER, ROLE_CELL };

/* What is not here is stripped to its text (ROLE_TEXT), and breaks the line when it is a block of HTML. */
static const struct { GumboTag tag; enum role role; const char *name; } rows[] = {
    {GUMBO_TAG_P, ROLE_BLOCK, "p"}, {GUMBO_TAG_BLOCKQUOTE, ROLE_DIVIDER, "blockquote"}, {GUMBO_TAG_UL, ROLE_LIST, "ul"}, {GUMBO_TAG_OL, ROLE_LIST, "ol"},
    {GUMBO_TAG_LI, ROLE_ITEM, "li"}, {GUMBO_TAG_STRONG, ROLE_INLINE, "strong"}, {GUMBO_TAG_B, ROLE_INLINE, "strong"},
    {GUMBO_TAG_EM, ROLE_INLINE, "em"}, {GUMBO_TAG_I, ROLE_INLINE, "em"}, {GUMBO_TAG_U, ROLE_INLINE, "em"}, {GUMBO_TAG_CODE, ROLE_INLINE, "code"},
    {GUMBO_TAG_A, ROLE_LINK, "a"}, {GUMBO_TAG_BR, ROLE_BREAK, "br"},
    {GUMBO_TAG_H1, ROLE_HEADING, "1"}, {GUMBO_TAG_H2, ROLE_HEADING, "1"}, {GUMBO_TAG_H3, ROLE_HEADING, "2"}, {GUMBO_TAG_H4, ROLE_HEADING, "3"},
    {GUMBO_TAG_H5, ROLE_HEADING, "4"}, {GUMBO_TAG_H6, ROLE_HEADING, "4"},
    {GUMBO_TAG_DIV, ROLE_DIVIDER, NULL}, {GUMBO_TAG_SECTION, ROLE_DIVIDER, NULL}, {GUMBO_TAG_ARTICLE, ROLE_DIVIDER, NULL}, {GUMBO_TAG_MAIN, ROLE_DIVIDER, NULL},
    {GUMBO_TAG_HEADER, ROLE_DIVIDER, NULL}, {GUMBO_TAG_FOOTER, ROLE_DIVIDER, NULL}, {GUMBO_TAG_NAV, ROLE_DIVIDER, NULL}, {GUMBO_TAG_ASIDE, ROLE_DIVIDER, NULL},
    {GUMBO_TAG_TABLE, ROLE_DIVIDER, NULL}, {GUMBO_TAG_TD, ROLE_CELL, NULL}, {GUMBO_TAG_TH, ROLE_CELL, NULL}, {GUMBO_TAG_TR, ROLE_DIVIDER, NULL}, {GUMBO_TAG_DL, ROLE_DIVIDER, NULL}, {GUMBO_TAG_DT, ROLE_DIVIDER, NULL},
    {GUMBO_TAG_DD, ROLE_DIVIDER, NULL}, {GUMBO_TAG_PRE, ROLE_DIVIDER, NULL}, {GUMBO_TAG_FIGURE, ROLE_DIVIDER, NULL}, {GUMBO_TAG_HR, ROLE_DIVIDER, NULL},
    {GUMBO_TAG_ADDRESS, ROLE_DIVIDER, NULL}, {GUMBO_TAG_CENTER, ROLE_DIVIDER, NULL},
    {GUMBO_TAG_SCRIPT, ROLE_GONE, NULL}, {GUMBO_TAG_STYLE, ROLE_GONE, NULL}, {GUMBO_TAG_TEMPLATE, ROLE_GONE, NULL}, {GUMBO_TAG_IFRAME, ROLE_GONE, NULL},
    {GUMBO_TAG_OBJECT, ROLE_GONE, NULL}, {GUMBO_TAG_EMBED, ROLE_GONE, NULL}, {GUMBO_TAG_NOSCRIPT, ROLE_GONE, NULL}, {GUMBO_TAG_NOEMBED, ROLE_GONE, NULL},
    {GUMBO_TAG_NOFRAMES, ROLE_GONE, NULL}, {GUMBO_TAG_XMP, ROLE_GONE, NULL}, {GUMBO_TAG_PLAINTEXT, ROLE_GONE, NULL}, {GUMBO_TAG_SVG, ROLE_GONE, NULL},
    {GUMBO_TAG_MATH, ROLE_GONE, NULL}, {GUMBO_TAG_TEXTAREA, ROLE_GONE, NULL}, {GUMBO_TAG_SELECT, ROLE_GONE, NULL}, {GUMBO_TAG_BUTTON, ROLE_GONE, NULL},
    {GUMBO_TAG_HEAD, ROLE_GONE, NULL}, {GUMBO_TAG_TITLE, ROLE_GONE, NULL}};

static enum role role_of(const GumboNode *n, const char **name)
{
    *name = NULL;
    if (n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML) return ROLE_GONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].tag == n->v.element.tag) {
            *name = rows[i].name;
            return rows[i].role;
        }
    return ROLE_TEXT;
}

static bool is_element(const GumboNode *n) { return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE; }
static bool makes_blocks(enum role r) { return r == ROLE_BLOCK || r == ROLE_LIST || r == ROLE_ITEM || r == ROLE_HEADING || r == ROLE_DIVIDER; }

static bool has_within(const GumboNode *n, bool or_breaks, int depth)
{
    for (unsigned i = 0; depth < MAX_DEPTH && i < n->v.element.children.length; i++) {
        const GumboNode *child = n->v.element.children.data[i];
        const char *name;
        if (!is_element(child)) continue;
        enum role role = role_of(child, &name);
        if (makes_blocks(role) || (or_breaks && role == ROLE_BREAK) || has_within(child, or_breaks, depth + 1)) return true;
    }
    return false;
}

static bool has_blocks(const GumboNode *n) { return has_within(n, false, 0); }

/* Writes flow content: a run of inline pieces outside of any block gets a paragraph of its own. */
struct draw {
    buf *b;
    int heading, last;
    bool breaks;            /* line breaks of the text count: it came without any block */
    int open;               /* depth of blocks that hold inline content */
    bool in_own;            /* inside a paragraph made here */
    bool space;             /* a blank waits */
    bool at_start;          /* nothing visible yet in this block */
    int links, inlines;     /* open around what is written */
};

static void break_drop(struct draw *d)
{
    while (str_ends(buf_str(d->b), S("<br>"))) d->b->n -= 4;
}

static void own_close(struct draw *d)
{
    if (d->in_own) {
        break_drop(d);
        buf_lit(d->b, "</p>");
    }
    d->in_own = false;
    d->space = false;
    d->at_start = true;
}

/* Before a visible inline piece. */
static void inline_begins(struct draw *d)
{
    if (!d->open && !d->in_own) {
        buf_lit(d->b, "<p>");
        d->in_own = true;
        d->at_start = true;
    }
    if (d->space && !d->at_start) buf_char(d->b, ' ');
    d->space = false;
    d->at_start = false;
}

static size_t bare_url_at(str s, size_t i)
{
    str rest = str_cut(s, i, s.n);
    if (!str_starts(rest, S("http://")) && !str_starts(rest, S("https://"))) return 0;
    if (i && (unsigned char)s.p[i - 1] > ' ' && !strchr("(<[\"'", s.p[i - 1])) return 0;
    size_t n = 0;
    while (n < rest.n && (unsigned char)rest.p[n] > ' ' && !strchr("<>\"{}|\\^`", rest.p[n]) && !str_starts(str_cut(rest, n, rest.n), S("\u00a0"))) n++;
    while (n && strchr(".,;:!?)'", rest.p[n - 1])) n--;
    return n > 10 && url_web(str_cut(rest, 0, n)).n == n ? n : 0;
}

static void link_put(struct draw *d, str url)
{
    buf_lit(d->b, "<a href=\"");
    buf_html(d->b, url);
    buf_lit(d->b, "\">");
    buf_html(d->b, url);
    buf_lit(d->b, "</a>");
}

static void newline_put(struct draw *d, bool empty_line)
{
    if (d->at_start) return;
    if (empty_line && !d->open && !d->inlines) own_close(d);
    else buf_lit(d->b, "<br>");
    d->space = false;
    d->at_start = true;
}

static void text_put(struct draw *d, str s)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
            int lines = 0;
            for (; i < s.n && strchr(" \n\t\r\f", s.p[i]) && s.p[i]; i++) lines += s.p[i] == '\n';
            if (lines && d->breaks) newline_put(d, lines > 1);
            else d->space = true;
            continue;
        }
        size_t n = d->links ? 0 : bare_url_at(s, i), end = i + 1;
        inline_begins(d);
        if (n) {
            link_put(d, str_cut(s, i, i + n));
            i += n;
            continue;
        }
        while (end < s.n && (unsigned char)s.p[end] > ' ' && !(s.p[end] == 'h' && bare_url_at(s, end))) end++;
        buf_html(d->b, str_cut(s, i, end));
        i = end;
    }
}

static void node(struct draw *d, const GumboNode *n, enum role parent, int depth);

static void children(struct draw *d, const GumboNode *n, enum role parent, int depth)
{
    for (unsigned i = 0; i < n->v.element.children.length; i++) node(d, n->v.element.children.data[i], parent, depth + 1);
}

static void link_draw(struct draw *d, const GumboNode *n, int depth)
{
    GumboAttribute *href = gumbo_get_attribute(&n->v.element.attributes, "href");
    struct url to = href ? url_web(str_of(href->value)) : (struct url){0};
    if (!to.n || d->links || has_blocks(n) || to.p[0] == '/') {
        children(d, n, ROLE_TEXT, depth);
        return;
    }
    inline_begins(d);
    buf_lit(d->b, "<a href=\"");
    buf_html(d->b, url_str(to));
    buf_lit(d->b, "\">");
    d->links++;
    d->inlines++;
    d->at_start = true;
    children(d, n, ROLE_LINK, depth);
    d->links--;
    d->inlines--;
    buf_lit(d->b, "</a>");
    d->at_start = false;
}

static void inline_draw(struct draw *d, const GumboNode *n, const char *name, int depth)
{
    if (!n->v.element.children.length || has_blocks(n)) {
        children(d, n, ROLE_TEXT, depth);
        return;
    }
    inline_begins(d);
    buf_fmt(d->b, "<%s>", name);
    d->at_start = true;
    d->inlines++;
    children(d, n, ROLE_INLINE, depth);
    d->inlines--;
    buf_fmt(d->b, "</%s>", name);
    d->at_start = false;
}

/* Drops the element again when nothing was written in it. */
static void block_draw(struct draw *d, const GumboNode *n, const char *open, const char *close, enum role role, int depth)
{
    own_close(d);
    size_t before = d->b->n;
    buf_lit(d->b, open);
    size_t inside = d->b->n;
    d->open++;
    d->at_start = true;
    children(d, n, role, depth);
    d->open--;
    d->space = false;
    d->at_start = true;
    break_drop(d);
    if (d->b->n == inside && !d->b->full) d->b->n = before;
    else buf_lit(d->b, close);
}

static void heading_draw(struct draw *d, const GumboNode *n, int rank, int depth)
{
    char open[24] = "<p><strong>", close[24] = "</strong></p>";
    if (has_blocks(n) || d->open) {
        own_close(d);
        children(d, n, ROLE_TEXT, depth);
        own_close(d);
        return;
    }
    if (d->heading) {
        int level = d->heading + rank - 1, most = d->last ? d->last + 1 : d->heading;
        level = level > most ? most : level;
        level = level > 6 ? 6 : level;
        d->last = level;
        snprintf(open, sizeof open, "<h%d>", level);
        snprintf(close, sizeof close, "</h%d>", level);
    }
    block_draw(d, n, open, close, ROLE_HEADING, depth);
}

/* A quote or a list item holds paragraphs: what stands loose in it gets its own. */
static void holder_draw(struct draw *d, const GumboNode *n, const char *name, enum role role, int depth)
{
    char open[24], close[24];
    int was = d->open;
    own_close(d);
    snprintf(open, sizeof open, "<%s>", name);
    snprintf(close, sizeof close, "</%s>", name);
    size_t before = d->b->n;
    buf_lit(d->b, open);
    size_t inside = d->b->n;
    d->open = role == ROLE_ITEM && !has_blocks(n) ? 1 : 0;
    children(d, n, role, depth);
    own_close(d);
    d->open = was;
    if (d->b->n == inside && !d->b->full) d->b->n = before;
    else buf_lit(d->b, close);
}

static void element(struct draw *d, const GumboNode *n, enum role parent, int depth)
{
    const char *name;
    enum role role = role_of(n, &name);
    char open[24], close[24];
    if (role == ROLE_GONE) return;
    if (role == ROLE_BREAK) {
        if (!d->at_start) buf_lit(d->b, "<br>");
        d->space = false;
    } else if (parent == ROLE_LIST && role != ROLE_ITEM) {
        return;                                             /* only items stand in a list; the parser leaves no text of theirs here */
    } else if (role == ROLE_LINK) {
        link_draw(d, n, depth);
    } else if (role == ROLE_INLINE) {
        inline_draw(d, n, name, depth);
    } else if (d->open && makes_blocks(role)) {              /* a block in a paragraph or a heading: only its words */
        d->space = true;
        children(d, n, ROLE_TEXT, depth);
        d->space = true;
    } else if (role == ROLE_HEADING) {
        heading_draw(d, n, name[0] - '0', depth);
    } else if (role == ROLE_BLOCK && !has_blocks(n)) {
        block_draw(d, n, "<p>", "</p>", ROLE_BLOCK, depth);
    } else if (role == ROLE_LIST) {
        own_close(d);
        snprintf(open, sizeof open, "<%s>", name);
        snprintf(close, sizeof close, "</%s>", name);
        size_t before = d->b->n;
        buf_lit(d->b, open);
        size_t inside = d->b->n;
        children(d, n, ROLE_LIST, depth);
        if (d->b->n == inside && !d->b->full) d->b->n = before;
        else buf_lit(d->b, close);
    } else if ((role == ROLE_ITEM && parent == ROLE_LIST) || (role == ROLE_DIVIDER && name)) {
        holder_draw(d, n, name, role, depth);
    } else if (makes_blocks(role)) {
        own_close(d);
        children(d, n, ROLE_TEXT, depth);
        own_close(d);
    } else {
        d->space |= role == ROLE_CELL;
        children(d, n, ROLE_TEXT, depth);
    }
}

static void node(struct draw *d, const GumboNode *n, enum role parent, int depth)
{
    if (depth > MAX_DEPTH) return;
    if (is_element(n)) element(d, n, parent, depth);
    else if (parent != ROLE_LIST && (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA))
        text_put(d, str_of(n->v.text.text));
}

/* ---- the parser, on memory with a limit ---- */

struct tree { arena *a; size_t used; jmp_buf out; };

static void *tree_alloc(void *arg, size_t n)
{
    struct tree *t = arg;
    t->used += n + 16;
    if (t->used > MAX_TREE_BYTES) longjmp(t->out, 1);       /* gumbo does not check for NULL; all it holds is in our arena */
    return arena_alloc(t->a, n ? n : 1);
}

static void tree_free(void *arg, void *p) { (void)arg, (void)p; }

static const GumboNode *body_of(const GumboOutput *out)
{
    const GumboVector *kids = &out->root->v.element.children;
    for (unsigned i = 0; i < kids->length; i++) {
        const GumboNode *n = kids->data[i];
        if (is_element(n) && n->v.element.tag == GUMBO_TAG_BODY) return n;
    }
    return out->root;
}

/* false: too large a tree. Kept apart so that no local of the caller lives across the jump. */
static bool parse_draw(struct tree *t, str given, struct draw *d)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = tree_alloc;
    options.deallocator = tree_free;
    options.userdata = t;
    options.max_errors = 0;
    if (setjmp(t->out)) return false;
    GumboOutput *out = gumbo_parse_with_options(&options, given.p, given.n);
    const GumboNode *body = body_of(out);
    d->breaks = !has_within(body, true, 0);
    children(d, body, ROLE_TEXT, 0);
    own_close(d);
    return true;
}

struct html clean_text(arena *mem, str given)
{
    buf b = BUF(MAX_OUTPUT_BYTES);
    struct draw d = {.b = &b, .breaks = true, .at_start = true};
    text_put(&d, str_cut(given, 0, MAX_INPUT_BYTES));
    own_close(&d);
    str out = b.full ? STR_NONE : str_copy(mem, buf_str(&b));
    buf_free(&b);
    return html_said_as(html_safe(out), given);
}

struct html clean_html(arena *mem, str given, int heading)
{
    given = str_cut(given, 0, MAX_INPUT_BYTES);
    if (!given.n) return (struct html){0};
    struct tree t = {.a = arena_new(2u * MAX_TREE_BYTES)};
    buf b = BUF(MAX_OUTPUT_BYTES);
    struct draw d = {.b = &b, .heading = heading, .at_start = true};
    bool parsed = parse_draw(&t, given, &d);
    arena_free(t.a);
    struct html out = parsed && !b.full ? html_safe(str_copy(mem, buf_str(&b))) : clean_text(mem, given);
    buf_free(&b);
    return html_said_as(out, given);
}

void clean_rich(buf *out, arena *mem, str html_or_text, bool is_html)
{
    struct html h = is_html ? clean_html(mem, html_or_text, 0) : clean_text(mem, html_or_text);
    buf_put(out, (str){h.p, h.n});
}

str clean_words(arena *mem, str given_html)
{
    struct html h = clean_html(mem, given_html, 0);
    buf b = BUF(MAX_OUTPUT_BYTES);
    bool space = false;
    for (size_t i = 0; i < h.n; i++) {
        static const struct { const char *entity; char c; } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
        char c = h.p[i];
        if (c == '<') {
            str rest = {h.p + i, h.n - i};
            bool inline_tag = str_starts(rest, S("<a ")) || str_starts(rest, S("</a")) || str_starts(rest, S("<st")) || str_starts(rest, S("</st")) ||
                              str_starts(rest, S("<em")) || str_starts(rest, S("</em")) || str_starts(rest, S("<code")) || str_starts(rest, S("</code"));
            space |= !inline_tag;
            while (i < h.n && h.p[i] != '>') i++;
            continue;
        }
        for (size_t k = 0; c == '&' && k < sizeof entities / sizeof *entities; k++)
            if (str_starts((str){h.p + i, h.n - i}, str_of(entities[k].entity))) {
                c = entities[k].c;
                i += strlen(entities[k].entity) - 1;
                break;
            }
        if (space && b.n) buf_char(&b, ' ');
        space = false;
        buf_char(&b, c);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}
