/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* left.h — leaving a form, a correction or a filed dossier on a device that others use. */
#pragma once
#include "view/layout.h"

struct page_left { struct layout l; str reference; struct url action, back; bool is_filed, is_correction, by_account; int64_t until_us /* kept, or awaited */; };
