/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/zone.h"
#include "base/clock.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo/"
#define FILE_MAX_BYTES ((size_t)64 * 1024)
#define ZONES_MAX 700                           /* there are about 600 names */
#define DAY_S INT64_C(86400)

/* One end of summer time as POSIX writes it: M3.5.0/2, J60, 59. */
struct rule_day { char kind; int month, week, day; int time_s; };

/* The rule for what comes after the last transition of the file: "CET-1CEST,M3.5.0,M10.5.0/3". */
struct footer {
    bool there, has_summer;
    int winter_s, summer_s;
    struct rule_day begins, ends;
};

struct zone {
    struct zone *older;
    char name[64];
    size_t n_changes;
    int64_t *change_s;          /* sorted */
    int *offset_s;              /* from that moment on */
    int first_s;                /* before the first */
    struct footer footer;
};

static _Atomic(struct zone *) zones;
static _Atomic int n_zones;

/* ---- the footer ---------------------------------------------------------------------------------------------- */
struct reader { const char *p, *end; bool bad; };

static char peek(const struct reader *r)
{
    return r->p < r->end ? *r->p : 0;
}

static void read_name(struct reader *r)
{
    const char *from = r->p;
    if (peek(r) == '<') {
        while (r->p < r->end && *r->p != '>') r->p++;
        if (r->p == r->end) r->bad = true;
        else r->p++;
    } else {
        while ((peek(r) | 32) >= 'a' && (peek(r) | 32) <= 'z') r->p++;
    }
    if (r->p - from < 3) r->bad = true;
}

static int read_number(struct reader *r, int max)
{
    int v = 0, digits = 0;
    for (; peek(r) >= '0' && peek(r) <= '9'; r->p++, digits++)
        if (v <= max) v = v * 10 + (*r->p - '0');
    if (!digits || v > max) r->bad = true;
    return r->bad ? 0 : v;
}

static int read_time_s(struct reader *r)
{
    int sign = 1;
    if (peek(r) == '-' || peek(r) == '+') sign = *r->p++ == '-' ? -1 : 1;
    int s = read_number(r, 167) * 3600;
    if (peek(r) == ':') {
        r->p++;
        s += read_number(r, 59) * 60;
        if (peek(r) == ':') {
            r->p++;
            s += read_number(r, 59);
        }
    }
    return sign * s;
}

static struct rule_day read_rule_day(struct reader *r)
{
    struct rule_day d = {.time_s = 7200};
    if (peek(r) != ',') r->bad = true;
    if (r->bad) return d;
    r->p++;
    d.kind = peek(r);
    if (d.kind == 'M') {
        r->p++;
        d.month = read_number(r, 12);
        if (peek(r) == '.') r->p++; else r->bad = true;
        d.week = read_number(r, 5);
        if (peek(r) == '.') r->p++; else r->bad = true;
        d.day = read_number(r, 6);
        if (d.month < 1 || d.week < 1) r->bad = true;
    } else if (d.kind == 'J') {
        r->p++;
        d.day = read_number(r, 365);
    } else {
        d.kind = 'N';
        d.day = read_number(r, 365);
    }
    if (peek(r) == '/') {
        r->p++;
        d.time_s = read_time_s(r);
    }
    return d;
}

static struct footer read_footer(str text)
{
    struct footer f = {0};
    struct reader r = {text.p, text.p + text.n, false};
    if (text.n == 0) return f;
    read_name(&r);
    f.winter_s = -read_time_s(&r);              /* POSIX counts west of Greenwich */
    if (!r.bad && r.p < r.end) {
        read_name(&r);
        f.summer_s = peek(&r) == ',' ? f.winter_s + 3600 : -read_time_s(&r);
        f.begins = read_rule_day(&r);
        f.ends = read_rule_day(&r);
        f.has_summer = true;
    }
    f.there = !r.bad && r.p == r.end;
    return f;
}

/* Seconds since 1970, in local time, at which the rule falls in that year. */
static int64_t rule_local_s(struct rule_day d, int year)
{
    int64_t first = days_of(year, 1, 1), day;
    bool leap = days_of(year + 1, 1, 1) - first == 366;
    if (d.kind == 'M') {
        day = days_of(year, d.month, 1);
        int weekday = (int)(((day + 4) % 7 + 7) % 7);           /* 0 Sunday; 1970-01-01 was a Thursday */
        day += (d.day - weekday + 7) % 7 + 7 * (d.week - 1);
        int64_t next = d.month == 12 ? days_of(year + 1, 1, 1) : days_of(year, d.month + 1, 1);
        while (day >= next) day -= 7;                           /* week 5 means the last */
    } else if (d.kind == 'J') {
        day = first + d.day - 1 + (leap && d.day >= 60);        /* J60 is always 1 March */
    } else {
        day = first + d.day;
    }
    return day * DAY_S + d.time_s;
}

static int footer_offset_s(const struct footer *f, int64_t at_s)
{
    if (!f->has_summer) return f->winter_s;
    int year, month, day;
    int64_t local = at_s + f->winter_s;
    days_civil((local - ((local % DAY_S) + DAY_S) % DAY_S) / DAY_S, &year, &month, &day);
    int64_t begins = rule_local_s(f->begins, year) - f->winter_s, ends = rule_local_s(f->ends, year) - f->summer_s;
    bool summer = begins < ends ? at_s >= begins && at_s < ends : at_s >= begins || at_s < ends;
    return summer ? f->summer_s : f->winter_s;
}

