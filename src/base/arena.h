/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* arena.h — memory that lives as long as one request or one job. Never NULL: no memory, or more than the limit, aborts. */
#pragma once
#include <stddef.h>

typedef struct arena arena;

arena *arena_new(size_t limit_bytes);      /* 0: 256 MiB */
void arena_reset(arena *a);                /* runs the deferred functions, last first; keeps one block */
void arena_free(arena *a);
void *arena_alloc(arena *a, size_t size_bytes);        /* zeroed, aligned for any type */
void *arena_alloc_raw(arena *a, size_t size_bytes);    /* the same, not zeroed: for what is written whole at once */
void arena_trim(arena *a, void *p, size_t size_bytes, size_t new_bytes);    /* gives the end of p back, when it was the last */
void *arena_grow(arena *a, void *old, size_t old_bytes, size_t new_bytes);  /* in place when it was the last; zeroes the rest */
void arena_defer(arena *a, void (*fn)(void *), void *arg);  /* called at reset: what is not memory */
size_t arena_used_bytes(const arena *a);

#define NEW(a_, type_) ((type_ *)arena_alloc((a_), sizeof(type_)))
#define NEW_N(a_, type_, n_) ((type_ *)arena_alloc((a_), sizeof(type_) * (size_t)(n_)))

/* A slice {v, n} grown in an arena: PUSH(mem, &slice, item). Doubles, so the cost is amortised. */
#define PUSH(a_, slice_, ...)                                                                          \
    do {                                                                                               \
        __typeof__(slice_) sl_ = (slice_);                                                             \
        if ((sl_->n & (sl_->n - 1)) == 0)                                                              \
            sl_->v = arena_grow((a_), sl_->v, sl_->n * sizeof *sl_->v,                                 \
                                (sl_->n ? sl_->n * 2 : 1) * sizeof *sl_->v);                           \
        sl_->v[sl_->n++] = (__VA_ARGS__);                                                              \
    } while (0)

/* AUTO(fn) type *x: fn(&x) runs when x leaves its scope. The only clean-up style outside arenas. */
#define AUTO(fn_) __attribute__((cleanup(fn_)))
