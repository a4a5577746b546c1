/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clockwork.h — what happens by itself, tenant by tenant, under leases so that one node does it. Each second what other nodes changed and
   the audit's readings written; what else, and how often: works[] (core/work.c); outgoing mail by a thread of its own; what may take
   minutes by another, asked between slices whether it may go on: upkeeps[] (clockwork.c). */
#pragma once
#include "pages/app.h"

struct server;
struct clockwork;
err clockwork_start(struct clockwork **out, struct app *app, struct server *server);
void clockwork_stop(struct clockwork *c);
