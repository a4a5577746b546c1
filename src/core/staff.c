/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/staff.h"

#include "base/id.h"
#include "base/utf8.h"
#include "core/notify.h"
#include "formats/csv.h"

#define TEXT_MOST 200
#define IN_AT_ONCE 200

static const struct column { const char *names[7]; size_t at; } columns[] = {
    {{"courriel", "email", "e-mail", "mail", "adresse electronique", "adresse mail"}, offsetof(struct account, email)},
    {{"prenom", "forename", "first name"}, offsetof(struct account, forename)},
    {{"nom", "surname", "last name", "nom de famille"}, offsetof(struct account, surname)},
    {{"qualite", "fonction", "capacity"}, offsetof(struct account, capacity)},
    {{"service", "direction"}, offsetof(struct account, service)},
    {{"equipes", "equipe", "teams", "team", "groupe", "groupes"}, 0},
    {{"role", "droits"}, 0}};
enum { COL_MAIL, COL_FORENAME, COL_SURNAME, COL_CAPACITY, COL_SERVICE, COL_TEAMS, COL_ROLE, COLS };

/* By how the word begins, in French or in English, folded. */
static const struct { const char *begins, *written; enum role role; } role_words[] = {
    {"lect", "lecture", ROLE_READER}, {"read", "lecture", ROLE_READER}, {"agent", "agent", ROLE_AGENT}, {"gest", "gestion", ROLE_MANAGER},
    {"manag", "gestion", ROLE_MANAGER}, {"admin", "administration", ROLE_ADMIN}};

struct reading {
    arena *mem;
    struct csv csv;
    struct staff *out;
    struct held { struct account a; struct grants grants; } *held;  /* accounts of these mails that are there */
    size_t n_held;
    struct teams teams;
    ptrdiff_t at[COLS];
    int64_t by;
};

static void fault(struct reading *r, size_t line, const char *msg, str arg) { PUSH(r->mem, &r->out->faults, (struct staff_fault){line, msg, arg}); }

static str cell(const struct reading *r, const struct csv_row *row, int column) { return r->at[column] < 0 ? STR_NONE : str_trim(row->cells.v[r->at[column]]); }

static bool columns_find(struct reading *r)
{
    for (int c = 0; c < COLS; c++) {
        r->at[c] = -1;
        for (int i = 0; columns[c].names[i] && r->at[c] < 0; i++) r->at[c] = csv_column(&r->csv, str_of(columns[c].names[i]));
    }
    if (r->at[COL_MAIL] < 0) fault(r, 0, W("staff.no_mail_column"), STR_NONE);
    return r->at[COL_MAIL] >= 0;
}

static void held_add(struct reading *r, const struct cell *c)
{
    r->held[r->n_held++].a = (struct account){.id = c[0].i, .email = c[1].s, .forename = c[2].s, .surname = c[3].s, .capacity = c[4].s, .service = c[5].s, .phone = c[6].s,
                                              .is_agent = c[7].i, .is_active = c[8].i};
}

/* Who of them is there: a few statements, however long the file. */
static err held_read(struct reading *r, db *d)
{
    struct held_grants grants;
    r->held = NEW_N(r->mem, struct held, r->csv.rows.n + 1);
    for (size_t from = 0; from < r->csv.rows.n; from += IN_AT_ONCE) {
        struct strs mails = {0};
        struct cells found;
        for (size_t i = from; i < r->csv.rows.n && i < from + IN_AT_ONCE; i++) PUSH(r->mem, &mails, account_email_fold(r->mem, cell(r, &r->csv.rows.v[i], COL_MAIL)));
        struct select *q = select_new(r->mem, "a.id, a.email, a.forename, a.surname, a.capacity, a.service, a.phone, a.is_agent, a.is_active", "account a", "a");
        select_where_in(q, "a.email_fold", mails);
        select_order(q, "a.id");
        TRY(select_run(d, r->mem, q, &found));
        for (size_t i = 0; i < found.n && r->n_held <= r->csv.rows.n; i++) held_add(r, found.v + i * found.columns);
    }
    TRY(grants_all(d, r->mem, &grants));
    for (size_t i = 0; i < grants.n; i++)
        for (size_t j = 0; j < r->n_held; j++)
            if (r->held[j].a.id == grants.v[i].account) PUSH(r->mem, &r->held[j].grants, grants.v[i].g);
    return team_list(d, r->mem, &r->teams);
}

