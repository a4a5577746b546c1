/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/kinds.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/utf8.h"
#include "core/found.h"
#include "core/list_cache.h"
#include "core/sorted.h"
#include "formats/json.h"
#include "gen/sql/core/kinds.sql.h"
#include "store/change.h"

/* ---- the cache: parsed revisions, each in an arena of its own, until the end */

#define BUCKETS 4096

struct entry {
    int64_t tenant, revision;
    str name;
    arena *mem;
    const struct kind *kind;
    struct entry *next;
};
struct kinds {
    arena *mem;
    struct list_cache *lists;
    pthread_rwlock_t lock;
    struct entry *buckets[BUCKETS];
};

err kinds_open(struct kinds **out, struct store *s)
{
    (void)s;
    arena *mem = arena_new(0);
    struct kinds *ks = NEW(mem, struct kinds);
    ks->mem = mem;
    ks->lists = list_cache_new();
    pthread_rwlock_init(&ks->lock, NULL);
    *out = ks;
    return NO_ERR;
}

void kinds_close(struct kinds *ks)
{
    if (!ks) return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct entry *e = ks->buckets[i]; e; e = e->next) arena_free(e->mem);
    pthread_rwlock_destroy(&ks->lock);
    list_cache_free(ks->lists);
    arena_free(ks->mem);
}

void kinds_forget(struct kinds *ks, int64_t tenant)
{
    pthread_rwlock_wrlock(&ks->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct entry *e = ks->buckets[i]; e; e = e->next)
            if (e->tenant == tenant) e->tenant = -1;
    pthread_rwlock_unlock(&ks->lock);
    list_cache_forget(ks->lists, tenant);
}

struct list_cache *kinds_lists(struct kinds *ks) { return ks->lists; }

static size_t bucket_of(int64_t tenant, str name, int64_t revision)
{
    uint64_t h = (uint64_t)tenant * 0x9e3779b97f4a7c15u ^ (uint64_t)revision;
    for (size_t i = 0; i < name.n; i++) h = (h ^ (unsigned char)name.p[i]) * 0x100000001b3u;
    return (size_t)(h >> 20) % BUCKETS;
}

static const struct kind *cache_find(struct kinds *ks, int64_t tenant, str name, int64_t revision)
{
    const struct kind *found = NULL;
    pthread_rwlock_rdlock(&ks->lock);
    for (struct entry *e = ks->buckets[bucket_of(tenant, name, revision)]; e && !found; e = e->next)
        if (e->tenant == tenant && e->revision == revision && str_eq(e->name, name)) found = e->kind;
    pthread_rwlock_unlock(&ks->lock);
    return found;
}

/* Two threads may parse the same revision: the first one in stays, the other's is dropped. */
static const struct kind *cache_put(struct kinds *ks, int64_t tenant, str name, int64_t revision, arena *mem, const struct kind *kind)
{
    pthread_rwlock_wrlock(&ks->lock);
    struct entry **slot = &ks->buckets[bucket_of(tenant, name, revision)];
    struct entry *e = *slot;
    while (e && !(e->tenant == tenant && e->revision == revision && str_eq(e->name, name))) e = e->next;
    if (e) {
        arena_free(mem);
    } else {
        e = NEW(ks->mem, struct entry);
        *e = (struct entry){tenant, revision, str_copy(ks->mem, name), mem, kind, *slot};
        *slot = e;
    }
    pthread_rwlock_unlock(&ks->lock);
    return e->kind;
}

static err parse_text(arena *mem, str definition, int64_t revision, const struct kind **out)
{
    json_t *json;
    struct kind *k;
    TRY(json_parse(mem, definition, &json));
    TRY(kind_parse_any(mem, json, &k));
    k->revision = revision;
    *out = k;
    return NO_ERR;
}

static err definition_of(db *d, arena *mem, str name, int64_t revision, str *out)
{
    struct sql_kind_revision_get_row row;
    err e = sql_kind_revision_get(d, mem, name, revision, &row);
    if (e.code == E_NOT_FOUND) return FAIL_AT(E_NOT_FOUND, W("kind.no_revision"), str_z(mem, name));
    *out = row.definition;
    return e;
}

