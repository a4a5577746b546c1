/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who read what, for those who administer the dossiers in question. */
#include "base/said.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "core/audit.h"
#include "gen/html/site/readings.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

enum { PAGE = 50 };

static str what_words(struct req *q, const struct reading *r)
{
    if (str_is(r->what, AUDIT_FILE)) return words(q->lang, r->file_name.n ? W("readings.file") : W("readings.file_gone"));
    return words(q->lang, str_is(r->what, AUDIT_EXPORT) ? W("readings.export") : W("readings.dossier"));
}

static struct url page_at(struct req *q, const struct page_readings *p, str after)
{
    return URL(q->mem, "/admin/lectures?dossier={}&agent={}&apres={}", p->reference, p->mail, after);
}

static err get_readings(struct req *q)
{
    struct page_readings p = {.l = {.is_desk = true, .no_index = true, .width = WIDTH_WIDE}, .reference = str_trim(query(q, "dossier")), .mail = str_trim(query(q, "agent"))};
    struct reading_query asked = {.who = q->who, .reference = p.reference, .email = p.mail, .limit = PAGE + 1};
    struct readings found;
    str after = query(q, "apres");
    if (after.n && id_parse(after, &asked.before).code != OK) return FAIL_AT(E_INVALID, "readings.bad_cursor", "apres");
    str reference = letters_normalise(q->mem, p.reference);
    if (reference.n) asked.reference = reference;   /* what is no reference is the one of no dossier */
    err flushed = audit_flush(q->app->audit);       /* what was read a moment ago is shown too; a store that takes nothing is still read */
    if (flushed.code != OK) log_line(LOG_WARN, "readings", "what was just read is not shown: %s", flushed.msg);
    TRY(audit_readings(q->db, q->mem, &asked, &found));
    bool more = found.n > PAGE;
    for (size_t i = 0; i < found.n && i < PAGE; i++) {
        const struct reading *r = &found.v[i];
        PUSH(q->mem, &p.rows, (struct reading_line){.at_us = r->at_us, .agent = r->agent.n ? r->agent : words(q->lang, W("readings.account_gone")), .what = what_words(q, r),
            .file = said_in(r->file_name, LANG_FR), .reference = r->reference, .title = said_in(r->title, LANG_FR), .at = URL(q->mem, "/agents/dossiers/{}", r->reference)});
    }
    if (more) p.pager.older = page_at(q, &p, id_text(q->mem, found.v[PAGE - 1].id));
    if (after.n) p.pager.newer = page_at(q, &p, STR_NONE);
    p.is_filtered = p.reference.n || p.mail.n;
    reply_private(q);
    return page_readings(q, &p);
}

const struct route readings_routes[] = {
    {GET, "/admin/lectures", RIGHT_ADMIN, get_readings, "who read which dossier and which file, by dossier or by agent", 0, NULL, NULL}, {0}};
