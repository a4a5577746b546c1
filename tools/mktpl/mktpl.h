/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mktpl.h — what the parts of mktpl share: the template being compiled, the text being written (text.c), expressions (expr.c). */
#pragma once
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text { char *p; size_t n, cap; };
enum where { IN_TEXT, IN_TAG, IN_VALUE, IN_URL };
enum block_kind { BLOCK_IF, BLOCK_FOR, BLOCK_WRAP, BLOCK_SOURCE };
struct block {
    enum block_kind kind;
    int line, depth;
    enum where where;
    bool had_else, url_start, space_before, space_after;
    char var[64], end_call[256];
    const char *source;                  /* BLOCK_SOURCE: where it begins in the untouched text */
};

struct template {
    const char *path, *rel;              /* as given; under src/, without .html */
    char *at, *begin, *untouched;        /* untouched: the same text, where directives are not cut */
    int line;
    enum where where;
    bool is_page, has_layout, has_body, url_start, post_form;
    bool space_wanted, space_done;       /* a run of blanks waits; nothing to write since one */
    char type[96], name[104], header[256];
    char el[128][24];
    int depth;
    char tag[24];
    struct block block[32];
    int blocks;
    struct text lit, body, top, includes;
};
extern struct template T;                    /* the one being compiled */

/* ---- text.c ---- */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));      /* at the line of the template; exit 1 */
void text_putn(struct text *t, const char *p, size_t n);
void text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lit(const char *z);                    /* literal output; neighbours become one call */
void lit_flush(void);
void code(const char *fmt, ...) __attribute__((format(printf, 1, 2)));               /* one statement, with its #line */

/* ---- expr.c: each reads at *s and moves it on ---- */
bool known_var(const char *p, size_t n);
bool name_char(char c);
void skip_blanks(const char **s);
char *path_of(const char **s);              /* "r.title" → "r->title"; dies when there is no path */
char *cond_of(const char *s);               /* a whole condition */
char *key_read(const char **s);             /* reports.list.title, or (path): a C expression that is a const char * */
int args_read(const char **s, struct text *out, bool as_arg);   /* name=value …: pairs for words_fill, or members of a part; how many */
char *words_expr(const char *s);            /* key name=value …: the call that gives a str */
