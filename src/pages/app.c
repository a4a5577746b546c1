/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "core/audit.h"
#include "core/bucket.h"
#include "core/inbox.h"
#include "core/password.h"
#include "core/projection.h"
#include "facets/facets.h"

static err dir_make(arena *mem, str dir)
{
    const char *z = str_z(mem, dir);
    if (mkdir(z, 0700) == 0 || errno == EEXIST) return NO_ERR;
    return FAIL_AT(E_IO, "app.dir", z);
}

static void tenant_seen(void *arg, const struct tenant *t)
{
    (void)t;
    *(bool *)arg = false;
}

err app_open(struct app *app, const struct settings *s, unsigned flags)
{
    *app = (struct app){.mem = arena_new(0), .settings = *s};
    facets_use(facets_all);
    arena *mem = app->mem;
    bool create = (flags & APP_CREATE) != 0;
    err e = create ? dir_make(mem, s->data_dir) : NO_ERR;
    if (e.code == OK && access(str_z(mem, s->data_dir), F_OK) != 0) e = FAIL_AT(E_NOT_FOUND, "app.no_dir", str_z(mem, s->data_dir));
    struct store_options opt = {.url = settings_store_url(mem, s), .readers = (int)(s->store.n ? s->workers + 4 : s->readers), .create = create};
    if (!s->store.n) opt.before = str_fmt(mem, "%.*s/before", STR_ARG(s->data_dir));     /* PostgreSQL: pg_dump, which a server may not start; `upgrade` may */
    if (e.code == OK) e = store_open(&app->store, &opt);
    if (e.code == OK) e = audit_open(&app->audit, app->store, 0);
    if (e.code == OK) e = bucket_open(&app->bucket, s);
    if (e.code == OK) e = blobs_open(&app->blobs, s->data_dir, bucket_shelf(app->bucket));
    if (e.code == OK) blobs_secret_hash(app->blobs, S("access codes"), &app->pepper);
    tenant_origin_set(app->settings.public_scheme, app->settings.listen);
    if (e.code == OK) e = tenants_open(&app->tenants, app->store);
    if (e.code == OK) e = kinds_open(&app->kinds, app->store);
    if (e.code == OK) app->inbox = inbox_cache_new();
    bool is_empty = true;
    if (e.code == OK && create) tenants_each(app->tenants, tenant_seen, &is_empty);
    if (e.code == OK && create && is_empty) e = projections_bring_up(app->store, core_projections, false, NULL, NULL, NULL);     /* notes their versions */
    char host[64] = "node";
    gethostname(host, sizeof host - 1);
    app->node = str_fmt(mem, "%s-%d-%.*s", host, (int)getpid(), STR_ARG(id_text(mem, id_new())));
    if (e.code != OK) {
        static _Thread_local char at[1024];     /* outlives the arena of the app, to be said */
        if (e.at) snprintf(at, sizeof at, "%s", e.at);
        if (e.at) e.at = at;
        app_close(app);
    }
    return e;
}

void app_close(struct app *app)
{
    password_stop();
    audit_close(app->audit);
    inbox_cache_free(app->inbox);
    if (app->kinds) kinds_close(app->kinds);
    if (app->tenants) tenants_close(app->tenants);
    if (app->blobs) blobs_close(app->blobs);
    bucket_close(app->bucket);
    if (app->store) store_close(app->store);
    if (app->mem) arena_free(app->mem);
    *app = (struct app){0};
}