static const struct held *held_of(const struct reading *r, str mail)
{
    for (size_t i = 0; i < r->n_held; i++)
        if (str_eq(account_email_fold(r->mem, r->held[i].a.email), mail)) return &r->held[i];
    return NULL;
}

static const struct team *team_there(const struct reading *r, str name)
{
    str fold = str_fold(r->mem, name);
    for (size_t i = 0; i < r->teams.n; i++)
        if (str_eq(str_fold(r->mem, r->teams.v[i].name), fold)) return &r->teams.v[i];
    return NULL;
}

static bool is_among(arena *mem, const struct strs *list, str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(str_fold(mem, list->v[i]), str_fold(mem, name))) return true;
    return false;
}

static void teams_split(struct reading *r, str said, struct strs *out)
{
    for (size_t i = 0, from = 0; i <= said.n; i++) {
        if (i < said.n && said.p[i] != ',' && said.p[i] != ';' && said.p[i] != '|') continue;
        str name = str_trim(str_cut(said, from, i));
        from = i + 1;
        if (!name.n || is_among(r->mem, out, name)) continue;
        const struct team *there = team_there(r, name);
        PUSH(r->mem, out, there ? there->name : name);
        if (!there && !is_among(r->mem, &r->out->new_teams, name)) PUSH(r->mem, &r->out->new_teams, name);
    }
}

static void teams_held(const struct reading *r, const struct grants *g, struct strs *out)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t j = 0; g->v[i].team && j < r->teams.n; j++)
            if (r->teams.v[j].id == g->v[i].team && !is_among(r->mem, out, r->teams.v[j].name)) PUSH(r->mem, out, r->teams.v[j].name);
}

static bool role_read(struct reading *r, str said, enum role *out)
{
    str fold = str_fold(r->mem, said);
    for (size_t i = 0; i < sizeof role_words / sizeof *role_words; i++) {
        if (!str_starts(fold, str_of(role_words[i].begins))) continue;
        *out = role_words[i].role;
        return true;
    }
    return false;
}

static bool same_teams(arena *mem, const struct strs *a, const struct strs *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) same = is_among(mem, b, a->v[i]);
    return same;
}

/* CRPA L111-2, L212-1: who handles a matter and who decides has a name and a capacity that people are told. */
static void line_faults(struct reading *r, const struct csv_row *row, const struct staff_line *l, const struct held *held)
{
    for (size_t i = 0; i < r->out->lines.n; i++)
        if (str_eq(account_email_fold(r->mem, r->out->lines.v[i].a.email), account_email_fold(r->mem, l->a.email))) {
            fault(r, row->line, W("staff.twice"), str_fmt(r->mem, "%zu", r->out->lines.v[i].line));
            break;
        }
    if (!account_email_good(l->a.email)) fault(r, row->line, W("staff.mail_bad"), l->a.email);
    if (!l->a.surname.n) fault(r, row->line, W("staff.surname_missing"), STR_NONE);
    if (!l->a.capacity.n) fault(r, row->line, W("staff.capacity_missing"), STR_NONE);
    if (held && held->a.id == r->by && l->role < ROLE_ADMIN) fault(r, row->line, W("staff.not_oneself"), STR_NONE);
    for (int c = COL_FORENAME; c <= COL_TEAMS; c++)
        if (utf8_length(cell(r, row, c)) > TEXT_MOST) fault(r, row->line, W("staff.too_long"), str_of(columns[c].names[0]));
}

static bool fields_take(struct reading *r, const struct csv_row *row, struct account *a)
{
    bool changed = false;
    for (int c = COL_FORENAME; c <= COL_SERVICE; c++) {
        str said = cell(r, row, c), *at = (str *)(void *)((char *)a + columns[c].at);
        if (!said.n || str_eq(said, *at)) continue;
        *at = said;
        changed = true;
    }
    return changed;
}

