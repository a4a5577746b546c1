/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is this letter ours, whole, and still good? Anybody with its code may ask. Nothing personal is said but what the letter itself shows:
   reference, date, object, outcome, state, who wrote it. */
#include "base/hash.h"
#include "gen/html/pages/verify.html.h"
#include "pages/letters.h"
#include "web/multipart.h"
#include "web/req.h"

#define FILE_MOST (20 << 20)

static err verify_limit(struct req *q) { return limit_take(q, "verify", 60, 60); }

static err answer(struct req *q, struct page_verify *p, int status)
{
    p->l.status = status;
    p->l.no_index = true;
    p->l.scripts |= SCRIPT_VERIFY;
    reply_private(q);
    return page_verify(q, p);
}

/* A code that is none, or is no letter's: the form again, with what was typed. */
static err not_found(struct req *q, str typed, err e)
{
    struct page_verify p = {.typed = typed, .fault = words(q->lang, e.msg)};
    PUSH(q->mem, &p.faults, (struct link){.label = p.fault, .at = URL_LIT("#code")});
    return answer(q, &p, e.code == E_NOT_FOUND ? 404 : 422);
}

static str outcome_words(struct req *q, str outcome)
{
    if (!outcome.n) return STR_NONE;
    return words(q->lang, str_is(outcome, "granted") ? W("verify.granted") : str_is(outcome, "refused") ? W("verify.refused") : W("verify.other"));
}

static err letter_asked(struct req *q, struct sent_letter *out)
{
    str code;
    TRY(letter_code_read(q->mem, param(q, "code"), &code));
    return letter_of_code(q->db, q->mem, code, out);
}

static err fill(struct req *q, const struct sent_letter *l, struct page_verify *p)
{
    str code = letter_code_shown(q->mem, l->code);
    struct sent_letter next;
    *p = (struct page_verify){.code = code, .body = l->body, .reference = l->reference, .object = l->object, .outcome = outcome_words(q, l->outcome), .sha256 = l->sha256, .state = l->state,
                              .check = URL(q->mem, "/v/{}/fichier", code), .at_us = l->at_us, .changed_us = l->changed_us, .is_known = true, .is_erased = l->erased_us != 0};
    if (!l->successor) return NO_ERR;
    TRY(letter_of_id(q->db, q->mem, l->successor, &next));
    p->next_us = next.at_us;
    return NO_ERR;
}

static err get_form(struct req *q)
{
    struct page_verify p = {0};
    str typed = query(q, "code"), code;
    if (!typed.n) return answer(q, &p, 200);
    TRY(verify_limit(q));
    err e = letter_code_read(q->mem, typed, &code);
    if (e.code != OK) return not_found(q, typed, e);
    return reply_redirect(q, url_str(URL(q->mem, "/v/{}", letter_code_shown(q->mem, code))));
}

static err get_letter(struct req *q)
{
    struct page_verify p;
    struct sent_letter l;
    TRY(verify_limit(q));
    err e = letter_asked(q, &l);
    if (e.code == E_NOT_FOUND || e.code == E_INVALID) return not_found(q, param(q, "code"), e);
    TRY(e);
    TRY(fill(q, &l, &p));
    return answer(q, &p, 200);
}

/* ---- the file, for who has no script: hashed as it comes, kept nowhere ---- */

struct comparing { struct multipart *form; struct sha256 hash; int64_t bytes, all; bool in_file; };

static err part_begin(void *arg, const struct part_head *head)
{
    struct comparing *x = arg;
    x->in_file = str_is(head->name, "fichier") && head->file_name.n && !x->bytes;
    return NO_ERR;
}

static err part_data(void *arg, str bytes)
{
    struct comparing *x = arg;
    if (!x->in_file) return NO_ERR;
    x->bytes += (int64_t)bytes.n;
    sha256_add(&x->hash, bytes);
    return NO_ERR;
}

static err part_end(void *arg)
{
    ((struct comparing *)arg)->in_file = false;
    return NO_ERR;
}

static err file_piece(struct req *q, str bytes)
{
    struct comparing *x = q->state;
    if (!x) {
        TRY(verify_limit(q));
        x = q->state = NEW(q->mem, struct comparing);
        sha256_begin(&x->hash);
        TRY(multipart_new(q->mem, header(q, "Content-Type"), (struct multipart_events){part_begin, part_data, part_end}, x, &x->form));
    }
    x->all += (int64_t)bytes.n;
    if (x->all > FILE_MOST) return FAIL(E_TOO_LARGE, "web.upload.too_large");
    return multipart_feed(x->form, bytes);
}

static err post_file(struct req *q)
{
    struct comparing *x = q->state;
    struct page_verify p;
    struct sent_letter l;
    if (x) TRY(multipart_end(x->form));
    err e = letter_asked(q, &l);
    if (e.code == E_NOT_FOUND || e.code == E_INVALID) return not_found(q, param(q, "code"), e);
    TRY(e);
    TRY(fill(q, &l, &p));
    if (!x || !x->bytes) {
        PUSH(q->mem, &p.faults, (struct link){.label = words(q->lang, W("verify.no_file")), .at = URL_LIT("#fichier")});
        return answer(q, &p, 422);
    }
    p.compared = true;
    p.same = l.sha256.n && str_eq(sha256_hex(&x->hash, q->mem), l.sha256);
    return answer(q, &p, 200);
}

const struct route verify_routes[] = {
    {GET, "/v", RIGHT_PUBLIC, get_form, "verify a letter: its code", 0, NULL, NULL},
    {GET, "/v/:code", RIGHT_PUBLIC, get_letter, "is this letter ours, and still good?", 0, NULL, NULL},
    /* Changes nothing and says nothing that its caller did not send: no token is needed, and a streamed body cannot hold one. */
    {POST, "/v/:code/fichier", RIGHT_PUBLIC, post_file, "compares a file with the letter; it is not kept", ROUTE_STREAM | ROUTE_TOKEN, .sink = file_piece},
    {0}};
