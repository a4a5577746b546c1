/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which row takes which URL; whose address it is; how many tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/hash.h"
#include "web/address.h"
#include "web/limit.h"
#include "web/req.h"

static arena *mem;

static int setup(void **state)
{
    hash_start();
    mem = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    arena_free(mem);
    return 0;
}

static err nothing(struct req *q)
{
    return NO_ERR;
}

static err find(const struct router *r, enum http_method m, const char *path, const char **pattern,
                struct route_params *p, unsigned *allowed)
{
    const struct route *route = NULL;
    err e = router_find(r, mem, m, str_of(path), &route, p, allowed);
    *pattern = e.code == OK ? route->path : NULL;
    return e;
}

static void the_most_literal_row_wins(void **state)
{
    static const struct route one[] = {{GET, "/*page", 1, nothing, "d"},
                                       {GET, "/a/:x", 1, nothing, "d"},
                                       {GET, "/a/b", 1, nothing, "d"},
                                       {GET, "/a/:x/c", 1, nothing, "d"},
                                       {POST, "/a/b", 1, nothing, "d"},
                                       {GET, "/", 1, nothing, "d"},
                                       {0}};
    static const struct route two[] = {
        {GET, "/f/:id/*rest", 1, nothing, "d"}, {HEAD, "/a/b", 1, nothing, "d"}, {0}};
    static const struct route *const tables[] = {one, two};
    struct router *r;
    struct route_params p;
    unsigned allowed;
    const char *got;
    assert_int_equal(router_new(&r, (struct route_tables){tables, 2}).code, OK);
    assert_int_equal(router_count(r), 8);
    find(r, GET, "/a/b", &got, &p, &allowed);
    assert_ptr_equal(got, one[2].path);
    find(r, HEAD, "/a/b", &got, &p, &allowed);
    assert_ptr_equal(got, two[1].path);
    find(r, HEAD, "/a/z", &got, &p, &allowed); /* by GET */
    assert_ptr_equal(got, one[1].path);
    assert_true(str_is(p.v[0].value, "z") && strcmp(p.v[0].name, "x") == 0);
    find(r, GET, "/a/b/c", &got, &p, &allowed);
    assert_ptr_equal(got, one[3].path);
    find(r, GET, "/f/7/x/y%2Fz", &got, &p, &allowed);
    assert_ptr_equal(got, two[0].path);
    assert_true(str_is(p.v[1].value, "x/y/z"));
    find(r, GET, "/", &got, &p, &allowed);
    assert_ptr_equal(got, one[5].path);
    find(r, GET, "/x/y/z/1/2/3/4/5/6/7/8/9/10/11/12/13/14", &got, &p, &allowed);
    assert_ptr_equal(got, one[0].path);
    assert_int_equal(find(r, DELETE, "/a/b", &got, &p, &allowed).code, E_INVALID);
    assert_int_equal(allowed, 1U << GET | 1U << POST | 1U << HEAD);
    assert_int_equal(find(r, POST, "/a/b%", &got, &p, &allowed).code, E_MALFORMED);
    assert_int_equal(find(r, GET, "a", &got, &p, &allowed).code, E_NOT_FOUND);
    router_free(r);
}

static err refused(const struct route *table)
{
    struct router *r = NULL;
    err e = router_new(&r, (struct route_tables){&table, 1});
    router_free(e.code == OK ? r : NULL);
    return e;
}

static void a_row_without_right_or_doc_stops_the_start(void **state)
{
    static const struct route no_right[] = {{GET, "/a", 0, nothing, "d"}, {0}},
                              no_doc[] = {{GET, "/a", 1, nothing, NULL}, {0}},
                              no_fn[] = {{GET, "/a", 1, NULL, "d"}, {0}},
                              twice[] = {{GET, "/a/:x", 1, nothing, "d"},
                                         {GET, "/a/:y", 1, nothing, "d"},
                                         {0}},
                              rest_first[] = {{GET, "/*a/b", 1, nothing, "d"}, {0}},
                              relative[] = {{GET, "a", 1, nothing, "d"}, {0}},
                              no_sink[] = {{PUT, "/a", 1, nothing, "d", ROUTE_STREAM}, {0}},
                              empty[] = {{GET, "/a//b", 1, nothing, "d"}, {0}};
    const struct route *const bad[] = {no_right, no_doc, no_fn, twice, rest_first, relative, no_sink, empty};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err e = refused(bad[i]);
        assert_int_equal(e.code, E_CONFIG);
        assert_non_null(e.at);
    }
    static const struct route fine[] = {{GET, "/a", 1, nothing, "d"}, {POST, "/a", 1, nothing, "d"}, {0}};
    assert_int_equal(refused(fine).code, OK);
}

static str client_of(const char *peer, const char *forwarded)
{
    str list[] = {S("127.0.0.1"), S("10.0.0.0/8"), S("fd00::/8")};
    struct networks n;
    struct ip p;
    assert_int_equal(networks_parse(mem, (struct strs){list, 3}, &n).code, OK);
    assert_int_equal(ip_parse(str_of(peer), &p).code, OK);
    struct ip c = client_ip(&n, &p, str_of(forwarded));
    return ip_text(mem, &c);
}

