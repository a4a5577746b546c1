/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/test.h"
#include "base/arena.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed_and_aligned(void **state)
{
    arena *a = arena_new(0);
    for (size_t n = 0; n < 5000; n += 7) {
        unsigned char *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
        memset(p, 0xFF, n);
        if (n % 1001 == 0) arena_reset(a);      /* used memory comes back zeroed */
    }
    assert_true(arena_used_bytes(a) > 0);
    arena_reset(a);
    assert_int_equal(arena_used_bytes(a), 0);
    arena_free(a);
}

static void the_last_grows_in_place(void **state)
{
    arena *a = arena_new(0);
    char *p = arena_alloc(a, 10);
    memcpy(p, "0123456789", 10);
    char *q = arena_grow(a, p, 10, 100);
    assert_ptr_equal(p, q);
    assert_memory_equal(q, "0123456789\0\0", 12);
    arena_alloc(a, 1);
    char *r = arena_grow(a, q, 100, 200);
    assert_ptr_not_equal(q, r);
    assert_memory_equal(r, "0123456789\0\0", 12);
    for (int i = 10; i < 200; i++) assert_int_equal(r[i], 0);
    assert_ptr_equal(arena_grow(a, r, 200, 50), r);
    arena_free(a);
}

static void a_slice_grows(void **state)
{
    arena *a = arena_new(0);
    struct { int *v; size_t n; } list = {0};
    for (int i = 0; i < 10000; i++) {
        PUSH(a, &list, i * 3);
        if (i % 100 == 0) arena_alloc(a, 3);
    }
    assert_int_equal(list.n, 10000);
    for (int i = 0; i < 10000; i++) assert_int_equal(list.v[i], i * 3);
    arena_free(a);
}

struct trail { char seen[8]; size_t n; };
struct step { struct trail *t; char c; };
static void walk(void *arg)
{
    struct step *s = arg;
    s->t->seen[s->t->n++] = s->c;
}

static void deferred_run_last_first(void **state)
{
    arena *a = arena_new(0);
    struct trail t = {0};
    for (char c = 'a'; c < 'd'; c++) {
        struct step *s = NEW(a, struct step);
        *s = (struct step){&t, c};
        arena_defer(a, walk, s);
    }
    arena_reset(a);
    assert_string_equal(t.seen, "cba");
    struct step *s = NEW(a, struct step);
    *s = (struct step){&t, 'z'};
    arena_defer(a, walk, s);
    arena_free(a);
    assert_string_equal(t.seen, "cbaz");
}

static void more_than_the_limit_aborts(void **state)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        arena *a = arena_new(100000);
        for (int i = 0; i < 1000; i++) arena_alloc(a, 1000);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    arena *a = arena_new(100000);               /* up to the limit all is well */
    for (int i = 0; i < 90; i++) assert_non_null(arena_alloc(a, 1000));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned), cmocka_unit_test(the_last_grows_in_place), cmocka_unit_test(a_slice_grows),
        cmocka_unit_test(deferred_run_last_first),      cmocka_unit_test(more_than_the_limit_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
