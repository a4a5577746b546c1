/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Clocks: timers of states, and the clock of silence of CRPA L231-1 and L231-4, held while items required by a text are awaited
   (L114-5). A timer's name is its transition's; "@silence" and "@release" are the clock's own. */
#include <string.h>

#include "base/log.h"
#include "core/answers.h"
#include "core/clocks.h"
#include "core/journal.h"
#include "core/projection.h"
#include "core/results.h"
#include "gen/sql/core/life.sql.h"

int64_t day_of(const struct tenant *t, int64_t at_us)
{
    struct civil c = civil_of(at_us, t->zone);
    return days_of(c.year, c.month, c.day);
}

int64_t day_end_us(const struct tenant *t, int64_t days)
{
    struct civil c = {0};
    days_civil(days + 1, &c.year, &c.month, &c.day);
    return civil_us(c, t->zone) - SECOND_US;
}

static bool silence_span(const struct tenant *t, const struct kind *k, int64_t body, struct span *out)
{
    str means = kind_setting_str(k, t, body, "silence.means"), after = kind_setting_str(k, t, body, "silence.after");
    if (!str_is(means, "acceptance") && !str_is(means, "rejection")) return false;
    return span_parse(after.n ? after : S("2 months"), out).code == OK;
}

bool silence_accepts(const struct tenant *t, const struct kind *k, int64_t body)
{
    return str_is(kind_setting_str(k, t, body, "silence.means"), "acceptance");
}

int64_t silence_start(const struct tenant *t, const struct kind *k, int64_t body, int64_t from_us)
{
    struct span s;
    if (!silence_span(t, k, body, &s)) return 0;
    return day_end_us(t, span_add_days(day_of(t, from_us), s, t->alsace_moselle));
}

/* The next deadline follows the clock of silence, unless an agent set another one. */
static void silence_set(struct record *r, int64_t silence_us)
{
    if (r->due_us == r->silence_us) r->due_us = silence_us;
    r->silence_us = silence_us;
}

err silence_timer(db *w, const struct record *r)
{
    if (!r->silence_us) return NO_ERR;
    return sql_timer_put(w, r->id, TIMER_SILENCE, r->silence_us + SECOND_US, 0);
}

err silence_begin(db *w, struct record *r, const struct tenant *t, const struct kind *k, int64_t now_us)
{
    silence_set(r, silence_start(t, k, r->body, now_us));
    r->suspended_us = 0;
    return silence_timer(w, r);
}

err silence_stop(db *w, struct record *r)
{
    silence_set(r, 0);
    r->suspended_us = 0;
    TRY(sql_timer_drop(w, r->id, TIMER_SILENCE, NULL));
    return sql_timer_drop(w, r->id, TIMER_RELEASE, NULL);
}

err silence_hold(db *w, struct record *r, const struct tenant *t, const struct kind *k, int64_t until_days, int64_t now_us)
{
    if (!r->silence_us) return NO_ERR;
    int64_t left_days = day_of(t, r->silence_us) - day_of(t, now_us);
    TRY(sql_timer_put(w, r->id, TIMER_SILENCE, 0, (left_days > 0 ? left_days : 0) * DAY_US));
    silence_set(r, 0);
    r->suspended_us = now_us;
    /* Rejection: suspended for the time given, no longer. Acceptance: the period runs only once the items are there. */
    if (until_days && !silence_accepts(t, k, r->body))
        TRY(sql_timer_put(w, r->id, TIMER_RELEASE, day_end_us(t, until_days) + SECOND_US, 0));
    return NO_ERR;
}

err silence_release(db *w, arena *mem, struct record *r, const struct tenant *t, const struct kind *k, int64_t day)
{
    struct sql_timer_get_row timer;
    if (!r->suspended_us) return NO_ERR;
    err e = sql_timer_get(w, mem, r->id, TIMER_SILENCE, &timer);
    if (e.code == E_NOT_FOUND) return silence_stop(w, r);
    TRY(e);
    struct span s;
    int64_t end = day + timer.left_us / DAY_US;
    if (silence_accepts(t, k, r->body) && silence_span(t, k, r->body, &s)) end = span_add_days(day, s, t->alsace_moselle);
    silence_set(r, day_end_us(t, end));
    r->suspended_us = 0;
    TRY(sql_timer_drop(w, r->id, TIMER_RELEASE, NULL));
    return silence_timer(w, r);
}

static bool starts_from(const struct transition *t, str state)
{
    for (size_t i = 0; i < t->from.n; i++)
        if (str_eq(t->from.v[i], state)) return true;
    return false;
}

static bool on_silence(const struct transition *t) { return str_is(t->after_setting, "silence.after"); }

/* The span of a transition's own timer; false: it has none. */
static bool timer_span(const struct transition *t, const struct tenant *tenant, const struct kind *k, const struct record *r, const struct answers_env *env, struct span *out)
{
    if (on_silence(t) || !transition_exists(t, tenant, k, r->body)) return false;
    if (t->after_rule) return answers_span(k, t->after_rule, r->doc, env, out);
    if (t->has_after) {
        *out = t->after;
        return true;
    }
    if (!t->after_setting.n) return false;
    char path[64];
    if (t->after_setting.n >= sizeof path) return false;
    memcpy(path, t->after_setting.p, t->after_setting.n);
    path[t->after_setting.n] = 0;
    str span = kind_setting_str(k, tenant, r->body, path);
    return span.n && span_parse(span, out).code == OK;
}

