/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A file of another town: asked on our host it is not there, on every route that serves files and for everybody, our agents and
   administrators included; and no answer of ours may name it. On both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "formats/json.h"
#include "services.h"
#include "site_testing.h"

static struct site *site_with_room(struct test_store *store)
{
    struct site *s = site_open(store);
    s->app.settings.filings_per_minute = 1000;
    return s;
}

static str file_of(struct site *s, struct side *side, int64_t owner, const char *bytes, int64_t *out_id)
{
    struct blob_writer *w;
    struct blob_ref ref;
    ASSERT_OK(blob_write_start(s->app.blobs, db_tenant(side->d), &w));
    ASSERT_OK(blob_write(w, str_of(bytes)));
    ASSERT_OK(blob_write_finish(w, s->t->mem, &ref));
    ASSERT_OK(file_add(side->d, s->app.blobs, s->t->mem, owner, S("f3"), S("photo.jpg"), S("image/jpeg"), &ref, out_id));
    return id_text(s->t->mem, *out_id);
}

/* The browser begins a report; its cookie then goes to both hosts, as curl knows one address only. */
static struct draft draft_begun(struct site *s, struct side *side, const char *host)
{
    struct draft d;
    browser_host(s->web, host);
    struct answer a = http_post_form(s->web, "/signaler/commencer", NULL);
    assert_int_equal(a.status, 303);
    str rest, reference = str_split(str_cut(a.location, 10, a.location.n), '/', &rest);
    ASSERT_OK(draft_by_reference(side->d, s->t->mem, reference, &d));
    return d;
}

#define DOC "{\"place\":{\"lat\":48.1735,\"lon\":6.4496},\"f1\":\"road\",\"f3\":[\"%.*s\"]}"

static struct record accepted(struct site *s, struct side *side, str *out_file)
{
    struct town *t = s->t;
    int64_t file, copy;
    struct record r = {.id = id_new()};
    *out_file = file_of(s, side, r.id, "L'original de la jumelle", &file);
    file_of(s, side, r.id, "La copie de la jumelle", &copy);
    ASSERT_OK(file_set_shown(side->d, file, copy, true));
    r = town_file_with(t, side, (struct filing){.id = r.id, .kind = side->report, .doc = town_json(t, str_fmt(t->mem, DOC, STR_ARG(*out_file)).p)});
    ASSERT_OK(town_act(t, side, &side->agent, &r, "accept", NULL));
    return r;
}

static str replaced(arena *mem, str path, const char *what, str with)
{
    ptrdiff_t at = str_find(path, str_of(what));
    if (at < 0) return path;
    return str_fmt(mem, "%.*s%.*s%.*s", (int)at, path.p, STR_ARG(with), (int)(path.n - (size_t)at - strlen(what)), path.p + at + strlen(what));
}

static bool serves_files(const struct route *r)
{
    str path = str_of(r->path);
    return str_find(path, S(":file")) >= 0 || str_find(path, S("fichiers/:id")) >= 0;
}

/* Every row of the table that names a file; how many there are. `signed_in`: with a session that may read the desk. */
static size_t all_refuse(struct site *s, str reference, str file, bool signed_in)
{
    arena *mem = s->t->mem;
    size_t asked = 0;
    for (size_t i = 0; i < all_routes.n; i++)
        for (const struct route *r = all_routes.v[i]; r->path; r++) {
            if (!serves_files(r)) continue;
            str path = replaced(mem, replaced(mem, replaced(mem, str_of(r->path), ":ref", reference), ":file", file), ":id", file);
            const char *method = method_name(r->method);
            struct answer a = r->method == HEAD ? http_head(s->web, path.p) :
                              http_send(s->web, method, path.p, r->method == PATCH ? "application/offset+octet-stream" : NULL, r->method == PATCH ? S("x") : STR_NONE);
            bool unsigned_desk = !signed_in && str_starts(path, S("/agents")) && a.status == 401;
            if (a.status != 404 && !unsigned_desk) fail_msg("%s %.*s: %d %.*s", method, STR_ARG(path), a.status, STR_ARG(a.body));
            assert_true(str_find(a.body, S("jumelle")) < 0);
            asked++;
        }
    return asked;
}

static void as(struct site *s, struct side *side, int64_t account)
{
    str token;
    browser_headers_clear(s->web);
    browser_header(s->web, "Tus-Resumable: 1.0.0");
    browser_header(s->web, "Upload-Offset: 0");
    if (!account) return;
    ASSERT_OK(session_start(side->d, s->t->mem, account, s->t->now_us, &token));
    browser_forget(s->web);
    browser_header(s->web, str_fmt(s->t->mem, "Cookie: session=%.*s", STR_ARG(token)).p);
    struct answer a = http_get(s->web, "/signaler");
    str csrf = answer_between(&a, "name=\"csrf\" value=\"", "\"");
    assert_true(csrf.n > 0);
    browser_header(s->web, str_fmt(s->t->mem, "X-CSRF-Token: %.*s", STR_ARG(csrf)).p);
}

static int64_t administrator(struct site *s, struct side *side)
{
    int64_t id;
    struct account a = {.email = S("admin@ville.test"), .is_agent = true, .is_active = true};
    ASSERT_OK(account_add(side->d, s->t->mem, &a, STR_NONE, &id));
    ASSERT_OK(grant_add(side->d, id, &(struct grant){.role = ROLE_ADMIN}));
    return id;
}

