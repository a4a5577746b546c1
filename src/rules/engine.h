/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* engine.h — the Publicodes language (publi.codes), evaluated. A library that may be used alone: no database, no global state.
     struct rulebase *base;
     rulebase_new(&base, json_of_the_rules, &options, &fault);      once; immutable, read by as many threads as one likes
     struct evaluator *ev = evaluator_new(base);                     one for each thread
     evaluator_situation(ev, {"salaire brut": "2500 €/mois"}, &fault);
     evaluator_value(ev, S("salaire net"), &answer, &fault);
   Rules come as a JSON object (from YAML: formats/yaml.h), in the order of the file. Results are those of the reference engine
   (npm publicodes 1.10): same values, units, missing variables, and errors at the same places. */
#pragma once
#include <jansson.h>
#include "base/str.h"

#define RULES_ENGINE_VERSION "1"        /* grows when the same rules may give other results or another trace */
#define RULE_PRIVATE "[privé] "         /* before a name: nobody but its namespace reads it, no situation gives it */

#define RULE_TITLE "titre"
#define ONE_BYTE __attribute__((packed))        /* an enum in one byte */

enum ONE_BYTE rule_type { RULE_TYPE_UNKNOWN, RULE_TYPE_NUMBER, RULE_TYPE_BOOL, RULE_TYPE_STRING, RULE_TYPE_DATE };
enum ONE_BYTE answer_kind { ANSWER_UNDEFINED, ANSWER_INAPPLICABLE, ANSWER_BOOL, ANSWER_NUMBER, ANSWER_STRING /* a date too: dd/mm/yyyy */ };

struct rule_answer {
    enum answer_kind kind;
    bool b;
    int unit;                           /* of the evaluator's table; -1: none. As text: evaluator_unit */
    double number;
    str string;
};
struct rule_missing { str name; double score; };                /* higher: it decides more */
struct rule_fault { str rule, message; const char *code; };     /* message: French; code: "unknown_reference", "division_by_zero"… */

/* Can a rule bear this name, and be read by it? */
bool rule_name_good(str name);

struct rulebase;
struct evaluator;
struct rulebase_options {
    str today;                          /* dd/mm/yyyy; absent: the day of parsing, in UTC */
    bool filter_choices;                /* the choices of `une possibilité` that are not applicable are no choices */
};

/* E_INVALID: *fault says which rule and why. options: NULL for the usual. */
err rulebase_new(struct rulebase **out, json_t *rules, const struct rulebase_options *options, struct rule_fault *fault);
void rulebase_free(struct rulebase *b);
size_t rulebase_count(const struct rulebase *b);                /* rules, those made by the engine aside */
/* The i-th public rule in the order of the file: its name and its definition. */
str rulebase_name(const struct rulebase *b, size_t i);
json_t *rulebase_raw(const struct rulebase *b, size_t i);
bool rulebase_has(const struct rulebase *b, str name);
json_t *rulebase_definition(const struct rulebase *b, str name);  /* as written; NULL: no such rule */
size_t rulebase_bytes(const struct rulebase *b);

struct evaluator_limits { int64_t steps; size_t bytes; int depth; };    /* 0: the usual */
struct evaluator *evaluator_new(const struct rulebase *b, const struct evaluator_limits *limits);
void evaluator_free(struct evaluator *ev);
/* Rule to expression: text, number, or a map of mechanisms. Replaces the situation before. */
err evaluator_situation(struct evaluator *ev, json_t *situation, struct rule_fault *fault);
err evaluator_value(struct evaluator *ev, str expression, struct rule_answer *out, struct rule_fault *fault);
/* Of the last evaluator_value; they live until the next situation. */
str evaluator_unit(struct evaluator *ev, const struct rule_answer *a);
size_t evaluator_missing(struct evaluator *ev, const struct rule_missing **out);        /* sorted by name */
enum rule_type evaluator_type(const struct evaluator *ev, str rule);

/* The same without text, for those who evaluate often: rules by their number, found once, and values given one by one. A value given has
   no unit of its own: its rule says it (`unité`). */
int rulebase_rule(const struct rulebase *b, str name);          /* -1: none; private ones too */
str rulebase_rule_name(const struct rulebase *b, int rule);     /* absent: of a name that no rule bears (`variable manquante`) */
/* By number, which rules it may read, through others, parents and replacements, itself too; adds to read[rulebase_rules(b)]. */
void rulebase_reads(const struct rulebase *b, arena *mem, int rule, bool *read);
size_t rulebase_rules(const struct rulebase *b);
void rulebase_read(const struct rulebase *b, bool *read);      /* which rules some other rule reads by itself */
/* dd/mm/yyyy: where a duration ends when nothing says it. Absent: the base's. Copied. */
void evaluator_today(struct evaluator *ev, str today);
/* ANSWER_UNDEFINED takes the value back. What is given stays until evaluator_situation. The rule is not private. */
void evaluator_give(struct evaluator *ev, int rule, const struct rule_answer *value);
err evaluator_rule(struct evaluator *ev, int rule, struct rule_answer *out, struct rule_fault *fault);
