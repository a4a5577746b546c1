/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/zone.h"
#include <stdatomic.h>
#include <time.h>

#define DAY_S INT64_C(86400)

static _Atomic int64_t shift_us, frozen_us;

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    int64_t at = atomic_load_explicit(&frozen_us, memory_order_relaxed);
    return (at ? at : read_us(CLOCK_REALTIME)) + atomic_load_explicit(&shift_us, memory_order_relaxed);
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_shift_us(int64_t by_us)
{
    atomic_fetch_add(&shift_us, by_us);
}

void clock_freeze_us(int64_t at_us)
{
    atomic_store(&shift_us, 0);
    atomic_store(&frozen_us, at_us);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days in eras of 400 years that begin on 1 March: then the leap day is the last of its year. */
int64_t days_of(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void days_civil(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

static struct civil civil_at_s(int64_t local_s)
{
    struct civil c = {0};
    int64_t days = floor_div(local_s, DAY_S);
    int s = (int)(local_s - days * DAY_S);
    days_civil(days, &c.year, &c.month, &c.day);
    c.hour = s / 3600;
    c.minute = s / 60 % 60;
    c.second = s % 60;
    c.weekday = (int)(((days + 3) % 7 + 7) % 7) + 1;      /* 1970-01-01 was a Thursday */
    return c;
}

struct civil civil_of(int64_t at_us, str zone)
{
    int64_t at_s = floor_div(at_us, SECOND_US);
    int offset = zone_offset_s(zone, at_s);
    struct civil c = civil_at_s(at_s + offset);
    c.offset_s = offset;
    return c;
}

int64_t civil_us(struct civil c, str zone)
{
    int64_t local = days_of(c.year, c.month, c.day) * DAY_S + c.hour * 3600 + c.minute * 60 + c.second;
    int before = zone_offset_s(zone, local - DAY_S), after = zone_offset_s(zone, local + DAY_S);
    int64_t at = local - before;
    if (before != after && zone_offset_s(zone, at) != before && zone_offset_s(zone, local - after) == after) at = local - after;
    return at * SECOND_US;      /* an hour that is there twice: the first; one that is missing: as if the clock had not changed yet */
}

/* ---- ISO 8601, the profile of RFC 3339 ------------------------------------------------------------------------- */
static str iso(arena *a, int64_t at_us, int offset_s)
{
    int64_t s = floor_div(at_us, SECOND_US), us = at_us - s * SECOND_US;
    struct civil c = civil_at_s(s + offset_s);
    char part[16] = "";
    if (us) snprintf(part, sizeof part, ".%06d", (int)us);
    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d%s", c.year, c.month, c.day, c.hour, c.minute, c.second, part);
}

str time_iso(arena *a, int64_t at_us)
{
    return str_fmt(a, "%sZ", iso(a, at_us, 0).p);
}

str time_iso_zone(arena *a, int64_t at_us, str zone)
{
    int offset = zone_offset_s(zone, floor_div(at_us, SECOND_US));
    int minutes = (offset < 0 ? -offset : offset) / 60;
    return str_fmt(a, "%s%c%02d:%02d", iso(a, at_us, offset).p, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

str date_iso(arena *a, int64_t days)
{
    int year, month, day;
    days_civil(days, &year, &month, &day);
    return str_fmt(a, "%04d-%02d-%02d", year, month, day);
}

/* Takes exactly n digits from the front of *s. */
static bool take_digits(str *s, size_t n, int *out)
{
    int v = 0;
    if (s->n < n) return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_cut(*s, n, s->n);
    *out = v;
    return true;
}

static bool take(str *s, const char *any_of)
{
    for (; *any_of; any_of++)
        if (s->n && s->p[0] == *any_of) {
            *s = str_cut(*s, 1, s->n);
            return true;
        }
    return false;
}

static bool take_date(str *s, struct civil *c)
{
    int y, m, d;
    if (!take_digits(s, 4, &c->year) || !take(s, "-") || !take_digits(s, 2, &c->month) || !take(s, "-") || !take_digits(s, 2, &c->day))
        return false;
    if (c->year < 1 || c->month < 1 || c->month > 12 || c->day < 1) return false;
    days_civil(days_of(c->year, c->month, c->day), &y, &m, &d);
    return m == c->month && d == c->day;
}

static bool take_time(str *s, struct civil *c, int *us)
{
    *us = 0;
    if (!take_digits(s, 2, &c->hour) || !take(s, ":") || !take_digits(s, 2, &c->minute)) return false;
    if (take(s, ":")) {
        if (!take_digits(s, 2, &c->second)) return false;
        if (take(s, ".,")) {
            int digits = 0, d;
            for (; take_digits(s, 1, &d); digits++)
                if (digits < 6) *us = *us * 10 + d;
            if (!digits) return false;
            for (; digits < 6; digits++) *us *= 10;
        }
    }
    return c->hour < 24 && c->minute < 60 && c->second < 60;
}

err date_parse_iso(str s, int64_t *out_days)
{
    struct civil c = {0};
    if (!take_date(&s, &c) || s.n) return FAIL(E_INVALID, "base.not_a_date");
    *out_days = days_of(c.year, c.month, c.day);
    return NO_ERR;
}

err time_parse_iso(str s, str zone, int64_t *out_us)
{
    struct civil c = {0};
    int us, hours = 0, minutes = 0;
    err bad = FAIL(E_INVALID, "base.not_a_time");
    if (!take_date(&s, &c) || !take(&s, "Tt ") || !take_time(&s, &c, &us)) return bad;
    if (s.n == 0) {
        *out_us = civil_us(c, zone) + us;
        return NO_ERR;
    }
    int64_t at = civil_us(c, S("UTC")) + us;
    if (take(&s, "Zz")) {
        if (s.n) return bad;
    } else {
        bool west = s.n && s.p[0] == '-';
        if (!take(&s, "+-") || !take_digits(&s, 2, &hours)) return bad;
        if (s.n) {
            take(&s, ":");
            if (!take_digits(&s, 2, &minutes) || s.n) return bad;
        }
        if (hours > 23 || minutes > 59) return bad;
        int64_t offset = (hours * 60 + minutes) * MINUTE_US;
        at += west ? offset : -offset;
    }
    *out_us = at;
    return NO_ERR;
}
