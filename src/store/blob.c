/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealing, naming and reading; where the bytes lie is the shelf's affair. What is being written lies in DIR/blobs/TENANT/new. */
#include "store/blob.h"
#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/blob_ring.h"

static const char header[HEADER_BYTES] = "BEFFROI-BLOB-1\n";

/* ---- the place ---- */

static bool holds_files(const char *dir)
{
    DIR *d = opendir(dir);
    bool holds = false;
    for (struct dirent *e; d && (e = readdir(d));) holds |= e->d_name[0] != '.';
    if (d) closedir(d);
    return holds;
}

static bool one_is_enough(void *holds, const struct shelved *f)
{
    (void)f;
    *(bool *)holds = true;
    return false;
}

/* A new ring is made only when no file needs an old one: a shelf elsewhere is asked when there is no ring here. */
static err ring_find(struct blobs *b, const char *path, bool elsewhere)
{
    bool holds = holds_files(b->dir);
    if (elsewhere && !holds && access(path, F_OK) != 0) TRY(b->shelf.each(b->shelf.arg, one_is_enough, &holds));
    return ring_open(&b->ring, path, holds);
}

err blobs_open(struct blobs **out, str dir, const struct shelf *shelf)
{
    struct blobs *b = calloc(1, sizeof *b);
    arena *mem = arena_new(0);
    if (!b) abort();
    *out = 0;
    b->dir = strdup(str_z(mem, str_fmt(mem, "%.*s/blobs", STR_ARG(dir))));
    if (!b->dir) abort();
    b->shelf = shelf ? *shelf : shelf_disk(b->dir);
    pthread_mutex_init(&b->parts_lock, 0);
    pthread_rwlock_init(&b->ring.lock, 0);
    err e = dirs_make(str_z(mem, str_fmt(mem, "%s/", b->dir)));
    if (e.code == OK) e = ring_find(b, str_z(mem, str_fmt(mem, "%.*s/keys", STR_ARG(dir))), shelf != 0);
    arena_free(mem);
    if (e.code == OK) *out = b;
    else blobs_close(b);
    return e;
}

void blobs_close(struct blobs *b)
{
    if (!b) return;
    parts_forget(b);
    ring_close(&b->ring);
    pthread_mutex_destroy(&b->parts_lock);
    free(b->dir);
    free(b);
}

/* ---- segments ---- */

/* The position is the nonce (the key serves one file), and the last flag is authenticated with the tenant. */
static void place(int64_t tenant, uint64_t segment, bool last, unsigned char nonce[NONCE_BYTES], unsigned char extra[17])
{
    memset(nonce, 0, NONCE_BYTES);
    for (int i = 0; i < 8; i++) {
        nonce[i] = (unsigned char)(segment >> (8 * i));
        extra[i] = (unsigned char)((uint64_t)tenant >> (8 * i));
        extra[8 + i] = nonce[i];
    }
    extra[16] = last;
}

/* ---- writing ---- */

struct blob_writer {
    struct blobs *b;
    int64_t tenant;
    int fd;
    char *path;                         /* temporary, until finish */
    struct hash32 key;
    crypto_generichash_state name;
    crypto_hash_sha256_state sha256;
    uint64_t segments;
    int64_t size_bytes;
    size_t filled;
    unsigned char *plain, *sealed;
};

err blob_write_start(struct blobs *b, int64_t tenant, struct blob_writer **out)
{
    struct blob_writer *w = calloc(1, sizeof *w);
    unsigned char who[8], chance[16];
    char path[4096], hex[33];
    if (!w) abort();
    *out = 0;
    *w = (struct blob_writer){.b = b, .tenant = tenant, .fd = -1};
    random_bytes(chance, sizeof chance);
    sodium_bin2hex(hex, sizeof hex, chance, sizeof chance);
    snprintf(path, sizeof path, "%s/%lld/new/%s", b->dir, (long long)tenant, hex);
    w->path = strdup(path);
    w->plain = malloc(SEGMENT_BYTES);
    w->sealed = malloc(SEALED_BYTES);
    if (!w->path || !w->plain || !w->sealed) abort();
    random_bytes(w->key.b, sizeof w->key.b);
    for (int i = 0; i < 8; i++) who[i] = (unsigned char)((uint64_t)tenant >> (8 * i));
    crypto_generichash_init(&w->name, b->ring.names.b, 32, 32);
    crypto_generichash_update(&w->name, who, sizeof who);
    crypto_hash_sha256_init(&w->sha256);
    err e = blob_make(path, &w->fd);
    if (e.code == OK) e = blob_write_all(w->fd, header, sizeof header);
    if (e.code == OK) *out = w;
    else blob_write_abort(w);
    return e;
}

