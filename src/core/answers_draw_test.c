/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A form as it is drawn: on a page, on paper. */
#include "base/test.h"

#include <string.h>

#include "base/hash.h"
#include "core/form_paper.h"
#include "core/form_testing.h"

/* ---- on a page */

static str drawn(arena *mem, struct kind *k, const char *doc, const struct answer_faults *faults, struct post *post)
{
    buf b = BUF(1 << 20);
    struct answers_env env = env_of();
    struct form_pages pages = kind_pages(mem, k);
    struct form_draw d = {.out = &b, .mem = mem, .env = &env, .kind = k, .doc = json_of(mem, doc), .base_url = S("/demarches/x"), .faults = faults};
    if (post) d.typed = typed, d.typed_arg = post;
    form_draw_page(&d, &pages.v[0]);
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

#define HAS(html_, z_) do { if (str_find((html_), str_of(z_)) < 0) fail_msg("not there: %s\n%.*s", (z_), STR_ARG(html_)); } while (0)
#define LACKS(html_, z_) do { if (str_find((html_), str_of(z_)) >= 0) fail_msg("there: %s\n%.*s", (z_), STR_ARG(html_)); } while (0)

static void draws_controls_tied_to_their_words(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, S(HEAD "- {id: a, type: text, label: 'Votre <nom>', help: Comme sur la carte, required: true, autocomplete: name}\n"
                                           "- {id: q, type: yesno, label: Q}\n- {id: t, type: phone, label: T, when: q = oui}\n"
                                           "- {id: d, type: date, label: D, autocomplete: bday}\n"));
    str html = drawn(mem, k, "{\"a\": \"O\\\"Neil\"}", NULL, NULL);
    HAS(html, "<label for=\"a\">Votre &lt;nom&gt;</label>");
    HAS(html, "<input type=\"text\" id=\"a\" name=\"a\" value=\"O&quot;Neil\" autocomplete=\"name\" aria-describedby=\"a-h\" required>");
    HAS(html, "<span class=\"opt\">facultatif</span>");
    HAS(html, "id=\"a-t\" data-when=\"{&quot;op&quot;:&quot;=&quot;,&quot;path&quot;:&quot;q&quot;,&quot;value&quot;:&quot;oui&quot;}\" hidden>");
    HAS(html, "<input type=\"hidden\" name=\"_seen\" value=\"t\" disabled>");
    HAS(html, "<input type=\"hidden\" name=\"_seen\" value=\"a\">");
    HAS(html, "name=\"d.y\"");
    HAS(html, "autocomplete=\"bday-year\"");
    struct answer_faults faults = {0};
    PUSH(mem, &faults, (struct answer_fault){.path = S("a"), .field = &k->fields.v[0], .msg = "field.text.too_long", .arg = S("3")});
    html = drawn(mem, k, "{\"a\": \"held\"}", &faults, POST("a", "typed"));
    HAS(html, "class=\"field at-fault\" id=\"a-a\"");
    HAS(html, "<p class=\"error\" id=\"a-e\">");
    HAS(html, "value=\"typed\"");
    HAS(html, "aria-describedby=\"a-h a-e\"");
    HAS(html, "aria-invalid=\"true\"");
}

/* ---- on paper: conditions in words */

static str printed(arena *mem, struct kind *k, enum lang lang)
{
    struct answers_env env = env_of();
    struct tenant tenant = {.zone = S("Europe/Paris")};
    struct paper sheet;
    struct strs helps = {0};
    env.lang = lang;
    assert_ok(form_paper(mem, &(struct form_paper){.tenant = &tenant, .kind = k, .env = &env}, &sheet));
    for (size_t i = 0; i < sheet.blocks.n; i++) PUSH(mem, &helps, sheet.blocks.v[i].help);
    str s = str_join(mem, helps, S("\n"));
    char *p = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {              /* blanks that do not break read as blanks */
        bool nbsp = str_starts(str_cut(s, i, s.n), S("\u00a0")), thin = str_starts(str_cut(s, i, s.n), S("\u202f"));
        p[n++] = nbsp || thin ? ' ' : s.p[i];
        i += nbsp ? 1 : thin ? 2 : 0;
    }
    return (str){p, n};
}

static const char paper[] = HEAD
    "- {id: f1, name: rappel souhaité, type: yesno, label: {fr: 'Souhaitez-vous être rappelé ?', en: 'Shall we call you back?'}}\n"
    "- {id: f2, type: phone, label: Téléphone, when: rappel souhaité = oui}\n"
    "- {id: f3, name: travaux, type: choices, label: {fr: Vos travaux, en: Your works}, options: {o1: {fr: Une grue, en: A crane}, o2: Autre}}\n"
    "- {id: f4, name: quartier, type: choice, label: {fr: Quartier, en: Quarter}, options: {n: {fr: Nord, en: North}, s: Sud}}\n"
    "- {id: f5, name: âge, type: integer, label: {fr: Votre âge, en: Your age}}\n"
    "- {id: f6, name: début, type: date, label: {fr: Début, en: Start}}\n"
    "- {id: f7, name: accord, type: checkbox, label: {fr: \"J'accepte\", en: I agree}}\n"
    "- {id: c1, type: text, label: C1, when: \"travaux = 'o1'\"}\n"
    "- {id: c2, type: text, label: C2, when: {toutes ces conditions: [\"quartier = 'n'\", âge >= 1800]}}\n"
    "- {id: c3, type: text, label: C3, when: {une de ces conditions: [début < 01/09/2026, accord = non, {toutes ces conditions: [accord, \"travaux != 'o2'\"]}]}}\n"
    "- {id: c4, type: text, label: C4, when: âge < 2.5}\n"
    "- {id: f8, name: fin, type: date, label: {fr: Fin, en: End}}\n"
    "- {id: f9, name: revenu, type: decimal, label: {fr: Revenu, en: Income}}\n"
    "- {id: c5, type: text, label: C5, when: fin > début}\n"
    "- {id: c6, type: text, label: C6, when: {variations: [{si: {une de ces conditions: [travaux . o1, revenu > 1200 €/mois]}, alors: non}, {sinon: oui}]}}\n"
    "- {id: c7, type: text, label: C7, when: {est non défini: quartier}}\n";

