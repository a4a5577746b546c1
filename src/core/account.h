/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* account.h — people with an account, sessions, teams. Passwords argon2id on a thread of their own; a waiting login holds no worker. */
#pragma once
#include "core/rights.h"

struct account { int64_t id; str email, forename, surname, capacity, service, phone; bool is_agent, is_active; int64_t created_us, last_seen_us; };
struct accounts { struct account *v; size_t n; };
struct team { int64_t id, body; str name, email; };
struct teams { struct team *v; size_t n; };

err account_add(db *d, arena *mem, const struct account *a, str password /* absent: set by a mailed link */, int64_t *out_id);  /* E_EXISTS; E_INVALID: weak */
err account_get(db *d, arena *mem, int64_t id, struct account *out);
err account_by_email(db *d, arena *mem, str email, struct account *out);
err account_save(db *d, const struct account *a);
err account_list(db *d, arena *mem, bool agents_only, struct accounts *out);
err account_password_set(db *d, arena *mem, int64_t id, str password);
bool account_email_good(str email);                         /* looks like one: what account_add asks of it, blanks around taken off */
str account_email_fold(arena *mem, str email);              /* what two mails are compared by */
err password_check(str password, const char **why);          /* ≥ 12 characters, not common, not the mail */
/* E_DENIED: wrong mail or password (same time, same words); E_LIMIT after six failures; E_BUSY: queue full. Rehashes when settings grew. */
err account_sign_in(db *d, arena *mem, str email, str password, int64_t now_us, struct account *out);
err account_reset_start(db *d, arena *mem, str email, int64_t now_us, str *out_token);      /* OK with absent token when unknown: say the same */
err account_invite_start(db *d, arena *mem, str email, int64_t now_us, str *out_token);     /* the same, for a week: a first password */
err account_reset_finish(db *d, arena *mem, str token, str password, int64_t now_us);

err session_start(db *d, arena *mem, int64_t account, int64_t now_us, str *out_token);
err session_who(db *d, arena *mem, str token, int64_t now_us, struct who *out);             /* E_SIGN_IN: none, expired, closed */
err session_end(db *d, str token);
err session_end_all(db *d, int64_t account);

err team_add(db *d, const struct team *t, int64_t *out_id);
err team_save(db *d, const struct team *t);                 /* name, mail, body */
err team_list(db *d, arena *mem, struct teams *out);
err team_named(db *d, arena *mem, str name, int64_t body, int64_t *out_id);     /* one of the body's own first; E_NOT_FOUND */
err team_members(db *d, arena *mem, int64_t team, struct accounts *out);
struct team_person { int64_t team, account; str name; };
struct team_people { struct team_person *v; size_t n; };
err team_people_all(db *d, arena *mem, struct team_people *out);        /* of every team, by surname */
err team_join(db *d, int64_t team, int64_t account);
err team_leave(db *d, int64_t team, int64_t account);
err grant_add(db *d, int64_t account, const struct grant *g);
err grant_remove(db *d, int64_t account, const struct grant *g);
err grants_of(db *d, arena *mem, int64_t account, struct grants *out);
struct held_grant { int64_t account; struct grant g; };
struct held_grants { struct held_grant *v; size_t n; };
err grants_all(db *d, arena *mem, struct held_grants *out);             /* of everybody, by account */
/* Audit of what agents read, changed and exported; written with the next batch. */
