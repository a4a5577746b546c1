/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lease.h — a job that one node does at a time: who holds the lease does it, and keeps it by taking it again. By the database's
   clock, so that nodes need not agree on theirs. Leases are the tenant's of the db; bind tenant 0 for the whole store. */
#pragma once
#include "store/db.h"

/* *got: it is ours until now + ttl_us; already ours: prolonged. May be called in a transaction. */
err lease_take(db *d, str name, str owner, int64_t ttl_us, bool *got);
err lease_drop(db *d, str name, str owner);
