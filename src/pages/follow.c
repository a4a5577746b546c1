/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "pages/follow.h"

#include "base/id.h"
#include "core/list.h"
#include "core/projection.h"
#include "formats/json.h"
#include "gen/html/pages/find.html.h"
#include "gen/html/pages/follow.html.h"
#include "pages/upload.h"
#include "view/clean.h"

/* ---- finding it again ---- */
static err draft_line(struct req *q, const struct draft *d, struct mines *out)
{
    const struct kind *k;
    TRY(kinds_get(q->app->kinds, q->db, d->kind, d->revision, &k));
    PUSH(q->mem, out, (struct mine){.title = text_in(&k->title, q->lang), .reference = d->reference, .state = words(q->lang, W("follow.draft")), .tone = S("citizen"),
                                    .at = URL(q->mem, "/dossiers/{}/remplir/1", d->reference), .updated_us = d->updated_us});
    return NO_ERR;
}

static err record_line(struct req *q, const struct record *r, struct mines *out)
{
    const struct kind *k;
    TRY(kinds_get(q->app->kinds, q->db, r->kind, r->revision, &k));
    const struct state *s = kind_state(k, r->state);
    PUSH(q->mem, out, (struct mine){.title = r->title, .reference = r->reference, .state = s ? text_in(&s->title, q->lang) : r->state, .tone = s ? s->tone : S("moving"),
                                    .at = URL(q->mem, "/dossiers/{}", r->reference), .updated_us = r->updated_us});
    return NO_ERR;
}

/* What this device opens without asking: each with the way to leave it. */
static err here_fill(struct req *q, struct mines *out)
{
    struct pairs held = held_here(q);
    struct strs tokens = {0};
    int64_t *ids = NEW_N(q->mem, int64_t, held.n ? held.n : 1);
    for (size_t i = 0; i < held.n; i++) PUSH(q->mem, &tokens, held.v[i].value);
    TRY(draft_tokens_hold(q->db, q->mem, tokens, ids));
    for (size_t i = 0; i < held.n; i++) {
        struct record r;
        struct draft d;
        if (!ids[i]) continue;
        str reference = letters_normalise(q->mem, held.v[i].name);
        size_t had = out->n;
        err e = record_by_reference(q->db, q->mem, reference, &r);
        if (e.code == OK && r.id == ids[i]) TRY(record_line(q, &r, out));
        if (e.code == E_NOT_FOUND) {
            e = draft_by_reference(q->db, q->mem, reference, &d);
            if (e.code == OK && d.id == ids[i]) TRY(draft_line(q, &d, out));
        }
        if (e.code != OK && e.code != E_NOT_FOUND) return e;
        if (out->n > had) out->v[had].leave = URL(q->mem, "/dossiers/{}/quitter", reference);
    }
    if (out->n) reply_private(q);
    return NO_ERR;
}

static err mine_fill(struct req *q, struct page_find *p)
{
    TRY(here_fill(q, &p->here));
    if (!q->who->account) return NO_ERR;
    struct drafts drafts = {0};
    TRY(drafts_of(q->db, q->mem, q->who->account, &drafts));
    for (size_t i = 0; i < drafts.n; i++) TRY(draft_line(q, &drafts.v[i], &p->mine));
    struct list_query l = {.who = q->who, .verb = VERB_SEE, .author = q->who->account, .sort = LIST_UPDATED, .limit = 100, .now_us = clock_now_us()};
    struct list_page page = {0};
    TRY(list_run(q->db, q->mem, &l, &page));
    for (size_t i = 0; i < page.rows.n; i++) TRY(record_line(q, &page.rows.v[i], &p->mine));
    return NO_ERR;
}

static err find_page(struct req *q, struct page_find *p, int status)
{
    TRY(mine_fill(q, p));
    p->l.status = status;
    p->l.no_index = true;
    return page_find(q, p);
}

static err get_find(struct req *q)
{
    struct page_find p = {0};
    str left = query(q, "quitte");
    if (str_is(left, "efface")) p.l.notice = words(q->lang, W("follow.left_erased"));
    if (str_is(left, "garde")) p.l.notice = words(q->lang, W("follow.left_kept"));
    if (str_is(left, "depose")) p.l.notice = words(q->lang, W("follow.left_filed"));
    if (str_is(left, "correction")) p.l.notice = words(q->lang, W("follow.left_correction"));
    return find_page(q, &p, 200);
}

