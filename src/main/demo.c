/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The demonstration: a town, its agglomeration, two small communes, people with every role, procedures, dossiers in every state and
   reports. Everybody in it is invented. The same at every filling, but for identifiers. */
#include "main/demo.h"

#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/draft.h"
#include "core/journal.h"
#include "core/list.h"
#include "core/notify.h"
#include "core/secret.h"
#include "formats/geojson.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "main/demo_calendar.h"
#include "main/demo_data.h"
#include "gen/sql/main/demo.sql.h"
#include "main/demo_picture.h"
#include "main/exchange.h"

#define SEED UINT64_C(88160)

static err json_text_own(struct demo *x, const char *text, json_t **out)
{
    return json_parse(x->r->mem, str_of(text), out);
}

static err bodies_make(struct demo *x)
{
    for (size_t i = 0; i < DEMO_BODIES; i++) {
        const struct demo_body *b = &demo_bodies[i];
        json_t *settings;
        TRY(json_text_own(x, b->settings, &settings));
        struct body body = {.kind = str_of(b->kind), .name = str_of(b->name), .siren = str_of(b->siren), .insee = str_of(b->insee),
                            .population = b->population, .parent = b->parent >= 0 ? x->bodies[b->parent] : 0, .settings = settings};
        TRY(body_add(x->d, &body, &x->bodies[i]));
    }
    return NO_ERR;
}

static err people_make(struct demo *x)
{
    for (size_t i = 0; i < DEMO_TEAMS; i++) {
        struct team t = {.body = x->bodies[demo_teams[i].body], .name = str_of(demo_teams[i].name), .email = str_of(demo_teams[i].email)};
        TRY(team_add(x->d, &t, &x->teams[i]));
    }
    for (size_t i = 0; i < DEMO_ACCOUNTS; i++) {
        const struct demo_account *a = &demo_accounts[i];
        struct account row = {.email = str_of(a->email), .forename = str_of(a->forename), .surname = str_of(a->surname), .capacity = str_of(a->capacity),
                              .service = str_of(a->service), .is_agent = a->role != ROLE_NONE, .is_active = true};
        TRY(account_add(x->d, x->r->mem, &row, a->what ? S(DEMO_PASSWORD) : STR_NONE, &x->accounts[i]));
        if (a->team >= 0) TRY(team_join(x->d, x->teams[a->team], x->accounts[i]));
        if (a->role > ROLE_AGENT || (a->role != ROLE_NONE && a->team < 0)) TRY(grant_add(x->d, x->accounts[i], &(struct grant){.role = a->role}));
    }
    return NO_ERR;
}

static err ready_make(struct demo *x, const struct demo_ready *k)
{
    json_t *definition;
    struct kind_row row;
    str slug;
    TRY(kind_library_get(x->r->mem, k->name, &definition));
    if (k->title_fr) {
        definition = json_own(x->r->mem, json_deep_copy(definition));
        json_object_set_new(definition, "title", json_pack("{s:s, s:s}", "fr", k->title_fr, "en", k->title_en));
    }
    TRY(kind_slug_free(x->d, x->r->mem, definition, &slug));
    TRY(kind_create(x->d, S("procedures"), k->slug ? str_of(k->slug) : slug, x->bodies[k->body], x->teams[k->team], definition, x->accounts[0], x->r->mem, &row));
    return kind_publish(x->d, x->t, x->r->mem, row.name, x->accounts[0]);
}

static err kinds_make(struct demo *x)
{
    for (size_t i = 0; i < DEMO_KINDS; i++) {
        const struct demo_kind *k = &demo_kinds[i];
        const char *text = kind_yaml_shipped(k->name);
        json_t *definition;
        struct kind_row row;
        if (!text) return FAIL_AT(E_INTERNAL, "demo.kind_missing", k->name);
        TRY(json_text_own(x, text, &definition));
        definition = json_own(x->r->mem, json_deep_copy(definition));
        json_object_set_new(definition, "kind", json_string(k->own));      /* shipped as a model, copied under a name of the town's */
        TRY(kind_create(x->d, S("procedures"), str_of(k->slug), x->bodies[k->body], x->teams[k->team], definition, x->accounts[0], x->r->mem, &row));
        TRY(kind_publish(x->d, x->t, x->r->mem, row.name, x->accounts[0]));
    }
    for (size_t i = 0; i < DEMO_READY; i++) TRY(ready_make(x, &demo_ready[i]));
    return kind_rows_list(x->d, x->r->mem, S("procedures"), &x->kinds);
}

err demo_blob(struct demo *x, str bytes, struct blob_ref *out)
{
    struct blob_writer *w;
    TRY(blob_write_start(x->r->app->blobs, x->t->id, &w));
    err e = blob_write(w, bytes);
    if (e.code != OK) {
        blob_write_abort(w);
        return e;
    }
    return blob_write_finish(w, x->r->mem, out);
}

