/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* archive.h — inside of tenant_archive.h: members, rows as lines, a tenant away. */
#pragma once
#include <sodium.h>
#include "core/tenant_archive.h"
#include "formats/json.h"
#include "store/tables.h"

enum { ROWS_FEWEST = 8, ROWS_A_SLICE = 200, ROWS_MOST_BYTES = 1 << 20, ROWS_MEMBER_MOST = 64 << 20 };
#define ARCHIVE_HEAD "beffroi-tenant"
#define ARCHIVE_FORMAT "beffroi-tenant 1\n"

/* Walks the rows of a table in slices that stay under some MiB; one() gets whole rows. */
err rows_each(db *d, const struct table *t, int64_t tenant, err (*one)(void *arg, arena *mem, const struct table *t, const struct cells *rows), void *arg);
void row_json(struct jw *w, const struct table *t, const struct cell *row);             /* an array, bytes in hexadecimal */
void columns_json(struct jw *w, const struct table *t);                                 /* {"table": …, "columns": [[name, type]…]} */
/* A rows member back into cells, in the order of the table's columns. E_INVALID, at: the column that one side lacks. */
err rows_parse(arena *mem, const struct tables *all, str text, const struct table **out_t, struct cells *out);

/* What binds an archive to its ring of keys: its name in clear, and the key of the hash. */
void archive_keys(struct blobs *b, arena *mem, str *out_ring, struct hash32 *out_key);
void archive_tell(const struct archive_world *w, const char *what, int64_t n);

/* Served to nobody from here, on this node at once and on others when it returns; its transactions are refused. why: "restore" | "remove".
   t: what its row says meanwhile. */
err tenant_away(const struct archive_world *w, const struct tenant_named *t, const char *why, const struct strs *hosts);
err tenant_rows_remove(const struct archive_world *w, const struct tables *all, int64_t tenant);
