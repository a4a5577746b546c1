/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* change.h — what has changed, for caches here and on other nodes. A topic is a word such as "kind/permis" or "record/list". */
#pragma once
#include "store/db.h"

/* In a transaction: notes that what depends on the topic has changed; told after COMMIT, never after a rollback. */
err change_bump(db *w, str topic);

/* Who drops cached pages here. Called after COMMIT, before the waiter wakes, by any thread; must be quick, must not use the store.
   Set once, before the first transaction. */
void store_on_change(struct store *s, void (*fn)(void *arg, int64_t tenant, str topic, int64_t id), void *arg);

struct change { int64_t tenant, id; str topic; };
struct changes { struct change *v; size_t n; };
/* The tenant's changes with an id above `after`, oldest first, at most n. */
err change_since(db *d, arena *mem, int64_t after, int n, struct changes *out);

/* What other nodes changed, of all tenants: to be called each second with the same cursor. An id is made before its COMMIT, so a
   row may appear behind newer ones: the poll looks back CHANGE_WINDOW_US and may give a change again. */
#define CHANGE_WINDOW_US (INT64_C(10) * 1000000)
struct change_cursor { int64_t last; };
err change_poll(db *d, arena *mem, struct change_cursor *c, struct changes *out);
/* Of all tenants, what is older than that instant; in slices. */
err change_trim(db *d, int64_t older_than_us, int64_t *out_removed);
