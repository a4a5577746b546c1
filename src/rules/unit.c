/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rules/unit.h"
#include "base/buf.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYMBOLS_MOST = 24 }; /* in one unit, above or below the line */

struct symbol { str name; int family; };        /* family: symbols that convert into one another; own number otherwise */
struct side { int v[SYMBOLS_MOST]; int n; };
struct unit { struct side above, below; str text; bool has_text, rescaled; unit_id simplified; };
/* What is known of two units, or of their product: reckoned once. */
enum relation_kind { MULTIPLIED, DIVIDED, CONVERTED };
struct relation {
    unit_id a, b;
    enum relation_kind kind;
    bool used, possible;                        /* CONVERTED: can it be, and by which factors */
    unit_id is;                                 /* MULTIPLIED, DIVIDED */
    double factor_from, factor_to, above, below;
};
struct ratio { const char *small, *large; double factor; };

struct unit_table {
    arena *mem;
    struct { struct symbol *v; size_t n; } symbols;
    struct { struct unit *v; size_t n; } units;
    struct { struct relation *v; size_t n, cap; } relations; /* open addressing */
    int percent;
};

static const struct ratio ratios[] = {
    {"mois", "an", 12}, {"jour", "an", 365}, {"jour", "mois", 365.0 / 12}, {"trimestre", "an", 4}, {"mois", "trimestre", 3},
    {"jour", "trimestre", 365.0 / 12 * 3}, {"€", "k€", 1e3}, {"g", "kg", 1e3}, {"mg", "g", 1e3}, {"mg", "kg", 1e6}, {"m", "km", 1e3},
    {"cm", "m", 1e2}, {"mm", "cm", 1e1}, {"mm", "m", 1e3}, {"cm", "km", 1e5}, {"mm", "km", 1e6}};
/* The first ratio that names a symbol gives its family: families are told by their first symbol. */
static const char *const families[][5] = {{"mois", "an", "jour", "trimestre"}, {"€", "k€"}, {"g", "kg", "mg"}, {"m", "km", "cm", "mm"}};
static const char *const same_units[][2] = {{"kW.h", "kWh"}, {"mn/h", "noeud"}};

static int family_of(str name, int own)
{
    for (int f = 0; f < (int)(sizeof families / sizeof *families); f++)
        for (int i = 0; i < 5 && families[f][i]; i++)
            if (str_is(name, families[f][i])) return -1 - f;
    return own;
}

static int symbol_of(struct unit_table *t, str name)
{
    for (size_t i = 0; i < t->symbols.n; i++)
        if (str_eq(t->symbols.v[i].name, name)) return (int)i;
    int id = (int)t->symbols.n;
    struct symbol s = {.name = str_copy(t->mem, name), .family = family_of(name, id)};
    PUSH(t->mem, &t->symbols, s);
    return id;
}

static bool side_eq(const struct side *a, const struct side *b)
{
    return a->n == b->n && memcmp(a->v, b->v, (size_t)a->n * sizeof *a->v) == 0;
}

static void side_add(struct side *s, int symbol)
{
    if (s->n < SYMBOLS_MOST) s->v[s->n++] = symbol;
}

/* With percents, or two symbols of one family (€.k€, jour/mois), the reference rescales a value even into its own unit. */
static bool is_rescaled(const struct unit_table *t, const struct side *above, const struct side *below)
{
    struct side all = *above;
    for (int i = 0; i < below->n; i++) side_add(&all, below->v[i]);
    for (int i = 0; i < all.n; i++) {
        if (all.v[i] == t->percent) return true;
        for (int j = 0; j < i; j++)
            if (all.v[i] != all.v[j] && t->symbols.v[all.v[i]].family == t->symbols.v[all.v[j]].family) return true;
    }
    return false;
}

static unit_id intern(struct unit_table *t, const struct side *above, const struct side *below)
{
    for (size_t i = 0; i < t->units.n; i++)
        if (side_eq(&t->units.v[i].above, above) && side_eq(&t->units.v[i].below, below)) return (unit_id)i;
    struct unit u = {.above = *above, .below = *below, .simplified = UNIT_ABSENT, .rescaled = is_rescaled(t, above, below)};
    PUSH(t->mem, &t->units, u);
    return (unit_id)t->units.n - 1;
}

