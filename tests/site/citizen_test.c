/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen over HTTP, without account: a shared computer, the second element, a suspended period, a correction, a withdrawal; and the
   letters that say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/files.h"
#include "core/journal.h"
#include "core/notify.h"
#include "facets/thread.h"
#include "formats/json.h"
#include "services.h"
#include "site_testing.h"

/* Hard blanks of the page (U+00A0, U+202F) are blanks of `words`. */
static bool says(str body, const char *words)
{
    arena *mem = arena_new(1 << 22);
    char *plain = NEW_N(mem, char, body.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < body.n; i++) {
        str rest = str_cut(body, i, body.n);
        size_t blank = str_starts(rest, S("\u00a0")) ? 2 : str_starts(rest, S("\u202f")) ? 3 : 0;
        plain[n++] = blank ? ' ' : body.p[i];
        i += blank ? blank - 1 : 0;
    }
    bool found = str_find((str){plain, n}, str_of(words)) >= 0;
    arena_free(mem);
    return found;
}
static const char *main_of(struct site *s, str body)
{
    ptrdiff_t from = str_find(body, S("<h1>"));
    return str_z(s->t->mem, str_cut(body, from < 0 ? 0 : (size_t)from, body.n));
}
#define SAYS(page_, words_)                                                                                         \
    do {                                                                                                            \
        if (!says((page_).body, words_)) fail_msg("not said: %s\n%.900s", words_, main_of(s, (page_).body));         \
    } while (0)
static const char *at(struct site *s, str reference, const char *what) { return str_fmt(s->t->mem, "/dossiers/%.*s%s", STR_ARG(reference), what).p; }

struct begun { str reference, code; };

static struct begun begin(struct site *s, const struct kind *k, const char *email, const char *birth)
{
    struct kind_row row;
    ASSERT_OK(kind_row_get(s->t->a.d, s->t->mem, k->name, &row));
    struct answer a = http_post_form(s->web, str_fmt(s->t->mem, "/demarches/%.*s/commencer", STR_ARG(row.slug)).p, NULL);
    assert_int_equal(a.status, 303);
    struct begun b = {str_copy(s->t->mem, str_split(str_cut(a.location, 10, a.location.n), '/', &(str){0})), STR_NONE};
    a = http_get(s->web, at(s, b.reference, "/debut"));
    str rest = str_cut(a.body, (size_t)str_find(a.body, b.reference) + b.reference.n, a.body.n);
    b.code = str_copy(s->t->mem, answer_between(&(struct answer){.body = rest}, "class=\"code\">", "<"));
    a = http_post_form(s->web, at(s, b.reference, "/debut"), "email", email, "birth_date", birth, NULL);
    assert_int_equal(a.status, 303);
    return b;
}

/* What the pages ask, then the receipt. */
static struct begun file(struct site *s, const struct kind *k, const char *email, const char *birth)
{
    struct begun b = begin(s, k, email, birth);
    const char *first = k == s->t->a.tree ? "g1" : "f1";
    assert_int_equal(http_post_multipart(s->web, at(s, b.reference, "/remplir/1"), first, "Un tilleul", "do", "next", NULL).status, 303);
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/deposer"), NULL).status, 303);
    return b;
}

static struct record record_of(struct site *s, str reference)
{
    struct record r;
    ASSERT_OK(record_by_reference(s->t->a.d, s->t->mem, reference, &r));
    return r;
}

static void as_agent(struct site *s)
{
    str token;
    ASSERT_OK(session_start(s->t->a.d, s->t->mem, s->t->a.agent.account, s->t->now_us, &token));
    browser_forget(s->web);
    browser_header(s->web, str_fmt(s->t->mem, "Cookie: session=%.*s", STR_ARG(token)).p);
}

/* ---- a shared computer ---- */
static void a_device_forgets_a_filed_dossier(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, s->t->a.permit, "zoe@ex.test", "");
    SAYS(http_get(s->web, at(s, b.reference, "/recepisse")), "/quitter");
    SAYS(http_get(s->web, at(s, b.reference, "")), "/quitter");
    struct answer list = http_get(s->web, "/dossiers");
    SAYS(list, at(s, b.reference, "\""));
    SAYS(list, at(s, b.reference, "/quitter"));
    struct answer leave = http_get(s->web, at(s, b.reference, "/quitter"));
    assert_int_equal(leave.status, 200);
    SAYS(leave, "reste chez nous");
    assert_false(says(leave.body, "value=\"erase\""));
    struct answer kept = http_get(s->web, at(s, b.reference, ""));
    assert_int_equal(kept.status, 200);
    /* "erase" is not offered and does nothing to what is filed. */
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/quitter"), "do", "erase", NULL).status, 303);
    assert_int_equal(http_get(s->web, at(s, b.reference, "")).status, 404);
    assert_int_equal(http_get(s->web, at(s, b.reference, "/recepisse")).status, 404);
    assert_false(says(http_get(s->web, "/dossiers").body, str_z(s->t->mem, b.reference)));
    ASSERT_STR(record_of(s, b.reference).state, "received");
    site_close(s);
}

