/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/words.h"
#include "core/archive.h"
#include "store/tar.h"

struct writing {
    const struct archive_world *w;
    const struct tenant_named *t;
    arena *mem;
    int out, names;                     /* names: of its files, a line each, in a file without a name: the view is not held while they are copied */
    int64_t rows, files, lost, members;
    crypto_generichash_state hash;
};

static err write_fd(int fd, str s)
{
    for (const char *at = s.p; s.n;) {
        ssize_t done = write(fd, at, s.n);
        if (done <= 0) return FAIL(E_IO, "store.backup.failed");
        at += done;
        s.n -= (size_t)done;
    }
    return NO_ERR;
}

static void hash_put(struct writing *x, str s) { crypto_generichash_update(&x->hash, (const unsigned char *)(s.p ? s.p : ""), s.n); }

static err member_put(struct writing *x, str name, str text)
{
    hash_put(x, name);
    hash_put(x, text);
    return tar_text(x->out, str_z(x->mem, name), text);
}

static err names_put(struct writing *x, const struct table *t, const struct cells *rows)
{
    ptrdiff_t at = table_column(t, S("blob"));
    buf b = BUF(ROWS_MEMBER_MOST);
    for (size_t i = 0; i < rows->n; i++) {
        const struct cell *c = &rows->v[i * rows->columns + (size_t)at];
        if (!c->null && c->s.n) buf_fmt(&b, "%.*s\n", STR_ARG(c->s));
    }
    err e = write_fd(x->names, buf_str(&b));
    buf_free(&b);
    return e;
}

static err slice_put(void *arg, arena *mem, const struct table *t, const struct cells *rows)
{
    struct writing *x = arg;
    buf b = BUF(ROWS_MEMBER_MOST);
    struct jw head = jw(&b);
    columns_json(&head, t);
    buf_char(&b, '\n');
    for (size_t i = 0; i < rows->n; i++) {
        struct jw w = jw(&b);
        row_json(&w, t, rows->v + i * rows->columns);
        buf_char(&b, '\n');
    }
    err e = b.full ? FAIL(E_TOO_LARGE, "store.too_large") : member_put(x, str_fmt(mem, "rows/%s/%06lld", t->row->name, (long long)++x->members), buf_str(&b));
    buf_free(&b);
    x->rows += (int64_t)rows->n;
    if (e.code == OK && strcmp(t->row->name, "file") == 0) e = names_put(x, t, rows);
    arena_reset(x->mem);
    archive_tell(x->w, t->row->name, x->rows);
    return e;
}

/* All tables as they are at one moment. */
static err rows_put(struct writing *x, db *d, const struct tables *all)
{
    db_be_patient(d);
    TRY(db_snapshot(d));
    err e = NO_ERR;
    for (size_t i = 0; i < all->n && e.code == OK; i++) {
        const struct table *t = &all->v[i];
        if (t->row->kind == TABLE_KEPT || t->row->kind == TABLE_SECRET) e = rows_each(d, t, x->t->id, slice_put, x);
    }
    db_snapshot_end(d);
    return e;
}

static err file_put(struct writing *x, str name)
{
    enum { PIECE = 1 << 18 };
    struct blob_sealed *s;
    int64_t size;
    err e = blob_sealed_start(x->w->blobs, x->t->id, name, &s, &size);
    if (e.code == E_NOT_FOUND) {
        x->lost++;
        return NO_ERR;
    }
    TRY(e);
    str member = str_fmt(x->mem, "blobs/%.*s", STR_ARG(name));
    char *room = arena_alloc(x->mem, PIECE);
    hash_put(x, member);
    e = tar_head(x->out, str_z(x->mem, member), size);
    for (int64_t at = 0; e.code == OK && at < size;) {
        size_t got = 0;
        e = blob_sealed_read(s, at, room, size - at < PIECE ? (size_t)(size - at) : PIECE, &got);
        if (e.code == OK && !got) e = FAIL(E_IO, "store.io");
        hash_put(x, (str){room, got});
        if (e.code == OK) e = write_fd(x->out, (str){room, got});
        at += (int64_t)got;
    }
    if (e.code == OK) e = tar_pad(x->out, size);
    blob_sealed_end(s);
    x->files++;
    archive_tell(x->w, "blobs", x->files);
    return e;
}

/* Two rows of one content share its file: the second one in a row is not written again, others are, and found there at the restoration. */
static err files_put(struct writing *x)
{
    char line[256], before[256] = "";
    FILE *f = fdopen(dup(x->names), "r");
    if (!f || fseek(f, 0, SEEK_SET) != 0) return FAIL(E_IO, "store.backup.failed");
    err e = NO_ERR;
    while (e.code == OK && fgets(line, sizeof line, f)) {
        if (strcmp(line, before) != 0) e = file_put(x, str_trim(str_of(line)));
        memcpy(before, line, sizeof before);
        arena_reset(x->mem);
    }
    fclose(f);
    return e;
}

static err archive_put(struct writing *x, db *d, arena *mem)
{
    struct tables all;
    struct hash32 key, sum;
    str ring, when = time_iso(mem, clock_now_us());
    archive_keys(x->w->blobs, mem, &ring, &key);
    crypto_generichash_init(&x->hash, key.b, sizeof key.b, sizeof sum.b);
    TRY(tables_read(d, mem, &all));
    TRY(member_put(x, S(ARCHIVE_HEAD), str_fmt(mem, ARCHIVE_FORMAT "id %lld\nslug %.*s\nat %.*s\nengine %s\nring %.*s\n", (long long)x->t->id, STR_ARG(x->t->slug),
                                               STR_ARG(when), store_is_sqlite(x->w->store) ? "sqlite" : "postgresql", STR_ARG(ring))));
    TRY(rows_put(x, d, &all));
    TRY(files_put(x));
    crypto_generichash_final(&x->hash, sum.b, sizeof sum.b);
    TRY(tar_text(x->out, "end", str_fmt(mem, "rows %lld\nfiles %lld\nhash %.*s\n", (long long)x->rows, (long long)x->files, STR_ARG(hex_of(mem, sum.b, sizeof sum.b)))));
    return tar_finish(x->out);
}

err tenant_backup(const struct archive_world *w, const struct tenant_named *t, str file, int64_t *out_lost)
{
    arena *mem = arena_new(0);
    const char *name = str_z(mem, file), *part = str_z(mem, str_fmt(mem, "%s.part", name)), *names = str_z(mem, str_fmt(mem, "%s.names", name));
    struct writing x = {.w = w, .t = t, .mem = arena_new(0), .out = -1, .names = -1};
    AUTO(db_close_auto) db *d = NULL;
    err e = access(name, F_OK) == 0 ? FAIL(E_EXISTS, "store.backup.exists") : tenant_is_away(t) ? FAIL(E_BUSY, W("tenant.away")) : NO_ERR;
    bool ours = e.code == OK;
    if (ours) {
        unlink(part);
        unlink(names);
        e = tar_make(names, &x.names);
        unlink(names);
    }
    if (e.code == OK) e = tar_make(part, &x.out);
    if (e.code == OK) e = store_read(w->store, 0, &d);
    if (e.code == OK) e = archive_put(&x, d, mem);
    if (x.out >= 0) close(x.out);
    if (x.names >= 0) close(x.names);
    if (e.code == OK) e = tar_keep(part, name);
    if (ours && e.code != OK) unlink(part);
    *out_lost = x.lost;
    arena_free(x.mem);
    arena_free(mem);
    return e.code == E_IO ? FAIL(E_IO, "store.backup.failed") : e;
}
