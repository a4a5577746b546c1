/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Numbers and dates: typed as people type them, held in one form. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "core/field_types.h"

#define WHOLE_MOST 9007199254740991.0       /* 2^53 − 1: what every reader of JSON holds exactly (RFC 8259 §6) */

/* The figures and signs only: blanks of all kinds, a currency or a unit sign at the end are dropped. */
static str number_bare(arena *mem, str s)
{
    char *out = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    s = text_line(mem, s);
    if (str_ends(s, S("€"))) s = str_cut(s, 0, s.n - 3);
    if (str_ends(s, S("%"))) s = str_cut(s, 0, s.n - 1);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ' || s.p[i] == '\'') continue;
        out[n++] = s.p[i];
    }
    /* U+2212, the minus of word processors. */
    if (n > 3 && memcmp(out, "\u2212", 3) == 0) {
        out[0] = '-';
        memmove(out + 1, out + 3, n - 3);
        n -= 2;
    }
    return (str){out, n};
}

bool number_typed(arena *mem, str typed, double *out)
{
    str s = number_bare(mem, typed);
    ptrdiff_t comma = str_find_char(s, ','), dot = str_find_char(s, '.');
    char *p = (char *)str_copy(mem, s).p;
    size_t n = 0;
    /* With both, the last one is the decimal mark, the other groups thousands. */
    char mark = comma >= 0 && dot >= 0 ? (comma > dot ? ',' : '.') : comma >= 0 ? ',' : '.';
    int marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == 'e' || c == 'E' || c == 'x' || c == 'n' || c == 'i') return false;
        if (c == mark) marks++;
        if (c == mark || (c != ',' && c != '.')) p[n++] = c == mark ? '.' : c;
    }
    if (marks > 1 || !n) return false;
    return str_f64((str){p, n}, out).code == OK && isfinite(*out);
}

static json_t *number_json(arena *mem, double x)
{
    bool whole = x == floor(x) && fabs(x) <= WHOLE_MOST;
    return json_own(mem, whole ? json_integer((json_int_t)x) : json_real(x));
}

TYPE_PARSE(parse_number)
{
    double x;
    str last = STR_NONE;
    for (size_t i = 0; i < typed.n; i++)
        if (str_trim(typed.v[i]).n) last = typed.v[i];
    if (!last.n) return NULL;
    if (!number_typed(mem, last, &x)) return W("field.number.bad");
    *out = number_json(mem, x);
    return NULL;
}

static str number_words(arena *mem, double x)
{
    str s = json_canonical(mem, number_json(mem, x));
    char *p = (char *)str_copy(mem, s).p;
    for (size_t i = 0; i < s.n; i++)
        if (p[i] == '.') p[i] = ',';
    return (str){p, s.n};
}

static const char *bounds_fault(const struct field *f, arena *mem, double x, str *arg)
{
    if (f->has_min && x < f->min) {
        *arg = number_words(mem, f->min);
        return W("field.number.min");
    }
    if (f->has_max && x > f->max) {
        *arg = number_words(mem, f->max);
        return W("field.number.max");
    }
    return NULL;
}

TYPE_CHECK(check_decimal)
{
    if (!json_is_number(given)) return W("field.number.bad");
    double x = json_number_value(given);
    if (!isfinite(x) || fabs(x) > WHOLE_MOST) return W("field.number.bad");
    const char *msg = bounds_fault(f, mem, x, arg);
    if (!msg) *out = number_json(mem, x);
    return msg;
}

TYPE_CHECK(check_integer)
{
    if (!json_is_number(given)) return W("field.integer.bad");
    double x = json_number_value(given);
    if (x != floor(x) || fabs(x) > WHOLE_MOST) return W("field.integer.bad");
    return check_decimal(f, mem, given, env, out, arg);
}

/* "1 250,50 €": cents only when there are some. */
static str show_money(arena *mem, enum lang lang, double x)
{
    int64_t cents = (int64_t)round(fabs(x) * 100);
    str whole = words_number(mem, lang, cents / 100), sign = x < 0 && cents ? S("\u2212") : S("");
    str amount = cents % 100 ? str_fmt(mem, "%.*s%.*s%02d", STR_ARG(whole), STR_ARG(words(lang, W("base.decimal"))), (int)(cents % 100)) : whole;
    return words_fill(mem, lang, W("field.money"), "sign", sign, "amount", amount, NULL);
}

static str show_plain(arena *mem, enum lang lang, const json_t *value)
{
    double x = json_number_value(value);
    if (x == floor(x) && fabs(x) <= WHOLE_MOST) return words_number(mem, lang, (int64_t)x);
    str s = json_canonical(mem, value);
    ptrdiff_t dot = str_find_char(s, '.');
    if (dot < 0 || lang != LANG_FR) return s;
    return str_fmt(mem, "%.*s,%.*s", (int)dot, s.p, (int)(s.n - (size_t)dot - 1), s.p + dot + 1);
}

