/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/decode.h"
#include "base/utf8.h"
#include <strings.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

err url_decode(arena *mem, str s, bool plus_is_space, str *out)
{
    bool change = s.n && (memchr(s.p, '%', s.n) || (plus_is_space && memchr(s.p, '+', s.n)));
    str done = s;
    if (change) {
        char *p = arena_alloc(mem, s.n + 1);
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] == '%') {
                int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
                int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
                if (high < 0 || low < 0) return FAIL(E_MALFORMED, "web.url.percent");
                p[n++] = (char)(high * 16 + low);
                i += 2;
            } else {
                p[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
            }
        }
        done = (str){p, n};
    }
    if (done.n && memchr(done.p, 0, done.n)) return FAIL(E_MALFORMED, "web.text.nul");
    if (!utf8_valid(done)) return FAIL(E_MALFORMED, "web.text.utf8");
    *out = done.p ? done : S("");
    return NO_ERR;
}

err pairs_parse(arena *mem, str raw, size_t max_pairs, struct pairs *out)
{
    struct pairs done = {0};
    while (raw.n) {
        str rest, value, piece = str_split(raw, '&', &rest);
        raw = rest;
        if (piece.n == 0) continue;
        if (done.n == max_pairs) return FAIL(E_TOO_LARGE, "web.form.too_many_fields");
        struct pair got;
        str name = str_split(piece, '=', &value);
        TRY(url_decode(mem, name, true, &got.name));
        TRY(url_decode(mem, value, true, &got.value));
        got.value = text_clean(mem, got.value);
        PUSH(mem, &done, got);
    }
    *out = done;
    return NO_ERR;
}

str pairs_first(const struct pairs *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_is(p->v[i].name, name)) return p->v[i].value;
    return STR_NONE;
}

static bool is_control(char c)
{
    unsigned char u = (unsigned char)c;
    return (u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7F;
}

str text_clean(arena *mem, str s)
{
    size_t at = 0;
    while (at < s.n && !is_control(s.p[at])) at++;
    if (at == s.n) return s;
    char *p = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!is_control(s.p[i])) p[n++] = s.p[i];
    return (str){p, n};
}

str cookie_raw(str header, const char *name)
{
    size_t name_n = strlen(name);
    while (header.n) {
        str rest, piece = str_trim(str_split(header, ';', &rest));
        header = rest;
        if (piece.n > name_n && piece.p[name_n] == '=' && memcmp(piece.p, name, name_n) == 0) {
            str v = str_cut(piece, name_n + 1, piece.n);
            if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"') v = str_cut(v, 1, v.n - 1);
            return v.p ? v : S("");
        }
    }
    return STR_NONE;
}

bool str_is_nocase(str a, const char *z)
{
    return strlen(z) == a.n && (a.n == 0 || strncasecmp(a.p, z, a.n) == 0);
}

/* Thousandths of a q-value after the first ';'; 1000 when there is none. */
static int quality(str params)
{
    while (params.n) {
        str rest, p = str_trim(str_split(params, ';', &rest));
        params = rest;
        if (p.n < 3 || (p.p[0] | 0x20) != 'q' || p.p[1] != '=') continue;
        int q = p.p[2] == '1' ? 1000 : 0, scale = 100;
        for (size_t i = 4; i < p.n && i < 7 && p.p[3] == '.'; i++, scale /= 10)
            if (p.p[i] >= '0' && p.p[i] <= '9') q += (p.p[i] - '0') * scale;
        return q > 1000 ? 1000 : q;
    }
    return 1000;
}

enum lang accept_language(str header)
{
    int best = -1;
    enum lang lang = LANG_FR;
    while (header.n) {
        str rest, params, item = str_split(header, ',', &rest);
        header = rest;
        str tag = str_trim(str_split(item, ';', &params));
        str primary = str_split(tag, '-', &(str){0});
        int q = quality(params);
        bool fr = str_is_nocase(primary, "fr") || str_is(primary, "*"), en = str_is_nocase(primary, "en");
        if ((!fr && !en) || q == 0 || q <= best) continue;
        best = q;
        lang = fr ? LANG_FR : LANG_EN;
    }
    return lang;
}

