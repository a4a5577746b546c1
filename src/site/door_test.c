/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An error of ours is said once: the log of a request that failed, whether a page or JSON is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "site/door.h"
#include "web/testing.h"

static err fails(struct req *q)
{
    int64_t code;
    TRY(param_i64(q, "code", &code));
    return FAIL_AT((enum err_code)code, "web.internal", "there");
}

static const struct route routes[] = {
    {GET, "/faute/:code", 1, fails, "a page that fails"}, {GET, "/api/faute/:code", 1, fails, "and JSON", ROUTE_API | ROUTE_TOKEN}, {0}};
static const struct route *const tables[] = {routes};

/* What is written on stderr while `path` is asked. */
static str said_for(struct browser *web, arena *mem, const char *path, int *status)
{
    int file = memfd_create("log", MFD_CLOEXEC), before = dup(STDERR_FILENO);
    char *text = arena_alloc(mem, 8192);
    dup2(file, STDERR_FILENO);
    *status = http_get(web, path).status;
    dup2(before, STDERR_FILENO);
    ssize_t n = pread(file, text, 8192, 0);
    assert_true(n >= 0);
    close(before);
    close(file);
    return (str){text, (size_t)n};
}

static void an_error_is_logged_once(void **state)
{
    static const struct { enum err_code code; int status, lines; const char *level; } cases[] = {
        {E_INTERNAL, 500, 1, "\"level\":\"error\""}, {E_IO, 503, 1, "\"level\":\"error\""}, {E_FULL, 507, 1, "\"level\":\"error\""},
        {E_BUSY, 503, 1, "\"level\":\"warn\""},      {E_NOT_FOUND, 404, 0, ""},             {E_INVALID, 422, 0, ""}};
    arena *mem = arena_new(0);
    struct server_options o = {.routes = {tables, 1}, .hooks = {.error_page = door_hooks.error_page}, .workers = 2};
    struct server *s = test_server(&o);
    struct browser *web = browser_new(s, mem);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int api = 0; api < 2; api++) {
            int status, lines = 0;
            str said = said_for(web, mem, str_fmt(mem, "%s/faute/%d", api ? "/api" : "", cases[i].code).p, &status);
            assert_int_equal(status, cases[i].status);
            for (size_t at = 0; at < said.n; at++) lines += said.p[at] == '\n';
            if (lines != cases[i].lines) fail_msg("%d: %.*s", status, STR_ARG(said));
            if (!lines) continue;
            assert_true(str_find(said, str_of(cases[i].level)) > 0);
            assert_true(str_find(said, S("faute/:code")) > 0 && str_find(said, S("web.internal")) > 0 && str_find(said, S("there")) > 0);
        }
    browser_free(web);
    server_stop(s, 1000);
    arena_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_error_is_logged_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
