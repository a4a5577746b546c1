/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* No reading lives long: a slow statement is cut, a snapshot kept open serves no more, and what comes after is well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "gen/sql/store/slow_read_test.sql.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_slow_read_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_slow_read_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables, .read_most_ms = 100};

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)
#define LONG INT64_C(2000000000)
#define SOME INT64_C(20000)            /* above the 4,000 steps between two looks at the clock */

static err add(db *w, void *arg) { return sql_turn_add(w, *(int64_t *)arg); }

static void a_slow_statement_is_cut(void **state)
{
    struct test_store *t = *state;
    struct sql_turns_count_row row;
    if (!store_is_sqlite(t->store)) return;             /* PostgreSQL's readers hold up nobody; statement_timeout is theirs */
    int64_t from = clock_monotonic_us();
    err e = sql_turns_count(t->db, t->mem, LONG, &row);
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "store.too_slow");
    assert_true(clock_monotonic_us() - from < 5 * SECOND_US);
    ASSERT_OK(sql_turns_count(t->db, t->mem, 10, &row));
    assert_int_equal(row.n, 10);
    ASSERT_OK(db_snapshot(t->db));
    assert_string_equal(sql_turns_count(t->db, t->mem, LONG, &row).msg, "store.too_slow");
    db_snapshot_end(t->db);
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(sql_turns_count(t->db, t->mem, 10, &row));
    assert_int_equal(row.n, 11);
}

static void a_snapshot_kept_open_serves_no_more(void **state)
{
    struct test_store *t = *state;
    struct sql_turns_count_row row;
    ASSERT_OK(db_snapshot(t->db));
    ASSERT_OK(sql_turns_count(t->db, t->mem, 10, &row));
    usleep(150000);
    assert_string_equal(sql_turns_count(t->db, t->mem, 10, &row).msg, "store.too_slow");
    db_snapshot_end(t->db);
    ASSERT_OK(sql_turns_count(t->db, t->mem, 10, &row));
    ASSERT_OK(db_snapshot(t->db));
    ASSERT_OK(sql_turns_count(t->db, t->mem, 10, &row));
    db_snapshot_end(t->db);
}

struct slow { int64_t n; };
static err slowly(db *w, void *arg)
{
    struct slow *s = arg;
    arena *mem = arena_new(0);
    struct sql_turns_count_row row;
    err e = sql_turns_count(w, mem, SOME, &row);
    usleep(150000);
    if (e.code == OK) e = sql_turns_count(w, mem, SOME, &row);
    s->n = row.n;
    arena_free(mem);
    return e;
}

/* A transaction that writes is logged when it is long, never cut; neither is the doctor. */
static void writers_and_the_doctor_are_not_cut(void **state)
{
    struct test_store *t = *state;
    struct slow s = {0};
    struct strs faults = {0};
    db *d;
    ASSERT_OK(db_txn(t->db, slowly, &s));
    assert_int_equal(s.n, SOME);
    ASSERT_OK(store_read(t->store, TENANT, &d));
    db_be_patient(d);
    ASSERT_OK(db_snapshot(d));
    usleep(150000);
    struct sql_turns_count_row row;
    ASSERT_OK(sql_turns_count(d, t->mem, SOME, &row));
    db_done(d);
    ASSERT_OK(store_check(t->store, t->mem, &faults));
    assert_int_equal(faults.n, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_slow_statement_is_cut), STORE_TEST(a_snapshot_kept_open_serves_no_more), STORE_TEST(writers_and_the_doctor_are_not_cut)};
    return STORE_RUN_WITH(tests, &options);
}
