/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/id.h"
#include "base/clock.h"
#include "base/hash.h"
#include <stdatomic.h>

#define EPOCH_MS INT64_C(1704067200000)     /* 2024-01-01T00:00:00Z */
#define RANDOM_BITS 22
#define RANDOM_MASK ((INT64_C(1) << RANDOM_BITS) - 1)
#define TIME_MASK ((INT64_C(1) << 41) - 1)

/* Strictly increasing within a process: several in one millisecond keep the order they were made in. */
int64_t id_new(void)
{
    static _Atomic int64_t last;
    int64_t ms = clock_now_us() / 1000 - EPOCH_MS;
    uint32_t r;
    random_bytes(&r, sizeof r);
    int64_t id = (ms < 0 ? 0 : ms & TIME_MASK) << RANDOM_BITS | (r & RANDOM_MASK);
    int64_t seen = atomic_load(&last);
    int64_t want;
    do {
        /* A step of random size: the next identifier cannot be guessed from this one. When the clock went back by a second or
           more (tests do that), the identifier follows the clock and the order starts again. */
        want = id;
        if (want <= seen && (seen >> RANDOM_BITS) - (want >> RANDOM_BITS) < 1000) want = seen + 1 + (int64_t)(r >> 24);
    } while (!atomic_compare_exchange_weak(&last, &seen, want));
    return want;
}

int64_t id_time_us(int64_t id)
{
    return ((id >> RANDOM_BITS) + EPOCH_MS) * 1000;
}

int64_t id_first_at(int64_t at_us)
{
    int64_t ms = at_us / 1000 - EPOCH_MS;
    return (ms < 0 ? 0 : ms & TIME_MASK) << RANDOM_BITS;
}

static const char crockford[32 + 1] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

str id_text(arena *a, int64_t id)
{
    char *p = arena_alloc(a, 14);
    uint64_t v = (uint64_t)id;
    for (int i = 12; i >= 0; i--, v >>= 5) p[i] = crockford[v & 31];
    return (str){p, 13};
}

static int digit_of(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 32);
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    for (int i = 0; i < 32; i++)
        if (crockford[i] == c) return i;
    return -1;
}

err id_parse(str text, int64_t *out)
{
    uint64_t v = 0;
    if (text.n != 13) return FAIL(E_INVALID, "base.not_an_id");
    for (size_t i = 0; i < 13; i++) {
        int d = digit_of(text.p[i]);
        if (d < 0 || v >> 58) return FAIL(E_INVALID, "base.not_an_id");      /* 63 bits: the top is at most 7 */
        v = v << 5 | (unsigned)d;
    }
    *out = (int64_t)v;
    return NO_ERR;
}
