/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheets.h — fact sheets of service-public.fr, as the town shows them: with their date, their source and licence, and the town's own
   procedures that they speak of. */
#pragma once
#include "web/route.h"

extern const struct route sheet_routes[];
