/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A server in this process, spoken to over its socket: what is answered, refused, compressed, kept and cut.
   */
#include <setjmp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "web/testing.h"

enum { RIGHT_ALL = 1, RIGHT_SIGNED = 2 };

struct app {
    atomic_int renders, entered, left;
    atomic_bool gate;
    char topic_text[32];
};
static struct app the_app;
static struct server *server;
static arena *mem;
static struct browser *web;

/* --- hooks: two towns, one session --- */
static err enter(struct req *q)
{
    if (str_is(q->host_name, "127.0.0.1") || str_is(q->host_name, "un.test"))
        q->tenant_id = 1;
    else if (str_is(q->host_name, "deux.test"))
        q->tenant_id = 2;
    else
        return FAIL(E_HOST, "web.host.bad");
    q->signed_in = str_is(session_token(q), "good");
    q->app->entered++;
    return NO_ERR;
}

static err allow(struct req *q, const struct route *r)
{
    return r->right == RIGHT_SIGNED && !q->signed_in ? FAIL(E_SIGN_IN, "web.not_found") : NO_ERR;
}

static void leave(struct req *q)
{
    q->app->left++;
}

/* --- handlers ---------------------------------------------------- */
static err get_home(struct req *q)
{
    reply_cache(q, "home", NULL);
    int n = ++q->app->renders;
    buf *b = reply_html(q, 200);
    buf_fmt(b, "<p>town %d, page %d, %s", (int)q->tenant_id, n, q->lang == LANG_EN ? "english" : "français");
    for (int i = 0; i < 400; i++) buf_lit(b, " signalement");
    return NO_ERR;
}

static err get_slow(struct req *q)
{
    reply_cache(q, "slow", NULL);
    str before = str_copy(q->mem, str_of(q->app->topic_text));
    while (!q->app->gate) usleep(1000);
    return reply_text(q, 200, before);
}

static err get_wait(struct req *q)
{
    while (!q->app->gate) usleep(1000);
    return reply_text(q, 200, S("done"));
}

static err get_param(struct req *q)
{
    return reply_text(q, 200,
                      str_fmt(q->mem, "%.*s|%.*s|%.*s|%.*s", STR_ARG(param(q, "ref")),
                              STR_ARG(param(q, "rest")), STR_ARG(query(q, "q")), STR_ARG(q->ip)));
}

static err get_private(struct req *q)
{
    return reply_html(q, 200), buf_put(reply_html(q, 200), csrf_token(q)), NO_ERR;
}

static err echo_form(struct req *q)
{
    buf *b = reply_buf(q, 200, "text/plain; charset=utf-8");
    for (size_t i = 0; i < fields(q)->n; i++)
        buf_fmt(b, "%.*s=%.*s;", STR_ARG(fields(q)->v[i].name), STR_ARG(fields(q)->v[i].value));
    return NO_ERR;
}

static err echo_json(struct req *q)
{
    return reply_json(q, 200, body(q));
}

static err post_error(struct req *q)
{
    int64_t code;
    TRY(param_i64(q, "code", &code));
    return FAIL_AT((enum err_code)code, "web.internal", "there");
}

static err post_limited(struct req *q)
{
    TRY(limit_take(q, "login", 60, 3));
    return reply_text(q, 200, S("ok"));
}

static err get_redirect(struct req *q)
{
    return reply_redirect(q, query(q, "to"));
}

static err get_cookie(struct req *q)
{
    cookie_set(q, "brouillon", S("é;x"), 60, 0);
    return reply_text(q, 200, str_fmt(q->mem, "%.*s", STR_ARG(cookie(q, "brouillon"))));
}

static err get_sneaky(struct req *q) /* asks to be cached although it read a cookie */
{
    reply_cache(q, "home", NULL);
    return reply_text(q, 200, str_fmt(q->mem, "%d %.*s", ++q->app->renders, STR_ARG(cookie(q, "brouillon"))));
}

