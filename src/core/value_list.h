/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* value_list.h — lists of values shared by kinds: streets, schools, communes; up to 50,000 entries, imported from CSV as immutable
   revisions. A tenant's list hides the shipped one of the same name. "@bodies", "@teams", "@agents" are the tenant's own.
   Suggesting answers from the words typed so far: entries that begin so, then entries that hold them; case and accents ignored. */
#pragma once
#include "core/answers.h"
#include "core/tenant.h"

#define SUGGEST_MOST 20
#define LIST_ENTRIES_MOST 50000
#define LIST_BYTES_MOST ((size_t)16 << 20)      /* of a CSV: 335 an entry of the longest list */
#define LIST_ADDRESSES S("addresses")       /* the town's: columns label, lat, lon; suggested and located for a place */

/* A label as it is compared: str_fold, and a hyphen or an apostrophe is a blank ("Saint-Die-des-Vosges" = "saint die des vosges"). */
str label_fold(arena *mem, str s);
/* Long inline lists: labels folded and sorted, ids sorted; made once, when the kind is parsed. */
const struct option_order *option_order(arena *mem, const struct options *o);
const struct option *option_by_id(const struct options *o, str id);                 /* o->order must be there */
/* By label, case and accents ignored; retired ones are not found. NULL: none, or several of the same label. */
const struct option *option_by_label(arena *mem, const struct options *o, str typed);
void options_suggest(arena *mem, const struct options *o, str typed, size_t most, struct options *out);

struct list_entry { str id, label, extra /* the other columns, JSON object */; };
struct list_entries { struct list_entry *v; size_t n; };
struct list_row { str name, title; int64_t revision, entries, created_us; };
struct list_rows { struct list_row *v; size_t n; };
/* CSV (≤ LIST_BYTES_MOST) with a heading line: columns `id` and `label` (or the first column is both). E_INVALID, at: "l. 12". Same content: no new revision. */
err list_import_csv(db *d, arena *mem, str name, str title, str csv, int64_t *out_revision);
err list_put(db *d, arena *mem, str name, str title, const struct list_entries *entries, int64_t *out_revision);
err list_rows_of(db *d, arena *mem, struct list_rows *out);
err list_search(db *d, arena *mem, str name, str typed, size_t most, struct options *out);      /* E_NOT_FOUND: no such list */
err list_entry_get(db *d, arena *mem, str name, str id, struct option *out);

/* What answers_env needs to look lists up: env->list, options and list_arg. The value must outlive env. */
struct kinds;
struct list_world { db *d; const struct tenant *tenant; struct kinds *kinds /* holds long lists in memory; NULL: the store is asked each time */;
                    int64_t own_body /* where the record is: @bodies offers the others; 0: all */; };
void list_env(struct answers_env *env, struct list_world *world);
/* Suggestions for a field, at most SUGGEST_MOST, wherever its options come from. */
void field_suggest(const struct field *f, arena *mem, const struct answers_env *env, str typed, struct options *out);
