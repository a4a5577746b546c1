/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mechanism.c — a value as it is written: text, number, or a map. Of a map's keys some apply to the value that the others make (plafond,
   arrondi, par défaut…): they are put around it in the order of `around`, the first outermost. Exactly one key then remains. */
#include <math.h>
#include <string.h>
#include "base/words.h"
#include "rules/ast.h"

enum { DEPTH_MOST = 600, LIST_MOST = 1000 /* a sum is as deep as its list is long */ };
#define PARSED_BYTES_MOST ((size_t)96 << 20)     /* well under what an arena holds: a file that swells is refused, never fatal */

typedef err (*around_fn)(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out);
typedef err (*mechanism_fn)(struct parsing *p, json_t *v, struct node **out);
struct around { str key; around_fn parse; };
struct mechanism { str key; mechanism_fn parse; };
#define KEY(z) {z, sizeof(z) - 1}

static err rest(struct parsing *p, const struct map_keys *w, size_t next, struct node **out);

static struct node *formed(struct node *n, enum node_form form)
{
    n->form = form;
    return n;
}

/* ---- around a value ---- */

static err both(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **value, struct node **with)
{
    TRY(rest(p, w, next, value));
    return value_parse(p, param, with);
}

static err around_context(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *n = node_new(p, N_CONTEXT);
    const char *name;
    json_t *v;
    TRY(rest(p, w, next, &value));
    n->context.of = value;
    n->context.v = NEW_N(p->mem, struct setting, json_object_size(param) + 1);
    json_object_foreach(param, name, v) {
        struct setting *s = &n->context.v[n->context.n++];
        TRY(expression_parse(p, str_of(name), &s->rule));
        if (s->rule->kind != N_REFERENCE) return parse_fault(p, "context", "contexte : « %s » n’est pas le nom d’une règle", name);
        TRY(value_parse(p, v, &s->value));
    }
    *out = n;
    return NO_ERR;
}

static err around_missing(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *n = node_new(p, N_MISSING);
    n->missing.name = json_text(param);
    TRY(rest(p, w, next, &n->missing.of));
    *out = n;
    return NO_ERR;
}

static err around_with(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    TRY(rules_parse(p, p->rule, param));
    if (w->situated) TRY(situation_add(p));
    return rest(p, w, next, out);
}

static err around_applicable(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *test;
    TRY(both(p, w, next, param, &value, &test));
    *out = formed(node_condition(p, node_operation(p, OP_NE, test, node_bool(p, false)), value, p->inapplicable), AS_APPLICABLE_IF);
    return NO_ERR;
}

static err around_inapplicable(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *test;
    TRY(both(p, w, next, param, &value, &test));
    *out = formed(node_condition(p, node_operation(p, OP_EQ, test, node_bool(p, false)), value, p->inapplicable), AS_INAPPLICABLE_IF);
    return NO_ERR;
}

static err around_round(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *n = node_new(p, N_ROUND);
    TRY(both(p, w, next, param, &n->on.of, &n->on.digits));
    *out = n;
    return NO_ERR;
}

static err unit_of(struct parsing *p, json_t *v, unit_id *out)
{
    str text = json_is_string(v) ? json_text(v) : STR_NONE;
    if (!json_is_string(v)) return parse_fault(p, "unit", "une unité est un texte");
    return unit_written(p, text, out);
}

static err around_unit(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *n = node_new(p, N_UNIT);
    TRY(rest(p, w, next, &n->on.of));
    TRY(unit_of(p, param, &n->on.unit));
    *out = n;
    return NO_ERR;
}

static err around_simplify(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *n = node_new(p, N_SIMPLIFY);
    TRY(rest(p, w, next, &n->on.of));
    *out = n;
    return NO_ERR;
}

/* bound: its own value when the test of `op` holds against it. A bound that is "non" is none. */
static struct node *bounded(struct parsing *p, struct node *value, struct node *bound, enum operation op)
{
    struct node *is_set = node_operation(p, OP_NE, bound, node_bool(p, false));
    return node_condition(p, node_operation(p, OP_AND, is_set, node_operation(p, op, value, bound)), bound, value);
}