static const struct route routes[] = {
    {GET, "/", RIGHT_ALL, get_home, "home"},
    {GET, "/slow", RIGHT_ALL, get_slow, "a page that waits for the gate"},
    {GET, "/wait", RIGHT_ALL, get_wait, "waits for the gate"},
    {GET, "/signaler/:ref", RIGHT_ALL, get_param, "a parameter"},
    {GET, "/fichiers/*rest", RIGHT_ALL, get_param, "the rest"},
    {GET, "/prive", RIGHT_SIGNED, get_private, "for the signed in"},
    {POST, "/prive", RIGHT_SIGNED, echo_form, "a form for the signed in"},
    {POST, "/formulaire", RIGHT_ALL, echo_form, "a form"},
    {POST, "/api/json", RIGHT_ALL, echo_json, "JSON", ROUTE_API | ROUTE_TOKEN},
    {POST, "/api/erreur/:code", RIGHT_ALL, post_error, "an error of that code", ROUTE_API | ROUTE_TOKEN},
    {GET, "/erreur/:code", RIGHT_ALL, post_error, "an error of that code"},
    {POST, "/limite", RIGHT_ALL, post_limited, "three tries"},
    {GET, "/redirige", RIGHT_ALL, get_redirect, "redirects"},
    {GET, "/cookie", RIGHT_ALL, get_cookie, "sets and reads a cookie"},
    {GET, "/sournois", RIGHT_ALL, get_sneaky, "cached and personal at once"},
    {GET, "/sante", RIGHT_ALL, get_wait, "health", ROUTE_ANY_HOST},
    {0}};
static const struct route *const tables[] = {routes};

static struct server_options options(void)
{
    static const unsigned char plain[] = "body{color:#111}", packed[] = "not really brotli";
    static const struct asset all[] = {
        {"a/b.css", "text/css; charset=utf-8", plain, NULL, packed, sizeof plain - 1, 0, sizeof packed - 1},
        {0}};
    static const struct asset_table assets = {all, 1, "0123456789ab"};
    return (struct server_options){.routes = {tables, 1},
                                   .hooks = {.enter = enter, .allow = allow, .leave = leave},
                                   .app = &the_app,
                                   .assets = &assets,
                                   .workers = 4,
                                   .queue_max = 4,
                                   .hsts = true};
}