static err segment_write(struct blob_writer *w, bool last)
{
    unsigned char nonce[NONCE_BYTES], extra[17];
    place(w->tenant, w->segments++, last, nonce, extra);
    crypto_aead_xchacha20poly1305_ietf_encrypt(w->sealed, 0, w->plain, w->filled, extra, sizeof extra, 0, nonce, w->key.b);
    size_t n = w->filled + TAG_BYTES;
    w->filled = 0;
    return blob_write_all(w->fd, w->sealed, n);
}

/* A full segment waits until it is known whether it is the last. */
err blob_write(struct blob_writer *w, str bytes)
{
    crypto_generichash_update(&w->name, (const unsigned char *)bytes.p, bytes.n);
    crypto_hash_sha256_update(&w->sha256, (const unsigned char *)bytes.p, bytes.n);
    w->size_bytes += (int64_t)bytes.n;
    while (bytes.n) {
        if (w->filled == SEGMENT_BYTES) TRY(segment_write(w, false));
        size_t n = SEGMENT_BYTES - w->filled;
        if (n > bytes.n) n = bytes.n;
        memcpy(w->plain + w->filled, bytes.p, n);
        w->filled += n;
        bytes = str_cut(bytes, n, bytes.n);
    }
    return NO_ERR;
}

static void ref_fill(struct blob_writer *w, arena *mem, struct blob_ref *out)
{
    unsigned char name[32], sha256[32], chance[8], wrapped[WRAPPED_BYTES];
    crypto_generichash_final(&w->name, name, sizeof name);
    crypto_hash_sha256_final(&w->sha256, sha256);
    random_bytes(chance, sizeof chance);
    str a = hex_of(mem, name, sizeof name), c = hex_of(mem, chance, sizeof chance);
    out->name = str_fmt(mem, "%.*s.%.*s", STR_ARG(a), STR_ARG(c));
    out->sha256_hex = hex_of(mem, sha256, sizeof sha256);
    out->size_bytes = w->size_bytes;
    ring_wrap(&w->b->ring, out->name, &w->key, wrapped);
    out->wrapped_key = str_copy(mem, (str){(const char *)wrapped, sizeof wrapped});
}

err blob_write_finish(struct blob_writer *w, arena *mem, struct blob_ref *out)
{
    err e = segment_write(w, true);
    if (e.code == OK) {
        ref_fill(w, mem, out);
        if (fsync(w->fd) != 0) e = blob_io();
    }
    if (e.code == OK) {
        e = w->b->shelf.put(w->b->shelf.arg, w->path, shelf_key(mem, w->tenant, out->name));
        if (e.code == OK) *w->path = 0; /* it has its name: nothing to take away */
    }
    blob_write_abort(w);
    return e;
}

void blob_write_abort(struct blob_writer *w)
{
    if (!w) return;
    if (w->fd >= 0) {
        close(w->fd);
        if (*w->path) unlink(w->path);
    }
    sodium_memzero(w->plain, SEGMENT_BYTES);
    free(w->plain);
    free(w->sealed);
    free(w->path);
    sodium_memzero(w, sizeof *w);
    free(w);
}

/* ---- reading ---- */

struct blob_reader {
    const struct shelf *shelf;
    void *file;
    int64_t tenant, size_bytes;
    struct hash32 key;
    uint64_t segments, held;            /* held: the segment in `plain`; segments: none */
    size_t held_bytes;
    unsigned char *plain, *sealed;
};