struct unit_table *unit_table_new(arena *mem)
{
    struct unit_table *t = NEW(mem, struct unit_table);
    struct side none = {.n = 0}, percent = {.n = 0};
    t->mem = mem;
    t->percent = symbol_of(t, S("%"));
    side_add(&percent, t->percent);
    intern(t, &none, &none);
    intern(t, &percent, &none);
    return t;
}

struct unit_table *unit_table_copy(arena *mem, const struct unit_table *from)
{
    struct unit_table *t = NEW(mem, struct unit_table);
    t->mem = mem;
    t->percent = from->percent;
    for (size_t i = 0; i < from->symbols.n; i++) PUSH(mem, &t->symbols, from->symbols.v[i]);
    for (size_t i = 0; i < from->units.n; i++) PUSH(mem, &t->units, from->units.v[i]);
    return t;
}

/* ---- text ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "m2" is m twice: the first figures that no plain letter follows. */
static void power_of(str symbol, str *base, int *power)
{
    size_t after_letters = 0;
    for (size_t i = 0; i < symbol.n; i++)
        if ((symbol.p[i] >= 'a' && symbol.p[i] <= 'z') || (symbol.p[i] >= 'A' && symbol.p[i] <= 'Z')) after_letters = i + 1;
    *base = symbol;
    *power = 1;
    for (size_t i = after_letters; i < symbol.n; i++) {
        if (!is_digit(symbol.p[i])) continue;
        int n = 0;
        for (size_t j = i; j < symbol.n && is_digit(symbol.p[j]) && n < 1000; j++) n = n * 10 + symbol.p[j] - '0';
        *base = str_cut(symbol, 0, i);
        *power = n;
        return;
    }
}

/* Symbols joined by dots, each as often as its power, equal ones side by side in the order of their first. */
static void side_parse(struct unit_table *t, str text, struct side *out)
{
    int ids[SYMBOLS_MOST], counts[SYMBOLS_MOST], n = 0;
    for (str rest = str_trim(text); rest.n;) {
        str one = str_split(rest, '.', &rest), base;
        int power, at = 0;
        if (!one.n) continue;
        power_of(one, &base, &power);
        int id = symbol_of(t, base);
        while (at < n && ids[at] != id) at++;
        if (at == SYMBOLS_MOST) break;
        if (at == n) ids[n] = id, counts[n++] = 0;
        counts[at] += power;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < counts[i] && k < SYMBOLS_MOST; k++) side_add(out, ids[i]);
}

bool unit_parse(struct unit_table *t, str text, unit_id *out)
{
    if (str_find(text, S("/ ")) >= 0) return false;
    struct side above = {.n = 0}, below = {.n = 0};
    str rest;
    side_parse(t, str_split(text, '/', &rest), &above);
    while (rest.n) side_parse(t, str_split(rest, '/', &rest), &below);
    *out = intern(t, &above, &below);
    return true;
}

static void side_text(const struct unit_table *t, const struct side *s, buf *out)
{
    bool some = false;
    for (int i = 0; i < s->n; i++) {
        int count = 0;
        bool seen = false;
        for (int j = 0; j < s->n; j++) {
            if (s->v[j] != s->v[i]) continue;
            seen = seen || j < i;
            count++;
        }
        if (seen) continue;
        if (some) buf_char(out, '.');
        buf_put(out, t->symbols.v[s->v[i]].name);
        if (count > 1) buf_i64(out, count);
        some = true;
    }
}

static void drop(struct side *s, int at)
{
    memmove(s->v + at, s->v + at + 1, (size_t)(s->n - at - 1) * sizeof *s->v);
    s->n--;
}

static bool alike(const struct unit_table *t, int a, int b, bool by_family)
{
    return a == b || (by_family && t->symbols.v[a].family == t->symbols.v[b].family);
}

static int side_find(const struct unit_table *t, const struct side *s, int symbol, bool by_family)
{
    for (int i = 0; i < s->n; i++)
        if (alike(t, symbol, s->v[i], by_family)) return i;
    return -1;
}

/* What stands above and below the line goes, once for each. */
static void cancel(const struct unit_table *t, struct side *above, struct side *below, bool by_family)
{
    struct side each = *above;
    for (int i = 0; i < below->n; i++) side_add(&each, below->v[i]);
    for (int i = 0; i < each.n; i++) {
        int a = side_find(t, above, each.v[i], by_family), b = side_find(t, below, each.v[i], by_family);
        if (a < 0 || b < 0) continue;
        drop(above, a);
        drop(below, b);
    }
}

