/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheets.h — fact sheets of service-public.fr that a town shows (formats/comarquage.h reads them). A tenant's own copy, replaced whole by
   each import: what the new one does not hold any more is gone. */
#pragma once
#include "store/db.h"
#include "formats/comarquage.h"

#define TOPIC_SHEETS "sheets"

struct fact_sheet { str id, type, title, theme, intro, html; int64_t day /* since 1970; 0: not said */; bool is_sample; };
struct sheet_line { str id, type, title, theme; };
struct sheet_lines { struct sheet_line *v; size_t n; };
err sheet_get(db *d, arena *mem, str id, struct fact_sheet *out);               /* E_NOT_FOUND */
err sheet_lines_of(db *d, arena *mem, struct strs ids, struct sheet_lines *out);       /* those that are there, in the order of ids */
struct sheet_themes { struct sheet_theme { str name; int64_t n; } *v; size_t n; };
err sheet_themes(db *d, arena *mem, struct sheet_themes *out);
err sheet_lines_of_theme(db *d, arena *mem, str theme, struct sheet_lines *out);       /* by title, ≤ 500 */

/* ---- an import ---- */
struct sheet_file { str name, bytes; };
struct sheets_done { int64_t added, changed, same, gone; struct strs faulty /* names of files that could not be read: what was there stays */; };
struct sheets_source {
    size_t n;
    err (*file)(void *arg, arena *mem, size_t i, struct sheet_file *out);  /* bytes may be absent: one that is not wanted */
    str (*name)(void *arg, size_t i);
    void *arg;
    bool is_sample;
    void (*progress)(void *arg, int64_t done, int64_t total);              /* may be NULL */
    void *progress_arg;
};
/* In transactions of a few sheets. E_INVALID "sheet.none": there is no sheet in it, and nothing was changed. */
err sheets_import(db *d, arena *mem, const struct sheets_source *from, struct sheets_done *out);
err sheets_found_again(db *d, arena *mem);                                 /* puts the words of all sheets in the projection of found.h */
