/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clocks.h — the inside of life.h: what life.c, effects.c and clocks.c share. */
#pragma once
#include "core/life.h"

#define TIMER_SILENCE S("@silence")     /* due: silence decides; due 0 with left_us: held */
#define TIMER_RELEASE S("@release")     /* the time given for missing items is over */

int64_t day_of(const struct tenant *t, int64_t at_us);
int64_t day_end_us(const struct tenant *t, int64_t days);                 /* its last second, in the tenant's zone */

/* These change *r in memory; the caller saves it. */
err silence_begin(db *w, struct record *r, const struct tenant *t, const struct kind *k, int64_t now_us);
err silence_stop(db *w, struct record *r);
err silence_hold(db *w, struct record *r, const struct tenant *t, const struct kind *k, int64_t until_days /* 0: no end */, int64_t now_us);
err silence_release(db *w, arena *mem, struct record *r, const struct tenant *t, const struct kind *k, int64_t day);
err silence_timer(db *w, const struct record *r);

/* Its if_setting holds here. */
bool transition_exists(const struct transition *t, const struct tenant *tenant, const struct kind *k, int64_t body);
/* OK, or why this person may not start it on this record now. */
err transition_open(const struct transition *t, const struct who *w, const struct tenant *tenant, const struct kind *k, const struct record *r, int64_t now_us);
