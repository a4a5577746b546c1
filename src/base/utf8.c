/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include <string.h>

bool utf8_next(str s, size_t *at, uint32_t *out)
{
    if (*at >= s.n) return false;
    const uint8_t *p = (const uint8_t *)s.p + *at;
    size_t left = s.n - *at, n;
    uint32_t c, least;
    if (p[0] < 0x80) {
        *out = p[0];
        *at += 1;
        return true;
    }
    if ((p[0] & 0xE0) == 0xC0) {
        n = 2; c = p[0] & 0x1Fu; least = 0x80;
    } else if ((p[0] & 0xF0) == 0xE0) {
        n = 3; c = p[0] & 0x0Fu; least = 0x800;
    } else if ((p[0] & 0xF8) == 0xF0) {
        n = 4; c = p[0] & 0x07u; least = 0x10000;
    } else {
        return false;
    }
    if (left < n) return false;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) return false;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return false;
    *out = c;
    *at += n;
    return true;
}

/* Eight bytes at a time while they are ASCII, which most are. */
static size_t skip_ascii(str s, size_t at)
{
    for (uint64_t w; at + sizeof w <= s.n; at += sizeof w) {
        memcpy(&w, s.p + at, sizeof w);
        if (w & UINT64_C(0x8080808080808080)) break;
    }
    return at;
}

bool utf8_valid(str s)
{
    uint32_t c;
    size_t at = skip_ascii(s, 0);
    while (at < s.n)
        if (!utf8_next(s, &at, &c)) return false;
    return true;
}

bool utf8_clean(str s)
{
    uint32_t c;
    for (size_t at = 0; at < s.n;) {
        if (!utf8_next(s, &at, &c)) return false;
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        if (c == 0xFFFE || c == 0xFFFF) return false;
    }
    return true;
}

size_t utf8_length(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
    return n;
}

size_t utf8_put(char out[4], uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

str utf8_cut(str s, size_t max_code_points)
{
    size_t at = 0;
    uint32_t c;
    while (max_code_points-- && utf8_next(s, &at, &c)) {}
    return str_cut(s, 0, at);
}
