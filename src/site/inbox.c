/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The inbox: what waits, by procedure and state. One list, one count; names of agents in one go. Views and absences are in memory. */
#include "base/id.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/list.h"
#include "gen/html/site/inbox.html.h"
#include "pages/app.h"
#include "site/desk.h"

#define ROWS 25
#define TAB_OPEN "ouverts"
#define TAB_ALL "tous"
#define FILTERS_MOST 6

struct sort { const char *id; const char *key; enum list_sort sort; };
static const struct sort sorts[] = {
    {"newest", W("desk.sort.newest"), LIST_NEWEST}, {"oldest", W("desk.sort.oldest"), LIST_OLDEST},
    {"due", W("desk.sort.due"), LIST_DUE}, {"updated", W("desk.sort.updated"), LIST_UPDATED}};
static const struct { const char *id; const char *key; } whoses[] = {
    {"", W("desk.whose.all")}, {"mine", W("desk.whose.mine")}, {"none", W("desk.whose.none")}};

static const struct { const char *id, *key; enum inbox_column bit; bool usual; } columns[] = {
    {"kind", W("desk.kind"), COLUMN_KIND, true}, {"state", W("desk.state"), COLUMN_STATE, true}, {"filed", W("desk.filed"), COLUMN_FILED, true},
    {"updated", W("desk.updated"), COLUMN_UPDATED, false}, {"due", W("desk.due"), COLUMN_DUE, true}, {"assignee", W("desk.assignee"), COLUMN_ASSIGNEE, true},
    {"channel", W("desk.channel"), COLUMN_CHANNEL, false}};

static void columns_read(struct req *q, struct page_inbox *p)
{
    struct strs asked = {0};
    queries_all(q, "col", &asked);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        bool shown = !asked.n && columns[i].usual;
        for (size_t j = 0; j < asked.n; j++) shown |= str_is(asked.v[j], columns[i].id);
        if (shown) p->shown |= columns[i].bit;
        PUSH(q->mem, &p->columns, (struct choice){.value = str_of(columns[i].id), .label = words(q->lang, columns[i].key), .is_chosen = shown});
    }
}

/* Mine: and those of whom I stand in for. "pour" one of them: theirs alone. */
static void whose_read(struct req *q, str whose, const struct absences *replaced, struct list_query *l, struct page_inbox *p)
{
    for (size_t i = 0; i < sizeof whoses / sizeof *whoses; i++)
        PUSH(q->mem, &p->whose, (struct choice){.value = str_of(whoses[i].id), .label = words(q->lang, whoses[i].key), .is_chosen = str_is(whose, whoses[i].id)});
    l->unassigned = str_is(whose, "none");
    if (str_is(whose, "mine")) l->assignee = q->who->account;
    for (size_t i = 0; i < replaced->n; i++) {
        const struct absence *a = &replaced->v[i];
        str id = id_text(q->mem, a->account);
        PUSH(q->mem, &p->whose, (struct choice){.value = id, .label = words_fill(q->mem, q->lang, W("desk.for"), "name", a->name, NULL), .is_chosen = str_eq(whose, id)});
        if (str_is(whose, "mine")) PUSH(q->mem, &l->also, a->account);
        if (str_eq(whose, id)) l->assignee = a->account;
    }
}

static void query_read(struct req *q, struct list_query *l, const struct absences *replaced, struct page_inbox *p)
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
    whose_read(q, whose, replaced, l, p);
    p->late = l->late = query(q, "late").n > 0;
    p->is_filtered = p->words.n || p->kind.n || (p->state.n && !str_is(p->state, TAB_OPEN)) || whose.n || p->sort.n || p->late;
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

