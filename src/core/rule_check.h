/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_check.h — the rules of a definition looked at before anybody answers (rules/check.h, docs/rules.md "Checks before use"), all of them:
   its `rules`, and what questions, requirements, routes and steps say. Each finding has the place where people mend it. Nothing with an
   error is published (kind_lacks). */
#pragma once
#include "core/kind.h"

struct kind_finding {
    const char *code;           /* of rules/check.h; "definition": what the definition itself refuses */
    bool is_error;
    str rule;                   /* absent: of none that has a name of its own */
    str place, message;         /* for people: "Ligne 3, « prix du repas »"; place may be absent */
    unsigned line, column;      /* in kind_rules_text; 0: it stands elsewhere, or nowhere in particular */
    str field;                  /* id of the question it stands in; absent: none */
    str at;                     /* "eligibility[0].must", "transitions.close.when": as kind_parse says it; absent: in the text of the rules */
};
struct kind_findings { struct kind_finding *v; size_t n, errors; };

/* "Ligne 3, « prix du repas » : …" */
str kind_finding_said(arena *mem, enum lang lang, const struct kind_finding *f);
/* Those of the text first, by line. A definition whose rules cannot be read is looked at too; that is what it is for. */
void kind_rules_check(arena *mem, const json_t *definition, enum lang lang, struct kind_findings *out);
/* `rules` as they were typed, or as YAML; absent: none. */
str kind_rules_text(arena *mem, const json_t *definition);
