/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One act on many dossiers: choose them, choose the act, see who can and who cannot and why, confirm, follow, read what failed. */
#include "core/mass.h"

#include <string.h>

#include "base/id.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/list.h"
#include "facets/thread.h"
#include "formats/json.h"
#include "gen/html/site/mass.html.h"
#include "gen/html/site/masses.html.h"
#include "pages/app.h"
#include "site/desk.h"
#include "site/mass.h"
#include "view/clean.h"

/* ---- what may be done ---- */

#define ACT_ASSIGN "@assign"
#define ACT_NOTE "@note"
#define ACT_MESSAGE "@message"
static const struct { const char *act, *title, *hint; } own_acts[] = {
    {ACT_ASSIGN, W("mass.act.assign"), W("mass.act.assign_hint")}, {ACT_NOTE, W("mass.act.note"), W("mass.act.note_hint")}, {ACT_MESSAGE, W("mass.act.message"), W("mass.act.message_hint")}};

/* What is looked at dossier by dossier is not done to many at once: a file to join, what the public will see, another dossier. */
static bool one_by_one(const struct transition *t)
{
    for (size_t i = 0; i < t->asks.n; i++) {
        const char *type = t->asks.v[i].type ? t->asks.v[i].type->name : "";
        if (t->asks.v[i].masks || strcmp(type, "file") == 0 || strcmp(type, "identity") == 0 || strcmp(type, "dossier_link") == 0) return true;
    }
    return false;
}

static bool same_asks(const struct transition *a, const struct transition *b)
{
    bool same = a->asks.n == b->asks.n;
    for (size_t i = 0; same && i < a->asks.n; i++) same = str_eq(a->asks.v[i].id, b->asks.v[i].id) && a->asks.v[i].type == b->asks.v[i].type;
    return same;
}

/* Why not, as far as it can be told without reading the answers: a guard on them is asked when it is done. */
static err transition_can(struct req *q, const struct kind *k, const struct record *r, const struct transition *first, str act)
{
    const struct transition *t = k ? kind_transition(k, act) : NULL;
    if (!t || !(t->by & (BY_AGENT | BY_ADMIN))) return FAIL(E_INVALID, W("mass.not_of_this_kind"));
    if (one_by_one(t)) return FAIL(E_INVALID, W("mass.one_by_one"));
    if (first && !same_asks(first, t)) return FAIL(E_INVALID, W("mass.other_questions"));
    struct transition bare = *t;
    bare.when = NULL;
    return transition_open(&bare, q->who, q->tenant, k, r, clock_now_us());
}

static err item_can(struct req *q, const struct mass_item *x, const struct transition *first, str act)
{
    const struct kind *k = NULL;
    TRY(may(q->who, VERB_HANDLE, &x->r));
    if (kinds_get(q->app->kinds, q->db, x->r.kind, x->r.revision, &k).code != OK) k = NULL;
    if (act.n && act.p[0] != '@') TRY(transition_can(q, k, &x->r, first, act));
    return x->seen == x->r.version || str_is(act, ACT_NOTE) || str_is(act, ACT_MESSAGE) ? NO_ERR : FAIL(E_CONFLICT, W("mass.changed"));
}

/* The transition of that name of the first dossier that has it: its questions are those that are asked. */
static const struct transition *transition_of(struct req *q, const struct mass_items *items, str act, const struct kind **out_kind)
{
    for (size_t i = 0; i < items->n; i++) {
        const struct kind *k = NULL;
        if (kinds_get(q->app->kinds, q->db, items->v[i].r.kind, items->v[i].r.revision, &k).code != OK) continue;
        const struct transition *t = kind_transition(k, act);
        if (!t || transition_can(q, k, &items->v[i].r, NULL, act).code != OK) continue;
        *out_kind = k;
        return t;
    }
    return NULL;
}

/* ---- choosing ---- */

static err picks_ticked(struct req *q, struct mass_picks *out)
{
    struct strs ticked = {0};
    fields_all(q, "d", &ticked);
    return mass_pick(q->db, q->mem, q->who, ticked, out);
}

