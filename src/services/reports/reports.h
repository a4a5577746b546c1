/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* reports.h — what is broken, dirty or dangerous in public space. Filling, following, list, map and public page are those of pages/. */
#pragma once
#include "web/route.h"

extern const struct route report_routes[];
