/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store_bench [sqlite|postgresql] [SECONDS] — durable small transactions a second: a bare group-commit loop, then the same rows by
   db_txn from 64 threads. PostgreSQL: the URL is in BEFFROI_TEST_PG. Prints a line of JSON for each figure. */
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "gen/sql/store/bench_test.sql.h"
#include "store/db.h"

enum { THREADS = 64, INDEX_ROWS = 3 };
static char doc[2000];
static atomic_bool stop;

struct client { struct store *s; int64_t done, failed; bool reads; };

struct filing { int64_t id, at; str key; bool reads; arena *mem; };

/* A key looked up, a record, its index rows, an event, the key with its answer. */
static err file(db *w, void *arg)
{
    struct filing *f = arg;
    struct sql_b_key_get_row row;
    if (f->reads) {
        err e = sql_b_key_get(w, f->mem, f->key, &row);
        if (e.code != E_NOT_FOUND) return e;
    }
    TRY(sql_b_record_add(w, f->id, S("permis"), S("received"), (str){doc, sizeof doc}, f->at));
    for (int i = 0; i < INDEX_ROWS; i++) TRY(sql_b_index_add(w, S("permis"), S("f1"), (str){f->key.p, 4}, f->at + i, f->id));
    TRY(sql_b_journal_add(w, f->id, 1, f->at, S("file")));
    return sql_b_key_add(w, f->key, S("{}"), f->at);
}

static void *client_main(void *arg)
{
    struct client *c = arg;
    arena *mem = arena_new(0);
    db *d;
    if (store_read(c->s, 1, &d).code != OK) return 0;
    while (!atomic_load(&stop)) {
        unsigned char key[12];
        random_bytes(key, sizeof key);
        struct filing f = {id_new(), clock_now_us(), hex_of(mem, key, sizeof key), c->reads, mem};
        err e = db_txn(d, file, &f);
        if (e.code == OK) c->done++;
        else c->failed++;
        arena_reset(mem);
    }
    db_done(d);
    arena_free(mem);
    return 0;
}

static double run(struct store *s, int threads, int seconds, bool reads, const char *name)
{
    static struct client clients[THREADS];
    pthread_t ids[THREADS];
    struct store_stats before, after;
    int64_t done = 0, failed = 0, from = clock_monotonic_us();
    atomic_store(&stop, false);
    store_stats(s, &before);
    for (int i = 0; i < threads; i++) {
        clients[i] = (struct client){.s = s, .reads = reads};
        pthread_create(&ids[i], 0, client_main, &clients[i]);
    }
    usleep((useconds_t)seconds * 1000000);
    atomic_store(&stop, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], 0);
        done += clients[i].done;
        failed += clients[i].failed;
    }
    double rate = (double)done / ((double)(clock_monotonic_us() - from) / 1e6);
    store_stats(s, &after);
    printf("{\"name\":\"%s, %d threads\",\"value\":%.0f,\"unit\":\"1/s\",\"failed\":%lld,\"retries_percent\":%.2f,\"group\":%.1f}\n", name, threads, rate,
           (long long)failed, 100.0 * (double)(after.txn_retries - before.txn_retries) / (double)(done + failed + 1),
           after.groups > before.groups ? (double)(after.grouped - before.grouped) / (double)(after.groups - before.groups) : 0);
    return rate;
}

/* ---- the same rows without the store: one thread, 64 filings a COMMIT ---- */

static sqlite3_stmt *prepare(sqlite3 *h, const char *text)
{
    sqlite3_stmt *st = 0;
    sqlite3_prepare_v2(h, text, -1, &st, 0);
    return st;
}

