/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* OpenAPI 3.1 of /api/v1: what is true of every route comes from the route tables; bodies and schemas from web/openapi.json, whose
   "paths" is keyed by method and path. A route that has no entry there still shows, with a 200 of no shape. */
#include "core/rights.h"
#include "formats/json.h"
#include "pages/app.h"
#include "site/site.h"
#include "web/assets.h"
#include "web/req.h"

#define MOST_PARAMS 8

static const char *const method_names[METHOD_N] = {[GET] = "GET", [HEAD] = "HEAD", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE", [OPTIONS] = "OPTIONS"};

/* "/records/:ref" → "/records/{reference}"; the names go to `names`. */
static str template_of(arena *mem, str path, struct strs *names)
{
    buf b = BUF(1024);
    for (str rest = str_cut(path, 1, path.n); rest.p;) {
        str step = str_split(rest, '/', &rest);
        buf_char(&b, '/');
        if (!str_starts(step, S(":"))) {
            buf_put(&b, step);
            continue;
        }
        str name = str_cut(step, 1, step.n);
        if (str_is(name, "ref")) name = S("reference");
        PUSH(mem, names, name);
        buf_char(&b, '{');
        buf_put(&b, name);
        buf_char(&b, '}');
    }
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static void params_put(json_t *operation, const struct strs *names)
{
    json_t *all = json_object_get(operation, "parameters");
    if (!all) {
        all = json_array();
        json_object_set_new(operation, "parameters", all);
    }
    for (size_t i = names->n; i-- > 0;) {
        json_t *p = json_pack("{s:s, s:b, s:{s:s}}", "in", "path", "required", 1, "schema", "type", "string");
        json_put_str(p, "name", names->v[i]);
        json_array_insert_new(all, 0, p);
    }
    if (!json_array_size(all)) json_object_del(operation, "parameters");
}

static json_t *operation_of(const struct route *r, const json_t *said, const struct strs *names)
{
    json_t *o = said ? json_deep_copy(said) : json_pack("{s:{s:{s:s}}}", "responses", "200", "description", r->doc);
    json_object_set_new(o, "summary", json_string(r->doc));
    json_object_set_new(o, "security", r->right == RIGHT_API_TOKEN ? json_pack("[{s:[]}]", "token") : json_array());
    params_put(o, names);
    return o;
}

static void route_put(arena *mem, json_t *paths, const json_t *hand_kept, const struct route *r)
{
    struct strs names = {0};
    if (!(r->flags & ROUTE_API) || !str_starts(str_of(r->path), S("/api/v1/"))) return;
    str path = template_of(mem, str_of(r->path), &names), method = str_of(method_names[r->method]);
    const char *key = str_z(mem, path);
    json_t *item = json_object_get(paths, key);
    if (!item) {
        item = json_object();
        json_object_set_new(paths, key, item);
    }
    const json_t *said = json_object_get(hand_kept, str_z(mem, str_fmt(mem, "%.*s %.*s", STR_ARG(method), STR_ARG(path))));
    json_object_set_new(item, str_z(mem, str_lower_ascii(mem, method)), operation_of(r, said, &names));
}

static err get_openapi(struct req *q)
{
    const struct asset *a = asset_find(&assets_built, S("openapi.json"));
    json_t *doc;
    if (!a || !q->app->routes) return FAIL(E_NOT_FOUND, "web.not_found");
    TRY(json_parse(q->mem, (str){(const char *)a->plain, a->plain_n}, &doc));
    json_t *paths = json_object();
    for (size_t i = 0; i < q->app->routes->n; i++)
        for (const struct route *r = q->app->routes->v[i]; r->path; r++) route_put(q->mem, paths, json_object_get(doc, "paths"), r);
    json_object_set_new(doc, "paths", paths);
    return reply_json(q, 200, json_pretty(q->mem, doc));
}

const struct route openapi_routes[] = {
    {GET, "/api/v1/openapi.json", RIGHT_PUBLIC, get_openapi, "This description, in OpenAPI 3.1", ROUTE_API, NULL, NULL},
    {0}};
