/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind_parts.h — names that conditions read: questions, and their parts. */
#pragma once
#include "core/kind.h"

/* A question among the first `before`, or one of its parts. */
bool source_named(arena *mem, const struct fields *fields, size_t before, str name, struct source *out);
bool field_has_place(const struct field *f, str part);         /* PART_DEPARTEMENT, PART_REGION */
/* value: the question's answer, not NULL. A département nobody knows: RULE_UNDEFINED. */
struct rule_value field_part_value(const struct field *f, arena *mem, const json_t *value, str part);