static void line_read(struct reading *r, const struct csv_row *row)
{
    const struct held *held = held_of(r, account_email_fold(r->mem, cell(r, row, COL_MAIL)));
    struct staff_line l = {.line = row->line, .what = held ? STAFF_SAME : STAFF_NEW, .a = held ? held->a : (struct account){.email = cell(r, row, COL_MAIL), .is_active = true}};
    struct strs had = {0};
    enum role was = held ? role_given(&held->grants) : ROLE_NONE;
    str role = cell(r, row, COL_ROLE), teams = cell(r, row, COL_TEAMS);
    l.role = was ? was : ROLE_AGENT;
    l.was_citizen = held && !held->a.is_agent;
    if (role.n && !role_read(r, role, &l.role)) fault(r, row->line, W("staff.role_unknown"), role);
    if (held) teams_held(r, &held->grants, &had);
    if (teams.n) teams_split(r, teams, &l.teams);
    else l.teams = had;
    bool changed = fields_take(r, row, &l.a) || l.role != was || l.was_citizen || !same_teams(r->mem, &l.teams, &had);
    if (held && changed) l.what = STAFF_CHANGED;
    l.a.is_agent = true;
    line_faults(r, row, &l, held);
    size_t *count[] = {&r->out->n_new, &r->out->n_changed, &r->out->n_same};
    ++*count[l.what];
    PUSH(r->mem, &r->out->lines, l);
}

err staff_read(db *d, arena *mem, str csv, int64_t by, struct staff *out)
{
    struct reading r = {.mem = mem, .out = out, .by = by};
    *out = (struct staff){0};
    TRY(csv_read(mem, csv, 0, (struct csv_limits){.max_rows = STAFF_MOST}, &r.csv));
    for (size_t i = 0; i < r.csv.faults.n; i++)
        if (r.csv.faults.v[i].lost) fault(&r, r.csv.faults.v[i].line, r.csv.faults.v[i].why, STR_NONE);
    if (!columns_find(&r)) return NO_ERR;
    TRY(held_read(&r, d));
    for (size_t i = 0; i < r.csv.rows.n; i++) line_read(&r, &r.csv.rows.v[i]);
    if (!r.csv.rows.n) fault(&r, 0, W("staff.empty"), STR_NONE);
    return NO_ERR;
}

str staff_fault_words(arena *mem, enum lang lang, const struct staff_fault *f)
{
    str said = words_fill(mem, lang, f->msg, "arg", f->arg, NULL);
    return f->line ? words_fill(mem, lang, W("staff.at_line"), "n", str_fmt(mem, "%zu", f->line), "said", said, NULL) : said;
}

