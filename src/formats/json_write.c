/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* json_write.c — the two writers of json.h: a stream of calls, and a whole tree. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "formats/json.h"

#define TREE_MAX_BYTES ((size_t)256 << 20)

static void new_line(struct jw *w)
{
    if (w->indent == 0)
        return;
    buf_char(w->out, '\n');
    for (unsigned i = 0; i < w->depth * w->indent; i++)
        buf_char(w->out, ' ');
}

/* What stands before a value: nothing after a key, else a comma when it is not the first. */
static void before_value(struct jw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    assert(w->array[w->depth]);
    if (w->some[w->depth])
        buf_char(w->out, ',');
    w->some[w->depth] = true;
    new_line(w);
}

static void open_with(struct jw *w, char c, bool array)
{
    before_value(w);
    buf_char(w->out, c);
    if (++w->depth > JSON_MAX_DEPTH + 1)
        abort();
    w->some[w->depth] = false;
    w->array[w->depth] = array;
}

void jw_object(struct jw *w)
{
    open_with(w, '{', false);
}

void jw_array(struct jw *w)
{
    open_with(w, '[', true);
}

void jw_end(struct jw *w)
{
    assert(w->depth > 0 && !w->after_key);
    bool array = w->array[w->depth], some = w->some[w->depth];
    w->depth--;
    if (some)
        new_line(w);
    buf_char(w->out, array ? ']' : '}');
}

void jw_key_str(struct jw *w, str key)
{
    assert(w->depth > 0 && !w->array[w->depth] && !w->after_key);
    if (w->some[w->depth])
        buf_char(w->out, ',');
    w->some[w->depth] = true;
    new_line(w);
    buf_json(w->out, key);
    buf_lit(w->out, w->indent ? ": " : ":");
    w->after_key = true;
}

void jw_key(struct jw *w, const char *key)
{
    jw_key_str(w, str_of(key));
}

void jw_str(struct jw *w, str s)
{
    if (!s.p) {
        jw_null(w);
        return;
    }
    before_value(w);
    buf_json(w->out, s);
}

void jw_i64(struct jw *w, int64_t v)
{
    before_value(w);
    buf_i64(w->out, v);
}

/* 15 digits read back for most numbers people write (0.1); 17 for all. A number with a fraction keeps its mark, so that 1.0 stays real. */
void jw_f64(struct jw *w, double v)
{
    char text[40];

    if (!isfinite(v)) {
        jw_null(w);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    before_value(w);
    buf_lit(w->out, text);
    if (!strpbrk(text, ".e"))
        buf_lit(w->out, ".0");
}

void jw_bool(struct jw *w, bool v)
{
    before_value(w);
    buf_lit(w->out, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
    before_value(w);
    buf_lit(w->out, "null");
}

void jw_raw(struct jw *w, str json)
{
    before_value(w);
    buf_put(w->out, json);
}

struct member { str key; const json_t *value; };

static int member_cmp(const void *a, const void *b)
{
    return str_cmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void tree(struct jw *w, const json_t *v, bool sorted);

static void tree_object(struct jw *w, const json_t *v, bool sorted)
{
    size_t n = json_object_size(v), i = 0;
    struct member *m = n ? calloc(n, sizeof *m) : NULL;
    union { const json_t *in; json_t *out; } same = {v};        /* iteration changes nothing, jansson's types cannot say it */

    if (n && !m)
        abort();
    for (void *it = json_object_iter(same.out); it && i < n; it = json_object_iter_next(same.out, it))
        m[i++] = (struct member){{json_object_iter_key(it), json_object_iter_key_len(it)}, json_object_iter_value(it)};
    if (sorted && n > 1)
        qsort(m, n, sizeof *m, member_cmp);
    jw_object(w);
    for (i = 0; i < n; i++) {
        jw_key_str(w, m[i].key);
        tree(w, m[i].value, sorted);
    }
    jw_end(w);
    free(m);
}

static void tree(struct jw *w, const json_t *v, bool sorted)
{
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_OBJECT:
        tree_object(w, v, sorted);
        break;
    case JSON_ARRAY:
        jw_array(w);
        for (size_t i = 0; i < json_array_size(v); i++)
            tree(w, json_array_get(v, i), sorted);
        jw_end(w);
        break;
    case JSON_STRING: jw_str(w, json_text(v)); break;
    case JSON_INTEGER: jw_i64(w, (int64_t)json_integer_value(v)); break;
    case JSON_REAL: jw_f64(w, json_real_value(v)); break;
    case JSON_TRUE: jw_bool(w, true); break;
    case JSON_FALSE: jw_bool(w, false); break;
    case JSON_NULL: jw_null(w); break;
    }
}

static str whole(arena *mem, const json_t *v, bool sorted, unsigned indent)
{
    buf b = BUF(TREE_MAX_BYTES);
    struct jw w = {.out = &b, .indent = indent};

    tree(&w, v, sorted);
    if (indent)
        buf_char(&b, '\n');
    if (b.full)
        abort();
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

str json_canonical(arena *mem, const json_t *v)
{
    return whole(mem, v, true, 0);
}

str json_pretty(arena *mem, const json_t *v)
{
    return whole(mem, v, false, 2);
}

void jw_json(struct jw *w, const json_t *v)
{
    tree(w, v, false);
}

void jw_member_str(struct jw *w, const char *key, str s)
{
    if (!s.p)
        return;
    jw_key(w, key);
    jw_str(w, s);
}

void jw_member_i64(struct jw *w, const char *key, int64_t v)
{
    if (v == 0)
        return;
    jw_key(w, key);
    jw_i64(w, v);
}

void jw_member_json(struct jw *w, const char *key, const json_t *v)
{
    if (!v || json_is_null(v))
        return;
    jw_key(w, key);
    jw_json(w, v);
}