static int setup(void **state)
{
    struct server_options o = options();
    the_app.gate = true;
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

/* --- stories ----------------------------------------------------- */
static void a_page_is_rendered_once_and_then_comes_from_the_cache(void **state)
{
    int before = the_app.renders;
    struct answer one = http_get(web, "/"), two = http_get(web, "/");
    assert_int_equal(one.status, 200);
    assert_true(str_eq(one.body, two.body));
    assert_int_equal(the_app.renders, before + 1);
    str etag = answer_header(&two, "ETag");
    assert_true(etag.n > 10);
    assert_null(
        answer_header(&two, "Connection").p); /* the connection is kept: an early answer would close it */
    browser_header(web, str_fmt(mem, "If-None-Match: %.*s", STR_ARG(etag)).p);
    struct answer same = http_get(web, "/");
    assert_int_equal(same.status, 304);
    assert_int_equal(same.body.n, 0);
    browser_headers_clear(web);
    page_cache_bump(server, 2, S("home")); /* the other town's */
    http_get(web, "/");
    assert_int_equal(the_app.renders, before + 1);
    page_cache_bump(server, 1, S("home"));
    struct answer three = http_get(web, "/");
    assert_int_equal(the_app.renders, before + 2);
    assert_false(str_eq(one.body, three.body));
    page_cache_bump(server, 1, S("*"));
    http_get(web, "/");
    assert_int_equal(the_app.renders, before + 3);
}

static void each_town_and_language_has_its_own_page(void **state)
{
    browser_host(web, "deux.test");
    struct answer two = http_get(web, "/");
    assert_true(str_find(two.body, S("town 2")) >= 0);
    browser_header(web, "Accept-Language: en;q=0.9, fr;q=0.3");
    assert_true(str_find(http_get(web, "/").body, S("english")) >= 0);
    browser_headers_clear(web);
    assert_true(str_find(http_get(web, "/").body, S("français")) >= 0);
    browser_host(web, "un.test");
    assert_true(str_find(http_get(web, "/").body, S("town 1")) >= 0);
    browser_host(web, "autre.test");
    assert_int_equal(http_get(web, "/").status, 421);
    browser_host(web, "autre.test:8080");
    assert_int_equal(http_get(web, "/").status, 421);
    assert_int_equal(http_get(web, "/sante").status, 200); /* machines call by address */
    browser_host(web, NULL);
}

static void pages_are_compressed_the_way_asked(void **state)
{
    struct answer plain = http_get(web, "/");
    assert_false(answer_header(&plain, "Content-Encoding").p != NULL);
    for (int turn = 0; turn < 2; turn++) { /* rendered, then from the cache */
        page_cache_bump_all(server);
        for (int again = 0; again < 2; again++) {
            browser_header(web, "Accept-Encoding: gzip, br;q=0");
            struct answer packed = http_get(web, "/");
            browser_headers_clear(web);
            assert_true(str_is(answer_header(&packed, "Content-Encoding"), "gzip"));
            assert_true(packed.body.n < 400);
        }
    }
    browser_header(web, "Accept-Encoding: gzip, br");
    struct answer br = http_get(web, "/");
    browser_headers_clear(web);
    assert_true(str_is(answer_header(&br, "Content-Encoding"), "br"));
    browser_decode(web, true);
    struct answer decoded = http_get(web, "/");
    browser_decode(web, false);
    assert_true(str_find(decoded.body, S("signalement signalement")) > 0);
    assert_true(str_find(answer_header(&decoded, "Vary"), S("Accept-Encoding")) >= 0);
}

static void head_has_the_length_and_no_body(void **state)
{
    struct answer get = http_get(web, "/"), head = http_head(web, "/");
    assert_int_equal(head.status, 200);
    assert_int_equal(head.body.n, 0);
    assert_true(str_eq(answer_header(&head, "Content-Length"), answer_header(&get, "Content-Length")));
    struct answer dynamic = http_head(web, "/signaler/12");
    assert_true(str_is(answer_header(&dynamic, "Content-Length"), "14"));
}

static void every_answer_carries_the_policies(void **state)
{
    struct answer page = http_get(web, "/"), lost = http_get(web, "/perdu");
    for (int i = 0; i < 2; i++) {
        struct answer *a = i ? &lost : &page;
        str csp = answer_header(a, "Content-Security-Policy");
        assert_true(str_find(csp, S("default-src 'none'")) >= 0);
        assert_true(str_find(csp, S("frame-ancestors 'none'")) >= 0);
        assert_true(str_find(csp, S("unsafe")) < 0);
        assert_true(str_is(answer_header(a, "X-Content-Type-Options"), "nosniff"));
        assert_true(str_is(answer_header(a, "Cross-Origin-Opener-Policy"), "same-origin"));
        assert_true(answer_header(a, "Referrer-Policy").n > 0);
        assert_false(answer_header(a, "Strict-Transport-Security").p != NULL); /* plain HTTP */
    }
    assert_int_equal(lost.status, 404);
}

static void a_wrong_method_says_which_are_right(void **state)
{
    struct answer a = http_send(web, "DELETE", "/formulaire", NULL, S(""));
    assert_int_equal(a.status, 405);
    assert_true(str_find(answer_header(&a, "Allow"), S("POST")) >= 0);
    struct answer o = http_send(web, "OPTIONS", "/prive", NULL, S(""));
    assert_int_equal(o.status, 204);
    assert_true(str_is(answer_header(&o, "Allow"), "GET, HEAD, POST, OPTIONS"));
    assert_int_equal(http_send(web, "BREW", "/", NULL, S("")).status, 501);
}

static void parameters_are_decoded_strictly(void **state)
{
    struct answer a = http_get(web, "/signaler/%C3%A9t%C3%A9%2Fbis?q=1+%2B&q=2");
    assert_true(str_starts(a.body, S("été/bis||1 +|127.0.0.1")));
    assert_true(str_starts(http_get(web, "/fichiers/a/b%20c/d").body, S("|a/b c/d|")));
    assert_int_equal(http_get(web, "/signaler/%C3").status, 400);
    assert_int_equal(http_get(web, "/signaler/%zz").status, 400);
    assert_int_equal(http_get(web, "/signaler/a%00b").status, 400);
    assert_int_equal(http_get(web, "/signaler//").status, 404);
    assert_int_equal(http_get(web, "/signaler/../prive").status, 404);
    struct answer slash = http_get(web, "/signaler/12/?q=1");
    assert_int_equal(slash.status, 301);
    assert_true(str_is(slash.location, "/signaler/12?q=1"));
    char longest[9000];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "/signaler/", 10);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(http_get(web, longest).status, 414);
}

