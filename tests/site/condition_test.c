/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The builder of conditions over HTTP, as somebody without script uses it: each button gives the page again with what was chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/answers.h"
#include "core/kind_edit.h"
#include "core/kinds.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "desk_testing.h"

#define PAGE "/admin/demarches/permit/questions/z/condition"

static const char more[] =
    "- {id: q, name: locataire, type: yesno, label: Êtes-vous locataire ?}\n"
    "- {id: a, name: âge, type: integer, label: Votre âge}\n"
    "- {id: m, name: revenu, type: decimal, money: true, label: Vos revenus}\n"
    "- {id: d, name: début, type: date, label: Début}\n"
    "- {id: l, name: loisirs, type: choices, label: Vos loisirs, options: {tennis: Tennis, foot: Football}}\n"
    "- {id: p, name: adresse, type: address, label: Adresse}\n"
    "- {id: z, type: text, label: Précisez}\n";

static struct site *manager_open(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    json_t *def, *fields;
    struct kind_row row;
    int64_t revision;
    site_as(s, t->a.agent.account, &(struct grant){.role = ROLE_ADMIN});
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("permit"), &def));
    def = kind_edit_start(t->mem, def);
    ASSERT_OK(yaml_parse(t->mem, str_of(more), &fields));
    json_array_extend(json_object_get(def, "fields"), fields);
    ASSERT_OK(kind_draft_save(t->a.d, t->mem, S("permit"), def, t->a.agent.account, row.draft_revision ? row.draft_revision : row.revision, &revision));
    return s;
}

static const char *revised(struct site *s, const char *form)
{
    struct kind_row row;
    struct town *t = s->t;
    ASSERT_OK(kind_row_get(t->a.d, t->mem, S("permit"), &row));
    return str_fmt(t->mem, "revision=%lld&%s", (long long)(row.draft_revision ? row.draft_revision : row.revision), form).p;
}

static str when_stored(struct site *s)
{
    struct town *t = s->t;
    json_t *def;
    ASSERT_OK(kind_draft_definition(t->a.d, t->mem, S("permit"), &def));
    const json_t *when = kind_edit_field_get(t->mem, kind_edit_start(t->mem, def), S("z"), "when");
    return when ? json_canonical(t->mem, when) : S("none");
}

