/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/cache.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum { SHARDS = 8, CHAINS = 512, SLOTS = 16384, TOPICS_KEPT = 14 };

struct entry {
    struct page page; /* first: a page given out is its entry */
    atomic_int holders;
    struct entry *chain, *newer, *older;
    uint64_t hash, begun_at;
    uint32_t slots[TOPICS_KEPT];
    size_t slots_n, bytes, key_n;
    char key[];
};
struct shard {
    pthread_mutex_t lock;
    struct entry *chains[CHAINS], *newest, *oldest;
    size_t bytes, pages;
};
struct page_cache {
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    size_t shard_bytes_max;
    atomic_uint_fast64_t sequence, all;
    atomic_uint_fast64_t slots[SLOTS];
    struct shard shards[SHARDS];
};

struct page_cache *page_cache_new(size_t bytes_max)
{
    struct page_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    randombytes_buf(c->hash_key, sizeof c->hash_key);
    c->shard_bytes_max = bytes_max / SHARDS;
    for (int i = 0; i < SHARDS; i++) pthread_mutex_init(&c->shards[i].lock, NULL);
    return c;
}

static void page_destroy(struct page *p)
{
    for (int i = 0; i < ENCODING_N; i++)
        if (p->as[i]) MHD_destroy_response(p->as[i]);
    if (p->not_modified) MHD_destroy_response(p->not_modified);
}

void page_put(const struct page *p)
{
    struct entry *e = (struct entry *)(uintptr_t)p;
    if (atomic_fetch_sub(&e->holders, 1) != 1) return;
    page_destroy(&e->page);
    free(e);
}

static void entry_remove(struct shard *s, struct entry *e)
{
    struct entry **at = &s->chains[e->hash / SHARDS % CHAINS];
    while (*at != e) at = &(*at)->chain;
    *at = e->chain;
    if (e->newer)
        e->newer->older = e->older;
    else
        s->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        s->oldest = e->newer;
    s->bytes -= e->bytes;
    s->pages--;
    page_put(&e->page);
}

static void entry_first(struct shard *s, struct entry *e)
{
    e->newer = NULL;
    e->older = s->newest;
    if (s->newest)
        s->newest->newer = e;
    else
        s->oldest = e;
    s->newest = e;
}

void page_cache_free(struct page_cache *c)
{
    if (!c) return;
    for (int i = 0; i < SHARDS; i++) {
        while (c->shards[i].oldest) entry_remove(&c->shards[i], c->shards[i].oldest);
        pthread_mutex_destroy(&c->shards[i].lock);
    }
    free(c);
}

static uint64_t hash_of(const struct page_cache *c, str s)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t h;
    crypto_shorthash(out, (const unsigned char *)s.p, s.n, c->hash_key);
    memcpy(&h, out, sizeof h);
    return h;
}

static uint32_t slot_of(const struct page_cache *c, int64_t tenant, str topic)
{
    char text[128];
    size_t n = topic.n < sizeof text - 8 ? topic.n : sizeof text - 8;
    memcpy(text, &tenant, 8);
    if (n) memcpy(text + 8, topic.p, n);
    return (uint32_t)(hash_of(c, (str){text, 8 + n}) % SLOTS);
}

uint64_t page_cache_now(struct page_cache *c)
{
    return atomic_load(&c->sequence);
}

static void raise_to(atomic_uint_fast64_t *slot, uint64_t v)
{
    uint64_t had = atomic_load(slot);
    while (had < v && !atomic_compare_exchange_weak(slot, &had, v)) {
    }
}

void page_bump(struct page_cache *c, int64_t tenant, str topic)
{
    raise_to(&c->slots[slot_of(c, tenant, topic)], atomic_fetch_add(&c->sequence, 1) + 1);
}

void page_bump_all(struct page_cache *c)
{
    raise_to(&c->all, atomic_fetch_add(&c->sequence, 1) + 1);
}

static bool is_fresh(struct page_cache *c, const struct entry *e)
{
    if (atomic_load(&c->all) > e->begun_at) return false;
    for (size_t i = 0; i < e->slots_n; i++)
        if (atomic_load(&c->slots[e->slots[i]]) > e->begun_at) return false;
    return true;
}

static struct entry *entry_find(const struct shard *s, uint64_t hash, str key)
{
    struct entry *e = s->chains[hash / SHARDS % CHAINS];
    while (e && !(e->hash == hash && e->key_n == key.n && memcmp(e->key, key.p, key.n) == 0)) e = e->chain;
    return e;
}

const struct page *page_get(struct page_cache *c, str key)
{
    uint64_t hash = hash_of(c, key);
    struct shard *s = &c->shards[hash % SHARDS];
    pthread_mutex_lock(&s->lock);
    struct entry *e = entry_find(s, hash, key);
    if (e && !is_fresh(c, e)) {
        entry_remove(s, e);
        e = NULL;
    }
    if (e) {
        atomic_fetch_add(&e->holders, 1);
        if (s->newest != e) {
            e->newer->older = e->older;
            if (e->older)
                e->older->newer = e->newer;
            else
                s->oldest = e->newer;
            entry_first(s, e);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return e ? &e->page : NULL;
}

static struct entry *entry_make(struct page_cache *c, str key, const struct page_made *m)
{
    struct entry *e = calloc(1, sizeof *e + key.n);
    if (!e) return NULL;
    e->page = m->page;
    e->holders = 1;
    e->begun_at = m->begun_at;
    e->bytes = m->bytes_total + sizeof *e + key.n;
    e->hash = hash_of(c, key);
    e->key_n = key.n;
    memcpy(e->key, key.p, key.n);
    e->slots[e->slots_n++] = slot_of(c, m->page.tenant, S("*"));
    for (size_t i = 0; i < m->topics_n && e->slots_n < TOPICS_KEPT; i++)
        e->slots[e->slots_n++] = slot_of(c, m->page.tenant, str_of(m->topics[i]));
    return e;
}

bool page_store(struct page_cache *c, str key, const struct page_made *made)
{
    struct page p = made->page;
    struct entry *e = made->topics_n < TOPICS_KEPT ? entry_make(c, key, made) : NULL;
    if (!e || e->bytes > c->shard_bytes_max / 2 || !is_fresh(c, e)) {
        page_destroy(&p);
        free(e);
        return false;
    }
    struct shard *s = &c->shards[e->hash % SHARDS];
    pthread_mutex_lock(&s->lock);
    struct entry *old = entry_find(s, e->hash, key);
    if (old) entry_remove(s, old);
    while (s->oldest && s->bytes + e->bytes > c->shard_bytes_max) entry_remove(s, s->oldest);
    e->chain = s->chains[e->hash / SHARDS % CHAINS];
    s->chains[e->hash / SHARDS % CHAINS] = e;
    entry_first(s, e);
    s->bytes += e->bytes;
    s->pages++;
    pthread_mutex_unlock(&s->lock);
    return true;
}

void page_cache_stats(struct page_cache *c, int64_t *bytes, int64_t *pages)
{
    *bytes = *pages = 0;
    for (int i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&c->shards[i].lock);
        *bytes += (int64_t)c->shards[i].bytes;
        *pages += (int64_t)c->shards[i].pages;
        pthread_mutex_unlock(&c->shards[i].lock);
    }
}
