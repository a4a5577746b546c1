/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mails.h — the mails the core writes: the receipt (its facts: receipt.h), notices of transitions, codes. Words: po/…/core.po. */
#pragma once
#include "core/life.h"

struct mail { str subject, text; };
/* To the author after a transition; words: what the agent wrote for them. */
struct mail notice_mail(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang,
                            const struct transition *tr, str words_said, str letter /* its code; absent: none */);
/* "https://town.fr/dossiers/BCDF-GHJK"; absent when the tenant has no address. kind setting `path`: default /dossiers. */
str record_address(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r);
/* Where anybody may see it: kind setting `public_path`; absent: nowhere, or the tenant has no address. */
str public_address(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r);
str letter_link(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, str code);      /* where its author reads a letter */
str draft_address(arena *mem, const struct tenant *t, str reference);

/* Into the outbox, once per cause. */
err mail_receipt(db *w, arena *mem, const struct filing *f, const struct record *r);
err mail_notice_author(const struct effect_call *c);
err mail_notice_followers(const struct effect_call *c);       /* of public records only, and only what is public */
err mail_notice_agent(const struct effect_call *c, str email);
/* A message of the thread: to the author when an agent speaks, else to who handles the record, else to the team. */
err mail_message(db *w, arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, bool by_agent, str said, int64_t cause, int64_t now_us);
err mail_code(db *w, arena *mem, const struct tenant *t, str to, str title, str reference, str code, int64_t draft, enum lang lang, int64_t now_us);
/* A letter withdrawn, or replaced by the one of `code`: then held until that one is made. */
struct letter_mail { const struct tenant *tenant; const struct kind *kind; const struct record *record; str object, reason, code; int64_t sent_us; };
err mail_letter(db *w, arena *mem, const struct letter_mail *m, int64_t cause, int64_t now_us);
err account_mail(db *d, arena *mem, int64_t account, str *out_email);      /* absent: no such account */
