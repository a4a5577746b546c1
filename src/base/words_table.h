/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* words_table.h — what mkwords makes of po/: entries by key, and an open-addressing hash over them. A plural message gives two
   entries, key.one and key.other. Only words.c and the test of the glossary read it. */
#pragma once
#include "base/words.h"

struct word_entry { const char *key; str text[LANG_N]; };
extern const struct word_entry word_entries[];
extern const size_t word_entries_n;
extern const uint16_t word_slots[];                 /* entry + 1; 0: free */
extern const uint32_t word_slots_mask;

/* FNV-1a (Fowler, Noll, Vo), the same in the tool and at run time. */
static inline uint32_t word_hash(const char *key)
{
    uint32_t h = 2166136261u;
    for (; *key; key++) h = (h ^ (unsigned char)*key) * 16777619u;
    return h;
}
