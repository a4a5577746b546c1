/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Administration over HTTP: accounts, teams, bodies, the logo. */
#include <vips/vips.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/audit.h"
#include "formats/json.h"
#include "process/converter.h"
#include "process/process.h"
#include "desk_testing.h"

static struct site *admin_open(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    return s;
}

static void accounts_say_role_and_service(void **state)
{
    struct site *s = admin_open(state);
    struct answer a = site_get(s, 200, "/admin/comptes");
    assert_true(says(a.body, "data-label=\"Service\">Voirie</td>") && says(a.body, "data-label=\"Rôle\">Administration</td>") && says(a.body, "data-label=\"Rôle\">Lecture</td>"));
    assert_true(says(a.body, "Traite les dossiers de ses équipes"));        /* a sentence for each role */
    site_close(s);
}

static void a_team_is_opened_renamed_filled_and_emptied(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    struct accounts members = {0};
    const char *path = str_fmt(t->mem, "/admin/equipes/%.*s", STR_ARG(id_text(t->mem, t->a.team))).p, *body = id_text(t->mem, t->a.town).p;
    assert_true(says(site_get(s, 200, "/admin/equipes").body, path));
    const char *agent = id_text(t->mem, t->a.other.account).p, *citizen = id_text(t->mem, t->a.citizen).p;
    site_post(s, 303, path, str_fmt(t->mem, "name=Rues&email=rues%%40ville.test&body=%s&member=%s", body, agent).p);
    ASSERT_OK(team_members(t->a.d, t->mem, t->a.team, &members));
    assert_int_equal(members.n, 1);
    struct answer a = site_get(s, 200, "%s", path);
    assert_true(says(a.body, "value=\"Rues\"") && says(a.body, str_fmt(t->mem, "value=\"%s\" checked", agent).p));
    site_post(s, 422, path, str_fmt(t->mem, "name=&body=%s", body).p);
    site_post(s, 303, path, str_fmt(t->mem, "name=Rues&body=%s&member=%s", body, citizen).p);       /* a citizen is of no team */
    ASSERT_OK(team_members(t->a.d, t->mem, t->a.team, &members));
    assert_int_equal(members.n, 0);
    /* The twin's team is not there. */
    site_get(s, 404, "/admin/equipes/%.*s", STR_ARG(id_text(t->mem, t->twin.team)));
    site_close(s);
}

static const char *rights(struct town *t, int64_t account)
{
    struct grants g;
    buf b = BUF(400);
    ASSERT_OK(grants_of(t->a.d, t->mem, account, &g));
    for (size_t i = 0; i < g.n; i++) buf_fmt(&b, "%d%s%s ", (int)g.v[i].role, g.v[i].team ? " team" : "", g.v[i].body ? " body" : "");
    str s = str_copy(t->mem, str_trim(buf_str(&b)));
    buf_free(&b);
    return str_z(t->mem, s);
}

