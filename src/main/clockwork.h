/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clockwork.h — what happens by itself, tenant by tenant, under leases so that one node does it: each second the seal of the journal and
   what other nodes changed; every few seconds the outbox and jobs; each minute timers; each ten minutes counters, drafts, retention;
   projections of another version are made again, and stray files swept, by a thread of their own. */
#pragma once
#include "pages/app.h"

struct server;
struct clockwork;
err clockwork_start(struct clockwork **out, struct app *app, struct server *server);
void clockwork_stop(struct clockwork *c);
