/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/account.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/utf8.h"
#include "core/password.h"
#include "core/sorted.h"
#include "gen/sql/core/account.sql.h"

#define SESSION_LIFE_US (12 * HOUR_US)
#define RESET_LIFE_US (2 * HOUR_US)
#define INVITE_LIFE_US (7 * DAY_US)
#define FAILURES_MOST 6
#define LOCK_US (15 * MINUTE_US)

static const char *const role_names[] = {"none", "reader", "agent", "manager", "admin"};

static enum role role_of(str name)
{
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (str_is(name, role_names[i])) return (enum role)i;
    return ROLE_NONE;
}

str account_email_fold(arena *mem, str email) { return str_lower_ascii(mem, str_trim(email)); }

bool account_email_good(str email)
{
    ptrdiff_t at = str_find_char(email, '@');
    return at > 0 && email.n <= 254 && (size_t)at < email.n - 1 && utf8_clean(email) && str_find_char(email, ' ') < 0 &&
           str_find_char(str_cut(email, (size_t)at + 1, email.n), '@') < 0;
}

static struct account account_from(const struct account_row *r)
{
    return (struct account){.id = r->id, .email = r->email, .forename = r->forename, .surname = r->surname, .capacity = said_in(r->capacity, LANG_FR),
        .service = said_in(r->service, LANG_FR), .phone = r->phone, .is_agent = r->is_agent, .is_active = r->is_active, .created_us = r->created, .last_seen_us = r->last_seen};
}

struct add_args { arena *mem; const struct account *a; str password; int64_t id; };

static err add_in_txn(db *w, void *arg)
{
    struct add_args *x = arg;
    const struct account *a = x->a;
    err e = sql_account_row_add(w, x->id, str_trim(a->email), account_email_fold(x->mem, a->email), x->password, a->forename, a->surname,
                                a->capacity, a->service, a->phone, a->is_agent, a->is_active, a->created_us ? a->created_us : clock_now_us());
    return e.code == E_EXISTS ? FAIL_AT(E_EXISTS, "account.email_taken", "email") : e;
}

err account_add(db *d, arena *mem, const struct account *a, str password, int64_t *out_id)
{
    if (!account_email_good(str_trim(a->email))) return FAIL_AT(E_INVALID, "account.email_bad", "email");
    struct add_args x = {mem, a, STR_NONE, a->id ? a->id : id_new()};
    if (password.p) {
        const char *why = NULL;
        TRY(password_check(password, &why));
        TRY(password_hash(mem, password, &x.password));
    }
    TRY(db_txn(d, add_in_txn, &x));
    *out_id = x.id;
    return NO_ERR;
}

err account_get(db *d, arena *mem, int64_t id, struct account *out)
{
    struct account_row r = {0};
    TRY(sql_account_row_get(d, mem, id, &r));
    *out = account_from(&r);
    return NO_ERR;
}

err account_by_email(db *d, arena *mem, str email, struct account *out)
{
    struct account_row r = {0};
    TRY(sql_account_row_by_email(d, mem, account_email_fold(mem, email), &r));
    *out = account_from(&r);
    return NO_ERR;
}

static err save_in_txn(db *w, void *arg)
{
    const struct account *a = arg;
    return sql_account_row_save(w, a->id, a->forename, a->surname, a->capacity, a->service, a->phone, a->is_agent, a->is_active);
}

err account_save(db *d, const struct account *a)
{
    struct account copy = *a;
    TRY(db_txn(d, save_in_txn, &copy));
    return a->is_active ? NO_ERR : session_end_all(d, a->id);
}

static struct accounts accounts_from(arena *mem, const struct account_row_list *rows)
{
    struct accounts out = {NEW_N(mem, struct account, rows->n ? rows->n : 1), rows->n};
    for (size_t i = 0; i < rows->n; i++) out.v[i] = account_from(&rows->v[i]);
    return out;
}

static str person_key(arena *mem, const void *row)
{
    const struct account *a = row;
    return sort_key(mem, str_fmt(mem, "%.*s %.*s", STR_ARG(a->surname), STR_ARG(a->forename)));
}

err account_list(db *d, arena *mem, bool agents_only, struct accounts *out)
{
    struct account_row_list rows = {0};
    TRY(sql_account_rows(d, mem, agents_only ? 1 : 0, &rows));
    *out = accounts_from(mem, &rows);
    sort_rows(mem, out->v, out->n, sizeof *out->v, person_key);
    return NO_ERR;
}

struct id_hash { int64_t id; str text; int64_t a, b; struct hash32 hash; };

static err password_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    TRY(sql_account_password_save(w, x->id, x->text));
    TRY(sql_session_remove_all(w, x->id));          /* whoever held the old password is out */
    return sql_reset_remove_all(w, x->id);
}

err account_password_set(db *d, arena *mem, int64_t id, str password)
{
    const char *why = NULL;
    TRY(password_check(password, &why));
    struct id_hash x = {.id = id};
    TRY(password_hash(mem, password, &x.text));
    return db_txn(d, password_in_txn, &x);
}

static err failed_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_account_failed(w, x->id, x->a, x->b);
}

