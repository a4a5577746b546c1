/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One question of a draft: its words, its options, and when it is asked. */
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

struct readable { const struct field **v; size_t n; };

static str number_shown(struct req *q, bool has, double x)
{
    if (!has) return STR_NONE;
    return x >= -1e15 && x <= 1e15 && x == (double)(int64_t)x ? str_fmt(q->mem, "%lld", (long long)x) : str_fmt(q->mem, "%.3f", x);
}

/* What comes before it, and that a condition may read. */
static bool may_read(const struct field *f, const struct field *of)
{
    return f->type->reads_as != RULE_UNDEFINED && f->index < of->index && (!f->parent || f->parent == of->parent);
}

static void readable_of(const struct fields *fields, const struct field *of, arena *mem, struct readable *out)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (may_read(&fields->v[i], of)) PUSH(mem, out, &fields->v[i]);
        readable_of(&fields->v[i].children, of, mem, out);
    }
}

/* An example that can be copied: a question of this very form, and one of its answers. */
static str example_of(struct req *q, const struct readable *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct field *f = all->v[i];
        struct rule_value v = {.kind = f->type->reads_as == RULE_LIST ? RULE_TEXT : f->type->reads_as, .b = true, .number = 18};
        if (v.kind == RULE_DATE || (v.kind == RULE_TEXT && !f->options.n)) continue;
        if (v.kind == RULE_TEXT) v.text = f->options.v[0].id;
        return rule_atom_text(q->mem, f->name, v.kind == RULE_NUMBER ? RULE_GE : RULE_EQ, v);
    }
    return STR_NONE;
}

static void ops_choices(struct req *q, enum rule_value_kind reads, str chosen, struct choices *out)
{
    static const struct { const char *value, *key; bool has_order; } ops[] = {
        {"=", W("editor.rule.eq"), false}, {"!=", W("editor.rule.ne"), false}, {">", W("editor.rule.gt"), true}, {"<", W("editor.rule.lt"), true},
        {">=", W("editor.rule.ge"), true}, {"<=", W("editor.rule.le"), true}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!ops[i].has_order || reads == RULE_NUMBER || reads == RULE_DATE)
            PUSH(q->mem, out, (struct choice){.value = str_of(ops[i].value), .label = words(q->lang, ops[i].key), .is_chosen = str_is(chosen, ops[i].value)});
}

/* The question asked for, else the one the condition reads now when it is a simple one. */
static void simple_fill(struct req *q, const struct field *of, const struct readable *all, struct condition_form *c)
{
    struct edit_atoms atoms = {0};
    bool any;
    str asked = query(q, "si").n ? query(q, "si") : field(q, "si");
    struct edit_atom now = {0};
    if (of->when && kind_edit_when_read(q->mem, of, &atoms, &any) && atoms.n == 1) now = atoms.v[0];
    str id = asked.n ? asked : now.field;
    for (size_t i = 0; i < all->n; i++) {
        const struct field *f = all->v[i];
        bool is = str_eq(f->id, id);
        PUSH(q->mem, &c->questions, (struct choice){.value = f->id, .label = text_in(&f->label, q->lang), .is_chosen = is});
        if (!is) continue;
        c->field = f->id;
        c->label = text_in(&f->label, q->lang);
        bool same = str_eq(f->id, now.field);
        ops_choices(q, f->type->reads_as, same ? now.op : S("="), &c->ops);
        c->value = field_has(q, "answer") ? field(q, "answer") : same ? now.value : STR_NONE;
        c->is_number = f->type->reads_as == RULE_NUMBER;
        c->is_date = f->type->reads_as == RULE_DATE;
        static const struct { const char *value, *key; } yes_no[] = {{"oui", W("editor.rule.yes")}, {"non", W("editor.rule.no")}};
        for (size_t j = 0; f->type->reads_as == RULE_BOOL && j < 2; j++)
            PUSH(q->mem, &c->answers, (struct choice){.value = str_of(yes_no[j].value), .label = words(q->lang, yes_no[j].key), .is_chosen = str_is(c->value, yes_no[j].value)});
        for (size_t j = 0; j < f->options.n; j++)
            PUSH(q->mem, &c->answers, (struct choice){.value = f->options.v[j].id, .label = text_in(&f->options.v[j].label, q->lang), .is_chosen = str_eq(c->value, f->options.v[j].id)});
        c->is_text = !c->is_number && !c->is_date && !c->answers.n;
    }
}

static void condition_fill(struct req *q, const struct kind *k, const struct field *f, struct page_field *p)
{
    struct readable all = {0};
    readable_of(&k->fields, f, q->mem, &all);
    for (size_t i = 0; i < all.n; i++) PUSH(q->mem, &p->names, (struct link){.label = text_in(&all.v[i]->label, q->lang), .hint = all.v[i]->name});
    p->example = example_of(q, &all);
    p->when_words = rule_words(q, f);
    simple_fill(q, f, &all, &p->simple);
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
    p->when_text = field_has(q, "when") ? field(q, "when") : f->when ? said_in(f->when->text, LANG_FR) : STR_NONE;
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
    condition_fill(q, k, f, p);
    editor_types(q, f->type, &p->types);
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = p->self = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id);
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
    str when = str_trim(field(q, "when"));
    return kind_edit_field_set(mem, def, id, "when", when.n ? json_own(mem, json_from_str(when)) : NULL);
}

/* The plain form writes the text of the condition; an answer left empty takes it away. */
static err condition_edit(struct req *q, json_t *def, str id)
{
    struct edit_atoms atoms = {0};
    struct edit_atom a = {field(q, "si"), field(q, "op"), str_trim(field(q, "answer"))};
    if (!a.value.n && !field_has(q, "none")) return FAIL_AT(E_INVALID, "editor.rule.answer_missing", "answer");
    if (!field_has(q, "none")) PUSH(q->mem, &atoms, a);
    err e = kind_edit_when(q->mem, def, id, &atoms, false);
    return e.code == E_INVALID ? FAIL_AT(E_INVALID, e.msg, "answer") : e;
}

static err question_edit(struct req *q, json_t *def, str what)
{
    str id = param(q, "id"), option = field(q, "option"), label = str_trim(field(q, "label")), out;
    if (str_is(what, "save")) return field_edit(q, def, id);
    if (str_is(what, "when")) return condition_edit(q, def, id);
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
    {POST, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, post_field, "changes a question, its condition or its options", 0, NULL, NULL},
    {0}};
