/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* JSON Schema 2020-12 of the answers of a kind. A condition becomes if/then/else: hidden → the property is refused, shown → required when
   the field is. What if/then cannot say (a row's question that reads the row and the record together, two questions compared, a département) stands in x-beffroi-when. */
#include <string.h>

#include "core/answers_read.h"
#include "core/field_types.h"

struct schema {
    arena *mem;
    const struct answers_env *env;
    const struct kind *k;
};

static bool type_is(const struct field *f, const char *name) { return strcmp(f->type->name, name) == 0; }
static json_t *never(void) { return json_false(); }

static json_t *wrap(const char *key, json_t *v)
{
    json_t *o = json_object();
    json_object_set_new(o, key, v);
    return o;
}

/* {properties: {id: schema}, required: [id]} */
static json_t *holds(arena *mem, const struct field *f, json_t *value_schema)
{
    json_t *o = json_object(), *properties = json_object(), *required = json_array();
    json_object_set_new(properties, str_z(mem, f->id), value_schema);
    json_array_append_new(required, json_from_str(f->id));
    json_object_set_new(o, "properties", properties);
    json_object_set_new(o, "required", required);
    return o;
}

/* Dates of a fixed form compare as text does: a pattern for "after D" or "before D", by common beginning. */
static str date_pattern(arena *mem, str iso, bool after, bool or_equal)
{
    struct strs cases = {0};
    for (size_t i = 0; i < iso.n; i++) {
        char c = iso.p[i];
        if (c == '-' || c == (after ? '9' : '0')) continue;
        char low = after ? (char)(c + 1) : '0', high = after ? '9' : (char)(c - 1);
        PUSH(mem, &cases, str_fmt(mem, "%.*s[%c-%c]", (int)i, iso.p, low, high));
    }
    if (or_equal) PUSH(mem, &cases, iso);
    str all = str_join(mem, cases, S("|"));
    return str_fmt(mem, "^(?:%.*s)", STR_ARG(all));
}

static json_t *date_atom(arena *mem, enum rule_op op, str iso)
{
    bool after = op == RULE_GT || op == RULE_GE, equal = op == RULE_GE || op == RULE_LE;
    if (op == RULE_EQ) return wrap("pattern", json_from_str(str_fmt(mem, "^%.*s", STR_ARG(iso))));
    if (op == RULE_NE) return wrap("not", wrap("pattern", json_from_str(str_fmt(mem, "^%.*s", STR_ARG(iso)))));
    return wrap("pattern", json_from_str(date_pattern(mem, iso, after, equal)));
}

static json_t *number_atom(enum rule_op op, double x)
{
    json_t *n = x == (double)(int64_t)x ? json_integer((json_int_t)x) : json_real(x);
    switch (op) {
    case RULE_NE: return wrap("not", wrap("const", n));
    case RULE_LT: return wrap("exclusiveMaximum", n);
    case RULE_LE: return wrap("maximum", n);
    case RULE_GT: return wrap("exclusiveMinimum", n);
    case RULE_GE: return wrap("minimum", n);
    default: return wrap("const", n);
    }
}

static json_t *value_atom(arena *mem, const struct field *f, enum rule_op op, struct rule_value right)
{
    json_t *s;
    if (f->type->reads_as == RULE_NUMBER) return number_atom(op, right.number);
    if (f->type->reads_as == RULE_DATE) return date_atom(mem, op, date_iso(mem, right.days));
    if (f->type->reads_as == RULE_BOOL) return wrap("const", json_boolean((op == RULE_EQ) == right.b));
    s = wrap("const", json_from_str(right.text));
    if (f->type->reads_as == RULE_LIST) s = wrap("contains", s);
    else if (f->other) s = wrap("anyOf", json_pack("[o, {s:s, s:{s:O}, s:[s]}]", s, "type", "object", "properties", "other", s, "required", "other"));
    return op == RULE_NE ? wrap("not", s) : s;
}

static json_t *asked_test(struct schema *s, const struct field *f);

/* A box that is asked always says something; elsewhere an answer is one that is there. */
static json_t *known_atom(struct schema *s, const struct field *f, bool known)
{
    json_t *o = f->type->check != check_checkbox ? holds(s->mem, f, json_true()) : asked_test(s, f);
    if (!o) o = json_object();
    return known ? o : wrap("not", o);
}

/* An unticked box says no, as long as it is asked. */
static json_t *atom(struct schema *s, const struct rule *r, const struct sources *from)
{
    struct atom a = atom_of(r, from);
    enum rule_op op = a.op;
    const struct field *f = a.field;
    struct rule_value right = a.right;
    if (!f) return wrap("not", json_object());
    if (op == RULE_KNOWN || op == RULE_NOT_KNOWN) return known_atom(s, f, op == RULE_KNOWN);
    bool wants_no = f->type->reads_as == RULE_BOOL && (op == RULE_EQ || op == RULE_NE) && ((op == RULE_EQ) != right.b);
    if (f->type->check != check_checkbox || !wants_no) return holds(s->mem, f, value_atom(s->mem, f, op, right));
    json_t *unticked = wrap("not", holds(s->mem, f, wrap("const", json_true()))), *asked = asked_test(s, f);
    if (!asked) return unticked;
    json_t *both = json_array();
    json_array_append_new(both, unticked);
    json_array_append_new(both, asked);
    return wrap("allOf", both);
}

static json_t *condition(struct schema *s, const struct rule *r, const struct sources *from)
{
    enum rule_op op = rule_op(r);
    if (!rule_is_group(r)) return atom(s, r, from);
    if (op == RULE_NONE) return condition(s, rule_plain(s->mem, r), from);
    json_t *all = json_array();
    for (size_t i = 0; i < rule_children(r); i++) json_array_append_new(all, condition(s, rule_child(r, i), from));
    return wrap(op == RULE_ALL ? "allOf" : "anyOf", all);
}

/* Needed or not, which no schema can say: it is sent, and dropped where no result depends on it. */
static bool is_conditional(const struct field *f) { return f->when || f->section; }

/* Two questions compared, a département: no schema says it. */
static bool unsaid(const struct rule *r, const struct sources *from)
{
    for (size_t i = 0; i < rule_children(r); i++)
        if (unsaid(rule_child(r, i), from)) return true;
    return rule_right(r).kind == RULE_NAME || (!rule_is_group(r) && atom_of(r, from).part.n);
}

static bool is_said(const struct field *f)
{
    bool said = field_is_told(f);
    for (; f && said; f = f->section) said = !f->when || !unsaid(f->when->menu, &f->when->from);
    return said;
}

/* Its own condition and those of the sections it stands in; a new reference, NULL: always asked, or not to be told. */
static json_t *asked_test(struct schema *s, const struct field *f)
{
    if (!is_said(f)) return NULL;
    json_t *all = json_array();
    for (; f; f = f->section)
        if (f->when) json_array_append_new(all, condition(s, f->when->menu, &f->when->from));
    if (json_array_size(all) > 1) return wrap("allOf", all);
    json_t *only = json_incref(json_array_get(all, 0));
    json_decref(all);
    return only;
}

static json_t *property(struct schema *s, const struct field *f);

/* {if, then: required, else: refused} */
static json_t *conditional(struct schema *s, const struct field *f, json_t *test)
{
    json_t *o = wrap("if", test);
    if (f->required) json_object_set_new(o, "then", wrap("required", json_pack("[o]", json_from_str(f->id))));
    json_object_set_new(o, "else", wrap("properties", json_pack("{s:o}", str_z(s->mem, f->id), never())));
    return o;
}

enum reach { READS_ROW = 1, READS_RECORD = 2 };

static int reach_of(const struct field *f)
{
    int reach = 0;
    for (size_t i = 0; f->when && i < f->when->from.n; i++) reach |= f->when->from.v[i].field->parent ? READS_ROW : READS_RECORD;
    return reach;
}

/* A row's question that reads the record only: said at the top, of every row. */
static json_t *conditional_rows(struct schema *s, const struct field *f)
{
    json_t *shown = json_object(), *o = wrap("if", asked_test(s, f));
    if (f->required) json_object_set_new(shown, "required", json_pack("[o]", json_from_str(f->id)));
    json_t *hidden = wrap("properties", json_pack("{s:o}", str_z(s->mem, f->id), never()));
    const char *rows = str_z(s->mem, f->parent->id);
    json_object_set_new(o, "then", wrap("properties", json_pack("{s:{s:o}}", rows, "items", shown)));
    json_object_set_new(o, "else", wrap("properties", json_pack("{s:{s:o}}", rows, "items", hidden)));
    return o;
}

static void put_object(struct schema *s, json_t *o, const struct fields *fields)
{
    json_t *properties = json_object(), *required = json_array(), *rules = json_array();
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        if (!f->type->holds_value || f->is_private) continue;
        json_object_set_new(properties, str_z(s->mem, f->id), property(s, f));
        for (size_t j = 0; j < f->children.n; j++)
            if (reach_of(&f->children.v[j]) == READS_RECORD && is_said(&f->children.v[j]) && !f->children.v[j].is_private)
                json_array_append_new(rules, conditional_rows(s, &f->children.v[j]));
        if (f->computed) continue;
        if (!is_conditional(f) && f->required) json_array_append_new(required, json_from_str(f->id));
        json_t *test = !f->parent || reach_of(f) == READS_ROW ? asked_test(s, f) : NULL;
        if (test) json_array_append_new(rules, conditional(s, f, test));
    }
    json_object_set_new(o, "type", json_string("object"));
    json_object_set_new(o, "properties", properties);
    json_object_set_new(o, "required", required);
    json_object_set_new(o, "additionalProperties", json_false());
    if (json_array_size(rules)) json_object_set_new(o, "allOf", rules);
    else json_decref(rules);
}