static err post_find(struct req *q)
{
    struct page_find p = {.reference = field(q, "reference"), .code = field(q, "code"), .second = field(q, "second")};
    str reference = letters_normalise(q->mem, p.reference);
    TRY(limit_take(q, "find", 10, 10));
    if (reference.n) TRY(limit_take_for(q, "find", reference, 5, 5));
    str token;
    struct draft d;
    err e = draft_by_code(q->db, q->mem, p.reference, p.code, p.second, &d);
    if (e.code == OK) {
        TRY(draft_token_new(q->db, q->mem, d.id, &token));
        held_keep(q, d.reference, token);
        return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}/remplir/{}", d.reference, str_fmt(q->mem, "%zu", d.page_reached + 1))));
    }
    if (e.code != E_NOT_FOUND) return e;
    struct record r;
    e = record_open_by_code(q->db, q->mem, p.reference, p.code, p.second, &r);
    if (e.code == OK) {
        TRY(draft_token_new(q->db, q->mem, r.id, &token));
        held_keep(q, r.reference, token);
        return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}", r.reference)));
    }
    if (e.code != E_NOT_FOUND) return e;
    p.said = words(q->lang, W("follow.not_found"));
    p.code = STR_NONE;
    return find_page(q, &p, 422);
}

/* ---- history, messages, acts ---- */
err event_lines_of(struct req *q, const struct kind *k, int64_t record, bool author_view, struct part_timeline *out, struct decision_shown *decision, bool *has_decision)
{
    struct events events = {0};
    TRY(journal_of(q->db, q->mem, record, author_view, &events));
    *has_decision = false;
    for (size_t i = 0; i < events.n; i++) {
        const struct event *e = &events.v[i];
        const struct transition *t = kind_transition(k, e->verb);
        str what = event_title(k, e->verb, q->lang);
        const struct state *to = e->to.n ? kind_state(k, e->to) : NULL;
        if (!what.n && to) what = text_in(&to->title, q->lang);
        str said = e->erased_us ? words_fill(q->mem, q->lang, W("follow.erased"), "date", words_date_us(q->mem, q->lang, e->erased_us, q->tenant->zone), NULL) : e->words;
        PUSH(q->mem, &out->items, (struct moment){.at_us = e->at_us, .title = what, .who = e->actor_name, .text = said, .tone = i + 1 < events.n ? S("done") : to && to->is_final ? to->tone : S("current")});
        if (t && t->decision && to && to->is_final) {
            *has_decision = true;
            *decision = (struct decision_shown){.outcome = text_in(&to->title, q->lang), .author = e->actor_name, .capacity = e->actor_capacity,
                                                .service = e->actor_service, .words = e->words, .at_us = e->at_us};
            json_t *asks;
            TRY(doc_read(q->mem, e->asks, &asks));
            decision->reasons_law = said_in(json_str(asks, "reason_in_law"), LANG_FR);
            decision->reasons_fact = said_in(json_str(asks, "reason_in_fact"), LANG_FR);
            if (decision->reasons_law.n || decision->reasons_fact.n) decision->words = STR_NONE;
        }
        if (to && !to->is_final) *has_decision = false;          /* reopened since */
    }
    return NO_ERR;
}

err message_lines_of(struct req *q, int64_t record, bool author_view, struct part_thread *out)
{
    struct messages m = {0};
    struct files files = {0};
    TRY(thread_of(q->db, q->mem, record, !author_view, &m));
    if (m.n) TRY(files_of(q->db, q->mem, record, &files));
    for (size_t i = 0; i < m.n; i++) {
        const struct message *x = &m.v[i];
        str who = x->from_author ? words(q->lang, author_view ? W("follow.you") : W("follow.author")) : x->name;
        struct message_line line = {.at_us = x->created_us, .who = who, .body = clean_text(q->mem, x->words), .is_mine = x->from_author == author_view, .is_note = x->is_note};
        for (size_t j = 0; j < files.n; j++) {
            const struct file *f = &files.v[j];
            if (!message_file_of(f->field_path, x->id)) continue;
            str id = id_text(q->mem, f->id);
            struct url at = author_view ? URL(q->mem, "/dossiers/{}/fichiers/{}", param(q, "ref"), id) : URL(q->mem, "/agents/dossiers/{}/fichiers/{}", param(q, "ref"), id);
            PUSH(q->mem, &line.files, (struct answer_file_link){.name = f->name, .size = words_size(q->mem, q->lang, f->size_bytes), .at = at});
        }
        PUSH(q->mem, &out->items, line);
    }
    return NO_ERR;
}

