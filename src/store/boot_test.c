/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Opening, migrating, upkeep: what stops a start, and what a start leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gen/sql/store/store_test.sql.h"
#include "store/before.h"
#include "store/engine.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_store_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables};

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)

static err add(db *w, void *arg)
{
    return sql_widget_add(w, *(int64_t *)arg, S("a"), S("secret-marker-word"), 1, STR_NONE, 0);
}

static err add_another(db *w, void *arg) { return sql_widget_add(w, 2, S("b"), S("another"), 1, STR_NONE, 0); }

static err stock(db *w, void *arg)
{
    int64_t changed;
    return sql_widget_stock(w, *(int64_t *)arg, 1, &changed);
}

static int64_t count(db *d)
{
    arena *mem = arena_new(0);
    struct sql_widget_count_row row;
    ASSERT_OK(sql_widget_count(d, mem, &row));
    arena_free(mem);
    return row.n;
}

/* Opening the same store with other options; what it says is in the error. */
static err reopen(struct test_store *t, const struct store_options *o)
{
    return test_store_reopen(t, o);
}

/* ---- migrations ---- */

static void a_second_start_changes_nothing(void **state)
{
    struct test_store *t = *state;
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(reopen(t, &options));
    assert_int_equal(count(t->db), 1);
}

static void a_migration_that_changed_stops_the_start(void **state)
{
    struct test_store *t = *state;
    struct migration changed = sql_ddl_store_store_test;
    changed.hash = "0000000000000000";
    const struct migration *const list[] = {&changed, 0};
    err e = reopen(t, &(struct store_options){.more_sql = sql, .more_migrations = list});
    assert_string_equal(e.msg, "store.migration_changed");
    assert_string_equal(e.at, sql_ddl_store_store_test.file);
    e = reopen(t, 0); /* a program that does not know 9000: it is older than the data */
    assert_string_equal(e.msg, "store.newer");
    ASSERT_OK(reopen(t, &options));
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    struct test_store *t = *state;
    static const struct migration half = {9001, "half", "half.sql", "1", {"CREATE TABLE half (id INTEGER); CREATE TABLE widget (id INTEGER);",
                                                                          "CREATE TABLE half (id BIGINT); CREATE TABLE widget (id BIGINT);"}};
    static const struct migration whole = {9001, "half", "half.sql", "2", {"CREATE TABLE half (id INTEGER);", "CREATE TABLE half (id BIGINT);"}};
    const struct migration *const bad[] = {&sql_ddl_store_store_test, &half, 0}, *const good[] = {&sql_ddl_store_store_test, &whole, 0};
    err e = reopen(t, &(struct store_options){.more_migrations = bad});
    assert_int_not_equal(e.code, OK);
    assert_string_equal(e.at, "half.sql");
    ASSERT_OK(reopen(t, &(struct store_options){.more_migrations = good}));
}

static const struct migration paint = {9002, "paint", "paint.sql", "1", {"ALTER TABLE widget ADD COLUMN paint TEXT;", "ALTER TABLE widget ADD COLUMN paint TEXT;"}};
static const struct migration broken = {9003, "broken", "broken.sql", "1", {"ALTER TABLE nothing ADD COLUMN x TEXT;", "ALTER TABLE nothing ADD COLUMN x TEXT;"}};
static const struct migration *const painted[] = {&sql_ddl_store_store_test, &paint, 0}, *const half_painted[] = {&sql_ddl_store_store_test, &paint, &broken, 0};

static void migrations_of_one_upgrade_run_all_or_none(void **state)
{
    struct test_store *t = *state;
    err e = reopen(t, &(struct store_options){.more_sql = sql, .more_migrations = half_painted});
    assert_string_equal(e.msg, "store.migration_failed");
    assert_string_equal(e.at, "broken.sql");
    ASSERT_OK(reopen(t, &options));         /* the program before finds its store: 9002, which went through, is not there */
}

