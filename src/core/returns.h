/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* returns.h — mails that do not arrive: those that the mail server refuses (outbox), those that come back later (RFC 3464). An address
   whose mails came back is marked until somebody says it is good; who handles a dossier sees it. */
#pragma once
#include "base/words.h"
#include "formats/dsn.h"
#include "store/db.h"

/* What a server said ("550 5.1.1 No such user", or a status alone, or what the connection failed of), in plain words. */
struct mail_reason { const char *begins, *key; bool is_address /* the address is at fault: no other mail would arrive there */; };
const struct mail_reason *mail_reason(str said);

/* Which mail of ours it is about: by the address it was sent to (local+ID@…), else by the Message-ID. 0: none. */
int64_t return_outbox(const struct dsn *n);
/* On the tenant of d. False: not one of its mails. The same again: nothing new. */
err return_take(db *d, arena *mem, int64_t outbox, const struct dsn *n, int64_t now_us, bool *out_mine);
/* In the transaction that gives a mail up. */
err return_refused(db *w, arena *mem, int64_t outbox, int64_t record, str address, str said, int64_t now_us);
/* "local+ID@domain" of the return address of the settings; absent: none is set, or not one. */
str return_address(arena *mem, str bounce_address, str delivery_id);

struct return_line { int64_t at_us, record; str address, status, why, reference; bool is_final; };
struct return_lines { struct return_line *v; size_t n; };
err returns_open(db *d, arena *mem, int n, struct return_lines *out);                   /* newest first */
/* Absent `address`: mails arrive there, as far as is known. */
err return_of(db *d, arena *mem, str address, struct return_line *out);
err returns_clear(db *d, arena *mem, str address, int64_t now_us);

struct unsent_line { int64_t id, created_us, next_us, failed_us, tries; str channel, to, subject, error, reference; };
struct unsent_lines { struct unsent_line *v; size_t n; };
err mails_unsent(db *d, arena *mem, int n, struct unsent_lines *out);                   /* tried once at least; newest first */
err outbox_again(db *d, int64_t id, int64_t now_us);                                    /* E_NOT_FOUND: sent, gone, or not tried yet */
struct mails_counted { int64_t failed, waiting, oldest_us, returned; };
err mails_counted(db *d, arena *mem, int64_t now_us, struct mails_counted *out);
