/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Holidays, working days and spans: the second half of clock.h. */
#include "base/clock.h"

#define COUNT_MAX 36500     /* a hundred years of days */

/* Easter Sunday by the Gregorian computus (the Anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8). */
static int64_t easter_days(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    return days_of(year, n / 31, n % 31 + 1);
}

bool day_is_holiday(int64_t days, bool alsace_moselle)
{
    static const struct { int month, day; } fixed[] = {{1, 1}, {5, 1}, {5, 8}, {7, 14}, {8, 15}, {11, 1}, {11, 11}, {12, 25}};
    int year, month, day;
    days_civil(days, &year, &month, &day);
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (fixed[i].month == month && fixed[i].day == day) return true;
    int64_t after_easter = days - easter_days(year);
    if (after_easter == 1 || after_easter == 39 || after_easter == 50) return true;     /* Easter Monday, Ascension, Whit Monday */
    return alsace_moselle && (after_easter == -2 || (month == 12 && day == 26));
}

bool day_is_working(int64_t days, bool alsace_moselle)
{
    int64_t weekday = ((days + 3) % 7 + 7) % 7;     /* 0 Monday */
    return weekday < 5 && !day_is_holiday(days, alsace_moselle);
}

err span_parse(str text, struct span *out)
{
    static const struct { const char *word; enum span_unit unit; int times; } units[] = {
        {"day", SPAN_DAYS, 1},     {"days", SPAN_DAYS, 1},     {"working day", SPAN_WORKING_DAYS, 1}, {"working days", SPAN_WORKING_DAYS, 1},
        {"week", SPAN_WEEKS, 1},   {"weeks", SPAN_WEEKS, 1},   {"month", SPAN_MONTHS, 1},             {"months", SPAN_MONTHS, 1},
        {"year", SPAN_MONTHS, 12}, {"years", SPAN_MONTHS, 12},
    };
    str unit;
    int64_t count;
    str number = str_split(str_trim(text), ' ', &unit);
    if (str_i64(number, &count).code != OK || count < 0 || count > COUNT_MAX) return FAIL(E_INVALID, "base.not_a_span");
    unit = str_trim(unit);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (str_is(unit, units[i].word)) {
            *out = (struct span){(int)count * units[i].times, units[i].unit};
            return NO_ERR;
        }
    return FAIL(E_INVALID, "base.not_a_span");
}

/* A unit as people write it, in either language: "mois", "jours ouvrés" (ouvres, without its accent, too). */
static str unit_plain(str unit)
{
    static const struct { const char *said, *kept; } french[] = {
        {"jour", "days"}, {"jours", "days"}, {"jours ouvres", "working days"}, {"semaine", "weeks"}, {"semaines", "weeks"}, {"mois", "months"}, {"an", "years"}, {"ans", "years"},
        {"jour ouvré", "working days"}, {"jours ouvrés", "working days"}};       /* house: what is read, not what is shown */
    for (size_t i = 0; i < sizeof french / sizeof french[0]; i++)
        if (str_is(unit, french[i].said)) return str_of(french[i].kept);
    return unit;
}

err span_typed(arena *a, str text, struct span *out)
{
    str unit, number = str_split(str_trim(text), ' ', &unit);
    return unit.p ? span_parse(str_fmt(a, "%.*s %.*s", STR_ARG(number), STR_ARG(unit_plain(str_trim(str_lower_ascii(a, unit))))), out)
                  : FAIL(E_INVALID, "base.not_a_span");
}

str span_text(arena *a, struct span s)
{
    static const char *const units[] = {[SPAN_DAYS] = "days", [SPAN_WORKING_DAYS] = "working days", [SPAN_WEEKS] = "weeks", [SPAN_MONTHS] = "months"};
    return str_fmt(a, "%d %s", s.count, units[s.unit]);
}

static int64_t add_months(int64_t from_days, int count)
{
    int year, month, day;
    days_civil(from_days, &year, &month, &day);
    int64_t months = (int64_t)year * 12 + month - 1 + count;
    year = (int)(months / 12);
    month = (int)(months % 12) + 1;
    int64_t last = (month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1)) - 1;
    int64_t to = days_of(year, month, 1) + day - 1;
    return to < last ? to : last;
}

int64_t span_add_days(int64_t from_days, struct span s, bool alsace_moselle)
{
    switch (s.unit) {
    case SPAN_DAYS: return from_days + s.count;
    case SPAN_WEEKS: return from_days + (int64_t)7 * s.count;
    case SPAN_MONTHS: return add_months(from_days, s.count);
    case SPAN_WORKING_DAYS: break;
    }
    for (int left = s.count; left > 0;)
        if (day_is_working(++from_days, alsace_moselle)) left--;
    return from_days;
}

int64_t span_add_us(int64_t from_us, struct span s, str zone, bool alsace_moselle)
{
    struct civil c = civil_of(from_us, zone);
    int64_t part_us = (from_us % SECOND_US + SECOND_US) % SECOND_US;
    days_civil(span_add_days(days_of(c.year, c.month, c.day), s, alsace_moselle), &c.year, &c.month, &c.day);
    return civil_us(c, zone) + part_us;
}
