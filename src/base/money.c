/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/money.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/words.h"

enum { DIGITS_MOST = 17 };

err money_cents(double euros, int64_t *out)
{
    char z[40], *mark = NULL;
    *out = 0;
    if (!isfinite(euros) || fabs(euros) > MONEY_EUROS_MOST) return FAIL(E_INVALID, W("base.no_amount"));
    for (int digits = 0; digits < DIGITS_MOST; digits++) {
        snprintf(z, sizeof z, "%.*e", digits, fabs(euros));
        if (strtod(z, &mark) == fabs(euros)) break;
    }
    for (mark = z; *mark != 'e'; mark++) {}
    long left = strtol(mark + 1, NULL, 10) + 2;     /* figures of cents that follow the first one */
    int64_t cents = 0;
    bool up = left == -1 && z[0] >= '5';
    for (const char *c = z; left >= 0; c = c < mark ? c + 1 : c) {
        if (c < mark && *c == '.') continue;
        cents = cents * 10 + (c < mark ? *c - '0' : 0);
        if (left-- > 0) continue;
        const char *next = c + 1 < mark && c[1] == '.' ? c + 2 : c + 1;
        up = next < mark && *next >= '5';
    }
    cents += up;
    *out = euros < 0 ? -cents : cents;
    return NO_ERR;
}