static void tells_conditions_on_paper_in_words(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, str_of(paper));
    str fr = printed(mem, k, LANG_FR), en = printed(mem, k, LANG_EN);
    HAS(fr, "\nÀ remplir si « Souhaitez-vous être rappelé ? » est « oui ».\n");
    HAS(fr, "\nÀ remplir si « Vos travaux » comprend « Une grue ».\n");
    HAS(fr, "\nÀ remplir si toutes ces conditions sont remplies : « Quartier » est « Nord » ; « Votre âge » est au moins 1 800.\n");
    HAS(fr, "\nÀ remplir si une de ces conditions est remplie : « Début » est avant le 1er septembre 2026 ; « J'accepte » n’est pas coché ; à la fois (« J'accepte » est coché ; "
            "« Vos travaux » ne comprend pas « Autre »).\n");
    HAS(fr, "\nÀ remplir si « Votre âge » est inférieur à 2,5.\n");
    HAS(en, "\nFill in if “Shall we call you back?” is “yes”.\n");
    HAS(en, "\nFill in if all these conditions are met: “Quarter” is “North”; “Your age” is at least 1,800.\n");
    HAS(en, "\nFill in if “Your works” includes “A crane”.\n");
    HAS(fr, "\nÀ remplir si « Fin » est après « Début ».\n");
    HAS(fr, "\nÀ remplir si aucune de ces conditions n’est remplie : « Vos travaux » comprend « Une grue » ; « Revenu » est supérieur à 1 200 €/mois.\n");
    HAS(fr, "\nÀ remplir si « Quartier » n’a pas de réponse.\n");
    HAS(en, "\nFill in if “End” is after “Start”.\n");
    LACKS(fr, "souhaité = oui");
    LACKS(fr, "o1");
}

static void draws_choices_by_their_number(void **state)
{
    arena *mem = *state;
    for (int n = 3; n <= 400; n = n == 3 ? 10 : n == 10 ? 40 : n == 40 ? 400 : 401) {
        buf b = BUF(1 << 20);
        buf_lit(&b, HEAD "- id: a\n  type: choice\n  label: A\n  options:\n");
        for (int i = 0; i < n; i++) buf_fmt(&b, "  - {id: o%d, label: Option %d}\n", i, i);
        struct kind *k = kind_from(mem, buf_str(&b));
        str html = drawn(mem, k, "{\"a\": \"o2\"}", NULL, NULL);
        buf_free(&b);
        if (n == 3) HAS(html, "<input type=\"radio\" id=\"a-3\" name=\"a\" value=\"o2\" checked>");
        if (n == 10) HAS(html, "<option value=\"o2\" selected>Option 2</option>");
        if (n >= 40) HAS(html, "value=\"Option 2\" data-suggest=\"/demarches/x/suggest?field=a\"");
        if (n == 40) HAS(html, "<datalist id=\"a-l\">");
        if (n == 400) LACKS(html, "<datalist");
        if (n < 400) continue;
        /* Without a script, what fits nothing brings the nearest entries. */
        struct answer_faults faults = {0};
        PUSH(mem, &faults, (struct answer_fault){.path = S("a"), .field = &k->fields.v[0], .msg = "field.choice.unknown"});
        html = drawn(mem, k, "{}", &faults, POST("a", "option 39"));
        HAS(html, "<input type=\"radio\" id=\"a-2\" name=\"a\" value=\"o39\">");
        HAS(html, "value=\"o399\"");
    }
}

static void draws_rows(void **state)
{
    arena *mem = *state;
    struct kind *k = kind_from(mem, S(HEAD "- id: r\n  type: repeat\n  label: Enfant\n  required: true\n  fields:\n  - {id: n, type: text, label: Nom}\n"));
    str html = drawn(mem, k, "{}", NULL, NULL);
    HAS(html, "<input type=\"hidden\" name=\"r\" value=\"r1\">");
    HAS(html, "name=\"r/r1/n\"");
    LACKS(html, "_row_remove");
    html = drawn(mem, k, "{\"r\": [{\"_id\": \"r1\", \"n\": \"Zoé\"}, {\"_id\": \"r4\"}]}", NULL, NULL);
    HAS(html, "<legend>Enfant 2</legend>");
    HAS(html, "name=\"_row_remove\" value=\"r/r4\" data-swap=\"a-r\"");
    HAS(html, "name=\"_row_add\" value=\"r\"");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {IN_ARENA(draws_controls_tied_to_their_words), IN_ARENA(draws_choices_by_their_number),
                                              IN_ARENA(tells_conditions_on_paper_in_words), IN_ARENA(draws_rows)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
