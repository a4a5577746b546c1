/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Small commands; those with more to them have a file of their own. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/bucket.h"
#include "core/journal.h"
#include "core/life.h"
#include "core/projection.h"
#include "formats/yaml.h"
#include "main/command.h"
#include "main/demo.h"
#include "main/exchange.h"
#include "services.h"
#include "store/backup.h"

static str word(const struct run *r, size_t i) { return i < r->words.n ? r->words.v[i] : STR_NONE; }

static int wrong(struct run *r, const char *usage)
{
    run_tell(r, "beffroi %s\n", usage);
    return WRONG_USE;
}

/* ---- tenant ---- */
#define TENANT_USAGE "tenant add --slug SLUG --name NAME --host HOST [--insee CODE] [--admin MAIL] | tenant list | tenant host SLUG HOST"

static int tenant_add_run(struct run *r)
{
    str slug = run_option(r, "slug"), name = run_option(r, "name"), host = run_option(r, "host"), admin = run_option(r, "admin");
    if (!slug.n || !name.n || !host.n) return wrong(r, TENANT_USAGE);
    int64_t id, body_id, account_id;
    json_t *settings = json_object();
    err e = tenant_add(r->app->store, slug, name, host, settings, &id);
    json_decref(settings);
    if (e.code != OK) return run_fail(r, e);
    AUTO(db_close_auto) db *d = NULL;
    e = store_read(r->app->store, id, &d);
    struct body b = {.kind = S("commune"), .name = name, .insee = run_option(r, "insee")};
    if (e.code == OK) e = body_add(d, &b, &body_id);
    str token = STR_NONE;
    if (e.code == OK && admin.n) {
        struct account a = {.email = admin, .is_agent = true, .is_active = true};
        e = account_add(d, r->mem, &a, STR_NONE, &account_id);
        if (e.code == OK) e = grant_add(d, account_id, &(struct grant){.role = ROLE_ADMIN});
        if (e.code == OK) e = account_reset_start(d, r->mem, admin, clock_now_us(), &token);
    }
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    run_print(r, "%.*s %.*s\n", STR_ARG(slug), STR_ARG(host));
    if (token.n) run_print(r, "%.*s://%.*s/compte/mot-de-passe/%.*s\n", STR_ARG(r->settings.public_scheme), STR_ARG(host), STR_ARG(token));
    return DONE;
}

static void tenant_print(void *arg, const struct tenant *t) { run_print(arg, "%.*s\t%.*s\t%zu\n", STR_ARG(t->slug), STR_ARG(t->name), t->bodies.n); }

static int run_tenant_command(struct run *r)
{
    str what = word(r, 0);
    if (str_is(what, "add")) return tenant_add_run(r);
    if (str_is(what, "list")) {
        tenants_each(r->app->tenants, tenant_print, r);
        return DONE;
    }
    if (str_is(what, "host") && word(r, 2).n) {
        const struct tenant *t = NULL;
        struct tenant *all;
        size_t n;
        err e = tenant_list(r->app->store, r->mem, &all, &n);
        for (size_t i = 0; e.code == OK && i < n; i++)
            if (str_eq(all[i].slug, word(r, 1))) t = &all[i];
        if (e.code == OK && !t) e = FAIL(E_NOT_FOUND, "command.no_tenant");
        if (e.code == OK) e = tenant_host_add(r->app->store, t->id, word(r, 2));
        if (e.code != OK) return run_fail(r, e);
        tenants_changed(r->app->tenants);
        return DONE;
    }
    return wrong(r, TENANT_USAGE);
}

/* ---- account ---- */
#define ACCOUNT_USAGE "account add MAIL [--forename F] [--surname S] [--capacity C] [--service S] [--agent] [--password P] | account role MAIL ROLE | account reset MAIL"

static int account_add_run(struct run *r, db *d)
{
    struct account a = {.email = word(r, 1), .forename = run_option(r, "forename"), .surname = run_option(r, "surname"), .capacity = run_option(r, "capacity"),
                        .service = run_option(r, "service"), .is_agent = run_has(r, "agent"), .is_active = true};
    int64_t id;
    err e = account_add(d, r->mem, &a, run_option(r, "password"), &id);
    return e.code == OK ? DONE : run_fail(r, e);
}

static int account_role_run(struct run *r, db *d)
{
    static const char *const names[] = {"none", "reader", "agent", "manager", "admin"};
    struct grant g = {0};
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (str_is(word(r, 2), names[i])) g.role = (enum role)i;
    if (!g.role) return wrong(r, ACCOUNT_USAGE);
    struct account a;
    err e = account_by_email(d, r->mem, word(r, 1), &a);
    if (e.code == OK) e = grant_add(d, a.id, &g);
    a.is_agent = true;
    if (e.code == OK) e = account_save(d, &a);
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_account(struct run *r)
{
    const struct tenant *t = run_tenant(r);
    if (!t) return FAULT_FOUND;
    AUTO(db_close_auto) db *d = NULL;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code != OK) return run_fail(r, e);
    str what = word(r, 0);
    if (!word(r, 1).n) return wrong(r, ACCOUNT_USAGE);
    if (str_is(what, "add")) return account_add_run(r, d);
    if (str_is(what, "role")) return account_role_run(r, d);
    if (!str_is(what, "reset")) return wrong(r, ACCOUNT_USAGE);
    str token;
    e = account_reset_start(d, r->mem, word(r, 1), clock_now_us(), &token);
    if (e.code == OK && !token.n) e = FAIL(E_NOT_FOUND, "account.wrong");
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "/compte/mot-de-passe/%.*s\n", STR_ARG(token));
    return DONE;
}

