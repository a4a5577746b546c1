/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How a procedure lives, for those who handle it: what comes, what is answered and after how long, what waits. Pictures with their tables. */
#include "core/stats.h"

#include "core/clocks.h"
#include "core/list.h"
#include "core/tenant.h"
#include "formats/csv.h"
#include "gen/html/site/stats.html.h"
#include "gen/html/site/stats_list.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/desk.h"
#include "view/chart.h"

enum { POINTS_MOST = 60 };
static const struct { const char *id, *key; int days; } periods[] = {
    {"30j", W("stats.period.month"), 30}, {"3m", W("stats.period.quarter"), 91}, {"12m", W("stats.period.year"), 365}, {"24m", W("stats.period.two_years"), 730}, {"autre", W("stats.period.other"), 0}};
static const struct { const char *id, *key; } steps[] = {{"semaine", W("stats.step.week")}, {"mois", W("stats.step.month")}};

struct asked { const struct kind *k; struct stats_query q; str slug, period, first, last; bool by_month; };

/* By the address of the procedure, or by its name. */
static err kind_asked(struct req *q, struct asked *a)
{
    struct kind_row row;
    a->slug = param(q, "slug");
    err e = kind_row_by_slug(q->db, q->mem, a->slug, &row);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    str name = e.code == OK ? row.name : a->slug;
    TRY(kinds_get(q->app->kinds, q->db, name, 0, &a->k));
    /* Who handles nothing of it must not learn how it goes. */
    struct list_counts counts;
    bool some = false;
    TRY(list_count(q->db, q->mem, q->who, &counts));
    for (size_t i = 0; i < counts.n; i++) some |= str_eq(counts.v[i].kind, name);
    return some || who_has(q->who, ROLE_READER, 0, 0, name) ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

static err period_read(struct req *q, struct asked *a, struct page_stats *p)
{
    int64_t now_us = clock_now_us(), today = day_of(q->tenant, now_us);
    str step = query(q, "pas");
    a->period = query(q, "periode");
    a->q = (struct stats_query){.who = q->who, .kind = a->k, .last_day = today, .first_day = today - 364, .now_us = now_us};
    if (!a->period.n) a->period = S("12m");
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        bool chosen = str_is(a->period, periods[i].id);
        if (chosen && periods[i].days) a->q.first_day = today - periods[i].days + 1;
        PUSH(q->mem, &p->periods, (struct choice){.value = str_of(periods[i].id), .label = words(q->lang, periods[i].key), .is_chosen = chosen});
    }
    a->first = query(q, "du"), a->last = query(q, "au");
    if (str_is(a->period, "autre")) {
        int64_t first, last;
        if (date_parse_iso(a->first, &first).code != OK) admin_fault(q, &p->faults, W("absence.bad_day"), "du");
        else if (date_parse_iso(a->last, &last).code != OK) admin_fault(q, &p->faults, W("absence.bad_day"), "au");
        else if (last < first || last - first > 3660) admin_fault(q, &p->faults, W("stats.bad_period"), "au");
        else a->q.first_day = first, a->q.last_day = last;
    }
    a->by_month = str_is(step, "mois") || (!step.n && a->q.last_day - a->q.first_day > 200);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        PUSH(q->mem, &p->steps, (struct choice){.value = str_of(steps[i].id), .label = words(q->lang, steps[i].key), .is_chosen = (i == 1) == a->by_month});
    return NO_ERR;
}

/* The first day of the week (a Monday) or of the month that a day lies in. */
static int64_t step_of(bool by_month, int64_t day)
{
    int y, m, d;
    if (!by_month) return day - (((day + 3) % 7) + 7) % 7;       /* day 0 was a Thursday */
    days_civil(day, &y, &m, &d);
    return days_of(y, m, 1);
}

static int64_t step_next(bool by_month, int64_t step) { return by_month ? step_of(true, step + 31) : step + 7; }

static str step_words(struct req *q, bool by_month, int64_t step)
{
    str full = words_date(q->mem, q->lang, step);
    if (!by_month) return full;
    size_t at = 0;                                               /* "1er novembre 2026", "1 November 2026": without the day and the blank, of whichever kind */
    while (at < full.n && full.p[at] != ' ' && (unsigned char)full.p[at] < 0x80) at++;
    while (at < full.n && (full.p[at] == ' ' || (unsigned char)full.p[at] == 0xC2 || (unsigned char)full.p[at] == 0xA0)) at++;
    return str_cut(full, at, full.n);
}

static void points_fill(struct req *q, const struct asked *a, const struct stat_ns *days, struct chart *c)
{
    size_t at = 0;
    for (int64_t s = step_of(a->by_month, a->q.first_day); s <= a->q.last_day; s = step_next(a->by_month, s)) {
        int64_t n = 0, end = step_next(a->by_month, s);
        for (; at < days->n && days->v[at].day < end; at++) n += days->v[at].n;
        PUSH(q->mem, &c->points, (struct chart_point){step_words(q, a->by_month, s), (double)n});
    }
}

