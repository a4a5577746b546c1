/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The parent: one thread, a few hundred kilobytes, reads nothing that comes from outside. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "base/words.h"
#include "process/parent.h"

static int channel = -1;

int parent_channel(void)
{
    return channel;
}

/* From a terminal SIGINT reaches the whole group: only one sent by a process is passed on, or the server would see it twice. */
static void pass_on(const struct signalfd_siginfo *s, pid_t server)
{
    if (s->ssi_signo == SIGINT && s->ssi_code != SI_USER && s->ssi_code != SI_QUEUE &&
        s->ssi_code != SI_TKILL)
        return;
    kill(server, (int)s->ssi_signo);
}

static void reap(pid_t server)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == server) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            log_line(LOG_WARN, "helper_killed", "signal %d", WTERMSIG(status));
    }
}

static void start_one(int sock)
{
    struct message m;
    if (message_receive(sock, &m, 0).code != OK) return;
    int64_t role = message_take_i64(&m);
    int fd = message_take_fd(&m, 0);
    if (m.kind == MSG_SPAWN && !m.bad && (role == HELPER_CONVERTER || role == HELPER_COURIER))
        helper_exec((enum helper_role)role, fd, getpid());
    if (fd >= 0) close(fd);
    message_free(&m);
}

static void parent_loop(int sock, pid_t server, const sigset_t *signals)
{
    int from_kernel = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    helper_name("beffroi-parent");
    for (;;) {
        struct pollfd p[2] = {{.fd = from_kernel, .events = POLLIN}, {.fd = sock, .events = POLLIN}};
        struct signalfd_siginfo s;
        if (poll(p, 2, -1) < 0 && errno != EINTR) _exit(1);
        while (read(from_kernel, &s, sizeof s) == sizeof s)
            if (s.ssi_signo == SIGCHLD)
                reap(server);
            else
                pass_on(&s, server);
        if (p[1].revents & POLLIN)
            start_one(sock);
        else if (p[1].revents & (POLLHUP | POLLERR))
            sock = -1; /* poll skips it; SIGCHLD follows */
    }
}

err parent_start(void)
{
    int pair[2];
    sigset_t signals, before;
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return FAIL(E_INTERNAL, W("process.busy"));
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t server = fork();
    if (server < 0) return FAIL(E_BUSY, W("process.busy"));
    if (server > 0) {
        close(pair[0]);
        parent_loop(pair[1], server, &signals);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != self) _exit(1);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pair[1]);
    channel = pair[0];
    return NO_ERR;
}
