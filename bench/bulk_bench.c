/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bulk_bench — many dossiers fast, and what SQL alone costs. Not a figure by itself: bench/figures calls it.
     bulk fill DATA N             a demonstration's directory gets the procedure "banc" with four filters, and N dossiers (SQLite)
     bulk bare DATA REFERENCE S   the rows of one dossier written again and again by a bare loop, 64 a COMMIT, for S seconds: prints rows sets/s
     bulk sql DATA LIST.SQL S     the statements of bench/list.sql for S seconds: prints µs of CPU for each page
   One dossier is filed by the core; the others are copies of all its rows under ids of their own. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "core/journal.h"
#include "core/secret.h"
#include "formats/json.h"
#include "pages/app.h"

enum { COLUMNS = 32, TABLES = 16, ROWS = 8, GROUP = 64 };

/* ---- the dossier that is copied, filed by the core ---- */

static const char definition[] =
    "{\"kind\":\"banc\",\"base\":\"procedure\",\"title\":{\"fr\":\"Banc\"},\"title_from\":\"objet\",\"fields\":["
    "{\"id\":\"f1\",\"name\":\"objet\",\"type\":\"text\",\"label\":{\"fr\":\"Objet\"},\"required\":true},"
    "{\"id\":\"fa\",\"name\":\"dixieme\",\"type\":\"choice\",\"filter\":true,\"label\":{\"fr\":\"Un sur dix\"},\"options\":{\"oui\":{\"fr\":\"Oui\"},\"non\":{\"fr\":\"Non\"}}},"
    "{\"id\":\"fb\",\"name\":\"centieme\",\"type\":\"choice\",\"filter\":true,\"label\":{\"fr\":\"Un sur cent\"},\"options\":{\"oui\":{\"fr\":\"Oui\"},\"non\":{\"fr\":\"Non\"}}},"
    "{\"id\":\"fc\",\"name\":\"tiers1\",\"type\":\"choice\",\"filter\":true,\"label\":{\"fr\":\"Trois sur dix\"},\"options\":{\"oui\":{\"fr\":\"Oui\"},\"non\":{\"fr\":\"Non\"}}},"
    "{\"id\":\"fd\",\"name\":\"tiers2\",\"type\":\"choice\",\"filter\":true,\"label\":{\"fr\":\"Trois autres sur dix\"},\"options\":{\"oui\":{\"fr\":\"Oui\"},\"non\":{\"fr\":\"Non\"}}},"
    "{\"id\":\"f6\",\"name\":\"demande\",\"type\":\"textarea\",\"label\":{\"fr\":\"Message\"}}],"
    "\"settings\":{\"audience\":{\"fr\":\"Tous\"},\"duration\":{\"fr\":\"5 minutes\"},\"silence\":{\"means\":\"acceptance\",\"after\":\"2 months\",\"article\":\"CRPA, article L231-1\"},\"appeal\":{\"text\":\"Deux mois\"},"
    "\"legal_basis\":\"CRPA\",\"personal_data\":{\"purpose\":\"Banc\",\"legal_basis\":\"RGPD, article 6-1-e\",\"recipients\":\"Le service\",\"retention\":\"12 mois\"}}}";

struct first { const struct filing *f; struct record *r; arena *mem; };
static err first_in_txn(db *w, void *arg)
{
    struct first *x = arg;
    bool again;
    return record_file(w, x->mem, x->f, x->r, &again);
}

static void keep_tenant(void *arg, const struct tenant *t) { *(const struct tenant **)arg = t; }

static err template_file(struct app *app, int64_t *out_id, int64_t *out_tenant)
{
    const struct tenant *t = NULL;
    db *d;
    json_t *def, *doc;
    struct kind_row greeting, row;
    const struct kind *k;
    struct record r;
    arena *mem = app->mem;
    secret_pepper_set(&app->pepper);
    tenants_each(app->tenants, keep_tenant, &t);
    TRY(store_read(app->store, t->id, &d));
    TRY(json_parse(mem, str_of(definition), &def));
    TRY(kind_row_by_slug(d, mem, S("ecrire-a-la-mairie"), &greeting));
    TRY(kind_create(d, S("procedures"), S("banc"), greeting.body, greeting.team, def, 1, mem, &row));
    TRY(kind_publish(d, t, mem, row.name, 1));
    TRY(kinds_get(app->kinds, d, row.name, 0, &k));
    TRY(json_parse(mem, S("{\"f1\":\"Échafaudage rue Saint-Goëry\",\"fa\":\"oui\",\"fb\":\"oui\",\"fc\":\"oui\",\"fd\":\"oui\",\"f6\":\"Pose d'un échafaudage devant le numéro 12, du lundi au vendredi.\"}"), &doc));
    struct filing f = {.id = id_new(), .body = row.body, .team = row.team, .channel = S("web"), .tenant = t, .kind = k, .doc = doc, .now_us = clock_now_us(),
                       .contact = {.name = S("Zoé Martin"), .birth_date = S("1980-02-29")}};
    TRY(db_txn(d, first_in_txn, &(struct first){&f, &r, mem}));
    db_done(d);
    *out_id = r.id;
    *out_tenant = t->id;
    return NO_ERR;
}

