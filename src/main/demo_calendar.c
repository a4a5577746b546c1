/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/demo_calendar.h"

#include "base/clock.h"

static const uint8_t hours_home[24] = {1, 1, 0, 0, 0, 1, 2, 4, 7, 10, 11, 9, 7, 8, 10, 9, 8, 7, 7, 8, 9, 8, 5, 2};
static const uint8_t hours_work[24] = {[8] = 3, [9] = 9, [10] = 10, [11] = 8, [14] = 9, [15] = 10, [16] = 8, [17] = 2};
static const uint8_t weekdays[8] = {0, 10, 9, 7, 8, 8, 4, 3};

static int hour_of(struct dice *d, const uint8_t hours[24])
{
    uint64_t total = 0, at, h = 0;
    for (size_t i = 0; i < 24; i++) total += hours[i];
    for (at = dice_below(d, total); at >= hours[h]; h++) at -= hours[h];
    return (int)h;
}

static int64_t at_hour(struct dice *d, str zone, int64_t day, int hour)
{
    struct civil c = {.hour = hour, .minute = (int)dice_below(d, 60), .second = (int)dice_below(d, 60)};
    days_civil(day, &c.year, &c.month, &c.day);
    return civil_us(c, zone);
}

static int64_t day_of(int64_t at_us, str zone)
{
    struct civil c = civil_of(at_us, zone);
    return days_of(c.year, c.month, c.day);
}

int64_t demo_today(str zone) { return at_hour(&(struct dice){0}, zone, day_of(clock_now_us(), zone), 0) / HOUR_US * HOUR_US; }

int64_t demo_moment(struct dice *d, str zone, int64_t now_us, const char *months, bool at_counter)
{
    int64_t today = day_of(now_us, zone);
    for (;;) {
        int64_t back = 1 + (int64_t)dice_below(d, DEMO_DAYS), day = today - back;
        int year, month, number;
        days_civil(day, &year, &month, &number);
        uint64_t weight = (uint64_t)(months[month - 1] - '0') * weekdays[(day + 3) % 7 + 1] * (uint64_t)(DEMO_DAYS * 3 / 2 - back);    /* 1 January 1970 was a Thursday */
        bool open = day_is_working(day, false);
        if (back <= 21) weight *= 2;            /* so that there is something to do today */
        if (dice_below(d, UINT64_C(9) * 10 * 2 * DEMO_DAYS * 3 / 2) >= weight || (at_counter && !open)) continue;
        return at_hour(d, zone, day, hour_of(d, at_counter ? hours_work : hours_home));
    }
}

int64_t demo_worked(struct dice *d, str zone, int64_t from_us, int64_t working_days)
{
    int64_t day = day_of(from_us, zone);
    while (working_days > 0 || !day_is_working(day, false)) working_days -= day_is_working(++day, false);
    int64_t at_us = at_hour(d, zone, day, hour_of(d, hours_work));
    while (at_us <= from_us) {
        do day++;
        while (!day_is_working(day, false));
        at_us = at_hour(d, zone, day, hour_of(d, hours_work));
    }
    return at_us;
}

int64_t demo_at_home(struct dice *d, str zone, int64_t from_us, int64_t days)
{
    int64_t at_us = at_hour(d, zone, day_of(from_us, zone) + days, hour_of(d, hours_home));
    return at_us > from_us ? at_us : from_us + HOUR_US;
}

int64_t demo_about(struct dice *d, int64_t days)
{
    int64_t share = 30 + (int64_t)dice_below(d, 60) + (int64_t)dice_below(d, 60);
    if (dice_one_in(d, 9)) share += (int64_t)dice_below(d, 220);
    return days * share / 100;
}
