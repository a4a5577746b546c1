/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One dossier, as agents handle it; and the counter, where an agent files for somebody who is there. */
#include "site/desk.h"

#include <string.h>

#include "base/id.h"
#include "base/said.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/clocks.h"
#include "core/inbox.h"
#include "core/model.h"
#include "core/related.h"
#include "core/form_paper.h"
#include "core/returns.h"
#include "facets/thread.h"
#include "gen/html/site/assign.html.h"
#include "gen/html/site/counter.html.h"
#include "gen/html/site/dossier.html.h"
#include "formats/json.h"
#include "pages/why.h"
#include "pages/public.h"
#include "pages/upload.h"
#include "view/clean.h"

err desk_get(struct req *q, enum verb v, struct held *h)
{
    *h = (struct held){0};
    TRY(record_by_reference(q->db, q->mem, param(q, "ref"), &h->record));
    TRY(may(q->who, v, &h->record));
    h->reference = h->record.reference;
    TRY(files_of(q->db, q->mem, h->record.id, &h->files));
    TRY(kinds_get(q->app->kinds, q->db, h->record.kind, h->record.revision, &h->kind));
    held_env(q, h);
    h->world.own_body = h->record.body;
    reply_private(q);
    return NO_ERR;
}

static void answers_fill(struct req *q, struct held *h, struct page_dossier *p)
{
    struct answer_lines lines = answers_lines(q->mem, h->kind, h->record.doc, &h->env, false, true);
    for (size_t i = 0; i < lines.n; i++) {
        const struct answer_line *l = &lines.v[i];
        struct answer_row row = {.label = l->label, .text = l->text, .is_heading = l->is_heading};
        if (l->text.n) row.why = why_url(q, h, true, l);
        for (size_t j = 0; j < l->file_ids.n; j++) {
            struct answer_file f;
            if (!h->env.file(h->env.file_arg, l->file_ids.v[j], &f)) continue;
            struct url at = URL(q->mem, "/agents/dossiers/{}/fichiers/{}", h->reference, l->file_ids.v[j]);
            bool drawn = str_is(f.type, "image/jpeg") || str_is(f.type, "image/png") || str_is(f.type, "image/webp");
            PUSH(q->mem, &row.files, (struct answer_file_link){.name = f.name, .size = words_size(q->mem, q->lang, f.size_bytes), .at = at, .thumb = drawn ? at : (struct url){0}});
        }
        PUSH(q->mem, l->field && l->field->is_private ? &p->annotations.rows : &p->answers.rows, row);
    }
}

enum { RELATED_MOST = 10 };

/* The other dossiers of the same person, as far as this agent may see them. */
static err related_fill(struct req *q, const struct record *r, const struct person_key *who, struct page_dossier *p)
{
    struct records found;
    TRY(related_records(q->db, q->mem, q->who, r->id, who, RELATED_MOST, &found));
    for (size_t i = 0; i < found.n; i++) {
        const struct record *o = &found.v[i];
        const struct kind *k = NULL;
        if (kinds_get(q->app->kinds, q->db, o->kind, o->revision, &k).code != OK) k = NULL;
        const struct state *s = k ? kind_state(k, o->state) : NULL;
        PUSH(q->mem, &p->related, (struct found_dossier){.title = said_in(o->title, LANG_FR), .reference = o->reference, .kind = k ? text_in(&k->title, q->lang) : o->kind,
            .state = s ? text_in(&s->title, q->lang) : o->state, .tone = s ? s->tone : S("moving"), .at = URL(q->mem, "/agents/dossiers/{}", o->reference), .filed_us = o->created_us});
    }
    return NO_ERR;
}

