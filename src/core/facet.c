/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/facet.h"

static const struct facet none[] = {{0}};
static const struct facet *facets = none;

void facets_use(const struct facet *list) { facets = list ? list : none; }

err facets_followers(db *d, arena *mem, int64_t record, struct strs *out_mails)
{
    for (const struct facet *f = facets; f->name; f++)
        if (f->followers) TRY(f->followers(d, mem, record, out_mails));
    return NO_ERR;
}

err facets_erase(db *w, arena *mem, int64_t record, bool keep_statistics)
{
    for (const struct facet *f = facets; f->name; f++)
        if (f->erase) TRY(f->erase(w, mem, record, keep_statistics));
    return NO_ERR;
}
