/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* id.h — identifiers made by the application: 63 bits, 41 of milliseconds since 2024, 22 random; time-ordered, unique over tenants. */
#pragma once
#include "str.h"

int64_t id_new(void);
int64_t id_time_us(int64_t id);
int64_t id_first_at(int64_t at_us);       /* none made at that instant or later is below it */
str id_text(arena *a, int64_t id);        /* 13 characters of Crockford's base 32, sorts like the number */
err id_parse(str text, int64_t *out);
