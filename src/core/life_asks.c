/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The questions of a transition, for one record. */
#include "core/answers.h"
#include "core/field_types.h"
#include "core/life.h"

/* Each file of a public field may be hidden by itself. */
static void files_offered(arena *mem, const struct field *f, const json_t *obj, size_t *n, struct options *out)
{
    const json_t *value = answer_in(mem, obj, f);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        for (size_t c = 0; c < f->children.n; c++)
            if (f->children.v[c].is_public) files_offered(mem, &f->children.v[c], item, n, out);
        if (f->type->check != check_file) continue;
        struct option o = {.id = json_text(item), .is_file = true};
        str number = str_fmt(mem, "%zu", ++*n);
        for (int lang = 0; lang < LANG_N; lang++)
            o.label.v[lang] = words_fill(mem, (enum lang)lang, W("core.mask.file"), "label", text_in(&f->label, (enum lang)lang), "n", number, NULL);
        PUSH(mem, out, o);
    }
}

static struct options masks_offered(arena *mem, const struct field *ask, const struct kind *k, const json_t *doc)
{
    struct options out = {0};
    for (size_t i = 0; i < ask->options.n; i++) {
        const struct field *f = kind_field(k, ask->options.v[i].id);
        size_t n = 0;
        PUSH(mem, &out, ask->options.v[i]);
        if (f) files_offered(mem, f, doc, &n, &out);
    }
    return out;
}

struct fields life_asks(arena *mem, const struct transition *t, const struct kind *k, const struct record *r)
{
    bool masks = false;
    for (size_t i = 0; i < t->asks.n; i++) masks |= t->asks.v[i].masks;
    if (!masks) return t->asks;
    struct fields out = {0};
    for (size_t i = 0; i < t->asks.n; i++) {
        PUSH(mem, &out, t->asks.v[i]);
        if (out.v[i].masks) out.v[i].options = masks_offered(mem, &out.v[i], k, r->doc);
    }
    for (size_t i = 0; i < out.n; i++) {            /* conditions read the copies */
        if (!out.v[i].when) continue;
        struct condition *c = NEW(mem, struct condition);
        *c = *out.v[i].when;
        c->from = (struct sources){0};
        for (size_t s = 0; s < out.v[i].when->from.n; s++) {
            struct source one = out.v[i].when->from.v[s];
            one.field = out.v + (one.field - t->asks.v);
            PUSH(mem, &c->from, one);
        }
        out.v[i].when = c;
    }
    out.rules = t->asks.rules;
    return out;
}
