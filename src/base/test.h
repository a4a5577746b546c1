/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* test.h — cmocka with what it needs, for every x_test.c; and comparisons that print strings. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "str.h"

/* The value is OK, else the test fails and says the message and the place. */
#define assert_ok(expr_)                                                                                               \
    do {                                                                                                               \
        err got_ = (expr_);                                                                                            \
        if (got_.code != OK) fail_msg("%s: %s %s %s", #expr_, err_name(got_.code), got_.msg, got_.at ? got_.at : "");  \
    } while (0)
#define assert_err(expr_, code_)                                                                                       \
    do {                                                                                                               \
        err got_ = (expr_);                                                                                            \
        if (got_.code != (code_)) fail_msg("%s: %s, expected %s", #expr_, err_name(got_.code), err_name(code_));       \
        if (got_.code != OK && !got_.msg) fail_msg("%s: no message", #expr_);                                          \
    } while (0)
#define assert_str(got_, z_)                                                                                           \
    do {                                                                                                               \
        str s_ = (got_);                                                                                               \
        if (!str_is(s_, (z_))) fail_msg("%s: \"%.*s\", expected \"%s\"", #got_, STR_ARG(s_), (z_));                    \
    } while (0)

/* A test with an arena of its own, *state. */
static inline int test_arena_open(void **state)
{
    *state = arena_new(0);
    return 0;
}

static inline int test_arena_close(void **state)
{
    arena_free(*state);
    return 0;
}

#define IN_ARENA(test_) cmocka_unit_test_setup_teardown(test_, test_arena_open, test_arena_close)
