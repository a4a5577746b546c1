/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "process/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A packet from a worker that a stranger's file has taken over: refused, or read within its bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];
    struct message m;
    if (size == 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return 0;
    if (send(pair[0], data, size, MSG_NOSIGNAL) == (ssize_t)size &&
        message_receive(pair[1], &m, 0).code == OK) {
        for (int i = 0; i < 20 && !m.bad; i++) {
            str s = i % 2 ? message_take_str(&m) : STR_NONE;
            if (!(i % 2)) message_take_i64(&m);
            if (s.n && (s.p < m.body.p || s.p + s.n > m.body.p + m.body.n)) abort();
        }
        message_take_fd(&m, 0);
        message_free(&m);
    }
    close(pair[0]);
    close(pair[1]);
    return 0;
}