static void forms_are_read_and_measured(void **state)
{
    struct answer a = http_post_form(web, "/formulaire", "nom", "Épinal & co", "nom", "2", "vide", "",
                                     "texte", "a\r\nb\x01", NULL);
    assert_int_equal(a.status, 200);
    assert_true(str_is(a.body, "nom=Épinal & co;nom=2;vide=;texte=a\r\nb;"));
    struct answer m = http_post_multipart(web, "/formulaire", "nom", "Épinal", "autre", "x\r\n--y", NULL);
    assert_int_equal(m.status, 200);
    assert_true(str_is(m.body, "nom=Épinal;autre=x\r\n--y;"));
    assert_int_equal(http_send(web, "POST", "/formulaire", "application/json", S("{}")).status, 415);
    assert_int_equal(
        http_send(web, "POST", "/formulaire", "application/x-www-form-urlencoded", S("a=%ff")).status, 400);
    assert_int_equal(http_post_multipart(web, "/formulaire", "f", "@file", NULL).status, 422);
    assert_int_equal(
        http_send(web, "POST", "/formulaire", "multipart/form-data; boundary=x", S("--x\r\nContent-Disp"))
            .status,
        400);
    buf many = BUF(6 << 20);
    for (int i = 0; i < 5001; i++) buf_lit(&many, "a=1&");
    assert_int_equal(
        http_send(web, "POST", "/formulaire", "application/x-www-form-urlencoded", buf_str(&many)).status,
        413);
    while (many.n < 5 << 20) buf_lit(&many, "0123456789");
    assert_int_equal(
        http_send(web, "POST", "/formulaire", "application/x-www-form-urlencoded", buf_str(&many)).status,
        413);
    buf_free(&many);
}

static void errors_have_one_status_each(void **state)
{
    static const int expected[] = {
        [E_INVALID] = 422, [E_MALFORMED] = 400, [E_NOT_FOUND] = 404, [E_HOST] = 421,   [E_GONE] = 410,
        [E_SIGN_IN] = 401, [E_DENIED] = 403,    [E_CONFLICT] = 409,  [E_EXISTS] = 409, [E_TOO_LARGE] = 413,
        [E_LIMIT] = 429,   [E_BUSY] = 503,      [E_IO] = 503,        [E_FULL] = 507,   [E_INTERNAL] = 500};
    log_level_set(LOG_ERROR + 1);
    for (int code = E_INVALID; code <= E_INTERNAL; code++) {
        if (!expected[code]) continue;
        struct answer a = http_get(web, str_fmt(mem, "/erreur/%d", code).p);
        assert_int_equal(a.status, expected[code]);
        assert_true(str_starts(a.type, S("text/html")));
        assert_true(str_is(answer_header(&a, "Cache-Control"), "no-store"));
        struct answer j =
            http_send(web, "POST", str_fmt(mem, "/api/erreur/%d", code).p, "application/json", S("{}"));
        assert_int_equal(j.status, expected[code]);
        assert_true(
            str_starts(j.body, str_fmt(mem, "{\"error\":{\"code\":\"%s\"", err_name((enum err_code)code))));
        assert_true(str_find(j.body, S("\"at\":\"there\"")) > 0);
    }
    log_level_set(LOG_INFO);
}

