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
                                              STORE_TEST(a_body_is_added), STORE_TEST(a_logo_is_made_anew_and_shown),
                                              STORE_TEST(readings_are_found_as_their_reference_is_typed)};
    return STORE_RUN(tests);
}
