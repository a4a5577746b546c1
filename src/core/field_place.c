/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A place: a point of the map, or an address. Without JavaScript an address is enough: the point is found when the town's list of
   addresses has it ("located": true), else an agent will place it. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "core/field_types.h"
#include "core/value_list.h"

const char *const spot_parts[] = {".lat", ".lon", ".address", NULL};
#define ADDRESS_MOST 200
#define SAME_DEGREES 0.0005             /* about 50 m: the point is that of the address */

static bool put_degrees(arena *mem, json_t *spot, const char *key, str typed)
{
    double x;
    if (!typed.n) return true;
    if (!number_typed(mem, typed, &x)) return false;
    json_object_set_new(spot, key, json_real(x));
    return true;
}

TYPE_PARSE(parse_spot)
{
    json_t *spot = json_own(mem, json_object());
    str part[3] = {0};
    for (size_t i = 0; i < 3 && i + 1 < typed.n; i++) part[i] = text_line(mem, typed.v[i + 1]);
    if (!put_degrees(mem, spot, "lat", part[0]) || !put_degrees(mem, spot, "lon", part[1])) return W("field.place.degrees");
    if (!utf8_valid(part[2])) return W("field.text.bytes");
    if (part[2].n) json_put_str(spot, "address", part[2]);
    if (json_object_size(spot)) *out = spot;
    return NULL;
}

static double rounded(double degrees) { return round(degrees * 1e6) / 1e6; }

static bool key_known(const char *key)
{
    return strcmp(key, "lat") == 0 || strcmp(key, "lon") == 0 || strcmp(key, "address") == 0 || strcmp(key, "located") == 0;
}

/* The point of an address of the town, unless another point was shown. */
static bool located(arena *mem, const struct answers_env *env, str address, bool has_point, double *lat, double *lon)
{
    double a, b;
    if (!address.n || !env->locate || !env->locate(env->list_arg, mem, address, &a, &b)) return false;
    if (has_point && (fabs(a - *lat) > SAME_DEGREES || fabs(b - *lon) > SAME_DEGREES)) return false;
    *lat = a;
    *lon = b;
    return true;
}

TYPE_CHECK(check_spot)
{
    if (!json_is_object(given)) return W("field.place.type");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)given, key, v)
        if (!key_known(key)) return W("field.place.type");
    const json_t *jlat = json_object_get(given, "lat"), *jlon = json_object_get(given, "lon"), *jaddress = json_object_get(given, "address");
    if ((jlat && !json_is_number(jlat)) || (jlon && !json_is_number(jlon)) || (jaddress && !json_is_string(jaddress))) return W("field.place.type");
    if (!jlat != !jlon) return W("field.place.half");
    bool was_located = json_is_true(json_object_get(given, "located"));
    double lat = json_number_value(jlat), lon = json_number_value(jlon);
    if (jlat && !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)) return W("field.place.degrees");
    str address = text_line(mem, json_text(jaddress));
    if (address.n && (!utf8_clean(address) || utf8_length(address) > ADDRESS_MOST)) return W("field.place.address");
    json_t *spot = json_own(mem, json_object());
    bool found = located(mem, env, address, jlat && !was_located, &lat, &lon);
    if (jlat || found) {
        json_object_set_new(spot, "lat", json_real(rounded(lat)));
        json_object_set_new(spot, "lon", json_real(rounded(lon)));
    }
    if (found || (was_located && jlat && address.n && !env->locate)) json_object_set_new(spot, "located", json_true());
    if (address.n) json_put_str(spot, "address", address);
    if (json_object_size(spot)) *out = spot;
    (void)f, (void)arg;
    return NULL;
}

TYPE_SHOW(show_spot)
{
    str address = json_str(value, "address");
    (void)f, (void)env;
    if (address.n || !json_object_get(value, "lat")) return address;
    return str_fmt(mem, "%.5f, %.5f", json_number_value(json_object_get(value, "lat")), json_number_value(json_object_get(value, "lon")));
}