static json_t *example_value(struct schema *s, const struct field *f);

/* What somebody would send: every required question that is asked, and those of `all` too. */
static json_t *example_object(struct schema *s, struct view *v, const struct fields *fields, json_t *out, bool all)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        bool shown = view_walk(v, f);
        bool wanted = f->required || (all && f->type->check != check_file);
        if (!shown || !f->type->holds_value || f->is_private || f->computed || !wanted) continue;
        if (!type_is(f, "repeat")) {
            json_t *value = example_value(s, f);
            if (value) json_object_set_new(out, str_z(s->mem, f->id), value);
            continue;
        }
        json_t *rows = json_array(), *row = json_object();
        json_array_append_new(rows, row);
        json_object_set_new(out, str_z(s->mem, f->id), rows);
        v->row = row;
        example_object(s, v, &f->children, row, all);
        v->row = NULL;
    }
    return out;
}

static json_t *example_value(struct schema *s, const struct field *f)
{
    json_t *one = json_own(s->mem, f->type->schema(f, s->mem, s->env));
    return json_incref(json_array_get(json_object_get(one, "examples"), 0));
}

static json_t *row_example(struct schema *s, const struct field *f)
{
    struct view v = view_new(s->mem, &s->k->fields, s->k->fields_walk, json_own(s->mem, json_object()));
    json_t *row = json_object();
    v.shown[f->index] = true;
    v.row = row;
    example_object(s, &v, &f->children, row, false);
    return row;
}

