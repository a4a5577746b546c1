/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* quantity.h — a number with its unit, in words: "1 250,90 € par mois", "3 jours". French words of a unit are marked in
   another language (base/said.h); said_bare takes the marks away. */
#pragma once
#include "base/clock.h"
#include "base/words.h"

/* Money to the cent (base/money.h), percentages to the hundredth, others to the ten-thousandth; unit absent: none. */
str quantity_words(arena *mem, enum lang lang, double x, str unit);
str quantity_span(arena *mem, enum lang lang, struct span s);          /* "15 jours ouvrés", as span_typed reads it */
/* "€/mois" → "€ par mois"; "€/an.part" → "€ par an et par part". n: how many, for the plural. */
str quantity_unit(arena *mem, enum lang lang, str unit, double n);