static err people_fill(struct req *q, const struct record *r, struct page_dossier *p)
{
    struct account a;
    struct contact c = {0};
    enum lang lang;
    struct absence away;
    if (r->assignee && account_get(q->db, q->mem, r->assignee, &a).code == OK) p->assignee = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a.forename), STR_ARG(a.surname)));
    if (r->assignee && absence_of(q->db, q->mem, r->assignee, day_of(q->tenant, clock_now_us()), &away).code == OK)
        p->absent = words_fill(q->mem, q->lang, W("desk.absent"), "day", words_date(q->mem, q->lang, away.last_day), "name", away.stand_in_name, NULL);
    if (r->author && account_get(q->db, q->mem, r->author, &a).code == OK) {
        p->contact_name = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(a.forename), STR_ARG(a.surname)));
        p->contact_mail = a.email;
        return related_fill(q, r, &(struct person_key){.account = r->author, .email = a.email}, p);
    }
    err e = record_contact(q->db, q->mem, r->id, &c, &lang);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    p->contact_name = c.name;
    p->contact_mail = c.email;
    return related_fill(q, r, &(struct person_key){.account = r->author, .email = c.email, .name = c.name, .birth_date = c.birth_date}, p);
}

/* Mails that came back from their address: whoever handles the dossier must reach them otherwise. */
static err mail_back_fill(struct req *q, struct page_dossier *p)
{
    struct return_line back;
    TRY(return_of(q->db, q->mem, p->contact_mail, &back));
    if (!back.address.n) return NO_ERR;
    str why = words(q->lang, mail_reason(back.status.n ? back.status : back.why)->key);
    p->mail_back = words_fill(q->mem, q->lang, W("desk.mail_back"), "mail", p->contact_mail, "why", why, NULL);
    return NO_ERR;
}

static bool has_private(const struct kind *k)
{
    for (size_t i = 0; i < k->fields.n; i++)
        if (k->fields.v[i].is_private) return true;
    return false;
}

static void annotations_draw(struct req *q, struct held *h, struct page_dossier *p, const struct answer_faults *faults)
{
    if (!has_private(h->kind)) return;
    buf *b = page_buf(q, 1 << 20);
    struct form_draw draw = {.out = b, .mem = q->mem, .env = &h->env, .kind = h->kind, .doc = h->record.doc, .rich = clean_rich, .faults = faults,
                             .base_url = str_fmt(q->mem, "/agents/dossiers/%.*s", STR_ARG(h->reference))};
    form_draw_private(&draw);
    p->annotation_fields = html_safe(buf_str(b));
    p->annotate = URL(q->mem, "/agents/dossiers/{}/annotations", h->reference);
}

str channel_words(struct req *q, str channel)
{
    return words(q->lang, str_is(channel, "counter") ? W("desk.channel.counter") : str_is(channel, "api") ? W("desk.channel.api") :
                          str_is(channel, "paper") ? W("desk.channel.paper") : W("desk.channel.web"));
}

/* Which date it is: the end of the period, the answer awaited from the author, or one that an agent set. */
static str due_words(struct req *q, const struct record *r, const struct state *s)
{
    if (r->due_us == r->silence_us) return words(q->lang, W("desk.due_silence"));
    return words(q->lang, s && str_is(s->tone, "citizen") ? W("desk.due_answer") : W("desk.due_set"));
}

/* A model is chosen by its place in the list: a procedure's own have no id. */
static err models_fill(struct req *q, const struct held *h, struct page_dossier *p)
{
    struct models all;
    TRY(models_for(q->db, q->mem, h->kind, &h->record, q->lang, &all));
    str chosen = field(q, "model");
    for (size_t i = 0; i < all.n; i++) {
        str value = all.v[i].id ? id_text(q->mem, all.v[i].id) : str_fmt(q->mem, "own-%zu", i);
        PUSH(q->mem, &p->models, (struct choice){.value = value, .label = all.v[i].title, .hint = all.v[i].words, .is_chosen = str_eq(chosen, value)});
    }
    return NO_ERR;
}

