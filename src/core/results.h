/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* results.h — what rules gave of somebody's answers, and why (rules/trace.h): computed values, requirements, the team, a step that happens by
   itself, its delay. Of a draft they are made when they are looked at; a filing keeps them with the version of its answers, in rows that are
   erased with its words. A kept trace is the proof: replayed with the same build it comes back byte for byte (CRPA L311-3-1, R311-3-1-2).
   What only shows or hides a question (role display) is never kept. */
#pragma once
#include "core/answers.h"
#include "core/record.h"
#include "core/kinds.h"
#include "core/rule_uses.h"

struct result {
    str name;                   /* the rule that was asked: "tarif", "beffroi . éligibilité 1" */
    str path;                   /* of the question that shows it, "f3" or "f20/r7/f4"; absent: none */
    int64_t version, revision, at_us;     /* of the answers; of the kind; 0: not kept */
    json_t *trace;
};
struct results { struct result *v; size_t n; };

/* Of answers as they stand: every result of role assistance or decision that they have. */
err results_of_answers(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env, struct results *out);
/* In a transaction: those of a record's answers, at its version; those of its answers before stand no more. */
err results_keep(db *w, arena *mem, const struct kind *k, const struct record *r, const struct answers_env *env);
/* In a transaction: that of one rule that a step followed (a guard, a delay), at its version; it stays said when answers change. c NULL, or
   display: nothing. */
err results_keep_rule(db *w, arena *mem, const struct kind *k, const struct record *r, const struct condition *c, const struct answers_env *env);
/* Those that stand, the newest of each, in order of name and path. */
err results_kept(db *d, arena *mem, int64_t record, struct results *out);
err results_erase(db *w, int64_t record);

/* Replays what is kept, a page at a time: after NULL: from the first. E_NOT_FOUND: nothing after. */
struct replayed {
    struct result result;
    int64_t record;
    str kind;
    bool is_same;               /* byte for byte */
    json_t *differences;        /* of another build: [{path, before, after}]; empty: only within 1e-9 */
    str fault;                  /* it cannot be replayed: why; absent */
};
struct replays { struct replayed *v; size_t n; };
err results_replay(db *d, arena *mem, struct kinds *kinds, const struct replayed *after, int64_t most, struct replays *out);

const struct rulebase *kind_rulebase(const struct kind *k);     /* NULL: it has no rules */
/* What people call a rule of this kind, and a value of it; absent: as the rule itself says. Made of several, each is marked within (base/said.h). */
str result_rule_title(arena *mem, enum lang lang, const struct kind *k, str rule);
str result_value_title(enum lang lang, const struct kind *k, str rule, str value);