struct tab { str title, key; size_t rank; int64_t n; struct strs pairs, states; };
struct tabs { struct tab *v; size_t n; };
struct counted { struct tab open, all; struct tabs states; const struct tab *shown; struct list_counts counts; };

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
    TRY(list_count(q->db, q->mem, q->who, &out->counts));
    out->open.key = S(TAB_OPEN), out->open.title = words(q->lang, W("desk.state.open"));
    out->all.key = S(TAB_ALL), out->all.title = words(q->lang, W("desk.state.all"));
    for (size_t i = 0; i < out->counts.n; i++) {
        const struct list_count *c = &out->counts.v[i];
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

/* ---- views ---- */

str inbox_here(struct req *q)
{
    buf b = BUF(8192);
    const struct pairs *all = queries(q);
    for (size_t i = 0; i < all->n; i++) {
        if (!inbox_view_keeps(all->v[i].name) || !all->v[i].value.n) continue;
        if (b.n) buf_char(&b, '&');
        buf_url(&b, all->v[i].name);
        buf_char(&b, '=');
        buf_url(&b, all->v[i].value);
    }
    str out = str_copy(q->mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct url view_at(struct req *q, const struct inbox_view *v)
{
    return url_web(str_fmt(q->mem, "/agents?%.*s%svue=%.*s", STR_ARG(v->query), v->query.n ? "&" : "", STR_ARG(id_text(q->mem, v->id))));
}

/* Of a view that asks for a procedure and a state only, the counters tell how many; of another, no number. */
static bool view_count(struct req *q, struct kind_names *names, const struct counted *c, str query, int64_t *out)
{
    str kind = STR_NONE, state = STR_NONE, rest = query;
    *out = 0;
    while (rest.n) {
        str value, pair = str_split(rest, '&', &rest), name = str_split(pair, '=', &value);
        if (str_is(name, "kind")) kind = value;
        else if (str_is(name, "state")) state = value;
        else if (!str_is(name, "col") && !(str_is(name, "sort") && !str_is(value, "due"))) return false;
    }
    for (size_t i = 0; i < c->counts.n; i++) {
        const struct list_count *n = &c->counts.v[i];
        const struct kind *k = kind_known(q, names, n->kind);
        const struct state *s = k ? kind_state(k, n->state) : NULL;
        if (!k || n->n <= 0 || (kind.n && !str_eq(kind, n->kind))) continue;
        bool open = !state.n || str_is(state, TAB_OPEN), wanted = str_is(state, TAB_ALL) || str_eq(state, n->state);
        if (open ? !s || !s->is_final : wanted || (s && str_eq(kind_slug(q->mem, text_in(&s->title, q->lang)), state))) *out += n->n;
    }
    return true;
}

static void views_draw(struct req *q, struct page_inbox *p, struct kind_names *names, const struct counted *c, const struct inbox_state *state)
{
    p->view = query(q, "vue");
    if (!state->views.n) return;
    p->views.label = words(q->lang, W("desk.views"));
    PUSH(q->mem, &p->views.items, (struct link){.label = words(q->lang, W("desk.views.all")), .at = URL_LIT("/agents?state=" TAB_OPEN), .is_current = !p->view.n});
    for (size_t i = 0; i < state->views.n; i++) {
        const struct inbox_view *v = &state->views.v[i];
        struct link l = {.label = v->name, .at = view_at(q, v), .is_current = str_eq(p->view, id_text(q->mem, v->id))};
        l.has_count = view_count(q, names, c, v->query, &l.count);
        PUSH(q->mem, &p->views.items, l);
    }
}

static void tool(struct req *q, struct page_inbox *p, const char *key, struct url at)
{
    PUSH(q->mem, &p->tools, (struct link){.label = words(q->lang, key), .at = at});
}

static void tools_draw(struct req *q, struct page_inbox *p, const struct inbox_state *state)
{
    str here = inbox_here(q), mark = here.n ? S("?") : S("");
    if (p->view.n) tool(q, p, W("desk.tool.view"), url_web(str_fmt(q->mem, "/agents/vues/%.*s%.*s%.*s", STR_ARG(p->view), STR_ARG(mark), STR_ARG(here))));
    tool(q, p, W("desk.tool.save"), url_web(str_fmt(q->mem, "/agents/vues%.*s%.*s", STR_ARG(mark), STR_ARG(here))));
    tool(q, p, W("desk.tool.csv"), url_web(str_fmt(q->mem, "/agents/dossiers.csv%.*s%.*s", STR_ARG(mark), STR_ARG(here))));
    tool(q, p, W("desk.tool.stats"), p->kind.n ? URL(q->mem, "/agents/statistiques/{}", p->kind) : URL_LIT("/agents/statistiques"));
    tool(q, p, W("desk.tool.masses"), URL_LIT("/agents/lots"));
    tool(q, p, W("desk.tool.models"), URL_LIT("/agents/modeles"));
    tool(q, p, W("desk.tool.absences"), URL_LIT("/agents/absences"));
    if (may_some(q->who, VERB_HANDLE)) p->picks = url_web(str_fmt(q->mem, "/agents/lots%.*s%.*s", STR_ARG(mark), STR_ARG(here)));
    struct strs names = {0};
    for (size_t i = 0; i < state->replaced.n; i++)
        PUSH(q->mem, &names, words_fill(q->mem, q->lang, W("desk.standing_in.one"), "name", state->replaced.v[i].name, "day", words_date(q->mem, q->lang, state->replaced.v[i].last_day), NULL));
    if (names.n) p->standing_in = words_fill(q->mem, q->lang, W("desk.standing_in"), "names", str_join(q->mem, names, S(", ")), NULL);
}

static const struct absence *absent(const struct inbox_state *state, int64_t account)
{
    for (size_t i = 0; account && i < state->replaced.n; i++)
        if (state->replaced.v[i].account == account) return &state->replaced.v[i];
    return NULL;
}

static err rows_fill(struct req *q, struct page_inbox *p, struct kind_names *names, const struct inbox_state *state, const struct list_page *page, int64_t now_us)
{
    struct accounts agents = {0};
    bool assigned = false;
    for (size_t i = 0; i < page->rows.n; i++) assigned |= page->rows.v[i].assignee != 0;
    if (assigned && (p->shown & COLUMN_ASSIGNEE)) TRY(account_list(q->db, q->mem, true, &agents));
    for (size_t i = 0; i < page->rows.n; i++) {
        const struct record *r = &page->rows.v[i];
        const struct kind *k = kind_known(q, names, r->kind);
        const struct state *s = k ? kind_state(k, r->state) : NULL;
        const struct absence *away = absent(state, r->assignee);
        PUSH(q->mem, &p->rows, (struct inbox_line){.title = r->title, .reference = r->reference, .kind = k ? text_in(&k->title, q->lang) : r->kind,
            .state = s ? text_in(&s->title, q->lang) : r->state, .tone = s ? s->tone : S("moving"), .assignee = away ? away->name : agent_name(&agents, r->assignee), .is_for = away != NULL,
            .at = URL(q->mem, "/agents/dossiers/{}", r->reference), .created_us = r->created_us, .updated_us = r->updated_us, .due_us = r->due_us, .is_late = r->due_us && r->due_us < now_us,
            .channel = p->shown & COLUMN_CHANNEL ? channel_words(q, r->channel) : STR_NONE, .pick = str_fmt(q->mem, "%.*s.%lld", STR_ARG(r->reference), (long long)r->version)});
    }
    return NO_ERR;
}

struct asked { struct page_inbox *p; struct list_query l; struct kind_names names; struct counted counted; struct inbox_state state; const struct kind *kind; };

static err asked_read(struct req *q, struct asked *x)
{
    TRY(inbox_state_of(q->app->inbox, q->db, q->mem, q->who, day_of(q->tenant, clock_now_us()), &x->state));
    query_read(q, &x->l, &x->state.replaced, x->p);
    x->kind = x->p->kind.n ? kind_known(q, &x->names, x->p->kind) : NULL;
    if (x->kind) filters_fill(q, x->kind, &x->l, x->p);
    TRY(tabs_count(q, x->p, &x->names, &x->counted));
    tab_choose(q, x->p, &x->l, &x->counted);
    return NO_ERR;
}

err inbox_asked(struct req *q, struct list_query *out, const struct kind **out_kind)
{
    struct asked *x = NEW(q->mem, struct asked);
    x->p = NEW(q->mem, struct page_inbox);
    TRY(asked_read(q, x));
    *out = x->l;
    *out_kind = x->kind;
    return NO_ERR;
}

static const struct inbox_view *view_start(const struct inbox_state *state)
{
    for (size_t i = 0; state->start && i < state->views.n; i++)
        if (state->views.v[i].id == state->start) return &state->views.v[i];
    return NULL;
}

static err get_inbox(struct req *q)
{
    struct page_inbox p = {.l = {.is_desk = true, .width = WIDTH_WIDE, .no_index = true}};
    struct list_page page = {0};
    struct asked x = {.p = &p};
    TRY(asked_read(q, &x));
    const struct inbox_view *start = q->query_string.n ? NULL : view_start(&x.state);
    if (start) return reply_redirect(q, url_str(view_at(q, start)));
    columns_read(q, &p);
    TRY(list_run(q->db, q->mem, &x.l, &page));
    tabs_draw(q, &p, &x.l, &x.counted, &page);
    views_draw(q, &p, &x.names, &x.counted, &x.state);
    tools_draw(q, &p, &x.state);
    TRY(rows_fill(q, &p, &x.names, &x.state, &page, x.l.now_us));
    if (page.next.n) p.pager.older = with(q, "after", page.next);
    if (x.l.after.n) p.pager.newer = with(q, "after", S(""));
    return page_inbox(q, &p);
}

const struct route inbox_routes[] = {{GET, "/agents", RIGHT_AGENT, get_inbox, "the inbox: by procedure and state, filtered, sorted, searched", 0, NULL, NULL}, {0}};
