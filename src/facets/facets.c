/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "facets/facets.h"

#include "facets/place.h"
#include "facets/support.h"

const struct facet facets_all[] = {
    {"place", NULL, place_projected, place_erase},
    {"support", support_followers, NULL, support_erase},
    {0}};
