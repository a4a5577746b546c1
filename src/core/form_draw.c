/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The questions of a page: label, hint, error, control; conditions for the script; rows. Markup: docs/form-markup.md, names: docs/kinds.md.
   The only run-time writer of HTML (DESIGN §8): everything a town or a person wrote goes through buf_html or draw->rich. */
#include <string.h>

#include "core/answers_read.h"
#include "core/field_types.h"

struct drawing {
    struct form_draw *d;
    struct view v;
    const struct fields *fields;
    size_t from, to;            /* the page: what stands on it can be followed by the script */
};

static void lit(struct form_draw *d, const char *z) { buf_lit(d->out, z); }
static bool type_is(const struct field *f, const char *name) { return strcmp(f->type->name, name) == 0; }

/* ---- conditions, as the script reads them */

static json_t *constant_json(const struct field *f, struct rule_value v, arena *mem)
{
    switch (v.kind) {
    case RULE_BOOL:
        return json_string(f->type->check == check_checkbox ? (v.b ? "on" : "") : v.b ? "oui" : "non");
    case RULE_NUMBER:
        return v.number == (double)(int64_t)v.number ? json_integer((json_int_t)v.number) : json_real(v.number);
    case RULE_DATE:
        return json_from_str(date_iso(mem, v.days));
    default:
        return json_from_str(v.text);
    }
}

static bool on_page(const struct drawing *g, const struct field *f)
{
    const struct field *top = f->parent ? f->parent : f;
    return top >= g->fields->v + g->from && top < g->fields->v + g->to;
}

static str path_here(const struct drawing *g, const struct field *f, str row_prefix)
{
    return f->parent ? str_fmt(g->d->mem, "%.*s%.*s", STR_ARG(row_prefix), STR_ARG(f->id)) : f->id;
}

/* What no answer of this page changes. */
static json_t *settled(struct drawing *g, const struct rule *r, const struct condition *c, const struct field *in, json_t *node)
{
    enum rule_truth t = view_comparison(&g->v, r, c, in);
    json_object_set_new(node, "op", json_string("const"));
    json_object_set_new(node, "value", t == RULE_UNKNOWN ? json_null() : json_boolean(t == RULE_TRUE));
    return node;
}

static json_t *condition_json(struct drawing *g, const struct rule *r, const struct condition *c, const struct field *in, str row_prefix, bool *out_live)
{
    static const char *const ops[] = {"all", "any", "=", "!=", "<", "<=", ">", ">=", "true", "none", "known", "unknown"};
    json_t *node = json_object();
    if (rule_is_group(r)) {
        enum rule_op op = rule_op(r);
        json_t *children = json_array();
        for (size_t i = 0; i < rule_children(r); i++) json_array_append_new(children, condition_json(g, rule_child(r, i), c, in, row_prefix, out_live));
        json_object_set_new(node, "op", json_string(ops[op]));
        json_object_set_new(node, "children", children);
        return node;
    }
    struct atom a = atom_of(r, &c->from);
    bool here = a.field && !a.part.n && on_page(g, a.field), there = a.other && on_page(g, a.other);
    if (!here && !there) return settled(g, r, c, in, node);
    *out_live = true;
    if (!here || (a.other && !there)) {             /* one of the two names stands elsewhere: what it says now */
        const struct field *away = here ? a.other : a.field;
        const json_t *value = view_value(&g->v, away);
        static const enum rule_op turned[] = {[RULE_EQ] = RULE_EQ, [RULE_NE] = RULE_NE, [RULE_LT] = RULE_GT, [RULE_LE] = RULE_GE, [RULE_GT] = RULE_LT, [RULE_GE] = RULE_LE};
        if (!value || !g->v.shown[away->index]) return settled(g, r, c, in, node);
        a = (struct atom){here ? a.op : turned[a.op], here ? a.field : a.other, NULL, away->type->rule(away, g->d->mem, value), STR_NONE};
    }
    json_object_set_new(node, "op", json_string(ops[a.op]));
    json_put_str(node, "path", path_here(g, a.field, row_prefix));
    if (a.other) json_put_str(node, "other", path_here(g, a.other, row_prefix));
    else if (a.op != RULE_KNOWN && a.op != RULE_NOT_KNOWN) json_object_set_new(node, "value", constant_json(a.field, a.right, g->d->mem));
    return node;
}

