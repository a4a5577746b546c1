/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What passes in pieces: answers made as they leave, bodies read as they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/hash.h"
#include "base/log.h"
#include "web/testing.h"

static struct server *server;
static arena *mem;
static struct browser *web;
static atomic_int lent, given_back;

static err enter(struct req *q)
{
    lent++;
    return NO_ERR;
}

static err lend(struct req *q)
{
    lent++;
    return NO_ERR;
}

static void leave(struct req *q)
{
    given_back++;
}

static err pull_numbers(struct req *q, void *arg, void *out, size_t max, size_t *got)
{
    int64_t *left = arg;
    size_t n = *left < (int64_t)max ? (size_t)*left : max;
    for (size_t i = 0; i < n; i++) ((char *)out)[i] = (char)('a' + (*left - (int64_t)i) % 26);
    *left -= (int64_t)n;
    *got = n;
    return *left < 0 ? FAIL(E_IO, "web.internal") : NO_ERR;
}

static atomic_int streams_ended;
static void stream_ended(void *arg)
{
    streams_ended++;
}

static err get_stream(struct req *q)
{
    int64_t *left = NEW(q->mem, int64_t), size;
    TRY(query_i64(q, "n", 10, &size));
    *left = size;
    return reply_stream(q, "application/octet-stream", query(q, "known").n ? size : -1, pull_numbers, left,
                        stream_ended);
}

static err pull_fails(struct req *q, void *arg, void *out, size_t max, size_t *got)
{
    int *turn = arg;
    memset(out, 'x', 1000);
    *got = 1000;
    return (*turn)++ < 3 ? NO_ERR : FAIL(E_IO, "web.internal");
}

static err get_broken_stream(struct req *q)
{
    return reply_stream(q, "text/plain", 100000, pull_fails, NEW(q->mem, int), stream_ended);
}

struct counted {
    int64_t bytes;
    struct hash32 last;
};
static err sink(struct req *q, str bytes)
{
    if (!q->state) q->state = NEW(q->mem, struct counted);
    ((struct counted *)q->state)->bytes += (int64_t)bytes.n;
    return NO_ERR;
}

static err put_counted(struct req *q)
{
    struct counted *c = q->state;
    return reply_text(q, 200, str_fmt(q->mem, "%lld", c ? (long long)c->bytes : 0));
}

static const struct route routes[] = {
    {GET, "/flux", 1, get_stream, "a stream"},
    {GET, "/flux-casse", 1, get_broken_stream, "a stream that breaks"},
    {PUT, "/compte", 1, put_counted, "counts bytes", ROUTE_STREAM, .sink = sink},
    {0}};
static const struct route *const tables[] = {routes};

static int setup(void **state)
{
    struct server_options o = {
        .routes = {tables, 1}, .hooks = {.enter = enter, .lend = lend, .leave = leave}, .workers = 3};
    mem = arena_new(0);
    server = test_server(&o);
    web = browser_new(server, mem);
    return 0;
}

static int teardown(void **state)
{
    browser_free(web);
    server_stop(server, 2000);
    arena_free(mem);
    return 0;
}

static void streams_are_whole_or_visibly_broken(void **state)
{
    int ended = streams_ended;
    struct answer a = http_get(web, "/flux?n=1000000");
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.n, 1000000);
    struct answer b = http_get(web, "/flux?n=300001&known=1");
    assert_int_equal(b.body.n, 300001);
    assert_true(
        str_eq(str_cut(b.body, 0, 5),
               (str){(char[]){(char)('a' + 300001 % 26), (char)('a' + 300000 % 26), (char)('a' + 299999 % 26),
                              (char)('a' + 299998 % 26), (char)('a' + 299997 % 26)},
                     5}));
    log_level_set(LOG_ERROR + 1);
    assert_true(http_get(web, "/flux-casse").status < 0);
    log_level_set(LOG_INFO);
    assert_int_equal(http_get(web, "/flux?n=0").body.n, 0);
    for (int i = 0; i < 1000 && streams_ended < ended + 4; i++) usleep(1000);
    assert_int_equal(streams_ended, ended + 4);
}

static void a_body_of_any_size_passes_in_pieces(void **state)
{
    size_t n = 5 << 20;
    char *big = malloc(n);
    memset(big, 'z', n);
    struct answer a = http_send(web, "PUT", "/compte", "application/octet-stream", (str){big, n});
    assert_int_equal(a.status, 200);
    assert_true(str_is(a.body, "5242880"));
    assert_true(str_is(http_send(web, "PUT", "/compte", "application/octet-stream", S("abc")).body, "3"));
    assert_true(str_is(http_send(web, "PUT", "/compte", "application/octet-stream", S("")).body, "0"));
    browser_header(web, "Transfer-Encoding: chunked");
    assert_true(str_is(http_send(web, "PUT", "/compte", "application/octet-stream", (str){big, 200000}).body,
                       "200000"));
    browser_headers_clear(web);
    free(big);
}

static void the_head_of_a_stream_has_its_length(void **state)
{
    struct answer stream = http_head(web, "/flux?n=5000&known=1");
    assert_int_equal(stream.status, 200);
    assert_int_equal(stream.body.n, 0);
    assert_true(str_is(answer_header(&stream, "Content-Length"), "5000"));
}

/* Each stretch of work gets the database and gives it back. */
static void what_is_lent_is_given_back(void **state)
{
    int before = lent;
    assert_int_equal(http_get(web, "/flux?n=300000").body.n, 300000);
    for (int i = 0; i < 1000 && given_back != lent; i++) usleep(1000);
    assert_int_equal(given_back, lent);
    assert_true(lent - before > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_whole_or_visibly_broken),
        cmocka_unit_test(a_body_of_any_size_passes_in_pieces),
        cmocka_unit_test(the_head_of_a_stream_has_its_length),
        cmocka_unit_test(what_is_lent_is_given_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
