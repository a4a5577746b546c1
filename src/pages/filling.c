/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Page by page. A page sent is saved before anything else is said about it; a field left is saved at once. */
#include "pages/filling.h"

#include "base/id.h"
#include "base/said.h"
#include "core/contact.h"
#include "core/notify.h"
#include "core/value_list.h"
#include "formats/json.h"
#include "gen/html/pages/begin.html.h"
#include "gen/html/pages/code.html.h"
#include "gen/html/pages/filling.html.h"
#include "pages/public.h"
#include "pages/upload.h"
#include "view/clean.h"

static struct url step_url(struct req *q, const struct held *h, size_t n)
{
    return URL(q->mem, "/dossiers/{}/remplir/{}", h->reference, str_fmt(q->mem, "%zu", n + 1));
}

static struct url dossier_url(struct req *q, str reference, const char *what)
{
    return URL(q->mem, "/dossiers/{}/{}", reference, str_of(what));
}

err filling_begin(struct req *q, const struct kind *k, int64_t body, const char *channel)
{
    TRY(limit_take(q, "begin", (unsigned)q->app->settings.filings_per_minute, (unsigned)q->app->settings.filings_per_minute));
    struct draft d = {0};
    struct draft_secret secret = {0};
    bool at_counter = str_is(str_of(channel), "counter");
    TRY(draft_start(q->db, q->mem, k, body, at_counter ? 0 : q->who->account, str_of(channel), clock_now_us(), &d, &secret));
    held_keep(q, d.reference, secret.token);
    held_code_keep(q, d.reference, secret.code);        /* in no URL */
    return reply_redirect(q, url_str(dossier_url(q, d.reference, "debut")));
}

static str setting(struct req *q, const struct held *h, const char *path)
{
    return kind_setting_str(h->kind, q->tenant, h->draft.body, path);
}

/* Who comes back without an account proves more than the code: the mail or the birth date. Not asked of who has an account, of an agent
   at the counter, nor where the form itself asks for a mail. */
static bool second_known(const struct held *h) { return h->draft.account || str_is(h->draft.channel, "counter") || kind_mail(h->kind); }

static struct danger danger_of(struct req *q, const struct held *h)
{
    return (struct danger){kind_setting_text(h->kind, q->tenant, h->draft.body, "danger.text", q->lang), setting(q, h, "danger.phone")};
}

static void begin_fill(struct req *q, const struct held *h, struct page_begin *p)
{
    p->kind_title = text_in(&h->kind->title, q->lang);
    p->reference = h->reference;
    p->code = held_code(q, h);
    p->print = dossier_url(q, h->reference, "code");
    p->action = dossier_url(q, h->reference, "debut");
    p->title = kind_setting_text(h->kind, q->tenant, h->draft.body, "words.begin", q->lang);
    p->ask_birth = !str_is(setting(q, h, "ask_contact"), "mail");
    p->required = p->ask_birth && !second_known(h);
    p->email = h->draft.contact.email;
    p->birth_date = h->draft.contact.birth_date;
    p->danger = danger_of(q, h);
    p->l.scripts |= SCRIPT_FORM;
    p->l.no_index = true;
}

static err get_begin(struct req *q)
{
    struct held h;
    TRY(held_draft(q, &h));
    if (q->who->account && h.draft.account == q->who->account && !held_code(q, &h).n) return reply_redirect(q, url_str(step_url(q, &h, 0)));
    struct page_begin p = {0};
    begin_fill(q, &h, &p);
    return page_begin(q, &p);
}

static str find_address(struct req *q) { return str_fmt(q->mem, "%.*s://%.*s/dossiers", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host)); }

/* The code on a sheet of paper, as long as it can be shown. */
static err get_code(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    struct page_code p = {.kind_title = text_in(&h.kind->title, q->lang), .reference = h.reference, .code = held_code(q, &h), .address = find_address(q)};
    if (!p.code.n) return FAIL(E_GONE, "filling.code_gone");
    p.second = h.draft.contact.email.n ? h.draft.contact.email : h.draft.contact.birth_date;
    if (h.is_draft) p.until_us = h.draft.expires_us;
    p.back = h.is_draft && !h.draft.page_reached ? dossier_url(q, h.reference, "debut") : URL(q->mem, "/dossiers/{}", h.reference);
    p.l.is_print = p.l.no_index = true;
    p.l.scripts |= SCRIPT_FORM;
    return page_code(q, &p);
}

