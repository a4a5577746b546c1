/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/decode.h"

enum { SEGMENTS_MAX = 12, BUCKETS = 64 };
enum segment_kind { LITERAL, PARAM, REST }; /* in order of preference */

struct segment {
    enum segment_kind kind;
    str text;
};
struct pattern {
    const struct route *route;
    size_t index, n, params;
    struct segment v[SEGMENTS_MAX];
};
struct router {
    arena *mem;
    struct pattern **v; /* in order of the tables */
    size_t n;
    struct {
        struct pattern **v;
        size_t n;
    } by_first[BUCKETS + 1]; /* literal first segment hashed; the last for the others */
};

static const char *const METHOD_NAMES[METHOD_N] = {
    [GET] = "GET",     [HEAD] = "HEAD",     [POST] = "POST",      [PUT] = "PUT",
    [PATCH] = "PATCH", [DELETE] = "DELETE", [OPTIONS] = "OPTIONS"};

const char *method_name(enum http_method m)
{
    return (unsigned)m < METHOD_N && METHOD_NAMES[m] ? METHOD_NAMES[m] : "?";
}

enum http_method method_parse(str name)
{
    for (unsigned m = GET; m < METHOD_N; m++)
        if (str_is(name, METHOD_NAMES[m])) return (enum http_method)m;
    return 0;
}

static size_t bucket_of(str first)
{
    uint32_t h = 2166136261u; /* FNV-1a; the table is ours, nobody chooses its keys */
    for (size_t i = 0; i < first.n; i++) h = (h ^ (unsigned char)first.p[i]) * 16777619u;
    return h % BUCKETS;
}

static err pattern_read(arena *mem, const struct route *r, struct pattern *p)
{
    str path = str_of(r->path);
    if (!r->path || path.n == 0 || path.p[0] != '/') return FAIL_AT(E_CONFIG, "web.route.path", r->path);
    if (!r->fn || !r->doc || !r->right || r->method < GET || r->method >= METHOD_N)
        return FAIL_AT(E_CONFIG, "web.route.incomplete", r->path);
    if (!(r->flags & ROUTE_STREAM) != !r->sink) return FAIL_AT(E_CONFIG, "web.route.incomplete", r->path);
    p->route = r;
    str rest = str_cut(path, 1, path.n);
    while (rest.p && path.n > 1) {
        str text = str_split(rest, '/', &rest);
        bool special = text.n && (text.p[0] == ':' || text.p[0] == '*');
        if (p->n == SEGMENTS_MAX || text.n < 1 + (size_t)special)
            return FAIL_AT(E_CONFIG, "web.route.path", r->path);
        enum segment_kind kind = !special ? LITERAL : text.p[0] == ':' ? PARAM : REST;
        if (kind == REST && rest.p) return FAIL_AT(E_CONFIG, "web.route.path", r->path);
        p->v[p->n++] =
            (struct segment){kind, kind == LITERAL ? text : str_of(str_z(mem, str_cut(text, 1, text.n)))};
        p->params += kind != LITERAL;
    }
    return p->params <= 8 ? NO_ERR : FAIL_AT(E_CONFIG, "web.route.path", r->path);
}

/* < 0: a wins where both match; 0: they take the same URLs, as far as order tells. */
static int pattern_compare(const struct pattern *a, const struct pattern *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        if (a->v[i].kind != b->v[i].kind) return a->v[i].kind < b->v[i].kind ? -1 : 1;
        int c = a->v[i].kind == LITERAL ? str_cmp(a->v[i].text, b->v[i].text) : 0;
        if (c) return c;
    }
    return a->n < b->n ? -1 : a->n > b->n;
}

static int by_preference(const void *a, const void *b)
{
    return pattern_compare(*(struct pattern *const *)a, *(struct pattern *const *)b);
}

static err index_make(struct router *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct pattern *p = r->v[i];
        bool literal = p->n && p->v[0].kind == LITERAL;
        PUSH(r->mem, &r->by_first[literal ? bucket_of(p->v[0].text) : BUCKETS], p);
    }
    for (size_t b = 0; b <= BUCKETS; b++) {
        if (r->by_first[b].n)
            qsort(r->by_first[b].v, r->by_first[b].n, sizeof(struct pattern *), by_preference);
        for (size_t i = 0; i < r->by_first[b].n; i++)
            for (size_t j = i + 1;
                 j < r->by_first[b].n && pattern_compare(r->by_first[b].v[i], r->by_first[b].v[j]) == 0; j++)
                if (r->by_first[b].v[i]->route->method == r->by_first[b].v[j]->route->method)
                    return FAIL_AT(E_CONFIG, "web.route.twice", r->by_first[b].v[j]->route->path);
    }
    return NO_ERR;
}