/* "2,10 €/séance", "12 kg": an amount as money, any other number as it is. */
TYPE_SHOW(show_number)
{
    double x = json_number_value(value);
    str unit = f->unit, euro = S("€");
    bool is_amount = (f->money || str_starts(unit, euro)) && fabs(x) <= WHOLE_MOST / 100;
    if (is_amount && str_starts(unit, euro)) unit = str_cut(unit, euro.n, unit.n);
    str number = is_amount ? show_money(mem, env->lang, x) : show_plain(mem, env->lang, value);
    return str_fmt(mem, "%.*s%s%.*s", STR_ARG(number), unit.n && !is_amount ? "\u00a0" : "", STR_ARG(unit));
}

static json_t *schema_bounds(json_t *s, const struct field *f)
{
    double example = f->has_min ? f->min : f->has_max && f->max < 2 ? f->max : 2;
    if (f->has_min) json_object_set_new(s, "minimum", json_real(f->min));
    if (f->has_max) json_object_set_new(s, "maximum", json_real(f->max));
    if (f->has_min && f->min != floor(f->min) && ceil(f->min) <= (f->has_max ? f->max : WHOLE_MOST)) example = ceil(f->min);
    schema_examples(s, example == floor(example) ? json_integer((json_int_t)example) : json_real(example));
    return s;
}
TYPE_SCHEMA(schema_decimal) { return schema_bounds(schema_of("number"), f); }
TYPE_SCHEMA(schema_integer) { return schema_bounds(schema_of("integer"), f); }
TYPE_RULE(rule_number) { return (struct rule_value){.kind = RULE_NUMBER, .number = json_number_value(value)}; }
TYPE_INDEX(index_number) { return json_canonical(mem, value); }

TYPE_PREFILL(prefill_number)
{
    str arg = STR_NONE;
    json_t *given = NULL;
    struct answers_env env = {0};
    if (parse_number(f, mem, (struct strs){&typed, 1}, &env, &given) || !given) return false;
    return !f->type->check(f, mem, given, &env, out, &arg);
}

/* ---- dates */

const char *const date_parts[] = {".d", ".m", ".y", NULL}, *const datetime_parts[] = {".d", ".m", ".y", ".t", NULL};

static bool digits_of(str s, size_t most, int *out)
{
    int v = 0;
    if (!s.n || s.n > most) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

static bool date_real(int y, int m, int d)
{
    int y2, m2, d2;
    if (m < 1 || m > 12 || d < 1 || d > 31) return false;
    days_civil(days_of(y, m, d), &y2, &m2, &d2);
    return y == y2 && m == m2 && d == d2;
}

/* "12", "3", "2026"; a month may be written out. */
static const char *date_from_parts(arena *mem, str d, str m, str y, str *out)
{
    int day, month = 0, year;
    d = text_line(mem, d), m = text_line(mem, m), y = text_line(mem, y);
    if (!d.n || !m.n || !y.n) return W("field.date.incomplete");
    if (!digits_of(m, 2, &month)) {
        static const char *const starts[] = {"jan", "fe", "mar", "av", "mai", "juin", "juil", "ao", "se", "oc", "no", "de"};
        str fold = str_fold(mem, m);
        for (int i = 0; i < 12; i++)
            if (str_starts(fold, str_of(starts[i]))) month = i + 1;
    }
    if (!digits_of(d, 2, &day) || !month || !digits_of(y, 4, &year)) return W("field.date.bad");
    if (year < 1000) return W("field.date.year");
    if (!date_real(year, month, day)) return W("field.date.unreal");
    *out = str_fmt(mem, "%04d-%02d-%02d", year, month, day);
    return NULL;
}

/* "2026-11-23", "23/11/2026", "23.11.2026", "23 novembre 2026". */
static const char *date_from_line(arena *mem, str s, str *out)
{
    struct strs parts = {0};
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && !strchr("-/. ", s.p[i])) continue;
        if (i > from) PUSH(mem, &parts, str_cut(s, from, i));
        from = i + 1;
    }
    if (parts.n != 3) return W("field.date.bad");
    bool iso = parts.v[0].n == 4;
    return date_from_parts(mem, parts.v[iso ? 2 : 0], parts.v[1], parts.v[iso ? 0 : 2], out);
}

static str part_of(struct strs typed, size_t i) { return i < typed.n ? str_trim(typed.v[i]) : STR_NONE; }

TYPE_PARSE(parse_date)
{
    str s = part_of(typed, 0), iso = STR_NONE;
    const char *msg;
    if (s.n) msg = date_from_line(mem, text_line(mem, s), &iso);
    else if (!part_of(typed, 1).n && !part_of(typed, 2).n && !part_of(typed, 3).n) return NULL;
    else msg = date_from_parts(mem, part_of(typed, 1), part_of(typed, 2), part_of(typed, 3), &iso);
    if (!msg) *out = json_own(mem, json_from_str(iso));
    return msg;
}

static int64_t today(const struct answers_env *env)
{
    struct civil now = civil_of(env->now_us ? env->now_us : clock_now_us(), env->zone.n ? env->zone : S("Europe/Paris"));
    return days_of(now.year, now.month, now.day);
}

