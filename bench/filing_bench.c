/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* filing_bench [sqlite|postgresql] [SECONDS] [THREADS = 64] — whole filings by the core, without HTTP: a draft begun, a field saved five
   times, its contact given, filed. Then the same of a form whose tariff, requirement, team and delay are rules: four results are kept, with
   why they are so.
   One tenant. PostgreSQL: the URL is in BEFFROI_TEST_PG. A line of JSON for each figure. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "core/testing.h"
#include "formats/json.h"

enum { THREADS_MOST = 64 };
static atomic_bool stop;

struct client { struct town *t; const struct kind *k; int64_t filed, failed; err last; };

static err file_one(db *d, arena *mem, struct town *t, const struct kind *k)
{
    struct draft_secret secret;
    struct draft draft;
    struct record r;
    bool again;
    int64_t version;
    struct side *s = &t->a;
    TRY(draft_start(d, mem, k, s->town, 0, S("web"), t->now_us, &draft, &secret));
    for (int i = 0; i < 5; i++) {
        json_t *value = json_own(mem, k == s->permit ? json_sprintf("Échafaudage %d", i) : json_integer(1080 + i));
        TRY(draft_save_value(d, mem, k, draft.id, S("f1"), value, t->now_us, &version));
    }
    TRY(draft_contact(d, draft.id, &(struct contact){S("Zoé Martin"), S("zoe@exemple.test"), STR_NONE}));
    struct filing f = {.kind = k, .tenant = &s->tenant, .now_us = t->now_us};
    return draft_file(d, mem, draft.id, &f, &r, &again);
}

static void *client_main(void *arg)
{
    struct client *c = arg;
    arena *mem = arena_new(0);
    db *d;
    if (store_read(c->t->store->store, TENANT, &d).code != OK) return 0;
    while (!atomic_load(&stop)) {
        err e = file_one(d, mem, c->t, c->k);
        if (e.code == OK) c->filed++;
        else c->failed++, c->last = e;
        arena_reset(mem);
    }
    db_done(d);
    arena_free(mem);
    return 0;
}

int main(int n, char **args)
{
    const char *engine = n > 1 ? args[1] : "sqlite";
    int64_t seconds = 3, threads = THREADS_MOST;
    struct test_store store;
    struct store_stats before, after;
    static struct client clients[THREADS_MOST];
    pthread_t ids[THREADS_MOST];
    if (n > 2 && str_i64(str_of(args[2]), &seconds).code != OK) return 2;
    if (n > 3 && (str_i64(str_of(args[3]), &threads).code != OK || threads > THREADS_MOST || threads < 1)) return 2;
    if (test_store_open(&store, engine, 0).code != OK) return 1;
    struct town *t = town_open(&store);
    const struct kind *meals = town_meals(t, &t->a);
    static const char *const rounds[] = {"round 1", "round 2", "with rules"};     /* a young store, then one with some thousands of dossiers */
    for (int round = 0; round < 3; round++) {
        int64_t filed = 0, failed = 0, from = clock_monotonic_us();
        store_stats(store.store, &before);
        atomic_store(&stop, false);
        for (int i = 0; i < threads; i++) {
            clients[i] = (struct client){.t = t, .k = round < 2 ? t->a.permit : meals};
            pthread_create(&ids[i], 0, client_main, &clients[i]);
        }
        usleep((useconds_t)seconds * 1000000);
        atomic_store(&stop, true);
        for (int i = 0; i < threads; i++) {
            pthread_join(ids[i], 0);
            filed += clients[i].filed;
            failed += clients[i].failed;
            if (clients[i].failed) fprintf(stderr, "failed: %s\n", clients[i].last.msg);
        }
        store_stats(store.store, &after);
        double taken = (double)(clock_monotonic_us() - from) / 1e6, txns = (double)(after.txns - before.txns);
        printf("{\"name\":\"filings by the core, %lld threads, %s\",\"value\":%.0f,\"unit\":\"1/s\",\"failed\":%lld}\n", (long long)threads, rounds[round],
               (double)filed / taken, (long long)failed);
        printf("{\"name\":\"transactions run again, %s\",\"value\":%.2f,\"unit\":\"%%\"}\n", rounds[round], 100.0 * (double)(after.txn_retries - before.txn_retries) / txns);
    }
    town_close(t);
    test_store_close(&store);
    return 0;
}
