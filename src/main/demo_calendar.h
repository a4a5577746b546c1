/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_calendar.h — when things happen in the town of the demonstration: seasons, weekdays, working hours, in its own zone. */
#pragma once
#include "main/demo_answers.h"

#define DEMO_DAYS 730           /* two years */

/* A moment of the last two years, before now. months: twelve figures, '1' quiet to '9' busy. At the counter: while it is open. Denser towards
   today, as people take to it; few on Sundays; in the morning, after lunch and in the evening. */
int64_t demo_moment(struct dice *d, str zone, int64_t now_us, const char *months, bool at_counter);
/* So many working days after, at an hour when agents work. */
int64_t demo_worked(struct dice *d, str zone, int64_t from_us, int64_t working_days);
/* So many days after, at an hour when people are at home. */
int64_t demo_at_home(struct dice *d, str zone, int64_t from_us, int64_t days);
/* About so many, sometimes far more: how long a decision takes. */
int64_t demo_about(struct dice *d, int64_t days);
/* Midnight of the current day: what is filled twice in a day is filled alike. */
int64_t demo_today(str zone);
