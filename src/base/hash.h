/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hash.h — hashes, random bytes and their text forms (libsodium). hash_start must be called once, by main or a test. */
#pragma once
#include "str.h"

struct hash32 { uint8_t b[32]; };

void hash_start(void);
struct hash32 hash_blake2b(str data);
struct hash32 hash_blake2b_keyed(str data, str key_32_bytes);
/* SHA-256 (FIPS 180-4) as bytes come: what other programs compute too. */
struct sha256 { _Alignas(8) unsigned char state[128]; };
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, str bytes);
str sha256_hex(struct sha256 *s, arena *a);
void random_bytes(void *out, size_t n_bytes);
uint64_t random_below(uint64_t limit);
str hex_of(arena *a, const void *bytes, size_t n_bytes);
err hex_parse(arena *a, str hex, str *out);
str base64url_of(arena *a, const void *bytes, size_t n_bytes);          /* no padding */
err base64url_parse(arena *a, str s, str *out);
bool secret_eq(str a, str b);                                           /* constant time for equal lengths */
/* n letters out of 20 consonants: no vowel, so no word; 4.3 bits each. Groups of four joined by '-'. */
str letters_code(arena *a, int n_letters);
str letters_of(arena *a, const struct hash32 *h, int n_letters);        /* the same, from a keyed hash; at most 16 */
/* What a person typed back: upper case, without blanks and dashes, grouped again; absent when a letter is not of the alphabet. */
str letters_normalise(arena *a, str typed);
