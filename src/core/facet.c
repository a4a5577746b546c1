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

err facets_projected(db *w, arena *mem, const struct kind *k, const struct record *r)
{
    for (const struct facet *f = facets; f->name; f++)
        for (size_t i = 0; f->projected && i < k->facets.n; i++)
            if (str_is(k->facets.v[i], f->name)) TRY(f->projected(w, mem, k, r));
    return NO_ERR;
}

err facets_erase(db *w, arena *mem, int64_t record, bool keep_statistics)
{
    for (const struct facet *f = facets; f->name; f++)
        if (f->erase) TRY(f->erase(w, mem, record, keep_statistics));
    return NO_ERR;
}
