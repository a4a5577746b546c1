/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_branches.c — branches that are never taken, and bands out of order. */
#include <string.h>
#include "rules/checking.h"

enum { SAME_MOST = 60 };        /* conditions compared with those before */

static enum tri always(struct check *c, const struct node *test)
{
    struct rule_answer a;
    if (!check_value(c, test, &a)) return TRI_UNKNOWN;
    if (a.kind == ANSWER_INAPPLICABLE) return TRI_NO;
    return a.kind == ANSWER_BOOL ? a.b ? TRI_YES : TRI_NO : TRI_UNKNOWN;
}

static void never(struct check *c, const json_t *at, const char *key)
{
    const json_t *before = c->at;
    if (at) c->at = at;
    check_tell(c, "never_taken", RULES_WARNING, key);
    c->at = before;
}

static const json_t *same_before(const json_t *list, size_t i)
{
    const json_t *test = json_object_get(json_array_get(list, i), "si");
    for (size_t k = 0; test && k < i && i < SAME_MOST; k++)
        if (json_equal(test, json_object_get(json_array_get(list, k), "si"))) return test;
    return NULL;
}

static void variations(struct check *c, const struct node *n, const json_t *list)
{
    for (size_t i = 0; i < n->variations.n; i++) {
        const json_t *one = json_array_get(list, i);
        bool otherwise = json_object_get(one, "sinon") != NULL;
        enum tri test = otherwise ? TRI_YES : always(c, n->variations.v[i].condition);
        if (test == TRI_NO) never(c, json_object_get(one, "si"), W("rules.check.always_false"));
        else if (same_before(list, i)) never(c, json_object_get(one, "si"), W("rules.check.same_before"));
        if (test != TRI_YES) continue;
        if (i + 1 < n->variations.n) never(c, json_array_get(list, i + 1), otherwise ? W("rules.check.after_otherwise") : W("rules.check.after_true"));
        return;
    }
}

static void condition(struct check *c, const struct node *n, const char *key, const json_t *raw)
{
    enum tri test = TRI_UNKNOWN;
    if (strcmp(key, "condition") == 0) {
        test = always(c, n->condition.test);
        if (test == TRI_NO) never(c, json_object_get(raw, "si"), W("rules.check.always_false"));
        if (test == TRI_YES) never(c, json_object_get(raw, "si"), W("rules.check.always_true"));
        return;
    }
    bool applicable = strcmp(key, "applicable si") == 0;
    if (applicable || strcmp(key, "non applicable si") == 0) test = always(c, n->condition.test->operation.a);
    bool replaced = c->rule->index < (int)c->base->rules.n && c->base->replacing[c->rule->index].n;     /* a place for others */
    if (!replaced && test == (applicable ? TRI_NO : TRI_YES)) never(c, NULL, W("rules.check.never_applicable"));
}

static bool ceiling_value(struct check *c, const struct node *n, size_t i, unit_id unit, double *out)
{
    struct rule_answer a;
    const struct node *ceiling = n->bands.v[i].ceiling;
    if (!ceiling || !check_value(c, ceiling, &a) || a.kind != ANSWER_NUMBER) return false;
    *out = a.number;
    return a.unit == UNIT_ABSENT || unit == UNIT_ABSENT || unit_convert(c->units, a.unit, unit, out);
}

/* The evaluator gives up at such a band: an error, not a branch that nobody takes. */
static void bands(struct check *c, const struct node *n)
{
    struct rule_answer first;
    unit_id unit = n->bands.v[0].ceiling && check_value(c, n->bands.v[0].ceiling, &first) ? first.unit : UNIT_ABSENT;
    for (size_t i = 1; i < n->bands.n; i++) {
        double before, here;
        const struct node *at = n->bands.v[i].ceiling ? n->bands.v[i].ceiling : n->bands.v[i].rate ? n->bands.v[i].rate : n->bands.v[i].amount;
        bool open = !n->bands.v[i - 1].ceiling;
        bool known = !open && ceiling_value(c, n, i - 1, unit, &before) && ceiling_value(c, n, i, unit, &here);
        if (!open && (!known || before == 0 || here > before)) continue;
        const json_t *was = c->at, *raw = written_of(&c->all, at).raw;
        if (raw) c->at = raw;
        check_tell(c, "bands_order", RULES_ERROR, open ? W("rules.check.band_after_open") : W("rules.check.bands_order"));
        c->at = was;
    }
}

static void rates(struct check *c, const struct node *n)
{
    for (size_t i = 0; i < n->bands.n; i++) {
        double one = 1;
        const struct node *rate = n->bands.v[i].rate;
        unit_id unit = rate ? check_fact(c, rate).unit : UNIT_ABSENT;
        if (!rate || unit < 0 || unit_convert(c->units, unit, UNIT_NONE, &one)) continue;
        const json_t *was = c->at, *raw = written_of(&c->all, rate).raw;
        if (raw) c->at = raw;
        check_tell(c, "unit", RULES_ERROR, W("rules.check.rate_unit"), "unit", unit_text(c->units, unit));
        c->at = was;
    }
}

void check_branches(struct check *c, const struct node *n)
{
    struct written w = written_of(&c->all, n);
    if (!w.key) return;                 /* made by a replacement */
    if (n->kind == N_VARIATIONS) variations(c, n, w.raw);
    if (n->kind == N_CONDITION) condition(c, n, w.key, w.raw);
    if (n->kind != N_SCALE && n->kind != N_GRID && n->kind != N_PROGRESSIVE) return;
    bands(c, n);
    rates(c, n);
}
