/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What visitors look for: procedures by their title, then what is published. The agents' own search is the inbox. */
#include "core/search.h"

#include "core/kinds.h"
#include "gen/html/site/search.html.h"
#include "pages/app.h"
#include "site/pages.h"
#include "site/site.h"
#include "web/req.h"

#define HITS_MOST 50

/* Every word typed begins a word of the text. */
static bool has_words(str text_folded, str words_folded)
{
    for (str rest = words_folded; rest.p;) {
        str one = str_trim(str_split(rest, ' ', &rest)), at = text_folded;
        if (!one.n) continue;
        bool found = false;
        for (ptrdiff_t i; !found && (i = str_find(at, one)) >= 0; at = str_cut(at, (size_t)i + 1, at.n))
            found = i == 0 ? at.p == text_folded.p || at.p[-1] == ' ' : at.p[i - 1] == ' ' || at.p[i - 1] == '\'';
        if (!found) return false;
    }
    return true;
}

static err procedures_find(struct req *q, str folded, struct page_search *p)
{
    struct kind_rows rows = {0};
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct kind_row *r = &rows.v[i];
        if (r->status == KIND_PUBLISHED && has_words(str_fold(q->mem, r->title), folded))
            PUSH(q->mem, &p->hits, (struct found){.title = kind_row_title(q->app->kinds, q->db, r, q->lang), .hint = words(q->lang, W("search.procedure")), .at = URL(q->mem, "/demarches/{}", r->slug)});
    }
    return NO_ERR;
}

static err get_search(struct req *q)
{
    struct page_search p = {.words = str_cut(str_trim(query(q, "q")), 0, 200)};
    str folded = str_fold(q->mem, p.words);
    if (folded.n) {
        struct hits hits = {0};
        TRY(limit_take(q, "search", 120, 60));
        TRY(procedures_find(q, folded, &p));
        TRY(search_run(q->db, q->mem, &WHO_NOBODY, true, p.words, STR_NONE, HITS_MOST, &hits));
        for (size_t i = 0; i < hits.n; i++) {
            const struct hit *h = &hits.v[i];
            const struct kind *k;
            TRY(kinds_get(q->app->kinds, q->db, h->kind, 0, &k));
            const struct state *s = kind_state(k, h->state);
            PUSH(q->mem, &p.hits, (struct found){.title = h->title, .hint = text_in(&k->title, q->lang), .state = s ? text_in(&s->title, q->lang) : STR_NONE,
                                                 .tone = s ? s->tone : STR_NONE, .at = URL(q->mem, "/signaler/{}", h->reference)});
        }
    }
    return page_search(q, &p);
}

const struct route search_routes[] = {{GET, "/recherche", RIGHT_PUBLIC, get_search, "search: procedures and what is published", 0, NULL, NULL}, {0}};