err act_choices_of(struct req *q, const struct kind *k, const struct record *r, str base, struct answers_env *env, str failed,
                   const json_t *asks, const struct answer_faults *faults, struct act_choices *out)
{
    struct transition_refs refs = life_choices(q->mem, q->who, q->tenant, k, r, env->now_us);
    for (size_t i = 0; i < refs.n; i++) {
        const struct transition *t = refs.v[i];
        struct act_choice c = {.name = t->name, .title = text_in(&t->title, q->lang), .before = text_in(&t->before, q->lang)};
        c.action = (struct url){0};
        str where = str_fmt(q->mem, "%.*s/actes/%.*s", STR_ARG(base), STR_ARG(t->name));
        c.action = url_web(where);
        bool is_failed = str_eq(failed, t->name);
        buf *b = page_buf(q, 1 << 20);
        struct form_draw draw = {.out = b, .mem = q->mem, .env = env, .kind = k, .doc = is_failed && asks ? asks : json_own(q->mem, json_object()), .faults = is_failed ? faults : NULL, .rich = clean_rich,
                                 .base_url = base, .id_prefix = str_fmt(q->mem, "%.*s-", STR_ARG(t->name)), .typed = is_failed ? form_typed : NULL, .typed_arg = q};
        struct fields fields = life_asks(q->mem, t, k, r);
        form_draw_fields(&draw, &fields, S(""));
        c.asks = html_safe(buf_str(b));
        c.is_open = is_failed;
        c.is_danger = str_is(t->name, "refuse") || str_is(t->name, "close") || str_is(t->name, "withdraw");
        PUSH(q->mem, out, c);
    }
    return NO_ERR;
}

err correction_asked(struct req *q, int64_t record, str *out)
{
    struct events events = {0};
    *out = STR_NONE;
    TRY(journal_of(q->db, q->mem, record, true, &events));
    for (size_t i = 0; i < events.n; i++) {
        if (!str_is(events.v[i].verb, "ask_correction")) continue;
        json_t *asks;
        TRY(doc_read(q->mem, events.v[i].asks, &asks));
        str message = json_str(asks, "message"), missing = json_str(asks, "missing_items");
        *out = missing.n ? str_fmt(q->mem, "%.*s\n%.*s", STR_ARG(message), STR_ARG(missing)) : message;
    }
    return NO_ERR;
}

/* ---- the author's page ---- */
static err follow_page(struct req *q, struct held *h, struct page_follow *p)
{
    const struct record *r = &h->record;
    const struct state *s = kind_state(h->kind, r->state);
    p->kind_title = text_in(&h->kind->title, q->lang);
    p->title = str_eq(r->title, p->kind_title) ? STR_NONE : r->title;
    p->reference = r->reference;
    p->state = s ? text_in(&s->title, q->lang) : r->state;
    p->tone = s ? s->tone : S("moving");
    p->is_final = s && s->is_final;
    if (held_token(q).n) p->quit = URL(q->mem, "/dossiers/{}/quitter", r->reference);
    p->filed_us = r->created_us;
    p->due_us = r->due_us;
    TRY(draw_lines(q, h, r->doc, false, &p->answers));
    TRY(event_lines_of(q, h->kind, r->id, true, &p->events, &p->decision, &p->has_decision));
    TRY(message_lines_of(q, r->id, true, &p->messages));
    TRY(letter_lines_of(q, r->id, str_fmt(q->mem, "/dossiers/%.*s", STR_ARG(r->reference)), &p->letters));
    struct who author = *q->who;
    author.holds_record = r->id;
    const struct who *was = q->who;
    q->who = &author;
    err e = act_choices_of(q, h->kind, r, str_fmt(q->mem, "/dossiers/%.*s", STR_ARG(r->reference)), &h->env, STR_NONE, NULL, NULL, &p->acts);
    q->who = was;
    TRY(e);
    size_t n = 0;
    for (size_t i = 0; i < p->acts.n; i++)
        if (str_is(p->acts.v[i].name, "correct")) p->correct = URL(q->mem, "/dossiers/{}/corriger", r->reference);
        else p->acts.v[n++] = p->acts.v[i];
    p->acts.n = n;
    if (p->correct.n) TRY(correction_asked(q, r->id, &p->correction_words));
    p->action_message = URL(q->mem, "/dossiers/{}/messages", r->reference);
    if (held_code(q, h).n) p->print = URL(q->mem, "/dossiers/{}/code", r->reference);
    p->receipt = URL(q->mem, "/dossiers/{}/recepisse", r->reference);
    TRY(receipt_of(q->mem, q->tenant, h->kind, r, q->lang, &p->r));
    p->decision.appeal = p->r.appeal;
    p->is_silent_no = p->is_final && p->r.silence_words.n && p->r.silence == SILENCE_REJECTION;
    p->l.no_index = true;
    return page_follow(q, p);
}

