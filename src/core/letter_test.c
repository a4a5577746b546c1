/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Letters sent: frozen with the decision, made by a job that may die anywhere, withdrawn, replaced, erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/hash.h"
#include "core/journal.h"
#include "core/letter.h"
#include "core/testing.h"
#include "formats/json.h"
#include "process/converter.h"
#include "process/process.h"

static struct converter *converter;

struct letters_test { struct town *t; struct blobs *blobs; struct letter_press press; };

static struct letters_test letters_open(void **state)
{
    struct letters_test x = {.t = town_open(*state)};
    str dir = str_fmt(x.t->mem, "%.*s/blobs-letters", STR_ARG(x.t->store->dir));
    mkdir(dir.p, 0700);
    ASSERT_OK(blobs_open(&x.blobs, dir, NULL));
    x.press = (struct letter_press){x.blobs, converter, &x.t->a.tenant};
    return x;
}

static void letters_close(struct letters_test *x)
{
    blobs_close(x->blobs);
    town_close(x->t);
}

static struct record decided(struct letters_test *x, const char *transition, const char *asks)
{
    struct town *t = x->t;
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"Échafaudage\"}", "Zoé Petit", "zoe@ex.test");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, transition, asks));
    return r;
}

static struct record refused(struct letters_test *x) { return decided(x, "refuse", "{\"reason_in_law\":\"Article L113-2\",\"reason_in_fact\":\"Trottoir étroit\"}"); }

static struct sent_letter newest(struct letters_test *x, const struct record *r)
{
    struct town *t = x->t;
    struct sent_letters all;
    ASSERT_OK(letters_sent(t->a.d, t->mem, r->id, &all));
    assert_true(all.n > 0);
    return all.v[0];
}

/* Mails about this record that may leave now. */
static int leaving(struct letters_test *x, const char *words)
{
    struct town *t = x->t;
    struct outbox_items items;
    int n = 0;
    town_pass(t, 10 * MINUTE_US);
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("here"), t->now_us, 50, &items));
    for (size_t i = 0; i < items.n; i++) n += str_find(items.v[i].text, str_of(words)) >= 0;
    town_pass(t, 10 * MINUTE_US);
    return n;
}

static err press(void *app, db *d, arena *mem, const struct job *j) { return letter_make(d, mem, j, app, clock_now_us()); }
static err run_make(db *d, arena *mem, const struct job *j, void *app) { return press(app, d, mem, j); }
static const struct job_type jobs[] = {{LETTER_MAKE, run_make}, {0}};

static int64_t work(struct letters_test *x)
{
    struct town *t = x->t;
    int64_t n = 0;
    ASSERT_OK(jobs_run_due(t->a.d, t->mem, jobs, &x->press, S("here"), t->now_us, &n));
    return n;
}

static str bytes_of(struct letters_test *x, const struct sent_letter *l)
{
    struct town *t = x->t;
    struct file f;
    struct blob_reader *r;
    size_t got;
    ASSERT_OK(file_get(t->a.d, t->mem, l->file, &f));
    ASSERT_STR(f.type, "application/pdf");
    assert_int_equal(f.owner, l->record);
    char *p = arena_alloc(t->mem, (size_t)f.size_bytes);
    ASSERT_OK(blob_read_start(x->blobs, TENANT, &f.blob, &r));
    ASSERT_OK(blob_read(r, 0, p, (size_t)f.size_bytes, &got));
    blob_read_end(r);
    return (str){p, got};
}

static void a_decision_freezes_its_letter(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    struct sent_letter l = newest(&x, &r);
    ASSERT_STR(l.state, "valid");
    ASSERT_STR(l.template, "refused");
    ASSERT_STR(l.outcome, "refused");
    ASSERT_STR(l.body, "Ville");
    assert_int_equal(l.file, 0);
    assert_int_equal(l.code.n, 28);
    struct paper p;
    ASSERT_OK(paper_read(t->mem, l.paper, &p));
    ASSERT_STR(p.signature.surname, "Martin");
    ASSERT_STR(p.recipient.v[0], "Zoé Petit");
    ASSERT_STR(p.verify.code, letter_code_shown(t->mem, l.code).p);
    assert_true(str_starts(p.verify.address, S("https://ville.test/v/")));
    assert_true(str_find(l.paper, S("Trottoir étroit")) >= 0);
    /* What changes later does not change it. */
    struct account a;
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.agent.account, &a));
    a.surname = S("Autre");
    ASSERT_OK(account_save(t->a.d, &a));
    struct sent_letter again = newest(&x, &r);
    assert_true(str_eq(again.paper, l.paper));
    /* The twin knows nothing of it. */
    ASSERT_CODE(letter_of_code(t->twin.d, t->mem, l.code, &again), E_NOT_FOUND);
    letters_close(&x);
}

