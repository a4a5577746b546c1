/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the town offers, over HTTP: the four kinds of entry, made and withdrawn by a manager; fact sheets; search and its administrator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/found.h"
#include "core/sheets.h"
#include "desk_testing.h"
#include "formats/json.h"

static void take(struct site *s, struct side *side, const char *name)
{
    json_t *def;
    struct kind_row row;
    enum kind_taken what;
    ASSERT_OK(kind_library_get(s->t->mem, name, &def));
    ASSERT_OK(kind_take(side->d, s->t->mem, def, side->town, &what, &row));
    ASSERT_OK(kind_publish(side->d, &side->tenant, s->t->mem, row.name, 0));
}

static err file_of(void *arg, arena *mem, size_t i, struct sheet_file *out)
{
    (void)arg;
    (void)mem;
    (void)i;
    *out = (struct sheet_file){S("F1618.xml"), S("<Publication xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ID=\"F1618\"><dc:title>Le Pacs expliqué</dc:title><dc:date>modified 2026-09-03</dc:date>"
        "<Theme ID=\"N1\"><Titre>Famille</Titre></Theme><Texte><Paragraphe>Voir <LienInterne LienPublication=\"F999\">ceci</LienInterne>.</Paragraphe></Texte></Publication>")};
    return NO_ERR;
}
static str name_of(void *arg, size_t i) { return (void)arg, (void)i, S("F1618.xml"); }

static void sheet_put(struct site *s, struct side *side, bool sample)
{
    struct sheets_done done;
    ASSERT_OK(sheets_import(side->d, s->t->mem, &(struct sheets_source){.n = 1, .file = file_of, .name = name_of, .is_sample = sample}, &done));
    assert_int_equal(done.faulty.n, 0);
}

static bool api_says(struct site *s, const char *path, const char *words_)
{
    struct answer a = site_get(s, 200, "%s", path);
    return says(a.body, words_);
}

/* Each of the four, in words; who, how long, what to prepare, cost, law, service, and the way without a screen (CRPA L112-8: nobody can be
   made to file online). */
static void each_of_the_four_says_what_it_is(void **state)
{
    static const struct { const char *name, *path, *way, *type; bool form; } four[] = {
        {"subvention", "/demarches/demander-une-subvention-pour-une-association", "En ligne, ici", "here", true},
        {"carte-grise", "/demarches/carte-grise-certificat-d-immatriculation", "En ligne, sur un autre site\xc2\xa0: France Titres (ANTS)", "elsewhere", false},
        {"pacs", "/demarches/conclure-un-pacs", "Au guichet ou par courrier", "counter", false},
        {"decheterie", "/demarches/decheterie-horaires-et-acces", "Information", "information", false}};
    struct site *s = site_open(*state);
    for (size_t i = 0; i < 4; i++) {
        struct kind_row row;
        take(s, &s->t->a, four[i].name);
        ASSERT_OK(kind_row_get(s->t->a.d, s->t->mem, str_of(four[i].name), &row));
        const char *path = str_fmt(s->t->mem, "/demarches/%.*s", STR_ARG(row.slug)).p;
        struct answer a = site_get(s, 200, "%s", path);
        static const char *const all[] = {"Pour qui", "Combien de temps", "Combien ça coûte", "À préparer", "<dt>Texte</dt>", "1 place de la Mairie", "03 29 00 00 00", "Au guichet, par courrier ou par téléphone"};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            if (!says(a.body, all[k])) fail_msg("%s: no %s", path, all[k]);
        assert_true(says(a.body, four[i].way));
        assert_int_equal(says(a.body, "Commencer en ligne"), four[i].form);
        assert_int_equal(says(a.body, "imprimer"), four[i].form);
        assert_int_equal(http_post_form(s->web, str_fmt(s->t->mem, "%s/commencer", path).p, NULL).status, four[i].form ? 303 : 404);
        site_get(s, four[i].form ? 200 : 404, "%s/imprimer", path);
        assert_true(says(site_get(s, 200, "/demarches?n=%zu", i).body, four[i].way));
        /* The API: the same type; a schema and a filing only for what is filed here. */
        const char *api = str_fmt(s->t->mem, "/api/v1/procedures/%.*s", STR_ARG(row.slug)).p;
        assert_true(api_says(s, api, str_fmt(s->t->mem, "\"type\":\"%s\"", four[i].type).p));
        assert_int_equal(api_says(s, api, "\"schema\":null"), !four[i].form);
        struct answer filed = http_send(s->web, "POST", str_fmt(s->t->mem, "%s/records", api).p, "application/json", S("{\"answers\":{}}"));
        assert_int_equal(filed.status, four[i].form ? 422 : 404);
    }
    struct answer a = site_get(s, 200, "/demarches/carte-grise-certificat-d-immatriculation");
    assert_true(says(a.body, "href=\"https://immatriculation.ants.gouv.fr/\"") && says(a.body, "Vous quittez ce site"));
    assert_true(says(a.body, "https://www.service-public.gouv.fr/particuliers/vosdroits/N367"));
    assert_true(api_says(s, "/api/v1/procedures", "\"type\":\"elsewhere\",\"theme\":\"roads\""));
    assert_false(api_says(s, "/api/v1/procedures?type=counter", "carte-grise"));
    assert_true(api_says(s, "/api/v1/procedures?type=counter", "conclure-un-pacs"));
    site_get(s, 422, "/api/v1/procedures?type=nothing");
    assert_true(api_says(s, "/api/v1/procedures/carte-grise-certificat-d-immatriculation", "\"online\":{\"operator\":\"France Titres (ANTS)\",\"url\":\"https://immatriculation.ants.gouv.fr/\"}"));
    browser_host(s->web, "jumelle.test");
    site_get(s, 404, "/demarches/conclure-un-pacs");
    assert_false(says(site_get(s, 200, "/demarches").body, "PACS"));
    site_close(s);
}

