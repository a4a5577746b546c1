/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* trace_compare.c — what an upgrade changed in a result: two traces side by side. */
#include <math.h>
#include <string.h>
#include "formats/json.h"
#include "rules/trace.h"

struct comparing { arena *mem; json_t *out; };

static bool near(double a, double b) { return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b)); }

/* A member's name within a JSON Pointer: RFC 6901 §3. */
static str below(struct comparing *c, str path, const char *key)
{
    buf b = BUF(1 << 20);
    buf_put(&b, path);
    buf_char(&b, '/');
    for (; *key; key++) {
        if (*key == '~') buf_lit(&b, "~0");
        else if (*key == '/') buf_lit(&b, "~1");
        else buf_char(&b, *key);
    }
    str s = str_copy(c->mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static void differ(struct comparing *c, str path, const json_t *before, const json_t *after)
{
    json_t *one = json_object();
    json_put_str(one, "path", path);
    if (before) json_object_set_new(one, "before", json_deep_copy(before));
    if (after) json_object_set_new(one, "after", json_deep_copy(after));
    json_array_append_new(c->out, one);
}

static void compare(struct comparing *c, str path, const json_t *a, const json_t *b);

static void compare_objects(struct comparing *c, str path, const json_t *a, const json_t *b)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)a, key, v) {
        if (path.n || strcmp(key, "engine") != 0) compare(c, below(c, path, key), v, json_object_get(b, key));
    }
    json_object_foreach((json_t *)(uintptr_t)b, key, v) {
        if (!json_object_get(a, key) && (path.n || strcmp(key, "engine") != 0)) compare(c, below(c, path, key), NULL, v);
    }
}

static void compare(struct comparing *c, str path, const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b)) {
        compare_objects(c, path, a, b);
    } else if (json_is_array(a) && json_is_array(b)) {
        size_t n = json_array_size(a), m = json_array_size(b);
        for (size_t i = 0; i < n || i < m; i++)
            compare(c, str_fmt(c->mem, "%.*s/%zu", STR_ARG(path), i), i < n ? json_array_get(a, i) : NULL, i < m ? json_array_get(b, i) : NULL);
    } else if (json_is_number(a) && json_is_number(b)) {
        if (!near(json_number_value(a), json_number_value(b))) differ(c, path, a, b);
    } else if (!json_equal(a, b)) {
        differ(c, path, a, b);
    }
}

json_t *trace_compare(arena *mem, const json_t *before, const json_t *after)
{
    struct comparing c = {mem, json_own(mem, json_array())};
    compare(&c, STR_NONE, before, after);
    return c.out;
}
