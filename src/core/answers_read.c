/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reading what a form sent. A document is never changed in place: what was is kept where nothing was typed. */
#include "core/answers_read.h"

#include <string.h>

#include "core/field_types.h"

struct reading {
    struct checker c;
    typed_lookup typed;
    void *typed_arg;
    bool strict;
    struct strs seen;           /* the questions that were visible; none sent: all of them */
    str removed_row, removed_file, added_row;
};

static struct strs typed_of(struct reading *r, str name) { return r->typed(r->typed_arg, r->c.mem, name); }

static str typed_one(struct reading *r, const char *name)
{
    struct strs s = r->typed(r->typed_arg, r->c.mem, str_of(name));
    return s.n ? str_trim(s.v[s.n - 1]) : STR_NONE;
}

bool answers_button(typed_lookup typed, void *typed_arg, arena *mem)
{
    static const char *const buttons[] = {"_row_add", "_row_remove", "_file_remove"};
    for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
        if (typed(typed_arg, mem, str_of(buttons[i])).n) return true;
    return false;
}

static str last_filled(struct strs s)
{
    str last = STR_NONE;
    for (size_t i = 0; i < s.n; i++)
        if (str_trim(s.v[i]).n) last = s.v[i];
    return last;
}

/* The inputs of a field in the order its parse wants them. */
static struct strs inputs_of(struct reading *r, const struct field *f, str path)
{
    struct strs bare = typed_of(r, path), out = {0};
    if (!f->type->parts) return bare;
    PUSH(r->c.mem, &out, last_filled(bare));
    for (const char *const *part = f->type->parts; *part; part++)
        PUSH(r->c.mem, &out, last_filled(typed_of(r, str_fmt(r->c.mem, "%.*s%s", STR_ARG(path), *part))));
    return out;
}

static bool was_seen(const struct reading *r, str path)
{
    if (!r->seen.n) return true;
    for (size_t i = 0; i < r->seen.n; i++)
        if (str_eq(r->seen.v[i], path)) return true;
    return false;
}

/* Typed → normal value; false: at fault, said. */
static bool read_value(struct reading *r, const struct field *f, str path, json_t **out)
{
    json_t *parsed = NULL;
    *out = NULL;
    const char *msg = f->type->parse(f, r->c.mem, inputs_of(r, f, path), r->c.env, &parsed);
    if (msg) {
        fault_put(&r->c, f, path, msg, STR_NONE);
        return false;
    }
    return !parsed || check_one(&r->c, f, path, parsed, out);
}

/* Files sent join those already there; only the button takes one away. */
static bool read_files(struct reading *r, const struct field *f, str path, const json_t *held, json_t **out)
{
    json_t *parsed = NULL, *all = json_own(r->c.mem, json_array());
    str removed = STR_NONE;
    if (r->removed_file.n > path.n && str_starts(r->removed_file, path) && r->removed_file.p[path.n] == '/')
        removed = str_cut(r->removed_file, path.n + 1, r->removed_file.n);
    for (size_t i = 0; i < json_array_size(held); i++)
        if (!removed.n || !str_eq(removed, json_text(json_array_get(held, i)))) json_array_append(all, json_array_get(held, i));
    f->type->parse(f, r->c.mem, typed_of(r, path), r->c.env, &parsed);
    for (size_t i = 0; i < json_array_size(parsed); i++) json_array_append(all, json_array_get(parsed, i));
    *out = NULL;
    return !json_array_size(all) || check_one(&r->c, f, path, all, out);
}

static void put_or_drop(struct reading *r, json_t *obj, const struct field *f, json_t *value)
{
    const char *id = str_z(r->c.mem, f->id);
    if (value) json_object_set(obj, id, value);
    else json_object_del(obj, id);
}

static void read_rows(struct reading *r, struct view *v, const struct field *f, json_t *doc, str path);

