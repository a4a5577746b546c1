/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "clamd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"

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
        c->asked++;
        while (c->held) usleep(5000);
        const char *verdict = judge(fd, &c->received);
        if (verdict) send(fd, verdict, strlen(verdict) + 1, MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

void clamd_start(struct clamd *c)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    c->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(c->listening, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    assert_int_equal(bind(c->listening, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(c->listening, 5), 0);
    assert_int_equal(getsockname(c->listening, (struct sockaddr *)&a, &n), 0);
    c->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&c->thread, NULL, clamd_main, c), 0);
}

void clamd_stop(struct clamd *c)
{
    shutdown(c->listening, SHUT_RDWR);
    pthread_join(c->thread, NULL);
    close(c->listening);
}