/* Bars while they can be read one by one, else a curve. */
static struct html picture(struct req *q, const struct chart *c) { return c->points.n <= 14 ? chart_bars(q->mem, c) : chart_curve(q->mem, c); }

static struct html days_drawn(struct req *q, const struct asked *a, const struct stat_ns *days, str label)
{
    struct chart c = {.label = label, .lang = q->lang};
    points_fill(q, a, days, &c);
    /* No more than can be drawn: the newest. */
    if (c.points.n > POINTS_MOST) c.points.v += c.points.n - POINTS_MOST, c.points.n = POINTS_MOST;
    return picture(q, &c);
}

static const struct { int64_t upto; const char *key; } delay_bands[] = {
    {7, W("stats.band.week")}, {15, W("stats.band.fortnight")}, {30, W("stats.band.month")}, {60, W("stats.band.two_months")}, {120, W("stats.band.four_months")}, {INT64_MAX, W("stats.band.more")}};

static struct html delays_drawn(struct req *q, const struct stats *s)
{
    struct chart c = {.label = words(q->lang, W("stats.delays")), .lang = q->lang};
    size_t at = 0;
    for (size_t i = 0; i < sizeof delay_bands / sizeof *delay_bands; i++) {
        int64_t n = 0;
        for (; at < s->delays.n && s->delays.v[at].day <= delay_bands[i].upto; at++) n += s->delays.v[at].n;
        PUSH(q->mem, &c.points, (struct chart_point){words(q->lang, delay_bands[i].key), (double)n});
    }
    return chart_bars(q->mem, &c);
}

static void figure(struct req *q, struct page_stats *p, const char *key, str value)
{
    PUSH(q->mem, &p->figures.items, (struct figure){value, words(q->lang, key)});
}

static str days_words(struct req *q, int64_t days) { return days < 0 ? S("–") : words_count(q->mem, q->lang, W("stats.days"), days); }

static str state_title(struct req *q, const struct kind *k, str name)
{
    const struct state *s = kind_state(k, name);
    return s ? text_in(&s->title, q->lang) : name;
}

static void tables_fill(struct req *q, const struct asked *a, const struct stats *s, struct page_stats *p)
{
    for (size_t i = 0; i < s->queue.n; i++) {
        const int64_t *n = s->queue.v[i].ages;
        struct stat_row row = {state_title(q, a->k, s->queue.v[i].state), s->queue.v[i].n, n[0], n[1], n[2], n[3], n[4]};
        p->queue_total += row.n;
        PUSH(q->mem, &p->queue, row);
    }
    for (size_t i = 0; i < s->outcomes.n; i++) PUSH(q->mem, &p->outcomes, (struct stat_row){.label = state_title(q, a->k, s->outcomes.v[i].name), .n = s->outcomes.v[i].n});
    for (size_t i = 0; i < s->channels.n; i++) PUSH(q->mem, &p->channels, (struct stat_row){.label = channel_words(q, s->channels.v[i].name), .n = s->channels.v[i].n});
}

static void figures_fill(struct req *q, const struct stats *s, struct page_stats *p)
{
    figure(q, p, W("stats.filed"), words_number(q->mem, q->lang, s->filed));
    figure(q, p, W("stats.answered"), words_number(q->mem, q->lang, s->answered));
    figure(q, p, W("stats.half"), days_words(q, stats_within(&s->delays, .5)));
    figure(q, p, W("stats.nine"), days_words(q, stats_within(&s->delays, .9)));
    figure(q, p, W("stats.waiting"), words_number(q->mem, q->lang, p->queue_total));
    figure(q, p, W("stats.reopened"), words_number(q->mem, q->lang, s->reopened));
    figure(q, p, W("stats.abandoned"), words_number(q->mem, q->lang, s->abandoned));
}

static struct url csv_at(struct req *q, const struct asked *a)
{
    return URL(q->mem, "/agents/statistiques/{}/chiffres.csv?periode={}&du={}&au={}&pas={}", a->slug, a->period, a->first, a->last, a->by_month ? S("mois") : S("semaine"));
}

static err get_stats(struct req *q)
{
    struct page_stats p = {.l = {.is_desk = true, .no_index = true, .width = WIDTH_WIDE}};
    struct asked a = {0};
    struct stats s;
    TRY(kind_asked(q, &a));
    TRY(period_read(q, &a, &p));
    TRY(stats_of(q->db, q->mem, &a.q, &s));
    p.title = text_in(&a.k->title, q->lang);
    p.first = date_iso(q->mem, a.q.first_day), p.last = date_iso(q->mem, a.q.last_day);
    p.period = words_fill(q->mem, q->lang, W("stats.from_to"), "first", words_date(q->mem, q->lang, a.q.first_day), "last", words_date(q->mem, q->lang, a.q.last_day), NULL);
    tables_fill(q, &a, &s, &p);
    figures_fill(q, &s, &p);
    p.filed_title = words(q->lang, a.by_month ? W("stats.filed_by_month") : W("stats.filed_by_week"));
    p.ended_title = words(q->lang, a.by_month ? W("stats.ended_by_month") : W("stats.ended_by_week"));
    p.filed = days_drawn(q, &a, &s.filed_days, p.filed_title);
    p.ended = days_drawn(q, &a, &s.ended_days, p.ended_title);
    p.has_delays = s.answered > 0;
    if (p.has_delays) p.delays = delays_drawn(q, &s);
    p.csv = csv_at(q, &a);
    p.list = URL(q->mem, "/agents?kind={}", a.k->name);
    if (p.faults.n) p.l.status = 422;
    reply_private(q);
    return page_stats(q, &p);
}

