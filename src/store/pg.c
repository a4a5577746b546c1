/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One PostgreSQL connection: settings, queueing, answers, errors, cells. */
#include "store/pg.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/words.h"

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT4 = 700,
       OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_BPCHAR = 1042, OID_VARCHAR = 1043 };
enum { PREPARED_MOST = 256 };

/* Sequential scans would lock whole tables for the serializability check: small tables would conflict for nothing. */
static const char settings[] =
    "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET statement_timeout = '20s'; SET jit = off; SET enable_seqscan = off;"
    "SET idle_in_transaction_session_timeout = '20s'; SET standard_conforming_strings = on";

/* ---- connecting ---- */

/* The URL's own words win over these. */
static const char *const defaults[][2] = {{"connect_timeout", "3"}, {"tcp_user_timeout", "5000"}, {"keepalives_idle", "5"},
    {"keepalives_interval", "2"}, {"keepalives_count", "3"}, {"target_session_attrs", "read-write"}, {"application_name", "beffroi"},
    {"client_encoding", "UTF8"}, {0}};

static PGconn *connect_url(const char *url)
{
    enum { MOST = 80 };
    const char *keys[MOST], *values[MOST];
    int n = 0;
    PQconninfoOption *given = PQconninfoParse(url, 0);
    if (!given) return 0;
    for (int i = 0; defaults[i][0]; i++) keys[n] = defaults[i][0], values[n++] = defaults[i][1];
    for (PQconninfoOption *o = given; o->keyword && n < MOST - 1; o++)
        if (o->val) keys[n] = o->keyword, values[n++] = o->val;
    keys[n] = values[n] = 0;
    PGconn *h = PQconnectdbParams(keys, values, 0);
    PQconninfoFree(given);
    return h;
}

static void notice_quiet(void *arg, const PGresult *r)
{
    (void)arg, (void)r;
}

err pg_connect(const char *url, struct pg **out)
{
    struct pg *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->prepared = calloc((size_t)sql_statement_limit + 1, sizeof *c->prepared);
    if (!c->prepared) abort();
    c->mem = arena_new(0);
    c->h = connect_url(url);
    err e = c->h ? NO_ERR : FAIL(E_CONFIG, "store.url");
    if (c->h && PQstatus(c->h) != CONNECTION_OK) {
        store_complain("store.postgresql", "", PQerrorMessage(c->h));
        e = FAIL(E_IO, "store.unreachable");
    }
    if (e.code == OK) {
        PQsetNoticeReceiver(c->h, notice_quiet, 0);
        PGresult *r = PQexec(c->h, settings);
        if (PQresultStatus(r) != PGRES_COMMAND_OK || !PQenterPipelineMode(c->h)) e = FAIL(E_IO, "store.unreachable");
        PQclear(r);
    }
    if (e.code != OK) pg_close(c);
    else *out = c;
    return e;
}

void pg_close(struct pg *c)
{
    if (!c) return;
    PQclear(c->result);
    PQfinish(c->h);
    arena_free(c->mem);
    free(c->prepared);
    free(c);
}

/* ---- errors ---- */

struct state_row { const char *prefix; enum pg_fault fault; err e; };
static const struct state_row states[] = { /* the first that fits */
    {"40001", PG_AGAIN, {E_BUSY, W("store.conflict"), 0}}, {"40P01", PG_AGAIN, {E_BUSY, W("store.conflict"), 0}},
    {"08", PG_LOST, {E_IO, W("store.unreachable"), 0}}, {"57P0", PG_LOST, {E_IO, W("store.unreachable"), 0}},
    {"25006", PG_LOST, {E_IO, W("store.read_only"), 0}}, {"25P03", PG_LOST, {E_IO, W("store.unreachable"), 0}},
    {"26000", PG_LOST, {E_IO, W("store.unreachable"), 0}}, {"0A000", PG_LOST, {E_INTERNAL, W("store.statement"), 0}},
    {"23505", PG_ERROR, {E_EXISTS, W("store.exists"), 0}}, {"23503", PG_ERROR, {E_INVALID, W("store.reference"), 0}},
    {"23", PG_ERROR, {E_INVALID, W("store.constraint"), 0}}, {"22021", PG_ERROR, {E_INVALID, W("store.bad_text"), 0}},
    {"22", PG_ERROR, {E_INVALID, W("store.constraint"), 0}}, {"53100", PG_ERROR, {E_FULL, W("store.full"), 0}},
    {"53", PG_ERROR, {E_BUSY, W("store.busy"), 0}}, {"57014", PG_ERROR, {E_BUSY, W("store.busy"), 0}}, {"55P03", PG_ERROR, {E_BUSY, W("store.busy"), 0}},
    {"58", PG_ERROR, {E_IO, W("store.io"), 0}}, {"XX001", PG_ERROR, {E_IO, W("store.corrupt"), 0}}, {"XX002", PG_ERROR, {E_IO, W("store.corrupt"), 0}},
    {"54", PG_ERROR, {E_TOO_LARGE, W("store.too_large"), 0}}, {"", PG_ERROR, {E_INTERNAL, W("store.statement"), 0}}};

