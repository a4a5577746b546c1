/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Views, absences, models, to whom a dossier is given, a person's other dossiers. The twin has the same and is never seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/clocks.h"
#include "core/inbox.h"
#include "core/journal.h"
#include "core/model.h"
#include "core/notify.h"
#include "core/related.h"
#include "core/testing.h"

static int64_t today(struct town *t) { return day_of(&t->a.tenant, t->now_us); }

/* Somebody of the team, with what team_join gives. */
static struct who member(struct town *t, struct side *s, const char *email, const char *surname, int64_t team)
{
    struct who w = {0};
    struct account a = {.email = str_of(email), .forename = S("Ana"), .surname = str_of(surname), .capacity = S("Agente"), .service = S("Voirie"), .is_agent = true, .is_active = true};
    ASSERT_OK(account_add(s->d, t->mem, &a, STR_NONE, &w.account));
    if (team) ASSERT_OK(team_join(s->d, team, w.account));
    ASSERT_OK(grants_of(s->d, t->mem, w.account, &w.grants));
    w.name = str_of(surname);
    return w;
}

static size_t views_seen(struct town *t, struct inbox_cache *c, db *d, const struct who *w, int64_t *out_start)
{
    struct inbox_state s;
    ASSERT_OK(inbox_state_of(c, d, t->mem, w, today(t), &s));
    if (out_start) *out_start = s.start;
    return s.views.n;
}

static void views_are_ones_own_or_a_teams(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct who mia = member(t, s, "mia@ville.test", "Mia", s->team), leo = member(t, s, "leo@ville.test", "Léo", s->team), twin = member(t, &t->twin, "mia@ville.test", "Mia", t->twin.team);
    struct inbox_view own = {.name = S(" Mes échéances "), .query = S("sort=due")}, ours = {.name = S("À deux"), .query = S("kind=permit"), .team = s->team};
    ASSERT_OK(inbox_view_save(s->d, t->mem, &mia, &own, t->now_us));
    ASSERT_STR(own.name, "Mes échéances");
    ASSERT_OK(inbox_view_save(s->d, t->mem, &mia, &ours, t->now_us));
    assert_int_equal(views_seen(t, NULL, s->d, &mia, NULL), 2);
    assert_int_equal(views_seen(t, NULL, s->d, &leo, NULL), 1);
    assert_int_equal(views_seen(t, NULL, s->d, &s->other, NULL), 0);
    assert_int_equal(views_seen(t, NULL, t->twin.d, &twin, NULL), 0);
    /* Another's is neither changed nor removed; a team one is not of gets none. */
    struct inbox_view stolen = {.id = ours.id, .name = S("x"), .query = S("")}, foreign = {.name = S("x"), .query = S(""), .team = s->team};
    ASSERT_CODE(inbox_view_save(s->d, t->mem, &leo, &stolen, t->now_us), E_DENIED);
    ASSERT_CODE(inbox_view_remove(s->d, t->mem, &leo, ours.id), E_DENIED);
    ASSERT_CODE(inbox_view_remove(s->d, t->mem, &leo, own.id), E_NOT_FOUND);
    ASSERT_CODE(inbox_view_save(s->d, t->mem, &s->other, &foreign, t->now_us), E_DENIED);
    ASSERT_CODE(inbox_view_get(s->d, t->mem, &leo, own.id, &stolen), E_NOT_FOUND);
    ASSERT_CODE(inbox_view_remove(t->twin.d, t->mem, &twin, own.id), E_NOT_FOUND);
    struct inbox_view nameless = {.name = S("  ")};
    ASSERT_CODE(inbox_view_save(s->d, t->mem, &mia, &nameless, t->now_us), E_INVALID);
    /* Renamed, then the one it opens with, then gone with that. */
    own.name = S("Urgent");
    ASSERT_OK(inbox_view_save(s->d, t->mem, &mia, &own, t->now_us));
    ASSERT_OK(inbox_start_set(s->d, mia.account, own.id));
    int64_t start;
    views_seen(t, NULL, s->d, &mia, &start);
    assert_int_equal(start, own.id);
    ASSERT_OK(inbox_view_remove(s->d, t->mem, &mia, own.id));
    views_seen(t, NULL, s->d, &mia, &start);
    assert_int_equal(start, 0);
    town_close(t);
}

