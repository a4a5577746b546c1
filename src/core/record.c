/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/record.h"

#include <assert.h>

#include "base/id.h"
#include "core/account.h"
#include "core/answers.h"
#include "core/facet.h"
#include "core/journal.h"
#include "core/mails.h"
#include "core/life.h"
#include "core/projection.h"
#include "core/results.h"
#include "core/search.h"
#include "core/secret.h"
#include "formats/json.h"
#include "gen/sql/core/record.sql.h"
#include "store/change.h"

err record_from_row(arena *mem, const struct record_row *w, struct record *out)
{
    *out = (struct record){
        .id = w->id, .body = w->body, .revision = w->revision, .version = w->version, .author = w->author, .team = w->team,
        .assignee = w->assignee, .kind = w->kind, .state = w->state, .reference = w->reference, .channel = w->channel,
        .title = said_in(w->title, LANG_FR), .public_title = said_in(w->public_title, LANG_FR), .summary = said_in(w->summary, LANG_FR), .created_us = w->created, .updated_us = w->updated,
        .published_us = w->published, .expires_us = w->expires, .entered_us = w->entered, .due_us = w->due,
        .silence_us = w->silence, .suspended_us = w->suspended};
    if (w->masks.n) TRY(doc_read(mem, w->masks, &out->masks));
    return doc_read(mem, w->doc, &out->doc);
}

err record_get(db *d, arena *mem, int64_t id, struct record *out)
{
    struct record_row row;
    TRY(sql_record_row_get(d, mem, id, &row));
    return record_from_row(mem, &row, out);
}

err record_by_reference(db *d, arena *mem, str reference, struct record *out)
{
    str ref = letters_normalise(mem, reference);
    if (!ref.n) return FAIL(E_NOT_FOUND, "core.record.not_found");
    struct record_row row;
    TRY(sql_record_row_by_reference(d, mem, ref, &row));
    return record_from_row(mem, &row, out);
}

str reference_new(arena *mem) { return letters_code(mem, 8); }

static err file_contact(db *w, arena *mem, const struct filing *f)
{
    const struct contact *c = &f->contact;
    if (!c->name.n && !c->email.n && !c->birth_date.n && !f->code_hash) return NO_ERR;
    str lang = f->lang == LANG_EN ? S("en") : S("fr");
    return sql_contact_add(w, f->id, c->name, c->email, c->email.n ? str_fold(mem, str_trim(c->email)) : STR_NONE, c->birth_date,
                           f->code_hash ? hash_str(f->code_hash) : STR_NONE, lang);
}

static err file_actor(db *w, const struct filing *f, int64_t *out)
{
    if (f->actor) {
        *out = f->actor;
        return NO_ERR;
    }
    if (f->author) return actor_for_author(w, f->author, out);
    *out = f->id;
    return actor_for_holder(w, f->id, f->contact.name);
}

static void filing_record(db *w, arena *mem, const struct filing *f, struct record *r)
{
    const struct state *s = kind_initial(f->kind);
    *r = (struct record){.id = f->id, .body = f->body, .revision = f->kind->revision, .version = 1, .author = f->author, .team = f->team,
                         .kind = f->kind->name, .state = s->name, .reference = f->reference, .channel = f->channel,
                         .doc = json_own(mem, json_deep_copy(f->doc)), .created_us = f->now_us, .updated_us = f->now_us,
                         .published_us = s->is_public ? f->now_us : 0, .entered_us = f->now_us};
    if (!r->reference.n) r->reference = reference_new(mem);
    if (!r->channel.n) r->channel = S("web");
    record_titles(w, mem, f->kind, r, f->contact.name);
    r->silence_us = silence_start(f->tenant, f->kind, f->body, f->now_us);
    r->due_us = r->silence_us;
}

/* Inserts the row; when it is not there yet and yet refused, the reference was taken: another one. */
static err file_row(db *w, arena *mem, struct record *r, bool *again)
{
    str doc = doc_write(mem, r->doc);
    *again = false;
    for (int tries = 0; tries < 4; tries++) {
        int64_t added = 0;
        TRY(sql_record_row_add(w, r->id, r->body, r->kind, r->revision, r->state, r->reference, r->author, r->team, r->channel, r->created_us,
                               r->published_us, r->due_us, r->silence_us, r->title, r->public_title, r->summary, doc, &added));
        if (added) return NO_ERR;
        err e = record_get(w, mem, r->id, r);
        if (e.code == OK) {
            *again = true;
            return NO_ERR;
        }
        if (e.code != E_NOT_FOUND) return e;
        r->reference = reference_new(mem);
    }
    return FAIL(E_BUSY, "core.record.no_reference");
}

static bool is_shown(const struct kind *k, const struct record *r)
{
    const struct state *s = r ? kind_state(k, r->state) : NULL;
    return r && (r->published_us || (s && s->shown.n));
}

/* Cached pages of what the public sees of a kind. */
static err public_changed(db *w, arena *mem, const struct kind *k, const struct record *was, const struct record *is)
{
    return is_shown(k, was) || is_shown(k, is) ? change_bump(w, record_topic(mem, is->kind)) : NO_ERR;
}