static int64_t statements_of_the_list(struct site *s, int cookies)
{
    struct store_stats before, after;
    buf b = BUF(1 << 16);
    buf_lit(&b, "Cookie: x=1");
    for (int i = 0; i < cookies; i++) buf_fmt(&b, "; d_BCDFGH%c%c=abcdef%02d", 'J' + i % 2, "BCDFGHJKLMNPQRSTVWXZ"[i / 2], i);
    browser_headers_clear(s->web);
    browser_header(s->web, str_z(s->t->mem, buf_str(&b)));
    buf_free(&b);
    store_stats(s->t->store->store, &before);
    assert_int_equal(http_get(s->web, "/dossiers").status, 200);
    store_stats(s->t->store->store, &after);
    return after.statements - before.statements;
}

static void made_up_cookies_cost_one_statement(void **state)
{
    struct site *s = site_open(*state);
    http_get(s->web, "/dossiers");
    int64_t none = statements_of_the_list(s, 0);
    assert_int_equal(statements_of_the_list(s, 1), none + 1);
    assert_int_equal(statements_of_the_list(s, 30), none + 1);
    site_close(s);
}

/* The token ends in the store: a cookie copied before does not open it again. */
static void a_copied_cookie_ends_too(void **state)
{
    struct site *s = site_open(*state);
    struct begun b = file(s, s->t->a.permit, "zoe@ex.test", "");
    struct answer a = http_post_form(s->web, "/dossiers", "reference", str_z(s->t->mem, b.reference), "code", str_z(s->t->mem, b.code), "second", "Zoe@ex.test", NULL);
    assert_int_equal(a.status, 303);
    str line = answer_header(&a, "Set-Cookie"), pair = str_split(line, ';', &(str){0});
    browser_header(s->web, str_fmt(s->t->mem, "Cookie: %.*s", STR_ARG(pair)).p);
    assert_int_equal(http_get(s->web, at(s, b.reference, "")).status, 200);
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/quitter"), "do", "keep", NULL).status, 303);
    assert_int_equal(http_get(s->web, at(s, b.reference, "")).status, 404);
    site_close(s);
}

static const char ASKS[] = "{\"correction_kind\":\"missing\",\"missing_items\":\"Le plan (code de l'urbanisme)\",\"message\":\"Envoyez le plan.\",\"due_date\":\"2026-12-15\"}";

static void leaving_a_correction_says_what_stays(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, s->t->a.permit, "zoe@ex.test", "");
    struct record r = record_of(s, b.reference);
    ASSERT_OK(town_act(s->t, &s->t->a, &s->t->a.agent, &r, "ask_correction", ASKS));
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/corriger"), NULL).status, 303);
    assert_int_equal(http_post_multipart(s->web, at(s, b.reference, "/remplir/1"), "f1", "Un chêne", "do", "quit", NULL).status, 303);
    struct answer a = http_get(s->web, at(s, b.reference, "/quitter"));
    SAYS(a, "15 décembre 2026");
    SAYS(a, "Le dossier que vous avez déposé reste chez nous");
    assert_false(says(a.body, "effacés, ici et chez nous"));
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/quitter"), "do", "erase", NULL).status, 303);
    assert_int_equal(http_get(s->web, at(s, b.reference, "")).status, 404);         /* this device opens nothing more */
    r = record_of(s, b.reference);
    ASSERT_STR(r.state, "correcting");
    ASSERT_STR(json_str(r.doc, "f1"), "Un tilleul");
    site_close(s);
}

/* ---- the period that stands still (CRPA L114-5) ---- */
static void a_suspended_period_is_said(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, t->a.tree, "zoe@ex.test", "");
    struct record r = record_of(s, b.reference);
    SAYS(http_get(s->web, at(s, b.reference, "")), "votre demande sera acceptée");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", ASKS));
    static const char *const pages[] = {"", "/recepisse"};
    for (size_t i = 0; i < 2; i++) {
        struct answer a = http_get(s->web, at(s, b.reference, pages[i]));
        SAYS(a, "Le délai est suspendu jusqu");
        SAYS(a, "L114-5");
        SAYS(a, "Il repart alors en entier");
        assert_false(says(a.body, "Sans réponse de notre part dans un délai"));
    }
    /* Another remark suspends nothing. */
    struct begun c = file(s, t->a.tree, "zoe@ex.test", "");
    struct record other = record_of(s, c.reference);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &other, "ask_correction", "{\"correction_kind\":\"remark\",\"message\":\"Écrivez plus gros.\",\"due_date\":\"2026-12-15\"}"));
    assert_false(says(http_get(s->web, at(s, c.reference, "")).body, "suspendu"));
    /* Silence that rejects goes on after the date given. */
    struct begun d = file(s, t->a.permit, "zoe@ex.test", "");
    struct record rejected = record_of(s, d.reference);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &rejected, "ask_correction", ASKS));
    SAYS(http_get(s->web, at(s, d.reference, "")), "au plus tard après le 15 décembre 2026");
    /* The agent reads the same, and which date is awaited. */
    struct begun e = file(s, t->a.tree, "a@ex.test", "");
    as_agent(s);
    struct answer a = http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(b.reference)).p);
    SAYS(a, "Le délai est suspendu jusqu");
    SAYS(a, "Échéance : correction à recevoir");
    a = http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(e.reference)).p);
    SAYS(a, "Échéance : fin du délai de réponse");
    site_close(s);
}

