/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* departement.h — départements and regions by their INSEE codes (Code officiel géographique 2025), and which of them a text means. No memory of
   its own: what comes back is in the tables. Absent: unknown. */
#pragma once
#include "base/str.h"

/* "88", "Vosges", "88 – Vosges", "Vosges (88)", a postcode or an INSEE code of a commune ("88000", "Épinal (88000)"). */
str departement_of(arena *mem, str words);
/* The i-th of the table; false: past the end. */
bool departement_at(size_t i, str *code, str *name);
bool region_at(size_t i, str *code, str *name);
str departement_region(str code);                       /* "44" of "88" */
str departement_name(str code);
str region_of(arena *mem, str words);                   /* "44", "Grand Est" */
str region_name(str code);
