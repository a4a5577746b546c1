/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "core/answers.h"
#include "core/clocks.h"
#include "core/journal.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/results.h"
#include "formats/json.h"
#include "gen/sql/core/life.sql.h"
#include "gen/sql/core/record.sql.h"

str event_title(const struct kind *k, str verb, enum lang lang)
{
    const struct transition *t = k ? kind_transition(k, verb) : NULL;
    if (t) return text_in(t->history.v[LANG_FR].n ? &t->history : &t->title, lang);
    if (str_is(verb, "filed")) return words(lang, W("core.event.filed"));
    if (str_is(verb, "revised")) return words(lang, W("core.event.revised"));
    if (str_is(verb, "clock_released")) return words(lang, W("core.event.clock_released"));
    if (str_is(verb, "message")) return words(lang, W("core.event.message"));
    if (str_is(verb, "note")) return words(lang, W("core.event.note"));
    if (str_is(verb, "assigned")) return words(lang, W("core.event.assigned"));
    if (str_is(verb, "erased")) return words(lang, W("core.event.erased"));
    if (str_is(verb, "letter_withdrawn")) return words(lang, W("core.event.letter_withdrawn"));
    if (str_is(verb, "letter_replaced")) return words(lang, W("core.event.letter_replaced"));
    return verb;
}

err life_conflict(db *w, arena *mem, const struct kind *k, const struct record *now)
{
    struct event e = {0};
    err found = journal_last(w, mem, now->id, &e);
    if (found.code != OK && found.code != E_NOT_FOUND) return found;
    str who = e.actor_name.n ? e.actor_name : words(LANG_FR, e.actor == ACTOR_SYSTEM ? W("core.actor.system") : W("core.actor.unknown"));
    const struct state *s = k ? kind_state(k, now->state) : NULL;
    str state = s ? text_in(&s->title, LANG_FR) : now->state;
    str at = words_fill(mem, LANG_FR, W("core.life.conflict_by"), "who", who, "what", event_title(k, e.verb, LANG_FR), "state", state, NULL);
    return FAIL_AT(E_CONFLICT, W("core.life.conflict"), str_z(mem, at));
}

bool transition_exists(const struct transition *t, const struct tenant *tenant, const struct kind *k, int64_t body)
{
    if (!t->if_setting.n) return true;
    char path[64];
    if (t->if_setting.n >= sizeof path) return false;
    memcpy(path, t->if_setting.p, t->if_setting.n);
    path[t->if_setting.n] = 0;
    return str_eq(kind_setting_str(k, tenant, body, path), t->if_value);
}

static err transition_by(const struct transition *t, const struct who *w, const struct record *r)
{
    if ((t->by & BY_SYSTEM) && w->is_system) return NO_ERR;
    err e = FAIL(E_DENIED, W("core.life.not_yours"));
    if (t->by & BY_AGENT) e = may(w, VERB_HANDLE, r);
    if (e.code != OK && (t->by & BY_AUTHOR)) e = may(w, VERB_ANSWER, r);
    if (e.code != OK && (t->by & BY_ADMIN)) e = may(w, VERB_ADMIN, r);
    return e;
}

err transition_open(const struct transition *t, const struct who *w, const struct tenant *tenant, const struct kind *k, const struct record *r, int64_t now_us)
{
    struct answers_env env = tenant_env(tenant, now_us);
    TRY(transition_by(t, w, r));
    bool from = false;
    for (size_t i = 0; i < t->from.n; i++) from |= str_eq(t->from.v[i], r->state);
    if (!from) return FAIL(E_INVALID, W("core.life.not_from_here"));
    if (!transition_exists(t, tenant, k, r->body)) return FAIL(E_INVALID, W("core.life.not_here"));
    if (!answers_condition(&k->fields, t->when, r->doc, &env)) return FAIL(E_INVALID, W("core.life.guard"));
    return NO_ERR;
}

struct transition_refs life_choices(arena *mem, const struct who *w, const struct tenant *tenant, const struct kind *k, const struct record *r, int64_t now_us)
{
    struct transition_refs out = {0};
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        if (t->by != BY_SYSTEM && transition_open(t, w, tenant, k, r, now_us).code == OK) PUSH(mem, &out, t);
    }
    return out;
}

/* A question of a transition is asked when its condition on the other questions holds. */
static bool ask_shown(const struct field *f, const struct transition *t, const struct act *a)
{
    struct answers_env env = tenant_env(a->tenant, a->now_us);
    return answers_condition(&t->asks, f->when, a->asks, &env);
}

static err asks_check(arena *mem, const struct transition *t, const struct act *a)
{
    for (size_t i = 0; i < t->asks.n; i++) {
        const struct field *f = &t->asks.v[i];
        const json_t *v = json_object_getn(a->asks, f->id.p, f->id.n);
        if (v || !f->required || a->who->is_system || !ask_shown(f, t, a)) continue;
        return FAIL_AT(E_INVALID, W("core.life.ask_missing"), str_z(mem, text_in(&f->label, LANG_FR)));
    }
    return NO_ERR;
}

