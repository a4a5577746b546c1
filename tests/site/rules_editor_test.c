/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rules of a procedure over HTTP, as a manager writes them, without script: checked, kept as typed, tried, published or refused. What part
   each has is declared or inferred: decisions and assistance are what the public may ask about (CRPA L311-3-1, L312-1-3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "core/answers.h"
#include "core/audit.h"
#include "core/rule_check.h"
#include "core/rule_uses.h"
#include "desk_testing.h"
#include "formats/json.h"
#include "formats/yaml.h"

#undef ASSERT_STR
#define ASSERT_STR(s_, z_) assert_string_equal(str_z(s->t->mem, s_), z_)
#define EDITOR "/admin/demarches/permit"
#define RULES EDITOR "/regles"

static struct site *manager_open(void **state)
{
    struct site *s = site_open(*state);
    site_as(s, s->t->a.agent.account, &(struct grant){.role = ROLE_MANAGER, .body = s->t->a.town});
    return s;
}

/* "do=save", "rules=a: 1\n": names and values by turns, the revision before them. */
static const char *form(struct site *s, const char *const *pairs)
{
    struct kind_row row;
    arena *mem = s->t->mem;
    AUTO(buf_free) buf out = BUF(1 << 16);
    buf *b = &out;
    ASSERT_OK(kind_row_get(s->t->a.d, mem, S("permit"), &row));
    buf_fmt(b, "revision=%lld", (long long)(row.draft_revision ? row.draft_revision : row.revision));
    for (size_t i = 0; pairs[i]; i += 2) {
        buf_fmt(b, "&%s=", pairs[i]);
        buf_url(b, str_of(pairs[i + 1]));
    }
    return str_z(mem, str_copy(mem, buf_str(b)));
}
#define FORM(...) form(s, (const char *const[]){__VA_ARGS__, NULL})

static const struct kind *draft(struct site *s)
{
    const struct kind *k;
    ASSERT_OK(kind_draft_get(s->t->a.d, s->t->mem, S("permit"), &k));
    return k;
}

static void has(struct answer a, const char *words)
{
    ptrdiff_t from = str_find(a.body, S("<main"));
    str main = str_cut(a.body, from < 0 ? 0 : (size_t)from, a.body.n);
    if (says(a.body, words)) return;
    fprintf(stderr, "%.*s\n", STR_ARG(main));
    fail_msg("not said: %s", words);
}

static void field_add(struct site *s, json_t *field)
{
    json_t *def;
    int64_t revision;
    ASSERT_OK(kind_draft_definition(s->t->a.d, s->t->mem, S("permit"), &def));
    json_array_append_new(json_object_get(def, "fields"), field);
    ASSERT_OK(kind_draft_save(s->t->a.d, s->t->mem, S("permit"), def, s->t->a.agent.account, 0, &revision));
}

/* A number is asked, so that there is something to reckon with. */
static void surface_add(struct site *s) { field_add(s, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", "f5", "name", "surface", "type", "number", "label", "Surface", "unit", "m²")); }

#define GOOD "# tarif voté le 22 juin\nprix:\n  titre: Prix\n  valeur: surface * 2 €/m²   # par m²\n"

static void what_is_typed_is_kept_with_its_notes(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    struct answer a = site_get(s, 200, EDITOR);
    has(a, "href=\"" RULES "\"");
    a = site_get(s, 200, RULES);
    has(a, "Rien à corriger");
    has(a, "<code data-insert=\"rules\" lang=\"fr\">surface</code>");
    site_post(s, 303, RULES, FORM("do", "save", "rules", GOOD));
    ASSERT_STR(kind_rules_text(s->t->mem, draft(s)->definition), GOOD);
    a = site_get(s, 200, RULES "?fait=1");
    has(a, "# tarif voté le 22 juin");
    has(a, "enregistrées dans le brouillon");
    /* A browser ends its lines otherwise; what nobody changed makes no new revision. */
    struct kind_row before, after;
    ASSERT_OK(kind_row_get(s->t->a.d, s->t->mem, S("permit"), &before));
    site_post(s, 303, RULES, FORM("do", "save", "rules", "# tarif voté le 22 juin\r\nprix:\r\n  titre: Prix\r\n  valeur: surface * 2 €/m²   # par m²\r\n"));
    ASSERT_OK(kind_row_get(s->t->a.d, s->t->mem, S("permit"), &after));
    assert_int_equal(before.draft_revision, after.draft_revision);
    /* Two people at once: the second is told, and keeps what they wrote. */
    const char *late = FORM("do", "save", "rules", "autre: 12\n");
    site_post(s, 303, RULES, FORM("do", "save", "rules", GOOD "autre: 1\n"));
    a = site_post(s, 409, RULES, late);
    has(a, "autre: 12");
    site_close(s);
}

static void a_fault_is_said_at_its_line_and_nothing_is_lost(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    struct answer a = site_post(s, 200, RULES, FORM("do", "check", "rules", "prix:\n  valeur: surfaces * 2 €\n", "message.0", "Trop grand"));
    has(a, "data-line=\"2\"");
    has(a, "surfaces * 2 €");
    has(a, "Trop grand");
    assert_null(json_object_get(draft(s)->definition, "rules"));                     /* looked at, kept nowhere */
    a = site_post(s, 422, RULES, FORM("do", "save", "rules", "prix:\n  valeur: surfaces * 2 €\n"));
    has(a, "href=\"#constats\"");
    has(a, "Rien n’est enregistré");
    has(a, "surfaces * 2 €");
    a = site_post(s, 200, RULES, FORM("do", "check", "rules", "prix: [1,\n"));
    has(a, "data-line=\"");
    /* The rules would take away what a question reads: said with the question, and refused. */
    site_post(s, 303, RULES, FORM("do", "save", "rules", "base: 3 m²\n"));
    site_post(s, 303, EDITOR "/questions/f5", FORM("do", "save", "label", "Surface", "type", "number", "unit", "m²", "rules", "1", "computed", "base"));
    a = site_post(s, 422, RULES, FORM("do", "save", "rules", "autre: 3 m²\n"));
    has(a, "href=\"" EDITOR "/questions/f5\"");
    a = site_post(s, 422, EDITOR "/questions/f5", FORM("do", "save", "label", "Surface utile", "type", "number", "unit", "m²", "rules", "1", "computed", "nulle part"));
    has(a, "value=\"Surface utile\"");                             /* nothing typed is lost there either */
    has(a, "nulle part</textarea>");
    has(a, "introuvable");
    site_close(s);
}

static void a_wrong_rule_is_not_published_and_a_doubtful_one_is(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    /* Metres and months do not meet: it reads well, and is wrong whatever people answer. */
    site_post(s, 303, RULES, FORM("do", "save", "rules", "prix:\n  titre: Prix\n  somme:\n    - 2 €\n    - 3 mois\n"));
    struct answer a = site_get(s, 200, EDITOR);
    has(a, "href=\"" RULES "#constats\"");
    has(a, "Corrigez une règle");
    has(a, "Ligne 3");
    assert_false(says(a.body, "value=\"publish\""));
    a = site_post(s, 422, EDITOR, FORM("do", "publish"));
    has(a, "Ligne 3");
    /* The same in the form itself: the question is named. */
    site_post(s, 303, RULES, FORM("do", "save", "rules", ""));
    site_post(s, 303, EDITOR "/questions/f5", FORM("do", "save", "label", "Surface", "type", "number", "unit", "m²", "rules", "1", "computed", "2 € + 3 mois"));
    a = site_get(s, 200, EDITOR);
    has(a, "<a href=\"#f-f5\">Corrigez une règle");
    site_post(s, 422, EDITOR, FORM("do", "publish"));
    a = site_get(s, 200, EDITOR "/questions/f5");
    has(a, "À corriger");
    site_post(s, 303, EDITOR "/questions/f5", FORM("do", "save", "label", "Surface", "type", "number", "unit", "m²", "rules", "1", "computed", ""));
    /* A rule that nobody reads is only a warning. */
    site_post(s, 303, RULES, FORM("do", "save", "rules", "prix: surface * 2\n"));
    a = site_get(s, 200, RULES);
    has(a, "À vérifier");
    site_post(s, 303, EDITOR, FORM("do", "publish"));
    site_close(s);
}

/* What comes whole (a file, the library, an export of Démarches simplifiées) goes the same way. */
static void an_import_with_a_wrong_rule_waits_too(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    struct kind_row row;
    enum kind_taken what;
    json_t *def = json_own(t->mem, json_deep_copy(draft(s)->definition));
    json_object_set_new(def, "kind", json_string("imported"));
    json_object_set_new(def, "title", json_string("Une autre"));
    json_object_del(def, "number");
    json_object_set_new(def, "rules", json_pack("{s:s}", "durée", "3 mois + 2 €"));
    ASSERT_OK(kind_take(t->a.d, t->mem, def, t->a.town, &what, &row));
    err e = kind_publish(t->a.d, &t->a.tenant, t->mem, S("imported"), t->a.agent.account);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, "kind.lacks");
    assert_true(says(str_of(e.at), "durée"));
    json_object_set_new(def, "rules", json_pack("{s:s}", "durée", "3 mois + 2 mois"));
    ASSERT_OK(kind_take(t->a.d, t->mem, def, t->a.town, &what, &row));
    ASSERT_OK(kind_publish(t->a.d, &t->a.tenant, t->mem, S("imported"), t->a.agent.account));
    site_close(s);
}

static void requirements_and_routes_are_written_moved_and_emptied(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    struct answer a = site_post(s, 200, RULES, FORM("do", "m0 text m0", "rules", "", "m0.g", "all", "message.0", "", "team.0", ""));
    has(a, "name=\"m0.text\"");
    has(a, "value=\"m0 menus\"");
    a = site_post(s, 422, RULES, FORM("do", "save", "m0.text", "surface < 50", "message.0", ""));
    has(a, "href=\"#message.0\"");
    has(a, "surface &lt; 50");
    site_post(s, 303, RULES, FORM("do", "save", "rules", "grand: surface > 20 m²\n", "m0.text", "surface < 50 m²", "message.0", "Moins de 50 m² seulement.", "message_en.0", "Under 50 m² only.",
                                  "t0.text", "quartier = 'n'", "team.0", "Voirie", "t1.text", "grand", "team.1", "Voirie"));
    const struct kind *k = draft(s);
    assert_int_equal(k->eligibility.n, 1);
    ASSERT_STR(k->eligibility.v[0].message.v[LANG_EN], "Under 50 m² only.");
    assert_int_equal(k->routing.n, 2);
    ASSERT_STR(k->routing.v[1].when->text, "grand");
    a = site_get(s, 200, RULES);
    has(a, "Moins de 50 m² seulement.");
    has(a, "name=\"t1.text\"");                                     /* it reads a rule: text */
    has(a, "name=\"t0.0.s\"");                                      /* menus say it */
    has(a, "value=\"up.1\"");
    site_post(s, 303, RULES, FORM("do", "up.1", "rules", "grand: surface > 20 m²\n", "t0.text", "quartier = 'n'", "team.0", "Voirie", "t1.text", "grand", "team.1", "Voirie"));
    ASSERT_STR(draft(s)->routing.v[0].when->text, "grand");
    assert_int_equal(draft(s)->eligibility.n, 1);                   /* not sent: kept */
    /* A team that is not there is not published; nor saved without one. */
    a = site_post(s, 422, RULES, FORM("do", "save", "rules", "grand: surface > 20 m²\n", "t0.text", "grand", "team.0", ""));
    has(a, "href=\"#team.0\"");
    site_post(s, 303, RULES, FORM("do", "save", "m0.text", "", "message.0", "", "t0.text", "", "team.0", "", "t1.text", "", "team.1", ""));
    assert_int_equal(draft(s)->eligibility.n + draft(s)->routing.n, 0);
    site_close(s);
}

static int64_t revision_now(struct site *s)
{
    struct kind_row row;
    ASSERT_OK(kind_row_get(s->t->a.d, s->t->mem, S("permit"), &row));
    return row.draft_revision ? row.draft_revision : row.revision;
}

static const struct transition *step(struct site *s, const char *name)
{
    const struct transition *t = kind_transition(draft(s), str_of(name));
    assert_non_null(t);
    return t;
}

/* A step of the base gets a condition of its own and loses it; the steps of silence are the law's (CRPA L231-1, L231-4). */
static void steps_have_conditions(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    struct answer a = site_get(s, 200, RULES);
    has(a, "<option value=\"accept\">");
    assert_false(says(a.body, "name=\"step-accept.g\""));
    assert_false(says(a.body, "<option value=\"silence_rejection\">"));
    a = site_post(s, 200, RULES, FORM("do", "step add", "step_new", "accept", "rules", "prix: 3 €\n"));
    has(a, "id=\"step-accept\"");
    has(a, "name=\"step-accept.g\"");
    has(a, "prix: 3 €");                                            /* nothing typed is lost */
    assert_null(step(s, "accept")->when);
    a = site_post(s, 422, RULES, FORM("do", "save", "step-accept.text", "surfaces < 50 m²"));
    has(a, "href=\"#step-accept\"");
    has(a, "surfaces &lt; 50 m²");
    site_post(s, 303, RULES, FORM("do", "save", "step-accept.text", "surface < 50 m²"));
    ASSERT_STR(step(s, "accept")->when->text, "surface < 50 m²");
    assert_true(step(s, "accept")->does.n > 2);                     /* the rest is the base's */
    a = site_get(s, 200, RULES);
    has(a, "name=\"role.step/accept\"");
    has(a, "href=\"#step-accept\"");
    int64_t before = revision_now(s);
    site_post(s, 303, RULES, FORM("do", "save", "step-accept.g", "all", "step-accept.0.s", "surface", "step-accept.0.o", "<", "step-accept.0.v", "50", "step-accept.0.u", "m²"));
    assert_int_equal(revision_now(s), before);                      /* said by menus, it is the same */
    /* The part that was declared goes with the rule it was of. */
    site_post(s, 303, RULES, FORM("do", "save", "role.step/accept", "decision"));
    assert_int_equal(step(s, "accept")->when->role, RULE_ROLE_DECISION);
    site_post(s, 303, RULES, FORM("do", "save", "step-accept.text", ""));
    assert_null(step(s, "accept")->when);
    assert_null(json_object_get(json_object_get(draft(s)->definition, "transitions"), "accept"));
    site_close(s);
}

static void transitions_put(struct site *s, const char *yaml)
{
    json_t *def, *steps;
    int64_t revision;
    ASSERT_OK(yaml_parse(s->t->mem, str_of(yaml), &steps));
    ASSERT_OK(kind_draft_definition(s->t->a.d, s->t->mem, S("permit"), &def));
    json_object_set(def, "transitions", steps);
    ASSERT_OK(kind_draft_save(s->t->a.d, s->t->mem, S("permit"), def, s->t->a.agent.account, 0, &revision));
}

/* What the page sends back of what it drew changes nothing; a fault leads to what is on the page. */
static void a_step_that_nobody_touched_stays(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    transitions_put(s, "{accept: {use: accept, to: accepted, when: surface < 50}, refuse: {use: refuse, when: {variations: [{si: surface > 3, alors: oui}, {sinon: non}]}}}");
    struct answer a = site_get(s, 200, RULES);
    has(a, "name=\"step-accept.0.u\" value=\"m²\"");
    int64_t before = revision_now(s);
    site_post(s, 303, RULES, FORM("do", "save", "step-accept.g", "all", "step-accept.0.s", "surface", "step-accept.0.o", "<", "step-accept.0.v", "50", "step-accept.0.u", "m²",
                                  "role.step/accept", "", "step-refuse.text", "variations:\r\n  - si: surface > 3\r\n    alors: oui\r\n  - sinon: non\r\n", "role.step/refuse", ""));
    assert_int_equal(revision_now(s), before);
    /* No rule to have a part: said, where the procedure's steps are. */
    a = site_post(s, 422, RULES, FORM("do", "save", "role.step/close", "decision"));
    assert_false(says(a.body, "href=\"#step-close\""));
    /* A condition that menus cannot say any more can be taken away. */
    field_add(s, json_pack("{s:s, s:s, s:s, s:s}", "id", "f6", "name", "adresse", "type", "address", "label", "Adresse"));
    transitions_put(s, "{accept: {use: accept, when: \"adresse . département = '999'\"}}");
    site_post(s, 303, RULES, FORM("do", "save", "step-accept.text", ""));
    assert_null(step(s, "accept")->when);
    site_close(s);
}

/* What gives no duration would never come: it is a fault before anybody waits for it. */
static void a_delay_is_a_duration(void **state)
{
    static const char *const wrong[] = {"10 jours ouvrables", "3 heures", "48 h", "oui", "0 - 3 jours", "2 mois et 3 jours", "surface", "variations:\n  - si: surface > 3\n    alors: 3 €\n  - sinon: 2 mois\n"};
    static const char *const right[] = {"15", "surface * 1 jour/m²", "variations:\n  - si: surface > 3\n    alors: 3 jours\n  - sinon: 2 mois\n", "variations:\n  - si: surface > 3\n    alors: 3 jours\n  - sinon: non\n", "1 an", "3 semaines"};
    struct site *s = manager_open(state);
    surface_add(s);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        transitions_put(s, "{relance: {title: Relance, from: received, after: 15 days, does: [{notify: team}]}}");
        struct answer a = site_post(s, 0, RULES, FORM("do", "save", "after-relance", wrong[i]));
        if (a.status == 422) {                                      /* it cannot even be read */
            if (!says(a.body, "href=\"#after-relance\"")) fail_msg("%s: no way there", wrong[i]);
            continue;
        }
        a = site_get(s, 200, RULES);
        if (!says(a.body, "ne donne pas un délai")) fail_msg("%s: no fault", wrong[i]);
        if (!says(a.body, "href=\"#after-relance\"")) fail_msg("%s: no way there", wrong[i]);
        site_post(s, 422, EDITOR, FORM("do", "publish"));
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        transitions_put(s, "{relance: {title: Relance, from: received, after: 15 days, does: [{notify: team}]}}");
        site_post(s, 303, RULES, FORM("do", "save", "after-relance", right[i]));
        has(site_get(s, 200, RULES), "Rien à corriger");
    }
    site_close(s);
}

static void steps_that_happen_by_themselves_have_delays(void **state)
{
    struct site *s = manager_open(state);
    json_t *def;
    int64_t revision;
    surface_add(s);
    ASSERT_OK(kind_draft_definition(s->t->a.d, s->t->mem, S("permit"), &def));
    json_object_set_new(def, "transitions", json_pack("{s:{s:s, s:[s], s:s, s:[{s:s}]}}", "relance", "title", "Relance", "from", "received", "after", "15 days", "does", "notify", "team"));
    ASSERT_OK(kind_draft_save(s->t->a.d, s->t->mem, S("permit"), def, s->t->a.agent.account, 0, &revision));
    struct answer a = site_get(s, 200, RULES);
    has(a, "name=\"after-relance\"");
    has(a, "\n15 jours</textarea>");
    has(a, "se fait seule");
    int64_t before = revision_now(s);
    site_post(s, 303, RULES, FORM("do", "save", "after-relance", "15 jours"));
    assert_int_equal(revision_now(s), before);
    site_post(s, 303, RULES, FORM("do", "save", "after-relance", "10 jours ouvrés"));
    assert_true(step(s, "relance")->after.unit == SPAN_WORKING_DAYS && step(s, "relance")->after.count == 10);
    a = site_post(s, 422, RULES, FORM("do", "save", "after-relance", " "));
    has(a, "href=\"#after-relance\"");
    a = site_post(s, 422, RULES, FORM("do", "save", "after-relance", "surfaces * 1 jour"));
    has(a, "surfaces * 1 jour");
    has(a, "href=\"#after-relance\"");
    const char *rule = "variations:\r\n  - si: surface > 20 m²\r\n    alors: 3 jours\r\n  - sinon: 2 mois\r\n";
    site_post(s, 303, RULES, FORM("do", "save", "after-relance", rule));
    assert_non_null(step(s, "relance")->after_rule);
    assert_false(step(s, "relance")->has_after);
    has(site_get(s, 200, RULES), "alors: 3 jours");
    before = revision_now(s);
    site_post(s, 303, RULES, FORM("do", "save", "after-relance", rule));
    assert_int_equal(revision_now(s), before);
    site_close(s);
}

static const struct rule_use *use_of(struct site *s, const char *place, struct rule_uses *all)
{
    *all = rule_uses(s->t->mem, draft(s));
    for (size_t i = 0; i < all->n; i++)
        if (str_is(all->v[i].place, place)) return &all->v[i];
    fail_msg("no use at %s", place);
    return NULL;
}

static void parts_are_inferred_until_they_are_declared(void **state)
{
    struct site *s = manager_open(state);
    struct rule_uses all;
    surface_add(s);
    site_post(s, 303, RULES, FORM("do", "save", "m0.text", "surface < 50 m²", "message.0", "Trop grand.", "t0.text", "quartier = 'n'", "team.0", "Voirie"));
    struct answer a = site_get(s, 200, RULES);
    has(a, "registre public des algorithmes");
    has(a, "L311-3-1");
    has(a, "décision (déduit)");
    has(a, "name=\"role.requirement/0\"");
    has(a, "href=\"#m0-box\"");
    assert_int_equal(use_of(s, "requirement/0", &all)->role, RULE_ROLE_DECISION);
    assert_false(use_of(s, "requirement/0", &all)->is_declared);
    site_post(s, 303, RULES, FORM("do", "save", "role.requirement/0", "assistance", "role.route/0", "decision"));
    assert_int_equal(use_of(s, "requirement/0", &all)->role, RULE_ROLE_ASSISTANCE);
    assert_true(use_of(s, "route/0", &all)->is_declared);
    site_post(s, 303, RULES, FORM("do", "save", "role.requirement/0", ""));
    assert_int_equal(use_of(s, "requirement/0", &all)->role, RULE_ROLE_DECISION);
    site_post(s, 422, RULES, FORM("do", "save", "role.requirement/0", "arbitre"));
    site_post(s, 404, RULES, FORM("do", "save", "role.requirement/7", "decision"));
    site_close(s);
}

static void rules_are_tried_with_values_that_are_kept_nowhere(void **state)
{
    struct site *s = manager_open(state);
    surface_add(s);
    struct answer a = site_post(s, 303, RULES, FORM("do", "save", "rules", GOOD, "m0.text", "surface < 50 m²", "message.0", "Trop grand."));
    a = site_get(s, 200, RULES);
    has(a, "name=\"v4\"");
    has(a, "Expliquer le résultat de");
    /* With rules as they are typed, saved or not. */
    a = site_post(s, 200, RULES, FORM("do", "try", "rules", "prix:\n  titre: Prix\n  valeur: surface * 3 €/m²\n", "v4", "12,5", "asked", "prix"));
    has(a, "37,50");
    has(a, "id=\"resultats\"");
    has(a, "Pourquoi");
    has(a, "value=\"12,5\"");
    ASSERT_STR(kind_rules_text(s->t->mem, draft(s)->definition), GOOD);
    a = site_post(s, 200, RULES, FORM("do", "try", "rules", GOOD, "v4", "", "asked", ""));
    has(a, "il manque");
    a = site_post(s, 422, RULES, FORM("do", "try", "rules", GOOD, "v4", "beaucoup"));
    has(a, "corrigez d’abord la valeur");
    has(a, "href=\"#v4\"");
    a = site_post(s, 422, RULES, FORM("do", "try", "rules", "prix: surfaces\n", "v4", "3"));
    has(a, "href=\"#constats\"");
    /* A day that no calendar has. */
    field_add(s, json_pack("{s:s, s:s, s:s, s:s}", "id", "f6", "name", "ouverture", "type", "date", "label", "Ouverture"));
    a = site_post(s, 422, RULES, FORM("do", "try", "rules", "tard:\n  valeur: ouverture > 01/06/2026\n", "v5", "2026-02-30"));
    has(a, "Écrivez une date");
    a = site_post(s, 200, RULES, FORM("do", "try", "rules", "tard:\n  valeur: ouverture > 01/06/2026\n", "v5", "2026-06-02"));
    has(a, "<dd>oui</dd>");
    site_close(s);
}

static void only_who_runs_it_sees_it_and_no_other_town(void **state)
{
    struct site *s = manager_open(state);
    struct town *t = s->t;
    site_post(s, 303, RULES, FORM("do", "save", "rules", "prix: 3 €\n"));
    site_as(s, t->a.reader.account, NULL);
    assert_int_equal(http_get(s->web, RULES).status, 403);
    site_as(s, t->a.other.account, &(struct grant){.role = ROLE_MANAGER, .body = t->a.suburb});
    site_get(s, 404, RULES);
    site_post(s, 404, RULES, FORM("do", "save", "rules", "prix: 4 €\n"));
    site_as(s, 0, NULL);
    assert_int_not_equal(http_get(s->web, RULES).status, 200);
    ASSERT_STR(kind_rules_text(t->mem, draft(s)->definition), "prix: 3 €\n");
    /* The twin has the same procedure, and none of these rules. */
    const struct kind *k;
    ASSERT_OK(kind_draft_get(t->twin.d, t->mem, S("permit"), &k));
    assert_null(k->rules);
    site_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {STORE_TEST(what_is_typed_is_kept_with_its_notes), STORE_TEST(a_fault_is_said_at_its_line_and_nothing_is_lost),
        STORE_TEST(a_wrong_rule_is_not_published_and_a_doubtful_one_is), STORE_TEST(an_import_with_a_wrong_rule_waits_too),
        STORE_TEST(requirements_and_routes_are_written_moved_and_emptied), STORE_TEST(steps_have_conditions), STORE_TEST(steps_that_happen_by_themselves_have_delays), STORE_TEST(a_step_that_nobody_touched_stays), STORE_TEST(a_delay_is_a_duration), STORE_TEST(parts_are_inferred_until_they_are_declared),
        STORE_TEST(rules_are_tried_with_values_that_are_kept_nowhere), STORE_TEST(only_who_runs_it_sees_it_and_no_other_town)};
    return STORE_RUN(tests);
}