static void forms_from_elsewhere_are_refused(void **state)
{
    browser_header(web, "Origin: https://mechant.test");
    assert_int_equal(http_post_form(web, "/formulaire", "a", "1", NULL).status, 403);
    browser_headers_clear(web);
    browser_header(web, "Origin: null");
    assert_int_equal(http_post_form(web, "/formulaire", "a", "1", NULL).status, 403);
    browser_headers_clear(web);
    browser_header(web, "Sec-Fetch-Site: cross-site");
    assert_int_equal(http_post_form(web, "/formulaire", "a", "1", NULL).status, 403);
    browser_headers_clear(web);
    browser_header(web, "Sec-Fetch-Site: same-site");
    assert_int_equal(http_post_form(web, "/formulaire", "a", "1", NULL).status, 403);
    browser_headers_clear(web);
    assert_int_equal(http_post_form(web, "/formulaire", "a", "1", NULL).status, 200);
    browser_header(web, "Origin: https://mechant.test");
    assert_int_equal(http_send(web, "POST", "/api/json", "application/json", S("{}")).status,
                     200); /* by token, never by cookie */
    browser_headers_clear(web);
}

static void the_signed_in_need_the_token_of_their_page(void **state)
{
    assert_int_equal(http_get(web, "/prive").status, 401);
    browser_header(web, "Cookie: session=good");
    struct answer page = http_get(web, "/prive"), other = http_get(web, "/prive");
    assert_int_equal(page.status, 200);
    assert_true(str_is(answer_header(&page, "Cache-Control"), "no-store"));
    assert_false(str_eq(page.body, other.body)); /* masked: differs each time */
    assert_int_equal(http_post_form(web, "/prive", "a", "1", NULL).status, 403);
    assert_int_equal(http_post_form(web, "/prive", "a", "1", "csrf", str_z(mem, page.body), NULL).status,
                     200);
    browser_header(web, str_fmt(mem, "X-CSRF-Token: %.*s", STR_ARG(other.body)).p);
    assert_int_equal(http_post_form(web, "/prive", "a", "1", NULL).status, 200);
    browser_headers_clear(web);
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%.*s", STR_ARG(page.body));
    wrong[5] = wrong[5] == 'A' ? 'B' : 'A';
    browser_header(web, "Cookie: session=good");
    assert_int_equal(http_post_form(web, "/prive", "a", "1", "csrf", wrong, NULL).status, 403);
    browser_headers_clear(web);
}

static void what_is_personal_is_never_in_the_cache(void **state)
{
    int before = the_app.renders;
    browser_header(web, "Cookie: session=good");
    struct answer a = http_get(web, "/?x=1");
    http_get(web, "/");
    http_get(web, "/");
    assert_int_equal(the_app.renders, before + 3);
    assert_true(str_is(answer_header(&a, "Cache-Control"), "no-store"));
    browser_headers_clear(web);
    http_get(web, "/sournois");
    http_get(web, "/sournois");
    assert_int_equal(the_app.renders, before + 5);
    http_get(web, "/?inconnu=1"); /* nobody read that parameter: not kept */
    http_get(web, "/?inconnu=1");
    assert_int_equal(the_app.renders, before + 7);
}

