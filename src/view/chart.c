/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include "base/utf8.h"
#include "view/chart.h"

#define MAX_POINTS 60
enum { WIDTH = 640, LABEL = 150, VALUE = 70, LINE = 30, CURVE_HEIGHT = 220, PAD = 24 };

static str value_text(arena *mem, const struct chart *c, double value)
{
    str n = words_number(mem, c->lang, (int64_t)value);
    double rest = value - floor(value);
    if (rest >= 0.05 && rest < 0.95) n = str_fmt(mem, "%.*s%.*s%d", STR_ARG(n), STR_ARG(words(c->lang, W("base.decimal"))), (int)(rest * 10 + .5));
    return c->unit.n ? str_fmt(mem, "%.*s\u00a0%.*s", STR_ARG(n), STR_ARG(c->unit)) : n;
}

static size_t drawn(const struct chart *c) { return c->points.n < MAX_POINTS ? c->points.n : MAX_POINTS; }

static double greatest(const struct chart *c)
{
    double most = 0;
    for (size_t i = 0; i < drawn(c); i++)
        if (isfinite(c->points.v[i].value) && c->points.v[i].value > most) most = c->points.v[i].value;
    return most > 0 ? most : 1;
}

static double share(const struct chart *c, size_t i, double most)
{
    double x = c->points.v[i].value / most;
    return isfinite(x) && x > 0 ? x : 0;
}

static void figure_begins(buf *b, const struct chart *c, int height)
{
    buf_fmt(b, "<figure class=\"chart-figure\"><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, height);
    buf_html(b, c->label);
    buf_lit(b, "\">");
}

static void text_at(buf *b, int x, int y, const char *anchor, str s)
{
    buf_fmt(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
    buf_html(b, s);
    buf_lit(b, "</text>");
}

static struct html figure_ends(buf *b, arena *mem, const struct chart *c)
{
    buf_lit(b, "</svg><details><summary>");
    buf_html(b, words(c->lang, W("view.chart.table")));
    buf_lit(b, "</summary><div class=\"table-wrap\"><table><caption>");
    buf_html(b, c->label);
    buf_lit(b, "</caption><tbody>");
    for (size_t i = 0; i < c->points.n; i++) {
        buf_lit(b, "<tr><th scope=\"row\">");
        buf_html(b, c->points.v[i].label);
        buf_lit(b, "</th><td class=\"num\">");
        buf_html(b, value_text(mem, c, c->points.v[i].value));
        buf_lit(b, "</td></tr>");
    }
    buf_lit(b, "</tbody></table></div></details></figure>");
    str out = b->full ? STR_NONE : str_copy(mem, buf_str(b));
    buf_free(b);
    return html_safe(out);
}

struct html chart_bars(arena *mem, const struct chart *c)
{
    buf b = BUF(1 << 20);
    double most = greatest(c);
    figure_begins(&b, c, (int)drawn(c) * LINE + 4);
    for (size_t i = 0; i < drawn(c); i++) {
        int y = (int)i * LINE + 4, width = (int)(share(c, i, most) * (WIDTH - LABEL - VALUE));
        text_at(&b, LABEL - 10, y + 17, "end", utf8_cut(c->points.v[i].label, 22));
        buf_fmt(&b, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", LABEL, y, width > 1 ? width : 1, LINE - 8);
        text_at(&b, LABEL + width + 8, y + 17, "start", value_text(mem, c, c->points.v[i].value));
    }
    return figure_ends(&b, mem, c);
}

struct html chart_curve(arena *mem, const struct chart *c)
{
    buf b = BUF(1 << 20);
    double most = greatest(c);
    size_t n = drawn(c);
    int base = CURVE_HEIGHT - PAD, span = WIDTH - 2 * PAD;
    figure_begins(&b, c, CURVE_HEIGHT);
    buf_fmt(&b, "<path class=\"axis\" d=\"M%d %dH%d\"/><path class=\"curve\" d=\"", PAD, base, WIDTH - PAD);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%c%d %d", i ? 'L' : 'M', PAD + (n > 1 ? (int)((double)span * (double)i / (double)(n - 1)) : 0),
                base - (int)(share(c, i, most) * (base - PAD)));
    buf_lit(&b, "\"/>");
    if (n) {
        text_at(&b, PAD, CURVE_HEIGHT - 6, "start", c->points.v[0].label);
        text_at(&b, WIDTH - PAD, CURVE_HEIGHT - 6, "end", c->points.v[n - 1].label);
        text_at(&b, PAD, PAD - 8, "start", value_text(mem, c, most));
    }
    return figure_ends(&b, mem, c);
}