static size_t files_in(arena *mem, str dir, const char *end)
{
    size_t n = 0;
    DIR *d = opendir(str_z(mem, dir));
    for (struct dirent *f; d && (f = readdir(d));) n += str_ends(str_of(f->d_name), str_of(end));
    if (d) closedir(d);
    return n;
}

static void an_upgrade_keeps_what_was_and_can_be_undone(void **state)
{
    struct test_store *t = *state;
    str before = str_fmt(t->mem, "%.*s/before", STR_ARG(t->dir)), from, undone;
    struct store_options newer = {.more_sql = sql, .more_migrations = painted, .before = before};
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(reopen(t, &(struct store_options){.more_sql = sql, .more_migrations = tables, .before = before}));
    assert_int_equal(files_in(t->mem, before, ".store"), 0);           /* nothing to migrate, nothing kept */
    ASSERT_OK(reopen(t, &newer));
    assert_int_equal(files_in(t->mem, before, ".store"), 1);
    assert_int_equal(files_in(t->mem, before, ".part"), 0);
    ASSERT_OK(db_txn(t->db, add_another, NULL));
    assert_int_equal(count(t->db), 2);
    assert_string_equal(reopen(t, &options).msg, "store.newer");
    assert_string_equal(store_upgrade_try(&(struct store_options){.url = t->url, .more_migrations = tables, .before = before}).msg, "store.newer");
    test_store_pause(t);
    struct store_options older = {.url = t->url, .more_sql = sql, .more_migrations = tables, .before = before};
    ASSERT_OK(store_upgrade_undo(&older, t->mem, &from, &undone));
    ASSERT_OK(reopen(t, &options));
    assert_int_equal(count(t->db), 1);
    assert_int_equal(access(str_z(t->mem, undone), F_OK), 0);          /* what was written since is not thrown away */
    test_store_pause(t);
    older.before = S("/nowhere");
    assert_string_equal(store_upgrade_undo(&older, t->mem, &from, &undone).msg, "store.before.none");
    ASSERT_OK(reopen(t, &newer));           /* and forward again */
}

static void an_upgrade_of_postgresql_wants_pg_dump_first(void **state)
{
    struct test_store *t = *state;
    if (store_is_sqlite(t->store)) return;
    struct store_options newer = {.url = t->url, .more_migrations = painted, .before = t->dir}, same = {.url = t->url, .more_migrations = tables, .before = t->dir};
    str path = str_copy(t->mem, str_of(getenv("PATH")));
    ASSERT_OK(store_upgrade_try(&newer));
    setenv("PATH", "/nowhere", 1);
    err without = store_upgrade_try(&newer), idle = store_upgrade_try(&same);
    setenv("PATH", str_z(t->mem, path), 1);
    assert_string_equal(without.msg, "store.before.failed");
    assert_string_equal(without.at, "pg_dump");
    ASSERT_OK(idle);                        /* nothing to migrate: not needed */
}

static void an_upgrade_is_tried_on_a_copy_while_the_store_is_served(void **state)
{
    struct test_store *t = *state;
    if (!store_is_sqlite(t->store)) return;
    str before = str_fmt(t->mem, "%.*s/before", STR_ARG(t->dir));
    struct store_options good = {.url = t->url, .more_sql = sql, .more_migrations = painted, .before = before}, bad = good;
    bad.more_migrations = half_painted;
    ASSERT_OK(store_upgrade_try(&good));
    assert_string_equal(store_upgrade_try(&bad).msg, "store.migration_failed");
    assert_int_equal(files_in(t->mem, before, ""), 2);                 /* . and .. */
    ASSERT_OK(db_txn(t->db, add, &(int64_t){3}));
    ASSERT_OK(reopen(t, &options));         /* untouched */
}

/* ---- statements against the schema ---- */

static err open_with_statement(struct test_store *t, const char *text, size_t n_columns, const struct sql_column *columns, const char **at)
{
    static const int base = 0;
    static struct sql_statement file[2];
    static const struct sql_statement *const list[] = {file, 0};
    file[0] = (struct sql_statement){.base = &base, .name = "odd", .file = "odd.sql", .line = 3, .kind = SQL_ONE, .global = true,
                                     .text = {text, text}, .n_columns = n_columns, .columns = columns, .row_bytes = 64};
    err e = reopen(t, &(struct store_options){.more_sql = list, .more_migrations = tables});
    *at = e.at ? e.at : "";
    return e;
}

