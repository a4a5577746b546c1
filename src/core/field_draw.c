/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The control of each type of field; markup: docs/form-markup.md. What is around it (label, hint, error): form_draw.c. */
#include <string.h>

#include "core/field_types.h"
#include "core/value_list.h"

#define SELECT_MOST 19
#define DATALIST_MOST 300

str env_words(const struct answers_env *env, const char *key) { return words(env->lang, key); }

struct answer_fault *draw_fault(const struct form_draw *d, str path)
{
    for (size_t i = 0; d->faults && i < d->faults->n; i++)
        if (str_eq(d->faults->v[i].path, path)) return &d->faults->v[i];
    return NULL;
}

void draw_attr(struct form_draw *d, const char *name, str value)
{
    if (!value.p) return;
    buf_char(d->out, ' ');
    buf_lit(d->out, name);
    buf_lit(d->out, "=\"");
    if (d->id_prefix.n && (!strcmp(name, "id") || !strcmp(name, "for") || !strcmp(name, "list") || !strcmp(name, "data-swap"))) buf_html(d->out, d->id_prefix);
    buf_html(d->out, value);
    buf_char(d->out, '"');
}


/* Ties the control, or its group, to the hint and the error. */
static void draw_described(struct form_draw *d, const struct field *f, str path)
{
    bool wrong = draw_fault(d, path) != NULL;
    if (!field_has_hint(d, f) && !wrong) return;
    buf_lit(d->out, " aria-describedby=\"");
    if (field_has_hint(d, f)) {
        buf_html(d->out, d->id_prefix);
        buf_html(d->out, path);
        buf_lit(d->out, wrong ? "-h " : "-h");
    }
    if (wrong) {
        buf_html(d->out, d->id_prefix);
        buf_html(d->out, path);
        buf_lit(d->out, "-e");
    }
    buf_char(d->out, '"');
}

void draw_tie(struct form_draw *d, const struct field *f, str path)
{
    if (!field_is_group(d, f)) {
        draw_described(d, f, path);
        if (f->required) buf_lit(d->out, " required");
    }
    if (draw_fault(d, path)) buf_lit(d->out, " aria-invalid=\"true\"");
}

static str name_of(struct form_draw *d, str path, const char *part) { return str_fmt(d->mem, "%.*s%s", STR_ARG(path), part); }

/* What was typed and is at fault comes back as it was; else the value held. */
static str typed_or(struct form_draw *d, str path, const char *part, str held)
{
    if (!d->typed || !draw_fault(d, path)) return held;
    struct strs typed = d->typed(d->typed_arg, d->mem, name_of(d, path, part));
    return typed.n ? typed.v[typed.n - 1] : held;
}

static str held_text(struct form_draw *d, const struct field *f, const json_t *value)
{
    return value ? f->type->show(f, d->mem, value, d->env) : STR_NONE;
}

struct line { const char *type, *inputmode, *css; int maxlength; str id, name, value, autocomplete; };

static void draw_input(struct form_draw *d, const struct field *f, str path, const struct line *line)
{
    buf_lit(d->out, "<input type=\"");
    buf_lit(d->out, line->type);
    buf_char(d->out, '"');
    draw_attr(d, "id", line->id.p ? line->id : path);
    draw_attr(d, "name", line->name.p ? line->name : path);
    if (line->inputmode) draw_attr(d, "inputmode", str_of(line->inputmode));
    if (line->css) draw_attr(d, "class", str_of(line->css));
    if (line->maxlength) draw_attr(d, "maxlength", str_fmt(d->mem, "%d", line->maxlength));
    draw_attr(d, "value", line->value.n ? line->value : S(""));
    str fill = line->autocomplete.p ? line->autocomplete : f->autocomplete.n ? f->autocomplete : str_of(f->type->autocomplete);
    draw_attr(d, "autocomplete", fill);
    draw_tie(d, f, path);
    buf_char(d->out, '>');
}

static void draw_line(struct form_draw *d, const struct field *f, str path, const json_t *value, struct line line)
{
    line.value = typed_or(d, path, "", held_text(d, f, value));
    draw_input(d, f, path, &line);
}

