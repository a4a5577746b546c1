/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* why.h — "Pourquoi ce résultat ?": the trace of a result (rules/trace.h) as markup in plain words: a sentence, a tree of <details> that
   opens step by step, then the rules that were read, each with its definition. It works without script, prints whole, and says in words
   what a sign would. Numbers and dates are written as the language does. */
#pragma once
#include <jansson.h>
#include "view/html.h"

/* What people call things, noted in its language (base/said.h). Each may be NULL, and may answer absent: the trace's own words are then taken. */
struct why_names {
    void *arg;
    str (*title)(void *arg, str rule);                  /* "tarif" → "Tarif de la garderie" */
    str (*value)(void *arg, str rule, str value);       /* an option's label */
    json_t *(*definition)(void *arg, str rule);         /* shown as YAML; NULL: none */
    struct url (*page)(void *arg, str rule);            /* of the rule; absent: its place further down */
};
struct rulebase;
/* Titles and definitions as the rules themselves give them; lives as long as the base. */
struct why_names why_names_of(const struct rulebase *b);

struct why_options {
    int heading;                                        /* level of its headings; 0: 2 */
    bool open;                                          /* everything unfolded: what is sent to a printer that cannot unfold */
};
/* trace: checked to be one only as far as it must be drawn: what is missing is not said. At most 8 MiB of markup. */
struct html why_html(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names, const struct why_options *options);
/* Its first sentence as text: "Prix : 2,10 €, parce que…", for a letter or a message. */
str why_sentence(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names);
/* A value of a trace in words: "2,10 €", "540 € par mois", "oui", "1er janvier 2026". unit: may be absent. */
str why_value(arena *mem, enum lang lang, const json_t *value, str unit);
/* The same for a page: what is of another language is marked within (base/said.h). */
str why_sentence_marked(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names);
str why_value_marked(arena *mem, enum lang lang, const json_t *value, str unit);
