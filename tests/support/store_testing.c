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

static void pg_run(const char *command, str schema)
{
    PGconn *c = PQconnectdb(getenv("BEFFROI_TEST_PG"));
    char text[200];
    snprintf(text, sizeof text, "SET client_min_messages = warning; %s %.*s%s", command, STR_ARG(schema), *command == 'D' ? " CASCADE" : "");
    PGresult *r = PQexec(c, text);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) fprintf(stderr, "%s\n", PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

static str pg_url(struct test_store *t, str schema)
{
    str base = str_of(getenv("BEFFROI_TEST_PG"));
    return str_fmt(t->mem, "%.*s%soptions=-csearch_path%%3D%.*s", STR_ARG(base), str_find_char(base, '?') < 0 ? "?" : "&", STR_ARG(schema));
}

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
    str schema = str_fmt(t->mem, "t_%s", strrchr(dir, '-') + 1);
    schema = str_lower_ascii(t->mem, schema);
    t->url = str_is(t->engine, "sqlite") ? str_fmt(t->mem, "sqlite:%s/beffroi.db", dir) : pg_url(t, schema);
    if (!str_is(t->engine, "sqlite")) pg_run("CREATE SCHEMA", schema);
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

static str schema_of(const struct test_store *t)
{
    ptrdiff_t at = str_find(t->url, S("search_path%3D"));
    return str_cut(t->url, (size_t)at + sizeof "search_path%3D" - 1, t->url.n);
}

void test_store_empty(struct test_store *t)
{
    close_handles(t);
    if (str_is(t->engine, "sqlite")) return;
    pg_run("DROP SCHEMA", schema_of(t));
    pg_run("CREATE SCHEMA", schema_of(t));
}

void test_store_close(struct test_store *t)
{
    close_handles(t);
    if (!str_is(t->engine, "sqlite")) pg_run("DROP SCHEMA", schema_of(t));
    nftw(str_z(t->mem, t->dir), remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(t->mem);
}

err test_store_reopen(struct test_store *t, const struct store_options *opt)
{
    close_handles(t);
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