/* Killed before the job, in it, after its transaction and before the job's row goes: the mail leaves after the PDF, once. */
static void its_mail_waits_for_its_pdf(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    assert_int_equal(leaving(&x, "Votre courrier"), 0);
    x.press.converter = NULL;                           /* the converter does not answer */
    assert_int_equal(work(&x), 0);
    assert_int_equal(leaving(&x, "Votre courrier"), 0);
    x.press.converter = converter;
    assert_int_equal(work(&x), 1);
    struct sent_letter l = newest(&x, &r);
    assert_true(l.file != 0);
    str pdf = bytes_of(&x, &l);
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, pdf);
    ASSERT_STR(l.sha256, sha256_hex(&h, t->mem).p);
    assert_true(str_starts(pdf, S("%PDF-")));
    /* The job once more, as after a crash that lost only its end. */
    struct job j = {.name = S(LETTER_MAKE), .payload = str_fmt(t->mem, "%lld", (long long)l.id)};
    ASSERT_OK(letter_make(t->a.d, t->mem, &j, &x.press, t->now_us));
    struct files files;
    ASSERT_OK(files_of(t->a.d, t->mem, r.id, &files));
    assert_int_equal(files.n, 1);
    assert_int_equal(newest(&x, &r).file, l.file);
    struct outbox_items items;
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("here"), clock_now_us(), 50, &items));
    int n = 0;
    for (size_t i = 0; i < items.n; i++)
        if (str_find(items.v[i].text, str_fmt(t->mem, "/dossiers/%.*s/courriers/%.*s", STR_ARG(r.reference), STR_ARG(letter_code_shown(t->mem, l.code)))) >= 0) n++;
    assert_int_equal(n, 1);
    letters_close(&x);
}

/* A letter that cannot be drawn must not hide the decision. */
static void a_mail_is_not_held_for_ever(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    struct sent_letter l = newest(&x, &r);
    x.press.converter = NULL;
    struct job j = {.tries = LETTER_HELD_TRIES - 1, .name = S(LETTER_MAKE), .payload = str_fmt(t->mem, "%lld", (long long)l.id)};
    ASSERT_CODE(letter_make(t->a.d, t->mem, &j, &x.press, t->now_us), E_BUSY);
    assert_int_equal(leaving(&x, "Votre courrier"), 0);
    j.tries++;
    ASSERT_CODE(letter_make(t->a.d, t->mem, &j, &x.press, t->now_us), E_BUSY);
    assert_int_equal(leaving(&x, "Votre courrier"), 1);
    x.press.converter = converter;
    j.tries++;
    ASSERT_OK(letter_make(t->a.d, t->mem, &j, &x.press, t->now_us));
    assert_true(newest(&x, &r).file != 0);
    letters_close(&x);
}

static void an_author_without_capacity_signs_nothing(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct account a;
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.agent.account, &a));
    a.capacity = STR_NONE;
    ASSERT_OK(account_save(t->a.d, &a));
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"Échafaudage\"}", "Zoé Petit", "zoe@ex.test");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "take", NULL));
    err e = town_act(t, &t->a, &t->a.agent, &r, "accept", NULL);       /* CRPA L212-1 */
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(town_state(t, &t->a, r.id), "examining");
    letters_close(&x);
}

static void a_letter_is_withdrawn_with_a_reason(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    work(&x);
    struct sent_letter l = newest(&x, &r);
    struct letter_act a = {.who = &t->a.agent, .tenant = &t->a.tenant, .kind = t->a.permit, .letter = l.id, .now_us = t->now_us};
    assert_int_equal(letter_withdraw(t->a.d, t->mem, &a).code, E_INVALID);
    a.reason = S("Envoyé par erreur");
    a.who = &t->a.reader;
    assert_int_equal(letter_withdraw(t->a.d, t->mem, &a).code, E_DENIED);
    a.who = &t->a.agent;
    ASSERT_OK(letter_withdraw(t->a.d, t->mem, &a));
    l = newest(&x, &r);
    ASSERT_STR(l.state, "withdrawn");
    ASSERT_STR(l.reason, "Envoyé par erreur");
    a.now_us++;
    assert_int_equal(letter_withdraw(t->a.d, t->mem, &a).code, E_CONFLICT);
    struct event last;
    ASSERT_OK(journal_last(t->a.d, t->mem, r.id, &last));
    ASSERT_STR(last.verb, "letter_withdrawn");
    assert_true(last.for_author);
    assert_int_equal(leaving(&x, "Envoyé par erreur"), 1);
    letters_close(&x);
}

