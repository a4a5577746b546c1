/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* checks.h — what may be wrong with a machine and a town, and what to do about it: one table, read by `beffroi doctor` and by
   /admin/etat. A fault is to be mended; a remark is worth knowing. A new check is a new row of checks.c. */
#pragma once
#include "core/kinds.h"
#include "core/settings.h"

enum check_state { CHECK_FINE, CHECK_REMARK, CHECK_FAULT };
enum check_where { CHECK_HERE = 1 /* settings and machine, without a store */, CHECK_STORE = 2 /* the store, not of one town */, CHECK_TOWN = 4, CHECK_SLOW = 8 /* reads everything, or asks another server: not for a page */ };
struct finding { enum check_state state; const char *name; str title, said, todo; struct { str label; const char *at; } page; };   /* page.at: where in /admin; NULL: nowhere */
struct findings { struct finding *v; size_t n; };

struct bucket;
struct check_world {
    arena *mem;
    enum lang lang;
    const struct settings *settings;
    int64_t now_us;
    struct store *store;            /* of CHECK_STORE, CHECK_TOWN */
    struct bucket *bucket;          /* NULL: none */
    struct kinds *kinds;
    const struct tenant *tenant;    /* of CHECK_TOWN */
    db *d;
};
/* Runs the rows of these places; CHECK_SLOW must be asked for. One finding a row at least; a check that cannot be made is a fault. */
void checks_run(const struct check_world *w, unsigned where, struct findings *out);
/* A whole backup was made: its age is looked at. */
void checks_backup_made(arena *mem, const struct settings *s);