/* Only the primary message is logged: the detail may hold what people wrote. */
err pg_error_of(const PGresult *r, enum pg_fault *out_fault)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE), *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const struct state_row *row = states;
    if (!state) state = "08000";
    while (strncmp(state, row->prefix, strlen(row->prefix)) != 0) row++;
    if (row->e.code == E_INTERNAL) log_line(LOG_ERROR, "store.statement", "%s %s", state, words ? words : "");
    else if (row->e.code == E_IO || row->e.code == E_FULL) store_complain("store.postgresql", state, words);
    *out_fault = row->fault;
    return row->e;
}

static void fault_set(struct pg *c, enum pg_fault fault, err e, bool deferred)
{
    if (c->fault == PG_LOST || (c->fault != PG_FINE && fault != PG_LOST)) return;
    c->fault = fault;
    c->error = e;
    c->deferred_fault = deferred;
}

static void lost(struct pg *c)
{
    const char *words = PQerrorMessage(c->h);
    if (c->fault != PG_LOST) store_complain("store.postgresql", "", *words ? words : "the connection was lost");
    fault_set(c, PG_LOST, FAIL(E_IO, "store.unreachable"), false);
}

/* ---- sending ---- */

static void sent(struct pg *c, int ok, struct pg_sent what)
{
    if (!ok) lost(c);
    else c->sent[c->n_sent++] = what;
}

void pg_send_control(struct pg *c, const char *text)
{
    if (c->fault == PG_LOST) return;
    sent(c, PQsendQueryParams(c->h, text, 0, 0, 0, 0, 0, 1), (struct pg_sent){.kind = SENT_CONTROL});
}

struct params {
    enum { FEW = 32 } few;
    const char **values, *few_values[FEW];
    int *lengths, few_lengths[FEW], *formats, few_formats[FEW];
    Oid *types, few_types[FEW];
    uint64_t *numbers, few_numbers[FEW];
    void *big;
    int n;
};

static void params_room(struct params *p, size_t n)
{
    p->big = 0;
    p->n = 0;
    if (n <= FEW) {
        p->values = p->few_values, p->lengths = p->few_lengths, p->formats = p->few_formats, p->types = p->few_types, p->numbers = p->few_numbers;
        return;
    }
    p->big = calloc(n, sizeof *p->values + sizeof *p->lengths + sizeof *p->formats + sizeof *p->types + sizeof *p->numbers);
    if (!p->big) abort();
    p->numbers = p->big;
    p->values = (const char **)(void *)(p->numbers + n);
    p->lengths = (int *)(void *)(p->values + n);
    p->formats = p->lengths + n;
    p->types = (Oid *)(void *)(p->formats + n);
}

static void param_put(struct params *p, const struct sql_value *v)
{
    static const Oid types[] = {OID_INT8, OID_FLOAT8, OID_TEXT, OID_BYTEA};
    int i = p->n++;
    p->types[i] = types[v->type];
    p->formats[i] = 1;
    if (v->type == SQL_I64 || v->type == SQL_F64) {
        uint64_t bits;
        memcpy(&bits, v->type == SQL_I64 ? (const void *)&v->i : (const void *)&v->f, sizeof bits);
        p->numbers[i] = htobe64(bits);
        p->values[i] = (const char *)&p->numbers[i];
        p->lengths[i] = 8;
    } else {
        p->values[i] = v->s.p;
        p->lengths[i] = (int)v->s.n;
    }
}

static void params_fill(struct params *p, const struct query *q)
{
    params_room(p, q->n + 1);
    if (q->bind_tenant) param_put(p, &(struct sql_value)SQL_V_I64(q->tenant));
    for (size_t i = 0; i < q->n; i++) param_put(p, &q->p[i]);
}

void pg_send_query(struct pg *c, const struct query *q, bool deferred)
{
    struct params p;
    char name[24];
    if (c->n_sent + 4 > PG_SENT_MOST) pg_drain(c);
    if (c->fault == PG_LOST) return;
    params_fill(&p, q);
    if (q->s) {
        int number = *q->s->base + q->s->index;
        snprintf(name, sizeof name, "s%d", number);
        if (!c->prepared[number]) {
            sent(c, PQsendPrepare(c->h, name, q->s->text[DIALECT_PG], p.n, p.types), (struct pg_sent){.kind = SENT_PREPARE, .number = number});
            c->prepared[number] = true;
            c->n_prepared++;
        }
        sent(c, c->fault != PG_LOST && PQsendQueryPrepared(c->h, name, p.n, p.values, p.lengths, p.formats, 1),
             (struct pg_sent){.kind = SENT_RUN, .deferred = deferred, .kept = !deferred});
    } else {
        sent(c, PQsendQueryParams(c->h, q->text, p.n, p.types, p.values, p.lengths, p.formats, 1), (struct pg_sent){.kind = SENT_RUN, .kept = true});
    }
    free(p.big);
}

