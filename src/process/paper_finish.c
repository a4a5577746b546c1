/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/paper_finish.h"
#include <string.h>
#include "base/utf8.h"

#define MOST_BYTES (64u << 20)

struct finish { arena *mem; str pdf; buf out; enum lang lang; struct strs alts; str scopes; size_t alt, scope; buf table; };

static err fault(void) { return FAIL(E_INTERNAL, W("paper.failed")); }

static str from(str s, size_t at) { return str_cut(s, at, s.n); }

/* The number that stands after the last `name`. */
static bool number_after(str s, str name, int64_t *out)
{
    ptrdiff_t at = -1;
    for (ptrdiff_t i = (ptrdiff_t)s.n - (ptrdiff_t)name.n; i >= 0 && at < 0; i--)
        if (str_starts(from(s, (size_t)i), name)) at = i + (ptrdiff_t)name.n;
    if (at < 0) return false;
    str rest = str_trim(from(s, (size_t)at));
    size_t n = 0;
    while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9') n++;
    return str_i64(str_cut(rest, 0, n), out).code == OK;
}

/* A text string in UTF-16, by figures (§7.9.2.2). */
static void put_text(buf *b, str s)
{
    size_t at = 0;
    uint32_t ch;
    buf_lit(b, "<FEFF");
    while (utf8_next(s, &at, &ch))
        if (ch < 0x10000) buf_fmt(b, "%04X", ch);
        else buf_fmt(b, "%04X%04X", 0xD800 + ((ch - 0x10000) >> 10), 0xDC00 + ((ch - 0x10000) & 0x3FF));
    buf_char(b, '>');
}

/* What an object of this kind gains; false: nothing. */
static bool gain(struct finish *f, str object, buf *add)
{
    static const char *const langs[] = {[LANG_FR] = "fr-FR", [LANG_EN] = "en-GB"};
    if (str_find(object, S("/Type /Catalog")) >= 0) {
        buf_fmt(add, "/Lang (%s) /ViewerPreferences << /DisplayDocTitle true >> ", langs[f->lang]);
    } else if (str_find(object, S("/Type /StructElem")) < 0) {
        return false;
    } else if (str_find(object, S("/S /Figure")) >= 0 && f->alt < f->alts.n) {
        buf_lit(add, "/Alt ");
        put_text(add, f->alts.v[f->alt++]);
        buf_char(add, ' ');
    } else if (str_find(object, S("/S /TH")) >= 0 && f->scope < f->scopes.n) {
        buf_fmt(add, "/A << /O /Table /Scope /%s >> ", f->scopes.p[f->scope++] == 'r' ? "Row" : "Column");
    }
    return add->n > 0;
}

static void object_again(struct finish *f, int64_t number, size_t at)
{
    str object = from(f->pdf, at);
    ptrdiff_t end = str_find(str_cut(object, 0, 64u << 10), S("\nendobj"));
    if (end < 0) return;
    object = str_cut(object, 0, (size_t)end);
    ptrdiff_t close = (ptrdiff_t)object.n - 1;
    while (close > 0 && !(object.p[close] == '>' && object.p[close - 1] == '>')) close--;
    buf add = BUF(64u << 10);
    if (close > 0 && str_find(object, S("stream\n")) < 0 && gain(f, object, &add)) {
        buf_fmt(&f->table, "%lld 1\n%010zu 00000 n \n", (long long)number, f->out.n);
        buf_put(&f->out, str_cut(object, 0, (size_t)close - 1));
        buf_put(&f->out, buf_str(&add));
        buf_lit(&f->out, ">>\nendobj\n");
    }
    buf_free(&add);
}

static err update(struct finish *f)
{
    int64_t start = 0, root = 0, info = 0, size = 0, first = 0;
    if (!number_after(f->pdf, S("startxref"), &start) || start <= 0 || (size_t)start >= f->pdf.n) return fault();
    str table = from(f->pdf, (size_t)start), rest;
    if (!number_after(table, S("/Root "), &root) || !number_after(table, S("/Info "), &info) || !number_after(table, S("/Size "), &size)) return fault();
    if (!str_eq(str_trim(str_split(table, '\n', &rest)), S("xref"))) return fault();
    str head = str_split(rest, '\n', &rest);
    if (str_i64(str_cut(head, 0, (size_t)str_find_char(head, ' ')), &first).code != OK || first != 0) return fault();
    buf_put(&f->out, f->pdf);
    for (int64_t n = 0; n < size; n++) {
        int64_t at;
        str line = str_cut(rest, (size_t)n * 20, (size_t)n * 20 + 20);
        if (line.n != 20 || str_i64(str_cut(line, 0, 10), &at).code != OK) return fault();
        if (line.p[17] == 'n' && (size_t)at < f->pdf.n) object_again(f, n, (size_t)at);
    }
    size_t here = f->out.n;
    buf_fmt(&f->out, "xref\n%.*strailer\n<< /Size %lld\n   /Root %lld 0 R\n   /Info %lld 0 R\n   /Prev %lld\n>>\nstartxref\n%zu\n%%%%EOF\n", STR_ARG(buf_str(&f->table)),
            (long long)size, (long long)root, (long long)info, (long long)start, here);
    return f->out.full || f->table.full ? fault() : NO_ERR;
}

err paper_finish(arena *mem, str pdf, enum lang lang, struct strs alts, str scopes, str *out)
{
    struct finish f = {.mem = mem, .pdf = pdf, .out = BUF(MOST_BYTES), .table = BUF(MOST_BYTES), .lang = lang, .alts = alts, .scopes = scopes};
    err e = update(&f);
    if (e.code == OK) *out = str_copy(mem, buf_str(&f.out));
    buf_free(&f.out);
    buf_free(&f.table);
    return e;
}
