/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Declared inputs; who the client is behind a proxy; HTTPS, its cookies and its policy; many readers and writers of the page cache. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "web/cache.h"
#include "web/testing.h"

struct form {
    str name, text, colour;
    int64_t count, day, ref;
    double length;
    bool agreed;
    struct strs list;
};
static const char *const colours[] = {"bleu", "rouge", NULL};
static const struct input spec[] = {
    {"nom", IN_LINE, true, 2, 10, offsetof(struct form, name)},
    {"texte", IN_TEXT, .max = 20, .offset = offsetof(struct form, text)},
    {"couleur", IN_CHOICE, .offset = offsetof(struct form, colour), .choices = colours},
    {"nombre", IN_I64, .min = 1, .max = 2000, .offset = offsetof(struct form, count)},
    {"jour", IN_DATE, .offset = offsetof(struct form, day)},
    {"ref", IN_ID, .offset = offsetof(struct form, ref)},
    {"longueur", IN_F64, .offset = offsetof(struct form, length)},
    {"accord", IN_BOOL, .offset = offsetof(struct form, agreed)},
    {"cases", IN_LIST, .max = 2, .offset = offsetof(struct form, list), .choices = colours},
    {0}};

static struct server *server;
static arena *mem;
static struct browser *web;

static err post_form(struct req *q)
{
    struct form f = {0};
    struct faults faults;
    err e = input_read(q, q->route->inputs, &f, &faults);
    buf *b = reply_buf(q, e.code == OK ? 200 : 422, "text/plain; charset=utf-8");
    buf_fmt(b, "[%.*s][%.*s][%.*s] %lld %lld %lld %g %d %zu", STR_ARG(f.name), STR_ARG(f.text), STR_ARG(f.colour), (long long)f.count,
            (long long)f.day, (long long)f.ref, f.length, f.agreed, f.list.n);
    for (size_t i = 0; i < faults.n; i++)
        buf_fmt(b, " !%s:%s:%.*s", faults.v[i].name, faults.v[i].msg, STR_ARG(faults.v[i].detail));
    return NO_ERR;
}

static err get_who(struct req *q)
{
    session_cookie_set(q, S("token"), 3600);
    return reply_text(q, 200, str_fmt(q->mem, "%.*s %d %.*s", STR_ARG(q->ip), q->https, STR_ARG(session_token(q))));
}

static const struct route routes[] = {
    {POST, "/formulaire", 1, post_form, "a form", .inputs = spec}, {GET, "/formulaire", 1, post_form, "the same in the URL", .inputs = spec},
    {GET, "/qui", 1, get_who, "who asks"}, {0}};
static const struct route *const tables[] = {routes};

static int setup(void **state)
{
    static str trusted[] = {S("127.0.0.0/8")};
    struct server_options o = {.routes = {tables, 1}, .workers = 2, .hsts = true, .trusted_proxies = {trusted, 1}};
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

static void what_is_right_is_read(void **state)
{
    str id = id_text(mem, 123456789);
    struct answer a = http_post_form(web, "/formulaire", "nom", "  Zo\xC3\xA9\t", "texte", "a\r\nb", "couleur", "bleu", "nombre",
                                     "1\xE2\x80\xAF" "234", "jour", "23/11/2026", "ref", str_z(mem, id), "longueur", "12,5", "accord", "on",
                                     "cases", "bleu", "cases", "", "cases", "rouge", NULL);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(a.body, str_fmt(mem, "[Zo\xC3\xA9][a\nb][bleu] 1234 %lld 123456789 12.5 1 2", (long long)days_of(2026, 11, 23))));
    struct answer least = http_post_form(web, "/formulaire", "nom", "ab", "jour", "2026-11-23", "accord", "non", NULL);
    assert_int_equal(least.status, 200);
    assert_true(str_starts(least.body, str_fmt(mem, "[ab][][] 0 %lld 0 0 0 0", (long long)days_of(2026, 11, 23))));
    assert_int_equal(http_get(web, "/formulaire?nom=dans+l%27URL&nombre=7").status, 200);
}

