/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check.h — rules looked at before anybody uses them: every fault the parser finds, and what would only show later (docs/rules.md has the
   table of codes). Nothing is evaluated in a situation; time and memory are bounded, whatever the rules.
   A finding says nothing that is not so: what depends on what people answer is left alone. */
#pragma once
#include "base/words.h"
#include "formats/marks.h"
#include "rules/engine.h"

enum rules_severity { RULES_ERROR, RULES_WARNING };

struct rules_finding {
    const char *code;                   /* "unknown_reference", "unit"… */
    enum rules_severity severity;
    str rule;                           /* "salarié . contrat"; empty: of no rule */
    str path;                           /* JSON pointer into what was given: "/tarif/grille/tranches/2/plafond" */
    str message;
    unsigned line, column;              /* 0: not known (rules_check) */
};
struct rules_findings { struct rules_finding *v; size_t n, errors; };      /* in the order of the rules; at most 500 of the parser, 500 others */

/* A rule that people answer: a field of a form. Absent unit: none, or any. */
struct rules_field { enum rule_type type; str unit; struct strs choices; };

/* A rule whose value is for something: a number in one of these units ("": none), and not less than 0. `for_what` says it in the finding. */
struct rules_wanted { str rule; struct strs units; str for_what; };

struct rules_check_options {
    /* Whether it is asked, and as what. NULL: whatever bears a `question` may be asked. Given, nothing else is: a rule that is read and
       without value is an error. */
    bool (*field)(void *arg, str rule, struct rules_field *out);
    void *arg;
    struct { struct rules_wanted *v; size_t n; } wanted;
    struct strs goals;                  /* what is wanted of the base; none: what is written for people (a title, a question…) */
    enum lang lang;                     /* what the parser and the evaluator say is in French */
};

/* rules: as for rulebase_new. options: NULL for the usual. Findings live in mem. */
void rules_check(arena *mem, json_t *rules, const struct rules_check_options *options, struct rules_findings *out);
struct mark rules_finding_mark(const struct rules_finding *f, const struct marks *marks, const json_t *root);
#define RULES_TEXT_MOST ((size_t)1 << 20)
/* YAML as it is typed: a fault of YAML is a finding (code "yaml"); findings carry line and column. */
void rules_check_text(arena *mem, str yaml, const struct rules_check_options *options, struct rules_findings *out);