/* The page of the team and the page of the account write the same rights. */
static void both_pages_write_the_same_rights(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    int64_t ana, boss;
    ASSERT_OK(account_add(t->a.d, t->mem, &(struct account){.email = S("ana@ville.test"), .surname = S("Ana"), .is_agent = true, .is_active = true}, STR_NONE, &ana));
    ASSERT_OK(account_add(t->a.d, t->mem, &(struct account){.email = S("chef@ville.test"), .surname = S("Chef"), .is_agent = true, .is_active = true}, STR_NONE, &boss));
    ASSERT_OK(grant_add(t->a.d, ana, &(struct grant){.role = ROLE_AGENT}));
    ASSERT_OK(grant_add(t->a.d, boss, &(struct grant){.role = ROLE_MANAGER}));
    const char *team_id = id_text(t->mem, t->a.team).p, *ana_id = id_text(t->mem, ana).p, *boss_id = id_text(t->mem, boss).p;
    const char *team = str_fmt(t->mem, "/admin/equipes/%s", team_id).p, *account = str_fmt(t->mem, "/admin/comptes/%s", ana_id).p;
    const char *named = str_fmt(t->mem, "name=Voirie&body=%.*s", STR_ARG(id_text(t->mem, t->a.town))).p;
    const char *all = str_fmt(t->mem, "%s&member=%s&member=%s&member=%.*s", named, ana_id, boss_id, STR_ARG(id_text(t->mem, t->a.other.account))).p;
    for (int i = 0; i < 2; i++) {                                                   /* twice: nothing piles up */
        site_post(s, 303, team, all);
        assert_string_equal(rights(t, ana), "2 team");
        assert_string_equal(rights(t, boss), "2 team 3");
    }
    assert_string_equal(rights(t, t->a.other.account), "2 team 2 body");
    site_post(s, 303, team, named);
    assert_string_equal(rights(t, ana), "2");                                       /* an agent still: without team, everywhere */
    assert_string_equal(rights(t, boss), "3");
    assert_string_equal(rights(t, t->a.other.account), "2 body");                   /* of one body, not made one of the whole town */
    site_post(s, 303, str_fmt(t->mem, "/admin/comptes/%.*s", STR_ARG(id_text(t->mem, t->a.other.account))).p, "surname=Autre&active=1&role=agent");
    assert_string_equal(rights(t, t->a.other.account), "2 body");
    site_post(s, 303, account, str_fmt(t->mem, "surname=Ana&active=1&role=agent&team=%s", team_id).p);
    assert_string_equal(rights(t, ana), "2 team");
    site_post(s, 303, account, "surname=Ana&active=1&role=agent");
    assert_string_equal(rights(t, ana), "2");
    site_post(s, 303, account, str_fmt(t->mem, "surname=Ana&active=1&role=none&team=%s", team_id).p);
    assert_string_equal(rights(t, ana), "");                                        /* no role: no right by a team either */
    site_close(s);
}

/* A body of nowhere, or of the twin, is no place for a team. */
static void a_team_is_of_a_body_that_is_there(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    const char *path = str_fmt(t->mem, "/admin/equipes/%.*s", STR_ARG(id_text(t->mem, t->a.team))).p;
    const char *bodies[] = {id_text(t->mem, 4242).p, id_text(t->mem, t->twin.suburb).p};
    struct teams before = {0}, after = {0};
    ASSERT_OK(team_list(t->a.d, t->mem, &before));
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_true(says(site_post(s, 422, "/admin/equipes", str_fmt(t->mem, "name=Parcs&body=%s", bodies[i]).p).body, "href=\"#body\""));
        site_post(s, 422, path, str_fmt(t->mem, "name=Voirie&body=%s", bodies[i]).p);
        site_get(s, 404, "/admin/collectivites/%s", bodies[i]);
    }
    ASSERT_OK(team_list(t->a.d, t->mem, &after));
    assert_int_equal(after.n, before.n);
    for (size_t i = 0; i < after.n; i++) assert_int_equal(after.v[i].body, before.v[i].body);
    site_close(s);
}

static void a_body_is_added(void **state)
{
    struct site *s = admin_open(state);
    struct answer a = site_get(s, 200, "/admin/collectivites");
    assert_true(says(a.body, ">Commune<") || says(a.body, "Commune</span>"));
    assert_false(says(a.body, ">commune") || says(a.body, ">epci"));
    site_post(s, 422, "/admin/collectivites", "name=Agglo&kind=empire");
    site_post(s, 303, "/admin/collectivites", "name=Agglo&kind=epci");
    a = site_get(s, 200, "/admin/collectivites");
    assert_true(says(a.body, "Agglo") && says(a.body, "Intercommunalité"));
    browser_host(s->web, "jumelle.test");
    assert_false(says(http_get(s->web, "/admin/collectivites").body, "Agglo"));
    site_close(s);
}

static str stored(const struct tenant *now, int64_t body, const char *path)
{
    return json_text(json_path(body ? tenant_body_exact(now, body)->settings : now->settings, path));
}