static const char *wrong_side(const struct field *f, int64_t days, const struct answers_env *env)
{
    if (f->past && days > today(env)) return W("field.date.future");
    if (f->future && days < today(env)) return W("field.date.past");
    return NULL;
}

TYPE_CHECK(check_date)
{
    int64_t days;
    str s = json_text(given);
    if (json_is_string(given) && !s.n) return NULL;
    if (s.n != 10 || date_parse_iso(s, &days).code != OK) return W("field.date.bad");
    if (days < days_of(1000, 1, 1)) return W("field.date.year");
    const char *msg = wrong_side(f, days, env);
    if (msg) return msg;
    *out = json_own(mem, json_from_str(s));
    return NULL;
}

TYPE_SHOW(show_date)
{
    int64_t days;
    return date_parse_iso(json_text(value), &days).code == OK ? words_date(mem, env->lang, days) : json_text(value);
}

TYPE_SCHEMA(schema_date)
{
    json_t *s = schema_of("string");
    json_object_set_new(s, "format", json_string("date"));
    json_object_set_new(s, "pattern", json_string("^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"));
    schema_examples(s, json_string(f->future ? "2099-04-12" : "1985-04-12"));
    return s;
}

TYPE_RULE(rule_date)
{
    struct rule_value v = {.kind = RULE_DATE};
    if (date_parse_iso(str_cut(json_text(value), 0, 10), &v.days).code != OK) v.kind = RULE_UNDEFINED;
    return v;
}

TYPE_PREFILL(prefill_date)
{
    str arg = STR_NONE;
    json_t *given = NULL;
    struct answers_env env = {0};
    if (f->type->parse(f, mem, (struct strs){&typed, 1}, &env, &given) || !given) return false;
    return !f->type->check(f, mem, given, &env, out, &arg);
}

static bool time_typed(arena *mem, str s, str *out)
{
    str minutes, hours = str_split(s, str_find_char(s, ':') >= 0 ? ':' : 'h', &minutes);
    int h, m = 0;
    minutes = str_cut(str_trim(minutes), 0, 2);
    if (!digits_of(str_trim(hours), 2, &h) || h > 23) return false;
    if (minutes.n && (!digits_of(minutes, 2, &m) || m > 59)) return false;
    *out = str_fmt(mem, "%02d:%02d", h, m);
    return true;
}

TYPE_PARSE(parse_datetime)
{
    str s = part_of(typed, 0), iso = STR_NONE, time = part_of(typed, 4);
    const char *msg;
    if (s.n) {
        ptrdiff_t cut = str_find_char(s, 'T');
        if (cut < 0) cut = str_find_char(s, ' ');
        if (cut < 0) return W("field.datetime.incomplete");
        time = str_cut(s, (size_t)cut + 1, s.n);
        msg = date_from_line(mem, str_cut(s, 0, (size_t)cut), &iso);
    } else if (!part_of(typed, 1).n && !part_of(typed, 2).n && !part_of(typed, 3).n && !time.n) {
        return NULL;
    } else {
        msg = date_from_parts(mem, part_of(typed, 1), part_of(typed, 2), part_of(typed, 3), &iso);
    }
    if (msg) return msg;
    if (!time.n) return W("field.datetime.incomplete");
    if (!time_typed(mem, time, &time)) return W("field.datetime.time");
    *out = json_own(mem, json_from_str(str_fmt(mem, "%.*sT%.*s", STR_ARG(iso), STR_ARG(time))));
    return NULL;
}

TYPE_CHECK(check_datetime)
{
    int64_t days;
    str s = json_text(given), time = STR_NONE;
    if (json_is_string(given) && !s.n) return NULL;
    if (s.n < 16 || s.p[10] != 'T' || date_parse_iso(str_cut(s, 0, 10), &days).code != OK || days < days_of(1000, 1, 1))
        return W("field.datetime.bad");
    if (s.p[13] != ':' || !time_typed(mem, str_cut(s, 11, 16), &time)) return W("field.datetime.bad");
    if (s.n > 16 && !str_is(str_cut(s, 16, s.n), ":00")) return W("field.datetime.bad");
    const char *msg = wrong_side(f, days, env);
    if (msg) return msg;
    *out = json_own(mem, json_from_str(str_fmt(mem, "%.*sT%.*s", 10, s.p, STR_ARG(time))));
    return NULL;
}

TYPE_SHOW(show_datetime)
{
    str s = json_text(value);
    int64_t days;
    if (date_parse_iso(str_cut(s, 0, 10), &days).code != OK) return s;
    str at = words_fill(mem, env->lang, W("field.datetime.shown"), "date", words_date(mem, env->lang, days), "hour", str_cut(s, 11, 13), "minute",
                        str_cut(s, 14, 16), NULL);
    return at;
}

TYPE_SCHEMA(schema_datetime)
{
    json_t *s = schema_of("string");
    json_object_set_new(s, "pattern", json_string("^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-5][0-9]$"));
    schema_examples(s, json_string(f->future ? "2099-04-12T14:30" : "2025-04-12T14:30"));
    return s;
}
