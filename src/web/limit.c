/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/limit.h"
#include <pthread.h>
#include <sodium.h>

enum { WAYS = 8, SETS = 8192, LOCKS = 64 };

/* full_ms: when the bucket is whole again. Tokens then follow from the distance, so that a bucket is one
   instant and a tag. */
struct bucket {
    uint64_t tag;
    int64_t full_ms;
};
struct limiter {
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    pthread_mutex_t locks[LOCKS];
    struct bucket sets[SETS][WAYS];
};

struct limiter *limiter_new(void)
{
    struct limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    randombytes_buf(l->key, sizeof l->key);
    for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&l->locks[i], NULL);
    return l;
}

void limiter_free(struct limiter *l)
{
    for (int i = 0; l && i < LOCKS; i++) pthread_mutex_destroy(&l->locks[i]);
    free(l);
}

static struct bucket *bucket_find(struct bucket *set, uint64_t tag)
{
    struct bucket *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].tag == tag) return &set[i];
        if (set[i].full_ms < oldest->full_ms) oldest = &set[i];
    }
    *oldest = (struct bucket){tag, 0};
    return oldest;
}

int limiter_take(struct limiter *l, str who, const char *action, unsigned per_minute, unsigned burst,
                 int64_t now_us)
{
    if (per_minute == 0) return 60;
    if (burst == 0) burst = 1;
    unsigned char hash[16];
    unsigned char text[256];
    size_t action_n = strnlen(action, 63), who_n = who.n < 180 ? who.n : 180;
    memcpy(text, action, action_n);
    text[action_n] = 0;
    if (who_n) memcpy(text + action_n + 1, who.p, who_n);
    crypto_shorthash_siphashx24(hash, text, action_n + 1 + who_n, l->key);
    uint64_t place, tag;
    memcpy(&place, hash, 8);
    memcpy(&tag, hash + 8, 8);
    int64_t now_ms = now_us / 1000, cost_ms = 60000 / (int64_t)per_minute,
            whole_ms = cost_ms * (int64_t)burst;
    pthread_mutex_t *lock = &l->locks[place % LOCKS];
    pthread_mutex_lock(lock);
    struct bucket *b = bucket_find(l->sets[place % SETS], tag);
    int64_t full_ms = b->full_ms > now_ms ? b->full_ms : now_ms,
            wait_ms = full_ms + cost_ms - now_ms - whole_ms;
    if (wait_ms <= 0) b->full_ms = full_ms + cost_ms;
    pthread_mutex_unlock(lock);
    return wait_ms <= 0 ? 0 : (int)((wait_ms + 999) / 1000);
}
