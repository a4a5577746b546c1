/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The store on both engines: what is asked of statements, transactions and tenants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/id.h"
#include "gen/sql/store/store_test.sql.h"
#include "store/change.h"
#include "store/lease.h"
#include "store/projection.h"
#include "store/select.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_store_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables};

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)

static int64_t count(db *d)
{
    arena *mem = arena_new(0);
    struct sql_widget_count_row row;
    ASSERT_OK(sql_widget_count(d, mem, &row));
    arena_free(mem);
    return row.n;
}

struct add { int64_t id; str slug; int64_t stock; };

static err add(db *w, void *arg)
{
    struct add *a = arg;
    return sql_widget_add(w, a->id, a->slug, S("Été"), 1.5, (str){"\0\1", 2}, a->stock);
}

/* ---- values ---- */

static void what_is_written_is_read(void **state)
{
    struct test_store *t = *state;
    struct widget_row row;
    ASSERT_OK(db_txn(t->db, add, &(struct add){7, S("wheel"), 3}));
    ASSERT_OK(sql_widget_get(t->db, t->mem, 7, &row));
    assert_true(str_is(row.slug, "wheel") && str_is(row.title, "Été") && row.size == 1.5 && row.stock == 3);
    assert_true(row.picture.n == 2 && row.picture.p[0] == 0 && row.picture.p[1] == 1);
    err e = sql_widget_get(t->db, t->mem, 8, &row);
    assert_int_equal(e.code, E_NOT_FOUND);
    assert_string_equal(e.msg, "store.not_found");
}

static err add_odd(db *w, void *arg)
{
    (void)arg;
    TRY(sql_widget_add(w, INT64_MAX, S("absent"), STR_NONE, -1e300, STR_NONE, 0));
    return sql_widget_add(w, INT64_MIN, S(""), S(""), 0.1, S(""), INT64_MAX);
}

static void absent_is_not_empty(void **state)
{
    struct test_store *t = *state;
    struct widget_row a, b;
    ASSERT_OK(db_txn(t->db, add_odd, 0));
    ASSERT_OK(sql_widget_get(t->db, t->mem, INT64_MAX, &a));
    ASSERT_OK(sql_widget_get(t->db, t->mem, INT64_MIN, &b));
    assert_true(!a.title.p && !a.picture.p && a.size == -1e300);
    assert_true(b.title.p && b.title.n == 0 && b.picture.p && b.picture.n == 0 && b.size == 0.1 && b.stock == INT64_MAX);
}

static void text_that_one_engine_refuses_both_refuse(void **state)
{
    struct test_store *t = *state;
    assert_string_equal(db_txn(t->db, add, &(struct add){1, (str){"a\0b", 3}, 0}).msg, "store.bad_text");
    assert_string_equal(db_txn(t->db, add, &(struct add){1, S("\xc3("), 0}).msg, "store.bad_text");
    assert_int_equal(count(t->db), 0);
}

static void order_is_by_bytes(void **state)
{
    struct test_store *t = *state;
    static const char *const slugs[] = {"été", "zoo", "Zoo", "abc", "ab", "_"};
    struct widget_row_list list;
    for (int64_t i = 0; i < 6; i++) ASSERT_OK(db_txn(t->db, add, &(struct add){i, str_of(slugs[i]), 0}));
    ASSERT_OK(sql_widget_list(t->db, t->mem, S(""), 10, &list));
    static const char *const sorted[] = {"Zoo", "_", "ab", "abc", "zoo", "été"};
    assert_int_equal(list.n, 6);
    for (size_t i = 0; i < 6; i++) assert_true(str_is(list.v[i].slug, sorted[i]));
    ASSERT_OK(sql_widget_list(t->db, t->mem, S("abc"), 1, &list));
    assert_true(list.n == 1 && str_is(list.v[0].slug, "zoo"));
}

static void many_rows_and_a_long_text(void **state)
{
    struct test_store *t = *state;
    struct widget_row_list list;
    char *big = arena_alloc(t->mem, 1 << 20);
    memset(big, 'x', 1 << 20);
    for (int64_t i = 0; i < 100; i++) ASSERT_OK(db_txn(t->db, add, &(struct add){i, str_fmt(t->mem, "s%03d", (int)i), i}));
    ASSERT_OK(db_txn(t->db, add, &(struct add){100, (str){big, 1 << 10}, 1}));
    ASSERT_OK(sql_widget_list(t->db, t->mem, S(""), 1000, &list));
    assert_int_equal(list.n, 101);
    for (size_t i = 0; i < 100; i++) assert_int_equal(list.v[i].stock, i);
    assert_int_equal(list.v[100].slug.n, 1 << 10);
    struct add long_one = {101, S("long"), 0};
    ASSERT_OK(db_txn(t->db, add, &long_one));
}

