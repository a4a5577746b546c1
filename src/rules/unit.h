/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unit.h — inside rules/: units of Publicodes ("€/mois", "k€/an", "m2"), their conversion and what operations make of them.
   A unit is a number in a table: equal units have equal numbers, so comparing is free and conversions are computed once. A table is
   filled while rules are parsed, then read by many threads; an evaluator begins with a copy (unit_table_copy) and adds its own. */
#pragma once
#include "base/str.h"

typedef int unit_id;
enum { UNIT_ABSENT = -1, UNIT_NONE = 0 /* there, and empty */, UNIT_PERCENT = 1 };

struct unit_table;
struct unit_table *unit_table_new(arena *mem);
size_t unit_table_count(const struct unit_table *t);
struct unit_table *unit_table_copy(arena *mem, const struct unit_table *from);

/* False: a blank after a slash. */
bool unit_parse(struct unit_table *t, str text, unit_id *out);
str unit_text(struct unit_table *t, unit_id u);             /* "€/mois"; "" when absent or empty. Lives as long as the table */
bool unit_is_percent(struct unit_table *t, unit_id u);
bool unit_has_percent(const struct unit_table *t, unit_id u); /* among its numerators */
unit_id unit_multiply(struct unit_table *t, unit_id a, unit_id b);
unit_id unit_divide(struct unit_table *t, unit_id a, unit_id b);
unit_id unit_without_percent(struct unit_table *t, unit_id u); /* u / % */
unit_id unit_simplify(struct unit_table *t, unit_id u);     /* convertible ones cancelled, percents gone */
bool unit_is_known(const struct unit_table *t, unit_id u);   /* of nothing but symbols that convert (€, mois, kg…) and percents */
/* False: not convertible, *value is left alone. */
bool unit_convert(struct unit_table *t, unit_id from, unit_id to, double *value);
