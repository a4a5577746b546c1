/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/backup.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/blob_ring.h"
#include "store/tar.h"

enum { COPY_BYTES = 1 << 20 };

/* ---- writing ---- */

struct writing {
    const struct blobs *b;
    arena *mem;
    int out;
    int64_t files, total;               /* counted by a first walk that writes nothing */
    bool counting;
    const char *folder;                 /* "parts": unfinished uploads of this node; NULL: the shelf */
    err e;
    void (*progress)(void *, int64_t, int64_t);
    void *arg;
};

static err file_copied(struct writing *w, const struct shelf *shelf, void *file, int64_t size)
{
    char *room = malloc(COPY_BYTES);
    err e = NO_ERR;
    if (!room) abort();
    for (int64_t at = 0; at < size && e.code == OK;) {
        size_t got = 0;
        e = shelf->read(file, at, room, size - at < COPY_BYTES ? (size_t)(size - at) : COPY_BYTES, &got);
        if (e.code == OK && got == 0) e = FAIL(E_IO, "store.io");
        if (e.code == OK) e = blob_write_all(w->out, room, got);
        at += (int64_t)got;
    }
    free(room);
    return e;
}

static err one_file(struct writing *w, const struct shelf *shelf, str key)
{
    void *file;
    int64_t size;
    err e = shelf->open(shelf->arg, key, &file, &size);
    if (e.code == E_NOT_FOUND) return NO_ERR; /* swept meanwhile */
    TRY(e);
    e = tar_head(w->out, str_z(w->mem, str_fmt(w->mem, "blobs/%.*s", STR_ARG(key))), size);
    if (e.code == OK) e = file_copied(w, shelf, file, size);
    if (e.code == OK) e = tar_pad(w->out, size);
    shelf->close(file);
    w->files++;
    if (w->progress) w->progress(w->arg, w->files, w->total > w->files ? w->total : w->files);
    return e;
}

static bool file_seen(void *arg, const struct shelved *f)
{
    struct writing *w = arg;
    struct shelf disk = shelf_disk(w->b->dir);
    if (!w->folder && !blob_name_is_good(f->name)) return true;
    if (w->counting) w->total++;
    else if (w->folder) w->e = one_file(w, &disk, str_fmt(w->mem, "%lld/%s/%.*s", (long long)f->tenant, w->folder, STR_ARG(f->name)));
    else w->e = one_file(w, &w->b->shelf, shelf_key(w->mem, f->tenant, f->name));
    arena_reset(w->mem);
    return w->e.code == OK;
}

static err all_files(struct writing *w, bool counting)
{
    w->counting = counting;
    w->folder = "parts";
    TRY(disk_each(w->b->dir, w->folder, file_seen, w));
    TRY(w->e);
    w->folder = 0;
    TRY(w->b->shelf.each(w->b->shelf.arg, file_seen, w));
    return w->e;
}

static err store_member(struct writing *w, const char *copy, unsigned char hash[32])
{
    crypto_generichash_state state;
    struct stat st;
    int in = open(copy, O_RDONLY | O_CLOEXEC);
    if (in < 0) return blob_io();
    crypto_generichash_init(&state, 0, 0, 32);
    err e = fstat(in, &st) == 0 ? tar_head(w->out, "store", st.st_size) : blob_io();
    if (e.code == OK) e = tar_copy(in, w->out, st.st_size, &state);
    if (e.code == OK) e = tar_pad(w->out, st.st_size);
    crypto_generichash_final(&state, hash, 32);
    close(in);
    return e;
}

static err archive_write(struct writing *w, struct store *s, const char *copy, arena *mem)
{
    unsigned char hash[32];
    str when = time_iso(mem, clock_now_us());
    TRY(tar_text(w->out, "beffroi-backup", str_fmt(mem, "beffroi-backup 1\nengine %s\nat %.*s\n", store_is_sqlite(s) ? "sqlite" : "postgresql", STR_ARG(when))));
    TRY(store_member(w, copy, hash));
    TRY(all_files(w, true));
    TRY(all_files(w, false));
    str hex = hex_of(mem, hash, sizeof hash);
    TRY(tar_text(w->out, "end", str_fmt(mem, "files %lld\nstore %.*s\n", (long long)w->files, STR_ARG(hex))));
    return tar_finish(w->out);
}

