/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who is away and who stands in; to whom a dossier is given. An absence changes no dossier: it is whose it was, what is said about it goes
   to who stands in, and all is as before when the last day is over. */
#include "base/clock.h"
#include "base/id.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/journal.h"
#include "core/mails.h"
#include "gen/sql/core/inbox.sql.h"
#include "gen/sql/core/life.sql.h"
#include "store/change.h"

enum { STEPS = 2 /* who stands in may be away too */ };

static str person(arena *mem, str forename, str surname) { return str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(forename), STR_ARG(surname))); }

static struct absence from_row(arena *mem, const struct absence_row *r)
{
    return (struct absence){.id = r->id, .account = r->account, .first_day = r->first_day, .last_day = r->last_day, .stand_in = r->stand_in, .team = r->team,
                            .set_by = r->set_by, .name = person(mem, r->forename, r->surname), .stand_in_name = r->team ? r->team_name : person(mem, r->in_forename, r->in_surname)};
}

static bool administers(const struct who *w) { return who_has(w, ROLE_ADMIN, 0, 0, STR_NONE); }

static err check(db *d, arena *mem, const struct who *w, const struct absence *a, int64_t today)
{
    struct account who = {0}, in = {0};
    struct absence_row_list rows;
    struct teams teams = {0};
    if (a->account != w->account && !administers(w)) return FAIL(E_DENIED, "rights.denied");
    err e = account_get(d, mem, a->account, &who);
    if (e.code == E_NOT_FOUND || (e.code == OK && !who.is_agent)) return FAIL_AT(E_INVALID, W("absence.no_agent"), "agent");
    TRY(e);
    if (a->last_day < a->first_day) return FAIL_AT(E_INVALID, W("absence.last_first"), "last");
    if (a->last_day < today) return FAIL_AT(E_INVALID, W("absence.over"), "last");
    if (!a->stand_in == !a->team) return FAIL_AT(E_INVALID, W("absence.no_stand_in"), "stand_in");
    if (a->stand_in == a->account) return FAIL_AT(E_INVALID, W("absence.oneself"), "stand_in");
    e = a->stand_in ? account_get(d, mem, a->stand_in, &in) : NO_ERR;
    if (e.code == E_NOT_FOUND || (e.code == OK && a->stand_in && (!in.is_agent || !in.is_active))) return FAIL_AT(E_INVALID, W("absence.no_agent"), "stand_in");
    TRY(e);
    bool team_there = !a->team;
    if (a->team) TRY(team_list(d, mem, &teams));
    for (size_t i = 0; i < teams.n; i++) team_there |= teams.v[i].id == a->team;
    if (!team_there) return FAIL_AT(E_INVALID, W("absence.no_stand_in"), "stand_in");
    TRY(sql_absence_rows(d, mem, today, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i].account == a->account && rows.v[i].first_day <= a->last_day && rows.v[i].last_day >= a->first_day) return FAIL_AT(E_INVALID, W("absence.overlap"), "first");
    return NO_ERR;
}

struct absence_args { arena *mem; const struct who *w; const struct absence *a; int64_t id, today, now_us; };

static err add_in_txn(db *w, void *arg)
{
    struct absence_args *x = arg;
    const struct absence *a = x->a;
    TRY(check(w, x->mem, x->w, a, x->today));
    TRY(change_bump(w, S(TOPIC_INBOX)));
    return sql_absence_add(w, x->id, a->account, a->first_day, a->last_day, a->stand_in, a->team, x->w->account, x->now_us);
}

err absence_add(db *d, arena *mem, const struct who *w, const struct absence *a, int64_t today, int64_t now_us, int64_t *out_id)
{
    struct absence_args x = {mem, w, a, id_new(), today, now_us};
    TRY(db_txn(d, add_in_txn, &x));
    *out_id = x.id;
    return NO_ERR;
}

static err remove_in_txn(db *w, void *arg)
{
    struct absence_args *x = arg;
    struct sql_absence_owner_row row;
    TRY(sql_absence_owner(w, x->mem, x->id, &row));
    if (row.account != x->w->account && !administers(x->w)) return FAIL(E_NOT_FOUND, "rights.not_found");
    TRY(change_bump(w, S(TOPIC_INBOX)));
    return sql_absence_drop(w, x->id, &(int64_t){0});
}

err absence_remove(db *d, arena *mem, const struct who *w, int64_t id) { return db_txn(d, remove_in_txn, &(struct absence_args){.mem = mem, .w = w, .id = id}); }

err absence_list(db *d, arena *mem, const struct who *w, int64_t today, struct absences *out)
{
    struct absence_row_list rows;
    *out = (struct absences){0};
    TRY(sql_absence_rows(d, mem, today, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct absence_row *r = &rows.v[i];
        if (administers(w) || r->account == w->account || r->stand_in == w->account || who_in_team(w, r->team)) PUSH(mem, out, from_row(mem, r));
    }
    return NO_ERR;
}

static const struct absence_row *away(const struct absence_row_list *rows, int64_t account, int64_t today)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->v[i].account == account && rows->v[i].first_day <= today && rows->v[i].last_day >= today) return &rows->v[i];
    return NULL;
}

