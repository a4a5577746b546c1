/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/engine.h"

static err open_pool(struct store *s, const struct store_options *opt)
{
    (void)s, (void)opt;
    return FAIL(E_CONFIG, "store.url");
}
static void close_pool(struct store *s) { (void)s; }
const struct engine engine_pg = {.dialect = DIALECT_PG, .open = open_pool, .close = close_pool};
