/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letters.h — letters sent, as their reader and the desk see them; and the public's /v, where anybody verifies one. */
#pragma once
#include "core/letter.h"
#include "pages/holder.h"
#include "pages/sheet.h"
#include "view/layout.h"
#include "view/parts.h"

struct letter_line { str object, state, tone, code; int64_t at_us; struct url at, pdf /* absent: not made yet */, verify; };
struct letter_lines { struct letter_line *v; size_t n; };
struct part_letters { struct letter_lines of; };

/* What an agent may do to it; both absent for its reader, and once it is withdrawn or replaced. */
struct letter_acts { struct url withdraw, replace; struct html asks; str said /* the reason, typed */; bool is_open_withdraw, is_open_replace; };
struct page_letter { struct layout l; struct sheet sheet; struct url pdf, back, verify, next; str back_label, state, reason, sha256, conflict; int64_t changed_us; struct links faults; struct letter_acts acts; };

struct page_verify { struct layout l; str typed, fault, code, body, reference, object, outcome, sha256, state /* valid | withdrawn | replaced */; struct url check, look; int64_t at_us, changed_us, next_us;
    bool is_known, is_erased, compared, same; struct links faults; };

/* base: "/dossiers/REF" or "/agents/dossiers/REF". */
err letter_lines_of(struct req *q, int64_t record, str base, struct letter_lines *out);
/* The letter of the route's :code, which must be of this dossier. E_NOT_FOUND; E_GONE "letters.erased". */
err letter_of_route(struct req *q, const struct held *h, struct sent_letter *out);
err letter_page(struct req *q, const struct held *h, const struct sent_letter *l, str base, struct page_letter *p);
err letter_pdf_send(struct req *q, struct held *h, const struct sent_letter *l);

extern const struct route letter_routes[];
extern const struct route verify_routes[];