static void a_file_of_another_town_is_not_there(void **state)
{
    struct site *s = site_with_room(*state);
    struct town *t = s->t;
    int64_t id, loose;
    str shown, ours_shown;
    struct draft theirs = draft_begun(s, &t->twin, "jumelle.test"), ours = draft_begun(s, &t->a, "ville.test");
    str held = file_of(s, &t->twin, theirs.id, "Une pièce de la jumelle", &id), sent = file_of(s, &t->twin, 0, "Envoyé à la jumelle", &loose);
    struct record r = accepted(s, &t->twin, &shown), mine = accepted(s, &t->a, &ours_shown);
    /* There, each is served: the test would prove nothing otherwise. */
    browser_host(s->web, "jumelle.test");
    assert_int_equal(http_get(s->web, str_fmt(t->mem, "/dossiers/%.*s/fichiers/%.*s", STR_ARG(theirs.reference), STR_ARG(held)).p).status, 200);
    struct answer a = http_get(s->web, str_fmt(t->mem, "/signaler/%.*s/photos/%.*s", STR_ARG(r.reference), STR_ARG(shown)).p);
    assert_int_equal(a.status, 200);
    ASSERT_STR(a.body, "La copie de la jumelle");
    browser_host(s->web, "ville.test");
    str references[] = {ours.reference, theirs.reference, mine.reference, r.reference}, files[] = {held, sent, shown};
    int64_t people[] = {0, t->a.agent.account, administrator(s, &t->a)};
    for (size_t p = 0; p < 3; p++) {                    /* the first holds both drafts */
        as(s, &t->a, people[p]);
        for (size_t i = 0; i < 4; i++)
            for (size_t f = 0; f < 3; f++) assert_int_equal(all_refuse(s, references[i], files[f], people[p] != 0), 7);
        if (!people[p]) continue;
        a = http_get(s->web, str_fmt(t->mem, "/agents/dossiers/%.*s/fichiers/%.*s", STR_ARG(mine.reference), STR_ARG(ours_shown)).p);
        assert_int_equal(a.status, 200);                /* their own they do read */
    }
    struct file f;
    ASSERT_OK(file_get(t->twin.d, t->mem, id, &f));     /* and nothing was dropped */
    ASSERT_STR(f.state, "ready");
    site_close(s);
}

static void no_answer_names_a_file_of_another_town(void **state)
{
    struct site *s = site_with_room(*state);
    struct town *t = s->t;
    int64_t ids[2];
    struct draft theirs = draft_begun(s, &t->twin, "jumelle.test"), ours = draft_begun(s, &t->a, "ville.test");
    str files[] = {file_of(s, &t->twin, theirs.id, "Une pièce de la jumelle", &ids[0]), file_of(s, &t->twin, 0, "Envoyé à la jumelle", &ids[1])};
    const char *definition = "{\"kind\":\"piece\",\"base\":\"procedure\",\"title\":\"Pièce\",\"fields\":[{\"id\":\"f1\",\"type\":\"file\",\"label\":\"Pièce\",\"required\":true}]}";
    struct kind_row row;
    ASSERT_OK(kind_create(t->a.d, S("procedures"), S("piece"), t->a.town, t->a.team, town_json(t, definition), 1, t->mem, &row));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("piece"), 1));
    const char *page = str_fmt(t->mem, "/dossiers/%.*s/remplir/2", STR_ARG(ours.reference)).p, *field = str_fmt(t->mem, "/dossiers/%.*s/champ", STR_ARG(ours.reference)).p;
    for (size_t i = 0; i < 2; i++) {
        struct answer a = http_post_multipart(s->web, page, "f1", "road", "f3", files[i].p, "do", "next", NULL);
        assert_int_equal(a.status, 422);
        a = http_post_form(s->web, field, "path", "f3", "f3", files[i].p, NULL);
        assert_int_equal(a.status, 200);
        assert_true(str_starts(a.body, S("{\"fault\":")));
        ASSERT_OK(draft_get(t->a.d, t->mem, ours.id, &ours));
        assert_true(str_find(json_canonical(t->mem, ours.doc), files[i]) < 0);
        a = http_send(s->web, "POST", "/api/v1/procedures/piece/records", "application/json", str_fmt(t->mem, "{\"answers\":{\"f1\":[\"%.*s\"]}}", STR_ARG(files[i])));
        assert_int_equal(a.status, 422);
        assert_true(str_find(a.body, S("field.file.unknown")) >= 0);
    }
    int64_t loose;
    str own = file_of(s, &t->a, 0, "Le nôtre", &loose);
    struct answer a = http_send(s->web, "POST", "/api/v1/procedures/piece/records", "application/json", str_fmt(t->mem, "{\"answers\":{\"f1\":[\"%.*s\"]}}", STR_ARG(own)));
    assert_int_equal(a.status, 201);                    /* one of ours is taken */
    struct file f;
    ASSERT_OK(file_get(t->twin.d, t->mem, ids[1], &f));
    assert_int_equal(f.owner, 0);
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_file_of_another_town_is_not_there), STORE_TEST(no_answer_names_a_file_of_another_town)};
    return STORE_RUN(tests);
}
