/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/draft.h"

#include "base/id.h"
#include "core/answers.h"
#include "core/clocks.h"
#include "core/files.h"
#include "core/projection.h"
#include "core/results.h"
#include "core/secret.h"
#include "core/stats.h"
#include "formats/json.h"
#include "gen/sql/core/draft.sql.h"
#include "gen/sql/core/record.sql.h"
#include "store/select.h"

#define KEEP_DAYS 90

static err draft_from_row(arena *mem, const struct draft_row *w, struct draft *out)
{
    *out = (struct draft){.id = w->id, .revision = w->revision, .account = w->account, .body = w->body, .version = w->version,
                          .created_us = w->created, .updated_us = w->updated, .expires_us = w->expires, .record = w->record, .kind = w->kind,
                          .reference = w->reference, .channel = w->channel, .contact = {w->name, w->email, w->birth_date},
                          .page_reached = (size_t)w->page_reached};
    return doc_read(mem, w->doc, &out->doc);
}

/* What is no longer there was erased or filed. */
static err gone(err e) { return e.code == E_NOT_FOUND ? FAIL(E_GONE, W("core.draft.gone")) : e; }

err draft_get(db *d, arena *mem, int64_t id, struct draft *out)
{
    struct draft_row row;
    TRY(sql_draft_row_get(d, mem, id, &row));
    return draft_from_row(mem, &row, out);
}

err draft_by_reference(db *d, arena *mem, str reference, struct draft *out)
{
    struct draft_row row;
    str ref = letters_normalise(mem, reference);
    if (!ref.n) return FAIL(E_NOT_FOUND, W("core.draft.not_found"));
    TRY(sql_draft_row_by_reference(d, mem, ref, &row));
    return draft_from_row(mem, &row, out);
}

static int64_t keep_us(const struct kind *k)
{
    int64_t days = k->keep_draft.count;
    switch (k->keep_draft.unit) {
    case SPAN_WEEKS: days *= 7; break;
    case SPAN_MONTHS: days *= 30; break;
    default: break;
    }
    return (days > 0 ? days : KEEP_DAYS) * DAY_US;
}

struct start {
    arena *mem; const struct kind *k; int64_t id, body, account, now_us, record; str channel, reference, doc;
    struct hash32 code, token; bool added;
};

static err start_in_txn(db *w, void *arg)
{
    struct start *s = arg;
    int64_t added = 0, keep = keep_us(s->k);
    TRY(sql_draft_row_add(w, s->id, s->record, s->k->name, s->k->revision, s->body, s->account, s->reference, s->channel, hash_str(&s->code), s->doc,
                          s->now_us, s->now_us + keep, keep, &added));
    s->added = added > 0;
    return s->added ? sql_draft_token_add(w, hash_str(&s->token), s->id, s->now_us) : NO_ERR;
}

err draft_start(db *d, arena *mem, const struct kind *k, int64_t body, int64_t account, str channel, int64_t now_us, struct draft *out, struct draft_secret *secret)
{
    struct start s = {.mem = mem, .k = k, .id = id_new(), .body = body, .account = account, .now_us = now_us, .channel = channel.n ? channel : S("web"), .doc = S("{}")};
    secret->code = code_new(mem);
    secret->token = token_new(mem, &s.token);
    code_hash(mem, db_tenant(d), s.id, secret->code, &s.code);
    for (int tries = 0; tries < 5; tries++) {
        struct sql_record_reference_taken_row_list taken;
        s.reference = reference_new(mem);
        TRY(sql_record_reference_taken(d, mem, s.reference, &taken));
        if (taken.n) continue;
        TRY(db_txn_own(d, start_in_txn, &s));
        if (s.added) return draft_get(d, mem, s.id, out);
    }
    return FAIL(E_BUSY, W("core.record.no_reference"));
}

err draft_by_code(db *d, arena *mem, str reference, str code, str second, struct draft *out)
{
    struct draft_row row = {0};
    struct hash32 none = {{0}}, h;
    str ref = letters_normalise(mem, reference);
    err e = sql_draft_row_by_reference(d, mem, ref.n ? ref : S("-"), &row);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    bool is_code = code_hash(mem, db_tenant(d), row.id, code, &h);
    bool same = secret_eq(row.code_hash.n == 32 ? row.code_hash : hash_str(&none), hash_str(&h));
    bool second_too = second_matches(mem, row.email_fold, row.birth_date, second);
    if (e.code != OK || row.code_hash.n != 32 || !is_code || !same || !second_too) return FAIL(E_NOT_FOUND, W("core.record.code_mismatch"));
    return draft_from_row(mem, &row, out);
}

