/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/yaml.h"
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "base/utf8.h"
#include "base/words.h"

#define MAX_VALUES 200000

struct reader {
    arena *mem;
    yaml_parser_t parser;
    yaml_event_t event;
    size_t n_values;
    struct marks *marks;        /* NULL: not wanted */
    struct mark *fault;
};

static void reader_close(struct reader *r)
{
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
}

static struct mark mark_of(yaml_mark_t at) { return (struct mark){(unsigned)at.line + 1, (unsigned)at.column + 1}; }

static err fault(struct reader *r, const char *msg, yaml_mark_t at)
{
    if (r->fault)
        *r->fault = mark_of(at);
    return FAIL_AT(E_MALFORMED, msg, str_z(r->mem, str_fmt(r->mem, "l. %zu, col. %zu", at.line + 1, at.column + 1)));
}

static err next(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return NO_ERR;
    memset(&r->event, 0, sizeof r->event);
    if (r->parser.error == YAML_MEMORY_ERROR)
        abort();
    return fault(r, W("formats.yaml.syntax"), r->parser.problem_mark);
}

static bool digits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

/* -?(0|[1-9][0-9]*) */
static bool looks_whole(str s)
{
    if (str_starts(s, S("-")))
        s = str_cut(s, 1, s.n);
    return digits(s) && (s.n == 1 || s.p[0] != '0');
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? : JSON's numbers */
static bool looks_real(str s)
{
    size_t i = 0, from;

    while (i < s.n && s.p[i] != '.' && s.p[i] != 'e' && s.p[i] != 'E')
        i++;
    if (!looks_whole(str_cut(s, 0, i)))
        return false;
    if (i < s.n && s.p[i] == '.') {
        for (from = ++i; i < s.n && s.p[i] >= '0' && s.p[i] <= '9';)
            i++;
        if (i == from)
            return false;
    }
    if (i == s.n)
        return true;
    if (s.p[i] != 'e' && s.p[i] != 'E')
        return false;
    i++;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    return digits(str_cut(s, i, s.n));
}

/* *out is a new reference */
static err plain(struct reader *r, str s, json_t **out)
{
    int64_t whole;
    double real;

    if (s.n == 0 || str_is(s, "~") || str_is(s, "null") || str_is(s, "Null") || str_is(s, "NULL")) {
        *out = json_null();
    } else if (str_is(s, "true") || str_is(s, "True") || str_is(s, "TRUE")) {
        *out = json_true();
    } else if (str_is(s, "false") || str_is(s, "False") || str_is(s, "FALSE")) {
        *out = json_false();
    } else if (looks_whole(s)) {
        if (str_i64(s, &whole).code != OK)
            return fault(r, W("formats.yaml.number_too_large"), r->event.start_mark);
        *out = json_integer((json_int_t)whole);
    } else if (looks_real(s)) {
        if (str_f64(s, &real).code != OK || !(*out = json_real(real)))
            return fault(r, W("formats.yaml.number_too_large"), r->event.start_mark);
    } else {
        *out = json_from_str(s);
    }
    return NO_ERR;
}

static err scalar(struct reader *r, json_t **out)
{
    str s = {(const char *)r->event.data.scalar.value, r->event.data.scalar.length};

    if (r->event.data.scalar.anchor)
        return fault(r, W("formats.yaml.anchor"), r->event.start_mark);
    if (r->event.data.scalar.tag)
        return fault(r, W("formats.yaml.tag"), r->event.start_mark);
    if (memchr(s.p, 0, s.n))
        return fault(r, W("formats.yaml.syntax"), r->event.start_mark);
    if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return plain(r, s, out);
    *out = json_from_str(s);
    return NO_ERR;
}

static err value(struct reader *r, unsigned depth, json_t **out);

static err list(struct reader *r, unsigned depth, json_t *into)
{
    for (;;) {
        json_t *item = NULL;
        TRY(next(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            return NO_ERR;
        if (r->marks)
            marks_put(r->marks, into, mark_of(r->event.start_mark), mark_of(r->event.start_mark));
        TRY(value(r, depth, &item));
        if (json_array_append_new(into, item) != 0)
            abort();
    }
}

static err map(struct reader *r, unsigned depth, json_t *into)
{
    for (;;) {
        TRY(next(r));
        if (r->event.type == YAML_MAPPING_END_EVENT)
            return NO_ERR;
        if (r->event.type == YAML_ALIAS_EVENT)
            return fault(r, W("formats.yaml.anchor"), r->event.start_mark);
        if (r->event.type != YAML_SCALAR_EVENT)
            return fault(r, W("formats.yaml.key_not_scalar"), r->event.start_mark);
        if (r->event.data.scalar.anchor)
            return fault(r, W("formats.yaml.anchor"), r->event.start_mark);
        if (r->event.data.scalar.tag)
            return fault(r, W("formats.yaml.tag"), r->event.start_mark);

        str key = str_copy(r->mem, (str){(const char *)r->event.data.scalar.value, r->event.data.scalar.length});
        if (memchr(key.p, 0, key.n))
            return fault(r, W("formats.yaml.syntax"), r->event.start_mark);
        if (json_object_get(into, key.p))
            return fault(r, W("formats.yaml.duplicate_key"), r->event.start_mark);

        json_t *v = NULL;
        struct mark at = mark_of(r->event.start_mark);
        TRY(next(r));
        if (r->marks)
            marks_put(r->marks, into, at, mark_of(r->event.start_mark));
        TRY(value(r, depth, &v));
        if (json_object_set_new(into, key.p, v) != 0)
            abort();
    }
}

/* *out is a new reference; on a fault, everything made so far is released with it. */
static err collection(struct reader *r, unsigned depth, bool is_map, json_t **out)
{
    yaml_char_t *anchor = is_map ? r->event.data.mapping_start.anchor : r->event.data.sequence_start.anchor;
    yaml_char_t *tag = is_map ? r->event.data.mapping_start.tag : r->event.data.sequence_start.tag;

    if (anchor)
        return fault(r, W("formats.yaml.anchor"), r->event.start_mark);
    if (tag)
        return fault(r, W("formats.yaml.tag"), r->event.start_mark);
    if (depth >= JSON_MAX_DEPTH)
        return fault(r, W("formats.yaml.too_deep"), r->event.start_mark);

    json_t *v = is_map ? json_object() : json_array();
    if (!v)
        abort();
    err e = is_map ? map(r, depth + 1, v) : list(r, depth + 1, v);
    if (e.code != OK)
        json_decref(v);
    else
        *out = v;
    return e;
}

static err value(struct reader *r, unsigned depth, json_t **out)
{
    if (++r->n_values > MAX_VALUES)
        return fault(r, W("formats.yaml.too_many"), r->event.start_mark);
    switch (r->event.type) {
    case YAML_SCALAR_EVENT: return scalar(r, out);
    case YAML_SEQUENCE_START_EVENT: return collection(r, depth, false, out);
    case YAML_MAPPING_START_EVENT: return collection(r, depth, true, out);
    case YAML_ALIAS_EVENT: return fault(r, W("formats.yaml.anchor"), r->event.start_mark);
    default: return fault(r, W("formats.yaml.syntax"), r->event.start_mark);
    }
}

static err document(struct reader *r, json_t **out)
{
    TRY(next(r));                                   /* stream start */
    TRY(next(r));
    if (r->event.type == YAML_STREAM_END_EVENT) {
        *out = json_null();
        return NO_ERR;
    }
    TRY(next(r));                                   /* past the document's start */
    json_t *v = NULL;
    TRY(value(r, 0, &v));
    err e = next(r);                                /* document end */
    if (e.code == OK)
        e = next(r);
    if (e.code == OK && r->event.type != YAML_STREAM_END_EVENT)
        e = fault(r, W("formats.yaml.several"), r->event.start_mark);
    if (e.code != OK)
        json_decref(v);
    else
        *out = v;
    return e;
}

static err bad_utf8(arena *mem, str text, struct mark *fault)
{
    size_t at = 0, line = 1, line_start = 0;
    uint32_t c;

    while (utf8_next(text, &at, &c))
        if (c == '\n') {
            line++;
            line_start = at;
        }
    if (fault)
        *fault = (struct mark){(unsigned)line, (unsigned)(at - line_start) + 1};
    return FAIL_AT(E_MALFORMED, W("formats.yaml.bad_utf8"),
                   str_z(mem, str_fmt(mem, "l. %zu, col. %zu", line, at - line_start + 1)));
}

err yaml_parse(arena *mem, str text, json_t **out) { return yaml_parse_marked(mem, text, out, NULL, NULL); }

err yaml_parse_marked(arena *mem, str text, json_t **out, struct marks **marks, struct mark *fault)
{
    AUTO(reader_close) struct reader r = {.mem = mem, .marks = marks ? marks_new(mem) : NULL, .fault = fault};
    json_t *v = NULL;

    if (!yaml_parser_initialize(&r.parser))
        abort();
    if (text.n > YAML_MAX_BYTES)
        return FAIL(E_TOO_LARGE, W("formats.yaml.too_large"));
    if (!utf8_valid(text))
        return bad_utf8(mem, text, fault);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
    TRY(document(&r, &v));
    *out = json_own(mem, v);
    if (marks)
        *marks = r.marks;
    return NO_ERR;
}