static void read_field(struct reading *r, struct view *v, const struct field *f, json_t *obj, str path)
{
    json_t *value = NULL;
    const json_t *held = answer_in(r->c.mem, obj, f);
    bool shown = view_walk(v, f), good;
    if (!f->type->holds_value || !shown || f->computed) return;
    if (!was_seen(r, path)) {
        if (r->strict && !held) fault_put(&r->c, f, path, W("answers.now_asked"), STR_NONE);
        return;
    }
    if (strcmp(f->type->name, "repeat") == 0) {
        read_rows(r, v, f, obj, path);
        return;
    }
    good = f->type->check == check_file ? read_files(r, f, path, held, &value) : read_value(r, f, path, &value);
    if (!good) return;
    put_or_drop(r, obj, f, value);
    if (!value && f->required && r->strict) fault_put(&r->c, f, path, missing_words(f), STR_NONE);
}

static str row_new_id(struct reading *r, const json_t *rows)
{
    for (size_t i = json_array_size(rows) + 1;; i++) {
        str id = str_fmt(r->c.mem, "r%zu", i);
        if (!row_named(rows, id)) return id;
    }
}

static json_t *row_add(json_t *rows, str id)
{
    json_t *row = json_object();
    json_put_str(row, "_id", id);
    json_array_append_new(rows, row);
    return row;
}

static bool row_is_empty(const json_t *row) { return json_object_size(row) <= 1; }

/* The rows held, and those the page had that are not held yet. */
static json_t *rows_gathered(struct reading *r, const struct field *f, const json_t *held, str path)
{
    json_t *rows = json_own(r->c.mem, held ? json_deep_copy(held) : json_array());
    struct strs sent = typed_of(r, path);
    for (size_t i = 0; i < sent.n && json_array_size(rows) < rows_most(f); i++)
        if (row_id_good(sent.v[i]) && !row_named(rows, sent.v[i])) row_add(rows, sent.v[i]);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        str here = str_fmt(r->c.mem, "%.*s/%.*s", STR_ARG(path), STR_ARG(json_str(json_array_get(rows, i), "_id")));
        if (!str_eq(r->removed_row, here)) continue;
        json_array_remove(rows, i);
        break;
    }
    return rows;
}

static bool row_was_sent(struct reading *r, str path, str id)
{
    struct strs sent = typed_of(r, path);
    for (size_t i = 0; i < sent.n; i++)
        if (str_eq(sent.v[i], id)) return true;
    return false;
}

static void read_rows(struct reading *r, struct view *v, const struct field *f, json_t *doc, str path)
{
    json_t *rows = rows_gathered(r, f, answer_in(r->c.mem, doc, f), path);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        str id = json_str(row, "_id");
        if (!row_was_sent(r, path, id)) continue;
        /* An empty row of an optional repeat asks nothing: read it leniently first. */
        size_t faults_before = r->c.faults->n;
        v->row = row;
        for (size_t j = 0; j < f->children.n; j++) {
            const struct field *child = &f->children.v[j];
            read_field(r, v, child, row, str_fmt(r->c.mem, "%.*s/%.*s/%.*s", STR_ARG(path), STR_ARG(id), STR_ARG(child->id)));
        }
        v->row = NULL;
        if (row_is_empty(row) && !(f->required && json_array_size(rows) == 1)) {
            bool typed_wrong = false;
            for (size_t n = faults_before; n < r->c.faults->n; n++)
                typed_wrong |= strncmp(r->c.faults->v[n].msg, "answers.", 8) != 0;
            if (!typed_wrong) {
                r->c.faults->n = faults_before;
                if (r->strict) json_array_remove(rows, i--);
            }
        }
    }
    if (str_eq(r->added_row, path) && path.n && json_array_size(rows) < rows_most(f)) row_add(rows, row_new_id(r, rows));
    if (!json_array_size(rows) && f->required && r->strict) fault_put(&r->c, f, path, missing_words(f), STR_NONE);
    put_or_drop(r, doc, f, json_array_size(rows) ? rows : NULL);
}

