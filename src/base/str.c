/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/str.h"
#include "base/utf8.h"
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

str str_of(const char *z)
{
    return z ? (str){z, strlen(z)} : STR_NONE;
}

str str_copy(arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n) memcpy(p, s.p, s.n);
    return (str){p, s.n};
}

const char *str_z(arena *a, str s)
{
    return str_copy(a, s).p;
}

str str_vfmt(arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, ap);
    str out = STR_NONE;
    if (n >= 0) {
        char *p = arena_alloc(a, (size_t)n + 1);
        if ((size_t)n < sizeof small)
            memcpy(p, small, (size_t)n);
        else
            vsnprintf(p, (size_t)n + 1, fmt, again);
        out = (str){p, (size_t)n};
    }
    va_end(again);
    return out;
}

str str_fmt(arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str s = str_vfmt(a, fmt, ap);
    va_end(ap);
    return s;
}

int str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_ends(str s, str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

ptrdiff_t str_find(str s, str needle)
{
    if (needle.n == 0) return 0;
    if (s.n < needle.n) return -1;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    return at ? at - s.p : -1;
}

ptrdiff_t str_find_char(str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

str str_cut(str s, size_t from, size_t to)
{
    if (to > s.n) to = s.n;
    if (from > to) from = to;
    return (str){s.p ? s.p + from : NULL, to - from};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_lines(arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') continue;
        p[n++] = s.p[i] == '\r' ? '\n' : s.p[i];
    }
    return (str){p, n};
}

str str_trim(str s)
{
    while (s.n && is_blank(s.p[0])) s = (str){s.p + 1, s.n - 1};
    while (s.n && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

str str_lower_ascii(arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
    return (str){p, s.n};
}

str str_split(str s, char c, str *rest)
{
    ptrdiff_t at = str_find_char(s, c);
    if (at < 0) {
        *rest = STR_NONE;
        return s;
    }
    *rest = str_cut(s, (size_t)at + 1, s.n);
    return str_cut(s, 0, (size_t)at);
}

err str_i64(str s, int64_t *out)
{
    size_t i = 0;
    bool minus = s.n && s.p[0] == '-';
    if (minus) i++;
    if (i == s.n) return FAIL(E_INVALID, "base.not_a_whole_number");
    int64_t v = 0;      /* counted below zero, where the range is one larger */
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return FAIL(E_INVALID, "base.not_a_whole_number");
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return FAIL(E_INVALID, "base.number_too_large");
    }
    if (!minus && v == INT64_MIN) return FAIL(E_INVALID, "base.number_too_large");
    *out = minus ? v : -v;
    return NO_ERR;
}

static bool looks_like_f64(str s)
{
    size_t i = 0, digits = 0;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) digits++;
    if (digits == 0) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
        if (i == s.n) return false;
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
    }
    return i == s.n;
}

err str_f64(str s, double *out)
{
    /* The process never chooses a locale, so strtod reads a dot; the shape is checked first: no inf, no hexadecimal. */
    char z[64];
    if (s.n >= sizeof z || !looks_like_f64(s)) return FAIL(E_INVALID, "base.not_a_number");
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    double v = strtod(z, NULL);
    if (!isfinite(v)) return FAIL(E_INVALID, "base.number_too_large");
    *out = v;
    return NO_ERR;
}

str str_join(arena *a, struct strs list, str sep)
{
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) n += list.v[i].n + (i ? sep.n : 0);
    char *p = arena_alloc(a, n + 1), *to = p;
    for (size_t i = 0; i < list.n; i++) {
        if (i && sep.n) to = mempcpy(to, sep.p, sep.n);
        if (list.v[i].n) to = mempcpy(to, list.v[i].p, list.v[i].n);
    }
    return (str){p, n};
}

str str_join_lines(arena *a, str s, str sep)
{
    struct strs lines = {0};
    for (str rest = s; rest.p;) {
        str line = str_trim(str_split(rest, '\n', &rest));
        if (line.n) PUSH(a, &lines, line);
    }
    return str_join(a, lines, sep);
}
