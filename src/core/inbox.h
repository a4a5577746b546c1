/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* inbox.h — what an agent's list is made of besides records: named views, and who stands in for whom. Both are read with each page of
   the list, so they are kept in memory (inbox_cache); the list itself asks the store for nothing more. */
#pragma once
#include "core/account.h"

struct inbox_view { int64_t id, account, team; str name; str query /* "kind=d102&sort=due": of the list's address, names in inbox_view_keeps */; };
struct inbox_views { struct inbox_view *v; size_t n; };

/* Who is away, from the first to the last day included (days since 1970, in the town's zone), and who stands in: an agent or a team. */
struct absence { int64_t id, account, first_day, last_day, stand_in, team, set_by; str name, stand_in_name; };
struct absences { struct absence *v; size_t n; };

struct inbox_state {
    struct inbox_views views;       /* own ones, then those of the teams one belongs to */
    int64_t start;                  /* the view with which the list opens; 0: none */
    struct absences replaced;       /* whom this person stands in for today */
};
struct inbox_cache;
#define TOPIC_INBOX "inbox"         /* told when views or absences change */
struct inbox_cache *inbox_cache_new(void);
void inbox_cache_free(struct inbox_cache *c);
void inbox_cache_drop(struct inbox_cache *c, int64_t tenant);           /* NULL: nothing */
/* c NULL: read from the store. What another node changed is seen within INBOX_KEPT_US at most. */
#define INBOX_KEPT_US (10 * SECOND_US)
err inbox_state_of(struct inbox_cache *c, db *d, arena *mem, const struct who *w, int64_t today, struct inbox_state *out);
bool who_in_team(const struct who *w, int64_t team);

/* ---- views ---- */
bool inbox_view_keeps(str parameter);                                   /* is it part of a view: "q", "kind", "f.f3", "col"… */
/* id 0: a new one, given its id; else its name, team and query are replaced. E_INVALID: no name, too long, too many; E_DENIED: not one's
   own, a team one is not of; E_NOT_FOUND. */
err inbox_view_save(db *d, arena *mem, const struct who *w, struct inbox_view *v, int64_t now_us);
err inbox_view_remove(db *d, arena *mem, const struct who *w, int64_t id);          /* its author, or who administers */
err inbox_view_get(db *d, arena *mem, const struct who *w, int64_t id, struct inbox_view *out);     /* E_NOT_FOUND: none that one may see */
err inbox_start_set(db *d, int64_t account, int64_t view /* 0: none */);

/* ---- absences ---- */
/* E_INVALID (at: the input at fault): the last day is before the first or over; oneself as stand-in; nobody or both; another absence at
   that time; not an agent. E_DENIED: somebody else's, by who does not administer. */
err absence_add(db *d, arena *mem, const struct who *w, const struct absence *a, int64_t today, int64_t now_us, int64_t *out_id);
err absence_remove(db *d, arena *mem, const struct who *w, int64_t id);
/* Own ones, those one stands in for; all for who administers. Not those that are over. */
err absence_list(db *d, arena *mem, const struct who *w, int64_t today, struct absences *out);
/* Where what is for `account` goes about this record today: the one who stands in, as long as they could see it by their own rights
   (two steps at most: who stands in may be away too); else the account's own address. Mails only: the record stays whose it is. */
err absence_mails(db *d, arena *mem, const struct tenant *t, const struct record *r, int64_t account, int64_t now_us, struct strs *out);
/* Who stands in today for an account; E_NOT_FOUND: it is not away. */
err absence_of(db *d, arena *mem, int64_t account, int64_t today, struct absence *out);

/* ---- to whom a dossier is given ---- */
struct assign { const struct who *who; const struct tenant *tenant; const struct kind *kind; int64_t to /* 0: nobody */, seen_version /* 0: not checked */, now_us; };
/* In a transaction: assignee, journal ("assigned"), a mail to them or to who stands in. E_CONFLICT as life_apply; E_INVALID: they could not
   handle it; E_DENIED, E_NOT_FOUND. */
err record_assign(db *w, arena *mem, const struct assign *a, struct record *r);
/* Agents who may handle records of a body, team and kind, by surname. */
err assignable(db *d, arena *mem, int64_t body, int64_t team, str kind, struct accounts *out);
