/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* site.h — what is not a service: home, accounts, legal pages, health. */
#pragma once
#include "pages/app.h"
#include "web/route.h"

struct server;
void site_start(struct app *app);               /* fills layouts, sets the words and keys that pages need */
/* Around a test mail, which waits for the mail server: the worker's turn is given away. */
void first_on_wait(void (*fn)(void *arg, bool waits), void *arg);
void site_server_set(struct server *s);         /* for /metrics */
extern const struct route home_routes[];
extern const struct route account_routes[];
extern const struct route openapi_routes[];
extern const struct route search_routes[];
extern const struct route heads_routes[];               /* what was published of the journal */
extern const struct route health_routes[];