static err get_dossier(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    if (h.is_draft && !h.draft.record) return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}/remplir/{}", h.reference, str_fmt(q->mem, "%zu", h.draft.page_reached + 1))));
    struct page_follow p = {0};
    /* What was just done: a message, or an act of the author, in its own words. */
    const struct transition *t = kind_transition(h.kind, query(q, "fait"));
    if (str_is(query(q, "fait"), "message")) p.l.notice = words(q->lang, W("follow.message_sent"));
    else if (t && (t->by & BY_AUTHOR)) p.l.notice = text_in(&t->done, q->lang);
    return follow_page(q, &h, &p);
}

static err post_message(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    if (h.is_draft && !h.draft.record) return FAIL(E_NOT_FOUND, "filling.not_found");
    TRY(limit_take(q, "message", 10, 10));
    struct who author = {.account = h.record.author, .holds_record = h.record.id};
    struct post post = {.who = &author, .tenant = q->tenant, .kind = h.kind, .record = h.record.id, .words = str_trim(field(q, "words")), .now_us = clock_now_us()};
    int64_t id = 0;
    err bad_file = message_files_check(q), e = bad_file.code == OK ? thread_words_check(post.words) : bad_file;
    if (e.code == OK) e = bad_file = message_files_keep(q, &post.files);
    if (e.code == OK) e = thread_post(q->db, q->mem, &post, &id);
    if (e.code == E_INVALID) {
        struct page_follow p = {.l.status = 422, .said = post.words};
        PUSH(q->mem, &p.faults, (struct link){.label = words(q->lang, e.msg), .at = bad_file.code == OK ? URL_LIT("#words") : URL_LIT("#files")});
        return follow_page(q, &h, &p);
    }
    TRY(e);
    return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}?fait=message", h.reference)));
}

static err post_act(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    const struct transition *t = kind_transition(h.kind, param(q, "act"));
    if (!t || !(t->by & BY_AUTHOR) || str_is(t->name, "correct")) return FAIL(E_NOT_FOUND, "filling.not_found");
    struct answer_faults faults = {0};
    json_t *asks;
    struct fields fields = life_asks(q->mem, t, h.kind, &h.record);
    TRY(answers_read_fields(&fields, q->mem, form_typed, q, &h.env, &asks, &faults));
    if (faults.n) return FAIL_AT(E_INVALID, faults.v[0].msg, str_z(q->mem, faults.v[0].path));
    struct who author = {.account = h.record.author, .holds_record = h.record.id};
    struct act a = {.who = &author, .kind = h.kind, .tenant = q->tenant, .transition = t->name, .asks = asks, .now_us = clock_now_us()};
    TRY(life_act(q->db, q->mem, &h.record, &a));
    return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}?fait={}", h.reference, t->name)));
}

/* A correction is filled like a form, on a draft with the dossier's own answers. */
static err post_correct(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    struct draft d;
    if (!h.is_draft) TRY(draft_correction(q->db, q->mem, h.kind, &h.record, clock_now_us(), &d));
    return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}/remplir/1", h.reference)));
}

const struct route follow_routes[] = {
    {GET, "/dossiers", RIGHT_PUBLIC, get_find, "find a dossier again: one's own, or by reference and code", 0, NULL, NULL},
    {POST, "/dossiers", RIGHT_PUBLIC, post_find, "opens a dossier by reference, code and second element", ROUTE_SECRET, NULL, NULL},
    {GET, "/dossiers/:ref", RIGHT_HOLDER, get_dossier, "a dossier, as its author follows it", 0, NULL, NULL},
    {POST, "/dossiers/:ref/messages", RIGHT_HOLDER, post_message, "writes to the service", ROUTE_FILES, NULL, NULL},
    {POST, "/dossiers/:ref/actes/:act", RIGHT_HOLDER, post_act, "an act of its author: withdraw", 0, NULL, NULL},
    {POST, "/dossiers/:ref/corriger", RIGHT_HOLDER, post_correct, "begins the correction asked for", 0, NULL, NULL},
    {0}};
