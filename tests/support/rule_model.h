/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_model.h — a model of what a condition of menus means, written apart from the engine, to hold the engine against. */
#pragma once
#include "rules/rules.h"

typedef struct rule_value (*rule_lookup)(void *arg, str name);
/* Three values (Kleene): an undefined source, or a value of another kind than the one compared, makes its comparison unknown, != too. */
enum rule_truth rule_eval(const struct rule *r, rule_lookup lookup, void *arg);
