/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/csv.h"
#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "base/words.h"

#define LINES_LOOKED_AT 30
#define ONE_COLUMN '\x1f'       /* unit separator: in no text */

struct reader {
    arena *mem;
    struct csv *out;
    struct csv_limits limits;
    struct strs cells;
    size_t line, row_line;      /* line being fed; line where the row began, 0 between rows */
    size_t n_ended;             /* rows ended so far */
    bool too_large, has_header;
};

static void fault(struct reader *r, size_t line, const char *why)
{
    if (r->out->faults.n < CSV_MAX_FAULTS)
        PUSH(r->mem, &r->out->faults, (struct csv_fault){line, why, false});
}

static void loss(struct reader *r, size_t line, const char *why)
{
    fault(r, line, why);
    if (r->out->faults.n)
        r->out->faults.v[r->out->faults.n - 1].lost = true;
}

err csv_nothing_lost(arena *mem, const struct csv *t)
{
    for (size_t i = 0; i < t->faults.n; i++)
        if (t->faults.v[i].lost)
            return FAIL_AT(E_INVALID, t->faults.v[i].why, str_z(mem, str_fmt(mem, "l. %zu", t->faults.v[i].line)));
    return NO_ERR;
}

/* ——— encoding ——— */

/* 0x80–0x9F of Windows-1252 (Unicode's own table); 0: not given out */
static const uint16_t cp1252[32] = {
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

static str from_latin(struct reader *r, str s)
{
    char *p = arena_alloc(r->mem, s.n * 3 + 1);
    size_t n = 0, line = 1;

    r->out->encoding = "iso-8859-1";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];
        uint32_t c = b;
        if (b == '\n')
            line++;
        if (b >= 0x80 && b < 0xA0) {
            r->out->encoding = "windows-1252";
            c = cp1252[b - 0x80];
            if (c == 0) {
                c = 0xFFFD;
                loss(r, line, W("formats.csv.bad_character"));
            }
        }
        n += utf8_put(p + n, c);
    }
    return (str){p, n};
}

static uint32_t unit_at(str s, size_t i, bool big_endian)
{
    unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];
    return big_endian ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

static str from_utf16(struct reader *r, str s, bool big_endian)
{
    char *p = arena_alloc(r->mem, s.n * 2 + 4);
    size_t n = 0, line = 1;

    r->out->encoding = "utf-16";
    for (size_t i = 2; i + 1 < s.n; i += 2) {
        uint32_t c = unit_at(s, i, big_endian), low;
        if (c == '\n')
            line++;
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < s.n && (low = unit_at(s, i + 2, big_endian)) >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = 0xFFFD;
            loss(r, line, W("formats.csv.bad_character"));
        }
        n += utf8_put(p + n, c);
    }
    return (str){p, n};
}

static err to_utf8(struct reader *r, str s, str *out)
{
    if (str_starts(s, S("\xFF\xFE")) || str_starts(s, S("\xFE\xFF"))) {
        s = from_utf16(r, s, s.p[0] == '\xFE');
    } else if (utf8_valid(s)) {
        r->out->encoding = "utf-8";
        if (str_starts(s, S("\xEF\xBB\xBF")))
            s = str_cut(s, 3, s.n);
    } else {
        s = from_latin(r, s);
    }
    if (s.n && memchr(s.p, 0, s.n))
        return FAIL(E_MALFORMED, W("formats.csv.not_text"));
    *out = s;
    return NO_ERR;
}

/* ——— separator ——— */

/* How often c stands outside quotes in one line; *at moves past the line (line ends inside quotes are part of it). */
static size_t count_in_line(str s, size_t *at, char c)
{
    size_t n = 0;
    bool quoted = false;

    for (; *at < s.n; (*at)++) {
        char b = s.p[*at];
        if (b == '"')
            quoted = !quoted;
        else if (b == c && !quoted)
            n++;
        else if ((b == '\n' || b == '\r') && !quoted)
            break;
    }
    while (*at < s.n && (s.p[*at] == '\n' || s.p[*at] == '\r'))
        (*at)++;
    return n;
}

