/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* html.h — what compiled templates write with. A piece is escaped by its type: `str` is text, `struct html` is markup already made
   safe (by a template, md4c or the cleaner), `struct url` is an address. They are different structs, so mixing them up does not compile. */
#pragma once
#include <stdio.h>
#include "base/words.h"

struct html { const char *p; size_t n; };           /* markup, written as it is */
struct url { const char *p; size_t n; };            /* an address that may stand in href: its scheme is known to be harmless */

struct html_out {
    buf *b;
    arena *mem;
    enum lang lang;
    str zone;                                       /* time zone of dates, "Europe/Paris" */
    str token;                                      /* of the person signed in, for forms; absent: none is written */
};

/* Addresses. A pattern is a literal of ours beginning with / # or ?; each {} takes the next piece, percent-encoded. */
#define URL_LIT(path_) ((struct url){"" path_, sizeof(path_) - 1})
#define URL(mem_, pattern_, ...)                                                                                \
    url_make((mem_), (pattern_), (struct strs){(str[]){__VA_ARGS__}, sizeof((str[]){__VA_ARGS__}) / sizeof(str)})
struct url url_make(arena *a, const char *pattern, struct strs pieces);
/* An address given by somebody: http, https, mailto, tel, or a path of this site ("/x", never "//x"); otherwise absent. */
struct url url_web(str given);
static inline str url_str(struct url u) { return (str){u.p, u.n}; }

/* Made by a function rather than a template. */
static inline struct html html_safe(str made_by_us) { return (struct html){made_by_us.p, made_by_us.n}; }

/* Markup made of words: noted in their language (base/said.h). */
struct html html_said_as(struct html h, str words);

/* ---- below: called by generated code; the macros choose by type ---- */
void html_text(struct html_out *o, str s);
void html_said(struct html_out *o, str s);          /* in a text: marked when in another language, base/said.h */
void html_z(struct html_out *o, const char *z);
void html_i64(struct html_out *o, int64_t n);
void html_size_t(struct html_out *o, size_t n);
void html_f64(struct html_out *o, double x);        /* a dot, at most 7 decimals, no trailing zeros */
void html_raw(struct html_out *o, struct html h);
void html_url_text(struct html_out *o, struct url u);
void html_url(struct html_out *o, struct url u);    /* the beginning of an href */
void html_part_str(struct html_out *o, str s);      /* percent-encoded piece of an href */
void html_part_z(struct html_out *o, const char *z);
void html_part_url(struct html_out *o, struct url u);
void html_date(struct html_out *o, int64_t at_us, bool in_text);
void html_time(struct html_out *o, int64_t at_us, bool in_text);
void html_day(struct html_out *o, int64_t days, bool in_text);
void html_token(struct html_out *o);
void html_script(struct html_out *o, const char *file);
void html_asset(struct html_out *o, const char *file);
/* Words with **strong** and [label](name): name is given as an address, any other {name} as text. Pairs as in words_fill. */
void html_rich(struct html_out *o, const char *key, ...) __attribute__((sentinel));
void html_lang(struct html_out *o, str s);          /* in a tag: lang="…" for words in another language */


str html_str_i64(struct html_out *o, int64_t n);
str html_str_size(struct html_out *o, size_t n);
str html_str_f64(struct html_out *o, double x);
str html_str_str(struct html_out *o, str s);
str html_str_z(struct html_out *o, const char *z);
str html_str_url(struct html_out *o, struct url u);
const char *html_key_str(struct html_out *o, str s);
const char *html_key_z(struct html_out *o, const char *z);

static inline bool html_true_str(str s) { return s.n > 0; }
static inline bool html_true_url(struct url u) { return u.n > 0; }
static inline bool html_true_html(struct html h) { return h.n > 0; }
static inline bool html_true_z(const char *z) { return z && *z; }
static inline bool html_true_i64(int64_t n) { return n != 0; }
static inline bool html_true_size(size_t n) { return n != 0; }
static inline bool html_true_f64(double x) { return x < 0 || x > 0; }
static inline bool html_true_ptr(const void *p) { return p != NULL; }
bool html_is_z(const char *z, const char *literal);
static inline bool html_same_i64(int64_t a, int64_t b) { return a == b; }
static inline bool html_same_size(size_t a, size_t b) { return a == b; }

#define HTML_ATTR(o_, x_)                                                                                       \
    _Generic((x_), str: html_text, char *: html_z, const char *: html_z, struct url: html_url_text,            \
             bool: html_i64, int: html_i64, unsigned: html_i64, long: html_i64, long long: html_i64,            \
             unsigned long: html_size_t, double: html_f64)((o_), (x_))
#define HTML_PUT(o_, x_)                                                                                        \
    _Generic((x_), str: html_said, char *: html_z, const char *: html_z, struct url: html_url_text,            \
             struct html: html_raw, bool: html_i64, int: html_i64, unsigned: html_i64, long: html_i64,          \
             long long: html_i64, unsigned long: html_size_t, double: html_f64)((o_), (x_))
#define HTML_URLPART(o_, x_)                                                                                    \
    _Generic((x_), str: html_part_str, char *: html_part_z, const char *: html_part_z, struct url: html_part_url, \
             bool: html_i64, int: html_i64, unsigned: html_i64, long: html_i64, long long: html_i64,            \
             unsigned long: html_size_t, double: html_f64)((o_), (x_))
#define HTML_STR(o_, x_)                                                                                        \
    _Generic((x_), str: html_str_str, char *: html_str_z, const char *: html_str_z, struct url: html_str_url,  \
             int: html_str_i64, unsigned: html_str_i64, long: html_str_i64, long long: html_str_i64,            \
             unsigned long: html_str_size, double: html_str_f64)((o_), (x_))
#define HTML_KEY(o_, x_) _Generic((x_), str: html_key_str, char *: html_key_z, const char *: html_key_z)((o_), (x_))
#define HTML_TRUE(x_)                                                                                           \
    _Generic((x_), str: html_true_str, struct url: html_true_url, struct html: html_true_html, char *: html_true_z, \
             const char *: html_true_z, bool: html_true_i64, int: html_true_i64, unsigned: html_true_i64,       \
             long: html_true_i64, long long: html_true_i64, unsigned long: html_true_size,                      \
             double: html_true_f64, default: html_true_ptr)(x_)
#define HTML_IS(x_, lit_) _Generic((x_), str: str_is, char *: html_is_z, const char *: html_is_z)((x_), (lit_))
#define HTML_SAME(a_, b_)                                                                                       \
    _Generic((a_), str: str_eq, bool: html_same_i64, int: html_same_i64, unsigned: html_same_i64, long: html_same_i64, \
             long long: html_same_i64, unsigned long: html_same_size)((a_), (b_))
