/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/multipart.h"
#include "base/utf8.h"
#include "web/decode.h"

enum { BOUNDARY_MAX = 70 /* RFC 2046 §5.1.1 */, HEAD_MAX = 4096, DELIMITER_MAX = BOUNDARY_MAX + 4 };

enum state { PREAMBLE, AFTER_DELIMITER, AFTER_DASH, BEFORE_HEAD, IN_HEAD, DATA, EPILOGUE };

struct multipart {
    arena *mem; /* scratch of one part head */
    struct multipart_events events;
    void *arg;
    enum state state;
    char delimiter[DELIMITER_MAX]; /* \r\n--boundary */
    size_t delimiter_n, matched; /* bytes of the delimiter seen at the end of the last piece */
    char head[HEAD_MAX];
    size_t head_n;
    bool in_part;
};

err multipart_new(arena *mem, str content_type, struct multipart_events events, void *arg,
                  struct multipart **out)
{
    str boundary = header_param(mem, content_type, "boundary");
    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX) return FAIL(E_MALFORMED, "web.multipart.boundary");
    for (size_t i = 0; i < boundary.n; i++)
        if (boundary.p[i] < 0x20 || boundary.p[i] > 0x7E) return FAIL(E_MALFORMED, "web.multipart.boundary");
    struct multipart *m = NEW(mem, struct multipart);
    *m = (struct multipart){.mem = mem, .events = events, .arg = arg, .delimiter_n = boundary.n + 4};
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->matched = 2; /* the first delimiter needs no line break before it */
    *out = m;
    return NO_ERR;
}

static err data_out(struct multipart *m, const char *p, size_t n)
{
    if (n == 0 || m->state == PREAMBLE) return NO_ERR;
    return m->events.data(m->arg, (str){p, n});
}

/* Looks for the delimiter from *p on; all before it is data. A '\r' stands only at the head of a delimiter,
   so that a failed match starts again at the byte that broke it and nowhere earlier. */
static err take_data(struct multipart *m, const char **p, const char *end)
{
    const char *from = *p, *at = *p;
    while (at < end) {
        if (m->matched == 0) {
            at = memchr(at, '\r', (size_t)(end - at));
            if (!at) at = end;
            TRY(data_out(m, from, (size_t)(at - from)));
            from = at;
            if (at == end) break;
        }
        if (*at == m->delimiter[m->matched]) {
            at++;
            if (++m->matched < m->delimiter_n) continue;
            m->matched = 0;
            *p = at;
            if (m->in_part) TRY(m->events.end(m->arg));
            m->in_part = false;
            m->state = AFTER_DELIMITER;
            return NO_ERR;
        }
        size_t held = m->matched;
        m->matched = 0;
        TRY(data_out(m, m->delimiter, held));
        from = at;
    }
    *p = end;
    return NO_ERR;
}

/* %22, %0D and %0A only: a file may well be named "50%20.pdf". */
static str unescape_name(arena *mem, str s)
{
    if (s.n == 0 || !memchr(s.p, '%', s.n)) return s;
    char *p = arena_alloc(mem, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        str three = str_cut(s, i, i + 3);
        char c = str_is(three, "%22")          ? '"'
                 : str_is_nocase(three, "%0d") ? '\r'
                 : str_is_nocase(three, "%0a") ? '\n'
                                               : 0;
        p[n++] = c ? c : s.p[i];
        if (c) i += 2;
    }
    return (str){p, n};
}

static err disposition_read(struct multipart *m, str value, struct part_head *h)
{
    if (!header_type_is(value, "form-data")) return FAIL(E_MALFORMED, "web.multipart.disposition");
    h->name = unescape_name(m->mem, header_param(m->mem, value, "name"));
    h->file_name = unescape_name(m->mem, header_param(m->mem, value, "filename"));
    if (!h->name.p) return FAIL(E_MALFORMED, "web.multipart.no_name");
    if (!utf8_valid(h->name) || !utf8_valid(h->file_name)) return FAIL(E_MALFORMED, "web.text.utf8");
    return NO_ERR;
}

static err head_read(struct multipart *m)
{
    struct part_head h = {0};
    str rest = str_copy(m->mem, (str){m->head, m->head_n});
    while (rest.n) {
        ptrdiff_t line_n = str_find(rest, S("\r\n"));
        str line = line_n < 0 ? rest : str_cut(rest, 0, (size_t)line_n), value;
        rest = line_n < 0 ? STR_NONE : str_cut(rest, (size_t)line_n + 2, rest.n);
        if (line.n == 0) continue;
        str name = str_split(line, ':', &value);
        if (!value.p) return FAIL(E_MALFORMED, "web.multipart.head");
        value = str_trim(value);
        if (str_is_nocase(name, "content-disposition"))
            TRY(disposition_read(m, value, &h));
        else if (str_is_nocase(name, "content-type"))
            h.type = value;
        else if (str_is_nocase(name, "content-transfer-encoding") && !str_is_nocase(value, "binary") &&
                 !str_is_nocase(value, "8bit") && !str_is_nocase(value, "7bit"))
            return FAIL(E_MALFORMED, "web.multipart.encoding");
    }
    if (!h.name.p) return FAIL(E_MALFORMED, "web.multipart.no_name");
    m->in_part = true;
    m->state = DATA;
    m->matched = 0;
    return m->events.begin(m->arg, &h);
}

static bool ends_with(const struct multipart *m, const char *z, size_t n)
{
    return m->head_n >= n && memcmp(m->head + m->head_n - n, z, n) == 0;
}

static err take_head(struct multipart *m, const char **p, const char *end)
{
    while (*p < end) {
        if (m->head_n == HEAD_MAX) return FAIL(E_MALFORMED, "web.multipart.head_too_long");
        m->head[m->head_n++] = *(*p)++;
        if (!ends_with(m, "\r\n\r\n", 4) && !(m->head_n == 2 && ends_with(m, "\r\n", 2))) continue;
        return head_read(m);
    }
    return NO_ERR;
}

/* After a delimiter: "--" ends the whole; blanks and a line break open a part. */
static err take_tail(struct multipart *m, char c)
{
    switch (m->state) {
    case AFTER_DELIMITER:
        if (c == '-')
            m->state = AFTER_DASH;
        else if (c == '\r')
            m->state = BEFORE_HEAD;
        else if (c != ' ' && c != '\t')
            return FAIL(E_MALFORMED, "web.multipart.boundary");
        return NO_ERR;
    case AFTER_DASH:
        if (c != '-') return FAIL(E_MALFORMED, "web.multipart.boundary");
        m->state = EPILOGUE;
        return NO_ERR;
    default:
        if (c != '\n') return FAIL(E_MALFORMED, "web.multipart.boundary");
        m->state = IN_HEAD;
        m->head_n = 0;
        return NO_ERR;
    }
}

err multipart_feed(struct multipart *m, str bytes)
{
    const char *p = bytes.p, *end = bytes.p + bytes.n;
    while (p < end) {
        switch (m->state) {
        case PREAMBLE:
        case DATA: TRY(take_data(m, &p, end)); break;
        case IN_HEAD: TRY(take_head(m, &p, end)); break;
        case EPILOGUE: return NO_ERR;
        default: TRY(take_tail(m, *p++));
        }
    }
    return NO_ERR;
}

err multipart_end(struct multipart *m)
{
    return m->state == EPILOGUE ? NO_ERR : FAIL(E_MALFORMED, "web.multipart.cut_short");
}
