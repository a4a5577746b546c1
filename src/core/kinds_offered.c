/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the public can file: the town's own kinds, which have a row, and shipped ones, which have none. */
#include "base/said.h"
#include "core/answers.h"
#include "core/kinds.h"
#include "formats/json.h"

int64_t kind_team_of(arena *mem, const struct kind *k, const struct tenant *t, int64_t body)
{
    return json_integer_value(kind_setting(k, t, body, str_fmt(mem, "teams.%.*s", STR_ARG(k->name)).p));
}

void kind_row_shipped(arena *mem, const struct kind *k, const struct tenant *t, struct kind_row *out)
{
    const char *path = str_fmt(mem, "teams.%.*s", STR_ARG(k->name)).p;
    int64_t body = t->bodies.n ? t->bodies.v[0].id : 0;
    for (size_t i = t->bodies.n; i-- > 0;)
        if (json_path(t->bodies.v[i].settings, path)) body = t->bodies.v[i].id;
    *out = (struct kind_row){.name = k->name, .slug = k->name, .service = k->service, .title = k->title.v[LANG_FR], .body = body,
                             .team = kind_team_of(mem, k, t, body), .status = KIND_PUBLISHED};
}

/* One that asks nothing is a life-cycle for others; one that takes such a life-cycle is a model from the library, for a town to make its own. */
static bool is_filed(const struct kind *k)
{
    size_t asked = 0;
    for (size_t i = 0; i < k->fields.n; i++) asked += k->fields.v[i].type->holds_value && !k->fields.v[i].is_private;
    return asked && !k->base.n;
}

static bool slug_taken(const struct kind_rows *rows, str slug)
{
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(rows->v[i].slug, slug)) return true;
    return false;
}

err kinds_shipped_offered(struct kinds *ks, arena *mem, struct kind_refs *out)
{
    *out = (struct kind_refs){0};
    for (const char *const *name = kind_names_shipped; *name; name++) {
        const struct kind *k;
        TRY(kinds_shipped(ks, str_of(*name), &k));
        if (is_filed(k)) PUSH(mem, out, k);
    }
    return NO_ERR;
}

err kinds_offered(struct kinds *ks, db *d, arena *mem, const struct tenant *t, struct kind_rows *out)
{
    struct kind_rows all;
    *out = (struct kind_rows){0};
    TRY(kind_rows_list(d, mem, STR_NONE, &all));
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].status == KIND_PUBLISHED) PUSH(mem, out, all.v[i]);
    for (const char *const *name = kind_names_shipped; *name; name++) {
        const struct kind *k;
        struct kind_row row;
        TRY(kinds_get(ks, d, str_of(*name), 0, &k));
        if (!is_filed(k) || slug_taken(&all, k->name)) continue;
        kind_row_shipped(mem, k, t, &row);
        PUSH(mem, out, row);
    }
    return NO_ERR;
}

err kind_filed_here(const struct kind_row *row) { return row->offer == OFFER_HERE ? NO_ERR : FAIL(E_NOT_FOUND, W("kind.not_here")); }

err kind_offered(struct kinds *ks, db *d, arena *mem, const struct tenant *t, str slug, struct kind_row *out)
{
    const struct kind *k;
    err e = kind_row_by_slug(d, mem, slug, out);
    if (e.code == OK) return out->status == KIND_PUBLISHED ? NO_ERR : FAIL(E_NOT_FOUND, W("kind.not_found"));
    if (e.code != E_NOT_FOUND) return e;
    if (!kind_yaml_shipped(str_z(mem, slug))) return e;
    TRY(kinds_get(ks, d, slug, 0, &k));
    if (!is_filed(k)) return e;
    kind_row_shipped(mem, k, t, out);
    return NO_ERR;
}

str kind_row_title(struct kinds *ks, db *d, const struct kind_row *row, enum lang lang)
{
    const struct kind *k;
    if (lang == LANG_FR || kinds_get(ks, d, row->name, row->revision, &k).code != OK) return said_in(row->title, LANG_FR);
    return text_in(&k->title, lang);
}
