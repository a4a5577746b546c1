/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* place.h — where a record is: WGS84 degrees. Boxes and distances go through R*Tree (SQLite) or GiST (PostgreSQL). */
#pragma once
#include "core/rights.h"

struct place { int64_t record; double lat, lon; str address, insee; };
err place_put(db *d, const struct place *p);                    /* E_INVALID: not on Earth. Again: moves it */
err place_get(db *d, arena *mem, int64_t record, struct place *out);
err place_remove(db *d, int64_t record);

struct box { double lat_min, lon_min, lat_max, lon_max; };
struct spot { struct place at; str kind, state, reference, title; int64_t created_us; double metres; };
struct spots { struct spot *v; size_t n; };
/* Newest first. public_only: what is published, with its public title; otherwise what this person may list. kind absent: all. */
err place_in_box(db *d, arena *mem, const struct who *who, bool public_only, str kind, const struct box *b, int limit, struct spots *out);
/* Nearest first, within so many metres: for duplicates. */
err place_near(db *d, arena *mem, const struct who *who, bool public_only, str kind, double lat, double lon, double metres, int limit, struct spots *out);
double metres_between(double lat_a, double lon_a, double lat_b, double lon_b);       /* great circle, mean radius 6,371,008.8 m */

/* The row of what the record's field of type place says; no point there: no row. An answer that is gone (erased) changes nothing. */
err place_projected(db *w, arena *mem, const struct kind *k, const struct record *r);
err place_erase(db *w, arena *mem, int64_t record, bool keep_statistics);             /* keeps the place to about 100 m for statistics */
