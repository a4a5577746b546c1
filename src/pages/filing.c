/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Check your answers, file, receipt; leave, with or without erasing. */
#include "pages/filling.h"

#include "base/id.h"
#include "core/life.h"
#include "gen/html/pages/check.html.h"
#include "gen/html/pages/left.html.h"
#include "gen/html/pages/receipt.html.h"
#include "pages/left.h"
#include "pages/public.h"
#include "pages/why.h"

static struct url at(struct req *q, str reference, const char *what) { return URL(q->mem, "/dossiers/{}/{}", reference, str_of(what)); }

err draw_lines(struct req *q, const struct held *h, const json_t *doc, bool editable, struct part_answers *out)
{
    struct answer_lines lines = answers_lines(q->mem, h->kind, doc, &h->env, false, false);
    for (size_t i = 0; i < lines.n; i++) {
        const struct answer_line *l = &lines.v[i];
        struct answer_row row = {.label = l->label, .text = l->text, .is_heading = l->is_heading};
        if (editable && !l->is_heading && !(l->field && l->field->computed))
            row.change = URL(q->mem, "/dossiers/{}/remplir/{}#{}", h->reference, str_fmt(q->mem, "%zu", l->page + 1), l->path);
        if (l->text.n) row.why = why_url(q, h, false, l);
        for (size_t j = 0; j < l->file_ids.n; j++) {
            struct answer_file f;
            if (!h->env.file(h->env.file_arg, l->file_ids.v[j], &f)) continue;
            PUSH(q->mem, &row.files, (struct answer_file_link){.name = f.name, .size = words_size(q->mem, q->lang, f.size_bytes),
                                                               .at = URL(q->mem, "/dossiers/{}/fichiers/{}", h->reference, l->file_ids.v[j])});
        }
        PUSH(q->mem, &out->rows, row);
    }
    return NO_ERR;
}

/* "Le délégué : dpo@ville.fr, 1 place…": the address can be written to at once. */
static void contact_split(str contact, struct personal *out)
{
    ptrdiff_t at = str_find_char(contact, '@');
    size_t from = at < 0 ? 0 : (size_t)at, to = from;
    out->before = contact;
    if (at < 0) return;
    while (from > 0 && str_find_char(S(" \t\n,;:()<>"), contact.p[from - 1]) < 0) from--;
    while (to < contact.n && str_find_char(S(" \t\n,;:()<>"), contact.p[to]) < 0) to++;
    while (to > from && contact.p[to - 1] == '.') to--;
    out->before = str_cut(contact, 0, from);
    out->mail = str_cut(contact, from, to);
    out->after = str_cut(contact, to, contact.n);
}

struct personal filling_notice(struct req *q, const struct kind *k, int64_t body)
{
    const struct tenant *t = q->tenant;
    struct personal out = {kind_setting_text(k, t, body, "personal_data.purpose", q->lang), kind_setting_text(k, t, body, "personal_data.legal_basis", q->lang),
                           kind_setting_text(k, t, body, "personal_data.recipients", q->lang), kind_setting_text(k, t, body, "personal_data.retention", q->lang), .mail = STR_NONE};
    contact_split(kind_setting_text(k, t, body, "personal_data.contact", q->lang), &out);
    return out;
}

static size_t page_of(struct req *q, const struct held *h, const struct answer_fault *f)
{
    struct form_pages pages = kind_pages(q->mem, h->kind);
    str top = str_split(f->path, '/', &(str){0});
    for (size_t i = 0; i < pages.n; i++)
        for (size_t j = pages.v[i].from; j < pages.v[i].to; j++)
            if (str_eq(h->kind->fields.v[j].id, top)) return i;
    return 0;
}

