/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Many at once, and things that break: nothing acknowledged is lost, nothing refused is kept, service resumes by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "gen/sql/store/store_test.sql.h"
#include "store/testing.h"

static const struct sql_statement *const sql[] = {sql_file_store_store_test, 0};
static const struct migration *const tables[] = {&sql_ddl_store_store_test, 0};
static const struct store_options options = {.more_sql = sql, .more_migrations = tables};

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)
enum { THREADS = 64 };

static int64_t count(struct store *s, int64_t tenant, int64_t *stock)
{
    arena *mem = arena_new(0);
    db *d;
    struct sql_widget_count_row row;
    ASSERT_OK(store_read(s, tenant, &d));
    ASSERT_OK(sql_widget_count(d, mem, &row));
    db_done(d);
    arena_free(mem);
    if (stock) *stock = row.stock;
    return row.n;
}

struct add { int64_t id; str slug, title; bool refuse; };

/* Looks for its own trace when an earlier COMMIT was not answered. */
static err add(db *w, void *arg)
{
    struct add *a = arg;
    if (db_maybe_committed(w)) {
        arena *mem = arena_new(0);
        struct widget_row row;
        err e = sql_widget_get(w, mem, a->id, &row);
        arena_free(mem);
        if (e.code != E_NOT_FOUND) return e;
    }
    TRY(sql_widget_add(w, a->id, a->slug, a->title, 1, STR_NONE, 0));
    TRY(sql_part_add(w, a->id, 1, S("hub")));
    return a->refuse ? FAIL(E_CONFLICT, "test.no") : NO_ERR;
}

/* ---- workers: each adds rows of its own until told to stop, and notes which were acknowledged ---- */

enum { MOST = 20000 };
struct worker {
    struct store *store;
    int number, adds;                   /* how many adds at most */
    int64_t tenant, widget;
    size_t title_bytes;
    bool some_refused;
    atomic_bool *stop;
    bool acknowledged[MOST];
    atomic_int done;
    int failed, other;                  /* other: errors that are none of busy, io, full */
};

static void worker_add(struct worker *w, db *d, arena *mem, int i)
{
    char *title = arena_alloc(mem, w->title_bytes + 1);
    memset(title, 'x', w->title_bytes);
    bool refuse = w->some_refused && i % 3 == 0;
    struct add a = {(int64_t)w->number * MOST + i, str_fmt(mem, "%d-%d", w->number, i), {title, w->title_bytes}, refuse};
    err e = db_txn(d, add, &a);
    if (e.code == OK) {
        w->acknowledged[i] = true;
        atomic_fetch_add(&w->done, 1);
    } else {
        w->failed++;
        w->other += !refuse && e.code != E_BUSY && e.code != E_IO && e.code != E_FULL;
    }
    arena_reset(mem);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    arena *mem = arena_new(0);
    db *d;
    if (store_read(w->store, w->tenant, &d).code == OK) {
        for (int i = 0; i < w->adds && !(w->stop && atomic_load(w->stop)); i++) worker_add(w, d, mem, i);
        db_done(d);
    }
    arena_free(mem);
    return 0;
}

static void workers_start(struct worker *w, pthread_t *threads, int n, const struct worker *like)
{
    for (int i = 0; i < n; i++) {
        memset(&w[i], 0, sizeof w[i]);
        w[i].store = like->store, w[i].tenant = like->tenant, w[i].adds = like->adds, w[i].title_bytes = like->title_bytes;
        w[i].some_refused = like->some_refused, w[i].stop = like->stop;
        w[i].number = i;
        assert_int_equal(pthread_create(&threads[i], 0, worker_main, &w[i]), 0);
    }
}

static void workers_join(pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++) pthread_join(threads[i], 0);
}

/* What was acknowledged is there, the rest is not. `strict`: no unknown outcome is allowed. */
static int64_t workers_check(struct store *s, struct worker *w, int n, bool strict)
{
    int64_t acknowledged = 0;
    arena *mem = arena_new(0);
    db *d;
    ASSERT_OK(store_read(s, w[0].tenant, &d));
    for (int k = 0; k < n; k++)
        for (int i = 0; i < w[k].adds; i++) {
            struct widget_row row;
            enum err_code there = sql_widget_get(d, mem, (int64_t)k * MOST + i, &row).code;
            if (w[k].acknowledged[i]) assert_int_equal(there, OK);
            else if (strict) assert_int_equal(there, E_NOT_FOUND);
            acknowledged += w[k].acknowledged[i];
            if (i % 64 == 0) arena_reset(mem);
        }
    db_done(d);
    arena_free(mem);
    return acknowledged;
}

