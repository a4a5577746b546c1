/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Small commands; those with more to them have a file of their own. */
#include <unistd.h>

#include "base/id.h"
#include "core/account.h"
#include "core/bucket.h"
#include "core/checks.h"
#include "core/journal.h"
#include "core/life.h"
#include "core/projection.h"
#include "core/tenant_archive.h"
#include "formats/yaml.h"
#include "main/command.h"
#include "main/demo.h"
#include "main/exchange.h"
#include "main/rule_commands.h"
#include "services.h"
#include "store/backup.h"
#include "web/address.h"

/* ---- account ---- */
static int account_open(struct run *r, db **out)
{
    const struct tenant *t;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    err e = store_read(r->app->store, t->id, out);
    return e.code == OK ? DONE : run_fail(r, e);
}

static err account_find(struct run *r, db *d, struct account *out)
{
    err e = account_by_email(d, r->mem, run_word(r, 0), out);
    return e.code == E_NOT_FOUND ? FAIL_AT(E_NOT_FOUND, W("account.unknown"), str_z(r->mem, run_word(r, 0))) : e;
}

static int run_account_add(struct run *r)
{
    struct account a = {.email = run_word(r, 0), .forename = run_option(r, "forename"), .surname = run_option(r, "surname"), .capacity = run_option(r, "capacity"),
                        .service = run_option(r, "service"), .is_agent = run_has(r, "agent"), .is_active = true};
    int64_t id;
    AUTO(db_close_auto) db *d = NULL;
    int status = account_open(r, &d);
    if (status != DONE) return status;
    err e = account_add(d, r->mem, &a, run_option(r, "password"), &id);
    return e.code == OK ? DONE : run_fail(r, e);
}

static enum role role_read(const struct run *r)
{
    static const char *const names[] = {"none", "reader", "agent", "manager", "admin"};
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (str_is(run_word(r, 1), names[i])) return (enum role)i;
    return ROLE_NONE;
}

static int check_account_role(struct run *r)
{
    return role_read(r) ? DONE : run_wrong(r, words_fill(r->mem, LANG_FR, W("account.role_unknown"), "name", run_word(r, 1), NULL));
}

static int run_account_role(struct run *r)
{
    AUTO(db_close_auto) db *d = NULL;
    struct account a;
    int status = account_open(r, &d);
    if (status != DONE) return status;
    err e = account_find(r, d, &a);
    if (e.code == OK) e = grant_add(d, a.id, &(struct grant){.role = role_read(r)});
    a.is_agent = true;
    if (e.code == OK) e = account_save(d, &a);
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_account_reset(struct run *r)
{
    AUTO(db_close_auto) db *d = NULL;
    struct account a;
    str token = STR_NONE;
    int status = account_open(r, &d);
    if (status != DONE) return status;
    err e = account_find(r, d, &a);
    if (e.code == OK) e = account_reset_start(d, r->mem, a.email, clock_now_us(), &token);
    if (e.code == OK && !token.n) e = FAIL_AT(E_DENIED, W("account.closed"), str_z(r->mem, a.email));
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "/compte/mot-de-passe/%.*s\n", STR_ARG(token));
    return DONE;
}

/* ---- looking ---- */
static int run_routes(struct run *r)
{
    static const char *const flag_names[] = {"api", "files", "raw", "stream", "token", "any-host", "secret"};
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
    const struct tenant *t;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
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
    err e = file_text(r->mem, run_word(r, 0), &text);
    if (e.code == OK) e = yaml_parse(r->mem, text, &definition);
    if (e.code == OK) e = kind_parse_any(r->mem, definition, &k);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s: %zu\n", STR_ARG(k->name), k->fields.n);
    return DONE;
}

