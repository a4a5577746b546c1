/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Workers that wait for a commit give their turn to others: on a real store, whose writer is held at a gate. */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/testing.h"
#include "web/testing.h"

enum { WORKERS = 3, WRITERS = 12, SPARE_MOST = 48 };

static struct test_store store;
static struct server *server;
static arena *mem;
static atomic_bool gate;
static atomic_int begun, at_work, at_work_most;

static err at_gate(db *w, void *arg)
{
    while (!gate) usleep(1000);
    return NO_ERR;
}

static err post_write(struct req *q)
{
    db *d;
    begun++;
    TRY(store_read(store.store, TENANT, &d));
    err e = db_txn(d, at_gate, NULL);
    db_done(d);
    return e.code == OK ? reply_text(q, 200, S("written")) : e;
}

static err get_read(struct req *q)
{
    db *d;
    int64_t now_us;
    int n = ++at_work, most = at_work_most;
    while (n > most && !atomic_compare_exchange_weak(&at_work_most, &most, n)) {}
    TRY(store_read(store.store, TENANT, &d));
    err e = db_now_us(d, &now_us);
    db_done(d);
    usleep(2000);
    at_work--;
    return e.code == OK ? reply_text(q, 200, S("read")) : e;
}

static const struct route routes[] = {
    {POST, "/ecrire", 1, post_write, "waits for a commit"}, {GET, "/lire", 1, get_read, "reads"}, {0}};
static const struct route *const tables[] = {routes};

static void start(int spare_idle_ms, bool gives_turn)
{
    struct server_options o = {.routes = {tables, 1}, .workers = WORKERS, .spare_idle_ms = spare_idle_ms};
    gate = false;
    begun = at_work = at_work_most = 0;
    server = test_server(&o);
    store_on_wait(store.store, gives_turn ? server_worker_waits : NULL, server);
}

static void ask(int *fds, int n, const char *words)
{
    for (int i = 0; i < n; i++) {
        struct timeval most = {.tv_sec = 20};
        fds[i] = http_connect(server);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        assert_int_equal(send(fds[i], words, strlen(words), MSG_NOSIGNAL), strlen(words));
    }
}

#define WRITE "POST /ecrire HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
#define READ  "GET /lire HTTP/1.1\r\nHost: a\r\n\r\n"

/* All of them 200; closes them. */
static void answered(int *fds, int n)
{
    for (int i = 0; i < n; i++) {
        char got[2048] = {0};
        assert_true(recv(fds[i], got, sizeof got - 1, 0) > 0);
        assert_int_equal(strncmp(got, "HTTP/1.1 200 ", 13), 0);
        close(fds[i]);
    }
}

static bool comes(atomic_int *value, int expected)
{
    for (int i = 0; i < 10000 && *value != expected; i++) usleep(1000);
    return *value == expected;
}