static void the_list_is_by_theme_and_filtered_without_script(void **state)
{
    struct site *s = site_open(*state);
    take(s, &s->t->a, "pacs");
    take(s, &s->t->a, "carte-grise");
    struct answer a = site_get(s, 200, "/demarches");
    assert_true(says(a.body, "<h2 id=\"theme-civil\">État civil et identité</h2>") && says(a.body, "<h2 id=\"theme-roads\">Voirie et véhicules</h2>"));
    assert_true(says(a.body, "<h2 id=\"theme-other\">Autres démarches</h2>"));           /* two of the town have no theme */
    a = site_get(s, 200, "/demarches?theme=civil");
    assert_true(says(a.body, "PACS") && !says(a.body, "Carte grise") && !says(a.body, "Abattre un arbre"));
    assert_true(says(a.body, "<option value=\"civil\" selected>"));
    a = site_get(s, 200, "/demarches?type=elsewhere");
    assert_true(says(a.body, "Carte grise") && !says(a.body, "PACS"));
    a = site_get(s, 200, "/demarches?theme=civil&type=elsewhere");
    assert_true(says(a.body, "Aucune démarche de ce thème ne se fait ainsi."));
    assert_true(says(site_get(s, 200, "/demarches?theme=x&type=y").body, "PACS"));
    /* The home page and the counter propose what is filed here. */
    assert_false(says(site_get(s, 200, "/").body, "PACS"));
    site_as(s, s->t->a.agent.account, NULL);
    assert_false(says(site_get(s, 200, "/agents/guichet").body, "PACS"));
    assert_true(says(site_get(s, 200, "/agents/guichet").body, "Abattre un arbre"));
    site_post(s, 404, "/agents/guichet/conclure-un-pacs", "");
    site_close(s);
}

