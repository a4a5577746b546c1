/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A mail that came back and one that was refused, for /admin/courriels and the dossier of its author. */
#include "base/id.h"
#include "core/returns.h"
#include "gen/sql/core/notify.sql.h"
#include "gen/sql/main/demo.sql.h"
#include "main/demo.h"

struct mails { arena *mem; int64_t now_us; };

static err mails_in_txn(db *w, void *arg)
{
    struct mails *x = arg;
    struct sql_demo_somebody_row one;
    int64_t id = id_new();
    err e = sql_demo_somebody(w, x->mem, &one);
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    TRY(return_refused(w, x->mem, id_new(), one.record, one.email, S("550 5.1.1 Recipient address rejected: User unknown"), x->now_us));
    TRY(sql_outbox_add(w, id, S("demo-refused"), S("mail"), S("mail"), one.record, S("contact@boite-pleine.exemple.fr"), words(LANG_FR, W("demo.mail_subject")), S("…"), STR_NONE, x->now_us, x->now_us));
    return sql_outbox_retry(w, id, 1, x->now_us, x->now_us, S("552 5.2.2 Mailbox is over quota"));
}

err demo_mails(db *d, arena *mem, int64_t now_us) { return db_txn(d, mails_in_txn, &(struct mails){mem, now_us}); }
