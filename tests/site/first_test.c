/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A town's first page, and what is checked of a machine and a town. With a mail server and from an empty machine:
   tests/scripts/first_start_test.sh; in a browser: tests/browser/first-start.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "core/checks.h"
#include "core/kinds.h"
#include "formats/json.h"
#include "desk_testing.h"

#define FORM "name=Ville+neuve&action=%237a1f5c&accent=%238a6d00&address=1+place+de+la+Mairie%0A88000+%C3%89pinal&mail=mairie%40ville.test&phone=0339980101&hours=Le+matin&dpo=dpo%40ville.test&sender=demarches%40ville.test"

/* A town as `tenant add` leaves it: its first page open. */
static struct site *start_open(void **state)
{
    struct site *s = site_open(*state);
    struct tenant now, was = s->t->a.tenant;
    ASSERT_OK(tenant_load(s->t->store->store, TENANT, s->t->mem, &was));
    now = was;
    now.settings = json_own(s->t->mem, json_deep_copy(was.settings));
    json_object_set_new(now.settings, "first_start", json_pack("{s:b}", "open", 1));
    ASSERT_OK(tenant_change(s->t->a.d, &was, &now));
    tenants_changed(s->app.tenants);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    return s;
}

static const struct tenant *now(struct site *s) { return tenants_by_id(s->app.tenants, TENANT); }

static str stored(struct site *s, bool of_body, const char *path) { return json_text(json_path(of_body ? now(s)->bodies.v[0].settings : now(s)->settings, path)); }

/* DESIGN: at most twelve. Hidden ones, the token and the buttons are not asked of anybody; a group of boxes is one question. */
static void twelve_inputs_at_most(void **state)
{
    struct site *s = start_open(state);
    struct answer a = site_get(s, 200, "/admin/premiers-pas");
    struct strs names = {0};
    str rest = a.body;
    for (ptrdiff_t at; (at = str_find(rest, S(" name=\""))) >= 0;) {
        size_t open = (size_t)at;
        while (open && rest.p[open] != '<') open--;
        str tag = str_cut(rest, open, (size_t)at + 200), after;
        rest = str_cut(rest, (size_t)at + 7, rest.n);
        str name = str_split(rest, '"', &after);
        bool asked = (str_starts(tag, S("<input")) && !str_starts(tag, S("<input type=\"hidden\""))) || str_starts(tag, S("<textarea")) || str_starts(tag, S("<select")), seen = false;
        for (size_t i = 0; i < names.n; i++) seen |= str_eq(names.v[i], name);
        if (asked && !seen && !str_is(name, "q")) PUSH(s->t->mem, &names, name);       /* q: the search of the page's head */
    }
    assert_int_equal(names.n, 11);
    assert_true(names.n <= 12);
    site_close(s);
}

static void it_is_left_and_taken_up_again(void **state)
{
    struct site *s = start_open(state);
    assert_true(says(site_get(s, 200, "/admin").body, "pas encore ouverte"));
    site_post(s, 303, "/admin/premiers-pas", "do=later&name=Ville+neuve&action=%231b4b8f&accent=%231a1c20&phone=0339980101&procedure=encombrants");
    struct answer a = site_get(s, 200, "/admin/premiers-pas");
    assert_true(says(a.body, "value=\"Ville neuve\"") && says(a.body, "value=\"0339980101\"") && says(a.body, "value=\"encombrants\" checked"));
    assert_false(says(a.body, "value=\"ecrire-mairie\" checked"));
    assert_true(says(site_get(s, 200, "/admin").body, "pas encore ouverte"));
    assert_false(stored(s, false, "colors.action").n);                                  /* our own colours are nobody's choice */
    site_get(s, 404, "/demarches/deposer-des-encombrants");
    site_close(s);
}

