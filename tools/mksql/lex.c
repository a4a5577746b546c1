/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mksql/mksql.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int faults;

void fault(str file, int line, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%.*s:%d: ", STR_ARG(file), line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    faults++;
}

int fault_count(void)
{
    return faults;
}

bool tok_is(const struct tok *t, const char *word_or_punct)
{
    if (t->kind == TOK_WORD)
        return t->name.n == strlen(word_or_punct) && strncasecmp(t->name.p, word_or_punct, t->name.n) == 0;
    return t->kind == TOK_PUNCT && str_is(t->text, word_or_punct);
}

bool tok_among(const struct tok *t, const char *const *words)
{
    for (; *words; words++)
        if (tok_is(t, *words)) return true;
    return false;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The end of what is quoted by q from i, doubled quotes counting as one. */
static size_t quoted_end(str text, size_t i, char q)
{
    for (i++; i < text.n; i++) {
        if (text.p[i] != q) continue;
        if (i + 1 < text.n && text.p[i + 1] == q) i++;
        else return i + 1;
    }
    return 0;
}

/* $tag$ … $tag$ (PostgreSQL). */
static size_t dollar_end(str text, size_t i)
{
    size_t tag_end = i + 1;
    while (tag_end < text.n && is_word_char(text.p[tag_end])) tag_end++;
    if (tag_end >= text.n || text.p[tag_end] != '$') return 0;
    str tag = str_cut(text, i, tag_end + 1);
    ptrdiff_t at = str_find(str_cut(text, tag_end + 1, text.n), tag);
    return at < 0 ? 0 : tag_end + 1 + (size_t)at + tag.n;
}

static size_t skip_blank(str text, size_t i, int *line)
{
    for (;;) {
        if (i < text.n && isspace((unsigned char)text.p[i])) {
            if (text.p[i] == '\n') (*line)++;
            i++;
        } else if (i + 1 < text.n && text.p[i] == '-' && text.p[i + 1] == '-') {
            while (i < text.n && text.p[i] != '\n') i++;
        } else if (i + 1 < text.n && text.p[i] == '/' && text.p[i + 1] == '*') {
            for (i += 2; i < text.n && !(text.p[i] == '*' && i + 1 < text.n && text.p[i + 1] == '/'); i++)
                if (text.p[i] == '\n') (*line)++;
            i = i + 2 > text.n ? text.n : i + 2;
        } else {
            return i;
        }
    }
}

static size_t punct_end(str text, size_t i)
{
    static const char *const long_ones[] = {"->>", "#>>", "||", "<=", ">=", "<>", "!=", "->", "::", "@@", "&&", "@>", "<@", "<->", 0};
    for (const char *const *p = long_ones; *p; p++)
        if (str_starts(str_cut(text, i, text.n), str_of(*p))) return i + strlen(*p);
    return i + 1;
}

static size_t lex_one(arena *mem, str file, str text, size_t i, struct tok *t)
{
    char c = text.p[i];
    size_t end = 0;
    if (c == '\'') {
        t->kind = TOK_STRING;
        end = quoted_end(text, i, '\'');
    } else if (c == '"') {
        t->kind = TOK_QUOTED;
        end = quoted_end(text, i, '"');
        if (end) t->name = str_cut(text, i + 1, end - 1);
    } else if (c == '$' && i + 1 < text.n && isdigit((unsigned char)text.p[i + 1])) {
        t->kind = TOK_PARAM;
        for (end = i + 1; end < text.n && isdigit((unsigned char)text.p[end]); end++)
            t->param = t->param < 10000 ? t->param * 10 + (text.p[end] - '0') : t->param;
    } else if (c == '$') {
        t->kind = TOK_STRING;
        end = dollar_end(text, i);
    } else if (isdigit((unsigned char)c)) {
        t->kind = TOK_NUMBER;
        for (end = i + 1; end < text.n && (isalnum((unsigned char)text.p[end]) || text.p[end] == '.');) end++;
    } else if (is_word_char(c)) {
        t->kind = TOK_WORD;
        for (end = i + 1; end < text.n && is_word_char(text.p[end]);) end++;
        t->name = str_lower_ascii(mem, str_cut(text, i, end));
    } else {
        t->kind = TOK_PUNCT;
        end = punct_end(text, i);
    }
    if (!end) {
        fault(file, t->line, "a quote is opened and not closed");
        end = text.n;
    }
    t->text = str_cut(text, i, end);
    return end;
}

void lex(arena *mem, str file, str text, int first_line, struct toks *out)
{
    int line = first_line, depth = 0;
    size_t open[64], i = 0;
    *out = (struct toks){0};
    for (;;) {
        size_t from = i;
        i = skip_blank(text, i, &line);
        if (i >= text.n) break;
        struct tok t = {.line = line, .space = i > from};
        i = lex_one(mem, file, text, i, &t);
        for (size_t k = 0; k < t.text.n; k++)
            if (t.text.p[k] == '\n') line++;
        if (tok_is(&t, ")") && depth > 0) {
            t.mate = open[--depth];
            out->v[t.mate].mate = out->n;
        } else if (tok_is(&t, ")")) {
            fault(file, line, "a parenthesis too many");
        }
        t.depth = depth;
        if (tok_is(&t, "(")) {
            if (depth == 64) {
                fault(file, line, "more than 64 parentheses deep");
                return;
            }
            open[depth++] = out->n;
        }
        PUSH(mem, out, t);
    }
    if (depth) {
        fault(file, out->v[open[depth - 1]].line, "a parenthesis is not closed");
        out->n = 0;
    }
}