static void who_has_just_written_sees_a_fresh_page(void **state)
{
    browser_forget(web);
    http_get(web, "/");
    int before = the_app.renders;
    http_get(web, "/");
    assert_int_equal(the_app.renders, before);
    struct answer a = http_post_form(web, "/formulaire", "a", "1", NULL);
    assert_true(str_find(a.head, S("Max-Age=5")) > 0);
    http_get(web, "/");
    assert_int_equal(the_app.renders, before + 1);
    browser_forget(web);
    http_get(web, "/");
    assert_int_equal(the_app.renders, before + 1);
}

static void *get_slow_page(void *arg)
{
    arena *own = arena_new(0);
    struct browser *b = browser_new(server, own);
    struct answer a = http_get(b, "/slow");
    snprintf(arg, 32, "%.*s", STR_ARG(a.body));
    browser_free(b);
    arena_free(own);
    return NULL;
}

static void a_page_begun_before_a_write_is_not_kept_after_it(void **state)
{
    char got[32];
    pthread_t t;
    the_app.gate = false;
    snprintf(the_app.topic_text, sizeof the_app.topic_text, "old");
    int entered = the_app.entered;
    pthread_create(&t, NULL, get_slow_page, got);
    while (the_app.entered == entered) usleep(1000);
    usleep(20000); /* it has read "old" */
    snprintf(the_app.topic_text, sizeof the_app.topic_text, "new");
    page_cache_bump(server, 1, S("slow"));
    the_app.gate = true;
    pthread_join(t, NULL);
    assert_string_equal(got, "old");
    assert_true(str_is(http_get(web, "/slow").body, "new"));
    assert_true(str_is(http_get(web, "/slow").body, "new"));
}

static void *get_waiting_page(void *arg)
{
    arena *own = arena_new(0);
    struct browser *b = browser_new(server, own);
    struct answer a = http_get(b, "/wait");
    *(int *)arg = a.status == 503 && answer_header(&a, "Retry-After").n ? 503 : a.status;
    browser_free(b);
    arena_free(own);
    return NULL;
}

static void wait_for(int busy, int queued, int64_t refused)
{
    struct server_stats st = {0};
    for (int i = 0; i < 5000 && (st.workers_busy != busy || st.queued != queued || st.refused_busy < refused);
         i++) {
        server_stats(server, &st);
        usleep(1000);
    }
    assert_int_equal(st.workers_busy, busy);
    assert_int_equal(st.queued, queued);
}

static void a_full_queue_is_said_at_once_and_the_cache_still_answers(void **state)
{
    enum { N = 14 };
    pthread_t t[N];
    int status[N], ok = 0, busy = 0;
    http_get(web, "/");
    the_app.gate = false;
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, get_waiting_page, &status[i]);
    wait_for(4, 0, 0);
    for (int i = 4; i < 8; i++) pthread_create(&t[i], NULL, get_waiting_page, &status[i]);
    wait_for(4, 4, 0);
    struct server_stats st;
    server_stats(server, &st);
    for (int i = 8; i < N; i++) pthread_create(&t[i], NULL, get_waiting_page, &status[i]);
    wait_for(4, 4, st.refused_busy + N - 8);
    int64_t before_us = clock_monotonic_us();
    assert_int_equal(http_get(web, "/").status, 200);
    assert_true(clock_monotonic_us() - before_us < 500000);
    the_app.gate = true;
    for (int i = 0; i < N; i++) {
        pthread_join(t[i], NULL);
        ok += status[i] == 200;
        busy += status[i] == 503;
    }
    assert_int_equal(ok, 8); /* 4 at work, 4 waiting */
    assert_int_equal(busy, N - 8);
}

static void redirections_stay_here(void **state)
{
    struct answer a = http_get(web, "/redirige?to=/dossiers");
    assert_int_equal(a.status, 303);
    assert_true(str_is(a.location, "/dossiers"));
    assert_true(str_is(http_get(web, "/redirige?to=//mechant.test").location, "/"));
    assert_true(str_is(http_get(web, "/redirige?to=https://mechant.test").location, "/"));
    assert_true(str_is(http_get(web, "/redirige?to=/%5Cmechant.test").location, "/"));
    struct answer split = http_get(web, "/redirige?to=/a%0d%0aSet-Cookie:x=1");
    assert_false(answer_header(&split, "Set-Cookie").p != NULL);
}

