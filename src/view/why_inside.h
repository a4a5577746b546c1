/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* why_inside.h — inside view/why: a trace being put in words. */
#pragma once
#include "formats/json.h"
#include "view/why.h"

/* The rules and the deep parts of the situation, or of one of the contexts. */
struct why_world { const json_t *rules, *parts; json_t *told; /* rules already explained */ };
struct why {
    arena *mem;
    enum lang lang;
    const json_t *trace;
    const struct why_names *names;
    struct why_options options;
    buf *out;
    json_t *numbers;                    /* rule to its place in the list at the end */
    struct why_world *world;
    unsigned depth;
};

/* why_words.c */
/* In a page of another language it is marked within (base/said.h), as what a value is called. */
str why_title(struct why *w, str rule);
str why_title_bare(struct why *w, str rule);
const json_t *why_rule(struct why *w, str rule);                 /* NULL: not read */
const json_t *why_part(struct why *w, const json_t *step);       /* the step itself, or the part it stands for */
/* Under what goes around a step and changed nothing: rounding, units, a bound that was not reached (*aside; NULL: none). */
const json_t *why_core(struct why *w, const json_t *step, const json_t **aside);
str why_step_value(struct why *w, const json_t *step, str rule);
/* Why a step has its value: "parce que Quotient familial (540 €) est dans la tranche de 400 € à 600 €". Absent: nothing to add. */
str why_clause(struct why *w, const json_t *step);
str why_rule_clause(struct why *w, str name, const json_t *rule);
str why_band(struct why *w, const json_t *scale, const json_t *band);
bool why_is(const json_t *step, const char *kind);
