/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* stats.h — how a procedure lives: what is filed, what is answered and after how long, what waits. Counted day by day from the sealed
   journal into a projection (stat_day), so that a page reads some thousands of small rows, whatever the number of dossiers.
   A dossier counts under the body and team it has when the event is counted. Each answer counts, with the days since the filing: a dossier
   taken up again and answered twice counts twice, and once among the reopened. What its author ends (withdrawn) has no delay. */
#pragma once
#include "core/kinds.h"
#include "core/rights.h"

/* Counts what was sealed since the last time, at most 200 events a call; *out_more: call again. */
err stats_fold(db *d, arena *mem, struct kinds *ks, const struct tenant *t, bool *out_more);
err stats_abandoned(db *w, str kind, int64_t body, int64_t team, str channel, int64_t day);     /* in the transaction that removes the draft */
err stats_reset(db *w);             /* all that the journal can give again: for `beffroi rebuild` */

struct stat_n { str name; int64_t day, n; };
struct stat_ns { struct stat_n *v; size_t n; };
enum { STAT_AGES = 5 };             /* up to 7, 30, 60, 120 days; older */
extern const int stat_ages[STAT_AGES - 1];
struct stat_queue { str state; int64_t ages[STAT_AGES], n; };
struct stat_queues { struct stat_queue *v; size_t n; };
struct stats {
    int64_t filed, ended, answered, reopened, abandoned;
    struct stat_ns filed_days, ended_days;      /* by day, in order */
    struct stat_ns channels, outcomes;          /* by name, the most first */
    struct stat_ns delays;                      /* day: how many days; n: how many answers; in order */
    struct stat_queues queue;                   /* of states that are not final, now */
};
struct stats_query { const struct who *who; const struct kind *kind; int64_t first_day, last_day, now_us; };
/* What this person may list of it. */
err stats_of(db *d, arena *mem, const struct stats_query *q, struct stats *out);
/* The days within which that share of answers came (nearest rank); -1: there is none. */
int64_t stats_within(const struct stat_ns *delays, double share);
/* What may be said to all: half of the answers within *out_half days, nine in ten within *out_most, of a year. False: fewer than
   STATS_PUBLIC_LEAST answers, where a figure would tell of somebody. */
#define STATS_PUBLIC_LEAST 11
err stats_public(db *d, arena *mem, str kind, int64_t last_day, int64_t *out_half, int64_t *out_most, bool *out_said);
