/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules.h — the conditions that menus write and read: a part of Publicodes, as a tree. What is not of this part is evaluated by engine.h and
   shown as text. What is read here means the same there.
     rappel souhaité = oui
   or, as YAML or JSON:
     toutes ces conditions:
       - âge >= 18
       - une de ces conditions:
           - commune = 'Épinal'
           - date d'arrivée < 01/09/2026
           - est défini: revenu
       - variations:                                none of: "if one of these, no; else, yes"
           - si:
               une de ces conditions:
                 - revenu > 1200 €/mois
           - sinon …
   Negation is written so because the language has no "not", and this keeps what is not known unknown.
   A value: oui, non, a number (12, -1.5) and its unit, a date (31/12/2026, 12/2026: the first of the month), a text between ' or ", a name.
   Text and oui/non have no order: only = and !=. The value may stand first (18 <= âge); it is turned round. Blanks around operators and the
   list by itself (all of them) of older definitions are read, and written as the language wants them.
   A name: words of letters, figures, ' - _ % € $ °, one blank apart, the first beginning with a letter; parts joined by ` . `.
   Several choices: each option is a name, `loisirs . tennis` (rule_option_name), oui or non. The older `loisirs = 'tennis'` is still read. */
#pragma once
#include <jansson.h>
#include "base/str.h"

enum rule_value_kind { RULE_UNDEFINED, RULE_BOOL, RULE_NUMBER, RULE_TEXT, RULE_DATE, RULE_LIST, RULE_NAME /* another name; in text */ };
struct rule_value { enum rule_value_kind kind; bool b; double number; str unit; str text; int64_t days; struct strs list; };

struct rule;                      /* a parsed condition, in the arena; immutable, may be evaluated from many threads */
err rule_parse(arena *mem, str text, struct rule **out);                  /* E_INVALID, at: what is at fault and its column */
/* The same from JSON: a string, an object {"toutes ces conditions": […]}, or an array. at: "toutes ces conditions[1]: …" */
err rule_parse_json(arena *mem, const json_t *v, struct rule **out);
/* What a text stands for, of whatever is Publicodes: one expression, or a map of mechanisms written in YAML. */
err rule_text_json(arena *mem, str text, json_t **out);
/* The names it reads, sorted, each once. */
struct strs rule_names(arena *mem, const struct rule *r);
str rule_text(arena *mem, const struct rule *r);                          /* canonical form: reads back as the same rule */
json_t *rule_json(arena *mem, const struct rule *r);                      /* the same as JSON: a string or an object */

enum rule_truth { RULE_FALSE, RULE_TRUE, RULE_UNKNOWN };
/* The atoms, for JSON Schema's if/then and for saying why: walked depth first. RULE_NONE, like ALL and ANY, has children. RULE_KNOWN,
   RULE_NOT_KNOWN: the name has a value, or none (est défini, est non défini). */
enum rule_op { RULE_ALL, RULE_ANY, RULE_EQ, RULE_NE, RULE_LT, RULE_LE, RULE_GT, RULE_GE, RULE_REF, RULE_NONE, RULE_KNOWN, RULE_NOT_KNOWN };
bool rule_is_group(const struct rule *r);
enum rule_op rule_op(const struct rule *r);
size_t rule_children(const struct rule *r);
const struct rule *rule_child(const struct rule *r, size_t i);
str rule_left(const struct rule *r);                                      /* the name compared or referred to */
struct rule_value rule_right(const struct rule *r);
/* The same truth without RULE_NONE: negations brought down to the comparisons, where each has its contrary. */
const struct rule *rule_plain(arena *mem, const struct rule *r);

/* For the engine, where what is not asked (hidden) is not applicable: to Publicodes that is another value than any, and the same as non; here
   a hidden source makes each comparison that reads it untrue, under a negation too. Same as rule_json where nothing can be hidden. */
json_t *rule_asked_json(arena *mem, const struct rule *r);

/* A copy of which each comparison went through `change`, which may make another of it with rule_become. */
typedef void (*rule_change)(void *arg, struct rule *comparison);
struct rule *rule_changed(arena *mem, const struct rule *r, rule_change change, void *arg);
void rule_become(struct rule *r, str left, enum rule_op op, struct rule_value right);

/* Building. A group keeps the children given; op: RULE_ALL, RULE_ANY, RULE_NONE. */
struct rule *rule_group(arena *mem, enum rule_op op);
void rule_add_child(arena *mem, struct rule *group, struct rule *child);
struct rule *rule_atom(arena *mem, str name, enum rule_op op, struct rule_value right);
bool rule_unit_valid(str unit);                                           /* "€/mois" */
/* The text of one comparison; a name made fit to be one (what cannot stand in a name is dropped; absent when nothing is left). */
str rule_atom_text(arena *mem, str name, enum rule_op op, struct rule_value right);
str rule_name_from(arena *mem, str label);
bool rule_name_valid(str name);
/* What of a place has a name of its own: "adresse . département". */
#define PART_DEPARTEMENT "département"
#define PART_REGION "région"
/* The name of one option of several choices: "loisirs . tennis"; an id that is no name is called by it: "loisirs . option 12". */
str rule_option_name(arena *mem, str name, str option_id);
