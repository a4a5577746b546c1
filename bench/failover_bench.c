/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* failover_bench URL SECONDS — 8 threads insert rows by db_txn; at the end each acknowledged row is looked for. Prints acknowledged, lost,
   and the longest time without an acknowledgement. Exit code 1 when a row is lost. tests/scripts/failover_test.sh kills the leader. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "gen/sql/store/bench_test.sql.h"

enum { THREADS = 8, MOST = 200000 };
static atomic_bool stop;
struct client { struct store *s; int64_t ids[MOST]; int64_t at_us[MOST]; int n, failed; };
static struct client clients[THREADS];

static err add(db *w, void *arg)
{
    int64_t id = *(int64_t *)arg;
    if (db_maybe_committed(w)) {
        arena *mem = arena_new(0);
        struct sql_b_record_get_row row;
        err e = sql_b_record_get(w, mem, id, &row);
        arena_free(mem);
        if (e.code != E_NOT_FOUND) return e;
    }
    TRY(sql_b_record_add(w, id, S("k"), S("s"), S("{}"), id));
    return sql_b_journal_add(w, id, 1, id, S("file"));
}

static void *client_main(void *arg)
{
    struct client *c = arg;
    db *d;
    if (store_read(c->s, 1, &d).code != OK) return 0;
    while (!atomic_load(&stop) && c->n < MOST) {
        int64_t id = id_new();
        if (db_txn(d, add, &id).code != OK) {
            c->failed++;
            continue;
        }
        c->ids[c->n] = id;
        c->at_us[c->n++] = clock_monotonic_us();
        usleep(2000);
    }
    db_done(d);
    return 0;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t longest_gap(void)
{
    static int64_t all[THREADS * MOST];
    size_t n = 0;
    int64_t gap = 0;
    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < clients[i].n; k++) all[n++] = clients[i].at_us[k];
    qsort(all, n, sizeof *all, compare);
    for (size_t i = 1; i < n; i++)
        if (all[i] - all[i - 1] > gap) gap = all[i] - all[i - 1];
    return gap;
}

static int64_t lost_rows(struct store *s, int64_t *acknowledged)
{
    arena *mem = arena_new(0);
    int64_t lost = 0;
    db *d;
    if (store_read(s, 1, &d).code != OK) return -1;
    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < clients[i].n; k++) {
            struct sql_b_record_get_row row;
            lost += sql_b_record_get(d, mem, clients[i].ids[k], &row).code != OK;
            ++*acknowledged;
            if (k % 64 == 0) arena_reset(mem);
        }
    db_done(d);
    arena_free(mem);
    return lost;
}

int main(int n, char **args)
{
    const struct sql_statement *const sql[] = {sql_file_store_bench_test, 0};
    const struct migration *const tables[] = {&sql_ddl_store_bench_test, 0};
    struct store *s;
    pthread_t ids[THREADS];
    int64_t seconds, acknowledged = 0;
    if (n != 3 || str_i64(str_of(args[2]), &seconds).code != OK) return 2;
    hash_start();
    err e = store_open(&s, &(struct store_options){.url = str_of(args[1]), .create = true, .more_sql = sql, .more_migrations = tables});
    if (e.code != OK) {
        fprintf(stderr, "%s %s\n", e.msg, e.at ? e.at : "");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (int i = 0; i < THREADS; i++) {
        clients[i].s = s;
        pthread_create(&ids[i], 0, client_main, &clients[i]);
    }
    usleep((useconds_t)seconds * 1000000);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) pthread_join(ids[i], 0);
    int64_t lost = lost_rows(s, &acknowledged);
    int failed = 0;
    for (int i = 0; i < THREADS; i++) failed += clients[i].failed;
    printf("acknowledged %lld lost %lld refused %d longest pause %.1f s\n", (long long)acknowledged, (long long)lost, failed, (double)longest_gap() / 1e6);
    store_close(s);
    return lost != 0;
}