static void a_letter_is_replaced_by_another(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    work(&x);
    struct sent_letter old = newest(&x, &r), now;
    json_t *asks;
    ASSERT_OK(letter_asks(t->a.d, t->mem, &old, &asks));
    ASSERT_STR(json_str(asks, "reason_in_fact"), "Trottoir étroit");
    town_pass(t, DAY_US);
    struct letter_act a = {.who = &t->a.agent, .tenant = &t->a.tenant, .kind = t->a.permit, .letter = old.id, .now_us = t->now_us, .reason = S("Une faute dans les motifs"),
                           .asks = town_json(t, "{\"reason_in_law\":\"Article L113-2\",\"reason_in_fact\":\"Trottoir de 80 cm\"}")};
    ASSERT_OK(letter_replace(t->a.d, t->mem, &a, &now));
    ASSERT_OK(letter_of_id(t->a.d, t->mem, old.id, &old));
    ASSERT_STR(old.state, "replaced");
    assert_int_equal(old.successor, now.id);
    ASSERT_STR(now.state, "valid");
    assert_true(str_find(now.paper, S("Trottoir de 80 cm")) >= 0 && !str_eq(now.code, old.code));
    /* Its mail waits for its PDF too. */
    assert_int_equal(leaving(&x, "remplacé"), 0);
    assert_int_equal(work(&x), 1);
    assert_int_equal(leaving(&x, "remplacé"), 1);
    assert_true(newest(&x, &r).file != 0);
    ASSERT_STR(town_record(t, &t->a, r.id).state, "refused");
    letters_close(&x);
}

struct erasing { struct town *t; int64_t id; };
static err erase_in_txn(db *w, void *arg)
{
    struct erasing *e = arg;
    return record_erase(w, e->t->mem, e->t->a.permit, e->id, ACTOR_SYSTEM, e->t->now_us, true);
}

static void erasing_a_dossier_erases_its_letters(void **state)
{
    struct letters_test x = letters_open(state);
    struct town *t = x.t;
    struct record r = refused(&x);
    work(&x);
    struct sent_letter was = newest(&x, &r), l;
    ASSERT_OK(db_txn(t->a.d, erase_in_txn, &(struct erasing){t, r.id}));
    ASSERT_OK(letter_of_code(t->a.d, t->mem, was.code, &l));
    assert_int_equal(l.paper.n + l.reference.n + l.object.n + l.reason.n + l.outcome.n, 0);
    assert_int_equal(l.file, 0);
    assert_int_equal(l.erased_us, t->now_us);
    assert_true(str_eq(l.sha256, was.sha256) && l.at_us == was.at_us);
    struct file f;
    ASSERT_CODE(file_get(t->a.d, t->mem, was.file, &f), E_NOT_FOUND);
    /* A job that comes after finds nothing to draw, and stores nothing. */
    struct job j = {.name = S(LETTER_MAKE), .payload = str_fmt(t->mem, "%lld", (long long)was.id)};
    ASSERT_OK(letter_make(t->a.d, t->mem, &j, &x.press, t->now_us));
    struct files files;
    ASSERT_OK(files_of(t->a.d, t->mem, r.id, &files));
    assert_int_equal(files.n, 0);
    letters_close(&x);
}

static void a_code_is_checked_before_it_is_looked_up(void **state)
{
    arena *mem = arena_new(0);
    str code = letter_code_new(mem), shown = letter_code_shown(mem, code), back;
    assert_int_equal(shown.n, 34);
    assert_int_equal(letter_code_read(mem, shown, &back).code, OK);
    assert_true(str_eq(back, code));
    assert_int_equal(letter_code_read(mem, str_lower_ascii(mem, str_fmt(mem, " %.*s ", STR_ARG(shown))), &back).code, OK);
    int taken = 0;
    for (size_t i = 0; i < code.n; i++) {                   /* one sign wrong: 12 bits see nearly all of them */
        char *bad = (char *)(uintptr_t)str_copy(mem, code).p;
        bad[i] = bad[i] == '7' ? 'K' : '7';
        taken += letter_code_read(mem, (str){bad, code.n}, &back).code == OK;
    }
    assert_true(taken <= 1);
    assert_int_equal(letter_code_read(mem, S("7KQ2"), &back).code, E_INVALID);
    assert_int_equal(letter_code_read(mem, S("7KQ2-M9XC-4TRB-0W3H-8ZVN-5DJE-PPPU"), &back).code, E_INVALID);     /* U is no sign */
    assert_int_equal(letter_code_read(mem, str_fmt(mem, "%.*s0", STR_ARG(code)), &back).code, E_INVALID);
    /* O for 0, I and L for 1 */
    for (int i = 0; i < 50; i++) {
        code = letter_code_new(mem);
        char *typed = (char *)(uintptr_t)str_copy(mem, code).p;
        for (size_t k = 0; k < code.n; k++) typed[k] = typed[k] == '0' ? 'o' : typed[k] == '1' ? 'l' : typed[k];
        assert_int_equal(letter_code_read(mem, (str){typed, code.n}, &back).code, OK);
        assert_true(str_eq(back, code));
    }
    arena_free(mem);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    if (converter_open(&converter, (struct converter_settings){0}).code != OK) return 1;
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_decision_freezes_its_letter),     STORE_TEST(its_mail_waits_for_its_pdf),
        STORE_TEST(a_mail_is_not_held_for_ever),       STORE_TEST(an_author_without_capacity_signs_nothing),
        STORE_TEST(a_letter_is_withdrawn_with_a_reason), STORE_TEST(a_letter_is_replaced_by_another),
        STORE_TEST(erasing_a_dossier_erases_its_letters), STORE_TEST(a_code_is_checked_before_it_is_looked_up),
    };
    int failed = STORE_RUN(tests);
    converter_close(converter);
    return failed;
}
