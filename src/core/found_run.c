/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A query read as a clerk would: each word typed is a slot; what may stand for it (itself, a longer word, a term that means the same, a
   word one letter away) is a reading of worth. A document's score is that of its slots, rare words counting more. */
#include <math.h>
#include <string.h>

#include "core/found.h"
#include "formats/json.h"
#include "gen/sql/core/found.sql.h"
#include "store/select.h"

enum { SLOTS_MOST = 8, WANTS_MOST = 48, WAYS_MOST = 64, RANGES = 16, READINGS_MOST = 8, NEAR_MOST = 4 };
#define DOCS_AT_MOST 5000.0         /* a word in so many documents says nothing */
#define WORTH_SHOWING 0.25         /* of the best: what is further away only hides it */
#define WORTH_PREFIX 0.8
#define WORTH_SYNONYM 0.85
#define WORTH_NEAR 0.6

struct want { str word; bool is_prefix; };
struct way { size_t from, to /* slots */, first, n /* wants, all needed */; double worth; };
struct look {
    db *d;
    arena *mem;
    struct strs typed;              /* the slots */
    struct synonyms same;
    struct { struct want *v; size_t n; } wants;
    struct { struct way *v; size_t n; } ways;
    struct strs readings;
    struct { struct found_doc *v; size_t n; } shipped;     /* kinds that come with the program, and are offered everywhere */
    bool answered[SLOTS_MOST];      /* some document has it, or something that stands for it */
};

static void way_add(struct look *l, size_t from, size_t to, const str *words_, size_t n, bool is_prefix, double worth)
{
    if (l->ways.n >= WAYS_MOST || l->wants.n + n > WANTS_MOST) return;
    PUSH(l->mem, &l->ways, (struct way){from, to, l->wants.n, n, worth});
    for (size_t i = 0; i < n; i++) PUSH(l->mem, &l->wants, (struct want){words_[i], is_prefix});
}

static void reading_add(struct look *l, str line)
{
    for (size_t i = 0; i < l->readings.n; i++)
        if (str_eq(l->readings.v[i], line)) return;
    if (l->readings.n < READINGS_MOST) PUSH(l->mem, &l->readings, line);
}

/* The slots typed, those of from..to in other words. */
static void reading_with(struct look *l, const struct strs *slots, size_t from, size_t to, struct strs instead)
{
    struct strs line = {0};
    for (size_t i = 0; i < from; i++) PUSH(l->mem, &line, slots->v[i]);
    for (size_t i = 0; i < instead.n; i++) PUSH(l->mem, &line, instead.v[i]);
    for (size_t i = to; i < slots->n; i++) PUSH(l->mem, &line, slots->v[i]);
    reading_add(l, str_join(l->mem, line, S(" ")));
}

static bool term_at(const struct strs *slots, size_t at, const struct term *t)
{
    if (at + t->words.n > slots->n) return false;
    for (size_t i = 0; i < t->words.n; i++)
        if (!str_eq(slots->v[at + i], t->words.v[i])) return false;
    return true;
}

static void group_ways(struct look *l, const struct strs *slots, const struct synonym_group *g, double worth)
{
    for (size_t k = 0; k < g->n; k++)
        for (size_t at = 0; at < slots->n; at++) {
            if (!term_at(slots, at, &g->v[k])) continue;
            for (size_t other = 0; other < g->n; other++) {
                if (other == k) continue;
                way_add(l, at, at + g->v[k].words.n, g->v[other].words.v, g->v[other].words.n, false, worth * WORTH_SYNONYM);
                reading_with(l, slots, at, at + g->v[k].words.n, g->v[other].words);
            }
        }
}

static void ways_of(struct look *l, const struct strs *slots, double worth)
{
    for (size_t i = 0; i < slots->n; i++)
        if (worth == 1 || !str_eq(slots->v[i], l->typed.v[i])) way_add(l, i, i + 1, &slots->v[i], 1, worth == 1 && slots->v[i].n > 1, worth);
    for (size_t i = 0; i < l->same.n; i++) group_ways(l, slots, &l->same.v[i], worth);
}

/* ---- documents ---- */
struct line { int64_t doc /* below 0: a shipped kind */, weight; uint64_t wants; uint64_t whole; };
struct lines { struct line *v; size_t n; };

static struct line line_of(const struct look *l, str word)
{
    struct line x = {0};
    for (size_t k = 0; k < l->wants.n; k++) {
        bool is = str_eq(word, l->wants.v[k].word);
        if (is || (l->wants.v[k].is_prefix && str_starts(word, l->wants.v[k].word))) x.wants |= UINT64_C(1) << k;
        if (is) x.whole |= UINT64_C(1) << k;
    }
    return x;
}