static err around_floor(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *bound;
    TRY(both(p, w, next, param, &value, &bound));
    *out = formed(bounded(p, value, bound, OP_LT), AS_FLOOR);
    return NO_ERR;
}

static err around_ceiling(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *bound;
    TRY(both(p, w, next, param, &value, &bound));
    *out = formed(bounded(p, value, bound, OP_GT), AS_CEILING);
    return NO_ERR;
}

static struct node *is_undefined(struct parsing *p, struct node *of)
{
    struct node *n = node_new(p, N_IS_UNDEFINED);
    n->on.of = of;
    return n;
}

static err around_default(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *fallback;
    TRY(both(p, w, next, param, &value, &fallback));
    if (w->situated) {      /* the value it falls back on is one the rule does not have */
        struct node *missing = node_new(p, N_MISSING);
        missing->missing.name = p->rule->name;
        missing->missing.of = fallback;
        fallback = missing;
    }
    *out = formed(node_condition(p, is_undefined(p, value), fallback, value), AS_DEFAULT);
    return NO_ERR;
}

static err around_situation(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *said;
    TRY(rest(p, w, next, &value));
    if (w->situated) said = node_reference(p, p->rule->situation->name), said->reference.to = p->rule->situation;
    else TRY(value_parse(p, param, &said));
    *out = formed(node_condition(p, is_undefined(p, said), value, said), AS_SITUATION);
    return NO_ERR;
}

static err around_circular(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *n = node_new(p, N_FIXED_POINT);
    n->fixed_point.rule = p->rule;
    TRY(rest(p, w, next, &n->fixed_point.of));
    *out = n;
    return NO_ERR;
}

static err around_allowance(struct parsing *p, const struct map_keys *w, size_t next, json_t *param, struct node **out)
{
    struct node *value, *less;
    TRY(both(p, w, next, param, &value, &less));
    *out = formed(bounded(p, node_operation(p, OP_SUB, value, less), node_number(p, 0, UNIT_ABSENT), OP_LT), AS_ALLOWANCE);
    return NO_ERR;
}

enum { CONTEXT, MISSING, WITH, APPLICABLE, INAPPLICABLE, ROUND, UNIT, SIMPLIFY, FLOOR, CEILING, DEFAULT, SITUATION, CIRCULAR, ALLOWANCE };
static const struct around around[AROUND_N] = {
    [CONTEXT] = {KEY("contexte"), around_context}, [MISSING] = {KEY("variable manquante"), around_missing}, [WITH] = {KEY("avec"), around_with},
    [APPLICABLE] = {KEY("applicable si"), around_applicable}, [INAPPLICABLE] = {KEY("non applicable si"), around_inapplicable},
    [ROUND] = {KEY("arrondi"), around_round}, [UNIT] = {KEY("unité"), around_unit}, [SIMPLIFY] = {KEY("simplifier l'unité"), around_simplify},
    [FLOOR] = {KEY("plancher"), around_floor}, [CEILING] = {KEY("plafond"), around_ceiling}, [DEFAULT] = {KEY("par défaut"), around_default},
    [SITUATION] = {KEY("dans la situation"), around_situation}, [CIRCULAR] = {KEY("résoudre la référence circulaire"), around_circular},
    [ALLOWANCE] = {KEY("abattement"), around_allowance}};

/* ---- mechanisms made of others ---- */

static err list(struct parsing *p, json_t *v, struct nodes *out)
{
    size_t i;
    json_t *one;
    if (!json_is_array(v)) return parse_fault(p, "list", "une liste est attendue");
    if (json_array_size(v) > LIST_MOST) return parse_fault(p, "too_deep", "liste trop longue : plus de %d termes", LIST_MOST);
    *out = (struct nodes){0};
    json_array_foreach(v, i, one) {
        struct node *n;
        TRY(value_parse(p, one, &n));
        PUSH(p->mem, out, n);
    }
    return NO_ERR;
}

