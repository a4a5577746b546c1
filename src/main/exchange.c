/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/exchange.h"

#include <stdio.h>

#include "core/kinds.h"
#include "core/value_list.h"
#include "formats/ds_descriptor.h"
#include "formats/yaml.h"

#define DESCRIPTOR_MOST_BYTES ((size_t)64 << 20)

err file_text(arena *mem, str path, str *out)
{
    const char *z = str_z(mem, path);
    FILE *f = fopen(z, "re");
    if (!f) return FAIL_AT(E_NOT_FOUND, "exchange.no_file", z);
    buf b = BUF(DESCRIPTOR_MOST_BYTES);
    char part[65536];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) buf_put(&b, (str){part, n});
    bool bad = ferror(f) || b.full;
    fclose(f);
    *out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return bad ? FAIL_AT(E_TOO_LARGE, "exchange.too_large", z) : NO_ERR;
}

static void import_tell(struct run *r, const struct ds_import *x, const struct kind_row *row, const char *what)
{
    run_print(r, "%s\t%lld\t%.*s\t%zu\n", what, (long long)row->number, STR_ARG(row->slug), x->n_fields);
    for (size_t i = 0; i < x->unknown.n; i++)
        run_tell(r, "%.*s %.*s\n", STR_ARG(words(LANG_FR, W("exchange.unknown_type"))), STR_ARG(x->unknown.v[i]));
    for (size_t i = 0; i < x->notes.n; i++)
        run_tell(r, "%s: %.*s\n", x->notes.v[i].at, STR_ARG(words(LANG_FR, x->notes.v[i].why)));
}

static err lacks_tell(struct run *r, const struct tenant *t, db *d, const struct kind_row *row)
{
    const struct kind *k;
    struct lacks lacks = {0};
    TRY(kind_draft_get(d, r->mem, row->name, &k));
    TRY(kind_lacks(d, t, r->mem, k, row, &lacks));
    if (!lacks.n) return NO_ERR;
    run_tell(r, "%.*s\n", STR_ARG(words(LANG_FR, W("exchange.remains"))));
    for (size_t i = 0; i < lacks.n; i++) {
        str what = lack_words(r->mem, LANG_FR, &lacks.v[i]);
        run_tell(r, "- %.*s\n", STR_ARG(what));
    }
    return NO_ERR;
}

/* By its number; without one, by the name its own id or its title gave it (ds_descriptor.h). */
static err row_find(db *d, arena *mem, const json_t *kind, struct kind_row *out)
{
    int64_t number = json_i64(kind, "number", 0);
    return number > 0 ? kind_row_by_number(d, mem, number, out) : kind_row_get(d, mem, json_str(kind, "kind"), out);
}

err exchange_import_ds(struct run *r, const struct tenant *t, db *d, str path, int64_t body, int64_t team, bool publish)
{
    str text, slug;
    json_t *given, *previous = NULL;
    struct kind_row row = {0};
    struct ds_import x = {0};
    const char *what = "new";
    TRY(file_text(r->mem, path, &text));
    TRY(json_parse_max(r->mem, text, DESCRIPTOR_MOST_BYTES, &given));
    TRY(ds_to_kind(r->mem, given, NULL, &x));
    err found = row_find(d, r->mem, x.kind, &row);
    if (found.code == OK) {
        TRY(kind_draft_definition(d, r->mem, row.name, &previous));
        TRY(ds_to_kind(r->mem, given, previous, &x));
        what = json_equal(x.kind, previous) ? "same" : "revision";
        if (*what == 'r') TRY(kind_draft_save(d, r->mem, row.name, x.kind, 0, 0, NULL));
    } else {
        if (found.code != E_NOT_FOUND) return found;
        TRY(kind_slug_free(d, r->mem, x.kind, &slug));
        TRY(kind_create(d, S("procedures"), slug, body, team, x.kind, 0, r->mem, &row));
    }
    import_tell(r, &x, &row, what);
    TRY(kind_row_get(d, r->mem, row.name, &row));
    if (!row.draft_revision && row.revision) return NO_ERR;          /* what is published is what was brought in */
    if (*what != 's' || publish) TRY(lacks_tell(r, t, d, &row));
    return publish ? kind_publish(d, t, r->mem, row.name, 0) : NO_ERR;
}

