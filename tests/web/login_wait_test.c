/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* More people sign in at once than there are workers: pages are answered meanwhile, by the workers that only wait for Argon2. */
#include <setjmp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "core/password.h"
#include "web/testing.h"

enum { RIGHT_ALL = 1, WORKERS = 2, LOGINS = 16 };
struct app { atomic_int hashed; };
static struct app the_app;
static struct server *server;
static atomic_int waiting, most, refused;

static err enter(struct req *q)
{
    q->tenant_id = 1;
    return NO_ERR;
}
static err allow(struct req *q, const struct route *r)
{
    (void)q, (void)r;
    return NO_ERR;
}

static err get_login(struct req *q)
{
    bool right, old;
    TRY(password_verify(q->mem, STR_NONE, S("un mot de passe"), &right, &old));
    q->app->hashed++;
    return reply_text(q, 200, S("no"));
}

static err get_page(struct req *q) { return reply_text(q, 200, S("page")); }

static const struct route routes[] = {
    {GET, "/login", RIGHT_ALL, get_login, "spends an Argon2", 0, NULL, NULL}, {GET, "/page", RIGHT_ALL, get_page, "a page", 0, NULL, NULL}, {0}};
static const struct route *const all[] = {routes};

static void waits(void *arg, bool on)
{
    int now = waiting += on ? 1 : -1;
    if (now > most) most = now;
    server_worker_waits(arg, on);
}

static void *log_in(void *arg)
{
    (void)arg;
    arena *mem = arena_new(0);
    struct browser *b = browser_new(server, mem);
    if (http_get(b, "/login").status != 200) refused++;
    browser_free(b);
    arena_free(mem);
    return NULL;
}

static void pages_pass_while_many_sign_in(void **state)
{
    (void)state;
    pthread_t t[LOGINS];
    arena *mem = arena_new(0);
    struct server_options opt = {.routes = {all, 1}, .hooks = {.enter = enter, .allow = allow}, .app = &the_app, .workers = WORKERS, .csrf_key = S("0123456789abcdef0123456789abcdef")};
    server = test_server(&opt);
    password_on_wait(waits, server);
    for (int i = 0; i < LOGINS; i++) pthread_create(&t[i], NULL, log_in, NULL);
    while (waiting < LOGINS / 2) usleep(500);
    /* Half of them wait: four times the workers. The page does not wait for the hash of any of them. */
    struct browser *b = browser_new(server, mem);
    int pages = 0;
    while (the_app.hashed < LOGINS) {
        int before = the_app.hashed;
        assert_int_equal(http_get(b, "/page").status, 200);
        assert_true(the_app.hashed - before <= 2);
        pages++;
        if (waiting == 0) break;
    }
    for (int i = 0; i < LOGINS; i++) pthread_join(t[i], NULL);
    assert_true(pages > LOGINS / 2);
    assert_int_equal(refused, 0);
    assert_int_equal(the_app.hashed, LOGINS);
    assert_int_equal(waiting, 0);
    assert_true(most > WORKERS);
    browser_free(b);
    password_on_wait(NULL, NULL);
    server_stop(server, 1000);
    password_stop();
    arena_free(mem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(pages_pass_while_many_sign_in)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
