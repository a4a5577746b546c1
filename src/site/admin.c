/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Accounts, teams, bodies, settings: plain forms. */
#include "site/admin.h"

#include "base/id.h"
#include "core/account.h"
#include "core/notify.h"
#include "formats/json.h"
#include "gen/html/site/account_edit.html.h"
#include "gen/html/site/accounts.html.h"
#include "gen/html/site/admin.html.h"
#include "gen/html/site/bodies.html.h"
#include "gen/html/site/body.html.h"
#include "gen/html/site/settings.html.h"
#include "gen/html/site/teams.html.h"
#include "pages/app.h"
#include "store/change.h"
#include "view/colors.h"
#include "web/req.h"

static const struct { enum role role; const char *value, *key; } roles[] = {
    {ROLE_NONE, "none", W("admin.role.none")}, {ROLE_READER, "reader", W("admin.role.reader")}, {ROLE_AGENT, "agent", W("admin.role.agent")},
    {ROLE_MANAGER, "manager", W("admin.role.manager")}, {ROLE_ADMIN, "admin", W("admin.role.admin")}};

static void desk(struct layout *l)
{
    l->is_desk = true;
    l->no_index = true;
}

static void fault(struct req *q, struct links *faults, const char *key, const char *id)
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
    desk(&p.l);
    room(q, &p, W("admin.kinds"), W("admin.kinds_hint"), URL_LIT("/admin/demarches"));
    if (may_some(q->who, VERB_ADMIN)) {
        room(q, &p, W("admin.accounts"), W("admin.accounts_hint"), URL_LIT("/admin/comptes"));
        room(q, &p, W("admin.teams"), W("admin.teams_hint"), URL_LIT("/admin/equipes"));
        room(q, &p, W("admin.bodies"), W("admin.bodies_hint"), URL_LIT("/admin/collectivites"));
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
        PUSH(q->mem, out, (struct choice){.value = str_of(roles[i].value), .label = words(q->lang, roles[i].key), .is_chosen = roles[i].role == chosen});
}

/* The role over everything, not the one that membership of a team gives. */
static enum role role_whole(const struct grants *g)
{
    enum role most = ROLE_NONE;
    for (size_t i = 0; i < g->n; i++)
        if (!g->v[i].body && !g->v[i].team && !g->v[i].kind.n && g->v[i].role > most) most = g->v[i].role;
    return most;
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

static err accounts_page(struct req *q, struct page_accounts *p, int status)
{
    struct accounts all = {0};
    TRY(account_list(q->db, q->mem, true, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct account *a = &all.v[i];
        str name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a->forename), STR_ARG(a->surname)));
        PUSH(q->mem, &p->rows, (struct account_line){.name = name.n ? name : a->email, .mail = a->email, .capacity = a->capacity, .roles = a->service,
                                                     .at = URL(q->mem, "/admin/comptes/{}", id_text(q->mem, a->id)), .is_active = a->is_active});
    }
    roles_choices(q, ROLE_AGENT, &p->roles);
    TRY(teams_choices(q, NULL, &p->teams));
    desk(&p->l);
    p->l.status = status;
    return page_accounts(q, p);
}

static err get_accounts(struct req *q)
{
    struct page_accounts p = {0};
    if (str_is(query(q, "fait"), "1")) p.l.notice = words(q->lang, W("admin.account_done")), p.l.notice_tone = S("done");
    return accounts_page(q, &p, 200);
}

struct rights_change { struct req *q; int64_t account; enum role role; struct strs teams; struct grants had; };

static err rights_in_txn(db *w, void *arg)
{
    struct rights_change *x = arg;
    for (size_t i = 0; i < x->had.n; i++) {
        const struct grant *g = &x->had.v[i];
        if (g->team) TRY(team_leave(w, g->team, x->account));
        else if (!g->body && !g->kind.n) TRY(grant_remove(w, x->account, g));
    }
    for (size_t i = 0; i < x->teams.n; i++) {
        int64_t team;
        TRY(id_parse(x->teams.v[i], &team));
        TRY(team_join(w, team, x->account));
    }
    /* An agent without team sees what is no team's business: everything. With teams, their teams' dossiers. */
    if (x->role > ROLE_AGENT || (x->role != ROLE_NONE && !x->teams.n)) return grant_add(w, x->account, &(struct grant){.role = x->role});
    return NO_ERR;
}

