/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a town takes along: tables that people open, every row as JSON lines, its files in clear, and what explains them. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/utf8.h"
#include "core/files.h"
#include "core/leaving.h"
#include "core/value_list.h"
#include "formats/csv.h"
#include "formats/zip.h"
#include "gen/sql/core/tenant.sql.h"
#include "gen/sql/core/tenant_export.sql.h"

/* ---- files ---- */

static err failed(void) { return errno == ENOSPC ? FAIL(E_FULL, "store.full") : FAIL(E_IO, "store.io"); }

static err folders_make(const char *path, size_t from)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *c = copy + from + 1; *c; c++) {
        if (*c != '/') continue;
        *c = 0;
        if (mkdir(copy, 0700) != 0 && errno != EEXIST) return failed();
        *c = '/';
    }
    return NO_ERR;
}

static err file_open(struct leaving *x, str path, int *out)
{
    const char *z = str_z(x->mem, str_fmt(x->mem, "%s/%.*s", x->dir, STR_ARG(path)));
    *out = open(z, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*out < 0 && errno == ENOENT) {
        TRY(folders_make(z, strlen(x->dir)));
        *out = open(z, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    return *out < 0 ? failed() : NO_ERR;
}

static err bytes_write(int fd, str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n <= 0) return failed();
        s = str_cut(s, (size_t)n, s.n);
    }
    return NO_ERR;
}

err leaving_add(struct leaving *x, str path, str text)
{
    int fd;
    TRY(file_open(x, path, &fd));
    err e = bytes_write(fd, text);
    if (close(fd) != 0 && e.code == OK) e = failed();
    return e;
}

str leaving_name(arena *mem, str name)
{
    char *v = arena_alloc(mem, name.n + 1);
    for (size_t i = 0; i < name.n; i++) v[i] = (unsigned char)name.p[i] < ' ' || strchr("/\\:*?\"<>|", name.p[i]) || (i == 0 && name.p[i] == '.') ? '_' : name.p[i];
    str cut = utf8_cut((str){v, name.n}, 80);
    return cut.n ? cut : S("_");
}

str leaving_word(const struct leaving *x, const char *key) { return words(x->t->lang, key); }

static err buf_add(struct leaving *x, const char *path, buf *b)
{
    err e = b->full ? FAIL(E_TOO_LARGE, "store.too_large") : leaving_add(x, str_of(path), buf_str(b));
    buf_free(b);
    return e;
}

/* ---- every row ---- */

struct schema { struct leaving *x; struct jw w; int64_t rows; };

static err slice_put(void *arg, arena *mem, const struct table *t, const struct cells *rows)
{
    struct schema *s = arg;
    buf b = BUF(LEAVING_MOST);
    for (size_t i = 0; i < rows->n; i++) {
        const struct cell *row = rows->v + i * rows->columns;
        struct jw w = jw(&b);
        jw_object(&w);
        for (size_t c = 0; c < t->n; c++) {
            if (column_is_secret(t, t->v[c].name) || row[c].null) continue;
            jw_key(&w, t->v[c].name);
            if (t->v[c].type == 'i') jw_i64(&w, row[c].i);
            else if (t->v[c].type == 'f') jw_f64(&w, row[c].f);
            else if (t->v[c].type == 's') jw_str(&w, row[c].s.p ? row[c].s : S(""));
            else jw_str(&w, hex_of(mem, row[c].s.p, row[c].s.n));
        }
        jw_end(&w);
        buf_char(&b, '\n');
    }
    s->rows += (int64_t)rows->n;
    return buf_add(s->x, str_z(mem, str_fmt(mem, "tables/%s.jsonl", t->row->name)), &b);
}

static err table_put(struct schema *s, const struct table *t)
{
    static const char *const types[] = {['i'] = "integer", ['f'] = "number", ['s'] = "text", ['b'] = "bytes, in hexadecimal", ['?'] = ""};
    s->rows = 0;
    TRY(rows_each(s->x->d, t, s->x->t->id, slice_put, s));
    jw_key(&s->w, t->row->name);
    jw_object(&s->w);
    jw_key(&s->w, "rows");
    jw_i64(&s->w, s->rows);
    jw_key(&s->w, "columns");
    jw_object(&s->w);
    for (size_t c = 0; c < t->n; c++)
        if (!column_is_secret(t, t->v[c].name)) jw_member_str(&s->w, t->v[c].name, str_of(types[(unsigned char)t->v[c].type]));
    jw_end(&s->w);
    jw_end(&s->w);
    return NO_ERR;
}

