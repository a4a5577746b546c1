/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers_read.h — what checking and reading answers share. Inside the core only. */
#pragma once
#include "core/answers.h"
#include "core/answers_view.h"

#define ROWS_MOST 200

struct checker {
    arena *mem;
    const struct answers_env *env;
    bool from_form;
    struct answer_faults *faults;
};
void fault_put(struct checker *c, const struct field *f, str path, const char *msg, str arg);
/* A value through its type's check; false: a fault was put. *out NULL: as good as not filled. */
bool check_one(struct checker *c, const struct field *f, str path, const json_t *given, json_t **out);
/* What must hold for a record to be filed and is known not to: a fault at the question it reads. */
void eligibility_check(struct checker *c, const struct kind *k, struct view *v);
const char *missing_words(const struct field *f);
const json_t *row_named(const json_t *rows, str id);
bool row_id_good(str id);
size_t rows_most(const struct field *f);
