/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A letter sent: its row in the transaction of its cause, its PDF by a job, its end. */
#include "base/said.h"
#include "core/letter.h"

#include <assert.h>

#include "base/hash.h"
#include "base/id.h"
#include "core/account.h"
#include "core/clocks.h"
#include "core/journal.h"
#include "core/mails.h"
#include "core/projection.h"
#include "core/value_list.h"
#include "formats/json.h"
#include "gen/sql/core/letter.sql.h"
#include "process/converter.h"

static struct sent_letter letter_from_row(const struct letter_row *r)
{
    return (struct sent_letter){.id = r->id, .record = r->record, .seq = r->seq, .revision = r->revision, .file = r->file, .at_us = r->at, .kind = r->kind, .template = r->template,
                                .transition = r->transition, .code = r->code, .reference = r->reference, .object = said_in(r->object, LANG_FR), .outcome = r->outcome, .body = r->body, .paper = r->paper,
                                .sha256 = r->sha256, .state = r->state, .reason = r->reason, .changed_us = r->changed, .successor = r->successor, .erased_us = r->erased};
}

static err letter_found(err e, const struct letter_row *row, struct sent_letter *out)
{
    if (e.code == E_NOT_FOUND) return FAIL(E_NOT_FOUND, W("letter.unknown_code"));
    *out = letter_from_row(row);
    return e;
}

err letter_of_code(db *d, arena *mem, str code, struct sent_letter *out)
{
    struct letter_row row = {0};
    return letter_found(sql_letter_by_code(d, mem, code, &row), &row, out);
}

err letter_of_id(db *d, arena *mem, int64_t id, struct sent_letter *out)
{
    struct letter_row row = {0};
    return letter_found(sql_letter_get(d, mem, id, &row), &row, out);
}

err letters_sent(db *d, arena *mem, int64_t record, struct sent_letters *out)
{
    struct letter_row_list rows = {0};
    TRY(sql_letters_of_record(d, mem, record, &rows));
    *out = (struct sent_letters){0};
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out, letter_from_row(&rows.v[i]));
    return NO_ERR;
}

err letters_erase(db *w, int64_t record, int64_t now_us) { return sql_letters_erase(w, record, now_us); }

/* ---- writing one ---- */

struct writing {
    db *w; arena *mem; const struct tenant *tenant; const struct kind *kind; const struct transition *transition; const struct letter *letter;
    const struct record *record; const json_t *asks; const struct who *who; int64_t seq, now_us;
};

static err signature_of(const struct writing *x, int64_t account, struct paper_signature *out)
{
    struct account a = {0};
    if (account) TRY(account_get(x->w, x->mem, account, &a));
    *out = (struct paper_signature){a.forename, a.surname, a.capacity, a.service};
    return NO_ERR;
}

static err person_of(const struct writing *x, str *out)
{
    struct contact c = {0};
    struct account a = {0};
    err e = record_contact(x->w, x->mem, x->record->id, &c, NULL);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    *out = c.name;
    if (out->n || !x->record->author) return NO_ERR;
    e = account_get(x->w, x->mem, x->record->author, &a);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    *out = str_trim(str_fmt(x->mem, "%.*s %.*s", STR_ARG(a.forename), STR_ARG(a.surname)));
    return NO_ERR;
}

static str color_of(const struct tenant *t, const char *path)
{
    str s = json_text(json_path(t->settings, path));
    bool whole = s.n == 7 && s.p[0] == '#';
    for (size_t i = 1; whole && i < s.n; i++) whole = str_find_char(S("0123456789abcdefABCDEF"), s.p[i]) >= 0;
    return whole ? s : STR_NONE;
}

/* In the language of the town, whatever the reader's: a decision is written in French (Constitution, article 2). */
static err paper_fill(const struct writing *x, str code, struct paper *out)
{
    const struct tenant *t = x->tenant;
    struct answers_env env = tenant_env(t, x->now_us);
    struct list_world world = {.d = x->w, .tenant = t, .own_body = x->record->body};
    list_env(&env, &world);
    struct letter_source s = {.tenant = t, .kind = x->kind, .transition = x->transition, .letter = x->letter, .record = x->record, .asks = x->asks,
                              .verify = {letter_address(x->mem, t, code), letter_code_shown(x->mem, code)}, .env = &env, .now_us = x->now_us};
    TRY(person_of(x, &s.person));
    TRY(signature_of(x, x->who->account, &s.author));
    TRY(signature_of(x, x->record->assignee, &s.in_charge));
    TRY(letter_fill(x->mem, &s, out));
    if (!t->address.n) out->verify.address = STR_NONE;
    out->sender.logo = json_text(json_path(t->settings, "logo.name"));
    out->sender.color_main = color_of(t, "colors.action");
    out->sender.color_second = color_of(t, "colors.accent");
    return NO_ERR;
}

