/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/sheets.h"

#include "base/hash.h"
#include "core/found.h"
#include "core/offer.h"
#include "gen/sql/core/sheets.sql.h"
#include "store/change.h"
#include "store/select.h"

enum { SLICE = 25 };

static struct fact_sheet sheet_from(const struct sheet_row *r)
{
    return (struct fact_sheet){.id = r->id, .type = r->type, .title = r->title, .theme = r->theme, .intro = r->intro, .html = r->html, .day = r->day, .is_sample = r->is_sample != 0};
}

err sheet_get(db *d, arena *mem, str id, struct fact_sheet *out)
{
    struct sheet_row row;
    err e = sql_sheet_one(d, mem, id, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("sheet.not_found"));
    TRY(e);
    *out = sheet_from(&row);
    return NO_ERR;
}

err sheet_lines_of(db *d, arena *mem, struct strs ids, struct sheet_lines *out)
{
    *out = (struct sheet_lines){0};
    if (!ids.n) return NO_ERR;
    struct select *q = select_new(mem, "s.id, s.type, s.title, s.theme", "sheet s", "s");
    struct cells c;
    select_where_in(q, "s.id", ids);
    select_limit(q, 200);
    TRY(select_run(d, mem, q, &c));
    for (size_t i = 0; i < ids.n; i++)
        for (size_t r = 0; r < c.n; r++) {
            const struct cell *x = c.v + r * c.columns;
            if (str_eq(x[0].s, ids.v[i])) PUSH(mem, out, (struct sheet_line){x[0].s, x[1].s, x[2].s, x[3].s});
        }
    return NO_ERR;
}

