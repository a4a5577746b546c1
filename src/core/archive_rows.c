/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows as lines of JSON, and back. */
#include <string.h>

#include "base/hash.h"
#include "base/words.h"
#include "core/archive.h"

/* A slice that was too heavy makes the next one smaller: a definition may weigh as much as a thousand dossiers. */
err rows_each(db *d, const struct table *t, int64_t tenant, err (*one)(void *arg, arena *mem, const struct table *t, const struct cells *rows), void *arg)
{
    arena *mem = arena_new(0), *next = arena_new(0);
    const struct cell *after = NULL;
    struct cells rows = {0};
    err e = NO_ERR;
    for (int n = ROWS_FEWEST; e.code == OK;) {
        arena_reset(next);
        e = table_page(d, next, t, tenant, after, n, &rows);
        if (e.code != OK || !rows.n) break;
        bool heavy = arena_used_bytes(next) > ROWS_MOST_BYTES;
        e = one(arg, next, t, &rows);
        after = rows.v + (rows.n - 1) * rows.columns;
        if ((int)rows.n < n) break;
        n = heavy ? (n > ROWS_FEWEST ? n / 4 : 1) : n < ROWS_A_SLICE ? n * 2 : n;
        arena *swap = mem;
        mem = next;
        next = swap;
    }
    arena_free(mem);
    arena_free(next);
    return e;
}

static void hex_json(struct jw *w, str bytes)
{
    arena *mem = arena_new(0);
    jw_str(w, hex_of(mem, bytes.p, bytes.n));
    arena_free(mem);
}

void row_json(struct jw *w, const struct table *t, const struct cell *row)
{
    jw_array(w);
    for (size_t i = 0; i < t->n; i++) {
        if (row[i].null) jw_null(w);
        else if (t->v[i].type == 'i') jw_i64(w, row[i].i);
        else if (t->v[i].type == 'f') jw_f64(w, row[i].f);
        else if (t->v[i].type == 's') jw_str(w, row[i].s.p ? row[i].s : S(""));
        else hex_json(w, row[i].s);
    }
    jw_end(w);
}

void columns_json(struct jw *w, const struct table *t)
{
    jw_object(w);
    jw_key(w, "table");
    jw_str(w, str_of(t->row->name));
    jw_key(w, "columns");
    jw_array(w);
    for (size_t i = 0; i < t->n; i++) {
        jw_array(w);
        jw_str(w, str_of(t->v[i].name));
        jw_str(w, (str){&t->v[i].type, 1});
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

/* ---- back ---- */

static err not_ours(void) { return FAIL(E_INVALID, "store.restore.not_a_backup"); }

static err schema_differs(arena *mem, const struct table *t, str column)
{
    return FAIL_AT(E_INVALID, W("tenant.restore.schema"), str_fmt(mem, "%s.%.*s", t->row->name, STR_ARG(column)).p);
}

/* places[i]: the table's column of the member's i-th. */
static err columns_parse(arena *mem, const struct tables *all, str line, const struct table **out_t, size_t **places, size_t *n)
{
    json_t *head, *one;
    size_t i;
    TRY(json_parse(mem, line, &head));
    const json_t *columns = json_object_get(head, "columns");
    str name = json_str(head, "table");
    const struct table *t = table_find(all, name);
    if (!t) return FAIL_AT(E_INVALID, W("tenant.restore.schema"), str_z(mem, name));
    if (t->row->kind != TABLE_KEPT && t->row->kind != TABLE_SECRET) return not_ours();
    *n = json_array_size(columns);
    *places = NEW_N(mem, size_t, *n + 1);
    bool *seen = NEW_N(mem, bool, t->n);
    json_array_foreach(columns, i, one)
    {
        str column = json_text(json_array_get(one, 0)), type = json_text(json_array_get(one, 1));
        ptrdiff_t at = table_column(t, column);
        if (at < 0 || type.n != 1 || type.p[0] != t->v[at].type || seen[at]) return schema_differs(mem, t, column);
        seen[at] = true;
        (*places)[i] = (size_t)at;
    }
    for (i = 0; i < t->n; i++)
        if (!seen[i]) return schema_differs(mem, t, str_of(t->v[i].name));
    *out_t = t;
    return NO_ERR;
}

static err cell_parse(arena *mem, char type, const json_t *v, struct cell *out)
{
    *out = (struct cell){0};
    if (json_is_null(v)) out->null = true;
    else if (type == 'i' && json_is_integer(v)) out->i = json_integer_value(v);
    else if (type == 'f' && json_is_number(v)) out->f = json_number_value(v);
    else if (type == 's' && json_is_string(v)) out->s = json_text(v);
    else if (type == 'b' && json_is_string(v)) return hex_parse(mem, json_text(v), &out->s);
    else return not_ours();
    return NO_ERR;
}

err rows_parse(arena *mem, const struct tables *all, str text, const struct table **out_t, struct cells *out)
{
    str rest, head = str_split(text, '\n', &rest);
    size_t *places = NULL, n = 0;
    *out = (struct cells){0};
    TRY(columns_parse(mem, all, head, out_t, &places, &n));
    const struct table *t = *out_t;
    size_t most = 0;
    for (size_t i = 0; i < rest.n; i++) most += rest.p[i] == '\n';
    out->columns = t->n;
    out->v = NEW_N(mem, struct cell, most * t->n + 1);
    while (rest.n) {
        json_t *row;
        str line = str_split(rest, '\n', &rest);
        TRY(json_parse_max(mem, line, ROWS_MEMBER_MOST, &row));
        if (json_array_size(row) != n || out->n == most) return not_ours();
        for (size_t i = 0; i < n; i++)
            TRY(cell_parse(mem, t->v[places[i]].type, json_array_get(row, i), &out->v[out->n * t->n + places[i]]));
        out->n++;
    }
    return NO_ERR;
}

void archive_keys(struct blobs *b, arena *mem, str *out_ring, struct hash32 *out_key)
{
    struct hash32 name;
    blobs_secret_hash(b, S("tenant archive: which ring"), &name);
    *out_ring = hex_of(mem, name.b, 16);
    blobs_secret_hash(b, S("tenant archive: whole"), out_key);
}

void archive_tell(const struct archive_world *w, const char *what, int64_t n)
{
    if (w->progress) w->progress(w->progress_arg, what, n);
}