static struct node *sum_of(struct parsing *p, const struct nodes *v)
{
    struct node *all = p->inapplicable;
    for (size_t i = v->n; i-- > 0;) all = formed(node_operation(p, OP_ADD, v->v[i], all), AS_REST);
    return all;
}

static err make_sum(struct parsing *p, json_t *v, struct node **out)
{
    struct nodes each;
    TRY(list(p, v, &each));
    *out = sum_of(p, &each);
    if (each.n) (*out)->form = AS_SUM;
    return NO_ERR;
}

static err make_product(struct parsing *p, json_t *v, struct node **out)
{
    struct nodes each;
    TRY(list(p, v, &each));
    struct node *all = node_number(p, 1, UNIT_ABSENT), *simple = formed(node_new(p, N_SIMPLIFY), AS_PRODUCT);
    for (size_t i = 0; i < each.n; i++) all = formed(node_operation(p, OP_MUL, each.v[i], all), AS_REST);
    simple->on.of = all;
    *out = simple;
    return NO_ERR;
}

static struct node *is_applicable(struct parsing *p, struct node *of)
{
    struct node *n = node_new(p, N_IS_INAPPLICABLE);
    n->on.of = of;
    return node_operation(p, OP_EQ, n, node_bool(p, false));
}

static err make_mean(struct parsing *p, json_t *v, struct node **out)
{
    struct nodes each, ones = {0};
    TRY(list(p, v, &each));
    for (size_t i = 0; i < each.n; i++) {
        struct node *test = node_operation(p, OP_NE, is_applicable(p, each.v[i]), node_bool(p, false));
        PUSH(p->mem, &ones, node_condition(p, test, node_number(p, 1, UNIT_ABSENT), p->inapplicable));
    }
    *out = formed(node_operation(p, OP_DIV, sum_of(p, &each), sum_of(p, &ones)), AS_MEAN);
    return NO_ERR;
}

static err fold(struct parsing *p, json_t *v, enum operation op, bool first, struct node **out)
{
    struct nodes each;
    TRY(list(p, v, &each));
    *out = node_bool(p, first);
    for (size_t i = 0; i < each.n; i++) *out = formed(node_operation(p, op, *out, each.v[i]), AS_REST);
    if (each.n) (*out)->form = first ? AS_ALL : AS_ANY;
    return NO_ERR;
}
static err make_all(struct parsing *p, json_t *v, struct node **out) { return fold(p, v, OP_AND, true, out); }
static err make_any(struct parsing *p, json_t *v, struct node **out) { return fold(p, v, OP_OR, false, out); }

/* The last against the best of those before it; both are private rules, so that each is evaluated once. */
static err best(struct parsing *p, const struct nodes *each, size_t n, enum operation op, struct node **out)
{
    if (n == 0) return *out = p->inapplicable, NO_ERR;
    if (++p->depth > DEPTH_MOST || arena_used_bytes(p->mem) > PARSED_BYTES_MOST) return parse_fault(p, "too_deep", "liste trop longue");
    struct rule_def *rule = p->rule, *last = rule_add(p, str_fmt(p->mem, "%.*s . $INTERNAL valeur", STR_ARG(rule->name)));
    if (!last) return parse_fault(p, "defined_twice", "deux « le maximum de » ou « le minimum de » dans la même règle");
    last->value = each->v[n - 1];
    struct rule_def *before = rule_add(p, str_fmt(p->mem, "%.*s . $INTERNAL acc", STR_ARG(rule->name)));
    last->private = before->private = true;
    last->raw = before->raw = json_own(p->mem, json_object());
    p->rule = before;
    err e = best(p, each, n - 1, op, &before->value);
    p->rule = rule;
    if (e.code != OK) return e;
    struct node *v = node_reference(p, S("$INTERNAL valeur")), *acc = node_reference(p, S("$INTERNAL acc"));
    struct node *v_out = node_new(p, N_IS_INAPPLICABLE), *acc_out = node_new(p, N_IS_INAPPLICABLE);
    v_out->on.of = v;
    acc_out->on.of = acc;
    struct node *better = node_operation(p, OP_OR, acc_out, node_operation(p, op, v, acc));
    *out = formed(node_condition(p, v_out, acc, node_condition(p, better, v, acc)), AS_REST);
    p->depth--;
    return NO_ERR;
}

