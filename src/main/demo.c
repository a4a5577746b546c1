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
#include "main/demo_answers.h"
#include "main/demo_data.h"
#include "gen/sql/main/demo.sql.h"
#include "main/exchange.h"

#define DOSSIERS 500
#define DAYS_BACK 540
#define SEED UINT64_C(88160)

struct demo {
    struct run *r;
    arena *mem;                     /* of one dossier */
    db *d;
    const struct tenant *t;
    struct dice dice;
    int64_t bodies[DEMO_BODIES], teams[DEMO_TEAMS], accounts[DEMO_ACCOUNTS];
    struct kind_rows kinds;
    int64_t now_us;
    struct contact known;           /* somebody who files more than once */
    struct blob_ref paper;          /* one small file that stands for every document */
};

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
        TRY(account_add(x->d, x->r->mem, &row, S(DEMO_PASSWORD), &x->accounts[i]));
        if (a->team >= 0) TRY(team_join(x->d, x->teams[a->team], x->accounts[i]));
        if (a->role > ROLE_AGENT || (a->role != ROLE_NONE && a->team < 0)) TRY(grant_add(x->d, x->accounts[i], &(struct grant){.role = a->role}));
    }
    return NO_ERR;
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
    return kind_rows_list(x->d, x->r->mem, S("procedures"), &x->kinds);
}

static err paper_make(struct demo *x)
{
    struct blob_writer *w;
    TRY(blob_write_start(x->r->app->blobs, x->t->id, &w));
    err e = blob_write(w, str_of(demo_paper));
    if (e.code != OK) {
        blob_write_abort(w);
        return e;
    }
    return blob_write_finish(w, x->r->mem, &x->paper);
}

static bool file_known(void *arg, str id, struct answer_file *out)
{
    struct demo *x = arg;
    *out = (struct answer_file){S("document.pdf"), S("application/pdf"), x->paper.size_bytes, true};
    return id.n > 0;
}

/* ---- a dossier and what became of it ---- */
struct step { const char *transition; const char *asks; int after_days; };
static const struct { const char *name; int weight; struct step steps[4]; } fates[] = {
    {"received", 14, {{0}}},
    {"examining", 22, {{"take", "{}", 1}}},
    {"correcting", 7, {{"take", "{}", 2}, {"ask_correction", DEMO_CORRECTION, 3}}},
    {"accepted", 34, {{"take", "{}", 1}, {"accept", "{}", 6}}},
    {"refused", 9, {{"take", "{}", 2}, {"refuse", DEMO_REFUSAL, 9}}},
    {"closed", 5, {{"take", "{}", 1}, {"close", DEMO_CLOSING, 4}}},
    {"withdrawn", 4, {{"withdraw", "{}", 3}}},
    {"transferred", 3, {{"take", "{}", 1}, {"transfer", DEMO_PASSING, 2}}},
    {"reopened", 3, {{"take", "{}", 1}, {"refuse", DEMO_REFUSAL, 5}, {"reopen", DEMO_CLOSING, 8}}},
};

static size_t fate_of(struct demo *x)
{
    int total = 0, at;
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) total += fates[i].weight;
    at = (int)dice_below(&x->dice, (uint64_t)total);
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++)
        if ((at -= fates[i].weight) < 0) return i;
    return 0;
}

static err live(struct demo *x, const struct kind *k, struct record *r, size_t fate, int64_t agent)
{
    struct who who = {.account = agent}, author = {.holds_record = r->id};
    TRY(grants_of(x->d, x->mem, agent, &who.grants));
    int64_t at_us = r->created_us;
    for (const struct step *s = fates[fate].steps; s < fates[fate].steps + 4 && s->transition; s++) {
        const struct transition *t = kind_transition(k, str_of(s->transition));
        json_t *asks;
        TRY(json_parse(x->mem, str_of(s->asks), &asks));
        at_us += s->after_days * DAY_US + (int64_t)dice_below(&x->dice, 6 * 3600) * SECOND_US;
        if (at_us > x->now_us || !t) break;
        if (json_object_get(asks, "due_date")) json_object_set_new(asks, "due_date", json_string(date_iso(x->mem, at_us / DAY_US + 21).p));
        if (json_object_get(asks, "body")) json_object_set_new(asks, "body", json_from_str(str_fmt(x->mem, "%lld", (long long)x->bodies[r->body == x->bodies[0]])));
        bool by_author = t->by == BY_AUTHOR;
        struct act a = {.who = by_author ? &author : &who, .kind = k, .tenant = x->t, .transition = t->name, .asks = asks, .now_us = at_us};
        TRY(life_act(x->d, x->mem, r, &a));
    }
    return NO_ERR;
}

