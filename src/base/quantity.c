/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/money.h"
#include "base/said.h"

static str number_words(arena *mem, enum lang lang, double x, int least, int most)
{
    char z[64];
    if (!isfinite(x) || fabs(x) >= 1e15) return str_fmt(mem, "%.15g", x);
    snprintf(z, sizeof z, "%.*f", most, fabs(x));
    char *dot = strchr(z, '.');
    size_t n = strlen(z);
    while (dot && n > (size_t)(dot - z) + 1 + (size_t)least && z[n - 1] == '0') z[--n] = 0;
    if (dot && z[n - 1] == '.') z[--n] = 0;
    int64_t whole = 0;
    if (str_i64(dot ? (str){z, (size_t)(dot - z)} : str_of(z), &whole).code != OK) return str_of(z);
    str fraction = dot && z[n] == 0 && n > (size_t)(dot - z) + 1 ? str_of(dot + 1) : STR_NONE, w = words_number(mem, lang, whole);
    bool minus = x < 0 && (whole || fraction.n);
    return str_fmt(mem, "%s%.*s%.*s%.*s", minus ? "\u2212" : "", STR_ARG(w), STR_ARG(fraction.n ? words(lang, W("base.decimal")) : STR_NONE), STR_ARG(fraction));
}

/* A French word, "jour" or "an", never "kWh" or "€". */
static bool is_word(str unit)
{
    for (size_t i = 0; i < unit.n; i++)
        if ((unit.p[i] & 0x80) == 0 && (unit.p[i] < 'a' || unit.p[i] > 'z')) return false;
    return unit.n >= 4 || str_is(unit, "an");
}

static str unit_word(arena *mem, enum lang lang, str unit, bool many)
{
    if (!is_word(unit)) return unit;
    bool s = many && (unit.p[unit.n - 1] & 0x80) == 0 && !strchr("sxz", unit.p[unit.n - 1]);
    return said_within(mem, said_in(s ? str_fmt(mem, "%.*ss", STR_ARG(unit)) : unit, LANG_FR), lang);
}

str quantity_unit(arena *mem, enum lang lang, str unit, double n)
{
    buf b = BUF(4000);
    str per = words(lang, W("base.per")), and = words(lang, W("base.and"));
    bool below = false;
    for (size_t i = 0, from = 0; i <= unit.n; i++) {
        if (i < unit.n && unit.p[i] != '/' && unit.p[i] != '.') continue;
        str word = str_cut(unit, from, i);
        buf_put(&b, unit_word(mem, lang, word, fabs(n) >= 2 && word.n == unit.n));
        from = i + 1;
        if (i == unit.n) break;
        if (unit.p[i] == '/') buf_fmt(&b, i ? " %.*s " : "%.*s ", STR_ARG(per));
        else if (below) buf_fmt(&b, " %.*s %.*s ", STR_ARG(and), STR_ARG(per));
        else buf_char(&b, '-');
        below |= unit.p[i] == '/';
    }
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

str quantity_span(arena *mem, enum lang lang, struct span s)
{
    static const char *const keys[] = {[SPAN_DAYS] = W("base.span.days"), [SPAN_WORKING_DAYS] = W("base.span.working_days"),
                                       [SPAN_WEEKS] = W("base.span.weeks"), [SPAN_MONTHS] = W("base.span.months")};
    return words_count(mem, lang, keys[s.unit], s.count);
}

str quantity_words(arena *mem, enum lang lang, double x, str unit)
{
    int64_t cents = 0;
    bool money = str_starts(unit, S("€")) && money_cents(x, &cents).code == OK;
    str n = money ? number_words(mem, lang, (double)cents / 100, cents % 100 ? 2 : 0, 2) : number_words(mem, lang, x, 0, str_is(unit, "%") ? 2 : 4);
    if (!unit.n) return n;
    return str_fmt(mem, "%.*s\u00a0%.*s", STR_ARG(n), STR_ARG(quantity_unit(mem, lang, unit, x)));
}