/* ---- the file: RFC 8536 §3 ------------------------------------------------------------------------------------ */
static int64_t big_endian(const uint8_t *p, int n_bytes)
{
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < n_bytes; i++) v = v << 8 | p[i];
    return (int64_t)v;
}

struct counts { size_t is_ut, is_std, leap, time, type, chars; };

#define HEADER_BYTES ((size_t)44)

static bool read_header(str s, struct counts *c)
{
    if (s.n < HEADER_BYTES || memcmp(s.p, "TZif", 4) != 0) return false;
    const uint8_t *p = (const uint8_t *)s.p + 20;
    size_t *v[] = {&c->is_ut, &c->is_std, &c->leap, &c->time, &c->type, &c->chars};
    for (size_t i = 0; i < 6; i++) {
        int64_t n = big_endian(p + 4 * i, 4);
        if (n < 0 || n > 100000) return false;
        *v[i] = (size_t)n;
    }
    return c->type > 0;
}

static size_t block_bytes(const struct counts *c, size_t time_bytes)
{
    return c->time * (time_bytes + 1) + c->type * 6 + c->chars + c->leap * (time_bytes + 4) + c->is_std + c->is_ut;
}

/* Fills everything of z but its name. Files of version 1, without 64-bit times, are not met any more: refused. */
static bool zone_read(str s, struct zone *z)
{
    struct counts c;
    if (!read_header(s, &c) || s.p[4] < '2') return false;
    size_t skip = HEADER_BYTES + block_bytes(&c, 4);
    if (skip > s.n) return false;
    s = str_cut(s, skip, s.n);
    if (!read_header(s, &c)) return false;
    s = str_cut(s, HEADER_BYTES, s.n);
    size_t size = block_bytes(&c, 8);
    if (size > s.n) return false;
    const uint8_t *times = (const uint8_t *)s.p, *of = times + 8 * c.time, *types = of + c.time;
    z->change_s = calloc(c.time + 1, sizeof *z->change_s);
    z->offset_s = calloc(c.time + 1, sizeof *z->offset_s);
    if (!z->change_s || !z->offset_s) return false;
    z->first_s = (int)big_endian(types, 4);
    z->n_changes = c.time;
    for (size_t i = 0; i < c.time; i++) {
        if (of[i] >= c.type) return false;
        z->change_s[i] = big_endian(times + 8 * i, 8);
        z->offset_s[i] = (int)big_endian(types + (size_t)6 * of[i], 4);
        if (z->offset_s[i] < -90000 || z->offset_s[i] > 90000) return false;
        if (i && z->change_s[i] <= z->change_s[i - 1]) return false;
    }
    if (z->first_s < -90000 || z->first_s > 90000) return false;
    str tail = str_cut(s, size, s.n);
    if (tail.n >= 2 && tail.p[0] == '\n' && tail.p[tail.n - 1] == '\n') z->footer = read_footer(str_cut(tail, 1, tail.n - 1));
    return true;
}

static int offset_at(const struct zone *z, int64_t at_s)
{
    size_t low = 0, high = z->n_changes;        /* how many changes happened by then */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (z->change_s[mid] <= at_s) low = mid + 1;
        else high = mid;
    }
    if (low == z->n_changes && z->footer.there) return footer_offset_s(&z->footer, at_s);
    return low ? z->offset_s[low - 1] : z->first_s;
}

static void zone_free(struct zone *z)
{
    free(z->change_s);
    free(z->offset_s);
}

bool zone_bytes_offset_s(str tzif, int64_t at_s, int *out_s)
{
    struct zone z = {0};
    bool good = zone_read(tzif, &z);
    if (good) *out_s = offset_at(&z, at_s);
    zone_free(&z);
    return good;
}

/* ---- the cache ------------------------------------------------------------------------------------------------ */
static bool name_is_safe(str name)
{
    if (name.n == 0 || name.n >= sizeof(((struct zone *)0)->name) || name.p[0] == '/') return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+'))
            return false;
    }
    return true;
}

static size_t file_read(str name, char *bytes)
{
    char path[sizeof ZONE_DIR + 64];
    snprintf(path, sizeof path, ZONE_DIR "%.*s", STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    size_t n = 0;
    for (ssize_t k; n < FILE_MAX_BYTES && (k = read(fd, bytes + n, FILE_MAX_BYTES - n)) > 0;) n += (size_t)k;
    close(fd);
    return n;
}

static const struct zone *zone_load(str name)
{
    if (n_zones >= ZONES_MAX) return NULL;
    char *bytes = malloc(FILE_MAX_BYTES);
    struct zone *z = calloc(1, sizeof *z);
    if (!bytes || !z || !zone_read((str){bytes, file_read(name, bytes)}, z)) {
        if (z) zone_free(z);
        free(z);
        free(bytes);
        return NULL;
    }
    free(bytes);
    memcpy(z->name, name.p, name.n);
    n_zones++;
    z->older = zones;
    while (!atomic_compare_exchange_weak(&zones, &z->older, z)) {}   /* the same zone twice does no harm */
    return z;
}

static const struct zone *zone_find(str name)
{
    if (!name_is_safe(name)) return NULL;
    for (const struct zone *z = zones; z; z = z->older)
        if (str_is(name, z->name)) return z;
    return zone_load(name);
}

bool zone_known(str zone)
{
    return zone_find(zone) != NULL;
}

int zone_offset_s(str zone, int64_t at_s)
{
    const struct zone *z = str_is(zone, "UTC") ? NULL : zone_find(zone);
    return z ? offset_at(z, at_s) : 0;
}
