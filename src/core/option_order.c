/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Long inline lists of options (47,738 in the largest real form): found by id and suggested by label without a walk. */
#include <stdlib.h>
#include <string.h>

#include "core/field_types.h"
#include "core/value_list.h"

struct option_order {
    str *folds;             /* by place in the options */
    uint32_t *by_fold, *by_id;
};

str label_fold(arena *mem, str s)
{
    str fold = str_fold(mem, s);
    char *p = arena_alloc(mem, fold.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < fold.n; i++) {
        char c = fold.p[i];
        bool apostrophe = fold.n - i >= 3 && memcmp(fold.p + i, "\u2019", 3) == 0;
        bool blank = apostrophe || (c && strchr(" -'\t\n", c));
        if (apostrophe) i += 2;
        if (!blank) p[n++] = c;
        else if (n && p[n - 1] != ' ') p[n++] = ' ';
    }
    while (n && p[n - 1] == ' ') n--;
    return (str){p, n};
}

struct sorting { const struct options *o; const str *folds; };

static int fold_cmp(const void *a, const void *b, void *arg)
{
    const struct sorting *s = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = str_cmp(s->folds[x], s->folds[y]);
    return c ? c : x < y ? -1 : x > y;
}

static int id_cmp(const void *a, const void *b, void *arg)
{
    const struct sorting *s = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return str_cmp(s->o->v[x].id, s->o->v[y].id);
}

const struct option_order *option_order(arena *mem, const struct options *o)
{
    struct option_order *order = NEW(mem, struct option_order);
    order->folds = NEW_N(mem, str, o->n + 1);
    order->by_fold = NEW_N(mem, uint32_t, o->n + 1);
    order->by_id = NEW_N(mem, uint32_t, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        order->folds[i] = label_fold(mem, o->v[i].label.v[LANG_FR]);
        order->by_fold[i] = order->by_id[i] = (uint32_t)i;
    }
    struct sorting s = {o, order->folds};
    qsort_r(order->by_fold, o->n, sizeof *order->by_fold, fold_cmp, &s);
    qsort_r(order->by_id, o->n, sizeof *order->by_id, id_cmp, &s);
    return order;
}

const struct option *option_by_id(const struct options *o, str id)
{
    size_t low = 0, high = o->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = str_cmp(o->v[o->order->by_id[mid]].id, id);
        if (c == 0) return &o->v[o->order->by_id[mid]];
        if (c < 0) low = mid + 1;
        else high = mid;
    }
    return NULL;
}

/* First place in by_fold whose label is not before s. */
static size_t fold_from(const struct options *o, str s)
{
    size_t low = 0, high = o->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (str_cmp(o->order->folds[o->order->by_fold[mid]], s) < 0) low = mid + 1;
        else high = mid;
    }
    return low;
}

const struct option *option_by_label(arena *mem, const struct options *o, str typed)
{
    const struct option *found = NULL;
    str fold = label_fold(mem, text_line(mem, typed));
    size_t from = o->order ? fold_from(o, fold) : 0;
    for (size_t i = from; i < o->n; i++) {
        size_t place = o->order ? o->order->by_fold[i] : i;
        str label = o->order ? o->order->folds[place] : label_fold(mem, o->v[place].label.v[LANG_FR]);
        bool same = str_eq(fold, label);
        if (!same && o->v[place].label.v[LANG_EN].n) same = str_eq(fold, label_fold(mem, o->v[place].label.v[LANG_EN]));
        if (o->order && !str_eq(fold, label)) break;
        if (!same || o->v[place].retired) continue;
        if (found) return NULL;
        found = &o->v[place];
    }
    return found;
}

static void suggest_unsorted(arena *mem, const struct options *o, str fold, size_t most, struct options *out)
{
    for (int later = 0; later < 2; later++) {
        for (size_t i = 0; i < o->n && out->n < most; i++) {
            ptrdiff_t at = str_find(label_fold(mem, o->v[i].label.v[LANG_FR]), fold);
            if (!o->v[i].retired && (later ? at > 0 : at == 0)) PUSH(mem, out, o->v[i]);
        }
    }
}

void options_suggest(arena *mem, const struct options *o, str typed, size_t most, struct options *out)
{
    str fold = label_fold(mem, text_line(mem, typed));
    *out = (struct options){0};
    if (!fold.n) return;
    if (!o->order) {
        suggest_unsorted(mem, o, fold, most, out);
        return;
    }
    const struct option_order *order = o->order;
    for (size_t i = fold_from(o, fold); i < o->n && out->n < most && str_starts(order->folds[order->by_fold[i]], fold); i++)
        if (!o->v[order->by_fold[i]].retired) PUSH(mem, out, o->v[order->by_fold[i]]);
    for (size_t i = 0; i < o->n && out->n < most; i++) {
        size_t place = order->by_fold[i];
        if (!o->v[place].retired && str_find(order->folds[place], fold) > 0) PUSH(mem, out, o->v[place]);
    }
}