TYPE_INPUT(input_text)
{
    bool is_short = f->max_length && f->max_length <= 16;
    draw_line(d, f, path, value, (struct line){.type = "text", .css = is_short ? "w-16" : NULL, .maxlength = f->max_length});
}
TYPE_INPUT(input_email) { draw_line(d, f, path, value, (struct line){.type = "email", .inputmode = "email"}); }
TYPE_INPUT(input_phone) { draw_line(d, f, path, value, (struct line){.type = "tel", .css = "w-16"}); }
TYPE_INPUT(input_short) { draw_line(d, f, path, value, (struct line){.type = "text", .css = "w-16", .autocomplete = S("off")}); }

/* A number is shown for typing without groups of thousands. */
static void draw_number(struct form_draw *d, const struct field *f, str path, const json_t *value, const char *mode)
{
    str held = value ? json_canonical(d->mem, value) : STR_NONE;
    char *p = (char *)str_z(d->mem, held);
    for (size_t i = 0; i < held.n && d->env->lang == LANG_FR; i++)
        if (p[i] == '.') p[i] = ',';
    struct line line = {.type = "text", .inputmode = mode, .css = "w-8", .value = typed_or(d, path, "", (str){p, held.n})};
    draw_input(d, f, path, &line);
}
TYPE_INPUT(input_number) { draw_number(d, f, path, value, "decimal"); }
TYPE_INPUT(input_integer) { draw_number(d, f, path, value, f->has_min && f->min >= 0 ? "numeric" : "text"); }

TYPE_INPUT(input_textarea)
{
    buf_lit(d->out, "<textarea rows=\"5\"");
    draw_attr(d, "id", path);
    draw_attr(d, "name", path);
    if (f->max_length) draw_attr(d, "maxlength", str_fmt(d->mem, "%d", f->max_length));
    draw_tie(d, f, path);
    buf_lit(d->out, ">\n");
    buf_html(d->out, typed_or(d, path, "", json_text(value)));
    buf_lit(d->out, "</textarea>");
}

/* ---- one of several */

struct radio { str id, label; bool on, is_file; };

/* The picture itself, where the browser can draw it: which one is meant is seen, not read. */
static void draw_thumb(struct form_draw *d, str id)
{
    struct answer_file file = {0};
    if (!d->env->file || !d->env->file(d->env->file_arg, id, &file)) return;
    if (!str_is(file.type, "image/jpeg") && !str_is(file.type, "image/png") && !str_is(file.type, "image/webp")) return;
    buf_lit(d->out, "<img class=\"seen\" alt=\"\" loading=\"lazy\" width=\"240\" height=\"180\"");
    draw_attr(d, "src", str_fmt(d->mem, "%.*s/fichiers/%.*s", STR_ARG(d->base_url), STR_ARG(id)));
    buf_char(d->out, '>');
}

static void draw_choice(struct form_draw *d, str path, const char *type, size_t place, const struct radio *r)
{
    str id = place ? str_fmt(d->mem, "%.*s-%zu", STR_ARG(path), place + 1) : path;
    buf_lit(d->out, r->is_file ? "<div class=\"choice of-file\"><input" : "<div class=\"choice\"><input");
    draw_attr(d, "type", str_of(type));
    draw_attr(d, "id", id);
    draw_attr(d, "name", path);
    draw_attr(d, "value", r->id);
    if (r->on) buf_lit(d->out, " checked");
    buf_char(d->out, '>');
    buf_lit(d->out, "<label");
    draw_attr(d, "for", id);
    buf_char(d->out, '>');
    if (r->is_file) draw_thumb(d, r->id);
    buf_said(d->out, r->label, d->env->lang);
    buf_lit(d->out, "</label>");
}

