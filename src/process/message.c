/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/words.h"
#include "process/protocol.h"

#define PACKET_MAGIC 0x42454646u /* "BEFF" */
#define ABSENT       UINT32_MAX

struct packet {
    uint32_t magic, kind, body_bytes, in_memory_file;
};

struct message message_of(enum message_kind kind)
{
    return (struct message){.kind = kind, .body = BUF(MESSAGE_MAX_BYTES)};
}

/* Descriptors put by message_put_fd are marked by ~fd: they are lent, and not ours to close. */
static int fd_of(int stored)
{
    return stored < 0 ? ~stored : stored;
}

void message_free(struct message *m)
{
    for (int i = 0; i < m->fds_n; i++)
        if (m->fds[i] >= 0) close(m->fds[i]);
    buf_free(&m->body);
    *m = (struct message){0};
}

void message_put_i64(struct message *m, int64_t v)
{
    char raw[sizeof v];
    memcpy(raw, &v, sizeof v);
    buf_put(&m->body, (str){raw, sizeof raw});
}

void message_put_str(struct message *m, str s)
{
    uint32_t n = s.p ? (uint32_t)s.n : ABSENT;
    char raw[sizeof n];
    if (s.p && s.n >= MESSAGE_MAX_BYTES) {
        m->bad = true;
        return;
    }
    memcpy(raw, &n, sizeof n);
    buf_put(&m->body, (str){raw, sizeof raw});
    if (s.p) buf_put(&m->body, s);
}

void message_put_fd(struct message *m, int fd)
{
    if (m->fds_n >= MESSAGE_FDS || fd < 0)
        m->bad = true;
    else
        m->fds[m->fds_n++] = ~fd;
}

static bool take(struct message *m, void *out, size_t n)
{
    if (m->bad || m->body.n - m->at < n) {
        m->bad = true;
        return false;
    }
    memcpy(out, m->body.p + m->at, n);
    m->at += n;
    return true;
}

int64_t message_take_i64(struct message *m)
{
    int64_t v = 0;
    return take(m, &v, sizeof v) ? v : 0;
}

str message_take_str(struct message *m)
{
    uint32_t n;
    if (!take(m, &n, sizeof n) || n == ABSENT) return STR_NONE;
    if (m->body.n - m->at < n) {
        m->bad = true;
        return STR_NONE;
    }
    str s = {m->body.p + m->at, n};
    m->at += n;
    return s;
}

int message_take_fd(struct message *m, int index)
{
    if (index < 0 || index >= m->fds_n) {
        m->bad = true;
        return -1;
    }
    int fd = m->fds[index];
    m->fds[index] = -1;
    return fd;
}

int memory_file(str bytes)
{
    int fd = memfd_create("beffroi", MFD_CLOEXEC);
    size_t at = 0;
    while (fd >= 0 && at < bytes.n) {
        ssize_t n = pwrite(fd, bytes.p + at, bytes.n - at, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)n;
    }
    return fd;
}

static err wait_for(int sock, short events, int timeout_ms)
{
    for (;;) {
        struct pollfd p = {.fd = sock, .events = events};
        int n = poll(&p, 1, timeout_ms);
        if (n > 0) return NO_ERR;
        if (n == 0) return FAIL(E_BUSY, W("process.busy"));
        if (errno != EINTR) return FAIL(E_IO, W("process.died"));
    }
}