str record_topic(arena *mem, str kind) { return str_fmt(mem, "records/%.*s", STR_ARG(kind)); }

/* Who gave no second element: the mail that the form itself asked for is one, and gets the receipt. */
static str mail_answered(const struct kind *k, const json_t *doc)
{
    const struct field *f = kind_mail(k);
    return f ? json_text(json_object_getn(doc, f->id.p, f->id.n)) : STR_NONE;
}

/* The team its rules name; one that is not there (any more) leaves it to the procedure's own. */
static err filing_routed(db *w, arena *mem, struct filing *f, const struct answers_env *env)
{
    str name = answers_team(mem, f->kind, f->doc, env);
    if (!name.n) return NO_ERR;
    err e = team_named(w, mem, name, f->body, &f->team);
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}

err record_file(db *w, arena *mem, const struct filing *given, struct record *out, bool *again)
{
    struct filing with = *given, *f = &with;
    assert(db_in_txn(w) && f->id && f->kind && f->tenant);
    struct answers_env env = tenant_env(f->tenant, f->now_us);
    struct record r;
    if (!f->author && !f->contact.email.n && !f->contact.birth_date.n) f->contact.email = mail_answered(f->kind, f->doc);
    TRY(filing_routed(w, mem, f, &env));
    filing_record(w, mem, f, &r);
    TRY(file_row(w, mem, &r, again));
    *out = r;
    if (*again) return NO_ERR;
    int64_t actor, seq = 1;
    TRY(file_actor(w, f, &actor));
    TRY(file_contact(w, mem, f));
    if (f->token.n) {
        struct hash32 h = token_hash(f->token);
        TRY(sql_token_add(w, hash_str(&h), r.id, 0, S("record"), f->now_us, 0));
    }
    struct event e = {.record = r.id, .seq = seq, .at_us = f->now_us, .actor = actor, .verb = S("filed"), .to = r.state, .for_author = true};
    TRY(journal_add(w, &e, &seq));
    TRY(project_index(w, mem, f->kind, &r));
    TRY(project_search(w, mem, f->kind, &r, &f->contact));
    TRY(facets_projected(w, mem, f->kind, &r));
    TRY(counter_move(w, NULL, &r));
    TRY(results_keep(w, mem, f->kind, &r, &env));
    TRY(life_begin(w, mem, f->kind, &r, f->tenant, f->now_us));
    TRY(public_changed(w, mem, f->kind, NULL, &r));
    TRY(mail_receipt(w, mem, f, &r));
    *out = r;
    return NO_ERR;
}

/* {"before": {field: old value}, "after": …}: only fields that differ. NULL when none does. */
static json_t *doc_changes(arena *mem, const json_t *was, const json_t *is)
{
    json_t *before = json_object(), *after = json_object();
    json_t *all = json_own(mem, json_pack("{s:o,s:o}", "before", before, "after", after));
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)was, key, v)
        if (!json_equal(v, json_object_get(is, key))) json_object_set(before, key, v);
    json_object_foreach((json_t *)(uintptr_t)is, key, v)
        if (!json_equal(v, json_object_get(was, key))) json_object_set(after, key, v);
    return json_object_size(before) || json_object_size(after) ? all : NULL;
}

err record_revise(db *w, arena *mem, const struct kind *k, struct record *r, const json_t *doc, int64_t actor, int64_t now_us)
{
    assert(db_in_txn(w));
    struct record was;
    TRY(record_get(w, mem, r->id, &was));
    if (was.version != r->version) return life_conflict(w, mem, k, &was);
    json_t *changes = doc_changes(mem, was.doc, doc);
    if (!changes) {
        *r = was;
        return NO_ERR;
    }
    struct record now = was;
    now.doc = json_own(mem, json_deep_copy(doc));
    now.updated_us = now_us;
    now.revision = k->revision;
    struct contact c = {0};
    err found = record_contact(w, mem, r->id, &c, NULL);
    if (found.code != OK && found.code != E_NOT_FOUND) return found;
    record_titles(w, mem, k, &now, c.name);
    int64_t seq = 0;
    TRY(journal_add(w, &(struct event){.record = r->id, .at_us = now_us, .actor = actor, .verb = S("revised"), .from = was.state, .to = was.state,
                                       .asks = doc_write(mem, changes)}, &seq));
    TRY(sql_record_doc_save(w, r->id, doc_write(mem, now.doc)));
    TRY(record_save(w, mem, k, &was, &now));
    *r = now;
    return NO_ERR;
}

