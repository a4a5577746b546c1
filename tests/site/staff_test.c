/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Agents from a CSV: read with every fault and its line, written whole or not at all, twice the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/notify.h"
#include "core/staff.h"
#include "desk_testing.h"
#include "shared_data.h"

#define HEADINGS "Courriel;Prénom;NOM;Qualité;Service;Équipes;Rôle\r\n"

static struct staff read_csv(struct town *t, str csv)
{
    struct staff s;
    ASSERT_OK(staff_read(t->a.d, t->mem, csv, 0, &s));
    return s;
}

static size_t agents(struct town *t)
{
    struct accounts all;
    ASSERT_OK(account_list(t->a.d, t->mem, false, &all));
    return all.n;
}

static void a_table_makes_accounts_teams_rights_and_invitations(void **state)
{
    struct town *t = town_open(*state);
    struct staff s = read_csv(t, S(HEADINGS "ana@ville.test;Ana;Petit;Officière d'état civil;État civil;État civil|Accueil;\r\n"
                                            "leo@ville.test;Léo;Roy;Directeur;Direction;;Administration\r\n"));
    assert_int_equal(s.faults.n, 0);
    assert_int_equal(s.n_new, 2);
    assert_int_equal(s.new_teams.n, 2);
    ASSERT_OK(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://ville.test"), LANG_FR, t->now_us, &s));
    struct account ana;
    struct grants g;
    struct outbox_items mails;
    ASSERT_OK(account_by_email(t->a.d, t->mem, S("ANA@ville.test"), &ana));
    assert_true(ana.is_agent && str_is(ana.capacity, "Officière d'état civil") && str_is(ana.service, "État civil"));
    ASSERT_OK(grants_of(t->a.d, t->mem, ana.id, &g));
    assert_int_equal(g.n, 2);                                   /* one a team, and nothing over the whole town */
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("t"), t->now_us, 20, &mails));
    assert_int_equal(mails.n, 2);
    ptrdiff_t at = str_find(mails.v[0].text, S("https://ville.test/compte/mot-de-passe/"));
    assert_true(at > 0);
    /* The link opens once, six days later still. */
    str rest, token = str_split(str_cut(mails.v[0].text, (size_t)at + 39, mails.v[0].text.n), '\n', &rest);
    ASSERT_OK(account_reset_finish(t->a.d, t->mem, token, S("une image par jour"), t->now_us + 6 * DAY_US));
    ASSERT_CODE(account_reset_finish(t->a.d, t->mem, token, S("une autre image"), t->now_us + 6 * DAY_US), E_GONE);
    /* The twin has none of it. */
    ASSERT_CODE(account_by_email(t->twin.d, t->mem, S("ana@ville.test"), &ana), E_NOT_FOUND);
    town_close(t);
}