static err quiet_in_txn(db *w, void *arg)
{
    (void)arg;
    TRY(sql_demo_letters_spread(w, clock_now_us()));    /* the newest letters are made first, the oldest within two hours: the machine is for who looks */
    return sql_demo_outbox_forget(w, clock_now_us());    /* two thousand receipts for invented people need not leave */
}

/* Who takes the reports that citizens make here. */
static err reports_team(struct demo *x)
{
    struct body b = *tenant_body(x->t, x->bodies[0]);
    json_t *teams = json_object();
    b.settings = json_own(x->r->mem, json_deep_copy(b.settings));
    json_object_set_new(teams, "report", json_integer(x->teams[0]));
    json_object_set_new(b.settings, "teams", teams);
    TRY(body_save(x->d, &b));
    tenants_changed(x->r->app->tenants);
    x->t = tenants_by_id(x->r->app->tenants, x->t->id);
    return NO_ERR;
}

/* What nobody answered in time was accepted or refused on its day, as it will be by the clock from now on. */
static err silences(struct demo *x)
{
    struct life_world world = {x->t, x->r->app->kinds};
    for (int64_t at_us = x->now_us - DEMO_DAYS * DAY_US; at_us <= x->now_us; at_us += DAY_US) {
        int64_t fired;
        do {
            TRY(timers_run_due(x->d, x->mem, at_us, &fired, life_fire, &world));
            arena_reset(x->mem);
        } while (fired);
    }
    return NO_ERR;
}

static err town_fill(struct demo *x)
{
    struct run *r = x->r;
    TRY(bodies_make(x));
    tenants_changed(r->app->tenants);
    x->t = tenants_by_id(r->app->tenants, x->t->id);
    TRY(people_make(x));
    TRY(reports_team(x));
    TRY(demo_blob(x, str_of(demo_paper), &x->paper));
    TRY(demo_blob(x, demo_picture(x->mem, 4), &x->picture));
    TRY(kinds_make(x));
    str real = run_option(r, "with");
    if (real.n) {
        TRY(exchange_import_ds(r, x->t, x->d, real, x->bodies[1], x->teams[4], true));
        TRY(kind_rows_list(x->d, r->mem, S("procedures"), &x->kinds));
    }
    TRY(demo_dossiers(x));
    TRY(demo_entries(x->r, x->t, x->d, x->bodies));
    TRY(demo_reports(x));
    TRY(silences(x));
    TRY(db_txn(x->d, quiet_in_txn, NULL));
    TRY(demo_mails(x->d, x->mem, x->now_us));
    TRY(counters_fold(x->d, x->mem));
    int64_t sealed;
    do TRY(journal_seal(x->d, x->now_us, &sealed));
    while (sealed == SEAL_SLICE);
    return demo_desk(x);
}

static void any(void *arg, const struct tenant *t)
{
    (void)t;
    *(bool *)arg = true;
}

int demo_run(struct run *r)
{
    bool some = false;
    tenants_each(r->app->tenants, any, &some);
    if (some) return run_fail(r, FAIL(E_EXISTS, "demo.not_empty"));
    secret_pepper_set(&r->app->pepper);
    int64_t id;
    json_t *settings;
    err e = json_parse(r->mem, str_of(demo_settings), &settings);
    str outline = run_option(r, "with-outline"), shape = STR_NONE;
    json_t *given = NULL;
    if (e.code == OK && outline.n) e = file_text(r->mem, outline, &shape);
    if (e.code == OK && outline.n) e = json_parse(r->mem, shape, &given);
    if (e.code == OK && outline.n) e = geojson_outlines(r->mem, given, &(struct geo_outlines){0});
    if (e.code == OK && outline.n) json_object_set(settings, "outline", given);
    if (e.code == OK) e = tenant_add(r->app->store, S("epinal"), S("Épinal (démonstration)"), S("localhost"), settings, &id);
    static const char *const hosts[] = {"127.0.0.1", "[::1]", NULL};
    for (size_t i = 0; e.code == OK && hosts[i]; i++) e = tenant_host_add(r->app->store, id, str_of(hosts[i]));
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    struct demo x = {.r = r, .mem = arena_new(0), .t = tenants_by_id(r->app->tenants, id), .dice = {SEED}, .now_us = clock_now_us()};
    if (x.t) x.now_us = demo_today(x.t->zone);
    e = store_read(r->app->store, id, &x.d);
    if (e.code == OK) e = town_fill(&x);
    if (x.d) db_done(x.d);
    if (e.code != OK) run_fail(r, e);           /* before the arena that holds what it points at goes */
    arena_free(x.mem);
    if (e.code != OK) return FAULT_FOUND;
    for (size_t i = 0; i < DEMO_ACCOUNTS && demo_accounts[i].what; i++) run_print(r, "%-28s %-20s %s\n", demo_accounts[i].email, DEMO_PASSWORD, demo_accounts[i].what);
    return DONE;
}
