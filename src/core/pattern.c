/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/pattern.h"

#include <unicode/uregex.h>
#include <unicode/ustring.h>

#define PATTERN_MOST 1000
#define TEXT_MOST 8000
#define STEPS_MOST 50           /* ICU counts in thousands of match steps, about a millisecond each */
#define STACK_MOST (1 << 20)

static void close_regex(URegularExpression **re) { uregex_close(*re); }

static URegularExpression *regex_open(str pattern)
{
    UChar wide[PATTERN_MOST];
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    if (!pattern.n || pattern.n > PATTERN_MOST) return NULL;
    u_strFromUTF8(wide, PATTERN_MOST, &n, pattern.p, (int32_t)pattern.n, &status);
    if (U_FAILURE(status)) return NULL;
    URegularExpression *re = uregex_open(wide, n, 0, &where, &status);
    if (U_FAILURE(status)) {
        if (re) uregex_close(re);
        return NULL;
    }
    uregex_setTimeLimit(re, STEPS_MOST, &status);
    uregex_setStackLimit(re, STACK_MOST, &status);
    return re;
}

bool pattern_is_good(str pattern)
{
    AUTO(close_regex) URegularExpression *re = regex_open(pattern);
    return re != NULL;
}

bool pattern_matches(str pattern, str text)
{
    UChar wide[TEXT_MOST];
    int32_t n = 0;
    UErrorCode status = U_ZERO_ERROR;
    AUTO(close_regex) URegularExpression *re = regex_open(pattern);
    if (!re || text.n > TEXT_MOST) return false;
    u_strFromUTF8(wide, TEXT_MOST, &n, text.p, (int32_t)text.n, &status);
    uregex_setText(re, wide, n, &status);
    UBool fits = uregex_matches(re, 0, &status);
    return !U_FAILURE(status) && fits;
}
