/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition_form.c — the builder: what it holds, its buttons, how it is drawn. */
#include "site/condition_form.h"

#include <string.h>

#include "core/answers.h"
#include "core/form_rules.h"
#include "core/kind_parts.h"
#include "formats/departement.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "gen/html/site/condition_group.html.h"
#include "gen/html/site/condition_row.html.h"
#include "gen/html/site/condition_text.html.h"
#include "pages/holder.h"
#include "web/req.h"

static struct condition_node *node_new(struct req *q, bool is_group)
{
    struct condition_node *n = NEW(q->mem, struct condition_node);
    n->is_group = is_group;
    n->op = RULE_ALL;
    return n;
}

static const char *name_of(struct req *q, str path, const char *input) { return str_z(q->mem, str_fmt(q->mem, "%.*s.%s", STR_ARG(path), input)); }
static str child_path(struct req *q, str path, size_t i) { return str_fmt(q->mem, "%.*s.%zu", STR_ARG(path), i); }

/* ---- from what is stored */

/* The menus say it: one comparison by itself is a group of one. */
static bool menus_take(struct req *q, struct condition_form *c, const struct rule *r)
{
    struct condition_node *n;
    if (!condition_node_of(q->mem, c, r, rule_is_group(r) ? 1 : 2, &n)) return false;
    c->root = n->is_group ? n : node_new(q, true);
    if (!n->is_group) PUSH(q->mem, &c->root->children, n);
    return true;
}

void condition_form_open(struct req *q, struct condition_form *c, const json_t *when)
{
    struct rule *r;
    c->root = node_new(q, true);
    if (!when) return;
    c->text = json_is_string(when) ? json_text(when) : yaml_write(q->mem, when);
    err e = json_is_string(when) ? rule_parse(q->mem, json_text(when), &r) : rule_parse_json(q->mem, when, &r);
    c->is_text = e.code != OK || !menus_take(q, c, r);
}

/* ---- from what was sent */

static struct condition_node *node_typed(struct req *q, str path, int depth)
{
    bool is_group = field_has(q, name_of(q, path, "g"));
    if (!is_group && !field_has(q, name_of(q, path, "s"))) return NULL;
    struct condition_node *n = node_new(q, is_group), *child;
    if (!is_group) {
        n->source = field(q, name_of(q, path, "s"));
        n->act = field(q, name_of(q, path, "o"));
        n->value = field(q, name_of(q, path, "v"));
        n->unit = field(q, name_of(q, path, "u"));
        return n;
    }
    str op = field(q, name_of(q, path, "g"));
    n->op = str_is(op, "any") ? RULE_ANY : str_is(op, "none") ? RULE_NONE : RULE_ALL;
    for (size_t i = 0; i < CONDITION_CHILDREN_MOST && depth < CONDITION_DEPTH_MOST && (child = node_typed(q, child_path(q, path, i), depth + 1)); i++)
        PUSH(q->mem, &n->children, child);
    return n;
}

void condition_form_typed(struct req *q, struct condition_form *c)
{
    c->is_text = field_has(q, name_of(q, c->prefix, "text"));
    c->text = field(q, name_of(q, c->prefix, "text"));
    c->root = node_typed(q, c->prefix, 1);
    if (!c->root) c->root = node_new(q, true);
}

/* ---- buttons: "w row w.1", "w group w.1", "w remove w.1.0", "w again w.1.0", "w text w", "w menus w" */

static struct condition_node *node_at(struct condition_form *c, str path, struct condition_node **out_parent, size_t *out_index)
{
    struct condition_node *n = c->root;
    str rest = str_cut(path, c->prefix.n, path.n), part;
    int64_t i;
    *out_parent = NULL;
    while (rest.n) {
        part = str_split(str_cut(rest, 1, rest.n), '.', &rest);
        if (rest.p && rest.n) rest = (str){rest.p - 1, rest.n + 1};
        if (str_i64(part, &i).code != OK || i < 0 || (size_t)i >= n->children.n) return NULL;
        *out_parent = n;
        *out_index = (size_t)i;
        n = n->children.v[i];
    }
    return n;
}

static void row_again(struct req *q, struct condition_form *c, struct condition_node *n, str path)
{
    const struct field *f = condition_source(c, n->source);
    const struct condition_op *o = f ? condition_op_of(f, n->act) : NULL;
    if (!o) n->act = n->value = n->unit = STR_NONE;         /* of another question */
    else if (o->takes == TAKES_NOTHING) n->value = STR_NONE;
    c->focus = str_of(name_of(q, path, !f ? "s" : o && o->takes != TAKES_NOTHING ? "v" : "o"));
}