static err seen_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    if (x->text.n) TRY(sql_account_password_save(w, x->id, x->text));       /* settings grew since it was hashed */
    return sql_account_seen(w, x->id, x->a);
}

err account_sign_in(db *d, arena *mem, str email, str password, int64_t now_us, struct account *out)
{
    struct account_row r = {0};
    err found = sql_account_row_by_email(d, mem, account_email_fold(mem, email), &r);
    if (found.code != OK && found.code != E_NOT_FOUND) return found;
    bool usable = found.code == OK && r.is_active && r.password.n;
    if (usable && r.locked_until > now_us) return FAIL(E_LIMIT, "account.locked");
    bool right = false, old = false;
    TRY(password_verify(mem, usable ? r.password : STR_NONE, password, &right, &old));    /* an unknown mail costs the same time */
    if (!usable) return FAIL(E_DENIED, "account.wrong");
    if (!right) {
        int64_t failures = r.failures + 1;
        struct id_hash x = {.id = r.id, .a = failures, .b = failures >= FAILURES_MOST ? now_us + LOCK_US : 0};
        TRY(db_txn(d, failed_in_txn, &x));
        return FAIL(E_DENIED, "account.wrong");
    }
    struct id_hash seen = {.id = r.id, .a = now_us};
    if (old && password_hash(mem, password, &seen.text).code != OK) seen.text = STR_NONE;     /* next time then */
    TRY(db_txn(d, seen_in_txn, &seen));
    *out = account_from(&r);
    return NO_ERR;
}

static str token_make(arena *mem, struct hash32 *hash)
{
    uint8_t raw[32];
    random_bytes(raw, sizeof raw);
    str token = base64url_of(mem, raw, sizeof raw);
    *hash = hash_blake2b(token);
    return token;
}

static str hash_str(const struct hash32 *h) { return (str){(const char *)h->b, sizeof h->b}; }

static err reset_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_reset_add(w, hash_str(&x->hash), x->id, x->a);
}

static err link_start(db *d, arena *mem, str email, int64_t until_us, str *out_token)
{
    *out_token = STR_NONE;
    struct account_row r = {0};
    err found = sql_account_row_by_email(d, mem, account_email_fold(mem, email), &r);
    if (found.code == E_NOT_FOUND || (found.code == OK && !r.is_active)) return NO_ERR;
    TRY(found);
    struct id_hash x = {.id = r.id, .a = until_us};
    str token = token_make(mem, &x.hash);
    TRY(db_txn(d, reset_in_txn, &x));
    *out_token = token;
    return NO_ERR;
}

err account_reset_start(db *d, arena *mem, str email, int64_t now_us, str *out_token) { return link_start(d, mem, email, now_us + RESET_LIFE_US, out_token); }

err account_invite_start(db *d, arena *mem, str email, int64_t now_us, str *out_token) { return link_start(d, mem, email, now_us + INVITE_LIFE_US, out_token); }

err account_reset_finish(db *d, arena *mem, str token, str password, int64_t now_us)
{
    struct hash32 h = hash_blake2b(token);
    struct sql_reset_account_row row = {0};
    err e = sql_reset_account(d, mem, hash_str(&h), now_us, &row);
    if (e.code == E_NOT_FOUND) return FAIL(E_GONE, "account.reset_old");
    TRY(e);
    return account_password_set(d, mem, row.account, password);
}

static err session_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_session_add(w, hash_str(&x->hash), id_new(), x->id, x->a, x->b);
}

err session_start(db *d, arena *mem, int64_t account, int64_t now_us, str *out_token)
{
    struct id_hash x = {.id = account, .a = now_us, .b = now_us + SESSION_LIFE_US};
    str token = token_make(mem, &x.hash);
    TRY(db_txn(d, session_in_txn, &x));
    *out_token = token;
    return NO_ERR;
}

static err session_touch(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_session_seen(w, hash_str(&x->hash), x->a, x->b);
}

err session_who(db *d, arena *mem, str token, int64_t now_us, struct who *out)
{
    struct id_hash x = {.hash = hash_blake2b(token), .a = now_us, .b = now_us + SESSION_LIFE_US};
    struct sql_session_person_row p = {0};
    err e = sql_session_person(d, mem, hash_str(&x.hash), now_us, &p);
    if (e.code == E_NOT_FOUND) return FAIL(E_SIGN_IN, "rights.sign_in");
    TRY(e);
    if (now_us - p.seen > 10 * MINUTE_US) db_txn(d, session_touch, &x);     /* a failure to prolong is no reason to refuse the page */
    *out = (struct who){.account = p.account, .session = p.id, .email = p.email, .name = str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(p.forename), STR_ARG(p.surname)))};
    return grants_of(d, mem, p.account, &out->grants);
}

static err session_end_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return x->id ? sql_session_remove_all(w, x->id) : sql_session_remove(w, hash_str(&x->hash));
}

err session_end(db *d, str token) { return db_txn(d, session_end_in_txn, &(struct id_hash){.hash = hash_blake2b(token)}); }
err session_end_all(db *d, int64_t account) { return db_txn(d, session_end_in_txn, &(struct id_hash){.id = account}); }

