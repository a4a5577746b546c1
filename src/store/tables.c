/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/tables.h"
#include <string.h>
#include "base/buf.h"
#include "base/log.h"
#include "store/engine.h"

/* What is made of records goes before them, since SQLite finds it by their keys. */
const struct table_row table_rows[] = {
    {"search", TABLE_MADE, .lite_key = "rowid", .of = "record", .of_key = "id"},
    {"place_box", TABLE_MADE, .lite_key = "id", .of = "place", .of_key = "record"},
    {"record_index", TABLE_MADE},
    {"counter", TABLE_MADE},
    {"counter_delta", TABLE_MADE},
    {"found", TABLE_MADE},
    {"found_word", TABLE_MADE},
    {"found_term", TABLE_MADE},
    {"lease", TABLE_PASSING},
    {"session", TABLE_PASSING},
    {"reset", TABLE_PASSING},
    {"change", TABLE_PASSING},
    {"body", TABLE_KEPT},
    {"kind", TABLE_KEPT},
    {"kind_revision", TABLE_KEPT},
    {"sheet", TABLE_KEPT},
    {"kind_sheet", TABLE_KEPT},
    {"synonym", TABLE_KEPT},
    {"search_miss", TABLE_KEPT},
    {"record", TABLE_KEPT},
    {"record_contact", TABLE_KEPT, .secret = "code_hash"},
    {"draft", TABLE_KEPT, .secret = "code_hash"},
    {"draft_token", TABLE_SECRET},
    {"journal", TABLE_KEPT},
    {"journal_note", TABLE_KEPT},
    {"journal_unsealed", TABLE_KEPT},
    {"journal_seal", TABLE_KEPT},
    {"journal_head", TABLE_KEPT},
    {"actor", TABLE_KEPT},
    {"message", TABLE_KEPT},
    {"letter", TABLE_KEPT},
    {"result", TABLE_KEPT},
    {"file", TABLE_KEPT, .secret = "blob wrapped_key part"},
    {"timer", TABLE_KEPT},
    {"job", TABLE_KEPT},
    {"outbox", TABLE_KEPT},
    {"mail_return", TABLE_KEPT},
    {"idempotency", TABLE_SECRET},
    {"account", TABLE_KEPT, .secret = "password"},
    {"token", TABLE_SECRET},
    {"team", TABLE_KEPT},
    {"team_member", TABLE_KEPT},
    {"role_grant", TABLE_KEPT},
    {"audit", TABLE_KEPT},
    {"value_list", TABLE_KEPT},
    {"value_item", TABLE_KEPT},
    {"link", TABLE_KEPT},
    {"place", TABLE_KEPT},
    {"support", TABLE_KEPT},
    {"inbox_view", TABLE_KEPT},
    {"inbox_start", TABLE_KEPT},
    {"absence", TABLE_KEPT},
    {"message_model", TABLE_KEPT},
    {"mass", TABLE_KEPT},
    {"mass_item", TABLE_KEPT},
    {"stat_day", TABLE_KEPT},
    {"stat_cursor", TABLE_KEPT},
    {"host", TABLE_KEPT, .tenant = "tenant_id"},
    {"tenant", TABLE_KEPT, .tenant = "id"},
    {"migration", TABLE_STORE},
    {"projection", TABLE_STORE},
    {0}};

static const char *tenant_column(const struct table *t) { return t->row->tenant ? t->row->tenant : "tenant"; }

/* ---- the schema ---- */

