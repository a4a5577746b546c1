/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi tenant …: the towns of a data directory. */
#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/kinds.h"
#include "core/tenant_archive.h"
#include "core/value_list.h"
#include "formats/geojson.h"
#include "formats/json.h"
#include "formats/territory.h"
#include "main/command.h"
#include "main/exchange.h"

#define COMMUNES_MOST_BYTES ((size_t)64 << 20)
#define MEMBERS_LIST S("communes-membres")

struct town {
    arena *mem;
    str slug, host, insee, admin;
    struct commune commune;         /* what is known of it; its name is the town's */
    struct epci epci;               /* its own, or the town itself when is_epci */
    bool is_epci, has_data;
    struct territory territory;
    str token;                      /* by which the administrator chooses a password */
};

static bool digits(str s, size_t n)
{
    bool good = s.n == n;
    for (size_t i = 0; good && i < n; i++) good = s.p[i] >= '0' && s.p[i] <= '9';
    return good;
}

/* Five characters: department (01…95, 2A, 2B, 97) and number (INSEE, code officiel géographique). */
static bool insee_good(str s)
{
    bool good = s.n == 5;
    for (size_t i = 0; good && i < s.n; i++) good = (s.p[i] >= '0' && s.p[i] <= '9') || (i == 1 && s.p[0] == '2' && (s.p[i] == 'A' || s.p[i] == 'B'));
    return good;
}

/* A list of objects with `code`, `nom`, and perhaps `siren`, `population`: what geo.api.gouv.fr gives. */
static err commune_find(struct town *t, str file)
{
    str text;
    json_t *list, *one;
    size_t i;
    TRY(file_text(t->mem, file, &text));
    TRY(json_parse_max(t->mem, text, COMMUNES_MOST_BYTES, &list));
    json_array_foreach(list, i, one)
    {
        if (!str_eq(json_str(one, "code"), t->insee) || !json_str(one, "nom").n) continue;
        t->commune = (struct commune){.name = json_str(one, "nom"), .siren = json_str(one, "siren"), .population = json_i64(one, "population", 0)};
        return NO_ERR;
    }
    return FAIL_AT(E_NOT_FOUND, W("tenant.insee_unknown"), "insee");
}

/* CGCT L2113-10: a delegated commune is no town of its own; nor is a district of Paris, Lyon or Marseille here. */
static err not_whole(struct town *t)
{
    struct commune whole;
    TRY(territory_commune(t->mem, &t->territory, t->commune.part_of, &whole));
    const char *at = str_fmt(t->mem, "insee: %.*s → %.*s (%.*s)", STR_ARG(t->insee), STR_ARG(whole.insee), STR_ARG(whole.name)).p;
    return FAIL_AT(E_INVALID, t->commune.kind == COMMUNE_DISTRICT ? W("tenant.district") : W("tenant.delegated"), at);
}

/* From the data package, when it is there. Nine digits are the SIREN of an EPCI: the agglomeration is the town. */
static err territory_find(struct town *t)
{
    err e = territory_open(t->mem, &t->territory);
    t->has_data = e.code == OK;
    if (e.code == E_NOT_FOUND) return t->is_epci ? e : NO_ERR;
    TRY(e);
    if (!t->is_epci) TRY(territory_commune(t->mem, &t->territory, t->insee, &t->commune));
    if (t->commune.part_of.n && t->commune.kind != COMMUNE_WHOLE) return not_whole(t);
    if (t->is_epci || t->commune.epci.n) TRY(territory_epci(t->mem, &t->territory, t->is_epci ? t->insee : t->commune.epci, &t->epci));
    if (t->is_epci) t->commune.name = t->epci.name;
    return NO_ERR;
}

static err town_read(struct run *r, struct town *t)
{
    str communes = run_option(r, "communes"), name = run_option(r, "name"), slug = run_option(r, "slug");
    *t = (struct town){.mem = r->mem, .host = str_lower_ascii(r->mem, run_option(r, "host")), .insee = run_option(r, "insee"), .admin = run_option(r, "admin")};
    t->is_epci = digits(t->insee, 9);
    if (t->insee.p && !t->is_epci && !insee_good(t->insee)) return FAIL_AT(E_INVALID, W("tenant.insee_bad"), "insee");
    if (communes.p && t->insee.n) TRY(commune_find(t, communes));
    else if (t->insee.n) TRY(territory_find(t));
    if (name.p) t->commune.name = str_trim(name);
    else if (!t->commune.name.n) t->commune.name = str_fmt(r->mem, "Commune %.*s", STR_ARG(t->insee));
    if (!t->commune.name.n) return FAIL_AT(E_INVALID, W("tenant.name_missing"), "name");
    TRY(tenant_host_check(t->host));
    str made = kind_slug(r->mem, t->host);
    t->slug = slug.p ? slug : made.n ? made : t->insee;
    TRY(tenant_slug_check(t->slug));
    return t->admin.p && !account_email_good(t->admin) ? FAIL_AT(E_INVALID, W("account.email_bad"), "admin") : NO_ERR;
}

int tenant_add_check(struct run *r)
{
    struct town t;
    if (!run_has(r, "host") || !(run_has(r, "insee") || run_has(r, "name"))) return run_wrong(r, words(LANG_FR, W("tenant.add_wants")));
    err e = town_read(r, &t);
    return e.code == OK ? DONE : run_fail(r, e);
}

