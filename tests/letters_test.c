/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Letters before the whole site: who reads one, what /v says to anybody, and what it never says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/letter.h"
#include "core/journal.h"
#include "core/secret.h"
#include "desk_testing.h"
#include "process/converter.h"
#include "process/process.h"
#include "services.h"

static struct converter *converter;

struct sent { struct site *s; struct town *t; struct record r; struct sent_letter l; const char *code; };

static err job_run(db *d, arena *mem, const struct job *j, void *app)
{
    for (const struct job_type *t = all_jobs; t->name; t++)
        if (str_is(j->name, t->name)) return t->run(d, mem, j, app);
    return NO_ERR;
}

static void work(struct sent *x)
{
    static const struct job_type jobs[] = {{LETTER_MAKE, job_run}, {0}};
    int64_t n;
    ASSERT_OK(jobs_run_due(x->t->a.d, x->t->mem, jobs, &x->s->app, S("here"), x->t->now_us, &n));
}

static void find(struct sent *x)
{
    struct sent_letters all;
    ASSERT_OK(letters_sent(x->t->a.d, x->t->mem, x->r.id, &all));
    x->l = all.v[0];
    x->code = letter_code_shown(x->t->mem, x->l.code).p;
}

/* A request of the citizen's account, refused straight from the inbox: nobody needs to take it first. */
static struct sent letter_open(void **state)
{
    struct sent x = {.s = site_open(*state)};
    x.t = x.s->t;
    x.s->app.converter = converter;
    struct filing f = {.kind = x.t->a.permit, .body = x.t->a.town, .team = x.t->a.team, .author = x.t->a.citizen, .channel = S("web"), .doc = town_json(x.t, "{\"f1\":\"Échafaudage\"}")};
    x.r = town_file_with(x.t, &x.t->a, f);
    assert_int_equal(town_act(x.t, &x.t->a, &x.t->a.agent, &x.r, "refuse", "{\"reason_in_law\":\"Article L113-2\",\"reason_in_fact\":\"Trottoir trop étroit\"}").code, OK);
    find(&x);
    return x;
}

static void letter_close(struct sent *x) { site_close(x->s); }

static str bytes_of(struct answer a) { return a.body; }

static void its_reader_and_the_desk_read_it(void **state)
{
    struct sent x = letter_open(state);
    str ref = x.r.reference;
    site_as(x.s, x.t->a.citizen, NULL);
    struct answer page = site_get(x.s, 200, "/dossiers/%.*s", STR_ARG(ref));
    assert_true(says(page.body, "Vos courriers") && says(page.body, "se prépare"));
    site_get(x.s, 404, "/dossiers/%.*s/courriers/%s/pdf", STR_ARG(ref), x.code);
    work(&x);
    page = site_get(x.s, 200, "/dossiers/%.*s/courriers/%s", STR_ARG(ref), x.code);
    static const char *const words[] = {"<h1>Objet", "Trottoir trop étroit", "Jeanne Martin", "Responsable", "Télécharger le PDF", "lang=\"fr\""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!says(page.body, words[i])) fail_msg("%s: %.*s", words[i], STR_ARG(page.body));
    assert_false(says(page.body, "Retirer"));
    struct answer pdf = site_get(x.s, 200, "/dossiers/%.*s/courriers/%s/pdf", STR_ARG(ref), x.code);
    assert_true(str_is(pdf.type, "application/pdf") && str_starts(pdf.body, S("%PDF-")));
    assert_true(says(answer_header(&pdf, "Cache-Control"), "no-store"));
    site_as(x.s, x.t->a.agent.account, NULL);
    assert_true(says(site_get(x.s, 200, "/agents/dossiers/%.*s", STR_ARG(ref)).body, "Courriers envoyés"));
    assert_true(says(site_get(x.s, 200, "/agents/dossiers/%.*s/courriers/%s", STR_ARG(ref), x.code).body, "Retirer ce courrier"));
    /* A reader of dossiers reads letters, and does nothing to them. */
    site_as(x.s, x.t->a.reader.account, NULL);
    assert_false(says(site_get(x.s, 200, "/agents/dossiers/%.*s/courriers/%s", STR_ARG(ref), x.code).body, "Retirer ce courrier"));
    site_post(x.s, 403, str_fmt(x.t->mem, "/agents/dossiers/%.*s/courriers/%s/retirer", STR_ARG(ref), x.code).p, "reason=x");
    letter_close(&x);
}