static int64_t workers_done(struct worker *w, int n)
{
    int64_t done = 0;
    for (int i = 0; i < n; i++) done += atomic_load(&w[i].done);
    return done;
}

/* Until so many more are done, 30 s at most. */
static void wait_for_more(struct worker *w, int n, int64_t more)
{
    int64_t from = workers_done(w, n);
    for (int i = 0; i < 3000 && workers_done(w, n) < from + more; i++) usleep(10000);
    assert_true(workers_done(w, n) >= from + more);
}

/* ---- many at once ---- */

static void groups_keep_what_they_acknowledge(void **state)
{
    struct test_store *t = *state;
    static struct worker w[THREADS];
    pthread_t threads[THREADS];
    struct store_stats stats;
    workers_start(w, threads, THREADS, &(struct worker){.store = t->store, .tenant = TENANT, .adds = 24, .title_bytes = 200, .some_refused = true});
    workers_join(threads, THREADS);
    int64_t kept = workers_check(t->store, w, THREADS, true);
    for (int i = 0; i < THREADS; i++) assert_int_equal(w[i].other, 0);
    assert_int_equal(count(t->store, TENANT, 0), kept);
    /* On PostgreSQL all of this falls on one leaf of each index, and some give up after five tries. */
    assert_true(store_is_sqlite(t->store) ? kept == THREADS * 16 : kept > THREADS * 4);
    assert_int_equal(count(t->store, TWIN, 0), 0);
    store_stats(t->store, &stats);
    if (store_is_sqlite(t->store)) assert_true(stats.groups < stats.grouped / 2); /* they did travel together */
}

static err one_more(db *w, void *arg)
{
    arena *mem = arena_new(0);
    struct widget_row row;
    int64_t changed = 0, id = *(int64_t *)arg;
    err e = sql_widget_get(w, mem, id, &row); /* read, then write: a lost update would show */
    if (e.code == OK) e = sql_widget_stock_set(w, id, row.stock + 1, &changed);
    arena_free(mem);
    return e.code == OK && !changed ? FAIL(E_INTERNAL, "test.no") : e;
}

static void *counter_main(void *arg)
{
    struct worker *w = arg;
    db *d;
    if (store_read(w->store, TENANT, &d).code != OK) return 0;
    err (*txn)(db *, txn_fn, void *) = w->number % 2 ? db_txn : db_txn_own;
    int64_t id = w->widget;
    for (int i = 0; i < 20; i++)
        if (txn(d, one_more, &id).code == OK) atomic_fetch_add(&w->done, 1);
    db_done(d);
    return 0;
}

/* Each worker counts twenty times, in widget 1 or in one of its own; every other one by db_txn, unless all go by db_txn_own. */
static int64_t count_at_once(struct store *s, struct worker *w, int n, bool same_widget, bool own)
{
    pthread_t threads[16];
    int64_t done = 0;
    for (int i = 0; i < n; i++) {
        memset(&w[i], 0, sizeof w[i]);
        w[i].store = s;
        w[i].number = own ? 0 : i;
        w[i].widget = same_widget ? 1 : i + 1;
        pthread_create(&threads[i], 0, counter_main, &w[i]);
    }
    workers_join(threads, n);
    for (int i = 0; i < n; i++) done += w[i].done;
    return done;
}

static void no_update_is_lost(void **state)
{
    struct test_store *t = *state;
    static struct worker w[8];
    int64_t stock;
    ASSERT_OK(db_txn(t->db, add, &(struct add){1, S("a"), S("t"), false}));
    int64_t done = count_at_once(t->store, w, 8, true, false);
    count(t->store, TENANT, &stock);
    assert_int_equal(stock, done);
    assert_true(done > 80); /* eight on one row: some give up after five tries on PostgreSQL */
}

/* Rows of one leaf of the index, each written by one worker: nothing is run again, nobody is refused. */
static void neighbours_do_not_meet(void **state)
{
    struct test_store *t = *state;
    static struct worker w[16];
    struct store_stats before, after;
    for (int i = 1; i <= 16; i++) ASSERT_OK(db_txn(t->db, add, &(struct add){i, (str){"abcdefghijklmnop" + i - 1, 1}, S("t"), false}));
    store_stats(t->store, &before);
    assert_int_equal(count_at_once(t->store, w, 16, false, true), 16 * 20);
    store_stats(t->store, &after);
    assert_int_equal(after.txn_retries, before.txn_retries);
}

/* ---- a backup while people write ---- */