/* What the server decides again when an answer of this page changes. */
static bool is_live(const struct drawing *g, const struct field *f)
{
    if (f->if_needed) return true;
    for (const struct field *at = f; at; at = at->section)
        for (size_t i = 0; at->when && i < at->when->from.n; i++)
            if (on_page(g, at->when->from.v[i].field)) return true;
    return false;
}

/* ` data-when="…" hidden`. false: hidden for good on this page, not to be drawn. */
static bool draw_when(struct drawing *g, const struct field *f, str row_prefix, bool shown)
{
    bool live = false;
    if (!f->when && !f->section && !f->if_needed) return shown;
    if (field_is_told(f)) {
        json_t *tree = json_own(g->d->mem, json_object()), *all = json_array();
        for (const struct field *at = f; at; at = at->section)
            if (at->when) json_array_append_new(all, condition_json(g, at->when->menu, at->when, f->parent, row_prefix, &live));
        json_object_set_new(tree, "children", all);
        json_object_set_new(tree, "op", json_string("all"));
        if (live) draw_attr(g->d, "data-when", json_canonical(g->d->mem, json_array_size(all) == 1 ? json_array_get(all, 0) : tree));
    } else if ((live = is_live(g, f))) {
        draw_attr(g->d, "data-live", str_fmt(g->d->mem, "%.*s%.*s", STR_ARG(row_prefix), STR_ARG(f->id)));
    }
    if (live && !shown) lit(g->d, " hidden");
    return live || shown;
}

/* ---- around the control */

static void draw_label_words(struct form_draw *d, const struct field *f)
{
    buf_said(d->out, text_in(&f->label, d->env->lang), d->env->lang);
    if (f->required || !f->type->holds_value) return;
    lit(d, " <span class=\"opt\">");
    buf_html(d->out, env_words(d->env, W("field.optional")));
    lit(d, "</span>");
}

void draw_rich(struct form_draw *d, str s, bool is_html)
{
    const char *code = said_tag(s, d->env->lang);
    if (code) buf_fmt(d->out, "<div lang=\"%s\">", code);
    if (d->rich) d->rich(d->out, d->mem, s, is_html);
    else buf_html(d->out, s);
    if (code) lit(d, "</div>");
}

/* What its kind of control needs said: which documents, how large; how to look for an entry. */
static str own_hint(struct form_draw *d, const struct field *f)
{
    enum lang lang = d->env->lang;
    if (f->type->check != check_file) return field_is_looked_up(d, f) ? words(lang, W("field.choice.look_up")) : STR_NONE;
    str formats = field_formats(d->mem, lang, f), size = d->env->file_bytes_most ? words_size(d->mem, lang, d->env->file_bytes_most) : STR_NONE;
    if (!size.n) return formats;
    return formats.n ? words_fill(d->mem, lang, W("field.file.hint"), "formats", formats, "size", size, NULL) : words_fill(d->mem, lang, W("field.file.hint_any"), "size", size, NULL);
}

static void draw_hint(struct form_draw *d, const struct field *f, str path)
{
    str help = text_in(&f->help, d->env->lang), purpose = text_in(&f->purpose, d->env->lang);
    if (!field_has_hint(d, f)) return;
    str own = own_hint(d, f);
    lit(d, "<div class=\"hint\"");
    draw_attr(d, "id", str_fmt(d->mem, "%.*s-h", STR_ARG(path)));
    lit(d, ">");
    if (help.n) draw_rich(d, help, f->help_is_html);
    if (own.n) {
        lit(d, "<p>");
        buf_html(d->out, own);
        lit(d, "</p>");
    }
    if (purpose.n) {
        lit(d, "<p>");
        buf_words(d->out, d->env->lang, W("field.purpose"), "purpose", purpose, NULL);
        lit(d, "</p>");
    }
    lit(d, "</div>");
}

static void draw_error(struct form_draw *d, str path)
{
    const struct answer_fault *fault = draw_fault(d, path);
    if (!fault) return;
    lit(d, "<p class=\"error\"");
    draw_attr(d, "id", str_fmt(d->mem, "%.*s-e", STR_ARG(path)));
    lit(d, ">");
    buf_html(d->out, answer_fault_words(d->mem, d->env->lang, fault));
    lit(d, "</p>");
}