unsigned accept_encodings(str header)
{
    unsigned takes = 1U << ENCODING_NONE;
    while (header.n) {
        str rest, params, item = str_split(header, ',', &rest);
        header = rest;
        str name = str_trim(str_split(item, ';', &params));
        if (quality(params) == 0) continue;
        if (str_is_nocase(name, "gzip")) takes |= 1U << ENCODING_GZIP;
        if (str_is_nocase(name, "br")) takes |= 1U << ENCODING_BROTLI;
    }
    return takes;
}

static str etag_opaque(str tag)
{
    tag = str_trim(tag);
    return str_starts(tag, S("W/")) ? str_cut(tag, 2, tag.n) : tag;
}

bool etag_matches(str if_none_match, str etag)
{
    if (str_is(str_trim(if_none_match), "*")) return true;
    while (if_none_match.n) {
        str rest, item = str_split(if_none_match, ',', &rest);
        if_none_match = rest;
        str tag = etag_opaque(item);
        if (tag.n && str_eq(tag, etag_opaque(etag))) return true;
    }
    return false;
}

/* Reads a value at the head of *s: a token, or a quoted string. A backslash escapes only '"' and '\': old
   browsers send C:\path as it is. */
static str value_take(arena *mem, str *s)
{
    if (s->n == 0 || s->p[0] != '"') {
        str rest, v = str_trim(str_split(*s, ';', &rest));
        *s = rest;
        return v.p ? v : S("");
    }
    char *p = arena_alloc(mem, s->n);
    size_t n = 0, i = 1;
    for (; i < s->n && s->p[i] != '"'; i++) {
        if (s->p[i] == '\\' && i + 1 < s->n && (s->p[i + 1] == '"' || s->p[i + 1] == '\\')) i++;
        p[n++] = s->p[i];
    }
    str tail = str_cut(*s, i < s->n ? i + 1 : s->n, s->n);
    str_split(tail, ';', s);
    return (str){p, n};
}

str header_param(arena *mem, str h, const char *name)
{
    str rest;
    str_split(h, ';', &rest);
    while (rest.n) {
        ptrdiff_t equals = str_find_char(rest, '=');
        if (equals < 0) return STR_NONE;
        str key = str_trim(str_cut(rest, 0, (size_t)equals));
        ptrdiff_t semicolon = str_find_char(key, ';'); /* "form-data; x; name=…" */
        if (semicolon >= 0) key = str_trim(str_cut(key, (size_t)semicolon + 1, key.n));
        rest = str_trim(str_cut(rest, (size_t)equals + 1, rest.n));
        str value = value_take(mem, &rest);
        if (str_is_nocase(key, name)) return value;
    }
    return STR_NONE;
}

bool header_type_is(str content_type, const char *type)
{
    str rest;
    return str_is_nocase(str_trim(str_split(content_type, ';', &rest)), type);
}

bool range_parse(str h, int64_t size_bytes, struct byte_range *out, bool *unsatisfiable)
{
    *unsatisfiable = false;
    if (!str_starts(h, S("bytes=")) || str_find_char(h, ',') >= 0) return false;
    str last, first = str_trim(str_split(str_cut(h, 6, h.n), '-', &last));
    if (!last.p) return false;
    last = str_trim(last);
    int64_t from, to = size_bytes - 1;
    if (first.n == 0) { /* the last n bytes */
        int64_t n;
        if (str_i64(last, &n).code != OK || n < 0) return false;
        from = n > size_bytes ? 0 : size_bytes - n;
        if (n == 0) from = size_bytes;
    } else {
        if (str_i64(first, &from).code != OK || from < 0) return false;
        if (last.n && (str_i64(last, &to).code != OK || to < from)) return false;
        if (to >= size_bytes) to = size_bytes - 1;
    }
    *unsatisfiable = from >= size_bytes;
    if (*unsatisfiable) return false;
    *out = (struct byte_range){from, to};
    return true;
}