str unit_text(struct unit_table *t, unit_id u)
{
    if (u < 0) return STR_NONE;
    struct unit *unit = &t->units.v[u];
    if (unit->has_text) return unit->text;
    struct side above = unit->above, below = unit->below;
    buf b = BUF(4096);
    cancel(t, &above, &below, false);
    side_text(t, &above, &b);
    if (below.n) buf_char(&b, '/');
    side_text(t, &below, &b);
    unit->text = str_copy(t->mem, buf_str(&b));
    unit->has_text = true;
    buf_free(&b);
    return unit->text;
}

bool unit_is_percent(struct unit_table *t, unit_id u) { return u == UNIT_PERCENT || (u >= 0 && str_is(unit_text(t, u), "%")); }

bool unit_has_percent(const struct unit_table *t, unit_id u)
{
    return u >= 0 && side_find(t, &t->units.v[u].above, t->percent, false) >= 0;
}

/* ---- operations ---- */

static struct relation *relation_slot(struct unit_table *t, unit_id a, unit_id b, enum relation_kind kind)
{
    size_t cap = t->relations.cap, i;
    if (t->relations.n * 2 >= cap) {
        struct relation *was = t->relations.v;
        t->relations.cap = cap ? cap * 2 : 64;
        t->relations.v = NEW_N(t->mem, struct relation, t->relations.cap);
        for (i = 0; i < cap; i++)
            if (was[i].used) *relation_slot(t, was[i].a, was[i].b, was[i].kind) = was[i];
    }
    i = ((size_t)a * 2654435761U ^ (size_t)b * 40503U ^ (size_t)kind * 97U) & (t->relations.cap - 1);
    for (;; i = (i + 1) & (t->relations.cap - 1)) {
        struct relation *r = &t->relations.v[i];
        if (!r->used || (r->a == a && r->b == b && r->kind == kind)) return r;
    }
}

static unit_id product_of(struct unit_table *t, unit_id a, unit_id b, bool divide)
{
    struct relation *p = relation_slot(t, a, b, divide ? DIVIDED : MULTIPLIED);
    if (p->used) return p->is;
    struct side above = t->units.v[a].above, below = t->units.v[a].below;
    const struct side b_above = t->units.v[b].above, b_below = t->units.v[b].below;
    for (int i = 0; i < b_above.n; i++) side_add(divide ? &below : &above, b_above.v[i]);
    for (int i = 0; i < b_below.n; i++) side_add(divide ? &above : &below, b_below.v[i]);
    cancel(t, &above, &below, false);
    *p = (struct relation){.a = a, .b = b, .kind = divide ? DIVIDED : MULTIPLIED, .is = intern(t, &above, &below), .used = true};
    t->relations.n++;
    return p->is;
}

unit_id unit_multiply(struct unit_table *t, unit_id a, unit_id b)
{
    if (a < 0) return b;
    return b < 0 ? a : product_of(t, a, b, false);
}

unit_id unit_divide(struct unit_table *t, unit_id a, unit_id b)
{
    return product_of(t, a < 0 ? UNIT_NONE : a, b < 0 ? UNIT_NONE : b, true);
}

unit_id unit_without_percent(struct unit_table *t, unit_id u) { return product_of(t, u < 0 ? UNIT_NONE : u, UNIT_PERCENT, true); }

static void drop_percents(const struct unit_table *t, struct side *s)
{
    for (int i = s->n; i-- > 0;)
        if (s->v[i] == t->percent) drop(s, i);
}

unit_id unit_simplify(struct unit_table *t, unit_id u)
{
    if (u < 0) return u;
    if (t->units.v[u].simplified != UNIT_ABSENT) return t->units.v[u].simplified;
    struct side above = t->units.v[u].above, below = t->units.v[u].below;
    cancel(t, &above, &below, true);
    int percents = 0;
    for (int i = 0; i < above.n; i++) percents += above.v[i] == t->percent;
    if (above.n && percents == above.n) {
        above.n = 1;
    } else {
        drop_percents(t, &above);
        drop_percents(t, &below);
    }
    unit_id is = intern(t, &above, &below);
    t->units.v[u].simplified = is;
    return is;
}

/* ---- conversion ---- */

static double ratio_of(str from, str to)
{
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        if (str_is(to, ratios[i].small) && str_is(from, ratios[i].large)) return ratios[i].factor;
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        if (str_is(from, ratios[i].small) && str_is(to, ratios[i].large)) return 1 / ratios[i].factor;
    return 0;
}