static void the_same_table_again_changes_nothing(void **state)
{
    struct town *t = town_open(*state);
    str csv = S(HEADINGS "ana@ville.test;Ana;Petit;Officière;État civil;Accueil;agent\r\n");
    struct staff s = read_csv(t, csv);
    ASSERT_OK(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://v"), LANG_FR, t->now_us, &s));
    s = read_csv(t, csv);
    assert_int_equal(s.n_same, 1);
    assert_int_equal(s.new_teams.n, 0);
    ASSERT_OK(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://v"), LANG_FR, t->now_us, &s));
    struct outbox_items mails;
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("t"), t->now_us, 20, &mails));
    assert_int_equal(mails.n, 1);
    /* What a cell leaves empty stays; what it says is written. Same mail in capitals: the same person. */
    s = read_csv(t, S("Mail,Fonction,Nom\r\nANA@VILLE.TEST,Adjointe,\r\n"));
    assert_int_equal(s.faults.n, 0);
    assert_int_equal(s.n_changed, 1);
    ASSERT_OK(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://v"), LANG_FR, t->now_us, &s));
    struct account ana;
    struct grants g;
    ASSERT_OK(account_by_email(t->a.d, t->mem, S("ana@ville.test"), &ana));
    assert_true(str_is(ana.capacity, "Adjointe") && str_is(ana.surname, "Petit") && str_is(ana.service, "État civil"));
    ASSERT_OK(grants_of(t->a.d, t->mem, ana.id, &g));
    assert_true(g.n == 1 && g.v[0].team);
    town_close(t);
}

/* CRPA L111-2, L212-1: without a name and a capacity nobody decides. */
static void faults_have_their_line_and_nothing_is_written(void **state)
{
    struct town *t = town_open(*state);
    size_t before = agents(t);
    struct staff s = read_csv(t, S(HEADINGS "ana@ville.test;Ana;Petit;Officière;;Accueil;agent\r\nana;A;B;C;;;\r\nzoe@ville.test;Zoé;;;;;roi\r\nAna@ville.test;Ana;Petit;Officière;;;\r\n"));
    static const char *const said[] = {"Ligne 3", "Ligne 4", "Ligne 4", "Ligne 4", "Ligne 5"};
    assert_int_equal(s.faults.n, 5);
    for (size_t i = 0; i < 5; i++) assert_true(str_starts(staff_fault_words(t->mem, LANG_FR, &s.faults.v[i]), str_of(said[i])));
    ASSERT_CODE(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://v"), LANG_FR, t->now_us, &s), E_INVALID);
    assert_int_equal(agents(t), before);
    /* One that fails while it is written takes the others with it. */
    s = read_csv(t, S(HEADINGS "ana@ville.test;Ana;Petit;Officière;;Accueil;agent\r\nzoe@ville.test;Zoé;Roy;Agente;;;\r\n"));
    struct account first;
    int64_t id;
    first = (struct account){.email = S("zoe@ville.test"), .surname = S("R"), .is_active = true};
    ASSERT_OK(account_add(t->a.d, t->mem, &first, STR_NONE, &id));
    ASSERT_CODE(staff_write(t->a.d, t->mem, &t->a.tenant, S("https://v"), LANG_FR, t->now_us, &s), E_EXISTS);
    ASSERT_CODE(account_by_email(t->a.d, t->mem, S("ana@ville.test"), &first), E_NOT_FOUND);
    struct teams teams;
    ASSERT_OK(team_list(t->a.d, t->mem, &teams));
    for (size_t i = 0; i < teams.n; i++) assert_false(str_is(teams.v[i].name, "Accueil"));
    s = read_csv(t, S("Nom;Prénom\r\nPetit;Ana\r\n"));
    assert_int_equal(s.faults.n, 1);
    s = read_csv(t, S("courriel\r\n"));
    assert_true(s.faults.n == 1);
    town_close(t);
}

static void dirty_tables_are_read(void **state)
{
    struct town *t = town_open(*state);
    struct strs names = shared_names(t->mem, "procedures/dirty-csv");
    for (size_t i = 0; i < names.n; i++) {
        str bytes;
        struct staff s = {0};
        if (!shared_data(t->mem, str_fmt(t->mem, "procedures/dirty-csv/%.*s", STR_ARG(names.v[i])).p, &bytes)) continue;
        err e = staff_read(t->a.d, t->mem, bytes, 0, &s);
        if (e.code == OK) assert_true(s.faults.n > 0);          /* none of them has a surname for everybody */
    }
    /* Windows-1252, a comma, quotes over two lines; a thousand in a few statements. */
    struct staff s = read_csv(t, S("Courriel,Pr\xe9nom,Nom,Qualit\xe9\r\nana@ville.test,Ana,\"Petit\r\nRoy\",Officier\r\n"));
    assert_true(s.faults.n == 0 && str_is(s.lines.v[0].a.capacity, "Officier") && str_is(s.lines.v[0].a.forename, "Ana"));
    buf b = BUF(1 << 20);
    buf_lit(&b, "courriel;nom;qualité\n");
    for (int i = 0; i < 1000; i++) buf_fmt(&b, "a%d@ville.test;N%d;Agent\n", i, i);
    int64_t since = town_statements(t->a.d, 0);
    s = read_csv(t, buf_str(&b));
    assert_int_equal(s.n_new, 1000);
    assert_true(town_statements(t->a.d, since) <= 8);
    buf_free(&b);
    town_close(t);
}

static void the_page_shows_first_then_writes(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    struct answer a = site_get(s, 200, "/admin/comptes/importer");
    str csrf = answer_between(&a, "name=\"csrf\" value=\"", "\"");
    size_t before = agents(t);
    a = http_post_multipart(s->web, "/admin/comptes/importer", "csrf", str_z(t->mem, csrf), "fichier", "@courriel;nom;qualité\nana;Petit;Agente\n", NULL);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, "Ligne 2") && says(a.body, "Rien n’a été écrit") && !says(a.body, "Importer et inviter"));
    a = http_post_multipart(s->web, "/admin/comptes/importer", "csrf", str_z(t->mem, csrf), "fichier", "@courriel;nom;qualité;équipes\nana@ville.test;Petit;Agente;Cimetière\n", NULL);
    assert_int_equal(a.status, 200);
    assert_true(says(a.body, "Importer et inviter") && says(a.body, "Cimetière"));
    assert_int_equal(agents(t), before);
    site_post(s, 303, "/admin/comptes/importer/ecrire", "csv=courriel%3Bnom%3Bqualit%C3%A9%0Aana%40ville.test%3BPetit%3BAgente%0A");
    assert_int_equal(agents(t), before + 1);
    assert_true(says(site_get(s, 200, "/admin/comptes?crees=1&changes=0").body, "Comptes créés et invités"));
    /* One's own administration stays. */
    struct account me;
    ASSERT_OK(account_get(t->a.d, t->mem, t->a.agent.account, &me));
    a = http_post_multipart(s->web, "/admin/comptes/importer", "csrf", str_z(t->mem, csrf), "fichier",
                            str_fmt(t->mem, "@courriel;nom;qualité;rôle\n%.*s;Moi;Chef;lecture\n", STR_ARG(me.email)).p, NULL);
    assert_int_equal(a.status, 422);
    assert_true(says(a.body, "votre compte"));
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_table_makes_accounts_teams_rights_and_invitations), STORE_TEST(the_same_table_again_changes_nothing),
                                       STORE_TEST(faults_have_their_line_and_nothing_is_written), STORE_TEST(dirty_tables_are_read),
                                       STORE_TEST(the_page_shows_first_then_writes)};
    return STORE_RUN(tests);
}
