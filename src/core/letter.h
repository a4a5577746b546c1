/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letter.h — letters sent: what a decision writes to somebody, frozen in its transaction, drawn once as a PDF and stored, verified by
   anybody who has its code. The templates of a kind are letter_template.h; the mails around it, mails.h. */
#pragma once
#include "core/files.h"
#include "core/letter_template.h"
#include "core/life.h"
#include "core/notify.h"

struct sent_letter {
    int64_t id, record, seq /* the event that sent it */, revision, file /* 0: not made yet, or erased */, at_us;
    str kind, template, transition, code, reference, object, outcome /* letter_outcomes */, body /* who wrote it: the commune, the EPCI */;
    str paper;                      /* formats/paper.h as JSON */
    str sha256;                     /* of the PDF, hex */
    str state, reason;              /* valid | withdrawn | replaced; why */
    int64_t changed_us, successor;  /* when it was; the letter that replaces it */
    int64_t erased_us;              /* with its record's words: what remains is code, at, body, state, sha256 */
};
struct sent_letters { struct sent_letter *v; size_t n; };

/* 128 random bits and 12 of their hash, in Crockford's base 32: 28 signs. */
str letter_code_new(arena *mem);
/* "7KQ2-M9XC-…" */
str letter_code_shown(arena *mem, str code);
/* As a person types it: any case, blanks, dashes; I and L read as 1, O as 0. E_INVALID "letter.code_typing": a sign is wrong or missing. */
err letter_code_read(arena *mem, str typed, str *out);
/* "https://town.fr/v/7KQ2-…"; a path when the tenant has no address. */
str letter_address(arena *mem, const struct tenant *t, str code);

err letter_of_code(db *d, arena *mem, str code, struct sent_letter *out);           /* E_NOT_FOUND */
err letter_of_id(db *d, arena *mem, int64_t id, struct sent_letter *out);           /* E_NOT_FOUND */
err letters_sent(db *d, arena *mem, int64_t record, struct sent_letters *out);        /* newest first */

/* The effect: in the transaction of the decision. Fills c->letter; a mail to the author after it waits for the PDF. E_INVALID as letter_fill. */
err letter_send(const struct effect_call *c, const struct letter *l);

/* The job "letter.make": draws, seals, stores, and only then lets the mail leave. Done again after a crash at any point, nothing is twice
   there. A letter that cannot be drawn does not hold its mail for ever: after LETTER_HELD_TRIES the mail leaves, the page is there. */
struct blobs;
struct converter;
struct letter_press { struct blobs *blobs; struct converter *converter; const struct tenant *tenant; };
#define LETTER_MAKE "letter.make"
#define LETTER_HELD_TRIES 4
err letter_make(db *d, arena *mem, const struct job *j, const struct letter_press *press, int64_t now_us);

/* What an agent does to a letter sent, with a reason (E_INVALID "letter.reason_missing"); the author is told. E_CONFLICT "letter.not_valid":
   somebody was quicker. Replacing sends another from the same template, of the record as it is now, with these answers to the
   questions of its transition. */
struct letter_act { const struct who *who; const struct tenant *tenant; const struct kind *kind; struct kinds *kinds; int64_t letter; str reason; const json_t *asks; int64_t now_us; };
err letter_withdraw(db *d, arena *mem, const struct letter_act *a);
err letter_replace(db *d, arena *mem, const struct letter_act *a, struct sent_letter *out);
/* What was answered when it was sent. */
err letter_asks(db *d, arena *mem, const struct sent_letter *l, json_t **out);

err letters_erase(db *w, int64_t record, int64_t now_us);