static void nobody_else_does(void **state)
{
    struct sent x = letter_open(state);
    work(&x);
    struct record other = town_file(x.t, &x.t->a, x.t->a.permit, "{\"f1\":\"Autre\"}", "Zoé", "zoe@ex.test");
    static const char *const ends[] = {"", "/pdf"};
    for (int i = 0; i < 2; i++) {
        site_as(x.s, 0, NULL);
        site_get(x.s, 404, "/dossiers/%.*s/courriers/%s%s", STR_ARG(x.r.reference), x.code, ends[i]);
        site_as(x.s, x.t->a.other.account, NULL);       /* an agent of the suburb */
        struct answer a = http_get(x.s->web, str_fmt(x.t->mem, "/agents/dossiers/%.*s/courriers/%s%s", STR_ARG(x.r.reference), x.code, ends[i]).p);
        assert_true(a.status == 403 || a.status == 404);
        assert_false(says(a.body, "Trottoir"));
        /* By another dossier, which the agent may see. */
        site_as(x.s, x.t->a.agent.account, NULL);
        site_get(x.s, 404, "/agents/dossiers/%.*s/courriers/%s%s", STR_ARG(other.reference), x.code, ends[i]);
    }
    /* The twin town knows no such letter. */
    site_as(x.s, 0, NULL);
    browser_host(x.s->web, "jumelle.test");
    assert_true(says(site_get(x.s, 404, "/v/%s", x.code).body, "Aucun courrier"));
    letter_close(&x);
}