err record_save(db *w, arena *mem, const struct kind *k, const struct record *was, struct record *r)
{
    int64_t changed = 0;
    TRY(sql_record_row_save(w, r->id, was->version, r->body, r->kind, r->revision, r->state, r->author, r->team, r->assignee, r->updated_us,
                            r->entered_us, r->published_us, r->expires_us, r->due_us, r->silence_us, r->suspended_us, r->title, r->public_title,
                            r->summary, doc_write(mem, r->masks), &changed));
    if (!changed) {
        struct record other;
        TRY(record_get(w, mem, r->id, &other));
        return life_conflict(w, mem, k, &other);
    }
    r->version = was->version + 1;
    TRY(counter_move(w, was, r));
    TRY(public_changed(w, mem, k, was, r));
    bool same_words = json_equal(was->doc, r->doc) && was->published_us == r->published_us && json_equal(was->masks, r->masks) &&
                      str_eq(was->kind, r->kind) && was->revision == r->revision && str_eq(was->title, r->title);
    return same_words ? NO_ERR : record_project(w, mem, k, r);
}

err record_project(db *w, arena *mem, const struct kind *k, const struct record *r)
{
    struct contact c = {0};
    err e = record_contact(w, mem, r->id, &c, NULL);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    TRY(sql_index_remove(w, r->id));
    TRY(search_remove(w, r->id));
    TRY(project_index(w, mem, k, r));
    TRY(facets_projected(w, mem, k, r));
    return project_search(w, mem, k, r, &c);
}

err record_contact(db *d, arena *mem, int64_t id, struct contact *out, enum lang *out_lang)
{
    struct sql_contact_get_row row;
    TRY(sql_contact_get(d, mem, id, &row));
    *out = (struct contact){row.name, row.email, row.birth_date};
    if (out_lang) *out_lang = str_is(row.lang, "en") ? LANG_EN : LANG_FR;
    return NO_ERR;
}

err record_mail(db *d, arena *mem, const struct record *r, str *out_email, enum lang *out_lang)
{
    struct contact c = {0};
    *out_lang = LANG_FR;
    *out_email = STR_NONE;
    err e = record_contact(d, mem, r->id, &c, out_lang);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    *out_email = c.email;
    if (c.email.n || !r->author) return NO_ERR;
    struct sql_account_mail_row row;
    e = sql_account_mail(d, mem, r->author, &row);
    if (e.code == OK) *out_email = row.email;
    return e.code == E_NOT_FOUND ? NO_ERR : e;
}

/* "31/12/1980", "31 12 1980", "1980-12-31" as ISO; anything else as it is. */
static str birth_typed(arena *mem, str typed)
{
    int64_t n[3] = {0};
    size_t parts = 0, digits = 0, first = 0;
    for (size_t i = 0; i <= typed.n; i++) {
        bool digit = i < typed.n && typed.p[i] >= '0' && typed.p[i] <= '9';
        if (digit && (parts == 3 || ++digits > 4)) return typed;
        if (digit) n[parts] = n[parts] * 10 + (typed.p[i] - '0');
        if (digit || !digits) continue;
        if (!parts++) first = digits;
        digits = 0;
    }
    if (parts != 3) return typed;
    return first == 4 ? str_fmt(mem, "%04d-%02d-%02d", (int)n[0], (int)n[1], (int)n[2]) : str_fmt(mem, "%04d-%02d-%02d", (int)n[2], (int)n[1], (int)n[0]);
}

/* The second element is compared folded; a birth date as ISO. Both are compared whatever the first gives. */
bool second_matches(arena *mem, str email_fold, str birth_date, str typed)
{
    if (!email_fold.n && !birth_date.n) return true;
    str t = str_fold(mem, str_trim(typed));
    bool mail = email_fold.n > 0 && secret_eq(email_fold, t), birth = birth_date.n > 0 && secret_eq(birth_date, birth_typed(mem, t));
    return t.n > 0 && (mail || birth);
}

err record_open_by_code(db *d, arena *mem, str reference, str code, str second, struct record *out)
{
    struct record r = {0};
    struct sql_contact_get_row c = {0};
    struct hash32 none = {{0}}, h;
    err e = record_by_reference(d, mem, reference, &r);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    err c_err = sql_contact_get(d, mem, r.id, &c);
    if (c_err.code != OK && c_err.code != E_NOT_FOUND) return c_err;
    bool is_code = code_hash(mem, db_tenant(d), r.id, code, &h);
    bool same = secret_eq(c.code_hash.n == 32 ? c.code_hash : hash_str(&none), hash_str(&h));
    bool second_too = second_matches(mem, c.email_fold, c.birth_date, second);
    if (e.code != OK || c_err.code != OK || c.code_hash.n != 32 || !is_code || !same || !second_too)
        return FAIL(E_NOT_FOUND, "core.record.code_mismatch");
    *out = r;
    return NO_ERR;
}

err record_open_by_token(db *d, arena *mem, str reference, str token, int64_t now_us, struct record *out)
{
    struct hash32 h = token_hash(token);
    struct sql_token_get_row t;
    struct record r;
    TRY(sql_token_get(d, mem, hash_str(&h), now_us, &t));
    TRY(record_by_reference(d, mem, reference, &r));
    if (t.record != r.id) return FAIL(E_NOT_FOUND, "core.record.not_found");
    *out = r;
    return NO_ERR;
}
