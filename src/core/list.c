/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One page of a list. Ways to walk, all by key and in order:
     words      along the full-text index;
     a filter   along its range of the side index, the other filters probed by primary key;
     states     along (kind, state, …) of record, one walk for each kind and state, merged; of an agent or a team, along theirs;
     author     along the author's records;    public: along what is published of a kind.
   Between a filter and the states, the one whose newest rows reach further back is sparser, and is walked. */
#include "base/said.h"
#include "core/list.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "core/projection.h"
#include "core/search.h"
#include "gen/sql/core/list.sql.h"

#define COLUMNS "r.id, r.body, r.revision, r.version, r.author, r.team, r.assignee, r.kind, r.state, r.reference, r.channel, r.title, " \
                "r.public_title, r.summary, r.created, r.updated, r.published, r.expires, r.entered, r.due, r.silence, r.suspended"
enum { PROBE = 24, PAGE_MAX = 1000 };

struct cursor { int64_t key, id; bool is_set; };
struct walk {
    db *d; arena *mem; const struct list_query *q;
    str kind;
    bool is_public, desc;
    const char *column;             /* of record: what the page is sorted by */
    int limit;
    struct cursor after;
};
struct keyed { int64_t key; struct record r; };
struct keyed_list { struct keyed *v; size_t n; };

static const char *columns_of(const struct walk *w, const char *key)
{
    bool doc = w->q->with_doc || w->is_public;
    return str_z(w->mem, str_fmt(w->mem, COLUMNS ", %s AS sort_key%s", key, doc ? ", r.masks, r.doc" : ""));
}

static err row_read(const struct walk *w, const struct cell *c, size_t n, struct keyed *out)
{
    struct record *r = &out->r;
    *r = (struct record){.id = c[0].i, .body = c[1].i, .revision = c[2].i, .version = c[3].i, .author = c[4].i, .team = c[5].i, .assignee = c[6].i,
                         .kind = c[7].s, .state = c[8].s, .reference = c[9].s, .channel = c[10].s, .title = said_in(c[11].s, LANG_FR), .public_title = said_in(c[12].s, LANG_FR),
                         .summary = said_in(c[13].s, LANG_FR), .created_us = c[14].i, .updated_us = c[15].i, .published_us = c[16].i, .expires_us = c[17].i,
                         .entered_us = c[18].i, .due_us = c[19].i, .silence_us = c[20].i, .suspended_us = c[21].i};
    out->key = c[22].i;
    if (n <= 24) return NO_ERR;
    if (c[23].s.n) TRY(doc_read(w->mem, c[23].s, &r->masks));
    return doc_read(w->mem, c[24].s, &r->doc);
}

/* ---- conditions ---- */

/* The id of a public filter's rows has a star: they exist only while the value is public. */
static str index_field(const struct walk *w, str field_id)
{
    return w->is_public ? str_fmt(w->mem, "*%.*s", STR_ARG(field_id)) : field_id;
}

/* of: the alias whose row is probed for. Of the side index it names nothing of record: SQLite then tests it before it fetches the record.
   OFFSET keeps PostgreSQL from turning the probe into a join of two whole ranges: a page is 26 rows of a walk. */
static void where_filter(const struct walk *w, struct select *s, const struct list_filter *f, char of, const char *created, const char *id)
{
    /* house: a fragment for the select builder; created and id are columns written here, never what somebody typed */
    select_where(s, str_z(w->mem, str_fmt(w->mem, "EXISTS (SELECT 1 FROM record_index x WHERE x.tenant = %c.tenant AND x.kind = ? AND x.field = ? AND x.value = ? "
                                                  "AND x.created = %s AND x.record = %s LIMIT 1 OFFSET 0)", of, created, id)));
    select_value_str(s, w->kind);
    select_value_str(s, index_field(w, f->field_id));
    select_value_str(s, f->value);
}

