/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Checking a document: required, types, conditions. The same for a page and for the API. */
#include "core/answers.h"

#include <string.h>

#include "core/answers_read.h"
#include "core/answers_view.h"
#include "core/field_types.h"

const json_t *answers_at(const json_t *doc, str path)
{
    char id[160];
    str rest = path;
    const json_t *at = doc;
    while (rest.p && at) {
        str step = str_split(rest, '/', &rest);
        if (!step.n || step.n >= sizeof id) return NULL;
        memcpy(id, step.p, step.n);
        id[step.n] = 0;
        at = json_is_array(at) ? row_named(at, step) : json_object_get(at, id);
    }
    return json_is_null(at) ? NULL : at;
}

const struct field *answers_field(const struct kind *k, str path)
{
    str rest, id = str_split(path, '/', &rest);
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (!str_eq(f->id, id)) continue;
        if (!rest.p) return f;
        str child, row = str_split(rest, '/', &child);
        if (!row_id_good(row)) return NULL;
        for (size_t j = 0; child.p && j < f->children.n; j++)
            if (str_eq(f->children.v[j].id, child)) return &f->children.v[j];
        return NULL;
    }
    return NULL;
}

const json_t *row_named(const json_t *rows, str id)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (str_eq(json_str(json_array_get(rows, i), "_id"), id)) return json_array_get(rows, i);
    return NULL;
}

bool row_id_good(str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return id.n && id.n <= 40;
}

size_t rows_most(const struct field *f) { return f->many > 0 ? (size_t)f->many : ROWS_MOST; }

const char *missing_words(const struct field *f)
{
    const struct field_type *t = f->type;
    if (t->check == check_checkbox) return W("answers.missing.checkbox");
    if (t->check == check_file) return W("answers.missing.file");
    if (t->check == check_choices) return W("answers.missing.choices");
    if (t->check == check_date || t->check == check_datetime) return W("answers.missing.date");
    if (t->check == check_choice && (f->list.n || f->options.n > RADIOS_MOST)) return W("answers.missing.listed");
    if (t->check == check_choice || t->check == check_yesno || t->check == check_civility) return W("answers.missing.choice");
    return strcmp(t->name, "repeat") == 0 ? W("answers.missing.row") : W("answers.missing.text");
}

void fault_put(struct checker *c, const struct field *f, str path, const char *msg, str arg)
{
    PUSH(c->mem, c->faults, (struct answer_fault){.path = path, .field = f, .msg = msg, .arg = arg});
}

bool check_one(struct checker *c, const struct field *f, str path, const json_t *given, json_t **out)
{
    str arg = STR_NONE;
    *out = NULL;
    const char *msg = f->type->check(f, c->mem, given, c->env, out, &arg);
    if (msg) fault_put(c, f, path, msg, arg);
    return !msg;
}

/* One object of answers: the record's, or a row's. `out` is v->doc or v->row, so that conditions read normal values. */
static void check_object(struct checker *c, struct view *v, const struct fields *fields, const json_t *given, json_t *out, str prefix);

static bool row_empty(const json_t *row)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)row, key, v)
        if (strcmp(key, "_id") != 0 && !json_is_null(v) && !(json_is_string(v) && !json_string_length(v))) return false;
    return true;
}

static str row_id_of(struct checker *c, const json_t *row, const json_t *made, size_t i)
{
    str id = json_str(row, "_id");
    if (row_id_good(id) && !row_named(made, id)) return id;
    do id = str_fmt(c->mem, "r%zu", ++i);
    while (row_named(made, id));
    return id;
}

static void check_rows(struct checker *c, struct view *v, const struct field *f, const json_t *given, json_t *out, str path)
{
    json_t *rows = json_own(c->mem, json_array());
    if (given && !json_is_array(given)) {
        fault_put(c, f, path, W("answers.rows.type"), STR_NONE);
        return;
    }
    for (size_t i = 0; i < json_array_size(given); i++) {
        const json_t *row = json_array_get(given, i);
        if (!json_is_object(row)) {
            fault_put(c, f, path, W("answers.rows.type"), STR_NONE);
            return;
        }
        if (c->from_form && row_empty(row) && !(f->required && json_array_size(given) == 1)) continue;
        json_t *made = json_object();
        str id = row_id_of(c, row, rows, i);
        json_put_str(made, "_id", id);
        json_array_append_new(rows, made);
        v->row = made;
        check_object(c, v, &f->children, row, made, str_fmt(c->mem, "%.*s/%.*s/", STR_ARG(path), STR_ARG(id)));
        v->row = NULL;
    }
    if (json_array_size(rows) > rows_most(f)) fault_put(c, f, path, W("answers.rows.many"), str_fmt(c->mem, "%zu", rows_most(f)));
    if (!json_array_size(rows) && f->required) fault_put(c, f, path, missing_words(f), STR_NONE);
    if (json_array_size(rows)) json_object_set(out, str_z(c->mem, f->id), rows);
}

