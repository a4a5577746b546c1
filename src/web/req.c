/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/id.h"
#include "web/call.h"

str param(struct req *q, const char *name)
{
    const struct route_params *p = &call_of(q)->params;
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->v[i].name, name) == 0) return p->v[i].value;
    return STR_NONE;
}

err param_i64(struct req *q, const char *name, int64_t *out)
{
    return str_i64(param(q, name), out).code == OK ? NO_ERR : FAIL(E_NOT_FOUND, "web.not_found");
}

err param_id(struct req *q, const char *name, int64_t *out)
{
    return id_parse(param(q, name), out).code == OK ? NO_ERR : FAIL(E_NOT_FOUND, "web.not_found");
}

/* A query that does not decode is read as empty: a page with a broken parameter is still that page. */
static const struct pairs *query_pairs(struct call *c)
{
    struct req *q = &c->q;
    if (!c->query_parsed &&
        pairs_parse(q->mem, q->query_string, (size_t)c->server->opt.form_fields_max, &c->query).code != OK)
        c->query = (struct pairs){0};
    c->query_parsed = true;
    return &c->query;
}

static void query_was_read(struct call *c, size_t i)
{
    if (i < 64) c->queries_read |= UINT64_C(1) << i;
}

const struct pairs *queries(struct req *q)
{
    call_of(q)->queries_read = UINT64_MAX;
    return query_pairs(call_of(q));
}

str query(struct req *q, const char *name)
{
    const struct pairs *p = query_pairs(call_of(q));
    str found = STR_NONE;
    for (size_t i = p->n; i-- > 0;)
        if (str_is(p->v[i].name, name)) {
            found = p->v[i].value;
            query_was_read(call_of(q), i);
        }
    return found;
}

err query_i64(struct req *q, const char *name, int64_t otherwise, int64_t *out)
{
    str v = query(q, name);
    if (v.n == 0) {
        *out = otherwise;
        return NO_ERR;
    }
    return str_i64(v, out).code == OK ? NO_ERR : FAIL_AT(E_INVALID, "web.input.number", name);
}

const struct pairs *fields(struct req *q)
{
    return &call_of(q)->form;
}

str field(struct req *q, const char *name)
{
    return pairs_first(fields(q), name);
}

static void all_of(arena *mem, const struct pairs *p, const char *name, struct strs *out)
{
    *out = (struct strs){0};
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, name)) PUSH(mem, out, p->v[i].value);
}

void fields_all(struct req *q, const char *name, struct strs *out)
{
    all_of(q->mem, fields(q), name, out);
}

void queries_all(struct req *q, const char *name, struct strs *out)
{
    const struct pairs *p = query_pairs(call_of(q));
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, name)) query_was_read(call_of(q), i);
    all_of(q->mem, p, name, out);
}

bool field_has(struct req *q, const char *name)
{
    return field(q, name).p != NULL;
}

str body(struct req *q)
{
    struct call *c = call_of(q);
    return c->body_mode == BODY_WHOLE ? buf_str(&c->body) : S("");
}

str header(struct req *q, const char *name)
{
    struct call *c = call_of(q);
    c->read_headers = true;
    return str_of(MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name));
}

static str cookie_decoded(struct call *c, const char *name)
{
    str raw = cookie_raw(c->in.cookie, name), v;
    if (!raw.p || url_decode(c->q.mem, raw, false, &v).code != OK) return STR_NONE;
    return v;
}

str cookie(struct req *q, const char *name)
{
    call_of(q)->read_headers = true;
    return cookie_decoded(call_of(q), name);
}

struct pairs cookies_named(struct req *q, const char *prefix, size_t most)
{
    struct call *c = call_of(q);
    struct pairs out = {0};
    c->read_headers = true;
    for (str rest = c->in.cookie; rest.n && out.n < most;) {
        str name = str_trim(str_split(str_split(rest, ';', &rest), '=', &(str){0}));
        if (!str_starts(name, str_of(prefix))) continue;
        str value = cookie_decoded(c, str_z(q->mem, name));
        if (value.n) PUSH(q->mem, &out, (struct pair){str_cut(name, strlen(prefix), name.n), value});
    }
    return out;
}

str bearer_token(struct req *q)
{
    str a = call_of(q)->in.authorization;
    return str_is_nocase(str_cut(a, 0, 7), "bearer ") ? str_trim(str_cut(a, 7, a.n)) : STR_NONE;
}

str session_token(struct req *q)
{
    return cookie_decoded(call_of(q), q->https ? SESSION_COOKIE_SECURE : SESSION_COOKIE);
}

struct upload *upload(struct req *q, const char *field_name, size_t i)
{
    struct call *c = call_of(q);
    for (size_t f = 0; f < c->files.n; f++)
        if (str_is(c->files.v[f]->field, field_name) && i-- == 0) return c->files.v[f];
    return NULL;
}

size_t uploads(struct req *q, struct upload ***out)
{
    *out = call_of(q)->files.v;
    return call_of(q)->files.n;
}

err upload_keep(struct req *q, struct upload *u)
{
    if (!u->writer) return NO_ERR; /* already kept */
    struct blob_writer *w = u->writer;
    u->writer = NULL;
    return blob_write_finish(w, q->mem, &u->ref);
}

static err limit(struct req *q, str who, const char *action, unsigned per_minute, unsigned burst)
{
    int wait_s =
        limiter_take(call_of(q)->server->limiter, who, action, per_minute, burst, clock_monotonic_us());
    if (wait_s == 0) return NO_ERR;
    reply_retry_after(q, wait_s);
    return FAIL(E_LIMIT, "web.limit");
}

err limit_take(struct req *q, const char *action, unsigned per_minute, unsigned burst)
{
    struct ip net = ip_prefix(&call_of(q)->ip);
    return limit(q, (str){(const char *)net.b, sizeof net.b}, action, per_minute, burst);
}

err limit_take_for(struct req *q, const char *action, str subject, unsigned per_minute, unsigned burst)
{
    return limit(q, str_fmt(q->mem, "%lld/%.*s", (long long)q->tenant_id, STR_ARG(subject)), action,
                 per_minute, burst);
}
