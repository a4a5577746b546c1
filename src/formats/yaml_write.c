/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* yaml_write.c — block style YAML. Text that could be read as something else is put between double quotes, as JSON does: every JSON string is
   a YAML string. */
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "formats/yaml.h"

#define MAX_BYTES ((size_t)64 << 20)

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(uint32_t c) { return c >= 0xA0 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool plain_char(uint32_t c)
{
    return c >= 0xA0 ? c != 0xFEFF && c != 0x2028 && c != 0x2029 && c < 0xFFFE
                     : is_digit(c) || is_letter(c) || (c < 0x80 && c && strchr(" _-./()'=<>!%$", (int)c));
}

/* "15 jours": figures, a blank, and something that is no figure. No reader takes it for a number or a day. */
static bool is_quantity(str s)
{
    str rest, figures = str_split(s, ' ', &rest);
    size_t at = 0;
    uint32_t c;
    for (size_t i = 0; i < figures.n; i++)
        if (!is_digit((unsigned char)figures.p[i]) && figures.p[i] != '.') return false;
    return figures.n && is_digit((unsigned char)figures.p[0]) && utf8_next(rest, &at, &c) && is_letter(c);
}

/* A narrow idea of plain text: begins with a letter or is a quantity, has nothing that YAML gives a sense to. */
static bool is_plain(str s)
{
    static const char *const taken[] = {"true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"};
    size_t at = 0;
    uint32_t c;

    if (s.n == 0 || s.n > 200 || s.p[s.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (str_is(s, taken[i]))
            return false;
    for (size_t i = 0; utf8_next(s, &at, &c); i++) {
        if (!plain_char(c))
            return false;
        if (i == 0 && !is_letter(c) && !is_quantity(s))
            return false;
    }
    return true;
}

static void indent(struct jw *w, unsigned depth)
{
    buf_char(w->out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buf_lit(w->out, "  ");
}

/* JSON lets these stand in a string; YAML's lines break at them, or its readers refuse them. */
static void quoted(buf *b, str s)
{
    size_t at = 0, from = 0;
    uint32_t c;

    buf_char(b, '"');
    while (utf8_next(s, &from, &c)) {
        if (c == '"' || c == '\\')
            buf_char(b, '\\');
        if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF)
            buf_fmt(b, "\\u%04X", c);
        else
            buf_put(b, str_cut(s, at, from));
        at = from;
    }
    buf_char(b, '"');
}

static void text(struct jw *w, str s)
{
    if (is_plain(s))
        buf_put(w->out, s);
    else
        quoted(w->out, s);
}

static bool is_block(const json_t *v)
{
    return (json_is_array(v) && json_array_size(v) > 0) || (json_is_object(v) && json_object_size(v) > 0);
}

static void node(struct jw *w, const json_t *v, unsigned depth, bool in_list);

/* A key of more than 1,024 characters is only a key after a question mark (YAML 1.2 §7.4); escaped, 150 bytes are at most 900. */
static void key(struct jw *w, str name, unsigned depth)
{
    bool is_long = name.n > 150;

    if (is_long)
        buf_lit(w->out, "? ");
    text(w, name);
    if (is_long)
        indent(w, depth);
    buf_char(w->out, ':');
}

static void map(struct jw *w, const json_t *v, unsigned depth, bool in_list)
{
    union { const json_t *in; json_t *out; } same = {v};
    bool first = true;

    for (void *it = json_object_iter(same.out); it; it = json_object_iter_next(same.out, it)) {
        const json_t *member = json_object_iter_value(it);
        if (!first || !in_list)
            indent(w, depth);
        first = false;
        key(w, (str){json_object_iter_key(it), json_object_iter_key_len(it)}, depth);
        if (!is_block(member))
            buf_char(w->out, ' ');
        node(w, member, depth + 1, false);
    }
}

/* in_list: the dash has been written, the first key stands beside it */
static void node(struct jw *w, const json_t *v, unsigned depth, bool in_list)
{
    if (depth > JSON_MAX_DEPTH + 1)
        abort();
    if (json_is_string(v)) {
        text(w, json_text(v));
    } else if (!is_block(v)) {
        struct jw scalar = jw(w->out);
        jw_json(&scalar, v);
    } else if (json_is_object(v)) {
        map(w, v, depth, in_list);
    } else {
        for (size_t i = 0; i < json_array_size(v); i++) {
            const json_t *item = json_array_get(v, i);
            if (i > 0 || !in_list)
                indent(w, depth);
            buf_lit(w->out, "- ");
            node(w, item, depth + 1, true);
        }
    }
}

str yaml_write(arena *mem, const json_t *v)
{
    buf b = BUF(MAX_BYTES);
    struct jw w = jw(&b);

    node(&w, v, 0, true);
    buf_char(&b, '\n');
    if (b.full)
        abort();
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}