TYPE_SCHEMA(schema_spot)
{
    (void)f, (void)mem, (void)env;
    return json_pack("{s:s, s:{s:{s:s,s:i,s:i}, s:{s:s,s:i,s:i}, s:{s:s,s:i,s:i}, s:{s:s}}, s:[{s:[s,s]},{s:[s]}], s:{s:[s],s:[s]}, s:b, s:[{s:f,s:f,s:s}]}",
        "type", "object", "properties", "lat", "type", "number", "minimum", -90, "maximum", 90, "lon", "type", "number", "minimum", -180, "maximum", 180,
        "address", "type", "string", "minLength", 1, "maxLength", ADDRESS_MOST, "located", "type", "boolean",
        "anyOf", "required", "lat", "lon", "required", "address", "dependentRequired", "lat", "lon", "lon", "lat", "additionalProperties", 0,
        "examples", "lat", 48.1735, "lon", 6.4499, "address", "place des Vosges");
}

/* ---- drawing: an address, a map for those who have scripts, and two figures for those who have a position */

static str part_typed(struct form_draw *d, str path, const char *part, str held)
{
    if (!d->typed || !draw_fault(d, path)) return held;
    struct strs typed = d->typed(d->typed_arg, d->mem, str_fmt(d->mem, "%.*s%s", STR_ARG(path), part));
    return typed.n ? typed.v[typed.n - 1] : held;
}

static str degrees(struct form_draw *d, const json_t *v) { return v ? str_fmt(d->mem, "%.6f", json_number_value(v)) : STR_NONE; }

static void draw_degrees(struct form_draw *d, str path, const char *part, const char *key, str held)
{
    str name = str_fmt(d->mem, "%.*s%s", STR_ARG(path), part), value = part_typed(d, path, part, held);
    buf_lit(d->out, "<div class=\"part\"><label");
    draw_attr(d, "for", name);
    buf_char(d->out, '>');
    buf_html(d->out, env_words(d->env, key));
    buf_lit(d->out, "</label><input type=\"text\" class=\"w-8\" inputmode=\"text\" autocomplete=\"off\"");
    draw_attr(d, "id", name);
    draw_attr(d, "name", name);
    draw_attr(d, "value", value.n ? value : S(""));
    buf_lit(d->out, "></div>");
}

static void draw_ground(struct form_draw *d, const json_t *value)
{
    const json_t *map = d->env->map, *at = json_object_get(value, "lat") ? value : map, *lat = json_object_get(at, "lat"), *lon = json_object_get(at, "lon");
    buf_lit(d->out, "<div class=\"place\" data-map");
    if (lat && lon) draw_attr(d, "data-center", str_fmt(d->mem, "%.6f,%.6f", json_number_value(lat), json_number_value(lon)));
    int64_t zoom = at == value && at ? 16 : json_i64(map, "zoom", 0);
    if (zoom) draw_attr(d, "data-zoom", str_fmt(d->mem, "%d", (int)zoom));
    if (d->env->has_outline) draw_attr(d, "data-outline", S("/carte/contour.json"));
    draw_attr(d, "data-tiles", json_str(map, "tiles"));
    draw_attr(d, "data-credit", json_str(map, "credit"));
    buf_char(d->out, '>');
}

TYPE_INPUT(input_spot)
{
    struct field plain = *f;
    struct options some = {0};
    size_t total = 0;
    bool by_hand = !json_is_true(json_object_get(value, "located"));      /* found by the address: found again if it changes */
    str address = part_typed(d, path, ".address", json_str(value, "address"));
    plain.required = false;         /* a point alone is an answer */
    draw_ground(d, value);
    buf_lit(d->out, "<input type=\"text\"");
    draw_attr(d, "id", path);
    draw_attr(d, "name", str_fmt(d->mem, "%.*s.address", STR_ARG(path)));
    draw_attr(d, "value", address.n ? address : S(""));
    draw_attr(d, "autocomplete", f->autocomplete.n ? f->autocomplete : str_of(f->type->autocomplete));
    if (f->list.n && d->env->options && d->env->options(d->env->list_arg, d->mem, f->list, 1, &some, &total) && total)
        draw_attr(d, "data-suggest", str_fmt(d->mem, "%.*s/suggest?field=%.*s", STR_ARG(d->base_url), STR_ARG(path)));
    draw_tie(d, &plain, path);
    buf_lit(d->out, "><details><summary>");
    buf_html(d->out, env_words(d->env, W("field.place.by_figures")));
    buf_lit(d->out, "</summary><div class=\"address-parts\">");
    draw_degrees(d, path, ".lat", W("field.place.lat"), by_hand ? degrees(d, json_object_get(value, "lat")) : STR_NONE);
    draw_degrees(d, path, ".lon", W("field.place.lon"), by_hand ? degrees(d, json_object_get(value, "lon")) : STR_NONE);
    buf_lit(d->out, "</div></details></div>");
}