err sheet_themes(db *d, arena *mem, struct sheet_themes *out)
{
    struct sql_sheet_theme_rows_row_list rows = {0};
    *out = (struct sheet_themes){0};
    TRY(sql_sheet_theme_rows(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, (struct sheet_theme){rows.v[i].theme, rows.v[i].n});
    return NO_ERR;
}

err sheet_lines_of_theme(db *d, arena *mem, str theme, struct sheet_lines *out)
{
    struct sql_sheet_theme_lines_row_list rows = {0};
    *out = (struct sheet_lines){0};
    TRY(sql_sheet_theme_lines(d, mem, theme, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, (struct sheet_line){rows.v[i].id, rows.v[i].type, rows.v[i].title, rows.v[i].theme});
    return NO_ERR;
}

/* ---- words ---- */
static err found_sheet(db *w, arena *mem, str id, str title, str theme, str intro, str headings)
{
    struct found_doc doc = {.ref = str_fmt(mem, "s:%.*s", STR_ARG(id)), .type = S("sheet"), .path = str_fmt(mem, "/fiches/%.*s", STR_ARG(id)), .title = {{title}}, .hint = {{intro}}};
    PUSH(mem, &doc.texts, (struct found_text){title, WEIGHT_TITLE - 1});       /* of two alike, what the town offers comes first */
    PUSH(mem, &doc.texts, (struct found_text){theme, WEIGHT_THEME});
    PUSH(mem, &doc.texts, (struct found_text){intro, WEIGHT_TEXT});
    PUSH(mem, &doc.texts, (struct found_text){headings, WEIGHT_TEXT});
    return found_put(w, mem, &doc);
}

struct again { arena *mem; struct sql_sheet_walk_row_list rows; };

static err again_in_txn(db *w, void *arg)
{
    struct again *a = arg;
    for (size_t i = 0; i < a->rows.n; i++) {
        const struct sql_sheet_walk_row *r = &a->rows.v[i];
        TRY(found_sheet(w, a->mem, r->id, r->title, r->theme, r->intro, r->words));
    }
    return NO_ERR;
}

err sheets_found_again(db *d, arena *mem)
{
    struct again a = {.mem = arena_new(0)};
    str after = S("");
    err e;
    do {
        arena_reset(a.mem);
        a.rows = (struct sql_sheet_walk_row_list){0};
        e = sql_sheet_walk(d, a.mem, after, SLICE, &a.rows);
        if (e.code == OK && a.rows.n) e = db_txn(d, again_in_txn, &a);
        if (a.rows.n) after = str_copy(mem, a.rows.v[a.rows.n - 1].id);
    } while (e.code == OK && a.rows.n == SLICE);
    arena_free(a.mem);
    return e;
}

/* ---- an import ---- */
struct held { str id, hash; };
struct helds { struct held *v; size_t n; };
struct fresh { struct com_sheet sheet; str hash; };

struct import {
    db *d;
    arena *mem, *work;              /* work: of one slice */
    const struct sheets_source *from;
    struct helds held;              /* by id */
    struct strs named;              /* of the files, sorted */
    struct { struct fresh *v; size_t n; } slice;
    struct { str *v; size_t n; } gone;
    struct sheets_done *done;
};

static int by_id(const void *a, const void *b) { return str_cmp(((const struct held *)a)->id, ((const struct held *)b)->id); }
static int by_bytes(const void *a, const void *b) { return str_cmp(*(const str *)a, *(const str *)b); }

static const struct held *held_find(const struct import *x, str id)
{
    struct held key = {.id = id};
    return x->held.n ? bsearch(&key, x->held.v, x->held.n, sizeof key, by_id) : NULL;
}

static bool is_named(const struct import *x, str id) { return x->named.n && bsearch(&id, x->named.v, x->named.n, sizeof id, by_bytes); }

static err slice_in_txn(db *w, void *arg)
{
    struct import *x = arg;
    for (size_t i = 0; i < x->slice.n; i++) {
        const struct com_sheet *s = &x->slice.v[i].sheet;
        TRY(sql_sheet_put(w, s->id, s->type, s->title, s->theme, s->intro, s->html, s->words, s->day, x->slice.v[i].hash, x->from->is_sample));
        TRY(found_sheet(w, x->work, s->id, s->title, s->theme, s->intro, s->words));
    }
    return change_bump(w, S(TOPIC_SHEETS));
}

static err slice_write(struct import *x)
{
    if (x->slice.n) TRY(db_txn(x->d, slice_in_txn, x));
    x->slice.v = NULL;
    x->slice.n = 0;
    arena_reset(x->work);
    return NO_ERR;
}

static err gone_in_txn(db *w, void *arg)
{
    struct import *x = arg;
    for (size_t i = 0; i < x->gone.n; i++) {
        TRY(sql_sheet_remove(w, x->gone.v[i]));
        TRY(found_drop(w, x->work, str_fmt(x->work, "s:%.*s", STR_ARG(x->gone.v[i]))));
    }
    TRY(found_terms_prune(w));
    return change_bump(w, S(TOPIC_SHEETS));
}

static err gone_remove(struct import *x)
{
    for (size_t i = 0; i < x->held.n; i++) {
        bool last = i + 1 == x->held.n;
        if (!is_named(x, x->held.v[i].id)) {
            PUSH(x->mem, &x->gone, x->held.v[i].id);
            x->done->gone++;
        }
        if (x->gone.n < SLICE && !last) continue;
        TRY(db_txn(x->d, gone_in_txn, x));
        x->gone.v = NULL;
        x->gone.n = 0;
    }
    return NO_ERR;
}

/* "F1234.xml", in whatever folder → "F1234"; absent: not a sheet. */
static str id_of(str name)
{
    for (str rest = name; rest.p;) name = str_split(rest, '/', &rest);
    str id = str_ends(name, S(".xml")) ? str_cut(name, 0, name.n - 4) : STR_NONE;
    return sheet_id(id) ? id : STR_NONE;
}

static err one(struct import *x, size_t i)
{
    struct sheet_file f;
    struct fresh n = {0};
    str name = x->from->name(x->from->arg, i), id = id_of(name);
    if (!id.n) return NO_ERR;
    err e = x->from->file(x->from->arg, x->work, i, &f);
    if (e.code == OK) {
        struct hash32 h = hash_blake2b(str_fmt(x->work, "%d %d %.*s", COMARQUAGE_VERSION, x->from->is_sample, STR_ARG(f.bytes)));
        n.hash = hex_of(x->work, h.b, 16);
        const struct held *was = held_find(x, id);
        if (was && str_eq(was->hash, n.hash)) {
            x->done->same++;
            return NO_ERR;
        }
        e = comarquage_read(x->work, f.bytes, &n.sheet);
        if (e.code == OK && !str_eq(n.sheet.id, id)) e = FAIL(E_INVALID, W("sheet.other_id"));
        if (e.code == OK) {
            x->done->changed += was != NULL;
            x->done->added += was == NULL;
            PUSH(x->work, &x->slice, n);
        }
    }
    if (e.code == E_INVALID || e.code == E_MALFORMED || e.code == E_TOO_LARGE) {
        PUSH(x->mem, &x->done->faulty, str_fmt(x->mem, "%.*s: %.*s", STR_ARG(name), STR_ARG(words(LANG_FR, e.msg))));
        return NO_ERR;
    }
    return e;
}

static err all(struct import *x)
{
    for (size_t i = 0; i < x->from->n; i++) {
        TRY(one(x, i));
        if (x->slice.n >= SLICE || arena_used_bytes(x->work) > ((size_t)16 << 20)) TRY(slice_write(x));
        if (x->from->progress && (i % 100 == 99 || i + 1 == x->from->n)) x->from->progress(x->from->progress_arg, (int64_t)i + 1, (int64_t)x->from->n);
    }
    TRY(slice_write(x));
    return gone_remove(x);
}

err sheets_import(db *d, arena *mem, const struct sheets_source *from, struct sheets_done *out)
{
    struct sql_sheet_hashes_row_list rows = {0};
    struct import x = {.d = d, .mem = mem, .from = from, .done = out};
    *out = (struct sheets_done){0};
    for (size_t i = 0; i < from->n; i++) {
        str id = id_of(from->name(from->arg, i));
        if (id.n) PUSH(mem, &x.named, str_copy(mem, id));
    }
    if (!x.named.n) return FAIL(E_INVALID, W("sheet.none"));
    qsort(x.named.v, x.named.n, sizeof *x.named.v, by_bytes);
    TRY(sql_sheet_hashes(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, &x.held, (struct held){rows.v[i].id, rows.v[i].hash});
    x.work = arena_new(0);
    err e = all(&x);
    arena_free(x.work);
    return e;
}
