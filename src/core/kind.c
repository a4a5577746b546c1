/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/kind.h"
#include "core/kinds.h"

#include "core/answers.h"
#include "core/value_list.h"

str text_in(const struct text *t, enum lang lang)
{
    return t->v[lang].n && lang != LANG_FR ? t->v[lang] : said_in(t->v[LANG_FR], LANG_FR);
}

const struct field *kind_field(const struct kind *k, str id)
{
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (str_eq(f->id, id)) return f;
        for (size_t j = 0; j < f->children.n; j++)
            if (str_eq(f->children.v[j].id, id)) return &f->children.v[j];
    }
    return NULL;
}

const struct field *kind_field_named(const struct kind *k, str name)
{
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (str_eq(f->name, name)) return f;
        for (size_t j = 0; j < f->children.n; j++)
            if (str_eq(f->children.v[j].name, name)) return &f->children.v[j];
    }
    return NULL;
}

const struct state *kind_state(const struct kind *k, str name)
{
    for (size_t i = 0; i < k->states.n; i++)
        if (str_eq(k->states.v[i].name, name)) return &k->states.v[i];
    return NULL;
}

const struct state *kind_initial(const struct kind *k)
{
    for (size_t i = 0; i < k->states.n; i++)
        if (k->states.v[i].is_initial) return &k->states.v[i];
    return NULL;
}

const struct field *kind_mail(const struct kind *k)
{
    const struct field *found = NULL;
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (f->type != field_type_named(S("email")) || !f->required || f->is_private || f->when || f->many) continue;
        if (found) return NULL;
        found = f;
    }
    return found;
}

const struct transition *kind_transition(const struct kind *k, str name)
{
    for (size_t i = 0; i < k->transitions.n; i++)
        if (str_eq(k->transitions.v[i].name, name)) return &k->transitions.v[i];
    return NULL;
}

const struct letter *kind_letter(const struct kind *k, str name)
{
    for (size_t i = 0; i < k->letters.n; i++)
        if (str_eq(k->letters.v[i].name, name)) return &k->letters.v[i];
    return NULL;
}

const struct option *field_option(const struct field *f, str id)
{
    if (f->options.order) return option_by_id(&f->options, id);
    for (size_t i = 0; i < f->options.n; i++)
        if (str_eq(f->options.v[i].id, id)) return &f->options.v[i];
    return NULL;
}

/* A page of the form holds at most so many questions when its level-2 headings allow a cut. */
#define PAGE_FIELDS 12

static bool opens_page(const struct field *f, int level)
{
    return str_is(str_of(f->type->name), "heading") && f->level == level;
}

/* Cuts [from, to) at its level-2 headings when it asks too much at once. */
static void page_put(arena *mem, const struct kind *k, struct form_pages *out, struct form_page page)
{
    size_t asked = 0;
    for (size_t i = page.from; i < page.to; i++)
        asked += k->fields.v[i].type->holds_value && !k->fields.v[i].is_private;
    size_t start = page.from, held = 0;
    struct text title = page.title;
    for (size_t i = page.from; asked > PAGE_FIELDS && i < page.to; i++) {
        const struct field *f = &k->fields.v[i];
        if (opens_page(f, 2) && held) {
            PUSH(mem, out, (struct form_page){title, start, i});
            start = i, held = 0, title = f->label;
        } else if (opens_page(f, 2) && i == page.from) {
            title = f->label;
        }
        held += f->type->holds_value && !f->is_private;
    }
    PUSH(mem, out, (struct form_page){title, start, page.to});
}

/* Titles alone make no page: nobody turns one for nothing. */
static bool has_public_part(const struct kind *k, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!k->fields.v[i].is_private && !str_is(str_of(k->fields.v[i].type->name), "heading")) return true;
    return false;
}

struct form_pages kind_pages(arena *mem, const struct kind *k)
{
    struct form_pages out = {0};
    struct form_page page = {.title = k->title};
    for (size_t i = 0; i <= k->fields.n; i++) {
        bool end = i == k->fields.n;
        if (!end && (k->fields.v[i].is_private || !opens_page(&k->fields.v[i], 1))) continue;
        page.to = i;
        if (has_public_part(k, page.from, page.to)) page_put(mem, k, &out, page);
        if (!end) page = (struct form_page){.title = k->fields.v[i].label, .from = i};
    }
    return out;
}

str kind_slug(arena *mem, str title)
{
    str fold = str_fold(mem, title);
    buf b = BUF(200);
    bool dash = false;
    for (size_t i = 0; i < fold.n && b.n < 60; i++) {
        bool plain = (fold.p[i] >= 'a' && fold.p[i] <= 'z') || (fold.p[i] >= '0' && fold.p[i] <= '9');
        if (plain && dash && b.n) buf_char(&b, '-');
        if (plain) buf_char(&b, fold.p[i]);
        dash = !plain;
    }
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}
