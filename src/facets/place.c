/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "facets/place.h"

#include <math.h>
#include <string.h>

#include "core/answers.h"
#include "formats/json.h"

#include "gen/sql/facets/place.sql.h"

static bool on_earth(double lat, double lon) { return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180; }

static err put_in_txn(db *w, void *arg)
{
    const struct place *p = arg;
    TRY(sql_place_row_put(w, p->record, p->lat, p->lon, p->address, p->insee));
    return sql_place_box_put(w, p->record, p->lat, p->lon);
}

err place_put(db *d, const struct place *p)
{
    if (!on_earth(p->lat, p->lon)) return FAIL(E_INVALID, W("facets.place.not_on_earth"));
    struct place copy = *p;
    return db_txn(d, put_in_txn, &copy);
}

err place_get(db *d, arena *mem, int64_t record, struct place *out)
{
    struct sql_place_row_get_row row;
    TRY(sql_place_row_get(d, mem, record, &row));
    *out = (struct place){row.record, row.lat, row.lon, row.address, row.insee};
    return NO_ERR;
}

static err remove_in_txn(db *w, void *arg)
{
    TRY(sql_place_box_remove(w, *(int64_t *)arg));
    return sql_place_row_remove(w, *(int64_t *)arg);
}

err place_remove(db *d, int64_t record) { return db_txn(d, remove_in_txn, &record); }

static void where_box(struct select *q, bool lite, const struct box *b)
{
    if (lite) {
        /* R*Tree keeps 32-bit floats: it finds a little too much, the row itself decides. */
        select_where(q, "place_box.lat_max >= ? AND place_box.lat_min <= ? AND place_box.lon_max >= ? AND place_box.lon_min <= ?");
        select_value_f64(q, b->lat_min);
        select_value_f64(q, b->lat_max);
        select_value_f64(q, b->lon_min);
        select_value_f64(q, b->lon_max);
        select_where(q, "p.record = place_box.id");
    } else {
        select_where(q, "point(p.lon, p.lat) <@ box(point(?, ?), point(?, ?))");
        select_value_f64(q, b->lon_min);
        select_value_f64(q, b->lat_min);
        select_value_f64(q, b->lon_max);
        select_value_f64(q, b->lat_max);
    }
    select_where(q, "p.lat BETWEEN ? AND ? AND p.lon BETWEEN ? AND ?");
    select_value_f64(q, b->lat_min);
    select_value_f64(q, b->lat_max);
    select_value_f64(q, b->lon_min);
    select_value_f64(q, b->lon_max);
    select_where(q, "r.id = p.record");
}

err place_in_box(db *d, arena *mem, const struct who *who, bool public_only, str kind, const struct box *b, int limit, struct spots *out)
{
    bool lite = store_is_sqlite(db_store(d));
    struct cells c;
    *out = (struct spots){0};
    struct select *q = select_new(mem, public_only ? "p.record, p.lat, p.lon, p.address, p.insee, r.kind, r.state, r.reference, r.public_title, r.published"
                                                   : "p.record, p.lat, p.lon, p.address, p.insee, r.kind, r.state, r.reference, r.title, r.created",
                                  lite ? "place_box CROSS JOIN place p CROSS JOIN record r" : "place p CROSS JOIN record r", "p,r");
    where_box(q, lite, b);
    if (kind.n) select_where_str(q, "r.kind", CMP_EQ, kind);
    if (public_only) select_where_i64(q, "r.published", CMP_NE, 0);
    else may_where(who, VERB_LIST, q, "r");
    select_order(q, public_only ? "r.published DESC, r.id DESC" : "r.created DESC, r.id DESC");
    select_limit(q, limit > 0 && limit <= 5000 ? limit : 500);
    TRY(select_run(d, mem, q, &c));
    for (size_t i = 0; i < c.n; i++) {
        const struct cell *x = c.v + i * c.columns;
        PUSH(mem, out, (struct spot){{x[0].i, x[1].f, x[2].f, x[3].s, x[4].s}, x[5].s, x[6].s, x[7].s, x[8].s, x[9].i, 0});
    }
    return NO_ERR;
}

static double radians(double degrees) { return degrees * M_PI / 180; }

double metres_between(double lat_a, double lon_a, double lat_b, double lon_b)
{
    double dlat = sin(radians(lat_b - lat_a) / 2), dlon = sin(radians(lon_b - lon_a) / 2);
    double h = dlat * dlat + cos(radians(lat_a)) * cos(radians(lat_b)) * dlon * dlon;
    return 2 * 6371008.8 * asin(sqrt(h > 1 ? 1 : h));
}

static int nearest_first(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;
    if (x->metres != y->metres) return x->metres < y->metres ? -1 : 1;
    return x->at.record < y->at.record ? 1 : -1;
}

err place_near(db *d, arena *mem, const struct who *who, bool public_only, str kind, double lat, double lon, double metres, int limit, struct spots *out)
{
    double dlat = metres / 111195.0, dlon = dlat / fmax(cos(radians(lat)), 0.01);
    struct spots around, near = {0};
    *out = near;
    TRY(place_in_box(d, mem, who, public_only, kind, &(struct box){lat - dlat, lon - dlon, lat + dlat, lon + dlon}, 2000, &around));
    for (size_t i = 0; i < around.n; i++) {
        struct spot s = around.v[i];
        s.metres = metres_between(lat, lon, s.at.lat, s.at.lon);
        if (s.metres <= metres) PUSH(mem, &near, s);
    }
    if (near.n) qsort(near.v, near.n, sizeof *near.v, nearest_first);
    if (limit > 0 && near.n > (size_t)limit) near.n = (size_t)limit;
    *out = near;
    return NO_ERR;
}

err place_projected(db *w, arena *mem, const struct kind *k, const struct record *r)
{
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (strcmp(f->type->name, "place") != 0) continue;
        const json_t *v = answer_in(mem, r->doc, f), *lat = json_object_get(v, "lat"), *lon = json_object_get(v, "lon");
        if (!v) return NO_ERR;
        if (!lat || !lon) return place_remove(w, r->id);
        return place_put(w, &(struct place){r->id, json_number_value(lat), json_number_value(lon), json_str(v, "address"), STR_NONE});
    }
    return NO_ERR;
}

err place_erase(db *w, arena *mem, int64_t record, bool keep_statistics)
{
    struct place p;
    err e = place_get(w, mem, record, &p);
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    if (!keep_statistics) return place_remove(w, record);
    double lat = round(p.lat * 1000) / 1000, lon = round(p.lon * 1000) / 1000;
    TRY(sql_place_row_blur(w, record, lat, lon));
    return sql_place_box_put(w, record, lat, lon);
}
