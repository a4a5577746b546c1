/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "services/sheets/sheets.h"

#include "base/said.h"
#include "core/kinds.h"
#include "core/sheets.h"
#include "gen/html/services/sheets/sheet.html.h"
#include "gen/html/services/sheets/sheet_away.html.h"
#include "gen/html/services/sheets/sheets.html.h"
#include "pages/app.h"
#include "services/sheets/pages.h"
#include "web/req.h"

static struct url official(struct req *q, str id) { return url_web(str_fmt(q->mem, SHEET_OFFICIAL "%.*s", STR_ARG(id))); }

static err get_sheets(struct req *q)
{
    struct page_sheets p = {.theme = said_in(query(q, "theme"), LANG_FR)};
    struct sheet_themes themes_ = {0};
    struct sheet_lines lines = {0};
    TRY(sheet_themes(q->db, q->mem, &themes_));
    if (p.theme.n) TRY(sheet_lines_of_theme(q->db, q->mem, p.theme, &lines));
    for (size_t i = 0; i < themes_.n; i++)
        PUSH(q->mem, &p.themes, (struct link){.label = said_in(themes_.v[i].name, LANG_FR), .at = URL(q->mem, "/fiches?theme={}", themes_.v[i].name), .count = themes_.v[i].n, .has_count = true,
                                              .is_current = str_eq(themes_.v[i].name, p.theme)});
    for (size_t i = 0; i < lines.n; i++)
        if (!str_is(lines.v[i].type, "node")) PUSH(q->mem, &p.lines, (struct link){.label = lines.v[i].title, .at = URL(q->mem, "/fiches/{}", lines.v[i].id)});
    reply_cache(q, TOPIC_SHEETS, TOPIC_TENANT, NULL);
    return page_sheets(q, &p);
}

/* One that a sheet names and the town does not hold: where it is. */
static err away(struct req *q, str id)
{
    struct page_sheet_away p = {.id = id, .official = official(q, id)};
    p.l.status = 404;
    p.l.no_index = true;
    return page_sheet_away(q, &p);
}

static err get_sheet(struct req *q)
{
    struct fact_sheet s;
    struct kind_rows rows;
    str id = param(q, "id");
    if (!sheet_id(id)) return FAIL(E_NOT_FOUND, "sheet.not_found");
    err e = sheet_get(q->db, q->mem, id, &s);
    if (e.code == E_NOT_FOUND) return away(q, id);
    TRY(e);
    TRY(kind_rows_of_sheet(q->db, q->mem, id, &rows));
    struct page_sheet p = {.title = s.title, .id = s.id, .theme = s.theme, .text = html_safe(s.html), .day = s.day, .official = official(q, id),
                           .licence = URL_LIT("https://www.etalab.gouv.fr/licence-ouverte-open-licence/"), .is_sample = s.is_sample};
    for (size_t i = 0; i < rows.n; i++)
        PUSH(q->mem, &p.entries, (struct link){.label = kind_row_title(q->app->kinds, q->db, &rows.v[i], q->lang), .hint = words(q->lang, offer_words(rows.v[i].offer)), .at = URL(q->mem, "/demarches/{}", rows.v[i].slug)});
    p.l.title = s.title;
    p.l.description = s.intro;
    reply_cache(q, TOPIC_SHEETS, TOPIC_KINDS, TOPIC_TENANT, NULL);
    return page_sheet(q, &p);
}

const struct route sheet_routes[] = {
    {GET, "/fiches", RIGHT_PUBLIC, get_sheets, "fact sheets of service-public.fr, by theme", 0, NULL, NULL},
    {GET, "/fiches/:id", RIGHT_PUBLIC, get_sheet, "one fact sheet, with the town's procedures it speaks of", 0, NULL, NULL},
    {0}};
