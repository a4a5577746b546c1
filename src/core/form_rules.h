/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_rules.h — the questions of a form as one base of Publicodes rules, with the rules its definition gives. Inside the core only.
   A field is a rule by its `name`. A field of several choices gives "loisirs . tennis" (yes or no); a repeat gives "enfants . nombre",
   "enfants . somme de âge", "… minimum de …", "… maximum de …", and of a yes/no "enfants . nombre de boursier". A condition is a rule too,
   under the reserved name "beffroi". */
#pragma once
#include "core/kind_parse.h"
#include "rules/engine.h"

enum aggregate { AGGREGATE_ROWS, AGGREGATE_SUM, AGGREGATE_LEAST, AGGREGATE_MOST, AGGREGATE_YES };
struct total { const struct field *repeat, *of; enum aggregate how; int rule; };

struct field_rule {
    int rule;                   /* -1: no rule may read it */
    bool is_read;               /* some rule does: its value is given */
    int *options;               /* of several choices, by option; -1: it gives no rule */
    int places[2];              /* of a place: its département, its region; -1: not read */
};
/* A rule made of something the definition says: where, in the definition. at absent: of nothing that was written. */
struct placed { str name, at; struct condition *c; const struct field *field; };
struct form_rules {
    struct rulebase *base;      /* NULL: gathered only (kind_parse_unchecked) */
    json_t *definition;         /* what the base is made of */
    struct { struct placed *v; size_t n; } placed;
    struct field_rule *fields;  /* by field.index */
    struct { struct total *v; size_t n; } totals;               /* those that are read */
    struct { int *v; size_t n; } results;                       /* what `if_needed` is needed for */
};

/* "a", {…} or […]: *out NULL when json is. E_INVALID: no text and no map. */
err condition_read(struct reader *r, const json_t *json, struct condition **out, str at);
/* `role` beside a rule. */
err role_read(struct reader *r, const json_t *obj, struct condition *c, str at);
/* What menus know of it: the fields it reads, among those before `before`, or of the same row. */
err condition_sources(struct reader *r, struct condition *c, const struct fields *fields, size_t before, const struct field *row_of,
                      size_t row_before, str at);
/* Once the whole definition is read: the base of the kind's form, and of the questions of a transition. */
err kind_rules_build(struct reader *r);
err asks_rules_build(struct reader *r, struct transition *t, str at);
/* One comparison of a menu, as the engine reads it. */
str comparison_engine(arena *mem, const struct rule *comparison, const struct condition *of);
/* The name a question has among rules: its own, or a number where the language could not read that. */
str field_rule_name(arena *mem, const struct field *f);
str field_rule_unit(const struct field *f);             /* absent: none */
/* "adresse . département"; part 0: its département, 1: its region; absent: it has none. */
str place_rule_name(arena *mem, const struct field *f, int part);
str total_rule_name(arena *mem, const struct total *t);
/* "€" of a sum, a least or a most; none of a count */
str total_rule_unit(const struct total *t);
/* "loisirs . tennis" */
str option_rule_name(arena *mem, const struct field *f, const struct option *o);
