/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* accept.c — the thread that takes connections and gives them to the event threads. libmicrohttpd could do it, but its quiescing races
   with its own event threads and then aborts the process (0.9.75, daemon.c: "Failed to remove listen FD from epoll set"). At the maximum
   of connections none is taken: they wait in the kernel's queue. The socket is shared with other processes of the same parent. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "web/call.h"

enum { FULL_WAIT_MS = 20 };

struct accepting {
    struct server *server;
    int fd, wake;
    pthread_t thread;
};

static void take(struct accepting *a)
{
    struct sockaddr_storage from;
    socklen_t n = sizeof from;
    int fd = accept4(a->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        MHD_add_connection(a->server->daemon, fd, (struct sockaddr *)&from, n); /* on failure it has closed fd */
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        poll(NULL, 0, FULL_WAIT_MS);
}

static void *accept_main(void *arg)
{
    struct accepting *a = arg;
    while (!atomic_load(&a->server->stopping)) {
        bool full = watch_count(a->server->watch) >= a->server->opt.connections_max;
        struct pollfd p[2] = {{a->wake, POLLIN, 0}, {a->fd, POLLIN, 0}};
        poll(p, full ? 1 : 2, full ? FULL_WAIT_MS : -1);
        if (p[1].revents && !atomic_load(&a->server->stopping)) take(a);
    }
    return NULL;
}

err accept_start(struct server *s, int fd)
{
    struct accepting *a = NEW(s->mem, struct accepting);
    *a = (struct accepting){.server = s, .fd = fd, .wake = eventfd(0, EFD_CLOEXEC)};
    int flags = fcntl(fd, F_GETFL);
    if (a->wake < 0 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || pthread_create(&a->thread, NULL, accept_main, a) != 0) {
        if (a->wake >= 0) close(a->wake);
        return FAIL(E_IO, "web.threads");
    }
    s->accepting = a;
    return NO_ERR;
}

void accept_stop(struct server *s)
{
    struct accepting *a = s->accepting;
    if (!a) return;
    s->accepting = NULL;
    eventfd_write(a->wake, 1);
    pthread_join(a->thread, NULL);
    close(a->wake);
    close(a->fd);
}