static err dossier_page(struct req *q, struct held *h, struct page_dossier *p, str failed, const json_t *asks, const struct answer_faults *faults)
{
    const struct record *r = &h->record;
    const struct state *s = kind_state(h->kind, r->state);
    struct receipt receipt;
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_READ, r->id, STR_NONE, clock_now_us()));
    p->title = r->title;
    p->kind_title = text_in(&h->kind->title, q->lang);
    p->reference = r->reference;
    p->state = s ? text_in(&s->title, q->lang) : r->state;
    p->tone = s ? s->tone : S("moving");
    p->channel = channel_words(q, r->channel);
    p->filed_us = r->created_us;
    p->due_us = r->due_us;
    p->due_label = due_words(q, r, s);
    p->version = r->version;
    TRY(people_fill(q, r, p));
    TRY(mail_back_fill(q, p));
    answers_fill(q, h, p);
    if (may(q->who, VERB_HANDLE, r).code == OK) {
        annotations_draw(q, h, p, failed.n ? NULL : faults);
        TRY(act_choices_of(q, h->kind, r, str_fmt(q->mem, "/agents/dossiers/%.*s", STR_ARG(r->reference)), &h->env, failed, asks, faults, &p->acts));
        p->assign = URL(q->mem, "/agents/dossiers/{}/confier", h->reference);
        if (!p->models.n) TRY(models_fill(q, h, p));
    }
    p->no_mail = !p->contact_mail.n;
    TRY(event_lines_of(q, h->kind, r->id, false, &p->events, &p->decision, &p->has_decision));
    TRY(message_lines_of(q, r->id, false, &p->messages));
    TRY(letter_lines_of(q, r->id, str_fmt(q->mem, "/agents/dossiers/%.*s", STR_ARG(r->reference)), &p->letters));
    TRY(receipt_of(q->mem, q->tenant, h->kind, r, q->lang, &receipt));
    p->silence_words = receipt.silence_words;
    p->decision.appeal = receipt.appeal;
    p->message = URL(q->mem, "/agents/dossiers/{}/messages", r->reference);
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.scripts |= SCRIPT_FORM;
    for (size_t i = 0; i < h->kind->facets.n; i++)
        if (str_is(h->kind->facets.v[i], "place")) p->l.scripts |= SCRIPT_MAP;
    if (p->l.scripts & SCRIPT_MAP) map_allow(q);
    return page_dossier(q, p);
}

static err get_dossier(struct req *q)
{
    struct held h;
    struct page_dossier p = {0};
    TRY(desk_get(q, VERB_SEE, &h));
    if (str_is(query(q, "fait"), "1")) p.l.notice = words(q->lang, W("desk.done")), p.l.notice_tone = S("done");
    return dossier_page(q, &h, &p, STR_NONE, NULL, NULL);
}

static err done(struct req *q, const struct held *h) { return reply_redirect(q, url_str(URL(q->mem, "/agents/dossiers/{}?fait=1", h->reference))); }

/* CRPA L212-1: what the account of who decides lacks, and where it is mended. */
static struct link account_fault(struct req *q, err e)
{
    bool mends = who_has(q->who, ROLE_ADMIN, 0, 0, STR_NONE);
    str said = str_fmt(q->mem, "%.*s %s. %.*s", STR_ARG(words(q->lang, e.msg)), e.at, STR_ARG(words(q->lang, mends ? W("letter.mend") : W("letter.mend_ask"))));
    return (struct link){.label = said, .at = mends ? URL(q->mem, "/admin/comptes/{}", id_text(q->mem, q->who->account)) : URL_LIT("/compte")};
}

