/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clamd's INSTREAM (clamd(8)): "zINSTREAM\0", then pieces of 4 bytes of length (network order) and data, then length 0. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/words.h"
#include "process/courier_work.h"

#define PIECE_BYTES (64u << 10)
#define REPLY_BYTES 512
#define SILENCE_S   120

static int connect_unix(str path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (path.n >= sizeof a.sun_path) return -1;
    memcpy(a.sun_path, path.p, path.n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof a) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static int connect_tcp(arena *mem, str where)
{
    struct addrinfo *list, hints = {.ai_socktype = SOCK_STREAM};
    size_t colon = where.n;
    int fd = -1;
    while (colon > 0 && where.p[colon - 1] != ':') colon--;
    if (colon < 2) return -1;
    str host = str_cut(where, 0, colon - 1), port = str_cut(where, colon, where.n);
    if (str_starts(host, S("[")) && str_ends(host, S("]"))) host = str_cut(host, 1, host.n - 1);
    if (getaddrinfo(str_z(mem, host), str_z(mem, port), &hints, &list) != 0) return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static bool put(int fd, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fd, (const char *)p + at, n - at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += (size_t)sent;
    }
    return true;
}

static bool put_piece(int fd, const char *p, size_t n)
{
    unsigned char length[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                               (unsigned char)n};
    return put(fd, length, sizeof length) && (n == 0 || put(fd, p, n));
}

/* False: clamd closed before the end, and says why in its answer; or the stream was not readable. */
static bool pass_on(int stream, int clamd)
{
    char piece[PIECE_BYTES];
    if (!put(clamd, "zINSTREAM", 10)) return false;
    for (;;) {
        ssize_t n = read(stream, piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (!put_piece(clamd, piece, (size_t)n)) return false;
        if (n == 0) return true;
    }
}

static str read_reply(arena *mem, int fd)
{
    char *p = arena_alloc(mem, REPLY_BYTES);
    size_t n = 0;
    while (n < REPLY_BYTES && !memchr(p, 0, n)) {
        ssize_t got = recv(fd, p + n, REPLY_BYTES - n, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        n += (size_t)got;
    }
    const char *end = memchr(p, 0, n);
    return str_trim((str){p, end ? (size_t)(end - p) : n});
}

/* "stream: OK" · "stream: Eicar-Test-Signature FOUND" · "INSTREAM size limit exceeded. ERROR" */
static err understand(str reply, bool whole, struct scan *out)
{
    ptrdiff_t colon = str_find(reply, S(": "));
    str rest = colon < 0 ? reply : str_cut(reply, (size_t)colon + 2, reply.n);
    if (str_ends(rest, S(" FOUND"))) {
        *out = (struct scan){SCAN_INFECTED, str_cut(rest, 0, rest.n - 6)};
        return NO_ERR;
    }
    if (str_find(reply, S("size limit exceeded")) >= 0) return FAIL(E_TOO_LARGE, W("scan.refused"));
    if (!whole || !str_is(rest, "OK")) return FAIL(E_BUSY, W("scan.unavailable"));
    *out = (struct scan){SCAN_CLEAN, STR_NONE};
    return NO_ERR;
}

err courier_do_scan(struct courier_thread *t, int stream, struct scan *out)
{
    str where = t->settings->clamd, unix_path = str_cut(where, 5, where.n);
    int fd = str_starts(where, S("unix:"))  ? connect_unix(unix_path)
             : str_starts(where, S("tcp:")) ? connect_tcp(t->mem, str_cut(where, 4, where.n))
                                            : -1;
    if (fd < 0) return FAIL(E_BUSY, W("scan.unavailable"));
    struct timeval silence = {.tv_sec = SILENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
    setsockopt(stream, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    bool whole = pass_on(stream, fd);
    str reply = read_reply(t->mem, fd);
    close(fd);
    struct scan found = {0};
    TRY(understand(reply, whole, &found));
    found.name = courier_one_line(t->mem, found.name);
    *out = found;
    return NO_ERR;
}