/* ---- tenants ---- */

static void nothing_of_the_twin_is_read(void **state)
{
    struct test_store *t = *state;
    struct widget_row row;
    struct widget_row_list list;
    ASSERT_OK(db_txn(t->db, add, &(struct add){7, S("wheel"), 3}));
    ASSERT_OK(db_txn(t->twin, add, &(struct add){7, S("wheel"), 5}));
    ASSERT_OK(db_txn(t->twin, add, &(struct add){8, S("axle"), 1}));
    ASSERT_OK(sql_widget_get(t->db, t->mem, 7, &row));
    assert_int_equal(row.stock, 3);
    assert_int_equal(sql_widget_get(t->db, t->mem, 8, &row).code, E_NOT_FOUND);
    ASSERT_OK(sql_widget_list(t->db, t->mem, S(""), 10, &list));
    assert_int_equal(list.n, 1);
    assert_int_equal(count(t->twin), 2);
}

/* ---- transactions ---- */

static err add_own_words(db *w, void *arg)
{
    err e = add(w, arg);
    return e.code == E_EXISTS ? FAIL(E_EXISTS, "test.slug_taken") : e;
}

static void a_taken_key_is_told_where_it_happens(void **state)
{
    struct test_store *t = *state;
    ASSERT_OK(db_txn(t->db, add, &(struct add){1, S("a"), 0}));
    assert_string_equal(db_txn(t->db, add, &(struct add){2, S("a"), 0}).msg, "store.exists");
    assert_string_equal(db_txn(t->db, add, &(struct add){1, S("b"), 0}).msg, "store.exists");
    assert_string_equal(db_txn(t->db, add_own_words, &(struct add){2, S("a"), 0}).msg, "test.slug_taken");
    ASSERT_OK(db_txn(t->twin, add, &(struct add){1, S("a"), 0}));
    assert_int_equal(count(t->db), 1);
}

static err add_then_fail(db *w, void *arg)
{
    TRY(add(w, arg));
    return FAIL(E_CONFLICT, "test.no");
}

static err add_twice_say_fine(db *w, void *arg)
{
    struct add other = *(struct add *)arg;
    other.id++;
    (void)add(w, arg);
    (void)add(w, &other); /* the slug is taken: the transaction is lost, whatever is said */
    return NO_ERR;
}

static void what_fails_leaves_nothing(void **state)
{
    struct test_store *t = *state;
    assert_string_equal(db_txn(t->db, add_then_fail, &(struct add){1, S("a"), 0}).msg, "test.no");
    assert_int_equal(db_txn(t->db, add_twice_say_fine, &(struct add){1, S("a"), 0}).code, E_EXISTS);
    assert_int_equal(count(t->db), 0);
    ASSERT_OK(db_txn(t->db, add, &(struct add){1, S("a"), 0}));
}

static err try_two(db *w, void *arg)
{
    int64_t *changed = arg;
    TRY(sql_widget_try(w, 1, S("a"), &changed[0]));
    return sql_widget_try(w, 2, S("a"), &changed[1]);
}

static void an_insert_can_be_tried(void **state)
{
    struct test_store *t = *state;
    int64_t changed[2];
    ASSERT_OK(db_txn(t->db, try_two, changed));
    assert_true(changed[0] == 1 && changed[1] == 0);
    assert_int_equal(count(t->db), 1);
}

static err take_stock(db *w, void *arg)
{
    int64_t changed;
    TRY(sql_widget_stock(w, 1, *(int64_t *)arg, &changed));
    return changed ? NO_ERR : FAIL(E_NOT_FOUND, "test.none");
}

static err add_part(db *w, void *arg)
{
    return sql_part_add(w, *(int64_t *)arg, 1, S("spoke"));
}

static void rules_of_tables_hold(void **state)
{
    struct test_store *t = *state;
    ASSERT_OK(db_txn(t->db, add, &(struct add){1, S("a"), 3}));
    assert_string_equal(db_txn(t->db, take_stock, &(int64_t){-4}).msg, "store.constraint");
    assert_int_equal(db_txn(t->twin, take_stock, &(int64_t){-1}).code, E_NOT_FOUND);
    ASSERT_OK(db_txn(t->db, take_stock, &(int64_t){-3}));
    assert_string_equal(db_txn(t->db, add_part, &(int64_t){9}).msg, "store.reference");
    assert_string_equal(db_txn(t->twin, add_part, &(int64_t){1}).msg, "store.reference");
    ASSERT_OK(db_txn(t->db, add_part, &(int64_t){1}));
    struct sql_part_names_row_list names;
    ASSERT_OK(sql_part_names(t->db, t->mem, S("a"), &names));
    assert_true(names.n == 1 && str_is(names.v[0].name, "spoke"));
}