/* Added, refused with its reasons, completed, seen before it is published, published, withdrawn; each by who may. */
static void a_manager_adds_an_entry(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct kind_rows rows;
    struct kind_row row = {0};
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    assert_true(says(site_get(s, 200, "/admin/demarches").body, "name=\"offer\" value=\"elsewhere\""));
    struct answer a = site_post(s, 303, "/admin/demarches", "title=Amendes&offer=elsewhere");
    ASSERT_OK(kind_rows_list(t->a.d, t->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (str_is(rows.v[i].title, "Amendes")) row = rows.v[i];
    assert_int_equal(row.offer, OFFER_ELSEWHERE);
    const char *editor = str_z(t->mem, a.location), *form = str_fmt(t->mem, "revision=%lld&do=texts&title=Amendes&offer=elsewhere", (long long)row.draft_revision).p;
    a = site_get(s, 200, "%s", editor);
    assert_true(says(a.body, "Il manque l’organisme qui tient le service en ligne.") && says(a.body, "href=\"#online\"") && says(a.body, "Il manque pour qui elle est."));
    assert_false(says(a.body, "name=\"means\"") || says(a.body, "name=\"pd_basis\"") || says(a.body, "value=\"publish\""));
    site_post(s, 422, editor, "do=publish");
    site_post(s, 303, editor, str_fmt(t->mem, "%s&theme=roads&operator=ANTAI&online=http%%3A%%2F%%2Fx.fr&audience=Tous&keywords=PV%%0A%%0Acontravention&sheets=F1%%0AR2", form).p);
    a = site_get(s, 200, "%s", editor);
    assert_true(says(a.body, "doit commencer par https://") && says(a.body, "href=\"#sheets\""));
    ASSERT_OK(kind_row_get(t->a.d, t->mem, row.name, &row));
    form = str_fmt(t->mem, "revision=%lld&do=texts&title=Amendes&offer=elsewhere", (long long)row.draft_revision).p;
    site_post(s, 303, editor, str_fmt(t->mem, "%s&theme=roads&operator=ANTAI&online=https%%3A%%2F%%2Fwww.antai.gouv.fr%%2F&audience=Tous&keywords=PV%%0Acontravention&sheets=F1618&ways=Par+courrier.", form).p);
    /* Seen by who may, before it is there. */
    const char *page = str_fmt(t->mem, "/demarches/%.*s", STR_ARG(row.slug)).p;
    site_get(s, 404, "%s", page);
    a = site_get(s, 200, "%s?apercu=1", page);
    assert_true(says(a.body, "ANTAI") && says(a.body, "Aperçu"));
    site_as(s, t->a.citizen, NULL);
    site_get(s, 404, "%s?apercu=1", page);
    site_as(s, 0, NULL);
    site_get(s, 404, "%s?apercu=1", page);
    site_as(s, t->a.agent.account, NULL);
    site_post(s, 303, editor, "do=publish");
    site_as(s, 0, NULL);
    a = site_get(s, 200, "%s", page);
    assert_true(says(a.body, "https://www.antai.gouv.fr/") && says(a.body, "Par courrier."));
    assert_true(says(site_get(s, 200, "/recherche?q=contravention").body, "Amendes"));
    /* Withdrawn: its page says so, and it is nowhere else. */
    site_as(s, t->a.agent.account, NULL);
    site_post(s, 303, editor, "do=close&reason=Voyez+la+pr%C3%A9fecture");
    site_as(s, 0, NULL);
    a = site_get(s, 200, "%s?n=2", page);           /* the cache of pages is emptied by the server's clockwork, which does not run here */
    assert_true(says(a.body, "Voyez la préfecture") && !says(a.body, "antai.gouv.fr"));
    assert_false(says(site_get(s, 200, "/demarches?n=2").body, "Amendes"));
    assert_false(says(site_get(s, 200, "/recherche?q=contravention").body, "Amendes"));
    site_close(s);
}

/* From one way to another and back: the form and its settings stay. */
static void the_way_may_change(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    json_t *def;
    struct kind_row row;
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("tree"), &row));
    site_post(s, 303, "/admin/demarches/tree", str_fmt(t->mem, "revision=%lld&do=texts&title=Arbre&offer=counter&audience=Tous", (long long)row.revision).p);
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("tree"), &def));
    assert_int_equal(json_array_size(json_object_get(def, "fields")), 1);
    ASSERT_STR(json_text(json_path(def, "settings.silence.means")), "acceptance");
    site_post(s, 303, "/admin/demarches/tree", "do=publish");
    site_get(s, 404, "/demarches/tree/imprimer");
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("tree"), &row));
    site_post(s, 303, "/admin/demarches/tree", str_fmt(t->mem, "revision=%lld&do=texts&title=Arbre&offer=here&audience=Tous", (long long)row.revision).p);
    site_post(s, 303, "/admin/demarches/tree", "do=publish");
    site_get(s, 200, "/demarches/tree/imprimer");
    site_close(s);
}

/* Date, source and licence (Licence Ouverte 2.0: the source and the date of its last change); both ways between a sheet and a procedure. */
static void a_sheet_and_its_procedure(void **state)
{
    struct site *s = site_open(*state);
    take(s, &s->t->a, "pacs");
    assert_false(says(site_get(s, 200, "/demarches/conclure-un-pacs").body, "/fiches/F1618"));
    sheet_put(s, &s->t->a, false);
    struct answer a = site_get(s, 200, "/fiches/F1618");
    static const char *const there[] = {"Le Pacs expliqué", "datetime=\"2026-09-03\"", "service-public.fr, Direction de l’information légale et administrative (DILA)", "Licence Ouverte",
        "https://www.service-public.gouv.fr/particuliers/vosdroits/F1618", "Faire cette démarche ici", "href=\"/demarches/conclure-un-pacs\"", "Au guichet ou par courrier", "href=\"/fiches/F999\"", "lang=\"fr\""};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        if (!says(a.body, there[i])) fail_msg("not there: %s", there[i]);
    assert_true(says(site_get(s, 200, "/demarches/conclure-un-pacs?n=2").body, "<a href=\"/fiches/F1618\">Le Pacs expliqué</a>"));
    a = site_get(s, 404, "/fiches/F999");
    assert_true(says(a.body, "https://www.service-public.gouv.fr/particuliers/vosdroits/F999"));
    site_get(s, 404, "/fiches/../admin");
    site_get(s, 404, "/fiches/R12");
    assert_true(says(site_get(s, 200, "/fiches").body, "Famille"));
    assert_true(says(site_get(s, 200, "/fiches?theme=Famille").body, "Le Pacs expliqué"));
    a = site_get(s, 200, "/recherche?q=pacs");
    assert_true(says(a.body, "Le plus proche") && says(a.body, "Fiches pratiques") && says(a.body, "Le Pacs expliqué"));
    sheet_put(s, &s->t->a, true);
    a = site_get(s, 200, "/fiches/F1618?n=2");
    assert_true(says(a.body, "Exemple rédigé pour la démonstration") && !says(a.body, "Licence Ouverte"));
    browser_host(s->web, "jumelle.test");
    assert_false(says(site_get(s, 404, "/fiches/F1618").body, "Le Pacs"));
    assert_false(says(site_get(s, 200, "/fiches").body, "Famille"));
    site_close(s);
}

