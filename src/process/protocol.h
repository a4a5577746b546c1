/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* protocol.h — what our processes say to one another, all of it. Unix sockets of type SOCK_SEQPACKET: one packet is one message,
   with up to MESSAGE_FDS descriptors. A body over MESSAGE_INLINE_BYTES travels in a memfd that comes with the packet.
   A request carries, as its first descriptor, the socket where its answer is awaited: answers come in any order, and a
   closed socket without an answer says that whoever worked on it is dead.
   Numbers are 8 bytes, the machine's order (both ends are the same binary); strings a 4-byte length, then the bytes. */
#pragma once
#include "base/buf.h"

#define MESSAGE_FDS 4
#define MESSAGE_INLINE_BYTES (32u << 10)
#define MESSAGE_MAX_BYTES (32u << 20)
#define HELPER_FD 3                     /* where a helper finds its socket */

enum message_kind {
    MSG_SPAWN = 1,      /* server → parent: i64 enum helper_role; fd: the helper's socket. No answer. */
    MSG_SETTINGS,       /* first message to a helper: its settings, see converter.c and courier.c. No answer. */
    /* to the converter; fds: answer, input, [output] */
    MSG_SNIFF,          /* → MSG_DONE str mime */
    MSG_IMAGE,          /* i64 format, max_px, quality, max_bytes → MSG_DONE i64 size_bytes, width, height */
    MSG_PAPER,          /* fds: answer, JSON of the paper, output, logo → MSG_DONE i64 size_bytes */
    /* to the courier; fds: answer */
    MSG_MAIL,           /* the members of struct mail, in order → MSG_DELIVERY */
    MSG_HOOK,           /* the members of struct webhook, in order → MSG_DELIVERY */
    MSG_SCAN,           /* fds: answer, stream to read to its end → MSG_DONE i64 enum scan_verdict, str name of the virus */
    MSG_FILE,           /* the members of struct file_request, in order; fds: answer, [file to put] → MSG_DONE the members of struct file_reply */
    /* answers */
    MSG_DONE,
    MSG_DELIVERY,       /* i64 enum delivery_class, code, retry_after_s, str text */
    MSG_ERROR           /* i64 enum err_code, str key of the catalogue */
};

struct message {
    enum message_kind kind;
    buf body;                           /* what is being written, or what was received */
    size_t at;                          /* where reading stands */
    bool bad;                           /* a field was missing, or too large */
    int fds[MESSAGE_FDS];
    int fds_n;
};

struct message message_of(enum message_kind kind);
void message_free(struct message *m);                   /* closes the descriptors still in it */
void message_put_i64(struct message *m, int64_t v);
void message_put_str(struct message *m, str s);         /* absent stays absent */
void message_put_fd(struct message *m, int fd);         /* lent, never closed by the message: see message_free */
int64_t message_take_i64(struct message *m);            /* 0 and bad when there is none */
str message_take_str(struct message *m);                /* lives as long as the message */
int message_take_fd(struct message *m, int index);      /* now the caller's; -1: none */

/* timeout_ms -1: for ever. E_BUSY: it passed. E_GONE: the other end is closed. */
err message_send(int sock, struct message *m, int timeout_ms);
err message_receive(int sock, struct message *out, int timeout_ms);

int memory_file(str bytes);                             /* a memfd holding the bytes, at 0; -1: no memory */