static void a_wrong_column_stops_the_start(void **state)
{
    struct test_store *t = *state;
    static const struct sql_column id[] = {{"id", SQL_I64, 0}, {"slug", SQL_STR, 8}}, bytes[] = {{"id", SQL_STR, 0}};
    const char *at;
    assert_string_equal(open_with_statement(t, "SELECT colour FROM widget", 1, id, &at).msg, "store.statement");
    assert_non_null(strstr(at, "odd.sql:3: odd: "));
    assert_non_null(strstr(at, "colour"));
    assert_int_equal(open_with_statement(t, "SELECT id FROM widget", 2, id, &at).code, E_CONFIG);
    assert_non_null(strstr(at, "1 columns, declares 2"));
    assert_int_equal(open_with_statement(t, "SELECT slug FROM widget", 1, id, &at).code, E_CONFIG);
    assert_int_equal(open_with_statement(t, "SELECT id FROM widget", 1, bytes, &at).code, E_CONFIG);
    assert_int_equal(open_with_statement(t, "SELECT id FROM widget WHERE id = 1 AND", 1, id, &at).code, E_CONFIG);
    ASSERT_OK(open_with_statement(t, "SELECT id, slug FROM widget", 2, id, &at));
    ASSERT_OK(reopen(t, &options));
}

/* ---- places ---- */

static void a_store_that_is_not_there_is_told(void **state)
{
    struct test_store *t = *state;
    struct store *s;
    err e = store_open(&s, &(struct store_options){.url = S("mysql://x"), .create = true});
    assert_string_equal(e.msg, "store.url");
    str url = str_fmt(t->mem, "sqlite:%.*s/none/x.db", STR_ARG(t->dir));
    assert_int_equal(store_open(&s, &(struct store_options){.url = url}).code, E_NOT_FOUND);
    assert_null(s);
    ASSERT_OK(store_open(&s, &(struct store_options){.url = url, .create = true}));
    store_close(s);
    e = store_open(&s, &(struct store_options){.url = S("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"), .create = true});
    assert_string_equal(e.msg, "store.unreachable");
}

static void a_dsn_may_name_several_hosts(void **state)
{
    struct test_store *t = *state;
    if (store_is_sqlite(t->store)) return;
    ptrdiff_t at = str_find_char(t->url, '@');
    struct store_options o = options;
    struct store *s;
    o.url = str_fmt(t->mem, "%.*s@127.0.0.1:1,%.*s", (int)at, t->url.p, STR_ARG(str_cut(t->url, (size_t)at + 1, t->url.n)));
    ASSERT_OK(store_open(&s, &o));
    store_close(s);
}

static void a_directory_has_one_owner(void **state)
{
    struct test_store *t = *state;
    struct store *s;
    if (!store_is_sqlite(t->store)) {
        int fd, second;
        ASSERT_OK(store_lock(t->dir, &fd));
        assert_string_equal(store_lock(t->dir, &second).msg, "store.in_use");
        close(fd);
        return;
    }
    err e = store_open(&s, &(struct store_options){.url = t->url});
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "store.in_use");
    assert_int_equal(store_lock(t->dir, &(int){0}).code, E_BUSY);
    struct stat st;
    assert_int_equal(stat(str_z(t->mem, str_cut(t->url, 7, t->url.n)), &st), 0);
    assert_int_equal(st.st_mode & 077, 0); /* nobody else reads it */
}

/* ---- upkeep ---- */

static void progress(void *arg, int64_t done, int64_t total)
{
    assert_true(done >= 0 && done <= total);
    ++*(int *)arg;
}

