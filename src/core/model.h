/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* model.h — models of messages: words written once for a team or a procedure, with {names} filled in for one dossier. A procedure may
   bring some of its own (setting `messages`, docs/kinds.md). */
#pragma once
#include "core/rights.h"

struct model { int64_t id /* 0: the procedure's own */, team; str kind, title, words; };
struct models { struct model *v; size_t n; };

/* Those for one record: its team's, its kind's, everybody's; then the kind's own. k NULL: without the last. */
err models_for(db *d, arena *mem, const struct kind *k, const struct record *r, enum lang lang, struct models *out);
/* Those that this person may change: who manages that team, or that kind, or everything. */
err models_of(db *d, arena *mem, const struct who *w, struct models *out);
bool may_model(const struct who *w, int64_t team, str kind);
/* id 0: a new one. E_INVALID (at: the input): no title, no words, too long, a {name} that does not exist (at: that name); E_DENIED. */
err model_save(db *d, arena *mem, const struct who *w, struct model *m, int64_t now_us);
err model_remove(db *d, arena *mem, const struct who *w, int64_t id);
err model_get(db *d, arena *mem, const struct who *w, int64_t id, struct model *out);

struct model_about { const struct tenant *tenant; const struct kind *kind; const struct record *record; str person, agent, capacity, service; enum lang lang; int64_t now_us; };
str model_fill(arena *mem, str words, const struct model_about *a);        /* what is not known is left out */
struct model_name { const char *name, *what; };                            /* keys of the catalogue; any language's word is understood */
extern const struct model_name model_names[];                              /* ends with name NULL */
