/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The inbox: what waits, by procedure and state. One list, one count; names of agents in one go. */
#include "core/account.h"
#include "core/list.h"
#include "gen/html/site/inbox.html.h"
#include "pages/app.h"
#include "site/desk.h"

#define ROWS 25
#define FILTERS_MOST 6

struct sort { const char *id; const char *key; enum list_sort sort; };
static const struct sort sorts[] = {
    {"newest", W("desk.sort.newest"), LIST_NEWEST}, {"oldest", W("desk.sort.oldest"), LIST_OLDEST},
    {"due", W("desk.sort.due"), LIST_DUE}, {"updated", W("desk.sort.updated"), LIST_UPDATED}};
static const struct { const char *id; const char *key; } whoses[] = {
    {"", W("desk.whose.all")}, {"mine", W("desk.whose.mine")}, {"none", W("desk.whose.none")}, {"late", W("desk.whose.late")}};

static void query_read(struct req *q, struct list_query *l, struct page_inbox *p)
{
    p->words = str_trim(query(q, "q"));
    p->kind = query(q, "kind");
    p->state = query(q, "state");
    p->sort = query(q, "sort");
    str whose = query(q, "whose");
    *l = (struct list_query){.who = q->who, .verb = VERB_LIST, .kind = p->kind, .words = p->words, .after = query(q, "after"), .limit = ROWS, .now_us = clock_now_us()};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        bool chosen = str_is(p->sort, sorts[i].id) || (!p->sort.n && i == 0);
        if (chosen) l->sort = sorts[i].sort;
        PUSH(q->mem, &p->sorts, (struct choice){.value = str_of(sorts[i].id), .label = words(q->lang, sorts[i].key), .is_chosen = chosen});
    }
    for (size_t i = 0; i < sizeof whoses / sizeof *whoses; i++)
        PUSH(q->mem, &p->whose, (struct choice){.value = str_of(whoses[i].id), .label = words(q->lang, whoses[i].key), .is_chosen = str_is(whose, whoses[i].id)});
    if (str_is(whose, "mine")) l->assignee = q->who->account;
    l->unassigned = str_is(whose, "none");
    l->late = str_is(whose, "late");
    if (p->state.n) PUSH(q->mem, &l->states, p->state);
    p->is_filtered = p->words.n || p->kind.n || p->state.n || whose.n || p->sort.n;
}

/* Filterable fields of the kind that is shown: short choices and yes/no. */
static void filters_fill(struct req *q, const struct kind *k, struct list_query *l, struct page_inbox *p)
{
    for (size_t i = 0; i < k->fields.n && p->filters.n < FILTERS_MOST; i++) {
        const struct field *f = &k->fields.v[i];
        if (!f->filter || !f->options.n || f->options.n > 60) continue;
        str id = str_fmt(q->mem, "f.%.*s", STR_ARG(f->id)), value = query(q, id.p);
        struct inbox_filter x = {.id = id, .label = text_in(&f->label, q->lang)};
        for (size_t j = 0; j < f->options.n; j++)
            PUSH(q->mem, &x.items, (struct choice){.value = f->options.v[j].id, .label = text_in(&f->options.v[j].label, q->lang), .is_chosen = str_eq(value, f->options.v[j].id)});
        PUSH(q->mem, &p->filters, x);
        if (!value.n) continue;
        PUSH(q->mem, &l->filters, (struct list_filter){f->id, value});
        p->is_filtered = true;
    }
}

/* This page's address with one parameter changed. */
static struct url with(struct req *q, const char *name, str value)
{
    buf b = BUF(8192);
    buf_lit(&b, "/agents?");
    const struct pairs *all = queries(q);
    for (size_t i = 0; i < all->n; i++) {
        if (str_is(all->v[i].name, name) || str_is(all->v[i].name, "after") || !all->v[i].value.n) continue;
        buf_url(&b, all->v[i].name);
        buf_char(&b, '=');
        buf_url(&b, all->v[i].value);
        buf_char(&b, '&');
    }
    buf_lit(&b, name);
    buf_char(&b, '=');
    buf_url(&b, value);
    struct url u = url_web(str_copy(q->mem, buf_str(&b)));
    buf_free(&b);
    return u;
}

struct kind_name { str kind; const struct kind *k; };
struct kind_names { struct kind_name *v; size_t n; };

