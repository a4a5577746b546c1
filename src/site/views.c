/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Views of the inbox: kept, shared, renamed, removed; and the list as a table for a spreadsheet. */
#include <string.h>

#include "base/id.h"
#include "core/audit.h"
#include "core/inbox.h"
#include "core/list.h"
#include "formats/csv.h"
#include "gen/html/site/view.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/desk.h"

static struct url list_at(struct req *q, str query, int64_t view)
{
    str id = view ? str_fmt(q->mem, "%svue=%.*s", query.n ? "&" : "", STR_ARG(id_text(q->mem, view))) : STR_NONE;
    return url_web(str_fmt(q->mem, "/agents%s%.*s%.*s", query.n || id.n ? "?" : "", STR_ARG(query), STR_ARG(id)));
}

/* For oneself, or a team one is of; who administers shares with any. */
static err shares_fill(struct req *q, int64_t chosen, struct page_view *p)
{
    struct teams teams;
    TRY(team_list(q->db, q->mem, &teams));
    PUSH(q->mem, &p->shares, (struct choice){.value = S("0"), .label = words(q->lang, W("view.share.self")), .is_chosen = !chosen});
    for (size_t i = 0; i < teams.n; i++) {
        const struct team *t = &teams.v[i];
        if (!who_in_team(q->who, t->id) && !who_has(q->who, ROLE_ADMIN, 0, t->id, STR_NONE)) continue;
        PUSH(q->mem, &p->shares, (struct choice){.value = id_text(q->mem, t->id), .label = words_fill(q->mem, q->lang, W("view.share.team"), "team", t->name, NULL), .is_chosen = chosen == t->id});
    }
    return NO_ERR;
}

static err view_page(struct req *q, const struct inbox_view *v, struct page_view *p, int status)
{
    str here = inbox_here(q), mark = here.n ? S("?") : S("");
    p->l = (struct layout){.is_desk = true, .no_index = true, .status = status, .title = words(q->lang, v->id ? W("view.title") : W("view.title_new"))};
    p->is_new = !v->id;
    str id = id_text(q->mem, v->id);
    p->name = v->name;
    p->changes = v->id && here.n && !str_eq(here, v->query);
    p->action = v->id ? url_web(str_fmt(q->mem, "/agents/vues/%.*s%.*s%.*s", STR_ARG(id), STR_ARG(mark), STR_ARG(here)))
                      : url_web(str_fmt(q->mem, "/agents/vues%.*s%.*s", STR_ARG(mark), STR_ARG(here)));
    if (v->id) p->remove = URL(q->mem, "/agents/vues/{}/supprimer", id);
    p->back = list_at(q, v->id ? v->query : here, v->id);
    TRY(shares_fill(q, v->team, p));
    reply_private(q);
    return page_view(q, p);
}

static err view_asked(struct req *q, struct inbox_view *out)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    return inbox_view_get(q->db, q->mem, q->who, id, out);
}

static err is_start(struct req *q, int64_t view, bool *out)
{
    struct inbox_state s;
    TRY(inbox_state_of(NULL, q->db, q->mem, q->who, 0, &s));
    *out = view && s.start == view;
    return NO_ERR;
}

static err get_view_new(struct req *q) { return view_page(q, &(struct inbox_view){0}, &(struct page_view){0}, 200); }

static err get_view(struct req *q)
{
    struct inbox_view v;
    struct page_view p = {0};
    TRY(view_asked(q, &v));
    TRY(is_start(q, v.id, &p.is_start));
    return view_page(q, &v, &p, 200);
}