static err make_and_read(db *w, void *arg)
{
    struct test_store *t = arg;
    struct sql_widget_make_row made;
    struct widget_row row;
    TRY(sql_widget_make(w, t->mem, 5, S("made"), &made));
    assert_true(made.id == 5 && str_is(made.slug, "made"));
    TRY(sql_widget_get(w, t->mem, 5, &row)); /* a transaction reads what it wrote */
    assert_int_equal(sql_widget_get(t->db, t->mem, 5, &row).code, E_NOT_FOUND); /* nobody else does */
    return sql_widget_get(w, t->mem, 6, &row).code == E_NOT_FOUND ? NO_ERR : FAIL(E_INTERNAL, "test.no");
}

static void a_transaction_sees_itself_alone(void **state)
{
    struct test_store *t = *state;
    ASSERT_OK(db_txn(t->db, make_and_read, t));
    assert_int_equal(count(t->db), 1);
}

static err outer(db *w, void *arg)
{
    struct add *two = arg;
    TRY(db_txn(w, add, &two[0]));
    (void)db_txn(w, add_then_fail, &two[1]);
    return NO_ERR;
}

static err outer_fine(db *w, void *arg)
{
    struct add *two = arg;
    assert_true(db_in_txn(w));
    TRY(db_txn(w, add, &two[0]));
    return db_txn(w, add, &two[1]);
}

static void transactions_inside_join(void **state)
{
    struct test_store *t = *state;
    struct add two[] = {{1, S("a"), 0}, {2, S("b"), 0}};
    assert_string_equal(db_txn(t->db, outer, two).msg, "test.no");
    assert_int_equal(count(t->db), 0);
    ASSERT_OK(db_txn(t->db, outer_fine, two));
    assert_int_equal(count(t->db), 2);
}

static void writing_needs_a_transaction(void **state)
{
    struct test_store *t = *state;
    assert_string_equal(sql_part_add(t->db, 1, 1, S("x")).msg, "store.not_in_txn");
    ASSERT_OK(db_snapshot(t->db));
    assert_string_equal(db_txn(t->db, add, &(struct add){1, S("a"), 0}).msg, "store.txn_in_snapshot");
    db_snapshot_end(t->db);
    ASSERT_OK(db_txn(t->db, add, &(struct add){1, S("a"), 0}));
}

static void statements_are_counted(void **state)
{
    struct test_store *t = *state;
    struct add two[] = {{1, S("a"), 0}, {2, S("b"), 0}};
    struct widget_row row;
    struct store_stats before, after;
    int64_t from = db_statements(t->db);
    store_stats(t->store, &before);
    ASSERT_OK(db_txn(t->db, outer_fine, two));
    ASSERT_OK(sql_widget_get(t->db, t->mem, 1, &row));
    assert_int_equal(db_statements(t->db) - from, 3);
    store_stats(t->store, &after);
    assert_true(after.statements - before.statements == 3 && after.txns - before.txns == 1);
}

static void a_snapshot_does_not_move(void **state)
{
    struct test_store *t = *state;
    db *other;
    ASSERT_OK(store_read(t->store, TENANT, &other));
    ASSERT_OK(db_snapshot(t->db));
    assert_int_equal(count(t->db), 0);
    ASSERT_OK(db_txn(other, add, &(struct add){1, S("a"), 0}));
    assert_int_equal(count(other), 1);
    assert_int_equal(count(t->db), 0);
    db_snapshot_end(t->db);
    assert_int_equal(count(t->db), 1);
    db_done(other);
}

/* ---- the builder ---- */

