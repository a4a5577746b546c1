/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Definitions that come whole: ready procedures of the library, and files. */
#include "core/kinds.h"
#include "formats/json.h"
#include "gen/sql/core/kinds_library.sql.h"

#define SLUGS_TRIED 1000

err kind_library_get(arena *mem, const char *name, json_t **out)
{
    const char *text = kind_yaml_library(name);
    return text ? json_parse(mem, str_of(text), out) : FAIL(E_NOT_FOUND, W("kind.not_found"));
}

static err slug_taken(db *d, arena *mem, str slug, bool *out)
{
    struct kind_row row;
    err e = kind_row_by_slug(d, mem, slug, &row);
    *out = e.code == OK;
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}

err kind_slug_free(db *d, arena *mem, const json_t *definition, str *out)
{
    int64_t number = json_i64(definition, "number", 0);
    str title = json_text(json_path(definition, "title.fr")), slug = kind_slug(mem, title.n ? title : json_str(definition, "title"));
    bool taken;
    if (!slug.n) slug = str_fmt(mem, "demarche-%lld", (long long)number);
    *out = slug;
    TRY(slug_taken(d, mem, *out, &taken));
    if (taken && number > 0) {
        *out = str_fmt(mem, "%.*s-%lld", STR_ARG(slug), (long long)number);
        TRY(slug_taken(d, mem, *out, &taken));
    }
    for (int i = 2; taken && i <= SLUGS_TRIED; i++) {
        *out = str_fmt(mem, "%.*s-%d", STR_ARG(slug), i);
        TRY(slug_taken(d, mem, *out, &taken));
    }
    return NO_ERR;
}

static err take_new(db *d, arena *mem, const json_t *definition, int64_t body, struct kind_row *out)
{
    str slug;
    TRY(kind_slug_free(d, mem, definition, &slug));
    return kind_create(d, S("procedures"), slug, body, 0, definition, 0, mem, out);
}

err kind_take(db *d, arena *mem, const json_t *definition, int64_t body, enum kind_taken *what, struct kind_row *out)
{
    struct kind *k;
    json_t *held, *given = json_own(mem, json_copy((json_t *)definition));
    struct sql_kind_revision_author_row by;
    TRY(kind_parse_any(mem, definition, &k));
    if (!str_is(k->service, "procedures")) return FAIL_AT(E_INVALID, W("kind.not_procedure"), "base");
    err e = kind_row_get(d, mem, k->name, out);
    *what = KIND_NEW;
    if (e.code == E_NOT_FOUND) return take_new(d, mem, definition, body, out);
    TRY(e);
    TRY(kind_draft_definition(d, mem, k->name, &held));
    if (!k->number) json_object_set_new(given, "number", json_integer(out->number));       /* the one it got when it came */
    *what = KIND_SAME;
    if (json_equal(given, held)) return NO_ERR;
    int64_t current = out->draft_revision ? out->draft_revision : out->revision;
    TRY(sql_kind_revision_author(d, mem, k->name, current, &by));
    *what = KIND_KEPT;
    if (by.author) return NO_ERR;
    *what = KIND_REVISED;
    TRY(kind_draft_save(d, mem, k->name, given, 0, current, NULL));
    return kind_row_get(d, mem, k->name, out);
}