static void a_backup_under_load_is_whole(void **state)
{
    struct test_store *t = *state;
    static struct worker w[8];
    pthread_t threads[8];
    atomic_bool stop = false;
    str file = str_fmt(t->mem, "%.*s/copy", STR_ARG(t->dir));
    workers_start(w, threads, 8, &(struct worker){.store = t->store, .tenant = TENANT, .adds = MOST, .title_bytes = 2000, .stop = &stop});
    wait_for_more(w, 8, 200);
    int64_t before = workers_done(w, 8);
    err e = store_backup(t->store, file, 0, 0);
    wait_for_more(w, 8, 20); /* service goes on */
    atomic_store(&stop, true);
    workers_join(threads, 8);
    ASSERT_OK(e);
    if (!store_is_sqlite(t->store)) return;
    struct store *copy;
    struct strs faults = {0};
    struct store_options o = options;
    o.url = str_fmt(t->mem, "sqlite:%.*s/again/beffroi.db", STR_ARG(t->dir));
    ASSERT_OK(store_restore(&o, file));
    ASSERT_OK(store_open(&copy, &o));
    ASSERT_OK(store_check(copy, t->mem, &faults));
    assert_int_equal(faults.n, 0);
    int64_t n = count(copy, TENANT, 0);
    assert_true(n >= before && n <= count(t->store, TENANT, 0));
    store_close(copy);
}

/* ---- a full disk ---- */

static void full_disk(struct test_store *t, void (*fill)(void), void (*give_back)(void))
{
    static struct worker w[THREADS];
    pthread_t threads[THREADS];
    fill();
    workers_start(w, threads, THREADS, &(struct worker){.store = t->store, .tenant = TENANT, .adds = 40, .title_bytes = 3000});
    workers_join(threads, THREADS);
    give_back();
    int failed = 0;
    for (int i = 0; i < THREADS; i++) failed += w[i].failed, assert_int_equal(w[i].other, 0);
    assert_true(failed > 0);
    int64_t kept = workers_check(t->store, w, THREADS, true);
    assert_int_equal(count(t->store, TENANT, 0), kept);
    ASSERT_OK(db_txn(t->db, add, &(struct add){INT64_C(1) << 40, S("after"), S("t"), false})); /* service resumes by itself */
    assert_int_equal(count(t->store, TENANT, 0), kept + 1);
    ASSERT_OK(test_store_reopen(t, &options));
    assert_int_equal(count(t->store, TENANT, 0), kept + 1);
}

static void files_limit(rlim_t bytes)
{
    struct rlimit l;
    getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &l);
}

static void limit_files(void) { files_limit(3000000); }
static void unlimit_files(void) { files_limit(RLIM_INFINITY); }

static void writes_that_fail_lose_nothing(void **state)
{
    struct test_store *t = *state;
    if (!store_is_sqlite(t->store)) return; /* the limit is this process's */
    signal(SIGXFSZ, SIG_IGN);
    full_disk(t, limit_files, unlimit_files);
}

static const char *mounted;
static void nothing(void) {}
static void remount_larger(void)
{
    assert_int_equal(mount("tmpfs", mounted, "tmpfs", MS_REMOUNT, "size=64m"), 0);
}

/* A real ENOSPC: a small tmpfs, where mounting is allowed. */
static void a_full_disk_loses_nothing(void **state)
{
    struct test_store *t = *state;
    str dir = str_fmt(t->mem, "%.*s/small", STR_ARG(t->dir)), url = t->url;
    if (!store_is_sqlite(t->store)) return;
    mounted = str_z(t->mem, dir);
    assert_int_equal(mkdir(mounted, 0700), 0);
    if (mount("tmpfs", mounted, "tmpfs", 0, "size=4m") != 0) return;
    t->url = str_fmt(t->mem, "sqlite:%s/beffroi.db", mounted);
    ASSERT_OK(test_store_reopen(t, &options));
    full_disk(t, nothing, remount_larger);
    t->url = url;
    ASSERT_OK(test_store_reopen(t, &options));
    assert_int_equal(umount(mounted), 0);
}

/* ---- a server that goes away ---- */

static int pg_control(const char *what)
{
    char command[300];
    snprintf(command, sizeof command, "%s %s", getenv("BEFFROI_TEST_PG_CTL"), what);
    return system(command);
}

