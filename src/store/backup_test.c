/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One file holds a town: its store and its sealed files. What is cut short, altered or strange restores nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gen/sql/store/store_test.sql.h"
#include "store/backup.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_store_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables};

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)

static err add(db *w, void *arg)
{
    return sql_widget_add(w, *(int64_t *)arg, S("a"), S("t"), 1, STR_NONE, 0);
}

static struct blob_ref blob_add(struct test_store *t, struct blobs *b, int64_t tenant, str words)
{
    struct blob_writer *w;
    struct blob_ref ref;
    ASSERT_OK(blob_write_start(b, tenant, &w));
    ASSERT_OK(blob_write(w, words));
    ASSERT_OK(blob_write_finish(w, t->mem, &ref));
    return ref;
}

static str under(struct test_store *t, const char *name)
{
    return str_fmt(t->mem, "%.*s/%s", STR_ARG(t->dir), name);
}

struct made { struct blobs *b; struct blob_ref one, twins; str part, file; };

/* A store with a row and files in two towns and an unfinished upload, backed up. */
static struct made make(struct test_store *t)
{
    struct made m = {.file = under(t, "town.backup")};
    int64_t offset;
    ASSERT_OK(db_txn(t->db, add, &(int64_t){1}));
    ASSERT_OK(blobs_open(&m.b, t->dir, 0));
    m.one = blob_add(t, m.b, INT64_MAX, S("one"));
    m.twins = blob_add(t, m.b, TWIN, S("twin's"));
    ASSERT_OK(blob_part_start(m.b, TENANT, t->mem, &m.part));
    ASSERT_OK(blob_part_append(m.b, TENANT, m.part, 0, S("half"), &offset));
    ASSERT_OK(backup_write(t->store, m.b, m.file, 0, 0));
    return m;
}

/* Where to restore: another directory; PostgreSQL: the schema emptied. */
static struct store_options elsewhere(struct test_store *t, str dir)
{
    struct store_options o = options;
    o.url = t->url;
    if (str_is(t->engine, "sqlite")) o.url = str_fmt(t->mem, "sqlite:%.*s/beffroi.db", STR_ARG(dir));
    else test_store_empty(t);
    return o;
}

static void read_back(struct test_store *t, struct blobs *b, int64_t tenant, const struct blob_ref *ref, const char *words)
{
    struct blob_reader *r;
    char text[40];
    size_t n;
    ASSERT_OK(blob_read_start(b, tenant, ref, &r));
    ASSERT_OK(blob_read(r, 0, text, sizeof text, &n));
    blob_read_end(r);
    assert_true(str_is((str){text, n}, words));
}