static err send_packet(int sock, struct msghdr *h, int timeout_ms)
{
    for (;;) {
        if (sendmsg(sock, h, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return NO_ERR;
        if (errno == EAGAIN || errno == ENOBUFS)
            TRY(wait_for(sock, POLLOUT, timeout_ms));
        else if (errno != EINTR)
            return FAIL(E_GONE, W("process.died"));
    }
}

err message_send(int sock, struct message *m, int timeout_ms)
{
    if (m->bad || m->body.full || (m->body.n > MESSAGE_INLINE_BYTES && m->fds_n == MESSAGE_FDS))
        return FAIL(E_TOO_LARGE, W("process.message_too_large"));
    union {
        struct cmsghdr align;
        char raw[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
    } control = {0};
    struct packet head = {PACKET_MAGIC, m->kind, (uint32_t)m->body.n, m->body.n > MESSAGE_INLINE_BYTES};
    int fds[MESSAGE_FDS], n_fds = 0, bulk = -1;
    for (int i = 0; i < m->fds_n; i++) fds[n_fds++] = fd_of(m->fds[i]);
    if (head.in_memory_file) {
        bulk = memory_file(buf_str(&m->body));
        if (bulk < 0) return FAIL(E_BUSY, W("process.busy"));
        fds[n_fds++] = bulk;
    }
    struct iovec parts[2] = {{&head, sizeof head}, {m->body.p, head.in_memory_file ? 0 : m->body.n}};
    struct msghdr h = {.msg_iov = parts, .msg_iovlen = 2};
    if (n_fds) {
        h.msg_control = control.raw;
        h.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n_fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        *c = (struct cmsghdr){CMSG_LEN(sizeof(int) * (size_t)n_fds), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)n_fds);
    }
    err e = send_packet(sock, &h, timeout_ms);
    if (bulk >= 0) close(bulk);
    return e;
}

static err read_bulk(struct message *m, size_t n_bytes)
{
    char chunk[16384];
    if (m->fds_n == 0 || n_bytes > MESSAGE_MAX_BYTES) return FAIL(E_MALFORMED, W("process.died"));
    int fd = m->fds[--m->fds_n];
    while (m->body.n < n_bytes) {
        size_t want = n_bytes - m->body.n;
        ssize_t n = pread(fd, chunk, want < sizeof chunk ? want : sizeof chunk, (off_t)m->body.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        buf_put(&m->body, (str){chunk, (size_t)n});
    }
    close(fd);
    return m->body.n == n_bytes ? NO_ERR : FAIL(E_MALFORMED, W("process.died"));
}

static void collect_fds(struct msghdr *h, struct message *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n && m->fds_n < MESSAGE_FDS; i++)
            memcpy(&m->fds[m->fds_n++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
    }
}

static err unpack(struct msghdr *h, const char *raw, size_t got, struct message *m)
{
    struct packet head;
    collect_fds(h, m);
    if (got < sizeof head || (h->msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return FAIL(E_MALFORMED, W("process.died"));
    memcpy(&head, raw, sizeof head);
    if (head.magic != PACKET_MAGIC) return FAIL(E_MALFORMED, W("process.died"));
    m->kind = (enum message_kind)head.kind;
    if (head.in_memory_file) return read_bulk(m, head.body_bytes);
    if (head.body_bytes != got - sizeof head) return FAIL(E_MALFORMED, W("process.died"));
    buf_put(&m->body, (str){raw + sizeof head, head.body_bytes});
    return NO_ERR;
}

err message_receive(int sock, struct message *out, int timeout_ms)
{
    char raw[sizeof(struct packet) + MESSAGE_INLINE_BYTES];
    union {
        struct cmsghdr align;
        char raw[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
    } control;
    for (;;) {
        if (timeout_ms >= 0) TRY(wait_for(sock, POLLIN, timeout_ms));
        struct iovec part = {raw, sizeof raw};
        struct msghdr h = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.raw, .msg_controllen = sizeof control};
        /* Several threads may wait on one socket: who comes late waits again instead of blocking. */
        ssize_t n = recvmsg(sock, &h, MSG_CMSG_CLOEXEC | (timeout_ms >= 0 ? MSG_DONTWAIT : 0));
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) return FAIL(E_GONE, W("process.died"));
        *out = message_of(0);
        err e = unpack(&h, raw, (size_t)n, out);
        if (e.code != OK) message_free(out);
        return e;
    }
}
