/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/tenant.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "gen/sql/core/tenant.sql.h"

static void json_drop(void *j) { json_decref(j); }

static json_t *settings_load(arena *mem, str text)
{
    json_t *j = text.n ? json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json_is_object(j)) {
        json_decref(j);
        j = json_object();
    }
    arena_defer(mem, json_drop, j);
    return j;
}

static str settings_dump(arena *mem, const json_t *j)
{
    char *z = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    str s = str_copy(mem, z ? str_of(z) : S("{}"));
    free(z);      /* house: jansson made it */
    return s;
}

static str setting_str(const json_t *j, const char *key) { return str_of(json_string_value(json_object_get(j, key))); }

/* A name of the DNS as a browser sends it (RFC 1123 §2.1), an IPv4 address, or an IPv6 literal between brackets. */
static bool host_good(str s)
{
    bool literal = s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';
    char before = '.';
    for (size_t i = literal ? 1 : 0; i < (literal ? s.n - 1 : s.n); before = s.p[i++]) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (literal ? !((plain && c <= 'f') || c == ':' || c == '.') : !(plain || (before != '.' && (c == '-' || c == '.')))) return false;
    }
    return s.n && s.n <= 253 && before != '.' && before != '-';
}

err tenant_host_check(str host) { return host_good(host) ? NO_ERR : FAIL_AT(E_INVALID, W("tenant.host_bad"), "host"); }

err tenant_slug_check(str slug)
{
    bool good = slug.n && slug.n <= 80;
    for (size_t i = 0; good && i < slug.n; i++) {
        char c = slug.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i && i + 1 < slug.n);
    }
    return good ? NO_ERR : FAIL_AT(E_INVALID, W("tenant.slug_bad"), "slug");
}

struct put_args { str slug, name, host; json_t *settings; arena *mem; };

static err put_in_txn(db *w, void *arg)
{
    struct put_args *a = arg;
    err e = sql_tenant_row_add(w, db_tenant(w), a->slug, a->name, settings_dump(a->mem, a->settings), clock_now_us());
    if (e.code == E_EXISTS) return FAIL_AT(E_EXISTS, W("tenant.slug_taken"), "slug");
    if (e.code == OK && a->host.n) e = sql_host_add(w, a->host, db_tenant(w));
    return e.code == E_EXISTS ? FAIL_AT(E_EXISTS, W("tenant.host_taken"), "host") : e;
}

err tenant_put(db *d, str slug, str name, str host, json_t *settings)
{
    arena *mem = arena_new(1 << 22);
    struct put_args a = {slug, name, str_lower_ascii(mem, host), settings, mem};
    err e = tenant_slug_check(slug);
    if (e.code == OK && host.n) e = tenant_host_check(a.host);
    if (e.code == OK) e = db_txn(d, put_in_txn, &a);
    arena_free(mem);
    return e;
}

err tenant_add(struct store *s, str slug, str name, str host, json_t *settings, int64_t *out_id)
{
    AUTO(db_close_auto) db *d = NULL;
    *out_id = id_new();
    TRY(store_read(s, *out_id, &d));
    return tenant_put(d, slug, name, host, settings);
}

struct host_args { str host; int64_t tenant; };
static err host_in_txn(db *w, void *arg)
{
    struct host_args *a = arg;
    err e = sql_host_add(w, a->host, a->tenant);
    return e.code == E_EXISTS ? FAIL_AT(E_EXISTS, W("tenant.host_taken"), "host") : e;
}

err tenant_host_add(struct store *s, int64_t tenant, str host)
{
    AUTO(db_close_auto) db *d = NULL;
    TRY(tenant_host_check(host));
    TRY(store_read(s, 0, &d));
    return db_txn(d, host_in_txn, &(struct host_args){host, tenant});
}

static str origin_scheme, origin_port;

void tenant_origin_set(str scheme, str listen)
{
    origin_scheme = scheme;
    origin_port = STR_NONE;
    for (size_t i = listen.n; i > 0; i--)
        if (listen.p[i - 1] == ':') {
            origin_port = str_cut(listen, i - 1, listen.n);
            return;
        }
}

