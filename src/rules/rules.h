/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules.h — conditions in Publicodes text. For now: comparisons (= != < <= > >=), yes/no references, and `toutes ces conditions` /
   `une de ces conditions` nested; the language whole comes behind the same calls. Usable alone: knows no database and no record.
     - rappel souhaité = oui
     - toutes ces conditions:
         - âge >= 18
         - commune = 'Épinal'                                                                                                  */
#pragma once
#include "base/str.h"

enum rule_value_kind { RULE_UNDEFINED, RULE_BOOL, RULE_NUMBER, RULE_TEXT, RULE_DATE, RULE_LIST };
struct rule_value { enum rule_value_kind kind; bool b; double number; str text; int64_t days; struct strs list; };

struct rule;                      /* a parsed condition, in the arena; immutable, may be evaluated from many threads */
err rule_parse(arena *mem, str text, struct rule **out);                  /* E_INVALID, at: "line 2: …" */
/* The names it reads, sorted, each once. */
struct strs rule_names(arena *mem, const struct rule *r);
str rule_text(arena *mem, const struct rule *r);                          /* canonical form */

typedef struct rule_value (*rule_lookup)(void *arg, str name);
/* Three values: an undefined source makes its comparison undefined, which counts as false at the top (as Démarches simplifiées does). */
enum rule_truth { RULE_FALSE, RULE_TRUE, RULE_UNKNOWN };
enum rule_truth rule_eval(const struct rule *r, rule_lookup lookup, void *arg);
/* The atoms, for JSON Schema's if/then and for saying why: walked depth first. */
enum rule_op { RULE_ALL, RULE_ANY, RULE_EQ, RULE_NE, RULE_LT, RULE_LE, RULE_GT, RULE_GE, RULE_REF };
enum rule_op rule_op(const struct rule *r);
size_t rule_children(const struct rule *r);
const struct rule *rule_child(const struct rule *r, size_t i);
str rule_left(const struct rule *r);                                      /* the name compared or referred to */
struct rule_value rule_right(const struct rule *r);
