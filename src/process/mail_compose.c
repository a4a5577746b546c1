/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/mail_compose.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/words.h"

#define LINE_MAX_CHARS 76 /* RFC 2045 §6.7, RFC 2047 §2 */

static bool is_header_text(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) return false;
    return utf8_valid(s);
}

/* Narrower than RFC 5321: no quoted local part, no address literal. */
bool mail_address_ok(str a)
{
    ptrdiff_t at = str_find_char(a, '@');
    if (at <= 0 || at > 64 || a.n > 254 || (size_t)at + 1 >= a.n) return false;
    str local = str_cut(a, 0, (size_t)at), domain = str_cut(a, (size_t)at + 1, a.n);
    for (size_t i = 0; i < local.n; i++) {
        unsigned char c = (unsigned char)local.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"(),:;<>@[\\]", c)) return false;
    }
    if (local.p[0] == '.' || local.p[local.n - 1] == '.' || str_find(a, S("..")) >= 0) return false;
    for (size_t i = 0; i < domain.n; i++) {
        unsigned char c = (unsigned char)domain.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                  c == '.';
        if (!ok) return false;
    }
    return domain.p[0] != '.' && domain.p[0] != '-' && domain.p[domain.n - 1] != '.';
}

/* ---- headers ------------------------------------------------------------------------------------------------------ */

static bool needs_encoding(str s)
{
    for (size_t i = 0; s.p && i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80) return true;
    return str_find(s, S("=?")) >= 0;
}

static void put_hex(buf *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    buf_char(out, '=');
    buf_char(out, digits[c >> 4]);
    buf_char(out, digits[c & 15]);
}

/* RFC 2047 §5(3): the characters that stand for themselves even in a display name. */
static bool is_q_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!*+-/", c));
}

/* Encoded words of whole characters, each ≤ 75 letters, on lines of their own. col: where the line stands. */
static void put_encoded_words(buf *out, str s, size_t col)
{
    size_t at = 0, start = 0, room;
    uint32_t point;
    bool open = false;
    if (!s.p) return;
    room = col < 40 ? LINE_MAX_CHARS - col : 0;
    while (start = at, utf8_next(s, &at, &point)) {
        size_t need = 0;
        for (size_t i = start; i < at; i++)
            need += is_q_plain((unsigned char)s.p[i]) || s.p[i] == ' ' ? 1 : 3;
        if (open && room < need + 2) {
            buf_lit(out, "?=");
            open = false;
            room = 0;
        }
        if (!open) {
            if (room < need + 14) {
                buf_lit(out, "\r\n ");
                room = LINE_MAX_CHARS - 1;
            }
            buf_lit(out, "=?UTF-8?Q?");
            room -= 10;
            open = true;
        }
        for (size_t i = start; i < at; i++) {
            unsigned char c = (unsigned char)s.p[i];
            if (c == ' ')
                buf_char(out, '_');
            else if (is_q_plain(c))
                buf_char(out, (char)c);
            else
                put_hex(out, c);
        }
        room -= need;
    }
    if (open) buf_lit(out, "?=");
}

/* Plain words, folded at blanks. A word longer than a line goes encoded, for no server may cut it. */
static void put_text(buf *out, str s, size_t col)
{
    str rest = s, word;
    bool too_long = false;
    for (str r = s; r.p && r.n;) too_long |= str_split(r, ' ', &r).n > 60;
    if (needs_encoding(s) || too_long || (s.p && s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '))) {
        put_encoded_words(out, s, col);
        return;
    }
    for (bool first = true; rest.p; first = false) {
        word = str_split(rest, ' ', &rest);
        if (!first && col + 1 + word.n > LINE_MAX_CHARS) {
            buf_lit(out, "\r\n ");
            col = 1;
        } else if (!first) {
            buf_char(out, ' ');
            col++;
        }
        buf_put(out, word);
        col += word.n;
    }
}

static void put_header(buf *out, const char *name, str value)
{
    buf_lit(out, name);
    buf_lit(out, ": ");
    put_text(out, value, strlen(name) + 2);
    buf_lit(out, "\r\n");
}

static void put_mailbox(buf *out, const char *header, str name, str address)
{
    buf_lit(out, header);
    buf_lit(out, ": ");
    if (name.p && needs_encoding(name)) {
        put_encoded_words(out, name, strlen(header) + 2);
    } else if (name.p && name.n) {
        buf_char(out, '"');
        for (size_t i = 0; i < name.n; i++) {
            if (name.p[i] == '"' || name.p[i] == '\\') buf_char(out, '\\');
            buf_char(out, name.p[i]);
        }
        buf_char(out, '"');
    }
    if (name.n) buf_lit(out, "\r\n ");
    buf_char(out, '<');
    buf_put(out, address);
    buf_lit(out, ">\r\n");
}

static void put_date(buf *out, int64_t at_us)
{
    static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c = civil_of(at_us, S("UTC"));
    buf_fmt(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[(c.weekday + 6) % 7], c.day,
            months[(c.month + 11) % 12], c.year, c.hour, c.minute, c.second);
}

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

/* Line ends of the text (LF or CRLF) become CRLF. A dot or "From " at the start of a line is encoded: some servers eat them. */
static void put_quoted_printable(buf *out, str s)
{
    size_t col = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool at_end =
            i + 1 == s.n || s.p[i + 1] == '\n' || (s.p[i + 1] == '\r' && i + 2 < s.n && s.p[i + 2] == '\n');
        if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n') continue;
        if (c == '\n') {
            buf_lit(out, "\r\n");
            col = 0;
            continue;
        }
        bool plain = (c > ' ' && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !at_end);
        if (col == 0 && (c == '.' || str_starts(str_cut(s, i, s.n), S("From ")))) plain = false;
        if (col + (plain ? 1 : 3) > LINE_MAX_CHARS - 1) {
            buf_lit(out, "=\r\n");
            col = 0;
            if (c == '.') plain = false;
        }
        if (plain)
            buf_char(out, (char)c);
        else
            put_hex(out, c);
        col += plain ? 1 : 3;
    }
    if (col) buf_lit(out, "\r\n");
}