static void a_town_opens_with_its_procedures(void **state)
{
    struct site *s = start_open(state);
    struct town *t = s->t;
    struct kind_row row;
    site_post(s, 303, "/admin/premiers-pas", FORM "&do=open&procedure=ecrire-mairie&procedure=documents-administratifs&procedure=no-such-one");
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("ecrire-mairie"), &row));
    assert_int_equal(row.status, KIND_PUBLISHED);
    assert_true(says(site_get(s, 200, "/demarches/%.*s", STR_ARG(row.slug)).body, "Ville neuve"));
    struct answer a = site_get(s, 200, "/admin/premiers-pas/ouverte");
    assert_true(says(a.body, "Votre ville est ouverte") && says(a.body, str_fmt(t->mem, "/demarches/%.*s", STR_ARG(row.slug)).p) && says(a.body, "/admin/comptes/importer"));
    assert_false(says(site_get(s, 200, "/admin").body, "pas encore ouverte"));
    assert_true(str_is(stored(s, false, "mail.from"), "demarches@ville.test") && str_is(stored(s, true, "personal_data.contact"), "dpo@ville.test"));
    assert_true(str_is(stored(s, false, "colors.action"), "#7a1f5c") && stored(s, true, "service.name").n);
    /* Again: nothing is made twice. */
    site_post(s, 303, "/admin/premiers-pas", FORM "&do=open&procedure=ecrire-mairie");
    ASSERT_CODE(kind_row_get(t->twin.d, t->mem, S("ecrire-mairie"), &row), E_NOT_FOUND);
    site_close(s);
}

/* CRPA R112-5: without what a receipt names, nothing opens; what was typed stays. */
static void what_lacks_is_said_at_its_field(void **state)
{
    struct site *s = start_open(state);
    struct answer a = site_post(s, 422, "/admin/premiers-pas", "do=open&name=Ville&action=%23ffcc00&accent=%23ffeeaa&mail=nobody&hours=Le+soir&procedure=encombrants");
    static const char *const at[] = {"href=\"#address\"", "href=\"#phone\"", "href=\"#mail\"", "href=\"#sender\"", "href=\"#action\""};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) assert_true(says(a.body, at[i]));
    assert_true(says(a.body, "Le soir") && says(a.body, "value=\"encombrants\" checked") && says(a.body, "trop pâle"));
    a = site_post(s, 200, "/admin/premiers-pas", FORM "&do=look&procedure=encombrants");
    assert_true(says(a.body, "/style/ville.css?action=%237a1f5c&amp;accent=%238a6d00") && says(a.body, "Le matin"));
    assert_true(says(site_get(s, 200, "/style/ville.css?action=%%237a1f5c&accent=%%238a6d00").body, "#7a1f5c"));
    assert_false(stored(s, true, "service.hours").n && str_is(stored(s, true, "service.hours"), "Le matin"));
    /* Without a courier nothing leaves, and it is said. */
    a = site_post(s, 200, "/admin/premiers-pas", FORM "&do=test");
    assert_true(says(a.body, "pas parti") && says(a.body, "demarches@ville.test"));
    site_close(s);
}

/* A ready procedure that the town has changed so that it lacks something waits, and each thing it lacks is named with its link. */
static void a_procedure_that_lacks_waits(void **state)
{
    struct site *s = start_open(state);
    struct town *t = s->t;
    json_t *definition;
    struct kind_row row;
    enum kind_taken what;
    ASSERT_OK(kind_library_get(t->mem, "encombrants", &definition));
    definition = json_own(t->mem, json_deep_copy(definition));
    json_array_append_new(json_object_get(definition, "fields"), json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s}}", "id", "x1", "name", "quartier", "type", "choice", "list", "quartiers", "label", "fr", "Quartier", "en", "District"));
    ASSERT_OK(kind_take(t->a.d, t->mem, definition, t->a.town, &what, &row));
    site_post(s, 303, "/admin/premiers-pas", FORM "&do=open&procedure=encombrants&procedure=ecrire-mairie");
    struct answer a = site_get(s, 200, "/admin/premiers-pas/ouverte");
    assert_true(says(a.body, "Il manque quelque chose à 1 démarche") && says(a.body, "/admin/demarches/encombrants"));
    assert_true(says(a.body, "quartiers"));
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("encombrants"), &row));
    assert_int_equal(row.status, KIND_DRAFT);
    site_close(s);
}

static void the_page_is_for_administrators(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_MANAGER});
    static const char *const paths[] = {"/admin/premiers-pas", "/admin/premiers-pas/ouverte", "/admin/etat", "/admin/courriels", "/admin/comptes/importer"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) site_get(s, 403, "%s", paths[i]);
    site_as(s, 0, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) assert_true(http_get(s->web, paths[i]).status >= 300);
    site_close(s);
}

/* ---- checks ---- */
static const struct finding *finding(const struct findings *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->v[i].name, name) == 0) return &all->v[i];
    fail_msg("no check %s", name);
    return NULL;
}

static struct findings checked(struct site *s, const struct settings *settings, unsigned where)
{
    struct findings all = {0};
    struct check_world w = {.mem = s->t->mem, .lang = LANG_FR, .settings = settings, .now_us = s->t->now_us, .store = s->app.store, .kinds = s->app.kinds, .tenant = now(s), .d = s->t->a.d};
    checks_run(&w, where, &all);
    return all;
}