static err timers_make(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, str left, int64_t now_us)
{
    struct answers_env env = tenant_env(t, now_us);
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *tr = &k->transitions.v[i];
        struct span s;
        /* One that was already counting in the state left goes on. */
        if (!starts_from(tr, r->state) || (left.n && starts_from(tr, left)) || !timer_span(tr, t, k, r, &env, &s)) continue;
        TRY(sql_timer_put(w, r->id, tr->name, span_add_us(now_us, s, t->zone, t->alsace_moselle), 0));
        TRY(results_keep_rule(w, mem, k, r, tr->after_rule, &env));
    }
    return NO_ERR;
}

err life_begin(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, int64_t now_us)
{
    TRY(silence_timer(w, r));
    return timers_make(w, mem, k, r, t, STR_NONE, now_us);
}

err life_enter(db *w, arena *mem, const struct kind *k, const struct record *r, const struct tenant *t, str left, int64_t now_us)
{
    const struct state *s = kind_state(k, r->state);
    if (s && s->is_final) {
        /* Timers that start from the final state itself are made below. */
        TRY(sql_timers_drop(w, r->id));
        return timers_make(w, mem, k, r, t, STR_NONE, now_us);
    }
    struct sql_timers_of_row_list have;
    TRY(sql_timers_of(w, mem, r->id, &have));
    for (size_t i = 0; i < have.n; i++) {
        if (str_starts(have.v[i].name, S("@"))) continue;
        const struct transition *tr = kind_transition(k, have.v[i].name);
        if (!tr || !starts_from(tr, r->state)) TRY(sql_timer_drop(w, r->id, have.v[i].name, NULL));
    }
    return timers_make(w, mem, k, r, t, left, now_us);
}

/* ---- firing ---- */

struct fire { arena *mem; int64_t record, now_us; str timer; const struct life_world *world; bool misfit; };

static const struct transition *silence_transition(const struct tenant *t, const struct kind *k, const struct record *r)
{
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *tr = &k->transitions.v[i];
        if (on_silence(tr) && starts_from(tr, r->state) && transition_exists(tr, t, k, r->body)) return tr;
    }
    return NULL;
}

static err fire_release(db *w, struct fire *f, const struct kind *k, struct record *r, int64_t due_us)
{
    struct record now = *r;
    TRY(silence_release(w, f->mem, &now, f->world->tenant, k, day_of(f->world->tenant, due_us - SECOND_US)));
    int64_t seq = 0;
    TRY(journal_add(w, &(struct event){.record = r->id, .at_us = f->now_us, .actor = ACTOR_SYSTEM, .verb = S("clock_released"), .from = r->state,
                                       .to = r->state, .for_author = true}, &seq));
    now.updated_us = f->now_us;
    return record_save(w, f->mem, k, r, &now);
}

static err fire_in_txn(db *w, void *arg)
{
    struct fire *f = arg;
    struct record r;
    struct sql_timer_get_row timer;
    const struct kind *k;
    f->misfit = false;
    err e = sql_timer_get(w, f->mem, f->record, f->timer, &timer);
    if (e.code == E_NOT_FOUND || (e.code == OK && (!timer.due || timer.due > f->now_us))) return NO_ERR;
    TRY(e);
    TRY(sql_timer_drop(w, f->record, f->timer, NULL));
    e = record_get(w, f->mem, f->record, &r);
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    TRY(kinds_get(f->world->kinds, w, r.kind, r.revision, &k));
    if (str_eq(f->timer, TIMER_RELEASE)) return fire_release(w, f, k, &r, timer.due);
    const struct transition *t = str_eq(f->timer, TIMER_SILENCE) ? silence_transition(f->world->tenant, k, &r) : kind_transition(k, f->timer);
    if (!t) return NO_ERR;
    struct act a = {.who = &WHO_SYSTEM, .kind = k, .tenant = f->world->tenant, .transition = t->name, .actor = ACTOR_SYSTEM, .now_us = f->now_us};
    e = life_apply(w, f->mem, &r, &a);
    f->misfit = e.code == E_INVALID || e.code == E_DENIED || e.code == E_NOT_FOUND;
    return e;
}

static err drop_in_txn(db *w, void *arg)
{
    struct fire *f = arg;
    return sql_timer_drop(w, f->record, f->timer, NULL);
}

err life_fire(db *d, arena *mem, int64_t record, str timer, int64_t now_us, void *life_world)
{
    struct fire f = {mem, record, now_us, timer, life_world, false};
    err e = db_txn(d, fire_in_txn, &f);
    if (e.code == OK || !f.misfit) return e;
    log_line(LOG_INFO, "timer_misfit", "record %lld, timer %.*s: %s", (long long)record, STR_ARG(timer), e.msg);
    return db_txn(d, drop_in_txn, &f);
}
