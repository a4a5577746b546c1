/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define HIDE(p_, n_) ASAN_POISON_MEMORY_REGION((p_), (n_))
#define SHOW(p_, n_) ASAN_UNPOISON_MEMORY_REGION((p_), (n_))
#else
#define HIDE(p_, n_) ((void)0)
#define SHOW(p_, n_) ((void)0)
#endif

#define ARENA_MAGIC 0x616e6572u
#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define KEPT_BLOCK_BYTES ((size_t)256 * 1024)   /* a larger block goes back to the system at reset */
#define DEFAULT_LIMIT_BYTES ((size_t)256 * 1024 * 1024)
#define ALIGN alignof(max_align_t)

struct block {
    struct block *older;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

struct deferred {
    struct deferred *older;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    unsigned magic;
    struct block *newest;
    struct deferred *deferred;
    size_t limit, total;      /* total: bytes in all blocks */
    size_t used_older;        /* bytes used in blocks before the newest */
};

static _Noreturn void die(const char *why)
{
    fprintf(stderr, "{\"level\":\"error\",\"what\":\"arena\",\"why\":\"%s\"}\n", why);
    abort();
}

static void block_add(arena *a, size_t least)
{
    size_t size = a->newest ? a->newest->size * 2 : FIRST_BLOCK_BYTES;
    if (size > (size_t)4 * 1024 * 1024) size = (size_t)4 * 1024 * 1024;
    if (size < least) size = least;
    if (size > a->limit - a->total) size = least;
    if (size > a->limit - a->total) die("over the limit of one request or job");
    struct block *b = malloc(sizeof *b + size);
    if (!b) die("no memory");
    b->older = a->newest;
    b->size = size;
    b->used = 0;
    HIDE(b->bytes, size);
    if (a->newest) a->used_older += a->newest->used;
    a->newest = b;
    a->total += size;
}

static void block_free(struct block *b)
{
    SHOW(b->bytes, b->size);
    free(b);
}

arena *arena_new(size_t limit_bytes)
{
    arena *a = calloc(1, sizeof *a);
    if (!a) die("no memory");
    a->magic = ARENA_MAGIC;
    a->limit = limit_bytes ? limit_bytes : DEFAULT_LIMIT_BYTES;
    return a;
}

static size_t rounded(size_t n)
{
    if (n > SIZE_MAX / 2) die("a size out of reason");
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

void *arena_alloc_raw(arena *a, size_t size_bytes)
{
    size_t n = rounded(size_bytes ? size_bytes : 1);
    if (!a->newest || a->newest->size - a->newest->used < n) block_add(a, n);
    char *p = a->newest->bytes + a->newest->used;
    a->newest->used += n;
    SHOW(p, size_bytes ? size_bytes : 1);
    return p;
}

void *arena_alloc(arena *a, size_t size_bytes) { return memset(arena_alloc_raw(a, size_bytes), 0, size_bytes ? size_bytes : 1); }

void arena_trim(arena *a, void *p, size_t size_bytes, size_t new_bytes)
{
    struct block *b = a->newest;
    size_t had = rounded(size_bytes), n = rounded(new_bytes ? new_bytes : 1);
    if (!b || n >= had || b->used < had || (char *)p != b->bytes + b->used - had) return;
    b->used -= had - n;
    HIDE(b->bytes + b->used, had - n);
}

void *arena_grow(arena *a, void *old, size_t old_bytes, size_t new_bytes)
{
    if (!old || old_bytes == 0) return arena_alloc(a, new_bytes);
    if (new_bytes <= old_bytes) return old;
    struct block *b = a->newest;
    size_t had = rounded(old_bytes), n = rounded(new_bytes);
    if (b && b->used >= had && (char *)old == b->bytes + b->used - had && b->size - b->used >= n - had) {
        b->used += n - had;
        SHOW(old, new_bytes);
        memset((char *)old + old_bytes, 0, new_bytes - old_bytes);
        return old;
    }
    void *p = arena_alloc(a, new_bytes);
    return memcpy(p, old, old_bytes);
}

void arena_defer(arena *a, void (*fn)(void *), void *arg)
{
    struct deferred *d = NEW(a, struct deferred);
    *d = (struct deferred){a->deferred, fn, arg};
    a->deferred = d;
}

static void run_deferred(arena *a)
{
    while (a->deferred) {
        struct deferred *d = a->deferred;
        a->deferred = d->older;
        d->fn(d->arg);
    }
}

void arena_reset(arena *a)
{
    run_deferred(a);
    struct block *kept = NULL;
    for (struct block *b = a->newest; b;) {
        struct block *older = b->older;
        if (!kept && b->size <= KEPT_BLOCK_BYTES)
            kept = b;
        else
            block_free(b);
        b = older;
    }
    a->newest = kept;
    a->total = a->used_older = 0;
    if (kept) {
        kept->older = NULL;
        kept->used = 0;
        a->total = kept->size;
        HIDE(kept->bytes, kept->size);
    }
}

void arena_free(arena *a)
{
    if (!a) return;
    if (a->magic != ARENA_MAGIC) die("not an arena");
    run_deferred(a);
    for (struct block *b = a->newest; b;) {
        struct block *older = b->older;
        block_free(b);
        b = older;
    }
    a->magic = 0;
    free(a);
}

size_t arena_used_bytes(const arena *a)
{
    return a->used_older + (a->newest ? a->newest->used : 0);
}
