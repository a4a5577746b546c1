/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The base of a form, made once when its definition is read. */
#include "core/form_rules.h"

#include <string.h>

#include "core/answers.h"
#include "core/kind_parts.h"
#include "core/rule_uses.h"
#include "formats/json.h"
#include "formats/yaml.h"

#define RESERVED "beffroi"
#define OPTIONS_MOST 500        /* a longer list gives no rule for each of its options */

/* ---- a condition as it is read */

static const json_t *condition_tree(arena *mem, const json_t *json)
{
    json_t *tree;
    if (!json_is_string(json)) return json;
    str text = str_trim(json_text(json));
    bool map = str_find_char(text, '\n') >= 0 || str_find(text, S(": ")) >= 0 || str_ends(text, S(":"));
    if (map && yaml_parse(mem, text, &tree).code == OK && (json_is_object(tree) || json_is_array(tree))) return tree;
    return json;
}

err condition_read(struct reader *r, const json_t *json, struct condition **out, str at)
{
    if (!json) return NO_ERR;
    if (!json_is_string(json) && !json_is_number(json) && !json_is_object(json) && !json_is_array(json)) return kind_fault(r, W("kind.bad_rule"), at);
    if (json_is_object(json) && !json_object_size(json)) return kind_fault(r, W("kind.bad_rule"), at);
    if (json_is_string(json) && !str_trim(json_text(json)).n) return kind_fault(r, W("kind.bad_rule"), at);
    struct condition *c = NEW(r->mem, struct condition);
    c->rule = -1;
    c->json = condition_tree(r->mem, json);
    if (rule_parse_json(r->mem, c->json, &c->menu).code != OK) c->menu = NULL;
    if (json_is_array(c->json)) c->json = json_own(r->mem, json_pack("{s:O}", "toutes ces conditions", c->json));
    if (c->menu) c->text = rule_text(r->mem, c->menu);
    else c->text = json_is_number(c->json) ? json_canonical(r->mem, c->json) : json_is_string(c->json) ? str_trim(json_text(c->json)) : yaml_write(r->mem, c->json);
    *out = c;
    return NO_ERR;
}

err role_read(struct reader *r, const json_t *obj, struct condition *c, str at)
{
    const json_t *v = json_object_get(obj, "role");
    if (!v) return NO_ERR;
    if (!c) return kind_fault_in(r, W("kind.key_not_for_type"), at, "role");
    return rule_role_named(json_text(v), &c->role) ? NO_ERR : kind_fault_in(r, W("kind.bad_role"), at, "role");
}

/* ---- options as rules */

str field_rule_name(arena *mem, const struct field *f)
{
    return rule_name_good(f->name) ? f->name : str_fmt(mem, "champ %zu", f->index);
}

str option_rule_name(arena *mem, const struct field *f, const struct option *o) { return rule_option_name(mem, field_rule_name(mem, f), o->id); }

str place_rule_name(arena *mem, const struct field *f, int part)
{
    static const char *const parts[] = {PART_DEPARTEMENT, PART_REGION};
    return field_has_place(f, str_of(parts[part])) ? str_fmt(mem, "%.*s . %s", STR_ARG(field_rule_name(mem, f)), parts[part]) : STR_NONE;
}

struct renaming { arena *mem; const struct fields *fields; const struct sources *from; };

static bool is_several(const struct field *f) { return f->type->reads_as == RULE_LIST && f->options.n <= OPTIONS_MOST; }

static const struct option *option_of_rule(arena *mem, const struct field *f, str name)
{
    for (size_t i = 0; is_several(f) && i < f->options.n; i++)
        if (str_eq(option_rule_name(mem, f, &f->options.v[i]), name)) return &f->options.v[i];
    return NULL;
}

/* "loisirs . tennis = oui" → loisirs, among which tennis: what menus show. */
static void to_choice(void *arg, struct rule *c)
{
    const struct renaming *n = arg;
    enum rule_op op = rule_op(c);
    ptrdiff_t dot = str_find(rule_left(c), S(" . "));
    if (dot < 0 || (op != RULE_REF && op != RULE_EQ && op != RULE_NE)) return;
    struct rule_value right = op == RULE_REF ? (struct rule_value){.kind = RULE_BOOL, .b = true} : rule_right(c);
    for (size_t i = 0; i < n->fields->n && right.kind == RULE_BOOL; i++) {
        const struct field *f = &n->fields->v[i];
        if (!str_starts(rule_left(c), f->name)) continue;
        const struct option *o = option_of_rule(n->mem, f, rule_left(c));
        bool among = (op != RULE_NE) == right.b;
        if (o) return rule_become(c, f->name, among ? RULE_EQ : RULE_NE, (struct rule_value){.kind = RULE_TEXT, .text = o->id});
    }
}

