/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_data.h — the town of the demonstration, as tables. A fictitious use of Épinal's territory; nobody in it exists. */
#pragma once
#include "core/rights.h"
#include "main/command.h"
#include "main/demo_answers.h"

#define DEMO_PASSWORD "une image par jour"
#define DEMO_CORRECTION "{\"correction_kind\":\"missing\",\"missing_items\":\"Un document lisible, recto et verso.\",\"message\":\"Le document joint est coupé. Pouvez-vous le renvoyer ?\",\"due_date\":\"2030-01-01\"}"
#define DEMO_REFUSAL "{\"reason_in_law\":\"Règlement de voirie de la commune, article 12.\",\"reason_in_fact\":\"La rue est déjà réservée pour des travaux aux dates demandées.\"}"
#define DEMO_PASSING "{\"body\":\"\",\"reason\":\"La demande relève d'une autre collectivité, à qui nous la transmettons (CRPA, article L114-2).\"}"
#define DEMO_CLOSING "{\"reason\":\"La personne a confirmé par téléphone que la demande n'a plus d'objet.\"}"

enum { DEMO_BODIES = 4, DEMO_TEAMS = 6, DEMO_ACCOUNTS = 8, DEMO_KINDS = 4 };
struct demo_body { const char *kind, *name, *siren, *insee; int64_t population; int parent; const char *settings; };
struct demo_team { const char *name, *email; int body; };
struct demo_account { const char *email, *forename, *surname, *capacity, *service; enum role role; int team; const char *what; };
struct demo_kind { const char *name, *own, *slug; int body, team; };
extern const struct demo_body demo_bodies[DEMO_BODIES];
extern const struct demo_team demo_teams[DEMO_TEAMS];
extern const struct demo_account demo_accounts[DEMO_ACCOUNTS];
extern const struct demo_kind demo_kinds[DEMO_KINDS];
extern const char demo_settings[], demo_paper[];

struct demo_desk { db *d; arena *mem; const struct tenant *t; const int64_t *bodies, *teams, *accounts; int64_t now_us; };
err demo_desk(struct demo_desk *x);                                                                    /* views, models, an absence */
err demo_stats(db *d, arena *mem, struct kinds *ks, const struct tenant *t);                           /* counts what is sealed */
err demo_file(db *d, arena *mem, const struct filing *f, struct record *r);
err demo_reports(struct run *r, const struct tenant *t, db *d, arena *mem, struct dice *dice, int64_t body, int64_t team, int64_t agent, int64_t now_us);
