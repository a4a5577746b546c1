/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ast.h — inside rules/: what rules become once parsed. Mechanisms that are written with others (plafond, somme, par défaut…) are trees of
   the kinds below. Nodes of a rulebase never change after rulebase_new; an evaluator makes its own for situations and expressions. */
#pragma once
#include <jansson.h>
#include <limits.h>
#include "formats/json.h"
#include "rules/engine.h"
#include "rules/unit.h"

enum ONE_BYTE node_kind {
    N_CONSTANT, N_REFERENCE, N_RULE, N_OPERATION, N_CONDITION, N_VARIATIONS, N_UNIT, N_SIMPLIFY, N_ROUND, N_LOG, N_SCALE, N_GRID,
    N_PROGRESSIVE, N_DURATION, N_TEXT, N_IS_UNDEFINED, N_IS_INAPPLICABLE, N_INVERSION, N_FIXED_POINT, N_CONTEXT, N_MISSING, N_CHOICES,
    N_TODAY             /* the evaluator's day */
};
enum ONE_BYTE operation { OP_MUL, OP_DIV, OP_QUO, OP_POW, OP_ADD, OP_SUB, OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE, OP_AND, OP_OR };
enum ONE_BYTE tri { TRI_UNKNOWN, TRI_YES, TRI_NO };
/* How a tree of the kinds above was written: for those who show it. AS_REST: belongs to the form over it. */
enum ONE_BYTE node_form {
    AS_WRITTEN, AS_REST, AS_SUM, AS_PRODUCT, AS_MEAN, AS_MAXIMUM, AS_MINIMUM, AS_ALL, AS_ANY, AS_APPLICABLE_IF, AS_INAPPLICABLE_IF, AS_FLOOR,
    AS_CEILING, AS_DEFAULT, AS_SITUATION, AS_ALLOWANCE, AS_IS_DEFINED, AS_IS_APPLICABLE, AS_REPLACED
};
enum ONE_BYTE span { SPAN_DAY, SPAN_MONTH, SPAN_YEAR, SPAN_QUARTER, SPAN_CIVIL_QUARTER, SPAN_CIVIL_YEAR };

struct node;
struct rule_def;
struct inversion_goals;
struct choices;
struct branch { struct node *condition, *consequence; };
struct band { struct node *rate, *amount, *ceiling; };          /* ceiling NULL: none */
struct text_part { str words; struct node *value; };            /* value NULL: words */
struct setting { struct node *rule, *value; };                  /* of a contexte */
struct nodes { struct node **v; size_t n; };
/* What the type inference knows: whether it may be "non applicable", and the type of its value. */
struct node_type { enum tri nullable; enum rule_type type; };

/* 48 bytes: reading a base is filling memory with these. */
struct node {
    enum node_kind kind;
    enum node_form form;
    bool typed, resolved, replaced;
    bool shared;                        /* what stands for a replaced name: one node for all who read it */
    struct node_type type;
    int id;                             /* dense: index of its result */
    int copy_of;                        /* the id of the node it was copied from, or 0 */
    union {
        struct { struct rule_answer value; } constant;                      /* typed from the start */
        struct { str name; struct rule_def *from, *to; } reference;
        struct rule_def *rule;
        struct { struct node *a, *b; enum operation op; } operation;
        struct { struct node *test, *then, *otherwise; } condition;
        struct { struct branch *v; size_t n; } variations;
        struct { struct node *of, *digits; unit_id unit; } on;              /* unit, simplify, round, log, is …, fixed point */
        struct { struct node *base, *multiplier; struct band *v; size_t n; } bands;
        struct { struct node *since, *until; unit_id unit; enum span span; } duration;
        struct { struct text_part *v; size_t n; } text;
        struct inversion_goals *inversion;
        struct { struct rule_def *rule; struct node *of; } fixed_point;
        struct { struct node *of; struct setting *v; size_t n; } context;
        struct { struct node *of; struct rule_def *rule; str name; } missing;
        struct choices *choices;
    };
};
_Static_assert(sizeof(struct node) == 48, "a node grew");
struct inversion_goals { struct rule_def *rule; struct nodes goals; double min, max, tolerance; };
struct choices { struct nodes v, out; enum rule_type type; bool references; unit_id unit; };    /* out: whether each is not applicable */

