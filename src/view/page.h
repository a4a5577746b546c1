/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page.h — from a drawn page to a reply. Called by generated code; the site sets the filler once, at start. */
#pragma once
#include "view/layout.h"

struct req;
typedef void (*page_filler)(struct req *q, struct layout *l);
void page_filler_set(page_filler fill);
/* Fills l (NULL: a page without layout), draws p and replies text/html with l->status (0: 200). E_TOO_LARGE over 8 MiB. */
err page_send(struct req *q, void (*draw)(struct html_out *o, const void *p), const void *p, struct layout *l);