/* ---- copies ---- */

struct table {
    const char *name, *where;           /* where: the column that names the dossier; NULL: any one row will do */
    char columns[COLUMNS][32];
    int n, rows;
    sqlite3_value *row[ROWS][COLUMNS];
    sqlite3_stmt *insert;
};
struct copier { sqlite3 *h; struct table t[TABLES]; int n; int64_t id, tenant; };

static void die(sqlite3 *h, const char *what)
{
    fprintf(stderr, "bulk: %s: %s\n", what, h ? sqlite3_errmsg(h) : "");
    exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *h, const char *text)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(h, text, -1, &st, 0) != SQLITE_OK) die(h, text);
    return st;
}

static void exec(sqlite3 *h, const char *text)
{
    if (sqlite3_exec(h, text, 0, 0, 0) != SQLITE_OK) die(h, text);
}

static void table_read(struct copier *c, const char *name, const char *where)
{
    struct table *t = &c->t[c->n];
    char text[1200];
    *t = (struct table){.name = name, .where = where};
    bool search = strcmp(name, "search") == 0;
    if (where) snprintf(text, sizeof text, "SELECT %s* FROM %s WHERE %s = %lld", search ? "rowid, " : "", name, where, (long long)c->id);
    else if (strcmp(name, "journal_unsealed") == 0) snprintf(text, sizeof text, "SELECT tenant, at, record, seq FROM journal WHERE record = %lld", (long long)c->id);
    else snprintf(text, sizeof text, "SELECT * FROM %s LIMIT 1", name);
    sqlite3_stmt *st = prepare(c->h, text);
    while (t->rows < ROWS && sqlite3_step(st) == SQLITE_ROW) {
        t->n = sqlite3_column_count(st);
        for (int i = 0; i < t->n; i++) {
            snprintf(t->columns[i], sizeof t->columns[i], "%s", sqlite3_column_name(st, i));
            t->row[t->rows][i] = sqlite3_value_dup(sqlite3_column_value(st, i));
        }
        t->rows++;
    }
    sqlite3_finalize(st);
    if (!t->rows) return;
    int at = snprintf(text, sizeof text, "INSERT INTO %s (", name);
    for (int i = 0; i < t->n; i++) at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", i ? ", " : "", t->columns[i]);
    at += snprintf(text + at, sizeof text - (size_t)at, ") VALUES (");
    for (int i = 0; i < t->n; i++) at += snprintf(text + at, sizeof text - (size_t)at, "%s?", i ? ", " : "");
    snprintf(text + at, sizeof text - (size_t)at, ")");
    t->insert = prepare(c->h, text);
    c->n++;
}

/* One in ten, one in a hundred, two times three in ten that meet in one of a hundred. */
struct copy { int64_t id, at_us; bool spread, a, b, c, d; const char *state; int64_t team; char reference[9], key[33], cause[32]; };

static bool answer_of(const struct copy *x, const char *field)
{
    return strcmp(field, "fa") == 0 ? x->a : strcmp(field, "fb") == 0 ? x->b : strcmp(field, "fc") == 0 ? x->c : x->d;
}

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void bind_spread(const struct table *t, int i, int row, const struct copy *x)
{
    const char *name = t->columns[i];
    sqlite3_stmt *st = t->insert;
    if (is(name, "created") || is(name, "updated") || is(name, "entered") || is(name, "at")) sqlite3_bind_int64(st, i + 1, x->at_us);
    else if (is(name, "due") || is(name, "silence")) sqlite3_bind_int64(st, i + 1, x->at_us + 3 * 365 * DAY_US);
    else if (is(name, "state") && is(t->name, "record")) sqlite3_bind_text(st, i + 1, x->state, -1, SQLITE_STATIC);
    else if (is(name, "team") && x->team && is(t->name, "record")) sqlite3_bind_int64(st, i + 1, x->team);
    else if (is(name, "value") && is(t->name, "record_index"))
        sqlite3_bind_text(st, i + 1, answer_of(x, (const char *)sqlite3_value_text(t->row[row][2])) ? "oui" : "non", 3, SQLITE_STATIC);
}

