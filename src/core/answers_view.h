/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers_view.h — which questions are asked, and what is computed, given the answers. Walks fields in order, since a condition reads earlier
   ones only. Conditions and computed values are rules of the form (form_rules.h): an evaluator is started with the first of them, and
   answers are given to it as they are read. Inside the core only. */
#pragma once
#include "core/answers.h"
#include "rules/engine.h"

struct view {
    arena *mem;
    const struct fields *fields;
    const json_t *doc, *row;        /* row: answers of the repeat row at hand, NULL at top level */
    bool *shown;                    /* by field.index, as far as walked */
    bool *walked, *given;           /* by field.index: whether it is shown is known; its answer was given to the evaluator */
    size_t pending;                 /* fields before it were given, or none is to be */
    const json_t *row_given;        /* whose answers those of a repeat are */
    struct evaluator **ev;          /* NULL in it: nothing was evaluated yet; freed with mem, or by view_end */
    int64_t today_days;             /* the day, for durations; 0: the clock's */
};
/* Everything walked, for a document that does not change. all: how many fields, rows' counted. */
struct view view_of(arena *mem, const struct fields *fields, size_t all, const json_t *doc, int64_t today_days);
struct view view_new(arena *mem, const struct fields *fields, size_t all, const json_t *doc);
/* Before mem goes: a view that is one of many in it. */
void view_end(struct view *v);
/* Walks one field: its earlier ones must have been. Sets shown and gives it back. A child: v->row must be its row. */
bool view_walk(struct view *v, const struct field *f);
/* Sets v->row and walks the row's fields. */
void view_row(struct view *v, const struct field *repeat, const json_t *row);
/* NULL: true. `in`: the repeat in whose row it is asked. */
enum rule_truth view_truth(struct view *v, const struct condition *c, const struct field *in);
/* One comparison of a menu, alone. */
enum rule_truth view_comparison(struct view *v, const struct rule *comparison, const struct condition *of, const struct field *in);
/* What its rule says, in the field's normal form; NULL: nothing (hidden, not applicable, something is missing, a fault). */
json_t *view_computed(struct view *v, const struct field *f);
/* The evaluator, with the answers of the fields shown; NULL: the form has no rules. */
struct evaluator *view_evaluator(struct view *v, const struct field *in);
const json_t *view_value(struct view *v, const struct field *f);
int64_t env_today(const struct answers_env *env);       /* days */
/* Whether the script and the schema can decide by themselves that it is asked: menus only, and nothing that was computed. */
bool field_is_told(const struct field *f);
size_t fields_walk(const struct fields *fields);
/* Of a value that a rule reads. */
struct rule_answer value_answer(arena *mem, struct rule_value v);