static const struct kind *kind_known(struct req *q, struct kind_names *names, str kind)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->v[i].kind, kind)) return names->v[i].k;
    const struct kind *k = NULL;
    if (kinds_get(q->app->kinds, q->db, kind, 0, &k).code != OK) k = NULL;
    PUSH(q->mem, names, (struct kind_name){kind, k});
    return k;
}

static err counts_fill(struct req *q, struct page_inbox *p, struct kind_names *names)
{
    struct list_counts counts = {0};
    TRY(list_count(q->db, q->mem, q->who, &counts));
    struct links *states = &p->states.items;
    PUSH(q->mem, states, (struct link){.label = words(q->lang, W("desk.state.all")), .at = with(q, "state", S("")), .is_current = !p->state.n, .has_count = true});
    for (size_t i = 0; i < counts.n; i++) {
        const struct list_count *c = &counts.v[i];
        const struct kind *k = kind_known(q, names, c->kind);
        if (!k || c->n <= 0) continue;
        size_t j = 0;
        while (j < p->kinds.n && !str_eq(p->kinds.v[j].hint, c->kind)) j++;
        if (j == p->kinds.n) PUSH(q->mem, &p->kinds, (struct link){.label = text_in(&k->title, q->lang), .hint = c->kind, .is_current = str_eq(c->kind, p->kind)});
        p->kinds.v[j].count += c->n;
        if (p->kind.n && !str_eq(p->kind, c->kind)) continue;
        states->v[0].count += c->n;
        const struct state *s = kind_state(k, c->state);
        for (j = 1; j < states->n && !str_eq(states->v[j].hint, c->state); j++) {}
        if (j == states->n) PUSH(q->mem, states, (struct link){.label = s ? text_in(&s->title, q->lang) : c->state, .hint = c->state, .at = with(q, "state", c->state),
                                                               .is_current = str_eq(c->state, p->state), .has_count = true});
        states->v[j].count += c->n;
    }
    p->states.label = words(q->lang, W("desk.state"));
    return NO_ERR;
}

static str agent_name(const struct accounts *agents, int64_t id)
{
    for (size_t i = 0; i < agents->n; i++)
        if (agents->v[i].id == id) return agents->v[i].surname.n ? agents->v[i].surname : agents->v[i].email;
    return STR_NONE;
}

static err get_inbox(struct req *q)
{
    struct page_inbox p = {.l = {.is_desk = true, .width = WIDTH_WIDE, .no_index = true}};
    struct list_query l;
    struct list_page page = {0};
    struct kind_names names = {0};
    struct accounts agents = {0};
    query_read(q, &l, &p);
    const struct kind *shown = p.kind.n ? kind_known(q, &names, p.kind) : NULL;
    if (shown) filters_fill(q, shown, &l, &p);
    TRY(list_run(q->db, q->mem, &l, &page));
    TRY(counts_fill(q, &p, &names));
    bool assigned = false;
    for (size_t i = 0; i < page.rows.n; i++) assigned |= page.rows.v[i].assignee != 0;
    if (assigned) TRY(account_list(q->db, q->mem, true, &agents));
    for (size_t i = 0; i < page.rows.n; i++) {
        const struct record *r = &page.rows.v[i];
        const struct kind *k = kind_known(q, &names, r->kind);
        const struct state *s = k ? kind_state(k, r->state) : NULL;
        PUSH(q->mem, &p.rows, (struct inbox_line){.title = r->title, .reference = r->reference, .kind = k ? text_in(&k->title, q->lang) : r->kind,
            .state = s ? text_in(&s->title, q->lang) : r->state, .tone = s ? s->tone : S("moving"), .assignee = agent_name(&agents, r->assignee),
            .at = URL(q->mem, "/agents/dossiers/{}", r->reference), .created_us = r->created_us, .due_us = r->due_us, .is_late = r->due_us && r->due_us < l.now_us});
    }
    if (page.next.n) p.pager.older = with(q, "after", page.next);
    if (l.after.n) p.pager.newer = with(q, "after", S(""));
    return page_inbox(q, &p);
}

const struct route inbox_routes[] = {{GET, "/agents", RIGHT_AGENT, get_inbox, "the inbox: by procedure and state, filtered, sorted, searched", 0, NULL, NULL}, {0}};