/* ---- letters ---- */

/* The last mail to this address about a record, as it leaves. */
static struct outbox_item mail_to(struct site *s, const char *to)
{
    struct outbox_items items = {0};
    struct outbox_item last = {0};
    ASSERT_OK(outbox_claim(s->t->a.d, s->t->mem, S("test"), s->t->now_us + DAY_US, 100, &items));
    for (size_t i = 0; i < items.n; i++) {
        if (str_is(items.v[i].to, to) && items.v[i].id >= last.id) last = items.v[i];
        ASSERT_OK(outbox_sent(s->t->a.d, items.v[i].id, s->t->now_us));
    }
    if (!last.id) fail_msg("no mail to %s", to);
    return last;
}

#define MAIL_SAYS(mail_, words_) if (!says((mail_).text, words_)) fail_msg("not in the mail: %s\n%s", words_, str_z(t->mem, (mail_).text))

static void letters_lead_somewhere(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    /* No public address in the settings: the town's own host, and the port of this machine only when it is one. */
    tenant_origin_set(S("https"), S("127.0.0.1:8080"));
    json_object_del(t->a.tenant.settings, "address");
    ASSERT_OK(tenant_save(t->a.d, &t->a.tenant));
    ASSERT_OK(tenant_load(t->store->store, TENANT, t->mem, &t->a.tenant));
    ASSERT_STR(t->a.tenant.address, "https://ville.test");
    struct tenant here;
    ASSERT_OK(tenant_host_add(t->store->store, TWIN, S("127.0.0.1")));
    ASSERT_OK(tenant_host_add(t->store->store, TWIN, S("localhost")));
    ASSERT_OK(tenant_load(t->store->store, TWIN, t->mem, &here));
    ASSERT_STR(here.address, "https://jumelle.test");
    struct store_stats before, after;
    store_stats(t->store->store, &before);
    tenants_changed(s->app.tenants);
    store_stats(t->store->store, &after);
    assert_int_equal(after.statements - before.statements, 4);      /* towns, hosts, and the bodies of the two */
    ASSERT_STR(tenants_by_id(s->app.tenants, TENANT)->address, "https://ville.test");
    ASSERT_STR(tenants_by_id(s->app.tenants, TWIN)->address, "https://jumelle.test");
    tenant_origin_set(STR_NONE, STR_NONE);

    struct begun b = file(s, t->a.tree, "zoe@ex.test", "");
    struct record r = record_of(s, b.reference);
    const char *link = str_fmt(t->mem, "https://ville.test/dossiers/%.*s", STR_ARG(b.reference)).p;
    mail_to(s, "zoe@ex.test");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", ASKS));
    struct outbox_item m = mail_to(s, "zoe@ex.test");
    MAIL_SAYS(m, "vous demande de le compléter ou de le corriger");
    MAIL_SAYS(m, "Envoyez le plan.");
    MAIL_SAYS(m, "Il manque :\nLe plan");
    MAIL_SAYS(m, "À envoyer avant le 15 décembre 2026.");
    MAIL_SAYS(m, "Le délai est suspendu");
    MAIL_SAYS(m, str_fmt(t->mem, "Pour envoyer votre correction : %s", link).p);
    assert_false(says(m.text, "Que demandez-vous") || says(m.text, "Pour quelle date"));

    /* A message of the citizen: the team reads who writes, and where to answer. */
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/messages"), "words", "Le plan arrive.", NULL).status, 303);
    m = mail_to(s, "voirie@ville.test");
    MAIL_SAYS(m, "La personne qui a déposé le dossier");
    MAIL_SAYS(m, str_fmt(t->mem, "Pour répondre : https://ville.test/agents/dossiers/%.*s", STR_ARG(b.reference)).p);
    assert_false(says(m.text, "Vous avez un message"));
    site_close(s);
}

static void an_acceptance_by_silence_says_what_it_gives(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, t->a.tree, "zoe@ex.test", ""), c = file(s, t->a.permit, "noe@ex.test", "");
    mail_to(s, "zoe@ex.test");
    town_pass(t, 70 * DAY_US);
    town_timers(t, &t->a);
    ASSERT_STR(record_of(s, b.reference).state, "accepted_silently");
    struct outbox_items items = {0};
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("test"), t->now_us + DAY_US, 100, &items));
    bool accepted = false, rejected = false;
    for (size_t i = 0; i < items.n; i++) {
        accepted |= str_is(items.v[i].to, "zoe@ex.test") && says(items.v[i].text, "votre demande est acceptée") && says(items.v[i].text, "attestation") && says(items.v[i].text, "L232-3");
        rejected |= str_is(items.v[i].to, "noe@ex.test") && says(items.v[i].text, "considérée comme rejetée") && says(items.v[i].text, "L232-4");
        assert_false(says(items.v[i].text, "silence_"));
    }
    assert_true(accepted && rejected);
    assert_false(says(http_get(s->web, at(s, b.reference, "")).body, "silence_"));
    SAYS(http_get(s->web, at(s, b.reference, "")), "Accepté : délai passé sans réponse");
    SAYS(http_get(s->web, at(s, b.reference, "")), "attestation de cette acceptation");
    SAYS(http_get(s->web, at(s, c.reference, "")), "saisir le tribunal");
    site_close(s);
}

