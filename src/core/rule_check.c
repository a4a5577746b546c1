/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/rule_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/said.h"
#include "core/form_rules.h"
#include "core/letter_template.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "rules/check.h"

struct looking {
    arena *mem;
    enum lang lang;
    struct kind_findings *out;
    const struct kind *k;
    const struct form_rules *of;
    json_t *own;                        /* the text of `rules`, read */
    struct marks *marks;
    json_t *asked;                      /* name of a rule that people answer → its place in fields */
    struct { struct rules_field *v; size_t n; } fields;
};

str kind_rules_text(arena *mem, const json_t *definition)
{
    const json_t *rules = json_object_get(definition, "rules");
    if (json_is_string(rules)) return json_text(rules);
    return json_object_size(rules) ? yaml_write(mem, rules) : STR_NONE;
}

static str french(const struct looking *l, str s) { return said_within(l->mem, said_in(s, LANG_FR), l->lang); }

static str question_said(struct looking *l, str id)
{
    const struct field *f = l->k ? kind_field(l->k, id) : NULL;
    return words_fill(l->mem, l->lang, W("rule_check.question"), "question", french(l, f ? f->label.v[LANG_FR] : id), NULL);
}

static str step_said(struct looking *l, str at)
{
    str rest, name = (str_split(at, '.', &rest), str_split(rest, '.', &rest));
    const struct transition *t = l->k ? kind_transition(l->k, name) : NULL;
    return words_fill(l->mem, l->lang, W("rule_check.step"), "step", french(l, t ? t->title.v[LANG_FR] : name), NULL);
}

/* "eligibility[2].must": the third */
static str item_said(struct looking *l, const char *key, str at)
{
    int64_t n = 0;
    str rest, number = (str_split(at, '[', &rest), str_split(rest, ']', &rest));
    if (str_i64(number, &n).code != OK) return STR_NONE;
    return words_fill(l->mem, l->lang, key, "n", str_fmt(l->mem, "%lld", (long long)n + 1), NULL);
}

static str place_said(struct looking *l, const struct kind_finding *f)
{
    if (f->line) {
        str line = str_fmt(l->mem, "%u", f->line);
        if (!f->rule.n) return words_fill(l->mem, l->lang, W("rule_check.line"), "line", line, NULL);
        return words_fill(l->mem, l->lang, W("rule_check.line_rule"), "line", line, "rule", french(l, f->rule), NULL);
    }
    if (f->field.n) return question_said(l, f->field);
    if (str_starts(f->at, S("eligibility["))) return item_said(l, W("rule_check.requirement"), f->at);
    if (str_starts(f->at, S("routing["))) return item_said(l, W("rule_check.route"), f->at);
    if (str_starts(f->at, S("transitions."))) return step_said(l, f->at);
    return f->rule.n ? words_fill(l->mem, l->lang, W("rule_check.rule"), "rule", french(l, f->rule), NULL) : f->at;
}

str kind_finding_said(arena *mem, enum lang lang, const struct kind_finding *f)
{
    return f->place.n ? words_fill(mem, lang, W("rule_check.said"), "place", f->place, "said", f->message, NULL) : f->message;
}

static void tell(struct looking *l, struct kind_finding f)
{
    f.place = place_said(l, &f);
    l->out->errors += f.is_error;
    PUSH(l->mem, l->out, f);
}

/* ---- what people answer ---- */

static void asked_put(struct looking *l, str name, struct rules_field f)
{
    if (json_object_getn(l->asked, name.p, name.n)) return;
    json_object_setn_new(l->asked, name.p, name.n, json_integer((json_int_t)l->fields.n));
    PUSH(l->mem, &l->fields, f);
}

