/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/utf8.h"
#include "web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static err nothing(struct req *q)
{
    return NO_ERR;
}

static const struct route routes[] = {{GET, "/", 1, nothing, "d"},
                                      {GET, "/a/:x", 1, nothing, "d"},
                                      {GET, "/a/:x/b", 1, nothing, "d"},
                                      {POST, "/a/b", 1, nothing, "d"},
                                      {GET, "/f/*rest", 1, nothing, "d"},
                                      {GET, "/:any/c", 1, nothing, "d"},
                                      {0}};
static const struct route *const tables[] = {routes};

static void must(bool holds)
{
    if (!holds) abort();
}

/* A raw URL: whatever route is found, its parameters are valid UTF-8 without NUL and the pieces of the query too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router *router;
    if (!router) must(router_new(&router, (struct route_tables){tables, 1}).code == OK);
    arena *mem = arena_new(0);
    str q, path = str_split((str){(const char *)data, size}, '?', &q);
    const struct route *r;
    struct route_params p;
    struct pairs pairs;
    unsigned allowed;
    for (enum http_method m = GET; m < METHOD_N; m++) {
        if (router_find(router, mem, m, path, &r, &p, &allowed).code != OK) continue;
        must(r->method == m || (m == HEAD && r->method == GET));
        for (size_t i = 0; i < p.n; i++)
            must(p.v[i].value.n && utf8_valid(p.v[i].value) && !memchr(p.v[i].value.p, 0, p.v[i].value.n));
    }
    if (pairs_parse(mem, q, 50, &pairs).code == OK) {
        must(pairs.n <= 50);
        for (size_t i = 0; i < pairs.n; i++)
            must(utf8_valid(pairs.v[i].name) && utf8_clean(pairs.v[i].value));
    }
    arena_free(mem);
    return 0;
}
