/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* staff.h — agents brought in from a CSV: read first, with every fault and its line, then written in one transaction, all or nothing.
   Columns, by their heading, case and accents ignored: courriel, prénom, nom, qualité, service, équipes (several: a comma, ; or |), rôle.
   Again with the same file: the same. What a cell leaves empty stays as it is. */
#pragma once
#include "core/account.h"
#include "core/tenant.h"

#define STAFF_MOST 2000

enum staff_what { STAFF_NEW, STAFF_CHANGED, STAFF_SAME };
struct staff_line { size_t line; enum staff_what what; struct account a; enum role role; struct strs teams; bool was_citizen; };
struct staff_fault { size_t line; const char *msg; str arg; };      /* line 0: the whole file */
struct staff {
    struct { struct staff_line *v; size_t n; } lines;
    struct { struct staff_fault *v; size_t n; } faults;             /* some: nothing may be written */
    struct strs new_teams;                                          /* named, and not there yet */
    size_t n_new, n_changed, n_same;
};
/* E_MALFORMED, E_INVALID, E_TOO_LARGE: not a table. by: who brings them in (0: the command line), whose own role is not lowered. */
err staff_read(db *d, arena *mem, str csv, int64_t by, struct staff *out);
/* Teams that are not there are made in the town's own body. The new get a mail with the link by which they choose a password. base: see
   account_invite. E_INVALID: s has faults. */
err staff_write(db *d, arena *mem, const struct tenant *t, str base, enum lang lang, int64_t now_us, const struct staff *s);
/* The same table, as UTF-8: to be sent again as it is. */
str staff_csv(arena *mem, const struct staff *s);
str staff_fault_words(arena *mem, enum lang lang, const struct staff_fault *f);

/* A role and teams → rights, whichever page changes them: an agent without team sees what is no team's business, everything; with teams,
   their dossiers; who has no role is of no team. What is held over one body or kind stays, and is not widened. teams: ids, as text. */
err rights_write(db *w, arena *mem, int64_t account, enum role role, const struct strs *teams);
enum role role_given(const struct grants *g);           /* the role over everything; of who has none, the one that a team, a body or a kind gives */
/* A mail with a link, good for a week, by which a password is chosen. base: "https://host" of the link; absent: the town's address.
   E_INVALID: neither is known. Nothing for an unknown or closed account. */
err account_invite(db *d, arena *mem, const struct tenant *t, str base, str email, enum lang lang, int64_t now_us);
