/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/rule_uses.h"

#include "core/answers.h"

static const struct { const char *name, *title; } roles[] = {
    [RULE_ROLE_INFERRED] = {"", W("rule.role.display")}, [RULE_ROLE_DISPLAY] = {"display", W("rule.role.display")},
    [RULE_ROLE_ASSISTANCE] = {"assistance", W("rule.role.assistance")}, [RULE_ROLE_DECISION] = {"decision", W("rule.role.decision")}};

const char *rule_role_title(enum rule_role role) { return roles[role].title; }

bool rule_role_named(str name, enum rule_role *out)
{
    for (size_t i = RULE_ROLE_DISPLAY; i < sizeof roles / sizeof *roles; i++)
        if (str_is(name, roles[i].name)) return *out = (enum rule_role)i, true;
    return false;
}

static void use(arena *mem, struct rule_uses *out, const struct condition *c, enum rule_role inferred, const char *what, str of, str place)
{
    if (!c) return;
    PUSH(mem, out, (struct rule_use){.role = c->role ? c->role : inferred, .inferred = inferred, .is_declared = c->role != RULE_ROLE_INFERRED, .what = what, .of = of, .rule = c, .place = place});
}

static bool is_amount(const struct field *f) { return f->money || str_starts(f->unit, S("€")); }

static void fields_use(arena *mem, struct rule_uses *out, const struct fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        str label = f->label.v[LANG_FR], place = str_fmt(mem, "question/%.*s", STR_ARG(f->id));
        size_t from = out->n;
        use(mem, out, f->when, RULE_ROLE_DISPLAY, f->type->holds_value ? W("rule.use.question") : W("rule.use.section"), label, f->computed ? STR_NONE : place);
        use(mem, out, f->computed, is_amount(f) ? RULE_ROLE_DECISION : RULE_ROLE_ASSISTANCE, is_amount(f) ? W("rule.use.amount") : W("rule.use.value"), label, place);
        for (size_t j = from; j < out->n; j++) out->v[j].field = f;
        fields_use(mem, out, &f->children);
    }
}

struct rule_uses rule_uses(arena *mem, const struct kind *k)
{
    struct rule_uses out = {0};
    fields_use(mem, &out, &k->fields);
    for (size_t i = 0; i < k->eligibility.n; i++)
        use(mem, &out, k->eligibility.v[i].must, RULE_ROLE_DECISION, W("rule.use.requirement"), k->eligibility.v[i].message.v[LANG_FR], str_fmt(mem, "requirement/%zu", i));
    for (size_t i = 0; i < k->routing.n; i++) use(mem, &out, k->routing.v[i].when, RULE_ROLE_ASSISTANCE, W("rule.use.team"), k->routing.v[i].team, str_fmt(mem, "route/%zu", i));
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        str place = str_fmt(mem, "step/%.*s", STR_ARG(t->name));
        use(mem, &out, t->when, t->by == BY_SYSTEM ? RULE_ROLE_DECISION : RULE_ROLE_ASSISTANCE, W("rule.use.step"), t->title.v[LANG_FR], place);
        use(mem, &out, t->after_rule, RULE_ROLE_ASSISTANCE, W("rule.use.delay"), t->title.v[LANG_FR], t->when ? STR_NONE : place);
    }
    return out;
}
