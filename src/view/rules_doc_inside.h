/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules_doc_inside.h — inside view/rules_doc. */
#pragma once
#include "formats/json.h"
#include "rules/readings.h"
#include "view/rules_doc.h"

struct doc {
    arena *mem;
    enum lang lang;
    const struct rulebase *base;
    str title;
    json_t *files, *stems;              /* rule to "tarif.html"; "tarif": taken */
    json_t *read_by, *held_by;          /* rule to the names of those that read it; of its children ("": at the top) */
    struct readings reads;              /* of the rule being written */
    buf *out;
};

str doc_rule_title(struct doc *d, str rule);
void doc_link(struct doc *d, str rule, str words);              /* plain words when the rule has no page; absent: its title */
/* A definition, or a part of it, as lists: names of rules are links. */
void doc_formula(struct doc *d, const json_t *v);
/* True: the key describes (titre, description…) rather than calculates. */
bool doc_describes(const char *key);