/* ---- looking ---- */
static int run_routes(struct run *r)
{
    static const char *const flag_names[] = {"api", "files", "raw", "stream", "token", "any-host"};
    for (size_t i = 0; i < all_routes.n; i++)
        for (const struct route *x = all_routes.v[i]; x->path; x++) {
            run_print(r, "%-7s %-46s %-10s %s", method_name(x->method), x->path, right_name((enum right)x->right), x->doc);
            for (size_t f = 0; f < sizeof flag_names / sizeof *flag_names; f++)
                if (x->flags & (1u << f)) run_print(r, " [%s]", flag_names[f]);
            run_print(r, "\n");
        }
    return DONE;
}

static int run_schema(struct run *r)
{
    struct strs lines = {0};
    err e = store_schema(r->app->store, &lines, r->mem);
    if (e.code != OK) return run_fail(r, e);
    for (size_t i = 0; i < lines.n; i++) run_print(r, "%.*s\n", STR_ARG(lines.v[i]));
    return DONE;
}

static int run_kinds(struct run *r)
{
    const struct tenant *t = run_tenant(r);
    if (!t) return FAULT_FOUND;
    AUTO(db_close_auto) db *d = NULL;
    struct kind_rows rows = {0};
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = kind_rows_list(d, r->mem, S("procedures"), &rows);
    if (e.code != OK) return run_fail(r, e);
    static const char *const states[] = {[KIND_DRAFT] = "draft", [KIND_PUBLISHED] = "published", [KIND_CLOSED] = "closed"};
    for (size_t i = 0; i < rows.n; i++)
        run_print(r, "%lld\t%s\t%.*s\t%.*s\n", (long long)rows.v[i].number, states[rows.v[i].status], STR_ARG(rows.v[i].slug), STR_ARG(rows.v[i].title));
    return DONE;
}

/* A definition as YAML (or JSON, which is YAML too): parsed as the server would. */
static int run_check_kind(struct run *r)
{
    str text;
    json_t *definition;
    struct kind *k;
    if (!word(r, 0).n) return wrong(r, "check-kind FILE");
    err e = file_text(r->mem, word(r, 0), &text);
    if (e.code == OK) e = yaml_parse(r->mem, text, &definition);
    if (e.code == OK) e = kind_parse_any(r->mem, definition, &k);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s: %zu\n", STR_ARG(k->name), k->fields.n);
    return DONE;
}

static int run_explain(struct run *r)
{
    const struct tenant *t = run_tenant(r);
    str ref = str_is(word(r, 0), "record") ? word(r, 1) : word(r, 0);
    if (!t || !ref.n) return wrong(r, "explain record REFERENCE");
    AUTO(db_close_auto) db *d = NULL;
    struct record rec;
    const struct kind *k;
    struct strs lines = {0};
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = record_by_reference(d, r->mem, ref, &rec);
    if (e.code == OK) e = kinds_get(r->app->kinds, d, rec.kind, rec.revision, &k);
    if (e.code == OK) e = life_explain(d, r->mem, t, k, &rec, &WHO_SYSTEM, &lines);
    if (e.code != OK) return run_fail(r, e);
    for (size_t i = 0; i < lines.n; i++) run_print(r, "%.*s\n", STR_ARG(lines.v[i]));
    return DONE;
}

struct all { struct run *r; int status; };

static void rebuild_progress(void *arg, const char *name) { run_tell(arg, "%s\n", name); }

static int run_rebuild(struct run *r)
{
    err e = projections_bring_up(r->app->store, core_projections, true, rebuild_progress, r);
    return e.code == OK ? DONE : run_fail(r, e);
}

static void verify_one(void *arg, const struct tenant *t)
{
    struct all *a = arg;
    AUTO(db_close_auto) db *d = NULL;
    struct verdict v = {0};
    err e = store_read(a->r->app->store, t->id, &d);
    if (e.code == OK) e = journal_verify(d, a->r->mem, &v);
    if (e.code != OK) {
        a->status = run_fail(a->r, e);
        return;
    }
    str head = hex_of(a->r->mem, v.head.b, sizeof v.head.b);
    run_print(a->r, "%.*s: sealed %lld, unsealed tail %lld, head %.*s\n", STR_ARG(t->slug), (long long)v.sealed, (long long)v.unsealed, STR_ARG(head));
    if (v.valid) return;
    run_print(a->r, "%.*s: ALTERED at seal %lld (record %lld, event %lld): %.*s\n", STR_ARG(t->slug), (long long)v.bad_seal, (long long)v.bad_record,
              (long long)v.bad_seq, STR_ARG(v.why));
    a->status = FAULT_FOUND;
}

