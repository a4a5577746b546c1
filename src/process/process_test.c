/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Messages, and helpers that live, leave and die. The helper under test is the real converter. */
#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/test.h"
#include "process/converter.h"
#include "process/process.h"

static void a_message_arrives_as_it_was(void **state)
{
    int pair[2], fd = memory_file(S("lent"));
    char back[8] = {0};
    struct message m = message_of(MSG_MAIL), got;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    message_put_i64(&m, INT64_MIN);
    message_put_str(&m, S("é"));
    message_put_str(&m, STR_NONE);
    message_put_str(&m, S(""));
    message_put_fd(&m, fd);
    assert_ok(message_send(pair[0], &m, 0));
    message_free(&m);
    assert_ok(message_receive(pair[1], &got, 0));
    assert_int_equal(got.kind, MSG_MAIL);
    assert_int_equal(message_take_i64(&got), INT64_MIN);
    assert_str(message_take_str(&got), "é");
    assert_null(message_take_str(&got).p);
    str empty = message_take_str(&got);
    assert_true(empty.p && empty.n == 0);
    int received = message_take_fd(&got, 0);
    assert_int_equal(pread(received, back, sizeof back, 0), 4);
    assert_string_equal(back, "lent");
    assert_false(got.bad);
    message_take_i64(&got);
    assert_true(got.bad);
    message_free(&got);
    close(received);
    close(fd);
    close(pair[0]);
    assert_err(message_receive(pair[1], &got, 100), E_GONE);
    close(pair[1]);
}

static void a_long_message_travels_beside_its_packet(void **state)
{
    int pair[2];
    enum { LONG = 3 << 20 };
    arena *mem = arena_new(0);
    char *p = arena_alloc(mem, LONG);
    struct message m = message_of(MSG_MAIL), got;
    random_bytes(p, LONG);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    message_put_str(&m, (str){p, LONG});
    assert_ok(message_send(pair[0], &m, 0));
    message_free(&m);
    assert_ok(message_receive(pair[1], &got, 0));
    str back = message_take_str(&got);
    assert_int_equal(back.n, LONG);
    assert_memory_equal(back.p, p, LONG);
    assert_int_equal(got.fds_n, 0);
    message_free(&got);
    close(pair[0]);
    close(pair[1]);
    arena_free(mem);
}

static void a_strange_packet_is_refused(void **state)
{
    int pair[2];
    struct message got;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(send(pair[0], "hello, I am no packet of yours", 30, 0), 30);
    assert_err(message_receive(pair[1], &got, 100), E_MALFORMED);
    uint32_t lies[4] = {0x42454646, MSG_MAIL, 4000, 0};
    assert_int_equal(send(pair[0], lies, sizeof lies, 0), sizeof lies);
    assert_err(message_receive(pair[1], &got, 100), E_MALFORMED);
    assert_err(message_receive(pair[1], &got, 10), E_BUSY);
    close(pair[0]);
    close(pair[1]);
}

/* The child of ours whose name ps shows so. */
static pid_t child_named(const char *name)
{
    DIR *d = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[300], line[200] = {0};
        long pid = strtol(e->d_name, NULL, 10);
        if (pid <= 0) continue;
        snprintf(path, sizeof path, "/proc/%ld/stat", pid);
        FILE *f = fopen(path, "r");
        if (!f) continue;
        size_t n = fread(line, 1, sizeof line - 1, f);
        fclose(f);
        char *close_paren = n ? strrchr(line, ')') : NULL, *open_paren = strchr(line, '(');
        if (!close_paren || !open_paren) continue;
        *close_paren = 0;
        long parent = strtol(close_paren + 4, NULL, 10);
        if (parent == (long)getpid() && strcmp(open_paren + 1, name) == 0 && close_paren[2] != 'Z')
            found = (pid_t)pid;
    }
    if (d) closedir(d);
    return found;
}

static str sniffed(struct converter *c, arena *mem, str bytes)
{
    str mime = STR_NONE;
    assert_ok(converter_sniff(c, mem, bytes, &mime));
    return mime;
}

