/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* projection.h — what is made from the truth and can be made again: search, side index, counters. Each has a version string;
   when it differs from the one that stands in the store, it is rebuilt. */
#pragma once
#include "store/db.h"

/* Rebuilds those whose version differs (all when `anyway`), in the order of the list, which ends with a NULL name. rebuild gets a
   db bound to no tenant, works in slices of its own transactions, and is called again from the start when it was interrupted.
   going: may be NULL; once it says no, E_BUSY "store.closed". done: may be NULL; told the name of each that was rebuilt. */
err projections_bring_up(struct store *s, const struct projection *list, bool anyway, const struct going *going, void (*done)(void *, const char *name), void *arg);
