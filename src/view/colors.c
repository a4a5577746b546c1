/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include "view/colors.h"

struct color { double r, g, b; };           /* 0 to 255 */

static const struct color paper = {0xfb, 0xf7, 0xef}, ink = {0x1a, 0x1c, 0x20}, white = {255, 255, 255}, black = {0, 0, 0};

static bool color_parse(str s, struct color *out)
{
    int v[6];
    if (s.n != 7 || s.p[0] != '#') return false;
    for (size_t i = 0; i < 6; i++) {
        char c = s.p[i + 1];
        if (c >= '0' && c <= '9') v[i] = c - '0';
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') v[i] = (c | 32) - 'a' + 10;
        else return false;
    }
    *out = (struct color){v[0] * 16 + v[1], v[2] * 16 + v[3], v[4] * 16 + v[5]};
    return true;
}

static double linear(double channel)
{
    double x = channel / 255;
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

static double luminance(struct color c) { return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b); }

static double contrast(struct color a, struct color b)
{
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

double color_contrast(str a, str b)
{
    struct color x, y;
    return color_parse(a, &x) && color_parse(b, &y) ? contrast(x, y) : 0;
}

static struct color mix(struct color a, struct color b, double share_of_b)
{
    return (struct color){a.r + (b.r - a.r) * share_of_b, a.g + (b.g - a.g) * share_of_b, a.b + (b.b - a.b) * share_of_b};
}

/* The same hue, lightened until it stands out on ink. */
static struct color by_night(struct color c, double least)
{
    struct color out = c;
    for (double share = 0; share < 1 && contrast(out, ink) < least; share += 0.02) out = mix(c, white, share);
    return out;
}

static void put(buf *out, const char *name, struct color c)
{
    buf_fmt(out, "%s:#%02x%02x%02x;", name, (unsigned)lround(c.r), (unsigned)lround(c.g), (unsigned)lround(c.b));
}

static err color_read(str s, const char *name, double least, struct color *out)
{
    if (!color_parse(s, out)) return FAIL_AT(E_INVALID, "view.color.form", name);
    if (contrast(*out, paper) < least) return FAIL_AT(E_INVALID, "view.color.contrast", name);
    return NO_ERR;
}

err town_style(buf *out, str action, str accent)
{
    struct color a = black, b = black;
    if (action.n) TRY(color_read(action, "action", 4.5, &a));
    if (accent.n) TRY(color_read(accent, "accent", 3, &b));
    struct color a_night = by_night(a, 7);
    buf_lit(out, ":root{");
    if (action.n) {
        put(out, "--blue", a);
        put(out, "--blue-deep", mix(a, black, 0.3));
        put(out, "--blue-tint", mix(a, paper, 0.88));
    }
    if (accent.n) put(out, "--accent", b);
    buf_lit(out, "}@media (prefers-color-scheme:dark){:root{");
    if (action.n) {
        put(out, "--blue", a_night);
        put(out, "--blue-deep", mix(a_night, white, 0.4));
        put(out, "--blue-tint", mix(a_night, ink, 0.85));
    }
    if (accent.n) put(out, "--accent", by_night(b, 3));
    buf_lit(out, "}}\n");
    return NO_ERR;
}