static void a_backup_is_the_store(void **state)
{
    struct test_store *t = *state;
    int told = 0;
    str file = str_fmt(t->mem, "%.*s/copy", STR_ARG(t->dir));
    ASSERT_OK(db_txn(t->twin, add, &(int64_t){1}));
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(store_backup(t->store, file, progress, &told));
    assert_true(told > 0);
    assert_string_equal(store_backup(t->store, file, 0, 0).msg, "store.backup.exists");
    ASSERT_OK(db_txn(t->db, stock, &(int64_t){1}));
    struct store_options o = options;
    o.url = t->url;
    assert_int_equal(store_restore(&o, file).code, E_EXISTS); /* never over what is there */
    if (store_is_sqlite(t->store)) o.url = str_fmt(t->mem, "sqlite:%.*s/again/beffroi.db", STR_ARG(t->dir));
    else test_store_empty(t);
    assert_int_equal(store_restore(&o, S("/nonexistent")).code, E_NOT_FOUND);
    assert_int_equal(store_restore(&o, S("/etc/passwd")).code, E_INVALID);
    ASSERT_OK(store_restore(&o, file));
    struct store *s;
    db *d;
    struct widget_row row;
    ASSERT_OK(store_open(&s, &o));
    ASSERT_OK(store_read(s, TENANT, &d));
    ASSERT_OK(sql_widget_get(d, t->mem, 1, &row));
    assert_int_equal(row.stock, 0);
    struct strs faults = {0};
    ASSERT_OK(store_check(s, t->mem, &faults));
    assert_int_equal(faults.n, 0);
    db_done(d);
    store_close(s);
}

static bool file_has(str path, const char *word)
{
    arena *mem = arena_new(0);
    FILE *f = fopen(str_z(mem, path), "rb");
    char *all = arena_alloc(mem, 64 << 20);
    size_t n = f ? fread(all, 1, 64 << 20, f) : 0;
    if (f) fclose(f);
    bool has = memmem(all, n, word, strlen(word)) != 0;
    arena_free(mem);
    return has;
}

static err erase(db *w, void *arg)
{
    (void)arg;
    return sql_widget_erase(w, 1);
}

static void what_is_erased_leaves_the_files(void **state)
{
    struct test_store *t = *state;
    str file = str_cut(t->url, 7, t->url.n), wal = str_fmt(t->mem, "%.*s-wal", STR_ARG(file));
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(store_scrub(t->store));
    if (store_is_sqlite(t->store)) assert_true(file_has(file, "secret-marker-word"));
    ASSERT_OK(db_txn(t->db, erase, 0));
    ASSERT_OK(store_scrub(t->store));
    assert_int_equal(count(t->db), 0);
    if (store_is_sqlite(t->store)) assert_false(file_has(file, "secret-marker-word") || file_has(wal, "secret-marker-word"));
    ASSERT_OK(store_tend(t->store));
}

static void the_schema_can_be_read(void **state)
{
    struct test_store *t = *state;
    struct strs ddl;
    bool found = false;
    ASSERT_OK(store_schema(t->store, &ddl, t->mem));
    for (size_t i = 0; i < ddl.n; i++) found |= str_find(ddl.v[i], S("widget")) >= 0 && str_find(ddl.v[i], S("stock")) >= 0;
    assert_true(ddl.n > 5 && found);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_second_start_changes_nothing), STORE_TEST(a_migration_that_changed_stops_the_start),
        STORE_TEST(a_migration_that_fails_leaves_nothing), STORE_TEST(migrations_of_one_upgrade_run_all_or_none),
        STORE_TEST(an_upgrade_keeps_what_was_and_can_be_undone), STORE_TEST(an_upgrade_of_postgresql_wants_pg_dump_first),
        STORE_TEST(an_upgrade_is_tried_on_a_copy_while_the_store_is_served), STORE_TEST(a_wrong_column_stops_the_start),
        STORE_TEST(a_store_that_is_not_there_is_told), STORE_TEST(a_dsn_may_name_several_hosts),
        STORE_TEST(a_directory_has_one_owner), STORE_TEST(a_backup_is_the_store),
        STORE_TEST(what_is_erased_leaves_the_files), STORE_TEST(the_schema_can_be_read)};
    return STORE_RUN_WITH(tests, &options);
}