static void put_part(buf *out, const char *type, str body)
{
    buf_fmt(out, "Content-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            type);
    put_quoted_printable(out, body);
}

static void put_body(const struct mail *m, buf *out)
{
    if (!m->html.n) {
        put_part(out, "text/plain", m->text);
        return;
    }
    /* "=_" never occurs in quoted-printable (RFC 2045 §6.7), so this boundary cannot be in a part. */
    buf_lit(out, "Content-Type: multipart/alternative; boundary=\"=_beffroi\"\r\n\r\n--=_beffroi\r\n");
    put_part(out, "text/plain", m->text);
    buf_lit(out, "\r\n--=_beffroi\r\n");
    put_part(out, "text/html", m->html);
    buf_lit(out, "\r\n--=_beffroi--\r\n");
}

static err check(const struct mail *m)
{
    str headers[] = {m->message_id, m->from_name, m->to_name, m->subject};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (!is_header_text(headers[i]) || headers[i].n > 900)
            return FAIL_AT(E_INVALID, W("mail.header"), "subject");
    if (!utf8_valid(m->text) || !utf8_valid(m->html)) return FAIL_AT(E_INVALID, W("mail.header"), "text");
    if (!mail_address_ok(m->from)) return FAIL_AT(E_INVALID, W("mail.address"), "from");
    if (m->envelope.n && !mail_address_ok(m->envelope)) return FAIL_AT(E_INVALID, W("mail.address"), "envelope");
    if (!mail_address_ok(m->to)) return FAIL_AT(E_INVALID, W("mail.address"), "to");
    if (m->reply_to.n && !mail_address_ok(m->reply_to))
        return FAIL_AT(E_INVALID, W("mail.address"), "reply_to");
    for (size_t i = 0; i < m->message_id.n; i++)
        if ((unsigned char)m->message_id.p[i] <= ' ' || strchr("<>()\"\\,;:", m->message_id.p[i]) ||
            m->message_id.p[i] & 0x80)
            return FAIL_AT(E_INVALID, W("mail.header"), "message_id");
    ptrdiff_t at = str_find_char(m->message_id, '@');
    if (m->message_id.n == 0 || at == 0) return FAIL_AT(E_INVALID, W("mail.header"), "message_id");
    return NO_ERR;
}

static void put_message_id(buf *out, const struct mail *m)
{
    str domain, id = m->message_id;
    str_split(m->from, '@', &domain);
    buf_fmt(out, "Message-ID: <%.*s", STR_ARG(id));
    if (str_find_char(id, '@') < 0) buf_fmt(out, "@%.*s", STR_ARG(domain));
    buf_lit(out, ">\r\n");
}

err mail_compose(const struct mail *m, buf *out)
{
    TRY(check(m));
    put_date(out, m->date_us);
    put_mailbox(out, "From", m->from_name, m->from);
    if (m->reply_to.n) put_mailbox(out, "Reply-To", STR_NONE, m->reply_to);
    put_mailbox(out, "To", m->to_name, m->to);
    put_message_id(out, m);
    put_header(out, "Subject", m->subject);
    buf_lit(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n");
    put_body(m, out);
    return out->full ? FAIL(E_TOO_LARGE, W("process.message_too_large")) : NO_ERR;
}

str mail_file_name(arena *mem, const struct mail *m)
{
    struct civil c = civil_of(m->date_us, S("UTC"));
    str name = str_fmt(mem, "%04d%02d%02dT%02d%02d%02dZ-%.*s.eml", c.year, c.month, c.day, c.hour, c.minute,
                       c.second, (int)(m->message_id.n < 120 ? m->message_id.n : 120),
                       m->message_id.p ? m->message_id.p : "");
    char *p = (char *)(uintptr_t)name.p;
    for (size_t i = 0; i < name.n; i++) {
        bool ok = (p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'z') ||
                  (p[i] >= 'A' && p[i] <= 'Z') || strchr("-._@", p[i]);
        if (!ok) p[i] = '_';
    }
    return name;
}