struct code_mail { const struct held *h; struct mail_out m; arena *mem; };
static err code_mail_in_txn(db *w, void *arg)
{
    struct code_mail *x = arg;
    return outbox_mail(w, x->mem, str_fmt(x->mem, "draft-%lld", (long long)x->h->draft.id), S("code"), &x->m, clock_now_us());
}

/* The code leaves by mail once only: it is known here from the cookie of the page that shows it, and nowhere else. */
static err mail_code(struct req *q, const struct held *h, str email)
{
    str code = held_code(q, h), link = find_address(q);
    if (!code.n || !email.n) return NO_ERR;
    struct code_mail x = {.h = h, .mem = q->mem};
    x.m.to = email;
    x.m.subject = words_fill(q->mem, q->lang, W("filling.code_mail.subject"), "kind", text_in(&h->kind->title, q->lang), NULL);
    x.m.text = words_fill(q->mem, q->lang, W("filling.code_mail.text"), "reference", h->reference, "code", code, "link", link, "town", q->tenant->name, NULL);
    return db_txn_own(q->db, code_mail_in_txn, &x);
}

struct begin_form { str email; int64_t birth; };
static const struct input begin_inputs[] = {
    {"email", IN_LINE, false, 0, 254, offsetof(struct begin_form, email), NULL, false},
    {"birth_date", IN_DATE, false, 0, 0, offsetof(struct begin_form, birth), NULL, false},
    {0}};

struct link fault_link(struct req *q, const struct answer_fault *f, struct url at)
{
    str why = answer_fault_words(q->mem, q->lang, f), label = f->field ? text_in(&f->field->label, q->lang) : STR_NONE;
    while (label.n && str_find_char(S("?:*. "), label.p[label.n - 1]) >= 0) label.n--;          /* "Votre quartier ? : Choisissez…" */
    while (str_ends(label, S("\u00a0")) || str_ends(label, S("\u202f"))) label.n -= str_ends(label, S("\u00a0")) ? 2 : 3;
    if (f->field && said_tag(text_in(&f->field->label, q->lang), q->lang)) label = said_in(str_copy(q->mem, label), LANG_FR);
    return label.n ? (struct link){.label = label, .at = at, .hint = why} : (struct link){.label = why, .at = at};
}

static void fault_lines_of(struct req *q, const struct answer_faults *faults, struct links *out)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct answer_fault *f = &faults->v[i];
        PUSH(q->mem, out, fault_link(q, f, URL(q->mem, "#{}", f->path)));
    }
}

static err post_begin(struct req *q)
{
    struct held h;
    TRY(held_draft(q, &h));
    struct begin_form form = {0};
    struct faults faults = {0};
    err read = input_read(q, begin_inputs, &form, &faults);
    if (read.code != OK && read.code != E_INVALID) return read;
    struct page_begin p = {0};
    begin_fill(q, &h, &p);
    p.email = field(q, "email");
    struct contact c = {.name = h.draft.contact.name, .email = form.email, .birth_date = form.birth ? date_iso(q->mem, form.birth) : STR_NONE};
    struct answer_faults wrong = {0};
    contact_check(q->mem, "", &c, &wrong);
    if (fault_of(&faults, "birth_date")) PUSH(q->mem, &wrong, (struct answer_fault){.path = S("birth_date"), .msg = W("filling.birth_date_bad")});
    if (!wrong.n && p.required && !form.email.n && !form.birth) PUSH(q->mem, &wrong, (struct answer_fault){.path = S("email"), .msg = W("filling.second_missing")});
    fault_lines_of(q, &wrong, &p.faults);
    if (p.faults.n) {
        p.birth_date = field(q, "birth_date");
        p.l.status = 422;
        return page_begin(q, &p);
    }
    TRY(draft_contact(q->db, h.draft.id, &c));
    TRY(mail_code(q, &h, c.email));
    return reply_redirect(q, url_str(step_url(q, &h, 0)));
}

/* ---- a page ---- */
static err step_of(struct req *q, const struct held *h, struct form_pages *pages, size_t *out)
{
    *pages = kind_pages(q->mem, h->kind);
    int64_t n;
    TRY(param_i64(q, "n", &n));
    if (n < 1 || (size_t)n > pages->n) return FAIL(E_NOT_FOUND, "filling.no_page");
    *out = (size_t)n - 1;
    return NO_ERR;
}

static size_t step_next(arena *mem, const struct held *h, const struct form_pages *pages, const json_t *doc, size_t from)
{
    const bool *shown = answers_pages_shown(mem, h->kind, pages, doc, &h->env);
    size_t n = from + 1;
    while (n < pages->n && !shown[n]) n++;
    return n;
}

