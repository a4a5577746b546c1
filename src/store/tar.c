/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/tar.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/blob_ring.h"

enum { BLOCK = 512, COPY_BYTES = 1 << 20 };
struct tar_head {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6], version[2], user[32], group[32], major[8],
        minor[8], prefix[155], rest[12];
};

static unsigned sum_of(const struct tar_head *h)
{
    const unsigned char *p = (const unsigned char *)h;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof *h; i++) sum += i >= offsetof(struct tar_head, sum) && i < offsetof(struct tar_head, type) ? ' ' : p[i];
    return sum;
}

static void put(char *field, size_t n, str s)
{
    memcpy(field, s.p, s.n < n ? s.n : n);
}

/* Octal; past 8 GiB the base-256 form that GNU tar reads too. */
static void size_put(char field[12], int64_t size)
{
    char text[24];
    if (size < INT64_C(8) << 30) {
        snprintf(text, sizeof text, "%011llo", (unsigned long long)size);
        memcpy(field, text, 12);
        return;
    }
    field[0] = (char)0x80;
    for (int i = 0; i < 8; i++) field[11 - i] = (char)(unsigned char)((uint64_t)size >> (8 * i));
}

static int64_t size_get(const char field[12])
{
    int64_t v = 0;
    if (field[0] & (char)0x80)
        for (int i = 4; i < 12; i++) v = v << 8 | (unsigned char)field[i];
    else
        for (int i = 0; i < 11 && field[i] >= '0' && field[i] <= '7'; i++) v = v * 8 + (field[i] - '0');
    return v;
}

err tar_head(int out, const char *name, int64_t size)
{
    struct tar_head h = {.mode = "0000600", .uid = "0000000", .gid = "0000000", .type = '0', .magic = "ustar", .version = {'0', '0'}};
    char text[24];
    const char *slash = strlen(name) > sizeof h.name ? strrchr(name, '/') : 0;
    put(h.name, sizeof h.name, str_of(slash ? slash + 1 : name));
    if (slash) put(h.prefix, sizeof h.prefix, (str){name, (size_t)(slash - name)});
    size_put(h.size, size);
    snprintf(text, sizeof text, "%011llo", (unsigned long long)(clock_now_us() / SECOND_US));
    memcpy(h.mtime, text, 12);
    snprintf(text, sizeof text, "%06o", sum_of(&h));
    memcpy(h.sum, text, 7);
    h.sum[7] = ' ';
    return blob_write_all(out, &h, sizeof h);
}

err tar_pad(int out, int64_t size)
{
    static const char zeros[BLOCK];
    return size % BLOCK ? blob_write_all(out, zeros, (size_t)(BLOCK - size % BLOCK)) : NO_ERR;
}

static err not_a_backup(void) { return FAIL(E_INVALID, "store.restore.not_a_backup"); }

err tar_copy(int in, int out, int64_t n, crypto_generichash_state *hash)
{
    char *room = malloc(COPY_BYTES);
    err e = NO_ERR;
    if (!room) abort();
    while (n > 0 && e.code == OK) {
        ssize_t got = read(in, room, n < COPY_BYTES ? (size_t)n : COPY_BYTES);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            e = got < 0 ? blob_io() : not_a_backup();
            break;
        }
        if (hash) crypto_generichash_update(hash, (const unsigned char *)room, (size_t)got);
        if (out >= 0) e = blob_write_all(out, room, (size_t)got);
        n -= got;
    }
    free(room);
    return e;
}

err tar_text(int out, const char *name, str text)
{
    TRY(tar_head(out, name, (int64_t)text.n));
    TRY(blob_write_all(out, text.p, text.n));
    return tar_pad(out, (int64_t)text.n);
}

err tar_finish(int out)
{
    static const char zeros[2 * BLOCK];
    TRY(blob_write_all(out, zeros, sizeof zeros));
    return fsync(out) == 0 ? NO_ERR : blob_io();
}

err tar_read(int in, void *out, size_t n)
{
    for (char *at = out; n;) {
        ssize_t got = read(in, at, n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 ? blob_io() : not_a_backup();
        at += got;
        n -= (size_t)got;
    }
    return NO_ERR;
}

err tar_read_text(int in, arena *mem, int64_t size, str *out)
{
    if (size > TAR_TEXT_MOST) return not_a_backup();
    char *v = arena_alloc(mem, (size_t)size + 1);
    *out = (str){v, (size_t)size};
    return tar_read(in, v, (size_t)size);
}

err tar_next(int in, arena *mem, str *out_name, int64_t *out_size)
{
    struct tar_head h;
    TRY(tar_read(in, &h, sizeof h));
    if (memcmp(h.magic, "ustar", 5) != 0 || strtoul(h.sum, 0, 8) != sum_of(&h)) return not_a_backup();
    str name = {h.name, strnlen(h.name, sizeof h.name)}, prefix = {h.prefix, strnlen(h.prefix, sizeof h.prefix)};
    *out_name = prefix.n ? str_fmt(mem, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(name)) : str_copy(mem, name);
    *out_size = size_get(h.size);
    return *out_size < 0 ? not_a_backup() : NO_ERR;
}

err tar_skip(int in, int64_t size)
{
    char skip[BLOCK];
    return size % BLOCK ? tar_read(in, skip, (size_t)(BLOCK - size % BLOCK)) : NO_ERR;
}

err tar_make(const char *path, int *out) { return blob_make(path, out); }
err tar_keep(const char *part, const char *name) { return rename(part, name) == 0 ? dir_sync(name) : blob_io(); }
