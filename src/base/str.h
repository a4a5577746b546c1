/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* str.h — a string as pointer and length, not owned, not NUL-terminated unless made by str_z or str_fmt. {NULL,0} means absent. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "arena.h"
#include "err.h"

typedef struct str {
    const char *p;
    size_t n;
} str;
struct strs { str *v; size_t n; };

#define S(lit_) ((str){"" lit_, sizeof(lit_) - 1})
#define STR_NONE ((str){0, 0})
#define STR_ARG(s_) (int)(s_).n, (s_).p ? (s_).p : ""   /* for %.*s */

str str_of(const char *z);                              /* NULL gives absent */
const char *str_z(arena *a, str s);                     /* a NUL-terminated copy, "" when absent */
str str_copy(arena *a, str s);                          /* NUL-terminated too */
str str_fmt(arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
str str_vfmt(arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Inline: most are told apart by their length. Absent equals empty. */
static inline bool str_eq(str a, str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_is(str a, const char *z) { return str_eq(a, (str){z, z ? strlen(z) : 0}); }
int str_cmp(str a, str b);                              /* by bytes */
static inline bool str_starts(str s, str prefix) { return s.n >= prefix.n && str_eq((str){s.p, prefix.n}, prefix); }
bool str_ends(str s, str suffix);
ptrdiff_t str_find(str s, str needle);                  /* -1: not there */
ptrdiff_t str_find_char(str s, char c);
str str_cut(str s, size_t from, size_t to);             /* clamped */
str str_lines(arena *a, str s);                          /* line ends as \n, whatever a browser sent */
str str_trim(str s);                                    /* ASCII white space */
str str_lower_ascii(arena *a, str s);
/* Splits at the first c: returns what stands before, *rest gets what follows (absent when c is not there). */
str str_split(str s, char c, str *rest);
err str_i64(str s, int64_t *out);                       /* E_INVALID: not a whole decimal number of 64 bits */
err str_f64(str s, double *out);                        /* E_INVALID; a dot, never a comma; independent of the locale */
str str_join(arena *a, struct strs list, str sep);
str str_join_lines(arena *a, str s, str sep);           /* the lines of s that are not blank, trimmed, joined: an address in one line */
/* French sort and search key: lower case, no diacritics, œ→oe; used for search and to compare words, never shown. */
str str_fold(arena *a, str s);