static err check_page(struct req *q, struct held *h, const struct answer_faults *faults, int status)
{
    struct page_check p = {.kind_title = text_in(&h->kind->title, q->lang), .reference = h->reference, .is_correction = h->draft.record != 0};
    TRY(draw_lines(q, h, answers_computed(q->mem, h->kind, h->draft.doc, &h->env), true, &p.answers));
    for (size_t i = 0; i < faults->n; i++) {
        const struct answer_fault *f = &faults->v[i];
        str step = str_fmt(q->mem, "%zu", page_of(q, h, f) + 1);
        PUSH(q->mem, &p.faults, fault_link(q, f, URL(q->mem, "/dossiers/{}/remplir/{}#{}", h->reference, step, f->path)));
    }
    if (!h->draft.record) TRY(public_near(q, h->kind, h->draft.doc, &p.near));
    struct form_pages pages = kind_pages(q->mem, h->kind);
    p.file_label = kind_setting_text(h->kind, q->tenant, h->draft.body, "words.file", q->lang);
    p.action = at(q, h->reference, "deposer");
    p.quit = at(q, h->reference, "quitter");
    p.back = URL(q->mem, "/dossiers/{}/remplir/{}", h->reference, str_fmt(q->mem, "%zu", pages.n));
    p.personal = filling_notice(q, h->kind, h->draft.body);
    p.at_counter = str_is(h->draft.channel, "counter");
    p.draft_version = str_fmt(q->mem, "%lld", (long long)h->draft.version);
    p.l.status = status;
    p.l.no_index = true;
    return page_check(q, &p);
}

static err get_check(struct req *q)
{
    struct held h;
    struct answer_faults faults = {0};
    json_t *doc;
    TRY(held_draft(q, &h));
    TRY(answers_check(h.kind, q->mem, h.draft.doc, &h.env, true, &doc, &faults));
    return check_page(q, &h, &faults, 200);
}

static struct filing filing_of(struct req *q, const struct held *h, const json_t *doc, const struct kind_row *row)
{
    return (struct filing){.id = h->draft.id, .body = h->draft.body, .team = row->team, .author = h->draft.account, .channel = h->draft.channel,
        .reference = h->draft.reference, .draft_version = h->draft.version, .tenant = q->tenant, .kind = h->kind, .doc = doc, .contact = h->draft.contact, .code = held_code(q, h),
        .now_us = clock_now_us(), .lang = q->lang};
}

static err correction_send(struct req *q, struct held *h, const json_t *doc);

static err post_file(struct req *q)
{
    struct held h;
    err held = held_draft(q, &h);
    if (held.code == E_GONE) return reply_redirect(q, url_str(at(q, h.reference, "recepisse")));      /* pressed twice: the same receipt */
    TRY(held);
    TRY(limit_take(q, "file", (unsigned)q->app->settings.filings_per_minute, (unsigned)q->app->settings.filings_per_minute));
    struct answer_faults faults = {0};
    json_t *doc;
    TRY(answers_check(h.kind, q->mem, h.draft.doc, &h.env, true, &doc, &faults));
    if (faults.n) return check_page(q, &h, &faults, 422);
    if (h.draft.record) return correction_send(q, &h, doc);
    struct kind_row row = {0};
    err got = kind_row_get(q->db, q->mem, h.kind->name, &row);
    if (got.code != OK && got.code != E_NOT_FOUND) return got;          /* a shipped kind has no row */
    if (got.code == E_NOT_FOUND) row.team = kind_team_of(q->mem, h.kind, q->tenant, h.draft.body);
    if (row.status == KIND_CLOSED) return FAIL(E_GONE, "filling.closed");
    struct filing f = filing_of(q, &h, doc, &row);
    struct record r;
    bool again;
    TRY(draft_file(q->db, q->mem, h.draft.id, &f, &r, &again));
    return reply_redirect(q, url_str(at(q, h.reference, "recepisse")));
}

static err correction_send(struct req *q, struct held *h, const json_t *doc)
{
    struct who author = {.account = h->record.author, .holds_record = h->record.id};
    struct act a = {.who = &author, .kind = h->kind, .tenant = q->tenant, .transition = S("correct"), .now_us = clock_now_us()};
    struct record r;
    TRY(draft_correct(q->db, q->mem, h->draft.id, doc, &a, &r));
    return reply_redirect(q, url_str(URL(q->mem, "/dossiers/{}?fait={}", h->reference, a.transition)));
}

