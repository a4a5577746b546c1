/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Three walks through the archive: all of it is checked; its files are put on the shelf, where nobody sees them; its rows come in. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/words.h"
#include "core/archive.h"
#include "core/projection.h"
#include "gen/sql/core/tenant.sql.h"
#include "store/change.h"
#include "store/tar.h"

enum walk { CHECKING, FILES_IN, ROWS_IN };
struct coming {
    const struct archive_world *w;
    arena *keep, *mem;                  /* of the whole restoration; of one member */
    db *d;                              /* bound to no tenant */
    struct tables all;
    struct tenant_named t;
    str settings;
    struct strs hosts;
    int64_t *counts;                    /* rows by table of `all` */
    enum walk walk;
    int in;
    int64_t rows, files;
    crypto_generichash_state hash;
};

static err not_ours(void) { return FAIL(E_INVALID, "store.restore.not_a_backup"); }
static bool is_table(const struct table *t, const char *name) { return strcmp(t->row->name, name) == 0; }

/* ---- members ---- */

static str line_of(str text, str name)
{
    for (str line, rest = text; rest.n;) {
        line = str_split(rest, '\n', &rest);
        if (str_starts(line, name) && line.n > name.n && line.p[name.n] == ' ') return str_cut(line, name.n + 1, line.n);
    }
    return STR_NONE;
}

static err head_read(struct coming *c, str text)
{
    str ring, text_kept = str_copy(c->keep, text);
    struct hash32 key;
    archive_keys(c->w->blobs, c->keep, &ring, &key);
    if (!str_starts(text, S(ARCHIVE_FORMAT))) return not_ours();
    if (str_i64(line_of(text_kept, S("id")), &c->t.id).code != OK || c->t.id <= 0) return not_ours();
    c->t.slug = line_of(text_kept, S("slug"));
    if (!str_eq(line_of(text_kept, S("ring")), ring)) return FAIL(E_CONFIG, W("tenant.restore.keys"));
    crypto_generichash_init(&c->hash, key.b, sizeof key.b, 32);
    return NO_ERR;
}

static str cell_of(const struct coming *c, const struct table *t, const struct cell *row, str column)
{
    ptrdiff_t at = table_column(t, column);
    return at < 0 ? STR_NONE : str_copy(c->keep, row[at].s);
}

static err rows_check(struct coming *c, const struct table *t, const struct cells *rows)
{
    ptrdiff_t owner = table_column(t, str_of(t->row->tenant ? t->row->tenant : "tenant"));
    for (size_t i = 0; i < rows->n; i++) {
        const struct cell *row = rows->v + i * t->n;
        if (owner < 0 || row[owner].i != c->t.id) return not_ours();
        if (is_table(t, "host")) PUSH(c->keep, &c->hosts, cell_of(c, t, row, S("name")));
        if (!is_table(t, "tenant")) continue;
        c->t.slug = cell_of(c, t, row, S("slug"));
        c->t.name = cell_of(c, t, row, S("name"));
        c->settings = cell_of(c, t, row, S("settings"));
        ptrdiff_t created = table_column(t, S("created"));
        if (created >= 0) c->t.created_us = row[created].i;
    }
    c->counts[t - c->all.v] += (int64_t)rows->n;
    return NO_ERR;
}

struct insertion { arena *mem; const struct table *t; const struct cells *rows; };
static err insert_in_txn(db *w, void *arg)
{
    const struct insertion *x = arg;
    return table_insert(w, x->mem, x->t, x->rows->v, x->rows->n);
}

static err rows_member(struct coming *c, int64_t size)
{
    struct cells rows;
    const struct table *t;
    if (size > ROWS_MEMBER_MOST) return not_ours();
    char *v = arena_alloc(c->mem, (size_t)size + 1);
    TRY(tar_read(c->in, v, (size_t)size));
    crypto_generichash_update(&c->hash, (const unsigned char *)v, (size_t)size);
    if (c->walk == FILES_IN) return NO_ERR;
    TRY(rows_parse(c->mem, &c->all, (str){v, (size_t)size}, &t, &rows));
    c->rows += (int64_t)rows.n;
    if (c->walk == CHECKING) return rows_check(c, t, &rows);
    if (is_table(t, "tenant") || is_table(t, "host")) return NO_ERR;
    archive_tell(c->w, t->row->name, c->rows);
    return db_txn_own(c->d, insert_in_txn, &(struct insertion){c->mem, t, &rows});
}

static err file_in(struct coming *c, str name, int64_t size)
{
    int out;
    const char *path = str_z(c->mem, blob_sealed_path(c->w->blobs, c->t.id, c->mem, name));
    unlink(path);
    TRY(tar_make(path, &out));
    err e = tar_copy(c->in, out, size, &c->hash);
    if (e.code == OK && fsync(out) != 0) e = FAIL(E_IO, "store.io");
    close(out);
    return e.code == OK ? blob_sealed_put(c->w->blobs, c->t.id, name, path) : e;
}

/* A name of ours is 64 hexadecimal digits, a dot, 16 more: nothing in it leads elsewhere. */
static bool name_is_good(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char x = name.p[i];
        if (i == 64 ? x != '.' : !((x >= '0' && x <= '9') || (x >= 'a' && x <= 'f'))) return false;
    }
    return name.n == 81;
}

static err end_read(struct coming *c, str text)
{
    struct hash32 sum;
    crypto_generichash_final(&c->hash, sum.b, sizeof sum.b);
    str hex = hex_of(c->mem, sum.b, sizeof sum.b);
    int64_t rows = -1, files = -1;
    (void)str_i64(line_of(text, S("rows")), &rows);
    (void)str_i64(line_of(text, S("files")), &files);
    bool counted = c->walk == FILES_IN || rows == c->rows;
    return secret_eq(hex, line_of(text, S("hash"))) && counted && files == c->files ? NO_ERR : not_ours();
}

