/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letter_fill.h — what the filling of a letter and its mandatory parts share. Inside the core only. */
#pragma once
#include "core/letter_template.h"
#include "core/receipt.h"

struct letter_filling {
    arena *mem; const struct letter_source *s; enum lang lang;
    struct receipt receipt;
    struct letter_vars vars;
    struct letter_uses uses;                /* of the body */
};
void letter_heading(struct letter_filling *f, struct paper *out, str words_said);
void letter_say(struct letter_filling *f, struct paper *out, str words_said);      /* paragraphs; lines are kept */
str letter_answer(const struct letter_filling *f, const struct field *ask);
bool letter_body_says(const struct letter_filling *f, str name);
