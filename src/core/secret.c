/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/secret.h"

#include <assert.h>
#include <sodium.h>

#include "base/buf.h"

static struct hash32 pepper;
static bool has_pepper;

void secret_pepper_set(const struct hash32 *p)
{
    pepper = *p;
    has_pepper = true;
}

str code_new(arena *mem) { return letters_code(mem, 12); }

bool code_hash(arena *mem, int64_t tenant, int64_t id, str typed, struct hash32 *out)
{
    assert(has_pepper);
    str code = letters_normalise(mem, typed);
    str all = str_fmt(mem, "code:%lld:%lld:%.*s", (long long)tenant, (long long)id, STR_ARG(code));
    *out = hash_blake2b_keyed(all, hash_str(&pepper));
    if (code.n) return true;
    random_bytes(out->b, sizeof out->b);
    return false;
}

str link_key(arena *mem, int64_t tenant, int64_t record, str words)
{
    assert(has_pepper);
    struct hash32 h = hash_blake2b_keyed(str_fmt(mem, "link:%lld:%lld:%.*s", (long long)tenant, (long long)record, STR_ARG(words)), hash_str(&pepper));
    return str_fmt(mem, "%.*s", STR_ARG(hex_of(mem, h.b, 16)));
}

struct hash32 webhook_key(arena *mem, int64_t tenant, str url)
{
    assert(has_pepper);
    return hash_blake2b_keyed(str_fmt(mem, "webhook:%lld:%.*s", (long long)tenant, STR_ARG(url)), hash_str(&pepper));
}

str webhook_secret(arena *mem, int64_t tenant, str url)
{
    struct hash32 key = webhook_key(mem, tenant, url);
    char text[sodium_base64_ENCODED_LEN(sizeof key.b, sodium_base64_VARIANT_ORIGINAL)];
    return str_fmt(mem, "whsec_%s", sodium_bin2base64(text, sizeof text, key.b, sizeof key.b, sodium_base64_VARIANT_ORIGINAL));
}

str token_new(arena *mem, struct hash32 *out_hash)
{
    uint8_t bytes[32];
    random_bytes(bytes, sizeof bytes);
    str token = base64url_of(mem, bytes, sizeof bytes);
    *out_hash = token_hash(token);
    return token;
}

struct hash32 token_hash(str token) { return hash_blake2b(token); }

static struct hash32 derived(arena *mem, const char *what, str words)
{
    assert(has_pepper);
    return hash_blake2b_keyed(str_fmt(mem, "derived-%s:%.*s", what, STR_ARG(words)), hash_str(&pepper));
}

str code_derived(arena *mem, str words)
{
    struct hash32 h = derived(mem, "code", words);
    return letters_of(mem, &h, 12);
}

str token_derived(arena *mem, str words)
{
    struct hash32 h = derived(mem, "token", words);
    return base64url_of(mem, h.b, sizeof h.b);
}
