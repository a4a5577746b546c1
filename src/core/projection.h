/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* projection.h — what is made from a record and can be made again: side index, search words, counters, titles. Used inside the core
   when a record is written, and by `beffroi rebuild`. */
#pragma once
#include "core/record.h"
#include "store/projection.h"

/* JSON of a column: absent or empty reads as {}; NULL is written as absent. */
err doc_read(arena *mem, str text, json_t **out);
str doc_write(arena *mem, const json_t *j);

/* Sets title, public_title and summary: of the field `title_from`, else the applicant's name (agents only), else the kind's. */
void record_titles(db *d, arena *mem, const struct kind *k, struct record *r, str applicant);
err project_index(db *w, arena *mem, const struct kind *k, const struct record *r);     /* inserts only */
err project_search(db *w, arena *mem, const struct kind *k, const struct record *r, const struct contact *c);
/* Deltas of the counters: out of *was (NULL: filed now), into *is (NULL: removed). */
err counter_move(db *w, const struct record *was, const struct record *is);

/* The core's projections (search and side index, counters), for projections_bring_up; ends with name NULL. Every tenant, in
   transactions of 100 records. */
extern const struct projection core_projections[];

/* Those of the tenant d is bound to, in transactions of some 20 records: somebody else's writes wait beside. */
err projections_of_tenant(db *d, struct kinds *kinds, arena *mem);

/* Inside of record.c, for those who read rows of records by themselves. */
struct record_row;
err record_from_row(arena *mem, const struct record_row *w, struct record *out);
/* The second element of follow-up: folded mail or ISO birth date. True when none was given. */
bool second_matches(arena *mem, str email_fold, str birth_date, str typed);
