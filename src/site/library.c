/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The library of ready procedures: what each one is, and a button that makes it a draft of the town's. */
#include "core/audit.h"
#include "core/account.h"
#include "core/receipt.h"
#include "gen/html/site/library.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

static err line_of(struct req *q, const char *name, const struct kind_rows *rows, struct library_line *line)
{
    json_t *definition;
    struct kind *k;
    TRY(kind_library_get(q->mem, name, &definition));
    TRY(kind_parse_any(q->mem, definition, &k));
    *line = (struct library_line){.name = str_of(name), .title = text_in(&k->title, q->lang), .way = words(q->lang, offer_words(kind_offer(k))), .description = text_in(&k->description, q->lang),
        .legal_basis = kind_setting_text(k, NULL, 0, "legal_basis", q->lang), .to_check = kind_setting_text(k, NULL, 0, "to_check", q->lang)};
    for (size_t i = 0; i < rows->n; i++) {
        const struct kind_row *row = &rows->v[i];
        if (!str_eq(row->name, line->name)) continue;
        line->is_there = true;
        if (who_has(q->who, ROLE_MANAGER, row->body, row->team, row->name)) line->at = URL(q->mem, "/admin/demarches/{}", row->name);
    }
    return NO_ERR;
}

static err get_library(struct req *q)
{
    struct page_library p = {0};
    struct kind_rows rows;
    TRY(kind_rows_list(q->db, q->mem, STR_NONE, &rows));
    for (const char *const *name = kind_names_library; *name; name++) {
        struct library_line line;
        TRY(line_of(q, *name, &rows, &line));
        if (line.is_there && str_eq(query(q, "fait"), line.name))
            p.l.notice = words_fill(q->mem, q->lang, W("library.added"), "title", line.title, NULL), p.l.notice_tone = S("done");
        PUSH(q->mem, &p.rows, line);
    }
    p.l.is_desk = true;
    p.l.no_index = true;
    return page_library(q, &p);
}

/* One that is there stays as it is. */
static err post_library(struct req *q)
{
    const char *name = str_z(q->mem, field(q, "name"));
    int64_t body = editor_body(q, str_of(name));
    json_t *definition;
    enum kind_taken what;
    struct kind_row row;
    TRY(kind_library_get(q->mem, name, &definition));
    if (!body) return FAIL(E_NOT_FOUND, "rights.not_found");
    err e = kind_row_get(q->db, q->mem, str_of(name), &row);
    if (e.code == E_NOT_FOUND) {
        TRY(kind_take(q->db, q->mem, definition, body, &what, &row));
        e = audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us());
    }
    TRY(e);
    return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/bibliotheque?fait={}", row.name)));
}

const struct route library_routes[] = {
    {GET, "/admin/demarches/bibliotheque", RIGHT_MANAGER, get_library, "ready procedures", 0, NULL, NULL},
    {POST, "/admin/demarches/bibliotheque", RIGHT_MANAGER, post_library, "makes a ready procedure a draft of the town's", 0, NULL, NULL},
    {0}};
