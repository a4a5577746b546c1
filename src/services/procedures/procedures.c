/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "services/procedures/procedures.h"

#include "gen/html/services/procedures/paper.html.h"
#include "gen/html/services/procedures/procedure.html.h"
#include "gen/html/services/procedures/procedures.html.h"
#include "base/said.h"
#include "core/form_paper.h"
#include "core/rights.h"
#include "core/sheets.h"
#include "core/sorted.h"
#include "core/stats.h"
#include "formats/json.h"
#include "pages/app.h"
#include "pages/filling.h"
#include "process/converter.h"
#include "view/clean.h"
#include "services/procedures/pages.h"

static str line_key(arena *mem, const void *row) { return sort_key(mem, ((const struct procedure_line *)row)->title); }

/* How it is done, in words; elsewhere: and by whom. */
static str way_words(struct req *q, const struct kind *k, const struct kind_row *r, enum offer offer)
{
    str operator_ = offer == OFFER_ELSEWHERE ? kind_setting_text(k, q->tenant, r->body, "online.operator", q->lang) : STR_NONE, said = words(q->lang, offer_words(offer));
    return operator_.n ? words_fill(q->mem, q->lang, W("procedures.by"), "way", said, "operator", operator_, NULL) : said;
}

static err line_add(struct req *q, const struct kind_row *r, struct procedure_group *g)
{
    const struct kind *k;
    const struct body *b = tenant_body(q->tenant, r->body);
    TRY(kinds_get(q->app->kinds, q->db, r->name, r->revision, &k));
    PUSH(q->mem, &g->lines, (struct procedure_line){text_in(&k->title, q->lang), kind_setting_text(k, q->tenant, r->body, "audience", q->lang), way_words(q, k, r, r->offer),
                                                    str_of(offer_name(r->offer)), q->tenant->bodies.n > 1 && b ? b->name : STR_NONE, URL(q->mem, "/demarches/{}", r->slug)});
    return NO_ERR;
}

/* One theme; "" at the end: what has none. */
static err group_add(struct req *q, const struct kind_rows *rows, str theme, str title, str offer, struct page_procedures *p)
{
    struct procedure_group g = {.name = theme.n ? theme : S("other"), .title = title};
    for (size_t i = 0; i < rows->n; i++) {
        const struct kind_row *r = &rows->v[i];
        if (r->status == KIND_PUBLISHED && str_eq(r->theme, theme) && (!offer.n || str_is(offer, offer_name(r->offer)))) TRY(line_add(q, r, &g));
    }
    sort_rows(q->mem, g.lines.v, g.lines.n, sizeof *g.lines.v, line_key);          /* by the titles of this language */
    if (g.lines.n) PUSH(q->mem, &p->groups, g);
    return NO_ERR;
}

static err get_list(struct req *q)
{
    struct page_procedures p = {0};
    struct kind_rows rows = {0};
    str theme = query(q, "theme"), offer = query(q, "type");
    enum offer known;
    if (!theme_named(theme)) theme = STR_NONE;
    if (!offer_named(offer, &known)) offer = STR_NONE;
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (const struct theme *t = themes; t->name; t++) {
        PUSH(q->mem, &p.themes, (struct choice){.value = str_of(t->name), .label = words(q->lang, t->words), .is_chosen = str_is(theme, t->name)});
        if (!theme.n || str_is(theme, t->name)) TRY(group_add(q, &rows, str_of(t->name), words(q->lang, t->words), offer, &p));
    }
    if (!theme.n) TRY(group_add(q, &rows, S(""), words(q->lang, W("theme.other")), offer, &p));
    for (int o = 0; o < OFFER_N; o++)
        PUSH(q->mem, &p.offers, (struct choice){.value = str_of(offer_name((enum offer)o)), .label = words(q->lang, offer_words((enum offer)o)), .is_chosen = str_is(offer, offer_name((enum offer)o))});
    p.is_filtered = theme.n || offer.n;
    reply_cache(q, TOPIC_KINDS, TOPIC_TENANT, NULL);
    return page_procedures(q, &p);
}

struct shown { struct kind_row row; const struct kind *kind; bool is_draft; };

/* As it would be once published, for whoever may publish it. */
static err preview_get(struct req *q, struct shown *s)
{
    err e = kind_row_by_slug(q->db, q->mem, param(q, "slug"), &s->row);
    if (e.code != OK || !str_is(s->row.service, "procedures") || !who_has(q->who, ROLE_MANAGER, s->row.body, s->row.team, s->row.name)) return FAIL(E_NOT_FOUND, "procedures.not_found");
    s->is_draft = true;
    return kind_draft_get(q->db, q->mem, s->row.name, &s->kind);
}

