/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The list of a kind with its map, feed and GeoJSON. */
#include "pages/public.h"

#include "base/id.h"
#include "core/files.h"
#include "facets/place.h"
#include "formats/atom.h"
#include "formats/geojson.h"
#include "pages/public_own.h"

#define LISTED 40
#define FEED_MOST 50
#define POINTS_MOST 1000
#define NEAR_METRES 250

err room_get(struct req *q, const struct room *room, struct shown *out)
{
    *out = (struct shown){.room = room};
    TRY(kinds_get(q->app->kinds, q->db, str_of(room->kind), 0, &out->held.kind));
    held_env(q, &out->held);
    out->held.env.file = NULL;              /* names of files are their author's */
    out->subject = out->held.kind->title_from.n ? kind_field_named(out->held.kind, out->held.kind->title_from) : NULL;
    return NO_ERR;
}

static str value_shown(struct req *q, struct shown *s, const struct field *f, const json_t *doc)
{
    const json_t *v = f ? answer_in(q->mem, doc, f) : NULL;
    return v && f->type->show ? f->type->show(f, q->mem, v, &s->held.env) : STR_NONE;
}

str subject_of(struct req *q, struct shown *s, const json_t *doc)
{
    str own = value_shown(q, s, s->subject, doc);
    return own.n ? own : text_in(&s->held.kind->title, q->lang);
}

const struct field *place_field(const struct kind *k)
{
    for (size_t i = 0; i < k->fields.n; i++)
        if (str_is(str_of(k->fields.v[i].type->name), "place")) return &k->fields.v[i];
    return NULL;
}

const json_t *point_of(const struct kind *k, const json_t *doc, double *lat, double *lon)
{
    const struct field *f = place_field(k);
    const json_t *v = f ? json_object_getn(doc, f->id.p, f->id.n) : NULL;
    if (!json_object_get(v, "lat")) return NULL;
    *lat = json_number_value(json_object_get(v, "lat"));
    *lon = json_number_value(json_object_get(v, "lon"));
    return v;
}

struct url record_url(struct req *q, const struct room *room, str reference)
{
    return url_web(str_fmt(q->mem, "%s/%.*s", room->path, STR_ARG(reference)));
}

/* ---- ground of maps ---- */
void map_allow(struct req *q)
{
    str tiles = json_str(json_object_get(q->tenant->settings, "map"), "tiles"), rest;
    if (!str_starts(tiles, S("https://"))) return;
    str host = str_split(str_cut(tiles, 8, tiles.n), '/', &rest);
    reply_allow_images(q, str_fmt(q->mem, "https://%.*s", STR_ARG(host)));
}

void map_ground(struct req *q, struct part_map *map)
{
    const json_t *m = json_object_get(q->tenant->settings, "map"), *lat = json_object_get(m, "lat"), *lon = json_object_get(m, "lon");
    map->lat = lat ? json_number_value(lat) : 46.6;
    map->lon = lon ? json_number_value(lon) : 2.4;
    map->zoom = json_i64(m, "zoom", lat ? 13 : 6);
    if (json_object_get(q->tenant->settings, "outline")) map->outline = URL_LIT("/carte/contour.json");
    map->tiles = json_str(m, "tiles");
    map->credit = json_str(m, "credit");
    map_allow(q);
}

static err get_outline(struct req *q)
{
    const json_t *outline = json_object_get(q->tenant->settings, "outline");
    if (!outline) return FAIL(E_NOT_FOUND, "public.no_outline");
    reply_public_for(q, 3600);
    buf_put(reply_buf(q, 200, "application/geo+json"), json_canonical(q->mem, outline));
    return NO_ERR;
}

const struct route map_routes[] = {{GET, "/carte/contour.json", RIGHT_PUBLIC, get_outline, "the outline of the town, as GeoJSON", ROUTE_API, NULL, NULL}, {0}};

/* ---- list ---- */
static err listed(struct req *q, struct shown *s, int limit, struct list_page *out)
{
    struct list_query l = {.after = query(q, "apres"), .limit = limit, .now_us = clock_now_us()};
    str subject = query(q, "sujet"), state = query(q, "etat");
    if (state.n) PUSH(q->mem, &l.states, state);
    if (subject.n && s->subject) PUSH(q->mem, &l.filters, (struct list_filter){s->subject->id, subject});
    return list_public(q->db, q->mem, s->held.kind, &l, out);
}