/* The one that cuts the heading, and most of the lines looked at as often. */
static char find_separator(str s)
{
    static const char some[] = {';', ',', '\t', '|'};
    char best = 0;
    size_t best_lines = 0, best_cuts = 0, top = 0;

    while (top < s.n && (s.p[top] == '\n' || s.p[top] == '\r'))
        top++;
    for (size_t i = 0; i < sizeof some; i++) {
        size_t at = top, lines = 0, cuts = count_in_line(s, &at, some[i]);
        if (cuts == 0)
            continue;
        for (size_t k = 0; k < LINES_LOOKED_AT && at < s.n; k++)
            lines += count_in_line(s, &at, some[i]) == cuts;
        if (!best || lines > best_lines || (lines == best_lines && cuts > best_cuts)) {
            best = some[i];
            best_lines = lines;
            best_cuts = cuts;
        }
    }
    return best;
}

/* ——— rows ——— */

static void on_cell(void *text, size_t n, void *arg)
{
    struct reader *r = arg;

    if (r->row_line == 0)
        r->row_line = r->line;
    if (r->cells.n == r->limits.max_columns)
        r->too_large = true;
    else
        PUSH(r->mem, &r->cells, str_copy(r->mem, (str){n ? text : "", n}));
}

static bool all_empty(struct strs cells)
{
    for (size_t i = 0; i < cells.n; i++)
        if (str_trim(cells.v[i]).n > 0)
            return false;
    return true;
}

static void take_header(struct reader *r)
{
    struct strs h = r->cells;

    for (size_t i = 0; i < h.n; i++) {
        h.v[i] = str_trim(h.v[i]);
        if (h.v[i].n == 0)
            fault(r, r->row_line, W("formats.csv.heading_empty"));
        for (size_t k = 0; k < i; k++)
            if (h.v[i].n && str_eq(h.v[k], h.v[i])) {
                fault(r, r->row_line, W("formats.csv.heading_twice"));
                break;
            }
    }
    r->out->header = h;
    r->has_header = true;
}

static void take_row(struct reader *r)
{
    size_t width = r->out->header.n;

    if (r->out->rows.n == r->limits.max_rows) {
        r->too_large = true;
        return;
    }
    if (r->cells.n < width)
        fault(r, r->row_line, W("formats.csv.too_few_cells"));
    while (r->cells.n < width)
        PUSH(r->mem, &r->cells, S(""));
    if (r->cells.n > width && !all_empty((struct strs){r->cells.v + width, r->cells.n - width}))
        loss(r, r->row_line, W("formats.csv.too_many_cells"));
    r->cells.n = width;
    PUSH(r->mem, &r->out->rows, (struct csv_row){r->cells, r->row_line});
}

static void on_row(int end, void *arg)
{
    struct reader *r = arg;

    (void)end;
    if (r->row_line == 0)
        r->row_line = r->line;
    if (!all_empty(r->cells)) {
        if (r->has_header)
            take_row(r);
        else
            take_header(r);
    }
    r->cells = (struct strs){0};
    r->row_line = 0;
    r->n_ended++;
}

struct lines { str s; size_t at, line; char end; };     /* end: '\n', or '\r' in a file that has no other */

static bool next_line(struct lines *l, str *out)
{
    if (l->at >= l->s.n)
        return false;
    const char *nl = memchr(l->s.p + l->at, l->end, l->s.n - l->at);
    size_t to = nl ? (size_t)(nl - l->s.p) + 1 : l->s.n;
    *out = str_cut(l->s, l->at, to);
    l->at = to;
    l->line++;
    return true;
}

static void open_parser(struct csv_parser *p, char separator)
{
    if (csv_init(p, CSV_STRICT | CSV_STRICT_FINI) != 0)
        abort();
    csv_set_delim(p, (unsigned char)(separator ? separator : ONE_COLUMN));
}

/* Fed line by line, so that what libcsv calls us with can be dated. A line it refuses is left out and named; a quote never closed would
   swallow the rest of the file: the line that opens it is left out and reading starts again below it. */