static void a_nested_condition_is_built_with_buttons(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_get(s, 200, PAGE);
    assert_true(says(a.body, "Quand poser") && says(a.body, "name=\"w.g\"") && says(a.body, "name=\"w.0.s\"") && !says(a.body, "name=\"w.0.o\""));
    assert_true(says(a.body, "<option value=\"loisirs\">Vos loisirs</option>") && !says(a.body, "<option value=\"z\""));
    /* The question chosen: its comparisons; then the value in an input that fits. */
    a = site_post(s, 200, PAGE, revised(s, "do=w+again+w.0&w.g=all&w.0.s=revenu"));
    assert_true(says(a.body, "est plus grande que</option>") && !says(a.body, "est après le") && says(a.body, "id=\"w.0.o\" name=\"w.0.o\""));
    a = site_post(s, 200, PAGE, revised(s, "do=w+again+w.0&w.g=all&w.0.s=revenu&w.0.o=%3E"));
    assert_true(says(a.body, "inputmode=\"decimal\"") && says(a.body, "<span class=\"unit\">€</span>"));
    /* A group beside, of which one is enough; what was typed stays. */
    a = site_post(s, 200, PAGE, revised(s, "do=w+group+w&w.g=all&w.0.s=revenu&w.0.o=%3E&w.0.v=1+200%2C5&w.0.u=%E2%82%AC"));
    assert_true(says(a.body, "value=\"1 200,5\"") && says(a.body, "name=\"w.1.g\" autofocus") && says(a.body, "Groupe 2</legend>") && says(a.body, "name=\"w.1.0.s\""));
    assert_true(says(a.body, "<option value=\"any\" selected>"));
    static const char whole[] = "w.g=all&w.0.s=revenu&w.0.o=%3E&w.0.v=1+200%2C5&w.0.u=%E2%82%AC&w.1.g=none&w.1.0.s=loisirs&w.1.0.o=has&w.1.0.v=tennis"
        "&w.1.1.s=d%C3%A9but&w.1.1.o=%3C&w.1.1.v=2026-09-01&w.2.s=adresse&w.2.o=%21dep&w.2.v=88&w.3.s=";
    a = site_post(s, 200, PAGE, revised(s, str_fmt(t->mem, "do=w+row+w.1&%s", whole).p));
    assert_true(says(a.body, "name=\"w.1.2.s\"") && says(a.body, "<option value=\"tennis\" selected>Tennis</option>") && says(a.body, "type=\"date\" id=\"w.1.1.v\" name=\"w.1.1.v\" value=\"2026-09-01\""));
    assert_true(says(a.body, "En clair"));
    assert_true(says(a.body, "aucune de ces conditions («\u202fVos loisirs\u202f» comprend «\u202fTennis\u202f»"));
    a = site_post(s, 303, PAGE, revised(s, str_fmt(t->mem, "do=save&%s", whole).p));
    ASSERT_STR(when_stored(s), "{\"toutes ces conditions\":[\"revenu > 1200.5 €\",{\"variations\":[{\"alors\":\"non\",\"si\":{\"une de ces conditions\":["
        "\"loisirs . tennis = oui\",\"début < 01/09/2026\"]}},{\"sinon\":\"oui\"}]},\"adresse . département != '88'\"]}");
    /* Read back as it was written. */
    a = site_get(s, 200, "%s", str_z(t->mem, a.location));
    assert_true(says(a.body, "La condition est enregistrée") && says(a.body, "value=\"1200,5\"") && says(a.body, "<option value=\"none\" selected>"));
    assert_true(says(a.body, "<option value=\"!dep\" selected>") && says(a.body, "<option value=\"88\" selected>88 – Vosges</option>"));
    /* Removed, row by row, to nothing. */
    a = site_post(s, 200, PAGE, revised(s, str_fmt(t->mem, "do=w+remove+w.1&%s", whole).p));
    assert_false(says(a.body, "<option value=\"tennis\"") || says(a.body, "name=\"w.3.s\""));
    site_post(s, 303, PAGE, revised(s, "do=save&w.g=all&w.0.s=locataire&w.0.o=non"));
    ASSERT_STR(when_stored(s), "\"locataire = non\"");
    site_post(s, 303, PAGE, revised(s, "do=none"));
    ASSERT_STR(when_stored(s), "none");
    site_close(s);
}

static void a_fault_is_at_its_input_and_keeps_all(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_post(s, 422, PAGE, revised(s, "do=save&w.g=any&w.0.s=%C3%A2ge&w.0.o=%3E%3D&w.0.v=douze&w.1.s=locataire&w.1.o=oui"));
    assert_true(says(a.body, "href=\"#w.0.v\"") && says(a.body, "id=\"w.0.v\"") && says(a.body, "value=\"douze\"") && says(a.body, "aria-describedby=\"w.0-e\""));
    assert_true(says(a.body, "<option value=\"any\" selected>") && says(a.body, "<option value=\"oui\" selected>"));
    a = site_post(s, 422, PAGE, revised(s, "do=save&w.g=all&w.0.s=%C3%A2ge"));
    assert_true(says(a.body, "href=\"#w.0.o\""));
    ASSERT_STR(when_stored(s), "none");
    /* Two agents: the second is told, and keeps what was chosen. */
    const char *old = revised(s, "do=save&w.g=all&w.0.s=locataire&w.0.o=oui");
    site_post(s, 303, PAGE, revised(s, "do=save&w.g=all&w.0.s=locataire&w.0.o=non"));
    a = site_post(s, 409, PAGE, old);
    assert_true(says(a.body, "<option value=\"oui\" selected>"));
    site_close(s);
}