/* Somebody else writes while the form is open, on another machine say: the site still has the town as it was. Each keeps what it wrote. */
static void two_who_write_at_once_keep_both(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    struct tenant other, now;
    const char *page = str_fmt(t->mem, "/admin/collectivites/%.*s", STR_ARG(id_text(t->mem, t->a.suburb))).p;
    site_post(s, 303, page, "name=Faubourg&phone=0102030405&hours=le+matin&purpose=Instruire");
    site_post(s, 303, "/admin/reglages", "name=Ville&director=Anne&host=Chez+nous");
    other = *tenants_by_id(s->app.tenants, t->a.tenant.id);
    other.settings = town_json(t, "{\"map\":{\"tiles\":\"https://t/{z}\"},\"logo\":{\"name\":\"n\",\"bytes\":\"b\"},\"legal\":{\"director\":\"Anne\",\"host\":\"Ailleurs\"}}");
    ASSERT_OK(tenant_save(t->a.d, &other));
    site_post(s, 303, "/admin/reglages", "name=Cit%C3%A9&director=Bruno&host=Chez+nous");
    struct body b = *tenant_body_exact(tenants_by_id(s->app.tenants, t->a.tenant.id), t->a.suburb);
    b.insee = S("88160");
    b.settings = json_own(t->mem, json_deep_copy(b.settings));
    json_object_set_new(json_object_get(b.settings, "service"), "phone", json_string("0999999999"));
    ASSERT_OK(body_save(t->a.d, &b));
    site_post(s, 303, page, "name=Faubourg-Neuf&phone=0102030405&hours=le+soir");
    ASSERT_OK(tenant_load(t->store->store, t->a.tenant.id, t->mem, &now));
    ASSERT_STR(now.name, "Cité");
    ASSERT_STR(stored(&now, 0, "legal.director"), "Bruno");
    ASSERT_STR(stored(&now, 0, "legal.host"), "Ailleurs");
    ASSERT_STR(stored(&now, 0, "map.tiles"), "https://t/{z}");
    ASSERT_STR(stored(&now, 0, "logo.name"), "n");
    ASSERT_STR(tenant_body_exact(&now, t->a.suburb)->name, "Faubourg-Neuf");
    ASSERT_STR(tenant_body_exact(&now, t->a.suburb)->insee, "88160");
    ASSERT_STR(stored(&now, t->a.suburb, "service.phone"), "0999999999");
    ASSERT_STR(stored(&now, t->a.suburb, "service.hours"), "le soir");
    ASSERT_STR(stored(&now, t->a.suburb, "personal_data.purpose"), "");          /* taken away by the form */
    site_close(s);
}

static str png(struct town *t)
{
    VipsImage *black;
    void *bytes;
    size_t n;
    assert_int_equal(vips_black(&black, 900, 300, "bands", 3, NULL), 0);
    assert_int_equal(vips_image_write_to_buffer(black, ".png", &bytes, &n, NULL), 0);
    str out = str_copy(t->mem, (str){bytes, n});
    g_free(bytes);
    g_object_unref(black);
    return out;
}

static struct answer logo_send(struct site *s, str bytes)
{
    struct answer page = http_get(s->web, "/admin/reglages");
    str token = answer_between(&page, "name=\"csrf\" value=\"", "\"");
    buf b = BUF(1 << 20);
    buf_fmt(&b, "--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%.*s\r\n--xx\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"l.png\"\r\n"
                "Content-Type: image/png\r\n\r\n", STR_ARG(token));
    buf_put(&b, bytes);
    buf_lit(&b, "\r\n--xx--\r\n");
    str body = str_copy(s->t->mem, buf_str(&b));
    buf_free(&b);
    return http_send(s->web, "POST", "/admin/reglages/logo", "multipart/form-data; boundary=xx", body);
}

