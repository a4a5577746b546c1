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

const char *said_tag(str s, enum lang page)
{
    static const char *const codes[] = {[LANG_FR] = "fr", [LANG_EN] = "en"};
    enum lang written;
    return said_noted(s, &written) && written != page ? codes[written] : NULL;
}

void buf_said(buf *b, str s, enum lang page)
{
    const char *code = said_tag(s, page);
    if (code) buf_fmt(b, "<span lang=\"%s\">", code);
    buf_html(b, s);
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
