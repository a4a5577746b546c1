/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* readings.h — which rules a rule reads, as names stand in its definition: what documentation links. */
#pragma once
#include "rules/engine.h"

struct named_reading { str written, rule; };    /* "taux" → "cotisation . taux" */
struct readings { struct named_reading *v; size_t n; };
/* In the order of the definition, each pair once; a reference that others may replace counts as itself. Of an unknown rule: none. */
struct readings rulebase_readings(arena *mem, const struct rulebase *b, str rule);
/* The names that `remplace` and `rend non applicable` aim at, in the order of the definition. */
struct readings rulebase_replaces(arena *mem, const struct rulebase *b, str rule);