/* And back: what the engine reads. */
static void to_option(void *arg, struct rule *c)
{
    const struct renaming *n = arg;
    enum rule_op op = rule_op(c);
    for (size_t i = 0; i < n->from->n; i++) {
        const struct field *f = n->from->v[i].field;
        struct rule_value right = rule_right(c);
        if (right.kind == RULE_NAME && str_eq(n->from->v[i].name, right.text) && !rule_name_good(f->name)) {
            right.text = field_rule_name(n->mem, f);
            rule_become(c, rule_left(c), op, right);
        }
        if (!str_eq(n->from->v[i].name, rule_left(c))) continue;
        if (n->from->v[i].part.n && f->type->reads_as != RULE_LIST) {
            rule_become(c, str_fmt(n->mem, "%.*s . %.*s", STR_ARG(field_rule_name(n->mem, f)), STR_ARG(n->from->v[i].part)), op, rule_right(c));
            continue;
        }
        if (!rule_name_good(f->name)) rule_become(c, field_rule_name(n->mem, f), op, rule_right(c));
        if (!is_several(f) || (op != RULE_EQ && op != RULE_NE)) continue;
        const struct option *o = field_option(f, rule_right(c).text);
        if (o) return rule_become(c, option_rule_name(n->mem, f, o), RULE_EQ, (struct rule_value){.kind = RULE_BOOL, .b = op == RULE_EQ});
    }
}

static json_t *condition_engine(arena *mem, const struct condition *c)
{
    struct renaming n = {.mem = mem, .from = &c->from};
    if (!c->menu) return json_own(mem, json_deep_copy(c->json));
    return rule_asked_json(mem, rule_changed(mem, c->menu, to_option, &n));
}

str comparison_engine(arena *mem, const struct rule *comparison, const struct condition *of)
{
    struct renaming n = {.mem = mem, .from = &of->from};
    return rule_text(mem, rule_changed(mem, comparison, to_option, &n));
}

static const struct fields *choices_in(const struct fields *fields, const struct field *row_of) { return row_of ? &row_of->children : fields; }

static bool is_other_rule(const struct reader *r, str name)
{
    str first = name;
    ptrdiff_t dot = str_find(name, S(" . "));
    if (dot >= 0) first = str_cut(name, 0, (size_t)dot);
    return json_object_getn(r->k->rules, name.p, name.n) || json_object_getn(r->k->rules, first.p, first.n) || (dot >= 0 && kind_field_named(r->k, first));
}

err condition_sources(struct reader *r, struct condition *c, const struct fields *fields, size_t before, const struct field *row_of,
                      size_t row_before, str at)
{
    if (!c->menu) return NO_ERR;
    struct renaming n = {.mem = r->mem, .fields = fields};
    c->menu = rule_changed(r->mem, c->menu, to_choice, &n);
    n.fields = choices_in(fields, row_of);
    if (row_of) c->menu = rule_changed(r->mem, c->menu, to_choice, &n);
    struct strs names = rule_names(r->mem, c->menu);
    for (size_t i = 0; i < names.n; i++) {
        if (sources_has(r->mem, fields, before, row_of, row_before, names.v[i]) || !is_other_rule(r, names.v[i])) continue;
        c->menu = NULL;         /* it reads a rule: menus know questions only */
        return NO_ERR;
    }
    err e = sources_find(r, c->menu, fields, before, row_of, row_before, &c->from, at);
    if (e.code == OK || !r->unchecked) return e;
    c->menu = NULL;             /* the check of rules says why */
    return NO_ERR;
}

/* ---- the base */

struct building {
    struct reader *r;
    const struct fields *fields;
    struct form_rules *out;
    json_t *rules;
};

static bool has(const struct building *b, str name) { return json_object_getn(b->rules, name.p, name.n) != NULL; }

