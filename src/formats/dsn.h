/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dsn.h — what a mail server sends back about a mail: delivery status notifications, RFC 3464 in a multipart/report of RFC 6522.
   Reads bytes from strangers: small, bounded, fuzzed. Values point into the arena; controls are blanks, bad UTF-8 is replaced. */
#pragma once
#include "base/str.h"

#define DSN_MOST_BYTES ((size_t)1 << 20)
#define DSN_MOST_RECIPIENTS 50

enum dsn_action { DSN_OTHER, DSN_FAILED, DSN_DELAYED };      /* RFC 3464 §2.3.3; delivered, relayed, expanded: other */
struct dsn_recipient {
    enum dsn_action action;
    str address;                /* Original-Recipient, else Final-Recipient */
    str status;                 /* "5.1.1" (RFC 3463); absent: none that reads so */
    str diagnostic;             /* what the other server said, without its type */
};
struct dsn {
    str message_id;             /* of the mail it is about, without <>; absent: not told */
    struct strs sent_to;        /* where the notification itself was sent (Delivered-To, X-Original-To, To): the return address */
    struct { struct dsn_recipient *v; size_t n; } recipients;
};
/* E_INVALID "dsn.other": a mail, and none of these. Longer than DSN_MOST_BYTES: its beginning is read. */
err dsn_read(arena *mem, str mail, struct dsn *out);
