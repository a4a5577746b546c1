/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/geojson.h"
#include <math.h>
#include "base/words.h"

void geojson_open(struct jw *w)
{
    jw_object(w);
    jw_member_str(w, "type", S("FeatureCollection"));
    jw_key(w, "features");
    jw_array(w);
}

/* 7 decimals are a centimetre; more says nothing and weighs (RFC 7946 §11.2). */
static void degrees(struct jw *w, double v)
{
    jw_f64(w, round(v * 1e7) / 1e7);
}

void geojson_point(struct jw *w, str id, double lat, double lon)
{
    jw_object(w);
    jw_member_str(w, "type", S("Feature"));
    jw_member_str(w, "id", id);
    jw_key(w, "geometry");
    jw_object(w);
    jw_member_str(w, "type", S("Point"));
    jw_key(w, "coordinates");
    jw_array(w);
    degrees(w, lon);
    degrees(w, lat);
    jw_end(w);
    jw_end(w);
    jw_key(w, "properties");
    jw_object(w);
}

void geojson_point_end(struct jw *w)
{
    jw_end(w);
    jw_end(w);
}

void geojson_close(struct jw *w)
{
    jw_end(w);
    jw_end(w);
}

static err fault(arena *mem, const char *msg, str at)
{
    return FAIL_AT(E_INVALID, msg, str_z(mem, at));
}

static void widen(struct geo_box *box, struct geo_point p)
{
    box->west = fmin(box->west, p.lon);
    box->east = fmax(box->east, p.lon);
    box->south = fmin(box->south, p.lat);
    box->north = fmax(box->north, p.lat);
}

static err ring(arena *mem, const json_t *v, str at, bool hole, struct geo_outline *o)
{
    size_t n = json_array_size(v);
    struct geo_ring r = {NEW_N(mem, struct geo_point, n ? n : 1), n, hole};

    if (n < 4)
        return fault(mem, W("formats.geojson.ring_short"), at);
    for (size_t i = 0; i < n; i++) {
        const json_t *p = json_array_get(v, i), *lon = json_array_get(p, 0), *lat = json_array_get(p, 1);
        if (!json_is_number(lon) || !json_is_number(lat))
            return fault(mem, W("formats.geojson.not_a_position"), str_fmt(mem, "%.*s[%zu]", STR_ARG(at), i));
        r.v[i] = (struct geo_point){json_number_value(lon), json_number_value(lat)};
        if (!(fabs(r.v[i].lon) <= 180) || !(fabs(r.v[i].lat) <= 90))
            return fault(mem, W("formats.geojson.outside"), str_fmt(mem, "%.*s[%zu]", STR_ARG(at), i));
        widen(&o->box, r.v[i]);
    }
    if (r.v[0].lon != r.v[n - 1].lon || r.v[0].lat != r.v[n - 1].lat)
        return fault(mem, W("formats.geojson.ring_open"), at);
    PUSH(mem, &o->rings, r);
    return NO_ERR;
}

static err polygon(arena *mem, const json_t *rings, str at, struct geo_outline *o)
{
    for (size_t i = 0; i < json_array_size(rings); i++)
        TRY(ring(mem, json_array_get(rings, i), str_fmt(mem, "%.*s[%zu]", STR_ARG(at), i), i > 0, o));
    return NO_ERR;
}

static err geometry(arena *mem, const json_t *g, str at, struct geo_outline *o)
{
    const json_t *c = json_object_get(g, "coordinates");
    str type = json_str(g, "type"), in = str_fmt(mem, "%.*s%scoordinates", STR_ARG(at), at.n ? "." : "");

    if (str_is(type, "Polygon"))
        return polygon(mem, c, in, o);
    if (str_is(type, "MultiPolygon"))
        for (size_t i = 0; i < json_array_size(c); i++)
            TRY(polygon(mem, json_array_get(c, i), str_fmt(mem, "%.*s[%zu]", STR_ARG(in), i), o));
    return NO_ERR;
}

static err outline(arena *mem, const json_t *g, const json_t *properties, str at, struct geo_outlines *out)
{
    struct geo_outline o = {.box = {180, 90, -180, -90}};

    o.name = json_str(properties, "nom");
    if (!o.name.p)
        o.name = json_str(properties, "name");
    o.code = json_str(properties, "code");
    TRY(geometry(mem, g, at, &o));
    if (o.rings.n)
        PUSH(mem, out, o);
    return NO_ERR;
}

err geojson_outlines(arena *mem, const json_t *v, struct geo_outlines *out)
{
    str type = json_str(v, "type");
    const json_t *features = json_object_get(v, "features");

    *out = (struct geo_outlines){0};
    if (str_is(type, "Feature"))
        return outline(mem, json_object_get(v, "geometry"), json_object_get(v, "properties"), S("geometry"), out);
    if (!str_is(type, "FeatureCollection")) {
        if (!type.p)
            return FAIL(E_INVALID, W("formats.geojson.not_geojson"));
        return outline(mem, v, NULL, S(""), out);
    }
    if (!json_is_array(features))
        return fault(mem, W("formats.geojson.not_geojson"), S("features"));
    for (size_t i = 0; i < json_array_size(features); i++) {
        const json_t *f = json_array_get(features, i);
        TRY(outline(mem, json_object_get(f, "geometry"), json_object_get(f, "properties"),
                    str_fmt(mem, "features[%zu].geometry", i), out));
    }
    return NO_ERR;
}

/* Even-odd: holes need no care. */
bool geo_inside(const struct geo_outline *o, double lat, double lon)
{
    bool inside = false;

    if (lon < o->box.west || lon > o->box.east || lat < o->box.south || lat > o->box.north)
        return false;
    for (size_t k = 0; k < o->rings.n; k++) {
        const struct geo_ring *r = &o->rings.v[k];
        for (size_t i = 1; i < r->n; i++) {
            struct geo_point a = r->v[i - 1], b = r->v[i];
            if ((a.lat > lat) != (b.lat > lat) && lon < (b.lon - a.lon) * (lat - a.lat) / (b.lat - a.lat) + a.lon)
                inside = !inside;
        }
    }
    return inside;
}

struct geo_box geo_box_of(const struct geo_outlines *all)
{
    struct geo_box box = {180, 90, -180, -90};

    for (size_t i = 0; i < all->n; i++) {
        widen(&box, (struct geo_point){all->v[i].box.west, all->v[i].box.south});
        widen(&box, (struct geo_point){all->v[i].box.east, all->v[i].box.north});
    }
    return box;
}
