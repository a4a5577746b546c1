/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sample data of /styles: names, files and places are invented. */
#include "base/said.h"
#include "base/clock.h"
#include "view/chart.h"
#include "view/markdown.h"
#include "view/styles.h"

static str w(struct page_styles *p, const char *key) { return words(p->l.lang, key); }

static void sample_fields(arena *mem, struct page_styles *p)
{
    p->name = (struct part_input){.name = S("nom"), .label = w(p, W("view.styles.name")), .value = S("Durand"), .autocomplete = S("family-name"),
                                  .hint = w(p, W("view.styles.name_hint"))};
    p->mail = (struct part_input){.name = S("mail"), .label = w(p, W("view.styles.mail")), .type = S("email"), .value = S("camille.durand@"),
                                  .autocomplete = S("email"), .error = w(p, W("view.styles.mail_error"))};
    p->amount = (struct part_input){.name = S("montant"), .label = w(p, W("view.styles.amount")), .value = S("1 250"), .inputmode = S("decimal"),
                                    .css = S("w-8"), .unit = S("€"), .optional = true};
    p->town = (struct part_input){.name = S("commune"), .label = w(p, W("view.styles.town")), .value = S("Épinal (88000)"), .suggest = URL_LIT("/styles/suggest")};
    p->story = (struct part_textarea){.name = S("recit"), .label = w(p, W("view.styles.story")), .hint = w(p, W("view.styles.story_hint")), .max_length = 500, .optional = true};
    PUSH(mem, &p->list.items, (struct choice){.value = S("a"), .label = w(p, W("view.styles.street")), .is_chosen = true});
    PUSH(mem, &p->list.items, (struct choice){.value = S("b"), .label = w(p, W("view.styles.square"))});
    p->delay = (struct part_span){.name = S("delai"), .label = w(p, W("view.styles.delay")), .value = S("9")};
    PUSH(mem, &p->delay.units, (struct choice){.value = S("days"), .label = w(p, W("view.styles.day"))});
    p->list.name = S("voie");
    p->list.label = w(p, W("view.styles.kind_of_place"));
    p->yesno = (struct part_radios){.name = S("rappel"), .label = w(p, W("view.styles.call_back")), .inline_items = true};
    PUSH(mem, &p->yesno.items, (struct choice){.value = S("oui"), .label = w(p, W("view.styles.yes")), .is_chosen = true});
    PUSH(mem, &p->yesno.items, (struct choice){.value = S("non"), .label = w(p, W("view.styles.no"))});
    p->where = (struct part_radios){.name = S("lieu"), .label = w(p, W("view.styles.where")), .error = w(p, W("view.styles.where_error"))};
    PUSH(mem, &p->where.items, (struct choice){.value = S("a"), .label = w(p, W("view.styles.hall")), .hint = w(p, W("view.styles.hall_hint"))});
    PUSH(mem, &p->where.items, (struct choice){.value = S("b"), .label = w(p, W("view.styles.by_post"))});
    p->days = (struct part_checks){.name = S("jours"), .label = w(p, W("view.styles.days")), .optional = true};
    PUSH(mem, &p->days.items, (struct choice){.value = S("1"), .label = w(p, W("view.styles.monday")), .is_chosen = true});
    PUSH(mem, &p->days.items, (struct choice){.value = S("2"), .label = w(p, W("view.styles.tuesday"))});
    p->agree = (struct part_check){.name = S("accord"), .label = w(p, W("view.styles.agree")), .is_chosen = true};
    PUSH(mem, &p->faults.lines, (struct link){.label = p->mail.label, .hint = p->mail.error, .at = URL_LIT("#mail")});
    PUSH(mem, &p->faults.lines, (struct link){.label = p->where.label, .hint = p->where.error, .at = URL_LIT("#lieu")});
}

static void sample_rows(arena *mem, struct page_styles *p)
{
    static const struct { const char *reference, *who, *procedure, *state, *tone; int days; } sample[] = {
        {"D-2026-00412", "Camille Durand", W("view.styles.proc1"), W("view.styles.citizen"), "citizen", 1},
        {"D-2026-00409", "Association La Ruche", W("view.styles.proc2"), W("view.styles.moving"), "moving", 3},
        {"D-2026-00377", "Yasmine Benali", W("view.styles.proc3"), W("view.styles.accepted"), "done", 12},
        {"D-2026-00351", "Paul Marchal", W("view.styles.proc1"), W("view.styles.refused"), "refused", 19}};
    for (size_t i = 0; i < sizeof sample / sizeof *sample; i++)
        PUSH(mem, &p->rows, (struct styles_row){.reference = str_of(sample[i].reference), .who = str_of(sample[i].who), .procedure = w(p, sample[i].procedure),
                                                .state = w(p, sample[i].state), .tone = str_of(sample[i].tone), .received_us = p->now_us - sample[i].days * DAY_US});
}

