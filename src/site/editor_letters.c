/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The letters of a draft: their words, the steps that send them, what is to be checked, and the letter as a person gets it. */
#include <string.h>

#include "base/said.h"
#include "core/audit.h"
#include "core/kind_edit.h"
#include "core/letter_template.h"
#include "core/life.h"
#include "formats/json.h"
#include "gen/html/site/kind_letter.html.h"
#include "gen/html/site/kind_letters.html.h"
#include "pages/app.h"
#include "pages/holder.h"
#include "site/admin.h"
#include "web/req.h"

static const struct { const char *said, *tone; } outcomes[] = {
    [LETTER_OTHER] = {W("letter.outcome.other"), "moving"}, [LETTER_GRANTED] = {W("letter.outcome.granted"), "done"}, [LETTER_REFUSED] = {W("letter.outcome.refused"), "refused"}};

static bool by_agent(const struct transition *t) { return !(t->by & ~(unsigned)(BY_AGENT | BY_ADMIN)); }

static str steps_said(struct req *q, const struct kind *k, const struct letter *l)
{
    struct strs titles = {0};
    for (size_t i = 0; i < k->transitions.n; i++)
        if (transition_letter(k, &k->transitions.v[i]) == l) PUSH(q->mem, &titles, text_in(&k->transitions.v[i].title, q->lang));
    return str_join(q->mem, titles, S(", "));
}

static void steps_choices(struct req *q, const struct kind *k, const struct letter *l, struct choices *out)
{
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        const struct letter *now = transition_letter(k, t);
        if (!by_agent(t)) continue;
        str hint = now && now != l ? words_fill(q->mem, q->lang, W("letter.step_sends"), "title", text_in(&now->title, q->lang), NULL) : STR_NONE;
        PUSH(q->mem, out, (struct choice){.value = t->name, .label = text_in(&t->title, q->lang), .hint = hint, .is_chosen = l && now == l});
    }
}

static void as_desk(struct layout *l, str title, int status)
{
    l->title = title;
    l->is_desk = true;
    l->no_index = true;
    l->status = status;
}

static int64_t revision_of(const struct kind_row *row) { return row->draft_revision ? row->draft_revision : row->revision; }

/* ---- the list ---- */

static err letters_page(struct req *q, const struct kind_row *row, struct page_kind_letters *p, int status)
{
    const struct kind *k;
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    for (size_t i = 0; i < k->letters.n; i++) {
        const struct letter *l = &k->letters.v[i];
        str steps = steps_said(q, k, l);
        if (!steps.n) continue;                         /* of the base, and another took its place */
        PUSH(q->mem, &p->rows, (struct kind_letter_line){.title = text_in(&l->title, q->lang), .outcome = words(q->lang, outcomes[l->outcome].said), .tone = str_of(outcomes[l->outcome].tone),
            .steps = steps, .is_own = kind_edit_letter_is_own(k->definition, l->name), .at = URL(q->mem, "/admin/demarches/{}/courriers/{}", row->name, l->name)});
    }
    steps_choices(q, k, NULL, &p->steps);
    p->title = text_in(&k->title, LANG_FR);
    p->revision = revision_of(row);
    p->action = URL(q->mem, "/admin/demarches/{}/courriers", row->name);
    p->back = URL(q->mem, "/admin/demarches/{}", row->name);
    as_desk(&p->l, words_fill(q->mem, q->lang, W("letter.list_title"), "title", p->title, NULL), status);
    return page_kind_letters(q, p);
}

static err get_letters(struct req *q)
{
    struct kind_row row;
    struct page_kind_letters p = {0};
    TRY(editor_kind_asked(q, &row));
    if (query(q, "fait").n) p.l.notice = words(q->lang, W("letter.removed")), p.l.notice_tone = S("done");
    return letters_page(q, &row, &p, 200);
}

static err add_edit(struct req *q, json_t *def, str what)
{
    if (!str_trim(field(q, "title")).n) return FAIL_AT(E_INVALID, W("letter.title_missing"), "title");
    if (!field(q, "steps").n) return FAIL_AT(E_INVALID, W("letter.step_missing"), "steps");
    return kind_edit_letter_add(q->mem, def, field(q, "title"), field(q, "steps"), &(str){0});
}