static bool step_back(arena *mem, const struct held *h, const struct form_pages *pages, const json_t *doc, size_t from, size_t *out)
{
    const bool *shown = answers_pages_shown(mem, h->kind, pages, doc, &h->env);
    while (from > 0 && !shown[from - 1]) from--;
    if (from) *out = from - 1;
    return from > 0;
}

static err step_page(struct req *q, struct held *h, const struct form_pages *pages, size_t n, const json_t *doc, const struct answer_faults *faults,
                     bool typed, int status)
{
    struct page_filling p = {.kind_title = text_in(&h->kind->title, q->lang), .reference = h->reference, .step = (int64_t)n + 1, .steps = (int64_t)pages->n};
    p.page_title = text_in(&pages->v[n].title, q->lang);
    p.action = step_url(q, h, n);
    p.save = dossier_url(q, h->reference, "champ");
    p.quit = dossier_url(q, h->reference, "quitter");
    p.draft_id = id_text(q->mem, h->draft.id);
    if (held_code(q, h).n) p.print = dossier_url(q, h->reference, "code");
    p.at_counter = str_is(h->draft.channel, "counter");
    p.is_correction = h->draft.record != 0;
    if (p.is_correction) TRY(correction_asked(q, h->draft.record, &p.correction_words));
    p.has_files = true;
    if (!n && !p.is_correction) p.danger = danger_of(q, h);
    size_t back;
    p.back = step_back(q->mem, h, pages, doc, n, &back) ? step_url(q, h, back) : dossier_url(q, h->reference, "debut");
    if (faults) fault_lines_of(q, faults, &p.faults);
    buf *b = page_buf(q, 4 << 20);
    struct form_draw draw = {.out = b, .mem = q->mem, .env = &h->env, .kind = h->kind, .doc = doc, .faults = faults, .rich = clean_rich,
                             .base_url = str_fmt(q->mem, "/dossiers/%.*s", STR_ARG(h->reference)), .typed = typed ? form_typed : NULL, .typed_arg = q};
    form_draw_page(&draw, &pages->v[n]);
    p.fields = html_safe(buf_str(b));
    p.l.title = p.page_title.n ? p.page_title : p.kind_title;
    p.l.scripts |= SCRIPT_FORM;
    for (size_t i = pages->v[n].from; i < pages->v[n].to; i++)
        if (str_is(str_of(h->kind->fields.v[i].type->name), "place")) p.l.scripts |= SCRIPT_MAP;
    if (p.l.scripts & SCRIPT_MAP) map_allow(q);
    p.l.no_index = true;
    p.l.status = status;
    return page_filling(q, &p);
}

static err get_step(struct req *q)
{
    struct held h;
    struct form_pages pages;
    size_t n;
    TRY(held_draft(q, &h));
    TRY(step_of(q, &h, &pages, &n));
    return step_page(q, &h, &pages, n, h.draft.doc, NULL, false, 200);
}

/* Files that came with the page (no script, or an old browser) join the document before it is read. */
static err files_take(struct req *q, struct held *h, json_t **doc, struct answer_faults *faults)
{
    struct upload **up;
    size_t n = uploads(q, &up);
    for (size_t i = 0; i < n; i++) {
        const struct field *f = answers_field(h->kind, up[i]->field);
        if (!f) continue;
        err e = file_take(q, h, up[i], doc);
        if (e.code == E_INVALID || e.code == E_TOO_LARGE) PUSH(q->mem, faults, (struct answer_fault){up[i]->field, f, e.msg, e.at ? str_of(e.at) : up[i]->file_name});
        else TRY(e);
    }
    return NO_ERR;
}

