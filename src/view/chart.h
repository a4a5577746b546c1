/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* chart.h — a small chart in SVG, always with its table. Values are not negative. */
#pragma once
#include "view/html.h"

struct chart_point { str label; double value; };
struct chart {
    str label;                      /* required: what is drawn, read in place of the picture and above the table */
    str unit;                       /* "%", "€": written after values */
    enum lang lang;
    struct { struct chart_point *v; size_t n; } points;    /* at most 60 are drawn */
};
struct html chart_bars(arena *mem, const struct chart *c);      /* horizontal: reads well on a telephone */
struct html chart_curve(arena *mem, const struct chart *c);     /* in order, from left to right */
