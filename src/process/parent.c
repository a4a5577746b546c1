/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The parent: one thread, a few hundred kilobytes, reads nothing that comes from outside. When its server is killed it executes its
   own program again, keeping the listening socket: a new server never has the memory layout that an attacker has learned from a dead one. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "process/parent.h"

#define KEPT        "BEFFROI_KEPT" /* from one image of the parent to the next: socket, deaths, time of the first of them */
#define DEATHS_MOST 5              /* within WINDOW_US; one more, and the fault is not a passing one */
#define WINDOW_US   (60 * SECOND_US)
#define PAUSE_MS    50             /* after a second death, then twice as much each time */
#define HELPERS_MOST 16

struct parent {
    pid_t server;
    int sock, listen_fd, from_kernel;
    bool stopping;
    pid_t helpers[HELPERS_MOST]; /* 0: a free place */
};
static int channel = -1;
static char **own_argv;

/* Over all images of one parent. */
static int deaths;
static int64_t window_us;

int parent_channel(void)
{
    return channel;
}

void parent_argv(char **argv)
{
    own_argv = argv;
}

int parent_kept(void)
{
    const char *text = getenv(KEPT);
    long long since;
    int fd, yes = 0;
    socklen_t n = sizeof yes;
    bool there = text && sscanf(text, "%d %d %lld", &fd, &deaths, &since) == 3 &&
                 getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
    unsetenv(KEPT);
    if (!there) {
        deaths = 0;
        return -1;
    }
    window_us = since;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* From a terminal SIGINT reaches the whole group: only one sent by a process is passed on, or the server would see it twice. */
static void stop(struct parent *p, const struct signalfd_siginfo *s)
{
    p->stopping = true; /* whatever the server dies of from now on, it is not started again */
    if (s->ssi_signo == SIGINT && s->ssi_code != SI_USER && s->ssi_code != SI_QUEUE &&
        s->ssi_code != SI_TKILL)
        return;
    kill(p->server, (int)s->ssi_signo);
}

static void helpers_end(struct parent *p)
{
    for (int i = 0; i < HELPERS_MOST; i++)
        if (p->helpers[i]) kill(p->helpers[i], SIGKILL); /* the next image reaps them */
}

/* The signal asked to stop, while nobody is there to be told. */
static bool stop_comes(const struct parent *p, int wait_ms)
{
    struct pollfd f = {.fd = p->from_kernel, .events = POLLIN};
    int64_t until_us = clock_monotonic_us() + wait_ms * INT64_C(1000);
    for (;;) {
        struct signalfd_siginfo s;
        while (read(p->from_kernel, &s, sizeof s) == sizeof s)
            if (s.ssi_signo != SIGCHLD) return true;
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0) return false;
        poll(&f, 1, (int)(left_us / 1000) + 1);
    }
}

/* What waits in the backlog of the socket is served by the next server. Signals stay blocked over exec: none is lost. */
static _Noreturn void again(struct parent *p, int signal_no)
{
    char kept[64];
    int64_t now = clock_monotonic_us();
    helpers_end(p);
    if (p->stopping) _exit(128 + signal_no);
    if (now - window_us > WINDOW_US) {
        deaths = 0;
        window_us = now;
    }
    if (++deaths > DEATHS_MOST) {
        log_line(LOG_ERROR, "server_given_up", "killed by signal %d, %d times within %d s: not started again", signal_no,
                 deaths, (int)(WINDOW_US / SECOND_US));
        _exit(128 + signal_no);
    }
    int pause_ms = deaths < 2 ? 0 : PAUSE_MS << (deaths - 2);
    log_line(LOG_ERROR, "server_died", "killed by signal %d: started again in %d ms, on the same socket", signal_no, pause_ms);
    if (stop_comes(p, pause_ms)) _exit(128 + signal_no);
    snprintf(kept, sizeof kept, "%d %d %lld", p->listen_fd, deaths, (long long)window_us);
    setenv(KEPT, kept, 1);
    fcntl(p->listen_fd, F_SETFD, 0);
    execv("/proc/self/exe", own_argv);
    log_line(LOG_ERROR, "server_given_up", "the program cannot be started again: error %d", errno);
    _exit(128 + signal_no);
}

static void reap(struct parent *p)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == p->server && WIFEXITED(status)) _exit(WEXITSTATUS(status));
        if (pid == p->server) again(p, WTERMSIG(status));
        for (int i = 0; i < HELPERS_MOST; i++)
            if (p->helpers[i] == pid) p->helpers[i] = 0;
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            log_line(LOG_WARN, "helper_killed", "signal %d", WTERMSIG(status));
    }
}

static void start_one(struct parent *p)
{
    struct message m;
    if (message_receive(p->sock, &m, 0).code != OK) return;
    int64_t role = message_take_i64(&m);
    int fd = message_take_fd(&m, 0), place = 0;
    while (place < HELPERS_MOST && p->helpers[place]) place++;
    bool good = m.kind == MSG_SPAWN && !m.bad && (role == HELPER_CONVERTER || role == HELPER_COURIER);
    if (good && place < HELPERS_MOST) {
        pid_t pid = helper_exec((enum helper_role)role, fd, getpid());
        p->helpers[place] = pid > 0 ? pid : 0;
    }
    if (fd >= 0) close(fd);
    message_free(&m);
}

static _Noreturn void parent_loop(struct parent *p)
{
    helper_name("beffroi-parent");
    reap(p); /* whose signals came before exec */
    for (;;) {
        struct pollfd f[2] = {{.fd = p->from_kernel, .events = POLLIN}, {.fd = p->sock, .events = POLLIN}};
        struct signalfd_siginfo s;
        if (poll(f, 2, -1) < 0 && errno != EINTR) _exit(1);
        while (read(p->from_kernel, &s, sizeof s) == sizeof s)
            if (s.ssi_signo == SIGCHLD)
                reap(p);
            else
                stop(p, &s);
        if (f[1].revents & POLLIN)
            start_one(p);
        else if (f[1].revents & (POLLHUP | POLLERR))
            p->sock = -1; /* poll skips it; SIGCHLD follows */
    }
}

err parent_start(int listen_fd)
{
    int pair[2];
    sigset_t signals;
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return FAIL(E_INTERNAL, W("process.busy"));
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    pid_t server = fork();
    if (server < 0) return FAIL(E_BUSY, W("process.busy"));
    if (server > 0) {
        close(pair[0]);
        struct parent p = {.server = server, .sock = pair[1], .listen_fd = listen_fd};
        p.from_kernel = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        parent_loop(&p);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != self) _exit(1);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
    helper_name("beffroi"); /* the second image would be "exe" */
    close(pair[1]);
    channel = pair[0];
    return NO_ERR;
}