TYPE_INPUT(input_yesno)
{
    struct radio yes = {S("oui"), env_words(d->env, W("field.yes")), json_is_true(value)};
    struct radio no = {S("non"), env_words(d->env, W("field.no")), json_is_false(value)};
    buf_lit(d->out, "<div class=\"choices inline\">");
    draw_choice(d, path, "radio", 0, &yes);
    buf_lit(d->out, "</div>");
    draw_choice(d, path, "radio", 1, &no);
    buf_lit(d->out, "</div></div>");
}

TYPE_INPUT(input_civility)
{
    struct radio mme = {S("mme"), env_words(d->env, W("field.mme")), str_is(json_text(value), "mme")};
    struct radio m = {S("m"), env_words(d->env, W("field.m")), str_is(json_text(value), "m")};
    buf_lit(d->out, "<div class=\"choices inline\">");
    draw_choice(d, path, "radio", 0, &mme);
    buf_lit(d->out, "</div>");
    draw_choice(d, path, "radio", 1, &m);
    buf_lit(d->out, "</div></div>");
}

static void draw_other(struct form_draw *d, str path, const json_t *value)
{
    str id = name_of(d, path, "-ot");
    buf_lit(d->out, "<div class=\"choice-other\"><label");
    draw_attr(d, "for", id);
    buf_char(d->out, '>');
    buf_html(d->out, env_words(d->env, W("field.other_which")));
    buf_lit(d->out, "</label><input type=\"text\"");
    draw_attr(d, "id", id);
    draw_attr(d, "name", name_of(d, path, ".other"));
    str held = json_is_object(value) ? json_str(value, "other") : S("");
    draw_attr(d, "value", typed_or(d, path, ".other", held));
    buf_lit(d->out, "></div>");
}

static void draw_radios(struct form_draw *d, const struct field *f, str path, const json_t *value, const struct options *all)
{
    str held = json_text(value);
    size_t i = 0;
    buf_lit(d->out, "<div class=\"choices\">");
    for (; i < all->n; i++) {
        struct radio r = {all->v[i].id, text_in(&all->v[i].label, d->env->lang), str_eq(held, all->v[i].id) && held.n};
        draw_choice(d, path, "radio", i, &r);
        buf_lit(d->out, "</div>");
    }
    if (f->other) {
        struct radio r = {S("_other"), env_words(d->env, W("field.other")), json_is_object(value)};
        draw_choice(d, path, "radio", i, &r);
        draw_other(d, path, value);
        buf_lit(d->out, "</div>");
    }
    buf_lit(d->out, "</div>");
}

static void draw_option(struct form_draw *d, str id, str label, bool on)
{
    buf_lit(d->out, "<option");
    draw_attr(d, "value", id);
    if (said_tag(label, d->env->lang)) draw_attr(d, "lang", str_of(said_tag(label, d->env->lang)));
    buf_lit(d->out, on ? " selected>" : ">");
    buf_html(d->out, label);
    buf_lit(d->out, "</option>");
}

static void draw_select(struct form_draw *d, const struct field *f, str path, const json_t *value, const struct options *all)
{
    str held = json_text(value), group = STR_NONE;
    buf_lit(d->out, "<select");
    draw_attr(d, "id", path);
    draw_attr(d, "name", path);
    draw_tie(d, f, path);
    buf_char(d->out, '>');
    draw_option(d, S(""), env_words(d->env, W("field.choose")), !held.n && !json_is_object(value));
    for (size_t i = 0; i < all->n; i++) {
        const struct option *o = &all->v[i];
        if (!str_eq(o->group, group)) {
            if (group.n) buf_lit(d->out, "</optgroup>");
            if (o->group.n) {
                buf_lit(d->out, "<optgroup");
                draw_attr(d, "label", o->group);
                buf_char(d->out, '>');
            }
            group = o->group;
        }
        draw_option(d, o->id, text_in(&o->label, d->env->lang), held.n && str_eq(held, o->id));
    }
    if (group.n) buf_lit(d->out, "</optgroup>");
    if (f->other) draw_option(d, S("_other"), env_words(d->env, W("field.other")), json_is_object(value));
    buf_lit(d->out, "</select>");
    if (f->other) draw_other(d, path, value);
}

