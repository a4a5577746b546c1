/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/search.h"

#include <string.h>

#include "core/answers.h"
#include "core/projection.h"
#include "core/value_list.h"
#include "gen/sql/core/retention.sql.h"
#include "gen/sql/core/search.sql.h"

enum { WORD_BYTES_MAX = 60, WORDS_MAX = 3000, TYPED_WORDS_MAX = 8 };

static bool is_letter(char c)
{
    unsigned char b = (unsigned char)c;
    return b >= 0x80 || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

static void words_cut(arena *mem, str text, struct strs *out)
{
    str s = str_fold(mem, text);
    for (size_t i = 0; i < s.n && out->n < WORDS_MAX;) {
        while (i < s.n && !is_letter(s.p[i])) i++;
        size_t from = i;
        while (i < s.n && is_letter(s.p[i])) i++;
        if (i > from && i - from <= WORD_BYTES_MAX) PUSH(mem, out, str_cut(s, from, i));
    }
}

struct strs search_cut(arena *mem, str text)
{
    struct strs out = {0};
    words_cut(mem, text, &out);
    return out;
}

static int by_bytes(const void *a, const void *b) { return str_cmp(*(const str *)a, *(const str *)b); }

static void words_sort(struct strs *w)
{
    if (!w->n) return;
    qsort(w->v, w->n, sizeof *w->v, by_bytes);
    size_t n = 1;
    for (size_t i = 1; i < w->n; i++)
        if (!str_eq(w->v[i], w->v[n - 1])) w->v[n++] = w->v[i];
    w->n = n;
}

str search_words(arena *mem, struct strs texts)
{
    struct strs words = {0};
    for (size_t i = 0; i < texts.n; i++) words_cut(mem, texts.v[i], &words);
    words_sort(&words);
    return words.n ? str_join(mem, words, S(" ")) : S("");
}

static void doc_texts(db *w, arena *mem, const struct kind *k, const json_t *doc, struct strs *out)
{
    struct answers_env env = {.lang = LANG_FR, .zone = S("Europe/Paris")};
    struct list_world world = {w, NULL};
    list_env(&env, &world);
    struct answer_lines lines = answers_lines(mem, k, doc, &env, false, true);
    for (size_t i = 0; i < lines.n; i++)
        if (!lines.v[i].is_heading && lines.v[i].text.n && !lines.v[i].file_ids.n) PUSH(mem, out, lines.v[i].text);
}

/* One word for the tenant, one for the kind in it: a scope never mixes with what people type. */
static str scope_kind(arena *mem, int64_t tenant, str kind)
{
    struct hash32 h = hash_blake2b(str_fmt(mem, "%lld:%.*s", (long long)tenant, STR_ARG(kind)));
    return str_fmt(mem, "k%.*s", STR_ARG(hex_of(mem, h.b, 8)));
}

static str scope_tenant(arena *mem, int64_t tenant) { return str_fmt(mem, "t%lld", (long long)tenant); }

err search_put(db *w, arena *mem, const struct kind *k, const struct record *r, const struct contact *c)
{
    struct strs shown = {0}, all = {0};
    json_t *public_doc = record_public_doc(mem, k, r);
    if (public_doc) {
        PUSH(mem, &shown, r->public_title);
        doc_texts(w, mem, k, public_doc, &shown);
    }
    PUSH(mem, &all, r->title);
    PUSH(mem, &all, r->reference);
    if (r->reference.n == 9) PUSH(mem, &all, str_fmt(mem, "%.4s%.4s", r->reference.p, r->reference.p + 5));
    if (c && c->name.n) PUSH(mem, &all, c->name);
    if (c && c->email.n) PUSH(mem, &all, c->email);
    doc_texts(w, mem, k, r->doc, &all);
    str scope = str_fmt(mem, "%.*s %.*s", STR_ARG(scope_tenant(mem, db_tenant(w))), STR_ARG(scope_kind(mem, db_tenant(w), k->name)));
    return sql_search_add(w, r->id, k->name, scope, search_words(mem, shown), search_words(mem, all));
}

err search_remove(db *w, int64_t record) { return sql_search_drop(w, record); }

err project_search(db *w, arena *mem, const struct kind *k, const struct record *r, const struct contact *c)
{
    return search_put(w, mem, k, r, c);
}

/* Words of one reading: all are needed; of several readings, one is enough. */
struct readings { struct strs *v; size_t n; };

static void match_put(buf *b, const struct readings *r, const char *before, const char *after, const char *all, const char *any)
{
    for (size_t k = 0; k < r->n; k++) {
        buf_lit(b, k ? any : "");
        buf_lit(b, "(");
        for (size_t i = 0; i < r->v[k].n; i++) buf_fmt(b, "%s%s%.*s%s", i ? all : "", before, STR_ARG(r->v[k].v[i]), after);
        buf_lit(b, ")");
    }
}

static str match_sqlite(arena *mem, int64_t tenant, bool public_only, const struct readings *r, str kind)
{
    buf b = BUF(1 << 14);
    buf_lit(&b, "scope : \"");
    buf_put(&b, kind.n ? scope_kind(mem, tenant, kind) : scope_tenant(mem, tenant));
    buf_lit(&b, public_only ? "\" AND public_words : (" : "\" AND private_words : (");
    match_put(&b, r, "\"", "\" *", " AND ", " OR ");
    buf_lit(&b, ")");
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static str match_pg(arena *mem, const struct readings *r)
{
    buf b = BUF(1 << 14);
    match_put(&b, r, "'", "':*", " & ", " | ");
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

/* A lone letter says nothing beside longer words, and would walk half the index. */
static struct strs typed_words(arena *mem, str typed)
{
    struct strs all = {0}, out = {0};
    words_cut(mem, str_cut(typed, 0, 400), &all);
    words_sort(&all);
    for (size_t i = 0; i < all.n && out.n < TYPED_WORDS_MAX; i++)
        if (all.v[i].n > 1) PUSH(mem, &out, all.v[i]);
    return out.n ? out : all;
}

static bool search_where_any(arena *mem, db *d, struct select *q, bool public_only, struct strs typed, str kind)
{
    struct readings r = {0};
    for (size_t i = 0; i < typed.n; i++) {
        struct strs words = typed_words(mem, typed.v[i]);
        if (words.n) PUSH(mem, &r, words);
    }
    if (!r.n) return false;
    if (store_is_sqlite(db_store(d))) {
        select_where(q, "search MATCH ?");
        select_value_str(q, match_sqlite(mem, db_tenant(d), public_only, &r, kind));
        select_where(q, "r.id = search.rowid");
    } else {
        select_where(q, public_only ? "search.public_words @@ CAST(? AS tsquery)" : "search.private_words @@ CAST(? AS tsquery)");
        select_value_str(q, match_pg(mem, &r));
        select_where(q, "r.id = search.record");
    }
    if (kind.n) select_where_str(q, "r.kind", CMP_EQ, kind);
    return true;
}

bool search_where(arena *mem, db *d, struct select *q, bool public_only, str typed, str kind)
{
    return search_where_any(mem, d, q, public_only, (struct strs){&typed, 1}, kind);
}

err search_run(db *d, arena *mem, const struct who *who, bool public_only, str typed, str kind, int limit, struct hits *out)
{
    return search_run_any(d, mem, who, public_only, (struct strs){&typed, 1}, kind, limit, out);
}

err search_run_any(db *d, arena *mem, const struct who *who, bool public_only, struct strs readings, str kind, int limit, struct hits *out)
{
    *out = (struct hits){0};
    bool lite = store_is_sqlite(db_store(d));
    const char *columns = public_only ? "r.id, r.kind, r.public_title, r.state, r.reference, r.summary, r.published"
                                      : "r.id, r.kind, r.title, r.state, r.reference, r.summary, r.created";
    struct select *q = select_new(mem, columns, lite ? "search CROSS JOIN record r" : "search JOIN record r ON r.tenant = search.tenant",
                                  lite ? "r" : "search,r");
    if (!search_where_any(mem, d, q, public_only, readings, kind)) return NO_ERR;
    if (public_only) select_where(q, "r.published > 0");
    else may_where(who, VERB_LIST, q, "r");
    select_order(q, lite ? "search.rowid DESC" : "r.id DESC");
    select_limit(q, limit > 0 && limit <= 200 ? limit : 25);
    struct cells c;
    TRY(select_run(d, mem, q, &c));
    for (size_t i = 0; i < c.n; i++) {
        const struct cell *x = c.v + i * c.columns;
        PUSH(mem, out, (struct hit){x[0].i, x[1].s, x[2].s, x[3].s, x[4].s, x[5].s, x[6].i});
    }
    return NO_ERR;
}

/* Pieces that stood when it began, and stand yet. Looked at in the transaction that merges: a number that is free is taken again at once. */
struct scrub { arena *mem; struct { int64_t *v; size_t n; } left; bool begun; };

static err merge_in_txn(db *w, void *arg)
{
    const int64_t slice = 250;
    struct scrub *s = arg;
    struct sql_search_pieces_row_list now;
    if (!s->begun) TRY(sql_search_pieces(w, s->mem, &now));
    for (size_t i = 0; !s->begun && i < now.n; i++) PUSH(s->mem, &s->left, now.v[i].piece);
    /* The first call puts all pieces together; the next ones go on with it. Begun anew each time, it would never end while people file. */
    TRY(sql_search_merge(w, s->begun ? -slice : slice));
    s->begun = true;
    TRY(sql_search_pieces(w, s->mem, &now));
    size_t n = 0;
    for (size_t i = 0; i < s->left.n; i++) {
        bool stands = false;
        for (size_t k = 0; k < now.n && !stands; k++) stands = now.v[k].piece == s->left.v[i];
        if (stands) s->left.v[n++] = s->left.v[i];
    }
    s->left.n = now.n > 1 ? n : 0;
    return NO_ERR;
}

err search_scrub(db *d)
{
    struct scrub s = {.mem = arena_new(0)};
    err e = NO_ERR;
    for (int slices = 0; store_is_sqlite(db_store(d)) && e.code == OK && (!s.begun || s.left.n) && slices < 100000; slices++) e = db_txn(d, merge_in_txn, &s);
    arena_free(s.mem);
    return e;
}
