/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Unfinished files: DIR/blobs/TENANT/parts/ID. A header with the part's own wrapped key, then pieces as they came, each sealed:
   length, nonce, ciphertext; the offset in the content is authenticated. A piece that a crash left half written is cut off. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/blob_ring.h"

static const char part_header[HEADER_BYTES] = "BEFFROI-PART-1\n";
enum { PIECES_AT = HEADER_BYTES + WRAPPED_BYTES, PIECE_HEAD = 4 + NONCE_BYTES, PARTS_KEPT = 32, UNSYNCED_MOST = 4 << 20, ID_LENGTH = 32 };

struct part {
    char id[ID_LENGTH + 1];
    int64_t tenant;
    int fd;
    bool busy;
    int64_t offset, file_bytes, unsynced;   /* in the content; in the file; not yet synced */
    struct hash32 key;
    struct part *next;
};

static void part_close(struct part *p)
{
    if (p->fd >= 0) close(p->fd);
    sodium_memzero(p, sizeof *p);
    free(p);
}

void parts_forget(struct blobs *b)
{
    while (b->parts) {
        struct part *p = b->parts;
        b->parts = p->next;
        part_close(p);
    }
}

void parts_forget_tenant(struct blobs *b, int64_t tenant)
{
    pthread_mutex_lock(&b->parts_lock);
    for (struct part **at = &b->parts; *at;) {
        struct part *p = *at;
        if (p->tenant != tenant || p->busy) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        part_close(p);
    }
    pthread_mutex_unlock(&b->parts_lock);
}

static const char *part_path(arena *mem, const struct blobs *b, int64_t tenant, str id)
{
    return str_z(mem, str_fmt(mem, "%s/%lld/parts/%.*s", b->dir, (long long)tenant, STR_ARG(id)));
}

static bool id_is_good(str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'f'))) return false;
    return id.n == ID_LENGTH;
}

/* ---- pieces ---- */

static uint32_t little(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void extra_of(const struct part *p, int64_t offset, unsigned char extra[16])
{
    for (int i = 0; i < 8; i++) {
        extra[i] = (unsigned char)((uint64_t)p->tenant >> (8 * i));
        extra[8 + i] = (unsigned char)((uint64_t)offset >> (8 * i));
    }
}

/* The piece at a place in the file. `out` has room for SEALED_BYTES. False: there is no whole piece. */
static bool piece_read(const struct part *p, int64_t at, int64_t offset, unsigned char *sealed, unsigned char *out, size_t *out_n)
{
    unsigned char head[PIECE_HEAD], extra[16];
    if (pread(p->fd, head, sizeof head, at) != sizeof head) return false;
    size_t n = little(head);
    if (n == 0 || n > SEGMENT_BYTES) return false;
    if (pread(p->fd, sealed, n + TAG_BYTES, at + PIECE_HEAD) != (ssize_t)(n + TAG_BYTES)) return false;
    extra_of(p, offset, extra);
    *out_n = n;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, 0, 0, sealed, n + TAG_BYTES, extra, sizeof extra, head + 4, p->key.b) == 0;
}

/* Walks over all pieces; gives each to `w` when there is one. */
static err pieces_walk(struct part *p, struct blob_writer *w)
{
    unsigned char *sealed = malloc(SEALED_BYTES), *plain = malloc(SEGMENT_BYTES);
    int64_t at = PIECES_AT, offset = 0;
    size_t n;
    err e = NO_ERR;
    if (!sealed || !plain) abort();
    while (e.code == OK && piece_read(p, at, offset, sealed, plain, &n)) {
        if (w) e = blob_write(w, (str){(const char *)plain, n});
        at += PIECE_HEAD + (int64_t)n + TAG_BYTES;
        offset += (int64_t)n;
    }
    if (w && e.code == OK && offset != p->offset) e = FAIL(E_IO, "store.blob.altered");
    p->offset = offset;
    p->file_bytes = at;
    sodium_memzero(plain, SEGMENT_BYTES);
    free(sealed);
    free(plain);
    return e;
}

