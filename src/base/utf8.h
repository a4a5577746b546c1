/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* utf8.h — UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#pragma once
#include "str.h"

bool utf8_valid(str s);
size_t utf8_length(str s);                          /* code points; s must be valid */
bool utf8_next(str s, size_t *at, uint32_t *out);   /* false at the end or on bad bytes */
size_t utf8_put(char out[4], uint32_t code_point);
str utf8_cut(str s, size_t max_code_points);
/* Valid, and no control character but \t \n \r: what XML 1.0 §2.2 allows. CRLF stays. */
bool utf8_clean(str s);
