/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tables.h — every table, and how it belongs to a tenant. Whatever backs up, restores, exports or removes one tenant reads this one list,
   which is compared with the schema as it stands: a table that it does not know stops the work before it begins.
   Beside select.h the only place where statements are made: of names that come from the schema, values bound, one tenant at a time. */
#pragma once
#include "store/select.h"

enum table_kind {
    TABLE_KEPT,             /* truth: archived, given to whom leaves */
    TABLE_SECRET,           /* truth that opens doors: archived, never given out */
    TABLE_MADE,             /* made again from the truth */
    TABLE_PASSING,          /* of the moment (sessions, leases): not archived; removed with the rest */
    TABLE_STORE             /* of the whole store: no tenant has a part in it */
};
struct table_row {
    const char *name;
    enum table_kind kind;
    const char *tenant;     /* the column that says whose a row is; NULL: "tenant" */
    const char *secret;     /* columns that are archived and never given out, between blanks; NULL: none */
    const char *lite_key, *of, *of_key;     /* SQLite's virtual tables, which know no tenant in their key: rows of `of`, by its column of_key */
};
extern const struct table_row table_rows[];                     /* ends with name NULL; removed in this order */

struct column { const char *name; char type; /* i, f, s, b; '?': of the engine alone */ };
struct table {
    const struct table_row *row;
    struct column *v; size_t n;                                 /* in the order of the schema */
    size_t *key; size_t n_key;                                  /* columns of the primary key after the tenant's */
};
struct tables { struct table *v; size_t n; };                   /* of table_rows, those that this engine has, in its order */

/* As they stand. E_INTERNAL "store.tables_unknown": the schema has a table that table_rows lacks; at, and the log: the line to add. */
err tables_read(db *d, arena *mem, struct tables *out);
const struct table *table_find(const struct tables *all, str name);
ptrdiff_t table_column(const struct table *t, str name);        /* -1: none */
bool column_is_secret(const struct table *t, const char *name);

/* Rows of the tenant in the order of the key, whole, after that row (NULL: from the first). */
err table_page(db *d, arena *mem, const struct table *t, int64_t tenant, const struct cell *after, int n, struct cells *out);
err table_count(db *d, arena *mem, const struct table *t, int64_t tenant, int64_t *out);
/* In a transaction of a db bound to no tenant. Rows whose key is there already are left out. */
err table_insert(db *w, arena *mem, const struct table *t, const struct cell *rows, size_t n);
/* In one too: removes up to n rows after that row; *last: the key's cells of the last one as a whole row, NULL: none was left. */
err table_remove(db *w, arena *mem, const struct table *t, int64_t tenant, const struct cell *after, int n, const struct cell **last);