err absence_of(db *d, arena *mem, int64_t account, int64_t today, struct absence *out)
{
    struct absence_row_list rows;
    TRY(sql_absence_rows(d, mem, today, &rows));
    const struct absence_row *r = away(&rows, account, today);
    if (!r) return FAIL(E_NOT_FOUND, "store.not_found");
    *out = from_row(mem, r);
    return NO_ERR;
}

/* Could they see it by their own rights? A team: when it is theirs to see. */
static err could_see(db *d, arena *mem, const struct absence_row *a, const struct record *r, bool *out)
{
    struct who w = {.account = a->stand_in};
    if (a->team) PUSH(mem, &w.grants, (struct grant){.role = ROLE_AGENT, .team = a->team});
    else TRY(grants_of(d, mem, a->stand_in, &w.grants));
    *out = who_has(&w, ROLE_READER, r->body, r->team, r->kind);
    return NO_ERR;
}

static err own_mail(db *d, arena *mem, int64_t account, struct strs *out)
{
    str to;
    TRY(account_mail(d, mem, account, &to));
    if (to.n) PUSH(mem, out, to);
    return NO_ERR;
}

err absence_mails(db *d, arena *mem, const struct tenant *t, const struct record *r, int64_t account, int64_t now_us, struct strs *out)
{
    struct absence_row_list rows;
    int64_t today = day_of(t, now_us);
    *out = (struct strs){0};
    if (!account) return NO_ERR;
    TRY(sql_absence_rows(d, mem, today, &rows));
    for (int step = 0; step < STEPS; step++) {
        const struct absence_row *a = away(&rows, account, today);
        bool sees = false;
        if (a) TRY(could_see(d, mem, a, r, &sees));
        if (!sees) break;
        if (a->team) {
            struct sql_team_mails_row_list mails;
            TRY(sql_team_mails(d, mem, a->team, &mails));
            for (size_t i = 0; i < mails.n; i++) PUSH(mem, out, mails.v[i].email);
            if (out->n) return NO_ERR;
            break;
        }
        account = a->stand_in;
    }
    return own_mail(d, mem, account, out);
}

/* ---- to whom a dossier is given ---- */

err assignable(db *d, arena *mem, int64_t body, int64_t team, str kind, struct accounts *out)
{
    struct accounts all;
    struct held_grants grants;
    *out = (struct accounts){0};
    TRY(account_list(d, mem, true, &all));
    TRY(grants_all(d, mem, &grants));
    for (size_t i = 0; i < all.n; i++) {
        struct who w = {.account = all.v[i].id};
        for (size_t j = 0; j < grants.n; j++)
            if (grants.v[j].account == w.account) PUSH(mem, &w.grants, grants.v[j].g);
        if (all.v[i].is_active && who_has(&w, ROLE_AGENT, body, team, kind)) PUSH(mem, out, all.v[i]);
    }
    return NO_ERR;
}

static err could_handle(db *w, arena *mem, int64_t account, const struct record *r, str *out_name)
{
    struct account a = {0};
    struct who who = {.account = account};
    err e = account_get(w, mem, account, &a);
    if (e.code == E_NOT_FOUND || (e.code == OK && !a.is_active)) return FAIL_AT(E_INVALID, W("core.effect.no_such_agent"), "assignee");
    TRY(e);
    TRY(grants_of(w, mem, account, &who.grants));
    *out_name = person(mem, a.forename, a.surname);
    return who_has(&who, ROLE_AGENT, r->body, r->team, r->kind) ? NO_ERR : FAIL_AT(E_INVALID, W("core.assign.cannot_handle"), str_z(mem, *out_name));
}

err record_assign(db *w, arena *mem, const struct assign *a, struct record *r)
{
    struct record was, now;
    str name = STR_NONE;
    TRY(record_get(w, mem, r->id, &was));
    TRY(may(a->who, VERB_HANDLE, &was));
    if (a->seen_version && a->seen_version != was.version) return life_conflict(w, mem, a->kind, &was);
    now = was;
    now.assignee = a->to;
    *r = now;
    if (was.assignee == a->to) return NO_ERR;
    if (a->to) TRY(could_handle(w, mem, a->to, &was, &name));
    now.updated_us = a->now_us;
    static const struct transition assigned = {.name = {"assigned", 8}};
    struct act act = {.who = a->who, .kind = a->kind, .tenant = a->tenant, .now_us = a->now_us};
    struct effect_call c = {.w = w, .mem = mem, .r = &now, .a = &act, .t = &assigned};
    TRY(act_actor(w, &act, &was, &act.actor));
    TRY(journal_add(w, &(struct event){.record = was.id, .at_us = a->now_us, .actor = act.actor, .verb = assigned.name, .from = was.state, .to = was.state,
                                       .words = name.n ? name : words(a->tenant->lang, W("core.assign.nobody"))}, &c.cause));
    TRY(record_save(w, mem, a->kind, &was, &now));
    *r = now;
    struct strs mails = {0};
    if (a->to && a->to != a->who->account) TRY(absence_mails(w, mem, a->tenant, &now, a->to, a->now_us, &mails));
    for (size_t i = 0; i < mails.n; i++) TRY(mail_notice_agent(&c, mails.v[i]));
    return NO_ERR;
}
