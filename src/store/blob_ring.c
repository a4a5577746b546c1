/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/blob_ring.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"

/* ---- text ---- */

static bool key_parse(str line, str *kind, struct ring_key *out)
{
    arena *mem = arena_new(0);
    str rest, raw, number, date;
    *kind = str_split(line, ' ', &rest);
    rest = str_trim(rest);
    number = str_split(rest, ' ', &rest);
    rest = str_trim(rest);
    date = str_split(rest, ' ', &rest);
    bool good = str_i64(number, &out->number).code == OK && date.n == 10 && hex_parse(mem, str_trim(rest), &raw).code == OK && raw.n == 32;
    if (good) {
        memcpy(out->key.b, raw.p, 32);
        memcpy(out->date, date.p, 10);
        out->date[10] = 0;
        sodium_memzero((void *)(uintptr_t)raw.p, 32);
    }
    arena_free(mem);
    return good;
}

static void wrap_add(struct ring *r, const struct ring_key *k)
{
    struct ring_key *v = malloc((r->n_wrap + 1) * sizeof *v);
    if (!v) abort();
    if (r->n_wrap) memcpy(v, r->wrap, r->n_wrap * sizeof *v);
    v[r->n_wrap] = *k;
    if (r->wrap) sodium_memzero(r->wrap, r->n_wrap * sizeof *v);
    free(r->wrap);
    r->wrap = v;
    r->n_wrap++;
}

static bool ring_parse(struct ring *r, str text)
{
    bool has_index = false, good = true;
    while (text.n && good) {
        str kind, line = str_trim(str_split(text, '\n', &text));
        struct ring_key k = {0};
        if (!line.n || line.p[0] == '#') continue;
        good = key_parse(line, &kind, &k);
        if (good && str_is(kind, "index") && !has_index) {
            r->index = k;
            has_index = true;
        } else if (good && str_is(kind, "wrap") && k.number > (r->n_wrap ? r->wrap[r->n_wrap - 1].number : 0)) {
            wrap_add(r, &k);
        } else {
            good = false;
        }
        sodium_memzero(&k, sizeof k);
    }
    return good && has_index && r->n_wrap > 0;
}

static void key_write(char *line, size_t n, const char *kind, const struct ring_key *k)
{
    char hex[65];
    sodium_bin2hex(hex, sizeof hex, k->key.b, 32);
    snprintf(line, n, "%s %lld %s %s\n", kind, (long long)k->number, k->date, hex);
    sodium_memzero(hex, sizeof hex);
}

/* Beside the old one, synced, then renamed: never half a ring. */
static err ring_save(const struct ring *r)
{
    static const char words[] = "# The key ring of Beffroi. Keep a copy elsewhere: without it no file can be read.\n"
                                "# index: names and secrets, never changes. wrap: the highest number wraps new keys, the others open old ones.\n";
    char line[160], part[4096];
    int fd;
    snprintf(part, sizeof part, "%s.part", r->path);
    unlink(part);
    TRY(blob_make(part, &fd));
    err e = blob_write_all(fd, words, sizeof words - 1);
    for (size_t i = 0; i <= r->n_wrap && e.code == OK; i++) {
        if (i == 0) key_write(line, sizeof line, "index", &r->index);
        else key_write(line, sizeof line, "wrap", &r->wrap[i - 1]);
        e = blob_write_all(fd, line, strlen(line));
    }
    sodium_memzero(line, sizeof line);
    if (e.code == OK && fsync(fd) != 0) e = blob_io();
    close(fd);
    if (e.code == OK && rename(part, r->path) != 0) e = blob_io();
    if (e.code == OK) e = dir_sync(r->path);
    return e;
}

static struct ring_key key_new(int64_t number)
{
    struct ring_key k = {.number = number};
    int year, month, day;
    days_civil(clock_now_us() / DAY_US, &year, &month, &day);
    snprintf(k.date, sizeof k.date, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100);
    random_bytes(k.key.b, sizeof k.key.b);
    return k;
}

