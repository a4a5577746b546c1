/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts and teams: plain forms. */
#include "site/admin.h"

#include "base/id.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/staff.h"
#include "gen/html/site/account_edit.html.h"
#include "gen/html/site/accounts.html.h"
#include "gen/html/site/admin.html.h"
#include "gen/html/site/team.html.h"
#include "gen/html/site/teams.html.h"
#include "pages/app.h"
#include "web/req.h"

static const struct { enum role role; const char *value, *key, *hint; } roles[] = {
    {ROLE_NONE, "none", W("admin.role.none"), W("admin.role.none_hint")}, {ROLE_READER, "reader", W("admin.role.reader"), W("admin.role.reader_hint")},
    {ROLE_AGENT, "agent", W("admin.role.agent"), W("admin.role.agent_hint")}, {ROLE_MANAGER, "manager", W("admin.role.manager"), W("admin.role.manager_hint")},
    {ROLE_ADMIN, "admin", W("admin.role.admin"), W("admin.role.admin_hint")}};

void admin_desk(struct layout *l)
{
    l->is_desk = true;
    l->no_index = true;
}

void admin_fault(struct req *q, struct links *faults, const char *key, const char *id)
{
    PUSH(q->mem, faults, (struct link){.label = words(q->lang, key), .at = URL(q->mem, "#{}", str_of(id))});
}

static void room(struct req *q, struct page_admin *p, const char *label, const char *hint, struct url at)
{
    PUSH(q->mem, &p->rooms, (struct link){.label = words(q->lang, label), .hint = words(q->lang, hint), .at = at});
}

static err get_admin(struct req *q)
{
    struct page_admin p = {0};
    admin_desk(&p.l);
    p.is_starting = may_some(q->who, VERB_ADMIN) && first_start_open(q->tenant);
    room(q, &p, W("admin.kinds"), W("admin.kinds_hint"), URL_LIT("/admin/demarches"));
    if (may_some(q->who, VERB_ADMIN)) {
        room(q, &p, W("admin.accounts"), W("admin.accounts_hint"), URL_LIT("/admin/comptes"));
        room(q, &p, W("admin.teams"), W("admin.teams_hint"), URL_LIT("/admin/equipes"));
        room(q, &p, W("admin.bodies"), W("admin.bodies_hint"), URL_LIT("/admin/collectivites"));
        room(q, &p, W("state.title"), W("state.hint"), URL_LIT("/admin/etat"));
        room(q, &p, W("mails.title"), W("mails.hint"), URL_LIT("/admin/courriels"));
        room(q, &p, W("readings.title"), W("readings.hint"), URL_LIT("/admin/lectures"));
        room(q, &p, W("admin.found"), W("admin.found_hint"), URL_LIT("/admin/recherche"));
        room(q, &p, W("first.title"), W("first.hint"), URL_LIT("/admin/premiers-pas"));
        room(q, &p, W("admin.settings"), W("admin.settings_hint"), URL_LIT("/admin/reglages"));
    }
    return page_admin(q, &p);
}

/* ---- accounts ---- */
static enum role role_read(str value)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (str_is(value, roles[i].value)) return roles[i].role;
    return ROLE_NONE;
}

static void roles_choices(struct req *q, enum role chosen, struct choices *out)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        PUSH(q->mem, out, (struct choice){.value = str_of(roles[i].value), .label = words(q->lang, roles[i].key), .hint = words(q->lang, roles[i].hint), .is_chosen = roles[i].role == chosen});
}

static bool in_team(const struct grants *g, int64_t team)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->v[i].team == team) return true;
    return false;
}

static err teams_choices(struct req *q, const struct grants *g, struct choices *out)
{
    struct teams teams = {0};
    TRY(team_list(q->db, q->mem, &teams));
    for (size_t i = 0; i < teams.n; i++)
        PUSH(q->mem, out, (struct choice){.value = id_text(q->mem, teams.v[i].id), .label = teams.v[i].name, .is_chosen = g && in_team(g, teams.v[i].id)});
    return NO_ERR;
}

str admin_role_said(enum lang lang, int role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if ((int)roles[i].role == role) return words(lang, roles[i].key);
    return STR_NONE;
}

/* The most that any grant of this account gives. */
static str role_said(struct req *q, const struct held_grants *all, int64_t account)
{
    enum role most = ROLE_NONE;
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].account == account && all->v[i].g.role > most) most = all->v[i].g.role;
    return admin_role_said(q->lang, (int)most);
}