static err member(struct coming *c, str name, int64_t size, bool *done)
{
    str text;
    bool is_head = str_is(name, ARCHIVE_HEAD), is_end = str_is(name, "end");
    if (is_head || is_end) {
        TRY(tar_read_text(c->in, c->mem, size, &text));
        *done = is_end;
        if (is_end) return end_read(c, text);
        TRY(head_read(c, text));
        crypto_generichash_update(&c->hash, (const unsigned char *)name.p, name.n);
        crypto_generichash_update(&c->hash, (const unsigned char *)text.p, text.n);
        return NO_ERR;
    }
    crypto_generichash_update(&c->hash, (const unsigned char *)name.p, name.n);
    if (str_starts(name, S("rows/"))) return rows_member(c, size);
    str blob = str_cut(name, 6, name.n);
    if (!str_starts(name, S("blobs/")) || !name_is_good(blob)) return not_ours();
    c->files++;
    if (c->walk == FILES_IN) return file_in(c, blob, size);
    return tar_copy(c->in, -1, size, &c->hash);
}

static err walk(struct coming *c, const char *path, enum walk which)
{
    bool done = false, first = true;
    c->walk = which;
    c->rows = c->files = 0;
    c->in = open(path, O_RDONLY | O_CLOEXEC);
    if (c->in < 0) return FAIL(E_NOT_FOUND, "store.backup.missing");
    err e = NO_ERR;
    while (e.code == OK && !done) {
        str name;
        int64_t size;
        arena_reset(c->mem);
        e = tar_next(c->in, c->mem, &name, &size);
        if (e.code == OK && first != (bool)str_is(name, ARCHIVE_HEAD)) e = not_ours();
        if (e.code == OK) e = member(c, name, size, &done);
        if (e.code == OK && !done) e = tar_skip(c->in, size);
        first = false;
        if (which == ROWS_IN && e.code == OK && c->files) break;        /* files stand behind the rows */
    }
    close(c->in);
    return e;
}

/* ---- the tenant ---- */

/* Before anything is touched: is its place free, or may it be taken? */
static err place_check(struct coming *c, const struct restoring *r)
{
    struct tenant_row there;
    struct sql_host_owner_row owner;
    err e = sql_tenant_row_get(c->d, c->mem, c->t.id, &there);
    if (e.code == OK && !r->replace && !tenant_is_away(&(struct tenant_named){.settings = there.settings})) return FAIL_AT(E_EXISTS, W("tenant.restore.there"), str_z(c->keep, there.slug));
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    if (r->host.n) {
        TRY(tenant_host_check(r->host));
        c->hosts = (struct strs){0};
        PUSH(c->keep, &c->hosts, r->host);
    }
    for (size_t i = 0; i < c->hosts.n; i++) {
        e = sql_host_owner(c->d, c->mem, c->hosts.v[i], &owner);
        if (e.code == OK && owner.tenant_id != c->t.id) return FAIL_AT(E_EXISTS, W("tenant.host_taken"), str_z(c->keep, c->hosts.v[i]));
        if (e.code != OK && e.code != E_NOT_FOUND) return e;
    }
    return NO_ERR;
}

static err counts_check(struct coming *c)
{
    for (size_t i = 0; i < c->all.n; i++) {
        const struct table *t = &c->all.v[i];
        int64_t n;
        if (!c->counts[i] || is_table(t, "host")) continue;
        TRY(table_count(c->d, c->mem, t, c->t.id, &n));
        if (n != c->counts[i]) return FAIL_AT(E_INTERNAL, W("tenant.restore.incomplete"), t->row->name);
    }
    return NO_ERR;
}

struct back { struct coming *c; };
static err back_in_txn(db *w, void *arg)
{
    const struct coming *c = ((struct back *)arg)->c;
    TRY(sql_tenant_row_save(w, c->t.id, c->t.name, c->settings));
    TRY(change_bump(w, S(TOPIC_TENANT)));
    return change_bump(w, S(TOPIC_AWAY));
}

static err come_back(struct coming *c)
{
    AUTO(db_close_auto) db *own = NULL;
    store_fence(c->w->store, 0);
    TRY(store_read(c->w->store, c->t.id, &own));
    kinds_forget(c->w->kinds, c->t.id);
    TRY(projections_of_tenant(own, c->w->kinds, c->keep));
    TRY(db_txn(own, back_in_txn, &(struct back){c}));
    kinds_forget(c->w->kinds, c->t.id);
    tenants_changed(c->w->tenants);
    return NO_ERR;
}

static err restore_steps(struct coming *c, const struct restoring *r)
{
    const char *path = str_z(c->keep, r->file);
    TRY(store_read(c->w->store, 0, &c->d));
    TRY(tables_read(c->d, c->keep, &c->all));
    c->counts = NEW_N(c->keep, int64_t, c->all.n);
    TRY(walk(c, path, CHECKING));
    if (!c->settings.n) return not_ours();
    TRY(place_check(c, r));
    TRY(walk(c, path, FILES_IN));
    TRY(tenant_away(c->w, &c->t, "restore", &c->hosts));
    TRY(tenant_rows_remove(c->w, &c->all, c->t.id));
    TRY(walk(c, path, ROWS_IN));
    TRY(counts_check(c));
    return come_back(c);
}

err tenant_restore(const struct archive_world *w, const struct restoring *r, str *out_slug, arena *mem)
{
    struct coming c = {.w = w, .keep = mem, .mem = arena_new(0)};
    err e = restore_steps(&c, r);
    store_fence(w->store, 0);
    if (c.d) db_done(c.d);
    arena_free(c.mem);
    *out_slug = c.t.slug;
    return e;
}