/* Nothing fits what was typed: the nearest entries, to choose from without a script. */
static void draw_nearest(struct form_draw *d, const struct field *f, str path, str typed, const char *type)
{
    struct options near = {0};
    if (!draw_fault(d, path) || !str_trim(typed).n) return;
    field_suggest(f, d->mem, d->env, typed, &near);
    if (!near.n) return;
    buf_lit(d->out, "<div class=\"choices\">");
    for (size_t i = 0; i < near.n; i++) {
        struct radio r = {near.v[i].id, text_in(&near.v[i].label, d->env->lang), false};
        draw_choice(d, path, type, i + 1, &r);
        buf_lit(d->out, "</div>");
    }
    buf_lit(d->out, "</div>");
}

static void draw_suggested(struct form_draw *d, const struct field *f, str path, const struct options *all, size_t total, str value, str list)
{
    buf_lit(d->out, "<input type=\"text\" autocomplete=\"off\"");
    draw_attr(d, "id", path);
    draw_attr(d, "name", path);
    draw_attr(d, "value", value.p ? value : S(""));
    draw_attr(d, "data-suggest", str_fmt(d->mem, "%.*s/suggest?field=%.*s", STR_ARG(d->base_url), STR_ARG(f->id)));
    if (total <= DATALIST_MOST) draw_attr(d, "list", list);
    draw_tie(d, f, path);
    buf_char(d->out, '>');
    if (total > DATALIST_MOST) return;
    buf_lit(d->out, "<datalist");
    draw_attr(d, "id", list);
    buf_char(d->out, '>');
    for (size_t i = 0; i < all->n; i++) {
        buf_lit(d->out, "<option");
        draw_attr(d, "value", text_in(&all->v[i].label, d->env->lang));
        buf_char(d->out, '>');
    }
    buf_lit(d->out, "</datalist>");
}

static void draw_combobox(struct form_draw *d, const struct field *f, str path, const json_t *value, const struct options *all, size_t total)
{
    str typed = typed_or(d, path, "", held_text(d, f, value));
    draw_suggested(d, f, path, all, total, typed, name_of(d, path, "-l"));
    buf_lit(d->out, "<input type=\"hidden\"");
    draw_attr(d, "name", name_of(d, path, ":id"));
    draw_attr(d, "value", json_is_string(value) ? json_text(value) : S(""));
    buf_char(d->out, '>');
    draw_nearest(d, f, path, typed, "radio");
}

static size_t options_total(const struct form_draw *d, const struct field *f)
{
    struct options none;
    size_t total;
    options_of(f, d->mem, d->env, 0, &none, &total);
    return total;
}

/* One line in which the entries of a long list are looked for. */
bool field_is_looked_up(const struct form_draw *d, const struct field *f)
{
    bool linked = strcmp(f->type->name, "linked_choice") == 0;
    if (f->type->input != input_choice && (f->type->input != input_place || !(f->list.n || f->options.n))) return false;
    return options_total(d, f) > (linked ? DATALIST_MOST : SELECT_MOST);
}

bool field_has_hint(const struct form_draw *d, const struct field *f)
{
    return f->help.v[LANG_FR].n || f->purpose.v[LANG_FR].n || f->type->check == check_file || field_is_looked_up(d, f);
}

static bool is_linked(const struct field *f) { return strcmp(f->type->name, "linked_choice") == 0; }

bool field_is_group(const struct form_draw *d, const struct field *f)
{
    const struct field_type *t = f->type;
    if (t->input == input_yesno || t->input == input_civility || t->input == input_date || t->input == input_datetime || t->input == input_address ||
        t->input == input_choices)
        return true;
    return t->input == input_choice && !is_linked(f) && options_total(d, f) <= RADIOS_MOST;
}

TYPE_INPUT(input_choice)
{
    struct options all;
    size_t total;
    options_of(f, d->mem, d->env, DATALIST_MOST, &all, &total);
    if (total <= RADIOS_MOST && !is_linked(f)) draw_radios(d, f, path, value, &all);
    else if (total <= SELECT_MOST || (is_linked(f) && total <= DATALIST_MOST)) draw_select(d, f, path, value, &all);
    else draw_combobox(d, f, path, value, &all, total);
}