/* "letters.granted.body.fr[3]: {motif}" is the input body, line 3, and what is written there. */
static str place_input(str at, str *out_line, str *out_name)
{
    str rest = at, first = str_split(rest, '.', &rest), name = str_split(rest, '.', &rest), key = str_split(rest, '.', &rest), end;
    (void)name;
    if (str_is(first, "transitions") || (str_is(first, "letters") && !key.n)) return S("steps");
    if (!str_is(first, "letters")) return at.n ? at : S("faults");
    str_split(str_split(rest, ']', &end), '[', out_line);
    *out_name = end.n > 2 ? str_cut(end, 2, end.n) : STR_NONE;
    return key;
}

static void letter_fault(struct req *q, struct links *faults, err e)
{
    str line = STR_NONE, name = STR_NONE, to = place_input(str_of(e.at ? e.at : ""), &line, &name), said = words(q->lang, e.msg);
    if (line.n) said = words_fill(q->mem, q->lang, W("letter.at_line"), "line", line, "name", name, "said", said, NULL);
    PUSH(q->mem, faults, (struct link){.label = said, .at = URL(q->mem, "#{}", to)});
}

static bool is_fault(err e) { return e.code == E_INVALID || e.code == E_CONFLICT; }

static err post_letters(struct req *q)
{
    struct kind_row row;
    struct page_kind_letters p = {.new_title = field(q, "title")};
    json_t *def = NULL;
    const char *name, *last = NULL;
    json_t *v;
    TRY(editor_kind_asked(q, &row));
    err e = editor_write(q, &row, add_edit, STR_NONE, &def);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        json_object_foreach(json_object_get(def, "letters"), name, v) last = name;         /* in the order they came */
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/courriers/{}", row.name, str_of(last))));
    }
    if (!is_fault(e)) return e;
    letter_fault(q, &p.faults, e);
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return letters_page(q, &row, &p, e.code == E_CONFLICT ? 409 : 422);
}

/* ---- one letter ---- */

/* French only: a letter is written in the language of the town. */
static const struct { const char *key; size_t at; } texts[] = {
    {"title", offsetof(struct page_kind_letter, title)}, {"object", offsetof(struct page_kind_letter, object)}, {"body", offsetof(struct page_kind_letter, body)}};

static str text_of(const json_t *letter, const char *key)
{
    const json_t *v = json_object_get(letter, key);
    return said_in(json_is_object(v) ? json_str(v, "fr") : json_text(v), LANG_FR);
}

static void vars_shown(struct req *q, const struct letter_vars *vars, struct page_kind_letter *p)
{
    for (size_t i = 0; i < vars->n; i++) {
        const struct letter_var *v = &vars->v[i];
        struct links *group = v->from == VAR_OWN ? &p->own : v->from == VAR_ASK ? &p->asks : &p->fields;
        PUSH(q->mem, group, (struct link){.label = text_in(&v->title, q->lang), .hint = str_fmt(q->mem, "{%.*s}", STR_ARG(v->name))});
    }
}

static void checks_shown(struct req *q, const struct kind *k, const struct letter_vars *vars, struct page_kind_letter *p)
{
    struct letter_checks checks;
    letter_checks(q->mem, k, vars, p->body, &checks);
    for (size_t i = 0; i < checks.n; i++) {
        const struct letter_check *c = &checks.v[i];
        str name = c->name.n ? str_fmt(q->mem, "{%.*s}", STR_ARG(c->name)) : STR_NONE;
        PUSH(q->mem, &p->checks, (struct kind_letter_check){str_fmt(q->mem, "%d", c->line),
            words_fill(q->mem, q->lang, W("letter.at_line"), "line", str_fmt(q->mem, "%d", c->line), "name", name, "said", words(q->lang, c->msg), NULL), c->is_fault});
    }
}

/* What every letter says whatever is written here, for the first step that sends this one. */
static void parts_shown(struct req *q, const struct kind *k, const struct transition *t, const struct letter *l, struct page_kind_letter *p)
{
    for (const struct letter_part *part = letter_parts; part->name; part++)
        if (!part->applies || part->applies(k, t, l))
            PUSH(q->mem, part->before ? &p->before : &p->after,
                 (struct kind_letter_part){words(q->lang, part->title), part->article ? words(q->lang, part->article) : STR_NONE});
}

