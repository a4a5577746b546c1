/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* services.h — the list of everything that answers, by hand: route tables and job types. */
#pragma once
#include "core/notify.h"
#include "web/route.h"

extern const struct route_tables all_routes;
extern const struct job_type all_jobs[];          /* ends with name NULL */
