/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Mails that do not leave, and those that come back, with the reason in plain words. */
#include "base/said.h"
#include "core/returns.h"

#include "base/id.h"
#include "core/audit.h"
#include "gen/html/site/mails.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

#define SHOWN 100

static struct url dossier_at(struct req *q, str reference) { return reference.n ? URL(q->mem, "/agents/dossiers/{}", reference) : (struct url){0}; }

static err unsent_fill(struct req *q, struct page_mails *p)
{
    struct unsent_lines all;
    TRY(mails_unsent(q->db, q->mem, SHOWN, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct unsent_line *l = &all.v[i];
        bool hook = str_is(l->channel, "webhook"), over = l->failed_us != 0;
        PUSH(q->mem, &p->unsent, (struct mail_shown){.id = id_text(q->mem, l->id), .to = l->to, .subject = hook ? words(q->lang, W("mails.hook")) : said_in(l->subject, LANG_FR),
            .reference = l->reference, .at = dossier_at(q, l->reference), .why = words(q->lang, hook ? W("mail.why.webhook") : mail_reason(l->error)->key), .said = l->error,
            .state = words(q->lang, over ? W("mails.given_up") : W("mails.waiting")), .tone = over ? S("refused") : S("waiting"), .at_us = l->created_us, .can_again = true});
    }
    return NO_ERR;
}

static err back_fill(struct req *q, struct page_mails *p)
{
    struct return_lines all;
    TRY(returns_open(q->db, q->mem, SHOWN, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct return_line *l = &all.v[i];
        PUSH(q->mem, &p->back, (struct mail_shown){.to = l->address, .reference = l->reference, .at = dossier_at(q, l->reference), .said = l->why.n ? l->why : l->status,
            .why = words(q->lang, mail_reason(l->status.n ? l->status : l->why)->key), .state = words(q->lang, l->is_final ? W("mails.is_back") : W("mails.late")),
            .tone = l->is_final ? S("refused") : S("waiting"), .at_us = l->at_us, .can_clear = true});
    }
    return NO_ERR;
}

static err get_mails(struct req *q)
{
    struct page_mails p = {0};
    TRY(unsent_fill(q, &p));
    TRY(back_fill(q, &p));
    str done = query(q, "fait");
    if (done.n) p.l.notice = words(q->lang, str_is(done, "bonne") ? W("mails.cleared") : W("mails.sent_again")), p.l.notice_tone = S("done");
    admin_desk(&p.l);
    reply_private(q);
    return page_mails(q, &p);
}

static err post_mails(struct req *q)
{
    int64_t id;
    if (str_is(field(q, "do"), "clear")) {
        TRY(returns_clear(q->db, q->mem, field(q, "address"), clock_now_us()));
        TRY(audit_note(q->db, q->who->account, "mail.clear", 0, STR_NONE, clock_now_us()));
        return reply_redirect(q, S("/admin/courriels?fait=bonne"));
    }
    TRY(id_parse(field(q, "id"), &id));
    TRY(outbox_again(q->db, id, clock_now_us()));
    TRY(audit_note(q->db, q->who->account, "mail.again", 0, STR_NONE, clock_now_us()));
    return reply_redirect(q, S("/admin/courriels?fait=oui"));
}

const struct route mails_routes[] = {
    {GET, "/admin/courriels", RIGHT_ADMIN, get_mails, "mails that do not leave or come back", 0, NULL, NULL},
    {POST, "/admin/courriels", RIGHT_ADMIN, post_mails, "sends a mail again; says that an address is good", 0, NULL, NULL},
    {0}};
