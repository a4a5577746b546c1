/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The slow, the malformed and the hurried: cut by our deadlines, refused, or served in order; and a stop that
   loses nothing begun. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "web/testing.h"

static struct server *server;
static arena *mem;
static atomic_bool gate;
static atomic_int at_gate;

static err get_home(struct req *q)
{
    return reply_text(q, 200, str_fmt(q->mem, "home %.*s", STR_ARG(query(q, "n"))));
}

static err post_form(struct req *q)
{
    return reply_text(q, 200, field(q, "a"));
}

static err get_gate(struct req *q)
{
    at_gate++;
    while (!gate) usleep(1000);
    return reply_text(q, 200, S("passed"));
}

static err pull_for_ever(struct req *q, void *arg, void *out, size_t max, size_t *got)
{
    memset(out, 'x', max);
    *got = max;
    return NO_ERR;
}

static atomic_int ended;
static void on_end(void *arg)
{
    ended++;
}

static err get_endless(struct req *q)
{
    return reply_stream(q, "text/plain", -1, pull_for_ever, NULL, on_end);
}

static const struct route routes[] = {{GET, "/", 1, get_home, "home"},
                                      {POST, "/formulaire", 1, post_form, "form"},
                                      {GET, "/porte", 1, get_gate, "waits"},
                                      {GET, "/sans-fin", 1, get_endless, "never ends"},
                                      {0}};
static const struct route *const tables[] = {routes};

static void start(void)
{
    struct server_options o = {.routes = {tables, 1},
                               .header_ms = 600,
                               .idle_ms = 900,
                               .body_grace_ms = 500,
                               .body_bytes_per_s = 1000,
                               .workers = 3};
    server = test_server(&o);
    mem = arena_new(0);
    gate = true;
}

static int setup(void **state)
{
    start();
    return 0;
}

static int teardown(void **state)
{
    server_stop(server, 1000);
    arena_free(mem);
    return 0;
}

/* Sends one byte each pause_ms, over and over; gives how long the server let it. */
static int64_t drip_ms(const char *begin, const char *drop, int pause_ms, int most_ms)
{
    int fd = http_connect(server);
    char got[256];
    int64_t from_us = clock_monotonic_us();
    send(fd, begin, strlen(begin), MSG_NOSIGNAL);
    while (clock_monotonic_us() - from_us < (int64_t)most_ms * 1000) {
        if (recv(fd, got, sizeof got, MSG_DONTWAIT) == 0) break;
        if (*drop && send(fd, drop, strlen(drop), MSG_NOSIGNAL) < 0) break;
        usleep((useconds_t)pause_ms * 1000);
    }
    close(fd);
    return (clock_monotonic_us() - from_us) / 1000;
}

