/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* When a question is asked, or a heading and what follows it: the page of the builder. */
#include "base/said.h"
#include "core/account.h"
#include "core/answers.h"
#include "core/audit.h"
#include "core/kind_edit.h"
#include "formats/json.h"
#include "gen/html/site/condition.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/condition_form.h"
#include "web/req.h"

static err form_of(struct req *q, const struct kind_row *row, struct condition_form *c)
{
    *c = (struct condition_form){.prefix = S("w")};
    TRY(kind_draft_get(q->db, q->mem, row->name, &c->kind));
    c->of = kind_field(c->kind, param(q, "id"));
    return c->of ? NO_ERR : FAIL(E_NOT_FOUND, "editor.no_field");
}

static err condition_page(struct req *q, const struct kind_row *row, struct condition_form *c, struct page_condition *p, int status)
{
    const struct field *f = c->of;
    p->box = condition_form_draw(q, c);
    p->words = said_in(condition_form_words(q, c), q->lang);
    p->label = text_in(&f->label, LANG_FR);
    p->is_heading = !f->type->holds_value;
    p->is_text = c->is_text;
    p->has_sources = condition_readable(q->mem, c).n > 0;
    p->has_condition = f->when != NULL;
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = URL(q->mem, "/admin/demarches/{}/questions/{}/condition", row->name, f->id);
    p->back = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id);
    if (c->fault.code != OK) PUSH(q->mem, &p->faults, (struct link){.label = condition_form_said(q, c), .at = URL(q->mem, "#{}", c->fault_at)});
    p->l.title = words_fill(q->mem, q->lang, W("condition.title"), "question", p->label, NULL);
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = status;
    p->l.scripts |= SCRIPT_FORM;
    return page_condition(q, p);
}

static err get_condition(struct req *q)
{
    struct kind_row row;
    struct condition_form c;
    struct page_condition p = {0};
    json_t *def;
    TRY(editor_kind_asked(q, &row));
    TRY(form_of(q, &row, &c));
    TRY(kind_draft_definition(q->db, q->mem, row.name, &def));
    condition_form_open(q, &c, kind_edit_field_get(q->mem, def, c.of->id, "when"));
    if (query(q, "fait").n) p.l.notice = words(q->lang, W("condition.saved")), p.l.notice_tone = S("done");
    return condition_page(q, &row, &c, &p, 200);
}

static err condition_edit(struct req *q, json_t *def, str what)
{
    struct kind_row row;
    struct condition_form c;
    json_t *when = NULL;
    if (!str_is(what, "none")) {
        TRY(kind_row_get(q->db, q->mem, param(q, "name"), &row));
        TRY(form_of(q, &row, &c));
        condition_form_typed(q, &c);
        TRY(condition_form_rule(q, &c, &when));
    }
    return kind_edit_field_set(q->mem, def, param(q, "id"), "when", when);
}

static err post_condition(struct req *q)
{
    struct kind_row row;
    struct condition_form c;
    struct page_condition p = {0};
    json_t *def = NULL, *when;
    str what = field(q, "do");
    TRY(editor_kind_asked(q, &row));
    TRY(form_of(q, &row, &c));
    condition_form_typed(q, &c);
    if (condition_form_act(q, &c, what)) return condition_page(q, &row, &c, &p, c.fault.code == OK ? 200 : 422);
    err e = editor_write(q, &row, condition_edit, what, &def);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        return reply_redirect(q, str_fmt(q->mem, "%.*s?fait=1", STR_ARG(url_str(URL(q->mem, "/admin/demarches/{}/questions/{}/condition", row.name, c.of->id)))));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT) return e;
    if (condition_form_rule(q, &c, &when).code == OK) condition_form_fault(q, &c, e);
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return condition_page(q, &row, &c, &p, e.code == E_CONFLICT ? 409 : 422);
}

const struct route editor_condition_routes[] = {
    {GET, "/admin/demarches/:name/questions/:id/condition", RIGHT_MANAGER, get_condition, "when a question is asked", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/questions/:id/condition", RIGHT_MANAGER, post_condition, "changes when a question is asked, with menus or as text", 0, NULL, NULL},
    {0}};
