/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The courier and clamd: a small one made here to its manual, since Debian's has no signatures without a download. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/test.h"
#include "process/courier.h"
#include "process/process.h"

static arena *mem;

static struct courier *scanner(struct courier_settings s)
{
    struct courier *c;
    assert_ok(courier_open(&c, &s));
    return c;
}

/* A clamd of three verdicts: finds "EICAR" in what it is shown, refuses beyond 4 MiB, and says what it got. */
struct clamd {
    int listening;
    int port;
    atomic_size_t received;
};

static bool get_all(int fd, void *out, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = recv(fd, (char *)out + at, n - at, 0);
        if (got <= 0) return false;
        at += (size_t)got;
    }
    return true;
}

static const char *judge(int fd, atomic_size_t *received)
{
    static char piece[1 << 20];
    char command[10];
    unsigned char length[4];
    bool found = false;
    *received = 0;
    if (!get_all(fd, command, 10) || memcmp(command, "zINSTREAM", 10) != 0) return "UNKNOWN COMMAND ERROR";
    for (;;) {
        if (!get_all(fd, length, 4)) return NULL;
        size_t n = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
        if (n == 0) return found ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
        *received += n;
        if (n > sizeof piece || *received > 4 << 20) return "INSTREAM size limit exceeded. ERROR";
        if (!get_all(fd, piece, n)) return NULL;
        found |= memmem(piece, n, "EICAR", 5) != NULL;
    }
}

static void *clamd_main(void *arg)
{
    struct clamd *c = arg;
    int fd;
    while ((fd = accept(c->listening, NULL, NULL)) >= 0) {
        const char *verdict = judge(fd, &c->received);
        if (verdict) send(fd, verdict, strlen(verdict) + 1, MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

struct content {
    str head;
    size_t left;
    bool fails;
};

static err next_piece(void *arg, void *out, size_t n_bytes, size_t *got)
{
    struct content *c = arg;
    if (c->fails && c->left < 100000) return FAIL(E_IO, "test.io");
    if (c->head.n) {
        memcpy(out, c->head.p, c->head.n);
        *got = c->head.n;
        c->head.n = 0;
        return NO_ERR;
    }
    *got = c->left < n_bytes ? c->left : n_bytes;
    memset(out, 'x', *got);
    c->left -= *got;
    return NO_ERR;
}

static void files_are_shown_to_clamd(void **state)
{
    struct clamd clamd = {0};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    pthread_t thread;
    struct scan found;
    clamd.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(clamd.listening, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(clamd.listening, 5), 0);
    assert_int_equal(getsockname(clamd.listening, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(pthread_create(&thread, NULL, clamd_main, &clamd), 0);
    struct courier *c =
        scanner((struct courier_settings){.clamd = str_fmt(mem, "tcp:127.0.0.1:%d", ntohs(a.sin_port))});
    assert_true(courier_can_scan(c));
    assert_ok(
        courier_scan(c, mem, next_piece, &(struct content){.head = S("%PDF-1.7"), .left = 3 << 20}, &found));
    assert_int_equal(found.verdict, SCAN_CLEAN);
    assert_int_equal(clamd.received, (3 << 20) + 8);
    assert_ok(
        courier_scan(c, mem, next_piece, &(struct content){.head = S("X5O!EICAR"), .left = 70000}, &found));
    assert_int_equal(found.verdict, SCAN_INFECTED);
    assert_str(found.name, "Eicar-Test-Signature");
    assert_ok(courier_scan(c, mem, next_piece, &(struct content){0}, &found));
    assert_int_equal(found.verdict, SCAN_CLEAN);
    assert_err(courier_scan(c, mem, next_piece, &(struct content){.left = 64 << 20}, &found), E_TOO_LARGE);
    /* Half a file is not clean. */
    assert_err(courier_scan(c, mem, next_piece, &(struct content){.left = 200000, .fails = true}, &found),
               E_IO);
    courier_close(c);
    shutdown(clamd.listening, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(clamd.listening);
}

static void no_clamd_is_said_so(void **state)
{
    struct scan found;
    struct courier *c = scanner((struct courier_settings){.clamd = S("unix:/nonexistent/clamd.ctl")});
    err e = courier_scan(c, mem, next_piece, &(struct content){.left = 1 << 20}, &found);
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "scan.unavailable");
    courier_close(c);
    c = scanner((struct courier_settings){0});
    assert_false(courier_can_scan(c));
    assert_err(courier_scan(c, mem, next_piece, &(struct content){0}, &found), E_CONFIG);
    courier_close(c);
}

static int setup(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    arena_free(mem);
    return 0;
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_shown_to_clamd),
        cmocka_unit_test(no_clamd_is_said_so),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
