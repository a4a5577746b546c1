/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public.h — what everybody sees of a kind: list and map, feed, GeoJSON, one record's page, its photos, who backs and follows it. For any
   kind: a service names the kind and the path, and puts these handlers in its table with .arg = its room. Nothing here reads a record but
   through record_show_public. */
#pragma once
#include "core/list.h"
#include "pages/holder.h"
#include "view/layout.h"
#include "view/parts.h"

struct room { const char *kind, *path; const char *title; /* key: name of the list and of the feed */ };

struct public_list { const struct kind *kind; struct part_map map; struct part_pager pager; struct choices subjects, states; str subject_label; bool is_filtered; struct url feed; };
/* Filters `sujet` (the field that gives the kind its title) and `etat`, cursor `apres`. */
err public_list(struct req *q, const struct room *room, struct public_list *out);
/* Centre, outline, tiles of the tenant; allows the tiles' origin. */
void map_ground(struct req *q, struct part_map *map);
void map_allow(struct req *q);

struct photo { struct url page, thumb; str alt; };
struct page_public { struct layout l; str title, kind_title, reference, state, tone, hint; int64_t filed_us, backers; struct part_answers answers; struct part_timeline events;
    struct part_map map; struct { struct photo *v; size_t n; } photos; bool is_published, backed; struct url back, follow; str email; struct links faults; };
struct page_watch { struct layout l; str title, reference, email, key; struct url action, record; };

/* Records of the kind within 250 m of a point with the same subject: a duplicate may be avoided. */
err public_near(struct req *q, const struct kind *k, const json_t *doc, struct links *out);

/* Handlers: q->route->arg is the room. */
err public_record(struct req *q);          /* GET  …/:ref */
err public_photo(struct req *q);           /* GET  …/:ref/photos/:file and …/photos/:file/vignette */
err public_back(struct req *q);            /* POST …/:ref/soutien */
err public_follow(struct req *q);          /* POST …/:ref/suivre: a mail with a link, which GET shows */
err public_watch(struct req *q);           /* GET  …/:ref/suivre?m=MAIL&k=KEY */
err public_watch_set(struct req *q);       /* POST …/:ref/suivi: follows, or stops */
err public_feed(struct req *q);
err public_geojson(struct req *q);
extern const struct route map_routes[];    /* /carte/contour.json */

/* Job "publish", queued by the core when a record becomes public: copies of its photos without metadata, for others to see. */
struct job;
err photos_publish(db *d, arena *mem, const struct job *j, void *app);