static void a_withdrawal_says_what_follows(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, t->a.permit, "zoe@ex.test", "");
    SAYS(http_get(s->web, at(s, b.reference, "")), "Le service arrête d’examiner votre demande");
    struct answer a = http_post_form(s->web, at(s, b.reference, "/actes/withdraw"), NULL);
    assert_int_equal(a.status, 303);
    a = http_get(s->web, str_z(t->mem, a.location));
    SAYS(a, "Votre demande est retirée.");
    SAYS(a, "Demande retirée");
    /* A correction that is sent says so. */
    struct begun c = file(s, t->a.permit, "zoe@ex.test", "");
    struct record r = record_of(s, c.reference);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "ask_correction", ASKS));
    http_post_form(s->web, at(s, c.reference, "/corriger"), NULL);
    a = http_post_form(s->web, at(s, c.reference, "/deposer"), NULL);
    a = http_get(s->web, str_z(t->mem, a.location));
    SAYS(a, "Votre correction est envoyée.");
    SAYS(a, "Correction demandée");
    site_close(s);
}

/* ---- the second element ---- */

static int find(struct site *s, const struct begun *b, const char *second)
{
    arena *mem = s->t->mem;
    browser_forget(s->web);
    return http_post_form(s->web, "/dossiers", "reference", str_z(mem, b->reference), "code", str_z(mem, b->code), "second", second, NULL).status;
}

static void a_code_alone_opens_nothing(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = begin(s, t->a.permit, "", "1980-12-31");
    struct answer a = http_post_form(s->web, at(s, b.reference, "/debut"), "email", "", "birth_date", "", NULL);
    assert_int_equal(a.status, 422);
    SAYS(a, "Donnez votre courriel, ou votre date de naissance");
    assert_int_equal(find(s, &b, ""), 422);
    assert_int_equal(find(s, &b, "30/12/1980"), 422);
    assert_int_equal(find(s, &b, "31/12/1980"), 303);
    struct begun c = file(s, t->a.permit, "", "1980-12-31");
    assert_int_equal(find(s, &c, ""), 422);
    assert_int_equal(find(s, &c, "1980-12-31"), 303);
    struct begun d = file(s, t->a.permit, "zoe@ex.test", "");
    assert_int_equal(find(s, &d, ""), 422);
    assert_int_equal(find(s, &d, "ZOE@ex.test"), 303);
    SAYS(http_get(s->web, "/dossiers"), "sinon le courriel écrit dans le formulaire");
    site_close(s);
}

/* The code of this device comes back from a cookie, which anybody can write: its words are not the town's. */
static void a_cookie_puts_no_words_in_a_mail(void **state)
{
    static const char *const forged[] = {"BCDF-GHJK-LMNP", "Payez sur voleur.test", "BCDF%0APayez", ""};
    struct site *s = site_open(*state);
    struct town *t = s->t;
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        struct begun b = begin(s, t->a.permit, "", "1980-12-31");
        struct answer in = http_post_form(s->web, "/dossiers", "reference", str_z(t->mem, b.reference), "code", str_z(t->mem, b.code), "second", "31/12/1980", NULL);
        assert_int_equal(in.status, 303);
        str line = answer_header(&in, "Set-Cookie"), token = str_split(line, ';', &(str){0}), name = str_cut(str_split(token, '=', &(str){0}), 2, 30);
        browser_forget(s->web);
        browser_headers_clear(s->web);
        browser_header(s->web, str_fmt(t->mem, "Cookie: %.*s; code_%.*s=%s", STR_ARG(token), STR_ARG(name), forged[i]).p);
        struct answer a = http_get(s->web, at(s, b.reference, "/debut"));
        assert_int_equal(a.status, 200);
        assert_false(says(a.body, "class=\"code\">"));
        assert_int_equal(http_get(s->web, at(s, b.reference, "/code")).status, 410);
        assert_int_equal(http_post_form(s->web, at(s, b.reference, "/debut"), "email", "victime@ex.test", NULL).status, 303);
        assert_int_equal(http_post_multipart(s->web, at(s, b.reference, "/remplir/1"), "f1", "Un tilleul", "do", "next", NULL).status, 303);
        assert_int_equal(http_post_form(s->web, at(s, b.reference, "/deposer"), NULL).status, 303);
        struct outbox_items items = {0};
        ASSERT_OK(outbox_claim(t->a.d, t->mem, S("test"), t->now_us + DAY_US, 100, &items));
        assert_int_equal(items.n, 1);                   /* the receipt alone, without a code */
        assert_false(says(items.v[0].text, "voleur") || says(items.v[0].text, "Payez") || says(items.v[0].text, "BCDF-GHJK-LMNP"));
        ASSERT_OK(outbox_sent(t->a.d, items.v[0].id, t->now_us));
        a = http_get(s->web, at(s, b.reference, "/recepisse"));
        assert_int_equal(a.status, 200);
        assert_false(says(a.body, "voleur") || says(a.body, "Payez") || says(a.body, "BCDF-GHJK-LMNP"));
        /* The code itself still is, on the page of what was filed too. */
        browser_headers_clear(s->web);
        browser_header(s->web, str_fmt(t->mem, "Cookie: %.*s; code_%.*s=%.*s", STR_ARG(token), STR_ARG(name), STR_ARG(b.code)).p);
        SAYS(http_get(s->web, at(s, b.reference, "/recepisse")), str_z(t->mem, b.code));
        browser_headers_clear(s->web);
    }
    /* One that is the draft's own leaves, once, to the address given. */
    struct begun c = begin(s, t->a.permit, "zoe@ex.test", "");
    struct outbox_item m = mail_to(s, "zoe@ex.test");
    MAIL_SAYS(m, str_z(t->mem, c.code));
    site_close(s);
}