static void bare_filing(sqlite3_stmt *const *st, int64_t id, int64_t at, const char *key)
{
    sqlite3_bind_int64(st[0], 2, id);
    sqlite3_bind_text(st[0], 3, "permis", -1, SQLITE_STATIC);
    sqlite3_bind_text(st[0], 4, "received", -1, SQLITE_STATIC);
    sqlite3_bind_text(st[0], 5, doc, sizeof doc, SQLITE_STATIC);
    sqlite3_bind_int64(st[0], 6, at);
    for (int i = 0; i < INDEX_ROWS; i++) {
        sqlite3_bind_text(st[1], 2, "permis", -1, SQLITE_STATIC);
        sqlite3_bind_text(st[1], 3, "f1", -1, SQLITE_STATIC);
        sqlite3_bind_text(st[1], 4, key, 4, SQLITE_STATIC);
        sqlite3_bind_int64(st[1], 5, at + i);
        sqlite3_bind_int64(st[1], 6, id);
        sqlite3_step(st[1]);
        sqlite3_reset(st[1]);
    }
    sqlite3_bind_int64(st[2], 2, id);
    sqlite3_bind_int64(st[2], 3, 1);
    sqlite3_bind_int64(st[2], 4, at);
    sqlite3_bind_text(st[2], 5, "file", -1, SQLITE_STATIC);
    sqlite3_bind_text(st[3], 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(st[3], 3, "{}", -1, SQLITE_STATIC);
    sqlite3_bind_int64(st[3], 4, at);
    for (int i = 0; i < 4; i++) {
        if (i == 1) continue;
        sqlite3_step(st[i]);
        sqlite3_reset(st[i]);
    }
}

static double bare(const char *path, int seconds)
{
    sqlite3 *h;
    sqlite3_open(path, &h);
    sqlite3_exec(h, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4096; PRAGMA secure_delete=ON", 0, 0, 0);
    sqlite3_stmt *st[] = {prepare(h, sql_file_store_bench_test[2].text[0]), prepare(h, sql_file_store_bench_test[4].text[0]),
                          prepare(h, sql_file_store_bench_test[5].text[0]), prepare(h, sql_file_store_bench_test[1].text[0])};
    for (int i = 0; i < 4; i++) sqlite3_bind_int64(st[i], 1, 2);
    int64_t done = 0, from = clock_monotonic_us(), until = from + seconds * SECOND_US;
    while (clock_monotonic_us() < until) {
        sqlite3_exec(h, "BEGIN IMMEDIATE", 0, 0, 0);
        for (int i = 0; i < 64; i++, done++) {
            unsigned char key[12];
            char hex[25];
            random_bytes(key, sizeof key);
            for (int k = 0; k < 12; k++) snprintf(hex + 2 * k, 3, "%02x", key[k]);
            bare_filing(st, id_new(), clock_now_us(), hex);
        }
        sqlite3_exec(h, "COMMIT", 0, 0, 0);
    }
    double rate = (double)done / ((double)(clock_monotonic_us() - from) / 1e6);
    for (int i = 0; i < 4; i++) sqlite3_finalize(st[i]);
    sqlite3_close(h);
    printf("{\"name\":\"bare group commit of 64\",\"value\":%.0f,\"unit\":\"1/s\"}\n", rate);
    return rate;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

int main(int n, char **args)
{
    bool pg = n > 1 && strcmp(args[1], "postgresql") == 0;
    int64_t seconds = 3;
    char dir[] = "/tmp/beffroi-bench-XXXXXX", url[200];
    const struct sql_statement *const sql[] = {sql_file_store_bench_test, 0};
    const struct migration *const tables[] = {&sql_ddl_store_bench_test, 0};
    struct store *s;
    hash_start();
    memset(doc, 'x', sizeof doc);
    if (n > 2 && str_i64(str_of(args[2]), &seconds).code != OK) return 2;
    if (!mkdtemp(dir)) return 1;
    snprintf(url, sizeof url, "sqlite:%s/b.db", dir);
    struct store_options o = {.url = str_of(pg ? getenv("BEFFROI_TEST_PG") : url), .create = true, .more_sql = sql, .more_migrations = tables};
    err e = store_open(&s, &o);
    if (e.code != OK) {
        fprintf(stderr, "%s %s\n", e.msg, e.at ? e.at : "");
        return 1;
    }
    double best = 0;
    static const int threads[] = {1, 16, 64};
    for (int i = 0; i < 3; i++) {
        run(s, threads[i], (int)seconds, false, "db_txn, writes only");
        double rate = run(s, threads[i], (int)seconds, true, "db_txn, key looked up first");
        if (rate > best) best = rate;
    }
    store_close(s);
    if (!pg) printf("{\"name\":\"db_txn against the bare loop\",\"value\":%.2f,\"unit\":\"x\",\"bar\":0.5}\n", best / bare(url + 7, (int)seconds));
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