static uint64_t segments_of(int64_t size_bytes)
{
    return size_bytes == 0 ? 1 : ((uint64_t)size_bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES;
}

/* Its size and its start are what they must be. */
static err looks_right(const struct shelf *shelf, void *file, int64_t size_bytes, int64_t size_on_shelf)
{
    char start[HEADER_BYTES];
    size_t got;
    if (size_on_shelf != HEADER_BYTES + size_bytes + (int64_t)segments_of(size_bytes) * TAG_BYTES) return FAIL(E_IO, "store.blob.altered");
    TRY(shelf->read(file, 0, start, sizeof start, &got));
    return got == sizeof start && memcmp(start, header, sizeof start) == 0 ? NO_ERR : FAIL(E_IO, "store.blob.altered");
}

err blob_read_start(struct blobs *b, int64_t tenant, const struct blob_ref *ref, struct blob_reader **out)
{
    struct hash32 key;
    void *file;
    int64_t size_on_shelf;
    *out = 0;
    if (!blob_name_is_good(ref->name) || ref->size_bytes < 0) return FAIL(E_NOT_FOUND, "store.blob.missing");
    TRY(ring_unwrap(&b->ring, ref->name, ref->wrapped_key, &key));
    arena *mem = arena_new(0);
    err e = b->shelf.open(b->shelf.arg, shelf_key(mem, tenant, ref->name), &file, &size_on_shelf);
    arena_free(mem);
    TRY(e);
    e = looks_right(&b->shelf, file, ref->size_bytes, size_on_shelf);
    if (e.code != OK) {
        b->shelf.close(file);
        return e;
    }
    struct blob_reader *r = calloc(1, sizeof *r);
    size_t most = ref->size_bytes < SEGMENT_BYTES ? (size_t)ref->size_bytes : SEGMENT_BYTES;
    if (!r) abort();
    *r = (struct blob_reader){.shelf = &b->shelf, .file = file, .tenant = tenant, .size_bytes = ref->size_bytes, .key = key,
                              .segments = segments_of(ref->size_bytes), .held = segments_of(ref->size_bytes), .plain = malloc(most + 1),
                              .sealed = malloc(most + TAG_BYTES)};
    if (!r->plain || !r->sealed) abort();
    *out = r;
    return NO_ERR;
}

static err segment_read(struct blob_reader *r, uint64_t segment)
{
    unsigned char nonce[NONCE_BYTES], extra[17];
    bool last = segment == r->segments - 1;
    size_t n = last ? (size_t)(r->size_bytes - (int64_t)segment * SEGMENT_BYTES) : SEGMENT_BYTES, got = 0;
    r->held = r->segments;
    TRY(r->shelf->read(r->file, HEADER_BYTES + (int64_t)segment * SEALED_BYTES, r->sealed, n + TAG_BYTES, &got));
    if (got < n + TAG_BYTES) return FAIL(E_IO, "store.blob.altered");
    place(r->tenant, segment, last, nonce, extra);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(r->plain, 0, 0, r->sealed, n + TAG_BYTES, extra, sizeof extra, nonce, r->key.b) != 0)
        return FAIL(E_IO, "store.blob.altered");
    r->held = segment;
    r->held_bytes = n;
    return NO_ERR;
}

err blob_read(struct blob_reader *r, int64_t offset_bytes, void *out, size_t n_bytes, size_t *got)
{
    *got = 0;
    if (offset_bytes < 0) return FAIL(E_INVALID, "store.blob.offset");
    while (n_bytes && offset_bytes < r->size_bytes) {
        uint64_t segment = (uint64_t)offset_bytes / SEGMENT_BYTES;
        size_t from = (size_t)offset_bytes % SEGMENT_BYTES;
        if (r->held != segment) TRY(segment_read(r, segment));
        size_t n = r->held_bytes - from < n_bytes ? r->held_bytes - from : n_bytes;
        memcpy((char *)out + *got, r->plain + from, n);
        *got += n;
        n_bytes -= n;
        offset_bytes += (int64_t)n;
    }
    /* An empty file has one segment too: it must open. */
    return r->size_bytes == 0 && r->held != 0 ? segment_read(r, 0) : NO_ERR;
}

