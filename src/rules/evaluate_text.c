/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* evaluate_text.c — values in words, as French writes numbers (CLDR, by ICU), for `texte`. */
#include <math.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>
#include "base/buf.h"
#include "rules/evaluate.h"

static str in_words(struct evaluator *ev, const UChar *skeleton, double number)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar wide[128];
    char z[400];
    int32_t n = 0;
    UNumberFormatter *f = unumf_openForSkeletonAndLocale(skeleton, -1, "fr", &e);
    UFormattedNumber *r = unumf_openResult(&e);
    unumf_formatDouble(f, number, r, &e);
    int32_t wide_n = unumf_resultToString(r, wide, 128, &e);
    u_strToUTF8(z, sizeof z, &n, wide, wide_n, &e);
    unumf_closeResult(r);
    unumf_close(f);
    return U_FAILURE(e) ? str_fmt(ev->mem, "%.15g", number) : str_copy(ev->mem, (str){z, (size_t)n});
}

static str number_words(struct evaluator *ev, struct rule_answer a)
{
    if (isnan(a.number)) return S("Erreur dans le calcul du nombre");
    unit_id simple = unit_simplify(ev->units, a.unit);
    if (a.unit != UNIT_ABSENT) unit_convert(ev->units, a.unit, simple, &a.number);
    str unit = unit_text(ev->units, simple);
    if (str_is(unit, "€")) {
        bool whole = floor(a.number) == a.number;
        return in_words(ev, whole ? u"currency/EUR .## rounding-mode-half-up" : u"currency/EUR .00 rounding-mode-half-up", a.number);
    }
    if (str_is(unit, "%")) return in_words(ev, u"percent .## rounding-mode-half-up", a.number);
    str words = in_words(ev, u".## rounding-mode-half-up", a.number);
    return unit.n ? str_fmt(ev->mem, "%.*s\u00a0%.*s", STR_ARG(words), STR_ARG(unit)) : words;
}

static str answer_words(struct evaluator *ev, const struct rule_answer *a)
{
    ptrdiff_t at;
    switch (a->kind) {
    case ANSWER_UNDEFINED: return S("Pas encore défini");
    case ANSWER_INAPPLICABLE: return S("Non applicable");
    case ANSWER_BOOL: return a->b ? S("oui") : S("non");
    case ANSWER_NUMBER: return number_words(ev, *a);
    default: break;
    }
    at = str_find(a->string, S("\\n"));
    if (at < 0) return a->string;
    str before = str_cut(a->string, 0, (size_t)at), after = str_cut(a->string, (size_t)at + 2, a->string.n);
    return str_fmt(ev->mem, "%.*s\n%.*s", STR_ARG(before), STR_ARG(after));
}

const struct outcome *eval_text(struct evaluator *ev, const struct node *n)
{
    struct outcome *o = outcome_new(ev, ANSWER_STRING, &missing_none);
    buf b = BUF(1 << 20);
    for (size_t i = 0; i < n->text.n; i++) {
        if (!n->text.v[i].value) {
            buf_put(&b, n->text.v[i].words);
            continue;
        }
        const struct outcome *v = eval(ev, n->text.v[i].value);
        o->missing = missing_merge(ev, o->missing, v->missing);
        buf_put(&b, answer_words(ev, &v->a));
    }
    o->a.string = str_copy(ev->mem, buf_str(&b));
    buf_free(&b);
    return o;
}