static const struct transition *first_sending(const struct kind *k, const struct letter *l)
{
    for (size_t i = 0; i < k->transitions.n; i++)
        if (transition_letter(k, &k->transitions.v[i]) == l) return &k->transitions.v[i];
    return NULL;
}

/* The letter as a person gets it, with the sample value of every question. */
static err preview_draw(struct req *q, const struct kind_row *row, const struct kind *k, const struct transition *t, const struct letter *l, struct sheet *out)
{
    struct held h = {.kind = k};
    struct paper paper;
    held_env(q, &h);
    h.env.lang = q->tenant->lang;
    int64_t now = clock_now_us();
    struct record r = {.body = row->body, .kind = k->name, .reference = S("BCDF-GHJK"), .state = t->from.v[0], .created_us = now - 20 * DAY_US, .entered_us = now - DAY_US,
                       .doc = letter_sample(q->mem, &k->fields, &h.env)};
    struct paper_signature author = {words(h.env.lang, W("letter.sample.forename")), words(h.env.lang, W("letter.sample.surname")), words(h.env.lang, W("letter.sample.capacity")),
                                     words(h.env.lang, W("letter.sample.service"))};
    struct letter_source s = {.tenant = q->tenant, .kind = k, .transition = t, .letter = l, .record = &r, .asks = letter_sample(q->mem, &t->asks, &h.env), .env = &h.env, .now_us = now,
                              .person = words(h.env.lang, W("letter.sample.person")), .author = author, .in_charge = author,
                              .verify = {str_fmt(q->mem, "%.*s/v/0000-0000-0000", STR_ARG(q->tenant->address)), S("0000-0000-0000")}};
    TRY(letter_fill(q->mem, &s, &paper));
    *out = sheet_of(q->mem, &paper);
    out->is_inner = true;
    return NO_ERR;
}

/* def: as stored, or as typed. kind: what def says, or the stored one when def is at fault. */
static err letter_page(struct req *q, const struct kind_row *row, const json_t *def, const struct kind *k, struct page_kind_letter *p, int status)
{
    str name = param(q, "letter");
    const json_t *letter = kind_edit_letter(q->mem, def, name);
    const struct letter *l = kind_letter(k, name);
    const struct transition *t = l ? first_sending(k, l) : NULL;
    struct letter_vars vars;
    if (!letter || !l) return FAIL(E_NOT_FOUND, W("letter.unknown"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *(str *)((char *)p + texts[i].at) = field_has(q, texts[i].key) ? field(q, texts[i].key) : text_of(letter, texts[i].key);
    }
    for (int i = LETTER_OTHER; i <= LETTER_REFUSED; i++)
        PUSH(q->mem, &p->outcomes, (struct choice){.value = str_of(letter_outcomes[i]), .label = words(q->lang, outcomes[i].said), .is_chosen = l->outcome == (enum letter_outcome)i});
    steps_choices(q, k, l, &p->steps);
    letter_vars(q->mem, k, l, &vars);
    vars_shown(q, &vars, p);
    checks_shown(q, k, &vars, p);
    if (t) parts_shown(q, k, t, l, p);
    if (t && !p->faults.n) TRY(preview_draw(q, row, k, t, l, &p->preview));
    p->has_preview = t && !p->faults.n;
    p->heading = text_in(&l->title, LANG_FR);
    p->is_own = kind_edit_letter_is_own(def, name);
    p->revision = revision_of(row);
    p->action = URL(q->mem, "/admin/demarches/{}/courriers/{}", row->name, name);
    p->back = URL(q->mem, "/admin/demarches/{}/courriers", row->name);
    p->l.scripts |= SCRIPT_LIVE;
    p->l.width = WIDTH_WIDE;
    as_desk(&p->l, p->heading, status);
    return page_kind_letter(q, p);
}

static err get_letter(struct req *q)
{
    struct kind_row row;
    const struct kind *k;
    struct page_kind_letter p = {0};
    TRY(editor_kind_asked(q, &row));
    TRY(kind_draft_get(q->db, q->mem, row.name, &k));
    if (query(q, "fait").n) p.l.notice = words(q->lang, W("letter.saved")), p.l.notice_tone = S("done");
    return letter_page(q, &row, k->definition, k, &p, 200);
}

/* Ticked: it sends this letter. No longer ticked: what the base sends, or nothing. */
static err steps_edit(struct req *q, json_t *def, str name)
{
    struct strs ticked = form_typed(q, q->mem, S("steps"));
    const struct kind *stored;
    TRY(kind_draft_get(q->db, q->mem, param(q, "name"), &stored));
    for (size_t i = 0; i < stored->transitions.n; i++) {
        const struct transition *t = &stored->transitions.v[i];
        const struct letter *now = transition_letter(stored, t);
        bool wanted = false, sends = now && str_eq(now->name, name);
        for (size_t j = 0; j < ticked.n; j++) wanted |= str_eq(ticked.v[j], t->name);
        if (!by_agent(t) || wanted == sends) continue;
        str of_base = kind_edit_letter_of_base(q->mem, def, t->name);
        TRY(kind_edit_letter_attach(q->mem, def, t->name, wanted ? name : str_eq(of_base, name) ? STR_NONE : of_base));
    }
    return NO_ERR;
}

static err letter_edit(struct req *q, json_t *def, str what)
{
    str name = param(q, "letter");
    if (str_is(what, "remove")) return kind_edit_letter_remove(q->mem, def, name);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        str typed = str_trim(field(q, texts[i].key));
        if (!typed.n) return FAIL_AT(E_INVALID, W("letter.text_missing"), texts[i].key);
        if (str_eq(typed, str_trim(text_of(kind_edit_letter(q->mem, def, name), texts[i].key)))) continue;
        TRY(kind_edit_letter_text(q->mem, def, name, texts[i].key, typed));
    }
    if (!str_eq(field(q, "outcome"), json_str(kind_edit_letter(q->mem, def, name), "outcome"))) TRY(kind_edit_letter_outcome(q->mem, def, name, field(q, "outcome")));
    return steps_edit(q, def, name);
}

