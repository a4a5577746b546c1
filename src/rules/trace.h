/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace.h — why a result is what it is. A trace is a pure function of the rules, the situation, the expression and the build: asked again
   it comes back byte for byte (json_canonical), so that a stored one is the proof of a decision (CRPA L311-3-1, R311-3-1-2) and its
   replay. Only what was evaluated is in it; each rule once, so that it grows with the rules read, not with the paths to them.
   docs/trace.md describes it, web/trace.schema.json checks it, view/why.h writes it in words. */
#pragma once
#include "rules/engine.h"

/* BLAKE2b-256 of the canonical JSON of the rules, in hexadecimal: which version of them. Lives as long as the base. hash_start first. */
str rulebase_hash(const struct rulebase *b);
/* The day that `durée` counts to when nothing else is said, dd/mm/yyyy. */
str rulebase_today(const struct rulebase *b);

struct trace_options { str today; /* absent: the base's */ struct evaluator_limits limits; };
/* Evaluates the expression in an evaluator of its own, so that nothing asked before shows. situation: as evaluator_situation takes it, NULL:
   empty; a copy stands in the trace (incomes!). options: NULL for the usual. E_INVALID: *fault says why; it lives in mem.
   With the situation, the day and the expression of a trace (its "situation", "today", "asked"): its replay. */
err rules_trace(arena *mem, const struct rulebase *b, json_t *situation, str expression, const struct trace_options *options, json_t **out,
                struct rule_fault *fault);
/* The same for the values given to `ev` one by one (evaluator_give), on its day; the trace says them as a situation. */
err evaluator_trace(arena *mem, const struct evaluator *ev, str expression, json_t **out, struct rule_fault *fault);

/* What differs between two traces, in the order of `before`: [{"path", "before", "after"}], path as RFC 6901 has it; a side that has
   nothing there is left out. Numbers within a relative 1e-9 and the version of the engine are no difference. */
json_t *trace_compare(arena *mem, const json_t *before, const json_t *after);