TYPE_INPUT(input_place)
{
    if (f->list.n || f->options.n) input_choice(d, f, path, value);
    else input_text(d, f, path, value);
}

/* ---- several of several */

static bool is_among(const json_t *array, str id)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (str_eq(json_text(json_array_get(array, i)), id)) return true;
    return false;
}

/* Too many to list: those chosen, as ticked boxes, and a line to add one. */
static void draw_choices_long(struct form_draw *d, const struct field *f, str path, const json_t *value, size_t total)
{
    str typed = typed_or(d, path, "", STR_NONE);
    buf_lit(d->out, "<div class=\"choices\">");
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct option o = {0};
        str id = json_text(json_array_get(value, i));
        if (!option_find(f, d->mem, d->env, id, &o)) continue;
        struct radio r = {id, text_in(&o.label, d->env->lang), true};
        draw_choice(d, path, "checkbox", i + 100, &r);
        buf_lit(d->out, "</div>");
    }
    buf_lit(d->out, "</div><label");
    draw_attr(d, "for", path);
    buf_char(d->out, '>');
    buf_html(d->out, env_words(d->env, W("field.choices.add")));
    buf_lit(d->out, "</label>");
    draw_suggested(d, f, path, &(struct options){0}, total, is_among(value, typed) ? STR_NONE : typed, STR_NONE);
    draw_nearest(d, f, path, typed, "checkbox");
}

TYPE_INPUT(input_choices)
{
    struct options all;
    size_t total;
    options_of(f, d->mem, d->env, DATALIST_MOST, &all, &total);
    if (total > DATALIST_MOST) {
        draw_choices_long(d, f, path, value, total);
        return;
    }
    buf_lit(d->out, total > SELECT_MOST ? "<div class=\"choices scrolls\" data-filter>" : "<div class=\"choices\">");
    for (size_t i = 0; i < all.n; i++) {
        struct radio r = {all.v[i].id, text_in(&all.v[i].label, d->env->lang), is_among(value, all.v[i].id), all.v[i].is_file};
        draw_choice(d, path, "checkbox", i, &r);
        buf_lit(d->out, "</div>");
    }
    buf_lit(d->out, "</div>");
}

/* ---- several inputs */

struct part { const char *suffix, *key, *css, *inputmode, *autocomplete; int maxlength; };

static void draw_part(struct form_draw *d, const struct field *f, str path, const struct part *p, bool first, str held)
{
    str id = first ? path : name_of(d, path, p->suffix);
    struct line line = {.type = "text", .inputmode = p->inputmode, .css = p->css, .maxlength = p->maxlength, .id = id, .name = name_of(d, path, p->suffix),
                        .value = typed_or(d, path, p->suffix, held), .autocomplete = p->autocomplete ? str_of(p->autocomplete) : STR_NONE};
    buf_lit(d->out, "<div class=\"part\"><label");
    draw_attr(d, "for", id);
    buf_char(d->out, '>');
    buf_html(d->out, words(d->env->lang, p->key));
    buf_lit(d->out, "</label>");
    draw_input(d, f, path, &line);
    buf_lit(d->out, "</div>");
}

static void draw_date(struct form_draw *d, const struct field *f, str path, const json_t *value, bool with_time)
{
    bool birthday = str_is(f->autocomplete, "bday");
    str s = json_text(value);
    struct part day = {".d", W("field.date.day"), "w-4", "numeric", birthday ? "bday-day" : "off", 2};
    struct part month = {".m", W("field.date.month"), "w-4", "numeric", birthday ? "bday-month" : "off", 12};
    struct part year = {".y", W("field.date.year_label"), "w-8", "numeric", birthday ? "bday-year" : "off", 4};
    struct part time = {".t", W("field.datetime.time_label"), "w-8", NULL, "off", 5};
    buf_lit(d->out, "<div class=\"date-parts\">");
    draw_part(d, f, path, &day, true, str_cut(s, 8, 10));
    draw_part(d, f, path, &month, false, str_cut(s, 5, 7));
    draw_part(d, f, path, &year, false, str_cut(s, 0, 4));
    if (with_time) draw_part(d, f, path, &time, false, str_cut(s, 11, 16));
    buf_lit(d->out, "</div>");
}
TYPE_INPUT(input_date) { draw_date(d, f, path, value, false); }
TYPE_INPUT(input_datetime) { draw_date(d, f, path, value, true); }

