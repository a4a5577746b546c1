/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* facets.h — what is truly different from one kind of record to another, in typed tables: where (place), what is said (thread), who
   backs or follows (support), what it is tied to (link). */
#pragma once
#include "core/facet.h"

extern const struct facet facets_all[];         /* for facets_use, at start-up */