static int threads(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* Once those of a server stopped before are gone: their number has not changed for a while. */
static int threads_settled(void)
{
    int n = threads();
    for (int same = 0; same < 100; usleep(1000)) {
        int now = threads();
        same = now == n ? same + 1 : 0;
        n = now;
    }
    return n;
}

static bool threads_come_to(int expected, int within_ms)
{
    for (int i = 0; i < within_ms && threads() != expected; i++) usleep(1000);
    return threads() == expected;
}

/* The control: without it the next test would prove nothing. */
static void workers_that_keep_their_turn_hold_up_all(void **state)
{
    int writers[WRITERS], reader;
    char got[64];
    start(0, false);
    ask(writers, WRITERS, WRITE);
    assert_true(comes(&begun, WORKERS));
    ask(&reader, 1, READ);
    usleep(300000);
    assert_int_equal(begun, WORKERS);
    assert_int_equal(recv(reader, got, sizeof got, MSG_DONTWAIT), -1);
    gate = true;
    answered(writers, WRITERS);
    answered(&reader, 1);
    server_stop(server, 2000);
}

static void readers_are_served_while_all_workers_wait_for_the_store(void **state)
{
    int writers[WRITERS], readers[40];
    start(0, true);
    ask(writers, WRITERS, WRITE);
    assert_true(comes(&begun, WRITERS)); /* four times the workers wait for one commit */
    for (int turn = 0; turn < 5; turn++) {
        ask(readers, 40, READ);
        answered(readers, 40);
    }
    assert_int_equal(at_work, 0);
    assert_in_range(at_work_most, 1, WORKERS); /* no more work at a time than there are workers */
    assert_false(gate);
    gate = true;
    answered(writers, WRITERS);
    server_stop(server, 2000);
}

static void spares_have_a_limit_and_the_queue_waits(void **state)
{
    enum { MANY = WORKERS + SPARE_MOST + 20 };
    int writers[MANY], reader, before;
    start(0, true);
    before = threads_settled();
    ask(writers, MANY, WRITE);
    assert_true(comes(&begun, WORKERS + SPARE_MOST));
    ask(&reader, 1, READ);
    usleep(300000);
    assert_int_equal(begun, WORKERS + SPARE_MOST);
    assert_int_equal(threads(), before + SPARE_MOST);
    gate = true;
    answered(writers, MANY);
    answered(&reader, 1);
    assert_int_equal(begun, MANY);
    server_stop(server, 2000);
}

static void spares_end_when_nobody_needs_them(void **state)
{
    int writers[WRITERS], before;
    start(300, true);
    before = threads_settled();
    for (int turn = 0; turn < 2; turn++) { /* and are made again */
        gate = false;
        begun = 0;
        ask(writers, WRITERS, WRITE);
        assert_true(comes(&begun, WRITERS));
        assert_in_range(threads(), before + WRITERS - WORKERS, before + WRITERS); /* as many as there was need for, about */
        gate = true;
        answered(writers, WRITERS);
        assert_true(threads() > before); /* they stay for a while */
        assert_true(threads_come_to(before, 5000));
        ask(writers, 1, READ);
        answered(writers, 1);
    }
    server_stop(server, 2000);
}

static void stopping_wakes_sleeping_spares(void **state)
{
    int writers[WRITERS], without = threads();
    start(600000, true);
    ask(writers, WRITERS, WRITE);
    assert_true(comes(&begun, WRITERS));
    gate = true;
    answered(writers, WRITERS);
    int64_t from_us = clock_monotonic_us();
    server_stop(server, 2000);
    assert_true(clock_monotonic_us() - from_us < 2 * SECOND_US);
    assert_true(threads_come_to(without, 1000));
}

static void *opens_soon(void *arg)
{
    usleep(200000);
    gate = true;
    return NULL;
}

static void stopping_lets_those_who_wait_for_the_store_end(void **state)
{
    int writers[WRITERS];
    pthread_t opener;
    start(0, true);
    ask(writers, WRITERS, WRITE);
    assert_true(comes(&begun, WRITERS));
    assert_int_equal(pthread_create(&opener, NULL, opens_soon, NULL), 0);
    server_stop(server, 5000);
    answered(writers, WRITERS); /* what was begun was answered before the end */
    pthread_join(opener, NULL);
}

static int setup(void **state)
{
    mem = arena_new(0);
    log_level_set(LOG_ERROR); /* "slow transaction": it is held on purpose */
    return test_store_open(&store, "sqlite", &(struct store_options){.readers = 4}).code != OK;
}

static int teardown(void **state)
{
    test_store_close(&store);
    arena_free(mem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_that_keep_their_turn_hold_up_all),
        cmocka_unit_test(readers_are_served_while_all_workers_wait_for_the_store),
        cmocka_unit_test(spares_have_a_limit_and_the_queue_waits),
        cmocka_unit_test(spares_end_when_nobody_needs_them),
        cmocka_unit_test(stopping_wakes_sleeping_spares),
        cmocka_unit_test(stopping_lets_those_who_wait_for_the_store_end),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