/* The form asks for a mail: it proves, and gets the receipt, when none was given at the start. */
static void the_mail_of_the_form_is_a_second_element(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct kind_row row;
    const struct kind *k;
    json_t *j = town_json(t, "{\"kind\":\"club\",\"base\":\"procedure\",\"title\":\"Aider un club\",\"fields\":[{\"id\":\"f1\",\"name\":\"courriel\",\"type\":\"email\",\"label\":\"Courriel\",\"required\":true}]}");
    ASSERT_OK(kind_create(t->a.d, S("procedures"), S("club"), t->a.town, t->a.team, j, t->a.agent.account, t->mem, &row));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("club"), t->a.agent.account));
    ASSERT_OK(kinds_get(t->kinds, t->a.d, S("club"), 0, &k));
    struct begun b = begin(s, k, "", "");
    assert_int_equal(http_post_multipart(s->web, at(s, b.reference, "/remplir/1"), "f1", "club@ex.test", "do", "next", NULL).status, 303);
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/deposer"), NULL).status, 303);
    struct outbox_item m = mail_to(s, "club@ex.test");
    MAIL_SAYS(m, "Nous avons reçu votre demande");
    assert_int_equal(find(s, &b, ""), 422);
    assert_int_equal(find(s, &b, "club@ex.test"), 303);
    site_close(s);
}

/* A mail that the form may do without may be anybody's: it proves nothing and gets no code. */
static void an_employers_mail_is_no_second_element(void **state)
{
    static const struct { const char *name, *fields; } forms[] = {
        {"optional", "{\"id\":\"f1\",\"name\":\"employeur\",\"type\":\"email\",\"label\":\"Employeur\"}"},
        {"annotated", "{\"id\":\"f1\",\"name\":\"employeur\",\"type\":\"email\",\"label\":\"Employeur\"},"
                      "{\"id\":\"f2\",\"name\":\"interne\",\"type\":\"email\",\"label\":\"Interne\",\"required\":true,\"private\":true}"},
        {"asked-when", "{\"id\":\"f0\",\"name\":\"locataire\",\"type\":\"yesno\",\"label\":\"Locataire ?\"},"
                       "{\"id\":\"f1\",\"name\":\"bailleur\",\"type\":\"email\",\"label\":\"Bailleur\",\"required\":true,\"when\":\"locataire = oui\"}"},
        {"two", "{\"id\":\"f1\",\"name\":\"bailleur\",\"type\":\"email\",\"label\":\"Bailleur\",\"required\":true},"
                "{\"id\":\"f2\",\"name\":\"courriel\",\"type\":\"email\",\"label\":\"Courriel\",\"required\":true}"}};
    struct site *s = site_open(*state);
    struct town *t = s->t;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct kind_row row;
        const struct kind *k;
        str name = str_of(forms[i].name);
        json_t *j = town_json(t, str_fmt(t->mem, "{\"kind\":\"%s\",\"base\":\"procedure\",\"title\":\"Demander\",\"fields\":[%s]}", forms[i].name, forms[i].fields).p);
        ASSERT_OK(kind_create(t->a.d, S("procedures"), name, t->a.town, t->a.team, j, t->a.agent.account, t->mem, &row));
        ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, name, t->a.agent.account));
        ASSERT_OK(kinds_get(t->kinds, t->a.d, name, 0, &k));
        struct begun b = begin(s, k, "", "1980-12-31");
        assert_int_equal(http_post_form(s->web, at(s, b.reference, "/debut"), "email", "", "birth_date", "", NULL).status, 422);
        assert_int_equal(http_post_multipart(s->web, at(s, b.reference, "/remplir/1"), "f0", "yes", "f1", "chef@ex.test", "f2", "moi@ex.test", "do", "next", NULL).status, 303);
        assert_int_equal(http_post_form(s->web, at(s, b.reference, "/deposer"), NULL).status, 303);
        struct record r = record_of(s, b.reference);
        ASSERT_STR(json_str(r.doc, "f1"), "chef@ex.test");
        assert_int_equal(town_mails(t, &t->a, r.id, "chef@ex.test"), 0);
        assert_int_equal(find(s, &b, "chef@ex.test"), 422);
        /* Filed with no second element at all (by a machine): the answer becomes no contact either. */
        r = town_file_with(t, &t->a, (struct filing){.kind = k, .body = t->a.town, .doc = r.doc});
        assert_int_equal(town_mails(t, &t->a, r.id, "chef@ex.test"), 0);
    }
    site_close(s);
}