static json_t *repeat_schema(struct schema *s, const struct field *f)
{
    json_t *o = schema_of("array"), *item = json_object(), *examples = json_array();
    put_object(s, item, &f->children);
    json_object_set_new(json_object_get(item, "properties"), "_id", json_pack("{s:s, s:s, s:[s]}", "type", "string", "pattern", "^[A-Za-z0-9-]{1,40}$", "examples", "r1"));
    json_object_set_new(o, "items", item);
    if (f->required) json_object_set_new(o, "minItems", json_integer(1));
    json_object_set_new(o, "maxItems", json_integer((json_int_t)rows_most(f)));
    json_array_append_new(examples, row_example(s, f));
    schema_examples(o, examples);
    return o;
}

static json_t *property(struct schema *s, const struct field *f)
{
    json_t *o = type_is(f, "repeat") ? repeat_schema(s, f) : f->type->schema(f, s->mem, s->env);
    str help = f->help_is_html ? STR_NONE : text_in(&f->help, s->env->lang);
    if (f->type->check == check_file) help = str_trim(str_fmt(s->mem, "%.*s %.*s", STR_ARG(help), STR_ARG(words(s->env->lang, W("field.file.send_first")))));
    json_put_str(o, "title", text_in(&f->label, s->env->lang));
    if (help.n) json_put_str(o, "description", help);
    if (!str_eq(f->name, f->id)) json_put_str(o, "x-beffroi-name", f->name);
    json_put_str(o, "x-beffroi-type", str_of(f->type->name));
    if (f->when) json_put_str(o, "x-beffroi-when", f->when->text);
    if (f->computed) json_object_set_new(o, "readOnly", json_true());
    return o;
}

json_t *kind_schema(const struct kind *k, arena *mem, const struct answers_env *env)
{
    static const struct answers_env plain = {0};
    struct schema s = {.mem = mem, .env = env ? env : &plain, .k = k};
    json_t *o = json_own(mem, json_object()), *examples = json_array(), *example = json_object();
    json_object_set_new(o, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    json_put_str(o, "title", text_in(&k->title, s.env->lang));
    put_object(&s, o, &k->fields);
    struct view v = view_new(mem, &k->fields, k->fields_walk, example);
    json_array_append_new(examples, example_object(&s, &v, &k->fields, example, false));
    json_object_set_new(o, "examples", examples);
    return o;
}
