/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The one list of tables against the real schema: a table that it lacks is named, with the line to add. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gen/sql/store/store_test.sql.h"
#include "store/migrate.h"
#include "store/sql.h"
#include "store/tables.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const strangers[] = {&sql_ddl_store_store_test, 0};
static const struct store_options with_strangers = {.more_sql = sql, .more_migrations = strangers};

static void every_table_is_in_the_list(void **state)
{
    struct test_store *t = *state;
    struct tables all;
    err e = tables_read(t->db, t->mem, &all);
    if (e.code != OK) fail_msg("%s", e.at);
    bool lite = strcmp(t->engine.p, "sqlite") == 0;
    for (size_t i = 0; table_rows[i].name; i++) {
        const struct table *x = table_find(&all, str_of(table_rows[i].name));
        if (!x && !(table_rows[i].lite_key && !lite)) fail_msg("%s is in table_rows and not in the schema", table_rows[i].name);
        if (!x || x->row->kind == TABLE_STORE) continue;
        bool kept = x->row->kind == TABLE_KEPT || x->row->kind == TABLE_SECRET;
        if (table_column(x, str_of(x->row->tenant ? x->row->tenant : "tenant")) < 0) fail_msg("%s does not say whose its rows are", x->row->name);
        for (size_t c = 0; c < x->n && kept; c++)
            if (x->v[c].type == '?') fail_msg("%s.%s is of no type that can be archived", x->row->name, x->v[c].name);
        for (str one, rest = str_of(x->row->secret); rest.n;) {
            one = str_split(rest, ' ', &rest);
            if (table_column(x, one) < 0) fail_msg("%s has no column %.*s", x->row->name, STR_ARG(one));
        }
    }
}

static void a_new_table_is_named_with_the_line_to_add(void **state)
{
    struct test_store *t = *state;
    struct tables all;
    err e = tables_read(t->db, t->mem, &all);
    assert_int_equal(e.code, E_INTERNAL);
    assert_string_equal(e.msg, "store.tables_unknown");
    assert_non_null(strstr(e.at, "add to table_rows in src/store/tables.c: {\"part\", TABLE_KEPT},"));
}

static err nothing(db *w, void *arg)
{
    (void)w, (void)arg;
    return NO_ERR;
}

static void a_fence_stands_for_one_tenant(void **state)
{
    struct test_store *t = *state;
    store_fence(t->store, TENANT);
    assert_string_equal(db_txn(t->db, nothing, 0).msg, "store.tenant_away");
    assert_int_equal(db_txn(t->twin, nothing, 0).code, OK);
    store_fence(t->store, 0);
    assert_int_equal(db_txn(t->db, nothing, 0).code, OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(every_table_is_in_the_list), STORE_TEST(a_fence_stands_for_one_tenant)};
    static const struct CMUnitTest strange[] = {STORE_TEST(a_new_table_is_named_with_the_line_to_add)};
    return STORE_RUN(tests) + STORE_RUN_WITH(strange, &with_strangers);
}
