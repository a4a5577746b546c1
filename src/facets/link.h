/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* link.h — ties between records: "duplicate of", "follows from", "answers". */
#pragma once
#include "core/rights.h"

struct link { int64_t other; str kind; bool is_back /* the other one points here */; str reference, title, state, record_kind; int64_t created_us; };
struct links { struct link *v; size_t n; };
err link_add(db *d, int64_t a, str kind, int64_t b, int64_t now_us);            /* E_INVALID: to itself */
err link_remove(db *d, int64_t a, str kind, int64_t b);
/* Only those whose other end this person may see (public_only: published, public title). */
err links_of(db *d, arena *mem, const struct who *who, bool public_only, int64_t record, struct links *out);