static void child_add(struct req *q, struct condition_form *c, struct condition_node *n, str path, bool is_group)
{
    struct condition_node *child = node_new(q, is_group);
    if (is_group) PUSH(q->mem, &child->children, node_new(q, false));
    if (is_group && n->op == RULE_ALL) child->op = RULE_ANY;
    PUSH(q->mem, &n->children, child);
    c->focus = str_of(name_of(q, child_path(q, path, n->children.n - 1), is_group ? "g" : "s"));
}

static void child_remove(struct req *q, struct condition_form *c, struct condition_node *parent, size_t i, str path)
{
    memmove(parent->children.v + i, parent->children.v + i + 1, (parent->children.n - i - 1) * sizeof *parent->children.v);
    parent->children.n--;
    str up = path;
    while (up.n && up.p[up.n - 1] != '.') up.n--;
    c->focus = str_of(name_of(q, str_cut(up, 0, up.n - 1), "row"));
}

static void to_text(struct req *q, struct condition_form *c)
{
    json_t *json;
    c->focus = condition_form_rule(q, c, &json).code != OK ? c->fault_at : STR_NONE;
    if (c->focus.n) return;
    c->is_text = true;
    c->text = !json ? STR_NONE : json_is_string(json) ? json_text(json) : yaml_write(q->mem, json);
    c->focus = str_of(name_of(q, c->prefix, "text"));
}

static void to_menus(struct req *q, struct condition_form *c)
{
    struct rule *r;
    bool blank = !str_trim(c->text).n;
    c->root = node_new(q, true);
    c->focus = str_of(name_of(q, c->prefix, "g"));
    if (!blank) {
        err e = rule_parse(q->mem, c->text, &r);
        if (e.code == OK && menus_take(q, c, r)) blank = true;
        else c->focus = str_of(name_of(q, c->prefix, "text")), c->notice = W("condition.menus_cannot");
    }
    c->is_text = !blank;
}

bool condition_form_act(struct req *q, struct condition_form *c, str act)
{
    str path, what = str_split(act, ' ', &path), verb;
    if (!str_eq(what, c->prefix)) return false;
    verb = str_split(path, ' ', &path);
    if (str_is(verb, "text")) return to_text(q, c), true;
    if (str_is(verb, "menus")) return to_menus(q, c), true;
    size_t index = 0;
    struct condition_node *parent, *n = str_starts(path, c->prefix) ? node_at(c, path, &parent, &index) : NULL;
    if (!n) return true;
    if (str_is(verb, "again") && !n->is_group) row_again(q, c, n, path);
    if (str_is(verb, "remove") && parent) child_remove(q, c, parent, index, path);
    if ((str_is(verb, "row") || str_is(verb, "group")) && n->is_group && n->children.n < CONDITION_CHILDREN_MOST) child_add(q, c, n, path, str_is(verb, "group"));
    return true;
}

/* ---- what it says */

static err faulted(struct condition_form *c, err e)
{
    c->fault = e;
    c->fault_at = str_of(e.at);
    return e;
}

err condition_form_rule(struct req *q, struct condition_form *c, json_t **out)
{
    struct rule *r;
    *out = NULL;
    if (c->is_text) {
        err e = str_trim(c->text).n ? rule_text_json(q->mem, c->text, out) : NO_ERR;
        if (e.code == OK) return e;
        condition_form_fault(q, c, e);
        return c->fault;
    }
    err e = condition_node_rule(q->mem, c, c->root, c->prefix, &r);
    if (e.code != OK) return faulted(c, e);
    if (r && rule_op(r) != RULE_NONE && rule_children(r) == 1) r = (struct rule *)(uintptr_t)rule_child(r, 0);
    if (r) *out = rule_json(q->mem, r);
    return NO_ERR;
}

/* The end of "fields[3].when: toutes ces conditions[1]: âge > (col. 6)" is what the line holds; a reader of YAML says "l. 3, col. 1". */
static int64_t line_of(str text, str place)
{
    str snippet = place, rest;
    ptrdiff_t col = str_find(snippet, S(" (col."));
    int64_t line = 1;
    if (col >= 0) snippet = str_cut(snippet, 0, (size_t)col);
    for (ptrdiff_t i; (i = str_find(snippet, S(": "))) >= 0 && str_find(text, snippet) < 0;) snippet = str_cut(snippet, (size_t)i + 2, snippet.n);
    ptrdiff_t found = snippet.n ? str_find(text, str_trim(snippet)) : -1;
    if (str_starts(place, S("l. ")) && str_i64(str_split(str_cut(place, 3, place.n), ',', &rest), &line).code == OK) return line;
    for (ptrdiff_t i = 0; i < found; i++) line += text.p[i] == '\n';
    return found < 0 ? 0 : line;
}