static int run_explain(struct run *r)
{
    const struct tenant *t;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    AUTO(db_close_auto) db *d = NULL;
    struct record rec;
    const struct kind *k;
    struct strs lines = {0};
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = record_by_reference(d, r->mem, run_word(r, 0), &rec);
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
    err e = projections_bring_up(r->app->store, core_projections, true, NULL, rebuild_progress, r);
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
    run_print(a->r, "%.*s: sealed %lld, unsealed tail %lld, published heads %lld, head %.*s\n", STR_ARG(t->slug), (long long)v.sealed, (long long)v.unsealed,
              (long long)v.heads, STR_ARG(head));
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

/* Faults begin with a dash; what is fine is not said. */
static int findings_tell(struct run *r, const struct findings *all, str town)
{
    int status = DONE;
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = &all->v[i];
        if (f->state == CHECK_FINE) continue;
        if (f->state == CHECK_FAULT) status = FAULT_FOUND;
        run_print(r, "%s%.*s%s%.*s%s%.*s\n", f->state == CHECK_FAULT ? "- " : "", STR_ARG(town), town.n ? ": " : "", STR_ARG(f->said), f->todo.n ? " " : "", STR_ARG(f->todo));
    }
    return status;
}

static void check_town(void *arg, const struct tenant *t)
{
    struct all *a = arg;
    AUTO(db_close_auto) db *d = NULL;
    struct findings all = {0};
    struct check_world w = {.mem = a->r->mem, .lang = LANG_FR, .settings = &a->r->app->settings, .now_us = clock_now_us(), .kinds = a->r->app->kinds, .tenant = t};
    err e = store_read(a->r->app->store, t->id, &d);
    if (e.code != OK) {
        a->status = run_fail(a->r, e);
        return;
    }
    w.d = d;
    checks_run(&w, CHECK_TOWN | CHECK_SLOW, &all);
    if (findings_tell(a->r, &all, t->slug) != DONE) a->status = FAULT_FOUND;
}

static int run_check_store(struct run *r)
{
    struct all a = {r, DONE};
    struct findings all = {0};
    struct check_world w = {.mem = r->mem, .lang = LANG_FR, .settings = &r->app->settings, .now_us = clock_now_us(), .store = r->app->store, .bucket = r->app->bucket};
    checks_run(&w, CHECK_STORE | CHECK_SLOW, &all);
    a.status = findings_tell(r, &all, STR_NONE);
    tenants_each(r->app->tenants, check_town, &a);
    return a.status;
}

/* The settings are those of whoever asks; the store is looked at where it is open. */
static int run_doctor(struct run *r)
{
    struct findings all = {0};
    struct networks proxies;
    struct check_world w = {.mem = r->mem, .lang = LANG_FR, .settings = &r->settings, .now_us = clock_now_us()};
    checks_run(&w, CHECK_HERE | CHECK_SLOW, &all);
    err e = networks_parse(r->mem, settings_commas(r->mem, r->settings.trusted_proxies), &proxies);
    if (e.code != OK) PUSH(r->mem, &all, (struct finding){.state = CHECK_FAULT, .said = str_fmt(r->mem, "trusted_proxies: %s: %.*s", e.at, STR_ARG(words(LANG_FR, e.msg)))});
    int here = findings_tell(r, &all, STR_NONE), status = access(str_z(r->mem, r->settings.data_dir), F_OK) == 0 ? run_other(r, "check-store") : FAULT_FOUND;
    if (here != DONE) status = here;
    if (status == DONE) run_print(r, "%.*s\n", STR_ARG(words(LANG_FR, W("doctor.fine"))));
    return status;
}

/* ---- keeping ---- */
static void progress(void *arg, int64_t done, int64_t total) { run_tell(arg, "%lld / %lld\r", (long long)done, (long long)total); }

