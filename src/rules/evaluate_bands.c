/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluate_bands.c — barème (marginal rates), grille (an amount for the band one is in) and taux progressif (a rate between two ceilings).
   Ceilings are read up to the band that holds the base, no further. */
#include <math.h>
#include "rules/evaluate.h"

enum place { UNDECIDED, WITHIN, OUTSIDE };      /* is the base in that band? */
struct state {
    enum place place;
    enum tri after;                             /* is the band past the base? */
    bool read, reachable, infinite;             /* ceiling read; all that its place needs is known */
    double floor, ceiling;
    bool floor_known, ceiling_known;
    const struct outcome *ceiling_outcome;
    const struct missing_set *missing;
};
struct work { struct evaluator *ev; const struct node *n; const struct outcome *base, *multiplier; struct state *v; };

static bool undefined(const struct outcome *o) { return o->a.kind == ANSWER_UNDEFINED; }

static void ceiling_read(struct work *w, size_t i, struct state *s)
{
    const struct node *at = w->n->bands.v[i].ceiling;
    s->infinite = !at;
    if (!at) {
        s->ceiling_known = !undefined(w->multiplier);
        s->ceiling = INFINITY * answer_number(&w->multiplier->a);      /* not a number when there is no multiplier */
        return;
    }
    const struct outcome *c = s->ceiling_outcome = eval(w->ev, at);
    s->ceiling_known = !undefined(c) && !undefined(w->multiplier);
    if (!s->ceiling_known) return;
    s->ceiling = answer_number(&c->a) * answer_number(&w->multiplier->a);
    if (isinf(s->ceiling) || s->ceiling == 0) return;
    unit_convert(w->ev->units, unit_multiply(w->ev->units, c->a.unit, w->multiplier->a.unit), w->base->a.unit, &s->ceiling);
}

static const struct missing_set *missing_of(struct work *w, size_t i)
{
    const struct missing_set *m = w->v[i].ceiling_outcome ? w->v[i].ceiling_outcome->missing : &missing_none;
    m = missing_merge(w->ev, missing_merge(w->ev, m, w->base->missing), w->multiplier->missing);
    return i && w->v[i - 1].ceiling_outcome ? missing_merge(w->ev, m, w->v[i - 1].ceiling_outcome->missing) : m;
}

/* True: the base is in that band. */
static bool band_place(struct work *w, size_t i)
{
    struct state *s = &w->v[i];
    double base = answer_number(&w->base->a);
    s->read = true;
    ceiling_read(w, i, s);
    s->floor = i ? w->v[i - 1].ceiling : 0;
    s->floor_known = i ? w->v[i - 1].ceiling_known : true;
    bool floor_told = i == 0 || w->v[i - 1].infinite || (w->v[i - 1].ceiling_outcome && !undefined(w->v[i - 1].ceiling_outcome));
    s->after = !s->floor_known || undefined(w->base) ? TRI_UNKNOWN : s->floor > base ? TRI_YES : TRI_NO;
    bool told = (s->infinite || (s->ceiling_outcome && !undefined(s->ceiling_outcome))) && !undefined(w->base) && !undefined(w->multiplier) && floor_told;
    if (!told) {
        s->missing = missing_of(w, i);
        return false;
    }
    s->reachable = true;
    if (i && s->floor != 0 && s->ceiling <= s->floor) {
        eval_fail(w->ev, "bands_order", "Le plafond de la tranche n°%zu a une valeur inférieure à celui de la tranche précédente", i + 1);
        return false;
    }
    s->place = base >= s->floor && base < s->ceiling ? WITHIN : OUTSIDE;
    return s->place == WITHIN;
}

static void place_all(struct work *w)
{
    bool found = false;
    w->v = NEW_N(w->ev->mem, struct state, w->n->bands.n);
    for (size_t i = 0; i < w->n->bands.n && !w->ev->root->failed; i++) {
        w->v[i].missing = &missing_none;
        if (found) w->v[i].after = TRI_YES;
        else found = band_place(w, i);
    }
}