static void copy_row(const struct copier *c, const struct table *t, int row, const struct copy *x)
{
    for (int i = 0; i < t->n; i++) {
        sqlite3_value *v = t->row[row][i];
        const char *name = t->columns[i];
        bool number = sqlite3_value_type(v) == SQLITE_INTEGER;
        if (number && (sqlite3_value_int64(v) == c->id || (!t->where && is(name, "record")))) sqlite3_bind_int64(t->insert, i + 1, x->id);
        else if (number && is(name, "id")) sqlite3_bind_int64(t->insert, i + 1, id_new());
        else if (is(name, "reference")) sqlite3_bind_text(t->insert, i + 1, x->reference, -1, SQLITE_STATIC);
        else if (is(name, "hash")) sqlite3_bind_blob(t->insert, i + 1, x->key, 32, SQLITE_STATIC);
        else if (is(name, "key")) sqlite3_bind_text(t->insert, i + 1, x->key, 32, SQLITE_STATIC);
        else if (is(name, "cause")) sqlite3_bind_text(t->insert, i + 1, x->cause, -1, SQLITE_STATIC);
        else sqlite3_bind_value(t->insert, i + 1, v);
        if (x->spread) bind_spread(t, i, row, x);
    }
    if (sqlite3_step(t->insert) != SQLITE_DONE) die(c->h, t->name);
    sqlite3_reset(t->insert);
}

static void dossier_copy(const struct copier *c, struct copy *x)
{
    static const char consonants[] = "BCDFGHJKLMNPQRSTVWXZ";
    unsigned char bytes[24];
    random_bytes(bytes, sizeof bytes);
    x->id = id_new();
    static uint64_t turn;               /* each number below 20^8 once, in an order that looks like chance */
    if (!turn) turn = random_below(UINT64_C(25600000000));
    turn = (turn + UINT64_C(9876543211)) % UINT64_C(25600000000);
    uint64_t left = turn;
    for (int i = 0; i < 8; i++, left /= 20) x->reference[i] = consonants[left % 20];
    for (int i = 0; i < 16; i++) snprintf(x->key + 2 * i, 3, "%02x", bytes[8 + i]);
    snprintf(x->cause, sizeof x->cause, "%lld:1", (long long)x->id);
    for (int i = 0; i < c->n; i++)
        for (int r = 0; r < c->t[i].rows; r++) copy_row(c, &c->t[i], r, x);
}

static sqlite3 *open_db(const char *data)
{
    char path[600];
    sqlite3 *h;
    snprintf(path, sizeof path, "%s/beffroi.db", data);
    if (sqlite3_open(path, &h) != SQLITE_OK) die(h, path);
    return h;
}

