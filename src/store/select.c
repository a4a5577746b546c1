/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/select.h"
#include <ctype.h>
#include <string.h>
#include "base/buf.h"
#include "base/log.h"
#include "store/engine.h"

struct values { struct sql_value *v; size_t n; };
struct parts { const char **v; size_t n; };

struct select {
    arena *mem;
    const char *columns, *from, *aliases, *group, *order;
    struct parts where;                 /* with '?' for each value */
    struct values values;
    int limit;
};

struct select *select_new(arena *mem, const char *columns, const char *from, const char *tenant_aliases)
{
    struct select *q = NEW(mem, struct select);
    *q = (struct select){.mem = mem, .columns = columns, .from = from, .aliases = tenant_aliases};
    return q;
}

static const char *compare_text(enum compare c)
{
    static const char *const texts[] = {"=", "<>", "<", "<=", ">", ">=", "IN"};
    return texts[c];
}

static void where_put(struct select *q, str text)
{
    PUSH(q->mem, &q->where, str_z(q->mem, text));
}

void select_value_i64(struct select *q, int64_t v)
{
    PUSH(q->mem, &q->values, (struct sql_value)SQL_V_I64(v));
}

void select_value_f64(struct select *q, double v)
{
    PUSH(q->mem, &q->values, (struct sql_value)SQL_V_F64(v));
}

void select_value_str(struct select *q, str v)
{
    PUSH(q->mem, &q->values, (struct sql_value)SQL_V_STR(v));
}

void select_where_i64(struct select *q, const char *column, enum compare c, int64_t v)
{
    where_put(q, c == CMP_IN ? str_fmt(q->mem, "%s IN (?)", column) : str_fmt(q->mem, "%s %s ?", column, compare_text(c)));
    select_value_i64(q, v);
}

void select_where_str(struct select *q, const char *column, enum compare c, str v)
{
    where_put(q, c == CMP_IN ? str_fmt(q->mem, "%s IN (?)", column) : str_fmt(q->mem, "%s %s ?", column, compare_text(c)));
    select_value_str(q, v);
}

/* "column IN (?, ?)"; nothing is in an empty list. */
static void where_in(struct select *q, const char *column, size_t n)
{
    if (!n) {
        where_put(q, S("1 = 0"));
        return;
    }
    buf b = BUF(1 << 20);
    buf_fmt(&b, "%s IN (?", column);
    for (size_t i = 1; i < n; i++) buf_lit(&b, ", ?");
    buf_char(&b, ')');
    where_put(q, buf_str(&b));
    buf_free(&b);
}

void select_where_in(struct select *q, const char *column, struct strs values)
{
    where_in(q, column, values.n);
    for (size_t i = 0; i < values.n; i++) select_value_str(q, values.v[i]);
}

void select_where_in_bytes(struct select *q, const char *column, struct strs values)
{
    where_in(q, column, values.n);
    for (size_t i = 0; i < values.n; i++) PUSH(q->mem, &q->values, (struct sql_value)SQL_V_BYTES(values.v[i]));
}

void select_where_in_i64(struct select *q, const char *column, const int64_t *v, size_t n)
{
    where_in(q, column, n);
    for (size_t i = 0; i < n; i++) select_value_i64(q, v[i]);
}

void select_where(struct select *q, const char *sql_with_question_marks)
{
    where_put(q, str_fmt(q->mem, "(%s)", sql_with_question_marks));
}

void select_group(struct select *q, const char *group_by) { q->group = group_by; }
void select_order(struct select *q, const char *order_by) { q->order = order_by; }
void select_limit(struct select *q, int n) { q->limit = n; }

/* "r,ri": "r.tenant = ? AND ri.tenant = ?"; all of them are ?1. */
static void tenant_put(buf *b, const struct select *q, const char *mark)
{
    str rest = str_of(q->aliases);
    for (bool first = true; rest.n; first = false) {
        str alias = str_trim(str_split(rest, ',', &rest));
        buf_fmt(b, "%s%.*s.tenant = %s", first ? "" : " AND ", STR_ARG(alias), mark);
    }
}

static bool order_ends_well(const struct select *q)
{
    if (!q->order) return true;
    size_t n = strlen(q->order);
    for (const char *const *w = (const char *const[]){" DESC", " ASC", " desc", " asc", 0}; *w; w++)
        if (n > strlen(*w) && strcmp(q->order + n - strlen(*w), *w) == 0) n -= strlen(*w);
    size_t from = n;
    while (from > 0 && (isalnum((unsigned char)q->order[from - 1]) || q->order[from - 1] == '_')) from--;
    str last = {q->order + from, n - from};
    return str_is(last, "id") || str_is(last, "record") || str_is(last, "rowid");
}

/* '?' becomes ?n or $n::type; returns how many there were. */
static size_t marks_put(buf *b, const char *text, size_t done, const struct values *v, bool pg)
{
    static const char *const types[] = {[SQL_I64] = "bigint", [SQL_F64] = "float8", [SQL_STR] = "text", [SQL_BYTES] = "bytea"};
    for (; *text; text++) {
        if (*text != '?') {
            buf_char(b, *text);
            continue;
        }
        size_t n = done++;
        if (n >= v->n) continue;
        if (!pg) buf_fmt(b, "?%zu", n + 2);
        else buf_fmt(b, "$%zu::%s", n + 2, types[v->v[n].type]);
    }
    return done;
}

static bool text_make(buf *b, const struct select *q, bool pg)
{
    size_t used = 0;
    buf_fmt(b, "SELECT %s FROM %s WHERE ", q->columns, q->from);
    tenant_put(b, q, pg ? "$1::bigint" : "?1");
    for (size_t i = 0; i < q->where.n; i++) {
        buf_lit(b, " AND ");
        used = marks_put(b, q->where.v[i], used, &q->values, pg);
    }
    if (q->group) buf_fmt(b, " GROUP BY %s", q->group);
    if (q->order) buf_fmt(b, " ORDER BY %s", q->order);
    if (q->limit > 0) buf_fmt(b, " LIMIT %d", q->limit);
    return used == q->values.n && !b->full;
}

err select_run(db *d, arena *mem, struct select *q, struct cells *out)
{
    buf b = BUF(1 << 20);
    *out = (struct cells){0};
    const char *wrong = !q->aliases || !*q->aliases ? "no tenant" : !order_ends_well(q) ? "the order does not end with id" : 0;
    if (!wrong && !text_make(&b, q, !store_is_sqlite(d->store))) wrong = "as many values as question marks are needed";
    const char *text = str_z(q->mem, buf_str(&b));
    buf_free(&b);
    if (wrong) {
        log_line(LOG_ERROR, "store.select", "%s: %s", q->from, wrong);
        return FAIL(E_INTERNAL, "store.select");
    }
    struct values p = {0};
    PUSH(q->mem, &p, (struct sql_value)SQL_V_I64(d->tenant));
    for (size_t i = 0; i < q->values.n; i++) PUSH(q->mem, &p, q->values.v[i]);
    return query_rows(d, mem, text, p.v, p.n, out);
}
