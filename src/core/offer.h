/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* offer.h — how what the list of procedures shows is done: online here, online elsewhere, at the counter or by post, or not at all
   (information). An entry is a kind whose setting `offer` says so; without it, a procedure that is filed here. And the themes of the list. */
#pragma once
#include "core/kind.h"
#include "core/tenant.h"

enum offer { OFFER_HERE, OFFER_ELSEWHERE, OFFER_COUNTER, OFFER_INFORMATION, OFFER_N };
const char *offer_name(enum offer o);                       /* "elsewhere", as it is written */
bool offer_named(str name, enum offer *out);                /* absent: here. false: no such way */
const char *offer_words(enum offer o);                      /* key of its words: "En ligne, sur un autre site" */
const char *offer_hint(enum offer o);                       /* key of one sentence about it, for who chooses */
enum offer kind_offer(const struct kind *k);

/* A closed table: what a sheet of the list is about. */
struct theme { const char *name, *words; };
extern const struct theme themes[];                         /* ends with a NULL name */
const struct theme *theme_named(str name);                  /* NULL: none */

bool address_https(str s);                                  /* https://host.tld…, and nothing that an address does not hold */
/* Identifiers of fact sheets (setting `sheets`): F and figures, or N. */
bool sheet_id(str s);
struct strs kind_sheets(const struct kind *k, arena *mem);