static err team_in_txn(db *w, void *arg)
{
    const struct team *t = arg;
    return sql_team_row_add(w, t->id, t->body, t->name, t->email);
}

err team_add(db *d, const struct team *t, int64_t *out_id)
{
    struct team copy = *t;
    if (!str_trim(t->name).n) return FAIL_AT(E_INVALID, "team.name_missing", "name");
    if (!copy.id) copy.id = id_new();
    TRY(db_txn(d, team_in_txn, &copy));
    *out_id = copy.id;
    return NO_ERR;
}

static err team_save_in_txn(db *w, void *arg)
{
    const struct team *t = arg;
    return sql_team_row_save(w, t->id, t->body, t->name, t->email);
}

err team_save(db *d, const struct team *t)
{
    struct team copy = *t;
    if (!str_trim(t->name).n) return FAIL_AT(E_INVALID, "team.name_missing", "name");
    return db_txn(d, team_save_in_txn, &copy);
}

static str team_key(arena *mem, const void *row) { return sort_key(mem, ((const struct team *)row)->name); }

err team_named(db *d, arena *mem, str name, int64_t body, int64_t *out_id)
{
    struct sql_team_named_row row;
    TRY(sql_team_named(d, mem, name, body, &row));
    *out_id = row.id;
    return NO_ERR;
}

err team_list(db *d, arena *mem, struct teams *out)
{
    struct sql_team_rows_row_list rows = {0};
    TRY(sql_team_rows(d, mem, &rows));
    *out = (struct teams){NEW_N(mem, struct team, rows.n ? rows.n : 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) out->v[i] = (struct team){rows.v[i].id, rows.v[i].body, said_in(rows.v[i].name, LANG_FR), rows.v[i].email};
    sort_rows(mem, out->v, out->n, sizeof *out->v, team_key);
    return NO_ERR;
}

err team_members(db *d, arena *mem, int64_t team, struct accounts *out)
{
    struct account_row_list rows = {0};
    TRY(sql_team_member_rows(d, mem, team, &rows));
    *out = accounts_from(mem, &rows);
    sort_rows(mem, out->v, out->n, sizeof *out->v, person_key);
    return NO_ERR;
}

err team_people_all(db *d, arena *mem, struct team_people *out)
{
    struct sql_team_people_rows_row_list rows = {0};
    TRY(sql_team_people_rows(d, mem, &rows));
    *out = (struct team_people){NEW_N(mem, struct team_person, rows.n ? rows.n : 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        str name = str_trim(str_fmt(mem, "%.*s %.*s", STR_ARG(rows.v[i].forename), STR_ARG(rows.v[i].surname)));
        out->v[i] = (struct team_person){rows.v[i].team, rows.v[i].account, name};
    }
    return NO_ERR;
}

static err join_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_team_member_add(w, x->a, x->b);
}
static err leave_in_txn(db *w, void *arg)
{
    struct id_hash *x = arg;
    return sql_team_member_remove(w, x->a, x->b);
}
err team_join(db *d, int64_t team, int64_t account) { return db_txn(d, join_in_txn, &(struct id_hash){.a = team, .b = account}); }
err team_leave(db *d, int64_t team, int64_t account) { return db_txn(d, leave_in_txn, &(struct id_hash){.a = team, .b = account}); }

struct grant_args { int64_t account; const struct grant *g; bool remove; };
static err grant_in_txn(db *w, void *arg)
{
    struct grant_args *x = arg;
    str kind = x->g->kind.p ? x->g->kind : S("");
    if (x->remove) return sql_grant_remove(w, x->account, str_of(role_names[x->g->role]), x->g->body, x->g->team, kind);
    return sql_grant_add(w, x->account, str_of(role_names[x->g->role]), x->g->body, x->g->team, kind);
}
err grant_add(db *d, int64_t account, const struct grant *g) { return db_txn(d, grant_in_txn, &(struct grant_args){account, g, false}); }
err grant_remove(db *d, int64_t account, const struct grant *g) { return db_txn(d, grant_in_txn, &(struct grant_args){account, g, true}); }

err grants_of(db *d, arena *mem, int64_t account, struct grants *out)
{
    struct sql_grant_rows_row_list rows = {0};
    TRY(sql_grant_rows(d, mem, account, &rows));
    *out = (struct grants){NEW_N(mem, struct grant, rows.n ? rows.n : 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) out->v[i] = (struct grant){role_of(rows.v[i].role), rows.v[i].body, rows.v[i].team, rows.v[i].kind};
    return NO_ERR;
}

err grants_all(db *d, arena *mem, struct held_grants *out)
{
    struct sql_grant_rows_all_row_list rows = {0};
    TRY(sql_grant_rows_all(d, mem, &rows));
    *out = (struct held_grants){0};
    for (size_t i = 0; i < rows.n; i++)
        PUSH(mem, out, (struct held_grant){rows.v[i].account, {role_of(rows.v[i].role), rows.v[i].body, rows.v[i].team, rows.v[i].kind}});
    return NO_ERR;
}