static void draw_seen(struct form_draw *d, str path, bool shown)
{
    lit(d, "<input type=\"hidden\" name=\"_seen\"");
    draw_attr(d, "value", path);
    lit(d, shown ? ">" : " disabled>");
}

static void draw_block_open(struct drawing *g, const struct field *f, str path, str row_prefix, bool group, bool *out_drawn)
{
    struct form_draw *d = g->d;
    bool wrong = draw_fault(d, path) != NULL, shown = g->v.shown[f->index], file = f->type->check == check_file;
    size_t before = d->out->n;
    lit(d, group ? "<fieldset class=\"field" : "<div class=\"field");
    lit(d, file ? " files" : "");
    lit(d, wrong ? " at-fault\"" : "\"");
    draw_attr(d, "id", str_fmt(d->mem, "a-%.*s", STR_ARG(path)));
    if (group) {
        str hint = field_has_hint(d, f) ? str_fmt(d->mem, "%.*s%.*s-h", STR_ARG(d->id_prefix), STR_ARG(path)) : STR_NONE;
        str error = wrong ? str_fmt(d->mem, "%.*s%.*s-e", STR_ARG(d->id_prefix), STR_ARG(path)) : STR_NONE;
        if (hint.n || error.n) draw_attr(d, "aria-describedby", str_fmt(d->mem, "%.*s%s%.*s", STR_ARG(hint), hint.n && error.n ? " " : "", STR_ARG(error)));
    }
    if (file) {
        draw_attr(d, "data-tus", str_fmt(d->mem, "%.*s/fichiers?path=%.*s", STR_ARG(d->base_url), STR_ARG(path)));
        draw_attr(d, "data-many", str_fmt(d->mem, "%d", files_most(f)));
        if (str_is(f->accept, "image")) draw_attr(d, "data-shrink", S("1600"));
    }
    *out_drawn = draw_when(g, f, row_prefix, shown);
    lit(d, ">");
    if (!*out_drawn && !d->out->full) d->out->n = before;
}

/* A box: its label follows it. */
static void draw_box(struct form_draw *d, const struct field *f, str path, const json_t *value)
{
    lit(d, "<div class=\"choice\">");
    f->type->input(d, f, path, value);
    lit(d, "<label");
    draw_attr(d, "for", path);
    lit(d, ">");
    draw_label_words(d, f);
    lit(d, "</label></div>");
    draw_hint(d, f, path);
    draw_error(d, path);
}

/* Computed: shown, never typed. The script puts what the server answers in its place. */
static void draw_computed(struct drawing *g, const struct field *f, str path, str row_prefix)
{
    struct form_draw *d = g->d;
    bool drawn;
    draw_block_open(g, f, path, row_prefix, false, &drawn);
    if (!drawn) return;
    const json_t *value = view_computed(&g->v, f);
    lit(d, "<label");
    draw_attr(d, "for", path);
    lit(d, ">");
    buf_said(d->out, text_in(&f->label, d->env->lang), d->env->lang);
    lit(d, "</label>");
    draw_hint(d, f, path);
    draw_error(d, path);
    lit(d, "<p class=\"computed\"><output");
    draw_attr(d, "id", str_fmt(d->mem, "%.*s%.*s", STR_ARG(d->id_prefix), STR_ARG(path)));
    draw_attr(d, "data-computed", path);
    lit(d, ">");
    buf_html(d->out, value ? f->type->show(f, d->mem, value, d->env) : words(d->env->lang, W("field.computed.later")));
    lit(d, "</output></p>");
    if (d->base_url.n) {            /* a page of its own: what is typed here stays */
        lit(d, "<p><a target=\"_blank\" rel=\"noopener\"");
        draw_attr(d, "href", str_fmt(d->mem, "%.*s/pourquoi?de=%.*s", STR_ARG(d->base_url), STR_ARG(path)));
        lit(d, ">");
        buf_html(d->out, words(d->env->lang, W("field.computed.why")));
        lit(d, "</a></p>");
    }
    lit(d, "</div>\n");
}

