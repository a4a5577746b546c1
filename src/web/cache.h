/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cache.h — anonymous pages, rendered and compressed, as shared responses that an event thread sends without
   a worker. Key: scheme, host, URL, language. Each page is tied to topics of its tenant. A bump writes the
   next number of a sequence in the topic's slot (of a table of fixed size; two topics in one slot only make a
   page stale too early): a page is fresh while no slot of its topics is above the number it was begun at. So
   a page rendered before a bump is never served after it, even when it is stored after it. */
#pragma once
#include <microhttpd.h>
#include "web/decode.h"

struct page_cache;
struct page {                                /* shared; give it back with page_put */
    struct MHD_Response *as[ENCODING_N];     /* NULL: not smaller than as[ENCODING_NONE] */
    struct MHD_Response *not_modified;
    size_t bytes[ENCODING_N];
    const struct route *route;
    size_t route_i;
    int64_t tenant;
    char etag[24];
};

struct page_cache *page_cache_new(size_t bytes_max);
void page_cache_free(struct page_cache *c);
uint64_t page_cache_now(struct page_cache *c); /* to be read before the first look at the database */
const struct page *page_get(struct page_cache *c, str key);        /* NULL: none, or stale */
void page_put(const struct page *p);
struct page_made {
    struct page page;
    size_t bytes_total;
    const char *const *topics;
    size_t topics_n;
    uint64_t begun_at;
};
/* Takes the responses over (destroys them when the page is already stale or too large: false). */
bool page_store(struct page_cache *c, str key, const struct page_made *made);
void page_bump(struct page_cache *c, int64_t tenant, str topic);   /* "*": the whole tenant */
void page_bump_all(struct page_cache *c);
void page_cache_stats(struct page_cache *c, int64_t *bytes, int64_t *pages);