static err part_load(struct blobs *b, struct part *p)
{
    unsigned char head[PIECES_AT];
    struct stat st;
    arena *mem = arena_new(0);
    p->fd = open(part_path(mem, b, p->tenant, str_of(p->id)), O_RDWR | O_CLOEXEC);
    arena_free(mem);
    if (p->fd < 0) return errno == ENOENT ? FAIL(E_NOT_FOUND, "store.blob.part_gone") : FAIL(E_IO, "store.io");
    if (pread(p->fd, head, sizeof head, 0) != sizeof head || memcmp(head, part_header, HEADER_BYTES) != 0) return FAIL(E_IO, "store.blob.altered");
    TRY(ring_unwrap(&b->ring, str_of(p->id), (str){(const char *)head + HEADER_BYTES, WRAPPED_BYTES}, &p->key));
    TRY(pieces_walk(p, 0));
    if (fstat(p->fd, &st) == 0 && st.st_size > p->file_bytes && ftruncate(p->fd, p->file_bytes) != 0) return blob_io();
    return NO_ERR;
}

/* ---- taking and giving back: one user at a time for each part ---- */

static struct part **part_find(struct blobs *b, int64_t tenant, str id)
{
    for (struct part **p = &b->parts; *p; p = &(*p)->next)
        if ((*p)->tenant == tenant && str_is(id, (*p)->id)) return p;
    return 0;
}

static struct part *part_new(int64_t tenant, str id)
{
    struct part *p = calloc(1, sizeof *p);
    if (!p) abort();
    p->tenant = tenant;
    p->fd = -1;
    p->busy = true;
    memcpy(p->id, id.p, ID_LENGTH);
    return p;
}

/* The last used stands first; those beyond PARTS_KEPT are closed. */
static void parts_trim(struct blobs *b)
{
    int n = 0;
    for (struct part **p = &b->parts; *p;) {
        if (++n <= PARTS_KEPT || (*p)->busy) {
            p = &(*p)->next;
            continue;
        }
        struct part *old = *p;
        *p = old->next;
        part_close(old);
    }
}

static void part_give(struct blobs *b, struct part *p, bool gone)
{
    pthread_mutex_lock(&b->parts_lock);
    struct part **at = part_find(b, p->tenant, str_of(p->id));
    *at = p->next;
    p->busy = false;
    if (gone) {
        part_close(p);
    } else {
        p->next = b->parts;
        b->parts = p;
        parts_trim(b);
    }
    pthread_mutex_unlock(&b->parts_lock);
}

static err part_take(struct blobs *b, int64_t tenant, str id, struct part **out)
{
    if (!id_is_good(id)) return FAIL(E_NOT_FOUND, "store.blob.part_gone");
    pthread_mutex_lock(&b->parts_lock);
    struct part **found = part_find(b, tenant, id), *p = found ? *found : 0;
    bool busy = p && p->busy;
    if (!p) {
        p = part_new(tenant, id);
        p->next = b->parts;
        b->parts = p;
    } else {
        p->busy = true;
    }
    pthread_mutex_unlock(&b->parts_lock);
    if (busy) return FAIL(E_BUSY, "store.busy");
    *out = p;
    if (p->fd >= 0) return NO_ERR;
    err e = part_load(b, p);
    if (e.code != OK) part_give(b, p, true);
    return e;
}

/* ---- the calls ---- */

err blob_part_start(struct blobs *b, int64_t tenant, arena *mem, str *out_part)
{
    unsigned char chance[16], wrapped[WRAPPED_BYTES];
    random_bytes(chance, sizeof chance);
    str id = hex_of(mem, chance, sizeof chance);
    struct part *p = part_new(tenant, id);
    random_bytes(p->key.b, sizeof p->key.b);
    ring_wrap(&b->ring, id, &p->key, wrapped);
    const char *path = part_path(mem, b, tenant, id);
    err e = blob_make(path, &p->fd);
    if (e.code == OK) e = blob_write_all(p->fd, part_header, sizeof part_header);
    if (e.code == OK) e = blob_write_all(p->fd, wrapped, sizeof wrapped);
    if (e.code == OK && fsync(p->fd) != 0) e = blob_io();
    if (e.code == OK) e = dir_sync(path);
    if (e.code != OK) {
        unlink(path);
        part_close(p);
        return e;
    }
    p->file_bytes = PIECES_AT;
    pthread_mutex_lock(&b->parts_lock);
    p->next = b->parts;
    b->parts = p;
    pthread_mutex_unlock(&b->parts_lock);
    part_give(b, p, false);
    *out_part = id;
    return NO_ERR;
}

