/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* str_fold: how French people search. One table for the Latin letters with diacritics (U+00C0 to U+017F); the combining marks
   of decomposed text vanish; Greek and Cyrillic capitals get their small letter; everything else stays as it is. */
#include "base/str.h"
#include "base/utf8.h"
#include <string.h>

static const char latin[0x180 - 0xC0][3] = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "y",
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d",
    "d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
    "g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i",
    "i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l", "l", "l", "l", "l", "l",
    "l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
    "s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u",
    "u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s",
};

static size_t fold_one(uint32_t c, char out[4])
{
    if (c >= 0xC0 && c < 0x180) {
        const char *z = latin[c - 0xC0];
        if (!z[0]) return utf8_put(out, c);     /* the signs × and ÷ */
        size_t n = strlen(z);
        memcpy(out, z, n);
        return n;
    }
    if (c >= 0x300 && c <= 0x36F) return 0;     /* combining marks */
    if (c == 0xAD || (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF) return 0;     /* soft hyphen, zero width */
    if (c == 0xA0 || c == 0x202F || (c >= 0x2000 && c <= 0x200A)) c = ' ';
    if (c == 0x2018 || c == 0x2019 || c == 0x02BC) c = '\'';
    if (c >= 0x2010 && c <= 0x2014) c = '-';
    if (c == 0x1E9E) {
        out[0] = out[1] = 's';
        return 2;
    }
    if (c >= 0x391 && c <= 0x3A9) c += 32;
    if (c >= 0x410 && c <= 0x42F) c += 32;
    return utf8_put(out, c);
}

str str_fold(arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);      /* no letter grows: two bytes fold to at most two */
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        unsigned char b = (unsigned char)s.p[at];
        uint32_t c;
        if (b < 0x80) {
            p[n++] = (char)(b >= 'A' && b <= 'Z' ? b + 32 : b);
            at++;
        } else if (utf8_next(s, &at, &c)) {
            char out[4];
            size_t k = fold_one(c, out);
            memcpy(p + n, out, k);
            n += k;
        } else {
            at++;                           /* a bad byte vanishes */
        }
    }
    p[n] = 0;
    return (str){p, n};
}