/* One node for the same replacements. */
struct shared_variations { struct shared_variation { int *ids; size_t n; struct node *node; } *v; size_t n; };

struct replacement {
    int id;
    double priority;
    bool inapplicable;                  /* `rend non applicable` */
    struct node *definition, *replaced;
    struct nodes only_in, not_in;
    struct shared_variations shared;    /* those where it comes first, in a base */
};

struct rule_def {
    struct node node;                   /* N_RULE */
    str name;                           /* "salarié . contrat" */
    int index;
    bool private, is_situation, is_internal;
    bool set;                           /* what a contexte says in the place of a $SITUATION */
    bool has_parents;
    bool under_replaced;                /* something replaces a rule it lies in */
    struct rule_def *holder;            /* the rule it lies in; NULL: at the top */
    const struct rule_def *situation_of;          /* of a $SITUATION */
    uint64_t held;                      /* a bit for each name it holds (name_bit): what has none is not there */
    bool secluded;                      /* private, or under one that is */
    bool reads_replaced;                /* it names a rule that others replace */
    bool exposed;                       /* it may be named among the missing variables */
    json_t *raw;
    struct node *value, *choices;
    struct nodes parents;               /* nearest first */
    struct nodes suggestions;
    struct { struct replacement **v; size_t n; } replacements;
    struct rule_def *situation;         /* its child $SITUATION; NULL: private */
};

#define RULE_UNKNOWN INT_MAX            /* index of what stands for a name that no rule bears, in a base being checked */

/* A parsed base. Names to rules: open addressing over `hashed`. */
struct rulebase {
    arena *mem;
    struct { struct rule_def **v; size_t n; } rules;
    struct { struct hashed_rule { uint64_t hash; struct rule_def *rule; } *v; size_t cap; } hashed;
    struct replacing { struct replacement **v; size_t n; } *replacing;     /* by index of the rule replaced, the strongest last */
    struct shared_variations shared;    /* an evaluator's own */
    struct nodes references;            /* every name that rules read or replace, resolved */
    struct rule_def *expression;        /* who reads in an expression given to evaluator_value */
    const struct rulebase *under;       /* an evaluator's own rules, those of its situation, stand over the base's */
    struct unit_table *units;
    int n_nodes, n_replacements;
    size_t n_stubs;                     /* names of `variable manquante` that no rule bears */
    struct node *yes, *no, *inapplicable, *undefined;
    struct base_hash *hash;             /* computed when first asked for: rulebase_hash */
    str today;                          /* "31/12/2026" */
    bool filter_choices;
    unsigned nesting;
    struct UCollator *collator;
    json_t *source;                     /* kept: rules point into it */
};

/* What stands in the place of a $SITUATION, by index, in an array of n; NULL: nothing. */
static inline struct rule_def *said_of(struct rule_def *const *said, size_t n, const struct rule_def *r)
{
    return (size_t)r->index < n ? said[r->index] : NULL;
}

/* A base being checked: its faults are collected instead of ending it, and it is known where each node was written. */
struct written { const json_t *raw; const char *key; };         /* in the rules as given; key: the mechanism, NULL for a line */
struct parse_faults {
    arena *mem;
    struct { struct written *v; size_t n; } written;            /* by node id */
    struct { struct parse_fault_at { str rule, message; const char *code; const json_t *at; } *v; size_t n; } faults;
};

/* What parsing needs: of the base, or of an evaluator that adds to it. */
struct parsing {
    arena *mem;
    struct rulebase *base;              /* being filled */
    struct unit_table *units;
    int *n_nodes;
    struct rule_def *rule;              /* being parsed */
    struct nodes references;            /* those resolved so far */
    bool swollen;                       /* replacements made too many nodes */
    struct rule_def **said;             /* of an evaluator: by index of a $SITUATION rule, what stands in its place */
    size_t n_said;
    struct rule_fault *fault;
    unsigned depth;
    struct node *yes, *no, *inapplicable, *undefined;
    const struct UCollator *collator;
    struct parse_faults *all;           /* NULL: the first fault ends it */
    const json_t *at;                   /* innermost value being read */
};

