/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* receipt.h — what the law wants said when a request is received (CRPA L112-3, L112-11, R112-5): the date, the service in charge with
   its postal address, mail and telephone, what silence means and from when, and routes of appeal (rejection) or the right to an
   attestation (acceptance, L232-3). The same facts for the page, the mail and the API. Before a filing (created_us 0): the rule, no dates. */
#pragma once
#include "core/record.h"

enum silence { SILENCE_NONE, SILENCE_ACCEPTANCE, SILENCE_REJECTION };
struct receipt {
    str service, postal_address, mail, phone, hours;
    int64_t received_us;
    enum silence silence;
    int64_t silence_us;             /* as in the record; 0: no clock, or it stands still */
    str article;
    str received_words;             /* 23 novembre 2026 */
    str silence_words;              /* one or two sentences, with the date when there is one; that the period is suspended, or what its end gave; absent: decided */
    str appeal;                     /* the procedure's, else the law's own; said when silence means rejection, and with a decision */
};
err receipt_of(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang, struct receipt *out);
/* The receipt as the text of a mail. code, link: absent when not to be repeated. */
str receipt_text(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, const struct receipt *x, str code, str link, enum lang lang);

/* A setting written in several languages, or a list of such. */
str kind_setting_text(const struct kind *k, const struct tenant *t, int64_t body, const char *path, enum lang lang);
struct strs kind_setting_list(const struct kind *k, const struct tenant *t, int64_t body, const char *path, enum lang lang, arena *mem);