err kinds_shipped(struct kinds *ks, str name, const struct kind **out)
{
    char z[80];
    if (name.n >= sizeof z) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    memcpy(z, name.p, name.n);
    z[name.n] = 0;
    const char *text = kind_yaml_shipped(z);
    if (!text) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    if ((*out = cache_find(ks, 0, name, 0))) return NO_ERR;
    arena *mem = arena_new(0);
    err e = parse_text(mem, str_of(text), 0, out);
    if (e.code != OK) {
        arena_free(mem);
        return FAIL(E_INTERNAL, e.msg);
    }
    *out = cache_put(ks, 0, name, 0, mem, *out);
    return NO_ERR;
}

static void arena_drop(arena **a) { arena_free(*a); }

err kinds_get(struct kinds *ks, db *d, str name, int64_t revision, const struct kind **out)
{
    int64_t tenant = db_tenant(d);
    AUTO(arena_drop) arena *work = arena_new(0);
    if (!revision) {
        struct sql_kind_current_row row;
        err e = sql_kind_current(d, work, name, &row);
        if (e.code == E_NOT_FOUND) return kinds_shipped(ks, name, out);
        TRY(e);
        if (!row.revision) return FAIL(E_NOT_FOUND, W("kind.no_revision"));
        revision = row.revision;
    }
    if ((*out = cache_find(ks, tenant, name, revision))) return NO_ERR;
    str definition;
    err e = definition_of(d, work, name, revision, &definition);
    if (e.code != OK) return FAIL(e.code, e.msg);
    arena *mem = arena_new(0);
    e = parse_text(mem, definition, revision, out);
    if (e.code != OK) {
        arena_free(mem);
        return FAIL(E_INTERNAL, e.msg);
    }
    *out = cache_put(ks, tenant, name, revision, mem, *out);
    return NO_ERR;
}