static err save(struct req *q, struct inbox_view *v)
{
    struct page_view p = {.is_start = field_has(q, "start")};
    bool was = false;
    v->name = str_trim(field(q, "name"));
    v->team = 0;
    if (field(q, "share").n && !str_is(field(q, "share"), "0")) TRY(id_parse(field(q, "share"), &v->team));
    err e = inbox_view_save(q->db, q->mem, q->who, v, clock_now_us());
    if (e.code == E_INVALID || (e.code == E_DENIED && e.at)) {
        admin_fault(q, &p.faults, e.msg, e.at ? e.at : "name");
        return view_page(q, v, &p, 422);
    }
    TRY(e);
    TRY(is_start(q, v->id, &was));
    if (p.is_start != was) TRY(inbox_start_set(q->db, q->who->account, p.is_start ? v->id : 0));
    inbox_cache_drop(q->app->inbox, q->tenant_id);
    return reply_redirect(q, url_str(list_at(q, v->query, v->id)));
}

static err post_view_new(struct req *q) { return save(q, &(struct inbox_view){.query = inbox_here(q)}); }

static err post_view(struct req *q)
{
    struct inbox_view v;
    TRY(view_asked(q, &v));
    if (field_has(q, "filters")) v.query = inbox_here(q);
    return save(q, &v);
}

static err post_view_remove(struct req *q)
{
    struct inbox_view v;
    TRY(view_asked(q, &v));
    TRY(inbox_view_remove(q->db, q->mem, q->who, v.id));
    inbox_cache_drop(q->app->inbox, q->tenant_id);
    return reply_redirect(q, S("/agents?state=ouverts"));
}

/* ---- the list for a spreadsheet: page by key, so that memory stays flat ---- */

enum { PAGE = 200 };
struct csv_export {
    arena *mem;                     /* of one page of rows */
    struct list_query l;
    const struct kind *kind;        /* the one that is filtered on: its answers follow */
    struct held held;
    struct accounts agents;
    buf out;
    size_t at;
    char after[64];
    bool begun, done;
};

static void cell(struct csv_writer *w, str s) { csv_cell(w, s); }

static void head_row(struct req *q, struct csv_export *x, struct csv_writer *w)
{
    static const char *const titles[] = {W("view.csv.reference"), W("desk.dossier"), W("desk.kind"), W("desk.state"), W("desk.filed"), W("desk.updated"), W("desk.due"), W("desk.assignee"), W("desk.channel")};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) cell(w, words(q->lang, titles[i]));
    for (size_t i = 0; x->kind && i < x->kind->fields.n; i++)
        if (x->kind->fields.v[i].type->holds_value && !x->kind->fields.v[i].children.n) cell(w, text_in(&x->kind->fields.v[i].label, q->lang));
    csv_end_row(w);
}

