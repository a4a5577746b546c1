/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers as lines to read: label and text, headings, rows. */
#include <string.h>

#include "core/answers_read.h"
#include "core/field_types.h"

struct lines {
    arena *mem;
    const struct answers_env *env;
    struct view v;
    bool public_only, with_private;
    size_t page;
    struct answer_lines out;
};

static bool type_is(const struct field *f, const char *name) { return strcmp(f->type->name, name) == 0; }

static void line_value(struct lines *l, const struct field *f, str path, const json_t *value)
{
    struct answer_line line = {.field = f, .path = path, .label = text_in(&f->label, l->env->lang), .page = l->page};
    if (!value && l->public_only) return;
    if (l->public_only && f->brief.v[LANG_FR].n) line.label = text_in(&f->brief, l->env->lang);
    if (value) line.text = f->type->show(f, l->mem, value, l->env);
    if (f->type->check == check_text || f->type->check == check_textarea || f->type->check == check_address) said_in(line.text, LANG_FR);    /* its author's own words */
    for (size_t i = 0; f->type->check == check_file && i < json_array_size(value); i++)
        PUSH(l->mem, &line.file_ids, json_text(json_array_get(value, i)));
    PUSH(l->mem, &l->out, line);
}

static void line_heading(struct lines *l, const struct field *f, str path, str label, int level)
{
    if (l->public_only && !f->is_public) return;
    PUSH(l->mem, &l->out, (struct answer_line){.field = f, .path = path, .label = label, .page = l->page, .is_heading = true, .level = level});
}

static void line_field(struct lines *l, const struct field *f, const json_t *obj, str prefix);

static str row_label(struct lines *l, const struct field *f, size_t number)
{
    str label = text_in(&f->label, l->env->lang), numbered = str_fmt(l->mem, "%.*s %zu", STR_ARG(label), number);
    return said_tag(label, l->env->lang) ? said_in(numbered, LANG_FR) : numbered;
}

static void line_rows(struct lines *l, const struct field *f, const json_t *rows)
{
    if (l->public_only && !json_array_size(rows)) return;
    if (!json_array_size(rows)) {
        PUSH(l->mem, &l->out, (struct answer_line){.field = f, .path = f->id, .label = text_in(&f->label, l->env->lang), .page = l->page});
        return;
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        str path = str_fmt(l->mem, "%.*s/%.*s", STR_ARG(f->id), STR_ARG(json_str(row, "_id")));
        line_heading(l, f, path, row_label(l, f, i + 1), 4);
        view_row(&l->v, f, row);
        for (size_t j = 0; j < f->children.n; j++) line_field(l, &f->children.v[j], row, str_fmt(l->mem, "%.*s/", STR_ARG(path)));
        l->v.row = NULL;
    }
}

static void line_field(struct lines *l, const struct field *f, const json_t *obj, str prefix)
{
    str path = str_fmt(l->mem, "%.*s%.*s", STR_ARG(prefix), STR_ARG(f->id));
    const json_t *value = answer_in(l->mem, obj, f);
    bool is_public = f->is_public || (f->parent && f->parent->is_public);
    if (!l->v.shown[f->index] || type_is(f, "note")) return;
    if (l->public_only && !is_public) return;
    if (f->is_private && !l->with_private) return;
    if (type_is(f, "heading")) line_heading(l, f, path, text_in(&f->label, l->env->lang), f->level);
    else if (type_is(f, "repeat")) line_rows(l, f, value);
    else line_value(l, f, path, value);
}

struct answer_lines answers_lines(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env, bool public_only, bool with_private)
{
    struct lines l = {.mem = mem, .env = env, .public_only = public_only, .with_private = with_private};
    struct form_pages pages = kind_pages(mem, k);
    l.v = view_of(mem, &k->fields, k->fields_walk, doc, env_today(env));
    for (size_t i = 0; i < k->fields.n; i++) {
        while (l.page + 1 < pages.n && i >= pages.v[l.page + 1].from) l.page++;
        line_field(&l, &k->fields.v[i], doc, STR_NONE);
    }
    return l.out;
}
