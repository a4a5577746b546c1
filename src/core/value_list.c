/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/value_list.h"

#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/utf8.h"
#include "core/field_types.h"
#include "core/kinds.h"
#include "core/list_cache.h"
#include "core/sorted.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "gen/sql/core/value_list.sql.h"
#include "store/change.h"

static struct option option_from(const struct list_item *i)
{
    return (struct option){.id = i->id, .label = {{i->label}}};
}

static void options_from(arena *mem, const struct list_item_list *rows, struct options *out)
{
    for (size_t i = 0; i < rows->n; i++) PUSH(mem, out, option_from(&rows->v[i]));
}

/* ---- importing */

struct put { arena *mem; str name, title; const struct list_entries *entries; int64_t revision; size_t from; };

static err same_as_latest(db *d, const struct put *p, int64_t revision, bool *out)
{
    struct sql_list_items_all_row_list held = {0};
    TRY(sql_list_items_all(d, p->mem, p->name, revision, &held));
    *out = held.n == p->entries->n;
    for (size_t i = 0; *out && i < held.n; i++)
        *out = str_eq(held.v[i].id, p->entries->v[i].id) && str_eq(held.v[i].label, p->entries->v[i].label) &&
               str_eq(held.v[i].extra, p->entries->v[i].extra);
    return NO_ERR;
}

/* A slice of the entries: other writers wait little. */
#define SLICE 500

static err slice_in_txn(db *w, void *arg)
{
    struct put *p = arg;
    for (size_t i = p->from; i < p->entries->n && i < p->from + SLICE; i++) {
        const struct list_entry *item = &p->entries->v[i];
        str fold = label_fold(p->mem, item->label);
        TRY(sql_list_item_add(w, p->name, p->revision, item->id, (int64_t)i, item->label, fold, item->extra));
    }
    return NO_ERR;
}

/* The revision is seen only now that all its entries are there; its number is time-ordered, so two imports never mix. */
static err seen_in_txn(db *w, void *arg)
{
    struct put *p = arg;
    TRY(sql_list_add(w, p->name, p->revision, p->title, clock_now_us()));
    return change_bump(w, str_fmt(p->mem, "list/%.*s", STR_ARG(p->name)));
}

static err forget_in_txn(db *w, void *arg)
{
    struct put *p = arg;
    return sql_list_items_forget(w, p->name, p->revision);
}

static bool name_good(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
    }
    return s.n && s.n <= 64;
}

err list_put(db *d, arena *mem, str name, str title, const struct list_entries *entries, int64_t *out_revision)
{
    struct put p = {mem, name, title.n ? title : name, entries, id_new(), 0};
    struct sql_list_latest_row latest = {0};
    bool same = false;
    if (!name_good(name)) return FAIL_AT(E_INVALID, W("list.bad_name"), str_z(mem, name));
    if (!entries->n) return FAIL(E_INVALID, W("list.empty"));
    if (entries->n > LIST_ENTRIES_MOST) return FAIL(E_TOO_LARGE, W("list.too_long"));
    err e = sql_list_latest(d, mem, name, &latest);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    if (e.code == OK) TRY(same_as_latest(d, &p, latest.revision, &same));
    if (out_revision) *out_revision = same ? latest.revision : p.revision;
    if (same) return NO_ERR;
    for (e = NO_ERR; e.code == OK && p.from < entries->n; p.from += SLICE) e = db_txn(d, slice_in_txn, &p);
    if (e.code == OK) e = db_txn(d, seen_in_txn, &p);
    if (e.code != OK) (void)db_txn(d, forget_in_txn, &p);
    return e;
}

/* The columns that are neither id nor label. */
static str extra_of(arena *mem, const struct csv *t, const struct csv_row *row, ptrdiff_t id, ptrdiff_t label)
{
    json_t *extra = json_own(mem, json_object());
    for (size_t i = 0; i < t->header.n && i < row->cells.n; i++)
        if ((ptrdiff_t)i != id && (ptrdiff_t)i != label && row->cells.v[i].n) json_put_str(extra, str_z(mem, t->header.v[i]), row->cells.v[i]);
    return json_object_size(extra) ? json_canonical(mem, extra) : STR_NONE;
}

