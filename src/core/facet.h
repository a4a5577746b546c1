/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* facet.h — what the core asks of the facets above it, without knowing them: the roof hands the list over once, at start-up. */
#pragma once
#include "core/record.h"

struct facet {
    const char *name;
    err (*followers)(db *d, arena *mem, int64_t record, struct strs *out_mails);     /* adds; NULL: nobody follows through it */
    /* After a record is filed, revised, rebuilt: rows made from its answers, in the same transaction. */
    err (*projected)(db *w, arena *mem, const struct kind *k, const struct record *r);
    err (*erase)(db *w, arena *mem, int64_t record, bool keep_statistics);           /* personal data of one record */
};
void facets_use(const struct facet *list);              /* ends with name NULL; before the first thread */
err facets_followers(db *d, arena *mem, int64_t record, struct strs *out_mails);
err facets_projected(db *w, arena *mem, const struct kind *k, const struct record *r);
err facets_erase(db *w, arena *mem, int64_t record, bool keep_statistics);
