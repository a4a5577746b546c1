/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One question of a draft: its words and its options. When it is asked: editor_condition.c. */
#include "base/said.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/answers.h"
#include "core/kind_edit.h"
#include "core/rule_check.h"
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

/* What was typed comes back with its fault; the other forms of the page have a `label` too. */
static str typed_or(struct req *q, const char *name, str held)
{
    bool typed = field_has(q, "type") && field_has(q, name);
    return typed ? field(q, name) : held;
}

static bool ticked_or(struct req *q, const char *name, bool held) { return field_has(q, "type") ? field_has(q, name) : held; }

/* What the rules of the whole form say of this question. */
static void checks_fill(struct req *q, const json_t *def, str id, struct page_field *p)
{
    struct kind_findings found;
    kind_rules_check(q->mem, def, q->lang, &found);
    for (size_t i = 0; i < found.n; i++)
        if (str_eq(found.v[i].field, id))
            PUSH(q->mem, &p->checks, (struct link){.label = said_in(found.v[i].message, LANG_FR), .hint = words(q->lang, found.v[i].is_error ? W("rules_editor.error") : W("rules_editor.warning")), .at = URL_LIT("#computed")});
}

static void value_fill(struct req *q, const struct kind_row *row, const struct field *f, struct page_field *p)
{
    p->may_compute = f->type->rule && f->type->reads_as != RULE_LIST;
    p->computed = typed_or(q, "computed", f->computed ? said_in(f->computed->text, LANG_FR) : STR_NONE);
    p->unit = typed_or(q, "unit", said_in(f->unit, LANG_FR));
    p->money = ticked_or(q, "money", f->money);
    p->if_needed = ticked_or(q, "if_needed", f->if_needed);
    p->rules = URL(q->mem, "/admin/demarches/{}/regles", row->name);
}

/* def: with what was typed; NULL: as stored. */
static err field_page(struct req *q, const struct kind_row *row, const json_t *def, struct page_field *p, int status)
{
    const struct kind *k;
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    const struct field *f = kind_field(k, param(q, "id"));
    if (!f) return FAIL(E_NOT_FOUND, "editor.no_field");
    value_fill(q, row, f, p);
    if (p->may_compute) checks_fill(q, def ? def : k->definition, f->id, p);
    p->id = f->id;
    p->name = f->type->reads_as != RULE_UNDEFINED ? f->name : STR_NONE;
    p->label = typed_or(q, "label", text_in(&f->label, LANG_FR));
    p->label_en = typed_or(q, "label_en", f->label.v[LANG_EN]);
    p->help = typed_or(q, "help", text_in(&f->help, LANG_FR));
    p->when_words = rule_words(q, f);
    p->min = typed_or(q, "min", number_shown(q, f->has_min, f->min));
    p->max = typed_or(q, "max", number_shown(q, f->has_max, f->max));
    p->max_length = typed_or(q, "max_length", number_shown(q, f->max_length > 0, f->max_length));
    p->required = ticked_or(q, "required", f->required);
    p->filter = ticked_or(q, "filter", f->filter);
    p->is_private = ticked_or(q, "private", f->is_private);
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
    p->l.scripts |= SCRIPT_LIVE;
    return page_field(q, p);
}

static err get_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(editor_kind_asked(q, &row));
    return field_page(q, &row, NULL, &p, 200);
}

static json_t *number_value(str s)
{
    int64_t n;
    double x;
    if (str_i64(s, &n).code == OK) return json_integer(n);
    return str_f64(s, &x).code == OK ? json_real(x) : NULL;
}

/* Its value and when it is asked, in rules; a unit. */
static err value_edit(struct req *q, json_t *def, str id)
{
    str unit = str_trim(field(q, "unit"));
    if (field_has(q, "unit")) TRY(kind_edit_field_set(q->mem, def, id, "unit", unit.n ? json_own(q->mem, json_from_str(unit)) : NULL));
    if (field_has(q, "unit")) TRY(kind_edit_field_set(q->mem, def, id, "money", field_has(q, "money") ? json_true() : NULL));
    if (!field_has(q, "rules")) return NO_ERR;
    TRY(kind_edit_field_set(q->mem, def, id, "if_needed", field_has(q, "if_needed") ? json_true() : NULL));
    return kind_edit_computed(q->mem, def, id, str_trim(field(q, "computed")));
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
    return value_edit(q, def, id);
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

/* As typed, kept nowhere. */
static err field_check(struct req *q, const struct kind_row *row)
{
    struct page_field p = {0};
    json_t *def;
    TRY(kind_draft_definition(q->db, q->mem, row->name, &def));
    def = kind_edit_start(q->mem, def);
    err e = field_edit(q, def, param(q, "id"));
    if (e.code != OK && e.code != E_INVALID) return e;
    if (e.code != OK) editor_fault(q, &p.faults, e, def, e.at ? e.at : "faults");
    return field_page(q, row, def, &p, e.code == OK ? 200 : 422);
}

static err post_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(editor_kind_asked(q, &row));
    str what = field(q, "do");
    json_t *def = NULL;
    if (str_is(what, "check")) return field_check(q, &row);
    err e = editor_write(q, &row, question_edit, what, &def);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        if (str_is(what, "save")) return reply_redirect(q, str_fmt(q->mem, "/admin/demarches/%.*s?fait=1#f-%.*s", STR_ARG(row.name), STR_ARG(param(q, "id"))));
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/questions/{}", row.name, param(q, "id"))));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT) return e;
    editor_fault(q, &p.faults, e, def, e.at ? e.at : "faults");
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return field_page(q, &row, def, &p, e.code == E_CONFLICT ? 409 : 422);
}

const struct route editor_field_routes[] = {
    {GET, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, get_field, "one question", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, post_field, "changes a question or its options", 0, NULL, NULL},
    {0}};
