/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kinds.h — the kinds of a tenant: shipped ones and stored revisions. A revision is immutable once published; one draft at a time. */
#pragma once
#include "core/kind.h"
#include "core/offer.h"
#include "core/tenant.h"

struct kinds;                                   /* cache of parsed revisions, shared by threads */
#define TOPIC_KINDS "kinds"                     /* of pages that show which procedures there are, or what they say of themselves */
err kinds_open(struct kinds **out, struct store *s);
void kinds_close(struct kinds *ks);
/* A tenant whose revisions may come again with other words: what is held of it is never found any more. Who reads it goes on. */
void kinds_forget(struct kinds *ks, int64_t tenant);
struct list_cache *kinds_lists(struct kinds *ks);       /* list_cache.h */

enum kind_status { KIND_DRAFT, KIND_PUBLISHED, KIND_CLOSED };
struct kind_row {                               /* a town's kind: a procedure */
    str name, slug, service, title; int64_t body, team, number, revision /* published; 0: none */, draft_revision, published_us, closed_us;
    enum kind_status status; str close_reason;
    enum offer offer; str theme;                /* as published; of a draft that never was, as it stands */
};
struct kind_rows { struct kind_row *v; size_t n; };
err kind_rows_list(db *d, arena *mem, str service, struct kind_rows *out);
/* What is published and names this fact sheet among its `sheets`. */
err kind_rows_of_sheet(db *d, arena *mem, str sheet, struct kind_rows *out);
/* Its title in the reader's language, when it is published. */
str kind_row_title(struct kinds *ks, db *d, const struct kind_row *row, enum lang lang);
err kind_row_by_slug(db *d, arena *mem, str slug, struct kind_row *out);
err kind_row_get(db *d, arena *mem, str name, struct kind_row *out);
err kind_row_by_number(db *d, arena *mem, int64_t number, struct kind_row *out);
/* A shipped kind has no row. Its slug is its name; its body the first that names a team for it (setting teams.NAME), else the first. */
void kind_row_shipped(arena *mem, const struct kind *k, const struct tenant *t, struct kind_row *out);
int64_t kind_team_of(arena *mem, const struct kind *k, const struct tenant *t, int64_t body);    /* that team; 0: none */

/* Read-only until the process ends; name + revision (0: the published one, or the shipped kind when the tenant has none of that name).
   E_NOT_FOUND: no such kind, or nothing published yet. A draft that changes is not for the cache: kind_draft_get. */
err kinds_get(struct kinds *ks, db *d, str name, int64_t revision, const struct kind **out);

/* What the town offers, filed here or not: published rows in their order, then shipped kinds that have a life of their own (report). E_NOT_FOUND. */
err kinds_offered(struct kinds *ks, db *d, arena *mem, const struct tenant *t, struct kind_rows *out);
err kind_offered(struct kinds *ks, db *d, arena *mem, const struct tenant *t, str slug, struct kind_row *out);
err kinds_shipped(struct kinds *ks, str name, const struct kind **out);    /* as it comes with the program; E_NOT_FOUND */
struct kind_refs { const struct kind **v; size_t n; };
err kinds_shipped_offered(struct kinds *ks, arena *mem, struct kind_refs *out);        /* those alone that the public can file */
err kind_filed_here(const struct kind_row *row);              /* E_NOT_FOUND: it is done in another way */

/* Inside or outside a transaction. The name is the definition's `kind`; a number is given when it has none. E_EXISTS: name or slug taken. */
err kind_create(db *d, str service, str slug, int64_t body, int64_t team, const json_t *definition, int64_t by, arena *mem, struct kind_row *out);
/* A new draft revision in place of the one before; the same definition again changes nothing and gives the revision there is.
   seen_revision: the one edited (0: not checked). E_CONFLICT: somebody saved meanwhile; E_INVALID, at: where the definition is at fault. */
err kind_draft_save(db *d, arena *mem, str name, const json_t *definition, int64_t by, int64_t seen_revision, int64_t *out_revision);
err kind_draft_definition(db *d, arena *mem, str name, json_t **out);   /* the draft, else the published one */
err kind_draft_get(db *d, arena *mem, str name, const struct kind **out);   /* the same, parsed: to look at before publishing */
/* What stands in the way of publishing: one line a missing thing (key and argument), empty: may be published. path: the setting that lacks
   ("silence.after"; "title", "body", "fields"); field: the id of the question or heading at fault. */
struct lack { const char *msg; str arg; const char *path; str field; };
struct lacks { struct lack *v; size_t n; };
str lack_words(arena *mem, enum lang lang, const struct lack *l);
err kind_lacks(db *d, const struct tenant *t, arena *mem, const struct kind *k, const struct kind_row *row, struct lacks *out);
/* Citizens' drafts move to the new revision; records keep theirs. E_INVALID: lacks remain (at: the first), or nothing changed. Opens a
   closed kind again. */
err kind_publish(db *d, const struct tenant *t, arena *mem, str name, int64_t by);      /* E_INVALID: lacks remain */
err kind_close(db *d, str name, str reason, int64_t by);
/* A closed kind takes filings again, as it was last published; its draft stays a draft. E_INVALID: not closed, or lacks remain. */
err kind_reopen(db *d, const struct tenant *t, arena *mem, str name);
/* Back to what is published: the draft is gone. E_INVALID: nothing is published, or there is no draft. */
err kind_draft_drop(db *d, arena *mem, str name, int64_t seen_revision);
/* "Occupation du domaine public" → occupation-du-domaine-public, ≤ 60 characters; empty when there is no letter nor figure. */
str kind_slug(arena *mem, str title);
err kind_set_place(db *d, str name, str slug, int64_t body, int64_t team);
/* Of its title; when another procedure has it, with its number, else with 2, 3… */
err kind_slug_free(db *d, arena *mem, const json_t *definition, str *out);
/* A ready procedure's definition, by its name. E_NOT_FOUND. */
err kind_library_get(arena *mem, const char *name, json_t **out);
/* A procedure whose definition comes whole, under its own name: a new one in this body, the same, or a new draft revision. KIND_KEPT: somebody of the town
   changed it since, and nothing is done. E_INVALID: not a procedure, or at fault (at). */
enum kind_taken { KIND_NEW, KIND_SAME, KIND_REVISED, KIND_KEPT };
err kind_take(db *d, arena *mem, const json_t *definition, int64_t body, enum kind_taken *what, struct kind_row *out);
/* A setting of the kind, else of its body, else of the tenant: "service.name", "silence.means"… NULL: none. */
const json_t *kind_setting(const struct kind *k, const struct tenant *t, int64_t body, const char *path);
str kind_setting_str(const struct kind *k, const struct tenant *t, int64_t body, const char *path);
