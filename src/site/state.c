/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What may be wrong, and what to do: the checks of `beffroi doctor`, what is to be done first. */
#include "core/checks.h"

#include "gen/html/site/state.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

static void show(struct req *q, const struct finding *f, struct page_state *p)
{
    static const struct { const char *key, *tone; } states[] = {[CHECK_FINE] = {W("state.is_fine"), "done"}, [CHECK_REMARK] = {W("state.is_remark"), "waiting"}, [CHECK_FAULT] = {W("state.is_fault"), "refused"}};
    struct check_shown one = {.title = f->title, .said = f->said, .todo = f->todo, .state = words(q->lang, states[f->state].key), .tone = str_of(states[f->state].tone)};
    if (f->page.at && f->state != CHECK_FINE) one.page = (struct link){.label = f->page.label, .at = url_web(str_of(f->page.at))};
    p->to_do += f->state != CHECK_FINE;
    PUSH(q->mem, &p->rows, one);
}

static err get_state(struct req *q)
{
    struct page_state p = {0};
    struct findings all = {0};
    struct check_world w = {.mem = q->mem, .lang = q->lang, .settings = &q->app->settings, .now_us = clock_now_us(), .store = q->app->store, .bucket = q->app->bucket,
                            .kinds = q->app->kinds, .tenant = q->tenant, .d = q->db};
    checks_run(&w, CHECK_HERE | CHECK_STORE | CHECK_TOWN, &all);
    for (int state = CHECK_FAULT; state >= CHECK_FINE; state--)
        for (size_t i = 0; i < all.n; i++)
            if ((int)all.v[i].state == state) show(q, &all.v[i], &p);
    admin_desk(&p.l);
    reply_private(q);
    return page_state(q, &p);
}

const struct route state_routes[] = {{GET, "/admin/etat", RIGHT_ADMIN, get_state, "what may be wrong, and what to do", 0, NULL, NULL}, {0}};
