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
    {"", W("desk.whose.all")}, {"mine", W("desk.whose.mine")}, {"none", W("desk.whose.none")}};

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
    p->late = l->late = query(q, "late").n > 0;
    p->is_filtered = p->words.n || p->kind.n || p->state.n || whose.n || p->sort.n || p->late;
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

/* ---- tabs: what waits for somebody, each state by its title in the order of the life-cycle, everything ---- */

#define TAB_OPEN "ouverts"
#define TAB_ALL "tous"
struct tab { str title, key; size_t rank; int64_t n; struct strs pairs, states; };
struct tabs { struct tab *v; size_t n; };
struct counted { struct tab open, all; struct tabs states; const struct tab *shown; };

static void tab_add(struct req *q, struct tab *t, const struct list_count *c)
{
    t->n += c->n;
    PUSH(q->mem, &t->pairs, str_fmt(q->mem, "%.*s %.*s", STR_ARG(c->kind), STR_ARG(c->state)));
    PUSH(q->mem, &t->states, c->state);
}

/* Kinds that give a state one title share its tab, whatever its id; one id under two titles makes two. */
static struct tab *tab_of(struct req *q, struct tabs *tabs, str title, size_t rank)
{
    for (size_t i = 0; i < tabs->n; i++)
        if (str_eq(tabs->v[i].title, title)) return &tabs->v[i];
    PUSH(q->mem, tabs, (struct tab){.title = title, .key = kind_slug(q->mem, title), .rank = rank});
    struct tab made = tabs->v[tabs->n - 1];
    size_t at = tabs->n - 1;
    for (; at > 0 && tabs->v[at - 1].rank > rank; at--) tabs->v[at] = tabs->v[at - 1];
    tabs->v[at] = made;
    return &tabs->v[at];
}

static bool tab_is(const struct tab *t, str asked)
{
    if (str_eq(t->key, asked)) return true;
    for (size_t i = 0; i < t->states.n; i++)
        if (str_eq(t->states.v[i], asked)) return true;
    return false;
}

static void kind_count(struct req *q, struct page_inbox *p, const struct kind *k, const struct list_count *c)
{
    size_t j = 0;
    while (j < p->kinds.n && !str_eq(p->kinds.v[j].hint, c->kind)) j++;
    if (j == p->kinds.n) PUSH(q->mem, &p->kinds, (struct link){.label = text_in(&k->title, q->lang), .hint = c->kind, .is_current = str_eq(c->kind, p->kind)});
    p->kinds.v[j].count += c->n;
}

static err tabs_count(struct req *q, struct page_inbox *p, struct kind_names *names, struct counted *out)
{
    struct list_counts counts = {0};
    TRY(list_count(q->db, q->mem, q->who, &counts));
    out->open.key = S(TAB_OPEN), out->open.title = words(q->lang, W("desk.state.open"));
    out->all.key = S(TAB_ALL), out->all.title = words(q->lang, W("desk.state.all"));
    for (size_t i = 0; i < counts.n; i++) {
        const struct list_count *c = &counts.v[i];
        const struct kind *k = kind_known(q, names, c->kind);
        if (!k || c->n <= 0) continue;
        kind_count(q, p, k, c);
        if (p->kind.n && !str_eq(p->kind, c->kind)) continue;
        const struct state *s = kind_state(k, c->state);
        tab_add(q, tab_of(q, &out->states, s ? text_in(&s->title, q->lang) : c->state, s ? (size_t)(s - k->states.v) : k->states.n), c);
        tab_add(q, &out->all, c);
        if (!s || !s->is_final) tab_add(q, &out->open, c);
    }
    return NO_ERR;
}

/* Nothing asked for: what waits. Somebody looked for: in everything. */
static void tab_choose(struct req *q, struct page_inbox *p, struct list_query *l, struct counted *c)
{
    bool searched = p->words.n || l->filters.n;
    c->shown = str_is(p->state, TAB_ALL) || (!p->state.n && searched) ? &c->all : &c->open;
    for (size_t i = 0; p->state.n && i < c->states.n; i++)
        if (tab_is(&c->states.v[i], p->state)) c->shown = &c->states.v[i];
    if (c->shown == &c->all) return;
    if (p->kind.n) l->states = c->shown->states;
    else l->pairs = c->shown->pairs;
    /* No such state there: no row. */
    if (!c->shown->pairs.n) PUSH(q->mem, &l->pairs, S("-"));
    if (!c->shown->pairs.n && p->kind.n) PUSH(q->mem, &l->states, S("-"));
}

static int64_t rows_in(const struct tab *t, const struct records *rows)
{
    int64_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < t->pairs.n; j++) {
            str pair = t->pairs.v[j], state, kind = str_split(pair, ' ', &state);
            if (str_eq(kind, rows->v[i].kind) && str_eq(state, rows->v[i].state)) n++;
        }
    return n;
}

static bool holds_all(const struct tab *big, const struct tab *small)
{
    size_t found = 0;
    for (size_t i = 0; i < small->pairs.n; i++)
        for (size_t j = 0; j < big->pairs.n; j++) found += str_eq(small->pairs.v[i], big->pairs.v[j]);
    return found == small->pairs.n;
}

/* Without filter the counters tell. With one, what is found tells when it is all on this page; otherwise no number is better than a wrong one. */
static void tab_draw(struct req *q, struct page_inbox *p, const struct counted *c, const struct tab *t, const struct list_page *page, bool narrowed)
{
    bool whole = !page->next.n && !query(q, "after").n && holds_all(c->shown, t);
    struct link l = {.label = t->title, .hint = t->key, .at = with(q, "state", t->key), .is_current = t == c->shown, .has_count = !narrowed || whole};
    l.count = narrowed ? rows_in(t, &page->rows) : t->n;
    PUSH(q->mem, &p->states.items, l);
}

static void tabs_draw(struct req *q, struct page_inbox *p, const struct list_query *l, const struct counted *c, const struct list_page *page)
{
    bool narrowed = p->words.n || l->filters.n || l->assignee || l->unassigned || l->late;
    tab_draw(q, p, c, &c->open, page, narrowed);
    for (size_t i = 0; i < c->states.n; i++) tab_draw(q, p, c, &c->states.v[i], page, narrowed);
    tab_draw(q, p, c, &c->all, page, narrowed);
    for (size_t i = 0; i < p->kinds.n; i++) p->kinds.v[i].has_count = !narrowed;
    p->states.label = words(q->lang, W("desk.state"));
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
    struct counted counted = {0};
    TRY(tabs_count(q, &p, &names, &counted));
    tab_choose(q, &p, &l, &counted);
    TRY(list_run(q->db, q->mem, &l, &page));
    tabs_draw(q, &p, &l, &counted, &page);
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
