/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_answers.h — plausible answers for the demonstration, drawn from a seed: the same at every filling. Invented people only. */
#pragma once
#include "core/answers.h"

struct dice { uint64_t state; };
uint64_t dice_below(struct dice *d, uint64_t n);
bool dice_one_in(struct dice *d, uint64_t n);
str dice_pick(struct dice *d, const char *const *list);         /* ends with NULL */
str demo_person(arena *mem, struct dice *d);                     /* forename and surname, both invented */
str demo_sentence(arena *mem, struct dice *d);
/* Answers to all that is asked, conditions obeyed. file: makes one that a question asks for, absent when it cannot. */
struct demo_files { str (*make)(void *arg, bool is_image); void *arg; };
err demo_answers(arena *mem, struct dice *d, const struct kind *k, const struct answers_env *env, const struct demo_files *files, json_t **out);
