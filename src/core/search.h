/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* search.h — words to records: FTS5 or tsvector. Diacritics and case ignored, every word a prefix, newest draft first. Two texts a
   record: public (the projection) and private (agents). A query as typed never fails. */
#pragma once
#include "base/hash.h"
#include "core/rights.h"

struct hit { int64_t record; str kind, title, state, reference, summary; int64_t created_us; };
struct hits { struct hit *v; size_t n; };
err search_put(db *w, arena *mem, const struct kind *k, const struct record *r, const struct contact *c /* NULL: none */);
err search_remove(db *w, int64_t record);
/* public_only: words and titles of the public projection; otherwise what this person may list (VERB_LIST) is searched whole. */
err search_run(db *d, arena *mem, const struct who *who, bool public_only, str typed, str kind /* absent: all */, int limit, struct hits *out);
/* The same, for any of several readings of what was typed (found.h). */
err search_run_any(db *d, arena *mem, const struct who *who, bool public_only, struct strs readings, str kind, int limit, struct hits *out);
/* Restricts a SELECT over `record r` to what is typed; false: nothing typed can be found. Used by lists. */
bool search_where(arena *mem, db *d, struct select *q, bool public_only, str typed, str kind);
/* After an erasure on SQLite the old words still lie in the full-text index: merges what stands there, in slices, others writing between. */
err search_scrub(db *d);

/* The words of a text, folded, letters and figures only, in their order. */
struct strs search_cut(arena *mem, str text);
/* Words as both engines keep them: folded, letters and figures only, each once, sorted, one blank between. */
str search_words(arena *mem, struct strs texts);