static int fill(const char *data, int64_t n)
{
    struct settings s;
    struct app app;
    struct copier c = {0};
    arena *mem = arena_new(0);
    settings_read(mem, STR_NONE, false, &s);
    s.data_dir = str_of(data);
    err e = app_open(&app, &s, 0);
    if (e.code == OK) e = template_file(&app, &c.id, &c.tenant);
    if (e.code != OK) {
        fprintf(stderr, "bulk: %s %s\n", e.msg, e.at ? e.at : "");
        return 1;
    }
    app_close(&app);
    c.h = open_db(data);
    exec(c.h, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN");
    static const char *const tables[][2] = {{"record", "id"}, {"record_index", "record"}, {"record_contact", "record"}, {"journal", "record"}, {"actor", "id"},
                                            {"timer", "record"}, {"search", "rowid"}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) table_read(&c, tables[i][0], tables[i][1]);
    sqlite3_stmt *other = prepare(c.h, "SELECT id FROM team WHERE id <> (SELECT team FROM kind WHERE name = 'banc') ORDER BY id LIMIT 1");
    sqlite3_step(other);
    int64_t elsewhere = sqlite3_column_int64(other, 0), now = clock_now_us();
    sqlite3_finalize(other);
    static const char *const states[] = {"received", "examining", "accepted", "refused"};
    for (int64_t i = 0; i < n; i++) {
        uint64_t ab = random_below(1000), cd = random_below(100), state = random_below(20);
        struct copy x = {.spread = true, .at_us = now - (n - i) * 60 * SECOND_US, .a = ab % 10 == 0, .b = ab < 10, .c = cd < 30, .d = cd >= 29 && cd < 59,
                         .state = states[state < 1 ? 0 : state < 3 ? 1 : state < 18 ? 2 : 3], .team = random_below(20) == 0 ? elsewhere : 0};
        dossier_copy(&c, &x);
    }
    /* A town at rest: not the mails nor the letters that the demonstration draws, one by one, during its first two hours. */
    exec(c.h, "DELETE FROM counter; DELETE FROM counter_delta; DELETE FROM outbox; DELETE FROM job;"
              "INSERT INTO counter SELECT tenant, kind, state, body, team, COUNT(*) FROM record GROUP BY 1, 2, 3, 4, 5; COMMIT; ANALYZE; PRAGMA journal_mode = WAL");
    for (int i = 0; i < c.n; i++) sqlite3_finalize(c.t[i].insert);
    sqlite3_close(c.h);
    printf("%lld\n", (long long)n);
    return 0;
}

/* ---- the bare loop ---- */

static int bare(const char *data, const char *reference, int64_t seconds)
{
    struct copier c = {.h = open_db(data)};
    exec(c.h, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA secure_delete = ON");
    sqlite3_stmt *st = prepare(c.h, "SELECT id FROM record WHERE reference = ?");
    sqlite3_bind_text(st, 1, reference, -1, SQLITE_STATIC);
    if (sqlite3_step(st) != SQLITE_ROW) die(c.h, reference);
    c.id = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    static const char *const tables[][2] = {{"record", "id"}, {"record_index", "record"}, {"record_contact", "record"}, {"journal", "record"},
        {"actor", "id"}, {"timer", "record"}, {"search", "rowid"}, {"token", "record"}, {"outbox", "record"}, {"counter_delta", 0}, {"journal_unsealed", 0}, {"idempotency", 0}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) table_read(&c, tables[i][0], tables[i][1]);
    int rows = 0;
    for (int i = 0; i < c.n; i++) rows += c.t[i].rows;
    int64_t done = 0, from = clock_monotonic_us();
    while (clock_monotonic_us() < from + seconds * SECOND_US) {
        exec(c.h, "BEGIN IMMEDIATE");
        for (int i = 0; i < GROUP; i++, done++) dossier_copy(&c, &(struct copy){0});
        exec(c.h, "COMMIT");
    }
    printf("%.1f %d\n", (double)done / ((double)(clock_monotonic_us() - from) / 1e6), rows);
    return 0;
}

/* ---- what the list costs in SQL alone ---- */

static double cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int64_t one_i64(sqlite3 *h, const char *text)
{
    sqlite3_stmt *st = prepare(h, text);
    if (sqlite3_step(st) != SQLITE_ROW) die(h, text);
    int64_t v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

static int list_sql(const char *data, const char *file, int64_t seconds)
{
    static char text[8000];
    sqlite3 *h = open_db(data);
    sqlite3_stmt *st[8];
    int n = 0;
    FILE *f = fopen(file, "re");
    if (!f) die(0, file);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    exec(h, "PRAGMA cache_size = -4096; PRAGMA query_only = ON");
    int64_t tenant = one_i64(h, "SELECT id FROM tenant LIMIT 1"), team = one_i64(h, "SELECT team FROM kind WHERE name = 'banc'");
    for (const char *rest = text; n < 8 && sqlite3_prepare_v2(h, rest, -1, &st[n], &rest) == SQLITE_OK && st[n]; n++) {
        sqlite3_bind_int64(st[n], 1, tenant);
        sqlite3_bind_int64(st[n], 2, team);
    }
    if (n != 3) die(h, "list.sql: three statements are expected: two lists and the counts");
    int64_t pages = 0, rows = 0, until = clock_monotonic_us() + seconds * SECOND_US;
    double from = cpu_us();
    while (clock_monotonic_us() < until)
        for (int i = 0; i < 2; i++, pages++)            /* a page: a list and the counts */
            for (int s = i; s < 3; s += 2 - i) {
                while (sqlite3_step(st[s]) == SQLITE_ROW)
                    for (int k = 0; k < sqlite3_column_count(st[s]); k++) rows += sqlite3_column_type(st[s], k) == SQLITE_TEXT ? *sqlite3_column_text(st[s], k) != 0 : sqlite3_column_int64(st[s], k) != 0;
                sqlite3_reset(st[s]);
            }
    printf("%.1f %lld\n", (cpu_us() - from) / (double)pages, (long long)(rows / pages));
    return 0;
}

int main(int n, char **args)
{
    int64_t last = 0;
    hash_start();
    bool known = n > 3 && str_i64(str_of(args[n - 1]), &last).code == OK && last > 0;
    if (known && n == 4 && is(args[1], "fill")) return fill(args[2], last);
    if (known && n == 5 && is(args[1], "bare")) return bare(args[2], args[3], last);
    if (known && n == 5 && is(args[1], "sql")) return list_sql(args[2], args[3], last);
    fprintf(stderr, "usage: bulk fill DATA N | bare DATA REFERENCE SECONDS | sql DATA LIST.SQL SECONDS\n");
    return 2;
}