static err make_best(struct parsing *p, json_t *v, enum operation op, struct node **out)
{
    struct nodes each = {0};
    TRY(list(p, v, &each));
    TRY(best(p, &each, each.n, op, out));
    if (each.n) (*out)->form = op == OP_GT ? AS_MAXIMUM : AS_MINIMUM;
    return NO_ERR;
}
static err make_max(struct parsing *p, json_t *v, struct node **out) { return make_best(p, v, OP_GT, out); }
static err make_min(struct parsing *p, json_t *v, struct node **out) { return make_best(p, v, OP_LT, out); }

static err on_one(struct parsing *p, json_t *v, enum node_kind kind, struct node **out)
{
    struct node *of;
    TRY(value_parse(p, v, &of));
    *out = node_new(p, kind);
    (*out)->on.of = of;
    return NO_ERR;
}
static err make_is_undefined(struct parsing *p, json_t *v, struct node **out) { return on_one(p, v, N_IS_UNDEFINED, out); }
static err make_is_inapplicable(struct parsing *p, json_t *v, struct node **out) { return on_one(p, v, N_IS_INAPPLICABLE, out); }
static err make_log(struct parsing *p, json_t *v, struct node **out) { return on_one(p, v, N_LOG, out); }

static err make_is_defined(struct parsing *p, json_t *v, struct node **out)
{
    TRY(on_one(p, v, N_IS_UNDEFINED, out));
    *out = formed(node_operation(p, OP_EQ, *out, node_bool(p, false)), AS_IS_DEFINED);
    return NO_ERR;
}

static err make_is_applicable(struct parsing *p, json_t *v, struct node **out)
{
    TRY(on_one(p, v, N_IS_INAPPLICABLE, out));
    *out = formed(node_operation(p, OP_EQ, *out, node_bool(p, false)), AS_IS_APPLICABLE);
    return NO_ERR;
}

/* ---- mechanisms with a kind of their own ---- */

static err make_condition(struct parsing *p, json_t *v, struct node **out)
{
    struct node *test, *then, *otherwise;
    TRY(value_parse(p, json_object_get(v, "si"), &test));
    TRY(value_parse(p, json_object_get(v, "alors"), &then));
    TRY(value_parse(p, json_object_get(v, "sinon"), &otherwise));
    *out = node_condition(p, test, then, otherwise);
    return NO_ERR;
}

static err make_variations(struct parsing *p, json_t *v, struct node **out)
{
    size_t i;
    json_t *one;
    struct node *n = node_new(p, N_VARIATIONS);
    if (!json_is_array(v)) return parse_fault(p, "list", "variations : une liste est attendue");
    n->variations.v = NEW_N(p->mem, struct branch, json_array_size(v) + 1);
    json_array_foreach(v, i, one) {
        struct branch *b = &n->variations.v[n->variations.n++];
        json_t *otherwise = json_object_get(one, "sinon");
        if (otherwise) {
            TRY(value_parse(p, otherwise, &b->consequence));
            b->condition = node_bool(p, true);
        } else {
            TRY(value_parse(p, json_object_get(one, "alors"), &b->consequence));
            TRY(value_parse(p, json_object_get(one, "si"), &b->condition));
        }
    }
    *out = n;
    return NO_ERR;
}

static bool is_falsy(const json_t *v)
{
    return !v || json_is_null(v) || json_is_false(v) || (json_is_number(v) && json_number_value(v) == 0) ||
           (json_is_string(v) && json_string_length(v) == 0);
}

static err band_parse(struct parsing *p, json_t *v, struct band *b)
{
    json_t *rate = json_object_get(v, "taux"), *amount = json_object_get(v, "montant"), *ceiling = json_object_get(v, "plafond");
    if (rate) TRY(value_parse(p, rate, &b->rate));
    if (amount) TRY(value_parse(p, amount, &b->amount));
    return ceiling ? value_parse(p, ceiling, &b->ceiling) : NO_ERR;
}