static err shown_get(struct req *q, struct shown *s)
{
    err e = kind_row_by_slug(q->db, q->mem, param(q, "slug"), &s->row);
    if (e.code == E_NOT_FOUND || (e.code == OK && (!str_is(s->row.service, "procedures") || !s->row.revision))) return FAIL(E_NOT_FOUND, "procedures.not_found");
    TRY(e);
    return kinds_get(q->app->kinds, q->db, s->row.name, s->row.revision, &s->kind);
}

static err receipt_rules(struct req *q, const struct shown *s, struct receipt *out)
{
    struct record none = {.body = s->row.body, .kind = s->row.name};
    return receipt_of(q->mem, q->tenant, s->kind, &none, q->lang, out);
}

enum { SECONDS_A_QUESTION = 20, PREPARE_MOST = 12 };

/* What the service does not say, its form does: how many questions, which documents. */
static void derive(struct req *q, const struct fields *fields, struct strs *documents, int64_t *questions)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        if (f->is_private) continue;
        *questions += f->type->holds_value && !f->children.n;
        if (strcmp(f->type->name, "file") == 0 && documents->n < PREPARE_MOST) PUSH(q->mem, documents, text_in(&f->label, q->lang));
        derive(q, &f->children, documents, questions);
    }
}

static void derived(struct req *q, const struct kind *k, struct page_procedure *p)
{
    struct strs documents = {0};
    int64_t questions = 0;
    derive(q, &k->fields, &documents, &questions);
    if (!p->prepare.n) p->prepare = documents;
    int64_t minutes = (questions * SECONDS_A_QUESTION + 299) / 300 * 5;
    if (!p->duration.n && questions)
        p->duration = words_fill(q->mem, q->lang, W("procedures.duration_guess"), "minutes", words_number(q->mem, q->lang, minutes), "questions",
                                 words_number(q->mem, q->lang, questions), NULL);
}

/* What another site does, and what others say of it. */
static err beyond(struct req *q, const struct shown *s, struct page_procedure *p)
{
    struct sheet_lines lines;
    enum offer offer = kind_offer(s->kind);
    p->offer = str_of(offer_name(offer));
    p->what = way_words(q, s->kind, &s->row, offer);
    p->what_hint = words(q->lang, offer == OFFER_COUNTER ? W("procedures.at_counter") : W("procedures.only_said"));
    p->operator = kind_setting_text(s->kind, q->tenant, s->row.body, "online.operator", q->lang);
    str online = json_text(json_path(s->kind->settings, "online.url")), source = json_text(json_path(s->kind->settings, "source"));
    if (offer == OFFER_ELSEWHERE && address_https(online)) p->online = url_web(online);
    if (address_https(source)) p->source = url_web(source);
    TRY(sheet_lines_of(q->db, q->mem, kind_sheets(s->kind, q->mem), &lines));
    for (size_t i = 0; i < lines.n; i++) PUSH(q->mem, &p->sheets, (struct link){.label = said_in(lines.v[i].title, LANG_FR), .at = URL(q->mem, "/fiches/{}", lines.v[i].id)});
    return NO_ERR;
}

static err usual_fill(struct req *q, const struct shown *s, struct page_procedure *p)
{
    int64_t half, most;
    bool said;
    TRY(stats_public(q->db, q->mem, s->row.name, clock_now_us() / DAY_US, &half, &most, &said));
    if (said) p->usual = words_fill(q->mem, q->lang, W("procedures.usual_words"), "half", words_count(q->mem, q->lang, W("procedures.days"), half), "most", words_count(q->mem, q->lang, W("procedures.days"), most), NULL);
    return NO_ERR;
}

