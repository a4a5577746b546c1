/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letter_template.h — the letters of a kind: a body that the town writes, with {variables}, and around it what the law wants said, which
   nobody can take away (docs/letters.md). Filled once, at the decision; the paper made is then drawn, kept and verified.
   CRPA: Code des relations entre le public et l'administration. CJA: Code de justice administrative. */
#pragma once
#include "core/answers.h"
#include "core/record.h"
#include "formats/paper.h"

struct letter_source {
    const struct tenant *tenant; const struct kind *kind; const struct transition *transition; const struct letter *letter;
    const struct record *record;            /* as the transition leaves it: entered_us of a record that silence accepted is the day it did */
    const json_t *asks;                     /* answers to the transition's questions, by id */
    str person;                             /* to whom it goes; absent: nobody is named */
    struct paper_signature author;          /* who decides: CRPA L212-1, L212-2 */
    struct paper_signature in_charge;       /* who handles the case: CRPA L111-2; absent: who decides */
    struct paper_verify verify;
    const struct answers_env *env;          /* lists and files, to show values; its language is the letter's */
    int64_t now_us;
};
/* E_INVALID W("letter.author_lacks"), at: what the author's account lacks, in words ("prénom, qualité"). */
err letter_fill(arena *mem, const struct letter_source *s, struct paper *out);
/* What the author's account lacks to sign, in words; absent: nothing. */
str letter_author_lacks(arena *mem, enum lang lang, const struct paper_signature *author);

/* The letter that a transition sends; NULL: none. */
const struct letter *transition_letter(const struct kind *k, const struct transition *t);
/* Does it attest what silence decided (CRPA L232-3)? Every state it starts from is one that silence gives by accepting. */
bool transition_attests(const struct kind *k, const struct transition *t);

/* What stands in every letter whatever its body says, in order: a row, its law, and the settings without which it cannot be said. */
struct letter_filling;
struct letter_part {
    const char *name;
    const char *title, *article;            /* catalogue keys; article NULL: good sense, not law */
    bool before;                            /* above the body */
    bool (*applies)(const struct kind *k, const struct transition *t, const struct letter *l);      /* NULL: always */
    const char *const *needs;               /* paths of settings, ends with NULL; NULL: none */
    const char *lack;                       /* catalogue key: what is missing when one of them is */
    void (*fill)(struct letter_filling *f, struct paper *out);
};
extern const struct letter_part letter_parts[];             /* ends with NULL name */

/* The names that a letter may hold: ours, the questions of every transition that sends it, the public's own fields. */
enum letter_var_from { VAR_OWN, VAR_ASK, VAR_FIELD, VAR_RULE };
struct letter_var { str name; struct text title; enum letter_var_from from; const struct field *field; const char *own /* which of ours */; bool may_lack /* its paragraph may then be left out */; };
struct letter_vars { struct letter_var *v; size_t n; };
void letter_vars(arena *mem, const struct kind *k, const struct letter *l, struct letter_vars *out);
const struct letter_var *letter_var(const struct letter_vars *all, str name);       /* NULL: none */
/* The variables of one text, in order, with the line each is on (from 1). E_INVALID W("letter.var_open"): a { without its }, at: the line. */
struct letter_use { str name; int line; };
struct letter_uses { struct letter_use *v; size_t n; };
err letter_uses(arena *mem, str text, struct letter_uses *out);
/* What is to be said of each line of a text: a fault, or that a value may lack. The same sentences as publishing says. */
struct letter_check { int line; str name /* absent: a brace that stays open */; const char *msg; bool is_fault; };
struct letter_checks { struct letter_check *v; size_t n; };
void letter_checks(arena *mem, const struct kind *k, const struct letter_vars *vars, str text, struct letter_checks *out);

/* A filing that nobody made, for previews: every field and question with the example of its type. */
json_t *letter_sample(arena *mem, const struct fields *fields, const struct answers_env *env);

#define LETTER_BODY_BYTES 20000
extern const char *const letter_outcomes[];                 /* "other", "granted", "refused" by enum letter_outcome */