/* All but kind, states and filters: what is tested on the row itself. */
static void where_row(const struct walk *w, struct select *s)
{
    const struct list_query *q = w->q;
    if (q->body) select_where_i64(s, "r.body", CMP_EQ, q->body);
    if (q->team) select_where_i64(s, "r.team", CMP_EQ, q->team);
    if (q->assignee && q->also.n) {
        struct { int64_t *v; size_t n; } all = {NEW_N(w->mem, int64_t, q->also.n + 1), q->also.n + 1};
        memcpy(all.v, q->also.v, q->also.n * sizeof *all.v);
        all.v[q->also.n] = q->assignee;
        select_where_in_i64(s, "r.assignee", all.v, all.n);
    } else if (q->assignee) select_where_i64(s, "r.assignee", CMP_EQ, q->assignee);
    if (q->author) select_where_i64(s, "r.author", CMP_EQ, q->author);
    if (q->unassigned) select_where_i64(s, "r.assignee", CMP_EQ, 0);
    if (q->late) {
        select_where_i64(s, "r.due", CMP_GT, 0);
        select_where_i64(s, "r.due", CMP_LT, q->now_us);
    }
    if (q->sort == LIST_DUE) select_where_i64(s, "r.due", CMP_NE, 0);
    if (w->is_public) select_where_i64(s, "r.published", CMP_NE, 0);
    else may_where(q->who, q->verb, s, "r");
}

/* Written as an expression: it chooses no index. */
static void where_pairs(const struct walk *w, struct select *s)
{
    if (w->q->pairs.n) select_where_in(s, "r.kind || ' ' || r.state", w->q->pairs);
}

static void where_states(const struct walk *w, struct select *s)
{
    if (w->kind.n) select_where_str(s, "r.kind", CMP_EQ, w->kind);
    if (w->q->states.n) select_where_in(s, "r.state", w->q->states);
}

static void page_by(const struct walk *w, struct select *s, const char *key, const char *id, const char *order_id)
{
    if (w->after.is_set) {
        select_where(s, str_z(w->mem, str_fmt(w->mem, "(%s, %s) %s (?, ?)", key, id, w->desc ? "<" : ">")));
        select_value_i64(s, w->after.key);
        select_value_i64(s, w->after.id);
    }
    const char *way = w->desc ? "DESC" : "ASC";
    select_order(s, strcmp(key, id) == 0 ? str_z(w->mem, str_fmt(w->mem, "%s %s", order_id, way))
                                         : str_z(w->mem, str_fmt(w->mem, "%s %s, %s %s", key, way, order_id, way)));
    select_limit(s, w->limit + 1);
}

static err walk_run(const struct walk *w, struct select *s, struct keyed_list *out)
{
    struct cells c;
    TRY(select_run(w->d, w->mem, s, &c));
    for (size_t i = 0; i < c.n; i++) {
        struct keyed k;
        TRY(row_read(w, c.v + i * c.columns, c.columns, &k));
        PUSH(w->mem, out, k);
    }
    return NO_ERR;
}

/* ---- the ways ---- */

static err walk_words(const struct walk *w, struct keyed_list *out)
{
    bool lite = store_is_sqlite(db_store(w->d));
    const char *created = w->is_public ? "r.published" : "r.created";
    struct select *s = select_new(w->mem, columns_of(w, "r.id"), lite ? "search CROSS JOIN record r" : "search JOIN record r ON r.tenant = search.tenant",
                                  lite ? "r" : "search,r");
    if (!search_where(w->mem, w->d, s, w->is_public, w->q->words, w->kind)) return NO_ERR;
    if (w->q->states.n) select_where_in(s, "r.state", w->q->states);
    where_pairs(w, s);
    for (size_t i = 0; i < w->q->filters.n; i++) where_filter(w, s, &w->q->filters.v[i], 'r', created, "r.id");
    where_row(w, s);
    page_by(w, s, "r.id", "r.id", lite ? "search.rowid" : "r.id");
    if (lite && w->after.is_set) {
        select_where(s, "search.rowid < ?");
        select_value_i64(s, w->after.id);
    }
    return walk_run(w, s, out);
}

