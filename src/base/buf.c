/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/buf.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for n more bytes and one NUL. */
static bool room(buf *b, size_t n)
{
    if (b->full) return false;
    if (n > b->max_bytes || b->n > b->max_bytes - n) {
        b->full = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap) return true;
    size_t cap = b->cap ? b->cap * 2 : 256;
    if (cap < need) cap = need;
    if (cap > b->max_bytes + 1) cap = b->max_bytes + 1;
    char *p = realloc(b->p, cap);
    if (!p) {
        b->full = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_free(buf *b)
{
    free(b->p);
    *b = BUF(b->max_bytes);
}

void buf_put(buf *b, str s)
{
    if (s.n == 0 || !room(b, s.n)) return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = 0;
}

void buf_lit(buf *b, const char *z)
{
    buf_put(b, str_of(z));
}

void buf_char(buf *b, char c)
{
    buf_put(b, (str){&c, 1});
}

void buf_i64(buf *b, int64_t v)
{
    char z[24];
    int n = snprintf(z, sizeof z, "%lld", (long long)v);
    buf_put(b, (str){z, (size_t)n});
}

void buf_fmt(buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n <= 0 || !room(b, (size_t)n)) return;
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

/* Writes s, replacing each byte for which swap gives a text. */
static void put_swapped(buf *b, str s, const char *(*swap)(unsigned char, char scratch[8]))
{
    size_t from = 0;
    char scratch[8];
    for (size_t i = 0; i < s.n; i++) {
        const char *z = swap((unsigned char)s.p[i], scratch);
        if (!z) continue;
        buf_put(b, str_cut(s, from, i));
        buf_lit(b, z);
        from = i + 1;
    }
    buf_put(b, str_cut(s, from, s.n));
}

static const char *swap_html(unsigned char c, char scratch[8])
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static const char *swap_url(unsigned char c, char scratch[8])
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~')
        return NULL;
    snprintf(scratch, 8, "%%%02X", c);
    return scratch;
}

static const char *swap_json(unsigned char c, char scratch[8])
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default:
        if (c >= 0x20 && c != 0x7F) return NULL;
        snprintf(scratch, 8, "\\u%04x", c);
        return scratch;
    }
}

void buf_html(buf *b, str s)
{
    put_swapped(b, s, swap_html);
}

void buf_url(buf *b, str s)
{
    put_swapped(b, s, swap_url);
}

void buf_json(buf *b, str s)
{
    buf_char(b, '"');
    while (s.n) {
        size_t at = 0;
        uint32_t c;
        while (at < s.n && utf8_next(s, &at, &c)) {}
        put_swapped(b, str_cut(s, 0, at), swap_json);
        if (at < s.n) {
            buf_lit(b, "\xEF\xBF\xBD");
            at++;
        }
        s = str_cut(s, at, s.n);
    }
    buf_char(b, '"');
}
