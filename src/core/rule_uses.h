/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_uses.h — every place where a kind follows a rule, and what part the rule has in it (DESIGN §3). A part is declared (`role` in the
   definition) or inferred: a question that appears is display; a value, a team, a delay, a guard on what an agent does is assistance; an
   amount, a requirement, a guard on what happens by itself is a decision. */
#pragma once
#include "core/kind.h"

struct rule_use {
    enum rule_role role, inferred;      /* role: the one declared, else the one inferred */
    bool is_declared;
    const char *what;           /* catalogue key: "Question posée si", "Montant calculé"… */
    str of;                     /* the question, the step, the team, in French */
    const struct condition *rule;
    const struct field *field;  /* NULL: not a question */
    str place;                  /* where its part is declared: "question/f3", "requirement/0", "route/1", "step/close" (kind_edit_role); absent: nowhere */
};
struct rule_uses { struct rule_use *v; size_t n; };
struct rule_uses rule_uses(arena *mem, const struct kind *k);
const char *rule_role_title(enum rule_role role);       /* catalogue key */
/* "display", "assistance", "decision"; false: none of them. */
bool rule_role_named(str name, enum rule_role *out);