static err post_step(struct req *q)
{
    struct held h;
    struct form_pages pages;
    size_t n;
    TRY(held_draft(q, &h));
    TRY(step_of(q, &h, &pages, &n));
    json_t *doc = h.draft.doc, *read = NULL;
    struct answer_faults faults = {0};
    TRY(files_take(q, &h, &doc, &faults));
    if (faults.n || uploads(q, &(struct upload **){0}))
        TRY(files_of(q->db, q->mem, h.draft.id, &h.files));
    bool button = answers_button(form_typed, q, q->mem), quits = str_is(field(q, "do"), "quit"), later = str_is(field(q, "do"), "later");
    TRY(answers_read(h.kind, &pages.v[n], q->mem, doc, form_typed, q, &h.env, !button && !quits && !later, &read, &faults));
    int64_t version;
    size_t reached = n > h.draft.page_reached ? n : h.draft.page_reached;
    err saved = draft_save(q->db, h.draft.id, read, h.draft.version, reached, clock_now_us(), &version);
    if (saved.code == E_CONFLICT) {         /* another tab saved meanwhile: this page's answers on top of what it saved */
        TRY(held_draft(q, &h));
        TRY(answers_read(h.kind, &pages.v[n], q->mem, h.draft.doc, form_typed, q, &h.env, false, &read, &(struct answer_faults){0}));
        saved = draft_save(q->db, h.draft.id, read, h.draft.version, reached, clock_now_us(), &version);
    }
    TRY(saved);
    if (later) return reply_redirect(q, url_str(dossier_url(q, h.reference, "garde")));
    if (quits) return reply_redirect(q, url_str(dossier_url(q, h.reference, "quitter")));
    if (button || faults.n) return step_page(q, &h, &pages, n, read, &faults, faults.n > 0 && !button, faults.n ? 422 : 200);
    size_t next = step_next(q->mem, &h, &pages, read, n);
    if (field(q, "do").n && str_is(field(q, "do"), "check")) next = pages.n;
    return reply_redirect(q, url_str(next < pages.n ? step_url(q, &h, next) : dossier_url(q, h.reference, "verifier")));
}

/* What the server alone decides, now that an answer changed: questions shown, results. */
static err reply_live(struct req *q, struct held *h)
{
    if (!h->kind->fields.rules) return reply_empty(q, 204);
    TRY(held_draft(q, h));
    json_t *live = answers_live(q->mem, h->kind, h->draft.doc, &h->env);
    if (!live) return reply_empty(q, 204);
    buf *b = reply_buf(q, 200, "application/json");
    buf_put(b, json_canonical(q->mem, live));
    return NO_ERR;
}

static err post_field(struct req *q)
{
    struct held h;
    TRY(held_draft(q, &h));
    struct answer_faults faults = {0};
    json_t *value = NULL;
    int64_t version;
    str path = field(q, "path");
    TRY(answers_read_one(h.kind, q->mem, path, form_typed, q, &h.env, &value, &faults));
    if (faults.n) {
        buf *b = reply_buf(q, 200, "application/json");
        buf_lit(b, "{\"fault\":");
        buf_json(b, answer_fault_words(q->mem, q->lang, &faults.v[0]));
        buf_char(b, '}');
        return NO_ERR;
    }
    TRY(draft_save_value(q->db, q->mem, h.kind, h.draft.id, path, value, clock_now_us(), &version));
    return reply_live(q, &h);
}

static err get_suggest(struct req *q)
{
    struct held h;
    TRY(held_draft(q, &h));
    const struct field *f = answers_field(h.kind, query(q, "field"));
    if (!f) return FAIL(E_NOT_FOUND, "filling.no_field");
    struct options found = {0};
    field_suggest(f, q->mem, &h.env, query(q, "q"), &found);
    buf *b = reply_buf(q, 200, "application/json");
    buf_char(b, '[');
    for (size_t i = 0; i < found.n; i++) {
        buf_lit(b, i ? ",{\"id\":" : "{\"id\":");
        buf_json(b, found.v[i].id);
        buf_lit(b, ",\"label\":");
        str label = text_in(&found.v[i].label, q->lang);
        double lat, lon;
        buf_json(b, label);
        if (str_is(str_of(f->type->name), "place") && h.env.locate && h.env.locate(h.env.list_arg, q->mem, label, &lat, &lon)) buf_fmt(b, ",\"lat\":%.6f,\"lon\":%.6f", lat, lon);
        buf_char(b, '}');
    }
    buf_char(b, ']');
    return NO_ERR;
}

const struct route filling_routes[] = {
    {GET, "/dossiers/:ref/debut", RIGHT_HOLDER, get_begin, "the code of a dossier that begins", 0, NULL, NULL},
    {POST, "/dossiers/:ref/debut", RIGHT_HOLDER, post_begin, "says how to be found again", 0, begin_inputs, NULL},
    {GET, "/dossiers/:ref/code", RIGHT_HOLDER, get_code, "the code, to be printed", 0, NULL, NULL},
    {GET, "/dossiers/:ref/remplir/:n", RIGHT_HOLDER, get_step, "one page of the form", 0, NULL, NULL},
    {POST, "/dossiers/:ref/remplir/:n", RIGHT_HOLDER, post_step, "saves a page and goes to the next", ROUTE_FILES, NULL, NULL},
    {POST, "/dossiers/:ref/champ", RIGHT_HOLDER, post_field, "saves one field as it is left", ROUTE_API, NULL, NULL},
    {GET, "/dossiers/:ref/suggest", RIGHT_HOLDER, get_suggest, "entries of a long list", ROUTE_API, NULL, NULL},
    {0}};
