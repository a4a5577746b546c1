/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Starting helpers, and asking them. The parent is parent.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "process/parent.h"
#include "process/process.h"

#define YOUNG_US        (10 * SECOND_US)
#define BACKOFF_MAX_US  (60 * SECOND_US)
#define SEND_TIMEOUT_MS 5000

static const struct {
    const char *name, *shown;
    int (*main)(int sock);
} helpers[] = {
    [HELPER_CONVERTER] = {"beffroi-converter", "beffroi-convert", converter_main},
    [HELPER_COURIER] = {"beffroi-courier", "beffroi-courier", courier_main},
};

struct helper {
    arena *mem;
    pthread_mutex_t lock;
    enum helper_role role;
    str settings;
    int sock; /* -1: not running */
    pid_t pid; /* 0: the parent reaps it */
    int starts, failures;
    int64_t started_us, not_before_us;
};

void helper_name(const char *name)
{
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

int process_main(int argc, char **argv)
{
    parent_argv(argv);
    for (size_t i = HELPER_CONVERTER; i < sizeof helpers / sizeof *helpers; i++) {
        if (argc < 2 || strcmp(argv[0], helpers[i].name) != 0) continue;
        /* argv[1]: who must outlive us. It may have died between its exec and this line. 0: the end of the socket tells. */
        long expected_parent = strtol(argv[1], NULL, 10);
        if (expected_parent) {
            prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
            if (getppid() != (pid_t)expected_parent) return 1;
        }
        close_range(HELPER_FD + 1, ~0u, 0);
        fcntl(HELPER_FD, F_SETFD, FD_CLOEXEC);
        helper_name(helpers[i].shown);
        return helpers[i].main(HELPER_FD);
    }
    return -1;
}

pid_t helper_exec(enum helper_role role, int sock, pid_t outlived_by)
{
    char parent[24];
    char *argv[] = {(char *)helpers[role].name, parent, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    pid_t pid = 0;
    snprintf(parent, sizeof parent, "%ld", (long)outlived_by);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_adddup2(&actions, sock,
                                     HELPER_FD); /* clears close-on-exec, even when already 3 */
    int failed = posix_spawn(&pid, "/proc/self/exe", &actions, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (failed) log_line(LOG_ERROR, "helper_start", "%s: %s", helpers[role].name, strerror(failed));
    return failed ? -1 : pid;
}

/* ---- the client's side ---------------------------------------------------------------------------------------- */

err helper_open(struct helper **out, enum helper_role role, str settings)
{
    arena *mem = arena_new(MESSAGE_MAX_BYTES);
    struct helper *h = NEW(mem, struct helper);
    h->mem = mem;
    h->role = role;
    h->sock = -1;
    h->settings = str_copy(mem, settings);
    pthread_mutex_init(&h->lock, NULL);
    *out = h;
    return NO_ERR;
}

static void forget(struct helper *h)
{
    if (h->sock >= 0) close(h->sock);
    h->sock = -1;
}

void helper_close(struct helper *h)
{
    if (!h) return;
    forget(h);
    if (h->pid > 0) {
        /* The helper sees the end of its socket and leaves; one that is stuck is not waited for beyond a second. */
        int tries = 0;
        while (waitpid(h->pid, NULL, WNOHANG) == 0) {
            if (++tries == 100) kill(h->pid, SIGKILL);
            poll(NULL, 0, 10);
        }
    }
    pthread_mutex_destroy(&h->lock);
    arena_free(h->mem);
}

int helper_starts(struct helper *h)
{
    pthread_mutex_lock(&h->lock);
    int n = h->starts;
    pthread_mutex_unlock(&h->lock);
    return n;
}

/* A helper that leaves because nobody asked anything says good-bye; the others died. */
static void note_end(struct helper *h)
{
    struct message last;
    int64_t now = clock_monotonic_us();
    bool said_goodbye = message_receive(h->sock, &last, 0).code == OK;
    if (said_goodbye) message_free(&last);
    forget(h);
    if (h->pid > 0) waitpid(h->pid, NULL, WNOHANG);
    if (said_goodbye || now - h->started_us > YOUNG_US) {
        h->failures = 0;
        return;
    }
    int64_t pause = h->failures <= 0 ? 0 : h->failures > 6 ? BACKOFF_MAX_US : SECOND_US << (h->failures - 1);
    h->not_before_us = now + (pause < BACKOFF_MAX_US ? pause : BACKOFF_MAX_US);
    h->failures++;
    log_line(LOG_WARN, "helper_died_young", "%s, %d times", helpers[h->role].name, h->failures);
}

static err hand_over(struct helper *h, int theirs)
{
    int channel = parent_channel();
    if (channel < 0) {
        h->pid = helper_exec(h->role, theirs, 0);
        return h->pid > 0 ? NO_ERR : FAIL(E_BUSY, W("process.busy"));
    }
    struct message m = message_of(MSG_SPAWN);
    message_put_i64(&m, h->role);
    message_put_fd(&m, theirs);
    err e = message_send(channel, &m, SEND_TIMEOUT_MS);
    message_free(&m);
    return e;
}

static err start(struct helper *h)
{
    int64_t now = clock_monotonic_us();
    int pair[2];
    if (now < h->not_before_us) return FAIL(E_BUSY, W("process.busy"));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return FAIL(E_BUSY, W("process.busy"));
    err e = hand_over(h, pair[1]);
    close(pair[1]);
    h->sock = pair[0];
    h->started_us = now;
    h->starts++;
    if (e.code == OK) {
        struct message m = message_of(MSG_SETTINGS);
        buf_put(&m.body, h->settings);
        e = message_send(h->sock, &m, SEND_TIMEOUT_MS);
        message_free(&m);
    }
    if (e.code != OK) note_end(h);
    return e.code == E_GONE ? FAIL(E_BUSY, W("process.busy")) : e;
}

/* The end of a helper is noticed here: the send fails, and another one is started. */
static err deliver(struct helper *h, struct message *m)
{
    for (int tries = 0; tries < 2; tries++) {
        if (h->sock < 0) TRY(start(h));
        err e = message_send(h->sock, m, SEND_TIMEOUT_MS);
        if (e.code != E_GONE) return e;
        note_end(h);
    }
    return FAIL(E_BUSY, W("process.busy"));
}

/* The answer's socket must stand first among the descriptors. */
static void put_first(struct message *m, int fd)
{
    message_put_fd(m, fd);
    for (int i = m->fds_n - 1; i > 0 && !m->bad; i--) {
        int before = m->fds[i - 1];
        m->fds[i - 1] = m->fds[i];
        m->fds[i] = before;
    }
}

/* Keys of the catalogue are compared by content everywhere, but must outlive the message that brought them. */
static err error_of(struct message *m)
{
    static const char *const known[] = {
        W("process.busy"),      W("process.message_too_large"),
        W("image.unreadable"),  W("image.too_large"),
        W("image.truncated"),   W("image.type"),
        W("file.type_unknown"), W("mail.address"),
        W("mail.header"),       W("scan.unavailable"),
        W("scan.refused"),      W("formats.paper.malformed"),
        W("paper.too_long"),    W("paper.failed"),
    };
    enum err_code code = (enum err_code)message_take_i64(m);
    str key = message_take_str(m);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(key, known[i]) && code > OK && code <= E_INTERNAL) return FAIL(code, known[i]);
    return FAIL(E_INTERNAL, W("process.died"));
}

err helper_ask(struct helper *h, struct message *m, int timeout_ms, struct message *out)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return FAIL(E_BUSY, W("process.busy"));
    put_first(m, pair[1]);
    pthread_mutex_lock(&h->lock);
    err e = deliver(h, m);
    pthread_mutex_unlock(&h->lock);
    close(pair[1]);
    if (e.code == OK) e = message_receive(pair[0], out, timeout_ms);
    close(pair[0]);
    if (e.code == OK && out->kind == MSG_ERROR) {
        e = error_of(out);
        message_free(out);
    }
    return e;
}

err helper_answer(int sock, struct message *m)
{
    err e = message_send(sock, m, 1000);
    message_free(m);
    close(sock);
    return e;
}

err helper_answer_error(int sock, err e)
{
    struct message m = message_of(MSG_ERROR);
    message_put_i64(&m, e.code);
    message_put_str(&m, str_of(e.msg));
    return helper_answer(sock, &m);
}