static void filters_are_bound_and_stay_in_the_tenant(void **state)
{
    struct test_store *t = *state;
    struct cells c;
    for (int64_t i = 0; i < 9; i++) {
        ASSERT_OK(db_txn(t->db, add, &(struct add){i, str_fmt(t->mem, "w%d", (int)i), i / 3}));
        ASSERT_OK(db_txn(t->twin, add, &(struct add){100 + i, str_fmt(t->mem, "w%d", (int)i), i / 3}));
    }
    struct select *q = select_new(t->mem, "w.id, w.slug, w.size, w.title", "widget w", "w");
    select_where_i64(q, "w.stock", CMP_GE, 1);
    select_where(q, "w.slug = ? OR w.slug LIKE ?");
    select_value_str(q, S("x' OR '1'='1"));
    select_value_str(q, S("w%"));
    select_where(q, "(w.stock, w.id) < (?, ?)");
    select_value_i64(q, 2);
    select_value_i64(q, 8);
    select_order(q, "w.stock DESC, w.id DESC");
    select_limit(q, 2);
    ASSERT_OK(select_run(t->db, t->mem, q, &c));
    assert_true(c.n == 2 && c.columns == 4);
    assert_true(c.v[0].i == 7 && str_is(c.v[1].s, "w7") && c.v[2].f == 1.5 && str_is(c.v[3].s, "Été"));
    assert_int_equal(c.v[4].i, 6);
    q = select_new(t->mem, "w.id", "widget w", "w");
    select_where_in(q, "w.slug", (struct strs){(str[]){S("w1"), S("w2"), S("W3")}, 3});
    select_where_in_i64(q, "w.id", (int64_t[]){1, 3, 101}, 3);
    ASSERT_OK(select_run(t->db, t->mem, q, &c));
    assert_true(c.n == 1 && c.v[0].i == 1);
    q = select_new(t->mem, "count(*) AS n", "widget w", "w");
    select_where_in(q, "w.slug", (struct strs){0});
    ASSERT_OK(select_run(t->db, t->mem, q, &c));
    assert_int_equal(c.v[0].i, 0);
}

static void a_builder_at_fault_is_refused(void **state)
{
    struct test_store *t = *state;
    struct cells c;
    struct select *q = select_new(t->mem, "w.id", "widget w", "");
    assert_string_equal(select_run(t->db, t->mem, q, &c).msg, "store.select");
    q = select_new(t->mem, "w.id", "widget w", "w");
    select_order(q, "w.slug");
    assert_string_equal(select_run(t->db, t->mem, q, &c).msg, "store.select");
    q = select_new(t->mem, "w.id", "widget w", "w");
    select_where(q, "w.slug = ?");
    assert_string_equal(select_run(t->db, t->mem, q, &c).msg, "store.select");
    q = select_new(t->mem, "w.id", "widget w", "w");
    select_where(q, "w.colour = 1");
    assert_int_equal(select_run(t->db, t->mem, q, &c).code, E_INTERNAL);
    assert_int_equal(count(t->db), 0); /* the connection still serves */
}

/* ---- leases, changes, projections ---- */

static void a_lease_is_held_by_one(void **state)
{
    struct test_store *t = *state;
    bool got;
    ASSERT_OK(lease_take(t->db, S("sealer"), S("a"), 10 * SECOND_US, &got));
    assert_true(got);
    ASSERT_OK(lease_take(t->db, S("sealer"), S("b"), 10 * SECOND_US, &got));
    assert_false(got);
    ASSERT_OK(lease_take(t->twin, S("sealer"), S("b"), 10 * SECOND_US, &got));
    assert_true(got);
    clock_shift_us(11 * SECOND_US);
    ASSERT_OK(lease_take(t->db, S("sealer"), S("b"), 10 * SECOND_US, &got));
    clock_shift_us(-11 * SECOND_US);
    assert_true(got);
    ASSERT_OK(lease_drop(t->db, S("sealer"), S("a"))); /* not a's any more */
    ASSERT_OK(lease_take(t->db, S("sealer"), S("a"), SECOND_US, &got));
    assert_false(got);
    ASSERT_OK(lease_drop(t->db, S("sealer"), S("b")));
    ASSERT_OK(lease_take(t->db, S("sealer"), S("a"), SECOND_US, &got));
    assert_true(got);
}

struct heard { int n; int64_t tenant, id; char topic[40]; };

static void hear(void *arg, int64_t tenant, str topic, int64_t id)
{
    struct heard *h = arg;
    h->n++;
    h->tenant = tenant;
    h->id = id;
    snprintf(h->topic, sizeof h->topic, "%.*s", STR_ARG(topic));
}

static err bump(db *w, void *arg)
{
    TRY(change_bump(w, S("record/1")));
    TRY(change_bump(w, S("record/1")));
    return *(bool *)arg ? NO_ERR : FAIL(E_CONFLICT, "test.no");
}

