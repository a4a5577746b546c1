/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules.h — conditions in Publicodes text. For now: comparisons (= != < <= > >=), yes/no references, and `toutes ces conditions` /
   `une de ces conditions` nested; the language whole comes behind the same calls. Usable alone: knows no database and no record.
     rappel souhaité = oui
   or, as YAML (a list by itself means all of them):
     toutes ces conditions:
       - âge >= 18
       - une de ces conditions:
           - commune = 'Épinal'
           - date d'arrivée < 01/09/2026
   A value: oui, non, a number (12, -1.5), a date (31/12/2026, 12/2026: the first of the month), a text between ' or ". Text and oui/non
   have no order: only = and !=. The value may stand first (18 <= âge); it is turned round.
   A name: letters, digits, spaces, ' ’ - _ % € $ °, parts joined by ` . `; it begins with a letter.
   A choice of Beffroi's: Publicodes has no "contains". On a list (several options chosen), = says that the option is among the chosen,
   != that it is not. */
#pragma once
#include <jansson.h>
#include "base/str.h"

enum rule_value_kind { RULE_UNDEFINED, RULE_BOOL, RULE_NUMBER, RULE_TEXT, RULE_DATE, RULE_LIST };
struct rule_value { enum rule_value_kind kind; bool b; double number; str text; int64_t days; struct strs list; };

struct rule;                      /* a parsed condition, in the arena; immutable, may be evaluated from many threads */
err rule_parse(arena *mem, str text, struct rule **out);                  /* E_INVALID, at: what is at fault and its column */
/* The same from JSON: a string, an object {"toutes ces conditions": […]}, or an array. at: "toutes ces conditions[1]: …" */
err rule_parse_json(arena *mem, const json_t *v, struct rule **out);
/* The names it reads, sorted, each once. */
struct strs rule_names(arena *mem, const struct rule *r);
str rule_text(arena *mem, const struct rule *r);                          /* canonical form: reads back as the same rule */
json_t *rule_json(arena *mem, const struct rule *r);                      /* the same as JSON: a string or an object */

typedef struct rule_value (*rule_lookup)(void *arg, str name);
/* Three values (Kleene): an undefined source, or a value of another kind than the one compared, makes its comparison unknown, != too.
   Unknown counts as false at the top; without negation this is what Démarches simplifiées does (a blank source makes its atom false). */
enum rule_truth { RULE_FALSE, RULE_TRUE, RULE_UNKNOWN };
enum rule_truth rule_eval(const struct rule *r, rule_lookup lookup, void *arg);
/* The atoms, for JSON Schema's if/then and for saying why: walked depth first. */
enum rule_op { RULE_ALL, RULE_ANY, RULE_EQ, RULE_NE, RULE_LT, RULE_LE, RULE_GT, RULE_GE, RULE_REF };
enum rule_op rule_op(const struct rule *r);
size_t rule_children(const struct rule *r);
const struct rule *rule_child(const struct rule *r, size_t i);
str rule_left(const struct rule *r);                                      /* the name compared or referred to */
struct rule_value rule_right(const struct rule *r);

/* A copy of which each comparison went through `change`, which may make another of it with rule_become. */
typedef void (*rule_change)(void *arg, struct rule *comparison);
struct rule *rule_changed(arena *mem, const struct rule *r, rule_change change, void *arg);
void rule_become(struct rule *r, str left, enum rule_op op, struct rule_value right);

/* Building. The text of one comparison; a name made fit to be one (what cannot stand in a name is dropped; absent when nothing is left). */
str rule_atom_text(arena *mem, str name, enum rule_op op, struct rule_value right);
str rule_name_from(arena *mem, str label);
bool rule_name_valid(str name);