bool draft_code_is(db *d, arena *mem, int64_t id, str code)
{
    struct draft_row row = {0};
    struct sql_contact_get_row c = {0};
    struct hash32 h;
    if (!code_hash(mem, db_tenant(d), id, code, &h)) return false;
    if (sql_draft_row_get(d, mem, id, &row).code == OK && secret_eq(row.code_hash, hash_str(&h))) return true;
    return sql_contact_get(d, mem, id, &c).code == OK && secret_eq(c.code_hash, hash_str(&h));
}

err draft_holds(db *d, int64_t id, str token)
{
    struct sql_draft_token_get_row row = {0};
    struct hash32 h = token_hash(token);
    arena *mem = arena_new(1 << 16);
    err e = sql_draft_token_get(d, mem, hash_str(&h), &row);
    arena_free(mem);
    if (e.code == OK && row.draft != id) return FAIL(E_NOT_FOUND, W("core.draft.not_found"));
    return e;
}

err draft_tokens_hold(db *d, arena *mem, struct strs tokens, int64_t *out_ids)
{
    struct hash32 *h = NEW_N(mem, struct hash32, tokens.n ? tokens.n : 1);
    struct strs hashes = {0};
    struct cells rows;
    for (size_t i = 0; i < tokens.n; i++) {
        h[i] = token_hash(tokens.v[i]);
        out_ids[i] = 0;
        PUSH(mem, &hashes, hash_str(&h[i]));
    }
    if (!tokens.n) return NO_ERR;
    struct select *s = select_new(mem, "k.hash, k.draft", "draft_token k", "k");
    select_where_in_bytes(s, "k.hash", hashes);
    TRY(select_run(d, mem, s, &rows));
    for (size_t row = 0; row < rows.n; row++)
        for (size_t i = 0; i < tokens.n; i++)
            if (str_eq(rows.v[row * rows.columns].s, hashes.v[i])) out_ids[i] = rows.v[row * rows.columns + 1].i;
    return NO_ERR;
}

struct token_args { int64_t id, now_us; struct hash32 hash; };

static err token_add_in_txn(db *w, void *arg)
{
    struct token_args *t = arg;
    return sql_draft_token_add(w, hash_str(&t->hash), t->id, t->now_us);
}

static err token_end_in_txn(db *w, void *arg)
{
    struct token_args *t = arg;
    return sql_draft_token_remove(w, hash_str(&t->hash), t->id);
}

err draft_token_new(db *d, arena *mem, int64_t id, str *out_token)
{
    struct token_args t = {.id = id, .now_us = clock_now_us()};
    *out_token = token_new(mem, &t.hash);
    return db_txn_own(d, token_add_in_txn, &t);
}

err draft_token_end(db *d, int64_t id, str token)
{
    return db_txn_own(d, token_end_in_txn, &(struct token_args){.id = id, .hash = token_hash(token)});
}

struct save { arena *mem; const struct kind *k; int64_t id, seen, now_us, version; size_t page; const json_t *doc, *value; str path; };

static err save_in_txn(db *w, void *arg)
{
    struct save *s = arg;
    struct sql_draft_version_row now;
    int64_t changed = 0;
    TRY(sql_draft_row_save(w, s->id, s->seen, doc_write(s->mem, s->doc), (int64_t)s->page, s->now_us, &changed));
    TRY(gone(sql_draft_version(w, s->mem, s->id, &now)));
    bool mine = db_maybe_committed(w) && now.version == s->seen + 1;       /* the first run was committed after all */
    if (!changed && !mine) return FAIL(E_CONFLICT, W("core.draft.changed"));
    s->version = now.version;
    return NO_ERR;
}

err draft_save(db *d, int64_t id, const json_t *doc, int64_t seen_version, size_t page_reached, int64_t now_us, int64_t *out_version)
{
    arena *mem = arena_new(0);
    struct save s = {.mem = mem, .id = id, .seen = seen_version, .now_us = now_us, .page = page_reached, .doc = doc};
    err e = db_txn_own(d, save_in_txn, &s);
    arena_free(mem);
    if (e.code == OK) *out_version = s.version;
    return e;
}