static void only_trusted_proxies_say_who_the_client_is(void **state)
{
    assert_true(str_is(client_of("127.0.0.1", "203.0.113.9"), "203.0.113.9"));
    assert_true(str_is(client_of("198.51.100.1", "203.0.113.9"),
                       "198.51.100.1")); /* not trusted: a lie changes nothing */
    assert_true(str_is(client_of("127.0.0.1", "1.2.3.4, 203.0.113.9, 10.1.2.3"), "203.0.113.9"));
    assert_true(str_is(client_of("127.0.0.1", "1.2.3.4, 2001:db8::1"), "2001:db8::1"));
    assert_true(str_is(client_of("fd00::1", "[2001:db8::2]:4711"), "2001:db8::2"));
    assert_true(str_is(client_of("127.0.0.1", "203.0.113.9:80"), "203.0.113.9"));
    assert_true(str_is(client_of("127.0.0.1", "unknown, nonsense"), "127.0.0.1"));
    assert_true(str_is(client_of("127.0.0.1", NULL), "127.0.0.1"));
    struct networks n;
    str bad[] = {S("10.0.0.0/33"), S("nowhere"), S("10.0.0.0/x"), S("::/129")};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(networks_parse(mem, (struct strs){&bad[i], 1}, &n).code, E_CONFIG);
}

static void addresses_to_listen_at(void **state)
{
    int fd, taken;
    assert_int_equal(listen_open(S("127.0.0.1:0"), &fd).code, OK);
    assert_true(listen_port(fd) > 0);
    err e = listen_open(str_fmt(mem, "127.0.0.1:%d", listen_port(fd)), &taken);
    assert_int_equal(e.code, E_IO);
    assert_non_null(strstr(e.at, "127.0.0.1:"));
    static const char *const bad[] = {"127.0.0.1", "127.0.0.1:99999", "300.0.0.1:80", ":x", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(listen_open(str_of(bad[i]), &taken).code, E_CONFIG);
}

static void buckets_empty_and_fill_again(void **state)
{
    struct limiter *l = limiter_new();
    int64_t t = 1000 * SECOND_US;
    for (int i = 0; i < 5; i++) assert_int_equal(limiter_take(l, S("a"), "login", 6, 5, t), 0);
    assert_int_equal(limiter_take(l, S("a"), "login", 6, 5, t), 10);
    assert_int_equal(limiter_take(l, S("b"), "login", 6, 5, t), 0); /* another person */
    assert_int_equal(limiter_take(l, S("a"), "file", 100000000, 100000000, t), 0); /* beyond what is counted: no limit, */
    assert_int_equal(limiter_take(l, S("a"), "file", 100000000, 100000000, t - SECOND_US), 0); /* whatever a thread's clock says */
    assert_int_equal(limiter_take(l, S("a"), "save", 600000, 600000, t), 0);
    assert_int_equal(limiter_take(l, S("a"), "save", 600000, 600000, t - 2000), 0);
    assert_int_equal(limiter_take(l, S("a"), "search", 6, 5, t), 0); /* another action */
    assert_int_equal(limiter_take(l, S("a"), "login", 6, 5, t + 9 * SECOND_US), 1);
    assert_int_equal(limiter_take(l, S("a"), "login", 6, 5, t + 10 * SECOND_US), 0);
    assert_int_not_equal(limiter_take(l, S("a"), "login", 6, 5, t + 10 * SECOND_US), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(limiter_take(l, S("a"), "login", 6, 5, t + 100 * SECOND_US), 0);
    assert_int_not_equal(limiter_take(l, S("a"), "login", 6, 5, t + 100 * SECOND_US), 0);
    for (int i = 0; i < 300000; i++)
        limiter_take(l, str_fmt(mem, "visitor %d", i), "page", 60, 10,
                     t + 101 * SECOND_US); /* a crowd: memory stays */
    assert_int_equal(limiter_take(l, S("new"), "page", 60, 10, t + 101 * SECOND_US), 0);
    limiter_free(l);
}

static void networks_of_ipv6_are_counted_whole(void **state)
{
    struct ip a, b, c;
    ip_parse(S("2001:db8:1:2:3::4"), &a);
    ip_parse(S("2001:db8:1:2:ffff::1"), &b);
    ip_parse(S("2001:db8:1:3::4"), &c);
    a = ip_prefix(&a);
    b = ip_prefix(&b);
    c = ip_prefix(&c);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_not_equal(&a, &c, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_literal_row_wins),
        cmocka_unit_test(a_row_without_right_or_doc_stops_the_start),
        cmocka_unit_test(only_trusted_proxies_say_who_the_client_is),
        cmocka_unit_test(addresses_to_listen_at),
        cmocka_unit_test(buckets_empty_and_fill_again),
        cmocka_unit_test(networks_of_ipv6_are_counted_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
