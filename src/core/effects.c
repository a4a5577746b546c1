/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The closed table of effects (docs/kinds.md). Each changes the record in memory, or inserts rows of its own; the caller saves. */
#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/answers.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/letter.h"
#include "core/mails.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/receipt.h"
#include "formats/json.h"
#include "gen/sql/core/life.sql.h"

static const json_t *asked(const struct effect_call *c, const json_t *name)
{
    const char *key = json_string_value(name);
    return key ? json_object_get(c->a->asks, key) : NULL;
}

/* An option of @bodies, @teams, @agents: an id as figures. */
static bool asked_id(const struct effect_call *c, const json_t *name, int64_t *out)
{
    const json_t *v = asked(c, name);
    if (json_is_integer(v)) {
        *out = json_integer_value(v);
        return true;
    }
    str s = json_text(v);
    return s.n && str_i64(s, out).code == OK;
}

static err check_string(const json_t *a) { return json_is_string(a) ? NO_ERR : FAIL(E_INVALID, W("core.effect.not_name")); }
static err check_none(const json_t *a) { return !a || json_is_boolean(a) ? NO_ERR : FAIL(E_INVALID, W("core.effect.not_yesno")); }

/* ---- notify ---- */

static const char *const recipients[] = {"author", "team", "followers", "assignee"};

static bool is_recipient(const json_t *v)
{
    for (size_t i = 0; i < sizeof recipients / sizeof *recipients; i++)
        if (str_is(json_text(v), recipients[i])) return true;
    return false;
}

static err check_notify(const json_t *a)
{
    size_t i;
    json_t *v;
    if (json_is_string(a)) return is_recipient(a) ? NO_ERR : FAIL(E_INVALID, W("core.effect.not_recipient"));
    if (!json_is_array(a)) return FAIL(E_INVALID, W("core.effect.not_recipient"));
    json_array_foreach(a, i, v)
        if (!is_recipient(v)) return FAIL(E_INVALID, W("core.effect.not_recipient"));
    return NO_ERR;
}

static err notify_one(const struct effect_call *c, str whom)
{
    if (str_is(whom, "author")) return mail_notice_author(c);
    if (str_is(whom, "followers")) return mail_notice_followers(c);
    struct sql_team_mails_row_list mails = {0};
    if (str_is(whom, "team") && c->r->team) TRY(sql_team_mails(c->w, c->mem, c->r->team, &mails));
    for (size_t i = 0; i < mails.n; i++) TRY(mail_notice_agent(c, mails.v[i].email));
    if (!str_is(whom, "assignee") || !c->r->assignee) return NO_ERR;
    struct strs here;                   /* theirs, or of who stands in */
    TRY(absence_mails(c->w, c->mem, c->a->tenant, c->r, c->r->assignee, c->a->now_us, &here));
    for (size_t i = 0; i < here.n; i++) TRY(mail_notice_agent(c, here.v[i]));
    return NO_ERR;
}

static err run_notify(const struct effect_call *c, const json_t *a)
{
    size_t i;
    json_t *v;
    if (json_is_string(a)) return notify_one(c, json_text(a));
    json_array_foreach(a, i, v) TRY(notify_one(c, json_text(v)));
    return NO_ERR;
}

/* ---- thread, links ---- */

static err run_message(const struct effect_call *c, const json_t *a)
{
    str words = json_text(asked(c, a));
    if (!words.n) return NO_ERR;
    bool from_author = !c->a->who->is_system && may(c->a->who, VERB_HANDLE, c->r).code != OK;
    return sql_effect_message_add(c->w, id_new(), c->r->id, c->a->actor, from_author, words, c->a->now_us);
}

static err check_link(const json_t *a)
{
    bool fine = json_array_size(a) == 2 && json_is_string(json_array_get(a, 0)) && json_is_string(json_array_get(a, 1));
    return fine ? NO_ERR : FAIL(E_INVALID, W("core.effect.not_link"));
}

