/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

const char *err_name(enum err_code code)
{
    static const char *const names[] = {
        [OK] = "ok",
        [E_INVALID] = "invalid",
        [E_MALFORMED] = "malformed",
        [E_NOT_FOUND] = "not_found",
        [E_HOST] = "host",
        [E_GONE] = "gone",
        [E_SIGN_IN] = "sign_in",
        [E_DENIED] = "denied",
        [E_CONFLICT] = "conflict",
        [E_EXISTS] = "exists",
        [E_TOO_LARGE] = "too_large",
        [E_LIMIT] = "limit",
        [E_BUSY] = "busy",
        [E_IO] = "io",
        [E_FULL] = "full",
        [E_CONFIG] = "config",
        [E_INTERNAL] = "internal",
    };
    unsigned at = (unsigned)code;
    return at < sizeof names / sizeof names[0] && names[at] ? names[at] : "internal";
}