static err post_act(struct req *q)
{
    struct held h;
    struct page_dossier p = {0};
    TRY(desk_get(q, VERB_HANDLE, &h));
    const struct transition *t = kind_transition(h.kind, param(q, "act"));
    if (!t || !(t->by & (BY_AGENT | BY_ADMIN))) return FAIL(E_NOT_FOUND, "desk.no_act");
    struct answer_faults faults = {0};
    json_t *asks;
    struct fields fields = life_asks(q->mem, t, h.kind, &h.record);
    TRY(answers_read_fields(&fields, q->mem, form_typed, q, &h.env, &asks, &faults));
    if (faults.n) {
        for (size_t i = 0; i < faults.n; i++) PUSH(q->mem, &p.faults, fault_link(q, &faults.v[i], URL(q->mem, "#{}-{}", t->name, faults.v[i].path)));
        p.l.status = 422;
        return dossier_page(q, &h, &p, t->name, asks, &faults);
    }
    int64_t seen = 0;
    if (str_i64(field(q, "version"), &seen).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "version");
    struct act a = {.who = q->who, .kind = h.kind, .tenant = q->tenant, .transition = t->name, .asks = asks, .seen_version = seen, .now_us = clock_now_us()};
    err e = life_act(q->db, q->mem, &h.record, &a);
    if (e.code == OK) return done(q, &h);
    if (e.code != E_CONFLICT && e.code != E_INVALID) return e;
    bool unsigned_by = e.code == E_INVALID && strcmp(e.msg, "letter.author_lacks") == 0;
    if (unsigned_by) PUSH(q->mem, &p.faults, account_fault(q, e));
    /* Somebody was quicker: show the dossier as it is now, say what was done, keep what this agent wrote. */
    str said = unsigned_by ? STR_NONE : str_fmt(q->mem, "%.*s %s", STR_ARG(words(q->lang, e.msg)), e.at ? e.at : "");
    TRY(desk_get(q, VERB_HANDLE, &h));
    p.conflict = said;
    p.l.status = e.code == E_CONFLICT ? 409 : 422;
    return dossier_page(q, &h, &p, t->name, asks, NULL);
}

struct annotation { struct req *q; struct held *h; json_t *doc; };

/* The chosen model, filled in for this dossier, after what is written already. Nothing is sent. */
static err model_insert(struct req *q, struct held *h)
{
    struct page_dossier p = {.said = field(q, "words")};
    struct account agent = {0};
    TRY(people_fill(q, &h->record, &p));
    p.related.n = 0;
    TRY(models_fill(q, h, &p));
    TRY(account_get(q->db, q->mem, q->who->account, &agent));
    struct model_about about = {.tenant = q->tenant, .kind = h->kind, .record = &h->record, .person = p.contact_name, .capacity = agent.capacity, .service = agent.service,
                                .agent = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(agent.forename), STR_ARG(agent.surname))), .lang = q->tenant->lang, .now_us = clock_now_us()};
    for (size_t i = 0; i < p.models.n; i++) {
        if (!p.models.v[i].is_chosen) continue;
        str more = model_fill(q->mem, p.models.v[i].hint, &about);
        p.said = p.said.n ? str_fmt(q->mem, "%.*s\n\n%.*s", STR_ARG(p.said), STR_ARG(more)) : more;
    }
    return dossier_page(q, h, &p, STR_NONE, NULL, NULL);
}

static err post_message(struct req *q)
{
    struct held h;
    TRY(desk_get(q, VERB_HANDLE, &h));
    if (str_is(field(q, "do"), "model")) return model_insert(q, &h);
    struct post post = {.who = q->who, .tenant = q->tenant, .kind = h.kind, .record = h.record.id, .is_note = str_is(field(q, "do"), "note"),
                        .words = str_trim(field(q, "words")), .now_us = clock_now_us()};
    err e = thread_post(q->db, q->mem, &post, &(int64_t){0});
    if (e.code == E_INVALID) {
        struct page_dossier p = {.l.status = 422, .said = post.words};
        PUSH(q->mem, &p.faults, (struct link){.label = words(q->lang, e.msg), .at = URL_LIT("#words")});
        return dossier_page(q, &h, &p, STR_NONE, NULL, NULL);
    }
    TRY(e);
    return done(q, &h);
}