static void cookies_come_back_as_they_were(void **state)
{
    http_get(web, "/cookie");
    struct answer a = http_get(web, "/cookie");
    assert_true(str_is(a.body, "é;x"));
    assert_true(str_find(answer_header(&a, "Set-Cookie"), S("SameSite=Lax; HttpOnly")) > 0);
    browser_forget(web);
}

static void tries_are_counted_by_address(void **state)
{
    for (int i = 0; i < 3; i++) assert_int_equal(http_post_form(web, "/limite", "a", "1", NULL).status, 200);
    struct answer a = http_post_form(web, "/limite", "a", "1", NULL);
    assert_int_equal(a.status, 429);
    assert_true(answer_header(&a, "Retry-After").n > 0);
}

static void assets_are_immutable_and_old_links_still_work(void **state)
{
    struct answer a = http_get(web, "/s/0123456789ab/a/b.css");
    assert_int_equal(a.status, 200);
    assert_true(str_is(a.body, "body{color:#111}"));
    assert_true(str_find(answer_header(&a, "Cache-Control"), S("immutable")) > 0);
    browser_header(web, "Accept-Encoding: br");
    struct answer br = http_get(web, "/s/0123456789ab/a/b.css");
    assert_true(str_is(br.body, "not really brotli"));
    browser_headers_clear(web);
    browser_header(web, "If-None-Match: \"0123456789ab\"");
    assert_int_equal(http_get(web, "/s/0123456789ab/a/b.css").status, 304);
    browser_headers_clear(web);
    struct answer old = http_get(web, "/s/ffffffffffff/a/b.css");
    assert_int_equal(old.status, 302);
    assert_true(str_is(old.location, "/s/0123456789ab/a/b.css"));
    assert_int_equal(http_get(web, "/s/0123456789ab/none.css").status, 404);
}

static void what_enters_leaves(void **state)
{
    for (int i = 0; i < 1000 && the_app.left != the_app.entered; i++) usleep(1000);
    assert_int_equal(the_app.left, the_app.entered);
    buf b = BUF(1 << 20);
    metrics_write(server, &b);
    assert_true(
        str_find(buf_str(&b),
                 S("beffroi_http_requests_total{method=\"GET\",route=\"/signaler/:ref\",status=\"2xx\"}")) >
        0);
    assert_true(str_find(buf_str(&b), S("le=\"+Inf\"")) > 0);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_rendered_once_and_then_comes_from_the_cache),
        cmocka_unit_test(each_town_and_language_has_its_own_page),
        cmocka_unit_test(pages_are_compressed_the_way_asked),
        cmocka_unit_test(head_has_the_length_and_no_body),
        cmocka_unit_test(every_answer_carries_the_policies),
        cmocka_unit_test(a_wrong_method_says_which_are_right),
        cmocka_unit_test(parameters_are_decoded_strictly),
        cmocka_unit_test(forms_are_read_and_measured),
        cmocka_unit_test(errors_have_one_status_each),
        cmocka_unit_test(forms_from_elsewhere_are_refused),
        cmocka_unit_test(the_signed_in_need_the_token_of_their_page),
        cmocka_unit_test(what_is_personal_is_never_in_the_cache),
        cmocka_unit_test(who_has_just_written_sees_a_fresh_page),
        cmocka_unit_test(a_page_begun_before_a_write_is_not_kept_after_it),
        cmocka_unit_test(a_full_queue_is_said_at_once_and_the_cache_still_answers),
        cmocka_unit_test(redirections_stay_here),
        cmocka_unit_test(cookies_come_back_as_they_were),
        cmocka_unit_test(tries_are_counted_by_address),
        cmocka_unit_test(assets_are_immutable_and_old_links_still_work),
        cmocka_unit_test(what_enters_leaves),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
