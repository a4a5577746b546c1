/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/marks.h"
#include <string.h>

struct member { struct mark key, value; };
struct container { const json_t *v; struct { struct member *v; size_t n; } members; };
struct marks { arena *mem; struct container **v; size_t n, cap; };     /* open addressing by address */

struct marks *marks_new(arena *mem)
{
    struct marks *m = NEW(mem, struct marks);
    m->mem = mem;
    m->cap = 64;
    m->v = NEW_N(mem, struct container *, m->cap);
    return m;
}

static struct container **slot(const struct marks *m, const json_t *v)
{
    size_t i = (size_t)(((uintptr_t)v >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->cap - 1);
    while (m->v[i] && m->v[i]->v != v) i = (i + 1) & (m->cap - 1);
    return &m->v[i];
}

static struct container *container_of(struct marks *m, const json_t *v)
{
    struct container **at = slot(m, v), *known = *at;
    if (known) return known;
    if (m->n * 2 >= m->cap) {
        struct container **old = m->v;
        size_t n = m->cap;
        m->cap *= 2;
        m->v = NEW_N(m->mem, struct container *, m->cap);
        for (size_t i = 0; i < n; i++)
            if (old[i]) *slot(m, old[i]->v) = old[i];
        at = slot(m, v);
    }
    *at = NEW(m->mem, struct container);
    (*at)->v = v;
    m->n++;
    return *at;
}

void marks_put(struct marks *m, const json_t *in, struct mark key, struct mark value)
{
    struct container *c = container_of(m, in);
    PUSH(m->mem, &c->members, (struct member){key, value});
}

/* ---- finding ---- */

static str unescaped(char *z, size_t max, str step)
{
    size_t n = 0;
    for (size_t i = 0; i < step.n && n < max; i++) {
        bool tilde = step.p[i] == '~' && i + 1 < step.n;
        z[n++] = !tilde ? step.p[i] : step.p[++i] == '1' ? '/' : '~';
    }
    return (str){z, n};
}

/* The member of that name or number, and which it is. */
static json_t *member_of(json_t *v, str step, size_t *at)
{
    const char *key;
    json_t *one;
    int64_t i;
    *at = 0;
    if (json_is_array(v)) {
        if (str_i64(step, &i).code != OK || i < 0) return NULL;
        *at = (size_t)i;
        return json_array_get(v, *at);
    }
    json_object_foreach(v, key, one) {
        if (str_is(step, key)) return one;
        ++*at;
    }
    return NULL;
}

static struct member find(const struct marks *m, const json_t *root, str pointer, bool *scalar)
{
    char z[2048];
    struct member found = {0};
    json_t *v = (json_t *)root;
    for (str rest = str_cut(pointer, 1, pointer.n); rest.p && pointer.n;) {
        size_t at;
        struct container *c = *slot(m, v);
        v = member_of(v, unescaped(z, sizeof z, str_split(rest, '/', &rest)), &at);
        if (!v || !c || at >= c->members.n) break;
        found = c->members.v[at];
        *scalar = !json_is_object(v) && !json_is_array(v);
    }
    return found;
}

struct mark marks_find(const struct marks *m, const json_t *root, str pointer)
{
    bool scalar = false;
    struct member found = find(m, root, pointer, &scalar);
    return scalar ? found.value : found.key;
}

struct mark marks_key(const struct marks *m, const json_t *root, str pointer)
{
    bool scalar;
    return find(m, root, pointer, &scalar).key;
}

str pointer_add(arena *mem, str pointer, str step)
{
    buf b = BUF(pointer.n + 2 * step.n + 1);
    buf_put(&b, pointer);
    buf_char(&b, '/');
    for (size_t i = 0; i < step.n; i++) {
        if (step.p[i] == '~') buf_lit(&b, "~0");
        else if (step.p[i] == '/') buf_lit(&b, "~1");
        else buf_char(&b, step.p[i]);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}

/* ---- JSON: the text once more, beside the value it gave ---- */

struct walk { str text; size_t at; struct mark here; struct marks *marks; };

static bool step(struct walk *w)
{
    if (w->at >= w->text.n) return false;
    char c = w->text.p[w->at++];
    if (c == '\n') w->here = (struct mark){w->here.line + 1, 1};
    else if ((c & 0xc0) != 0x80) w->here.column++;
    return true;
}

static char blank(struct walk *w)
{
    while (w->at < w->text.n && strchr(" \t\r\n,:", w->text.p[w->at])) step(w);
    return w->at < w->text.n ? w->text.p[w->at] : 0;
}

static void scalar(struct walk *w)
{
    if (blank(w) != '"') {
        while (w->at < w->text.n && !strchr(" \t\r\n,:]}", w->text.p[w->at])) step(w);
        return;
    }
    step(w);
    while (w->at < w->text.n && w->text.p[w->at] != '"') {
        if (w->text.p[w->at] == '\\') step(w);
        step(w);
    }
    step(w);
}

/* As deep as the value, which json_parse bounded. */
static void value(struct walk *w, json_t *v)
{
    const char *key;
    json_t *one;
    size_t i;
    bool map = json_is_object(v);
    blank(w);
    if (!map && !json_is_array(v)) {
        scalar(w);
        return;
    }
    step(w);
    json_object_foreach(v, key, one) {
        blank(w);
        struct mark at = w->here;
        scalar(w);
        blank(w);
        marks_put(w->marks, v, at, w->here);
        value(w, one);
    }
    json_array_foreach(v, i, one) {
        blank(w);
        marks_put(w->marks, v, w->here, w->here);
        value(w, one);
    }
    blank(w);
    step(w);
}

struct marks *json_marks(arena *mem, str text, const json_t *root)
{
    struct walk w = {.text = text, .here = {1, 1}, .marks = marks_new(mem)};
    if (str_starts(text, S("\xef\xbb\xbf"))) w.at = 3;
    value(&w, (json_t *)root);
    return w.marks;
}