/* host: the one people are sent to; absent: none is known. */
static void address_fill(arena *mem, struct tenant *t, str host)
{
    t->address = setting_str(t->settings, "address");
    while (str_ends(t->address, S("/"))) t->address = str_cut(t->address, 0, t->address.n - 1);
    if (t->address.n || !origin_scheme.n || !host.n) return;
    /* Elsewhere a proxy stands in front: our port is not the people's. */
    bool is_here = str_is(host, "localhost") || str_starts(host, S("127.")) || str_starts(host, S("["));
    t->address = str_fmt(mem, "%.*s://%.*s%.*s", STR_ARG(origin_scheme), STR_ARG(host), STR_ARG(is_here ? origin_port : STR_NONE));
}

/* hosts: of every town, or of this one; sorted by name. A name goes before an address of the network. */
static str host_first(const struct host_row_list *hosts, int64_t tenant)
{
    str first = STR_NONE;
    for (size_t i = 0; i < hosts->n; i++) {
        const struct host_row *h = &hosts->v[i];
        if (h->tenant_id != tenant) continue;
        if (h->name.n && h->name.p[0] >= 'a') return h->name;
        if (!first.n) first = h->name;
    }
    return first;
}

static err tenant_fill(db *d, arena *mem, const struct tenant_row *row, const struct host_row_list *hosts, struct tenant *out)
{
    *out = (struct tenant){.id = row->id, .slug = row->slug, .name = row->name, .zone = S("Europe/Paris"), .settings = settings_load(mem, row->settings)};
    str zone = setting_str(out->settings, "zone");
    if (zone.n) out->zone = zone;
    out->lang = str_is(setting_str(out->settings, "lang"), "en") ? LANG_EN : LANG_FR;
    out->alsace_moselle = json_is_true(json_object_get(out->settings, "alsace_moselle"));
    out->is_demo = json_is_true(json_object_get(out->settings, "demo"));
    address_fill(mem, out, host_first(hosts, row->id));
    db_bind_tenant(d, row->id);
    struct body_row_list rows = {0};
    TRY(sql_body_rows(d, mem, &rows));
    out->bodies.v = NEW_N(mem, struct body, rows.n ? rows.n : 1);
    for (size_t i = 0; i < rows.n; i++) {
        const struct body_row *b = &rows.v[i];
        out->bodies.v[out->bodies.n++] = (struct body){.id = b->id, .parent = b->parent, .kind = b->kind, .name = b->name, .siren = b->siren,
            .insee = b->insee, .population = b->population, .settings = settings_load(mem, b->settings)};
    }
    return NO_ERR;
}

static err towns_read(struct store *s, arena *mem, struct tenant **out, size_t *out_n, struct host_row_list *hosts)
{
    AUTO(db_close_auto) db *d = NULL;
    TRY(store_read(s, 0, &d));
    struct tenant_row_list rows = {0};
    TRY(sql_host_rows(d, mem, hosts));
    TRY(sql_tenant_rows(d, mem, &rows));
    *out = NEW_N(mem, struct tenant, rows.n ? rows.n : 1);
    *out_n = 0;
    for (size_t i = 0; i < rows.n; i++)
        if (!str_starts(rows.v[i].settings, S(TENANT_AWAY_SETTINGS))) TRY(tenant_fill(d, mem, &rows.v[i], hosts, &(*out)[(*out_n)++]));
    return NO_ERR;
}

err tenant_list(struct store *s, arena *mem, struct tenant **out, size_t *out_n)
{
    struct host_row_list hosts;
    return towns_read(s, mem, out, out_n, &hosts);
}

err tenant_load(struct store *s, int64_t id, arena *mem, struct tenant *out)
{
    AUTO(db_close_auto) db *d = NULL;
    TRY(store_read(s, 0, &d));
    struct tenant_row row = {0};
    struct host_row_list hosts = {0};
    TRY(sql_tenant_row_get(d, mem, id, &row));
    TRY(sql_tenant_hosts(d, mem, id, &hosts));
    return tenant_fill(d, mem, &row, &hosts, out);
}