/* The outline, the middle of it for maps, and whose data it is. */
static json_t *town_settings(const struct town *t)
{
    json_t *settings = json_own(t->mem, json_object()), *credit = json_object();
    struct geo_outlines outlines;
    json_object_set_new(settings, "first_start", json_pack("{s:b}", "open", 1));
    if (!t->has_data) {
        json_decref(credit);
        return settings;
    }
    json_put_str(credit, "credit", territory_credit(t->mem, &t->territory));
    json_put_str(credit, "year", t->territory.year);
    json_object_set_new(settings, "territory", credit);
    if (!t->commune.outline || geojson_outlines(t->mem, t->commune.outline, &outlines).code != OK) return settings;
    struct geo_box box = geo_box_of(&outlines);
    json_object_set(settings, "outline", t->commune.outline);
    json_object_set_new(settings, "map", json_pack("{s:f,s:f,s:i}", "lat", (box.south + box.north) / 2, "lon", (box.west + box.east) / 2, "zoom", 12));
    json_put_str(json_object_get(settings, "map"), "credit", t->territory.outlines);
    return settings;
}

static err members_add(db *w, const struct town *t)
{
    struct list_entries entries = {0};
    for (size_t i = 0; i < t->epci.members.n; i++) {
        const struct member *m = &t->epci.members.v[i];
        str extra = str_fmt(t->mem, "{\"population\":%lld,\"siren\":\"%.*s\"}", (long long)m->population, STR_ARG(m->siren));
        PUSH(t->mem, &entries, (struct list_entry){m->insee, m->name, extra});
    }
    return entries.n ? list_put(w, t->mem, MEMBERS_LIST, words_fill(t->mem, LANG_FR, W("tenant.members_of"), "name", t->epci.name, NULL), &entries, NULL) : NO_ERR;
}

/* The body that is the town comes first, by its id; its EPCI is its parent. */
static err bodies_in_txn(db *w, const struct town *t)
{
    int64_t own = id_new(), parent = !t->is_epci && t->epci.siren.n ? id_new() : 0;
    struct body b = {.id = own, .parent = parent, .kind = t->is_epci ? S("epci") : S("commune"), .name = t->commune.name, .insee = t->is_epci ? STR_NONE : t->insee,
                     .siren = t->is_epci ? t->epci.siren : t->commune.siren, .population = t->is_epci ? t->epci.population : t->commune.population};
    struct body group = {.id = parent, .kind = S("epci"), .name = t->epci.name, .siren = t->epci.siren, .population = t->epci.population};
    TRY(body_add(w, &b, &own));
    if (parent) TRY(body_add(w, &group, &parent));
    return members_add(w, t);
}

static err town_in_txn(db *w, void *arg)
{
    struct town *t = arg;
    int64_t id;
    TRY(tenant_put(w, t->slug, t->commune.name, t->host, town_settings(t)));
    TRY(bodies_in_txn(w, t));
    if (!t->admin.n) return NO_ERR;
    struct account a = {.email = t->admin, .is_agent = true, .is_active = true};
    TRY(account_add(w, t->mem, &a, STR_NONE, &id));
    TRY(grant_add(w, id, &(struct grant){.role = ROLE_ADMIN}));
    return account_invite_start(w, t->mem, t->admin, clock_now_us(), &t->token);
}

/* What was found, and where it comes from. */
static void town_tell(struct run *r, const struct town *t)
{
    str people = words_number(r->mem, LANG_FR, t->is_epci ? t->epci.population : t->commune.population), n = words_number(r->mem, LANG_FR, (int64_t)t->epci.members.n);
    if (!t->has_data) {
        if (t->insee.n && !run_has(r, "communes")) run_tell(r, "%.*s\n", STR_ARG(words(LANG_FR, W("tenant.no_territory"))));
        return;
    }
    run_tell(r, "%.*s\n", STR_ARG(words_fill(r->mem, LANG_FR, W("tenant.found"), "name", t->commune.name, "people", people, NULL)));
    if (t->epci.siren.n) run_tell(r, "%.*s\n", STR_ARG(words_fill(r->mem, LANG_FR, W("tenant.found_epci"), "name", t->epci.name, "n", n, NULL)));
    if (!t->commune.outline) run_tell(r, "%.*s\n", STR_ARG(words(LANG_FR, W("tenant.no_outline"))));
    run_tell(r, "%.*s\n", STR_ARG(words_fill(r->mem, LANG_FR, W("tenant.source"), "source", territory_credit(r->mem, &t->territory), NULL)));
}

int tenant_add_run(struct run *r)
{
    struct town t;
    AUTO(db_close_auto) db *d = NULL;
    err e = town_read(r, &t);
    if (e.code == OK) e = store_read(r->app->store, id_new(), &d);
    if (e.code == OK) e = db_txn(d, town_in_txn, &t);
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    town_tell(r, &t);
    run_print(r, "%.*s %.*s\n", STR_ARG(t.slug), STR_ARG(t.host));
    if (t.token.n) run_print(r, "%.*s://%.*s/compte/mot-de-passe/%.*s\n", STR_ARG(r->settings.public_scheme), STR_ARG(t.host), STR_ARG(t.token));
    return DONE;
}

static void tenant_print(void *arg, const struct tenant *t) { run_print(arg, "%.*s\t%.*s\t%zu\n", STR_ARG(t->slug), STR_ARG(t->name), t->bodies.n); }

int tenant_list_run(struct run *r)
{
    struct strs away;
    tenants_each(r->app->tenants, tenant_print, r);
    err e = tenants_away(r->app->store, r->mem, &away);
    for (size_t i = 0; i < away.n; i++) run_print(r, "%.*s\t%.*s\t-\n", STR_ARG(away.v[i]), STR_ARG(words(LANG_FR, W("tenant.list_away"))));
    return e.code == OK ? DONE : run_fail(r, e);
}

int tenant_host_run(struct run *r)
{
    const struct tenant *t;
    int status = run_tenant_named(r, run_word(r, 0), &t);
    if (status != DONE) return status;
    err e = tenant_host_add(r->app->store, t->id, str_lower_ascii(r->mem, run_word(r, 1)));
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    return DONE;
}