void condition_form_fault(struct req *q, struct condition_form *c, err e)
{
    str at = str_of(e.at ? e.at : ""), rest;
    if (str_starts(at, S("fields["))) {                         /* of the whole definition */
        str_split(at, ' ', &rest);
        at = rest;
    }
    c->fault_detail = at;
    if (c->is_text) c->fault_line = line_of(c->text, at);
    e.at = name_of(q, c->prefix, c->is_text ? "text" : "g");
    faulted(c, e);
}

str condition_form_said(struct req *q, const struct condition_form *c)
{
    str said = words(q->lang, c->fault.msg);
    if (c->fault_detail.n) said = str_fmt(q->mem, "%.*s (%.*s)", STR_ARG(said), STR_ARG(c->fault_detail));
    if (!c->fault_line) return said;
    return words_fill(q->mem, q->lang, W("condition.at_line"), "line", str_fmt(q->mem, "%lld", (long long)c->fault_line), "said", said, NULL);
}

str condition_form_words(struct req *q, const struct condition_form *c)
{
    struct rule *r = NULL;
    struct answers_env env = {.lang = q->lang, .zone = q->tenant->zone};
    if (c->is_text ? !str_trim(c->text).n || rule_parse(q->mem, c->text, &r).code != OK : condition_node_rule(q->mem, c, c->root, c->prefix, &r).code != OK) return STR_NONE;
    struct strs names = r ? rule_names(q->mem, r) : (struct strs){0};
    struct sources from = {0};
    for (size_t i = 0; i < names.n; i++) {
        struct source s;
        if (!condition_name_read(q->mem, c, names.v[i], &s)) return STR_NONE;
        PUSH(q->mem, &from, s);
    }
    return r ? condition_words(q->mem, &env, &(struct condition){.menu = r, .from = from}) : STR_NONE;
}

/* ---- drawing */

static str error_of(struct req *q, const struct condition_form *c, str path, bool whole)
{
    bool here = c->fault.code != OK && str_starts(c->fault_at, path) && (whole || str_find_char(str_cut(c->fault_at, path.n + 1, c->fault_at.n), '.') < 0);
    return here && c->fault_at.n > path.n && c->fault_at.p[path.n] == '.' ? words(q->lang, c->fault.msg) : STR_NONE;
}

/* "w.0.2" is the condition 1.3 */
static str number_of(struct req *q, const struct condition_form *c, str path)
{
    struct strs parts = {0};
    str rest = str_cut(path, c->prefix.n + 1, path.n);
    int64_t i;
    while (rest.n)
        if (str_i64(str_split(rest, '.', &rest), &i).code == OK) PUSH(q->mem, &parts, str_fmt(q->mem, "%lld", (long long)i + 1));
    return str_join(q->mem, parts, S("."));
}

static void put(struct req *q, struct choices *out, str value, str label, str chosen)
{
    PUSH(q->mem, out, (struct choice){.value = value, .label = label, .is_chosen = str_eq(value, chosen)});
}

static bool has_focus(struct req *q, const struct condition_form *c, str path, const char *input) { return str_eq(c->focus, str_of(name_of(q, path, input))); }

static void values_fill(struct req *q, const struct condition_form *c, const struct field *f, const struct condition_op *o, const struct condition_node *n, struct part_condition_row *p)
{
    struct condition_readable all = condition_readable(q->mem, c);
    str code, name;
    p->takes = o->takes != TAKES_NOTHING;
    p->values_label = words(q->lang, o->takes == TAKES_QUESTION ? W("condition.other") : W("condition.value"));
    bool options = o->takes == TAKES_OPTION || (o->takes == TAKES_VALUE && !f->other);
    for (size_t i = 0; options && i < f->options.n && i < 500; i++)
        if (!f->options.v[i].retired || str_eq(f->options.v[i].id, n->value)) put(q, &p->values, f->options.v[i].id, text_in(&f->options.v[i].label, q->lang), n->value);
    for (size_t i = 0; o->takes == TAKES_DEPARTEMENT && departement_at(i, &code, &name); i++) put(q, &p->values, code, str_fmt(q->mem, "%.*s – %.*s", STR_ARG(code), STR_ARG(name)), n->value);
    for (size_t i = 0; o->takes == TAKES_REGION && region_at(i, &code, &name); i++) put(q, &p->values, code, name, n->value);
    for (size_t i = 0; o->takes == TAKES_QUESTION && i < all.n; i++)
        if (all.v[i] != f && all.v[i]->type->reads_as == f->type->reads_as) put(q, &p->values, all.v[i]->name, text_in(&all.v[i]->label, q->lang), n->value);
    p->is_date = o->takes == TAKES_VALUE && f->type->reads_as == RULE_DATE;
    p->is_number = o->takes == TAKES_VALUE && f->type->reads_as == RULE_NUMBER;
    p->is_text = p->takes && !p->values.n && !p->is_date && !p->is_number;
    p->value = n->value;
    p->unit = n->unit.n ? n->unit : p->is_number ? field_rule_unit(f) : STR_NONE;
}

