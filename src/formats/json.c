/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/json.h"
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "base/words.h"

#define BOM "\xEF\xBB\xBF"

static void drop(void *v)
{
    json_decref(v);
}

json_t *json_own(arena *mem, json_t *v)
{
    if (!v)
        abort();
    arena_defer(mem, drop, v);
    return v;
}

static err fault_at(arena *mem, const char *msg, size_t line, size_t column)
{
    str at = str_fmt(mem, "l. %zu, col. %zu", line, column);
    return FAIL_AT(E_MALFORMED, msg, str_z(mem, at));
}

/* jansson recurses up to 2048 levels; brackets are counted before it sees them. */
static err check_depth(arena *mem, str s)
{
    size_t depth = 0, line = 1, line_start = 0;
    bool quoted = false;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            line++;
            line_start = i + 1;
        } else if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_MAX_DEPTH)
                return fault_at(mem, W("formats.json.too_deep"), line, i - line_start + 1);
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return NO_ERR;
}

static const char *fault_words(const json_error_t *e)
{
    switch (json_error_code(e)) {
    case json_error_duplicate_key: return W("formats.json.duplicate_key");
    case json_error_invalid_utf8: return W("formats.json.bad_utf8");
    case json_error_numeric_overflow: return W("formats.json.number_too_large");
    case json_error_null_character: return W("formats.json.nul");
    case json_error_end_of_input_expected: return W("formats.json.text_after");
    case json_error_premature_end_of_input: return W("formats.json.cut_short");
    default: return W("formats.json.syntax");
    }
}

err json_parse_max(arena *mem, str text, size_t max_bytes, json_t **out)
{
    json_error_t e;

    if (text.n > max_bytes)
        return FAIL(E_TOO_LARGE, W("formats.json.too_large"));
    if (str_starts(text, S(BOM)))
        text = str_cut(text, sizeof BOM - 1, text.n);
    TRY(check_depth(mem, text));

    json_t *v = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!v)
        return fault_at(mem, fault_words(&e), e.line > 0 ? (size_t)e.line : 1, e.column > 0 ? (size_t)e.column : 1);
    *out = json_own(mem, v);
    return NO_ERR;
}

err json_parse(arena *mem, str text, json_t **out)
{
    return json_parse_max(mem, text, JSON_MAX_BYTES, out);
}

str json_text(const json_t *v)
{
    return json_is_string(v) ? (str){json_string_value(v), json_string_length(v)} : STR_NONE;
}

str json_str(const json_t *obj, const char *key)
{
    return json_text(json_object_get(obj, key));
}

int64_t json_i64(const json_t *obj, const char *key, int64_t fallback)
{
    const json_t *v = json_object_get(obj, key);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : fallback;
}

bool json_bool(const json_t *obj, const char *key, bool fallback)
{
    const json_t *v = json_object_get(obj, key);
    return json_is_boolean(v) ? json_is_true(v) : fallback;
}

static json_t *step_member(const json_t *v, const char *key, size_t n)
{
    if (!json_is_object(v))
        return NULL;
    return json_object_getn(v, key, n);
}

json_t *json_path(const json_t *v, const char *path)
{
    /* jansson hands out json_t* whatever it was given; so do we */
    union { const json_t *in; json_t *out; } at = {v};

    while (*path && at.in) {
        if (*path == '[') {
            char *end;
            size_t i = strtoul(path + 1, &end, 10);
            if (*end != ']')
                return NULL;
            at.out = json_array_get(at.in, i);
            path = end + 1;
        } else {
            size_t n = strcspn(path, ".[");
            at.out = step_member(at.in, path, n);
            path += n;
        }
        if (*path == '.')
            path++;
    }
    return at.out;
}

/* Bytes that are not UTF-8 are replaced one by one: a value built here must never be refused later. */
static json_t *from_bad_utf8(str s)
{
    buf b = BUF(s.n * 3 + 1);
    size_t at = 0;

    while (at < s.n) {
        size_t from = at;
        uint32_t c;
        if (utf8_next(s, &at, &c)) {
            buf_put(&b, str_cut(s, from, at));
        } else {
            buf_lit(&b, "\xEF\xBF\xBD");
            at = from + 1;
        }
    }
    json_t *v = json_stringn(b.p ? b.p : "", b.n);
    buf_free(&b);
    return v;
}

json_t *json_from_str(str s)
{
    if (!s.p)
        return json_null();
    return utf8_valid(s) ? json_stringn(s.p, s.n) : from_bad_utf8(s);
}

void json_put_str(json_t *obj, const char *key, str value)
{
    if (json_object_set_new(obj, key, json_from_str(value)) != 0)
        abort();
}
