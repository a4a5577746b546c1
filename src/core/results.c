/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/results.h"

#include <string.h>

#include "base/said.h"
#include "core/answers_view.h"
#include "core/form_rules.h"
#include "core/kinds.h"
#include "formats/json.h"
#include "gen/sql/core/results.sql.h"
#include "rules/trace.h"

/* ---- made */

struct making { arena *mem; const struct kind *k; struct view v; struct results *out; };

static err result_add(struct making *m, const struct condition *c, const struct field *in, str path)
{
    struct rule_fault fault;
    struct evaluator *ev = view_evaluator(&m->v, in);
    struct result r = {.name = rulebase_rule_name(m->k->fields.rules->base, c->rule), .path = path};
    if (!ev) return NO_ERR;
    err e = evaluator_trace(m->mem, ev, r.name, &r.trace, &fault);
    if (e.code == E_INVALID) return NO_ERR;             /* it has no value: nothing was decided on it */
    TRY(e);
    PUSH(m->mem, m->out, r);
    return NO_ERR;
}

static err field_result(struct making *m, const struct field *f, enum rule_role role)
{
    if (role < RULE_ROLE_ASSISTANCE) return NO_ERR;
    if (!f->parent) return m->v.shown[f->index] ? result_add(m, f->computed, NULL, f->id) : NO_ERR;
    if (!m->v.shown[f->parent->index]) return NO_ERR;
    const json_t *rows = answer_in(m->mem, m->v.doc, f->parent);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        view_row(&m->v, f->parent, row);
        if (m->v.shown[f->index])
            TRY(result_add(m, f->computed, f->parent, str_fmt(m->mem, "%.*s/%.*s/%.*s", STR_ARG(f->parent->id), STR_ARG(json_str(row, "_id")), STR_ARG(f->id))));
    }
    m->v.row = NULL;
    return NO_ERR;
}

static bool is_route(const struct kind *k, const struct condition *c)
{
    for (size_t i = 0; i < k->routing.n; i++)
        if (k->routing.v[i].when == c) return true;
    return false;
}

static bool is_requirement(const struct kind *k, const struct condition *c)
{
    for (size_t i = 0; i < k->eligibility.n; i++)
        if (k->eligibility.v[i].must == c) return true;
    return false;
}

err results_of_answers(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env, struct results *out)
{
    *out = (struct results){0};
    if (!k->fields.rules) return NO_ERR;
    struct making m = {mem, k, view_of(mem, &k->fields, k->fields_walk, doc, env_today(env)), out};
    struct rule_uses uses = rule_uses(mem, k);
    bool routed = false;
    err e = NO_ERR;
    for (size_t i = 0; i < uses.n && e.code == OK; i++) {
        const struct rule_use *u = &uses.v[i];
        if (u->field && u->rule == u->field->computed) e = field_result(&m, u->field, u->role);
        else if (u->role >= RULE_ROLE_ASSISTANCE && is_requirement(k, u->rule)) e = result_add(&m, u->rule, NULL, STR_NONE);
        else if (u->role >= RULE_ROLE_ASSISTANCE && !routed && is_route(k, u->rule) && (routed = view_truth(&m.v, u->rule, NULL) == RULE_TRUE))
            e = result_add(&m, u->rule, NULL, STR_NONE);
    }
    view_end(&m.v);
    return e;
}

/* ---- kept */

static err result_keep(db *w, arena *mem, const struct kind *k, const struct record *r, const struct result *one, int64_t now_us, bool by_step)
{
    return sql_result_put(w, r->id, r->version, one->name, one->path.n ? one->path : S(""), k->name, k->revision, now_us, json_canonical(mem, one->trace), by_step);
}

err results_keep(db *w, arena *mem, const struct kind *k, const struct record *r, const struct answers_env *env)
{
    struct results all;
    if (!k->fields.rules) return NO_ERR;
    TRY(sql_results_superseded(w, r->id, r->version));
    TRY(results_of_answers(mem, k, r->doc, env, &all));
    for (size_t i = 0; i < all.n; i++) TRY(result_keep(w, mem, k, r, &all.v[i], env->now_us, false));
    return NO_ERR;
}

err results_keep_rule(db *w, arena *mem, const struct kind *k, const struct record *r, const struct condition *c, const struct answers_env *env)
{
    struct results all = {0};
    if (!c || c->role == RULE_ROLE_DISPLAY || !k->fields.rules) return NO_ERR;
    struct making m = {mem, k, view_of(mem, &k->fields, k->fields_walk, r->doc, env_today(env)), &all};
    err e = result_add(&m, c, NULL, STR_NONE);
    view_end(&m.v);
    TRY(e);
    return all.n ? result_keep(w, mem, k, r, &all.v[0], env->now_us, true) : NO_ERR;
}

static err result_read(arena *mem, const struct result_row *row, struct result *out)
{
    *out = (struct result){.name = row->name, .path = row->path, .version = row->version, .revision = row->revision, .at_us = row->at};
    return json_parse(mem, row->trace, &out->trace);
}