static const struct outcome *rate_fault(struct evaluator *ev, unit_id unit, const char *wanted)
{
    return eval_fail(ev, "unit", "Impossible de convertir l'unité '%.*s' en '%s' : un taux s’écrit en %% ou sans unité", STR_ARG(unit_text(ev->units, unit)), wanted);
}

/* ---- barème ---- */

/* What is not a number stays so. */
static double least(double a, double b) { return isnan(a) || isnan(b) ? NAN : fmin(a, b); }

/* After a band that is not known, what comes of the others is not a number: as in the reference. */
static void add(struct outcome *sum, double more)
{
    sum->a.number = sum->a.kind == ANSWER_UNDEFINED ? NAN : sum->a.number + more;
    sum->a.kind = ANSWER_NUMBER;
}

static const struct outcome *scale(struct work *w)
{
    struct evaluator *ev = w->ev;
    const struct missing_set *missing = missing_merge(ev, w->base->missing, w->multiplier->missing);
    enum answer_kind kind = w->base->a.kind;
    struct outcome *o = outcome_new(ev, kind, missing);
    o->a = w->base->a;
    o->unit_key = true;
    if (kind == ANSWER_UNDEFINED || kind == ANSWER_INAPPLICABLE || (kind == ANSWER_NUMBER && w->base->a.number == 0)) return o;
    place_all(w);
    if (ev->root->failed) return o;
    double base = answer_number(&w->base->a);
    o->a.kind = ANSWER_NUMBER;
    o->a.number = 0;
    for (size_t i = 0; i < w->n->bands.n && !ev->root->failed; i++) {
        const struct state *s = &w->v[i];
        if (s->after == TRI_YES) {
            add(o, 0);
            continue;
        }
        const struct outcome *rate = eval(ev, w->n->bands.v[i].rate);
        o->missing = missing_merge(ev, o->missing, missing_merge(ev, rate->missing, s->missing));
        if (undefined(rate) || !s->read || !s->ceiling_known || !s->floor_known) {
            o->a.kind = ANSWER_UNDEFINED;
            continue;
        }
        double r = answer_number(&rate->a);
        if (!unit_convert(ev->units, rate->a.unit, UNIT_NONE, &r)) return rate_fault(ev, rate->a.unit, "");
        add(o, (least(base, s->ceiling) - s->floor) * r);
    }
    return o;
}

/* ---- grille ---- */

static const struct outcome *grid(struct work *w)
{
    struct evaluator *ev = w->ev;
    size_t n = w->n->bands.n, active = n;
    place_all(w);
    if (ev->root->failed) return w->base;
    const struct outcome **amounts = NEW_N(ev->mem, const struct outcome *, n);
    for (size_t i = 0; i < n; i++) {
        if (w->v[i].place == OUTSIDE) continue;
        amounts[i] = eval(ev, w->n->bands.v[i].amount);
        if (w->v[i].place == WITHIN) active = i;
    }
    struct outcome *o = outcome_new(ev, ANSWER_UNDEFINED, missing_merge(ev, w->base->missing, w->multiplier->missing));
    o->unit_key = true;
    if (active < n) {
        o->missing = missing_merge(ev, o->missing, amounts[active]->missing);
        o->a = amounts[active]->a;
        return o;
    }
    if (w->v[n - 1].after == TRI_NO) return o;
    bool some = false;
    for (size_t i = 0; i < n; i++) {
        if (w->v[i].place != UNDECIDED) continue;
        if (!some) o->a.unit = amounts[i]->a.unit;
        some = true;
        o->missing = missing_merge(ev, o->missing, missing_merge(ev, amounts[i]->missing, w->v[i].missing));
    }
    if (!some) o->a.kind = ANSWER_BOOL;
    return o;
}

/* ---- taux progressif ---- */

static bool rate_read(struct work *w, size_t i, struct rule_answer *out, const struct missing_set **missing)
{
    const struct outcome *rate = eval(w->ev, w->n->bands.v[i].rate);
    *out = rate->a;
    *missing = rate->missing;
    if (out->kind == ANSWER_NUMBER && out->unit != UNIT_ABSENT && !unit_convert(w->ev->units, out->unit, UNIT_PERCENT, &out->number)) {
        rate_fault(w->ev, out->unit, "%");
        return false;
    }
    out->unit = UNIT_PERCENT;
    return true;
}

