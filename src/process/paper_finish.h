/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_finish.h — what cairo 1.16 cannot say in a PDF is added behind it, as an incremental update (ISO 32000-1 §7.5.6): the language of the
   document, that its title is shown, the words that stand for a figure, which way a header cell looks. */
#pragma once
#include "base/words.h"

/* alts: of the figures, scopes: 'c' or 'r' of the header cells, both in the order of the document. E_INTERNAL: not the form cairo writes. */
err paper_finish(arena *mem, str pdf, enum lang lang, struct strs alts, str scopes, str *out);
