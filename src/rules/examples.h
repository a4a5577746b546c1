/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* examples.h — the `exemples` that rules carry: a situation and what must come of it (valeur attendue, unité attendue, variables
   manquantes, exception, type). Numbers agree to a thousandth, as the reference's own suite has it. */
#pragma once
#include "rules/engine.h"

struct examples_result { size_t passed, failed; };
/* fails: called for each that does, with the rule, the example's name or number, and what was got; they live during the call. */
typedef void (*example_fails)(void *arg, str rule, str example, str why);
struct examples_result examples_run(const struct rulebase *base, example_fails fails, void *arg);
/* {"value": 12.5, "unit": "€", "missing": ["a . b"]}, or {"error": "…"}: not applicable is null, not defined "undefined". New reference. */
json_t *answer_json(struct evaluator *ev, str expression);