/* A fault says in which file it is. */
static int file_fail(struct run *r, str path, err e)
{
    e.at = e.at && *e.at && !str_eq(str_of(e.at), path) ? str_fmt(r->mem, "%.*s: %s", STR_ARG(path), e.at).p : str_z(r->mem, path);
    return run_fail(r, e);
}

typedef err import_one(struct run *r, const struct tenant *t, db *d, str word, int64_t body);

static err import_ds_one(struct run *r, const struct tenant *t, db *d, str path, int64_t body)
{
    return exchange_import_ds(r, t, d, path, body, 0, run_has(r, "publish"));
}

/* A ready procedure's name travels as a file does, with a folder before it. */
static const char *library_name(arena *mem, str word)
{
    str last = word;
    for (str rest = word; rest.p;) last = str_split(rest, '/', &rest);
    const char *name = str_z(mem, last);
    return kind_yaml_library(name) ? name : NULL;
}

static void library_tell(struct run *r)
{
    buf b = BUF(4096);
    for (const char *const *name = kind_names_library; *name; name++) buf_fmt(&b, " %s", *name);
    run_tell(r, "%.*s%.*s\n", STR_ARG(words(LANG_FR, W("exchange.library"))), STR_ARG(buf_str(&b)));
    buf_free(&b);
}

static err kind_read(struct run *r, str word, json_t **out)
{
    const char *name = library_name(r->mem, word);
    str text;
    if (name) return kind_library_get(r->mem, name, out);
    err e = file_text(r->mem, word, &text);
    if (e.code == E_NOT_FOUND) library_tell(r);
    TRY(e);
    return yaml_parse(r->mem, text, out);
}

static void to_check_tell(struct run *r, const struct kind_row *row, const json_t *definition)
{
    str said = json_str(json_path(definition, "settings.to_check"), "fr");
    if (said.n) run_tell(r, "%.*s: %.*s\n", STR_ARG(row->name), STR_ARG(words_fill(r->mem, LANG_FR, W("exchange.to_check"), "what", said, NULL)));
}

static err import_kind_one(struct run *r, const struct tenant *t, db *d, str word, int64_t body)
{
    static const char *const said[] = {[KIND_NEW] = "new", [KIND_SAME] = "same", [KIND_REVISED] = "revision", [KIND_KEPT] = "kept"};
    json_t *definition;
    enum kind_taken what;
    struct kind_row row;
    TRY(kind_read(r, word, &definition));
    TRY(kind_take(d, r->mem, definition, body, &what, &row));
    run_print(r, "%s\t%lld\t%.*s\t%.*s\n", said[what], (long long)row.number, STR_ARG(row.slug), STR_ARG(row.name));
    if (what == KIND_KEPT) run_tell(r, "%.*s: %.*s\n", STR_ARG(row.name), STR_ARG(words(LANG_FR, W("exchange.kept"))));
    if (what == KIND_NEW) to_check_tell(r, &row, definition);
    if (what == KIND_KEPT || (!row.draft_revision && row.revision)) return NO_ERR;
    TRY(lacks_tell(r, t, d, &row));
    return run_has(r, "publish") ? kind_publish(d, t, r->mem, row.name, 0) : NO_ERR;
}

/* Each file by itself: one at fault imports nothing, says where, and the others go on. */
static int import_each(struct run *r, import_one *one)
{
    const struct tenant *t;
    int64_t body;
    int status = run_tenant(r, &t);
    if (status == DONE) status = run_body(r, t, &body);
    if (status != DONE) return status;
    AUTO(db_close_auto) db *d = NULL;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code != OK) return run_fail(r, e);
    arena *whole = r->mem;
    r->mem = arena_new(0);                  /* of one file: thousands may come in one command */
    for (size_t i = 0; i < r->words.n; i++) {
        e = one(r, t, d, r->words.v[i], body);
        if (e.code != OK) status = file_fail(r, r->words.v[i], e);
        arena_reset(r->mem);
    }
    arena_free(r->mem);
    r->mem = whole;
    return status;
}

