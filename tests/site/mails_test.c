/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Mails that are refused or come back: said in plain words in the administration and on the dossier, sent again, forgiven. With a mail
   server: tests/scripts/bounce_test.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/notify.h"
#include "core/returns.h"
#include "desk_testing.h"

static int64_t first_mail(struct town *t, struct side *side)
{
    struct outbox_items items;
    ASSERT_OK(outbox_claim(side->d, t->mem, S("t"), t->now_us, 20, &items));
    assert_true(items.n >= 1);
    return items.v[0].id;
}

/* RFC 3464, about the mail of that id. */
static struct dsn notice(struct town *t, int64_t outbox, const char *to, const char *action, const char *status)
{
    struct dsn d;
    str mail = str_fmt(t->mem, "To: retours@ville.test\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <%.*s@ville.test>\r\n\r\nx\r\n--b--\r\n",
        to, action, status, STR_ARG(id_text(t->mem, outbox)));
    ASSERT_OK(dsn_read(t->mem, mail, &d));
    assert_int_equal(return_outbox(&d), outbox);
    return d;
}

static void a_refused_mail_is_said_and_sent_again(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct record r = town_file(t, &t->a, t->a.permit, "{}", "Zoé", "zoe@ailleurs.test");
    int64_t id = first_mail(t, &t->a);
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    assert_true(says(site_get(s, 200, "/admin/courriels").body, "aucun n’est revenu"));
    ASSERT_OK(outbox_failed(t->a.d, id, true, S("554 5.7.1 Spam"), t->now_us));
    struct answer a = site_get(s, 200, "/admin/courriels");
    assert_true(says(a.body, "zoe@ailleurs.test") && says(a.body, "SPF, DKIM, DMARC") && says(a.body, "554 5.7.1 Spam") && says(a.body, "abandonné"));
    assert_true(says(a.body, str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(r.reference)).p));
    /* The content was refused, not the person: their address is not marked. */
    struct return_line back;
    ASSERT_OK(return_of(t->a.d, t->mem, S("zoe@ailleurs.test"), &back));
    assert_false(back.address.n);
    site_post(s, 303, "/admin/courriels", str_fmt(t->mem, "do=again&id=%.*s", STR_ARG(id_text(t->mem, id))).p);
    assert_int_equal(first_mail(t, &t->a), id);
    site_post(s, 404, "/admin/courriels", str_fmt(t->mem, "do=again&id=%.*s", STR_ARG(id_text(t->mem, id))).p);
    ASSERT_OK(outbox_failed(t->a.d, id, true, S("550 5.1.1 No such user"), t->now_us));
    ASSERT_OK(return_of(t->a.d, t->mem, S("ZOE@ailleurs.test"), &back));
    assert_true(back.address.n > 0);
    site_close(s);
}

struct erase { arena *mem; const struct kind *kind; int64_t id, now_us; };
static err erase_in_txn(db *w, void *arg)
{
    struct erase *x = arg;
    return record_erase(w, x->mem, x->kind, x->id, 0, x->now_us, false);
}