static err get_procedure(struct req *q)
{
    struct shown s = {0};
    TRY(query(q, "apercu").n ? preview_get(q, &s) : shown_get(q, &s));
    int64_t body = s.row.body;
    struct page_procedure p = {.title = text_in(&s.kind->title, q->lang), .is_closed = s.row.status == KIND_CLOSED && !s.is_draft, .close_reason = s.row.close_reason};
    p.description = s.kind->description_is_html ? clean_html(q->mem, text_in(&s.kind->description, q->lang), 3) : clean_text(q->mem, text_in(&s.kind->description, q->lang));
    p.audience = kind_setting_text(s.kind, q->tenant, body, "audience", q->lang);
    p.duration = kind_setting_text(s.kind, q->tenant, body, "duration", q->lang);
    p.cost = kind_setting_text(s.kind, q->tenant, body, "cost", q->lang);
    p.legal_basis = kind_setting_text(s.kind, q->tenant, body, "legal_basis", q->lang);
    p.legal_link = url_web(p.legal_basis);
    p.other_ways = kind_setting_text(s.kind, q->tenant, body, "other_ways", q->lang);
    p.prepare = kind_setting_list(s.kind, q->tenant, body, "prepare", q->lang, q->mem);
    if (kind_offer(s.kind) == OFFER_HERE) derived(q, s.kind, &p);
    TRY(beyond(q, &s, &p));
    if (kind_offer(s.kind) == OFFER_HERE) TRY(usual_fill(q, &s, &p));
    p.start = URL(q->mem, "/demarches/{}/commencer", s.row.slug);
    p.print = URL(q->mem, "/demarches/{}/imprimer", s.row.slug);
    p.pdf = URL(q->mem, "/demarches/{}/formulaire.pdf", s.row.slug);
    p.personal = filling_notice(q, s.kind, body);
    p.l.title = p.title;
    p.is_preview = s.is_draft;
    if (s.is_draft) p.l.no_index = true, p.l.notice = words(q->lang, W("procedures.preview")), p.l.notice_tone = S("info");
    TRY(receipt_rules(q, &s, &p.r));
    if (!s.is_draft) reply_cache(q, TOPIC_KINDS, TOPIC_TENANT, TOPIC_SHEETS, NULL);
    return page_procedure(q, &p);
}

/* The blank form, the same to be read here and as a PDF. */
static err blank_form(struct req *q, struct shown *s, struct paper *out)
{
    TRY(shown_get(q, s));
    TRY(kind_filed_here(&s->row));
    struct held h = {.kind = s->kind};
    held_env(q, &h);
    struct form_paper f = {.tenant = q->tenant, .kind = s->kind, .body = s->row.body, .env = &h.env, .words_of = clean_words, .number = s->row.number, .revision = s->row.revision,
                           .published_us = s->row.published_us};
    if (q->tenant->address.n) f.address = str_fmt(q->mem, "%.*s/demarches/%.*s", STR_ARG(q->tenant->address), STR_ARG(s->row.slug));
    return form_paper(q->mem, &f, out);
}

static err get_paper(struct req *q)
{
    struct shown s = {0};
    struct page_paper p = {0};
    struct paper paper;
    TRY(blank_form(q, &s, &paper));
    p.sheet = sheet_of(q->mem, &paper);
    p.l.title = paper.title;
    p.l.is_print = true;
    return page_paper(q, &p);
}

/* The page cache holds it until procedures change. */
static err get_pdf(struct req *q)
{
    struct shown s = {0};
    struct paper paper;
    str pdf;
    TRY(blank_form(q, &s, &paper));
    if (!q->app->converter) return FAIL(E_BUSY, "process.busy");
    TRY(converter_paper(q->app->converter, q->mem, paper_json(q->mem, &paper), STR_NONE, &pdf));
    reply_cache(q, TOPIC_KINDS, TOPIC_TENANT, NULL);
    return reply_bytes(q, 200, "application/pdf", pdf);
}

static err post_begin(struct req *q)
{
    struct shown s = {0};
    TRY(shown_get(q, &s));
    if (s.row.status != KIND_PUBLISHED) return FAIL(E_GONE, "filling.closed");
    TRY(kind_filed_here(&s.row));
    return filling_begin(q, s.kind, s.row.body, "web");
}

const struct route procedure_routes[] = {
    {GET, "/demarches", RIGHT_PUBLIC, get_list, "what the town offers, by theme", 0, NULL, NULL},
    {GET, "/demarches/:slug", RIGHT_PUBLIC, get_procedure, "one procedure: for whom, what to prepare, other ways", 0, NULL, NULL},
    {GET, "/demarches/:slug/imprimer", RIGHT_PUBLIC, get_paper, "the blank form, to be printed", 0, NULL, NULL},
    {GET, "/demarches/:slug/formulaire.pdf", RIGHT_PUBLIC, get_pdf, "the blank form as a PDF", 0, NULL, NULL},
    {POST, "/demarches/:slug/commencer", RIGHT_PUBLIC, post_begin, "begins a dossier", 0, NULL, NULL},
    {0}};