static char type_of(str declared)
{
    static const struct { const char *name; char type; } known[] = {{"INTEGER", 'i'}, {"bigint", 'i'}, {"REAL", 'f'}, {"DOUBLE", 'f'}, {"double precision", 'f'},
                                                                    {"TEXT", 's'}, {"text", 's'}, {"BLOB", 'b'}, {"bytea", 'b'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(declared, known[i].name)) return known[i].type;
    return '?';
}

/* The line that table_rows lacks, as it may be pasted. */
static err unknown(str name, bool has_tenant)
{
    static char line[400];
    snprintf(line, sizeof line, has_tenant ? "add to table_rows in src/store/tables.c: {\"%.*s\", TABLE_KEPT}, (TABLE_SECRET: hashes of codes and tokens, TABLE_MADE: a projection, "
                                             "TABLE_PASSING: of the moment)"
                                           : "add to table_rows in src/store/tables.c: {\"%.*s\", TABLE_STORE}, if it is of the whole store, or TABLE_KEPT with .tenant = its column",
             STR_ARG(name));
    log_line(LOG_ERROR, "store.tables", "%s", line);
    return FAIL_AT(E_INTERNAL, "store.tables_unknown", line);
}

/* Its columns are c's rows from..to. */
static void table_fill(arena *mem, struct table *t, const struct cells *c, size_t from, size_t to)
{
    t->n = to - from;
    t->v = NEW_N(mem, struct column, t->n);
    t->key = NEW_N(mem, size_t, t->n);
    for (size_t i = 0; i < t->n; i++) {
        const struct cell *row = c->v + (from + i) * c->columns;
        t->v[i] = (struct column){str_z(mem, row[1].s), type_of(row[2].s)};
    }
    for (int64_t place = 1; place <= (int64_t)t->n; place++)
        for (size_t i = 0; i < t->n; i++)
            if (c->v[(from + i) * c->columns + 3].i == place && strcmp(t->v[i].name, tenant_column(t)) != 0) t->key[t->n_key++] = i;
}

static err one_table(arena *mem, const struct cells *c, size_t from, size_t to, struct table *found)
{
    str name = c->v[from * c->columns].s;
    bool has_tenant = false;
    for (size_t i = from; i < to; i++) has_tenant |= str_is(c->v[i * c->columns + 1].s, "tenant");
    for (size_t i = 0; table_rows[i].name; i++) {
        if (!str_is(name, table_rows[i].name)) continue;
        found[i].row = &table_rows[i];
        table_fill(mem, &found[i], c, from, to);
        return NO_ERR;
    }
    return unknown(name, has_tenant);
}

err tables_read(db *d, arena *mem, struct tables *out)
{
    struct cells c;
    size_t rows = 0;
    *out = (struct tables){0};
    while (table_rows[rows].name) rows++;
    struct table *found = NEW_N(mem, struct table, rows);
    TRY(query_rows(d, mem, d->store->engine->columns_text, 0, 0, &c));
    for (size_t from = 0, to; from < c.n; from = to) {
        for (to = from; to < c.n && str_eq(c.v[to * c.columns].s, c.v[from * c.columns].s);) to++;
        TRY(one_table(mem, &c, from, to, found));
    }
    out->v = NEW_N(mem, struct table, rows);
    for (size_t i = 0; i < rows; i++)
        if (found[i].row) out->v[out->n++] = found[i];
    return NO_ERR;
}

const struct table *table_find(const struct tables *all, str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_is(name, all->v[i].row->name)) return &all->v[i];
    return 0;
}

ptrdiff_t table_column(const struct table *t, str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_is(name, t->v[i].name)) return (ptrdiff_t)i;
    return -1;
}

bool column_is_secret(const struct table *t, const char *name)
{
    for (str one, rest = str_of(t->row->secret); rest.n;) {
        one = str_split(rest, ' ', &rest);
        if (str_is(one, name)) return true;
    }
    return false;
}

/* ---- statements ---- */

enum { VALUES_MOST = 480, TEXT_MOST = 1 << 18 };
struct statement { buf text; struct sql_value v[VALUES_MOST]; size_t n; bool lite; };

static void value_put(struct statement *s, char type, const struct cell *c)
{
    /* A NULL parameter would have a type, which is not always the column's. */
    if (c->null || s->n == VALUES_MOST) {
        buf_lit(&s->text, "NULL");
        return;
    }
    str text = c->s.p ? c->s : S("");
    s->v[s->n++] = type == 'i' ? (struct sql_value)SQL_V_I64(c->i) : type == 'f' ? (struct sql_value)SQL_V_F64(c->f)
                   : type == 's' ? (struct sql_value)SQL_V_STR(text) : (struct sql_value)SQL_V_BYTES(text);
    buf_fmt(&s->text, "%c%zu", s->lite ? '?' : '$', s->n);
}

static void keys_put(struct statement *s, const struct table *t, const char *before)
{
    for (size_t i = 0; i < t->n_key; i++) buf_fmt(&s->text, "%s\"%s\"", i ? ", " : before, t->v[t->key[i]].name);
}

/* (a, b) > ($2, $3): a whole row's key. */
static void bound_put(struct statement *s, const struct table *t, const char *compare, const struct cell *row)
{
    keys_put(s, t, " AND (");
    buf_fmt(&s->text, ") %s (", compare);
    for (size_t i = 0; i < t->n_key; i++) {
        if (i) buf_lit(&s->text, ", ");
        value_put(s, t->v[t->key[i]].type, &row[t->key[i]]);
    }
    buf_char(&s->text, ')');
}

static struct statement begin(const db *d, const struct table *t, int64_t tenant, const char *what)
{
    struct statement s = {.text = BUF(TEXT_MOST), .lite = store_is_sqlite(d->store)};
    buf_fmt(&s.text, "%s FROM \"%s\" WHERE \"%s\" = ", what, t->row->name, tenant_column(t));
    value_put(&s, 'i', &(struct cell){.i = tenant});
    return s;
}

static err run(db *d, arena *mem, struct statement *s, struct cells *out)
{
    err e = s->text.full ? FAIL(E_TOO_LARGE, "store.too_large") : query_rows(d, mem, str_z(mem, buf_str(&s->text)), s->v, s->n, out);
    buf_free(&s->text);
    return e;
}

static void columns_put(buf *b, const struct table *t)
{
    for (size_t i = 0; i < t->n; i++) buf_fmt(b, "%s\"%s\"", i ? ", " : "", t->v[i].name);
}

