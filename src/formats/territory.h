/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* territory.h — the data package of the territory (made by tools/territory): communes, EPCI, outlines. Open data, no database.
   It lies in $BEFFROI_SHARE/territory, else beside the program: ../territory (build/release/beffroi), ../share/beffroi/territory (/usr/bin). */
#pragma once
#include <jansson.h>
#include "base/str.h"

enum commune_kind { COMMUNE_WHOLE, COMMUNE_DELEGATED /* CGCT L2113-10 */, COMMUNE_ASSOCIATED /* before 2010 */, COMMUNE_DISTRICT /* Paris, Lyon, Marseille */ };
struct commune {
    enum commune_kind kind;
    str insee, name, siren;
    str part_of;                /* INSEE code of the commune that it belongs to; absent when whole */
    str epci;                   /* SIREN; absent: of none */
    int64_t population;
    struct strs postcodes;
    json_t *outline;            /* a geometry of GeoJSON; NULL: the package has none */
};
struct member { str insee, name, siren; int64_t population; };
struct epci { str siren, name, kind /* CC CA CU METRO… */; int64_t population; struct { struct member *v; size_t n; } members; };
struct territory { str dir, source, licence, year, version, outlines; };

/* E_NOT_FOUND "territory.missing": no package. */
err territory_open(arena *mem, struct territory *out);
err territory_open_at(arena *mem, str dir, struct territory *out);
/* E_NOT_FOUND "territory.insee_unknown". */
err territory_commune(arena *mem, const struct territory *t, str insee, struct commune *out);
err territory_epci(arena *mem, const struct territory *t, str siren, struct epci *out);     /* E_NOT_FOUND "territory.siren_unknown" */
/* "INSEE, DGCL … (2026), Licence Ouverte 2.0": to be shown wherever the data is. */
str territory_credit(arena *mem, const struct territory *t);
