/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/testing.h"
#include <ftw.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/hash.h"

static const struct store_options *options;

bool test_has_postgres(void)
{
    const char *url = getenv("BEFFROI_TEST_PG");
    return url && *url;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* ---- PostgreSQL: a schema of its own; kept from test to test and emptied, since making 80 tables takes longer than most tests ---- */

static char kept_schema[40];
static const struct store_options *kept_options;

static void pg_run(const char *text)
{
    PGconn *c = PQconnectdb(getenv("BEFFROI_TEST_PG"));
    PGresult *r = PQexec(c, text);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) fprintf(stderr, "%s\n", PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

static void schema_run(const char *command, const char *schema, const char *end)
{
    char text[200];
    snprintf(text, sizeof text, "SET client_min_messages = warning; %s %s%s", command, schema, end);
    pg_run(text);
}

static void schema_wipe(const char *schema)
{
    char text[700];
    snprintf(text, sizeof text,
             "SET session_replication_role = replica;"
             "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '%s' AND tablename <> 'migration' LOOP "
             "EXECUTE format('DELETE FROM %%I.%%I', '%s', t); END LOOP; END $$", schema, schema);
    pg_run(text);
}

static void schema_forget(void)
{
    if (*kept_schema) schema_run("DROP SCHEMA", kept_schema, " CASCADE");
    *kept_schema = 0;
}

static str pg_url(struct test_store *t, const char *schema)
{
    str base = str_of(getenv("BEFFROI_TEST_PG"));
    return str_fmt(t->mem, "%.*s%soptions=-csearch_path%%3D%s", STR_ARG(base), str_find_char(base, '?') < 0 ? "?" : "&", schema);
}

static const char *schema_of(const struct test_store *t)
{
    ptrdiff_t at = str_find(t->url, S("search_path%3D"));
    return str_z(t->mem, str_cut(t->url, (size_t)at + sizeof "search_path%3D" - 1, t->url.n));
}

static const char *schema_take(struct test_store *t, const char *dir, const struct store_options *opt)
{
    if (*kept_schema && kept_options == opt) {
        const char *schema = str_z(t->mem, str_of(kept_schema));
        *kept_schema = 0;
        schema_wipe(schema);
        return schema;
    }
    const char *schema = str_z(t->mem, str_lower_ascii(t->mem, str_fmt(t->mem, "t_%s", strrchr(dir, '-') + 1)));
    schema_run("CREATE SCHEMA", schema, "");
    return schema;
}

static void schema_give(struct test_store *t)
{
    static bool registered;
    schema_forget();
    snprintf(kept_schema, sizeof kept_schema, "%s", schema_of(t));
    kept_options = t->options;
    if (t->schema_changed) schema_forget();
    if (!registered) atexit(schema_forget);
    registered = true;
}

/* ---- opening and closing ---- */

static err open_again(struct test_store *t, const struct store_options *opt)
{
    struct store_options o = opt ? *opt : (struct store_options){0};
    o.url = t->url;
    o.create = true;
    TRY(store_open(&t->store, &o));
    TRY(store_read(t->store, TENANT, &t->db));
    return store_read(t->store, TWIN, &t->twin);
}

err test_store_open(struct test_store *t, const char *engine, const struct store_options *opt)
{
    char dir[] = "/tmp/beffroi-test-XXXXXX";
    hash_start();
    *t = (struct test_store){.mem = arena_new(0), .engine = str_of(engine)};
    if (!mkdtemp(dir)) return FAIL(E_IO, "store.directory");
    t->dir = str_copy(t->mem, str_of(dir));
    t->options = opt;
    t->url = str_is(t->engine, "sqlite") ? str_fmt(t->mem, "sqlite:%s/beffroi.db", dir) : pg_url(t, schema_take(t, dir, opt));
    return open_again(t, opt);
}

static void close_handles(struct test_store *t)
{
    db_done(t->db);
    db_done(t->twin);
    store_close(t->store);
    t->db = t->twin = 0;
    t->store = 0;
}

void test_store_pause(struct test_store *t)
{
    close_handles(t);
}

void test_store_empty(struct test_store *t)
{
    close_handles(t);
    if (str_is(t->engine, "sqlite")) return;
    schema_run("DROP SCHEMA", schema_of(t), " CASCADE");
    schema_run("CREATE SCHEMA", schema_of(t), "");
    t->schema_changed = true;
}

void test_store_close(struct test_store *t)
{
    close_handles(t);
    if (!str_is(t->engine, "sqlite")) schema_give(t);
    nftw(str_z(t->mem, t->dir), remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(t->mem);
}

err test_store_reopen(struct test_store *t, const struct store_options *opt)
{
    close_handles(t);
    t->schema_changed |= opt != t->options;
    return open_again(t, opt);
}

static int set_up(void **state)
{
    struct test_store *t = calloc(1, sizeof *t);
    err e = test_store_open(t, *state, options);
    *state = t;
    if (e.code == OK) return 0;
    fprintf(stderr, "the store does not open: %s %s\n", e.msg, e.at ? e.at : "");
    test_store_close(t);
    free(t);
    return -1;
}

static int tear_down(void **state)
{
    struct test_store *t = *state;
    test_store_close(t);
    free(t);
    return 0;
}

int test_store_run(const struct CMUnitTest *tests, size_t n, const struct store_options *opt)
{
    static char engines[2][12] = {"sqlite", "postgresql"};
    int failed = 0;
    options = opt;
    for (int i = 0; i < (test_has_postgres() ? 2 : 1); i++) {
        struct CMUnitTest *own = calloc(n, sizeof *own);
        for (size_t k = 0; k < n; k++) own[k] = (struct CMUnitTest){tests[k].name, tests[k].test_func, set_up, tear_down, engines[i]};
        failed += _cmocka_run_group_tests(engines[i], own, n, 0, 0);
        free(own);
    }
    return failed;
}
