/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files through every door, with a scanner: an infected one is refused, a clean one taken, and none becomes ready while the scanner is away. */
#include <ftw.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/test.h"
#include "clamd.h"
#include "formats/json.h"
#include "pages/scan.h"
#include "process/courier.h"
#include "process/process.h"
#include "site_testing.h"

#define CLEAN "%PDF-1.4 plan"
#define INFECTED "%PDF-1.4 X5O!P%@AP EICAR"
#define FOUND "a trouvé un virus dans ce fichier"
#define AWAY "votre fichier n’est pas encore pris"

struct guarded { struct site *s; struct clamd clamd; const char *reference, *filed; };

static bool says(str body, const char *words) { return str_find(body, str_of(words)) >= 0; }

static const char *at(struct guarded *g, const char *reference, const char *what) { return str_fmt(g->s->t->mem, "/dossiers/%s%s", reference, what).p; }

static const char *begin(struct site *s)
{
    struct kind_row row;
    struct town *t = s->t;
    const struct kind *k;
    json_t *j = town_json(t, "{\"kind\":\"papers\",\"base\":\"procedure\",\"title\":\"Envoyer des pièces\",\"fields\":["
                             "{\"id\":\"f1\",\"name\":\"pièce\",\"type\":\"file\",\"accept\":\"document\",\"label\":\"Votre pièce\"},"
                             "{\"id\":\"f2\",\"name\":\"mot\",\"type\":\"text\",\"label\":\"Un mot\"}]}");
    if (kind_row_get(t->a.d, t->mem, S("papers"), &row).code != OK) {
        ASSERT_OK(kind_create(t->a.d, S("procedures"), S("papers"), t->a.town, t->a.team, j, t->a.agent.account, t->mem, &row));
        ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("papers"), t->a.agent.account));
    }
    ASSERT_OK(kinds_get(t->kinds, t->a.d, S("papers"), 0, &k));
    ASSERT_OK(kind_row_get(t->a.d, t->mem, k->name, &row));
    struct answer a = http_post_form(s->web, str_fmt(t->mem, "/demarches/%.*s/commencer", STR_ARG(row.slug)).p, NULL);
    assert_int_equal(a.status, 303);
    const char *reference = str_z(t->mem, str_split(str_cut(a.location, 10, a.location.n), '/', &(str){0}));
    assert_int_equal(http_post_form(s->web, str_fmt(t->mem, "/dossiers/%s/debut", reference).p, "email", "zoe@ex.test", NULL).status, 303);
    return reference;
}

static struct guarded *guarded_open(struct test_store *store)
{
    struct site *s = site_open(store);
    struct guarded *g = NEW(s->t->mem, struct guarded);
    g->s = s;
    clamd_start(&g->clamd);
    s->app.settings.clamd = str_fmt(s->t->mem, "tcp:127.0.0.1:%d", g->clamd.port);
    ASSERT_OK(courier_open(&s->app.courier, &(struct courier_settings){.clamd = s->app.settings.clamd}));
    scan_on_wait(server_worker_waits, s->server);
    g->reference = begin(s);
    return g;
}

static void guarded_close(struct guarded *g)
{
    scan_on_wait(NULL, NULL);
    courier_close(g->s->app.courier);
    clamd_stop(&g->clamd);
    site_close(g->s);
}

static struct answer send_parts(struct guarded *g, const char *path, const char *words, const char *field, const char *name, const char *bytes)
{
    str all = str_fmt(g->s->t->mem, "--xx\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nVoici le plan.\r\n--xx\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n"
                                    "Content-Type: application/pdf\r\n\r\n%s\r\n--xx--\r\n", words, field, name, bytes);
    return http_send(g->s->web, "POST", path, "multipart/form-data; boundary=xx", all);
}

static struct answer send_page(struct guarded *g, const char *name, const char *bytes) { return send_parts(g, at(g, g->reference, "/remplir/1"), "f2", "f1", name, bytes); }
static struct answer send_message(struct guarded *g, const char *name, const char *bytes) { return send_parts(g, at(g, g->filed, "/messages"), "words", "files", name, bytes); }
static struct answer send_api(struct guarded *g, const char *name, const char *bytes)
{
    return http_send(g->s->web, "POST", str_fmt(g->s->t->mem, "/api/v1/files?name=%s", name).p, "application/pdf", str_of(bytes));
}

