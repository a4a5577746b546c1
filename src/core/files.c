/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/files.h"

#include "base/id.h"
#include "base/utf8.h"
#include "core/tenant.h"
#include "gen/sql/core/files.sql.h"
#include "gen/sql/core/tenant.sql.h"

static struct file file_from_row(const struct file_row *r)
{
    return (struct file){.id = r->id, .owner = r->owner, .size_bytes = r->size_bytes, .created_us = r->created, .field_path = r->field_path,
                         .name = r->name, .type = r->type, .sha256_hex = r->sha256, .state = r->state, .part = r->part,
                         .blob = {r->blob, r->wrapped_key, r->size_bytes, r->sha256}, .is_public = r->is_public != 0, .shown_copy = r->shown_copy};
}

/* What would be read as a place, a command or a hidden file by the machine it is saved on. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0) || c == '"' || c == '<' || c == '>' || c == '|' || c == ':' || c == '*' || c == '?' ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

str file_name_clean(arena *mem, str name)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
            name = str_cut(name, i, name.n);
            break;
        }
    char *p = arena_alloc(mem, name.n + 1);
    size_t n = 0;
    uint32_t c;
    for (size_t at = 0; at < name.n;) {
        size_t from = at;
        if (!utf8_next(name, &at, &c)) {
            at = from + 1;
            continue;
        }
        if (is_unsafe(c)) continue;
        memcpy(p + n, name.p + from, at - from);
        n += at - from;
    }
    str s = str_trim((str){p, n});
    while (s.n && s.p[0] == '.') s = str_cut(s, 1, s.n);
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.') dot--;
    str end = dot > 1 && s.n - dot <= 8 ? str_cut(s, dot - 1, s.n) : S("");
    s = str_fmt(mem, "%.*s%.*s", STR_ARG(utf8_cut(str_cut(s, 0, s.n - end.n), 100)), STR_ARG(end));
    return s.n ? s : words(LANG_FR, W("core.file.unnamed"));
}

struct add { arena *mem; struct file f; int64_t id; str kept; };

/* One content is kept once: a second copy takes the name and the key of the first. */
static err same_content(db *w, arena *mem, struct blob_ref *ref)
{
    struct sql_file_same_content_row_list same;
    str hash = str_cut(ref->name, 0, 64);
    TRY(sql_file_same_content(w, mem, str_fmt(mem, "%.*s.", STR_ARG(hash)), str_fmt(mem, "%.*s/", STR_ARG(hash)), &same));
    if (same.n) {
        ref->name = same.v[0].blob;
        ref->wrapped_key = same.v[0].wrapped_key;
    }
    return NO_ERR;
}

static err add_in_txn(db *w, void *arg)
{
    struct add *a = arg;
    struct blob_ref ref = a->f.blob;
    if (ref.name.n) TRY(same_content(w, a->mem, &ref));
    a->kept = ref.name;
    return sql_file_row_add(w, a->id, a->f.owner, a->f.field_path, a->f.name, a->f.type, a->f.size_bytes, ref.sha256_hex, ref.name, ref.wrapped_key,
                            a->f.part, a->f.state, a->f.created_us);
}

static struct add add_of(arena *mem, int64_t owner, str field_path, str name, str type, const struct blob_ref *ref)
{
    return (struct add){mem, {.owner = owner, .field_path = field_path, .name = file_name_clean(mem, name), .type = type, .size_bytes = ref->size_bytes,
                              .blob = *ref, .state = S("ready"), .created_us = clock_now_us()}, id_new(), STR_NONE};
}

err file_row_put(db *w, arena *mem, int64_t owner, str field_path, str name, str type, const struct blob_ref *ref, int64_t *out_id)
{
    struct add a = add_of(mem, owner, field_path, name, type, ref);
    *out_id = a.id;
    return add_in_txn(w, &a);
}

err file_add(db *d, struct blobs *b, arena *mem, int64_t owner, str field_path, str name, str type, const struct blob_ref *ref, int64_t *out_id)
{
    struct add a = add_of(mem, owner, field_path, name, type, ref);
    TRY(db_txn(d, add_in_txn, &a));
    if (!str_eq(a.kept, ref->name)) (void)blob_remove(b, db_tenant(d), ref->name); /* the sweep takes what is left */
    *out_id = a.id;
    return NO_ERR;
}

err file_part_add(db *d, arena *mem, int64_t owner, str field_path, str name, str type, int64_t size_bytes, str part, int64_t *out_id)
{
    struct add a = {mem, {.owner = owner, .field_path = field_path, .name = file_name_clean(mem, name), .type = type, .size_bytes = size_bytes,
                          .part = part, .state = S("uploading"), .created_us = clock_now_us()}, id_new(), STR_NONE};
    TRY(db_txn(d, add_in_txn, &a));
    *out_id = a.id;
    return NO_ERR;
}

struct done { arena *mem; int64_t id; str type, kept; struct blob_ref ref; };

static err done_in_txn(db *w, void *arg)
{
    struct done *x = arg;
    struct blob_ref ref = x->ref;
    int64_t changed = 0;
    TRY(same_content(w, x->mem, &ref));
    x->kept = ref.name;
    TRY(sql_file_row_done(w, x->id, x->type, ref.size_bytes, ref.sha256_hex, ref.name, ref.wrapped_key, &changed));
    return changed ? NO_ERR : FAIL(E_GONE, W("core.file.gone"));
}