static void the_cache_asks_the_store_once(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct inbox_cache *c = inbox_cache_new();
    struct inbox_view v = {.name = S("Vue"), .query = S("")};
    ASSERT_OK(inbox_view_save(s->d, t->mem, &s->agent, &v, t->now_us));
    assert_int_equal(views_seen(t, c, s->d, &s->agent, NULL), 1);
    int64_t before = db_statements(s->d);
    assert_int_equal(views_seen(t, c, s->d, &s->agent, NULL), 1);
    assert_int_equal(views_seen(t, c, s->d, &s->other, NULL), 0);
    assert_int_equal(db_statements(s->d), before);                   /* the plain list costs no statement more */
    assert_int_equal(views_seen(t, c, t->twin.d, &t->twin.agent, NULL), 0);
    ASSERT_OK(inbox_view_remove(s->d, t->mem, &s->agent, v.id));
    inbox_cache_drop(c, db_tenant(s->d));
    assert_int_equal(views_seen(t, c, s->d, &s->agent, NULL), 0);
    inbox_cache_free(c);
    town_close(t);
}

struct giving { arena *mem; const struct assign *a; struct record *r; };
static err give_in_txn(db *w, void *arg) { return record_assign(w, ((struct giving *)arg)->mem, ((struct giving *)arg)->a, ((struct giving *)arg)->r); }
static err give(struct town *t, struct side *s, const struct assign *a, struct record *r) { return db_txn(s->d, give_in_txn, &(struct giving){t->mem, a, r}); }

static int64_t away(struct town *t, const struct who *by, int64_t account, int64_t first, int64_t last, int64_t stand_in, int64_t team, enum err_code expected)
{
    int64_t id = 0;
    struct absence a = {.account = account, .first_day = today(t) + first, .last_day = today(t) + last, .stand_in = stand_in, .team = team};
    ASSERT_CODE(absence_add(t->a.d, t->mem, by, &a, today(t), t->now_us, &id), expected);
    return id;
}

static size_t replaced(struct town *t, const struct who *w)
{
    struct inbox_state s;
    ASSERT_OK(inbox_state_of(NULL, t->a.d, t->mem, w, today(t), &s));
    return s.replaced.n;
}

static void an_absence_has_its_days_and_ends_by_itself(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct who mia = member(t, s, "mia@ville.test", "Mia", s->team), leo = member(t, s, "leo@ville.test", "Léo", s->team);
    struct who admin = {.account = s->agent.account};
    PUSH(t->mem, &admin.grants, (struct grant){.role = ROLE_ADMIN});
    away(t, &mia, mia.account, 3, 1, leo.account, 0, E_INVALID);
    away(t, &mia, mia.account, -5, -1, leo.account, 0, E_INVALID);
    away(t, &mia, mia.account, 0, 3, mia.account, 0, E_INVALID);
    away(t, &mia, mia.account, 0, 3, 0, 0, E_INVALID);
    away(t, &mia, mia.account, 0, 3, s->citizen, 0, E_INVALID);
    away(t, &mia, mia.account, 0, 3, t->twin.agent.account, 0, E_INVALID);
    away(t, &mia, leo.account, 0, 3, mia.account, 0, E_DENIED);      /* only who administers sets another's */
    int64_t id = away(t, &admin, mia.account, 1, 3, leo.account, 0, OK);
    away(t, &mia, mia.account, 2, 9, leo.account, 0, E_INVALID);     /* at the same time */
    assert_int_equal(replaced(t, &leo), 0);                          /* not yet */
    town_pass(t, DAY_US);
    assert_int_equal(replaced(t, &leo), 1);
    assert_int_equal(replaced(t, &mia), 0);
    assert_int_equal(replaced(t, &s->other), 0);
    town_pass(t, 2 * DAY_US);
    assert_int_equal(replaced(t, &leo), 1);                          /* the last day is included */
    town_pass(t, DAY_US);
    assert_int_equal(replaced(t, &leo), 0);
    ASSERT_CODE(absence_remove(s->d, t->mem, &leo, id), E_NOT_FOUND);
    ASSERT_OK(absence_remove(s->d, t->mem, &mia, id));
    town_close(t);
}