static err accounts_page(struct req *q, struct page_accounts *p, int status)
{
    struct accounts all = {0};
    struct held_grants grants = {0};
    TRY(account_list(q->db, q->mem, true, &all));
    TRY(grants_all(q->db, q->mem, &grants));
    for (size_t i = 0; i < all.n; i++) {
        const struct account *a = &all.v[i];
        str name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a->forename), STR_ARG(a->surname)));
        PUSH(q->mem, &p->rows, (struct account_line){.name = name.n ? name : a->email, .mail = a->email, .capacity = a->capacity, .role = role_said(q, &grants, a->id), .service = a->service,
                                                     .at = URL(q->mem, "/admin/comptes/{}", id_text(q->mem, a->id)), .is_active = a->is_active});
    }
    roles_choices(q, ROLE_AGENT, &p->roles);
    TRY(teams_choices(q, NULL, &p->teams));
    admin_desk(&p->l);
    p->l.status = status;
    return page_accounts(q, p);
}

static err get_accounts(struct req *q)
{
    struct page_accounts p = {0};
    if (str_is(query(q, "fait"), "1")) p.l.notice = words(q->lang, W("admin.account_done")), p.l.notice_tone = S("done");
    int64_t made, changed;
    if (query_i64(q, "crees", 0, &made).code == OK && query_i64(q, "changes", 0, &changed).code == OK && (query(q, "crees").p || query(q, "changes").p))
        p.l.notice = words_fill(q->mem, q->lang, W("staff.done"), "new", words_number(q->mem, q->lang, made), "changed", words_number(q->mem, q->lang, changed), NULL), p.l.notice_tone = S("done");
    return accounts_page(q, &p, 200);
}

struct rights_change { struct req *q; int64_t account; enum role role; struct strs teams; };

static err rights_in_txn(db *w, void *arg)
{
    struct rights_change *x = arg;
    return rights_write(w, x->q->mem, x->account, x->role, &x->teams);
}

static err rights_save(struct req *q, int64_t account)
{
    struct rights_change x = {.q = q, .account = account, .role = role_read(field(q, "role"))};
    fields_all(q, "team", &x.teams);
    if (account == q->who->account && x.role < ROLE_ADMIN) return FAIL_AT(E_INVALID, "admin.not_oneself", "role");
    return db_txn(q->db, rights_in_txn, &x);
}

static err invite(struct req *q, str email)
{
    str base = str_fmt(q->mem, "%.*s://%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host));
    return account_invite(q->db, q->mem, q->tenant, base, email, q->lang, clock_now_us());
}

static err post_accounts(struct req *q)
{
    struct page_accounts p = {.mail = str_trim(field(q, "email")), .forename = str_trim(field(q, "forename")), .surname = str_trim(field(q, "surname")),
                              .capacity = str_trim(field(q, "capacity")), .service = str_trim(field(q, "service"))};
    struct account a = {.email = p.mail, .forename = p.forename, .surname = p.surname, .capacity = p.capacity, .service = p.service, .is_agent = true, .is_active = true};
    if (!p.surname.n) admin_fault(q, &p.faults, W("admin.surname_missing"), "surname");
    if (!p.capacity.n) admin_fault(q, &p.faults, W("admin.capacity_missing"), "capacity");
    if (p.faults.n) return accounts_page(q, &p, 422);
    int64_t id;
    err e = account_add(q->db, q->mem, &a, STR_NONE, &id);
    if (e.code == E_INVALID || e.code == E_EXISTS) {
        admin_fault(q, &p.faults, e.msg, e.at ? e.at : "email");
        return accounts_page(q, &p, 422);
    }
    TRY(e);
    TRY(rights_save(q, id));
    TRY(audit_note(q->db, q->who->account, "account.add", id, STR_NONE, clock_now_us()));
    TRY(invite(q, p.mail));
    return reply_redirect(q, S("/admin/comptes?fait=1"));
}

static err account_page(struct req *q, const struct account *a, struct page_account_edit *p, int status)
{
    struct grants grants = {0};
    TRY(grants_of(q->db, q->mem, a->id, &grants));
    p->mail = a->email;
    p->forename = a->forename;
    p->surname = a->surname;
    p->capacity = a->capacity;
    p->service = a->service;
    p->phone = a->phone;
    p->is_active = a->is_active;
    p->action = URL(q->mem, "/admin/comptes/{}", id_text(q->mem, a->id));
    p->reset = URL(q->mem, "/admin/comptes/{}/inviter", id_text(q->mem, a->id));
    roles_choices(q, role_given(&grants), &p->roles);
    TRY(teams_choices(q, &grants, &p->teams));
    admin_desk(&p->l);
    p->l.status = status;
    return page_account_edit(q, p);
}

static err account_of(struct req *q, struct account *a)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    return account_get(q->db, q->mem, id, a);
}

static err get_account(struct req *q)
{
    struct account a;
    struct page_account_edit p = {0};
    TRY(account_of(q, &a));
    return account_page(q, &a, &p, 200);
}