static void a_machine_is_checked(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct settings set = s->app.settings;
    set.data_dir = t->store->dir;
    struct findings all = checked(s, &set, CHECK_HERE | CHECK_STORE | CHECK_SLOW);
    assert_int_equal(finding(&all, "tls")->state, CHECK_REMARK);
    assert_int_equal(finding(&all, "backup")->state, CHECK_REMARK);
    assert_int_equal(finding(&all, "scanner")->state, CHECK_REMARK);
    assert_int_equal(finding(&all, "store")->state, CHECK_FINE);
    assert_true(finding(&all, "disk")->said.n > 0);
    set.listen = S("0.0.0.0:80");
    set.clamd = S("unix:/x");
    checks_backup_made(t->mem, &set);
    all = checked(s, &set, CHECK_HERE);
    assert_int_equal(finding(&all, "tls")->state, CHECK_FAULT);
    assert_int_equal(finding(&all, "scanner")->state, CHECK_FINE);
    set.public_scheme = S("https");
    all = checked(s, &set, CHECK_HERE);
    assert_int_equal(finding(&all, "tls")->state, CHECK_FAULT);             /* nobody stands in front, as far as is said */
    set.trusted_proxies = S("127.0.0.1");
    all = checked(s, &set, CHECK_HERE);
    assert_int_equal(finding(&all, "tls")->state, CHECK_FINE);
    set.workers = 16;
    set.smtp_url = S("mail");
    all = checked(s, &set, CHECK_HERE);
    assert_int_equal(finding(&all, "settings")->state, CHECK_FAULT);
    for (size_t i = 0; i < all.n; i++) assert_true(strcmp(all.v[i].name, "store") != 0);        /* slow ones are asked for */
    site_close(s);
}

static void a_town_is_checked(void **state)
{
    struct site *s = start_open(state);
    static const char *const before[] = {"start", "legal", "sender"};
    struct findings all = checked(s, &s->app.settings, CHECK_TOWN);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        assert_int_equal(finding(&all, before[i])->state, CHECK_REMARK);
        assert_non_null(finding(&all, before[i])->page.at);
    }
    struct answer a = site_get(s, 200, "/admin/etat");
    assert_true(says(a.body, "article 1-1") && says(a.body, "href=\"/admin/premiers-pas\"") && says(a.body, "à savoir"));
    site_post(s, 303, "/admin/premiers-pas", FORM "&do=open&procedure=ecrire-mairie");
    site_post(s, 303, "/admin/reglages", "name=Ville+neuve&director=La+maire&host=Nous");
    all = checked(s, &s->app.settings, CHECK_TOWN);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) assert_int_equal(finding(&all, before[i])->state, CHECK_FINE);
    assert_true(str_find(finding(&all, "sender")->said, S("ville.test")) > 0 && str_find(finding(&all, "sender")->said, S("SPF")) > 0);
    assert_int_equal(finding(&all, "contacts")->state, CHECK_FINE);
    assert_int_equal(finding(&all, "dpo")->state, CHECK_FINE);
    /* The body loses its telephone: what is online lacks it, and says so. */
    struct body b = now(s)->bodies.v[0];
    b.settings = json_own(s->t->mem, json_deep_copy(b.settings));
    json_object_del(json_object_get(b.settings, "service"), "phone");
    json_object_del(json_object_get(b.settings, "personal_data"), "contact");       /* GDPR, article 37 §7 */
    ASSERT_OK(body_change(s->t->a.d, &now(s)->bodies.v[0], &b));
    tenants_changed(s->app.tenants);
    all = checked(s, &s->app.settings, CHECK_TOWN);
    assert_int_equal(finding(&all, "contacts")->state, CHECK_REMARK);
    assert_int_equal(finding(&all, "procedures")->state, CHECK_REMARK);
    assert_int_equal(finding(&all, "dpo")->state, CHECK_REMARK);
    assert_true(str_find(finding(&all, "procedures")->said, S("Écrire à la mairie")) > 0);
    site_close(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(twelve_inputs_at_most), STORE_TEST(it_is_left_and_taken_up_again), STORE_TEST(a_town_opens_with_its_procedures),
                                              STORE_TEST(what_lacks_is_said_at_its_field), STORE_TEST(a_procedure_that_lacks_waits), STORE_TEST(the_page_is_for_administrators),
                                              STORE_TEST(a_machine_is_checked), STORE_TEST(a_town_is_checked)};
    return STORE_RUN(tests);
}