/* ---- the form ---- */
static const char FORM[] =
    "{\"kind\":\"papers\",\"base\":\"procedure\",\"title\":\"Envoyer des pièces\",\"fields\":["
    "{\"id\":\"f1\",\"name\":\"pièce\",\"type\":\"file\",\"accept\":\"document\",\"label\":\"Votre pièce\"},"
    "{\"id\":\"f2\",\"name\":\"photo\",\"type\":\"file\",\"accept\":\"application/pdf,image/jpeg\",\"label\":\"Votre plan\"},"
    "{\"id\":\"f3\",\"name\":\"rue\",\"type\":\"choice\",\"required\":true,\"label\":\"Quelle rue connaissez-vous ?\",\"options\":[%s]}]}";

static const struct kind *papers(struct town *t)
{
    struct kind_row row;
    const struct kind *k;
    buf b = BUF(4096);
    for (int i = 0; i < 30; i++) buf_fmt(&b, "%s{\"id\":\"r%d\",\"label\":\"Rue %d\"}", i ? "," : "", i, i);
    json_t *j = town_json(t, str_fmt(t->mem, FORM, str_z(t->mem, buf_str(&b))).p);
    buf_free(&b);
    ASSERT_OK(kind_create(t->a.d, S("procedures"), S("papers"), t->a.town, t->a.team, j, t->a.agent.account, t->mem, &row));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("papers"), t->a.agent.account));
    ASSERT_OK(kinds_get(t->kinds, t->a.d, S("papers"), 0, &k));
    return k;
}

static struct answer send_file(struct site *s, const struct begun *b, const char *field, const char *name, const char *bytes)
{
    str all = str_fmt(s->t->mem, "--xx\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nnext\r\n--xx\r\nContent-Disposition: form-data; name=\"f3\"\r\n\r\nRue 3\r\n"
                                 "--xx\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: application/pdf\r\n\r\n%s\r\n--xx--\r\n", field, name, bytes);
    return http_send(s->web, "POST", at(s, b->reference, "/remplir/1"), "multipart/form-data; boundary=xx", all);
}

static void a_form_says_what_it_takes(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    const struct kind *k = papers(t);
    struct begun b = begin(s, k, "zoe@ex.test", "");
    struct answer a = http_get(s->web, at(s, b.reference, "/remplir/1"));
    SAYS(a, "Formats : PDF, image, texte, tableur ou présentation. 210 Mo au plus");
    SAYS(a, "Formats : PDF, JPEG.");
    SAYS(a, "Écrivez les premières lettres");
    /* Whatever they are called, and whatever they say they are. */
    static const struct { const char *field, *name, *bytes, *said; } refused[] = {
        {"f1", "facture.pdf", "MZ\x90 program", "est un programme"}, {"f1", "facture.pdf.exe", "%PDF-1.4", "est un programme"}, {"f1", "x", "\x7F" "ELF", "est un programme"},
        {"f1", "son.mp3", "ID3\x03\x01 son", "format n’est pas accepté"}, {"f2", "mot.txt", "Bonjour", "format n’est pas accepté"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        a = send_file(s, &b, refused[i].field, refused[i].name, refused[i].bytes);
        if (a.status != 422) fail_msg("%s taken: %d", refused[i].name, a.status);
        if (!says(a.body, refused[i].said)) fail_msg("%s: %s", refused[i].name, main_of(s, a.body));
    }
    assert_int_equal(send_file(s, &b, "f1", "mot.txt", "Bonjour").status, 303);       /* words of an old typewriter are a document */
    assert_int_equal(http_get(s->web, at(s, b.reference, "/verifier")).status, 200);
    assert_int_equal(http_post_form(s->web, at(s, b.reference, "/deposer"), NULL).status, 303);
    /* An error says its question without its mark, and that the answer is in a list. */
    struct begun c = begin(s, k, "zoe@ex.test", "");
    a = http_post_multipart(s->web, at(s, c.reference, "/remplir/1"), "do", "next", NULL);
    assert_int_equal(a.status, 422);
    SAYS(a, "Quelle rue connaissez-vous : Choisissez dans la liste.");
    site_close(s);
}

static void pages_say_whose_they_are_and_print(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = begin(s, t->a.permit, "zoe@ex.test", "");
    SAYS(http_get(s->web, at(s, b.reference, "/remplir/1")), "marquées (facultatif)");
    struct answer a = http_get(s->web, at(s, b.reference, "/verifier"));
    SAYS(a, "<dt>Base légale</dt><dd>Mission publique</dd>");
    SAYS(a, "<a href=\"mailto:dpo%40ville.test\">dpo@ville.test</a>");
    struct begun c = file(s, t->a.permit, "zoe@ex.test", "");
    a = http_get(s->web, at(s, c.reference, ""));
    SAYS(a, str_fmt(t->mem, "<h1>Occuper le domaine public, dossier %.*s</h1>", STR_ARG(c.reference)).p);
    SAYS(a, "<form class=\"form no-print\" method=\"post\" action=\"/dossiers/");
    SAYS(http_get(s->web, at(s, c.reference, "/recepisse")), "data-print");
    as_agent(s);
    a = http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(c.reference)).p);
    SAYS(a, "class=\"acts no-print\"");
    SAYS(a, "<form class=\"form no-print\" method=\"post\" action=\"/agents/");
    site_close(s);
}