static void draw_question(struct drawing *g, const struct field *f, str path, const json_t *value, str row_prefix)
{
    struct form_draw *d = g->d;
    bool group = field_is_group(d, f), drawn;
    draw_block_open(g, f, path, row_prefix, group, &drawn);
    if (!drawn) return;
    if (f->type->check == check_checkbox) {
        draw_box(d, f, path, value);
    } else {
        lit(d, group ? "<legend>" : "<label");
        if (!group) draw_attr(d, "for", path);
        if (!group) lit(d, ">");
        draw_label_words(d, f);
        lit(d, group ? "</legend>" : "</label>");         /* a legend comes first in its fieldset */
        draw_hint(d, f, path);
        draw_error(d, path);
        f->type->input(d, f, path, value);
    }
    draw_seen(d, path, g->v.shown[f->index]);
    lit(d, group ? "</fieldset>\n" : "</div>\n");
}

/* ---- headings, notes */

static void draw_heading(struct drawing *g, const struct field *f, str row_prefix)
{
    struct form_draw *d = g->d;
    size_t before = d->out->n;
    const char *tag = f->level >= 3 || f->parent ? "h3" : "h2";
    lit(d, "<div class=\"form-part\"");
    if (!draw_when(g, f, row_prefix, g->v.shown[f->index])) {
        d->out->n = d->out->full ? d->out->n : before;
        return;
    }
    lit(d, "><");
    lit(d, tag);
    lit(d, " class=\"form-title\">");
    buf_said(d->out, text_in(&f->label, d->env->lang), d->env->lang);
    lit(d, "</");
    lit(d, tag);
    lit(d, ">");
    if (f->help.v[LANG_FR].n) {
        lit(d, "<div class=\"explain\">");
        draw_rich(d, text_in(&f->help, d->env->lang), f->help_is_html);
        lit(d, "</div>");
    }
    lit(d, "</div>\n");
}

static void draw_note(struct drawing *g, const struct field *f, str row_prefix)
{
    struct form_draw *d = g->d;
    size_t before = d->out->n;
    str label = text_in(&f->label, d->env->lang), help = text_in(&f->help, d->env->lang);
    lit(d, "<div class=\"explain\"");
    if (!draw_when(g, f, row_prefix, g->v.shown[f->index])) {
        d->out->n = d->out->full ? d->out->n : before;
        return;
    }
    lit(d, ">");
    if (label.n) {
        lit(d, "<p><strong>");
        buf_said(d->out, label, d->env->lang);
        lit(d, "</strong></p>");
    }
    if (help.n) draw_rich(d, help, f->help_is_html);
    lit(d, "</div>\n");
}

/* ---- rows */

static void draw_field(struct drawing *g, const struct field *f, const json_t *obj, str prefix);

static void draw_button(struct form_draw *d, const char *name, str value, str swap, const char *key)
{
    lit(d, "<button class=\"quiet\" type=\"submit\" name=\"");
    lit(d, name);
    lit(d, "\"");
    draw_attr(d, "value", value);
    draw_attr(d, "data-swap", str_fmt(d->mem, "a-%.*s", STR_ARG(swap)));
    lit(d, " formnovalidate>");
    buf_html(d->out, words(d->env->lang, key));
    lit(d, "</button>");
}

static void draw_row(struct drawing *g, const struct field *f, const json_t *row, str id, size_t number, bool removable)
{
    struct form_draw *d = g->d;
    str path = str_fmt(d->mem, "%.*s/%.*s", STR_ARG(f->id), STR_ARG(id)), prefix = str_fmt(d->mem, "%.*s/", STR_ARG(path));
    lit(d, "<fieldset class=\"row\"");
    draw_attr(d, "id", str_fmt(d->mem, "a-%.*s", STR_ARG(path)));
    lit(d, "><legend>");
    buf_said(d->out, text_in(&f->label, d->env->lang), d->env->lang);
    lit(d, " ");
    buf_i64(d->out, (int64_t)number);
    lit(d, "</legend>\n");
    view_row(&g->v, f, row);
    for (size_t i = 0; i < f->children.n; i++) draw_field(g, &f->children.v[i], row, prefix);
    g->v.row = NULL;
    /* Hidden inputs stand last: what follows a legend must be something seen. */
    lit(d, "<input type=\"hidden\"");
    draw_attr(d, "name", f->id);
    draw_attr(d, "value", id);
    lit(d, ">");
    if (removable) draw_button(d, "_row_remove", path, f->id, W("field.row.remove"));
    lit(d, "</fieldset>\n");
}

