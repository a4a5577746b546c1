/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* search.h — words to records: FTS5 or tsvector. Diacritics and case ignored, every word a prefix, newest first. Two texts a record:
   public (the projection) and private (agents). A query as typed never fails. */
#pragma once
#include "core/rights.h"

struct hit { int64_t record; str kind, title, state, summary; int64_t created_us; };
struct hits { struct hit *v; size_t n; };
err search_put(db *w, arena *mem, const struct kind *k, const struct record *r);
err search_remove(db *w, int64_t record);
err search_run(db *d, arena *mem, const struct who *who, bool public_only, str typed, str kind, int limit, struct hits *out);