static err walk_filter(const struct walk *w, size_t driver, struct keyed_list *out)
{
    const struct list_filters *f = &w->q->filters;
    bool by_index = w->q->sort == LIST_NEWEST || w->q->sort == LIST_OLDEST;
    const char *key = by_index ? "i.created" : w->column;
    struct select *s = select_new(w->mem, columns_of(w, key), "record_index i CROSS JOIN record r", "i,r");
    select_where_str(s, "i.kind", CMP_EQ, w->kind);
    select_where_str(s, "i.field", CMP_EQ, index_field(w, f->v[driver].field_id));
    select_where_str(s, "i.value", CMP_EQ, f->v[driver].value);
    select_where(s, "r.id = i.record");
    for (size_t i = 0; i < f->n; i++)
        if (i != driver) where_filter(w, s, &f->v[i], 'i', "i.created", "i.record");
    where_states(w, s);
    where_row(w, s);
    page_by(w, s, key, by_index ? "i.record" : "r.id", by_index ? "i.record" : "r.id");
    return walk_run(w, s, out);
}

/* Along one index of record: (kind, state, …), or (assignee, state, …), or (team, state, …). What is not to choose the index is
   written as an expression. */
static err walk_record(const struct walk *w, str kind, str state, struct keyed_list *out)
{
    const char *created = w->is_public ? "r.published" : "r.created";
    bool by_people = (w->q->assignee || w->q->team || w->q->author) && w->q->sort <= LIST_OLDEST;
    struct select *s = select_new(w->mem, columns_of(w, w->column), "record r", "r");
    if (kind.n) select_where_str(s, by_people ? "r.kind || ''" : "r.kind", CMP_EQ, kind);
    if (state.n) select_where_str(s, "r.state", CMP_EQ, state);
    else if (w->q->states.n) select_where_in(s, "r.state", w->q->states);
    if (!kind.n || !state.n) where_pairs(w, s);
    for (size_t i = 0; i < w->q->filters.n; i++) where_filter(w, s, &w->q->filters.v[i], 'r', created, "r.id");
    where_row(w, s);
    page_by(w, s, w->column, "r.id", "r.id");
    return walk_run(w, s, out);
}

/* ---- choosing ---- */

struct pair { str kind, state; };
struct pairs { struct pair *v; size_t n; };

static bool in_states(const struct list_query *q, str state)
{
    for (size_t i = 0; i < q->states.n; i++)
        if (str_eq(q->states.v[i], state)) return true;
    return !q->states.n;
}

static bool in_pairs(const struct walk *w, str kind, str state)
{
    str both = str_fmt(w->mem, "%.*s %.*s", STR_ARG(kind), STR_ARG(state));
    for (size_t i = 0; i < w->q->pairs.n; i++)
        if (str_eq(w->q->pairs.v[i], both)) return true;
    return !w->q->pairs.n;
}

static bool pair_there(const struct pairs *p, str kind, str state)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->v[i].kind, kind) && str_eq(p->v[i].state, state)) return true;
    return false;
}

/* The kinds and states that exist for this person: the counters know them all. */
static err pairs_of(const struct walk *w, struct pairs *out)
{
    struct counter_row_list rows;
    TRY(w->kind.n ? sql_counter_totals_of(w->d, w->mem, w->kind, &rows) : sql_counter_totals(w->d, w->mem, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct counter_row *r = &rows.v[i];
        if (!in_states(w->q, r->state) || !in_pairs(w, r->kind, r->state)) continue;
        if (w->q->verb == VERB_LIST && !who_has(w->q->who, ROLE_READER, r->body, r->team, r->kind)) continue;
        if (!pair_there(out, r->kind, r->state)) PUSH(w->mem, out, (struct pair){r->kind, r->state});
    }
    return NO_ERR;
}

/* People's own index has no kind: one walk for each state. */
static struct pairs pairs_of_people(const struct walk *w, const struct pairs *pairs)
{
    struct pairs out = {0};
    for (size_t i = 0; i < pairs->n; i++)
        if (!pair_there(&out, w->kind, pairs->v[i].state)) PUSH(w->mem, &out, (struct pair){w->kind, pairs->v[i].state});
    return out;
}

/* Rows in a microsecond near the newest end of a range; the sparser is the better driver. */
static double density(const struct cells *c, int64_t now_us)
{
    if (!c->n) return 0;
    int64_t oldest = c->v[(c->n - 1) * c->columns].i;
    int64_t span = now_us - oldest > 1 ? now_us - oldest : 1;
    /* Fewer rows than asked: all there are; nothing is sparser than their number says. */
    return (double)c->n / (double)span * (c->n < PROBE ? 1e-3 : 1);
}

/* What was seen in the last half minute, by tenant, kind, field and value: it only chooses a way, so an old number costs time, never a row. */
enum { SEEN_MOST = 256 };
#define SEEN_US (30 * SECOND_US)
static struct { uint64_t key; int64_t until_us; double density; } seen[SEEN_MOST];
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t seen_key(const struct walk *w, const struct list_filter *f)
{
    const struct store *store = db_store(w->d);
    const int64_t tenant = db_tenant(w->d);
    const str parts[] = {{(const char *)&store, sizeof store}, {(const char *)&tenant, sizeof tenant}, w->kind, index_field(w, f->field_id), f->value};
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t j = 0; j < parts[i].n; j++) h = (h ^ (unsigned char)parts[i].p[j]) * UINT64_C(0x100000001b3);
        h = (h ^ 0x100) * UINT64_C(0x100000001b3);
    }
    return h;
}

