/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* csv.h — tables as people export them, over libcsv (RFC 4180 with its usual liberties).
   Found by itself: encoding (byte order mark, UTF-8, UTF-16 with its mark, else Windows-1252 or ISO-8859-1), separator (; , tab |, or none:
   one column). Empty lines are skipped. What is broken is said, with its line, and the rest is read. */
#pragma once
#include "base/buf.h"

#define CSV_MAX_BYTES ((size_t)32 << 20)
#define CSV_MAX_FAULTS 100

struct csv_row { struct strs cells; size_t line; };         /* line of the file where it begins, from 1 */
struct csv_rows { struct csv_row *v; size_t n; };
/* why: a key of the catalogue. lost: words of that line were left out (a line not read, cells over the width). */
struct csv_fault { size_t line; const char *why; bool lost; };
struct csv_faults { struct csv_fault *v; size_t n; };

struct csv {
    struct strs header;             /* first row, trimmed */
    struct csv_rows rows;           /* the others; short ones are filled with empty cells, long ones cut, both named in faults */
    struct csv_faults faults;       /* CSV_MAX_FAULTS at most */
    char separator;                 /* 0: one column */
    const char *encoding;           /* "utf-8", "utf-16", "windows-1252", "iso-8859-1" */
    bool crlf;
};
struct csv_limits { size_t max_bytes, max_rows, max_columns; };     /* 0: 32 MiB, 1,000,000 rows, 1,000 columns */

/* separator 0: found. E_MALFORMED (not text), E_INVALID (nothing in it, an empty or double heading is a fault, not an error), E_TOO_LARGE. */
err csv_read(arena *mem, str bytes, char separator, struct csv_limits limits, struct csv *out);
/* The first fault that lost something, as E_INVALID at "l. 12"; OK when nothing was lost. For those who take all or nothing. */
err csv_nothing_lost(arena *mem, const struct csv *t);
/* Index of a heading, compared without case or diacritics; -1. */
ptrdiff_t csv_column(const struct csv *t, str name);

/* Writing: CRLF (RFC 4180 §2), quotes only where needed. for_spreadsheets: a text a spreadsheet would run (=1+1, @SUM) gets a leading apostrophe;
   numbers and telephone numbers are left alone. */
struct csv_writer { buf *out; char separator; bool for_spreadsheets; bool mid_row; };
void csv_cell(struct csv_writer *w, str s);
void csv_end_row(struct csv_writer *w);
