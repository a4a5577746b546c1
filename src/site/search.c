/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What visitors look for: what the town offers, fact sheets, then what is published, each under its name. The agents' own search is the
   inbox. And the administrator's page: words of the same sense, and what nobody could answer. */
#include "core/search.h"

#include "base/id.h"
#include "core/audit.h"
#include "core/found.h"
#include "gen/html/site/found.html.h"
#include "gen/html/site/search.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/pages.h"
#include "site/site.h"
#include "web/req.h"

#define HITS_MOST 60
#define RECORDS_MOST 25
#define SHEETS_MOST 15
#define ENTRIES_MOST 25

static struct found line_of(struct req *q, const struct found_hit *h)
{
    enum offer offer = OFFER_HERE;
    bool sheet = str_is(h->type, "sheet") || !offer_named(h->type, &offer);
    return (struct found){.title = text_in(&h->title, q->lang), .hint = text_in(&h->hint, q->lang), .offer = h->type, .at = url_web(h->path),
                          .what = words(q->lang, sheet ? W("search.sheet") : offer_words(offer))};
}

static void hits_put(struct req *q, const struct found_answer *a, struct page_search *p)
{
    for (size_t i = 0; i < a->n; i++) {
        struct found line = line_of(q, &a->v[i]);
        bool sheet = str_is(a->v[i].type, "sheet");
        if (!i && a->v[i].whole) PUSH(q->mem, &p->best, line);
        else if (sheet && p->sheets.n < SHEETS_MOST) PUSH(q->mem, &p->sheets, line);
        else if (!sheet && p->entries.n < ENTRIES_MOST) PUSH(q->mem, &p->entries, line);
    }
}

static err records_put(struct req *q, const struct found_answer *a, struct page_search *p)
{
    struct hits hits = {0};
    struct strs typed = a->readings;
    if (typed.n > 1 && !a->corrected.n) typed.n = 1;           /* the words themselves first: what stands for them says less of a record */
    TRY(search_run_any(q->db, q->mem, &WHO_NOBODY, true, typed, STR_NONE, RECORDS_MOST, &hits));
    if (!hits.n && typed.n < a->readings.n) TRY(search_run_any(q->db, q->mem, &WHO_NOBODY, true, a->readings, STR_NONE, RECORDS_MOST, &hits));
    for (size_t i = 0; i < hits.n; i++) {
        const struct hit *h = &hits.v[i];
        const struct kind *k;
        TRY(kinds_get(q->app->kinds, q->db, h->kind, 0, &k));
        const struct state *s = kind_state(k, h->state);
        PUSH(q->mem, &p->records, (struct found){.title = h->title, .what = text_in(&k->title, q->lang), .state = s ? text_in(&s->title, q->lang) : STR_NONE,
                                                 .tone = s ? s->tone : STR_NONE, .at = URL(q->mem, "/signaler/{}", h->reference)});
    }
    return NO_ERR;
}

/* Where one writes when nothing answers: the procedure for it, when the town has one. */
static err way_out(struct req *q, struct page_search *p)
{
    struct found_answer a;
    TRY(found_run(q->db, q->mem, NULL, words(LANG_FR, W("search.write_words")), 1, &a));
    if (!a.n || !a.v[0].whole) return NO_ERR;
    p->write = url_web(a.v[0].path);
    p->write_title = text_in(&a.v[0].title, q->lang);
    return NO_ERR;
}

static err get_search(struct req *q)
{
    struct page_search p = {.words = str_cut(str_trim(query(q, "q")), 0, 200)};
    struct found_answer a;
    p.l.no_index = true;
    if (!p.words.n) return page_search(q, &p);
    TRY(limit_take(q, "search", 120, 60));
    TRY(found_run(q->db, q->mem, q->app->kinds, p.words, HITS_MOST, &a));
    hits_put(q, &a, &p);
    TRY(records_put(q, &a, &p));
    p.corrected = a.corrected;
    p.total = (int64_t)(p.best.n + p.entries.n + p.sheets.n + p.records.n);
    if (!p.total) {
        TRY(miss_note(q->db, q->mem, p.words, clock_now_us()));
        TRY(way_out(q, &p));
    }
    return page_search(q, &p);
}

const struct route search_routes[] = {{GET, "/recherche", RIGHT_PUBLIC, get_search, "search: what the town offers, fact sheets, what is published", 0, NULL, NULL}, {0}};

/* ---- the administrator's page ---- */
static err found_page(struct req *q, struct page_found *p, int status)
{
    struct synonym_lines own;
    struct misses misses;
    TRY(synonyms_own(q->db, q->mem, &own));
    TRY(misses_list(q->db, q->mem, clock_now_us(), &misses));
    for (size_t i = 0; i < own.n; i++) PUSH(q->mem, &p->rows, (struct synonym_shown){id_text(q->mem, own.v[i].id), own.v[i].words});
    for (size_t i = 0; i < misses.n; i++)
        PUSH(q->mem, &p->misses, (struct miss_shown){misses.v[i].words, misses.v[i].n, URL(q->mem, "/admin/recherche?mots={}#words", misses.v[i].words)});
    admin_desk(&p->l);
    p->l.no_index = true;
    p->l.status = status;
    return page_found(q, p);
}

static err get_found(struct req *q)
{
    struct page_found p = {.words = str_cut(query(q, "mots"), 0, 100)};
    if (p.words.n) p.words = str_fmt(q->mem, "%.*s, ", STR_ARG(p.words));
    if (query(q, "fait").n) p.l.notice = words(q->lang, W("found.done")), p.l.notice_tone = S("done");
    return found_page(q, &p, 200);
}

static err act(struct req *q)
{
    int64_t id;
    str what = field(q, "do");
    if (str_is(what, "forget")) return miss_forget(q->db, field(q, "words"));
    if (!str_is(what, "remove")) return synonym_add(q->db, q->mem, field(q, "words"));
    TRY(id_parse(field(q, "id"), &id));
    return synonym_remove(q->db, id);
}

static err post_found(struct req *q)
{
    struct page_found p = {.words = field(q, "words")};
    err e = act(q);
    if (e.code == E_INVALID) {
        admin_fault(q, &p.faults, e.msg, "words");
        return found_page(q, &p, 422);
    }
    TRY(e);
    TRY(audit_note(q->db, q->who->account, "search.change", 0, field(q, "words"), clock_now_us()));
    return reply_redirect(q, S("/admin/recherche?fait=1"));
}

const struct route found_routes[] = {
    {GET, "/admin/recherche", RIGHT_ADMIN, get_found, "search: words of the same sense, and what nobody could answer", 0, NULL, NULL},
    {POST, "/admin/recherche", RIGHT_ADMIN, post_found, "adds or removes words of the same sense; forgets a question", 0, NULL, NULL},
    {0}};
