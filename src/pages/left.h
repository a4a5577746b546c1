/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* left.h — leaving a form. */
#pragma once
#include "view/layout.h"

struct page_left { struct layout l; str reference; struct url action, back; bool has_mail; int64_t expires_us; };
