/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What agents of the demonstration made for themselves: views, models of messages, an absence; and drafts that nobody finished. */
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/model.h"
#include "core/stats.h"
#include "main/demo_data.h"

static err views_make(struct demo *x)
{
    struct who admin = {.account = x->accounts[0]}, roads = {.account = x->accounts[2]};
    struct inbox_view due = {.name = S("Échéances proches"), .query = S("sort=due&col=kind&col=state&col=due&col=assignee")};
    struct inbox_view taken = {.name = S("Occupations à prendre"), .query = S("kind=d102&state=depose&sort=oldest"), .team = x->teams[0]};
    TRY(grants_of(x->d, x->mem, admin.account, &admin.grants));
    TRY(grants_of(x->d, x->mem, roads.account, &roads.grants));
    TRY(inbox_view_save(x->d, x->mem, &admin, &due, x->now_us));
    return inbox_view_save(x->d, x->mem, &roads, &taken, x->now_us);
}

static err models_make(struct demo *x)
{
    struct who head = {.account = x->accounts[1]};
    struct model unread = {.title = S("Pièce illisible"),
        .words = S("Bonjour {personne},\n\nUne pièce de votre dossier {référence} ne se lit pas bien. Pouvez-vous la photographier à plat, en pleine lumière, et nous la renvoyer ?\n\n{agent}\n{service}")};
    struct model sign = {.title = S("Afficher l’autorisation sur place"), .kind = S("d102"),
        .words = S("Bonjour {personne},\n\nAffichez l’autorisation sur place sept jours avant le début, à hauteur des yeux : sans affichage, les véhicules en stationnement ne peuvent pas être déplacés.\n\n{agent}, {qualité}\n{service}")};
    TRY(grants_of(x->d, x->mem, head.account, &head.grants));
    TRY(model_save(x->d, x->mem, &head, &unread, x->now_us));
    return model_save(x->d, x->mem, &head, &sign, x->now_us);
}

static err drafts_in_txn(db *w, void *arg)
{
    struct demo *x = arg;
    int64_t today = day_of(x->t, x->now_us);
    for (int i = 0; i < 48; i++) TRY(stats_abandoned(w, i % 3 ? S("d102") : S("d103"), x->bodies[0], x->teams[i % 3 ? 0 : 2], S("web"), today - 7 * i));
    return NO_ERR;
}

static err count(struct demo *x)
{
    bool more;
    do {
        TRY(stats_fold(x->d, x->mem, x->r->app->kinds, x->t, &more));
        arena_reset(x->mem);
    } while (more);
    return NO_ERR;
}

err demo_desk(struct demo *x)
{
    int64_t id, today = day_of(x->t, x->now_us);
    struct who welcome = {.account = x->accounts[3]};
    struct absence leave = {.account = welcome.account, .first_day = today - 2, .last_day = today + 12, .stand_in = x->accounts[1]};
    TRY(views_make(x));
    TRY(models_make(x));
    TRY(absence_add(x->d, x->mem, &welcome, &leave, today, x->now_us, &id));
    TRY(db_txn(x->d, drafts_in_txn, x));
    return count(x);
}
