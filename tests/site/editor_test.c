/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The editor over HTTP, as a manager uses it, without script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/answers.h"
#include "formats/json.h"
#include "desk_testing.h"

#define EDITOR "/admin/demarches/permit"

static struct site *manager_open(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    return s;
}

static str setting(struct site *s, const char *path)
{
    json_t *def;
    struct town *t = s->t;
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("permit"), &def));
    return json_text(json_path(json_object_get(def, "settings"), path));
}

static const char *revised(struct site *s, const char *form)
{
    struct kind_row row;
    struct town *t = s->t;
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    return str_fmt(t->mem, "revision=%lld&%s", (long long)(row.draft_revision ? row.draft_revision : row.revision), form).p;
}

static void a_delay_is_a_number_and_a_unit(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    site_post(s, 303, EDITOR, revised(s, "do=texts&title=Occuper&means=rejection&after=15&after.unit=working+days"));
    ASSERT_STR(setting(s, "silence.after"), "15 working days");
    struct answer a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "value=\"15\"") && says(a.body, "<option value=\"working days\" selected>jours ouvrés</option>"));
    assert_false(says(a.body, "2 months"));
    site_post(s, 303, EDITOR, revised(s, "do=texts&title=Occuper&means=rejection&after=2+mois&after.unit=days"));
    ASSERT_STR(setting(s, "silence.after"), "2 months");
    a = site_post(s, 422, EDITOR, revised(s, "do=texts&title=Occuper&means=rejection&after=bient%C3%B4t&after.unit=days"));
    assert_true(says(a.body, "href=\"#after\""));
    /* The same on the page of a body. */
    const char *body = str_fmt(t->mem, "/admin/collectivites/%.*s", STR_ARG(id_text(t->mem, t->a.suburb))).p;
    site_post(s, 303, body, "name=Faubourg&means=rejection&after=3&after.unit=weeks");
    a = site_get(s, 200, "%s", body);
    assert_true(says(a.body, "value=\"3\"") && says(a.body, "<option value=\"weeks\" selected>"));
    site_close(s);
}

static void what_publishing_wants_is_asked_and_linked(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    /* The body says nothing any more: the form of the procedure must. */
    const char *body = str_fmt(t->mem, "/admin/collectivites/%.*s", STR_ARG(id_text(t->mem, t->a.town))).p;
    site_post(s, 303, body, "name=Ville");
    struct answer a = site_get(s, 200, EDITOR);
    static const char *const links[] = {"#service", "#address", "#mail", "#phone", "#means", "#purpose", "#pd_basis", "#recipients", "#retention"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const char *id = links[i] + 1;
        if (!says(a.body, str_fmt(t->mem, "<a href=\"%s\">", links[i]).p)) fail_msg("no line leads to %s", links[i]);
        if (!says(a.body, str_fmt(t->mem, "id=\"%s\"", id).p)) fail_msg("no input %s", id);
    }
    str label = answer_between(&a, "<label for=\"recipients\">", "</label>");
    assert_false(says(label, "facultatif"));
    assert_true(says(answer_between(&a, "<label for=\"audience\">", "</label>"), "facultatif"));
    /* An empty page is named, with the way to it. */
    site_post(s, 303, EDITOR, revised(s, "do=page&label=Vos+pi%C3%A8ces"));
    a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "La page « Vos pièces » est vide") || says(a.body, "La page «\u202fVos pièces\u202f» est vide"));
    assert_true(says(a.body, "<a href=\"#f-n1\">"));
    site_post(s, 422, EDITOR, revised(s, "do=publish"));
    site_close(s);
}

static void a_condition_is_told_in_words_and_kept_by_other_changes(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    site_post(s, 303, EDITOR "/questions/f4/condition", revised(s, "do=save&w.g=all&w.0.s=quartier&w.0.o=!%3D&w.0.v=s"));
    struct answer a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "«\u202fQuartier\u202f» n’est pas «\u202fSud\u202f»"));
    a = site_get(s, 200, EDITOR "/questions/f4");
    assert_true(says(a.body, "n’est pas «\u202fSud\u202f»") && says(a.body, "/questions/f4/condition\""));
    site_post(s, 303, EDITOR "/questions/f4", revised(s, "do=save&label=Note&type=text&private=1"));
    const struct kind *k;
    ASSERT_OK(kind_draft_get(t->a.d, t->mem, S("permit"), &k));
    ASSERT_STR(kind_field(k, S("f4"))->when->text, "quartier != 's'");
    site_close(s);
}

static void closes_opens_again_and_gives_a_draft_up(void **state)
{
    struct site *s = manager_open(state);
    struct answer a = site_post(s, 303, EDITOR, revised(s, "do=close&reason=Complet"));
    a = site_get(s, 200, "%s", str_z(s->t->mem, a.location));
    assert_true(says(a.body, "La démarche est fermée") && says(a.body, "value=\"reopen\""));
    assert_false(says(a.body, "enregistré dans le brouillon"));
    site_post(s, 303, EDITOR, revised(s, "do=reopen"));
    site_get(s, 200, "/demarches/permit");
    /* A question goes only after it was asked. */
    a = site_get(s, 200, EDITOR);
    a = site_post(s, 200, EDITOR, revised(s, "do=remove&field=f4"));
    assert_true(says(site_get(s, 200, EDITOR).body, "id=\"f-f4\""));
    assert_true(says(a.body, "Annotation") && says(a.body, "value=\"remove\"") && says(a.body, "name=\"field\" value=\"f4\""));
    site_post(s, 303, EDITOR, revised(s, "do=remove&sure=1&field=f4"));
    a = site_get(s, 200, EDITOR);
    assert_false(says(a.body, "id=\"f-f4\""));
    a = site_get(s, 200, EDITOR "/abandonner");
    assert_true(says(a.body, "value=\"drop\""));
    site_post(s, 303, EDITOR, revised(s, "do=drop"));
    a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "id=\"f-f4\""));
    site_get(s, 404, EDITOR "/abandonner");
    site_close(s);
}