/* What was said, for people: texts always, dates and choices whose question says how (`said`, docs/kinds.md). */
static str ask_words(arena *mem, const struct act *a, const struct field *f, const json_t *v, str *out_only)
{
    struct answers_env env = tenant_env(a->tenant, a->now_us);
    bool is_text = strcmp(f->type->name, "textarea") == 0 || strcmp(f->type->name, "text") == 0;
    str said = text_in(&f->said, env.lang);
    if (!f->type->show || (!is_text && !said.n)) return STR_NONE;
    *out_only = is_text ? json_text(v) : f->type->show(f, mem, v, &env);       /* the words themselves, with their lines: show() makes one line */
    ptrdiff_t at = str_find(said, S("{value}"));
    if (at >= 0)
        return *out_only = str_fmt(mem, "%.*s%.*s%.*s", STR_ARG(str_cut(said, 0, (size_t)at)), STR_ARG(*out_only), STR_ARG(str_cut(said, (size_t)at + 7, said.n)));
    return str_fmt(mem, "%.*s\n%.*s", STR_ARG(said.n ? said : text_in(&f->label, env.lang)), STR_ARG(*out_only));
}

/* The words alone when there is one text, else each under its question. */
static str asks_words(arena *mem, const struct transition *t, const struct act *a)
{
    struct strs parts = {0};
    str only = STR_NONE;
    for (size_t i = 0; i < t->asks.n; i++) {
        const struct field *f = &t->asks.v[i];
        const json_t *v = json_object_getn(a->asks, f->id.p, f->id.n);
        str one = v && f->type ? ask_words(mem, a, f, v, &only) : STR_NONE;
        if (one.n) PUSH(mem, &parts, one);
    }
    return parts.n == 1 ? only : parts.n ? str_join(mem, parts, S("\n\n")) : STR_NONE;
}

err act_actor(db *w, const struct act *a, const struct record *r, int64_t *out)
{
    *out = a->actor;
    if (a->actor) return NO_ERR;
    if (a->who->account) return actor_for_account(w, a->who->account, out);
    *out = a->who->is_system ? ACTOR_SYSTEM : r->id;       /* who holds the record by code: its own actor */
    return NO_ERR;
}

static bool effect_is(const struct transition *t, const char *name)
{
    for (size_t i = 0; i < t->does.n; i++)
        if (strcmp(t->does.v[i].type->name, name) == 0) return true;
    return false;
}

static bool asks_masks(const struct transition *t)
{
    for (size_t i = 0; i < t->asks.n; i++)
        if (str_is(t->asks.v[i].name, "masks")) return true;
    return effect_is(t, "mask") || effect_is(t, "publish");
}

/* Where a transition lets an agent look at what will be public, nothing becomes public by another. */
static bool may_publish(const struct kind *k, const struct transition *t)
{
    bool some = false;
    for (size_t i = 0; i < k->transitions.n; i++) some |= asks_masks(&k->transitions.v[i]);
    return !some || asks_masks(t);
}

static void state_enter(const struct act *a, const struct transition *t, struct record *r)
{
    const struct kind *k = a->kind;
    const struct state *to = kind_state(k, t->to);
    r->state = to->name;
    r->entered_us = a->now_us;
    if (!to->is_public) r->published_us = 0;
    else if (!r->published_us && may_publish(k, t)) r->published_us = a->now_us;
    r->expires_us = to->is_final && k->has_keep ? span_add_us(a->now_us, k->keep_final, a->tenant->zone, a->tenant->alsace_moselle) : 0;
}

/* A final state ends every clock. */
static void clocks_end(const struct kind *k, struct record *r)
{
    if (!kind_state(k, r->state)->is_final) return;
    r->silence_us = r->suspended_us = r->due_us = 0;
}

static err apply_writes(db *w, arena *mem, const struct act *a, const struct transition *t, const struct record *was, struct record *r)
{
    bool moves = t->to.n && !str_eq(t->to, was->state);
    struct letter_ref letter = {0};
    struct effect_call c = {.w = w, .mem = mem, .r = r, .a = a, .t = t, .said = asks_words(mem, t, a), .letter = &letter};
    struct act as = *a;
    struct answers_env env = tenant_env(a->tenant, a->now_us);
    TRY(act_actor(w, a, was, &as.actor));
    c.a = &as;
    if (moves) state_enter(a, t, r);
    r->updated_us = a->now_us;
    struct event e = {.record = r->id, .at_us = a->now_us, .actor = as.actor, .verb = t->name, .from = was->state, .to = r->state,
                      .words = c.said, .asks = json_object_size(a->asks) ? doc_write(mem, a->asks) : STR_NONE,
                      .for_author = moves || t->decision || (t->by & BY_AUTHOR) || effect_is(t, "notify")};
    TRY(journal_add(w, &e, &c.cause));
    for (size_t i = 0; i < t->does.n; i++) TRY(t->does.v[i].type->run(&c, t->does.v[i].argument));
    if (moves) clocks_end(a->kind, r);
    if (!json_equal(was->doc, r->doc)) TRY(sql_record_doc_save(w, r->id, doc_write(mem, r->doc)));
    TRY(record_save(w, mem, a->kind, was, r));
    if (t->by == BY_SYSTEM) TRY(results_keep_rule(w, mem, a->kind, was, t->when, &env));         /* nobody but the rule decided it */
    if (r->published_us && !was->published_us)
        TRY(job_add(w, S("publish"), str_fmt(mem, "%lld", (long long)r->id), cause_of(mem, r->id, c.cause), S("publish"), a->now_us));
    return moves ? life_enter(w, mem, a->kind, r, a->tenant, was->state, a->now_us) : NO_ERR;
}