static void draw_repeat(struct drawing *g, const struct field *f, const json_t *rows)
{
    struct form_draw *d = g->d;
    bool wrong = draw_fault(d, f->id) != NULL, shown = g->v.shown[f->index];
    size_t before = d->out->n;
    lit(d, wrong ? "<fieldset class=\"repeat at-fault\"" : "<fieldset class=\"repeat\"");
    draw_attr(d, "id", str_fmt(d->mem, "a-%.*s", STR_ARG(f->id)));
    lit(d, " tabindex=\"-1\"");
    if (!draw_when(g, f, STR_NONE, shown)) {
        d->out->n = d->out->full ? d->out->n : before;
        return;
    }
    lit(d, "><legend>");
    draw_label_words(d, f);
    lit(d, "</legend>");
    draw_hint(d, f, f->id);
    draw_error(d, f->id);
    size_t n = json_array_size(rows);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        draw_row(g, f, row, json_str(row, "_id"), i + 1, n > 1 || !f->required);
    }
    if (!n && f->required) {
        draw_row(g, f, NULL, S("r1"), 1, false);
        n = 1;
    }
    if (n < rows_most(f)) draw_button(d, "_row_add", f->id, f->id, n ? W("field.row.add_more") : W("field.row.add"));
    draw_seen(d, f->id, shown);
    lit(d, "</fieldset>\n");
}

static void draw_field(struct drawing *g, const struct field *f, const json_t *obj, str prefix)
{
    str path = str_fmt(g->d->mem, "%.*s%.*s", STR_ARG(prefix), STR_ARG(f->id));
    const json_t *value = answer_in(g->d->mem, obj, f);
    if (type_is(f, "heading")) draw_heading(g, f, prefix);
    else if (type_is(f, "note")) draw_note(g, f, prefix);
    else if (type_is(f, "repeat")) draw_repeat(g, f, value);
    else if (f->computed) draw_computed(g, f, path, prefix);
    else draw_question(g, f, path, value, prefix);
}

/* The heading that opened the page is its title, drawn by the page; its help is not. */
static void draw_page_help(struct form_draw *d, const struct field *f)
{
    if (!f->help.v[LANG_FR].n) return;
    lit(d, "<div class=\"explain\">");
    draw_rich(d, text_in(&f->help, d->env->lang), f->help_is_html);
    lit(d, "</div>\n");
}

void form_draw_page(struct form_draw *d, const struct form_page *page)
{
    const struct kind *k = d->kind;
    struct drawing g = {.d = d, .fields = &k->fields, .from = page->from, .to = page->to};
    g.v = view_of(d->mem, &k->fields, k->fields_walk, d->doc, env_today(d->env));
    for (size_t i = page->from; i < page->to; i++) {
        const struct field *f = &k->fields.v[i];
        bool title = i == page->from && type_is(f, "heading") && str_eq(f->label.v[LANG_FR], page->title.v[LANG_FR]);
        if (f->is_private) continue;
        if (title) draw_page_help(d, f);
        else draw_field(&g, f, d->doc, STR_NONE);
    }
}

void form_draw_private(struct form_draw *d)
{
    const struct kind *k = d->kind;
    struct drawing g = {.d = d, .fields = &k->fields, .from = 0, .to = k->fields.n};
    g.v = view_of(d->mem, &k->fields, k->fields_walk, d->doc, env_today(d->env));
    for (size_t i = 0; i < k->fields.n; i++)
        if (k->fields.v[i].is_private) draw_field(&g, &k->fields.v[i], d->doc, STR_NONE);
}

void form_draw_fields(struct form_draw *d, const struct fields *fields, str prefix)
{
    struct drawing g = {.d = d, .fields = fields, .from = 0, .to = fields->n};
    g.v = view_of(d->mem, fields, fields_walk(fields), d->doc, env_today(d->env));
    for (size_t i = 0; i < fields->n; i++) draw_field(&g, &fields->v[i], d->doc, prefix);
}
