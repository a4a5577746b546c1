/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk_testing.h — somebody of the desk, or nobody, before the site of site_testing.h. */
#pragma once
#include "site_testing.h"

/* The browser is now this account's; 0: nobody's. grant: what it may do, added first; NULL: as it is. */
void site_as(struct site *s, int64_t account, const struct grant *grant);
struct answer site_get(struct site *s, int status, const char *pattern, ...) __attribute__((format(printf, 3, 4)));
/* A form sent with the token of who is signed in: "a=1&b=2", already encoded. status 0: whatever it is. */
struct answer site_post(struct site *s, int status, const char *path, const char *form);
bool says(str body, const char *words);