/* The connection was lost during COMMIT and this is the second run: what changed the record may have been the first. */
static err already_done(db *w, arena *mem, const struct act *a, const struct record *now, bool *out)
{
    struct event last;
    *out = false;
    if (!db_maybe_committed(w) || now->version != a->seen_version + 1) return NO_ERR;
    err e = journal_last(w, mem, now->id, &last);
    *out = e.code == OK && str_eq(last.verb, a->transition) && last.at_us == a->now_us;
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}

err life_apply(db *w, arena *mem, struct record *r, const struct act *a)
{
    assert(db_in_txn(w) && a->kind && a->tenant && a->who);
    struct record was, now;
    TRY(record_get(w, mem, r->id, &was));
    TRY(may(a->who, VERB_SEE, &was));
    if (a->seen_version && a->seen_version != was.version) {
        bool done = false;
        TRY(already_done(w, mem, a, &was, &done));
        if (!done) return life_conflict(w, mem, a->kind, &was);
        *r = was;
        return NO_ERR;
    }
    const struct transition *t = kind_transition(a->kind, a->transition);
    if (!t) return FAIL(E_NOT_FOUND, W("core.life.no_transition"));
    TRY(transition_open(t, a->who, a->tenant, a->kind, &was, a->now_us));
    TRY(asks_check(mem, t, a));
    now = was;
    TRY(apply_writes(w, mem, a, t, &was, &now));
    *r = now;
    return NO_ERR;
}

struct act_args { arena *mem; struct record *r; const struct act *a; int64_t id; };

static err act_in_txn(db *w, void *arg)
{
    struct act_args *x = arg;
    x->r->id = x->id;
    return life_apply(w, x->mem, x->r, x->a);
}

err life_act(db *d, arena *mem, struct record *r, const struct act *a)
{
    return db_txn(d, act_in_txn, &(struct act_args){mem, r, a, r->id});
}

static void explain_timers(arena *mem, const struct tenant *t, const struct sql_timers_of_row_list *timers, struct strs *out)
{
    for (size_t i = 0; i < timers->n; i++) {
        const struct sql_timers_of_row *x = &timers->v[i];
        if (x->due)
            PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.timer"), "name", x->name, "when", words_time_us(mem, t->lang, x->due, t->zone), NULL));
        else
            PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.held"), "name", x->name, "days", str_fmt(mem, "%lld", (long long)(x->left_us / DAY_US)), NULL));
    }
}

err life_explain(db *d, arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, const struct who *w, struct strs *out)
{
    const struct state *s = kind_state(k, r->state);
    struct sql_timers_of_row_list timers;
    struct events events;
    PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.state"), "reference", r->reference, "kind", text_in(&k->title, t->lang), "revision",
                              str_fmt(mem, "%lld", (long long)r->revision), "state", s ? text_in(&s->title, t->lang) : r->state, "when",
                              words_time_us(mem, t->lang, r->entered_us, t->zone), NULL));
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *tr = &k->transitions.v[i];
        err e = transition_open(tr, w, t, k, r, clock_now_us());
        str title = str_fmt(mem, "%.*s (%.*s)", STR_ARG(text_in(&tr->title, t->lang)), STR_ARG(tr->name));
        if (e.code == OK) PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.open"), "what", title, NULL));
        else PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.shut"), "what", title, "why", words(t->lang, e.msg), NULL));
    }
    TRY(sql_timers_of(d, mem, r->id, &timers));
    explain_timers(mem, t, &timers, out);
    TRY(journal_of(d, mem, r->id, false, &events));
    for (size_t i = 0; i < events.n; i++) {
        const struct event *e = &events.v[i];
        PUSH(mem, out, words_fill(mem, t->lang, W("core.explain.event"), "n", str_fmt(mem, "%lld", (long long)e->seq), "when",
                                  words_time_us(mem, t->lang, e->at_us, t->zone), "what", event_title(k, e->verb, t->lang), "from",
                                  e->from.n ? e->from : S("–"), "to", e->to.n ? e->to : S("–"), NULL));
    }
    return NO_ERR;
}
