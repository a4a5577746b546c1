/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_replay.c — beffroi rules replay --all: every result that a town keeps, computed again from what it was computed from. */
#include "core/results.h"
#include "formats/json.h"
#include "main/rule_commands.h"

enum { PAGE = 200 };

struct replaying { struct run *r; int status; int64_t all, same, near, differ, lost; };

static void tell_difference(struct replaying *x, arena *mem, const struct tenant *t, const struct replayed *one)
{
    size_t i;
    json_t *d;
    if (one->fault.n) {
        x->lost++;
        run_print(x->r, "%.*s: record %lld, version %lld, %.*s: %.*s\n", STR_ARG(t->slug), (long long)one->record, (long long)one->result.version,
                  STR_ARG(one->result.name), STR_ARG(one->fault));
        return;
    }
    if (!json_array_size(one->differences)) {
        x->near++;
        return;
    }
    x->differ++;
    json_array_foreach(one->differences, i, d)
        run_print(x->r, "%.*s: record %lld, version %lld, %.*s: %.*s\n", STR_ARG(t->slug), (long long)one->record, (long long)one->result.version,
                  STR_ARG(one->result.name), STR_ARG(json_canonical(mem, d)));
}

static void arena_drop(arena **a) { arena_free(*a); }

static err replay_page(struct replaying *x, db *d, const struct tenant *t, arena *keep, struct replayed *last, bool *some)
{
    AUTO(arena_drop) arena *mem = arena_new(0);
    struct replays page;
    TRY(results_replay(d, mem, x->r->app->kinds, *some ? last : NULL, PAGE, &page));
    for (size_t i = 0; i < page.n; i++) {
        x->all++;
        if (page.v[i].is_same) x->same++;
        else tell_difference(x, mem, t, &page.v[i]);
    }
    const struct replayed *end = &page.v[page.n - 1];
    *last = (struct replayed){.record = end->record, .result = {.version = end->result.version, .name = str_copy(keep, end->result.name), .path = str_copy(keep, end->result.path)}};
    *some = true;
    return NO_ERR;
}

static void replay_town(void *arg, const struct tenant *t)
{
    struct replaying *x = arg;
    AUTO(db_close_auto) db *d = NULL;
    AUTO(arena_drop) arena *keep = arena_new(0);
    struct replayed last = {0};
    bool some = false;
    err e = store_read(x->r->app->store, t->id, &d);
    while (e.code == OK) {
        arena_reset(keep);
        e = replay_page(x, d, t, keep, &last, &some);
    }
    if (e.code != E_NOT_FOUND) x->status = run_fail(x->r, e);
}

int rules_replay_run(struct run *r)
{
    struct replaying x = {.r = r, .status = DONE};
    if (!run_has(r, "all")) return run_wrong(r, words(LANG_FR, W("rules.replay_all")));
    tenants_each(r->app->tenants, replay_town, &x);
    run_print(r, "%lld replayed: %lld the same, %lld within 1e-9, %lld differ, %lld cannot be\n", (long long)x.all, (long long)x.same, (long long)x.near, (long long)x.differ,
              (long long)x.lost);
    return x.status != DONE ? x.status : x.differ || x.lost ? FAULT_FOUND : DONE;
}