static void read_rows(struct reader *r, str s)
{
    struct lines l = {s, 0, 0, str_find_char(s, '\n') >= 0 ? '\n' : '\r'}, row_start = l;
    struct csv_parser p;
    str line;
    bool open = false;

    open_parser(&p, r->out->separator);
    while (!r->too_large && r->out->faults.n < CSV_MAX_FAULTS) {
        struct lines here = l;
        size_t n_ended = r->n_ended;
        if (!open)
            row_start = l;
        if (!next_line(&l, &line)) {
            if (csv_fini(&p, on_cell, on_row, r) == 0)
                break;
            loss(r, row_start.line + 1, W("formats.csv.quote_open"));
        } else {
            r->line = l.line;
            if (open && r->row_line == 0)
                r->row_line = row_start.line + 1;
            bool taken = csv_parse(&p, line.p, line.n, on_cell, on_row, r) == line.n;
            if (r->n_ended != n_ended)
                row_start = here;
            if (taken) {
                /* libcsv tells of a row when it ends: between rows, its state is 0 (row not begun) */
                open = p.pstate != 0;
                if (open && r->row_line == 0)
                    r->row_line = row_start.line + 1;
                continue;
            }
            if (csv_error(&p) != CSV_EPARSE)
                abort();
            loss(r, row_start.line + 1, W("formats.csv.quote_stray"));
        }
        csv_free(&p);
        open_parser(&p, r->out->separator);
        l = row_start;
        next_line(&l, &line);
        r->cells = (struct strs){0};
        r->row_line = 0;
        open = false;
    }
    csv_free(&p);
}

err csv_read(arena *mem, str bytes, char separator, struct csv_limits limits, struct csv *out)
{
    struct reader r = {.mem = mem, .out = out, .limits = limits};
    str text;

    if (!r.limits.max_bytes) r.limits.max_bytes = CSV_MAX_BYTES;
    if (!r.limits.max_rows) r.limits.max_rows = 1000000;
    if (!r.limits.max_columns) r.limits.max_columns = 1000;
    if (bytes.n > r.limits.max_bytes)
        return FAIL(E_TOO_LARGE, W("formats.csv.too_large"));

    *out = (struct csv){0};
    TRY(to_utf8(&r, bytes, &text));
    out->separator = separator ? separator : find_separator(text);
    out->crlf = str_find(text, S("\r\n")) >= 0;
    read_rows(&r, text);
    if (r.too_large)
        return FAIL(E_TOO_LARGE, W("formats.csv.too_large"));
    if (!r.has_header)
        return FAIL(E_INVALID, W("formats.csv.empty"));
    return NO_ERR;
}

ptrdiff_t csv_column(const struct csv *t, str name)
{
    arena *mem = arena_new(0);
    str wanted = str_fold(mem, str_trim(name));
    ptrdiff_t found = -1;

    for (size_t i = 0; i < t->header.n && found < 0; i++)
        if (str_eq(str_fold(mem, t->header.v[i]), wanted))
            found = (ptrdiff_t)i;
    arena_free(mem);
    return found;
}

/* ——— writing ——— */

/* What spreadsheets take for a formula begins with one of these (OWASP, CSV injection); a sign before digits and spaces is a number. */
static bool would_run(str s)
{
    if (s.n == 0)
        return false;
    if (s.p[0] == '=' || s.p[0] == '@' || s.p[0] == '\t' || s.p[0] == '\r')
        return true;
    if (s.p[0] != '+' && s.p[0] != '-')
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!strchr("0123456789 .,", s.p[i]) || !s.p[i])
            return true;
    return false;
}

void csv_cell(struct csv_writer *w, str s)
{
    bool guarded = w->for_spreadsheets && would_run(s), quoted = guarded;

    if (w->mid_row)
        buf_char(w->out, w->separator);
    w->mid_row = true;
    for (size_t i = 0; i < s.n && !quoted; i++)
        quoted = s.p[i] == w->separator || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ' || s.p[0] == '\t' || s.p[s.n - 1] == '\t'))
        quoted = true;
    if (!quoted) {
        buf_put(w->out, s);
        return;
    }
    buf_lit(w->out, guarded ? "\"'" : "\"");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_char(w->out, '"');
        buf_char(w->out, s.p[i]);
    }
    buf_char(w->out, '"');
}

void csv_end_row(struct csv_writer *w)
{
    buf_lit(w->out, "\r\n");
    w->mid_row = false;
}