static int run_verify(struct run *r)
{
    struct all a = {r, DONE};
    tenants_each(r->app->tenants, verify_one, &a);
    return a.status;
}

static int run_doctor(struct run *r)
{
    struct strs faults = {0};
    settings_check(r->mem, &r->settings, &faults);
    str why;
    if (r->app->bucket && !bucket_answers(r->app->bucket, r->mem, &why))
        PUSH(r->mem, &faults, words_fill(r->mem, LANG_FR, W("doctor.files_away"), "value", why, NULL));
    err e = store_check(r->app->store, r->mem, &faults);
    for (size_t i = 0; i < faults.n; i++) run_print(r, "- %.*s\n", STR_ARG(faults.v[i]));
    if (e.code != OK) return run_fail(r, e);
    if (!faults.n) run_print(r, "%.*s\n", STR_ARG(words(LANG_FR, W("doctor.fine"))));
    return faults.n ? FAULT_FOUND : DONE;
}

/* ---- keeping ---- */
static void progress(void *arg, int64_t done, int64_t total) { run_tell(arg, "%lld / %lld\r", (long long)done, (long long)total); }

static int run_backup(struct run *r)
{
    if (!word(r, 0).n) return wrong(r, "backup FILE");
    err e = backup_write(r->app->store, r->app->blobs, word(r, 0), progress, r);
    run_tell(r, "\n");
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_restore(struct run *r)
{
    if (!word(r, 0).n) return wrong(r, "restore FILE");
    struct store_options opt = {.url = settings_store_url(r->mem, &r->settings), .create = true};
    struct bucket *b;
    err e = bucket_open(&b, &r->settings);
    if (e.code == OK) e = backup_restore(&opt, bucket_shelf(b), r->settings.data_dir, word(r, 0), progress, r);
    bucket_close(b);
    run_tell(r, "\n");
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_keys(struct run *r)
{
    str what = word(r, 0), out;
    err e;
    if (str_is(what, "export")) {
        e = blobs_keys_export(r->app->blobs, r->mem, &out);
        if (e.code == OK) run_print(r, "%.*s", STR_ARG(out));
    } else if (str_is(what, "rotate")) {
        e = blobs_keys_rotate(r->app->blobs);
    } else {
        return wrong(r, "keys export | keys rotate");
    }
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_settings(struct run *r)
{
    str text = settings_template(r->mem);
    run_print(r, "%.*s", STR_ARG(text));
    return DONE;
}

const struct command commands[] = {
    {"serve", "[--data DIR] [--store URL] [--listen ADDR:PORT] [--demo]", "Serves the towns of this data directory.", ALONE, serve},
    {"demo", "--data DIR [--with FILE] [--with-outline GEOJSON]", "Fills an empty data directory with the demonstration.", NEEDS_STORE | MAKES_STORE | ALONE, demo_run},
    {"tenant", "add … | list | host SLUG HOST", "Towns of this data directory.", NEEDS_STORE | MAKES_STORE, run_tenant_command},
    {"account", "add MAIL … | role MAIL ROLE | reset MAIL", "Accounts.", NEEDS_STORE, run_account},
    {"defaults", "FILE [--tenant SLUG] [--body INSEE]", "Merges a JSON file into what a body says for its procedures: service, silence, appeal, personal_data.", NEEDS_STORE, defaults_run},
    {"import", "ds-descriptor FILE… [--tenant SLUG] [--body INSEE] [--publish]", "Brings procedures in. Identical: nothing; different: a new revision.", NEEDS_STORE, import_run},
    {"export", "ds-descriptor NUMBER [--tenant SLUG]", "Builds the descriptor of a procedure from its kind.", NEEDS_STORE, export_run},
    {"backup", "FILE", "Copies the store and its files into one tar, while they are served. Keys are apart: keys export.", NEEDS_STORE, run_backup},
    {"restore", "FILE", "Puts a backup into an empty data directory; then bring the file of keys.", ALONE, run_restore},
    {"keys", "export | rotate", "The ring of keys that seals files.", NEEDS_STORE, run_keys},
    {"routes", "", "Every address, the right it requires, what it is.", 0, run_routes},
    {"kinds", "[--tenant SLUG]", "Procedures and their state.", NEEDS_STORE, run_kinds},
    {"check-kind", "FILE", "Checks the definition of a kind (YAML) and says where it is at fault.", 0, run_check_kind},
    {"schema", "", "The tables, as applied.", NEEDS_STORE, run_schema},
    {"explain", "record REFERENCE", "Kind, version, what may be done and why not the rest.", NEEDS_STORE, run_explain},
    {"rebuild", "", "Makes the projections anew: search, side index, counters.", NEEDS_STORE, run_rebuild},
    {"verify-journal", "", "Checks the chain of every journal; names the first altered event.", NEEDS_STORE, run_verify},
    {"doctor", "", "Says what is wrong with settings and store.", NEEDS_STORE, run_doctor},
    {"settings", "", "A commented beffroi.conf.", 0, run_settings},
    {0}};
