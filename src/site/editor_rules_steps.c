/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The steps of a draft: what must hold for each to be taken, and how long one that happens by itself waits. Those without a condition are
   named in one menu, so that the page stays short. */
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "base/said.h"
#include "core/kind_edit.h"
#include "formats/json.h"
#include "rules/rules.h"
#include "site/editor_rules.h"
#include "web/req.h"

static bool is_here(const struct transition *t) { return !t->after_setting.n || t->when; }
static bool has_delay(const struct transition *t) { return !t->after_setting.n && (t->has_after || t->after_rule); }
static str prefix_of(struct req *q, const struct transition *t) { return str_fmt(q->mem, "step-%.*s", STR_ARG(t->name)); }
static const char *delay_name(struct req *q, const struct transition *t) { return str_fmt(q->mem, "after-%.*s", STR_ARG(t->name)).p; }
static str delay_held(struct req *q, const struct transition *t) { return t->after_rule ? t->after_rule->text : quantity_span(q->mem, q->lang, t->after); }

struct url rules_step_place(struct req *q, str kind, str at)
{
    str key, name;
    str_split(at, '.', &name);
    name = str_split(name, '.', &key);
    if (str_starts(key, S("when"))) return URL(q->mem, "#step-{}", name);
    return str_is(key, "after") || str_is(key, "after.rule") ? URL(q->mem, "#after-{}", name) : URL(q->mem, "/admin/demarches/{}", kind);
}

static str by_words(struct req *q, const struct transition *t)
{
    static const struct { enum by by; const char *key; } who[] = {{BY_AGENT, W("rules_editor.by_agent")}, {BY_AUTHOR, W("rules_editor.by_author")},
                                                                  {BY_ADMIN, W("rules_editor.by_admin")}, {BY_SYSTEM, W("rules_editor.by_itself")}};
    struct strs all = {0};
    for (size_t i = 0; i < sizeof who / sizeof *who; i++)
        if (t->by & who[i].by) PUSH(q->mem, &all, words(q->lang, who[i].key));
    return str_join(q->mem, all, S(", "));
}

static int64_t lines_of(str text)
{
    int64_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static struct part_textarea delay_input(struct req *q, const struct transition *t)
{
    const char *name = delay_name(q, t);
    str value = field_has(q, name) ? field(q, name) : delay_held(q, t);
    return (struct part_textarea){.name = str_of(name), .rows = lines_of(value), .label = words(q->lang, W("rules_editor.delay")), .hint = words(q->lang, W("rules_editor.delay_hint")),
                                  .value = value};
}

void rules_steps_fill(struct req *q, const struct kind *k, struct page_kind_rules *p)
{
    str added = str_is(field(q, "do"), "step add") ? field(q, "step_new") : STR_NONE;
    p->step_new = (struct part_select){.name = S("step_new"), .label = words(q->lang, W("rules_editor.step_new")), .optional = true};
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        str prefix = prefix_of(q, t), title = said_in(t->title.v[LANG_FR], LANG_FR);
        if (!is_here(t)) continue;
        if (!t->when && !has_delay(t) && !rules_condition_sent(q, prefix) && !str_eq(added, t->name)) {
            PUSH(q->mem, &p->step_new.items, (struct choice){.value = t->name, .label = t->title.v[LANG_FR]});
            continue;
        }
        struct condition_form c = rules_condition(q, k, prefix, t->when ? t->when->json : NULL);
        struct rules_step_shown one = {.id = prefix, .title = title, .by = by_words(q, t), .has_delay = has_delay(t)};
        if (one.has_delay) one.delay = delay_input(q, t);
        one.box = rules_box_of(q, &c);
        PUSH(q->mem, &p->steps, one);
    }
}

/* As the builder itself says what is stored: a step that nobody touched stays the base's. NULL: nothing, or what it cannot say any more. */
static json_t *held_said(struct req *q, const struct kind *k, const struct transition *t)
{
    struct condition_form c = {.prefix = prefix_of(q, t), .kind = k};
    json_t *said = NULL;
    if (!t->when) return NULL;
    condition_form_open(q, &c, t->when->json);
    return condition_form_rule(q, &c, &said).code == OK ? said : NULL;
}

static err condition_edit(struct req *q, const struct kind *k, json_t *def, const struct transition *t)
{
    json_t *now, *was = held_said(q, k, t);
    TRY(rules_condition_typed(q, k, prefix_of(q, t), &now));
    return (now ? was && json_equal(now, was) : !t->when) ? NO_ERR : kind_edit_step(q->mem, def, t->name, "when", now);
}

/* A duration as people write it, else a rule that gives one. */
static err delay_edit(struct req *q, json_t *def, const struct transition *t)
{
    const char *name = delay_name(q, t);
    str typed = str_trim(str_lines(q->mem, field(q, name)));
    struct span s;
    json_t *after;
    if (!typed.n) return FAIL_AT(E_INVALID, W("rules_editor.delay_missing"), name);
    if (str_eq(typed, str_trim(delay_held(q, t)))) return NO_ERR;
    if (span_typed(q->mem, typed, &s).code == OK) {
        after = json_from_str(span_text(q->mem, s));
    } else {
        json_t *rule;
        err e = rule_text_json(q->mem, typed, &rule);
        if (e.code != OK) return FAIL_AT(e.code, e.msg, name);
        after = json_pack("{s:O}", "rule", rule);
    }
    return kind_edit_step(q->mem, def, t->name, "after", json_own(q->mem, after));
}

err rules_steps_edit(struct req *q, const struct kind *k, json_t *def)
{
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        if (!is_here(t)) continue;
        if (rules_condition_sent(q, prefix_of(q, t))) TRY(condition_edit(q, k, def, t));
        if (has_delay(t) && field_has(q, delay_name(q, t))) TRY(delay_edit(q, def, t));
    }
    return NO_ERR;
}