err file_part_done(db *d, struct blobs *b, arena *mem, int64_t id, str sniffed_type)
{
    struct file f;
    struct done x = {.mem = mem};
    TRY(file_get(d, mem, id, &f));
    if (!str_is(f.state, "uploading")) return NO_ERR;
    TRY(blob_part_finish(b, db_tenant(d), f.part, mem, &x.ref));
    TRY(file_part_sealed(d, b, mem, id, sniffed_type, &x.ref));
    return blob_part_abort(b, db_tenant(d), f.part);
}

err file_part_sealed(db *d, struct blobs *b, arena *mem, int64_t id, str sniffed_type, const struct blob_ref *ref)
{
    struct done x = {.mem = mem, .id = id, .type = sniffed_type, .ref = *ref};
    TRY(db_txn(d, done_in_txn, &x));
    if (!str_eq(x.kept, x.ref.name)) (void)blob_remove(b, db_tenant(d), x.ref.name);
    return NO_ERR;
}

err file_get(db *d, arena *mem, int64_t id, struct file *out)
{
    struct file_row row;
    TRY(sql_file_row_get(d, mem, id, &row));
    *out = file_from_row(&row);
    return NO_ERR;
}

err files_of(db *d, arena *mem, int64_t owner, struct files *out)
{
    struct file_row_list rows;
    *out = (struct files){0};
    TRY(sql_file_rows_of(d, mem, owner, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, file_from_row(&rows.v[i]));
    return NO_ERR;
}

struct change_args { int64_t id, copy, owner; bool is_public; str state, path; };

static err gone_when_none(int64_t changed) { return changed ? NO_ERR : FAIL(E_NOT_FOUND, W("core.file.gone")); }

static err state_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    int64_t changed = 0;
    TRY(sql_file_row_state(w, a->id, a->state, &changed));
    return gone_when_none(changed);
}

static err shown_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    int64_t changed = 0;
    TRY(sql_file_row_shown(w, a->id, a->copy, a->is_public, &changed));
    return gone_when_none(changed);
}

static err remove_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    return sql_file_row_remove(w, a->id);
}

err file_set_state(db *d, int64_t id, str state) { return db_txn(d, state_in_txn, &(struct change_args){.id = id, .state = state}); }

err file_set_shown(db *d, int64_t id, int64_t copy, bool is_public)
{
    return db_txn(d, shown_in_txn, &(struct change_args){.id = id, .copy = copy, .is_public = is_public});
}

static err own_in_txn(db *w, void *arg)
{
    struct change_args *a = arg;
    int64_t changed = 0;
    TRY(sql_file_row_own(w, a->id, a->owner, a->path, &changed));
    return changed ? NO_ERR : FAIL(E_DENIED, W("core.file.somebodys"));
}

err file_own(db *d, int64_t id, int64_t owner, str field_path)
{
    return db_txn(d, own_in_txn, &(struct change_args){.id = id, .owner = owner, .path = field_path});
}

/* Nobody can come to share a blob that no row knows: once gone from the rows, it can go from the disk. */
static err blob_forget(db *d, struct blobs *b, arena *mem, str name)
{
    struct sql_file_same_blob_row_list same;
    if (!name.n) return NO_ERR;
    TRY(sql_file_same_blob(d, mem, name, &same));
    if (!same.n) (void)blob_remove(b, db_tenant(d), name); /* the sweep takes what is left */
    return NO_ERR;
}

err file_remove(db *d, struct blobs *b, arena *mem, int64_t id)
{
    struct file f, copy = {0};
    TRY(file_get(d, mem, id, &f));
    if (f.shown_copy) {
        err e = file_get(d, mem, f.shown_copy, &copy);
        if (e.code != OK && e.code != E_NOT_FOUND) return e;
    }
    if (f.part.n) (void)blob_part_abort(b, db_tenant(d), f.part);
    TRY(db_txn(d, remove_in_txn, &(struct change_args){.id = id}));
    TRY(blob_forget(d, b, mem, f.blob.name));
    return blob_forget(d, b, mem, copy.blob.name);
}

err files_erase(db *w, arena *mem, int64_t owner)
{
    (void)mem;
    return sql_files_remove_of(w, owner);
}

struct sweep { db *d; arena *mem; };

/* When it cannot be told, it stays. */
static bool has_row(struct sweep *x, str name)
{
    struct sql_file_same_blob_row_list same;
    return sql_file_same_blob(x->d, x->mem, name, &same).code != OK || same.n > 0;
}

static bool is_away(struct sweep *x, int64_t tenant)
{
    struct tenant_row row;
    err e = sql_tenant_row_get(x->d, x->mem, tenant, &row);
    return e.code == OK ? str_starts(row.settings, S(TENANT_AWAY_SETTINGS)) : e.code != E_NOT_FOUND;
}

/* Rows of a town that is being restored are gone for a while, its files are not: it may have come back between two looks. */
static bool is_known(void *arg, int64_t tenant, str name)
{
    struct sweep *x = arg;
    arena_reset(x->mem);
    db_bind_tenant(x->d, tenant);
    return has_row(x, name) || is_away(x, tenant) || has_row(x, name);
}

err files_sweep(struct store *s, struct blobs *b, int64_t older_than_us, const struct going *going, int64_t *out_removed)
{
    struct sweep x = {.mem = arena_new(1 << 20)};
    err e = store_read(s, 0, &x.d);
    if (e.code == OK) {
        e = blobs_sweep(b, older_than_us, going, is_known, &x, out_removed);
        db_done(x.d);
    }
    arena_free(x.mem);
    return e;
}
