/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealed files of one tenant, carried as they lie, or all gone. */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>
#include "store/blob_ring.h"

struct blob_sealed { const struct shelf *shelf; void *file; };

err blob_sealed_start(struct blobs *b, int64_t tenant, str name, struct blob_sealed **out, int64_t *out_size_bytes)
{
    void *file;
    arena *mem = arena_new(0);
    err e = blob_name_is_good(name) ? b->shelf.open(b->shelf.arg, shelf_key(mem, tenant, name), &file, out_size_bytes) : FAIL(E_NOT_FOUND, "store.blob.missing");
    arena_free(mem);
    TRY(e);
    *out = malloc(sizeof **out);
    if (!*out) abort();
    **out = (struct blob_sealed){&b->shelf, file};
    return NO_ERR;
}

err blob_sealed_read(struct blob_sealed *s, int64_t offset_bytes, void *out, size_t n_bytes, size_t *out_got)
{
    return s->shelf->read(s->file, offset_bytes, out, n_bytes, out_got);
}

void blob_sealed_end(struct blob_sealed *s)
{
    s->shelf->close(s->file);
    free(s);
}

str blob_sealed_path(struct blobs *b, int64_t tenant, arena *mem, str name)
{
    return str_fmt(mem, "%s/%lld/new/archive-%.*s", b->dir, (long long)tenant, STR_ARG(name));
}

err blob_sealed_put(struct blobs *b, int64_t tenant, str name, const char *path)
{
    struct blob_sealed *there;
    int64_t size;
    if (!blob_name_is_good(name)) return FAIL(E_INVALID, "store.restore.not_a_backup");
    err e = blob_sealed_start(b, tenant, name, &there, &size);
    if (e.code == OK) {
        blob_sealed_end(there);
        return unlink(path) == 0 ? NO_ERR : blob_io();
    }
    if (e.code != E_NOT_FOUND) return e;
    arena *mem = arena_new(0);
    e = b->shelf.put(b->shelf.arg, path, shelf_key(mem, tenant, name));
    arena_free(mem);
    return e;
}

/* ---- all of them ---- */

struct removing { struct blobs *b; int64_t tenant, removed; err e; };

static bool remove_one(void *arg, const struct shelved *f)
{
    struct removing *r = arg;
    if (f->tenant != r->tenant) return true;
    arena *mem = arena_new(0);
    r->e = r->b->shelf.remove(r->b->shelf.arg, shelf_key(mem, f->tenant, f->name));
    arena_free(mem);
    r->removed += r->e.code == OK;
    if (r->e.code == E_NOT_FOUND) r->e = NO_ERR;
    return r->e.code == OK;
}

static int path_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)at;
    (void)type;
    return remove(path);
}

err blobs_remove_tenant(struct blobs *b, int64_t tenant, int64_t *out_removed)
{
    struct removing r = {.b = b, .tenant = tenant};
    *out_removed = 0;
    TRY(b->shelf.each(b->shelf.arg, remove_one, &r));
    TRY(r.e);
    *out_removed = r.removed;
    parts_forget_tenant(b, tenant);
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/%lld", b->dir, (long long)tenant);
    if (access(dir, F_OK) == 0 && nftw(dir, path_remove, 16, FTW_DEPTH | FTW_PHYS) != 0) return blob_io();
    return dir_sync(dir);
}
