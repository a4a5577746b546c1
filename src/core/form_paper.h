/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_paper.h — the blank form of a kind as a sheet of paper, from the same definition as the form online: where to send or bring it,
   room for each answer, documents to join, the notice on personal data, and the revision it was printed from. */
#pragma once
#include "core/answers.h"
#include "core/receipt.h"
#include "formats/paper.h"

struct form_paper {
    const struct tenant *tenant; const struct kind *kind; int64_t body;
    const struct answers_env *env;          /* lists, language */
    str (*words_of)(arena *mem, str html);  /* imported rich text as words; NULL: as it is */
    int64_t number, revision;               /* said at its foot */
    int64_t published_us;                   /* of the revision: the same revision gives the same bytes */
    str address;                            /* of the page of the procedure, whole; absent: none */
};
err form_paper(arena *mem, const struct form_paper *f, struct paper *out);
/* "n° 101, version 3": printed at the foot of the form, and said at the counter. */
str form_edition(arena *mem, enum lang lang, int64_t number, int64_t revision);