static void slow_headers_are_cut(void **state)
{
    assert_in_range(drip_ms("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 50, 5000), 500, 2500);
    assert_in_range(drip_ms("G", "", 50, 5000), 500, 2500); /* a line that never ends */
    assert_in_range(drip_ms("", "", 50, 5000), 500, 2500); /* nothing at all */
}

static void slow_bodies_are_cut_and_slow_but_steady_ones_are_not(void **state)
{
    const char *head = "POST /formulaire HTTP/1.1\r\nHost: a\r\nContent-Type: "
                       "application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n";
    assert_in_range(drip_ms(head, "a", 50, 6000), 400, 3000); /* 20 bytes/s */
    assert_in_range(drip_ms(head,
                            "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
                            "01234567890123456789",
                            50, 2500),
                    2400, 6000); /* 2,000 bytes/s */
}

static void idle_connections_are_closed(void **state)
{
    assert_in_range(drip_ms("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", 50, 5000), 700, 3500);
}

static void who_does_not_read_is_cut(void **state)
{
    int before = ended, fd = http_connect(server);
    const char *ask = "GET /sans-fin HTTP/1.1\r\nHost: a\r\n\r\n";
    send(fd, ask, strlen(ask), MSG_NOSIGNAL);
    /* a few megabytes fit in the sockets' buffers and count as sent: at 1,000 bytes/s they would last for an
       hour, so close instead */
    usleep(200000);
    assert_int_equal(ended, before);
    close(fd);
    for (int i = 0; i < 3000 && ended == before; i++) usleep(1000);
    assert_int_equal(ended, before + 1);
}

static void others_are_served_while_the_slow_hold_on(void **state)
{
    enum { N = 300 };
    int fds[N];
    for (int i = 0; i < N; i++) {
        fds[i] = http_connect(server);
        send(fds[i], "GET / HTTP/1.1\r\nHo", 18, MSG_NOSIGNAL);
    }
    struct browser *b = browser_new(server, mem);
    int64_t from_us = clock_monotonic_us();
    for (int i = 0; i < 50; i++) assert_int_equal(http_get(b, "/").status, 200);
    assert_true(clock_monotonic_us() - from_us < 2 * SECOND_US);
    browser_free(b);
    struct server_stats st = {0};
    for (int i = 0; i < 4000 && st.cut_slow < N; i++) {
        server_stats(server, &st);
        usleep(1000);
    }
    assert_true(st.cut_slow >= N);
    for (int i = 0; i < N; i++) close(fds[i]);
}

/* 0: the door. On a loaded machine an answer may take longer than one waits at first. */
static int status_of_raw(const char *request)
{
    int64_t status = 0;
    for (int ms = 300; ms <= 3000 && !status; ms *= 10) {
        str a = http_raw(server, mem, str_of(request), ms);
        if (str_starts(a, S("HTTP/1.1 "))) str_i64(str_cut(a, 9, 12), &status);
    }
    return (int)status;
}

static void malformed_requests_get_400_or_the_door(void **state)
{
    assert_int_equal(status_of_raw("GET / HTTP/1.1\r\n\r\n"), 400); /* no host */
    assert_int_equal(status_of_raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    assert_int_equal(status_of_raw("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    assert_int_equal(status_of_raw("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
    assert_int_equal(status_of_raw("POST /formulaire HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                   "3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                     400);
    static const char *const bad[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "POST /formulaire HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /formulaire HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /formulaire HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int status = status_of_raw(bad[i]);
        assert_true(status == 0 || (status >= 400 && status < 500) || status == 505);
    }
    buf big = BUF(1 << 20);
    buf_lit(&big, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (big.n < 60000) buf_lit(&big, "0123456789");
    buf_lit(&big, "\r\n\r\n");
    assert_in_range(status_of_raw(str_z(mem, buf_str(&big))), 400, 499);
    buf_free(&big);
    assert_int_equal(status_of_raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                     200); /* and still serves */
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    str a = http_raw(server, mem,
                     S("GET /?n=1 HTTP/1.1\r\nHost: a\r\n\r\nGET /?n=2 HTTP/1.1\r\nHost: a\r\n\r\n"
                       "POST /formulaire HTTP/1.1\r\nHost: a\r\nContent-Type: "
                       "application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=three"
                       "GET /?n=4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                     500);
    ptrdiff_t one = str_find(a, S("home 1")), two = str_find(a, S("home 2")), three = str_find(a, S("three")),
              four = str_find(a, S("home 4"));
    assert_true(one > 0 && two > one && three > two && four > three);
}

static void *get_gate_page(void *arg)
{
    arena *own = arena_new(0);
    struct browser *b = browser_new(server, own);
    *(int *)arg = http_get(b, "/porte").status;
    browser_free(b);
    arena_free(own);
    return NULL;
}

static void *open_gate(void *arg)
{
    usleep(300000);
    gate = true;
    return NULL;
}

static void a_stop_ends_what_was_begun(void **state)
{
    enum { N = 6 };
    pthread_t t[N], opener;
    int status[N];
    gate = false;
    at_gate = 0;
    for (int i = 0; i < N; i++) pthread_create(&t[i], NULL, get_gate_page, &status[i]);
    struct server_stats st = {0};
    for (int i = 0; i < 3000 && (at_gate < 3 || st.queued < 3); i++) {
        server_stats(server, &st);
        usleep(1000);
    }
    int idle = http_connect(server), half = http_connect(server);
    send(half, "GET / HT", 8, MSG_NOSIGNAL);
    pthread_create(&opener, NULL, open_gate, NULL);
    server_stop(server, 3000);
    pthread_join(opener, NULL);
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        assert_int_equal(status[i], 200);
    }
    close(idle);
    close(half);
    arena_free(mem);
    start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_headers_are_cut),
        cmocka_unit_test(slow_bodies_are_cut_and_slow_but_steady_ones_are_not),
        cmocka_unit_test(idle_connections_are_closed),
        cmocka_unit_test(who_does_not_read_is_cut),
        cmocka_unit_test(others_are_served_while_the_slow_hold_on),
        cmocka_unit_test(malformed_requests_get_400_or_the_door),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_stop_ends_what_was_begun),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
