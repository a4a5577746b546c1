/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include "base/clock.h"
#include "base/said.h"
#include "view/html.h"
#include "web/assets.h"

/* ---- text ---- */

void html_text(struct html_out *o, str s) { buf_html(o->b, said_bare(o->mem, s)); }
void html_z(struct html_out *o, const char *z) { buf_html(o->b, str_of(z)); }
void html_i64(struct html_out *o, int64_t n) { buf_i64(o->b, n); }
void html_size_t(struct html_out *o, size_t n) { buf_fmt(o->b, "%zu", n); }
struct html html_said_as(struct html h, str from)
{
    enum lang written;
    if (said_noted(from, &written)) said_in((str){h.p, h.n}, written);
    return h;
}

void html_said(struct html_out *o, str s) { buf_said(o->b, s, o->lang); }
void html_raw(struct html_out *o, struct html h)
{
    const char *code = said_tag((str){h.p, h.n}, o->lang);
    if (code) buf_fmt(o->b, "<div lang=\"%s\">", code);
    buf_put(o->b, (str){h.p, h.n});
    if (code) buf_lit(o->b, "</div>");
}
void html_url_text(struct html_out *o, struct url u) { buf_html(o->b, url_str(u)); }

/* Decimal with a dot whatever the locale: whole part and seven decimals are written as integers. */
static void f64_put(buf *b, double x)
{
    if (!isfinite(x) || fabs(x) > 9e11) {
        buf_lit(b, isfinite(x) ? (x < 0 ? "-9e11" : "9e11") : "0");
        return;
    }
    int64_t scaled = llround(fabs(x) * 1e7), whole = scaled / 10000000, part = scaled % 10000000;
    char digits[12];
    int n = snprintf(digits, sizeof digits, "%07" PRId64, part);
    while (n > 0 && digits[n - 1] == '0') n--;
    if (x < 0 && scaled) buf_char(b, '-');
    buf_i64(b, whole);
    if (n) {
        buf_char(b, '.');
        buf_put(b, (str){digits, (size_t)n});
    }
}

void html_f64(struct html_out *o, double x) { f64_put(o->b, x); }

/* ---- addresses ---- */

void html_url(struct html_out *o, struct url u) { buf_html(o->b, url_str(u)); }
void html_part_str(struct html_out *o, str s) { buf_url(o->b, s); }
void html_part_z(struct html_out *o, const char *z) { buf_url(o->b, str_of(z)); }
void html_part_url(struct html_out *o, struct url u) { buf_url(o->b, url_str(u)); }

struct url url_make(arena *a, const char *pattern, struct strs pieces)
{
    buf b = BUF(64 * 1024);
    size_t at = 0;
    for (const char *p = pattern; *p;) {
        const char *hole = strstr(p, "{}");
        if (!hole) {
            buf_lit(&b, p);
            break;
        }
        buf_put(&b, (str){p, (size_t)(hole - p)});
        if (at < pieces.n) buf_url(&b, pieces.v[at++]);
        p = hole + 2;
    }
    str made = str_copy(a, buf_str(&b));
    buf_free(&b);
    return (struct url){made.p, made.n};
}

struct url url_web(str given)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:"};
    str s = str_trim(given);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\') return (struct url){0, 0};
    if (s.n && s.p[0] == '/' && !(s.n > 1 && s.p[1] == '/')) return (struct url){s.p, s.n};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);
        if (s.n > n && strncasecmp(s.p, schemes[i], n) == 0) return (struct url){s.p, s.n};
    }
    return (struct url){0, 0};
}

/* ---- dates ---- */

static void moment(struct html_out *o, str machine, str words_of_it, bool in_text)
{
    if (in_text) {
        buf_lit(o->b, "<time datetime=\"");
        buf_html(o->b, machine);
        buf_lit(o->b, "\">");
    }
    buf_html(o->b, words_of_it);
    if (in_text) buf_lit(o->b, "</time>");
}

void html_date(struct html_out *o, int64_t at_us, bool in_text)
{
    if (!at_us) return;
    struct civil c = civil_of(at_us, o->zone);
    moment(o, date_iso(o->mem, days_of(c.year, c.month, c.day)), words_date_us(o->mem, o->lang, at_us, o->zone), in_text);
}

void html_time(struct html_out *o, int64_t at_us, bool in_text)
{
    if (at_us) moment(o, time_iso(o->mem, at_us / SECOND_US * SECOND_US), words_time_us(o->mem, o->lang, at_us, o->zone), in_text);
}

void html_day(struct html_out *o, int64_t days, bool in_text)
{
    if (days) moment(o, date_iso(o->mem, days), words_date(o->mem, o->lang, days), in_text);
}

/* ---- forms and files of web/ ---- */

void html_token(struct html_out *o)
{
    if (!o->token.n) return;
    buf_lit(o->b, "<input type=\"hidden\" name=\"csrf\" value=\"");
    buf_html(o->b, o->token);
    buf_lit(o->b, "\">");
}