err backup_write(struct store *s, struct blobs *b, str file, void (*progress)(void *, int64_t done, int64_t total), void *arg)
{
    arena *mem = arena_new(0);
    const char *name = str_z(mem, file), *part = str_z(mem, str_fmt(mem, "%s.part", name)), *copy = str_z(mem, str_fmt(mem, "%s.store", name));
    struct writing w = {.b = b, .mem = arena_new(0), .out = -1, .progress = progress, .arg = arg};
    err e = access(name, F_OK) == 0 ? FAIL(E_EXISTS, "store.backup.exists") : NO_ERR;
    bool ours = e.code == OK;
    if (ours) {
        unlink(part);
        unlink(copy);
        e = store_backup(s, str_of(copy), 0, 0);
    }
    if (e.code == OK) e = blob_make(part, &w.out);
    if (e.code == OK) e = archive_write(&w, s, copy, mem);
    if (w.out >= 0) close(w.out);
    if (e.code == OK && rename(part, name) != 0) e = blob_io();
    if (e.code == OK) e = dir_sync(name);
    if (ours) {
        unlink(copy);
        if (e.code != OK) unlink(part);
    }
    arena_free(w.mem);
    arena_free(mem);
    return e.code == E_IO ? FAIL(E_IO, "store.backup.failed") : e;
}

/* ---- restoring ---- */

struct reading {
    arena *mem;
    int in;
    const char *dir, *store;            /* a directory of our own beside the data; the store's copy in it */
    bool sqlite, has_start, has_store, has_end;
    int64_t files;
    unsigned char hash[32];
    void (*progress)(void *, int64_t, int64_t);
    void *arg;
};

static err not_a_backup(void) { return FAIL(E_INVALID, "store.restore.not_a_backup"); }

/* blobs/DIGITS/AB/NAME or blobs/DIGITS/parts/ID: nothing else is written, wherever the archive comes from. */
static bool is_file_name(str name)
{
    str rest, top = str_split(name, '/', &rest), tenant = str_split(rest, '/', &rest), group = str_split(rest, '/', &rest);
    int64_t n;
    bool good = str_is(top, "blobs") && tenant.n > 0 && tenant.n < 20 && rest.n > 0;
    for (size_t i = 0; i < tenant.n; i++) good &= tenant.p[i] >= '0' && tenant.p[i] <= '9';
    if (str_is(group, "parts")) {
        for (size_t i = 0; i < rest.n; i++) good &= (rest.p[i] >= '0' && rest.p[i] <= '9') || (rest.p[i] >= 'a' && rest.p[i] <= 'f');
        return good && rest.n == 32;
    }
    return good && shelf_key_parse(str_cut(name, top.n + 1, name.n), &n, &rest);
}

static err file_out(struct reading *r, const char *path, int64_t size, bool hashed)
{
    crypto_generichash_state state;
    int out;
    TRY(blob_make(path, &out));
    if (hashed) crypto_generichash_init(&state, 0, 0, 32);
    err e = tar_copy(r->in, out, size, hashed ? &state : 0);
    if (hashed) crypto_generichash_final(&state, r->hash, 32);
    if (e.code == OK && fsync(out) != 0) e = blob_io();
    close(out);
    return e;
}