static void put(struct building *b, str name, json_t *definition)
{
    json_object_setn_new(b->rules, name.p, name.n, definition);
    for (str up = name;;) {             /* what it lies in is a rule too */
        ptrdiff_t last = -1;
        for (size_t i = 0; i + 3 <= up.n; i++)
            if (memcmp(up.p + i, " . ", 3) == 0) last = (ptrdiff_t)i;
        if (last < 0) return;
        up = str_cut(up, 0, (size_t)last);
        if (!has(b, up)) json_object_setn_new(b->rules, up.p, up.n, json_null());
    }
}

str field_rule_unit(const struct field *f) { return f->unit.n ? f->unit : f->money ? S("€") : STR_NONE; }

static bool may_hide(const struct field *f) { return f->when || f->section || f->if_needed || (f->parent && may_hide(f->parent)); }

static json_t *field_definition(const struct field *f)
{
    static const char *const types[] = {[RULE_BOOL] = "booléen", [RULE_NUMBER] = "nombre", [RULE_TEXT] = "texte", [RULE_DATE] = "date"};
    json_t *o = json_object();
    enum rule_value_kind reads = f->type->reads_as;
    json_put_str(o, "titre", f->label.v[LANG_FR]);
    if (reads < sizeof types / sizeof *types && types[reads]) json_object_set_new(o, "type", json_string(types[reads]));
    if (field_rule_unit(f).n) json_put_str(o, "unité", field_rule_unit(f));
    if (may_hide(f) && !f->computed) json_object_set_new(o, "possiblement non applicable", json_string("oui"));
    return o;
}

/* Of an option, of where a place lies. */
static json_t *part_definition(const struct field *f, const char *type)
{
    json_t *o = json_pack("{s:s}", "type", type);
    if (may_hide(f)) json_object_set_new(o, "possiblement non applicable", json_string("oui"));
    return o;
}

str total_rule_name(arena *mem, const struct total *t)
{
    static const char *const words_of[] = {"nombre", "somme de ", "minimum de ", "maximum de ", "nombre de "};
    return str_fmt(mem, "%.*s . %s%.*s", STR_ARG(t->repeat->name), words_of[t->how], t->of ? (int)t->of->name.n : 0, t->of ? t->of->name.p : "");
}

str total_rule_unit(const struct total *t)
{
    bool counts = t->how == AGGREGATE_ROWS || t->how == AGGREGATE_YES;
    return counts || !t->of ? STR_NONE : field_rule_unit(t->of);
}

static void total_put(struct building *b, const struct field *repeat, const struct field *of, enum aggregate how)
{
    struct total total = {repeat, of, how, -1};
    str name = total_rule_name(b->r->mem, &total);
    if (has(b, name)) return;
    json_t *o = json_object();
    if (total_rule_unit(&total).n) json_put_str(o, "unité", total_rule_unit(&total));
    json_object_set_new(o, "type", json_string("nombre"));
    put(b, name, o);
    PUSH(b->r->mem, &b->out->totals, total);
    PUSH(b->r->mem, &b->out->placed, (struct placed){.name = name});
}

static void totals_put(struct building *b, const struct field *repeat)
{
    if (!rule_name_good(repeat->name)) return;
    total_put(b, repeat, NULL, AGGREGATE_ROWS);
    for (size_t i = 0; i < repeat->children.n; i++) {
        const struct field *f = &repeat->children.v[i];
        if (!rule_name_good(f->name)) continue;
        if (f->type->reads_as == RULE_BOOL) total_put(b, repeat, f, AGGREGATE_YES);
        for (enum aggregate how = AGGREGATE_SUM; f->type->reads_as == RULE_NUMBER && how <= AGGREGATE_MOST; how++) total_put(b, repeat, f, how);
    }
}

static void condition_put(struct building *b, struct condition *c, str name, const struct field *of, str at)
{
    if (!c) return;
    json_t *o = json_object();
    json_object_set(o, "valeur", condition_engine(b->r->mem, c));
    put(b, name, o);
    PUSH(b->r->mem, &b->out->placed, (struct placed){name, at, c, of});
}