void html_asset(struct html_out *o, const char *file) { buf_put(o->b, asset_url(o->mem, &assets_built, file)); }

void html_script(struct html_out *o, const char *file)
{
    buf_lit(o->b, "<script src=\"");
    html_asset(o, file);
    buf_lit(o->b, "\" defer></script>");
}

/* ---- words with links ---- */

struct rich_arg { const char *name; str value; };

static str rich_value(const struct rich_arg *args, size_t n, str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, args[i].name)) return args[i].value;
    return STR_NONE;
}

static void rich_text(struct html_out *o, str s, const struct rich_arg *args, size_t n)
{
    while (s.n) {
        ptrdiff_t open = str_find_char(s, '{'), close = open < 0 ? -1 : str_find_char(str_cut(s, (size_t)open, s.n), '}');
        if (close < 0) {
            buf_html(o->b, s);
            return;
        }
        buf_html(o->b, str_cut(s, 0, (size_t)open));
        html_said(o, rich_value(args, n, str_cut(s, (size_t)open + 1, (size_t)(open + close))));
        s = str_cut(s, (size_t)(open + close) + 1, s.n);
    }
}

static void rich_run(struct html_out *o, str s, const struct rich_arg *args, size_t n);

/* [label](name) at the start of s: writes the link, returns how many bytes it took; 0 when it is none. */
static size_t rich_link(struct html_out *o, str s, const struct rich_arg *args, size_t n)
{
    ptrdiff_t middle = str_find(s, S("]("));
    ptrdiff_t end = middle < 0 ? -1 : str_find_char(str_cut(s, (size_t)middle, s.n), ')');
    if (end < 0) return 0;
    str to = rich_value(args, n, str_cut(s, (size_t)middle + 2, (size_t)(middle + end)));
    struct url safe = url_web(to);
    if (!safe.n && to.n && (to.p[0] == '#' || to.p[0] == '?')) safe = (struct url){to.p, to.n};
    if (safe.n) {
        buf_lit(o->b, "<a href=\"");
        buf_html(o->b, url_str(safe));
        buf_lit(o->b, "\">");
    }
    rich_run(o, str_cut(s, 1, (size_t)middle), args, n);
    if (safe.n) buf_lit(o->b, "</a>");
    return (size_t)(middle + end) + 1;
}

static void rich_run(struct html_out *o, str s, const struct rich_arg *args, size_t n)
{
    bool strong = false;
    size_t from = 0, i = 0;
    while (i < s.n) {
        bool stars = s.n - i > 1 && s.p[i] == '*' && s.p[i + 1] == '*';
        if (!stars && s.p[i] != '[') {
            i++;
            continue;
        }
        rich_text(o, str_cut(s, from, i), args, n);
        size_t took = 2;
        if (stars) {
            buf_lit(o->b, strong ? "</strong>" : "<strong>");
            strong = !strong;
        } else {
            took = rich_link(o, str_cut(s, i, s.n), args, n);
        }
        from = i + took;
        i = took ? from : i + 1;
    }
    rich_text(o, str_cut(s, from, s.n), args, n);
    if (strong) buf_lit(o->b, "</strong>");
}

void html_rich(struct html_out *o, const char *key, ...)
{
    struct rich_arg args[16];
    size_t n = 0;
    va_list ap;
    va_start(ap, key);
    for (const char *name; n < 16 && (name = va_arg(ap, const char *)) != NULL; n++) {
        args[n].name = name;
        args[n].value = va_arg(ap, str);
    }
    va_end(ap);
    rich_run(o, words(o->lang, key), args, n);
}

void html_lang(struct html_out *o, str s)
{
    const char *code = said_tag_within(s, o->lang);
    if (code) buf_fmt(o->b, " lang=\"%s\"", code);
}

/* ---- values as words ---- */

str html_str_i64(struct html_out *o, int64_t n) { return str_fmt(o->mem, "%" PRId64, n); }
str html_str_size(struct html_out *o, size_t n) { return str_fmt(o->mem, "%zu", n); }
str html_str_str(struct html_out *o, str s) { return (void)o, s; }
str html_str_z(struct html_out *o, const char *z) { return (void)o, str_of(z); }
str html_str_url(struct html_out *o, struct url u) { return (void)o, url_str(u); }
const char *html_key_str(struct html_out *o, str s) { return str_z(o->mem, s); }
const char *html_key_z(struct html_out *o, const char *z) { return (void)o, z ? z : ""; }
bool html_is_z(const char *z, const char *literal) { return strcmp(z ? z : "", literal) == 0; }

str html_str_f64(struct html_out *o, double x)
{
    buf b = BUF(64);
    f64_put(&b, x);
    str s = str_copy(o->mem, buf_str(&b));
    buf_free(&b);
    return s;
}
