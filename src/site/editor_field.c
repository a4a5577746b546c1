/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One question of a draft: its words and its options. When it is asked: editor_condition.c. */
#include "base/said.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/answers.h"
#include "core/kind_edit.h"
#include "formats/json.h"
#include "gen/html/site/field.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

static str number_shown(struct req *q, bool has, double x)
{
    if (!has) return STR_NONE;
    return x >= -1e15 && x <= 1e15 && x == (double)(int64_t)x ? str_fmt(q->mem, "%lld", (long long)x) : str_fmt(q->mem, "%.3f", x);
}

static err field_page(struct req *q, const struct kind_row *row, struct page_field *p, int status)
{
    const struct kind *k;
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    const struct field *f = kind_field(k, param(q, "id"));
    if (!f) return FAIL(E_NOT_FOUND, "editor.no_field");
    p->id = f->id;
    p->name = f->type->reads_as != RULE_UNDEFINED ? f->name : STR_NONE;
    p->label = text_in(&f->label, LANG_FR);
    p->label_en = f->label.v[LANG_EN];
    p->help = text_in(&f->help, LANG_FR);
    p->when_words = rule_words(q, f);
    p->min = number_shown(q, f->has_min, f->min);
    p->max = number_shown(q, f->has_max, f->max);
    p->max_length = number_shown(q, f->max_length > 0, f->max_length);
    p->required = f->required;
    p->filter = f->filter;
    p->is_private = f->is_private;
    p->is_heading = !f->type->holds_value;
    p->has_bounds = f->type->reads_as == RULE_NUMBER;
    p->has_length = f->type->reads_as == RULE_TEXT && !f->type->has_options;
    p->has_options = f->type->has_options && !f->list.n;
    for (size_t i = 0; i < f->options.n && i < 500; i++)
        PUSH(q->mem, &p->options, (struct option_shown){f->options.v[i].id, text_in(&f->options.v[i].label, LANG_FR), f->options.v[i].retired});
    editor_types(q, f->type, &p->types);
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id);
    p->condition = URL(q->mem, "/admin/demarches/{}/questions/{}/condition", row->name, f->id);
    p->back = URL(q->mem, "/admin/demarches/{}#f-{}", row->name, f->id);
    p->l.title = p->label;
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = status;
    return page_field(q, p);
}

static err get_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(editor_kind_asked(q, &row));
    return field_page(q, &row, &p, 200);
}

static json_t *number_value(str s)
{
    int64_t n;
    double x;
    if (str_i64(s, &n).code == OK) return json_integer(n);
    return str_f64(s, &x).code == OK ? json_real(x) : NULL;
}

static err field_edit(struct req *q, json_t *def, str id)
{
    static const char *const flags[] = {"required", "filter", "private", NULL}, *const numbers[] = {"min", "max", "max_length", NULL};
    arena *mem = q->mem;
    const struct field_type *type = field_type_named(field(q, "type"));
    if (!type) return FAIL_AT(E_INVALID, "editor.type_missing", "type");
    TRY(kind_edit_field_text(mem, def, id, "label", LANG_FR, str_trim(field(q, "label"))));
    TRY(kind_edit_field_text(mem, def, id, "label", LANG_EN, str_trim(field(q, "label_en"))));
    TRY(kind_edit_field_text(mem, def, id, "help", LANG_FR, str_trim(field(q, "help"))));
    TRY(kind_edit_field_type(mem, def, id, field(q, "type")));
    if (!type->holds_value) return NO_ERR;
    for (size_t i = 0; flags[i]; i++) TRY(kind_edit_field_set(mem, def, id, flags[i], field_has(q, flags[i]) ? json_true() : NULL));
    for (size_t i = 0; numbers[i]; i++) {
        if (!field_has(q, numbers[i])) continue;            /* not asked of this type */
        str typed = str_trim(field(q, numbers[i]));
        json_t *n = typed.n ? number_value(typed) : NULL;
        if (typed.n && !n) return FAIL_AT(E_INVALID, "editor.number_bad", numbers[i]);
        TRY(kind_edit_field_set(mem, def, id, numbers[i], n ? json_own(mem, n) : NULL));
    }
    return NO_ERR;
}

static err question_edit(struct req *q, json_t *def, str what)
{
    str id = param(q, "id"), option = field(q, "option"), label = str_trim(field(q, "label")), out;
    if (str_is(what, "save")) return field_edit(q, def, id);
    if (str_is(what, "option_up")) return kind_edit_option_move(q->mem, def, id, option, -1);
    if (str_is(what, "option_down")) return kind_edit_option_move(q->mem, def, id, option, 1);
    if (str_is(what, "option_retire")) return kind_edit_option_retire(q->mem, def, id, option, true);
    if (str_is(what, "option_back")) return kind_edit_option_retire(q->mem, def, id, option, false);
    if (!label.n) return FAIL_AT(E_INVALID, "editor.label_missing", "label");
    if (str_is(what, "option")) return kind_edit_option_text(q->mem, def, id, option, LANG_FR, label);
    if (str_is(what, "option_add")) return kind_edit_option_add(q->mem, def, id, label, &out);
    return FAIL(E_INVALID, "editor.no_act");
}

static err post_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(editor_kind_asked(q, &row));
    str what = field(q, "do");
    json_t *def = NULL;
    err e = editor_write(q, &row, question_edit, what, &def);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        if (str_is(what, "save")) return reply_redirect(q, str_fmt(q->mem, "/admin/demarches/%.*s?fait=1#f-%.*s", STR_ARG(row.name), STR_ARG(param(q, "id"))));
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/questions/{}", row.name, param(q, "id"))));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT) return e;
    editor_fault(q, &p.faults, e, def, e.at ? e.at : "faults");
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return field_page(q, &row, &p, e.code == E_CONFLICT ? 409 : 422);
}


const struct route editor_field_routes[] = {
    {GET, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, get_field, "one question", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, post_field, "changes a question or its options", 0, NULL, NULL},
    {0}};
