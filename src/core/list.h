/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* list.h — lists of records with rights, filters over the side index, counts, keyset pages. Used by the desk, public lists, API, exports. */
#pragma once
#include "core/rights.h"

struct list_filter { str field_id; str value; };                    /* a filterable field of the kind, by its index value */
struct list_filters { struct list_filter *v; size_t n; };
enum list_sort { LIST_NEWEST, LIST_OLDEST, LIST_DUE, LIST_UPDATED };
struct list_query {
    const struct who *who; enum verb verb;         /* VERB_LIST for agents, VERB_SEE_PUBLIC for the public projection */
    str kind; struct strs states; int64_t team, assignee, body; bool unassigned, late;
    struct list_filters filters; str words;        /* words: search */
    enum list_sort sort; str after /* cursor of the previous page, opaque */; int limit;
    int64_t now_us;
};
struct list_page { struct records rows; str next; /* absent: the end */ };
err list_run(db *d, arena *mem, const struct list_query *q, struct list_page *out);
struct list_count { str kind, state; int64_t n; };
struct list_counts { struct list_count *v; size_t n; };
/* By kind and state, from folded counters: constant time whatever the number of records. */
err list_count(db *d, arena *mem, const struct who *who, struct list_counts *out);
err counters_fold(db *d, arena *mem);                               /* job: deltas into totals */