static err annotate_in_txn(db *w, void *arg)
{
    struct annotation *x = arg;
    int64_t actor;
    TRY(actor_for_account(w, x->q->who->account, &actor));
    struct record r = x->h->record;
    return record_revise(w, x->q->mem, x->h->kind, &r, x->doc, actor, clock_now_us());
}

static err post_annotations(struct req *q)
{
    struct held h;
    struct page_dossier p = {0};
    TRY(desk_get(q, VERB_HANDLE, &h));
    struct answer_faults faults = {0};
    json_t *doc;
    TRY(answers_read_private(h.kind, q->mem, h.record.doc, form_typed, q, &h.env, &doc, &faults));
    if (faults.n) {
        for (size_t i = 0; i < faults.n; i++) PUSH(q->mem, &p.faults, fault_link(q, &faults.v[i], URL(q->mem, "#{}", faults.v[i].path)));
        p.l.status = 422;
        return dossier_page(q, &h, &p, STR_NONE, NULL, &faults);
    }
    if (str_i64(field(q, "version"), &h.record.version).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "version");
    err e = db_txn(q->db, annotate_in_txn, &(struct annotation){q, &h, doc});
    if (e.code == OK) return done(q, &h);
    if (e.code != E_CONFLICT) return e;
    /* Somebody was quicker: the dossier as it is now, under what this agent wrote. */
    TRY(desk_get(q, VERB_HANDLE, &h));
    TRY(answers_read_private(h.kind, q->mem, h.record.doc, form_typed, q, &h.env, &h.record.doc, &faults));
    p.conflict = str_fmt(q->mem, "%.*s %s", STR_ARG(words(q->lang, e.msg)), e.at ? e.at : "");
    p.l.status = 409;
    return dossier_page(q, &h, &p, STR_NONE, NULL, NULL);
}

/* ---- to whom it is given ---- */

static err assign_page(struct req *q, struct held *h, struct page_assign *p, int status)
{
    struct accounts able;
    const struct record *r = &h->record;
    TRY(assignable(q->db, q->mem, r->body, r->team, r->kind, &able));
    PUSH(q->mem, &p->agents, (struct choice){.value = S("0"), .label = words(q->lang, W("desk.nobody")), .is_chosen = !r->assignee});
    for (size_t i = 0; i < able.n; i++)
        PUSH(q->mem, &p->agents, (struct choice){.value = id_text(q->mem, able.v[i].id), .is_chosen = able.v[i].id == r->assignee,
            .label = str_trim(str_fmt(q->mem, "%.*s %.*s", STR_ARG(able.v[i].forename), STR_ARG(able.v[i].surname))), .hint = able.v[i].service});
    p->title = r->title, p->reference = r->reference, p->version = r->version;
    p->action = URL(q->mem, "/agents/dossiers/{}/confier", h->reference);
    p->back = URL(q->mem, "/agents/dossiers/{}", h->reference);
    p->l = (struct layout){.is_desk = true, .no_index = true, .status = status};
    return page_assign(q, p);
}

static err get_assign(struct req *q)
{
    struct held h;
    TRY(desk_get(q, VERB_HANDLE, &h));
    return assign_page(q, &h, &(struct page_assign){0}, 200);
}

struct assigning { struct req *q; struct held *h; struct assign a; };
static err assign_in_txn(db *w, void *arg)
{
    struct assigning *x = arg;
    struct record r = x->h->record;
    return record_assign(w, x->q->mem, &x->a, &r);
}

