/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A condition as a sentence, with the labels of questions and options: for people who hold a sheet of paper. */
#include "core/field_types.h"
#include "core/kind_parts.h"
#include "formats/departement.h"

struct telling { arena *mem; const struct answers_env *env; const struct sources *from; };

static const struct source *source_of(const struct sources *from, str name)
{
    for (size_t i = 0; i < from->n; i++)
        if (str_eq(from->v[i].name, name)) return &from->v[i];
    return NULL;
}

struct atom atom_of(const struct rule *r, const struct sources *from)
{
    const struct source *s = source_of(from, rule_left(r)), *other;
    struct atom a = {.op = rule_op(r), .field = s ? s->field : NULL, .right = rule_right(r)};
    if (a.op == RULE_REF) a.op = RULE_EQ, a.right = (struct rule_value){.kind = RULE_BOOL, .b = true};
    if (s && s->field->type->reads_as != RULE_LIST) a.part = s->part;
    else if (s && s->part.n && a.right.kind == RULE_BOOL) {
        a.op = a.right.b == (a.op == RULE_EQ) ? RULE_EQ : RULE_NE;
        a.right = (struct rule_value){.kind = RULE_TEXT, .text = s->part};
    }
    other = a.right.kind == RULE_NAME ? source_of(from, a.right.text) : NULL;
    if (a.right.kind == RULE_NAME) a.other = other ? other->field : NULL;
    return a;
}

static const char *bool_key(const struct field *f, bool yes)
{
    if (f && f->type->check == check_checkbox) return yes ? W("field.when.ticked") : W("field.when.not_ticked");
    return yes ? W("field.when.yes") : W("field.when.no");
}

static const char *text_key(const struct field *f, bool same)
{
    if (f && f->type->reads_as == RULE_LIST) return same ? W("field.when.among") : W("field.when.not_among");
    return same ? W("field.when.is") : W("field.when.is_not");
}

static const char *number_key(enum rule_op op)
{
    switch (op) {
    case RULE_NE: return W("field.when.number_not");
    case RULE_LT: return W("field.when.number_less");
    case RULE_LE: return W("field.when.number_most");
    case RULE_GT: return W("field.when.number_more");
    case RULE_GE: return W("field.when.number_least");
    default: return W("field.when.number");
    }
}

static const char *date_key(enum rule_op op)
{
    switch (op) {
    case RULE_NE: return W("field.when.date_not");
    case RULE_LT: return W("field.when.date_before");
    case RULE_LE: return W("field.when.date_until");
    case RULE_GT: return W("field.when.date_after");
    case RULE_GE: return W("field.when.date_from");
    default: return W("field.when.date");
    }
}

static const char *two_dates_key(enum rule_op op)
{
    switch (op) {
    case RULE_NE: return W("field.when.dates_not");
    case RULE_LT: return W("field.when.dates_before");
    case RULE_LE: return W("field.when.dates_until");
    case RULE_GT: return W("field.when.dates_after");
    case RULE_GE: return W("field.when.dates_from");
    default: return W("field.when.dates");
    }
}

/* What people read of a constant: an option's label, a figure as it is written here. */
static str bare_words(const struct telling *t, const struct field *f, struct rule_value v)
{
    if (v.kind == RULE_DATE) return words_date(t->mem, t->env->lang, v.days);
    json_t *one = json_own(t->mem, v.kind == RULE_NUMBER ? json_real(v.number) : json_from_str(v.text));
    if (!f) return v.kind == RULE_NUMBER ? json_canonical(t->mem, one) : v.text;
    if (f->type->reads_as != RULE_LIST) return f->type->show(f, t->mem, one, t->env);
    json_t *list = json_own(t->mem, json_array());
    json_array_append(list, one);
    return f->type->show(f, t->mem, list, t->env);
}

static str constant_words(const struct telling *t, const struct field *f, struct rule_value v)
{
    str bare = bare_words(t, f, v);
    return v.kind != RULE_NUMBER || !v.unit.n || str_ends(bare, v.unit) ? bare : str_fmt(t->mem, "%.*s\u00a0%.*s", STR_ARG(bare), STR_ARG(v.unit));
}

static str place_words(const struct telling *t, str label, const struct atom *a)
{
    bool is_region = str_is(a->part, PART_REGION), same = a->op != RULE_NE;
    str name = is_region ? region_name(a->right.text) : departement_name(a->right.text);
    const char *key = is_region ? (same ? W("field.when.in_region") : W("field.when.not_in_region")) : same ? W("field.when.in_departement") : W("field.when.not_in_departement");
    return words_fill(t->mem, t->env->lang, key, "label", label, "value", name.n ? name : a->right.text, NULL);
}

/* Another question, in quotes where the sentence has none. */
static str other_words(const struct telling *t, const struct field *other, enum rule_value_kind kind)
{
    str label = text_in(&other->label, t->env->lang);
    return kind == RULE_NUMBER ? words_fill(t->mem, t->env->lang, W("field.when.quoted"), "label", label, NULL) : label;
}

static str atom_words(const struct telling *t, const struct rule *r)
{
    struct atom a = atom_of(r, t->from);
    enum rule_op op = a.op;
    const struct field *f = a.field;
    struct rule_value right = a.right;
    str label = f ? text_in(&f->label, t->env->lang) : rule_left(r);
    if (op == RULE_KNOWN || op == RULE_NOT_KNOWN)
        return words_fill(t->mem, t->env->lang, op == RULE_KNOWN ? W("field.when.known") : W("field.when.not_known"), "label", label, NULL);
    if (a.part.n) return place_words(t, label, &a);
    if (right.kind == RULE_BOOL)
        return words_fill(t->mem, t->env->lang, bool_key(f, right.b == (op != RULE_NE)), "label", label, NULL);
    enum rule_value_kind kind = right.kind == RULE_NAME && a.other ? a.other->type->reads_as : right.kind;
    const char *key = kind == RULE_NUMBER ? number_key(op) : kind == RULE_DATE ? (a.other ? two_dates_key(op) : date_key(op)) : text_key(f, op != RULE_NE);
    return words_fill(t->mem, t->env->lang, key, "label", label, "value", a.other ? other_words(t, a.other, kind) : constant_words(t, f, right), NULL);
}

static str told(const struct telling *t, const struct rule *r, bool inner);

static str children_told(const struct telling *t, const struct rule *r)
{
    struct strs parts = {0};
    for (size_t i = 0; i < rule_children(r); i++) PUSH(t->mem, &parts, told(t, rule_child(r, i), true));
    return str_join(t->mem, parts, words(t->env->lang, W("field.when.and_then")));
}

static str told(const struct telling *t, const struct rule *r, bool inner)
{
    static const char *const keys[][2] = {[RULE_ALL] = {W("field.when.all"), W("field.when.inner_all")}, [RULE_ANY] = {W("field.when.any"), W("field.when.inner_any")},
                                          [RULE_NONE] = {W("field.when.none"), W("field.when.inner_none")}};
    if (!rule_is_group(r)) return atom_words(t, r);
    if (rule_children(r) == 1 && rule_op(r) != RULE_NONE) return told(t, rule_child(r, 0), inner);
    const char *key = keys[rule_op(r)][inner];
    return words_fill(t->mem, t->env->lang, key, "list", children_told(t, r), NULL);
}

str condition_words(arena *mem, const struct answers_env *env, const struct condition *c)
{
    return c->menu ? told(&(struct telling){mem, env, &c->from}, c->menu, false) : said_in(c->text, LANG_FR);
}