/* What is stored for a shared list and was never an entry of it was chosen from the field's former options: as good as not filled. */
static bool check_held(struct checker *c, const struct field *f, str path, const json_t *given, json_t **out)
{
    size_t before = c->faults->n;
    if (check_one(c, f, path, given, out)) return true;
    if (!c->from_form || !f->list.n || strcmp(c->faults->v[before].msg, "field.choice.unknown") != 0) return false;
    c->faults->n = before;
    return true;
}

/* What somebody sends of a computed value is not believed: it is computed again. The API is told when it is another. */
static void check_computed(struct checker *c, struct view *v, const struct field *f, const json_t *given, json_t *out, str path)
{
    json_t *value = view_computed(v, f);
    if (given && !c->from_form && !(value && json_equal(given, value))) fault_put(c, f, path, W("answers.computed"), STR_NONE);
    if (value) json_object_set(out, str_z(c->mem, f->id), value);
    else if (f->required) fault_put(c, f, path, W("answers.not_computed"), STR_NONE);
}

static void check_value(struct checker *c, struct view *v, const struct field *f, const json_t *given, json_t *out, str path)
{
    json_t *normal = NULL;
    if (strcmp(f->type->name, "repeat") == 0) {
        check_rows(c, v, f, given, out, path);
        return;
    }
    if (given && !check_held(c, f, path, given, &normal)) return;
    if (normal) json_object_set(out, str_z(c->mem, f->id), normal);
    else if (f->required && !(f->is_private && c->from_form)) fault_put(c, f, path, missing_words(f), STR_NONE);
}

static void unknown_keys(struct checker *c, const struct fields *fields, const json_t *given, str prefix)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)given, key, v)
    {
        bool known = prefix.n && strcmp(key, "_id") == 0;
        for (size_t i = 0; i < fields->n && !known; i++)
            known = str_is(fields->v[i].id, key) && fields->v[i].type->holds_value && !fields->v[i].is_private;
        if (!known) fault_put(c, NULL, str_fmt(c->mem, "%.*s%s", STR_ARG(prefix), key), W("answers.unknown"), STR_NONE);
    }
}

static void check_object(struct checker *c, struct view *v, const struct fields *fields, const json_t *given, json_t *out, str prefix)
{
    if (!c->from_form) unknown_keys(c, fields, given, prefix);
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        bool shown = view_walk(v, f);
        if (!f->type->holds_value || (f->is_private && !c->from_form)) continue;
        const json_t *value = c->from_form ? answer_in(c->mem, given, f) : json_object_get(given, str_z(c->mem, f->id));
        str path = str_fmt(c->mem, "%.*s%.*s", STR_ARG(prefix), STR_ARG(f->id));
        if (json_is_null(value)) {
            fault_put(c, f, path, W("answers.null"), STR_NONE);
            value = NULL;
        }
        if (f->computed && shown) check_computed(c, v, f, value, out, path);
        else if (shown) check_value(c, v, f, value, out, path);
        else if (value && !c->from_form && !f->if_needed) fault_put(c, f, path, W("answers.hidden"), STR_NONE);      /* no schema says when it is needed */
    }
}

void eligibility_check(struct checker *c, const struct kind *k, struct view *v)
{
    for (size_t i = 0; i < k->eligibility.n; i++) {
        const struct requirement *one = &k->eligibility.v[i];
        const struct field *f = NULL;
        if (view_truth(v, one->must, NULL) != RULE_FALSE) continue;
        for (size_t j = 0; j < one->must->from.n && !f; j++)
            if (v->shown[one->must->from.v[j].field->index] && !one->must->from.v[j].field->computed) f = one->must->from.v[j].field;
        fault_put(c, NULL, f ? f->id : STR_NONE, W("answers.not_eligible"), text_in(&one->message, c->env->lang));
    }
}

static err check_fields(const struct kind *k, const struct fields *fields, size_t all, arena *mem, const json_t *doc, const struct answers_env *env,
                        bool from_form, json_t **out_doc, struct answer_faults *faults)
{
    struct checker c = {.mem = mem, .env = env, .from_form = from_form, .faults = faults};
    json_t *out = json_own(mem, json_object());
    struct view v = view_new(mem, fields, all, out);
    *out_doc = out;
    if (!json_is_object(doc)) return FAIL(E_INVALID, W("answers.not_object"));
    v.today_days = env_today(env);
    check_object(&c, &v, fields, doc, out, STR_NONE);
    if (k) eligibility_check(&c, k, &v);
    view_end(&v);
    return NO_ERR;
}

err answers_check(const struct kind *k, arena *mem, const json_t *doc, const struct answers_env *env, bool from_form, json_t **out_doc,
                  struct answer_faults *faults)
{
    return check_fields(k, &k->fields, k->fields_walk, mem, doc, env, from_form, out_doc, faults);
}

err answers_check_fields(const struct fields *fields, arena *mem, const json_t *doc, const struct answers_env *env, json_t **out_doc,
                         struct answer_faults *faults)
{
    return check_fields(NULL, fields, fields_walk(fields), mem, doc, env, false, out_doc, faults);
}