static void what_is_for_the_absent_goes_to_who_stands_in(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct who mia = member(t, s, "mia@ville.test", "Mia", s->team), leo = member(t, s, "leo@ville.test", "Léo", s->team);
    struct record r = town_file_with(t, s, (struct filing){.kind = s->permit, .team = s->team, .doc = town_json(t, "{\"f1\":\"Benne\"}")});
    struct strs to = {0};
    ASSERT_OK(absence_mails(s->d, t->mem, &s->tenant, &r, mia.account, t->now_us, &to));
    ASSERT_STR(to.v[0], "mia@ville.test");
    int64_t id = away(t, &mia, mia.account, 0, 3, leo.account, 0, OK);
    ASSERT_OK(absence_mails(s->d, t->mem, &s->tenant, &r, mia.account, t->now_us, &to));
    assert_int_equal(to.n, 1);
    ASSERT_STR(to.v[0], "leo@ville.test");
    /* Given to the absent: theirs, told to who stands in; and nobody else's rights grew. */
    assert_int_equal(town_mails(t, s, r.id, "leo@ville.test"), 0);
    struct assign a = {.who = &s->agent, .tenant = &s->tenant, .kind = s->permit, .to = mia.account, .seen_version = r.version, .now_us = t->now_us};
    ASSERT_OK(give(t, s, &a, &r));
    assert_int_equal(r.assignee, mia.account);
    assert_int_equal(town_mails(t, s, r.id, "leo@ville.test"), 1);
    assert_int_equal(town_mails(t, s, r.id, "mia@ville.test"), 0);
    /* Who could not see it by their own rights gets nothing. */
    ASSERT_OK(absence_remove(s->d, t->mem, &mia, id));
    away(t, &mia, mia.account, 0, 3, s->other.account, 0, OK);
    ASSERT_OK(absence_mails(s->d, t->mem, &s->tenant, &r, mia.account, t->now_us, &to));
    ASSERT_STR(to.v[0], "mia@ville.test");
    town_close(t);
}

static void a_dossier_is_given_to_who_can_handle_it(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r = town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", "Zoé", "zoe@ex.test");
    struct assign a = {.who = &s->agent, .tenant = &s->tenant, .kind = s->permit, .to = s->other.account, .seen_version = r.version, .now_us = t->now_us};
    ASSERT_CODE(give(t, s, &a, &r), E_INVALID);     /* the suburb's */
    a.to = s->reader.account;
    ASSERT_CODE(give(t, s, &a, &r), E_INVALID);     /* reads only */
    a.to = t->twin.agent.account;
    ASSERT_CODE(give(t, s, &a, &r), E_INVALID);
    a.to = s->agent.account, a.who = &s->other;
    ASSERT_CODE(give(t, s, &a, &r), E_NOT_FOUND);
    a.who = &s->reader;
    ASSERT_CODE(give(t, s, &a, &r), E_DENIED);
    a.who = &s->agent;
    ASSERT_OK(give(t, s, &a, &r));
    assert_int_equal(town_record(t, s, r.id).assignee, s->agent.account);
    ASSERT_CODE(give(t, s, &a, &r), E_CONFLICT);    /* the version it saw is no more */
    struct events e;
    ASSERT_OK(journal_of(s->d, t->mem, r.id, false, &e));
    ASSERT_STR(e.v[e.n - 1].verb, "assigned");
    ASSERT_STR(e.v[e.n - 1].words, "Jeanne Martin");
    ASSERT_OK(journal_of(s->d, t->mem, r.id, true, &e));
    assert_int_equal(e.n, 1);                                        /* nothing the citizen is told */
    struct accounts able;
    ASSERT_OK(assignable(s->d, t->mem, r.body, r.team, r.kind, &able));
    assert_int_equal(able.n, 1);
    town_close(t);
}

static void other_dossiers_of_a_person(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct record r = town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", "Zoé Rue", "Zoe@ex.test"), same = town_file(t, s, s->tree, "{\"g1\":\"Orme\"}", "Z. Rue", "zoe@EX.test");
    town_file(t, s, s->permit, "{\"f1\":\"Benne\"}", "Zoé Rue", "autre@ex.test");
    town_file(t, &t->twin, t->twin.permit, "{\"f1\":\"Benne\"}", "Zoé Rue", "zoe@ex.test");
    struct record born = town_file_with(t, s, (struct filing){.kind = s->permit, .doc = town_json(t, "{\"f1\":\"Grue\"}"), .contact = {.name = S("Zoé Rue"), .birth_date = S("1980-02-29")}});
    struct record elsewhere = town_file_with(t, s, (struct filing){.kind = s->permit, .body = s->suburb, .doc = town_json(t, "{\"f1\":\"Grue\"}"), .contact = {.email = S("zoe@ex.test")}});
    struct record mine = town_file_with(t, s, (struct filing){.kind = s->permit, .author = s->citizen, .doc = town_json(t, "{\"f1\":\"Grue\"}")});
    struct records found;
    int64_t before = db_statements(s->d);
    ASSERT_OK(related_records(s->d, t->mem, &s->agent, r.id, &(struct person_key){.email = S("zoe@ex.test")}, 20, &found));
    assert_int_equal(db_statements(s->d) - before, 1);
    assert_int_equal(found.n, 1);                                    /* neither the suburb's, nor the twin's, nor another's mail */
    assert_int_equal(found.v[0].id, same.id);
    ASSERT_OK(related_records(s->d, t->mem, &s->other, r.id, &(struct person_key){.email = S("zoe@ex.test")}, 20, &found));
    assert_int_equal(found.n, 1);
    assert_int_equal(found.v[0].id, elsewhere.id);
    ASSERT_OK(related_records(s->d, t->mem, &s->agent, 0, &(struct person_key){.name = S("Zoé Rue"), .birth_date = S("1980-02-29")}, 20, &found));
    assert_int_equal(found.n, 1);
    assert_int_equal(found.v[0].id, born.id);
    ASSERT_OK(related_records(s->d, t->mem, &s->agent, 0, &(struct person_key){.name = S("Zoé Rue")}, 20, &found));
    assert_int_equal(found.n, 0);                                    /* a name alone is nobody */
    ASSERT_OK(related_records(s->d, t->mem, &s->agent, 0, &(struct person_key){.account = s->citizen}, 20, &found));
    assert_int_equal(found.n, 1);
    assert_int_equal(found.v[0].id, mine.id);
    ASSERT_OK(related_records(s->d, t->mem, &s->agent, 0, &(struct person_key){.email = S("citoyen@ville.test")}, 20, &found));
    assert_int_equal(found.n, 1);                                    /* the mail of an account */
    town_close(t);
}

