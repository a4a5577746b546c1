/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/dsn.h"

#include "base/utf8.h"
#include "base/words.h"

#define VALUE_MOST_BYTES 500
#define PARTS_MOST 20

/* ---- lines and headers ---- */
static str line_take(str *rest)
{
    str line = str_split(*rest, '\n', rest);
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    return line;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Clean UTF-8 without controls, so long at most. */
static str cleaned(arena *mem, str s)
{
    char *p = arena_alloc(mem, VALUE_MOST_BYTES + 4);
    size_t n = 0;
    for (size_t at = 0; at < s.n && n < VALUE_MOST_BYTES;) {
        uint32_t point = '?';
        size_t was = at;
        if (!utf8_next(s, &at, &point)) at = was + 1, point = '?';
        n += utf8_put(p + n, point < 0x20 || point == 0x7f ? ' ' : point);
    }
    return str_trim((str){p, n});
}

struct field { str name, value; };

/* The next field, unfolded (RFC 5322 §2.2.3). False at the blank line, which is taken, or at the end. */
static bool field_take(arena *mem, str *rest, struct field *out)
{
    buf b = BUF(VALUE_MOST_BYTES * 4);
    if (!rest->p || !rest->n) return false;
    str line = line_take(rest), after;
    if (!line.n) return false;
    str name = str_split(line, ':', &after);
    buf_put(&b, after);
    while (rest->n && is_blank(rest->p[0])) {
        buf_char(&b, ' ');
        buf_put(&b, str_trim(line_take(rest)));
    }
    *out = (struct field){str_lower_ascii(mem, str_trim(name)), after.p ? cleaned(mem, buf_str(&b)) : STR_NONE};
    buf_free(&b);
    return true;
}

/* "rfc822; ana@x.fr", "smtp; 550 …": what follows the type. */
static str typed(str value)
{
    str rest;
    str_split(value, ';', &rest);
    return rest.p ? str_trim(rest) : value;
}

/* "x; boundary=\"a b\"; y": the parameter, its case kept. Absent: it is not there. */
static str parameter(arena *mem, str value, const char *name)
{
    str rest = value;
    str_split(value, ';', &rest);
    while (rest.p) {
        str one = str_split(rest, ';', &rest), is;
        if (!str_is(str_lower_ascii(mem, str_trim(str_split(one, '=', &is))), name) || !is.p) continue;
        is = str_trim(is);
        if (!is.n || is.p[0] != '"') return is;
        is = str_cut(is, 1, is.n);
        return str_split(is, '"', &rest);
    }
    return STR_NONE;
}

static str bare(str s)
{
    ptrdiff_t open = str_find_char(s, '<');
    str out = open < 0 ? s : str_cut(s, (size_t)open + 1, s.n), rest;
    return str_trim(str_split(out, '>', &rest));
}

/* "5.1.1 (bad mailbox)" → "5.1.1": three numbers, RFC 3463 §2. */
static str status_of(str s)
{
    size_t i = 0, dots = 0;
    for (; i < s.n && i < 11; i++) {
        bool dot = s.p[i] == '.';
        if (!dot && (s.p[i] < '0' || s.p[i] > '9')) break;
        if (dot && (i == 0 || s.p[i - 1] == '.')) return STR_NONE;
        dots += dot;
    }
    bool good = dots == 2 && i > 4 && s.p[i - 1] != '.' && s.p[1] == '.' && (s.p[0] == '2' || s.p[0] == '4' || s.p[0] == '5');
    return good ? str_cut(s, 0, i) : STR_NONE;
}

/* ---- the parts ---- */
static void recipient_take(arena *mem, str *rest, struct dsn *out)
{
    struct dsn_recipient r = {0};
    struct field f;
    bool any = false, original = false;
    while (field_take(mem, rest, &f)) {
        if (str_is(f.name, "original-recipient")) r.address = bare(typed(f.value)), original = true;
        else if (str_is(f.name, "final-recipient")) r.address = original ? r.address : bare(typed(f.value)), any = true;
        else if (str_is(f.name, "status")) r.status = status_of(f.value);
        else if (str_is(f.name, "diagnostic-code")) r.diagnostic = typed(f.value);
        else if (str_is(f.name, "action")) {
            str action = str_lower_ascii(mem, f.value);
            r.action = str_starts(action, S("failed")) ? DSN_FAILED : str_starts(action, S("delayed")) ? DSN_DELAYED : DSN_OTHER;
        }
    }
    if (any && r.address.n && out->recipients.n < DSN_MOST_RECIPIENTS) PUSH(mem, &out->recipients, r);
}

/* Fields about the mail, then for each recipient (§2.1): groups parted by blank lines. */
static void status_take(arena *mem, str text, struct dsn *out)
{
    for (str rest = text; rest.p && rest.n;) recipient_take(mem, &rest, out);
}

static void original_take(arena *mem, str text, struct dsn *out)
{
    struct field f;
    str rest = text;
    while (field_take(mem, &rest, &f))
        if (str_is(f.name, "message-id") && !out->message_id.n) out->message_id = bare(f.value);
}

static void part_take(arena *mem, str part, struct dsn *out)
{
    struct field f;
    str rest = part, type = STR_NONE, unused;
    while (field_take(mem, &rest, &f))
        if (str_is(f.name, "content-type")) type = str_lower_ascii(mem, str_trim(str_split(f.value, ';', &unused)));
    if (!rest.p) return;
    if (str_is(type, "message/delivery-status") || str_is(type, "message/global-delivery-status")) status_take(mem, rest, out);
    if (str_is(type, "message/rfc822") || str_is(type, "message/global") || str_is(type, "text/rfc822-headers") || str_is(type, "message/global-headers"))
        original_take(mem, rest, out);
}

/* Between lines "--boundary"; ends at "--boundary--" or with the text (RFC 2046 §5.1.1). */
static void parts_take(arena *mem, str text, str boundary, struct dsn *out)
{
    str rest = text, mark = str_fmt(mem, "--%.*s", STR_ARG(boundary));
    const char *from = NULL;
    for (size_t parts = 0; rest.p && rest.n && parts < PARTS_MOST;) {
        const char *at = rest.p;
        str line = line_take(&rest);
        if (!str_starts(line, mark)) continue;
        str tail = str_trim(str_cut(line, mark.n, line.n));
        if (tail.n && !str_is(tail, "--")) continue;
        if (from) part_take(mem, (str){from, (size_t)(at - from)}, out), parts++;
        from = rest.p;
        if (tail.n) return;
    }
    if (from && from < text.p + text.n) part_take(mem, (str){from, (size_t)(text.p + text.n - from)}, out);
}

err dsn_read(arena *mem, str mail, struct dsn *out)
{
    struct field f;
    str rest = str_cut(mail, 0, DSN_MOST_BYTES), type = STR_NONE;
    *out = (struct dsn){0};
    if (str_starts(rest, S("From "))) line_take(&rest);         /* as a pipe of some servers gives it */
    while (field_take(mem, &rest, &f)) {
        if (str_is(f.name, "content-type")) type = f.value;
        bool to = str_is(f.name, "to") || str_is(f.name, "delivered-to") || str_is(f.name, "x-original-to");
        if (to && out->sent_to.n < DSN_MOST_RECIPIENTS) PUSH(mem, &out->sent_to, bare(f.value));
    }
    str boundary = parameter(mem, type, "boundary"), report = parameter(mem, type, "report-type");
    if (!str_starts(str_lower_ascii(mem, type), S("multipart/report")) || !str_is(str_lower_ascii(mem, report), "delivery-status") || !boundary.n || !rest.p)
        return FAIL(E_INVALID, W("dsn.other"));
    parts_take(mem, rest, boundary, out);
    return out->recipients.n ? NO_ERR : FAIL(E_INVALID, W("dsn.other"));
}
