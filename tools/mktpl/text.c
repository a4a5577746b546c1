/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mktpl/mktpl.h"

void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: ", T.path, T.line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    exit(1);
}

void text_putn(struct text *t, const char *p, size_t n)
{
    if (t->n + n + 1 > t->cap) {
        t->cap = (t->n + n + 1) * 2;
        t->p = realloc(t->p, t->cap);
        if (!t->p) abort();
    }
    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
}

void text_fmt(struct text *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *s = malloc((size_t)n + 1);
    if (!s) abort();
    vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    text_putn(t, s, (size_t)n);
    free(s);
}

/* Literal text waits in T.lit so that neighbours become one call. */
void lit_flush(void)
{
    if (!T.lit.n) return;
    text_fmt(&T.body, "    buf_put(o->b, S(\"");
    for (size_t i = 0; i < T.lit.n; i++) {
        char c = T.lit.p[i];
        if (c == '"' || c == '\\') text_fmt(&T.body, "\\%c", c);
        else if (c == '\n') text_putn(&T.body, "\\n", 2);
        else text_putn(&T.body, &c, 1);
    }
    text_fmt(&T.body, "\"));\n");
    T.lit.n = 0;
}

void lit(const char *z) { text_putn(&T.lit, z, strlen(z)); }

void code(const char *fmt, ...)
{
    lit_flush();
    text_fmt(&T.body, "#line %d \"%s\"\n    ", T.line, T.path);
    va_list ap;
    va_start(ap, fmt);
    char *s = NULL;
    if (vasprintf(&s, fmt, ap) < 0) abort();
    va_end(ap);
    text_fmt(&T.body, "%s\n", s);
    free(s);
}
