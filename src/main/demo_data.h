/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_data.h — the town of the demonstration, as tables. A fictitious use of Épinal's territory; nobody in it exists. */
#pragma once
#include "core/kinds.h"
#include "core/rights.h"
#include "main/command.h"
#include "main/demo_answers.h"

#define DEMO_PASSWORD "une image par jour"

enum { DEMO_BODIES = 4, DEMO_TEAMS = 6, DEMO_ACCOUNTS = 17, DEMO_RESIDENT = 7 /* among the accounts */, DEMO_KINDS = 4, DEMO_READY = 13, DEMO_DOSSIERS = 2000, DEMO_REPORTS = 300 };
struct demo_body { const char *kind, *name, *siren, *insee; int64_t population; int parent; const char *settings; };
struct demo_team { const char *name, *email; int body; };
struct demo_account { const char *email, *forename, *surname, *capacity, *service; enum role role; int team; const char *what; };
struct demo_kind { const char *name, *own, *slug; int body, team; };
struct demo_ready { const char *name; int body, team; const char *slug, *title_fr, *title_en /* of another commune, when not the library's own */; };
struct demo_custom { const char *kind, *months; int weight, days, refused; const char *law, *fact, *condition, *question, *reply, *missing; };
struct demo {
    struct run *r;
    arena *mem;                     /* of one dossier */
    db *d;
    const struct tenant *t;
    struct dice dice;
    int64_t bodies[DEMO_BODIES], teams[DEMO_TEAMS], accounts[DEMO_ACCOUNTS];
    struct kind_rows kinds;
    int64_t now_us;
    struct contact known;           /* somebody who files more than once */
    struct blob_ref paper, picture; /* small files that stand for every document and every photo */
};
extern const struct demo_body demo_bodies[DEMO_BODIES];
extern const struct demo_team demo_teams[DEMO_TEAMS];
extern const struct demo_account demo_accounts[DEMO_ACCOUNTS];
extern const struct demo_kind demo_kinds[DEMO_KINDS];
extern const struct demo_ready demo_ready[DEMO_READY];
extern const struct demo_custom demo_customs[];         /* the last, without a kind, is for any other */
extern const char demo_settings[], demo_paper[];

err demo_blob(struct demo *x, str bytes, struct blob_ref *out);
err demo_dossiers(struct demo *x);
err demo_desk(struct demo *x);           /* views, models, an absence; then counts what is sealed */
err demo_reports(struct demo *x);
err demo_entries(struct run *r, const struct tenant *t, db *d, const int64_t *bodies);
