/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The bytes of a mail. That others read them as meant is shown in courier_test.c, with a parser that is not ours. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/test.h"
#include "process/mail_compose.h"

static struct mail plain(void)
{
    return (struct mail){.message_id = S("k7.outbox@ville.example"),
                         .date_us = INT64_C(1795474984) * SECOND_US,
                         .from_name = S("Ville"),
                         .from = S("ne-pas-repondre@ville.example"),
                         .to = S("marie@exemple.fr"),
                         .subject = S("Votre dossier"),
                         .text = S("Bonjour,\n")};
}

static str composed(arena *mem, const struct mail *m)
{
    buf out = BUF(1 << 20);
    assert_ok(mail_compose(m, &out));
    str s = str_copy(mem, buf_str(&out));
    buf_free(&out);
    return s;
}

static err refusal(const struct mail *m)
{
    buf out = BUF(1 << 20);
    err e = mail_compose(m, &out);
    buf_free(&out);
    return e;
}

static void a_plain_mail_is_plain(void **state)
{
    arena *mem = arena_new(0);
    struct mail m = plain();
    assert_str(
        composed(mem, &m),
        "Date: Mon, 23 Nov 2026 23:03:04 +0000\r\n"
        "From: \"Ville\"\r\n <ne-pas-repondre@ville.example>\r\n"
        "To: <marie@exemple.fr>\r\n"
        "Message-ID: <k7.outbox@ville.example>\r\n"
        "Subject: Votre dossier\r\n"
        "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Bonjour,\r\n");
    assert_str(mail_file_name(mem, &m), "20261123T230304Z-k7.outbox@ville.example.eml");
    m.message_id = S("k7");
    assert_true(str_find(composed(mem, &m), S("\r\nMessage-ID: <k7@ville.example>\r\n")) > 0);
    m.message_id = STR_NONE;
    assert_err(refusal(&m), E_INVALID);
    arena_free(mem);
}

/* RFC 5322 §2.1.1, RFC 2047 §2: whatever the words, lines are short ASCII and end with CRLF. */
static void lines_are_short_and_ascii(void **state)
{
    static const char *const words[] = {
        "é",  "œuvre ", "a", " ", "très-long-mot-sans-un-seul-blanc-", "\xf0\x9f\x94\x94", "=?UTF-8?Q?x?=",
        "\"", "."};
    arena *mem = arena_new(0);
    for (int round = 0; round < 300; round++) {
        struct mail m = plain();
        buf subject = BUF(800), text = BUF(4000);
        while (subject.n < random_below(700)) buf_lit(&subject, words[random_below(9)]);
        while (text.n < random_below(3000)) buf_lit(&text, random_below(9) ? words[random_below(9)] : "\n.");
        m.subject = m.from_name = buf_str(&subject);
        m.text = m.html = buf_str(&text);
        str s = composed(mem, &m);
        size_t col = 0;
        for (size_t i = 0; i < s.n; i++) {
            assert_true((unsigned char)s.p[i] < 0x80);
            if (s.p[i] == '\n') {
                assert_true(i > 0 && s.p[i - 1] == '\r' && col <= 77);
                col = 0;
                assert_true(i + 1 == s.n || s.p[i + 1] != '.');
            } else {
                col++;
            }
        }
        buf_free(&subject);
        buf_free(&text);
        arena_reset(mem);
    }
    arena_free(mem);
}

static void nobody_adds_a_header(void **state)
{
    struct mail m = plain();
    m.subject = S("Bonjour\r\nBcc: tous@exemple.fr");
    assert_string_equal(refusal(&m).msg, "mail.header");
    m = plain();
    m.from_name = S("Ville\nBcc: tous@exemple.fr");
    assert_err(refusal(&m), E_INVALID);
    m = plain();
    m.to_name = S("x\x01");
    assert_err(refusal(&m), E_INVALID);
    m = plain();
    m.message_id = S("a@b>\r\nBcc: <c@d");
    assert_err(refusal(&m), E_INVALID);
    m = plain();
    m.subject = S("\xff\xfe");
    assert_err(refusal(&m), E_INVALID);
    m = plain();
    m.to = S("marie@exemple.fr>\r\nRCPT TO:<autre@exemple.fr");
    assert_string_equal(refusal(&m).msg, "mail.address");
    m = plain();
    m.reply_to = S("rien");
    assert_string_equal(refusal(&m).at, "reply_to");
}

static void addresses_are_checked(void **state)
{
    static const char *const good[] = {"a@b", "prenom.nom+mairie@sous.domaine.fr", "o'neil@x.fr",
                                       "x_y@xn--caf-dma.fr"};
    static const char *const bad[] = {
        "",        "a",      "@b",    "a@",    "a@b@c",         "a b@c",     "a@b c",
        "a@-b.fr", "a@b.",   "a@.b",  ".a@b",  "a.@b",          "a..b@c",    "a@b..c",
        "é@b",     "a@é.fr", "<a@b>", "a,b@c", "a@[127.0.0.1]", "\"a b\"@c", "a@b\r\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!mail_address_ok(str_of(good[i]))) fail_msg("%s is good", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mail_address_ok(str_of(bad[i]))) fail_msg("%s is bad", bad[i]);
}

static void file_names_stay_in_their_folder(void **state)
{
    arena *mem = arena_new(0);
    struct mail m = plain();
    m.message_id = S("../../etc/passwd@x");
    assert_str(mail_file_name(mem, &m), "20261123T230304Z-.._.._etc_passwd@x.eml");
    arena_free(mem);
}

int main(void)
{
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_mail_is_plain),
        cmocka_unit_test(lines_are_short_and_ascii),
        cmocka_unit_test(nobody_adds_a_header),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(file_names_stay_in_their_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