static void a_report_is_spoken_of_as_one(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct answer a = http_post_form(s->web, "/signaler/commencer", NULL);
    str reference = str_copy(t->mem, str_split(str_cut(a.location, 10, a.location.n), '/', &(str){0}));
    a = http_get(s->web, at(s, reference, "/debut"));
    SAYS(a, "<h1>Votre signalement commence</h1>");
    SAYS(a, "href=\"tel:112\"");
    assert_false(says(a.body, "birth_date"));
    http_post_form(s->web, at(s, reference, "/debut"), "email", "", NULL);
    SAYS(http_get(s->web, at(s, reference, "/remplir/1")), "href=\"tel:112\"");
    struct record r = town_file(t, &t->a, t->a.report, "{\"place\":{\"lat\":48.1735,\"lon\":6.4496},\"f1\":\"road\",\"f2\":\"Un trou\"}", NULL, NULL);
    a = http_get(s->web, "/signaler");
    SAYS(a, "au point 48,1735° nord, 6,4496° est · signalé le 23 novembre 2026");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    a = http_get(s->web, str_fmt(t->mem, "/signaler/%.*s", STR_ARG(r.reference)).p);
    SAYS(a, "<dt>Description</dt>");
    assert_false(says(a.body, "Décrivez-le"));
    site_close(s);
}

static void procedures_are_listed_as_in_a_dictionary(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct kind_row row;
    json_t *j = town_json(t, "{\"kind\":\"write\",\"base\":\"procedure\",\"title\":\"Écrire à la mairie\",\"fields\":[{\"id\":\"f1\",\"name\":\"objet\",\"type\":\"text\",\"label\":\"Objet\"}]}");
    ASSERT_OK(kind_create(t->a.d, S("procedures"), S("write"), t->a.town, t->a.team, j, t->a.agent.account, t->mem, &row));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("write"), t->a.agent.account));
    str body = http_get(s->web, "/demarches").body;
    ptrdiff_t tree = str_find(body, S("Abattre un arbre"));
    assert_true(tree > 0);
    body = str_cut(body, (size_t)tree, body.n);    /* above stands how to write without a form */
    ptrdiff_t write = str_find(body, S("Écrire à la mairie")), permit = str_find(body, S("Occuper le domaine public"));
    assert_true(write > 0 && write < permit);
    site_close(s);
}

static struct answer send_message(struct site *s, str reference, const char *bytes)
{
    str all = str_fmt(s->t->mem, "--xx\r\nContent-Disposition: form-data; name=\"words\"\r\n\r\nVoici le plan.\r\n--xx\r\nContent-Disposition: form-data; name=\"files\"; filename=\"plan.pdf\"\r\n"
                                 "Content-Type: application/pdf\r\n\r\n%s\r\n--xx--\r\n", bytes);
    return http_send(s->web, "POST", at(s, reference, "/messages"), "multipart/form-data; boundary=xx", all);
}

static void a_message_takes_documents(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, t->a.permit, "zoe@ex.test", "");
    struct answer a = send_message(s, b.reference, "MZ");
    assert_int_equal(a.status, 422);
    SAYS(a, "est un programme");
    SAYS(a, "Voici le plan.");               /* what was written is kept */
    a = send_message(s, b.reference, "%PDF-1.4 plan");
    assert_int_equal(a.status, 303);
    a = http_get(s->web, at(s, b.reference, ""));
    SAYS(a, ">plan.pdf</a>");
    str file = answer_between(&a, str_fmt(t->mem, "<a href=\"%s", at(s, b.reference, "/fichiers/")).p, "\"");
    const char *path = at(s, b.reference, str_fmt(t->mem, "/fichiers/%.*s", STR_ARG(file)).p);
    ASSERT_STR(http_get(s->web, path).body, "%PDF-1.4 plan");
    struct browser *other = browser_new(s->server, t->mem);
    browser_host(other, "ville.test");
    assert_int_equal(http_get(other, path).status, 404);
    browser_free(other);
    as_agent(s);
    a = http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s", STR_ARG(b.reference)).p);
    SAYS(a, ">plan.pdf</a>");
    ASSERT_STR(http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s/fichiers/%.*s", STR_ARG(b.reference), STR_ARG(file)).p).body, "%PDF-1.4 plan");
    site_close(s);
}