/* ---- opening ---- */

static err ring_read(struct ring *r)
{
    char text[65536];
    int fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return FAIL(E_CONFIG, "store.blob.keys");
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    bool good = n > 0 && n < (ssize_t)sizeof text && ring_parse(r, (str){text, (size_t)n});
    sodium_memzero(text, sizeof text);
    return good ? NO_ERR : FAIL(E_CONFIG, "store.blob.keys");
}

err ring_open(struct ring *r, const char *path, bool files_are_there)
{
    r->path = strdup(path);
    if (!r->path) abort();
    if (access(path, F_OK) == 0 || errno != ENOENT || files_are_there) {
        TRY(ring_read(r));
    } else {
        struct ring_key first = key_new(1);
        r->index = key_new(0);
        wrap_add(r, &first);
        TRY(ring_save(r));
    }
    str index = {(const char *)r->index.key.b, 32};
    r->names = hash_blake2b_keyed(S("beffroi names"), index);
    r->secrets = hash_blake2b_keyed(S("beffroi secrets"), index);
    return NO_ERR;
}

void ring_close(struct ring *r)
{
    if (r->wrap) sodium_memzero(r->wrap, r->n_wrap * sizeof *r->wrap);
    free(r->wrap);
    free(r->path);
    pthread_rwlock_destroy(&r->lock);
    sodium_memzero(r, sizeof *r);
}

err ring_rotate(struct ring *r)
{
    pthread_rwlock_wrlock(&r->lock);
    struct ring_key k = key_new(r->wrap[r->n_wrap - 1].number + 1);
    wrap_add(r, &k);
    err e = ring_save(r);
    if (e.code != OK) r->n_wrap--; /* not on disk: nothing may be wrapped with it */
    pthread_rwlock_unlock(&r->lock);
    sodium_memzero(&k, sizeof k);
    return e;
}

/* ---- wrapping ---- */

void ring_wrap(struct ring *r, str what, const struct hash32 *key, unsigned char out[WRAPPED_BYTES])
{
    pthread_rwlock_rdlock(&r->lock);
    const struct ring_key *k = &r->wrap[r->n_wrap - 1];
    out[0] = 1;
    for (int i = 0; i < 4; i++) out[1 + i] = (unsigned char)((uint64_t)k->number >> (8 * i));
    random_bytes(out + 5, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + 5 + NONCE_BYTES, 0, key->b, 32, (const unsigned char *)what.p, what.n, 0, out + 5, k->key.b);
    pthread_rwlock_unlock(&r->lock);
}

int64_t ring_newest(struct ring *r)
{
    pthread_rwlock_rdlock(&r->lock);
    int64_t number = r->wrap[r->n_wrap - 1].number;
    pthread_rwlock_unlock(&r->lock);
    return number;
}

int64_t wrapped_number(str wrapped)
{
    const unsigned char *w = (const unsigned char *)wrapped.p;
    int64_t number = 0;
    if (wrapped.n != WRAPPED_BYTES || w[0] != 1) return 0;
    for (int i = 3; i >= 0; i--) number = number << 8 | w[1 + i];
    return number;
}

err ring_unwrap(struct ring *r, str what, str wrapped, struct hash32 *out)
{
    const unsigned char *w = (const unsigned char *)wrapped.p;
    int64_t number = wrapped_number(wrapped);
    if (!number) return FAIL(E_IO, "store.blob.altered");
    err e = FAIL(E_CONFIG, "store.blob.no_key");
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = 0; i < r->n_wrap; i++)
        if (r->wrap[i].number == number) {
            int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(out->b, 0, 0, w + 5 + NONCE_BYTES, 32 + TAG_BYTES,
                                                                 (const unsigned char *)what.p, what.n, w + 5, r->wrap[i].key.b);
            e = bad ? FAIL(E_IO, "store.blob.altered") : NO_ERR;
        }
    pthread_rwlock_unlock(&r->lock);
    return e;
}
