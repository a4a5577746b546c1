/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "view/layout.h"
#include "view/parts.h"

struct page_sheets { struct layout l; struct links themes, lines; str theme; };
struct page_sheet { struct layout l; str title, id, theme; struct html text; int64_t day; struct links entries; struct url official, licence; bool is_sample; };
struct page_sheet_away { struct layout l; str id; struct url official; };
