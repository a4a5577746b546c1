/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* input.c — declared inputs read into a struct, one fault at most for each. */
#include "base/clock.h"
#include "base/id.h"
#include "base/utf8.h"
#include "web/call.h"

enum { TEXT_MAX_DEFAULT = 10000 };

void fault_add(struct req *q, struct faults *f, const char *name, const char *msg)
{
    if (fault_of(f, name)) return;
    struct fault one = {name, msg, STR_NONE};
    PUSH(q->mem, f, one);
}

const struct fault *fault_of(const struct faults *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->v[i].name, name) == 0) return &f->v[i];
    return NULL;
}

/* What is wrong with one input: the key of its message and the limit it broke; msg NULL when nothing is. */
struct verdict {
    const char *msg;
    int64_t limit;
    bool has_limit;
};
#define WRONG(key_)               ((struct verdict){.msg = (key_)})
#define WRONG_LIMIT(key_, limit_) ((struct verdict){(key_), (limit_), true})
#define RIGHT_                    ((struct verdict){0})

/* One line has no line ends. */
static str lines_normalise(arena *mem, str s, bool one_line)
{
    str plain = str_lines(mem, s);
    char *p = (char *)(uintptr_t)plain.p;
    for (size_t i = 0; one_line && i < plain.n; i++)
        if (p[i] == '\n' || p[i] == '\t') p[i] = ' ';
    return str_trim(plain);
}

static struct verdict text_read(arena *mem, const struct input *in, str v, void *to)
{
    str s = lines_normalise(mem, v, in->type != IN_TEXT);
    int64_t n = (int64_t)utf8_length(s), most = in->max ? in->max : TEXT_MAX_DEFAULT;
    memcpy(to, &s, sizeof s);
    if (n == 0) return in->required ? WRONG(W("web.input.missing")) : RIGHT_;
    if (n > most) return WRONG_LIMIT(W("web.input.too_long"), most);
    if (n < in->min) return WRONG_LIMIT(W("web.input.too_short"), in->min);
    return RIGHT_;
}

static struct verdict choice_read(const struct input *in, str v, void *to)
{
    for (const char *const *c = in->choices; c && *c; c++)
        if (str_is(v, *c)) {
            memcpy(to, &v, sizeof v);
            return RIGHT_;
        }
    return WRONG(W("web.input.choice"));
}

/* 12 345,6 as people type it. */
static str number_normalise(arena *mem, str v)
{
    char *p = arena_alloc(mem, v.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == ' ') continue;
        if (str_starts(str_cut(v, i, v.n), S("\xC2\xA0")))
            i += 1; /* no-break space */
        else if (str_starts(str_cut(v, i, v.n), S("\xE2\x80\xAF")))
            i += 2; /* narrow no-break space */
        else
            p[n++] = v.p[i] == ',' ? '.' : v.p[i];
    }
    return (str){p, n};
}

static struct verdict number_read(arena *mem, const struct input *in, str v, void *to)
{
    str s = number_normalise(mem, v);
    double f = 0;
    int64_t n = 0;
    bool whole = in->type == IN_I64;
    if (whole ? str_i64(s, &n).code != OK : str_f64(s, &f).code != OK)
        return WRONG(whole ? W("web.input.number") : W("web.input.decimal"));
    if (whole)
        memcpy(to, &n, sizeof n);
    else
        memcpy(to, &f, sizeof f);
    if (!in->min && !in->max) return RIGHT_;
    if (whole ? n < in->min : f < (double)in->min) return WRONG_LIMIT(W("web.input.too_small"), in->min);
    if (whole ? n > in->max : f > (double)in->max) return WRONG_LIMIT(W("web.input.too_big"), in->max);
    return RIGHT_;
}

static struct verdict date_read(arena *mem, const struct input *in, str v, void *to)
{
    int64_t days;
    if (date_parse_iso(v, &days).code != OK) {
        str rest, month,
            day = str_split(v, '/', &rest); /* 23/11/2026, as typed where the browser has no date input */
        month = str_split(rest, '/', &rest);
        if (date_parse_iso(str_fmt(mem, "%.*s-%.*s-%.*s", STR_ARG(rest), STR_ARG(month), STR_ARG(day)), &days)
                .code != OK)
            return WRONG(W("web.input.date"));
    }
    memcpy(to, &days, sizeof days);
    if (in->min && days < in->min) return WRONG(W("web.input.date_early"));
    if (in->max && days > in->max) return WRONG(W("web.input.date_late"));
    return RIGHT_;
}

static struct verdict list_read(struct req *q, const struct input *in, bool from_query, void *to)
{
    struct strs all, kept = {0};
    if (from_query)
        queries_all(q, in->name, &all);
    else
        fields_all(q, in->name, &all);
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].n) PUSH(q->mem, &kept, all.v[i]);
    memcpy(to, &kept, sizeof kept);
    if (kept.n == 0) return in->required ? WRONG(W("web.input.missing")) : RIGHT_;
    if (in->max && (int64_t)kept.n > in->max) return WRONG_LIMIT(W("web.input.too_many"), in->max);
    if ((int64_t)kept.n < in->min) return WRONG_LIMIT(W("web.input.too_few"), in->min);
    str ignored;
    for (size_t i = 0; in->choices && i < kept.n; i++)
        if (choice_read(in, kept.v[i], &ignored).msg) return WRONG(W("web.input.choice"));
    return RIGHT_;
}

static struct verdict one_read(struct req *q, const struct input *in, void *to)
{
    bool from_query = in->in_query || q->method == GET;
    if (in->type == IN_LIST) return list_read(q, in, from_query, to);
    str v = from_query ? query(q, in->name) : field(q, in->name);
    if (in->type == IN_LINE || in->type == IN_TEXT) return text_read(q->mem, in, v, to);
    v = str_trim(v);
    if (in->type == IN_BOOL) {
        bool yes = v.n && !str_is(v, "0") && !str_is(v, "non");
        memcpy(to, &yes, sizeof yes);
        return in->required && !yes ? WRONG(W("web.input.missing")) : RIGHT_;
    }
    if (v.n == 0) return in->required ? WRONG(W("web.input.missing")) : RIGHT_;
    switch (in->type) {
    case IN_CHOICE: return choice_read(in, v, to);
    case IN_DATE: return date_read(q->mem, in, v, to);
    case IN_ID: return id_parse(v, to).code == OK ? RIGHT_ : WRONG(W("web.input.choice"));
    default: return number_read(q->mem, in, v, to);
    }
}

err input_read(struct req *q, const struct input *spec, void *out, struct faults *out_faults)
{
    struct faults faults = {0};
    for (const struct input *in = spec; in->name; in++) {
        struct verdict v = one_read(q, in, (char *)out + in->offset);
        if (!v.msg) continue;
        struct fault f = {in->name, v.msg,
                          v.has_limit ? str_fmt(q->mem, "%lld", (long long)v.limit) : STR_NONE};
        PUSH(q->mem, &faults, f);
    }
    if (out_faults) *out_faults = faults;
    return faults.n ? FAIL_AT(E_INVALID, "web.input.faults", faults.v[0].name) : NO_ERR;
}