err router_new(struct router **out, struct route_tables tables)
{
    arena *mem = arena_new(0);
    struct router *r = NEW(mem, struct router);
    r->mem = mem;
    struct {
        struct pattern **v;
        size_t n;
    } all = {0};
    err e = NO_ERR;
    for (size_t t = 0; t < tables.n && e.code == OK; t++)
        for (const struct route *row = tables.v[t]; row->path && e.code == OK; row++) {
            struct pattern *p = NEW(mem, struct pattern);
            p->index = all.n;
            e = pattern_read(mem, row, p);
            PUSH(mem, &all, p);
        }
    r->v = all.v;
    r->n = all.n;
    if (e.code == OK) e = index_make(r);
    if (e.code != OK) {
        arena_free(mem);
        return e;
    }
    *out = r;
    return NO_ERR;
}

void router_free(struct router *r)
{
    if (r) arena_free(r->mem);
}

struct path {
    str v[SEGMENTS_MAX + 1];
    size_t n;
    str raw;
}; /* segments decoded; one more than any pattern has, then cut */

static err path_read(arena *mem, str raw, struct path *out)
{
    struct path p = {.raw = raw};
    str rest = str_cut(raw, 1, raw.n);
    while (rest.p && raw.n > 1 && p.n <= SEGMENTS_MAX) {
        str text = str_split(rest, '/', &rest);
        TRY(url_decode(mem, text, false, &p.v[p.n++]));
    }
    *out = p;
    return NO_ERR;
}

static bool matches(const struct pattern *p, const struct path *path)
{
    bool rest = p->n && p->v[p->n - 1].kind == REST;
    if (rest ? path->n < p->n : path->n != p->n) return false;
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].kind == LITERAL && !str_eq(p->v[i].text, path->v[i])) return false;
        if (p->v[i].kind != LITERAL && path->v[i].n == 0) return false;
    }
    return true;
}

/* What "*rest" takes: from its segment to the end, decoded, with its slashes. */
static err rest_read(arena *mem, const struct path *path, size_t from, str *out)
{
    str raw = str_cut(path->raw, 1, path->raw.n);
    for (size_t i = 0; i < from; i++) str_split(raw, '/', &raw);
    return url_decode(mem, raw, false, out);
}

static err params_read(arena *mem, const struct pattern *p, const struct path *path, struct route_params *out)
{
    out->n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].kind == LITERAL) continue;
        out->v[out->n].name = p->v[i].text.p;
        out->v[out->n].value = path->v[i];
        if (p->v[i].kind == REST) TRY(rest_read(mem, path, i, &out->v[out->n].value));
        out->n++;
    }
    return NO_ERR;
}

err router_find(const struct router *r, arena *mem, enum http_method method, str raw,
                const struct route **out, struct route_params *params, unsigned *allowed)
{
    struct path path;
    *allowed = 0;
    if (raw.n == 0 || raw.p[0] != '/') return FAIL(E_NOT_FOUND, "web.not_found");
    TRY(path_read(mem, raw, &path));
    const struct pattern *head_by_get = NULL;
    size_t buckets[2] = {path.n ? bucket_of(path.v[0]) : BUCKETS, BUCKETS};
    for (size_t b = 0; b < 2; b++) {
        for (size_t i = 0; i < r->by_first[buckets[b]].n; i++) {
            const struct pattern *p = r->by_first[buckets[b]].v[i];
            if (!matches(p, &path)) continue;
            if (p->route->method == method) {
                *out = p->route;
                return params_read(mem, p, &path, params);
            }
            if (method == HEAD && p->route->method == GET && !head_by_get) head_by_get = p;
            *allowed |= 1U << p->route->method;
        }
        if (buckets[0] == BUCKETS) break;
    }
    if (head_by_get) {
        *out = head_by_get->route;
        return params_read(mem, head_by_get, &path, params);
    }
    return *allowed ? FAIL(E_INVALID, "web.method") : FAIL(E_NOT_FOUND, "web.not_found");
}

const struct route *router_at(const struct router *r, size_t i)
{
    return r->v[i]->route;
}

size_t router_count(const struct router *r)
{
    return r->n;
}

size_t router_index(const struct router *r, const struct route *route)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i]->route == route) return i;
    return r->n;
}