static void a_logo_is_made_anew_and_shown(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    ASSERT_OK(converter_open(&s->app.converter, (struct converter_settings){0}));
    assert_int_equal(logo_send(s, S("<svg xmlns='http://www.w3.org/2000/svg'/>")).status, 422);
    assert_int_equal(logo_send(s, png(t)).status, 303);
    struct answer a = site_get(s, 200, "/demarches");
    str name = answer_between(&a, "<img src=\"/logo/", "\"");
    assert_true(name.n > 0);
    a = site_get(s, 200, "/logo/%.*s", STR_ARG(name));
    assert_true(image_is_bare(a.body, IMAGE_WEBP) && a.body.n < 16 << 10);
    site_get(s, 404, "/logo/0123456789abcdef");
    browser_host(s->web, "jumelle.test");
    assert_int_equal(http_get(s->web, str_fmt(t->mem, "/logo/%.*s", STR_ARG(name)).p).status, 404);
    browser_host(s->web, "ville.test");
    site_post(s, 303, "/admin/reglages/logo", "do=remove");
    assert_false(says(site_get(s, 200, "/demarches").body, "/logo/"));
    converter_close(s->app.converter);
    site_close(s);
}

static void readings_are_found_as_their_reference_is_typed(void **state)
{
    struct site *s = admin_open(state);
    struct town *t = s->t;
    struct record r = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL), other = town_file(t, &t->a, t->a.permit, "{\"f1\":\"x\"}", NULL, NULL);
    ASSERT_OK(audit_note(t->a.d, t->a.agent.account, AUDIT_READ, r.id, STR_NONE, t->now_us));
    ASSERT_OK(audit_note(t->a.d, t->a.agent.account, AUDIT_READ, other.id, STR_NONE, t->now_us));
    str there = str_fmt(t->mem, "/agents/dossiers/%.*s\"", STR_ARG(r.reference)), not_there = str_fmt(t->mem, "/agents/dossiers/%.*s\"", STR_ARG(other.reference));
    str low = str_lower_ascii(t->mem, r.reference), first = str_split(low, '-', &(str){0}), last = str_cut(low, first.n + 1, low.n);
    struct answer a = site_get(s, 200, "/admin/lectures?dossier=%%20%.*s%%20%.*s", STR_ARG(first), STR_ARG(last));
    assert_true(says(a.body, there.p) && !says(a.body, not_there.p));
    a = site_get(s, 200, "/admin/lectures?dossier=aeiou");           /* no reference: no dossier, not all of them */
    assert_false(says(a.body, there.p) || says(a.body, not_there.p));
    /* A disk that takes nothing more, as this process sees it: what is written already is shown. */
    if (store_is_sqlite(t->store->store)) {
        struct rlimit was, none;
        ASSERT_OK(audit_open(&s->app.audit, t->store->store, 0));
        ASSERT_OK(audit_later(s->app.audit, t->a.d, t->a.reader.account, AUDIT_READ, other.id, STR_NONE, t->now_us));
        getrlimit(RLIMIT_FSIZE, &was);
        none = (struct rlimit){1, was.rlim_max};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &none);
        err e = audit_flush(s->app.audit);
        a = http_get(s->web, "/admin/lectures");
        setrlimit(RLIMIT_FSIZE, &was);
        assert_int_not_equal(e.code, OK);
        assert_int_equal(a.status, 200);
        assert_true(says(a.body, there.p));
        audit_close(s->app.audit);
        s->app.audit = NULL;
    }
    site_close(s);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    if (VIPS_INIT(argv[0])) return 1;
    static const struct CMUnitTest tests[] = {STORE_TEST(accounts_say_role_and_service), STORE_TEST(a_team_is_opened_renamed_filled_and_emptied),
                                              STORE_TEST(both_pages_write_the_same_rights), STORE_TEST(a_team_is_of_a_body_that_is_there), STORE_TEST(a_body_is_added), STORE_TEST(two_who_write_at_once_keep_both),
                                              STORE_TEST(a_logo_is_made_anew_and_shown), STORE_TEST(readings_are_found_as_their_reference_is_typed)};
    return STORE_RUN(tests);
}