static err run_link(const struct effect_call *c, const json_t *a)
{
    struct record other;
    str ref = json_text(asked(c, json_array_get(a, 1)));
    err e = record_by_reference(c->w, c->mem, ref, &other);
    if (e.code == OK) e = may(c->a->who, VERB_SEE, &other);
    if (e.code == E_NOT_FOUND || e.code == E_DENIED || e.code == E_SIGN_IN || (e.code == OK && other.id == c->r->id))
        return FAIL_AT(E_INVALID, W("core.effect.no_such_record"), str_z(c->mem, ref));
    TRY(e);
    return sql_effect_link_add(c->w, c->r->id, json_text(json_array_get(a, 0)), other.id, c->a->now_us);
}

/* ---- the record's own columns ---- */

static err check_set(const json_t *a)
{
    const char *key;
    json_t *v;
    if (!json_is_object(a) || !json_object_size(a)) return FAIL(E_INVALID, W("core.effect.not_set"));
    json_object_foreach((json_t *)(uintptr_t)a, key, v)
        if (!json_is_string(v) && !json_object_get(v, "value")) return FAIL(E_INVALID, W("core.effect.not_set"));
    return NO_ERR;
}

static err run_set(const struct effect_call *c, const json_t *a)
{
    struct answers_env env = tenant_env(c->a->tenant, c->a->now_us);
    json_t *doc = json_own(c->mem, json_deep_copy(c->r->doc));
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)a, key, v)
    {
        const struct field *f = kind_field_named(c->a->kind, str_of(key));
        const json_t *given = json_is_string(v) ? asked(c, v) : json_object_get(v, "value");
        json_t *normal = NULL;
        str arg = STR_NONE;
        if (!f || !f->type->holds_value) return FAIL_AT(E_INVALID, W("core.effect.no_field"), str_z(c->mem, str_of(key)));
        if (given) {
            const char *fault = f->type->check(f, c->mem, given, &env, &normal, &arg);
            if (fault) return FAIL_AT(E_INVALID, fault, str_z(c->mem, text_in(&f->label, LANG_FR)));
        }
        if (normal) json_object_setn(doc, f->id.p, f->id.n, normal);
        else json_object_deln(doc, f->id.p, f->id.n);
    }
    c->r->doc = doc;
    struct contact who = {0};
    err e = record_contact(c->w, c->mem, c->r->id, &who, NULL);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    record_titles(c->w, c->mem, c->a->kind, c->r, who.name);
    return NO_ERR;
}

static err run_assign(const struct effect_call *c, const json_t *a)
{
    int64_t id = 0;
    str whom = json_text(a);
    if (str_is(whom, "actor")) c->r->assignee = c->a->who->account;
    else if (str_is(whom, "nobody")) c->r->assignee = 0;
    else {
        str mail = STR_NONE;
        if (asked_id(c, a, &id)) TRY(account_mail(c->w, c->mem, id, &mail));
        if (id && !mail.n) return FAIL(E_INVALID, W("core.effect.no_such_agent"));
        c->r->assignee = id;
    }
    return NO_ERR;
}

/* To another body: its own people take over, so nobody of ours keeps it. */
static err run_transfer(const struct effect_call *c, const json_t *a)
{
    int64_t body = 0;
    const struct body *b = asked_id(c, a, &body) ? tenant_body_exact(c->a->tenant, body) : NULL;
    if (!b) return FAIL(E_INVALID, W("core.effect.no_such_body"));
    if (body == c->r->body) return FAIL(E_INVALID, W("core.effect.same_body"));
    c->r->body = body;
    c->r->team = c->r->assignee = 0;
    return NO_ERR;
}

static err run_publish(const struct effect_call *c, const json_t *a)
{
    const struct state *s = kind_state(c->a->kind, c->r->state);
    if (json_is_false(a) || !s->is_public) c->r->published_us = 0;
    else if (!c->r->published_us) c->r->published_us = c->a->now_us;
    return NO_ERR;
}

static err run_mask(const struct effect_call *c, const json_t *a)
{
    const json_t *list = asked(c, a);
    c->r->masks = json_array_size(list) ? json_own(c->mem, json_deep_copy(list)) : NULL;
    struct contact who = {0};
    err e = record_contact(c->w, c->mem, c->r->id, &who, NULL);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    record_titles(c->w, c->mem, c->a->kind, c->r, who.name);
    return NO_ERR;
}

