/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* err.h — the one error value. Every function that can fail returns it; only src/web turns a code into a status and a page. */
#pragma once

enum err_code {
    OK = 0,
    E_INVALID,      /* what was given is at fault: 422 (400 when it cannot be parsed) */
    E_MALFORMED,    /* bytes that do not parse: 400 */
    E_NOT_FOUND,    /* 404 */
    E_HOST,         /* no town answers at this address: 421 */
    E_GONE,         /* was there, erased or closed: 410 */
    E_SIGN_IN,      /* nobody is signed in: 401 */
    E_DENIED,       /* signed in, not entitled: 403 */
    E_CONFLICT,     /* somebody else changed it first: 409 */
    E_EXISTS,       /* a unique key is taken: 409 */
    E_TOO_LARGE,    /* 413 */
    E_LIMIT,        /* too many tries: 429 */
    E_BUSY,         /* try again later: 503 */
    E_IO,           /* disk or network: 503, shown as such */
    E_FULL,         /* disk full: 507 */
    E_CONFIG,       /* a setting is at fault; command line only */
    E_INTERNAL      /* a fault of ours: 500 */
};

/* msg: a key of the catalogue ("report.close.reason_missing"), static or in the caller's arena; never NULL when code != OK.
   at: where, for a person (a field, a file and line, a JSON path); NULL when there is nothing to point at. */
typedef struct err {
    enum err_code code;
    const char *msg;
    const char *at;
} err;

#define NO_ERR ((err){OK, 0, 0})
#define FAIL(code_, msg_) ((err){(code_), (msg_), 0})
#define FAIL_AT(code_, msg_, at_) ((err){(code_), (msg_), (at_)})
#define TRY(expr_)                                  \
    do {                                            \
        err try_err_ = (expr_);                     \
        if (try_err_.code != OK) return try_err_;   \
    } while (0)

const char *err_name(enum err_code code); /* "not_found", for logs and the API */
