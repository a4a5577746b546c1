/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* descriptors.h — made-up procedures in the descriptor format of Démarches simplifiées, with the frequencies of the 42,723 published in
   August 2026 (data/procedures/corpus-stats). Same seed and number: same bytes. Numbers 0 to 4 are the extremes: all 36 types, 648 fields, a list of
   47,738 options, a repetition of 185 fields, lists and blocks with nothing in them. */
#pragma once
#include "formats/json.h"

struct descriptor_wish {
    uint64_t seed;
    int number;
    int conditions_percent;     /* fields with a display condition; the public data has none */
    bool plain;                 /* never wrapped, never annotations */
};
json_t *descriptor_made(arena *mem, struct descriptor_wish wish);
