/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* secret.h — codes that people type and tokens that browsers keep. A code is short: it is stored hashed with a key that is not in the
   database (the ring's: blobs_secret_hash), so that a stolen database does not let it be guessed. A token is 32 random bytes, stored
   as BLAKE2b. */
#pragma once
#include "base/hash.h"

void secret_pepper_set(const struct hash32 *pepper);                 /* once, before the first thread; codes need it */
str code_new(arena *mem);                                            /* "BCDF-GHJK-LMNP": 51 bits */
/* The hash of a code as typed (case, blanks, dashes ignored) for one draft or record. False: not a code; *out is random then,
   so that comparing costs the same. */
bool code_hash(arena *mem, int64_t tenant, int64_t id, str typed, struct hash32 *out);
/* Proves that a link was made by us for this record and these words (a mail address): 32 hex digits. */
str link_key(arena *mem, int64_t tenant, int64_t record, str words);
/* The key that signs webhooks to one address of one tenant, and as the receiver is given it ("whsec_…", Standard Webhooks). Made from
   the ring: nothing is stored, a stolen database forges none, another address has another key. */
struct hash32 webhook_key(arena *mem, int64_t tenant, str url);
str webhook_secret(arena *mem, int64_t tenant, str url);
str token_new(arena *mem, struct hash32 *out_hash);
struct hash32 token_hash(str token);
/* The same code and token each time for the same words, made with the key that is not in the database: what need not be kept there. */
str code_derived(arena *mem, str words);
str token_derived(arena *mem, str words);
static inline str hash_str(const struct hash32 *h) { return (str){(const char *)h->b, sizeof h->b}; }
