/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* colors.h — a town's two colours: one to act (links, buttons), one for the rule under its name. The rest of the look is not theirs to
   change, so that contrast holds everywhere, by day and by night. */
#pragma once
#include "view/html.h"

/* WCAG 2.2 §1.4.3: 1 to 21. Colours "#1b4b8f"; 0 when one is not so written. */
double color_contrast(str a, str b);
/* A small stylesheet over web/beffroi.css. Each colour may be absent. E_INVALID, at "action" or "accent": not a colour
   (view.color.form), too pale on paper (view.color.contrast: 4.5 to act, 3 for the rule). */
err town_style(buf *out, str action, str accent);