err results_kept(db *d, arena *mem, int64_t record, struct results *out)
{
    struct result_row_list rows;
    *out = (struct results){0};
    TRY(sql_results_of_record(d, mem, record, &rows));
    for (size_t i = 0; i < rows.n; i++) {               /* oldest first: each takes the place of the one before */
        struct result one;
        size_t at = 0;
        TRY(result_read(mem, &rows.v[i], &one));
        while (at < out->n && !(str_eq(out->v[at].name, one.name) && str_eq(out->v[at].path, one.path))) at++;
        if (at < out->n) out->v[at] = one;
        else PUSH(mem, out, one);
    }
    return NO_ERR;
}

err results_erase(db *w, int64_t record) { return sql_results_remove_of(w, record); }

/* ---- replayed */

static err replay(arena *mem, const struct kind *k, struct replayed *one)
{
    struct rule_fault fault;
    json_t *again, *was = one->result.trace;
    struct trace_options options = {.today = json_str(was, "today")};
    if (!k->fields.rules) {
        one->fault = words(LANG_FR, W("results.replay.no_rules"));
        return NO_ERR;
    }
    err e = rules_trace(mem, k->fields.rules->base, json_object_get(was, "situation"), json_str(was, "asked"), &options, &again, &fault);
    if (e.code == E_INVALID) {
        one->fault = fault.message;
        return NO_ERR;
    }
    TRY(e);
    one->is_same = str_eq(json_canonical(mem, was), json_canonical(mem, again));
    if (!one->is_same) one->differences = trace_compare(mem, was, again);
    return NO_ERR;
}

err results_replay(db *d, arena *mem, struct kinds *kinds, const struct replayed *after, int64_t most, struct replays *out)
{
    struct result_row_list rows;
    *out = (struct replays){0};
    TRY(sql_results_after(d, mem, after ? after->record : INT64_MIN, after ? after->result.version : 0, after ? after->result.name : S(""),
                          after ? after->result.path : S(""), most, &rows));
    if (!rows.n) return FAIL(E_NOT_FOUND, W("results.replay.end"));
    for (size_t i = 0; i < rows.n; i++) {
        struct replayed one = {.record = rows.v[i].record, .kind = rows.v[i].kind};
        const struct kind *k;
        TRY(result_read(mem, &rows.v[i], &one.result));
        err e = kinds_get(kinds, d, one.kind, one.result.revision, &k);
        if (e.code == OK) TRY(replay(mem, k, &one));
        else if (e.code == E_NOT_FOUND || e.code == E_INTERNAL) one.fault = words(LANG_FR, W("results.replay.no_kind"));
        else return e;
        PUSH(mem, out, one);
    }
    return NO_ERR;
}

/* ---- titles */

const struct rulebase *kind_rulebase(const struct kind *k) { return k->fields.rules ? k->fields.rules->base : NULL; }

static const struct field *field_of_rule(const struct kind *k, str rule)
{
    str first = rule;
    ptrdiff_t dot = str_find(rule, S(" . "));
    if (dot >= 0) first = str_cut(rule, 0, (size_t)dot);
    const struct field *f = kind_field_named(k, rule);
    return f ? f : kind_field_named(k, first);
}

static str requirement_title(arena *mem, enum lang lang, const struct kind *k, str index)
{
    int64_t n = 0;
    if (k->eligibility.n < 2 || str_i64(index, &n).code != OK) return words(lang, W("rule.use.requirement"));
    return words_fill(mem, lang, W("rule_check.requirement"), "n", str_fmt(mem, "%lld", (long long)n + 1), NULL);
}

static str use_title(arena *mem, enum lang lang, const struct kind *k, str rule)
{
    struct rule_uses uses = rule_uses(mem, k);
    for (size_t i = 0; i < uses.n; i++) {
        str n;
        if (!str_eq(rulebase_rule_name(k->fields.rules->base, uses.v[i].rule->rule), rule)) continue;
        /* Its message is for whom it refuses. */
        if (str_is(str_split(uses.v[i].place, '/', &n), "requirement")) return requirement_title(mem, lang, k, n);
        return words_fill(mem, lang, W("results.use"), "what", words(lang, uses.v[i].what), "of", said_within(mem, said_in(uses.v[i].of, LANG_FR), lang), NULL);
    }
    return STR_NONE;
}

str result_rule_title(arena *mem, enum lang lang, const struct kind *k, str rule)
{
    const struct field *f = field_of_rule(k, rule);
    if (!f) return k->fields.rules ? use_title(mem, lang, k, rule) : STR_NONE;
    str label = text_in(f->brief.v[LANG_FR].n ? &f->brief : &f->label, lang);
    if (str_eq(f->name, rule)) return label;
    for (size_t i = 0; f->type->reads_as == RULE_LIST && i < f->options.n; i++)
        if (str_eq(option_rule_name(mem, f, &f->options.v[i]), rule))
            return words_fill(mem, lang, W("results.option"), "label", said_within(mem, label, lang), "option", said_within(mem, text_in(&f->options.v[i].label, lang), lang), NULL);
    str rest = str_cut(rule, f->name.n, rule.n);
    return str_starts(rest, S(" . ")) ? words_fill(mem, lang, W("results.option"), "label", said_within(mem, label, lang), "option", said_within(mem, said_in(str_cut(rest, 3, rest.n), LANG_FR), lang), NULL) : STR_NONE;
}

str result_value_title(enum lang lang, const struct kind *k, str rule, str value)
{
    const struct field *f = kind_field_named(k, rule);
    const struct option *o = f ? field_option(f, value) : NULL;
    return o ? text_in(&o->label, lang) : STR_NONE;
}