static err get_receipt(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    if (h.is_draft && !h.draft.record) return reply_redirect(q, url_str(at(q, h.reference, "verifier")));
    struct page_receipt p = {.kind_title = text_in(&h.kind->title, q->lang), .reference = h.reference, .code = held_code(q, &h), .follow = URL(q->mem, "/dossiers/{}", h.reference)};
    TRY(receipt_of(q->mem, q->tenant, h.kind, &h.record, q->lang, &p.r));
    enum lang lang;
    TRY(record_mail(q->db, q->mem, &h.record, &p.email, &lang));
    p.mailed = p.email.n > 0;
    p.at_counter = str_is(h.record.channel, "counter") && may_some(q->who, VERB_LIST);
    p.desk = URL(q->mem, "/agents/dossiers/{}", h.reference);
    str path = kind_setting_str(h.kind, q->tenant, h.record.body, "public_path");
    if (path.n && record_public_doc(q->mem, h.kind, &h.record)) p.public_at = url_web(str_fmt(q->mem, "%.*s/%.*s", STR_ARG(path), STR_ARG(h.reference)));
    p.title = kind_setting_text(h.kind, q->tenant, h.record.body, "words.filed", q->lang);
    p.follow_label = kind_setting_text(h.kind, q->tenant, h.record.body, "words.follow", q->lang);
    if (p.code.n) p.print = at(q, h.reference, "code");
    p.l.scripts |= SCRIPT_FORM;
    if (held_token(q).n) p.quit = at(q, h.reference, "quitter");
    p.l.no_index = true;
    return page_receipt(q, &p);
}

/* Leaving: the choice is the person's, and both answers are said in full. What is filed is never erased: the device forgets it. */
static err get_quit(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    struct page_left p = {.reference = h.reference, .action = at(q, h.reference, "quitter"), .back = URL(q->mem, "/dossiers/{}", h.reference)};
    p.is_filed = !h.is_draft;
    p.is_correction = h.is_draft && h.draft.record;
    p.by_account = q->who->account && q->who->account == (h.is_draft ? h.draft.account : h.record.author);
    if (h.is_draft) p.back = URL(q->mem, "/dossiers/{}/remplir/1", h.reference);
    /* A correction is kept as long as any draft; what matters to its author is when it must be there. */
    p.until_us = p.is_correction && h.record.due_us ? h.record.due_us : h.draft.expires_us;
    p.l.scripts |= SCRIPT_FORM;
    p.l.no_index = true;
    return page_left(q, &p);
}

static err post_quit(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    bool erase = h.is_draft && str_is(field(q, "do"), "erase");
    TRY(held_leave(q, &h));             /* this computer knows it no more; the code still opens it */
    if (erase) TRY(draft_erase(q->db, q->mem, h.draft.id));
    if (!h.is_draft) return reply_redirect(q, S("/dossiers?quitte=depose"));
    if (erase) return reply_redirect(q, h.draft.record ? S("/dossiers?quitte=correction") : S("/dossiers?quitte=efface"));
    return reply_redirect(q, S("/dossiers?quitte=garde"));
}

const struct route filing_routes[] = {
    {GET, "/dossiers/:ref/verifier", RIGHT_HOLDER, get_check, "all answers, to be checked before filing", 0, NULL, NULL},
    {POST, "/dossiers/:ref/deposer", RIGHT_HOLDER, post_file, "files; pressed twice, the same receipt", 0, NULL, NULL},
    {GET, "/dossiers/:ref/recepisse", RIGHT_HOLDER, get_receipt, "the receipt", 0, NULL, NULL},
    {GET, "/dossiers/:ref/quitter", RIGHT_HOLDER, get_quit, "leave: keep for later, or erase; what is filed stays", 0, NULL, NULL},
    {POST, "/dossiers/:ref/quitter", RIGHT_HOLDER, post_quit, "leaves this computer, erases when asked", 0, NULL, NULL},
    {0}};