static err picks_all(struct req *q, struct mass_picks *out)
{
    struct list_query l;
    const struct kind *k;
    struct list_page page;
    TRY(inbox_asked(q, &l, &k));
    l.limit = MASS_MOST;
    l.after = STR_NONE;
    TRY(list_run(q->db, q->mem, &l, &page));
    for (size_t i = 0; i < page.rows.n; i++) PUSH(q->mem, out, (struct mass_pick){page.rows.v[i].id, page.rows.v[i].version});
    return page.next.n ? FAIL(E_INVALID, W("mass.too_many")) : NO_ERR;
}

static err masses_page(struct req *q, struct page_masses *p)
{
    struct masses all;
    TRY(mass_of(q->db, q->mem, q->who->account, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct mass *m = &all.v[i];
        bool open = str_is(m->status, "open"), done = str_is(m->status, "done");
        PUSH(q->mem, &p->rows, (struct mass_done_line){.title = words_time_us(q->mem, q->lang, m->created_us, q->tenant->zone), .at = URL(q->mem, "/agents/lots/{}", id_text(q->mem, m->id)),
            .status = words(q->lang, open ? W("mass.status.open") : done ? W("mass.status.done") : W("mass.status.running")), .tone = open ? S("waiting") : done ? S("done") : S("moving")});
    }
    p->l.is_desk = true;
    p->l.no_index = true;
    reply_private(q);
    return page_masses(q, p);
}

static err get_masses(struct req *q) { return masses_page(q, &(struct page_masses){0}); }

static err post_masses(struct req *q)
{
    struct mass_picks picks = {0};
    int64_t id;
    err e = str_is(field(q, "quoi"), "tous") ? picks_all(q, &picks) : picks_ticked(q, &picks);
    if (e.code == OK) e = mass_open(q->db, q->who->account, picks.v, picks.n, clock_now_us(), &id);
    if (e.code == E_INVALID) return masses_page(q, &(struct page_masses){.l = {.status = 422, .notice = words(q->lang, e.msg), .notice_tone = S("warn")}});
    TRY(e);
    return reply_redirect(q, url_str(URL(q->mem, "/agents/lots/{}", id_text(q->mem, id))));
}

/* ---- the page of one ---- */

struct shown { struct mass m; struct mass_items items; struct page_mass p; str act; const struct transition *t; const struct kind *kind; struct fields fields; struct held held; };

static struct mass_line line_of(struct req *q, const struct mass_item *x, str why)
{
    const struct kind *k = NULL;
    if (kinds_get(q->app->kinds, q->db, x->r.kind, x->r.revision, &k).code != OK) k = NULL;
    const struct state *s = k ? kind_state(k, x->r.state) : NULL;
    return (struct mass_line){.title = x->r.title, .reference = x->r.reference, .kind = k ? text_in(&k->title, q->lang) : x->r.kind, .state = s ? text_in(&s->title, q->lang) : x->r.state, .why = why,
                              .at = URL(q->mem, "/agents/dossiers/{}", x->r.reference)};
}

static void choice_put(struct req *q, struct shown *x, str act, str title, str hint)
{
    int64_t able = 0;
    const struct kind *k = NULL;
    const struct transition *t = act.p[0] == '@' ? NULL : transition_of(q, &x->items, act, &k);
    for (size_t i = 0; i < x->items.n; i++) able += item_can(q, &x->items.v[i], t, act).code == OK;
    if (!able) return;
    str said = able == x->p.total ? words(q->lang, W("mass.able_all")) : words_fill(q->mem, q->lang, W("mass.able_some"), "n", words_number(q->mem, q->lang, able), "total", words_number(q->mem, q->lang, x->p.total), NULL);
    if (hint.n) said = str_fmt(q->mem, "%.*s %.*s", STR_ARG(hint), STR_ARG(said));
    PUSH(q->mem, &x->p.choices, (struct mass_choice){title, said, URL(q->mem, "/agents/lots/{}?acte={}", id_text(q->mem, x->m.id), act)});
}

/* Transitions in the order of the first life-cycle that has them, each name once. */
static void choices_fill(struct req *q, struct shown *x)
{
    struct strs seen = {0};
    for (size_t i = 0; i < x->items.n; i++) {
        const struct kind *k = NULL;
        bool again = i > 0 && str_eq(x->items.v[i].r.kind, x->items.v[i - 1].r.kind) && x->items.v[i].r.revision == x->items.v[i - 1].r.revision;
        if (again || kinds_get(q->app->kinds, q->db, x->items.v[i].r.kind, x->items.v[i].r.revision, &k).code != OK) continue;
        for (size_t j = 0; j < k->transitions.n; j++) {
            const struct transition *t = &k->transitions.v[j];
            bool known = false;
            for (size_t n = 0; n < seen.n; n++) known |= str_eq(seen.v[n], t->name);
            if (known || !(t->by & (BY_AGENT | BY_ADMIN)) || one_by_one(t)) continue;
            PUSH(q->mem, &seen, t->name);
            choice_put(q, x, t->name, text_in(&t->title, q->lang), STR_NONE);
        }
    }
    for (size_t i = 0; i < sizeof own_acts / sizeof *own_acts; i++)
        choice_put(q, x, str_of(own_acts[i].act), words(q->lang, own_acts[i].title), words(q->lang, own_acts[i].hint));
}

/* The questions of an act that is no transition are declared as those of one. */
static err fields_own(struct req *q, struct shown *x)
{
    static const char person[] = "{\"kind\":\"mass\",\"base\":\"procedure\",\"title\":\"-\",\"fields\":[],\"transitions\":{\"assign\":{\"title\":\"-\",\"from\":\"received\",\"by\":\"agent\",\"asks\":[\"assignee\"]},"
                                 "\"note\":{\"title\":\"-\",\"from\":\"received\",\"by\":\"agent\",\"asks\":[\"message\"]}}}";
    json_t *j;
    struct kind *k;
    TRY(json_parse(q->mem, str_of(person), &j));
    TRY(kind_parse_any(q->mem, j, &k));
    x->kind = k;
    x->t = kind_transition(k, str_is(x->act, ACT_ASSIGN) ? S("assign") : S("note"));
    x->fields = x->t->asks;
    return NO_ERR;
}

static err act_find(struct req *q, struct shown *x)
{
    for (size_t i = 0; i < sizeof own_acts / sizeof *own_acts; i++)
        if (str_is(x->act, own_acts[i].act)) {
            x->p.act_title = words(q->lang, own_acts[i].title);
            return fields_own(q, x);
        }
    x->t = transition_of(q, &x->items, x->act, &x->kind);
    if (!x->t) return FAIL(E_NOT_FOUND, "desk.no_act");
    x->p.act_title = text_in(&x->t->title, q->lang);
    x->p.is_danger = str_is(x->t->name, "refuse") || str_is(x->t->name, "close");
    x->fields = x->t->asks;
    return NO_ERR;
}

static void asks_draw(struct req *q, struct shown *x, const json_t *asks, const struct answer_faults *faults)
{
    buf *b = page_buf(q, 1 << 20);
    struct form_draw draw = {.out = b, .mem = q->mem, .env = &x->held.env, .kind = x->kind, .doc = asks ? asks : json_own(q->mem, json_object()), .faults = faults, .rich = clean_rich,
                             .base_url = S("/agents/lots"), .typed = faults ? form_typed : NULL, .typed_arg = q};
    form_draw_fields(&draw, &x->fields, S(""));
    x->p.asks = html_safe(buf_str(b));
}

static err chosen_fill(struct req *q, struct shown *x, const json_t *asks, const struct answer_faults *faults)
{
    const struct transition *first = x->act.p[0] == '@' ? NULL : x->t;
    for (size_t i = 0; i < x->items.n; i++) {
        err e = item_can(q, &x->items.v[i], first, x->act);
        if (e.code == OK) x->p.able++;
        else PUSH(q->mem, &x->p.unable, line_of(q, &x->items.v[i], words(q->lang, e.msg)));
    }
    x->p.is_chosen = true;
    x->p.back = URL(q->mem, "/agents/lots/{}", id_text(q->mem, x->m.id));
    x->p.action = URL(q->mem, "/agents/lots/{}?acte={}", id_text(q->mem, x->m.id), x->act);
    asks_draw(q, x, asks, faults);
    return NO_ERR;
}

static str act_words(struct req *q, const struct shown *x)
{
    const struct kind *k;
    for (size_t i = 0; i < sizeof own_acts / sizeof *own_acts; i++)
        if (str_is(x->m.act, own_acts[i].act)) return words(q->lang, own_acts[i].title);
    for (size_t i = 0; i < x->items.n; i++) {
        if (kinds_get(q->app->kinds, q->db, x->items.v[i].r.kind, x->items.v[i].r.revision, &k).code != OK) continue;
        const struct transition *t = kind_transition(k, x->m.act);
        if (t) return text_in(&t->title, q->lang);
    }
    return STR_NONE;
}

static err progress_fill(struct req *q, struct shown *x)
{
    struct mass_counts c;
    struct mass_items failed;
    str id = id_text(q->mem, x->m.id);
    x->p.act_title = act_words(q, x);
    TRY(mass_count(q->db, q->mem, x->m.id, &c));
    TRY(mass_failed(q->db, q->mem, x->m.id, &failed));
    for (size_t i = 0; i < failed.n; i++) PUSH(q->mem, &x->p.unable, line_of(q, &failed.v[i], failed.v[i].why));
    x->p.done = c.done, x->p.failed = c.failed, x->p.waiting = c.waiting, x->p.total = c.total;
    x->p.percent = c.total ? (c.done + c.failed) * 100 / c.total : 100;
    x->p.is_done = str_is(x->m.status, "done");
    x->p.is_running = !x->p.is_done;
    x->p.again = URL(q->mem, "/agents/lots/{}", id);
    x->p.follow = URL(q->mem, "/agents/lots/{}?suivre=1", id);
    x->p.follows = str_is(query(q, "suivre"), "1");
    if (x->p.follows && x->p.is_running) reply_header(q, "Refresh", S("3"));      /* asked for; the plain page stands still */
    return NO_ERR;
}

static err shown_get(struct req *q, struct shown *x)
{
    int64_t id;
    *x = (struct shown){.act = query(q, "acte")};
    TRY(param_id(q, "id", &id));
    TRY(mass_get(q->db, q->mem, q->who->account, id, &x->m));
    TRY(mass_items_of(q->db, q->mem, id, &x->items));
    x->p.total = (int64_t)x->items.n;
    held_env(q, &x->held);
    x->p.l = (struct layout){.is_desk = true, .no_index = true, .scripts = SCRIPT_FORM};
    reply_private(q);
    return NO_ERR;
}

static err get_mass(struct req *q)
{
    struct shown x;
    TRY(shown_get(q, &x));
    if (!str_is(x.m.status, "open")) TRY(progress_fill(q, &x));
    else if (x.act.n) {
        TRY(act_find(q, &x));
        TRY(chosen_fill(q, &x, NULL, NULL));
    } else choices_fill(q, &x);
    return page_mass(q, &x.p);
}

static err post_mass(struct req *q)
{
    struct shown x;
    struct answer_faults faults = {0};
    json_t *asks;
    TRY(shown_get(q, &x));
    str here = url_str(URL(q->mem, "/agents/lots/{}", id_text(q->mem, x.m.id)));
    if (!str_is(x.m.status, "open")) return reply_redirect(q, here);               /* pressed twice */
    if (!x.act.n) return FAIL(E_NOT_FOUND, "desk.no_act");
    TRY(act_find(q, &x));
    TRY(answers_read_fields(&x.fields, q->mem, form_typed, q, &x.held.env, &asks, &faults));
    if (faults.n) {
        for (size_t i = 0; i < faults.n; i++) PUSH(q->mem, &x.p.faults, fault_link(q, &faults.v[i], URL(q->mem, "#{}", faults.v[i].path)));
        x.p.l.status = 422;
        TRY(chosen_fill(q, &x, asks, &faults));
        return page_mass(q, &x.p);
    }
    TRY(mass_start(q->db, q->mem, x.m.id, x.act, asks, clock_now_us()));
    return reply_redirect(q, here);
}

/* ---- carried out ---- */

struct doing { struct app *app; const struct tenant *tenant; struct who who; };

static err assign_one(db *w, arena *mem, const struct doing *x, const struct mass *m, const struct kind *k, const struct mass_item *item)
{
    struct record r = item->r;
    struct assign a = {.who = &x->who, .tenant = x->tenant, .kind = k, .seen_version = item->seen, .now_us = clock_now_us()};
    str to = json_str(m->asks, "assignee");
    if (to.n && str_i64(to, &a.to).code != OK) return FAIL(E_INVALID, W("core.effect.no_such_agent"));
    return record_assign(w, mem, &a, &r);
}

static err act_one(db *w, arena *mem, const struct mass *m, const struct mass_item *item, void *arg)
{
    struct doing *x = arg;
    const struct kind *k;
    TRY(kinds_get(x->app->kinds, w, item->r.kind, item->r.revision, &k));
    if (str_is(m->act, ACT_ASSIGN)) return assign_one(w, mem, x, m, k, item);
    if (m->act.p[0] == '@') {
        /* thread_post lets an author speak: here it is the service that does. */
        struct record now;
        TRY(record_get(w, mem, item->r.id, &now));
        TRY(may(&x->who, VERB_HANDLE, &now));
        struct post post = {.who = &x->who, .tenant = x->tenant, .kind = k, .record = now.id, .is_note = str_is(m->act, ACT_NOTE), .words = json_str(m->asks, "message"), .now_us = clock_now_us()};
        return thread_post(w, mem, &post, &(int64_t){0});
    }
    struct record r = item->r;
    struct act a = {.who = &x->who, .kind = k, .tenant = x->tenant, .transition = m->act, .asks = m->asks, .seen_version = item->seen, .now_us = clock_now_us()};
    const struct transition *t = kind_transition(k, m->act);
    if (t && one_by_one(t)) return FAIL(E_INVALID, W("mass.one_by_one"));
    return life_apply(w, mem, &r, &a);
}

/* With the rights that its agent has now, whatever they were when it was asked. */
err mass_job(db *d, arena *mem, const struct job *j, void *arg)
{
    struct doing x = {.app = arg, .tenant = tenants_by_id(((struct app *)arg)->tenants, db_tenant(d))};
    struct account a = {0};
    struct mass m;
    int64_t id;
    TRY(str_i64(j->payload, &id));
    err e = mass_get(d, mem, 0, id, &m);
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    e = account_get(d, mem, m.account, &a);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    x.who = (struct who){.account = m.account, .name = str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(a.forename), STR_ARG(a.surname))), .email = a.email};
    if (a.is_active) TRY(grants_of(d, mem, m.account, &x.who.grants));
    return mass_turn(d, mem, &m, x.tenant->lang, act_one, &x);
}

const struct route mass_routes[] = {
    {GET, "/agents/lots", RIGHT_AGENT, get_masses, "one's own mass actions", 0, NULL, NULL},
    {POST, "/agents/lots", RIGHT_AGENT, post_masses, "chooses dossiers: those ticked, or all of the list", 0, NULL, NULL},
    {GET, "/agents/lots/:id", RIGHT_AGENT, get_mass, "a mass action: choosing, confirming, progress, result", 0, NULL, NULL},
    {POST, "/agents/lots/:id", RIGHT_AGENT, post_mass, "starts a mass action", 0, NULL, NULL},
    {0}};
