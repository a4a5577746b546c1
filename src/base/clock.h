/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clock.h — time. Instants are int64_t microseconds since 1970 UTC ("µs"); 0 means none. Dates are days since 1970-01-01.
   The clock is a value given at start-up, so that tests can move it. Zone: the tz database, by name, cached; thread-safe. */
#pragma once
#include "str.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

int64_t clock_now_us(void);                     /* wall clock plus the shift */
int64_t clock_monotonic_us(void);
void clock_shift_us(int64_t by_us);             /* tests, demonstration: moves clock_now_us */
void clock_freeze_us(int64_t at_us);            /* tests: stands still until moved; 0 thaws */

struct civil { int year, month, day, hour, minute, second; int weekday; /* 1 Monday … 7 Sunday */ int offset_s; };
struct civil civil_of(int64_t at_us, str zone);                 /* zone "Europe/Paris"; unknown: UTC */
int64_t civil_us(struct civil c, str zone);                     /* offset_s and weekday ignored; a missing hour goes forward */
int64_t days_of(int year, int month, int day);                  /* proleptic Gregorian */
void days_civil(int64_t days, int *year, int *month, int *day);

/* French public holidays (Code du travail L3133-1); alsace_moselle adds Good Friday and 26 December (L3134-13). */
bool day_is_holiday(int64_t days, bool alsace_moselle);
bool day_is_working(int64_t days, bool alsace_moselle);         /* Monday to Friday, not a holiday */

enum span_unit { SPAN_DAYS, SPAN_WORKING_DAYS, SPAN_WEEKS, SPAN_MONTHS };
struct span { int count; enum span_unit unit; };
err span_parse(str text, struct span *out);                     /* "15 working days", "2 months", "24 months", "90 days", "2 weeks" */
err span_typed(arena *a, str text, struct span *out);           /* as people type it, in French or in English: "2 mois", "15 jours ouvrés" */
str span_text(arena *a, struct span s);                         /* "2 months": what a kind says, and span_parse reads */
/* Days: the start day is not counted. Months: the same day number, else the last of the month. */
int64_t span_add_days(int64_t from_days, struct span s, bool alsace_moselle);
int64_t span_add_us(int64_t from_us, struct span s, str zone, bool alsace_moselle);   /* keeps the time of day in the zone */

str time_iso(arena *a, int64_t at_us);                          /* 2026-11-23T22:03:04Z, with .ffffff when not whole */
str time_iso_zone(arena *a, int64_t at_us, str zone);           /* 2026-11-23T23:03:04+01:00 */
str date_iso(arena *a, int64_t days);                           /* 2026-11-23 */
err time_parse_iso(str s, str zone, int64_t *out_us);           /* without offset: in the zone */
err date_parse_iso(str s, int64_t *out_days);
