/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition.h — what a definition says in rules: conditions, values, requirements, routes. Docs: docs/kinds.md, "Rules". */
#pragma once
#include <jansson.h>
#include "base/words.h"
#include "rules/rules.h"

struct text { str v[LANG_N]; };                     /* a town's own words, by language; French is there, others may be absent */
str text_in(const struct text *t, enum lang lang);  /* falls back to French, and notes it: said.h */

/* What a rule does to people: says which question appears; helps an agent or sorts; decides of a right, an amount, a state. The last two
   are algorithms the public may ask about (CRPA L311-3-1); how it is said: rule_uses.h. */
enum rule_role { RULE_ROLE_INFERRED, RULE_ROLE_DISPLAY, RULE_ROLE_ASSISTANCE, RULE_ROLE_DECISION };

struct field;
struct source { str name; const struct field *field; str part; };         /* part: the option, or what of a place, the name asks of; kind_parts.h */
struct sources { struct source *v; size_t n; };
/* A condition or a value in Publicodes. Fields are rules by their names (docs/kinds.md). */
struct condition {
    const json_t *json;         /* as written: a text, or a map of mechanisms */
    str text;                   /* the same as people read it */
    struct rule *menu;          /* NULL: more than menus can say (rules/rules.h) */
    struct sources from;        /* the fields it reads, found once; of a menu: by itself */
    int rule;                   /* its number in the base of its fields */
    enum rule_role role;        /* as declared */
};

/* A comparison with what it reads: never RULE_REF (it is `= oui`); an option of several choices comes as `=` or `!=` that option. other: the
   question compared with. part: of a place. field NULL: none of the sources. */
struct atom { enum rule_op op; const struct field *field, *other; struct rule_value right; str part; };
struct atom atom_of(const struct rule *r, const struct sources *from);

/* What must hold for a record to be filed, and what is said to whom it does not; which team gets it: the first that holds. */
struct requirement { struct condition *must; struct text message; };
struct requirements { struct requirement *v; size_t n; };
struct route_to_team { struct condition *when; str team; };
struct routing { struct route_to_team *v; size_t n; };