static void what_to_prepare_is_one_a_line(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    json_t *def;
    site_post(s, 303, EDITOR, revised(s, "do=texts&title=Occuper&means=rejection&after=2&after.unit=months&prepare=Un+plan%0D%0A%0D%0A+Une+photo+"));
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("permit"), &def));
    const json_t *list = json_path(def, "settings.prepare");
    assert_int_equal(json_array_size(list), 2);
    ASSERT_STR(json_text(json_array_get(list, 1)), "Une photo");
    struct answer a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "Un plan\nUne photo</textarea>"));
    assert_true(says(a.body, "value=\"rejection\" checked"));
    site_post(s, 303, EDITOR, revised(s, "do=texts&title=Occuper&means=rejection&after=2&after.unit=months&prepare="));
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("permit"), &def));
    assert_null(json_path(def, "settings.prepare"));
    ASSERT_STR(setting(s, "silence.means"), "rejection");
    site_close(s);
}

static const char *placed(struct town *t, int64_t body, int64_t team)
{
    str in = team ? id_text(t->mem, team) : S("");
    return str_fmt(t->mem, "do=place&slug=permit&body=%.*s&team=%.*s", STR_ARG(id_text(t->mem, body)), STR_ARG(in)).p;
}

/* A procedure goes where it exists, and only where who moves it runs the procedures. */
static void a_procedure_is_moved_to_what_one_runs(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct kind_row row;
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_MANAGER, .body = t->a.town});
    site_post(s, 422, EDITOR, placed(t, 4242, 0));
    site_post(s, 422, EDITOR, placed(t, t->twin.town, 0));
    struct answer a = site_post(s, 422, EDITOR, placed(t, t->a.suburb, 0));
    assert_true(says(a.body, "dont vous gérez les démarches") && says(a.body, "href=\"#body\""));
    assert_true(says(site_post(s, 422, EDITOR, placed(t, t->a.town, t->twin.team)).body, "href=\"#team\""));
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    assert_true(row.body == t->a.town && row.team == t->a.team);
    site_post(s, 303, EDITOR, placed(t, t->a.town, 0));
    ASSERT_OK(grant_add(t->a.d, t->a.agent.account, &(struct grant){.role = ROLE_MANAGER, .body = t->a.suburb}));
    site_post(s, 303, EDITOR, placed(t, t->a.suburb, t->a.team));
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    assert_true(row.body == t->a.suburb && row.team == t->a.team);
    site_close(s);
}

/* Made in the body one runs, which is not the first: one can open it. Who runs none makes none. */
static void a_procedure_is_made_where_one_runs_them(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    site_as(s, t->a.other.account, &(struct grant){.role = ROLE_MANAGER, .body = t->a.suburb});
    struct answer a = site_post(s, 303, "/admin/demarches", "title=Louer+une+salle");
    site_get(s, 200, "%s", str_z(t->mem, a.location));
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_MANAGER, .kind = S("permit")});
    site_get(s, 200, EDITOR);
    site_post(s, 403, "/admin/demarches", "title=Louer+un+parc");
    site_close(s);
}

static void shows_pages_words_and_a_preview(void **state)
{
    struct site *s = manager_open(state);
    site_post(s, 303, EDITOR, revised(s, "do=page&label=Ensuite"));
    site_post(s, 303, EDITOR, revised(s, "do=add&label=Votre+d%C3%A9partement&type=departement"));
    struct answer a = site_get(s, 200, EDITOR);
    assert_true(says(a.body, "Page 1") && says(a.body, "Page 2") && says(a.body, ">Département"));
    assert_true(says(a.body, "Horaires"));
    a = site_get(s, 200, EDITOR "/apercu");
    assert_true(says(a.body, "Objet") && says(a.body, "Étape 1 sur 2") && !says(a.body, "Annotation"));
    a = site_get(s, 200, EDITOR "/apercu?page=2");
    assert_true(says(a.body, "Votre département"));
    site_get(s, 404, EDITOR "/apercu?page=3");
    /* Bounds are of numbers, lengths of texts. */
    a = site_get(s, 200, EDITOR "/questions/f2");
    assert_false(says(a.body, "name=\"min\"") || says(a.body, "name=\"max_length\""));
    a = site_get(s, 200, EDITOR "/questions/f1");
    assert_true(!says(a.body, "name=\"min\"") && says(a.body, "name=\"max_length\""));
    site_close(s);
}

static void every_type_has_its_words(void **state)
{
    (void)state;
    for (const struct field_type *f = field_types; f->name; f++) {
        if (!f->title) fail_msg("%s has no words", f->name);
        str fr = words(LANG_FR, f->title), en = words(LANG_EN, f->title);
        if (!fr.n || !en.n || str_is(fr, f->title) || str_is(en, f->title) || str_is(fr, f->name)) fail_msg("%s: %.*s, %.*s", f->name, STR_ARG(fr), STR_ARG(en));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_delay_is_a_number_and_a_unit), STORE_TEST(what_publishing_wants_is_asked_and_linked), STORE_TEST(a_condition_is_told_in_words_and_kept_by_other_changes),
        STORE_TEST(closes_opens_again_and_gives_a_draft_up), STORE_TEST(what_to_prepare_is_one_a_line), STORE_TEST(a_procedure_is_moved_to_what_one_runs),
        STORE_TEST(a_procedure_is_made_where_one_runs_them), STORE_TEST(shows_pages_words_and_a_preview), cmocka_unit_test(every_type_has_its_words)};
    return STORE_RUN(tests);
}