/* Of one want: its range of words. Words hold letters and figures only, all above a blank. */
static str from_of(const struct look *l, size_t i) { return i < l->wants.n ? l->wants.v[i].word : S(""); }
static str to_of(const struct look *l, size_t i)
{
    if (i >= l->wants.n) return S("");
    return str_fmt(l->mem, l->wants.v[i].is_prefix ? "%.*s\xf4\x8f\xbf\xbf" : "%.*s ", STR_ARG(l->wants.v[i].word));
}
#define RANGE(i_) from_of(l, at + (i_)), to_of(l, at + (i_))

static err ranges_get(struct look *l, size_t at, struct lines *out)
{
    struct sql_found_ranges_row_list rows = {0};
    struct line x = {0};
    TRY(sql_found_ranges(l->d, l->mem, RANGE(0), RANGE(1), RANGE(2), RANGE(3), RANGE(4), RANGE(5), RANGE(6), RANGE(7), RANGE(8), RANGE(9), RANGE(10), RANGE(11), RANGE(12), RANGE(13),
                         RANGE(14), RANGE(15), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        if (!i || !str_eq(rows.v[i].word, rows.v[i - 1].word)) x = line_of(l, rows.v[i].word);         /* rows of a word follow one another */
        x.doc = rows.v[i].doc;
        x.weight = WEIGHT_MOST - rows.v[i].place;
        PUSH(l->mem, out, x);
    }
    return NO_ERR;
}

static err lines_get(struct look *l, struct lines *out)
{
    for (size_t at = 0; at < l->wants.n; at += RANGES) TRY(ranges_get(l, at, out));
    for (size_t i = 0; i < l->shipped.n; i++) {
        struct weigheds w = found_weigh(l->mem, &l->shipped.v[i]);
        for (size_t k = 0; k < w.n; k++) {
            struct line x = line_of(l, w.v[k].word);
            x.doc = -1 - (int64_t)i;
            x.weight = w.v[k].weight;
            if (x.wants) PUSH(l->mem, out, x);
        }
    }
    return NO_ERR;
}

static int by_doc(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

struct scored { int64_t doc; double slot[SLOTS_MOST], score, covered; };
struct scoreds { struct scored *v; size_t n; };

static void doc_slots(const struct look *l, const struct line *v, size_t n, struct scored *out)
{
    double best[WANTS_MOST] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < l->wants.n; k++) {
            if (!(v[i].wants >> k & 1)) continue;
            double worth = (double)v[i].weight * (v[i].whole >> k & 1 ? 1 : WORTH_PREFIX);
            if (worth > best[k]) best[k] = worth;
        }
    for (size_t w = 0; w < l->ways.n; w++) {
        const struct way *way = &l->ways.v[w];
        double sum = 0;
        bool all = true;
        for (size_t k = way->first; k < way->first + way->n; k++) {
            all &= best[k] > 0;
            sum += best[k];
        }
        double worth = all ? sum / (double)way->n * way->worth : 0;
        for (size_t s = way->from; s < way->to; s++)
            if (worth > out->slot[s]) out->slot[s] = worth;
    }
}

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

static void score_all(struct look *l, struct scoreds *docs)
{
    double rare[SLOTS_MOST] = {0}, total = 0;
    for (size_t s = 0; s < l->typed.n; s++) {
        size_t n = 0;
        for (size_t i = 0; i < docs->n; i++) n += docs->v[i].slot[s] > 0;
        rare[s] = n ? fmax(0.05, 1 - log1p((double)n) / log1p(DOCS_AT_MOST)) : 1;
        total += rare[s];
        l->answered[s] = n > 0;
    }
    for (size_t i = 0; i < docs->n; i++) {
        struct scored *d = &docs->v[i];
        for (size_t s = 0; s < l->typed.n; s++) {
            d->score += rare[s] * d->slot[s] / total;
            if (d->slot[s] > 0) d->covered += rare[s] / total;
        }
        d->score *= 0.5 + d->covered / 2;
    }
    if (docs->n) qsort(docs->v, docs->n, sizeof *docs->v, by_score);
}

static err documents(struct look *l, struct scoreds *out)
{
    struct lines lines = {0};
    *out = (struct scoreds){0};
    TRY(lines_get(l, &lines));
    if (lines.n) qsort(lines.v, lines.n, sizeof *lines.v, by_doc);
    for (size_t i = 0, to; i < lines.n; i = to) {
        struct scored d = {.doc = lines.v[i].doc};
        for (to = i; to < lines.n && lines.v[to].doc == d.doc;) to++;
        doc_slots(l, lines.v + i, to - i, &d);
        PUSH(l->mem, out, d);
    }
    score_all(l, out);
    return NO_ERR;
}

/* ---- slips ---- */
static void near_term(struct look *l, str word, const struct synonyms *same, struct strs *out)
{
    for (size_t i = 0; i < same->n; i++)
        for (size_t k = 0; k < same->v[i].n; k++)
            for (size_t j = 0; j < same->v[i].v[k].words.n && out->n < NEAR_MOST; j++)
                if (found_near(word, same->v[i].v[k].words.v[j])) PUSH(l->mem, out, same->v[i].v[k].words.v[j]);
}

/* Words one letter away from one that nothing has. */
static err near_words(struct look *l, str word, struct strs *out)
{
    struct sql_found_terms_row_list terms = {0};
    TRY(sql_found_terms(l->d, l->mem, (int64_t)word.n - 1, (int64_t)word.n + 1, &terms));
    for (size_t i = 0; i < terms.n && out->n < NEAR_MOST; i++)
        if (found_near(word, terms.v[i].word)) PUSH(l->mem, out, terms.v[i].word);
    near_term(l, word, &l->same, out);
    return NO_ERR;
}

static err slips_forgiven(struct look *l, str *out_corrected)
{
    struct strs first = {0};
    bool some = false;
    for (size_t s = 0; s < l->typed.n; s++) {
        struct strs near_ = {0};
        if (!l->answered[s] && l->typed.v[s].n >= 4) TRY(near_words(l, l->typed.v[s], &near_));
        PUSH(l->mem, &first, near_.n ? near_.v[0] : l->typed.v[s]);
        some |= near_.n > 0;
        for (size_t i = 1; i < near_.n; i++) way_add(l, s, s + 1, &near_.v[i], 1, false, WORTH_NEAR);
    }
    if (!some) return NO_ERR;
    ways_of(l, &first, WORTH_NEAR);
    *out_corrected = str_join(l->mem, first, S(" "));
    reading_add(l, *out_corrected);
    return NO_ERR;
}

/* ---- the answer ---- */
static err hits_get(struct look *l, const struct scoreds *docs, size_t most, struct found_answer *out)
{
    int64_t ids[100];
    size_t n = 0;
    while (n < docs->n && n < most && n < 100 && docs->v[n].covered >= 0.5 && docs->v[n].score >= WORTH_SHOWING * docs->v[0].score) {
        ids[n] = docs->v[n].doc;
        n++;
    }
    if (!n) return NO_ERR;
    struct select *q = select_new(l->mem, "f.id, f.ref, f.type, f.path, f.title, f.title_en, f.hint, f.hint_en", "found f", "f");
    struct cells c;
    select_where_in_i64(q, "f.id", ids, n);
    select_limit(q, 100);
    TRY(select_run(l->d, l->mem, q, &c));
    for (size_t i = 0; i < n; i++) {
        bool whole = docs->v[i].covered > 0.999;
        if (ids[i] < 0) {
            const struct found_doc *s = &l->shipped.v[-1 - ids[i]];
            PUSH(l->mem, out, (struct found_hit){s->ref, s->type, s->path, s->title, s->hint, docs->v[i].score, whole});
        }
        for (size_t r = 0; r < c.n; r++) {
            const struct cell *x = c.v + r * c.columns;
            if (x[0].i != ids[i]) continue;
            PUSH(l->mem, out, (struct found_hit){x[1].s, x[2].s, x[3].s, {{x[4].s, x[5].s}}, {{x[6].s, x[7].s}}, docs->v[i].score, whole});
        }
    }
    return NO_ERR;
}

static err shipped_get(struct look *l, struct kinds *ks)
{
    struct kind_refs all;
    TRY(kinds_shipped_offered(ks, l->mem, &all));
    for (size_t i = 0; i < all.n; i++) PUSH(l->mem, &l->shipped, found_kind_doc(l->mem, all.v[i], all.v[i]->name));
    return NO_ERR;
}

err found_run(db *d, arena *mem, struct kinds *ks, str typed, size_t most, struct found_answer *out)
{
    struct look l = {.d = d, .mem = mem};
    struct scoreds docs;
    *out = (struct found_answer){0};
    struct strs all = found_words(mem, str_cut(typed, 0, 400));
    for (size_t i = 0; i < all.n && l.typed.n < SLOTS_MOST; i++) PUSH(mem, &l.typed, all.v[i]);
    if (!l.typed.n) return NO_ERR;
    TRY(synonyms_all(d, mem, &l.same));
    if (ks) TRY(shipped_get(&l, ks));
    reading_add(&l, str_join(mem, l.typed, S(" ")));
    ways_of(&l, &l.typed, 1);
    TRY(documents(&l, &docs));
    size_t before = l.ways.n;
    TRY(slips_forgiven(&l, &out->corrected));
    if (l.ways.n > before) TRY(documents(&l, &docs));
    TRY(hits_get(&l, &docs, most, out));
    out->readings = l.readings;
    return NO_ERR;
}