static void models_are_filled_for_one_dossier(void **state)
{
    struct town *t = town_open(*state);
    struct side *s = &t->a;
    struct who head = {.account = s->agent.account}, citizen = s->citizen_who;
    PUSH(t->mem, &head.grants, (struct grant){.role = ROLE_MANAGER, .team = s->team});
    struct model m = {.title = S("Pièce"), .words = S("Bonjour {personne}, votre dossier {référence} ({demarche}). {agent}, {service}"), .team = s->team};
    ASSERT_OK(model_save(s->d, t->mem, &head, &m, t->now_us));
    struct model bad = {.title = S("x"), .words = S("{nom}"), .team = s->team}, all = {.title = S("x"), .words = S("x")};
    err e = model_save(s->d, t->mem, &head, &bad, t->now_us);
    ASSERT_CODE(e, E_INVALID);
    assert_string_equal(e.at, "{nom}");
    ASSERT_CODE(model_save(s->d, t->mem, &head, &all, t->now_us), E_DENIED);       /* everybody's: not by the head of one team */
    ASSERT_CODE(model_save(s->d, t->mem, &s->agent, &m, t->now_us), E_DENIED);
    ASSERT_CODE(model_remove(s->d, t->mem, &citizen, m.id), E_NOT_FOUND);
    ASSERT_CODE(model_remove(t->twin.d, t->mem, &head, m.id), E_NOT_FOUND);
    struct record r = town_file_with(t, s, (struct filing){.kind = s->permit, .team = s->team, .doc = town_json(t, "{\"f1\":\"Benne\"}")});
    int64_t parks;
    ASSERT_OK(team_add(s->d, &(struct team){.body = s->town, .name = S("Parcs")}, &parks));
    struct record other = town_file_with(t, s, (struct filing){.kind = s->permit, .team = parks, .doc = town_json(t, "{\"f1\":\"x\"}")});
    struct models found;
    ASSERT_OK(models_for(s->d, t->mem, s->permit, &r, LANG_FR, &found));
    assert_int_equal(found.n, 1);
    ASSERT_OK(models_for(s->d, t->mem, s->permit, &other, LANG_FR, &found));
    assert_int_equal(found.n, 0);                                    /* another team's words are not theirs */
    struct model_about about = {.tenant = &s->tenant, .kind = s->permit, .record = &r, .person = S("Zoé"), .agent = S("Ana"), .service = S("Voirie"), .lang = LANG_FR, .now_us = t->now_us};
    str said = model_fill(t->mem, m.words, &about), wanted = str_fmt(t->mem, "Bonjour Zoé, votre dossier %.*s (Occuper le domaine public). Ana, Voirie", STR_ARG(r.reference));
    ASSERT_STR(said, wanted.p);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(views_are_ones_own_or_a_teams), STORE_TEST(the_cache_asks_the_store_once), STORE_TEST(an_absence_has_its_days_and_ends_by_itself),
        STORE_TEST(what_is_for_the_absent_goes_to_who_stands_in), STORE_TEST(a_dossier_is_given_to_who_can_handle_it), STORE_TEST(other_dossiers_of_a_person),
        STORE_TEST(models_are_filled_for_one_dossier),
    };
    return STORE_RUN(tests);
}