/* ---- answers ---- */

static void answer(struct pg *c, const struct pg_sent *what, PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
    if (!good && what->kind == SENT_PREPARE && c->prepared[what->number]) {
        c->prepared[what->number] = false;
        c->n_prepared--;
    }
    if (status == PGRES_FATAL_ERROR) {
        enum pg_fault fault;
        err e = pg_error_of(r, &fault);
        if (PQstatus(c->h) == CONNECTION_BAD) lost(c);
        else fault_set(c, fault, e, what->deferred);
    }
    if (what->kind == SENT_CONTROL && good) c->committed = strcmp(PQcmdStatus(r), "COMMIT") == 0;
    if (what->kept && good) {
        PQclear(c->result);
        c->result = r;
    } else {
        PQclear(r);
    }
}

void pg_drain(struct pg *c)
{
    if (c->fault != PG_LOST) sent(c, PQpipelineSync(c->h), (struct pg_sent){.kind = SENT_SYNC});
    for (int i = 0; i < c->n_sent && c->fault != PG_LOST; i++) {
        PGresult *r = PQgetResult(c->h);
        if (!r) {
            lost(c);
            break;
        }
        answer(c, &c->sent[i], r);
        if (c->sent[i].kind == SENT_SYNC) continue;
        while (c->fault != PG_LOST && (r = PQgetResult(c->h))) PQclear(r);
    }
    c->n_sent = 0;
    if (c->fault != PG_LOST && PQstatus(c->h) == CONNECTION_BAD) lost(c);
}

/* ---- cells ---- */

bool pg_type_agrees(Oid type, enum sql_type wanted)
{
    bool integer = type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
    switch (wanted) {
    case SQL_I64: return integer;
    case SQL_F64: return type == OID_FLOAT8 || type == OID_FLOAT4 || (integer && type != OID_BOOL);
    case SQL_STR: return type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR || type == OID_NAME || type == OID_UNKNOWN;
    case SQL_BYTES: return type == OID_BYTEA || type == OID_TEXT; /* NULL alone is text */
    }
    return false;
}

static uint64_t big_endian(const char *p, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++) v = v << 8 | (unsigned char)p[i];
    return v;
}

static bool cell_read(const PGresult *r, int row, int i, struct cell *c)
{
    const char *p = PQgetvalue(r, row, i);
    int n = PQgetlength(r, row, i);
    *c = (struct cell){0};
    if (PQgetisnull(r, row, i)) {
        c->null = true;
        return true;
    }
    uint64_t bits = n <= 8 ? big_endian(p, n) : 0;
    float single;
    uint32_t low = (uint32_t)bits;
    switch (PQftype(r, i)) {
    case OID_INT8: c->i = (int64_t)bits; break;
    case OID_INT4: c->i = (int32_t)low; break;
    case OID_INT2: c->i = (int16_t)bits; break;
    case OID_BOOL: c->i = bits != 0; break;
    case OID_FLOAT8: memcpy(&c->f, &bits, sizeof c->f); return true;
    case OID_FLOAT4: memcpy(&single, &low, sizeof single); c->f = (double)single; return true;
    case OID_TEXT: case OID_VARCHAR: case OID_BPCHAR: case OID_NAME: case OID_UNKNOWN: case OID_BYTEA: c->s = (str){p, (size_t)n}; return true;
    default: return false;
    }
    c->f = (double)c->i;
    return true;
}

static err rows_give(const PGresult *r, struct query *q)
{
    enum { MOST_COLUMNS = 64 };
    struct cell cells[MOST_COLUMNS];
    int rows = PQntuples(r), n = PQnfields(r);
    if (n > MOST_COLUMNS) n = MOST_COLUMNS;
    for (int row = 0; row < rows && q->row; row++) {
        for (int i = 0; i < n; i++)
            if (!cell_read(r, row, i, &cells[i])) {
                log_line(LOG_ERROR, "store.column_type", "%s: type %u", PQfname(r, i), PQftype(r, i));
                return FAIL(E_INTERNAL, "store.column_type");
            }
        if (!q->row(q->row_arg, cells, (size_t)n)) break;
    }
    return NO_ERR;
}

static int64_t changed_of(PGresult *r)
{
    int64_t n = 0;
    return str_i64(str_of(PQcmdTuples(r)), &n).code == OK ? n : 0;
}

err pg_finish_query(struct pg *c, struct query *q)
{
    pg_drain(c);
    err e = c->fault != PG_FINE ? c->error : NO_ERR;
    if (e.code == OK && c->result) {
        q->changed = changed_of(c->result);
        e = rows_give(c->result, q);
    }
    PQclear(c->result);
    c->result = 0;
    return e;
}
