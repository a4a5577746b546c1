/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
    s->app = (struct app){.mem = t->mem, .store = t->store->store, .kinds = t->kinds, .node = S("test")};
    ASSERT_OK(settings_read(t->mem, STR_NONE, &s->app.settings));
    str dir = str_fmt(t->mem, "%.*s/blobs-site", STR_ARG(t->store->dir));
    mkdir(dir.p, 0700);
    ASSERT_OK(blobs_open(&s->app.blobs, dir));
    ASSERT_OK(tenant_host_add(t->store->store, TENANT, S("ville.test")));
    ASSERT_OK(tenant_host_add(t->store->store, TWIN, S("jumelle.test")));
    ASSERT_OK(tenants_open(&s->app.tenants, t->store->store));
    site_start(&(struct app){.pepper = {{7}}});
    struct server_options opt = {.listen = S("127.0.0.1:0"), .routes = all_routes, .hooks = door_hooks, .app = &s->app, .blobs = s->app.blobs, .assets = &assets_built,
                                 .csrf_key = S("0123456789abcdef0123456789abcdef"), .workers = 2};
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

void site_as(struct site *s, int64_t account, const struct grant *grant)
{
    str token;
    browser_forget(s->web);
    browser_headers_clear(s->web);
    if (!account) return;
    if (grant) ASSERT_OK(grant_add(s->t->a.d, account, grant));
    ASSERT_OK(session_start(s->t->a.d, s->t->mem, account, clock_now_us(), &token));
    browser_header(s->web, str_fmt(s->t->mem, "Cookie: session=%.*s", STR_ARG(token)).p);
}

bool says(str body, const char *words) { return str_find(body, str_of(words)) >= 0; }

static struct answer answered(struct answer a, int status, const char *path)
{
    if (a.status != status) fail_msg("%s: %d instead of %d\n%.*s", path, a.status, status, (int)(a.body.n < 4000 ? a.body.n : 4000), a.body.p);
    return a;
}

struct answer site_get(struct site *s, int status, const char *pattern, ...)
{
    char path[500];
    va_list ap;
    va_start(ap, pattern);
    vsnprintf(path, sizeof path, pattern, ap);
    va_end(ap);
    return answered(http_get(s->web, path), status, path);
}

struct answer site_post(struct site *s, int status, const char *path, const char *form)
{
    struct answer page = http_get(s->web, "/compte");
    str token = answer_between(&page, "name=\"csrf\" value=\"", "\"");
    str body = str_fmt(s->t->mem, "csrf=%.*s&%s", STR_ARG(token), form);
    return answered(http_send(s->web, "POST", path, "application/x-www-form-urlencoded", body), status, path);
}
