/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* life.h — the life-cycle: transitions, what they ask, what they do. Effects are a closed table; no loop, no script. */
#pragma once
#include "core/rights.h"

struct act {                        /* one transition somebody wants */
    const struct who *who; const struct kind *kind; const struct tenant *tenant;
    str transition; const json_t *asks;          /* answers to its questions, checked */
    int64_t seen_version;           /* 0: not checked (system) */
    int64_t actor; int64_t now_us;
};
/* In a transaction. E_CONFLICT (at: what the other did and who), E_INVALID (asks), E_DENIED. */
err life_apply(db *w, arena *mem, struct record *r, const struct act *a);
/* The transitions this person may start now. */
struct transition_refs { const struct transition **v; size_t n; };
struct transition_refs life_choices(arena *mem, const struct who *w, const struct kind *k, const struct record *r);
/* Why not the others: for `beffroi explain`. One line each. */
err life_explain(db *d, arena *mem, const struct kind *k, const struct record *r, const struct who *w, struct strs *out);
/* Timers: makes those of the state just entered, stops the others. */
err life_enter(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, int64_t now_us);

struct effect_call { db *w; arena *mem; struct record *r; const struct act *a; const struct transition *t; int64_t cause /* journal seq */; };
struct effect_type { const char *name; const char *doc; err (*check)(const json_t *argument); err (*run)(const struct effect_call *c, const json_t *argument); };
extern const struct effect_type effect_types[];   /* notify, message, set, assign, transfer, link, publish, clock, webhook, mask, … ends with NULL name */
const struct effect_type *effect_named(str name);
