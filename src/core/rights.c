/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/rights.h"

const struct who WHO_NOBODY = {0};
const struct who WHO_SYSTEM = {.is_system = true};

static const char *const right_names[] = {
    [RIGHT_PUBLIC] = "public", [RIGHT_SIGNED_IN] = "signed-in", [RIGHT_AGENT] = "agent", [RIGHT_MANAGER] = "manager",
    [RIGHT_ADMIN] = "admin", [RIGHT_HOLDER] = "holder", [RIGHT_API_TOKEN] = "api-token", [RIGHT_LOOPBACK] = "loopback",
};

const char *right_name(enum right r)
{
    return (size_t)r < sizeof right_names / sizeof *right_names && right_names[r] ? right_names[r] : "none";
}

static bool grant_covers(const struct grant *g, int64_t body, int64_t team, str kind)
{
    return (!g->body || g->body == body) && (!g->team || g->team == team) && (!g->kind.n || str_eq(g->kind, kind));
}

bool who_has(const struct who *w, enum role least, int64_t body, int64_t team, str kind)
{
    if (w->is_system) return true;
    for (size_t i = 0; i < w->grants.n; i++)
        if (w->grants.v[i].role >= least && grant_covers(&w->grants.v[i], body, team, kind)) return true;
    return false;
}

static enum role role_some(const struct who *w)
{
    enum role most = w->is_system ? ROLE_ADMIN : ROLE_NONE;
    for (size_t i = 0; i < w->grants.n; i++)
        if (w->grants.v[i].role > most) most = w->grants.v[i].role;
    return most;
}

static enum role verb_role(enum verb v)
{
    switch (v) {
    case VERB_SEE: case VERB_LIST: return ROLE_READER;
    case VERB_HANDLE: return ROLE_AGENT;
    case VERB_EDIT_KIND: case VERB_PUBLISH_KIND: return ROLE_MANAGER;
    default: return ROLE_ADMIN;
    }
}

bool may_some(const struct who *w, enum verb v)
{
    if (v == VERB_SEE_PUBLIC) return true;
    return role_some(w) >= verb_role(v);
}

/* The author, or who proved it by code or token. */
static bool is_author(const struct who *w, const struct record *r)
{
    return (w->account && r->author == w->account) || (w->holds_record && w->holds_record == r->id);
}

err may(const struct who *w, enum verb v, const struct record *r)
{
    if (v == VERB_SEE_PUBLIC && r->published_us > 0) return NO_ERR;
    bool by_author = v == VERB_SEE || v == VERB_SEE_PUBLIC || v == VERB_ANSWER;
    if (by_author && is_author(w, r)) return NO_ERR;
    enum role least = v == VERB_SEE_PUBLIC ? ROLE_READER : verb_role(v);
    if (v != VERB_ANSWER && who_has(w, least, r->body, r->team, r->kind)) return NO_ERR;
    if (v == VERB_SEE_PUBLIC || !(w->account || w->is_system || w->holds_record)) {
        if (v != VERB_SEE_PUBLIC && !w->account) return FAIL(E_SIGN_IN, "rights.sign_in");
        return FAIL(E_NOT_FOUND, "rights.not_found");
    }
    /* Who may not even see it must not learn that it is there. */
    if (!is_author(w, r) && !who_has(w, ROLE_READER, r->body, r->team, r->kind)) return FAIL(E_NOT_FOUND, "rights.not_found");
    return FAIL(E_DENIED, "rights.denied");
}

/* A condition and the values bound in it, in order: what may_where gathers before it hands both over. */
struct value { int64_t v; str s; };
struct where { arena *mem; buf text; struct { struct value *v; size_t n; } values; const char *alias; };

static void where_i64(struct where *x, const char *joint, const char *column, int64_t v)
{
    buf_fmt(&x->text, "%s%s.%s = ?", joint, x->alias, column);
    PUSH(x->mem, &x->values, (struct value){.v = v});
}

/* Groups of 64 within the group: SQLite refuses an expression deeper than 1,000. */
static void where_grants(struct where *x, const struct grants *grants, enum role least)
{
    size_t used = 0;
    for (size_t i = 0; i < grants->n; i++) {
        const struct grant *g = &grants->v[i];
        if (g->role < least) continue;
        if (used++ % 64 == 0) buf_lit(&x->text, used > 1 ? ") OR (1 = 0" : " OR (1 = 0");
        buf_lit(&x->text, " OR (1 = 1");
        if (g->body) where_i64(x, " AND ", "body", g->body);
        if (g->team) where_i64(x, " AND ", "team", g->team);
        if (g->kind.n) {
            buf_fmt(&x->text, " AND %s.kind = ?", x->alias);
            PUSH(x->mem, &x->values, (struct value){.s = g->kind});
        }
        buf_char(&x->text, ')');
    }
    if (used) buf_char(&x->text, ')');
}

static bool covers_all(const struct grants *grants, enum role least)
{
    for (size_t i = 0; i < grants->n; i++) {
        const struct grant *g = &grants->v[i];
        if (g->role >= least && !g->body && !g->team && !g->kind.n) return true;
    }
    return false;
}

/* One OR group: public or authored or covered by a grant. Column names come from the alias given by C code, values are bound. */
void may_where(const struct who *w, enum verb v, struct select *q, const char *alias)
{
    enum role least = v == VERB_SEE_PUBLIC ? ROLE_READER : verb_role(v);
    if (w->is_system || (v != VERB_ANSWER && covers_all(&w->grants, least))) return;
    struct where x = {.mem = arena_new(0), .text = BUF(1 << 20), .alias = alias};
    bool by_author = v == VERB_SEE || v == VERB_SEE_PUBLIC || v == VERB_ANSWER;
    buf_lit(&x.text, "(1 = 0");
    if (v == VERB_SEE_PUBLIC) buf_fmt(&x.text, " OR %s.published > 0", alias);
    if (by_author && w->account) where_i64(&x, " OR ", "author", w->account);
    if (by_author && w->holds_record) where_i64(&x, " OR ", "id", w->holds_record);
    if (v != VERB_ANSWER) where_grants(&x, &w->grants, least);
    buf_lit(&x.text, ")");
    buf_char(&x.text, '\0');
    /* Too long to be written whole: nothing is seen, rather than a condition cut short. */
    select_where(q, x.text.full ? "1 = 0" : x.text.p);
    for (size_t i = 0; !x.text.full && i < x.values.n; i++) {
        if (x.values.v[i].s.p) select_value_str(q, x.values.v[i].s);
        else select_value_i64(q, x.values.v[i].v);
    }
    buf_free(&x.text);
    arena_free(x.mem);
}

err right_allows(const struct who *w, enum right r)
{
    switch (r) {
    case RIGHT_PUBLIC: case RIGHT_HOLDER: case RIGHT_API_TOKEN: case RIGHT_LOOPBACK: return NO_ERR;   /* the handler or the door proves the rest */
    case RIGHT_SIGNED_IN: return w->account ? NO_ERR : FAIL(E_SIGN_IN, "rights.sign_in");
    case RIGHT_AGENT: case RIGHT_MANAGER: case RIGHT_ADMIN: break;
    default: return FAIL(E_DENIED, "rights.denied");
    }
    if (!w->account && !w->is_system) return FAIL(E_SIGN_IN, "rights.sign_in");
    enum role least = r == RIGHT_AGENT ? ROLE_READER : r == RIGHT_MANAGER ? ROLE_MANAGER : ROLE_ADMIN;
    return role_some(w) >= least ? NO_ERR : FAIL(E_DENIED, "rights.denied");
}
