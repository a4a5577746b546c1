/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* life.h — the life-cycle: transitions, what they ask, what they do, clocks. Effects are a closed table; no loop, no script. */
#pragma once
#include "core/rights.h"

struct act {                        /* one transition somebody wants */
    const struct who *who; const struct kind *kind; const struct tenant *tenant;
    str transition; const json_t *asks;          /* answers to its questions, checked */
    int64_t seen_version;           /* 0: not checked (system) */
    int64_t actor; int64_t now_us;  /* actor 0: the system's, or made from who->account */
};
/* In a transaction. r->id says which; *r is read afresh, then holds what was written. E_CONFLICT "core.life.conflict" (at: what the
   other did and who), E_INVALID (asks; a guard; not from this state), E_DENIED, E_NOT_FOUND. */
err life_apply(db *w, arena *mem, struct record *r, const struct act *a);
/* The same in a transaction of its own. */
err life_act(db *d, arena *mem, struct record *r, const struct act *a);
/* What a transition asks about one record: its questions, where masks may hide each file of a public field by itself. */
struct fields life_asks(arena *mem, const struct transition *t, const struct kind *k, const struct record *r);
/* The transitions this person may start now. */
struct transition_refs { const struct transition **v; size_t n; };
struct transition_refs life_choices(arena *mem, const struct who *w, const struct tenant *tenant, const struct kind *k, const struct record *r, int64_t now_us);
/* What stands where, which transitions are open or shut and why, timers, journal: for `beffroi explain`. One line each. */
err life_explain(db *d, arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, const struct who *w, struct strs *out);
/* Behind whom an act stands: as given, else its account, the system, or who holds the record by code. */
err act_actor(db *w, const struct act *a, const struct record *r, int64_t *out);
/* What an event of the journal is called: the title of its transition, or "Dépôt"… */
str event_title(const struct kind *k, str verb, enum lang lang);
/* E_CONFLICT with what was done last to *now and who did it, in `at`. */
err life_conflict(db *w, arena *mem, const struct kind *k, const struct record *now);

/* Clocks and timers. Timers of the state just entered are made, the others stopped; life_begin: at the filing. */
err life_begin(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, int64_t now_us);
err life_enter(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, str left_state, int64_t now_us);
/* The clock of silence (CRPA L231-1, L231-4): the last second of the day at whose end silence decides. The day of receipt is not counted.
   0: no regime, or no span. */
int64_t silence_start(const struct tenant *t, const struct kind *k, int64_t body, int64_t from_us);
bool silence_accepts(const struct tenant *t, const struct kind *k, int64_t body);
/* Fires one timer: in one transaction takes it and applies its transition as the system. Gone or no longer fitting: OK, nothing. */
struct life_world { const struct tenant *tenant; struct kinds *kinds; };
err life_fire(db *d, arena *mem, int64_t record, str timer, int64_t now_us, void *life_world);

struct letter_ref { int64_t id; str code; };
struct effect_call { db *w; arena *mem; struct record *r /* changed in memory, saved after the last effect */; const struct act *a;
                     const struct transition *t; int64_t cause /* journal seq */; str said /* the words of its answers */;
                     struct letter_ref *letter /* the one this transition sent; id 0: none */; };
struct effect_type { const char *name; const char *doc; err (*check)(const json_t *argument); err (*run)(const struct effect_call *c, const json_t *argument); };
extern const struct effect_type effect_types[];   /* letter, notify, message, set, assign, transfer, link, publish, mask, due, clock, webhook; ends with NULL name */
const struct effect_type *effect_named(str name);
