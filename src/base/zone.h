/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* zone.h — offsets from UTC out of the system's tz database (TZif, RFC 8536), without TZ nor localtime: several zones at once,
   any thread. A zone is read once and kept for the life of the process. Used by clock.c; others use clock.h. */
#pragma once
#include "str.h"

int zone_offset_s(str zone, int64_t at_s);      /* seconds east of UTC; unknown zone: 0 */
bool zone_known(str zone);
/* For tests and fuzzing: the offset by the bytes of one TZif file; false when they are not one. */
bool zone_bytes_offset_s(str tzif, int64_t at_s, int *out_s);
