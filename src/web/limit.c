/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/limit.h"
#include "base/clock.h"
#include <pthread.h>
#include <sodium.h>

enum { WAYS = 8, SETS = 8192, LOCKS = 64 };

/* full_us: when the bucket is whole again. Tokens then follow from the distance, so that a bucket is one
   instant and a tag. */
struct bucket {
    uint64_t tag;
    int64_t full_us;
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
        if (set[i].full_us < oldest->full_us) oldest = &set[i];
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
    int64_t cost_us = MINUTE_US / (int64_t)per_minute, whole_us = cost_us * (int64_t)burst;
    if (cost_us == 0) return 0;                 /* more than one each µs: threads that read the clock in turn would refuse one another */
    pthread_mutex_t *lock = &l->locks[place % LOCKS];
    pthread_mutex_lock(lock);
    struct bucket *b = bucket_find(l->sets[place % SETS], tag);
    int64_t full_us = b->full_us > now_us ? b->full_us : now_us,
            wait_us = full_us + cost_us - now_us - whole_us;
    if (wait_us <= 0) b->full_us = full_us + cost_us;
    pthread_mutex_unlock(lock);
    return wait_us <= 0 ? 0 : (int)((wait_us + SECOND_US - 1) / SECOND_US);
}