static struct answer tus(struct guarded *g, const char *method, const char *path, int64_t value, const char *name, const char *bytes)
{
    struct browser *web = g->s->web;
    browser_header(web, "Tus-Resumable: 1.0.0");
    browser_header(web, str_fmt(g->s->t->mem, "%s: %lld", *method == 'P' && method[1] == 'O' ? "Upload-Length" : "Upload-Offset", (long long)value).p);
    if (name) browser_header(web, str_fmt(g->s->t->mem, "Upload-Metadata: filename %s", name).p);
    struct answer a = str_is(str_of(method), "HEAD") ? http_head(web, path) : http_send(web, method, path, "application/offset+octet-stream", str_of(bytes));
    browser_headers_clear(web);
    return a;
}

/* A whole file by pieces; name in base64. */
static struct answer send_tus(struct guarded *g, const char *name, const char *bytes, const char **out_path)
{
    struct answer a = tus(g, "POST", at(g, g->reference, "/fichiers?path=f1"), (int64_t)strlen(bytes), name, "");
    assert_int_equal(a.status, 201);
    *out_path = str_z(g->s->t->mem, a.location);
    return tus(g, "PATCH", *out_path, 0, NULL, bytes);
}

static int files_seen;
static int file_seen(const char *path, const struct stat *st, int flag, struct FTW *where)
{
    (void)st;
    (void)where;
    files_seen += flag == FTW_F && !strstr(path, "/keys");
    return 0;
}
/* Sealed files, parts and unfinished ones. */
static int on_disk(struct guarded *g)
{
    files_seen = 0;
    nftw(str_fmt(g->s->t->mem, "%.*s/blobs-test", STR_ARG(g->s->t->store->dir)).p, file_seen, 8, FTW_PHYS);
    return files_seen;
}

static bool page_has(struct guarded *g, const char *reference, const char *what, const char *words) { return says(http_get(g->s->web, at(g, reference, what)).body, words); }

static void a_form_takes_no_infected_file(void **state)
{
    struct guarded *g = guarded_open(*state);
    struct answer a = send_page(g, "facture.pdf", INFECTED);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, FOUND) && says(a.body, "href=\"#f1\""));
    assert_true(says(a.body, "Voici le plan."));           /* the other answers are kept */
    assert_int_equal(on_disk(g), 0);
    assert_int_equal(g->clamd.asked, 1);
    clamd_stop(&g->clamd);
    a = send_page(g, "plan.pdf", CLEAN);
    assert_int_equal(a.status, 503);
    assert_true(says(a.body, AWAY) && says(a.body, "value=\"Voici le plan.\""));
    assert_int_equal(on_disk(g), 0);
    assert_false(page_has(g, g->reference, "/remplir/1", "plan.pdf"));
    clamd_start(&g->clamd);
    assert_int_equal(send_page(g, "plan.pdf", CLEAN).status, 303);
    assert_true(page_has(g, g->reference, "/remplir/1", "plan.pdf"));
    assert_int_equal(on_disk(g), 1);
    guarded_close(g);
}

static void a_message_takes_no_infected_file(void **state)
{
    struct guarded *g = guarded_open(*state);
    assert_int_equal(http_post_multipart(g->s->web, at(g, g->reference, "/remplir/1"), "f2", "Bonjour", "do", "next", NULL).status, 303);
    assert_int_equal(http_post_form(g->s->web, at(g, g->reference, "/deposer"), NULL).status, 303);
    g->filed = g->reference;
    struct answer a = send_message(g, "facture.pdf", INFECTED);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, FOUND) && says(a.body, "href=\"#files\"") && says(a.body, "Voici le plan."));
    clamd_stop(&g->clamd);
    a = send_message(g, "plan.pdf", CLEAN);
    assert_int_equal(a.status, 503);
    assert_true(says(a.body, AWAY) && says(a.body, "value=\"Voici le plan.\""));
    assert_false(page_has(g, g->filed, "", "Voici le plan."));         /* not sent without its file */
    clamd_start(&g->clamd);
    assert_int_equal(on_disk(g), 0);
    assert_int_equal(send_message(g, "plan.pdf", CLEAN).status, 303);
    assert_true(page_has(g, g->filed, "", ">plan.pdf</a>"));
    guarded_close(g);
}