static void computed_put(struct building *b, const struct field *f, str at)
{
    json_t *o = field_definition(f);
    json_object_set(o, "valeur", condition_engine(b->r->mem, f->computed));
    json_t *asked = json_array();
    for (const struct field *s = f; s; s = s->section)
        if (s->when) json_array_append(asked, condition_engine(b->r->mem, s->when));
    if (json_array_size(asked)) json_object_set_new(o, "applicable si", json_pack("{s:O}", "toutes ces conditions", asked));
    json_decref(asked);
    put(b, f->name, o);
    PUSH(b->r->mem, &b->out->placed, (struct placed){f->name, str_fmt(b->r->mem, "%.*s.computed", STR_ARG(at)), f->computed, f});
}

static err field_put(struct building *b, const struct field *f, str at)
{
    arena *mem = b->r->mem;
    bool good = !str_is(f->name, RESERVED) && !str_starts(f->name, S(RESERVED " . "));
    if (f->computed && !(good && rule_name_good(f->name))) return kind_fault_in(b->r, W("kind.computed_name"), at, "name");
    if (f->computed) computed_put(b, f, at);
    else if (good && !has(b, field_rule_name(mem, f)) && (f->type->rule || f->children.n)) put(b, field_rule_name(mem, f), field_definition(f));
    for (size_t i = 0; good && is_several(f) && i < f->options.n; i++) {
        str name = option_rule_name(mem, f, &f->options.v[i]);
        if (name.n && !has(b, name)) put(b, name, part_definition(f, "booléen"));
    }
    for (int i = 0; good && i < 2; i++) {
        str name = place_rule_name(mem, f, i);
        if (name.n) put(b, name, part_definition(f, "texte"));
    }
    if (f->children.n && good) totals_put(b, f);
    condition_put(b, f->when, str_fmt(mem, RESERVED " . question %zu", f->index), f, str_fmt(mem, "%.*s.when", STR_ARG(at)));
    return NO_ERR;
}

static err fields_put(struct building *b, str at)
{
    for (size_t i = 0; i < b->fields->n; i++) {
        const struct field *f = &b->fields->v[i];
        str here = str_fmt(b->r->mem, "%.*s[%zu]", STR_ARG(at), i);
        TRY(field_put(b, f, here));
        for (size_t j = 0; j < f->children.n; j++) TRY(field_put(b, &f->children.v[j], str_fmt(b->r->mem, "%.*s.fields[%zu]", STR_ARG(here), j)));
    }
    return NO_ERR;
}

static err own_rules_put(struct building *b, const json_t *rules)
{
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)rules, name, v) {
        str at = str_fmt(b->r->mem, "rules.%s", name);
        if (strcmp(name, RESERVED) == 0 || strncmp(name, RESERVED " . ", sizeof RESERVED + 2) == 0) return kind_fault(b->r, W("kind.rule_reserved"), at);
        if (has(b, str_of(name)) && !json_is_null(json_object_get(b->rules, name))) return kind_fault(b->r, W("kind.rule_is_field"), at);
        json_object_set_new(b->rules, name, json_deep_copy(v));     /* what it lies in, it says itself */
        PUSH(b->r->mem, &b->out->placed, (struct placed){.name = str_of(name), .at = at});
    }
    return NO_ERR;
}

/* Where a fault of the engine stands in the definition. */
static str place_of(const struct building *b, str rule)
{
    const struct placed *best = NULL;
    for (size_t i = 0; i < b->out->placed.n; i++) {
        const struct placed *p = &b->out->placed.v[i];
        if (p->at.n && (str_eq(p->name, rule) || (str_starts(rule, p->name) && (!best || p->name.n > best->name.n)))) best = p;
    }
    return best ? best->at : S("rules");
}

static void base_drop(void *base) { rulebase_free(base); }

static err base_make(struct building *b)
{
    struct rule_fault fault;
    arena *mem = b->r->mem;
    err e = rulebase_new(&b->out->base, b->rules, NULL, &fault);
    if (e.code != OK) return kind_fault(b->r, e.msg, str_fmt(mem, "%.*s: %.*s", STR_ARG(place_of(b, fault.rule)), STR_ARG(fault.message)));
    arena_defer(mem, base_drop, b->out->base);
    for (size_t i = 0; i < b->out->placed.n; i++)
        if (b->out->placed.v[i].c) b->out->placed.v[i].c->rule = rulebase_rule(b->out->base, b->out->placed.v[i].name);
    return NO_ERR;
}

/* ---- who reads what */