err kind_draft_get(db *d, arena *mem, str name, const struct kind **out)
{
    struct kind_line row;
    str definition;
    err e = sql_kind_line_get(d, mem, name, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    int64_t revision = row.draft_revision ? row.draft_revision : row.revision;
    TRY(definition_of(d, mem, name, revision, &definition));
    return parse_text(mem, definition, revision, out);
}

/* ---- rows */

static struct kind_row row_from(const struct kind_line *l)
{
    enum kind_status status = str_is(l->status, "published") ? KIND_PUBLISHED : str_is(l->status, "closed") ? KIND_CLOSED : KIND_DRAFT;
    enum offer offer;
    offer_named(l->offer, &offer);
    return (struct kind_row){.name = l->name, .slug = l->slug, .service = l->service, .title = l->title, .body = l->body, .team = l->team,
        .number = l->number, .revision = l->revision, .draft_revision = l->draft_revision, .published_us = l->published, .closed_us = l->closed,
        .status = status, .close_reason = l->close_reason, .offer = offer, .theme = l->theme};
}

static err row_found(err e, const struct kind_line *line, struct kind_row *out)
{
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    *out = row_from(line);
    return NO_ERR;
}

static str row_title_key(arena *mem, const void *row) { return sort_key(mem, ((const struct kind_row *)row)->title); }

err kind_rows_list(db *d, arena *mem, str service, struct kind_rows *out)
{
    struct kind_line_list lines = {0};
    TRY(sql_kind_lines(d, mem, service.n ? service : S(""), &lines));
    *out = (struct kind_rows){0};
    for (size_t i = 0; i < lines.n; i++) PUSH(mem, out, row_from(&lines.v[i]));
    sort_rows(mem, out->v, out->n, sizeof *out->v, row_title_key);
    return NO_ERR;
}

err kind_rows_of_sheet(db *d, arena *mem, str sheet, struct kind_rows *out)
{
    struct kind_line_list lines = {0};
    TRY(sql_kind_lines_of_sheet(d, mem, sheet, &lines));
    *out = (struct kind_rows){0};
    for (size_t i = 0; i < lines.n; i++) PUSH(mem, out, row_from(&lines.v[i]));
    return NO_ERR;
}

err kind_row_by_slug(db *d, arena *mem, str slug, struct kind_row *out)
{
    struct kind_line line;
    return row_found(sql_kind_line_by_slug(d, mem, slug, &line), &line, out);
}

err kind_row_get(db *d, arena *mem, str name, struct kind_row *out)
{
    struct kind_line line;
    return row_found(sql_kind_line_get(d, mem, name, &line), &line, out);
}

err kind_row_by_number(db *d, arena *mem, int64_t number, struct kind_row *out)
{
    struct kind_line line;
    return row_found(sql_kind_line_by_number(d, mem, number, &line), &line, out);
}

/* ---- writing */

static str definition_text(arena *mem, const json_t *definition)
{
    /* Keys as they stand: people read fields and transitions in their order. */
    buf b = BUF(JSON_MAX_BYTES);
    struct jw w = jw(&b);
    jw_json(&w, definition);
    str s = b.full ? STR_NONE : str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static err slug_check(str slug)
{
    bool good = slug.n && slug.n <= 80;
    for (size_t i = 0; good && i < slug.n; i++) {
        char c = slug.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i && i + 1 < slug.n);
    }
    return good ? NO_ERR : FAIL_AT(E_INVALID, W("kind.bad_slug"), "slug");
}

static str offer_of(const struct kind *k) { return str_of(offer_name(kind_offer(k))); }
static str theme_of(const struct kind *k)
{
    const struct theme *t = theme_named(json_str(k->settings, "theme"));
    return t ? str_of(t->name) : S("");
}

static err changed(db *w) { return change_bump(w, S(TOPIC_KINDS)); }

struct create { arena *mem; str service, slug; int64_t body, team, by; const json_t *definition; const struct kind *k; };

static err create_in_txn(db *w, void *arg)
{
    struct create *c = arg;
    int64_t number = c->k->number, added = 0, now = clock_now_us();
    json_t *definition = (json_t *)c->definition;
    if (!number) {
        struct sql_kind_number_last_row last;
        TRY(sql_kind_number_last(w, c->mem, c->service, &last));
        number = last.n + 1;
        definition = json_own(c->mem, json_copy(definition));
        json_object_set_new(definition, "number", json_integer(number));
    }
    str text = definition_text(c->mem, definition);
    if (!text.n) return FAIL(E_TOO_LARGE, W("kind.too_many_fields"));
    TRY(sql_kind_add(w, c->k->name, c->service, c->slug, c->k->title.v[LANG_FR], number, c->body, c->team, offer_of(c->k), theme_of(c->k), &added));
    if (!added) return FAIL_AT(E_EXISTS, W("kind.exists"), "slug");
    TRY(sql_kind_revision_add(w, c->k->name, 1, text, c->by, now));
    return changed(w);
}

err kind_create(db *d, str service, str slug, int64_t body, int64_t team, const json_t *definition, int64_t by, arena *mem, struct kind_row *out)
{
    struct kind *k;
    TRY(slug_check(slug));
    TRY(kind_parse_any(mem, definition, &k));
    if (kind_yaml_shipped(str_z(mem, k->name))) return FAIL_AT(E_EXISTS, W("kind.exists"), "kind");
    struct create c = {mem, service, slug, body, team, by, definition, k};
    TRY(db_txn(d, create_in_txn, &c));
    return kind_row_get(d, mem, k->name, out);
}

struct save { arena *mem; str name; const json_t *definition; const struct kind *k; int64_t by, seen, revision; };

static err save_in_txn(db *w, void *arg)
{
    struct save *s = arg;
    struct kind_line row;
    str held;
    json_t *was = NULL;
    err e = sql_kind_line_get(w, s->mem, s->name, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    int64_t current = row.draft_revision ? row.draft_revision : row.revision;
    if (s->seen && s->seen != current) return FAIL(E_CONFLICT, W("kind.draft_conflict"));
    TRY(definition_of(w, s->mem, s->name, current, &held));
    TRY(json_parse(s->mem, held, &was));
    s->revision = current;
    str text = definition_text(s->mem, s->definition);
    if (!text.n) return FAIL(E_TOO_LARGE, W("kind.too_many_fields"));
    if (str_eq(text, held)) return NO_ERR;
    s->revision = current + 1;
    if (row.draft_revision) TRY(sql_kind_revision_drop_draft(w, s->name, row.draft_revision));
    TRY(sql_kind_revision_add(w, s->name, s->revision, text, s->by, clock_now_us()));
    TRY(sql_kind_drafted(w, s->name, s->revision));
    TRY(sql_kind_titled(w, s->name, s->k->title.v[LANG_FR], offer_of(s->k), theme_of(s->k)));
    return changed(w);
}

err kind_draft_save(db *d, arena *mem, str name, const json_t *definition, int64_t by, int64_t seen_revision, int64_t *out_revision)
{
    struct kind *k;
    TRY(kind_parse_any(mem, definition, &k));
    if (!str_eq(k->name, name)) return FAIL_AT(E_INVALID, W("kind.name_changed"), "kind");
    struct save s = {mem, name, definition, k, by, seen_revision, 0};
    TRY(db_txn(d, save_in_txn, &s));
    if (out_revision) *out_revision = s.revision;
    return NO_ERR;
}

err kind_draft_definition(db *d, arena *mem, str name, json_t **out)
{
    struct kind_line row;
    str definition;
    err e = sql_kind_line_get(d, mem, name, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    TRY(definition_of(d, mem, name, row.draft_revision ? row.draft_revision : row.revision, &definition));
    return json_parse(mem, definition, out);
}

struct publish { arena *mem; str name; int64_t revision, draft /* that stays one */; const struct kind *k; bool again; };

static err publish_in_txn(db *w, void *arg)
{
    struct publish *p = arg;
    struct kind_line row;
    int64_t now = clock_now_us();
    TRY(sql_kind_line_get(w, p->mem, p->name, &row));
    if ((p->again ? row.revision : row.draft_revision) != p->revision) return FAIL(E_CONFLICT, W("kind.draft_conflict"));
    if (!p->again) TRY(sql_kind_revision_published(w, p->name, p->revision, now));
    TRY(sql_kind_published(w, p->name, p->revision, p->k->title.v[LANG_FR], now, offer_of(p->k), theme_of(p->k)));
    TRY(sql_kind_sheets_drop(w, p->name));
    struct strs sheets = kind_sheets(p->k, p->mem);
    for (size_t i = 0; i < sheets.n; i++) TRY(sql_kind_sheet_add(w, sheets.v[i], p->name));
    if (str_is(row.service, "procedures")) TRY(found_kind_put(w, p->mem, p->k, row.slug));
    if (p->draft) TRY(sql_kind_drafted(w, p->name, p->draft));
    return changed(w);
}

static err drafts_move_in_txn(db *w, void *arg)
{
    struct publish *p = arg;
    int64_t moved = 0;
    TRY(sql_kind_drafts_move(w, p->name, p->revision, 100, &moved));
    p->again = moved > 0;
    return NO_ERR;
}

err kind_publish(db *d, const struct tenant *t, arena *mem, str name, int64_t by)
{
    struct kind_row row;
    struct lacks lacks = {0};
    struct publish p = {.mem = mem, .name = name};
    (void)by;
    TRY(kind_row_get(d, mem, name, &row));
    if (!row.draft_revision && row.status == KIND_PUBLISHED) return FAIL(E_INVALID, W("kind.no_draft"));
    TRY(kind_draft_get(d, mem, name, &p.k));
    TRY(kind_lacks(d, t, mem, p.k, &row, &lacks));
    if (lacks.n) return FAIL_AT(E_INVALID, W("kind.lacks"), str_z(mem, lack_words(mem, LANG_FR, &lacks.v[0])));
    p.again = !row.draft_revision;
    p.revision = p.again ? row.revision : row.draft_revision;
    TRY(db_txn(d, publish_in_txn, &p));
    do TRY(db_txn(d, drafts_move_in_txn, &p));
    while (p.again);
    return NO_ERR;
}

/* As it was last published: what is being changed waits. */
err kind_reopen(db *d, const struct tenant *t, arena *mem, str name)
{
    struct kind_row row;
    struct lacks lacks = {0};
    str definition;
    struct publish p = {.mem = mem, .name = name, .again = true};
    TRY(kind_row_get(d, mem, name, &row));
    if (row.status != KIND_CLOSED || !row.revision) return FAIL(E_INVALID, W("kind.not_closed"));
    TRY(definition_of(d, mem, name, row.revision, &definition));
    TRY(parse_text(mem, definition, row.revision, &p.k));
    TRY(kind_lacks(d, t, mem, p.k, &row, &lacks));
    if (lacks.n) return FAIL_AT(E_INVALID, W("kind.lacks"), str_z(mem, lack_words(mem, LANG_FR, &lacks.v[0])));
    p.revision = row.revision;
    p.draft = row.draft_revision;
    return db_txn(d, publish_in_txn, &p);
}

struct drop { arena *mem; str name; int64_t seen; };

static err drop_in_txn(db *w, void *arg)
{
    struct drop *x = arg;
    struct kind_line row;
    err e = sql_kind_line_get(w, x->mem, x->name, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    if (!row.revision || !row.draft_revision) return FAIL(E_INVALID, W("kind.no_draft"));
    if (row.draft_revision != x->seen) return FAIL(E_CONFLICT, W("kind.draft_conflict"));
    TRY(sql_kind_revision_drop_draft(w, x->name, row.draft_revision));
    TRY(sql_kind_drafted(w, x->name, 0));
    return changed(w);
}

err kind_draft_drop(db *d, arena *mem, str name, int64_t seen_revision)
{
    return db_txn(d, drop_in_txn, &(struct drop){mem, name, seen_revision});
}

struct close { arena *mem; str name, reason, slug; int64_t body, team; };

static err close_in_txn(db *w, void *arg)
{
    struct close *c = arg;
    struct kind_line row;
    err e = sql_kind_line_get(w, c->mem, c->name, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("kind.not_found"));
    TRY(e);
    TRY(sql_kind_closed(w, c->name, clock_now_us(), c->reason));
    TRY(found_kind_drop(w, c->mem, c->name));
    return changed(w);
}

err kind_close(db *d, str name, str reason, int64_t by)
{
    AUTO(arena_drop) arena *mem = arena_new(0);
    (void)by;
    if (!str_trim(reason).n) return FAIL_AT(E_INVALID, W("kind.close_reason"), "reason");
    err e = db_txn(d, close_in_txn, &(struct close){.mem = mem, .name = name, .reason = reason});
    return FAIL(e.code, e.msg);
}

static err place_in_txn(db *w, void *arg)
{
    struct close *c = arg;
    TRY(sql_kind_placed(w, c->name, c->slug, c->body, c->team));
    TRY(found_kind_moved(w, c->mem, c->name, c->slug));
    return changed(w);
}

err kind_set_place(db *d, str name, str slug, int64_t body, int64_t team)
{
    AUTO(arena_drop) arena *mem = arena_new(0);
    TRY(slug_check(slug));
    err e = db_txn(d, place_in_txn, &(struct close){.mem = mem, .name = name, .slug = slug, .body = body, .team = team});
    return e.code == E_EXISTS ? FAIL_AT(E_EXISTS, W("kind.exists"), "slug") : FAIL(e.code, e.msg);
}

/* ---- settings */

const json_t *kind_setting(const struct kind *k, const struct tenant *t, int64_t body, const char *path)
{
    const struct body *b = t ? tenant_body(t, body) : NULL;
    const json_t *places[] = {k ? k->settings : NULL, b ? b->settings : NULL, t ? t->settings : NULL};
    for (size_t i = 0; i < 3; i++) {
        const json_t *v = places[i] ? json_path(places[i], path) : NULL;
        if (v && !json_is_null(v) && !(json_is_string(v) && !json_string_length(v))) return v;
    }
    return NULL;
}

str kind_setting_str(const struct kind *k, const struct tenant *t, int64_t body, const char *path)
{
    const json_t *v = kind_setting(k, t, body, path);
    return json_is_object(v) ? json_str(v, "fr") : json_text(v);
}