static err piece_append(struct part *p, unsigned char *room, str bytes)
{
    unsigned char extra[16];
    for (int i = 0; i < 4; i++) room[i] = (unsigned char)(bytes.n >> (8 * i));
    random_bytes(room + 4, NONCE_BYTES);
    extra_of(p, p->offset, extra);
    crypto_aead_xchacha20poly1305_ietf_encrypt(room + PIECE_HEAD, 0, (const unsigned char *)bytes.p, bytes.n, extra, sizeof extra, 0, room + 4, p->key.b);
    size_t n = PIECE_HEAD + bytes.n + TAG_BYTES, done = 0;
    while (done < n) {
        ssize_t more = pwrite(p->fd, room + done, n - done, p->file_bytes + (int64_t)done);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) {
            err e = blob_io();
            if (ftruncate(p->fd, p->file_bytes) != 0) return FAIL(E_IO, "store.io"); /* the half piece would be cut off anyway */
            return e;
        }
        done += (size_t)more;
    }
    p->file_bytes += (int64_t)n;
    p->offset += (int64_t)bytes.n;
    p->unsynced += (int64_t)n;
    return NO_ERR;
}

static err part_sync(struct part *p)
{
    if (p->unsynced && fdatasync(p->fd) != 0) return blob_io();
    p->unsynced = 0;
    return NO_ERR;
}

err blob_part_append(struct blobs *b, int64_t tenant, str part, int64_t offset_bytes, str bytes, int64_t *out_offset)
{
    struct part *p;
    *out_offset = 0;
    TRY(part_take(b, tenant, part, &p));
    err e = p->offset == offset_bytes ? NO_ERR : FAIL(E_CONFLICT, "store.blob.offset");
    unsigned char *room = malloc(PIECE_HEAD + (bytes.n < SEGMENT_BYTES ? bytes.n : SEGMENT_BYTES) + TAG_BYTES);
    if (!room) abort();
    while (e.code == OK && bytes.n) {
        size_t n = bytes.n < SEGMENT_BYTES ? bytes.n : SEGMENT_BYTES;
        e = piece_append(p, room, str_cut(bytes, 0, n));
        if (e.code == OK && p->unsynced >= UNSYNCED_MOST) e = part_sync(p);
        bytes = str_cut(bytes, n, bytes.n);
    }
    free(room);
    *out_offset = p->offset;
    part_give(b, p, false);
    return e;
}

err blob_part_sync(struct blobs *b, int64_t tenant, str part)
{
    struct part *p;
    TRY(part_take(b, tenant, part, &p));
    err e = part_sync(p);
    part_give(b, p, false);
    return e;
}

err blob_part_offset(struct blobs *b, int64_t tenant, str part, int64_t *out_offset)
{
    struct part *p;
    *out_offset = 0;
    TRY(part_take(b, tenant, part, &p));
    *out_offset = p->offset;
    part_give(b, p, false);
    return NO_ERR;
}

err blob_part_finish(struct blobs *b, int64_t tenant, str part, arena *mem, struct blob_ref *out)
{
    struct part *p;
    struct blob_writer *w;
    TRY(part_take(b, tenant, part, &p));
    err e = blob_write_start(b, tenant, &w);
    if (e.code == OK) {
        e = pieces_walk(p, w);
        if (e.code == OK) e = blob_write_finish(w, mem, out);
        else blob_write_abort(w);
    }
    part_give(b, p, false);
    return e;
}

err blob_part_abort(struct blobs *b, int64_t tenant, str part)
{
    struct part *p;
    arena *mem = arena_new(0);
    err e = part_take(b, tenant, part, &p);
    if (e.code == OK) {
        unlink(part_path(mem, b, tenant, part));
        part_give(b, p, true);
    }
    arena_free(mem);
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}