static void a_town_travels_in_one_file(void **state)
{
    struct test_store *t = *state;
    struct made m = make(t);
    str dir = under(t, "again"), keys;
    struct stat st;
    struct store *s;
    struct blobs *b;
    db *d;
    struct widget_row row;
    int64_t offset;
    assert_int_equal(stat(str_z(t->mem, m.file), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(backup_write(t->store, m.b, m.file, 0, 0).code, E_EXISTS);
    ASSERT_OK(blobs_keys_export(m.b, t->mem, &keys));
    struct store_options o = elsewhere(t, dir);
    assert_int_equal(backup_restore(&o, 0, t->dir, m.file, 0, 0).code, E_EXISTS); /* there are files */
    ASSERT_OK(backup_restore(&o, 0, dir, m.file, 0, 0));
    ASSERT_OK(store_open(&s, &o));
    ASSERT_OK(store_read(s, TENANT, &d));
    ASSERT_OK(sql_widget_get(d, t->mem, 1, &row));
    db_done(d);
    store_close(s);
    assert_string_equal(blobs_open(&b, dir, 0).msg, "store.blob.keys"); /* the keys travel apart */
    FILE *f = fopen(str_z(t->mem, str_fmt(t->mem, "%.*s/keys", STR_ARG(dir))), "w");
    assert_int_equal(fwrite(keys.p, 1, keys.n, f), keys.n);
    fclose(f);
    ASSERT_OK(blobs_open(&b, dir, 0));
    read_back(t, b, INT64_MAX, &m.one, "one");
    read_back(t, b, TWIN, &m.twins, "twin's");
    ASSERT_OK(blob_part_offset(b, TENANT, m.part, &offset));
    assert_int_equal(offset, 4);
    blobs_close(b);
    blobs_close(m.b);
}

static void refused(struct test_store *t, const struct store_options *o, str dir, str file)
{
    struct store *s;
    struct store_options only = *o;
    only.create = false;
    err e = backup_restore(o, 0, dir, file, 0, 0);
    assert_int_equal(e.code, E_INVALID);
    assert_int_equal(store_open(&s, &only).code, E_NOT_FOUND);
    assert_int_not_equal(access(str_z(t->mem, str_fmt(t->mem, "%.*s/blobs", STR_ARG(dir))), F_OK), 0);
    assert_int_not_equal(access(str_z(t->mem, str_fmt(t->mem, "%.*s/restore.part", STR_ARG(dir))), F_OK), 0);
}

static str copy_of(struct test_store *t, str file, off_t cut, off_t flip)
{
    static char all[1 << 23];
    str name = under(t, "copy.backup");
    int in = open(str_z(t->mem, file), O_RDONLY), out = open(str_z(t->mem, name), O_RDWR | O_CREAT | O_TRUNC, 0600);
    ssize_t n = read(in, all, sizeof all);
    assert_true(n > 20000 && n < (ssize_t)sizeof all);
    if (flip) all[flip] ^= 1;
    if (cut) n = cut < 0 ? n + cut : cut;
    assert_int_equal(write(out, all, (size_t)n), n);
    close(in);
    close(out);
    return name;
}

static void what_is_not_whole_restores_nothing(void **state)
{
    struct test_store *t = *state;
    struct made m = make(t);
    str dir = under(t, "again");
    struct store_options o = elsewhere(t, dir);
    blobs_close(m.b);
    static const off_t cuts[] = {1, 700, 1536, 8000, -1024 - 512, -1024 - 512 - 512};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) refused(t, &o, dir, copy_of(t, m.file, cuts[i], 0));
    static const off_t flips[] = {3, 515, 1030, 2048 + 5, 9000}; /* names, words, sizes, the store itself */
    for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) refused(t, &o, dir, copy_of(t, m.file, 0, flips[i]));
    refused(t, &o, dir, S("/etc/passwd"));
    assert_int_equal(backup_restore(&o, 0, dir, S("/nonexistent"), 0, 0).code, E_NOT_FOUND);
    struct store_options other = o;
    other.url = str_is(t->engine, "sqlite") ? S("postgresql://127.0.0.1:1/x") : str_fmt(t->mem, "sqlite:%.*s/x.db", STR_ARG(dir));
    assert_string_equal(backup_restore(&other, 0, dir, m.file, 0, 0).msg, "store.restore.engine");
    ASSERT_OK(backup_restore(&o, 0, dir, m.file, 0, 0));
}

static void tar_reads_it(void **state)
{
    struct test_store *t = *state;
    struct made m = make(t);
    str list = under(t, "list");
    char line[200];
    int files = 0;
    blobs_close(m.b);
    assert_int_equal(system(str_z(t->mem, str_fmt(t->mem, "tar -tf %.*s > %.*s", STR_ARG(m.file), STR_ARG(list)))), 0);
    FILE *f = fopen(str_z(t->mem, list), "r");
    while (fgets(line, sizeof line, f)) files += strncmp(line, "blobs/", 6) == 0;
    fclose(f);
    assert_int_equal(files, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_town_travels_in_one_file), STORE_TEST(what_is_not_whole_restores_nothing), STORE_TEST(tar_reads_it)};
    return STORE_RUN_WITH(tests, &options);
}