static err dossier_make(struct demo *x, size_t n)
{
    const struct kind_row *row = &x->kinds.v[dice_below(&x->dice, x->kinds.n)];
    const struct kind *k;
    json_t *doc;
    TRY(kinds_get(x->r->app->kinds, x->d, row->name, row->revision, &k));
    /* Denser towards today, in working hours, over a year and a half. */
    int64_t back = (int64_t)(dice_below(&x->dice, DAYS_BACK) * dice_below(&x->dice, DAYS_BACK) / DAYS_BACK);
    int64_t filed_us = x->now_us - back * DAY_US - (int64_t)dice_below(&x->dice, 9 * 3600) * SECOND_US;
    struct answers_env env = {.lang = LANG_FR, .zone = x->t->zone, .now_us = filed_us, .file = file_known, .file_arg = x};
    struct hash32 code_hashed;
    struct filing f = {.id = id_new(), .body = row->body, .team = row->team, .tenant = x->t, .kind = k, .now_us = filed_us, .lang = LANG_FR};
    int64_t file_id;
    TRY(file_add(x->d, x->r->app->blobs, x->mem, f.id, S(""), S("document.pdf"), S("application/pdf"), &x->paper, &file_id));
    TRY(demo_answers(x->mem, &x->dice, k, &env, id_text(x->mem, file_id), &doc));
    f.doc = doc;
    f.channel = dice_one_in(&x->dice, 12) ? S("counter") : S("web");
    f.contact = (struct contact){.name = demo_person(x->mem, &x->dice), .email = str_fmt(x->mem, "personne%zu@exemple.fr", n)};
    /* One in six is somebody who filed before. */
    if (n % 6 == 0) x->known = (struct contact){.name = str_copy(x->r->mem, f.contact.name), .email = str_copy(x->r->mem, f.contact.email)};
    if (n % 6 == 5) f.contact = x->known;
    code_hash(x->mem, x->t->id, f.id, code_new(x->mem), &code_hashed);
    f.code_hash = &code_hashed;
    struct record r;
    TRY(demo_file(x->d, x->mem, &f, &r));
    int agent = 0;
    for (int i = 0; i < DEMO_ACCOUNTS; i++)
        if (demo_accounts[i].team >= 0 && x->teams[demo_accounts[i].team] == row->team) agent = i;
    return live(x, k, &r, fate_of(x), x->accounts[agent]);
}

struct file_args { arena *mem; const struct filing *f; struct record *r; };
static err file_in_txn(db *w, void *arg)
{
    struct file_args *a = arg;
    bool again;
    return record_file(w, a->mem, a->f, a->r, &again);
}
err demo_file(db *d, arena *mem, const struct filing *f, struct record *r) { return db_txn(d, file_in_txn, &(struct file_args){mem, f, r}); }

static err quiet_in_txn(db *w, void *arg)
{
    (void)arg;
    return sql_demo_outbox_forget(w, clock_now_us());    /* five hundred receipts for invented people need not leave */
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
    int64_t fired, at_us = x->now_us - DAYS_BACK * DAY_US;
    for (; at_us < x->now_us + DAY_US; at_us += DAY_US)
        do {
            TRY(timers_run_due(x->d, x->mem, at_us < x->now_us ? at_us : x->now_us, &fired, life_fire, &world));
            arena_reset(x->mem);
        } while (fired);
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
    TRY(paper_make(x));
    TRY(kinds_make(x));
    str real = run_option(r, "with");
    if (real.n) {
        TRY(exchange_import_ds(r, x->t, x->d, real, x->bodies[1], x->teams[4], true));
        TRY(kind_rows_list(x->d, r->mem, S("procedures"), &x->kinds));
    }
    for (size_t i = 0; i < DOSSIERS; i++) {
        err e = dossier_make(x, i);
        if (e.code != OK) return e;
        arena_reset(x->mem);
        if (i % 50 == 49) run_tell(r, "\r%zu / %d", i + 1, DOSSIERS);
    }
    run_tell(r, "\n");
    TRY(demo_reports(r, x->t, x->d, x->mem, &x->dice, x->bodies[0], x->teams[0], x->accounts[2], x->now_us));
    TRY(silences(x));
    TRY(db_txn(x->d, quiet_in_txn, NULL));
    TRY(counters_fold(x->d, x->mem));
    int64_t sealed;
    do TRY(journal_seal(x->d, x->now_us, &sealed));
    while (sealed == SEAL_SLICE);
    TRY(demo_desk(&(struct demo_desk){x->d, x->mem, x->t, x->bodies, x->teams, x->accounts, x->now_us}));
    return demo_stats(x->d, x->mem, r->app->kinds, x->t);
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
    e = store_read(r->app->store, id, &x.d);
    if (e.code == OK) e = town_fill(&x);
    if (x.d) db_done(x.d);
    if (e.code != OK) run_fail(r, e);           /* before the arena that holds what it points at goes */
    arena_free(x.mem);
    if (e.code != OK) return FAULT_FOUND;
    for (size_t i = 0; i < DEMO_ACCOUNTS; i++) run_print(r, "%-28s %-20s %s\n", demo_accounts[i].email, DEMO_PASSWORD, demo_accounts[i].what);
    return DONE;
}