/* ---- for a spreadsheet: one line a figure ---- */

static void csv_line(struct req *q, struct csv_writer *w, const char *what, str name, int64_t n)
{
    csv_cell(w, words(q->lang, what));
    csv_cell(w, name);
    csv_cell(w, str_fmt(q->mem, "%lld", (long long)n));
    csv_end_row(w);
}

static void csv_days(struct req *q, const struct asked *a, struct csv_writer *w, const char *what, const struct stat_ns *days)
{
    size_t at = 0;
    for (int64_t s = step_of(a->by_month, a->q.first_day); s <= a->q.last_day; s = step_next(a->by_month, s)) {
        int64_t n = 0, end = step_next(a->by_month, s);
        for (; at < days->n && days->v[at].day < end; at++) n += days->v[at].n;
        csv_line(q, w, what, date_iso(q->mem, s), n);
    }
}

static err get_csv(struct req *q)
{
    struct page_stats p = {0};
    struct asked a = {0};
    struct stats s;
    TRY(kind_asked(q, &a));
    TRY(period_read(q, &a, &p));
    if (p.faults.n) return FAIL_AT(E_INVALID, "stats.bad_period", "au");
    TRY(stats_of(q->db, q->mem, &a.q, &s));
    struct csv_writer w = {.out = reply_buf(q, 200, "text/csv; charset=utf-8"), .separator = ';', .for_spreadsheets = true};
    buf_lit(w.out, "\xEF\xBB\xBF");
    static const char *const titles[] = {W("stats.csv.what"), W("stats.csv.which"), W("stats.csv.n")};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) csv_cell(&w, words(q->lang, titles[i]));
    csv_end_row(&w);
    csv_days(q, &a, &w, a.by_month ? W("stats.filed_by_month") : W("stats.filed_by_week"), &s.filed_days);
    csv_days(q, &a, &w, a.by_month ? W("stats.ended_by_month") : W("stats.ended_by_week"), &s.ended_days);
    for (size_t i = 0; i < s.channels.n; i++) csv_line(q, &w, W("stats.channels"), channel_words(q, s.channels.v[i].name), s.channels.v[i].n);
    for (size_t i = 0; i < s.outcomes.n; i++) csv_line(q, &w, W("stats.outcomes"), state_title(q, a.k, s.outcomes.v[i].name), s.outcomes.v[i].n);
    for (size_t i = 0; i < s.delays.n; i++) csv_line(q, &w, W("stats.csv.delay"), str_fmt(q->mem, "%lld", (long long)s.delays.v[i].day), s.delays.v[i].n);
    for (size_t i = 0; i < s.queue.n; i++) csv_line(q, &w, W("stats.queue"), state_title(q, a.k, s.queue.v[i].state), s.queue.v[i].n);
    csv_line(q, &w, W("stats.half"), STR_NONE, stats_within(&s.delays, .5));
    csv_line(q, &w, W("stats.nine"), STR_NONE, stats_within(&s.delays, .9));
    csv_line(q, &w, W("stats.reopened"), STR_NONE, s.reopened);
    csv_line(q, &w, W("stats.abandoned"), STR_NONE, s.abandoned);
    reply_private(q);
    reply_attachment(q, str_fmt(q->mem, "statistiques-%.*s.csv", STR_ARG(a.slug)));
    return NO_ERR;
}

/* Those of which this person may list something. */
static err get_list(struct req *q)
{
    struct page_stats_list p = {.l = {.is_desk = true, .no_index = true}};
    struct list_counts counts;
    TRY(list_count(q->db, q->mem, q->who, &counts));
    for (size_t i = 0; i < counts.n; i++) {
        const struct kind *k;
        if (i && str_eq(counts.v[i].kind, counts.v[i - 1].kind)) continue;         /* in the order of kinds */
        if (kinds_get(q->app->kinds, q->db, counts.v[i].kind, 0, &k).code != OK) continue;
        PUSH(q->mem, &p.kinds, (struct link){.label = text_in(&k->title, q->lang), .at = URL(q->mem, "/agents/statistiques/{}", counts.v[i].kind)});
    }
    reply_private(q);
    return page_stats_list(q, &p);
}

const struct route stats_routes[] = {
    {GET, "/agents/statistiques", RIGHT_AGENT, get_list, "procedures whose statistics this person may see", 0, NULL, NULL},
    {GET, "/agents/statistiques/:slug", RIGHT_AGENT, get_stats, "how a procedure lives: filed, answered, delays, queue", 0, NULL, NULL},
    {GET, "/agents/statistiques/:slug/chiffres.csv", RIGHT_AGENT, get_csv, "the same figures for a spreadsheet", 0, NULL, NULL},
    {0}};
