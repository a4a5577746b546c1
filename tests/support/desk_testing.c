/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "desk_testing.h"

void site_as(struct site *s, int64_t account, const struct grant *grant)
{
    str token;
    browser_forget(s->web);
    browser_headers_clear(s->web);
    if (!account) return;
    if (grant) ASSERT_OK(grant_add(s->t->a.d, account, grant));
    ASSERT_OK(session_start(s->t->a.d, s->t->mem, account, clock_now_us(), &token));
    browser_header(s->web, str_fmt(s->t->mem, "Cookie: session=%.*s", STR_ARG(token)).p);
}

bool says(str body, const char *words) { return str_find(body, str_of(words)) >= 0; }

static struct answer answered(struct answer a, int status, const char *path)
{
    if (status && a.status != status) fail_msg("%s: %d instead of %d\n%.*s", path, a.status, status, (int)(a.body.n < 4000 ? a.body.n : 4000), a.body.p);
    return a;
}

struct answer site_get(struct site *s, int status, const char *pattern, ...)
{
    char path[500];
    va_list ap;
    va_start(ap, pattern);
    vsnprintf(path, sizeof path, pattern, ap);
    va_end(ap);
    return answered(http_get(s->web, path), status, path);
}

struct answer site_post(struct site *s, int status, const char *path, const char *form)
{
    struct answer page = http_get(s->web, "/compte");
    str token = answer_between(&page, "name=\"csrf\" value=\"", "\"");
    str body = str_fmt(s->t->mem, "csrf=%.*s&%s", STR_ARG(token), form);
    return answered(http_send(s->web, "POST", path, "application/x-www-form-urlencoded", body), status, path);
}