static void fields_asked(struct looking *l, const struct fields *fields)
{
    static const enum rule_type types[] = {[RULE_BOOL] = RULE_TYPE_BOOL, [RULE_NUMBER] = RULE_TYPE_NUMBER, [RULE_TEXT] = RULE_TYPE_STRING, [RULE_DATE] = RULE_TYPE_DATE};
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        enum rule_value_kind reads = f->type->reads_as;
        struct rules_field one = {.type = reads < sizeof types / sizeof *types ? types[reads] : RULE_TYPE_UNKNOWN, .unit = field_rule_unit(f)};
        for (size_t j = 0; j < f->options.n; j++) {
            if (reads == RULE_LIST) asked_put(l, option_rule_name(l->mem, f, &f->options.v[j]), (struct rules_field){.type = RULE_TYPE_BOOL});
            else if (!f->other && !f->list.n) PUSH(l->mem, &one.choices, f->options.v[j].id);
        }
        for (int part = 0; part < 2; part++)
            if (place_rule_name(l->mem, f, part).n) asked_put(l, place_rule_name(l->mem, f, part), (struct rules_field){.type = RULE_TYPE_STRING});
        if (!f->computed) asked_put(l, field_rule_name(l->mem, f), one);
        fields_asked(l, &f->children);
    }
}

static void totals_asked(struct looking *l)
{
    for (size_t i = 0; i < l->of->totals.n; i++) {
        const struct total *t = &l->of->totals.v[i];
        asked_put(l, total_rule_name(l->mem, t), (struct rules_field){.type = RULE_TYPE_NUMBER, .unit = total_rule_unit(t)});
    }
}

static bool is_asked(void *arg, str rule, struct rules_field *out)
{
    const struct looking *l = arg;
    const json_t *at = json_object_getn(l->asked, rule.p, rule.n);
    if (at) *out = l->fields.v[json_integer_value(at)];
    return at != NULL;
}

/* ---- what is wanted: all that the form itself reads, the rules that a letter names, those that are there to be tested ---- */

static void letter_goals(struct looking *l, str text, struct strs *goals)
{
    struct letter_uses uses;
    if (!text.n || letter_uses(l->mem, text, &uses).code != OK) return;
    for (size_t i = 0; i < uses.n; i++)
        if (json_object_getn(l->own, uses.v[i].name.p, uses.v[i].name.n)) PUSH(l->mem, goals, uses.v[i].name);
}

static struct strs goals_of(struct looking *l)
{
    struct strs goals = {0};
    const char *name;
    json_t *v;
    json_object_foreach(l->of->definition, name, v)
        if (!json_object_get(l->own, name) || json_object_get(v, "exemples")) PUSH(l->mem, &goals, str_of(name));
    for (size_t i = 0; i < l->k->letters.n; i++)
        for (int lang = 0; lang < LANG_N; lang++) {
            letter_goals(l, l->k->letters.v[i].object.v[lang], &goals);
            letter_goals(l, l->k->letters.v[i].body.v[lang], &goals);
        }
    return goals;
}

/* A delay that is no duration would never come (answers_span). */
static void delays_wanted(struct looking *l, struct rules_check_options *o)
{
    for (size_t i = 0; i < l->k->transitions.n; i++)
        for (size_t p = 0; l->k->transitions.v[i].after_rule && p < l->of->placed.n; p++)
            if (l->of->placed.v[p].c == l->k->transitions.v[i].after_rule)
                PUSH(l->mem, &o->wanted, (struct rules_wanted){l->of->placed.v[p].name, span_unit_names(l->mem), words(l->lang, W("rule_check.a_delay"))});
}

/* ---- where a finding stands ---- */

/* "/a~1b/somme/0" → "a/b" */
static str first_step(arena *mem, str pointer)
{
    char *out = NEW_N(mem, char, pointer.n + 1);
    size_t n = 0;
    for (size_t i = 1; i < pointer.n && pointer.p[i] != '/'; i++) {
        bool escaped = pointer.p[i] == '~' && i + 1 < pointer.n;
        out[n++] = !escaped ? pointer.p[i] : pointer.p[++i] == '1' ? '/' : '~';
    }
    return (str){out, n};
}