static void changes_are_told_after_commit(void **state)
{
    struct test_store *t = *state;
    struct heard h = {0};
    struct changes c;
    struct change_cursor cursor = {0};
    int64_t removed;
    store_on_change(t->store, hear, &h);
    assert_int_equal(db_txn(t->db, bump, &(bool){false}).code, E_CONFLICT);
    assert_int_equal(h.n, 0);
    ASSERT_OK(db_txn(t->db, bump, &(bool){true}));
    assert_true(h.n == 1 && h.tenant == TENANT && strcmp(h.topic, "record/1") == 0);
    ASSERT_OK(db_txn(t->twin, bump, &(bool){true}));
    ASSERT_OK(change_since(t->db, t->mem, 0, 10, &c));
    assert_true(c.n == 1 && str_is(c.v[0].topic, "record/1"));
    ASSERT_OK(change_since(t->db, t->mem, c.v[0].id, 10, &c));
    assert_int_equal(c.n, 0);
    ASSERT_OK(change_poll(t->db, t->mem, &cursor, &c));
    assert_true(c.n == 2 && c.v[1].tenant == TWIN && cursor.last == h.id);
    for (int i = 0; i < 1100; i++) ASSERT_OK(db_txn(t->db, bump, &(bool){true}));
    ASSERT_OK(change_trim(t->db, clock_now_us() - HOUR_US, &removed));
    assert_int_equal(removed, 0);
    ASSERT_OK(change_trim(t->twin, clock_now_us() + SECOND_US, &removed));
    assert_int_equal(removed, 1102);
    ASSERT_OK(change_since(t->db, t->mem, 0, 10, &c));
    assert_int_equal(c.n, 0);
}

static int rebuilt;
static err rebuild(db *d, arena *mem, const struct going *going)
{
    (void)d, (void)mem;
    if (!going_on(going)) return FAIL(E_BUSY, "store.closed");
    return rebuilt++ == 1 ? FAIL(E_IO, "test.broken") : NO_ERR;
}

static void a_projection_is_rebuilt_when_its_version_changes(void **state)
{
    struct test_store *t = *state;
    const struct projection one[] = {{"words", "1", rebuild}, {0}}, two[] = {{"words", "2", rebuild}, {0}};
    rebuilt = 0;
    ASSERT_OK(projections_bring_up(t->store, one, false, NULL, 0, 0));
    ASSERT_OK(projections_bring_up(t->store, one, false, NULL, 0, 0));
    assert_int_equal(rebuilt, 1);
    assert_int_equal(projections_bring_up(t->store, two, false, NULL, 0, 0).code, E_IO);
    ASSERT_OK(projections_bring_up(t->store, two, false, NULL, 0, 0));
    ASSERT_OK(projections_bring_up(t->store, two, true, NULL, 0, 0));
    assert_int_equal(rebuilt, 4);
}

static bool goes_once(void *arg) { return (*(int *)arg)++ == 0; }

static void a_projection_left_in_the_middle_starts_again(void **state)
{
    struct test_store *t = *state;
    const struct projection one[] = {{"words", "1", rebuild}, {0}};
    int asked = 0;
    rebuilt = 10;
    assert_int_equal(projections_bring_up(t->store, one, false, &(struct going){goes_once, &asked}, 0, 0).code, E_BUSY);
    assert_true(asked == 2 && rebuilt == 10);
    ASSERT_OK(projections_bring_up(t->store, one, false, NULL, 0, 0));
    ASSERT_OK(projections_bring_up(t->store, one, false, NULL, 0, 0));
    assert_int_equal(rebuilt, 11);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_written_is_read), STORE_TEST(absent_is_not_empty), STORE_TEST(text_that_one_engine_refuses_both_refuse),
        STORE_TEST(order_is_by_bytes), STORE_TEST(many_rows_and_a_long_text), STORE_TEST(nothing_of_the_twin_is_read),
        STORE_TEST(a_taken_key_is_told_where_it_happens), STORE_TEST(what_fails_leaves_nothing), STORE_TEST(an_insert_can_be_tried),
        STORE_TEST(rules_of_tables_hold), STORE_TEST(a_transaction_sees_itself_alone), STORE_TEST(transactions_inside_join),
        STORE_TEST(writing_needs_a_transaction), STORE_TEST(statements_are_counted), STORE_TEST(a_snapshot_does_not_move),
        STORE_TEST(filters_are_bound_and_stay_in_the_tenant), STORE_TEST(a_builder_at_fault_is_refused), STORE_TEST(a_lease_is_held_by_one),
        STORE_TEST(changes_are_told_after_commit), STORE_TEST(a_projection_is_rebuilt_when_its_version_changes), STORE_TEST(a_projection_left_in_the_middle_starts_again)};
    return STORE_RUN_WITH(tests, &options);
}