static bool seen_get(uint64_t key, double *out)
{
    pthread_mutex_lock(&seen_lock);
    bool there = seen[key % SEEN_MOST].key == key && seen[key % SEEN_MOST].until_us > clock_monotonic_us();
    if (there) *out = seen[key % SEEN_MOST].density;
    pthread_mutex_unlock(&seen_lock);
    return there;
}

static void seen_put(uint64_t key, double density)
{
    pthread_mutex_lock(&seen_lock);
    seen[key % SEEN_MOST].key = key;
    seen[key % SEEN_MOST].until_us = clock_monotonic_us() + SEEN_US;
    seen[key % SEEN_MOST].density = density;
    pthread_mutex_unlock(&seen_lock);
}

static err filter_density(const struct walk *w, const struct list_filter *f, double *out)
{
    struct cells c;
    uint64_t key = seen_key(w, f);
    if (seen_get(key, out)) return NO_ERR;
    struct select *s = select_new(w->mem, "i.created, i.record", "record_index i", "i");
    select_where_str(s, "i.kind", CMP_EQ, w->kind);
    select_where_str(s, "i.field", CMP_EQ, index_field(w, f->field_id));
    select_where_str(s, "i.value", CMP_EQ, f->value);
    select_order(s, "i.created DESC, i.record DESC");
    select_limit(s, PROBE);
    TRY(select_run(w->d, w->mem, s, &c));
    *out = density(&c, w->q->now_us);
    if (*out > 0) seen_put(key, *out);
    return NO_ERR;
}

static err pair_density(const struct walk *w, const struct pair *p, double *out)
{
    struct cells c;
    struct select *s = select_new(w->mem, "r.created, r.id", "record r", "r");
    select_where_str(s, "r.kind", CMP_EQ, p->kind);
    select_where_str(s, "r.state", CMP_EQ, p->state);
    select_order(s, "r.created DESC, r.id DESC");
    select_limit(s, PROBE);
    TRY(select_run(w->d, w->mem, s, &c));
    *out = density(&c, w->q->now_us);
    return NO_ERR;
}

static int newest_first(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? 1 : -1;
    return x->r.id < y->r.id ? 1 : x->r.id > y->r.id ? -1 : 0;
}
static int oldest_first(const void *a, const void *b) { return newest_first(b, a); }

static err walk_pairs(const struct walk *w, const struct pairs *pairs, struct keyed_list *out)
{
    for (size_t i = 0; i < pairs->n; i++) TRY(walk_record(w, pairs->v[i].kind, pairs->v[i].state, out));
    if (pairs->n > 1 && out->n) qsort(out->v, out->n, sizeof *out->v, w->desc ? newest_first : oldest_first);
    return NO_ERR;
}