static void sample_story(arena *mem, struct page_styles *p)
{
    p->answers.title = w(p, W("view.styles.you"));
    p->answers.change = URL_LIT("#form");
    PUSH(mem, &p->answers.rows, (struct answer_row){.label = w(p, W("view.styles.home")), .is_heading = true});
    PUSH(mem, &p->answers.rows, (struct answer_row){.label = p->name.label, .text = S("Durand")});
    PUSH(mem, &p->answers.rows, (struct answer_row){.label = p->where.label, .text = w(p, W("view.styles.hall"))});
    PUSH(mem, &p->answers.rows, (struct answer_row){.label = p->story.label});
    struct answer_row files = {.label = w(p, W("view.styles.photos"))};
    PUSH(mem, &files.files, (struct answer_file_link){.name = S("lampadaire.jpg"), .size = words_size(mem, p->l.lang, 412000), .at = URL_LIT("#x")});
    PUSH(mem, &p->answers.rows, files);
    PUSH(mem, &p->timeline.items, (struct moment){.at_us = p->now_us - 9 * DAY_US, .title = w(p, W("view.styles.filed")), .tone = S("done")});
    PUSH(mem, &p->timeline.items, (struct moment){.at_us = p->now_us - 6 * DAY_US, .title = w(p, W("view.styles.moving")), .who = said_in(S("Service de l’état civil"), LANG_FR), .tone = S("done")});
    PUSH(mem, &p->timeline.items, (struct moment){.at_us = p->now_us - DAY_US, .title = w(p, W("view.styles.citizen")), .text = w(p, W("view.styles.missing")), .tone = S("current")});
    PUSH(mem, &p->thread.items, (struct message_line){.who = S("Claire Vautrin"), .at_us = p->now_us - DAY_US, .body = markdown_html(mem, w(p, W("view.styles.message1")))});
    PUSH(mem, &p->thread.items, (struct message_line){.who = S("Camille Durand"), .at_us = p->now_us - HOUR_US, .body = markdown_html(mem, w(p, W("view.styles.message2"))), .is_mine = true});
    PUSH(mem, &p->thread.items, (struct message_line){.who = S("Claire Vautrin"), .at_us = p->now_us, .body = markdown_html(mem, w(p, W("view.styles.message3"))), .is_note = true});
}

void styles_sample(arena *mem, enum lang lang, struct page_styles *p)
{
    static const char *const vignettes[] = {"demarches", "dossiers", "signaler", "rendez-vous", "participer", "territoire",
                                            "agenda", "conseil", "donnees", "transparence", "projets", "compte"};
    p->l.lang = lang;
    p->l.scripts = SCRIPT_FORM | SCRIPT_MAP;
    p->l.no_index = true;
    p->now_us = clock_now_us();
    p->sample_bytes = 1234567;
    for (size_t i = 0; i < sizeof vignettes / sizeof *vignettes; i++) PUSH(mem, &p->vignettes, str_of(vignettes[i]));
    sample_fields(mem, p);
    sample_rows(mem, p);
    sample_story(mem, p);
    p->markdown = markdown_html(mem, w(p, W("view.styles.markdown")));
    p->tabs.label = w(p, W("view.styles.tabs"));
    PUSH(mem, &p->tabs.items, (struct link){.label = w(p, W("view.styles.open")), .at = URL_LIT("#a"), .is_current = true, .count = 1204, .has_count = true});
    PUSH(mem, &p->tabs.items, (struct link){.label = w(p, W("view.styles.closed")), .at = URL_LIT("#b"), .count = 87, .has_count = true});
    PUSH(mem, &p->figures.items, (struct figure){.value = words_number(mem, lang, 12480), .label = w(p, W("view.styles.figure1"))});
    PUSH(mem, &p->figures.items, (struct figure){.value = w(p, W("view.styles.figure2_value")), .label = w(p, W("view.styles.figure2"))});
    p->map = (struct part_map){.label = w(p, W("view.styles.map")), .lat = 48.1745, .lon = 6.4495, .zoom = 14};
    PUSH(mem, &p->map.points, (struct place_point){.label = w(p, W("view.styles.lamp2")), .lat = 48.1772, .lon = 6.4441, .at = URL_LIT("#y"), .state = w(p, W("view.styles.citizen")), .tone = S("citizen")});
    PUSH(mem, &p->map.points, (struct place_point){.label = w(p, W("view.styles.lamp")), .lat = 48.1738, .lon = 6.4512, .at = URL_LIT("#x"), .state = w(p, W("view.styles.moving")), .tone = S("moving")});
    struct chart c = {.label = w(p, W("view.styles.chart")), .lang = lang};
    static const struct { const char *month; int n; } months[] = {
        {W("base.month.6"), 41}, {W("base.month.7"), 28}, {W("base.month.8"), 19}, {W("base.month.9"), 64}, {W("base.month.10"), 77}, {W("base.month.11"), 52}};
    for (size_t i = 0; i < sizeof months / sizeof *months; i++) PUSH(mem, &c.points, (struct chart_point){.label = words(lang, months[i].month), .value = months[i].n});
    p->chart = chart_bars(mem, &c);
    p->curve = chart_curve(mem, &c);
}
