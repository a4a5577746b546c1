/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/letters.h"

#include "gen/html/pages/letter.html.h"
#include "pages/upload.h"
#include "web/req.h"

static str state_words(struct req *q, str state)
{
    return words(q->lang, str_is(state, "withdrawn") ? W("letters.withdrawn") : str_is(state, "replaced") ? W("letters.replaced") : W("letters.valid"));
}

static struct url under(struct req *q, str base, str code, const char *rest) { return url_web(str_fmt(q->mem, "%.*s/courriers/%.*s%s", STR_ARG(base), STR_ARG(code), rest)); }

err letter_lines_of(struct req *q, int64_t record, str base, struct letter_lines *out)
{
    struct sent_letters all = {0};
    TRY(letters_sent(q->db, q->mem, record, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct sent_letter *l = &all.v[i];
        str code = letter_code_shown(q->mem, l->code);
        if (l->erased_us) continue;
        PUSH(q->mem, out, (struct letter_line){.object = l->object, .state = state_words(q, l->state), .tone = str_is(l->state, "valid") ? S("done") : S("refused"), .code = code, .at_us = l->at_us,
                                               .at = under(q, base, code, ""), .pdf = l->file ? under(q, base, code, "/pdf") : (struct url){0}, .verify = URL(q->mem, "/v/{}", code)});
    }
    return NO_ERR;
}

err letter_of_route(struct req *q, const struct held *h, struct sent_letter *out)
{
    str code;
    err e = letter_code_read(q->mem, param(q, "code"), &code);
    if (e.code == OK) e = letter_of_code(q->db, q->mem, code, out);
    if (e.code == E_INVALID || (e.code == OK && out->record != h->record.id)) return FAIL(E_NOT_FOUND, "letter.unknown_code");
    TRY(e);
    return out->erased_us ? FAIL(E_GONE, "letters.erased") : NO_ERR;
}

err letter_page(struct req *q, const struct held *h, const struct sent_letter *l, str base, struct page_letter *p)
{
    struct paper paper;
    struct sent_letter next;
    str code = letter_code_shown(q->mem, l->code);
    TRY(paper_read(q->mem, l->paper, &paper));
    p->sheet = sheet_of(q->mem, &paper);
    p->l.title = l->object;
    p->l.no_index = true;
    p->pdf = l->file ? under(q, base, code, "/pdf") : (struct url){0};
    p->verify = URL(q->mem, "/v/{}", code);
    p->back = url_web(base);
    p->back_label = words_fill(q->mem, q->lang, W("letters.back"), "reference", h->reference, NULL);
    p->state = state_words(q, l->state);
    p->changed_us = l->changed_us;
    p->reason = l->reason;
    if (l->successor) {
        TRY(letter_of_id(q->db, q->mem, l->successor, &next));
        p->next = under(q, base, letter_code_shown(q->mem, next.code), "");
    }
    reply_private(q);
    return page_letter(q, p);
}

err letter_pdf_send(struct req *q, struct held *h, const struct sent_letter *l) { return l->file ? file_send(q, h, l->file) : FAIL(E_NOT_FOUND, "letters.making"); }

static str own_base(struct req *q, const struct held *h) { return str_fmt(q->mem, "/dossiers/%.*s", STR_ARG(h->reference)); }

static err held_letter(struct req *q, struct held *h, struct sent_letter *l)
{
    TRY(held_get(q, h));
    if (!h->record.id) return FAIL(E_NOT_FOUND, "filling.not_found");
    if (h->is_draft) TRY(files_of(q->db, q->mem, h->record.id, &h->files));      /* a correction is being written: its draft has files of its own */
    return letter_of_route(q, h, l);
}

static err get_letter(struct req *q)
{
    struct held h;
    struct sent_letter l;
    struct page_letter p = {0};
    TRY(held_letter(q, &h, &l));
    return letter_page(q, &h, &l, own_base(q, &h), &p);
}

static err get_pdf(struct req *q)
{
    struct held h;
    struct sent_letter l;
    TRY(held_letter(q, &h, &l));
    return letter_pdf_send(q, &h, &l);
}

const struct route letter_routes[] = {
    {GET, "/dossiers/:ref/courriers/:code", RIGHT_HOLDER, get_letter, "a letter, as a page", 0, NULL, NULL},
    {GET, "/dossiers/:ref/courriers/:code/pdf", RIGHT_HOLDER, get_pdf, "a letter, as PDF", 0, NULL, NULL},
    {0}};
