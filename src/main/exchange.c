/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/exchange.h"

#include <stdio.h>

#include "core/kinds.h"
#include "formats/ds_descriptor.h"

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

static str slug_of(arena *mem, const json_t *kind)
{
    str title = json_text(json_path(kind, "title.fr"));
    str slug = kind_slug(mem, title.n ? title : json_str(kind, "title"));
    return slug.n ? slug : str_fmt(mem, "demarche-%lld", (long long)json_i64(kind, "number", 0));
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

err exchange_import_ds(struct run *r, const struct tenant *t, db *d, str path, int64_t body, int64_t team, bool publish)
{
    str text;
    json_t *given, *previous = NULL;
    struct kind_row row = {0};
    struct ds_import x = {0};
    TRY(file_text(r->mem, path, &text));
    TRY(json_parse_max(r->mem, text, DESCRIPTOR_MOST_BYTES, &given));
    TRY(ds_to_kind(r->mem, given, NULL, &x));
    err found = kind_row_by_number(d, r->mem, json_i64(x.kind, "number", 0), &row);
    if (found.code == OK) {
        TRY(kind_draft_definition(d, r->mem, row.name, &previous));
        TRY(ds_to_kind(r->mem, given, previous, &x));
        if (json_equal(x.kind, previous)) {
            import_tell(r, &x, &row, "same");
            return NO_ERR;
        }
        TRY(kind_draft_save(d, r->mem, row.name, x.kind, 0, 0, &row.draft_revision));
        import_tell(r, &x, &row, "revision");
    } else {
        if (found.code != E_NOT_FOUND) return found;
        TRY(kind_create(d, S("procedures"), slug_of(r->mem, x.kind), body, team, x.kind, 0, r->mem, &row));
        import_tell(r, &x, &row, "new");
    }
    TRY(lacks_tell(r, t, d, &row));
    return publish ? kind_publish(d, t, r->mem, row.name, 0) : NO_ERR;
}

static int64_t body_wanted(struct run *r, const struct tenant *t)
{
    str insee = run_option(r, "body");
    for (size_t i = 0; insee.n && i < t->bodies.n; i++)
        if (str_eq(t->bodies.v[i].insee, insee) || str_eq(t->bodies.v[i].siren, insee)) return t->bodies.v[i].id;
    return t->bodies.n ? t->bodies.v[0].id : 0;
}

/* Each file by itself: one at fault imports nothing, says where, and the others go on. */
int import_run(struct run *r)
{
    if (r->words.n < 2 || !str_is(r->words.v[0], "ds-descriptor")) {
        run_tell(r, "beffroi import ds-descriptor FILE…\n");
        return WRONG_USE;
    }
    const struct tenant *t = run_tenant(r);
    if (!t) return FAULT_FOUND;
    AUTO(db_close_auto) db *d = NULL;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code != OK) return run_fail(r, e);
    int status = DONE;
    for (size_t i = 1; i < r->words.n; i++) {
        e = exchange_import_ds(r, t, d, r->words.v[i], body_wanted(r, t), 0, run_has(r, "publish"));
        if (e.code == OK) continue;
        if (r->words.n > 2) run_tell(r, "%.*s\n", STR_ARG(r->words.v[i]));
        status = run_fail(r, e);
    }
    return status;
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
    if (r->words.n != 1) {
        run_tell(r, "beffroi defaults FILE [--body INSEE]\n");
        return WRONG_USE;
    }
    const struct tenant *t = run_tenant(r);
    const struct body *found = t ? tenant_body(t, body_wanted(r, t)) : NULL;
    if (!found) return FAULT_FOUND;
    AUTO(db_close_auto) db *d = NULL;
    struct body b = *found;
    str text;
    json_t *given;
    err e = file_text(r->mem, r->words.v[0], &text);
    if (e.code == OK) e = json_parse(r->mem, text, &given);
    if (e.code == OK && !json_is_object(given)) e = FAIL(E_INVALID, "answers.not_object");
    if (e.code == OK) e = store_read(r->app->store, t->id, &d);
    if (e.code != OK) return run_fail(r, e);
    b.settings = json_own(r->mem, json_is_object(b.settings) ? json_deep_copy(b.settings) : json_object());
    merge(b.settings, given);
    e = body_save(d, &b);
    if (e.code != OK) return run_fail(r, e);
    tenants_changed(r->app->tenants);
    return DONE;
}

int export_run(struct run *r)
{
    int64_t number;
    if (r->words.n != 2 || !str_is(r->words.v[0], "ds-descriptor") || str_i64(r->words.v[1], &number).code != OK) {
        run_tell(r, "beffroi export ds-descriptor NUMBER\n");
        return WRONG_USE;
    }
    const struct tenant *t = run_tenant(r);
    if (!t) return FAULT_FOUND;
    AUTO(db_close_auto) db *d = NULL;
    struct kind_row row;
    json_t *definition, *descriptor;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = kind_row_by_number(d, r->mem, number, &row);
    if (e.code == OK) e = kind_draft_definition(d, r->mem, row.name, &definition);
    if (e.code == OK) e = kind_to_ds(r->mem, definition, &descriptor);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s", STR_ARG(json_pretty(r->mem, descriptor)));
    return DONE;
}