static void text_and_menus_give_way_to_each_other(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct answer a = site_post(s, 200, PAGE, revised(s, "do=w+text+w&w.g=any&w.0.s=%C3%A2ge&w.0.o=%3E%3D&w.0.v=18&w.1.s=locataire&w.1.o=oui"));
    assert_true(says(a.body, "une de ces conditions:\n  - âge &gt;= 18\n  - locataire = oui\n</textarea>") || says(a.body, "une de ces conditions:\n  - âge >= 18\n  - locataire = oui\n</textarea>"));
    assert_true(says(a.body, "Revenir aux menus") && says(a.body, "<code>loisirs</code>"));
    /* Rows that are not whole are said, and stay. */
    a = site_post(s, 422, PAGE, revised(s, "do=w+text+w&w.g=any&w.0.s=%C3%A2ge&w.0.o=%3E%3D&w.0.v="));
    assert_true(says(a.body, "href=\"#w.0.v\""));
    a = site_post(s, 200, PAGE, revised(s, "do=w+menus+w&w.text=toutes+ces+conditions%3A%0D%0A++-+%C3%A2ge+%3C+18%0D%0A++-+loisirs+.+foot+%3D+non"));
    assert_true(says(a.body, "value=\"18\"") && says(a.body, "<option value=\"hasnt\" selected>") && says(a.body, "<option value=\"foot\" selected>"));
    /* More than menus say: it stays a text. */
    a = site_post(s, 200, PAGE, revised(s, "do=w+menus+w&w.text=%C3%A2ge+%2B+1+%3E+18"));
    assert_true(says(a.body, "Les menus ne savent pas dire") && says(a.body, "âge + 1"));
    /* A fault of a text: its line; nothing is lost. */
    a = site_post(s, 422, PAGE, revised(s, "do=save&w.text=toutes+ces+conditions%3A%0D%0A++-+%C3%A2ge+%3C+18%0D%0A++-+inconnu+%3D+oui"));
    assert_true(says(a.body, "Ligne 3") && says(a.body, "href=\"#w.text\"") && says(a.body, "inconnu = oui"));
    a = site_post(s, 422, PAGE, revised(s, "do=save&w.text=toutes+ces+conditions%3A%0D%0A++-+%C3%A2ge+%3C+18%0D%0A+-+x"));
    assert_true(says(a.body, "Ligne ") && says(a.body, "âge"));
    site_post(s, 303, PAGE, revised(s, "do=save&w.text=toutes+ces+conditions%3A%0D%0A++-+%C3%A2ge+%3C+18%0D%0A++-+locataire"));
    ASSERT_STR(when_stored(s), "{\"toutes ces conditions\":[\"âge < 18\",\"locataire\"]}");
    a = site_get(s, 200, PAGE);
    assert_true(says(a.body, "<option value=\"oui\" selected>") && !says(a.body, "<textarea"));
    site_post(s, 303, PAGE, revised(s, "do=save&w.text="));
    ASSERT_STR(when_stored(s), "none");
    site_close(s);
}

static void limits_hold_and_strangers_do_not_come(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    buf b = BUF(1 << 16);
    buf_lit(&b, "do=w+row+w&w.g=all");
    for (int i = 0; i < 60; i++) buf_fmt(&b, "&w.%d.s=", i);
    struct answer a = site_post(s, 200, PAGE, revised(s, str_z(t->mem, buf_str(&b))));
    assert_true(says(a.body, "name=\"w.39.s\"") && !says(a.body, "name=\"w.40.s\"") && !says(a.body, "id=\"w.row\""));
    buf_free(&b);
    a = site_post(s, 200, PAGE, revised(s, "do=w+row+w.0.0.0.9&w.g=all&w.0.g=any&w.0.0.g=all&w.0.0.0.g=any&w.0.0.0.0.s=locataire"));
    assert_true(says(a.body, "name=\"w.0.0.0.g\"") && !says(a.body, "value=\"w group w.0.0.0\""));
    site_get(s, 404, "/admin/demarches/permit/questions/nobody/condition");
    site_as(s, s->t->a.other.account, &(struct grant){.role = ROLE_MANAGER, .kind = S("tree")});
    site_get(s, 404, PAGE);
    site_as(s, 0, NULL);
    site_post(s, 401, PAGE, "do=none");
    site_close(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(a_nested_condition_is_built_with_buttons), STORE_TEST(a_fault_is_at_its_input_and_keeps_all),
        STORE_TEST(text_and_menus_give_way_to_each_other), STORE_TEST(limits_hold_and_strangers_do_not_come)};
    return STORE_RUN(tests);
}