static err post_account(struct req *q)
{
    struct account a;
    struct page_account_edit p = {0};
    TRY(account_of(q, &a));
    a.forename = str_trim(field(q, "forename"));
    a.surname = str_trim(field(q, "surname"));
    a.capacity = str_trim(field(q, "capacity"));
    a.service = str_trim(field(q, "service"));
    a.phone = str_trim(field(q, "phone"));
    a.is_active = field_has(q, "active");
    if (!a.surname.n) admin_fault(q, &p.faults, W("admin.surname_missing"), "surname");
    if (a.id == q->who->account && !a.is_active) admin_fault(q, &p.faults, W("admin.not_oneself"), "active");
    err e = p.faults.n ? NO_ERR : rights_save(q, a.id);
    if (e.code == E_INVALID) admin_fault(q, &p.faults, e.msg, e.at ? e.at : "role");
    else TRY(e);
    if (p.faults.n) return account_page(q, &a, &p, 422);
    a.is_agent = role_read(field(q, "role")) != ROLE_NONE;
    TRY(account_save(q->db, &a));
    TRY(audit_note(q->db, q->who->account, "account.change", a.id, STR_NONE, clock_now_us()));
    return reply_redirect(q, S("/admin/comptes?fait=1"));
}

static err post_invite(struct req *q)
{
    struct account a;
    TRY(account_of(q, &a));
    TRY(invite(q, a.email));
    return reply_redirect(q, S("/admin/comptes?fait=1"));
}

/* ---- teams ---- */
void admin_bodies(struct req *q, int64_t chosen, struct choices *out)
{
    for (size_t i = 0; i < q->tenant->bodies.n; i++)
        PUSH(q->mem, out, (struct choice){.value = id_text(q->mem, q->tenant->bodies.v[i].id), .label = q->tenant->bodies.v[i].name, .is_chosen = q->tenant->bodies.v[i].id == chosen});
}

static err teams_page(struct req *q, struct page_teams *p, int status)
{
    struct teams teams = {0};
    struct team_people people = {0};
    TRY(team_list(q->db, q->mem, &teams));
    TRY(team_people_all(q->db, q->mem, &people));
    for (size_t i = 0; i < teams.n; i++) {
        struct strs names = {0};
        const struct body *b = tenant_body(q->tenant, teams.v[i].body);
        for (size_t j = 0; j < people.n; j++)
            if (people.v[j].team == teams.v[i].id) PUSH(q->mem, &names, people.v[j].name);
        PUSH(q->mem, &p->rows, (struct team_line){teams.v[i].name, b ? b->name : STR_NONE, teams.v[i].email, str_join(q->mem, names, S(", ")), URL(q->mem, "/admin/equipes/{}", id_text(q->mem, teams.v[i].id))});
    }
    admin_bodies(q, q->tenant->bodies.n ? q->tenant->bodies.v[0].id : 0, &p->bodies);
    admin_desk(&p->l);
    p->l.status = status;
    return page_teams(q, p);
}

static err get_teams(struct req *q)
{
    struct page_teams p = {0};
    return teams_page(q, &p, 200);
}

static err post_teams(struct req *q)
{
    struct page_teams p = {.name = str_trim(field(q, "name")), .mail = str_trim(field(q, "email"))};
    struct team t = {.name = p.name, .email = p.mail};
    if (id_parse(field(q, "body"), &t.body).code != OK || !tenant_body_exact(q->tenant, t.body)) admin_fault(q, &p.faults, W("admin.body_missing"), "body");
    int64_t id;
    err e = p.faults.n ? NO_ERR : team_add(q->db, &t, &id);
    if (e.code == E_INVALID) admin_fault(q, &p.faults, e.msg, "name");
    else TRY(e);
    return p.faults.n ? teams_page(q, &p, 422) : reply_redirect(q, S("/admin/equipes"));
}

/* ---- one team ---- */
static err team_asked(struct req *q, struct team *out)
{
    struct teams all = {0};
    int64_t id;
    TRY(param_id(q, "id", &id));
    TRY(team_list(q->db, q->mem, &all));
    for (size_t i = 0; i < all.n; i++) {
        if (all.v[i].id != id) continue;
        *out = all.v[i];
        return NO_ERR;
    }
    return FAIL(E_NOT_FOUND, "rights.not_found");
}

static bool is_among(const struct accounts *list, int64_t id)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].id == id) return true;
    return false;
}

