/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dates.c — days, months and years between two dates written dd/mm/yyyy, in the proleptic Gregorian calendar. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "rules/ast.h"

struct day { int d, m, y; };

static bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int days_in_month(int m, int y)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : days[m - 1];
}

bool date_normalise(str text, int *day, int *month, int *year)
{
    int part[3] = {0}, n = 0;
    bool digit = false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '/') {
            if (!digit || ++n > 2) return false;
            digit = false;
        } else if (text.p[i] >= '0' && text.p[i] <= '9' && part[n] < 100000) {
            part[n] = part[n] * 10 + text.p[i] - '0';
            digit = true;
        } else {
            return false;
        }
    }
    if (!digit || n == 0) return false;
    *day = n == 2 ? part[0] : 1;
    *month = part[n - 1];
    *year = part[n];
    return *month >= 1 && *month <= 12 && *day >= 1 && *day <= days_in_month(*month, *year);
}

bool is_full_date(str s)
{
    if (s.n != 10 || s.p[2] != '/' || s.p[5] != '/') return false;
    int d, m, y;
    return date_normalise(s, &d, &m, &y);
}

static struct day day_of(str text)
{
    struct day d = {1, 1, 1970};
    date_normalise(text, &d.d, &d.m, &d.y);
    return d;
}

static int64_t days_from_civil(struct day d)
{
    int64_t y = d.m <= 2 ? d.y - 1 : d.y, era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (d.m + (d.m > 2 ? -3 : 9)) + 2) / 5 + d.d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t date_days(str text) { return days_from_civil(day_of(text)); }

static double days_between(str from, str to) { return (double)(date_days(to) - date_days(from)); }

/* Whole months, and the share of the first and of the last. */
static double months(struct day from, struct day to)
{
    double whole = to.m - from.m + 12 * (to.y - from.y);
    return whole - (double)(from.d - 1) / days_in_month(from.m, from.y) + (double)to.d / days_in_month(to.m, to.y);
}

/* In years of 365 days, 29 Februaries left out. */
static double years(struct day from, struct day to)
{
    bool late = from.m >= 3;
    int leaps = 0;
    for (int y = from.y + late; y <= to.y - !late; y++) leaps += leap(y);
    return (double)(days_from_civil(to) - days_from_civil(from) - leaps) / 365;
}

static struct day quarter(struct day d) { return (struct day){1, 3 * ((d.m - 1) / 3) + 1, d.y}; }

double span_between(enum span span, str from, str to)
{
    struct day a = day_of(from), b = day_of(to);
    switch (span) {
    case SPAN_DAY: return days_between(from, to);
    case SPAN_MONTH: return months(a, b);
    case SPAN_YEAR: return years(a, b);
    case SPAN_QUARTER: return months(a, b) / 3;
    case SPAN_CIVIL_QUARTER: return floor(months(quarter(a), quarter(b)) / 3) + 1;
    case SPAN_CIVIL_YEAR: return floor(years((struct day){1, 1, a.y}, (struct day){1, 1, b.y})) + 1;
    }
    return 0;
}
