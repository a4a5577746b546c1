/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void hash_start(void)
{
    if (sodium_init() < 0) abort();
}

struct hash32 hash_blake2b(str data)
{
    struct hash32 h;
    crypto_generichash(h.b, sizeof h.b, (const unsigned char *)data.p, data.n, NULL, 0);
    return h;
}

struct hash32 hash_blake2b_keyed(str data, str key_32_bytes)
{
    struct hash32 h;
    if (key_32_bytes.n != 32) abort();
    crypto_generichash(h.b, sizeof h.b, (const unsigned char *)data.p, data.n, (const unsigned char *)key_32_bytes.p,
                       key_32_bytes.n);
    return h;
}

void random_bytes(void *out, size_t n_bytes)
{
    randombytes_buf(out, n_bytes);
}

uint64_t random_below(uint64_t limit)
{
    if (limit < 2) return 0;
    uint64_t v, reject = -limit % limit;      /* 2^64 mod limit: below it the numbers would not be equally likely */
    do random_bytes(&v, sizeof v);
    while (v < reject);
    return v % limit;
}

str hex_of(arena *a, const void *bytes, size_t n_bytes)
{
    char *p = arena_alloc(a, n_bytes * 2 + 1);
    sodium_bin2hex(p, n_bytes * 2 + 1, bytes, n_bytes);
    return (str){p, n_bytes * 2};
}

err hex_parse(arena *a, str hex, str *out)
{
    size_t n;
    char *p = arena_alloc(a, hex.n / 2 + 1);
    if (hex.n % 2 || (hex.n && sodium_hex2bin((unsigned char *)p, hex.n / 2, hex.p, hex.n, NULL, &n, NULL) != 0) ||
        (hex.n && n != hex.n / 2))
        return FAIL(E_MALFORMED, "base.not_hexadecimal");
    *out = (str){p, hex.n / 2};
    return NO_ERR;
}

str base64url_of(arena *a, const void *bytes, size_t n_bytes)
{
    size_t max = sodium_base64_encoded_len(n_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *p = arena_alloc(a, max);
    sodium_bin2base64(p, max, bytes, n_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (str){p, max - 1};
}

err base64url_parse(arena *a, str s, str *out)
{
    size_t n = 0;
    const char *end = s.p;
    char *p = arena_alloc(a, s.n + 1);
    if (s.n && (sodium_base642bin((unsigned char *)p, s.n, s.p, s.n, NULL, &n, &end,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
                end != s.p + s.n))
        return FAIL(E_MALFORMED, "base.not_base64");
    p[n] = 0;
    *out = (str){p, n};
    return NO_ERR;
}

bool secret_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

static const char alphabet[20 + 1] = "BCDFGHJKLMNPQRSTVWXZ";

static str grouped(arena *a, const char *letters, size_t n)
{
    size_t out_n = n + (n ? (n - 1) / 4 : 0);
    char *p = arena_alloc(a, out_n + 1), *to = p;
    for (size_t i = 0; i < n; i++) {
        if (i && i % 4 == 0) *to++ = '-';
        *to++ = letters[i];
    }
    return (str){p, out_n};
}

str letters_code(arena *a, int n_letters)
{
    size_t n = n_letters > 0 ? (size_t)n_letters : 0;
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = alphabet[random_below(20)];
    return grouped(a, p, n);
}

str letters_of(arena *a, const struct hash32 *h, int n_letters)
{
    char p[16];
    size_t n = n_letters > 0 ? (size_t)n_letters : 0;
    if (n > sizeof p) abort();
    for (size_t i = 0; i < n; i++) p[i] = alphabet[(h->b[2 * i] << 8 | h->b[2 * i + 1]) % 20];     /* 65536 mod 20 is 16: no letter is likelier by 0.04 % */
    return grouped(a, p, n);
}

str letters_normalise(arena *a, str typed)
{
    char *p = arena_alloc(a, typed.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-' || (c >= '\t' && c <= '\r')) continue;
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (!c || !strchr(alphabet, c)) return STR_NONE;
        p[n++] = c;
    }
    return n ? grouped(a, p, n) : STR_NONE;
}

static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct sha256), "libsodium's state fits");

void sha256_begin(struct sha256 *s) { crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)s->state); }

void sha256_add(struct sha256 *s, str bytes)
{
    if (bytes.n) crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)s->state, (const unsigned char *)bytes.p, bytes.n);
}

str sha256_hex(struct sha256 *s, arena *a)
{
    unsigned char h[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)s->state, h);
    return hex_of(a, h, sizeof h);
}