static void a_dead_helper_is_started_again(void **state)
{
    struct converter *c;
    arena *mem = arena_new(0);
    assert_ok(converter_open(&c, (struct converter_settings){0}));
    assert_int_equal(child_named("beffroi-convert"), 0); /* nothing runs before it is needed */
    assert_str(sniffed(c, mem, S("%PDF-1.4\n")), "application/pdf");
    pid_t first = child_named("beffroi-convert");
    assert_true(first > 0);
    kill(first, SIGKILL);
    while (child_named("beffroi-convert") == first) usleep(1000);
    assert_str(sniffed(c, mem, S("%PDF-1.4\n")), "application/pdf");
    pid_t second = child_named("beffroi-convert");
    assert_true(second > 0 && second != first);
    converter_close(c);
    assert_int_equal(child_named("beffroi-convert"), 0);
    arena_free(mem);
}

static void one_that_dies_young_makes_wait(void **state)
{
    struct converter *c;
    arena *mem = arena_new(0);
    str mime;
    int refused = 0, served = 0;
    assert_ok(converter_open(&c, (struct converter_settings){0}));
    for (int i = 0; i < 4; i++) {
        err e = converter_sniff(c, mem, S("%PDF-1.4\n"), &mime);
        if (e.code == E_BUSY) refused++;
        if (e.code == OK) served++;
        pid_t pid = child_named("beffroi-convert");
        if (pid) kill(pid, SIGKILL);
        while (pid && child_named("beffroi-convert") == pid) usleep(1000);
    }
    assert_int_equal(served, 2); /* the first, and one second chance */
    assert_int_equal(refused, 2);
    usleep(1100000);
    assert_str(sniffed(c, mem, S("%PDF-1.4\n")), "application/pdf"); /* after a second, again */
    converter_close(c);
    arena_free(mem);
}

static void an_idle_helper_leaves_and_comes_back(void **state)
{
    struct converter *c;
    arena *mem = arena_new(0);
    assert_ok(converter_open(&c, (struct converter_settings){.idle_s = 1}));
    for (int i = 0; i < 3; i++) {
        assert_str(sniffed(c, mem, S("%PDF-1.4\n")), "application/pdf");
        int64_t start = clock_monotonic_us();
        while (child_named("beffroi-convert")) {
            assert_true(clock_monotonic_us() - start < 5 * SECOND_US);
            usleep(10000);
        }
    }
    converter_close(c);
    arena_free(mem);
}

static void the_parent_starts_helpers_and_hands_on_the_status(void **state)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct converter *c;
        str mime = STR_NONE;
        /* From here on this process is the server, and its parent a process that waits. */
        if (parent_start(-1).code != OK || converter_open(&c, (struct converter_settings){0}).code != OK)
            _exit(1);
        err e = converter_sniff(c, arena_new(0), S("%PDF-1.4\n"), &mime);
        bool ok = e.code == OK && str_is(mime, "application/pdf") && child_named("beffroi-convert") == 0;
        _exit(ok ? 42 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void the_parent_passes_signals_on_and_takes_all_with_it(void **state)
{
    for (int i = 0; i < 2; i++) {
        int pipe_fds[2], status = 0, signal_sent = i ? SIGKILL : SIGTERM;
        char c;
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t pid = fork();
        if (pid == 0) {
            if (parent_start(-1).code != OK) _exit(1);
            close(pipe_fds[0]);
            assert_int_equal(write(pipe_fds[1], "r", 1), 1);
            for (;;) pause();
        }
        close(pipe_fds[1]);
        assert_int_equal(read(pipe_fds[0], &c, 1), 1);
        kill(pid, signal_sent);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (i == 0) assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
        /* The server held the other end: it is gone too. (The parent's copy went with the parent.) */
        assert_int_equal(read(pipe_fds[0], &c, 1), 0);
        close(pipe_fds[0]);
    }
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_arrives_as_it_was),
        cmocka_unit_test(a_long_message_travels_beside_its_packet),
        cmocka_unit_test(a_strange_packet_is_refused),
        cmocka_unit_test(a_dead_helper_is_started_again),
        cmocka_unit_test(one_that_dies_young_makes_wait),
        cmocka_unit_test(an_idle_helper_leaves_and_comes_back),
        cmocka_unit_test(the_parent_starts_helpers_and_hands_on_the_status),
        cmocka_unit_test(the_parent_passes_signals_on_and_takes_all_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
