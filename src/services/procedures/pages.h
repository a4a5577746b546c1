/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "core/receipt.h"
#include "pages/filling.h"
#include "pages/sheet.h"
#include "view/layout.h"
#include "view/parts.h"

struct procedure_line { str title, who, body; struct url at; };
struct page_procedures { struct layout l; struct { struct procedure_line *v; size_t n; } lines; };

struct page_procedure { struct layout l; str usual /* how long answers took; absent: too few to say */, title, audience, duration, cost, legal_basis, other_ways, number; struct html description; struct strs prepare;
    struct url start, print, pdf, legal_link; struct receipt r; struct personal personal; bool is_closed; str close_reason; };

struct page_paper { struct layout l; struct sheet sheet; };