static void what_is_wrong_is_said_one_fault_each(void **state)
{
    struct answer a = http_post_form(web, "/formulaire", "nom", "trop long pour dix", "texte", "0123456789012345678901", "couleur", "vert",
                                     "nombre", "3000", "jour", "30/02/2026", "ref", "?", "longueur", "douze", "cases", "bleu", "cases", "rouge",
                                     "cases", "bleu", NULL);
    assert_int_equal(a.status, 422);
    static const char *const faults[] = {"!nom:web.input.too_long:10", "!texte:web.input.too_long:20", "!couleur:web.input.choice:",
                                         "!nombre:web.input.too_big:2000", "!jour:web.input.date:", "!ref:web.input.choice:",
                                         "!longueur:web.input.decimal:", "!cases:web.input.too_many:2"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) assert_true(str_find(a.body, str_of(faults[i])) > 0);
    assert_true(str_find(a.body, S("[trop long pour dix]")) >= 0);           /* to be shown again */
    struct answer empty = http_post_form(web, "/formulaire", "nom", " ", "nombre", "x", NULL);
    assert_true(str_find(empty.body, S("!nom:web.input.missing:")) > 0);
    assert_true(str_find(empty.body, S("!nombre:web.input.number:")) > 0);
    struct answer brief = http_post_form(web, "/formulaire", "nom", "\xC3\xA9", "cases", "noir", NULL);
    assert_true(str_find(brief.body, S("!nom:web.input.too_short:2")) > 0);  /* two bytes, one letter */
    assert_true(str_find(brief.body, S("!cases:web.input.choice:")) > 0);
}

static void a_trusted_proxy_says_who_and_how(void **state)
{
    browser_header(web, "X-Forwarded-For: 198.51.100.7, 203.0.113.9");
    browser_header(web, "X-Forwarded-Proto: https");
    browser_header(web, "Cookie: session=plain; __Host-session=secure");
    struct answer a = http_get(web, "/qui");
    browser_headers_clear(web);
    assert_true(str_is(a.body, "203.0.113.9 1 secure"));
    assert_true(str_starts(answer_header(&a, "Set-Cookie"), S("__Host-session=token; Path=/; Max-Age=3600; SameSite=Lax; HttpOnly; Secure")));
    assert_true(str_starts(answer_header(&a, "Strict-Transport-Security"), S("max-age=")));
    browser_forget(web);
    browser_header(web, "Cookie: session=plain; __Host-session=secure");
    struct answer plain = http_get(web, "/qui");
    browser_headers_clear(web);
    browser_forget(web);
    assert_true(str_is(plain.body, "127.0.0.1 0 plain"));
    assert_true(str_starts(answer_header(&plain, "Set-Cookie"), S("session=token; Path=/; Max-Age=3600; SameSite=Lax; HttpOnly")));
    assert_null(answer_header(&plain, "Strict-Transport-Security").p);
}

static str text_of_file(const char *path)
{
    char *p = arena_alloc(mem, 16384);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(p, 1, 16383, f);
    fclose(f);
    return (str){p, n};
}

static void https_is_spoken_by_the_server_itself(void **state)
{
    char dir[] = "/tmp/beffroi-tls-XXXXXX", command[400];
    assert_non_null(mkdtemp(dir));
    snprintf(command, sizeof command, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost "
             "-keyout %s/key -out %s/cert 2> /dev/null", dir, dir);
    if (system(command) != 0) skip();
    struct server_options o = {.routes = {tables, 1}, .workers = 1, .hsts = true};
    o.tls_cert_pem = text_of_file(str_fmt(mem, "%s/cert", dir).p);
    o.tls_key_pem = text_of_file(str_fmt(mem, "%s/key", dir).p);
    struct server *secure = test_server(&o);
    snprintf(command, sizeof command, "curl -skf -D %s/head -o %s/body https://127.0.0.1:%d/qui", dir, dir, server_port(secure));
    assert_int_equal(system(command), 0);
    assert_true(str_starts(text_of_file(str_fmt(mem, "%s/body", dir).p), S("127.0.0.1 1 ")));
    assert_true(str_find(text_of_file(str_fmt(mem, "%s/head", dir).p), S("Strict-Transport-Security: max-age=")) > 0);
    server_stop(secure, 1000);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
    struct server *none = NULL;
    o.listen = S("127.0.0.1:0");
    o.tls_key_pem = S("not a key");
    assert_int_equal(server_start(&none, &o).code, E_IO);
}

