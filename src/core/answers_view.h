/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers_view.h — which questions are asked, given the answers. Walks fields in order, since a condition reads earlier ones only.
   Inside the core only. */
#pragma once
#include "core/answers.h"

struct view {
    arena *mem;
    const struct fields *fields;
    const json_t *doc, *row;        /* row: answers of the repeat row at hand, NULL at top level */
    bool *shown;                    /* by field.index, as far as walked */
};
/* Everything walked, for a document that does not change. all: how many fields, rows' counted. */
struct view view_of(arena *mem, const struct fields *fields, size_t all, const json_t *doc);
struct view view_new(arena *mem, const struct fields *fields, size_t all, const json_t *doc);
/* Walks one field: its earlier ones must have been. Sets shown and gives it back. A child: v->row must be its row. */
bool view_walk(struct view *v, const struct field *f);
/* Sets v->row and walks the row's fields. */
void view_row(struct view *v, const struct field *repeat, const json_t *row);
bool view_rule(const struct view *v, const struct rule *r, const struct sources *from);
enum rule_truth view_truth(const struct view *v, const struct rule *r, const struct sources *from);
const json_t *view_value(const struct view *v, const struct field *f);
size_t fields_walk(const struct fields *fields);
