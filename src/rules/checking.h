/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* checking.h — inside rules/: a base being checked. */
#pragma once
#include "rules/check.h"
#include "rules/evaluate.h"

enum { T_NUMBER = 1, T_BOOL = 2, T_TEXT = 4, T_DATE = 8, T_NO = 16 /* "non", which stands for nothing too */, T_ANY = 31 };
enum { UNIT_UNKNOWN = -2 };

/* What is known of a node's value whatever people answer. types: those it may have; none: it gives nothing. */
struct fact {
    enum { FACT_NOT_YET, FACT_BUSY, FACT_DONE } state;
    unsigned types;
    unit_id unit;
    bool fixed;                         /* always the same value: fact_value */
    enum tri decided;                   /* an "et", "ou" that one side decides */
};

struct check {
    arena *mem, *work;
    const struct rules_check_options *options;
    struct rulebase *base;
    struct parse_faults all;
    struct evaluator *ev;               /* for values that are always the same */
    struct unit_table *units;
    struct fact *facts;                 /* by node id */
    struct rules_field **fields;        /* by index of rule */
    bool *is_set, *is_read, *is_faulty, *says_nothing;     /* by index: a contexte or an inversion gives it values; a rule reads it; told already */
    const struct rule_def *rule;        /* being looked at, */
    const json_t *at;                   /* and the innermost value */
    int depth, products;
    size_t told, searched;
    json_t *rules;
    struct rules_findings *out;
};

/* check_place.c */
void check_add(struct check *c, str rule, const json_t *at, const char *code, enum rules_severity severity, str message);
/* Of the rule and the value being looked at. key: of the catalogue, then pairs of name and value, then NULL. */
#define check_tell(c_, code_, severity_, ...) \
    check_add((c_), (c_)->rule->name, (c_)->at, (code_), (severity_), words_fill((c_)->mem, (c_)->options->lang, __VA_ARGS__, NULL))
/* check_facts.c */
struct fact check_fact(struct check *c, const struct node *n);
bool check_value(struct check *c, const struct node *n, struct rule_answer *out);   /* false: not always the same */
/* check_branches.c */
void check_branches(struct check *c, const struct node *n);
/* check_match.c: types and units that meet */
void check_operands(struct check *c, const struct node *n, struct fact a, struct fact b);
void check_test(struct check *c, const struct node *n, bool strict);
bool check_units(struct check *c, const struct node *a, unit_id x, const struct node *b, unit_id y);
str check_named(struct check *c, const struct node *n);
void check_wanted(struct check *c);
/* check_cycles.c */
void check_cycles(struct check *c);
/* check_use.c */
void check_use(struct check *c);