str staff_csv(arena *mem, const struct staff *s)
{
    static const char *const headings[] = {"courriel", "prenom", "nom", "qualite", "service", "equipes", "role"};
    buf b = BUF(4 << 20);
    struct csv_writer w = {.out = &b, .separator = ';'};
    for (int c = 0; c < COLS; c++) csv_cell(&w, str_of(headings[c]));
    csv_end_row(&w);
    for (size_t i = 0; i < s->lines.n; i++) {
        const struct staff_line *l = &s->lines.v[i];
        str role = STR_NONE;
        for (size_t j = 0; j < sizeof role_words / sizeof *role_words; j++)
            if (role_words[j].role == l->role) role = str_of(role_words[j].written);
        str cells[] = {l->a.email, l->a.forename, l->a.surname, l->a.capacity, l->a.service, str_join(mem, l->teams, S("|")), role};
        for (int c = 0; c < COLS; c++) csv_cell(&w, cells[c]);
        csv_end_row(&w);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

/* ---- writing ---- */
static bool is_whole(const struct grant *g) { return !g->body && !g->team && !g->kind.n; }

enum role role_given(const struct grants *g)
{
    enum role most = ROLE_NONE;
    for (size_t i = 0; i < g->n; i++)
        if (is_whole(&g->v[i]) && g->v[i].role > most) most = g->v[i].role;
    for (size_t i = 0; most == ROLE_NONE && i < g->n; i++) most = g->v[i].role;
    return most;
}

err rights_write(db *w, arena *mem, int64_t account, enum role role, const struct strs *teams)
{
    struct grants had;
    enum role whole = ROLE_NONE, held = ROLE_NONE;
    TRY(grants_of(w, mem, account, &had));
    for (size_t i = 0; i < had.n; i++) {
        const struct grant *g = &had.v[i];
        enum role *most = is_whole(g) ? &whole : &held;
        if (!g->team && g->role > *most) *most = g->role;
        if (g->team) TRY(team_leave(w, g->team, account));
        else if (is_whole(g)) TRY(grant_remove(w, account, g));
    }
    for (size_t i = 0; role != ROLE_NONE && i < teams->n; i++) {
        int64_t team;
        TRY(id_parse(teams->v[i], &team));
        TRY(team_join(w, team, account));
    }
    bool everywhere = role > ROLE_AGENT || (role != ROLE_NONE && !teams->n), enough = whole == ROLE_NONE && role <= held;
    return everywhere && !enough ? grant_add(w, account, &(struct grant){.role = role}) : NO_ERR;
}

struct invite { arena *mem; const struct tenant *t; str base, email; enum lang lang; int64_t now_us; };
static err invite_in_txn(db *w, void *arg)
{
    struct invite *x = arg;
    str token;
    TRY(account_invite_start(w, x->mem, x->email, x->now_us, &token));
    if (!token.n) return NO_ERR;
    str link = str_fmt(x->mem, "%.*s/compte/mot-de-passe/%.*s", STR_ARG(x->base), STR_ARG(token));
    struct mail_out m = {.to = x->email, .subject = words(x->lang, W("admin.invite_subject")),
                         .text = words_fill(x->mem, x->lang, W("admin.invite_text"), "link", link, "town", x->t->name, NULL)};
    return outbox_mail(w, x->mem, str_fmt(x->mem, "invite-%.12s", token.p), S("mail"), &m, x->now_us);
}

err account_invite(db *d, arena *mem, const struct tenant *t, str base, str email, enum lang lang, int64_t now_us)
{
    struct invite x = {mem, t, base.n ? base : t->address, email, lang, now_us};
    return x.base.n ? db_txn(d, invite_in_txn, &x) : FAIL(E_INVALID, W("staff.no_address"));
}

struct write { arena *mem; const struct tenant *t; str base; enum lang lang; int64_t now_us; const struct staff *s; struct teams teams; };

static err teams_in_txn(db *w, struct write *x)
{
    for (size_t i = 0; i < x->s->new_teams.n; i++) {
        int64_t id;
        struct team t = {.body = x->t->bodies.n ? x->t->bodies.v[0].id : 0, .name = x->s->new_teams.v[i]};
        TRY(team_add(w, &t, &id));
    }
    return team_list(w, x->mem, &x->teams);
}

static err line_in_txn(db *w, struct write *x, const struct staff_line *l)
{
    struct reading names = {.mem = x->mem, .teams = x->teams};
    struct strs ids = {0};
    int64_t id = l->a.id;
    if (l->what == STAFF_SAME) return NO_ERR;
    if (l->what == STAFF_NEW) TRY(account_add(w, x->mem, &l->a, STR_NONE, &id));
    else TRY(account_save(w, &l->a));
    for (size_t i = 0; i < l->teams.n; i++) {
        const struct team *t = team_there(&names, l->teams.v[i]);
        if (!t) return FAIL(E_CONFLICT, W("staff.moved"));
        PUSH(x->mem, &ids, id_text(x->mem, t->id));
    }
    TRY(rights_write(w, x->mem, id, l->role, &ids));
    return l->what == STAFF_NEW ? account_invite(w, x->mem, x->t, x->base, l->a.email, x->lang, x->now_us) : NO_ERR;
}

static err write_in_txn(db *w, void *arg)
{
    struct write *x = arg;
    TRY(teams_in_txn(w, x));
    for (size_t i = 0; i < x->s->lines.n; i++) TRY(line_in_txn(w, x, &x->s->lines.v[i]));
    return NO_ERR;
}

err staff_write(db *d, arena *mem, const struct tenant *t, str base, enum lang lang, int64_t now_us, const struct staff *s)
{
    struct write x = {mem, t, base, lang, now_us, s, {0}};
    return s->faults.n ? FAIL(E_INVALID, W("staff.has_faults")) : db_txn(d, write_in_txn, &x);
}
