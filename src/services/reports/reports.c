/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "services/reports/reports.h"

#include "formats/json.h"
#include "gen/html/services/reports/reports.html.h"
#include "pages/filling.h"
#include "services/reports/pages.h"

static const struct room room = {"report", "/signaler", W("reports.list")};

static err get_reports(struct req *q)
{
    struct page_reports p = {.l = {.width = WIDTH_WIDE, .scripts = SCRIPT_MAP}};
    TRY(public_list(q, &room, &p.list));
    p.personal_data = filling_notice(q, p.list.kind, tenant_takes(q->tenant, "report"));
    p.l.feed = p.list.feed;
    p.l.description = words_fill(q->mem, q->lang, W("reports.description"), "town", q->tenant->name, NULL);
    return page_reports(q, &p);
}

static err post_begin(struct req *q)
{
    const struct kind *k;
    TRY(kinds_get(q->app->kinds, q->db, str_of(room.kind), 0, &k));
    return filling_begin(q, k, tenant_takes(q->tenant, "report"), "web");
}

const struct route report_routes[] = {
    {GET, "/signaler", RIGHT_PUBLIC, get_reports, "reports: danger first, a new one, the list with its map", 0, .arg = &room},
    {POST, "/signaler/commencer", RIGHT_PUBLIC, post_begin, "begins a report", 0, .arg = &room},
    {GET, "/signaler/flux.atom", RIGHT_PUBLIC, public_feed, "the newest reports, as an Atom feed with places", 0, .arg = &room},
    {GET, "/signaler/carte.geojson", RIGHT_PUBLIC, public_geojson, "reports as GeoJSON points", ROUTE_API, .arg = &room},
    {GET, "/signaler/:ref", RIGHT_PUBLIC, public_record, "one report, as everybody sees it", 0, .arg = &room},
    {GET, "/signaler/:ref/photos/:file", RIGHT_PUBLIC, public_photo, "a photo without metadata, once accepted", 0, .arg = &room},
    {GET, "/signaler/:ref/photos/:file/vignette", RIGHT_PUBLIC, public_photo, "the same, small", 0, .arg = &room},
    {POST, "/signaler/:ref/soutien", RIGHT_PUBLIC, public_back, "this concerns me too", 0, .arg = &room},
    {POST, "/signaler/:ref/suivre", RIGHT_PUBLIC, public_follow, "asks for news by mail: a link is sent", 0, .arg = &room},
    {GET, "/signaler/:ref/suivre", RIGHT_PUBLIC, public_watch, "follow or stop, from the link of a mail", 0, .arg = &room},
    {POST, "/signaler/:ref/suivi", RIGHT_PUBLIC, public_watch_set, "follows, or stops following", 0, .arg = &room},
    {0}};