err table_page(db *d, arena *mem, const struct table *t, int64_t tenant, const struct cell *after, int n, struct cells *out)
{
    *out = (struct cells){0};
    if (after && !t->n_key) return NO_ERR;              /* one row is all there is */
    buf what = BUF(TEXT_MOST);
    buf_lit(&what, "SELECT ");
    columns_put(&what, t);
    struct statement s = begin(d, t, tenant, str_z(mem, buf_str(&what)));
    buf_free(&what);
    if (after) bound_put(&s, t, ">", after);
    keys_put(&s, t, " ORDER BY ");
    buf_fmt(&s.text, " LIMIT %d", n);
    return run(d, mem, &s, out);
}

err table_count(db *d, arena *mem, const struct table *t, int64_t tenant, int64_t *out)
{
    struct cells c;
    struct statement s = begin(d, t, tenant, "SELECT COUNT(*)");
    TRY(run(d, mem, &s, &c));
    *out = c.n ? c.v[0].i : 0;
    return NO_ERR;
}

static err insert_some(db *w, arena *mem, const struct table *t, const struct cell *rows, size_t n)
{
    struct statement s = {.text = BUF(TEXT_MOST), .lite = store_is_sqlite(w->store)};
    struct cells none;
    buf_fmt(&s.text, "INSERT INTO \"%s\" (", t->row->name);
    columns_put(&s.text, t);
    buf_lit(&s.text, ") VALUES ");
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < t->n; c++) {
            buf_lit(&s.text, c ? ", " : i ? "), (" : "(");
            value_put(&s, t->v[c].type, &rows[i * t->n + c]);
        }
    buf_lit(&s.text, ") ON CONFLICT DO NOTHING");
    return run(w, mem, &s, &none);
}

err table_insert(db *w, arena *mem, const struct table *t, const struct cell *rows, size_t n)
{
    size_t most = VALUES_MOST / t->n;
    for (size_t i = 0; i < n; i += most) TRY(insert_some(w, mem, t, rows + i * t->n, n - i < most ? n - i : most));
    return NO_ERR;
}

/* ---- removing ---- */

/* Keys of up to n rows after that one, in a whole row's places. */
static err last_of(db *d, arena *mem, const struct table *t, int64_t tenant, const struct cell *after, int n, const struct cell **out)
{
    struct cells c = {0};
    buf what = BUF(TEXT_MOST);
    for (size_t i = 0; i < t->n_key; i++) buf_fmt(&what, "%s\"%s\"", i ? ", " : "SELECT ", t->v[t->key[i]].name);
    struct statement s = begin(d, t, tenant, t->n_key ? str_z(mem, buf_str(&what)) : "SELECT 1");
    buf_free(&what);
    if (after) bound_put(&s, t, ">", after);
    keys_put(&s, t, " ORDER BY ");
    buf_fmt(&s.text, " LIMIT %d", n);
    *out = 0;
    TRY(run(d, mem, &s, &c));
    if (!c.n) return NO_ERR;
    struct cell *row = NEW_N(mem, struct cell, t->n);
    for (size_t i = 0; i < t->n_key; i++) row[t->key[i]] = c.v[(c.n - 1) * c.columns + i];
    *out = row;
    return NO_ERR;
}

/* Of a virtual table: what stands for rows of another one. */
static err remove_of(db *w, arena *mem, const struct table_row *r, int64_t tenant, const struct cell *after, int n, const struct cell **last)
{
    struct cells c;
    int64_t from = after ? after->i : -1;
    struct sql_value v[] = {SQL_V_I64(tenant), SQL_V_I64(from), SQL_V_I64(0)};
    *last = 0;
    TRY(query_rows(w, mem, str_z(mem, str_fmt(mem, "SELECT %s FROM %s WHERE tenant = ?1 AND %s > ?2 ORDER BY %s LIMIT %d", r->of_key, r->of, r->of_key, r->of_key, n)), v, 2, &c));
    if (!c.n) return NO_ERR;
    struct cell *end = NEW(mem, struct cell);
    *end = c.v[c.n - 1];
    v[2].i = end->i;
    const char *text = str_z(mem, str_fmt(mem, "DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE tenant = ?1 AND %s > ?2 AND %s <= ?3)", r->name, r->lite_key, r->of_key,
                                          r->of, r->of_key, r->of_key));
    TRY(query_rows(w, mem, text, v, 3, &c));
    *last = end;
    return NO_ERR;
}

err table_remove(db *w, arena *mem, const struct table *t, int64_t tenant, const struct cell *after, int n, const struct cell **last)
{
    struct cells none;
    if (t->row->lite_key && store_is_sqlite(w->store)) return remove_of(w, mem, t->row, tenant, after, n, last);
    *last = 0;
    if (after && !t->n_key) return NO_ERR;
    TRY(last_of(w, mem, t, tenant, after, n, last));
    if (!*last) return NO_ERR;
    struct statement s = begin(w, t, tenant, "DELETE");
    if (after) bound_put(&s, t, ">", after);
    if (t->n_key) bound_put(&s, t, "<=", *last);
    return run(w, mem, &s, &none);
}