static err save_value_in_txn(db *w, void *arg)
{
    struct save *s = arg;
    struct draft now;
    json_t *doc;
    TRY(gone(draft_get(w, s->mem, s->id, &now)));
    TRY(answers_put(s->k, s->mem, now.doc, s->path, s->value, &doc));
    int64_t changed = 0;
    TRY(sql_draft_row_save(w, s->id, 0, doc_write(s->mem, doc), 0, s->now_us, &changed));
    s->version = now.version + 1;
    return NO_ERR;
}

err draft_save_value(db *d, arena *mem, const struct kind *k, int64_t id, str path, const json_t *value, int64_t now_us, int64_t *out_version)
{
    struct save s = {.mem = mem, .k = k, .id = id, .now_us = now_us, .value = value, .path = path};
    TRY(db_txn_own(d, save_value_in_txn, &s));
    *out_version = s.version;
    return NO_ERR;
}

struct contact_args { int64_t id, account; const struct contact *c; str fold; };

static err contact_in_txn(db *w, void *arg)
{
    struct contact_args *a = arg;
    int64_t changed = 0;
    TRY(sql_draft_contact_save(w, a->id, a->c->name, a->c->email, a->fold, a->c->birth_date, &changed));
    return changed ? NO_ERR : FAIL(E_GONE, W("core.draft.gone"));
}

err draft_contact(db *d, int64_t id, const struct contact *c)
{
    arena *mem = arena_new(1 << 16);
    err e = db_txn_own(d, contact_in_txn, &(struct contact_args){.id = id, .c = c, .fold = c->email.n ? str_fold(mem, str_trim(c->email)) : STR_NONE});
    arena_free(mem);
    return e;
}

static err take_in_txn(db *w, void *arg)
{
    struct contact_args *a = arg;
    int64_t changed = 0;
    TRY(sql_draft_account_save(w, a->id, a->account, &changed));
    return changed ? NO_ERR : FAIL(E_CONFLICT, W("core.draft.somebodys"));
}

err draft_take(db *d, int64_t id, int64_t account) { return db_txn_own(d, take_in_txn, &(struct contact_args){.id = id, .account = account}); }

struct erase { arena *mem; int64_t id; bool found; };

/* Of a correction only the draft goes: its files may be the record's own. */
static err erase_in_txn(db *w, void *arg)
{
    struct erase *x = arg;
    struct draft now;
    err e = draft_get(w, x->mem, x->id, &now);
    x->found = e.code == OK;
    if (e.code == E_NOT_FOUND) return NO_ERR;
    TRY(e);
    TRY(sql_draft_remove(w, x->id, NULL));
    if (now.record) return NO_ERR;
    TRY(sql_draft_tokens_remove(w, x->id));
    return files_erase(w, x->mem, x->id);
}

err draft_erase(db *d, arena *mem, int64_t id)
{
    struct erase x = {mem, id, false};
    return db_txn(d, erase_in_txn, &x);
}