err list_import_csv(db *d, arena *mem, str name, str title, str csv, int64_t *out_revision)
{
    struct csv t;
    struct list_entries entries = {0};
    AUTO(json_decrefp) json_t *seen = json_object();
    TRY(csv_read(mem, csv, 0, (struct csv_limits){.max_bytes = LIST_BYTES_MOST, .max_rows = LIST_ENTRIES_MOST + 1}, &t));
    TRY(csv_nothing_lost(mem, &t));
    ptrdiff_t id = csv_column(&t, S("id")), label = csv_column(&t, S("label"));
    if (label < 0) label = csv_column(&t, S("libelle"));
    if (id < 0 && label < 0) id = label = 0;
    else if (id < 0) id = label;
    else if (label < 0) label = id;
    for (size_t i = 0; i < t.rows.n; i++) {
        const struct csv_row *row = &t.rows.v[i];
        const char *at = str_fmt(mem, "l. %zu", row->line).p;
        struct list_entry e = {text_line(mem, row->cells.v[id]), text_line(mem, row->cells.v[label]), extra_of(mem, &t, row, id, label)};
        if (!e.id.n && !e.label.n) continue;
        if (!e.id.n || !e.label.n) return FAIL_AT(E_INVALID, W("list.cell_empty"), at);
        if (utf8_length(e.id) > 200 || utf8_length(e.label) > 500) return FAIL_AT(E_INVALID, W("list.cell_long"), at);
        const char *key = str_z(mem, e.id);
        if (json_object_get(seen, key)) return FAIL_AT(E_INVALID, W("list.id_twice"), at);
        json_object_set_new(seen, key, json_true());
        PUSH(mem, &entries, e);
    }
    return list_put(d, mem, name, title, &entries, out_revision);
}

err list_rows_of(db *d, arena *mem, struct list_rows *out)
{
    struct sql_list_rows_row_list rows = {0};
    TRY(sql_list_rows(d, mem, &rows));
    *out = (struct list_rows){0};
    for (size_t i = 0; i < rows.n; i++)
        PUSH(mem, out, (struct list_row){rows.v[i].name, rows.v[i].title, rows.v[i].revision, rows.v[i].entries, rows.v[i].created});
    return NO_ERR;
}

/* ---- reading */

static bool shipped_options(arena *mem, str name, struct options *out)
{
    const char *text = list_yaml_shipped(str_z(mem, name));
    json_t *list;
    *out = (struct options){0};
    if (!text || json_parse(mem, str_of(text), &list).code != OK) return false;
    const char *id;
    json_t *v;
    json_object_foreach(json_object_get(list, "items"), id, v)
    {
        struct option o = {.id = str_of(id), .label = {{json_is_string(v) ? json_text(v) : json_str(v, "fr"), json_str(v, "en")}}};
        PUSH(mem, out, o);
    }
    return true;
}

static str label_key(arena *mem, const void *row) { return sort_key(mem, ((const struct option *)row)->label.v[LANG_FR]); }

static bool own_options(const struct list_world *world, arena *mem, str name, struct options *out)
{
    struct list_item_list rows = {0};
    *out = (struct options){0};
    if (str_is(name, "@bodies")) {
        for (size_t i = 0; world->tenant && i < world->tenant->bodies.n; i++) {
            const struct body *b = &world->tenant->bodies.v[i];
            if (b->id != world->own_body) PUSH(mem, out, (struct option){.id = str_fmt(mem, "%lld", (long long)b->id), .label = {{b->name}}});
        }
        return true;
    }
    if (str_is(name, "@teams") ? sql_list_teams(world->d, mem, &rows).code != OK : sql_list_agents(world->d, mem, &rows).code != OK) return false;
    options_from(mem, &rows, out);
    for (size_t i = 0; i < out->n; i++) out->v[i].label.v[LANG_FR] = str_trim(out->v[i].label.v[LANG_FR]);
    if (str_is(name, "@teams")) sort_rows(mem, out->v, out->n, sizeof *out->v, label_key);          /* agents come by surname */
    return true;
}

/* Lists held whole: the tenant's own things and the shipped ones. false: a list of the store, of that revision (0: there is none). */
static bool whole_options(const struct list_world *world, arena *mem, str name, struct options *out, int64_t *out_revision)
{
    struct sql_list_latest_row latest;
    *out_revision = 0;
    if (str_starts(name, S("@"))) return own_options(world, mem, name, out);
    if (sql_list_latest(world->d, mem, name, &latest).code != OK) return shipped_options(mem, name, out);
    *out_revision = latest.revision;
    return false;
}

err list_entry_get(db *d, arena *mem, str name, str id, struct option *out)
{
    struct sql_list_latest_row latest;
    struct list_item item;
    TRY(sql_list_latest(d, mem, name, &latest));
    TRY(sql_list_item_get(d, mem, name, latest.revision, id, &item));
    *out = option_from(&item);
    return NO_ERR;
}

/* What follows every text that begins with fold, in byte order. */
static str fold_below(arena *mem, str fold) { return str_fmt(mem, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(fold)); }

err list_search(db *d, arena *mem, str name, str typed, size_t most, struct options *out)
{
    struct sql_list_latest_row latest;
    struct list_item_list rows = {0};
    str fold = label_fold(mem, text_line(mem, typed));
    *out = (struct options){0};
    TRY(sql_list_latest(d, mem, name, &latest));
    if (!fold.n) return NO_ERR;
    TRY(sql_list_items_begin(d, mem, name, latest.revision, fold, fold_below(mem, fold), (int64_t)most, &rows));
    options_from(mem, &rows, out);
    if (out->n >= most || utf8_length(fold) < 2) return NO_ERR;
    rows = (struct list_item_list){0};
    TRY(sql_list_items_hold(d, mem, name, latest.revision, fold, (int64_t)(most - out->n), &rows));
    options_from(mem, &rows, out);
    return NO_ERR;
}