static err write(const struct writing *x, int64_t *out_id, str *out_code)
{
    struct paper paper, again;
    str code = letter_code_new(x->mem);
    const struct body *b = tenant_body(x->tenant, x->record->body);
    TRY(paper_fill(x, code, &paper));
    str json = paper_json(x->mem, &paper);
    TRY(paper_read(x->mem, json, &again));      /* what the converter would refuse is refused now, while somebody can mend it */
    *out_id = id_new();
    *out_code = code;
    TRY(sql_letter_add(x->w, *out_id, x->record->id, x->seq, x->kind->name, x->record->revision, x->letter->name, x->transition->name, code, x->record->reference, paper.object,
                       str_of(letter_outcomes[x->letter->outcome]), b ? b->name : x->tenant->name, json, x->now_us));
    return job_add(x->w, S(LETTER_MAKE), str_fmt(x->mem, "%lld", (long long)*out_id), cause_of(x->mem, x->record->id, x->seq), S("letter"), x->now_us);
}

err letter_send(const struct effect_call *c, const struct letter *l)
{
    const struct act *a = c->a;
    struct writing x = {c->w, c->mem, a->tenant, a->kind, c->t, l, c->r, a->asks, a->who, c->cause, a->now_us};
    assert(c->letter);
    return write(&x, &c->letter->id, &c->letter->code);
}

/* ---- the job ---- */

struct made { arena *mem; const struct sent_letter *l; struct blob_ref ref; str name; bool stored; int64_t now_us; };

static err release(db *w, arena *mem, const struct sent_letter *l, int64_t now_us) { return outbox_release(w, cause_of(mem, l->record, l->seq), S("mail:author"), now_us); }

static err made_in_txn(db *w, void *arg)
{
    struct made *m = arg;
    int64_t file = 0, changed = 0;
    if (m->stored) {
        TRY(file_row_put(w, m->mem, m->l->record, str_fmt(m->mem, "letter/%.*s", STR_ARG(id_text(m->mem, m->l->id))), m->name, S("application/pdf"), &m->ref, &file));
        TRY(sql_letter_made(w, m->l->id, file, m->ref.sha256_hex, &changed));
        if (!changed) return FAIL(E_GONE, W("letter.unknown_code"));        /* made by another, or erased meanwhile: the row of the file goes back */
    }
    return release(w, m->mem, m->l, m->now_us);
}

static err seal(const struct letter_press *press, int64_t tenant, arena *mem, str pdf, struct blob_ref *out)
{
    struct blob_writer *w;
    TRY(blob_write_start(press->blobs, tenant, &w));
    err e = blob_write(w, pdf);
    if (e.code == OK) return blob_write_finish(w, mem, out);
    blob_write_abort(w);
    return e;
}

/* The town's logo, if it is still the one that the letter names. */
static str logo_of(arena *mem, const struct tenant *t, const struct paper *p)
{
    str bytes = STR_NONE;
    bool same = p->sender.logo.n && str_eq(p->sender.logo, json_text(json_path(t->settings, "logo.name")));
    if (!same || base64url_parse(mem, json_text(json_path(t->settings, "logo.bytes")), &bytes).code != OK) return STR_NONE;
    return bytes;
}

static err draw(db *d, arena *mem, const struct letter_press *press, const struct sent_letter *l, struct blob_ref *out)
{
    struct paper p;
    str pdf;
    if (!press->converter || !press->blobs) return FAIL(E_BUSY, W("process.busy"));
    TRY(paper_read(mem, l->paper, &p));
    TRY(converter_paper(press->converter, mem, l->paper, logo_of(mem, press->tenant, &p), &pdf));
    return seal(press, db_tenant(d), mem, pdf, out);
}

err letter_make(db *d, arena *mem, const struct job *j, const struct letter_press *press, int64_t now_us)
{
    struct sent_letter l;
    int64_t id;
    TRY(str_i64(j->payload, &id));
    err e = letter_of_id(d, mem, id, &l);
    if (e.code == E_NOT_FOUND || (e.code == OK && l.erased_us)) return NO_ERR;
    TRY(e);
    struct made m = {.mem = mem, .l = &l, .now_us = now_us, .name = str_fmt(mem, "%.*s %.*s.pdf", STR_ARG(l.reference), STR_ARG(date_iso(mem, day_of(press->tenant, l.at_us))))};
    err drawn = NO_ERR;
    if (!l.file) {
        drawn = draw(d, mem, press, &l, &m.ref);
        m.stored = drawn.code == OK;
        if (!m.stored && j->tries < LETTER_HELD_TRIES) return drawn;
    }
    e = db_txn(d, made_in_txn, &m);
    if (e.code == E_GONE) return NO_ERR;
    TRY(e);
    return drawn;
}

