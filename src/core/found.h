/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* found.h — search as a clerk would answer: entries of the list of procedures and fact sheets, best first. Plural and singular are one word,
   the beginning of a word is enough, one slip of a letter is forgiven, and words that mean the same stand for one another. Records are
   searched by search.h, with the same readings. Both engines give the same answer: it is counted here, not by them. */
#pragma once
#include "core/kinds.h"

/* ---- what is found (a projection) ---- */
enum { WEIGHT_MOST = 20, WEIGHT_WORD = 12 /* a keyword of one word */, WEIGHT_TITLE = 10, WEIGHT_KEYWORD = 9, WEIGHT_THEME = 3, WEIGHT_TEXT = 2 };
struct found_text { str text; int weight; };
struct found_doc { str ref, type /* a way of offering, or "sheet" */, path; struct text title, hint; struct { struct found_text *v; size_t n; } texts; };
err found_put(db *w, arena *mem, const struct found_doc *doc);     /* in a transaction; in place of what was there */
err found_drop(db *w, arena *mem, str ref);
err found_kind_put(db *w, arena *mem, const struct kind *k, str slug);
err found_kind_drop(db *w, arena *mem, str name);
err found_kind_moved(db *w, arena *mem, str name, str slug);
struct weighed { str word; int weight; };
struct weigheds { struct weighed *v; size_t n; };
struct weigheds found_weigh(arena *mem, const struct found_doc *doc);       /* its words, each once, sorted */
struct found_doc found_kind_doc(arena *mem, const struct kind *k, str slug);
err found_terms_prune(db *w);                                      /* words that no title holds any more */
err found_rebuild(db *d, arena *mem, const struct going *going);   /* every tenant */
err found_rebuild_tenant(db *d, arena *mem, struct kinds *ks);

/* ---- looking ---- */
struct found_hit { str ref, type, path; struct text title, hint; double score; bool whole /* every word typed is in it */; };
struct found_answer {
    struct found_hit *v; size_t n;
    struct strs readings;           /* the words typed, and what they stand for: for search_run_any */
    str corrected;                  /* as it was read, when a slip was forgiven; absent: as typed */
};
/* A query as typed never fails. most: ≤ 100. ks: kinds that come with the program and are offered everywhere are found too; may be NULL. */
err found_run(db *d, arena *mem, struct kinds *ks, str typed, size_t most, struct found_answer *out);

/* ---- words ---- */
struct strs found_words(arena *mem, str text);                     /* folded, without plural, without the little words, in their order */
str found_stem(arena *mem, str folded);
bool found_near(str a, str b);                                     /* one letter added, lost, changed, or two that changed places */

/* Groups of terms that mean the same: the ones that come with the program (towns/synonyms.list.yaml), then the town's own. A term is one
   or several words. */
struct term { struct strs words; };
struct synonyms { struct synonym_group { struct term *v; size_t n; } *v; size_t n; };
err synonyms_all(db *d, arena *mem, struct synonyms *out);
struct synonym_line { int64_t id; str words; };
struct synonym_lines { struct synonym_line *v; size_t n; };
err synonyms_own(db *d, arena *mem, struct synonym_lines *out);
err synonym_add(db *d, arena *mem, str words);                     /* "poubelle, bac, conteneur"; E_INVALID: fewer than two terms, too long, too many */
err synonym_remove(db *d, int64_t id);

/* ---- what nobody could answer ---- */
#define MISS_SHOWN_FROM 3           /* asked less often, it may say who asked: it is not shown */
#define MISS_KEPT_US (INT64_C(90) * 24 * 3600 * 1000000)
struct miss { str words; int64_t n, last_us; };
struct misses { struct miss *v; size_t n; };
/* Counts words that found nothing; nothing is kept of a query with figures, an address or more than four words, nor of who asked. */
err miss_note(db *d, arena *mem, str typed, int64_t now_us);
err misses_list(db *d, arena *mem, int64_t now_us, struct misses *out);        /* most often asked first */
err miss_forget(db *d, str words);