int import_ds_run(struct run *r) { return import_each(r, import_ds_one); }
int import_kind_run(struct run *r) { return import_each(r, import_kind_one); }

static err list_held(db *d, arena *mem, str name, struct list_row *out)
{
    struct list_rows rows;
    *out = (struct list_row){0};
    TRY(list_rows_of(d, mem, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (str_eq(rows.v[i].name, name)) *out = rows.v[i];
    return NO_ERR;
}

int import_list_run(struct run *r)
{
    const struct tenant *t;
    str text, name = run_word(r, 0), path = run_word(r, 1), title = run_option(r, "title");
    struct list_row before, after = {0};
    AUTO(db_close_auto) db *d = NULL;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = file_text(r->mem, path, &text);
    if (e.code == OK) e = list_held(d, r->mem, name, &before);
    if (e.code == OK) e = list_import_csv(d, r->mem, name, title.n ? title : before.title, text, NULL);
    if (e.code == OK) e = list_held(d, r->mem, name, &after);
    if (e.code != OK) return file_fail(r, path, e);
    const char *what = after.revision == before.revision ? "same" : before.revision ? "revision" : "new";
    run_print(r, "%s\t%.*s\t%lld\n", what, STR_ARG(name), (long long)after.entries);
    return DONE;
}

/* Members of `more` win; objects are merged. */
static void merge(json_t *into, const json_t *more)
{
    const char *key;
    json_t *v, *old;
    json_object_foreach((json_t *)more, key, v)
    {
        old = json_object_get(into, key);
        if (json_is_object(old) && json_is_object(v)) merge(old, v);
        else json_object_set_new(into, key, json_deep_copy(v));
    }
}

int defaults_run(struct run *r)
{
    const struct tenant *t;
    int64_t id;
    int status = run_tenant(r, &t);
    if (status == DONE) status = run_body(r, t, &id);
    if (status != DONE) return status;
    const struct body *found = tenant_body(t, id);
    if (!found) return run_fail(r, FAIL(E_NOT_FOUND, W("command.no_body_yet")));
    AUTO(db_close_auto) db *d = NULL;
    struct body b = *found;
    str text;
    json_t *given;
    err e = file_text(r->mem, r->words.v[0], &text);
    if (e.code == OK) e = json_parse(r->mem, text, &given);
    if (e.code == OK && !json_is_object(given)) e = FAIL(E_INVALID, W("answers.not_object"));
    if (e.code != OK) return file_fail(r, r->words.v[0], e);
    e = store_read(r->app->store, t->id, &d);
    if (e.code != OK) return run_fail(r, e);
    b.settings = json_own(r->mem, json_is_object(b.settings) ? json_deep_copy(b.settings) : json_object());
    merge(b.settings, given);
    e = body_change(d, found, &b);
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    return DONE;
}

int export_check(struct run *r)
{
    int64_t number;
    if (str_i64(run_word(r, 0), &number).code == OK) return DONE;
    return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.not_a_number"), "name", run_word(r, 0), NULL));
}

int export_run(struct run *r)
{
    int64_t number = 0;
    const struct tenant *t;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    AUTO(db_close_auto) db *d = NULL;
    struct kind_row row;
    json_t *definition, *descriptor;
    err e = str_i64(run_word(r, 0), &number);
    if (e.code == OK) e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = kind_row_by_number(d, r->mem, number, &row);
    if (e.code == OK) e = kind_draft_definition(d, r->mem, row.name, &definition);
    if (e.code == OK) e = kind_to_ds(r->mem, definition, &descriptor);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s", STR_ARG(json_pretty(r->mem, descriptor)));
    return DONE;
}
