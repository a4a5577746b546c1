/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bytes of strangers: what is understood, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "web/decode.h"
#include "web/multipart.h"

static arena *mem;

static int setup(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    arena_free(mem);
    return 0;
}

static void urls_are_decoded_or_refused(void **state)
{
    str out;
    assert_int_equal(url_decode(mem, S("%C3%89pinal+88"), true, &out).code, OK);
    assert_true(str_is(out, "Épinal 88"));
    assert_int_equal(url_decode(mem, S("a+b"), false, &out).code, OK);
    assert_true(str_is(out, "a+b"));
    static const char *const bad[] = {"%", "%4", "%zz", "%00", "%C3", "\xff", "%ED%A0%80", "%F8%88%80%80%80",
                                      "a%"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(url_decode(mem, str_of(bad[i]), true, &out).code, E_MALFORMED);
}

static void pairs_keep_their_order_and_their_number(void **state)
{
    struct pairs p;
    assert_int_equal(pairs_parse(mem, S("b=2&&a=1&a=3&seul&=vide&x=%26%3D"), 10, &p).code, OK);
    assert_int_equal(p.n, 6);
    assert_true(str_is(p.v[0].name, "b"));
    assert_true(str_is(pairs_first(&p, "a"), "1"));
    assert_true(pairs_first(&p, "seul").p && pairs_first(&p, "seul").n == 0);
    assert_true(str_is(pairs_first(&p, ""), "vide"));
    assert_true(str_is(pairs_first(&p, "x"), "&="));
    assert_null(pairs_first(&p, "absent").p);
    assert_int_equal(pairs_parse(mem, S("a&a&a"), 2, &p).code, E_TOO_LARGE);
}

static void cookies_are_found_by_their_whole_name(void **state)
{
    str h = S("a=1; session=abc ;xsession=no; vide=; q=\"mot\"");
    assert_true(str_is(cookie_raw(h, "session"), "abc"));
    assert_true(str_is(cookie_raw(h, "q"), "mot"));
    assert_true(cookie_raw(h, "vide").p && cookie_raw(h, "vide").n == 0);
    assert_null(cookie_raw(h, "ession").p);
    assert_null(cookie_raw(h, "sess").p);
    assert_null(cookie_raw(STR_NONE, "a").p);
}

static void languages_follow_preference(void **state)
{
    assert_int_equal(accept_language(S("fr-FR,fr;q=0.8,en;q=0.5")), LANG_FR);
    assert_int_equal(accept_language(S("en-GB, fr;q=0.9")), LANG_EN);
    assert_int_equal(accept_language(S("de, en;q=0.4")), LANG_EN);
    assert_int_equal(accept_language(S("en;q=0, *")), LANG_FR);
    assert_int_equal(accept_language(S("fr;q=0.2, en;q=0.25")), LANG_EN);
    assert_int_equal(accept_language(STR_NONE), LANG_FR);
    assert_int_equal(accept_encodings(S("gzip;q=0, br")), 1U << ENCODING_NONE | 1U << ENCODING_BROTLI);
    assert_int_equal(accept_encodings(S("deflate, GZip;q=0.5")), 1U << ENCODING_NONE | 1U << ENCODING_GZIP);
}

static void tags_are_compared_weakly(void **state)
{
    assert_true(etag_matches(S("\"x\", W/\"abc\""), S("\"abc\"")));
    assert_true(etag_matches(S("*"), S("\"abc\"")));
    assert_false(etag_matches(S("\"ab\""), S("\"abc\"")));
    assert_false(etag_matches(S(""), S("\"abc\"")));
}

static void ranges_are_one_and_within(void **state)
{
    struct byte_range r;
    bool bad;
    assert_true(range_parse(S("bytes=0-99"), 1000, &r, &bad) && r.from == 0 && r.to == 99);
    assert_true(range_parse(S("bytes=990-"), 1000, &r, &bad) && r.from == 990 && r.to == 999);
    assert_true(range_parse(S("bytes=-10"), 1000, &r, &bad) && r.from == 990 && r.to == 999);
    assert_true(range_parse(S("bytes=10-9999"), 1000, &r, &bad) && r.to == 999);
    assert_true(!range_parse(S("bytes=1000-"), 1000, &r, &bad) && bad);
    assert_true(!range_parse(S("bytes=-0"), 1000, &r, &bad) && bad);
    assert_true(!range_parse(S("bytes=5-2"), 1000, &r, &bad) && !bad);
    assert_true(!range_parse(S("bytes=0-1,4-5"), 1000, &r, &bad) && !bad);
    assert_true(!range_parse(S("lines=0-1"), 1000, &r, &bad) && !bad);
    assert_true(!range_parse(S("bytes=0-0"), 0, &r, &bad) && bad);
}

/* --- multipart: what comes out, for pieces of every size --- */
static buf seen;

static err on_begin(void *arg, const struct part_head *h)
{
    buf_fmt(&seen, "[%.*s|%.*s|%.*s:", STR_ARG(h->name), STR_ARG(h->file_name), STR_ARG(h->type));
    return NO_ERR;
}

static err on_data(void *arg, str bytes)
{
    buf_put(&seen, bytes);
    return NO_ERR;
}

static err on_end(void *arg)
{
    buf_lit(&seen, "]");
    return NO_ERR;
}

static err read_in_pieces(str body, size_t piece)
{
    struct multipart *m;
    seen.n = 0;
    buf_lit(&seen, "");
    TRY(multipart_new(mem, S("multipart/form-data; boundary=\"--b\""),
                      (struct multipart_events){on_begin, on_data, on_end}, NULL, &m));
    for (size_t at = 0; at < body.n; at += piece) TRY(multipart_feed(m, str_cut(body, at, at + piece)));
    return multipart_end(m);
}

static void parts_come_out_the_same_whatever_the_pieces(void **state)
{
    str body =
        S("preamble\r\n----b\r\nContent-Disposition: form-data; name=\"nom\"\r\n\r\nÉpinal\r\n----b  \r\n"
          "content-type: image/png\r\nContent-Disposition: form-data; filename=\"C:\\photos\\a "
          "%22b%22.png\"; name=\"photo\"\r\n\r\n"
          "\r\n----\r\r\n---b\r\n----a\r\n\r\n----b\r\n"
          "Content-Disposition: form-data; name=vide\r\n\r\n\r\n----b--\r\nepilogue ----b");
    const char *expected =
        "[nom||:Épinal][photo|C:\\photos\\a \"b\".png|image/png:\r\n----\r\r\n---b\r\n----a\r\n][vide||:]";
    seen = BUF(1 << 20);
    for (size_t piece = 1; piece <= body.n; piece++) {
        assert_int_equal(read_in_pieces(body, piece).code, OK);
        assert_true(str_is(buf_str(&seen), expected));
    }
    buf_free(&seen);
}

static void a_damaged_multipart_is_refused(void **state)
{
    static const char *const bad[] = {
        "----b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut",
        "----b\r\nContent-Disposition: form-data\r\n\r\nx\r\n----b--",
        "----b\r\n\r\nno head\r\n----b--",
        "----b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n----b--",
        "----b\r\nnonsense\r\n\r\nx\r\n----b--",
        "----bX\r\n",
        "----b-x",
        "nothing at all",
        "",
        "----b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n----b--",
        ("----b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; "
         "name=a\r\n\r\nx\r\n----b--")};
    seen = BUF(1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_in_pieces(str_of(bad[i]), 7).code, E_MALFORMED);
    char head[6000];
    memset(head, 'h', sizeof head);
    memcpy(head, "----b\r\n", 7);
    assert_int_equal(read_in_pieces((str){head, sizeof head}, 1000).code, E_MALFORMED);
    struct multipart *m;
    struct multipart_events none = {on_begin, on_data, on_end};
    assert_int_equal(multipart_new(mem, S("multipart/form-data"), none, NULL, &m).code, E_MALFORMED);
    assert_int_equal(multipart_new(mem, S("multipart/form-data; boundary="), none, NULL, &m).code,
                     E_MALFORMED);
    assert_int_equal(
        multipart_new(mem,
                      S("multipart/form-data; "
                        "boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                      none, NULL, &m)
            .code,
        E_MALFORMED);
    buf_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_decoded_or_refused),
        cmocka_unit_test(pairs_keep_their_order_and_their_number),
        cmocka_unit_test(cookies_are_found_by_their_whole_name),
        cmocka_unit_test(languages_follow_preference),
        cmocka_unit_test(tags_are_compared_weakly),
        cmocka_unit_test(ranges_are_one_and_within),
        cmocka_unit_test(parts_come_out_the_same_whatever_the_pieces),
        cmocka_unit_test(a_damaged_multipart_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