static struct reading reading_of(arena *mem, typed_lookup typed, void *typed_arg, const struct answers_env *env, bool strict,
                                 struct answer_faults *faults)
{
    struct reading r = {.c = {.mem = mem, .env = env, .from_form = true, .faults = faults}, .typed = typed, .typed_arg = typed_arg, .strict = strict};
    r.seen = typed_of(&r, S("_seen"));
    r.removed_row = typed_one(&r, "_row_remove");
    r.removed_file = typed_one(&r, "_file_remove");
    r.added_row = typed_one(&r, "_row_add");
    return r;
}

err answers_read(const struct kind *k, const struct form_page *page, arena *mem, const json_t *doc, typed_lookup typed, void *typed_arg,
                 const struct answers_env *env, bool strict, json_t **out_doc, struct answer_faults *faults)
{
    struct reading r = reading_of(mem, typed, typed_arg, env, strict, faults);
    json_t *out = json_own(mem, json_copy((json_t *)doc));
    struct view v = view_new(mem, &k->fields, k->fields_walk, out);
    v.today_days = env_today(env);
    if (page->to > k->fields.n || page->from > page->to) return FAIL(E_NOT_FOUND, W("answers.no_page"));
    for (size_t i = 0; i < page->to; i++) {
        const struct field *f = &k->fields.v[i];
        if (i < page->from || f->is_private) view_walk(&v, f);
        else read_field(&r, &v, f, out, f->id);
    }
    if (strict) eligibility_check(&r.c, k, &v);
    view_end(&v);
    *out_doc = out;
    return NO_ERR;
}

err answers_read_fields(const struct fields *fields, arena *mem, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                        json_t **out_doc, struct answer_faults *faults)
{
    struct reading r = reading_of(mem, typed, typed_arg, env, true, faults);
    json_t *out = json_own(mem, json_object());
    struct view v = view_new(mem, fields, fields_walk(fields), out);
    for (size_t i = 0; i < fields->n; i++) read_field(&r, &v, &fields->v[i], out, fields->v[i].id);
    *out_doc = out;
    return NO_ERR;
}

err answers_read_private(const struct kind *k, arena *mem, const json_t *doc, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                         json_t **out_doc, struct answer_faults *faults)
{
    struct reading r = reading_of(mem, typed, typed_arg, env, true, faults);
    json_t *out = json_own(mem, json_copy((json_t *)doc));
    struct view v = view_new(mem, &k->fields, k->fields_walk, out);
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (f->is_private) read_field(&r, &v, f, out, f->id);
        else view_walk(&v, f);
    }
    *out_doc = out;
    return NO_ERR;
}

err answers_read_one(const struct kind *k, arena *mem, str path, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                     json_t **out_value, struct answer_faults *faults)
{
    struct reading r = reading_of(mem, typed, typed_arg, env, false, faults);
    const struct field *f = answers_field(k, path);
    *out_value = NULL;
    if (!f || !f->type->parse || f->is_private || f->computed) return FAIL(E_NOT_FOUND, W("answers.no_field"));
    read_value(&r, f, path, out_value);
    return NO_ERR;
}

err answers_put(const struct kind *k, arena *mem, const json_t *doc, str path, const json_t *value, json_t **out_doc)
{
    const struct field *f = answers_field(k, path);
    if (!f) return FAIL(E_NOT_FOUND, W("answers.no_field"));
    json_t *out = json_own(mem, json_copy((json_t *)doc)), *target = out;
    if (f->parent) {
        const char *id = str_z(mem, f->parent->id);
        const json_t *held = answer_in(mem, out, f->parent);
        json_t *rows = held ? json_deep_copy(held) : json_array();
        str rest, row_id, repeat = str_split(path, '/', &rest);
        (void)repeat;
        row_id = str_split(rest, '/', &rest);
        json_object_set_new(out, id, rows);
        target = (json_t *)row_named(rows, row_id);
        if (!target) {
            if (json_array_size(rows) >= rows_most(f->parent)) return FAIL(E_INVALID, W("answers.rows.many"));
            target = row_add(rows, row_id);
        }
    }
    if (value) json_object_set(target, str_z(mem, f->id), (json_t *)value);
    else json_object_del(target, str_z(mem, f->id));
    *out_doc = out;
    return NO_ERR;
}