static str day_words(struct req *q, struct csv_export *x, int64_t at_us)
{
    if (!at_us) return STR_NONE;
    struct civil c = civil_of(at_us, q->tenant->zone);
    return str_fmt(x->mem, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static void answer_cells(struct csv_export *x, const struct record *r, struct csv_writer *w)
{
    for (size_t i = 0; x->kind && i < x->kind->fields.n; i++) {
        const struct field *f = &x->kind->fields.v[i];
        if (!f->type->holds_value || f->children.n) continue;
        const json_t *v = answer_in(x->mem, r->doc, f);
        bool files = strcmp(f->type->name, "file") == 0 || strcmp(f->type->name, "identity") == 0;
        cell(w, !v ? STR_NONE : files ? str_fmt(x->mem, "%zu", json_array_size(v)) : f->type->show ? f->type->show(f, x->mem, v, &x->held.env) : STR_NONE);
    }
}

static void record_row(struct req *q, struct csv_export *x, const struct record *r, struct csv_writer *w)
{
    const struct kind *k = NULL;
    str who = STR_NONE;
    if (kinds_get(q->app->kinds, q->db, r->kind, r->revision, &k).code != OK) k = NULL;
    const struct state *s = k ? kind_state(k, r->state) : NULL;
    for (size_t i = 0; r->assignee && i < x->agents.n; i++)
        if (x->agents.v[i].id == r->assignee) who = str_trim(str_fmt(x->mem, "%.*s %.*s", STR_ARG(x->agents.v[i].forename), STR_ARG(x->agents.v[i].surname)));
    const str cells[] = {r->reference, r->title, k ? text_in(&k->title, q->lang) : r->kind, s ? text_in(&s->title, q->lang) : r->state, day_words(q, x, r->created_us),
                         day_words(q, x, r->updated_us), day_words(q, x, r->due_us), who, channel_words(q, r->channel)};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) cell(w, cells[i]);
    answer_cells(x, r, w);
    csv_end_row(w);
}

static err rows_make(struct req *q, struct csv_export *x)
{
    struct list_page page;
    struct csv_writer w = {.out = &x->out, .separator = ';', .for_spreadsheets = true};
    arena_reset(x->mem);
    x->out.n = x->at = 0;
    if (!x->begun) {
        buf_lit(&x->out, "\xEF\xBB\xBF");
        head_row(q, x, &w);
    }
    x->begun = true;
    x->l.after = str_of(x->after);
    x->held.world.d = q->db;
    TRY(list_run(q->db, x->mem, &x->l, &page));
    for (size_t i = 0; i < page.rows.n; i++) record_row(q, x, &page.rows.v[i], &w);
    x->done = !page.next.n || page.next.n >= sizeof x->after;
    snprintf(x->after, sizeof x->after, "%.*s", STR_ARG(page.next));
    return x->out.full ? FAIL(E_TOO_LARGE, W("view.csv.too_large")) : NO_ERR;
}

static err csv_pull(struct req *q, void *arg, void *out, size_t max_bytes, size_t *got)
{
    struct csv_export *x = arg;
    *got = 0;
    if (x->at == x->out.n && !x->done) TRY(rows_make(q, x));
    size_t n = x->out.n - x->at;
    if (n > max_bytes) n = max_bytes;
    if (n) memcpy(out, x->out.p + x->at, n);
    x->at += n;
    *got = n;
    return NO_ERR;
}

static void csv_end(void *arg)
{
    struct csv_export *x = arg;
    buf_free(&x->out);
    arena_free(x->mem);
}

static err get_csv(struct req *q)
{
    struct csv_export *x = NEW(q->mem, struct csv_export);
    *x = (struct csv_export){.out = BUF(16 << 20)};
    TRY(inbox_asked(q, &x->l, &x->kind));
    TRY(account_list(q->db, q->mem, true, &x->agents));
    TRY(audit_note(q->db, q->who->account, AUDIT_EXPORT, 0, inbox_here(q), clock_now_us()));
    x->mem = arena_new(0);
    x->l.limit = PAGE;
    x->l.after = STR_NONE;
    x->l.with_doc = x->kind != NULL;
    x->held.kind = x->kind;
    held_env(q, &x->held);
    reply_private(q);
    reply_attachment(q, S("dossiers.csv"));
    return reply_stream(q, "text/csv; charset=utf-8", -1, csv_pull, x, csv_end);
}

const struct route view_routes[] = {
    {GET, "/agents/vues", RIGHT_AGENT, get_view_new, "names the filters of the list as a view", 0, NULL, NULL},
    {POST, "/agents/vues", RIGHT_AGENT, post_view_new, "keeps a view, own or a team's", 0, NULL, NULL},
    {GET, "/agents/vues/:id", RIGHT_AGENT, get_view, "a view: its name, whose it is", 0, NULL, NULL},
    {POST, "/agents/vues/:id", RIGHT_AGENT, post_view, "renames, shares or changes a view", 0, NULL, NULL},
    {POST, "/agents/vues/:id/supprimer", RIGHT_AGENT, post_view_remove, "removes a view", 0, NULL, NULL},
    {GET, "/agents/dossiers.csv", RIGHT_AGENT, get_csv, "the list for a spreadsheet; noted among the readings", 0, NULL, NULL},
    {0}};
