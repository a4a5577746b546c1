/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* before.h — an upgrade and the way back. Before the first migration of a store that holds data, the whole store is copied to
   DIR/before/TIME.store (store_options.before names that directory); the migrations then run all or none. Sealed files are not copied: a
   migration does not touch them, and the sweep leaves those alone that were just written. */
#pragma once
#include "store/db.h"

/* On a copy, while the store may be served by an older program: whether its migrations and the statements of this program go through. PostgreSQL:
   nothing is tried, but what is there is looked at, and whether pg_dump is. E_NOT_FOUND: no store yet. E_CONFIG, as store_open. */
err store_upgrade_try(const struct store_options *opt);
/* Nobody uses the store. Puts back the newest copy of opt->before; what stood there goes to DIR/before/TIME.undone.
   Both names are given. E_NOT_FOUND "store.before.none". */
err store_upgrade_undo(const struct store_options *opt, arena *mem, str *out_from, str *out_undone);