static err rights_save(struct req *q, int64_t account)
{
    struct rights_change x = {.q = q, .account = account, .role = role_read(field(q, "role"))};
    fields_all(q, "team", &x.teams);
    TRY(grants_of(q->db, q->mem, account, &x.had));
    if (account == q->who->account && x.role < ROLE_ADMIN) return FAIL_AT(E_INVALID, "admin.not_oneself", "role");
    return db_txn(q->db, rights_in_txn, &x);
}

struct mail_args { struct req *q; struct mail_out m; str cause; };
static err mail_in_txn(db *w, void *arg)
{
    struct mail_args *x = arg;
    return outbox_mail(w, x->q->mem, x->cause, S("mail"), &x->m, clock_now_us());
}

static err invite(struct req *q, str email)
{
    str token;
    TRY(account_reset_start(q->db, q->mem, email, clock_now_us(), &token));
    if (!token.n) return NO_ERR;
    str link = str_fmt(q->mem, "%.*s://%.*s/compte/mot-de-passe/%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host), STR_ARG(token));
    struct mail_args x = {.q = q, .cause = str_fmt(q->mem, "invite-%.12s", token.p)};
    x.m = (struct mail_out){.to = email, .subject = words(q->lang, W("admin.invite_subject")),
                            .text = words_fill(q->mem, q->lang, W("admin.invite_text"), "link", link, "town", q->tenant->name, NULL)};
    return db_txn(q->db, mail_in_txn, &x);
}

static err post_accounts(struct req *q)
{
    struct page_accounts p = {.mail = str_trim(field(q, "email")), .forename = str_trim(field(q, "forename")), .surname = str_trim(field(q, "surname")),
                              .capacity = str_trim(field(q, "capacity")), .service = str_trim(field(q, "service"))};
    struct account a = {.email = p.mail, .forename = p.forename, .surname = p.surname, .capacity = p.capacity, .service = p.service, .is_agent = true, .is_active = true};
    if (!p.surname.n) fault(q, &p.faults, W("admin.surname_missing"), "surname");
    if (!p.capacity.n) fault(q, &p.faults, W("admin.capacity_missing"), "capacity");
    if (p.faults.n) return accounts_page(q, &p, 422);
    int64_t id;
    err e = account_add(q->db, q->mem, &a, STR_NONE, &id);
    if (e.code == E_INVALID || e.code == E_EXISTS) {
        fault(q, &p.faults, e.msg, e.at ? e.at : "email");
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
    enum role role = role_whole(&grants);
    for (size_t i = 0; role == ROLE_NONE && i < grants.n; i++) role = grants.v[i].role;
    p->mail = a->email;
    p->forename = a->forename;
    p->surname = a->surname;
    p->capacity = a->capacity;
    p->service = a->service;
    p->phone = a->phone;
    p->is_active = a->is_active;
    p->action = URL(q->mem, "/admin/comptes/{}", id_text(q->mem, a->id));
    p->reset = URL(q->mem, "/admin/comptes/{}/inviter", id_text(q->mem, a->id));
    roles_choices(q, role, &p->roles);
    TRY(teams_choices(q, &grants, &p->teams));
    desk(&p->l);
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
    if (!a.surname.n) fault(q, &p.faults, W("admin.surname_missing"), "surname");
    if (a.id == q->who->account && !a.is_active) fault(q, &p.faults, W("admin.not_oneself"), "active");
    err e = p.faults.n ? NO_ERR : rights_save(q, a.id);
    if (e.code == E_INVALID) fault(q, &p.faults, e.msg, e.at ? e.at : "role");
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
static void bodies_choices(struct req *q, int64_t chosen, struct choices *out)
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
        PUSH(q->mem, &p->rows, (struct team_line){teams.v[i].name, b ? b->name : STR_NONE, teams.v[i].email, str_join(q->mem, names, S(", "))});
    }
    bodies_choices(q, q->tenant->bodies.n ? q->tenant->bodies.v[0].id : 0, &p->bodies);
    desk(&p->l);
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
    if (id_parse(field(q, "body"), &t.body).code != OK || !tenant_body(q->tenant, t.body)) fault(q, &p.faults, W("admin.body_missing"), "body");
    int64_t id;
    err e = p.faults.n ? NO_ERR : team_add(q->db, &t, &id);
    if (e.code == E_INVALID) fault(q, &p.faults, e.msg, "name");
    else TRY(e);
    return p.faults.n ? teams_page(q, &p, 422) : reply_redirect(q, S("/admin/equipes"));
}

/* ---- bodies and settings ---- */
static err get_bodies(struct req *q)
{
    struct page_bodies p = {0};
    for (size_t i = 0; i < q->tenant->bodies.n; i++) {
        const struct body *b = &q->tenant->bodies.v[i];
        PUSH(q->mem, &p.rows, (struct body_line){b->name, b->kind, b->insee, URL(q->mem, "/admin/collectivites/{}", id_text(q->mem, b->id))});
    }
    desk(&p.l);
    return page_bodies(q, &p);
}

static const struct { const char *input, *path; size_t at; } body_settings[] = {
    {"service", "service.name", offsetof(struct page_body, service)}, {"address", "service.postal_address", offsetof(struct page_body, address)},
    {"mail", "service.mail", offsetof(struct page_body, mail)}, {"phone", "service.phone", offsetof(struct page_body, phone)},
    {"hours", "service.hours", offsetof(struct page_body, hours)},
    {"article", "silence.article", offsetof(struct page_body, article)}, {"appeal", "appeal.text", offsetof(struct page_body, appeal)},
    {"purpose", "personal_data.purpose", offsetof(struct page_body, purpose)}, {"pd_basis", "personal_data.legal_basis", offsetof(struct page_body, pd_basis)},
    {"recipients", "personal_data.recipients", offsetof(struct page_body, recipients)}, {"retention", "personal_data.retention", offsetof(struct page_body, retention)},
    {"dpo", "personal_data.contact", offsetof(struct page_body, dpo)}};

static err body_asked(struct req *q, const struct body **out)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    *out = tenant_body(q->tenant, id);
    return *out && (*out)->id == id ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

static err body_page(struct req *q, const struct body *b, struct page_body *p, int status)
{
    static const struct { const char *value, *key; } means[] = {{"acceptance", W("admin.means.acceptance")}, {"rejection", W("admin.means.rejection")}, {"none", W("admin.means.none")}};
    str chosen = json_text(json_path(b->settings, "silence.means"));
    p->name = b->name;
    p->siren = b->siren;
    p->insee = b->insee;
    for (size_t i = 0; i < sizeof body_settings / sizeof *body_settings; i++)
        *(str *)((char *)p + body_settings[i].at) = json_text(json_path(b->settings, body_settings[i].path));
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        PUSH(q->mem, &p->means, (struct choice){.value = str_of(means[i].value), .label = words(q->lang, means[i].key), .is_chosen = str_is(chosen, means[i].value)});
    span_draw(q, &p->after, W("admin.silence_after"), json_text(json_path(b->settings, "silence.after")), true);
    p->action = URL(q->mem, "/admin/collectivites/{}", id_text(q->mem, b->id));
    p->l.title = b->name;
    desk(&p->l);
    p->l.status = status;
    return page_body(q, p);
}

static err get_body(struct req *q)
{
    const struct body *b;
    struct page_body p = {0};
    TRY(body_asked(q, &b));
    return body_page(q, b, &p, 200);
}

static void setting_put(arena *mem, json_t *settings, const char *path, str value)
{
    str rest, first = str_split(str_of(path), '.', &rest);
    json_t *in = settings;
    if (rest.p) {
        in = json_object_get(settings, str_z(mem, first));
        if (!json_is_object(in)) {
            in = json_object();
            json_object_set_new(settings, str_z(mem, first), in);
        }
        first = rest;
    }
    if (value.n) json_object_set_new(in, str_z(mem, first), json_from_str(value));
    else json_object_del(in, str_z(mem, first));
}

struct tenant_change { struct req *q; const struct body *body; const struct tenant *tenant; };
static err tenant_in_txn(db *w, void *arg)
{
    struct tenant_change *x = arg;
    if (x->body) TRY(body_save(w, x->body));
    if (x->tenant) TRY(tenant_save(w, x->tenant));
    TRY(change_bump(w, S(TOPIC_TENANT)));
    return change_bump(w, S(TOPIC_KINDS));
}

static err tenant_write(struct req *q, const struct body *b, const struct tenant *t)
{
    TRY(db_txn(q->db, tenant_in_txn, &(struct tenant_change){q, b, t}));
    tenants_changed(q->app->tenants);
    return audit_note(q->db, q->who->account, b ? "body.change" : "settings.change", b ? b->id : 0, STR_NONE, clock_now_us());
}

static err post_body(struct req *q)
{
    const struct body *was;
    struct page_body p = {0};
    TRY(body_asked(q, &was));
    struct body b = *was;
    b.settings = json_own(q->mem, json_deep_copy(was->settings));
    b.name = str_trim(field(q, "name"));
    b.siren = str_trim(field(q, "siren"));
    b.insee = str_trim(field(q, "insee"));
    for (size_t i = 0; i < sizeof body_settings / sizeof *body_settings; i++)
        setting_put(q->mem, b.settings, body_settings[i].path, str_trim(field(q, body_settings[i].input)));
    setting_put(q->mem, b.settings, "silence.means", field(q, "means"));
    str after;
    err e = span_given(q, "after", &after);
    setting_put(q->mem, b.settings, "silence.after", e.code == OK ? after : str_trim(field(q, "after")));
    if (!b.name.n) fault(q, &p.faults, W("admin.name_missing"), "name");
    if (e.code != OK) fault(q, &p.faults, e.msg, e.at);
    if (p.faults.n) return body_page(q, &b, &p, 422);
    TRY(tenant_write(q, &b, NULL));
    return reply_redirect(q, S("/admin/collectivites"));
}

static err settings_page(struct req *q, struct page_settings *p, int status)
{
    desk(&p->l);
    p->l.status = status;
    return page_settings(q, p);
}

static const struct setting_input { const char *input, *path; size_t at; } town_settings[] = {
    {"address", "address", offsetof(struct page_settings, address)}, {"tiles", "map.tiles", offsetof(struct page_settings, tiles)},
    {"action", "colors.action", offsetof(struct page_settings, action)}, {"accent", "colors.accent", offsetof(struct page_settings, accent)},
    {"director", "legal.director", offsetof(struct page_settings, director)}, {"host", "legal.host", offsetof(struct page_settings, host)},
    {"legal", "legal_notice", offsetof(struct page_settings, legal)}, {"privacy", "privacy", offsetof(struct page_settings, privacy)}};

static str *setting_of(struct page_settings *p, const struct setting_input *s) { return (str *)((char *)p + s->at); }

static err get_settings(struct req *q)
{
    struct page_settings p = {.name = q->tenant->name};
    for (size_t i = 0; i < sizeof town_settings / sizeof *town_settings; i++)
        *setting_of(&p, &town_settings[i]) = json_text(json_path(q->tenant->settings, town_settings[i].path));
    return settings_page(q, &p, 200);
}

static void settings_faults(struct req *q, struct page_settings *p)
{
    buf style = BUF(4096);
    err colors = town_style(&style, p->action, p->accent);
    buf_free(&style);
    if (colors.code != OK) fault(q, &p->faults, colors.msg, colors.at);
    if (!p->name.n) fault(q, &p->faults, W("admin.name_missing"), "name");
    if (p->address.n && !str_starts(p->address, S("https://")) && !str_starts(p->address, S("http://"))) fault(q, &p->faults, W("admin.address_bad"), "address");
    if (p->tiles.n && (!str_starts(p->tiles, S("https://")) || str_find(p->tiles, S("{z}")) < 0)) fault(q, &p->faults, W("admin.tiles_bad"), "tiles");
}

static err post_settings(struct req *q)
{
    struct page_settings p = {.name = str_trim(field(q, "name"))};
    struct tenant t = *q->tenant;
    t.name = p.name;
    t.settings = json_own(q->mem, json_deep_copy(q->tenant->settings));
    for (size_t i = 0; i < sizeof town_settings / sizeof *town_settings; i++) {
        *setting_of(&p, &town_settings[i]) = str_trim(field(q, town_settings[i].input));
        setting_put(q->mem, t.settings, town_settings[i].path, *setting_of(&p, &town_settings[i]));
    }
    settings_faults(q, &p);
    if (p.faults.n) return settings_page(q, &p, 422);
    TRY(tenant_write(q, NULL, &t));
    return reply_redirect(q, S("/admin"));
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
    {GET, "/admin/collectivites", RIGHT_ADMIN, get_bodies, "bodies of this platform", 0, NULL, NULL},
    {GET, "/admin/collectivites/:id", RIGHT_ADMIN, get_body, "one body and its defaults", 0, NULL, NULL},
    {POST, "/admin/collectivites/:id", RIGHT_ADMIN, post_body, "changes a body", 0, NULL, NULL},
    {GET, "/admin/reglages", RIGHT_ADMIN, get_settings, "settings of the town", 0, NULL, NULL},
    {POST, "/admin/reglages", RIGHT_ADMIN, post_settings, "changes the settings", 0, NULL, NULL},
    {0}};
