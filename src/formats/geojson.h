/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* geojson.h — GeoJSON, RFC 7946: points out, outlines in. Positions are longitude, latitude, in degrees WGS 84. */
#pragma once
#include "formats/json.h"

/* Points, streamed: geojson_open, for each one geojson_point … members of its properties by jw_* … geojson_point_end, then geojson_close. */
void geojson_open(struct jw *w);
void geojson_point(struct jw *w, str id, double lat, double lon);   /* leaves w inside "properties": {} */
void geojson_point_end(struct jw *w);
void geojson_close(struct jw *w);

struct geo_point { double lon, lat; };
struct geo_ring { struct geo_point *v; size_t n; bool hole; };      /* closed: first and last are the same */
struct geo_rings { struct geo_ring *v; size_t n; };
struct geo_box { double west, south, east, north; };
struct geo_outline { str name, code; struct geo_rings rings; struct geo_box box; };
struct geo_outlines { struct geo_outline *v; size_t n; };

/* Polygons and MultiPolygons of a FeatureCollection, a Feature or a bare geometry; other geometries are skipped. name and code: the
   properties `nom` or `name`, `code`. E_INVALID, at: "features[3].geometry.coordinates[0]" (a ring not closed or under 4 positions, a
   position outside WGS 84). */
err geojson_outlines(arena *mem, const json_t *v, struct geo_outlines *out);
bool geo_inside(const struct geo_outline *o, double lat, double lon);
struct geo_box geo_box_of(const struct geo_outlines *all);