struct save_args { const struct tenant *t; arena *mem; };
static err save_in_txn(db *w, void *arg)
{
    struct save_args *a = arg;
    return sql_tenant_row_save(w, a->t->id, a->t->name, settings_dump(a->mem, a->t->settings));
}

err tenant_save(db *d, const struct tenant *t)
{
    arena *mem = arena_new(1 << 22);
    err e = db_txn(d, save_in_txn, &(struct save_args){t, mem});
    arena_free(mem);
    return e;
}

struct body_args { struct body b; arena *mem; bool is_new; };
static err body_in_txn(db *w, void *arg)
{
    struct body_args *a = arg;
    const struct body *b = &a->b;
    str settings = settings_dump(a->mem, b->settings);
    if (a->is_new) return sql_body_row_add(w, b->id, b->parent, b->kind, b->name, b->siren, b->insee, b->population, settings);
    return sql_body_row_save(w, b->id, b->parent, b->kind, b->name, b->siren, b->insee, b->population, settings);
}

static err body_write(db *d, const struct body *b, int64_t id, bool is_new)
{
    arena *mem = arena_new(1 << 22);
    struct body_args a = {*b, mem, is_new};
    a.b.id = id;
    err e = db_txn(d, body_in_txn, &a);
    arena_free(mem);
    return e;
}

err body_add(db *d, const struct body *b, int64_t *out_id)
{
    *out_id = b->id ? b->id : id_new();
    return body_write(d, b, *out_id, true);
}

err body_save(db *d, const struct body *b) { return body_write(d, b, b->id, false); }

/* ---- changes ---- */

static void settings_change(json_t *stored, const json_t *was, const json_t *now)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)now, key, v)
    {
        json_t *held = json_object_get(stored, key);
        const json_t *before = json_object_get(was, key);
        if (before && json_equal(before, v)) continue;
        if (json_is_object(held) && json_is_object(v)) settings_change(held, before, v);
        else json_object_set_new(stored, key, json_deep_copy(v));
    }
    json_object_foreach((json_t *)(uintptr_t)was, key, v)
        if (!json_object_get(now, key)) json_object_del(stored, key);
}

static void str_change(str *stored, str was, str now)
{
    if (!str_eq(was, now)) *stored = now;
}

struct change_args { arena *mem; const struct tenant *tenant_was, *tenant; const struct body *body_was, *body; };

static err tenant_change_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    struct tenant_row row = {0};
    TRY(sql_tenant_row_get(w, a->mem, a->tenant->id, &row));
    json_t *settings = settings_load(a->mem, row.settings);
    settings_change(settings, a->tenant_was->settings, a->tenant->settings);
    str_change(&row.name, a->tenant_was->name, a->tenant->name);
    return sql_tenant_row_save(w, row.id, row.name, settings_dump(a->mem, settings));
}

err tenant_change(db *d, const struct tenant *was, const struct tenant *now)
{
    arena *mem = arena_new(1 << 22);
    err e = db_txn(d, tenant_change_in_txn, &(struct change_args){.mem = mem, .tenant_was = was, .tenant = now});
    arena_free(mem);
    return FAIL(e.code, e.msg);
}

static err body_change_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    struct body_row row = {0};
    TRY(sql_body_row_get(w, a->mem, a->body->id, &row));
    json_t *settings = settings_load(a->mem, row.settings);
    settings_change(settings, a->body_was->settings, a->body->settings);
    str_change(&row.name, a->body_was->name, a->body->name);
    str_change(&row.siren, a->body_was->siren, a->body->siren);
    str_change(&row.insee, a->body_was->insee, a->body->insee);
    return sql_body_row_save(w, row.id, row.parent, row.kind, row.name, row.siren, row.insee, row.population, settings_dump(a->mem, settings));
}

err body_change(db *d, const struct body *was, const struct body *now)
{
    arena *mem = arena_new(1 << 22);
    err e = db_txn(d, body_change_in_txn, &(struct change_args){.mem = mem, .body_was = was, .body = now});
    arena_free(mem);
    return FAIL(e.code, e.msg);
}

const struct body *tenant_body_exact(const struct tenant *t, int64_t id)
{
    for (size_t i = 0; i < t->bodies.n; i++)
        if (t->bodies.v[i].id == id) return &t->bodies.v[i];
    return NULL;
}