static err make_bands(struct parsing *p, json_t *v, enum node_kind kind, struct node **out)
{
    size_t i;
    json_t *one, *multiplier = json_object_get(v, "multiplicateur"), *bands = json_object_get(v, "tranches");
    struct node *n = node_new(p, kind);
    TRY(value_parse(p, json_object_get(v, "assiette"), &n->bands.base));
    if (is_falsy(multiplier)) n->bands.multiplier = node_number(p, 1, UNIT_ABSENT);
    else TRY(value_parse(p, multiplier, &n->bands.multiplier));
    if (!json_is_array(bands) || !json_array_size(bands)) return parse_fault(p, "list", "tranches : une liste est attendue");
    n->bands.v = NEW_N(p->mem, struct band, json_array_size(bands));
    json_array_foreach(bands, i, one) {
        struct band *b = &n->bands.v[n->bands.n++];
        TRY(band_parse(p, one, b));
        if (kind == N_GRID ? !b->amount : !b->rate)
            return parse_fault(p, "band", "tranche n° %zu : il manque %s", i + 1, kind == N_GRID ? "« montant »" : "« taux »");
    }
    *out = n;
    return NO_ERR;
}
static err make_scale(struct parsing *p, json_t *v, struct node **out) { return make_bands(p, v, N_SCALE, out); }
static err make_grid(struct parsing *p, json_t *v, struct node **out) { return make_bands(p, v, N_GRID, out); }
static err make_progressive(struct parsing *p, json_t *v, struct node **out) { return make_bands(p, v, N_PROGRESSIVE, out); }

static const struct { const char *name; enum span span; } spans[] = {
    {"jour", SPAN_DAY}, {"mois", SPAN_MONTH}, {"an", SPAN_YEAR}, {"trimestre", SPAN_QUARTER}, {"trimestre civil", SPAN_CIVIL_QUARTER},
    {"année civile", SPAN_CIVIL_YEAR}};

static err make_duration(struct parsing *p, json_t *v, struct node **out)
{
    json_t *since = json_object_get(v, "depuis"), *until = json_object_get(v, "jusqu'à"), *unit = json_object_get(v, "unité");
    struct node *n = node_new(p, N_DURATION);
    n->duration.since = n->duration.until = node_new(p, N_TODAY);
    if (since && !json_is_null(since)) TRY(value_parse(p, since, &n->duration.since));
    if (until && !json_is_null(until)) TRY(value_parse(p, until, &n->duration.until));
    n->duration.unit = UNIT_NONE;
    if (is_falsy(unit)) unit_parse(p->units, S("jour"), &n->duration.unit);
    else TRY(unit_of(p, unit, &n->duration.unit));
    str name = unit_text(p->units, n->duration.unit);
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (str_is(name, spans[i].name)) return n->duration.span = spans[i].span, *out = n, NO_ERR;
    return parse_fault(p, "unit", "durée : l’unité « %.*s » n’est pas jour, mois, an, trimestre, trimestre civil ou année civile", STR_ARG(name));
}

static err make_text(struct parsing *p, json_t *v, struct node **out)
{
    struct node *n = node_new(p, N_TEXT);
    struct { struct text_part *v; size_t n; } parts = {0};
    if (!json_is_string(v)) return parse_fault(p, "text", "texte : un texte est attendu");
    str left = json_text(v);
    for (;;) {
        ptrdiff_t from = str_find(left, S("{{")), to = from < 0 ? -1 : str_find(str_cut(left, (size_t)from + 2, left.n), S("}}"));
        if (to < 0) break;
        struct text_part words = {.words = str_cut(left, 0, (size_t)from)}, value = {.value = NULL};
        TRY(expression_parse(p, str_trim(str_cut(left, (size_t)from + 2, (size_t)(from + 2 + to))), &value.value));
        PUSH(p->mem, &parts, words);
        PUSH(p->mem, &parts, value);
        left = str_cut(left, (size_t)(from + to) + 4, left.n);
    }
    PUSH(p->mem, &parts, (struct text_part){.words = left});
    n->text.v = parts.v;
    n->text.n = parts.n;
    *out = n;
    return NO_ERR;
}