static void row_draw(struct req *q, const struct condition_form *c, const struct condition_node *n, str path, struct html_out *o)
{
    struct part_condition_row p = {.id = path, .prefix = c->prefix, .number = number_of(q, c, path), .error = error_of(q, c, path, true),
                                   .focus_s = has_focus(q, c, path, "s"), .focus_o = has_focus(q, c, path, "o"), .focus_v = has_focus(q, c, path, "v")};
    struct condition_readable all = condition_readable(q->mem, c);
    const struct field *f = condition_source(c, n->source);
    for (size_t i = 0; i < all.n; i++) put(q, &p.sources, all.v[i]->name, text_in(&all.v[i]->label, q->lang), n->source);
    p.has_source = f != NULL;
    for (const struct condition_op *op = condition_ops; f && op->code; op++)
        if (condition_op_fits(op, f)) put(q, op->takes == TAKES_QUESTION ? &p.other_ops : &p.ops, str_of(op->code), words(q->lang, op->words), n->act);
    const struct condition_op *chosen = f ? condition_op_of(f, n->act) : NULL;
    if (chosen) values_fill(q, c, f, chosen, n, &p);
    part_condition_row(o, &p);
}

static void group_draw(struct req *q, const struct condition_form *c, const struct condition_node *n, str path, int depth, struct html_out *o)
{
    static const struct { const char *value, *words; enum rule_op op; } ops[] = {
        {"all", W("condition.all"), RULE_ALL}, {"any", W("condition.any"), RULE_ANY}, {"none", W("condition.none"), RULE_NONE}};
    struct part_condition_group p = {.id = path, .prefix = c->prefix, .is_root = depth == 1, .is_deep = depth + 1 >= CONDITION_DEPTH_MOST, .focus_g = has_focus(q, c, path, "g"), .focus_row = has_focus(q, c, path, "row"),
                                     .is_full = n->children.n >= CONDITION_CHILDREN_MOST, .error = error_of(q, c, path, false)};
    if (depth > 1) p.number = number_of(q, c, path);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        PUSH(q->mem, &p.ops, (struct choice){.value = str_of(ops[i].value), .label = words(q->lang, ops[i].words), .is_chosen = ops[i].op == n->op});
    part_condition_group_top(o, &p);
    for (size_t i = 0; i < n->children.n; i++) {
        const struct condition_node *child = n->children.v[i];
        if (child->is_group) group_draw(q, c, child, child_path(q, path, i), depth + 1, o);
        else row_draw(q, c, child, child_path(q, path, i), o);
    }
    part_condition_group_bottom(o, &p);
}

static void text_draw(struct req *q, const struct condition_form *c, struct html_out *o)
{
    struct part_condition_text p = {.id = str_of(name_of(q, c->prefix, "text")), .prefix = c->prefix, .value = c->text, .focus = has_focus(q, c, c->prefix, "text")};
    struct condition_readable all = condition_readable(q->mem, c);
    for (size_t i = 0; i < all.n; i++) PUSH(q->mem, &p.names, (struct link){.label = text_in(&all.v[i]->label, q->lang), .hint = all.v[i]->name});
    if (c->fault.code != OK) {
        p.error = condition_form_said(q, c);
    } else if (c->notice) {
        p.error = words(q->lang, c->notice);
    }
    part_condition_text(o, &p);
}

struct html condition_form_draw(struct req *q, struct condition_form *c)
{
    struct html_out o = {.b = page_buf(q, 1 << 22), .mem = q->mem, .lang = q->lang, .zone = q->tenant->zone};
    if (!c->is_text && !c->root->children.n) PUSH(q->mem, &c->root->children, node_new(q, false));
    if (c->is_text) text_draw(q, c, &o);
    else group_draw(q, c, c->root, c->prefix, 1, &o);
    return html_safe(buf_str(o.b));
}
