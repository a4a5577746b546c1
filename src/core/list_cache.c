/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/list_cache.h"

#include <pthread.h>

#include "gen/sql/core/value_list.sql.h"

#define SLOTS 64

struct slot {
    struct list_cache *owner;
    arena *mem;                 /* NULL: free */
    int64_t tenant, revision, used;
    str name;
    struct options options;
    int readers;
};

struct list_cache {
    arena *mem;
    pthread_mutex_t lock;
    int64_t now;
    struct slot slots[SLOTS];
};

struct list_cache *list_cache_new(void)
{
    arena *mem = arena_new(0);
    struct list_cache *c = NEW(mem, struct list_cache);
    c->mem = mem;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void list_cache_free(struct list_cache *c)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (c->slots[i].mem) arena_free(c->slots[i].mem);
    pthread_mutex_destroy(&c->lock);
    arena_free(c->mem);
}

void list_cache_forget(struct list_cache *c, int64_t tenant)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < SLOTS; i++)
        if (c->slots[i].tenant == tenant) c->slots[i].tenant = -1;
    pthread_mutex_unlock(&c->lock);
}

static void slot_leave(void *arg)
{
    struct slot *s = arg;
    pthread_mutex_lock(&s->owner->lock);
    s->readers--;
    pthread_mutex_unlock(&s->owner->lock);
}

static const struct options *slot_enter(struct list_cache *c, struct slot *s, arena *mem)
{
    s->used = ++c->now;
    s->readers++;
    arena_defer(mem, slot_leave, s);
    return &s->options;
}

static struct slot *slot_find(struct list_cache *c, int64_t tenant, str name, int64_t revision)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &c->slots[i];
        if (s->mem && s->tenant == tenant && s->revision == revision && str_eq(s->name, name)) return s;
    }
    return NULL;
}

/* A free slot, with room for n more entries; NULL when readers hold them all. */
static struct slot *slot_room(struct list_cache *c, size_t n)
{
    for (;;) {
        struct slot *free_slot = NULL, *oldest = NULL;
        size_t held = 0;
        for (size_t i = 0; i < SLOTS; i++) {
            struct slot *s = &c->slots[i];
            if (!s->mem) free_slot = s;
            else if (!s->readers && (!oldest || s->used < oldest->used)) oldest = s;
            held += s->mem ? s->options.n : 0;
        }
        if (free_slot && (!held || held + n <= LIST_CACHE_ENTRIES)) return free_slot;
        if (!oldest) return NULL;
        arena_free(oldest->mem);
        *oldest = (struct slot){0};
    }
}

static void arena_drop(arena **a) { arena_free(*a); }
static void arena_drop_later(void *a) { arena_free(a); }

static err entries_read(db *d, arena *mem, str name, int64_t revision, struct options *out)
{
    AUTO(arena_drop) arena *rows_mem = arena_new(0);
    struct sql_list_items_all_row_list rows = {0};
    *out = (struct options){0};
    TRY(sql_list_items_all(d, rows_mem, name, revision, &rows));
    out->v = NEW_N(mem, struct option, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++)
        out->v[out->n++] = (struct option){.id = str_copy(mem, rows.v[i].id), .label = {{str_copy(mem, rows.v[i].label)}}};
    out->order = option_order(mem, out);
    return NO_ERR;
}

err list_cache_get(struct list_cache *c, db *d, arena *mem, str name, int64_t revision, const struct options **out)
{
    pthread_mutex_lock(&c->lock);
    struct slot *s = slot_find(c, db_tenant(d), name, revision);
    if (s) *out = slot_enter(c, s, mem);
    pthread_mutex_unlock(&c->lock);
    if (s) return NO_ERR;

    /* Read without the lock: two may read the same list, one is kept. */
    arena *own = arena_new(0);
    struct options options;
    err e = entries_read(d, own, name, revision, &options);
    if (e.code != OK) {
        arena_free(own);
        return FAIL(e.code, e.msg);
    }
    pthread_mutex_lock(&c->lock);
    s = slot_find(c, db_tenant(d), name, revision);
    struct slot *room = s ? NULL : slot_room(c, options.n);
    if (room) {
        *room = (struct slot){.owner = c, .mem = own, .tenant = db_tenant(d), .revision = revision, .name = str_copy(own, name), .options = options};
        s = room;
    }
    if (s) *out = slot_enter(c, s, mem);
    pthread_mutex_unlock(&c->lock);
    if (room) return NO_ERR;
    if (s) {
        arena_free(own);
        return NO_ERR;
    }
    struct options *lent = NEW(mem, struct options);
    *lent = options;
    *out = lent;
    arena_defer(mem, arena_drop_later, own);
    return NO_ERR;
}