static void field_rule_find(struct building *b, const struct field *f, const bool *read)
{
    struct field_rule *out = &b->out->fields[f->index];
    const struct rulebase *base = b->out->base;
    out->rule = f->type->rule || f->children.n || f->computed ? rulebase_rule(base, field_rule_name(b->r->mem, f)) : -1;
    out->is_read = out->rule >= 0 && read[out->rule];
    for (int i = 0; i < 2; i++) {
        str name = place_rule_name(b->r->mem, f, i);
        int place = name.n ? rulebase_rule(base, name) : -1;
        out->places[i] = place >= 0 && read[place] ? place : -1;
    }
    if (!is_several(f)) return;
    out->options = NEW_N(b->r->mem, int, f->options.n + 1);
    out->is_read = false;
    for (size_t i = 0; i < f->options.n; i++) {
        str name = option_rule_name(b->r->mem, f, &f->options.v[i]);
        out->options[i] = name.n ? rulebase_rule(base, name) : -1;
        out->is_read |= out->options[i] >= 0 && read[out->options[i]];
    }
}

static void readers_find(struct building *b, size_t all)
{
    bool *read = NEW_N(b->r->mem, bool, rulebase_rules(b->out->base) + 1);
    rulebase_read(b->out->base, read);
    b->out->fields = NEW_N(b->r->mem, struct field_rule, all + 1);
    for (size_t i = 0; i < b->fields->n; i++) {
        field_rule_find(b, &b->fields->v[i], read);
        for (size_t j = 0; j < b->fields->v[i].children.n; j++) field_rule_find(b, &b->fields->v[i].children.v[j], read);
    }
    size_t n = 0, at = 0;
    for (size_t i = 0; i < b->out->placed.n; i++) {          /* totals stand among what was placed, in their order */
        if (b->out->placed.v[i].at.n) continue;
        struct total t = b->out->totals.v[at++];
        t.rule = rulebase_rule(b->out->base, b->out->placed.v[i].name);
        if (read[t.rule]) b->out->totals.v[n++] = t;
    }
    b->out->totals.n = n;
}

static bool reads_field(const struct building *b, const struct field *f, const bool *read)
{
    const struct field_rule *rule = &b->out->fields[f->index];
    bool reads = rule->rule >= 0 && read[rule->rule];
    for (size_t i = 0; rule->options && i < f->options.n; i++) reads |= rule->options[i] >= 0 && read[rule->options[i]];
    return reads;
}

/* A row's answers are read within the row; a question is read by those after it only. */
static const char *reading_fault(const struct building *b, const struct placed *p, const struct field *f, const bool *read)
{
    if (f == p->field || !reads_field(b, f, read)) return NULL;
    const struct field *row = p->field ? p->field->parent : NULL;
    if (f->parent && f->parent != row) return W("kind.rule_reads_row");
    bool orders = p->field && p->field->when == p->c;
    return orders && f->index >= p->field->index && !f->computed ? W("kind.rule_reads_later") : NULL;
}

static err reading_check(struct building *b, const struct placed *p, const struct field *f, const bool *read)
{
    const char *msg = reading_fault(b, p, f, read);
    return msg ? kind_fault(b->r, msg, str_fmt(b->r->mem, "%.*s: %.*s", STR_ARG(p->at), STR_ARG(f->name))) : NO_ERR;
}

static err total_check(struct building *b, const struct placed *p, const struct total *t, const bool *read)
{
    if (!p->field || !read[t->rule]) return NO_ERR;
    bool within = p->field->parent == t->repeat;
    bool later = p->field->when == p->c && t->repeat->index >= p->field->index;
    if (!within && !later) return NO_ERR;
    return kind_fault(b->r, within ? W("kind.rule_reads_row") : W("kind.rule_reads_later"), str_fmt(b->r->mem, "%.*s: %.*s", STR_ARG(p->at), STR_ARG(t->repeat->name)));
}

static err readings_check(struct building *b)
{
    size_t rules = rulebase_rules(b->out->base);
    bool *read = NEW_N(b->r->mem, bool, rules + 1);
    for (size_t i = 0; i < b->out->placed.n; i++) {
        const struct placed *p = &b->out->placed.v[i];
        if (!p->c) continue;
        memset(read, 0, rules * sizeof *read);
        rulebase_reads(b->out->base, b->r->mem, p->c->rule, read);
        for (size_t j = 0; j < b->fields->n; j++) {
            const struct field *f = &b->fields->v[j];
            TRY(reading_check(b, p, f, read));
            for (size_t k = 0; k < f->children.n; k++) TRY(reading_check(b, p, &f->children.v[k], read));
            if (!p->c->menu && reads_field(b, f, read)) PUSH(b->r->mem, &p->c->from, (struct source){f->name, f});
        }
        for (size_t j = 0; j < b->out->totals.n; j++) TRY(total_check(b, p, &b->out->totals.v[j], read));
    }
    return NO_ERR;
}

