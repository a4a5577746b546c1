/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* words.h — what people read: catalogues (po/fr.po, po/en.po) compiled into tables, looked up by language. No setlocale, no run-time file.
   Stands on the ground floor because letters, mails and pages all speak. A key is written W("report.close.reason_missing") in C,
   {{t report.close.reason_missing}} in templates; the build fails on a key that is in no catalogue. */
#pragma once
#include "buf.h"

enum lang { LANG_FR, LANG_EN, LANG_N };

/* The text of a key; the key itself when it is unknown (a test looks for that). */
str words(enum lang lang, const char *key);
/* The text with {name} replaced: pairs of const char* name, str value, then NULL.  words_fill(a, LANG_FR, "inbox.count", "n", S("12"), NULL) */
str words_fill(arena *a, enum lang lang, const char *key, ...) __attribute__((sentinel));
/* Chooses key.one or key.other by the plural rule of the language (fr: 0 and 1 are singular), fills {n}. */
str words_count(arena *a, enum lang lang, const char *key, int64_t n);
/* Marks a key for the build; the value is the key. */
#define W(key_) key_
str words_date(arena *a, enum lang lang, int64_t days);                    /* 23 novembre 2026 */
str words_date_us(arena *a, enum lang lang, int64_t at_us, str zone);      /* the same for an instant */
str words_time_us(arena *a, enum lang lang, int64_t at_us, str zone);      /* 23 novembre 2026 à 23 h 04 */
str words_number(arena *a, enum lang lang, int64_t n);                     /* 12 345 with a narrow no-break space */
str words_size(arena *a, enum lang lang, int64_t n_bytes);                 /* 1,2 Mo */
