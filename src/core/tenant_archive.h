/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tenant_archive.h — one tenant by itself: into a file and back, out of the house, gone. The others are served meanwhile.
   The archive is a tar that any tar reads (docs/tenants.md):
       beffroi-tenant          format, id, slug, when, of which engine, which ring of keys
       rows/TABLE/N            up to ROWS_A_SLICE rows of a table (store/tables.h), JSON: a line for the columns, then a line a row
       blobs/NAME              its sealed files as they lie
       end                     rows, files, and a keyed hash over all that stands before: without it the archive is not whole
   Rows carry their tenant's id and ids are unique over tenants: a tenant comes back as who it was, on SQLite or on PostgreSQL. Keys are
   apart: its files open where the ring of keys is the same one. */
#pragma once
#include "core/audit.h"
#include "core/kinds.h"
#include "core/tenant.h"
#include "store/blob.h"

struct archive_world {
    struct store *store; struct blobs *blobs; struct tenants *tenants; struct kinds *kinds; struct audit *audit;
    void (*progress)(void *, const char *what, int64_t n); void *progress_arg;         /* may be NULL */
};

/* By id, slug or host; those that are away too. E_NOT_FOUND "tenant.unknown". */
struct tenant_named { int64_t id; str slug, name, settings; int64_t created_us /* 0: its row says it */; };
err tenant_named(struct store *s, arena *mem, str word, struct tenant_named *out);
bool tenant_is_away(const struct tenant_named *t);     /* being restored or removed, or left in the middle of it: served to nobody */

err tenants_away(struct store *s, arena *mem, struct strs *out_slugs);

/* Online, one consistent view, in memory that does not grow with the tenant. Uploads that are not finished are not in it.
   E_EXISTS: the file is there; E_FULL, E_IO "store.backup.failed". out_lost: files that people removed while it was written. */
err tenant_backup(const struct archive_world *w, const struct tenant_named *t, str file, int64_t *out_lost);

/* hosts: instead of those of the archive; absent: those. replace: it may take the place of the tenant that is there.
   The whole archive is checked before anything is touched; then the tenant is away until it is back whole. Killed in between, it stays
   away, and the same again brings it back. E_EXISTS "tenant.restore.there" (replace not said), "tenant.host_taken", "tenant.slug_taken";
   E_INVALID "store.restore.not_a_backup", "tenant.restore.schema" (at: the column); E_CONFIG "tenant.restore.keys". */
struct restoring { str file, host; bool replace; };
err tenant_restore(const struct archive_world *w, const struct restoring *r, str *out_slug, arena *mem);

/* Every row and every file; then what SQLite's files still hold of them. Killed in between, the same again ends it. */
err tenant_remove(const struct archive_world *w, const struct tenant_named *t);

/* For whoever leaves: open formats into an empty directory that is made. E_EXISTS: it is there. */
err tenant_export(const struct archive_world *w, const struct tenant *t, str dir);

#define TOPIC_AWAY "tenant/away"        /* a tenant went or came back: whatever is held of it is to be forgotten */