static int percents_of(const struct unit_table *t, const struct side *s)
{
    int n = 0;
    for (int i = 0; i < s->n; i++) n += s->v[i] == t->percent;
    return n;
}

static double factor_of(const struct unit_table *t, const struct side *from, const struct side *to)
{
    double factor = pow(100, percents_of(t, to) - percents_of(t, from));
    for (int i = 0; i < from->n; i++)
        for (int j = 0; j < to->n; j++) {
            double one = ratio_of(t->symbols.v[from->v[i]].name, t->symbols.v[to->v[j]].name);
            if (one == 0) continue;
            factor *= one;
            break;
        }
    return factor;
}

/* To sixteen decimals, as the reference rounds after a conversion; from one on, a double has fewer. */
static double rounded(double x)
{
    if (!(fabs(x) < 1)) return x;
    char z[40];
    snprintf(z, sizeof z, "%.16f", x);
    return strtod(z, NULL);
}

static double simplified(const struct unit_table *t, const struct unit *u, struct side *above, struct side *below)
{
    *above = u->above;
    *below = u->below;
    double factor = rounded(factor_of(t, above, below));
    drop_percents(t, above);
    drop_percents(t, below);
    cancel(t, above, below, true);
    return factor;
}

static int family_balance(const struct unit_table *t, const struct unit *u, int family)
{
    int n = 0;
    for (int i = 0; i < u->above.n; i++) n += t->symbols.v[u->above.v[i]].family == family;
    for (int i = 0; i < u->below.n; i++) n -= t->symbols.v[u->below.v[i]].family == family;
    return n;
}

static bool convertible(const struct unit_table *t, const struct unit *a, const struct unit *b)
{
    const struct side *sides[] = {&a->above, &a->below, &b->above, &b->below};
    for (int s = 0; s < 4; s++)
        for (int i = 0; i < sides[s]->n; i++) {
            int symbol = sides[s]->v[i], family = t->symbols.v[symbol].family;
            if (symbol != t->percent && family_balance(t, a, family) != family_balance(t, b, family)) return false;
        }
    return true;
}

static bool same_by_name(str a, str b)
{
    if (!a.n || !b.n) return false;
    for (size_t i = 0; i < sizeof same_units / sizeof *same_units; i++)
        if ((str_is(a, same_units[i][0]) && str_is(b, same_units[i][1])) || (str_is(a, same_units[i][1]) && str_is(b, same_units[i][0]))) return true;
    return str_eq(a, b);
}

static const struct relation *conversion_of(struct unit_table *t, unit_id from, unit_id to)
{
    struct relation *p = relation_slot(t, from, to, CONVERTED);
    if (p->used) return p;
    str from_text = unit_text(t, from), to_text = unit_text(t, to);
    const struct unit *a = &t->units.v[from], *b = &t->units.v[to];
    struct side a_above, a_below, b_above, b_below;
    *p = (struct relation){.a = from, .b = to, .kind = CONVERTED, .used = true};
    p->possible = same_by_name(from_text, to_text) || convertible(t, a, b);
    p->factor_to = simplified(t, a, &a_above, &a_below);
    p->factor_from = simplified(t, b, &b_above, &b_below);
    p->above = factor_of(t, &a_above, &b_above);
    p->below = factor_of(t, &b_below, &a_below);
    t->relations.n++;
    return p;
}

bool unit_convert(struct unit_table *t, unit_id from, unit_id to, double *value)
{
    if (from == UNIT_ABSENT || (from == to && !t->units.v[from].rescaled)) {
        if (from != UNIT_ABSENT && *value != 0 && !isnan(*value)) *value = rounded(*value);
        return true;
    }
    bool none = to == UNIT_ABSENT;
    const struct relation *p = conversion_of(t, from, none ? UNIT_NONE : to);
    if (!none && !p->possible) return false;
    if (*value == 0 || isnan(*value)) return true;
    *value = rounded(*value * p->factor_to / p->factor_from * p->above * p->below);
    return true;
}

bool unit_is_known(const struct unit_table *t, unit_id u)
{
    const struct side *sides[] = {&t->units.v[u].above, &t->units.v[u].below};
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < sides[s]->n; i++)
            if (sides[s]->v[i] != t->percent && t->symbols.v[sides[s]->v[i]].family >= 0) return false;
    return true;
}

size_t unit_table_count(const struct unit_table *t) { return t->units.n; }
