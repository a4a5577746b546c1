/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A condition as a sentence, with the labels of questions and options: for people who hold a sheet of paper. */
#include "core/field_types.h"

struct telling { arena *mem; const struct answers_env *env; const struct sources *from; };

static const struct field *source_of(const struct telling *t, str name)
{
    for (size_t i = 0; i < t->from->n; i++)
        if (str_eq(t->from->v[i].name, name)) return t->from->v[i].field;
    return NULL;
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

/* What people read of a constant: an option's label, a figure as it is written here. */
static str constant_words(const struct telling *t, const struct field *f, struct rule_value v)
{
    if (v.kind == RULE_DATE) return words_date(t->mem, t->env->lang, v.days);
    json_t *one = json_own(t->mem, v.kind == RULE_NUMBER ? json_real(v.number) : json_from_str(v.text));
    if (!f) return v.kind == RULE_NUMBER ? json_canonical(t->mem, one) : v.text;
    if (f->type->reads_as != RULE_LIST) return f->type->show(f, t->mem, one, t->env);
    json_t *list = json_own(t->mem, json_array());
    json_array_append(list, one);
    return f->type->show(f, t->mem, list, t->env);
}

static str atom_words(const struct telling *t, const struct rule *r)
{
    enum rule_op op = rule_op(r);
    const struct field *f = source_of(t, rule_left(r));
    struct rule_value right = op == RULE_REF ? (struct rule_value){.kind = RULE_BOOL, .b = true} : rule_right(r);
    str label = f ? text_in(&f->label, t->env->lang) : rule_left(r);
    if (right.kind == RULE_BOOL)
        return words_fill(t->mem, t->env->lang, bool_key(f, right.b == (op != RULE_NE)), "label", label, NULL);
    const char *key = right.kind == RULE_NUMBER ? number_key(op) : right.kind == RULE_DATE ? date_key(op) : text_key(f, op != RULE_NE);
    return words_fill(t->mem, t->env->lang, key, "label", label, "value", constant_words(t, f, right), NULL);
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
    bool all = rule_op(r) == RULE_ALL;
    if (!all && rule_op(r) != RULE_ANY) return atom_words(t, r);
    if (rule_children(r) == 1) return told(t, rule_child(r, 0), inner);
    const char *key = inner ? (all ? W("field.when.inner_all") : W("field.when.inner_any")) : all ? W("field.when.all") : W("field.when.any");
    return words_fill(t->mem, t->env->lang, key, "list", children_told(t, r), NULL);
}

str condition_words(arena *mem, const struct answers_env *env, const struct condition *c)
{
    return c->menu ? told(&(struct telling){mem, env, &c->from}, c->menu, false) : said_in(c->text, LANG_FR);
}
