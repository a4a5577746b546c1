/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The journal's head of each day, for everybody: whoever keeps one can prove later that nothing before it was rewritten. */
#include "core/journal.h"
#include "formats/json.h"
#include "gen/html/site/heads.html.h"
#include "pages/app.h"
#include "site/pages.h"
#include "site/site.h"
#include "web/req.h"

enum { PAGE = 60 };

/* One more than is shown says whether there is more. A cursor that is no day is a fault of the caller. */
static err heads_asked(struct req *q, struct heads *out, str *older)
{
    int64_t days;
    str before = query(q, "avant");
    if (before.n && date_parse_iso(before, &days).code != OK) return FAIL_AT(E_INVALID, "heads.bad_day", "avant");
    TRY(journal_heads(q->db, q->mem, before, PAGE + 1, out));
    *older = STR_NONE;
    if (out->n <= PAGE) return NO_ERR;
    out->n = PAGE;
    *older = out->v[PAGE - 1].day;
    return NO_ERR;
}

static err get_heads(struct req *q)
{
    struct page_heads p = {.l = {.width = WIDTH_WIDE}};
    struct heads heads;
    str older;
    TRY(heads_asked(q, &heads, &older));
    for (size_t i = 0; i < heads.n; i++)
        PUSH(q->mem, &p.rows, (struct head_line){.at_us = heads.v[i].at_us, .events = heads.v[i].seal, .hash = heads.v[i].hash});
    if (older.n) p.pager.older = URL(q->mem, "/transparence/journal?avant={}", older);
    if (query(q, "avant").n) p.pager.newer = URL_LIT("/transparence/journal");
    reply_cache(q, TOPIC_HEADS, "tenant", NULL);
    return page_heads(q, &p);
}

static err get_heads_json(struct req *q)
{
    struct heads heads;
    str older;
    TRY(heads_asked(q, &heads, &older));
    struct jw w = jw(reply_buf(q, 200, "application/json"));
    jw_object(&w);
    jw_key(&w, "heads");
    jw_array(&w);
    for (size_t i = 0; i < heads.n; i++) {
        jw_object(&w);
        jw_key(&w, "day");
        jw_str(&w, heads.v[i].day);
        jw_key(&w, "number");
        jw_i64(&w, heads.v[i].seal);
        jw_key(&w, "hash");
        jw_str(&w, heads.v[i].hash);
        jw_key(&w, "at");
        jw_str(&w, time_iso(q->mem, heads.v[i].at_us));
        jw_end(&w);
    }
    jw_end(&w);
    jw_key(&w, "next");
    if (older.n) jw_str(&w, str_fmt(q->mem, "/api/v1/journal-heads?avant=%.*s", STR_ARG(older)));
    else jw_null(&w);
    jw_end(&w);
    return NO_ERR;
}

const struct route heads_routes[] = {
    {GET, "/transparence/journal", RIGHT_PUBLIC, get_heads, "the head of the journal's chain, day by day", 0, NULL, NULL},
    {GET, "/api/v1/journal-heads", RIGHT_PUBLIC, get_heads_json, "The head of the journal's chain, day by day", ROUTE_API, NULL, NULL},
    {0}};