/* Its members, and every other agent, each with a box. */
static err team_page(struct req *q, const struct team *t, struct page_team *p, int status)
{
    struct accounts agents = {0}, members = {0};
    TRY(account_list(q->db, q->mem, true, &agents));
    TRY(team_members(q->db, q->mem, t->id, &members));
    for (size_t i = 0; i < agents.n; i++) {
        const struct account *a = &agents.v[i];
        bool in = is_among(&members, a->id);
        if (!in && !a->is_active) continue;
        str name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a->forename), STR_ARG(a->surname)));
        PUSH(q->mem, &p->members, (struct choice){.value = id_text(q->mem, a->id), .label = name.n ? name : a->email, .hint = a->service, .is_chosen = in});
    }
    p->name = t->name;
    p->mail = t->email;
    p->action = URL(q->mem, "/admin/equipes/{}", id_text(q->mem, t->id));
    admin_bodies(q, t->body, &p->bodies);
    admin_desk(&p->l);
    p->l.title = t->name;
    p->l.status = status;
    return page_team(q, p);
}

static err get_team(struct req *q)
{
    struct team t;
    struct page_team p = {0};
    TRY(team_asked(q, &t));
    return team_page(q, &t, &p, 200);
}

/* What the account's own page would write, with this team among the others or not. */
static err member_write(db *w, arena *mem, int64_t team, int64_t account, bool in)
{
    struct grants had;
    struct strs teams = {0};
    TRY(grants_of(w, mem, account, &had));
    enum role role = role_given(&had);
    for (size_t i = 0; i < had.n; i++)
        if (had.v[i].team && had.v[i].team != team) PUSH(mem, &teams, id_text(mem, had.v[i].team));
    if (in) PUSH(mem, &teams, id_text(mem, team));
    return rights_write(w, mem, account, in && role == ROLE_NONE ? ROLE_AGENT : role, &teams);
}

struct team_change { struct req *q; const struct team *t; struct strs members; };

static err team_in_txn(db *w, void *arg)
{
    struct team_change *x = arg;
    struct accounts were, stay = {0};
    arena *mem = x->q->mem;
    TRY(team_save(w, x->t));
    TRY(team_members(w, mem, x->t->id, &were));
    for (size_t i = 0; i < x->members.n; i++) {
        int64_t id;
        struct account a;
        TRY(id_parse(x->members.v[i], &id));
        TRY(account_get(w, mem, id, &a));
        if (a.is_agent) PUSH(mem, &stay, a);
    }
    for (size_t i = 0; i < were.n; i++)
        if (!is_among(&stay, were.v[i].id)) TRY(member_write(w, mem, x->t->id, were.v[i].id, false));
    for (size_t i = 0; i < stay.n; i++)
        if (!is_among(&were, stay.v[i].id)) TRY(member_write(w, mem, x->t->id, stay.v[i].id, true));
    return NO_ERR;
}

static err post_team(struct req *q)
{
    struct team t;
    struct page_team p = {0};
    TRY(team_asked(q, &t));
    struct team_change x = {.q = q, .t = &t};
    t.name = str_trim(field(q, "name"));
    t.email = str_trim(field(q, "email"));
    fields_all(q, "member", &x.members);
    if (id_parse(field(q, "body"), &t.body).code != OK || !tenant_body_exact(q->tenant, t.body)) admin_fault(q, &p.faults, W("admin.body_missing"), "body");
    if (!t.name.n) admin_fault(q, &p.faults, W("admin.name_missing"), "name");
    if (p.faults.n) return team_page(q, &t, &p, 422);
    TRY(db_txn(q->db, team_in_txn, &x));
    TRY(audit_note(q->db, q->who->account, "team.change", t.id, STR_NONE, clock_now_us()));
    return reply_redirect(q, S("/admin/equipes"));
}

const struct route admin_routes[] = {
    {GET, "/admin", RIGHT_MANAGER, get_admin, "administration", 0, NULL, NULL},
    {GET, "/admin/comptes", RIGHT_ADMIN, get_accounts, "accounts of agents", 0, NULL, NULL},
    {POST, "/admin/comptes", RIGHT_ADMIN, post_accounts, "adds an account and invites by mail", 0, NULL, NULL},
    {GET, "/admin/comptes/:id", RIGHT_ADMIN, get_account, "one account", 0, NULL, NULL},
    {POST, "/admin/comptes/:id", RIGHT_ADMIN, post_account, "changes an account, its role and teams", 0, NULL, NULL},
    {POST, "/admin/comptes/:id/inviter", RIGHT_ADMIN, post_invite, "mails a link for a new password", 0, NULL, NULL},
    {GET, "/admin/equipes", RIGHT_ADMIN, get_teams, "teams", 0, NULL, NULL},
    {POST, "/admin/equipes", RIGHT_ADMIN, post_teams, "adds a team", 0, NULL, NULL},
    {GET, "/admin/equipes/:id", RIGHT_ADMIN, get_team, "one team and its members", 0, NULL, NULL},
    {POST, "/admin/equipes/:id", RIGHT_ADMIN, post_team, "renames a team, fills or empties it", 0, NULL, NULL},
    {0}};
