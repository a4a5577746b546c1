/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* money.h — the one way by which an amount leaves the engine: in whole cents. What is rounded is the decimal an amount is written with (the
   shortest that reads back the same double), to the nearest cent, half-way away from zero: 1.005 € makes 101 cents, -1.005 € makes -101,
   although the double nearest to 1.005 is a little less. The only rule of law we know of is that of conversions into euros: to the nearest cent,
   half-way up (regulation (EC) No 1103/97, article 5), which says nothing of a town's tariffs. We round every amount so. */
#pragma once
#include <stdint.h>
#include "base/err.h"

#define MONEY_EUROS_MOST 9e15

/* E_INVALID: not finite, or more than MONEY_EUROS_MOST either way. */
err money_cents(double euros, int64_t *out);