static bool asked_day(const struct effect_call *c, const json_t *name, int64_t *out)
{
    str s = json_text(asked(c, name));
    return s.n && date_parse_iso(s, out).code == OK;
}

static err run_due(const struct effect_call *c, const json_t *a)
{
    int64_t day;
    c->r->due_us = asked_day(c, a, &day) ? day_end_us(c->a->tenant, day) : c->r->silence_us;
    return NO_ERR;
}

/* ---- clock ---- */

static err check_clock(const json_t *a)
{
    static const char *const what[] = {"start", "stop", "hold", "release"};
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        if (str_is(json_str(a, what[i]), "silence")) return NO_ERR;
    return FAIL(E_INVALID, W("core.effect.not_clock"));
}

static bool clock_applies(const struct effect_call *c, const json_t *condition)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)condition, key, v)
        if (!json_equal(json_object_get(c->a->asks, key), v)) return false;
    return true;
}

static err run_clock(const struct effect_call *c, const json_t *a)
{
    const struct act *x = c->a;
    if (!clock_applies(c, json_object_get(a, "if"))) return NO_ERR;
    if (json_object_get(a, "start")) return silence_begin(c->w, c->r, x->tenant, x->kind, x->now_us);
    if (json_object_get(a, "stop")) return silence_stop(c->w, c->r);
    if (json_object_get(a, "release")) return silence_release(c->w, c->mem, c->r, x->tenant, x->kind, day_of(x->tenant, x->now_us));
    int64_t until = 0;
    asked_day(c, json_object_get(a, "until"), &until);
    return silence_hold(c->w, c->r, x->tenant, x->kind, until, x->now_us);
}

/* ---- webhook: says that something happened, never what somebody wrote ---- */

static err run_webhook(const struct effect_call *c, const json_t *a)
{
    str url = kind_setting_str(c->a->kind, c->a->tenant, c->r->body, "webhook.url");
    if (json_is_false(a) || !url.n) return NO_ERR;
    json_t *body = json_own(c->mem, json_object());
    json_put_str(body, "reference", c->r->reference);
    json_put_str(body, "kind", c->r->kind);
    json_put_str(body, "transition", c->t->name);
    json_put_str(body, "state", c->r->state);
    json_put_str(body, "at", time_iso(c->mem, c->a->now_us));
    return outbox_webhook(c->w, c->mem, cause_of(c->mem, c->r->id, c->cause), S("webhook"), url, json_canonical(c->mem, body), c->a->now_us);
}

/* ---- letters: nobody signs for a silence ---- */

static err run_letter(const struct effect_call *c, const json_t *a)
{
    const struct letter *l = kind_letter(c->a->kind, json_text(a));
    return c->a->who->is_system || !l ? NO_ERR : letter_send(c, l);
}

const struct effect_type effect_types[] = {
    {"letter", "writes and sends a letter; stands before the mail that carries its link", check_string, run_letter},
    {"notify", "mails the author, the team, the followers, the assignee", check_notify, run_notify},
    {"message", "puts the words of a question into the thread", check_string, run_message},
    {"set", "gives fields a value, or the answer to a question", check_set, run_set},
    {"assign", "gives the record to an agent", check_string, run_assign},
    {"transfer", "passes the record on to another body", check_string, run_transfer},
    {"link", "ties the record to another one", check_link, run_link},
    {"publish", "shows the record's public fields, or stops showing them", check_none, run_publish},
    {"mask", "hides fields from the public", check_string, run_mask},
    {"due", "sets the next deadline", check_string, run_due},
    {"clock", "starts, stops, holds or releases the clock of silence", check_clock, run_clock},
    {"webhook", "tells the town's own software", check_none, run_webhook},
    {0}};

const struct effect_type *effect_named(str name)
{
    for (const struct effect_type *e = effect_types; e->name; e++)
        if (str_is(name, e->name)) return e;
    return NULL;
}