TYPE_INPUT(input_address)
{
    static const struct part parts[] = {
        {".street", W("field.address.street_label"), NULL, NULL, "address-line1", 200},
        {".postcode", W("field.address.postcode_label"), "w-8", "numeric", "postal-code", 20},
        {".commune", W("field.address.commune_label"), NULL, NULL, "address-level2", 200}};
    buf_lit(d->out, "<div class=\"address-parts\">");
    for (size_t i = 0; i < 3; i++) draw_part(d, f, path, &parts[i], i == 0, json_str(value, parts[i].suffix + 1));
    /* Kept when another system gave one; not asked. */
    if (json_str(value, "country").n) {
        buf_lit(d->out, "<input type=\"hidden\"");
        draw_attr(d, "name", name_of(d, path, ".country"));
        draw_attr(d, "value", json_str(value, "country"));
        buf_char(d->out, '>');
    }
    buf_lit(d->out, "</div>");
}

/* ---- box, files */

TYPE_INPUT(input_checkbox)
{
    buf_lit(d->out, "<input type=\"checkbox\" value=\"on\"");
    draw_attr(d, "id", path);
    draw_attr(d, "name", path);
    if (json_is_true(value)) buf_lit(d->out, " checked");
    draw_tie(d, f, path);
    buf_char(d->out, '>');
}

static void draw_file_held(struct form_draw *d, str path, str id)
{
    struct answer_file file = {0};
    bool known = d->env->file && d->env->file(d->env->file_arg, id, &file);
    str name = known && file.name.n ? file.name : id;
    buf_lit(d->out, "<li");
    draw_attr(d, "data-file", id);
    buf_lit(d->out, "><a");
    draw_attr(d, "href", str_fmt(d->mem, "%.*s/fichiers/%.*s", STR_ARG(d->base_url), STR_ARG(id)));
    buf_char(d->out, '>');
    buf_html(d->out, name);
    buf_lit(d->out, "</a> <span class=\"size\">");
    if (known) buf_html(d->out, words_size(d->mem, d->env->lang, file.size_bytes));
    buf_lit(d->out, "</span> <button class=\"link\" type=\"submit\" name=\"_file_remove\"");
    draw_attr(d, "value", str_fmt(d->mem, "%.*s/%.*s", STR_ARG(path), STR_ARG(id)));
    draw_attr(d, "data-swap", name_of(d, S("a-"), str_z(d->mem, path)));
    buf_char(d->out, '>');
    buf_html(d->out, env_words(d->env, W("field.file.remove")));
    buf_lit(d->out, " <span class=\"sr\">");
    buf_html(d->out, name);
    buf_lit(d->out, "</span></button></li>");
}

TYPE_INPUT(input_file)
{
    if (json_array_size(value)) {
        buf_lit(d->out, "<ul class=\"file-list\">");
        for (size_t i = 0; i < json_array_size(value); i++) draw_file_held(d, path, json_text(json_array_get(value, i)));
        buf_lit(d->out, "</ul>");
    }
    if (json_array_size(value) >= (size_t)files_most(f)) return;
    str accept = accept_attribute(d->mem, f);
    buf_lit(d->out, "<input type=\"file\"");
    draw_attr(d, "id", path);
    draw_attr(d, "name", path);
    if (accept.n) draw_attr(d, "accept", accept);
    if (files_most(f) > 1) buf_lit(d->out, " multiple");
    draw_tie(d, f, path);
    buf_char(d->out, '>');
}