/* --- the page cache alone --- */
static struct page_cache *cache;
static atomic_int truth;         /* what the database would say */
static atomic_int told;          /* the newest truth whose bump has been made */
static atomic_bool over;
static atomic_int stale, hits;

static struct page_made made_of(int n, uint64_t begun_at, const char *const *topics)
{
    struct page_made m = {.bytes_total = 100, .topics = topics, .topics_n = 1, .begun_at = begun_at};
    m.page.tenant = n;           /* stands for the content */
    m.page.as[0] = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    m.page.not_modified = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    return m;
}

/* Who asks after a bump never gets a page from before it. */
static void *reader(void *arg)
{
    static const char *const topics[] = {"t"};
    while (!over) {
        int least = told;
        const struct page *p = page_get(cache, S("key"));
        if (p) {
            hits++;
            if (p->tenant < least) stale++;
            page_put(p);
            continue;
        }
        uint64_t begun = page_cache_now(cache);
        int seen = truth;
        if (seen % 3 == 0) sched_yield();
        struct page_made m = made_of(seen, begun, topics);
        page_store(cache, S("key"), &m);
    }
    return NULL;
}

static void a_stale_page_is_never_served_whoever_races(void **state)
{
    pthread_t t[4];
    cache = page_cache_new(1 << 20);
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, reader, NULL);
    for (int i = 1; i < 4000; i++) {
        atomic_store(&truth, i);
        page_bump_all(cache);
        atomic_store(&told, i);
        if (i % 64 == 0) usleep(200);
    }
    usleep(20000);
    over = true;
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    const struct page *last = page_get(cache, S("key"));
    if (last) {
        assert_int_equal(last->tenant, 3999);
        page_put(last);
    }
    assert_true(hits > 0);
    assert_int_equal(stale, 0);
    page_cache_free(cache);
}

static void the_cache_stays_within_its_bytes(void **state)
{
    int64_t bytes, pages;
    static const char *const topics[] = {"t"};
    cache = page_cache_new(1 << 20);
    for (int i = 0; i < 5000; i++) {
        struct page_made m = made_of(1, page_cache_now(cache), topics);
        m.bytes_total = 3000;
        page_store(cache, str_fmt(mem, "page %d", i), &m);
    }
    page_cache_stats(cache, &bytes, &pages);
    assert_in_range(bytes, 800000, 1 << 20);
    assert_in_range(pages, 200, 400);
    const struct page *newest = page_get(cache, S("page 4999"));
    assert_non_null(newest);
    assert_null(page_get(cache, S("page 1")));
    page_bump(cache, 1, S("*"));
    assert_null(page_get(cache, S("page 4999")));
    page_put(newest);            /* held across its removal */
    struct page_made huge = made_of(1, page_cache_now(cache), topics);
    huge.bytes_total = 1 << 20;
    assert_false(page_store(cache, S("huge"), &huge));
    page_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_is_read),
        cmocka_unit_test(what_is_wrong_is_said_one_fault_each),
        cmocka_unit_test(a_trusted_proxy_says_who_and_how),
        cmocka_unit_test(https_is_spoken_by_the_server_itself),
        cmocka_unit_test(a_stale_page_is_never_served_whoever_races),
        cmocka_unit_test(the_cache_stays_within_its_bytes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