static err finish(struct building *b, struct fields *fields, size_t all)
{
    if (!b->out->placed.n) return NO_ERR;
    b->out->definition = b->rules;
    if (b->r->unchecked) return fields->rules = b->out, NO_ERR;
    TRY(base_make(b));
    readers_find(b, all);
    TRY(readings_check(b));
    fields->rules = b->out;
    return NO_ERR;
}

static bool any_rule(const struct fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        if (fields->v[i].when || fields->v[i].computed || any_rule(&fields->v[i].children)) return true;
    return false;
}

static struct building building_of(struct reader *r, const struct fields *fields)
{
    return (struct building){.r = r, .fields = fields, .out = NEW(r->mem, struct form_rules), .rules = json_own(r->mem, json_object())};
}

static void result_add(struct building *b, const struct condition *c)
{
    if (c) PUSH(b->r->mem, &b->out->results, c->rule);
}

static void results_find(struct building *b)
{
    const struct kind *k = b->r->k;
    for (size_t i = 0; i < k->fields.n; i++) result_add(b, k->fields.v[i].computed);
    for (size_t i = 0; i < k->eligibility.n; i++) result_add(b, k->eligibility.v[i].must);
    for (size_t i = 0; i < k->routing.n; i++) result_add(b, k->routing.v[i].when);
}

static void kind_conditions_put(struct building *b)
{
    struct kind *k = b->r->k;
    arena *mem = b->r->mem;
    for (size_t i = 0; i < k->eligibility.n; i++)
        condition_put(b, k->eligibility.v[i].must, str_fmt(mem, RESERVED " . éligibilité %zu", i + 1), NULL, str_fmt(mem, "eligibility[%zu].must", i));
    for (size_t i = 0; i < k->routing.n; i++)
        condition_put(b, k->routing.v[i].when, str_fmt(mem, RESERVED " . service %zu", i + 1), NULL, str_fmt(mem, "routing[%zu].when", i));
    for (size_t i = 0; i < k->transitions.n; i++) {
        struct transition *t = &k->transitions.v[i];
        struct condition **each[] = {&t->when, &t->after_rule};
        static const char *const keys[] = {"when", "after"}, *const words_of[] = {"étape", "délai"};
        for (int j = 0; j < 2; j++) {
            if (!*each[j]) continue;
            struct condition *own = NEW(mem, struct condition);         /* one of the base is another form's too */
            *own = **each[j];
            *each[j] = own;
            condition_put(b, own, str_fmt(mem, RESERVED " . %s %zu", words_of[j], i + 1), NULL, str_fmt(mem, "transitions.%.*s.%s", STR_ARG(t->name), keys[j]));
        }
    }
}

static bool kind_has_rules(const struct kind *k)
{
    bool some = k->rules || k->eligibility.n || k->routing.n || any_rule(&k->fields);
    for (size_t i = 0; i < k->transitions.n; i++) some |= k->transitions.v[i].when || k->transitions.v[i].after_rule;
    return some;
}

err kind_rules_build(struct reader *r)
{
    struct kind *k = r->k;
    if (!kind_has_rules(k)) return NO_ERR;
    struct building b = building_of(r, &k->fields);
    TRY(fields_put(&b, S("fields")));
    TRY(own_rules_put(&b, k->rules));
    kind_conditions_put(&b);
    TRY(finish(&b, &k->fields, k->fields_walk));
    results_find(&b);
    return NO_ERR;
}

err asks_rules_build(struct reader *r, struct transition *t, str at)
{
    size_t all = t->asks.n;
    if (!any_rule(&t->asks)) return NO_ERR;
    for (size_t i = 0; i < t->asks.n; i++) all += t->asks.v[i].children.n;
    struct building b = building_of(r, &t->asks);
    TRY(fields_put(&b, at));
    return finish(&b, &t->asks, all);
}
