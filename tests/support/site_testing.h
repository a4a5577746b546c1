/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* site_testing.h — the whole site served in this process for the town of core/testing.h, and somebody of its desk signed in. */
#pragma once
#include "core/testing.h"
#include "pages/app.h"
#include "web/testing.h"

struct site { struct town *t; struct app app; struct server *server; struct browser *web; };
struct site *site_open(struct test_store *store);
void site_close(struct site *s);
/* The browser is now this account's; NULL: nobody's. grant: what it may do, added first; NULL: as it is. */
void site_as(struct site *s, int64_t account, const struct grant *grant);
struct answer site_get(struct site *s, int status, const char *pattern, ...) __attribute__((format(printf, 3, 4)));
/* A form sent with the token of who is signed in: "a=1&b=2", already encoded. */
struct answer site_post(struct site *s, int status, const char *path, const char *form);
bool says(str body, const char *words);
