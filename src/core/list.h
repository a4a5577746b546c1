/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* list.h — lists of records with rights, filters over the side index, counts, keyset pages. Used by the desk, public lists, API, exports.
   A page costs the same among 10,000 records and among 1,000,000: it is walked from the newest along the sparsest condition. */
#pragma once
#include "core/rights.h"

struct list_filter { str field_id; str value; };                    /* a filterable field of the kind, by its index value */
struct list_filters { struct list_filter *v; size_t n; };
/* NEWEST, OLDEST: by filing; of public records by publication. With words: by the draft's beginning. DUE leaves out what has no deadline. */
enum list_sort { LIST_NEWEST, LIST_OLDEST, LIST_DUE, LIST_UPDATED };
struct list_query {
    const struct who *who; enum verb verb;         /* VERB_LIST for agents, VERB_SEE with author, VERB_SEE_PUBLIC for the public projection */
    const struct kind *def;                        /* VERB_SEE_PUBLIC: needed, the projection of what is found is made with it; else NULL */
    str kind;                                      /* absent: def's, else all */
    struct strs states; int64_t team, assignee, body, author; bool unassigned, late;
    struct { int64_t *v; size_t n; } also;         /* with assignee: or one of these (for whom they stand in) */
    struct strs pairs;                             /* "kind state": only these, where two kinds have a state of one id; empty: all */
    struct list_filters filters;                   /* all must hold; they need a kind */
    str words;                                     /* search */
    enum list_sort sort; str after /* cursor of the previous page, opaque */; int limit /* 25; at most 1,000 */;
    bool with_doc;                                 /* otherwise record.doc is NULL */
    int64_t now_us;
};
struct list_page { struct records rows; str next; /* absent: the end */ };
/* E_INVALID: a cursor of another list; a filter that is not one; a public list without its kind.
   VERB_SEE_PUBLIC: doc is the public projection, title the public one, whoever asks. */
err list_run(db *d, arena *mem, const struct list_query *q, struct list_page *out);
/* What the public sees of a kind, newest filing first: published records, and those whose state shows some fields before (struct state).
   Each row passed record_show_public. Of q: states, filters (on what is shown only), after, limit, now_us. A page may hold fewer than limit. */
err list_public(db *d, arena *mem, const struct kind *k, const struct list_query *q, struct list_page *out);
/* Makes *r its public projection and nothing else; false: nothing of it is public. */
bool record_show_public(arena *mem, const struct kind *k, struct record *r);
struct list_count { str kind, state; int64_t n; };
struct list_counts { struct list_count *v; size_t n; };
/* By kind and state, what this person may list; from folded counters: constant time whatever the number of records. */
err list_count(db *d, arena *mem, const struct who *who, struct list_counts *out);
err counters_fold(db *d, arena *mem);                               /* job: deltas into totals */