static void anybody_verifies_it(void **state)
{
    struct sent x = letter_open(state);
    site_as(x.s, 0, NULL);
    assert_true(says(site_get(x.s, 200, "/v/%s", x.code).body, "Le PDF de ce courrier se prépare"));
    work(&x);
    struct answer page = site_get(x.s, 200, "/v/%s", x.code);
    static const char *const said[] = {"toujours valable", "Refus", "Ville", "courrier"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) assert_true(says(page.body, said[i]));
    assert_true(says(page.body, x.r.reference.p));
    /* Nothing of the person, of the answers, of the reasons, of the agent. */
    static const char *const never[] = {"Petit", "citoyen@", "Échafaudage", "Trottoir", "L113-2", "Martin"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (says(page.body, never[i])) fail_msg("%s is told", never[i]);
    assert_true(says(answer_header(&page, "Cache-Control"), "no-store"));
    /* As it is typed: lower case, blanks. */
    assert_int_equal(http_get(x.s->web, str_fmt(x.t->mem, "/v?code=%.*s", STR_ARG(str_lower_ascii(x.t->mem, x.l.code))).p).status, 303);
    site_get(x.s, 422, "/v/%s0", x.code);
    assert_true(says(site_get(x.s, 404, "/v/%s", letter_code_shown(x.t->mem, letter_code_new(x.t->mem)).p).body, "Aucun courrier ne porte ce code"));
    letter_close(&x);
}

static void a_changed_byte_is_seen(void **state)
{
    struct sent x = letter_open(state);
    work(&x);
    site_as(x.s, x.t->a.citizen, NULL);
    str pdf = bytes_of(site_get(x.s, 200, "/dossiers/%.*s/courriers/%s/pdf", STR_ARG(x.r.reference), x.code));
    site_as(x.s, 0, NULL);
    str path = str_fmt(x.t->mem, "/v/%s/fichier", x.code);
    str whole = str_fmt(x.t->mem, "--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"l.pdf\"\r\nContent-Type: application/pdf\r\n\r\n");
    struct answer a;
    for (int bad = 0; bad < 2; bad++) {
        buf b = BUF(8 << 20);
        buf_put(&b, whole);
        size_t at = b.n;
        buf_put(&b, pdf);
        if (bad) b.p[at + pdf.n / 2] ^= 1;
        buf_lit(&b, "\r\n--b--\r\n");
        a = http_send(x.s->web, "POST", path.p, "multipart/form-data; boundary=b", buf_str(&b));
        assert_int_equal(a.status, 200);
        assert_true(says(a.body, bad ? "data-result=\"same\" hidden" : "data-result=\"altered\" hidden"));
        assert_false(says(a.body, bad ? "data-result=\"altered\" hidden" : "data-result=\"same\" hidden"));
        buf_free(&b);
    }
    /* Not kept: the dossier has its one letter and no other file. */
    struct files files;
    assert_int_equal(files_of(x.t->a.d, x.t->mem, x.r.id, &files).code, OK);
    assert_int_equal(files.n, 1);
    a = http_send(x.s->web, "POST", path.p, "multipart/form-data; boundary=b", S("--b--\r\n"));
    assert_int_equal(a.status, 422);
    a = http_send(x.s->web, "POST", path.p, "multipart/form-data; boundary=b", S("--b\r\ncut"));
    assert_int_equal(a.status, 400);
    /* 20 MB at most. */
    size_t n = (20u << 20) + 10;
    char *big = arena_alloc(x.t->mem, n);
    memcpy(big, whole.p, whole.n);
    a = http_send(x.s->web, "POST", path.p, "multipart/form-data; boundary=b", (str){big, n});
    assert_int_equal(a.status, 413);
    letter_close(&x);
}

static void guessing_is_slow(void **state)
{
    struct sent x = letter_open(state);
    site_as(x.s, 0, NULL);
    int status = 0;
    for (int i = 0; i < 80 && status != 429; i++) status = http_get(x.s->web, str_fmt(x.t->mem, "/v/%s", letter_code_shown(x.t->mem, letter_code_new(x.t->mem)).p).p).status;
    assert_int_equal(status, 429);
    letter_close(&x);
}

struct erasing { struct town *t; int64_t id; };
static err erase_in_txn(db *w, void *arg)
{
    struct erasing *e = arg;
    return record_erase(w, e->t->mem, e->t->a.permit, e->id, ACTOR_SYSTEM, e->t->now_us, true);
}

static void withdrawn_replaced_erased(void **state)
{
    struct sent x = letter_open(state);
    work(&x);
    const char *old = x.code;
    site_as(x.s, x.t->a.agent.account, NULL);
    str base = str_fmt(x.t->mem, "/agents/dossiers/%.*s/courriers/%s", STR_ARG(x.r.reference), x.code);
    struct answer a = site_post(x.s, 422, str_fmt(x.t->mem, "%.*s/remplacer", STR_ARG(base)).p, "reason=&reason_in_law=a&reason_in_fact=Mots+tap%C3%A9s");
    assert_true(says(a.body, "Dites pourquoi") && says(a.body, "Mots tapés"));      /* nothing typed is lost */
    a = site_post(x.s, 422, str_fmt(x.t->mem, "%.*s/remplacer", STR_ARG(base)).p, "reason=Une+faute&reason_in_law=&reason_in_fact=x");
    assert_true(says(a.body, "#ask-reason_in_law"));
    site_post(x.s, 303, str_fmt(x.t->mem, "%.*s/remplacer", STR_ARG(base)).p, "reason=Une+faute&reason_in_law=Article+2&reason_in_fact=Autre+fait");
    find(&x);
    assert_true(says(x.l.paper, "Autre fait"));
    site_post(x.s, 409, str_fmt(x.t->mem, "%.*s/retirer", STR_ARG(base)).p, "reason=trop+tard");
    base = str_fmt(x.t->mem, "/agents/dossiers/%.*s/courriers/%s", STR_ARG(x.r.reference), x.code);
    site_post(x.s, 303, str_fmt(x.t->mem, "%.*s/retirer", STR_ARG(base)).p, "reason=Rouvert");
    site_as(x.s, 0, NULL);
    assert_true(says(site_get(x.s, 200, "/v/%s", old).body, "a été remplacé le"));
    a = site_get(x.s, 200, "/v/%s", x.code);
    assert_true(says(a.body, "a été retiré le") && !says(a.body, "Rouvert"));
    assert_int_equal(db_txn(x.t->a.d, erase_in_txn, &(struct erasing){x.t, x.r.id}).code, OK);
    a = site_get(x.s, 200, "/v/%s", old);
    assert_false(says(a.body, x.r.reference.p));
    assert_true(says(a.body, "Vérifier le fichier PDF"));
    letter_close(&x);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    if (converter_open(&converter, (struct converter_settings){0}).code != OK) return 1;
    static const struct CMUnitTest tests[] = {STORE_TEST(its_reader_and_the_desk_read_it), STORE_TEST(nobody_else_does), STORE_TEST(anybody_verifies_it), STORE_TEST(a_changed_byte_is_seen),
                                              STORE_TEST(guessing_is_slow), STORE_TEST(withdrawn_replaced_erased)};
    int failed = STORE_RUN(tests);
    converter_close(converter);
    return failed;
}