static void filters_fill(struct req *q, struct shown *s, struct public_list *out)
{
    str subject = query(q, "sujet"), state = query(q, "etat");
    const struct kind *k = s->held.kind;
    struct options all = s->subject ? s->subject->options : (struct options){0};
    size_t total = 0;
    if (s->subject && s->subject->list.n) s->held.env.options(s->held.env.list_arg, q->mem, s->subject->list, 100, &all, &total);
    if (s->subject) out->subject_label = text_in(&s->subject->label, q->lang);
    for (size_t i = 0; i < all.n; i++)
        PUSH(q->mem, &out->subjects, (struct choice){.value = all.v[i].id, .label = text_in(&all.v[i].label, q->lang), .is_chosen = str_eq(subject, all.v[i].id)});
    for (size_t i = 0; i < k->states.n; i++)
        if (k->states.v[i].is_public || k->states.v[i].shown.n)
            PUSH(q->mem, &out->states, (struct choice){.value = k->states.v[i].name, .label = text_in(&k->states.v[i].title, q->lang), .is_chosen = str_eq(state, k->states.v[i].name)});
    out->is_filtered = subject.n || state.n;
}

static struct url list_url(struct req *q, const char *path, str after)
{
    buf b = BUF(4096);
    buf_lit(&b, path);
    const char *names[] = {"sujet", "etat", "apres"};
    str values[] = {query(q, "sujet"), query(q, "etat"), after};
    for (size_t i = 0, n = 0; i < 3; i++) {
        if (!values[i].n) continue;
        buf_char(&b, n++ ? '&' : '?');
        buf_lit(&b, names[i]);
        buf_char(&b, '=');
        buf_url(&b, values[i]);
    }
    struct url u = url_web(str_copy(q->mem, buf_str(&b)));
    buf_free(&b);
    return u;
}

static str degrees(struct req *q, double d)
{
    str s = str_fmt(q->mem, "%.4f", d < 0 ? -d : d), fraction, whole = str_split(s, '.', &fraction);
    return q->lang == LANG_FR ? str_fmt(q->mem, "%.*s,%.*s", STR_ARG(whole), STR_ARG(fraction)) : s;
}

static str point_words(struct req *q, double lat, double lon)
{
    str north = words(q->lang, lat < 0 ? W("public.south") : W("public.north")), east = words(q->lang, lon < 0 ? W("public.west") : W("public.east"));
    return words_fill(q->mem, q->lang, W("public.point"), "lat", degrees(q, lat), "north", north, "lon",
                      degrees(q, lon), "east", east, NULL);
}

struct place_point point_shown(struct req *q, struct shown *s, const struct record *r)
{
    const struct state *st = kind_state(s->held.kind, r->state);
    const struct field *where = place_field(s->held.kind);
    const json_t *spot = where ? answer_in(q->mem, r->doc, where) : NULL;
    str address = json_str(spot, "address"), day = words_date_us(q->mem, q->lang, r->created_us, q->tenant->zone);
    struct place_point p = {.label = subject_of(q, s, r->doc), .at = record_url(q, s->room, r->reference), .state = text_in(&st->title, q->lang), .tone = st->tone};
    p.nowhere = !point_of(s->held.kind, r->doc, &p.lat, &p.lon);
    /* A point without an address is at least where it is on a map. */
    if (!address.n && !p.nowhere) address = point_words(q, p.lat, p.lon);
    day = words_fill(q->mem, q->lang, W("public.filed_on"), "date", day, NULL);
    p.hint = address.n ? str_fmt(q->mem, "%.*s · %.*s", STR_ARG(address), STR_ARG(day)) : day;
    return p;
}

err public_list(struct req *q, const struct room *room, struct public_list *out)
{
    struct shown s;
    struct list_page page;
    *out = (struct public_list){0};
    TRY(room_get(q, room, &s));
    out->kind = s.held.kind;
    filters_fill(q, &s, out);
    TRY(listed(q, &s, LISTED, &page));
    map_ground(q, &out->map);
    out->map.label = words(q->lang, room->title);
    for (size_t i = 0; i < page.rows.n; i++) {
        struct place_point p = point_shown(q, &s, &page.rows.v[i]);
        struct photos photos;
        TRY(photos_of(q, &s, &page.rows.v[i], &photos));
        if (photos.n) p.thumb = photos.v[0].thumb;
        PUSH(q->mem, &out->map.points, p);
    }
    if (page.next.n) out->pager.older = list_url(q, room->path, page.next);
    if (query(q, "apres").n) out->pager.newer = list_url(q, room->path, STR_NONE);
    out->feed = list_url(q, str_fmt(q->mem, "%s/flux.atom", room->path).p, STR_NONE);
    return NO_ERR;
}

