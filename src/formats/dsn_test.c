/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notifications as mail servers lay them out (tests/fuzz/corpus/dsn, written to RFC 3464), and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "formats/dsn.h"
#include "shared_data.h"

static arena *mem;

static int before(void **state) { return (mem = arena_new(0)) == NULL; }
static int after(void **state)
{
    arena_free(mem);
    return 0;
}

static err sample(const char *name, struct dsn *out)
{
    str bytes;
    assert_true(file_bytes(mem, str_fmt(mem, BEFFROI_SOURCE_DIR "/tests/fuzz/corpus/dsn/%s", name).p, &bytes));
    return dsn_read(mem, bytes, out);
}

/* RFC 3464 §2.3: final recipient, action, status, diagnostic, folded over two lines; the original by its Message-ID. */
static void an_unknown_mailbox(void **state)
{
    struct dsn d;
    assert_int_equal(sample("postfix-unknown.eml", &d).code, OK);
    assert_string_equal(str_z(mem, d.message_id), "0AMHGP8Q4MKVZ@ville.example");
    assert_int_equal(d.recipients.n, 1);
    assert_int_equal(d.recipients.v[0].action, DSN_FAILED);
    assert_string_equal(str_z(mem, d.recipients.v[0].address), "zoe@ailleurs.example");
    assert_string_equal(str_z(mem, d.recipients.v[0].status), "5.1.1");
    assert_true(str_starts(d.recipients.v[0].diagnostic, S("550 5.1.1 <zoe@")) && str_ends(d.recipients.v[0].diagnostic, S("mailbox table")));
    assert_true(d.sent_to.n == 2 && str_is(d.sent_to.v[0], "retours@ville.example"));
}

static void a_full_mailbox_with_headers_only(void **state)
{
    struct dsn d;
    assert_int_equal(sample("exchange-full.eml", &d).code, OK);
    assert_true(d.recipients.v[0].action == DSN_FAILED && str_is(d.recipients.v[0].status, "5.2.2"));
    assert_true(str_is(d.message_id, "0AMHGP8Q4MKVZ@ville.example") && str_is(d.sent_to.v[0], "retours+0AMHGP8Q4MKVZ@ville.example"));
}

/* Several recipients, no original, no end: what came is read. */
static void delayed_is_not_failed(void **state)
{
    struct dsn d;
    assert_int_equal(sample("delayed-then-nothing.eml", &d).code, OK);
    assert_int_equal(d.recipients.n, 2);
    assert_int_equal(d.recipients.v[0].action, DSN_DELAYED);
    assert_true(str_is(d.recipients.v[0].status, "4.4.1"));
    assert_int_equal(d.recipients.v[1].action, DSN_OTHER);
    assert_false(d.message_id.n);
}

static void other_mails_are_none(void **state)
{
    static const char *const mails[] = {"", "\r\n", "x", "Content-Type: multipart/report\r\n\r\n", "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n--\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\na: b\r\n\r\nFinal-Recipient: rfc822; a@b\r\n--b--\r\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n--b--\r\n"};
    struct dsn d;
    assert_int_equal(sample("out-of-office.eml", &d).code, E_INVALID);
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) assert_int_equal(dsn_read(mem, str_of(mails[i]), &d).code, E_INVALID);
}

static void statuses_that_are_none_are_absent(void **state)
{
    static const char *const good[] = {"5.1.1", "4.4.1 (x)", "5.7.26"}, *const bad[] = {"", "511", "5.1", "9.1.1", "5..1", ".5.1", "5.1.", "55.1.1"};
    for (size_t i = 0; i < 11; i++) {
        struct dsn d;
        bool is_good = i < 3;
        const char *s = is_good ? good[i] : bad[i - 3];
        str mail = str_fmt(mem, "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\na: b\n\nFinal-Recipient: rfc822; a@b\nStatus: %s\n", s);
        assert_int_equal(dsn_read(mem, mail, &d).code, OK);
        assert_int_equal(d.recipients.v[0].status.n > 0, is_good);
    }
}

static void a_huge_one_is_bounded(void **state)
{
    struct dsn d;
    buf b = BUF(8 << 20);
    buf_lit(&b, "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\na: b\n\n");
    for (int i = 0; i < 60000; i++) buf_lit(&b, "Final-Recipient: rfc822; a@b\nAction: failed\nDiagnostic-Code: smtp; \x01\xff\n\n");
    assert_int_equal(dsn_read(mem, buf_str(&b), &d).code, OK);
    assert_int_equal(d.recipients.n, DSN_MOST_RECIPIENTS);
    assert_true(str_is(d.recipients.v[0].diagnostic, "?"));
    buf_free(&b);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, before, after)
    const struct CMUnitTest tests[] = {TEST(an_unknown_mailbox), TEST(a_full_mailbox_with_headers_only), TEST(delayed_is_not_failed), TEST(other_mails_are_none),
                                       TEST(statuses_that_are_none_are_absent), TEST(a_huge_one_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