static void a_resumed_upload_waits_for_the_scanner(void **state)
{
    struct guarded *g = guarded_open(*state);
    const char *path;
    struct answer a = send_tus(g, "ZmFjdHVyZS5wZGY=" /* facture.pdf */, INFECTED, &path);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, FOUND) && says(a.body, "\"at\":\"facture.pdf\""));
    assert_int_equal(on_disk(g), 0);
    assert_int_equal(tus(g, "HEAD", path, 0, NULL, "").status, 404);
    clamd_stop(&g->clamd);
    a = send_tus(g, "cGxhbi5wZGY=" /* plan.pdf */, CLEAN, &path);
    assert_int_equal(a.status, 503);
    assert_true(says(a.body, AWAY));
    assert_int_equal(on_disk(g), 1);                        /* the part alone: what was sent stays */
    assert_false(page_has(g, g->reference, "/remplir/1", "plan.pdf"));
    assert_int_equal(tus(g, "PATCH", path, sizeof CLEAN - 1, NULL, "").status, 503);
    assert_int_equal(on_disk(g), 1);
    clamd_start(&g->clamd);
    a = tus(g, "PATCH", path, sizeof CLEAN - 1, NULL, "");
    assert_int_equal(a.status, 204);
    assert_true(page_has(g, g->reference, "/remplir/1", "plan.pdf"));
    assert_int_equal(on_disk(g), 1);
    guarded_close(g);
}

static void the_api_takes_no_infected_file(void **state)
{
    struct guarded *g = guarded_open(*state);
    struct answer a = send_api(g, "facture.pdf", INFECTED);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, FOUND) && says(a.body, "\"at\":\"facture.pdf\""));
    clamd_stop(&g->clamd);
    a = send_api(g, "plan.pdf", CLEAN);
    assert_int_equal(a.status, 503);
    assert_true(says(a.body, AWAY) && answer_header(&a, "Retry-After").n);
    assert_int_equal(on_disk(g), 0);
    clamd_start(&g->clamd);
    assert_int_equal(send_api(g, "plan.pdf", CLEAN).status, 201);
    assert_int_equal(g->clamd.received, sizeof CLEAN - 1);
    /* Larger than a sealed segment, and the mark at its end; then more than the scanner takes. */
    char *big = NEW_N(g->s->t->mem, char, (5 << 20) + 1);
    memset(big, 'x', 5 << 20);
    memcpy(big, CLEAN, sizeof CLEAN - 1);
    memcpy(big + (3 << 20), "EICAR", 6);
    assert_int_equal(send_api(g, "grand.pdf", big).status, 422);
    assert_int_equal(g->clamd.received, (3 << 20) + 5);
    memset(big + (3 << 20), 'x', 6);
    a = send_api(g, "grand.pdf", big);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, "trop grand pour l’antivirus"));
    assert_int_equal(on_disk(g), 1);
    guarded_close(g);
}

struct sender { struct guarded *g; pthread_t thread; int status; };

static void *sender_main(void *arg)
{
    struct sender *x = arg;
    arena *mem = arena_new(0);
    struct browser *web = browser_new(x->g->s->server, mem);
    browser_host(web, "ville.test");
    x->status = http_send(web, "POST", "/api/v1/files?name=plan.pdf", "application/pdf", S(CLEAN)).status;
    browser_free(web);
    arena_free(mem);
    return NULL;
}

/* More senders than workers, and than scans at once. */
static void a_slow_scanner_holds_up_nothing_else(void **state)
{
    struct guarded *g = guarded_open(*state);
    struct sender senders[6];
    g->clamd.held = true;
    for (size_t i = 0; i < 6; i++) {
        senders[i] = (struct sender){.g = g};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, sender_main, &senders[i]), 0);
    }
    for (int i = 0; i < 2000 && !g->clamd.asked; i++) usleep(5000);
    assert_true(g->clamd.asked > 0);
    usleep(300000);                                         /* the others have come */
    for (int i = 0; i < 5; i++) assert_int_equal(http_get(g->s->web, "/demarches").status, 200);
    assert_true(page_has(g, g->reference, "/remplir/1", "Votre pièce"));
    g->clamd.held = false;
    for (size_t i = 0; i < 6; i++) {
        pthread_join(senders[i].thread, NULL);
        assert_int_equal(senders[i].status, 201);
    }
    guarded_close(g);
}

static void without_a_scanner_files_are_taken(void **state)
{
    struct guarded *g = guarded_open(*state);
    g->s->app.settings.clamd = STR_NONE;
    assert_int_equal(send_api(g, "plan.pdf", INFECTED).status, 201);
    assert_int_equal(g->clamd.asked, 0);
    guarded_close(g);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    static const struct CMUnitTest tests[] = {STORE_TEST(a_form_takes_no_infected_file), STORE_TEST(a_message_takes_no_infected_file),
        STORE_TEST(a_resumed_upload_waits_for_the_scanner), STORE_TEST(the_api_takes_no_infected_file),
        STORE_TEST(a_slow_scanner_holds_up_nothing_else), STORE_TEST(without_a_scanner_files_are_taken)};
    return STORE_RUN(tests);
}