void blob_read_end(struct blob_reader *r)
{
    if (!r) return;
    r->shelf->close(r->file);
    sodium_memzero(r->plain, r->held < r->segments ? r->held_bytes : 0);
    free(r->plain);
    free(r->sealed);
    sodium_memzero(r, sizeof *r);
    free(r);
}

err blob_remove(struct blobs *b, int64_t tenant, str name)
{
    if (!blob_name_is_good(name)) return FAIL(E_NOT_FOUND, "store.blob.missing");
    arena *mem = arena_new(0);
    err e = b->shelf.remove(b->shelf.arg, shelf_key(mem, tenant, name));
    arena_free(mem);
    return e;
}

/* ---- keys ---- */

err blobs_keys_export(struct blobs *b, arena *mem, str *out_text)
{
    char text[65536];
    int fd = open(b->ring.path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    if (n <= 0) return FAIL(E_CONFIG, "store.blob.keys");
    *out_text = str_copy(mem, (str){text, (size_t)n});
    sodium_memzero(text, sizeof text);
    return NO_ERR;
}

err blobs_keys_rotate(struct blobs *b) { return ring_rotate(&b->ring); }
int64_t blobs_key_newest(struct blobs *b) { return ring_newest(&b->ring); }
int64_t blob_key_number(str wrapped_key) { return wrapped_number(wrapped_key); }

err blob_rewrap(struct blobs *b, arena *mem, struct blob_ref *ref)
{
    struct hash32 key;
    unsigned char wrapped[WRAPPED_BYTES];
    TRY(ring_unwrap(&b->ring, ref->name, ref->wrapped_key, &key));
    ring_wrap(&b->ring, ref->name, &key, wrapped);
    ref->wrapped_key = str_copy(mem, (str){(const char *)wrapped, sizeof wrapped});
    sodium_memzero(&key, sizeof key);
    return NO_ERR;
}

void blobs_secret_hash(struct blobs *b, str what, struct hash32 *out)
{
    *out = hash_blake2b_keyed(what, (str){(const char *)b->ring.secrets.b, 32});
}

/* ---- sweeping ---- */

struct sweep {
    struct blobs *b;
    const char *folder;                 /* of what is not whole; none: whole files, on the shelf */
    int64_t older_than_us, removed;
    const struct going *going;
    bool (*is_known)(void *, int64_t tenant, str name);
    void *arg;
};

static bool sweep_one(void *arg, const struct shelved *f)
{
    struct sweep *s = arg;
    if (!going_on(s->going)) return false;
    if (clock_now_us() - f->modified_us <= s->older_than_us || s->is_known(s->arg, f->tenant, f->name)) return true;
    arena *mem = arena_new(0);
    if (s->folder) s->removed += unlink(str_z(mem, str_fmt(mem, "%s/%lld/%s/%.*s", s->b->dir, (long long)f->tenant, s->folder, STR_ARG(f->name)))) == 0;
    else if (blob_name_is_good(f->name)) s->removed += s->b->shelf.remove(s->b->shelf.arg, shelf_key(mem, f->tenant, f->name)).code == OK;
    arena_free(mem);
    return true;
}

err blobs_sweep(struct blobs *b, int64_t older_than_us, const struct going *going, bool (*is_known)(void *, int64_t tenant, str name), void *arg, int64_t *removed)
{
    struct sweep s = {b, "new", older_than_us, 0, going, is_known, arg};
    err e = disk_each(b->dir, s.folder, sweep_one, &s);
    s.folder = "parts";
    if (e.code == OK) e = disk_each(b->dir, s.folder, sweep_one, &s);
    s.folder = 0;
    if (e.code == OK) e = b->shelf.each(b->shelf.arg, sweep_one, &s);
    *removed = s.removed;
    return e;
}