static err tables_put(struct leaving *x, arena *keep)
{
    struct tables all;
    buf b = BUF(LEAVING_MOST);
    struct schema s = {.x = x, .w = {.out = &b, .indent = 2}};
    jw_object(&s.w);
    jw_key(&s.w, "tables");
    jw_object(&s.w);
    err e = tables_read(x->d, keep, &all);
    for (size_t i = 0; e.code == OK && i < all.n; i++) {
        arena_reset(x->mem);
        if (all.v[i].row->kind == TABLE_KEPT) e = table_put(&s, &all.v[i]);
        archive_tell(x->w, all.v[i].row->name, s.rows);
    }
    if (e.code == OK) {
        jw_end(&s.w);
        jw_end(&s.w);
        return buf_add(x, "schema.json", &b);
    }
    buf_free(&b);
    return e;
}

/* ---- what people read ---- */

static err messages_put(struct leaving *x)
{
    struct sql_leaving_messages_row_list rows;
    int64_t after = 0;
    TRY(leaving_add(x, S("messages.jsonl"), S("")));
    do {
        arena_reset(x->mem);
        buf b = BUF(LEAVING_MOST);
        TRY(sql_leaving_messages(x->d, x->mem, after, LEAVING_SLICE, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            struct jw w = jw(&b);
            jw_object(&w);
            jw_member_str(&w, "reference", rows.v[i].reference);
            jw_member_str(&w, "at", time_iso(x->mem, rows.v[i].created));
            jw_member_str(&w, "from", rows.v[i].from_author ? S("person") : rows.v[i].is_note ? S("note") : S("town"));
            jw_member_str(&w, "name", rows.v[i].author);
            jw_member_str(&w, "words", rows.v[i].words);
            jw_end(&w);
            buf_char(&b, '\n');
            after = rows.v[i].id;
        }
        TRY(buf_add(x, "messages.jsonl", &b));
    } while (rows.n == LEAVING_SLICE);
    return NO_ERR;
}

static void event_json(struct leaving *x, buf *b, const struct leaving_event *e)
{
    struct jw w = jw(b);
    jw_object(&w);
    jw_member_str(&w, "reference", e->reference);
    jw_member_i64(&w, "record", e->record);
    jw_member_i64(&w, "seq", e->seq);
    jw_member_str(&w, "at", time_iso(x->mem, e->at));
    jw_member_str(&w, "verb", e->verb);
    jw_member_str(&w, "from", e->from_state);
    jw_member_str(&w, "to", e->to_state);
    jw_member_str(&w, "name", e->author);
    jw_member_str(&w, "capacity", e->capacity);
    jw_member_str(&w, "service", e->service);
    jw_member_str(&w, "words", e->words);
    jw_member_str(&w, "asks", e->asks);
    if (e->erased) jw_member_str(&w, "erased", time_iso(x->mem, e->erased));
    if (e->note_commit.n) jw_member_str(&w, "commitment", hex_of(x->mem, e->note_commit.p, e->note_commit.n));
    jw_member_i64(&w, "seal", e->seal);
    if (e->hash.n) jw_member_str(&w, "hash", hex_of(x->mem, e->hash.p, e->hash.n));
    jw_end(&w);
    buf_char(b, '\n');
}

static err journal_put(struct leaving *x)
{
    struct leaving_event_list rows;
    int64_t record = -1, seq = 0;
    TRY(leaving_add(x, S("journal.jsonl"), S("")));
    do {
        arena_reset(x->mem);
        buf b = BUF(LEAVING_MOST);
        TRY(sql_leaving_journal(x->d, x->mem, record, seq, LEAVING_SLICE, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            event_json(x, &b, &rows.v[i]);
            record = rows.v[i].record;
            seq = rows.v[i].seq;
        }
        TRY(buf_add(x, "journal.jsonl", &b));
    } while (rows.n == LEAVING_SLICE);
    return NO_ERR;
}

static err list_put_out(struct leaving *x, const struct list_row *l)
{
    struct sql_leaving_items_row_list rows;
    const char *path = str_z(x->mem, str_fmt(x->mem, "listes/%.*s.csv", STR_ARG(leaving_name(x->mem, l->name))));
    int64_t after = -1;
    TRY(leaving_add(x, str_of(path), S("id;label;extra\r\n")));
    do {
        buf b = BUF(LEAVING_MOST);
        struct csv_writer w = {.out = &b, .separator = ';', .for_spreadsheets = true};
        TRY(sql_leaving_items(x->d, x->mem, l->name, l->revision, after, LEAVING_SLICE, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            csv_cell(&w, rows.v[i].id);
            csv_cell(&w, rows.v[i].label);
            csv_cell(&w, rows.v[i].extra);
            csv_end_row(&w);
            after = rows.v[i].position;
        }
        TRY(buf_add(x, path, &b));
    } while (rows.n == LEAVING_SLICE);
    return NO_ERR;
}

static err lists_put(struct leaving *x, arena *keep)
{
    struct list_rows lists;
    TRY(list_rows_of(x->d, keep, &lists));
    for (size_t i = 0; i < lists.n; i++) {
        arena_reset(x->mem);
        TRY(list_put_out(x, &lists.v[i]));
    }
    return NO_ERR;
}

static err town_put(struct leaving *x)
{
    struct host_row_list hosts;
    buf b = BUF(LEAVING_MOST);
    struct jw w = {.out = &b, .indent = 2};
    arena_reset(x->mem);
    TRY(sql_tenant_hosts(x->d, x->mem, x->t->id, &hosts));
    jw_object(&w);
    jw_member_str(&w, "slug", x->t->slug);
    jw_member_str(&w, "name", x->t->name);
    jw_key(&w, "hosts");
    jw_array(&w);
    for (size_t i = 0; i < hosts.n; i++) jw_str(&w, hosts.v[i].name);
    jw_end(&w);
    jw_member_json(&w, "settings", x->t->settings);
    jw_key(&w, "bodies");
    jw_array(&w);
    for (size_t i = 0; i < x->t->bodies.n; i++) {
        const struct body *o = &x->t->bodies.v[i];
        jw_object(&w);
        jw_member_i64(&w, "id", o->id);
        jw_member_str(&w, "kind", o->kind);
        jw_member_str(&w, "name", o->name);
        jw_member_str(&w, "insee", o->insee);
        jw_member_str(&w, "siren", o->siren);
        jw_member_i64(&w, "population", o->population);
        jw_member_json(&w, "settings", o->settings);
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    return buf_add(x, "ville.json", &b);
}

/* ---- documents ---- */

static str document_path(struct leaving *x, const struct leaving_file *f)
{
    if (!str_is(f->state, "ready") || !f->blob.n) return STR_NONE;
    return str_fmt(x->mem, "fichiers/%.*s/%.*s-%.*s", STR_ARG(f->reference.n ? f->reference : S("_")), STR_ARG(id_text(x->mem, f->id)), STR_ARG(leaving_name(x->mem, f->name)));
}

static err document_copy(struct leaving *x, const struct leaving_file *f)
{
    enum { PIECE = 1 << 18 };
    struct blob_ref ref = {.name = f->blob, .wrapped_key = f->wrapped_key, .size_bytes = f->size_bytes};
    struct blob_reader *r;
    char *room = arena_alloc(x->mem, PIECE);
    int fd;
    err e = blob_read_start(x->w->blobs, x->t->id, &ref, &r);
    if (e.code == E_NOT_FOUND) {
        x->lost++;
        return NO_ERR;
    }
    TRY(e);
    e = file_open(x, document_path(x, f), &fd);
    for (int64_t at = 0; e.code == OK && at < f->size_bytes;) {
        size_t got = 0;
        e = blob_read(r, at, room, PIECE, &got);
        if (e.code == OK) e = bytes_write(fd, (str){room, got});
        at += (int64_t)got;
    }
    if (e.code == OK && close(fd) != 0) e = failed();
    blob_read_end(r);
    return e;
}

static void document_row(struct leaving *x, struct csv_writer *w, const struct leaving_file *f)
{
    csv_cell(w, f->reference);
    csv_cell(w, f->field_path);
    csv_cell(w, f->name);
    csv_cell(w, f->type);
    csv_cell(w, str_fmt(x->mem, "%lld", (long long)f->size_bytes));
    csv_cell(w, f->sha256);
    csv_cell(w, time_iso(x->mem, f->created));
    csv_cell(w, document_path(x, f));
    csv_end_row(w);
}

/* The list while all is one view; the documents behind it. */
static err documents(struct leaving *x, bool copy)
{
    static const char *const heads[] = {W("leaving.reference"), W("leaving.field"), W("leaving.file_name"), W("leaving.file_type"), W("leaving.size"), W("leaving.sha256"),
                                        W("leaving.filed"), W("leaving.path")};
    struct leaving_file_list rows;
    int64_t after = 0, n = 0;
    bool first = !copy;
    do {
        arena_reset(x->mem);
        buf b = BUF(LEAVING_MOST);
        struct csv_writer w = {.out = &b, .separator = ';', .for_spreadsheets = true};
        for (size_t i = 0; first && i < sizeof heads / sizeof *heads; i++) csv_cell(&w, leaving_word(x, heads[i]));
        if (first) csv_end_row(&w);
        first = false;
        err e = sql_leaving_files(x->d, x->mem, after, copy ? 8 : LEAVING_SLICE, &rows);
        for (size_t i = 0; e.code == OK && i < rows.n; i++) {
            after = rows.v[i].id;
            if (!copy) document_row(x, &w, &rows.v[i]);
            else if (document_path(x, &rows.v[i]).n) e = document_copy(x, &rows.v[i]);
        }
        if (!copy && e.code == OK) e = leaving_add(x, S("fichiers.csv"), buf_str(&b));
        buf_free(&b);
        TRY(e);
        if (copy) archive_tell(x->w, "blobs", n += (int64_t)rows.n);
    } while (rows.n == (copy ? 8 : LEAVING_SLICE));
    return NO_ERR;
}

/* ---- all of it ---- */

static err readme_put(struct leaving *x)
{
    static const char *const parts[] = {W("leaving.readme.what"), W("leaving.readme.procedures"), W("leaving.readme.messages"), W("leaving.readme.journal"), W("leaving.readme.files"),
                                        W("leaving.readme.lists"), W("leaving.readme.town"), W("leaving.readme.tables"), W("leaving.readme.left_out"), W("leaving.readme.personal")};
    buf b = BUF(LEAVING_MOST);
    str day = words_date_us(x->mem, x->t->lang, clock_now_us(), x->t->zone);
    str title = words_fill(x->mem, x->t->lang, W("leaving.readme.title"), "name", x->t->name, "date", day, NULL);
    buf_fmt(&b, "%.*s\n", STR_ARG(title));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) buf_fmt(&b, "\n%.*s\n", STR_ARG(leaving_word(x, parts[i])));
    return buf_add(x, x->t->lang == LANG_EN ? "README.txt" : "LISEZ-MOI.txt", &b);
}

static err all_put(struct leaving *x, arena *keep)
{
    TRY(readme_put(x));
    db_be_patient(x->d);
    TRY(db_snapshot(x->d));
    TRY(tables_put(x, keep));
    TRY(town_put(x));
    TRY(leaving_procedures(x));
    TRY(messages_put(x));
    TRY(journal_put(x));
    TRY(lists_put(x, keep));
    TRY(documents(x, false));
    db_snapshot_end(x->d);
    return documents(x, true);
}

static int path_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type;
    (void)at;
    return remove(path);
}

err tenant_export(const struct archive_world *w, const struct tenant *t, str to)
{
    arena *keep = arena_new(0);
    const char *name = str_z(keep, to), *dir = str_z(keep, str_fmt(keep, "%s.part", name));
    bool zipped = str_ends(to, S(".zip"));
    struct leaving x = {.w = w, .t = t, .mem = arena_new(0), .dir = dir};
    AUTO(db_close_auto) db *d = NULL;
    err e = access(name, F_OK) == 0 ? FAIL(E_EXISTS, W("tenant.export.not_empty")) : NO_ERR;
    bool ours = e.code == OK;
    if (ours) nftw(dir, path_remove, 16, FTW_DEPTH | FTW_PHYS);
    if (ours && mkdir(dir, 0700) != 0) e = failed();
    if (e.code == OK) e = kinds_open(&x.kinds, w->store);
    if (e.code == OK) e = store_read(w->store, t->id, &d);
    x.d = d;
    if (e.code == OK) e = all_put(&x, keep);
    if (e.code == OK && zipped) e = zip_folder(keep, dir, name);
    else if (e.code == OK && rename(dir, name) != 0) e = failed();
    if (ours && (zipped || e.code != OK)) nftw(dir, path_remove, 16, FTW_DEPTH | FTW_PHYS);
    if (x.kinds) kinds_close(x.kinds);
    arena_free(x.mem);
    arena_free(keep);
    return e;
}