static void postgresql_stopped_under_load(void **state)
{
    struct test_store *t = *state;
    static struct worker w[16];
    pthread_t threads[16];
    atomic_bool stop = false;
    if (store_is_sqlite(t->store) || !getenv("BEFFROI_TEST_PG_CTL")) return;
    workers_start(w, threads, 16, &(struct worker){.store = t->store, .tenant = TENANT, .adds = MOST, .title_bytes = 100, .stop = &stop});
    wait_for_more(w, 16, 100);
    assert_int_equal(pg_control("stop"), 0);
    usleep(200000);
    assert_int_equal(pg_control("start"), 0);
    wait_for_more(w, 16, 100);
    assert_int_equal(pg_control("restart"), 0);
    wait_for_more(w, 16, 100);
    atomic_store(&stop, true);
    workers_join(threads, 16);
    for (int i = 0; i < 16; i++) {
        w[i].adds = w[i].done + w[i].failed;
        assert_int_equal(w[i].other, 0); /* none was told that its own row is in its way */
    }
    assert_int_equal(workers_check(t->store, w, 16, false), workers_done(w, 16));
    ASSERT_OK(db_txn(t->db, add, &(struct add){INT64_C(1) << 40, S("after"), S("t"), false}));
}

/* ---- kill -9 ---- */

/* The child adds rows and writes each acknowledged id into the pipe; the parent kills it at some moment. */
static void child_adds(str url, int out, int round)
{
    struct store *s;
    db *d;
    struct store_options o = options;
    o.url = url;
    if (store_open(&s, &o).code != OK || store_read(s, TENANT, &d).code != OK) _exit(1);
    for (int64_t i = 0; i < 100000; i++) {
        char slug[40];
        int n = snprintf(slug, sizeof slug, "r%d-%lld", round, (long long)i);
        struct add a = {round * 1000000 + i, {slug, (size_t)n}, S("t"), false};
        if (db_txn(d, add, &a).code == OK && write(out, &a.id, sizeof a.id) != sizeof a.id) _exit(1);
    }
    _exit(0);
}

static void killed_at_any_moment(void **state)
{
    struct test_store *t = *state;
    test_store_pause(t);
    for (int round = 1; round <= 4; round++) {
        int ends[2];
        int64_t id, second, n = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) child_adds(t->url, ends[1], round);
        close(ends[1]);
        assert_int_equal(read(ends[0], &id, sizeof id), sizeof id); /* the first is there: it works */
        assert_int_equal(read(ends[0], &second, sizeof second), sizeof second);
        usleep((useconds_t)(20000 + round * 37000));
        kill(child, SIGKILL);
        waitpid(child, 0, 0);
        ASSERT_OK(test_store_reopen(t, &options));
        struct widget_row row;
        do {
            ASSERT_OK(sql_widget_get(t->db, t->mem, id, &row));
            n++;
        } while (read(ends[0], &id, sizeof id) == sizeof id);
        ASSERT_OK(sql_widget_get(t->db, t->mem, second, &row));
        close(ends[0]);
        assert_true(n >= 1);
        test_store_pause(t);
    }
    ASSERT_OK(test_store_reopen(t, &options));
}

/* ---- readers are not kept waiting ---- */

static err slow(db *w, void *arg)
{
    (void)w, (void)arg;
    usleep(200000);
    return NO_ERR;
}

static void *slow_main(void *arg)
{
    db *d;
    if (store_read(arg, TENANT, &d).code != OK) return 0;
    (void)db_txn(d, slow, 0);
    db_done(d);
    return 0;
}

static void readers_do_not_wait_for_slow_writers(void **state)
{
    struct test_store *t = *state;
    pthread_t threads[12];
    int quick = 0;
    count(t->store, TENANT, 0);
    for (int i = 0; i < 12; i++) pthread_create(&threads[i], 0, slow_main, t->store);
    usleep(100000); /* connections are made once */
    for (int i = 0; i < 50; i++) {
        int64_t from = clock_monotonic_us();
        count(t->store, TENANT, 0);
        quick += clock_monotonic_us() - from < 100000;
        usleep(2000);
    }
    workers_join(threads, 12);
    assert_true(quick > 40); /* behind the twelve it would be none */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(groups_keep_what_they_acknowledge), STORE_TEST(no_update_is_lost), STORE_TEST(neighbours_do_not_meet), STORE_TEST(a_backup_under_load_is_whole),
        STORE_TEST(writes_that_fail_lose_nothing),
        STORE_TEST(a_full_disk_loses_nothing), STORE_TEST(postgresql_stopped_under_load), STORE_TEST(killed_at_any_moment),
        STORE_TEST(readers_do_not_wait_for_slow_writers)};
    return STORE_RUN_WITH(tests, &options);
}