static void a_mail_that_comes_back_marks_the_address(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    bool mine;
    struct record r = town_file(t, &t->a, t->a.permit, "{}", "Zoé", "Zoe@ailleurs.test");
    town_file(t, &t->twin, t->twin.permit, "{}", "Zoé", "Zoe@ailleurs.test");
    int64_t id = first_mail(t, &t->a);
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    const char *dossier = str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(r.reference)).p;
    ASSERT_OK(outbox_sent(t->a.d, id, t->now_us));
    assert_false(says(site_get(s, 200, "%s", dossier).body, "n’arrivent pas"));
    struct dsn late = notice(t, id, "zoe@ailleurs.test", "delayed", "4.4.1"), failed = notice(t, id, "zoe@ailleurs.test", "failed", "5.1.1");
    ASSERT_OK(return_take(t->a.d, t->mem, id, &late, t->now_us, &mine));
    assert_true(mine);
    assert_false(says(site_get(s, 200, "%s", dossier).body, "n’arrivent pas"));         /* late is not lost */
    ASSERT_OK(return_take(t->twin.d, t->mem, id, &failed, t->now_us, &mine));
    assert_false(mine);                                                                 /* another town's mail */
    for (int i = 0; i < 2; i++) ASSERT_OK(return_take(t->a.d, t->mem, id, &failed, t->now_us, &mine));
    struct answer a = site_get(s, 200, "%s", dossier);
    assert_true(says(a.body, "Zoe@ailleurs.test n’arrivent pas. Cette adresse n’existe pas chez son fournisseur"));
    struct return_lines all;
    ASSERT_OK(returns_open(t->a.d, t->mem, 100, &all));
    assert_int_equal(all.n, 2);
    ASSERT_OK(returns_open(t->twin.d, t->mem, 100, &all));
    assert_int_equal(all.n, 0);
    assert_true(says(site_get(s, 200, "/admin/courriels").body, "Cette adresse est bonne"));
    site_post(s, 303, "/admin/courriels", "do=clear&address=zoe%40ailleurs.test");
    assert_false(says(site_get(s, 200, "%s", dossier).body, "n’arrivent pas"));
    /* What is erased with the dossier. */
    struct erase x = {t->mem, t->a.permit, r.id, t->now_us};
    late = notice(t, id, "zoe@ailleurs.test", "failed", "5.1.1");
    ASSERT_OK(db_txn(t->a.d, erase_in_txn, &x));
    ASSERT_OK(return_take(t->a.d, t->mem, id, &late, t->now_us, &mine));
    assert_false(mine);
    ASSERT_OK(returns_open(t->a.d, t->mem, 100, &all));
    assert_int_equal(all.n, 0);
    site_close(s);
}

/* A notice that nobody could have written but who got our mail: another id is no mail of ours. */
static void a_forged_notice_marks_nobody(void **state)
{
    struct town *t = town_open(*state);
    bool mine;
    struct return_line back;
    town_file(t, &t->a, t->a.permit, "{}", "Zoé", "zoe@ailleurs.test");
    struct dsn d = notice(t, id_new(), "zoe@ailleurs.test", "failed", "5.1.1");
    ASSERT_OK(return_take(t->a.d, t->mem, return_outbox(&d), &d, t->now_us, &mine));
    assert_false(mine);
    ASSERT_OK(return_of(t->a.d, t->mem, S("zoe@ailleurs.test"), &back));
    assert_false(back.address.n);
    assert_true(str_is(return_address(t->mem, S("retours@ville.test"), S("0AMHGP8Q4MKVZ")), "retours+0AMHGP8Q4MKVZ@ville.test"));
    assert_false(return_address(t->mem, S(""), S("X")).n || return_address(t->mem, S("retours"), S("X")).n);
    d = (struct dsn){0};
    PUSH(t->mem, &d.sent_to, S("retours+0amhgp8q4mkvz@ville.test"));                    /* servers lower the case */
    assert_true(return_outbox(&d) != 0);
    town_close(t);
}

static void reasons_are_plain(void **state)
{
    static const struct { const char *said, *key; bool is_address; } cases[] = {
        {"550 5.1.1 <a@b>: Recipient address rejected", "mail.why.unknown", true}, {"550 No such user", "mail.why.unknown", true}, {"5.1.2", "mail.why.domain", true},
        {"452 4.2.2 Mailbox full", "mail.why.full", false}, {"552 5.2.2 Over quota", "mail.why.full", true}, {"535 5.7.8 Authentication failed", "mail.why.password", false},
        {"554 5.7.26 Unauthenticated mail", "mail.why.policy", false}, {"451 4.7.1 Greylisted", "mail.why.later", false}, {"421 Busy", "mail.why.later", false},
        {"Could not resolve host: smtp.x", "mail.why.no_server", false}, {"Failed to connect to 127.0.0.1 port 25", "mail.why.no_server", false},
        {"Operation timed out after 80000", "mail.why.no_server", false}, {"SSL certificate problem", "mail.why.tls", false}, {"mail.address to", "mail.why.unknown", true},
        {"mail.address from", "mail.why.sender", false}, {"", "mail.why.other", false}, {"something", "mail.why.other", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mail_reason *r = mail_reason(str_of(cases[i].said));
        assert_string_equal(r->key, cases[i].key);
        assert_int_equal(r->is_address, cases[i].is_address);
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_refused_mail_is_said_and_sent_again), STORE_TEST(a_mail_that_comes_back_marks_the_address),
                                              STORE_TEST(a_forged_notice_marks_nobody), STORE_TEST(reasons_are_plain)};
    return STORE_RUN(tests);
}