static err member(struct reading *r, str name, int64_t size)
{
    str text;
    if (!r->has_start) {
        if (!str_is(name, "beffroi-backup")) return not_a_backup();
        TRY(tar_read_text(r->in, r->mem, size, &text));
        r->has_start = str_starts(text, S("beffroi-backup 1\n"));
        r->sqlite = str_find(text, S("\nengine sqlite\n")) >= 0;
        return r->has_start ? NO_ERR : not_a_backup();
    }
    if (str_is(name, "store") && !r->has_store) {
        r->has_store = true;
        return file_out(r, r->store, size, true);
    }
    if (str_is(name, "end")) {
        TRY(tar_read_text(r->in, r->mem, size, &text));
        str hex = hex_of(r->mem, r->hash, sizeof r->hash);
        r->has_end = r->has_store && str_eq(text, str_fmt(r->mem, "files %lld\nstore %.*s\n", (long long)r->files, STR_ARG(hex)));
        return r->has_end ? NO_ERR : not_a_backup();
    }
    if (!is_file_name(name)) return not_a_backup();
    r->files++;
    if (r->progress) r->progress(r->arg, r->files, r->files);
    return file_out(r, str_z(r->mem, str_fmt(r->mem, "%s/%.*s", r->dir, STR_ARG(name))), size, false);
}

static err archive_read(struct reading *r)
{
    while (!r->has_end) {
        str name;
        int64_t size;
        TRY(tar_next(r->in, r->mem, &name, &size));
        TRY(member(r, name, size));
        TRY(tar_skip(r->in, size));
        if (r->files % 64 == 0) arena_reset(r->mem);
    }
    return NO_ERR;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

struct moving { const struct shelf *to; const char *from; arena *mem; err e; };

static bool file_moved(void *arg, const struct shelved *f)
{
    struct moving *m = arg;
    str key = shelf_key(m->mem, f->tenant, f->name);
    m->e = m->to->put(m->to->arg, str_z(m->mem, str_fmt(m->mem, "%s/%.*s", m->from, STR_ARG(key))), key);
    arena_reset(m->mem);
    return m->e.code == OK;
}

/* The files onto a shelf elsewhere, the store, then what stays here under its name. */
static err put_in_place(struct reading *r, const struct store_options *opt, const struct shelf *shelf, const char *blobs)
{
    char from[4096];
    snprintf(from, sizeof from, "%s/blobs", r->dir);
    bool holds = access(from, F_OK) == 0;
    if (holds && shelf) {
        struct moving m = {.to = shelf, .from = from, .mem = arena_new(0)};
        err e = disk_each(from, 0, file_moved, &m);
        arena_free(m.mem);
        TRY(e);
        TRY(m.e);
    }
    TRY(store_restore(opt, str_of(r->store)));
    if (!holds) return NO_ERR;
    (void)rmdir(blobs);
    if (rename(from, blobs) != 0) return blob_io();
    return dir_sync(blobs);
}

static bool holds_nothing(const char *dir)
{
    DIR *d = opendir(dir);
    bool empty = true;
    for (struct dirent *e; d && (e = readdir(d));) empty &= e->d_name[0] == '.';
    if (d) closedir(d);
    return empty;
}

err backup_restore(const struct store_options *opt, const struct shelf *shelf, str data_dir, str file, void (*progress)(void *, int64_t done, int64_t total), void *arg)
{
    arena *mem = arena_new(0);
    const char *dir = str_z(mem, str_fmt(mem, "%.*s/restore.part", STR_ARG(data_dir))), *blobs = str_z(mem, str_fmt(mem, "%.*s/blobs", STR_ARG(data_dir)));
    struct reading r = {.mem = arena_new(0), .dir = dir, .store = str_z(mem, str_fmt(mem, "%s/store", dir)), .progress = progress, .arg = arg};
    r.in = open(str_z(mem, file), O_RDONLY | O_CLOEXEC);
    err e = r.in < 0 ? FAIL(E_NOT_FOUND, "store.backup.missing") : NO_ERR;
    if (e.code == OK && !holds_nothing(blobs)) e = FAIL(E_EXISTS, "store.restore.exists");
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (e.code == OK) e = archive_read(&r);
    if (e.code == OK && r.sqlite != str_starts(opt->url, S("sqlite:"))) e = FAIL(E_INVALID, "store.restore.engine");
    if (e.code == OK) e = put_in_place(&r, opt, shelf, blobs);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (r.in >= 0) close(r.in);
    arena_free(r.mem);
    arena_free(mem);
    return e;
}