/* ---- its end ---- */

struct ending { arena *mem; const struct letter_act *a; struct sent_letter was, next; struct record r; };

err letter_asks(db *d, arena *mem, const struct sent_letter *l, json_t **out)
{
    struct events events = {0};
    *out = json_own(mem, json_object());
    TRY(journal_of(d, mem, l->record, false, &events));
    for (size_t i = 0; i < events.n; i++)
        if (events.v[i].seq == l->seq && events.v[i].asks.n) return doc_read(mem, events.v[i].asks, out);
    return NO_ERR;
}

static err ending_begin(db *w, struct ending *x, const char *verb, str asks, int64_t *out_actor, int64_t *out_seq)
{
    const struct letter_act *a = x->a;
    TRY(letter_of_id(w, x->mem, a->letter, &x->was));
    TRY(record_get(w, x->mem, x->was.record, &x->r));
    TRY(may(a->who, VERB_HANDLE, &x->r));
    if (!str_is(x->was.state, "valid") || x->was.erased_us) return FAIL(E_CONFLICT, W("letter.not_valid"));
    TRY(actor_for_account(w, a->who->account, out_actor));
    struct event e = {.record = x->r.id, .at_us = a->now_us, .actor = *out_actor, .verb = str_of(verb), .from = x->r.state, .to = x->r.state, .words = a->reason, .asks = asks, .for_author = true};
    return journal_add(w, &e, out_seq);
}

static err end(db *w, const struct ending *x, const char *state, int64_t actor, int64_t successor)
{
    int64_t changed;
    TRY(sql_letter_end(w, x->was.id, str_of(state), x->a->now_us, actor, x->a->reason, successor, &changed));
    return changed ? NO_ERR : FAIL(E_CONFLICT, W("letter.not_valid"));
}

static err withdraw_in_txn(db *w, void *arg)
{
    struct ending *x = arg;
    int64_t actor, seq;
    TRY(ending_begin(w, x, "letter_withdrawn", STR_NONE, &actor, &seq));
    TRY(end(w, x, "withdrawn", actor, 0));
    return mail_letter(w, x->mem, &(struct letter_mail){.tenant = x->a->tenant, .kind = x->a->kind, .record = &x->r, .object = x->was.object, .sent_us = x->was.at_us, .reason = x->a->reason}, seq, x->a->now_us);
}

static err replace_in_txn(db *w, void *arg)
{
    struct ending *x = arg;
    const struct letter_act *a = x->a;
    int64_t actor, seq;
    TRY(ending_begin(w, x, "letter_replaced", doc_write(x->mem, a->asks), &actor, &seq));
    const struct transition *t = kind_transition(a->kind, x->was.transition);
    const struct letter *l = kind_letter(a->kind, x->was.template);
    if (!t || !l) return FAIL(E_INVALID, W("letter.no_template"));
    struct writing one = {w, x->mem, a->tenant, a->kind, t, l, &x->r, a->asks, a->who, seq, a->now_us};
    int64_t id;
    str code;
    TRY(write(&one, &id, &code));
    TRY(end(w, x, "replaced", actor, id));
    TRY(letter_of_id(w, x->mem, id, &x->next));
    struct letter_mail m = {.tenant = a->tenant, .kind = a->kind, .record = &x->r, .object = x->was.object, .sent_us = x->was.at_us, .reason = a->reason, .code = code};
    return mail_letter(w, x->mem, &m, seq, a->now_us);
}

/* A COMMIT whose answer was lost, run again: the first run did it. */
static err ended(db *d, struct ending *x, err e)
{
    if (e.code != E_CONFLICT) return e;
    struct sent_letter now;
    TRY(letter_of_id(d, x->mem, x->a->letter, &now));
    if (now.changed_us != x->a->now_us || !str_eq(now.reason, x->a->reason)) return e;
    return now.successor ? letter_of_id(d, x->mem, now.successor, &x->next) : NO_ERR;
}

err letter_withdraw(db *d, arena *mem, const struct letter_act *a)
{
    struct ending x = {.mem = mem, .a = a};
    if (!str_trim(a->reason).n) return FAIL_AT(E_INVALID, W("letter.reason_missing"), "reason");
    return ended(d, &x, db_txn(d, withdraw_in_txn, &x));
}

err letter_replace(db *d, arena *mem, const struct letter_act *a, struct sent_letter *out)
{
    struct ending x = {.mem = mem, .a = a};
    if (!str_trim(a->reason).n) return FAIL_AT(E_INVALID, W("letter.reason_missing"), "reason");
    TRY(ended(d, &x, db_txn(d, replace_in_txn, &x)));
    *out = x.next;
    return NO_ERR;
}
