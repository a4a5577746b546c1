/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who is away and who stands in: one's own; anybody's for who administers. */
#include "base/id.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "gen/html/site/absences.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/desk.h"
#include "web/req.h"

static bool administers(struct req *q) { return who_has(q->who, ROLE_ADMIN, 0, 0, STR_NONE); }

/* Agents and teams in one list: "a" and the id, "e" and the id. */
static err choices_fill(struct req *q, struct page_absences *p, str agent, str stand_in)
{
    struct accounts agents;
    struct teams teams;
    TRY(account_list(q->db, q->mem, true, &agents));
    TRY(team_list(q->db, q->mem, &teams));
    for (size_t i = 0; i < agents.n; i++) {
        const struct account *a = &agents.v[i];
        if (!a->is_active) continue;
        str id = id_text(q->mem, a->id), name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a->forename), STR_ARG(a->surname))), value = str_fmt(q->mem, "a%.*s", STR_ARG(id));
        PUSH(q->mem, &p->agents, (struct choice){.value = id, .label = name, .is_chosen = agent.n ? str_eq(agent, id) : a->id == q->who->account});
        if (p->is_admin || a->id != q->who->account) PUSH(q->mem, &p->stand_ins, (struct choice){.value = value, .label = name, .is_chosen = str_eq(stand_in, value)});
    }
    for (size_t i = 0; i < teams.n; i++) {
        str value = str_fmt(q->mem, "e%.*s", STR_ARG(id_text(q->mem, teams.v[i].id)));
        PUSH(q->mem, &p->stand_ins, (struct choice){.value = value, .label = words_fill(q->mem, q->lang, W("absence.team"), "team", teams.v[i].name, NULL), .is_chosen = str_eq(stand_in, value)});
    }
    return NO_ERR;
}

static err absences_page(struct req *q, struct page_absences *p, str agent, str stand_in, int status)
{
    int64_t today = day_of(q->tenant, clock_now_us());
    struct absences all;
    p->is_admin = administers(q);
    TRY(absence_list(q->db, q->mem, q->who, today, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct absence *a = &all.v[i];
        bool mine = p->is_admin || a->account == q->who->account;
        PUSH(q->mem, &p->rows, (struct absence_line){a->name, a->stand_in_name, a->first_day, a->last_day, URL(q->mem, "/agents/absences/{}/supprimer", id_text(q->mem, a->id)),
                                                     a->first_day <= today, mine});
    }
    TRY(choices_fill(q, p, agent, stand_in));
    if (!p->first.n) p->first = date_iso(q->mem, today);
    p->l.is_desk = true, p->l.no_index = true, p->l.status = status;
    reply_private(q);
    return page_absences(q, p);
}

static err get_absences(struct req *q)
{
    struct page_absences p = {0};
    if (str_is(query(q, "fait"), "1")) p.l.notice = words(q->lang, W("absence.done")), p.l.notice_tone = S("done");
    return absences_page(q, &p, STR_NONE, STR_NONE, 200);
}

/* "2026-12-24", as the browser's own date input sends it, or 24/12/2026 as people type it. */
static bool day_read(struct req *q, const char *name, int64_t *out)
{
    str typed = str_trim(field(q, name)), rest, day = str_split(typed, '/', &rest), year, month = str_split(rest, '/', &year);
    int64_t d = 0, m = 0, y = 0;
    if (date_parse_iso(typed, out).code == OK) return true;
    if (str_i64(day, &d).code != OK || str_i64(month, &m).code != OK || str_i64(year, &y).code != OK) return false;
    return date_parse_iso(str_fmt(q->mem, "%04lld-%02lld-%02lld", (long long)y, (long long)m, (long long)d), out).code == OK;
}

static err post_absences(struct req *q)
{
    struct page_absences p = {.first = field(q, "first"), .last = field(q, "last")};
    struct absence a = {.account = q->who->account};
    str agent = field(q, "agent"), stand_in = field(q, "stand_in");
    int64_t id;
    if (agent.n) TRY(id_parse(agent, &a.account));
    if (stand_in.n > 1) TRY(id_parse(str_cut(stand_in, 1, stand_in.n), stand_in.p[0] == 'e' ? &a.team : &a.stand_in));
    if (!day_read(q, "first", &a.first_day)) admin_fault(q, &p.faults, W("absence.bad_day"), "first");
    if (!day_read(q, "last", &a.last_day)) admin_fault(q, &p.faults, W("absence.bad_day"), "last");
    err e = p.faults.n ? NO_ERR : absence_add(q->db, q->mem, q->who, &a, day_of(q->tenant, clock_now_us()), clock_now_us(), &id);
    if (e.code == E_INVALID) admin_fault(q, &p.faults, e.msg, e.at ? e.at : "first");
    else TRY(e);
    if (p.faults.n) return absences_page(q, &p, agent, stand_in, 422);
    inbox_cache_drop(q->app->inbox, q->tenant_id);
    return reply_redirect(q, S("/agents/absences?fait=1"));
}

static err post_absence_remove(struct req *q)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    TRY(absence_remove(q->db, q->mem, q->who, id));
    inbox_cache_drop(q->app->inbox, q->tenant_id);
    return reply_redirect(q, S("/agents/absences"));
}

const struct route absence_routes[] = {
    {GET, "/agents/absences", RIGHT_AGENT, get_absences, "absences: one's own, those one stands in for; all for who administers", 0, NULL, NULL},
    {POST, "/agents/absences", RIGHT_AGENT, post_absences, "declares an absence and who stands in", 0, NULL, NULL},
    {POST, "/agents/absences/:id/supprimer", RIGHT_AGENT, post_absence_remove, "ends or removes an absence", 0, NULL, NULL},
    {0}};
