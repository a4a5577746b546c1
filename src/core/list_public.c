/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/list.h"

#include "core/answers.h"

static bool is_asked(const struct list_query *q, str state)
{
    for (size_t i = 0; i < q->states.n; i++)
        if (str_eq(q->states.v[i], state)) return true;
    return !q->states.n;
}

/* Only what is shown may be asked about: a masked answer is not found by asking for it. */
static bool answers_to(arena *mem, const struct kind *k, const struct list_query *q, const json_t *doc)
{
    for (size_t i = 0; i < q->filters.n; i++) {
        const struct field *f = kind_field(k, q->filters.v[i].field_id);
        const json_t *v = f && f->is_public && f->type->index ? json_object_getn(doc, f->id.p, f->id.n) : NULL;
        if (!v || !str_eq(f->type->index(f, mem, v), q->filters.v[i].value)) return false;
    }
    return true;
}

bool record_show_public(arena *mem, const struct kind *k, struct record *r)
{
    json_t *doc = record_public_doc(mem, k, r);
    if (!doc) return false;
    r->doc = doc;
    r->title = r->public_title;
    if (!r->published_us) r->summary = STR_NONE;
    r->masks = NULL;
    r->author = r->assignee = r->team = 0;
    return true;
}

err list_public(db *d, arena *mem, const struct kind *k, const struct list_query *q, struct list_page *out)
{
    struct list_query all = {.who = &WHO_SYSTEM, .verb = VERB_LIST, .def = k, .filters = q->filters, .after = q->after, .limit = q->limit,
                             .with_doc = true, .now_us = q->now_us};
    struct list_page found;
    *out = (struct list_page){0};
    for (size_t i = 0; i < k->states.n; i++) {
        const struct state *s = &k->states.v[i];
        if ((s->is_public || s->shown.n) && is_asked(q, s->name)) PUSH(mem, &all.states, s->name);
    }
    if (!all.states.n) return NO_ERR;
    TRY(list_run(d, mem, &all, &found));
    out->next = found.next;
    for (size_t i = 0; i < found.rows.n; i++) {
        struct record *r = &found.rows.v[i];
        if (record_show_public(mem, k, r) && answers_to(mem, k, q, r->doc)) PUSH(mem, &out->rows, *r);
    }
    return NO_ERR;
}