const struct body *tenant_body(const struct tenant *t, int64_t id)
{
    const struct body *b = tenant_body_exact(t, id);
    return b || !t->bodies.n ? b : &t->bodies.v[0];
}

/* The cache. A reload makes a new table; the old one is kept until the end: pages in flight read it, and reloads are rare. */
struct table { arena *mem; struct tenant *tenants; size_t n; struct host { str name; size_t tenant; } *hosts; size_t hosts_n; struct table *older; };
struct tenants { struct store *store; _Atomic(struct table *) now; pthread_mutex_t lock; };

static err table_read(struct store *s, struct table **out)
{
    arena *mem = arena_new(0);
    struct table *t = NEW(mem, struct table);
    t->mem = mem;
    struct host_row_list hosts = {0};
    err e = towns_read(s, mem, &t->tenants, &t->n, &hosts);
    if (e.code != OK) {
        arena_free(mem);
        return e;
    }
    t->hosts = NEW_N(mem, struct host, hosts.n ? hosts.n : 1);
    for (size_t i = 0; i < hosts.n; i++)
        for (size_t j = 0; j < t->n; j++)
            if (t->tenants[j].id == hosts.v[i].tenant_id) t->hosts[t->hosts_n++] = (struct host){hosts.v[i].name, j};
    *out = t;
    return NO_ERR;
}

err tenants_open(struct tenants **out, struct store *s)
{
    struct table *t = NULL;
    TRY(table_read(s, &t));
    struct tenants *ts = calloc(1, sizeof *ts);      /* house: lives as long as the process */
    if (!ts) abort();
    ts->store = s;
    ts->now = t;
    pthread_mutex_init(&ts->lock, NULL);
    *out = ts;
    return NO_ERR;
}

void tenants_changed(struct tenants *ts)
{
    pthread_mutex_lock(&ts->lock);
    struct table *t = NULL;
    err e = table_read(ts->store, &t);
    if (e.code == OK) {
        t->older = ts->now;
        ts->now = t;
    } else {
        log_line(LOG_WARN, "tenants.reload", "%s", e.msg);
    }
    pthread_mutex_unlock(&ts->lock);
}

void tenants_close(struct tenants *ts)
{
    if (!ts) return;
    for (struct table *t = ts->now, *older; t; t = older) {
        older = t->older;
        arena_free(t->mem);
    }
    pthread_mutex_destroy(&ts->lock);
    free(ts);       /* house: lives as long as the process */
}

static str host_only(str host)
{
    if (host.n && host.p[0] == '[') {           /* an IPv6 literal keeps its colons (RFC 3986 §3.2.2) */
        ptrdiff_t end = str_find_char(host, ']');
        return end < 0 ? host : str_cut(host, 0, (size_t)end + 1);
    }
    ptrdiff_t colon = str_find_char(host, ':');
    return colon < 0 ? host : str_cut(host, 0, (size_t)colon);
}

const struct tenant *tenants_by_host(struct tenants *ts, str host)
{
    const struct table *t = ts->now;
    char lower[256];
    str name = host_only(host);
    if (!name.n || name.n >= sizeof lower) return NULL;
    for (size_t i = 0; i < name.n; i++) lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + 32) : name.p[i];
    name.p = lower;
    if (name.p[name.n - 1] == '.') name.n--;    /* a fully qualified name */
    for (size_t i = 0; i < t->hosts_n; i++)
        if (str_eq(t->hosts[i].name, name)) return &t->tenants[t->hosts[i].tenant];
    return NULL;
}

const struct tenant *tenants_by_id(struct tenants *ts, int64_t id)
{
    const struct table *t = ts->now;
    for (size_t i = 0; i < t->n; i++)
        if (t->tenants[i].id == id) return &t->tenants[i];
    return NULL;
}

void tenants_each(struct tenants *ts, void (*fn)(void *, const struct tenant *), void *arg)
{
    const struct table *t = ts->now;
    for (size_t i = 0; i < t->n; i++) fn(arg, &t->tenants[i]);
}