static bool store_find(const struct list_world *w, arena *mem, str name, int64_t revision, str id_or_label, struct option *out)
{
    struct list_item item;
    struct list_item_list rows = {0};
    if (sql_list_item_get(w->d, mem, name, revision, id_or_label, &item).code == OK) {
        *out = option_from(&item);
        return true;
    }
    str fold = label_fold(mem, text_line(mem, id_or_label));
    if (sql_list_items_by_fold(w->d, mem, name, revision, fold, &rows).code == OK && rows.n == 1) {
        *out = option_from(&rows.v[0]);
        return true;
    }
    if (sql_list_item_ever(w->d, mem, name, id_or_label, &item).code != OK) return false;
    *out = option_from(&item);
    out->retired = true;
    return true;
}

static bool env_find(void *arg, arena *mem, str list, str id_or_label, struct option *out)
{
    const struct list_world *w = arg;
    struct options all;
    int64_t revision;
    if (!id_or_label.n) return false;
    if (!whole_options(w, mem, list, &all, &revision)) return revision && store_find(w, mem, list, revision, id_or_label, out);
    for (size_t i = 0; i < all.n; i++) {
        if (!str_eq(all.v[i].id, id_or_label)) continue;
        *out = all.v[i];
        return true;
    }
    const struct option *o = option_by_label(mem, &all, id_or_label);
    if (o) *out = *o;
    return o != NULL;
}

static bool env_options(void *arg, arena *mem, str list, size_t most, struct options *out, size_t *out_total)
{
    const struct list_world *w = arg;
    struct sql_list_items_count_row count;
    struct list_item_list rows = {0};
    int64_t revision;
    *out = (struct options){0};
    if (whole_options(w, mem, list, out, &revision)) {
        *out_total = out->n;
        if (out->n > most) out->n = most;
        return true;
    }
    if (!revision || sql_list_items_count(w->d, mem, list, revision, &count).code != OK) return false;
    *out_total = (size_t)count.n;
    if (sql_list_items_first(w->d, mem, list, revision, (int64_t)most, &rows).code != OK) return false;
    *out = (struct options){0};
    options_from(mem, &rows, out);
    return true;
}

static bool env_suggest(void *arg, arena *mem, str list, str typed, size_t most, struct options *out)
{
    const struct list_world *w = arg;
    struct options all;
    const struct options *held = &all;
    int64_t revision;
    if (!whole_options(w, mem, list, &all, &revision)) {
        if (!w->kinds) return list_search(w->d, mem, list, typed, most, out).code == OK;
        if (!revision || list_cache_get(kinds_lists(w->kinds), w->d, mem, list, revision, &held).code != OK) return false;
    }
    options_suggest(mem, held, typed, most, out);
    return true;
}

/* Columns lat, lon; of a national address base (BAL) too: lat, long. */
static bool env_locate(void *arg, arena *mem, str address, double *out_lat, double *out_lon)
{
    const struct list_world *w = arg;
    struct sql_list_latest_row latest;
    struct sql_list_items_extra_row_list rows = {0};
    json_t *extra;
    str fold = label_fold(mem, text_line(mem, address));
    if (!fold.n || sql_list_latest(w->d, mem, LIST_ADDRESSES, &latest).code != OK) return false;
    if (sql_list_items_extra(w->d, mem, LIST_ADDRESSES, latest.revision, fold, &rows).code != OK || rows.n != 1) return false;
    if (json_parse(mem, rows.v[0].extra, &extra).code != OK) return false;
    str lon = json_str(extra, "lon");
    return number_typed(mem, json_str(extra, "lat"), out_lat) && number_typed(mem, lon.n ? lon : json_str(extra, "long"), out_lon);
}

void list_env(struct answers_env *env, struct list_world *world)
{
    env->locate = env_locate;
    if (world->tenant) {
        env->map = json_object_get(world->tenant->settings, "map");
        env->has_outline = json_object_get(world->tenant->settings, "outline") != NULL;
    }
    env->list = env_find;
    env->options = env_options;
    env->suggest = env_suggest;
    env->list_arg = world;
}

void field_suggest(const struct field *f, arena *mem, const struct answers_env *env, str typed, struct options *out)
{
    *out = (struct options){0};
    if (!f->list.n) options_suggest(mem, &f->options, typed, SUGGEST_MOST, out);
    else if (env->suggest) env->suggest(env->list_arg, mem, f->list, typed, SUGGEST_MOST, out);
}