/* ---- for machines ---- */
static str absolute(struct req *q, str path)
{
    return str_fmt(q->mem, "%.*s://%.*s%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host), STR_ARG(path));
}

err public_feed(struct req *q)
{
    const struct room *room = q->route->arg;
    struct shown s;
    struct list_page page;
    TRY(room_get(q, room, &s));
    TRY(listed(q, &s, FEED_MOST, &page));
    buf *b = reply_buf(q, 200, "application/atom+xml");
    str self = absolute(q, str_fmt(q->mem, "%s/flux.atom", room->path)), page_url = absolute(q, str_of(room->path));
    struct atom_feed feed = {.id = self, .title = str_fmt(q->mem, "%.*s · %.*s", STR_ARG(words(q->lang, room->title)), STR_ARG(q->tenant->name)), .self_url = self,
                             .page_url = page_url, .author = q->tenant->name, .lang = q->lang == LANG_EN ? S("en") : S("fr")};
    for (size_t i = 0; i < page.rows.n; i++)
        if (page.rows.v[i].updated_us > feed.updated_us) feed.updated_us = page.rows.v[i].updated_us;
    atom_open(b, &feed);
    for (size_t i = 0; i < page.rows.n; i++) {
        const struct record *r = &page.rows.v[i];
        struct place_point p = point_shown(q, &s, r);
        struct atom_entry e = {.id = absolute(q, url_str(p.at)), .title = str_fmt(q->mem, "%.*s (%.*s)", STR_ARG(p.label), STR_ARG(p.state)), .url = absolute(q, url_str(p.at)),
                               .summary = r->summary, .published_us = r->created_us, .updated_us = r->updated_us, .category = r->state,
                               .has_place = !p.nowhere, .lat = p.lat, .lon = p.lon};
        atom_add(b, &e);
    }
    atom_close(b);
    reply_public_for(q, 60);
    return NO_ERR;
}

err public_geojson(struct req *q)
{
    const struct room *room = q->route->arg;
    struct shown s;
    struct list_page page;
    TRY(room_get(q, room, &s));
    TRY(listed(q, &s, POINTS_MOST, &page));
    struct jw w = jw(reply_buf(q, 200, "application/geo+json"));
    geojson_open(&w);
    for (size_t i = 0; i < page.rows.n; i++) {
        const struct record *r = &page.rows.v[i];
        struct place_point p = point_shown(q, &s, r);
        if (p.nowhere) continue;
        geojson_point(&w, r->reference, p.lat, p.lon);
        jw_member_str(&w, "reference", r->reference);
        jw_member_str(&w, "title", p.label);
        jw_member_str(&w, "state", r->state);
        jw_member_str(&w, "state_title", p.state);
        jw_member_str(&w, "summary", r->summary);
        jw_member_str(&w, "filed", time_iso(q->mem, r->created_us));
        jw_member_str(&w, "url", absolute(q, url_str(p.at)));
        geojson_point_end(&w);
    }
    geojson_close(&w);
    reply_public_for(q, 60);
    return NO_ERR;
}

err public_near(struct req *q, const struct kind *k, const json_t *doc, struct links *out)
{
    str path = kind_setting_str(k, q->tenant, 0, "public_path");
    double lat, lon;
    if (!path.n || !point_of(k, doc, &lat, &lon)) return NO_ERR;
    struct room room = {.kind = str_z(q->mem, k->name), .path = str_z(q->mem, path)};
    struct shown s;
    struct spots near;
    TRY(room_get(q, &room, &s));
    TRY(place_near(q->db, q->mem, &WHO_SYSTEM, false, k->name, lat, lon, NEAR_METRES, 20, &near));
    const char *subject = s.subject ? str_z(q->mem, s.subject->id) : "";
    for (size_t i = 0; i < near.n && out->n < 3; i++) {
        struct record r;
        TRY(record_get(q->db, q->mem, near.v[i].at.record, &r));
        const struct state *st = kind_state(k, r.state);
        if (!st || st->is_final || !record_show_public(q->mem, k, &r)) continue;
        if (!json_equal(json_object_get(doc, subject), json_object_get(r.doc, subject))) continue;
        struct place_point p = point_shown(q, &s, &r);
        str metres = str_fmt(q->mem, "%d", (int)near.v[i].metres);
        PUSH(q->mem, out, (struct link){.label = p.label, .at = p.at, .hint = words_fill(q->mem, q->lang, W("public.near.at"), "metres", metres, "state", p.state, "when", p.hint, NULL)});
    }
    return NO_ERR;
}