static const struct outcome *progressive(struct work *w)
{
    struct evaluator *ev = w->ev;
    size_t n = w->n->bands.n, active = n, outside = 0;
    struct outcome *o = outcome_new(ev, ANSWER_UNDEFINED, &missing_none);
    o->a.unit = UNIT_PERCENT;
    o->unit_key = true;
    place_all(w);
    for (size_t i = 0; i < n; i++) {
        outside += w->v[i].place == OUTSIDE;
        if (w->v[i].place == WITHIN && active == n) active = i;
    }
    if (ev->root->failed) return o;
    if (outside == n || (active == n - 1 && w->v[n - 1].infinite)) {
        struct rule_answer last;
        if (!rate_read(w, n - 1, &last, &o->missing)) return o;
        o->a = last;
        return o;
    }
    if (active == n || w->base->a.kind != ANSWER_NUMBER) {
        for (size_t i = 0; i < n; i++) o->missing = missing_merge(ev, o->missing, w->v[i].missing);
        return o;
    }
    struct rule_answer upper, lower;
    const struct missing_set *upper_missing, *lower_missing;
    if (!rate_read(w, active, &upper, &upper_missing)) return o;
    lower = upper, lower_missing = upper_missing;
    if (active && !rate_read(w, active - 1, &lower, &lower_missing)) return o;
    if (upper.kind == ANSWER_UNDEFINED || lower.kind == ANSWER_UNDEFINED) {
        o->missing = missing_merge(ev, lower_missing, upper_missing);
        return o;
    }
    o->a.kind = ANSWER_NUMBER;
    double low = answer_number(&lower), slope = (answer_number(&upper) - low) / (w->v[active].ceiling - w->v[active].floor);
    o->a.number = (w->base->a.number - w->v[active].floor) * slope;
    if (lower.kind == ANSWER_STRING) o->a.string = answers_joined(ev, &lower, &o->a), o->a.kind = ANSWER_STRING;
    else o->a.number += low;
    return o;
}

static void part_see(struct work *w, size_t i, struct band_seen *out)
{
    const struct state *s = &w->v[i];
    const struct outcome *rate = s->after == TRI_YES || !s->read ? NULL : eval(w->ev, w->n->bands.v[i].rate);
    if (!rate || rate->a.kind != ANSWER_NUMBER || w->base->a.kind != ANSWER_NUMBER || !s->ceiling_known || !s->floor_known) return;
    double r = rate->a.number;
    unit_convert(w->ev->units, rate->a.unit, UNIT_NONE, &r);
    out->part_known = true;
    out->part = (least(w->base->a.number, s->ceiling) - s->floor) * r;
}

void bands_see(struct evaluator *ev, const struct node *n, struct band_seen *out)
{
    struct work w = {.ev = ev, .n = n, .base = eval(ev, n->bands.base), .multiplier = eval(ev, n->bands.multiplier)};
    place_all(&w);
    for (size_t i = 0; i < n->bands.n && !ev->root->failed; i++) {
        const struct state *s = &w.v[i];
        out[i] = (struct band_seen){.read = s->read, .floor_known = s->floor_known, .ceiling_known = s->ceiling_known, .holds = s->place == WITHIN,
                                    .floor = s->floor, .ceiling = s->ceiling};
        if (n->kind == N_SCALE) part_see(&w, i, &out[i]);
    }
}

const struct outcome *eval_bands(struct evaluator *ev, const struct node *n)
{
    struct work w = {.ev = ev, .n = n, .base = eval(ev, n->bands.base), .multiplier = eval(ev, n->bands.multiplier)};
    if (w.multiplier->a.kind == ANSWER_NUMBER && w.multiplier->a.number == 0)
        return n->kind == N_PROGRESSIVE ? eval_fail(ev, "division_by_zero", "Division by zero (division par zéro)")
                                        : eval_fail(ev, "multiplier_zero", "Le multiplicateur ne peut pas être nul");
    return n->kind == N_SCALE ? scale(&w) : n->kind == N_GRID ? grid(&w) : progressive(&w);
}