/* What is typed, looked at and kept nowhere. */
static err letter_try(struct req *q, const struct kind_row *row, json_t **out_def, const struct kind **out)
{
    json_t *stored;
    struct kind *k;
    TRY(kind_draft_definition(q->db, q->mem, row->name, &stored));
    *out_def = kind_edit_start(q->mem, stored);
    TRY(letter_edit(q, *out_def, STR_NONE));
    TRY(kind_parse_any(q->mem, *out_def, &k));
    *out = k;
    return NO_ERR;
}

static err post_letter(struct req *q)
{
    struct kind_row row;
    struct page_kind_letter p = {0};
    const struct kind *k = NULL;
    json_t *def = NULL;
    str what = field(q, "do");
    TRY(editor_kind_asked(q, &row));
    bool preview = str_is(what, "preview");
    err e = preview ? letter_try(q, &row, &def, &k) : editor_write(q, &row, letter_edit, what, &def);
    if (e.code == OK && preview) return letter_page(q, &row, def, k, &p, 200);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        if (str_is(what, "remove")) return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/courriers?fait=1", row.name)));
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/courriers/{}?fait=1", row.name, param(q, "letter"))));
    }
    if (!is_fault(e)) return e;
    letter_fault(q, &p.faults, e);
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    TRY(kind_draft_get(q->db, q->mem, row.name, &k));
    return letter_page(q, &row, k->definition, k, &p, e.code == E_CONFLICT ? 409 : 422);
}

const struct route editor_letters_routes[] = {
    {GET, "/admin/demarches/:name/courriers", RIGHT_MANAGER, get_letters, "the letters of a procedure", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/courriers", RIGHT_MANAGER, post_letters, "adds a letter", 0, NULL, NULL},
    {GET, "/admin/demarches/:name/courriers/:letter", RIGHT_MANAGER, get_letter, "one letter, and how a person gets it", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/courriers/:letter", RIGHT_MANAGER, post_letter, "changes a letter, shows it with sample values, or removes it", 0, NULL, NULL},
    {0}};