struct node *node_new(struct parsing *p, enum node_kind kind);
struct node *node_number(struct parsing *p, double number, unit_id unit);
struct node *node_bool(struct parsing *p, bool value);
struct node *node_text_constant(struct parsing *p, str words, enum rule_type type);
struct node *node_operation(struct parsing *p, enum operation op, struct node *a, struct node *b);
struct node *node_condition(struct parsing *p, struct node *test, struct node *then, struct node *otherwise);
struct node *node_reference(struct parsing *p, str name);
err unit_written(struct parsing *p, str text, unit_id *out);
err parse_fault(struct parsing *p, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* engine.c; all: NULL, or where faults go */
err rulebase_new_checked(struct rulebase **out, json_t *rules, const struct rulebase_options *options, struct parse_faults *all, struct rule_fault *fault);
/* collect.c: does nothing but when a base is checked */
const json_t *parse_enter(struct parsing *p, const json_t *raw);            /* gives what `at` was */
void parse_leave(struct parsing *p, const json_t *before, const struct node *n, const json_t *raw, const char *key);
struct written written_of(const struct parse_faults *all, const struct node *n);
err parse_go_on(struct parsing *p, err e);                                  /* the fault is noted: no error, unless it ends all */

/* expression.c: "2 * (assiette - 10 €/mois) >= plafond" */
err expression_parse(struct parsing *p, str text, struct node **out);
bool is_rule_name(str text);
/* mechanism.c: a string, a number or a map of mechanisms */
err value_parse(struct parsing *p, json_t *raw, struct node **out);
/* A map read once: what goes around, by row, and the mechanism that remains. */
enum { AROUND_N = 14 };
struct map_keys {
    json_t *around[AROUND_N], *value;
    str key, second;                    /* of `value`; of one too many */
    bool situated;                      /* a rule's, public: it holds a $SITUATION, which goes before its own value */
};
void map_read(struct map_keys *w, json_t *map, bool is_rule);    /* of a rule, other keys may stand beside, and `avec` is given apart */
void map_with(struct map_keys *w, json_t *with);
err map_parse(struct parsing *p, const struct map_keys *w, struct node **out);
bool operation_of_name(str name, enum operation *op);
const char *operation_name(enum operation op);
/* rule_parse.c */
err rules_parse(struct parsing *p, struct rule_def *parent, json_t *rules);
err rule_parse_said(struct parsing *p, struct rule_def *situation, json_t *raw, struct rule_def **out);
err situation_add(struct parsing *p);            /* the $SITUATION of the rule being parsed */
struct rule_def *rule_find(const struct rulebase *base, str name);
uint64_t hash_name(str name);
/* Of the first of its segments. */
static inline uint64_t name_bit(str name)
{
    ptrdiff_t dot = str_find(name, S(" . "));
    return UINT64_C(1) << (hash_name(dot < 0 ? name : str_cut(name, 0, (size_t)dot)) >> 58);
}
int index_next(const struct rulebase *b);        /* of a rule, or of a name that none bears */
struct rule_def *rule_add(struct parsing *p, str name);          /* NULL: there is one already */
/* resolve.c: names to rules, replacements put in place, types inferred */
err node_resolve(struct parsing *p, struct node *n);
err resolve_name(struct parsing *p, const struct rule_def *from, str name, struct rule_def **out);
bool rule_is_accessible(const struct rulebase *base, str from, const struct rule_def *r);
struct node *node_replace(struct parsing *p, struct node *n);
err replacements_collect(struct parsing *p);
void replacements_mark(struct parsing *p);       /* the rules that read what is replaced */
void above_infer(struct parsing *p, struct rule_def *situation, int own);
/* trace.c */
struct base_hash *base_hash_new(arena *mem);
/* walk.c */
typedef void (*node_visit)(void *arg, const struct node *n);
void node_children(const struct node *n, node_visit visit, void *arg);
/* Each node under n once: a ceiling refers to its value several times. seen: by node id. see: false leaves out what the node holds. First
   member of what the caller keeps. */
struct node_walk { bool *seen; bool (*see)(struct node_walk *w, const struct node *n); size_t visited; };
void nodes_walk(struct node_walk *w, const struct node *n);
/* types.c */
struct node_type node_infer(struct node *n, int first_own);     /* nodes below first_own are not written */

/* dates.c: "dd/mm/yyyy" */
bool date_normalise(str text, int *day, int *month, int *year);  /* mm/yyyy: the first; false: no such day */
double span_between(enum span span, str from, str to);
bool is_full_date(str text);
int64_t date_days(str text);                                    /* since 1970-01-01 */