static double number_or(json_t *map, const char *key, double otherwise)
{
    json_t *v = json_object_get(map, key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

static err make_inversion(struct parsing *p, json_t *v, struct node **out)
{
    struct node *n = node_new(p, N_INVERSION), *goal = NULL;
    json_t *with = json_object_get(v, "avec"), *one;
    size_t i;
    if (!v || json_is_null(v)) return parse_fault(p, "inversion", "inversion numérique : avec quelles règles ?");
    n->inversion = NEW(p->mem, struct inversion_goals);
    n->inversion->rule = p->rule;
    n->inversion->min = number_or(v, "min", -1e6);
    n->inversion->max = number_or(v, "max", 1e8);
    n->inversion->tolerance = number_or(v, "tolérance d'erreur", 0.1);
    if (!with) with = v;
    if (!json_is_array(with)) {
        TRY(value_parse(p, with, &goal));
        PUSH(p->mem, &n->inversion->goals, goal);
    }
    json_array_foreach(with, i, one) {
        TRY(value_parse(p, one, &goal));
        PUSH(p->mem, &n->inversion->goals, goal);
    }
    for (i = 0; i < n->inversion->goals.n; i++)
        if (n->inversion->goals.v[i]->kind != N_REFERENCE) return parse_fault(p, "inversion", "inversion numérique : un nom de règle est attendu");
    *out = n;
    return NO_ERR;
}

static err make_variable(struct parsing *p, json_t *v, struct node **out)
{
    if (!json_is_string(v) || !json_string_length(v)) return parse_fault(p, "reference", "une référence ne peut pas être vide");
    *out = node_reference(p, json_text(v));
    return NO_ERR;
}

/* {nodeValue: null, type: …}: a value as the engine holds it. */
static err make_constant(struct parsing *p, json_t *v, struct node **out)
{
    json_t *value = json_object_get(v, "nodeValue");
    str unit = json_str(v, "rawUnit");
    if (!value) return *out = p->undefined, NO_ERR;
    if (json_is_null(value)) return *out = p->inapplicable, NO_ERR;
    if (json_is_boolean(value)) return *out = node_bool(p, json_is_true(value)), NO_ERR;
    if (json_is_string(value)) return *out = node_text_constant(p, json_text(value), RULE_TYPE_STRING), NO_ERR;
    if (!json_is_number(value)) return parse_fault(p, "constant", "une constante est un nombre, un texte, oui, non ou rien");
    *out = node_number(p, json_number_value(value), UNIT_ABSENT);
    return unit.n ? unit_of(p, json_object_get(v, "rawUnit"), &(*out)->constant.value.unit) : NO_ERR;
}

static const struct mechanism mechanisms[] = {
    {KEY("valeur"), value_parse}, {KEY("somme"), make_sum}, {KEY("produit"), make_product}, {KEY("multiplication"), make_product}, {KEY("moyenne"), make_mean},
    {KEY("le maximum de"), make_max}, {KEY("le minimum de"), make_min}, {KEY("toutes ces conditions"), make_all}, {KEY("une de ces conditions"), make_any},
    {KEY("est défini"), make_is_defined}, {KEY("est non défini"), make_is_undefined}, {KEY("est applicable"), make_is_applicable},
    {KEY("est non applicable"), make_is_inapplicable}, {KEY("condition"), make_condition}, {KEY("variations"), make_variations}, {KEY("barème"), make_scale},
    {KEY("grille"), make_grid}, {KEY("taux progressif"), make_progressive}, {KEY("durée"), make_duration}, {KEY("texte"), make_text}, {KEY("logarithme"), make_log},
    {KEY("inversion numérique"), make_inversion}, {KEY("variable"), make_variable}, {KEY("constant"), make_constant}};

static err make_operation(struct parsing *p, enum operation op, json_t *v, struct node **out)
{
    struct nodes each;
    TRY(list(p, v, &each));
    if (each.n < 2) return parse_fault(p, "list", "une opération a deux termes");
    *out = node_operation(p, op, each.v[0], each.v[1]);
    return NO_ERR;
}

/* ---- a map ---- */

static const struct mechanism *mechanism_of(str key)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (str_eq(mechanisms[i].key, key)) return &mechanisms[i];
    return NULL;
}

void map_read(struct map_keys *w, json_t *map, bool is_rule)
{
    const char *z;
    size_t n;
    json_t *v;
    enum operation op;
    json_object_keylen_foreach(map, z, n, v) {
        str key = {z, n};
        size_t i = 0;
        while (i < AROUND_N && !str_eq(around[i].key, key)) i++;
        if (i < AROUND_N) {
            if (!is_rule || i != WITH) w->around[i] = v;
        } else if (!is_rule || mechanism_of(key) || operation_of_name(key, &op)) {
            if (w->key.n) w->second = key;
            else w->key = key, w->value = v;
        }
    }
}

void map_with(struct map_keys *w, json_t *with) { w->around[WITH] = with; }

static err only(struct parsing *p, const struct map_keys *w, struct node **out)
{
    enum operation op;
    if (!w->key.n) return *out = p->undefined, NO_ERR;
    if (w->second.n) return parse_fault(p, "same_level", "« %.*s » et « %.*s » au même niveau : l’indentation est-elle juste ?", STR_ARG(w->key), STR_ARG(w->second));
    const struct mechanism *m = mechanism_of(w->key);
    if (m || operation_of_name(w->key, &op)) {
        const json_t *before = parse_enter(p, w->value);
        err e = m ? m->parse(p, w->value, out) : make_operation(p, op, w->value, out);
        if (e.code == OK) parse_leave(p, before, *out, w->value, w->key.p);
        return e;
    }
    return parse_fault(p, "unknown_mechanism", "le mécanisme « %.*s » est inconnu", STR_ARG(w->key));
}

static err rest(struct parsing *p, const struct map_keys *w, size_t next, struct node **out)
{
    for (size_t i = next; i < AROUND_N; i++) {
        if (!w->around[i] && !(w->situated && (i == WITH || i == SITUATION))) continue;
        const json_t *before = parse_enter(p, w->around[i]);
        err e = around[i].parse(p, w, i + 1, w->around[i], out);
        if (e.code == OK) parse_leave(p, before, *out, w->around[i], around[i].key.p);
        return e;
    }
    return only(p, w, out);
}

err map_parse(struct parsing *p, const struct map_keys *w, struct node **out)
{
    if (++p->depth > DEPTH_MOST) return parse_fault(p, "too_deep", "trop d’imbrications");
    if (arena_used_bytes(p->mem) > PARSED_BYTES_MOST) return parse_fault(p, "too_large", "trop de règles pour être lues en une fois");
    err e = rest(p, w, 0, out);
    p->depth--;
    return e;
}

err value_parse(struct parsing *p, json_t *raw, struct node **out)
{
    if (!raw || json_is_null(raw)) return parse_fault(p, "empty", "une valeur est vide : complétez ce qui suit les deux points");
    if (json_is_boolean(raw)) return parse_fault(p, "boolean", "true et false s’écrivent oui et non");
    if (json_is_array(raw)) return parse_fault(p, "list", "une liste sans mécanisme : « somme », « toutes ces conditions »… ?");
    const json_t *before = parse_enter(p, raw);
    if (json_is_number(raw)) return *out = node_number(p, json_number_value(raw), UNIT_ABSENT), parse_leave(p, before, *out, raw, NULL), NO_ERR;
    struct map_keys w = {.key = STR_NONE};
    if (json_is_object(raw)) map_read(&w, raw, false);
    err e = json_is_string(raw) ? expression_parse(p, json_text(raw), out) : map_parse(p, &w, out);
    if (e.code == OK) parse_leave(p, before, *out, raw, NULL);
    return e;
}
