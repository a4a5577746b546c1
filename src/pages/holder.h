/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* holder.h — who fills or follows: the draft or the record of /dossiers/:ref, for its author alone (account, or the token that this
   browser got when the draft began or when its code was typed). */
#pragma once
#include "core/draft.h"
#include "core/files.h"
#include "core/answers.h"
#include "core/rights.h"
#include "core/value_list.h"
#include "pages/app.h"
#include "web/req.h"

struct held {
    str reference;
    bool is_draft;                  /* being filled (also: a correction of a record) */
    struct draft draft;
    struct record record;           /* when not a draft, or a correction */
    const struct kind *kind;
    struct files files;
    struct answers_env env;
    struct list_world world;
};

/* By the route's :ref. E_NOT_FOUND: no such dossier, or not for this person — the same words for both. */
err held_get(struct req *q, struct held *out);
err held_draft(struct req *q, struct held *out);        /* E_GONE "filling.filed": it was filed meanwhile; out->record is set */
void held_keep(struct req *q, str reference, str token);     /* the browser's proof, 7 days */
str held_token(struct req *q);                              /* of the route's :ref; absent: this browser has none */
void held_forget(struct req *q, str reference);
/* The code of a draft just begun, in clear, for as long as it may be shown: ten minutes, in a cookie of its own, and nowhere else. */
void held_code_keep(struct req *q, str reference, str code);
str held_code(struct req *q, const struct held *h);         /* absent: it can be shown no more, or is not the code of h */
err held_leave(struct req *q, const struct held *h);          /* this browser opens it no more: its cookie and its token end */
/* References that this browser says it holds, to be proved by draft_tokens_hold. */
struct pairs held_here(struct req *q);
/* What answers need to know of files and lists; lives as long as *h. */
void held_env(struct req *q, struct held *h);
buf *page_buf(struct req *q, size_t max_bytes);               /* freed with the request */
struct strs form_typed(void *req, arena *mem, str name);      /* typed_lookup over the form body */
