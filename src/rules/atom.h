/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* atom.h — inside rules/: one comparison as text. */
#pragma once
#include "rules/rules.h"

struct rule {
    enum rule_op op;
    str left;
    struct rule_value right;
    struct { struct rule **v; size_t n; } children;
};

err atom_parse(arena *mem, str text, struct rule *out);     /* at: the text and a column */
str atom_write(arena *mem, const struct rule *r);