static const struct field *field_of_rule(struct looking *l, const struct fields *fields, str name)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i], *in = field_of_rule(l, &f->children, name);
        if (in) return in;
        if (str_eq(field_rule_name(l->mem, f), name)) return f;
    }
    return NULL;
}

static void placed_tell(struct looking *l, const struct fields *fields, const struct rules_finding *from)
{
    struct kind_finding f = {.code = from->code, .is_error = from->severity == RULES_ERROR, .rule = from->rule, .message = from->message};
    str name = from->path.n ? first_step(l->mem, from->path) : from->rule;
    if (json_object_getn(l->own, name.p, name.n)) {
        struct mark at = rules_finding_mark(from, l->marks, l->own);
        f.line = at.line;
        f.column = at.column;
        return tell(l, f);
    }
    const struct placed *p = NULL;
    for (size_t i = 0; i < l->of->placed.n && !p; i++)
        if (l->of->placed.v[i].at.n && str_eq(l->of->placed.v[i].name, name)) p = &l->of->placed.v[i];
    const struct field *field = p ? p->field : field_of_rule(l, fields, name);
    f.at = p ? p->at : S("fields");
    if (field) f.field = field->id;
    if (!field || !field->computed || p->c != field->computed) f.rule = STR_NONE;       /* a name the form made */
    tell(l, f);
}

static void base_look(struct looking *l, const struct fields *fields)
{
    struct rules_findings found;
    if (!fields->rules || !fields->rules->definition) return;
    l->of = fields->rules;
    l->asked = json_own(l->mem, json_object());
    l->fields.n = 0;
    fields_asked(l, fields);
    totals_asked(l);
    struct rules_check_options options = {.field = is_asked, .arg = l, .goals = goals_of(l), .lang = l->lang};
    delays_wanted(l, &options);
    rules_check(l->mem, l->of->definition, &options, &found);
    for (size_t i = 0; i < found.n; i++) placed_tell(l, fields, &found.v[i]);
}

/* ---- all ---- */

static int by_line(const void *a, const void *b)
{
    const struct kind_finding *x = a, *y = b;
    unsigned from = x->line ? x->line : ~0u, to = y->line ? y->line : ~0u;
    if (from != to) return from < to ? -1 : 1;
    return x->column != y->column ? x->column < y->column ? -1 : 1 : str_cmp(x->at, y->at);
}

/* "rules.tarif": what the definition refuses of a rule stands at its name. */
static void refused_tell(struct looking *l, err e)
{
    str at = str_of(e.at ? e.at : ""), rule = str_starts(at, S("rules.")) ? str_split(str_cut(at, 6, at.n), ':', &(str){0}) : STR_NONE;
    struct kind_finding f = {.code = "definition", .is_error = true, .rule = rule, .message = words(l->lang, e.msg), .at = rule.n || str_is(at, "rules") ? STR_NONE : at};
    if (rule.n && l->marks) {
        struct mark m = marks_key(l->marks, l->own, pointer_add(l->mem, STR_NONE, rule));
        f.line = m.line;
        f.column = m.column;
    }
    tell(l, f);
}

void kind_rules_check(arena *mem, const json_t *definition, enum lang lang, struct kind_findings *out)
{
    struct looking l = {.mem = mem, .lang = lang, .out = out};
    struct mark fault = {0};
    struct kind *k;
    *out = (struct kind_findings){0};
    err e = yaml_parse_marked(mem, kind_rules_text(mem, definition), &l.own, &l.marks, &fault);
    if (e.code != OK) return tell(&l, (struct kind_finding){.code = "yaml", .is_error = true, .message = words(lang, e.msg), .line = fault.line, .column = fault.column});
    e = kind_parse_unchecked(mem, definition, &k);
    if (e.code != OK) return refused_tell(&l, e);
    l.k = k;
    base_look(&l, &k->fields);
    for (size_t i = 0; i < k->transitions.n; i++) base_look(&l, &k->transitions.v[i].asks);
    if (out->n) qsort(out->v, out->n, sizeof *out->v, by_line);
}