/* Filters, and maybe states: along the sparsest. */
static err walk_filtered(const struct walk *w, struct keyed_list *out)
{
    const struct list_filters *f = &w->q->filters;
    struct pairs pairs = {0};
    double least = 0, states = 0, one;
    size_t best = 0;
    bool choose = f->n > 1 || w->q->states.n;
    for (size_t i = 0; choose && i < f->n; i++) {
        TRY(filter_density(w, &f->v[i], &one));
        if (i == 0 || one < least) {
            least = one;
            best = i;
        }
        if (least == 0) return NO_ERR;          /* nothing bears this value */
    }
    if (!w->q->states.n || w->is_public) return walk_filter(w, best, out);
    TRY(pairs_of(w, &pairs));
    for (size_t i = 0; i < pairs.n && states < least; i++) {
        TRY(pair_density(w, &pairs.v[i], &one));
        states += one;
    }
    return states < least ? walk_pairs(w, &pairs, out) : walk_filter(w, best, out);
}

static err walk_any(const struct walk *w, struct keyed_list *out)
{
    struct pairs pairs = {0};
    if (w->q->words.n) return walk_words(w, out);
    if (w->q->filters.n) return walk_filtered(w, out);
    if (w->is_public) return walk_record(w, w->kind, STR_NONE, out);
    if (w->q->author) return walk_record(w, w->kind, STR_NONE, out);
    TRY(pairs_of(w, &pairs));
    if ((w->q->assignee || w->q->team) && w->q->sort <= LIST_OLDEST) pairs = pairs_of_people(w, &pairs);
    return walk_pairs(w, &pairs, out);
}

/* ---- the page ---- */

static err cursor_read(str s, struct cursor *out)
{
    str id;
    *out = (struct cursor){0};
    if (!s.n) return NO_ERR;
    str key = str_split(s, '.', &id);
    if (str_i64(key, &out->key).code != OK || str_i64(id, &out->id).code != OK) return FAIL(E_INVALID, W("core.list.cursor"));
    out->is_set = true;
    return NO_ERR;
}

static err filters_check(const struct walk *w)
{
    const struct list_query *q = w->q;
    if (q->filters.n && !w->kind.n) return FAIL(E_INVALID, W("core.list.no_kind"));
    for (size_t i = 0; q->def && i < q->filters.n; i++) {
        const struct field *f = kind_field(q->def, q->filters.v[i].field_id);
        if (!f || !f->filter || (w->is_public && (!f->is_public || f->is_private)))
            return FAIL_AT(E_INVALID, W("core.list.no_filter"), str_z(w->mem, q->filters.v[i].field_id));
    }
    return NO_ERR;
}

/* What leaves is the projection and nothing else, whoever asks. */
static void project_public(const struct walk *w, struct record *r)
{
    r->doc = record_public_doc(w->mem, w->q->def, r);
    r->title = r->public_title;
    r->masks = NULL;
    r->author = r->assignee = 0;
}

static void page_make(const struct walk *w, struct keyed_list *found, struct list_page *out)
{
    for (size_t i = 0; i < found->n && i < (size_t)w->limit; i++) {
        struct keyed *k = &found->v[i];
        if (w->is_public) project_public(w, &k->r);
        PUSH(w->mem, &out->rows, k->r);
        if (i + 1 == (size_t)w->limit && found->n > i + 1) out->next = str_fmt(w->mem, "%lld.%lld", (long long)k->key, (long long)k->r.id);
    }
}

err list_run(db *d, arena *mem, const struct list_query *q, struct list_page *out)
{
    struct walk w = {.d = d, .mem = mem, .q = q, .kind = q->kind.n ? q->kind : q->def ? q->def->name : STR_NONE,
                     .is_public = q->verb == VERB_SEE_PUBLIC, .desc = q->sort == LIST_NEWEST || q->sort == LIST_UPDATED,
                     .limit = q->limit > 0 && q->limit <= PAGE_MAX ? q->limit : 25};
    struct keyed_list found = {0};
    *out = (struct list_page){0};
    if (w.is_public && !q->def) return FAIL(E_INVALID, W("core.list.no_kind"));
    w.column = q->sort == LIST_DUE ? "r.due" : q->sort == LIST_UPDATED ? "r.updated" : w.is_public ? "r.published" : "r.created";
    if (q->words.n) w.desc = true;
    TRY(cursor_read(q->after, &w.after));
    TRY(filters_check(&w));
    TRY(walk_any(&w, &found));
    page_make(&w, &found, out);
    return NO_ERR;
}