err drafts_of(db *d, arena *mem, int64_t account, struct drafts *out)
{
    struct draft_row_list rows;
    *out = (struct drafts){0};
    if (!account) return NO_ERR;
    TRY(sql_draft_rows_of(d, mem, account, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        struct draft x;
        TRY(draft_from_row(mem, &rows.v[i], &x));
        PUSH(mem, out, x);
    }
    return NO_ERR;
}

struct expire { arena *mem; const struct sql_draft_expired_row *row; int64_t now_us; };
static err expire_in_txn(db *w, void *arg)
{
    struct expire *x = arg;
    /* What was never filed is counted; a correction that was left belongs to a dossier that was. The day is UTC's: nobody is told it. */
    if (!x->row->record) TRY(stats_abandoned(w, x->row->kind, x->row->body, x->row->team, x->row->channel, x->now_us / DAY_US));
    return draft_erase(w, x->mem, x->row->id);
}

err draft_expire(db *d, arena *mem, int64_t now_us, int64_t *out_removed)
{
    struct sql_draft_expired_row_list old;
    *out_removed = 0;
    TRY(sql_draft_expired(d, mem, now_us, 100, &old));
    for (size_t i = 0; i < old.n; i++) {
        TRY(db_txn(d, expire_in_txn, &(struct expire){mem, &old.v[i], now_us}));
        ++*out_removed;
    }
    return NO_ERR;
}

struct file_args { arena *mem; int64_t id; const struct filing *f; struct record *out; bool *again; };

static err file_in_txn(db *w, void *arg)
{
    struct file_args *a = arg;
    struct draft_row row;
    struct filing f = *a->f;
    struct hash32 code;
    err e = sql_draft_row_get(w, a->mem, a->id, &row);
    if (e.code == E_NOT_FOUND) {
        e = record_get(w, a->mem, a->id, a->out);
        *a->again = e.code == OK;
        return gone(e);
    }
    TRY(e);
    if (f.draft_version && f.draft_version != row.version) return FAIL(E_CONFLICT, W("core.draft.changed"));
    f.id = a->id;
    f.reference = row.reference;
    if (!f.body) f.body = row.body;
    if (!f.author) f.author = row.account;
    if (!f.channel.n) f.channel = row.channel;
    if (!f.contact.name.n) f.contact.name = row.name;
    if (!f.contact.email.n) f.contact.email = row.email;
    if (!f.contact.birth_date.n) f.contact.birth_date = row.birth_date;
    if (row.code_hash.n == sizeof code.b) {
        memcpy(code.b, row.code_hash.p, sizeof code.b);
        f.code_hash = &code;
    }
    json_t *stored;
    TRY(doc_read(a->mem, row.doc, &stored));
    if (!f.doc) f.doc = stored;
    TRY(record_file(w, a->mem, &f, a->out, a->again));
    return sql_draft_remove(w, a->id, NULL);
}

err draft_file(db *d, arena *mem, int64_t id, const struct filing *f, struct record *out, bool *again)
{
    return db_txn_own(d, file_in_txn, &(struct file_args){mem, id, f, out, again});
}

/* ---- corrections ---- */

static json_t *without_private(arena *mem, const struct kind *k, const json_t *doc)
{
    json_t *out = json_own(mem, json_deep_copy(doc));
    for (size_t i = 0; i < k->fields.n; i++)
        if (k->fields.v[i].is_private) json_object_deln(out, k->fields.v[i].id.p, k->fields.v[i].id.n);
    return out;
}

err draft_correction(db *d, arena *mem, const struct kind *k, const struct record *r, int64_t now_us, struct draft *out)
{
    struct start s = {.mem = mem, .k = k, .id = r->id, .body = r->body, .account = r->author, .now_us = now_us, .record = r->id, .channel = r->channel,
                      .reference = r->reference, .doc = doc_write(mem, without_private(mem, k, r->doc))};
    random_bytes(&s.code, sizeof s.code);       /* opened by the record's own code or account, never by this one */
    token_new(mem, &s.token);
    TRY(db_txn_own(d, start_in_txn, &s));
    return draft_get(d, mem, r->id, out);
}

struct correct { arena *mem; int64_t id; const json_t *doc; const struct act *a; struct record *out; };

static err correct_in_txn(db *w, void *arg)
{
    struct correct *c = arg;
    struct draft draft;
    struct record r;
    err e = draft_get(w, c->mem, c->id, &draft);
    if (e.code == E_NOT_FOUND && db_maybe_committed(w)) return record_get(w, c->mem, c->id, c->out);
    TRY(gone(e));
    if (!draft.record) return FAIL(E_INVALID, W("core.draft.no_correction"));
    TRY(record_get(w, c->mem, draft.record, &r));
    json_t *doc = without_private(c->mem, c->a->kind, c->doc ? c->doc : draft.doc);
    for (size_t i = 0; i < c->a->kind->fields.n; i++) {
        const struct field *f = &c->a->kind->fields.v[i];
        const json_t *v = answer_in(c->mem, r.doc, f);
        if (f->is_private && v) json_object_setn(doc, f->id.p, f->id.n, (json_t *)(uintptr_t)v);
    }
    struct act a = *c->a;
    if (!a.actor) TRY(act_actor(w, &a, &r, &a.actor));
    TRY(record_revise(w, c->mem, a.kind, &r, doc, a.actor, a.now_us));
    struct answers_env env = tenant_env(a.tenant, a.now_us);
    TRY(results_keep(w, c->mem, a.kind, &r, &env));
    a.seen_version = 0;
    TRY(life_apply(w, c->mem, &r, &a));
    *c->out = r;
    return sql_draft_remove(w, c->id, NULL);
}

err draft_correct(db *d, arena *mem, int64_t id, const json_t *doc, const struct act *a, struct record *out)
{
    return db_txn(d, correct_in_txn, &(struct correct){mem, id, doc, a, out});
}
