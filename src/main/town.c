/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi tenant …: the towns of a data directory. */
#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/kinds.h"
#include "core/tenant_archive.h"
#include "formats/json.h"
#include "main/command.h"
#include "main/exchange.h"

#define COMMUNES_MOST_BYTES ((size_t)64 << 20)

struct town {
    arena *mem;
    str slug, name, host, insee, siren, admin;
    int64_t population;
    str token;                      /* by which the administrator chooses a password */
};

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
        t->name = json_str(one, "nom");
        t->siren = json_str(one, "siren");
        t->population = json_i64(one, "population", 0);
        return NO_ERR;
    }
    return FAIL_AT(E_NOT_FOUND, W("tenant.insee_unknown"), "insee");
}

static err town_read(struct run *r, struct town *t)
{
    str communes = run_option(r, "communes"), name = run_option(r, "name"), slug = run_option(r, "slug");
    *t = (struct town){.mem = r->mem, .host = str_lower_ascii(r->mem, run_option(r, "host")), .insee = run_option(r, "insee"), .admin = run_option(r, "admin")};
    if (t->insee.p && !insee_good(t->insee)) return FAIL_AT(E_INVALID, W("tenant.insee_bad"), "insee");
    if (communes.p && t->insee.n) TRY(commune_find(t, communes));
    if (name.p) t->name = str_trim(name);
    else if (!t->name.n) t->name = str_fmt(r->mem, "Commune %.*s", STR_ARG(t->insee));
    if (!t->name.n) return FAIL_AT(E_INVALID, W("tenant.name_missing"), "name");
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

static err town_in_txn(db *w, void *arg)
{
    struct town *t = arg;
    int64_t id;
    struct body b = {.kind = S("commune"), .name = t->name, .insee = t->insee, .siren = t->siren, .population = t->population};
    TRY(tenant_put(w, t->slug, t->name, t->host, NULL));
    TRY(body_add(w, &b, &id));
    if (!t->admin.n) return NO_ERR;
    struct account a = {.email = t->admin, .is_agent = true, .is_active = true};
    TRY(account_add(w, t->mem, &a, STR_NONE, &id));
    TRY(grant_add(w, id, &(struct grant){.role = ROLE_ADMIN}));
    return account_reset_start(w, t->mem, t->admin, clock_now_us(), &t->token);
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
