/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/answers_view.h"

#include "core/field_types.h"
#include "core/kind_parts.h"

size_t fields_walk(const struct fields *fields)
{
    size_t n = fields->n;
    for (size_t i = 0; i < fields->n; i++) n += fields->v[i].children.n;
    return n;
}

struct view view_new(arena *mem, const struct fields *fields, size_t all, const json_t *doc)
{
    return (struct view){.mem = mem, .fields = fields, .doc = doc, .shown = NEW_N(mem, bool, all + 1)};
}

const json_t *view_value(const struct view *v, const struct field *f)
{
    const json_t *in = f->parent ? v->row : v->doc;
    return answer_in(v->mem, in, f);
}

struct lookup { const struct view *v; const struct sources *from; };

/* An unticked box says no; any other question not answered, or not asked, says nothing. */
static struct rule_value source_value(void *arg, str name)
{
    const struct lookup *l = arg;
    for (size_t i = 0; i < l->from->n; i++) {
        const struct field *f = l->from->v[i].field;
        if (!str_eq(l->from->v[i].name, name)) continue;
        if (!l->v->shown[f->index]) break;
        const json_t *value = view_value(l->v, f);
        if (value && l->from->v[i].part.n) return field_part_value(f, l->v->mem, value, l->from->v[i].part);
        if (value) return f->type->rule(f, l->v->mem, value);
        if (f->type->check == check_checkbox) return (struct rule_value){.kind = RULE_BOOL, .b = false};
        break;
    }
    return (struct rule_value){.kind = RULE_UNDEFINED};
}

enum rule_truth view_truth(const struct view *v, const struct rule *r, const struct sources *from)
{
    struct lookup l = {v, from};
    return rule_eval(r, source_value, &l);
}

bool view_rule(const struct view *v, const struct rule *r, const struct sources *from)
{
    return !r || view_truth(v, r, from) == RULE_TRUE;
}

bool view_walk(struct view *v, const struct field *f)
{
    bool shown = (!f->parent || v->shown[f->parent->index]) && view_rule(v, f->when, &f->when_from);
    v->shown[f->index] = shown;
    return shown;
}

void view_row(struct view *v, const struct field *repeat, const json_t *row)
{
    v->row = row;
    for (size_t i = 0; i < repeat->children.n; i++) view_walk(v, &repeat->children.v[i]);
}

struct view view_of(arena *mem, const struct fields *fields, size_t all, const json_t *doc)
{
    struct view v = view_new(mem, fields, all, doc);
    for (size_t i = 0; i < fields->n; i++) view_walk(&v, &fields->v[i]);
    return v;
}

bool answers_shown(arena *mem, const struct kind *k, const struct field *f, const json_t *doc, const json_t *row)
{
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc);
    if (f->parent) view_row(&v, f->parent, row);
    return v.shown[f->index];
}

bool answers_page_shown(arena *mem, const struct kind *k, const struct form_page *page, const json_t *doc)
{
    struct view v = view_of(mem, &k->fields, k->fields_walk, doc);
    for (size_t i = page->from; i < page->to; i++) {
        const struct field *f = &k->fields.v[i];
        bool title = i == page->from && f->type->input == NULL && f->help.v[LANG_FR].n == 0;
        if (v.shown[f->index] && !f->is_private && !title) return true;
    }
    return false;
}

static void arena_drop(arena **a) { arena_free(*a); }

bool answers_rule(const struct kind *k, const struct rule *r, const json_t *doc)
{
    if (!r) return true;
    AUTO(arena_drop) arena *mem = arena_new(0);
    struct view v = view_of(mem, &k->fields, fields_walk(&k->fields), doc);
    struct strs names = rule_names(mem, r);
    struct sources from = {0};
    for (size_t i = 0; i < names.n; i++) {
        struct source s;
        if (source_named(mem, &k->fields, SIZE_MAX, names.v[i], &s) && (s.field->type->rule || s.part.n)) PUSH(mem, &from, s);
    }
    return view_rule(&v, r, &from);
}
