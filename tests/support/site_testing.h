/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* site_testing.h — the whole site served in this process over the town of core/testing.h: every route, both tenants by their hosts
   (ville.test, jumelle.test), a browser turned to the first. */
#pragma once
#include "core/testing.h"
#include "pages/app.h"
#include "web/testing.h"

struct site { struct town *t; struct app app; struct server *server; struct browser *web; };
struct site *site_open(struct test_store *store);
void site_close(struct site *s);