static err post_assign(struct req *q)
{
    struct held h;
    struct page_assign p = {0};
    TRY(desk_get(q, VERB_HANDLE, &h));
    struct assigning x = {q, &h, {.who = q->who, .tenant = q->tenant, .kind = h.kind, .now_us = clock_now_us()}};
    if (!str_is(field(q, "agent"), "0")) TRY(id_parse(field(q, "agent"), &x.a.to));
    if (str_i64(field(q, "version"), &x.a.seen_version).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "version");
    err e = db_txn(q->db, assign_in_txn, &x);
    if (e.code == OK) return done(q, &h);
    if (e.code != E_CONFLICT && e.code != E_INVALID) return e;
    TRY(desk_get(q, VERB_HANDLE, &h));
    PUSH(q->mem, &p.faults, (struct link){.label = str_fmt(q->mem, "%.*s %s", STR_ARG(words(q->lang, e.msg)), e.code == E_CONFLICT && e.at ? e.at : ""), .at = URL_LIT("#agent")});
    return assign_page(q, &h, &p, e.code == E_CONFLICT ? 409 : 422);
}

static err get_file(struct req *q)
{
    struct held h;
    int64_t id;
    TRY(desk_get(q, VERB_SEE, &h));
    TRY(param_id(q, "file", &id));
    TRY(audit_later(q->app->audit, q->db, q->who->account, AUDIT_FILE, h.record.id, str_fmt(q->mem, "%lld", (long long)id), clock_now_us()));
    return file_send(q, &h, id);
}

/* ---- the counter: any agent takes down what somebody who is there asks, whoever will handle it ---- */
static err at_counter(struct req *q) { return may_some(q->who, VERB_HANDLE) ? NO_ERR : FAIL(E_DENIED, "rights.denied"); }

static err get_counter(struct req *q)
{
    struct page_counter p = {.l = {.is_desk = true, .no_index = true}};
    struct kind_rows rows = {0};
    TRY(at_counter(q));
    TRY(kinds_offered(q->app->kinds, q->db, q->mem, q->tenant, &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i].offer == OFFER_HERE)
            PUSH(q->mem, &p.kinds, (struct link){.label = kind_row_title(q->app->kinds, q->db, &rows.v[i], q->lang), .at = URL(q->mem, "/agents/guichet/{}", rows.v[i].slug),
                .hint = rows.v[i].revision ? form_edition(q->mem, q->lang, rows.v[i].number, rows.v[i].revision) : STR_NONE});
    return page_counter(q, &p);
}

static err post_counter(struct req *q)
{
    struct kind_row row;
    const struct kind *k;
    TRY(at_counter(q));
    TRY(kind_offered(q->app->kinds, q->db, q->mem, q->tenant, param(q, "slug"), &row));
    TRY(kind_filed_here(&row));
    TRY(kinds_get(q->app->kinds, q->db, row.name, row.revision, &k));
    return filling_begin(q, k, row.body, "counter");
}

const struct route desk_routes[] = {
    {GET, "/agents/dossiers/:ref", RIGHT_AGENT, get_dossier, "a dossier as agents handle it", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/actes/:act", RIGHT_AGENT, post_act, "an act: take, ask for a correction, decide…", 0, NULL, NULL},
    {GET, "/agents/dossiers/:ref/confier", RIGHT_AGENT, get_assign, "to whom a dossier may be given", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/confier", RIGHT_AGENT, post_assign, "gives a dossier to an agent, or to nobody", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/messages", RIGHT_AGENT, post_message, "a message to the author, a note between agents; or a model put into the box", 0, NULL, NULL},
    {POST, "/agents/dossiers/:ref/annotations", RIGHT_AGENT, post_annotations, "the agents' own fields", 0, NULL, NULL},
    {GET, "/agents/dossiers/:ref/fichiers/:file", RIGHT_AGENT, get_file, "a file of the dossier", 0, NULL, NULL},
    {GET, "/agents/guichet", RIGHT_AGENT, get_counter, "procedures that can be filed at the counter", 0, NULL, NULL},
    {POST, "/agents/guichet/:slug", RIGHT_AGENT, post_counter, "begins a dossier for somebody who is there", 0, NULL, NULL},
    {0}};
