/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The store on both engines: what is asked of every statement, transaction and boot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/hash.h"
#include "base/id.h"
#include "gen/sql/store/store_test.sql.h"
#include "store/change.h"
#include "store/lease.h"
#include "store/migrate.h"
#include "store/projection.h"
#include "store/select.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_store_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables};

static int64_t count(db *d, int64_t *stock)
{
    arena *mem = arena_new(0);
    struct sql_widget_count_row row;
    assert_int_equal(sql_widget_count(d, mem, &row).code, OK);
    arena_free(mem);
    if (stock) *stock = row.stock;
    return row.n;
}

struct add { int64_t id; str slug; int64_t stock; };

static err add(db *w, void *arg)
{
    struct add *a = arg;
    return sql_widget_add(w, a->id, a->slug, S("Été"), 1.5, (str){"\0\1", 2}, a->stock);
}

static void what_is_written_is_read(void **state)
{
    struct test_store *t = *state;
    struct widget_row row;
    assert_int_equal(db_txn(t->db, add, &(struct add){7, S("wheel"), 3}).code, OK);
    assert_int_equal(sql_widget_get(t->db, t->mem, 7, &row).code, OK);
    assert_true(str_is(row.slug, "wheel") && str_is(row.title, "Été") && row.size == 1.5 && row.stock == 3);
    assert_true(row.picture.n == 2 && row.picture.p[0] == 0 && row.picture.p[1] == 1);
    err e = sql_widget_get(t->db, t->mem, 8, &row);
    assert_int_equal(e.code, E_NOT_FOUND);
    assert_string_equal(e.msg, "store.not_found");
}

static void nothing_of_the_twin_is_read(void **state)
{
    struct test_store *t = *state;
    struct widget_row row;
    struct widget_row_list list;
    assert_int_equal(db_txn(t->db, add, &(struct add){7, S("wheel"), 3}).code, OK);
    assert_int_equal(db_txn(t->twin, add, &(struct add){7, S("wheel"), 5}).code, OK);
    assert_int_equal(db_txn(t->twin, add, &(struct add){8, S("axle"), 1}).code, OK);
    assert_int_equal(sql_widget_get(t->db, t->mem, 7, &row).code, OK);
    assert_int_equal(row.stock, 3);
    assert_int_equal(sql_widget_get(t->db, t->mem, 8, &row).code, E_NOT_FOUND);
    assert_int_equal(sql_widget_list(t->db, t->mem, S(""), 10, &list).code, OK);
    assert_int_equal(list.n, 1);
    assert_int_equal(count(t->twin, 0), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_written_is_read), STORE_TEST(nothing_of_the_twin_is_read)};
    return STORE_RUN_WITH(tests, &options);
}
