/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "facets/facets.h"
#include "services.h"
#include "site/door.h"
#include "site/site.h"
#include "site_testing.h"

struct site *site_open(struct test_store *store)
{
    struct town *t = town_open(store);
    struct site *s = NEW(t->mem, struct site);
    s->t = t;
    facets_use(facets_all);
    s->app = (struct app){.mem = t->mem, .store = t->store->store, .kinds = t->kinds, .node = S("test"), .routes = &all_routes, .pepper = {{7}}};
    ASSERT_OK(settings_read(t->mem, STR_NONE, &s->app.settings));
    str dir = str_fmt(t->mem, "%.*s/blobs-test", STR_ARG(t->store->dir));
    mkdir(dir.p, 0700);
    ASSERT_OK(blobs_open(&s->app.blobs, dir));
    ASSERT_OK(tenant_host_add(t->store->store, TENANT, S("ville.test")));
    ASSERT_OK(tenant_host_add(t->store->store, TWIN, S("jumelle.test")));
    ASSERT_OK(tenants_open(&s->app.tenants, t->store->store));
    site_start(&s->app);
    struct server_options opt = {.listen = S("127.0.0.1:0"), .routes = all_routes, .hooks = door_hooks, .app = &s->app, .blobs = s->app.blobs, .assets = &assets_built,
                                 .csrf_key = S("0123456789abcdef0123456789abcdef"), .workers = 4};
    s->server = test_server(&opt);
    s->web = browser_new(s->server, t->mem);
    browser_host(s->web, "ville.test");
    return s;
}

void site_close(struct site *s)
{
    browser_free(s->web);
    server_stop(s->server, 2000);
    tenants_close(s->app.tenants);
    blobs_close(s->app.blobs);
    facets_use(NULL);
    town_close(s->t);
}
