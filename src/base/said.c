/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"

#define SLOTS 1024              /* a power of two */
#define TRIES 16

/* By address: a page's words lie still until it is drawn. A note that finds no place is lost, and its words are left unmarked. */
static _Thread_local struct { struct { const char *p; size_t n; uint32_t round; enum lang lang; } slot[SLOTS]; uint32_t round; size_t held; } notes;

static size_t place_of(const char *p) { return (size_t)(((uintptr_t)p * UINT64_C(0x9E3779B97F4A7C15)) >> 40) % SLOTS; }

str said_in(str s, enum lang written)
{
    if (!s.n) return s;
    if (!notes.round) notes.round = 1;
    for (size_t i = place_of(s.p), tries = 0; tries < TRIES; i = (i + 1) % SLOTS, tries++)
        if (notes.slot[i].round != notes.round || notes.slot[i].p == s.p) {
            notes.held += notes.slot[i].round != notes.round;
            notes.slot[i].p = s.p;
            notes.slot[i].n = s.n;
            notes.slot[i].round = notes.round;
            notes.slot[i].lang = written;
            break;
        }
    return s;
}

bool said_noted(str s, enum lang *written)
{
    if (!notes.held || !s.n) return false;
    for (size_t i = place_of(s.p), tries = 0; tries < TRIES && notes.slot[i].round == notes.round; i = (i + 1) % SLOTS, tries++)
        if (notes.slot[i].p == s.p && notes.slot[i].n == s.n) {
            *written = notes.slot[i].lang;
            return true;
        }
    return false;
}

void said_forget(void)
{
    if (!notes.held) return;
    notes.round++;
    notes.held = 0;
}

static const char *const codes[LANG_N] = {[LANG_FR] = "fr", [LANG_EN] = "en"};

const char *said_tag(str s, enum lang page)
{
    enum lang written;
    return said_noted(s, &written) && written != page ? codes[written] : NULL;
}

/* ---- within other words: U+E000 and the language opens, U+E00F closes. What people wrote may hold them too: a span is never left open. */

#define MARK "\xEE\x80"
enum { MARK_BYTES = 3, MARK_OPEN = 0x80, MARK_CLOSE = 0x8F };

/* Up to the next mark, which leaves *rest; *mark: its last byte, 0 at the end. */
static str mark_next(str *rest, unsigned char *mark)
{
    str s = *rest;
    *mark = 0;
    for (size_t i = 0; i + MARK_BYTES <= s.n; i++) {
        ptrdiff_t at = str_find(str_cut(s, i, s.n), S(MARK));
        if (at < 0 || (i += (size_t)at) + MARK_BYTES > s.n) break;
        unsigned char c = (unsigned char)s.p[i + MARK_BYTES - 1];
        if (c != MARK_CLOSE && (c < MARK_OPEN || c >= MARK_OPEN + LANG_N)) continue;
        *mark = c;
        *rest = str_cut(s, i + MARK_BYTES, s.n);
        return str_cut(s, 0, i);
    }
    *rest = STR_NONE;
    return s;
}

static bool is_marked(str s) { return str_find(s, S(MARK)) >= 0; }

str said_bare(arena *mem, str s)
{
    if (!is_marked(s)) return s;
    str out = STR_NONE;
    for (unsigned char mark = MARK_CLOSE; mark;) {
        str piece = mark_next(&s, &mark);
        out = str_fmt(mem, "%.*s%.*s", STR_ARG(out), STR_ARG(piece));
    }
    return out;
}

str said_within(arena *mem, str s, enum lang page)
{
    enum lang written;
    if (!said_noted(s, &written) || written == page) return s;
    s = said_bare(mem, s);
    return str_fmt(mem, MARK "%c%.*s" MARK "%c", MARK_OPEN + (int)written, STR_ARG(s), MARK_CLOSE);
}

const char *said_tag_within(str s, enum lang page)
{
    const char *code = said_tag(s, page);
    for (unsigned char mark = is_marked(s) ? MARK_CLOSE : 0; !code && mark;) {
        mark_next(&s, &mark);
        if (mark && mark != MARK_CLOSE && mark - MARK_OPEN != (int)page) code = codes[mark - MARK_OPEN];
    }
    return code;
}

static void put_marked(buf *b, str s, enum lang page, bool marks)
{
    bool open = false;
    for (unsigned char mark = MARK_CLOSE; mark;) {
        buf_html(b, mark_next(&s, &mark));
        if (open) buf_lit(b, "</span>");
        open = marks && mark && mark != MARK_CLOSE && mark - MARK_OPEN != (int)page;
        if (open) buf_fmt(b, "<span lang=\"%s\">", codes[mark - MARK_OPEN]);
    }
}

void buf_said(buf *b, str s, enum lang page)
{
    const char *code = said_tag(s, page);
    if (code) buf_fmt(b, "<span lang=\"%s\">", code);
    if (is_marked(s)) put_marked(b, s, page, !code);
    else buf_html(b, s);
    if (code) buf_lit(b, "</span>");
}

void buf_words(buf *b, enum lang page, const char *key, ...)
{
    struct { const char *name; str value; } with[16];
    size_t n = 0;
    va_list ap;
    va_start(ap, key);
    for (const char *name; n < 16 && (name = va_arg(ap, const char *)) != NULL; n++) {
        with[n].name = name;
        with[n].value = va_arg(ap, str);
    }
    va_end(ap);
    str text = words(page, key);
    for (ptrdiff_t open, close; (open = str_find_char(text, '{')) >= 0 && (close = str_find_char(str_cut(text, (size_t)open, text.n), '}')) > 0;) {
        str name = str_cut(text, (size_t)open + 1, (size_t)(open + close));
        buf_html(b, str_cut(text, 0, (size_t)open));
        for (size_t i = 0; i < n; i++)
            if (str_is(name, with[i].name)) buf_said(b, with[i].value, page);
        text = str_cut(text, (size_t)(open + close) + 1, text.n);
    }
    buf_html(b, text);
}