static void nothing_found_leads_on_and_is_counted(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    take(s, &t->a, "ecrire-mairie");
    take(s, &t->a, "decheterie");
    struct answer a = {0};
    for (int i = 0; i < 3; i++) a = site_get(s, 200, "/recherche?q=Trottinette");
    assert_true(says(a.body, "Rien ne correspond") && says(a.body, "03 29 00 00 00") && says(a.body, "href=\"/demarches/ecrire-a-la-mairie\""));
    assert_true(says(site_get(s, 200, "/recherche?q=decheterei").body, "Nous avons lu"));
    assert_false(says(site_get(s, 200, "/recherche").body, "Rien ne correspond"));
    site_get(s, 200, "/recherche?q=%%22%%27%%3Cscript%%3E");
    site_as(s, t->a.agent.account, NULL);
    site_get(s, 403, "/admin/recherche");
    site_post(s, 403, "/admin/recherche", "do=add&words=a,b");
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    a = site_get(s, 200, "/admin/recherche");
    assert_true(says(a.body, "trottinette") && says(a.body, "mots=trottinette"));
    assert_true(says(site_get(s, 200, "/admin/recherche?mots=trottinette").body, "value=\"trottinette, \""));
    a = site_post(s, 422, "/admin/recherche", "do=add&words=trottinette");
    assert_true(says(a.body, "href=\"#words\"") && says(a.body, "value=\"trottinette\""));
    site_post(s, 303, "/admin/recherche", "do=add&words=trottinette,d%C3%A9ch%C3%A8terie");
    site_post(s, 303, "/admin/recherche", "do=forget&words=trottinette");
    a = site_get(s, 200, "/admin/recherche");
    assert_true(says(a.body, "trottinette,déchèterie") && !says(a.body, "mots=trottinette"));
    assert_true(says(site_get(s, 200, "/recherche?q=trottinettes").body, "Déchèterie : horaires"));
    browser_host(s->web, "jumelle.test");
    site_as(s, 0, NULL);
    assert_true(says(site_get(s, 200, "/recherche?q=trottinettes").body, "Rien ne correspond"));
    assert_false(says(site_get(s, 200, "/recherche?q=trottinettes").body, "Déchèterie"));
    site_close(s);
}

/* A page costs few statements, however many lines it shows. */
static void a_search_asks_the_store_little(void **state)
{
    struct town *t = town_open(*state);
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *def;
        struct kind_row row;
        enum kind_taken what;
        ASSERT_OK(kind_library_get(t->mem, *name, &def));
        ASSERT_OK(kind_take(t->a.d, t->mem, def, t->a.town, &what, &row));
        ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, row.name, 0));
    }
    static const char *const typed[] = {"carte grise", "demande", "poublle", "je voudrais une place de stationnement pour mon camion", "xyzzy"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        struct found_answer a;
        int64_t before = db_statements(t->a.d);
        ASSERT_OK(found_run(t->a.d, t->mem, t->kinds, str_of(typed[i]), 60, &a));
        int64_t n = town_statements(t->a.d, before);
        if (n > 12) fail_msg("%s: %lld statements", typed[i], (long long)n);
    }
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(each_of_the_four_says_what_it_is), STORE_TEST(the_list_is_by_theme_and_filtered_without_script), STORE_TEST(a_manager_adds_an_entry),
                                              STORE_TEST(the_way_may_change), STORE_TEST(a_sheet_and_its_procedure), STORE_TEST(nothing_found_leads_on_and_is_counted),
                                              STORE_TEST(a_search_asks_the_store_little)};
    return STORE_RUN(tests);
}
