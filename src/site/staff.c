/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Agents brought in from a CSV: what would be done is shown first, with its faults; then it is done whole, or not at all. */
#include "core/staff.h"

#include "core/audit.h"
#include "gen/html/site/staff.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

#define CSV_MOST_BYTES (1 << 20)

static err staff_page(struct req *q, struct page_staff *p, int status)
{
    admin_desk(&p->l);
    p->l.status = status;
    return page_staff(q, p);
}

static err get_staff(struct req *q)
{
    struct page_staff p = {0};
    return staff_page(q, &p, 200);
}

static void preview(struct req *q, const struct staff *s, struct page_staff *p)
{
    static const struct { const char *key, *tone; } said[] = {[STAFF_NEW] = {W("staff.new"), "moving"}, [STAFF_CHANGED] = {W("staff.changed"), "waiting"}, [STAFF_SAME] = {W("staff.same"), "done"}};
    for (size_t i = 0; i < s->faults.n; i++) PUSH(q->mem, &p->lines_at_fault, staff_fault_words(q->mem, q->lang, &s->faults.v[i]));
    for (size_t i = 0; i < s->lines.n; i++) {
        const struct staff_line *l = &s->lines.v[i];
        str what = words(q->lang, l->was_citizen ? W("staff.was_citizen") : said[l->what].key);
        PUSH(q->mem, &p->rows, (struct staff_shown){.name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(l->a.forename), STR_ARG(l->a.surname))), .mail = l->a.email,
            .capacity = l->a.capacity, .teams = str_join(q->mem, l->teams, S(", ")), .role = admin_role_said(q->lang, (int)l->role), .what = what,
            .tone = str_of(said[l->what].tone), .line = (int64_t)l->line});
    }
    p->new_teams = s->new_teams;
    p->said = words_fill(q->mem, q->lang, W("staff.said"), "new", words_number(q->mem, q->lang, (int64_t)s->n_new), "changed", words_number(q->mem, q->lang, (int64_t)s->n_changed),
                         "same", words_number(q->mem, q->lang, (int64_t)s->n_same), NULL);
    p->can_write = !s->faults.n && s->n_new + s->n_changed > 0;
    p->csv = p->can_write ? staff_csv(q->mem, s) : STR_NONE;
}

static bool is_about_file(err e) { return e.code == E_INVALID || e.code == E_MALFORMED || e.code == E_TOO_LARGE; }

static err file_fault(struct req *q, err e)
{
    struct page_staff p = {0};
    admin_fault(q, &p.faults, e.msg, "fichier");
    return staff_page(q, &p, 422);
}

static err post_staff(struct req *q)
{
    struct upload *u = upload(q, "fichier", 0);
    struct page_staff p = {0};
    struct staff s;
    str bytes;
    err e = !u || !u->size_bytes ? FAIL(E_INVALID, W("staff.no_file")) : u->size_bytes > CSV_MOST_BYTES ? FAIL(E_TOO_LARGE, W("staff.too_large")) : NO_ERR;
    if (e.code == OK) TRY(admin_upload_bytes(q, u, CSV_MOST_BYTES, &bytes));
    if (e.code == OK) e = staff_read(q->db, q->mem, bytes, q->who->account, &s);
    if (is_about_file(e)) return file_fault(q, e);
    TRY(e);
    preview(q, &s, &p);
    return staff_page(q, &p, s.faults.n ? 422 : 200);
}

/* Read again: who is there may have changed since it was shown. */
static err post_write(struct req *q)
{
    struct page_staff p = {0};
    struct staff s;
    str base = str_fmt(q->mem, "%.*s://%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host));
    err e = staff_read(q->db, q->mem, field(q, "csv"), q->who->account, &s);
    if (is_about_file(e)) return file_fault(q, e);
    TRY(e);
    if (s.faults.n) {
        preview(q, &s, &p);
        return staff_page(q, &p, 422);
    }
    TRY(staff_write(q->db, q->mem, q->tenant, base, q->lang, clock_now_us(), &s));
    TRY(audit_note(q->db, q->who->account, "account.import", 0, STR_NONE, clock_now_us()));
    return reply_redirect(q, url_str(URL(q->mem, "/admin/comptes?crees={}&changes={}", str_fmt(q->mem, "%zu", s.n_new), str_fmt(q->mem, "%zu", s.n_changed))));
}

const struct route staff_routes[] = {
    {GET, "/admin/comptes/importer", RIGHT_ADMIN, get_staff, "agents from a CSV", 0, NULL, NULL},
    {POST, "/admin/comptes/importer", RIGHT_ADMIN, post_staff, "what a CSV of agents would do", ROUTE_FILES, NULL, NULL},
    {POST, "/admin/comptes/importer/ecrire", RIGHT_ADMIN, post_write, "brings agents in", 0, NULL, NULL},
    {0}};
