/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* testing.h — a fresh store for a test, on each engine, with two tenants that hold the same slugs and references.
       static void nothing_of_the_twin(void **state) { struct test_store *t = *state; … sql_record_get(t->db, …) … t->twin … }
       int main(void) { static const struct CMUnitTest tests[] = { STORE_TEST(nothing_of_the_twin), … }; return STORE_RUN(tests); }
   PostgreSQL is tested too when BEFFROI_TEST_PG is set (tests/with-postgres). */
#pragma once
#include "store/db.h"

enum { TENANT = 1, TWIN = 2 };

struct test_store {
    struct store *store;
    db *db, *twin;                      /* bound to tenants 1 and 2 */
    arena *mem;
    str dir;                            /* a directory of its own, removed at the end */
    str url, engine;                    /* "sqlite" or "postgresql" */
    const struct store_options *options;
    bool schema_changed;                /* set it when the test made or dropped tables */
};

bool test_has_postgres(void);
/* engine: "sqlite" or "postgresql". opt: readers and more_…; NULL: none. */
err test_store_open(struct test_store *t, const char *engine, const struct store_options *opt);
void test_store_close(struct test_store *t);
void test_store_pause(struct test_store *t);        /* closes, keeps the files: until test_store_reopen */
/* Closes and opens the same store again: what a restart does. */
err test_store_reopen(struct test_store *t, const struct store_options *opt);

/* PostgreSQL: closes the store and empties its schema, as before a restore. */
void test_store_empty(struct test_store *t);

struct CMUnitTest;
/* Runs the tests once for each engine, a fresh store for each test. Returns the number that failed. Includes of cmocka come first. */
int test_store_run(const struct CMUnitTest *tests, size_t n, const struct store_options *opt);
#define STORE_TEST(fn_) {#fn_, fn_, 0, 0, 0}
#define STORE_RUN(tests_) test_store_run(tests_, sizeof(tests_) / sizeof *(tests_), 0)
#define STORE_RUN_WITH(tests_, opt_) test_store_run(tests_, sizeof(tests_) / sizeof *(tests_), opt_)