static int run_backup(struct run *r)
{
    err e = backup_write(r->app->store, r->app->blobs, run_word(r, 0), progress, r);
    run_tell(r, "\n");
    if (e.code == OK) checks_backup_made(r->mem, &r->app->settings);
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_restore(struct run *r)
{
    struct store_options opt = {.url = settings_store_url(r->mem, &r->settings), .create = true};
    struct bucket *b;
    err e = bucket_open(&b, &r->settings);
    if (e.code == OK) e = backup_restore(&opt, bucket_shelf(b), r->settings.data_dir, run_word(r, 0), progress, r);
    bucket_close(b);
    run_tell(r, "\n");
    return e.code == OK ? DONE : run_fail(r, e);
}

static int run_keys_export(struct run *r)
{
    str out;
    err e = blobs_keys_export(r->app->blobs, r->mem, &out);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s", STR_ARG(out));
    return DONE;
}

struct keys { struct run *r; struct key_uses uses; err e; };

static void keys_of_tenant(void *arg, const struct tenant *t)
{
    struct keys *k = arg;
    AUTO(db_close_auto) db *d = NULL;
    if (k->e.code == OK) k->e = store_read(k->r->app->store, t->id, &d);
    if (k->e.code == OK) k->e = files_key_uses(d, k->r->mem, &k->uses);
}

static void rewrap_tenant(void *arg, const struct tenant *t)
{
    struct keys *k = arg;
    AUTO(db_close_auto) db *d = NULL;
    if (k->e.code == OK) k->e = store_read(k->r->app->store, t->id, &d);
    if (k->e.code == OK) k->e = files_rewrap_later(d, k->r->app->blobs, clock_now_us());
}

/* Number of the key, files it opens: an old key that opens none may leave the ring. */
static int run_keys_list(struct run *r)
{
    struct keys k = {.r = r};
    tenants_each(r->app->tenants, keys_of_tenant, &k);
    if (k.e.code != OK) return run_fail(r, k.e);
    for (int64_t number = 0; number <= blobs_key_newest(r->app->blobs); number++) {
        int64_t files = 0;
        for (size_t i = 0; i < k.uses.n; i++)
            if (k.uses.v[i].number == number) files = k.uses.v[i].files;
        if (number || files) run_print(r, "%lld\t%lld\n", (long long)number, (long long)files);
    }
    return DONE;
}

static int run_keys_rotate(struct run *r)
{
    struct keys k = {.r = r, .e = blobs_keys_rotate(r->app->blobs)};
    tenants_each(r->app->tenants, rewrap_tenant, &k);
    return k.e.code == OK ? DONE : run_fail(r, k.e);
}

static int run_settings(struct run *r)
{
    str text = settings_template(r->mem);
    run_print(r, "%.*s", STR_ARG(text));
    return DONE;
}

/* ---- the two tables ---- */
const struct option_row option_rows[] = {
    {"data", "DIR", "the data directory"},
    {"store", "URL", "postgresql://… ; a SQLite file in the data directory without it"},
    {"listen", "ADDR:PORT", "where to listen"},
    {"demo", NULL, "demonstration accounts may be served beyond this machine"},
    {"with", "FILE", "a descriptor to add to the procedures", OPTION_FILE},
    {"with-outline", "FILE", "the town's outline, GeoJSON", OPTION_FILE},
    {"tenant", "SLUG", "the town; needed when there are several"},
    {"body", "CODE", "the public body, by INSEE or SIREN code; the town's first without it"},
    {"publish", NULL, "publishes what is brought in"},
    {"title", "TEXT", "the list's title"},
    {"sample", NULL, "the sheets are samples, and say so instead of their source"},
    {"check", NULL, "says what would be done, and does nothing"},
    {"host", "HOST", "the town's address on the web, without http:// nor port"},
    {"insee", "CODE", "the commune's INSEE code"},
    {"name", "NAME", "the town's name; that of the commune without it"},
    {"slug", "SLUG", "its short name in commands; made from the host without it"},
    {"communes", "FILE", "JSON list of communes (code, nom, siren, population) where the name is looked up", OPTION_FILE},
    {"replace", NULL, "takes the place of the town as it is now"},
    {"yes-remove", "TOWN", "the town again, as it was named"},
    {"admin", "MAIL", "its first administrator"},
    {"forename", "TEXT", "forename"},
    {"surname", "TEXT", "surname"},
    {"capacity", "TEXT", "capacity, as decisions show it"},
    {"service", "TEXT", "service, as decisions show it"},
    {"agent", NULL, "an agent's account"},
    {"password", "TEXT", "password; chosen by a link (account reset) without it"},
    {"situation", "FILE", "JSON: rule to expression, or a list of such maps, one answer for each", OPTION_FILE},
    {"filter-choices", NULL, "choices that are not applicable are no choices"},
    {"trace", NULL, "with why each value is what it is"},
    {"trace-page", "DIR", "why the first rule has its value, as a page: DIR/index.html", OPTION_FILE},
    {"output", "DIR", "where the pages are written (-o DIR)", OPTION_FILE},
    {"all", NULL, "of every town"},
    {"json", NULL, "prints JSON"},
    {"goal", "RULES", "the results wanted, with commas between; rules that none of them needs are then told"},
    {"try", NULL, "changes nothing; says whether it would go through"},
    {"help", NULL, "this help"},
    {"version", NULL, "the version"},
    {0}};

const struct command commands[] = {
    {"serve", "", "Serves the towns of this data directory.", ALONE, .options = "listen demo", .run = serve},
    {"demo", "", "Fills an empty data directory with the demonstration.", NEEDS_STORE | MAKES_STORE | ALONE, .options = "with with-outline", .run = demo_run},
    {"tenant add", "", "Adds a town and its first administrator, to whom the link printed is to be given. Needs --host, and --insee or --name.", NEEDS_STORE | MAKES_STORE,
     .options = "host insee communes name slug admin", .check = tenant_add_check, .run = tenant_add_run},
    {"tenant list", "", "Towns of this data directory.", NEEDS_STORE, .run = tenant_list_run},
    {"tenant host", "SLUG HOST", "Gives a town one more address.", NEEDS_STORE, 2, 2, .run = tenant_host_run},
    {"tenant backup", "TOWN FILE", "Copies one town (slug, host or id) into one archive, while all are served. Keys are apart: keys export.", NEEDS_STORE, 2, 2, 2, .run = tenant_backup_run},
    {"tenant restore", "FILE", "Puts a town back as its archive has it, while the others are served; --replace takes the place of the town as it is now.", NEEDS_STORE | MAKES_STORE, 1, 1, 1,
     .options = "replace host", .run = tenant_restore_run},
    {"tenant export", "TOWN DIR|FILE.zip", "Gives a town all it has, in open formats, for leaving.", NEEDS_STORE, 2, 2, 2, .run = tenant_export_run},
    {"tenant remove", "TOWN", "Removes every row and file of a town, while the others are served. Nothing brings it back: --yes-remove says its name again.", NEEDS_STORE, 1, 1,
     .options = "yes-remove", .check = tenant_remove_check, .run = tenant_remove_run},
    {"account add", "MAIL", "Adds an account.", NEEDS_STORE, 1, 1, .options = "tenant forename surname capacity service agent password", .run = run_account_add},
    {"account role", "MAIL ROLE", "Gives an account a role: reader, agent, manager or admin.", NEEDS_STORE, 2, 2, .options = "tenant", .check = check_account_role,
     .run = run_account_role},
    {"account reset", "MAIL", "Prints a link by which a new password is chosen.", NEEDS_STORE, 1, 1, .options = "tenant", .run = run_account_reset},
    {"defaults", "FILE", "Merges a JSON file into what a body says for its procedures: service, silence, appeal, personal_data.", NEEDS_STORE, 1, 1, 1,
     .options = "tenant body", .run = defaults_run},
    {"import ds-descriptor", "FILE…", "Brings procedures in. Identical: nothing; different: a new revision.", NEEDS_STORE, 1, WORDS_MANY, 1,
     .options = "tenant body publish", .run = import_ds_run},
    {"import kind", "FILE|NAME…", "Brings procedures in from files (YAML) or, by name, from the library. Identical: nothing; what the town changed is kept.", NEEDS_STORE, 1, WORDS_MANY, 1,
     .options = "tenant body publish", .run = import_kind_run},
    {"import list", "NAME FILE", "Brings in the values of a list (CSV with columns id and label), for the fields that name it.", NEEDS_STORE, 2, 2, 2,
     .options = "tenant title", .run = import_list_run},
    {"import comarquage", "ZIP", "Brings in the fact sheets of service-public.fr (XML of DILA): new ones, changed ones; those it does not hold any more go.", NEEDS_STORE, 1, 1, 1,
     .options = "tenant sample", .run = import_sheets_run},
    {"import staff", "FILE", "Brings agents in from a CSV and invites the new ones, all or nothing. Columns: docs/operations.md.", NEEDS_STORE, 1, 1, 1,
     .options = "tenant check", .run = import_staff_run},
    {"export ds-descriptor", "NUMBER", "Builds the descriptor of a procedure from its kind.", NEEDS_STORE, 1, 1, .options = "tenant", .check = export_check,
     .run = export_run},
    {"bounce", "", "Takes a notice of non-delivery (RFC 3464) on its standard input, from the mail server; the running server reads it within seconds.", 0, .run = bounce_run},
    {"backup", "FILE", "Copies the store and its files into one tar, while they are served. Keys are apart: keys export.", NEEDS_STORE, 1, 1, 1, .run = run_backup},
    {"restore", "FILE", "Puts a backup into an empty data directory; then bring the file of keys.", ALONE, 1, 1, 1, .run = run_restore},
    {"upgrade", "", "Brings the data of an older version up to this one, all or nothing; DIR/before keeps them as they were. --try: on a copy, while they are served.", ALONE,
     .options = "try", .run = upgrade_run},
    {"rollback", "", "Puts back the data as they were before the last upgrade; what was written since goes to a file of DIR/before.", ALONE, .run = rollback_run},
    {"keys export", "", "Prints the ring of keys that seals files.", NEEDS_STORE, .run = run_keys_export},
    {"keys list", "", "How many files each key of the ring opens.", NEEDS_STORE, .run = run_keys_list},
    {"keys rotate", "", "Adds a key to the ring; a job wraps the keys of files anew with it.", NEEDS_STORE, .run = run_keys_rotate},
    {"routes", "", "Every address, the right it requires, what it is.", ANY_SETTINGS, .run = run_routes},
    {"kinds", "", "Procedures and their state.", NEEDS_STORE, .options = "tenant", .run = run_kinds},
    {"check-kind", "FILE", "Checks the definition of a kind (YAML) and says where it is at fault.", ANY_SETTINGS, 1, 1, 1, .run = run_check_kind},
    {"schema", "", "The tables, as applied.", NEEDS_STORE, .run = run_schema},
    {"explain record", "REFERENCE", "Kind, version, what may be done and why not the rest.", NEEDS_STORE, 1, 1, .options = "tenant", .run = run_explain},
    {"rebuild", "", "Makes the projections anew: search, side index, counters.", NEEDS_STORE, .run = run_rebuild},
    {"verify-journal", "", "Checks the chain of every journal; names the first altered event.", NEEDS_STORE, .run = run_verify},
    {"doctor", "", "Says what is wrong with settings, machine, store and towns, and what to do.", ANY_SETTINGS, .run = run_doctor},
    {"check-store", "", "Says what is wrong with the store and the towns alone.", NEEDS_STORE, .run = run_check_store},
    {"rules eval", "FILE… RULE…", "Evaluates rules in Publicodes, from files (YAML, JSON), in a situation: value, unit, missing variables.", ANY_SETTINGS, 2, WORDS_MANY,
     .options = "situation filter-choices trace trace-page", .run = rules_eval_run},
    {"rules test", "FILE|FOLDER…", "Runs the examples that rules carry.", ANY_SETTINGS, 1, WORDS_MANY, 1, .run = rules_test_run},
    {"rules doc", "FILE… -o DIR", "Writes the documentation of a rule base: an index and a page for each rule, to be opened from the disk.", ANY_SETTINGS, 1, WORDS_MANY, 1,
     .options = "output", .run = rules_doc_run},
    {"rules check", "FILE…", "Looks for faults in rules, without a situation: names, cycles, types, units, branches never taken; each with file, line and rule.",
     ANY_SETTINGS, 1, WORDS_MANY, 1, .options = "json goal", .run = rules_check_run},
    {"rules replay", "", "Computes again every result that the towns keep, and says what differs: after an upgrade (--all).", NEEDS_STORE, .options = "all", .run = rules_replay_run},
    {"settings", "", "A commented beffroi.conf.", ANY_SETTINGS, .run = run_settings},
    {"manual", "", "The manual page of this program, for man.", ANY_SETTINGS, .run = manual_run},
    {"help", "[COMMAND]", "All commands, or the help of one.", ANY_SETTINGS, 0, 2, .run = help_run},
    {"version", "", "The version.", ANY_SETTINGS, .run = version_run},
    {0}};