/* A disk that takes no file: nothing is posted, so that the form sent again posts it once. */
static void a_message_waits_for_its_files(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct begun b = file(s, t->a.permit, "zoe@ex.test", "");
    struct record r = record_of(s, b.reference);
    struct messages m = {0};
    struct files files = {0};
    struct events before = {0}, after = {0};
    assert_int_equal(send_message(s, b.reference, "").status, 422);
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, false, &before));
    int64_t mails = town_mails(t, &t->a, r.id, NULL);
    const char *shelf = str_fmt(t->mem, "%.*s/blobs-test/blobs/%d", STR_ARG(t->store->dir), TENANT).p;
    mkdir(shelf, 0700);
    for (int i = 0; i < 256; i++) {                 /* a file where each folder would be */
        int fd = open(str_fmt(t->mem, "%s/%02x", shelf, i).p, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (fd >= 0) close(fd);
    }
    struct answer a = send_message(s, b.reference, "%PDF-1.4 plan");
    assert_int_equal(a.status, 503);
    SAYS(a, "Voici le plan.");
    ASSERT_OK(thread_of(t->a.d, t->mem, r.id, true, &m));
    ASSERT_OK(journal_of(t->a.d, t->mem, r.id, false, &after));
    assert_int_equal(m.n, 0);
    assert_int_equal(after.n, before.n);
    assert_int_equal(town_mails(t, &t->a, r.id, NULL), mails);
    for (int i = 0; i < 256; i++) unlink(str_fmt(t->mem, "%s/%02x", shelf, i).p);
    assert_int_equal(send_message(s, b.reference, "%PDF-1.4 plan").status, 303);
    ASSERT_OK(thread_of(t->a.d, t->mem, r.id, true, &m));
    ASSERT_OK(files_of(t->a.d, t->mem, r.id, &files));
    assert_int_equal(m.n, 1);
    assert_int_equal(files.n, 1);
    assert_true(message_file_of(files.v[0].field_path, m.v[0].id));
    /* The same document again is one content, and both can be opened. */
    assert_int_equal(send_message(s, b.reference, "%PDF-1.4 plan").status, 303);
    ASSERT_OK(files_of(t->a.d, t->mem, r.id, &files));
    assert_int_equal(files.n, 2);
    assert_true(str_eq(files.v[0].blob.name, files.v[1].blob.name));
    ASSERT_STR(http_get(s->web, at(s, b.reference, str_fmt(t->mem, "/fichiers/%.*s", STR_ARG(id_text(t->mem, files.v[1].id))).p)).body, "%PDF-1.4 plan");
    site_close(s);
}

/* What finds a dossier again is in no page of an error, even the one that gives forms back. */
static void a_code_is_not_given_back(void **state)
{
    struct site *s = site_open(*state);
    struct answer a = {0};
    for (int i = 0; i < 20 && a.status != 429; i++)
        a = http_post_form(s->web, "/dossiers", "reference", "BCDF-GHJK", "code", "MNPQ-RSTV-WXZB", "second", "zoe@ex.test", NULL);
    assert_int_equal(a.status, 429);
    assert_false(says(a.body, "MNPQ-RSTV-WXZB") || says(a.body, "zoe@ex.test") || says(a.body, "type=\"hidden\""));
    static const char *const doors[] = {"/compte/connexion", "/compte/inscription", "/compte/mot-de-passe/:token", "/dossiers"};
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        bool kept = false;
        for (size_t j = 0; j < all_routes.n; j++)
            for (const struct route *x = all_routes.v[j]; x->path; x++)
                kept |= x->method == POST && str_is(str_of(x->path), doors[i]) && x->flags & ROUTE_SECRET;
        if (!kept) fail_msg("%s gives secrets back", doors[i]);
    }
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_device_forgets_a_filed_dossier), STORE_TEST(made_up_cookies_cost_one_statement),
        STORE_TEST(a_copied_cookie_ends_too), STORE_TEST(leaving_a_correction_says_what_stays),
        STORE_TEST(a_suspended_period_is_said),
        STORE_TEST(letters_lead_somewhere), STORE_TEST(an_acceptance_by_silence_says_what_it_gives),
        STORE_TEST(a_withdrawal_says_what_follows),
        STORE_TEST(a_code_alone_opens_nothing), STORE_TEST(a_cookie_puts_no_words_in_a_mail), STORE_TEST(the_mail_of_the_form_is_a_second_element), STORE_TEST(an_employers_mail_is_no_second_element),
        STORE_TEST(a_form_says_what_it_takes),
        STORE_TEST(pages_say_whose_they_are_and_print),
        STORE_TEST(a_report_is_spoken_of_as_one),
        STORE_TEST(procedures_are_listed_as_in_a_dictionary),
        STORE_TEST(a_message_takes_documents), STORE_TEST(a_message_waits_for_its_files), STORE_TEST(a_code_is_not_given_back)};
    return STORE_RUN(tests);
}
