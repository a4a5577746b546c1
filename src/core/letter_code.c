/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <string.h>

#include "base/hash.h"
#include "core/letter.h"

#define CODE_BYTES 16
#define CODE_SIGNS 28

static const char signs[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 16 bytes, then 12 bits of their hash: 140 bits, 28 signs. */
static str code_of(arena *mem, const unsigned char bytes[CODE_BYTES])
{
    unsigned char all[CODE_BYTES + 2];
    struct hash32 h = hash_blake2b((str){(const char *)bytes, CODE_BYTES});
    memcpy(all, bytes, CODE_BYTES);
    all[CODE_BYTES] = h.b[0];
    all[CODE_BYTES + 1] = h.b[1];
    char *out = arena_alloc(mem, CODE_SIGNS + 1);
    for (unsigned i = 0; i < CODE_SIGNS; i++) {
        unsigned at = i * 5, pair = (unsigned)all[at / 8] << 8 | (at / 8 + 1 < sizeof all ? all[at / 8 + 1] : 0u);
        out[i] = signs[pair >> (11 - at % 8) & 31];
    }
    return (str){out, CODE_SIGNS};
}

str letter_code_new(arena *mem)
{
    unsigned char bytes[CODE_BYTES];
    random_bytes(bytes, sizeof bytes);
    return code_of(mem, bytes);
}

str letter_code_shown(arena *mem, str code)
{
    struct strs groups = {0};
    for (size_t i = 0; i < code.n; i += 4) PUSH(mem, &groups, str_cut(code, i, i + 4));
    return str_join(mem, groups, S("-"));
}

static int value_of(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 32);
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
    const char *at = c ? strchr(signs, c) : NULL;
    return at ? (int)(at - signs) : -1;
}

err letter_code_read(arena *mem, str typed, str *out)
{
    unsigned char bytes[CODE_BYTES + 2] = {0};
    char given[CODE_SIGNS];
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-' || c == '\t' || c == '.') continue;
        int v = value_of(c);
        if (v < 0 || n == CODE_SIGNS) return FAIL(E_INVALID, W("letter.code_typing"));
        given[n] = signs[v];
        unsigned at = (unsigned)n++ * 5, pair = (unsigned)v << (11 - at % 8);
        bytes[at / 8] |= (unsigned char)(pair >> 8);
        if (at / 8 + 1 < sizeof bytes) bytes[at / 8 + 1] |= (unsigned char)pair;
    }
    str code = code_of(mem, bytes);
    if (n != CODE_SIGNS || memcmp(code.p, given, CODE_SIGNS) != 0) return FAIL(E_INVALID, W("letter.code_typing"));
    *out = code;
    return NO_ERR;
}

str letter_address(arena *mem, const struct tenant *t, str code)
{
    return str_fmt(mem, "%.*s/v/%.*s", STR_ARG(t->address), STR_ARG(letter_code_shown(mem, code)));
}
