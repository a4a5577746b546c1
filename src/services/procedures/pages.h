/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "core/receipt.h"
#include "pages/filling.h"
#include "pages/sheet.h"
#include "view/layout.h"
#include "view/parts.h"

/* what: how it is done, in words ("En ligne, sur un autre site : France Titres"). */
struct procedure_line { str title, who, what, offer, body; struct url at; };
struct procedure_group { str name, title; struct { struct procedure_line *v; size_t n; } lines; };
struct page_procedures { struct layout l; struct { struct procedure_group *v; size_t n; } groups; struct choices themes, offers; bool is_filtered; };

struct page_procedure { struct layout l; str usual /* how long answers took; absent: too few to say */;
    str title, audience, duration, cost, legal_basis, other_ways, number, offer, what, what_hint, operator; struct html description; struct strs prepare;
    struct url start, print, pdf, legal_link, online, source; struct links sheets; struct receipt r; struct personal personal; bool is_closed, is_preview; str close_reason; };

struct page_paper { struct layout l; struct sheet sheet; };
