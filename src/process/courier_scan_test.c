/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The courier and clamd (tests/support/clamd.h). */
#include "base/hash.h"
#include "base/test.h"
#include "clamd.h"
#include "process/courier.h"
#include "process/process.h"

static arena *mem;

static struct courier *scanner(struct courier_settings s)
{
    struct courier *c;
    assert_ok(courier_open(&c, &s));
    return c;
}

struct content {
    str head;
    size_t left;
    bool fails;
};

static err next_piece(void *arg, void *out, size_t n_bytes, size_t *got)
{
    struct content *c = arg;
    if (c->fails && c->left < 100000) return FAIL(E_IO, "test.io");
    if (c->head.n) {
        memcpy(out, c->head.p, c->head.n);
        *got = c->head.n;
        c->head.n = 0;
        return NO_ERR;
    }
    *got = c->left < n_bytes ? c->left : n_bytes;
    memset(out, 'x', *got);
    c->left -= *got;
    return NO_ERR;
}

static void files_are_shown_to_clamd(void **state)
{
    struct clamd clamd = {0};
    struct scan found;
    clamd_start(&clamd);
    struct courier *c =
        scanner((struct courier_settings){.clamd = str_fmt(mem, "tcp:127.0.0.1:%d", clamd.port)});
    assert_true(courier_can_scan(c));
    assert_ok(
        courier_scan(c, mem, next_piece, &(struct content){.head = S("%PDF-1.7"), .left = 3 << 20}, &found));
    assert_int_equal(found.verdict, SCAN_CLEAN);
    assert_int_equal(clamd.received, (3 << 20) + 8);
    assert_ok(
        courier_scan(c, mem, next_piece, &(struct content){.head = S("X5O!EICAR"), .left = 70000}, &found));
    assert_int_equal(found.verdict, SCAN_INFECTED);
    assert_str(found.name, "Eicar-Test-Signature");
    assert_ok(courier_scan(c, mem, next_piece, &(struct content){0}, &found));
    assert_int_equal(found.verdict, SCAN_CLEAN);
    assert_err(courier_scan(c, mem, next_piece, &(struct content){.left = 64 << 20}, &found), E_TOO_LARGE);
    /* Half a file is not clean. */
    assert_err(courier_scan(c, mem, next_piece, &(struct content){.left = 200000, .fails = true}, &found),
               E_IO);
    courier_close(c);
    clamd_stop(&clamd);
}

static void no_clamd_is_said_so(void **state)
{
    struct scan found;
    struct courier *c = scanner((struct courier_settings){.clamd = S("unix:/nonexistent/clamd.ctl")});
    err e = courier_scan(c, mem, next_piece, &(struct content){.left = 1 << 20}, &found);
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "scan.unavailable");
    courier_close(c);
    c = scanner((struct courier_settings){0});
    assert_false(courier_can_scan(c));
    assert_err(courier_scan(c, mem, next_piece, &(struct content){0}, &found), E_CONFIG);
    courier_close(c);
}

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

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_shown_to_clamd),
        cmocka_unit_test(no_clamd_is_said_so),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
