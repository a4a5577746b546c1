/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* public_own.h — what public.c and public_record.c share. */
#pragma once
#include "pages/public.h"

struct shown { const struct room *room; struct held held; const struct field *subject; };
struct photos { struct photo *v; size_t n; };

err room_get(struct req *q, const struct room *room, struct shown *out);
str subject_of(struct req *q, struct shown *s, const json_t *doc);
const struct field *place_field(const struct kind *k);
const json_t *point_of(const struct kind *k, const json_t *doc, double *lat, double *lon);     /* NULL: no point */
struct url record_url(struct req *q, const struct room *room, str reference);
struct place_point point_shown(struct req *q, struct shown *s, const struct record *r);
/* Those of the projection that have a copy without metadata. */
err photos_of(struct req *q, struct shown *s, const struct record *r, struct photos *out);
